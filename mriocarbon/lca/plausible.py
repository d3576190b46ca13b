"""Scores of matched processes that are hardly true of what they stand for: warned about by name.

The bounds are wide and set by hand; they are there to catch broken data, not to judge it.
"""

from __future__ import annotations

from collections.abc import Sequence

from mriocarbon.lca.assign import Found
from mriocarbon.lca.biomass import burns_biomass
from mriocarbon.lca.checks import Check
from mriocarbon.lca.gases import gas_of
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.system import Flow
from mriocarbon.lca.units import compatible, convert
from mriocarbon.lca.usable import Priced
from mriocarbon.lca.words import class_of, read_words

__all__ = ["BOUNDS", "OTHER", "warnings_of"]

BOUNDS = {"wood": 3.0, "paper": 5.0, "crop": 3.0, "mineral": 5.0, "fuel": 5.0,
          "chemical": 10.0, "plastic": 15.0, "rubber": 15.0, "textile": 30.0,
          "metal": 30.0}  # fmt: skip
"""kg CO2e per kg above which a process of that class of material is doubted; the least of several
classes counts."""
OTHER = 30.0
"""The same for things of no known class."""
LEAST = 0.005
"""kg CO2e per kg below which it is doubted, whatever it is."""


def _limit(name: str) -> float:
    classes = {class_of(word) for word in read_words(name).words}
    return min((BOUNDS[c] for c in classes if c in BOUNDS), default=OTHER)


def _unstated(process: Process) -> float:
    """kg CO2 that it gives off itself without an origin, per unit of product."""
    return sum(
        e.amount * convert(e.unit, "kg") / process.amount
        for e in process.exchanges
        if e.kind == "biosphere" and e.direction == "out" and not e.carbon
        and compatible(e.unit, "kg") and "fossil" not in e.flow.casefold()
        and "biogenic" not in e.flow.casefold()
        and gas_of(Flow(e.flow, e.compartment, e.direction, e.unit, e.cas)) == "CO2"
    )  # fmt: skip


def warnings_of(found: Sequence[Found], background: Priced) -> tuple[Check, ...]:
    """Return a warning for each item whose process has a score that is hardly true.

    Warned about are scores below zero (uptake without its release), above `BOUNDS` or below
    `LEAST` per kg, and wood and paper whose process gives off carbon dioxide of no stated origin:
    mills burn bark and black liquor, which would then count as fossil.

    Parameters
    ----------
    found : sequence of Found
        Of `assign.assigned`.
    background : Priced
    """
    processes = {p.name: p for p in background.processes}
    makers = {p.product: p for p in background.processes}
    made: list[Check] = []
    for one in found:
        if one.candidate is None:
            continue
        name, item = one.candidate.process, one.item.name
        score, unit = background.score[name], one.candidate.unit
        what = f"{item}: {name!r}"
        figures: dict[str, float | int | str] = {f"score, kg CO2e/{unit}": score}
        if score < 0:
            made.append(Check(
                "impact", f"score of {item}", "warn",
                f"{what} has {score:.3g} kg CO2e per {unit}, less than nothing: the carbon taken"
                " up by growing is in it, its release in use or at the end of life is not",
                figures=figures,
            ))  # fmt: skip
        elif compatible(unit, "kg"):
            per, most = score / convert(unit, "kg"), _limit(name)
            if per > most or per < LEAST:
                side = f"above {most:g}" if per > most else f"below {LEAST:g}"
                made.append(Check(
                    "impact", f"score of {item}", "warn",
                    f"{what} has {per:.3g} kg CO2e per kg, {side}, which is hardly true of such a"
                    " thing: look into the process, or name another", figures=figures,
                ))  # fmt: skip
        process = processes.get(name)
        if process is None or burns_biomass(name):
            continue
        open_ = _unstated(process)
        for e in process.exchanges:  # and its first suppliers: a mill stands one step back
            made_by = makers.get(e.flow)
            if (e.kind == "technosphere" and e.direction == "in" and made_by is not None
                    and not burns_biomass(made_by.name)
                    and read_words(made_by.name).of(["wood", "paper"])
                    and compatible(e.unit, made_by.unit)):  # fmt: skip
                per_unit = e.amount * convert(e.unit, made_by.unit) / process.amount
                open_ += _unstated(made_by) * per_unit
        if read_words(name).of(["wood", "paper"]) and open_ > 0.1 * abs(score):
            made.append(Check(
                "impact", f"origin of the carbon of {item}", "warn",
                f"{what} and its first suppliers give off {open_:.3g} kg CO2 per {unit}"
                " of no stated origin: mills burn bark and black liquor,"
                " so part of what counts as unspecified may be biogenic",
                figures={f"CO2 of no stated origin, kg/{unit}": open_},
            ))  # fmt: skip
    return tuple(made)
