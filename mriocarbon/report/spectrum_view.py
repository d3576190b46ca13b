"""What table, picture and terminal of the full spectrum share; no drawing here."""

from __future__ import annotations

import math
from collections.abc import Hashable
from functools import cache
from typing import Any, NamedTuple

from mriocarbon.natural.sources_local import CITED
from mriocarbon.report import text as t
from mriocarbon.report.adjustments_view import View
from mriocarbon.studies.spectrum import LETTERS, FullSpectrum, ScopeFigure

ASSUMED = "that of (a) is assumed (after Grassi et al. 2017, UNVERIFIED), no inventory gives one"


class Shown(NamedTuple):
    """What stands for a scope in a region: its name, value, interval, years and mark."""

    name: str
    value: float
    low: float
    high: float
    year_from: int
    year_to: int
    estimated: bool


def scope_shown(found: FullSpectrum, scope: str, region: str) -> Shown | None:
    """Return the figure of a scope in the spectrum's own unit; of GHG, (a) is all three gases.

    (b) and (c) know CO2 alone, and beside GHG their name says so.
    """
    one = found.main(scope, region)
    name = f"({LETTERS[scope]}) {scope}"
    if found.gas == "CO2" or scope != "managed land":
        if found.gas != "CO2":
            name = name.replace("land-use change", "land use") + ", CO2"
        if one is None:
            return None
        return Shown(name, one.value, one.low, one.high, one.year_from, one.year_to, one.estimated)
    both = found.sum_with(scope, region)
    if both is None or math.isnan(both.natural):
        return None
    of = [f for f in found.of(scope, region) if f.main]
    first, last = min(f.year_from for f in of), max(f.year_to for f in of)
    return Shown(name, both.natural, math.nan, math.nan, first, last, True)


def scopes_with(found: FullSpectrum) -> list[str]:
    """Return the scopes that accounts are shown with."""
    return list(dict.fromkeys(one.scope for one in found.sums))


@cache
def _known() -> dict[str, dict[Hashable, Any]]:
    from mriocarbon.datasets.database import database

    return {str(row["source"]): row for row in database().sources.fillna("").to_dict("records")}


def sources(view: View) -> list[dict[str, str]]:
    """Return what the natural side rests on: producer, edition, citation, licence, file, hash."""
    names: dict[str, None] = {}
    for found in view.study.natural:
        keep = set(view.listed_regions)
        for one in found.figures:
            if one.region in keep:
                names.update(dict.fromkeys(one.source.split(" + ")))
        if found.world:
            names["gcb-2024-global"] = None
    return [_source(name) for name in names if name]


def _source(name: str) -> dict[str, str]:
    keys = ("title", "producer", "edition", "citation", "licence", "licence_url", "address",
            "files")  # fmt: skip
    known = _known().get(name)
    if known is not None:
        return {"source": name, **{key: str(known[key]) for key in keys}}
    short, full = CITED.get(name, (name, name))
    return {"source": name, **dict.fromkeys(keys, ""), "title": short, "citation": full,
            "licence": "not stated or not verified: read at run time, not shipped",
            "files": name}  # fmt: skip


def own_row(found: FullSpectrum, one: ScopeFigure) -> str:
    """Return the source's own figure of a group, which stands beside the sum of its members."""
    other = found.beside(one)
    if other is None:
        return ""
    digits = t.decimals(other.value)
    ends = ""
    if math.isfinite(other.low):
        ends = f" ({t.number(other.low, digits)} to {t.number(other.high, digits)})"
    return f"source's own row: {t.amount(other.value)}{ends}"


def shown(view: View) -> FullSpectrum:
    """Return the spectrum that the figure shows: that of CO2 where it was asked for."""
    every = view.study.natural
    return next((one for one in every if one.gas == "CO2"), every[0])
