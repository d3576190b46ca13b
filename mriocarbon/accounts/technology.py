"""Technology-adjusted accounts: exports credited at the world's intensity, not one's own."""

from __future__ import annotations

from typing import Any

from mriocarbon.accounts.economy import Economy, embodied, exported_output
from mriocarbon.accounts.trade_based import production
from mriocarbon.errors import UnknownNameError


def _world_intensity(e: Economy, weights: str) -> Any:
    """qbar_i = sum_r q_ri w_ri / sum_r w_ri, 0 where the weights are; shape (k, S)."""
    xp = e.xp
    q = e.q.reshape(-1, e.R, e.S)
    if weights == "exports":
        w = exported_output(e)[2]
    elif weights == "output":
        w = e.x.reshape(e.R, e.S)
    else:
        raise UnknownNameError.of("weights", weights, ["exports", "output"])
    total = w.sum(axis=0)
    none = total == 0
    return xp.where(none, 0.0, (q * w).sum(axis=1) / xp.where(none, 1.0, total))


def technology_adjusted(e: Economy, *, weights: str = "exports") -> Any:
    """PBA_r - sum_i qbar_i X_i^{r,exp} + emissions embodied in imports.

    X_i^{r,exp} is the output of (r, i) that final demand abroad asks for, not gross exports.
    With the default weights, exports, the credits add up to the exported emissions, so that the
    account conserves; with gross output as weights it does not.
    """
    E = embodied(e)
    _, _, exported = exported_output(e)
    credit = _world_intensity(e, weights) @ exported.T
    own = e.xp.einsum("krr->kr", E)
    return production(e) - credit + (E.sum(axis=1) - own)


def technology_adjusted_balanced(e: Economy, *, weights: str = "output") -> Any:
    """PBA_r - sum_i qbar_i X_i^{r,exp} + sum_{s != r} sum_i qbar_i X_{(s,i),r}.

    Credits and debits are both at qbar, so that the account conserves for any weights.
    """
    qbar = _world_intensity(e, weights)
    X, own, exported = exported_output(e)
    imported = X.sum(axis=0).T - own
    return production(e) - qbar @ exported.T + qbar @ imported.T


def era(e: Economy) -> Any:
    """Emission responsibility allotment, as read from the paper's abstract and main equations.

    The benchmark without trade is each region making what it consumes with its own intensities;
    a flow of product i from r to s then saves (q_si - q_ri) X_{(r,i),s} for the world, and r and
    s each get half of it:

        ERA_r = sum_i [ q_ri X_{(r,i),r}
                        + sum_{s != r} (q_ri + q_si)/2 X_{(s,i),r}
                        + sum_{s != r} (q_ri - q_si)/2 X_{(r,i),s} ]

    where the importer makes no such product (x = 0) the exporter's intensity stands for its own.
    It conserves. The equal split and the treatment of products not made at home have not been
    checked against the paper's Supplementary Note 1: experimental.
    """
    xp = e.xp
    X = e.output(e.Y).reshape(e.R, e.S, e.R)
    q = e.q.reshape(-1, e.R, e.S)
    made = (e.x.reshape(e.R, e.S) > 0)[None, :, :]
    rows = []
    for r in range(e.R):
        # Intensity of r for each product, or the partner's own where r does not make it.
        mine = xp.where(made[:, r : r + 1], q[:, r : r + 1], q)
        other = xp.where(made, q, q[:, r : r + 1])
        away = xp.arange(e.R) != r
        imports = (0.5 * (mine + q) * X[None, :, :, r]).sum(axis=2)
        exports = (0.5 * (q[:, r : r + 1] - other) * X[r].T[None, :, :]).sum(axis=2)
        home = (q[:, r] * X[r, :, r]).sum(axis=1)
        rows.append(home + xp.where(away, imports + exports, 0.0).sum(axis=1))
    return xp.stack(rows, axis=1)
