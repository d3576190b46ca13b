"""Intervals of what is said of all lines together.

Lines are neither independent nor alike: the goods of one HS heading share a default value, and
many goods share one reference. A draw therefore resamples HS headings and comparator cells, each
with replacement, and gives a line the product of the two counts (Owen 2007,
doi:10.1214/07-AOAS122: on the safe side for crossed clusters); and it draws the factors of the
references anew, one standard normal for each, so that an error shared by many lines moves them
together and does not average out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, ShapeError

Array = NDArray[np.float64]
_BLOCK = 1000
LEVELS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval; NaN bounds and a reason where none can be given."""

    value: float
    low: float
    high: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Median and mean of l, and the share of lines with l > 0, each with its interval.

    `median` and `mean` are on the scale of log ratios.
    """

    median: Estimate
    mean: Estimate
    share_over: Estimate
    draws: int
    seed: int
    clusters: tuple[int, ...]


def cluster_bootstrap(
    log_ratio: ArrayLike,
    clusters: Sequence[Sequence[str]],
    loadings: ArrayLike | None = None,
    *,
    weights: ArrayLike | None = None,
    draws: int = 10_000,
    seed: int = 2026,
) -> Bootstrap:
    """Draw clusters of lines and the factors of their references together.

    Parameters
    ----------
    log_ratio : array (n,)
    clusters : sequence of label sequences
        One or more ways in which lines belong together, each with n labels.
    loadings : array (n, k), optional
        Change of ln R per standard deviation of each of k shared factors.
    weights : array (n,), optional
        Non-negative; equal if left out.
    draws, seed : int

    Returns
    -------
    Bootstrap
        Bounds are NaN, with the reason, where every way of clustering gives fewer than two.

    Raises
    ------
    InputError, ShapeError

    Examples
    --------
    >>> b = cluster_bootstrap([0.1, 0.2, 0.3, 0.4], [list("abcd")], draws=500, seed=1)
    >>> b.median.value, b.median.low >= 0.1, b.median.high <= 0.4
    (0.2, True, True)
    """
    values = np.asarray(log_ratio, dtype=np.float64)
    n = len(values)
    load = np.zeros((n, 0)) if loadings is None else np.asarray(loadings, dtype=np.float64)
    own = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    _check(values, clusters, load, own, draws)
    indices = [np.unique(np.asarray(c), return_inverse=True) for c in clusters]
    counts = tuple(len(labels) for labels, _ in indices)
    ways = [(len(labels), index) for labels, index in indices if len(labels) > 1]
    middle = _median(values[None], own[None])[0]
    mean = float(own @ values / own.sum())
    over = float(own @ (values > 0) / own.sum())
    if not ways:
        why = "all lines belong to one cluster: nothing tells how another would have come out"
        nan = float("nan")
        made = [Estimate(float(v), nan, nan, why) for v in (middle, mean, over)]
        return Bootstrap(made[0], made[1], made[2], draws, seed, counts)
    rng = np.random.default_rng(seed)
    kept: list[Array] = []
    for start in range(0, draws, _BLOCK):
        size = min(_BLOCK, draws - start)
        w = np.broadcast_to(own, (size, n)).copy()
        for count, index in ways:
            w *= rng.multinomial(count, np.full(count, 1 / count), size=size)[:, index]
        drawn = values - rng.standard_normal((size, load.shape[1])) @ load.T
        total = w.sum(axis=1)
        full = total > 0  # clusters may cross in no line at all
        w, drawn, total = w[full], drawn[full], total[full]
        kept.append(
            np.stack(
                [
                    _median(drawn, w),
                    (w * drawn).sum(axis=1) / total,
                    (w * (drawn > 0)).sum(axis=1) / total,
                ]
            )
        )
    sample = np.concatenate(kept, axis=1)
    low, high = np.quantile(sample, LEVELS, axis=1)
    lost = draws - sample.shape[1]
    note = f"{lost} of {draws} draws held no line" if lost else ""
    made = [
        Estimate(float(v), float(low[i]), float(high[i]), note)
        for i, v in enumerate((middle, mean, over))
    ]
    return Bootstrap(made[0], made[1], made[2], draws, seed, counts)


def _check(
    values: Array, clusters: Sequence[Sequence[str]], load: Array, own: Array, draws: int
) -> None:
    n = len(values)
    if values.ndim != 1 or n == 0 or own.shape != (n,) or load.ndim != 2 or load.shape[0] != n:
        raise ShapeError(
            f"log ratios {values.shape}, weights {own.shape}, loadings {load.shape}",
            where="bootstrap",
            do="give n >= 1 lines, n weights and n rows of loadings",
        )
    if not clusters or any(len(c) != n for c in clusters):
        raise ShapeError(
            f"clusters of {[len(c) for c in clusters]} labels for {n} lines",
            where="bootstrap",
            do="give one label for every line, at least in one way",
        )
    if not (np.isfinite(values).all() and np.isfinite(load).all()):
        raise InputError("log ratios or loadings are not finite", where="bootstrap", do="mend them")
    if not (np.isfinite(own).all() and (own >= 0).all() and own.sum() > 0):
        raise InputError(
            "weights are negative, not finite or all zero", where="bootstrap", do="mend them"
        )
    if draws < 1:
        raise InputError(f"{draws} draws", where="bootstrap", do="give at least 1")


def _median(values: Array, weights: Array) -> Array:
    """Return the lower weighted median of each row."""
    order = np.argsort(values, axis=1)
    sums = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    at = (sums < 0.5 * sums[:, -1:] * (1 - 1e-12)).sum(axis=1)
    return np.take_along_axis(np.take_along_axis(values, order, axis=1), at[:, None], axis=1)[:, 0]
