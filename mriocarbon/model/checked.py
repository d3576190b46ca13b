"""Settings that are no numbers and tables that are none, refused in words."""

from __future__ import annotations

import math
import numbers
from os import PathLike

from mriocarbon.errors import InputError

__all__ = ["MOST_DRAWS", "is_real", "need_table", "real", "whole"]

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


def need_table(given: object, where: str) -> None:
    """Raise InputError if that is no table: it says how one is loaded.

    A name, a path or nothing in place of a table is the first slip of many; without this it comes
    back as a missing attribute of a string.

    Parameters
    ----------
    given : object
        What stands in place of an MRIO.
    where : str
        Function and parameter.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> try:
    ...     mc.account("oecd-icio-2022", "consumption")
    ... except ValueError as error:
    ...     print(error.what)
    'oecd-icio-2022' is no table
    """
    from mriocarbon.model.table import MRIO

    if isinstance(given, MRIO):
        return
    named = isinstance(given, str | PathLike)
    raise InputError(
        f"{repr(str(given)) if named else type(given).__name__} is no table",
        where=where,
        do="load it first: mc.load('oecd-icio-2022') for one that is embedded, mc.read(PATH) for"
        " a file, mc.MRIO.from_arrays for arrays of your own",
    )
