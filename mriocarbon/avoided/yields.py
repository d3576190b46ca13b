r"""Capacity factors by country and technology, from the fleet that runs there.

:math:`cf = \sum_y G_y / \sum_y 8760\,h \cdot \bar C_y`, with generation G and the mean of the
capacities at the two ends of the year (IRENA). Left out are years with an implausible ratio, with
less than 5 MW, or in which the capacity more than doubled. A country without two years that are
fit for use gets the mean of its part of the world and is marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.avoided.drawn import bounded, technology_of
from mriocarbon.avoided.parts import part_of
from mriocarbon.datasets.database import database
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import whole
from mriocarbon.model.provenance import Note, Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PLAUSIBLE", "YEARS", "Yields", "capacity_factors"]

YEARS = (2018, 2019, 2020, 2021, 2022)
PLAUSIBLE = {"solar": (0.05, 0.35), "wind": (0.08, 0.60)}
"""Yearly means that a national fleet can have. Ratios outside are faults of the statistics:
capacity and generation from different sources, generation that the owners use themselves."""
HOURS = 8760.0
SMALLEST_MW = 5.0
GROWTH = 2.0
"""A year in which the capacity grows by more is left out."""
_FEWEST = 2
_LEAST_RSD = 0.03
_ONE_YEAR_RSD = 0.10  # assumed where one year is all there is
_ITEMS = {
    "solar": ("Solar photovoltaic",),
    "wind": ("Onshore wind energy", "Offshore wind energy"),
}
_BASES = ("mean", "year-end")


@dataclass(frozen=True, eq=False)
class Yields:
    """Capacity factors of one technology.

    Attributes
    ----------
    technology : str
    table : pandas.DataFrame
        By country: ``value`` (share of 8,760 h), ``rsd``, ``low``, ``high`` (95 %), ``years``
        (in words), ``estimated``, ``note``. Only countries with a figure of their own.
    fallback : pandas.DataFrame
        The same by part of the world, and "World".
    basis : {"fleet", "design"}
        Of a fleet in operation, which has lost its first year's output already, or of a design.
    notes : tuple of Note
    """

    technology: str
    table: pd.DataFrame
    fallback: pd.DataFrame
    basis: str = "fleet"
    notes: tuple[Note, ...] = ()

    __repr__ = brief

    def at(self, places: Sequence[str]) -> pd.DataFrame:
        """Return the rows of some countries, with the mean of their region where they have none.

        Parameters
        ----------
        places : sequence of str
            Alpha-3 codes.

        Returns
        -------
        pandas.DataFrame
            In that order, columns of `table`.

        Examples
        --------
        >>> found = capacity_factors("solar").at(["BRA", "OMN"])
        >>> found["estimated"].tolist()
        [False, True]
        """
        return filled(self.table, self.fallback, places, "capacity factor")


def filled(
    table: pd.DataFrame, fallback: pd.DataFrame, places: Sequence[str], what: str
) -> pd.DataFrame:
    """Return the rows of some places, those of their region where they have none, marked."""
    import pandas as pd

    out = table.reindex(list(places))
    lacking = out["value"].isna().to_numpy()
    if lacking.any():
        names = [place for place, no in zip(places, lacking, strict=True) if no]
        found = [part_of(name) for name in names]
        stand = [part if part in fallback.index else "World" for part in found]
        known = set(table.index)
        rows = fallback.loc[stand].set_axis(names)
        said = [str(table.loc[one, "note"]) if one in known else f"no {what} of its own"
                for one in names]  # fmt: skip
        rows["note"] = [f"{a}; mean of {b}" for a, b in zip(said, stand, strict=True)]
        rows["estimated"] = True
        take = np.where(lacking, len(out) + np.cumsum(lacking) - 1, np.arange(len(out)))
        out = pd.concat([out, rows]).iloc[take]
    return out.astype({"estimated": bool})


def capacity_factors(
    technology: str,
    *,
    years: Sequence[int] = YEARS,
    basis: str = "mean",
) -> Yields:
    r"""Return capacity factors by country from IRENA's capacity and generation.

    .. math:: cf = \frac{\sum_y G_y}{8.76 \sum_y \bar C_y}, \quad
              \bar C_y = (C_{y-1} + C_y)/2

    G in GWh, C (year's end) in MW. The relative standard deviation is that between the years, at
    least 3 %: weather and faults of the statistics.

    Parameters
    ----------
    technology : {"solar", "wind"}
        Wind is on- and offshore together.
    years : sequence of int
        2016 to 2022 (2015 to 2022 with ``basis="year-end"``).
    basis : {"mean", "year-end"}
        Capacity to divide by. That of the year's end counts plants that were not there all year
        and gives factors that are too low for a fleet that grows.

    Returns
    -------
    Yields

    Raises
    ------
    UnknownNameError
        Technology or basis.
    InputError, NotAvailableError
        No years, or years without data.

    Notes
    -----
    A fleet is no new plant, and IRENA's capacity is in direct current in some countries and in
    alternating current in others: see "yield" in ``tables/parameters.csv``.

    References
    ----------
    IRENA (2024), Renewable capacity statistics; Renewable energy statistics.

    Examples
    --------
    >>> found = capacity_factors("solar")
    >>> round(float(found.table.loc["DEU", "value"]), 3), found.table.loc["DEU", "years"]
    (0.108, '2018-2022')
    """
    name = technology_of(technology)
    if basis not in _BASES:
        raise UnknownNameError.of("basis", str(basis), _BASES)
    wanted = tuple(sorted({whole("year", y, least=1900, where="years") for y in years}))
    if not wanted:
        raise InputError("no years", where="capacity_factors", do=f"give some, such as {YEARS}")
    first = 2015 if basis == "year-end" else 2016
    outside = [y for y in wanted if not first <= y <= 2022]
    if outside:
        raise NotAvailableError(
            f"no capacity factor of {outside[0]}", where=f"IRENA, {first} to 2022, basis {basis}",
            do=f"take years from {first} to 2022",
        )  # fmt: skip
    found = _computed(name, wanted, basis)
    # Copies: what is kept for the next call must not change under it.
    return replace(found, table=found.table.copy(), fallback=found.fallback.copy())


@lru_cache(maxsize=16)
def _computed(technology: str, years: tuple[int, ...], basis: str) -> Yields:
    import pandas as pd

    found = database().table("energy", source="irena-2024", item=list(_ITEMS[technology]))
    cited = found.attrs["sources"]["irena-2024"]
    capacity = _yearly(found, "installed capacity")
    asked = list(years)
    G = _yearly(found, "electricity generation").reindex(index=capacity.index, columns=asked)
    # A dash before the first plant is "none or not known": a fleet's first year is not used.
    before = capacity.shift(1, axis=1)
    mean = ((before + capacity) / 2 if basis == "mean" else capacity)[asked]
    C = mean * HOURS / 1000
    yearly = G / C
    least, most = PLAUSIBLE[technology]
    # Where a fleet more than doubles in a year, nobody knows how much of it ran for how long.
    steady = ~(capacity > GROWTH * before)[asked]
    counted = (yearly >= least) & (yearly <= most) & steady & (mean >= SMALLEST_MW)
    number = counted.sum(axis=1)
    value = G.where(counted).sum(axis=1) / C.where(counted).sum(axis=1)
    spread = yearly.where(counted).std(axis=1) / yearly.where(counted).mean(axis=1)
    enough = number >= min(_FEWEST, len(years))
    known = G.notna() & C.notna()
    table = pd.DataFrame(
        {
            "value": value.where(enough),
            "rsd": np.maximum(spread.fillna(_ONE_YEAR_RSD), _LEAST_RSD),
            "years": [
                _words([y for y, yes in zip(years, row, strict=True) if yes])
                for row in counted.to_numpy()
            ],
            "estimated": False,
            "note": [
                _said(int(k), int(n), len(years))
                for k, n in zip(known.sum(axis=1).tolist(), number.tolist(), strict=True)
            ],
        }
    )
    where = pd.Series([part_of(code) for code in table.index], table.index)
    rows = {}
    for part in ("World", *sorted(set(where) - {"World"})):
        inside = enough & ((where == part) | (part == "World"))
        weight = C.where(counted).sum(axis=1)[inside]
        if not inside.any() or weight.sum() == 0:
            continue
        centre = float((weight * value[inside]).sum() / weight.sum())
        # Weighted equally: what stands in for a small country is the spread between countries.
        between = float(value[inside].std() / value[inside].mean()) if inside.sum() > 1 else 0.3
        rows[part] = (centre, max(between, _LEAST_RSD), "as its countries", True, "")
    fallback = pd.DataFrame.from_dict(rows, orient="index", columns=list(table.columns))
    table, fallback = bounded(table), bounded(fallback)
    source = Source("irena-2024", cited["citation"], cited["licence"])
    span = _words(years)
    note = Note(
        f"Capacity factors of {technology}: fleets of {span}, IRENA's generation over"
        f" {'mean capacity' if basis == 'mean' else 'capacity at the end'} of each year. A fleet is"
        " no new plant, and capacity is in direct current in some statistics, in alternating"
        " current in others: held in the interval, not corrected.",
        about="capacity factor", sources=(source,),
    )  # fmt: skip
    return Yields(technology, table, fallback, "fleet", (note,))


@lru_cache(maxsize=4)
def installed(technology: str) -> tuple[float, int]:
    """Return what the world has installed, MW, and the year, the latest in the data (IRENA).

    Examples
    --------
    >>> mw, year = installed("solar")
    >>> round(mw / 1e6, 2), year
    (1.41, 2023)
    """
    name = technology_of(technology)
    found = database().table("energy", source="irena-2024", item=list(_ITEMS[name]))
    capacity = _yearly(found, "installed capacity")
    last = max(capacity.columns)
    return float(capacity[last].sum()), int(last)


def _said(known: int, counted: int, asked: int) -> str:
    if known == 0:
        return "no generation or capacity in the source"
    if counted < min(_FEWEST, asked):
        return f"{known} years in the source, {counted} fit for use"
    return "" if counted == known else f"{known - counted} of {known} years left out"


def _yearly(found: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Sums by country and year; missing where all parts are."""
    part = found[found["variable"] == variable]
    return part.groupby(["region", "year"])["value"].sum(min_count=1).unstack("year")


def _words(years: Sequence[int]) -> str:
    """Years in words, runs of them written as first-last."""
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)
