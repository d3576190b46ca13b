"""Writing the native store, from a table or from bands of rows that never are one.

The layout is that of `mriocarbon.io.store`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, ShapeError
from mriocarbon.io.npz import small_arrays_of
from mriocarbon.io.store import (
    LAYOUT,
    SINGLE,
    band_of,
    chunks_of,
    described,
    digest_of,
    node_of,
    verified,
)  # fmt: skip
from mriocarbon.model.arrays import matrix
from mriocarbon.model.atomic import replacing_folder
from mriocarbon.model.extension import Extension
from mriocarbon.model.frame import Frame
from mriocarbon.model.labels import SectorIndex, unique
from mriocarbon.model.meta import to_json
from mriocarbon.model.table import MRIO

if TYPE_CHECKING:
    import zarr

__all__ = ["is_store", "save_zarr", "write_store"]


def save_zarr(mrio: MRIO, path: str | Path, *, single: bool = False) -> Path:
    """Write a table as a zarr folder; it takes the place of an older one only when whole.

    Parameters
    ----------
    mrio : MRIO
    path : path
        Usually ending in ``.zarr``.
    single : bool
        Round the cells of Z and Y to single precision, marked, as `write_store` does.

    Returns
    -------
    Path

    Raises
    ------
    DataFileError
        The place cannot be written to, or holds something that is no such store.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     same = mc.load(mc.save(mrio, folder + "/table.zarr"))
    >>> bool((same.Z == mrio.Z).all())
    True
    """
    Z = mrio.Z
    frame = Frame(**{one.name: getattr(mrio, one.name) for one in fields(Frame)})
    rows = chunks_of(Z.shape, len(mrio.regions))[0]
    bands = [Z[at : at + rows] for at in range(0, len(Z), rows)]
    narrow = single or all(_narrowed(band).dtype == np.float32 for band in bands)
    return _write(Path(path), frame, iter(bands), narrow=narrow, single=single)


def write_store(
    path: str | Path,
    bands: Iterable[NDArray[Any]],
    *,
    index: SectorIndex,
    Y: NDArray[Any],
    x: NDArray[Any] | None = None,
    extensions: Iterable[Extension] = (),
    single: bool = False,
    progress: Callable[[str], None] | None = None,
    **about: Any,
) -> Path:
    """Write a table as a zarr folder from bands of its rows: Z is never in memory as a whole.

    Parameters
    ----------
    path : path
        Usually ending in ``.zarr``.
    bands : iterable of ndarray, shape (any, n)
        The rows of Z in order, any number at a time, in float64 or float32; all of one type.
        Those of float32 are stored as they are.
    index : SectorIndex
        Regions and sectors; n = len(index).
    Y : ndarray, shape (n, regions * categories)
        Final demand, destination-major.
    x : ndarray, shape (n,), optional
        Gross output; ``Z 1 + Y 1`` if left out.
    extensions : iterable of Extension
    single : bool
        Round the cells of Z and Y to single precision: half the room and half the time to read.
        A note says so on every result (24 bits: relative 6e-8, more below 1e-38). Output moves
        with the sums of the rounded cells, so that rows which balanced still do.
    progress : callable, optional
        Told in words how far the writing is.
    **about
        Other fields of `mriocarbon.model.frame.Frame`, such as ``year`` or ``notes``.

    Returns
    -------
    Path

    Raises
    ------
    DataFileError
        The place cannot be written to, or holds something that is no such store.
    InputError
        The bands are not n rows of n finite cells (the first bad cell is named), or of two
        types; a cell is too large for single precision; and all that `Frame` raises.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> t = mc.load("oecd-icio-2022")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_store(folder + "/t.zarr", (t.Z[k : k + 50] for k in range(0, 1000, 50)),
    ...                        index=t.index, Y=t.Y, categories=t.categories)
    ...     bool((mc.load(path).Z == t.Z).all())
    True
    """
    given = list(extensions)
    if given:
        unique([e.name for e in given], "extensions")
    categories = about.get("categories", ("final demand",))
    labels: list[Any] = [(r, c) for r in index.regions for c in categories]
    if len(categories) == 1:
        labels = list(index.regions)
    demand = matrix(Y, (len(index), len(labels)), "Y", index.pairs, labels)
    output = np.zeros(len(index)) if x is None else matrix(x, (len(index),), "x", index.pairs)
    frame = Frame(index, demand, output, extensions={e.name: e for e in given}, **about)
    rest = map(_plain, bands)
    first = next(rest, np.empty((0, len(index))))
    narrow = single or np.asarray(first).dtype == np.float32
    return _write(
        Path(path), frame, chain((first,), rest), narrow=narrow, single=single,
        balance=x is None, progress=progress,
    )  # fmt: skip


def _plain(band: Any) -> NDArray[Any]:
    """Return a band as an array of floats; labels of a band would not be looked at."""
    if hasattr(band, "index") and not isinstance(band, (np.ndarray, list, tuple)):
        raise InputError(
            "a band with labels", where="bands of Z",
            do="give plain arrays, their rows and columns in the order of the index",
        )  # fmt: skip
    array = np.asarray(band)
    if array.dtype.kind not in "fiu":
        raise InputError(
            f"a band of {array.dtype}", where="bands of Z", do="give real numbers only"
        )
    return array


def _write(
    path: Path,
    frame: Frame,
    bands: Iterator[NDArray[Any]],
    *,
    narrow: bool,
    single: bool,
    balance: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write Z band by band, then the rest, whose output may only be known then."""
    import zarr

    n, kind = len(frame.index), np.dtype(np.float32 if narrow else np.float64)
    demand = _rounded(frame.Y, "Y") if single else frame.Y
    uses, moved = np.zeros(n), np.asarray(demand.sum(axis=1) - frame.Y.sum(axis=1))
    told: dict[str, Any] = {}
    with replacing_folder(path, "store of a table", is_store) as temporary:
        root = zarr.create_group(store=temporary, zarr_format=3)
        chunks = chunks_of((n, n), len(frame.regions))
        target, hashes, at = _created(root, "Z", (n, n), kind, chunks), [], 0
        for band in _regrouped(bands, chunks[0], frame.index):
            rows = slice(at, at + len(band))
            stored = _rounded(band, "Z").astype(kind) if single else band.astype(kind, copy=False)
            if not single and not np.array_equal(stored, band):
                raise InputError(
                    f"rows {rows.start} to {rows.stop} of Z are no single-precision numbers",
                    where=f"{path}, whose first rows are",
                    do="give all bands in float64, or round them: single=True",
                )
            target[rows] = stored
            hashes += verified(stored, chunks[0])[0]
            uses[rows] = stored.sum(axis=1, dtype=np.float64)
            if single:
                moved[rows] += uses[rows] - band.sum(axis=1, dtype=np.float64)
            at = rows.stop
            if progress is not None:
                progress(f"written {at:,} of {n:,} rows")
        told["Z"] = {"described": described(temporary, "Z"), "bands": hashes}
        if balance:
            frame = replace(frame, Y=demand, x=uses + demand.sum(axis=1))
        elif single:
            moved += frame.x
            frame = replace(
                frame, Y=demand, x=np.where((frame.x > 0) & (moved > 0), moved, frame.x)
            )
        if single and SINGLE not in frame.notes:
            frame = replace(frame, notes=(*frame.notes, SINGLE))
        for name, array in small_arrays_of(frame).items():
            stored = _narrowed(np.asarray(array))
            shape = chunks_of(stored.shape, len(frame.regions))
            target = _created(root, name, stored.shape, stored.dtype, shape)
            if stored.size:
                target[...] = stored
            told[name] = {
                "described": described(temporary, name),
                "bands": verified(stored, band_of(shape))[0],
            }
        about: dict[str, Any] = {
            "layout": LAYOUT,
            "regions": frame.regions,
            "sectors": frame.sectors,
            "categories": frame.categories,
            "arrays": told,
            "meta": json.loads(to_json(frame)),
        }
        root.attrs.update({"mriocarbon": about, "sha256": digest_of(about)})
    return path


def _narrowed(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array in single precision if that loses nothing."""
    if array.dtype != np.float64:
        return array
    with np.errstate(over="ignore"):
        narrow = array.astype(np.float32)
    return narrow if np.array_equal(narrow, array, equal_nan=True) else array


def _rounded(array: NDArray[Any], name: str) -> NDArray[np.float64]:
    """Return an array in double precision, its cells rounded to single."""
    with np.errstate(over="ignore"):
        found = array.astype(np.float32).astype(np.float64)
    if not np.isfinite(found).all():
        raise InputError(
            f"cells of {name} are too large for single precision",
            where=f"{name}, {np.abs(array).max():g}",
            do="write the store in double precision, or in a larger unit of money",
        )
    return found


def _created(
    root: zarr.Group, name: str, shape: tuple[int, ...], kind: np.dtype[Any],
    chunks: tuple[int, ...],
) -> Any:  # fmt: skip
    from zarr.codecs import BloscCodec, Crc32cCodec

    codec = BloscCodec(cname="lz4", clevel=5, shuffle="shuffle", typesize=kind.itemsize)
    return root.create_array(
        node_of(name), shape=shape, chunks=chunks, dtype=kind, compressors=[codec, Crc32cCodec()],
        filters=None, fill_value=0, config={"write_empty_chunks": True},
    )  # fmt: skip


def _regrouped(
    bands: Iterator[NDArray[Any]], rows: int, index: SectorIndex
) -> Iterator[NDArray[Any]]:
    """Yield the rows of Z `rows` at a time, checked, however many come at a time."""
    n, at, filled = len(index), 0, 0
    held: NDArray[Any] | None = None
    for given in bands:
        band = np.asarray(given)
        if band.ndim != 2 or band.shape[1] != n or at + len(band) > n:
            raise ShapeError(
                f"a band of shape {band.shape} after {at} rows of {n}",
                where="bands of Z",
                do=f"give the {n} rows of Z in order, each of {n} cells",
            )
        if band.dtype not in (np.float64, np.float32):
            band = band.astype(np.float64)
        if not np.isfinite(band).all():  # tell which cell
            matrix(band, band.shape, "Z", index.pairs[at : at + len(band)], index.pairs)
        at += len(band)
        while len(band):
            if held is None and len(band) >= rows:
                yield band[:rows]
                band = band[rows:]
                continue
            held = np.empty((rows, n), band.dtype) if held is None else held
            if band.dtype != held.dtype:
                held = held.astype(np.float64)
            take = min(rows - filled, len(band))
            held[filled : filled + take] = band[:take]
            filled, band = filled + take, band[take:]
            if filled == rows:
                yield held
                held, filled = None, 0
    if at != n:
        raise ShapeError(f"{at} rows of Z for {n} sectors", where="bands of Z",
                         do="give them all, zeros too")  # fmt: skip
    if held is not None:
        yield held[:filled]


def is_store(path: Path) -> bool:
    """Tell whether a folder is a store of a table."""
    try:
        return "mriocarbon" in json.loads((path / "zarr.json").read_text())["attributes"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
