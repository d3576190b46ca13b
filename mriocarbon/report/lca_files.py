"""The numbers behind a footprint's page: CSV tables and one JSON file, nothing rounded."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mriocarbon.lca.checks import counts
from mriocarbon.lca.comparison import Comparison
from mriocarbon.lca.sensitivity import Parameter
from mriocarbon.lca.study import Assessment
from mriocarbon.report.files import csv_text

__all__ = ["CSVS", "SCHEMA", "content", "table"]

SCHEMA = "mriocarbon/lca/1"
Row = Sequence[Any]


def _contributions(a: Assessment) -> Iterable[Row]:
    yield "kind", "name", "stage", "kg CO2e", "share"
    c = a.interpretation.contributions
    for kind in ("category", "gas", "stage", "process", "flow"):
        for p in getattr(c, kind):
            yield kind, p.name, p.stage, p.value, p.share


def _paths(a: Assessment) -> Iterable[Row]:
    yield (
        "number", "parent", "depth", "process", "amount", "unit", "kg CO2e cradle to gate",
        "kg CO2e own", "kg CO2e of inputs not listed",
    )  # fmt: skip
    for n in a.interpretation.contributions.tree:
        yield (n.number, n.parent, n.depth, n.process, n.amount, n.unit, n.score, n.direct,
               n.rest)  # fmt: skip


def _links(a: Assessment) -> Iterable[Row]:
    yield "provider", "user", "amount", "unit", "kg CO2e"
    for x in a.interpretation.contributions.links:
        yield x.provider, x.user, x.amount, x.unit, x.score


def _inventory(a: Assessment) -> Iterable[Row]:
    yield (
        "process", "product", "makes", "unit", "stage", "location", "year", "runs",
        "own or background", "flow", "amount", "unit of flow", "kind", "direction", "compartment",
        "provider", "distribution", "spread", "pedigree", "source",
    )  # fmt: skip
    own = a.prepared.foreground
    for p, runs in zip(a.system.processes, a.lci.scaling.tolist(), strict=True):
        if runs == 0:
            continue
        head = (p.name, p.product, p.amount, p.unit, p.stage, p.location, p.year, runs,
                "own" if p.name in own else "background")  # fmt: skip
        if not p.exchanges:
            yield (*head, *("",) * 10, p.source)
        for e in p.exchanges:
            known = e.spread
            scores = "" if e.pedigree is None else " ".join(map(str, e.pedigree.scores))
            yield (
                *head, e.flow, e.amount, e.unit, e.kind, e.direction, e.compartment, e.provider,
                "" if known is None else known.kind, "" if known is None else known.spread, scores,
                e.source or p.source,
            )  # fmt: skip


def _flows(a: Assessment) -> Iterable[Row]:
    yield "flow", "compartment", "direction", "amount", "unit", "gas", "kg CO2e per unit", "kg CO2e"
    factors = a.climate.method.total
    for k, f in enumerate(a.system.flows):
        g = float(a.lci.flows[k])
        if g:
            # B holds what is taken with a minus, and so does this table
            yield (f.name, f.compartment, f.direction, g, f.unit, a.climate.method.gases[k],
                   float(factors[k]), float(factors[k]) * g)  # fmt: skip


def _left(a: Assessment) -> Iterable[Row]:
    yield "what", "amount", "unit", "reason", "kg CO2e estimated", "upper bound", "how estimated"
    for x in a.interpretation.completeness.left:
        yield x.what, x.amount, x.unit, x.reason, x.estimate, x.most, x.how


def _parameters(a: Assessment) -> Iterable[Row]:
    yield (
        "list", "number", "elasticity", "kg CO2e by a doubling", "relative sd",
        "share of first-order variance", "kg CO2e at its 2.5 %", "kg CO2e at its 97.5 %",
        "Sobol first", "Sobol total", "error of first", "error of total",
    )  # fmt: skip
    s = a.interpretation.sensitivity
    for kind, items in (("elasticity", s.parameters), ("range", s.ranges), ("sobol", s.sobol)):
        for p in items:
            yield kind, *_parameter(p).values()


def _parameter(p: Parameter) -> dict[str, Any]:
    return {
        "number": p.name, "elasticity": p.elasticity, "doubling": p.doubling, "sd": p.sd,
        "variance_share": p.variance_share, "low": p.low, "high": p.high, "first": p.first,
        "total": p.total, "first_error": p.first_error, "total_error": p.total_error,
    }  # fmt: skip


def _scenarios(a: Assessment) -> Iterable[Row]:
    yield "choice", "value", "kg CO2e", "change", "why not"
    for s in a.interpretation.scenarios:
        yield s.choice, s.value, s.total, s.change, s.why


def _draws(a: Assessment) -> Iterable[Row]:
    yield "draw", "kg CO2e"
    wide = a.interpretation.spread
    if wide is not None:
        yield from enumerate(wide.scores.tolist())


def _checks(a: Assessment) -> Iterable[Row]:
    yield "step", "check", "status", "finding", "clause", "figures"
    for c in a.checks:
        figures = "; ".join(f"{name} = {value}" for name, value in c.figures.items())
        yield c.step, c.name, c.status, c.detail, c.clause, figures


def _assumptions(a: Assessment) -> Iterable[Row]:
    yield "assumption", "kg CO2e", "the effect is"
    for x in a.assumptions:
        yield x.text, x.effect, x.meaning


CSVS: dict[str, Callable[[Assessment], Iterable[Row]]] = {
    "contributions": _contributions,
    "paths": _paths,
    "links": _links,
    "inventory": _inventory,
    "flows": _flows,
    "left_out": _left,
    "sensitivity": _parameters,
    "scenarios": _scenarios,
    "draws": _draws,
    "checks": _checks,
    "assumptions": _assumptions,
}
"""Tables by the name of their file."""


def table(found: Assessment, name: str) -> str:
    """Return one table as CSV; what is not known is empty, never zero."""
    header, *rows = CSVS[name](found)
    return csv_text(header, (["" if _gone(v) else v for v in row] for row in rows))


def _gone(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def content(found: Assessment) -> str:
    """Return everything but the draws as JSON; what is not known is null."""
    a = found
    told, parts = a.interpretation, a.interpretation.contributions
    wide, moved, whole = told.spread, told.sensitivity, told.completeness
    data = {
        "schema": SCHEMA,
        "package": {"name": "mriocarbon", "version": a.version},
        "study": a.study.model_dump(mode="json"),
        "sha256": a.sha256 or None,
        "seed": a.seed,
        "unit": "kg CO2e",
        "result": {
            "total": a.total,
            "interval": None if wide is None else list(wide.interval),
            "parts": dict(a.climate.parts),
            "method": a.climate.method.name,
            "error": a.climate.error,
            "status": a.status,
            "left_out": a.left_out,
        },
        "checks": {
            "counts": counts(a.checks),
            "records": [
                {"step": c.step, "name": c.name, "status": c.status, "detail": c.detail,
                 "clause": c.clause, "figures": dict(c.figures)}
                for c in a.checks
            ],
        },
        "contributions": {
            kind: [{"name": p.name, "stage": p.stage, "value": p.value, "share": p.share}
                   for p in getattr(parts, kind)]
            for kind in ("category", "gas", "stage", "process", "flow")
        },
        "hotspots": [p.name for p in parts.hotspots],
        "completeness": {
            "covered": whole.covered, "bound": whole.bound, "estimated": whole.estimated,
            "unknown": whole.unknown, "untested": whole.untested,
            "cutoff": whole.cutoff,
            "left": [
                {"what": x.what, "amount": x.amount, "unit": x.unit, "reason": x.reason,
                 "estimate": x.estimate, "most": x.most, "how": x.how}
                for x in whole.left
            ],
        },
        "sensitivity": {
            "numbers": moved.numbers, "held": moved.held, "evaluations": moved.evaluations,
            "stated": moved.stated, "first_order_sd": moved.first_order_sd, "why": moved.why,
            "parameters": [_parameter(p) for p in moved.parameters],
            "ranges": [_parameter(p) for p in moved.ranges],
            "sobol": [_parameter(p) for p in moved.sobol],
        },
        "scenarios": [
            {"choice": s.choice, "value": s.value, "total": s.total, "change": s.change,
             "why": s.why}
            for s in told.scenarios
        ],
        "uncertainty": None if wide is None else {
            "point": wide.point, "median": wide.median, "mean": wide.mean, "sd": wide.sd,
            "low": wide.low, "high": wide.high, "draws": wide.draws, "failed": wide.failed,
            "uncertain": wide.uncertain, "held": wide.held, "seed": wide.seed,
        },
        "comparison": None if a.comparison is None else compared(a.comparison),
        "assumptions": [
            {"text": x.text, "effect": x.effect, "meaning": x.meaning} for x in a.assumptions
        ],
        "sources": [
            {"name": s.name, "citation": s.citation, "licence": s.licence, "url": s.url,
             "edition": s.edition, "sha256": s.sha256}
            for s in a.sources
        ],
    }  # fmt: skip
    return json.dumps(_plain(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def compared(c: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data, kg CO2e."""
    return {
        "first": c.first, "second": c.second, "totals": list(c.totals),
        "intervals": [list(i) for i in c.intervals], "difference": c.difference,
        "interval": list(c.interval), "share_lower": c.share_lower, "shared": c.shared,
        "unlike": list(c.unlike),
        "correlation": c.correlation, "verdict": c.verdict, "draws": len(c.draws.scores),
        "failed": c.draws.failed, "seed": c.draws.seed,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """Numbers that are none become null."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
