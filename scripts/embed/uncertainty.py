"""First-order intervals of every account of 2022; it reads what was embedded before."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from mriocarbon.accounts import principles
from mriocarbon.datasets import load
from mriocarbon.studies.intervals_2022 import LEVEL, compute
from scripts.embed.icio import FULL, ICIO, MAPPING, PROD_GHG, TABLE

GASES = ("GHG", "CO2")


def build(data: Path, out: Path) -> list[dict[str, Any]]:
    """Write uncertainty_2022.csv from the embedded table and satellites.

    They have to be the installed ones: after a change of those, run the whole twice.
    """
    mrio = load("oecd-icio-2022")
    names = [p.name for p in principles() if not p.needs]
    file = "uncertainty_2022.csv"
    with (out / file).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["gas", "principle", "households", "region", "percent", "low", "high"])
        for one in compute(mrio, names, GASES, "first-order"):
            yes = "yes" if one.households else "no"
            for k, region in enumerate(mrio.regions):
                figures = (f"{x[k]:.5g}" for x in (one.percent, one.low, one.high))
                writer.writerow([one.gas, one.principle, yes, region, *figures])
    return [
        {
            "file": file,
            "title": "How sure the accounts of 2022 are: paired 95 % intervals of account over"
            " production, first order, every principle",
            "producer": "mriocarbon, from OECD data and its own satellites",
            "edition": "ICIO 2025 edition; PROD_GHG 2022; satellites 2022",
            "citation": f"{ICIO.citation}; {PROD_GHG.citation}",
            "licence": ICIO.licence,
            "licence_url": "https://www.oecd.org/en/about/terms-conditions.html",
            "address": ICIO.url,
            "derived_from": [FULL, TABLE, MAPPING],
            "years": [2022],
            "unit": "percent",
            "columns": {
                "gas": "GHG or CO2",
                "principle": "accounting principle",
                "households": "yes: their direct emissions are in account and production",
                "region": "one of 20",
                "percent": "100 (account / production - 1)",
                "low": f"end of the paired {100 * LEVEL:g} % interval",
                "high": "the other end",
            },
            "exactness": "estimated",
            "what_is_estimated": "the errors of the table, of final demand and of GHG are assumed"
            " (no producer publishes them), those of CO2 are of the satellites; see"
            " docs/methods/uncertainty.md",
            "notes": [],
        }
    ]
