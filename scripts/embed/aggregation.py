"""Every account on the 4,050-sector table at the 20 regions' intensities: what aggregation does."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import Any

from mriocarbon.accounts import principles
from mriocarbon.errors import MriocarbonWarning
from mriocarbon.io import load_npz
from mriocarbon.studies.aggregation import accounts_at_detail, full_with_intensities
from scripts.embed.icio import EXACT, FINAL_DEMAND_NOTE, FULL, ICIO, MAPPING, PROD_GHG, TABLE


def build(data: Path, out: Path) -> list[dict[str, Any]]:
    """Write aggregation_2022.csv; `icio` must have been built into `out` before."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)  # known; told in the data's notes
        coarse = load_npz(out / "oecd_icio_2022.npz")
        full, group = full_with_intensities(data, coarse)
        names = [p.name for p in principles() if not p.needs]
        values = accounts_at_detail(full, group, coarse.regions, names)
    with (out / "aggregation_2022.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["principle", "region", "value_MtCO2e"])
        for name in names:
            for region, value in zip(coarse.regions, values[name], strict=True):
                # Ten digits: the same on any processor, and far finer than the data.
                writer.writerow([name, region, f"{value:.10g}"])
    return [
        {
            "file": "aggregation_2022.csv",
            "title": "Accounts of GHG on the 4,050-sector OECD ICIO 2022 at the intensities of the"
            " 20 regions, industries only",
            "producer": "mriocarbon, from OECD data",
            "edition": "ICIO 2025 edition; PROD_GHG 2022",
            "citation": f"{ICIO.citation}; {PROD_GHG.citation}",
            "licence": ICIO.licence,
            "licence_url": "https://www.oecd.org/en/about/terms-conditions.html",
            "address": ICIO.url,
            "derived_from": [FULL, EXACT, TABLE, MAPPING],
            "years": [2022],
            "unit": "Mt CO2e",
            "columns": {
                "principle": "accounting principle",
                "region": "one of 20",
                "value_MtCO2e": "account, without households",
            },
            "exactness": "estimated",
            "what_is_estimated": "every economy carries the GHG intensities of its region; "
            + FINAL_DEMAND_NOTE,
            "notes": [],
        }
    ]
