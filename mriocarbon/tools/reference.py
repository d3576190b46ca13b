"""The table of all tools in docs/reference/tools.md: `python -m mriocarbon.tools.reference`."""

from __future__ import annotations

from typing import Any

from mriocarbon.tools.registry import GROUPS, Tool, listing

HEAD = """# Tools

What agents, the MCP server, the REST interface and the pages call. Each wraps one public function,
checks its arguments, reads names in many languages, and returns numbers that carry unit, interval,
labels and sources (`mriocarbon.tools.call(name, arguments)`). A slow one takes seconds to minutes.
Arguments with a star must be given. This file is written by `python -m mriocarbon.tools.reference`.
"""


def markdown() -> str:
    """Return the reference of all tools, group by group."""
    parts = [HEAD]
    for group, what in GROUPS.items():
        tools = listing(group)
        if not tools:
            continue
        parts += [
            f"\n## {group}: {what}\n",
            "| tool | what | arguments | cost |",
            "|---|---|---|---|",
        ]
        parts += [_row(one) for one in tools]
    return "\n".join(parts) + "\n"


def _row(one: Tool) -> str:
    schema = one.schema()
    must = set(schema.get("required", ()))
    arguments = [
        f"`{name}`{'*' if name in must else ''}{_bounds(field)}"
        for name, field in schema["properties"].items()
    ]  # fmt: skip
    return f"| `{one.name}` | {one.title} | {', '.join(arguments) or 'none'} | {one.cost} |"


def _bounds(field: dict[str, Any]) -> str:
    """Return the range or the choices of an argument where they are short."""
    if "minimum" in field and "maximum" in field:
        return f" {field['minimum']}-{field['maximum']}"
    if 0 < len(field.get("enum", ())) <= 4:
        return f" ({', '.join(map(str, field['enum']))})"
    return ""


if __name__ == "__main__":
    print(markdown(), end="")
