r"""Steps joined to a site: how much of each, what is bought and left, and the balance of the whole.

With :math:`x_j` units of step j, :math:`t_{cj}` and :math:`g_{cj}` what it takes and gives of a
good, :math:`s_j` its share in making its product and :math:`y` what leaves the site,

.. math::
    x_j = s_j \Bigl(y_{c(j)} + \sum_k (t_{c(j)k} - g_{c(j)k})\, x_k\Bigr)

Goods that no step makes are bought. Every good carries the same content wherever it flows, so that
the elements close over the site as they do over each step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mriocarbon.errors import InputError, UnitError, UnknownNameError, listed
from mriocarbon.industry.arrays import asarray, is_jax, namespace
from mriocarbon.industry.parameters import Array
from mriocarbon.industry.routes import factor_of_grid
from mriocarbon.industry.steps import FREE, Step
from mriocarbon.model.brief import brief

__all__ = ["Account", "Site", "site"]

_ALIKE = 1e-9


@dataclass(frozen=True, slots=True)
class Account:
    """What a site does for a demand.

    Attributes
    ----------
    levels : mapping of str to ndarray
        Units of product of each step.
    bought, left : mapping of str to ndarray
        Goods taken in, and goods and by-products that leave, in their units.
    process, fuel, electricity : mapping of str to ndarray
        Emissions of each step by scope, t CO2e; electricity is that which is bought.
    """

    levels: Mapping[str, Array]
    bought: Mapping[str, Array]
    left: Mapping[str, Array]
    process: Mapping[str, Array]
    fuel: Mapping[str, Array]
    electricity: Mapping[str, Array]

    __repr__ = brief

    @property
    def direct(self) -> Array:
        """Process and fuel of all steps, t CO2e."""
        return _sum((*self.process.values(), *self.fuel.values()))

    @property
    def indirect(self) -> Array:
        """Electricity bought, t CO2e."""
        return _sum(self.electricity.values())

    @property
    def total(self) -> Array:
        """All scopes, t CO2e."""
        return asarray(self.direct + self.indirect)


def _sum(values: Iterable[Array]) -> Array:
    return asarray(sum(values, asarray(0.0)))


@dataclass(frozen=True, slots=True)
class Site:
    """Steps that work together; made by `site`.

    Attributes
    ----------
    steps : tuple of Step
    goods : mapping of str to str
        Every good and its unit.
    makers : mapping of str to tuple of str
        The steps whose product a good is.
    """

    steps: tuple[Step, ...]
    goods: Mapping[str, str]
    makers: Mapping[str, tuple[str, ...]]

    __repr__ = brief

    def step(self, name: str) -> Step:
        """Return a step by its name."""
        for one in self.steps:
            if one.name == name:
                return one
        raise UnknownNameError.of("step of the site", name, [s.name for s in self.steps])

    def net(self, good: str, one: Step) -> Array:
        """What a unit of a step adds to a good on the site, less what it takes."""
        made = asarray(1.0 if one.product == good else 0.0)
        return asarray(made + one.gives.get(good, asarray(0.0)) - one.takes.get(good, asarray(0.0)))

    def account(
        self,
        demand: Mapping[str, float],
        *,
        split: Mapping[str, float | Array] | None = None,
        grid: Array | float = 0.0,
        checked: bool = True,
    ) -> Account:
        """Return the levels of all steps for a demand, purchases and emissions.

        Parameters
        ----------
        demand : mapping of str to float
            Goods that leave the site, in their units.
        split : mapping of str to float, optional
            Share of each step in making its product, where more than one makes it.
        grid : float or ndarray
            t CO2e per MWh of electricity bought.
        checked : bool
            Refuse a step that would run backwards; if not, its level is left below zero, for
            draws of which some are impossible.

        Raises
        ------
        InputError
            A demand or the grid is negative; shares do not add up to one; the steps feed one
            another in a circle that has no solution.
        UnknownNameError
            A good that no step makes.

        Examples
        --------
        >>> from mriocarbon.industry.steps import step
        >>> works = site([step("coke-oven"), step("sinter"), step("pellet"), step("pig-iron")])
        >>> done = works.account({"hot metal": 1.0}, grid=0.5)
        >>> round(float(done.levels["coke-oven"]), 3), 1.8 < float(done.total) < 2.1
        (0.427, True)
        """
        factor = factor_of_grid(grid, "site.account, grid")
        shares = self._shares(split or {})
        levels = self._levels(self._demand(demand), shares, checked)
        bought, left = {}, {}
        for good in self.goods:
            net = _sum(self.net(good, s) * levels[s.name] for s in self.steps)
            if self.makers.get(good) and not any(good in s.gives for s in self.steps):
                left[good] = asarray(demand.get(good, 0.0))
                continue
            xp = namespace(net)
            bought[good], left[good] = xp.maximum(-net, 0.0), xp.maximum(net, 0.0)
        drawn = {s.name: s.takes.get("electricity", asarray(0.0)) for s in self.steps}
        used = _sum(drawn[name] * levels[name] for name in drawn)
        xp = namespace(used)
        bought_power = bought.get("electricity")
        if bought_power is None:  # made here, to the last MWh
            bought_power = asarray(0.0)
        share = bought_power / xp.where(used > 0, used, 1.0)
        return Account(
            levels,
            bought,
            left,
            {s.name: asarray(s.direct_process * levels[s.name]) for s in self.steps},
            {s.name: asarray(s.direct_fuel * levels[s.name]) for s in self.steps},
            {n: asarray(drawn[n] * levels[n] * share * factor) for n in drawn},
        )

    def gap(self, done: Account, what: str) -> float:
        """Relative gap of an element or of energy between what enters the site and what leaves.

        Purchases, air and water on one side; goods, CO2, water and losses on the other.

        Examples
        --------
        >>> from mriocarbon.industry.steps import step
        >>> works = site([step("anode-baking"), step("electrolysis-cell")])
        >>> done = works.account({"aluminium": 1.0})
        >>> max(works.gap(done, e) for e in ("C", "Al", "O", "energy")) < 1e-9
        True
        """
        entering = leaving = 0.0
        for good, amount in done.bought.items():
            entering += float(amount) * self._held(good, what)
        for good, amount in done.left.items():
            leaving += float(amount) * self._held(good, what)
        for one in self.steps:
            level = float(done.levels[one.name])
            for flow in one.process.inputs:
                if flow.name in FREE:
                    entering += level * float(flow.content.get(what, 0.0))
            for flow in one.process.outputs:
                if flow.name in FREE:
                    leaving += level * float(flow.content.get(what, 0.0))
        return abs(entering - leaving) / max(abs(entering), 1e-12)

    def _held(self, good: str, what: str) -> float:
        for one in self.steps:
            held = one.content(good) if good in one.units else {}
            if what in held:
                return float(held[what])
        return 0.0

    def _demand(self, demand: Mapping[str, float]) -> Mapping[str, float]:
        for good, amount in demand.items():
            if good not in self.makers:
                raise UnknownNameError.of("good that a step makes", good, self.makers)
            if not np.isfinite(amount) or amount < 0:
                raise InputError(
                    f"demand for {good} is {amount}", where="site, demand", do="give at least zero"
                )
        return demand

    def _shares(self, split: Mapping[str, float | Array]) -> dict[str, Array]:
        for name in split:
            self.step(name)
        found: dict[str, Array] = {}
        for good, names in self.makers.items():
            own = [split.get(name, 1.0 if len(names) == 1 else 0.0) for name in names]
            total = sum(own)
            if not is_jax(total) and abs(float(np.max(np.abs(total - 1)))) > _ALIKE:
                raise InputError(
                    f"shares of {listed(names)} in making {good} add up to {total}, not to one",
                    where="site, split",
                    do="give split= with a share for each, or choose with optimise",
                )
            found |= {name: asarray(share) for name, share in zip(names, own, strict=True)}
        return found

    def _levels(
        self, demand: Mapping[str, float], shares: Mapping[str, Array], checked: bool
    ) -> dict[str, Array]:
        pulls = {  # what a unit of step k asks of step j
            (j.name, k.name): shares[j.name]
            * (k.takes.get(j.product, asarray(0.0)) - (k.gives.get(j.product, asarray(0.0))))
            for j in self.steps
            for k in self.steps
            if j.product in k.takes or j.product in k.gives
        }
        base = {s.name: shares[s.name] * demand.get(s.product, 0.0) for s in self.steps}
        order, circle = _order([s.name for s in self.steps], list(pulls))
        levels: dict[str, Array] = {}
        for group in order:
            here = {
                j: base[j]
                + _sum(v * levels[k] for (a, k), v in pulls.items() if a == j and k in levels)
                for j in group
            }
            if len(group) == 1 and (group[0], group[0]) not in pulls:
                levels[group[0]] = asarray(here[group[0]])
            else:
                levels |= _circle(group, here, pulls)
        for name, level in levels.items():
            if checked and not is_jax(level) and np.any(np.asarray(level) < -_ALIKE):
                raise InputError(
                    f"step {name} would run backwards: its product comes as a by-product or goes"
                    " round in a circle that needs more than it makes",
                    where=f"site, steps {listed(circle) if circle else name}",
                    do="check what the steps take of their own products",
                )
        return levels


def _circle(
    group: tuple[str, ...], here: Mapping[str, Array], pulls: Mapping[tuple[str, str], Array]
) -> dict[str, Array]:
    """Steps that feed one another, solved at once."""
    xp = namespace(*here.values(), *pulls.values())
    own = [[pulls.get((j, k), asarray(0.0)) for k in group] for j in group]
    shape = xp.broadcast_shapes(
        *(xp.shape(v) for row in own for v in row), *(xp.shape(here[j]) for j in group)
    )
    wide = [[xp.broadcast_to(v, shape) for v in row] for row in own]
    matrix = xp.eye(len(group)) - xp.stack([xp.stack(row, axis=-1) for row in wide], axis=-2)
    right = xp.stack([xp.broadcast_to(here[j], shape) for j in group], axis=-1)[..., None]
    if xp is np and np.any(np.abs(np.linalg.det(matrix)) < 1e-12):
        raise InputError(
            f"the circle of {listed(group)} has no solution: it makes no more than it takes",
            where="site",
            do="check what these steps take of one another's products",
        )
    found = xp.linalg.solve(matrix, right)[..., 0]
    return {j: found[..., i] for i, j in enumerate(group)}


def _order(
    names: list[str], edges: list[tuple[str, str]]
) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Groups of steps, consumers first; and the steps that stand in any circle."""
    reach = {name: {j for j, k in edges if k == name} for name in names}
    for middle in names:
        for name in names:
            if middle in reach[name]:
                reach[name] |= reach[middle]
    groups: list[tuple[str, ...]] = []
    for name in names:
        if not any(name in group for group in groups):
            circle = [o for o in names if o == name or (o in reach[name] and name in reach[o])]
            groups.append(tuple(circle))

    # a group stands behind all from which it is reached
    def before(group: tuple[str, ...]) -> int:
        return sum(group[0] in reach[name] for name in names if name not in group)

    groups.sort(key=before)
    return groups, tuple(n for g in groups if len(g) > 1 or g[0] in reach[g[0]] for n in g)


def site(steps: Iterable[Step]) -> Site:
    """Return the site of some steps, checked.

    Parameters
    ----------
    steps : iterable of Step
        From `mriocarbon.industry.step` or `custom_step`; each name once.

    Returns
    -------
    Site
        With every good that a step takes or makes, its unit, and who makes it.

    Raises
    ------
    InputError
        Two steps of one name, or a good that is not the same in two of them.
    UnitError
        A good that is counted in two units.

    Examples
    --------
    >>> from mriocarbon.industry.steps import step
    >>> sorted(site([step("coke-oven")]).goods)
    ['coke', 'coking-coal', 'electricity', 'tar', 'works gas']
    """
    every = tuple(steps)
    names = [one.name for one in every]
    if len(set(names)) < len(names):
        doubled = sorted({n for n in names if names.count(n) > 1})
        raise InputError(
            f"steps of the same name: {listed(doubled)}",
            where="site",
            do="give each a label of its own",
        )
    goods: dict[str, str] = {}
    makers: dict[str, tuple[str, ...]] = {}
    first: dict[str, Step] = {}
    for one in every:
        for good, unit in one.units.items():
            if goods.setdefault(good, unit) != unit:
                raise UnitError(
                    f"{good} is counted in {goods[good]} by {first[good].name} and in {unit} by"
                    f" {one.name}",
                    where=f"site, {one.name}",
                    do="use one unit",
                )
            _alike(good, first.setdefault(good, one), one)
        makers[one.product] = (*makers.get(one.product, ()), one.name)
    return Site(every, goods, makers)


def _alike(good: str, a: Step, b: Step) -> None:
    """Refuse a good that holds one thing where it is made and another where it is used."""
    if a is b:
        return
    left, right = a.content(good), b.content(good)
    for what in left.keys() & right.keys():
        if is_jax(left[what]) or is_jax(right[what]):
            continue
        gap = np.abs(left[what] - right[what]) / np.maximum(np.abs(left[what]), 1e-9)
        if not np.all((gap <= _ALIKE) | ~np.isfinite(gap)):
            raise InputError(
                f"{good} holds {float(np.ravel(left[what])[0]):.4g} {what} per unit in step"
                f" {a.name} and {float(np.ravel(right[what])[0]):.4g} in step {b.name}",
                where=f"site, {a.name} and {b.name}",
                do="build both steps with the same parameters, or give the good another name",
            )
