"""A background as published, made fit to be taken from without asking: which processes can be
used, how co-products share, and what one unit of each product emits.

Two faults of published unit processes make a footprint look far too small, and neither raises an
error: inputs that lead nowhere, and co-products that are water or waste and carry, by mass, nearly
all of the burden. Both are looked for here and listed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError
from mriocarbon.lca.allocation import shares
from mriocarbon.lca.impact import gwp_method
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import factor
from mriocarbon.lca.perturb import multipliers
from mriocarbon.lca.system import System
from mriocarbon.lca.units import compatible, convert
from mriocarbon.lca.words import class_of, densities, read_words

if TYPE_CHECKING:
    Rules = Mapping[str, str | Mapping[str, float]]

__all__ = ["MOST_MISSING", "Priced", "priced", "rules_of", "unlinked_mass"]

MOST_MISSING = 0.5
"""Share of a product's mass that inputs leading nowhere may have; above it, it is passed over."""
MOST_OF_SCRAP = 1.0
"""kg CO2e per kg that collecting and sorting scrap may take; above it, it is passed over."""
_NOTHING = 1e-3  # kg CO2e per kg
_WASTE = re.compile(
    r"^(?:water|tar|disposal|waste)\b|\bscrap\b|liquid residuals|recovered energy",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"\b(?:ores?|concentrates?|scrap|wastes?|wastewater|recovered|recycled|postconsumer|disposal|"
    r"water|residues?|slag|dust|sanderdust|sawdust)\b",
    re.IGNORECASE,
)


def _of_liquids(process: Process) -> dict[str, float] | None:
    """Shares by mass where some products are volumes of known density; None where not."""
    mine = Exchange(process.product, process.amount, process.unit, direction="out")
    weight: dict[str, float] = {}
    for one in (mine, *process.co_products):
        if compatible(one.unit, "kg"):
            mass = one.amount * convert(one.unit, "kg")
        elif compatible(one.unit, "m3"):
            known = [densities()[w][0] for w in read_words(one.flow).words if w in densities()]
            if not known or not any(class_of(w) == "fuel" for w in read_words(one.flow).words):
                return None
            mass = one.amount * convert(one.unit, "m3") * known[0]
        else:
            return None
        weight[one.flow] = weight.get(one.flow, 0.0) + mass
    whole = sum(weight.values())
    return {name: mass / whole for name, mass in weight.items()} if whole > 0 else None


def rules_of(
    processes: Sequence[Process],
) -> tuple[dict[str, str | dict[str, float]], dict[str, str]]:
    """Return how the products of each process share, and why.

    By mass where all masses are known; fuels by mass through a table of densities; the product
    carries all where co-products are water, waste, scrap or recovered energy, or where a mass is
    not known.

    Returns
    -------
    rules : dict of process name to rule
        As `System.of` and `Scope.allocation` take it.
    why : dict of process name to str
    """
    rules: dict[str, str | dict[str, float]] = {}
    why: dict[str, str] = {}
    for process in processes:
        others = process.co_products
        if not others:
            continue
        if all(_WASTE.search(e.flow) for e in others):
            rules[process.name] = "reference"
            why[process.name] = "co-products that are water, waste or scrap carry nothing"
            continue
        try:
            shares(process, "mass")
            rules[process.name], why[process.name] = "mass", "shared out by mass"
        except InputError:
            liquids = _of_liquids(process)
            rules[process.name] = "reference" if liquids is None else liquids
            why[process.name] = (
                "the product carries all: the mass of a co-product is not known"
                if liquids is None
                else "shared out by mass, liquids through assumed densities"
            )
    return rules, why


def unlinked_mass(system: System) -> NDArray[np.float64]:
    """Return the mass of inputs that lead nowhere per mass of product, shape (n,).

    Counted are metals, plastics and rubber, whose making emits much, and every material of a
    process without emissions of its own, which only puts together. Not counted are scrap, waste,
    ores and water, nor anything where a mass is not known.
    """
    found = np.zeros(len(system.processes))
    own = np.asarray(abs(system.B).sum(axis=0)).reshape(-1)
    for one in system.unlinked:
        process = system.processes[one.column]
        if one.kind != "technosphere" or one.amount > 0 or _FREE.search(one.flow):
            continue
        if own[one.column] > 0 and not read_words(one.flow).of(["metal", "plastic", "rubber"]):
            continue
        if compatible(one.unit, "kg") and compatible(process.unit, "kg"):
            made = process.amount * convert(process.unit, "kg")
            found[one.column] += -one.amount * convert(one.unit, "kg") / made
    return found


@dataclass(frozen=True, eq=False)
class Priced:
    """A background with what one unit of each product emits, cradle to gate.

    Attributes
    ----------
    processes : tuple of Process
        As published, those left out taken away.
    score : mapping of process name to float
        kg CO2e per unit of product, by the rules.
    otherwise : mapping of process name to float
        The same where every product carries all of its process.
    rules, why : mapping of process name to rule, and to the reason
    refused : mapping of process name to str
        Not to be taken, and why.
    leave_out : tuple of str
        Processes that cannot be linked at all.
    """

    processes: tuple[Process, ...]
    score: Mapping[str, float]
    otherwise: Mapping[str, float]
    rules: Rules
    why: Mapping[str, str]
    refused: Mapping[str, str]
    leave_out: tuple[str, ...]

    @property
    def usable(self) -> frozenset[str]:
        """Names of the processes that may be taken."""
        return frozenset(self.score) - frozenset(self.refused)


def priced(
    processes: Sequence[Process],
    *,
    choose: Mapping[str, str] | None = None,
    gwp: str = "AR6",
    horizon: int = 100,
    unspecified: str = "fossil",
) -> Priced:
    """Return a background with what one unit of each product emits: two adjoint solves.

    Parameters
    ----------
    processes : sequence of Process
    choose : mapping of product to process, optional
    gwp, horizon, unspecified
        As for `gwp_method`.

    Examples
    --------
    >>> air = Exchange("Carbon dioxide, fossil", 2.0, "kg", "biosphere", "out", "air")
    >>> mill = Process("mill", "steel", 1.0, "kg", (air,))
    >>> mix = Process("mix", "steel mix", 1.0, "kg", (
    ...     Exchange("steel", 0.4, "kg"), Exchange("secondary steel", 0.6, "kg")))
    >>> found = priced([mill, mix])
    >>> found.score["mix"], sorted(found.usable)
    (0.8, ['mill'])
    """
    left = []
    for process in processes:
        own = sum(e.amount * convert(e.unit, process.unit) for e in process.exchanges
                  if e.flow == process.product and e.kind == "technosphere"
                  and e.direction == "in" and compatible(e.unit, process.unit))  # fmt: skip
        if own >= process.amount:
            left.append(process.name)
    kept = tuple(p for p in processes if p.name not in left)
    rules, why = rules_of(kept)
    found = []
    for rule in (rules, dict.fromkeys(rules, "reference")):
        system = System.of(
            kept, allocation=rule, several="mix", missing="leave", choose=dict(choose or {})
        )
        method = gwp_method(system, gwp, horizon=horizon, unspecified=unspecified)
        per_unit = multipliers(factor(system), method.total)
        names = [p.name for p in system.processes]
        found.append((system, dict(zip(names, per_unit.tolist(), strict=True))))
    system, score = found[0]
    refused = dict.fromkeys(left, "it takes as much of its own product as it makes")
    missing = unlinked_mass(system)
    for k, process in enumerate(system.processes):
        value = score[process.name]
        if missing[k] > MOST_MISSING:
            refused[process.name] = f"inputs of {missing[k]:.0%} of its product's mass lead nowhere"
        elif (
            re.search(r"\bscrap\b", process.name, re.IGNORECASE)
            and compatible(process.unit, "kg")
            and value / convert(process.unit, "kg") > MOST_OF_SCRAP
        ):
            refused[process.name] = (
                f"scrap that carries {value / convert(process.unit, 'kg'):.2g} kg CO2e per kg, as"
                " much as new metal"
            )
        elif value == 0 or (
            compatible(process.unit, "kg") and abs(value / convert(process.unit, "kg")) < _NOTHING
        ):
            refused[process.name] = f"nothing is behind it: {value:.2g} kg CO2e per {process.unit}"
    return Priced(kept, score, found[1][1], rules, why, refused, tuple(left))
