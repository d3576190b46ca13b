"""Where within a country people and land are: the proxies that spread a national figure.

A `Spread` is a set of cells with weights that sum to one. Every proxy is one function that makes a
spread of a country on a grid; `mix` joins them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas.grid import Grid, authalic_radius, unit_vectors
from mriocarbon.atlas.mask import Mask, mask
from mriocarbon.atlas.shapes import cities, nearest_many, shapes
from mriocarbon.errors import InputError

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

RURAL_KM = 50.0
"""How fast people outside the listed cities thin out with distance from them, km."""
SETTLED_KM = 100.0
"""The same for settled land, km (assumed)."""
NEIGHBOURS = 40
"""City points that are looked at from a cell."""
TYPICAL_CITY_SHARE = 0.32
"""Part of the people who live in the listed cities: the median of countries above one million
(taken where a territory's population is not known)."""


@dataclass(frozen=True)
class Spread:
    """Weights over cells.

    Attributes
    ----------
    cells : array of int, (n,)
        Positions in the raveled grid, ascending, each once.
    weight : array, (n,)
        They sum to one.
    """

    cells: Ints
    weight: Array

    def at(self, cells: Ints) -> Array:
        """Return the weights at other cells, zero where this spread has none."""
        k = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
        return np.where(self.cells[k] == cells, self.weight[k], 0.0)


def spread(cells: Ints, amount: Array) -> Spread:
    """Return the spread of amounts over cells, which may be doubled.

    Raises
    ------
    InputError
        An amount is negative or not finite, or all are zero.

    Examples
    --------
    >>> made = spread(np.array([5, 3, 5]), np.array([1.0, 2.0, 1.0]))
    >>> made.cells.tolist(), made.weight.tolist()
    ([3, 5], [0.5, 0.5])
    """
    if not np.isfinite(amount).all() or (amount < 0).any():
        raise InputError(
            "an amount to spread by is negative or not finite", where="spread", do="mend the proxy"
        )
    total = amount.sum()
    if not total > 0:
        raise InputError("nothing to spread by: all amounts are zero", where="spread")
    kept = amount > 0
    own, back = np.unique(cells[kept], return_inverse=True)
    return Spread(own, np.bincount(back, amount[kept], len(own)) / total)


def mix(parts: Iterable[tuple[float, Spread]]) -> Spread:
    """Return the weighted sum of spreads; parts that sum to one give a spread again.

    Examples
    --------
    >>> one = Spread(np.array([1]), np.array([1.0]))
    >>> two = Spread(np.array([1, 2]), np.array([0.5, 0.5]))
    >>> mix([(0.5, one), (0.5, two)]).weight.tolist()
    [0.75, 0.25]
    """
    used = [(part, one) for part, one in parts if part > 0]
    cells = np.concatenate([one.cells for _, one in used])
    amount = np.concatenate([part * one.weight for part, one in used])
    own, back = np.unique(cells, return_inverse=True)
    total: Array = np.asarray(np.bincount(back, amount, len(own)), dtype=np.float64)
    return Spread(own, total)


def land(where: Mask, members: Sequence[str]) -> Spread:
    """Return a country spread evenly over its land.

    Parameters
    ----------
    where : Mask
    members : sequence of str
        The country, then the territories counted in it.

    Examples
    --------
    >>> made = land(mask(Grid(1.0)), ["SGP"])
    >>> made.weight.tolist()
    [1.0]
    """
    pieces = [where[code] for code in members]
    if not any(piece.area.sum() > 0 for piece in pieces):
        return spread(pieces[0].cells, np.ones(len(pieces[0].cells)))
    return spread(
        np.concatenate([p.cells for p in pieces]), np.concatenate([p.area for p in pieces])
    )


def settled_land(where: Mask, members: Sequence[str], *, near: bool = True) -> Spread:
    """Return a country spread over its land near cities, or far from them.

    Weights are area times exp(-d / 100 km), or one less it, d the distance to the nearest listed
    city: two pictures between which what depends on land may lie.
    """
    if not any(where[code].area.sum() > 0 for code in members):
        return land(where, members)
    pieces = [where[code] for code in members]
    cells = np.concatenate([p.cells for p in pieces])
    close = closeness(where.grid, SETTLED_KM)[cells]
    return spread(
        cells, np.concatenate([p.area for p in pieces]) * (close if near else 1.0 - close)
    )


def population(
    where: Mask,
    members: Sequence[str],
    people: float = math.nan,
    *,
    rural_km: float = RURAL_KM,
    urban_ratio: float = 1.0,
) -> Spread:
    """Return a country spread by its people: city points, and the rest around them.

    City points get their people (all people, where the points hold more than the country). The
    rest, ``people - sum of cities``, goes to the country's land in proportion to::

        area x sum_j P_j exp(-d_j / rural_km)

    over the 40 nearest city points of any country, P their people and d their distance from the
    cell's centre: people live around people. No census is behind it; ``validation/run_atlas.py``
    compares it with the people of known parts of countries. Territories counted in the country get
    the people of their cities, raised by the country's own ratio of all people to those of cities.

    Parameters
    ----------
    where : Mask
    members : sequence of str
        The country, then the territories counted in it.
    people : float
        Persons in the country; NaN if not known: then its cities hold `TYPICAL_CITY_SHARE`.
    rural_km : float
        ``inf``: the rest evenly over the land; 0: nothing outside the cities.
    urban_ratio : float
        What a person in a listed city counts, against one outside (emissions per head). An
        assumption of the caller; 1 for people alone.

    Examples
    --------
    >>> made = population(mask(Grid(1.0)), ["FRA"], 66e6)
    >>> float(round(made.weight.sum(), 12)), float(made.weight.max()) > 0.1
    (1.0, True)
    """
    own = members[0]
    where_cities, persons = _cities(where.grid)
    listed = persons.get(own)
    in_cities = float(listed.sum()) if listed is not None else 0.0
    if in_cities == 0.0:
        return land(where, members[:1])
    if not people > 0:
        people = in_cities / TYPICAL_CITY_SHARE
    raise_by = max(1.0, people / in_cities)
    cells, amounts = [where_cities[own]], [persons[own] * urban_ratio]
    rest = max(0.0, people - in_cities)
    piece = where[own]
    if rural_km <= 0:
        rest = 0.0
    if rest > 0:
        wish = piece.area if piece.area.sum() > 0 else np.ones(len(piece.cells))
        if math.isfinite(rural_km):
            wish = wish * around(where.grid, rural_km)[piece.cells]
        cells.append(piece.cells)
        amounts.append(rest * wish / wish.sum())
    for code in members[1:]:
        if code in persons:
            cells.append(where_cities[code])
            amounts.append(persons[code] * (raise_by if rest > 0 else 1.0))
    return spread(np.concatenate(cells), np.concatenate(amounts))


def city_share(grid: Grid, iso3: str, people: float) -> float:
    """Return the part of a country's people who live in the listed cities, 0 to 1."""
    persons = _cities(grid)[1].get(iso3)
    if persons is None:
        return 0.0
    return min(1.0, float(persons.sum()) / people) if people > 0 else TYPICAL_CITY_SHARE


def by_raster(
    where: Mask, members: Sequence[str], divided: Mapping[str, tuple[Ints, Array]]
) -> Spread | None:
    """Return a country spread by a raster that `divide` has cut up; None if it has nothing there.

    A country without a polygon has its one cell.
    """
    if not where[members[0]].area.sum() > 0:
        return land(where, members[:1])
    found = [divided[code] for code in members if code in divided]
    if not found or not sum(float(amount.sum()) for _, amount in found) > 0:
        return None
    return spread(np.concatenate([c for c, _ in found]), np.concatenate([a for _, a in found]))


def divide(
    where: Mask, values: Array, people: Mapping[str, float], *, reach_km: float = 100.0
) -> tuple[dict[str, tuple[Ints, Array]], float]:
    """Cut a raster of amounts up by countries.

    A cell goes to the countries in it in proportion to their land; a cell of the sea to the
    country with the nearest border, if that is within `reach_km`. The people of a country without
    a polygon are first taken out of its cell.

    Parameters
    ----------
    where : Mask
    values : array, (rows, columns)
        Not negative; NaN is missing and is spread to no one.
    people : mapping
        Persons by country, in the unit of the raster.
    reach_km : float

    Returns
    -------
    tuple
        Country -> cells and amounts; and the part of the raster that is in no country.

    Raises
    ------
    InputError
        Another shape than the grid's, negative cells, or no amount at all.
    """
    raster = np.array(values, dtype=np.float64)
    if raster.shape != where.grid.shape:
        raise InputError(
            f"the raster has shape {raster.shape}, the grid {where.grid.shape}",
            where="raster",
            do="read it with mriocarbon.atlas.raster.read(path, grid), which names the resampling",
        )
    if np.isinf(raster).any() or (raster < 0).any():
        raise InputError(
            "the raster has negative or infinite cells",
            where="raster",
            do="declare missing cells as NaN; amounts are not negative",
        )
    flat = np.nan_to_num(raster.ravel(), nan=0.0)
    everything = float(flat.sum())
    if not everything > 0:
        raise InputError(
            "the raster holds no amount", where="raster", do="look at its nodata value"
        )
    total = np.zeros(flat.size)
    for piece in where.pieces.values():
        total[piece.cells] += piece.area
        if not piece.area.sum() > 0:
            held = people.get(piece.iso3, 0.0)
            if held > 0:
                flat[piece.cells[0]] = max(0.0, flat[piece.cells[0]] - held)
    out: dict[str, tuple[Ints, Array]] = {}
    for code, piece in where.pieces.items():
        if piece.area.sum() > 0:
            out[code] = (piece.cells, flat[piece.cells] * piece.area / total[piece.cells])
    sea = np.flatnonzero((total == 0) & (flat > 0))
    outside = 0.0
    if len(sea):
        rows, columns = np.divmod(sea, where.grid.shape[1])
        owners, km = nearest_many(shapes(), where.grid.lat[rows], where.grid.lon[columns])
        close = km <= reach_km
        outside = float(flat[sea[~close]].sum()) / everything
        for code in np.unique(owners[close]):
            own = sea[close & (owners == code)]
            cells, amount = out[str(code)]
            out[str(code)] = (np.append(cells, own), np.append(amount, flat[own]))
    return out, outside


@lru_cache(maxsize=8)
def closeness(grid: Grid, decay_km: float) -> Array:
    """Return exp(-d / decay_km) for all cells with land, d km to the nearest city; else zero."""
    cells, km, _ = _near_cities(grid)
    return _on_land(grid, cells, np.exp(-km[:, 0] / decay_km), 1e-9)


@lru_cache(maxsize=8)
def around(grid: Grid, decay_km: float) -> Array:
    """Return sum_j P_j exp(-d_j / decay_km) over city points for cells with land; else zero."""
    cells, km, people = _near_cities(grid)
    return _on_land(grid, cells, (people * np.exp(-km / decay_km)).sum(axis=1), 1e-3)


def _on_land(grid: Grid, cells: Ints, values: Array, least: float) -> Array:
    out = np.zeros(grid.area.size)
    # The floor, far below one person, keeps a country without listed cities from having no weight.
    out[cells] = np.maximum(values, least)
    out.setflags(write=False)
    return out


@lru_cache(maxsize=2)
def _near_cities(grid: Grid) -> tuple[Ints, Array, Array]:
    """Cells with land; km to their nearest city points and the people of these, (n, 40)."""
    from scipy.spatial import cKDTree

    where = mask(grid)
    cells = np.unique(np.concatenate([piece.cells for piece in where.pieces.values()]))
    rows, columns = np.divmod(cells, grid.shape[1])
    known = cities()
    tree = cKDTree(unit_vectors(known.lat, known.lon))
    chord, which = tree.query(unit_vectors(grid.lat[rows], grid.lon[columns]), k=NEIGHBOURS)
    km = authalic_radius() * 2.0 * np.arcsin(np.minimum(1.0, chord / 2.0))
    return cells, km, known.population[which]


@lru_cache(maxsize=8)
def _cities(grid: Grid) -> tuple[dict[str, Ints], dict[str, Array]]:
    """Cells and persons of the city points, by country."""
    known = cities()
    rows, columns = grid.cell(known.lat, known.lon)
    flat = rows * grid.shape[1] + columns
    order = np.argsort(known.country, kind="stable")
    codes, start = np.unique(known.country[order], return_index=True)
    groups = np.split(order, start[1:])
    cells = {str(code): flat[own] for code, own in zip(codes, groups, strict=True)}
    return cells, {
        str(code): known.population[own] for code, own in zip(codes, groups, strict=True)
    }
