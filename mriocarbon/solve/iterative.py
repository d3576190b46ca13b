"""GMRES for few right-hand sides of a large table: one pass over Z an iteration.

The unknown of the left system is ``w = m * x``, what is embodied in the output of each sector,
and that of the right system is output itself: both are in the unit of the account, so that the
residual is measured on the account and not on the largest entry of m, which belongs to the
smallest sector and would stop the iteration after one step.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import ConvergenceError

Array = NDArray[np.float64]


def gmres(
    matvec: Callable[[Array], Array], right: Array, *, rtol: float, most: int = 200
) -> tuple[Array, int]:
    """Solve ``matvec(w) = right`` until the 1-norm of the residual is below rtol |right|_1.

    Parameters
    ----------
    matvec : callable
        v, shape (n,) -> (I - B) v.
    right : ndarray, shape (n,)
    rtol : float
    most : int
        Most matrix-vector products.

    Returns
    -------
    (w, products)

    Raises
    ------
    ConvergenceError
    """
    from scipy.sparse.linalg import LinearOperator, gmres

    n, products = len(right), 0

    def counted(v: Array) -> Array:
        nonlocal products
        products += 1
        return matvec(np.ravel(v))

    norm = np.abs(right).sum()
    if norm == 0:
        return np.zeros(n), 0
    operator = LinearOperator((n, n), matvec=counted, dtype=np.float64)
    w = right.copy()
    # SciPy stops on the 2-norm; ask again, tighter, until the 1-norm is met.
    tolerance = rtol
    while products < most:
        w, _ = gmres(operator, right, x0=w, rtol=tolerance, atol=0.0, restart=40, maxiter=1)
        if np.abs(right - matvec(w)).sum() <= rtol * norm:
            return w, products
        tolerance = max(tolerance / 4, 1e-15)
    raise ConvergenceError(
        f"GMRES did not reach {rtol:g} in {most} products",
        where="iterative solve",
        do='use method="lu", and look at the spectral radius: mc.leontief(mrio).spectral_radius()',
    )
