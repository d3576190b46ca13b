"""Small tables that ship with the package.

Those with a manifest (national accounts, the map) are verified by their rooms; what a person hands
in is read by `mriocarbon.io`.
"""

from __future__ import annotations

import csv
import io
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
    text = files("mriocarbon").joinpath(*place).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))
