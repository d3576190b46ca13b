"""Each default value against its references: the lines of an audit.

Merged are only references of CBAM's own boundary, of the scope in which the good is charged,
for the annex's own route where it names one (like is compared with like), else for the country's
mix of routes. A reference of another boundary, another route, or of a sector that is far from the
good stands beside the line and enters no verdict on it; a second verdict, of its own family, holds
every line against the country's mix of routes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.cbam.defaults import DefaultValue
from mriocarbon.cbam.defects import excluded
from mriocarbon.cbam.mrio_spread import FAR
from mriocarbon.cbam.proportionality import coverage
from mriocarbon.cbam.reference import Missing, Reference
from mriocarbon.cbam.results import Comparison, Interval, Line
from mriocarbon.cbam.statistics import combine, least_variance, verdicts
from mriocarbon.model.normal import Z95

OWN_BOUNDARY = "cbam"
DISAGREE = 0.05
"""References that differ at this level disagree beyond their own errors."""
INSTALLATION_SPREAD = {
    "iron_steel": 0.20,
    "aluminium": 0.20,
    "cement": 0.10,
    "fertilisers": 0.20,
    "hydrogen": 0.20,
}
"""Assumed: log standard deviation of installations' emissions around their country's mean."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user may choose of the statistics."""

    band: float = 0.10
    q: float = 0.05
    procedure: str = "BY"


@dataclass(frozen=True, slots=True)
class _Draft:
    """A line before the verdicts, which need all lines at once."""

    value: DefaultValue
    merged: Reference | None
    own: tuple[Reference, ...]
    beside: tuple[Reference, ...]
    missing: tuple[Missing, ...]
    why: str
    tau: float
    national: Reference | None = None


def why_beside(reference: Reference, value: DefaultValue, route: str = "") -> str:
    """Return why a reference stands beside the line's main comparison; "" if it may be in it.

    `route` is the one that the main comparison is held against: the annex's own where a
    reference of that route is at hand, because like is compared with like; otherwise "", the
    country's mix of routes. A sector whose average is far from the good is known to lie on one
    side of it (a tonne of clinker emits several times what a dollar of glass and concrete does):
    its interval says how far it may be off, but a mean that is known to be low is no comparator.
    """
    if reference.boundary != OWN_BOUNDARY:
        return f"another boundary: {reference.boundary}"
    if reference.scope != value.scope:
        return f"another scope: {reference.scope}"
    far = math.hypot(
        *(v for key, v in reference.loadings.items() if key.startswith("product-spread."))
    )
    if far >= FAR:
        return "the sector's average is far from this good"
    if reference.route not in ("", value.route):
        return f"another route: {reference.route}"
    if reference.route == route or (reference.kind == "user" and not reference.route):
        return ""
    return (
        f"one route ({reference.route}) only" if reference.route else "the country's mix of routes"
    )


def own_route(references: Sequence[Reference], value: DefaultValue) -> str:
    """Return the annex's route of a value if a reference of that route is at hand, else ""."""
    fit = (r for r in references if not why_beside(r, value, value.route))
    return value.route if value.route and any(r.route == value.route for r in fit) else ""


def merge(references: Sequence[Reference]) -> tuple[Reference, float]:
    """Return several references of one good as one, and their between-reference sd.

    ``ln R = sum(w_i ln R_i)`` with generalised least squares weights. The references' own
    intervals hold what they may be wrong by (a sector average that is no product, a national
    practice that is no typical plant); only where they disagree beyond that, by Cochran's Q at
    5 %, a variance between references is added (DerSimonian & Laird 1986) and the interval
    widens. The loadings on shared factors are ``sum(w_i loading_i)``; the disagreement is a
    factor of its own, shared by all goods with the same comparators.
    """
    if len(references) == 1:
        return references[0], 0.0
    from scipy.stats import chi2

    first = references[0]
    keys = sorted({key for r in references for key in r.loadings})
    matrix = np.array([[r.loadings.get(key, 0.0) for key in keys] for r in references])
    logs, covariance = np.log([r.value for r in references]), matrix @ matrix.T
    found = combine(logs, covariance)
    weights, tau = np.asarray(found.weights), math.sqrt(found.tau2)
    if chi2.sf(found.q, len(references) - 1) > DISAGREE:
        weights, tau = least_variance(covariance), 0.0
    loadings = {k: float(v) for k, v in zip(keys, weights @ matrix, strict=True) if v != 0.0}
    cell = " + ".join(sorted({r.cell for r in references}))
    if tau > 0:
        loadings[f"between.{cell}"] = tau * float(np.sqrt((weights**2).sum()))
    merged = Reference.of(
        cn=first.cn,
        origin=first.origin,
        route=max(r.route for r in references),
        kind="+".join(sorted({r.kind for r in references})),
        name="mean of " + ", ".join(r.name for r in references),
        scope=first.scope,
        boundary=first.boundary,
        value=math.exp(float(weights @ logs)),
        loadings=loadings,
        cell=cell,
        region_used=first.region_used,
        sources=_once(s for r in references for s in r.sources),
        assumed=_once(s for r in references for s in r.assumed),
        notes=_once(s for r in references for s in r.notes),
    )
    return merged, tau


def random_effects(references: Sequence[Reference]) -> float:
    """Return ln R by random effects even where the references agree within their errors."""
    keys = sorted({key for r in references for key in r.loadings})
    matrix = np.array([[r.loadings.get(key, 0.0) for key in keys] for r in references])
    return combine(np.log([r.value for r in references]), matrix @ matrix.T).log_value


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _plant(reference: Reference, value: DefaultValue) -> Reference:
    """Widen a user's figure by the spread of installations: one plant is not the country."""
    if reference.kind != "user":
        return reference
    spread = INSTALLATION_SPREAD[value.sector]
    fields = ("cn", "origin", "route", "kind", "name", "scope", "boundary", "value", "cell",
              "region_used", "sources", "notes")  # fmt: skip
    return Reference.of(
        **{name: getattr(reference, name) for name in fields},
        loadings={**reference.loadings, f"installation.{reference.name}": spread},
        assumed=(
            *reference.assumed,
            f"a user's figure stands for installations that spread by a log-sd of {spread:g}",
        ),
    )


def draft(
    value: DefaultValue,
    references: Sequence[Reference],
    missing: Sequence[Missing],
    excluded_for: str = "",
) -> _Draft:
    """Sort the references of one line; nothing is judged yet."""
    route = own_route(references, value)
    own = tuple(_plant(r, value) for r in references if not why_beside(r, value, route))
    beside = tuple(r for r in references if why_beside(r, value, route))
    mix = [r for r in references if not why_beside(r, value)]
    national = merge(mix)[0] if mix and route else None
    if national is not None and len(mix) > 1:
        beside = (national, *beside)
    rule = excluded(value) or excluded_for
    if rule:
        return _Draft(value, None, own, beside, tuple(missing), f"excluded: {rule}", 0.0)
    if value.total is None or value.total <= 0:
        return _Draft(value, None, own, beside, tuple(missing), "no default value", 0.0)
    if not own:
        why = "no reference of the same boundary: " + (
            "; ".join(m.reason for m in missing) or "none is at hand"
        )
        return _Draft(value, None, own, beside, tuple(missing), why, 0.0)
    merged, tau = merge(own)
    return _Draft(value, merged, own, beside, tuple(missing), "", tau, national or merged)


def lines(drafts: Sequence[_Draft], choices: Choices) -> tuple[Line, ...]:
    """Judge all drafts together: false discoveries are counted over each kind of comparison."""
    judged: dict[tuple[int, str, int], Comparison] = {}
    families: dict[str, list[tuple[tuple[int, str, int], Reference, DefaultValue]]] = {}
    for i, d in enumerate(drafts):
        if d.merged is not None:
            families.setdefault("main", []).append(((i, "main", 0), d.merged, d.value))
            assert d.national is not None
            families.setdefault("national", []).append(((i, "national", 0), d.national, d.value))
        if d.why.startswith("excluded") or not d.value.total:
            continue
        for where, references in (("own", d.own), ("beside", d.beside)):
            for j, r in enumerate(references):
                family = f"{where} {r.kind} {r.boundary} {bool(r.route)}"
                families.setdefault(family, []).append(((i, where, j), r, d.value))
    for members in families.values():
        made = compare([r for _, r, _ in members], [v for _, _, v in members], choices)
        judged.update({key: c for (key, _, _), c in zip(members, made, strict=True)})
    return tuple(_line(i, d, judged) for i, d in enumerate(drafts))


def compare(
    references: Sequence[Reference], values: Sequence[DefaultValue], choices: Choices
) -> list[Comparison]:
    """Compare values with references one to one; the p-values are adjusted over all of them."""
    base = np.array([float(v.total or 0) for v in values])
    marked = np.array([float(v.marked_up or v.total or 0) for v in values])
    middle = np.array([r.value for r in references])
    sd = np.array([r.log_sd for r in references])
    found = _verdicts(np.log(base / middle), sd, choices)
    after = _verdicts(np.log(marked / middle), sd, choices)
    return [
        Comparison(
            reference=r,
            bias=bias(float(np.log(base[i] / middle[i])), float(sd[i])),
            marked=bias(float(np.log(marked[i] / middle[i])), float(sd[i])),
            log_ratio=float(np.log(base[i] / middle[i])),
            log_sd=float(sd[i]),
            p_bias=float(found.p_bias[i]),
            p_adjusted=float(found.p_adjusted[i]),
            p_equivalence=float(found.p_tost[i]),
            p_equivalence_adjusted=float(found.p_tost_adjusted[i]),
            verdict=str(found.verdict[i]),
            marked_verdict=str(after.verdict[i]),
        )
        for i, r in enumerate(references)
    ]


def _verdicts(log_ratio: NDArray[np.float64], sd: NDArray[np.float64], choices: Choices):  # type: ignore[no-untyped-def]
    return verdicts(log_ratio, sd, band=choices.band, q=choices.q, procedure=choices.procedure)


def bias(log_ratio: float, log_sd: float) -> Interval:
    """Relative bias exp(l) - 1 with its 95 % interval."""
    low, high = log_ratio - Z95 * log_sd, log_ratio + Z95 * log_sd
    return Interval(math.expm1(log_ratio), math.expm1(low), math.expm1(high))


def _line(i: int, d: _Draft, judged: Mapping[tuple[int, str, int], Comparison]) -> Line:
    main = judged.get((i, "main", 0))
    kept = {
        where: tuple(
            judged[(i, where, j)] for j in range(len(references)) if (i, where, j) in judged
        )
        for where, references in (("own", d.own), ("beside", d.beside))
    }
    verdict = (
        main.verdict
        if main
        else d.why.split(":")[0].replace("no reference of the same boundary", "no reference")
    )
    shares: list[Interval | None] = [None, None]
    if main and d.value.total:
        spread = INSTALLATION_SPREAD[d.value.sector]
        for k, amount in enumerate((d.value.total, d.value.marked_up)):
            if amount:
                c = coverage(float(amount), main.reference.value, main.log_sd, spread)
                shares[k] = Interval(c.share, c.low, c.high)
    return Line(
        value=d.value,
        main=main,
        comparisons=kept["own"],
        alongside=kept["beside"],
        missing=d.missing,
        verdict=verdict,
        marked_verdict=main.marked_verdict if main else verdict,
        why=d.why,
        tau=d.tau,
        kinds=tuple(sorted({r.kind for r in d.own})) if main else (),
        covered_base=shares[0],
        covered_marked=shares[1],
        national=judged.get((i, "national", 0)),
    )
