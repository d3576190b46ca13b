"""Land stocks of the IPCC guidelines, volume 4: the worked examples that the text itself gives."""

from __future__ import annotations

import itertools
import sys

import numpy as np

from mriocarbon.natural.ipcc import (
    SoilUse,
    factor,
    gain_loss,
    mineral_soil_carbon,
    soil_stock,
    soil_use,
    stock_difference,
)
from validation._check import Report

# Box 2.2: six units of 1 Mha, by inventory year from 1990 to 2020; F forest, G grass, C crops.
UNITS = ("FCCCCCC", "FCCCGGG", "GCCCCGG", "GGFFFFF", "CCCCGGG", "CCGGGCC")
FACTOR = {"F": 1.00, "G": 1.05, "C": 0.92}
REFERENCE = 77.0
YEARS = (1990, 1995, 2000, 2005, 2010, 2015, 2020)
STOCKS_1 = ("457.4", "435.1", "441.2", "441.2", "461.2", "461.2", "461.2")
CHANGES_1 = ("0.0", "-1.1", "-0.8", "-0.8", "0.2", "1.3", "1.0")
STOCKS_2 = ("457.4", "451.8", "447.8", "443.7", "445.8", "450.1", "455.4")
CHANGES_2 = ("0.0", "-1.1", "-0.8", "-0.8", "0.4", "0.9", "1.0")


def main() -> int:
    """Run all cases; return 1 if one fails."""
    report = Report("IPCC land stocks")
    areas_alone(report)
    histories(report)
    planted(report)
    recalled(report)
    return report.finish()


def areas_alone(report: Report) -> None:
    report.source("2019 Refinement, volume 4, chapter 2, box 2.2, page 2.37: approach 1")
    stocks = [
        sum(float(soil_stock(1, reference=REFERENCE, use=SoilUse(FACTOR[u[n]], 1, 1)).value)
            for u in UNITS)
        for n in range(len(YEARS))
    ]  # fmt: skip
    for n, year in enumerate(YEARS):
        report.printed(f"stock in {year}, Mt C", stocks[n], STOCKS_1[n])
        change = stock_difference(stocks[max(n - 4, 0)], stocks[n], years=20)
        report.printed(f"change in {year}, Mt C/yr", float(change.value), CHANGES_1[n])


def histories(report: Report) -> None:
    report.source("the same, page 2.37: approaches 2 and 3, each unit with its history")
    totals = np.zeros(len(YEARS))
    for unit in UNITS:
        stock, rate, left = REFERENCE * FACTOR[unit[0]], 0.0, 0
        totals[0] += stock
        for n, (was, now) in enumerate(itertools.pairwise(unit), start=1):
            if was != now:
                # from the stock reached, which need not be an equilibrium
                before = SoilUse(stock / REFERENCE, 1, 1)
                change = mineral_soil_carbon(1, reference=REFERENCE, before=before,
                                             after=SoilUse(FACTOR[now], 1, 1), period=5
                                             )  # fmt: skip
                rate, left = float(change.value), 20
            stock += 5 * rate if left else 0.0
            left = max(left - 5, 0)
            totals[n] += stock
    for n, year in enumerate(YEARS):
        report.printed(f"stock in {year}, Mt C", float(totals[n]), STOCKS_2[n])
        change = stock_difference(totals[max(n - 1, 0)], totals[n], years=5)
        report.printed(f"change in {year}, Mt C/yr", float(change.value), CHANGES_2[n])


def planted(report: Report) -> None:
    report.source(
        "2019 Refinement, volume 4, chapter 4, page 4.14: 100,000 ha of cropland on an Ultisol of"
        " the moist tropics planted with trees; defaults of 2006, looked up"
    )
    reference = factor("SOC_REF", climate="tropical moist", option="LAC", edition=2006)
    crops = soil_use("tropical moist", "annual cropland", management="full tillage",
                     carbon_input="low", edition=2006)  # fmt: skip
    forest = soil_use("tropical moist", "forest", edition=2006)
    report.printed("reference stock, t C/ha", float(reference.value), "47")
    one = soil_stock(1, reference=reference, use=crops)
    report.printed("stock under crops, t C/ha", float(one.value), "20.8")
    change = mineral_soil_carbon(100_000, reference=reference, before=crops, after=forest, period=5)
    report.printed("change, t C/ha/yr", float(change.value) / 100_000, "1.3")
    report.printed("change, t C/yr", float(change.value), "131000", tolerance=500,
                   why="printed to a thousand; they round 20.8 first")  # fmt: skip


def recalled(report: Report) -> None:
    report.source("2006 Guidelines, volume 4, chapter 5, sections 5.2.1.4, 5.2.3.4 and 5.3.3.4")
    growth = factor("G_CROP", climate="tropical moist", land="perennial cropland")
    stock = factor("B_CROP", climate="tropical moist", land="perennial cropland")
    change = gain_loss(90_000 * float(growth.value), 10_000 * float(stock.value))
    report.printed("perennial crops, t C/yr", float(change.value), "24000", opened=False)
    reference = factor("SOC_REF", climate="warm temperate moist", option="HAC", edition=2006)
    total = []
    for parts in (
        ((400_000, "full tillage", "low"), (600_000, "full tillage", "medium")),
        ((200_000, "full tillage", "low"), (700_000, "reduced tillage", "medium"),
         (100_000, "no tillage", "medium")),
    ):  # fmt: skip
        total.append(
            sum(
                float(soil_stock(area, reference=reference, use=soil_use(
                    "warm temperate moist", "annual cropland", management=management,
                    carbon_input=level, edition=2006)).value)
                for area, management, level in parts
            )
        )  # fmt: skip
    report.printed("a million hectares of crops, Mt C", total[0] / 1e6, "58.78", opened=False)
    report.printed("the same tilled less, Mt C", total[1] / 1e6, "64.06", opened=False)
    gain = stock_difference(total[0], total[1], years=20)
    report.printed("gain, t C/yr", float(gain.value), "264000", opened=False, tolerance=500,
                   why="printed to a thousand")  # fmt: skip
    volcanic = factor("SOC_REF", climate="tropical moist", option="volcanic", edition=2006)
    crops = soil_use("tropical moist", "annual cropland", management="full tillage",
                     carbon_input="low", edition=2006)  # fmt: skip
    cleared = mineral_soil_carbon(1, reference=volcanic, after=crops,
                                  before=soil_use("tropical moist", "native", edition=2006)
                                  )  # fmt: skip
    report.printed("forest cleared for crops, t C/ha/yr", float(cleared.value), "-2.0",
                   opened=False)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
