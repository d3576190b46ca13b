"""Exported solar and wind technology of China in 2024, against values known beforehand.

The exported capacity is the producers' own. The other values were found beforehand from the same
open data by another calculation, whose choices are recorded in part only: they cannot be opened,
so they are shown with the deviation and never counted as passed or failed.
"""

from __future__ import annotations

import sys

import numpy as np

import mriocarbon as mc
from mriocarbon.avoided.exports import WIND_MW, WIND_TURBINES, exports
from mriocarbon.avoided.manufacture_mrio import multiplier, unit_values
from mriocarbon.avoided.manufacture_published import against_published
from mriocarbon.avoided.payback import payback_years
from mriocarbon.studies.green_exports_2024 import GreenExports, green_exports
from mriocarbon.studies.green_exports_claim import OTHERS
from validation._check import Report, table

MAIN = "panels and wind turbines"
FURTHER = "panels, cells and wafers"
KNOWN = (
    ("panels", "average", "first year", 123.0, 133.0),
    ("panels", "combined", "first year", 143.0, 143.0),
    ("panels", "operating", "first year", 166.0, 174.0),
    (FURTHER, "average", "first year", 225.0, 232.0),
    (FURTHER, "operating", "first year", 296.0, 296.0),
    (MAIN, "combined", "lifetime", 1700.0, 5800.0),
)


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
    report.source(
        "Chinese Wind Energy Association, as told by the press, March 2025: 904 turbines,"
        " 5,193.7 MW; press opened"
    )
    wind = exports("CHN", "wind", 2024)
    report.printed("turbines, MW", wind.total, "5193.7")
    report.true(f"{WIND_TURBINES} turbines of {WIND_MW:,} MW", WIND_TURBINES == 904)
    shares = 100 * wind.by("destination") / wind.total
    for code, printed in (("SAU", "15.0"), ("UZB", "13.1"), ("BRA", "12.5"), ("EGY", "10.0"),
                          ("KAZ", "7.2")):  # fmt: skip
        report.printed(f"share of {code}, %", float(shares[code]), printed)


def known(report: Report, study: GreenExports) -> None:
    report.source("values known beforehand from the same open data; not opened")
    for scope, margin, horizon, low, high in KNOWN:
        one = study.scenario(scope, margin, horizon)
        against(report, f"{one.name}, Mt (grid factors of {one.grid_years}, capacity factors of"
                f" {one.yield_years}; {one.amount.low:.0f} to {one.amount.high:.0f})",
                one.amount.value, low, high)  # fmt: skip
    wind = green_exports(2024, technology="wind", draws=200)
    for margin in ("average", "combined"):
        amount = wind.scenario("wind turbines", margin, "first year").amount
        against(report, f"wind turbines, {margin}, first year, Mt ({amount.low:.1f} to"
                f" {amount.high:.1f})", amount.value, 8.5, 9.5)  # fmt: skip


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
