"""Settings that are numbers, refused in words when they are none."""

from __future__ import annotations

import math
import numbers

from mriocarbon.errors import InputError

__all__ = ["MOST_DRAWS", "is_real", "real", "whole"]

MOST_DRAWS = 10_000_000
"""More draws than this are a slip of the keyboard: days of work, or memory that no machine has.
A quantile moves with the root of their number."""


def is_real(value: object) -> bool:
    """Tell whether a value is a finite real number, numpy's own among them."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all of double precision
        return False


def real(name: str, value: object, *, above: float, below: float, where: str) -> float:
    """Return a real number strictly between two others, or raise InputError."""
    if is_real(value) and above < float(value) < below:  # type: ignore[arg-type]
        return float(value)  # type: ignore[arg-type]
    wanted = f"a number above {above:g}" + ("" if math.isinf(below) else f" and below {below:g}")
    raise InputError(f"{name} is {value!r}", where=where, do=f"give {wanted}")


def whole(name: str, value: object, *, least: int, where: str, most: int | None = None) -> int:
    """Return a whole number of at least `least` and at most `most`, or raise InputError."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        number = int(value)
        if number >= least and (most is None or number <= most):
            return number
    wanted = f"at least {least:,}" + ("" if most is None else f" and at most {most:,}")
    raise InputError(f"{name} is {value!r}", where=where, do=f"give a whole number of {wanted}")
