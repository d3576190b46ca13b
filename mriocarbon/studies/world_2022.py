"""The regions of 2022 added up, scope by scope, beside the global carbon budget.

Each sum stands beside the term of the budget that measures the same thing in the same years; what
is between them is shown with its interval and never distributed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.datasets.database import Database
from mriocarbon.model.normal import Z95
from mriocarbon.natural.account import OWN_ROW
from mriocarbon.natural.budget import Budget, budget

if TYPE_CHECKING:
    from mriocarbon.studies.spectrum import ScopeFigure

__all__ = ["WorldRow", "world_rows"]

Array = NDArray[np.float64]
Members = Mapping[str, tuple[str, ...]]
YEAR, UNIT = 2022, "Mt CO2"
NAN3 = (math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class WorldRow:
    """A sum over the regions and its counterpart in the budget.

    Attributes
    ----------
    name : str
    value, low, high : float
        Sum over the regions, Mt CO2; NaN where there is none.
    term : str
        Of the budget; empty where it has none.
    budget, budget_low, budget_high : float
    difference, difference_low, difference_high : float
        Sum less budget; the interval as if both were independent, NaN where both are of the same
        models.
    period : str
    note : str
    """

    name: str
    value: float
    low: float
    high: float
    term: str
    budget: float
    budget_low: float
    budget_high: float
    difference: float
    difference_low: float
    difference_high: float
    period: str
    note: str


def _row(
    name: str,
    ours: tuple[float, float],
    term: str,
    theirs: tuple[float, float],
    period: str,
    note: str,
    apart_sd: float | None = None,
) -> WorldRow:
    """Row from (value, sd) of both sides; independent unless the difference's sd is given."""
    (value, sd), (other, other_sd) = ours, theirs
    apart = value - other
    apart_sd = math.hypot(sd, other_sd) if apart_sd is None else apart_sd
    return WorldRow(
        name, value, value - Z95 * sd, value + Z95 * sd, term, other, other - Z95 * other_sd,
        other + Z95 * other_sd, apart, apart - Z95 * apart_sd, apart + Z95 * apart_sd, period, note,
    )  # fmt: skip


def _added(
    figures: Sequence[ScopeFigure], scope: str, members: Members
) -> tuple[float, float, str]:
    """Sum of a scope's measure over the regions, its sd for any correlation, and who is missing."""
    rows = [one for one in figures if one.scope == scope and one.main and one.gas == "CO2"]
    gone = sorted(set(members) - {one.region for one in rows})
    lost = {code for one in rows for code in one.without}
    lost |= {code for region in gone for code in members[region]}
    told = f"{len(lost)} countries without a figure" if lost else ""
    if gone:
        told += f", among them the whole of {', '.join(gone)}"
    silent = sorted({code for one in rows for code in one.no_interval})
    if silent:
        told += ("; " if told else "") + (
            f"the interval is without that of {', '.join(silent)}, for none is given"
        )
    if not rows:
        return math.nan, math.nan, "no figure"
    return math.fsum(one.value for one in rows), math.fsum(one.sd_known for one in rows), told


def _of_models(figures: Sequence[ScopeFigure]) -> float:
    """The sd of the bookkeeping models' own sums over all regions; the rule of a country."""
    sums: dict[str, float] = {}
    for one in figures:
        if one.scope == "land-use change" and not one.main and OWN_ROW not in one.method:
            sums[one.method] = sums.get(one.method, 0.0) + one.value
    return float(np.std(list(sums.values()), ddof=1))


def _term(of: Budget, name: str) -> tuple[float, float]:
    term = of[name]
    return term.value, term.sd


def world_rows(
    made: Array,
    made_sd: Array,
    used: Array,
    figures: Sequence[ScopeFigure],
    households: bool,
    members: Members,
    db: Database | None = None,
) -> tuple[WorldRow, ...]:
    """Return the sums over all regions beside the budget of 2022, and what is left of it.

    Parameters
    ----------
    made, made_sd, used : ndarray, shape (regions,)
        Production, its sd, and consumption, Mt CO2.
    figures : sequence of ScopeFigure
    households : bool
    members : mapping of region to tuple of str
        Of every region: one without any figure is missing from a sum with all its countries.
    db : Database, optional

    Returns
    -------
    tuple of WorldRow
        The last one is the budget's imbalance with the sums in place of its own fossil and
        land-use terms: ``B' = P + E_land-use - (G_atmosphere + S_ocean + S_land + S_cement)``,
        which differs from the budget's by the two differences above it.
    """
    of = budget(YEAR, unit=UNIT, db=db)
    year = str(YEAR)
    total = float(made.sum()), float(np.sqrt((made_sd**2).sum()))
    why = "by residence against by territory and bunkers; another data base"
    if not households:
        why += "; households are not in the sum"
    rows = [
        _row("production", total, "fossil", _term(of, "fossil"), year, why),
        _row("consumption", (float(used.sum()), total[1]), "fossil", _term(of, "fossil"), year,
             "as production: consumption moves emissions between regions"),
    ]  # fmt: skip
    value, sd, told = _added(figures, "managed land", members)
    rows.append(
        _row("(a) managed land", (value, sd), "", NAN3[:2], "own",
             "the budget has no such term; " + told)
    )  # fmt: skip
    land, _, _ = _added(figures, "land-use change", members)
    land_sd = _of_models(figures)
    rows.append(
        _row("(b) land-use change", (land, land_sd), "land-use change",
             _term(of, "land-use change"), year,
             "the same four models on both sides: the difference is what they book on disputed and"
             " other land, which is no country's, and has no interval of its own", math.nan)
    )  # fmt: skip
    rows.append(_biosphere(figures, members, db))
    ocean = _term(of, "ocean")
    rows.append(
        _row("(d) processes", (math.nan, math.nan), "ocean, a sink", (-ocean[0], ocean[1]), year,
             "no country has the ocean; other processes are not terms of the budget")
    )  # fmt: skip
    sinks = [t for t in of.terms if t.side == "sinks"]
    left = total[0] + land - of.sinks
    sd = math.sqrt(total[1] ** 2 + sum(t.sd**2 for t in sinks if math.isfinite(t.sd)))
    theirs = of["imbalance"]
    # land use is of the same models on both sides
    moved = math.hypot(total[1], of["fossil"].sd)
    rows.append(
        _row("imbalance, with production and (b) of the regions",
             (left, math.hypot(sd, land_sd)), "imbalance", (theirs.value, theirs.sd), year,
             "emissions less sinks; the sinks, and the models of (b), are the same on both sides"
             " and cancel in the difference", moved)
    )  # fmt: skip
    return tuple(rows)


def _biosphere(figures: Sequence[ScopeFigure], members: Members, db: Database | None) -> WorldRow:
    """The inversions' sum beside the budget's net land flux, mean of the same years."""
    value, sd, told = _added(figures, "biosphere", members)
    rows = [one for one in figures if one.scope == "biosphere" and one.main]
    first, last = min(one.year_from for one in rows), max(one.year_to for one in rows)
    years = [budget(year, unit=UNIT, db=db) for year in range(first, last + 1)]
    net = [one["land-use change"].value - one["land"].value for one in years]
    # One sd for all years: what errs in a term errs in each year alike.
    spread = [math.hypot(one["land-use change"].sd, one["land"].sd) for one in years]
    note = (
        "the budget's two land terms are no inversion: it counts the carbon that rivers bring to"
        " the sea as land sink; the interval adds the half-widths of all countries, for any"
        " correlation: with the one that the source's groups imply (median 0.37) it would be far"
        " narrower; " + told
    )
    return _row(
        "(c) net biosphere exchange", (value, sd), "land-use change less land sink",
        (math.fsum(net) / len(net), math.fsum(spread) / len(spread)), f"{first}-{last}", note,
    )  # fmt: skip
