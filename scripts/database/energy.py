"""Grid factors, energy statistics and the trade of low-carbon goods."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from scripts.database.areas import codes, groups
from scripts.database.inventories import CC_BY, NONE_GIVEN, UNFCCC_LICENCE
from scripts.database.schema import Collected, Origin, path_of
from scripts.embed.sources import GDP

IFI_FILE = "ember/IFI_Default_Grid_Factors_2021_v3.1_unfccc.csv"
OWID_GRID_FILE = "ember/owid_carbon-intensity-electricity.csv"
CO2JS_FILE = "ember/co2js_ember_average-intensities.json"
SOLAR_FILE = "ember/solar_exports_full_release_monthly.csv"
OWID_ENERGY_FILE = "owid/owid_energy_processed_sayanarman.csv"
CAPACITY_FILE = "irena/irena_capacity.csv"
GENERATION_FILE = "irena/irena_generation.csv"

IFI = Origin(
    "ifi-grid-2021", "Default grid factors: operating and combined margin",
    "IFI Technical Working Group on GHG Accounting, UNFCCC", "2021, v3.1",
    "IFI TWG (2021), Default Grid Factors 2021 v3.1; method AHG-001", *UNFCCC_LICENCE,
    "https://unfccc.int/climate-action/sectoral-engagement/ifis-harmonization-of-standards-for-ghg-accounting",
    (IFI_FILE,),
)  # fmt: skip
OWID_GRID = Origin(
    "owid-grid", "Carbon intensity of electricity", "Ember; Our World in Data",
    "Our World in Data, yearly electricity data of Ember",
    "Ember, Yearly Electricity Data; processed by Our World in Data", *CC_BY,
    "https://ourworldindata.org/grapher/carbon-intensity-electricity", (OWID_GRID_FILE,),
)  # fmt: skip
CO2JS = Origin(
    "ember-co2js", "Latest carbon intensity of electricity", "Ember",
    "as compiled in CO2.js, latest year by country",
    "Ember, Yearly Electricity Data; compiled by The Green Web Foundation, CO2.js", *CC_BY,
    "https://github.com/thegreenwebfoundation/co2.js", (CO2JS_FILE,), "same data as owid-grid",
)  # fmt: skip
SOLAR = Origin(
    "ember-solar-exports", "China's solar exports by destination, monthly", "Ember",
    "release to 2025-09", "Ember, China solar exports data, from China's customs statistics",
    *CC_BY, "https://ember-energy.org/data/china-solar-exports-data/", (SOLAR_FILE,),
)  # fmt: skip
OWID_ENERGY = Origin(
    "owid-energy", "Electricity by source", "Ember; Energy Institute; Our World in Data",
    "Our World in Data energy data set, to 2025",
    "Our World in Data, Energy data set, https://github.com/owid/energy-data", *CC_BY,
    "https://github.com/owid/energy-data", (OWID_ENERGY_FILE,),
)  # fmt: skip
OWID_PRIMARY = Origin(
    "owid-primary-energy", "Primary energy", "US EIA; Energy Institute; Our World in Data",
    "Our World in Data CO2 data set, release with Global Carbon Budget 2024",
    "Our World in Data, CO2 and Greenhouse Gas Emissions data set, "
    "https://github.com/owid/co2-data", *CC_BY, "https://github.com/owid/co2-data", (GDP,),
)  # fmt: skip
IRENA = Origin(
    "irena-2024", "Capacity and generation by technology", "IRENA",
    "IRENASTAT, capacity to 2023, generation to 2022",
    "IRENA (2024), Renewable capacity statistics; Renewable energy statistics, IRENASTAT",
    "IRENA: free to use, share and reprint with acknowledgement",
    "https://www.irena.org/Terms-of-Use", "https://www.irena.org/Data",
    (CAPACITY_FILE, GENERATION_FILE),
)  # fmt: skip
ORIGINS = (IFI, OWID_GRID, CO2JS, SOLAR, OWID_ENERGY, OWID_PRIMARY, IRENA)

MARGINS = (
    ("combined margin", "firm energy (hydro, geothermal)"),
    ("combined margin", "intermittent energy (solar, wind, tidal)"),
    ("combined margin", "energy efficiency"),
    ("combined margin", "electricity consumption"),
    ("operating margin", ""),
)


def collect(data: Path, collected: Collected) -> None:
    """Read grid factors, energy and trade."""
    _ifi(data, collected)
    _owid_grid(data, collected)
    _co2js(data, collected)
    _solar(data, collected)
    _owid_energy(data, collected)
    _irena(data, collected)


def _ifi(data: Path, collected: Collected) -> None:
    path = path_of(data, IFI_FILE)
    table = pd.read_csv(path, skiprows=4, header=None, names=["name", *range(len(MARGINS))])
    table = table[~table["name"].str.startswith("Country /", na=True)].dropna(subset=[0])
    found = codes(table["name"], IFI.id, collected)
    doubled = table["name"].map(found).duplicated(keep=False)
    if doubled.any():
        raise ValueError(f"IFI: names of one code: {table.loc[doubled, 'name'].tolist()}")
    frames = [
        pd.DataFrame(
            {
                "region": table["name"].map(found),
                "year": 2021,
                "variable": f"grid factor, {margin}",
                "gas": "CO2",
                "item": use,
                "value": table[i].astype(float),
                "unit": "g CO2/kWh",
                "uncertainty": NONE_GIVEN,
                "scope": "default for project appraisal; year is that of the edition",
            }
        )
        for i, (margin, use) in enumerate(MARGINS)
    ]
    collected.add("grid_factors", IFI, pd.concat(frames, ignore_index=True))


def _owid_grid(data: Path, collected: Collected) -> None:
    table = pd.read_csv(path_of(data, OWID_GRID_FILE))
    merged = {"EU (Ember)", "European Union (27)"}
    nations = table["Code"].notna()
    own = [n for n in table.loc[~nations, "Entity"].unique() if n not in merged]
    found = groups(own, OWID_GRID.id, collected)
    found["European Union (27)"] = codes(["EU27"], OWID_GRID.id, collected)["EU27"]
    by_code = codes(table.loc[nations, "Code"].unique(), OWID_GRID.id, collected)
    table["region"] = table["Code"].map(by_code).where(nations, table["Entity"].map(found))
    table = table[table["Entity"] != "EU (Ember)"]
    collected.leave_out(OWID_GRID.id, "EU (Ember)", "the same area as European Union (27)")
    collected.add("grid_factors", OWID_GRID, _intensity(table, table["Year"], table.columns[3]))


def _co2js(data: Path, collected: Collected) -> None:
    path = path_of(data, CO2JS_FILE)
    table = pd.DataFrame(list(json.loads(path.read_text(encoding="utf-8")).values()))
    nations = table["country_code"] != ""
    found = codes(table.loc[nations, "country_code"], CO2JS.id, collected)
    names = table.loc[~nations, "country_or_region"]
    merged = [n for n in names if n in ("EU", "World")]
    found |= codes(merged, CO2JS.id, collected)
    found |= groups([n for n in names if n not in merged], CO2JS.id, collected)
    table["region"] = table["country_code"].where(nations, table["country_or_region"]).map(found)
    table["value"] = table["emissions_intensity_gco2_per_kwh"]
    collected.add("grid_factors", CO2JS, _intensity(table, table["year"], "value"))


def _intensity(table: pd.DataFrame, year: pd.Series, column: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "region": table["region"],
            "year": year,
            "variable": "carbon intensity of electricity",
            "gas": "GHG",
            "value": table[column],
            "unit": "g CO2e/kWh",
            "uncertainty": NONE_GIVEN,
            "scope": "average of generation, lifecycle (Ember's factors by fuel)",
        }
    )


def _solar(data: Path, collected: Collected) -> None:
    table = pd.read_csv(path_of(data, SOLAR_FILE))
    groups_ = table["Area type"] == "Region"
    collected.leave_out(
        SOLAR.id, f"{int(groups_.sum())} rows of regions", "sums of the economies in the file"
    )
    table = table[~groups_]
    date = pd.to_datetime(table["Date"])
    found = codes(table["Area"].unique(), SOLAR.id, collected)
    measures = {
        "Capacity (MW)": "MW", "Amount (kg)": "kg", "Amount (USD)": "USD",
        "Amount (items)": "items",
    }  # fmt: skip
    frames = []
    for column, unit in measures.items():
        frames.append(
            pd.DataFrame(
                {
                    "region": table["Area"].map(found),
                    "year": date.dt.year,
                    "month": date.dt.month,
                    "variable": "exports of China to region",
                    "category": "HS " + table["Commodity code"].astype(str),
                    "category_name": table["Commodity type"],
                    "value": table[column].astype(float),
                    "unit": unit,
                    "uncertainty": NONE_GIVEN,
                    "scope": "customs, by first destination; capacity converted by Ember"
                    if unit == "MW"
                    else "customs, by first destination",
                }
            )
        )
    collected.add("trade", SOLAR, pd.concat(frames, ignore_index=True))
    collected.leave_out(SOLAR.id, "prices and running sums", "follow from the other columns")


def _owid_energy(data: Path, collected: Collected) -> None:
    table = pd.read_csv(path_of(data, OWID_ENERGY_FILE))
    names = table["iso_code"].where(table["iso_code"].str.len() == 3, table["country"])
    names = names.where(table["country"] != "Netherlands Antilles", "Netherlands Antilles")
    table["region"] = names.map(codes(names.unique(), OWID_ENERGY.id, collected))
    columns = [c for c in table.columns if c.endswith(("_electricity", "electricity_generation"))]
    frame = table.melt(id_vars=["region", "year"], value_vars=columns, var_name="item")
    frame["item"] = frame["item"].str.replace("_electricity|electricity_generation", "", regex=True)
    collected.add(
        "energy",
        OWID_ENERGY,
        frame.dropna(subset=["value"]).assign(
            item=frame["item"].replace({"": "total"}),
            variable="electricity generation",
            unit="TWh",
            uncertainty=NONE_GIVEN,
            scope="territorial",
        ),
    )
    collected.leave_out(OWID_ENERGY.id, "shares, intensity, population, GDP", "in other rows")
    primary = pd.read_csv(path_of(data, GDP), sep=";")
    primary = primary[primary["iso_code"].notna() & primary["primary_energy_consumption"].notna()]
    found = codes(primary["iso_code"].unique(), OWID_PRIMARY.id, collected)
    collected.add(
        "energy",
        OWID_PRIMARY,
        pd.DataFrame(
            {
                "region": primary["iso_code"].map(found),
                "year": primary["year"],
                "variable": "primary energy consumption",
                "item": "total",
                "value": primary["primary_energy_consumption"],
                "unit": "TWh",
                "uncertainty": NONE_GIVEN,
                "scope": "territorial",
            }
        ),
    )


def _irena(data: Path, collected: Collected) -> None:
    for name, variable, unit in (
        (CAPACITY_FILE, "installed capacity", "MW"),
        (GENERATION_FILE, "electricity generation", "GWh"),
    ):
        table = pd.read_csv(path_of(data, name), skiprows=2, encoding="latin-1", dtype="str")
        table.columns = ["area", "technology", "kind", "grid", "year", "value"]
        if not table["kind"].str.contains(f"({unit})", regex=False).all():
            raise ValueError(f"{name}: a unit other than {unit}")
        found = codes(table["area"].unique(), IRENA.id, collected)
        value = pd.to_numeric(table["value"], errors="coerce")
        year = table["year"].astype(int)
        if unit == "GWh" and value[year == 2023].notna().any():
            raise ValueError("IRENA: generation of 2023 is no longer empty")
        keep = ~((unit == "GWh") & (year == 2023))
        frame = pd.DataFrame(
            {
                "region": table["area"].map(found),
                "year": year,
                "variable": variable,
                "item": table["technology"],
                "value": value,
                "unit": unit,
                "uncertainty": NONE_GIVEN,
                "scope": "territorial, on and off grid",
                "key": table["value"].where(value.isna()),
                "note": pd.Series(None, table.index, dtype="object").mask(
                    value.isna(), "a dash in the source: none or not known"
                ),
            }
        )
        collected.add("energy", IRENA, frame[keep])
    collected.leave_out(IRENA.id, "generation of 2023", "a dash in every row")
