"""Characterisation factors, people and GDP, and greenhouse gases by industry (OECD)."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from scripts.database.areas import codes, groups
from scripts.database.inventories import CC_BY, NONE_GIVEN
from scripts.database.schema import Collected, Origin, path_of
from scripts.embed import national, sources

GWP_FILE = "ef/globalwarmingpotentials.csv"
GWP_EPA_FILE = "ef/IPCC_GWP_values_EPA.csv"
OECD_FILE = "icio2022/oecd_prod_ghg_2022_20R_MtCO2e.csv"

GWP = Origin(
    "ipcc-gwp", "Global warming and temperature potentials, SAR to AR6",
    "IPCC; compiled by openclimatedata", "SAR, TAR, AR4, AR5, AR6",
    "IPCC SAR (1995), TAR (2001), AR4 (2007), AR5 (2013), AR6 (2021, table 7.SM.7); AR6 methane "
    "by origin and its uncertainty: Forster et al. (2021), table 7.15; compiled by "
    "openclimatedata, globalwarmingpotentials",
    "CC0 1.0 (the compilation)", "https://creativecommons.org/publicdomain/zero/1.0/",
    "https://github.com/openclimatedata/globalwarmingpotentials", (GWP_FILE,),
)  # fmt: skip
GWP_EPA = Origin(
    "ipcc-gwp-epa", "GWP over 20, 100 and 500 years, AR4 to AR6", "IPCC; compiled by US EPA",
    "AR4, AR5, AR6", "IPCC AR4, AR5, AR6; compiled by US EPA, LCIA formatter",
    "US Government work, public domain", "https://www.usa.gov/government-works",
    "https://github.com/USEPA/LCIAformatter", (GWP_EPA_FILE,), "same figures as ipcc-gwp",
)  # fmt: skip
PEOPLE = Origin(
    "owid-population", "Population", "United Nations; compiled by Our World in Data",
    "release with Global Carbon Budget 2025",
    "United Nations, World Population Prospects; Our World in Data, CO2 data set", *CC_BY,
    "https://github.com/owid/co2-data", (sources.POPULATION,),
)  # fmt: skip
MONEY = Origin(
    "owid-gdp", "GDP in international-$ of 2011", "Maddison Project; Our World in Data",
    "release with Global Carbon Budget 2024",
    "Bolt and van Zanden, Maddison Project Database; Our World in Data, CO2 data set", *CC_BY,
    "https://github.com/owid/co2-data", (sources.GDP,),
)  # fmt: skip
OECD = Origin(
    "oecd-prod-ghg-2022", "Greenhouse gases by 20 regions and 50 industries, 2022", "OECD",
    "PROD_GHG, ICIO 2025 edition",
    "OECD (2025), Inter-Country Input-Output Database and Greenhouse Gas Footprint indicators",
    "OECD terms: reuse for any purpose with credit to the OECD",
    "https://www.oecd.org/en/about/terms-conditions.html", "http://oe.cd/icio", (OECD_FILE,),
    "OECD air emission accounts, IEA and national inventories",
)  # fmt: skip
ORIGINS = (GWP, GWP_EPA, PEOPLE, MONEY, OECD)

# Table 7.15 of AR6: half of the 5 to 95 % range. Over 1.645 it is one sigma of a normal.
AR6_RANGE = {
    ("CH4 fossil", "GWP100"): (29.8, 11.0), ("CH4 non-fossil", "GWP100"): (27.0, 11.0),
    ("CH4 fossil", "GWP20"): (82.5, 25.8), ("CH4 non-fossil", "GWP20"): (79.7, 25.8),
    ("N2O", "GWP100"): (273.0, 130.0), ("N2O", "GWP20"): (273.0, 118.0),
}  # fmt: skip
FIVE_TO_95 = 1.645


def collect(data: Path, collected: Collected) -> None:
    """Read factors, people, money and the OECD's industries."""
    codes(["World"], GWP.id, collected)
    _gwp(data, collected)
    _gwp_epa(data, collected)
    _people(data, collected)
    _oecd(data, collected)


def _gwp(data: Path, collected: Collected) -> None:
    lines = path_of(data, GWP_FILE).read_text(encoding="utf-8").splitlines()
    rows = []
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        for column, cell in row.items():
            if column != "Species" and cell:
                at = column.index("G")
                rows.append((row["Species"], column[:at], column[at:], float(cell)))
    frame = pd.DataFrame(rows, columns=["gas", "item", "variable", "value"])
    by_origin = pd.DataFrame(
        [(gas, "AR6", metric, value) for (gas, metric), (value, _) in AR6_RANGE.items()],
        columns=frame.columns,
    )
    frame = pd.concat([frame, by_origin[by_origin["gas"] != "N2O"]], ignore_index=True)
    reports = list(frame["item"].unique())
    carbon = pd.DataFrame(
        [("CO2", report, "GWP100", 1.0) for report in reports], columns=frame.columns
    )
    frame = pd.concat([frame, carbon], ignore_index=True)
    half = [
        AR6_RANGE.get((gas, metric), (0.0, None))[1] if item == "AR6" else None
        for gas, item, metric in zip(frame["gas"], frame["item"], frame["variable"], strict=True)
    ]
    spread = pd.Series(half, index=frame.index, dtype="float64")
    why = "none in the tables compiled"
    collected.add(
        "characterisation",
        GWP,
        frame.assign(
            region="WLD",
            category="climate change",
            unit=frame["gas"].map(lambda gas: f"t CO2e/t {gas}"),
            sd=spread / FIVE_TO_95,
            low=frame["value"] - spread,
            high=frame["value"] + spread,
            scope="IPCC assessment report named in item",
            uncertainty=pd.Series(why, index=frame.index).mask(
                spread.notna(), "low, high: 5 to 95 % of AR6 table 7.15; sd: half of it over 1.645"
            ).mask(frame["gas"] == "CO2", "none: one by definition"),
        ),
    )  # fmt: skip


def _gwp_epa(data: Path, collected: Collected) -> None:
    table = pd.read_csv(path_of(data, GWP_EPA_FILE), dtype="str", keep_default_na=False)
    value = pd.to_numeric(table["Value"], errors="coerce")
    collected.leave_out(
        GWP_EPA.id, f"{int(value.isna().sum())} values '(no data)'", "not in the report"
    )
    frame = pd.DataFrame(
        {
            "region": "WLD",
            "variable": table["Parameter"],
            "gas": table["Name"],
            "category": "climate change",
            "category_name": table["Formula"].where(table["Formula"] != "(no data)", ""),
            "item": table["AR"],
            "value": value,
            "unit": "t CO2e/t",
            "uncertainty": "none in the tables compiled",
            "scope": "IPCC assessment report named in item",
            "key": "CAS " + table["CAS"],
        }
    )
    frame = frame.dropna(subset=["value"]).drop_duplicates()
    twice = ["gas", "item", "variable"]
    number = frame.groupby(twice).cumcount()
    frame["category"] = [
        f"climate change, entry {n + 1}" if n else "climate change" for n in number
    ]
    collected.add("characterisation", GWP_EPA, frame)


def _people(data: Path, collected: Collected) -> None:
    for origin, series, variable, unit, scope in (
        (PEOPLE, national.population(data), "population", "persons", "resident, mid-year"),
        (MONEY, national.gdp(data), "GDP", "international-$ of 2011", "purchasing power parity"),
    ):
        found = codes(["World" if c == "WLD" else c for c in series], origin.id, collected)
        rows = [
            (found["World" if code == "WLD" else code], year, float(value))
            for code, years in series.items()
            for year, value in years.items()
        ]
        collected.add(
            "economy",
            origin,
            pd.DataFrame(rows, columns=["region", "year", "value"]).assign(
                variable=variable, unit=unit, scope=scope, uncertainty=NONE_GIVEN
            ),
        )
        collected.leave_out(origin.id, "groups of countries", "overlap; sum the countries")


def _oecd(data: Path, collected: Collected) -> None:
    table = pd.read_csv(path_of(data, OECD_FILE))
    frame = table.melt(id_vars=["ACTIVITY"], var_name="region")
    own = [r for r in ("MEA", "AFR", "LAM", "ROW") if r in set(frame["region"])]
    found = groups(own, "oecd", collected)
    found |= codes([r for r in frame["region"].unique() if r not in own], OECD.id, collected)
    collected.add(
        "industry_emissions",
        OECD,
        pd.DataFrame(
            {
                "region": frame["region"].map(found),
                "year": 2022,
                "variable": "emissions",
                "gas": "GHG",
                "category": frame["ACTIVITY"],
                "category_name": "ICIO industry, ISIC Rev. 4",
                "value": frame["value"].astype(float),
                "unit": "Mt CO2e",
                "uncertainty": NONE_GIVEN,
                "scope": "residence, households excluded",
            }
        ),
    )
