"""The main job against what was published: the press triple, and known check values.

That the triple is not reproduced is a finding, not a failure: no method was published. The check
values are: they are what this table gives, stated before the code in a specification of
the project that nobody outside can see: they are internal, and no source.
"""

from __future__ import annotations

import sys

import mriocarbon as mc
from mriocarbon.studies.adjustments_2022 import BUDGET, FULL, OWN, TABLE
from mriocarbon.studies.scan import PUBLISHED, PUBLISHED_SOURCE, Combination, nearest
from validation._check import Report, data_folder

# Consumption over production of industries, percent, "about": the digits given.
OECD = {"CHN": "-8.6", "USA": "23", "JPN": "26", "EU27": "33", "GBR": "72", "IND": "-4.9",
        "RUS": "-29"}  # fmt: skip
FULL_TABLE = {"CHN": "-8.5", "USA": "23.2", "JPN": "27.0"}
BUDGET_CO2 = {"CHN": "-11.0", "USA": "10.1", "JPN": "16.7"}
WORLD = "44231.4"


def main() -> int:
    """Return 1 if a check value does not come out."""
    report = Report("Published figures of 2022")
    study = mc.reproduce_2022()
    report.source(PUBLISHED_SOURCE)
    report.say(", ".join(f"{region} {value:+.1f} %" for region, value in PUBLISHED.items()))
    for sentence in study.verdict.text:
        report.say(sentence)
    report.say("nearest:")
    for entry in nearest(study.combinations, 5):
        figures = ", ".join(f"{region} {entry.percent[region]:+.1f}" for region in PUBLISHED)
        report.say(f"  no. {entry.number}: {figures}; largest gap {entry.distance:.1f};"
                   f" {entry.label}")  # fmt: skip
    close = nearest(study.combinations, 1)[0]
    figures = ", ".join(f"{region} {close.percent[region]:+.1f}" for region in PUBLISHED)
    report.target(
        f"the triple: largest gap of the nearest of {study.verdict.tried:,} combinations, points",
        close.distance, "0.0",
        why=f"no method was published; the nearest gives {figures} % ({close.label})",
    )  # fmt: skip
    report.source("internal: the verdict against a count of its own")
    report.true(
        "the verdict counts what was tried",
        study.verdict.tried == sum(c.available for c in study.combinations) > 0,
        value=f"{study.verdict.tried:,}",
        bound="as many as are available",
    )
    reproduced = sum(
        all(abs(c.percent[r] - v) <= 0.05 for r, v in PUBLISHED.items())
        for c in study.combinations
        if c.available
    )
    report.true(
        "the verdict counts as many combinations that give the triple as a count here",
        study.verdict.within[0.05] == reproduced,
        value=f"{study.verdict.within[0.05]} of {study.verdict.tried:,}",
        bound=f"{reproduced}",
    )

    report.source("internal: check values of the project, OECD GHG by industry, 20 regions")
    world = float(mc.load("oecd-icio-2022").extensions["GHG"].F.sum())
    report.printed("world, Mt CO2e", world, WORLD)
    entry = find(study.combinations, TABLE)
    for region, value in OECD.items():
        report.printed(f"{region}, percent", entry.percent[region], value)

    report.source("internal: 81 economies x 50 industries, intensities of the 20 regions, embedded")
    entry = find(study.combinations, FULL)
    for region, value in FULL_TABLE.items():
        report.printed(f"{region}, percent", entry.percent[region], value)
    report.source("internal: the same, recomputed on the 4,050-sector table")
    folder = data_folder()
    if folder is None:
        report.skip("4,050 sectors", "MRIOCARBON_DATA names no folder of source data")
    else:
        again = mc.reproduce_2022(
            principle=["consumption", "production"], tables=[FULL], full=folder
        )
        new = find(again.combinations, FULL)
        for region, value in FULL_TABLE.items():
            report.printed(f"{region}, percent", new.percent[region], value)
        report.same(
            "all 20 regions, recomputed against embedded",
            [new.percent[r] for r in study.regions],
            [entry.percent[r] for r in study.regions],
            rtol=1e-3,
        )

    report.source("internal: the same of the Global Carbon Budget 2025, fossil CO2, in the study")
    entry = find(study.combinations, BUDGET)
    for region, value in BUDGET_CO2.items():
        report.printed(f"{region}, percent", entry.percent[region], value)
    return report.finish()


def find(combinations: tuple[Combination, ...], table: str) -> Combination:
    """The consumption account of a table over production of the same boundary, no land use."""
    for entry in combinations:
        if (entry.table, entry.principle, entry.land_use) == (table, "consumption", "none") and (
            table == BUDGET or (not entry.households and entry.denominator == OWN)
        ):
            return entry
    raise LookupError(f"the scan has no consumption account on {table}")


if __name__ == "__main__":
    sys.exit(main())
