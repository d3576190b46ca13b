r"""Constrained least squares on relative errors: sums that must hold, sums that should.

The unknowns are amounts that cannot be negative, each known to some factor. With
``x = median * exp(u)`` and ``u`` normal with covariance ``P = diag(own^2) + B B'``, the estimate
is the u that minimises

.. math:: u' P^{-1} u + r(u)' R^{-1} r(u) \quad\text{subject to}\quad H x = b

where the hard sums H hold exactly and ``r = log t - log(S x + o)`` are the relative gaps of the
soft ones (o is a known part of the sum). It is solved by Gauss-Newton steps; P is never formed.
The covariance of u after the fit stays in factor form, ``P - G S^{-1} G'`` (`Posterior`).

References
----------
Stone, Champernowne and Meade (1942), The precision of national income estimates, Review of
Economic Studies 9, 111-125 (balancing accounts by generalised least squares). Tarantola (2005),
Inverse Problem Theory, chapter 3 (Gauss-Newton steps with a prior).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import ConvergenceError, InputError, ShapeError, listed

Array = NDArray[np.float64]

LARGEST_STEP = 1.5
"""Bound on one step in u: a cell changes at most 4.5-fold before the sums are linearised again."""

SURE_STEP, SHORTEST = 1e-3, 1e-4
"""Below the first a full step is taken; the second ends the search for a shorter one."""


@dataclass(frozen=True)
class Prior:
    """What is known of each amount before any sum is looked at.

    Attributes
    ----------
    median : ndarray, shape (n,)
        Amounts, at least 0. An amount of 0 stays 0.
    own : ndarray, shape (n,)
        Standard deviation of log x that a cell shares with no other.
    factors : ndarray, shape (n, f)
        Loadings B of log x on common errors of unit variance.
    """

    median: Array
    own: Array
    factors: Array

    def __post_init__(self) -> None:
        n = len(self.median)
        if self.own.shape != (n,) or self.factors.ndim != 2 or len(self.factors) != n:
            raise ShapeError(
                f"prior of {n} amounts with own {self.own.shape}, factors {self.factors.shape}",
                do="give own (n,) and factors (n, f)",
            )
        for name, array in (("median", self.median), ("own", self.own)):
            if not np.isfinite(array).all() or (array < 0).any():
                raise InputError(f"{name} must be finite and at least zero", where="prior")

    def times(self, columns: Array) -> Array:
        """Return P @ columns without forming P."""
        out: Array = self.own[:, None] ** 2 * columns + self.factors @ (self.factors.T @ columns)
        return out

    @property
    def log_sd(self) -> Array:
        """Standard deviation of log x."""
        out: Array = np.sqrt(self.own**2 + np.einsum("nf,nf->n", self.factors, self.factors))
        return out


@dataclass(frozen=True)
class Sums:
    """Rows of non-negative weights, what they add up to, and how well that is known.

    Attributes
    ----------
    weights : ndarray, shape (k, n)
    target : ndarray, shape (k,)
        Above zero.
    names : sequence of str
        Used in messages.
    log_cov : ndarray, shape (k, k), or None
        Covariance of log target; None for sums that must hold exactly.
    offset : ndarray, shape (k,), or None
        Known part of each sum.
    """

    weights: Array
    target: Array
    names: Sequence[str]
    log_cov: Array | None = None
    offset: Array | None = None

    def at(self, x: Array) -> Array:
        """Return the sums at `x`, known parts included."""
        total: Array = self.weights @ x + (0.0 if self.offset is None else self.offset)
        return total

    def gradient(self, x: Array) -> Array:
        """Return d log(sum) / du, shape (k, n)."""
        out: Array = self.weights * x / self.at(x)[:, None]
        return out


@dataclass(frozen=True)
class Posterior:
    """The estimate and the covariance of its logarithm, in factor form.

    Attributes
    ----------
    value : ndarray, shape (n,)
    prior : Prior
    pull : ndarray, shape (n, k)
        U with ``Cov(u) = P - U U'``: what the k sums have taught.
    steps : int
    gap : float
        Largest relative gap of the hard sums.
    """

    value: Array
    prior: Prior
    pull: Array
    steps: int
    gap: float

    @property
    def log_sd(self) -> Array:
        """Standard deviation of log x after the fit, shape (n,)."""
        taken = np.einsum("nk,nk->n", self.pull, self.pull)
        return _root(self.prior.log_sd**2, taken)

    def sd_of(self, weights: Array) -> Array:
        """Return the standard deviation (first order) of each sum ``weights @ x``.

        Parameters
        ----------
        weights : ndarray, shape (q, n)

        Returns
        -------
        ndarray, shape (q,)
            In the unit of the sums.
        """
        rows = weights * self.value
        before = ((rows**2) @ self.prior.own**2) + ((rows @ self.prior.factors) ** 2).sum(1)
        return _root(before, ((rows @ self.pull) ** 2).sum(1))


def _root(before: Array, taken: Array) -> Array:
    """Root of what is left of a variance; what only rounding leaves (1e-9 of it) is zero."""
    left = before - taken
    out: Array = np.sqrt(np.where(left > 1e-9 * before, left, 0.0))
    return out


def infeasible(prior: Prior, hard: Sums) -> list[str]:
    """Return, by name, the hard sums that no adjustment of the prior can meet.

    Examples
    --------
    >>> p = Prior(np.array([0.0, 1.0]), np.ones(2), np.zeros((2, 0)))
    >>> infeasible(p, Sums(np.eye(2), np.array([3.0, 3.0]), ["a", "b"]))
    ['a: 3 is asked of cells that are all zero']
    """
    free = (prior.log_sd > 0) & (prior.median > 0)
    found = []
    for row, target, name in zip(hard.weights, hard.target, hard.names, strict=True):
        movable = float((row * free) @ prior.median)
        fixed = float((row * ~free) @ prior.median)
        if (row < 0).any():
            found.append(f"{name}: a weight is negative")
        elif movable > 0:
            if target <= fixed:
                found.append(f"{name}: {target:g} is not above its fixed part {fixed:g}")
        elif fixed == 0 and target != 0:
            found.append(f"{name}: {target:g} is asked of cells that are all zero")
        elif not np.isclose(fixed, target, rtol=1e-9, atol=0.0):
            found.append(f"{name}: {target:g} is asked of cells fixed at {fixed:g}")
    return found


def fit(
    prior: Prior, hard: Sums, soft: Sums, *, tolerance: float = 1e-12, most: int = 200
) -> Posterior:
    """Return the amounts that meet the hard sums and are nearest to prior and soft sums.

    Parameters
    ----------
    prior : Prior
        n amounts.
    hard : Sums
        Must hold; may have no row.
    soft : Sums
        With `log_cov`; may have no row.
    tolerance : float
        Largest relative gap of a hard sum, and largest last step in u times 1e-2.
    most : int
        Most steps.

    Returns
    -------
    Posterior

    Raises
    ------
    InputError
        Hard sums that cannot be met, by name.
    ConvergenceError
        The steps did not settle.

    Examples
    --------
    Two equally uncertain halves of a known 12 keep their ratio:

    >>> prior = Prior(np.array([2.0, 4.0]), np.array([0.5, 0.5]), np.zeros((2, 0)))
    >>> none = Sums(np.zeros((0, 2)), np.zeros(0), [], np.zeros((0, 0)))
    >>> half = Prior(prior.median, np.zeros(2), np.full((2, 1), 0.5))
    >>> fit(half, Sums(np.ones((1, 2)), np.array([12.0]), ["all"]), none).value.round(6)
    array([4., 8.])
    """
    bad = infeasible(prior, hard)
    if bad:
        raise InputError(
            f"{len(bad)} sums cannot be met",
            where=listed(bad, 8),
            do="give these cells a prior, correct the sums, or take the rows out and list them",
        )
    cov = np.zeros((0, 0)) if soft.log_cov is None else soft.log_cov
    if (soft.target <= 0).any() or (hard.target <= 0).any():
        raise InputError(
            "a sum must be above zero", where="targets", do="take out the rows that are zero"
        )
    h = len(hard.target)
    noise = np.zeros((h + len(soft.target),) * 2)
    noise[h:, h:] = cov
    precision: Array = np.linalg.inv(cov).astype(np.float64) if len(cov) else cov
    gaps = _Gaps(prior, hard, soft, precision)
    u, v, price = np.zeros(len(prior.median)), np.zeros(len(prior.median)), 0.0
    for step in range(1, most + 1):
        x = prior.median * np.exp(u)
        J = np.vstack([hard.gradient(x), soft.gradient(x)])
        gap = gaps(u)
        G = prior.times(J.T)
        S = J @ G + noise
        weight = _solve(S, gap + J @ u, hard, soft)
        du, dv = G @ weight - u, J.T @ weight - v
        worst = float(np.abs(gap[:h]).max(initial=0.0))
        if float(np.abs(du).max(initial=0.0)) < 100 * tolerance and worst < tolerance:
            scale = np.sqrt(np.diag(S))
            lower = np.linalg.cholesky(S / np.outer(scale, scale))
            pull: Array = np.linalg.solve(lower, (G / scale).T).T.astype(np.float64)
            return Posterior(x, prior, pull, step, worst)
        # u = P v throughout, so that u' P^-1 u = u'v without P; the price of a gap in a hard sum
        # exceeds its multiplier, which makes a short enough Gauss-Newton step a descent.
        price = max(price, 2.2 * float(np.abs(weight[:h]).max(initial=0.0)))
        start = gaps.merit(u, v, price)
        sure = _newton(prior, J, G, gap, u, v, precision)
        if sure is not None:
            length = _capped(sure[0])
            near = float(np.abs(sure[0]).max(initial=0.0)) < SURE_STEP
            after = gaps.merit(u + length * sure[0], v + length * sure[1], price)
            if near or after < start:
                u, v = u + length * sure[0], v + length * sure[1]
                continue
        length = _capped(du)
        while gaps.merit(u + length * du, v + length * dv, price) > start and length > SHORTEST:
            length /= 2.0
        u, v = u + length * du, v + length * dv
    raise ConvergenceError(
        f"no fit after {most} steps; last step {np.abs(du).max():.1e},"
        f" gap of the hard sums {worst:.1e}",
        where=f"{h} hard and {len(soft.target)} soft sums",
        do="look for soft sums far from what the hard ones allow, or raise `most`",
    )


class _Gaps:
    """Logarithmic gaps of all sums at u, hard ones first, and what a step is judged by."""

    def __init__(self, prior: Prior, hard: Sums, soft: Sums, precision: Array) -> None:
        self.prior, self.hard, self.soft, self.precision = prior, hard, soft, precision

    def __call__(self, u: Array) -> Array:
        x = self.prior.median * np.exp(u)
        return np.concatenate(
            [np.log(self.hard.target / self.hard.at(x)), np.log(self.soft.target / self.soft.at(x))]
        )

    def merit(self, u: Array, v: Array, price: float) -> float:
        """Objective at u = P v, plus a price on the gaps of the hard sums."""
        r = self(u)
        h = len(self.hard.target)
        return float(u @ v + r[h:] @ self.precision @ r[h:] + price * np.abs(r[:h]).sum())


def _capped(move: Array) -> float:
    largest = float(np.abs(move).max(initial=0.0))
    return min(1.0, LARGEST_STEP / largest) if largest else 1.0


def _newton(
    prior: Prior, J: Array, G: Array, gap: Array, u: Array, v: Array, precision: Array
) -> tuple[Array, Array] | None:
    r"""Return the Newton step of the Lagrangian, or None where it cannot be formed.

    The logarithm of a sum curves by diag(p) - p p'. With d = J'lambda = v at a solution the
    Hessian is P^{-1} - diag(v) plus terms of the sums themselves; its inverse follows from
    P = D + B B' by Woodbury's identity, without an n x n matrix.
    """
    h = len(gap) - len(precision)
    squares, B = prior.own**2, prior.factors
    diagonal = 1.0 - squares * v
    if np.abs(diagonal).min(initial=1.0) < 1e-3:
        return None
    scaled = B / diagonal[:, None]
    core = np.eye(B.shape[1]) - scaled.T @ (v[:, None] * B)
    both = np.column_stack([G, u]) / diagonal[:, None]
    try:
        both += scaled @ np.linalg.solve(core, B.T @ (v[:, None] * both))
        bent, shift = both[:, :-1], both[:, -1]
        S = J @ bent
        right = gap + J @ shift
        if len(precision):
            soft_weight = precision @ gap[h:]
            noise = np.linalg.inv(precision + np.diag(soft_weight))
            S[h:, h:] += noise
            right[h:] += noise @ soft_weight - gap[h:]
        weight = np.linalg.solve(S, right)
    except np.linalg.LinAlgError:
        return None
    du = bent @ weight - shift
    if not np.isfinite(du).all():
        return None
    return du, J.T @ weight + v * du - v


def _solve(S: Array, right: Array, hard: Sums, soft: Sums) -> Array:
    # Rows are scaled alike first: their variances span many orders of magnitude.
    scale = np.sqrt(np.diag(S))
    names = [*hard.names, *soft.names]
    if (scale <= 0).any():
        stuck = [names[k] for k in np.flatnonzero(scale <= 0)]
        raise InputError(
            f"{len(stuck)} sums have no error and nothing to adjust",
            where=listed(stuck, 8),
            do="take these rows out",
        )
    scaled = S / np.outer(scale, scale)
    try:
        lower = np.linalg.cholesky(scaled)
    except np.linalg.LinAlgError as error:
        raise InputError(
            "the sums repeat or contradict one another",
            where=listed(names, 8),
            do="take out hard sums that follow from others",
        ) from error
    half = np.linalg.solve(lower, right / scale)
    out: Array = np.linalg.solve(lower.T, half) / scale
    return out
