"""Interpretation of a carbon footprint (ISO 14044:2006, 4.5; ISO 14067:2018, 6.6).

Contribution, completeness, consistency, sensitivity and uncertainty, each with its records.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mriocarbon.errors import NotAvailableError
from mriocarbon.lca.checks import Check
from mriocarbon.lca.completeness import Completeness, completeness
from mriocarbon.lca.consistency import consistency
from mriocarbon.lca.contribution import Contributions, contributions
from mriocarbon.lca.impact import Climate
from mriocarbon.lca.prepare import Prepared
from mriocarbon.lca.scenarios import Scenario, scenarios
from mriocarbon.lca.sensitivity import Sensitivity, sensitivity
from mriocarbon.lca.spread import Spread, spread
from mriocarbon.lca.unlisted import Unlisted
from mriocarbon.model.brief import brief

__all__ = ["Interpretation", "interpret"]

FEW = 0.5
"""Share of all elasticities below which the interval is said to be a lower bound."""
_CLAUSE = "ISO 14044:2006, 4.5.3"


@dataclass(frozen=True, eq=False)
class Interpretation:
    """What a result is made of, how complete, consistent, sensitive and sure it is.

    Attributes
    ----------
    contributions : Contributions
    completeness : Completeness
    sensitivity : Sensitivity
    scenarios : tuple of Scenario
    spread : Spread or None
        None where nothing within reach has a distribution; the checks say so.
    checks : tuple of Check
    """

    contributions: Contributions
    completeness: Completeness
    sensitivity: Sensitivity
    scenarios: tuple[Scenario, ...]
    spread: Spread | None
    checks: tuple[Check, ...]

    __repr__ = brief


def drawn_of(tell: Callable[[str], None], what: str) -> Callable[[int, int], None]:
    """Return what tells how many draws are done, in words."""
    return lambda done, total: tell(f"{what}: {done:,} of {total:,} draws")


def interpret(
    prepared: Prepared,
    found: Climate,
    *,
    missing: Unlisted | None = None,
    say: Callable[[str], None] | None = None,
) -> Interpretation:
    """Return the interpretation of a carbon footprint.

    Parameters
    ----------
    prepared : Prepared
        The inventory.
    found : Climate
        Its impact.
    missing : Unlisted, optional
        What processes do not list, estimated by the table (`unlisted`).
    say : callable, optional
        Called with the name of each step.
    """
    tell = say or (lambda _: None)
    study, lci = prepared.study, prepared.lci
    c = found.method.total
    tell("contributions")
    parts = contributions(lci, found)
    whole = completeness(
        lci,
        found,
        cutoff=study.scope.cutoff,
        estimates=missing.left if missing else (),
        tested=missing.tested if missing else (),
        untested=missing.untested if missing else (),
    )
    tell("sensitivity: derivatives and Sobol indices")
    moved = sensitivity(lci, c, top=study.sobol, seed=study.seed)
    swaps = scenarios(prepared)
    tell(f"uncertainty: {study.draws:,} draws")
    wide: Spread | None = None
    why = ""
    try:
        wide = spread(
            lci, c, draws=study.draws, seed=study.seed, first_order_sd=moved.first_order_sd,
            stated=moved.stated, progress=drawn_of(tell, "uncertainty"),
        )  # fmt: skip
    except NotAvailableError as error:
        why = error.what
    table = prepared.table
    checks = (
        *_contribution_checks(parts),
        *whole.checks,
        *consistency(
            lci, found, study.scope,
            table=table.provenance.dataset if table is not None else "",
            table_year=table.year if table is not None else None,
        ),
        *_sensitivity_checks(moved, swaps),
        *_spread_checks(wide, moved, why),
    )  # fmt: skip
    return Interpretation(parts, whole, moved, swaps, wide, checks)


def _contribution_checks(parts: Contributions) -> Iterable[Check]:
    size = math.fsum(abs(p.value) for p in parts.process) or 1.0
    for name, items in (
        ("process", parts.process), ("flow", parts.flow), ("stage", parts.stage),
        ("category", parts.category), ("gas", parts.gas),
    ):  # fmt: skip
        gap = abs(math.fsum(p.value for p in items) - parts.total)
        yield Check("interpretation", f"parts by {name} add up", "pass" if gap <= 1e-9 * size
                    else "fail", f"they miss the result by {gap:.1e} kg CO2e",
                    _CLAUSE, {"gap, kg CO2e": gap})  # fmt: skip
    hot = parts.hotspots
    if hot:
        yield Check("interpretation", "significant issues", "pass",
                    f"{len(hot)} of {len(parts.process)} processes emit 80 % of all that is"
                    f" emitted: {'; '.join(p.name for p in hot[:5])}"
                    + (" ..." if len(hot) > 5 else ""), "ISO 14044:2006, 4.5.2",
                    {"processes": len(hot)})  # fmt: skip


def _sensitivity_checks(moved: Sensitivity, swaps: tuple[Scenario, ...]) -> Iterable[Check]:
    clause = "ISO 14044:2006, 4.5.3.3"
    if moved.parameters:
        top = moved.parameters[0]
        told = "" if top.elasticity is None else f" (elasticity {top.elasticity:+.2f})"
        yield Check("interpretation", "sensitivity to every number", "pass",
                    f"{moved.numbers:,} numbers by derivatives; the strongest is {top.name}{told}",
                    clause, {"numbers": moved.numbers})  # fmt: skip
    if moved.sobol:
        together = math.fsum(p.first or 0.0 for p in moved.sobol)
        doubt = math.sqrt(math.fsum((p.first_error or 0.0) ** 2 for p in moved.sobol))
        near = abs(together - 1) <= max(0.1, 2 * doubt)
        yield Check("interpretation", "Sobol indices", "pass" if near else "warn",
                    f"first-order indices add up to {together:.2f} ± {doubt:.2f} in"
                    f" {moved.evaluations:,} solves"
                    + ("" if near else ": numbers act together, or the sample is small"),
                    clause, {"sum": together, "solves": moved.evaluations})  # fmt: skip
    else:
        yield Check("interpretation", "Sobol indices", "skipped", moved.why, clause)
    worst = max((s for s in swaps if s.change is not None), key=lambda s: abs(s.change or 0.0),
                default=None)  # fmt: skip
    if worst is not None and worst.change is not None:
        yield Check("interpretation", "sensitivity to choices", "pass",
                    f"of {len(swaps)} other choices {worst.choice}: {worst.value} moves the result"
                    f" most, by {100 * worst.change:+.1f} %", clause,
                    {"largest change, %": 100 * worst.change})  # fmt: skip


def _spread_checks(wide: Spread | None, moved: Sensitivity, why: str) -> Iterable[Check]:
    clause = "ISO 14044:2006, 4.5.3.3"
    if wide is None:
        yield Check(
            "interpretation",
            "uncertainty",
            "skipped",
            f"{why}: the result has no interval, which does not make it exact",
            clause,
        )
        return
    failed = wide.failed / wide.draws
    yield Check("interpretation", "draws with a solution", "pass" if failed <= 0.01 else "warn",
                f"{wide.failed} of {wide.draws:,} have none", clause,
                {"failed, %": 100 * failed})  # fmt: skip
    stated = wide.stated or 0.0
    yield Check("interpretation", "numbers without a distribution",
                "pass" if stated >= FEW else "warn",
                f"{moved.held:,} of {moved.numbers:,} are held; {100 * stated:.0f} % of"
                " all elasticities belong to numbers with one"
                + ("" if stated >= FEW else ": the interval is a lower bound"),
                clause, {"stated, %": 100 * stated, "held": moved.held})  # fmt: skip
    if wide.first_order_sd > 0 and wide.sd > 0:
        ratio = wide.sd / wide.first_order_sd
        near = 0.8 <= ratio <= 1.25
        yield Check("interpretation", "Monte Carlo against first order",
                    "pass" if near else "warn",
                    f"standard deviation {wide.sd:.4g} against {wide.first_order_sd:.4g} kg CO2e"
                    + ("" if near else ": the spreads are too wide for a first order"),
                    "", {"ratio": ratio})  # fmt: skip
