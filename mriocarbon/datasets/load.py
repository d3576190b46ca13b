"""Tables with their satellites, by name or from a file."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np

from mriocarbon.datasets.catalogue import EMBEDDED, find, verified
from mriocarbon.datasets.national import rows
from mriocarbon.errors import DataFileError, TableWarning, UnknownNameError
from mriocarbon.io import load_npz
from mriocarbon.model import MRIO, Extension, Note

TABLES = {"oecd-icio-2022": "oecd_icio_2022"}


def load(name: str | Path = "oecd-icio-2022") -> MRIO:
    """Return an embedded table by name, or a table from an ``.npz`` file.

    Parameters
    ----------
    name : str or path
        ``"oecd-icio-2022"``: OECD ICIO 2022, 20 regions x 50 industries, with GHG by industry
        (OECD) and an estimate of household direct emissions. Anything with a suffix or a folder
        in it is a file in the layout of `mc.save`.

    Returns
    -------
    MRIO
        The embedded table is loaded once and shared: it cannot be changed.

    Raises
    ------
    UnknownNameError
        No such table; near matches are offered.
    DataFileError
        The file is missing, truncated or altered.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> len(mc.load("oecd-icio-2022").index)
    1000
    """
    text = str(name)
    if text in TABLES:
        return embedded(text, EMBEDDED)
    if isinstance(name, Path) or "/" in text or "\\" in text or Path(text).suffix:
        if Path(text).suffix not in ("", ".npz"):
            raise DataFileError(
                f"no reader for {Path(text).suffix!r} files",
                where=text,
                do="save the table with mc.save as .npz, or build it with mc.MRIO.from_arrays",
            )
        return load_npz(Path(text))
    raise UnknownNameError.of("table", text, TABLES, do="(or give the path of an .npz file)")


@lru_cache(maxsize=4)
def embedded(name: str, folder: Path) -> MRIO:
    """Return an embedded table from a folder of embedded data, households attached."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", TableWarning)  # the shipped table is clean
        table = load_npz(verified(TABLES[name], folder))
    return table.replace_extensions(_with_households(table, folder))


def _with_households(table: MRIO, folder: Path) -> Extension:
    """The GHG extension with the estimate of household direct emissions and its range."""
    ghg = table.extensions["GHG"]
    item = find("households_2022", folder)
    found = {r["region"]: r for r in rows("households_2022", folder) if r["gas"] == "GHG"}
    columns = {
        key: np.array([[float(found[region][key]) for region in table.regions]])
        for key in ("value", "low", "high")
    }
    note = Note(
        f"household direct emissions are an estimate: {item.what_is_estimated}",
        about="households",
        estimated=True,
        sources=(item.source,),
    )
    return Extension(
        ghg.name, ghg.stressors, ghg.F, ghg.units,
        columns["value"], columns["low"], columns["high"], (*ghg.notes, note),
    )  # fmt: skip
