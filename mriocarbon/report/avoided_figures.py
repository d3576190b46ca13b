"""The figures of the page on exported technology, drawn with roles for light and dark ground."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mriocarbon.avoided.amount import LEVEL, Amount
from mriocarbon.report import text as t
from mriocarbon.report.avoided_view import UNIT, View, figures, place, span, year_span, years
from mriocarbon.report.cbam_figures import Picture
from mriocarbon.report.svg import WIDTH, Canvas, Scale, fit, linear_ticks, log_ticks

__all__ = ["destinations", "manufactures", "months", "paid_back", "scenarios"]

Array = NDArray[np.float64]
MARKS = {"average": ("square", "down"), "combined": ("dot", "same"), "operating": ("diamond", "up")}
ROW = 21.0
NAME = 330.0


def scenarios(view: View) -> Picture:
    """Return every scenario with its interval on one logarithmic axis, and the claim."""
    study = view.study
    claim = None if study.claim is None else study.claim.avoided
    rows: list[tuple[str, str, Amount, str]] = []
    for s in sorted(study.scenarios, key=lambda s: s.horizon):
        label = s.scope if s.margin == "combined" else ""
        rows.append((s.horizon, s.margin, s.amount, label))
    # Three margins of one scope share one band of rows, the label in its middle.
    order = {"average": 0, "combined": 1, "operating": 2}
    rows = [r for _, r in sorted(enumerate(rows), key=lambda p: (p[0] // 3, order[p[1][1]]))]
    canvas, scale = _strips([r[2] for r in rows], claim, len(rows) * 16 + 30 * 2 + 60)
    y, last = 26.0, ""
    top = y
    for k, (horizon, margin, amount, label) in enumerate(rows):
        if horizon != last:
            y += 12
            canvas.text(0, y + 3, t.capital(horizon), bold=True, size=12.5)
            last = horizon
            y += 8 if not label else 0
        elif k % 3 == 0:
            y += 7
        if label:
            told = fit(t.capital(label), NAME - 12, 12)
            canvas.text(NAME - 12, y + 4, told, size=12, anchor="end")
        shape, role = MARKS[margin]
        words = f"{s_words(margin)}: {figures(amount.value)} ({span(amount)}) {UNIT}"
        _strip(canvas, scale, y, amount, shape, role, words)
        y += 15
    _axis(canvas, scale, top, y, claim, UNIT)
    _legend(canvas, y + 50, [(*MARKS[m], s_words(m)) for m in order])
    canvas.height = y + 62
    title = "What is avoided, by scenario"
    return Picture(
        title,
        f"{UNIT}, logarithmic; marks: central value, lines: 95 % interval."
        + (f" Stroke: the claim, about {claim:g} Mt." if claim is not None else "")
        + f" {view.bounds}",
        canvas.svg(title),
    )


def s_words(margin: str) -> str:
    """Return a margin in words."""
    return "average factor" if margin == "average" else f"{margin} margin"


def manufactures(view: View) -> Picture:
    """Return every definition of manufacture with its interval, and the claim."""
    study = view.study
    claim = None if study.claim is None else study.claim.made
    shown = [m for m in study.manufactures if m.scope == study.scope and m.amount.value > 0]
    shown += [
        m for m in study.manufactures
        if m.scope == "wind turbines alone" and m.definition.startswith("cradle to gate, stage")
        and study.scope != "wind turbines"
    ]  # fmt: skip
    canvas, scale = _strips([m.amount for m in shown], claim, len(shown) * ROW + 90)
    y = 34.0
    roles = {"process": ("dot", "same"), "published": ("square", "down"), "mrio": ("diamond", "up")}
    for m in shown:
        label = m.definition if m.scope == study.scope else f"{m.scope}, cradle to gate"
        canvas.text(NAME - 12, y + 4, fit(t.capital(label), NAME, 10.5),
                    size=11, anchor="end")  # fmt: skip
        _strip(canvas, scale, y, m.amount, *roles[m.method],
               f"{m.name}: {figures(m.amount.value)} ({span(m.amount)}) {UNIT}")  # fmt: skip
        y += ROW
    _axis(canvas, scale, 26, y - 6, claim, UNIT)
    words = {"process": "by stages", "published": "by published studies", "mrio": "by the table"}
    used = [k for k in words if any(m.method == k for m in shown)]
    _legend(canvas, y + 44, [(*roles[k], words[k]) for k in used])
    canvas.height = y + 56
    title = "What the making emitted, by definition"
    return Picture(
        title,
        f"{t.capital(study.scope)}, {UNIT}, logarithmic; marks: central value,"
        " lines: 95 % interval."
        + (f" Stroke: the claim, about {claim:g} Mt." if claim is not None else ""),
        canvas.svg(title),
    )


def _strips(amounts: Sequence[Amount], claim: float | None, height: float) -> tuple[Canvas, Scale]:
    ends = [v for a in amounts for v in (a.low, a.high, a.value) if v > 0]
    ends += [claim] if claim else []
    ends = ends or [1.0]  # nothing to draw: an empty axis, and every row says 0
    return Canvas(height), Scale(min(ends) / 1.25, max(ends) * 1.25, NAME, WIDTH - 112, log=True)


def _strip(canvas: Canvas, scale: Scale, y: float, amount: Amount, shape: str, role: str,
           words: str) -> None:  # fmt: skip
    canvas.open(words)
    if amount.high <= 0:
        canvas.text(scale.start, y + 4, "0 is not on a logarithmic axis", size=11, role="muted")
        canvas.text(WIDTH, y + 4, figures(amount.value), size=11, anchor="end", role="muted")
        canvas.close()
        return
    canvas.line(scale(max(amount.low, scale.low)), y, scale(amount.high), y, role=role, width=2)
    canvas.mark(shape, scale(amount.value), y, role=role)
    canvas.text(WIDTH, y + 4, figures(amount.value), size=11, anchor="end", role="muted")
    canvas.close()


def _axis(canvas: Canvas, scale: Scale, top: float, bottom: float, claim: float | None,
          unit: str) -> None:  # fmt: skip
    ticks = log_ticks(scale.low, scale.high)
    if len(ticks) > 9:
        ticks = [k for k in ticks if str(f"{k:e}")[0] == "1"]
    grid = Canvas(0)
    for tick in ticks:
        grid.line(scale(tick), top, scale(tick), bottom, role="grid")
        canvas.text(scale(tick), bottom + 16, f"{tick:,g}", size=11, anchor="middle", role="muted")
    canvas.parts[:0] = grid.parts  # the grid lies under the marks
    canvas.text((scale.start + scale.end) / 2, bottom + 31, t.nice(unit), size=11,
                anchor="middle", role="muted")  # fmt: skip
    if claim is not None:
        canvas.line(scale(claim), top - 6, scale(claim), bottom, role="mark", width=1.8, dash="5 3")
        canvas.text(scale(claim), top - 11, f"claim: about {claim:g} Mt", size=11.5,
                    anchor="middle", role="mark", bold=True)  # fmt: skip


def _legend(canvas: Canvas, y: float, items: Sequence[tuple[str, str, str]]) -> None:
    x = NAME
    for shape, role, words in items:
        canvas.mark(shape, x, y - 4, role=role)
        canvas.text(x + 10, y, words, size=11.5)
        x += 34 + 6.6 * len(words)


def paid_back(view: View) -> Picture:
    """Return the running sum of what is avoided against manufacture: first years, and the life."""
    study = view.study
    head = study.avoided
    sums = np.column_stack([np.zeros(len(head.draws)), np.cumsum(head.draws.by_age, axis=1)])
    middle = np.concatenate([[0.0], np.cumsum(head.by_age["value"].to_numpy(dtype=float))])
    ages = len(middle)
    edges = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    low, high = np.quantile(sums[:, :ages], edges, axis=0)
    canvas = Canvas(330)
    made = study.made_main
    upper = max((p.high for p in study.paybacks.values() if math.isfinite(p.high)), default=2.0)
    near = min(max(2, math.ceil(1.5 * upper)), ages - 1)
    for start, end, last, name in ((62, 470, near, "the first years"), (572, 985, ages - 1,
                                   "the whole life")):  # fmt: skip
        _curve(canvas, (start, end), last, middle, low, high, view, name)
    title = "Manufacture and what is avoided, year by year"
    table = study.table_main
    told = f"Flat bands: manufacture by stages, {figures(made.value)} ({span(made)})"
    if table is not None:
        told += f", and by the table, {figures(table.value)} ({span(table)})"
    p = view.payback
    return Picture(
        title,
        f"{UNIT}, {study.scope}, {view.margin}, all that is avoided. Left the first years of"
        f" operation, right the whole life; curve: running sum, band: 95 % interval. {told}."
        f" Payback: {years(p.value)} years ({year_span(p)}).",
        canvas.svg(title),
    )


def _curve(
    canvas: Canvas, ends: tuple[float, float], last: int, middle: Array, low: Array, high: Array,
    view: View, name: str,
) -> None:  # fmt: skip
    study = view.study
    x = Scale(0, last, *ends)
    table = study.table_main
    top = max(float(high[last]), study.made_main.high) * 1.04
    y = Scale(0, top, 278, 30)
    canvas.text(ends[0], 18, t.capital(name), bold=True, size=12.5)
    for tick in linear_ticks(0, top, 5):
        canvas.line(ends[0], y(tick), ends[1], y(tick), role="grid")
        canvas.text(ends[0] - 6, y(tick) + 4, f"{tick:,g}", size=11, anchor="end", role="muted")
    for tick in linear_ticks(0, last, 6):
        canvas.line(x(tick), 278, x(tick), 283, role="ink")
        canvas.text(x(tick), 297, f"{tick:g}", size=11, anchor="middle", role="muted")
    canvas.text((ends[0] + ends[1]) / 2, 316, "years of operation", size=11, anchor="middle",
                role="muted")  # fmt: skip
    steps = range(last + 1)
    _area(canvas, [(x(k), y(float(high[k]))) for k in steps],
          [(x(k), y(float(low[k]))) for k in steps], "band")  # fmt: skip
    canvas.path([(x(k), y(float(middle[k]))) for k in steps], role="same", width=2.4)
    for amount, role in ((study.made_main, "up"), (table, "down")):
        if amount is not None:
            canvas.open(f"manufacture {figures(amount.value)} ({span(amount)}) {UNIT}")
            _area(canvas, [(ends[0], y(amount.high)), (ends[1], y(amount.high))],
                  [(ends[0], y(amount.low)), (ends[1], y(amount.low))], f"band {role}")  # fmt: skip
            canvas.line(ends[0], y(amount.value), ends[1], y(amount.value), role=role, width=1.8,
                        dash="" if role == "up" else "6 3")  # fmt: skip
            canvas.close()
    if name == "the first years":
        stages = y(study.made_main.value)
        canvas.text(ends[1] - 4, stages - 5, "manufacture, by stages", size=11, anchor="end")
        if table is not None:
            own = y(table.value)
            # Below its line where the two lines lie close, or the words would cover one another.
            beside = own + 13 if 0 <= own - stages < 16 and own < 262 else own - 5
            if 0 <= stages - own < 16:
                beside = own - 18
            canvas.text(ends[1] - 4, beside, "manufacture, by the table", size=11, anchor="end")
        here = 0.66 * last
        height = y(float(np.interp(here, steps, middle[: last + 1]))) - 12
        canvas.text(x(here), height, "avoided", size=11, anchor="end")
    canvas.line(ends[0], 278, ends[1], 278, role="ink")


def _area(canvas: Canvas, upper: Sequence[tuple[float, float]],
          lower: Sequence[tuple[float, float]], role: str) -> None:  # fmt: skip
    steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in (*upper, *reversed(lower)))
    kind = role.replace("band up", "band-up").replace("band down", "band-down")
    canvas.parts.append(f'<path class="f-{kind}" d="M{steps}Z"/>')


def destinations(view: View, most: int = 20) -> Picture:
    """Return the destinations by what is avoided there in the first year."""
    head = view.study.avoided
    frame = head.by_destination
    shown, rest = frame.head(most), frame.iloc[most:]
    rows = [
        (place(str(code)) + (t.DAGGER if r["factors_estimated"] else ""), float(r["first_year"]),
         float(r["low"]), float(r["high"]))
        for code, r in shown.iterrows()
    ]  # fmt: skip
    # Where nothing is avoided, the axis is empty and every bar says 0.
    scale = Scale(0, max(r[3] for r in rows) * 1.02 or 1.0, 230, WIDTH - 150)
    height = len(rows) * ROW
    canvas = Canvas(height + 44)
    for tick in linear_ticks(0, scale.high):
        canvas.line(scale(tick), 4, scale(tick), height + 8, role="grid")
        canvas.text(scale(tick), height + 22, f"{tick:,g}", size=11, anchor="middle", role="muted")
    for k, (name, value, low, high) in enumerate(rows):
        y = 8 + k * ROW
        canvas.open(f"{name}: {figures(value)} ({figures(low)} to {figures(high)}) {UNIT}")
        canvas.text(220, y + 11, fit(name, 215, 12), size=12, anchor="end")
        canvas.rect(scale(0), y, scale(value) - scale(0), 14, role="same")
        canvas.line(scale(low), y + 7, scale(high), y + 7, role="ink", width=1.3)
        for end in (low, high):
            canvas.line(scale(end), y + 3, scale(end), y + 11, role="ink", width=1.3)
        share = 100 * value / head.first_year.value if head.first_year.value else math.nan
        told = "" if math.isnan(share) else f" ({t.number(share, 1)} %)"
        canvas.text(WIDTH, y + 11, figures(value) + told, size=11, anchor="end", role="muted")
        canvas.close()
    canvas.text((scale.start + scale.end) / 2, height + 38, t.nice(f"{UNIT} in the first year"),
                size=11, anchor="middle", role="muted")  # fmt: skip
    title = "Where it is avoided"
    other = (
        f" {len(rest)} others avoid {figures(float(rest['first_year'].sum()))} more."
        if len(rest)
        else ""
    )
    return Picture(
        title,
        f"{t.capital(view.study.scope)}, first full year, {view.margin},"
        f" {UNIT} and share of all; lines: 95 % interval. {t.DAGGER} a factor is not the country's"
        f" own.{other}",
        canvas.svg(title),
    )


def months(view: View) -> Picture | None:
    """Return capacity by month of export, and what it avoids in its first year."""
    frame = view.study.avoided.by_month
    known = frame[frame.index.notna()]
    if not len(known) or not float(known["mw"].sum()):
        return None
    lost = float(frame["mw"].sum() - known["mw"].sum())
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    canvas = Canvas(330)
    for panel, (column, unit, scale_by, role) in enumerate(
        (("mw", "GW exported", 1e-3, "down"), ("first_year", f"{UNIT} in the first year", 1.0,
                                               "same"))
    ):  # fmt: skip
        start, end = (52, 480) if panel == 0 else (562, 990)
        values = known[column].to_numpy(dtype=float) * scale_by
        y = Scale(0, max(float(values.max()) * 1.08, 1e-9), 278, 34)
        canvas.text(start, 18, t.nice(unit), bold=True, size=12.5)
        for tick in linear_ticks(0, y.high, 5):
            canvas.line(start, y(tick), end, y(tick), role="grid")
            canvas.text(start - 6, y(tick) + 4, f"{tick:,g}", size=11, anchor="end", role="muted")
        step = (end - start) / 12
        for month, value in zip(known.index, values, strict=True):
            x = start + (int(month) - 1) * step
            canvas.open(f"{names[int(month) - 1]}: {figures(float(value))} {unit}")
            canvas.rect(x + 4, y(float(value)), step - 8, 278 - y(float(value)), role=role)
            canvas.close()
            canvas.text(x + step / 2, 295, names[int(month) - 1], size=11, anchor="middle",
                        role="muted")  # fmt: skip
        canvas.line(start, 278, end, 278, role="ink")
    title = "By month of export"
    gone = f" {t.number(lost, 1)} MW have no known month and are not drawn." if lost > 0.05 else ""
    return Picture(
        title,
        f"Left capacity, right what the month's shipments avoid in their first full year at the"
        f" {view.margin}.{gone} Shipments of {view.period}; within {view.year} itself, after"
        f" transport and building: {_calendar(view)}.",
        canvas.svg(title),
    )


def _calendar(view: View) -> str:
    one = view.study.avoided.calendar_year
    if math.isnan(one.value):
        return "not known"
    return f"{figures(one.value)} ({figures(one.low)} to {figures(one.high)}) {UNIT}"
