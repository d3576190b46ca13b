"""The tables that tools work on: loaded once, shared by all calls, known by name."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

import mriocarbon as mc
from mriocarbon.errors import UnknownNameError

EMBEDDED = "oecd-icio-2022"
_ADDED: dict[str, mc.MRIO] = {}

Name = Annotated[
    str, Field(description="name of the table; the OECD table of 2022 if left out", max_length=80)
]
Region = Annotated[
    str, Field(description="country or region, by name in any language or code", max_length=80)
]
Gas = Literal["GHG", "CO2"]


@lru_cache(maxsize=1)
def _embedded() -> mc.MRIO:
    return mc.load(EMBEDDED)


def table(name: str = EMBEDDED) -> mc.MRIO:
    """Return a table by its name."""
    if name == EMBEDDED:
        return _embedded()
    if name in _ADDED:
        return _ADDED[name]
    raise UnknownNameError.of("table", name, names())


def names() -> list[str]:
    """Return the names of the tables at hand."""
    return [EMBEDDED, *_ADDED]


def add(name: str, mrio: mc.MRIO) -> None:
    """Make a table known under a name that is not taken yet; it stays for this process."""
    if name in names():
        raise UnknownNameError(f"a table named {name!r} is there already", do="choose another name")
    _ADDED[name] = mrio
