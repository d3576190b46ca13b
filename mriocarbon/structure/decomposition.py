"""Structural decomposition: what a change of an account came from.

The account is a product of factors (`mriocarbon.structure.factors`); each factor's effect is what
the account changes when that factor goes from its state before to its state after. The effect
depends on which other factors have changed already: there are n! elementary decompositions, all
exact. `shapley` is their mean, `polar` the mean of two of them, `lmdi` a third way with its own
weights; the smallest and the largest of the n! is the range of every effect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.accounts.compute import carried, resolve
from mriocarbon.errors import (
    ConvergenceError,
    InputError,
    UnknownNameError,
    listed,
)
from mriocarbon.model import MRIO, Note, Result
from mriocarbon.model.checked import need_table
from mriocarbon.model.labels import find_region
from mriocarbon.model.provenance import Provenance
from mriocarbon.structure.evaluate import (
    grouped,
    has_destination,
    lmdi_effects,
    spread,
    values_by_subset,
)
from mriocarbon.structure.factors import CANCEL, State, chain
from mriocarbon.structure.lmdi import SIGN, log_mean
from mriocarbon.structure.shapley import elementary_range, polar, shapley
from mriocarbon.structure.states import (
    Population,
    absent,
    account_of,
    compared,
    final_demand,
    household_emissions,
    persons,
    reordered,
)

__all__ = ["METHODS", "Decomposition", "decompose", "decompose_regions"]

Array = NDArray[np.float64]
METHODS = ("shapley", "polar", "lmdi")
FORMS = ("additive", "multiplicative")
ACCOUNTS = ("consumption", "production")
HOUSEHOLDS = "households"
TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class Decomposition:
    """What a change of an account came from.

    Attributes
    ----------
    effects : Result
        Over (``factor``, ``region``): amounts that add up to ``after - before`` in the
        account's unit, or (multiplicative) ratios that multiply to ``after / before``. `low` and
        `high` are the smallest and the largest effect over all n! orders of change (Shapley and
        polar; None for LMDI): how far the answer depends on a choice that nothing settles.
    before, after : Result
        The account of every region, solved from the tables themselves.
    world : Result or None
        Effects on the sum of all regions, over (``factor``,), with their own range.
    world_account : (float, float)
        Sum of all accounts before and after; regions whose own emissions are missing are in it
        with what others emit for them. Of two regions of one table, which have no `world`, the
        account of either.
    bilateral : Result or None
        Additive: effects over (``factor``, ``region`` that emits, ``region_to`` that consumes).
    method, form, account : str
    labels : (str, str)
        Names of the two states, such as ``("2000", "2001")``.
    orders : int
        Number of elementary decompositions behind the range, n!.
    closure : float
        Largest gap between the sum (product) of the parts and the change of the account, solved
        independently, relative to the account or its largest part; at most 1e-12, or ten times
        the error of the solves.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = mc.decompose_regions(mc.load("oecd-icio-2022"), "JPN", "USA")
    >>> found.method, found.orders, found.closure < 1e-12
    ('shapley', 720, True)
    """

    effects: Result
    before: Result
    after: Result
    world: Result | None
    world_account: tuple[float, float]
    bilateral: Result | None
    method: str
    form: str
    account: str
    labels: tuple[str, str]
    orders: int
    closure: float

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of the factors, in the order they were changed by the first polar form."""
        return self.effects.coords["factor"]

    @property
    def notes(self) -> tuple[Note, ...]:
        """Remarks: prices, zeros, cancelling cells, range, and those of the tables."""
        return self.effects.notes

    @property
    def unit(self) -> str:
        """Unit of the account."""
        return self.before.unit

    @property
    def stressor(self) -> str:
        """What the account counts."""
        return self.effects.provenance.stressor

    @property
    def change(self) -> Array:
        """``after - before``, or ``after / before``, shape (regions,)."""
        if self.form == "additive":
            return self.after.value - self.before.value
        return self.after.value / self.before.value

    def of(self, region: str) -> dict[str, float]:
        """Return the effects on one region's account, by factor."""
        k = find_region(region, self.effects.coords["region"])
        return dict(zip(self.factors, self.effects.value[:, k].tolist(), strict=True))

    def __repr__(self) -> str:
        return (
            f"<Decomposition {self.stressor}, {self.account} {self.labels[0]} to"
            f" {self.labels[1]}, {self.method}, {self.form}: {', '.join(self.factors)};"
            f" closes to {self.closure:.1e}>"
        )


def decompose(
    before: MRIO,
    after: MRIO,
    *,
    stressor: str | None = None,
    method: str = "shapley",
    form: str = "additive",
    account: str = "consumption",
    factors: Sequence[str] | None = None,
    population: Population | None = None,
    deflators: Mapping[int, ArrayLike] | None = None,
    base_year: int | None = None,
    households: bool = False,
    missing: Sequence[str] = (),
    mixed_editions: bool = False,
    cancel: float = CANCEL,
) -> Decomposition:
    r"""Return what the change of every region's account came from.

    The account of consumption of region d is ``sum over i, j of q_i L_ij y_jd``, with
    ``L = (I - H*T)^-1`` and final demand the product of its level, mix and origin; `factors.py`
    has every definition and what is done about shares that do not exist. For a factor k and the
    set S of factors that have changed before it, v(S) the account then,

    .. math:: e_k = \sum_{S \not\ni k} \frac{|S|! (n - |S| - 1)!}{n!} (v(S \cup k) - v(S)).

    Parameters
    ----------
    before, after : MRIO
        Two years of one data set, or any two tables with the same labels (in any order).
    stressor : str, optional
    method : {"shapley", "polar", "lmdi"}
        Mean of all n! orders; mean of the two polar forms; additive LMDI-I over the cells
        (emitting sector, product of final demand, destination, category), where technology and
        trade are one factor because L is no product of the two.
    form : {"additive", "multiplicative"}
        Amounts or ratios. Multiplicative Shapley and polar are the same means of logarithms
        (geometric means); LMDI-I is ``exp(additive effect / L(after, before))``.
    account : {"consumption", "production"}
        Whose account: of the region whose final demand it serves, or of the region that emits.
        The latter holds what reaches some final demand; a note says what does not.
    factors : sequence of str, optional
        By default intensity, technology, trade, origin, mix, level, and population where it is
        given. Join with ``"+"``: ``("intensity", "technology+trade", "origin+mix+level")``. Name
        ``destination`` to split final demand by category; each factor once, none left out.
    population : mapping of year to mapping of region to persons, or two mappings, optional
        Then level is per person.
    deflators : mapping of year to array_like, shape (n,), optional
        Price indices of output, each year's in the order of that year's table (a year without one:
        in the order of `before`): both tables are brought to prices of `base_year` by
        `mriocarbon.build.deflate`, from the prices of their `price_year` where they have one.
        None are invented: without them the decomposition is at current prices, and a note says
        so; tables at constant prices of different years are refused.
    base_year : int, optional
        The year of `before` by default. Needs no table, only deflators.
    households : bool
        Add direct emissions of households as a part of its own (additive only).
    missing : sequence of str
        Regions whose emissions are not known (entered as zeros): their own accounts and effects
        become NaN, and a note says what all others lack.
    mixed_editions : bool
        Go on although the tables are of different data sets or editions. The result then
        contains the revision of the data and is marked.
    cancel : float
        See `mriocarbon.structure.factors`.

    Returns
    -------
    Decomposition

    Raises
    ------
    LabelError
        Regions, sectors or categories differ (both sides are printed), or a region has no
        population.
    UnitError
        Stressors in different units, tables in different money, or of different editions.
    UnknownNameError
        Method, form, account, factor or stressor.
    InputError
        Factors named twice or left out, tables at different constant prices, a multiplicative
        account that is not positive, options that do not go together.
    NotProductiveError
        The technology of one state with the trade of the other has no Leontief inverse.
    ConvergenceError
        The parts do not sum to the change.

    References
    ----------
    Dietzenbacher & Los (1998) doi:10.1080/09535319800000023; Ang & Liu (2001)
    doi:10.1016/S0360-5442(01)00022-6; Miller & Blair (2009), chapter 13. The first three were not
    opened themselves: UNVERIFIED beyond abstracts.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.decomposition import decompose
    >>> def year(y, f):
    ...     return mc.MRIO.from_arrays(Z=[[2, 4], [2, 2]], Y=[[6, 1], [4, 2]], regions=["A", "B"],
    ...                                sectors=["all"], stressors={"CO2": f}, year=y)
    >>> found = decompose(year(2000, [10, 4]), year(2001, [5, 4]))
    >>> {k: round(v, 3) for k, v in found.of("A").items()}["level"]
    0.0
    >>> bool(abs(found.effects.value.sum() - (9 - 14)) < 1e-12), found.closure < 1e-12
    (True, True)
    """
    need_table(before, "decompose, before")
    need_table(after, "decompose, after")
    _choose(method, form, account, households, cancel)
    pair = compared(
        before, after, stressor=stressor, account=account, destination=has_destination(factors),
        population=population, deflators=deflators, base_year=base_year, missing=missing,
        mixed_editions=mixed_editions,
    )  # fmt: skip
    labels = (str(before.year or "before"), str(after.year or "after"))
    return _decomposed(
        pair.states, pair.accounts, regions=before.regions,
        targets=np.arange(len(before.regions)), labels=labels, method=method, form=form,
        account=account, factors=factors, missing=missing,
        direct=household_emissions(before, after, stressor or pair.stressor)
        if households else None,
        years=(before.year, after.year), stressor=pair.stressor, unit=pair.unit, cancel=cancel,
        notes=pair.notes, provenance=pair.provenance,
        what=f"{account}, {labels[0]} to {labels[1]}",
        names=tuple(before.index.name(k) for k in range(len(before.index))),
    )  # fmt: skip


def decompose_regions(
    mrio: MRIO,
    first: str,
    second: str,
    *,
    stressor: str | None = None,
    method: str = "shapley",
    form: str = "additive",
    factors: Sequence[str] | None = None,
    population: Mapping[str, float] | None = None,
    missing: Sequence[str] = (),
    cancel: float = CANCEL,
) -> Decomposition:
    """Return why the second region's account of consumption differs from the first's.

    The state after is the same table with the two regions in each other's place: intensity,
    technology, sourcing and final demand of the home region go from those of `first` to those of
    `second`, those of the other of the two the opposite way, and third regions trade with each as
    they do with the other. The account of the home region goes from that of `first` to that of
    `second`, so that every method and identity of `decompose` holds.

    Parameters
    ----------
    mrio : MRIO
    first, second : str
        Regions, by code or name.
    stressor, method, form, factors, cancel
        As in `decompose`.
    population : mapping of region to persons, optional
    missing : sequence of str
        Third regions whose emissions are not known, as in `decompose`.

    Returns
    -------
    Decomposition
        With one region, ``"second - first"``.

    Raises
    ------
    UnknownNameError, InputError, LabelError, NotProductiveError
        As in `decompose`; the two regions must differ, and neither may be missing.

    References
    ----------
    Spatial decomposition: Dietzenbacher, Hoen & Los (2000), Journal of Regional Science 40,
    425-452; the exchange of places is this package's own. UNVERIFIED: the paper was not opened.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.structure.decomposition import decompose_regions
    >>> mrio = mc.load("oecd-icio-2022")
    >>> found = decompose_regions(mrio, "JPN", "USA", population=mc.population(2022))
    >>> found.effects["population", "USA - JPN"] > 0, found.closure < 1e-12
    (True, True)
    """
    need_table(mrio, "decompose_regions, mrio")
    _choose(method, form, "consumption", False, cancel)
    a, b = mrio.index.region(first), mrio.index.region(second)
    if a == b:
        raise InputError(
            f"{first!r} and {second!r} are the same region", where="decompose_regions",
            do="name two regions",
        )  # fmt: skip
    unknown = {mrio.index.region(name) for name in missing} & {a, b}
    if unknown:
        raise InputError(
            f"emissions of {listed([mrio.regions[k] for k in unknown])} are missing",
            where="decompose_regions", do="compare regions whose emissions are known",
        )  # fmt: skip
    extension, row = resolve(mrio, stressor)
    people = None if population is None else persons(population, mrio.regions)
    demand = final_demand(mrio, has_destination(factors))
    own = State(mrio.Z, demand, mrio.x, extension.F[row], people)
    swap = np.arange(len(mrio.regions))
    swap[[a, b]] = b, a
    other = reordered(own, swap, np.arange(len(mrio.sectors)), people=True)
    account = account_of(mrio, extension.F[row], "consumption")
    told = absent(mrio.regions, (own,), extension.stressors[row], missing, stacklevel=3)
    codes = mrio.regions[a], mrio.regions[b]
    text = "levels of final demand are compared at the exchange rates of the table"
    return _decomposed(
        (own, other), (account[[a]], account[[b]]), regions=(f"{codes[1]} - {codes[0]}",),
        targets=np.array([a]), labels=codes, method=method, form=form, account="consumption",
        factors=factors, missing=(), direct=None, years=(mrio.year, mrio.year),
        stressor=extension.stressors[row], unit=extension.units[row], cancel=cancel,
        notes=(*carried(mrio, extension, row), Note(text, about="prices"), *told),
        provenance=mrio.provenance, what=f"consumption, {codes[1]} against {codes[0]}",
        names=tuple(mrio.index.name(k) for k in range(len(mrio.index))), every=len(mrio.regions),
    )  # fmt: skip


# -- the computation -------------------------------------------------------------------------


def _decomposed(
    states: tuple[State, State],
    accounts: tuple[Array, Array],
    *,
    regions: tuple[str, ...],
    targets: NDArray[np.intp],
    labels: tuple[str, str],
    method: str,
    form: str,
    account: str,
    factors: Sequence[str] | None,
    missing: Sequence[str],
    direct: tuple[Array, Array] | None,
    years: tuple[int | None, int | None],
    stressor: str,
    unit: str,
    cancel: float,
    notes: tuple[Note, ...],
    provenance: Provenance,
    what: str,
    names: tuple[str, ...],
    every: int | None = None,
) -> Decomposition:
    """Split, evaluate, average, check that the parts sum to the change, and label."""
    made = chain(states[0], states[1], cancel=cancel)
    groups, order = grouped(factors, made, method)
    R = every or len(regions)
    gone = [find_region(r, regions) for r in missing]
    remarks = [Note(text, about="factors") for text in made.remarks]
    side = 1 if account == "consumption" else 2  # the axis of flows that is summed
    bounds: list[Array] = []  # low and high by region, low and high of the world
    orders = 1
    if method == "lmdi":
        flows, sign, error, flips = lmdi_effects(made, groups, R)
        if sign.any():
            flows, order = np.concatenate([flows, sign[None]]), (*order, SIGN)
            text = f"{flips:,} cells change sign, so have no logarithm: their change is {SIGN!r}"
            remarks.append(Note(text, about="factors"))
        effects, world = flows.sum(axis=side)[:, targets], flows.sum(axis=(1, 2))
    else:
        values, error, places = values_by_subset(made, groups, R, names)
        mean = shapley if method == "shapley" else polar
        orders = factorial(len(groups))
        regional, total = values.sum(axis=side)[:, targets], values.sum(axis=(1, 2))
        if form == "multiplicative":
            regional[:, gone] = 1.0  # NaN in the end
            _positive(regional, regions, what)
            regional = np.log(regional)
        flows, effects, world = (spread(v, places, mean) for v in (values, regional, total))
        bounds = [
            spread(v, places, lambda u, k=k: elementary_range(u)[k])  # type: ignore[misc]
            for v in (regional, total)
            for k in (0, 1)
        ]
        text = (
            f"low and high: smallest and largest effect over all {orders:,} orders in which"
            f" {len(groups)} factors can change; not an error of the data"
        )
        remarks.append(Note(text, about="range"))
    start, end = accounts[0].copy(), accounts[1].copy()
    if direct is not None:
        part = direct[1] - direct[0]
        order = (*order, HOUSEHOLDS)
        effects, flows = _with(effects, part), _with(flows, np.diag(part))
        world, bounds = (
            _with(world, part.sum()),
            [_with(bound, part.sum() if k > 1 else part) for k, bound in enumerate(bounds)],
        )
        start, end = start + direct[0], end + direct[1]
    sums = float(start.sum()), float(end.sum())
    low, high = bounds[:2] if bounds else (None, None)
    world_low, world_high = bounds[2:] if bounds else (None, None)
    if form == "multiplicative":
        start[gone] = end[gone] = 1.0  # NaN in the end
        if method == "lmdi":
            effects[:, gone] = 0.0
            _positive(np.stack([start, end]), regions, what)
            effects = effects / log_mean(end, start)
        effects = np.exp(effects)
        low, high = (None if b is None else np.exp(b) for b in (low, high))
    closure = _closed(effects, start, end, form, error, regions)
    for array in (effects, low, high, start, end):
        if array is not None:
            array[..., gone] = np.nan
    if gone:
        flows[:, gone, :] = np.nan
    method_text = f"{what}: {method}, {form}, factors {', '.join(order)}"
    common: dict[str, Any] = {
        "unit": unit, "error": error, "notes": (*notes, *remarks),
        "provenance": provenance.computed(method_text, notes, stressor=stressor),
    }  # fmt: skip
    first, last = (
        {**common, "notes": notes, "provenance": replace(common["provenance"], year=year)}
        for year in years
    )
    ratio = {**common, "unit": "ratio"} if form == "multiplicative" else common
    return Decomposition(
        effects=Result(f"change of {what}", effects, ("factor", "region"),
                       {"factor": order, "region": regions}, low=low, high=high, **ratio),
        before=Result(f"{account} {labels[0]}", start, ("region",), {"region": regions}, **first),
        after=Result(f"{account} {labels[1]}", end, ("region",), {"region": regions}, **last),
        world=Result(f"change of {what}, world", world, ("factor",), {"factor": order},
                     low=world_low, high=world_high, **common)
        if form == "additive" and every is None else None,
        world_account=sums,
        bilateral=Result(f"change of {what}, by emitting region", flows,
                         ("factor", "region", "region_to"),
                         {"factor": order, "region": regions, "region_to": regions}, **common)
        if form == "additive" and every is None else None,
        method=method, form=form, account=account, labels=labels, orders=orders, closure=closure,
    )  # fmt: skip


def _with(effects: Array, part: ArrayLike) -> Array:
    """Append one more part."""
    return np.concatenate([effects, np.asarray(part, dtype=float)[None]])


def _positive(values: Array, regions: Sequence[str], what: str) -> None:
    """Refuse logarithms of accounts that are not positive, with some combination named."""
    bad = np.flatnonzero((values <= 0).any(axis=0)).tolist()
    if bad:
        raise InputError(
            f"accounts of {listed([f'{regions[k]} ({values[:, k].min():.4g})' for k in bad])} are"
            " not positive with some combination of old and new factors: they have no ratio",
            where=what,
            do='ask for form="additive"',
        )


def gaps(effects: Array, start: Array, end: Array, form: str) -> Array:
    """Return by how much the parts of each region miss its account's change, relative to size."""
    size = np.maximum(np.abs(start), np.abs(end))
    if form == "additive":
        gap = np.abs(start + effects.sum(axis=0) - end)
        # Parts may cancel: they are known to rounding of the largest of them.
        size = np.maximum(size, np.abs(effects).max(axis=0, initial=0.0))
    else:
        gap = np.abs(start * effects.prod(axis=0) - end)
    # An account below a billionth of the largest is itself known to rounding of the largest.
    return np.asarray(gap / np.maximum(size, 1e-9 * size.max(initial=0.0) or 1.0))


def _closed(
    effects: Array, start: Array, end: Array, form: str, error: float, regions: Sequence[str]
) -> float:
    """Return the largest relative gap of the parts; raise if it is beyond rounding."""
    relative = gaps(effects, start, end, form)
    closure = float(relative.max(initial=0.0))
    allowed = max(TOLERANCE, 10 * error)
    if not closure <= allowed:
        worst = int(np.argmax(relative))
        raise ConvergenceError(
            f"the parts miss the change of {regions[worst]} by {closure:.2g} of its account",
            where=f"allowed {allowed:.2g}",
            do="report this table: every method here is exact by construction",
        )
    return closure


# -- what may be compared, and how -----------------------------------------------------------


def _choose(method: str, form: str, account: str, households: bool, cancel: float) -> None:
    for kind, given, known in (
        ("method", method, METHODS), ("form", form, FORMS), ("account", account, ACCOUNTS),
    ):  # fmt: skip
        if given not in known:
            raise UnknownNameError.of(kind, given, known)
    if not cancel >= 1:
        raise InputError(
            f"cancel={cancel}: absolute cells are never less than their sum",
            where="cancel", do="give a number from 1 (split only what has one sign) upwards",
        )  # fmt: skip
    if households and form != "additive":
        raise InputError(
            "direct emissions of households are added, not multiplied",
            where="households=True, form='multiplicative'",
            do="leave households out, or ask for the additive form",
        )
