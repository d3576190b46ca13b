r"""The linear program of a site: variables, balances and limits, built with linopy for HiGHS.

.. math::
    \min \sum_{t} \Bigl(\sum_j k_j x_{jt} + \sum_c p_{ct} b_{ct} - \sum_c r_{ct} o_{ct}\Bigr)
    \quad \text{s.t.} \quad \sum_j n_{cj} x_{jt} + b_{ct} - o_{ct} = s_{ct} - s_{c,t-1}

with x levels of steps, b purchases, o what leaves, s stocks, n what a step adds to a good. Goods
that hang on the hour (made and used on the site, with prices by the hour or a stock) are balanced
in every hour, all others over the period, which is the same and smaller.

With `elastic`, every limit may be broken at a cost: what then carries a dual is what cannot hold
together (the dual of the relaxed program is a certificate of Farkas).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from mriocarbon.errors import InputError, NotAvailableError, nothing_printed
from mriocarbon.industry.parameters import Array
from mriocarbon.industry.site import Site

__all__ = ["Case", "Program", "Share"]

_MANY = 5000
"""Variables from which on the interior point method comes first."""


@dataclass(frozen=True, slots=True)
class Share:
    """Bounds on one good's share of what is taken of several, over the period: a blend.

    Attributes
    ----------
    good : str
        Such as "scrap" or "petcoke".
    of : tuple of str
        All goods of the blend, `good` among them, in one unit.
    at_least, at_most : float
        Between 0 and 1.
    steps : tuple of str
        The steps meant; all if empty.
    """

    good: str
    of: tuple[str, ...]
    at_least: float = 0.0
    at_most: float = 1.0
    steps: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How it is named where it binds."""
        return f"share of {self.good} in {' + '.join(self.of)}"


@dataclass(frozen=True, slots=True)
class Case:
    """A site with checked numbers, each price by the hour; made by :mod:`optimise`."""

    site: Site
    hours: int
    demand: Mapping[str, Array]
    prices: Mapping[str, Array]
    sales: Mapping[str, Array]
    cost: Mapping[str, float]
    carbon: Mapping[str, Array]
    capacity: Mapping[str, tuple[float, float]]
    supply: Mapping[str, float]
    shares: tuple[Share, ...]
    stock: Mapping[str, float]

    def by_hour(self, good: str) -> bool:
        """Whether a good must balance in every hour."""
        if self.hours == 1:
            return False
        said = (self.demand, self.prices, self.sales, self.carbon)
        if good in self.stock or any(np.size(m.get(good, 0.0)) > 1 for m in said):
            return True
        made = any(good == s.product or good in s.gives for s in self.site.steps)
        return made and any(good in s.takes for s in self.site.steps)


@contextmanager
def _quiet() -> Iterator[None]:
    log = logging.getLogger("linopy")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


@cache
def _greeted() -> None:
    """Let HiGHS print its greeting where it does no harm.

    It prints it on standard output as the first solver of a process is made, before any option
    can say that it should not.
    """
    import highspy

    with nothing_printed():
        highspy.Highs()  # type: ignore[no-untyped-call]


def solver() -> Any:
    """Return linopy, or say how it is installed.

    Raises
    ------
    NotAvailableError
        linopy or HiGHS is missing.
    """
    try:
        import linopy

        _greeted()
    except ImportError as error:
        raise NotAvailableError.extra(
            "opt",
            f"optimisation needs linopy and HiGHS ({error.name} is missing)",
            where="industry.optimise",
        ) from None
    return linopy


class Program:
    """The program of a case; solved again and again with other objectives and caps.

    Parameters
    ----------
    case : Case
    capped : bool
        Whether emissions may be bounded.
    elastic : bool
        Whether limits may be broken, with the sum of the breaches as the objective.
    """

    def __init__(self, case: Case, *, capped: bool = False, elastic: bool = False) -> None:
        import pandas as pd
        import xarray as xr

        self.case, self.elastic = case, elastic
        self.m = solver().Model()
        self._hours = pd.RangeIndex(case.hours, name="hour")
        self._array = xr.DataArray
        self.rows: dict[str, list[str]] = {}
        self.breach: dict[str, Any] = {}
        self.scale: dict[str, float] = {}
        self.x: dict[str, Any] = {}
        self.buy: dict[str, Any] = {}
        self.out: dict[str, Any] = {}
        self.held: dict[str, Any] = {}
        self._count = 0
        self._levels()
        for good in case.site.goods:
            self._good(good)
        self.cost, self.carbon = self._cost(), self._carbon()
        self._limits()
        if capped:
            self.cap(0.0)

    # variables and balances

    def _variable(self, wide: bool, upper: float = np.inf, lower: float = 0.0) -> Any:
        self._count += 1
        coords = [self._hours] if wide else None
        return self.m.add_variables(lower=lower, upper=upper, coords=coords, name=f"v{self._count}")

    def _total(self, variable: Any) -> Any:
        return variable.sum() if "hour" in variable.dims else 1 * variable

    def _weighed(self, variable: Any, weight: Any) -> Any:
        """Sum over the hours of weight times variable."""
        value = np.asarray(weight, dtype=np.float64)
        if value.ndim and "hour" in variable.dims:
            return (variable * self._array(value, dims="hour", coords={"hour": self._hours})).sum()
        return float(value) * self._total(variable)

    def _levels(self) -> None:
        for one in self.case.site.steps:
            low, high = self.case.capacity.get(one.name, (0.0, np.inf))
            bound = (0.0, np.inf) if self.elastic else (low, high)
            wide = self.case.hours > 1
            self.x[one.name] = self._variable(wide, bound[1], bound[0])
            if self.elastic and np.isfinite(high):
                self.limit(f"capacity of {one.name}", self.x[one.name], "<=", high)
            if self.elastic and low > 0:
                self.limit(f"least load of {one.name}", self.x[one.name], ">=", low)

    def _good(self, good: str) -> None:
        case, site = self.case, self.case.site
        wide = case.by_hour(good)
        terms = []
        for one in site.steps:
            net = float(site.net(good, one))
            if net != 0:
                level = self.x[one.name]
                terms.append(net * level if wide else net * self._total(level))
        if good in case.prices:
            self.buy[good] = self._variable(wide)
            terms.append(1 * self.buy[good])
        # a by-product may always leave; a main product only where it is asked for or sold
        free = any(good in one.gives for one in site.steps)
        if free or good in case.demand or good in case.sales:
            self.out[good] = self._variable(wide)
            terms.append(-1 * self.out[good])
        if good in case.stock:
            size = np.inf if self.elastic else case.stock[good]
            held = self.held[good] = self._variable(True, size)
            if self.elastic:
                self.limit(f"stock of {good}", held, "<=", case.stock[good])
            # the last hour hands on to the first: nothing is drawn from an unpaid store
            terms += [-1 * held, 1 * held.roll(hour=1)]
        if terms:
            self.m.add_constraints(sum(terms[1:], terms[0]) == 0, name=f"balance of {good}")

    # limits

    def limit(self, label: str, left: Any, sign: str, right: Any) -> None:
        """Add a limit that is named where it binds."""
        if self.elastic:
            scale = float(np.max(np.abs(right), initial=0.0)) or 1.0
            if label not in self.breach:
                self.breach[label], self.scale[label] = self._variable(False), scale
            gap = self.breach[label]
            left = left - gap if sign == "<=" else left + gap
        name = f"{label} {sign}"
        if np.ndim(right):
            right = self._array(np.asarray(right), dims="hour", coords={"hour": self._hours})
        made = left <= right if sign == "<=" else left >= right
        self.m.add_constraints(made, name=name)
        self.rows.setdefault(label, []).append(name)

    def _limits(self) -> None:
        case = self.case
        for good, amount in case.demand.items():
            if np.size(amount) > 1:
                self.limit(f"demand for {good}", self.out[good], ">=", amount)
            elif float(amount) > 0:
                whole = self._total(self.out[good])
                self.limit(f"demand for {good}", whole, ">=", float(amount))
        for good, most in case.supply.items():
            if good in self.buy:
                self.limit(f"supply of {good}", self._total(self.buy[good]), "<=", most)
        for share in case.shares:
            for sign, bound in (("<=", share.at_most), (">=", share.at_least)):
                trivial = bound >= 1 if sign == "<=" else bound <= 0
                if not trivial:
                    self.limit(share.label, self._blend(share, bound), sign, 0.0)

    def _blend(self, share: Share, bound: float) -> Any:
        terms = []
        for one in self.case.site.steps:
            if share.steps and one.name not in share.steps:
                continue
            taken = sum(float(one.takes.get(good, 0.0)) for good in share.of)
            weight = float(one.takes.get(share.good, 0.0)) - bound * taken
            if taken:
                terms.append(weight * self._total(self.x[one.name]))
        return sum(terms[1:], terms[0])

    def cap(self, most: float) -> None:
        """Bound the emissions of the period, t CO2e."""
        if "CO2 cap" not in self.rows:
            self.limit("CO2 cap", self.carbon, "<=", most)
        else:
            self.m.constraints["CO2 cap <="].update(rhs=most)
        if self.elastic:
            self.scale["CO2 cap"] = abs(most) or 1.0

    # objectives

    def _cost(self) -> Any:
        case = self.case
        parts = [float(case.cost.get(n, 0.0)) * self._total(x) for n, x in self.x.items()]
        parts += [self._weighed(self.buy[good], case.prices[good]) for good in self.buy]
        parts += [-1 * self._weighed(self.out[g], case.sales[g]) for g in case.sales]
        return sum(parts[1:], parts[0])

    def _carbon(self) -> Any:
        site = self.case.site
        parts = [float(s.direct) * self._total(self.x[s.name]) for s in site.steps]
        for good, factor in self.case.carbon.items():
            if good in self.buy:
                parts.append(self._weighed(self.buy[good], factor))
        return sum(parts[1:], parts[0])

    def minimise(self, objective: Any, **options: Any) -> str:
        """Solve; returns "optimal", "infeasible", "unbounded" or what else HiGHS says."""
        self.m.add_objective(objective, overwrite=True)
        # many hours: an interior point with crossover ends at the same vertex, far sooner
        tried = [{"solver": "ipm"}, {}] if int(self.m.nvars) > _MANY else [{}]
        status = ""
        for own in tried:
            with _quiet():
                _, status = self.m.solve(
                    "highs",
                    io_api="direct",
                    progress=False,
                    output_flag=False,
                    **(own | options),
                )
            if status == "optimal":
                break
        return "infeasible" if status == "infeasible_or_unbounded" else str(status)

    @property
    def value(self) -> float:
        """Value of the objective."""
        return float(self.m.objective.value)

    def dual(self, label: str) -> float:
        """Change of the objective per unit of a limit, summed over its rows and hours."""
        names = self.rows.get(label, [])
        return float(sum(np.sum(self.m.constraints[name].dual.values) for name in names))

    def moved(self, label: str) -> float:
        """Largest dual of a limit in absolute value: zero where it does not bind."""
        names = self.rows[label]
        return max(float(np.max(np.abs(self.m.constraints[n].dual.values))) for n in names)

    # what cannot hold together

    def conflict(self) -> dict[str, float]:
        """Limits that cannot hold together, with the breach of each that would do.

        One relaxed solve gives the candidates (those with a dual); one more for each of them
        strikes out what is not needed, so that none is left that could go.
        """
        if not self.elastic:
            raise InputError("conflicts are found on a relaxed program", where="industry.program")

        def solved(names: list[str]) -> float:
            parts = [(1.0 / self.scale[n]) * self.breach[n] for n in names]
            if self.minimise(sum(parts[1:], parts[0])) != "optimal":
                return 0.0
            return self.value

        every = list(self.breach)
        if not every or solved(every) < 1e-9:
            return {}
        breach = {n: float(self.breach[n].solution) for n in every}
        kept = [n for n in every if self.moved(n) > 1e-10] or every
        for name in list(kept):
            rest = [n for n in kept if n != name]
            if rest and solved(rest) > 1e-9:
                kept = rest
        return {n: breach[n] for n in kept}
