"""Accounts set beside one another: all principles, all gases, all regions, all industries."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import numpy as np
from pydantic import Field

import mriocarbon as mc
from mriocarbon.errors import InputError, MriocarbonWarning, NotAvailableError
from mriocarbon.studies.intervals_2022 import embedded
from mriocarbon.tools.figures import (
    NO_INTERVAL,
    Question,
    about,
    account_of,
    figure,
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
    Sector,
    Year,
    accounted,
)
from mriocarbon.tools.trade import Households, Principle, per_person_of
from mriocarbon.tools.types import Figure, ToolResult

View = Literal["product", "industry", "origin", "territory"]


@tool(
    "trade",
    "One region under all accounting principles",
    examples=({"region": "China"}, {"region": "EU", "gas": "CO2", "households": False}),
)
def compare_principles(
    region: Region,
    gas: Gas = "GHG",
    households: Households = True,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """The emissions of one region under every principle, in Mt, and the difference in %.

    Use it for "how does X fare under different responsibilities", "production versus consumption
    versus income". Differences are from production, with a paired 95 % interval (GHG and CO2 of
    the table of 2022).
    """
    asked = Question(table_name, year)
    code, stressor = asked.region(region), asked.gas(gas)
    gaps = {}
    if table_name == EMBEDDED and stressor in ("GHG", "CO2"):
        gaps = {
            one.principle: one
            for one in embedded(asked.mrio, get_args(Principle), [stressor])
            if one.households == households
        }
    figures: list[Figure] = []
    warned: list[MriocarbonWarning] = []
    for principle in get_args(Principle):
        found, told = accounted(asked.mrio, principle, stressor, households)
        warned += told
        level, why = interval_words(found)
        quantity, labels = account_of(principle, households)
        labels = asked.labels(region=code, gas=stressor, **labels)
        figures.append(figure(found, position(found, code), quantity, labels, level=level, why=why))
        if principle in gaps:
            k = asked.mrio.regions.index(code)
            gap = gaps[principle]
            figures.append(
                Figure(quantity="difference from production"
                       + ("" if households else ", industries only"), value=float(gap.percent[k]),
                       unit="%", low=float(gap.low[k]), high=float(gap.high[k]), level=0.95,
                       labels=labels, estimated=found.estimated)
            )  # fmt: skip
    named = {one.name: one for one in mc.principles()}
    return ToolResult(
        title=f"{stressor} of {code} under {len(get_args(Principle))} principles, {asked.year}"
        + ("" if households else ", industries only"),
        read_as=asked.read, figures=tuple(figures),
        items=tuple(
            {"principle": p, "formula": named[p].formula, "reference": named[p].reference}
            for p in get_args(Principle)
        ),
        **about(found, [w for w in warned if code in str(w)]),
    )  # fmt: skip


@tool(
    "trade",
    "A region's account gas by gas",
    examples=({"region": "India"}, {"region": "LAM", "principle": "production"}),
)
def by_gas(
    region: Region,
    principle: Principle = "consumption",
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Emissions of one region of each gas, in Mt of that gas, and all together in Mt CO2e.

    Industries and households, but fluorinated gases of industries alone (households' are
    unknown). Masses of different gases cannot be added.
    """
    asked = Question(table_name, year)
    code = asked.region(region)
    figures, notes = [], []
    for stressor in asked.mrio.stressors:
        households = True
        try:
            found, told = accounted(asked.mrio, principle, stressor, True)
        except NotAvailableError:
            found, told = accounted(asked.mrio, principle, stressor, False)
            households = False
        name, labels = account_of(principle, households)
        labels = asked.labels(region=code, gas=stressor, **labels)
        level, why = interval_words(found)
        figures.append(figure(found, position(found, code), name, labels, level=level, why=why))
        notes += [*told, *(n.text for n in found.notes), *([] if households else [
            f"{stressor}: households are unknown and not in it"])]  # fmt: skip
    return ToolResult(
        title=f"Emissions of {code} by gas, {principle}, {asked.year}",
        read_as=asked.read, figures=tuple(figures), **about(found, more=list(map(str, notes))),
    )  # fmt: skip


@tool(
    "trade",
    "The largest or smallest regions of an account, of exports or of imports",
    examples=(
        {"by": "production", "limit": 5},
        {"by": "consumption", "per_person": True, "limit": 3},
        {"by": "net exports"},
    ),
)
def ranking(
    by: Annotated[
        Principle | Literal["exports", "imports", "net exports"],
        Field(description="an accounting principle, or emissions embodied in trade"),
    ] = "production",
    gas: Gas = "GHG",
    per_person: bool = False,
    smallest_first: bool = False,
    limit: Limit = 10,
    offset: Offset = 0,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Regions in order of their emissions, with rank and share of the world.

    Use it for "who are the largest emitters", "top importers of embodied carbon", "highest per
    person". Mt, or t per person. Groups of countries such as EU27 and ROW stand as one region.
    """
    asked = Question(table_name, year)
    stressor = asked.gas(gas)
    level, why = None, NO_INTERVAL
    told: tuple[object, ...] = ()
    if by in ("exports", "imports", "net exports"):
        item = "balance" if by == "net exports" else by
        trade = mc.trade(asked.mrio, stressor)
        k = trade.coords["item"].index(item)
        found = mc.Result(
            name=by, value=np.ascontiguousarray(trade.value[:, k]), dims=("region",),
            coords={"region": trade.coords["region"]}, unit=trade.unit, notes=trade.notes,
            provenance=trade.provenance,
        )  # fmt: skip
        quantity = f"emissions embodied in {by}"
    else:
        found, told = accounted(asked.mrio, by, stressor)
        level, why = interval_words(found)
        quantity = f"{by} account"
    total = found.total if by != "net exports" else 0.0
    if per_person:
        found, quantity = per_person_of(found), f"{quantity} per person"
    regions = asked.mrio.regions
    order = sorted(regions, key=lambda r: (found[r] if smallest_first else -found[r], r))
    figures = []
    for rank, code in list(enumerate(order, start=1))[offset : offset + limit]:
        labels = asked.labels(region=code, gas=stressor, rank=str(rank))
        if by in get_args(Principle):
            labels |= account_of(by, True)[1]
        one = figure(found, position(found, code), quantity, labels, level=level, why=why)
        figures.append(one)
        if total and not per_person and one.value is not None:
            figures.append(
                Figure(quantity=f"share of the world's {quantity}", value=100 * one.value / total,
                       unit="%", labels=labels, estimated=found.estimated,
                       why="no interval of the share")
            )  # fmt: skip
    shown = len(order[offset : offset + limit])
    return ToolResult(
        title=f"Regions by {stressor}: {quantity}, {asked.year}", read_as=asked.read,
        figures=tuple(figures), offset=offset, shown=shown,
        total=len(order) if len(order) > shown else None,
        **about(found, more=[str(one) for one in told]),
    )  # fmt: skip


@tool(
    "trade",
    "A region's emissions by product, industry or origin",
    examples=(
        {"region": "USA"},
        {"region": "China", "view": "territory", "sector": "steel"},
        {"region": "Japan", "view": "origin", "limit": 5},
        {"region": "EU", "view": "industry", "gas": "CH4", "limit": 3},
    ),
)
def by_sector(
    region: Region,
    view: Annotated[
        View,
        Field(
            description="footprint by final product, by emitting industry anywhere, by origin"
            " country; territory: what the region's own industries emit"
        ),
    ] = "product",
    sector: Sector = "",
    gas: Gas = "GHG",
    limit: Limit = 10,
    offset: Offset = 0,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """What a region's emissions are made of, largest first, in Mt; one industry if named.

    Use it for "top sectors of X's footprint" (product), "emissions of X's steel industry"
    (territory, sector steel), "where was X's footprint emitted" (origin: region emits, partner
    consumes; with a sector, what arrives in that final product). Industries only, without
    households' direct emissions.
    """
    asked = Question(table_name, year)
    code, stressor = asked.region(region), asked.gas(gas)
    only = asked.sector(sector) if sector else ""
    product = only if view == "origin" else ""
    if view == "territory":
        found = mc.scopes(asked.mrio, stressor=stressor).total
        names = asked.mrio.sectors
        places = {n: position(found, code, n, "scope 1") for n in names}
        quantity, total = "emissions of the region's industry", None
    else:
        found = mc.footprint(asked.mrio, stressor, by=view, product=product or None)
        names = found.coords[found.dims[1]]
        places = {n: position(found, code, n) for n in names}
        quantity = {
            "product": "footprint by final product", "industry": "footprint by emitting industry",
            "origin": "footprint of one final product by origin" if product
            else "footprint by origin",
        }[view]  # fmt: skip
    order = sorted(names, key=lambda n: (-float(found.value[places[n]]), n))
    ranks = {name: str(k) for k, name in enumerate(order, start=1)}
    picked = [only] if only and not product else order[offset : offset + limit]
    why = "no interval: none is computed for single industries; accounts have one"
    figures = []
    for name in picked:
        labels = asked.labels(region=code, gas=stressor, rank=ranks[name])
        if view == "origin":
            labels |= {"region": name, "partner": code} | ({"sector": only} if only else {})
        else:
            labels["sector"] = name
        figures.append(figure(found, places[name], quantity, labels, why=why))
    listed = product or not only
    total = len(order) if listed and len(order) > len(picked) else None
    return ToolResult(
        title=f"{stressor} of {code}, {asked.year}: {quantity}", read_as=asked.read,
        figures=tuple(figures),
        items=sector_items(picked if view != "origin" else [product] if product else []),
        offset=offset if listed else 0, total=total, **about(found),
    )  # fmt: skip


def sector_items(labels: list[str]) -> tuple[dict[str, str], ...]:
    """Return the names of industries, each once, for the items of a result."""
    from mriocarbon.tools.resolve import sector_chinese, sector_name

    return tuple(
        {"sector": one, "name": sector_name(one), "name_zh": sector_chinese(one)}
        for one in dict.fromkeys(labels)
    )


@tool(
    "trade",
    "Carbon leakage through trade: imports, and what they would emit at home",
    examples=({"regions": "EU27"}, {"regions": ["USA"], "partner": "China"}),
)
def leakage(
    regions: Regions = [],  # noqa: B006
    partner: Annotated[Region, Field(description="one trading partner; all if left out")] = "",
    gas: Gas = "GHG",
    limit: Annotated[int, Field(description="how many regions to list", ge=1, le=22)] = 20,
    offset: Offset = 0,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Emissions abroad for a region's demand (weak leakage), beside its own technology, in Mt.

    Use it for "weak carbon leakage of X", "would the world emit less if X made its imports
    itself" (intensity gap above zero: yes). Strong leakage, caused by policy, needs two years
    of data and is not answered. Industries only.
    """
    asked = Question(table_name, year)
    stressor = asked.gas(gas)
    other = asked.region(partner) if partner else ""
    every = [code for code in asked.regions(regions) if code != other]
    if not every:
        raise InputError(f"{other} is beside itself", where="regions and partner",
                         do="name a partner that is none of the regions")  # fmt: skip
    codes = every[offset : offset + limit]
    found = mc.leakage(asked.mrio, stressor=stressor, level="bilateral" if other else "region")
    figures = []
    for code in codes:
        for item in found.coords["item"]:
            where = position(found, code, *([other] if other else []), item)
            labels = asked.labels(region=code, gas=stressor)
            if other:
                labels["partner"] = other
            figures.append(figure(found, where, f"leakage: {item}", labels))
    return ToolResult(
        title=f"{stressor} in trade beside home technology, {asked.year}", read_as=asked.read,
        figures=tuple(figures), offset=offset, shown=len(codes),
        total=len(every) if len(every) > len(codes) else None, **about(found),
    )  # fmt: skip
