"""The flows of a store in bands of rows, read when asked for: Z is never in memory as a whole.

A band is one row of chunks, which are whole regions. One pass over all of them comes first: it
verifies every hash, looks for cells that are not finite or below zero, adds up rows and columns,
and finds which columns of each band are empty. After it only the rest is read, with the next band
on its way while one is in use, and every chunk's checksum verified each time.

Chunks are decoded here and not by zarr, which takes five times as long for chunks of a megabyte.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError, InputError, NonFiniteError
from mriocarbon.io.store import Store, digest_of_band, node_of
from mriocarbon.model.checked import is_real

__all__ = ["StoredBands", "band_bytes"]

Array = NDArray[np.float64]
Pieces = Sequence[tuple[int, NDArray[Any]]]
GAP = 64  # empty columns from which it pays to begin a new piece
AHEAD = 2  # bands in memory besides the one in use: the next one, and one still held by a caller
TELL = 1.0  # seconds between two calls of `progress`


def workers() -> int:
    """Return how many threads read: decoding and hashing leave the interpreter to others."""
    return max(1, min(4, os.cpu_count() or 1))


def band_bytes(store: Store) -> int:
    """Return the bytes of one band of a store's flows."""
    source = store.opened("Z")
    return int(min(source.chunks[0], source.shape[0]) * source.shape[1] * source.dtype.itemsize)


class StoredBands:
    """Z of a store, by bands of rows; get it by `Store.bands`.

    For one thread at a time. At most two bands are held here besides those that are kept.

    Attributes
    ----------
    n : int
        Number of sectors.
    edges : tuple of int
        Band k holds the rows from ``edges[k]`` to ``edges[k + 1]``: whole regions.
    nonnegative : bool
        No cell is below zero.
    uses, inputs : ndarray, shape (n,)
        Row and column sums of Z.
    kept : int
        How many bands stay in memory.

    Raises
    ------
    DataFileError
        A chunk is missing or damaged, or the content is not what its hash says.
    NonFiniteError
        Cells that are no numbers.
    InputError
        `keep` is no number of bytes.
    """

    def __init__(
        self, store: Store, *, keep: float = 0, progress: Callable[[str], None] | None = None
    ) -> None:
        if not (is_real(keep) and keep >= 0):
            raise InputError(f"keep is {keep!r}", where="Store.bands", do="give bytes, as 2e9")
        self._telling, self._progress = store.telling, progress
        source = store.opened("Z")
        rows, width = source.chunks
        self.n = int(source.shape[0])
        self.edges = (*range(0, self.n, rows), self.n)
        self._files = _Chunks(
            store.path / node_of("Z") / "c", rows, width, self.n, np.dtype(source.dtype)
        )
        self._pool = ThreadPoolExecutor(workers(), thread_name_prefix="mriocarbon-store")
        self._coming: dict[int, tuple[Pieces, list[Future[None]]]] = {}
        self._last, self._served, self._begun, self._told = -1, 0, time.monotonic(), 0.0
        self._keep: dict[int, Pieces] = {}
        self._room, self._lock = float(keep), Lock()
        self.uses, self.inputs = np.zeros(self.n), np.zeros(self.n)
        self._spans: list[list[tuple[int, int]]] = [[] for _ in self.edges[1:]]
        self.nonnegative = True
        self._verify(store.hashes("Z"))

    @property
    def kept(self) -> int:
        """How many bands stay in memory."""
        return len(self._keep)

    def band(self, k: int) -> Pieces:
        """Return the pieces of band k that are not all zero: first column and block.

        The blocks are (rows, width), C-ordered, in the store's own precision.
        """
        if not 0 <= k < len(self._spans):
            raise IndexError(f"band {k} of {len(self._spans)}")
        step = -1 if k < self._last else 1
        self._last, self._served = k, self._served + 1
        following = (k + step) % len(self._spans)
        # The band asked for first, so that its chunks stand first in line.
        wanted = self._coming.pop(k, None) or (None if k in self._keep else self._ask(k))
        for other in [key for key in self._coming if key != following]:
            for future in self._coming.pop(other)[1]:
                future.cancel()
        if following not in self._keep and following not in self._coming and following != k:
            self._coming[following] = self._ask(following)
        self._tell()
        if wanted is None:
            return self._keep[k]
        with self._telling("array Z"):
            for future in wanted[1]:
                future.result()
        return wanted[0]

    def close(self) -> None:
        """Stop reading ahead and let go of what is held."""
        self._pool.shutdown(cancel_futures=True)
        self._coming.clear()
        self._keep.clear()

    def __enter__(self) -> StoredBands:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _ask(self, k: int) -> tuple[Pieces, list[Future[None]]]:
        rows = self.edges[k + 1] - self.edges[k]
        pieces = [(a, np.empty((rows, b - a), self._files.kind)) for a, b in self._spans[k]]
        width = self._files.width
        within: dict[int, list[tuple[int, NDArray[Any]]]] = {}
        for a, block in pieces:
            for j in range(a // width, -(-(a + block.shape[1]) // width)):
                within.setdefault(j, []).append((a, block))
        return pieces, [self._pool.submit(self._fill, k, j, into) for j, into in within.items()]

    def _fill(self, k: int, j: int, into: Pieces) -> None:
        """Decode one chunk into the pieces that lie in it."""
        chunk, start = self._files.read(k, j), j * self._files.width
        for a, block in into:
            first, last = max(a, start), min(a + block.shape[1], start + chunk.shape[1])
            block[:, first - a : last - a] = chunk[:, first - start : last - start]

    def _verify(self, hashes: Sequence[str]) -> None:
        """Read every band once, side by side."""
        if len(hashes) != len(self._spans):
            raise DataFileError("the store lists another number of hashes than bands",
                                where=str(self._files.folder), do="build it anew")  # fmt: skip

        def one(k: int) -> None:
            a, b = self.edges[k : k + 2]
            block = np.empty((b - a, self.n), self._files.kind)
            width = self._files.width
            for j in range(-(-self.n // width)):
                block[:, j * width : (j + 1) * width] = self._files.read(k, j)
            if digest_of_band(block) != hashes[k]:
                raise ValueError("its content is not what the hash says")
            columns = block.sum(axis=0, dtype=np.float64)
            self.uses[a:b] = block.sum(axis=1, dtype=np.float64)
            if not np.isfinite(columns).all():
                raise NonFiniteError(
                    f"cells of Z are NaN or infinite in rows {a} to {b}",
                    where=str(self._files.folder),
                    do="build the store anew; missing is not zero",
                )
            negative = bool(block.min() < 0)
            used = np.asarray(block.any(axis=0) if negative else columns > 0)
            spans = _runs(used)
            with self._lock:
                self.inputs += columns
                self.nonnegative &= not negative
                self._spans[k] = spans
                need = (b - a) * sum(q - p for p, q in spans) * block.itemsize
                keep = need <= self._room
                self._room -= need if keep else 0
                self._served += 1
                self._tell()
            if keep:
                whole = len(spans) == 1 and spans[0] == (0, self.n)
                parts = [(p, block if whole else block[:, p:q].copy()) for p, q in spans]
                with self._lock:
                    self._keep[k] = parts

        with self._telling("array Z"):
            futures = [self._pool.submit(one, k) for k in range(len(self._spans))]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                self._pool.shutdown(cancel_futures=True)
                raise

    def _tell(self) -> None:
        now = time.monotonic()
        if self._progress is None or now - self._told < TELL:
            return
        self._told = now
        count = len(self._spans)
        turn, at = divmod(self._served - 1, count)
        what = "verifying" if turn == 0 else f"pass {turn}"
        try:
            self._progress(
                f"{what}: band {at + 1} of {count}, {self.kept} of them in memory,"
                f" {now - self._begun:.0f} s"
            )
        except Exception as error:  # it is no fault of the store
            raise InputError(
                f"progress= failed: {error}", where="progress", do="give a function of one text"
            ) from error


@dataclass(frozen=True)
class _Chunks:
    """The files of the chunks of Z."""

    folder: Path
    rows: int
    width: int
    n: int
    kind: np.dtype[Any]

    def read(self, i: int, j: int) -> NDArray[Any]:
        """Return one chunk, its checksum verified, without what lies beyond the table."""
        import google_crc32c
        from numcodecs import blosc  # type: ignore[import-untyped]

        try:
            content = (self.folder / str(i) / str(j)).read_bytes()
        except FileNotFoundError as error:
            raise ValueError(f"chunk {i}/{j} is missing") from error
        body = content[:-4]
        if int.from_bytes(content[-4:], "little") != google_crc32c.value(body):
            raise ValueError(f"chunk {i}/{j} is not what its checksum says")
        whole = np.frombuffer(blosc.decompress(body), self.kind).reshape(self.rows, self.width)
        return whole[: self.n - i * self.rows, : self.n - j * self.width]


def _runs(used: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the runs of used columns, with gaps of less than GAP columns left in.

    Examples
    --------
    >>> _runs(np.arange(300) % 200 < 10)
    [(0, 10), (200, 210)]
    """
    at = np.flatnonzero(used)
    if not len(at):
        return []
    breaks = np.flatnonzero(np.diff(at) > GAP)
    starts, stops = at[np.r_[0, breaks + 1]], at[np.r_[breaks, len(at) - 1]] + 1
    return [(int(a), int(b)) for a, b in zip(starts, stops, strict=True)]
