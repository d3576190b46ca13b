"""Placing one country's account: point sources first, then proxies, then provinces.

What is used and what might have been used instead come out together: their spread is the standard
deviation of the placement (`mriocarbon.atlas.layers`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas import points as pts
from mriocarbon.atlas import proxies as px
from mriocarbon.atlas.mask import Mask
from mriocarbon.atlas.provinces import Provinces
from mriocarbon.atlas.proxies import Spread
from mriocarbon.datasets.national import region_of

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
    relative_sd: Array | None = None


def placed(code: str, value: float, sd: float, use: Inputs) -> Placed:
    """Return the shares of the cells of one country."""
    members = use.members[code]
    if use.name == "natural":
        if use.points is not None:
            spots = _at_points(code, use)
            assert spots is not None
            return Placed(spots, [], 1.0, spots, {use.points.kind: 1.0})
        whole = px.land(use.where, members)
        others = [px.settled_land(use.where, members, near=near) for near in (True, False)]
        made = Placed(whole, others, by={"land": 1.0})
    else:
        made = _by_people(code, value, use)
    return _in_provinces(made, use.provinces[code], value, sd) if code in use.provinces else made


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
        if not use.points.given:
            made.others.append(px.mix([(farms, whole), (1.0 - farms, used)]))
    return made


def _at_points(code: str, use: Inputs) -> Spread | None:
    if use.points is None:
        return None
    own = np.array([one == code for one in use.points.iso3])
    if not own.any() or not use.points.mt[own].sum() > 0:
        return None
    rows, columns = use.where.grid.cell(use.points.lat[own], use.points.lon[own])
    return px.spread(rows * use.where.grid.shape[1] + columns, use.points.mt[own])


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


def _in_provinces(made: Placed, held: Provinces, value: float, sd: float) -> Placed:
    """Move the shares so that every province has its value; its own sd where it has one."""
    size = held.grid.area.size

    def moved(old: Spread) -> tuple[Spread, Array]:
        pattern = np.zeros(size)
        pattern[old.cells] = old.weight
        found = held.place(pattern.reshape(held.grid.shape))
        total, squares = np.zeros(size), np.zeros(size)
        for one in held.all:
            cells, amount = found[one.id]
            total[cells] += amount / value
            own = one.sd if math.isfinite(one.sd) else abs(one.value / value) * sd
            squares[cells] += (own * amount / one.value) ** 2 if one.value else 0.0
        cells = np.flatnonzero(total)
        return Spread(cells, total[cells]), np.sqrt(squares[cells])

    used, own_sd = moved(made.used)
    others = [moved(other)[0] for other in made.others]
    return Placed(used, others, 0.0, None, {"provinces": 1.0}, own_sd)
