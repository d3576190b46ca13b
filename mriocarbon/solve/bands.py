"""Flows in bands of rows: what the iterative method asks of a table, wherever it lies.

A band is the rows of whole regions. Its pieces may be dense in double or single precision or
sparse, and what is zero as a whole is left out; a table in memory, one with few flows and one
that stays in its store on disk look alike from here. Products accumulate in double precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mriocarbon.solve.direct import times

Array = NDArray[np.float64]
# A band holds some sixteen megabytes: smaller products do not go to all cores, and larger bands
# know less of what the sweep has just found.
CELLS = 2**21


class Bands(Protocol):
    """The flows Z of a table, by bands of rows."""

    @property
    def n(self) -> int:
        """Number of sectors."""

    @property
    def edges(self) -> tuple[int, ...]:
        """Band k holds the rows from ``edges[k]`` to ``edges[k + 1]``."""

    @property
    def nonnegative(self) -> bool:
        """No cell is below zero."""

    def band(self, k: int) -> Sequence[tuple[int, Any]]:
        """Return the pieces of band k that are not all zero.

        Each is its first column and a block of shape (rows, width): an array of float64 or
        float32, C-ordered, or a `scipy.sparse` CSR matrix.
        """


@dataclass(frozen=True, eq=False)
class DenseBands:
    """Bands of an array in memory, without a copy."""

    Z: Array
    edges: tuple[int, ...]
    nonnegative: bool

    @property
    def n(self) -> int:
        """Number of sectors."""
        return len(self.Z)

    def band(self, k: int) -> Sequence[tuple[int, Any]]:
        """Return the rows of the array."""
        return [(0, self.Z[self.edges[k] : self.edges[k + 1]])]


class SparseBands:
    """Bands of a `scipy.sparse` matrix, or of an array with few cells in use.

    Examples
    --------
    >>> import numpy as np
    >>> bands = SparseBands(np.diag([1.0, 2.0, 3.0]), block=1)
    >>> bands.edges, bands.band(1)[0][1].toarray()
    ((0, 1, 2, 3), array([[0., 2., 0.]]))
    """

    def __init__(self, Z: Any, *, block: int | None = None) -> None:
        from scipy.sparse import csr_array

        whole = csr_array(Z, dtype=np.float64)
        self.n = int(whole.shape[0])
        self.edges = edges_of(self.n, block)
        self.nonnegative = bool(whole.data.min(initial=0.0) >= 0)
        self._parts = [whole[a:b] for a, b in pairwise(self.edges)]

    def band(self, k: int) -> Sequence[tuple[int, Any]]:
        """Return the rows as CSR."""
        return [(0, self._parts[k])]


def edges_of(n: int, block: int | None = None) -> tuple[int, ...]:
    """Return edges of bands of some `CELLS` cells, in whole blocks; eight bands or more.

    Examples
    --------
    >>> edges_of(10, 2), edges_of(4050, 50)[:3]
    ((0, 2, 4, 6, 8, 10), (0, 500, 1000))
    """
    rows = min(max(1, CELLS // max(n, 1)), max(1, n // 8))
    step = rows if block is None else max(block, rows // block * block)
    return (*range(0, n, step), n) if n else (0,)


def wide(block: Any) -> Any:
    """Return a block in double precision: sums in single precision would lose digits."""
    return block.astype(np.float64) if block.dtype != np.float64 else block


def left_times(rows: Array, piece: Any) -> Array:
    """Return ``rows @ piece``, shapes (k, r) and (r, width)."""
    if hasattr(piece, "tocsr"):
        return np.asarray((piece.T @ rows.T).T)
    return times(np.ascontiguousarray(rows), wide(piece))


def right_times(rows: Array, piece: Any) -> Array:
    """Return ``rows @ piece'``, shapes (k, width) and (r, width)."""
    from scipy.linalg.blas import dgemm, dgemv

    if hasattr(piece, "tocsr"):
        return np.asarray((piece @ rows.T).T)
    dense = wide(piece).T  # Fortran-ordered, as BLAS wants it
    if len(rows) == 1:
        return np.asarray(dgemv(1.0, dense, np.ascontiguousarray(rows[0]), trans=1))[None, :]
    return np.asarray(dgemm(1.0, dense, np.ascontiguousarray(rows).T, trans_a=1)).T


def product_left(bands: Bands, rows: Array) -> Array:
    """Return ``rows @ Z``, shape (k, n)."""
    out = np.zeros(rows.shape)
    for k, (a, b) in enumerate(pairwise(bands.edges)):
        for start, piece in bands.band(k):
            out[:, start : start + piece.shape[1]] += left_times(rows[:, a:b], piece)
    return out


def product_right(bands: Bands, rows: Array) -> Array:
    """Return ``rows @ Z'``, shape (k, n)."""
    out = np.zeros(rows.shape)
    for k, (a, b) in enumerate(pairwise(bands.edges)):
        for start, piece in bands.band(k):
            out[:, a:b] += right_times(rows[:, start : start + piece.shape[1]], piece)
    return out


def own_block(pieces: Sequence[tuple[int, Any]], first: int, a: int, b: int) -> Array:
    """Return the square block of rows and columns a to b, dense, of a band from row `first`."""
    out = np.zeros((b - a, b - a))
    for start, piece in pieces:
        low, high = max(a, start), min(b, start + piece.shape[1])
        if low < high:
            part = piece[a - first : b - first, low - start : high - start]
            out[:, low - a : high - a] = part.toarray() if hasattr(part, "toarray") else part
    return out
