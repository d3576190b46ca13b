r"""Processes of heavy industry as unit processes of a life cycle: the same numbers, another form.

A step of :mod:`mriocarbon.industry` becomes a process with all that it takes and gives; its CO2 is
split by scope (fuel, process) and by the origin of its carbon, and what is lost is written down, so
that elements and energy close over the exchanges as they do over the step.

Spread of an exchange, from the parameters behind it: with :math:`a` its amount and :math:`z_k` the
standard normal of factor k,

.. math:: s^2 = \sum_k \Bigl(\frac{\ln a(z_k=\sqrt 3) - \ln a(z_k=-\sqrt 3)}{2\sqrt 3}\Bigr)^2

Exchanges are drawn on their own by :mod:`mriocarbon.lca.montecarlo`: coke and the CO2 of coke do
not move together there. :func:`mriocarbon.industry.simulate.simulate` keeps the balance in every
draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.arrays import asarray
from mriocarbon.industry.balance import CO2_PER_C, MASSES
from mriocarbon.industry.parameters import Array, Parameters
from mriocarbon.industry.steps import Step, step
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.uncertainty import Uncertainty

__all__ = ["all_to_product", "process_of", "spec_of"]

_GASES = {
    "N2O": ("Dinitrogen monoxide", "10024-97-2"),
    "CF4": ("Methane, tetrafluoro-, CFC-14", "75-73-0"),
    "C2F6": ("Ethane, hexafluoro-, HFC-116", "76-16-4"),
}
_NATURE = {
    # flow: direction, elementary flow, compartment
    "oxygen of air": ("in", "Oxygen", "resource/in air"),
    "air": ("in", "Nitrogen", "resource/in air"),
    "water": ("in", "Water", "resource/in water"),
    "water vapour": ("out", "Water", "emission/air"),
}
_TO_TREAT = ("dust", "captured CO2")
"""By-products that want a treatment: landfill, transport and storage."""
_CO2 = "124-38-9"
_SOURCE = "mass and energy balance of mriocarbon.industry"
_STEP = math.sqrt(3)


@dataclass(frozen=True, slots=True)
class _Line:
    """An exchange before its spread is known; `amount` is over the nudges."""

    exchange: Exchange
    amount: Array


def process_of(
    target: str | Step,
    *,
    name: str = "",
    origin: str = "",
    given: Mapping[str, float] | None = None,
    electricity: float | None = None,
    location: str = "",
    stage: str = "",
    providers: Mapping[str, str] | None = None,
    biogenic: Mapping[str, float] | None = None,
) -> Process:
    """Return a process of the library, or a step of a site, as a unit process.

    Parameters
    ----------
    target : str or Step
        Name of a process (:func:`mriocarbon.industry.processes`), with the spread of its
        parameters; or a step as it is, whose exchanges carry no spread.
    name : str, optional
        Name of the unit process; that of the step if left out.
    origin, given, electricity
        As :func:`mriocarbon.industry.step`; for a name only.
    location, stage : str, optional
    providers : mapping of str to str, optional
        Process that an input comes from, by good.
    biogenic : mapping of str to float, optional
        Share of the carbon of an input that is biogenic, by good: 1.0 for charcoal. The carbon
        was taken from the air upstream, so no removal is written here.

    Returns
    -------
    Process
        A unit of the step's product: inputs and by-products in t, GJ or MWh with properties
        ``"mass"`` (kg), ``"energy"`` (MJ), ``"C"``, ``"Fe"`` ... (kg) per unit; CO2 of fuel and
        of the process, other gases; air, water, waste heat and what is lost. Fuels in GJ have no
        mass, since their ash is not known. Capture of CO2 leaves as waste to be stored.

    Raises
    ------
    InputError
        As :func:`mriocarbon.industry.step`; a share that is none; arguments that a finished step
        does not take.
    UnknownNameError
        A provider or a biogenic share for a good that the step does not take.

    Examples
    --------
    >>> kiln = process_of("clinker-grey", location="DEU")
    >>> kiln.product, kiln.unit, round(kiln.total("Carbon dioxide, fossil", "kg", direction="out"))
    ('clinker', 't', 827)
    """
    if isinstance(target, Step):
        if origin or given or electricity is not None:
            raise InputError(
                "origin, given and electricity belong to the making of a step",
                where="process_of", do="give them to industry.steps.step, or give a name here",
            )  # fmt: skip
        made, spread, source = target, {}, _SOURCE
    else:
        made = step(target, origin=origin, given=given, electricity=electricity)
        wide, count = _nudged(target, origin, given, electricity)
        spread = {
            _key(line.exchange): width
            for line in _lines(wide, {}, {}, "")
            if (width := _spread(line.amount, count)) is not None
        }
        source = f"{_SOURCE}: {target}" + (f", {origin}" if origin else "")
    _known(made, providers, biogenic)
    lines = _lines(made, providers or {}, biogenic or {}, source)
    found = tuple(
        replace(line.exchange, uncertainty=spread.get(_key(line.exchange)))
        for line in lines
        if line.exchange.amount != 0
    )
    product = made.process.outputs[0]
    return Process(
        name or made.name,
        made.product,
        1.0,
        made.unit,
        found,
        location=location or origin,
        stage=stage,
        source=source,
        properties=_properties(
            product.unit, float(product.amount), product.content, made.process.elements()
        ),
        category="industry",
    )


def all_to_product(processes: Iterable[Process]) -> dict[str, dict[str, float]]:
    """Shares that leave by-products without a burden, for ``System.of(allocation=...)``.

    This is how :meth:`mriocarbon.industry.site.Site.account` counts.

    Examples
    --------
    >>> all_to_product([process_of("coke-oven")])["coke-oven"]
    {'coke': 1.0, 'tar': 0.0, 'works gas': 0.0}
    """
    found = {}
    for one in processes:
        others = {e.flow: 0.0 for e in one.co_products if e.flow != one.product}
        if others:
            found[one.name] = {one.product: 1.0, **others}
    return found


def spec_of(process: Process) -> dict[str, object]:
    """Return a unit process in the form of a study's foreground (`goal.ProcessSpec`), for YAML.

    Parameters
    ----------
    process : Process

    Returns
    -------
    dict

    Examples
    --------
    >>> spec = spec_of(process_of("gas-power"))
    >>> spec["name"], sorted(spec["inputs"][0])[:3]
    ('gas-power', ['amount', 'flow', 'gsd2'])
    """
    groups = {
        ("technosphere", "in"): "inputs",
        ("technosphere", "out"): "co_products",
        ("biosphere", "in"): "resources",
        ("biosphere", "out"): "emissions",
        ("waste", "out"): "waste",
        ("waste", "in"): "treats",
    }
    found: dict[str, object] = {
        "name": process.name, "product": process.product, "amount": process.amount,
        "unit": process.unit, "location": process.location, "stage": process.stage,
        "source": process.source, "properties": dict(process.properties),
    }  # fmt: skip
    lists: dict[str, list[dict[str, object]]] = {}
    for e in process.exchanges:
        line: dict[str, object] = {"flow": e.flow, "amount": e.amount, "unit": e.unit}
        for what, value in (
            ("provider", e.provider), ("compartment", e.compartment), ("carbon", e.carbon),
            ("source", e.source), ("properties", dict(e.properties)),
        ):  # fmt: skip
            if value:
                line[what] = value
        if e.uncertainty is not None and e.uncertainty.kind == "lognormal":
            line["gsd2"] = math.exp(2 * e.uncertainty.spread)
        lists.setdefault(groups[e.kind, e.direction], []).append(line)
    return {k: v for k, v in found.items() if v} | lists


# the exchanges


def _key(e: Exchange) -> tuple[str, ...]:
    return e.flow, e.kind, e.direction, e.category


def _lines(
    made: Step, providers: Mapping[str, str], biogenic: Mapping[str, float], source: str
) -> list[_Line]:
    """Every exchange of a step; arrays over nudges where the step holds such."""
    lines: list[_Line] = []
    balanced = made.process.elements()

    def add(flow: str, amount: Array, unit: str, kind: str, direction: str, **more: object) -> None:
        first = float(np.ravel(amount)[0])
        made_ = Exchange(flow, first, unit, kind, direction, source=source, **more)  # type: ignore[arg-type]
        lines.append(_Line(made_, np.asarray(amount)))

    for good, amount in made.takes.items():
        held = _properties(made.units[good], 1.0, made.content(good), balanced)
        add(good, amount, made.units[good], "technosphere", "in",
            provider=providers.get(good, ""), properties=held)  # fmt: skip
    for good, amount in made.gives.items():
        if good in _GASES:
            continue  # leaves as an emission
        kind = "waste" if good in _TO_TREAT else "technosphere"
        held = _properties(made.units[good], 1.0, made.content(good), balanced)
        add(good, amount, made.units[good], kind, "out", properties=held)
    for flow in (*made.process.inputs, *made.process.outputs):
        if flow.name in _NATURE:
            direction, elementary, compartment = _NATURE[flow.name]
            amount = np.ravel(flow.amount)[0]
            held = _properties("t", float(amount), flow.content, balanced) if amount else {}
            add(elementary, flow.amount, "t", "biosphere", direction, compartment=compartment,
                properties=held)  # fmt: skip
    _carbon(made, biogenic, add)
    nitrogen = {f.name: f for f in made.process.outputs if f.name in _GASES}
    for gas, mass in made.process.gases.items():
        named, cas = _GASES[gas]
        known = nitrogen.get(gas)
        held = {} if known is None else _properties("t", float(np.ravel(mass)[0]), known.content)
        add(named, mass, "t", "biosphere", "out", compartment="emission/air", cas=cas,
            properties=held)  # fmt: skip
    _lost(made, add)
    return lines


def _carbon(made: Step, biogenic: Mapping[str, float], add: object) -> None:
    emitted = asarray(made.process.output("CO2").content["C"] * CO2_PER_C)
    parts = {"fuel": made.direct_fuel, "process": asarray(emitted - made.direct_fuel)}
    for scope, mass in parts.items():
        if not np.any(np.abs(mass) > 1e-15):
            continue
        share = _biogenic_share(made, scope, biogenic)
        for origin, part in (("fossil", 1 - share), ("biogenic", share)):
            if part:
                held = {"mass": 1000.0, "C": 1000.0 / CO2_PER_C}
                # oxygen is balanced where water is
                if "O" in made.process.elements():
                    held["O"] = 1000.0 * (1 - 1 / CO2_PER_C)
                add(f"Carbon dioxide, {origin}", asarray(mass * part), "t", "biosphere", "out",
                    compartment="emission/air", cas=_CO2, carbon=origin, category=scope,
                    properties=held)  # type: ignore[operator]  # fmt: skip


def _biogenic_share(made: Step, scope: str, biogenic: Mapping[str, float]) -> float:
    use = "fuel" if scope == "fuel" else "feed"
    flows = [f for f in made.process.inputs if f.use == use]
    carbon = {f.name: float(np.ravel(f.content.get("C", 0.0))[0]) for f in flows}
    total = sum(carbon.values())
    return sum(carbon.get(g, 0.0) * s for g, s in biogenic.items()) / total if total else 0.0


def _lost(made: Step, add: object) -> None:
    """Waste heat, and elements that are in no product: slag, dust, off-gas nitrogen."""
    content = dict(made.process.output("losses").content)
    heat = content.pop("energy", asarray(0.0))
    add("Heat, waste", heat, "GJ", "biosphere", "out", compartment="emission/air",
        properties={"energy": 1000.0})  # type: ignore[operator]  # fmt: skip
    mass = sum((asarray(content[m]) for m in MASSES if m in content), asarray(0.0))
    first = float(np.ravel(mass)[0])
    if abs(first) > 1e-12:
        balanced = made.process.elements()
        held = {
            m: 1000.0 * float(np.ravel(content.get(m, 0.0))[0]) / first
            for m in MASSES
            if m in balanced
        }
        add("Residues, of process", mass, "t", "biosphere", "out", compartment="emission/ground",
            properties={"mass": 1000.0, **held})  # type: ignore[operator]  # fmt: skip


def _properties(
    unit: str, amount: float, content: Mapping[str, Array], balanced: tuple[str, ...] = ()
) -> dict[str, float]:
    """kg and MJ per unit of a flow; what the process balances and the flow does not hold is 0."""
    if not amount:
        return {}
    found = {"mass": 1000.0} if unit == "t" else {}
    found |= dict.fromkeys((m for m in MASSES if m in balanced), 0.0)
    for what, value in content.items():
        if what in (*MASSES, "energy"):
            found[what] = 1000.0 * float(np.ravel(value)[0]) / amount
    return {what: value for what, value in found.items() if np.isfinite(value)}


def _known(
    made: Step, providers: Mapping[str, str] | None, biogenic: Mapping[str, float] | None
) -> None:
    for good in (*(providers or {}), *(biogenic or {})):
        if good not in made.takes:
            raise UnknownNameError.of(f"input of process {made.name}", good, made.takes)
    for good, share in (biogenic or {}).items():
        if not 0 <= share <= 1:
            raise InputError(
                f"biogenic share of {good} is {share!r}", where=f"process {made.name}",
                do="give a share between 0 and 1",
            )  # fmt: skip


# spread


def _nudged(
    name: str, origin: str, given: Mapping[str, float] | None, electricity: float | None
) -> tuple[Step, int]:
    """The step over nudges: the median, then each factor up and down by sqrt(3)."""
    keys: dict[str, int] = {}

    def recorder(key: str) -> Array:
        keys.setdefault(key, len(keys))
        return asarray(0.0)

    step(name, p=Parameters(origin, recorder, given), electricity=electricity)
    width = 1 + 2 * len(keys)

    def nudge(key: str) -> Array:
        z = np.zeros(width)
        z[1 + 2 * keys[key]], z[2 + 2 * keys[key]] = _STEP, -_STEP
        return z

    return step(name, p=Parameters(origin, nudge, given), electricity=electricity), width


def _spread(amount: Array, width: int) -> Uncertainty | None:
    if amount.ndim == 0 or amount[0] == 0:
        return None
    wide = np.broadcast_to(amount, (width,))
    up, down = wide[1::2], wide[2::2]
    if np.all(wide > 0):
        slopes = (np.log(up) - np.log(down)) / (2 * _STEP)
        sd = float(np.sqrt(np.sum(slopes**2)))
    else:  # a remainder that may vanish has no logarithm: as wide as it is about its median
        relative = (up - down) / (2 * _STEP) / wide[0]
        sd = float(np.sqrt(np.log1p(np.sum(relative**2))))
    return Uncertainty("lognormal", sd) if sd > 1e-9 else None
