"""One Leontief system, factored once, asked many times.

With ``M = diag(x) - Z`` (the unit diagonal where x = 0) both models are one matrix:

    Leontief  L = (I - A)^-1 = diag(x) M^-1,   A = Z diag(x)^-1
    Ghosh     G = (I - B)^-1 = M^-1 diag(x),   B = diag(x)^-1 Z

so that ``m' = q'L`` solves ``m' M = f'`` with f = q x, and ``G q = M^-1 f``.
"""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import NonFiniteError, ShapeError
from mriocarbon.model.checked import need_table
from mriocarbon.model.memory import require
from mriocarbon.solve.direct import Factors, Inverse
from mriocarbon.solve.matrix import System
from mriocarbon.solve.solution import Solution

if TYPE_CHECKING:
    from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]


class Leontief(System):
    """The system of one table; get it by `mc.leontief(mrio)`, which keeps it for reuse.

    Every answer is a `Solution` with a forward-error estimate. For a table without negative
    cells it is a bound: M^-1 is non-negative, so that the error of ``m' M = f'`` weighted by
    output is at most ``|r|' t`` with the residual r (plus its own rounding) and any t >= 0 with
    ``M t >= x``.

    Parameters
    ----------
    Z : ndarray, shape (n, n), or Bands
        Flows; a table that does not lie in memory as one array comes as bands of rows.
    x : ndarray, shape (n,)
    names : sequence of str, or callable that returns it
        Labels for messages.
    block : int, optional
        Sectors of a region: the sweeps of the iterative method solve whole regions at once.
    nonnegative : bool, optional
        No cell of Z is below zero; looked at where it is left out.
    device : str, optional
        ``"gpu"``, ``"gpu:1"``, ``"all gpus"``: solve there, by LU on one device and by iteration
        over several, through JAX. This machine's processor where it is left out.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> system = mc.leontief(mc.load("oecd-icio-2022"))
    >>> m = system.multipliers(mc.load("oecd-icio-2022").extensions["GHG"].F / system.output_)
    >>> m.value.shape, m.bound, m.error < 1e-10
    ((1, 1000), True, True)
    """

    _ghosh: System | None = None

    # -- the questions ---------------------------------------------------------------------

    def multipliers(self, S: ArrayLike, *, method: str = "auto", explain: bool = False) -> Solution:
        """Return ``S (I - A)^-1``, the emissions embodied in one unit of final demand.

        Parameters
        ----------
        S : array_like, shape (n,) or (k, n)
            Emissions per unit of output.
        method : {"auto", "lu", "lu32", "iterative"}
        explain : bool
            Say in `Solution.explanation` how it was solved, and why so.

        Returns
        -------
        Solution
            `value` of the shape of S.

        Raises
        ------
        NotProductiveError
            At the first solve, with the columns that cause it.
        MemoryLimitError
            No method fits into the memory at hand.

        Examples
        --------
        >>> import mriocarbon as mc
        >>> mrio = mc.load("oecd-icio-2022")
        >>> system = mc.leontief(mrio)
        >>> found = system.multipliers(mrio.extensions["GHG"].F / system.output_, explain=True)
        >>> print(found.explanation.split(". ")[0])
        1000 sectors, 1 sides: lu, small: the factors serve later questions
        """
        S = self._sized(S, -1, "multipliers", f"(k, {self.n})")
        return self.left(np.where(self.zero, S, S * self.x), method=method, explain=explain)

    def output(self, Y: ArrayLike, *, method: str = "auto", explain: bool = False) -> Solution:
        """Return ``(I - A)^-1 Y``, the output that a final demand asks for.

        Parameters
        ----------
        Y : array_like, shape (n,) or (n, k)
        method : {"auto", "lu", "lu32", "iterative"}
        explain : bool
        """
        Y = self._sized(Y, 0, "output", f"({self.n}, k)")
        solution = self.right(Y, method=method, explain=explain)
        scale = self.output_ if Y.ndim == 1 else self.output_[:, None]
        return replace(solution, value=solution.value * scale)

    def ghosh_multipliers(self, S: ArrayLike, *, method: str = "auto") -> Solution:
        """Return ``G S'`` = (I - B)^-1 S', what one unit of primary inputs enables downstream.

        Parameters
        ----------
        S : array_like, shape (n,) or (k, n)
        method : {"auto", "lu", "lu32", "iterative"}

        Returns
        -------
        Solution
            `value` of the shape of S.
        """
        S = self._sized(S, -1, "ghosh_multipliers", f"(k, {self.n})")
        f = np.where(self.zero, S, S * self.x)
        solution = self._ghosh_system().right(f.T, method=method)
        return replace(solution, value=solution.value.T if S.ndim > 1 else solution.value)

    def ghosh_output(self, V: ArrayLike, *, method: str = "auto") -> Solution:
        """Return ``V G``, the output that primary inputs V, shape (n,) or (k, n), feed."""
        system = self._ghosh_system()
        V = self._sized(V, -1, "ghosh_output", f"(k, {self.n})")
        solution = system.left(V, method=method)
        value = np.where(self.zero, solution.value, solution.value * self.x)
        return replace(solution, value=value)

    def inverse(self) -> Array:
        """Return the Leontief inverse L, shape (n, n). Rarely needed: ask for products of it."""
        self._require_room(3)
        self._check("lu")
        factors = self._lu()
        if isinstance(factors, Factors):
            M = factors.inverse()
        elif isinstance(factors, Inverse):
            M = factors.matrix.copy()
        else:
            M = factors.solve(np.eye(self.n))
        M *= self.output_[:, None]
        return M

    def invert(self) -> Array:
        """Put M^-1 in the place of its factors and return it, read-only, ``L = diag(x) M^-1``.

        For those who ask for more sides than there are sectors: a product with it is faster than
        a solve, and takes no more room.
        """
        self._require_room(1)
        self._check("lu")
        factors = self._lu()
        if isinstance(factors, Factors):
            factors = self._factors = Inverse(factors.inverse(overwrite=True))
        elif not isinstance(factors, Inverse):
            factors = self._factors = Inverse(factors.solve(np.eye(self.n)))
        factors.matrix.setflags(write=False)
        return factors.matrix

    # -- inside ------------------------------------------------------------------------------

    def _require_room(self, squares: int) -> None:
        if self._factors is None:
            require(
                8.0 * squares * self.n**2, "the inverse", where=f"{self.n} sectors",
                do="ask for products of it: multipliers(S), output(Y)",
            )  # fmt: skip

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

    def _ghosh_system(self) -> System:
        """The same system, unless a zero-output sector still sells: then its row must go."""
        if not self.zero.any() or not self.Z[self.zero].any():
            return self
        if self._ghosh is None:
            Z = self.Z.copy()
            Z[self.zero] = 0.0
            self._ghosh = System(Z, self.x, self._names, device=self.device)
        return self._ghosh


_systems: weakref.WeakKeyDictionary[MRIO, Leontief] = weakref.WeakKeyDictionary()


def leontief(mrio: MRIO, *, device: str | None = None) -> Leontief:
    """Return the Leontief system of a table; the same one as long as the table lives.

    Parameters
    ----------
    mrio : MRIO
    device : str, optional
        ``"gpu"``, ``"gpu:1"``, ``"all gpus"``: from here on this table is solved there, whoever
        asks; ``"cpu"`` is JAX's own, and ``"lapack"`` leads back to this machine's processor. By
        default where it has been solved so far: through LAPACK, at first.

    Returns
    -------
    Leontief

    Raises
    ------
    NotAvailableError
        There is no such device: the message says which there are, and what to install.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> mc.leontief(mrio) is mc.leontief(mrio)
    True
    """
    need_table(mrio, "leontief, mrio")
    system = _systems.get(mrio)
    if device is not None:
        asked = None if device == "lapack" else device
        if asked is not None:
            from mriocarbon.solve.device import find_devices

            find_devices(asked)  # said now, not at the first question
        if system is not None and system.device != asked:
            system = None
        device = asked
    if system is None:
        index = mrio.index
        system = _systems[mrio] = Leontief(
            mrio.Z, mrio.x, lambda: tuple(" ".join(pair) for pair in index.pairs),
            block=len(mrio.sectors), nonnegative=mrio.nonnegative, device=device,
        )  # fmt: skip
    return system
