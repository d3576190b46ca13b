"""The picture of the largest supply paths: from the consumer, delivery by delivery, to who emits.

Every bar is a sector at one place in the chain, as tall as what the drawn paths through it emit;
its dark part is emitted there, the rest further up. Ribbons are deliveries.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.report import figures as f
from mriocarbon.report import text as t
from mriocarbon.report.sector_names import place_name, sector_name
from mriocarbon.structure.path_result import Paths, at_most

MOST = 30  # paths
DEEP = 5  # deliveries between sectors that fit side by side
TALL = 9.0  # inches that a column may take
SLOT = 0.335  # inches that a bar with its two lines of text takes at least
BAR, COLUMN, SCALE = 0.11, 2.06, 4.6  # inches: a bar's and a column's width, all that is drawn
LETTERS = 26  # that fit a column
CLEAR = 0.38  # of a ribbon
PASSED = "#aeb4c2"  # what a bar hands on


@dataclass(eq=False)
class _Bar:
    """One sector at one place of the chain; `y` is its upper edge in inches from the top."""

    column: int
    place: int
    total: float = 0.0
    emitted: float = 0.0
    into: dict[int, float] = field(default_factory=dict)
    y: float = 0.0


@f.styled
def figure(paths: Paths, *, most: int = MOST) -> f.Drawing:
    """Return the picture of the largest paths of an account.

    Parameters
    ----------
    paths : Paths
        From `paths`.
    most : int
        Draw this many at most. Fewer are drawn if the picture would get too tall; paths below
        zero, or with more than `DEEP` deliveries, cannot be drawn and are counted in the caption.

    Returns
    -------
    Drawing
        SVG and PNG, with title, caption and a description.

    Raises
    ------
    InputError
        `most` is not a positive whole number.
    NotAvailableError
        There is no path that could be drawn.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.report.paths_figure import figure
    >>> from mriocarbon.structure.paths import paths
    >>> largest = paths(mc.load("oecd-icio-2022"), region="JPN", stressor="GHG", top=20)
    >>> figure(largest).title
    'Japan: the largest supply chains behind final demand, GHG, 2022'
    """
    if isinstance(most, bool) or not isinstance(most, int | np.integer) or most < 1:
        raise InputError(
            f"most={most!r} is not a positive whole number", where="figure of paths",
            do="give most=1 or more",
        )  # fmt: skip
    able = [k for k in range(len(paths)) if paths.value[k] > 0 and paths.tier[k] <= DEEP]
    if not able:
        raise NotAvailableError(
            "no path to draw: none is above zero and short enough",
            where=paths.name,
            do="ask for more paths: top=",
        )
    drawn = able[:most]
    columns, unit = _columns(paths, drawn)
    while len(drawn) > 1 and max(map(_height, columns, [unit] * len(columns))) > TALL:
        drawn = drawn[:-1]
        columns, unit = _columns(paths, drawn)
    _place(columns, unit)
    return _draw(paths, drawn, columns, unit, skipped=drawn[-1] + 1 - len(drawn))


def _columns(paths: Paths, drawn: Sequence[int]) -> tuple[list[list[_Bar]], float]:
    """Return the bars by column, the consumer's first, and inches per unit of emission."""
    root = _Bar(0, -1)
    bars: dict[tuple[int, int], _Bar] = {(0, -1): root}
    for k in drawn:
        value = float(paths.value[k])
        chain = [int(p) for p in paths.places[paths.start[k] : paths.start[k + 1]]]
        root.total += value
        before = root
        for column, place in enumerate(chain, 1):
            bar = bars.setdefault((column, place), _Bar(column, place))
            bar.total += value
            before.into[place] = before.into.get(place, 0.0) + value
            before = bar
        before.emitted += value
    last = max(column for column, _ in bars)
    columns = [[b for b in bars.values() if b.column == c] for c in range(last + 1)]
    return columns, SCALE / root.total


def _height(column: Sequence[_Bar], unit: float) -> float:
    return sum(max(SLOT, bar.total * unit + 0.06) for bar in column)


def _place(columns: list[list[_Bar]], unit: float) -> None:
    """Order each column by where its deliveries come from, and stack it without overlap."""
    tallest = max(_height(column, unit) for column in columns)
    columns[0][0].y = max(0.0, (tallest - columns[0][0].total * unit) / 2)
    columns[1].sort(key=lambda bar: (-bar.total, bar.place))
    for previous, column in itertools.pairwise(columns):
        wish: dict[int, float] = {}
        for bar in previous:
            at = bar.y
            for place, amount in _ordered(bar, column):
                wish[place] = wish.get(place, 0.0) + amount * (at + amount * unit / 2)
                at += amount * unit
        goal = {bar.place: wish[bar.place] / bar.total - bar.total * unit / 2 for bar in column}
        if column is not columns[1]:
            column.sort(key=lambda bar: (goal[bar.place] + bar.total * unit / 2, bar.place))
        _stack(column, goal, unit, tallest)


def _stack(column: list[_Bar], goal: dict[int, float], unit: float, tallest: float) -> None:
    """Put bars as near to their goals as their slots allow, from the top, then from the bottom."""
    slots = [max(SLOT, bar.total * unit + 0.06) for bar in column]
    edge = 0.0
    for bar, slot in zip(column, slots, strict=True):
        bar.y = max(edge, goal[bar.place])
        edge = bar.y + slot
    edge = tallest
    for bar, slot in zip(reversed(column), reversed(slots), strict=True):
        bar.y = min(bar.y, edge - slot)
        edge = bar.y


def _ordered(bar: _Bar, column: Sequence[_Bar]) -> list[tuple[int, float]]:
    """Return what a bar takes from the next column, in that column's order."""
    return [(other.place, bar.into[other.place]) for other in column if other.place in bar.into]


def _draw(
    paths: Paths, drawn: Sequence[int], columns: list[list[_Bar]], unit: float, skipped: int
) -> f.Drawing:
    tallest = max(bar.y + max(SLOT, bar.total * unit) for column in columns for bar in column)
    left, right, top, bottom = 0.12, 0.1, 0.98, 0.66
    title, line = _title(paths), _line(paths, drawn, columns[0][0].total)
    width = max(left + COLUMN * len(columns) + right, 0.103 * len(title), 0.072 * len(line))
    page = f.new_figure(width, top + tallest + bottom)
    axes = page.add_axes(f.frame(page, left, right, bottom, top))
    axes.set_xlim(0, width - left - right)
    axes.set_ylim(tallest, 0)
    axes.set_axis_off()
    home = paths.region
    region = [r for r, _ in paths.index.pairs]
    seen = set()
    for previous, column in itertools.pairwise(columns):
        filled = {bar.place: bar.y for bar in column}
        for bar in previous:
            at = bar.y
            for place, amount in _ordered(bar, column):
                buyer = (home or "") if bar.place < 0 else region[bar.place]
                color = f.OTHER if not buyer else f.DOWN if buyer == region[place] else f.UP
                seen.add(color)
                _ribbon(axes, bar.column, (at, filled[place]), amount * unit, color)
                at += amount * unit
                filled[place] += amount * unit
    for column in columns:
        for bar in column:
            _bar(axes, paths, bar, unit, sum(b.total for b in columns[0]))
    heads = ["final demand", "final product", "its supplier"]
    heads += [f"supplier {k} steps up" for k in range(2, len(columns))]
    for k, head in enumerate(heads[: len(columns)]):
        axes.annotate(head, (k * COLUMN, 0), xytext=(0, 7), textcoords="offset points",
                      fontsize=7.6, color=f.MUTED, annotation_clip=False)  # fmt: skip
    handles = [f.patch(f.INK, "emitted here"), f.patch(PASSED, "emitted further up")]
    for color, text in (
        (f.OTHER, "delivery to all regions"), (f.DOWN, "delivery within a region"),
        (f.UP, "delivery across a border"),
    ):  # fmt: skip
        if color in seen:
            handles.append(f.patch(color, text))
            handles[-1].set_alpha(CLEAR)
    f.legend(page, handles, len(handles))
    page.text(0.006, 1 - 0.37 / page.get_figheight(), line, va="top", fontsize=8.6, color=f.MUTED)
    return _finish(page, paths, title, line, drawn[0], skipped)


def _ribbon(axes: Any, column: int, at: tuple[float, float], thick: float, color: str) -> None:
    """Draw one delivery as a band between two bars."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    x0, x1 = column * COLUMN + BAR, (column + 1) * COLUMN
    bend = (x0 + x1) / 2
    (a, b), c, d = at, at[0] + thick, at[1] + thick
    corners = [(x0, a), (bend, a), (bend, b), (x1, b), (x1, d), (bend, d), (bend, c), (x0, c),
               (x0, a)]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(corners, codes), facecolor=color, alpha=CLEAR, linewidth=0))


def _bar(axes: Any, paths: Paths, bar: _Bar, unit: float, whole: float) -> None:
    """Draw one bar with its two lines of text, which stand on the ribbons on a light ground."""
    from matplotlib.patches import Rectangle

    x, height = bar.column * COLUMN, bar.total * unit
    passed = height - bar.emitted * unit
    axes.add_patch(Rectangle((x, bar.y), BAR, passed, facecolor=PASSED, linewidth=0))
    axes.add_patch(
        Rectangle((x, bar.y + passed), BAR, height - passed, facecolor=f.INK, linewidth=0)
    )
    # No outline of the letters: it would turn the text of the SVG into drawings.
    ground = {"facecolor": f.GROUND, "alpha": 0.62, "linewidth": 0, "pad": 0.6}
    if bar.place < 0:
        head = "All final demand" if paths.region is None else place_name(paths.region)
        second = f"{_amount(whole, whole)} drawn"
    else:
        where, what = paths.index.pairs[bar.place]
        head = sector_name(what, paths.provenance.dataset)
        name = place_name(where).split(" (")[0]  # no count of members in so little room
        second = f"{_short(name, 18)}  {_amount(bar.total, whole)}"
        if 0 < bar.emitted < bar.total * (1 - 1e-9):
            second += f" ({_amount(bar.emitted, whole)} here)"
    middle = bar.y + max(height, SLOT - 0.06) / 2
    for text, shift, size, color in (
        (_short(head, LETTERS), 1.0, 7.8, f.INK), (second, -1.0, 6.8, f.MUTED),
    ):  # fmt: skip
        axes.annotate(
            text, (x + BAR + 0.05, middle), xytext=(0, shift), textcoords="offset points",
            va="bottom" if shift > 0 else "top", fontsize=size, color=color, bbox=ground,
            annotation_clip=False,
        )  # fmt: skip


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _amount(value: float, whole: float) -> str:
    """Write an amount with about three digits of the largest one drawn."""
    return t.number(value, 0 if whole >= 2000 else max(1, t.decimals(whole)))


def _title(paths: Paths) -> str:
    whose = "All regions" if paths.region is None else place_name(paths.region)
    what = "final demand"
    if paths.product:
        place, sector = paths.path(0)[0]
        what = sector_name(sector, paths.provenance.dataset)
        what = what[0].lower() + what[1:]
        what += "" if paths.product == sector else f" from {place_name(place)}"
    year = f", {paths.year}" if paths.year else ""
    return f"{whose}: the largest supply chains behind {what}, {t.nice(paths.stressor)}{year}"


def _line(paths: Paths, drawn: Sequence[int], carried: float) -> str:
    """Return the sentence that puts the picture in its place."""
    mark, unit = t.DAGGER if paths.estimated else "", t.nice(paths.unit)
    after = drawn[-1] + 1
    next_ = float(abs(paths.value[after])) if after < len(paths) else paths.remainder_bound
    share = f" {100 * carried / paths.total:.0f}\u00a0% of" if paths.total else ""
    return (
        f"{t.counted(len(drawn), 'chain')} of {_amount(carried, carried)} {unit}{mark},{share} the"
        f" account of {_amount(paths.total, abs(paths.total))} {unit}."
        f" No other chain is above {at_most(next_, 2)} {unit}."
    )


def _finish(
    page: Any, paths: Paths, title: str, line: str, largest: int, skipped: int
) -> f.Drawing:
    """Add title and source; write caption and description."""
    mark, unit = t.DAGGER if paths.estimated else "", t.nice(paths.unit)
    left_out = (
        f" {t.counted(skipped, 'chain')} among them cannot be drawn (below zero, or more than"
        f" {DEEP} deliveries)." if skipped else ""
    )  # fmt: skip
    edition = paths.provenance.edition or paths.provenance.dataset
    source = f.source_line([edition], ["x"] if mark else [])
    estimates = "; ".join(dict.fromkeys(n.text for n in paths.notes if n.estimated))
    caption = (
        f"Source: {edition}. Unit: {unit}. Bars: what the drawn chains through a sector emit; dark:"
        f" emitted there. Industries only, no direct emissions of households.{left_out}"
        + (f" {mark} rests on estimates: {estimates}." if mark else "")
    )
    first, size = paths.path(largest), float(paths.value[largest])
    chain = " from ".join(
        f"{sector_name(s, paths.provenance.dataset)} in {place_name(r)}" for r, s in first
    )
    description = (
        f"{line} The largest is {chain}, {_amount(size, size)} {unit}."
        " All of them are in the table of paths."
    )
    return f.finish(page, "figure-paths", title, source, caption, description)
