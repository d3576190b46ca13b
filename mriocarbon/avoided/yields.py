r"""Capacity factors by country and technology, from the fleet that runs there.

:math:`cf = \sum_y G_y / \sum_y 8760\,h \cdot \bar C_y`, with generation G and the mean of the
capacities at the two ends of the year (IRENA). Left out are years with an implausible ratio, with
less than 5 MW, or in which the capacity more than doubled. A country without two years that are
fit for use gets the mean of its part of the world and is marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.avoided.drawn import technology_of
from mriocarbon.avoided.parts import part_of
from mriocarbon.datasets.database import database
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
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
    names = list(dict.fromkeys(places))
    out = table.reindex(names)
    # One assignment a place: places may come more than once, and an assignment to a doubled label
    # would align on nothing.
    for place in out.index[out["value"].isna()]:
        part = part_of(place)
        part = part if part in fallback.index else "World"
        row = fallback.loc[part].copy()
        own = table.loc[place, "note"] if place in table.index else f"no {what} of its own"
        row["estimated"], row["note"] = True, f"{own}; mean of {part}"
        out.loc[place] = row
    return out.astype({"estimated": bool}).loc[list(places)]


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
    return _computed(name, wanted, basis)


@lru_cache(maxsize=16)
def _computed(technology: str, years: tuple[int, ...], basis: str) -> Yields:
    import pandas as pd

    found = database().table("energy", source="irena-2024", item=list(_ITEMS[technology]))
    cited = found.attrs["sources"]["irena-2024"]
    sums = found.pivot_table(
        index=["variable", "region"], columns="year", values="value",
        aggfunc=lambda s: s.sum(min_count=1), observed=True,
    )  # fmt: skip
    capacity = sums.loc["installed capacity"]
    generation = sums.loc["electricity generation"].reindex(capacity.index)
    # A dash before the first plant is "none or not known": a fleet's first year is not used.
    mean = (capacity.shift(1, axis=1) + capacity) / 2 if basis == "mean" else capacity
    C, G = mean[list(years)] * HOURS / 1000, generation.reindex(columns=list(years))
    yearly = G / C
    least, most = PLAUSIBLE[technology]
    # Where a fleet more than doubles in a year, nobody knows how much of it ran for how long.
    steady = ~(capacity > GROWTH * capacity.shift(1, axis=1))[list(years)]
    plausible = (yearly >= least) & (yearly <= most)
    counted = plausible & steady & (mean[list(years)] >= SMALLEST_MW)
    number = counted.sum(axis=1)
    value = G.where(counted).sum(axis=1) / C.where(counted).sum(axis=1)
    spread = yearly.where(counted).std(axis=1) / yearly.where(counted).mean(axis=1)
    enough = number >= min(_FEWEST, len(years))
    known = G.notna() & C.notna()
    table = pd.DataFrame(
        {
            "value": value.where(enough),
            "rsd": np.maximum(spread.fillna(_LEAST_RSD), _LEAST_RSD),
            "years": [_words(row) for _, row in counted.iterrows()],
            "estimated": False,
            "note": [
                _said(int(k), int(n), len(years))
                for k, n in zip(known.sum(axis=1), number, strict=True)
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
    for frame in (table, fallback):
        s = np.sqrt(np.log1p(frame["rsd"] ** 2))
        frame["low"] = frame["value"] * np.exp(-1.96 * s - s**2 / 2)
        frame["high"] = frame["value"] * np.exp(1.96 * s - s**2 / 2)
    source = Source("irena-2024", cited["citation"], cited["licence"])
    span = _words(pd.Series(True, index=years))
    note = Note(
        f"Capacity factors of {technology}: fleets of {span}, IRENA's generation over"
        f" {'the mean of the capacities at both ends' if basis == 'mean' else 'capacity at the end'}"
        " of each year. A fleet is no new plant, and capacity is in direct current in some"
        " statistics, in alternating current in others: held in the interval, not corrected.",
        about="capacity factor", sources=(source,),
    )  # fmt: skip
    return Yields(technology, table, fallback, "fleet", (note,))


def _said(known: int, counted: int, asked: int) -> str:
    if known == 0:
        return "no generation or capacity in the source"
    if counted < min(_FEWEST, asked):
        return f"{known} years in the source, {counted} fit for use"
    return "" if counted == known else f"{known - counted} of {known} years left out"


def _words(counted: pd.Series) -> str:
    """Years that are counted, runs of them written as first-last."""
    runs: list[list[int]] = []
    for year in [int(y) for y, yes in counted.items() if yes]:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)
