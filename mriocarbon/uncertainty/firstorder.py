"""First-order variance of every national footprint, all n^2 cells at once, in O(n^2).

With q = F/x, m' = q'(I - A)^-1, X = (I - A)^-1 Y and h_r = X_r / x (the share of a sector's
output that ends in region r's final demand), the footprint of region r is E_r = q'X_r and

==============  ================================  =======================================
change of       output fixed                      row balance (x = Z 1 + Y 1, F held)
==============  ================================  =======================================
F_i             h_ir                              h_ir
Z_ij            m_i h_jr                          m_i (h_jr - h_ir)
Y_is            m_i [r = s]                       m_i ([r = s] - h_ir)
==============  ================================  =======================================

The left column is dE = dq'X + m'dA X + m'dY with dA = dZ / x; on the right x moves with its
uses, dx_k costs dE_r = -m_k h_kr, and the changes of all regions add up to nothing. The variance
follows as the sum of squared (sensitivity x standard deviation), with the cells of a country, of
an industry or of all added before squaring in the proportion in which they share their errors.
Sensitivities are never stored: every sum over (i, j) is a product of a matrix with n x R shares.

References: Heijungs & Lenzen (2014), doi:10.1007/s11367-013-0664-2 (first-order propagation in
matrix models); Lenzen, Wood & Wiedmann (2010), doi:10.1080/09535311003661226.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.accounts.compute import direct_emissions, resolve
from mriocarbon.accounts.economy import TableEconomy
from mriocarbon.errors import NotAvailableError
from mriocarbon.model.brief import brief
from mriocarbon.model.table import MRIO
from mriocarbon.uncertainty.describing import described
from mriocarbon.uncertainty.distributions import Dirichlet
from mriocarbon.uncertainty.errormodel import Correlation, ErrorModel, relative

Array = NDArray[np.float64]
PARTS = ("stressor", "flows", "demand", "households")
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class FirstOrder:
    """Variances of the footprints of all regions, in the squared unit of the stressor.

    Attributes
    ----------
    value : ndarray (R,)
        The footprints.
    parts : mapping of str to ndarray (R,)
        Variance from the stressor, the flows, final demand and households.
    by_country, by_industry : ndarray (R, R) and (R, S)
        Own-error variance from the cells of each country (of the user of a flow) and of each
        industry (of the supplier), without what cells share and without a Dirichlet's.
    basis : str
        The error model in words, and what is held while cells vary.
    """

    value: Array
    parts: dict[str, Array]
    by_country: Array
    by_industry: Array
    basis: str

    __repr__ = brief

    @property
    def variance(self) -> Array:
        """All parts together, shape (R,)."""
        return np.asarray(np.sum([self.parts[part] for part in PARTS], axis=0))

    @property
    def sd(self) -> Array:
        """Standard deviation, shape (R,)."""
        return np.asarray(np.sqrt(self.variance))


def first_order(
    mrio: MRIO,
    errors: ErrorModel,
    *,
    stressor: str | None = None,
    households: bool = True,
    less_production: Array | None = None,
) -> FirstOrder:
    """Return the first-order variances of all consumption-based accounts.

    Parameters
    ----------
    mrio : MRIO
    errors : ErrorModel
    stressor : str, optional
    households : bool
        Add households' direct emissions and their errors.
    less_production : ndarray (R,), optional
        Weights w: the variances are those of E_r - w_r P_r, P_r what the region emits itself,
        whose errors are in E_r too (a paired difference). `value` stays E.

    Returns
    -------
    FirstOrder

    Raises
    ------
    UnknownNameError, NotProductiveError, InputError, ShapeError
    NotAvailableError
        For ``balance="gras"``.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> found = first_order(mc.load("oecd-icio-2022"), ErrorModel(stressor=0.1), stressor="GHG")
    >>> found.sd.shape
    (20,)
    """
    require_linear(errors)
    extension, row = resolve(mrio, stressor)
    economy = TableEconomy(mrio, extension.F[row : row + 1])
    R, S = economy.R, economy.S
    F = economy.F[0]
    errors.check(F, economy.Z, economy.Y, np.zeros(R))
    m = economy.multipliers(economy.q)[0]
    X = economy.output(economy.Y)
    h = np.where(economy.system.zero[:, None], 0.0, X / economy.system.output_[:, None])
    value = F @ h
    moving = errors.balance == "row balance"
    total = _Variance(R, S)
    less = np.zeros(R) if less_production is None else less_production
    _stressor(total, economy, F, h - np.repeat(np.diag(less), S, axis=0), errors)
    _demand(total, economy, m, h, errors, moving)
    _flows(total, economy, m, h, errors, moving)
    if households:
        direct, _, _ = direct_emissions(extension, row, R, len(mrio.categories))
        value = value + direct
        total.parts["households"] = (
            (1 - less) * direct * relative(errors.households, direct, "households")
        ) ** 2
    return FirstOrder(value, total.parts, total.country, total.industry, described(errors))


def require_linear(errors: ErrorModel) -> None:
    """Raise NotAvailableError for what first order does not cover."""
    if errors.balance == "gras":
        raise NotAvailableError(
            "first order does not follow a table through GRAS",
            where="error model, balance 'gras'",
            do='use uncertainty="monte-carlo" (on the command line --uncertainty monte-carlo), or'
            ' balance="row balance"',
        )


class _Variance:
    """Adds up the variances of the parts of the inputs."""

    def __init__(self, R: int, S: int) -> None:
        self.parts = {part: np.zeros(R) for part in PARTS}
        self.country = np.zeros((R, R))
        self.industry = np.zeros((R, S))


def _stressor(total: _Variance, e: TableEconomy, F: Array, h: Array, errors: ErrorModel) -> None:
    """Add the stressor: the deviation of i for account r is F_i h_ir."""
    part = "stressor"
    if isinstance(errors.stressor, Dirichlet):
        total.parts[part] += errors.stressor.variance(F, h)
        return
    d = (F * relative(errors.stressor, F, part))[:, None] * h
    shared = errors.stressor_shared
    total.parts[part] += shared.own * (d**2).sum(axis=0)
    total.country += shared.own * _of_countries(d**2, e.R, e.S).T
    total.industry += shared.own * _of_industries(d**2, e.R, e.S).T
    _add_shared(total, part, _of_countries(d, e.R, e.S), _of_industries(d, e.R, e.S), shared)


def _demand(
    total: _Variance, e: TableEconomy, m: Array, h: Array, errors: ErrorModel, moving: bool
) -> None:
    """Add final demand: the deviation of (i, s) for account r is G_is ([r = s] - h_ir)."""
    R, S = e.R, e.S
    G = m[:, None] * e.Y * relative(errors.demand, e.Y, "demand")
    mu = 1.0 if moving else 0.0
    G2 = G**2
    own = G2 * (1 - 2 * mu * h)  # what [r = s] picks out, shape (n, R)
    rest = mu * G2.sum(axis=1)[:, None] * h**2
    shared, part = errors.demand_shared, "demand"
    total.parts[part] += shared.own * (own + rest).sum(axis=0)
    total.country += shared.own * (np.diag(own.sum(axis=0)) + mu * (h**2).T @ G2)
    total.industry += shared.own * _of_industries(own + rest, R, S).T
    country = np.diag(G.sum(axis=0)) - mu * G.T @ h
    industry = _of_industries(G - mu * G.sum(axis=1)[:, None] * h, R, S)
    _add_shared(total, part, country, industry, shared)


def _flows(
    total: _Variance, e: TableEconomy, m: Array, h: Array, errors: ErrorModel, moving: bool
) -> None:
    """Add the flows: the deviation of (i, j) for account r is W_ij (h_jr - h_ir)."""
    R, S, n = e.R, e.S, len(m)
    mu = 1.0 if moving else 0.0
    h2 = h**2
    down, down2 = np.zeros((S, n)), np.zeros((S, n))  # sums over suppliers of an industry
    along, along2 = np.zeros((n, R)), np.zeros((n, R))  # sums over users of a country
    cross, back = np.zeros((n, R)), np.zeros((n, R))  # Q h and Q'h
    step = S * max(1, _BLOCK // S)  # whole countries, so that industries add up by reshaping
    for start in range(0, n, step):
        rows = slice(start, min(start + step, n))
        Z = e.Z[rows]
        s = errors.flows
        s = relative(s[rows] if isinstance(s, np.ndarray) else s, Z, "flows")
        W = m[rows, None] * Z * s
        Q = W**2
        down += W.reshape(-1, S, n).sum(axis=0)
        down2 += Q.reshape(-1, S, n).sum(axis=0)
        along[rows] = W.reshape(-1, R, S).sum(axis=2)
        along2[rows] = Q.reshape(-1, R, S).sum(axis=2)
        if moving:
            cross[rows] = Q @ h
            back += Q.T @ h[rows]
    shared, part = errors.flows_shared, "flows"
    columns, columns2 = down.sum(axis=0), down2.sum(axis=0)
    lines, lines2 = along.sum(axis=1), along2.sum(axis=1)
    by_user = columns2[:, None] * h2 - 2 * mu * h * back
    by_supplier = mu * (lines2[:, None] * h2 - 2 * h * cross)
    total.parts[part] += shared.own * (
        by_user.sum(axis=0) + mu * (lines2[:, None] * h2).sum(axis=0)
    )
    total.country += shared.own * (_of_countries(by_user, R, S) + mu * along2.T @ h2).T
    total.industry += shared.own * (_of_industries(by_supplier, R, S) + down2 @ h2).T
    country = _of_countries(columns[:, None] * h, R, S) - mu * along.T @ h
    industry = down @ h - mu * _of_industries(lines[:, None] * h, R, S)
    _add_shared(total, part, country, industry, shared)


def _add_shared(
    total: _Variance, part: str, country: Array, industry: Array, shared: Correlation
) -> None:
    """Add what cells share: `country` (R, R) and `industry` (S, R) are sums of deviations."""
    total.parts[part] += shared.country * (country**2).sum(axis=0)
    total.parts[part] += shared.industry * (industry**2).sum(axis=0)
    total.parts[part] += shared.source * country.sum(axis=0) ** 2


def _of_countries(a: Array, R: int, S: int) -> Array:
    return np.asarray(a.reshape(R, S, R).sum(axis=1))


def _of_industries(a: Array, R: int, S: int) -> Array:
    return np.asarray(a.reshape(R, S, R).sum(axis=0))
