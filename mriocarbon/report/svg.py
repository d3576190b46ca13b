"""A small SVG canvas: text stays text, colours are the page's own, the same input same bytes.

Colours are roles (classes of ``cbam_style.css``), so that a drawing reads on light and dark
ground; every series has a shape of its own beside its colour.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH = 1000
EM = 0.56
"""Mean width of a sign in units of the font size: generous, so that text never overflows."""


@dataclass(frozen=True)
class Scale:
    """A linear or logarithmic axis from data to drawing units; what lies beyond is clipped."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return the place of a value, kept inside the axis."""
        value = min(max(value, self.low), self.high)
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether a value lies on the axis."""
        return self.low <= value <= self.high


def log_ticks(low: float, high: float) -> list[float]:
    """Return the 1, 2 and 5 of every decade between two bounds.

    Examples
    --------
    >>> log_ticks(0.4, 12)
    [0.5, 1.0, 2.0, 5.0, 10.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    all_ = [float(f"{m}e{k}") for k in range(first, last + 1) for m in (1, 2, 5)]
    return [tick for tick in all_ if low <= tick <= high]


def linear_ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Return round steps between two bounds.

    Examples
    --------
    >>> linear_ticks(0, 9)
    [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    raw = (high - low) / max(count, 1)
    if raw <= 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def fit(text: str, width: float, size: float) -> str:
    """Return text cut to a width with an ellipsis, at a whole word if one ends nearby.

    Examples
    --------
    >>> fit("Flat-rolled products of iron", 125, 10)
    'Flat-rolled products…'
    >>> fit("Flat-rolled products of iron", 100, 10)
    'Flat-rolled prod…'
    """
    room = int(width / (EM * size))
    if len(text) <= room:
        return text
    cut = text[: max(room - 1, 1)]
    whole = cut.rsplit(" ", 1)[0] if " " in cut and not text[room - 1 : room].isspace() else cut
    return (whole if len(whole) >= room - 4 else cut).rstrip(" ,;:(") + "…"


@dataclass
class Canvas:
    """Parts of a drawing, `WIDTH` units wide."""

    height: float
    width: float = WIDTH
    parts: list[str] = field(default_factory=list)

    def text(
        self, x: float, y: float, text: str, *, role: str = "ink", size: float = 12,
        anchor: str = "", bold: bool = False, turn: float = 0,
    ) -> None:  # fmt: skip
        """Write text; `anchor` is "", "middle" or "end"."""
        more = f' text-anchor="{anchor}"' if anchor else ""
        more += ' font-weight="650"' if bold else ""
        more += f' transform="rotate({turn:g} {_n(x)} {_n(y)})"' if turn else ""
        self.parts.append(
            f'<text class="f-{role}" x="{_n(x)}" y="{_n(y)}" font-size="{size:g}"{more}>'
            f"{html.escape(text, quote=False)}</text>"
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, role: str = "ink",
        width: float = 1, dash: str = "",
    ) -> None:  # fmt: skip
        """Draw a line."""
        more = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path class="s-{role}" d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}"'
            f' stroke-width="{width:g}"{more}/>'
        )

    def path(self, points: Sequence[tuple[float, float]], *, role: str, width: float = 2,
             dash: str = "") -> None:  # fmt: skip
        """Draw a line through points."""
        steps = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        more = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path class="s-{role}" fill="none" d="M{steps}" stroke-width="{width:g}"{more}/>'
        )

    def rect(
        self, x: float, y: float, width: float, height: float, *, role: str, hatch: bool = False
    ) -> None:
        """Draw a filled box; with `hatch`, an outlined one with slanted lines in it."""
        if width < 0:
            x, width = x + width, -width
        if height < 0:
            y, height = y + height, -height
        box = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
        if not hatch:
            self.parts.append(f'<rect class="f-{role}" {box}/>')
            return
        self.parts.append(f'<rect class="o-{role}" {box}/>')
        step = 6.0
        offset = step
        while offset < width + height:  # lines x + y = offset inside the box
            a, b = min(offset, width), max(offset - height, 0.0)
            self.parts.append(
                f'<path class="s-{role}" stroke-width="1" d="M{_n(x + a)} {_n(y + offset - a)}'
                f'L{_n(x + b)} {_n(y + offset - b)}"/>'
            )
            offset += step

    def mark(self, shape: str, x: float, y: float, *, role: str, r: float = 4.5,
             hollow: bool = False) -> None:  # fmt: skip
        """Draw a marker: dot, square, diamond, right, left, up, down or tick."""
        kind = f'class="{"h" if hollow else "m"}-{role}"'
        if shape == "dot":
            self.parts.append(f'<circle {kind} cx="{_n(x)}" cy="{_n(y)}" r="{r:g}"/>')
            return
        if shape == "tick":
            self.line(x, y - r - 1, x, y + r + 1, role=role, width=2)
            return
        corners = [(x + r * a, y + r * b) for a, b in _SHAPES[shape]]
        steps = "L".join(f"{_n(a)} {_n(b)}" for a, b in corners)
        self.parts.append(f'<path {kind} d="M{steps}Z"/>')

    def open(self, title: str) -> None:
        """Start a group that tells its title when pointed at."""
        self.parts.append(f"<g><title>{html.escape(title, quote=False)}</title>")

    def close(self) -> None:
        """End the group."""
        self.parts.append("</g>")

    def svg(self, label: str) -> str:
        """Return the drawing with its text alternative."""
        return (
            f'<svg class="cbam" viewBox="0 0 {_n(self.width)} {_n(self.height)}" role="img"'
            f' aria-label="{html.escape(label, quote=True)}">' + "".join(self.parts) + "</svg>"
        )


_SHAPES = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "right": ((-0.9, -1.1), (1.2, 0), (-0.9, 1.1)),
    "left": ((0.9, -1.1), (-1.2, 0), (0.9, 1.1)),
    "up": ((-1.1, 0.9), (0, -1.2), (1.1, 0.9)),
    "down": ((-1.1, -0.9), (0, 1.2), (1.1, -0.9)),
}


def _n(value: float) -> str:
    return f"{round(value, 1) + 0.0:g}" if abs(value) < 1e5 else f"{value:.0f}"
