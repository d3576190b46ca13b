"""Is a default value biased? Tests of one value, and references taken together.

With a default value D and a reference R, ``ln R ~ N(ln r, s^2)``, the log ratio is
``l = ln(D / r)``. Two questions are asked, each with its own test: is there any bias at all
(two-sided, H0: l = 0), and does the bias lie inside a band that nobody would call one (two
one-sided tests, H0: the ratio is at or beyond 1 - band or 1 + band; Schuirmann 1987,
doi:10.1007/BF01068419). Many goods share one reference, so their tests depend on one another:
p-values are adjusted by Benjamini & Yekutieli (2001), doi:10.1214/aos/1013699998, which holds
under any dependence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.errors import InputError, ShapeError, UnknownNameError

Array = NDArray[np.float64]
PROCEDURES = ("BY", "BH")
VERDICTS = ("over", "under", "not biased", "inconclusive")


@dataclass(frozen=True, slots=True)
class Combined:
    """Several references of one good together, by random effects.

    Attributes
    ----------
    log_value, log_sd : float
        Mean of ln R and its standard deviation.
    tau2 : float
        Variance between the references beyond what their own errors explain.
    weights : ndarray
        They add up to one.
    q, i2 : float
        Cochran's Q, and the share of it beyond chance.
    """

    log_value: float
    log_sd: float
    tau2: float
    weights: Array
    q: float
    i2: float


def combine(log_values: ArrayLike, covariance: ArrayLike) -> Combined:
    """Combine references of one good, whose errors may share causes.

    The moment estimator of DerSimonian & Laird (1986), doi:10.1016/0197-2456(86)90046-2, for a
    full covariance V of the errors: with the fixed-effect mean m,
    ``Q = (y - m)'V^-1 (y - m)``, ``tau2 = max(0, (Q - k + 1) / (tr V^-1 - 1'V^-2 1 / 1'V^-1 1))``
    and weights from ``(V + tau2 I)^-1``.

    Parameters
    ----------
    log_values : array (k,)
    covariance : array (k, k)

    Returns
    -------
    Combined

    Raises
    ------
    InputError, ShapeError
        No reference; not finite; shapes that do not fit; no variance.

    Examples
    --------
    >>> c = combine([0.0, 1.0], [[0.01, 0], [0, 0.01]])
    >>> round(c.log_value, 6), c.weights.tolist(), round(c.tau2, 2)
    (0.5, [0.5, 0.5], 0.49)
    """
    y = np.asarray(log_values, dtype=np.float64)
    V = np.asarray(covariance, dtype=np.float64)
    k = len(y) if y.ndim == 1 else 0
    if k == 0 or V.shape != (k, k):
        raise ShapeError(
            f"{y.shape} values with a covariance of shape {V.shape}",
            where="combine",
            do="give k >= 1 values and a k x k covariance",
        )
    if not (np.isfinite(y).all() and np.isfinite(V).all() and (np.diagonal(V) >= 0).all()):
        raise InputError("values or variances are not finite", where="combine", do="mend them")
    if k == 1:
        return Combined(float(y[0]), float(np.sqrt(V[0, 0])), 0.0, np.ones(1), 0.0, 0.0)
    # References that repeat one another make V singular; a trace of noise decides between equals.
    V = V + np.eye(k) * max(1e-12, 1e-9 * float(np.trace(V)) / k)
    P = np.linalg.inv(V)
    total = P.sum()
    mean = (P @ y).sum() / total
    q = float((y - mean) @ P @ (y - mean))
    spread = float(np.trace(P) - (P @ P).sum() / total)
    tau2 = max(0.0, (q - (k - 1)) / spread)
    P = np.linalg.inv(V + tau2 * np.eye(k))
    weights = P.sum(axis=0) / P.sum()
    value = float(weights @ y)
    sd = float(np.sqrt(weights @ (V + tau2 * np.eye(k)) @ weights))
    i2 = max(0.0, 1 - (k - 1) / q) if q > 0 else 0.0
    return Combined(value, sd, tau2, weights, q, i2)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the tests find, one entry per comparison (see :func:`verdicts`)."""

    p_bias: Array
    p_adjusted: Array
    p_tost: Array
    p_tost_adjusted: Array
    verdict: tuple[str, ...]


def verdicts(
    log_ratio: ArrayLike,
    log_sd: ArrayLike,
    *,
    band: float = 0.10,
    q: float = 0.05,
    procedure: str = "BY",
) -> Verdicts:
    """Judge comparisons together.

    Parameters
    ----------
    log_ratio, log_sd : array (n,)
        ln(D / R), and the standard deviation of ln R.
    band : float
        Half-width of the equivalence band on the ratio, 0.10 for 0.9 to 1.1.
    q : float
        Accepted rate of false discoveries.
    procedure : str
        ``"BY"`` (any dependence) or ``"BH"`` (independent or positively dependent).

    Returns
    -------
    Verdicts
        `verdict` is ``not biased`` where equivalence is shown, even if a small bias is
        significant too: inside the band it does not matter. Otherwise ``over`` or ``under``
        where a bias is shown, and ``inconclusive`` where neither is.

    Raises
    ------
    InputError, ShapeError, UnknownNameError

    Examples
    --------
    >>> verdicts([1.0, -1.0, 0.01, 0.2], [0.1, 0.1, 0.01, 0.3]).verdict
    ('over', 'under', 'not biased', 'inconclusive')
    """
    from scipy.stats import norm

    ratio = np.asarray(log_ratio, dtype=np.float64)
    sd = np.asarray(log_sd, dtype=np.float64)
    if ratio.ndim != 1 or ratio.shape != sd.shape:
        raise ShapeError(
            f"log ratios {ratio.shape} and standard deviations {sd.shape}",
            where="verdicts",
            do="give one of each for every comparison",
        )
    if not (np.isfinite(ratio).all() and np.isfinite(sd).all() and (sd > 0).all()):
        raise InputError(
            "a log ratio is not finite, or a standard deviation not above zero",
            where="verdicts",
            do="leave out what has no reference; an exact reference does not exist",
        )
    if not 0 < band < 1 or not 0 < q < 1:
        raise InputError(
            f"band {band!r} and q {q!r} have to lie between 0 and 1",
            where="verdicts",
            do="give 0.10 for a band of 10 %, and 0.05 for 5 % of false discoveries",
        )
    p_bias = 2 * norm.sf(np.abs(ratio) / sd)
    above = norm.sf((ratio - np.log1p(-band)) / sd)
    below = norm.sf((np.log1p(band) - ratio) / sd)
    p_tost = np.maximum(above, below)
    bias, same = adjust(p_bias, procedure), adjust(p_tost, procedure)
    found = tuple(
        "not biased" if s <= q else ("over" if r > 0 else "under") if b <= q else "inconclusive"
        for r, b, s in zip(ratio, bias, same, strict=True)
    )
    return Verdicts(p_bias, bias, p_tost, same, found)


def adjust(p: ArrayLike, procedure: str = "BY") -> Array:
    """Return p-values adjusted for the false discovery rate, in their order.

    Benjamini & Hochberg (1995): ``min over j >= i of p_(j) n / j``; Benjamini & Yekutieli (2001)
    multiply by ``1 + 1/2 + ... + 1/n``.

    Examples
    --------
    >>> adjust([0.01, 0.04, 0.03], "BH").tolist()
    [0.03, 0.04, 0.04]
    """
    if procedure not in PROCEDURES:
        raise UnknownNameError.of("procedure", str(procedure), PROCEDURES)
    values = np.asarray(p, dtype=np.float64)
    n = len(values)
    if n == 0:
        return values.copy()
    order = np.argsort(values)
    factor = np.sum(1 / np.arange(1, n + 1)) if procedure == "BY" else 1.0
    scaled = values[order] * n * factor / np.arange(1, n + 1)
    out = np.empty(n)
    out[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return out


@dataclass(frozen=True, slots=True)
class SignedRank:
    """The signed-rank test of a symmetric l around zero, naive and by clusters.

    Attributes
    ----------
    statistic : float
        Sum of the signed ranks.
    p_naive : float
        As if all lines were independent (Wilcoxon 1945).
    p_clustered : float
        With clusters as the independent units (Rosner, Glynn & Lee 2006); NaN below 5 clusters.
    lines, clusters : int
    """

    statistic: float
    p_naive: float
    p_clustered: float
    lines: int
    clusters: int


def signed_rank(log_ratio: ArrayLike, clusters: ArrayLike) -> SignedRank:
    """Test whether log ratios lie around zero, lines of a cluster counting as dependent.

    With T_c the sum of signed ranks in cluster c, ``Z = sum T_c / sqrt(sum T_c^2)``, standard
    normal under H0 (Rosner, Glynn & Lee 2006, doi:10.1111/j.1541-0420.2005.00389.x).

    Examples
    --------
    >>> found = signed_rank([0.5, 0.6, 0.7, 0.4, 0.3, 0.2], list("aabbcc"))
    >>> found.lines, found.clusters, round(found.p_naive, 3)
    (6, 3, 0.031)
    """
    from scipy.stats import norm, rankdata, wilcoxon

    values = np.asarray(log_ratio, dtype=np.float64)
    labels = np.asarray(clusters)
    if values.ndim != 1 or values.shape != labels.shape or not np.isfinite(values).all():
        raise InputError(
            f"log ratios {values.shape} with clusters {labels.shape}, or not finite",
            where="signed rank",
            do="give one finite log ratio and one cluster for each line",
        )
    kept = values != 0
    values, labels = values[kept], labels[kept]
    if len(values) == 0:
        return SignedRank(0.0, float("nan"), float("nan"), 0, 0)
    signed = np.sign(values) * rankdata(np.abs(values))
    _, index = np.unique(labels, return_inverse=True)
    sums = np.bincount(index, weights=signed)
    z = sums.sum() / np.sqrt((sums**2).sum())
    clustered = float(2 * norm.sf(abs(z))) if len(sums) >= 5 else float("nan")
    naive = float(wilcoxon(values).pvalue)
    return SignedRank(float(signed.sum()), naive, clustered, len(values), len(sums))
