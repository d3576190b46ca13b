"""Bar charts of figures, as SVG, with whiskers where there is an interval."""

from __future__ import annotations

import html
from collections.abc import Sequence

from mriocarbon.service.pages.numbers import drawn, number, shared
from mriocarbon.service.pages.shell import View
from mriocarbon.tools import Figure, ToolResult

MOST_BARS = 40


def bars(found: ToolResult, view: View | None = None, *, narrow: bool = False) -> str:
    """Return a bar chart with whiskers as SVG, or nothing if the figures cannot share an axis.

    `narrow` is for a phone: each name stands above its bar.
    """
    figures = drawn(found)
    if not 2 <= len(figures) <= MOST_BARS:
        return ""
    same = shared(figures)
    several = len({one.quantity for one in figures}) > 1

    room = 44 if narrow else 46
    names = told_apart(figures, set(same), view, several=several, room=room)
    ends = [v for one in figures for v in (one.value, one.low, one.high, 0.0) if v is not None]
    low, high = min(ends), max(ends)
    if high == low:
        return ""
    left, wide, step, above = (4, 280, 38, 15) if narrow else (330, 468, 24, 0)

    def x(value: float) -> float:
        return left + wide * (value - low) / (high - low)

    shorts = [shortened(name, room) for name in names]
    if len(set(shorts)) < len(set(names)):  # what tells them apart may be at the end
        shorts = [shortened(name, room, middle=True) for name in names]
    rows = []
    for k, (one, name, short) in enumerate(zip(figures, names, shorts, strict=True)):
        assert one.value is not None
        y = 8 + k * step + above
        start, end = sorted((x(0.0), x(one.value)))
        at, anchor = (f"x='{left}' y='{y - 4}'", "start") if narrow else \
            (f"x='{left - 8}' y='{y + 12}'", "end")  # fmt: skip
        rows.append(
            f"<text {at} text-anchor='{anchor}'>{html.escape(short)}"
            f"<title>{html.escape(name)}</title></text>"
            f"<rect x='{start:.1f}' y='{y}' width='{max(end - start, 0.8):.1f}' height='15'"
            f" class='{'mc-minus' if one.value < 0 else 'mc-plus'}'/>"
        )
        if one.low is not None and one.high is not None:
            rows.append(
                f"<path d='M{x(one.low):.1f} {y + 7.5}H{x(one.high):.1f}"
                f"M{x(one.low):.1f} {y + 4}v7M{x(one.high):.1f} {y + 4}v7' class='mc-whisker'/>"
            )
        place = x(max(0.0, one.value, one.high or 0.0)) + 6
        rows.append(f"<text x='{place:.1f}' y='{y + 12}'>{number(one.value)}</text>")
    height = 16 + step * len(figures)
    # on a phone names stand above the bars: the axis must not cross them
    tops = [8 + k * step + above for k in range(len(figures))]
    axis = (
        "".join(f"M{x(0.0):.1f} {y - 2}v19" for y in tops)
        if narrow
        else f"M{x(0.0):.1f} 2V{height}"
    )
    unit = figures[0].unit if view is None else view.unit(figures[0].unit)
    title = found.title if view is None else view.titled(found)
    what = counted(figures[0], view) if not several and len(figures) < len(found.figures) else ""
    told = html.escape(", ".join(filter(None, (title, what, unit))))
    kind = "mc-narrow" if narrow else "mc-broad"
    # the title stands above as a heading already
    under = html.escape(", ".join(filter(None, (shortened(what, 52 if narrow else 80), unit))))
    return (
        f"<svg class='mc-bars {kind}' viewBox='0 0 {left + wide + 80} {height + 18}' role='img'"
        f" aria-label='{told}'><path d='{axis}' class='mc-axis'/>"
        + "".join(rows)
        + f"<text x='{left}' y='{height + 12}' class='mc-quiet'>{under}</text></svg>"
    )


def shortened(name: str, room: int, *, middle: bool = False) -> str:
    """Return as much of a name as there is room for, of both its ends if `middle` may go.

    Examples
    --------
    >>> shortened("production", 6), shortened("生产侧账户", 6), shortened("GHG", 6)
    ('produ…', '生产…', 'GHG')
    >>> shortened("net exchange, inversion IS", 12, middle=True)
    'net e…ion IS'
    """
    if width(name) <= room:
        return name
    if middle:
        tail = _fitting(name[::-1], room // 2)[::-1]
        return _fitting(name, room - width(tail) - 1) + "…" + tail
    return _fitting(name, room - 1) + "…"


def _fitting(name: str, room: int) -> str:
    """Return the beginning of a name that fits."""
    end = 0
    while end < len(name) and width(name[: end + 1]) <= room:
        end += 1
    return name[:end]


def counted(one: Figure, view: View | None = None) -> str:
    """Return what a figure counts, in the reader's language."""
    return one.quantity if view is None else view.quantity(one.quantity)


def told_apart(
    figures: Sequence[Figure],
    same: set[str],
    view: View | None = None,
    *,
    several: bool = False,
    room: int = 36,
) -> list[str]:
    """Return a name for each bar; where one has no room, labels that tell nothing apart go.

    Parameters
    ----------
    figures : sequence of Figure
    same : set of str
        Labels that all figures share: not in any name.
    view : View, optional
        How labels are written; without it as the tool gives them.
    several : bool
        Whether the quantity is part of the name.
    room : int
        Letters that fit; a Chinese one takes the room of two.
    """

    def written(kept: list[str], counts: bool = several) -> list[str]:
        names = []
        for one in figures:
            parts = [counted(one, view)] if counts else []
            parts += [
                v if view is None else view.shown(k, v)
                for k, v in one.labels.items()
                if k in kept and not (several and one.quantity.startswith(v))
            ]
            names.append(", ".join(parts) or counted(one, view))
        return names

    kept = [k for k in dict.fromkeys(k for one in figures for k in one.labels) if k not in same]
    names = written(kept)
    # the last are the finest: a source, a year; what comes first says most
    for key in reversed(kept[:]):
        if max(map(width, names)) <= room:
            break
        fewer = written([k for k in kept if k != key])
        if len(set(fewer)) == len(set(names)):
            kept.remove(key)
            names = fewer
    if several and max(map(width, names)) > room:
        bare = written(kept, counts=False)  # the labels alone may tell them apart
        names = bare if len(set(bare)) == len(figures) else names
    return names


def width(text: str) -> int:
    """Return the room a text takes, in letters; a Chinese one takes that of two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
