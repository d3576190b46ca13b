"""What the words of carbon accounting mean, in English and Chinese."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, TypedDict

from pydantic import BeforeValidator, Field

from mriocarbon import __version__
from mriocarbon.model.labels import fold
from mriocarbon.tools.registry import tool
from mriocarbon.tools.resolve import choose
from mriocarbon.tools.tables import Limit, Offset, as_list
from mriocarbon.tools.types import Cited, ToolResult


class Entry(TypedDict):
    """One term: its names, what it means, who defines it, and what answers questions on it."""

    term: str
    zh: str
    also: list[str]
    means: str
    means_zh: str
    source: str
    related: list[str]
    tools: list[str]


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """Return all terms, by name, in the order of the file."""
    text = files("mriocarbon.tools").joinpath("glossary.json").read_text(encoding="utf-8")
    found: list[Entry] = json.loads(text)
    return {one["term"]: one for one in found}


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every folded name of a term -> term; a term's own name goes first."""
    known = {fold(term): term for term in entries()}
    for term, one in entries().items():
        for name in (one["zh"], *one["also"]):
            known.setdefault(fold(name), term)
    return known


@tool(
    "data",
    "What a term of carbon accounting means",
    examples=(
        {"terms": ["CBAM", "MRIO"]},
        {"terms": "隐含排放"},
        {"terms": ["scope 3", "GWP", "LULUCF"]},
        {"limit": 10},
    ),
)
def define(
    terms: Annotated[
        list[Annotated[str, Field(max_length=80)]],
        BeforeValidator(as_list),
        Field(
            description="terms or abbreviations, English or Chinese; all if left out", max_length=12
        ),
    ] = [],  # noqa: B006
    limit: Limit = 30,
    offset: Offset = 0,
) -> ToolResult:
    """What a term or abbreviation of carbon accounting means, with its source; no numbers.

    Use it for "what is X", "define X", "X 是什么意思", and before explaining a method. Each item
    has the term in English and Chinese, the definition in both, the source, related terms, and
    which tool answers questions about it.
    """
    read = {}
    for name in terms:
        found = choose("term", name, _names(), {t: e["zh"] for t, e in entries().items()})
        read[name] = found.code
    wanted = list(dict.fromkeys(read.values())) or list(entries())[offset : offset + limit]
    items = tuple(_shown(entries()[term]) for term in wanted)
    return ToolResult(
        title="Definitions" if terms else "Terms of carbon accounting",
        read_as={name: term for name, term in read.items() if name != term}, items=items,
        offset=0 if terms else offset,
        total=len(entries()) if not terms and len(wanted) < len(entries()) else None,
        caveats=(
            "the wording is this package's own; the source is where the term is introduced or"
            " defined, and was not opened anew for each term",
        ),
        sources=tuple(Cited(name=one) for one in dict.fromkeys(i["source"] for i in items)),
        dataset="glossary", method="looked up, nothing is computed", version=__version__,
    )  # fmt: skip


def _shown(one: Entry) -> dict[str, str]:
    return {
        "term": one["term"], "zh": one["zh"], "also": "; ".join(one["also"]),
        "definition": one["means"], "definition_zh": one["means_zh"], "source": one["source"],
        "related": "; ".join(one["related"]), "tools": ", ".join(one["tools"]),
    }  # fmt: skip
