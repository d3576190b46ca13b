"""The natural layer of the map: one scope of natural carbon, one figure for each country."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mriocarbon.atlas import national as n
from mriocarbon.atlas.points import CATALOGUE, CATALOGUE_SOURCE, VOLCANO_SOURCE
from mriocarbon.datasets.database import database
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHOICE", "GASES", "natural"]

CHOICE = {
    "managed land": ("land use, land-use change and forestry", "national inventory"),
    "land-use change": ("land-use change", "mean of models"),
    "biosphere": ("net biosphere exchange", "inversion LNLGIS"),
    "processes": ("volcanoes", ""),
}
"""Scope -> process and method of the one figure that a country shows. Of the inversions, the one
that uses stations and the satellite over land (Byrne et al. 2023, doi:10.5194/essd-15-963-2023)."""
OF_GAS = {("processes", "CH4"): ("fires", "SURF inversions")}
GASES = {
    "managed land": ("CO2", "CH4", "N2O"),
    "land-use change": ("CO2",),
    "biosphere": ("CO2",),
    "processes": ("CO2", "CH4"),
}
"""Which gases have figures by country: of processes CO2 of volcanoes and CH4 of fires."""
OLDEST = 10
"""A reported figure older than this many years does not stand for the year asked for."""


def natural(
    year: int, *, gas: str = "CO2", scope: str = "land-use change", process: str | None = None
) -> pd.DataFrame:
    """Return one scope of natural carbon for every country; see `national`.

    Parameters
    ----------
    year : int
    gas : {"CO2", "CH4", "N2O"}
        Mt of the gas itself.
    scope : str
        One of `national.SCOPES`.
    process : str, optional
        Which process of the scope; `CHOICE` says which one if left out.

    Returns
    -------
    pandas.DataFrame
        As `national`. ``period`` is the year or the years that a figure is of. A reported figure
        more than `OLDEST` years off is missing, and its note says of when it is.

    Raises
    ------
    UnknownNameError
        No such scope, or no such process in it.
    NotAvailableError
        Nothing of this scope, gas and year; which gases a scope has is in `GASES`.

    Examples
    --------
    >>> frame = natural(2022)
    >>> frame.attrs["scope"], frame.attrs["process"]
    ('land-use change', 'land-use change')
    """
    if scope not in n.SCOPES:
        raise UnknownNameError.of("scope", str(scope), n.SCOPES)
    from mriocarbon.natural import accounts

    try:
        found = accounts(None, year, gas=gas)
    except InputError as error:
        if error.where != "year":
            raise
        raise NotAvailableError(
            error.what, where="natural layer", do=f"choose a year from {error.do}"
        ) from error
    found = found[found["scope"] == scope]
    usual, method = OF_GAS.get((scope, gas), CHOICE[scope])
    if process is None:
        process = usual
    elif process not in set(found["process"]):
        raise UnknownNameError.of("process", process, sorted(set(found["process"])))
    found = found[found["process"] == process]
    if process == usual and method:
        found = found[(found["method"] == method) | found["value"].isna()]
    named = _editions()
    rows: dict[str, dict[str, Any]] = {}
    reasons: dict[str, str] = {}
    for row in found.to_dict("records"):
        region, first, last = str(row["region"]), int(row["year_from"]), int(row["year_to"])
        if row["value"] != row["value"]:
            reasons[region] = _text(row["note"])
        elif abs(year - last) > OLDEST:
            reasons[region] = (
                f"missing: the latest figure, of {last}, is more than {OLDEST} years off"
            )
        elif region in rows:
            raise AssertionError(f"{region} has several figures of {process}: {row}")
        else:
            rows[region] = {key: row[key] for key in ("value", "sd", "low", "high")} | {
                "source": named.get(_text(row["source"]), _text(row["source"])),
                "method": f"{process}, {_text(row['method'])}",
                # A mean over models, an inversion and an assumed interval are no observation.
                "estimated": True,
                "note": "; ".join(filter(None, (_text(row["note"]), _interval(row)))),
                "period": f"{first}" if first == last else f"{first}-{last}",
            }
    files = tuple(dict.fromkeys(found["source"].map(_text)))
    if not rows and gas not in GASES[scope]:
        raise NotAvailableError(
            f"no country has a figure of {gas} in the scope {scope}",
            where=f"natural carbon, {gas}, {year}",
            do="; ".join(f"{one}: {', '.join(GASES[one])}" for one in n.SCOPES),
        )
    if not rows:
        why = next(iter(reasons.values()), f"no country has a figure of {process}")
        raise NotAvailableError(
            f"{why.removeprefix('missing: ')}",
            where=f"natural carbon, scope {scope}, {gas}, {year}",
            do=f"choose another year, gas or scope ({', '.join(n.SCOPES)})",
        )
    attrs = {"layer": "natural", "year": year, "gas": gas, "source": "natural", "scope": scope,
             "process": process, "files": files,
             "sign": "positive: to the air; negative: a sink"}  # fmt: skip
    missing = f"missing: no figure of {process} in the scope {scope}"
    return n.frame(rows, f"Mt {gas}", missing, attrs, reasons)


@lru_cache(maxsize=1)
def _editions() -> dict[str, str]:
    """Name of a source in the database -> its title and edition."""
    frame = database().sources
    out = {
        str(s): f"{t} ({e})" if str(e) not in str(t) else str(t)
        for s, t, e in zip(frame["source"], frame["title"], frame["edition"], strict=True)
    }
    # A file of the folder is no name of a source; its CO2 is by a ratio of Aiuppa et al.
    out[CATALOGUE] = "; ".join(one.citation for one in (CATALOGUE_SOURCE, VOLCANO_SOURCE))
    return out


def _interval(row: Mapping[Any, Any]) -> str:
    if row["low"] == row["low"]:
        return _text(row["interval"])
    why = "all models say zero" if row["value"] == 0 else "none given"
    return f"interval unknown: {why}"


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)
