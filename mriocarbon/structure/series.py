"""Decomposition over a series of years: link by link, summed, with the end points beside it.

A chain adds what each year's change came from; it weighs every year with its own structure. The
decomposition of the end points alone weighs with the first and last year only. Both are exact,
and they differ: the difference is shown, not hidden.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError
from mriocarbon.model import MRIO, Note, Result
from mriocarbon.structure.decomposition import Decomposition, decompose
from mriocarbon.structure.factors import CANCEL

__all__ = ["DecompositionSeries", "decompose_series"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DecompositionSeries:
    """What the change over a series of years came from.

    Attributes
    ----------
    years : tuple of int
    steps : tuple of Decomposition
        Of each pair of neighbouring years.
    chained : Result
        Over (``factor``, ``region``): the steps summed (or multiplied); `low` and `high` take
        the order of change of every step as free.
    periods : Result
        Over (``period``, ``factor``, ``region``): the steps side by side.
    world : Result or None
        Over (``period``, ``factor``); additive only.
    endpoint : Decomposition
        First against last year, not chained.
    closure : float
        Largest relative gap between the chained parts and the change from first to last year.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> def year(y, f):
    ...     return mc.MRIO.from_arrays(
    ...         Z=[[2, 1], [1, 3]], Y=[[5, 2], [1, 4]], regions=["A", "B"], sectors=["s"],
    ...         stressors={"CO2": f}, year=y)
    >>> found = mc.decompose_series({y: year(y, [10 - y % 10, 4]) for y in (2000, 2001, 2003)})
    >>> found.years, len(found.steps), found.closure < 1e-12
    ((2000, 2001, 2003), 2, True)
    """

    years: tuple[int, ...]
    steps: tuple[Decomposition, ...]
    chained: Result
    periods: Result
    world: Result | None
    endpoint: Decomposition
    closure: float

    @property
    def before(self) -> Result:
        """The account of the first year."""
        return self.endpoint.before

    @property
    def after(self) -> Result:
        """The account of the last year."""
        return self.endpoint.after

    def __repr__(self) -> str:
        first = self.steps[0]
        return (
            f"<DecompositionSeries {first.account} {self.years[0]} to {self.years[-1]},"
            f" {len(self.steps)} steps, {first.method}, {first.form}; closes to {self.closure:.1e}>"
        )


def decompose_series(
    tables: Mapping[int, MRIO],
    *,
    stressor: str | None = None,
    method: str = "shapley",
    form: str = "additive",
    account: str = "consumption",
    factors: Sequence[str] | None = None,
    population: Mapping[int, Mapping[str, float]] | None = None,
    deflators: Mapping[int, ArrayLike] | None = None,
    base_year: int | None = None,
    households: bool = False,
    missing: Sequence[str] = (),
    mixed_editions: bool = False,
    cancel: float = CANCEL,
) -> DecompositionSeries:
    """Return the decomposition of every step of a series, their sum, and that of the end points.

    Parameters
    ----------
    tables : mapping of year to MRIO
        At least three years of one data set, over the same labels; taken in the order of years,
        which need not be consecutive.
    stressor, method, form, account, factors, deflators, households, missing, mixed_editions, cancel
        As in `decompose`.
    population : mapping of year to mapping of region to persons, optional
    base_year : int, optional
        Of constant prices; the first year by default.

    Returns
    -------
    DecompositionSeries

    Raises
    ------
    InputError
        Fewer than three years; and all that `decompose` raises.

    References
    ----------
    Chained and non-chained decomposition: Su & Ang (2012) doi:10.1016/j.eneco.2011.10.011
    (UNVERIFIED: the paper was not opened).

    Examples
    --------
    >>> import mriocarbon as mc
    >>> def year(y, f):
    ...     return mc.MRIO.from_arrays(Z=[[2, 4], [2, 2]], Y=[[6, 1], [4, 2]], regions=["A", "B"],
    ...                                sectors=["all"], stressors={"CO2": f}, year=y)
    >>> found = decompose_series({y: year(y, [10 - y % 10, 4]) for y in (2000, 2001, 2003)})
    >>> found.chained["intensity", "A"] < 0, found.chained["level", "A"] == 0.0
    (True, True)
    """
    years = tuple(sorted(tables))
    if len(years) < 3:
        raise InputError(
            f"{len(years)} years make no chain", where=f"tables of {list(years)}",
            do="give three years or more, or call decompose(before, after)",
        )  # fmt: skip

    def between(a: int, b: int) -> Decomposition:
        people = None if population is None else (population[a], population[b])
        return decompose(
            tables[a], tables[b], stressor=stressor, method=method, form=form, account=account,
            factors=factors, population=people, deflators=deflators,
            base_year=None if deflators is None else base_year or years[0],
            households=households, missing=missing, mixed_editions=mixed_editions, cancel=cancel,
        )  # fmt: skip

    if population is not None and set(years) - set(population):
        raise InputError(
            f"no population of {sorted(set(years) - set(population))}", where="population",
            do="give persons for every year",
        )  # fmt: skip
    steps = tuple(between(a, b) for a, b in itertools.pairwise(years))
    endpoint = between(years[0], years[-1])
    every = (*steps, endpoint)
    order = tuple(dict.fromkeys(name for step in every for name in step.factors))
    neutral = 0.0 if form == "additive" else 1.0

    def laid_out(result: Result, array: Array) -> Array:
        out = np.full((len(order), *array.shape[1:]), neutral)
        out[[order.index(name) for name in result.coords["factor"]]] = array
        return out

    effects = np.stack([laid_out(s.effects, s.effects.value) for s in steps])
    combine = np.sum if form == "additive" else np.prod
    low = high = None
    if steps[0].effects.low is not None:
        bounds = [[s.effects.low, s.effects.high] for s in steps]
        low, high = (
            combine(
                np.stack([laid_out(s.effects, b[k]) for s, b in zip(steps, bounds, strict=True)]),  # type: ignore[arg-type]
                axis=0,
            )
            for k in (0, 1)
        )
    summed = np.asarray(combine(effects, axis=0))
    start, end = endpoint.before.value, endpoint.after.value
    reached = start + summed.sum(axis=0) if form == "additive" else start * summed.prod(axis=0)
    size = np.maximum(np.abs(start), np.abs(end))
    closure = float(np.nanmax(np.abs(reached - end) / np.maximum(size, 1e-9 * np.nanmax(size))))
    notes = tuple(dict.fromkeys(n for s in steps for n in s.notes if n.about not in _PER_STEP))
    if low is not None:
        text = "low and high of a chain: every step's order of change taken as free"
        notes = (*notes, Note(text, about="range"))
    regions = endpoint.before.coords["region"]
    spans = tuple(f"{a}-{b}" for a, b in itertools.pairwise(years))
    name = f"change of {account}, {years[0]} to {years[-1]}"
    first = steps[0].effects
    source = endpoint.effects.provenance
    method_text = f"{name}, chained over {len(steps)} steps: {steps[0].effects.provenance.method}"
    made: dict[str, Any] = {
        "unit": first.unit,
        "error": max(s.effects.error for s in steps),
        "notes": notes,
        "provenance": source.computed(method_text),
    }
    worlds = [laid_out(s.world, s.world.value) for s in steps if s.world is not None]
    return DecompositionSeries(
        years=years,
        steps=steps,
        chained=Result(f"{name}, chained", summed, ("factor", "region"),
                       {"factor": order, "region": regions}, low=low, high=high, **made),
        periods=Result(f"{name}, by step", effects, ("period", "factor", "region"),
                       {"period": spans, "factor": order, "region": regions}, **made),
        world=Result(f"{name}, world", np.stack(worlds), ("period", "factor"),
                     {"period": spans, "factor": order}, **made) if worlds else None,
        endpoint=endpoint,
        closure=closure,
    )  # fmt: skip


# What is true of one step only stays with the step.
_PER_STEP = ("factors", "range", "unallocated")
