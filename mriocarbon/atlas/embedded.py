"""This room's tables of accounts, flows and places, verified before they are read."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

from mriocarbon.errors import DataFileError

__all__ = ["MANIFEST", "TABLES", "rows"]

TABLES = Path(__file__).parent / "tables"
MANIFEST = "accounts.json"


def rows(file: str, folder: Path = TABLES) -> list[dict[str, str]]:
    """Return the rows of a table once its hash is that of the manifest.

    Parameters
    ----------
    file : str
        ``engine_2022.csv``, ``flows_2022.csv`` or ``places.csv``.
    folder : Path

    Raises
    ------
    DataFileError
        The file or the manifest is missing, truncated or altered.

    Examples
    --------
    >>> len(rows("flows_2022.csv")) == 81 * 81
    True
    """
    path = folder / file
    try:
        known = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))[file]["sha256"]
        content = path.read_bytes()
    except (OSError, ValueError, KeyError) as error:
        raise DataFileError(
            f"a table of the map cannot be read: {error}", where=str(path), do="install anew"
        ) from error
    if hashlib.sha256(content).hexdigest() != known:
        raise DataFileError(
            "a table of the map is truncated or altered",
            where=str(path),
            do="install the package again, or rebuild it: python -m scripts.atlas_national",
        )
    return list(csv.DictReader(content.decode("utf-8").splitlines()))
