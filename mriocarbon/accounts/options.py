"""Options of principles: arrays that the caller gives, checked before anything is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from mriocarbon.accounts.economy import Economy
from mriocarbon.errors import InputError, NonFiniteError, ShapeError


def given(
    e: Economy,
    value: Any,
    name: str,
    shape: tuple[int, ...],
    *,
    low: float = -np.inf,
    high: float = np.inf,
    scalar: bool = False,
) -> Any:
    """Return an option as an array of `shape`, in the economy's kind of array.

    Parameters
    ----------
    e : Economy
    value : array_like
    name : str
        Of the option, for messages.
    shape : tuple of int
    low, high : float
        Closed bounds on every entry.
    scalar : bool
        Allow one number for all.

    Returns
    -------
    array of `shape`

    Raises
    ------
    ShapeError, NonFiniteError, InputError
        The option has another shape, holds no number, or lies out of bounds.
    """
    array = numbers(value, name)
    if scalar and array.ndim == 0:
        array = np.full(shape, float(array))
    if array.shape != shape:
        raise ShapeError(
            f"{name} has shape {array.shape}",
            where=f"option {name}",
            do=f"give shape {shape}" + (" or one number" if scalar else ""),
        )
    if not np.isfinite(array).all():
        raise NonFiniteError(
            f"{name} has {int((~np.isfinite(array)).sum())} cells that are NaN or infinite",
            where=f"option {name}",
            do="fill or remove them; missing is not zero",
        )
    if (array < low).any() or (array > high).any():
        raise InputError(
            f"{name} goes from {array.min():g} to {array.max():g}",
            where=f"option {name}",
            do=f"give numbers from {low:g} to {high:g}",
        )
    return e.xp.asarray(array)


def numbers(value: Any, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return an option as a float array, or an InputError that names it."""
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} is not made of numbers: {error}", where=f"option {name}", do="give numbers"
        ) from error
