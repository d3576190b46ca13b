"""Readers of the data folder that several embedded files share.

Everything comes back in Mt (of the gas itself) and by alpha-3 code.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mriocarbon.errors import DataFileError
from scripts.embed.countries import iso3_of_all
from scripts.embed.tidy import read_dicts, source

CEDS_CO2_BY_FUEL = "ceds/CO2_CEDS_emissions_by_country_fuel_v2024_07_08.csv"
CEDS_BY_COUNTRY = "ceds/{gas}_CEDS_emissions_by_country_v2024_07_08.csv"
ANNEX_I = "unfccc/CEDS_UNFCCC_{gas}.csv"
NON_ANNEX_I = "unfccc/unfccc_nonannex1_detailed_2022-02.csv"
POPULATION = "owid/owid_gcb2025_subset_nithin.csv"
GDP = "owid/owid-co2-data_gcb2024_subset.csv"

GASES = ("CO2", "CH4", "N2O")
KT_PER_MT = 1000.0
SECOND_REPORT_GWP = {"CO2": 1.0, "CH4": 21.0, "N2O": 310.0}

NOT_IN_ANNEX_I = {
    "Annex I": "sum of Parties",
    "Annex I EIT": "sum of Parties",
    "Annex I non-EIT": "sum of Parties",
    "European Union (Convention)": "sum of the 27 members, which are listed one by one",
}
CEDS_GLOBAL = "global"


@dataclass(frozen=True)
class Party:
    """One Party's inventory: category code -> year -> kt, numbers only.

    A cell holding a notation key (NO, NE, IE, C, NA or several) or nothing is not here;
    `keys` holds the notation key instead, so that "included elsewhere" is never read as zero.
    """

    values: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    keys: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


def category_code(label: str) -> str:
    """Return the code before the title: '1.A.3.b.i  Cars' -> '1.A.3.b.i'; totals stay whole.

    Examples
    --------
    >>> category_code("1.A.3.b.i  Cars"), category_code("1. Energy"), category_code("Marine")
    ('1.A.3.b.i', '1', 'Marine')
    """
    label = " ".join(label.split())
    first = label.split(" ", 1)[0]
    return first.rstrip(".") if first[:1].isdigit() else label


def number_or_key(cell: str) -> float | str | None:
    """Read a cell: a number, a notation key, or None where nothing is written.

    Examples
    --------
    >>> number_or_key("12.5"), number_or_key("NO,IE"), number_or_key(" ")
    (12.5, 'NO,IE', None)
    """
    cell = cell.strip()
    if not cell:
        return None
    try:
        return float(cell)
    except ValueError:
        return cell


def annex_i(data: Path, gas: str) -> dict[str, Party]:
    """Read the Annex I inventories of one gas (kt), submission of 2023.

    The years are found by the header, so a Party whose last column is missing (Australia ends
    in 2020) simply has no 2021.
    """
    return _annex_i(source(data, ANNEX_I.format(gas=gas)))


@functools.lru_cache(maxsize=6)
def _annex_i(path: Path) -> dict[str, Party]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.reader(handle))
    start = next((i for i, row in enumerate(rows) if row[:1] == ["Party"]), None)
    if start is None or start == 0:
        raise DataFileError("no header row 'Party,Category' found", where=path.name)
    years: list[int | None] = []
    for label in rows[start - 1]:
        digits = label.replace("Last Inventory Year (", "").replace(")", "")
        years.append(int(digits) if digits.isdigit() else None)
    body: list[list[str]] = []
    for row in rows[start + 1 :]:
        if not any(row):  # the block ends at the first empty line; notes follow
            break
        body.append(row)
    codes = iso3_of_all(dict.fromkeys(row[0] for row in body), NOT_IN_ANNEX_I, path.name)
    values: dict[str, dict[str, dict[int, float]]] = {c: {} for c in codes.values()}
    keys: dict[str, dict[str, dict[int, str]]] = {c: {} for c in codes.values()}
    for row in body:
        if row[0] not in codes:
            continue
        code, category = codes[row[0]], category_code(row[1])
        for year, cell in zip(years[2:], row[2:], strict=False):
            read = number_or_key(cell)
            if year is None or read is None:
                continue
            if isinstance(read, float):
                values[code].setdefault(category, {})[year] = read
            else:
                keys[code].setdefault(category, {})[year] = read
    return {c: Party(values[c], keys[c]) for c in sorted(values)}


def european_union_row(data: Path, gas: str, category: str, year: int) -> float:
    """Return the "European Union (Convention)" cell (kt), used only to check the sum of members."""
    path = source(data, ANNEX_I.format(gas=gas))
    with path.open(encoding="utf-8-sig", newline="") as handle:
        for row in csv.reader(handle):
            if row[:1] == ["European Union (Convention)"] and category_code(row[1]) == category:
                return float(row[3 + year - 1990])
    raise DataFileError(f"no row {category!r} for the European Union", where=path.name)


def non_annex_i(data: Path, gas: str) -> dict[str, Party]:
    """Read the non-Annex I submissions of one gas (kt of the gas). Sparse: most cells are empty.

    The totals "excluding LULUCF" are in Gg CO2 equivalent even for a single gas, with the GWP
    of the IPCC's second report (21 and 310: the sum of the sectors in Gg confirms it for every
    Party). They are turned back into Gg of the gas; no other row needs it.
    """
    path = source(data, NON_ANNEX_I)
    written = {"CO2": "CO₂", "CH4": "CH₄", "N2O": "N₂O"}[gas]
    rows = [r for r in read_dicts(path) if r["Gas"] == written]
    codes = iso3_of_all(dict.fromkeys(r["Party"] for r in rows), {}, path.name)
    values: dict[str, dict[str, dict[int, float]]] = {c: {} for c in codes.values()}
    for row in rows:  # a category stands under several parents, each time with the same figures
        cells = values[codes[row["Party"]]].setdefault(category_code(row["Category"]), {})
        for label, cell in row.items():
            read = number_or_key(cell) if label.isdigit() else None
            if not isinstance(read, float):
                continue
            if row["Unit"] != "Gg":
                read /= SECOND_REPORT_GWP[gas]
            if cells.setdefault(int(label), read) != read:
                raise DataFileError(
                    f"two different figures for {row['Party']}, {row['Category']}, {label}",
                    where=path.name,
                    do="decide which one holds and say so here",
                )
    return {c: Party(values[c]) for c in sorted(values)}


def ceds_fuels(data: Path) -> dict[str, dict[str, dict[int, float]]]:
    """Read CEDS CO2 by country and fuel: code -> fuel -> year -> Mt. 'GLOBAL' = bunkers."""
    return _ceds_fuels(source(data, CEDS_CO2_BY_FUEL))


@functools.lru_cache(maxsize=2)
def _ceds_fuels(path: Path) -> dict[str, dict[str, dict[int, float]]]:
    rows = read_dicts(path)
    codes = _ceds_codes([r["country"] for r in rows], path.name)
    out: dict[str, dict[str, dict[int, float]]] = {}
    for row in rows:
        out.setdefault(codes[row["country"]], {})[row["fuel"]] = _ceds_years(row)
    return out


def sum_fuels(
    fuels: Mapping[str, Mapping[int, float]], without: tuple[str, ...]
) -> dict[int, float]:
    """Sum a country's fuels by year, but those named. CEDS has no row for a fuel not used.

    Examples
    --------
    >>> sum_fuels({"hard_coal": {2022: 2.0}, "process": {2022: 1.0}}, ("process",))
    {2022: 2.0}
    """
    years = sorted({y for series in fuels.values() for y in series})
    return {y: sum(fuels[f][y] for f in sorted(fuels) if f not in without) for y in years}


def ceds_totals(data: Path, gas: str) -> dict[str, dict[int, float]]:
    """Read a CEDS by-country file: code -> year -> Mt. 'GLOBAL' holds shipping and ALL aviation."""
    path = source(data, CEDS_BY_COUNTRY.format(gas=gas))
    rows = read_dicts(path)
    codes = _ceds_codes([r["country"] for r in rows], path.name)
    return {codes[row["country"]]: _ceds_years(row) for row in rows}


def _ceds_codes(names: list[str], where: str) -> dict[str, str]:
    codes = iso3_of_all(dict.fromkeys(names), {CEDS_GLOBAL: "shipping and aviation"}, where)
    return {**codes, CEDS_GLOBAL: "GLOBAL"}


def _ceds_years(row: Mapping[str, str]) -> dict[int, float]:
    if not row["units"].startswith("kt"):
        raise DataFileError(f"unit {row['units']!r}, expected kt", where="CEDS")
    return {
        int(label[1:]): float(cell) / KT_PER_MT
        for label, cell in row.items()
        if label.startswith("X") and int(label[1:]) >= 1990 and cell not in ("", "NA")
    }
