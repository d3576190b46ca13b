"""Placing one country's account: point sources first, then proxies, then provinces.

What is used and what might have been used instead come out together: their spread is the standard
deviation of the placement (`mriocarbon.atlas.layers`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas import points as pts
from mriocarbon.atlas import proxies as px
from mriocarbon.atlas.mask import Mask
from mriocarbon.atlas.provinces import Provinces
from mriocarbon.atlas.proxies import Spread
from mriocarbon.datasets.national import region_of
from mriocarbon.errors import InputError, listed
from mriocarbon.model.provenance import Note

Array = NDArray[np.float64]

URBAN_RATIO = 1.5
"""Emissions per head in cities over those outside, in the alternative that the standard deviation
of consumption's placement takes in (assumed)."""


@dataclass(frozen=True)
class Inputs:
    """What is the same for all countries of a layer."""

    name: str
    where: Mask
    people: Mapping[str, float]
    members: Mapping[str, tuple[str, ...]]
    points: pts.Points | None
    agriculture: Mapping[str, float]
    divided: Mapping[str, tuple[px.Ints, Array]] | None
    income: float | Array | None
    elasticity: float
    provinces: Mapping[str, Provinces]


@dataclass
class Placed:
    """The shares of one country's cells: as used, the alternatives, and by what they were made."""

    used: Spread
    others: list[Spread]
    point: float = 0.0
    point_spread: Spread | None = None
    by: dict[str, float] = field(default_factory=dict)
    own_sd: Array | None = None
    """Mt in the cells of `used`, where it is not the country's in proportion."""
    kind: str = ""
    """Of the point sources."""
    without: Spread | None = None
    """An alternative without the point sources."""

    def alternatives(self) -> list[tuple[Spread, bool]]:
        """Return all alternatives, each with whether it holds the point sources."""
        found = [(other, True) for other in self.others]
        return found if self.without is None else [*found, (self.without, False)]


def placed(code: str, value: float, sd: float, use: Inputs) -> Placed:
    """Return the shares of the cells of one country."""
    members = use.members[code]
    if use.name == "natural":
        if use.points is not None:
            spots = _at_points(code, use)
            assert spots is not None
            own_sd = _points_sd(code, use, spots.cells)
            return Placed(spots, [], 1.0, spots, {use.points.kind: 1.0}, own_sd)
        whole = px.land(use.where, members)
        others = [px.settled_land(use.where, members, near=near) for near in (True, False)]
        made = Placed(whole, others, by={"land": 1.0})
    else:
        made = _by_people(code, value, use)
    if code not in use.provinces:
        return made
    return _in_provinces(made, use.provinces[code], value, sd, _held(code, use))


def _by_people(code: str, value: float, use: Inputs) -> Placed:
    members = use.members[code]
    people = use.people.get(code, math.nan)
    ratio = use.income if isinstance(use.income, float) else 1.0

    def spread_of(**options: float) -> Spread:
        found = px.population(use.where, members, people, **{"urban_ratio": ratio, **options})
        return _by_income(found, use)

    by_default = spread_of()
    # What the placement may be instead: people wider around cities or all in them, and for what is
    # emitted where it is made, settled land.
    others = [spread_of(rural_km=2 * px.RURAL_KM), spread_of(rural_km=0.0)]
    if use.name == "production":
        others.append(px.settled_land(use.where, members[:1]))
    raster = None
    if use.divided is not None:
        raster = px.by_raster(use.where, members, use.divided)
    used = by_default
    if raster is not None:
        used = _by_income(raster, use)
        others.append(by_default)
    elif use.name == "consumption" and use.income is None:
        others.append(spread_of(urban_ratio=URBAN_RATIO))
    cities = px.city_share(use.where.grid, code, people)
    names = {"city points": cities, "people outside cities": 1.0 - cities}
    if raster is not None:
        names = {"population raster": 1.0}
    if use.name == "consumption":
        return Placed(used, others, by=names)
    farms = use.agriculture.get(region_of().get(code, "ROW"), 0.0)
    spots = _at_points(code, use)
    held = 0.0
    if spots is not None and use.points is not None and value > 0:
        held = min(1.0, use.points.total()[code] / value)
    farms = min(max(farms, 0.0), 1.0 - held)
    rest = 1.0 - held - farms
    whole = px.land(use.where, members)
    fixed = [(farms, whole)] + ([(held, spots)] if spots is not None else [])
    made = Placed(
        px.mix([*fixed, (rest, used)]),
        [px.mix([*fixed, (rest, other)]) for other in others],
        held,
        spots,
        {"land (agriculture)": farms, **{key: rest * part for key, part in names.items()}},
    )
    if spots is not None and use.points is not None:
        made.by[use.points.kind] = held
        made.kind = use.points.kind
        if not use.points.given:
            made.without = px.mix([(farms, whole), (1.0 - farms, used)])
    return made


def _at_points(code: str, use: Inputs) -> Spread | None:
    if use.points is None:
        return None
    own = np.array([one == code for one in use.points.iso3])
    if not own.any() or not use.points.mt[own].sum() > 0:
        return None
    rows, columns = use.where.grid.cell(use.points.lat[own], use.points.lon[own])
    return px.spread(rows * use.where.grid.shape[1] + columns, use.points.mt[own])


def _points_sd(code: str, use: Inputs, cells: px.Ints) -> Array:
    """The deviations of a country's points by cell, in quadrature, Mt."""
    assert use.points is not None
    own = np.array([one == code for one in use.points.iso3]) & (use.points.mt > 0)
    rows, columns = use.where.grid.cell(use.points.lat[own], use.points.lon[own])
    at = np.searchsorted(cells, rows * use.where.grid.shape[1] + columns)
    squares = np.bincount(at, use.points.sd[own] ** 2, len(cells))
    return np.asarray(np.sqrt(squares), dtype=np.float64)


def _held(code: str, use: Inputs) -> dict[str, tuple[px.Ints, Array]]:
    """Cells and Mt of the point sources of a country, by province."""
    if use.points is None:
        return {}
    own = np.array([one == code for one in use.points.iso3], dtype=bool)
    lat, lon, mt = use.points.lat[own], use.points.lon[own], use.points.mt[own]
    rows, columns = use.where.grid.cell(lat, lon)
    cells = rows * use.where.grid.shape[1] + columns
    ids = np.array(use.provinces[code].holding(lat, lon), dtype=object)
    return {str(id): (cells[ids == id], mt[ids == id]) for id in set(ids.tolist())}


def in_provinces(points: pts.Points, provinces: Mapping[str, Provinces]) -> pts.Points:
    """Return points that hold no more than their province has.

    Estimated points are scaled down to their province, and left out where they lie in none (more
    than 100 km from its border); a note says so.

    Raises
    ------
    InputError
        Points whose emissions were given exceed their province, or lie in none.
    """
    mt, spread = points.mt.copy(), points.sd.copy()
    iso3 = np.array(points.iso3)
    notes = list(points.notes)
    for code, held in provinces.items():
        own = np.flatnonzero(iso3 == code)
        ids = np.array(held.holding(points.lat[own], points.lon[own]), dtype=object)
        told: list[str] = []
        for id in sorted(set(ids.tolist())):
            there = own[ids == id]
            total = float(mt[there].sum())
            limit = max(0.0, held[id].value) if id else 0.0
            if total <= limit * (1 + 1e-9):
                continue
            if points.given:
                raise InputError(
                    f"the point sources of {code} emit {total:,.4g} Mt in "
                    + (f"province {id!r}, which has {limit:,.4g} Mt" if id else "no province"),
                    where="points, provinces",
                    do="see that both are of one year and in Mt, and that the places are right",
                )  # fmt: skip
            mt[there] *= limit / total
            spread[there] *= limit / total
            told.append(f"{id} x {limit / total:.2f}" if id else f"in none: {len(there)} left out")
        if told:
            text = f"{code}: point sources scaled down to their province: {listed(told)}"
            notes.append(Note(text, about="points", estimated=True))
    kept = mt > 0
    return replace(
        points,
        iso3=tuple(iso3[kept].tolist()),
        lat=points.lat[kept],
        lon=points.lon[kept],
        mt=mt[kept],
        sd=spread[kept],
        notes=tuple(notes),
    )


def _by_income(found: Spread, use: Inputs) -> Spread:
    if use.income is None or isinstance(use.income, float):
        return found
    own = use.income.ravel()[found.cells]
    known = ~np.isnan(own)
    if not known.any():
        return found
    mean = np.average(own[known], weights=found.weight[known])
    if not mean > 0:
        return found
    factor = np.where(known, own / mean, 1.0) ** use.elasticity
    return px.spread(found.cells, found.weight * factor)


def _in_provinces(
    made: Placed,
    held: Provinces,
    value: float,
    sd: float,
    points: Mapping[str, tuple[px.Ints, Array]],
) -> Placed:
    """Move the shares so that every province has its value; its own sd where it has one.

    Point sources stay where they are; what a province has beyond them is spread by the proxies.
    """
    size = held.grid.area.size
    at_points = np.zeros(size)
    if made.point_spread is not None:
        at_points[made.point_spread.cells] = made.point * made.point_spread.weight

    def moved(old: Spread, *, around: bool) -> tuple[Spread, Array]:
        """The new shares; `around` the points, or as if there were none."""
        pattern = np.zeros(size)
        pattern[old.cells] = old.weight
        total, squares = np.zeros(size), np.zeros(size)
        there = points if around else {}
        if around:
            pattern = np.maximum(0.0, pattern - at_points)
        less = {id: float(mt.sum()) for id, (_, mt) in there.items()}
        found = held.place(pattern.reshape(held.grid.shape), less)
        for one in held.all:
            cells, amount = found[one.id]
            if one.id in there:
                every = np.concatenate([cells, there[one.id][0]])
                both = np.concatenate([amount, there[one.id][1]])
                cells, back = np.unique(every, return_inverse=True)
                amount = np.asarray(np.bincount(back, both), dtype=np.float64)
            total[cells] += amount / value
            own = one.sd if math.isfinite(one.sd) else abs(one.value / value) * sd
            squares[cells] += (own * amount / one.value) ** 2 if one.value else 0.0
        cells = np.flatnonzero(total)
        return Spread(cells, total[cells]), np.sqrt(squares[cells])

    used, own_sd = moved(made.used, around=True)
    others = [moved(other, around=with_points)[0] for other, with_points in made.alternatives()]
    by = {"provinces": 1.0 - made.point}
    if made.point_spread is not None:
        by[made.kind] = made.point
    return Placed(used, others, made.point, made.point_spread, by, own_sd)
