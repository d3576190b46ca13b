r"""The full view of a process: all elements, electricity as energy, emissions by scope.

The builders of the processes give what the boundary of the CBAM needs: carbon, metal, energy.
Here each flow gets the rest of its elements from its formula or, for fuels, from a table, and the
balance is closed again by the same engine, now with water and the oxygen of the air.

Emissions by scope, of a tonne of product:

.. math::
    e_{fuel} = m_{CO2} \frac{C_{fuel}}{C_{CO2} + C_{captured}}, \qquad
    e_{process} = m_{CO2} - e_{fuel} + \sum_g w_g m_g, \qquad
    e_{electricity} = P f_{grid}

Carbon that reduces, calcines or is a feedstock is of the process, as in volume 3 of the IPCC
guidelines; carbon burnt for heat is of the fuel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.industry.arrays import asarray, is_jax, namespace
from mriocarbon.industry.balance import CO2_PER_C, MASSES, O_PER_H, Flow, Process, close
from mriocarbon.industry.parameters import Array, Parameters, parameter
from mriocarbon.industry.processes import made_from, process, processes
from mriocarbon.industry.routes import factor_of_grid, known_origin

__all__ = ["Scopes", "complete", "full_process", "scopes"]

_O = 15.999
_HAEMATITE = ("O", "Fe", 1.5 * _O / 55.845)
_CARBONATE = (("Ca", "C", 40.078 / 12.011), ("O", "C", 3 * _O / 12.011))
_RULES: dict[str, tuple[tuple[str, str, float], ...]] = {
    # flow: element, what it goes with ("" is the mass of the flow), tonnes per tonne of that
    "limestone": _CARBONATE,
    # the lime of the meal is given; carbonate brings its own oxygen
    "raw meal": (("O", "C", CO2_PER_C - 1), ("O", "Ca", _O / 40.078)),
    "clinker": (("O", "Ca", _O / 40.078),),
    "white clinker": (("O", "Ca", _O / 40.078),),
    "aluminous cement": (("O", "Ca", _O / 40.078),),
    "alumina": (("O", "Al", 1.5 * _O / 26.982),),
    "hydrogen": (("H", "", 1.0),),
    "oxygen": (("O", "", 1.0),),
    "water": (("H", "", 1 / (1 + O_PER_H)), ("O", "", O_PER_H / (1 + O_PER_H))),
    "ammonia": (("H", "", 3 * 1.008 / 17.031),),
    "nitric acid": (("H", "", 1.008 / 63.012), ("O", "", 3 * _O / 63.012)),
    "urea": (("H", "", 4 * 1.008 / 60.056), ("O", "", _O / 60.056)),
    "N2O": (("O", "", _O / 44.013),),
    "captured CO2": (("O", "C", CO2_PER_C - 1),),
    "CO2 of the ammonia plant": (("O", "C", CO2_PER_C - 1),),
}
for _ore in ("ore fines", "lump ore", "concentrate", "sinter", "pellets"):
    _RULES[_ore] = (_HAEMATITE,)
for _kind in ("portland-grey", "portland-white", "hydraulic-grey", "hydraulic-white"):
    _RULES[f"cement {_kind}"] = _RULES["clinker"]
_FUELS = ("gas", "coal", "petcoke", "oil", "alternative", "coking-coal", "injection-coal", "tar")
# Their nitrogen, hydrogen and oxygen are not all given, so only what is given is balanced.
_IN_PART: tuple[str, ...] = (
    "ferro-",
    "stainless",
    "alloy-",
    "tool-",
    "calcined-clay",
    "ammonium-",
    "potassium-",
)
_IN_PART += ("sodium-", "calcium-", "can", "an-", "uan", "urea-", "asn", "dap", "map", "np", "nk-")
_IN_PART += ("n-other", "ammonia-solution")


@dataclass(frozen=True, slots=True)
class Scopes:
    """Emissions of a unit of product by scope, t CO2e: `process`, `fuel`, `electricity`."""

    process: Array
    fuel: Array
    electricity: Array

    @property
    def direct(self) -> Array:
        """Process and fuel."""
        return asarray(self.process + self.fuel)

    @property
    def total(self) -> Array:
        """All three."""
        return asarray(self.process + self.fuel + self.electricity)


def _steel_chain(name: str) -> bool:
    source = made_from(name)
    return source == "crude-steel" or (bool(source) and _steel_chain(source))


def _filled(flow: Flow, p: Parameters, steel: bool) -> Flow:
    """The flow with the elements that its formula, or the table of fuels, gives it."""
    held = dict(flow.content)
    if steel and "metal" in held:
        metal = held.pop("metal")
        iron = metal * p("iron", "steel_fe")
        held["Fe"] = iron
        held["C"] = metal * p("iron", "steel_carbon")
        held["energy"] = iron * p("iron", "reduction_heat")
    if flow.name in _FUELS:
        held["H"] = held["energy"] * p("hydrogen-content", flow.name)
    for element, basis, ratio in _RULES.get(flow.name, ()):
        of = flow.amount if not basis else held.get(basis, asarray(0.0))
        held[element] = held.get(element, asarray(0.0)) + of * ratio
    if flow.name == "hydrogen reduced iron":
        # oxide that is left, from the chemical energy that is missing
        oxide = held["Fe"] - held["energy"] / p("iron", "reduction_heat")
        held["O"] = oxide * _HAEMATITE[2]
    return Flow(flow.name, flow.amount, flow.unit, held, flow.use)


def power(made: Process, p: Parameters, given: float | None = None) -> Array:
    """MWh that a unit of product draws: given, told by the process, or of the table.

    Raises
    ------
    NotAvailableError
        Nobody says how much electricity the process draws, which is not zero.
    InputError
        What is given is negative or not finite.
    """
    if given is not None:
        drawn = asarray(given)
        if not is_jax(drawn) and not np.all(np.isfinite(drawn) & (drawn >= 0)):
            raise InputError(
                f"electricity of process {made.name} is {given!r}",
                where=f"industry, process {made.name}, electricity",
                do="give MWh per unit of product, finite and of at least zero",
            )
        return drawn
    for flow in made.inputs:
        if flow.name == "electricity":
            return asarray(flow.content["energy"] / 3.6)
    if any(flow.name == "electricity" for flow in made.outputs):
        return asarray(0.0)  # efficiencies of power plants are net
    for row in dict.fromkeys((made.name, made.product)):
        try:
            parameter(row, "electricity", p.origin)
        except UnknownNameError:
            continue
        return p(row, "electricity")
    raise NotAvailableError(
        f"no figure for the electricity of process {made.name}",
        where=f"industry, process {made.name}",
        do="give electricity=, in MWh per tonne",
    )


def without_electricity() -> tuple[str, ...]:
    """Names of the processes of which no table says how much electricity they draw.

    Examples
    --------
    >>> "container" in without_electricity(), "bf-bof" in without_electricity()
    (True, False)
    """
    found = []
    for name in processes():
        p = Parameters("", lambda key: asarray(0.0))
        try:
            power(process(name, p), p)
        except NotAvailableError:
            found.append(name)
    return tuple(found)


def complete(made: Process, p: Parameters, *, electricity: float | None = None) -> Process:
    """Return the process with all elements and its electricity, closed again.

    Parameters
    ----------
    made : Process
        As the builders give it.
    p : Parameters
        The same parameters.
    electricity : float, optional
        MWh per tonne, for a process without a figure in the table.

    Returns
    -------
    Process
        Hydrogen and oxygen are balanced where the formulas of all flows are known; ferro-alloys,
        stainless steel and nitrogen salts keep the elements that they had.

    Raises
    ------
    NotAvailableError
        No figure for its electricity.

    Examples
    --------
    >>> import numpy as np
    >>> p = Parameters("", lambda key: np.zeros(()))
    >>> kiln = complete(process("clinker-grey", p), p)
    >>> sorted(kiln.elements()), max(kiln.gap(e) for e in kiln.elements()) < 1e-9
    (['C', 'Ca', 'H', 'O', 'energy'], True)
    """
    drawn = power(made, p, electricity)
    whole = not made.name.startswith(_IN_PART) and not any(
        "metal" in flow.content for flow in made.outputs
    )
    steel = _steel_chain(made.name)
    whole = whole or steel

    def fill(flows: tuple[Flow, ...]) -> list[Flow]:
        return [_filled(f, p, steel) if whole else f for f in flows if f.name not in _CLOSING]

    inputs = [f for f in fill(made.inputs) if f.name != "electricity"]
    if is_jax(drawn) or bool((drawn > 0).any()):
        inputs.append(Flow("electricity", drawn, "MWh", {"energy": 3.6 * drawn}))
    return close(
        made.name,
        made.product,
        inputs,
        fill(made.outputs),
        gases=made.gases,
        precursors=made.precursors,
        electricity=drawn,
        credit=made.credit,
        limits=made.limits,
        air=whole,
    )


_CLOSING = ("CO2", "losses", "oxygen of air", "water vapour")


def full_process(
    name: str,
    *,
    origin: str = "",
    given: Mapping[str, float | Array] | None = None,
    electricity: float | None = None,
) -> Process:
    """Return a process at the medians of its parameters, all elements closed and checked.

    Parameters
    ----------
    name : str
        One of :func:`mriocarbon.industry.processes`.
    origin : str
        ISO3 of the country whose rows of the table hold; "" for those of all.
    given : mapping of str to float, optional
        Parameters to set, by ``process.name``, in the unit of the table.
    electricity : float, optional
        MWh per tonne, for a process without a figure in the table.

    Returns
    -------
    Process
        Per unit of product; its contents in tonnes of each element and in GJ of energy.

    Raises
    ------
    InputError
        A value that no plant can have, or a process below its stoichiometric floor.

    Examples
    --------
    >>> shaft = full_process("dri-hydrogen")
    >>> hydrogen = next(f for f in shaft.inputs if f.name == "hydrogen")
    >>> 0.045 < float(hydrogen.amount) < 0.055
    True
    """
    known_origin(origin, "industry.full_process, origin")
    p = Parameters(origin, lambda key: asarray(0.0), given)
    made = complete(process(name, p), p, electricity=electricity)
    made.check()
    return made


def scopes(
    made: Process, *, grid: Array | float = 0.0, gwp: Mapping[str, Array | float] | None = None
) -> Scopes:
    """Return the emissions of a unit of product by scope.

    Parameters
    ----------
    made : Process
        From `complete` or :func:`full_process`.
    grid : float or ndarray
        t CO2e per MWh of the electricity that it draws.
    gwp : mapping, optional
        Potentials of its other gases; those of the table if left out.

    Returns
    -------
    Scopes
        t CO2e per unit of product: `process`, `fuel` and `electricity`.

    Raises
    ------
    InputError
        A grid factor that is negative or not finite.

    Examples
    --------
    >>> kiln = scopes(full_process("clinker-grey"), grid=0.5)
    >>> [round(float(x), 3) for x in (kiln.process, kiln.fuel, kiln.electricity)]
    [0.52, 0.306, 0.033]
    """
    factor = factor_of_grid(grid, "industry.scopes, grid")
    burnt = sum(
        (asarray(f.content.get("C", 0.0)) for f in made.inputs if f.use == "fuel"), asarray(0.0)
    )
    emitted = asarray(made.output("CO2").content["C"])
    caught = sum(
        (asarray(f.content["C"]) for f in made.outputs if f.name == "captured CO2"), asarray(0.0)
    )
    every = emitted + caught
    xp = namespace(every, burnt)
    safe = xp.where(every > 0, every, 1.0)
    fuel = CO2_PER_C * emitted * xp.where(every > 0, burnt / safe, 0.0)
    other = asarray(0.0)
    for gas, mass in made.gases.items():
        weight = (gwp or {}).get(gas)
        other = other + mass * (parameter("gwp", gas).value if weight is None else weight)
    rest = CO2_PER_C * emitted - fuel + other
    return Scopes(asarray(rest), asarray(fuel), asarray(made.electricity * factor))


def mass_gap(made: Process) -> float:
    """Largest relative gap of any element or of energy; 1e-9 is the promise."""
    return max(made.gap(what) for what in made.elements() if what in (*MASSES, "energy"))
