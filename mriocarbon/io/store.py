"""The native store: a zarr folder, chunked by regions, compressed, checksummed.

========================  ===================================================================
array                     meaning
========================  ===================================================================
Z, Y, x, value_added,     as in the single-file table (`mriocarbon.io.npz`): same names, same
F__NAME, F_Y__NAME, ...   shapes, same metadata, here as attributes of the group
========================  ===================================================================

Z and Y lie in square-ish chunks of whole regions, so that the rows or the columns of one region
are read without the rest. Each chunk carries a CRC-32C, verified whenever it is read, and every
chunk is written, zeros too, so that one that is missing is found; each band of chunk rows
carries a sha256, verified when the whole table is read, and so does the description of each
array. Numbers are float64; an array whose every cell is a single-precision number is stored in
half the room, losslessly.
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
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

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
    about: dict[str, Any] = {
        "layout": LAYOUT,
        "regions": mrio.regions,
        "sectors": mrio.sectors,
        "categories": mrio.categories,
        "arrays": {},
        "meta": json.loads(to_json(mrio)),
    }
    with _replacing(path) as temporary:
        root = zarr.create_group(store=temporary, zarr_format=3)
        for name, array in arrays.items():
            stored = _narrowed(array)
            chunks = _chunks(stored.shape, mrio)
            codec = BloscCodec(cname="lz4", clevel=5, shuffle="shuffle", typesize=stored.itemsize)
            target = root.create_array(
                _node(name), shape=stored.shape, chunks=chunks, dtype=stored.dtype,
                compressors=[codec, Crc32cCodec()], filters=None, fill_value=0,
                config={"write_empty_chunks": True},
            )  # fmt: skip
            if stored.size:
                target[...] = stored
            about["arrays"][name] = {
                "described": _described(temporary, name),
                "bands": _verified(stored, _band(chunks))[0],
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
        object.__setattr__(self, "path", Path(self.path))
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
        return tuple(sorted(self._about["arrays"]))

    def table(self) -> MRIO:
        """Read the whole; every hash is verified."""
        members: dict[str, Any] = {}
        for name in self.arrays:
            with self._telling(f"array {name}"):
                source = self._array(name)
                self._all_there(name, source, [slice(0, size) for size in source.shape])
                stored = np.asarray(source[...])
                found, members[name] = _verified(stored, _band(source.chunks))
                if found != list(self._about["arrays"][name]["bands"]):
                    raise ValueError("its content is not what the hash says")
        for name in ("regions", "sectors", "categories"):
            members[name] = np.array(self._about[name])
        members["meta"] = json.dumps(self._about["meta"])
        return table_of(members, str(self._group.attrs["sha256"]), str(self.path))

    def block(
        self, array: str, *, rows: str | None = None, columns: str | None = None
    ) -> NDArray[Any]:
        """Read the rows or columns of one region without the rest; checksums are verified.

        Parameters
        ----------
        array : str
            ``"Z"``, ``"Y"``, ``"x"``, ``"value_added"``, an extension as ``"F__NAME"``, or
            another name out of `arrays`.
        rows, columns : str, optional
            A region by code or name; all of them if left out. Rows of Z, Y and x belong to
            regions; columns are those of the producing region, and of Y and F_Y those of the
            destination.

        Returns
        -------
        ndarray
            float64; bool of a mask of estimated cells.

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
        with self._telling(f"array {array}"):
            source = self._array(array)
        shape = source.shape
        window = [slice(0, size) for size in shape]
        for axis, region, what in ((0, rows, "rows"), (len(shape) - 1, columns, "columns")):
            if region is None:
                continue
            if (len(shape) == 1 and rows and columns) or not self._regional(array, shape, what):
                raise InputError(
                    f"{array} has no regions on its {what}",
                    where=f"{self.path}, shape {shape}",
                    do="ask for the other axis",
                )
            width = shape[axis] // len(self.index.regions)
            at = self.index.region(region) * width
            window[axis] = slice(at, at + width)
        with self._telling(f"array {array}"):
            self._all_there(array, source, window)
            found = np.asarray(source[tuple(window)])
        return found if found.dtype == bool else found.astype(np.float64, copy=False)

    def _regional(self, array: str, shape: tuple[int, ...], what: str) -> bool:
        """Whether regions lie along an axis; by the array's meaning, for sizes can coincide."""
        n, name = len(self.index), array.removeprefix("estimated__")
        if not shape or (what == "rows" and name not in ("Z", "Y", "x")):
            return False
        # Columns of final demand: each region's categories.
        demand = len(self.index.regions) * len(self._about["categories"])
        of_demand = name == "Y" or name.startswith("F_Y") or name == "other_inputs_final"
        size = demand if what == "columns" and of_demand else n
        return shape[0 if what == "rows" else -1] == size

    def _all_there(self, name: str, source: Any, window: list[slice]) -> None:
        """Raise if a chunk of the window is no file: zarr would read it as zeros."""
        spans = [
            range(w.start // chunk, -(-w.stop // chunk))
            for w, chunk in zip(window, source.chunks, strict=True)
        ]
        for at in product(*spans):
            chunk = self.path / _node(name) / "c" / Path(*map(str, at))
            if not chunk.is_file():
                raise ValueError(f"chunk {'/'.join(map(str, at))} is missing")

    def _array(self, name: str) -> Any:
        if _described(self.path, name) != self._about["arrays"][name]["described"]:
            raise ValueError("its description is not what the hash says")
        return self._group[_node(name)]

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Turn whatever a damaged folder makes zarr raise into our own error."""
        try:
            yield
        except (DataFileError, InputError, MemoryError, ImportError):
            raise
        except Exception as error:
            why = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise DataFileError(
                f"{what}: missing, truncated or damaged ({why})",
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


def _band(chunks: tuple[int, ...]) -> int:
    return chunks[0] if chunks else 1


def _verified(stored: NDArray[Any], rows: int) -> tuple[list[str], NDArray[Any]]:
    """Return the sha256 of each band of rows, and the array in double precision.

    Both in one pass over each band while it is in the processor's cache, bands side by side:
    hashing and converting leave the interpreter to others. A mask stays one.
    """
    stored = np.asarray(stored, order="C")
    kept = stored.dtype in (np.dtype(bool), np.dtype(np.float64))
    wide = stored if kept else np.empty(stored.shape, np.float64)
    flat, into = np.atleast_1d(stored), np.atleast_1d(wide)

    def one(start: int) -> str:
        band = flat[start : start + rows]
        digest = hashlib.sha256(f"{band.dtype.str}:{band.shape};".encode())
        digest.update(band.data if band.size else b"")
        if not kept:
            into[start : start + rows] = band
        return digest.hexdigest()

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(one, range(0, max(1, len(flat)), rows))), wide


def _node(name: str) -> str:
    """Return the name of an array's folder: a name of an extension may hold any character."""
    return quote(name, safe=" ")


def _described(store: Path, name: str) -> str:
    """Return the sha256 of the description of an array: its shape, type and chunks."""
    return hashlib.sha256((store / _node(name) / "zarr.json").read_bytes()).hexdigest()


def _digest(about: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def check_place(path: Path) -> None:
    """Raise DataFileError if a store cannot be put at `path`, before any work is done for it."""
    path = path.resolve()
    if path.is_file() or (path.is_dir() and any(path.iterdir()) and not _is_store(path)):
        raise DataFileError(
            "something that is no store of a table is already there",
            where=str(path),
            do="name another place; nothing was changed",
        )
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise DataFileError(
            "cannot write the store: its folder does not exist or cannot be written to",
            where=str(path),
            do="name another place; nothing was left",
        )


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path` that takes its place on success."""
    check_place(path)
    path = path.resolve()  # through a link: what it leads to is replaced, not the link
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    old = path.with_name(f".{path.name}.{os.getpid()}.old")
    try:
        yield temporary
        if path.exists():
            os.replace(path, old)
        os.replace(temporary, path)
    except OSError as error:
        if isinstance(error, DataFileError):
            raise
        raise DataFileError(
            f"cannot write the store: {error.strerror or error}",
            where=str(path),
            do="free some room or name another place; nothing was changed",
        ) from error
    finally:
        if old.exists() and not path.exists():  # interrupted between the two moves
            os.replace(old, path)
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _is_store(path: Path) -> bool:
    try:
        return "mriocarbon" in json.loads((path / "zarr.json").read_text())["attributes"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
