"""Who emits and for whom: accounts, gaps, flows between regions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

import mriocarbon as mc
from mriocarbon import __version__
from mriocarbon.studies.inputs_2022 import OWN
from mriocarbon.tools import resolve
from mriocarbon.tools.figures import (
    NO_INTERVAL,
    Question,
    about,
    account_of,
    figure,
    households_label,
    interval_words,
    position,
)
from mriocarbon.tools.registry import tool
from mriocarbon.tools.tables import (
    EMBEDDED,
    Gas,
    Limit,
    Name,
    Offset,
    Region,
    Regions,
    Year,
    accounted,
    flows_from,
    gap_of,
    quick,
    studied,
)
from mriocarbon.tools.types import Cited, Figure, ToolResult

Principle = Literal[
    "production", "consumption", "eebt", "income", "final-producer", "shared", "half-half",
    "value-added", "technology-adjusted", "technology-adjusted-balanced", "era", "benefit-shared",
]  # fmt: skip
Households = Annotated[
    bool, Field(description="count what households emit directly (heating, cars) too")
]


@tool(
    "trade",
    "Account of regions under one principle",
    examples=(
        {"regions": ["China", "美国"], "principle": "consumption"},
        {"principle": "production", "gas": "CO2"},
        {"regions": ["India"], "per_person": True},
        {"regions": ["Japan"], "gas": "F-gases", "households": False},
        {"regions": "world"},
    ),
)
def account(
    regions: Regions = [],  # noqa: B006 - read, never changed; pydantic copies it
    principle: Annotated[
        Principle,
        Field(description="production = what a territory emits; consumption = its footprint"),
    ] = "consumption",
    gas: Gas = "GHG",
    per_person: bool = False,
    households: Households = True,
    limit: Limit = 30,
    offset: Offset = 0,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Emissions of countries in 2022 under one accounting principle, in Mt.

    "How much does X emit" and "territorial emissions" mean principle production. "Footprint",
    "consumption-based", "for whom" mean principle consumption, the default. Others by their name,
    such as income. All regions if none is named; per_person gives t per person. Production and
    consumption have a 95 % interval; the tool interval gives that of the others.
    """
    asked = Question(table_name, year)
    world = [one for one in regions if resolve.country_code(one) == "WLD"]
    countries = [one for one in regions if one not in world]
    every = asked.regions(countries) if countries or not world else []
    codes = every[offset : offset + limit]
    stressor = asked.gas(gas)
    found, told = accounted(asked.mrio, principle, stressor, households)
    total = found
    asked.read |= dict.fromkeys(world, "WLD (World)")
    level, why = interval_words(found)
    quantity, labels = account_of(principle, households)
    more: list[str] = []
    if per_person:
        found, more = per_person_of(found), ["population of 2022: World Bank"]
        quantity = quantity.replace("account", "account per person", 1)
    figures = [
        figure(
            found, position(found, code), quantity,
            asked.labels(region=code, gas=stressor, **labels), level=level, why=why,
        )
        for code in codes
    ]  # fmt: skip
    if world:
        figures.append(
            Figure(
                quantity=quantity, value=total.total / mc.population(2022)["World"] * 1e6
                if per_person else total.total,
                unit=found.unit, estimated=found.estimated, why="no interval of the world total",
                labels=asked.labels(region="WLD", gas=stressor, **labels),
            )
        )  # fmt: skip
    return ToolResult(
        title=f"{stressor} emissions, {quantity}, {asked.year}",
        read_as=asked.read, figures=tuple(figures), offset=offset, shown=len(codes),
        total=len(every) if len(every) > len(codes) else None, **about(found, told, more),
    )  # fmt: skip


def per_person_of(found: mc.Result) -> mc.Result:
    """Return tonnes for each person of the regions."""
    people = mc.population(found.provenance.year or 2022)
    return found.per(people).to(f"t {found.unit.removeprefix('Mt ')} / person")


@tool(
    "trade",
    "Emissions embodied in what one region buys from another",
    examples=(
        {"origin": "China", "destination": "USA"},
        {"origin": "EU", "gas": "CO2", "limit": 5},
        {"destination": "Japan"},
    ),
)
def bilateral(
    origin: Annotated[Region, Field(description="where it is emitted; all if left out")] = "",
    destination: Annotated[
        Region, Field(description="for whose final demand; all if left out")
    ] = "",
    gas: Gas = "GHG",
    limit: Limit = 20,
    offset: Offset = 0,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Emissions in one region for the final demand of another, through all supply chains, in Mt.

    Use it for "carbon in trade between X and Y", "how much CO2 does Y import from X". With both
    named it also gives the way back and the net flow; with one, the largest partners. Direct
    emissions of households are not in it.
    """
    asked = Question(table_name, year)
    stressor = asked.gas(gas)
    found = mc.bilateral(asked.mrio, stressor)
    labels = asked.mrio.regions
    rows = [asked.region(origin)] if origin else list(labels)
    columns = [asked.region(destination)] if destination else list(labels)
    pairs = [(a, b) for a in rows for b in columns if a != b or (origin and destination)]
    pairs.sort(key=lambda pair: -found[pair])
    both = bool(origin and destination)  # one pair: there is nothing to leave out of it
    offset = 0 if both else offset
    shown = pairs[offset : offset + limit]
    if both and rows != columns:
        shown += [(columns[0], rows[0])]
    sure = bool(origin) and quick(asked.mrio)
    figures = []
    for one, other in shown:
        flow, at = found, position(found, one, other)
        if sure:
            flow = flows_from(asked.mrio, stressor, one)
            at = position(flow, other)
        figures.append(
            figure(
                flow, at, "embodied emissions",
                asked.labels(region=one, partner=other, gas=stressor), level=0.95,
                why="" if sure else "no interval: name the origin to get one",
                estimated=found.estimated,
            )
        )  # fmt: skip
    if origin and destination and rows != columns:
        (one,), (other,) = rows, columns
        figures.append(
            Figure(
                quantity="net embodied emissions: origin to destination less the way back",
                value=found[one, other] - found[other, one], unit=found.unit,
                labels=asked.labels(region=one, partner=other, gas=stressor),
                estimated=found.estimated, why="no interval: the two flows err together",
            )
        )  # fmt: skip
    return ToolResult(
        title=f"{stressor} embodied in trade, {asked.year}: region emits, partner consumes",
        read_as=asked.read, figures=tuple(figures), offset=offset,
        total=len(pairs) if len(pairs) > len(shown) else None, **about(found),
    )  # fmt: skip


_TRADE = {
    "production": "emissions of industries",
    "exports": "emissions embodied in exports",
    "imports": "emissions embodied in imports",
    "consumption": "emissions of industries anywhere for the region's final demand",
    "balance": "net exports of embodied emissions",
}


@tool(
    "trade",
    "Emissions embodied in a region's exports and imports, and the balance",
    examples=({"regions": ["China", "EU27"]}, {"gas": "CO2", "regions": "USA"}),
)
def trade_balance(
    regions: Regions = [],  # noqa: B006
    gas: Gas = "GHG",
    limit: Annotated[int, Field(description="how many regions to list", ge=1, le=30)] = 20,
    offset: Offset = 0,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Production, embodied exports and imports, consumption and net exports of emissions, in Mt.

    Use it for "is X a net importer of carbon", "emissions embodied in the exports of X". Balance
    = exports - imports = production - consumption, industries only: positive means a net
    exporter. The difference of consumption from production has a paired 95 % interval, in %.
    """
    asked = Question(table_name, year)
    every, stressor = asked.regions(regions), asked.gas(gas)
    codes = every[offset : offset + limit]
    found = mc.trade(asked.mrio, stressor)
    gap = gap_of(asked.mrio, stressor) if quick(asked.mrio) else None
    why = "no interval of its own: that of the difference is beside it" if gap else NO_INTERVAL
    figures = []
    for code in codes:
        labels = asked.labels(region=code, gas=stressor)
        for item in found.coords["item"]:
            figures.append(
                figure(found, position(found, code, item), _TRADE.get(item, item), labels, why=why)
            )
        if gap is not None:
            figures.append(
                figure(gap, position(gap, code), "consumption over production, industries only",
                       labels | households_label(False), level=0.95)
            )  # fmt: skip
    return ToolResult(
        title=f"{stressor} embodied in trade, {asked.year}, industries only",
        read_as=asked.read, figures=tuple(figures), offset=offset, shown=len(codes),
        total=len(every) if len(every) > len(codes) else None,
        **about(found, more=[note.text for note in gap.notes] if gap else ()),
    )  # fmt: skip


@tool(
    "trade",
    "How accounts of 2022 differ from production and from inventories; the published claim",
    examples=(
        {},
        {"regions": ["China", "EU27"], "principle": "income"},
        {"gas": "CO2", "households": True},
    ),
)
def adjustments(
    regions: Annotated[Regions, Field(description="China, USA and Japan if left out")] = [],  # noqa: B006
    principle: Principle = "consumption",
    gas: Literal["GHG", "CO2"] = "GHG",
    households: Households = False,
) -> ToolResult:
    """By how many per cent an account of 2022 differs from production-based (IPCC) accounts.

    Use it for "how would China's emissions change under consumption-based accounting", and for
    the claim announced in April 2026 (China -17.7 %, USA +15.2 %, Japan +7.2 %): it says whether
    any way of counting reproduces it. The difference is taken over production in the same
    boundary (with a paired 95 % interval) and over territorial inventories.
    """
    from mriocarbon.studies.scan import PUBLISHED, PUBLISHED_SOURCE

    asked = Question(EMBEDDED)
    study = studied()
    codes = asked.regions(regions or list(PUBLISHED))
    interval = next(
        (i for i in study.intervals
         if (i.gas, i.principle, i.households) == (gas, principle, households)), None,
    )  # fmt: skip
    chosen = [
        c for c in study.combinations
        if (c.table, c.principle, c.options, c.gas, c.households, c.land_use)
        == (EMBEDDED, principle, "", gas, households, "none")
    ]  # fmt: skip
    boundary = "with households" if households else "industries only"
    figures = []
    for code in codes:
        labels = asked.labels(region=code, gas=gas, principle=principle)
        labels |= households_label(households)
        for one in chosen:
            k = asked.mrio.regions.index(code)
            own = one.denominator == OWN and interval is not None
            figures.append(
                Figure(
                    quantity=f"difference from {one.denominator}, {boundary}",
                    value=one.percent[code], unit="%",
                    low=float(interval.low[k]) if own and interval else None,
                    high=float(interval.high[k]) if own and interval else None,
                    level=0.95 if own else None, labels=labels, estimated=bool(one.estimated),
                    why="" if own else "no interval: errors of the inventory are not at hand",
                )
            )  # fmt: skip
    figures += [
        Figure(quantity="published difference from IPCC production accounts (claim)", value=value,
               unit="%", labels={"region": code, "year": "2022", "gas": "GHG",
                                 "source": "press, April 2026"}, why="published without interval")
        for code, value in PUBLISHED.items()
    ]  # fmt: skip
    verdict = study.verdict
    figures.append(_count("ways of counting tried", verdict.tried))
    figures += [
        _count(f"ways of counting within {width:g} percentage points of the claim", number)
        for width, number in verdict.within.items()
    ]
    figures += [
        Figure(quantity="nearest way of counting to the claim", value=verdict.nearest.percent[code],
               unit="%", labels={"region": code, "year": "2022", "gas": verdict.nearest.gas,
                                 "principle": verdict.nearest.principle},
               estimated=bool(verdict.nearest.estimated), why="no interval: one of the scan")
        for code in PUBLISHED
    ]  # fmt: skip
    return ToolResult(
        title=f"{gas} of 2022: {principle} account against production, {boundary}",
        read_as=asked.read, figures=tuple(figures),
        items=tuple({"verdict": text} for text in verdict.text),
        caveats=(*study.notes, f"claim: {PUBLISHED_SOURCE}",
                 *([f"interval: {interval.basis}"] if interval else ())),
        sources=tuple(Cited.of(one.source) for one in study.items),
        dataset=EMBEDDED, edition=asked.mrio.provenance.edition, version=__version__,
        method="100 (account - production) / denominator, over every combination of choices",
    )  # fmt: skip


def _count(what: str, number: int) -> Figure:
    return Figure(quantity=what, value=float(number), unit="1", labels={"year": "2022"},
                  why="a count")  # fmt: skip
