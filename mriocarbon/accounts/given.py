"""Principles that need more than the table: capital flows, or who owns what."""

from __future__ import annotations

from typing import Any

import numpy as np

from mriocarbon.accounts.economy import Economy, by_region
from mriocarbon.accounts.options import given, numbers
from mriocarbon.errors import InputError, NotAvailableError


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
    K = given(e, K, "K", (n, n), low=0.0)
    consumed = by_region(e, K)
    return e.multipliers_of(e.q, xp.ones((n, 1)), K) @ (e.Y - consumed)


def ownership(e: Economy, *, W: Any = None) -> Any:
    """W f, with W[r, j] the share of sector j, wherever it stands, that region r owns."""
    n = e.R * e.S
    if W is None:
        raise NotAvailableError(
            "ownership is not in the table",
            where="principle 'ownership'",
            do="pass W=, shape (regions, n), the share of each sector owned by each region",
        )
    shares = numbers(W, "W")  # as numbers of numpy: JAX's may be traced and have no value yet
    W = given(e, shares, "W", (e.R, n), low=0.0, high=1.0)
    off = np.abs(shares.sum(axis=0) - 1.0) > 1e-9
    if off.any():
        raise InputError(
            f"{int(off.sum())} columns of W do not sum to 1",
            where=f"first: column {int(np.flatnonzero(off)[0])}",
            do="give shares of ownership, the home region's included",
        )
    return e.F @ W.T
