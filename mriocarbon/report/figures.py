"""The figures, drawn once with matplotlib and kept as SVG and PNG.

Colours are named by role; the page swaps each one for a CSS variable, so that the same drawing
reads on a light and on a dark ground. The palette is Okabe and Ito's, safe for colour blindness.
"""

from __future__ import annotations

import html
import io
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon.report import text as t
from mriocarbon.report.view import BUDGET, FULL, PUBLISHED, TABLE, View
from mriocarbon.studies.scan import Combination

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Role -> colour on paper. Every value is used for one role only, so that it can be swapped.
INK, MUTED, GRID, GROUND = "#1a1c21", "#5b6170", "#d9dce3", "#fefefe"
UP, DOWN = "#c25400", "#0069a8"  # more, less than production
MARK, FULL_MARK, OTHER = "#ad3c84", "#00795a", "#8a90a0"
OWN_CELL = "#e6e7eb"
STEPS = (
    "#f1f6fb", "#dbe8f4", "#bdd5ea", "#97bddc", "#6aa0ca", "#417fb2", "#265f95", "#124172",
)  # fmt: skip
STEP_INKS = (
    "#33353a", "#33353b", "#33353c", "#33353d", "#0b0d12", "#fdfdfa", "#fdfdfb", "#fdfdfc",
)  # fmt: skip
ROLES = {
    INK: "ink", MUTED: "muted", GRID: "grid", GROUND: "ground", UP: "up", DOWN: "down",
    MARK: "mark", FULL_MARK: "full", OTHER: "other", OWN_CELL: "own",
    **{c: f"step{k}" for k, c in enumerate(STEPS)},
    **{c: f"stepink{k}" for k, c in enumerate(STEP_INKS)},
}  # fmt: skip
CLASSES = (1, 3, 10, 30, 100, 300, 1000)  # Mt CO2e, bounds of the steps
LOW, HIGH = -65.0, 125.0  # percent; what lies beyond is drawn at the edge and listed
DPI = 130
LINE = 165  # signs of the source line that fit the width at 7 points
# (table, gas) -> marker, size and colour of the points of the scan, names, and rows they share.
SERIES = {
    (TABLE, "GHG"): ("o", 3.2, DOWN), (TABLE, "CO2"): ("o", 3.2, UP),
    (FULL, "GHG"): ("s", 3.2, FULL_MARK), (BUDGET, "CO2"): ("^", 6, UP),
}  # fmt: skip
SERIES_NAMES = {
    (TABLE, "GHG"): "GHG, 20 regions × 50", (TABLE, "CO2"): "CO₂, 20 regions × 50",
    (FULL, "GHG"): "GHG, 81 economies × 50", (BUDGET, "CO2"): "CO₂, Global Carbon Budget",
}  # fmt: skip
HALVES = {(TABLE, "GHG"): (-0.38, -0.04), (TABLE, "CO2"): (0.04, 0.38)}
FONT = "'DejaVu Sans', Verdana, sans-serif"

_STYLE: dict[Any, Any] = {
    "text.parse_math": False,
    "svg.fonttype": "none",  # text stays text: searchable, and it follows the page
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "figure.facecolor": GROUND,
    "axes.facecolor": "none",
    "savefig.facecolor": GROUND,
}


@dataclass(frozen=True)
class Drawing:
    """A finished figure.

    Attributes
    ----------
    name : str
        Name of its files.
    title, caption, description : str
        Caption: source, unit, numerator, denominator, what is estimated. Description: what it
        shows, for those who do not see it.
    svg : str
    png : bytes
    """

    name: str
    title: str
    caption: str
    description: str
    svg: str
    png: bytes


def draw(view: View, say: Callable[[str], None]) -> list[Drawing]:
    """Return the figures of a study; the same study gives the same bytes."""
    import matplotlib

    from mriocarbon.report.figure_intervals import intervals

    out = []
    with matplotlib.rc_context(_STYLE):
        for build in (_adjustments, intervals, _bilateral, _scan):
            say(f"figure: {build.__name__.strip('_')}")
            out.append(build(view))
        if view.study.natural:
            from mriocarbon.report.spectrum_figure import spectrum

            say("figure: full spectrum")
            out.append(spectrum(view))
    return out


def inline(drawing: Drawing) -> str:
    """Return the SVG for use inside a page: no prologue, own ids, colours as variables."""
    svg = drawing.svg[drawing.svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    prefix = drawing.name.removeprefix("figure-")
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'xlink:href="#', f'href="#{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg)
    svg = svg.replace(FONT, "var(--sans)")
    svg = re.sub(
        r"#[0-9a-f]{6}\b", lambda m: f"var(--{ROLES[m[0]]})" if m[0] in ROLES else m[0], svg
    )
    box = re.search(r'viewBox="([^"]*)"', svg)
    assert box is not None  # matplotlib always writes one
    label = html.escape(f"{drawing.title}. {drawing.description}", quote=True)
    head = f'<svg viewBox="{box[1]}" role="img" aria-label="{label}">'
    return re.sub(r"<svg[^>]*>", lambda _: head, svg, count=1)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout=None)
    FigureCanvasAgg(figure)
    return figure


def _finish(
    figure: Figure, name: str, title: str, source: str, caption: str, description: str
) -> Drawing:
    """Put title and source on the figure, so that it can stand alone, and render it."""
    import matplotlib

    height = figure.get_figheight()
    figure.text(0.006, 1 - 0.1 / height, title, va="top", fontsize=12, fontweight="bold")
    figure.text(0.006, 0.07 / height, source, va="bottom", color=MUTED,
                fontsize=min(7.0, 7.0 * LINE / len(source)))  # fmt: skip
    vector, pixels = io.StringIO(), io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):  # the same ids in every run
        figure.savefig(
            vector, format="svg", metadata={"Date": None, "Creator": None, "Title": title}
        )
    figure.savefig(pixels, format="png", dpi=DPI, metadata={"Software": None})
    svg = vector.getvalue().replace("'DejaVu Sans'", FONT)
    return Drawing(name, title, caption, description, svg, pixels.getvalue())


def _source_line(editions: Sequence[str], estimated: Sequence[str]) -> str:
    """Return source and estimates in one line that fits the figure."""
    mark = f"   {t.DAGGER} rests on estimates" if estimated else ""
    return f"Source: {'; '.join(editions)}.".replace("..", ".") + mark


def _adjustments(view: View) -> Drawing:
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
    figure = _figure(9.2, max(0.34 * len(regions) + 2.2, 3.6))
    axes = figure.add_axes(_frame(figure, 1.85, 0.68, 1.25, 0.6))
    height = axes.get_yaxis_transform()
    for color, more in ((UP, True), (DOWN, False)):
        bars = [
            (k, lead.percent[r]) for k, r in enumerate(regions) if (lead.percent[r] > 0) == more
        ]
        axes.barh([k for k, _ in bars], [min(max(v, LOW), HIGH) for _, v in bars], 0.62,
                  color=color, linewidth=0)  # fmt: skip
    named = [(_named(c), c.percent[r], k, r) for k, r in enumerate(regions) for c in others]
    inside = [(v, k) for _, v, k, _ in named if LOW <= v <= HIGH]
    axes.plot([v for v, _ in inside], [k for _, k in inside], "o", ms=3.6, mfc=OTHER,
              mec=GROUND, mew=0.4, linestyle="none")  # fmt: skip
    named += [(lead.principle, lead.percent[r], k, r) for k, r in enumerate(regions)]
    beyond: dict[str, list[str]] = {}
    for marker, place in (("<", LOW), (">", HIGH)):
        off = [(n, v, k, r) for n, v, k, r in named if (v > HIGH if marker == ">" else v < LOW)]
        axes.plot([place] * len(off), [k for _, _, k, _ in off], marker, ms=5, color=OTHER,
                  clip_on=False, linestyle="none")  # fmt: skip
        for name, value, _, region in off:
            beyond.setdefault(region, []).append(f"{name} {t.percent(value, 0)}")
    for k, region in enumerate(regions):
        value = lead.percent[region]
        if region in PUBLISHED:
            point = PUBLISHED[region]
            axes.plot(point, k, "D", ms=7.5, mfc=MARK, mec=GROUND, mew=0.9, zorder=5)
            axes.annotate(
                f"published {t.percent(point)}",
                (min(value, point) if point < 0 else max(value, point), k),
                xytext=(-8 if point < 0 else 8, 0), textcoords="offset points", va="center",
                ha="right" if point < 0 else "left", fontsize=8, color=MARK, fontweight="bold",
            )  # fmt: skip
        axes.text(1.015, k, t.marked(t.percent(value), lead.estimated), transform=height,
                  va="center", fontsize=8.6)  # fmt: skip
    axes.text(1.015, len(regions) - 0.3, "bar, %", transform=height, fontsize=7.6, color=MUTED)
    axes.axvline(0, color=INK, linewidth=0.9)
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
        _patch(UP, f"{lead.principle}{t.DAGGER}: more than production"),
        _patch(DOWN, f"{lead.principle}{t.DAGGER}: less"),
    ]
    if others:
        handles.append(_dot("o", OTHER, f"{len(others)} other ways of counting{t.DAGGER}"))
    handles.append(_dot("D", MARK, "published (press, April 2026)"))
    _legend(figure, handles, 2)
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
    source = _source_line(lead.editions, lead.estimated)
    return _finish(figure, "figure-adjustments", title, source, caption, description)


def _named(c: Combination) -> str:
    return c.principle + (f" ({t.option_name(c.options)})" if c.options else "")


def _bilateral(view: View) -> Drawing:
    """Emissions of the row region for the final demand of the column region."""
    result = view.study.bilateral
    rows, columns = result.coords["region"], result.coords["region_to"]
    R = len(rows)
    figure = _figure(9.2, 8.5)
    axes = figure.add_axes(_frame(figure, 1.9, 0.3, 0.95, 0.95))
    from matplotlib.collections import PolyCollection

    squares: dict[str, list[list[tuple[float, float]]]] = {}
    for i in range(R):
        for j in range(len(columns)):
            value = float(result.value[i, j])
            own = rows[i] == columns[j]
            step = int(np.searchsorted(CLASSES, value, side="right"))
            color = OWN_CELL if own else STEPS[step]
            squares.setdefault(color, []).append([(j, i), (j + 1, i), (j + 1, i + 1), (j, i + 1)])
            axes.text(
                j + 0.5, i + 0.52, t.number(value, 0) if abs(value) >= 9.95 else
                t.number(value, 1), ha="center", va="center", fontsize=5.9,
                color=INK if own else STEP_INKS[step], style="italic" if own else "normal",
            )  # fmt: skip
    for color, cells in squares.items():
        axes.add_collection(
            PolyCollection(cells, facecolors=color, edgecolors=GROUND, linewidths=0.8)
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
              fontsize=7.6, color=MUTED, linespacing=1.4)  # fmt: skip
    bounds = ["below 1", *(f"{a:,} to {b:,}" for a, b in itertools.pairwise(CLASSES)),
              "1,000 and more"]  # fmt: skip
    used = [(c, text) for c, text in zip(STEPS, bounds, strict=True) if c in squares]
    handles = [_patch(color, text) for color, text in used]
    handles.append(_patch(OWN_CELL, "own final demand"))
    _legend(figure, handles, 5, t.nice(f"{result.unit} a year{t.DAGGER}"))
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
    source = _source_line(["OECD ICIO 2025 ed.", "OECD production-based GHG, 2022"], ["x"])
    return _finish(figure, "figure-bilateral", title, source, caption, description)


def _scan(view: View) -> Drawing:
    """Every combination as a point, by principle, one panel per published country."""
    able = view.available
    groups: dict[str, list[Combination]] = {}
    for c in able:
        groups.setdefault("Global Carbon Budget" if c.table == BUDGET else c.principle, []).append(
            c
        )
    names = list(groups)
    best = view.study.verdict.nearest
    figure = _figure(9.2, (0.42 if len(view.gases) > 1 else 0.31) * len(names) + 2.4)
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
                              mfc="none", mec=INK, mew=1.3, zorder=5)  # fmt: skip
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.axvline(PUBLISHED[region], color=MARK, linewidth=1.8, zorder=4)
        axes.set_title(f"{t.region_name(region)} {t.percent(PUBLISHED[region])} %",
                       fontsize=9.4, color=MARK)  # fmt: skip
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(min(values) - 3, max(values) + 3)
        axes.set_yticks(range(len(names)), names if panel == 0 else [""] * len(names))
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("over its denominator, %", fontsize=8.2)
    handles = []
    for kind, (marker, _, color) in SERIES.items():
        if any((c.table, c.gas) == kind for c in able):
            handles.append(_dot(marker, color, f"{SERIES_NAMES[kind]}{t.DAGGER}"))
    handles.append(_line(MARK, "published"))
    handles.append(_dot("o", "none", f"nearest (no. {best.number})", INK))
    _legend(figure, handles, 3)
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
    source = _source_line(editions, view.estimates)
    return _finish(figure, "figure-scan", title, source, caption, description)


def _basis(c: Combination) -> str:
    """Return source, unit, numerator, denominator and estimates of a combination."""
    return (
        f"Source: {'; '.join(c.editions)}. Unit: percent. Numerator: account − production;"
        f" denominator: {c.denominator}.".replace("..", ".")
        + (f" {t.DAGGER} rests on an estimate of: {'; '.join(c.estimated)}." if c.estimated else "")
    )


def _editions(combinations: Sequence[Combination]) -> str:
    return "; ".join(dict.fromkeys(e for c in combinations for e in c.editions))


def _legend(figure: Figure, handles: list[Any], columns: int, title: str | None = None) -> None:
    """Put the legend below the axes, above the source line."""
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.0, 0.22 / figure.get_figheight()),
        ncols=columns, title=title, title_fontsize=8.2, alignment="left", fontsize=8.2,
        handletextpad=0.5, columnspacing=1.3,
    )  # fmt: skip


def _frame(
    figure: Figure, left: float, right: float, bottom: float, top: float
) -> tuple[float, float, float, float]:
    """Return axes in figure shares from margins in inches."""
    width, height = figure.get_size_inches()
    return (
        left / width, bottom / height, (width - left - right) / width,
        (height - bottom - top) / height,
    )  # fmt: skip


def _patch(color: str, label: str) -> Any:
    from matplotlib.patches import Patch

    return Patch(facecolor=color, edgecolor="none", label=label)


def _dot(marker: str, color: str, label: str, edge: str = "none") -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="none", marker=marker, ms=6, mfc=color, mec=edge, label=label)


def _line(color: str, label: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=color, linewidth=1.8, label=label)
