"""From results with labels to figures: what every tool on tables has in common."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import mriocarbon as mc
from mriocarbon.errors import MriocarbonWarning
from mriocarbon.tools import resolve
from mriocarbon.tools.resolve import Read
from mriocarbon.tools.tables import EMBEDDED, table
from mriocarbon.tools.types import Figure, described

NO_INTERVAL = "no interval: the public function gives none for this quantity"
HOUSEHOLDS_ONLY = (
    "the range covers the estimate of household emissions only; the tool interval gives all of it"
)
NOT_SERVED = "no interval of this table is served, but the range of households where one is given"
ON_REQUEST = "no interval here: it takes long; the tool interval gives it"


class Question:
    """The table, the year and the names of a question, read; what it was read as is kept."""

    def __init__(self, table_name: str, year: str = "") -> None:
        self.mrio = table(table_name)
        self.read: dict[str, str] = {}
        known = [self.mrio.year] if self.mrio.year is not None else []
        if year or known:
            resolve.year(year, known)

    def note(self, found: Read) -> str:
        """Remember how a name was read, and return its code."""
        self.read[found.asked] = f"{found.code} ({found.name})"
        return found.code

    def region(self, name: str) -> str:
        """Return the code of a region of the table."""
        return self.note(resolve.region(name, self.mrio.regions))

    def regions(self, names: Iterable[str]) -> list[str]:
        """Return the codes of regions, each once, or of all if none is named."""
        found = dict.fromkeys(self.region(one) for one in names)
        return list(found) or list(self.mrio.regions)

    def sector(self, name: str) -> str:
        """Return the label of an industry of the table."""
        return self.note(resolve.sector(name, self.mrio.sectors))

    def gas(self, name: str) -> str:
        """Return the stressor of the table that a gas means."""
        found = resolve.gas(name, self.mrio.stressors)
        return found.code if found.how == "code" else self.note(found)

    @property
    def year(self) -> str:
        """The table's year as a label; empty where it has none."""
        return "" if self.mrio.year is None else str(self.mrio.year)

    def labels(self, **more: str) -> dict[str, str]:
        """Return labels with the year where there is one."""
        return {**more, **({"year": self.year} if self.year else {})}


def account_of(principle: str, households: bool) -> tuple[str, dict[str, str]]:
    """Return the quantity of an account, and the labels that tell it from that of the other scope.

    Examples
    --------
    >>> account_of("consumption", False)[0]
    'consumption account, industries only'
    """
    name = f"{principle} account" + ("" if households else ", industries only")
    return name, {"principle": principle, **households_label(households)}


def households_label(households: bool) -> dict[str, str]:
    """Return the label that says whether households' direct emissions are counted."""
    return {"households": "included" if households else "left out"}


def position(result: mc.Result, *labels: str) -> tuple[int, ...]:
    """Return where in a result a number with these labels stands."""
    return tuple(
        result.coords[dim].index(label) for dim, label in zip(result.dims, labels, strict=True)
    )


def figure(
    result: mc.Result,
    at: tuple[int, ...],
    quantity: str,
    labels: Mapping[str, str],
    *,
    level: float | None = None,
    why: str = "",
    estimated: bool | None = None,
) -> Figure:
    """Return one number of a result as a figure."""
    low = high = None
    if result.low is not None and result.high is not None:
        ends = float(result.low[at]), float(result.high[at])
        if not any(map(math.isnan, ends)):
            low, high = ends
    there = low is not None
    value = float(result.value[at])
    return Figure(
        quantity=quantity, value=value, unit=result.unit, low=low, high=high,
        level=level if there else None,
        labels=dict(labels),
        estimated=result.estimated if estimated is None else estimated,
        why="no value: it is not defined, or not known, for these labels" if math.isnan(value)
        else why or ("" if there else NO_INTERVAL),
    )  # fmt: skip


def interval_words(result: mc.Result) -> tuple[float | None, str]:
    """Return the level of an account's interval, and why it has none or a narrower one."""
    if any(note.text.startswith("interval:") for note in result.notes):
        return 0.95, ""
    if result.provenance.dataset != EMBEDDED:
        return None, NOT_SERVED
    return None, HOUSEHOLDS_ONLY if result.low is not None else ON_REQUEST


def about(
    result: mc.Result, told: Sequence[MriocarbonWarning] = (), more: Sequence[str] = ()
) -> dict[str, Any]:
    """Return sources, caveats and method of a result; warnings are caveats."""
    found = dict(described(result.provenance, result.notes))
    found["caveats"] = tuple(dict.fromkeys((*found["caveats"], *map(str, told), *more)))
    return found
