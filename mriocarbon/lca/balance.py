r"""Balances of mass, carbon and energy of a process, as far as its data tell (ISO 14044, 4.3.3.2).

Every exchange holds an amount of the quantity that is known, or lies between bounds: what has a
mass and no stated carbon holds between nothing and its mass. With the sums of both sides

.. math:: E \in [E_{lo}, E_{hi}], \qquad L \in [L_{lo}, L_{hi}]

a balance is closed if no values within the bounds differ by more than the tolerance, open if none
agree, and skipped if the data cannot tell; what is missing is named. Oxygen that burning takes from
the air is seldom in an inventory: where no air or oxygen is an input, mass may be short of the
oxygen in the gases given off. Energy may be lost: waste heat is seldom listed, so it is open only
if more leaves than enters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mriocarbon.lca.gases import gas_of
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.system import Flow
from mriocarbon.lca.units import compatible, convert

__all__ = ["QUANTITIES", "Balance", "balances", "wastes_of"]

QUANTITIES = ("mass", "carbon", "energy")
_UNITS = {"mass": "kg", "carbon": "kg", "energy": "MJ"}
_PROPERTY = {"mass": "mass", "carbon": "C", "energy": "energy"}
_C, _O = 12.011, 15.999
_CARBON = {"CO2": _C / (_C + 2 * _O), "CH4": _C / 16.043, "CO": _C / (_C + _O),
           "CF4": _C / 88.004, "C2F6": 2 * _C / 138.01}  # fmt: skip
_OXYGEN = {"CO2": 2 * _O / (_C + 2 * _O), "CO": _O / (_C + _O), "N2O": _O / 44.013}
_OXYGEN_NAMED = (
    (re.compile(r"^(?:sul(?:ph|f)ur (?:di)?oxides?|SO2|SOx)\b", re.IGNORECASE), 2 * _O / 64.066),
    (re.compile(r"^(?:nitrogen (?:di)?oxides?|NO2|NOx)\b", re.IGNORECASE), 2 * _O / 46.006),
    (re.compile(r"^(?:water|steam)\b.*vapou?r|^water$", re.IGNORECASE), _O / 18.015),
)
_MONOXIDE = re.compile(r"^(?:carbon monoxide|CO)\b", re.IGNORECASE)
_AIR = re.compile(r"^(?:air|oxygen|O2)\b", re.IGNORECASE)
_WEIGHTLESS = re.compile(
    r"\b(?:electricity|electric energy|power|heat|steam energy|cooling|work|transport|service|"
    r"insurance|repair|land|occupation|transformation|noise|radioactive|energy)\b",
    re.IGNORECASE,
)
_BURNING = re.compile(r"\b(?:combust(?:ed|ion)|incinerat(?:ed|ion))\b", re.IGNORECASE)
"""Services measured by the mass of what they burn, which is an input of its own."""
_NO_CARBON = re.compile(
    r"^(?:water|oxygen|nitrogen|air|hydrogen|steam|argon|ammonia|"
    r"sul(?:ph|f)uric acid|sul(?:ph|f)ur|nitrogen oxides?|sul(?:ph|f)ur (?:di)?oxides?|"
    r"dinitrogen monoxide|nitrous oxide|sand|silica|"
    r"sodium (?:hydroxide|chloride)|hydrogen chloride|hydrochloric acid|NOx|SO2|N2O)\b",
    re.IGNORECASE,
)
_NO_MASS_UNITS = ("t*km", "capita*km", "km", "h", "m**2", "m**2*year", "Bq", "MJ")


@dataclass(frozen=True, slots=True)
class Balance:
    """What enters and leaves a process, per `amount` of its product.

    Attributes
    ----------
    process : str
    what : {"mass", "carbon", "energy"}
    status : {"closed", "open", "skipped"}
    entering, leaving : float
        What is known, in `unit`.
    unit : str
        kg, or MJ.
    gap : float
        (leaving - entering) / the larger of both; NaN where nothing is known.
    missing : tuple of str
        Exchanges that do not tell, those that may matter most first.
    created : bool
        More leaves than can have entered: an error of the data, not a lack of them.
    detail : str
        In a sentence, with the process named.
    """

    process: str
    what: str
    status: str
    entering: float
    leaving: float
    unit: str
    gap: float
    missing: tuple[str, ...]
    created: bool
    detail: str


def wastes_of(processes: Iterable[Process]) -> frozenset[str]:
    """Return the names of all wastes: a process that has one as its product takes it in.

    Examples
    --------
    >>> boiler = Process("boiler", "heat", 1, "MJ", (Exchange("ash", 1, "kg", "waste", "out"),))
    >>> wastes_of([boiler]) == {"ash"}
    True
    """
    return frozenset(e.flow for p in processes for e in p.exchanges if e.kind == "waste")


def balances(
    process: Process, *, tolerance: float = 0.01, wastes: Collection[str] = ()
) -> tuple[Balance, Balance, Balance]:
    """Return the balances of mass, carbon and energy of a process.

    Parameters
    ----------
    process : Process
        Exchanges in units of mass weigh what they are; others by the property "mass" (kg per
        unit). Carbon from the property "C" (kg per unit), and from the formula of CO2, CH4, CO,
        CF4 and C2F6. Energy from units of energy and the property "energy" (MJ per unit).
    tolerance : float
        Share of the larger side that a closed balance may miss.
    wastes : collection of str
        See `wastes_of`: products of these names are taken in.

    Returns
    -------
    tuple of Balance
        Mass, carbon, energy.

    References
    ----------
    ISO 14044:2006, 4.3.3.2: validation of data by mass and energy balances.

    Examples
    --------
    >>> burner = Process("burner", "heat", 30.0, "MJ", (
    ...     Exchange("coal", 1.0, "kg", properties={"C": 0.75, "energy": 29.0}),
    ...     Exchange("Carbon dioxide, fossil", 2.75, "kg", "biosphere", "out", "air")))
    >>> [(b.what, b.status) for b in balances(burner)]
    [('mass', 'closed'), ('carbon', 'closed'), ('energy', 'open')]
    >>> balances(burner)[2].detail
    'process burner gives off 30 MJ of energy and takes in 29 MJ'
    """
    treated = process.product in wastes
    product = Exchange(
        process.product, process.amount, process.unit, "waste" if treated else "technosphere",
        "in" if treated else "out", properties=process.properties,
    )  # fmt: skip
    flows = (product, *process.exchanges)
    mass, carbon, energy = (_balance(process, flows, what, tolerance) for what in QUANTITIES)
    return mass, carbon, energy


def _per_unit(e: Exchange, what: str) -> tuple[float, float]:
    """Bounds of what a unit of an exchange holds."""
    stated = e.properties.get(_PROPERTY[what])
    if stated is not None:
        return float(stated), float(stated)
    if what == "energy":
        known = compatible(e.unit, "MJ")
        value = convert(e.unit, "MJ") if known else 0.0
        # what nobody calls a carrier of energy may still be one
        return value, value if known or _known(e, "mass") is None else math.inf
    mass = _known(e, "mass")
    if what == "mass":
        return (0.0, math.inf) if mass is None else (mass, mass)
    gas = _gas(e)
    if mass is not None and gas in _CARBON:
        return (mass * _CARBON[gas],) * 2
    if gas or _NO_CARBON.match(e.flow):
        return 0.0, 0.0
    return 0.0, math.inf if mass is None else mass


def _known(e: Exchange, what: str) -> float | None:
    """Mass of a unit of an exchange; None where it is not told."""
    stated = e.properties.get(what)
    if stated is not None:
        return float(stated)
    if e.kind == "technosphere" and _BURNING.search(e.flow):
        return 0.0
    if compatible(e.unit, "kg"):
        return convert(e.unit, "kg")
    weightless = any(compatible(e.unit, unit) for unit in _NO_MASS_UNITS[:-1])
    if weightless or (_WEIGHTLESS.search(e.flow) and not compatible(e.unit, "m**3")):
        return 0.0
    return None


def _gas(e: Exchange) -> str:
    """The gas that an exchange is; of products only by the exact name."""
    if _MONOXIDE.match(e.flow):
        return "CO"
    return gas_of(Flow(e.flow, e.compartment, e.direction, e.unit, e.cas))


def _balance(process: Process, flows: tuple[Exchange, ...], what: str, tolerance: float) -> Balance:
    low, high = {"in": 0.0, "out": 0.0}, {"in": 0.0, "out": 0.0}
    missing: list[tuple[float, str]] = []
    for e in flows:
        # a negative amount is a credit: the flow runs the other way
        side = e.direction if e.amount >= 0 else {"in": "out", "out": "in"}[e.direction]
        least, most = _per_unit(e, what)
        low[side] += least * abs(e.amount)
        if e.amount:
            high[side] += most * abs(e.amount)
        if most > least and e.amount:
            missing.append(((most - least) * abs(e.amount), e.flow))
    air = _from_air(flows) if what == "mass" else 0.0
    entering, leaving, unit = low["in"], low["out"], _UNITS[what]
    scale = max(entering, leaving)
    slack = tolerance * scale
    drawn = min(max(leaving - entering, 0.0), air)
    created = low["out"] > high["in"] + air + tolerance * max(low["out"], 0.0)
    lost = low["in"] > high["out"] + slack and what != "energy"
    widest = max(high["out"] - entering - drawn, high["in"] + drawn - leaving)
    told = tuple(dict.fromkeys(name for _, name in sorted(missing, key=lambda m: -m[0])))
    if scale == 0:
        status, text = "skipped", f"nothing tells the {what} of process {process.name}"
    elif created or lost:
        status, text = "open", (
            f"process {process.name} gives off {leaving:.4g} {unit} of {what} and takes in"
            f" {entering:.4g} {unit}" + (f" and up to {air:.4g} kg of oxygen" if air else "")
        )  # fmt: skip
    elif widest <= slack or (what == "energy" and leaving <= entering + slack):
        status, text = "closed", (
            f"{what} of process {process.name}: {entering:.4g} {unit} in, {leaving:.4g} out"
            + (f", with {drawn:.4g} kg of oxygen of the air" if drawn > slack else "")
        )  # fmt: skip
    else:
        names = ", ".join(told[:6]) + (f" and {len(told) - 6} more" if len(told) > 6 else "")
        status = "skipped"
        text = f"{what} of process {process.name} cannot be told: no {_PROPERTY[what]!r} of {names}"
    gap = (leaving - entering - drawn) / scale if scale else math.nan
    return Balance(
        process.name, what, status, entering, leaving, unit, gap, told,
        status == "open" and created, text,
    )  # fmt: skip


def _from_air(flows: tuple[Exchange, ...]) -> float:
    """The oxygen in gases given off, kg: at most so much may have come from air not listed."""
    if any(e.direction == "in" and _AIR.match(e.flow) for e in flows):
        return 0.0
    found = 0.0
    for e in flows:
        mass = _known(e, "mass")
        if e.kind != "biosphere" or e.direction == "in" or mass is None or e.amount < 0:
            continue
        share = _OXYGEN.get(_gas(e), 0.0)
        share = share or next((s for name, s in _OXYGEN_NAMED if name.search(e.flow)), 0.0)
        found += share * mass * e.amount
    return found
