"""The public face: it names and dispatches, it computes nothing.

``import mriocarbon as mc`` and everything below is ``mc.<name>``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mriocarbon import uncertainty
from mriocarbon.accounts import bilateral, footprint, principles, trade
from mriocarbon.accounts.everything import AllAccounts, all_accounts
from mriocarbon.accounts.gradients import account_function, gradient
from mriocarbon.accounts.streamed import StreamedFootprints, streamed_footprints
from mriocarbon.build.aggregate import aggregate
from mriocarbon.build.balance import Balanced, cell_ras, gras, ras
from mriocarbon.build.checks import CheckReport, check
from mriocarbon.build.complete import complete_final_demand
from mriocarbon.build.concordance import group_names, members
from mriocarbon.build.deflate import cell_deflation, deflate_series, double_deflation
from mriocarbon.build.disaggregate import disaggregate
from mriocarbon.build.nowcast import nowcast
from mriocarbon.build.prices import to_basic, to_purchasers
from mriocarbon.build.supply_use import SupplyUse, to_symmetric
from mriocarbon.build.temporal import chow_lin, denton
from mriocarbon.datasets import Item, catalogue, load, population, table, verified
from mriocarbon.datasets.commands import info as data_info
from mriocarbon.datasets.database import Database, database
from mriocarbon.datasets.estimates import Estimate
from mriocarbon.datasets.fetch import fetch
from mriocarbon.datasets.fusion import fuse
from mriocarbon.datasets.fusion_result import Fusion, Known
from mriocarbon.datasets.local import add as data_add
from mriocarbon.datasets.local import listing as data_listing
from mriocarbon.datasets.local import verify as data_verify
from mriocarbon.datasets.public import public_datasets
from mriocarbon.datasets.satellites import SatelliteData, satellite_data, satellites
from mriocarbon.datasets.update import update as data_update
from mriocarbon.inventory.gwp import gwp
from mriocarbon.io import Series, formats, read, read_series, save
from mriocarbon.io.store import Store
from mriocarbon.io.store_write import write_store
from mriocarbon.model import MRIO, Extension, Note, Provenance, Result, SectorIndex, Source
from mriocarbon.model.side import Side
from mriocarbon.solve import Leontief, Machine, Plan, Solution, leontief, machine
from mriocarbon.structure.chain import Chain
from mriocarbon.structure.decomposition import Decomposition, decompose, decompose_regions
from mriocarbon.structure.elasticity import (
    ImportantCoefficients,
    important_coefficients,
    tolerance_limits,
)
from mriocarbon.structure.extraction import Extraction, extract, extract_all
from mriocarbon.structure.gvc import chains
from mriocarbon.structure.inequality import Inequality, inequality
from mriocarbon.structure.inoperability import Inoperability, inoperability
from mriocarbon.structure.leakage import LeakageRate, leakage, leakage_rate
from mriocarbon.structure.linkages import Linkages, linkages
from mriocarbon.structure.path_result import Paths
from mriocarbon.structure.path_tiers import crossings, tiers
from mriocarbon.structure.paths import paths
from mriocarbon.structure.scenario import Scenario, scenario
from mriocarbon.structure.scopes import Scopes, scopes
from mriocarbon.structure.series import DecompositionSeries, decompose_series
from mriocarbon.studies.adjustments_2022 import Study, reproduce_2022
from mriocarbon.studies.sweeps import Change, account_series, sweep
from mriocarbon.uncertainty.accounting import account, difference

if TYPE_CHECKING:
    from mriocarbon import atlas, avoided, cbam, industry, lca, natural
    from mriocarbon.report.accounts_workbook import write_workbook
    from mriocarbon.studies.full_spectrum_2022 import full_spectrum
    from mriocarbon.studies.green_exports_2024 import green_exports

__all__ = [
    "AllAccounts",
    "Balanced",
    "Chain",
    "Change",
    "CheckReport",
    "Database",
    "Decomposition",
    "DecompositionSeries",
    "Estimate",
    "Extension",
    "Extraction",
    "Fusion",
    "ImportantCoefficients",
    "Inequality",
    "Inoperability",
    "Item",
    "Known",
    "LeakageRate",
    "Leontief",
    "Linkages",
    "MRIO",
    "Machine",
    "Note",
    "Paths",
    "Plan",
    "Provenance",
    "Result",
    "SatelliteData",
    "Scenario",
    "Scopes",
    "SectorIndex",
    "Series",
    "Side",
    "Solution",
    "Source",
    "Store",
    "StreamedFootprints",
    "Study",
    "SupplyUse",
    "account",
    "account_function",
    "account_series",
    "aggregate",
    "all_accounts",
    "atlas",
    "avoided",
    "bilateral",
    "catalogue",
    "cbam",
    "cell_deflation",
    "cell_ras",
    "chains",
    "check",
    "chow_lin",
    "complete_final_demand",
    "crossings",
    "data_add",
    "data_info",
    "data_listing",
    "data_update",
    "data_verify",
    "database",
    "decompose",
    "decompose_regions",
    "decompose_series",
    "deflate_series",
    "denton",
    "difference",
    "disaggregate",
    "double_deflation",
    "extract",
    "extract_all",
    "fetch",
    "footprint",
    "formats",
    "full_spectrum",
    "fuse",
    "gradient",
    "gras",
    "green_exports",
    "group_names",
    "gwp",
    "important_coefficients",
    "industry",
    "inequality",
    "inoperability",
    "lca",
    "leakage",
    "leakage_rate",
    "leontief",
    "machine",
    "linkages",
    "load",
    "members",
    "natural",
    "nowcast",
    "paths",
    "population",
    "principles",
    "public_datasets",
    "ras",
    "read",
    "read_series",
    "reproduce_2022",
    "satellite_data",
    "satellites",
    "save",
    "scenario",
    "scopes",
    "streamed_footprints",
    "sweep",
    "table",
    "tiers",
    "to_basic",
    "to_purchasers",
    "to_symmetric",
    "tolerance_limits",
    "trade",
    "uncertainty",
    "verified",
    "write_store",
    "write_workbook",
]


def __getattr__(name: str) -> Any:
    """Import the rooms that most questions do without when they are first entered."""
    if name in ("atlas", "avoided", "cbam", "industry", "lca", "natural"):
        return importlib.import_module(f"mriocarbon.{name}")
    if name == "green_exports":
        return importlib.import_module("mriocarbon.studies.green_exports_2024").green_exports
    if name == "full_spectrum":
        return importlib.import_module("mriocarbon.studies.full_spectrum_2022").full_spectrum
    if name == "write_workbook":
        return importlib.import_module("mriocarbon.report.accounts_workbook").write_workbook
    raise AttributeError(f"module 'mriocarbon.api' has no attribute {name!r}")
