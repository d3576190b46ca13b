"""Where the variance of ln(D / R) lies: between countries of origin, between goods, or neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mriocarbon.errors import InputError


@dataclass(frozen=True, slots=True)
class VarianceSplit:
    """Components of variance of a crossed layout, and their shares (which add up to one).

    Attributes
    ----------
    origin, cn, residual : float
    shares : mapping of str to float
    cells, origins, cns : int
    note : str
        Says where a component came out negative and was put to zero.
    """

    origin: float
    cn: float
    residual: float
    shares: Mapping[str, float]
    cells: int
    origins: int
    cns: int
    note: str


def variance_split(values: ArrayLike, origins: Sequence[str], cns: Sequence[str]) -> VarianceSplit:
    """Split the variance of values over origin, good and the rest.

    Model ``l = mu + a_origin + b_cn + e`` with random a, b, e, and any cells missing. The sums of
    squares of all values, of origins, of goods and of the mean are set equal to what the model
    expects of them (Henderson 1953, method 1, doi:10.2307/3001853): four linear equations.

    Parameters
    ----------
    values : array (n,)
        One for each cell that there is.
    origins, cns : sequence of str, n each
        Labels of the cells; no cell twice.

    Returns
    -------
    VarianceSplit

    Raises
    ------
    InputError
        Lengths differ, not finite, a cell twice, or fewer than two origins or goods.

    Examples
    --------
    >>> split = variance_split([1.0, 1.0, 3.0, 3.0], list("aabb"), list("xyxy"))
    >>> round(split.shares["origin"], 6)
    1.0
    """
    y = np.asarray(values, dtype=np.float64)
    if y.ndim != 1 or len(y) != len(origins) or len(y) != len(cns) or not np.isfinite(y).all():
        raise InputError(
            f"{y.shape} values with {len(origins)} origins and {len(cns)} goods, or not finite",
            where="variance split",
            do="give one finite value, origin and good for every cell",
        )
    if len(set(zip(origins, cns, strict=True))) != len(y):
        raise InputError("a cell stands twice", where="variance split", do="give each cell once")
    _, i = np.unique(np.asarray(origins), return_inverse=True)
    _, j = np.unique(np.asarray(cns), return_inverse=True)
    ni, nj = np.bincount(i), np.bincount(j)
    a, b, N = len(ni), len(nj), len(y)
    if a < 2 or b < 2 or a + b - 1 >= N:
        raise InputError(
            f"{a} origins and {b} goods in {N} cells allow no split",
            where="variance split",
            do="give at least two of each, and more cells than effects",
        )
    y = y - y.mean()  # for accuracy only: the components do not depend on it
    sums = np.array(
        [
            (y**2).sum(),
            (np.bincount(i, weights=y) ** 2 / ni).sum(),
            (np.bincount(j, weights=y) ** 2 / nj).sum(),
            y.sum() ** 2 / N,
        ]
    )
    # columns: N mu^2, origin, cn, residual
    expected = np.array(
        [
            [1.0, N, N, N],
            [1.0, N, a, a],
            [1.0, b, N, b],
            [1.0, (ni**2).sum() / N, (nj**2).sum() / N, 1.0],
        ]
    )
    found = np.linalg.solve(expected, sums)[1:]
    scale = max(float(np.abs(found).max()), 1e-300)
    negative = [
        name
        for name, v in zip(("origin", "cn", "residual"), found, strict=True)
        if v < -1e-12 * scale
    ]
    kept = np.maximum(found, 0.0)
    total = kept.sum()
    shares = kept / total if total > 0 else np.full(3, np.nan)
    note = f"negative and put to zero: {', '.join(negative)}" if negative else ""
    return VarianceSplit(
        origin=float(kept[0]),
        cn=float(kept[1]),
        residual=float(kept[2]),
        shares={k: float(s) for k, s in zip(("origin", "cn", "residual"), shares, strict=True)},
        cells=N,
        origins=a,
        cns=b,
        note=note,
    )
