"""What is drawn: a process or a site with its origin, grid and parameters, as one function.

Given parameters at any deviates (numbers, arrays over draws, values that JAX traces), it returns
outputs, their units, and the margins of every law of the balances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.arrays import asarray, namespace
from mriocarbon.industry.chains import ROUTES
from mriocarbon.industry.parameters import (
    Array,
    Deviate,
    Parameter,
    Parameters,
    parameter,
    refuse_unread,
)
from mriocarbon.industry.processes import processes
from mriocarbon.industry.routes import grid as grid_of
from mriocarbon.industry.routes import known_origin
from mriocarbon.industry.site import site
from mriocarbon.industry.steps import Step, step

__all__ = ["Model", "Prepared", "Spread", "laws", "per", "prepared"]

Spread = float | tuple[float, float]
"""A value that is held, or (median, standard deviation on the scale of the parameter's form)."""


@dataclass(frozen=True)
class Model:
    """What is run; hashable, so that it is compiled once."""

    target: str
    steps: tuple[str, ...]
    demand: tuple[tuple[str, float], ...]
    split: tuple[tuple[str, float], ...]
    origin: str
    grid: tuple[float, float, str] | None
    given: tuple[tuple[str, Spread], ...]
    full: tuple[str, ...] = ()

    def parameters(self, z: Deviate, fixed: Mapping[str, Any] | None = None) -> Parameters:
        """The parameters at deviates, or at values that stand for them."""
        held: dict[str, Any] = {key: asarray(1.0) for key in self.full}
        for key, value in self.given:
            if isinstance(value, tuple):
                row = _row(key, self.origin, value)
                held[key] = row.at(z(row.key)) if row.sd else asarray(row.value)
            else:
                held[key] = value
        return Parameters(self.origin, z, held | dict(fixed or {}))

    def __call__(
        self, p: Parameters, check: bool = False
    ) -> tuple[dict[str, Array], dict[str, str], dict[str, Array]]:
        """Outputs, their units, and the margins of all laws."""
        made = [step(name, p=p) for name in self.steps]
        margins: dict[str, Array] = {}
        for one in made:
            if check:
                one.process.check()
            for (law, what), margin in one.process.margins().items():
                margins[f"{one.name}: {_TOLD[law]}{what}"] = margin
        factor = None
        if self.grid is not None:
            value, sd, key = self.grid
            xp_z = p.z(key) if sd else asarray(0.0)
            factor = asarray(value * namespace(xp_z).exp(sd * xp_z))
        if not self.demand:
            return (*_single(made[0], factor), margins)
        outputs, units, levels = self._site(made, factor)
        margins |= {f"{name}: would run backwards": level for name, level in levels.items()}
        return outputs, units, margins

    def _site(
        self, made: list[Step], factor: Array | None
    ) -> tuple[dict[str, Array], dict[str, str], Mapping[str, Array]]:
        works = site(made)
        done = works.account(
            dict(self.demand),
            split=dict(self.split),
            grid=asarray(0.0) if factor is None else factor,
            checked=False,
        )
        outputs: dict[str, Array] = {}
        units: dict[str, str] = {}
        sums = {"process": done.process, "fuel": done.fuel}
        for scope, parts in sums.items():
            outputs[scope] = asarray(sum(parts.values(), asarray(0.0)))
        outputs["direct"] = done.direct
        if factor is not None:
            outputs |= {"electricity": done.indirect, "total": done.total}
        units |= dict.fromkeys(outputs, "t CO2e")
        wanted = dict(self.demand)
        for sign, goods in (("takes", done.bought), ("gives", done.left)):
            for good, amount in goods.items():
                if sign == "takes" or good not in wanted:
                    outputs[f"{sign}: {good}"] = amount
                    units[f"{sign}: {good}"] = works.goods[good]
        for name, level in done.levels.items():
            outputs[f"level: {name}"] = level
            units[f"level: {name}"] = works.step(name).unit
        return outputs, units, done.levels


_TOLD = {
    "floor": "below its stoichiometric floor, ",
    "negative": "negative flow of ",
    "composition": "impossible composition of ",
    "nothing": "gives off more than it takes of ",
    "limit": "",
}


def _single(made: Step, factor: Array | None) -> tuple[dict[str, Array], dict[str, str]]:
    outputs = {"process": made.direct_process, "fuel": made.direct_fuel, "direct": made.direct}
    if factor is not None:
        power = made.takes.get("electricity", asarray(0.0))
        outputs["electricity"] = asarray(power * factor)
        outputs["total"] = asarray(made.direct + outputs["electricity"])
    units = dict.fromkeys(outputs, "t CO2e")
    for sign, goods in (("takes", made.takes), ("gives", made.gives)):
        outputs |= {f"{sign}: {good}": amount for good, amount in goods.items()}
        units |= {f"{sign}: {good}": made.units[good] for good in goods}
    return outputs, units


def _row(key: str, origin: str, value: tuple[float, float]) -> Parameter:
    name, _, what = key.partition(".")
    row = parameter(name, what, origin)
    form = row.form if row.form != "fixed" else "log"
    return replace(row, value=float(value[0]), sd=float(value[1]), form=form)


Prepared = tuple[Model, tuple[str, ...], dict[str, Array], dict[str, str], tuple[Parameter, ...]]


def prepared(
    target: str | Sequence[str],
    demand: Mapping[str, float] | None,
    split: Mapping[str, float] | None,
    origin: str,
    grid: Spread | None,
    parameters: Mapping[str, Spread] | Mapping[str, float] | None,
) -> Prepared:
    """The model, its factors, and one run at the medians that is checked by every law."""
    names, wanted, title = _meant(target, demand)
    known_origin(origin, "industry.simulate, origin")
    model = Model(
        title,
        names,
        tuple(sorted(wanted.items())),
        tuple(sorted((k, float(v)) for k, v in (split or {}).items())),
        origin,
        _grid(grid, origin),
        tuple(sorted((k, _spread(k, v)) for k, v in (parameters or {}).items())),
    )
    # a content of one that is spread by 10 % would be impossible in half of the draws
    first = model.parameters(lambda key: asarray(0.0))
    model(first)
    refuse_unread(
        first.unread(), [f"{r.process}.{r.name}" for r in first.used.values()], model.target
    )
    full = [
        f"{r.process}.{r.name}"
        for r in first.used.values()
        if r.value == 1 and r.form == "log" and r.unit == "t C/t"
    ]
    given = dict(model.given)
    model = replace(model, full=tuple(name for name in full if name not in given))
    seen: dict[str, None] = {}

    def recorder(key: str) -> Array:
        seen[key] = None
        return asarray(0.0)

    p = model.parameters(recorder)
    outputs, units, _ = model(p, check=True)
    return model, tuple(seen), outputs, units, tuple(p.used.values())


def _meant(
    target: str | Sequence[str], demand: Mapping[str, float] | None
) -> tuple[tuple[str, ...], dict[str, float], str]:
    if isinstance(target, str):
        if target in ROUTES:
            found = ROUTES[target]
            return found.steps, dict(demand or {found.good: 1.0}), target
        if target not in processes():
            raise UnknownNameError.of("process or route", target, (*processes(), *ROUTES))
        return (target,), dict(demand or {}), target
    if not demand:
        raise InputError(
            "a site needs a demand", where="industry.simulate, demand",
            do='say what leaves it, such as demand={"steel": 1.0}',
        )  # fmt: skip
    return tuple(target), dict(demand), " + ".join(target)


def _spread(key: str, value: Spread) -> Spread:
    parameter(*key.split(".", 1)) if "." in key else parameter(key, "")
    pair = value if isinstance(value, tuple) else (value, 0.0)
    if len(pair) != 2 or not all(np.isfinite(v) and v >= 0 for v in pair):
        raise InputError(
            f"{key} is {value!r}", where=f"industry.simulate, parameter {key}",
            do="give a number, or (median, sd), finite and of at least zero",
        )  # fmt: skip
    # the table's own bounds on the median, told with its unit
    Parameters("", lambda _: asarray(0.0), {key: float(pair[0])})
    return (float(pair[0]), float(pair[1])) if isinstance(value, tuple) else float(value)


def _grid(grid: Spread | None, origin: str) -> tuple[float, float, str] | None:
    if grid is None:
        if not origin:
            return None
        found = grid_of(origin)
        return found.value, found.log_sd, f"grid.{origin}"
    value, sd = grid if isinstance(grid, tuple) else (grid, 0.0)
    if not (np.isfinite(value) and value >= 0 and np.isfinite(sd) and sd >= 0):
        raise InputError(
            f"grid is {grid!r}", where="industry.simulate, grid",
            do="give t CO2e per MWh, or (median, log-sd)",
        )  # fmt: skip
    return float(value), float(sd), f"grid.{origin}" if origin else "grid"


def per(model: Model) -> str:
    if model.demand:
        return ", ".join(f"{amount:g} {good}" for good, amount in model.demand)
    made = step(model.steps[0], p=model.parameters(lambda key: asarray(0.0)))
    return f"{made.unit} {made.product}"


@lru_cache(maxsize=32)
def laws(model: Model) -> tuple[str, ...]:
    return tuple(model(model.parameters(lambda key: asarray(0.0)))[2])
