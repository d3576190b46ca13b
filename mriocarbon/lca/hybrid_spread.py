r"""How sure a multiplier of the table is: first order over all of its cells, gas by gas.

For a bundle of products d (money by industry) with :math:`h = (I-A)^{-1} d / x` and the
multipliers m, output following its uses (:math:`x = Z1 + Y1`),

.. math::
    \partial (m'd) / \partial F_i = h_i, \quad
    \partial (m'd) / \partial Z_{ij} = m_i (h_j - h_i), \quad
    \partial (m'd) / \partial Y_{is} = -m_i h_i

and the terms in :math:`-h_i` vanish where output is held. The sizes and shared parts of the errors
are those of the table's error model (`mriocarbon.uncertainty.default_errors`), most of them
assumed. What one product may differ from the average of its industry is **not** in it; see
`hybrid.PRODUCT_SPREAD`.

Reference: Heijungs & Lenzen (2014), doi:10.1007/s11367-013-0664-2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import resolve
from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.lca.hybrid_gases import TableGases
from mriocarbon.model.table import MRIO
from mriocarbon.solve import leontief
from mriocarbon.uncertainty.defaults import default_errors
from mriocarbon.uncertainty.distributions import Dirichlet
from mriocarbon.uncertainty.errormodel import Correlation, ErrorModel, relative

__all__ = ["multiplier_spread"]

Array = NDArray[np.float64]
_BLOCK = 256


def multiplier_spread(
    mrio: MRIO, gases: TableGases, bundles: Array, errors: dict[str, ErrorModel] | None = None
) -> tuple[Array, str]:
    """Return the log standard deviation of what bundles of products emit, and its basis.

    Parameters
    ----------
    mrio : MRIO
    gases : TableGases
        Of the table.
    bundles : ndarray, shape (n, k)
        Money by industry, any unit.
    errors : mapping of stressor to ErrorModel, optional
        For every stressor of `gases`; the default model of the table if not given.

    Returns
    -------
    spread : ndarray, shape (g, k)
        ``sqrt(log(1 + r^2))`` with r the relative standard deviation; 0 where nothing is emitted.
    basis : str
        "" where the table has no error model: the spread is then 0 and must not be used.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.lca.hybrid_gases import table_gases
    >>> mrio = mc.load("oecd-icio-2022")
    >>> bundle = np.zeros((len(mrio.index), 1))
    >>> bundle[mrio.index.pairs.index(("CHN", "C24A"))] = 1.0
    >>> spread, basis = multiplier_spread(mrio, table_gases(mrio), bundle)
    >>> spread[:, 0].round(2).tolist()  # CO2, CH4 fossil and biogenic, N2O, F-gases
    [0.02, 0.1, 0.14, 0.47, 0.16]
    """
    D = np.asarray(bundles, dtype=np.float64)
    names = dict.fromkeys(gases.stressors)
    if errors is None:
        try:
            errors = {s: default_errors(mrio, s) for s in names}
        except NotAvailableError:
            return np.zeros((len(gases.names), D.shape[1])), ""
    system = leontief(mrio)
    h = np.where(system.zero[:, None], 0.0, system.output(D).value / system.output_[:, None])
    model = next(iter(errors.values()))
    if model.balance == "gras":
        raise InputError("first order does not follow a table through GRAS", where="error model",
                         do="give balance='row balance' or 'fixed output'")  # fmt: skip
    moving = model.balance == "row balance"
    # flows err once for all gases: their errors are those of the first model
    variance = _flows(mrio, gases.m, h, model, moving)
    if moving:
        variance += _demand(mrio, gases.m, h, model)
    R, S = len(mrio.regions), len(mrio.sectors)
    for g, stressor in enumerate(gases.stressors):
        F = np.where(system.zero, 0.0, gases.q[g] * system.output_)
        variance[g] += _emissions(F, _of_stressor(mrio, stressor, errors), h, R, S)
    value = np.abs(gases.m @ D)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(value > 0, variance / np.where(value > 0, value, 1.0) ** 2, 0.0)
    return np.sqrt(np.log1p(ratio)), f"first order; {model.basis}"


def _of_stressor(
    mrio: MRIO, stressor: str, errors: dict[str, ErrorModel]
) -> tuple[Array | float, Correlation]:
    model = errors[stressor]
    extension, row = resolve(mrio, stressor)
    if isinstance(model.stressor, Dirichlet):
        raise InputError("a Dirichlet over the stressor has no errors cell by cell",
                         where="error model", do="give relative standard deviations")  # fmt: skip
    return relative(model.stressor, extension.F[row], "stressor"), model.stressor_shared


def _emissions(
    F: Array, error: tuple[Array | float, Correlation], h: Array, R: int, S: int
) -> Array:
    """Variance from the emissions themselves, shape (k,)."""
    d = (F * error[0])[:, None] * h
    return _own_and_shared((d**2).sum(axis=0), _by(d, R, S, 1), _by(d, R, S, 0), error[1])


def _own_and_shared(own: Array, country: Array, industry: Array, shared: Correlation) -> Array:
    """Add up what cells err alone, by country (C, ...), by industry (S, ...) and together."""
    return np.asarray(
        shared.own * own
        + shared.country * (country**2).sum(axis=0)
        + shared.industry * (industry**2).sum(axis=0)
        + shared.source * country.sum(axis=0) ** 2
    )


def _by(a: Array, R: int, S: int, axis: int) -> Array:
    """Sum the sectors of a region (axis 1) or the regions of an industry (axis 0)."""
    return np.asarray(a.reshape(R, S, *a.shape[1:]).sum(axis=axis))


def _demand(mrio: MRIO, m: Array, h: Array, errors: ErrorModel) -> Array:
    """Variance from final demand, which moves output, shape (g, k)."""
    R, S = len(mrio.regions), len(mrio.sectors)
    Y = mrio.Y.reshape(len(h), R, -1).sum(axis=2)
    T = Y * relative(errors.demand, Y, "demand")
    out = np.zeros((len(m), h.shape[1]))
    for g in range(len(m)):
        w = m[g][:, None] * h
        own = (T**2).sum(axis=1) @ w**2
        country = T.T @ w
        industry = _by(T.sum(axis=1)[:, None] * w, R, S, 0)
        out[g] = _own_and_shared(own, country, industry, errors.demand_shared)
    return out


def _flows(mrio: MRIO, m: Array, h: Array, errors: ErrorModel, moving: bool) -> Array:
    """Variance from the flows, in one pass over Z, shape (g, k)."""
    n, k = h.shape
    R, S, G = len(mrio.regions), len(mrio.sectors), len(m)
    mu = 1.0 if moving else 0.0
    h2 = h**2
    own = np.zeros((G, k))
    country = np.zeros((R, G, k))
    industry = np.zeros((S, G, k))
    for start in range(0, n, _BLOCK):
        rows = slice(start, min(start + _BLOCK, n))
        Z, law = mrio.Z[rows], errors.flows
        T = Z * relative(law[rows] if isinstance(law, np.ndarray) else law, Z, "flows")
        Q = T**2
        a, mb = h[rows], m[:, rows]
        # sum_j Q_ij (h_j - h_i)^2, then over suppliers with m_i^2
        spread = Q @ h2 - mu * (2 * a * (Q @ h) - a**2 * Q.sum(axis=1)[:, None])
        own += (mb**2) @ np.maximum(spread, 0.0)
        lines = T.reshape(-1, R, S)
        for c in range(R):
            part = lines[:, c] @ h[c * S : (c + 1) * S] - mu * a * lines[:, c].sum(axis=1)[:, None]
            country[c] += mb @ part
        total = T @ h - mu * a * T.sum(axis=1)[:, None]
        weighted = mb.T[:, :, None] * total[:, None, :]
        np.add.at(industry, np.arange(rows.start, rows.stop) % S, weighted)
    shared = errors.flows_shared
    return _own_and_shared(own, country, industry, shared)
