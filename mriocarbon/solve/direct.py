"""Dense LU by LAPACK, factored once and used from both sides; in double or in single precision.

The single-precision factors are those of ``I - A``. For a productive table that is an M-matrix,
on which elimination is stable whatever the sizes of the sectors, and its condition in the unit of
the account is small, so that each solve gains some six digits and `solve.system` repeats it on
the double-precision residual until the account is exact to rounding (iterative refinement;
Higham 2002, Accuracy and Stability of Numerical Algorithms, ch. 12).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.model.arrays import in_parts

Array = NDArray[np.float64]
THIN = 6  # sides up to which LAPACK is faster one by one: a column is read at the speed of memory


@dataclass(frozen=True, eq=False)
class Factors:
    """LU factors of the transpose of a matrix M.

    A C-ordered M is the Fortran-ordered M' that LAPACK wants, so that factoring M' needs no
    copy; `solve` and `solve_left` account for it.
    """

    lu: Array
    pivots: NDArray[np.int32]

    @property
    def _own(self) -> tuple[Array, NDArray[np.int32]]:
        """The factors for one call: SciPy counts the pivots up by one while LAPACK works.

        It does so in place and lets other threads in meanwhile: with shared pivots two threads
        that solve at once swap the wrong rows, and both get wrong numbers.
        """
        return self.lu, self.pivots.copy()

    def solve(self, right: Array) -> Array:
        """Return ``M^-1 right``; `right` has shape (n,) or (n, k)."""
        from scipy.linalg import lu_solve

        return np.asarray(lu_solve(self._own, right, trans=1, check_finite=False))

    def solve_left(self, left: Array) -> Array:
        """Return ``left M^-1``; `left` has shape (n,) or (k, n)."""
        from scipy.linalg import lu_solve

        return np.asarray(lu_solve(self._own, left.T, check_finite=False)).T

    def inverse(self, *, overwrite: bool = False) -> Array:
        """Return ``M^-1``, shape (n, n), C-ordered; `overwrite` uses up the factors."""
        from scipy.linalg.lapack import dgetri, dgetri_lwork

        room, _ = dgetri_lwork(len(self.lu))
        inverse, _ = dgetri(*self._own, lwork=int(room), overwrite_lu=overwrite)
        return np.asarray(inverse.T)


@dataclass(frozen=True, eq=False)
class Inverse:
    """``M^-1`` itself, in place of factors: where as many sides are asked for as sectors."""

    matrix: Array

    def solve(self, right: Array) -> Array:
        """Return ``M^-1 right``; `right` has shape (n,) or (n, k)."""
        sides = right[:, None] if right.ndim == 1 else np.ascontiguousarray(right)
        return times(self.matrix, sides).reshape(right.shape)

    def solve_left(self, left: Array) -> Array:
        """Return ``left M^-1``; `left` has shape (n,) or (k, n)."""
        return times(np.atleast_2d(left), self.matrix).reshape(left.shape)


@dataclass(frozen=True, eq=False)
class SingleFactors:
    """Single-precision LU factors of the transpose of ``I - A``, used as if of M.

    ``M = (I - A) diag(x)``. Each side is brought to a largest entry of one before it is rounded,
    since single precision holds no more than 38 orders of magnitude.
    """

    lu: NDArray[np.float32]
    pivots: NDArray[np.int32]
    x: Array

    def solve(self, right: Array) -> Array:
        """Return ``M^-1 right`` to some six digits; right of shape (n, k)."""
        return self._solve(right, 1) / self.x[:, None]

    def solve_left(self, left: Array) -> Array:
        """Return ``left M^-1`` to some six digits; left of shape (k, n)."""
        return self._solve((left / self.x).T, 0).T

    def _solve(self, sides: Array, trans: int) -> Array:
        from scipy.linalg.lapack import sgetrs

        scale = np.maximum(sides.max(axis=0), -sides.min(axis=0))
        scale[scale == 0] = 1.0
        single = np.empty(sides.shape, dtype=np.float32, order="F")
        np.divide(sides, scale, out=single, casting="same_kind")
        pivots = self.pivots.copy()  # see `Factors._own`
        if len(scale) > THIN:
            found, _ = sgetrs(self.lu, pivots, single, trans=trans, overwrite_b=True)
        else:
            found = single
            for j in range(len(scale)):
                found[:, j], _ = sgetrs(self.lu, pivots, single[:, j], trans=trans)
        return np.asarray(np.multiply(found, scale, dtype=np.float64))


def times(left: Array, right: Array) -> Array:
    """Return ``left @ right``, both 2-d, by the BLAS that SciPy brings along.

    numpy and SciPy ship a BLAS each, with threads of their own that spin for some 30 ms after
    their last work: a product by numpy's in between doubles the time of the next solve. A single
    row or column goes through dgemv, which is four times as fast as a thin dgemm and does not
    stall when another process holds a core.
    """
    from scipy.linalg.blas import dgemm, dgemv

    # A C-ordered array is the transpose of the Fortran-ordered one that BLAS wants: no copy.
    if len(left) == 1:
        return np.asarray(dgemv(1.0, right.T, left[0]))[None, :]
    if right.shape[1] == 1:
        return np.asarray(dgemv(1.0, left.T, right[:, 0], trans=1))[:, None]
    return np.asarray(dgemm(1.0, right.T, left.T)).T


def factorise(M: Array) -> Factors:
    """Factor M, shape (n, n), C-ordered and writable; **its memory is overwritten**.

    Raises
    ------
    numpy.linalg.LinAlgError
        M is exactly singular.
    """
    from scipy.linalg.lapack import dgetrf

    # Not lu_factor: an exact zero pivot is a warning there, and to make it an error would change
    # the filters of all threads. M' is Fortran-ordered, as LAPACK wants it.
    lu, pivots, info = dgetrf(M.T, overwrite_a=True)
    if info > 0:
        raise np.linalg.LinAlgError(f"diagonal number {info} of U is exactly zero")
    return Factors(lu, pivots)


def flows_matrix(Z: Array, x: Array, zero: NDArray[np.bool_]) -> Array:
    """Return ``M = diag(x) - Z``, a fresh array; columns of zero output hold the unit vector."""
    M = np.empty_like(Z)
    weight = np.where(zero, 0.0, -1.0)
    in_parts(len(Z), lambda part: np.multiply(Z[part], weight, out=M[part]))
    M[np.diag_indices(len(Z))] += x
    return M


def factorise_single(Z: Array, x: Array, zero: NDArray[np.bool_]) -> SingleFactors:
    """Factor ``I - A`` of ``A = Z diag(x)^-1`` in single precision; x is 1 where `zero`.

    Raises
    ------
    numpy.linalg.LinAlgError
        It is singular, or holds what single precision cannot.
    """
    from scipy.linalg.lapack import sgetrf

    n = len(Z)
    weight = np.where(zero, 0.0, -1.0 / x)
    M = np.empty((n, n), dtype=np.float32)
    with np.errstate(over="ignore", under="ignore"):
        in_parts(n, lambda part: np.multiply(Z[part], weight, out=M[part], casting="same_kind"))
        M[np.diag_indices(n)] = 1.0 + np.diagonal(Z) * weight
    lu, pivots, info = sgetrf(M.T, overwrite_a=True)
    if info > 0 or not np.isfinite(lu.diagonal()).all():
        raise np.linalg.LinAlgError("no single-precision factors")
    return SingleFactors(lu, pivots, x)
