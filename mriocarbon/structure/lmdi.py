"""The logarithmic mean Divisia index (LMDI-I) over chains of products.

For a cell v = x_1 x_2 ... x_n, factor k gets ``w ln(x_k1 / x_k0)`` with the logarithmic mean
``w = (v_1 - v_0) / ln(v_1 / v_0)``, so that the parts sum to ``v_1 - v_0`` without a residual.

Zeros are the analytical limits (Ang, Zhang & Choi 1998; Wood & Lenzen 2006; Ang & Liu 2007): a
cell that is 0 in one state gives its whole change to the factors that are 0 there, in equal parts
if there are several; cells that are 0 in both states give nothing. A cell whose sign changes
has no logarithm: its change goes to a visible term of its own, ``sign changes``.

References: Ang & Liu (2001) doi:10.1016/S0360-5442(01)00022-6; Ang, Zhang & Choi (1998), Energy 23,
489-495; Wood & Lenzen (2006), Energy Policy 34, 1326-1331; Ang & Liu (2007), Energy Policy 35,
238-246 (zeros) and 739-742 (negative values). Formulas as quoted by public pages; the papers
themselves were not opened: UNVERIFIED.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import NonFiniteError, ShapeError

__all__ = ["SIGN", "lmdi", "log_mean"]

Array = NDArray[np.float64]
SIGN = "sign changes"
SMALL = 1e-3  # |ln(v1/v0)| below which the quotient is replaced by its series


def log_mean(a: ArrayLike, b: ArrayLike) -> Array:
    """Return ``(a - b) / ln(a / b)``, a where both are equal, 0 where one is 0.

    Parameters
    ----------
    a, b : array_like
        Of the same sign, in one unit.

    Raises
    ------
    ShapeError
        Signs differ: there is no logarithm.

    Examples
    --------
    >>> log_mean([1.0, 2.0, 0.0], [np.e, 2.0, 3.0]).round(6)
    array([1.718282, 2.      , 0.      ])
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    if (a * b < 0).any():
        raise ShapeError("numbers of different sign", where="log_mean", do="split them off first")
    some = (a != 0) & (b != 0)
    d = np.log(np.where(some, a, 1.0) / np.where(some, b, 1.0))
    return np.where(some, _mean(np.where(some, a, 1.0), np.where(some, b, 1.0), d), 0.0)


def lmdi(before: ArrayLike, after: ArrayLike) -> tuple[Array, float]:
    """Return the additive LMDI-I effects of a sum of products, and the term of sign changes.

    ``V = sum over cells of product over factors of x``; effects and term sum to ``V_1 - V_0``. The
    multiplicative effects are ``exp(effect / L(V_1, V_0))`` with the logarithmic mean L.

    Parameters
    ----------
    before, after : array_like, shape (factors, cells)

    Returns
    -------
    effects : ndarray, shape (factors,)
    sign : float
        Change of cells whose product changes sign.

    Raises
    ------
    ShapeError, NonFiniteError

    Examples
    --------
    >>> effects, sign = lmdi([[1, 4], [10, 5], [2, 3]], [[4, 5], [5, 6], [3, 4]])
    >>> effects.round(4).tolist(), sign
    ([69.7901, -9.4551, 39.6651], 0.0)
    """
    x0, x1 = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if x0.ndim != 2 or x0.shape != x1.shape:
        raise ShapeError(f"factors of shape {x0.shape} and {x1.shape}", where="lmdi",
                         do="give two arrays (factors, cells) of one shape")  # fmt: skip
    if not (np.isfinite(x0).all() and np.isfinite(x1).all()):
        raise NonFiniteError("factors are NaN or infinite", where="lmdi",
                             do="fill or remove these cells; missing is not zero")  # fmt: skip
    v0, v1 = x0.prod(axis=0), x1.prod(axis=0)
    # A product that underflows is 0 without a factor that is: it has nothing to give.
    both = (x0 != 0).all(axis=0) & (x1 != 0).all(axis=0)
    flips = both & (np.sign(v0) * np.sign(v1) < 0)
    good = both & ~flips
    r0, r1 = np.where(good, x0, 1.0), np.where(good, x1, 1.0)
    logs = np.log(np.abs(r1 / r0))
    w = np.where(good, _mean(np.where(good, v1, 1), np.where(good, v0, 1), logs.sum(axis=0)), 0.0)
    effects = np.asarray(w * logs)
    for zero, change in (((x0 == 0), v1), ((x1 == 0), -v0)):
        count = zero.sum(axis=0)
        effects = effects + np.where(zero, change / np.maximum(count, 1), 0.0)
    return np.asarray(effects.sum(axis=1)), float((v1 - v0)[flips].sum())


def _mean(v1: Array, v0: Array, d: Array) -> Array:
    """Return the logarithmic mean of two numbers of one sign with ``d = ln(v1 / v0)``."""
    flat = np.abs(d) < SMALL
    root = np.sign(v0) * np.sqrt(np.abs(v0)) * np.sqrt(np.abs(v1))
    return np.where(flat, root * (1 + d * d / 24), (v1 - v0) / np.where(flat, 1.0, d))


def cells(
    q: tuple[Array, Array],
    L: tuple[Array, Array],
    demand: list[tuple[Array, Array]],
    R: int,
) -> tuple[Array, Array, int]:
    """Return the LMDI-I effects of ``sum over i, j of q_i L_ij y_jc`` by region and column.

    A cell is one emitting sector i, one product j of final demand and one column c (destination
    and category): ``v_ijc = q_i L_ij d_1jc d_2jc ...``.

    Parameters
    ----------
    q : (before, after), each of shape (n,)
    L : (before, after), each of shape (n, n)
        Leontief inverses.
    demand : list of (before, after), each of shape (n, columns)
        Factors of final demand.
    R : int
        Regions; i belongs to region i // (n / R).

    Returns
    -------
    effects : ndarray, shape (2 + len(demand), R, columns)
        Of q, of L, of each factor of demand.
    sign : ndarray, shape (R, columns)
    flips : int
        Cells whose sign changes.
    """
    from mriocarbon.structure.lmdi_kernel import run

    n, columns = demand[0][0].shape
    d0, d1 = np.stack([d[0] for d in demand]), np.stack([d[1] for d in demand])
    y0, y1 = d0.prod(axis=0), d1.prod(axis=0)
    zero0, zero1 = d0 == 0, d1 == 0
    some = ~(zero0 | zero1)
    logs = np.log(np.abs(np.where(some, d1, 1.0) / np.where(some, d0, 1.0)))
    effects = np.zeros((2 + len(demand), R, columns))
    sign = np.zeros((R, columns))
    T0, T1 = np.ascontiguousarray(L[0].T), np.ascontiguousarray(L[1].T)
    flips = run(
        q[0], q[1], T0, T1, y0, y1, np.ascontiguousarray(logs),
        np.ascontiguousarray(zero0), np.ascontiguousarray(zero1), n // R, effects, sign,
    )  # fmt: skip
    return effects, sign, int(flips)
