"""What is known of the errors of a table, its final demand and its stressors.

Every cell has a relative standard deviation; errors of one part may share causes. Of the error
of a cell, in standard deviations,

``e = sqrt(1 - rho_country - rho_industry - rho_source) u + sqrt(rho_country) z_country
+ sqrt(rho_industry) z_industry + sqrt(rho_source) z``

with independent standard normal u (one per cell), z_country (one per reporting country),
z_industry (one per industry) and z (one for the whole part). Shares of 0 and of 1 bracket what
the correlation can do (Rodrigues et al. 2018, doi:10.1021/acs.est.8b00632).
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, ShapeError
from mriocarbon.model.checked import is_real
from mriocarbon.uncertainty.distributions import Dirichlet, Distribution, Lognormal

Array = NDArray[np.float64]
BALANCES = ("row balance", "fixed output", "gras")


@dataclass(frozen=True, slots=True)
class SizeLaw:
    """Relative standard deviation that falls with the size of a cell, ``r = a |v|^b``.

    Large flows are known better than small ones (Lenzen, Wood & Wiedmann 2010,
    doi:10.1080/09535311003661226, fit such a law to reported errors).

    Attributes
    ----------
    a : float
        Relative standard deviation of a cell of one unit.
    b : float
        Exponent, at most 0.
    floor, ceiling : float
        Bounds of r.

    Examples
    --------
    >>> law = SizeLaw(a=0.4, b=-0.3)
    >>> law.of(np.array([1.0, 1000.0])).round(3).tolist()
    [0.4, 0.05]
    """

    a: float
    b: float
    floor: float = 0.0
    ceiling: float = 1.0

    def __post_init__(self) -> None:
        figures = (self.a, self.b, self.floor, self.ceiling)
        if not (
            all(map(is_real, figures)) and self.a >= 0 >= self.b and 0 <= self.floor <= self.ceiling
        ):
            raise InputError(
                f"no size law: a={self.a!r}, b={self.b!r}, {self.floor!r} to {self.ceiling!r}",
                do="give finite numbers, a >= 0, b <= 0 and 0 <= floor <= ceiling",
            )

    def of(self, values: Array) -> Array:
        """Return r for each cell; 0 for an empty one."""
        size = np.abs(values)
        with np.errstate(divide="ignore"):
            r = np.clip(self.a * size**self.b, self.floor, self.ceiling)
        return np.where(size > 0, r, 0.0)


@dataclass(frozen=True, slots=True)
class Correlation:
    """Shares of the variance that cells have in common, each in [0, 1], sum at most 1.

    Attributes
    ----------
    country, industry, source : float
        Shared within a reporting country, within an industry of all countries, and by all.
    """

    country: float = 0.0
    industry: float = 0.0
    source: float = 0.0

    def __post_init__(self) -> None:
        shares = (self.country, self.industry, self.source)
        if (
            not all(map(is_real, shares))
            or any(not 0 <= s <= 1 for s in shares)
            or sum(shares) > 1 + 1e-12
        ):
            raise InputError(
                f"the shared parts {shares} are no shares of one variance",
                where="correlation",
                do="give shares between 0 and 1 that add up to at most 1",
            )

    @property
    def own(self) -> float:
        """The share that is a cell's own."""
        return max(0.0, 1.0 - self.country - self.industry - self.source)


RelativeError = float | SizeLaw | Array
"""One figure for all cells, a law of size, or one figure for each cell."""


def relative(error: RelativeError, values: Array, part: str) -> Array | float:
    """Return the relative standard deviation of every cell of `values`; a scalar stays one."""
    if isinstance(error, SizeLaw):
        return error.of(values)
    if isinstance(error, numbers.Real) and not isinstance(error, bool):
        if not (math.isfinite(error) and error >= 0):
            raise InputError(
                f"{error!r} is no relative standard deviation",
                where=part,
                do="give a finite number of at least 0, such as 0.05",
            )
        return float(error)
    try:
        found = np.asarray(None if isinstance(error, bool) else error, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"{error!r} is no relative standard deviation",
            where=part,
            do="give a number such as 0.05, a SizeLaw, or one number for each cell",
        ) from None
    if found.shape != values.shape:
        raise ShapeError(
            f"errors have shape {found.shape}, the cells {values.shape}",
            where=part,
            do="give one relative standard deviation per cell, or one for all",
        )
    bad = ~(np.isfinite(found) & (found >= 0))
    if bad.any():
        raise InputError(
            f"{int(bad.sum())} relative standard deviations are negative or not finite",
            where=f"{part}, first at {tuple(int(i) for i in np.argwhere(bad)[0])}",
            do="give finite numbers of at least 0",
        )
    return found


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """Errors of the stressor, the flows and final demand, and what is held while they vary.

    Attributes
    ----------
    stressor, flows, demand, households : float, SizeLaw or ndarray
        Relative standard deviations of F (n,), Z (n, n), Y (n, R) by destination and of
        households' direct emissions (R,). `stressor` may be a `Dirichlet`: totals split by
        shares.
    stressor_shared, flows_shared, demand_shared : Correlation
        What their errors share. The reporting country of a flow is the one that uses it.
    balance : str
        ``"row balance"``: output follows its uses, x = Z 1 + Y 1, and emissions F stay what
        they are, so that the accounts of all regions always add up to the emissions.
        ``"fixed output"``: x is held, a change of Z changes A alone and the total moves.
        ``"gras"``: output, the inputs of each industry and each region's final demand are held;
        a drawn table is brought back to them. By Monte Carlo only.
    distribution : Lognormal, TruncatedNormal or Empirical
        Of all factors but those of a `Dirichlet`.
    basis : str
        Where the figures come from, said in every result; "assumed" unless told.

    Examples
    --------
    >>> ErrorModel(stressor=0.05, flows=SizeLaw(a=0.4, b=-0.3)).balance
    'row balance'
    """

    stressor: RelativeError | Dirichlet = 0.0
    flows: RelativeError = 0.0
    demand: RelativeError = 0.0
    households: RelativeError = 0.0
    stressor_shared: Correlation = field(default_factory=Correlation)
    flows_shared: Correlation = field(default_factory=Correlation)
    demand_shared: Correlation = field(default_factory=Correlation)
    balance: str = "row balance"
    distribution: Distribution = field(default_factory=Lognormal)
    basis: str = "assumed"

    def __post_init__(self) -> None:
        if self.balance not in BALANCES:
            raise InputError(
                f"unknown balance {self.balance!r}",
                where="error model",
                do=f"choose one of {', '.join(map(repr, BALANCES))}",
            )
        for name in ("stressor_shared", "flows_shared", "demand_shared"):
            if not isinstance(getattr(self, name), Correlation):
                raise InputError(
                    f"{name} is {getattr(self, name)!r}",
                    where="error model",
                    do="give a Correlation(country=..., industry=..., source=...)",
                )
        if isinstance(self.stressor, Dirichlet) and self.stressor_shared.own < 1:
            raise InputError(
                "stressor_shared is given beside a Dirichlet",
                where="error model",
                do="leave it out: the totals and shares of a Dirichlet say what errs together",
            )
        if not hasattr(self.distribution, "factors"):
            raise InputError(
                f"{self.distribution!r} is no distribution",
                where="error model",
                do="give Lognormal(), TruncatedNormal() or Empirical(sample)",
            )

    def check(self, F: Array, Z: Array, Y: Array, direct: Array) -> None:
        """Raise InputError or ShapeError unless every part fits its cells, before any work."""
        if isinstance(self.stressor, Dirichlet):
            if len(self.stressor.groups) != len(F):
                raise ShapeError(
                    f"{len(self.stressor.groups)} cells are in groups, the stressor has {len(F)}",
                    where="stressor",
                    do="give the group of every sector",
                )
            self.stressor.check(F)
        else:
            _tried(self, self.stressor, F, "stressor")
        _tried(self, self.flows, Z, "flows")
        _tried(self, self.demand, Y, "demand")
        _tried(self, self.households, direct, "households")


def _tried(errors: ErrorModel, error: RelativeError, values: Array, part: str) -> None:
    """Let the distribution refuse a spread that it cannot have."""
    if isinstance(error, SizeLaw):  # falls with size: the smallest cell that is not empty has most
        size = np.abs(values)
        values = np.min(size, where=size > 0, initial=np.inf, keepdims=True)
    r = relative(error, values, part)
    errors.distribution.factors(np.zeros(1), float(np.max(r, initial=0.0)))
