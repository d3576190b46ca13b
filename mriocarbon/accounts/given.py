"""Principles that need more than the table: capital flows, or who owns what."""

from __future__ import annotations

from typing import Any

import numpy as np

from mriocarbon.accounts.economy import Economy, by_region
from mriocarbon.errors import InputError, NotAvailableError, ShapeError


def capital_endogenised(e: Economy, *, K: Any = None) -> Any:
    """m_K'(Y - Y_K), m_K' = q'(I - A - A_K)^-1, A_K = K diag(x)^-1.

    K, shape (n, n) in the money of Z, holds the capital goods (rows) that each industry (column)
    uses up in the year. Y_K, what the industries of each region use up, is taken off that
    region's final demand, so that (I - A - A_K) x = (Y - Y_K) 1 and the account conserves.
    """
    xp, n = e.xp, e.R * e.S
    if K is None:
        raise NotAvailableError(
            "capital flows are not in the table",
            where="principle 'capital-endogenised'",
            do="pass K=, the capital goods used up by each industry, shape (n, n), in the table's"
            " money",
        )
    K = xp.asarray(K, dtype=float)
    if K.shape != (n, n):
        raise ShapeError(f"K has shape {K.shape}", where="K", do=f"give ({n}, {n})")
    consumed = by_region(e, K)
    return e.left_of(e.Z + K, e.F) @ (e.Y - consumed)


def ownership(e: Economy, *, W: Any = None) -> Any:
    """W f, with W[r, j] the share of sector j, wherever it stands, that region r owns."""
    xp, n = e.xp, e.R * e.S
    if W is None:
        raise NotAvailableError(
            "ownership is not in the table",
            where="principle 'ownership'",
            do="pass W=, shape (regions, n), the share of each sector owned by each region",
        )
    W = xp.asarray(W, dtype=float)
    if W.shape != (e.R, n):
        raise ShapeError(f"W has shape {W.shape}", where="W", do=f"give ({e.R}, {n})")
    if xp is np:
        off = np.abs(W.sum(axis=0) - 1.0) > 1e-9
        if off.any():
            raise InputError(
                f"{int(off.sum())} columns of W do not sum to 1",
                where=f"first: column {int(np.flatnonzero(off)[0])}",
                do="give shares of ownership, the home region's included",
            )
    return e.F @ W.T
