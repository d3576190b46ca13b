"""From one latitude-longitude grid to another, conservatively.

A cell of the source gives to a cell of the target the share of its area that lies in it. On such
grids the share is a product of a share in longitude (of the width) and one in latitude (of the
area between two parallels), so two thin sparse matrices do the whole globe:

    T = W_lat V W_lon',  columns of W_lat and W_lon' sum to 1, hence sum(T) = sum(V)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mriocarbon.atlas.grid import zone_area
from mriocarbon.errors import InputError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Block", "Regridded", "nested", "regrid", "same", "shares"]

Floats = npt.NDArray[np.float64]
SNAP = 1e-6  # of a cell: edges nearer than this are one edge


@dataclass(frozen=True)
class Block:
    """Some rows of a raster: which, their values, and which of their cells hold a value."""

    rows: slice
    values: Floats
    present: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Regridded:
    """Values on the target grid and the share (0 to 1) of each cell's area that has data."""

    values: Floats
    present: Floats
    total: float  # of the source's cells, where kind is "sum"


def _zone(latitude: Floats) -> Floats:
    """Area from the equator to a parallel (degrees), as a share of the half ellipsoid."""
    return np.asarray(zone_area(latitude) / zone_area(90.0), dtype=float)


def _overlap(source: Floats, target: Floats, shift: float) -> tuple[Any, Any, Floats]:
    """Pairs (target cell, source cell) that overlap and how long they do; edges any way round."""
    s0, s1 = np.minimum(source[:-1], source[1:]), np.maximum(source[:-1], source[1:])
    s0, s1 = s0 + shift, s1 + shift
    t0, t1 = np.minimum(target[:-1], target[1:]), np.maximum(target[:-1], target[1:])
    order = np.argsort(t0)
    first = np.searchsorted(t1[order], s0, side="right")
    last = np.searchsorted(t0[order], s1, side="left")
    counts = np.maximum(last - first, 0)
    of = np.repeat(np.arange(s0.size), counts)
    within = np.arange(of.size) - np.repeat(np.cumsum(counts) - counts, counts)
    into = order[first[of] + within]
    length = np.minimum(s1[of], t1[into]) - np.maximum(s0[of], t0[into])
    keep = length > 0
    return into[keep], of[keep], length[keep]


def shares(source: Floats, target: Floats, *, latitude: bool) -> csr_array:
    """Share of each source cell that lies in each target cell, in one direction.

    Parameters
    ----------
    source, target : array
        Edges of the cells (degrees), rising or falling; n + 1 edges for n cells.
    latitude : bool
        Shares of the area between parallels of the WGS84 ellipsoid; else of the width, where
        360 degrees more or less are the same meridian.

    Returns
    -------
    csr_array, target x source
        Columns sum to 1 where the target covers the source cell, exactly if it lies in one cell.

    Examples
    --------
    >>> import numpy as np
    >>> s = shares(np.array([0.0, 90, 180, 270, 360]), np.array([-180.0, 0, 180]), latitude=False)
    >>> s.toarray()
    array([[0., 0., 1., 1.],
           [1., 1., 0., 0.]])
    """
    from scipy.sparse import csr_array

    source = _snap(source, target, latitude=latitude)
    if latitude:
        source, target = _zone(source), _zone(target)
    turns = (0.0,) if latitude else (-360.0, 0.0, 360.0)
    parts = [_overlap(source, target, turn) for turn in turns]
    into, of = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    length = np.concatenate([part[2] for part in parts]) / np.abs(np.diff(source))[of]
    whole = np.bincount(of, weights=length, minlength=source.size - 1)
    # Only rounding is divided out: what the target does not cover stays out.
    length = np.where(np.abs(whole[of] - 1) < 1e-9, length / whole[of], length)
    shape = (target.size - 1, source.size - 1)
    return csr_array((length, (into, of)), shape=shape)


def _snap(source: Floats, target: Floats, *, latitude: bool) -> Floats:
    """Put edges that differ from a target's edge by rounding alone onto it."""
    reach = SNAP * float(np.abs(np.diff(source)).min())
    edges = np.sort(target)
    if not latitude:
        edges = np.unique(np.concatenate([edges - 360, edges, edges + 360]))
    at = np.clip(np.searchsorted(edges, source), 1, edges.size - 1)
    near = np.where(source - edges[at - 1] < edges[at] - source, edges[at - 1], edges[at])
    return np.where(np.abs(near - source) <= reach, near, source)


def same(source: Floats, target: Floats, *, latitude: bool) -> bool:
    """Tell whether source cells are target cells, up to direction and full turns; maybe not all.

    Examples
    --------
    >>> import numpy as np
    >>> same(np.array([90.0, 0, -90]), np.array([-90.0, 0, 90]), latitude=True)
    True
    >>> same(np.array([0.0, 45, 90]), np.array([-90.0, 0, 90]), latitude=True)
    False
    """
    wide, ours = np.abs(np.diff(source)), np.abs(np.diff(target))
    # The grids of a map are even: a nested cell as wide as the map's is one of them.
    return bool(
        np.abs(wide - ours[0]).max() <= SNAP * ours[0] and nested(source, target, latitude=latitude)
    )


def nested(source: Floats, target: Floats, *, latitude: bool) -> bool:
    """Tell whether every source cell lies within one target cell.

    Examples
    --------
    >>> import numpy as np
    >>> nested(np.array([-90.0, -45, 0, 45, 90]), np.array([-90.0, 0, 90]), latitude=True)
    True
    >>> nested(np.array([-90.0, -30, 30, 90]), np.array([-90.0, 0, 90]), latitude=True)
    False
    """
    into = shares(source, target, latitude=latitude).tocsc()
    return bool((np.diff(into.indptr) <= 1).all())


def regrid(
    blocks: Iterable[Block],
    source: tuple[Floats, Floats],
    target: tuple[Floats, Floats],
    *,
    kind: str = "sum",
) -> Regridded:
    """Bring a raster onto another grid: sums stay sums, means are weighted by area.

    Parameters
    ----------
    blocks : iterable of Block
        The raster, some rows at a time, so that a raster of 30 arc seconds fits.
    source, target : (latitude edges, longitude edges)
        In degrees.
    kind : {"sum", "mean"}
        "sum": a cell holds an amount (people), spread evenly over its area:
        ``T_j = sum_i w_ji v_i``. "mean": it holds a density or a mean:
        ``T_j = sum_i w_ji a_i v_i / sum_i w_ji a_i`` over the cells i with data, a their areas.

    Returns
    -------
    Regridded
        NaN where no source cell with data lies in the cell.

    Raises
    ------
    InputError
        Another kind.

    References
    ----------
    Jones (1999), First- and second-order conservative remapping schemes for grids in spherical
    coordinates, doi:10.1175/1520-0493(1999)127<2204:FASOCR>2.0.CO;2 (the first order).
    Areas of zones of the ellipsoid: Snyder (1987), Map projections, a working manual, eq. 3-12.

    Examples
    --------
    >>> import numpy as np
    >>> fine = (np.linspace(-90, 90, 5), np.linspace(-180, 180, 9))
    >>> coarse = (np.linspace(-90, 90, 3), np.linspace(-180, 180, 5))
    >>> block = Block(slice(0, 4), np.ones((4, 8)), np.ones((4, 8), dtype=bool))
    >>> regrid(iter([block]), fine, coarse).values.tolist()
    [[4.0, 4.0, 4.0, 4.0], [4.0, 4.0, 4.0, 4.0]]
    """
    if kind not in ("sum", "mean"):
        raise InputError(
            f"unknown kind of raster {kind!r}", where="kind",
            do='"sum" for amounts per cell (people), "mean" for densities and means',
        )  # fmt: skip
    down = shares(source[0], target[0], latitude=True).tocsc()
    across = shares(source[1], target[1], latitude=False).T.tocsr()
    area = np.abs(np.diff(_zone(source[0])))[:, None] * np.abs(np.diff(source[1]))
    shape = (target[0].size - 1, target[1].size - 1)
    amount, covered = np.zeros(shape), np.zeros(shape)
    total = 0.0
    for block in blocks:
        rows = block.rows
        held = area[rows] * block.present
        values = np.where(block.present, block.values, 0.0)
        total += float(values.sum())
        amount += down[:, rows] @ ((values * held if kind == "mean" else values) @ across)
        covered += down[:, rows] @ (held @ across)
    cells = np.abs(np.diff(_zone(target[0])))[:, None] * np.abs(np.diff(target[1]))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = amount / covered if kind == "mean" else amount
        value = np.where(covered > 0, value, np.nan)
    return Regridded(value, np.clip(covered / cells, 0.0, 1.0), total)
