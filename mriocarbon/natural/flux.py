"""Fluxes whose scope is their type, so that they cannot be added by mistake.

Four scopes describe the land and the other natural carbon of a country, and they overlap:

=====  =======================  ==========================================================
class  scope                    what it is
=====  =======================  ==========================================================
(a)    `ManagedLand`            land as the national inventory reports it (UNFCCC)
(b)    `LandUseChange`          bookkeeping models: direct effects of land use alone
(c)    `Biosphere`              net exchange of all land with the air: inversions, models
(d)    `Process`                fires, wetlands, volcanoes, ocean: single processes
=====  =======================  ==========================================================

``+`` and ``sum()`` work inside one scope, for one gas, one period and one sign convention, over
regions or processes that do not overlap. Everything else raises `ScopeError`, which says why.
mypy refuses to add two different classes as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from mriocarbon.errors import InputError, NonFiniteError, UnknownNameError
from mriocarbon.model.normal import Z95
from mriocarbon.natural.regions import overlap

__all__ = [
    "GASES",
    "SCOPES",
    "TO_AIR",
    "Biosphere",
    "Flux",
    "LandUseChange",
    "ManagedLand",
    "Process",
    "ScopeError",
    "make_flux",
    "total",
]

GASES = ("CO2", "CH4", "N2O")
TO_AIR, STOCK, LATERAL = "to the air", "loss of stock", "across borders"
DIRECTIONS = (TO_AIR, STOCK, LATERAL)

# Processes of one gas that hold one another, whole -> parts ("" stands for any process).
_WHOLES: dict[str, tuple[str, ...]] = {
    "all natural sources": ("",),
    "biomass and biofuel burning": ("fires",),
    "land use, land-use change and forestry": ("",),
}


class ScopeError(InputError):
    """Two fluxes that may not be added: the message says what they have in common."""


@dataclass(frozen=True)
class Flux:
    """One flux of one gas in one region; use a subclass, which is its scope.

    Attributes
    ----------
    region : str
        ISO 3166 alpha-3, ``WLD``, or a group's name.
    gas : {"CO2", "CH4", "N2O"}
    process : str
        What is counted: "land-use change", "net biosphere exchange", "fires", ...
    value : float
        Mt of the gas itself in a year; positive to the air, negative is a sink. For a lateral
        flux or a loss of stock, see `direction`.
    year_from, year_to : int
        The years it is the mean of; equal for a single year.
    sd : float
        One standard deviation, Mt; NaN if unknown. Of a sum: the bound reached if the errors of
        all parts move together, which holds whatever their correlation.
    low, high : float
        95 % interval, Mt, or what `interval` says; NaN if unknown.
    sd_independent : float
        Of a sum: the sd if the errors of the parts were independent; else equal to `sd`.
    interval : str
        What the interval is and where it comes from.
    source, method : str
        Source in the database or file; model, run or guideline.
    direction : str
        "to the air", "loss of stock" or "across borders"; only the first is a flux to the air.
    estimated : bool
    note : str
    cells : frozenset of (region, process, method)
        What it is made of.
    years_differ : bool
        Of a sum: its members are of other years within `year_from` to `year_to`, each of its own;
        the note names them. It is no mean of these years.
    """

    scope: ClassVar[str] = ""

    region: str
    gas: str
    process: str
    value: float
    year_from: int
    year_to: int
    sd: float = math.nan
    low: float = math.nan
    high: float = math.nan
    sd_independent: float = math.nan
    interval: str = ""
    source: str = ""
    method: str = ""
    direction: str = TO_AIR
    estimated: bool = False
    note: str = ""
    cells: frozenset[tuple[str, str, str]] = field(default=frozenset(), repr=False)
    years_differ: bool = False

    unit: ClassVar[str] = "Mt"

    def __post_init__(self) -> None:
        if not self.scope:
            raise InputError(
                "a flux needs a scope", where="Flux", do=f"use one of {', '.join(_names())}"
            )
        if self.gas not in GASES:
            raise UnknownNameError.of("gas", self.gas, GASES)
        if self.direction not in DIRECTIONS:
            raise UnknownNameError.of("direction", self.direction, DIRECTIONS)
        here = f"{self.scope}, {self.region}, {self.process}"
        if not math.isfinite(self.value):
            raise NonFiniteError(
                f"the flux is {self.value}", where=here, do="leave a missing flux out; never zero"
            )
        if self.year_from > self.year_to:
            raise InputError(f"years {self.year_from} to {self.year_to}", where=here)
        if self.sd < 0 or self.low > self.value or self.high < self.value:
            raise InputError(
                f"sd {self.sd}, interval {self.low} to {self.high} around {self.value}", where=here
            )
        if math.isnan(self.low) and not math.isnan(self.sd):
            object.__setattr__(self, "low", self.value - Z95 * self.sd)
            object.__setattr__(self, "high", self.value + Z95 * self.sd)
        if math.isnan(self.sd_independent):
            object.__setattr__(self, "sd_independent", self.sd)
        if not self.cells:
            cell = (self.region, self.process, self.method)
            object.__setattr__(self, "cells", frozenset({cell}))

    @property
    def period(self) -> str:
        """The year, the first and last year of a mean, or that the members' years differ."""
        one = self.year_from == self.year_to
        told = str(self.year_to) if one else f"{self.year_from}-{self.year_to}"
        return f"years differ ({told})" if self.years_differ else told

    @property
    def independent(self) -> Self:
        """The same sum with the interval for independent errors of its parts."""
        sd = self.sd_independent
        low, high = self.value - Z95 * sd, self.value + Z95 * sd
        if low < 0 <= self.low and self.value > 0:
            # what cannot be negative: the lognormal law with this value as its median
            width = Z95 * math.sqrt(math.log1p((sd / self.value) ** 2))
            low, high = self.value * math.exp(-width), self.value * math.exp(width)
        return replace(self, sd=sd, low=low, high=high)

    def __add__(self, other: Self) -> Self:
        """Add a flux of the same scope, gas, period and direction over other ground.

        The interval is the widest that any correlation of the errors allows (half-widths add);
        `independent` gives the narrow one.

        Raises
        ------
        ScopeError
        """
        if not isinstance(other, Flux):
            return NotImplemented
        _compatible(self, other)
        regions = _joined(self, other, 0)
        processes = _joined(self, other, 1)
        return replace(
            self,
            region=regions,
            process=processes,
            value=self.value + other.value,
            sd=self.sd + other.sd,
            low=self.low + other.low,
            high=self.high + other.high,
            sd_independent=math.hypot(self.sd_independent, other.sd_independent),
            interval=self.interval if self.interval == other.interval else "half-widths added",
            source=_both(self.source, other.source),
            method=_both(self.method, other.method),
            estimated=self.estimated or other.estimated,
            note=_both(self.note, other.note, "; "),
            cells=self.cells | other.cells,
        )

    def __radd__(self, other: int) -> Self:
        """Let ``sum()`` begin with its zero; no other number is added."""
        if isinstance(other, int) and other == 0:
            return self
        return NotImplemented


@dataclass(frozen=True)
class ManagedLand(Flux):
    """(a) Managed land as the national inventory reports it (NGHGI, UNFCCC).

    On land the country calls managed, it holds direct effects of people and the indirect ones of
    CO2, nitrogen and climate.
    """

    scope: ClassVar[str] = "managed land"


@dataclass(frozen=True)
class LandUseChange(Flux):
    """(b) Net flux of land-use change in a bookkeeping model: direct effects alone."""

    scope: ClassVar[str] = "land-use change"


@dataclass(frozen=True)
class Biosphere(Flux):
    """(c) Exchange of all land, managed or not, with the air: inversions and vegetation models.

    An inversion sees everything that reaches the air: fires, CO2 of wetlands and inland waters
    are in it already.
    """

    scope: ClassVar[str] = "biosphere"


@dataclass(frozen=True)
class Process(Flux):
    """(d) A single process: fires, wetlands, volcanoes, the ocean."""

    scope: ClassVar[str] = "processes"


SCOPES: dict[str, type[Flux]] = {
    one.scope: one for one in (ManagedLand, LandUseChange, Biosphere, Process)
}

_WHY: dict[frozenset[str], str] = {
    frozenset({"biosphere", "processes"}): "an inversion sees all that reaches the air: fires, "
    "CO2 of wetlands and inland waters and what rivers carry off are in it already",
    frozenset({"managed land", "land-use change"}): "both count land-use change; the inventory "
    "holds, on managed land, the natural sink as well (mc.natural.translate goes from one to the "
    "other)",
    frozenset({"managed land", "biosphere"}): "the exchange of all land holds that of managed land",
    frozenset({"land-use change", "biosphere"}): "the exchange of all land holds the flux of "
    "land-use change",
    frozenset({"managed land", "processes"}): "the inventory counts fires and drained wetlands on "
    "managed land already",
    frozenset({"land-use change", "processes"}): "bookkeeping models count the fires of clearing "
    "already",
}


def _names() -> list[str]:
    return [one.__name__ for one in SCOPES.values()]


def _compatible(one: Flux, other: Flux) -> None:
    """Raise a ScopeError unless the two may be added."""
    what = f"{one.region} {one.process} + {other.region} {other.process}"
    if type(one) is not type(other):
        raise ScopeError(
            f"{one.scope} and {other.scope} are never added: "
            + _WHY[frozenset({one.scope, other.scope})],
            where=what,
            do="show them side by side",
        )
    for name, mine, its in (
        ("gas", one.gas, other.gas),
        ("direction", one.direction, other.direction),
        ("period", one.period, other.period),
    ):
        if mine != its:
            raise ScopeError(
                f"two fluxes of another {name} are not added: {mine} and {its}",
                where=f"{one.scope}, {what}",
                do={
                    "gas": "convert both to CO2 equivalents first, with a stated GWP",
                    "direction": "a lateral flux or a loss of stock is another view of the "
                    "exchange with the air, not a part of it",
                    "period": "choose fluxes of the same years",
                }[name],
            )
    for mixed in (one, other):
        if mixed.years_differ:
            raise ScopeError(
                f"a sum over members of different years is not added to another: {mixed.period}",
                where=f"{one.scope}, {what}",
                do="choose members with figures of one year",
            )
    for region, process, method in one.cells:
        for region2, process2, method2 in other.cells:
            _disjoint(one.scope, (region, process, method), (region2, process2, method2))


def _disjoint(scope: str, a: tuple[str, str, str], b: tuple[str, str, str]) -> None:
    same = _same_process(scope, a[1], b[1])
    if not same:
        return
    where = f"{scope}, {a[0]} and {b[0]}"
    if a[1:] != b[1:]:
        raise ScopeError(
            f"{a[1]} ({a[2]}) and {b[1]} ({b[2]}) are views of the same thing, not its parts",
            where=where,
            do="choose one of them",
        )
    why = overlap(a[0], b[0])
    if why:
        raise ScopeError(f"counted twice: {why}", where=f"{where}, {a[1]}", do="leave one out")


def _same_process(scope: str, a: str, b: str) -> bool:
    """Whether two processes of one scope hold one another, wholly or in part."""
    if a == b or scope in ("biosphere", "land-use change"):
        return True  # all measures of these scopes are views of one exchange
    return any(
        whole == x and (y in parts or "" in parts)
        for x, y in ((a, b), (b, a))
        for whole, parts in _WHOLES.items()
    )


def _joined(one: Flux, other: Flux, at: int) -> str:
    names = sorted({cell[at] for cell in one.cells | other.cells})
    what = ("regions", "processes")[at]
    return " + ".join(names) if len(names) <= 4 else f"{len(names)} {what}"


def _both(a: str, b: str, sign: str = " + ") -> str:
    parts = [*a.split(sign), *b.split(sign)] if a and b else [a or b]
    return sign.join(dict.fromkeys(parts))


def make_flux(scope: str, **fields: object) -> Flux:
    """Return a flux of the scope named.

    Parameters
    ----------
    scope : str
        "managed land", "land-use change", "biosphere" or "processes".
    **fields
        Of `Flux`.

    Returns
    -------
    Flux
        `ManagedLand`, `LandUseChange`, `Biosphere` or `Process`; Mt of the gas in a year.

    Raises
    ------
    UnknownNameError

    Examples
    --------
    >>> make_flux("processes", region="WLD", gas="CO2", process="ocean", value=-9976.0,
    ...           year_from=2022, year_to=2022).scope
    'processes'
    """
    if scope not in SCOPES:
        raise UnknownNameError.of("scope", scope, SCOPES)
    return SCOPES[scope](**fields)  # type: ignore[arg-type]


def total(fluxes: Iterable[Flux]) -> Flux:
    """Add fluxes as ``sum`` does, but refuse an empty list instead of returning 0.

    Parameters
    ----------
    fluxes : iterable of Flux
        Of one scope, gas, period and direction, over other regions or processes.

    Returns
    -------
    Flux
        Mt of the gas in a year; `sd`, `low` and `high` are those of errors that move together.

    Raises
    ------
    InputError
        No flux.
    ScopeError
        Two that may not be added; the message says why.

    Examples
    --------
    >>> two = [make_flux("managed land", region=code, gas="CO2", value=value, sd=3.0,
    ...                  process="land use, land-use change and forestry", year_from=2020,
    ...                  year_to=2020) for code, value in (("FRA", -20.0), ("DEU", -5.0))]
    >>> found = total(two)
    >>> found.value, found.sd, round(found.sd_independent, 2)
    (-25.0, 6.0, 4.24)
    """
    found: Flux | None = None
    for one in fluxes:
        found = one if found is None else found + one
    if found is None:
        raise InputError("nothing to add", where="total", do="give at least one flux")
    return found
