"""Global latitude-longitude grids: edges, centres and exact areas of cells on the ellipsoid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, NonFiniteError
from mriocarbon.model.arrays import frozen

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

SEMI_MAJOR = 6378.137
"""Equatorial radius of WGS84, km (NGA.STND.0036)."""
INVERSE_FLATTENING = 298.257223563
"""1/f of WGS84."""
FINEST, COARSEST = 0.25, 5.0


@dataclass(frozen=True)
class Grid:
    """A global grid of equal steps in latitude and longitude.

    Rows run from south to north, columns from 180 degrees west to 180 degrees east, so that
    ``value[i, j]`` is the cell with centre ``lat[i], lon[j]``.

    Parameters
    ----------
    resolution : float
        Degrees, 0.25 to 5; it must divide 180.
    sphere : bool
        Areas on the sphere of the same surface (authalic radius 6371.0072 km) instead of the
        WGS84 ellipsoid.

    Raises
    ------
    InputError
        The resolution is out of range or does not divide 180.

    Examples
    --------
    >>> grid = Grid(1.0)
    >>> grid.shape, round(float(grid.area.sum()) / 1e6, 3)
    ((180, 360), 510.066)
    """

    resolution: float = 0.5
    sphere: bool = False

    def __post_init__(self) -> None:
        step = self.resolution
        if not (isinstance(step, int | float) and math.isfinite(step)) or isinstance(step, bool):
            raise InputError(
                f"the resolution {step!r} is not a number of degrees",
                where="resolution",
                do="give 0.25, 0.5, 1, 2 or another divisor of 180",
            )
        rows = 180.0 / step if step > 0 else 0.0
        if not FINEST <= step <= COARSEST or abs(rows - round(rows)) > 1e-9 * rows:
            raise InputError(
                f"a resolution of {step:g} degrees is out of range or does not divide 180",
                where="resolution",
                do=f"give a divisor of 180 from {FINEST:g} to {COARSEST:g}: 0.25, 0.5, 1, 2, 5",
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows (latitude) and columns (longitude)."""
        rows = round(180.0 / self.resolution)
        return rows, 2 * rows

    @cached_property
    def lat_edges(self) -> Array:
        """Edges of the rows, degrees, rows + 1."""
        return _edges(90.0, self.shape[0])

    @cached_property
    def lon_edges(self) -> Array:
        """Edges of the columns, degrees, columns + 1."""
        return _edges(180.0, self.shape[1])

    @cached_property
    def lat(self) -> Array:
        """Centres of the rows, degrees, south to north."""
        return frozen((self.lat_edges[:-1] + self.lat_edges[1:]) / 2)

    @cached_property
    def lon(self) -> Array:
        """Centres of the columns, degrees, west to east."""
        return frozen((self.lon_edges[:-1] + self.lon_edges[1:]) / 2)

    @cached_property
    def row_area(self) -> Array:
        """Area of one cell of each row, km2, (rows,)."""
        zones = np.diff(zone_area(self.lat_edges, sphere=self.sphere))
        return frozen(zones * math.radians(360.0 / self.shape[1]))

    @property
    def area(self) -> Array:
        """Area of every cell, km2, (rows, columns), read-only."""
        return np.broadcast_to(self.row_area[:, None], self.shape)

    def wrap(self, lon: ArrayLike) -> Array:
        """Return longitudes in [-180, 180), degrees, of any number of turns.

        Examples
        --------
        >>> Grid(1.0).wrap([190.0, -180.0, 180.0, 540.0]).tolist()
        [-170.0, -180.0, -180.0, -180.0]
        """
        return np.mod(np.asarray(lon, dtype=np.float64) + 180.0, 360.0) - 180.0

    def cell(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Ints, Ints]:
        """Return row and column of points; a point on an edge belongs to the north or east.

        Parameters
        ----------
        lat, lon : array_like
            Degrees; longitudes wrap around, latitudes must lie in [-90, 90].

        Raises
        ------
        NonFiniteError, InputError
            A coordinate is NaN or infinite, or a latitude is out of range.

        Examples
        --------
        >>> rows, columns = Grid(1.0).cell([51.5, 90.0], [-0.1, 180.0])
        >>> rows.tolist(), columns.tolist()
        ([141, 179], [179, 0])
        """
        north, east = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
        if not (np.isfinite(north).all() and np.isfinite(east).all()):
            raise NonFiniteError(
                "a coordinate is NaN or infinite", where="lat, lon", do="remove it"
            )
        if (np.abs(north) > 90.0).any():
            raise InputError(
                f"a latitude is outside -90 to 90: {north[np.abs(north) > 90.0].flat[0]:g}",
                where="lat",
                do="give degrees, latitude first",
            )
        rows, columns = self.shape
        i = np.minimum(np.floor((north + 90.0) / self.resolution), rows - 1)
        j = np.minimum(np.floor((self.wrap(east) + 180.0) / self.resolution), columns - 1)
        return i.astype(np.intp), j.astype(np.intp)


def zone_area(lat: ArrayLike, *, sphere: bool = False) -> Array:
    """Return the area between the equator and a latitude, per radian of longitude.

    On the ellipsoid with semi-axes a, b and eccentricity e::

        A(lat) = b^2 / 2 [ sin(lat) / (1 - e^2 sin^2 lat) + artanh(e sin lat) / e ]

    Parameters
    ----------
    lat : array_like
        Geodetic latitude, degrees.
    sphere : bool
        On the sphere of equal surface: ``R^2 sin(lat)``, R the authalic radius.

    Returns
    -------
    numpy.ndarray
        km2 per radian, negative in the south.

    References
    ----------
    Snyder, J. P. (1987), Map projections: a working manual, USGS Professional Paper 1395,
    equation 3-12 (q = 2 A / a^2). https://doi.org/10.3133/pp1395

    Examples
    --------
    >>> round(4 * 3.141592653589793 * float(zone_area(90.0)), 1)
    510065621.7
    """
    sine = np.sin(np.radians(np.asarray(lat, dtype=np.float64)))
    if sphere:
        return authalic_radius() ** 2 * sine
    flattening = 1.0 / INVERSE_FLATTENING
    squared = flattening * (2.0 - flattening)
    e = math.sqrt(squared)
    b2 = (SEMI_MAJOR * (1.0 - flattening)) ** 2
    return np.asarray(b2 / 2.0 * (sine / (1.0 - squared * sine**2) + np.arctanh(e * sine) / e))


def zone_density(lat: ArrayLike, *, sphere: bool = False) -> Array:
    """Return dA/dlat of `zone_area`: area per radian of latitude and of longitude, km2."""
    phi = np.radians(np.asarray(lat, dtype=np.float64))
    if sphere:
        return np.asarray(authalic_radius() ** 2 * np.cos(phi))
    flattening = 1.0 / INVERSE_FLATTENING
    squared = flattening * (2.0 - flattening)
    b2 = (SEMI_MAJOR * (1.0 - flattening)) ** 2
    return np.asarray(b2 * np.cos(phi) / (1.0 - squared * np.sin(phi) ** 2) ** 2)


def authalic_radius() -> float:
    """Return the radius of the sphere with the surface of the WGS84 ellipsoid, km.

    Examples
    --------
    >>> round(authalic_radius(), 4)
    6371.0072
    """
    return math.sqrt(float(zone_area(90.0)))


def unit_vectors(lat: ArrayLike, lon: ArrayLike) -> Array:
    """Return points as unit vectors, (n, 3); chords between them order points by distance."""
    phi, lam = np.radians(np.asarray(lat, float)), np.radians(np.asarray(lon, float))
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def _edges(end: float, cells: int) -> Array:
    # By one division and not by steps: edges and centres are the nearest floats.
    return frozen(2.0 * end * np.arange(cells + 1) / cells - end)
