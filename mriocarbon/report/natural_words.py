"""Words of natural accounts for readers: places, scopes, marks, and sources with their licences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from mriocarbon.natural.absent import Missing
from mriocarbon.natural.flux import SCOPES, Flux
from mriocarbon.natural.sources import DOUBTFUL
from mriocarbon.natural.sources_local import CITED
from mriocarbon.report import text as t
from mriocarbon.report.sector_names import place_name

__all__ = ["DOUBT", "LETTERS", "Credit", "credits", "legend", "mark", "meaning", "place", "why"]

LETTERS = dict(zip(SCOPES, "abcd", strict=True))
DOUBT = "‡"
_PREFIXES = {
    "gcp:": "{} (Global Methane Budget)", "gfed:": "GFED5 region {}",
    "ceos-topdown-2022:Region_": "{} (CEOS)", "deng-ch4-2022:": "{} (Deng et al.)",
}  # fmt: skip


class Credit(NamedTuple):
    """A source as a page names it: author and year with the licence; and in full."""

    source: str
    short: str
    full: str


def place(region: str) -> str:
    """Return the name of a region inside a sentence.

    Examples
    --------
    >>> place("WLD"), place("gcp:Asia"), place("MCO")
    ('the world', 'Asia (Global Methane Budget)', 'Monaco')
    """
    if region == "WLD":
        return "the world"
    if region == "EU_CONVENTION":
        return "the European Union as it reports"
    for prefix, words in _PREFIXES.items():
        if region.startswith(prefix):
            return words.format(region.removeprefix(prefix).replace("_", " "))
    return place_name(region)


def meaning(scope: str, gases: Iterable[str] = ("CO2",)) -> str:
    """Return what a scope is, in a line.

    Parameters
    ----------
    scope : str
    gases : iterable of str
        Of the fluxes shown: inversions of (c) are of CO2 alone.
    """
    if scope == "processes":
        if "CO2" not in set(gases):
            return "single processes; (c) has CO2 alone and holds none of them"
        return "single processes; fires and inland waters are in (c) already, the ocean is not"
    return {
        "managed land": "as the national inventory reports it",
        "land-use change": "bookkeeping models of the direct effects; each models the same flux",
        "biosphere": "inversions: net exchange; vegetation models: sink without land-use change",
    }[scope]


def mark(shown: str, one: Flux) -> str:
    """Return a figure with its marks: an estimate, and doubt.

    Parameters
    ----------
    shown : str
    one : Flux
    """
    return t.marked(shown, one.estimated) + (DOUBT if DOUBTFUL in one.note else "")


def legend(fluxes: Sequence[Flux]) -> list[str]:
    """Return what the marks among `fluxes` mean."""
    out = []
    if any(one.estimated for one in fluxes):
        out.append(f"{t.DAGGER} rests on an estimate or is a sum with gaps")
    if any(DOUBTFUL in one.note for one in fluxes):
        out.append(f"{DOUBT} as reported, but outside what the other scopes allow")
    return out


def why(missing: Sequence[Missing], scope: str, gas: str) -> str:
    """Return what a scope has no figure of."""
    gone = dict.fromkeys(one.process for one in missing if one.scope == scope and one.gas == gas)
    return f"no figure of {gas}" + (f": {', '.join(gone)}" if gone else "")


@lru_cache(maxsize=1)
def _known() -> dict[str, tuple[str, str]]:
    from mriocarbon.datasets.database import database

    out = {}
    for row in database().sources.to_dict("records"):
        title, edition, cited = (str(row[c]) for c in ("title", "edition", "citation"))
        licence = str(row["licence"])
        name = cited.split("), ")[0] + ")" if "), " in cited else cited.split(", http")[0]
        brief = licence.split(" (")[0].split(":")[0]
        edition = "" if edition in title else f", {edition}"
        out[str(row["source"])] = (f"{name}, {brief}", f"{title}{edition}: {cited}; {licence}")
    return out


def credits(sources: Iterable[str]) -> list[Credit]:
    """Return the sources of some fluxes by author, year and licence, each once.

    Parameters
    ----------
    sources : iterable of str
        `Flux.source`; several are joined by " + ".

    Examples
    --------
    >>> [one.short for one in credits(["gcb-2024-land + ceos-topdown-2022"])]
    ['Friedlingstein et al. (2025), CC BY 4.0', 'Byrne et al. (2023), CC BY 4.0']
    """
    names = dict.fromkeys(part for one in sources for part in one.split(" + "))
    known = _known() | CITED
    return [Credit(name, *known.get(name, (name, name))) for name in names if name]
