"""Production, consumption, trade balance, income and final producer.

Each function takes an `Economy` and returns the accounts of all regions for each stressor,
shape (k, R), without households. The equations are in the docstrings, the references in
`registry`.
"""

from __future__ import annotations

from typing import Any

from mriocarbon.accounts.economy import Economy, by_region, embodied


def production(e: Economy) -> Any:
    """R f."""
    return by_region(e, e.F)


def consumption(e: Economy) -> Any:
    """Column sums of E = R diag(q) L Y, which are m'Y with m' = q'L."""
    return e.left(e.F) @ e.Y


def trade_emissions(e: Economy) -> Any:
    """t_rs = q_r'(I - A_rr)^-1 (Y_rs + Z_rs 1) for s != r, 0 on the diagonal; (k, R, R)."""
    xp, R, S = e.xp, e.R, e.S
    m = e.left_within(e.F)  # (R, S, k)
    exports = e.Z.reshape(R, S, R, S).sum(axis=3) + e.Y.reshape(R, S, R)
    t = xp.einsum("rsk,rsc->krc", m, exports)
    return t * (1.0 - xp.eye(R))


def eebt(e: Economy) -> Any:
    """PBA_r - sum_s t_rs + sum_s t_sr: emissions embodied in bilateral trade."""
    t = trade_emissions(e)
    return production(e) - t.sum(axis=2) + t.sum(axis=1)


def income(e: Economy, *, primary_inputs: str = "all") -> Any:
    """R diag(v) G q.

    With all primary inputs v' = x' - 1'Z this conserves, since v'G = x'. With value added only
    the accounts are rescaled by one factor for the world, sum(f) / (v'G q), which is noted.
    """
    v = e.primary(primary_inputs)
    enabled = e.ghosh(e.F)
    accounts = by_region(e, v * enabled)
    if primary_inputs == "all":
        return accounts
    whole = e.xp.where(e.x == 0, 0.0, e.F).sum(axis=1)
    scale = whole / accounts.sum(axis=1)
    notes = getattr(e, "notes", None)
    if notes is not None:
        factors = ", ".join(f"{float(value):.6f}" for value in scale)
        notes.append(f"value added only: accounts rescaled by {factors} to close the world total")
    return accounts * scale[:, None]


def final_producer(e: Economy) -> Any:
    """R (m * Y1): emissions go to where the final product is finished."""
    return by_region(e, e.left(e.F) * e.Y.sum(axis=1))


def half_half(e: Economy, *, primary_inputs: str = "all") -> Any:
    """Mean of consumption and income."""
    return 0.5 * (consumption(e) + income(e, primary_inputs=primary_inputs))


def value_added(e: Economy, *, primary_inputs: str = "all") -> Any:
    """R diag(v_c) L [(m * Y1) / (v_c'L)], 0 where x = 0.

    The emissions of each final product are shared out along its chain in proportion to the
    primary inputs earned there. With all primary inputs v_c'L = 1, and the division is exact.
    """
    xp = e.xp
    v = e.primary(primary_inputs)
    content = e.left(v[None, :])[0]  # v_c'L
    chain = e.left(e.F) * e.Y.sum(axis=1)
    dead = xp.abs(content) <= 1e-12  # no primary input anywhere in the chain: cannot be shared
    weights = xp.where(dead, 0.0, chain / xp.where(dead, 1.0, content))
    reached = e.right(weights.T).T  # L w / x
    return by_region(e, v * reached)


def benefit_shared(e: Economy, *, phi: Any = 0.5) -> Any:
    """E_rr + sum_s phi_rs E_rs + sum_s (1 - phi_sr) E_sr, s != r.

    phi_rs is the share of the emissions that r makes for s which stays with the producer r.
    """
    xp = e.xp
    E = embodied(e)
    share = xp.broadcast_to(xp.asarray(phi, dtype=float), (e.R, e.R))
    share = xp.where(xp.eye(e.R, dtype=bool), 1.0, share)
    return (share * E).sum(axis=2) + ((1.0 - share) * E).sum(axis=1)
