"""Global Carbon Budget 2025: consumption over territorial fossil CO2 of 2022, as embedded.

The budget's own figures must come out of the embedded table as printed. How the OECD table's
greenhouse-gas accounts compare with them is reported, not judged: gas, boundary and method
differ.
"""

from __future__ import annotations

import csv
import sys

import numpy as np
from numpy.typing import NDArray

import mriocarbon as mc
from mriocarbon.datasets.national import region_of, rows
from validation._check import Report, data_folder, table

SOURCE = (
    "Friedlingstein et al. (2025), Global Carbon Budget 2025, national fossil emissions v0.3:"
    " territorial and consumption (after Peters, Minx, Weber & Edenhofer 2011, doi:"
    "10.1073/pnas.1006388108)"
)
# Percent, consumption over territorial - 1, as quoted in the project's specification.
EXPECTED = {"CHN": "-11.0", "USA": "10.1", "JPN": "16.7"}
Array = NDArray[np.float64]


def main() -> int:
    """Return 1 if an embedded figure is not the budget's."""
    report = Report("Global Carbon Budget 2025")
    report.source(f"internal: rounded check values of the project, quoted from {SOURCE}")
    found = {r["iso3"]: r for r in rows("gcb2025_fossil_co2") if r["year"] == "2022"}
    change = {
        iso3: 100 * (float(r["consumption_MtCO2"]) / float(r["territorial_MtCO2"]) - 1)
        for iso3, r in found.items()
        if r["consumption_MtCO2"] and float(r["territorial_MtCO2"])
    }
    for iso3, printed in EXPECTED.items():
        report.printed(f"{iso3} 2022, percent", change[iso3], printed)
    _against_file(report, found)
    _against_oecd(report, found)
    return report.finish()


def _against_file(report: Report, found: dict[str, dict[str, str]]) -> None:
    report.source("the same edition, gcb/gcb2025v03_prod_vs_cons.csv in the folder of source data")
    folder = data_folder()
    if folder is None:
        report.skip("comparison with the source file", "MRIOCARBON_DATA names no folder")
        return
    with (folder / "gcb" / "gcb2025v03_prod_vs_cons.csv").open(encoding="utf-8") as file:
        lines = {r["country"]: r for r in csv.DictReader(file)}
    by_name = {r["country"]: r for r in found.values()}
    matched = [name for name in lines if name in by_name and by_name[name]["consumption_MtCO2"]]
    report.say(
        f"{len(matched)} of {len(lines)} names match; not matched:"
        f" {', '.join(sorted(set(lines) - set(matched)))}"
    )
    report.true("countries that match by name", len(matched) >= 100,
                value=f"{len(matched)} of {len(lines)}", bound="at least 100")  # fmt: skip
    for column, field in (("prod", "territorial_MtCO2"), ("cons", "consumption_MtCO2")):
        report.same(
            f"{field} of 2022",
            [float(by_name[name][field]) for name in matched],
            [float(lines[name][column]) for name in matched],
            rtol=1e-8,
        )
    ours = [
        float(by_name[n]["consumption_MtCO2"]) / float(by_name[n]["territorial_MtCO2"])
        for n in matched
    ]
    report.same(
        "consumption over territorial",
        ours, [1 + float(lines[n]["pct22"]) / 100 for n in matched], rtol=1e-8,
    )  # fmt: skip


def _against_oecd(report: Report, found: dict[str, dict[str, str]]) -> None:
    report.source(
        "OECD ICIO 2025 edition with OECD GHG by industry, 2022, consumption account of this"
        " package (a comparison, neither passed nor failed)"
    )
    report.say("OECD: greenhouse gases of industries, residence, no households, current table.")
    report.say("GCB: fossil CO2 of the territory, households included, GTAP trade, extrapolated.")
    mrio = mc.load("oecd-icio-2022")
    production, consumption = (
        mc.account(mrio, name, stressor="GHG", households=False).value[: len(mrio.regions)]
        for name in ("production", "consumption")
    )
    oecd = 100 * (consumption / production - 1)
    budget, covered = _by_region(mrio.regions, found)
    single = np.array([count == 1 for _, count in covered])
    lines = [
        [region, oecd[k], budget[k], oecd[k] - budget[k],
         "yes" if np.sign(oecd[k]) == np.sign(budget[k]) else "NO", covered[k][0]]
        for k, region in enumerate(mrio.regions)
    ]  # fmt: skip
    print(table(["region", "OECD GHG %", "GCB CO2 %", "points", "same sign", "GCB covers"], lines))
    for k, region in enumerate(mrio.regions):
        if np.isfinite(budget[k]):
            report.compared(
                f"{region} 2022, consumption over production, per cent", oecd[k],
                f"{budget[k]:.1f}", f"GHG of industries beside fossil CO2; covers {covered[k][0]}",
            )  # fmt: skip
    report.say(
        "SGP stands apart: OECD books the ships of its residents' companies there, GCB counts none"
        " of the fuel sold to international shipping."
    )
    others = np.array([region != "SGP" for region in mrio.regions])
    for what, keep in (
        ("20 regions", np.ones(len(oecd), bool)),
        ("without SGP", others),
        ("single countries without SGP", single & others),
    ):
        a, b = oecd[keep], budget[keep]
        report.say(
            f"{what} ({len(a)}): correlation {np.corrcoef(a, b)[0, 1]:.2f}, of ranks"
            f" {np.corrcoef(_ranks(a), _ranks(b))[0, 1]:.2f}; same sign in"
            f" {int((np.sign(a) == np.sign(b)).sum())}; median gap"
            f" {np.median(np.abs(a - b)):.1f} percentage points"
        )


def _by_region(
    regions: tuple[str, ...], found: dict[str, dict[str, str]]
) -> tuple[Array, list[tuple[str, int]]]:
    """GCB change in percent by region, and which part of the region it covers.

    Countries without a consumption account are left out of both sums, and named as not covered:
    they are unknown, not zero.
    """
    members: dict[str, list[str]] = {region: [] for region in regions}
    for iso3, region in region_of().items():
        if iso3 in found:
            members[region].append(iso3)
    listed = set(region_of())
    aggregates = {"EU27", "WLD", "BUNKER_SHIPPING", "BUNKER_AVIATION", "STATISTICAL_DIFFERENCE"}
    members["ROW"] += [iso3 for iso3 in found if iso3 not in listed | aggregates]
    percent, covered = [], []
    for region in regions:
        total = sum(float(found[c]["territorial_MtCO2"] or 0) for c in members[region])
        known = [c for c in members[region] if found[c]["consumption_MtCO2"]]
        made = sum(float(found[c]["territorial_MtCO2"]) for c in known)
        used = sum(float(found[c]["consumption_MtCO2"]) for c in known)
        percent.append(100 * (used / made - 1) if made else np.nan)
        share = f"{100 * made / total:.0f} % of CO2, {len(known)} of {len(members[region])}"
        covered.append((share, len(members[region])))
    return np.array(percent), covered


def _ranks(values: Array) -> Array:
    return np.argsort(np.argsort(values)).astype(float)


if __name__ == "__main__":
    sys.exit(main())
