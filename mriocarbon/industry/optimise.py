r"""How a site runs at the least cost: with a carbon price, under a cap, and all between.

A site of steps (:mod:`mriocarbon.industry.site`) becomes a linear program: levels of the steps,
purchases and what leaves, over one period or hour by hour. Cap and price are two sides of one
thing: with :math:`c(E)` the least cost at emissions of at most E,

.. math:: \lambda(E) = -\frac{dc}{dE}, \qquad \min_E c(E) + pE \;\text{ is met where }\; \lambda = p

so that the dual of the cap is the marginal abatement cost, and the front of cost and carbon is
convex and falls.

Prices and costs are yours: none are shipped. A good that no step makes needs a price; one that
has a price may be bought even where a step makes it.

References
----------
Haimes, Y. Y., Lasdon, L. S., Wismer, D. A. (1971), IEEE Trans. Syst. Man Cybern. 1, 296-297 (the
epsilon constraint; UNVERIFIED). Chinneck, J. W. (2008), Feasibility and Infeasibility in
Optimization, Springer (elastic and deletion filters; UNVERIFIED). Huangfu, Q., Hall, J. A. J.
(2018), Math. Prog. Comp. 10, 119-142 (HiGHS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from mriocarbon.errors import ConvergenceError, InputError, UnitError, UnknownNameError, listed
from mriocarbon.industry.parameters import Array
from mriocarbon.industry.program import Case, Program, Share
from mriocarbon.industry.site import Site
from mriocarbon.model.brief import brief

__all__ = ["Front", "Infeasible", "Options", "Plan", "Share", "front", "plan", "sweep"]

Number = float | Sequence[float] | npt.NDArray[np.float64]


class Infeasible(InputError):
    """No way of running keeps all limits; `conflict` names those that cannot hold together.

    Attributes
    ----------
    conflict : dict of str to float
        Limits of which none can be left out, and the breach that would do, in the limit's unit.
    """

    def __init__(self, conflict: Mapping[str, float], where: str) -> None:
        self.conflict = dict(conflict)
        least = [f"{name} by {gap:.4g}" for name, gap in conflict.items() if gap > 0]
        super().__init__(
            f"no way of running keeps all limits; these cannot hold together:"
            f" {listed(list(conflict), 12)}",
            where=where,
            do=f"loosen {' and '.join(least)}" if least else "loosen one of them",
        )


class Options(TypedDict, total=False):
    """What :func:`plan`, :func:`front` and :func:`sweep` share.

    Attributes
    ----------
    prices : mapping of str to float or sequence
        Money per unit of a good bought; a sequence gives it for every hour.
    sales : mapping
        Money per unit of a good that leaves; negative where it costs, as storage of CO2 does.
    cost : mapping of str to float
        Other costs of a step per unit of product; nothing if left out.
    grid : float or sequence
        t CO2e per MWh of electricity bought.
    embodied : mapping
        t CO2e per unit of any other good bought; nothing if left out.
    capacity : mapping of str to float or (float, float)
        Most, or least and most, units of product of a step per hour (per period if `hours` is 1).
    supply : mapping of str to float
        Most that can be bought of a good over the period, such as scrap.
    shares : iterable of Share
        Blends, over the period.
    stock : mapping of str to float
        Goods that can be kept from hour to hour, and how much of each.
    hours : int
        Number of hours; 1 takes the period as a whole.
    """

    prices: Mapping[str, Number]
    sales: Mapping[str, Number]
    cost: Mapping[str, float]
    grid: Number
    embodied: Mapping[str, Number]
    capacity: Mapping[str, float | tuple[float, float]]
    supply: Mapping[str, float]
    shares: Iterable[Share]
    stock: Mapping[str, float]
    hours: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How the site runs.

    Attributes
    ----------
    cost : float
        Money over the period, without the carbon price.
    emissions : float
        t CO2e over the period: direct, of electricity bought, and embodied in purchases.
    abatement_cost : float
        Money per t CO2e that the cap costs at the margin (its dual); the price itself where a
        price was given and no cap; 0 where the cap does not bind.
    levels, bought, left : mapping of str to float
        Units of product of each step; goods bought and goods that leave, over the period.
    process, fuel, indirect : float
        Emissions by scope, t CO2e; `indirect` is of all that is bought.
    marginal_cost : mapping of str to float
        Cost of one more unit of each good demanded over the period, with the price of its carbon.
    binding : tuple of str
        Limits that cost something.
    hourly : mapping of str to ndarray
        Level of each step in every hour; empty for one period.
    stored : mapping of str to ndarray
        Stock of each good that is kept, at the end of every hour.
    """

    cost: float
    emissions: float
    abatement_cost: float
    levels: Mapping[str, float]
    bought: Mapping[str, float]
    left: Mapping[str, float]
    process: float
    fuel: float
    indirect: float
    marginal_cost: Mapping[str, float]
    binding: tuple[str, ...]
    hourly: Mapping[str, Array] = field(default_factory=dict)
    stored: Mapping[str, Array] = field(default_factory=dict)

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Front:
    """Least cost for each level of emissions, from the least emissions to the least cost.

    Attributes
    ----------
    cap, cost, emissions, abatement_cost : ndarray, shape (points,)
        The cap of each point, and what it gives. At the two ends the abatement cost is that of
        one side only.
    plans : tuple of Plan
    """

    cap: Array
    cost: Array
    emissions: Array
    abatement_cost: Array
    plans: tuple[Plan, ...]

    __repr__ = brief


def plan(
    site: Site,
    demand: Mapping[str, Number],
    *,
    carbon_price: float = 0.0,
    cap: float | None = None,
    **options: Unpack[Options],
) -> Plan:
    """Return how the site meets a demand at the least cost.

    Parameters
    ----------
    site : Site
        From `mriocarbon.industry.site`.
    demand : mapping of str to float or sequence
        Least amounts of goods that leave over the period; a sequence asks for so much per hour.
    carbon_price : float
        Money per t CO2e, on all emissions.
    cap : float, optional
        Most emissions over the period, t CO2e.
    **options
        See :class:`Options`.

    Returns
    -------
    Plan
        Cost in the money of the prices and without the carbon price, emissions in t CO2e, levels
        and goods in their units; all over the period.

    Raises
    ------
    Infeasible
        No way of running keeps all limits; the message names those that cannot hold together.
    InputError
        A price is missing or not finite; a limit is negative; sales earn without end.
    UnknownNameError
        A good or a step that the site does not have.
    UnitError
        A blend of goods in different units.
    NotAvailableError
        linopy or HiGHS is missing.

    Examples
    --------
    >>> from mriocarbon.industry.site import site
    >>> from mriocarbon.industry.steps import step
    >>> made = site([step("gas-power"), step("coal-power")])
    >>> prices = {"gas": 8.0, "coal": 3.0}
    >>> cheap = plan(made, {"electricity": 1000.0}, prices=prices)
    >>> clean = plan(made, {"electricity": 1000.0}, prices=prices, carbon_price=80.0)
    >>> [k for k, v in cheap.levels.items() if v > 0], [k for k, v in clean.levels.items() if v > 0]
    (['coal-power'], ['gas-power'])
    """
    price = _money(carbon_price, "carbon_price", lower=0.0)
    case = _case(site, demand, options)
    if cap is not None:
        _money(cap, "cap")
    program = Program(case, capped=cap is not None)
    if cap is not None:
        program.cap(cap)
    return _solved(program, price, cap)


def front(
    site: Site, demand: Mapping[str, Number], *, points: int = 11,
    progress: Callable[[int, int], None] | None = None, **options: Unpack[Options],
) -> Front:  # fmt: skip
    """Return the front of cost and carbon by the epsilon constraint, in equal steps of the cap.

    Parameters
    ----------
    site, demand
        As in :func:`plan`.
    points : int
        Number of points, two at least.
    progress : callable, optional
        Told how many points are done, of how many.
    **options
        See :class:`Options`.

    Returns
    -------
    Front
        Cap and emissions in t CO2e over the period, cost in the money of the prices; shape
        (points,) each, with the plan of each point.

    Raises
    ------
    As :func:`plan`; InputError where `points` is no whole number of at least two.

    Examples
    --------
    >>> from mriocarbon.industry.site import site
    >>> from mriocarbon.industry.steps import step
    >>> made = site([step("gas-power"), step("coal-power")])
    >>> line = front(made, {"electricity": 1.0}, points=3, prices={"gas": 8.0, "coal": 3.0})
    >>> bool((np.diff(line.cost) < 0).all()), bool((np.diff(line.emissions) > 0).all())
    (True, True)
    """
    if not isinstance(points, int) or points < 2:
        raise InputError(
            f"a front needs a whole number of two points or more, not {points!r}",
            where="industry.front, points",
        )
    case = _case(site, demand, options)
    cheapest = _solved(Program(case), 0.0, None)
    program = Program(case, capped=True)
    program.cap(max(2 * abs(cheapest.emissions), 1.0))
    least = _optimal(program, program.carbon, None)
    # a hair of room, so that rounding does not close the least emissions off
    room = 1e-9 * max(abs(cheapest.emissions), abs(least))
    caps = np.linspace(least + room, max(cheapest.emissions, least + room), points)
    plans = []
    for cap in caps:
        program.cap(float(cap))
        plans.append(_solved(program, 0.0, float(cap)))
        if progress is not None:
            progress(len(plans), points)
    return Front(
        caps,
        np.array([p.cost for p in plans]),
        np.array([p.emissions for p in plans]),
        np.array([p.abatement_cost for p in plans]),
        tuple(plans),
    )


def sweep(
    site: Site,
    demand: Mapping[str, Number],
    *,
    carbon_prices: Iterable[float],
    **options: Unpack[Options],
) -> tuple[Plan, ...]:
    """Return the plan at each of several carbon prices.

    Parameters
    ----------
    site, demand
        As in :func:`plan`.
    carbon_prices : iterable of float
        Money per t CO2e, each at least zero.
    **options
        See :class:`Options`.

    Returns
    -------
    tuple of Plan
        One for each price, in the order given.

    Raises
    ------
    As :func:`plan`.

    Examples
    --------
    >>> from mriocarbon.industry.site import site
    >>> from mriocarbon.industry.steps import step
    >>> made = site([step("gas-power"), step("coal-power")])
    >>> prices = {"gas": 8.0, "coal": 3.0}
    >>> [round(p.emissions, 2) for p in sweep(made, {"electricity": 1.0}, prices=prices,
    ...     carbon_prices=(0.0, 100.0))]
    [0.79, 0.36]
    """
    levels = [_money(price, "carbon_prices", lower=0.0) for price in carbon_prices]
    program = Program(_case(site, demand, options))
    return tuple(_solved(program, price, None) for price in levels)


# solving


def _optimal(program: Program, objective: Any, cap: float | None) -> float:
    status = program.minimise(objective)
    if status == "optimal":
        return program.value
    if status == "unbounded":
        raise InputError(
            "the site would earn without end",
            where="industry.optimise, sales",
            do="give capacity= for its steps or supply= for what they take, or lower the price",
        )
    if status == "infeasible":
        relaxed = Program(program.case, capped=cap is not None, elastic=True)
        if cap is not None:
            relaxed.cap(cap)
        raise Infeasible(relaxed.conflict(), "industry.optimise")
    raise ConvergenceError(
        f"HiGHS stopped with {status!r}",
        where="industry.optimise",
        do="check for amounts many orders of magnitude apart",
    )


def _solved(program: Program, price: float, cap: float | None) -> Plan:
    _optimal(program, program.cost + price * program.carbon if price else program.cost, cap)
    case = program.case

    def total(variable: Any) -> float:
        return float(np.sum(variable.solution.values))

    levels = {name: total(x) for name, x in program.x.items()}
    bought = {good: total(v) for good, v in program.buy.items()}
    indirect = sum(
        float(np.sum(program.buy[g].solution.values * factor))
        for g, factor in case.carbon.items()
        if g in program.buy
    )
    process = sum(float(s.direct_process) * levels[s.name] for s in case.site.steps)
    fuel = sum(float(s.direct_fuel) * levels[s.name] for s in case.site.steps)
    wide = case.hours > 1
    return Plan(
        float(program.cost.solution.values),
        process + fuel + indirect,
        0.0 - program.dual("CO2 cap") if cap is not None else price,
        levels,
        bought,
        {good: total(v) for good, v in program.out.items()},
        process,
        fuel,
        indirect,
        {g: program.dual(f"demand for {g}") for g, v in case.demand.items() if np.ndim(v) == 0},
        _binding(program),
        {name: np.array(x.solution.values) for name, x in program.x.items()} if wide else {},
        {good: np.array(v.solution.values) for good, v in program.held.items()},
    )


def _binding(program: Program) -> tuple[str, ...]:
    found = [label for label in program.rows if program.moved(label) > 1e-9]
    # capacities are bounds of variables: at the bound is what can be said of them
    for name, (_, high) in program.case.capacity.items():
        if np.isfinite(high) and np.any(program.x[name].solution.values >= high * (1 - 1e-9)):
            found.append(f"capacity of {name}")
    return tuple(found)


# what is handed in


def _money(value: float, name: str, lower: float = -np.inf) -> float:
    if not np.isfinite(value) or value < lower:
        raise InputError(
            f"{name} is {value!r}", where=f"industry.optimise, {name}", do="give a finite number"
        )
    return float(value)


def _series(
    values: Mapping[str, Number], name: str, known: Iterable[str], hours: int, lower: float
) -> dict[str, Array]:
    found = {}
    for key, value in values.items():
        if key not in known:
            raise UnknownNameError.of("good of the site", key, known)
        numbers = np.array(value, dtype=np.float64)
        if numbers.ndim and numbers.shape != (hours,):
            raise InputError(
                f"{name} of {key} has shape {numbers.shape}, for {hours} hours",
                where=f"industry.optimise, {name}",
                do="give one number, or one for every hour, and hours=",
            )
        if not np.all(np.isfinite(numbers)) or np.any(numbers < lower):
            raise InputError(
                f"{name} of {key} is negative or not finite",
                where=f"industry.optimise, {name}",
                do="give finite numbers" + (" of at least zero" if lower == 0 else ""),
            )
        found[key] = numbers
    return found


def _case(site: Site, demand: Mapping[str, Number], options: Options) -> Case:
    unknown = set(options) - set(Options.__annotations__)
    if unknown:
        raise UnknownNameError.of("option", sorted(unknown)[0], Options.__annotations__)
    hours, goods = options.get("hours", 1), list(site.goods)
    if not isinstance(hours, int) or hours < 1:
        raise InputError(
            f"hours is {hours!r}", where="industry.optimise, hours", do="give 1 or more"
        )
    for one in site.steps:
        if any(np.ndim(v) for v in (*one.takes.values(), *one.gives.values(), one.direct)):
            raise InputError(
                f"step {one.name} holds draws, not single numbers",
                where="industry.optimise",
                do="build the steps at the medians, or optimise draw by draw",
            )
    wanted = _series(demand, "demand", goods, hours, 0.0)
    prices = _series(options.get("prices", {}), "prices", goods, hours, -np.inf)
    carbon = _series(options.get("embodied", {}), "embodied", goods, hours, -np.inf)
    if "electricity" in site.goods:
        grid = {"electricity": options.get("grid", 0.0)}
        carbon |= _series(grid, "grid", goods, hours, 0.0)
    made = {g for s in site.steps for g in (s.product, *s.gives)}
    bare = [g for g in goods if g not in made and g not in prices]
    if bare:
        raise InputError(
            f"no price for {listed(bare, 12)}",
            where="industry.optimise, prices",
            do="give prices= for what the site buys; 0 where it is free",
        )
    return Case(
        site,
        hours,
        wanted,
        prices,
        _series(options.get("sales", {}), "sales", goods, hours, -np.inf),
        {site.step(k).name: _money(v, f"cost of {k}") for k, v in options.get("cost", {}).items()},
        carbon,
        _capacity(site, options.get("capacity", {})),
        _amounts(site, options.get("supply", {}), "supply"),
        tuple(_share(site, s) for s in options.get("shares", ())),
        _amounts(site, options.get("stock", {}), "stock"),
    )


def _amounts(site: Site, given: Mapping[str, float], name: str) -> dict[str, float]:
    for good in given:
        if good not in site.goods:
            raise UnknownNameError.of("good of the site", good, site.goods)
    return {good: _money(most, f"{name} of {good}", lower=0.0) for good, most in given.items()}


def _capacity(
    site: Site, given: Mapping[str, float | tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    found = {}
    for name, bound in given.items():
        low, high = bound if isinstance(bound, tuple) else (0.0, bound)
        if not (0 <= low <= high):
            raise InputError(
                f"capacity of step {site.step(name).name} is {bound!r}",
                where="industry.optimise, capacity",
                do="give the most, or (least, most), of at least zero",
            )
        found[site.step(name).name] = (float(low), float(high))
    return found


def _share(site: Site, share: Share) -> Share:
    for good in (share.good, *share.of):
        if good not in site.goods:
            raise UnknownNameError.of("good of the site", good, site.goods)
    if len({site.goods[good] for good in share.of}) > 1:
        raise UnitError(
            f"{share.label} mixes units: {listed([f'{g} in {site.goods[g]}' for g in share.of])}",
            where="industry.optimise, shares",
            do="blend goods of one unit",
        )
    meant = [site.step(n) for n in share.steps] or list(site.steps)
    if share.good not in share.of or not (0 <= share.at_least <= share.at_most <= 1):
        raise InputError(
            f"{share.label} cannot lie between {share.at_least} and {share.at_most}",
            where="industry.optimise, shares",
            do="name the good among `of`, and bounds 0 <= at_least <= at_most <= 1",
        )
    if not any(good in one.takes for one in meant for good in share.of):
        raise InputError(
            f"{share.label}: none of {listed([s.name for s in meant])} takes any of them",
            where="industry.optimise, shares",
            do="name steps that do",
        )
    return share
