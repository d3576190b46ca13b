"""What each item of a bill is taken from: a process, or an industry of the table.

An item that has neither is not dropped: all of them are refused together, each with what would
help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from mriocarbon.errors import NotAvailableError, UnknownNameError
from mriocarbon.lca.bill import Bill, Item
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.match import THRESHOLD, Candidate, Match, Matcher
from mriocarbon.lca.sectors import SECTOR_THRESHOLD, Industry, industries_of
from mriocarbon.lca.units import compatible, convert
from mriocarbon.lca.usable import Priced
from mriocarbon.lca.words import class_of, read_words
from mriocarbon.model.brief import brief
from mriocarbon.model.labels import country_code

__all__ = ["Found", "assigned", "country"]


@dataclass(frozen=True, slots=True)
class Found:
    """An item, and what it is taken from.

    Attributes
    ----------
    item : Item
    candidate : Candidate or None
        The process taken; None where the table answers.
    match : Match or None
        What the matcher found; None where the bill names process or industry.
    plain : Match or None
        For a fuel that is burnt: the match of the fuel itself.
    industries : tuple of Industry
        That may make it; the first is taken where no process is.
    sector, region : str
        Of the table; "" where a process is taken.
    amount : float
        In `unit`, as it goes into the study.
    unit : str
    bridge : str
        How the amount came to another unit than the item's; "" if it did not.
    """

    item: Item
    candidate: Candidate | None
    match: Match | None
    plain: Match | None
    industries: tuple[Industry, ...]
    sector: str
    region: str
    amount: float
    unit: str
    bridge: str = ""

    __repr__ = brief

    @property
    def process(self) -> str:
        """Name of the process taken; "" where the table answers."""
        return self.candidate.process if self.candidate else ""

    @property
    def score(self) -> float:
        """Of what was taken, from 0 to 1; 1 where the bill names it."""
        if self.candidate is not None:
            return self.candidate.score
        return 1.0 if self.item.sector else self.industries[0].score

    @property
    def burnt(self) -> bool:
        """Whether it is a fuel that is burnt where it is used."""
        return self.plain is not None


def country(name: str) -> str:
    """Return the ISO 3166 alpha-3 code of a country; "" of "".

    Raises
    ------
    UnknownNameError

    Examples
    --------
    >>> country("Germany"), country("us")
    ('DEU', 'USA')
    """
    if not name.strip():
        return ""
    if code := country_code(name.strip()):
        return code
    import pycountry

    known = [c.name for c in pycountry.countries] + [c.alpha_3 for c in pycountry.countries]
    raise UnknownNameError.of("country", name, known)


def _is_fuel(item: Item) -> bool:
    """A fuel that is used up in making or using the product."""
    read = read_words(item.name)
    return item.stage in {"processing", "use"} and class_of(read.head) == "fuel"


def _named(item: Item, processes: Mapping[str, Process], matcher: Matcher, place: str) -> Candidate:
    """The process that the bill itself names."""
    exact = processes.get(item.process)
    if exact is None:
        doubles = [p for e in matcher.entries if e.name == item.process for p in e.processes]
        if not doubles:
            raise UnknownNameError.of("process", item.process, processes,
                                      do=f"(of item {item.name!r})")  # fmt: skip
        exact = matcher.of_place(doubles, place)
    bridged = matcher.bridge(item.unit, exact, item.density)
    if bridged is None:
        raise NotAvailableError(
            f"{item.name!r} is in {item.unit!r}, and {exact.name!r} makes {exact.unit!r}",
            where=f"item {item.name!r}", do="give the amount in that unit, a density, or a mass",
        )  # fmt: skip
    return Candidate(exact.name, 1.0, bridged[0], exact.unit, bridged[1], location=exact.location)


def assigned(
    bill: Bill,
    matcher: Matcher,
    background: Priced,
    *,
    place: str = "",
    threshold: float = THRESHOLD,
    table: bool = True,
) -> tuple[Found, ...]:
    """Return what each item is taken from, in the order of the bill.

    Parameters
    ----------
    bill : Bill
    matcher : Matcher
        Of the processes of `background`.
    background : Priced
    place : str
        ISO 3166 alpha-3: where items without a location come from.
    threshold : float
        Lowest score of a match.
    table : bool
        Whether an industry of the table may stand in.

    Raises
    ------
    NotAvailableError
        Items that have neither a process nor an industry with a price; all of them, with what
        would help.
    UnknownNameError
        A process or place that the bill names and nobody knows.
    """
    processes = {p.name: p for p in background.processes}
    found: list[Found] = []
    missing: list[str] = []
    for given in bill.items:
        item, bridge = given, ""
        if item.mass is not None:
            # pieces of known mass are mass; a price per piece goes with it
            bridge = f"{item.mass:g} kg per piece (given)"
            item = item.model_copy(update={
                "amount": item.amount * item.mass, "unit": "kg", "mass": None,
                "price": None if item.price is None else item.price / item.mass,
            })  # fmt: skip
        where = country(item.location) or place
        transport = compatible(item.unit, "t*km")
        candidate: Candidate | None = None
        match: Match | None = None
        plain: Match | None = None
        if item.process:
            candidate = _named(item, processes, matcher, where)
        elif not item.sector and item.unit != "USD":
            look = partial(
                matcher.match, item.name, item.unit, place=where, density=item.density,
                threshold=threshold, usable=background.usable,
            )  # fmt: skip
            match = look(burnt=_is_fuel(item))
            candidate = match.best
            if _is_fuel(item) and candidate is not None:
                plain = look()
        industries: tuple[Industry, ...] = ()
        if candidate is not None:
            amount, unit = item.amount, item.unit
            if candidate.bridge:
                amount, unit = item.amount * candidate.factor, candidate.unit
                bridge = "; ".join(filter(None, (bridge, candidate.bridge)))
            found.append(Found(given, candidate, match, plain, (), "", "", amount, unit, bridge))
            continue
        industries = () if item.sector else industries_of(item.name, transport=transport)
        industries = tuple(i for i in industries if i.score >= SECTOR_THRESHOLD)
        sector = item.sector or (industries[0].sector if industries else "")
        lacking = _lacking(item, sector, where, match, industries, table)
        if lacking:
            missing.append(lacking)
            continue
        found.append(Found(
            given, None, match, None, industries, sector, where, item.amount, item.unit, bridge,
        ))  # fmt: skip
    if missing:
        raise NotAvailableError(
            f"{len(missing)} of {len(bill.items)} items cannot be taken from anywhere:\n  "
            + "\n  ".join(missing),
            where=f"bill of {bill.product!r}",
            do="give each a price in USD per unit (basic prices), a sector, or a process"
            " (mriocarbon lca find TEXT lists them)",
        )
    return tuple(found)


def _lacking(
    item: Item,
    sector: str,
    region: str,
    match: Match | None,
    industries: tuple[Industry, ...],
    table: bool,
) -> str:
    """What an item without a process lacks to be taken from the table; "" if nothing."""
    why = f"no process: {match.why}" if match is not None else "no process is named"
    if match is not None and match.candidates:
        near = ", ".join(f"{c.process} ({c.score:.2f})" for c in match.candidates)
        why += f"; nearest: {near}"
    if not table:
        return f"{item.name}: {why}; no table stands in"
    if not sector:
        return f"{item.name}: {why}; no industry is known for these words: give sector"
    if item.price is None and item.unit != "USD":
        score = f" ({industries[0].score:.2f})" if industries else ""
        return f"{item.name}: {why}; industry {sector}{score} makes it: give price per {item.unit}"
    if not region:
        return f"{item.name}: industry {sector} of which country? give place or location"
    return ""


def priced_in_table(found: Found) -> float:
    """Return the money that an item costs, USD; for items taken from the table."""
    if found.item.unit == "USD":
        return found.item.amount
    price = found.item.price or 0.0
    if found.item.mass is not None:
        return found.item.amount * price  # both are per piece
    return found.item.amount * price * convert(found.unit, found.item.unit)
