"""The package's own sources as estimates, read from its database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mriocarbon.datasets.database import database
from mriocarbon.datasets.estimates import Estimate
from mriocarbon.errors import NotAvailableError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["from_inventories", "own_sources"]

_BUNKERS = "BUNKERS"
# Energy and industrial processes: what CO2 of fossil origin is in an inventory. The rest of a
# national total without land use (liming, urea, burnt waste) other sources do not count.
_FOSSIL_CATEGORIES = ("1", "2")


def own_sources(quantity: str, *, parts: bool = False) -> list[Estimate]:
    """Return all figures the package has of a quantity.

    Parameters
    ----------
    quantity : {"fossil CO2"}
    parts : bool
        Take the budget's edition that is divided by fuel (2024) and not the newest (2025).

    Returns
    -------
    list of Estimate
        GCB, CEDS and UNFCCC.

    Raises
    ------
    NotAvailableError
        The package has no sources of this quantity.

    Examples
    --------
    >>> sorted({e.source for e in own_sources("fossil CO2")})
    ['CEDS', 'GCB', 'UNFCCC']
    """
    if quantity != "fossil CO2":
        raise NotAvailableError(
            f"the package has no sources of its own for {quantity!r}",
            where="database",
            do='pass data=, or ask for "fossil CO2"',
        )
    return from_inventories(database().table("inventories", gas="CO2"), parts=parts)


def _estimate(row: Mapping[str, Any], source: str, part: str = "") -> Estimate:
    return Estimate(
        source,
        str(row["edition"]),
        "territorial",
        str(row["region"]),
        int(row["year"]),
        float(row["sum"]) if row["count"] else float("nan"),
        "Mt CO2",
        part,
    )


def from_inventories(frame: pd.DataFrame, *, parts: bool = False) -> list[Estimate]:
    """Return fossil CO2 of GCB, CEDS and UNFCCC from the database's inventories.

    CEDS is summed over fuels, UNFCCC over energy and industrial processes, and the bunkers of
    all sources become one row, ``"BUNKERS"``. A missing summand leaves the sum missing. The fuels
    of CEDS are not taken as parts: its "process" holds transformation and fugitive emissions,
    which the budget books under coal, oil and gas.

    Parameters
    ----------
    frame : DataFrame
        Columns source, edition, scope, region, year, gas, category, item, value, unit.
    parts : bool
        As in `own_sources`.

    Returns
    -------
    list of Estimate
    """
    co2 = frame[(frame["gas"] == "CO2") & (frame["unit"] == "Mt")]
    # Rows that are sums of countries are compared by fuse, bookkeeping rows mean nothing here.
    co2 = co2[~co2["region"].str.contains("DIFFERENCE", regex=False)]
    co2 = co2.assign(region=co2["region"].where(~co2["region"].str.startswith("BUNKER"), _BUNKERS))
    source, category = co2["source"], co2["category"]
    keys = ["edition", "region", "year"]
    out: list[Estimate] = []
    if parts:
        for row in _sums(co2[source == "gcb-2024-fuels"], [*keys, "item"]):
            part = str(row["item"]).replace("_", " ")
            part = "" if part == "total" else part
            out.append(_estimate(row, "GCB", part))
    else:
        budget = co2[(source == "gcb-2025-fossil") & (co2["scope"] == "territorial")]
        # A missing summand (shipping or aviation) leaves the sum missing.
        out += [_estimate(r, "GCB") for r in _sums(budget, keys) if r["count"] == r["size"]]
    # Zeros of single fuels are left out of the compact database, so that the number of fuels of a
    # country is no sign of completeness.
    fuels = co2[source.str.startswith("ceds-") & (category == "fossil and process")]
    out += [_estimate(r, "CEDS") for r in _sums(fuels, keys) if r["count"]]
    party = co2[source.str.startswith("unfccc-annex-i") & category.isin(_FOSSIL_CATEGORIES)]
    whole = len(_FOSSIL_CATEGORIES)
    out += [_estimate(r, "UNFCCC") for r in _sums(party, keys) if r["count"] == whole]
    return out


def _sums(frame: pd.DataFrame, keys: list[str]) -> list[dict[str, Any]]:
    """Sum of each group, with how many figures it has (`count`) and should have (`size`)."""
    table = frame.groupby(keys)["value"].agg(["count", "size", "sum"]).reset_index()
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
