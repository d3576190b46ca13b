"""Draws of a table and the footprints that follow: the work of one batch.

A footprint needs one row of multipliers, ``m' (diag(x) - Z) = f'``, and then ``E = m'Y``. The
inverse of the table as it stands, B, is worked out once, and a drawn system is near it:

* only F drawn, or F and Y at fixed output: ``m = f B`` for all draws at once, exact;
* F and Y with output following (row balance): ``M = M0 + diag(d)``, all draws at once by
  a splitting that leaves little to iterate (`_settled`), until nothing moves by more than 1e-10;
* Z drawn: GMRES from the multipliers of the table as it stands, preconditioned by B, to 1e-9.
  Where that fails, LU.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import direct_emissions, resolve
from mriocarbon.compute import Batch
from mriocarbon.errors import ConvergenceError
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief
from mriocarbon.uncertainty.errormodel import ErrorModel, relative
from mriocarbon.uncertainty.sampling import draw_grid, draw_stressor, draw_vector, prepared

__all__ = ["PARTS", "batch_size", "footprints", "inputs", "sample", "streams_of", "tables"]

Array = NDArray[np.float64]
PARTS = ("stressor", "flows", "demand", "households")
GRAS_TOL, GRAS_PASSES = 1e-6, 400
_SETTLED, _STEPS, _RTOL = 1e-10, 80, 1e-9
_MEMORY = 64 * 2**20  # bytes of drawn final demand held at once


def inputs(
    mrio: MRIO, errors: ErrorModel, stressor: str | None = None, *, households: bool = True
) -> dict[str, Any]:
    """Return what all batches read: arrays of the table, the base inverse, spreads.

    Raises
    ------
    NotProductiveError, UnknownNameError, NotAvailableError, InputError, ShapeError
        Before any draw.
    """
    extension, row = resolve(mrio, stressor)
    system = leontief(mrio)
    system.require_productive()
    Y = np.ascontiguousarray(mrio.final_demand)
    F = extension.F[row]
    R = len(mrio.regions)
    direct = np.zeros(R)
    if households:
        direct = direct_emissions(extension, row, R, len(mrio.categories))[0]
    errors.check(F, mrio.Z, Y, direct)
    M = np.diag(system.output_) - np.where(system.zero, 0.0, mrio.Z)
    flows = relative(errors.flows, mrio.Z, "flows")
    return {
        "F": F, "Y": Y, "Z": mrio.Z, "x": system.output_, "zero": system.zero,
        "extra": np.where(system.zero, 0.0, mrio.x - mrio.Z.sum(axis=1) - Y.sum(axis=1)),
        "B": np.linalg.inv(M), "direct": direct,
        "flows": prepared(errors.distribution, flows),
        "demand": prepared(errors.distribution, relative(errors.demand, Y, "demand")),
        "regions": R, "errors": errors,
    }  # fmt: skip


def batch_size(n: int, regions: int) -> int:
    """Return how many draws make a batch: a part of the result, so fixed by the table alone."""
    return int(np.clip(_MEMORY // (4 * n * regions), 4, 256))


def footprints(shared: Mapping[str, Any], batch: Batch) -> dict[str, Array]:
    """Return consumption and production of each draw of a batch, (size, R), as a task."""
    return sample(shared, streams_of(batch.seed or 0, batch.number), batch.size)


def sample(
    shared: Mapping[str, Any], streams: Mapping[str, np.random.Generator], size: int
) -> dict[str, Array]:
    """Return ``size`` draws, each part from a stream of its own.

    Returns
    -------
    dict
        ``account`` (consumption) and ``other`` (production), (size, R), households included;
        ``unproductive``, (size,): 1 where the drawn table has negative multipliers.
    """
    errors: ErrorModel = shared["errors"]
    F, R, zero = shared["F"], shared["regions"], shared["zero"]
    F_drawn = draw_stressor(streams["stressor"], F, errors, R, size)
    direct = draw_vector(
        streams["households"], shared["direct"],
        relative(errors.households, shared["direct"], "households"), errors.distribution, size,
    )  # fmt: skip
    production = F_drawn.reshape(size, R, -1).sum(axis=2) + direct
    F_drawn = np.where(zero, 0.0, F_drawn)
    if drawn(shared["flows"]):
        m, E = _flow_draws(shared, streams, F_drawn)
    else:
        m, E = _demand_draws(shared, streams["demand"], F_drawn)
    lost = (m < -1e-9 * np.abs(m).max(axis=1, keepdims=True)).any(axis=1) & (F >= 0).all()
    return {
        "account": E + direct,
        "other": production,
        "unproductive": lost.astype(np.float64),
    }


def drawn(spread: Array | float) -> bool:
    """True if a part has any error."""
    return bool(np.any(np.asarray(spread) > 0))


def _demand_draws(
    shared: Mapping[str, Any], rng: np.random.Generator, F: Array
) -> tuple[Array, Array]:
    errors: ErrorModel = shared["errors"]
    Y, B, zero, size = shared["Y"], shared["B"], shared["zero"], len(F)
    if not drawn(shared["demand"]):
        m = F @ B
        return m, m @ Y
    moving = errors.balance == "row balance"
    if errors.balance == "gras":
        return _flow_draws(shared, {"demand": rng}, F)
    if not moving:  # one draw of final demand in memory at a time
        m, E = F @ B, np.empty((size, Y.shape[1]))
        y = np.empty(Y.shape)
        for d in range(size):
            _draw_demand(shared, rng, y)
            E[d] = np.einsum("i,ir->r", m[d], y)
        return m, E
    y_all = np.empty((size, *Y.shape), dtype=np.float32)
    change = np.empty(F.shape)
    base = Y.sum(axis=1)
    for d in range(size):
        _draw_demand(shared, rng, y_all[d])
        change[d] = np.where(zero, 0.0, y_all[d].sum(axis=1, dtype=np.float64) - base)
    m = _settled(F, change, B, shared["Z"], shared["x"], zero)
    E = np.stack([m[d] @ y_all[d].astype(np.float64) for d in range(size)])
    return m, E


def _draw_demand(
    shared: Mapping[str, Any], rng: np.random.Generator, out: NDArray[np.floating]
) -> None:
    errors: ErrorModel = shared["errors"]
    R, Y = shared["regions"], shared["Y"]
    draw_grid(
        rng, Y, shared["demand"], errors.demand_shared, errors.distribution,
        sectors=len(Y) // R, columns=np.arange(R), out=out,
    )  # fmt: skip


def _settled(
    F: Array, change: Array, B: Array, Z: Array, x: Array, zero: NDArray[np.bool_]
) -> Array:
    """Solve ``m (M0 + diag(change)) = F`` for all rows at once.

    With D = diag(1 + change / x) and g = 1 - 1 / D it is ``m D (M0 + g Z) = F``; as Z B =
    diag(x) B - 1, the step is ``w <- (F - w g x) B + w g`` for w = m D. What a sector sells to
    final demand alone, the most uncertain part, is thereby in D and not in what is iterated.
    """
    D = 1 + change / x
    g = 1 - 1 / D
    w = F @ B * D
    todo = np.arange(len(F))
    for _ in range(_STEPS):
        h = w[todo] * g[todo]
        after = (F[todo] - h * x) @ B + h
        moved = np.abs(after - w[todo]).max(axis=1)
        w[todo] = after
        todo = todo[moved > _SETTLED * np.abs(after).max(axis=1)]
        if len(todo) == 0:
            return w / D
    m = w / D
    keep = np.where(zero, 0.0, 1.0)
    for d in todo:
        m[d] = _multipliers(Z, x + change[d], keep, F[d], F[d] @ B, B)
    return m


def _flow_draws(
    shared: Mapping[str, Any], streams: Mapping[str, np.random.Generator], F: Array
) -> tuple[Array, Array]:
    """Draw whole tables one by one; solve each from the base table."""
    B, keep = shared["B"], np.where(shared["zero"], 0.0, 1.0)
    start = F @ B
    m, E = np.empty_like(start), np.empty((len(F), shared["regions"]))
    for d, (z, y, x) in enumerate(tables(shared, streams, len(F))):
        m[d] = _multipliers(z, x, keep, F[d], start[d], B)
        E[d] = m[d] @ y
    return m, E


def tables(
    shared: Mapping[str, Any], streams: Mapping[str, np.random.Generator], size: int
) -> Iterator[tuple[Array, Array, Array]]:
    """Yield flows, final demand and output of each draw; the arrays are used again for the next."""
    errors: ErrorModel = shared["errors"]
    Z, Y, x, R = shared["Z"], shared["Y"], shared["x"], shared["regions"]
    columns = np.repeat(np.arange(R), len(x) // R)
    z, y = np.array(Z), np.array(Y)  # what is not drawn stays
    for _ in range(size):
        if drawn(shared["flows"]):
            draw_grid(
                streams["flows"], Z, shared["flows"], errors.flows_shared, errors.distribution,
                sectors=len(x) // R, columns=columns, out=z,
            )  # fmt: skip
        if drawn(shared["demand"]):
            _draw_demand(shared, streams["demand"], y)
        if errors.balance == "gras":
            yield *_rebalanced(shared, z, y), x
        elif errors.balance == "row balance":
            output = z.sum(axis=1) + y.sum(axis=1) + shared["extra"]
            yield z, y, np.where(shared["zero"], x, output)
        else:
            yield z, y, x


def _rebalanced(shared: Mapping[str, Any], z: Array, y: Array) -> tuple[Array, Array]:
    """Bring a drawn table back to the margins of the table as it stands."""
    from mriocarbon.build.balance import iterate

    Z, Y = shared["Z"], shared["Y"]
    rows = Z.sum(axis=1) + Y.sum(axis=1)
    columns = np.concatenate([Z.sum(axis=0), Y.sum(axis=0)])
    done = iterate(np.hstack([z, y]), rows, columns, GRAS_TOL, GRAS_PASSES)
    if not done.converged:
        raise ConvergenceError(
            f"a drawn table misses its margins by {done.error:.1e} after {done.iterations} passes",
            where="balance-preserving draws (GRAS)",
            do="lower the errors of cells that cannot move, or use balance='row balance'",
        )
    n = len(Z)
    return np.ascontiguousarray(done.value[:, :n]), np.ascontiguousarray(done.value[:, n:])


def _multipliers(z: Array, x: Array, keep: Array, f: Array, start: Array, B: Array) -> Array:
    """Solve ``m (diag(x) - z) = f`` with zero-output columns of z left out."""
    from scipy.sparse.linalg import LinearOperator, gmres

    n = len(x)

    def apply(w: Array) -> Array:
        w = np.ravel(w)
        return np.asarray(x * w - keep * (w @ z))

    def near(w: Array) -> Array:
        return np.asarray(np.ravel(w) @ B)

    matrix = LinearOperator((n, n), matvec=apply, dtype=np.float64)
    base = LinearOperator((n, n), matvec=near, dtype=np.float64)
    with np.errstate(all="ignore"):
        m, _ = gmres(matrix, f, x0=start, rtol=_RTOL, atol=0.0, restart=40, maxiter=2, M=base)
        good = bool(np.isfinite(m).all())
        if good:
            missed = np.linalg.norm(f - apply(m))
            good = bool(missed <= 100 * _RTOL * np.linalg.norm(f))
    if good:
        return np.asarray(m)
    return np.asarray(np.linalg.solve((np.diag(x) - keep * z).T, f))


def streams_of(seed: int, *place: int) -> dict[str, np.random.Generator]:
    """Return a stream for each part: the same for a seed and a place (a batch, a side) anywhere.

    SFC64 draws normals in two thirds of the time of the counter-based generators; it is seeded
    through `SeedSequence` with the place as its spawn key, as `Batch.rng` is.
    """
    children = np.random.SeedSequence(seed, spawn_key=place).spawn(len(PARTS))
    return {
        part: np.random.Generator(np.random.SFC64(child))
        for part, child in zip(PARTS, children, strict=True)
    }
