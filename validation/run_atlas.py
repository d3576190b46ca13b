"""The carbon map: areas of the earth and of countries, sums of cells, electricity by country.

Areas and sums must agree. What the map assumes of power plants is compared with the inventories,
and reported: net efficiencies and heat differ by country, and no figure of theirs is in the map.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.typing import NDArray

from mriocarbon.atlas import electricity as power
from mriocarbon.atlas import points as pts
from mriocarbon.atlas.grid import Grid, authalic_radius, zone_area
from mriocarbon.atlas.layers import CITY_YEAR, _people, layer
from mriocarbon.atlas.mask import mask, overlap
from mriocarbon.atlas.proxies import city_share, population
from mriocarbon.atlas.shapes import shapes
from mriocarbon.datasets.database import database
from mriocarbon.datasets.load import load
from mriocarbon.datasets.national import region_of
from validation._check import Report, data_folder

Array = NDArray[np.float64]
YEAR = 2022
SURFACE = "510065621.724"  # km2
RADIUS = "6371007.1809"  # m
NAMES = ("production", "consumption", "natural")
Corners = list[tuple[float, float]]
# Corners (longitude, latitude), million people 2023, Mt CO2 of energy 2023.
# fmt: off
STATES: dict[str, tuple[Corners, str, str]] = {
    "Colorado": ([(-109.05, 37), (-102.05, 37), (-102.05, 41), (-109.05, 41)], "5.88", "82.2"),
    "Wyoming": ([(-111.05, 41), (-104.05, 41), (-104.05, 45), (-111.05, 45)], "0.584", "54.3"),
    "Kansas": ([(-102.05, 37), (-94.62, 37), (-94.62, 39.1), (-95.3, 40), (-102.05, 40)],
               "2.94", "57.8"),
    "Utah": ([(-114.05, 37), (-109.05, 37), (-109.05, 41), (-111.05, 41), (-111.05, 42),
              (-114.05, 42)], "3.42", "55.0"),
    "North Dakota": ([(-104.05, 45.94), (-96.56, 45.94), (-97.2, 49), (-104.05, 49)],
                     "0.784", "54.3"),
    "South Dakota": ([(-104.06, 43), (-98.5, 43), (-96.5, 42.5), (-96.45, 45.3), (-96.56, 45.94),
                      (-104.04, 45.94)], "0.919", "15.1"),
    "New Mexico": ([(-109.05, 31.33), (-108.2, 31.33), (-108.2, 31.78), (-106.53, 31.78),
                    (-106.62, 32), (-103.06, 32), (-103, 37), (-109.05, 37)], "2.114", "42.2"),
    "Arizona": ([(-114.8, 32.5), (-111.07, 31.33), (-109.05, 31.33), (-109.05, 37), (-114.05, 37),
                 (-114.05, 36.2), (-114.7, 35.1)], "7.431", "83.0"),
    "California": ([(-124.4, 42), (-120, 42), (-120, 39), (-114.63, 35), (-114.7, 32.72),
                    (-117.12, 32.53), (-120.7, 34.4), (-124.5, 40.4)], "38.97", "324.3"),
    "Nevada": ([(-120, 39), (-114.63, 35), (-114.05, 36.2), (-114.05, 42), (-120, 42)],
               "3.194", "39.3"),
    "Texas": ([(-106.62, 32), (-103.06, 32), (-103.04, 36.5), (-100, 36.5), (-100, 34.56),
               (-94.04, 33.55), (-94.04, 31), (-93.7, 29.5), (-97.0, 27.6), (-97.1, 25.85),
               (-99.1, 26.4), (-101.4, 29.77), (-103.1, 28.98), (-104.5, 29.6), (-106.53, 31.78)],
              "30.50", "669.9"),
    "Florida": ([(-87.6, 31), (-85, 31), (-84.87, 30.7), (-82.05, 30.36), (-81.3, 30.7),
                 (-79.9, 26.8), (-80.2, 25.0), (-81.9, 25.9), (-83.0, 27.9), (-84, 29.9),
                 (-85.3, 29.5), (-87.5, 30.2)], "22.61", "229.5"),
    "Pennsylvania": ([(-80.52, 39.72), (-75.79, 39.72), (-74.75, 40.2), (-75.2, 41),
                      (-74.7, 41.36), (-75.35, 42), (-79.76, 42), (-80.52, 42.3)],
                     "12.96", "200.9"),
    "Tennessee": ([(-90.3, 35), (-84.32, 35), (-81.68, 36.59), (-89.5, 36.5)], "7.126", "88.5"),
}
# fmt: on


def main() -> int:
    """Return 1 if an area or a sum is off."""
    report = Report("Carbon map")
    areas(report)
    polygons(report)
    sums(report)
    electricity(report)
    people(report)
    states(report)
    return report.finish()


def areas(report: Report) -> None:
    """The surface of the ellipsoid, from its cells."""
    report.source(
        "WGS 84: a = 6378137 m, 1/f = 298.257223563; surface and authalic radius of that ellipsoid"
        " as other public software has them"
    )
    for step in (0.25, 0.5, 1.0, 5.0):
        report.printed(
            f"sum of the cells of {step:g} degrees, km2", float(Grid(step).area.sum()), SURFACE
        )
    report.printed("authalic radius, m", authalic_radius() * 1e3, RADIUS)


def polygons(report: Report) -> None:
    """Areas of countries by cells against the shoelace rule, and against each other's grids."""
    report.source("the shoelace rule on 400 pieces of every edge, in the plane of equal areas")
    codes = shapes().codes
    by_rule = []
    for code in codes:
        total = 0.0
        for ring, hole in shapes().of_country(code):
            t = np.linspace(0, 1, 400, endpoint=False)[:, None]
            ends = np.stack([ring[:-1], ring[1:]])
            points = (ends[0][:, None] + t * (ends[1] - ends[0])[:, None]).reshape(-1, 2)
            x, y = np.radians(points[:, 0]), zone_area(points[:, 1])
            part = abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2)
            total += -part if hole else part
        by_rule.append(total)
    for step in (0.25, 0.5, 2.0):
        found = [mask(Grid(step))[code].area.sum() for code in codes]
        report.same(f"land of {len(codes)} countries, {step:g} degrees", found, by_rule, rtol=1e-6)


def sums(report: Report) -> None:
    """Cells of every country against its account."""
    report.source("the national accounts that the layers are made of (mriocarbon.atlas.national)")
    for name in NAMES:
        made = layer(name, YEAR)
        want = made.national["value"].dropna()
        found = made.by_country()
        report.same(
            f"{name}: cells of each country", [found[str(c)] for c in want.index], want, rtol=1e-9
        )
        report.say(
            f"{name}: {made.total:,.1f} {made.unit}, by point sources {made.shares['point']:.1%},"
            f" by proxies {made.shares['proxy']:.1%}, missing: "
            + (", ".join(sorted(made.missing)) or "none")
        )
        for kind, part in made.placement.items():
            report.say(f"    {part:6.1%} by {kind}")


def electricity(report: Report) -> None:
    """CO2 of power plants from generation against inventories and the OECD's industry D."""
    report.source(
        "UNFCCC Annex I inventories 2023, category 1.A.1.a (public electricity and heat), 2021"
    )
    told = database().table(
        "inventories", source="unfccc-annex-i-2023", category="1.A.1.a", gas="CO2", year=2021,
        scope="NGHGI",
    )  # fmt: skip
    by_region = dict(zip(told["region"], told["value"], strict=True))
    ours = power.electricity(2021)
    pairs = [
        (str(code), sum(ours[code].values()), float(value))
        for code, value in by_region.items()
        if code in ours and len(str(code)) == 3 and value > 1
    ]
    ratios = np.array([mine / theirs for _, mine, theirs in pairs])
    total = sum(mine for _, mine, _ in pairs) / sum(theirs for _, _, theirs in pairs)
    report.say(
        f"{len(pairs)} countries: sum of ours over theirs {total:.3f},"
        f" median {np.median(ratios):.3f},"
        f" quartiles {np.quantile(ratios, 0.25):.2f} to {np.quantile(ratios, 0.75):.2f}"
    )
    for code, mine, theirs in sorted(pairs, key=lambda row: -row[2])[:10]:
        report.say(f"    {code} {mine:8.1f} Mt, inventory {theirs:8.1f} Mt, {mine / theirs:.2f}")
    report.true(
        f"CO2 of power plants of {len(pairs)} countries over the inventories'",
        abs(total - 1) < 0.2, value=total, bound="0.8 to 1.2",
    )  # fmt: skip
    report.source("OECD greenhouse gases by industry 2022, industry D (electricity, gas, steam)")
    mrio = load("oecd-icio-2022")
    row = mrio.extensions["GHG"].F[0].reshape(len(mrio.regions), len(mrio.sectors))
    mine_by: dict[str, float] = {}
    for code, fuels in power.electricity(YEAR).items():
        if len(code) == 3 and code != "WLD":
            region = region_of().get(code, "ROW")
            mine_by[region] = mine_by.get(region, 0.0) + sum(fuels.values())
    for region in ("CHN", "USA", "IND", "JPN", "EU27", "RUS", "KOR"):
        theirs = float(row[mrio.regions.index(region), mrio.sectors.index("D")])
        report.say(f"    {region} {mine_by[region]:8.1f} Mt CO2, OECD D {theirs:8.1f} Mt CO2e")
    if data_folder() is None:
        report.skip("point sources of the satellite catalogue", "MRIOCARBON_DATA names no folder")
        return
    report.source("satellite SO2 catalogue, Fioletov et al. (2023), doi:10.5194/essd-15-75-2023")
    found = pts.catalogue(YEAR)
    held = found.total()
    worst = max(
        value / (pts.CAP_SHARE * (fuels.get("coal", 0.0) + fuels.get("oil", 0.0)))
        for code, value in held.items()
        for fuels in [power.electricity(YEAR)[code]]
        if value > 0
    )
    report.true(
        f"{len(found)} power plants hold {found.mt.sum():,.0f} Mt, in no country more than half of"
        " its coal and oil electricity: most, over that half",
        worst <= 1 + 1e-9, value=worst, bound="at most 1",
    )  # fmt: skip


def ring(corners: Corners) -> Array:
    """A closed ring."""
    return np.array([*corners, corners[0]], dtype=np.float64)


def people(report: Report) -> None:
    """People in states of the United States, from city points and the rest around them."""
    report.source("US Census Bureau, resident population of the states 2023, as recalled")
    grid = Grid(0.25)
    total = 341.5e6
    report.say(
        "people in listed cities, 2022: "
        + ", ".join(
            f"{code} {city_share(grid, code, _people(CITY_YEAR)[code]):.0%}"
            for code in ("IND", "CHN", "USA")
        )
    )

    def by_state(**options: float) -> dict[str, float]:
        made = population(mask(grid), ["USA"], total, **options)
        found = np.zeros(grid.area.size)
        found[made.cells] = made.weight * total / 1e6
        shares = {name: overlap(ring(c), grid) / grid.area for name, (c, _, _) in STATES.items()}
        return {name: float((found.reshape(grid.shape) * p).sum()) for name, p in shares.items()}

    told = {name: float(census) for name, (_, census, _) in STATES.items()}
    held = by_state()
    for name, (_, census, _) in STATES.items():
        report.printed(
            f"{name}, million people", held[name], census, opened=False,
            tolerance=0.4 * told[name], why="40 % of it",
        )  # fmt: skip
    off = _rms([held[name] / told[name] for name in STATES])
    even = by_state(rural_km=math.inf)
    off_even = _rms([even[name] / told[name] for name in STATES])
    rms = "root mean square of ln(map / census)"
    report.true(rms, off < 0.25, value=off, bound="below 0.25")
    report.true(f"{rms}: people around cities are nearer than people spread evenly",
                off < off_even, value=off, bound=f"below {off_even:.4g}")  # fmt: skip


def states(report: Report) -> None:
    """Production on the map against the states' own accounts, with and without points."""
    report.source(
        "US Energy Information Administration, State Energy Data System, table CO2.1, 2023 (CO2 of"
        " energy), https://www.eia.gov/state/seds; borders of the states by a few corners"
    )
    spread = {}
    given: tuple[bool, ...] = (False,) if data_folder() is None else (False, True)
    for points in given:
        made = layer("production", 2023, resolution=0.25, points=points)
        both = {
            name: made.within(np.minimum(overlap(ring(corners), made.grid) / made.grid.area, 1.0))
            for name, (corners, _, _) in STATES.items()
        }
        sums = {name: value for name, (value, _) in both.items()}
        told = {name: float(eia) for name, (_, _, eia) in STATES.items()}
        ratios = [sums[name] / told[name] for name in STATES]
        spread[points] = _rms(ratios)
        way = "with the satellite catalogue" if points else "by proxies alone"
        report.say(f"{way}:")
        for name, value in sums.items():
            ratio = value / told[name]
            off = (value - told[name]) / both[name][1]
            report.say(
                f"    {name:14s} {value:7.1f} +- {both[name][1]:5.1f} Mt, EIA {told[name]:7.1f} Mt,"
                f" ratio {ratio:.2f}, {off:+.1f} sd"
            )
        report.say(f"    root mean square of ln(map / EIA): {spread[points]:.2f}")
        near = sum(abs(both[n][0] - told[n]) <= 2 * both[n][1] for n in STATES)
        report.say(f"    {near} of {len(STATES)} within two standard deviations")
        whole = sum(sums.values()) / sum(told.values())
        report.true(f"the {len(sums)} states together, {way}, over the EIA's sum",
                    abs(whole - 1) < 0.25, value=whole, bound="0.75 to 1.25")  # fmt: skip
    if len(spread) == 2:
        report.true(
            "root mean square of ln(map / EIA): point sources bring the map nearer",
            spread[True] < spread[False], value=spread[True], bound=f"below {spread[False]:.4g}",
        )  # fmt: skip
    else:
        report.skip("the same with point sources", "MRIOCARBON_DATA names no folder")


def _rms(ratios: list[float]) -> float:
    return float(np.sqrt(np.mean(np.log(ratios) ** 2)))


if __name__ == "__main__":
    sys.exit(main())
