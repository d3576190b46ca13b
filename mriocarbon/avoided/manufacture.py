r"""What the making of exported panels, cells, wafers and wind turbines emitted.

Two methods, which share nothing but the capacity. The first adds up the stages of manufacture,

.. math:: m = \sum_{s} \sum_{i} b_{i} \, a_{si} \, f_{si}

with :math:`b_i` the base per kW (1 kW, kg of silicon, m2 of module), :math:`a_{si}` the amount of
input i in stage s per base and :math:`f_{si}` what a unit of it emits; for electricity f is the
grid of the exporter. The second (`manufacture_mrio`) multiplies what the exports were sold for by
the multipliers of the industries that make them.

Ex works: no transport to the destination, no mounting, inverter, foundation or construction, no
capital goods of the factories.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon.avoided.amount import Amount, Array, spread
from mriocarbon.avoided.drawn import Normals, normals, parameter
from mriocarbon.avoided.inputs import Input, inputs
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.model.brief import brief, interval
from mriocarbon.model.checked import whole
from mriocarbon.model.provenance import Note, Source

if TYPE_CHECKING:
    import pandas as pd

    from mriocarbon.avoided.exports import Exports

__all__ = [
    "BOUNDARIES",
    "PRODUCTS",
    "Capacity",
    "Manufacture",
    "Part",
    "capacities",
    "checked",
    "manufacture",
    "process",
]

PRODUCTS = {"panels": "solar", "cells": "solar", "wafers": "solar", "turbines": "wind"}
"""Products of trade and their technology."""
_CHAIN = ("silicon metal", "polysilicon", "ingot", "wafer", "cell", "module")
_LAST = {"wafers": "wafer", "cells": "cell", "panels": "module", "turbines": "turbine"}
_ENERGY = ("electricity", "heat", "process")
BOUNDARIES = {
    "module assembly": "electricity of the module line alone, panels only",
    "final plant": "energy and process emissions of the last works of each product",
    "own works": "energy and process emissions of all works from polysilicon on (scope 1 and 2)",
    "gate": "cradle to gate: all stages, purchased materials with them",
}
"""What counts as manufacture, from narrow to wide."""
GRID_RANGE = (1.05, 0.75, 1.45)
"""The grid of the works over the average generation of the exporter: median, ends of 95 %.
5 % are lost on the way to the works; works cluster where power is cheap, from hydropower (Yunnan,
Sichuan) to coal with plants of their own (Xinjiang, Inner Mongolia). Assumed."""
_MADE_FOR = "CHN"
_MADE_IN = (2023, 2024)
"""Years of the works that the amounts describe; see the years in ``tables/manufacture.csv``."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What was exported of one product: MW, and million USD (NaN where not known)."""

    product: str
    mw: float
    usd: float

    @property
    def technology(self) -> str:
        """Technology of the product."""
        return PRODUCTS[self.product]


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Emissions of one product in one stage, by kind of input; Mt CO2e."""

    product: str
    stage: str
    kind: str
    amount: Amount

    __repr__ = brief


@dataclass(frozen=True, eq=False)
class Manufacture:
    """Emissions of manufacture, with their parts.

    Attributes
    ----------
    method : {"process", "mrio"}
    boundary : str
        Key of `BOUNDARIES`, or what the MRIO counts.
    megawatts : mapping of product to Amount
        Capacity with its error, the draws of which `avoided` shares: it cancels in a ratio.
    grid : (median, low, high) or None
        kg CO2e/kWh of the works, by process.
    exporter : str
        ISO3.
    year : int
    capacities : tuple of Capacity
    parts : tuple of Part
        Mt CO2e; they add up to `amount`, draw by draw.
    notes : tuple of Note
    estimated : bool
        Always: most inputs are medians of a range.
    table : str
        By the table: which one, in words.
    """

    method: str
    boundary: str
    exporter: str
    year: int
    capacities: tuple[Capacity, ...]
    parts: tuple[Part, ...]
    notes: tuple[Note, ...]
    seed: int
    megawatts: Mapping[str, Amount]
    grid: tuple[float, float, float] | None = None
    estimated: bool = True
    table: str = ""

    @property
    def amount(self) -> Amount:
        """All parts, Mt CO2e."""
        return self.of()

    @property
    def value(self) -> float:
        """Mt CO2e with every parameter at its median."""
        return self.amount.value

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval, Mt CO2e."""
        return self.amount.low

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval, Mt CO2e."""
        return self.amount.high

    @property
    def draws(self) -> Array:
        """Draws of the total, Mt CO2e, shape (draws,)."""
        return self.amount.draws

    @property
    def products(self) -> tuple[str, ...]:
        """Products in it."""
        return tuple(c.product for c in self.capacities)

    def of(
        self,
        *,
        product: str | Sequence[str] | None = None,
        stage: str | None = None,
        kind: str | None = None,
    ) -> Amount:
        """Return the sum of the parts asked for, Mt CO2e.

        Raises
        ------
        UnknownNameError
            A product that is not in it.
        """
        wanted = (product,) if isinstance(product, str) else product
        for name in wanted or ():
            if name not in self.products:
                raise UnknownNameError.of("product", name, self.products)
        chosen = [
            p.amount for p in self.parts
            if (wanted is None or p.product in wanted)
            and stage in (None, p.stage) and kind in (None, p.kind)
        ]  # fmt: skip
        if not chosen:
            # Nothing of that kind is made: an amount of zero that is known, not a missing one.
            return Amount(0.0, np.zeros(len(self.parts[0].amount.draws)))
        return Amount.sum(chosen)

    def per_kw(self, product: str) -> Amount:
        """Return kg CO2e per kW of one product."""
        made, mw = self.of(product=product), self.megawatts[product]
        if mw.value == 0:
            return Amount(math.nan, np.full_like(made.draws, math.nan))
        return Amount(1e6 * made.value / mw.value, 1e6 * made.draws / mw.draws)  # Mt/MW = 1e6 kg/kW

    def to_pandas(self) -> pd.DataFrame:
        """Return the parts as a frame, Mt CO2e with 95 % intervals."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "product": p.product, "stage": p.stage, "kind": p.kind,
                    "value": p.amount.value, "low": p.amount.low, "high": p.amount.high,
                    "unit": "Mt CO2e", "method": self.method, "estimated": self.estimated,
                }
                for p in self.parts
            ]
        )  # fmt: skip

    def __repr__(self) -> str:
        made = self.of()
        return brief(
            self, f"{self.exporter} {self.year}, {self.method}, {self.boundary}",
            interval(made.value, made.low, made.high, "Mt CO2e"),
        )  # fmt: skip


def grid_of(exporter: str, year: int) -> tuple[float, str, Source]:
    """Return kg CO2e per kWh of an exporter's electricity, what it is, and its source.

    The year is not later than the one asked for.

    Raises
    ------
    NotAvailableError
        The database has no factor of the country.
    """
    from mriocarbon.datasets.database import database

    rows = database().table(
        "grid_factors", region=exporter, variable="carbon intensity of electricity"
    )
    rows = rows[rows["year"] <= year].sort_values("year")
    if rows.empty:
        raise NotAvailableError(
            f"no carbon intensity of electricity of {exporter} up to {year}",
            where="manufacture, grid",
            do="give one: grid=(median, low, high) in kg CO2e/kWh",
        )
    last = rows.iloc[-1]
    name = str(last["source"])
    cited = rows.attrs["sources"][name]
    told = f"{name}, {int(last['year'])}: {last['scope']}"
    return float(last["value"]) / 1000, told, Source(name, cited["citation"], cited["licence"])


def _grid(
    exporter: str, year: int, given: float | tuple[float, float, float] | None
) -> tuple[tuple[float, float, float], Note]:
    if isinstance(given, tuple):
        return given, Note(f"grid of the works as given: {given} kg CO2e/kWh", about="manufacture")
    if given is not None:
        return (given, given, given), Note(
            f"grid of the works as given: {given:g} kg CO2e/kWh, without an interval",
            about="manufacture",
        )
    value, told, source = grid_of(exporter, year)
    middle, low, high = (value * ratio for ratio in GRID_RANGE)
    return (middle, low, high), Note(
        f"grid of the works: {middle:.3f} kg CO2e/kWh ({low:.3f} to {high:.3f}): average of"
        f" generation {value:.3f} ({told}), times {GRID_RANGE[0]:g} ({GRID_RANGE[1]:g} to"
        f" {GRID_RANGE[2]:g}), assumed, for losses and for where the works lie",
        about="manufacture", estimated=True, sources=(source,),
    )  # fmt: skip


def counted(row: Input, product: str, boundary: str, *, towers: bool) -> bool:
    """Whether an input belongs to a product within a boundary."""
    if row.kind == "base" or row.technology != PRODUCTS[product]:
        return False
    if row.technology == "wind":
        if row.stage == "tower" and not towers:
            return False
        return boundary == "gate" or (boundary != "module assembly" and row.kind in _ENERGY)
    last = _LAST[product]
    if _CHAIN.index(row.stage) > _CHAIN.index(last):
        return False
    if boundary == "gate":
        return True
    if boundary == "own works":
        return row.kind in _ENERGY and row.stage != "silicon metal"  # bought from smelters
    if boundary == "final plant":
        return row.kind in _ENERGY and row.stage == last
    return product == "panels" and row.stage == "module" and row.kind == "electricity"


def process(
    capacities: Iterable[Capacity],
    *,
    exporter: str = "CHN",
    year: int = 2024,
    boundary: str = "gate",
    grid: float | tuple[float, float, float] | None = None,
    towers: bool = True,
    draws: int = 1000,
    seed: int = 0,
) -> Manufacture:
    r"""Return the emissions of manufacture, stage by stage.

    :math:`M = \sum_p P_p \sum_s \sum_i b_i a_{si} f_{si}`, in Mt CO2e for P in MW.

    Parameters
    ----------
    capacities : iterable of Capacity
        MW of panels, cells, wafers and turbines. A panel counts all stages, a cell those up to
        the cell, a wafer those up to the wafer: what is traded as cell or wafer is not counted
        again in panels, which are made of others.
    exporter : str
        ISO3; its grid is that of the works.
    year : int
        Of the export.
    boundary : str
        Key of `BOUNDARIES`.
    grid : float or (median, low, high), optional
        kg CO2e/kWh of the works; otherwise the exporter's average with a range (`GRID_RANGE`).
    towers : bool
        Whether the towers of wind turbines come from the exporter. Many are made at the
        destination; exported capacity does not tell.
    draws, seed : int
        Every parameter has draws of its own that hang on the seed and its name alone, so that
        results of one seed are paired.

    Returns
    -------
    Manufacture

    Raises
    ------
    UnknownNameError
        A product or boundary that is none.
    InputError
        A capacity that is negative or not finite, or nothing to count.
    NotAvailableError
        No grid factor of the exporter.

    References
    ----------
    China Photovoltaic Industry Association (2024), roadmap; see ``tables/manufacture.csv`` for
    every number, its source and whether that could be opened.

    Examples
    --------
    >>> made = process([Capacity("panels", 1000.0, float("nan"))], draws=200)
    >>> 300 < made.per_kw("panels").value < 500
    True
    """
    amounts = checked(capacities)
    draws = whole("draws", draws, least=2, where="manufacture")
    seed = whole("seed", seed, least=0, where="manufacture")
    if boundary not in BOUNDARIES:
        raise UnknownNameError.of("boundary of manufacture", boundary, BOUNDARIES)
    kwh, told = _grid(exporter, year, grid)
    normal = normals(draws, seed)

    def drawn(name: str, three: tuple[float, float, float]) -> Amount:
        return spread(*three, normal(f"manufacture.{name}"), where=f"manufacture, {name}")

    rows = inputs()
    power = drawn("grid", kwh) if any(kwh) else Amount(0.0, np.zeros(draws))
    bases = {r.item: drawn(f"base.{r.item}", r.amount) for r in rows if r.kind == "base"}
    per_kw = _each(rows, drawn, bases, power)
    megawatts = {one.product: megawatts_of(one, normal) for one in amounts}
    parts = []
    for one in amounts:
        sums: dict[tuple[str, str], list[Amount]] = {}
        for row in rows:
            if counted(row, one.product, boundary, towers=towers):
                sums.setdefault((row.stage, row.kind), []).append(per_kw[row.name])
        parts += [
            Part(
                one.product,
                stage,
                kind,
                Amount.sum(found).times(megawatts[one.product]).times(1e-6),
            )
            for (stage, kind), found in sums.items()
        ]
    if not parts:
        zero = Amount(0.0, np.zeros(draws))
        parts = [Part(one.product, "none", "none", zero) for one in amounts]
    return Manufacture(
        "process", boundary, exporter, year, amounts, tuple(parts),
        (told, *_notes(exporter, year, amounts, towers)), seed, megawatts, kwh,
    )  # fmt: skip


def megawatts_of(one: Capacity, normal: Normals) -> Amount:
    """Return MW with the error of the capacity that all destinations share."""
    row = parameter("capacity", f"{one.technology}.{one.product}")
    return Amount(one.mw, one.mw * row.at(normal(row.key)))


def _each(
    rows: Iterable[Input],
    drawn: Callable[[str, tuple[float, float, float]], Amount],
    bases: dict[str, Amount],
    power: Amount,
) -> dict[str, Amount]:
    """Return kg CO2e per kW of every input."""
    found = {}
    for row in rows:
        if row.kind == "base":
            continue
        amount = drawn(f"{row.name}.amount", row.amount)
        if row.base != "kW":
            amount = amount.times(bases[row.base])
        if row.factor is None:
            found[row.name] = amount.times(power)
        else:
            found[row.name] = amount.times(drawn(f"{row.name}.factor", row.factor))
    return found


def checked(capacities: Iterable[Capacity]) -> tuple[Capacity, ...]:
    found = tuple(capacities)
    if not found:
        raise InputError(
            "nothing is exported", where="manufacture", do="give at least one product with its MW"
        )
    for one in found:
        if one.product not in PRODUCTS:
            raise UnknownNameError.of("product", one.product, PRODUCTS)
        if not (math.isfinite(one.mw) and one.mw >= 0):
            raise InputError(
                f"{one.mw:g} MW of {one.product}", where="manufacture",
                do="give a capacity that is known and not below zero",
            )  # fmt: skip
    return found


def _notes(exporter: str, year: int, amounts: tuple[Capacity, ...], towers: bool) -> list[Note]:
    notes = [
        Note(
            "manufacture is ex works: no transport to the destination, no mounting, inverter,"
            " foundation or construction, no capital goods of the factories",
            about="manufacture",
        ),
        Note(
            "amounts and factors of manufacture are medians of ranges, many of them assumed or"
            " from sources that could not be opened (tables/manufacture.csv tells which)",
            about="manufacture", estimated=True,
        ),
    ]  # fmt: skip
    first, last = _MADE_IN
    if not first <= year <= last:
        notes.append(
            Note(
                f"amounts of electricity and materials are those of works of {first} and {last};"
                f" they stand for the works of {year}, and nothing but the grid of that year"
                " follows it" + (": works took more then" if year < first else ""),
                about="manufacture", estimated=True,
            )
        )  # fmt: skip
    if exporter != _MADE_FOR:
        notes.append(
            Note(
                f"amounts are those of China's works; they stand for the works of {exporter}, and"
                " all stages count with its grid",
                about="manufacture", estimated=True,
            )
        )  # fmt: skip
    if any(one.product == "turbines" for one in amounts):
        told = "counted with" if towers else "left out, as if made at the destination"
        notes.append(Note(f"towers of wind turbines are {told}", about="manufacture"))
    return notes


def capacities(table: pd.DataFrame) -> tuple[Capacity, ...]:
    """Return what a table of exports holds of each product.

    Parameters
    ----------
    table : DataFrame
        With ``product``, ``mw`` and ``usd`` (the `table` of `Exports`).

    Returns
    -------
    tuple of Capacity
        Million USD; NaN as soon as one row with capacity has no value, for a sum of a part would
        pass for the whole.

    Examples
    --------
    >>> import pandas as pd
    >>> capacities(pd.DataFrame({"product": ["panels"] * 2, "mw": [1.0, 2.0], "usd": [1e6, 2e6]}))
    (Capacity(product='panels', mw=3.0, usd=3.0),)
    """
    found = []
    for product, rows in table.groupby("product", sort=False):
        gone = rows["usd"].isna() & (rows["mw"] > 0)
        usd = math.nan if gone.any() else float(rows["usd"].sum()) / 1e6
        found.append(Capacity(str(product), float(rows["mw"].sum()), usd))
    return tuple(sorted(found, key=lambda one: list(PRODUCTS).index(one.product)))


def manufacture(
    exports: Exports | Iterable[Capacity],
    *,
    method: str = "process",
    exporter: str = "CHN",
    year: int = 2024,
    draws: int = 1000,
    seed: int = 0,
    **options: Any,
) -> Manufacture:
    """Return what the making of exported technology emitted.

    Parameters
    ----------
    exports : Exports or iterable of Capacity
        Exporter and year are those of the `Exports`.
    method : {"process", "mrio"}
        By stages of manufacture (`process`) or by the value of the export and the multipliers of
        the table (`manufacture_mrio.through_table`).
    exporter, year, draws, seed
        See there.
    **options
        ``boundary``, ``grid``, ``towers`` of the first; ``mrio``, ``corrected``, ``wind_price`` of
        the second.

    Returns
    -------
    Manufacture
        Mt CO2e.

    Raises
    ------
    UnknownNameError, InputError, NotAvailableError
        Of the two.

    Examples
    --------
    >>> from mriocarbon.avoided.exports import exports
    >>> made = manufacture(exports("CHN", "solar", 2024), draws=200)
    >>> made.low < 100 < made.high
    True
    """
    from mriocarbon.avoided.exports import Exports
    from mriocarbon.avoided.manufacture_mrio import through_table

    ways: dict[str, Callable[..., Manufacture]] = {"process": process, "mrio": through_table}
    if method not in ways:
        raise UnknownNameError.of("method of manufacture", method, ways)
    if isinstance(exports, Exports):
        exporter, year = exports.exporter, exports.year
        exports = capacities(exports.table)
    return ways[method](exports, exporter=exporter, year=year, draws=draws, seed=seed, **options)
