"""Dense LU by LAPACK, factored once and used from both sides.

Measured on two cores (``python -m benchmarks solve``): LAPACK through scipy is faster than
``jax.scipy.linalg`` for the 1,000-sector table, which calls the same LAPACK after copying, so
JAX is used for gradients only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Factors:
    """LU factors of the transpose of a matrix M.

    A C-ordered M is the Fortran-ordered M' that LAPACK wants, so that factoring M' needs no
    copy; `solve` and `solve_left` account for it.
    """

    lu: Array
    pivots: NDArray[np.int32]

    def solve(self, right: Array) -> Array:
        """Return ``M^-1 right``; `right` has shape (n,) or (n, k)."""
        from scipy.linalg import lu_solve

        return np.asarray(lu_solve((self.lu, self.pivots), right, trans=1, check_finite=False))

    def solve_left(self, left: Array) -> Array:
        """Return ``left M^-1``; `left` has shape (n,) or (k, n)."""
        from scipy.linalg import lu_solve

        return np.asarray(lu_solve((self.lu, self.pivots), left.T, check_finite=False)).T


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
