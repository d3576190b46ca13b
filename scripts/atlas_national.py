"""Accounts and flows of 81 economies for the atlas, from the full table, with intervals.

``MRIOCARBON_DATA=FOLDER python -m scripts.atlas_national accounts OUT`` writes engine_2022.csv
(production and consumption with households, the deviation of their difference), ``... flows OUT``
flows_2022.csv (bilateral CO2 of industries; takes minutes). OUT is the atlas' folder of tables.

Nothing but OECD ICIO and the package's own satellites goes in. Values have 12 digits, deviations 4.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

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


if __name__ == "__main__":
    {"accounts": write_accounts, "flows": write_flows}[sys.argv[1]](Path(sys.argv[2]))
