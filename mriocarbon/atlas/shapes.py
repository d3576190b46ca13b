"""Borders, city points and small countries: the tables that the map stands on.

Built by ``python -m scripts.geo`` from public-domain data; every file is checked against the
manifest when it is first read.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.atlas.embedded import TABLES, verified
from mriocarbon.atlas.grid import authalic_radius, unit_vectors
from mriocarbon.model.provenance import Source

Array = NDArray[np.float64]

SMALL = TABLES / "small_countries.csv"
ISLANDS = TABLES / "islands.csv"
MICRO = 1e-6


@dataclass(frozen=True, eq=False)
class Shapes:
    """Rings of all countries.

    Attributes
    ----------
    codes : tuple of str
        ISO 3166 alpha-3 (XKX Kosovo), sorted.
    rings : tuple of array
        Degrees, (n, 2) as longitude and latitude, closed.
    owner : array of int
        Position in `codes` of each ring's country.
    hole : array of bool
    """

    codes: tuple[str, ...]
    rings: tuple[Array, ...]
    owner: NDArray[np.intp]
    hole: NDArray[np.bool_]

    @classmethod
    def of(cls, raw: Mapping[str, NDArray[Any]]) -> Shapes:
        """Build from the arrays of ``shapes.npz``."""
        points, start = raw["points"] * MICRO, raw["start"]
        rings = tuple(points[a:b] for a, b in pairwise(start))
        for ring in rings:
            ring.setflags(write=False)
        codes = tuple(str(code) for code in raw["codes"])
        return cls(codes, rings, raw["owner"].astype(np.intp), raw["hole"].astype(bool))

    def of_country(self, iso3: str) -> list[tuple[Array, bool]]:
        """Return the rings of one country, each with whether it is a hole."""
        own = np.flatnonzero(self.owner == self.codes.index(iso3))
        return [(self.rings[k], bool(self.hole[k])) for k in own]


@dataclass(frozen=True)
class SmallCountry:
    """A country too small for the polygons: a point in degrees, and km to its farthest city."""

    iso3: str
    name: str
    lat: float
    lon: float
    reach_km: float


@dataclass(frozen=True)
class Cities:
    """City points: degrees, persons, and the code of the country each lies in."""

    lat: Array
    lon: Array
    population: Array
    country: NDArray[np.str_]


def checked(file: str) -> io.BytesIO:
    """Return a table's content once its hash is that of the manifest.

    Raises
    ------
    DataFileError
        It is missing, truncated or altered.
    """
    return io.BytesIO(verified(TABLES / file, "geo.json", "python -m scripts.geo --data FOLDER"))


def sources(*, cities: bool = True) -> tuple[Source, ...]:
    """Return the sources of the tables, for provenance; without the cities where none is read."""
    items = json.loads((TABLES / "geo.json").read_text(encoding="utf-8"))
    return tuple(
        Source(one["title"], citation=one["source"], licence=one["licence"], sha256=one["sha256"])
        for file, one in sorted(items.items())
        if cities or file != "cities.npz"
    )


@cache
def shapes() -> Shapes:
    """Return the borders of Natural Earth 1:110m.

    Examples
    --------
    >>> len(shapes().codes), "FRA" in shapes().codes, "SGP" in shapes().codes
    (176, True, False)
    """
    with np.load(checked("shapes.npz"), allow_pickle=False) as raw:
        return Shapes.of({name: raw[name] for name in raw.files})


@cache
def small_countries(path: Path = SMALL) -> tuple[SmallCountry, ...]:
    """Return the countries that have a point instead of a polygon.

    Examples
    --------
    >>> [one.name for one in small_countries() if one.iso3 == "SGP"]
    ['Singapore']
    """
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            SmallCountry(
                row["iso3"], row["name"], float(row["lat"]), float(row["lon"]),
                float(row["reach_km"]),
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def islands() -> tuple[SmallCountry, ...]:
    """Return islands and exclaves that the polygons leave out, by the country they belong to.

    Examples
    --------
    >>> [one.iso3 for one in islands() if one.name == "Canary Islands"]
    ['ESP']
    """
    return small_countries(ISLANDS)


@cache
def cities() -> Cities:
    """Return the city points.

    Examples
    --------
    >>> bool(cities().population.sum() > 2.3e9)
    True
    """
    with np.load(checked("cities.npz"), allow_pickle=False) as raw:
        found = Cities(
            raw["lat"] / 1e4,
            raw["lon"] / 1e4,
            raw["population"].astype(np.float64),
            raw["codes"][raw["country"]],
        )
    for array in (found.lat, found.lon, found.population, found.country):
        array.setflags(write=False)
    return found


def country_of(borders: Shapes, lat: ArrayLike, lon: ArrayLike) -> list[str]:
    """Return the country of points: an island in reach, the polygon, or the nearest border.

    Small countries and islands are not in the polygons; their cities lie within a known reach of
    a point. That comes first, then the polygon that holds the point.

    Parameters
    ----------
    borders : Shapes
    lat, lon : array_like
        Degrees, (n,).

    Returns
    -------
    list of str
        Always a country: at sea the nearest one, see `distance_to`.

    Examples
    --------
    >>> country_of(shapes(), [48.86, 1.29, 50.0], [2.35, 103.85, -4.0])
    ['FRA', 'SGP', 'GBR']
    """
    north, east = np.asarray(lat, float), np.asarray(lon, float)
    found = np.full(len(north), "", dtype="<U3")
    for code in borders.codes:
        open_ones = found == ""
        inside = holds(borders, code, north[open_ones], east[open_ones])
        found[np.flatnonzero(open_ones)[inside]] = code
    at_sea = np.flatnonzero(found == "")
    if len(at_sea):
        found[at_sea] = nearest_many(borders, north[at_sea], east[at_sea])[0]
    small = (*small_countries(), *islands())
    far = _km(
        unit_vectors(north, east),
        unit_vectors([p.lat for p in small], [p.lon for p in small]),
    )
    far = np.where(far <= np.array([p.reach_km for p in small]), far, np.inf)
    best = far.argmin(axis=1)
    for k in np.flatnonzero(np.isfinite(far.min(axis=1))):
        found[k] = small[best[k]].iso3
    return [str(code) for code in found]


def nearest(borders: Shapes, lat: float, lon: float) -> tuple[str, float]:
    """Return the country with the nearest border, and how far it is in km."""
    codes, km = nearest_many(borders, np.array([lat]), np.array([lon]))
    return str(codes[0]), float(km[0])


def nearest_many(borders: Shapes, lat: Array, lon: Array) -> tuple[NDArray[np.str_], Array]:
    """Return for points (n,) the countries with the nearest border, and how far it is in km."""
    tree, owner = _border_tree(borders)
    chord, k = tree.query(unit_vectors(lat, lon))
    km = authalic_radius() * 2.0 * np.arcsin(np.minimum(1.0, chord / 2.0))
    return np.array(borders.codes)[owner[k]], np.asarray(km)


def distance_to(iso3: str, lat: float, lon: float) -> float:
    """Return km from a point to a country: zero inside it, else to its border or its point.

    Examples
    --------
    >>> distance_to("FRA", 48.86, 2.35), 25 < distance_to("FRA", 51.13, 1.31) < 60
    (0.0, True)
    """
    here = unit_vectors([lat], [lon])
    far = [math.inf]
    borders = shapes()
    if iso3 in borders.codes:
        if holds(borders, iso3, np.array([lat]), np.array([lon]))[0]:
            return 0.0
        for ring, _ in borders.of_country(iso3):
            points = dense(ring)
            far.append(float(_km(here, unit_vectors(points[:, 1], points[:, 0])).min()))
    for small in (*small_countries(), *islands()):
        if iso3 == small.iso3:
            to_it = float(_km(here, unit_vectors([small.lat], [small.lon]))[0, 0])
            far.append(max(0.0, to_it - small.reach_km))
    return min(far)


def dense(ring: Array, step: float = 0.1) -> Array:
    """Return a ring with points no more than `step` degrees apart."""
    first, last = ring[:-1], ring[1:]
    many = np.maximum(1, np.ceil(np.abs(last - first).max(axis=1) / step)).astype(int)
    edge = np.repeat(np.arange(len(many)), many)
    t = (np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)) / many[edge]
    return np.vstack([first[edge] + t[:, None] * (last - first)[edge], ring[-1:]])


def holds(borders: Shapes, code: str, lat: Array, lon: Array) -> NDArray[np.bool_]:
    """Return whether points (n,) lie in one of the shapes: crossings of a ray to the east."""
    odd = np.zeros(len(lat), dtype=bool)
    for ring, _ in borders.of_country(code):  # a hole flips its inside back: no sign needed
        (west, south), (east, north) = ring.min(axis=0), ring.max(axis=0)
        near = np.flatnonzero((lat >= south) & (lat < north) & (lon <= east) & (lon >= west - 1e-9))
        if not len(near):
            continue
        x0, y0, x1, y1 = *ring[:-1].T, *ring[1:].T
        y, x = lat[near, None], lon[near, None]
        crosses = (y0 <= y) != (y1 <= y)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
        odd[near] ^= (crosses & (at > x)).sum(axis=1) % 2 == 1
    return odd


@lru_cache(maxsize=2)
def _border_tree(borders: Shapes) -> tuple[Any, NDArray[np.intp]]:
    """Points along all borders in a search tree, and whose they are."""
    from scipy.spatial import cKDTree

    rings = [dense(ring) for ring in borders.rings]
    points = np.concatenate(rings)
    owner = np.repeat(borders.owner, [len(ring) for ring in rings])
    return cKDTree(unit_vectors(points[:, 1], points[:, 0])), owner


def _km(first: Array, second: Array) -> Array:
    """Great-circle km between unit vectors, (n, m)."""
    cosine = np.clip(first @ second.T, -1.0, 1.0)
    return np.asarray(authalic_radius() * np.arccos(cosine))
