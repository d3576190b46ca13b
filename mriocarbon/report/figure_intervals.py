"""The figure of paired intervals: every principle, the countries that were asked for."""

from __future__ import annotations

from mriocarbon.report import figures as f
from mriocarbon.report import text as t
from mriocarbon.report.view import PUBLISHED, View

MOST = 3  # countries side by side
GASES = {"GHG": (f.DOWN, "o", 0.14), "CO2": (f.UP, "s", -0.14)}


def intervals(view: View) -> f.Drawing:
    """Points with whiskers: account over production and its 95 % interval, industries only."""
    regions = [r for r in view.shown if r in view.account_regions][:MOST]
    names = list(dict.fromkeys(p for _, p in view.sure))
    figure = f._figure(9.2, max(0.36 * len(names) + 2.1, 3.0))
    handles, low, high = [], 0.0, 0.0
    drawn: list[str] = []
    width = (9.2 - 1.95 - 0.15) / max(len(regions), 1)
    for j, region in enumerate(regions):
        k = view.account_regions.index(region)
        box = f._frame(figure, 1.95 + j * width, 9.2 - 1.95 - (j + 1) * width + 0.1, 1.25, 0.75)
        axes = figure.add_axes(box)
        for gas, (color, marker, shift) in GASES.items():
            points = [(i, one) for i, name in enumerate(names)
                      if (one := view.interval(gas, name, False))]  # fmt: skip
            if not points:
                continue
            drawn.append(gas)
            places = [len(names) - 1 - i + shift for i, _ in points]
            value = [float(one.percent[k]) for _, one in points]
            reach = [
                [v - float(one.low[k]) for v, (_, one) in zip(value, points, strict=True)],
                [float(one.high[k]) - v for v, (_, one) in zip(value, points, strict=True)],
            ]
            axes.errorbar(value, places, xerr=reach, fmt=marker, ms=3.6, color=color,
                          ecolor=color, elinewidth=1.1, capsize=1.8, linestyle="none")  # fmt: skip
            low = min([low, *(float(one.low[k]) for _, one in points)])
            high = max([high, *(float(one.high[k]) for _, one in points)])
        if region in PUBLISHED:
            axes.axvline(PUBLISHED[region], color=f.MARK, linewidth=1.4, linestyle=(0, (4, 2)))
        axes.axvline(0, color=f.INK, linewidth=0.9)
        axes.set_ylim(-0.7, len(names) - 0.3)
        axes.set_yticks(range(len(names)), names[::-1] if j == 0 else [""] * len(names))
        axes.tick_params(axis="y", length=0)
        axes.set_title(t.region_name(region), fontsize=9.5)
    figure.text(0.5, 0.62 / figure.get_figheight(), "(account − production) / production, %;"
                " industries only; whiskers: paired 95 % interval", ha="center",
                fontsize=8.6)  # fmt: skip
    for gas in dict.fromkeys(drawn):
        color, marker, _ = GASES[gas]
        handles.append(f._dot(marker, color, t.nice(f"{gas}{t.DAGGER}")))
    if any(r in PUBLISHED for r in regions):
        handles.append(f._line(f.MARK, "published (press, April 2026)"))
    if handles:
        f._legend(figure, handles, len(handles))
    title = "How sure the differences are, 2022"
    method = next(
        (f"{one.method}, {one.held}" for one in view.study.intervals), "none in this selection"
    )
    caption = (
        f"Source: OECD ICIO 2025 ed., OECD production-based GHG, satellites. Unit: percent."
        " Numerator: account − production; denominator: production, industries only. Paired"
        f" 95 % intervals, {method}; errors of the table assumed, see the tables."
        f" {t.DAGGER} rests on assumed errors and on estimates. Dashed: published."
    )
    description = (
        f"For {t.listing([t.region_name(r) for r in regions]) or 'no region'}, {len(names)}"
        " principles as points with horizontal whiskers. All values are in uncertainty.csv."
    )
    source = f._source_line(["OECD ICIO 2025 ed.", "OECD production-based GHG, 2022",
                             "errors assumed"], ["x"])  # fmt: skip
    return f._finish(figure, "figure-intervals", title, source, caption, description)
