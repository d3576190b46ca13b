"""A process as a step of a site: what it takes and gives, by the names of goods as traded.

Fuel, ore, coke, hot metal, hydrogen: a flow of one step is the same good as a flow of that name in
another, with the same unit and the same content. Air and water are free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mriocarbon.errors import InputError, UnitError
from mriocarbon.industry.arrays import asarray, is_jax
from mriocarbon.industry.balance import MASSES, Flow, Process, close
from mriocarbon.industry.elements import complete, scopes
from mriocarbon.industry.flows import fuel
from mriocarbon.industry.parameters import Array, Parameters
from mriocarbon.industry.processes import process
from mriocarbon.industry.routes import known_origin
from mriocarbon.model.brief import brief

__all__ = ["FREE", "UNITS", "Step", "custom_step", "step"]

UNITS = ("t", "GJ", "MWh")
FREE = ("oxygen of air", "air", "water", "water vapour", "CO2", "losses")
"""Flows that are neither bought nor sold."""
_SAME = {"crude-steel": "steel", "unwrought-aluminium": "aluminium"}
_SAME["primary aluminium"] = "aluminium"
_FUELS = ("gas", "coal", "petcoke", "oil", "alternative")


@dataclass(frozen=True, slots=True)
class Step:
    """One process of a site, per unit of its product.

    Attributes
    ----------
    name : str
        Its name on the site, such as "bf-bof" or "kiln on petcoke".
    product, unit : str
        The good that it makes and its unit.
    process : Process
        The whole balance.
    takes, gives : mapping of str to ndarray
        Goods consumed, and by-products, per unit of product.
    units : mapping of str to str
        Unit of every good.
    direct_process, direct_fuel : ndarray
        Emissions by scope, t CO2e per unit of product; those of electricity belong to the site.
    """

    name: str
    product: str
    unit: str
    process: Process
    takes: Mapping[str, Array]
    gives: Mapping[str, Array]
    units: Mapping[str, str]
    direct_process: Array
    direct_fuel: Array

    __repr__ = brief

    @property
    def direct(self) -> Array:
        """Process and fuel emissions, t CO2e per unit of product."""
        return asarray(self.direct_process + self.direct_fuel)

    def content(self, good: str) -> dict[str, Array]:
        """What a unit of a good carries here, with the sum over flows of one name."""
        flows = [f for f in (*self.process.inputs, *self.process.outputs) if _name(f) == good]
        amount = sum((f.amount for f in flows), asarray(0.0))
        if not is_jax(amount) and not np.all(amount):
            return {}  # nothing of it flows: this step says nothing about what it holds
        held: dict[str, Array] = {}
        for flow in flows:
            for what, value in flow.content.items():
                held[what] = held.get(what, asarray(0.0)) + value
        return {what: asarray(value / amount) for what, value in held.items()}


def _name(flow: Flow) -> str:
    return _SAME.get(flow.name, flow.name)


def as_step(made: Process, name: str, gwp: Mapping[str, Array | float] | None = None) -> Step:
    """Return a closed process as a step."""
    product = made.outputs[0]
    takes: dict[str, Array] = {}
    gives: dict[str, Array] = {}
    units = {_name(product): product.unit}
    for flows, found in ((made.inputs, takes), (made.outputs[1:], gives)):
        for flow in flows:
            if flow.name not in FREE:
                good = _name(flow)
                found[good] = asarray(found.get(good, asarray(0.0)) + flow.amount)
                units[good] = flow.unit
    emitted = scopes(made, gwp=gwp)
    return Step(
        name,
        _name(product),
        product.unit,
        made,
        takes,
        gives,
        units,
        emitted.process,
        emitted.fuel,
    )


def step(
    name: str,
    *,
    label: str = "",
    origin: str = "",
    given: Mapping[str, float | Array] | None = None,
    electricity: float | None = None,
    p: Parameters | None = None,
) -> Step:
    """Return a process of the library as a step of a site, checked.

    Parameters
    ----------
    name : str
        One of :func:`mriocarbon.industry.processes`.
    label : str, optional
        Name on the site; give one where a process stands there more than once, with other fuel.
    origin : str
        ISO3 of the country whose parameters hold.
    given : mapping of str to float, optional
        Parameters to set, by ``process.name``. Those of other processes are left alone, so that all
        steps of a site can be given the same.
    electricity : float, optional
        MWh per tonne, where the table has no figure.
    p : Parameters, optional
        Parameters at hand, in place of `origin` and `given`; nothing is checked then.

    Returns
    -------
    Step
        Per unit of product: what it takes and gives, and t CO2e of process and fuel.

    Raises
    ------
    InputError
        Impossible values, or a process below its stoichiometric floor.
    UnknownNameError
        No such process or parameter, or a country that no table has.

    Examples
    --------
    >>> furnace = step("pig-iron")
    >>> furnace.product, sorted(furnace.takes)[:3], round(float(furnace.takes["coke"]), 2)
    ('hot metal', ['coke', 'electricity', 'injection-coal'], 0.37)
    """
    if p is None:
        known_origin(origin, "industry.step, origin")
    own = p or Parameters(origin, lambda key: asarray(0.0), given)
    made = complete(process(name, own), own, electricity=electricity)
    if p is None:
        made.check()
    weights = {gas: own("gwp", gas) for gas in made.gases}
    return as_step(made, label or name, weights)


Amount = tuple[float, str]


def custom_step(
    name: str,
    *,
    product: tuple[str, str],
    takes: Mapping[str, Amount],
    gives: Mapping[str, Amount] | None = None,
    content: Mapping[str, Mapping[str, float]] | None = None,
    burns: tuple[str, ...] = _FUELS,
    gases: Mapping[str, float] | None = None,
) -> Step:
    """Return a process of your own, closed by the same engine.

    Parameters
    ----------
    name : str
        Its name.
    product : (str, str)
        The good and its unit, "t", "GJ" or "MWh".
    takes, gives : mapping of str to (float, str)
        Amount and unit of each input and by-product, per unit of product. The fuels "gas",
        "coal", "petcoke", "oil" and "alternative" (in GJ) bring their carbon, electricity (in
        MWh) its energy.
    content : mapping of str to mapping of str to float, optional
        What a unit of any other good holds: "C", "Fe", "Ca", "Al", "H", "N", "O" in tonnes,
        "energy" in GJ; nothing if left out.
    burns : tuple of str
        Inputs whose carbon is of fuel; that of all others is of the process.
    gases : mapping of str to float, optional
        Other gases in tonnes: "N2O", "CF4", "C2F6".

    Returns
    -------
    Step
        Per unit of product: what it takes and gives, and t CO2e of process and fuel.

    Raises
    ------
    UnitError
        A unit is missing or is not one of the three.
    InputError
        A flow is negative; elements come from nothing or weigh more than the good; what it gives
        weighs more than what it takes (air and water have to be named where they enter a good).

    Examples
    --------
    >>> mill = custom_step("mill", product=("plate", "t"),
    ...     takes={"steel": (1.04, "t"), "gas": (1.3, "GJ"), "electricity": (0.1, "MWh")})
    >>> round(float(mill.direct_fuel), 4)
    0.0729
    """
    p = Parameters("", lambda key: asarray(0.0))
    known = content or {}

    def flow(good: str, given: object) -> Flow:
        amount, unit = _amount(name, good, given)
        held = {what: asarray(amount * share) for what, share in known.get(good, {}).items()}
        for what in held:
            if what not in (*MASSES, "energy"):
                raise InputError(
                    f"process {name}: {good} cannot hold {what!r}",
                    where=f"industry.custom_step, content of {good}",
                    do=f"name one of {', '.join((*MASSES, 'energy'))}",
                )
        use = "fuel" if good in burns else "feed"
        if good in _FUELS and good not in known:
            _unit_is(name, good, unit, "GJ")
            return fuel(p, good, asarray(amount), use)
        if good == "electricity":
            _unit_is(name, good, unit, "MWh")
            held = {"energy": asarray(3.6 * amount)}
        return Flow(good, asarray(amount), unit, held, use)

    inputs = [flow(good, given) for good, given in takes.items()]
    outputs = [flow(product[0], (1.0, product[1] if len(product) > 1 else ""))]
    outputs += [flow(good, given) for good, given in (gives or {}).items()]
    _weighed(name, inputs, outputs)
    power = sum((f.amount for f in inputs if f.name == "electricity"), asarray(0.0))
    made = close(
        name,
        product[0],
        inputs,
        outputs,
        electricity=power,
        gases={gas: asarray(mass) for gas, mass in (gases or {}).items()},
    )
    made.check()
    return as_step(made, name)


_LIGHTEST = 5.0
"""GJ/t: fuels in GJ weigh at most this much for what they burn (wet waste)."""


def _weighed(name: str, inputs: list[Flow], outputs: list[Flow]) -> None:
    """Refuse goods that weigh more than all that they are made of.

    A step that takes nothing by mass is let be: it draws on what is no good, such as a mine.
    """
    entering = sum(float(f.amount) for f in inputs if f.unit == "t")
    leaving = sum(float(f.amount) for f in outputs if f.unit == "t")
    burnt = sum(float(f.amount) for f in inputs if f.unit == "GJ") / _LIGHTEST
    if entering > 0 and leaving > (entering + burnt) * (1 + 1e-9):
        raise InputError(
            f"process {name} gives {leaving:g} t of goods and takes {entering:g} t"
            + (f" and fuel of at most {burnt:.3g} t" if burnt else ""),
            where=f"industry.custom_step, process {name}",
            do='name all that it takes; what comes from air or water as "air", "water" or'
            ' "oxygen of air", in t',
        )


def _unit_is(name: str, good: str, unit: str, wanted: str) -> None:
    if unit != wanted:
        raise UnitError(
            f"process {name}: {good} is counted in {wanted}, not in {unit}",
            where=f"industry.custom_step, {good}",
            do=f"convert it to {wanted}",
        )


def _amount(name: str, good: str, given: object) -> Amount:
    where = f"industry.custom_step, process {name}, {good}"
    pair = given if isinstance(given, tuple | list) and len(given) == 2 else None
    if pair is None or not isinstance(pair[1], str) or not pair[1]:
        raise UnitError(
            f"process {name}: {good} has no unit ({given!r})",
            where=where,
            do='give an amount and a unit, such as (1.04, "t")',
        )
    if pair[1] not in UNITS:
        raise UnitError(
            f"process {name}: unit {pair[1]!r} of {good} is not known",
            where=where,
            do=f"use one of {', '.join(UNITS)}",
        )
    amount = float(pair[0])
    if not np.isfinite(amount) or amount < 0:
        raise InputError(
            f"process {name} has a negative or no finite flow: {good}, {amount} {pair[1]}",
            where=where,
            do="inputs and by-products are positive; name what comes out in gives=",
        )
    return amount, pair[1]
