"""The public face: it names and dispatches, it computes nothing.

``import mriocarbon as mc`` and everything below is ``mc.<name>``.
"""

from __future__ import annotations

from mriocarbon.accounts import account, bilateral, footprint, principles, trade
from mriocarbon.accounts.gradients import account_function, gradient
from mriocarbon.datasets import Item, catalogue, load, population, table, verified
from mriocarbon.inventory.gwp import gwp
from mriocarbon.io import save_npz as save
from mriocarbon.model import MRIO, Extension, Note, Provenance, Result, SectorIndex, Source
from mriocarbon.solve import Leontief, Solution, leontief
from mriocarbon.studies.adjustments_2022 import Study, reproduce_2022

__all__ = [
    "MRIO",
    "Extension",
    "Item",
    "Leontief",
    "Note",
    "Provenance",
    "Result",
    "SectorIndex",
    "Solution",
    "Source",
    "Study",
    "account",
    "account_function",
    "bilateral",
    "catalogue",
    "footprint",
    "gradient",
    "gwp",
    "leontief",
    "load",
    "population",
    "principles",
    "reproduce_2022",
    "save",
    "table",
    "trade",
    "verified",
]
