"""The same study under other choices: potentials, horizon, origin of carbon, allocation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.lca.allocation import RULES
from mriocarbon.lca.impact import climate, gwp_method
from mriocarbon.lca.lci import LCI, inventory
from mriocarbon.lca.prepare import Prepared
from mriocarbon.lca.system import System

__all__ = ["Scenario", "scenarios"]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A result under another choice.

    Attributes
    ----------
    choice, value : str
        What was chosen, and how: "potentials", "GWP100, AR5".
    total : float or None
        kg CO2e; None where it cannot be computed.
    change : float or None
        Of the result, relative to it.
    why : str
        Why it cannot be computed.
    """

    choice: str
    value: str
    total: float | None
    change: float | None
    why: str = ""


def scenarios(prepared: Prepared) -> tuple[Scenario, ...]:
    """Return the result under each other choice that the scope could have made.

    Only allocation needs a new system; everything else is a new set of factors for the same
    inventory.
    """
    scope, lci = prepared.study.scope, prepared.lci
    base = _total(lci, scope.gwp, scope.horizon, scope.unspecified_carbon)
    out = []
    for report, horizon in (
        ("AR6", 100), ("AR5", 100), ("AR5CCF", 100), ("AR4", 100), ("AR6", 20), ("AR5", 20),
        ("AR6", 500),
    ):  # fmt: skip
        if (report, horizon) == (scope.gwp, scope.horizon):
            continue
        name = f"GWP{horizon}, {report}"
        try:
            total = _total(lci, report, horizon, scope.unspecified_carbon)
        except UnknownNameError:
            continue  # no such set: nobody could have chosen it
        out.append(Scenario("potentials", name, total, _change(total, base)))
    other = "biogenic emissions" if scope.unspecified_carbon == "fossil" else "fossil"
    out.append(
        Scenario("carbon of unstated origin", other,
                 total := _total(lci, scope.gwp, scope.horizon, other), _change(total, base))
    )  # fmt: skip
    return (*out, *_rules(prepared, base))


def _rules(prepared: Prepared, base: float) -> Iterable[Scenario]:
    """Yield the result under each other rule of allocation, where anything is allocated."""
    study, scope = prepared.study, prepared.study.scope
    shared = [p for p in prepared.processes if p.co_products]
    if not shared:
        return
    for rule in RULES:
        if rule == scope.allocation:
            continue
        name = f"{rule} for all {len(shared)} processes with co-products"
        try:
            system = System.of(
                prepared.processes, allocation=rule, fallback=scope.fallback,
                several=study.several, missing=study.missing, choose=_kept(study.choose, prepared),
            )  # fmt: skip
            unit = scope.functional_unit
            lci = inventory(system, {prepared.reference: (unit.amount, unit.unit)})
            total = _total(lci, scope.gwp, scope.horizon, scope.unspecified_carbon)
        except InputError as error:  # a property is missing, or nothing is replaced
            yield Scenario("allocation", name, None, None, f"{error.where}: {error.what}")
            continue
        yield Scenario("allocation", name, total, _change(total, base))


def _kept(choose: dict[str, str], prepared: Prepared) -> dict[str, str]:
    names = {p.name: p.product for p in prepared.processes}
    return {product: name for product, name in choose.items() if names.get(name) == product}


def _total(lci: LCI, report: str, horizon: int, unspecified: str) -> float:
    method = gwp_method(lci.system, report, horizon=horizon, unspecified=unspecified)
    return climate(lci, method).total


def _change(total: float, base: float) -> float | None:
    return (total - base) / abs(base) if base else None
