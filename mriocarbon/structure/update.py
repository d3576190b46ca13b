"""A changed Leontief system by a low-rank update of the factorisation that is already there.

With ``M = diag(x) - Z`` of the table (see `solve.system`), a change of coefficients ``dA = U V'``
of rank k makes it ``M1 = M - U W'``, ``W = diag(x) V``, and by Sherman, Morrison & Woodbury

    M1^-1 = M^-1 + M^-1 U K^-1 W' M^-1,    K = I - W' M^-1 U    (k x k)

so that k solves replace a factorisation: ``2 n^2 k`` operations instead of ``2/3 n^3``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import NonFiniteError, NotProductiveError, ShapeError, UnknownNameError
from mriocarbon.solve import Leontief, Solution
from mriocarbon.solve.direct import times

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Updated", "error_of_change", "low_rank"]

Array = NDArray[np.float64]

_EPS = float(np.finfo(float).eps)
# K is I in a table that does not change and singular in one that stops being productive.
WORST = 1e8
# Largest forward error of an updated solve; beyond it the system is factored anew.
ALLOWED = 1e-11
# Rank, as a share of n, up to which the update is faster (benchmarks/bench_structure.py).
FASTER = 0.05


def low_rank(dA: Array | csr_array) -> tuple[Array, Array]:
    """Return U, V with ``dA = U V'`` and as few columns as rows and columns can cover dA.

    Changed cells lie in rows (what a sector sells) and columns (what it buys); the smallest
    number of both that covers them is the largest matching of the bipartite graph of the cells
    (König 1931). One cell, one row, one column: 1; a row and a column: 2.

    Parameters
    ----------
    dA : ndarray or sparse array, shape (n, n)
        Change of input coefficients.

    Returns
    -------
    U, V : ndarray, shape (n, k)

    Examples
    --------
    >>> dA = np.zeros((4, 4)); dA[1] = 0.1; dA[:, 2] = 0.2
    >>> U, V = low_rank(dA)
    >>> U.shape[1], bool((U @ V.T == dA).all())
    (2, True)
    """
    sparse = _sparse(dA)
    rows, columns = _cover(sparse)
    n, k = sparse.shape[0], len(rows) + len(columns)
    U, V = np.zeros((n, k)), np.zeros((n, k))
    U[rows, np.arange(len(rows))] = 1.0
    across = sparse[rows].toarray().T
    across[columns] = 0.0
    V[:, : len(rows)] = across
    U[:, len(rows) :] = sparse[:, columns].toarray()
    V[columns, np.arange(len(rows), k)] = 1.0
    return U, V


def _sparse(dA: Array | csr_array) -> csr_array:
    """Return the cells that are not zero; the argument stays as it is."""
    from scipy.sparse import csr_array, issparse

    if issparse(dA):
        found = csr_array(dA, copy=True)
        found.eliminate_zeros()
        return found
    cells = np.atleast_2d(np.asarray(dA, dtype=np.float64))
    # Few rows or columns are touched: look for cells in those only.
    rows, columns = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    block = cells[np.ix_(rows, columns)]
    i, j = np.nonzero(block)
    return csr_array((block[i, j], (rows[i], columns[j])), shape=cells.shape)


def _cover(sparse: csr_array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the fewest rows and columns that hold every cell (König's theorem)."""
    from scipy.sparse.csgraph import maximum_bipartite_matching

    graph = sparse.astype(bool).tocsr()
    column_of = np.asarray(maximum_bipartite_matching(graph, perm_type="column"))
    row_of = np.full(graph.shape[1], -1)
    matched = np.flatnonzero(column_of >= 0)
    row_of[column_of[matched]] = matched
    # From rows without a partner, along alternating paths: what is reached on the column side,
    # and what is not reached on the row side, is the cover.
    reached = np.zeros(graph.shape[0], bool)
    seen = np.zeros(graph.shape[1], bool)
    front = np.flatnonzero((np.diff(graph.indptr) > 0) & (column_of < 0))
    while len(front):
        reached[front] = True
        columns = np.unique(graph[front].indices)
        columns = columns[~seen[columns]]
        seen[columns] = True
        front = row_of[columns]
        front = front[front >= 0]
        front = front[~reached[front]]
    filled = np.diff(graph.indptr) > 0
    return np.flatnonzero(filled & ~reached), np.flatnonzero(seen)


def error_of_change(error: float, before: ArrayLike, after: ArrayLike, change: ArrayLike) -> float:
    """Return the error of a difference, relative to the sum of its absolute values.

    Two answers that are each known to `error` of their size leave the small difference between
    them known to ``error (|before| + |after|) / |change|`` only; | | are sums of absolute values.
    NaN for a difference of zero, which has no relative error.

    Examples
    --------
    >>> round(error_of_change(1e-12, [100.0], [99.0], [-1.0]), 13)
    1.99e-10
    """
    size = float(np.abs(change).sum())
    sure = error * float(np.abs(before).sum() + np.abs(after).sum())
    return sure / size if size else float("nan")


class Updated:
    """The system after ``A + dA``, answered from the factors of the table where that is safe.

    Every answer is held against the changed matrix itself, refined where its residual is more
    than rounding, and carries the same forward-error bound as `Leontief`. Where K is near
    singular, the bound is missed, a coefficient is negative (no bound, and productivity is not
    shown by a positive vector), or the rank is too high to pay, the changed system is factored
    anew; `method` and `why` say so.

    Parameters
    ----------
    system : Leontief
        Of the table before the change.
    dA : ndarray or sparse array, shape (n, n)
        Change of input coefficients, input per unit of output.
    method : {"auto", "update", "lu"}
        ``"update"`` refuses to give up because of the rank only; ``"lu"`` factors anew.

    Attributes
    ----------
    rank : int
    condition : float
        Of K; 1 for no change.
    method : str
        ``"update"`` or ``"lu"``.
    why : str
        Why it was factored anew; empty for an update.

    Raises
    ------
    NotProductiveError
        The changed table has no non-negative inverse; the columns are named.
    NonFiniteError
        A change that is NaN or infinite.
    ShapeError, UnknownNameError

    References
    ----------
    Sherman & Morrison (1950) doi:10.1214/aoms/1177729893; Woodbury (1950), Memorandum 42,
    Statistical Research Group, Princeton; Hager (1989) doi:10.1137/1031049.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> dA = np.zeros((1000, 1000)); dA[:, 7] = 0.1 * mrio.Z[:, 7] / mrio.x[7]
    >>> new = Updated(mc.leontief(mrio), dA)
    >>> new.rank, new.method, new.output(mrio.final_demand).error < 1e-11
    (1, 'update', True)
    """

    def __init__(self, system: Leontief, dA: Array | csr_array, *, method: str = "auto") -> None:
        if method not in ("auto", "update", "lu"):
            raise UnknownNameError.of("method", method, ["auto", "update", "lu"])
        sparse = _sparse(dA)
        if sparse.shape != (system.n, system.n):
            raise ShapeError(
                f"a change of shape {sparse.shape} for {system.n} sectors", where="dA",
                do=f"give shape ({system.n}, {system.n})",
            )  # fmt: skip
        if not np.isfinite(sparse.data).all():
            raise NonFiniteError(
                f"{int((~np.isfinite(sparse.data)).sum())} changes of coefficients are NaN or"
                " infinite", where="dA", do="give finite numbers",
            )  # fmt: skip
        self.system, self.dA = system, sparse
        self.n, self.x = system.n, system.output_
        self.condition, self.why = 1.0, ""
        self._full: Leontief | None = None
        self._left_cache: Array | None = None
        self._s: Array | None = None
        self._t: Array | None = None
        self.U, self.V = low_rank(sparse)
        self.rank = self.U.shape[1]
        self.method = "update"
        self._prepare(method)

    def _prepare(self, method: str) -> None:
        system = self.system
        system.require_productive()
        if method == "lu":
            return self._factor("asked for")
        if not self.rank:
            return
        if method == "auto" and self.rank > FASTER * self.n:
            return self._factor(f"rank {self.rank} of {self.n}: a new factorisation is faster")
        cells = self.dA.tocoo()
        i, j = cells.coords
        base = np.where(system.zero[j], 0.0, system.Z[i, j] / self.x[j])
        if not system.nonnegative or ((base + cells.data) < -1e-13 * np.abs(base)).any():
            return self._factor("negative coefficients")
        self.W = self.x[:, None] * self.V
        self._P = self._base_right(self.U)  # M^-1 U
        self._K = np.eye(self.rank) - self.W.T @ self._P
        self.condition = float(np.linalg.cond(self._K))
        if not np.isfinite(self.condition) or self.condition > WORST:
            return self._factor(f"near singular: condition of K {self.condition:.1e}")
        t = self._weights_right()
        if not (np.isfinite(t).all() and (t >= 0).all()):
            # Not semipositive, hence not productive (see Leontief): the full system names columns.
            return self._factor("no positive vector t with M t = x")

    def _factor(self, why: str) -> None:
        """Go over to a factorisation of the changed matrix; refuses one that is not productive."""
        self.method, self.why = "lu", why
        Z = np.where(self.system.zero, 0.0, self.system.Z) + self.dA.toarray() * self.x
        if self.system.nonnegative and Z.min() > -1e-13 * np.abs(Z).max():
            np.maximum(Z, 0.0, out=Z)  # what a cell set to zero leaves by rounding
        self._full = Leontief(Z, self.x, self.system.names)
        try:
            self._full.require_productive()
        except NotProductiveError as error:
            raise NotProductiveError(
                f"after the change {error.what}", where=error.where,
                do="make the change smaller: these columns now use up all output of the chain",
            ) from None  # fmt: skip

    # -- the questions ---------------------------------------------------------------------

    def output(self, Y: ArrayLike) -> Solution:
        """Return ``(I - A - dA)^-1 Y``, shape (n,) or (n, k)."""
        Y = self.system._sized(Y, 0, "output", f"({self.n}, k)")
        if self._full is None:
            columns = Y[:, None] if Y.ndim == 1 else Y
            u, error = self._right(columns)
            if error <= ALLOWED:
                value = self.x[:, None] * u
                return self._answer(value[:, 0] if Y.ndim == 1 else value, error)
            self._factor(f"forward error of the update {error:.1e}")
        assert self._full is not None
        return self._full.output(Y, method="lu")

    def multipliers(self, S: ArrayLike) -> Solution:
        """Return ``S (I - A - dA)^-1``, S emissions per output, shape (n,) or (k, n)."""
        S = self.system._sized(S, -1, "multipliers", f"(k, {self.n})")
        if self._full is None:
            m, error = self._left(np.atleast_2d(S * self.x))
            if error <= ALLOWED:
                return self._answer(m[0] if S.ndim == 1 else m, error)
            self._factor(f"forward error of the update {error:.1e}")
        assert self._full is not None
        return self._full.multipliers(S, method="lu")

    # -- inside ------------------------------------------------------------------------------

    def _answer(self, value: Array, error: float) -> Solution:
        return Solution(np.ascontiguousarray(value), error, self.system.nonnegative, "update")

    def _base_right(self, b: Array) -> Array:
        """M^-1 b by the factors, which are made and kept at the first call."""
        return self.system._lu().solve(np.ascontiguousarray(b))

    def _base_left(self, f: Array) -> Array:
        return self.system._lu().solve_left(f)

    def _inverse_right(self, b: Array) -> Array:
        """M1^-1 b by the formula, not refined."""
        u = self._base_right(b)
        if self.rank:
            u = u + self._P @ np.linalg.solve(self._K, self.W.T @ u)
        return u

    def _inverse_left(self, f: Array) -> Array:
        m = self._base_left(f)
        if self.rank:
            if self._left_cache is None:
                self._left_cache = self._base_left(np.ascontiguousarray(self.W.T))
            m = m + np.linalg.solve(self._K.T, (m @ self.U).T).T @ self._left_cache
        return m

    def _right(self, b: Array) -> tuple[Array, float]:
        """Return u with M1 u = b and the bound on its error (see Leontief)."""
        keep = np.where(self.system.zero, 0.0, 1.0)[:, None]

        def moved(u: Array, U: Array, V: Array) -> Array:
            found = times(self.system.Z, keep * u)
            return found + U @ (V.T @ (self.x[:, None] * u)) if self.rank else found

        def size(u: Array) -> Array:
            fed = moved(np.abs(u), np.abs(self.U), np.abs(self.V))
            return self.x[:, None] * np.abs(u) + np.abs(b) + fed

        def residual(u: Array) -> Array:
            return np.asarray(b - self.x[:, None] * u + moved(u, self.U, self.V))

        u = self._inverse_right(b)
        s = np.abs(self._weights_left())
        rounding = (self.n + 2) * _EPS * (s @ size(u))  # of the residual itself
        r = residual(u)
        if (s @ np.abs(r) > rounding).any():
            u = u + self._inverse_right(r)
            r = residual(u)
        whole = (self.x[:, None] * np.abs(u)).sum(axis=0)
        return u, self._relative(s @ np.abs(r) + rounding, whole)

    def _left(self, f: Array) -> tuple[Array, float]:
        """Return m with m' M1 = f' and the bound on its error."""
        keep = np.where(self.system.zero, 0.0, 1.0)

        def moved(m: Array, U: Array, V: Array) -> Array:
            found = times(m, self.system.Z) * keep
            return found + ((m @ U) @ V.T) * self.x if self.rank else found

        def size(m: Array) -> Array:
            fed = moved(np.abs(m), np.abs(self.U), np.abs(self.V))
            return self.x * np.abs(m) + np.abs(f) + fed

        def residual(m: Array) -> Array:
            return np.asarray(f - m * self.x + moved(m, self.U, self.V))

        m = self._inverse_left(f)
        t = np.abs(self._weights_right())
        rounding = (self.n + 2) * _EPS * (size(m) @ t)
        r = residual(m)
        if (np.abs(r) @ t > rounding).any():
            m = m + self._inverse_left(r)
            r = residual(m)
        whole = (self.x * np.abs(m)).sum(axis=1)
        return m, self._relative(np.abs(r) @ t + rounding, whole)

    @staticmethod
    def _relative(error: Array, size: Array) -> float:
        some = size > 0
        return float((error[some] / size[some]).max(initial=0.0))

    def _weights_left(self) -> Array:
        """s with s' M1 = x'."""
        if self._s is None:
            self._s = self._inverse_left(self.x[None, :])[0]
        return self._s

    def _weights_right(self) -> Array:
        """t with M1 t = x."""
        if self._t is None:
            self._t = self._inverse_right(self.x[:, None])[:, 0]
        return self._t
