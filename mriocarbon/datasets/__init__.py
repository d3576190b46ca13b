"""Data: what is shipped, what is public and how to get it, the database, and loading."""

from mriocarbon.datasets.catalogue import Item, catalogue, verified
from mriocarbon.datasets.load import load
from mriocarbon.datasets.national import population, table

__all__ = [
    "Item",
    "catalogue",
    "load",
    "population",
    "table",
    "verified",
]
