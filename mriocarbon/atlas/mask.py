"""Which part of each cell belongs to which country: exact overlaps of polygons with cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas.grid import Grid, zone_area, zone_density
from mriocarbon.atlas.shapes import Shapes, shapes, small_countries
from mriocarbon.errors import InputError, UnknownNameError

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)
_DUST = 1e-12  # of a cell: what is left of sums that cancel


@dataclass(frozen=True)
class Piece:
    """Where one country lies on a grid.

    Attributes
    ----------
    iso3 : str
    cells : array of int, (n,)
        Positions in the raveled grid, ascending.
    area : array, (n,)
        Land of the country in each cell, km2. A country without a polygon at 1:110m has one cell
        and area zero.
    """

    iso3: str
    cells: Ints
    area: Array

    @property
    def land(self) -> Array:
        """Weights that sum to one: by land, or all in the one cell of a small country."""
        total = self.area.sum()
        return self.area / total if total > 0 else np.full(len(self.cells), 1.0 / len(self.cells))


@dataclass(frozen=True)
class Mask:
    """Where the countries lie on a grid.

    Attributes
    ----------
    grid : Grid
    pieces : mapping of iso3 to Piece
        All countries, those with a point instead of a polygon too.
    """

    grid: Grid
    pieces: dict[str, Piece]

    def __getitem__(self, iso3: str) -> Piece:
        try:
            return self.pieces[iso3]
        except KeyError:
            raise UnknownNameError.of("country on the map", iso3, self.pieces) from None

    def fraction(self, iso3: str) -> Array:
        """Return the part of each cell that is land of a country, 0 to 1, (rows, columns)."""
        piece = self[iso3]
        out = np.zeros(self.grid.area.size)
        out[piece.cells] = piece.area / self.grid.area.ravel()[piece.cells]
        return out.reshape(self.grid.shape)

    def land(self) -> Array:
        """Return the part of each cell that is land of any country, 0 to 1, (rows, columns)."""
        out = np.zeros(self.grid.area.size)
        for piece in self.pieces.values():
            out[piece.cells] += piece.area
        return np.minimum(out / self.grid.area.ravel(), 1.0).reshape(self.grid.shape)


@lru_cache(maxsize=4)
def mask(grid: Grid) -> Mask:
    """Return where the countries lie on a grid; kept in memory.

    Parameters
    ----------
    grid : Grid

    Returns
    -------
    Mask

    Examples
    --------
    >>> found = mask(Grid(1.0))
    >>> round(float(found["FRA"].area.sum()), -3), float(found["SGP"].area.sum())
    (560000.0, 0.0)
    """
    borders = shapes()
    pieces = {code: country(borders, code, grid) for code in borders.codes}
    for small in small_countries():
        i, j = grid.cell([small.lat], [small.lon])
        cell = i * grid.shape[1] + j
        pieces[small.iso3] = Piece(small.iso3, cell, np.zeros(1))
    return Mask(grid, dict(sorted(pieces.items())))


def country(borders: Shapes, iso3: str, grid: Grid) -> Piece:
    """Return the cells of one country and its land in each.

    Examples
    --------
    >>> from mriocarbon.atlas.shapes import shapes
    >>> piece = country(shapes(), "LUX", Grid(0.5))
    >>> len(piece.cells), round(float(piece.area.sum()))
    (6, 2416)
    """
    found: dict[int, float] = {}
    boxes = [(_overlap(ring, grid), hole) for ring, hole in borders.of_country(iso3)]
    if not boxes:
        raise InputError(f"no polygon of {iso3}", where="shapes")
    for (i, j, area), hole in boxes:
        for row, column in np.argwhere(area > 0).tolist():
            cell = (i + row) * grid.shape[1] + j + column
            part = float(area[row, column])
            found[cell] = found.get(cell, 0.0) + (-part if hole else part)
    cells = np.array(sorted(found), dtype=np.intp)
    land = np.array([found[int(cell)] for cell in cells])
    kept = land > _DUST * grid.row_area[cells // grid.shape[1]]
    return Piece(iso3, cells[kept], land[kept])


def overlap(ring: Array, grid: Grid) -> Array:
    """Return the area of the overlap of a polygon with every cell.

    The polygon's edges are straight in longitude and latitude. With A the area function of
    `zone_area` and the ring counter-clockwise, the area within the columns from x_w to x_e of a row
    is the integral along the ring, inside that row, of

        ( min(max(x, x_w), x_e) - x_w ) dA .

    Edges are cut where they cross the lines of the grid. A piece in a cell adds the integral of
    (x - x_w) dA there (Gauss-Legendre with six nodes, exact to rounding for pieces this short) and
    (x_e - x_w) dA to every cell west of it in its row: no sampling.

    Parameters
    ----------
    ring : array, (n, 2)
        Longitude and latitude, degrees, closed, in either direction, within -180 to 180.
    grid : Grid

    Returns
    -------
    numpy.ndarray
        km2, (rows, columns), not negative.

    Raises
    ------
    InputError
        The ring is open or leaves the globe.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [1.5, 0.0], [1.5, 1.0], [0.0, 1.0], [0.0, 0.0]])
    >>> grid = Grid(1.0)
    >>> np.round(overlap(square, grid)[90, 179:183] / grid.area[90, 0], 12).tolist()
    [0.0, 1.0, 0.5, 0.0]
    """
    if len(ring) < 4 or not (ring[0] == ring[-1]).all():
        raise InputError("a ring is open", where="ring", do="repeat its first point at the end")
    if (np.abs(ring) > [180.0, 90.0]).any() or not np.isfinite(ring).all():
        raise InputError(
            "a ring leaves the globe",
            where="ring",
            do="cut polygons at 180 degrees, as GeoJSON asks",
        )
    i, j, area = _overlap(ring, grid)
    out = np.zeros(grid.shape)
    out[i : i + area.shape[0], j : j + area.shape[1]] = area
    return out


def _overlap(ring: Array, grid: Grid) -> tuple[int, int, Array]:
    """`overlap` within the box of rows and columns around the ring; first row, first column."""
    rows, columns = grid.shape
    step = grid.resolution
    x0, y0, x1, y1 = _cut(ring, step)
    i = np.clip(np.floor(((y0 + y1) / 2 + 90.0) / step), 0, rows - 1).astype(np.intp)
    j = np.clip(np.floor(((x0 + x1) / 2 + 180.0) / step), 0, columns - 1).astype(np.intp)
    west = np.radians(grid.lon_edges[j])
    xs = np.radians(x0)
    dx, dy = np.radians(x1) - xs, np.radians(y1 - y0)
    whole = zone_area(y1, sphere=grid.sphere) - zone_area(y0, sphere=grid.sphere)
    within = np.zeros_like(whole)
    for node, weight in zip((_NODES + 1) / 2, _WEIGHTS / 2, strict=True):
        latitude = y0 + node * (y1 - y0)
        within += weight * (xs + node * dx - west) * zone_density(latitude, sphere=grid.sphere)
    within *= dy
    top, left = int(i.min()), int(j.min())
    shape = (int(i.max()) - top + 1, int(j.max()) - left + 1)
    flat, size = (i - top) * shape[1] + (j - left), shape[0] * shape[1]
    own = np.bincount(flat, within, size).reshape(shape)
    passed = np.bincount(flat, whole * np.radians(360.0 / columns), size).reshape(shape)
    area = own + passed[:, ::-1].cumsum(axis=1)[:, ::-1] - passed  # all pieces further east
    if area.sum() < 0:  # clockwise
        area = -area
    dust = _DUST * grid.row_area[top : top + shape[0], None]
    return top, left, np.where(area > dust, area, 0.0)


def _cut(ring: Array, step: float) -> tuple[Array, Array, Array, Array]:
    """Cut the edges of a ring at the lines of the grid; return the ends of all pieces."""
    first, last = ring[:-1], ring[1:]
    edge = [np.arange(len(first)), np.arange(len(first))]
    t = [np.zeros(len(first)), np.ones(len(first))]
    for axis, origin in ((0, 180.0), (1, 90.0)):
        a, b = (first[:, axis] + origin) / step, (last[:, axis] + origin) / step
        low, high = np.minimum(a, b), np.maximum(a, b)
        start = np.floor(low).astype(np.intp) + 1
        many = np.maximum(0, np.ceil(high).astype(np.intp) - start)
        which = np.repeat(np.arange(len(first)), many)
        line = start[which] + np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        edge.append(which)
        t.append((line - a[which]) / (b[which] - a[which]))
    edges, at = np.concatenate(edge), np.concatenate(t)
    order = np.lexsort((at, edges))
    edges, at = edges[order], at[order]
    same = edges[:-1] == edges[1:]
    k, t0, t1 = edges[:-1][same], at[:-1][same], at[1:][same]
    run = last[k] - first[k]
    # Ends of an edge as they stand, so that neighbouring polygons share them to the bit.
    p0 = np.where((t0 == 0.0)[:, None], first[k], first[k] + t0[:, None] * run)
    p1 = np.where((t1 == 1.0)[:, None], last[k], first[k] + t1[:, None] * run)
    return p0[:, 0], p0[:, 1], p1[:, 0], p1[:, 1]
