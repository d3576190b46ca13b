"""What each choice made for a bill of materials does to its footprint: computed, not guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mriocarbon.lca.assign import Found, priced_in_table
from mriocarbon.lca.assumptions import Assumption
from mriocarbon.lca.goal import Study
from mriocarbon.lca.match import Candidate, same_place
from mriocarbon.lca.units import compatible, convert
from mriocarbon.lca.usable import Priced

if TYPE_CHECKING:
    from mriocarbon.lca.study import Assessment
    from mriocarbon.model.table import MRIO

__all__ = ["assumptions_of", "contribution"]

_DENSITY = 0.2


def _per_item(found: Found, candidate: Candidate, background: Priced) -> float:
    """What the item emits if it is taken from a process, kg CO2e."""
    amount, unit = found.item.amount, found.item.unit
    if found.item.mass is not None:
        amount, unit = amount * found.item.mass, "kg"
    factor = candidate.factor if candidate.bridge else convert(unit, candidate.unit)
    return amount * factor * background.score[candidate.process]


def contribution(found: Found, background: Priced, per_money: float = 0.0) -> float:
    """Return what an item adds to the result, cradle to gate, kg CO2e.

    Parameters
    ----------
    found : Found
    background : Priced
    per_money : float
        kg CO2e per USD of the industry, where it is taken from the table.
    """
    if found.candidate is None:
        return priced_in_table(found) * per_money
    return _per_item(found, found.candidate, background)


def _per_money(mrio: MRIO, sector: str, region: str, study: Study) -> float:
    """kg CO2e per USD of an industry."""
    from mriocarbon.lca.hybrid_money import money_process
    from mriocarbon.lca.impact import gwp_method
    from mriocarbon.lca.lci import inventory
    from mriocarbon.lca.system import System

    process = money_process(mrio, region, sector, uncertainty=False)
    system = System.of([process])
    scope = study.scope
    method = gwp_method(
        system, scope.gwp, horizon=scope.horizon, unspecified=scope.unspecified_carbon
    )
    return float(method.total @ inventory(system, {process.name: 1.0}).flows)


def assumptions_of(
    found: Sequence[Found], study: Study, background: Priced, done: Assessment
) -> tuple[Assumption, ...]:
    """Return every choice that was made for a bill, with its effect on the result.

    Parameters
    ----------
    found : sequence of Found
    study : Study
    background : Priced
    done : Assessment
        The finished study, for its table.

    Notes
    -----
    The effect of a match is the change of the result with the runner-up instead, which is exact;
    without a runner-up it is what the item adds, which is the change if it were left out.
    """
    made: list[Assumption] = []
    mrio = done.prepared.table
    for one in found:
        if one.candidate is not None:
            made += _of_process(one, background, study.scope.place)
        elif mrio is not None:
            made += _of_table(one, mrio, study)
    made += _of_sharing(found, background)
    return tuple(made)


def _of_process(one: Found, background: Priced, place: str) -> Iterable[Assumption]:
    candidate, item = one.candidate, one.item
    assert candidate is not None
    adds = _per_item(one, candidate, background)
    if one.match is not None:
        text = f"{item.name}: taken from {candidate.process!r} (score {candidate.score:.2f}"
        text += ", ambiguous)" if one.match.status == "ambiguous" else ")"
        if candidate.missed:
            text += f"; not found in its name: {', '.join(candidate.missed)}"
        second = one.match.runner_up
        if second is not None:
            yield Assumption(
                text, _per_item(one, second, background) - adds,
                f"change with the runner-up {second.process!r} (score {second.score:.2f})",
            )  # fmt: skip
        else:
            yield Assumption(text, adds, "part of the result that rests on it; no runner-up")
    if candidate.doubles:
        made_in = {p.name: p.unit for p in background.processes}
        known = [n for n in candidate.doubles
                 if n in background.score and compatible(candidate.unit, made_in[n])]  # fmt: skip
        values = [background.score[n] * convert(candidate.unit, made_in[n]) for n in known]
        if values:
            own = background.score[candidate.process]
            far = max(values, key=lambda v: abs(v - own))
            yield Assumption(
                f"{item.name}: of {len(known) + 1} processes named {candidate.plain!r}"
                f" {candidate.process!r} is taken: nearest place, then newest",
                adds * (far / own - 1) if own else None, "change with the one farthest from it",
            )  # fmt: skip
    where = item.location or place
    if one.match is not None and where and not same_place(candidate.location, where):
        yield Assumption(
            f"{item.name}: a process of {candidate.location or 'no stated place'} stands for"
            f" {where}", adds, "part of the result that rests on it",
        )  # fmt: skip
    if candidate.bridge and "given" not in candidate.bridge:
        # less dense: more volume of a mass, less mass of a volume
        to_volume = item.mass is not None or compatible(item.unit, "kg")
        change = 1 / (1 - _DENSITY) - 1 if to_volume else -_DENSITY
        yield Assumption(
            f"{item.name}: mass and volume by {candidate.bridge}", adds * change,
            f"change if the density were {_DENSITY:.0%} lower",
        )  # fmt: skip
    if one.plain is not None:
        fuel = one.plain.best
        yield Assumption(
            f"{item.name}: burnt where it is used (stage {item.stage})",
            _per_item(one, fuel, background) - adds if fuel is not None else None,
            "change if it were not burnt" if fuel is not None else "the fuel alone has no process",
        )  # fmt: skip


def _of_table(one: Found, mrio: MRIO, study: Study) -> Iterable[Assumption]:
    item = one.item
    money = priced_in_table(one)
    adds = money * _per_money(mrio, one.sector, one.region, study)
    if not item.sector:
        best = one.industries[0]
        why = f"; {one.match.why}" if one.match is not None else ""
        text = (f"{item.name}: no process{why}; {money:.4g} USD of industry {one.sector} of"
                f" {one.region} (score {best.score:.2f}, by {best.words!r})")  # fmt: skip
        if len(one.industries) > 1:
            second = one.industries[1]
            other = money * _per_money(mrio, second.sector, one.region, study)
            yield Assumption(text, other - adds, f"change with the industry {second.sector}"
                             f" (score {second.score:.2f})")  # fmt: skip
        else:
            yield Assumption(text, adds, "part of the result that rests on it; no runner-up")
    if not item.location:
        yield Assumption(f"{item.name}: made in {one.region}, the place of the study", adds,
                         "part of the result that rests on it")  # fmt: skip
    if item.unit != "USD":
        yield Assumption(f"{item.name}: price of {item.price:g} USD per {item.unit}, given; taken"
                         f" as a basic price of the table's year ({mrio.year}), whatever the year"
                         f" of the study ({study.scope.year})", 0.1 * adds,
                         "change if the price were 10 % higher")  # fmt: skip


def _of_sharing(found: Sequence[Found], background: Priced) -> Iterable[Assumption]:
    """How co-products share: against every product carrying all of its process."""
    change = 0.0
    for one in found:
        if one.candidate is None:
            continue
        name = one.candidate.process
        own = background.score[name]
        if own:
            adds = _per_item(one, one.candidate, background)
            change += adds * (background.otherwise.get(name, own) / own - 1)
    if background.rules:
        yield Assumption(
            "co-products share by mass where their masses are known; water, waste and scrap carry"
            " nothing; where a mass is not known the product carries all", change,
            "change if every product carried all of its process",
        )  # fmt: skip
    for name in sorted({one.process for one in found if one.process in background.refused}):
        yield Assumption(f"{name!r} was named, although {background.refused[name]}", None)
