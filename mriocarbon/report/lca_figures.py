"""The other figures of a footprint: parts as bars, ranges of single numbers, the distribution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mriocarbon.lca.contribution import Part
from mriocarbon.report import text as t
from mriocarbon.report.cbam_figures import Picture
from mriocarbon.report.lca_tables import worth_showing
from mriocarbon.report.lca_view import View, named, percent
from mriocarbon.report.svg import WIDTH, Canvas, Scale, fit, linear_ticks

__all__ = ["bars", "histogram", "paired", "tornado"]

ROW = 24.0
NAME = 300.0
SIZE = 12.0


def bars(view: View, parts: Sequence[Part], title: str, caption: str) -> Picture | None:
    """Return parts as bars with their numbers, largest first."""
    shown, small = worth_showing([p for p in parts if p.value], 12)
    if not shown:
        return None
    if small:
        caption += f" {len(small)} smaller ones are not drawn."
    values = [p.value * view.scale for p in shown]
    low, high = min(0.0, *values), max(0.0, *values)
    scale = Scale(low, high if high > low else low + 1, NAME, WIDTH - 150)
    canvas = Canvas(len(shown) * ROW + 14)
    zero = scale(0.0)
    canvas.line(zero, 2, zero, len(shown) * ROW + 4, role="grid")
    for k, (part, value) in enumerate(zip(shown, values, strict=True)):
        y = 6 + k * ROW
        canvas.open(f"{part.name}: {view.amount(part.value)} {view.unit}")
        canvas.text(NAME - 10, y + 12, t.nice(fit(named(part.name), NAME - 14, SIZE)), size=SIZE,
                    anchor="end")  # fmt: skip
        canvas.rect(zero, y, scale(value) - zero, 15, role="up" if value > 0 else "down")
        end = max(scale(value), zero)
        told = f"{view.amount(part.value)} ({percent(part.share)} %)"
        canvas.text(end + 7, y + 12, t.nice(told), role="muted", size=11)
        canvas.close()
    return Picture(title, caption, canvas.svg(title))


def tornado(view: View) -> Picture | None:
    """Return how far single numbers move the result, each to its own 2.5 and 97.5 % quantile."""
    spans = [
        p for p in view.found.interpretation.sensitivity.ranges
        if p.low is not None and p.high is not None and p.low != p.high
    ][:10]  # fmt: skip
    if not spans:
        return None
    total = view.found.total * view.scale
    ends = [v * view.scale for p in spans for v in (p.low, p.high) if v is not None]
    pad = 0.04 * (max(ends) - min(ends))
    scale = Scale(min(ends) - pad, max(ends) + pad, NAME + 60, WIDTH - 70)
    height = len(spans) * ROW
    canvas = Canvas(height + 58)
    for tick in linear_ticks(scale.low, scale.high):
        canvas.line(scale(tick), 20, scale(tick), height + 24, role="grid")
        canvas.text(scale(tick), height + 40, t.number(tick, view.digits if view.digits < 3 else 3),
                    role="muted", size=11, anchor="middle")  # fmt: skip
    canvas.text(scale(total), 12, f"result {view.amount(view.found.total)}", size=11.5,
                anchor="middle", bold=True)  # fmt: skip
    for k, p in enumerate(spans):
        if p.low is None or p.high is None:
            continue
        y = 24 + k * ROW
        low, high = p.low * view.scale, p.high * view.scale
        canvas.open(f"{p.name}: {view.between(p.low, p.high)} {view.unit}")
        canvas.text(NAME, y + 12, fit(named(p.name), NAME, 11.5), size=11.5, anchor="end")
        for end, role in ((low, "down"), (high, "up")):
            canvas.rect(scale(total), y + 2, scale(end) - scale(total), 13, role=role)
        left, right = sorted((scale(low), scale(high)))
        canvas.text(left - 5, y + 12, view.amount(min(p.low, p.high)), role="muted", size=10.5,
                    anchor="end")  # fmt: skip
        canvas.text(right + 5, y + 12, view.amount(max(p.low, p.high)), role="muted", size=10.5)
        canvas.close()
    canvas.line(scale(total), 18, scale(total), height + 24, role="ink", width=1.4)
    canvas.text((scale.start + scale.end) / 2, height + 55, t.nice(view.unit), role="muted",
                size=11, anchor="middle")  # fmt: skip
    return Picture(
        "How far single numbers move the result",
        f"Each number alone at its own 2.5 % (blue) and 97.5 % quantile (orange), solved again,"
        f" {view.unit}; largest range first. Only numbers with a stated distribution have one.",
        canvas.svg("Range of the result by number"),
    )


def histogram(view: View) -> Picture | None:
    """Return the distribution of the result over the draws."""
    wide = view.found.interpretation.spread
    if wide is None:
        return None
    scores = wide.scores[np.isfinite(wide.scores)] * view.scale
    if len(scores) < 20 or np.ptp(scores) <= 0:
        return None
    title = "How sure the result is"
    caption = (
        f"{len(scores):,} draws, {view.unit}. Shaded: the middle 95 %,"
        f" {view.between(wide.low, wide.high)}; stroke: the result as stated,"
        f" {view.amount(wide.point)}; the outermost 0.5 % on either side lie in the end bars."
    )
    marks = [(wide.point * view.scale, "result", view.amount(wide.point))]
    band = (wide.low * view.scale, wide.high * view.scale)
    return Picture(title, caption, _histogram(view, scores, band, marks, title))


def paired(view: View) -> Picture | None:
    """Return the distribution of the difference of two products, draw by draw."""
    found = view.found.comparison
    if found is None:
        return None
    gap = found.draws.difference(0, 1)
    gap = gap[np.isfinite(gap)] * view.scale
    if len(gap) < 20 or np.ptp(gap) <= 0:
        return None
    title = "First less second, draw by draw"
    low, high = found.interval
    caption = (
        f"{len(gap):,} paired draws, {view.unit}: {found.first} less {found.second}. Shaded: the"
        f" middle 95 %, {view.between(low, high)}; below zero the first has the lower footprint"
        f" ({percent(found.share_lower)} % of the draws)."
    )
    marks = [(0.0, "no difference", "0")]
    band = (low * view.scale, high * view.scale)
    return Picture(title, caption, _histogram(view, gap, band, marks, title))


def _histogram(
    view: View,
    values: np.ndarray,
    band: tuple[float, float],
    marks: Sequence[tuple[float, str, str]],
    label: str,
) -> str:
    low, high = (float(v) for v in np.quantile(values, [0.005, 0.995]))
    for at, _, _ in marks:
        low, high = min(low, at), max(high, at)
    width = (high - low) or 1.0
    edges = np.linspace(low, high, 41)
    count, _ = np.histogram(np.clip(values, low, high), bins=edges)
    scale = Scale(low - 0.02 * width, high + 0.02 * width, 40, WIDTH - 40)
    tall = Scale(0, float(count.max()) * 1.06, 210, 34)
    canvas = Canvas(262)
    canvas.rect(scale(band[0]), 34, scale(band[1]) - scale(band[0]), 176, role="band")
    for k in range(len(count)):
        if count[k]:
            x1, x2 = scale(float(edges[k])), scale(float(edges[k + 1]))
            inside = band[0] <= (edges[k] + edges[k + 1]) / 2 <= band[1]
            top = tall(float(count[k]))
            role = "down" if inside else "other"
            canvas.rect(x1 + 0.7, top, x2 - x1 - 1.4, 210 - top, role=role)
    canvas.line(40, 210, WIDTH - 40, 210, role="ink")
    for tick in linear_ticks(scale.low, scale.high, 8):
        canvas.line(scale(tick), 210, scale(tick), 215, role="ink")
        canvas.text(scale(tick), 230, t.number(tick, min(view.digits, 4)), role="muted", size=11,
                    anchor="middle")  # fmt: skip
    for at, words, number in marks:
        canvas.line(scale(at), 26, scale(at), 210, role="up", width=2)
        canvas.text(min(max(scale(at), 90), WIDTH - 90), 18, f"{words} {number}", size=11.5,
                    anchor="middle", bold=True)  # fmt: skip
    canvas.text(WIDTH / 2, 252, t.nice(view.unit), role="muted", size=11, anchor="middle")
    return canvas.svg(label)
