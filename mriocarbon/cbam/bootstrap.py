"""Intervals for all lines together: clusters are drawn anew, and so are the references.

Many CN codes share a heading and a comparator cell, and references share prices and factors.
Taken as independent, 267 lines would promise an accuracy that a dozen comparators cannot give.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.cbam.sensitivity import loading_matrix
from mriocarbon.cbam.statistics import codes, vector
from mriocarbon.errors import InputError, NonFiniteError, ShapeError

__all__ = ["Bootstrap", "Estimate", "cluster_bootstrap", "two_way_sd", "weighted_median"]

Array = NDArray[np.float64]
Loadings: TypeAlias = ArrayLike | Sequence[Mapping[str, float]] | None
BLOCK_CELLS = 1 << 19  # lines x draws held at once: 4 MB per array
FEW_CLUSTERS = 10
EMPTY_DRAWS = 0.10  # more draws without a single weighted line than this: no interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; NaN bounds mean that none can be given, `note` says why."""

    value: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Figures of all lines together; ``l = ln(D / R)`` throughout, shares excepted.

    Attributes
    ----------
    median, mean : Estimate
        Of l, every line counting once.
    share_over : Estimate
        Share of the lines with D above R.
    trade_weighted : Estimate or None
        Mean of l weighted with `weights`; None without them.
    total : Estimate or None
        ``ln(sum(a) / sum(a exp(-l)))`` for `amounts` a; None without them.
    draws, seed : int
        As used; the same give the same figures.
    level : float
        Level of the intervals.
    lines : int
        Lines.
    clusters : tuple of int
        Number of clusters in each way.
    two_way_sd : float
        Standard deviation of the mean by Cameron, Gelbach & Miller, sampling only, to hold
        the interval of the mean against; NaN where it cannot be computed.
    note : str
        What a reader must know.
    """

    median: Estimate
    mean: Estimate
    share_over: Estimate
    trade_weighted: Estimate | None
    total: Estimate | None
    draws: int
    seed: int
    level: float
    lines: int
    clusters: tuple[int, ...]
    two_way_sd: float
    note: str = ""


def cluster_bootstrap(
    log_ratio: ArrayLike,
    weights: ArrayLike | None,
    clusters: Sequence[Sequence[object]],
    loadings: Loadings = None,
    *,
    amounts: ArrayLike | None = None,
    draws: int = 10_000,
    seed: int = 2026,
    level: float = 0.95,
    resample: bool = True,
) -> Bootstrap:
    r"""Draw clusters and references together and return the figures' intervals.

    In each draw every way of clustering gets multinomial counts, and line i the product of
    those of its clusters (the pigeonhole bootstrap); the factors of the references are drawn
    once, z standard normal, for all lines:

    .. math:: m_i = m^{(1)}_{c_1(i)}\, m^{(2)}_{c_2(i)}, \qquad
              l_i^* = l_i - \sum_k \lambda_{ik} z_k

    Shared errors therefore do not average away over lines. Intervals are percentiles. They are
    conservative: the product of counts triples the variance of errors of single lines, and the
    errors of the references are in the spread between lines already.

    Parameters
    ----------
    log_ratio : array_like, shape (n,)
        ``ln(D / R)``.
    weights : array_like, shape (n,), or None
        Weights of `trade_weighted` (tonnes, EUR), 0 or more; the other figures count every
        line once.
    clusters : one or two sequences of labels, each of length n
        The HS heading and the comparator cell of each line.
    loadings : array_like, shape (n, k), or n mappings of factor to float, optional
        Change of ``ln R`` per standard deviation of each factor; without them the references
        count as exact, and `note` says so.
    amounts : array_like, shape (n,), optional
        Emissions at the default value, M D, for the ratio of totals `total`.
    draws, seed : int
        Number of draws and seed. Lines may be given in any order.
    level : float
        Level of the intervals, in (0, 1).
    resample : bool
        False takes the lines as they are and draws the references only.

    Returns
    -------
    Bootstrap
        A figure whose lines all fall into one cluster has no interval, and says why; so has
        one with a single cluster in one of two ways, unless the references' uncertainty is
        given (what that cluster shares is then drawn). No interval has a width of zero.

    Raises
    ------
    InputError
        Empty, mismatched or non-finite input, negative weights, no way or more than two ways
        of clustering, fewer than 100 draws.

    References
    ----------
    Owen (2007), doi:10.1214/07-AOAS122; Cameron, Gelbach & Miller (2011),
    doi:10.1198/jbes.2010.07136; Efron & Tibshirani (1993), chapter 13.

    Examples
    --------
    >>> found = cluster_bootstrap([0.1, 0.2, 0.3, 0.4], None, [list("aabb"), list("xyxy")],
    ...                           draws=1000, seed=1)
    >>> round(found.mean.value, 3), found.mean.low < 0.25 < found.mean.high, found.clusters
    (0.25, True, (2, 2))
    """
    l = vector(log_ratio, "log ratios")
    n = l.size
    w = None if weights is None else _amounts(weights, "weights", n)
    a = None if amounts is None else _amounts(amounts, "amounts", n)
    if not 1 <= len(clusters) <= 2 or isinstance(clusters, str):
        raise InputError(
            f"{len(clusters)} way(s) of clustering", where="clusters", do="give one or two"
        )
    ways = [codes(c, n, f"clusters, way {i + 1}") for i, c in enumerate(clusters)]
    factors = _factors(loadings, n)
    if draws < 100 or not 0 < level < 1:
        raise InputError(
            f"{draws} draws for an interval of level {level}",
            where="draws, level",
            do="draw at least 100 times, for a level between 0 and 1",
        )
    exact = not factors.any()
    plain = [
        float(x[0]) for x in _figures(l[None, :], np.ones((1, n)), w, a)
    ]  # the figures themselves: every line once
    drawn = _drawn(l, w, a, ways, factors, draws, seed, resample)
    every = np.ones(n, dtype=bool)
    used = [every, every, every, every if w is None else w > 0, every if a is None else a > 0]
    made: list[Estimate] = []
    for value, column, lines in zip(plain, drawn, used, strict=True):
        groups = tuple(len(np.unique(code[lines])) for code, _ in ways) if resample else ()
        made.append(_estimate(value, column, level, groups, exact))
    crossed = [g for _, g in ways if g > 1] if resample else []
    made[2] = _share(made[2], drawn[2], level, min(crossed, default=0))
    notes = []
    if exact:
        notes.append("no uncertainty of the references was given: intervals hold sampling only")
    if not resample:
        notes.append("lines taken as they are: intervals hold the references only")
    elif min(crossed, default=FEW_CLUSTERS) < FEW_CLUSTERS:
        notes.append(f"fewer than {FEW_CLUSTERS} clusters in one way: intervals are rough")
    return Bootstrap(
        median=made[0],
        mean=made[1],
        share_over=made[2],
        trade_weighted=made[3] if w is not None else None,
        total=made[4] if a is not None else None,
        draws=draws,
        seed=seed,
        level=level,
        lines=n,
        clusters=tuple(g for _, g in ways),
        two_way_sd=two_way_sd(l, clusters),
        note="; ".join(notes),
    )


def _amounts(values: ArrayLike, what: str, n: int) -> Array:
    array = vector(values, what, n)
    if (array < 0).any() or not array.any():
        raise InputError(f"{what} are 0 or more, and not all of them 0", where=what)
    return array


def _factors(loadings: Loadings, n: int) -> Array:
    if loadings is None:
        return np.zeros((n, 0))
    if isinstance(loadings, Sequence) and loadings and isinstance(loadings[0], Mapping):
        matrix = loading_matrix(loadings)[0]  # type: ignore[arg-type]
    else:
        matrix = np.array(loadings, dtype=np.float64)
    if matrix.ndim != 2 or len(matrix) != n:
        raise ShapeError(
            f"loadings of shape {matrix.shape} for {n} line(s)",
            where="loadings",
            do="give one row per line and one column per factor",
        )
    if not np.isfinite(matrix).all():
        raise NonFiniteError("loadings hold values that are not finite", where="loadings")
    return matrix


def _drawn(
    l: Array,
    w: Array | None,
    a: Array | None,
    ways: Sequence[tuple[NDArray[np.intp], int]],
    factors: Array,
    draws: int,
    seed: int,
    resample: bool,
) -> Array:
    """Return the five figures of each draw, in blocks of bounded size.

    Each source of chance has its own stream, so that the size of a block changes nothing.
    """
    from scipy.sparse import csr_array

    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3)]
    spread = csr_array(factors)  # a factor belongs to few lines
    block = max(1, BLOCK_CELLS // max(l.size, factors.shape[1], 1))
    found = np.empty((5, draws))
    for start in range(0, draws, block):
        size = min(block, draws - start)
        counts = np.ones((size, l.size))
        if resample:
            for stream, (code, groups) in zip(streams, ways, strict=False):
                each = stream.multinomial(groups, np.full(groups, 1.0 / groups), size)
                counts *= each[:, code]
        moved = np.broadcast_to(l, counts.shape)
        if factors.shape[1]:
            z = streams[2].standard_normal((size, factors.shape[1]))
            moved = l - np.ascontiguousarray((spread @ z.T).T)
        found[:, start : start + size] = _figures(moved, counts, w, a)
    return found


def _figures(l: Array, counts: Array, w: Array | None, a: Array | None) -> Array:
    """Return median, mean, share over, weighted mean and ratio of totals of each row."""
    with np.errstate(divide="ignore", invalid="ignore"):
        total = counts.sum(1)
        mean = np.einsum("ij,ij->i", counts, l) / total
        over = np.einsum("ij,ij->i", counts, (l > 0).astype(np.float64)) / total
        none = np.full(len(l), math.nan)
        weighted = none if w is None else np.einsum("ij,ij,j->i", counts, l, w) / (counts @ w)
        ratio = (
            none
            if a is None
            else np.log((counts @ a) / np.einsum("ij,ij,j->i", counts, np.exp(-l), a))
        )
    return np.stack([weighted_median(l, counts), mean, over, weighted, ratio])


def weighted_median(values: Array, weights: Array) -> Array:
    """Return the weighted median of each row; NaN where a row has no weight.

    Where the weights split exactly in half the two middle values are averaged, so that equal
    weights give the plain median.

    Parameters
    ----------
    values, weights : numpy.ndarray, shape (rows, n)
        Weights are 0 or more.

    Returns
    -------
    numpy.ndarray, shape (rows,)

    Examples
    --------
    >>> weighted_median(np.array([[1.0, 2.0, 9.0]]), np.array([[1.0, 0.0, 1.0]])).tolist()
    [5.0]
    """
    order = np.argsort(values, axis=1)
    # positions in the flattened array: take_along_axis would build its own index arrays
    order += (np.arange(len(values)) * values.shape[1])[:, None]
    ordered, heavy = np.ascontiguousarray(values).ravel(), weights.ravel()
    rising = np.cumsum(heavy[order], axis=1)
    half = 0.5 * rising[:, -1]
    slack = 1e-12 * half
    lower = (rising < (half - slack)[:, None]).sum(1)
    upper = (rising <= (half + slack)[:, None]).sum(1)
    last = values.shape[1] - 1
    rows = np.arange(len(values))
    found = 0.5 * (
        ordered[order[rows, np.minimum(lower, last)]]
        + ordered[order[rows, np.minimum(upper, last)]]
    )
    return np.where(half > 0, found, math.nan)


def _estimate(
    value: float, column: Array, level: float, groups: tuple[int, ...], exact: bool
) -> Estimate:
    """Return a figure with the percentiles of its draws, or the reason why there are none.

    `groups` are the clusters of its lines in each way; none where lines are not drawn.
    """

    def without(why: str) -> Estimate:
        return Estimate(value, math.nan, math.nan, "no interval: " + why)

    if groups and max(groups) < 2:
        return without("all lines fall into one cluster")
    if groups and min(groups) < 2 and exact:
        return without(
            "all lines fall into one cluster in one way, and what they share is not known: no "
            "uncertainty of the references was given"
        )
    if not groups and exact:
        return without("the references have no uncertainty and the lines are taken as they are")
    kept = column[np.isfinite(column)]
    if kept.size < (1 - EMPTY_DRAWS) * column.size:
        return without(f"{column.size - kept.size} of {column.size} draws hold no line")
    tail = 50 * (1 - level)
    low, high = (float(x) for x in np.percentile(kept, [tail, 100 - tail]))
    if high - low <= 1e-12 * max(1.0, abs(value)):
        return without("the draws do not differ from each other")
    notes = []
    if kept.size < column.size:
        notes.append(f"{column.size - kept.size} of {column.size} draws hold no line: left out")
    if groups and min(groups) < 2:
        notes.append("one cluster only in one way: what its lines share is drawn, not resampled")
    if not low <= value <= high:
        # the references' errors pull shares and medians towards the middle
        low, high = min(low, value), max(high, value)
        notes.append("widened to hold the figure itself, which lies outside of the percentiles")
    return Estimate(value, low, high, "; ".join(notes))


def _share(made: Estimate, column: Array, level: float, clusters: int) -> Estimate:
    """Give a share of 0 or 1 that no draw leaves the exact binomial bound of its clusters."""
    stuck = math.isnan(made.low) and made.value in (0.0, 1.0) and clusters >= 2
    if not stuck or not np.isfinite(column).any() or np.nanmax(np.abs(column - made.value)) > 0:
        return made
    reach = 1 - (0.5 * (1 - level)) ** (1 / clusters)
    low, high = (0.0, reach) if made.value == 0 else (1 - reach, 1.0)
    note = f"all draws agree; bound by Clopper and Pearson with {clusters} clusters"
    return Estimate(made.value, low, high, note)


def two_way_sd(values: ArrayLike, clusters: Sequence[Sequence[object]]) -> float:
    r"""Return the standard deviation of a mean with lines clustered in one or two ways.

    .. math:: V = V_1 + V_2 - V_{12}, \qquad
              V_g = \frac{G}{G-1} \sum_{c} \Big(\sum_{i \in c} (x_i - \bar x)\Big)^2 / n^2

    Where the difference is negative the larger of the two one-way variances stands in.

    Parameters
    ----------
    values : array_like, shape (n,)
        One value per line.
    clusters : one or two sequences of labels, each of length n
        Clusters in each way.

    Returns
    -------
    float
        NaN where one way has fewer than two clusters.

    Raises
    ------
    InputError
        Empty, mismatched or non-finite input.

    References
    ----------
    Cameron, Gelbach & Miller (2011), doi:10.1198/jbes.2010.07136.

    Examples
    --------
    >>> round(two_way_sd([1.0, 1.0, 3.0, 3.0], [list("aabb")]), 3)
    1.0
    """
    x = vector(values, "values")
    ways = [codes(c, x.size, f"clusters, way {i + 1}") for i, c in enumerate(clusters)]
    if min(groups for _, groups in ways) < 2:
        return math.nan
    e = x - x.mean()
    parts = [_cluster_variance(e, code, groups) for code, groups in ways]
    variance = sum(parts)
    if len(ways) == 2:
        both = np.unique(ways[0][0] * ways[1][1] + ways[1][0], return_inverse=True)[1]
        variance -= _cluster_variance(e, both, int(both.max()) + 1)
        if variance <= 0:
            variance = max(parts)
    return math.sqrt(variance)


def _cluster_variance(e: Array, code: NDArray[np.intp], groups: int) -> float:
    sums = np.bincount(code, weights=e, minlength=groups)
    return float((sums**2).sum()) / e.size**2 * groups / (groups - 1)
