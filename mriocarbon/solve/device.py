"""Dense LU on a GPU through JAX, in float64: the same numbers as LAPACK, many sides, many tables.

With ``M = diag(x) - Z`` (zero-output columns of Z dropped, the unit diagonal there) as everywhere
in `solve`. Z is sent to the device once; M and its factors exist only there.

A device is asked for by name, and what is not there is an error: never the CPU in silence.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import (
    NegativeOutputError,
    NonFiniteError,
    NotAvailableError,
    NotProductiveError,
    ShapeError,
    UnknownNameError,
    listed,
)
from mriocarbon.model.memory import available
from mriocarbon.solve.solution import Solution

if TYPE_CHECKING:
    from jax import Device

Array = NDArray[np.float64]
_EPS = float(np.finfo(float).eps)
_NAMES = ("cpu", "cpu:0,1", "all cpus", "gpu", "gpu:0", "gpu:0,1", "all gpus")
_PLUGINS = ("jax_cuda12_plugin", "jax_cuda13_plugin", "jax_rocm7_plugin")
# Sides solved in one go. Their number is padded to a power of two, since JAX compiles a program
# for each shape: eleven of them serve any number of sides.
BLOCK = 1024
_SHARE = 0.9  # of the free memory: allocators round up, and solvers take some for themselves


# -- which devices --------------------------------------------------------------------------------


def find_devices(device: str) -> list[Device]:
    """Return the JAX devices of a name.

    Parameters
    ----------
    device : str
        ``"gpu"`` (the first one), ``"gpu:1"``, ``"gpu:0,1"``, ``"all gpus"``; the same with
        ``cpu``.

    Raises
    ------
    UnknownNameError
        The name is none of these.
    NotAvailableError
        There is no such device; the message lists those that exist and what to install.

    Examples
    --------
    >>> [str(one).lower() for one in find_devices("cpu")]
    ['cpu:0']
    """
    asked = str(device).strip().casefold()
    matched = re.fullmatch(r"(?:(all) (cpu|gpu)s?|(cpu|gpu)(?::(\d+(?:,\d+)*))?)", asked)
    if matched is None:
        raise UnknownNameError.of("device", device, _NAMES)
    all_, many, one, numbers = matched.groups()
    kind = many or one
    there = _present(kind)
    if all_:
        return there
    wanted = [int(k) for k in (numbers or "0").split(",")]
    if len(set(wanted)) < len(wanted):
        raise NotAvailableError(
            f"{device!r} names a device twice", where="device", do="name each device once"
        )
    if missing := [k for k in wanted if k >= len(there)]:
        do = f"use one of {listed([f'{kind}:{k}' for k in range(len(there))])}"
        if kind == "cpu":
            do += ", or split the CPU: XLA_FLAGS=--xla_force_host_platform_device_count=4"
        raise NotAvailableError(
            f"there is no {kind}:{missing[0]}", where=f"devices here: {_listing()}", do=do
        )
    return [there[k] for k in wanted]


def _present(kind: str) -> list[Device]:
    """Return all devices of one kind, or raise with the reason why there is none."""
    import jax

    try:
        return list(jax.local_devices(backend=kind))
    except RuntimeError as error:  # JAX's word for a backend that is not there
        limited = os.environ.get("JAX_PLATFORMS", "")
        if kind == "cpu":
            do = f"JAX is held to {limited!r} by JAX_PLATFORMS: unset it, or add cpu"
        elif not any(find_spec(name) for name in _PLUGINS):
            do = 'on a machine with an NVIDIA GPU: pip install "mriocarbon[gpu]"'
        elif limited and not re.search("cuda|rocm|gpu", limited):
            do = f"JAX is held to {limited!r} by JAX_PLATFORMS: unset it, or say cpu,cuda"
        else:
            do = "JAX's GPU plugin is installed but finds none: look at nvidia-smi and the driver"
        raise NotAvailableError(
            f"there is no {kind} that JAX can use",
            where=f"devices here: {_listing()}; JAX says: {str(error).splitlines()[0]}",
            do=do + ('; or ask for device="cpu"' if kind == "gpu" else ""),
        ) from error


def _listing() -> str:
    """All devices that JAX has, with their names."""
    import jax

    found = []
    for kind in ("gpu", "cpu"):
        try:
            found += [_name(one, k) for k, one in enumerate(jax.local_devices(backend=kind))]
        except RuntimeError:
            continue
    return listed(found) or "none"


def _name(device: Device, number: int) -> str:
    return f"{device.platform}:{number} ({device.device_kind})"


def describe(devices: list[Device]) -> str:
    """Return what the devices are, in words for provenance.

    Examples
    --------
    >>> describe(find_devices("cpu")).startswith("cpu, JAX ")
    True
    """
    import jax

    kinds = sorted({one.device_kind for one in devices})
    many = f"{len(devices)} x " if len(devices) > 1 else ""
    return f"{many}{', '.join(kinds)}, JAX {jax.__version__}"


# -- memory ---------------------------------------------------------------------------------------


def device_bytes(n: int, k: int, *, items: int = 1) -> int:
    """Return the most memory that LU and solves take on one device, in bytes.

    Z, M and its factors are three squares of n; sides are taken `BLOCK` at a time.

    Parameters
    ----------
    n : int
        Sectors.
    k : int
        Right-hand sides of each table.
    items : int
        Tables at once.

    Examples
    --------
    >>> round(device_bytes(9800, 1000) / 2**30, 1)
    2.7
    """
    return items * 8 * (3 * n * n + 8 * n * min(k, BLOCK) + 16 * n)


def free_bytes(device: Device) -> int | None:
    """Return what is free on the device: as it says itself, of the machine for the CPU.

    None where nobody says. JAX sets aside three quarters of a GPU at its first use; what other
    programs hold is not counted.
    """
    stats = device.memory_stats() or {}
    if "bytes_limit" in stats:
        return int(stats["bytes_limit"]) - int(stats.get("bytes_in_use", 0))
    if device.platform == "cpu":
        return available()
    return None


def require_memory(device: Device, needed: int, what: str, do: str) -> None:
    """Raise NotAvailableError, with `do` as advice, if `needed` bytes are not free on it."""
    free = free_bytes(device)
    if free is not None and needed > _SHARE * free:
        raise NotAvailableError(
            f"{what} needs {needed / 2**30:.3g} GiB on the device, {free / 2**30:.3g} GiB are free",
            where=f"device {device} ({device.device_kind})",
            do=do,
        )


@contextmanager
def on_device(what: str) -> Iterator[None]:
    """In float64; a device that runs out of memory all the same says so in our words."""
    import jax

    try:
        with jax.enable_x64(True):
            yield
    except jax.errors.JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error):
            raise
        raise NotAvailableError(
            f"the device ran out of memory: {what}",
            where=str(error).splitlines()[0],
            do='free it of other programs, take several devices, or device="cpu"',
        ) from error


# -- one table ------------------------------------------------------------------------------------


class DeviceFactors:
    """LU factors of M on one device, used from both sides; results are numpy float64.

    Does what `solve.direct.Factors` does. Like there M' is factored, with the same pivots.

    Parameters
    ----------
    Z : ndarray, shape (n, n)
        Flows, in money; float64, or float32 which is widened on the device.
    x : ndarray, shape (n,)
        Gross output, in money.
    device : str
        See `find_devices`; one device.
    sides : int
        Right-hand sides to reckon with in the estimate of memory.

    Raises
    ------
    numpy.linalg.LinAlgError
        M is exactly singular, as by `solve.direct.factorise`.
    NotAvailableError
        No such device, or not enough memory on it.

    Examples
    --------
    >>> import numpy as np
    >>> factors = DeviceFactors(np.array([[20.0, 10], [30, 10]]), np.array([100.0, 50]), "cpu")
    >>> factors.solve_left(np.array([[100.0, 50]])).round(6).tolist()  # m (diag(x) - Z) = f
    [[1.896552, 1.724138]]
    """

    def __init__(self, Z: NDArray[Any], x: Array, device: str = "gpu", *, sides: int = 1) -> None:
        import jax

        self.n = len(x)
        devices = find_devices(device)
        if len(devices) > 1:
            raise NotAvailableError(
                f"an LU is made on one device, {device!r} names {len(devices)}",
                where="device",
                do="name one; several devices solve by iteration (solve.sharded.ShardedFlows)",
            )
        self.device = devices[0]
        require_memory(
            self.device,
            device_bytes(self.n, sides),
            f"the LU of {self.n} sectors",
            'take several devices (they solve by iteration), fewer sectors, or device="cpu"',
        )
        with on_device(f"LU of {self.n} sectors"):
            self._Z = jax.device_put(Z, self.device)
            self._x = jax.device_put(np.asarray(x, dtype=np.float64), self.device)
            self._lu, self._order, singular = _programs().factor(self._Z, self._x)
            if bool(singular):
                raise np.linalg.LinAlgError("M is exactly singular")

    def solve(self, right: Array) -> Array:
        """Return ``M^-1 right``; `right` has shape (n,) or (n, k)."""
        columns = right[:, None] if right.ndim == 1 else right
        answer = self._by_blocks(
            lambda rows: _programs().right(self._lu, self._order, rows), columns.T
        ).T
        return answer[:, 0] if right.ndim == 1 else answer

    def solve_left(self, left: Array) -> Array:
        """Return ``left M^-1``; `left` has shape (n,) or (k, n)."""
        answer = self._by_blocks(
            lambda rows: _programs().left(self._lu, self._order, rows), np.atleast_2d(left)
        )
        return answer[0] if left.ndim == 1 else answer

    def times_left(self, m: Array) -> Array:
        """Return ``m Z``, shape (k, n), zero in zero-output columns: for residuals."""
        return self._by_blocks(lambda rows: _programs().times_left(self._Z, self._x, rows), m)

    def times_right(self, u: Array) -> Array:
        """Return ``Z u``, shape (n, k), without what zero-output columns buy: for residuals."""
        return self._by_blocks(lambda rows: _programs().times_right(self._Z, self._x, rows), u.T).T

    def describe(self) -> str:
        """Return how and where it was solved, for provenance."""
        return f"dense LU in float64 on {describe([self.device])}"

    def _by_blocks(self, program: Callable[[Any], Any], rows: Array) -> Array:
        import jax

        answer = np.empty(rows.shape)
        with on_device(f"{len(rows)} right-hand sides of {self.n} sectors"):
            for start in range(0, len(rows), BLOCK):
                block = rows[start : start + BLOCK]
                sent = jax.device_put(padded(block, BLOCK), self.device)
                answer[start : start + BLOCK] = np.asarray(program(sent))[: len(block)]
        return answer


def padded(rows: Array, most: int) -> Array:
    """Rows of zeros added up to the next power of two, at most to `most`."""
    k = len(rows)
    size = min(most, 1 << max(0, k - 1).bit_length())
    full = np.zeros((size, rows.shape[1]))
    full[:k] = rows
    return full


# -- many tables ----------------------------------------------------------------------------------


def batched_multipliers(
    Z: ArrayLike, x: ArrayLike, F: ArrayLike, *, device: str = "gpu"
) -> Solution:
    """Return m with ``m M = F`` for several tables of one size at once: years, or draws.

    As many tables as the device's memory holds are factored together. Where Z and x are the
    same in all draws, give them once: there is one LU and one solve for all right-hand sides.

    Parameters
    ----------
    Z : array_like, shape (b, n, n) or (n, n)
        Flows, in money.
    x : array_like, shape (b, n) or (n,)
        Gross output, in money.
    F : array_like, shape (b, k, n)
        Emissions of each sector.
    device : str
        See `find_devices`; one device.

    Returns
    -------
    Solution
        `value` of shape (b, k, n), emissions per unit of money; `error` the worst of all, as by
        `Leontief.left`.

    Raises
    ------
    NotProductiveError
        One of the tables is not; its columns are named by number.
    ShapeError, NonFiniteError, NegativeOutputError, NotAvailableError

    Examples
    --------
    >>> import numpy as np
    >>> Z, x = np.array([[20.0, 10], [30, 10]]), np.array([100.0, 50])
    >>> F = np.array([[[100.0, 50]], [[200.0, 100]]])
    >>> batched_multipliers(Z, x, F, device="cpu").value[1].round(6).tolist()
    [[3.793103, 3.448276]]
    """
    flows, output = np.asarray(Z), np.asarray(x, dtype=np.float64)
    sides = np.asarray(F, dtype=np.float64)
    if flows.dtype not in (np.float32, np.float64):
        flows = flows.astype(np.float64)
    n = output.shape[-1] if output.ndim else 0
    fixed = flows.ndim == 2
    many = () if fixed else (len(sides),)
    if (flows.shape, output.shape) != ((*many, n, n), (*many, n)) or (
        sides.ndim != 3 or sides.shape[-1] != n
    ):
        raise ShapeError(
            f"Z {flows.shape}, x {output.shape} and F {sides.shape} do not go together",
            where="batched_multipliers",
            do="give (b, n, n), (b, n) and (b, k, n); or (n, n), (n,) and (b, k, n)",
        )
    for name, given in (("x", output), ("F", sides)):
        if not np.isfinite(given).all():
            raise NonFiniteError(
                f"{int((~np.isfinite(given)).sum())} cells of {name} are NaN or infinite",
                where="batched_multipliers",
                do="fill or remove them; missing is not zero",
            )
    if (output < 0).any():
        raise NegativeOutputError(
            f"gross output is below zero {int((output < 0).sum())} times",
            where="batched_multipliers",
            do="correct x: M is no M-matrix with it, and its multipliers mean nothing",
        )
    b, k = sides.shape[:2]
    if fixed:
        value, error, bound = _tables(flows[None], output[None], sides.reshape(1, b * k, n), device)
        return Solution(value.reshape(b, k, n), error, bound, "lu")
    return Solution(*_tables(flows, output, sides, device), "lu")


def _tables(Z: NDArray[Any], x: Array, F: Array, device: str) -> tuple[Array, float, bool]:
    """Return multipliers, the worst error, and whether it is a bound."""
    import jax

    (b, k, n), (chosen, *rest) = F.shape, find_devices(device)
    if rest:
        raise NotAvailableError(
            f"batches run on one device, {device!r} names {1 + len(rest)}",
            where="device",
            do="name one, and give each device its share of the tables",
        )
    one = device_bytes(n, k)
    require_memory(chosen, one, f"one table of {n} sectors", 'take fewer sectors, or device="cpu"')
    free = free_bytes(chosen)
    most = b if free is None else max(1, int(_SHARE * free) // max(one, 1))
    count = -(-b // -(-b // most)) if b else 0
    value, error, bound = np.empty((b, k, n)), 0.0, True
    for start in range(0, b, max(count, 1)):
        # The last batch reaches back: one shape, so that JAX compiles once.
        first = min(start, b - count)
        some = slice(first, first + count)
        with on_device(f"{count} tables of {n} sectors"):
            sent = [jax.device_put(a, chosen) for a in (Z[some], x[some])]
            state, clean, productive = _programs().begin_all(*sent)
            clean, productive = np.asarray(clean), np.asarray(productive)
            for j in np.flatnonzero(~(clean & productive)):
                _require_productive(Z[first + j], x[first + j], first + j, bool(productive[j]))
            for side in range(0, k, BLOCK):
                m, errors = _programs().solve_all(*sent, state, F[some, side : side + BLOCK])
                value[some, side : side + BLOCK] = np.asarray(m)
                error = max(error, float(np.asarray(errors).max(initial=0.0)))
        bound = bound and bool(clean.all())
    return value, error, bound


def _require_productive(Z: NDArray[Any], x: Array, number: int, seems: bool) -> None:
    """Let the ordinary system look at a table with negative cells, or say what is wrong with it."""
    from mriocarbon.solve.system import Leontief

    flows = Z.astype(np.float64)
    if not np.isfinite(flows).all():
        raise NonFiniteError(
            f"{int((~np.isfinite(flows)).sum())} cells of Z are NaN or infinite",
            where=f"table {number} of the batch",
            do="fill or remove them; missing is not zero",
        )
    Leontief(flows, x).require_productive()
    if not seems:
        raise NotProductiveError(
            "the table is not productive, or too near to it to be solved",
            where=f"table {number} of the batch",
            do="look at the columns whose inputs are near or above their output",
        )


# -- what runs on the device ----------------------------------------------------------------------


@functools.cache
def _programs() -> SimpleNamespace:
    """The compiled programs; compiled by JAX for each shape and device at their first call."""
    import jax
    import jax.numpy as jnp
    from jax.lax.linalg import lu, triangular_solve

    def dropped(x: Any) -> tuple[Any, Any]:
        """One where a sector makes something, and what to put on the diagonal."""
        return jnp.where(x == 0, 0.0, 1.0), jnp.where(x == 0, 1.0, x)

    def factor(Z: Any, x: Any) -> tuple[Any, Any, Any]:
        keep, diagonal = dropped(x)
        # M', as in direct.Factors, with the same pivots: M'[order] = L U.
        factors, _, order = lu(jnp.diag(diagonal) - (Z.astype(x.dtype) * keep).T)
        on_it = jnp.diagonal(factors)
        return factors, order, ~(jnp.isfinite(on_it) & (on_it != 0)).all()

    def left(factors: Any, order: Any, rows: Any) -> Any:
        # m M = f is M' m' = f': L U m' = f'[order].
        y = rows.T[order]
        y = triangular_solve(factors, y, left_side=True, lower=True, unit_diagonal=True)
        return triangular_solve(factors, y, left_side=True, lower=False).T

    def right(factors: Any, order: Any, rows: Any) -> Any:
        # M = U' L' P.
        y = rows.T
        y = triangular_solve(factors, y, left_side=True, lower=False, transpose_a=True)
        y = triangular_solve(
            factors, y, left_side=True, lower=True, transpose_a=True, unit_diagonal=True
        )
        return jnp.zeros_like(y).at[order].set(y, unique_indices=True).T

    def times_left(Z: Any, x: Any, rows: Any) -> Any:
        return rows @ Z.astype(x.dtype) * dropped(x)[0]

    def times_right(Z: Any, x: Any, rows: Any) -> Any:
        return (rows * dropped(x)[0]) @ Z.astype(x.dtype).T

    def begin(Z: Any, x: Any) -> tuple[Any, Any, Any]:
        factors, order, singular = factor(Z, x)
        t = right(factors, order, dropped(x)[1][None])[0]
        clean = Z.min(initial=0.0) >= 0
        # Semipositivity, as in Leontief._check; a table with negative cells is looked at there.
        productive = ~singular & jnp.isfinite(t).all() & (~clean | (t >= 0).all())
        return (factors, order, jnp.abs(t), clean), clean, productive

    def solve(Z: Any, x: Any, state: Any, F: Any) -> tuple[Any, Any]:
        factors, order, t, clean = state
        m = left(factors, order, F)
        scaled = m * dropped(x)[1]
        residual = jnp.abs(F - scaled + times_left(Z, x, m))
        # Its own rounding, as in Leontief.left.
        size = jnp.abs(scaled) + times_left(Z, x, jnp.abs(m)) + jnp.abs(F)
        residual += jnp.where(clean, (len(x) + 2) * _EPS, 0.0) * size
        norm = jnp.abs(scaled).sum(axis=1)
        return m, jnp.where(norm > 0, residual @ t / jnp.where(norm > 0, norm, 1.0), 0.0)

    return SimpleNamespace(
        factor=jax.jit(factor),
        left=jax.jit(left),
        right=jax.jit(right),
        times_left=jax.jit(times_left),
        times_right=jax.jit(times_right),
        begin_all=jax.jit(jax.vmap(begin)),
        solve_all=jax.jit(jax.vmap(solve)),
    )
