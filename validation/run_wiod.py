"""WIOD 2013 release, 2009 and 2011, with the JRC's accounts of CO2: another table, other rounding.

Needs the folder of source data (MRIOCARBON_DATA). The release is rounded to whole million USD,
so that rows do not balance and some sectors without output still emit: both must be warned of,
and what cannot be placed must stay visible as `unallocated`.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mriocarbon as mc
from mriocarbon.errors import AccountWarning, NotAvailableError, TableWarning
from validation._check import Report, data_folder, table

TABLE = (
    "Timmer, Dietzenbacher, Los, Stehrer & de Vries (2015), doi:10.1111/roie.12178, WIOD 2013"
    " release, 41 x 35, million USD"
)
CO2 = (
    "Corsatea et al. (2019), World Input-Output Database Environmental Accounts, JRC, kt CO2 by"
    " industry, residence principle, households not at hand"
)
BUDGET = (
    "Friedlingstein et al. (2025), Global Carbon Budget 2025 v0.3, territorial and consumption"
    " fossil CO2, MtC x 3.664 (its consumption is a GTAP-based account after Peters et"
    " al. 2011)"
)
YEARS = (2009, 2011)
MISSING = "NLD"
CATEGORIES = ("households", "non-profit", "government", "capital formation", "inventories")
# GCB's English names by WIOD's codes.
NAMES = {
    "AUS": "Australia", "AUT": "Austria", "BEL": "Belgium", "BGR": "Bulgaria", "BRA": "Brazil",
    "CAN": "Canada", "CHN": "China", "CYP": "Cyprus", "CZE": "Czechia", "DEU": "Germany",
    "DNK": "Denmark", "ESP": "Spain", "EST": "Estonia", "FIN": "Finland", "FRA": "France",
    "GBR": "United Kingdom", "GRC": "Greece", "HUN": "Hungary", "IDN": "Indonesia",
    "IND": "India", "IRL": "Ireland", "ITA": "Italy", "JPN": "Japan", "KOR": "South Korea",
    "LTU": "Lithuania", "LUX": "Luxembourg", "LVA": "Latvia", "MEX": "Mexico", "MLT": "Malta",
    "NLD": "Netherlands", "POL": "Poland", "PRT": "Portugal", "ROM": "Romania", "RUS": "Russia",
    "SVK": "Slovakia", "SVN": "Slovenia", "SWE": "Sweden", "TUR": "Türkiye", "TWN": "Taiwan",
    "USA": "USA",
}  # fmt: skip
MTC = 3.664
Array = NDArray[np.float64]


def main() -> int:
    """Return 1 if an account does not close or differs from plain numpy."""
    report = Report("WIOD 2013 release, 2009 and 2011")
    folder = data_folder()
    if folder is None:
        report.skip("all of it", "MRIOCARBON_DATA names no folder of source data")
        return report.finish()
    for year in YEARS:
        report.source(f"{year}: {TABLE}; {CO2}")
        mrio = build(report, folder, year)
        f = mrio.extensions["CO2"].F[0]
        report.say(
            f"{MISSING} has no emissions in the file: unknown, entered as 0 because a table needs"
            f" numbers. World: {f.sum():,.1f} Mt without {MISSING}'s industries. {MISSING}'s own"
            " accounts mean nothing, and all others lack what its industries emit for them."
        )
        accounts = conserve(report, mrio, f, year)
        independent(report, mrio, f, accounts, year)
        compare(report, mrio, accounts, folder, year)
    return report.finish()


def build(report: Report, folder: Path, year: int) -> mc.MRIO:
    """The table, with the warnings it must raise."""
    with np.load(folder / "wiod2013" / "wiod2013_1995_2011_int32.npz") as archive:
        raw = {k: archive[f"{k}_{year}"].astype(float) for k in ("Z", "Y", "x")}
        regions, sectors = archive["countries"].tolist(), archive["industries"].tolist()
    with np.load(folder / "wiod2013" / f"wiod2013_{year}_co2_jrc.npz") as archive:
        same = archive["countries"].tolist() == regions
        same = same and archive["industries"].tolist() == sectors
        kt = archive["F_ktCO2"]
    report.true("table and emissions carry the same labels in the same order", same)
    report.true(
        "emissions: one country, NLD, is all zero in the file",
        [r for r, row in zip(regions, kt, strict=True) if not row.any()] == [MISSING],
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mrio = mc.MRIO.from_arrays(
            Z=raw["Z"], Y=raw["Y"], x=raw["x"], regions=regions, sectors=sectors,
            categories=CATEGORIES, year=year, price_year=year, extension="CO2",
            stressors={"CO2": kt.ravel() / 1000}, units="Mt CO2",
            notes=[mc.Note(f"{MISSING}: no emissions in the source, unknown", about="CO2")],
        )  # fmt: skip
    told = [str(w.message) for w in caught if issubclass(w.category, TableWarning)]
    for text in told:
        report.say(f"TableWarning: {text}")
    for part in ("rows do not balance", "zero output still buy or sell", "zero output still emit"):
        report.true(f"the table warns: {part}", any(part in text for text in told))
    gap = np.abs(mrio.Z.sum(axis=1) + mrio.Y.sum(axis=1) - mrio.x)
    large = mrio.x > 1e4
    report.say(
        f"row residual: at most {gap.max():.0f} million USD; relative to output at most"
        f" {100 * (gap[large] / mrio.x[large]).max():.2f} % where output is above 10 billion USD"
        f" ({int(large.sum())} of {len(mrio.x)} sectors), {gap.sum() / mrio.x.sum():.1e} of all"
    )
    return mrio


def conserve(report: Report, mrio: mc.MRIO, f: Array, year: int) -> dict[str, mc.Result]:
    """Every principle, closed by its `unallocated` row."""
    report.source(
        f"{year}, conservation: accounts and `unallocated` add up to the emissions of the file"
    )
    accounts: dict[str, mc.Result] = {}
    for principle in mc.principles():
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", AccountWarning)
                result = mc.account(mrio, principle.name, stressor="CO2", households=False)
        except NotAvailableError as error:
            report.skip(principle.name, f"NOT AVAILABLE: {error.what}")
            continue
        accounts[principle.name] = result
        rest = result["unallocated"] if "unallocated" in result.coords["region"] else 0.0
        report.same(f"{principle.name} (unallocated {rest:.4g} Mt)", result.total, f.sum(),
                    rtol=1e-9)  # fmt: skip
        for text in caught:
            report.say(f"  warned: {text.message}")
    # What cannot be placed follows from the table: emissions without output, and the multipliers
    # of what the rows sell to nobody.
    stranded = f[mrio.x == 0].sum()
    system = mc.leontief(mrio)
    m = system.left(np.where(mrio.x == 0, 0.0, f)).value
    gap = mrio.x - mrio.Z.sum(axis=1) - mrio.Y.sum(axis=1)
    live = mrio.x > 0
    # Rows of zero-output sectors still feed others: M has no column for them.
    lost = stranded + float(m[live] @ gap[live])
    lost += float((m[live] @ mrio.Z[np.ix_(live, ~live)]).sum())
    lost -= float(m[~live] @ (mrio.Y.sum(axis=1))[~live])
    report.same("income: unallocated is what sectors without output emit",
                accounts["income"]["unallocated"], stranded, rtol=1e-6)  # fmt: skip
    report.same("consumption: unallocated is that and what unbalanced rows sell to nobody",
                accounts["consumption"]["unallocated"], lost, rtol=1e-6)  # fmt: skip
    return accounts


def independent(
    report: Report, mrio: mc.MRIO, f: Array, accounts: dict[str, mc.Result], year: int
) -> None:
    """Consumption and income once more, from the explicit inverse in plain numpy."""
    report.source(f"{year}, plain numpy with an explicit inverse, computed in this run")
    live = mrio.x > 0
    safe = np.where(live, mrio.x, 1.0)
    R = len(mrio.regions)
    A = np.where(live, mrio.Z / safe, 0.0)
    L = np.linalg.inv(np.eye(len(safe)) - A)
    Y = mrio.Y.reshape(len(safe), R, len(CATEGORIES)).sum(axis=2)
    q = np.where(live, f / safe, 0.0)
    report.same("consumption", accounts["consumption"].value[:R], q @ L @ Y, rtol=1e-9)
    E = (q[:, None] * (L @ Y)).reshape(R, -1, R).sum(axis=1)
    flows = mc.bilateral(mrio, "CO2")  # rounded rows do not balance: one column is unallocated
    report.same("bilateral", flows.value[:, : len(mrio.regions)], E, rtol=1e-9)
    report.same(
        "bilateral with unallocated, rows",
        flows.value.sum(axis=1),
        mc.account(mrio, "production", stressor="CO2", households=False).value,
        rtol=1e-9,
    )
    B = np.where(live[:, None], mrio.Z / safe[:, None], 0.0)
    v = mrio.x - mrio.Z.sum(axis=0)
    enabled = v * np.linalg.solve(np.eye(len(safe)) - B, q)
    income = enabled.reshape(R, -1).sum(axis=1)
    report.same("income", accounts["income"].value[:R], income, rtol=1e-9)


def compare(
    report: Report, mrio: mc.MRIO, accounts: dict[str, mc.Result], folder: Path, year: int
) -> None:
    """Side by side with the Global Carbon Budget; reported, not judged."""
    report.source(f"{year}: {BUDGET} (a comparison, neither passed nor failed)")
    try:
        territorial, consumption = budget(folder, year)
    except ImportError:
        report.skip(f"Global Carbon Budget {year}", "python-calamine is not installed")
        return
    report.say("WIOD and JRC: industries by residence, without households, bunker fuel included.")
    report.say("GCB: all fossil CO2 of the territory, households in, international bunkers out.")
    lines: list[list[Any]] = []
    known = [r for r in mrio.regions if r in NAMES and r != MISSING]
    for region in known:
        name = NAMES[region]
        made = accounts["production"][region]
        used = accounts["consumption"][region]
        lines.append(
            [region, made, territorial[name], made / territorial[name],
             used, consumption[name], used / consumption[name],
             100 * (used / made - 1), 100 * (consumption[name] / territorial[name] - 1)]
        )  # fmt: skip
    shown = [[f"{c:.2f}" if k in (3, 6) else c for k, c in enumerate(row)] for row in lines]
    print(table(["", "JRC prod", "GCB terr", "ratio", "WIOD cons", "GCB cons", "ratio",
                 "WIOD %", "GCB %"], shown))  # fmt: skip
    for region, _, _, _, used, published, *_ in lines:
        report.compared(
            f"{region} {year}, consumption, Mt CO2",
            used,
            f"{published:.1f}",
            "without households and with bunkers, beside both the other way round",
        )
    data = np.array([row[1:] for row in lines], dtype=float)

    def ranks(values: Array) -> Array:
        return np.argsort(np.argsort(values)).astype(float)

    def rank_correlation(a: int, b: int) -> float:
        return float(np.corrcoef(ranks(data[:, a]), ranks(data[:, b]))[0, 1])

    report.say(
        f"{len(known)} countries without {MISSING}: rank correlation of consumption"
        f" {rank_correlation(3, 4):.3f}, median ratio {np.median(data[:, 5]):.2f}; of the change in"
        f" percent {rank_correlation(6, 7):.2f},"
        f" same sign in {int((np.sign(data[:, 6]) == np.sign(data[:, 7])).sum())}, median gap"
        f" {np.median(np.abs(data[:, 6] - data[:, 7])):.1f} percentage points"
    )
    lost = territorial[NAMES[MISSING]]
    report.say(
        f"World: JRC {mrio.extensions['CO2'].F.sum():,.0f} Mt without {MISSING} (GCB has"
        f" {lost:.0f} Mt for its territory), GCB {territorial['World']:,.0f} Mt with bunkers."
    )


def budget(folder: Path, year: int) -> tuple[dict[str, float], dict[str, float]]:
    """Territorial and consumption CO2 of a year by country name, Mt CO2."""
    from python_calamine import CalamineWorkbook

    path = folder / "gcb" / "National_Fossil_Carbon_Emissions_2025_v0.3.xlsx"
    book = CalamineWorkbook.from_path(str(path))

    def read(sheet: str) -> dict[str, float]:
        lines = book.get_sheet_by_name(sheet).to_python()
        names = next(line for line in lines if "Australia" in line)
        values = next(line for line in lines if line[0] == year)
        return {
            str(n): float(v) * MTC
            for n, v in zip(names, values, strict=True)
            if n and isinstance(v, (int, float))
        }

    return read("Territorial Emissions"), read("Consumption Emissions")


if __name__ == "__main__":
    sys.exit(main())
