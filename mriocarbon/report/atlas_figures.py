"""The maps as pictures: value and standard deviation of each cell, and what stands behind them.

Equal Earth projection, so that areas on paper are in proportion; colours in classes of a
logarithmic scale, because emissions per km2 span six powers of ten.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas.projection import equal_earth
from mriocarbon.atlas.shapes import dense, shapes
from mriocarbon.report.atlas_view import LayerView
from mriocarbon.report.figures import GROUND, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Classes", "classes", "picture", "project"]

Array = NDArray[np.float64]

SIZE, DPI = (40 / 3, 7.5), 150  # a slide of 16 to 9
SEA, NO_DATA, NOTHING, BORDER = "#eef2f6", "#d3d5da", "#fbfaf7", "#7d828c"
ABOUT_ZERO = "#e8e4d6"
EMITTED = (
    "#fff4d6", "#fee4a5", "#fdcd74", "#fbac4d", "#f28434", "#de5b28", "#bf371f", "#94191c",
    "#630a1f", "#39061c",
)  # fmt: skip
TAKEN_UP = ("#d9eede", "#b3dcc0", "#82c3a0", "#4ba381", "#207f63", "#0a5a48", "#043a32", "#02221f")
SPREAD = ("#e9eff7", "#cbd8ea", "#a9bcd9", "#8699c4", "#6a74ab", "#54508d", "#3f2d68")
SPREADS = (0, 10, 20, 40, 60, 100, 150, 1000)  # per cent
STEPS = (1.0, 3.0)  # of each power of ten
SIGNED = 5  # classes on either side of zero, at the most
PIXELS = 1500  # across the globe
SPARSE = 400  # cells with a value: fewer are drawn as dots


@dataclass(frozen=True)
class Classes:
    """Bounds of the classes of colour, rising, and one colour for each class."""

    bounds: tuple[float, ...]
    colours: tuple[str, ...]


def classes(values: Array, *, most: int = len(EMITTED)) -> Classes:
    """Return classes of a logarithmic scale, 1-3-10, about zero if there are sinks.

    Parameters
    ----------
    values : array
        What is to be shown; NaN and zeros do not count.
    most : int
        Classes above zero.

    Returns
    -------
    Classes
        The highest holds all above its lower bound, the lowest all below its upper one.

    Examples
    --------
    >>> classes(np.array([2.0, 25.0, 400.0])).bounds
    (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
    >>> classes(np.array([-5.0, 2.0])).bounds
    (-10.0, -3.0, -1.0, 1.0, 3.0, 10.0)
    """
    size = np.abs(values[np.isfinite(values) & (values != 0)])
    if size.size == 0:
        return Classes((0.0, 1.0), EMITTED[:1])
    signed = bool((values < 0).any())
    most = min(most, SIGNED) if signed else most
    # What few cells reach beyond belongs to the highest class: they are named there by "more".
    ladder = [step * 10.0**k for k in range(-12, 13) for step in STEPS]
    bottom, most_of_all = np.quantile(size, [0.02, 0.999])
    top = next(k for k, bound in enumerate(ladder) if bound >= most_of_all)
    low = max(0, *(k for k, bound in enumerate(ladder) if bound <= bottom))
    low = max(low, top - most)
    up = [float(f"{bound:.6g}") for bound in ladder[low : top + 1]]
    up = up if len(up) > 1 else [up[0] / 3, up[0]]
    if not signed:
        return Classes(tuple(up), _picked(EMITTED, len(up) - 1))
    down = [-bound for bound in reversed(up)]
    middle = (ABOUT_ZERO,)
    colours = (*reversed(_picked(TAKEN_UP, len(up) - 1)), *middle, *_picked(EMITTED, len(up) - 1))
    return Classes((*down, *up), colours)


def _picked(colours: Sequence[str], many: int) -> tuple[str, ...]:
    """`many` colours, evenly from the list, the last one always."""
    at = np.round(np.linspace(len(colours) - 1, 0, max(many, 2))[:many][::-1]).astype(int)
    return tuple(colours[k] for k in at)


def project(values: Array, pixels: int = PIXELS) -> tuple[Array, tuple[float, float, float, float]]:
    """Return a grid's values as a picture in the Equal Earth projection, nearest cell.

    Parameters
    ----------
    values : array, (rows, columns)
        South to north, west to east, the whole globe.
    pixels : int
        Across the equator.

    Returns
    -------
    picture : array
        North at the top; NaN beyond the globe.
    extent : (left, right, bottom, top)
        In the units of `equal_earth`.

    Examples
    --------
    >>> picture, extent = project(np.ones((18, 36)), 100)
    >>> bool(np.isnan(picture[0, 0])), float(np.nanmin(picture))
    (True, 1.0)
    """
    lat = np.linspace(-90.0, 90.0, 7201)
    x, y = equal_earth(lat, np.full(lat.shape, 180.0))
    right, top = float(x.max()), float(y[-1])
    height = round(pixels * top / right)
    down = top * (1 - 2 * (np.arange(height) + 0.5) / height)
    across = right * (2 * (np.arange(pixels) + 0.5) / pixels - 1)
    row_lat = np.interp(down, y, lat)
    lon = across[None, :] * (180.0 / np.interp(down, y, x))[:, None]
    rows, columns = values.shape
    i = np.clip(((row_lat + 90) / 180 * rows).astype(int), 0, rows - 1)
    j = np.clip(((lon + 180) / 360 * columns).astype(int), 0, columns - 1)
    return np.where(np.abs(lon) < 180, values[i[:, None], j], np.nan), (-right, right, -top, top)


def picture(view: LayerView) -> bytes:
    """Draw one layer as a PNG of 2000 by 1125 pixels; the same layer gives the same bytes.

    Parameters
    ----------
    view : LayerView

    Returns
    -------
    bytes
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {"font.family": "DejaVu Sans", "text.parse_math": False,
                             "hatch.linewidth": 0.5, "hatch.color": "#9a9ea8"}  # fmt: skip
    with matplotlib.rc_context(style):
        figure = Figure(figsize=SIZE, dpi=DPI, facecolor=GROUND)
        FigureCanvasAgg(figure)
        figure.text(0.022, 0.945, view.title, fontsize=20, weight="bold", color=INK, va="center")
        figure.text(0.022, 0.897, view.subtitle, fontsize=10.5, color=MUTED, va="center")
        left = figure.add_axes((0.012, 0.245, 0.645, 0.625))
        scale = classes(view.layer.density)
        _map(left, view.layer.density, scale, view)
        _bar(
            figure, (0.165, 0.205, 0.345, 0.021), scale, f"{view.density_unit}", signed=view.signed
        )
        _key(figure, view)
        right = figure.add_axes((0.672, 0.585, 0.318, 0.29))
        _map(right, 100 * view.relative_sd, Classes(SPREADS, SPREAD), view, thin=True)
        figure.text(
            0.831, 0.897, "How sure: standard deviation of each cell, % of its value",
            fontsize=9.5, weight="bold", color=INK, ha="center", va="center",
        )  # fmt: skip
        _bar(figure, (0.718, 0.553, 0.225, 0.015), Classes(SPREADS, SPREAD), "", small=True)
        _facts(figure, view)
        _foot(figure, view)
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def _map(axes: Axes, values: Array, scale: Classes, view: LayerView, *, thin: bool = False) -> None:
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.colors import BoundaryNorm, ListedColormap

    axes.set_axis_off()
    lat = np.linspace(-90, 90, 181)
    edge = [equal_earth(lat, np.full(181, side)) for side in (-180.0, 180.0)]
    rim = np.vstack([np.column_stack(edge[0]), np.column_stack(edge[1])[::-1]])
    axes.add_collection(PolyCollection([rim], facecolors=SEA, edgecolors="none", zorder=0))
    rings = _outlines()
    gone = [ring for code, ring in rings if code in view.missing]
    # Under the cells: what stays bare is land on which nothing is placed.
    land = [ring for code, ring in rings if code not in view.missing]
    axes.add_collection(PolyCollection(land, facecolors=NOTHING, edgecolors="none", zorder=1))
    axes.add_collection(
        PolyCollection(
            gone, facecolors=NO_DATA, edgecolors="#9a9ea8", hatch="////", linewidths=0.3, zorder=1
        )
    )
    shown, extent = project(np.where(values == 0, np.nan, values))
    zero, _ = project(np.where(values == 0, 1.0, np.nan))
    axes.imshow(
        zero, extent=extent, cmap=ListedColormap([NOTHING]), interpolation="nearest", zorder=2
    )
    norm = BoundaryNorm(scale.bounds, len(scale.colours))
    inner = np.clip(shown, scale.bounds[0], np.nextafter(scale.bounds[-1], -np.inf))
    axes.imshow(
        inner, extent=extent, cmap=ListedColormap(list(scale.colours)), norm=norm,
        interpolation="nearest", zorder=3,
    )  # fmt: skip
    row, column = np.nonzero(np.nan_to_num(values))
    if row.size < SPARSE:  # single cells would be lost between the dots of the picture
        x, y = equal_earth(view.layer.grid.lat[row], view.layer.grid.lon[column])
        inner = np.clip(values, scale.bounds[0], np.nextafter(scale.bounds[-1], -np.inf))
        axes.scatter(
            x, y, c=inner[row, column], s=9 if thin else 26, norm=norm,
            cmap=ListedColormap(list(scale.colours)), edgecolors=INK, linewidths=0.3, zorder=5,
        )  # fmt: skip
    lines = [ring for _, ring in rings]
    width = 0.25 if thin else 0.4
    axes.add_collection(
        LineCollection(lines, colors=BORDER, linewidths=width, alpha=0.75, zorder=4)
    )
    axes.set_xlim(extent[0] * 1.005, extent[1] * 1.005)
    axes.set_ylim(extent[2] * 1.01, extent[3] * 1.01)
    axes.set_aspect("equal")


@cache
def _outlines() -> list[tuple[str, Array]]:
    """Rings of all countries in the projection."""
    borders = shapes()
    out = []
    for owner, ring in zip(borders.owner, borders.rings, strict=True):
        points = dense(ring, 1.0)
        out.append((borders.codes[owner], np.column_stack(equal_earth(points[:, 1], points[:, 0]))))
    return out


def _bar(
    figure: Figure, place: tuple[float, float, float, float], scale: Classes, label: str, *,
    signed: bool = False, small: bool = False,
) -> None:  # fmt: skip
    """The key of the colours: one box for each class, bounds between them."""
    axes = figure.add_axes(place)
    many = len(scale.colours)
    for k, colour in enumerate(scale.colours):
        axes.axvspan(k, k + 1, color=colour, lw=0)
    axes.set_xlim(0, many)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    inner = range(1, many)
    names = [f"{scale.bounds[k]:,g}".replace("-", "−") for k in inner]
    axes.set_xticks(list(inner), names, fontsize=7.5 if small or signed else 8.5, color=INK)
    axes.tick_params(length=0, pad=2)
    if label:
        axes.set_xlabel(label, fontsize=9.5, color=INK, labelpad=4)
    if signed:
        for x, text, side in ((0, "taken up  ", "right"), (many, "  released", "left")):
            axes.text(x, 0.5, text, fontsize=9, color=INK, ha=side, va="center")


def _key(figure: Figure, view: LayerView) -> None:
    """Boxes for what has no colour of the scale."""
    from matplotlib.patches import Rectangle

    boxes = [("no data", NO_DATA, "////")] if view.missing else []
    if (view.layer.density == 0).any():
        boxes.append(("land, nothing placed", NOTHING, ""))
    for k, (text, colour, hatch) in enumerate(boxes):
        y = 0.216 - 0.032 * k
        figure.add_artist(
            Rectangle((0.022, y - 0.009), 0.018, 0.02, facecolor=colour, hatch=hatch,
                      edgecolor="#9a9ea8", linewidth=0.5, transform=figure.transFigure)
        )  # fmt: skip
        figure.text(0.045, y, text, fontsize=8.5, color=INK, va="center")


def _facts(figure: Figure, view: LayerView) -> None:
    """World total, how it was placed, who is missing."""
    from matplotlib.patches import Rectangle

    left, width, y = 0.685, 0.29, 0.465
    figure.text(left, y, view.total_text, fontsize=17, weight="bold", color=INK, va="center")
    figure.text(left, y - 0.038, view.total_note, fontsize=8.5, color=MUTED, va="center")
    y -= 0.088
    figure.text(left, y, "Placed within countries by", fontsize=9.5, weight="bold", color=INK)
    y -= 0.04
    at = left
    for share, colour in ((view.point, "#94191c"), (1 - view.point, "#fbac4d")):
        figure.add_artist(
            Rectangle((at, y), width * share, 0.022, facecolor=colour, edgecolor="none",
                      transform=figure.transFigure)
        )  # fmt: skip
        at += width * share
    y -= 0.022
    figure.text(left, y, f"point sources {100 * view.point:.1f} %", fontsize=8.5, color="#94191c",
                va="center")  # fmt: skip
    figure.text(left + width, y, f"proxies {100 * (1 - view.point):.1f} %", fontsize=8.5,
                color="#9c5a08", ha="right", va="center")  # fmt: skip
    y -= 0.026
    for text, weight in ((view.proxies_text, "normal"), (view.missing_text, "normal")):
        for line in textwrap.wrap(text, 74)[:3]:
            figure.text(left, y, line, fontsize=7.8, color=INK, va="center", weight=weight)
            y -= 0.023
        y -= 0.006


def _foot(figure: Figure, view: LayerView) -> None:
    y = 0.126
    for line in view.foot:
        for part in textwrap.wrap(line, 225):
            figure.text(0.022, y, part, fontsize=6.8, color=MUTED, va="center")
            y -= 0.0172
