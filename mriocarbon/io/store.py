"""The native store: a zarr folder, chunked by regions, compressed, checksummed.

========================  ===================================================================
array                     meaning
========================  ===================================================================
Z, Y, x, value_added,     as in the single-file table (`mriocarbon.io.npz`): same names, same
F__NAME, F_Y__NAME, ...   shapes, same metadata, here as attributes of the group
========================  ===================================================================

Z and Y lie in square-ish chunks of whole regions, so that the rows or the columns of one region
are read without the rest. Each chunk carries a CRC-32C, verified whenever it is read; each band
of chunk rows carries a sha256, verified when the whole table is read. Numbers are float64;
an array whose every cell is a single-precision number is stored in half the room, losslessly.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError, InputError, UnknownNameError
from mriocarbon.io.npz import arrays_of, table_of
from mriocarbon.model.labels import SectorIndex
from mriocarbon.model.meta import to_json
from mriocarbon.model.table import MRIO

if TYPE_CHECKING:
    import zarr

LAYOUT = 1  # of the folder; a reader refuses one that it does not know
CHUNK = 640  # rows and columns of a chunk at most, but whole regions: some megabytes each
AGAIN = "fetch the store again, or build it anew: mriocarbon table convert SOURCE STORE.zarr"


def save_zarr(mrio: MRIO, path: str | Path) -> Path:
    """Write a table as a zarr folder; it takes the place of an older one only when whole.

    Parameters
    ----------
    mrio : MRIO
    path : path
        Usually ending in ``.zarr``.

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
    import zarr
    from zarr.codecs import BloscCodec, Crc32cCodec

    path = Path(path)
    arrays = arrays_of(mrio)
    bands: dict[str, list[str]] = {}
    with _replacing(path) as temporary:
        root = zarr.create_group(store=temporary, zarr_format=3)
        for name, array in arrays.items():
            stored = _narrowed(array)
            chunks = _chunks(array.shape, mrio)
            codec = BloscCodec(cname="lz4", clevel=5, shuffle="shuffle", typesize=stored.itemsize)
            target = root.create_array(
                name, shape=stored.shape, chunks=chunks, dtype=stored.dtype,
                compressors=[codec, Crc32cCodec()], filters=None,
            )  # fmt: skip
            target[...] = stored
            bands[name] = _hashes(stored, chunks[0])
        about = {
            "layout": LAYOUT,
            "regions": mrio.regions,
            "sectors": mrio.sectors,
            "categories": mrio.categories,
            "bands": bands,
            "meta": json.loads(to_json(mrio)),
        }
        root.attrs.update({"mriocarbon": about, "sha256": _digest(about)})
    return path


def load_zarr(path: str | Path) -> MRIO:
    """Read a table from its zarr folder; hashes, checksums and finiteness are verified.

    Raises
    ------
    DataFileError
        No such store, a chunk that is missing or damaged, or content that is not what its
        hash says.

    See Also
    --------
    Store : reads the block of one region.
    """
    return Store(Path(path)).table()


@dataclass(frozen=True)
class Store:
    """A zarr folder of a table, opened; nothing large is read before it is asked for.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataFileError

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> from mriocarbon.io.store import Store
    >>> mrio = mc.load("oecd-icio-2022")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = Store(mc.save(mrio, folder + "/table.zarr"))
    ...     store.block("Z", rows="China", columns="China").shape
    (50, 50)
    """

    path: Path

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise DataFileError("no such store", where=str(self.path), do="check the path")
        with self._telling("the store cannot be opened"):
            if self._about["layout"] != LAYOUT:
                raise ValueError(f"layout {self._about['layout']}, this version reads {LAYOUT}")
            if self._group.attrs["sha256"] != _digest(self._about):
                raise ValueError("its labels or metadata are not what the hash says")

    @cached_property
    def _group(self) -> zarr.Group:
        import zarr

        return zarr.open_group(self.path, mode="r", zarr_format=3)

    @cached_property
    def _about(self) -> dict[str, Any]:
        about = self._group.attrs["mriocarbon"]
        assert isinstance(about, dict)
        return about

    @cached_property
    def index(self) -> SectorIndex:
        """Regions x sectors of the table."""
        return SectorIndex(tuple(self._about["regions"]), tuple(self._about["sectors"]))

    @property
    def arrays(self) -> tuple[str, ...]:
        """Names of the arrays in the store."""
        return tuple(sorted(self._about["bands"]))

    def table(self) -> MRIO:
        """Read the whole; all hashes are verified, two arrays of threads at a time."""
        members: dict[str, Any] = {}
        for name in self.arrays:
            with self._telling(f"array {name}"):
                stored = np.asarray(self._array(name)[...])
                rows = self._array(name).chunks[0] if stored.ndim else 1
                if _hashes(stored, rows) != list(self._about["bands"][name]):
                    raise ValueError("its content is not what the hash says")
            # a mask stays one; numbers become double precision whatever they are stored in
            members[name] = (
                stored if stored.dtype == bool else stored.astype(np.float64, copy=False)
            )
        for name in ("regions", "sectors", "categories"):
            members[name] = np.array(self._about[name])
        members["meta"] = json.dumps(self._about["meta"])
        return table_of(members, str(self._group.attrs["sha256"]), str(self.path))

    def block(
        self, array: str, *, rows: str | None = None, columns: str | None = None
    ) -> NDArray[np.float64]:
        """Read the rows or columns of one region without the rest; checksums are verified.

        Parameters
        ----------
        array : str
            ``"Z"``, ``"Y"``, ``"x"``, ``"value_added"`` or an extension as ``"F__NAME"``.
        rows, columns : str, optional
            A region by code or name; all of them if left out. The columns of F, of x and of
            value added are those of the producing region.

        Returns
        -------
        ndarray

        Raises
        ------
        UnknownNameError
            Array or region.
        InputError
            The array has no regions on that axis.
        DataFileError
            A chunk is missing or damaged.
        """
        if array not in self.arrays:
            raise UnknownNameError.of("array", array, self.arrays)
        source = self._array(array)
        window = [slice(None)] * len(source.shape)
        for axis, region in ((0, rows), (len(source.shape) - 1, columns)):
            if region is None:
                continue
            if source.shape[axis] % len(self.index.regions) or source.shape[axis] < len(
                self.index.regions
            ):
                raise InputError(
                    f"{array} has no regions on its {'rows' if axis == 0 else 'columns'}",
                    where=f"{self.path}, shape {source.shape}",
                    do="ask for the other axis",
                )
            width = source.shape[axis] // len(self.index.regions)
            at = self.index.region(region) * width
            window[axis] = slice(at, at + width)
        with self._telling(f"array {array}"):
            return np.asarray(source[tuple(window)], dtype=np.float64)

    def _array(self, name: str) -> Any:
        return self._group[name]

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Turn whatever a damaged folder makes zarr raise into our own error."""
        try:
            yield
        except (DataFileError, InputError):
            raise
        except Exception as error:
            raise DataFileError(
                f"{what}: missing, truncated or damaged ({str(error).splitlines()[0][:200]})",
                where=str(self.path),
                do=AGAIN,
            ) from error


def _narrowed(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array in single precision if that loses nothing."""
    if array.dtype != np.float64:
        return array
    with np.errstate(over="ignore"):
        narrow = array.astype(np.float32)
    return narrow if np.array_equal(narrow, array, equal_nan=True) else array


def _chunks(shape: tuple[int, ...], mrio: MRIO) -> tuple[int, ...]:
    """Return chunks of whole regions on every axis that has them."""
    R = len(mrio.regions)

    def along(size: int) -> int:
        if size % R or size < R:
            return max(1, min(size, CHUNK))
        width = size // R
        return max(width, width * (CHUNK // width)) if size > CHUNK else size

    return tuple(min(size, along(size)) if size else 1 for size in shape)


def _hashes(array: NDArray[Any], rows: int) -> list[str]:
    """Return the sha256 of each band of rows; hashing leaves the interpreter to others."""
    array = np.ascontiguousarray(array)
    bands = [array[k : k + rows] for k in range(0, max(1, len(array)), rows)]

    def one(band: NDArray[Any]) -> str:
        head = f"{band.dtype.str}:{band.shape};".encode()
        digest = hashlib.sha256(head)
        digest.update(band.data if band.size else b"")
        return digest.hexdigest()

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(one, bands))


def _digest(about: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path` that takes its place on success."""
    path = path.absolute()
    if path.is_file() or (path.is_dir() and any(path.iterdir()) and not _is_store(path)):
        raise DataFileError(
            "something that is no store of a table is already there",
            where=str(path),
            do="name another place; nothing was changed",
        )
    if not os.access(path.parent, os.W_OK):
        raise DataFileError(
            "cannot write the store: its folder does not exist or cannot be written to",
            where=str(path),
            do="name another place; nothing was left",
        )
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    old = path.with_name(f".{path.name}.{os.getpid()}.old")
    try:
        yield temporary
        if path.exists():
            os.replace(path, old)
        os.replace(temporary, path)
    except OSError as error:
        if old.exists() and not path.exists():
            os.replace(old, path)
        if isinstance(error, DataFileError):
            raise
        raise DataFileError(
            f"cannot write the store: {error.strerror or error}",
            where=str(path),
            do="free some room or name another place; nothing was changed",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _is_store(path: Path) -> bool:
    try:
        return "mriocarbon" in json.loads((path / "zarr.json").read_text())["attributes"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
