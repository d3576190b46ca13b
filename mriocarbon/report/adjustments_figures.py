"""The figures of the study of 2022: adjustments, intervals, flows between regions, the scan."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from mriocarbon.report import figures as f
from mriocarbon.report import text as t
from mriocarbon.report.adjustments_view import BUDGET, FULL, PUBLISHED, TABLE, View
from mriocarbon.studies.scan import Combination

CLASSES = (1, 3, 10, 30, 100, 300, 1000)  # Mt CO2e, bounds of the steps
LOW, HIGH = -65.0, 125.0  # percent; what lies beyond is drawn at the edge and listed
# (table, gas) -> marker, size and colour of the points of the scan, names, and rows they share.
SERIES = {
    (TABLE, "GHG"): ("o", 3.2, f.DOWN), (TABLE, "CO2"): ("o", 3.2, f.UP),
    (FULL, "GHG"): ("s", 3.2, f.FULL_MARK), (BUDGET, "CO2"): ("^", 6, f.UP),
}  # fmt: skip
SERIES_NAMES = {
    (TABLE, "GHG"): "GHG, 20 regions × 50", (TABLE, "CO2"): "CO₂, 20 regions × 50",
    (FULL, "GHG"): "GHG, 81 economies × 50", (BUDGET, "CO2"): "CO₂, Global Carbon Budget",
}  # fmt: skip
HALVES = {(TABLE, "GHG"): (-0.38, -0.04), (TABLE, "CO2"): (0.04, 0.38)}
MOST = 3  # countries side by side in the figure of intervals
GASES = {"GHG": (f.DOWN, "o", 0.14), "CO2": (f.UP, "s", -0.14)}


def draw(view: View, say: Callable[[str], None]) -> list[f.Drawing]:
    """Return the figures of a study; the same study gives the same bytes."""
    out = []
    for build in (_adjustments, _intervals, _bilateral, _scan):
        say(f"figure: {build.__name__.strip('_')}")
        out.append(build(view))
    if view.study.natural:
        from mriocarbon.report.spectrum_figure import spectrum

        say("figure: full spectrum")
        out.append(spectrum(view))
    return out


@f.styled
def _adjustments(view: View) -> f.Drawing:
    """Bars: the lead account by region; dots: the other principles; diamonds: published."""
    lead = view.lead
    regions = sorted(
        (r for r in view.study.regions if r in lead.percent), key=lambda r: lead.percent[r]
    )
    others = [
        c
        for row in view.rows
        if (c := row.full if lead.table == FULL else row.industries)
        and c.number != lead.number
        and c.principle != "production"
    ]
    figure = f.new_figure(9.2, max(0.34 * len(regions) + 2.2, 3.6))
    axes = figure.add_axes(f.frame(figure, 1.85, 0.68, 1.25, 0.6))
    height = axes.get_yaxis_transform()
    for color, more in ((f.UP, True), (f.DOWN, False)):
        bars = [
            (k, lead.percent[r]) for k, r in enumerate(regions) if (lead.percent[r] > 0) == more
        ]
        axes.barh([k for k, _ in bars], [min(max(v, LOW), HIGH) for _, v in bars], 0.62,
                  color=color, linewidth=0)  # fmt: skip
    named = [(_named(c), c.percent[r], k, r) for k, r in enumerate(regions) for c in others]
    inside = [(v, k) for _, v, k, _ in named if LOW <= v <= HIGH]
    axes.plot([v for v, _ in inside], [k for _, k in inside], "o", ms=3.6, mfc=f.OTHER,
              mec=f.GROUND, mew=0.4, linestyle="none")  # fmt: skip
    named += [(lead.principle, lead.percent[r], k, r) for k, r in enumerate(regions)]
    beyond: dict[str, list[str]] = {}
    for marker, place in (("<", LOW), (">", HIGH)):
        off = [(n, v, k, r) for n, v, k, r in named if (v > HIGH if marker == ">" else v < LOW)]
        axes.plot([place] * len(off), [k for _, _, k, _ in off], marker, ms=5, color=f.OTHER,
                  clip_on=False, linestyle="none")  # fmt: skip
        for name, value, _, region in off:
            beyond.setdefault(region, []).append(f"{name} {t.percent(value, 0)}")
    for k, region in enumerate(regions):
        value = lead.percent[region]
        if region in PUBLISHED:
            point = PUBLISHED[region]
            axes.plot(point, k, "D", ms=7.5, mfc=f.MARK, mec=f.GROUND, mew=0.9, zorder=5)
            axes.annotate(
                f"published {t.percent(point)}",
                (min(value, point) if point < 0 else max(value, point), k),
                xytext=(-8 if point < 0 else 8, 0), textcoords="offset points", va="center",
                ha="right" if point < 0 else "left", fontsize=8, color=f.MARK, fontweight="bold",
            )  # fmt: skip
        axes.text(1.015, k, t.marked(t.percent(value), lead.estimated), transform=height,
                  va="center", fontsize=8.6)  # fmt: skip
    axes.text(1.015, len(regions) - 0.3, "bar, %", transform=height, fontsize=7.6, color=f.MUTED)
    axes.axvline(0, color=f.INK, linewidth=0.9)
    axes.set_xlim(LOW, HIGH)
    axes.set_ylim(-0.7, len(regions) - 0.3)
    axes.set_yticks(range(len(regions)), [t.region_name(r) for r in regions])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    denominator = "territorial fossil CO₂" if lead.table == BUDGET else "production"
    axes.set_xlabel(
        f"(account − production) / {denominator}, %"
        + ("" if lead.table == BUDGET else f"; {lead.gas}, industries only, no land use")
    )
    handles = [
        f.patch(f.UP, f"{lead.principle}{t.DAGGER}: more than production"),
        f.patch(f.DOWN, f"{lead.principle}{t.DAGGER}: less"),
    ]
    if others:
        handles.append(f.dot("o", f.OTHER, f"{len(others)} other ways of counting{t.DAGGER}"))
    handles.append(f.dot("D", f.MARK, "published (press, April 2026)"))
    f.legend(figure, handles, 2)
    title = "How far each account is from production, by region, 2022"
    outside = "; ".join(f"{t.region_name(r)}: {', '.join(v)}" for r, v in beyond.items())
    caption = (
        f"{_basis(lead)} Bars: {lead.principle}{t.DAGGER};"
        f" dots: the other principles and options{t.DAGGER}."
        + (f" Beyond the scale, drawn as triangles at the edge, %: {outside}." if beyond else "")
        + " Diamonds: published (press, April 2026)."
    )
    worst, best = regions[0], regions[-1]
    description = (
        f"Horizontal bars for {len(regions)} regions from {t.region_name(worst)}"
        f" {t.percent(lead.percent[worst])} percent to {t.region_name(best)}"
        f" {t.percent(lead.percent[best])} percent. Published for comparison: "
        + ", ".join(f"{t.region_name(r)} {t.percent(v)} percent" for r, v in PUBLISHED.items())
        + ". All values are in adjustments.csv."
    )
    source = f.source_line(lead.editions, lead.estimated)
    return f.finish(figure, "figure-adjustments", title, source, caption, description)


def _named(c: Combination) -> str:
    return c.principle + (f" ({t.option_name(c.options)})" if c.options else "")


@f.styled
def _intervals(view: View) -> f.Drawing:
    """Points with whiskers: account over production and its 95 % interval, industries only."""
    regions = [r for r in view.shown if r in view.account_regions][:MOST]
    names = list(dict.fromkeys(p for _, p in view.sure))
    figure = f.new_figure(9.2, max(0.36 * len(names) + 2.1, 3.0))
    handles, low, high = [], 0.0, 0.0
    drawn: list[str] = []
    width = (9.2 - 1.95 - 0.15) / max(len(regions), 1)
    for j, region in enumerate(regions):
        k = view.account_regions.index(region)
        box = f.frame(figure, 1.95 + j * width, 9.2 - 1.95 - (j + 1) * width + 0.1, 1.25, 0.75)
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
        handles.append(f.dot(marker, color, t.nice(f"{gas}{t.DAGGER}")))
    if any(r in PUBLISHED for r in regions):
        handles.append(f.line(f.MARK, "published (press, April 2026)"))
    if handles:
        f.legend(figure, handles, len(handles))
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
    source = f.source_line(["OECD ICIO 2025 ed.", "OECD production-based GHG, 2022",
                            "errors assumed"], ["x"])  # fmt: skip
    return f.finish(figure, "figure-intervals", title, source, caption, description)


@f.styled
def _bilateral(view: View) -> f.Drawing:
    """Emissions of the row region for the final demand of the column region."""
    result = view.study.bilateral
    rows, columns = result.coords["region"], result.coords["region_to"]
    R = len(rows)
    figure = f.new_figure(9.2, 8.5)
    axes = figure.add_axes(f.frame(figure, 1.9, 0.3, 0.95, 0.95))
    from matplotlib.collections import PolyCollection

    squares: dict[str, list[list[tuple[float, float]]]] = {}
    for i in range(R):
        for j in range(len(columns)):
            value = float(result.value[i, j])
            own = rows[i] == columns[j]
            step = int(np.searchsorted(CLASSES, value, side="right"))
            color = f.OWN_CELL if own else f.STEPS[step]
            squares.setdefault(color, []).append([(j, i), (j + 1, i), (j + 1, i + 1), (j, i + 1)])
            axes.text(
                j + 0.5, i + 0.52, t.number(value, 0) if abs(value) >= 9.95 else
                t.number(value, 1), ha="center", va="center", fontsize=5.9,
                color=f.INK if own else f.STEP_INKS[step], style="italic" if own else "normal",
            )  # fmt: skip
    for color, cells in squares.items():
        axes.add_collection(
            PolyCollection(cells, facecolors=color, edgecolors=f.GROUND, linewidths=0.8)
        )
    axes.set_xlim(0, len(columns))
    axes.set_ylim(R, 0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelsize=8.2)
    axes.set_yticks(np.arange(R) + 0.5, [t.region_name(r) for r in rows])
    axes.xaxis.tick_top()
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=55, ha="left")
    axes.text(-0.25, -0.25, "for the final demand of →\nemitted in ↓", ha="right", va="bottom",
              fontsize=7.6, color=f.MUTED, linespacing=1.4)  # fmt: skip
    bounds = ["below 1", *(f"{a:,} to {b:,}" for a, b in itertools.pairwise(CLASSES)),
              "1,000 and more"]  # fmt: skip
    used = [(c, text) for c, text in zip(f.STEPS, bounds, strict=True) if c in squares]
    handles = [f.patch(color, text) for color, text in used]
    handles.append(f.patch(f.OWN_CELL, "own final demand"))
    f.legend(figure, handles, 5, t.nice(f"{result.unit} a year{t.DAGGER}"))
    traded = float(result.value.sum() - sum(
        result.value[rows.index(r), columns.index(r)] for r in rows if r in columns))  # fmt: skip
    title = "Emissions embodied in flows between regions, 2022"
    share = 100 * traded / result.total
    caption = (
        f"Source: OECD ICIO 2025 ed. and OECD production-based GHG, 2022. Unit: {result.unit} a"
        " year. Row: where the emissions occur; column: whose final demand they serve; grey"
        " diagonal: the region's own final demand. Industries only: households are not in it."
        f" {t.number(traded, 0)} of {t.number(result.total, 0)} Mt ({share:.0f} %) cross a border"
        f" between regions. {t.DAGGER} every cell rests on an estimate of: the origin of imported"
        " final demand."
    )
    description = (
        f"Table of {R} by {len(columns)} coloured cells with the figure in each. The same figures"
        " are in bilateral.csv."
    )
    source = f.source_line(["OECD ICIO 2025 ed.", "OECD production-based GHG, 2022"], ["x"])
    return f.finish(figure, "figure-bilateral", title, source, caption, description)


@f.styled
def _scan(view: View) -> f.Drawing:
    """Every combination as a point, by principle, one panel per published country."""
    able = view.available
    groups: dict[str, list[Combination]] = {}
    for c in able:
        groups.setdefault("Global Carbon Budget" if c.table == BUDGET else c.principle, []).append(
            c
        )
    names = list(groups)
    best = view.study.verdict.nearest
    figure = f.new_figure(9.2, (0.42 if len(view.gases) > 1 else 0.31) * len(names) + 2.4)
    width, gap, left = 2.22, 0.16, 2.05
    values = [c.percent[r] for c in able for r in PUBLISHED] + list(PUBLISHED.values())
    for panel, region in enumerate(PUBLISHED):
        height = figure.get_figheight()
        axes = figure.add_axes(
            ((left + panel * (width + gap)) / 9.2, 1.3 / height, width / 9.2,
             (height - 1.3 - 0.75) / height)
        )  # fmt: skip
        for k, name in enumerate(names):
            for kind, (marker, size, color) in SERIES.items():
                found = [c for c in groups[name] if (c.table, c.gas) == kind]
                # Spread by number in the scan, so that points do not hide one another; gases apart.
                ends = HALVES.get(kind, (0.0, 0.0)) if len(view.gases) > 1 else (-0.3, 0.3)
                place = (
                    k + np.linspace(*ends, len(found)) if len(found) > 1 else [k + sum(ends) / 2]
                )
                percents = [c.percent[region] for c in found]
                axes.plot(percents, place[: len(found)], marker, ms=size, mfc=color, mec="none",
                          alpha=0.5 if kind[0] == TABLE else 0.95)  # fmt: skip
                if best in found:
                    axes.plot(best.percent[region], place[found.index(best)], "o", ms=9,
                              mfc="none", mec=f.INK, mew=1.3, zorder=5)  # fmt: skip
        axes.axvline(0, color=f.MUTED, linewidth=0.8)
        axes.axvline(PUBLISHED[region], color=f.MARK, linewidth=1.8, zorder=4)
        axes.set_title(f"{t.region_name(region)} {t.percent(PUBLISHED[region])} %",
                       fontsize=9.4, color=f.MARK)  # fmt: skip
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(min(values) - 3, max(values) + 3)
        axes.set_yticks(range(len(names)), names if panel == 0 else [""] * len(names))
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("over its denominator, %", fontsize=8.2)
    handles = []
    for kind, (marker, _, color) in SERIES.items():
        if any((c.table, c.gas) == kind for c in able):
            handles.append(f.dot(marker, color, f"{SERIES_NAMES[kind]}{t.DAGGER}"))
    handles.append(f.line(f.MARK, "published"))
    handles.append(f.dot("o", "none", f"nearest (no. {best.number})", f.INK))
    f.legend(figure, handles, 3)
    title = (
        f"{t.counted(len(able), 'combination')} of choices tried, each a point; lines: published"
    )
    caption = (
        f"Source: {_editions(able)}. Unit: percent. Numerator: account − production; denominator:"
        " production over the same boundary, the territorial inventory, or (CO2) territorial"
        f" fossil CO2, as adjustments.csv says for each. {view.distinct} of"
        f" the {len(able)} triples differ. Vertical lines: published (press, April 2026). Ring:"
        f" the nearest, no. {best.number}, largest gap {best.distance:.1f} percentage points."
        f" {t.DAGGER} rests on an estimate of: {'; '.join(view.estimates)}."
    )
    description = (
        "One panel for each published country, one line for each principle. "
        + " ".join(
            f"{t.region_name(r)}: from {t.percent(min(c.percent[r] for c in able))} to"
            f" {t.percent(max(c.percent[r] for c in able))} percent, published"
            f" {t.percent(PUBLISHED[r])}."
            for r in PUBLISHED
        )
        + " All values are in adjustments.csv."
    )
    editions = list(dict.fromkeys(e for c in able for e in c.editions))
    source = f.source_line(editions, view.estimates)
    return f.finish(figure, "figure-scan", title, source, caption, description)


def _basis(c: Combination) -> str:
    """Return source, unit, numerator, denominator and estimates of a combination."""
    return (
        f"Source: {'; '.join(c.editions)}. Unit: percent. Numerator: account − production;"
        f" denominator: {c.denominator}.".replace("..", ".")
        + (f" {t.DAGGER} rests on an estimate of: {'; '.join(c.estimated)}." if c.estimated else "")
    )


def _editions(combinations: Sequence[Combination]) -> str:
    return "; ".join(dict.fromkeys(e for c in combinations for e in c.editions))
