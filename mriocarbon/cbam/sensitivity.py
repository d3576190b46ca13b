"""What the uncertainty of the references comes from, and how far each part moves the result.

A factor's key is ``group.detail`` (``price.flat.CHN``): what stands before the first dot is its
group.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mriocarbon.cbam.statistics import vector
from mriocarbon.errors import InputError, NonFiniteError, ShapeError, UnknownNameError

__all__ = ["GroupSwing", "group_of", "loading_matrix", "swings", "variance_shares"]

Array = NDArray[np.float64]


def group_of(key: str) -> str:
    """Return the group of a factor: what stands before the first dot.

    Examples
    --------
    >>> group_of("price.flat.CHN"), group_of("price")
    ('price', 'price')
    """
    return key.split(".", 1)[0]


def loading_matrix(loadings: Sequence[Mapping[str, float]]) -> tuple[Array, tuple[str, ...]]:
    """Return the loadings as a matrix, lines x factors, and the factors' keys in order.

    Parameters
    ----------
    loadings : sequence of mapping of str to float
        Loadings of each line.

    Returns
    -------
    matrix : numpy.ndarray, shape (n, k)
        A factor that a line does not have is 0.
    keys : tuple of str, length k
        Sorted, so that the order of the lines does not matter.

    Raises
    ------
    InputError
        No line, or a loading that is not finite.

    Examples
    --------
    >>> matrix, keys = loading_matrix([{"b": 0.1}, {"a": 0.2, "b": 0.3}])
    >>> keys, matrix.tolist()
    (('a', 'b'), [[0.0, 0.1], [0.2, 0.3]])
    """
    if len(loadings) == 0:
        raise InputError("no loadings of any line", where="loadings")
    keys = sorted({key for line in loadings for key in line})
    place = {key: j for j, key in enumerate(keys)}
    matrix = np.zeros((len(loadings), len(keys)))
    for i, line in enumerate(loadings):
        for key, value in line.items():
            if not math.isfinite(value):
                raise NonFiniteError(
                    f"the loading on {key!r} is {value!r}", where=f"line {i}, factor {key!r}"
                )
            matrix[i, place[key]] = value
    return matrix, tuple(keys)


def variance_shares(
    loadings: Mapping[str, float] | Sequence[Mapping[str, float]],
    *,
    of: Literal["lines", "mean"] = "lines",
    weights: ArrayLike | None = None,
) -> Mapping[str, float]:
    r"""Share of each group of factors in the variance of ``ln R``.

    .. math:: s_g = \sum_i w_i \frac{\sum_{k \in g} \lambda_{ik}^2}{\sum_k \lambda_{ik}^2}
              \quad (lines), \qquad
              s_g = \frac{\sum_{k \in g} \bar\lambda_k^2}{\sum_k \bar\lambda_k^2}, \quad
              \bar\lambda_k = \sum_i w_i \lambda_{ik} \quad (mean)

    A factor of one line alone averages away in the mean over lines, a shared one stays: the
    shares of the mean are therefore those of the shared factors, mostly.

    Parameters
    ----------
    loadings : mapping, or sequence of mapping, of str to float
        Change of ``ln R`` per standard deviation of each factor, of one line or of each.
    of : {"lines", "mean"}
        The mean of the lines' shares, or the shares in the variance of the lines' mean.
    weights : array_like, shape (n,), optional
        Weights of the lines, 0 or more; equal by default.

    Returns
    -------
    mapping of str to float
        Sum 1, largest first. Lines without any variance are left out of the mean of shares.

    Raises
    ------
    InputError
        No line has a variance, a loading is not finite, or weights do not fit.

    Examples
    --------
    >>> shares = variance_shares({"price.a": 3.0, "price.b": 4.0, "cell.x": 1.0})
    >>> {name: round(share, 3) for name, share in shares.items()}
    {'price': 0.962, 'cell': 0.038}
    """
    lines = [loadings] if isinstance(loadings, Mapping) else list(loadings)
    matrix, keys = loading_matrix(lines)
    w = _weights(weights, len(lines))
    if of == "lines":
        squares = matrix**2
        total = squares.sum(1)
        kept = (total > 0) & (w > 0)
        per_key = w[kept] / w[kept].sum() @ (squares[kept] / total[kept, None])
    elif of == "mean":
        per_key = (w @ matrix) ** 2
    else:
        raise UnknownNameError.of("kind of variance share", of, ("lines", "mean"))
    whole = float(per_key.sum())
    if not whole > 0:
        raise InputError(
            "there is no variance to share out",
            where="loadings",
            do="give references with an uncertainty; an estimate without one is not exact",
        )
    shares: dict[str, float] = {}
    for key, value in zip(keys, per_key / whole, strict=True):
        shares[group_of(key)] = shares.get(group_of(key), 0.0) + float(value)
    return MappingProxyType(dict(sorted(shares.items(), key=lambda item: -item[1])))


def _weights(weights: ArrayLike | None, n: int) -> Array:
    if weights is None:
        return np.full(n, 1.0 / n)
    w = vector(weights, "weights of the lines", n)
    if (w < 0).any() or not w.sum() > 0:
        raise InputError(
            "weights are 0 or more, and not all of them 0", where="weights of the lines"
        )
    return np.asarray(w / w.sum(), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class GroupSwing:
    """What one standard deviation of one group of factors does, all else unchanged.

    All figures are of ``l = ln(D / R)``; *up* is with the references raised (l falls).

    Attributes
    ----------
    group : str
        Group of factors.
    sd : float
        Standard deviation of the mean of l that comes from the group.
    mean_up, mean_down, median_up, median_down : float
        Mean and median of l.
    share_up, share_down : float
        Share of the lines with D above R.
    """

    group: str
    sd: float
    mean_up: float
    mean_down: float
    median_up: float
    median_down: float
    share_up: float
    share_down: float


def swings(log_ratio: ArrayLike, loadings: Sequence[Mapping[str, float]]) -> tuple[GroupSwing, ...]:
    r"""Move each group of factors by one standard deviation, one group at a time.

    A group of several factors can move in many directions by one standard deviation; taken is
    the one that moves the mean of all lines most,

    .. math:: u_g = \bar\lambda_g / |\bar\lambda_g|, \qquad
              l_i \mp \sum_{k \in g} \lambda_{ik} u_k, \qquad sd_g = |\bar\lambda_g|

    so that :math:`\sum_g sd_g^2` is the variance of the mean of ``ln R``, and a group of one
    factor moves by just that factor. A group whose loadings cancel in the mean moves along its
    largest principal direction.

    Parameters
    ----------
    log_ratio : array_like, shape (n,)
        ``ln(D / R)``.
    loadings : sequence of mapping of str to float, length n
        Loadings of ``ln R`` of each line.

    Returns
    -------
    tuple of GroupSwing
        Largest effect on the mean first.

    Raises
    ------
    InputError
        Empty, mismatched or non-finite input.

    Examples
    --------
    >>> moved = swings([0.1, 0.3], [{"price.a": 0.2}, {"price.a": 0.4}])[0]
    >>> moved.group, round(moved.mean_up, 2), round(moved.mean_down, 2)
    ('price', -0.1, 0.5)
    """
    l = vector(log_ratio, "log ratios")
    if len(loadings) != l.size:
        raise ShapeError(
            f"{len(loadings)} set(s) of loadings for {l.size} line(s)", where="loadings"
        )
    matrix, keys = loading_matrix(loadings)
    groups: dict[str, list[int]] = {}
    for j, key in enumerate(keys):
        groups.setdefault(group_of(key), []).append(j)
    found = [_swing(l, name, matrix[:, columns]) for name, columns in groups.items()]
    return tuple(sorted(found, key=lambda s: -s.sd))


def _swing(l: Array, group: str, part: Array) -> GroupSwing:
    mean = part.mean(0)
    sd = float(np.linalg.norm(mean))
    if sd > 1e-12 * float(np.abs(part).max(initial=0.0)):
        direction = mean / sd
    else:
        sd, direction = 0.0, np.linalg.svd(part, full_matrices=False)[2][0]
        # the sign of a principal direction is free; the largest loading is taken as upward
        direction = direction * (1.0 if direction[np.abs(direction).argmax()] >= 0 else -1.0)
    shift = part @ direction
    up, down = l - shift, l + shift
    return GroupSwing(
        group=group,
        sd=sd,
        mean_up=float(up.mean()),
        mean_down=float(down.mean()),
        median_up=float(np.median(up)),
        median_down=float(np.median(down)),
        share_up=float((up > 0).mean()),
        share_down=float((down > 0).mean()),
    )
