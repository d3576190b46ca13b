"""Which part of the world a country is in: whose mean stands in for what it has no figure of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

__all__ = ["part_of", "parts"]


@lru_cache(maxsize=1)
def parts() -> Mapping[str, str]:
    """Return alpha-3 code to part of the world, as Ember groups them.

    Examples
    --------
    >>> parts()["OMN"]
    'Middle East'
    """
    path = files("mriocarbon.avoided") / "tables" / "regions.csv"
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    pairs = (line.split(",", 1) for line in lines)
    return MappingProxyType({one[0]: one[1] for one in pairs})


def part_of(code: str) -> str:
    """Return the part of the world of a country, "World" where the table has none."""
    return parts().get(code, "World")
