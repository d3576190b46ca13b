"""The few quantities all principles are written in, over numpy or over JAX.

Notation: q = F/x (0 where x = 0), v_c = v/x, L = (I - A)^-1, X = L Y; n = R * S sectors,
region-major; F and q hold k stressors at once, shape (k, n), because every principle is linear in
them. The numpy economy reuses the factored system of the table; the JAX economy (in `gradients`)
starts from S, A and Y, from which x, Z and v follow. Principles are written in coefficients (q,
v_c, products with L), never in quotients by x, so that they stay smooth where x = 0.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import NotAvailableError, UnknownNameError
from mriocarbon.model.table import MRIO
from mriocarbon.solve import Leontief, leontief

Array = NDArray[np.float64]


class Economy(Protocol):
    """What a principle may ask. `xp` is numpy or jax.numpy; arrays are of that kind."""

    xp: Any
    R: int
    S: int
    x: Any  # (n,) gross output
    Z: Any  # (n, n) flows
    Y: Any  # (n, R) final demand by destination
    F: Any  # (k, n) emissions
    q: Any  # (k, n) emissions per output

    def multipliers(self, q: Any) -> Any:
        """Return q'L, shape (k, n)."""

    def output(self, B: Any) -> Any:
        """Return L B, shape (n, k)."""

    def multipliers_of(self, q: Any, weights: Any, extra: Any = None) -> Any:
        """Return ``q'(I - weights * A - extra diag(x)^-1)^-1``.

        `weights`, shape (n, 1) or (n, n), scale A elementwise; `extra`, shape (n, n), are flows
        beside Z.
        """

    def multipliers_within(self, q: Any) -> Any:
        """Return ``q_r'(I - A_rr)^-1`` for each region, shape (R, S, k)."""

    def primary(self, which: str) -> Any:
        """Return v_c = v/x, (n,), of ``"all"`` primary inputs or of ``"value_added"``."""

    def own_use(self) -> Any:
        """Return A_ii, the share of its output that a sector uses itself, shape (n,)."""


class TableEconomy:
    """The economy of a table, in numpy; remembers solved multipliers and the worst error.

    Parameters
    ----------
    mrio : MRIO
    F : ndarray, shape (k, n)
        Emissions of k stressors by sector.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> economy = TableEconomy(mrio, mrio.extensions["GHG"].F)
    >>> economy.multipliers(economy.q).shape, economy.output(economy.Y).shape
    ((1, 1000), (1000, 20))
    """

    xp: Any = np

    def __init__(self, mrio: MRIO, F: Array) -> None:
        self.mrio = mrio
        self.system: Leontief = leontief(mrio)
        self.R, self.S = len(mrio.regions), len(mrio.sectors)
        self.x, self.Z, self.Y, self.F = mrio.x, mrio.Z, mrio.final_demand, F
        self.q = self._per_output(F)
        # Even a plain sum rounds: pairwise summation errs by about eps log2(n).
        self.error = float(np.finfo(float).eps * np.log2(len(mrio.x) + 1))
        self.notes: list[str] = []
        self._m: Array | None = None
        self._X: Array | None = None

    def _per_output(self, a: Array) -> Array:
        return np.where(self.system.zero, 0.0, a / self.system.output_)

    def multipliers(self, q: Array) -> Array:
        if q is self.q and self._m is not None:
            return self._m
        solution = self.system.multipliers(q)
        self.error = max(self.error, solution.error)
        if q is self.q:
            self._m = solution.value
        return solution.value

    def output(self, B: Array) -> Array:
        if B is self.Y and self._X is not None:
            return self._X
        solution = self.system.output(B)
        self.error = max(self.error, solution.error)
        if B is self.Y:
            self._X = solution.value
        return solution.value

    def multipliers_of(self, q: Array, weights: Array, extra: Array | None = None) -> Array:
        T = weights * self.Z if extra is None else weights * self.Z + extra
        system = Leontief(np.ascontiguousarray(T), self.x, self.system.names)
        solution = system.multipliers(q, method="lu")
        self.error = max(self.error, solution.error)
        return solution.value

    def multipliers_within(self, q: Array) -> Array:
        self.system.require_productive()  # then each region's own block is productive too
        R, S = self.R, self.S
        blocks = self.Z.reshape(R, S, R, S)
        x = self.system.output_.reshape(R, S)
        zero = self.system.zero.reshape(R, S)
        own = np.stack([blocks[r, :, r] for r in range(R)])
        M = np.eye(S) * x[:, :, None] - np.where(zero[:, None, :], 0.0, own)
        M = np.swapaxes(M, 1, 2)
        F = np.moveaxis((q * self.x).reshape(-1, R, S), 0, 2)
        m = np.linalg.solve(M, F)
        # The same bound as in solve.system, block by block: |r|' t with M t = x.
        t = np.abs(np.linalg.solve(np.swapaxes(M, 1, 2), x[:, :, None]))
        rounding = (S + 2) * np.finfo(float).eps
        residual = np.abs(F - M @ m) + rounding * (np.abs(F) + np.abs(M) @ np.abs(m))
        size = (np.abs(m) * x[:, :, None]).sum()
        if size > 0:
            self.error = max(self.error, float((residual * t).sum() / size))
        return np.asarray(m, dtype=np.float64)

    def primary(self, which: str) -> Array:
        if which == "all":
            return self._per_output(self.mrio.primary_inputs)
        if which != "value_added":
            raise UnknownNameError.of("primary inputs", which, ["all", "value_added"])
        keep = value_added_rows(self.mrio)
        assert self.mrio.value_added is not None  # else there are no rows to be found
        return self._per_output(np.asarray(self.mrio.value_added[keep].sum(axis=0)))

    def own_use(self) -> Array:
        return self._per_output(np.diagonal(self.Z))


def value_added_rows(mrio: MRIO) -> list[int]:
    """Return which rows of the table's value added are value added at basic prices, by name.

    A row named after taxes is left out, unless its name says that it is of production (such as
    "other taxes less subsidies on production"), which is value added, or "before tax".

    Raises
    ------
    NotAvailableError
        The table has no such row.
    """
    names = [row.casefold() for row in mrio.value_added_rows]
    keep = [
        k for k, name in enumerate(names)
        if not re.search(r"\btax|\btls\b", name)
        or re.search(r"\bon production\b|\bbefore tax|\bexcluding tax", name)
    ]  # fmt: skip
    if mrio.value_added is None or not keep:
        rows = f"rows {', '.join(mrio.value_added_rows)}" if names else "no rows"
        raise NotAvailableError(
            "this table has no value added of its own",
            where=f"table {mrio.provenance.dataset!r}, {rows}",
            do='use primary_inputs="all", or give value_added= when building the table',
        )
    return keep


def by_region(e: Economy, a: Any) -> Any:
    """Sum the last axis, n, over the sectors of each region: (..., n) -> (..., R).

    Parameters
    ----------
    e : Economy
        Knows the number of regions and sectors.
    a : ndarray, shape (..., n)

    Returns
    -------
    ndarray, shape (..., R)

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> e = TableEconomy(mrio, mrio.extensions["GHG"].F)
    >>> by_region(e, e.F).shape
    (1, 20)
    """
    return a.reshape(*a.shape[:-1], e.R, e.S).sum(axis=-1)


def embodied(e: Economy) -> Any:
    """Return E = R diag(q) L Y for each stressor, shape (k, R, R): origin x consumer."""
    q = e.q.reshape(-1, e.R, e.S)
    return e.xp.einsum("krs,rsc->krc", q, e.output(e.Y).reshape(e.R, e.S, e.R))


def exported_output(e: Economy) -> tuple[Any, Any, Any]:
    """Return X by (region, sector, consumer), and its own and exported parts, (R, S) each."""
    X = e.output(e.Y).reshape(e.R, e.S, e.R)
    own = e.xp.einsum("rsr->rs", X)
    return X, own, X.sum(axis=2) - own
