"""Results of batches put together, always in the order of the batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError

__all__ = ["concatenated", "summed"]

Arrays = Mapping[str, NDArray[np.generic]]


def concatenated(results: Iterable[tuple[int, Arrays]]) -> dict[str, NDArray[np.generic]]:
    """Join each named array along its first axis.

    Examples
    --------
    >>> import numpy as np
    >>> concatenated([(0, {"a": np.array([1, 2])}), (1, {"a": np.array([3])})])
    {'a': array([1, 2, 3])}
    """
    parts: dict[str, list[NDArray[np.generic]]] = {}
    for number, result in results:
        for name in _same_names(number, result, parts):
            parts.setdefault(name, []).append(np.atleast_1d(result[name]))
    return {name: np.concatenate(values) for name, values in parts.items()}


def summed(results: Iterable[tuple[int, Arrays]]) -> dict[str, NDArray[np.generic]]:
    """Add up each named array, one batch after the other: one array in memory, fixed rounding.

    Examples
    --------
    >>> import numpy as np
    >>> summed([(0, {"a": np.array([1.0, 2.0])}), (1, {"a": np.array([3.0, 1.0])})])
    {'a': array([4., 3.])}
    """
    total: dict[str, NDArray[np.generic]] = {}
    for number, result in results:
        for name in _same_names(number, result, total):
            one = np.asarray(result[name])
            total[name] = np.add(total[name], one) if name in total else one.copy()
    return total


def _same_names(number: int, result: Arrays, so_far: Mapping[str, object]) -> list[str]:
    if so_far and set(result) != set(so_far):
        raise InputError(
            f"batch {number} returned {', '.join(result)} and those before {', '.join(so_far)}",
            where=f"batch {number}",
            do="let the task return the same names for every batch",
        )
    return list(result)
