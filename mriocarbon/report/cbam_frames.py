"""The tables of an audit for machines: the same rows as CSV and as sheets.

A cell is a number, a text or empty; where a figure is missing, the row says why. Text that a
spreadsheet would take for a formula is written with an apostrophe before it in CSV.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from mriocarbon.cbam.cost import CostRow
from mriocarbon.cbam.results import (
    VERDICTS,
    Audit,
    AuditAll,
    Comparison,
    Interval,
    Line,
    Money,
)
from mriocarbon.report.cbam_view import View
from mriocarbon.report.files import csv_text

Value = str | int | float | Decimal | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Frame:
    """A table: `header` once, then `rows` of the same length."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def __post_init__(self) -> None:
        wrong = [row for row in self.rows if len(row) != len(self.header)]
        assert not wrong, (self.name, wrong[:1])


def frames(audit: Audit) -> dict[str, Frame]:
    """Return the tables of an audit that become CSV files, by name."""
    view = View(audit)
    made = (
        lines(view), references(view), aggregates(audit), coherence(audit), costs(audit.money),
    )  # fmt: skip
    return {frame.name: frame for frame in made}


def more(audit: Audit) -> dict[str, Frame]:
    """Return the tables that only the workbook has sheets for."""
    made = (
        header(audit), trade_weighted(audit), sensitivity(audit), variance(audit), defects(audit),
        missing(View(audit)), listed("sources", audit.sources),
        listed("assumptions", audit.assumptions), listed("notes", audit.notes),
    )  # fmt: skip
    return {frame.name: frame for frame in made}


def written(frame: Frame) -> str:
    """Return a frame as CSV."""
    return csv_text(frame.header, ([_cell(value) for value in row] for row in frame.rows))


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else ""
    if isinstance(value, float):
        return f"{value + 0.0:.10g}" if math.isfinite(value) else ""
    if isinstance(value, int):
        return str(value)
    return "'" + value if value.startswith(_FORMULA) else value


def _yes(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _of(interval: Interval | None) -> tuple[Value, Value, Value]:
    return (None, None, None) if interval is None else (interval.value, interval.low, interval.high)


def _three(name: str) -> tuple[str, str, str]:
    return name, f"{name}_low", f"{name}_high"


_LINE = (
    "row", "cn", "route", "sector", "description", "origin", "origin_used", "is_fallback",
    "fallback_reason", "year", "scope", "direct_t_per_t", "indirect_t_per_t", "total_t_per_t",
    "markup", "marked_up_t_per_t", *_three("reference_t_per_t"), "reference_kinds",
    "between_references_log_sd", *_three("bias"), *_three("bias_marked_up"), "log_ratio", "log_sd",
    "p_bias", "p_bias_adjusted", "p_equivalence", "p_equivalence_adjusted", "verdict",
    "verdict_marked_up", *_three("covered_share"), *_three("covered_share_marked_up"),
    "estimated", "reason", "defect", "act", "source_row",
)  # fmt: skip


def lines(view: View) -> Frame:
    """Return every row of the annex with its comparison."""

    def row(line: Line) -> tuple[Value, ...]:
        v, main = line.value, line.main
        found: tuple[Value, ...] = (None,) * 17
        if main is not None:
            r = main.reference
            found = (
                r.value, r.low, r.high, "+".join(line.kinds), line.tau, *_of(main.bias),
                *_of(main.marked), main.log_ratio, main.log_sd, main.p_bias, main.p_adjusted,
                main.p_equivalence, main.p_equivalence_adjusted,
            )  # fmt: skip
        reason = line.why or ("" if main is not None else line.verdict)
        if v.total is None and not reason:
            reason = "no default value"
        return (
            view.row_of.get(id(line)), v.cn, v.route, v.sector, v.description, v.origin.iso3,
            v.origin_used, _yes(v.is_fallback), v.fallback_reason, v.year, v.scope, v.direct,
            v.indirect, v.total, v.markup, v.marked_up, *found, line.verdict, line.marked_verdict,
            *_of(line.covered_base), *_of(line.covered_marked),
            "; ".join(main.reference.assumed) if main is not None else "", reason, v.defect,
            v.source.act, v.source.row,
        )  # fmt: skip

    return Frame("lines", _LINE, tuple(row(line) for line in view.ordered))


_REFERENCE = (
    "cn", "route", "use", "kind", "name", "scope", "boundary", "reference_route",
    *_three("reference_t_per_t"), "log_sd", "default_t_per_t", *_three("bias"),
    *_three("bias_marked_up"), "p_bias", "p_bias_adjusted", "p_equivalence",
    "p_equivalence_adjusted", "verdict", "verdict_marked_up", "cell", "region_used", "sources",
    "assumed", "notes", "reason",
)  # fmt: skip


def references(view: View) -> Frame:
    """Return every single reference, merged or alongside, and those that are missing."""

    def row(line: Line, use: str, c: Comparison) -> tuple[Value, ...]:
        r = c.reference
        return (
            line.cn, line.value.route, use, r.kind, r.name, r.scope, r.boundary, r.route, r.value,
            r.low, r.high, r.log_sd, line.value.total, *_of(c.bias), *_of(c.marked), c.p_bias,
            c.p_adjusted, c.p_equivalence, c.p_equivalence_adjusted, c.verdict, c.marked_verdict,
            r.cell, r.region_used, "; ".join(r.sources), "; ".join(r.assumed), "; ".join(r.notes),
            "",
        )  # fmt: skip

    def rows() -> Iterator[tuple[Value, ...]]:
        for line in view.ordered:
            if line.main is not None and len(line.comparisons) > 1:
                yield row(line, "all merged", line.main)
            for c in line.comparisons:
                yield row(line, "merged", c)
            for c in line.alongside:
                yield row(line, "alongside", c)
            for gap in line.missing:
                yield (
                    line.cn, line.value.route, "missing", gap.kind,
                    *(None,) * (len(_REFERENCE) - 5), gap.reason,
                )  # fmt: skip

    return Frame("references", _REFERENCE, tuple(rows()))


def aggregates(audit: Audit) -> Frame:
    """Return all groups together, and the trade-weighted figures."""
    names = ("over", "under", "not biased", "inconclusive")

    def rows() -> Iterator[tuple[Value, ...]]:
        for a in audit.aggregates:
            test: tuple[Value, ...] = (None, None, None)
            note = "no test for this group"
            if a.test is not None:
                test = (a.test.statistic, a.test.p_naive, a.test.p_clustered)
                note = a.test.note
            told = (note, a.median.note, a.mean.note, a.share_over.note)
            yield (
                a.group, a.basis, a.lines, a.clusters, *_of(a.median), *_of(a.mean),
                *_of(a.share_over), *(a.verdicts.get(name, 0) for name in names), *test,
                "; ".join(dict.fromkeys(x for x in told if x)),
            )  # fmt: skip

    head = (
        "group", "basis", "lines", "clusters", *_three("median_bias"), *_three("mean_bias"),
        *_three("share_over"), *(name.replace(" ", "_") for name in names), "signed_rank",
        "p_naive", "p_clustered", "reason",
    )  # fmt: skip
    return Frame("aggregates", head, tuple(rows()))


def coherence(audit: Audit) -> Frame:
    """Return the checks that need no outside data."""
    rows = (
        (c.rule, c.cn, c.against, _number(c.value), _number(c.other),
         "not judged" if c.passed is None else "passed" if c.passed else "failed", c.text)
        for c in audit.coherence
    )  # fmt: skip
    head = ("rule", "cn", "against", "value", "other", "result", "text")
    return Frame("coherence", head, tuple(rows))


def _number(value: object) -> Value:
    if value is None or isinstance(value, str | int | float | Decimal):
        return value
    return str(value)


_COST = (
    "basis", "cn", "route", "year", "price_eur", "price_period", "price_source", "price_assumed",
    "free_allocation_factor", "lines", "tonnes", "referenced_tonnes", "gross_eur",
    "gross_base_eur", "net_eur", "net_low_eur", "net_high_eur", "net_base_eur", "markup_eur",
    "bias_eur", "net_reference_eur", "net_without_reference_eur", "gross_markup_eur",
    "gross_bias_eur", "net_eur_per_tonne", "saving_eur", "saving_column_a_eur", "reason",
)  # fmt: skip
_NO_REFERENCE = "no reference: bias and saving cannot be told"


def costs(money: Money | None) -> Frame:
    """Return the cost path: the trade at hand, in total and by line, and per tonne of goods."""

    def rows() -> Iterator[tuple[Value, ...]]:
        if money is None:
            yield ("none", *(None,) * (len(_COST) - 2), "no trade data for this origin")
            return
        for row in money.path.rows:
            yield ("trade at hand", "", "", *_cost(row))
        for line in money.path.lines:
            net_base = line.net_base_eur if line.reference is None else None
            yield (
                "line", line.cn, line.route, line.year, None, "", "", "", None, 1, line.tonnes,
                None if line.reference is None else line.tonnes, line.gross_eur,
                line.gross_base_eur, line.net_eur, line.net_low_eur, line.net_high_eur,
                line.net_base_eur, line.markup_eur, line.bias_eur, line.net_reference_eur,
                net_base, line.gross_eur - line.gross_base_eur,
                None if line.gross_reference_eur is None
                else line.gross_base_eur - line.gross_reference_eur,
                line.net_eur / line.tonnes if line.tonnes else None, line.saving_eur,
                line.saving_column_a_eur,
                "; ".join((*line.notes, *([_NO_REFERENCE] if line.reference is None else []))),
            )  # fmt: skip
        for cn, path in sorted(money.per_tonne.items()):
            for row in path.rows:
                yield ("one tonne", cn, "", *_cost(row))
        for cn, why in money.path.left_out:
            yield ("left out", cn, *(None,) * (len(_COST) - 3), why)

    return Frame("costs", _COST, tuple(rows()))


def _cost(row: CostRow) -> tuple[Value, ...]:
    return (
        row.year, row.price.eur, row.price.period, row.price.source, row.price.assumed, row.factor,
        row.lines, row.tonnes, row.referenced_tonnes, row.gross_eur, row.gross_base_eur,
        row.net_eur, row.net_low_eur, row.net_high_eur, row.net_base_eur, row.markup_eur,
        row.bias_eur, row.net_reference_eur, row.net_without_reference_eur, row.gross_markup_eur,
        row.gross_bias_eur, row.net_per_tonne, row.saving_eur, row.saving_column_a_eur,
        "" if row.bias_eur is not None else _NO_REFERENCE,
    )  # fmt: skip


def _plain(value: object) -> Value:
    return _yes(value) if isinstance(value, bool) else _number(value)


def header(audit: Audit) -> Frame:
    """Return what the audit rests on."""
    rows = [
        (f.name, audit.origin.name if f.name == "origin" else _plain(getattr(audit.header, f.name)))
        for f in fields(audit.header)
    ]
    rows += [("claim", audit.claim.overall), ("rule", audit.claim.rule)]
    return Frame("header", ("item", "value"), tuple(rows))


def trade_weighted(audit: Audit) -> Frame:
    """Return the trade-weighted bias and the steps of the waterfall."""
    w = audit.trade_weighted
    head = ("item", "unit", "value", "low", "high", "reason")
    if w is None:
        return Frame("trade_weighted", head, (("bias", "", None, None, None, "no trade data"),))
    rows: list[tuple[Value, ...]] = [
        ("bias by mass", "ratio", *_of(w.by_mass), w.by_mass.note),
        ("bias by value", "ratio", *_of(w.by_value), w.by_value.note),
        ("covered share of mass", "ratio", w.covered_mass, None, None, w.note),
        ("covered share of value", "ratio", w.covered_value, None, None, w.note),
        ("lines", "", w.lines, None, None, ""),
        ("mass", "t", w.tonnes, None, None, ""),
    ]
    rows += [(name, "t CO2e", *_of(i), i.note) for name, i in w.steps]
    return Frame("trade_weighted", head, tuple(rows))


def sensitivity(audit: Audit) -> Frame:
    """Return the median bias when one thing is taken otherwise."""
    return Frame(
        "sensitivity",
        ("what", "choice", "median_bias", "share_over", "lines", "note"),
        tuple((s.what, s.choice, s.median, s.share_over, s.lines, s.note) for s in audit.swings),
    )


def variance(audit: Audit) -> Frame:
    """Return the shares of the variance of ln R."""
    return Frame(
        "variance",
        ("what", "share", "assumed"),
        tuple((s.what, s.share, _yes(s.assumed)) for s in audit.variance),
    )


def defects(audit: Audit) -> Frame:
    """Return the defects of the annex."""
    return Frame(
        "defects",
        ("rule", "iso3", "cn", "route", "what"),
        tuple((d.rule, d.iso3, d.cn, d.route, d.what) for d in audit.defects),
    )


def missing(view: View) -> Frame:
    """Return every reference that could not be made, and every line without a verdict."""
    rows: list[tuple[Value, ...]] = []
    for kind, reason, found in view.missing:
        rows += [(line.cn, line.value.route, kind, reason) for line in found]
    for reason, found in view.unjudged:
        rows += [(line.cn, line.value.route, "verdict", reason) for line in found]
    return Frame("missing", ("cn", "route", "kind", "reason"), tuple(rows))


def listed(name: str, items: Sequence[str]) -> Frame:
    """Return a list as a table."""
    return Frame(name, ("number", "text"), tuple(enumerate(items, start=1)))


# ------------------------------------------------------------------------------ all origins

_VERDICTS = (*VERDICTS, "no reference", "excluded")


def origins(found: AuditAll) -> Frame:
    """Return all origins, one row each, in the order of the audit."""
    rows = (
        (
            k, r.origin.iso3, r.origin.name, r.lines, r.own_values, *_of(r.median),
            *_of(r.marked_median), *_of(r.share_over),
            *(r.verdicts.get(name, 0) for name in _VERDICTS), r.claim,
            "; ".join(dict.fromkeys(
                n for n in (r.median.note, r.marked_median.note, r.share_over.note) if n)),
        )
        for k, r in enumerate(found.rows, start=1)
    )  # fmt: skip
    head = (
        "rank", "iso3", "name", "lines", "own_values", *_three("median_bias"),
        *_three("median_bias_marked_up"), *_three("share_over"),
        *(name.replace(" ", "_") for name in _VERDICTS), "claim", "reason",
    )  # fmt: skip
    return Frame("origins", head, tuple(rows))


def split(found: AuditAll) -> Frame:
    """Return the variance of ln(D/R) between origins and CN headings."""
    return Frame(
        "variance_split",
        ("what", "variance", "share"),
        tuple((s.what, s.variance, s.share) for s in found.split),
    )
