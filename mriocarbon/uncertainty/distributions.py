"""Distributions of relative errors: what a cell is multiplied by, and how a total is split.

A factor has mean 1 and standard deviation r. It is made from a standard normal e, which is where
cells are correlated: ``f = G^-1(Phi(e))`` with G the distribution and Phi the normal (a Gaussian
copula). For the lognormal this is the multivariate lognormal itself:

``f = exp(s e - s^2 / 2)``, ``s^2 = ln(1 + r^2)``, ``cov(f_i, f_j) = exp(s_i s_j rho_ij) - 1``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, listed
from mriocarbon.model.brief import brief

__all__ = [
    "Dirichlet",
    "Distribution",
    "Empirical",
    "Lognormal",
    "TruncatedNormal",
    "maximum_entropy_concentration",
]

Array = NDArray[np.float64]
# A normal truncated at zero tends to the exponential, whose relative standard deviation is 1.
TRUNCATED_MOST = 0.95


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Factors that are never negative, of any spread; the default.

    Examples
    --------
    >>> import numpy as np
    >>> e = np.random.default_rng(1).standard_normal(200_000)
    >>> f = Lognormal().factors(e, 0.3)
    >>> bool(abs(f.mean() - 1) < 0.005), bool(abs(f.std() - 0.3) < 0.005)
    (True, True)
    """

    def factors(self, e: Array, r: Array | float) -> Array:
        """Return the factors of standard normals `e`, for relative standard deviations r."""
        s = np.sqrt(np.log1p(np.square(r)))
        return np.asarray(np.exp(s * e - 0.5 * s**2))


@dataclass(frozen=True, slots=True)
class TruncatedNormal:
    """A normal cut off at zero, of mean 1 and relative standard deviation r up to 0.95.

    Examples
    --------
    >>> import numpy as np
    >>> e = np.random.default_rng(1).standard_normal(200_000)
    >>> f = TruncatedNormal().factors(e, 0.6)
    >>> bool(abs(f.mean() - 1) < 0.005), bool(abs(f.std() - 0.6) < 0.005), bool(f.min() >= 0)
    (True, True, True)
    """

    def factors(self, e: Array, r: Array | float) -> Array:
        """As `Lognormal.factors`; InputError for r above 0.95."""
        from scipy.special import ndtr, ndtri

        spread = np.asarray(r, dtype=np.float64)
        if spread.max(initial=0.0) > TRUNCATED_MOST:
            raise InputError(
                f"a normal cut off at zero cannot have a relative standard deviation of"
                f" {spread.max():.3g}",
                where="truncated normal",
                do=f"give at most {TRUNCATED_MOST}, or take the lognormal",
            )
        known, bounds = _truncation()
        # Lower bound in standard deviations of the parent; far below, the cut takes nothing away.
        safe = np.where(spread > 0, spread, 1.0)
        a = np.where(safe < known[0], -1 / safe, np.interp(safe, known, bounds))
        low, density = ndtr(a), np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi)
        ratio = density / (1 - low)  # mean of the parent cut off at a
        s = 1 / (ratio - a)
        # Upper tail, so that no digit is lost where the cut lies far below.
        z = -ndtri(np.clip((1 - low) * ndtr(-e), 1e-300, 1.0))
        return np.where(spread > 0, s * (z - a), 1.0)


@lru_cache(maxsize=1)
def _truncation() -> tuple[Array, Array]:
    """Relative standard deviation of a standard normal cut off at a and moved to zero, over a."""
    from scipy.stats import truncnorm

    a = np.concatenate([np.linspace(-400, -8, 4000), np.linspace(-8, 6, 4000)])
    cut = truncnorm(a, np.full(a.shape, np.inf))
    r = cut.std() / (cut.mean() - a)
    return np.asarray(r), a


@dataclass(frozen=True, slots=True)
class Empirical:
    """Errors distributed as a sample of observed ones, brought to mean 1 and the r asked for.

    Attributes
    ----------
    sample : tuple of float
        At least two different values; in any unit, only their shape counts.

    Examples
    --------
    >>> import numpy as np
    >>> f = Empirical((0.0, 1.0)).factors(np.array([-1.0, 1.0]), 0.1)
    >>> f.round(3).tolist()
    [0.9, 1.1]
    """

    sample: tuple[float, ...]

    __repr__ = brief

    def __post_init__(self) -> None:
        values = np.asarray(self.sample, dtype=np.float64)
        if values.size < 2 or not np.isfinite(values).all() or values.std() == 0:
            raise InputError(
                f"{values.size} values give no distribution",
                where="empirical distribution",
                do="give at least two different, finite values",
            )
        object.__setattr__(self, "sample", tuple(np.sort(values).tolist()))

    def factors(self, e: Array, r: Array | float) -> Array:
        """As `Lognormal.factors`; InputError where a factor would be negative."""
        from scipy.special import ndtr

        values = np.asarray(self.sample)
        shape = (values - values.mean()) / values.std()
        most = float(np.max(r, initial=0.0))
        if 1 + most * shape[0] < 0:
            raise InputError(
                f"with a relative standard deviation of {most:.3g} this sample gives negative"
                " factors",
                where="empirical distribution",
                do=f"give at most {-1 / shape[0]:.3g}, or take the lognormal",
            )
        place = np.minimum((ndtr(e) * len(values)).astype(np.intp), len(values) - 1)
        return np.asarray(1 + r * shape[place])


Distribution = Lognormal | TruncatedNormal | Empirical


@dataclass(frozen=True, eq=False)
class Dirichlet:
    """Shares of totals that are known better than their parts (Schulte et al. 2024).

    A national total is split over industries: the shares of a group always add up to 1, so that
    an industry that has more leaves less to the others. With mean shares p and concentration
    k, ``var(p_i) = p_i (1 - p_i) / (k + 1)`` and ``cov(p_i, p_j) = -p_i p_j / (k + 1)``.

    Attributes
    ----------
    groups : ndarray of int, shape (n,)
        Which total a cell is part of, 0 to G - 1.
    total : ndarray, shape (G,)
        Relative standard deviation of each total.
    concentration : ndarray, shape (G,)
        The larger, the surer the shares; see `maximum_entropy_concentration`.

    References
    ----------
    Schulte, Jakobs & Pauliuk (2024), Earth Syst. Sci. Data 16, doi:10.5194/essd-16-2669-2024.

    Examples
    --------
    >>> import numpy as np
    >>> split = Dirichlet.of([0, 0, 1], total=[0.05, 0.1], concentration=50)
    >>> split.draw(np.random.default_rng(0), np.array([3.0, 1.0, 2.0]), 4).shape
    (4, 3)
    """

    groups: NDArray[np.intp]
    total: Array
    concentration: Array

    __repr__ = brief

    @classmethod
    def of(
        cls, groups: ArrayLike, *, total: ArrayLike, concentration: ArrayLike
    ) -> Dirichlet:  # fmt: skip
        """Check and broadcast; InputError if a figure is negative, not finite or missing."""
        raw = np.asarray(groups)
        whole = raw.ndim == 1 and raw.size > 0 and np.issubdtype(raw.dtype, np.integer)
        if not whole or raw.min() < 0:
            raise InputError(
                "groups are not whole numbers from 0 up in one dimension", where="groups",
                do="give the number of its total for each cell",
            )  # fmt: skip
        g = raw.astype(np.intp)
        G = int(g.max()) + 1
        found = []
        for name, given, least in (("total", total, 0.0), ("concentration", concentration, 1e-9)):
            try:
                value = np.broadcast_to(np.asarray(given, dtype=np.float64), (G,)).copy()
            except (TypeError, ValueError):
                raise InputError(
                    f"{name} is {given!r}, and there are {G} groups", where="Dirichlet",
                    do="give one finite figure for each group, or one for all",
                ) from None  # fmt: skip
            bad = np.flatnonzero(~(np.isfinite(value) & (value >= least)))
            if len(bad):
                raise InputError(
                    f"{name} of group {listed([str(k) for k in bad])} is no number of at least"
                    f" {least:g}",
                    where="Dirichlet", do="give one finite figure for each group, or one for all",
                )  # fmt: skip
            found.append(value)
        return cls(g, *found)

    def draw(self, rng: np.random.Generator, values: Array, size: int) -> Array:
        """Return draws of the cells, shape (size, n), around `values` (n,) of one sign each group.

        Raises
        ------
        InputError
            A group holds positive and negative cells: they have no shares.
        """
        totals, shares = self._split(values)
        k = self.concentration[self.groups] * shares
        some = k > 0
        safe = np.where(some, k, 1.0)
        # ln Gamma(k) = ln Gamma(k + 1) + ln(U) / k: a gamma of tiny shape would be zero, and so
        # might be all of a group. Only the differences within a group count.
        logs = np.log(rng.standard_gamma(safe + 1, (size, len(k))))
        logs += np.log1p(-rng.random((size, len(k)))) / safe
        logs = np.where(some, logs, -np.inf)
        order = np.argsort(self.groups, kind="stable")
        there, starts = np.unique(self.groups[order], return_index=True)
        most = np.full((size, len(self.total)), -np.inf)
        most[:, there] = np.maximum.reduceat(logs[:, order], starts, axis=1)
        parts = np.exp(logs - np.where(np.isfinite(most), most, 0.0)[:, self.groups])
        sums = self._summed(parts)
        sums = np.where(sums > 0, sums, 1.0)  # a group without any emission
        factors = Lognormal().factors(
            rng.standard_normal((size, len(self.total))), self.total
        )  # fmt: skip
        return np.asarray((factors * totals / sums)[:, self.groups] * parts)

    def variance(self, values: Array, weights: Array) -> Array:
        """Return the variance of ``weights' F``, weights (n, R): exact for the shares, (R,)."""
        totals, shares = self._split(values)
        mean = self._summed((shares[:, None] * weights).T)  # (R, G)
        square = self._summed((shares[:, None] * weights**2).T)
        r2 = self.total**2
        spread = (square - mean**2) / (self.concentration + 1)
        return np.asarray((totals**2 * ((1 + r2) * spread + r2 * mean**2)).sum(axis=1))

    def check(self, values: Array) -> None:
        """Raise InputError where a group holds positive and negative cells."""
        self._split(values)

    def _split(self, values: Array) -> tuple[Array, Array]:
        totals = self._summed(values[None])[0]
        gross = self._summed(np.abs(values)[None])[0]
        mixed = np.flatnonzero(np.abs(totals) < gross * (1 - 1e-12))
        if len(mixed):
            raise InputError(
                f"groups {listed([str(k) for k in mixed])} hold positive and negative cells",
                where="Dirichlet", do="put them into groups of one sign",
            )  # fmt: skip
        safe = np.where(totals == 0, 1.0, totals)
        return totals, values / safe[self.groups]

    def _summed(self, rows: Array) -> Array:
        G = len(self.total)
        out = np.empty((len(rows), G))
        for k, row in enumerate(rows):
            out[k] = np.bincount(self.groups, row, G)
        return out


def maximum_entropy_concentration(shares: ArrayLike) -> float:
    """Return the concentration of the least informative Dirichlet with these mean shares.

    Where nothing but the mean shares is known, the distribution of largest differential entropy
    assumes nothing more (Schulte et al. 2024). Found by a bounded search over ln k.

    Parameters
    ----------
    shares : array, shape (n,)
        At least 0, adding up to 1; zeros are left out.

    Returns
    -------
    float
        k; the parameters of the Dirichlet are k times the shares.

    Raises
    ------
    InputError
        Fewer than two positive shares, one that is negative or not finite, or a sum other than 1.

    Examples
    --------
    >>> round(maximum_entropy_concentration([0.5, 0.5]), 2)
    2.0
    """
    from scipy.optimize import minimize_scalar
    from scipy.stats import dirichlet

    p = np.asarray(shares, dtype=np.float64)
    if not (np.isfinite(p) & (p >= 0)).all() or (p > 0).sum() < 2 or abs(p.sum() - 1) > 1e-6:
        raise InputError(
            f"{int((p > 0).sum())} positive shares of {p.size}, which add up to {p.sum():.6g}",
            where="shares",
            do="give at least two positive shares that add up to 1; zeros may stand beside them",
        )
    p = p[p > 0] / p.sum()

    def negative(log_k: float) -> float:
        return -float(dirichlet.entropy(p * np.exp(log_k)))

    most = np.log(1e3 / p.min())
    found: Any = minimize_scalar(negative, bounds=(-3.0, most), method="bounded",
                                 options={"xatol": 1e-8})  # fmt: skip
    return float(np.exp(found.x))
