"""WIOD 2013 with the CO2 accounts of the JRC, 2000 to 2011, through a stated bridge of sectors.

The tables have 41 regions and 35 sectors (NACE 1.1), the accounts 43 regions and 56 sectors (NACE
rev. 2). `jrc_to_wiod2013.csv` says where every sector goes; where it is only nearly true, the
file says APPROXIMATION. Croatia, Norway and Switzerland join the rest of the world, as in the
tables. The Netherlands have no accounts in the source: missing, not zero.
"""

from __future__ import annotations

import csv
import gzip
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import mriocarbon as mc
from mriocarbon.errors import TableWarning

Array = NDArray[np.float64]
BRIDGE = Path(__file__).with_name("jrc_to_wiod2013.csv")
MISSING = "NLD"
CATEGORIES = ("households", "non-profit", "government", "capital formation", "inventories")
REST = ("CHE", "HRV", "NOR")  # regions of the accounts that the tables hold in RoW
RENAMED = {"ROU": "ROM"}
DATASET, EDITION = "wiod-2013", "WIOD 2013 release with JRC CO2 (2019)"
SOURCES = (
    mc.Source(
        "WIOD 2013 release",
        citation="Timmer, Dietzenbacher, Los, Stehrer & de Vries (2015), doi:10.1111/roie.12178",
    ),
    mc.Source(
        "JRC CO2 accounts (2019)", citation="Corsatea et al. (2019), European Commission JRC"
    ),
)
YEARS = tuple(range(2000, 2012))


def bridge() -> dict[str, list[tuple[str, str]]]:
    """Return where each sector of the accounts goes: (sector of the table, rule)."""
    found: dict[str, list[tuple[str, str]]] = {}
    with BRIDGE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["from"], []).append((row["to"], row["rule"]))
    return found


def emissions(folder: Path, year: int, x: Array, regions: list[str], sectors: list[str]) -> Array:
    """Return kt CO2 by region and sector of the tables, shape (n,), for one year."""
    ways = bridge()
    out = np.zeros((len(regions), len(sectors)))
    made = x.reshape(out.shape)
    path = folder / "wiod2013" / "jrc_co2_wiod2016_2000_2014.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["year"] != str(year):
                continue
            code = RENAMED.get(row["country"], row["country"])
            r = regions.index("RoW" if code in REST else code)
            targets = ways[row["sector"]]
            columns = [sectors.index(to) for to, _ in targets]
            weights = np.ones(1)
            if targets[0][1] == "output":
                weights = made[r, columns]
                weights = weights / weights.sum() if weights.sum() else np.full(2, 0.5)
            out[r, columns] += weights * float(row["kt"])
    return out.ravel()


def wiod(folder: Path, years: Iterable[int] = YEARS) -> dict[int, mc.MRIO]:
    """Return the tables of these years with CO2 in Mt, at current prices."""
    tables = {}
    with np.load(folder / "wiod2013" / "wiod2013_1995_2011_int32.npz") as archive:
        regions, sectors = archive["countries"].tolist(), archive["industries"].tolist()
        for year in years:
            raw = {k: archive[f"{k}_{year}"].astype(float) for k in ("Z", "Y", "x")}
            f = emissions(folder, year, raw["x"], regions, sectors)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", TableWarning)  # known: rounded to million USD
                tables[year] = mc.MRIO.from_arrays(
                    Z=raw["Z"], Y=raw["Y"], x=raw["x"], regions=regions, sectors=sectors,
                    categories=CATEGORIES, year=year, price_year=year, extension="CO2",
                    stressors={"CO2": f / 1000}, units="Mt CO2",
                    provenance=mc.Provenance(f"{DATASET}-{year}", EDITION, sources=SOURCES),
                    notes=[mc.Note("CO2 by NACE rev. 2 sectors brought to NACE 1.1 by a bridge",
                                   about="CO2", estimated=True)],
                )  # fmt: skip
    return tables
