"""National figures shipped with the package: fossil CO2, land-use CO2, people and GDP, totals.

Run by the embedding script; `build(data, out)` writes four CSV files and returns what the
manifest says about each. Nothing is estimated here: values are the producers', converted by
the factor they state.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from mriocarbon.errors import DataFileError
from scripts.embed import sources
from scripts.embed.countries import display_name, iso3_of_all
from scripts.embed.tidy import Cell, read_dicts, source, write_csv

MTCO2_PER_MTC = 3.664
"""Conversion stated on every sheet of the Global Carbon Budget."""

FOSSIL = "gcb/National_Fossil_Carbon_Emissions_2025_v0.3.xlsx"
LAND = "gcb/National_LandUseChange_Carbon_Emissions_2024v1.0.xlsx"
OWID_2024 = "owid/owid-co2-data_gcb2024_subset.csv"
FOSSIL_YEARS = range(2015, 2024)
LAND_YEAR = 2022
LAND_MODELS = ("BLUE", "H&C2023", "OSCAR", "LUCE")
CEDS_YEARS = (2021, 2022)

CC_BY = "CC BY 4.0"
CC_BY_URL = "https://creativecommons.org/licenses/by/4.0/"

FOSSIL_CODES = {
    "EU27": ("EU27", "European Union (27)"),
    "World": ("WLD", "World"),
    "International Shipping": ("BUNKER_SHIPPING", "International shipping"),
    "International Aviation": ("BUNKER_AVIATION", "International aviation"),
    "Statistical Difference": ("STATISTICAL_DIFFERENCE", "Statistical difference"),
}
"""Columns of the fossil sheets that are no country and are kept under a code of their own."""

FOSSIL_LEFT_OUT = dict.fromkeys(
    (
        "KP Annex B", "Non KP Annex B", "OECD", "Non-OECD", "Africa", "Asia",
        "Central America", "Europe", "Middle East", "North America", "Oceania", "South America",
    ),
    "overlapping group of countries; can be summed from them",
)  # fmt: skip

LAND_CODES = {
    "EU27": ("EU27", "European Union (27)"),
    "Global": ("WLD", "World"),
    "OTHER": ("OTHER", "Other territories"),
    "DISPUTED": ("DISPUTED", "Disputed territories"),
}

OWID_LEFT_OUT = dict.fromkeys(
    (
        "Africa", "Asia", "Asia (excl. China and India)", "Europe", "Europe (excl. EU-27)",
        "Europe (excl. EU-28)", "European Union (27)", "European Union (28)",
        "High-income countries", "Low-income countries", "Lower-middle-income countries",
        "North America", "North America (excl. USA)", "Oceania", "South America",
        "Upper-middle-income countries", "World", "OECD (Jones et al.)",
        "Least developed countries (Jones et al.)",
    ),
    "group of countries",
) | {
    "International aviation": "bunkers",
    "International shipping": "bunkers",
    "International transport": "bunkers",
    "Kuwaiti Oil Fields": "oil fires of 1991",
    "Kuwaiti Oil Fires": "oil fires of 1991",
    "Leeward Islands": "former territory",
    "Panama Canal Zone": "former territory",
    "Ryukyu Islands": "former territory",
}  # fmt: skip


def build(data: Path, out: Path) -> list[dict[str, Any]]:
    """Write the five national files into `out`; return their manifest entries.

    Parameters
    ----------
    data : Path
        The data folder (see its README).
    out : Path
        Folder to write into; made if missing.

    Returns
    -------
    list of dict
        One manifest entry a file.
    """
    return [
        fossil(data, out),
        editions(data, out),
        land_use(data, out),
        population_gdp(data, out),
        inventory(data, out),
    ]


def sheet(path: Path, name: str) -> dict[str, dict[int, float]]:
    """Read a Global Carbon Budget sheet: column name -> year -> MtC; empty cells are absent."""
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()
    header = next((i for i, row in enumerate(rows) if "China" in row), None)
    if header is None:
        raise DataFileError(f"no header with country names on sheet {name!r}", where=path.name)
    names = [str(cell).strip() for cell in rows[header]]
    if len(set(names[1:])) != len(names) - 1:
        raise DataFileError(f"doubled column names on sheet {name!r}", where=path.name)
    out: dict[str, dict[int, float]] = {n: {} for n in names[1:] if n}
    for row in rows[header + 1 :]:
        if not isinstance(row[0], (int, float)):
            continue
        for column, cell in zip(names[1:], row[1:], strict=True):
            if column and isinstance(cell, (int, float)):
                out[column][int(row[0])] = float(cell)
    return out


def gcb_regions(data: Path) -> dict[str, str]:
    """Return alpha-3 -> continent as on the sheet "Regions" of the fossil workbook."""
    path = source(data, FOSSIL)
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Regions").to_python()
    continents = {
        "Africa", "Asia", "Central America", "Europe", "Middle East", "North America",
        "Oceania", "South America",
    }  # fmt: skip
    bonaire = "Bonaire, Saint Eustatius and Saba"  # the only name with a comma in it
    out: dict[str, str] = {}
    for row in rows:
        if row[0] not in continents:
            continue
        listed = str(row[1]).replace(bonaire, "BES").split(",")
        for code in iso3_of_all((n.strip() for n in listed), {}, "Regions").values():
            out[code] = str(row[0])
    return out


def _codes(
    names: Sequence[str],
    kept: Mapping[str, tuple[str, str]],
    left_out: Mapping[str, str],
    where: str,
) -> dict[str, tuple[str, str]]:
    not_countries = {**left_out, **dict.fromkeys(kept, "kept under its own code")}
    found = iso3_of_all(names, not_countries, where)
    out = {name: (code, display_name(code)) for name, code in found.items()}
    out.update({name: kept[name] for name in names if name in kept})
    return out


def fossil(data: Path, out: Path) -> dict[str, Any]:
    """Write territorial and consumption fossil CO2 2015-2023 by country (GCB 2025)."""
    path = source(data, FOSSIL)
    territorial = sheet(path, "Territorial Emissions")
    consumption = sheet(path, "Consumption Emissions")
    codes = _codes(list(territorial), FOSSIL_CODES, FOSSIL_LEFT_OUT, path.name)
    rows: list[list[Cell]] = []
    for name, (code, label) in codes.items():
        for year in FOSSIL_YEARS:
            rows.append(
                [
                    code,
                    label,
                    year,
                    _mtco2(territorial[name].get(year)),
                    _mtco2(consumption[name].get(year)),
                ]
            )
    file = "gcb2025_fossil_co2.csv"
    write_csv(
        out / file,
        ["iso3", "country", "year", "territorial_MtCO2", "consumption_MtCO2"],
        rows,
    )
    return _entry(
        file=file,
        title="Fossil CO2 by country, territorial and consumption, 2015-2023",
        producer="Global Carbon Project",
        edition="Global Carbon Budget 2025 v0.3",
        citation="Friedlingstein et al. (2025), Global Carbon Budget 2025, Earth System Science "
        "Data (in review); territorial: Andrew and Peters (2025), "
        "https://zenodo.org/records/17417124; consumption: updated from Peters, Minx, Weber and "
        "Edenhofer (2011), PNAS 108, 8903-8908",
        licence=CC_BY,
        licence_url=CC_BY_URL,
        address="https://globalcarbonbudget.org/",
        derived_from=[FOSSIL],
        years=[*FOSSIL_YEARS],
        unit="MtCO2",
        columns={
            "iso3": "ISO 3166 alpha-3; also EU27, WLD, BUNKER_SHIPPING, BUNKER_AVIATION and "
            "STATISTICAL_DIFFERENCE",
            "country": "short name",
            "year": "calendar year",
            "territorial_MtCO2": "fossil combustion and oxidation and cement, within the "
            "territory; bunkers are in WLD only",
            "consumption_MtCO2": "territorial less emissions in exports plus emissions in "
            "imports; empty where the source has none (94 countries)",
        },
        exactness="exact",
        notes=[
            "MtC of the source times 3.664, the factor stated on its sheets.",
            "The consumption sheet gives bunkers, the statistical difference and the world the "
            "same values as the territorial sheet.",
            "Land use is not in here: the land-use file is of the 2024 edition; the two are never "
            "differenced.",
        ],
    )


def editions(data: Path, out: Path) -> dict[str, Any]:
    """Write fossil CO2 of 2022 by country in two editions of the Global Carbon Budget.

    The national workbook of 2024 has consumption to 2021 only; that edition's 2022 is taken from
    Our World in Data, who carry it.
    """
    rows: list[list[Cell]] = []
    with source(data, OWID_2024).open(encoding="utf-8", newline="") as handle:
        first = handle.readline()
        handle.seek(0)
        for r in csv.DictReader(handle, delimiter=";" if first.count(";") > 3 else ","):
            code = r["iso_code"]
            if r["year"] == "2022" and len(code) == 3 and r["consumption_co2"] and r["co2"]:
                rows.append([code, display_name(code), "gcb-2024", r["co2"], r["consumption_co2"]])
    path = source(data, FOSSIL)
    territorial = sheet(path, "Territorial Emissions")
    consumption = sheet(path, "Consumption Emissions")
    codes = _codes(list(territorial), FOSSIL_CODES, FOSSIL_LEFT_OUT, path.name)
    for column, (code, label) in codes.items():
        made, used = (x.get(column, {}).get(2022) for x in (territorial, consumption))
        if used is not None and column not in FOSSIL_CODES:
            rows.append([code, label, "gcb-2025", _mtco2(made), _mtco2(used)])
    file = "gcb_editions_2022.csv"
    write_csv(
        out / file,
        ["iso3", "country", "edition", "territorial_MtCO2", "consumption_MtCO2"],
        rows,
    )
    return _entry(
        file=file,
        title="Fossil CO2 of 2022, territorial and consumption, in two editions",
        producer="Global Carbon Project",
        edition="Global Carbon Budget 2024 (as carried by Our World in Data) and 2025 v0.3",
        citation="Friedlingstein et al. (2025), Global Carbon Budget 2024, Earth System Science "
        "Data 17, 965-1039, processed by Our World in Data; Friedlingstein et al. (2025), Global "
        "Carbon Budget 2025 (in review); consumption: updated from Peters, Minx, Weber and "
        "Edenhofer (2011), PNAS 108, 8903-8908",
        licence=CC_BY,
        licence_url=CC_BY_URL,
        address="https://globalcarbonbudget.org/",
        derived_from=[OWID_2024, FOSSIL],
        years=[2022],
        unit="MtCO2",
        columns={
            "iso3": "ISO 3166 alpha-3",
            "country": "short name",
            "edition": "gcb-2024 or gcb-2025",
            "territorial_MtCO2": "fossil combustion and oxidation and cement",
            "consumption_MtCO2": "as the edition has it; countries without are left out",
        },
        exactness="exact",
        notes=["Side by side to show what a revision moves; never mixed in one figure."],
    )


def land_use(data: Path, out: Path) -> dict[str, Any]:
    """Write net land-use-change CO2 of 2022 by country and bookkeeping model (GCB 2024)."""
    path = source(data, LAND)
    rows: list[list[Cell]] = []
    for model in LAND_MODELS:
        columns = sheet(path, model)
        for name, (code, label) in _codes(list(columns), LAND_CODES, {}, path.name).items():
            value = columns[name].get(LAND_YEAR)
            rows.append([code, label, model, LAND_YEAR, _mtco2(value)])
    file = "gcb2024_land_use_co2.csv"
    write_csv(out / file, ["iso3", "country", "model", "year", "net_MtCO2"], rows)
    return _entry(
        file=file,
        title="Net CO2 from land-use change by country and bookkeeping model, 2022",
        producer="Global Carbon Project",
        edition="Global Carbon Budget 2024 v1.0",
        citation="Friedlingstein et al. (2025), Global Carbon Budget 2024, Earth System Science "
        "Data 17, 965-1039, https://doi.org/10.5194/essd-17-965-2025; BLUE: Hansis et al. (2015); "
        "H&C2023: Houghton and Castanho (2023); OSCAR: Gasser et al. (2020); LUCE: Qin et al. "
        "(2024)",
        licence=CC_BY,
        licence_url=CC_BY_URL,
        address="https://globalcarbonbudget.org/",
        derived_from=[LAND],
        years=[LAND_YEAR],
        unit="MtCO2",
        columns={
            "iso3": "ISO 3166 alpha-3; also EU27, WLD (the source's Global), OTHER and DISPUTED",
            "country": "short name",
            "model": "bookkeeping model",
            "year": "calendar year",
            "net_MtCO2": "net flux to the atmosphere; negative = uptake",
        },
        exactness="exact",
        notes=[
            "MtC of the source times 3.664. The four models differ by more than a factor of two "
            "for many countries: always show all four.",
            "EU27 repeats its members: leave it out of sums over countries.",
            "Edition 2024, while the fossil file is of edition 2025.",
        ],
    )


def owid_names(names: Sequence[str]) -> dict[str, str]:
    """Map the country names of an Our World in Data file to alpha-3; groups are left out."""
    groups = {n: "group of countries" for n in names if n.endswith((" (GCP)", " (OECD)"))}
    return iso3_of_all(names, {**OWID_LEFT_OUT, **groups}, "Our World in Data")


def population(data: Path) -> dict[str, dict[int, int]]:
    """Return alpha-3 (or WLD) -> year -> people, mid-year."""
    rows = read_dicts(source(data, sources.POPULATION))
    codes = {**owid_names(list(dict.fromkeys(r["country"] for r in rows))), "World": "WLD"}
    out: dict[str, dict[int, int]] = {}
    for row in rows:
        if row["country"] in codes and row["population"].strip():
            year = int(row["year"])
            out.setdefault(codes[row["country"]], {})[year] = round(float(row["population"]))
    return out


def gdp(data: Path) -> dict[str, dict[int, float]]:
    """Return alpha-3 (or WLD) -> year -> GDP in international-$ of 2011."""
    rows = read_dicts(source(data, sources.GDP), delimiter=";")
    codes = {**owid_names(list(dict.fromkeys(r["country"] for r in rows))), "World": "WLD"}
    out: dict[str, dict[int, float]] = {}
    for row in rows:
        if row["country"] in codes and row["gdp"].strip():
            out.setdefault(codes[row["country"]], {})[int(row["year"])] = float(row["gdp"])
    return out


def population_gdp(data: Path, out: Path) -> dict[str, Any]:
    """Write population and GDP 2015-2023 by country."""
    people, money = population(data), gdp(data)
    rows: list[list[Cell]] = []
    for code in sorted({*people, *money}):
        label = "World" if code == "WLD" else display_name(code)
        for year in FOSSIL_YEARS:
            count, value = people.get(code, {}).get(year), money.get(code, {}).get(year)
            if count is not None or value is not None:
                rows.append([code, label, year, count, value])
    file = "population_gdp.csv"
    write_csv(out / file, ["iso3", "country", "year", "population", "gdp"], rows)
    return _entry(
        file=file,
        title="Population and GDP by country, 2015-2023",
        producer="United Nations (population); Maddison Project (GDP); compiled by Our World in "
        "Data",
        edition="Our World in Data CO2 data set: population from the release with Global Carbon "
        "Budget 2025, GDP from the release with Global Carbon Budget 2024",
        citation="Our World in Data, CO2 and Greenhouse Gas Emissions data set, "
        "https://github.com/owid/co2-data; Bolt and van Zanden, Maddison Project Database; United "
        "Nations, World Population Prospects",
        licence=CC_BY,
        licence_url=CC_BY_URL,
        address="https://github.com/owid/co2-data",
        derived_from=[sources.POPULATION, sources.GDP],
        years=[*FOSSIL_YEARS],
        unit="persons; international-$ of 2011",
        columns={
            "iso3": "ISO 3166 alpha-3, XKX for Kosovo, WLD for the world",
            "country": "short name",
            "year": "calendar year",
            "population": "persons",
            "gdp": "gross domestic product in international-$ at constant prices of 2011 "
            "(purchasing power, not the current USD of the input-output table); empty where the "
            "source has none, which is all of 2023",
        },
        exactness="exact",
        notes=[
            "The source holds no edition mark of its own. Its codebook names the Maddison Project "
            "Database for GDP (2011 international-$); that the values are of the 2023 edition, the "
            "first to reach 2022, is inferred from their range and marked UNVERIFIED.",
            "The two releases agree: populations to 2e-4 (a few persons on small islands), GDP to "
            "the three digits that the later release keeps.",
        ],
    )


def inventory(data: Path, out: Path) -> dict[str, Any]:
    """Write territorial national totals for CO2, CH4 and N2O from CEDS and from UNFCCC."""
    rows = [*_ceds_rows(data), *_annex_i_rows(data), *_non_annex_i_rows(data)]
    file = "inventory_2022.csv"
    write_csv(
        out / file,
        ["iso3", "country", "gas", "year", "value_Mt", "source", "scope", "note"],
        rows,
    )
    return _entry(
        file=file,
        title="National greenhouse-gas totals on the territorial principle, without land use",
        producer="PNNL (CEDS); Parties to the UNFCCC",
        edition="CEDS v2024_07_08; UNFCCC GHG data interface (Annex I submissions 2023); UNFCCC "
        "non-Annex I data as of 2022-02",
        citation="Hoesly et al. (2018), Geoscientific Model Development 11, 369-408, CEDS release "
        "v2024_07_08; UNFCCC, Greenhouse Gas Inventory Data, https://di.unfccc.int",
        licence="CEDS: CC BY 4.0; UNFCCC: figures of Parties, reuse with the source named",
        licence_url=CC_BY_URL,
        address="https://github.com/JGCRI/CEDS; https://di.unfccc.int",
        derived_from=[
            sources.CEDS_CO2_BY_FUEL,
            *(sources.CEDS_BY_COUNTRY.format(gas=g) for g in ("CH4", "N2O")),
            *(sources.ANNEX_I.format(gas=g) for g in sources.GASES),
            sources.NON_ANNEX_I,
        ],
        years=[*CEDS_YEARS],
        unit="Mt of the gas itself",
        columns={
            "iso3": "ISO 3166 alpha-3, XKX for Kosovo, BUNKERS for the source's own global row",
            "country": "short name",
            "gas": "CO2, CH4 or N2O",
            "year": "calendar year",
            "value_Mt": "Mt of the gas, not of CO2 equivalent",
            "source": "CEDS, UNFCCC Annex I or UNFCCC non-Annex I: never mixed within one figure",
            "scope": "what is counted",
            "note": "what to know about this row",
        },
        exactness="exact",
        notes=[
            "CEDS CO2 is summed from the by-fuel file (biomass is 0 there): its by-country file "
            "books domestic aviation with the bunkers, which the IPCC does not (137 Mt for the "
            "United States in 2021).",
            "CEDS CH4 and N2O come by country only, so their domestic aviation lies in BUNKERS.",
            "CEDS CO2 of 2021 is below the Annex I inventories for several countries (United "
            "States -8 %, Japan -7 %, Germany -9 %): name the source of every percentage.",
            "No fluorinated gases: the permitted sources at hand have none for all countries. A "
            "total of the three gases is not the IPCC total.",
            "Confidential, not-estimated and included-elsewhere cells are left out, never zero.",
        ],
    )


def _ceds_rows(data: Path) -> list[list[Cell]]:
    name = "CEDS v2024_07_08"
    co2 = {
        code: sources.sum_fuels(fuels, without=("biomass",))
        for code, fuels in sources.ceds_fuels(data).items()
    }
    rows: list[list[Cell]] = []
    for gas in sources.GASES:
        totals = co2 if gas == "CO2" else sources.ceds_totals(data, gas)
        if gas == "CO2":
            scope = "fossil fuels and industrial processes, with domestic aviation; no biomass"
            bunkers = "international shipping and aviation"
        else:
            scope = "all anthropogenic sources of CEDS but aviation; no open burning, no land use"
            bunkers = "international shipping and all aviation, domestic included"
        for code, years in totals.items():
            if code == "GLOBAL":
                head: list[Cell] = ["BUNKERS", "International bunkers"]
            else:
                head = [code, display_name(code)]
            note = "the source's row 'global'" if code == "GLOBAL" else ""
            for year in CEDS_YEARS:
                row_scope = bunkers if code == "GLOBAL" else scope
                rows.append([*head, gas, year, years[year], name, row_scope, note])
    return rows


def _annex_i_rows(data: Path) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for gas in sources.GASES:
        for code, party in sources.annex_i(data, gas).items():
            series = party.values.get("Total GHG emissions without LULUCF", {})
            if not series:
                continue
            year = max(series)
            note = "" if year == 2021 else f"newest year at hand is {year}, not 2021"
            value = series[year] / sources.KT_PER_MT
            label = "UNFCCC Annex I submission 2023"
            if code == "AUS":
                label = "UNFCCC Annex I submission 2022"
            scope = "national total without LULUCF and without indirect CO2"
            rows.append([code, display_name(code), gas, year, value, label, scope, note])
    return rows


def _non_annex_i_rows(data: Path) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for gas in sources.GASES:
        for code, party in sources.non_annex_i(data, gas).items():
            series = party.values.get("Total GHG emissions excluding LULUCF/LUCF", {})
            if not series:
                continue
            year = max(series)
            note = f"{2022 - year} years before 2022; guidelines and scope differ between Parties"
            label = "UNFCCC non-Annex I data 2022-02"
            value = series[year] / sources.KT_PER_MT
            scope = "national total excluding LULUCF"
            rows.append([code, display_name(code), gas, year, value, label, scope, note])
    return rows


def _mtco2(mtc: float | None) -> float | None:
    return None if mtc is None else mtc * MTCO2_PER_MTC


def _entry(**fields: Any) -> dict[str, Any]:
    fields.setdefault("what_is_estimated", "")
    fields.setdefault("notes", [])
    return fields
