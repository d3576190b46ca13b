"""Shared producer and consumer responsibility (Gallego & Lenzen 2005)."""

from __future__ import annotations

from typing import Any

from mriocarbon.accounts.economy import Economy, by_region
from mriocarbon.errors import InputError, UnknownNameError


def shares(e: Economy) -> Any:
    """Return the default a_i = clip(1 - v_i / (x_i - Z_ii), 0, 1), 1 where x_i = Z_ii."""
    xp = e.xp
    v = e.primary("all")
    net = e.x - xp.diagonal(e.Z)
    none = net == 0
    raw = xp.where(none, 1.0, 1.0 - v / xp.where(none, 1.0, net))
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
    passed = a[:, None] * e.Z
    if self_deliveries == "inside":
        eye = xp.eye(n, dtype=bool)
        passed = xp.where(eye, e.Z, passed)
    m = e.left_of(passed, e.F)
    kept = (e.Z - passed).sum(axis=1) + (1.0 - b) * e.Y.sum(axis=1)
    return by_region(e, m * kept) + (m * b) @ e.Y


def _share(e: Economy, value: Any, name: str, n: int) -> Any:
    xp = e.xp
    array = xp.asarray(value, dtype=float)
    if array.ndim == 0:
        array = xp.full(n, array)
    elif array.shape == (e.S,) and e.R > 1:
        array = xp.tile(array, e.R)
    if array.shape != (n,):
        raise InputError(
            f"{name} has shape {array.shape}",
            where="principle 'shared'",
            do=f"give one number, one for each of {e.S} sectors, or one for each of {n}",
        )
    if xp.__name__ == "numpy" and not ((array >= 0) & (array <= 1)).all():
        raise InputError(
            f"{name} leaves [0, 1]: {array.min():g} to {array.max():g}",
            where="principle 'shared'",
            do="give shares between 0 and 1",
        )
    return array
