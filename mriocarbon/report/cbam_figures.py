"""The figures of an audit's page: bias by CN, default against reference, and tonnes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mriocarbon.report import text as t
from mriocarbon.report.cbam_view import (
    SECTORS,
    VERDICTS,
    Row,
    View,
    between,
    percent,
    sector,
    tonnes,
)
from mriocarbon.report.svg import Canvas, Scale, fit, linear_ticks, log_ticks

MARKS = {
    "over": ("right", "up", False),
    "under": ("left", "down", False),
    "not biased": ("square", "same", False),
    "inconclusive": ("dot", "other", True),
}
"""Verdict -> shape, colour and whether the shape is hollow."""
CLAIM_MARKS = {
    "holds": MARKS["over"], "does not hold": MARKS["under"],
    "holds in part": ("diamond", "same", False), "cannot be decided": MARKS["inconclusive"],
}  # fmt: skip
SECTOR_MARKS = {
    "iron_steel": ("dot", "down"), "aluminium": ("diamond", "up"), "cement": ("square", "muted"),
    "fertilisers": ("up", "same"), "hydrogen": ("down", "mark"),
}  # fmt: skip
BIAS_TICKS = (
    -0.9, -0.8, -0.67, -0.5, -0.33, -0.2, 0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 9.0, 19.0, 49.0, 99.0,
)  # fmt: skip
ROWS_A_FIGURE = 42
STEP = 18
LABEL = 11.5


@dataclass(frozen=True)
class Picture:
    """A figure of the page: caption and drawing."""

    title: str
    caption: str
    svg: str


def forests(view: View) -> list[Picture]:
    """Return the forest plot, one figure for each sector or part of one, on one scale."""
    if not view.rows:
        return []
    scale = _bias_scale(view.rows)
    out = []
    for name, rows in view.by_sector.items():
        parts = max(1, math.ceil(len(rows) / ROWS_A_FIGURE))
        size = math.ceil(len(rows) / parts)
        for k in range(parts):
            part = rows[k * size : (k + 1) * size]
            told = sector(name) + (f", part {k + 1} of {parts}" if parts > 1 else "")
            out.append(_forest(view, name, told, part, scale, pooled=k == parts - 1))
    return out


def _bias_scale(rows: Iterable[Row]) -> Scale:
    """Return one scale for all rows: it holds 95 of 100 intervals, others end in arrows."""
    rows = list(rows)
    lows = sorted(r.main.bias.low for r in rows if math.isfinite(r.main.bias.low))
    highs = sorted(
        x for r in rows for x in (r.main.bias.high, r.main.marked.value) if math.isfinite(x)
    )
    low = min(0.75, 1 + lows[int(0.05 * (len(lows) - 1))]) if lows else 0.5
    high = max(1.4, 1 + highs[math.ceil(0.95 * (len(highs) - 1))]) if highs else 2.0
    return Scale(max(low, 0.04), min(high, 120.0), 352, 740, log=True)


def _forest(
    view: View, key: str, told: str, rows: Sequence[Row], scale: Scale, *, pooled: bool
) -> Picture:
    totals = [
        (name, found)
        for name, group in ((f"Median, {sector(key).lower()}", key), ("Median, all sectors", ""))
        if pooled and (found := view.aggregate("base", group)) is not None
    ]
    top, bottom = 52, 44
    canvas = Canvas(top + STEP * (len(rows) + len(totals)) + (10 if totals else 0) + bottom)
    foot = canvas.height - bottom
    for k in range(1, len(rows), 2):
        canvas.rect(0, top + STEP * k, 1000, STEP, role="panel")
    _bias_axis(canvas, scale, view.audit.header.band, top - 6, foot)
    canvas.text(0, top - 14, "CN code (route), good", role="muted", size=11)
    canvas.text(880, top - 14, "bias, % (95 %)", role="muted", size=11, anchor="end")
    canvas.text(1000, top - 14, "verdict", role="muted", size=11, anchor="end")
    start = 8 + 0.58 * LABEL * max(len(row.name) for row in rows)
    for k, row in enumerate(rows):
        _forest_row(canvas, scale, row, top + STEP * (k + 0.5), start)
    y = top + STEP * len(rows) + 4
    if totals:
        canvas.line(0, y, 1000, y, role="grid")
    marked = {key: view.aggregate("marked", key), "": view.aggregate("marked")}
    for k, (name, found) in enumerate(totals):
        middle = y + STEP * (k + 0.5) + 3
        canvas.open(f"{name}: {percent(found.median.value)} % ({between(found.median)})")
        canvas.text(0, middle + 4, f"{name} ({found.lines})", size=12, bold=True)
        _whisker(canvas, scale, found.median.low, found.median.high, middle, "mark", 2.4)
        canvas.mark("diamond", scale(1 + found.median.value), middle, role="mark", r=5)
        after = marked[(key, "")[k] if len(totals) == 2 else ""]
        if after is not None:
            _marked(canvas, scale, after.median.value, middle)
        told = between(found.median)
        told_bias = percent(found.median.value) + (f" ({told})" if told else "")
        canvas.text(880, middle + 4, told_bias, size=11, anchor="end", bold=True)
        canvas.close()
    listed = "; ".join(f"{r.name}: {r.codes}" for r in rows if len(r.lines) > 1)
    caption = (
        (f"Rows that stand for several codes: {listed}." if listed else "")
        + (f" {t.DAGGER} rests on an assumption." if any(r.main.reference.assumed for r in rows)
           else "")
    ).strip()  # fmt: skip
    counted = {v: sum(len(r.lines) for r in rows if r.first.verdict == v) for v in MARKS}
    label = (
        f"Forest plot, {told}: {sum(len(r.lines) for r in rows)} lines in {len(rows)} rows; "
        + ", ".join(f"{n} {VERDICTS[v]}" for v, n in counted.items() if n)
        + ". All figures are in the table by CN code and in lines.csv."
    )
    return Picture(f"Bias by CN code: {told}", caption, canvas.svg(label))


def _bias_axis(canvas: Canvas, scale: Scale, band: float, top: float, foot: float) -> None:
    left, right = scale(1 - band), scale(1 + band)
    canvas.rect(left, top, right - left, foot - top, role="band")
    kept = -math.inf
    for tick in BIAS_TICKS:
        if not scale.holds(1 + tick):
            continue
        x = scale(1 + tick)
        canvas.line(x, top, x, foot, role="ink" if tick == 0 else "grid")
        if x - kept > 34 or tick == 0:
            canvas.text(x, foot + 15, percent(tick), role="muted", size=11, anchor="middle")
            kept = x
    middle = (scale.start + scale.end) / 2
    canvas.text(middle, foot + 33, "bias (default − reference) / reference, %; ratio scale",
                role="muted", size=11, anchor="middle")  # fmt: skip
    zero = scale(1)
    canvas.text(zero + 8, 14, "default above reference →", role="up", size=11)
    canvas.text(zero - 8, 14, "← below reference", role="down", size=11, anchor="end")


def _forest_row(canvas: Canvas, scale: Scale, row: Row, y: float, start: float) -> None:
    line, main = row.first, row.main
    after = line.value.marked_up
    canvas.open(
        f"{row.codes}: {line.value.description}. Default {tonnes(line.value.total)},"
        f" marked up {tonnes(after)}, reference {tonnes(main.reference.value)}"
        f" ({tonnes(main.reference.low)} to {tonnes(main.reference.high)}) t CO2e/t;"
        f" bias {percent(main.bias.value)} % ({between(main.bias)});"
        f" {VERDICTS.get(line.verdict, line.verdict)}"
    )
    canvas.text(0, y + 4, row.name, size=LABEL)
    canvas.text(start, y + 4, fit(line.value.description, scale.start - 14 - start, 10.5),
                role="muted", size=10.5)  # fmt: skip
    shape, role, hollow = MARKS.get(line.verdict, ("dot", "other", True))
    _whisker(canvas, scale, main.bias.low, main.bias.high, y, role, 1.6)
    if after is not None:
        _marked(canvas, scale, main.marked.value, y)
    ratio = 1 + main.bias.value
    if scale.holds(ratio):
        canvas.mark(shape, scale(ratio), y, role=role, hollow=hollow)
    dagger = t.DAGGER if main.reference.assumed else ""
    interval = f" ({between(main.bias)})" if between(main.bias) else ""
    canvas.text(880, y + 4, f"{percent(main.bias.value)}{dagger}{interval}", size=11, anchor="end")
    canvas.text(1000, y + 4, VERDICTS.get(line.verdict, line.verdict), role=role, size=11,
                anchor="end", bold=line.verdict in ("over", "under"))  # fmt: skip
    canvas.close()


def _whisker(
    canvas: Canvas, scale: Scale, low: float, high: float, y: float, role: str, width: float
) -> None:
    if not (math.isfinite(low) and math.isfinite(high)):
        return
    a, b = scale(1 + low), scale(1 + high)
    canvas.line(a, y, b, y, role=role, width=width)
    if not scale.holds(1 + low):
        canvas.mark("left", a + 2, y, role=role, r=3)
    if not scale.holds(1 + high):
        canvas.mark("right", b - 2, y, role=role, r=3)


def _marked(canvas: Canvas, scale: Scale, value: float, y: float) -> None:
    if scale.holds(1 + value):
        canvas.mark("tick", scale(1 + value), y, role="mark", r=4)


def legend(items: Sequence[tuple[str, str, bool, str]]) -> str:
    """Return a legend of its own: (shape, role, hollow, words), as many lines as it needs."""
    rows: list[list[tuple[float, tuple[str, str, bool, str]]]] = [[]]
    x = 0.0
    for item in items:
        width = 34 + 0.56 * 12 * len(item[3])
        if x + width > 1000:
            rows.append([])
            x = 0.0
        rows[-1].append((x, item))
        x += width
    canvas = Canvas(20 * len(rows) + 4)
    for k, row in enumerate(rows):
        for x, (shape, role, hollow, words) in row:
            canvas.mark(shape, x + 8, 20 * k + 11, role=role, hollow=hollow)
            canvas.text(x + 20, 20 * k + 15, words, size=12)
    return canvas.svg("Legend: " + "; ".join(item[3] for item in items))


def forest_legend() -> str:
    """Return the legend of the forest plot."""
    words = {
        "over": "overstates", "under": "understates", "not biased": "not biased",
        "inconclusive": "undecided",
    }  # fmt: skip
    return legend(
        [(*MARKS[v], words[v]) for v in MARKS]
        + [("tick", "mark", False, "after mark-up"), ("diamond", "mark", False, "median")]
    )


# ---------------------------------------------------------------- default against reference


def scatter(view: View) -> Picture | None:
    """Return default against reference on log axes, with 1:1 line and mark-up line."""
    rows = [r for r in view.rows if r.first.value.total]
    if not rows:
        return None
    ends = [float(r.first.value.total or 1) for r in rows]
    ends += [x for r in rows for x in (r.main.reference.low, r.main.reference.high)]
    low, high = max(min(ends), 0.01) / 1.15, min(max(ends), 200.0) * 1.15
    canvas = Canvas(660)
    x, y = Scale(low, high, 70, 850, log=True), Scale(low, high, 600, 14, log=True)
    for tick in log_ticks(low, high):
        canvas.line(x(tick), 14, x(tick), 600, role="grid")
        canvas.line(70, y(tick), 850, y(tick), role="grid")
        canvas.text(x(tick), 618, f"{tick:g}", role="muted", size=11, anchor="middle")
        canvas.text(62, y(tick) + 4, f"{tick:g}", role="muted", size=11, anchor="end")
    canvas.path([(x(low), y(low)), (x(high), y(high))], role="ink", width=1.4)
    canvas.text(862, y(high) + 10, "1:1", size=12, bold=True)
    rates = sorted({float(r.first.value.markup) for r in rows}, reverse=True)
    if rates and rates[0] > 0:
        m = 1 + rates[0]
        canvas.path([(x(low * m), y(low)), (x(high), y(high / m))], role="mark", width=1.4,
                    dash="6 4")  # fmt: skip
        canvas.text(862, y(high / m) + 22, f"marked up by {100 * rates[0]:g} %", role="mark",
                    size=11)  # fmt: skip
        canvas.text(862, y(high / m) + 36, "= reference", role="mark", size=11)
    for row in rows:
        shape, role = SECTOR_MARKS.get(row.first.value.sector, ("dot", "other"))
        r, total = row.main.reference, float(row.first.value.total or 0)
        canvas.open(
            f"{row.codes}: default {tonnes(row.first.value.total)}, reference {tonnes(r.value)}"
            f" ({tonnes(r.low)} to {tonnes(r.high)}) t CO2e/t"
        )
        canvas.line(x(r.low), y(total), x(r.high), y(total), role=f"{role}-thin", width=1)
        size = 3.6 + min(4.0, 0.9 * math.sqrt(len(row.lines) - 1))
        canvas.mark(shape, x(r.value), y(total), role=role, r=size)
        canvas.close()
    canvas.text(460, 646, "reference, t CO₂e per t (log scale), with 95 % interval", role="muted",
                size=12, anchor="middle")  # fmt: skip
    canvas.text(18, 307, "default before mark-up, t CO₂e per t (log scale)", role="muted",
                size=12, anchor="middle", turn=-90)  # fmt: skip
    present = [s for s in SECTORS if any(r.first.value.sector == s for r in rows)]
    for k, name in enumerate(present):
        shape, role = SECTOR_MARKS[name]
        canvas.mark(shape, 870, 420 + 22 * k, role=role, r=5)
        canvas.text(884, 424 + 22 * k, sector(name), size=12)
    above = sum(len(r.lines) for r in rows if r.main.bias.value > 0)
    count = sum(len(r.lines) for r in rows)
    caption = (
        "Above the solid 1:1 line the default value exceeds the reference even before"
        " mark-up; between the dashed and the solid line only the marked-up value does; below"
        " the dashed line not even that. Larger signs stand for more CN codes with the same"
        " figures."
    )
    label = (
        f"Scatter of {count} lines in {len(rows)} points: {above} above the 1:1 line,"
        f" {count - above} on or below it. All figures are in lines.csv."
    )
    return Picture("Default against reference", caption, canvas.svg(label))


# ------------------------------------------------------------------------------- waterfall


def waterfall(view: View) -> Picture | None:
    """Return the steps from reference emissions to the defaults as charged."""
    weighted = view.audit.trade_weighted
    if weighted is None or not weighted.steps:
        return None
    steps = weighted.steps
    levels = [0.0]
    bars: list[tuple[str, float, float, bool]] = []
    for k, (name, interval) in enumerate(steps):
        whole = k in (0, len(steps) - 1)
        start = 0.0 if whole else levels[-1]
        end = interval.value if whole else levels[-1] + interval.value
        bars.append((name, start, end, whole))
        levels.append(end)
    ends = [v for _, a, b, _ in bars for v in (a, b)]
    ends += [v for (_, i), (_, a, _, _) in zip(steps, bars, strict=True)
             for v in (a + i.low, a + i.high) if math.isfinite(v)]  # fmt: skip
    unit, factor = ("Mt", 1e6) if max(map(abs, ends)) >= 1e6 else ("t", 1.0)
    low, high = min([0.0, *ends]), max(ends)
    scale = Scale(low, high * 1.04 or 1.0, 250, 780)
    canvas = Canvas(54 * len(bars) + 62)
    foot = canvas.height - 46
    for tick in linear_ticks(low / factor, high * 1.04 / factor):
        at = scale(tick * factor)
        canvas.line(at, 6, at, foot, role="ink" if tick == 0 else "grid")
        canvas.text(at, foot + 16, f"{tick:,g}", role="muted", size=11, anchor="middle")
    canvas.text(515, foot + 36, f"{unit} CO₂e in the weighted lines", role="muted", size=12,
                anchor="middle")  # fmt: skip
    for k, ((name, start, end, whole), (_, interval)) in enumerate(zip(bars, steps, strict=True)):
        top = 12 + 54 * k
        role = "other" if k == 0 else "ink2" if whole else (
            "mark" if "mark" in name.lower() else "up" if end >= start else "down"
        )  # fmt: skip
        canvas.rect(scale(start), top, scale(end) - scale(start), 30, role=role)
        if math.isfinite(interval.low) and math.isfinite(interval.high):
            canvas.line(scale(start + interval.low), top + 36, scale(start + interval.high),
                        top + 36, role="muted", width=2)  # fmt: skip
        if k + 1 < len(bars):
            canvas.line(scale(end), top, scale(end), top + 84, role="muted", dash="2 3")
        for j, piece in enumerate(_wrap(name, 34)):
            canvas.text(236, top + 18 + 14 * j - (7 if len(name) > 34 else 0), piece, size=12.5,
                        anchor="end", bold=whole)  # fmt: skip
        amount = interval.value / factor
        digits = 2 if factor > 1 else 0
        shown = t.number(amount, digits) if whole else t.percent(amount, digits)
        canvas.text(792, top + 15, shown, size=12.5, bold=True)
        if math.isfinite(interval.low) and math.isfinite(interval.high):
            write = t.number if whole else t.percent
            canvas.text(
                792, top + 31, f"{write(interval.low / factor, digits)} to"
                f" {write(interval.high / factor, digits)}", role="muted", size=11,
            )  # fmt: skip
    told = "; ".join(
        f"{name} {t.number(i.value / factor, 2 if factor > 1 else 0)} {unit}" for name, i in steps
    )
    caption = (
        "From what the references say was emitted to what the defaults charge, over the"
        f" {weighted.lines} traded lines at hand only ({100 * weighted.covered_mass:.0f} % of the"
        " mass of the origin's trade in CBAM goods). Grey strokes: 95 % intervals of each step."
    )
    return Picture("Trade-weighted waterfall", caption, canvas.svg(f"Waterfall: {told}."))


def _wrap(text: str, signs: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, signs)[:3] or [""]


# ------------------------------------------------------------------------------- cost path


@dataclass(frozen=True)
class YearCost:
    """What the page shows of a year: EUR in total."""

    year: int
    gross: float
    net: float
    net_reference: float
    bias: float
    markup: float


def cost(years: Sequence[YearCost], caption: str) -> Picture | None:
    """Return net cost of a year as three parts beside the gross cost."""
    if not years:
        return None
    unit, factor = ("million EUR", 1e6) if max(y.gross for y in years) >= 1e6 else ("EUR", 1.0)
    top = max(max(y.gross, y.net) for y in years) * 1.05 or 1.0
    low = min(0.0, *(min(y.bias, y.net_reference + y.bias) for y in years))
    scale = Scale(low / factor, top / factor, 350, 16)
    canvas = Canvas(430)
    for tick in linear_ticks(low / factor, top / factor):
        canvas.line(80, scale(tick), 1000, scale(tick), role="ink" if tick == 0 else "grid")
        canvas.text(72, scale(tick) + 4, f"{tick:,g}".replace("-", t.MINUS), role="muted", size=11,
                    anchor="end")  # fmt: skip
    canvas.text(18, 185, unit, role="muted", size=12, anchor="middle", turn=-90)
    width = 920 / len(years)
    for k, y in enumerate(years):
        left = 80 + width * k + width * 0.16
        bar = width * 0.36
        canvas.open(
            f"{y.year}: gross {y.gross / factor:,.0f}, net {y.net / factor:,.0f} {unit}; of net:"
            f" reference {y.net_reference / factor:,.0f}, bias {y.bias / factor:,.0f}, mark-up"
            f" {y.markup / factor:,.0f}"
        )
        zero = scale(0)
        canvas.rect(left, scale(y.gross / factor), bar * 0.72, zero - scale(y.gross / factor),
                    role="gross", hatch=True)  # fmt: skip
        x, up, down = left + bar * 0.8, 0.0, 0.0
        for amount, role in ((y.net_reference, "other"), (y.bias, "up" if y.bias >= 0 else "down"),
                             (y.markup, "mark")):  # fmt: skip
            value = amount / factor
            start = up if value >= 0 else down
            a, b = scale(start), scale(start + value)
            canvas.rect(x, min(a, b), bar, abs(a - b), role=role)
            if value >= 0:
                up += value
            else:
                down += value
        canvas.line(x - 2, scale(y.net / factor), x + bar + 2, scale(y.net / factor), width=2)
        canvas.text(x + bar / 2, scale(max(up, y.net / factor)) - 5,
                    t.number(y.net / factor, 0), size=11, anchor="middle")  # fmt: skip
        canvas.text(80 + width * (k + 0.5), 370, str(y.year), size=12, anchor="middle")
        canvas.close()
    x = 80.0
    for role, words, hatch in (
        ("gross", "gross, no free allocation", True), ("other", "net: reference emissions", False),
        ("up", "net: bias part (blue if negative)", False), ("mark", "net: mark-up part", False),
    ):  # fmt: skip
        canvas.rect(x, 392, 14, 14, role=role, hatch=hatch)
        canvas.text(x + 20, 404, words, size=12)
        x += 44 + 0.54 * 12 * len(words)
    canvas.line(x, 399, x + 18, 399, width=2)
    canvas.text(x + 24, 404, "net in all", size=12)
    told = "; ".join(
        f"{y.year} gross {y.gross / factor:,.0f}, net {y.net / factor:,.0f}" for y in years
    )
    return Picture("Cost path", caption, canvas.svg(f"Cost by year in {unit}: {told}."))


def dots(
    rows: Sequence[tuple[str, float, float, float, float, str]], first: int, last: int, band: float
) -> Picture:
    """Return a dot plot of medians: (name, value, low, high, marked, claim), rows first to last.

    The scale is that of all rows, so that the parts compare.
    """
    lows = [1 + r[2] for r in rows if math.isfinite(r[2])] or [0.5]
    highs = [1 + x for r in rows for x in (r[3], r[4]) if math.isfinite(x)] or [2.0]
    scale = Scale(max(min(*lows, 0.75), 0.04), min(max(*highs, 1.4), 120.0), 250, 800, log=True)
    step, top, bottom = 16, 40, 44
    part = rows[first:last]
    canvas = Canvas(top + step * len(part) + bottom)
    _bias_axis(canvas, scale, band, top - 6, canvas.height - bottom)
    for k, (name, value, low, high, marked, claim) in enumerate(part):
        y = top + step * (k + 0.5)
        shape, role, hollow = CLAIM_MARKS.get(claim, CLAIM_MARKS["cannot be decided"])
        canvas.open(f"{name}: median {percent(value)} %; {claim}")
        told = f"{first + k + 1}. {name}"
        canvas.text(236, y + 4, fit(told, 236, 11.5), size=11.5, anchor="end")
        _whisker(canvas, scale, low, high, y, role, 1.5)
        if math.isfinite(marked):
            _marked(canvas, scale, marked, y)
        if math.isfinite(value):
            canvas.mark(shape, scale(1 + value), y, role=role, r=4, hollow=hollow)
        interval = f" ({percent(low)} to {percent(high)})" if math.isfinite(low + high) else ""
        canvas.text(1000, y + 4, f"{percent(value)}{interval}", size=11, anchor="end")
        canvas.close()
    told_first = "; ".join(f"{r[0]} {percent(r[1])} %" for r in part[:3])
    caption = (
        "Median bias of the default values before mark-up over all compared lines of an origin,"
        " with 95 % interval; the vertical stroke is the median after mark-up. The band is"
        f" ±{100 * band:g} %."
    )
    label = f"Dot plot of {len(part)} origins in the order of the table; first: {told_first}."
    title = f"Median bias by origin, {first + 1} to {last} of {len(rows)}"
    return Picture(title, caption, canvas.svg(label))


def dots_legend() -> str:
    """Return the legend of the dot plot."""
    return legend(
        [(*mark, f"claim {claim}" if "hold" in claim else claim)
         for claim, mark in CLAIM_MARKS.items()]
        + [("tick", "mark", False, "after mark-up")]
    )  # fmt: skip


__all__ = [
    "Picture", "YearCost", "cost", "dots", "dots_legend", "forest_legend", "forests", "legend",
    "scatter", "waterfall",
]  # fmt: skip
