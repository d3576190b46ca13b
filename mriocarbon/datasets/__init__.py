"""Data: the catalogue of embedded items, their verification, and loading."""

from mriocarbon.datasets.catalogue import Item, catalogue, verified
from mriocarbon.datasets.load import load
from mriocarbon.datasets.national import table

__all__ = ["Item", "catalogue", "load", "table", "verified"]
