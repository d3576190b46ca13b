"""Tables of data out of the package's catalogues: ```{catalogue} embedded``` or ```public```."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import mriocarbon as mc

CATALOGUE = re.compile(r"^```\{catalogue\} (embedded|public)\n```$", re.M)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    lines = [list(head), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(c.replace("|", "/") for c in row) + " |" for row in lines)


def embedded() -> str:
    """Return what the package ships."""
    rows = (
        (
            f"`{one.name}`",
            f"{one.producer}. {one.edition}",
            one.licence,
            one.what_is_estimated or "-",
        )
        for one in mc.catalogue()
    )
    return table(("item", "producer, edition", "licence", "what is estimated"), rows)


def public() -> str:
    """Return what is known of public data sets."""
    rows = (
        (
            f"`{one.name}`",
            f"[{one.title}]({one.homepage})",
            one.producer,
            f"[{one.licence}]({one.licence_url})",
            one.access,
        )
        for one in mc.public_datasets()
    )
    return table(("name", "what", "producer", "licence", "access"), rows)


def expand(_app: Any, _page: str, source: list[str]) -> None:
    """Replace the blocks of a page before it is parsed."""
    made = {"embedded": embedded, "public": public}
    source[0] = CATALOGUE.sub(lambda found: made[found[1]](), source[0])


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", expand)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
