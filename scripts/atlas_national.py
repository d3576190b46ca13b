"""Accounts and flows of 81 economies for the atlas, from the full table, with intervals.

``MRIOCARBON_DATA=FOLDER python -m scripts.atlas_national accounts OUT`` writes engine_2022.csv
(production and consumption with households, the deviation of their difference), ``... flows OUT``
flows_2022.csv (bilateral CO2 of industries; takes minutes). OUT is the atlas' folder of tables.
``... manifest OUT`` records their hashes anew, which the other two do as well.

Nothing but OECD ICIO and the package's own satellites goes in. Values have 12 digits, deviations 4.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from mriocarbon.atlas.embedded import MANIFEST
from mriocarbon.atlas.flows import bilateral_spread
from mriocarbon.datasets.load import load
from mriocarbon.model.table import MRIO
from mriocarbon.uncertainty.accounting import account
from mriocarbon.uncertainty.defaults import default_errors
from mriocarbon.uncertainty.firstorder import first_order

GASES = ("CO2", "GHG")
ACCOUNTS = (
    "gas", "economy", "production", "production_sd", "consumption", "consumption_sd", "transfer_sd",
)  # fmt: skip


def account_rows(mrio: MRIO, gas: str) -> list[tuple[str, ...]]:
    """Return the rows of one gas: every economy's accounts with standard deviations, Mt.

    Production is by residence: industries and households of the economy. The transfer is
    consumption less production; its deviation is paired, since both rest on the same emissions.
    """
    errors = default_errors(mrio, gas)
    R = len(mrio.regions)
    produced = account(mrio, "production", stressor=gas, uncertainty="first-order", errors=errors)
    consumed = first_order(mrio, errors, stressor=gas)
    paired = first_order(mrio, errors, stressor=gas, less_production=np.ones(R))
    if produced.low is None or produced.high is None:
        raise AssertionError("an account with uncertainty has an interval")
    spread = (produced.high - produced.low)[:R] / (2 * 1.959963984540054)
    out: list[tuple[str, ...]] = []
    for k, economy in enumerate(mrio.regions):
        p, c = float(produced.value[k]), float(consumed.value[k])
        # Values to the end of what the solve gives, so that production and consumption of the
        # world agree; deviations are no better known than four digits.
        sds = (f"{x[k]:.4g}" for x in (spread, consumed.sd, paired.sd))
        out.append((gas, economy, f"{p:.12g}", next(sds), f"{c:.12g}", next(sds), next(sds)))
    return out


def write_accounts(out: Path) -> None:
    """Write engine_2022.csv."""
    mrio = load("oecd-icio-2022", detail="full")
    with (out / "engine_2022.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(ACCOUNTS)
        for gas in GASES:
            writer.writerows(account_rows(mrio, gas))


def write_flows(out: Path) -> None:
    """Write flows_2022.csv."""
    mrio = load("oecd-icio-2022", detail="full")
    value, sd = bilateral_spread(mrio, "CO2")
    with (out / "flows_2022.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("origin", "destination", "value", "sd"))
        for i, origin in enumerate(mrio.regions):
            for j, destination in enumerate(mrio.regions):
                writer.writerow((origin, destination, f"{value[i, j]:.5g}", f"{sd[i, j]:.3g}"))


ICIO = "OECD (2025), OECD Inter-Country Input-Output Database, 2025 edition, http://oe.cd/icio"
OECD_TERMS = "derived from OECD data: reuse for any purpose with credit to the OECD"
ESTIMATED = (
    "the origin of imported final demand and the rest of the world of the table, and emissions by"
    " industry; standard deviations: first order, errors of the table assumed"
)
TABLES = {
    "engine_2022.csv": ("Accounts of 81 economies, 2022, Mt", ICIO, OECD_TERMS, ESTIMATED),
    "flows_2022.csv": (
        "CO2 of industries emitted in one economy for another, 2022, Mt", ICIO, OECD_TERMS,
        ESTIMATED,
    ),
    "places.csv": (
        "One point for each country, degrees", "entered by hand", "geographic facts", "",
    ),
}  # fmt: skip


def write_manifest(out: Path) -> None:
    """Write the hashes and sources of the tables, which are checked when they are read."""
    made = {
        name: {
            "title": title, "source": source, "licence": licence, "estimated": estimated,
            "sha256": hashlib.sha256((out / name).read_bytes()).hexdigest(),
        }
        for name, (title, source, licence, estimated) in TABLES.items()
    }  # fmt: skip
    text = json.dumps(made, indent=1, sort_keys=True) + "\n"
    (out / MANIFEST).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[2])
    {"accounts": write_accounts, "flows": write_flows, "manifest": write_manifest}[sys.argv[1]](
        target
    )
    if sys.argv[1] != "manifest":
        write_manifest(target)
