"""Shared producer and consumer responsibility (Gallego & Lenzen 2005)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mriocarbon.accounts.economy import Economy, by_region
from mriocarbon.accounts.options import given, numbers
from mriocarbon.errors import UnknownNameError


def shares(e: Economy) -> Any:
    """Return the default a_i = clip(1 - v_i / (x_i - Z_ii), 0, 1), 1 where x_i = Z_ii.

    In coefficients: ``1 - v_c / (1 - A_ii)``.
    """
    xp = e.xp
    net = 1.0 - e.own_use()
    none = net == 0
    raw = xp.where(none, 1.0, 1.0 - e.primary("all") / xp.where(none, 1.0, net))
    notes = getattr(e, "notes", None)
    if notes is not None:
        clipped = [k for k in range(len(raw)) if raw[k] < 0 or raw[k] > 1]
        if clipped:
            names = ", ".join(e.system.names[k] for k in clipped[:5])  # type: ignore[attr-defined]
            notes.append(f"shares clipped to [0, 1] in {len(clipped)} sectors: {names}")
    return xp.clip(raw, 0.0, 1.0)


def shared(e: Economy, *, a: Any = None, b: Any = None, self_deliveries: str = "as booked") -> Any:
    """Producer part R[m_a * ((1-a)*(Z1) + (1-b)*(Y1))], consumer part (m_a * b)'Y.

    ``m_a' = q'(I - diag(a) A)^-1``. a_i is the share of its burden that sector i passes on to
    the next producer, b_i the share it passes on to final consumers; b = a by default. With
    ``self_deliveries="inside"`` the elementwise alpha has alpha_ii = 1, in the system and in
    both parts, so that the result does not depend on how a sector's sales to itself are booked.
    """
    xp = e.xp
    n = e.R * e.S
    a = shares(e) if a is None else _share(e, a, "a", n)
    b = a if b is None else _share(e, b, "b", n)
    if self_deliveries not in ("as booked", "inside"):
        raise UnknownNameError.of("self_deliveries", self_deliveries, ["as booked", "inside"])
    alpha = a[:, None]
    if self_deliveries == "inside":
        alpha = xp.where(xp.eye(n, dtype=bool), 1.0, alpha)
    m = e.multipliers_of(e.q, alpha)
    kept = ((1.0 - alpha) * e.Z).sum(axis=1) + (1.0 - b) * e.Y.sum(axis=1)
    return by_region(e, m * kept) + (m * b) @ e.Y


def _share(e: Economy, value: Any, name: str, n: int) -> Any:
    """Shares in [0, 1]: one number, one for each sector, or one for each region and sector."""
    array = numbers(value, name)
    if array.shape == (e.S,) and e.R > 1:
        array = np.tile(array, e.R)
    return given(e, array, name, (n,), low=0.0, high=1.0, scalar=True)
