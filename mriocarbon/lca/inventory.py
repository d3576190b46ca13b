"""Unit processes: what one makes, takes from others, takes from nature and gives to it.

Signs follow Heijungs & Suh (2002, doi:10.1007/978-94-015-9900-9): amounts are written as the
source writes them, with a direction, and what a process makes or emits is positive in the
matrices, what it takes is negative.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mriocarbon.errors import InputError, UnitError
from mriocarbon.lca.uncertainty import Uncertainty, log_sd
from mriocarbon.lca.units import convert
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import is_real
from mriocarbon.uncertainty.pedigree import Pedigree

__all__ = ["CARBON", "DIRECTIONS", "KINDS", "Exchange", "Process"]

KINDS = ("technosphere", "biosphere", "waste")
CARBON = ("", "fossil", "biogenic", "land use")
DIRECTIONS = ("in", "out")
NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One flow of a process, per `amount` of its product.

    Attributes
    ----------
    flow : str
        Name of the product, the elementary flow or the waste.
    amount : float
        In `unit`. Negative amounts are kept as they are: a credit.
    unit : str
    kind : {"technosphere", "biosphere", "waste"}
        From or to other processes; from or to nature; waste to or from its treatment.
    direction : {"in", "out"}
        A technosphere output is a co-product; a waste input is treatment done for others.
    compartment : str
        Of an elementary flow: ``"emission/air"``.
    provider : str
        Name of the process that it comes from or goes to, where it is known.
    location : str
        Where the product comes from, if stated.
    source : str
        Citation.
    pedigree : Pedigree or None
        Scores of data quality.
    uncertainty : Uncertainty or None
        What is known beside the scores.
    properties : mapping of str to float
        Per unit of the flow: ``"mass"`` (kg), ``"energy"`` (MJ), ``"price"`` (any one currency);
        elements such as ``"C"`` (kg).
    cas, code, category : str
        CAS number; the source's own identifier and category of the flow.
    carbon : str
        Origin of the carbon of an elementary flow where the source states it beside the name:
        "fossil", "biogenic" or "land use".
    origin : str
        Names the number behind it: exchanges of one origin vary together.

    Examples
    --------
    >>> coal = Exchange("coal", 2.0, "kg")
    >>> coal.kind, coal.direction, coal.sign
    ('technosphere', 'in', -1)
    """

    flow: str
    amount: float
    unit: str
    kind: str = "technosphere"
    direction: str = "in"
    compartment: str = ""
    provider: str = ""
    location: str = ""
    source: str = ""
    pedigree: Pedigree | None = None
    uncertainty: Uncertainty | None = None
    properties: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    cas: str = ""
    code: str = ""
    category: str = ""
    carbon: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        where = f"exchange {self.flow!r}"
        if not self.flow.strip():
            raise InputError("an exchange without a name", where="exchange", do="name the flow")
        for what, value, known in (
            ("kind", self.kind, KINDS),
            ("direction", self.direction, DIRECTIONS),
            ("carbon", self.carbon, CARBON),
        ):
            if value not in known:
                raise InputError(f"{what} is {value!r}", where=where, do=f"one of {known}")
        if not is_real(self.amount):
            raise InputError(f"amount is {self.amount!r}", where=where, do="give a finite number")
        if not self.unit.strip():
            raise UnitError("no unit", where=where, do="give the unit of the amount")
        object.__setattr__(self, "properties", _frozen(self.properties, where))
        if self.kind == "biosphere" and self.provider:
            raise InputError(
                "an elementary flow has no provider", where=where,
                do="leave provider empty, or make it a technosphere exchange",
            )  # fmt: skip
        if self.pedigree and self.uncertainty and self.uncertainty.kind != "lognormal":
            raise InputError(
                f"pedigree scores beside a {self.uncertainty.kind} distribution",
                where=where, do="give one of the two, or a lognormal",
            )  # fmt: skip

    @property
    def sign(self) -> int:
        """Sign in the matrices: made or emitted +1, taken -1; waste the other way round."""
        outward = self.direction == "out"
        return 1 if outward != (self.kind == "waste") else -1

    @property
    def is_product(self) -> bool:
        """Whether the process does this for others: a co-product, or waste taken in."""
        return self.kind != "biosphere" and self.sign > 0

    @property
    def spread(self) -> Uncertainty | None:
        """The distribution, pedigree scores included; None where nothing is stated."""
        if self.pedigree is None:
            return self.uncertainty
        known = self.uncertainty.spread if self.uncertainty else 0.0
        return Uncertainty("lognormal", log_sd((known, math.sqrt(self.pedigree.variance))))


@dataclass(frozen=True, slots=True)
class Process:
    """A unit process: `amount` of its product, and what comes with it.

    A process that treats waste has the waste as its `product`: what it makes is the treatment.

    Attributes
    ----------
    name : str
        Unique within a system.
    product : str
    amount : float
        Of the product, in `unit`; above zero.
    unit : str
    exchanges : tuple of Exchange
        All but the product itself.
    location : str
    year : int or None
        The last year that the data describe.
    stage : str
        Stage of the life cycle, for contributions.
    tags : tuple of str
        ``"aviation"`` sets apart the emissions of aircraft (ISO 14067).
    source, comment : str
    properties : mapping of str to float
        Of the product, per unit; see `Exchange`.
    code, category : str
        The source's own identifier of the product, and its category.

    Examples
    --------
    >>> steel = Process("EAF", "steel", 1.0, "t", (Exchange("power", 0.5, "MWh"),))
    >>> steel.scaled(2).exchanges[0].amount
    1.0
    """

    name: str
    product: str
    amount: float
    unit: str
    exchanges: tuple[Exchange, ...] = ()
    location: str = ""
    year: int | None = None
    stage: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    comment: str = ""
    properties: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    code: str = ""
    category: str = ""

    __repr__ = brief

    def __post_init__(self) -> None:
        where = f"process {self.name!r}"
        if not self.name.strip() or not self.product.strip():
            raise InputError("a process needs a name and a product", where=where, do="name both")
        if not (is_real(self.amount) and self.amount > 0):
            raise InputError(
                f"makes {self.amount!r} of {self.product!r}", where=where,
                do="give an amount above zero; a treatment of waste has the waste as its product",
            )  # fmt: skip
        if not self.unit.strip():
            raise UnitError("no unit of the product", where=where, do="give it")
        object.__setattr__(self, "properties", _frozen(self.properties, where))
        object.__setattr__(self, "exchanges", tuple(self.exchanges))

    @property
    def co_products(self) -> tuple[Exchange, ...]:
        """What it does for others beside its product."""
        return tuple(e for e in self.exchanges if e.is_product)

    def scaled(self, factor: float) -> Process:
        """Return the process at another size; the same process."""
        changed = tuple(replace(e, amount=e.amount * factor) for e in self.exchanges)
        return replace(self, amount=self.amount * factor, exchanges=changed)

    def total(self, flow: str, unit: str, *, direction: str = "in") -> float:
        """Return the sum of a flow's exchanges in `unit`; UnitError where one does not fit."""
        return math.fsum(
            e.amount * self.convert(e, unit)
            for e in self.exchanges
            if e.flow == flow and e.direction == direction
        )

    def convert(self, exchange: Exchange, unit: str) -> float:
        """Return the factor from the exchange's unit to `unit`; UnitError names this process."""
        try:
            return convert(exchange.unit, unit)
        except UnitError:
            raise UnitError(
                f"{exchange.flow!r} is in {exchange.unit!r}, needed in {unit!r}",
                where=f"process {self.name!r}, exchange {exchange.flow!r}",
                do="correct the unit, or link the exchange to another process",
            ) from None


def _frozen(properties: Mapping[str, float], where: str) -> Mapping[str, float]:
    """The properties, checked, out of reach of whoever gave them."""
    if not properties:
        return NOTHING
    for name, value in properties.items():
        if not is_real(value):
            raise InputError(f"property {name!r} is {value!r}", where=where, do="give a number")
    return MappingProxyType(dict(properties))


def origins(process: Process) -> Iterable[str]:
    """Name of the number behind every exchange."""
    return (e.origin or f"{process.name}/{k}" for k, e in enumerate(process.exchanges))
