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
from collections.abc import Callable, Iterable, Iterator
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
from mriocarbon.io.npz import fields_of, table_of
from mriocarbon.model.frame import Frame
from mriocarbon.model.labels import SectorIndex
from mriocarbon.model.memory import require
from mriocarbon.model.provenance import Note
from mriocarbon.model.table import MRIO

if TYPE_CHECKING:
    import zarr

    from mriocarbon.io.store_bands import StoredBands

LAYOUT = 1  # of the folder; a reader refuses one that it does not know
CHUNK = 640  # rows and columns of a chunk at most, but whole regions: some megabytes each
FLOWS = ("Z", "estimated__Z")  # what is as large as the flows
SINGLE = Note(
    "the cells of Z and Y are rounded to single precision: 24 bits, relative 6e-8 in each cell"
)
AGAIN = "fetch the store again, or build it anew: mriocarbon table convert SOURCE STORE.zarr"


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
        if self.path.is_file():
            raise DataFileError(
                "a file is no store",
                where=str(self.path),
                do=f"make one of it: mriocarbon table convert {self.path} STORE.zarr",
            )
        if not self.path.is_dir():
            raise DataFileError("no such store", where=str(self.path), do="check the path")
        with self.telling("the store cannot be opened"):
            if self._about["layout"] != LAYOUT:
                raise ValueError(f"layout {self._about['layout']}, this version reads {LAYOUT}")
            if self._group.attrs["sha256"] != digest_of(self._about):
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

    @property
    def single(self) -> bool:
        """Whether the cells of Z and Y were rounded to single precision."""
        return any(note["text"] == SINGLE.text for note in self._about["meta"]["notes"])

    def table(self) -> MRIO:
        """Read the whole; every hash is verified.

        Raises
        ------
        MemoryLimitError
            It would not fit: nothing is read.
        """
        require(
            self.bytes_of(self.arrays), f"a table of {len(self.index):,} sectors",
            where=str(self.path),
            do="compute its footprints without loading it: mc.streamed_footprints(path) (on the"
            " command line mriocarbon account consumption --table STORE --stream); or read the"
            " rows or columns of one region: mc.Store(path).block(...)",
        )  # fmt: skip
        members = self._members(self.arrays)
        return table_of(members, str(self._group.attrs["sha256"]), str(self.path))

    def frame(self) -> Frame:
        """Read all but Z and the mask of its estimated cells; the hashes of it are verified."""
        members = self._members([n for n in self.arrays if n not in FLOWS])
        held = fields_of(members, str(self._group.attrs["sha256"]), str(self.path))
        return Frame(self.index, **held)

    def bands(
        self, *, keep: float = 0, progress: Callable[[str], None] | None = None
    ) -> StoredBands:
        """Return Z in bands of rows, read when asked for; every hash is verified first.

        Parameters
        ----------
        keep : float
            Bytes of bands that may stay in memory, so that they are read once only.
        progress : callable, optional
            Told in words how far it is.

        Raises
        ------
        DataFileError
            A chunk is missing or damaged, or the content is not what its hash says.

        Examples
        --------
        >>> import tempfile, mriocarbon as mc
        >>> mrio = mc.load("oecd-icio-2022")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     bands = mc.Store(mc.save(mrio, folder + "/table.zarr")).bands()
        ...     [(start, block.shape) for start, block in bands.band(1)]  # the last column is empty
        [(0, (400, 999))]
        """
        from mriocarbon.io.store_bands import StoredBands

        return StoredBands(self, keep=keep, progress=progress)

    def bytes_of(self, arrays: Iterable[str]) -> int:
        """Return the memory that it takes to read arrays, in double precision, into one table."""
        wide, narrow = 0, 0
        for name in arrays:
            source = self.opened(name)
            if source.dtype in (np.dtype(bool), np.dtype(np.float64)):
                wide += source.nbytes
            else:
                wide += source.size * 8
                narrow = max(narrow, source.nbytes)  # beside its double, while that is made
        return wide + narrow

    def _members(self, names: Iterable[str]) -> dict[str, Any]:
        """Read arrays, their hashes verified, with the labels and metadata of the table."""
        members: dict[str, Any] = {}
        for name in names:
            with self.telling(f"array {name}"):
                source = self.opened(name)
                self._all_there(name, source, [slice(0, size) for size in source.shape])
                stored = np.asarray(source[...])
                found, members[name] = verified(stored, band_of(source.chunks))
                if found != self.hashes(name):
                    raise ValueError("its content is not what the hash says")
        for name in ("regions", "sectors", "categories"):
            members[name] = np.array(self._about[name])
        members["meta"] = json.dumps(self._about["meta"])
        return members

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
        source = self.opened(array)
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
        with self.telling(f"array {array}"):
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
            chunk = self.path / node_of(name) / "c" / Path(*map(str, at))
            if not chunk.is_file():
                raise ValueError(f"chunk {'/'.join(map(str, at))} is missing")

    def hashes(self, name: str) -> list[str]:
        """Return the recorded sha256 of each band of chunk rows of an array."""
        return list(self._about["arrays"][name]["bands"])

    def opened(self, name: str) -> Any:
        """Return the zarr array of a name, its description verified."""
        with self.telling(f"array {name}"):
            if described(self.path, name) != self._about["arrays"][name]["described"]:
                raise ValueError("its description is not what the hash says")
            return self._group[node_of(name)]

    @contextmanager
    def telling(self, what: str) -> Iterator[None]:
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


def chunks_of(shape: tuple[int, ...], R: int) -> tuple[int, ...]:
    """Return chunks of whole regions, R of them, on every axis that has them."""

    def along(size: int) -> int:
        if size % R or size < R:
            return max(1, min(size, CHUNK))
        width = size // R
        return max(width, width * (CHUNK // width)) if size > CHUNK else size

    return tuple(min(size, along(size)) if size else 1 for size in shape)


def band_of(chunks: tuple[int, ...]) -> int:
    return chunks[0] if chunks else 1


def verified(stored: NDArray[Any], rows: int) -> tuple[list[str], NDArray[Any]]:
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
        if not kept:
            into[start : start + rows] = band
        return digest_of_band(band)

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(one, range(0, max(1, len(flat)), rows))), wide


def digest_of_band(band: NDArray[Any]) -> str:
    """Return the sha256 of a band of rows, its type and shape included."""
    digest = hashlib.sha256(f"{band.dtype.str}:{band.shape};".encode())
    digest.update(band.data if band.size else b"")
    return digest.hexdigest()


def node_of(name: str) -> str:
    """Return the name of an array's folder: a name of an extension may hold any character."""
    return quote(name, safe=" ")


def described(store: Path, name: str) -> str:
    """Return the sha256 of the description of an array: its shape, type and chunks."""
    return hashlib.sha256((store / node_of(name) / "zarr.json").read_bytes()).hexdigest()


def digest_of(about: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
