"""Everything in order: collect, choose, write, report."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mriocarbon.errors import DataFileError
from scripts.database import economy, energy, factors, fluxes, inventories, legal
from scripts.database.refused import LEFT_OUT_FILES
from scripts.database.schema import COLUMNS, Collected, Origin, whole
from scripts.database.write import rounded, sha256, write_manifest, write_parquet

MODULES = (inventories, factors, fluxes, energy, legal, economy)
FAMILIES = {
    "inventories": "emissions by country, gas, category and year: GCB, CEDS, UNFCCC",
    "emission_factors": "IPCC defaults, UK conversion factors, US supply-chain factors",
    "grid_factors": "carbon intensity of electricity, operating and combined margins",
    "natural_fluxes": "land, ocean, fires, wetlands, top-down budgets; positive to the air",
    "cbam": "default values, benchmarks, mark-ups, factors and prices of the EU's CBAM",
    "trade": "China's solar exports by destination and month",
    "energy": "capacity, generation, primary energy",
    "characterisation": "GWP and GTP of the IPCC's reports",
    "economy": "population and GDP",
    "industry_emissions": "OECD greenhouse gases by region and industry",
}


def origins() -> tuple[Origin, ...]:
    """Return every source of the store."""
    return tuple(origin for module in MODULES for origin in module.ORIGINS)


def collect(data: Path, ipcc: Path | None, step: Callable[[str], None]) -> Collected:
    """Read everything from the data folder."""
    for origin in origins():
        for file in origin.files:
            if "edgar" in file.casefold():
                raise DataFileError(f"{origin.id} derives from {file}: not allowed to be shipped")
    collected = Collected()
    for module in MODULES:
        step(f"reading {module.__name__.rpartition('.')[2]}")
        if module is factors:
            factors.collect(data, collected, ipcc)
        else:
            module.collect(data, collected)
    return collected


COMPACT_RULES = {
    "inventories": "kept are totals from 1990, CEDS fuels from 2010 without their zeros, the "
    "UNFCCC's categories below the second level and all notation keys in 2019 and later, "
    "bookkeeping models from 2000",
    "emission_factors": "EPA factors of single F-gases and the split of margins left out",
    "natural_fluxes": "kept are, of top-down budgets, run LNLGIS and the 2015-2020 means of the "
    "other three; fires (GFED5 beta) left out: its files state no licence",
    "trade": "weights and numbers of items left out; MW and USD kept",
    "economy": "kept are the years from 1960",
}
"""What the compact store leaves out, family by family; the others are whole."""


def compacted(family: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a family that the compact store keeps."""
    year = frame["year"].fillna(9999)
    keep = pd.Series(True, index=frame.index)
    if family == "inventories":
        source, category = frame["source"], frame["category"].fillna("")
        keep &= (year >= 1990) & (frame["value"].notna() | (year >= 2019))
        fuels = (source == "ceds-2024") & frame["item"].notna()
        keep &= ~fuels | ((year >= 2010) & (frame["value"] != 0))
        keep &= (source != "gcb-2024-land") | (year >= 2000)
        deep = source.str.startswith("unfccc") & (category.str.count(r"\.") > 1)
        keep &= ~deep | (year >= 2019)
    elif family == "emission_factors":
        epa = frame["source"] == "epa-supply-chain-1.3.0"
        main = frame["gas"].isin(["GHG", "CO2", "CH4", "N2O"])
        keep &= ~epa | (main & (frame["item"] == "with margins"))
    elif family == "natural_fluxes":
        run = (frame["source"] == "ceos-topdown-2022") & frame["item"].isin(
            ["IS", "LNLG", "LNLGOGIS"]
        )
        keep &= ~run | frame["year"].isna()
        keep &= frame["source"] != "gfed5-beta"  # in the whole only: what is shipped is licensed
    elif family == "trade":
        keep &= frame["unit"].isin(["MW", "USD"])
    elif family == "economy":
        keep &= year >= 1960
    return frame[keep]


def build(
    data: Path,
    out: Path,
    *,
    compact: bool,
    ipcc: Path | None,
    step: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Build the store into `out`, whole or not at all; return the report.

    Parameters
    ----------
    data : Path
        Folder of source data.
    out : Path
        Folder for the store; its parquet files and manifest are replaced.
    compact : bool
        Only the part that is embedded.
    ipcc : Path or None
        The wheel of IPCC default factors; None leaves that source out, which the report says.

    Returns
    -------
    dict
        Rows and bytes by family, unknown areas, what was left out and why, seconds.
    """
    start = time.perf_counter()
    if not data.is_dir():
        raise DataFileError("no such folder of source data", where=str(data))
    out.parent.mkdir(parents=True, exist_ok=True)
    collected = collect(data, ipcc, step)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".database-") as name:
        fresh = Path(name)
        report = _write(data, fresh, collected, compact, step)
        out.mkdir(exist_ok=True)
        # the manifest first and last: a store that is half replaced is found out by its hashes
        (out / "database.json").unlink(missing_ok=True)
        for old in out.glob("*.parquet"):
            old.unlink()
        for file in sorted(fresh.iterdir(), key=lambda f: f.suffix == ".json"):
            file.replace(out / file.name)
    report["seconds"] = round(time.perf_counter() - start, 1)
    return report


def _write(
    data: Path, fresh: Path, collected: Collected, compact: bool, step: Callable[[str], None]
) -> dict[str, Any]:
    rows: dict[str, int] = {}
    whole_rows: dict[str, int] = {}
    used: set[str] = set()
    regions: set[str] = set()
    for family in FAMILIES:
        step(f"writing {family}")
        frame = whole(collected.frames.pop(family), family)
        whole_rows[family] = len(frame)
        if compact:
            frame = compacted(family, frame)
        for column in ("value", "sd", "low", "high"):
            frame[column] = rounded(frame[column])
        rows[family] = len(frame)
        used |= set(frame["source"])
        regions |= set(frame["region"])
        write_parquet(frame, fresh / f"{family}.parquet", COLUMNS)
    _write_lists(data, fresh, collected, used, regions, rows)
    about = {
        "complete": not compact,
        "families": {
            family: {
                "title": title,
                "rows": rows[family],
                "rows_of_the_whole": whole_rows[family],
                "left_out": COMPACT_RULES.get(family, "nothing left out") if compact else "",
            }
            for family, title in FAMILIES.items()
        },
    }
    write_manifest(fresh, about)
    return {
        "complete": not compact,
        "rows": rows,
        "bytes": {p.stem: p.stat().st_size for p in sorted(fresh.glob("*.parquet"))},
        "unknown_areas": {k: sorted(v) for k, v in sorted(collected.unknown.items())},
        "left_out": sorted(collected.left_out) + [("files", *entry) for entry in LEFT_OUT_FILES],
    }


def _write_lists(
    data: Path, fresh: Path, collected: Collected, used: set[str], regions: set[str],
    rows: Mapping[str, int],
) -> None:  # fmt: skip
    """Write the tables about the tables: sources, regions, what is left out."""
    listed = []
    for origin in sorted(origins(), key=lambda o: o.id):
        if origin.id in used:
            hashes = "; ".join(f"{f} {sha256(data / f)}" for f in origin.files)
            if origin is factors.IPCC:
                hashes = f"bonsai_ipcc {factors.IPCC_VERSION} wheel {factors.IPCC_SHA256}"
            fields = {k: v for k, v in vars(origin).items() if k not in ("id", "files", "shares")}
            listed.append(
                {"source": origin.id, **fields, "shares": origin.shares or None, "files": hashes}
            )
    text = pd.DataFrame(listed)
    write_parquet(text, fresh / "sources.parquet", dict.fromkeys(text.columns, "VARCHAR"))
    places = pd.DataFrame(
        [(c, *collected.regions.get(c, (c, "unknown"))) for c in sorted(regions)],
        columns=["region", "name", "kind"],
    )
    write_parquet(places, fresh / "regions.parquet", dict.fromkeys(places.columns, "VARCHAR"))
    out = [*sorted(set(collected.left_out)), *(("files", *entry) for entry in LEFT_OUT_FILES)]
    gone = pd.DataFrame(out, columns=["source", "what", "why"])
    write_parquet(gone, fresh / "left_out.parquet", dict.fromkeys(gone.columns, "VARCHAR"))
