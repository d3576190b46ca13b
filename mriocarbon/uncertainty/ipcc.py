"""Uncertainty of an inventory by the two approaches of the IPCC, with that of its trend.

Approach 1 propagates errors: a category's uncertainty combines those of its activity data and
emission factor, ``U = sqrt(U_A^2 + U_F^2)``; the total's is ``sqrt(sum (U_i x_i)^2) / |sum x_i|``.
The trend (percentage change from the base year) moves with two sensitivities, in percentage
points for one per cent:

* type A, both years together (errors that persist, such as a factor's): the change of the
  trend when the category is one per cent more in both years;
* type B, the later year alone (errors of each year's own): ``|D_i / sum C|``.

Approach 2 draws both years. Source: 2006 IPCC Guidelines for National Greenhouse Gas
Inventories, volume 1, chapter 3 (3.2.3.1 and 3.2.3.2, table 3.2). Uncertainties are half of a
95 % interval in per cent, as there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import MOST_DRAWS, whole
from mriocarbon.model.normal import Z95
from mriocarbon.model.provenance import Note

__all__ = ["Approach1", "Approach2", "Category", "Line", "approach_1", "approach_2"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Category:
    """One source or sink of an inventory.

    Attributes
    ----------
    name : str
    base, year : float
        Emissions of the base year and of the year, in one unit; removals are negative.
    activity, factor : float
        Uncertainty of activity data and of the emission factor, half a 95 % interval, per cent.
    activity_persists, factor_persists : bool
        Whether the error is the same in both years. By default activity data err anew each year
        and factors persist.
    note : str
        What to know about these uncertainties, such as that they are defaults; it goes to the
        notes of every result, marked as estimated. Empty for your own.
    """

    name: str
    base: float
    year: float
    activity: float
    factor: float
    activity_persists: bool = False
    factor_persists: bool = True
    note: str = ""

    def __post_init__(self) -> None:
        for label in ("base", "year", "activity", "factor"):
            value = getattr(self, label)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if (
                not number
                or not math.isfinite(value)
                or (label in ("activity", "factor") and value < 0)
            ):
                raise InputError(
                    f"{label} is {value!r}",
                    where=f"category {self.name!r}",
                    do="leave a category out if it is unknown; missing is not zero",
                )


@dataclass(frozen=True, slots=True)
class Line:
    """A category's row of table 3.2.

    Attributes
    ----------
    category : Category
    combined : float
        Uncertainty of the category, per cent.
    contribution : float
        To the variance of the year's total, in per cent squared.
    type_a, type_b : float
        Sensitivities of the trend, percentage points for one per cent.
    trend : float
        Contribution to the uncertainty of the trend, percentage points.
    """

    category: Category
    combined: float
    contribution: float
    type_a: float
    type_b: float
    trend: float


@dataclass(frozen=True, slots=True)
class Approach1:
    """Totals with half a 95 % interval: `uncertainty` in %, `trend_uncertainty` in points.

    `notes` say which categories rest on estimated uncertainties, and what is left out.
    """

    base: float
    year: float
    trend: float
    uncertainty: float
    trend_uncertainty: float
    lines: tuple[Line, ...]
    notes: tuple[Note, ...] = ()

    __repr__ = brief

    def __str__(self) -> str:
        """Return the totals in words, with every note."""
        text = (
            f"{self.base:,.6g} to {self.year:,.6g} +- {self.uncertainty:.3g} %; "
            f"trend {self.trend:+.3g} % +- {self.trend_uncertainty:.3g} points"
        )
        return "\n".join([text, *(note.text for note in self.notes)])


@dataclass(frozen=True, slots=True)
class Approach2:
    """Totals with 95 % intervals, from draws.

    Attributes
    ----------
    year, trend : tuple of float
        Median, low and high of the year's total and of the percentage change.
    sd, trend_sd : float
    draws, seed : int
    notes : tuple of Note
        Which categories rest on estimated uncertainties, and what is left out.
    """

    year: tuple[float, float, float]
    trend: tuple[float, float, float]
    sd: float
    trend_sd: float
    draws: int
    seed: int
    notes: tuple[Note, ...] = ()


def _notes(categories: Sequence[Category]) -> tuple[Note, ...]:
    """One note for each remark on uncertainties, with the categories, and those of the sequence."""
    by_text: dict[str, list[str]] = {}
    for c in categories:
        if c.note:
            by_text.setdefault(c.note, []).append(c.name)
    size = math.fsum(abs(c.year) for c in categories)
    own = []
    for text, names in by_text.items():
        part = math.fsum(abs(c.year) for c in categories if c.note == text)
        share = f"{100 * part / size:.3g} % of the year's emissions, " if size else ""
        own.append(Note(f"{text}: {share}{', '.join(names)}", "uncertainty", estimated=True))
    return (*own, *getattr(categories, "notes", ()))


def _totals(categories: Sequence[Category]) -> tuple[float, float]:
    if not categories:
        raise InputError("no categories", where="inventory", do="give at least one")
    base = math.fsum(c.base for c in categories)
    year = math.fsum(c.year for c in categories)
    for label, total in (("base year", base), ("year", year)):
        if total == 0:
            raise InputError(
                f"emissions of the {label} add up to zero",
                where="inventory",
                do="percentages need a total: take removals apart",
            )
    return base, year


def _type_a(c: Category, base: float, year: float) -> float:
    """Percentage points of trend if both years of the category were one per cent more."""
    moved_base = 0.01 * c.base + base
    if moved_base == 0:
        raise InputError(
            f"one per cent more of {c.name!r} makes the base year's total zero",
            where="inventory",
            do="take removals apart: a percentage of a total near zero means nothing",
        )
    moved = (0.01 * c.year + year) / moved_base
    return abs(100 * (moved - year / base))


def approach_1(categories: Sequence[Category]) -> Approach1:
    """Propagate errors (approach 1) for a year's total and for the trend.

    Parameters
    ----------
    categories : sequence of Category
        Also what `inventory_categories` returns, whose notes travel to the result.

    Returns
    -------
    Approach1
        `base` and `year` in the unit of the categories; half 95 % intervals, of the year's total in
        per cent, of the trend in percentage points; a line for each category.

    Raises
    ------
    InputError
        No categories, or totals of zero.

    Examples
    --------
    >>> found = approach_1([Category("coal", 100, 80, 3, 4), Category("gas", 50, 60, 2, 2)])
    >>> round(found.uncertainty, 2), round(found.trend, 2), round(found.trend_uncertainty, 2)
    (3.1, -6.67, 2.56)
    """
    base, year = _totals(categories)
    lines = []
    for c in categories:
        combined = math.hypot(c.activity, c.factor)
        a, b = _type_a(c, base, year), abs(c.year / base)
        terms = [
            a * u if persists else b * u * math.sqrt(2)
            for u, persists in (
                (c.activity, c.activity_persists),
                (c.factor, c.factor_persists),
            )
        ]
        lines.append(Line(c, combined, (combined * c.year / year) ** 2, a, b, math.hypot(*terms)))
    return Approach1(
        base,
        year,
        100 * (year / base - 1),
        math.sqrt(math.fsum(line.contribution for line in lines)),
        math.sqrt(math.fsum(line.trend**2 for line in lines)),
        tuple(lines),
        _notes(categories),
    )


def approach_2(categories: Sequence[Category], *, draws: int = 100_000, seed: int = 0) -> Approach2:
    """Draw both years (approach 2): lognormal errors of mean 1, persistent ones shared.

    Lognormal, not normal: factors of 100 % and more must not turn emissions into removals.

    Parameters
    ----------
    categories : sequence of Category
        Also what `inventory_categories` returns, whose notes travel to the result.
    draws : int
        At least 1,000.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    Approach2
        Median and 95 % interval of the year's total, in the unit of the categories, and of the
        trend, in per cent of the base year; their standard deviations over the draws.

    Raises
    ------
    InputError
        No categories, totals of zero, fewer than 1,000 draws or too many, a negative seed.

    Examples
    --------
    >>> found = approach_2([Category("coal", 100, 80, 3, 4), Category("gas", 50, 60, 2, 2)])
    >>> round(100 * 1.96 * found.sd / 140, 1)
    3.1
    """
    _totals(categories)
    whole("draws", draws, least=1000, where="approach 2", most=MOST_DRAWS)
    whole("seed", seed, least=0, where="approach 2")
    rng = np.random.default_rng(seed)
    sums = np.zeros((2, draws))
    for c in categories:
        both = np.ones((2, draws))
        for u, persists in ((c.activity, c.activity_persists), (c.factor, c.factor_persists)):
            s = math.sqrt(math.log1p((u / 100 / Z95) ** 2))
            e = rng.standard_normal((1 if persists else 2, draws))
            both = both * np.exp(s * e - s**2 / 2)
        sums += np.array([[c.base], [c.year]]) * both
    trend = 100 * (sums[1] / sums[0] - 1)

    def three(a: Array) -> tuple[float, float, float]:
        low, middle, high = np.quantile(a, [0.025, 0.5, 0.975])
        return float(middle), float(low), float(high)

    return Approach2(
        three(sums[1]), three(trend), float(sums[1].std(ddof=1)), float(trend.std(ddof=1)),
        draws, seed, _notes(categories),
    )  # fmt: skip
