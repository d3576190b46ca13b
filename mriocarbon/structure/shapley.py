"""Averages over all orders of change, from the values of all subsets of changed factors.

With n factors and v(S) the quantity when the factors in S have changed and the others have not,
one order of change is one elementary decomposition; factor i, met after the set S, gets
``v(S + i) - v(S)``. There are n! orders but only 2^n values, and every average, and the smallest
and largest effect over all orders, follows from these. Sets are bit masks: bit i is factor i.
"""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import NonFiniteError, ShapeError

__all__ = ["elementary_range", "polar", "shapley"]

Array = NDArray[np.float64]
MOST = 16  # factors; 2^16 values of a bilateral account no longer fit a memory


def shapley(values: ArrayLike) -> Array:
    """Return the mean effect of each factor over all n! orders of change.

    ``e_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))``: the Shapley value
    of the game v, which is the mean of the n! elementary decompositions.

    Parameters
    ----------
    values : array_like, shape (2^n, ...)
        v(S) by bit mask, in any unit.

    Returns
    -------
    ndarray, shape (n, ...)
        In the unit of `values`; sums to ``v(all) - v(none)``.

    Raises
    ------
    ShapeError
        The first axis is no power of two, or beyond 2^16.
    NonFiniteError

    References
    ----------
    Dietzenbacher & Los (1998) doi:10.1080/09535319800000023, all elementary decompositions; Sun
    (1998) doi:10.1016/S0140-9883(97)00012-1 and Albrecht, Francois & Schoors (2002)
    doi:10.1016/S0301-4215(02)00022-8, the formula by subsets.

    Examples
    --------
    >>> shapley([6, 12, 15, 30])  # 2 x 3 -> 4 x 7.5: the midpoint formula
    array([10.5, 13.5])
    """
    v, n = _values(values)
    weights = [factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)]
    out = np.zeros((n, *v.shape[1:]))
    for i in range(n):
        for mask in _without(i, n):
            out[i] += weights[mask.bit_count()] * (v[mask | 1 << i] - v[mask])
    return out


def polar(values: ArrayLike) -> Array:
    """Return the mean of the two polar decompositions: factors changed first to last, and back.

    It depends on the order in which the factors are listed; the mean of all orders does not.

    Parameters
    ----------
    values : array_like, shape (2^n, ...)
        v(S) by bit mask; bit i is the factor listed at place i.

    Returns
    -------
    ndarray, shape (n, ...)

    Raises
    ------
    ShapeError, NonFiniteError

    References
    ----------
    Dietzenbacher & Los (1998) doi:10.1080/09535319800000023.

    Examples
    --------
    >>> polar([6, 12, 15, 30])
    array([10.5, 13.5])
    """
    v, n = _values(values)
    whole = (1 << n) - 1
    up = [(1 << i) - 1 for i in range(n + 1)]  # the first i factors
    return np.stack(
        [
            0.5 * (v[up[i + 1]] - v[up[i]] + v[whole ^ up[i]] - v[whole ^ up[i + 1]])
            for i in range(n)
        ]
    )


def elementary_range(values: ArrayLike) -> tuple[Array, Array]:
    """Return the smallest and the largest effect of each factor over all n! orders.

    Every set of other factors precedes factor i in some order, so that the extremes over the
    orders are the extremes of ``v(S + i) - v(S)`` over the 2^(n-1) sets S.

    Parameters
    ----------
    values : array_like, shape (2^n, ...)

    Returns
    -------
    low, high : ndarray, shape (n, ...)

    Raises
    ------
    ShapeError, NonFiniteError

    Examples
    --------
    >>> [bound.tolist() for bound in elementary_range([6, 12, 15, 30])]
    [[6.0, 9.0], [15.0, 18.0]]
    """
    v, n = _values(values)
    low, high = np.full((n, *v.shape[1:]), np.inf), np.full((n, *v.shape[1:]), -np.inf)
    for i in range(n):
        for mask in _without(i, n):
            effect = v[mask | 1 << i] - v[mask]
            low[i], high[i] = np.minimum(low[i], effect), np.maximum(high[i], effect)
    return low, high


def _without(i: int, n: int) -> list[int]:
    return [mask for mask in range(1 << n) if not mask >> i & 1]


def _values(values: ArrayLike) -> tuple[Array, int]:
    v = np.asarray(values, dtype=np.float64)
    n = v.shape[0].bit_length() - 1 if v.ndim else -1
    if n < 1 or n > MOST or v.shape[0] != 1 << n:
        raise ShapeError(
            f"values of shape {v.shape}",
            where="values by subset",
            do=f"give 2^n values along the first axis, n from 1 to {MOST}",
        )
    if not np.isfinite(v).all():
        raise NonFiniteError(
            f"{int((~np.isfinite(v)).sum())} values are NaN or infinite",
            where="values by subset",
            do="every combination of old and new factors needs a number",
        )
    return v, n
