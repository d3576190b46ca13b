"""First order and draws for every principle, where the fast way of the footprints does not hold.

The accounts are functions of S = F/x, A = Z/x and Y, differentiated by JAX in reverse mode. With
x = Z1 + Y1 following its uses (row balance), a change of x moves S and A as well:

``dE/dF_i = g_i / x_i``, ``dE/dZ_ij = G_ij / x_j + c_i``, ``dE/dY_is = g_is + c_i``,
``c_k = -(g_k F_k + sum_i G_ik Z_ik) / x_k^2``

with g, G the gradients by S and A. At fixed output a drawn table does not balance, and the
principles that read output, income or trade off it have no meaning: refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import direct_emissions, evaluate, resolve
from mriocarbon.accounts.economy import TableEconomy
from mriocarbon.accounts.gradients import account_function
from mriocarbon.accounts.registry import principle as find_principle
from mriocarbon.compute import Batch
from mriocarbon.errors import NotAvailableError, quietly
from mriocarbon.model.table import MRIO
from mriocarbon.uncertainty.distributions import Dirichlet
from mriocarbon.uncertainty.draws import PARTS, drawn, streams_of, tables
from mriocarbon.uncertainty.errormodel import Correlation, ErrorModel, SizeLaw, relative
from mriocarbon.uncertainty.firstorder import require_linear
from mriocarbon.uncertainty.sampling import draw_stressor, draw_vector

__all__ = ["DENSE", "accounts_of", "principle_inputs", "variances"]

Array = NDArray[np.float64]
DENSE = 2000  # sectors up to which n x n gradients of every region are affordable
ROWS = 0.01  # of the largest account: beyond it the derivatives are those of another table


def variances(
    mrio: MRIO,
    principle: str,
    errors: ErrorModel,
    *,
    stressor: str | None = None,
    households: bool = True,
    less: tuple[str, Array] | None = None,
    **options: Any,
) -> dict[str, Array]:
    """Return the first-order variance of each part, (R,), for any principle.

    Parameters
    ----------
    mrio : MRIO
        Up to 2,000 sectors.
    principle : str
    errors : ErrorModel
    less : (principle, weights (R,)), optional
        Variances of E_r - w_r E'_r with E' the accounts of another principle: the errors that
        the two share cancel.

    Raises
    ------
    NotAvailableError
        More sectors, or ``balance="gras"``.
    """
    require_linear(errors)
    n, R = len(mrio.index), len(mrio.regions)
    require_balanced(errors, principle, less[0] if less else "production")
    if n > DENSE and {principle, less[0] if less else "production"} != {"production"}:
        raise NotAvailableError(
            f"first order of {principle!r} needs {R} gradients of {n} x {n}",
            where="uncertainty",
            do='use uncertainty="monte-carlo" (on the command line --uncertainty monte-carlo), or'
            " aggregate the table: mc.aggregate",
        )
    extension, row = resolve(mrio, stressor)
    F, Y = extension.F[row], mrio.final_demand
    errors.check(F, mrio.Z, Y, np.zeros(R))
    parts = {part: np.zeros(R) for part in PARTS}
    weights = np.ones(R)
    pairs = _gradients(mrio, principle, stressor, options)
    if less is None:
        merged = pairs
    else:
        others = _gradients(mrio, less[0], stressor, {})
        merged = _difference(pairs, others, less[1])
        weights = 1 - less[1]
    flows = relative(errors.flows, mrio.Z, "flows")
    demand = relative(errors.demand, Y, "demand")
    for r, (gF, gZ, gY) in enumerate(merged):
        if isinstance(errors.stressor, Dirichlet):
            parts["stressor"][r] = errors.stressor.variance(F, gF[:, None])[0]
        else:
            d = gF * F * relative(errors.stressor, F, "stressor")
            parts["stressor"][r] = _of_vector(d, errors.stressor_shared, R)
        if gZ is not None and gY is not None:
            parts["flows"][r] = _of_grid(gZ * mrio.Z * flows, errors.flows_shared, R)
            parts["demand"][r] = _of_grid(gY * Y * demand, errors.demand_shared, R)
    if households:
        direct = direct_emissions(extension, row, R, len(mrio.categories))[0]
        sd = weights * direct * relative(errors.households, direct, "households")
        parts["households"] = sd**2
    return parts


Gradients = Iterator[tuple[Array, Array | None, Array | None]]  # None: nothing depends on it


def _gradients(
    mrio: MRIO, principle: str, stressor: str | None, options: dict[str, Any]
) -> Gradients:
    """Yield dE/dF (n,), dE/dZ (n, n) and dE/dY (n, R) for each region."""
    R = len(mrio.regions)
    if principle == "production":  # what a region emits, whatever the table
        for r in range(R):
            yield np.repeat(np.eye(R)[r], len(mrio.sectors)), None, None
        return
    import jax

    function, point = account_function(mrio, principle, stressor=stressor, **options)
    S, A, _ = point
    zero = mrio.x == 0
    x = np.where(zero, 1.0, mrio.x)
    with jax.enable_x64(True):
        found, pull = jax.vjp(function, *point)
    _require_rows(mrio, principle, stressor, options, np.asarray(found, dtype=np.float64))
    for unit in np.eye(R):
        with jax.enable_x64(True):
            gS, gA, gY = (np.asarray(g, dtype=np.float64) for g in pull(unit))
        c = np.where(zero, 0.0, -(gS * S + (gA * A).sum(axis=0)) / x)
        gF = np.where(zero, 0.0, gS / x)
        yield gF, np.where(zero, 0.0, gA / x) + c[:, None], gY + c[:, None]


def require_balanced(errors: ErrorModel, *names: str) -> None:
    """Raise NotAvailableError for principles whose drawn tables have to balance and do not."""
    others = [name for name in names if name != "production"]
    vary = any(isinstance(e, SizeLaw) or drawn(e) for e in (errors.flows, errors.demand))
    if others and vary and errors.balance == "fixed output":
        raise NotAvailableError(
            f"{others[0]!r} has no meaning on tables that do not balance",
            where="error model, balance 'fixed output'",
            do="use balance='row balance', or 'gras' with uncertainty=\"monte-carlo\"",
        )


def _require_rows(
    mrio: MRIO, principle: str, stressor: str | None, options: dict[str, Any], found: Array
) -> None:
    """Refuse derivatives where the formula by S, A and Y is not the account of the table itself."""
    extension, row = resolve(mrio, stressor)
    economy = TableEconomy(mrio, extension.F[row : row + 1])
    with quietly():
        value = evaluate(find_principle(principle), economy, options)[0]
    gap = float(np.abs(found[: len(value)] - value).max(initial=0.0))
    if gap > ROWS * float(np.abs(value).max(initial=0.0)):
        raise NotAvailableError(
            f"output is not the sum of its uses: {principle!r} from coefficients is {gap:.3g} off",
            where="first order",
            do='use uncertainty="monte-carlo" (on the command line --uncertainty monte-carlo), or'
            " mend the rows (mc.check or `mriocarbon table check` names them)",
        )


def _difference(first: Gradients, second: Gradients, weights: Array) -> Gradients:
    for w, one, other in zip(weights, first, second, strict=True):
        gZ, gY = (
            a if b is None else (-w * b if a is None else a - w * b)
            for a, b in zip(one[1:], other[1:], strict=True)
        )
        yield one[0] - w * other[0], gZ, gY


def _of_vector(d: Array, shared: Correlation, R: int) -> float:
    grid = d.reshape(R, -1)
    return float(
        shared.own * (d**2).sum()
        + shared.country * (grid.sum(axis=1) ** 2).sum()
        + shared.industry * (grid.sum(axis=0) ** 2).sum()
        + shared.source * d.sum() ** 2
    )


def _of_grid(d: Array, shared: Correlation, R: int) -> float:
    """Deviations (n, k) whose columns belong to countries, k // R each, and rows to industries."""
    country = d.sum(axis=0).reshape(R, -1).sum(axis=1)
    industry = d.sum(axis=1).reshape(R, -1).sum(axis=0)
    return float(
        shared.own * (d**2).sum()
        + shared.country * (country**2).sum()
        + shared.industry * (industry**2).sum()
        + shared.source * d.sum() ** 2
    )


def principle_inputs(
    mrio: MRIO,
    shared: Mapping[str, Any],
    principle: str,
    options: Mapping[str, Any],
    other: str,
) -> dict[str, Any]:
    """Return what `accounts_of` reads beside the inputs of the footprints."""
    find_principle(principle), find_principle(other)
    require_balanced(shared["errors"], principle, other)
    known = mrio.value_added
    return {
        **shared, "principle": principle, "options": dict(options), "other": other,
        "labels": (mrio.regions, mrio.sectors),
        "value_added": known, "value_added_rows": mrio.value_added_rows,
        "primary": mrio.primary_inputs,
    }  # fmt: skip


def accounts_of(shared: Mapping[str, Any], batch: Batch) -> dict[str, Array]:
    """Return accounts under one principle and another of each draw: (size, R), as a task."""
    streams = streams_of(batch.seed or 0, batch.number)
    errors: ErrorModel = shared["errors"]
    R, size, direct = shared["regions"], batch.size, shared["direct"]
    F = draw_stressor(streams["stressor"], shared["F"], errors, R, size)
    spread = relative(errors.households, direct, "households")
    home = draw_vector(streams["households"], direct, spread, errors.distribution, size)
    asked = [(find_principle(shared["principle"]), dict(shared["options"]))]
    if shared["other"] != "production":
        asked.append((find_principle(shared["other"]), {}))
    economies: Iterator[TableEconomy]
    with quietly():  # the table itself has told before
        if drawn(shared["flows"]) or drawn(shared["demand"]):
            economies = (
                TableEconomy(_table(shared, *one), f[None])
                for f, one in zip(F, tables(shared, streams, size), strict=True)
            )
        else:
            x = np.where(shared["zero"], 0.0, shared["x"])
            economies = iter([TableEconomy(_table(shared, shared["Z"], shared["Y"], x), F)])
        found = [[evaluate(p, e, options) for p, options in asked] for e in economies]
    values = [np.concatenate(each) + home for each in zip(*found, strict=True)]
    made = F.reshape(size, R, -1).sum(axis=2) + home
    return {
        "account": values[0],
        "other": values[1] if len(values) > 1 else made,
        "unproductive": np.zeros(size),
    }


def _table(shared: Mapping[str, Any], Z: Array, Y: Array, x: Array) -> MRIO:
    """Build the table of a draw; rows of value added keep their shares of primary inputs."""
    regions, sectors = shared["labels"]
    x = np.where(shared["zero"], 0.0, x)
    value_added = shared["value_added"]
    if value_added is not None:
        before = np.where(shared["primary"] == 0, 1.0, shared["primary"])
        value_added = value_added * ((x - Z.sum(axis=0)) / before)
    return MRIO.from_arrays(
        Z=Z.copy(), Y=Y.copy(), x=x.copy(), regions=regions, sectors=sectors,
        value_added=value_added, value_added_rows=shared["value_added_rows"],
    )  # fmt: skip
