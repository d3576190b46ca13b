"""Settings that are no numbers and tables that are none, refused in words."""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable
from functools import wraps
from os import PathLike
from typing import ParamSpec, TypeVar

from mriocarbon.errors import InputError

__all__ = ["MOST_DRAWS", "is_real", "real", "takes_table", "whole"]

P = ParamSpec("P")
T = TypeVar("T")

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


def takes_table(function: Callable[P, T]) -> Callable[P, T]:
    """Let a function refuse, before anything else, what is no table where a table belongs.

    A name, a path or nothing in place of a table is the first slip of many; without this it comes
    back as a missing attribute of a string.

    Raises
    ------
    InputError
        When the function is called so; it says how a table is loaded.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> try:
    ...     mc.account("oecd-icio-2022", "consumption")
    ... except ValueError as error:
    ...     print(error.what)
    'oecd-icio-2022' is no table
    """
    parameters = inspect.signature(function).parameters.values()
    tables = [(k, p.name) for k, p in enumerate(parameters) if p.annotation == "MRIO"]

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        from mriocarbon.model.table import MRIO

        for place, name in tables:
            given = args[place] if place < len(args) else kwargs.get(name, MRIO)
            if given is not MRIO and not isinstance(given, MRIO):
                named = isinstance(given, str | PathLike)
                raise InputError(
                    f"{repr(str(given)) if named else type(given).__name__} is no table",
                    where=f"{function.__name__}, {name}",
                    do="load it first: mc.load('oecd-icio-2022') for one that is embedded,"
                    " mc.read(PATH) for a file, mc.MRIO.from_arrays for arrays of your own",
                )
        return function(*args, **kwargs)

    return checked
