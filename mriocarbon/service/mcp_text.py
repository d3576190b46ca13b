"""Results, errors and tools as the Model Context Protocol's clients read them: as text."""

from __future__ import annotations

import json
import math

from mriocarbon.errors import AmbiguousNameError, MriocarbonError
from mriocarbon.tools import GROUPS, Figure, Tool, ToolResult, listing

MOST_ITEMS = 100
_SHORT = 400


def number(value: float) -> str:
    """Return a number as it is shown; the structured content has all digits.

    Examples
    --------
    >>> number(11711.80736), number(-0.0123456), number(0.0), number(2.5e-9)
    ('11,711.8', '-0.01235', '0', '2.5e-09')
    """
    if value and not 1e-4 <= abs(value) < 1e15:
        return f"{value:.4g}"
    digits = 0 if value == 0 else max(0, 4 - math.floor(math.log10(abs(value))) - 1)
    if abs(value) >= 1000:
        digits = 1
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def line(figure: Figure) -> str:
    """Return one figure in one line: what it is of, value, unit, interval, estimate."""
    labels = ", ".join(f"{key} {value}" for key, value in figure.labels.items())
    head = f"{figure.id} {figure.quantity}" + (f" [{labels}]" if labels else "")
    if figure.value is None:
        return f"{head}: not known: {figure.why}"
    unit = "" if figure.unit == "1" else f" {figure.unit}"
    text = f"{head}: {number(figure.value)}{unit}"
    if figure.low is not None and figure.high is not None:
        level = "range" if figure.level is None else f"{100 * figure.level:g} %"
        text += f" ({level}: {number(figure.low)} to {number(figure.high)})"
    if figure.estimated:
        text += ", an estimate"
    return text + (f" ({figure.why})" if figure.why else "")


def result_text(result: ToolResult) -> str:
    """Return a result as text, the numbers first; nothing of it is left out in silence."""
    lines = [result.title]
    lines += [f"read {asked!r} as {code}" for asked, code in result.read_as.items()]
    lines += [line(one) for one in result.figures]
    lines += [
        "- " + "; ".join(f"{key}: {value[:_SHORT]}" for key, value in item.items())
        for item in result.items[:MOST_ITEMS]
    ]
    if len(result.items) > MOST_ITEMS:
        lines.append(f"and {len(result.items) - MOST_ITEMS} more items in the structured content")
    if result.total is not None:
        lines.append(
            f"shown: {result.shown} of {result.total}, from {result.offset} on" if result.shown
            else f"shown: none of {result.total}: offset {result.offset} is beyond the last"
        )  # fmt: skip
    lines += [f"caveat: {one}" for one in result.caveats]
    where = ", ".join(part for part in (result.dataset, result.edition) if part)
    lines += [f"data: {where}"] if where else []
    lines += [f"method: {result.method}"] if result.method else []
    lines += [
        "source: " + "; ".join(part for part in (one.name, one.citation, one.licence) if part)
        for one in result.sources
    ]
    return "\n".join(lines)


def error_text(error: MriocarbonError) -> str:
    """Return an error in the words it has in Python, with every meaning of an ambiguous name."""
    text = str(error)
    if isinstance(error, AmbiguousNameError):
        text += "\n  options: " + "; ".join(f"{code} = {name}" for code, name in error.options)
        text += "\n  Ask the person which one is meant; do not choose for them."
    return text


def tool_page(tool: Tool) -> str:
    """Return the page of one tool: what it answers, its arguments, examples that work."""
    rows = []
    schema = tool.schema()
    needed = set(schema.get("required", ()))
    for name, about in schema.get("properties", {}).items():
        told = about.get("description", "")
        kind = "needed" if name in needed else f"default {json.dumps(about.get('default'))}"
        rows.append(f"- `{name}` ({kind}): {told}".rstrip(": "))
    examples = [f"    {json.dumps(dict(one), ensure_ascii=False)}" for one in tool.examples]
    return "\n".join(
        [f"# {tool.name}: {tool.title}", "", f"Group {tool.group}: {GROUPS[tool.group]}.", "",
         tool.description, "", "## Arguments", "", *rows, "", "## Examples", "", *examples, ""]
    )  # fmt: skip


def tools_page() -> str:
    """Return the list of all tools by group."""
    lines = ["# Tools of mriocarbon", ""]
    for group, about in GROUPS.items():
        mine = listing(group)
        if mine:
            lines += [f"## {group}: {about}", ""]
            lines += [f"- `{one.name}`: {one.title}" for one in mine]
            lines.append("")
    return "\n".join(lines)
