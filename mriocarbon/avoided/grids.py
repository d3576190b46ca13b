"""What a kWh displaces: margins and averages of national grids, and how fast they decline.

The operating margin is the emission of the plants that run less at once, the combined margin adds
those that are built less. Both are IFI's defaults of 2021. The average is shown beside them: no
kWh displaces the average.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.avoided.drawn import bounded, parameter
from mriocarbon.avoided.parts import part_of
from mriocarbon.avoided.yields import filled
from mriocarbon.datasets.database import database
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import is_real, whole
from mriocarbon.model.provenance import Note, Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BOUNDS", "MARGINS", "Grids", "declines", "grid_factors"]

MARGINS = ("combined", "operating", "average")
BOUNDS = (0.0, 0.06)
"""Least and largest yearly decline that a trend is carried on with: no grid is taken to get
dirtier over decades, none to fall by more than what the fastest large countries have kept up."""
TREND_YEARS = 10
_FEWEST = 6
_INTERMITTENT = "intermittent energy (solar, wind, tidal)"
_ROLES = {
    "combined": "for intermittent energy: it weighs in what is no longer built",
    "operating": "the upper bound of the two margins: as if no plant were ever built or closed"
    " because of it",
}
_SCOPES = {
    "combined": "CO2, default for intermittent energy, fixed over a project's life",
    "operating": "CO2, plants that run less at once",
    "average": "CO2e, mean of all generation, life cycle of the fuels (Ember)",
}


@dataclass(frozen=True, eq=False)
class Grids:
    """Grid factors by country under one margin.

    Attributes
    ----------
    margin : {"combined", "operating", "average"}
    table : pandas.DataFrame
        By country: ``value`` (g/kWh), ``rsd``, ``low``, ``high`` (95 %), ``year``, ``estimated``,
        ``note``.
    fallback : pandas.DataFrame
        The same by part of the world, and "World".
    scope : str
        Gases and boundary.
    notes : tuple of Note
    """

    margin: str
    table: pd.DataFrame
    fallback: pd.DataFrame
    scope: str
    notes: tuple[Note, ...] = ()

    __repr__ = brief

    def at(self, places: Sequence[str], *, missing: str = "region") -> pd.DataFrame:
        """Return the rows of some countries.

        Parameters
        ----------
        places : sequence of str
            Alpha-3 codes.
        missing : {"region", "leave out"}
            The mean of the region, marked, or NaN for a country without a factor.

        Examples
        --------
        >>> found = grid_factors("combined").at(["BRA", "HKG"])
        >>> found["value"].tolist()[0], found["estimated"].tolist()
        (234.0, [False, True])
        >>> grid_factors("combined").at(["HKG"], missing="leave out")["value"].isna().item()
        True
        """
        if missing not in ("region", "leave out"):
            raise UnknownNameError.of("option", str(missing), ("region", "leave out"))
        if missing == "leave out":
            out = self.table.reindex(list(places))
            out["note"] = out["note"].fillna("no grid factor of its own")
            return out
        return filled(self.table, self.fallback, places, "grid factor")


def grid_factors(margin: str = "combined", *, year: int | None = None) -> Grids:
    """Return grid factors by country.

    Parameters
    ----------
    margin : {"combined", "operating", "average"}
        Combined (for intermittent energy) and operating: IFI's defaults of 2021; average: Ember.
    year : int, optional
        Of the average: that year, or the latest before it. The latest of each country by default.
        The margins have the one edition of 2021.

    Returns
    -------
    Grids

    Raises
    ------
    UnknownNameError
        No such margin.
    NotAvailableError
        No average up to that year.
    InputError
        A year with a margin that has one edition only.

    References
    ----------
    IFI Technical Working Group (2021), Default Grid Factors 2021 v3.1, method AHG-001 (a version
    3.2 exists, which is not used). Ember, Yearly Electricity Data, by Our World in Data.

    Examples
    --------
    >>> float(grid_factors("operating").table.loc["BRA", "value"])
    284.0
    """
    if margin not in MARGINS:
        raise UnknownNameError.of("margin", str(margin), MARGINS)
    if margin != "average":
        if year is not None:
            raise InputError(
                f"year {year} with the {margin} margin", where="grid_factors",
                do="leave the year out: IFI's factors have one edition, 2021",
            )  # fmt: skip
        return _fresh(_ifi(margin))
    last = None if year is None else whole("year", year, least=1900, where="grid_factors")
    return _fresh(_average(last))


def _fresh(grids: Grids) -> Grids:
    """Copies: what is kept for the next call must not change under it."""
    return replace(grids, table=grids.table.copy(), fallback=grids.fallback.copy())


@lru_cache(maxsize=4)
def _ifi(margin: str) -> Grids:
    item = {"item": _INTERMITTENT} if margin == "combined" else {}
    found = database().table(
        "grid_factors", source="ifi-grid-2021", variable=f"grid factor, {margin} margin", **item
    )
    cited = found.attrs["sources"]["ifi-grid-2021"]
    note = Note(
        f"Grid factors: {margin} margin of the IFI Technical Working Group, edition 2021 v3.1"
        f" ({_ROLES[margin]}). CO2 only. No interval is published; the one used is assumed.",
        about="grid factor",
        sources=(Source("ifi-grid-2021", cited["citation"], cited["licence"]),),
    )  # fmt: skip
    return _made(margin, found, (note,))


@lru_cache(maxsize=16)
def _average(year: int | None) -> Grids:
    found = database().table("grid_factors", source="owid-grid")
    cited = found.attrs["sources"]["owid-grid"]
    if year is not None:
        found = found[found["year"] <= year]
    if found.empty:
        raise NotAvailableError(f"no average intensity up to {year}", where="Ember, 2000 to 2024",
                                do="take a later year")  # fmt: skip
    found = found.sort_values("year").groupby("region", as_index=False).last()
    found = found[~found["region"].str.contains(":") & ~found["region"].isin(["WLD", "EU27"])]
    last = int(found["year"].max())
    # A country whose statistics ended long ago is not "now": it is told, not replaced.
    found["said"] = np.where(found["year"] < last - 3, "old: latest year of the country", "")
    note = Note(
        f"Grid factors: average intensity of generation, latest year of each country up to {last},"
        " with the life cycle of the fuels. Shown for comparison: what a new plant displaces is the"
        " margin. No interval is published; the one used is assumed.",
        about="grid factor", sources=(Source("owid-grid", cited["citation"], cited["licence"]),),
    )  # fmt: skip
    return _made("average", found, (note,))


def _made(margin: str, found: pd.DataFrame, notes: tuple[Note, ...]) -> Grids:
    import pandas as pd

    own = parameter("grid", margin).rsd
    table = pd.DataFrame(
        {
            "value": found["value"].to_numpy(),
            "rsd": own,
            "year": found["year"].to_numpy(dtype=int),
            "estimated": False,
            "note": found["said"].to_numpy() if "said" in found else "",
        },
        index=pd.Index(found["region"], name="region"),
    )
    where = np.array([part_of(code) for code in table.index])
    rows = {}
    for part in ("World", *sorted(set(where) - {"World"})):
        values = table["value"][(where == part) | (part == "World")]
        between = float(values.std() / values.mean()) if len(values) > 1 else 0.5
        rows[part] = (float(values.mean()), max(own, between), int(table["year"].max()), True, "")
    fallback = pd.DataFrame.from_dict(rows, orient="index", columns=list(table.columns))
    return Grids(margin, bounded(table), bounded(fallback), _SCOPES[margin], notes)


def declines(
    *, years: int = TREND_YEARS, bounds: tuple[float, float] = BOUNDS, until: int = 2024
) -> pd.DataFrame:
    r"""Return how fast each country's average intensity fell, share per year.

    The slope b of :math:`\ln g_t = a - b t` by least squares over the last `years`; the yearly
    rate is :math:`1 - e^{-b}`, then brought within `bounds`.

    Parameters
    ----------
    years : int
        Length of the window, at least 3. Countries with fewer than 6 (or all, if fewer are asked
        for) positive figures in it get the mean of their region.
    bounds : (float, float)
        Least and largest rate that is carried on.
    until : int
        Last year of the window.

    Returns
    -------
    pandas.DataFrame
        By country and part of the world: ``rate``, ``se`` (standard error of the slope),
        ``raw`` (before the bounds), ``estimated``, ``note``.

    Raises
    ------
    InputError
        A window that is too short, or bounds out of order.

    Examples
    --------
    >>> found = declines()
    >>> found.loc["NLD", "note"], float(found.loc["NLD", "rate"])
    ('bounded', 0.06)
    """
    window = whole("years", years, least=3, where="declines")
    low, high = bounds
    if not (is_real(low) and is_real(high) and -1 < low <= high < 1):
        raise InputError(
            f"bounds {bounds!r}",
            where="declines",
            do="give two rates per year, the smaller first, between -1 and 1",
        )
    last = whole("until", until, least=1900, where="declines")
    return _declines(window, (float(low), float(high)), last).copy()


@lru_cache(maxsize=16)
def _declines(window: int, bounds: tuple[float, float], until: int) -> pd.DataFrame:
    import pandas as pd

    found = database().table("grid_factors", source="owid-grid")
    found = found[(found["year"] > until - window) & (found["year"] <= until)]
    found = found[(found["value"] > 0) & ~found["region"].str.contains(":")]
    found = found[~found["region"].isin(["WLD", "EU27"])]
    rows = {}
    for code, own in found.groupby("region"):
        t, y = own["year"].to_numpy(dtype=float), np.log(own["value"].to_numpy())
        if len(t) < min(_FEWEST, window):
            continue
        t = t - t.mean()
        slope = float(t @ y / (t @ t))
        left = y - y.mean() - slope * t
        se = float(np.sqrt(left @ left / max(len(t) - 2, 1) / (t @ t)))
        rows[str(code)] = (1 - np.exp(slope), se, False)
    if not rows:
        raise NotAvailableError(f"no intensities up to {until}", where="declines",
                                do="take a later year")  # fmt: skip
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["raw", "se", "estimated"])
    where = np.array([part_of(code) for code in table.index])
    trends = table["raw"].to_numpy()
    for part in sorted({str(one) for one in where} | {"World"}):
        inside = trends[(where == part) | (part == "World")]
        spread = float(inside.std(ddof=1)) if len(inside) > 1 else 0.02
        table.loc[part] = [float(inside.mean()), spread, True]
    table["rate"] = table["raw"].clip(*bounds)
    table["note"] = np.where(table["rate"] == table["raw"], "", "bounded")
    return table.astype({"estimated": bool})


def trend_source() -> Source:
    """Return the source of the intensities that `declines` follows."""
    cited = database().table("grid_factors", source="owid-grid").attrs["sources"]["owid-grid"]
    return Source("owid-grid", cited["citation"], cited["licence"])


def decline_at(places: Sequence[str], table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `declines` for some countries, the region's where they have none."""
    names = [place if place in table.index else part_of(place) for place in places]
    out = table.loc[names].set_axis(list(places))
    out["note"] = [
        note if place == name else f"no trend of its own; mean of {name}"
        for place, name, note in zip(places, names, out["note"], strict=True)
    ]
    return out
