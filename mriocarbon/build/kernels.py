"""Compiled kernels of biproportional scaling: one pass over the table for each iteration.

The positive part lies dense, the negative part (few cells in a real table) as compressed rows.
Rows are cut into a fixed number of pieces, each with column sums of its own that are added in
order: the same numbers come out, bit for bit, whatever the number of threads.

Numba is imported with this module, so import it inside functions only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

PIECES = 16
# Sums may be reordered and vectorised, but NaN and infinity keep their meaning; a division by
# zero gives infinity, as in numpy, and is met by the caller.
MATHS = {"reassoc", "contract", "nsz", "arcp"}
# Numba's fallback threading layer must not be entered by two Python threads at once.
LOCK = threading.Lock()

Function = TypeVar("Function", bound=Callable[..., Any])


def plain(function: Function) -> Function:
    """Compile for one thread; the machine code is kept beside the source or in Numba's cache."""
    compiled: Any = njit(cache=True, error_model="numpy")(function)
    return cast(Function, compiled)


def shared(function: Function) -> Function:
    """Compile for all threads."""
    compiled: Any = njit(
        parallel=True, cache=True, error_model="numpy", fastmath=MATHS
    )(function)  # fmt: skip
    return cast(Function, compiled)


@plain
def root(p: float, n: float, u: float) -> float:
    """Return the positive solution of ``p r - n / r = u``; 1 for an empty line.

    Of the two ways to write the root the one without cancellation is taken. A line without
    positive cells (p = 0) has ``r = -n / u`` (Temurshoev, Miller & Bouwmeester 2013), one
    without negative cells ``r = u / p``.
    """
    if n == 0.0:
        return u / p if p > 0.0 else 1.0
    size = np.sqrt(u * u + 4.0 * p * n)
    if u > 0.0:
        return float((u + size) / (2.0 * p))
    return float(2.0 * n / (size - u))


@shared
def sweep(
    P: Array, start: Integers, where: Integers, N: Array,
    u: Array, v: Array, r: Array, s: Array, error: Array,
) -> None:  # fmt: skip
    """Update r to meet the row margins, then s to meet the column margins, in place.

    Parameters
    ----------
    P : ndarray, shape (m, n)
        Positive part of the prior.
    start, where, N : ndarray
        Compressed rows of the negative part, signs dropped (N > 0).
    u, v : ndarray, shape (m,), (n,)
        Margins.
    r, s : ndarray, shape (m,), (n,)
        Multipliers, overwritten.
    error : ndarray, shape (2, m)
        Overwritten. Row 0: by how much each row missed its margin before the update; row 1: its
        gross sum then.
    """
    m, n = P.shape
    plus = np.zeros((PIECES, n))
    minus = np.zeros((PIECES, n))
    for piece in prange(PIECES):
        mine, own = plus[piece], minus[piece]
        for i in range(piece * m // PIECES, (piece + 1) * m // PIECES):
            row = P[i]
            p = 0.0
            for j in range(n):
                p += row[j] * s[j]
            q = 0.0
            for k in range(start[i], start[i + 1]):
                q += N[k] / s[where[k]]
            left = q / r[i] if q > 0.0 else 0.0
            error[0, i] = p * r[i] - left - u[i]
            error[1, i] = p * r[i] + left
            new = root(p, q, u[i])
            r[i] = new
            for j in range(n):
                mine[j] += new * row[j]
            for k in range(start[i], start[i + 1]):
                own[where[k]] += N[k] / new
    for j in range(n):
        p = 0.0
        q = 0.0
        for piece in range(PIECES):
            p += plus[piece, j]
            q += minus[piece, j]
        s[j] = root(p, q, v[j])


@shared
def scaled(
    P: Array, start: Integers, where: Integers, N: Array, r: Array, s: Array, out: Array
) -> None:
    """Write ``out = r P s - N / (r s)``; empty cells are exactly zero."""
    m, n = P.shape
    for i in prange(m):
        for j in range(n):
            out[i, j] = r[i] * P[i, j] * s[j]
        for k in range(start[i], start[i + 1]):
            out[i, where[k]] -= N[k] / (r[i] * s[where[k]])


@plain
def flow(sign: NDArray[np.int8], supply: Array, f: Array, tiny: float) -> NDArray[np.bool_]:
    """Send `supply` through the cells of a table, as far as it goes; return what a cut holds.

    Rows and columns are nodes. A positive cell carries any amount from its row to its column,
    a negative one from its column to its row: a table with these signs and margins exists
    exactly if everything arrives (Hall 1935; Ford & Fulkerson 1956).

    Parameters
    ----------
    sign : ndarray of int8, shape (m, n)
    supply : ndarray, shape (m + n,)
        Row margins, then minus the column margins; overwritten by what is left over.
    f : ndarray, shape (m, n)
        Zeros; overwritten by the flow, the size of each cell.
    tiny : float
        An amount at or below this counts as nothing.

    Returns
    -------
    ndarray of bool, shape (m + n,)
        The nodes that a left-over supply still reaches: a set that has more than it can hand
        on. All False if everything arrived.
    """
    m, n = sign.shape
    for i in range(m):  # most of it goes straight through one cell
        for j in range(n):
            if sign[i, j] > 0 and supply[i] > 0.0 and supply[m + j] < 0.0:
                d = min(supply[i], -supply[m + j])
            elif sign[i, j] < 0 and supply[i] < 0.0 and supply[m + j] > 0.0:
                d = min(-supply[i], supply[m + j])
                d = -d
            else:
                continue
            supply[i] -= d
            supply[m + j] += d
            f[i, j] += abs(d)
    parent = np.empty(m + n, np.int64)
    queue = np.empty(m + n, np.int64)
    while True:
        parent[:] = -2
        head, tail = 0, 0
        for k in range(m + n):
            if supply[k] > tiny:
                parent[k] = -1
                queue[tail] = k
                tail += 1
        while head < tail:
            k = queue[head]
            head += 1
            if k < m:
                for j in range(n):
                    if parent[m + j] == -2 and (
                        sign[k, j] > 0 or (sign[k, j] < 0 and f[k, j] > tiny)
                    ):
                        parent[m + j] = k
                        queue[tail] = m + j
                        tail += 1
            else:
                for i in range(m):
                    if parent[i] == -2 and (
                        sign[i, k - m] < 0 or (sign[i, k - m] > 0 and f[i, k - m] > tiny)
                    ):
                        parent[i] = k
                        queue[tail] = i
                        tail += 1
        moved = False
        for end in range(m + n):
            if supply[end] >= -tiny or parent[end] < 0:
                continue
            d = -supply[end]
            k = end
            while parent[k] >= 0:  # the narrowest place on the way back
                i, j = (parent[k], k - m) if k >= m else (k, parent[k] - m)
                if (sign[i, j] > 0) != (k >= m):  # against the direction of the cell
                    d = min(d, f[i, j])
                k = parent[k]
            d = min(d, supply[k])
            if d <= tiny:
                continue
            moved = True
            supply[end] += d
            supply[k] -= d
            k = end
            while parent[k] >= 0:
                i, j = (parent[k], k - m) if k >= m else (k, parent[k] - m)
                if (sign[i, j] > 0) != (k >= m):
                    f[i, j] -= d
                else:
                    f[i, j] += d
                k = parent[k]
        if not moved:
            break
    left = False
    for k in range(m + n):
        left = left or supply[k] > tiny
    return np.asarray((parent != -2) & left)
