"""Which inputs make the references uncertain, and what the answer does when they move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Loadings = Sequence[Mapping[str, float]]


def group_of(key: str) -> str:
    """Return the group of a factor: the text before its first dot.

    Examples
    --------
    >>> group_of("price.steel.CHN")
    'price'
    """
    return key.split(".", 1)[0]


def matrix(loadings: Loadings) -> tuple[Array, tuple[str, ...]]:
    """Return loadings as an array (lines, factors) and the factors' keys.

    Examples
    --------
    >>> matrix([{"a": 1.0}, {"a": 2.0, "b": 3.0}])[0].tolist()
    [[1.0, 0.0], [2.0, 3.0]]
    """
    keys = tuple(sorted({key for row in loadings for key in row}))
    return np.array([[row.get(key, 0.0) for key in keys] for row in loadings]).reshape(
        len(loadings), len(keys)
    ), keys


def variance_shares(loadings: Loadings, group: Callable[[str], str] = group_of) -> dict[str, float]:
    """Return each group's share of the variance of ln R, averaged over the lines, largest first.

    Examples
    --------
    >>> variance_shares([{"price.x": 3.0, "cell.y": 4.0}, {"cell.y": 1.0}])
    {'cell': 0.82, 'price': 0.18}
    """
    shares: dict[str, float] = {}
    rows = [row for row in loadings if any(v != 0 for v in row.values())]
    for row in rows:
        total = sum(v * v for v in row.values())
        for key, v in row.items():
            name = group(key)
            shares[name] = shares.get(name, 0.0) + v * v / total / len(rows)
    return dict(sorted(((k, round(v, 12)) for k, v in shares.items()), key=lambda kv: -kv[1]))


def swings(
    log_ratio: Array,
    loadings: Loadings,
    statistic: Callable[[Array], float],
    group: Callable[[str], str] = group_of,
) -> dict[str, tuple[float, float]]:
    """Return a statistic of the log ratios with each group of factors one deviation down and up.

    All factors of a group move together, ``l -> l - (sum of the group's loadings)``: up means
    higher references, thus lower log ratios.

    Examples
    --------
    >>> swings(np.array([1.0, 2.0]), [{"p.a": 0.5}, {"p.b": 0.5}], lambda l: float(l.mean()))
    {'p': (2.0, 1.0)}
    """
    names = sorted({group(key) for row in loadings for key in row})
    found = {}
    for name in names:
        shift = np.array([sum(v for k, v in row.items() if group(k) == name) for row in loadings])
        found[name] = (statistic(log_ratio + shift), statistic(log_ratio - shift))
    return found
