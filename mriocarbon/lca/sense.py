"""What a process of a study must not say: emissions below zero, a gas in no mass, impossible parts.

A background is taken as published and what is odd in it is told; what the study itself holds can be
mended by its author, so it is refused with process and flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mriocarbon.errors import InputError, UnitError
from mriocarbon.inventory.gwp import gwp
from mriocarbon.lca.gases import EQUIVALENT, gas_of, read_flow
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.system import Flow
from mriocarbon.lca.units import compatible, convert

__all__ = ["credits", "refuse_nonsense"]

_STATED = {"fossil": "fossil", "biogenic emissions": "biogenic", "land use": "land use"}
_SLACK = 1 + 1e-9  # of carbon over mass: figures are rounded


def refuse_nonsense(processes: Iterable[Process], *, where: Mapping[str, str]) -> None:
    """Refuse what processes of a study cannot mean.

    Parameters
    ----------
    processes : iterable of Process
        Of the foreground.
    where : mapping of process name to str
        File and line of each.

    Raises
    ------
    InputError
        A greenhouse gas below zero, an origin of carbon that the name of the flow contradicts, a
        mass, energy or carbon content below zero, more carbon than mass.
    UnitError
        A greenhouse gas in a unit that is no mass.

    Examples
    --------
    >>> kiln = Process("kiln", "lime", 1.0, "t", (
    ...     Exchange("Carbon dioxide, fossil", -785.0, "kg", "biosphere", "out", "air"),))
    >>> refuse_nonsense([kiln], where={})
    Traceback (most recent call last):
        ...
    mriocarbon.errors.InputError: 'Carbon dioxide, fossil' is -785 kg: no gas is emitted below zero
      where: process 'kiln', exchange 'Carbon dioxide, fossil'
      what to do: give what is emitted, after capture; a product saved elsewhere as a negative ...
    """
    known = frozenset(gwp("AR6"))
    for process in processes:
        place = ", ".join(
            p for p in (where.get(process.name, ""), f"process {process.name!r}") if p
        )
        own = Exchange(process.product, process.amount, process.unit, properties=process.properties)
        _possible(own, f"{place}, product {process.product!r}")
        for e in process.exchanges:
            at = f"{place}, exchange {e.flow!r}"
            _possible(e, at)
            if e.kind == "biosphere":
                _gas(e, at, known)


def credits(processes: Iterable[Process]) -> tuple[tuple[Process, Exchange], ...]:
    """Return what is taken from or given to other processes in amounts below zero.

    Examples
    --------
    >>> oven = Process("oven", "coke", 1.0, "t", (Exchange("power", -0.4, "MWh"),))
    >>> [(p.name, e.flow) for p, e in credits([oven])]
    [('oven', 'power')]
    """
    return tuple(
        (p, e) for p in processes for e in p.exchanges if e.kind != "biosphere" and e.amount < 0
    )


def _gas(e: Exchange, where: str, known: frozenset[str]) -> None:
    """Amount, unit and origin of a greenhouse gas."""
    reading = read_flow(_flow(e, e.carbon), known=known)
    if not reading.gas:
        return
    if e.amount < 0:
        out = e.direction == "out"
        raise InputError(
            f"{e.flow!r} is {e.amount:g} {e.unit}: no gas is {'emitted' if out else 'taken'} below"
            " zero",
            where=where,
            do="give what is emitted, after capture; a product saved elsewhere as a negative input;"
            " carbon dioxide taken from the air among the resources"
            if out else "give what is given off among the emissions",
        )  # fmt: skip
    units = ("kg", f"kg {EQUIVALENT}") if reading.gas == EQUIVALENT else ("kg",)
    if not any(compatible(e.unit, unit) for unit in units):
        raise UnitError(
            f"{e.flow!r} is in {e.unit!r}, which is no mass: it would not be counted", where=where,
            do="give it in a unit of mass, such as kg (units are told apart by case)",
        )  # fmt: skip
    if not e.carbon or gas_of(_flow(e, "")) not in {"CO2", "CH4"}:
        return
    plain = read_flow(_flow(e, ""), known=known)
    named = "biogenic" if plain.category == "biogenic removals" else (
        "" if plain.assumed else _STATED.get(plain.category, "")
    )  # fmt: skip
    if named and named != e.carbon:
        raise InputError(
            f"the carbon of {e.flow!r} is said to be {e.carbon}, its name and place say {named}",
            where=where, do="leave carbon out, or correct one of the two",
        )  # fmt: skip


def _flow(e: Exchange, carbon: str) -> Flow:
    return Flow(e.flow, e.compartment, e.direction, e.unit, e.cas, carbon)


def _possible(e: Exchange, where: str) -> None:
    """What a unit of a flow holds: nothing below zero, and no more carbon than mass."""
    for name in ("mass", "energy", "C"):
        if e.properties.get(name, 0.0) < 0:
            raise InputError(f"its {name} is {e.properties[name]:g}, below zero", where=where,
                             do="correct the property")  # fmt: skip
    mass = e.properties.get("mass")
    if mass is None and compatible(e.unit, "kg"):
        mass = convert(e.unit, "kg")
    carbon = e.properties.get("C", 0.0)
    if mass is not None and carbon > mass * _SLACK:
        raise InputError(
            f"it holds {carbon:g} kg of carbon and weighs {mass:g} kg per {e.unit}", where=where,
            do="give C in kg of carbon per unit of the flow, not of carbon dioxide",
        )  # fmt: skip
