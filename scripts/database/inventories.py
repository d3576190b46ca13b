"""National inventories: Global Carbon Budget, CEDS, UNFCCC. Mt of the gas itself."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from scripts.database.areas import codes
from scripts.database.notes import noted
from scripts.database.schema import Collected, Origin, long, path_of
from scripts.embed import sources
from scripts.embed.countries import iso3_of_all
from scripts.embed.national import (
    FOSSIL,
    FOSSIL_LEFT_OUT,
    LAND,
    LAND_MODELS,
    MTCO2_PER_MTC,
    sheet,
)

CC_BY = ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")
FOSSIL_FUELS = "gcb/Global_Carbon_Budget_2024_v1.0-1.xlsx"
GCB_2024 = (
    "Friedlingstein et al. (2025), Global Carbon Budget 2024, Earth System Science Data 17, "
    "965-1039, https://doi.org/10.5194/essd-17-965-2025"
)

GCB = Origin(
    "gcb-2025-fossil", "Fossil CO2 by country, territorial and consumption",
    "Global Carbon Project", "Global Carbon Budget 2025 v0.3",
    "Friedlingstein et al. (2025), Global Carbon Budget 2025, Earth System Science Data (in "
    "review); territorial: Andrew and Peters (2025), https://zenodo.org/records/17417124; "
    "consumption: updated from Peters et al. (2011), PNAS 108, 8903-8908",
    *CC_BY, "https://globalcarbonbudget.org/", (FOSSIL,),
    "UNFCCC Annex I submissions, CDIAC, Energy Institute; consumption uses GTAP tables",
)  # fmt: skip
GCB_LAND = Origin(
    "gcb-2024-land", "Net CO2 from land-use change by country and bookkeeping model",
    "Global Carbon Project", "Global Carbon Budget 2024 v1.0",
    f"{GCB_2024}; BLUE: Hansis et al. (2015); H&C2023: Houghton and Castanho (2023); OSCAR: "
    "Gasser et al. (2020); LUCE: Qin et al. (2024)",
    *CC_BY, "https://globalcarbonbudget.org/", (LAND,),
    "the four models share land-use forcing (LUH2, FAO)",
)  # fmt: skip
CEDS = Origin(
    "ceds-2024", "CO2 by country and fuel, CH4 and N2O by country", "PNNL (CEDS)",
    "CEDS v2024_07_08",
    "Hoesly et al. (2018), Geoscientific Model Development 11, 369-408, CEDS release v2024_07_08",
    *CC_BY, "https://github.com/JGCRI/CEDS",
    (sources.CEDS_CO2_BY_FUEL, *(sources.CEDS_BY_COUNTRY.format(gas=g) for g in ("CH4", "N2O"))),
    "IEA energy statistics, EDGAR and UNFCCC submissions as inputs to scaling",
)  # fmt: skip
UNFCCC_LICENCE = (
    "UNFCCC terms: texts and data may be copied with the source acknowledged and unchanged",
    "https://unfccc.int/this-site/terms-of-use",
)
ANNEX_I = Origin(
    "unfccc-annex-i-2023", "Annex I inventories by CRF category, with LULUCF",
    "Parties to the UNFCCC", "GHG data interface, submissions of 2023",
    "UNFCCC, Greenhouse Gas Inventory Data, https://di.unfccc.int", *UNFCCC_LICENCE,
    "https://di.unfccc.int", tuple(sources.ANNEX_I.format(gas=g) for g in sources.GASES),
)  # fmt: skip
NON_ANNEX_I = Origin(
    "unfccc-non-annex-i-2022", "Submissions of non-Annex I Parties", "Parties to the UNFCCC",
    "GHG data interface as of 2022-02",
    "UNFCCC, Greenhouse Gas Inventory Data, https://di.unfccc.int", *UNFCCC_LICENCE,
    "https://di.unfccc.int", (sources.NON_ANNEX_I,),
)  # fmt: skip
FUELS = Origin(
    "gcb-2024-fuels", "Fossil CO2 by country and fuel, from 2004",
    "Global Carbon Project; Our World in Data", "Global Carbon Budget 2024, as in OWID's data set",
    f"{GCB_2024}; Our World in Data, CO2 and Greenhouse Gas Emissions data set",
    *CC_BY, "https://github.com/owid/co2-data", (sources.GDP,),
    "the edition before gcb-2025-fossil: never differenced with it",
)  # fmt: skip
ORIGINS = (GCB, GCB_LAND, FUELS, CEDS, ANNEX_I, NON_ANNEX_I)
FAMILY = "inventories"
NONE_GIVEN = "none given by the source"


def collect(data: Path, collected: Collected) -> None:
    """Read all inventories."""
    _fossil(data, collected)
    _land(data, collected)
    _fuels(data, collected)
    _ceds(data, collected)
    for gas in sources.GASES:
        _annex_i(data, gas, collected)
    _non_annex_i(data, collected)
    collected.frames[FAMILY] = [noted(frame) for frame in collected.frames[FAMILY]]


def _sheet_rows(columns: dict[str, dict[int, float]], codes_of: dict[str, str]) -> pd.DataFrame:
    rows = [
        (codes_of[name], year, value * MTCO2_PER_MTC)
        for name, years in columns.items()
        if name in codes_of
        for year, value in years.items()
    ]
    return pd.DataFrame(rows, columns=["region", "year", "value"])


def _fossil(data: Path, collected: Collected) -> None:
    path = path_of(data, FOSSIL)
    for name, scope, what in (
        ("Territorial Emissions", "territorial", "within the territory, no bunkers"),
        ("Consumption Emissions", "consumption", "less exports, plus imports"),
    ):
        columns = sheet(path, name)
        found = codes([n for n in columns if n not in FOSSIL_LEFT_OUT], GCB.id, collected)
        frame = _sheet_rows(columns, found)
        world = frame["region"] == "WLD"
        frame["sd"] = frame["value"].where(world & (frame["value"] > 0)) * 0.05
        frame["uncertainty"] = "by country: " + NONE_GIVEN
        frame.loc[world, "uncertainty"] = "sd: ±5 % at one sigma for the world, as the source says"
        if scope == "consumption":
            frame["sd"] = None
            frame["uncertainty"] = NONE_GIVEN
        collected.add(
            FAMILY,
            GCB,
            frame.assign(
                variable="emissions",
                gas="CO2",
                category="fossil",
                category_name=f"fossil combustion, oxidation and cement, {what}",
                unit="Mt",
                scope=scope,
            ),
        )
    for group, why in FOSSIL_LEFT_OUT.items():
        collected.leave_out(GCB.id, group, why)


def _land(data: Path, collected: Collected) -> None:
    path = path_of(data, LAND)
    frames = []
    for model in LAND_MODELS:
        columns = sheet(path, model)
        frame = _sheet_rows(columns, codes(columns, GCB_LAND.id, collected))
        frames.append(frame.assign(item=model))
    models = pd.concat(frames, ignore_index=True)
    models["uncertainty"] = "none by model: the spread of the four is in the rows 'mean of models'"
    spread = models.groupby(["region", "year"])["value"].agg(["mean", "std", "min", "max", "count"])
    spread = spread[spread["count"] == len(LAND_MODELS)].reset_index()
    mean = pd.DataFrame(
        {
            "region": spread["region"],
            "year": spread["year"],
            "value": spread["mean"],
            "sd": spread["std"].where(spread["std"] > 0),
            "low": spread["min"],
            "high": spread["max"],
            "item": "mean of models",
            "uncertainty": "sd: standard deviation of the four models; low, high: their range",
            "note": "derived here from the four models",
        }
    )
    collected.add(
        FAMILY,
        GCB_LAND,
        pd.concat([models, mean], ignore_index=True).assign(
            variable="emissions",
            gas="CO2",
            category="land-use change",
            category_name="net flux to the atmosphere from land-use change; negative is uptake",
            unit="Mt",
            scope="bookkeeping",
        ),
    )


def _fuels(data: Path, collected: Collected) -> None:
    wide = pd.read_csv(path_of(data, sources.GDP), sep=";")
    wide = wide[wide["iso_code"].notna()]
    wide["region"] = wide["iso_code"].map(codes(wide["iso_code"].unique(), FUELS.id, collected))
    fuels = ("coal", "oil", "gas", "cement", "flaring", "other_industry")
    frame = wide.melt(
        id_vars=["region", "year"], value_vars=[f"{fuel}_co2" for fuel in fuels], var_name="item"
    )
    frame["item"] = frame["item"].str.removesuffix("_co2")
    collected.add(
        FAMILY,
        FUELS,
        frame.dropna(subset=["value"]).assign(
            variable="emissions",
            gas="CO2",
            category="fossil",
            category_name="fossil combustion, oxidation and cement, by fuel or process",
            unit="Mt",
            scope="territorial",
            uncertainty=NONE_GIVEN,
            note="three decimals in the source",
        ),
    )
    collected.leave_out(FUELS.id, "sums of regions, per-person and cumulative", "can be computed")


def _ceds(data: Path, collected: Collected) -> None:
    for gas in sources.GASES:
        by_fuel = gas == "CO2"
        name = sources.CEDS_CO2_BY_FUEL if by_fuel else sources.CEDS_BY_COUNTRY.format(gas=gas)
        wide = pd.read_csv(path_of(data, name))
        found = iso3_of_all(dict.fromkeys(wide["country"]), {"global": "bunkers"}, name)
        codes(found.values(), CEDS.id, collected)
        collected.regions["BUNKERS"] = ("International bunkers (CEDS)", "other")
        years = {c: int(c[1:]) for c in wide.columns if c.startswith("X")}
        if not wide["units"].str.startswith("kt").all():
            raise ValueError(f"{name}: a unit other than kt")
        frame = long(wide, ["country"] + (["fuel"] if by_fuel else []), years)
        bunkers = frame["country"] == "global"
        frame["region"] = frame.pop("country").map({**found, "global": "BUNKERS"})
        frame["value"] = frame["value"] / sources.KT_PER_MT
        if by_fuel:
            frame["item"] = frame.pop("fuel")
            frame["category"] = "fossil and process"
            frame["category_name"] = "fuels and industrial processes, with domestic aviation"
            frame["note"] = (
                "with domestic aviation; the source's file of CO2 by country leaves it out"
            )
            frame.loc[bunkers, "note"] = "international shipping and aviation"
            frame.loc[frame["item"] == "biomass", "note"] = "biogenic CO2 is not counted: zero"
        else:
            frame["category"] = "all but open burning and land use"
            frame["category_name"] = "all anthropogenic sources of CEDS but aviation"
            frame["note"] = "without domestic aviation, which the source books with the bunkers"
            frame.loc[bunkers, "note"] = "international shipping and all aviation, domestic too"
        collected.add(
            FAMILY,
            CEDS,
            frame.dropna(subset=["value"]).assign(
                variable="emissions",
                gas=gas,
                unit="Mt",
                scope="territorial",
                uncertainty=NONE_GIVEN,
            ),
        )
    collected.leave_out(
        CEDS.id,
        "CO2 by country without fuels",
        "its totals leave out domestic aviation, booked with the bunkers; the rows by fuel "
        "include it: sum those instead",
    )


def _annex_i(data: Path, gas: str, collected: Collected) -> None:
    name = sources.ANNEX_I.format(gas=gas)
    wide = pd.read_csv(path_of(data, name), skiprows=3, dtype="str", skip_blank_lines=False)
    header = wide.columns
    wide = wide.set_axis(["party", "label", *header[2:]], axis=1).iloc[1:]
    empty = wide.index[wide["label"].isna()]
    wide = wide.loc[: empty[0] - 1]  # notes follow the first empty line
    years = {}
    for column in header[3:]:
        digits = column.replace("Last Inventory Year (", "").replace(")", "")
        if digits.isdigit():
            years[column] = int(digits)
    aggregates = [p for p in sources.NOT_IN_ANNEX_I if p.startswith("Annex I")]
    found = codes([p for p in wide["party"].unique() if p not in aggregates], ANNEX_I.id, collected)
    frame = long(wide[wide["party"].isin(found)], ["party", "label"], years)
    frame["region"] = frame.pop("party").map(found)
    frame["category"], frame["category_name"] = _labels(frame.pop("label"))
    frame = _numbers(frame)
    collected.add(FAMILY, ANNEX_I, _inventory(frame, gas, "Mt", "4"))
    for group in aggregates:
        collected.leave_out(ANNEX_I.id, f"{group}, {gas}", "sum of Parties")


def _labels(labels: pd.Series) -> tuple[pd.Series, pd.Series]:
    distinct = labels.unique()
    names = labels.map({text: " ".join(text.split()) for text in distinct})
    return labels.map({text: sources.category_code(text) for text in distinct}), names


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers to `value` in Mt, notation keys to `key`, empty cells away."""
    text = frame.pop("value").astype("object")
    text = text.where(text.notna(), "").str.strip()
    value = pd.to_numeric(text, errors="coerce")
    frame["value"] = value / sources.KT_PER_MT
    frame["key"] = text.where(value.isna() & (text != ""), None)
    return frame[text != ""]


def _inventory(
    frame: pd.DataFrame, gas: str | pd.Series, unit: str | pd.Series, land_code: str
) -> pd.DataFrame:
    land = frame["category_name"].str.contains("LULUCF|LUCF|Land-Use|Land Use|Forest", regex=True)
    without = frame["category_name"].str.contains("without|excluding", regex=True)
    land |= frame["category"].str.match(rf"{land_code}(\.|$)")
    scope = pd.Series("NGHGI", index=frame.index)
    scope = scope.mask(land & ~without, "NGHGI with land use")
    return frame.assign(
        variable="emissions",
        gas=gas,
        unit=unit,
        scope=scope,
        uncertainty="none in the data interface; the Parties' inventory reports state them",
    )


def _non_annex_i(data: Path, collected: Collected) -> None:
    wide = pd.read_csv(path_of(data, sources.NON_ANNEX_I), dtype="str")
    years = {c: int(c) for c in wide.columns if c.isdigit()}
    found = codes(wide["Party"].unique(), NON_ANNEX_I.id, collected)
    frame = long(wide, ["Party", "Category", "Gas", "Unit"], years)
    frame = _numbers(frame)
    gas = frame.pop("Gas").replace({"CO₂": "CO2", "CH₄": "CH4", "N₂O": "N2O", "SF₆": "SF6"})
    gas = gas.replace({"Aggregate GHGs": "GHG", "Aggregate F-gases": "F-gases"})
    in_co2e = frame.pop("Unit") != "Gg"
    single = gas.isin(sources.SECOND_REPORT_GWP)
    # Totals of one gas are in CO2e of the second report; turned back into the gas itself.
    back = gas.map(sources.SECOND_REPORT_GWP).where(in_co2e & single, 1.0)
    frame["value"] = frame["value"] / back
    frame["note"] = None
    frame.loc[in_co2e & single, "note"] = "given in CO2e, divided by the SAR GWP (21, 310)"
    unit = pd.Series("Mt", index=frame.index).mask(in_co2e & ~single, "Mt CO2e (SAR)")
    frame["region"] = frame.pop("Party").map(found)
    # Two categories of one code (a Party's own sub-category) are told apart by their names.
    frame["category"], frame["category_name"] = _labels(frame.pop("Category"))
    # the guidelines of 1996: 4 is agriculture, 5 is land use
    frame = _inventory(frame.assign(gas=gas, unit=unit), gas, unit, "5")
    keys = ["region", "year", "gas", "unit", "category", "category_name"]
    frame = frame.drop_duplicates([*keys, "value", "key"])
    clash = frame.duplicated([k for k in keys if k != "category_name"], keep=False)
    frame.loc[clash, "category"] = frame.loc[clash, "category_name"]
    collected.add(FAMILY, NON_ANNEX_I, frame)
