"""Exported solar and wind technology of China in 2024, against values known beforehand.

The exported capacity is the producers' own. The other values were found beforehand from the same
open data by another calculation, whose choices are recorded in part only. Each is printed beside
two ways to count, named in its row: the default (generation over mean capacity, 2018-2022, right
for a fleet that grows) and the other (2022, over capacity at the year's end). Which of them the
known values took is not recorded, so that none can pass or fail: they are compared and not judged.
That the rows which agree go on to agree is held by a test. Nothing is tuned to them.
"""

from __future__ import annotations

import sys

import numpy as np

import mriocarbon as mc
from mriocarbon.avoided.avoided import Avoided, avoided, by_margin
from mriocarbon.avoided.exports import WIND_MW, WIND_TURBINES, exports
from mriocarbon.avoided.manufacture_mrio import multiplier, unit_values
from mriocarbon.avoided.manufacture_published import against_published
from mriocarbon.avoided.payback import payback_years
from mriocarbon.avoided.yields import Yields, capacity_factors
from mriocarbon.datasets.database import database
from mriocarbon.studies.green_exports_2024 import GreenExports, green_exports
from mriocarbon.studies.green_exports_claim import OTHERS
from validation._check import Report, half_unit, table

MAIN = "panels and wind turbines"
FURTHER = "panels, cells and wafers"
ALL = ("panels", "cells", "wafers")
DEFAULT = "capacity factors of 2018-2022 over mean capacity"
OTHER = "capacity factors of 2022 over capacity at the year's end"
KNOWN = (
    # scope, margin, known (as printed; two ends of a range), the ways found to agree with it
    ("panels", "average", ("123", "133"), (OTHER,)),
    ("panels", "combined", ("143", "143"), (OTHER,)),
    ("panels", "operating", ("166", "174"), (OTHER,)),
    (FURTHER, "average", ("225", "232"), (DEFAULT,)),
    (FURTHER, "operating", ("296", "296"), ()),
    ("wind turbines", "average", ("9", "9"), (DEFAULT,)),
    ("wind turbines", "combined", ("9", "9"), ()),
)
"""First year, Mt CO2e. Which way agrees is written down for the test alone: it judges no row."""


def main() -> int:
    """Run all cases; return 1 if one fails."""
    report = Report("Exported low-carbon technology")
    capacity(report)
    study = green_exports(2024, draws=1000)
    known(report, study)
    manufacture(report, study)
    identities(report, study)
    claim(report, study)
    return report.finish()


def capacity(report: Report) -> None:
    report.source("Ember, China solar exports data (CC BY 4.0), sums over 2024; data opened")
    sent = exports("CHN", "solar", 2024, products=("panels", "cells", "wafers")).by("product")
    for product, printed in (("panels", "237.2"), ("cells", "56.6"), ("wafers", "60.3")):
        report.printed(f"{product}, GW", float(sent[product]) / 1e3, printed)
    report.say(
        f"wind is typed from the press ({WIND_TURBINES} turbines, {WIND_MW:,} MW, shares of five"
        " countries): no second source is at hand to check it with"
    )


def known(report: Report, study: GreenExports) -> None:
    report.source(
        "values known beforehand from the same open data, first year, Mt CO2e; their way of"
        " counting is not recorded (a comparison, neither passed nor failed)"
    )
    year_end = {
        name: capacity_factors(name, years=[2022], basis="year-end") for name in ("solar", "wind")
    }
    ways: tuple[tuple[str, dict[str, Yields] | None], ...] = ((OTHER, year_end), (DEFAULT, None))
    sent = {
        "panels": exports("CHN", "solar", 2024),
        FURTHER: exports("CHN", "solar", 2024, products=ALL),
        "wind turbines": exports("CHN", "wind", 2024),
    }
    of = {"average": "latest year to 2024", "combined": "2021", "operating": "2021"}
    for way, yields in ways:
        found = {k: by_margin(v, yields=yields, draws=2)["first_year"] for k, v in sent.items()}
        for scope, margin, (low, high), _ in KNOWN:
            what = f"{scope}, {margin}, grid factors of {of[margin]}, {way}"
            compared(report, what, float(found[scope][margin]), low, high)
    study_life = study.scenario(MAIN, "combined", "lifetime").amount.value / 1e3
    compared(report, f"lifetime of {MAIN}, combined, Gt, {DEFAULT}", study_life, "1.7", "5.8")
    by_hand(report, avoided(sent["panels"], yields=year_end, draws=2), year_end["solar"])


def compared(report: Report, what: str, value: float, low: str, high: str) -> None:
    """Print beside a figure or a range; up to half a printed unit beyond its ends agrees."""
    ends = float(low), float(high)
    told = low if low == high else f"{low} to {high}"
    beyond = max(ends[0] - value, value - ends[1], 0.0)
    meets = "agrees" if beyond <= half_unit(low) else f"differs by {beyond:.3g}"
    report.compared(
        what, value, told, f"how it was counted is not known; {meets}",
        told=f"known {told}, computed {value:.6g}, {meets}",
    )  # fmt: skip


def by_hand(report: Report, run: Avoided, fleet: Yields) -> None:
    """Recompute first years in plain loops from the rows of the database: no function of ours."""
    report.source("IRENA, IFI and Ember: first year by destination, worked out from their rows")
    db = database()
    solar = db.table("energy", source="irena-2024", item="Solar photovoltaic", year=2022)
    amounts: dict[str, dict[str, float]] = {}
    for region, variable, value in zip(
        solar["region"], solar["variable"], solar["value"], strict=True
    ):
        amounts.setdefault(str(region), {})[str(variable)] = float(value)
    grid = {
        str(r["region"]): float(r["value"])
        for _, r in db.table("grid_factors", source="ifi-grid-2021").iterrows()
        if r["variable"] == "grid factor, combined margin" and "intermittent" in str(r["item"])
    }
    trade = db.table("trade", source="ember-solar-exports", year=2024)
    trade = trade[(trade["category_name"] == "Panels") & (trade["unit"] == "MW")]
    mw: dict[str, float] = {}
    for region, value in zip(trade["region"], trade["value"], strict=True):
        mw[str(region)] = mw.get(str(region), 0.0) + float(value)
    own = set(fleet.table.index[fleet.table["value"].notna()])
    places = sorted(p for p in mw if p in own and p in grid and mw[p] > 0)
    expected = []
    for place in places:
        gwh = amounts[place]["electricity generation"]
        full = amounts[place]["installed capacity"] * 8760 / 1000
        expected.append(mw[place] * 8760 * gwh / full * grid[place] * 1000 / 1e12)
    found = run.by("destination")["first_year"]
    report.same(f"panels, combined margin, {OTHER}, {len(places)} destinations",
                [float(found[p]) for p in places], expected, rtol=1e-9)  # fmt: skip


def against(report: Report, what: str, value: float, low: float, high: float) -> None:
    """Compare with a range; its ends are given as "about", which is taken as 5 %."""
    middle = (low + high) / 2
    told = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    report.printed(
        f"{what}; known: about {told}", value, f"{middle:g}", opened=False,
        tolerance=(high - low) / 2 + 0.05 * middle, why="half the range and 5 %",
    )  # fmt: skip


def manufacture(report: Report, study: GreenExports) -> None:
    report.source("manufacture of the order of 100 Mt; not opened")
    gate = study.made.of(product="panels")
    against(report, f"panels, cradle to gate, Mt ({gate.low:.0f} to {gate.high:.0f})", gate.value,
            80.0, 130.0)  # fmt: skip
    report.say("published figures per kW beside the chain of stages:")
    frame = against_published(study.made)
    rows = [
        [r["what"], r["published"], r["chain"], f"{r['chain_low']:.0f} to {r['chain_high']:.0f}",
         "yes" if r["inside"] else "NO", r["status"]]
        for _, r in frame.iterrows()
    ]  # fmt: skip
    print(table(["kg CO2e per kW", "published", "chain", "95 %", "inside", "status"], rows))
    then, now = unit_values(2022)["panels"], unit_values(2024)["panels"]
    report.say(f"panels cost {then:.0f} USD/kW in 2022 and {now:.0f} in 2024 (customs values)")


def identities(report: Report, study: GreenExports) -> None:
    report.source("identities")
    parts = np.sum([p.amount.draws for p in study.made.parts], axis=0)
    report.same("stages of manufacture add up, draw by draw", parts, study.made.draws, rtol=1e-12)
    world = mc.load("oecd-icio-2022")
    made = np.where(world.x > 0, world.x, 1.0)
    s = np.where(world.x > 0, world.extensions["GHG"].F[0] / made, 0.0)
    whole = 1e3 * mc.leontief(world).multipliers(s[None]).value[0]
    start = world.regions.index("CHN") * len(world.sectors)
    sectors = ("C26", "C27", "C28")
    report.same(
        "multipliers: emissions of (I - A)^-1 e against s (I - A)^-1",
        [multiplier(world, "CHN", name).total for name in sectors],
        [whole[start + world.sectors.index(name)] for name in sectors], rtol=1e-9,
    )  # fmt: skip
    p = study.paybacks[MAIN, "process"]
    by_age = study.avoided.draws.by_age
    sums = np.column_stack([np.zeros(len(by_age)), by_age.cumsum(axis=1)])
    at = [np.interp(t, np.arange(sums.shape[1]), row) for t, row in zip(p.draws, sums, strict=True)]
    report.same("avoided up to the payback is what was emitted", at, study.made_main.draws,
                rtol=1e-9)  # fmt: skip
    report.printed("no decline: payback of 3 at 2 a year", float(payback_years(3.0, [2.0] * 9)),
                   "1.5")  # fmt: skip
    for margin in ("average", "combined", "operating"):
        products = study.scenario("panels", margin, "lifetime").amount.value
        both = study.scenario(MAIN, margin, "lifetime").amount.value
        wind = green_exports(2024, technology="wind", draws=100)
        alone = wind.scenario("wind turbines", margin, "lifetime").amount.value
        report.same(f"panels and wind add up, {margin}", [products + alone], [both], rtol=1e-9)


def claim(report: Report, study: GreenExports) -> None:
    assert study.claim is not None
    report.source(study.claim.source)
    for line in study.verdict:
        report.say(line)
    report.source("another estimate of exports of that year, of other goods as well")
    for one in OTHERS:
        report.say(f"{one.what}: {one.value:g} {one.unit} [{one.status}]")


if __name__ == "__main__":
    sys.exit(main())
