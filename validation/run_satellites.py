"""CO2, CH4 and N2O by country and industry: what must hold, and how far EDGAR lies from it.

EDGAR is compared with and nothing else: no figure of the package derives from it.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriocarbon.datasets.national import rows
from mriocarbon.datasets.satellites import OECD_CO2E, SatelliteData, satellite_data, satellites
from mriocarbon.inventory.gwp import gwp
from validation._check import Report, data_folder, table

Array = NDArray[np.float64]

G20 = ("ARG", "AUS", "BRA", "CAN", "CHN", "DEU", "FRA", "GBR", "IDN", "IND", "ITA", "JPN", "KOR",
       "MEX", "RUS", "SAU", "TUR", "USA", "ZAF")  # fmt: skip

# Industries and EDGAR sectors (IPCC 1996) that mean nearly the same; the first holds households'
# fuel too where EDGAR does not tell them apart.
SECTORS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "power and heat": (("D",), ("1A1a",)),
    "mineral products": (("C23",), ("2A1", "2A2", "2A3", "2A4", "2A7")),
    "agriculture": (("A01",), ("4A", "4B", "4C", "4D1", "4D2", "4D3", "4D4", "4F")),
    "coal mining": (("B05",), ("1B1",)),
    "oil and gas fields": (("B06", "B09"), ("1B2",)),
    "waste and sewage": (("E",), ("6A", "6B", "6C", "6D")),
}
COMPARED = {"CO2": ("power and heat",), "CH4": ("agriculture", "coal mining", "waste and sewage",
            "oil and gas fields"), "N2O": ("agriculture",)}  # fmt: skip


def main() -> int:
    """Return 1 if an identity does not hold."""
    report = Report("Satellites 2022: 81 economies x 50 industries")
    data = satellite_data()
    F = data.F.reshape(4, len(data.economies), len(data.industries))
    report.source("OECD production-based GHG (PROD_GHG) 2022, 2025 edition")
    weights = np.array([*OECD_CO2E.values(), 1.0])
    co2e = np.einsum("g,gci->ci", weights, F)
    summed = np.zeros_like(data.oecd)
    np.add.at(summed, data.region_of, co2e)
    report.same("20 regions x 50 industries, Mt CO2e", summed, data.oecd, rtol=1e-9)
    report.printed("world, industries, Mt CO2e", float(co2e.sum()), "44231.4")
    report.true("standard deviation of every cell: the least", bool((data.sd > 0).all()),
                value=float(data.sd.min()), bound="above 0")  # fmt: skip
    _national(report, data)
    _potentials(report)
    _edgar(report, data, F)
    return report.finish()


def _national(report: Report, data: SatelliteData) -> None:
    report.source("CEDS v2024_07_08 and Global Carbon Budget 2025 v0.3, national totals 2022")
    five = data.bridge[:5].sum(0)
    report.same("residence to territory closes", five, data.row("national total"), rtol=1e-9)
    gap = data.bridge_rows.index("difference of sources")
    budget = {
        r["iso3"]: float(r["territorial_MtCO2"])
        for r in rows("gcb2025_fossil_co2")
        if r["year"] == "2022" and r["territorial_MtCO2"]
    }
    lines = []
    outside = []
    for country in G20:
        k = data.economies.index(country)
        ours = float(data.bridge[:4, 0, k].sum())
        ceds, error = float(data.row("national total")[0, k]), float(data.bridge_sd[gap, 0, k])
        near = abs(ours - ceds) < 1.96 * error and abs(ours - budget[country]) < 1.96 * error
        outside += [] if near else [country]
        lines.append([country, ours, ceds, budget[country], 1.96 * error, "yes" if near else "NO"])
    print(table(["CO2, Mt", "territory", "CEDS", "GCB", "1.96 sd", "inside"], lines))
    report.true(
        "G20 countries within the stated error of CEDS and of GCB"
        f"{': not ' + ', '.join(outside) if outside else ''}", not outside,
        value=f"{len(G20) - len(outside)}", bound=f"{len(G20)}, all",
    )  # fmt: skip
    abroad = -(data.bridge[2:4, 0].sum(1))
    for mode, ours, world in zip(
        ("shipping", "aviation"), abroad, data.world_bunkers[:, 0], strict=True
    ):
        report.say(
            f"{mode} abroad, CO2: {ours:.0f} Mt by residents; CEDS has {world:.0f} Mt of bunkers"
        )


def _potentials(report: Report) -> None:
    report.source("GWP-100 of the IPCC's reports: only the OECD's own set meets its CO2e")
    gases = satellites()
    for name in ("AR4", "AR5", "AR6"):
        values = {g: gwp(name)[g] for g in ("CO2", "CH4", "N2O")}
        total = gases.characterised({**values, "F-gases": 1.0}, "GHG", "Mt CO2e").F.sum()
        report.say(f"world, industries, {name}: {total:,.0f} Mt CO2e (OECD 44,231)")


def _edgar(report: Report, data: SatelliteData, F: Array) -> None:
    report.source("EDGAR 2024 (JRC/IEA), compared only, by country and sector, 2022")
    folder = data_folder()
    if folder is None or not (folder / "edgar").is_dir():
        report.skip("comparison with EDGAR", "no folder edgar/ (MRIOCARBON_DATA)")
        return
    known = set(data.economies)
    for gas, names in COMPARED.items():
        g = data.gases.index(gas)
        sectors = _read(folder / "edgar" / f"E.{gas}_EDGAR.csv")
        terr = data.bridge[:4, g].sum(0)
        total = np.zeros(len(data.economies))
        for (country, sector), value in sectors.items():
            if not sector.startswith(("1C", "5")) and country not in ("air", "sea"):
                total[data.economies.index(country if country in known else "ROW")] += value
        known_k = np.flatnonzero(total > 0)
        ratio = 100 * (terr[known_k] / total[known_k] - 1)
        lines = [
            [c, float(terr[k]), float(total[k]), 100 * float(terr[k] / total[k] - 1)]
            for k, c in enumerate(data.economies)
            if total[k] > 0
        ]
        print(table([f"{gas}, Mt", "here", "EDGAR", "%"], lines))
        report.say(
            f"{gas}: median absolute difference {np.median(np.abs(ratio)):.0f} %, world"
            f" {terr.sum():,.1f} against {total.sum():,.1f} Mt (territory, households included)"
        )
        for name in names:
            industries, codes = SECTORS[name]
            at = [data.industries.index(i) for i in industries]
            here = F[g][:, at].sum(1)
            there = np.zeros(len(data.economies))
            for (country, sector), value in sectors.items():
                if sector in codes:
                    k = data.economies.index(country if country in known else "ROW")
                    there[k] += value
            order = np.argsort(-np.maximum(here, there))[:12]
            print(
                table(
                    [f"{gas}, {name}, Mt", "here", "EDGAR"],
                    [[data.economies[k], float(here[k]), float(there[k])] for k in order],
                )
            )
            report.say(
                f"{gas}, {name}: world {here.sum():,.1f} against {there.sum():,.1f} Mt;"
                f" correlation over economies {np.corrcoef(here, there)[0, 1]:.3f}"
            )


def _read(path: Path) -> dict[tuple[str, str], float]:
    """EDGAR in Mt of the gas, 2022, by country code and sector; an empty cell is left out."""
    out: dict[tuple[str, str], float] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            cell = row.get("X2022", "")
            if cell and cell != "NA":
                country = row["iso"].upper() if len(row["iso"]) == 3 else row["iso"]
                key = "air" if country in ("AIR",) else "sea" if country == "SEA" else country
                out[key, row["sector"]] = out.get((key, row["sector"]), 0.0) + float(cell) / 1000
    return out


if __name__ == "__main__":
    sys.exit(main())
