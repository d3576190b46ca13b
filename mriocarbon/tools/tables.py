"""The tables that tools work on: loaded once, shared by all calls, known by name."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

import mriocarbon as mc
from mriocarbon.errors import MriocarbonWarning, NotAvailableError, UnknownNameError, quietly
from mriocarbon.tools.registry import forget

EMBEDDED = "oecd-icio-2022"
FULL = "oecd-icio-2022-full"
QUICK = ("production", "consumption")
"""Principles whose first-order interval takes a fraction of a second on the embedded table."""

_ADDED: dict[str, mc.MRIO] = {}


def as_list(value: Any) -> Any:
    """One name where a list is asked for is a list of one."""
    return [value] if isinstance(value, str) else value


def _text(value: Any) -> Any:
    """Return a year given as a number as text; True is none."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Name = Annotated[
    str, Field(description="name of the table; the OECD table of 2022 if left out", max_length=80)
]
Region = Annotated[
    str, Field(description="country or region, by name in any language or code", max_length=80)
]
Regions = Annotated[
    list[Region],
    BeforeValidator(as_list),
    Field(description="countries or regions, by name in any language or code", max_length=90),
]
Gas = Annotated[
    str, Field(description="GHG (all of them), CO2, CH4, N2O or F-gases", max_length=80)
]
Year = Annotated[
    str,
    BeforeValidator(_text),
    Field(description="year that was asked for; the table's own if left out", max_length=20),
]
Sector = Annotated[
    str, Field(description="industry, by name such as steel, 钢铁, or code", max_length=80)
]
Limit = Annotated[int, Field(description="how many to list", ge=1, le=60)]
Offset = Annotated[int, Field(description="how many to leave out before the first", ge=0)]


@lru_cache(maxsize=1)
def _embedded() -> mc.MRIO:
    return mc.load(EMBEDDED)


@lru_cache(maxsize=1)
def _full() -> mc.MRIO:
    return mc.load(EMBEDDED, detail="full")


def table(name: str = EMBEDDED) -> mc.MRIO:
    """Return a table by its name.

    Raises
    ------
    UnknownNameError
        No such table.
    NotAvailableError
        The table of 81 economies without the folder of source data.
    """
    if name == EMBEDDED:
        return _embedded()
    if name == FULL:
        return _full()
    if name in _ADDED:
        return _ADDED[name]
    raise UnknownNameError.of("table", name, names())


def names() -> list[str]:
    """Return the names of the tables at hand."""
    from mriocarbon.datasets.full import source_folder

    try:
        source_folder("the full table")
    except NotAvailableError:
        return [EMBEDDED, *_ADDED]
    return [EMBEDDED, FULL, *_ADDED]


def add(name: str, mrio: mc.MRIO) -> None:
    """Make a table known under a name that is not taken yet; it stays for this process."""
    if name in (EMBEDDED, FULL, *_ADDED):
        raise UnknownNameError(f"a table named {name!r} is there already", do="choose another name")
    _ADDED[name] = mrio


def remove(name: str) -> None:
    """Forget a table that was added, and everything that was answered from it."""
    if _ADDED.pop(name, None) is None:
        raise UnknownNameError.of("added table", name, _ADDED)
    accounted.cache_clear()
    forget()


@lru_cache(maxsize=64)
def accounted(
    mrio: mc.MRIO, principle: str, gas: str, households: bool = True
) -> tuple[mc.Result, tuple[MriocarbonWarning, ...]]:
    """Return an account, with its interval where that is quick, and what was warned of.

    Kept, so that another region of the same account costs nothing.
    """
    with quietly() as told:
        found = mc.account(
            mrio, principle, stressor=gas, households=households,
            uncertainty="first-order" if principle in QUICK and quick(mrio) else None,
        )  # fmt: skip
    return found, tuple(told)


def quick(mrio: mc.MRIO) -> bool:
    """Return whether a first-order interval of a table takes a fraction of a second."""
    return len(mrio.index) <= 1000


@lru_cache(maxsize=16)
def gap_of(mrio: mc.MRIO, gas: str) -> mc.Result:
    """Return consumption over production of industries, per cent, with a paired interval; kept."""
    return mc.difference(mrio, "consumption", stressor=gas, households=False)


@lru_cache(maxsize=1)
def studied() -> mc.Study:
    """Return the study of 2022 over all its choices; kept, since it takes seconds."""
    return mc.reproduce_2022()


@lru_cache(maxsize=64)
def flows_from(mrio: mc.MRIO, gas: str, origin: str) -> mc.Result:
    """Return what a region emits for each consumer, with a first-order interval; kept.

    A row of `mc.bilateral` is the consumption account of the same table in which nobody else
    emits, so that its variance is that of such an account, the error of each cell as it was.
    """
    from mriocarbon.uncertainty import default_errors

    extension = mrio.extension_of(gas)
    row, S, r = extension.row(gas), len(mrio.sectors), mrio.regions.index(origin)
    F = np.zeros((1, len(mrio.index)))
    F[0, r * S : (r + 1) * S] = extension.F[row, r * S : (r + 1) * S]
    alone = replace(
        extension, stressors=(gas,), units=(extension.units[row],), F=F, F_Y=None, F_Y_low=None,
        F_Y_high=None,
    )  # fmt: skip
    with quietly():
        return mc.account(
            mrio.replace_extensions(alone), "consumption", stressor=gas, households=False,
            uncertainty="first-order", errors=default_errors(mrio, gas),
        )  # fmt: skip
