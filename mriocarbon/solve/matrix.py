"""``M = diag(x) - Z`` applied inverted from both sides: methods, refinement, error bounds.

Right-hand sides are rows, shape (k, n), for both sides: ``m M = f`` (`LEFT`) and, with u' for the
column u, ``u' M' = b'`` (`RIGHT`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import (
    AccuracyWarning,
    ConvergenceError,
    NonFiniteError,
    NotAvailableError,
    NotProductiveError,
    ShapeError,
    listed,
    warn,
)
from mriocarbon.model.arrays import totals
from mriocarbon.solve.bands import (
    Bands,
    DenseBands,
    edges_of,
    product_left,
    product_right,
    right_times,
)
from mriocarbon.solve.choose import Known, Plan, plan
from mriocarbon.solve.direct import (
    Factors,
    Inverse,
    SingleFactors,
    factorise,
    factorise_single,
    flows_matrix,
    times,
)
from mriocarbon.solve.iterative import LEFT, RIGHT, Sweeper
from mriocarbon.solve.solution import Solution

if TYPE_CHECKING:
    from mriocarbon.solve.device import DeviceFactors
    from mriocarbon.solve.sharded import ShardedFlows

Array = NDArray[np.float64]
Names = tuple[str, ...] | Callable[[], tuple[str, ...]]
_EPS = float(np.finfo(float).eps)
# No path may leave a larger forward error: one that would gives way to double-precision LU, and
# where even that cannot do better, a warning says so.
TOLERANCE = 1e-9
_RTOL = 1e-12  # what refinement aims at
_SWEEP = 1e-11  # the last change of the sweeps, which are ten times as near by then
# Where the weights of the bound start: well above the output that a unit of demand asks for in
# most tables, so that one sweep brings them down to where M t >= x nearly everywhere.
_ABOVE = 6.0
_ROUNDED = 1e-9  # of x, more than such a sweep can lose to rounding
_REFINE = 5  # refinements at most
_DENSE = 300  # sectors up to which all eigenvalues are computed
_EXACT = 2000  # the same, where Arnoldi's method does not converge
_POWERS = 60  # products by which the radius of a larger one is told then


class System:
    """A matrix ``M = diag(x) - Z`` of one table, factored once, asked many times.

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
    """

    def __init__(
        self, Z: Array | Bands, x: Array, names: Names = (), *, block: int | None = None,
        nonnegative: bool | None = None, device: str | None = None,
    ) -> None:  # fmt: skip
        self.x = x = np.asarray(x, dtype=np.float64)
        self.n = len(x)
        self.zero = x == 0
        self.output_ = np.where(self.zero, 1.0, x)  # safe to divide by
        self._Z: Array | None = None
        self.bands: Bands
        if not isinstance(Z, np.ndarray) and hasattr(Z, "band"):
            self.bands = Z
        else:
            # No copy of what is C-ordered and in double precision already.
            self._Z = dense = np.ascontiguousarray(Z, dtype=np.float64)
            if dense.shape != (self.n, self.n) or not self.n:
                raise ShapeError(
                    f"flows of shape {dense.shape} and {self.n} outputs",
                    where="Leontief",
                    do="give Z of shape (n, n) and x of shape (n,), at least one sector",
                )
            if nonnegative is None:
                sums, _, least = totals(dense)
                nonnegative = least >= 0
                if not (np.isfinite(sums).all() and np.isfinite(x).all()):
                    raise NonFiniteError(
                        "flows or outputs are NaN or infinite",
                        where="Leontief",
                        do="fill or remove these cells; missing is not zero",
                    )
            self.bands = DenseBands(dense, edges_of(self.n, block), nonnegative)
        self.nonnegative = self.bands.nonnegative
        self._names, self._block, self.device = names, block, device
        self._factors: Factors | Inverse | DeviceFactors | None = None
        self._sharded: ShardedFlows | None = None
        self._instead: System | None = None  # where several devices gave up
        self._single: SingleFactors | None = None
        self._sweeper: Sweeper | None = None
        self._weights: dict[str, tuple[Array, Array, bool]] = {}
        self._spent = 0.0
        self._checked = False

    @property
    def Z(self) -> Array:
        """The flows, shape (n, n).

        Raises
        ------
        NotAvailableError
            They do not lie in memory.
        """
        if self._Z is None:
            raise NotAvailableError(
                "the flows of this table are not in memory",
                where="a system in bands",
                do="ask for multipliers and outputs, or load the table: mc.load(path)",
            )
        return self._Z

    @property
    def names(self) -> tuple[str, ...]:
        """Labels of the sectors, for messages."""
        if callable(self._names):
            self._names = self._names()
        return self._names or tuple(map(str, range(self.n)))

    def plan(self, sides: int, method: str = "auto") -> Plan:
        """Return how as many right-hand sides would be solved now, and at what cost.

        Parameters
        ----------
        sides : int
        method : {"auto", "lu", "lu32", "iterative"}

        Returns
        -------
        Plan
            `method`, estimated `seconds` and `bytes` of each, and all of it as `text`.

        Raises
        ------
        MemoryLimitError
            It would not fit into the memory at hand.

        Examples
        --------
        >>> import mriocarbon as mc
        >>> mc.leontief(mc.load("oecd-icio-2022")).plan(20).method
        'lu'
        """
        if self.device is not None:
            here = plan(self.n, sides, Known(), "lu", memory=float("inf"))
            return replace(here, why=f"on {self.device}; the estimates are of this processor")
        held = {"lu": self._factors, "lu32": self._single}
        factors = frozenset(name for name, value in held.items() if value is not None)
        block = self._block or int(np.diff(self.bands.edges).max(initial=1))
        known = Known(factors, self._spent, block, dense=self._Z is not None)
        return plan(self.n, sides, known, method)

    def prepare(self, sides: int) -> Plan:
        """Choose a method for as many sides as will be asked for, and factor if that pays.

        Questions asked one after the other are each answered by what is cheapest for one; who
        knows how many are to come says so here.
        """
        chosen = self.plan(sides)
        try:
            self._check(chosen.method)
        except ConvergenceError as error:
            if self._Z is None:
                raise
            self.plan(sides, "lu")
            chosen = chosen.instead("lu", error.what)
            self._check("lu")
        if self.device is None and chosen.method == "lu":
            self._lu()
        elif chosen.method == "lu32":
            self._lu32()
        return chosen

    def require_productive(self) -> None:
        """Raise NotProductiveError, naming the columns, unless the table is productive."""
        self._check(self.plan(1, "auto").method)

    def spectral_radius(self) -> float:
        """Return the largest modulus of the eigenvalues of A (Arnoldi)."""

        def applied(v: Array) -> Array:  # A v = Z (v / x)
            return self._product(np.atleast_2d(v) / self.output_, RIGHT)

        if self.n <= _DENSE:
            return float(np.abs(np.linalg.eigvals(applied(np.eye(self.n)))).max())
        from scipy.sparse.linalg import ArpackError, LinearOperator, eigs

        A_ = LinearOperator(
            (self.n, self.n), matvec=lambda v: applied(np.ravel(v))[0], dtype=np.float64
        )
        start = np.full(self.n, 1.0 / self.n)  # fixed: the same table, the same answer
        # Some more than one: with negative cells the largest come in pairs, close to others. A
        # table on disk is passed over a hundred times at most.
        k, ncv, most = (4, 48, None) if self._Z is not None else (2, 20, 5)
        try:
            found = eigs(A_, k=k, v0=start, ncv=ncv, maxiter=most, return_eigenvectors=False)
            return float(np.abs(found).max())
        except ArpackError:  # a nilpotent or nearly empty A has no Krylov space to work in
            pass
        if self.n <= _EXACT and self._Z is not None:
            return float(np.abs(np.linalg.eigvals(applied(np.eye(self.n)))).max())
        # The growth of a power: |A^k v|^(1/k), from above in the limit (Gelfand's formula).
        v, grown = start[None], 0.0
        for _ in range(_POWERS):
            v = applied(v)
            length = float(np.abs(v).sum())
            if length == 0.0:
                return 0.0
            v, grown = v / length, grown + float(np.log(length))
        return float(np.exp(grown / _POWERS))

    # -- the two solves behind them ----------------------------------------------------------

    def left(self, f: Array, *, method: str = "auto", explain: bool = False) -> Solution:
        """Return m with ``m' M = f'``; f has shape (n,) or (k, n)."""
        solution = self._solved(np.atleast_2d(f), LEFT, method, explain)
        return replace(solution, value=solution.value[0]) if f.ndim == 1 else solution

    def right(self, b: Array, *, method: str = "auto", explain: bool = False) -> Solution:
        """Return u with ``M u = b``; b has shape (n,) or (n, k)."""
        rows = b[None, :] if b.ndim == 1 else np.ascontiguousarray(b.T)
        solution = self._solved(rows, RIGHT, method, explain)
        value = solution.value[0] if b.ndim == 1 else np.ascontiguousarray(solution.value.T)
        return replace(solution, value=value)

    # -- inside ------------------------------------------------------------------------------

    def _solved(self, rows: Array, side: str, method: str, explain: bool) -> Solution:
        """Solve on the device, or here; tell how, and of an error above the tolerance."""
        if rows.shape[1] != self.n:
            raise ShapeError(
                f"right-hand sides of shape {rows.shape} for {self.n} sectors",
                where="solve",
                do=f"give ({self.n},), (k, {self.n}) on the left, ({self.n}, k) on the right",
            )
        if not len(rows):
            return Solution(np.zeros(rows.shape), 0.0, self.nonnegative, "none")
        start = time.perf_counter()
        ways = self._here if self.device is None else self._on_device
        solution, text = ways(rows, side, method)
        if not np.isfinite(solution.error):
            raise ConvergenceError(
                f"no finite answer by {solution.method}",
                where=f"{self.n} sectors, {len(rows)} right-hand sides",
                do="look for cells and outputs whose quotients are beyond 1e300",
            )
        if solution.error > TOLERANCE:
            warn(AccuracyWarning(
                f"forward error {solution.error:.1e} by {solution.method}, above {TOLERANCE:g}:"
                " the table is next to one that is not productive, or has large negative flows"
            ), stacklevel=5)  # fmt: skip
        if not explain:
            return solution
        took = f"{time.perf_counter() - start:.3g} s, forward error {solution.error:.1e}"
        kind = "bound" if solution.bound else "estimate"
        return replace(solution, explanation=f"{text}. Took {took} ({kind})")

    def _here(self, rows: Array, side: str, method: str) -> tuple[Solution, str]:
        """Solve by the method planned, or by LU where that does not reach the tolerance."""
        chosen = self.plan(len(rows), method)
        try:
            self._check(chosen.method)
            solution = self._by(chosen.method, rows, side)
            if not solution.error <= TOLERANCE and chosen.method != "lu" and self._Z is not None:
                raise ConvergenceError(
                    f"the error bound of {chosen.method} is {solution.error:.1e}"
                )
        except ConvergenceError as error:
            if self._Z is None or chosen.method == "lu":
                raise
            self.plan(len(rows), "lu")  # refuses what would not fit
            chosen = chosen.instead("lu", error.what)
            self._check("lu")
            solution = self._by("lu", rows, side)
        if chosen.method == "iterative":
            self._spent += chosen.seconds["iterative"]
        return solution, chosen.text

    def _on_device(self, rows: Array, side: str, method: str) -> tuple[Solution, str]:
        from mriocarbon.solve.device import describe, find_devices
        from mriocarbon.solve.sharded import ShardedFlows

        devices = find_devices(str(self.device))
        if method not in ("auto", "lu"):
            raise NotAvailableError(
                f"method {method!r} is not made on a device",
                where=f"device {self.device!r}",
                do='leave method= out, or solve here: mc.leontief(mrio, device="lapack")',
            )
        text = f"{self.n} sectors, {len(rows)} sides: on {describe(devices)}"
        if len(devices) == 1:
            self._check("lu")
            solution = self._by("lu", rows, side)
        elif self._instead is None:
            if self._sharded is None:
                self._sharded = ShardedFlows(self.Z, self.x, str(self.device), sides=len(rows))
            try:
                solution = getattr(self._sharded, side)(rows if side == LEFT else rows.T)
                value = solution.value if side == LEFT else np.ascontiguousarray(solution.value.T)
                solution = replace(solution, value=value)
            except ConvergenceError as error:
                self._instead = System(self.Z, self.x, self._names, nonnegative=self.nonnegative)
                text += f". Fell back: {error.what}; to LU on the processor"
        if self._instead is not None:
            return self._instead._here(rows, side, "lu")[0], text
        return replace(solution, method=f"{solution.method}, {self.device}"), text

    def _by(self, method: str, rows: Array, side: str) -> Solution:
        """Solve by one method, refine where it is inexact, and bound the error."""
        passes = 0
        if method == "lu":
            m, limit = self._direct(rows, side, self._lu()), 0
        elif method == "lu32":
            m, limit = self._direct(rows, side, self._lu32()), _REFINE
        else:
            m, passes = self._sweeps().solve(rows, side, rtol=_SWEEP)
            limit = 0
        t, used, sure = self._weights_of(side, method)
        solves, last = 1, np.inf
        while True:
            scaled = m * self.output_
            residual = self._product(m, side)
            residual -= scaled
            residual += rows
            size = _weighed(scaled)
            error = self._worst(_weighed(residual, t), size)
            if solves > limit or error <= _RTOL or not error < 0.25 * last:
                break
            last, solves = error, solves + 1
            m = m + self._direct(residual, side, self._lu32())
        if method == "lu32":
            passes = solves
        if self.nonnegative:
            # Rounding of the residual itself; |m|'Z t is known, since Z t is.
            rounding = _weighed(scaled, t) + _weighed(rows, t) + _weighed(m, used)
            rounding *= (self.n + 2) * _EPS
            error = self._worst(_weighed(residual, t) + rounding, size)
        return Solution(m, error, self.nonnegative and sure, method, passes)

    def _direct(
        self, rows: Array, side: str, factors: Factors | Inverse | SingleFactors | DeviceFactors
    ) -> Array:
        if side == LEFT:
            return factors.solve_left(rows)
        return factors.solve(rows.T).T

    def _product(self, m: Array, side: str) -> Array:
        """Return ``m Z`` or, on the right, ``m Z'``, columns of zero output dropped."""
        if side == RIGHT:
            m = np.where(self.zero, 0.0, m) if self.zero.any() else m
        if self.device is not None:
            from mriocarbon.solve.device import DeviceFactors

            if isinstance(self._factors, DeviceFactors):
                if side == LEFT:
                    return self._factors.times_left(m)
                return self._factors.times_right(m.T).T
        if self._Z is not None:
            moved = times(m, self._Z) if side == LEFT else right_times(m, self._Z)
        elif side == LEFT:
            moved = product_left(self.bands, m)
        else:
            moved = product_right(self.bands, m)
        if side == LEFT:
            moved[:, self.zero] = 0.0
        return moved

    def _weights_of(self, side: str, method: str) -> tuple[Array, Array, bool]:
        """Return t >= 0 with ``M t >= x``, Z t, and whether that is sure; on the right of M'.

        t may be inexact: with ``M t >= (1 - theta) x``, which is looked at, ``t / (1 - theta)``
        will do. With negative cells there is no such bound, and t is taken as found; so it is
        where rounding alone keeps even LU from showing it for the smallest of sectors.
        """
        if side in self._weights and (self._weights[side][2] or method == "lu"):
            return self._weights[side]
        t, moved, theta = self._covering(method, RIGHT if side == LEFT else LEFT)
        if self.nonnegative:
            if not np.isfinite(t).all() or (t < 0).any():
                if method == "lu":
                    self._refuse()
                raise ConvergenceError(f"{method} found no sign that the table is productive")
            if theta <= 0.5:
                t, moved = t / (1 - theta), moved / (1 - theta)
            elif method != "lu":
                raise ConvergenceError(f"no bound of the error was found by {method}")
        found = np.abs(t[0]), np.abs(moved[0]), theta <= 0.5 or not self.nonnegative
        self._weights[side] = found
        return found

    def _covering(self, method: str, side: str) -> tuple[Array, Array, float]:
        """Return t with M t near x, Z t, and the largest share of x that M t falls short by."""
        x, t = self.output_[None, :], np.zeros((1, self.n))
        if method != "iterative":
            factors = self._lu() if method == "lu" else self._lu32()
            moved = np.zeros_like(t)
            for _ in range(3):  # refined, because sectors of all sizes count alike here
                t = t + self._direct(x - t * x + moved, side, factors)
                moved = self._product(t, side)
                theta = self._short(t, moved)
                if theta < 1e-3 or not np.isfinite(theta):
                    break
            return t, moved, theta
        sweeper = self._sweeps()
        t = sweeper.swept(x, side, 1, np.full_like(t, _ABOVE))
        if self.nonnegative and (t <= _ABOVE).all() and (t >= 0).all():
            # M t is x and what the sweep took from before where it should have taken from after,
            # which is more: so M t >= x, and Z t = x t - M t is no more than x (t - 1).
            return t, x * (t - 1 + _ROUNDED), _ROUNDED
        moved = self._product(t, side)
        theta = self._short(t, moved)
        if theta > 0.5:  # a long chain: all the way, then smoothed, for sectors of all sizes
            t = sweeper.swept(x, side, 2, sweeper.solve(x, side, rtol=_SWEEP)[0])
            moved = self._product(t, side)
            theta = self._short(t, moved)
        return t, moved, theta

    def _short(self, t: Array, moved: Array) -> float:
        """By how much of x ``M t`` falls short of it, at most."""
        short = self.output_ - t * self.output_ + moved + 4 * self.n * _EPS * np.abs(moved)
        worst = float((short / self.output_).max(initial=0.0))
        return worst if np.isfinite(worst) else float("inf")

    def _lu(self) -> Factors | Inverse | DeviceFactors:
        if self._factors is None:
            try:
                if self.device is not None and not self._several():
                    from mriocarbon.solve.device import DeviceFactors

                    self._factors = DeviceFactors(self.Z, self.x, self.device)
                    return self._factors
                self._factors = factorise(flows_matrix(self.Z, self.output_, self.zero))
            except np.linalg.LinAlgError:
                self._refuse()
        assert self._factors is not None
        return self._factors

    def _lu32(self) -> SingleFactors:
        if self._single is None:
            try:
                self._single = factorise_single(self.Z, self.output_, self.zero)
            except np.linalg.LinAlgError as error:
                raise ConvergenceError(str(error)) from error
        return self._single

    def _sweeps(self) -> Sweeper:
        if self._sweeper is None:
            try:
                self._sweeper = Sweeper.of(self.bands, self.output_, self.zero, self._block)
            except np.linalg.LinAlgError as error:
                raise ConvergenceError(str(error)) from error
        return self._sweeper

    @staticmethod
    def _worst(absolute: Array, size: Array) -> float:
        """Worst relative error over the right-hand sides; those that are zero are exact."""
        if not (np.isfinite(absolute).all() and np.isfinite(size).all()):
            return float("inf")
        some = size > 0
        return float((absolute[some] / size[some]).max(initial=0.0))

    def _check(self, method: str) -> None:
        """Refuse a table that is not productive, once.

        A non-negative A is productive exactly if M, a Z-matrix, maps some t >= 0 to a positive
        vector (semipositivity, Berman & Plemmons 1994, ch. 6): the weights of the error bound are
        such a vector, or there is none. With negative cells the spectral radius itself is looked
        at.
        """
        if self._checked or self._several():
            return
        if self.nonnegative:
            self._weights_of(LEFT, method)
        elif self.spectral_radius() >= 1:
            self._refuse()
        self._checked = True

    def _several(self) -> bool:
        """Several devices look for themselves whether the table is productive."""
        if self.device is None:
            return False
        from mriocarbon.solve.device import find_devices

        return len(find_devices(self.device)) > 1

    def _refuse(self) -> None:
        bought = product_left(self.bands, np.ones((1, self.n)))[0]
        inputs = np.where(self.zero, 0.0, bought / self.output_)
        over = np.flatnonzero(inputs >= 1)
        columns = over[np.argsort(-inputs[over])] if len(over) else np.argsort(-inputs)[:3]
        radius = self.spectral_radius()
        raise NotProductiveError(
            f"the table is not productive: spectral radius of A is {radius:.6g}, at or above 1",
            where="columns "
            + listed([f"{self.names[k]} (inputs {inputs[k]:.4g} of output)" for k in columns]),
            do="correct these columns: their inputs use up all output of the chain",
        )


def _weighed(rows: Array, weights: Array | None = None) -> Array:
    """Return the 1-norms of rows, weighted; by SciPy's BLAS, as all else here."""
    size = np.abs(rows)
    return size.sum(axis=1) if weights is None else times(size, weights[:, None])[:, 0]
