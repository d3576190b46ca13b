"""The OECD ICIO table of 2022 for the 20 regions x 50 industries of the OECD GHG file."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.datasets.full import OTHER_INPUTS
from mriocarbon.io import save_npz
from mriocarbon.model import MRIO, Note, Provenance, Source
from mriocarbon.model.side import Side

Array = NDArray[np.float64]

TABLE = "icio2022/icio2022_20Rx50_with_GHG.npz"
EXACT = "icio2022/icio2022_80x50_exact_f64.npz"
FULL = "icio2022/icio2022_81x50_f32.npz"
GHG = "icio2022/oecd_prod_ghg_2022_20R_MtCO2e.csv"
MAPPING = "icio2022/region_mapping_20R.csv"

ICIO = Source(
    name="OECD Inter-Country Input-Output tables, 2025 edition, year 2022",
    citation="OECD (2025), OECD Inter-Country Input-Output Database, 2025 edition,"
    " http://oe.cd/icio",
    licence="OECD terms and conditions: reuse for any purpose with credit to the OECD",
    url="http://oe.cd/icio",
    edition="2025",
)
PROD_GHG = Source(
    name="OECD greenhouse gas footprint indicators: production-based GHG (PROD_GHG), 2022",
    citation="OECD (2025), OECD Inter-Country Input-Output Database and Greenhouse Gas Footprint"
    " indicators, production-based GHG emissions by industry",
    licence="OECD terms and conditions: reuse for any purpose with credit to the OECD",
    url="http://oe.cd/io-ghg",
    edition="2025",
)
FINAL_DEMAND_NOTE = (
    "the origin of imported final demand (10.5 % of final demand) and all of the rest of the"
    " world's own column are estimates (RAS on exact margins, prior: sourcing of intermediates;"
    " of WIOD 2011, where the origin is published, such an estimate puts 35 % of imported final"
    " demand at a wrong origin); all else is as published"
)


def mapping(data: Path) -> dict[str, str]:
    """Return country -> region."""
    with (data / MAPPING).open(encoding="utf-8") as file:
        return {row["country"]: row["region"] for row in csv.DictReader(file)}


def groups(data: Path, countries: list[str], regions: list[str]) -> NDArray[np.intp]:
    """Return the position of each country's region."""
    known = mapping(data)
    return np.array([regions.index(known[country]) for country in countries])


def fold(a: Array, group: NDArray[np.intp], R: int, axis: int) -> Array:
    """Sum an axis of countries x 50 over the countries of each region, in a fixed order."""
    a = np.moveaxis(a, axis, 0)
    by_country = a.reshape(len(group), 50, *a.shape[1:])
    out = np.zeros((R, *by_country.shape[1:]))
    for k, g in enumerate(group):
        out[g] += by_country[k]
    return np.moveaxis(out.reshape(R * 50, *a.shape[1:]), 0, axis)


def verify(data: Path, table: Any, group: NDArray[np.intp]) -> None:
    """Stop if the aggregated file is not the exact table summed, where that is published.

    Columns of ROW hold estimates and have no exact counterpart; tolerance: the printed precision
    of the aggregated file, 0.005 million USD.
    """
    regions = list(map(str, table["regions"]))
    R, row = len(regions), regions.index("ROW")
    with np.load(data / EXACT) as exact:
        Z = fold(fold(exact["Z"], group[:80], R, 0), group[:80], R, 1)
        Z[row * 50 : (row + 1) * 50] += fold(exact["Z_from_ROW"], group[:80], R, 1)
    columns = np.ones(R * 50, dtype=bool)
    columns[row * 50 : (row + 1) * 50] = False
    gap = np.abs(Z - table["Z"])[:, columns].max()
    if gap > 0.0051:
        raise SystemExit(f"{TABLE} differs from {EXACT} by {gap:g} million USD")
    with (data / GHG).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ghg = np.array([[float(r[region]) for r in rows] for region in regions]).ravel()
    if not np.array_equal(ghg, table["GHG_MtCO2e"]) or [r["ACTIVITY"] for r in rows] != list(
        map(str, table["sectors"])
    ):
        raise SystemExit(f"{TABLE} and {GHG} disagree")


def build(data: Path, out: Path) -> list[dict[str, Any]]:
    """Write oecd_icio_2022.npz; return its manifest entry."""
    with np.load(data / TABLE) as archive:
        table = {name: archive[name] for name in archive.files}
    with np.load(data / FULL) as archive:
        full = {name: archive[name] for name in ("countries", "VA", "TLS")}
    regions = list(map(str, table["regions"]))
    group = groups(data, list(map(str, full["countries"])), regions)
    verify(data, table, group)
    mrio = MRIO.from_arrays(
        Z=table["Z"],
        Y=table["Y"],
        x=table["x"],
        regions=regions,
        sectors=list(map(str, table["sectors"])),
        stressors={"GHG": table["GHG_MtCO2e"]},
        units="Mt CO2e",
        extension="GHG",
        year=2022,
        price_year=2022,
        table_type="industry-by-industry",
        price_basis="basic",
        notes=(
            Note(FINAL_DEMAND_NOTE, about="table", estimated=True),
            Note(
                "OECD production-based GHG by industry, residence principle, as published:"
                " 44,231.4 Mt CO2e; households are not in it",
                about="GHG",
            ),
        ),
        provenance=Provenance(
            dataset="oecd-icio-2022",
            edition="OECD ICIO 2025",
            sources=(ICIO, PROD_GHG),
            steps=("81 economies summed to the 20 regions of the OECD GHG file",),
        ),
    )
    with np.load(data / EXACT) as exact:
        # Not published for the rest of the world, whose columns are closed by estimate.
        imports = np.append(exact["IMP_OTHER"], np.zeros(50))
    below = np.stack([fold(row, group, len(regions), 0) for row in (full["TLS"], imports)])
    rest = regions.index("ROW") * 50 + np.arange(50)
    estimated = {name: np.zeros((1, len(mrio.index)), dtype=bool) for name in ("Z",)}
    estimated["Z"][0, rest] = True
    # Imported final demand has its origin by estimate; within a region of several economies a
    # part of it is between its members, so that only single economies keep exact own supply.
    home = np.repeat(np.arange(len(regions)), 50)[:, None] == np.arange(len(regions))
    single = np.bincount(group, minlength=len(regions)) == 1
    estimated["Y"] = ~(home & single[None, :])
    mrio = replace(
        mrio,
        value_added=fold(full["VA"], group, len(regions), 0)[None, :],
        value_added_rows=("value added",),
        other_inputs=Side(OTHER_INPUTS, below),
        estimated=estimated,
    )
    save_npz(mrio, out / "oecd_icio_2022.npz")
    members = sorted(mapping(data).items())
    with (out / "regions_20.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["iso3", "region"])
        writer.writerows(members)
    common = {
        "producer": "OECD",
        "edition": "ICIO 2025 edition; PROD_GHG 2022",
        "licence": ICIO.licence,
        "licence_url": "https://www.oecd.org/en/about/terms-conditions.html",
        "address": ICIO.url,
        "citation": f"{ICIO.citation}; {PROD_GHG.citation}",
    }
    return [
        {
            **common,
            "file": "oecd_icio_2022.npz",
            "title": "OECD ICIO 2022, 20 regions x 50 industries, with GHG by industry",
            "derived_from": [TABLE, EXACT, FULL, GHG, MAPPING],
            "years": [2022],
            "unit": "million USD (current prices); Mt CO2e",
            "columns": {},
            "exactness": "mixed",
            "what_is_estimated": FINAL_DEMAND_NOTE,
            "notes": [
                "Z outside the columns of ROW equals the published table summed, to 0.005"
                " million USD (verified when built)"
            ],
        },
        {
            **common,
            "file": "regions_20.csv",
            "title": "Economies of the OECD ICIO and their region of the 20",
            "derived_from": [MAPPING],
            "years": [2022],
            "unit": "",
            "columns": {"iso3": "ISO 3166 alpha-3, ROW for the rest", "region": "one of 20"},
            "exactness": "exact",
            "what_is_estimated": "",
            "notes": [],
        },
    ]
