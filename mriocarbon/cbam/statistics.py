"""Several references taken together, verdicts with control of false discoveries, rank tests.

Everything is on the log scale: ``l = ln(D / R)`` of a default value D and a reference R, with
the standard deviation of ``ln R`` as its standard error (D is a legal figure and has none).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, NonFiniteError, ShapeError, UnknownNameError, listed
from mriocarbon.model.arrays import frozen

__all__ = [
    "PROCEDURES",
    "Combined",
    "SignedRank",
    "Verdicts",
    "adjusted",
    "combine",
    "signed_rank",
    "verdicts",
]

Array = NDArray[np.float64]
PROCEDURES = ("BY", "BH")
"""Benjamini & Yekutieli (2001), any dependence; Benjamini & Hochberg (1995)."""
EXACT_CLUSTERS = 16  # 2^16 sign patterns take about a millisecond
_TINY = 1e-12


def vector(values: ArrayLike, what: str, n: int | None = None) -> Array:
    """Return a finite, non-empty 1-D array (of length `n`), or say what is wrong with it."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} are not numbers: {error}", where=what) from error
    if array.ndim != 1 or array.size == 0 or (n is not None and array.size != n):
        raise ShapeError(
            f"{what} need one number per line, not shape {array.shape}",
            where=what,
            do="give a flat sequence" + (f" of {n}" if n else " of at least one"),
        )
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise NonFiniteError(
            f"{what} hold {bad.size} value(s) that are not finite",
            where="position " + listed(bad.tolist()),
            do="leave out the lines without a reference; missing is not zero",
        )
    return array


def codes(labels: Sequence[object], n: int, what: str) -> tuple[NDArray[np.intp], int]:
    """Return a code per line and the number of clusters; codes follow the sorted labels."""
    if isinstance(labels, str) or len(labels) != n:
        raise ShapeError(f"{what}: {len(labels)} label(s) for {n} line(s)", where=what)
    for i, label in enumerate(labels):
        if label is None or label == "" or label != label:  # NaN differs from itself
            raise InputError(
                f"{what}: line {i} has no cluster label",
                where=f"position {i}",
                do="name the cluster of every line; a line on its own gets a name of its own",
            )
    names, code = np.unique(np.array([str(label) for label in labels]), return_inverse=True)
    return code, len(names)


@dataclass(frozen=True, slots=True)
class Combined:
    """Random-effects mean of several references of one good.

    Attributes
    ----------
    log_value, log_sd : float
        Mean of ``ln R`` and its standard deviation; ``log_sd**2 = w' (S + tau2 I) w``.
    tau2 : float
        Variance between references beyond their own errors.
    weights : numpy.ndarray, shape (k,)
        Weights, none negative, sum 1.
    q : float
        Cochran's Q with weights ``1 / S_ii``.
    i2 : float
        Share of Q beyond what the references' own errors lead one to expect, in [0, 1].
    """

    log_value: float
    log_sd: float
    tau2: float
    weights: Array
    q: float
    i2: float


def combine(log_values: ArrayLike, covariance: ArrayLike) -> Combined:
    r"""Take several references of one good together, with the errors that they share.

    Random effects, :math:`y = \mu 1 + u + e`, :math:`u \sim (0, \tau^2 I)`,
    :math:`e \sim (0, S)`. The variance between references is that of DerSimonian & Laird with
    the expectation of Q under the full S (for a diagonal S the tr(PS) is k - 1, their formula):

    .. math:: \tau^2 = \max\left(0, \frac{y'Py - tr(PS)}{tr P}\right), \quad
              P = W - W 1 1' W / (1' W 1), \quad W = diag(1 / S_{ii})

    The weights are those of least variance, :math:`\min_w w'(S + \tau^2 I)w`, :math:`1'w = 1`,
    :math:`w \ge 0`: without the last a reference that shares its error with a better one gets a
    negative weight, and the mean can leave the range of the references.

    Parameters
    ----------
    log_values : array_like, shape (k,)
        ``ln R`` of each reference.
    covariance : array_like, shape (k, k)
        S, of the errors of ``ln R``; may be singular (references that share all of their error).

    Returns
    -------
    Combined
        A single reference comes back unchanged. With two or three of them tau2 is itself very
        uncertain.

    Raises
    ------
    InputError
        Empty or non-finite values, or a matrix that is no covariance matrix of this size.

    References
    ----------
    DerSimonian & Laird (1986), doi:10.1016/0197-2456(86)90046-2.

    Examples
    --------
    >>> both = combine([0.0, 1.0], [[0.04, 0.0], [0.0, 0.04]])
    >>> round(both.log_value, 3), round(both.tau2, 3), both.weights.tolist()
    (0.5, 0.46, [0.5, 0.5])
    """
    y = vector(log_values, "log values of the references")
    s = _covariance(covariance, y.size)
    if y.size == 1:
        return Combined(float(y[0]), math.sqrt(s[0, 0]), 0.0, frozen(np.ones(1)), 0.0, 0.0)
    own = s.diagonal()
    # a reference said to be exact would otherwise get an infinite weight
    w = 1.0 / np.maximum(own, 1e-6 * own.max()) if own.max() > 0 else np.ones(y.size)
    p = np.diag(w) - np.outer(w, w) / w.sum()
    centred = y - w @ y / w.sum()
    q, expected = float(w @ centred**2), float((p * s).sum())
    tau2 = max(0.0, (q - expected) / float(p.trace()))
    v = s + tau2 * np.eye(y.size)
    weights = least_variance(v)
    return Combined(
        log_value=float(weights @ y),
        log_sd=math.sqrt(max(0.0, float(weights @ v @ weights))),
        tau2=tau2,
        weights=frozen(weights),
        q=q,
        i2=max(0.0, (q - expected) / q) if q > 0 else 0.0,
    )


def _covariance(covariance: ArrayLike, k: int) -> Array:
    s = np.array(covariance, dtype=np.float64)
    if s.shape != (k, k):
        raise ShapeError(
            f"the covariance of {k} reference(s) has shape {s.shape}", do=f"give ({k}, {k})"
        )
    if not np.isfinite(s).all():
        raise NonFiniteError("the covariance of the references holds values that are not finite")
    size = float(np.abs(s).max())
    if np.abs(s - s.T).max() > 1e-9 * size or float(np.linalg.eigvalsh(s)[0]) < -1e-9 * size:
        raise InputError(
            "this is no covariance matrix: not symmetric, or with a negative variance",
            where="covariance of the references",
            do="build it from loadings, L @ L.T",
        )
    return s


def least_variance(v: Array) -> Array:
    """Return non-negative weights of sum 1 with the least w'Vw."""
    k = len(v)
    size = float(v.trace()) / k
    if size == 0:
        return np.full(k, 1.0 / k)
    # the ridge makes the weights of identical references equal, not arbitrary
    v = np.asarray(v / size + _TINY * np.eye(k), dtype=np.float64)
    free = np.linalg.solve(v, np.ones(k))
    if (free >= 0).all():
        return np.asarray(free / free.sum(), dtype=np.float64)
    from scipy.optimize import nnls

    # min w'Vw + (1'w - 1)^2 over w >= 0: for w = t u with 1'u = 1 the best u does not depend
    # on t, so that the solution, brought to sum 1, is the constrained optimum
    root = np.linalg.cholesky(v).T
    bound, _ = nnls(np.vstack([root, np.ones(k)]), np.append(np.zeros(k), 1.0))
    return np.asarray(bound / bound.sum(), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A finding per line; all arrays have one entry per line and are read-only.

    Attributes
    ----------
    p_bias, p_adjusted : numpy.ndarray
        Two-sided p-value of no bias at all, and the same adjusted over the family.
    p_tost, p_tost_adjusted : numpy.ndarray
        p-value of a bias outside the band (the larger of the two one-sided ones), and adjusted.
    verdict : numpy.ndarray of str
        ``over``, ``under``, ``not biased`` or ``inconclusive``.
    """

    p_bias: Array
    p_adjusted: Array
    p_tost: Array
    p_tost_adjusted: Array
    verdict: NDArray[np.str_]


def verdicts(
    log_ratio: ArrayLike,
    log_sd: ArrayLike,
    *,
    band: float = 0.10,
    q: float = 0.05,
    procedure: Literal["BY", "BH"] | str = "BY",
) -> Verdicts:
    r"""Judge every line: over, under, not biased, or inconclusive.

    .. math:: p = 2 \Phi(-|l| / s), \qquad
              p_{TOST} = \max\{\Phi(-(l - \ln(1-\delta)) / s), \Phi((l - \ln(1+\delta)) / s)\}

    The band is one of the ratio D/R: ``1 - band`` to ``1 + band``, on the log scale ln 0.9 to
    ln 1.1, so that it reads as a relative bias of -10 % to +10 %. Both families of p-values
    are adjusted: comparators are shared by many CN codes, so that the tests depend on each
    other; Benjamini-Yekutieli holds under any dependence, Benjamini-Hochberg under positive
    dependence only.

    A line that differs from 0 *and* lies inside the band is ``not biased``: the question is
    whether a default is off by more than the stated margin, and with a precise reference any
    default differs from it in some decimal.

    Parameters
    ----------
    log_ratio, log_sd : array_like, shape (n,)
        ``ln(D / R)`` and the standard deviation of ``ln R``.
    band : float
        Margin of equivalence as a share, in (0, 1).
    q : float
        Accepted share of false findings, in (0, 1).
    procedure : {"BY", "BH"}
        How p-values are adjusted.

    Returns
    -------
    Verdicts

    Raises
    ------
    InputError
        Empty, mismatched, non-finite or negative input, or an unknown procedure.

    References
    ----------
    Benjamini & Yekutieli (2001), doi:10.1214/aos/1013699998; Benjamini & Hochberg (1995);
    Schuirmann (1987), doi:10.1007/BF01068419.

    Examples
    --------
    >>> verdicts([0.9, -0.9, 0.01, 0.3], [0.1, 0.1, 0.01, 0.4]).verdict.tolist()
    ['over', 'under', 'not biased', 'inconclusive']
    """
    from scipy.special import ndtr

    l = vector(log_ratio, "log ratios")
    sd = vector(log_sd, "standard deviations", l.size)
    if (sd < 0).any():
        raise InputError(
            f"{int((sd < 0).sum())} standard deviation(s) below zero",
            where="position " + listed(np.flatnonzero(sd < 0).tolist()),
        )
    for name, share in (("band", band), ("q", q)):
        if not 0 < share < 1:
            raise InputError(f"{name} is a share between 0 and 1, not {share!r}", where=name)
    p_bias = np.minimum(1.0, 2 * ndtr(-_ratio(np.abs(l), sd, at_zero=0.0)))
    below = ndtr(-_ratio(l - math.log1p(-band), sd, at_zero=-np.inf))
    above = ndtr(-_ratio(math.log1p(band) - l, sd, at_zero=-np.inf))
    p_tost = np.maximum(below, above)
    p_adjusted, p_tost_adjusted = adjusted(p_bias, procedure), adjusted(p_tost, procedure)
    verdict = np.where(
        p_tost_adjusted <= q,
        "not biased",
        np.where(p_adjusted <= q, np.where(l > 0, "over", "under"), "inconclusive"),
    )
    verdict.setflags(write=False)
    return Verdicts(
        frozen(p_bias), frozen(p_adjusted), frozen(p_tost), frozen(p_tost_adjusted), verdict
    )


def _ratio(distance: Array, sd: Array, *, at_zero: float) -> Array:
    """Return distance / sd; with sd = 0 the limit, and `at_zero` where both are 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        z = distance / sd
    return np.where(np.isnan(z), at_zero, z)


def adjusted(p: ArrayLike, procedure: str = "BY") -> Array:
    r"""Adjust p-values for the false discovery rate.

    .. math:: \tilde p_{(i)} = \min_{j \ge i} \min(1, c\, n\, p_{(j)} / j),
              \qquad c = 1 \text{ (BH)},\ \sum_{k=1}^n 1/k \text{ (BY)}

    Parameters
    ----------
    p : array_like, shape (n,)
        p-values in [0, 1].
    procedure : {"BY", "BH"}
        See :data:`PROCEDURES`.

    Returns
    -------
    numpy.ndarray, shape (n,)

    Raises
    ------
    InputError
        A p-value outside [0, 1], or an unknown procedure.

    Examples
    --------
    >>> adjusted([0.01, 0.02, 0.9], "BH").round(3).tolist()
    [0.03, 0.03, 0.9]
    """
    if procedure not in PROCEDURES:
        raise UnknownNameError.of("procedure", procedure, PROCEDURES)
    values = vector(p, "p-values")
    if values.min() < 0 or values.max() > 1:
        raise InputError("p-values lie between 0 and 1", where="p-values")
    n = values.size
    rank = np.arange(1, n + 1)
    factor = float((1.0 / rank).sum()) if procedure == "BY" else 1.0
    order = np.argsort(values, kind="stable")
    stepped = np.minimum.accumulate((factor * n * values[order] / rank)[::-1])[::-1]
    result = np.empty(n)
    result[order] = np.minimum(1.0, stepped)
    return result


@dataclass(frozen=True, slots=True)
class SignedRank:
    """Wilcoxon's signed-rank test of a median of 0: naive, and with clusters.

    Attributes
    ----------
    statistic : float
        Sum of the ranks of the positive lines less that of the negative ones.
    p : float
        Two-sided, as if all lines were independent.
    n : int
        Lines that differ from 0.
    n_clusters : int
        Clusters of these lines.
    z_clustered, p_clustered : float
        Statistic and two-sided p-value with lines of a cluster counted together; NaN where
        there are fewer than two clusters.
    effect : float
        Rank-biserial correlation, -1 (all below) to 1 (all above).
    note : str
        What a reader must know.
    """

    statistic: float
    p: float
    n: int
    n_clusters: int
    z_clustered: float
    p_clustered: float
    effect: float
    note: str = ""


def signed_rank(log_ratio: ArrayLike, clusters: Sequence[object] | None = None) -> SignedRank:
    r"""Test whether the lines deviate to one side.

    The clustered statistic is the mean of Wilcoxon's over all ways to draw one line from each
    of the m clusters. A cluster i of :math:`n_i` lines contributes

    .. math:: T_i = \frac{1}{n_i} \sum_j sgn(l_{ij})
              \Big[1 + \sum_{i' \ne i} \hat F_{i'}(|l_{ij}|)\Big], \qquad
              z = \sum_i T_i \Big/ \sqrt{\sum_i T_i^2}

    with the (mid-) distribution function of each cluster's sizes. The p-value turns the sign
    of whole clusters, exactly up to 16 of them, by the normal distribution above. Errors that
    different clusters share are not in it; the bootstrap has them.

    Parameters
    ----------
    log_ratio : array_like, shape (n,)
        ``ln(D / R)``; zeros are left out, as Wilcoxon did.
    clusters : sequence of labels, length n, optional
        Lines that are not independent of each other share a label; by default every line is a
        cluster of its own.

    Returns
    -------
    SignedRank

    Raises
    ------
    InputError
        Empty, mismatched or non-finite input.

    References
    ----------
    Wilcoxon (1945); Datta & Satten (2008), doi:10.1111/j.1541-0420.2007.00923.x.

    Examples
    --------
    >>> test = signed_rank([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], list("aabbcc"))
    >>> test.n_clusters, round(test.p, 3), test.p_clustered
    (3, 0.031, 0.25)
    """
    from scipy.stats import rankdata, wilcoxon

    every = vector(log_ratio, "log ratios")
    names = list(range(every.size)) if clusters is None else list(clusters)
    code, _ = codes(names, every.size, "clusters of the lines")
    l, code = every[every != 0], code[every != 0]
    if l.size == 0:
        return SignedRank(0.0, 1.0, 0, 0, math.nan, math.nan, 0.0, "all lines agree exactly")
    code, m = np.unique(code, return_inverse=True)[1], len(np.unique(code))
    ranks = rankdata(np.abs(l))
    statistic = float(np.sign(l) @ ranks)
    parts = _cluster_parts(l, code, m)
    notes = [f"{every.size - l.size} line(s) of 0 left out"] if l.size < every.size else []
    if m < 2:
        z, p = math.nan, math.nan
        notes.append("one cluster only: no test that heeds clusters is possible")
    else:
        z = float(parts.sum()) / max(float(np.sqrt((parts**2).sum())), _TINY)
        p = _flip_p(parts)
        if m < 6:
            notes.append(f"with {m} clusters the p-value cannot fall below {2.0 ** (1 - m):g}")
    return SignedRank(
        statistic=statistic,
        p=float(wilcoxon(l).pvalue),
        n=int(l.size),
        n_clusters=m,
        z_clustered=z,
        p_clustered=p,
        effect=statistic / float(ranks.sum()),
        note="; ".join(notes),
    )


def _cluster_parts(l: Array, code: NDArray[np.intp], m: int) -> Array:
    """Return T_i of each cluster."""
    from scipy.stats import rankdata

    size = np.abs(l)
    weight = 1.0 / np.bincount(code, minlength=m)[code]
    levels, level = np.unique(size, return_inverse=True)
    at = np.bincount(level, weights=weight, minlength=len(levels))
    everyone = (np.cumsum(at) - 0.5 * at)[level]  # sum over clusters of the mid-cdf
    own = np.empty(l.size)
    for i in range(m):
        members = np.flatnonzero(code == i)
        own[members] = (rankdata(size[members]) - 0.5) / members.size
    score = np.sign(l) * (1.0 + everyone - own) * weight
    return np.asarray(np.bincount(code, weights=score, minlength=m), dtype=np.float64)


def _flip_p(parts: Array) -> float:
    """Two-sided p-value of the sum when the sign of every part is a fair coin."""
    total = abs(float(parts.sum()))
    if parts.size > EXACT_CLUSTERS:
        spread = float(np.sqrt((parts**2).sum()))
        return math.erfc(total / max(spread, _TINY) / math.sqrt(2.0))
    sums = np.zeros(1)
    for part in parts:
        sums = np.concatenate([sums + part, sums - part])
    return float((np.abs(sums) >= total - 1e-9 * max(1.0, total)).mean())
