"""Everything that was assumed on the way to a result, with what it may change of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mriocarbon.errors import UnitError
from mriocarbon.lca.biomass import RULE
from mriocarbon.lca.impact import Climate
from mriocarbon.lca.perturb import multipliers
from mriocarbon.lca.prepare import Prepared, is_money
from mriocarbon.lca.units import convert

__all__ = ["Assumption", "assumptions"]


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that was assumed.

    Attributes
    ----------
    text : str
    effect : float or None
        kg CO2e; None where it cannot be computed, which is not zero.
    meaning : str
        What the effect is: the part that rests on it, or the range over what else could be.
    """

    text: str
    effect: float | None
    meaning: str = ""


def assumptions(prepared: Prepared, found: Climate) -> tuple[Assumption, ...]:
    """Return what the inventory and the impact rest on, known effects first and largest first.

    Parameters
    ----------
    prepared : Prepared
    found : Climate
        Of its inventory.
    """
    made = [
        *_mixed(prepared, found),
        *(Assumption(text, value, "part of the result that rests on it")
          for text, value in found.assumed.items()),
        *_burnt(prepared, found),
        *_of_the_table(prepared, found),
        *(Assumption(text, None) for text in prepared.system.assumed
          if "equal parts" not in text),
        *(Assumption(f"{p.name}: {p.comment}", None) for p in prepared.processes
          if p.name in prepared.foreground and "assumed" in p.comment.casefold()),
        *(Assumption(f"left out on purpose: {text}", None, "not estimated")
          for text in prepared.study.scope.excluded),
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda one: (one.effect is None, -abs(one.effect or 0.0))))


def _mixed(prepared: Prepared, found: Climate) -> Iterable[Assumption]:
    """Inputs of equal parts of several producers: how far apart the producers are."""
    lam: np.ndarray | None = None
    system, lci = prepared.system, prepared.lci
    for text in system.assumed:
        flow, sign, _ = text.rpartition(": equal parts of ")
        if not sign:
            continue
        if lam is None:
            lam = multipliers(lci.factored, found.method.total)
        makers = [k for k, p in enumerate(system.processes) if p.product == flow]
        try:
            factor = [convert(system.processes[makers[0]].unit, system.processes[k].unit)
                      for k in makers]  # fmt: skip
        except (UnitError, IndexError):
            yield Assumption(text, None, "the producers have different units")
            continue
        per_unit = [float(lam[k]) * f for k, f in zip(makers, factor, strict=True)]
        amount = sum(float(lci.produced[k]) / f for k, f in zip(makers, factor, strict=True))
        yield Assumption(
            text, (max(per_unit) - min(per_unit)) * amount,
            "between all from the cleanest and all from the dirtiest producer",
        )  # fmt: skip


def _burnt(prepared: Prepared, found: Climate) -> Iterable[Assumption]:
    """Carbon that counts as biogenic by the name of its process, and whether its uptake is in."""
    system, lci = prepared.system, prepared.lci
    part = 0.0
    row = {(f.name, f.compartment, f.carbon, f.unit): float(v)
           for f, v in zip(system.flows, found.method.total, strict=True)
           if f.direction == "out"}  # fmt: skip
    for k, process in enumerate(system.processes):
        if lci.scaling[k] == 0:
            continue
        for one in process.exchanges:
            if one.source == RULE:
                per = row.get((one.flow, one.compartment, one.carbon, one.unit))
                if per is None:
                    continue
                part += per * one.amount * float(lci.scaling[k])
    if part:
        taken = -found.parts["biogenic removals"]
        yield Assumption(
            f"{RULE}; {taken:.4g} kg of uptake from the air are in the inventory: where the growth"
            " of what is burnt is not in it, the total counts its release alone",
            part, "biogenic emissions that rest on it; fossil otherwise",
        )  # fmt: skip


def _of_the_table(prepared: Prepared, found: Climate) -> Iterable[Assumption]:
    """What was assumed to fill gaps from the table, with all that rests on the table."""
    direct = np.asarray(prepared.system.B.T @ found.method.total) * prepared.lci.scaling
    part = sum(
        float(v) for p, v in zip(prepared.system.processes, direct, strict=True) if is_money(p)
    )
    if any(is_money(p) for p in prepared.system.processes):
        name = prepared.table.provenance.dataset if prepared.table is not None else "the table"
        yield Assumption(
            f"what no process provides is taken from {name}: the mean of an industry, in money",
            part, "part of the result that rests on it",
        )  # fmt: skip
    for text in prepared.assumed:
        yield Assumption(text, None)
