"""The public face: it names and dispatches, it computes nothing.

``import mriocarbon as mc`` and everything below is ``mc.<name>``.
"""

from __future__ import annotations

from mriocarbon import cbam, industry, uncertainty
from mriocarbon.accounts import bilateral, footprint, principles, trade
from mriocarbon.accounts.gradients import account_function, gradient
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
from mriocarbon.datasets.temporal import chow_lin, denton
from mriocarbon.datasets.update import update as data_update
from mriocarbon.inventory.gwp import gwp
from mriocarbon.io import Series, formats, read, read_series, save
from mriocarbon.io.store import Store
from mriocarbon.model import MRIO, Extension, Note, Provenance, Result, SectorIndex, Source
from mriocarbon.model.side import Side
from mriocarbon.solve import Leontief, Solution, leontief
from mriocarbon.studies.adjustments_2022 import Study, reproduce_2022
from mriocarbon.studies.sweeps import Change, account_series, sweep
from mriocarbon.uncertainty.accounting import account, difference

__all__ = [
    "Balanced",
    "Change",
    "CheckReport",
    "Database",
    "Estimate",
    "Extension",
    "Fusion",
    "Item",
    "Known",
    "Leontief",
    "MRIO",
    "Note",
    "Provenance",
    "Result",
    "SatelliteData",
    "SectorIndex",
    "Series",
    "Side",
    "Solution",
    "Source",
    "Store",
    "Study",
    "SupplyUse",
    "account",
    "account_function",
    "account_series",
    "aggregate",
    "bilateral",
    "catalogue",
    "cbam",
    "cell_deflation",
    "cell_ras",
    "check",
    "chow_lin",
    "complete_final_demand",
    "data_add",
    "data_info",
    "data_listing",
    "data_update",
    "data_verify",
    "database",
    "deflate_series",
    "denton",
    "difference",
    "disaggregate",
    "double_deflation",
    "fetch",
    "footprint",
    "formats",
    "fuse",
    "gradient",
    "gras",
    "group_names",
    "gwp",
    "industry",
    "leontief",
    "load",
    "members",
    "nowcast",
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
    "sweep",
    "table",
    "to_basic",
    "to_purchasers",
    "to_symmetric",
    "trade",
    "uncertainty",
    "verified",
]
