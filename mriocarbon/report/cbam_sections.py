"""The tables of an audit's page as plain data; the template only sets them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median

from mriocarbon.cbam.codes import spaced
from mriocarbon.cbam.coherence import CoherenceFinding
from mriocarbon.cbam.comparing import OWN_BOUNDARY, why_beside
from mriocarbon.cbam.defaults import DefaultValue
from mriocarbon.cbam.results import Aggregate, AuditAll, Comparison, Interval, Line
from mriocarbon.report import text as t
from mriocarbon.report.cbam_costs import Year, goods, years
from mriocarbon.report.cbam_view import (
    DASH,
    VERDICTS,
    View,
    between,
    codes,
    kind,
    percent,
    probability,
    sector,
    share,
    shares,
    short,
    tonnes,
)
from mriocarbon.report.page import Cell, Table, heads
from mriocarbon.report.page import Line as Row

MARK = " † the references rest on an assumption that is listed below."
BASES = {"base": "before mark-up", "marked": "after mark-up"}


def tables(view: View) -> dict[str, Table]:
    """Return all tables that have rows, by name."""
    made = {
        "aggregates": _aggregates(view),
        "tests": _tests(view),
        "weighted": _weighted(view),
        "costs": _costs(view),
        "goods": _goods(view),
        "coherence": _coherence(view),
        "swings": _swings(view),
        "variance": _variance(view),
        "unjudged": _unjudged(view),
        "missing": _missing(view),
        "defects": _defects(view),
        "alongside": _alongside(view),
    }
    return {name: table for name, table in made.items() if table.lines}


def _bias(interval: Interval, mark: bool = False) -> Cell:
    if not math.isfinite(interval.value):
        return Cell(DASH, interval.note)
    return Cell(percent(interval.value) + (t.DAGGER if mark else ""), between(interval))


def _share(interval: Interval) -> Cell:
    if not math.isfinite(interval.value):
        return Cell(DASH, interval.note)
    return Cell(share(interval.value), shares(interval))


def _group(a: Aggregate) -> str:
    name = sector(a.group)
    return "All lines" if a.group.lower() in ("all", "all lines", "") else name


def _words(*texts: str) -> list[Cell]:
    return [Cell(text, words=True) for text in texts]


def _aggregates(view: View) -> Table:
    mark = any(line.main and line.main.reference.assumed for line in view.compared)

    def row(a: Aggregate, first: bool) -> Row:
        v = a.verdicts
        return Row(
            _group(a) if first else "",
            [
                Cell(BASES.get(a.basis, a.basis), words=True), Cell(str(a.lines)),
                _bias(a.median, mark), _bias(a.mean, mark), _share(a.share_over),
                *(Cell(str(v.get(name, 0))) for name in list(VERDICTS)[:4]),
            ],
        )  # fmt: skip

    rows: list[Row] = []
    seen = ""
    for a in view.audit.aggregates:
        rows.append(row(a, a.group != seen))
        seen = a.group
    h = view.audit.header
    return Table(
        "Bias of the default values, all lines of a group together",
        "Bias (default − reference) / reference, percent, with 95 % interval. Every row of the"
        " annex counts once, whatever its trade. Intervals: cluster bootstrap by HS4 heading and"
        f" comparator, {h.draws:,} draws, seed {h.seed}, references drawn jointly. Above: share of"
        " lines above their reference, percent. The last four columns count lines by verdict:"
        f" {h.procedure} false-discovery control at {h.q:g}, equivalence band ±{100 * h.band:g} %."
        + (MARK if mark else ""),
        heads("Group", "Value", "Lines", "Median bias", "Mean bias", "Above, %", "overstate",
              "understate", "not biased", "undecided"),
        rows,
    )  # fmt: skip


def _tests(view: View) -> Table:
    rows = [
        Row(
            f"{_group(a)}, {BASES.get(a.basis, a.basis)}",
            [
                Cell(str(a.test.lines)), Cell(str(a.test.clusters)),
                Cell(t.number(a.test.statistic, 2)), Cell(probability(a.test.p_naive)),
                Cell(probability(a.test.p_clustered)), Cell(a.test.note, words=True),
            ],
        )
        for a in view.audit.aggregates
        if a.test is not None
    ]  # fmt: skip
    return Table(
        "Do the lines deviate to one side? Paired signed-rank tests",
        "Two-sided p for no deviation. Naive takes all lines as independent, which they are not:"
        " many share a comparator. Clustered takes lines of one comparator together and is the"
        " one to read.",
        heads("Group", "Lines", "Clusters", "Statistic", "p naive", "p clustered", "Note"),
        rows,
    )


def _weighted(view: View) -> Table:
    w = view.audit.trade_weighted
    rows: list[Row] = []
    if w is not None:
        rows = [
            Row("Bias weighted by mass, %", [_bias(w.by_mass)]),
            Row("Bias weighted by value, %", [_bias(w.by_value)]),
            Row("Covered share of the origin's trade in CBAM goods by mass, %",
                [Cell(share(w.covered_mass, 1))]),
            Row("Covered share by value, %", [Cell(share(w.covered_value, 1))]),
            Row("Lines", [Cell(str(w.lines))]),
            Row("Mass of the lines, t", [Cell(t.number(w.tonnes, 0))]),
            *(Row(f"{name}, kt CO2e", [_amount(i, 1e3)]) for name, i in w.steps),
        ]  # fmt: skip
    return Table(
        "Trade-weighted bias, over the lines at hand only",
        "No headline is drawn beyond the covered share. " + (w.note if w else ""),
        heads("Quantity", "Figure"),
        rows,
    )


def _amount(interval: Interval, factor: float) -> Cell:
    told = ""
    if math.isfinite(interval.low) and math.isfinite(interval.high):
        told = f"{t.number(interval.low / factor, 0)} to {t.number(interval.high / factor, 0)}"
    return Cell(t.number(interval.value / factor, 0), told)


def _eur(value: float) -> Cell:
    return Cell(t.number(value / 1e6, 2) if math.isfinite(value) else DASH)


def _each(value: float) -> Cell:
    return Cell(t.number(value, 2) if math.isfinite(value) else DASH)


def _costs(view: View) -> Table:
    found = years(view.audit.money)
    rest = any(y.unreferenced for y in found)

    def row(y: Year) -> Row:
        return Row(
            str(y.year),
            [
                Cell(t.number(100 * y.free, 1)), Cell(t.number(y.price, 2)), _eur(y.gross),
                _eur(y.net), _eur(y.reference), *([_eur(y.unreferenced)] if rest else []),
                _eur(y.bias), _eur(y.markup), _each(y.per_tonne), _eur(y.saving_a), _eur(y.saving),
            ],
        )  # fmt: skip

    return Table(
        "What the default values cost, imports at hand",
        "Million EUR a year, mass held at the trade year's. Gross: embedded emissions at the"
        " marked-up default times price. Net: after the free allocation of the year. Net ="
        " reference part (what the references would be charged)"
        + (" + lines without a reference at their base value" if rest else "")
        + " + bias part + mark-up part. Break-even: the most that verified actual data are worth,"
        " on column A of the benchmarks alone, and with the free allocation of the precursors"
        " granted besides (assumed: what column B has beyond column A)."
        + _bias_interval(view)
        + "".join(f" Note: {n}." for n in (view.audit.money.notes if view.audit.money else ())),
        heads("Year", "Free, %", "EUR per t CO2e", "Gross", "Net", "Reference part",
              *(["No reference"] if rest else []), "Bias part", "Mark-up part", "Net, EUR/t",
              "Break-even, column A", "with precursors"),
        [row(y) for y in found],
    )  # fmt: skip


def _bias_interval(view: View) -> str:
    found = view.audit.money.bias if view.audit.money else ()
    if not found:
        return ""
    told = (
        f"{year} {t.number(i.value / 1e6, 0)} ({t.number(i.low / 1e6, 0)} to"
        f" {t.number(i.high / 1e6, 0)})"
        for year, i in (found[0], found[-1])
    )
    return (
        f" Bias part{t.DAGGER} with the 95 % interval of the references, million EUR:"
        f" {', '.join(told)}."
    )


def _goods(view: View) -> Table:
    found = goods(view.audit.money)
    if not found:
        return Table("", "", [])
    first, last = found[0].years[0].year, found[0].years[-1].year
    middle = first + (last - first) // 2
    rows = []
    for g in found:
        one, mid, end = g.of(first), g.of(middle), g.of(last)
        if one is None:
            continue
        rows.append(
            Row(
                spaced(g.cn),
                [
                    _each(one.gross),
                    _each(one.net),
                    _each(one.bias),
                    _each(one.markup),
                    _each(mid.net if mid else math.nan),
                    _each(end.net if end else math.nan),
                    _each(end.bias if end else math.nan),
                    _each(end.markup if end else math.nan),
                    _each(g.break_even),
                ],
            )
        )
    return Table(
        "Cost per tonne of goods, by CN code",
        "EUR per tonne of goods at the default value. A dash: no reference to part the bias by."
        " Break-even: what verified actual data would save per tonne, mean of all years. All"
        " years are in costs.csv.",
        heads("CN code", f"Gross {first}", f"Net {first}", "of it bias", "of it mark-up",
              f"Net {middle}", f"Net {last}", "of it bias", "of it mark-up", "Break-even"),
        rows,
    )  # fmt: skip


def _passed(passed: bool | None) -> str:
    return {True: "coherent", False: "not coherent", None: "noted"}[passed]


_SHOWN = 10


def _coherence(view: View) -> Table:
    rules: dict[str, list[CoherenceFinding]] = {}
    for c in view.audit.coherence:
        rules.setdefault(c.rule, []).append(c)
    rows, told, hidden = [], [], 0
    for rule, found in rules.items():
        judged = [c for c in found if c.passed is not None]
        informing = sorted((c for c in found if c.passed is None), key=_how_far, reverse=True)
        shown = sorted(judged, key=lambda c: bool(c.passed)) + informing
        limit = len(shown) if judged and not informing else _SHOWN
        hidden += len(shown[limit:])
        rows += [_finding(c, first=k == 0) for k, c in enumerate(shown[:limit])]
        told.append(f"{rule}: {_told(judged, informing)}")
    return Table(
        "Coherence of the default values with each other",
        "No outside data: these findings share their source with the audited values and are no"
        f" independent references. {'; '.join(told)}."
        + (
            f" Shown are the {_SHOWN} that lie farthest apart of each rule that only informs;"
            f" {hidden} more are in coherence.csv."
            if hidden
            else ""
        ),
        heads("Rule", "CN code", "Against", "Value", "Other", "Finding", "What it means"),
        rows,
    )


def _how_far(c: CoherenceFinding) -> float:
    if not c.value or not c.other:
        return -1.0
    return abs(math.log(abs(float(c.value / c.other))))


def _told(judged: Sequence[CoherenceFinding], informing: Sequence[CoherenceFinding]) -> str:
    parts = []
    if judged:
        good = sum(bool(c.passed) for c in judged)
        parts.append(f"{good} of {len(judged)} coherent")
    ratios = sorted(float(c.value / c.other) for c in informing if c.value and c.other)
    if ratios:
        above, below = sum(r > 1 for r in ratios), sum(r < 1 for r in ratios)
        parts.append(
            f"{len(informing)} noted, {above} above and {below} below what they are held"
            f" against, median ratio {median(ratios):.2f}"
        )
    elif informing:
        parts.append(f"{len(informing)} noted")
    return ", ".join(parts)


def _finding(c: CoherenceFinding, *, first: bool) -> Row:
    return Row(
        c.rule if first else "",
        [
            Cell(_code(c.cn) or "all", words=True),
            Cell(_code(c.against), words=True),
            Cell(_value(c.value)),
            Cell(_value(c.other)),
            Cell(_passed(c.passed), words=True),
            Cell(short(c.text, 150), words=True),
        ],
    )


def _code(text: str) -> str:
    return spaced(text).replace(" ", "\u00a0") if text.isdigit() else text


def _value(value: object) -> str:
    if isinstance(value, Decimal):
        return t.number(float(value), 3)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, float):
        return t.number(value, 3) if math.isfinite(value) else DASH
    return DASH if value is None else str(value)


def _swings(view: View) -> Table:
    rows = [
        Row(
            s.what,
            [
                Cell(s.choice, words=True), Cell(percent(s.median, 1)),
                Cell(t.percent(100 * (s.median - s.against), 1) if s.choice else ""),
                Cell(share(s.share_over)), Cell(str(s.lines)), Cell(s.note, words=True),
            ],
        )
        for s in view.audit.swings
    ]  # fmt: skip
    return Table(
        "Sensitivity: the median bias when one thing is taken otherwise",
        "Median bias before mark-up, percent, over the lines that have the alternative; change"
        " against the audited median of the same lines, in percentage points; share of lines above"
        " their reference, percent.",
        heads("What", "Taken as", "Median bias, %", "Change", "Above, %", "Lines", "Note"),
        rows,
    )


def _variance(view: View) -> Table:
    rows = [
        Row(s.what, [Cell(share(s.share, 1)), Cell("assumed" if s.assumed else "sourced, in part",
                                                  words=True)])
        for s in view.audit.variance
    ]  # fmt: skip
    return Table(
        "Where the uncertainty of the references comes from",
        "Share of the variance of ln(reference), percent, mean over the compared lines. Assumed:"
        " wholly or for by far the larger part; the intervals and p-values are as good as that.",
        heads("Source of uncertainty", "Share, %", "Size is"),
        rows,
    )


def _unjudged(view: View) -> Table:
    rows = [
        Row(t.counted(len(lines), "line"), _words(reason, codes(lines)))
        for reason, lines in view.unjudged
    ]
    return Table(
        "Lines without a verdict",
        "Missing is not zero: these lines enter no figure above.",
        heads("Lines", "Why", "CN codes"),
        rows,
    )


def _missing(view: View) -> Table:
    rows = [
        Row(kind(name), [Cell(str(len(lines))), *_words(reason, codes(lines, 40))])
        for name, reason, lines in view.missing
    ]
    return Table(
        "References that could not be made, and why",
        "By kind of reference. The full list is in references.csv.",
        heads("Reference", "Lines", "Why", "CN codes"),
        rows,
    )


def _defects(view: View) -> Table:
    rows = [
        Row(d.rule, _words(d.iso3, spaced(d.cn) + (f" ({d.route})" if d.route else ""), d.what))
        for d in view.audit.defects
    ]
    return Table(
        "Defects of the annex that were detected",
        "Found by the named rule; lines of this origin with one are excluded from all statistics,"
        " never repaired.",
        heads("Rule", "Origin", "CN code", "What is wrong"),
        rows,
    )


def _alongside(view: View) -> Table:
    found: dict[object, tuple[Comparison, list[Line]]] = {}
    for line in view.ordered:
        for c in line.alongside:
            r = c.reference
            key = (r.kind, r.name, r.route, r.boundary, r.scope, tonnes(r.value), line.value.total)
            found.setdefault(key, (c, []))[1].append(line)
    rows = [
        Row(
            codes(lines, 6),
            [
                Cell(kind(c.reference.kind), words=True),
                Cell(short(c.reference.name, 90) + _of_route(c), words=True),
                Cell(tonnes(lines[0].value.total)),
                Cell(tonnes(c.reference.value) + (t.DAGGER if c.reference.assumed else ""),
                     f"{tonnes(c.reference.low)} to {tonnes(c.reference.high)}"),
                _bias(c.bias) if c.reference.boundary == OWN_BOUNDARY else Cell(DASH),
                Cell(_why(c, lines[0]), words=True),
            ],
        )
        for c, lines in found.values()
    ]  # fmt: skip
    return Table(
        "References beside the lines, never merged",
        "Another route or another boundary than the default's: shown for information, without"
        " weight in any verdict. t CO2e per t; bias in percent." + MARK,
        heads("CN codes", "Kind", "Reference", "Default", "Reference, t/t", "Bias, %",
              "Why not merged"),
        rows,
    )  # fmt: skip


def _why(c: Comparison, line: Line) -> str:
    route = line.main.reference.route if line.main else ""
    return why_beside(c.reference, line.value, route) or "the country's mix of routes"


def _of_route(c: Comparison) -> str:
    return f", route {c.reference.route}" if c.reference.route else ""


# --------------------------------------------------------------------------- per-CN annex


def annex(view: View) -> Iterable[tuple[str, list[dict[str, str]]]]:
    """Yield (sector, rows) of the annex of the page; a row maps column to text."""
    by_sector: dict[str, list[Line]] = {}
    for line in view.ordered:
        by_sector.setdefault(line.value.sector, []).append(line)
    for name, lines in by_sector.items():
        yield sector(name), [_annex_row(view, line) for line in lines]


def _place(v: DefaultValue) -> str:
    """Return the annex's table that a value stands in; its row is that of the CN code."""
    place = v.source.row.split('"')[1] if '"' in v.source.row else v.source.row
    return place + (" (fallback)" if v.is_fallback else "")


def _annex_row(view: View, line: Line) -> dict[str, str]:
    v, main = line.value, line.main
    row: dict[str, str] = {
        "cn": spaced(v.cn), "route": v.route or DASH, "description": short(v.description, 84),
        "full": v.description if len(v.description) > 84 else "",
        "default": tonnes(v.total), "marked": tonnes(v.marked_up),
        "source": _place(v), "row": str(view.row_of.get(id(line), "")),
        "reference": DASH, "range": "", "bias": DASH, "bias_range": "", "bias_marked": DASH,
        "p": DASH, "tost": DASH, "covered": DASH, "covered_range": "",
        "verdict": VERDICTS.get(line.verdict, line.verdict),
        "verdict_marked": VERDICTS.get(line.marked_verdict, line.marked_verdict),
        "style": line.verdict.replace(" ", "-"), "why": short(line.why, 160),
    }  # fmt: skip
    if v.direct is not None and v.indirect is not None:
        row["parts"] = f"{v.direct} + {v.indirect}"
    row.setdefault("parts", "")
    singles = []
    for c in line.comparisons:
        r = c.reference
        mark = t.DAGGER if r.assumed else ""
        singles.append(
            f"{kind(r.kind)} {tonnes(r.value)}{mark} ({tonnes(r.low)} to {tonnes(r.high)})"
        )
    row["singles"] = "; ".join(singles)
    if main is not None:
        r = main.reference
        mark = t.DAGGER if r.assumed else ""
        row |= {
            "reference": tonnes(r.value) + mark, "range": f"{tonnes(r.low)} to {tonnes(r.high)}",
            "bias": percent(main.bias.value), "bias_range": between(main.bias),
            "bias_marked": percent(main.marked.value), "p": probability(main.p_adjusted),
            "tost": probability(main.p_equivalence_adjusted),
        }  # fmt: skip
    if line.covered_base is not None:
        row["covered"] = share(line.covered_base.value)
        row["covered_range"] = shares(line.covered_base)
    row["covered_marked"] = share(line.covered_marked.value) if line.covered_marked else DASH
    return row


# ------------------------------------------------------------------------------ all origins


def ranking(found: AuditAll) -> Table:
    """Return all origins in the order of the audit."""

    def counts(verdicts: Mapping[str, int]) -> list[Cell]:
        return [Cell(str(verdicts.get(name, 0))) for name in list(VERDICTS)[:4]]

    rows = [
        Row(
            f"{k}. {r.origin.name}",
            [
                Cell(str(r.lines)), Cell(str(r.own_values)), _bias(r.median),
                _bias(r.marked_median), _share(r.share_over), *counts(r.verdicts),
                Cell(r.claim, words=True),
            ],
        )
        for k, r in enumerate(found.rows, start=1)
    ]  # fmt: skip
    h = found.header
    return Table(
        "All origins side by side",
        "Median bias (default − reference) / reference in percent over the compared lines, with"
        " 95 % interval. Own: lines with a value of the origin's own, not of other countries."
        " Above: share of lines above their reference, percent. Last: whether the claim that the"
        f" defaults overstate holds, by the rule below. {h.procedure} false-discovery control at"
        f" {h.q:g}, band ±{100 * h.band:g} %.",
        heads("Origin", "Lines", "Own", "Median bias", "After mark-up", "Above, %", "overstate",
              "understate", "not biased", "undecided", "Claim"),
        rows,
    )  # fmt: skip


def splitting(found: AuditAll) -> Table:
    """Return the components of the variance."""
    rows = [
        Row(s.what, [Cell(t.number(s.variance, 4)), Cell(share(s.share, 1))]) for s in found.split
    ]
    return Table(
        "Does the bias belong to the country or to the good?",
        "Variance of ln(default / reference) over origins and CN codes, crossed components; share"
        f" in percent. {found.split_note}",
        heads("Component", "Variance", "Share, %"),
        rows,
    )


def listed(items: Sequence[str]) -> list[str]:
    """Return items once each, in order."""
    return list(dict.fromkeys(items))
