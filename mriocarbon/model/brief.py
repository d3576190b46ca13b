"""A few lines on a result, in place of all its numbers, where a person looks at it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

__all__ = ["brief", "interval"]

_LONGEST = 60  # letters of a text that is told, not only named
_MOST = 8  # single values told


def brief(made: Any, *figures: str) -> str:
    """Return what a dataclass is, its main figures, and what it holds with the sizes.

    What ``dataclasses`` writes of a result is every number in it, megabytes for some.

    Parameters
    ----------
    made : dataclass
    *figures : str
        What a person looks for first, with units; without any, the single values of `made`.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> @dataclass
    ... class Made:
    ...     what: str
    ...     value: np.ndarray
    ...     notes: tuple[str, ...] = ()
    ...     __repr__ = brief
    >>> Made("steel", np.zeros((3, 2)))
    <Made: what 'steel'
      with value (3 x 2), notes (0)>
    """
    fields = {f.name: getattr(made, f.name) for f in dataclasses.fields(made) if f.repr}
    single = {name: text for name, value in fields.items() if (text := _single(value))}
    told = figures or tuple(f"{name} {text}" for name, text in list(single.items())[:_MOST])
    rest = [
        f"{name}{_size(value)}"
        for name, value in fields.items()
        if value is not None and not (isinstance(value, str) and not value) and name not in single
    ]
    head = f"<{type(made).__name__}" + (f": {', '.join(told)}" if told else "")
    return f"{head}\n  with {', '.join(rest)}>" if rest else f"{head}>"


def interval(value: float, low: float, high: float, unit: str = "") -> str:
    """Return a figure with its 95 % interval, to four digits.

    Examples
    --------
    >>> interval(158.21, 116.4, 210.3, "Mt CO2e")
    '158.2 (116.4 to 210.3) Mt CO2e'
    """
    return f"{value:.4g} ({low:.4g} to {high:.4g}) {unit}".rstrip()


def _single(value: Any) -> str:
    """Return a single value as text; "" for what is more than that."""
    if value is None or (isinstance(value, (bytes, Iterable)) and not isinstance(value, str)):
        return ""
    if isinstance(value, str):
        return repr(value) if 0 < len(value) <= _LONGEST else ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return text if len(text) <= _LONGEST and not dataclasses.is_dataclass(value) else ""


def _size(value: Any) -> str:
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f" ({' x '.join(map(str, shape))})"
    if isinstance(value, str) or not hasattr(value, "__len__"):
        return ""
    return f" ({len(value):,})"
