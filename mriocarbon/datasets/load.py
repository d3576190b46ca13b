"""Tables with their satellites, by name or from a file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from mriocarbon.datasets.catalogue import EMBEDDED, find, verified
from mriocarbon.datasets.national import rows
from mriocarbon.datasets.satellites import satellites
from mriocarbon.errors import DataFileError, UnknownNameError, listed, quietly
from mriocarbon.io import load_npz, read
from mriocarbon.model import MRIO, Extension, Note

TABLES = {"oecd-icio-2022": "oecd_icio_2022"}
DETAILS = ("regions", "full")


def load(name: str | Path = "oecd-icio-2022", *, detail: str | None = None) -> MRIO:
    """Return a table by name with its satellites, or a table from a file.

    Parameters
    ----------
    name : str or path
        ``"oecd-icio-2022"``: OECD ICIO 2022, 20 regions x 50 industries, with GHG by industry
        (OECD), estimates of CO2, CH4, N2O and a residual of F-gases by industry, and an estimate
        of household direct emissions. Anything with a suffix or a folder
        in it is a file: of `mc.save`, or in any layout that `mc.read` knows.
    detail : {"regions", "full"}, optional
        ``"full"``: 81 economies x 50 industries, from the folder that ``MRIOCARBON_DATA`` names.
        The origin of imported final demand is an estimate there; the cells are marked in
        `MRIO.estimated`, and the mark goes with every result.

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
    NotAvailableError
        ``detail="full"`` without the folder of source data.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> len(mc.load("oecd-icio-2022").index)
    1000
    """
    text = str(name)
    if detail not in (None, *DETAILS):
        raise UnknownNameError.of("detail", str(detail), DETAILS)
    if text in TABLES:
        return embedded(text, EMBEDDED) if detail != "full" else _full(text)
    if detail is not None:
        raise UnknownNameError.of("table with a choice of detail", text, TABLES)
    if isinstance(name, Path) or "/" in text or "\\" in text or Path(text).suffix:
        if Path(text).suffix == ".zarr":
            from mriocarbon.io.store import load_zarr

            return load_zarr(Path(text))
        if Path(text).suffix not in ("", ".npz") or Path(text).is_dir():
            return read(text)
        return load_npz(Path(text))
    raise UnknownNameError.of("table", text, TABLES, do="(or give the path of a file)")


def _full(name: str) -> MRIO:
    from mriocarbon.datasets.full import full_table, source_folder

    table = full_table(source_folder('detail="full"'), embedded(name, EMBEDDED))
    return table.replace_extensions(satellites(name, detail="full"))


@lru_cache(maxsize=4)
def embedded(name: str, folder: Path) -> MRIO:
    """Return an embedded table from a folder of embedded data, households attached."""
    with quietly() as told:
        table = load_npz(verified(TABLES[name], folder))
    if told:  # the shipped table is clean
        raise DataFileError(
            f"the embedded table is not clean: {listed(told)}",
            where=str(folder),
            do="install mriocarbon anew",
        )
    return table.replace_extensions(
        _with_households(table, folder), satellites(name, folder=folder)
    )


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
