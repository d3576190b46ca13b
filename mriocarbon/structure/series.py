"""Decomposition over a series of years: link by link, summed, with the end points beside it.

A chain adds what each year's change came from; it weighs every year with its own structure. The
decomposition of the end points alone weighs with the first and last year only. Both are exact,
and they differ: the difference is shown, not hidden.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, listed
from mriocarbon.model import MRIO, Note, Result
from mriocarbon.model.labels import positions
from mriocarbon.structure.decomposition import Decomposition, decompose, gaps
from mriocarbon.structure.factors import CANCEL
from mriocarbon.structure.states import at_prices, check_base

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
        Over (``period``, ``factor``, ``region``): the steps side by side, with their ranges.
    world : Result or None
        Over (``period``, ``factor``), with ranges; additive only.
    endpoint : Decomposition
        First against last year, not chained.
    closure : float
        Largest gap between the chained parts and the change from first to last year, relative to
        the account or its largest part.

    Notes on zeros, cancelling cells, sign changes and unallocated emissions are in those of
    `chained`, with the number of steps they hold for and the figures of the first of these; every
    step keeps its own.

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
    def stressor(self) -> str:
        """What the account counts."""
        return self.endpoint.stressor

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
            f"<DecompositionSeries {first.stressor}, {first.account} {self.years[0]} to"
            f" {self.years[-1]}, {len(self.steps)} steps, {first.method}, {first.form};"
            f" closes to {self.closure:.1e}>"
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
        At least three years of one data set, over the same labels, each under its own year (a
        table without one takes that of its key); taken in the order of years, which need not be
        consecutive.
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
        Fewer than three years, a table under another year than its own; and all that `decompose`
        raises.

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

    lying = [f"{tables[y].year} under {y}" for y in years if tables[y].year not in (None, y)]
    if lying:
        raise InputError(
            f"tables of other years than they are named: {listed(lying)}", where="tables",
            do="name each by its own year: {table.year: table, ...}",
        )  # fmt: skip
    if population is not None and set(years) - set(population):
        raise InputError(
            f"no population of {sorted(set(years) - set(population))}", where="population",
            do="give persons for every year",
        )  # fmt: skip
    check_base(deflators, base_year)
    dated = {y: t if t.year == y else replace(t, year=y) for y in years for t in (tables[y],)}
    if deflators is not None:  # all at once: prices of the base year have one order
        dated = at_prices(dated, deflators, base_year)

    def between(a: int, b: int) -> Decomposition:
        people = None if population is None else (population[a], population[b])
        return decompose(
            dated[a], dated[b], stressor=stressor, method=method, form=form, account=account,
            factors=factors, population=people, households=households, missing=missing,
            mixed_editions=mixed_editions, cancel=cancel,
        )  # fmt: skip

    steps = tuple(between(a, b) for a, b in itertools.pairwise(years))
    endpoint = between(years[0], years[-1])
    every = (*steps, endpoint)
    order = tuple(dict.fromkeys(name for step in every for name in step.factors))
    regions = endpoint.before.coords["region"]
    neutral = 0.0 if form == "additive" else 1.0

    def laid_out(result: Result, array: Array) -> Array:
        if "region" in result.dims:  # every step is in the order of its own first table
            array = array[:, positions(result.coords["region"], regions, "regions of a step")]
        out = np.full((len(order), *array.shape[1:]), neutral)
        out[[order.index(name) for name in result.coords["factor"]]] = array
        return out

    def side_by_side(results: Sequence[Result]) -> tuple[Array, Array | None, Array | None]:
        """Return value, low and high of all steps, factors in the common order."""
        value = np.stack([laid_out(r, r.value) for r in results])
        low = [laid_out(r, r.low) for r in results if r.low is not None]
        high = [laid_out(r, r.high) for r in results if r.high is not None]
        return value, np.stack(low) if low else None, np.stack(high) if high else None

    effects, lows, highs = side_by_side([s.effects for s in steps])
    combine = np.sum if form == "additive" else np.prod
    summed = np.asarray(combine(effects, axis=0))
    low, high = (None if b is None else np.asarray(combine(b, axis=0)) for b in (lows, highs))
    start, end = endpoint.before.value, endpoint.after.value
    known = np.isfinite(start) & np.isfinite(end)
    missed = gaps(summed[:, known], start[known], end[known], form)
    closure = float(missed.max(initial=0.0))
    spans = tuple(f"{a}-{b}" for a, b in itertools.pairwise(years))
    shared = [n for s in steps for n in s.notes if n.about not in _PER_STEP]
    notes = tuple(dict.fromkeys((*shared, *_by_step(steps, spans))))
    if low is not None:
        text = "low and high of a chain: every step's order of change taken as free"
        notes = (*notes, Note(text, about="range"))
    name = f"change of {account}, {years[0]} to {years[-1]}"
    first = steps[0].effects
    every_source = [table.provenance for table in dated.values()]
    source = replace(
        endpoint.effects.provenance,
        sha256=" and ".join(dict.fromkeys(p.sha256 for p in every_source if p.sha256)),
        sources=tuple(dict.fromkeys(one for p in every_source for one in p.sources)),
        steps=tuple(dict.fromkeys(one for p in every_source for one in p.steps)),
    )
    method_text = f"{name}, chained over {len(steps)} steps: {steps[0].effects.provenance.method}"
    made: dict[str, Any] = {
        "unit": first.unit,
        "error": max(s.effects.error for s in steps),
        "notes": notes,
        "provenance": source.computed(method_text, notes, stressor=source.stressor),
    }
    worlds = [s.world for s in steps if s.world is not None]
    world = None
    if worlds:
        value, world_low, world_high = side_by_side(worlds)
        world = Result(f"{name}, world", value, ("period", "factor"),
                       {"period": spans, "factor": order}, low=world_low, high=world_high,
                       **made)  # fmt: skip
    return DecompositionSeries(
        years=years,
        steps=steps,
        chained=Result(f"{name}, chained", summed, ("factor", "region"),
                       {"factor": order, "region": regions}, low=low, high=high, **made),
        periods=Result(f"{name}, by step", effects, ("period", "factor", "region"),
                       {"period": spans, "factor": order, "region": regions}, low=lows,
                       high=highs, **made),
        world=world,
        endpoint=endpoint,
        closure=closure,
    )  # fmt: skip


# What is true of one step only; what was done about zeros and signs there is told with its place.
_TREATED = ("factors", "unallocated")
_PER_STEP = (*_TREATED, "range")


def _by_step(steps: Sequence[Decomposition], spans: Sequence[str]) -> list[Note]:
    """Tell once what was done in several steps: in how many of them, and with whose figures."""
    found: dict[tuple[str, str], list[tuple[str, Note]]] = {}
    for step, span in zip(steps, spans, strict=True):
        for note in step.notes:
            if note.about in _TREATED:
                kind = re.sub(r"\d[\d.,e+-]*", "#", note.text)
                found.setdefault((note.about, kind), []).append((span, note))
    told = []
    for places in found.values():
        span, note = places[0]
        where = span
        if len(places) > 1:
            where = f"in {len(places)} of {len(steps)} steps, as in {span}"
        told.append(replace(note, text=f"{where}: {note.text}"))
    return told
