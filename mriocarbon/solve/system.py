"""One Leontief system, factored once, asked many times.

With ``M = diag(x) - Z`` (the unit diagonal where x = 0) both models are one matrix:

    Leontief  L = (I - A)^-1 = diag(x) M^-1,   A = Z diag(x)^-1
    Ghosh     G = (I - B)^-1 = M^-1 diag(x),   B = diag(x)^-1 Z

so that ``m' = q'L`` solves ``m' M = f'`` with f = q x, and ``G q = M^-1 f``.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import (
    ConvergenceError,
    NonFiniteError,
    NotProductiveError,
    ShapeError,
    listed,
)
from mriocarbon.solve.choose import method_for
from mriocarbon.solve.direct import Factors, factorise, times
from mriocarbon.solve.iterative import gmres
from mriocarbon.solve.solution import Solution

if TYPE_CHECKING:
    from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]
_EPS = float(np.finfo(float).eps)
_RTOL = 1e-12
_DENSE = 300  # sectors up to which all eigenvalues are computed


class Leontief:
    """The system of one table; get it by `mc.leontief(mrio)`, which keeps it for reuse.

    Every answer is a `Solution` with a forward-error estimate. For a table without negative
    cells it is a bound: M^-1 is non-negative, so that the error of ``m' M = f'`` weighted by
    output is at most ``|r|' t`` with the residual r (plus its own rounding) and ``M t = x``.

    Parameters
    ----------
    Z : ndarray, shape (n, n)
    x : ndarray, shape (n,)
    names : sequence of str
        Labels for messages.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> system = mc.leontief(mc.load("oecd-icio-2022"))
    >>> m = system.multipliers(mc.load("oecd-icio-2022").extensions["GHG"].F / system.output_)
    >>> m.value.shape, m.bound, m.error < 1e-10
    ((1, 1000), True, True)
    """

    def __init__(self, Z: Array, x: Array, names: tuple[str, ...] = ()) -> None:
        self.Z, self.x = Z, x
        self.n = len(x)
        self.names = names or tuple(map(str, range(self.n)))
        self.zero = x == 0
        self.output_ = np.where(self.zero, 1.0, x)  # safe to divide by
        self.nonnegative = bool(Z.min(initial=0.0) >= 0)
        self._factors: Factors | None = None
        self._ghosh: Leontief | None = None
        self._t: Array | None = None
        self._s: Array | None = None
        self._checked = False

    # -- the questions ---------------------------------------------------------------------

    def multipliers(self, S: ArrayLike, *, method: str = "auto") -> Solution:
        """Return ``S (I - A)^-1``, the emissions embodied in one unit of final demand.

        Parameters
        ----------
        S : array_like, shape (n,) or (k, n)
            Emissions per unit of output.
        method : {"auto", "lu", "gmres"}

        Returns
        -------
        Solution
            `value` of the shape of S.

        Raises
        ------
        NotProductiveError
            At the first solve, with the columns that cause it.
        """
        S = self._sized(S, -1, "multipliers", f"(k, {self.n})")
        return self.left(np.where(self.zero, S, S * self.x), method=method)

    def output(self, Y: ArrayLike, *, method: str = "auto") -> Solution:
        """Return ``(I - A)^-1 Y``, the output that a final demand asks for.

        Parameters
        ----------
        Y : array_like, shape (n,) or (n, k)
        method : {"auto", "lu", "gmres"}
        """
        Y = self._sized(Y, 0, "output", f"({self.n}, k)")
        solution = self.right(Y, method=method)
        scale = self.output_ if Y.ndim == 1 else self.output_[:, None]
        return Solution(
            solution.value * scale,
            solution.error,
            solution.bound,
            solution.method,
            solution.iterations,
        )

    def ghosh_multipliers(self, S: ArrayLike, *, method: str = "auto") -> Solution:
        """Return ``G S'`` = (I - B)^-1 S', what one unit of primary inputs enables downstream.

        Parameters
        ----------
        S : array_like, shape (n,) or (k, n)
        method : {"auto", "lu", "gmres"}

        Returns
        -------
        Solution
            `value` of the shape of S.
        """
        S = self._sized(S, -1, "ghosh_multipliers", f"(k, {self.n})")
        f = np.where(self.zero, S, S * self.x)
        solution = self._ghosh_system().right(f.T, method=method)
        value = solution.value.T if S.ndim > 1 else solution.value
        return Solution(value, solution.error, solution.bound, solution.method, solution.iterations)

    def ghosh_output(self, V: ArrayLike, *, method: str = "auto") -> Solution:
        """Return ``V G``, the output that primary inputs V, shape (n,) or (k, n), feed."""
        system = self._ghosh_system()
        V = self._sized(V, -1, "ghosh_output", f"(k, {self.n})")
        solution = system.left(V, method=method)
        value = np.where(self.zero, solution.value, solution.value * self.x)
        return Solution(value, solution.error, solution.bound, solution.method, solution.iterations)

    def inverse(self) -> Array:
        """Return the Leontief inverse L, shape (n, n). Rarely needed: ask for products of it."""
        identity = np.eye(self.n)
        return np.asarray(self.output(identity, method="lu").value)

    def require_productive(self) -> None:
        """Raise NotProductiveError, naming the columns, unless the table is productive."""
        self._check(self._how(1, "auto"))

    def spectral_radius(self) -> float:
        """Return the largest modulus of the eigenvalues of A (Arnoldi)."""
        if self.n <= _DENSE:
            A = np.where(self.zero, 0.0, self.Z / self.output_)
            return float(np.abs(np.linalg.eigvals(A)).max())
        from scipy.sparse.linalg import ArpackError, LinearOperator, eigs

        weight = np.where(self.zero, 0.0, 1.0 / self.output_)
        A_ = LinearOperator(
            (self.n, self.n), matvec=lambda v: self.Z @ (np.ravel(v) * weight), dtype=np.float64
        )
        start = np.full(self.n, 1.0 / self.n)  # fixed: the same table, the same answer
        try:
            return float(np.abs(eigs(A_, k=1, v0=start, return_eigenvectors=False))[0])
        except ArpackError:  # a nilpotent or nearly empty A has no Krylov space to work in
            return float(np.abs(np.linalg.eigvals(self.Z * weight)).max())

    # -- the two solves behind them ----------------------------------------------------------

    def left(self, f: Array, *, method: str = "auto") -> Solution:
        """Return m with ``m' M = f'``; f has shape (n,) or (k, n)."""
        rows = np.atleast_2d(f)
        how = self._how(len(rows), method)
        self._check(how)
        if how == "lu":
            m, products = self._lu().solve_left(rows), 0
        else:
            # A zero-output column of Z is no input to anybody: it must not enter w.
            keep = np.where(self.zero, 0.0, 1.0)
            pairs = [
                gmres(
                    lambda w: w - keep * ((w / self.output_) @ self.Z),
                    row,
                    rtol=_RTOL,
                )
                for row in rows
            ]
            m = np.stack([w for w, _ in pairs]) / self.output_
            products = sum(p for _, p in pairs)
        scaled = m * self.output_
        moved = times(m, self.Z)
        moved[:, self.zero] = 0.0
        residual = np.abs(rows - scaled + moved)
        if self.nonnegative:
            fed = moved if (m >= 0).all() else times(np.abs(m), self.Z)
            size = np.abs(scaled) + fed + np.abs(rows)
            residual += (self.n + 2) * _EPS * size
        error = self._error(residual @ np.abs(self._weights_right(how)), np.abs(scaled).sum(axis=1))
        value = m[0] if f.ndim == 1 else m
        return Solution(np.asarray(value), error, self.nonnegative, how, products)

    def right(self, b: Array, *, method: str = "auto") -> Solution:
        """Return u with ``M u = b``; b has shape (n,) or (n, k)."""
        columns = b[:, None] if b.ndim == 1 else b
        how = self._how(columns.shape[1], method)
        self._check(how)
        if how == "lu":
            u, products = self._lu().solve(np.ascontiguousarray(columns)), 0
        else:
            weight = np.where(self.zero, 0.0, 1.0 / self.output_)
            pairs = [
                gmres(lambda w: w - self.Z @ (w * weight), column, rtol=_RTOL)
                for column in columns.T
            ]
            u = np.stack([w for w, _ in pairs], axis=1) / self.output_[:, None]
            products = sum(p for _, p in pairs)
        scaled = u * self.output_[:, None]
        fed = np.where(self.zero[:, None], 0.0, u)
        moved = times(self.Z, fed)
        residual = np.abs(columns - scaled + moved)
        if self.nonnegative:
            taken = moved if (fed >= 0).all() else times(self.Z, np.abs(fed))
            size = np.abs(scaled) + taken + np.abs(columns)
            residual += (self.n + 2) * _EPS * size
        error = self._error(self._weights_left(how) @ residual, np.abs(scaled).sum(axis=0))
        value = u[:, 0] if b.ndim == 1 else u
        return Solution(np.asarray(value), error, self.nonnegative, how, products)

    # -- inside ------------------------------------------------------------------------------

    def _sized(self, a: ArrayLike, axis: int, where: str, shape: str) -> Array:
        """Return `a` as an array of one or two dimensions with n along `axis`."""
        array = np.asarray(a, dtype=np.float64)
        if array.ndim not in (1, 2) or array.shape[axis] != self.n:
            raise ShapeError(
                f"an array of shape {array.shape} for {self.n} sectors",
                where=where,
                do=f"give shape ({self.n},) or {shape}",
            )
        if not np.isfinite(array).all():
            raise NonFiniteError(
                f"{int((~np.isfinite(array)).sum())} cells are NaN or infinite",
                where=where,
                do="fill or remove them; missing is not zero",
            )
        return array

    def _how(self, sides: int, method: str) -> str:
        return method_for(self.n, sides, self._factors is not None, method)

    def _lu(self) -> Factors:
        if self._factors is None:
            M = -self.Z
            M[:, self.zero] = 0.0
            M[np.diag_indices(self.n)] += self.output_
            try:
                self._factors = factorise(M)
            except np.linalg.LinAlgError:
                self._refuse()
        assert self._factors is not None
        return self._factors

    def _weights_right(self, how: str) -> Array:
        """t with M t = x."""
        if self._t is None:
            self._t = (
                self._lu().solve(self.output_)
                if how == "lu"
                else gmres(
                    lambda w: w - self.Z @ np.where(self.zero, 0.0, w / self.output_),
                    self.output_,
                    rtol=1e-6,
                )[0]
                / self.output_
            )
        return self._t

    def _weights_left(self, how: str) -> Array:
        """s with s' M = x'."""
        if self._s is None:
            keep = np.where(self.zero, 0.0, 1.0)
            self._s = (
                self._lu().solve_left(self.output_)
                if how == "lu"
                else gmres(
                    lambda w: w - keep * ((w / self.output_) @ self.Z), self.output_, rtol=1e-6
                )[0]
                / self.output_
            )
        return np.abs(self._s)

    @staticmethod
    def _error(absolute: Array, size: Array) -> float:
        """Worst relative error over the right-hand sides; those that are zero are exact."""
        some = size > 0
        return float((absolute[some] / size[some]).max(initial=0.0))

    def _check(self, how: str) -> None:
        """Refuse a table that is not productive, once.

        A non-negative A is productive exactly if M, a Z-matrix, maps some t >= 0 to a positive
        vector (semipositivity, Berman & Plemmons 1994, ch. 6): ``t = M^-1 x`` is that vector, or
        there is none. With negative cells the spectral radius itself is looked at.
        """
        if self._checked:
            return
        if self.nonnegative:
            try:
                t = self._weights_right(how)
                productive = bool(np.isfinite(t).all() and (t >= 0).all())
            except ConvergenceError:  # near 1 the radius itself is known to rounding only
                productive = self.spectral_radius() < 1 - 1e-10
        else:
            productive = self.spectral_radius() < 1
        if not productive:
            self._refuse()
        self._checked = True

    def _refuse(self) -> None:
        inputs = np.where(self.zero, 0.0, self.Z.sum(axis=0) / self.output_)
        over = np.flatnonzero(inputs >= 1)
        columns = over[np.argsort(-inputs[over])] if len(over) else np.argsort(-inputs)[:3]
        radius = self.spectral_radius()
        raise NotProductiveError(
            f"the table is not productive: spectral radius of A is {radius:.6g}, at or above 1",
            where="columns "
            + listed([f"{self.names[k]} (inputs {inputs[k]:.4g} of output)" for k in columns]),
            do="correct these columns: their inputs use up all output of the chain",
        )

    def _ghosh_system(self) -> Leontief:
        """The same system, unless a zero-output sector still sells: then its row must go."""
        if not self.zero.any() or not self.Z[self.zero].any():
            return self
        if self._ghosh is None:
            Z = self.Z.copy()
            Z[self.zero] = 0.0
            self._ghosh = Leontief(Z, self.x, self.names)
        return self._ghosh


_systems: weakref.WeakKeyDictionary[MRIO, Leontief] = weakref.WeakKeyDictionary()


def leontief(mrio: MRIO) -> Leontief:
    """Return the Leontief system of a table; the same one as long as the table lives.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> mc.leontief(mrio) is mc.leontief(mrio)
    True
    """
    system = _systems.get(mrio)
    if system is None:
        names = tuple(" ".join(pair) for pair in mrio.index.pairs)
        system = _systems[mrio] = Leontief(mrio.Z, mrio.x, names)
    return system
