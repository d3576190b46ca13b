"""What an account has no figure of, and why. Absence is never zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mriocarbon.natural import sources as s
from mriocarbon.natural.regions import GFED_REGIONS
from mriocarbon.natural.sources_local import NEEDS, NO_VOLCANO, Need

__all__ = ["Missing", "absent"]


@dataclass(frozen=True)
class Missing:
    """A flux without a figure.

    Attributes
    ----------
    scope, gas, process : str
    reason : str
    """

    scope: str
    gas: str
    process: str
    reason: str


Have = set[tuple[str, str, str]]


def absent(
    region: str,
    year: int,
    have: Have,
    needs: tuple[Need, ...],
    first: Mapping[tuple[str, str], int],
) -> Iterator[Missing]:
    """Yield what `region` has no figure of in `year`, in the order of the scopes."""
    kind = _kind(region)
    if kind in ("country", "world"):
        yield from _land(region, year, have, first, kind)
    unread = {(need.scope, need.gas, need.process): need for need in needs}
    for need in NEEDS:
        what = (need.scope, need.gas, need.process)
        if what in have or not (need.where == kind or kind == "world"):
            continue
        if what in unread:
            reason = (
                f"needs {need.file} in the folder that MRIOCARBON_DATA names; it may not be shipped"
            )
        elif need.process == "volcanoes":
            reason = NO_VOLCANO
            if ("volcanoes", region) in first:
                reason = f"{need.file} has no figure of {year}"
        elif need.process == "fires" and region not in (*GFED_REGIONS, "WLD"):
            reason = "no region of GFED5, which has 14 of its own: gfed:BONA and so on"
        else:
            reason = f"not in {need.file}" + (" for this year" if kind != "country" else "")
        yield Missing(*what, reason)
    if kind in ("country", "world"):
        yield from _processes(have, kind)
    else:
        for scope in ("managed land", "land-use change", "biosphere"):
            if not any(one[0] == scope for one in have):
                yield Missing(scope, "CO2", _WHAT[scope], "its source gives other figures alone")


_WHAT = {"managed land": s.LULUCF, "land-use change": "land-use change", "biosphere": s.NBE}


def _kind(region: str) -> str:
    if region == "WLD":
        return "world"
    return "group" if ":" in region or region == "EU_CONVENTION" else "country"


def _land(
    region: str, year: int, have: Have, first: Mapping[tuple[str, str], int], kind: str
) -> Iterator[Missing]:
    for gas in ("CO2", "CH4", "N2O"):
        if ("managed land", gas, s.LULUCF) not in have:
            reason = "not reported in the UNFCCC data interface (Annex I 2023, non-Annex I 2022)"
            begins = first.get(("managed land", region), 0)
            if begins > year:
                reason = f"first reported for {begins}"
            if kind == "world":
                reason = "reports of all Parties are not at hand: a sum would be short"
            yield Missing("managed land", gas, s.LULUCF, reason)
    if ("land-use change", "CO2", "land-use change") not in have:
        begins = first.get(("land-use change", region), 0)
        reason = "not among the countries of the bookkeeping models"
        if begins > year:
            reason = f"this store holds the models from {begins}"
        yield Missing("land-use change", "CO2", "land-use change", reason)
    if ("biosphere", "CO2", s.NBE) not in have:
        reason = "not among the countries of the top-down budgets (CEOS)"
        if year < s.CEOS_YEARS[0]:
            reason = f"the top-down budgets begin in {s.CEOS_YEARS[0]}"
        if kind == "world":
            reason = "the top-down budgets give countries, no world"
        yield Missing("biosphere", "CO2", s.NBE, reason)


def _processes(have: Have, kind: str) -> Iterator[Missing]:
    by_region = (
        "GFED5 divides the world into 14 regions, not countries: ask for one, such as gfed:BONA"
    )
    if kind == "country":
        for gas in ("CO2", "CH4", "N2O"):
            if ("processes", gas, "fires") not in have:
                yield Missing("processes", gas, "fires", by_region)
        yield Missing("processes", "CO2", "ocean", "belongs to no country: ask for the world (WLD)")
    if ("processes", "CH4", "wetlands") not in have:
        reason = "six continents only, 2008-2017: ask for one, such as gcp:Asia"
        if kind == "world":
            reason += "; group() of the six adds them up"
        yield Missing("processes", "CH4", "wetlands", reason)
    for gas in ("CO2", "CH4"):
        reason = (
            "no figure by country is at hand; carbon that rivers carry off is shown with the "
            "biosphere, as a lateral flux"
        )
        yield Missing("processes", gas, "inland waters", reason)
