"""Checks of goal and scope, and of the inventory, before anything is counted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.lca.checks import Check
from mriocarbon.lca.goal import Study
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.sense import credits

if TYPE_CHECKING:
    from mriocarbon.lca.prepare import Prepared

__all__ = ["goal_checks", "inventory_checks"]

_GOAL = "ISO 14044:2006, 4.2.2"
_SCOPE = "ISO 14044:2006, 4.2.3"


def goal_checks(study: Study) -> tuple[Check, ...]:
    """Return whether the items that ISO 14044, 4.2 asks for are there.

    Examples
    --------
    >>> from mriocarbon.lca.goal import study_of
    >>> raw = {"title": "Lime", "goal": {"question": "How much?"}, "background": "us-lci",
    ...        "scope": {"boundary": "cradle-to-gate", "functional_unit":
    ...                  {"product": "lime", "amount": 1, "unit": "t"}}}
    >>> [c.name for c in goal_checks(study_of(raw)) if c.status == "warn"]
    ['reason for the study', 'audience', 'place', 'allocation']
    """
    goal, scope = study.goal, study.scope
    unit = scope.functional_unit
    made: list[Check] = [
        Check("goal", "question", "pass", goal.question, _GOAL),
        _there("reason for the study", goal.reason, "say why the study is made", _GOAL),
        _there("audience", goal.audience, "say for whom it is made", _GOAL),
        Check(
            "goal", "functional unit", "pass",
            f"{unit.amount:g} {unit.unit} {unit.product}"
            + (f": {unit.description}" if unit.description else ""),
            f"{_SCOPE}.2", {"amount": unit.amount, "unit": unit.unit},
        ),
        Check("goal", "system boundary", "pass", scope.boundary
              + (f"; stages: {', '.join(scope.stages)}" if scope.stages else "")
              + (f"; left out on purpose: {', '.join(scope.excluded)}" if scope.excluded else ""),
              f"{_SCOPE}.3"),
        _potentials(study),
        _there("place", scope.place, "name the country of the product", f"{_SCOPE}.6.2"),
    ]  # fmt: skip
    if scope.allocation is None:
        made.append(Check("goal", "allocation", "warn", "no rule is given: a process with"
                          " co-products will be refused", "ISO 14044:2006, 4.3.4"))  # fmt: skip
    else:
        made.append(Check("goal", "allocation", "pass", _rule(study), "ISO 14044:2006, 4.3.4"))
    if scope.boundary == "cradle-to-grave":
        lacking = [s for s in scope.stages if s not in {p.stage for p in study.processes}]
        files = " (files may hold it)" if study.foreground else ""
        made.append(
            Check("goal", "stages of the life cycle", "warn" if lacking else "pass",
                  f"no process of stage {', '.join(lacking)}{files}" if lacking
                  else ", ".join(scope.stages), "ISO 14067:2018, 6.3.4")
        )  # fmt: skip
    if goal.comparative:
        made.append(
            Check("goal", "comparative assertion to the public", "warn",
                  "needs a critical review by a panel of interested parties, and impact categories"
                  " beside climate, which no program can give", "ISO 14044:2006, 5.3, 6.3")
        )  # fmt: skip
    return tuple(made)


def _potentials(study: Study) -> Check:
    """GWP100 of the newest report is what the standard asks for; others belong beside it."""
    scope = study.scope
    latest = (scope.gwp, scope.horizon) == ("AR6", 100)
    return Check("goal", "impact method", "pass" if latest else "warn",
                 f"GWP{scope.horizon} of IPCC {scope.gwp}"
                 + ("" if latest else ": GWP100 of the latest report, AR6, is asked for"),
                 "ISO 14067:2018, 6.5.1")  # fmt: skip


def _there(name: str, text: str, do: str, clause: str) -> Check:
    return Check("goal", name, "pass" if text else "warn", text or f"not given: {do}", clause)


def _rule(study: Study) -> str:
    rule = study.scope.allocation
    text = rule if isinstance(rule, str) else f"by process ({len(rule or {})} named)"
    fallback = study.scope.fallback
    return f"{text}, else {fallback}" if fallback else text


def inventory_checks(prepared: Prepared) -> Iterable[Check]:
    """Yield what was checked of an inventory: data, balances, links, quality, solution."""
    own = [p for p in prepared.processes if p.name in prepared.foreground]
    flows = [(p, e) for p in own for e in p.exchanges]
    system, lci = prepared.system, prepared.lci
    naked = [f"{p.name}: {e.flow}" for p, e in flows if not (e.source or p.source)]
    yield _share("source of every number", naked, len(flows), "ISO 14044:2006, 4.3.2.1")
    unscored = [f"{p.name}: {e.flow}" for p, e in flows if e.spread is None]
    yield _share("quality scores or distribution of every number", unscored, len(flows),
                 "ISO 14044:2006, 4.2.3.6")  # fmt: skip
    yield from _balances(prepared)
    yield from _credits(own)
    left = [u for u in system.unlinked if lci.scaling[u.column] != 0]
    if left:
        names = "; ".join(dict.fromkeys(f"{u.flow} ({u.reason})" for u in left[:6]))
        lead = "1 input leads" if len(left) == 1 else f"{len(left)} inputs lead"
        yield Check("inventory", "links", "warn", f"{lead} nowhere: {names}"
                    + (" ..." if len(left) > 6 else ""), "ISO 14044:2006, 4.3.3.3",
                    {"unlinked": len(left)})  # fmt: skip
    else:
        yield Check("inventory", "links", "pass", "every input within reach is provided",
                    "ISO 14044:2006, 4.3.3.3")  # fmt: skip
    for note in prepared.notes[:12]:
        yield Check("inventory", "file of a background", "warn", note)
    error = lci.error
    yield Check("inventory", "solution of A s = f", "pass" if error <= 1e-9 else "fail",
                f"estimated relative error {error:.1e} of {len(system.processes)} processes within"
                f" reach, {len(own)} of them of the study itself", "",
                {"error": error, "processes": len(system.processes), "own": len(own)})  # fmt: skip
    residual = float(np.abs(system.A @ lci.scaling - lci.demand).max(initial=0.0))
    scale = float((abs(system.A) @ np.abs(lci.scaling)).max(initial=0.0)) or 1.0
    yield Check("inventory", "balance of products", "pass" if residual <= 1e-9 * scale else "fail",
                f"what is made less what is taken misses the demand by {residual / scale:.1e} of"
                " the largest turnover", "", {"residual": residual / scale})  # fmt: skip


def _share(name: str, lacking: list[str], whole: int, clause: str) -> Check:
    if not whole:
        return Check("inventory", name, "skipped", "the study holds no process of its own", clause)
    if not lacking:
        return Check("inventory", name, "pass", f"all {whole} of the foreground", clause,
                     {"with, %": 100.0})  # fmt: skip
    more = f" and {len(lacking) - 4} more" if len(lacking) > 4 else ""
    return Check(
        "inventory", name, "warn",
        f"{len(lacking)} of {whole} in the foreground have none: {'; '.join(lacking[:4])}{more}",
        clause, {"with, %": 100 * (whole - len(lacking)) / whole},
    )  # fmt: skip


def _credits(own: list[Process]) -> Iterable[Check]:
    """Yield a note on what the study counts as saved elsewhere."""
    found = [f"{p.name}: {e.flow} {e.amount:g} {e.unit}" for p, e in credits(own)]
    if found:
        more = f"; and {len(found) - 6} more" if len(found) > 6 else ""
        yield Check(
            "inventory", "credits", "warn",
            f"{len(found)} amounts below zero are credits, each takes off what providing it would"
            f" emit: {'; '.join(found[:6])}{more}",
            "ISO 14044:2006, 4.3.4.2", {"credits": len(found)},
        )  # fmt: skip


def _balances(prepared: Prepared) -> Iterable[Check]:
    """Yield one record for each quantity, with the processes whose balance does not close."""
    from mriocarbon.lca.balance import balances, wastes_of

    wastes = wastes_of(prepared.processes)
    own = [p for p in prepared.processes if p.name in prepared.foreground]
    found = [one for p in own for one in balances(p, wastes=wastes)]
    for what in dict.fromkeys(one.what for one in found):
        mine = [one for one in found if one.what == what]
        number = {s: sum(one.status == s for one in mine) for s in ("closed", "open", "skipped")}
        gone = sorted((one for one in mine if one.status == "open"), key=lambda one: -abs(one.gap))
        told = (
            f"{number['closed']} of {len(mine)} processes close, {number['open']} do not,"
            f" {number['skipped']} cannot be told"
        )
        if gone:
            told += f": {'; '.join(one.detail for one in gone[:3])}"
            told += f"; and {len(gone) - 3} more" if len(gone) > 3 else ""
        status = "warn" if gone else ("pass" if number["closed"] else "skipped")
        yield Check("inventory", f"{what} balance", status, told, "ISO 14044:2006, 4.3.3.2",
                    number)  # fmt: skip
