"""The answer of a study in plain sentences."""

from __future__ import annotations

from mriocarbon.lca.checks import counts
from mriocarbon.lca.hybrid_complement import ESTIMATE
from mriocarbon.lca.prepare import is_money
from mriocarbon.report.lca_view import View, named, percent

__all__ = ["cover", "facts", "headline", "sentences"]


def headline(view: View) -> str:
    """Return the result in one sentence."""
    found = view.found
    wide = found.interpretation.spread
    text = f"{view.product}: {view.amount(found.total)} {view.unit}"
    if wide is not None:
        text += f" (95 % interval {view.between(wide.low, wide.high)})"
    return text + f", {found.study.scope.boundary}."


def sentences(view: View) -> list[str]:
    """Return what a reader must know to use the number."""
    found = view.found
    told = found.interpretation
    parts = told.contributions
    out = []
    if parts.hotspots:
        top = parts.hotspots[0]
        out.append(
            f"{len(parts.hotspots)} of {len(parts.process)} processes that emit account for 80 % of"
            f" what is emitted; the largest is {named(top.name)} with {percent(top.share)} % of the"
            " result."
        )  # fmt: skip
    wide = told.spread
    if wide is None:
        out.append("No number behind it has a stated distribution: the result has no interval,"
                   " which does not make it exact.")  # fmt: skip
    elif wide.stated is not None and wide.stated < 0.5:
        out.append(
            f"Numbers with a stated distribution carry {percent(wide.stated, 0)} % of all"
            " elasticities: the interval is a lower bound."
        )
    whole = told.completeness
    if whole.left:
        known = [one for one in whole.left if one.estimate is not None]
        things = "1 thing" if len(whole.left) == 1 else f"{len(whole.left)} things"
        text = f"Not in the result: {things} left out"
        if known:
            most = "at most " if whole.bound else ""
            text += (
                f", {len(known)} of them estimated to add {most}{view.amount(whole.estimated)}"
                f" {view.unit}"
            )
        if whole.unknown:
            text += f", {whole.unknown} of unknown effect"
        out.append(text + ".")
    else:
        out.append("Every input within reach is linked; nothing is known to be left out.")
    number = counts(found.checks)
    out.append(
        f"{len(found.checks)} checks: {number['pass']} met, {number['warn']} with a note,"
        f" {number['fail']} not met, {number['skipped']} not made."
    )
    if found.study.goal.comparative:
        out.append("A comparative assertion for the public needs a critical review by a panel"
                   " (ISO 14044:2006, 5.3); this report is none.")  # fmt: skip
    return out


def cover(view: View) -> tuple[str, str]:
    """Return how much of the footprint the result covers: the number and the words beside it.

    "At least" only where everything left out has an upper estimate. Where the study counts the
    complement itself, what rests on the table is told instead.
    """
    found = view.found
    whole = found.interpretation.completeness
    more = f"; {whole.not_known}" if whole.not_known else ""
    hybrid = found.study.hybrid
    if whole.covered is not None and any(one.estimate is not None for one in whole.left):
        word = "at least " if whole.least else ("about " if whole.not_known else "")
        told = "what could be estimated" if whole.not_known else "the table's estimate"
        return f"{word}{percent(whole.covered)} %", f"covered, by {told} of what is left out{more}"
    if hybrid is not None and hybrid.complement and found.total:
        direct = found.lci.by_process(found.climate.method.total[None, :])[0]
        rests = sum(
            float(v) for p, v in zip(found.system.processes, direct, strict=True)
            if is_money(p)
            or any(e.category == ESTIMATE and e.kind == "biosphere" for e in p.exchanges)
        )  # fmt: skip
        words = f"of the result rests on the table, which fills what is not listed{more}"
        return f"{percent(rests / found.total)} %", words
    if whole.covered is not None:
        return f"{percent(whole.covered)} %", f"covered{more}"
    return "not known", "share covered: what is left out could not be estimated"


def facts(view: View) -> list[tuple[str, str]]:
    """Return goal and scope as (name, text)."""
    found = view.found
    study, scope = found.study, found.study.scope
    unit = scope.functional_unit
    rule = scope.allocation
    table = found.prepared.table
    made = [
        ("Question", study.goal.question),
        ("Functional unit", view.product + (f": {unit.description}" if unit.description else "")),
        ("Reason", study.goal.reason),
        ("Audience", study.goal.audience),
        ("Boundary", scope.boundary),
        ("Stages", ", ".join(scope.stages)),
        ("Left out on purpose", "; ".join(scope.excluded)),
        ("Cut-off", f"{100 * scope.cutoff:g} % of the result"),
        ("Allocation", "none given" if rule is None else
         (rule if isinstance(rule, str) else "by process")
         + (f", else {scope.fallback}" if scope.fallback else "")),
        ("Potentials", found.climate.method.name),
        ("Time and place", f"{scope.year}" + (f", {scope.place}" if scope.place else "")),
        ("Table for gaps", table.provenance.dataset if table is not None else "none"),
        ("Draws", f"{study.draws:,}, seed {study.seed}"),
        ("Study file, sha256", found.sha256),
        ("Made by", f"mriocarbon {found.version}"),
    ]  # fmt: skip
    return [(name, text) for name, text in made if text]
