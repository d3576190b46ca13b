"""Several devices: the columns of Z spread over them, solved by iteration.

Each device holds ``n / devices`` columns of Z. Every product reads each of them once, for all
right-hand sides together; only vectors travel. Coefficients are never formed.

The unknown is what `solve.iterative` solves for, ``w = m * x`` or output, so that convergence is
measured on the account. The method is the adaptive simpler GMRES: an orthonormal basis of the
*images*, with the residual known at every step and no small least-squares problem (Walker & Zhou
1994, Numer. Linear Algebra Appl. 1, 571-581; Jiránek & Rozložník 2010, Numer. Algorithms 53,
93-112: the last residual as the next direction while it falls, the last image where it stalls).
References UNVERIFIED: cited from memory.
"""

from __future__ import annotations

import functools
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import ConvergenceError, NotProductiveError
from mriocarbon.solve.device import describe, find_devices, on_device, padded, require_memory
from mriocarbon.solve.solution import Solution

Array = NDArray[np.float64]
Side = Literal["left", "right"]
_EPS = float(np.finfo(float).eps)
_RTOL = 1e-12
_ROUNDING = 16 * _EPS
_ROUGH = 1e-3  # of the vectors behind the bound: they enlarge it by as much
_RESTART = 24  # steps between two looks at the true residual
_BLOCK = 64  # sides at once: 2 x _RESTART vectors are kept of each
_MOST = 400  # products
_DENSE = 300  # sectors up to which all eigenvalues are computed


def sharded_bytes(n: int, k: int, devices: int) -> int:
    """Return the most memory that one of several devices needs, in bytes.

    Examples
    --------
    >>> round(sharded_bytes(39360, 6, 4) / 2**30, 1)
    3.1
    """
    width = -(-n // devices)
    kept = 2 * (2 * _RESTART + 8)  # a loop may hold what it carries twice
    return 8 * (n * width + kept * n * min(k, _BLOCK) + 16 * n)


class ShardedFlows:
    """One Leontief system whose Z lies on several devices in bands of columns.

    Answers are those of `Leontief.left` and `Leontief.right`, with the same forward error. Here
    it is a strict bound for tables without negative cells: with ``|x - M t| <= d x`` in every
    row, ``M^-1 x <= t / (1 - d)``, and such a ``t >= 0`` proves the table productive.

    Parameters
    ----------
    Z : ndarray, shape (n, n)
        Flows, in money; float64, or float32 which is widened as it is sent.
    x : ndarray, shape (n,)
        Gross output, in money.
    devices : str
        See `find_devices`; one will do.
    sides : int
        Right-hand sides to reckon with in the estimate of memory.

    Raises
    ------
    NotAvailableError
        No such devices, or not enough memory on them.

    Examples
    --------
    >>> import numpy as np
    >>> flows = ShardedFlows(np.array([[20.0, 10], [30, 10]]), np.array([100.0, 50]), "cpu")
    >>> m = flows.left(np.array([100.0, 50]))
    >>> m.value.round(6).tolist(), m.bound, m.error < 1e-12
    ([1.896552, 1.724138], True, True)
    """

    def __init__(
        self, Z: NDArray[Any], x: Array, devices: str = "all gpus", *, sides: int = 1
    ) -> None:
        import jax
        from jax.sharding import Mesh, NamedSharding

        spec: Any = jax.sharding.PartitionSpec
        self.n, self.x = len(x), np.asarray(x, dtype=np.float64)
        self.devices = find_devices(devices)
        self.output_ = np.where(self.x == 0, 1.0, self.x)
        self.nonnegative = bool(Z.min(initial=0.0) >= 0)
        self._weights: dict[Side, Array] = {}
        many = len(self.devices)
        for one in self.devices:
            require_memory(
                one,
                sharded_bytes(self.n, sides, many),
                f"one of {many} parts of {self.n} sectors",
                "take more devices, or the table from a store in bands",
            )
        mesh = Mesh(np.array(self.devices), ("columns",))
        width = -(-self.n // many) * many  # columns of zeros make it go round
        zero = self.x == 0

        def piece(where: Any) -> Array:
            """The columns of one device; those of zero-output sectors are no input to anybody."""
            start, stop, _ = where[1].indices(width)
            part = np.zeros((self.n, stop - start))
            real = Z[:, start : min(stop, self.n)]
            part[:, : real.shape[1]] = np.where(zero[start:stop][: real.shape[1]], 0.0, real)
            return part

        self._everywhere = NamedSharding(mesh, spec())
        with on_device(f"{self.n} sectors on {many} devices"):
            shape, spread = (self.n, width), NamedSharding(mesh, spec(None, "columns"))
            # One after the other, so that the host holds no more than one part beside Z.
            self._Z = jax.make_array_from_single_device_arrays(
                shape,
                spread,
                [
                    jax.device_put(piece(where), one).block_until_ready()
                    for one, where in spread.addressable_devices_indices_map(shape).items()
                ],
            )

    # -- the questions ----------------------------------------------------------------------------

    def left(self, f: Array, *, rtol: float = _RTOL) -> Solution:
        """Return m with ``m' M = f'``; f has shape (n,) or (k, n).

        Raises
        ------
        NotProductiveError
        ConvergenceError
            The residual of w = m * x stays above `rtol` of f, in the 1-norm, and above what
            rounding explains.
        """
        w, error, products = self._answer("left", np.atleast_2d(f), rtol)
        m = w / self.output_
        return Solution(m[0] if f.ndim == 1 else m, error, self.nonnegative, "gmres", products)

    def right(self, b: Array, *, rtol: float = _RTOL) -> Solution:
        """Return u with ``M u = b``; b has shape (n,) or (n, k). Raises as `left`."""
        w, error, products = self._answer("right", b[None] if b.ndim == 1 else b.T, rtol)
        u = (w / self.output_).T
        return Solution(u[:, 0] if b.ndim == 1 else u, error, self.nonnegative, "gmres", products)

    def spectral_radius(self) -> float:
        """Return the largest modulus of the eigenvalues of A (Arnoldi on the host)."""
        from scipy.sparse.linalg import ArpackError, LinearOperator, eigs

        def product(v: Array) -> Array:
            with on_device("a product"):
                return self._image("right", np.atleast_2d(np.ravel(v))).ravel()

        if self.n <= _DENSE:
            with on_device("the spectral radius"):
                transposed = self._image("right", np.eye(self.n))
            return float(np.abs(np.linalg.eigvals(transposed)).max(initial=0.0))
        operator = LinearOperator((self.n, self.n), matvec=product, dtype=np.float64)
        try:
            start = np.full(self.n, 1.0 / self.n)
            return float(np.abs(eigs(operator, k=1, v0=start, return_eigenvectors=False))[0])
        except ArpackError as error:
            raise ConvergenceError(
                f"the spectral radius was not found: {error}",
                where="Arnoldi on several devices",
                do='use method="lu" on one device or the CPU',
            ) from error

    def describe(self) -> str:
        """Return how and where it was solved, for provenance."""
        return (
            f"GMRES in float64, columns of Z over {len(self.devices)} device"
            f"{'s' if len(self.devices) > 1 else ''}: {describe(self.devices)}"
        )

    # -- inside -----------------------------------------------------------------------------------

    def _answer(self, side: Side, rows: Array, rtol: float) -> tuple[Array, float, int]:
        """Return w, its worst relative forward error, and the number of products."""
        rows = np.asarray(rows, dtype=np.float64)
        w, error, products = np.empty(rows.shape), 0.0, 0
        with on_device(f"{len(rows)} right-hand sides of {self.n} sectors"):
            weights = self._weights_of("right" if side == "left" else "left")
            for start in range(0, len(rows), _BLOCK):
                block = rows[start : start + _BLOCK]
                f = padded(block, _BLOCK)
                limit = rtol * np.abs(f).sum(axis=1)
                found, residual, used = self._iterate(side, f, limit)
                absolute = np.abs(residual)
                if self.nonnegative:
                    image = found - f + residual  # up to rounding, far below what it is for
                    if (found < 0).any():
                        image, used = self._image(side, np.abs(found)), used + 1
                    absolute += (self.n + 2) * _EPS * (np.abs(found) + np.abs(image) + np.abs(f))
                size = np.abs(found).sum(axis=1)
                some = size > 0
                error = max(error, float(((absolute @ weights)[some] / size[some]).max(initial=0)))
                w[start : start + _BLOCK] = found[: len(block)]
                products += used
        return w, error, products

    def _iterate(self, side: Side, f: Array, limit: Array) -> tuple[Array, Array, int]:
        """Return w and its true residual, about `limit` or less in the 1-norm of each row."""
        w, r, used = self._converge(side, f, np.ones(self.n), limit, summed=True)
        # One plain step more, which costs one product: it makes the entries of tiny sectors,
        # that no norm of w sees, as good as those of their suppliers.
        step = w + r
        after = f - step + self._image(side, step)
        keep = (np.abs(after).sum(axis=1) <= np.maximum(limit, np.abs(r).sum(axis=1)))[:, None]
        return np.where(keep, step, w), np.where(keep, after, r), used + 1

    def _converge(
        self, side: Side, f: Array, unit: Array, limit: Array, *, summed: bool
    ) -> tuple[Array, Array, int]:
        """Solve in multiples of `unit`: return solution, true residual and products.

        The residual is measured by the sum over each row, or by its largest entry.
        """
        cycle = _programs(self._everywhere)["cycle"]
        w, r, used, last = f, f - f + self._image(side, f * unit) / unit, 1, np.inf
        while True:
            size = np.abs(r).sum(axis=1) if summed else np.abs(r).max(axis=1)
            if summed:  # no residual is known better than w is rounded
                limit = np.maximum(limit, _ROUNDING * np.abs(w).sum(axis=1))
            if (size <= limit).all():
                return w, r, used
            worst = float(np.max(size / np.where(limit > 0, limit, 1.0)))
            # A cycle that hardly does anything: a long chain, or too near to a radius of one.
            if used >= _MOST or not worst <= 0.9 * last:
                raise ConvergenceError(
                    f"GMRES stopped at {worst:.3g} times its tolerance after {used} products",
                    where=f"iterative solve on {len(self.devices)} devices",
                    do='use method="lu", and look at the spectral radius',
                )
            last = worst
            step, taken = cycle(self._Z, self.output_, unit, r, limit, summed, side=side)
            w = w + np.asarray(step)
            r = f - w + self._image(side, w * unit) / unit
            used += int(taken) + 1

    def _image(self, side: Side, w: Array) -> Array:
        """What production of w needs: ``(w / x) Z``, or ``Z (w / x)`` as a row."""
        return np.asarray(_programs(self._everywhere)["image"](self._Z, self.output_, w, side=side))

    def _weights_of(self, side: Side) -> Array:
        """t with ``M t = x`` (right) or ``t' M = x'`` (left), enlarged to an upper bound."""
        if side in self._weights:
            return self._weights[side]
        # All sectors count alike here: in multiples of x, to the largest row.
        ones, limit = np.ones((1, self.n)), np.array([_ROUGH])
        try:
            t, r, _ = self._converge(side, ones, self.output_, limit, summed=False)
        except ConvergenceError:
            self._require_radius()
            raise
        if not self.nonnegative:
            if self.spectral_radius() >= 1:
                self._refuse()
            self._weights[side] = np.abs(t[0])
            return self._weights[side]
        fed = self._image(side, np.abs(t) * self.output_) / self.output_
        rounding = (self.n + 2) * _EPS * (np.abs(t) + fed + 1)
        missed = float((np.abs(r) + rounding).max())
        if missed >= 0.5:
            self._require_radius()
            raise ConvergenceError(
                f"the weights of the error bound are known to {missed:.1g} of themselves only",
                where="iterative solve on several devices",
                do='use method="lu", and look at the spectral radius',
            )
        if (t < 0).any():  # M t > 0 all the same: no productive table does that
            self._refuse()
        self._weights[side] = t[0] / (1 - missed)
        return self._weights[side]

    def _require_radius(self) -> None:
        """Refuse the table if the reason why nothing was found is that it is not productive."""
        try:
            if self.spectral_radius() >= 1 - 1e-10:
                self._refuse()
        except ConvergenceError:  # the caller has an error of its own to tell
            return

    def _refuse(self) -> None:
        try:
            radius = f"spectral radius of A is {self.spectral_radius():.6g}, at or above 1"
        except ConvergenceError:
            radius = "spectral radius of A is at or above 1"
        raise NotProductiveError(
            f"the table is not productive: {radius}",
            where=f"{self.n} sectors",
            do="find the columns with mc.leontief(mrio).require_productive() and correct them",
        )


@functools.cache
def _programs(everywhere: Any) -> dict[str, Any]:
    """The compiled programs for one set of devices, which keep vectors whole, each of them."""
    import jax
    import jax.numpy as jnp
    from jax.scipy.linalg import solve_triangular

    spec: Any = jax.sharding.PartitionSpec
    lax: Any = jax.lax

    mesh, columns = everywhere.mesh, spec(None, "columns")
    spread = functools.partial(jax.shard_map, mesh=mesh, check_vma=False)

    # Said outright: left to itself the compiler may gather all of Z on each device.
    @functools.partial(spread, in_specs=(spec(), columns), out_specs=spec())
    def from_left(m: Any, part: Any) -> Any:
        return lax.all_gather(m @ part, "columns", axis=1, tiled=True)

    @functools.partial(spread, in_specs=(columns, columns), out_specs=spec())
    def from_right(m: Any, part: Any) -> Any:
        return lax.psum(m @ part.T, "columns")

    def image(Z: Any, output: Any, w: Any, side: str) -> Any:
        m, (n, width) = w / output, Z.shape
        if side == "left":
            return from_left(m, Z)[:, :n]
        return from_right(jnp.pad(m, ((0, 0), (0, width - n))), Z)

    def cycle(
        Z: Any, output: Any, unit: Any, r: Any, limit: Any, summed: Any, side: str
    ) -> tuple[Any, Any]:
        """Up to _RESTART steps from the residual r: the correction, and the steps taken."""
        k, n = r.shape

        def size(a: Any) -> Any:
            return jnp.where(summed, jnp.abs(a).sum(axis=1), jnp.abs(a).max(axis=1))

        def length(a: Any) -> Any:
            return jnp.sqrt((a * a).sum(axis=1))

        def safely(a: Any, by: Any) -> Any:
            return jnp.where(by > 0, a / jnp.where(by > 0, by, 1.0), 0.0)

        def going(state: Any) -> Any:
            j, r = state[0], state[1]
            return (j < _RESTART) & (size(r) > limit / 2).any()

        def step(state: Any) -> Any:
            j, r, before, images, ways, R, xi = state
            now = length(r)
            steady = (j == 0) | (now <= 0.9 * before)
            way = jnp.where(steady[:, None], safely(r, now[:, None]), images[j - 1])
            q = way - image(Z, output, way * unit, side) / unit
            scale = length(q)
            # Gram-Schmidt twice is as good as can be (images not yet there are zero).
            h = jnp.einsum("mkn,kn->mk", images, q)
            q = q - jnp.einsum("mk,mkn->kn", h, images)
            again = jnp.einsum("mkn,kn->mk", images, q)
            q = q - jnp.einsum("mk,mkn->kn", again, images)
            norm_ = length(q)
            new = norm_ > 1e-14 * scale  # nothing new: leave this direction out
            q = jnp.where(new[:, None], safely(q, norm_[:, None]), 0.0)
            R = R.at[:, :, j].set((h + again).T)
            R = R.at[:, j, j].set(jnp.where(new, norm_, 1.0))
            along = (q * r).sum(axis=1)
            return (
                j + 1, r - along[:, None] * q, now, images.at[j].set(q), ways.at[j].set(way),
                R, xi.at[:, j].set(along),
            )  # fmt: skip

        room = jnp.zeros((_RESTART, k, n))
        start = (
            0, r, jnp.full(k, jnp.inf), room, room,
            jnp.broadcast_to(jnp.eye(_RESTART), (k, _RESTART, _RESTART)), jnp.zeros((k, _RESTART)),
        )  # fmt: skip
        j, _, _, _, ways, R, xi = jax.lax.while_loop(going, step, start)
        t = jax.vmap(solve_triangular)(R, xi)
        return jnp.einsum("km,mkn->kn", t, ways), j

    return {
        "image": jax.jit(image, static_argnames="side"),
        "cycle": jax.jit(cycle, static_argnames="side"),
    }
