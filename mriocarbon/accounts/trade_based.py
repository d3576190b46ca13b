"""Production, consumption, trade balance, income and final producer.

Each function takes an `Economy` and returns the accounts of all regions for each stressor,
shape (k, R), without households. The equations are in the docstrings, the references in
`registry`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mriocarbon.accounts.economy import Economy, by_region, embodied
from mriocarbon.accounts.options import given
from mriocarbon.errors import InputError


def production(e: Economy) -> Any:
    """R f."""
    return by_region(e, e.F)


def consumption(e: Economy) -> Any:
    """Column sums of E = R diag(q) L Y, which are m'Y with m' = q'L."""
    return e.multipliers(e.q) @ e.Y


def trade_emissions(e: Economy) -> Any:
    """t_rs = q_r'(I - A_rr)^-1 (Y_rs + Z_rs 1) for s != r, 0 on the diagonal; (k, R, R)."""
    xp, R, S = e.xp, e.R, e.S
    m = e.multipliers_within(e.q)  # (R, S, k)
    exports = e.Z.reshape(R, S, R, S).sum(axis=3) + e.Y.reshape(R, S, R)
    t = xp.einsum("rsk,rsc->krc", m, exports)
    return t * (1.0 - xp.eye(R))


def eebt(e: Economy) -> Any:
    """PBA_r - sum_s t_rs + sum_s t_sr: emissions embodied in bilateral trade."""
    t = trade_emissions(e)
    return production(e) - t.sum(axis=2) + t.sum(axis=1)


def income(e: Economy, *, primary_inputs: str = "all") -> Any:
    """R diag(v) G q, which is R diag(v_c) L f since G = diag(x)^-1 L diag(x).

    With all primary inputs v' = x' - 1'Z this conserves, since v'G = x'. With value added only
    the accounts are rescaled by one factor for the world, sum(f) / (v'G q), which is noted.
    """
    placed = e.q * e.x
    enabled = e.output(placed.T).T
    accounts = by_region(e, e.primary(primary_inputs) * enabled)
    if primary_inputs == "all":
        return accounts
    total, found = placed.sum(axis=1), accounts.sum(axis=1)
    none = found == 0
    if e.xp is np and (total[none] != 0).any():
        raise InputError(
            "value added enables no emissions at all, so that no factor closes the world total",
            where="value added of the table",
            do='correct it, or use primary_inputs="all"',
        )
    # A gas that nobody emits has nothing to be scaled.
    scale = e.xp.where(none, 1.0, total / e.xp.where(none, 1.0, found))
    notes = getattr(e, "notes", None)
    if notes is not None:
        factors = f"{scale.min():.6f}"
        if scale.max() - scale.min() > 1e-6:  # one factor for each of several stressors
            factors += f" to {scale.max():.6f}"
        notes.append(f"value added only: accounts rescaled by {factors} to close the world total")
    return accounts * scale[:, None]


def final_producer(e: Economy) -> Any:
    """R (m * Y1): emissions go to where the final product is finished."""
    return by_region(e, e.multipliers(e.q) * e.Y.sum(axis=1))


def half_half(e: Economy, *, primary_inputs: str = "all") -> Any:
    """Mean of consumption and income."""
    return 0.5 * (consumption(e) + income(e, primary_inputs=primary_inputs))


def value_added(e: Economy, *, primary_inputs: str = "all") -> Any:
    """R diag(v_c) L [(m * Y1) / (v_c'L)], 0 where x = 0.

    The emissions of each final product are shared out along its chain in proportion to the
    primary inputs earned there. With all primary inputs v_c'L = 1, and the division is exact.
    """
    xp = e.xp
    v_c = e.primary(primary_inputs)
    content = e.multipliers(v_c[None, :])[0]  # v_c'L
    chain = e.multipliers(e.q) * e.Y.sum(axis=1)
    dead = xp.abs(content) <= 1e-12  # no primary input anywhere in the chain: cannot be shared
    weights = xp.where(dead, 0.0, chain / xp.where(dead, 1.0, content))
    return by_region(e, v_c * e.output(weights.T).T)


def benefit_shared(e: Economy, *, phi: Any = 0.5) -> Any:
    """E_rr + sum_s phi_rs E_rs + sum_s (1 - phi_sr) E_sr, s != r.

    phi_rs is the share of the emissions that r makes for s which stays with the producer r.
    """
    E = embodied(e)
    # On the diagonal phi has no effect: phi E_rr + (1 - phi) E_rr = E_rr.
    share = given(e, phi, "phi", (e.R, e.R), low=0.0, high=1.0, scalar=True)
    return (share * E).sum(axis=2) + ((1.0 - share) * E).sum(axis=1)
