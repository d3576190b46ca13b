"""Natural and land fluxes. Sign: positive to the atmosphere, negative is a sink, everywhere.

Scopes are never to be added to one another: a top-down budget holds what a bookkeeping model, a
DGVM and a national inventory each call by another name.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

from scripts.database.areas import codes, groups
from scripts.database.inventories import CC_BY, FOSSIL_FUELS, GCB_2024
from scripts.database.schema import Collected, Origin, path_of

FAMILY = "natural_fluxes"
GTCO2_PER_GTC = 3.664
BYRNE_FILE = "natural/pilot_topdown_CO2_Budget_countries_v1.csv"
DENG_FILE = "natural/Deng_CH4_inversion_2000-2017.csv"
METHANE_FILE = "natural/gcp_methane_regional_processed.csv"
GFED_FILES = {gas: f"natural/GFED5_{gas}.txt" for gas in ("CO2", "CH4", "N2O")}

BUDGET = Origin(
    "gcb-2024-global", "Global CO2 budget: land, ocean, atmosphere", "Global Carbon Project",
    "Global Carbon Budget 2024 v1.0", GCB_2024, *CC_BY, "https://globalcarbonbudget.org/",
    (FOSSIL_FUELS,), "TRENDY models, ocean models, NOAA",
)  # fmt: skip
BYRNE = Origin(
    "ceos-topdown-2022", "Pilot top-down CO2 budgets of countries, OCO-2 v10 MIP",
    "Committee on Earth Observation Satellites", "version 1.0, 25 May 2022",
    "Byrne et al. (2023), National CO2 budgets (2015-2020) inferred from atmospheric CO2 "
    "observations in support of the global stocktake, Earth System Science Data 15, 963-1004, "
    "https://doi.org/10.5194/essd-15-963-2023",
    "CC BY 4.0 (the article; the file itself states none)", CC_BY[1],
    "https://doi.org/10.48588/npf6-sw92", (BYRNE_FILE,), "ODIAC fossil emissions, FAO trade",
)  # fmt: skip
DENG = Origin(
    "deng-ch4-2022", "CH4 of countries from atmospheric inversions, 2000-2017", "Deng et al.",
    "2022",
    "Deng et al. (2022), Comparing national greenhouse gas budgets reported in UNFCCC inventories "
    "against atmospheric inversions, Earth System Science Data 14, 1639-1675, "
    "https://doi.org/10.5194/essd-14-1639-2022",
    "CC BY 4.0 (the article; the file itself states none)", CC_BY[1],
    "https://doi.org/10.5194/essd-14-1639-2022", (DENG_FILE,),
    "inversions start from gridded inventories, EDGAR among them",
)  # fmt: skip
METHANE = Origin(
    "gcp-methane-2020", "Methane by continent, 2008-2017", "Global Carbon Project",
    "Global Methane Budget 2000-2017",
    "Saunois et al. (2020), The Global Methane Budget 2000-2017, Earth System Science Data 12, "
    "1561-1623; regional means: Stavert et al. (2022), Global Change Biology 28, 182-200",
    "CC BY 4.0 (the articles)", CC_BY[1], "https://www.globalcarbonproject.org/methanebudget/",
    (METHANE_FILE,), "inversions start from gridded inventories, EDGAR among them",
)  # fmt: skip
GFED = Origin(
    "gfed5-beta", "Fire emissions by region", "Global Fire Emissions Database",
    "GFED5 beta, 2002-2022",
    "van der Werf et al., Global Fire Emissions Database version 5 beta; Chen et al. (2023), "
    "Earth System Science Data 15, 5227-5259",
    "not stated in the files, which are offered for download with citation: not shipped",
    "https://www.globalfiredata.org/", "https://www.globalfiredata.org/",
    tuple(GFED_FILES.values()),
)  # fmt: skip
ORIGINS = (BUDGET, BYRNE, DENG, METHANE, GFED)


def collect(data: Path, collected: Collected) -> None:
    """Read all fluxes."""
    _budget(data, collected)
    _byrne(data, collected)
    _deng(data, collected)
    _methane(data, collected)
    _gfed(data, collected)


BUDGET_TERMS = {
    "fossil emissions excluding carbonation": (
        1.0,
        None,
        "territorial",
        "fossil combustion, industry and cement, world with bunkers",
    ),
    "land-use change emissions": (1.0, 0.7, "bookkeeping", "mean of four bookkeeping models"),
    "atmospheric growth": (1.0, 0.2, "observed", "growth of CO2 in the air, not a source"),
    "ocean sink": (-1.0, 0.4, "process models", "mean of ocean models and fCO2 products"),
    "land sink": (-1.0, 0.5, "DGVM", "mean of 20 dynamic global vegetation models"),
    "cement carbonation sink": (-1.0, None, "process models", "mean of two estimates"),
    "budget imbalance": (1.0, None, "residual", "what the terms leave unexplained"),
}
"""Column -> (sign to the atmosphere, sd in GtC as its sheet says, scope, meaning)."""
FOSSIL_SD = 0.05  # of the value, at one sigma, as the sheet says


def _budget(data: Path, collected: Collected) -> None:
    book = CalamineWorkbook.from_path(str(path_of(data, FOSSIL_FUELS)))
    rows = book.get_sheet_by_name("Global Carbon Budget").to_python()
    at = next(i for i, row in enumerate(rows) if row[0] == "Year")
    heads = [str(h).strip() for h in rows[at]]
    out = []
    for column, (sign, sd, scope, name) in BUDGET_TERMS.items():
        index = heads.index(column)
        for row in rows[at + 1 :]:
            number = row[index]
            if isinstance(row[0], float) and isinstance(number, float):
                value = sign * number * GTCO2_PER_GTC * 1000
                spread = None if sd is None else sd * GTCO2_PER_GTC * 1000
                out.append((int(row[0]), column, name, value, spread, scope))
    frame = pd.DataFrame(out, columns=["year", "category", "category_name", "value", "sd", "scope"])
    why = frame["category"].map(
        {
            c: "sd: one sigma as the source says" + (", from 1980" if "growth" in c else "")
            if t[1]
            else "none given by the source"
            for c, t in BUDGET_TERMS.items()
        }
    )
    fossil = frame["category"] == "fossil emissions excluding carbonation"
    frame.loc[fossil, "sd"] = frame.loc[fossil, "value"] * FOSSIL_SD
    why[fossil] = "sd: ±5 % at one sigma, as the source says"
    early = (frame["category"] == "atmospheric growth") & (frame["year"] < 1980)
    frame.loc[early, "sd"] = None
    codes(["World"], BUDGET.id, collected)
    collected.add(
        FAMILY,
        BUDGET,
        frame.assign(region="WLD", gas="CO2", unit="Mt", variable="net flux", uncertainty=why),
    )


BYRNE_TERMS = {
    "dC_loss": "loss of carbon stock on land",
    "NBE": "net biosphere exchange: all land fluxes but fossil",
    "NCE": "net carbon exchange: NBE and fossil",
}


def _byrne(data: Path, collected: Collected) -> None:
    wide = pd.read_csv(path_of(data, BYRNE_FILE), skiprows=52)
    wide = wide.rename(columns={"River (TgCO2)": "Rivers (TgCO2)"})
    area = wide["Alpha 3 Code"]
    own = [n for n in area.unique() if n.startswith("Region_") and n != "Region_EU"]
    found = codes([n for n in area.unique() if n not in own], BYRNE.id, collected)
    found |= groups(own, BYRNE.id, collected)
    mean = wide["Year"] == "mean"
    pairs = [
        (f"{run} {term}", f"{run} {term} unc", term, run, name)
        for run in ("IS", "LNLG", "LNLGIS", "LNLGOGIS")
        for term, name in BYRNE_TERMS.items()
    ]
    pairs += [
        ("Rivers", "River unc", "river", "", "carbon carried off by rivers"),
        (
            "Wood+Crop",
            "Wood+Crop unc",
            "wood and crop trade",
            "",
            "carbon traded in wood and crops",
        ),
        ("FF", "FF unc", "fossil and cement", "", "assumed in the inversion (ODIAC)"),
    ]
    frames = []
    for value, sd, category, item, name in pairs:
        spread = wide[f"{sd} (TgCO2)"]
        numbers = wide[f"{value} (TgCO2)"]
        frames.append(
            pd.DataFrame(
                {
                    "region": area.map(found),
                    "year": pd.to_numeric(wide["Year"].where(~mean)).astype("Int16"),
                    "variable": "net flux",
                    "gas": "CO2",
                    "category": category,
                    "category_name": name,
                    "item": item,
                    "value": numbers,
                    "unit": "Mt",
                    "sd": spread.where(spread > 0),
                    "uncertainty": pd.Series("sd: posterior, of the source", wide.index).mask(
                        ~(spread > 0), "none given by the source"
                    ),
                    "scope": pd.Series("top-down", wide.index).mask(mean, "top-down, 2015-2020"),
                    "note": pd.Series(None, wide.index, dtype="object").mask(
                        numbers.isna(), "empty in the source"
                    ),
                }
            )
        )
    collected.add(FAMILY, BYRNE, pd.concat(frames, ignore_index=True))


def _deng(data: Path, collected: Collected) -> None:
    wide = pd.read_csv(path_of(data, DENG_FILE))
    own = ["EUA", "EUR"]
    known = set(wide["iso"].unique()) - set(own)
    found = codes(sorted(known), DENG.id, collected) | groups(own, DENG.id, collected)
    frames = []
    for network in ("SURF", "GOSAT"):
        frames.append(
            pd.DataFrame(
                {
                    "region": wide["iso"].map(found),
                    "year": wide["Year"],
                    "variable": "flux",
                    "gas": "CH4",
                    "category": wide["Sector"].str.replace("argiculture", "agriculture"),
                    "item": f"{network} inversions",
                    "value": wide[f"{network}_med"],
                    "low": wide[f"{network}_min"],
                    "high": wide[f"{network}_max"],
                    "unit": "Mt",
                    "uncertainty": "low, high: range of the inversions; value: their median",
                    "scope": "top-down",
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    collected.add(FAMILY, DENG, frame.dropna(subset=["value"]))
    collected.leave_out(DENG.id, "single inversions", "median and range of them are taken")
    collected.leave_out(
        DENG.id,
        f"{int(frame['value'].isna().sum())} cells without a median",
        "no satellite inversions before 2009, or none for the sector",
    )


def _methane(data: Path, collected: Collected) -> None:
    table = pd.read_csv(path_of(data, METHANE_FILE))
    number = table.columns[-1]
    wide = table.pivot_table(
        index=["Region", "Period", "Estimate type", "Category"], columns="Measure", values=number
    ).reset_index()
    drop = (wide["Estimate type"] == "Bottom-up") & ~wide["Category"].isin(
        ["Wetlands", "Other Natural Sources"]
    )
    collected.leave_out(
        METHANE.id,
        f"{int(drop.sum())} bottom-up anthropogenic and fire means",
        "means of inventories that include EDGAR, from which nothing shipped may derive",
    )
    wide = wide[~drop]
    spread = wide["Std of Sample Mean"]
    collected.add(
        FAMILY,
        METHANE,
        pd.DataFrame(
            {
                "region": wide["Region"].map(groups(wide["Region"].unique(), "gcp", collected)),
                "variable": "flux, mean of 2008-2017",
                "gas": "CH4",
                "category": wide["Category"],
                "value": wide["Sample Mean"],
                "unit": "Mt",
                "sd": spread.where(spread > 0),
                "uncertainty": "sd: standard deviation over the estimates, of the source",
                "scope": wide["Estimate type"].map(
                    {"Top-Down": "top-down", "Bottom-up": "bottom-up"}
                ),
            }
        ),
    )


GFED_UNITS = {"CO2": 10.0, "CH4": 0.01, "N2O": 0.001}
"""Mt in one unit of the files' tables: 1E13 g, 1E10 g, 1E9 g; checked against their headers."""


def _gfed(data: Path, collected: Collected) -> None:
    grams = {"CO2": "1E13 g", "CH4": "1E10 g", "N2O": "1E9 g"}
    rows = []
    for gas, name in GFED_FILES.items():
        lines = path_of(data, name).read_text(encoding="utf-8").splitlines()
        if not any(f"{gas} emissions estimates in {grams[gas]}" in line for line in lines):
            raise ValueError(f"{name}: the unit is not {grams[gas]}")
        at = next(i for i, line in enumerate(lines) if line.startswith("Year"))
        heads = lines[at].replace("|", " ").split()[1:]
        for line in lines[at + 1 :]:
            cells = line.replace("|", " ").split()
            if cells and cells[0].isdigit():
                for region, cell in zip(heads, cells[1:], strict=True):
                    rows.append((region, int(cells[0]), gas, float(cell) * GFED_UNITS[gas]))
    frame = pd.DataFrame(rows, columns=["region", "year", "gas", "value"])
    own = [r for r in frame["region"].unique() if r != "Globe"]
    found = groups(own, "gfed", collected) | codes(["Globe"], GFED.id, collected)
    collected.add(
        FAMILY,
        GFED,
        frame.assign(
            region=frame["region"].map(found),
            variable="gross emissions",
            category="fires",
            category_name="all fires; regrowth is not taken off",
            unit="Mt",
            scope="bottom-up, fires",
            uncertainty="none given by the source; figures are whole units of its table",
        ),
    )
    collected.leave_out(
        GFED.id, "means over the years", "can be computed; GFED4.1s is superseded by it"
    )
