"""What all figures share: colours by role, frames, legends, bars, and a finished `Drawing`.

Each is drawn once with matplotlib and kept as SVG and PNG.

Colours are named by role; the page swaps each one for a CSS variable, so that the same drawing
reads on a light and on a dark ground. The palette is Okabe and Ito's, safe for colour blindness.
"""

from __future__ import annotations

import functools
import html
import io
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec

import numpy as np
from numpy.typing import NDArray

from mriocarbon.model import Provenance, Result
from mriocarbon.report import text as t
from mriocarbon.report.sector_names import counted_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
P = ParamSpec("P")

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
DPI = 130
SIGNS = 165  # signs of the source line that fit the width at 7 points
BAR = 0.27  # inches from one bar to the next
LINE = 0.16  # inches from one line below the title to the next
WIDE = 138  # letters in such a line
FONT = "'DejaVu Sans', Verdana, sans-serif"

STYLE: dict[Any, Any] = {
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


def styled(build: Callable[P, Drawing]) -> Callable[P, Drawing]:
    """Let a function draw in the style of this room, whatever style is set outside."""

    @functools.wraps(build)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Drawing:
        import matplotlib

        with matplotlib.rc_context(STYLE):
            return build(*args, **kwargs)

    return drawn


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


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    page = Figure(figsize=(width, height), layout=None)
    FigureCanvasAgg(page)
    return page


def finish(
    figure: Figure, name: str, title: str, source: str, caption: str, description: str
) -> Drawing:
    """Put title and source on the figure, so that it can stand alone, and render it."""
    import matplotlib

    height = figure.get_figheight()
    figure.text(0.006, 1 - 0.1 / height, title, va="top", fontsize=12, fontweight="bold")
    figure.text(0.006, 0.07 / height, source, va="bottom", color=MUTED,
                fontsize=min(7.0, 7.0 * SIGNS / len(source)))  # fmt: skip
    vector, pixels = io.StringIO(), io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):  # the same ids in every run
        figure.savefig(
            vector, format="svg", metadata={"Date": None, "Creator": None, "Title": title}
        )
    figure.savefig(pixels, format="png", dpi=DPI, metadata={"Software": None})
    svg = vector.getvalue().replace("'DejaVu Sans'", FONT)
    return Drawing(name, title, caption, description, svg, pixels.getvalue())


def source_line(editions: Sequence[str], estimated: Sequence[str]) -> str:
    """Return source and estimates in one line that fits the figure."""
    told = f"   {t.DAGGER} rests on estimates" if estimated else ""
    return f"Source: {'; '.join(editions)}.".replace("..", ".") + told


def legend(figure: Figure, handles: list[Any], columns: int, title: str | None = None) -> None:
    """Put the legend below the axes, above the source line."""
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.0, 0.22 / figure.get_figheight()),
        ncols=columns, title=title, title_fontsize=8.2, alignment="left", fontsize=8.2,
        handletextpad=0.5, columnspacing=1.3,
    )  # fmt: skip


def frame(
    figure: Figure, left: float, right: float, bottom: float, top: float
) -> tuple[float, float, float, float]:
    """Return axes in figure shares from margins in inches."""
    width, height = figure.get_size_inches()
    return (
        left / width, bottom / height, (width - left - right) / width,
        (height - bottom - top) / height,
    )  # fmt: skip


def patch(color: str, label: str) -> Any:
    """Return a filled square for a legend."""
    from matplotlib.patches import Patch

    return Patch(facecolor=color, edgecolor="none", label=label)


def dot(marker: str, color: str, label: str, edge: str = "none") -> Any:
    """Return a marker for a legend."""
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="none", marker=marker, ms=6, mfc=color, mec=edge, label=label)


def line(color: str, label: str) -> Any:
    """Return a line for a legend."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=color, linewidth=1.8, label=label)


def _edition(result: Result) -> str:
    return result.provenance.edition or result.provenance.dataset


def mark(result: Result) -> str:
    """Return a dagger where a result rests on estimates."""
    return t.DAGGER if result.estimated else ""


def _estimates(result: Result) -> str:
    texts = dict.fromkeys(n.text for n in result.notes if n.estimated)
    return f" {t.DAGGER} rests on estimates: {'; '.join(texts)}." if texts else ""


def finish_result(
    page: Any, name: str, title: str, result: Result, caption: str, told: str
) -> Drawing:
    """Finish a figure of one result: its edition is the source, its estimates are told."""
    source = source_line([_edition(result)], ["x"] if result.estimated else [])
    whole = f"Source: {_edition(result)}. Unit: {t.nice(result.unit)}. {caption}"
    return finish(page, name, title, source, whole + _estimates(result), told)


def under(provenance: Provenance, text: str) -> list[str]:
    """Return the lines below a title: what is counted and the year, then a text."""
    of = counted_name(provenance)
    return textwrap.wrap(f"{of}. {text}" if of else text, WIDE, break_on_hyphens=False)


def told_under(page: Any, lines: Sequence[str]) -> None:
    """Put the lines of `under` below the title."""
    page.text(0.006, 1 - 0.42 / page.get_figheight(), "\n".join(lines), color=MUTED,
              fontsize=8, va="top", linespacing=1.35)  # fmt: skip


def amount(value: float, largest: float) -> str:
    """Return a number with the digits that the largest one of a figure asks for."""
    digits = 0 if largest >= 200 else 1 if largest >= 20 else 2
    while value and digits < 4 and not round(value, digits):  # what is there is not shown as 0
        digits += 1
    return t.number(value, digits)


def signed(value: float, largest: float) -> str:
    """Return `amount` with a plus where it is above zero."""
    text = amount(value, largest)
    return text if text.startswith(t.MINUS) or value <= 0 else f"+{text}"


def bars(
    page: Any,
    box: tuple[float, float, float, float],
    names: Sequence[str],
    parts: Sequence[tuple[str, Array]],
    unit: str,
    *,
    texts: Sequence[str],
    zero: bool = True,
) -> None:
    """Draw stacked horizontal bars, the first name on top, with a text at the end of each."""
    axes = page.add_axes(box)
    places = np.arange(len(names))[::-1]
    up, down = np.zeros(len(names)), np.zeros(len(names))
    for color, value in parts:
        left = np.where(value >= 0, up, down)
        axes.barh(places, value, 0.66, left=left, color=color, linewidth=0)
        up += np.maximum(value, 0)
        down += np.minimum(value, 0)
    low, high = float(down.min(initial=0.0)), float(up.max(initial=0.0))
    span = (high - low) or 1.0
    # The longest text takes a share of the width on either side that has bars.
    longest = (0.075 * max((len(s) for s in texts), default=0) + 0.1) / (
        box[2] * page.get_figwidth()
    )
    room = longest * span / (1 - longest * ((low < 0) + (high > 0)))
    axes.set_xlim(low - (room if low < 0 else 0), high + (room if high > 0 else 0))
    for place, a, b, text in zip(places, down, up, texts, strict=True):
        left_side = -a > b
        axes.annotate(
            text, (a if left_side else b, place), xytext=(-4 if left_side else 4, 0),
            textcoords="offset points", va="center", ha="right" if left_side else "left",
            fontsize=7.8,
        )  # fmt: skip
    axes.set_yticks(places, names, fontsize=8.2)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=7.8)
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.grid(axis="y", visible=False)
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda v, _: t.number(v, 0 if span > 8 else 2))
    if zero:
        axes.axvline(0, color=INK, linewidth=0.9)
    axes.set_xlabel(unit, fontsize=8.2)
