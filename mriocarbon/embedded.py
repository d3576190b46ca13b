"""Small tables that ship with the package.

Those with a manifest (national accounts, the map) are verified by their rooms; what a person hands
in is read by `mriocarbon.io`.
"""

from __future__ import annotations

import csv
from importlib.resources import files

__all__ = ["rows"]


def rows(*place: str) -> list[dict[str, str]]:
    """Return the rows of a table of the package: its folders and the name of the file.

    Raises
    ------
    FileNotFoundError
        The package has no such table.

    Examples
    --------
    >>> rows("cbam", "tables", "certificate_prices.csv")[0]["period"]
    '2026-Q1'
    """
    path = files("mriocarbon").joinpath(*place)
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))
