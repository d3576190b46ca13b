"""The few quantities all principles are written in, over numpy or over JAX.

Notation: q = F/x (0 where x = 0), L = (I - A)^-1, X = L Y, ``M = diag(x) - Z``; n = R * S sectors,
region-major; F holds k stressors at once, shape (k, n), because every principle is linear in it.
The numpy economy reuses the factored system of the table; the JAX economy (in `gradients`)
starts from S, A and Y, from which x, Z and v follow, so that JAX can differentiate it.
"""

from __future__ import annotations

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

    def per_output(self, a: Any) -> Any:
        """Return a / x along the last axis, 0 where x = 0."""

    def left(self, F: Any) -> Any:
        """Return m, shape (k, n), with ``m' M = F``: multipliers of emissions F."""

    def right(self, B: Any) -> Any:
        """Return ``M^-1 B``, shape (n, k): ``L B`` divided by x."""

    def ghosh(self, F: Any) -> Any:
        """Return G q for each row of F, shape (k, n)."""

    def left_of(self, T: Any, F: Any) -> Any:
        """Return m with ``m' (diag(x) - T) = F`` for other flows T, shape (n, n)."""

    def left_within(self, F: Any) -> Any:
        """Return m with ``m_r' (diag(x_r) - Z_rr) = F_r`` in each region, shape (R, S, k)."""

    def primary(self, which: str) -> Any:
        """Return primary inputs v, shape (n,): ``"all"`` (x' - 1'Z) or ``"value_added"``."""


class TableEconomy:
    """The economy of a table, in numpy; remembers solved multipliers and the worst error."""

    xp: Any = np

    def __init__(self, mrio: MRIO, F: Array) -> None:
        self.mrio = mrio
        self.system: Leontief = leontief(mrio)
        self.R, self.S = len(mrio.regions), len(mrio.sectors)
        self.x, self.Z, self.Y, self.F = mrio.x, mrio.Z, mrio.final_demand, F
        # Even a plain sum rounds: pairwise summation errs by about eps log2(n).
        self.error = float(np.finfo(float).eps * np.log2(len(mrio.x) + 1))
        self.notes: list[str] = []
        self._m: Array | None = None
        self._X: Array | None = None

    def per_output(self, a: Array) -> Array:
        return np.where(self.system.zero, 0.0, a / self.system.output_)

    def left(self, F: Array) -> Array:
        if F is self.F and self._m is not None:
            return self._m
        placed = np.where(self.system.zero, 0.0, F)
        solution = self.system.left(placed)
        self.error = max(self.error, solution.error)
        if F is self.F:
            self._m = solution.value
        return solution.value

    def right(self, B: Array) -> Array:
        if B is self.Y and self._X is not None:
            return self._X
        solution = self.system.right(B)
        self.error = max(self.error, solution.error)
        if B is self.Y:
            self._X = solution.value
        return solution.value

    def ghosh(self, F: Array) -> Array:
        solution = self.system.ghosh_multipliers(self.per_output(F))
        self.error = max(self.error, solution.error)
        return solution.value

    def left_of(self, T: Array, F: Array) -> Array:
        names = self.system.names
        solution = Leontief(np.ascontiguousarray(T), self.x, names).left(
            np.where(self.system.zero, 0.0, F), method="lu"
        )
        self.error = max(self.error, solution.error)
        return solution.value

    def left_within(self, F: Array) -> Array:
        M, F_r = within(self, F)
        m = np.linalg.solve(M, F_r)
        # The same bound as in solve.system, block by block: |r|' t with M t = x.
        x = np.where(self.system.zero, 1.0, self.x).reshape(self.R, self.S, 1)
        t = np.abs(np.linalg.solve(np.swapaxes(M, 1, 2), x))
        rounding = (self.S + 2) * np.finfo(float).eps
        residual = np.abs(F_r - M @ m) + rounding * (np.abs(F_r) + np.abs(M) @ np.abs(m))
        size = (np.abs(m) * x).sum()
        if size > 0:
            self.error = max(self.error, float((residual * t).sum() / size))
        return m

    def primary(self, which: str) -> Array:
        if which == "all":
            return self.mrio.primary_inputs
        if which != "value_added":
            raise UnknownNameError.of("primary inputs", which, ["all", "value_added"])
        if self.mrio.value_added is None:
            raise NotAvailableError(
                "this table has no value added of its own",
                where=f"table {self.mrio.provenance.dataset!r}",
                do='use primary_inputs="all", or give value_added= when building the table',
            )
        rows = self.mrio.value_added_rows
        keep = [k for k, row in enumerate(rows) if "tax" not in row.casefold()]
        return np.asarray(self.mrio.value_added[keep].sum(axis=0))


def within(e: Economy, F: Any) -> tuple[Any, Any]:
    """Return M_rr' = (diag(x_r) - Z_rr)', shape (R, S, S), and F by region, (R, S, k)."""
    xp, R, S = e.xp, e.R, e.S
    blocks = e.Z.reshape(R, S, R, S)
    own = xp.stack([blocks[r, :, r] for r in range(R)])
    x = e.x.reshape(R, S)
    zero = x == 0
    diagonal = xp.eye(S) * xp.where(zero, 1.0, x)[:, :, None]
    M = diagonal - xp.where(zero[:, None, :], 0.0, own)
    return xp.swapaxes(M, 1, 2), xp.moveaxis(placed(e, F).reshape(-1, R, S), 0, 2)


def by_region(e: Economy, a: Any) -> Any:
    """Sum the last axis, n, over the sectors of each region: (..., n) -> (..., R)."""
    return a.reshape(*a.shape[:-1], e.R, e.S).sum(axis=-1)


def production_of(e: Economy, F: Any) -> Any:
    """Return R F, shape (k, R)."""
    return by_region(e, F)


def embodied(e: Economy) -> Any:
    """Return E = R diag(q) L Y for each stressor, shape (k, R, R): origin x consumer."""
    xp = e.xp
    share = placed(e, e.F).reshape(-1, e.R, e.S)
    u = e.right(e.Y).reshape(e.R, e.S, e.R)  # L Y / x
    return xp.einsum("krs,rsc->krc", share, u)


def placed(e: Economy, F: Any) -> Any:
    """Return q x: emissions of sectors that have an output to place them by."""
    return e.xp.where(e.x == 0, 0.0, F)


def exported_output(e: Economy) -> tuple[Any, Any]:
    """Return (own, exported): X_{(r,i),r} and X_i^{r,exp}, both of shape (R, S)."""
    xp = e.xp
    X = (e.right(e.Y) * e.x[:, None]).reshape(e.R, e.S, e.R)
    own = xp.einsum("rsr->rs", X)
    return own, X.sum(axis=2) - own
