"""This room's tables of accounts, flows and places, verified before they are read."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from mriocarbon.config import data_folder
from mriocarbon.datasets.database import database
from mriocarbon.errors import DataFileError
from mriocarbon.model.provenance import Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MANIFEST", "TABLES", "account_files", "rows", "verified"]

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
    content = verified(folder / file, MANIFEST, "python -m scripts.atlas_national")
    return list(csv.DictReader(content.decode("utf-8").splitlines()))


def verified(path: Path, manifest: str, rebuild: str) -> bytes:
    """Return a table's content once its hash is that of the manifest beside it.

    Raises
    ------
    DataFileError
        It or the manifest is missing, truncated or altered; `rebuild` is the command that makes it.
    """
    try:
        listed = json.loads(path.with_name(manifest).read_text(encoding="utf-8"))
        known, content = listed[path.name]["sha256"], path.read_bytes()
    except (OSError, ValueError, KeyError) as error:
        raise DataFileError(
            f"a table of the map cannot be read: {error}", where=str(path), do="install anew"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != known:
        raise DataFileError(
            "a table of the map is truncated or altered",
            where=f"{path}: sha256 {found[:16]}..., recorded {known[:16]}...",
            do=f"install the package again, or rebuild it: {rebuild}",
        )
    return content


def account_files(frame: pd.DataFrame, *, people: bool) -> tuple[Source, ...]:
    """Return the files of this package that a layer was made of, with their hashes.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of `national`: its ``attrs["source"]`` says by which way; a frame of the user's has none.
    people : bool
        Whether it is placed by people.

    Examples
    --------
    >>> from mriocarbon.atlas.national import national
    >>> [one.name for one in account_files(national("consumption"), people=True)]
    ['inventories.parquet', 'economy.parquet', 'engine_2022.csv']
    """
    by = frame.attrs.get("source")
    families = [] if by is None else ["inventories"]
    families += ["natural_fluxes"] if by == "natural" else []
    families += ["economy"] if people else []
    store = database()
    out = [
        Source(f"{name}.parquet", citation=f"emissions database of mriocarbon, {name}",
               sha256=store.hashes[f"{name}.parquet"])
        for name in families if f"{name}.parquet" in store.hashes
    ]  # fmt: skip
    if by == "engine":
        one = json.loads((TABLES / MANIFEST).read_text(encoding="utf-8"))["engine_2022.csv"]
        out.append(Source("engine_2022.csv", one["source"], one["licence"], sha256=one["sha256"]))
    folder = data_folder()
    for text in dict.fromkeys(frame.attrs.get("files", ())):
        path = None if folder is None else folder / text
        if path is not None and path.is_file():
            found = hashlib.sha256(path.read_bytes()).hexdigest()
            out.append(Source(path.name, sha256=found))
    return tuple(out)
