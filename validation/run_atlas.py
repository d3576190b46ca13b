"""The carbon map: areas of the earth and of countries, sums of cells, electricity by country.

Areas and sums must agree. What the map assumes of power plants is compared with the inventories,
and reported: net efficiencies and heat differ by country, and no figure of theirs is in the map.
"""

from __future__ import annotations

import sys

import numpy as np

from mriocarbon.atlas import electricity as power
from mriocarbon.atlas import points as pts
from mriocarbon.atlas.grid import Grid, authalic_radius, zone_area
from mriocarbon.atlas.layers import layer
from mriocarbon.atlas.mask import mask
from mriocarbon.atlas.shapes import shapes
from mriocarbon.datasets.database import database
from mriocarbon.datasets.load import load
from mriocarbon.datasets.national import region_of
from validation._check import Report, data_folder

YEAR = 2022
SURFACE = "510065621.724"  # km2
RADIUS = "6371007.1809"  # m
NAMES = ("production", "consumption", "natural")


def main() -> int:
    """Return 1 if an area or a sum is off."""
    report = Report("Carbon map")
    areas(report)
    polygons(report)
    sums(report)
    electricity(report)
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
    report.true("the sum is within 20 % of the inventories'", abs(total - 1) < 0.2)
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
        " its coal and oil electricity",
        worst <= 1 + 1e-9,
    )


if __name__ == "__main__":
    sys.exit(main())
