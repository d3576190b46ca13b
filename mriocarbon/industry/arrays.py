"""The few array functions of the balances, on NumPy and on JAX alike.

The same formulas serve a single plant, a Monte Carlo run and a gradient. JAX is used only where a
JAX array or tracer is handed in; it is never imported before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["asarray", "exp", "is_jax", "log", "maximum", "namespace"]

_Array = npt.NDArray[np.float64]


def is_jax(value: object) -> bool:
    """Return whether a value is an array or a tracer of JAX.

    Examples
    --------
    >>> is_jax(np.ones(2))
    False
    """
    return type(value).__module__.partition(".")[0] in ("jax", "jaxlib")


def namespace(*values: object) -> Any:
    """Return ``jax.numpy`` if any of the values belongs to JAX, else ``numpy``."""
    if any(is_jax(value) for value in values):
        import jax.numpy as jnp

        return jnp
    return np


def asarray(value: Any) -> _Array:
    """Return the value as an array; one of JAX stays what it is."""
    return value if is_jax(value) else np.asarray(value, dtype=np.float64)


def maximum(a: Any, b: Any) -> _Array:
    """Return the larger of two, entry by entry."""
    return namespace(a, b).maximum(a, b)  # type: ignore[no-any-return]


def exp(value: Any) -> _Array:
    """Return the exponential."""
    return namespace(value).exp(value)  # type: ignore[no-any-return]


def log(value: Any) -> _Array:
    """Return the natural logarithm."""
    return namespace(value).log(value)  # type: ignore[no-any-return]
