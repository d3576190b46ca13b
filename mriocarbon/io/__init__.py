"""Tables in files: the native formats, and readers of the official layouts."""

from __future__ import annotations

from pathlib import Path

from mriocarbon.errors import DataFileError, InputError
from mriocarbon.io.npz import load_npz, save_npz
from mriocarbon.io.read import Series, formats, read, read_series
from mriocarbon.model.atomic import check_folder, check_writable
from mriocarbon.model.checked import need_table
from mriocarbon.model.table import MRIO

__all__ = [
    "Series", "check_target", "formats", "load_npz", "read", "read_series", "save", "save_npz",
]  # fmt: skip

# Suffix to what is written there; a name without one is a folder of csv.
TARGETS = {".npz": "one file", ".zarr": "chunked, for large tables", ".xlsx": "a workbook",
           ".parquet": "a folder of parquet", "": "a folder of csv"}  # fmt: skip


def save(mrio: MRIO, path: str | Path, *, single: bool = False) -> Path:
    """Write a table in a native format or in the plain layout; nothing of it is left out.

    Parameters
    ----------
    mrio : MRIO
    path : path
        Its suffix says which: ``.npz`` (one file), ``.zarr`` (chunked store), ``.xlsx``
        (workbook), ``.parquet`` (folder of parquet files), none (folder of csv files). What is
        written is whole or absent.
    single : bool
        Of a ``.zarr``: round the cells of Z and Y to single precision, for half the room and
        half the time to read; a note says so on every result.

    Returns
    -------
    Path

    Raises
    ------
    DataFileError
        Another suffix, or the place cannot be written to.
    InputError
        The table does not fit the format, such as one too wide for a sheet; `single` for
        another format than ``.zarr``.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     same = mc.load(mc.save(mrio, folder + "/table.npz"))
    >>> bool((same.Z == mrio.Z).all())
    True
    """
    need_table(mrio, "save, mrio")
    path = Path(path)
    check_target(path)
    suffix = path.suffix.lower()
    if single and suffix != ".zarr":
        raise InputError(
            "single precision is offered for a store only",
            where=str(path),
            do="name a path that ends in .zarr, or leave single=True out",
        )
    if suffix == ".npz":
        return save_npz(mrio, path)
    if suffix == ".zarr":
        from mriocarbon.io.store_write import save_zarr

        return save_zarr(mrio, path, single=single)
    from mriocarbon.io.plain_write import write_plain

    return write_plain(mrio, path, format={".xlsx": "xlsx", ".parquet": "parquet"}.get(suffix))


def check_target(path: Path) -> None:
    """Raise DataFileError if `save` could not write to `path`, before any work is done for it."""
    suffix = path.suffix.lower()
    if suffix not in TARGETS:
        known = ", ".join(f"{key or 'no suffix'} ({what})" for key, what in TARGETS.items())
        raise DataFileError(
            f"no format that can be written ends in {suffix!r}",
            where=str(path),
            do=f"choose one of {known}",
        )
    if suffix in (".npz", ".xlsx"):
        check_writable(path)
    elif suffix == ".zarr":
        from mriocarbon.io.store_write import is_store

        check_folder(path, "store of a table", is_store)
    else:
        check_folder(path)
