"""Units as inventories of processes write them, brought to what pint reads."""

from __future__ import annotations

import re
from functools import cache

from mriocarbon.errors import UnitError
from mriocarbon.model.units import factor

__all__ = ["compatible", "convert"]

_SPELLINGS = (
    (re.compile(r"(?<![A-Za-z])([kcd]?m)([23])(?![0-9])"), r"\1**\2"),
    (re.compile(r"\b(?:personkm|pkm|p\*km)\b"), "capita*km"),
    (re.compile(r"\btkm\b"), "t*km"),
    (re.compile(r"\*a\b"), "*year"),
)


def _spell(unit: str) -> str:
    for pattern, replacement in _SPELLINGS:
        unit = pattern.sub(replacement, unit)
    return unit


@cache
def convert(unit: str, target: str) -> float:
    """Return the number by which an amount in `unit` is multiplied to be in `target`.

    A unit that pint does not know, such as ``"Item(s)"`` or ``"EUR 2000"``, fits itself alone.

    Raises
    ------
    UnitError
        They measure different things, or one is not understood.

    Examples
    --------
    >>> convert("kWh", "MJ"), convert("t*km", "kg*km"), convert("Item(s)", "Item(s)")
    (3.6, 1000.0, 1.0)
    """
    if not unit.strip() or not target.strip():
        raise UnitError("an amount without a unit", where="units", do="give every amount a unit")
    return 1.0 if unit == target else factor(_spell(unit), _spell(target))


@cache
def compatible(unit: str, target: str) -> bool:
    """Tell whether amounts in `unit` can be had in `target`.

    Examples
    --------
    >>> compatible("kWh", "MJ"), compatible("kWh", "kg")
    (True, False)
    """
    try:
        convert(unit, target)
    except UnitError:
        return False
    return True
