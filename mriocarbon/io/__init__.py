"""Tables in files: the native formats, and readers of the official layouts."""

from __future__ import annotations

from pathlib import Path

from mriocarbon.errors import DataFileError
from mriocarbon.io.npz import load_npz, save_npz
from mriocarbon.io.read import Series, formats, read, read_series
from mriocarbon.model.table import MRIO

__all__ = ["Series", "formats", "load_npz", "read", "read_series", "save", "save_npz"]


def save(mrio: MRIO, path: str | Path) -> Path:
    """Write a table in a native format: ``.npz`` (one file) or ``.zarr`` (chunked store).

    Parameters
    ----------
    mrio : MRIO
    path : path
        Its suffix says which; the file is whole or absent.

    Returns
    -------
    Path

    Raises
    ------
    DataFileError
        Another suffix, or the place cannot be written to.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     same = mc.load(mc.save(mrio, folder + "/table.npz"))
    >>> bool((same.Z == mrio.Z).all())
    True
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".npz":
        return save_npz(mrio, path)
    if suffix == ".zarr":
        from mriocarbon.io.store import save_zarr

        return save_zarr(mrio, path)
    raise DataFileError(
        f"no native format ends in {suffix!r}",
        where=str(path),
        do="name the file .npz (one file) or .zarr (chunked, for large tables)",
    )
