"""IPCC soils and water: inventories' own indirect N2O, figures of other calculators, the world.

The guidelines themselves could not be opened. What is compared here was: a Party's indirect N2O
against the nitrogen behind its direct N2O (both as reported), and printed figures of others who
used the same tables.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

import mriocarbon as mc
from mriocarbon.natural.ipcc import (
    OrganicSoil,
    SoilNitrogen,
    direct_n2o,
    drained_organic_soils,
    factors,
    indirect_n2o,
    rewetted_organic_soils,
    rice_amendment_scaling,
    rice_ch4,
    soil_n2o,
    total,
)
from mriocarbon.natural.ipcc.nitrogen import N2O_PER_N
from validation._check import Report

YEAR = 2021
# Codes of the common reporting format and the terms of equation 11.1 they hold.
TERMS = {
    "synthetic": "3.D.1.a", "organic": "3.D.1.b", "residues": "3.D.1.d", "mineralised": "3.D.1.e",
}  # fmt: skip
GRAZING, BY_AIR, BY_WATER = "3.D.1.c", "3.D.2.a", "3.D.2.b"
# Factors that are wrong on purpose: the agreement must not be as good with them.
WRONG = (0.5, 0.75, 1.33, 2.0)
EF1, EF3_CATTLE, EF3_SHEEP = 0.01, 0.02, 0.01  # 2006, what Parties reported with in 2023


def main() -> int:
    """Run all cases; return 1 if one fails."""
    report = Report("IPCC soils and water")
    inventories(report)
    nitrogen(report)
    peat(report)
    rice(report)
    draws(report)
    table(report)
    return report.finish()


def _reported() -> dict[str, dict[str, float]]:
    """Return N2O in t by Party and code, for those that report both indirect terms and grazing."""
    frame = mc.database().table("inventories", year=YEAR, gas="N2O")
    frame = frame[(frame["source"] == "unfccc-annex-i-2023") & frame["value"].notna()]
    out: dict[str, dict[str, float]] = {}
    for region, code, value in zip(frame["region"], frame["category"], frame["value"], strict=True):
        if len(str(region)) == 3:
            out.setdefault(str(region), {})[str(code)] = 1e6 * float(value)
    needed = {BY_AIR, BY_WATER, GRAZING}
    return {region: codes for region, codes in out.items() if needed <= codes.keys()}


def bounds(party: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Return indirect N2O (t) from the nitrogen that direct N2O implies, all cattle or all sheep.

    Negative entries (immobilisation) imply no nitrogen.
    """
    implied = {
        term: max(party.get(code, 0.0), 0.0) / (EF1 * N2O_PER_N) for term, code in TERMS.items()
    }
    dung = party[GRAZING] / N2O_PER_N
    cattle, sheep = (
        indirect_n2o(SoilNitrogen(**implied, **grazing), leaching=1.0, edition=2006)
        for grazing in (
            {"grazing_cattle": dung / EF3_CATTLE},
            {"grazing_sheep": dung / EF3_SHEEP},
        )
    )
    return {
        BY_AIR: (cattle.volatilisation.value, sheep.volatilisation.value),
        BY_WATER: (cattle.leaching.value, sheep.leaching.value),
    }


def _holds(at: float, low: float, high: float) -> bool:
    """Whether a figure lies within the bounds, a rounding of 1 % apart."""
    return bool(0.99 * low <= at <= 1.01 * high)


def inventories(report: Report) -> None:
    report.source(
        f"UNFCCC data interface, Annex I submissions of 2023, {YEAR}, as embedded; Parties used"
        " the 2006 Guidelines, many with factors of their own, which are not in the interface"
    )
    parties = _reported()
    found = {region: bounds(party) for region, party in parties.items()}
    agree = {
        code: {region for region, party in parties.items()
               if _holds(party[code], *found[region][code])}
        for code in (BY_AIR, BY_WATER)
    }  # fmt: skip
    for code, words in ((BY_AIR, "by air"), (BY_WATER, "by water")):
        wide = [high / low - 1 for low, high in (found[region][code] for region in agree[code])]
        report.say(
            f"indirect N2O {words}: {len(agree[code])} of {len(parties)} Parties lie within the"
            f" bounds (all cattle to all sheep, {min(wide):.0%} to {max(wide):.0%} apart) that"
            " their direct N2O implies with the defaults of 2006 and leaching everywhere"
            f" ({', '.join(sorted(agree[code]))}); of the others nothing follows: fractions of"
            " their own, or a wrong factor here"
        )
    both = agree[BY_AIR] & agree[BY_WATER]
    report.say(f"both terms lie within the bounds in {len(both)}: {', '.join(sorted(both))}")
    # What a wrong factor would do: agreement is no accident if half or twice it finds fewer.
    for code, words in ((BY_AIR, "by air"), (BY_WATER, "by water")):
        counts = [
            sum(_holds(party[code], by * found[region][code][0], by * found[region][code][1])
                for region, party in parties.items())
            for by in WRONG
        ]  # fmt: skip
        pairs = zip(WRONG, counts, strict=True)
        told = ", ".join(f"{count} with {by:g} times the factor" for by, count in pairs)
        report.true(
            f"{words}: Parties that agree; {told}", len(agree[code]) > 2 * max(counts),
            value=f"{len(agree[code])} of {len(parties)}",
            bound=f"more than twice {max(counts)}, the most with a wrong factor",
        )  # fmt: skip


def nitrogen(report: Report) -> None:
    report.source(
        "S. Murphy, ipcc-carbon-gains: 5.894 kg CO2e per kg of fertiliser N (2019, GWP 273), and"
        " an audit of Verra's VM0051: 0.00314 kg N2O/kg N between drained and flooded rice"
    )
    one = SoilNitrogen(synthetic=1.0)
    report.printed("fertiliser, kg CO2e/kg N", 273 * soil_n2o(one, leaching=1.0).total.value,
                   "5.894")  # fmt: skip
    drained, flooded = (
        direct_n2o(SoilNitrogen(), rice=one, rice_water=water).total.value
        for water in ("drainage", "continuous flooding")
    )
    report.printed("rice, kg N2O/kg N", drained - flooded, "0.00314")
    world = direct_n2o(SoilNitrogen(synthetic=108e6)).total
    report.printed(
        "the world's fertiliser of 2020, 108 Mt N after FAO, Mt N2O direct", world.value / 1e6,
        "1.7", opened=False,
    )  # fmt: skip
    report.say(f"its interval: {world.low / 1e6:.2f} to {world.high / 1e6:.2f} Mt N2O")


def _co2e(soil: OrganicSoil, n2o: float) -> float:
    value = soil.total_co2.value
    value += 25 * soil.ch4.value if soil.ch4 is not None else np.nan
    return float(value + (n2o * soil.n2o.value if soil.n2o is not None else 0.0))


def peat(report: Report) -> None:
    report.source(
        "S. Murphy, ipcc-carbon-gains, t CO2e/ha with GWPs 25 and 298; two of the drained rows"
        " there leave N2O out, and are compared without it"
    )
    deep = "nutrient-rich, deep-drained"
    for climate, land, option, n2o, printed in (
        ("temperate", "grassland", deep, 298, "29.18"),
        ("boreal", "forest", "nutrient-poor", 298, "1.77"),
        ("temperate", "peat extraction", "any", 0, "12.23"),
        ("tropical", "cropland", "any", 0, "55.64"),
    ):
        soil = drained_organic_soils(1.0, climate=climate, land=land, option=option)
        report.printed(f"drained {land}, {climate}", _co2e(soil, n2o), printed)
    for climate, option, printed in (
        ("temperate", "nutrient-rich", "9.91"),
        ("temperate", "nutrient-poor", "3.10"),
        ("tropical", "any", "3.24"),
        ("boreal", "nutrient-poor", "0.41"),
    ):
        wet = rewetted_organic_soils(1.0, climate=climate, option=option)
        report.printed(f"rewetted, {climate}, {option}", _co2e(wet, 0), printed)


def rice(report: Report) -> None:
    report.source(
        "ClimateView, transition elements: 3,630.69 kg CO2e/ha of flooded rice (GWP 27); an audit"
        " of Verra's VM0051: scaling by 5 t of straw 2.88 and 1.48"
    )
    field = rice_ch4(1.0, water="continuously flooded", preseason="non-flooded under 180 days")
    report.printed("flooded rice, kg CO2e/ha", 27_000 * field.value, "3630.69")
    for name, printed in (
        ("straw under 30 days before", "2.88"),
        ("straw over 30 days before", "1.48"),
    ):
        report.printed(f"5 t of {name}", rice_amendment_scaling({name: 5.0}).value, printed)
    report.source(
        "Yan et al. (2009), doi:10.1029/2008GB003299, abstract: 25.6 Mt CH4 in 2000 with the"
        " factors of 2006; areas here after FAO (UNVERIFIED), 164 Mha, two thirds irrigated"
    )
    for straw in (0.0, 2.0):
        amendments = {"straw under 30 days before": straw}
        world = total(
            rice_ch4(109e6, amendments=amendments),
            rice_ch4(50e6, water="rainfed and deep water", amendments=amendments),
        )
        report.say(
            f"the world's rice with {straw:g} t/ha of straw: {world.value / 1e6:.1f} Mt CH4"
            f" ({world.low / 1e6:.0f} to {world.high / 1e6:.0f})"
        )


def draws(report: Report) -> None:
    """Intervals of amounts on the scale of logarithms, and the linear rule, against draws."""
    report.source("Monte Carlo of the same inputs, 40,000 draws: 2.5 and 97.5 %")
    field = SoilNitrogen(synthetic=1000.0, organic=500.0, residues=300.0, grazing_cattle=400.0)
    one = SoilNitrogen(synthetic=1000.0)
    cases = {
        "leaching, wet": indirect_n2o(one, climate="wet").leaching,
        "by air, wet": indirect_n2o(one, climate="wet").volatilisation,
        "all N2O, wet": soil_n2o(field, climate="wet").total,
        "all N2O, dry": soil_n2o(field, climate="dry").total,
        "all N2O, 2006": soil_n2o(field, leaching=1.0, edition=2006).total,
        "rice": rice_ch4(1e4, water="multiple drainage",
                         amendments={"straw over 30 days before": 4.0}),
    }  # fmt: skip
    for name, found in cases.items():
        run = found.monte_carlo(40_000, seed=1)
        plain = replace(found, ratios=False, least=-np.inf)
        width = run.high - run.low
        off, linear = (
            max(abs(it.low - run.low), abs(it.high - run.high)) / width for it in (found, plain)
        )
        report.true(
            f"{name}: drawn {run.low:.4g} to {run.high:.4g}, here {found.low:.4g} to"
            f" {found.high:.4g}, linear {plain.low:.4g} to {plain.high:.4g}; off, of the width",
            off < 0.1 and off < linear,
            value=f"{off:.1%}", bound=f"below 10 %, and below {linear:.1%} of the linear rule",
        )  # fmt: skip


def table(report: Report) -> None:
    report.source("the embedded table: what its rows are vouched for by")
    from scripts.ipcc_soil_factors import rows

    own = {row.factor for row in rows()}
    frame = factors()
    frame = frame[frame["factor"].isin(own)]
    words = frame["status"].str.split(":").str[0].str.split(" by ").str[0]
    for word, count in words.value_counts().items():
        report.say(f"{count} rows: {word}")
    known = frame.dropna(subset=["low", "high"])
    inside = (known["low"] <= known["value"]) & (known["value"] <= known["high"])
    report.true(
        f"rows that have a range (of {len(frame)}) and hold their value", bool(inside.all()),
        value=f"{int(inside.sum())}", bound=f"{len(known)}, all",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
