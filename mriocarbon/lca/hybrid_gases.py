r"""Greenhouse gases of a table as elementary flows: intensities and multipliers in kg per money.

.. math::  m' = q'(I - A)^{-1}, \qquad q = F / x

for every gas at once (Leontief 1970, doi:10.2307/1926294). Carbon dioxide, methane and nitrous
oxide keep their own rows, so that a study's own potentials apply; a group that the table gives in
CO2e (fluorinated gases) keeps the potentials of the table and says so.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import resolve
from mriocarbon.errors import NotAvailableError, UnitError
from mriocarbon.lca.impact import gwp_method
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.system import System
from mriocarbon.model.brief import brief
from mriocarbon.model.table import MRIO
from mriocarbon.model.units import factor
from mriocarbon.solve import leontief

__all__ = ["BIOGENIC", "TableGases", "money_of", "potentials", "table_gases"]

Array = NDArray[np.float64]
AIR = "air"
BIOGENIC = ("A01", "A02", "A03", "E")
"""Industries whose methane is of living origin: agriculture, forestry, fishing, water and waste.

Cattle, rice and landfills make nearly all of it; that of all other industries counts as fossil
(mines, wells, pipes, combustion). An assumption: the table gives one row of methane.
"""
CURRENCIES = ("USD", "EUR", "JPY", "GBP", "CNY")


@dataclass(frozen=True, eq=False)
class TableGases:
    """What one unit of money of every industry emits, and what its whole supply chain does.

    Attributes
    ----------
    names : tuple of str
        Elementary flows: ``"Carbon dioxide, fossil"``.
    units : tuple of str
        "kg" of the gas, or "kg CO2e" of a group.
    stressors : tuple of str
        Rows of the table that they come from.
    q : ndarray, shape (g, n)
        Direct, in `units` per `currency` of output.
    m : ndarray, shape (g, n)
        Cradle to gate, the same units.
    currency : str
        Of the table: "USD".
    scale : float
        `currency` in one money unit of the table: 1e6.
    error : float
        Forward error of the solve, relative.
    assumed : tuple of str
        What was assumed to read the rows.
    estimated : tuple of str
        Notes of the table on rows that are estimates.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    stressors: tuple[str, ...]
    q: Array
    m: Array
    currency: str
    scale: float
    error: float
    assumed: tuple[str, ...]
    estimated: tuple[str, ...]

    __repr__ = brief


def money_of(mrio: MRIO) -> tuple[str, float]:
    """Return the currency of a table and how much of it one of its money units is.

    Raises
    ------
    UnitError
        The money unit is in no known currency.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> money_of(mc.load("oecd-icio-2022"))
    ('USD', 1000000.0)
    """
    for currency in CURRENCIES:
        try:
            return currency, factor(mrio.money_unit, currency)
        except UnitError:
            continue
    raise UnitError(
        f"the money unit {mrio.money_unit!r} is in no known currency", where="table",
        do=f"give money_unit= such as 'million USD'; known: {', '.join(CURRENCIES)}",
    )  # fmt: skip


_kept: weakref.WeakKeyDictionary[MRIO, TableGases] = weakref.WeakKeyDictionary()


def table_gases(mrio: MRIO) -> TableGases:
    """Return the gases of a table per unit of money, direct and cradle to gate.

    CO2, CH4, N2O and F-gases where the table has the first three; else GHG in CO2e. Computed once
    for a table.

    Parameters
    ----------
    mrio : MRIO

    Raises
    ------
    NotAvailableError
        The table has neither the gases nor GHG.
    UnitError
        Emissions that are no mass, or money in no known currency.
    NotProductiveError

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> gases = table_gases(mrio)
    >>> gases.names[:3]
    ('Carbon dioxide, fossil', 'Methane, fossil', 'Methane, biogenic')
    >>> steel = mrio.index.pairs.index(("CHN", "C24A"))
    >>> gases.units[0], round(float(gases.m[0, steel]), 1)  # kg CO2 per USD
    ('kg', 2.4)
    """
    found = _kept.get(mrio)
    if found is None:
        found = _kept[mrio] = _table_gases(mrio)
    return found


def _table_gases(mrio: MRIO) -> TableGases:
    currency, scale = money_of(mrio)
    rows, assumed = _rows(mrio)
    system = leontief(mrio)
    F = np.stack([row for _, _, _, row in rows])
    q = np.where(system.zero, 0.0, F / system.output_) / scale
    solution = system.multipliers(q)
    m = np.asarray(solution.value)
    told = []
    for stressor in dict.fromkeys(stressor for _, _, stressor, _ in rows):
        extension, _ = resolve(mrio, stressor)
        bare = stressor.removeprefix(f"{extension.name}/")
        told += [n.text for n in extension.notes if n.estimated and n.about == bare]
    told += [n.text for n in mrio.notes if n.estimated]
    for array in (q, m):
        array.setflags(write=False)
    return TableGases(
        tuple(r[0] for r in rows), tuple(r[1] for r in rows), tuple(r[2] for r in rows), q, m,
        currency, scale, solution.error, tuple(assumed), tuple(dict.fromkeys(told)),
    )  # fmt: skip


def _rows(mrio: MRIO) -> tuple[list[tuple[str, str, str, Array]], list[str]]:
    """(flow, unit, stressor, emissions in that unit) of every row, and what was assumed."""
    have = mrio.stressors
    assumed: list[str] = []
    if {"CO2", "CH4", "N2O"} <= set(have):
        rows = [("Carbon dioxide, fossil", "kg", "CO2", _mass(mrio, "CO2"))]
        rows += _methane(mrio, assumed)
        rows.append(("Dinitrogen monoxide", "kg", "N2O", _mass(mrio, "N2O")))
        assumed.append(
            "table: all of its CO2 counts as fossil (fuels and processes; CO2 of biomass and of"
            " land use is not in it)"
        )
        if "F-gases" in have:
            # the row's own note says so: a user's row on the same table may be of another set
            extension, _ = resolve(mrio, "F-gases")
            known = any(n.about == "F-gases" and "(AR5)" in n.text for n in extension.notes)
            of = ", GWP100 of AR5" if known else ""
            rows.append(
                (f"Fluorinated gases, CO2e of the table{of}", "kg CO2e", "F-gases",
                 _mass(mrio, "F-gases", "CO2e"))
            )  # fmt: skip
            assumed.append(
                (
                    "table: fluorinated gases are a residual in CO2e, at potentials taken to be"
                    " GWP100 of AR5 (UNVERIFIED: the OECD names no set)"
                    if known
                    else "table: fluorinated gases are in CO2e at the table's own potentials, of"
                    " which the set is not known"
                )
                + "; the study's potentials and horizon do not reach them"
            )
        else:
            assumed.append("table: fluorinated gases are not in it, so not in what it fills")
        return rows, assumed
    if "GHG" in have:
        assumed.append(
            "table: gases come as one sum in CO2e at the table's own potentials; the study's"
            " potentials and the split by origin do not reach it: all counts as fossil"
        )
        return [("Greenhouse gases, CO2e of the table", "kg CO2e", "GHG",
                 _mass(mrio, "GHG", "CO2e"))], assumed  # fmt: skip
    raise NotAvailableError(
        "the table has neither CO2, CH4 and N2O nor GHG by industry",
        where=f"table {mrio.provenance.dataset!r}, stressors {', '.join(have) or 'none'}",
        do="add them: mrio.replace_extensions(...)",
    )


def _methane(mrio: MRIO, assumed: list[str]) -> list[tuple[str, str, str, Array]]:
    F = _mass(mrio, "CH4")
    if not set(BIOGENIC) <= set(mrio.sectors):
        assumed.append(
            "table: its industries do not tell the origin of methane: counted as the study counts"
            " methane of unstated origin"
        )
        return [("Methane", "kg", "CH4", F)]
    alive = np.array([sector in BIOGENIC for _, sector in mrio.index.pairs])
    assumed.append(
        "table: methane of agriculture, forestry, fishing, water and waste"
        f" ({', '.join(BIOGENIC)}) counts as biogenic, all other as fossil"
    )
    return [
        ("Methane, fossil", "kg", "CH4", np.where(alive, 0.0, F)),
        ("Methane, biogenic", "kg", "CH4", np.where(alive, F, 0.0)),
    ]


def _mass(mrio: MRIO, stressor: str, substance: str = "") -> Array:
    """Emissions of a row in kg."""
    extension, row = resolve(mrio, stressor)
    unit = extension.units[row]
    for target in (f"kg {substance or stressor}", *(() if substance else ("kg",))):
        try:
            return np.asarray(extension.F[row] * factor(unit, target))
        except UnitError:
            continue
    raise UnitError(
        f"{stressor} is in {unit!r}", where=f"extension {extension.name!r}",
        do=f"give it as a mass, such as 'kt {substance or stressor}'",
    )  # fmt: skip


def exchanges(gases: TableGases, amounts: Array, source: str) -> tuple[Exchange, ...]:
    """Elementary flows of `amounts` (g,), those that are zero left out."""
    return tuple(
        Exchange(name, float(amount), unit, "biosphere", "out", AIR, source=source)
        for name, unit, amount in zip(gases.names, gases.units, amounts, strict=True)
        if amount != 0
    )


def potentials(gases: TableGases, report: str = "AR6", *, horizon: int = 100) -> Array:
    """Return kg CO2e per unit of each row, shape (g,), exactly as `impact.gwp_method` counts it.

    Parameters
    ----------
    gases : TableGases
    report : {"SAR", "AR4", "AR5", "AR5CCF", "AR6"}
    horizon : int
        Years. Rows in CO2e count 1 whatever is asked for.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> potentials(table_gases(mc.load("oecd-icio-2022"))).tolist()
    [1.0, 29.8, 27.0, 273.0, 1.0]
    """
    # through a process, so that there is one place that reads names and knows potentials
    ones = exchanges(gases, np.ones(len(gases.names)), "")
    method = gwp_method(System.of([Process("all", "all", 1.0, "kg", ones)]), report,
                        horizon=horizon)  # fmt: skip
    return method.total
