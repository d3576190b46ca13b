"""What stands behind an account: supply chains, value chains, scopes, linkages, what-ifs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

import mriocarbon as mc
from mriocarbon.errors import InputError, UnitError
from mriocarbon.tools import resolve
from mriocarbon.tools.compared import sector_items
from mriocarbon.tools.figures import Question, about, figure, position
from mriocarbon.tools.registry import tool
from mriocarbon.tools.tables import EMBEDDED, Gas, Limit, Name, Region, Sector, Year, accounted
from mriocarbon.tools.trade import Principle
from mriocarbon.tools.types import Figure, ToolResult, described

WHY = "no interval: none is computed for parts of an account; accounts have one"
SCOPES = ("scope 1", "scope 2", "scope 3 upstream")


def _told(notes: tuple[mc.Note, ...], provenance: mc.Provenance, *more: str) -> dict[str, Any]:
    found = dict(described(provenance, notes))
    found["caveats"] = (*found["caveats"], *more)
    return found


@tool(
    "trade",
    "The largest supply chains behind a footprint",
    examples=(
        {"region": "Japan", "limit": 5},
        {"region": "USA", "product": "cars", "product_origin": "China", "limit": 5},
        {"product": "construction", "limit": 3},
    ),
)
def paths(
    region: Annotated[Region, Field(description="whose final demand; everybody's if empty")] = "",
    product: Annotated[Sector, Field(description="only this final product; all if empty")] = "",
    product_origin: Annotated[Region, Field(description="and only if finished there")] = "",
    gas: Gas = "GHG",
    limit: Limit = 10,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Largest single supply chains (structural paths) of a footprint, in Mt, and emissions by tier.

    Use it for "which supply chains are behind X's footprint". A route reads from the final
    product to the emitter: CHN F <- CHN C23 is cement for construction. Tier 0 is the maker of
    the final product. Industries only.
    """
    asked = Question(table_name, year)
    who = asked.region(region) if region else None
    stressor = asked.gas(gas)
    if product_origin and not product:
        raise InputError("an origin without a product", where="product_origin", do="name a product")
    what: Any = asked.sector(product) if product else None
    if product_origin:
        what = (asked.region(product_origin), what)
    found = mc.paths(asked.mrio, region=who, stressor=stressor, product=what, top=limit)
    tiers = mc.tiers(asked.mrio, region=who, stressor=stressor, product=what, depth=4)
    place = {"region": who or "WLD", "gas": stressor}
    if product:
        place["sector"] = what[1] if isinstance(what, tuple) else what
    figures = [
        Figure(quantity="emissions behind the final demand", value=found.total, unit=found.unit,
               labels=asked.labels(**place), estimated=found.estimated, why=WHY)
    ]  # fmt: skip
    sectors: list[str] = []
    for k, chain in enumerate(found):
        sectors += [sector for _, sector in chain]
        route = " <- ".join(f"{r} {s}" for r, s in chain)
        figures.append(
            Figure(quantity="emissions of one supply chain", value=float(found.value[k]),
                   unit=found.unit, estimated=found.estimated, why=WHY,
                   labels=asked.labels(**place, route=route, rank=str(k + 1)))
        )  # fmt: skip
    figures += [
        figure(tiers, (k,), "emissions of a tier of supply",
               asked.labels(**place, stage=f"tier {t}"), why=WHY)
        for k, t in enumerate(tiers.coords["tier"])
    ]  # fmt: skip
    more = () if found.complete else ("the search met its limit before all chains were found",)
    return ToolResult(
        title=f"Supply chains of {_demand(asked, who, what)}, {stressor} {asked.year}",
        read_as=asked.read,
        figures=tuple(figures), items=sector_items(sectors),
        **_told(found.notes, found.provenance, *more),
    )  # fmt: skip


def _demand(asked: Question, who: str | None, what: Any) -> str:
    """Say in words whose final demand, for which product of which origin."""
    from mriocarbon.report.sector_names import sector_name

    named = resolve.country_name
    whose = f"final demand of {named(who or 'WLD')}"
    if what is None:
        return whose
    origin, sector = what if isinstance(what, tuple) else (None, what)
    made = f" made in {named(origin)}" if origin else ""
    return f"{whose} for {sector_name(sector, asked.mrio.provenance.dataset)}{made}"


@tool(
    "trade",
    "Where emissions go, or come from, along global value chains",
    examples=({"region": "China"}, {"region": "EU27", "view": "backward"}),
)
def chains(
    region: Region,
    view: Annotated[
        Literal["forward", "backward"],
        Field(
            description="forward: where its emissions go; backward: where those of its final"
            " products come from"
        ),
    ] = "forward",
    gas: Gas = "GHG",
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """A region's emissions split by the route they take through value chains, in Mt.

    Use it for "how much of X's emissions serves foreign demand through intermediates". Terms add
    up to production (forward) or to the footprint of final products made there (backward).
    """
    asked = Question(table_name, year)
    code, stressor = asked.region(region), asked.gas(gas)
    found = mc.chains(asked.mrio, view, stressor=stressor)
    figures = tuple(
        figure(found, position(found, code, term), f"{view} value chain",
               asked.labels(region=code, gas=stressor, route=term), why=WHY)
        for term in found.coords["term"]
    )  # fmt: skip
    return ToolResult(
        title=f"{stressor} of {code} along value chains, {view}, {asked.year}",
        read_as=asked.read, figures=figures,
        items=tuple({"route": k, "equation": text} for k, text in found.equations.items()),
        **about(found),
    )  # fmt: skip


@tool(
    "trade",
    "Scopes 1, 2 and 3 of an industry",
    examples=({"region": "China", "sector": "steel"}, {"region": "USA", "sector": "cars"}),
)
def scopes(
    region: Region,
    sector: Sector,
    gas: Gas = "GHG",
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Scope 1, 2 and 3 (upstream) emissions of one industry of a region: Mt, and kg per USD.

    Use it for "scope 3 of X's car industry", "emission intensity of steel in X". Whole
    industries, from the table; not of a single firm. Scopes of industries must not be added.
    """
    asked = Question(table_name, year)
    code, name, stressor = asked.region(region), asked.sector(sector), asked.gas(gas)
    found = mc.scopes(asked.mrio, stressor=stressor)
    labels = asked.labels(region=code, sector=name, gas=stressor)
    figures = []
    for result, quantity in (
        (found.total, "emissions"),
        (_by_money(found.per_output), "emissions per output"),
    ):
        figures += [
            figure(result, position(result, code, name, scope), quantity,
                   labels | {"scope": scope}, why=WHY)
            for scope in SCOPES
        ]  # fmt: skip
    figures.append(
        figure(found.downstream, position(found.downstream, code, name), "emissions",
               labels | {"scope": "scope 3 downstream"}, why=WHY)
    )  # fmt: skip
    return ToolResult(
        title=f"Scopes of {name} of {code}, {stressor} {asked.year}", read_as=asked.read,
        figures=tuple(figures), items=sector_items([name]),
        **about(found.total, more=[
            f"energy of scope 2: industries {', '.join(found.energy_sectors)}",
            "scopes overlap between industries: a tonne stands in the scope 3 of many"]),
    )  # fmt: skip


def _by_money(result: mc.Result) -> mc.Result:
    """Return emissions per output in the unit people compare, such as kg CO2e/USD."""
    mass, _, money = result.unit.partition(" / ")
    _, space, what = mass.partition(" ")
    unit = f"kg{space}{what}/{money.removeprefix('million ')}"
    try:
        return result.to(unit)
    except UnitError:  # a table with units of its own
        return result


_MEASURES = ("power of dispersion", "sensitivity, ghosh", "carbon backward", "carbon forward")


@tool(
    "trade",
    "How strongly an industry pulls its suppliers and pushes its customers",
    examples=({"region": "China", "sector": "steel"}, {"region": "Japan", "limit": 3}),
)
def linkages(
    region: Region,
    sector: Annotated[Sector, Field(description="one industry; the strongest if empty")] = "",
    gas: Gas = "GHG",
    limit: Limit = 5,
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Backward and forward linkages of industries, in money and carbon; 1 is the average industry.

    Use it for "key sectors of X", "backward linkage of steel". Power of dispersion (backward),
    sensitivity by Ghosh (forward), and carbon multipliers over their mean.
    """
    asked = Question(table_name, year)
    code, stressor = asked.region(region), asked.gas(gas)
    found = mc.linkages(asked.mrio, stressor=stressor, variation=False)
    labels = asked.mrio.sectors
    kinds = found.quadrants()[asked.mrio.regions.index(code)]
    strength = {n: found.table[code, n, _MEASURES[0]] for n in labels}
    names = [n for n in labels if strength[n] == strength[n]]
    names.sort(key=lambda n: -strength[n])
    picked = [asked.sector(sector)] if sector else names[:limit]
    figures = tuple(
        figure(found.table, position(found.table, code, n, measure), f"linkage: {measure}",
               asked.labels(region=code, sector=n), why=WHY)
        for n in picked for measure in _MEASURES
    )  # fmt: skip
    kind = {n: str(kinds[labels.index(n)]) for n in picked}
    items = tuple({**one, "kind": kind[one["sector"]]} for one in sector_items(picked))
    return ToolResult(
        title=f"Linkages of industries of {code}, {asked.year}", read_as=asked.read,
        figures=figures, items=items, **about(found.table),
    )  # fmt: skip


@tool(
    "trade",
    "What would fall away without an industry or a region",
    examples=(
        {"region": "China", "sector": "steel"},
        {"sector": "cement", "share": 0.1},
    ),
)
def extract(
    region: Annotated[Region, Field(description="all regions if empty")] = "",
    sector: Annotated[Sector, Field(description="the whole region if empty")] = "",
    share: Annotated[float, Field(description="of it taken out, above 0 to 1", gt=0, le=1)] = 1.0,
    replaced: Annotated[
        bool, Field(description="users buy from the same industry of other regions instead")
    ] = False,
    gas: Gas = "GHG",
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Change of world emissions and output if an industry or region were taken out, all else equal.

    Use it for "how much hangs on X's steel industry" (hypothetical extraction). Mt and million
    USD, new less old: of the world, in what is taken out (own), and elsewhere. The label partner
    says what is taken out. A measure of dependence, no forecast.
    """
    asked = Question(table_name, year)
    code = asked.region(region) if region else None
    name = asked.sector(sector) if sector else None
    stressor = asked.gas(gas)
    found = mc.extract(
        asked.mrio, region=code, sector=name, share=share, replaced=replaced, stressor=stressor
    )  # fmt: skip
    # what changes is the world's; only the part called own is of what is taken out
    labels = asked.labels(region="WLD", gas=stressor)
    labels |= {"partner": code} if code else {}
    labels |= {"sector": name} if name else {}
    own = {k: v for k, v in labels.items() if k != "partner"} | {"region": code or "WLD"}
    figures = []
    parts = (("emissions", found.emissions), ("output", found.output),
             ("value added", found.value_added))  # fmt: skip
    for what, change in parts:
        sums = {"": change.total} | {k: float(v.sum()) for k, v in change.parts.items()}
        figures += [
            Figure(quantity=f"change of {what}" + (f", {part}" if part else ""), value=value,
                   unit=change.unit, labels=own if part == "own" else labels,
                   estimated=change.estimated, why=WHY)
            for part, value in sums.items()
        ]  # fmt: skip
    return ToolResult(
        title=f"Without {found.what} ({100 * share:g} %), {asked.year}", read_as=asked.read,
        figures=tuple(figures), items=sector_items([name] if name else []),
        **about(found.emissions, more=[
            "own: in what is taken out; elsewhere: in all the rest; inputs are"
            + (" bought from other regions" if replaced else " not replaced")]),
    )  # fmt: skip


@tool(
    "trade",
    "How unequal emissions per person are between regions",
    examples=({}, {"principle": "production", "gas": "CO2"}),
)
def inequality(
    principle: Principle = "consumption",
    gas: Gas = "GHG",
    year: Year = "",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Gini and Theil indices of emissions per person between the regions, 0 is equal.

    Use it for "carbon inequality between countries". Everybody has the mean of the region:
    inequality within regions is not in it, so the measures are lower bounds.
    """
    asked = Question(table_name, year)
    stressor = asked.gas(gas)
    found, _ = accounted(asked.mrio, principle, stressor)
    source = next(item.source for item in mc.catalogue() if item.name == "population_gdp")
    people = mc.population(int(asked.year or 2022))
    note = mc.Note(f"population of {asked.year}", about="population", sources=(source,))
    spread = mc.inequality(found, people, about_population=note)
    measures = (("Gini index", spread.gini), ("Theil T index", spread.theil_t.total),
                ("Theil L index", spread.theil_l.total))  # fmt: skip
    labels = asked.labels(region="WLD", gas=stressor, principle=principle)
    figures = [
        Figure(quantity=f"{name} of emissions per person between regions", value=value, unit="1",
               labels=labels, estimated=found.estimated, why=WHY)
        for name, value in measures
    ]  # fmt: skip
    return ToolResult(
        title=f"Inequality of {stressor} per person, {principle}, {asked.year}",
        figures=tuple(figures), read_as=asked.read,
        **_told(spread.notes, spread.provenance, "inequality within regions is not in it"),
    )  # fmt: skip


@tool(
    "trade",
    "What if: cleaner production, another supplier, less demand",
    examples=(
        {"change": "intensity", "region": "China", "sector": "electricity", "factor": 0.8},
        {"change": "demand", "region": "USA", "sector": "cars", "factor": 0.9},
        {"change": "supplier", "region": "China", "sector": "steel", "user": "China",
         "to": "Japan", "share": 0.3},
    ),
)  # fmt: skip
def what_if(
    change: Annotated[
        Literal["intensity", "demand", "supplier"],
        Field(
            description="intensity: emissions per output of region's sector times factor; demand:"
            " final demand of region for sector times factor; supplier: share of what user buys"
            " of region's sector is bought from 'to' instead"
        ),
    ],
    region: Region,
    sector: Annotated[Sector, Field(description="all industries if empty")] = "",
    factor: Annotated[float | None, Field(ge=0, le=10)] = None,
    to: Annotated[Region, Field(description="the new supplier")] = "",
    share: Annotated[float | None, Field(ge=0, le=1)] = None,
    user: Annotated[Region, Field(description="who changes supplier; all if empty")] = "",
    principle: Literal["consumption", "production"] = "consumption",
    gas: Gas = "GHG",
    limit: Limit = 10,
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Change of accounts after one change of the table, in Mt: new less old, largest first.

    Use it for "what if China's power were 20 % cleaner" (intensity, factor 0.8). Prices stay,
    nobody substitutes: a first answer, no forecast. Industries only.
    """
    asked = Question(table_name)
    code, stressor = asked.region(region), asked.gas(gas)
    name = asked.sector(sector) if sector else "*"
    if change == "supplier":
        if not to or share is None or factor is not None:
            raise InputError("a change of supplier needs to and share, and no factor",
                             where="change", do="give to= and share= between 0 and 1")  # fmt: skip
        one = mc.Change(
            "coefficients", region=code, sector=name, user=asked.region(user) if user else "*",
            to=asked.region(to), share=share,
        )  # fmt: skip
    elif factor is None or to or user or share is not None:
        raise InputError(f"a change of {change} needs a factor, and no to, user or share",
                         where="change", do="give factor=, such as 0.8")  # fmt: skip
    elif change == "intensity":
        one = mc.Change("stressor", factor, region=code, sector=name)
    else:
        one = mc.Change("demand", factor, user=code, sector=name)
    said = _said(one, asked.mrio.provenance.dataset)
    found = mc.scenario(asked.mrio, one, stressor=stressor, principle=principle)
    order = sorted(asked.mrio.regions, key=lambda r: (-abs(found.difference[r]), r))[:limit]
    why = "no interval: none is computed for what-ifs"
    figures = [
        Figure(quantity=f"change of the {principle} accounts of all", value=found.difference.total,
               unit=found.difference.unit, estimated=found.base.estimated, why=why,
               labels=asked.labels(region="WLD", gas=stressor, principle=principle))
    ]  # fmt: skip
    for place in order:
        labels = asked.labels(region=place, gas=stressor, principle=principle)
        k = found.base.coords["region"].index(place)
        figures.append(
            figure(found.difference, position(found.difference, place),
                   f"change of the {principle} account", labels, why=why)
        )  # fmt: skip
        figures.append(
            Figure(quantity=f"change of the {principle} account in per cent",
                   value=float(found.percent[k]), unit="%", labels=labels,
                   estimated=found.base.estimated, why=why)
        )  # fmt: skip
    return ToolResult(
        title=f"What if {said}? {stressor}, {principle}, {asked.year}", read_as=asked.read,
        figures=tuple(figures), items=({"change": str(one), "how": found.method},),
        **about(found.difference),
    )  # fmt: skip


def _said(one: mc.Change, dataset: str) -> str:
    """Say what is changed, by how much and where, in words."""
    from mriocarbon.report.sector_names import sector_name

    what = "all industries" if one.sector == "*" else sector_name(one.sector, dataset)
    named = resolve.country_name
    if one.share is not None:
        users = "everybody buys" if one.user == "*" else f"{named(one.user)} buys"
        moved = f"{100 * one.share:g} % of what {users} of {what} from {named(one.region)}"
        return f"{moved} came from {named(one.to)}"
    assert one.factor is not None
    by = 100 * (one.factor - 1)
    size = "unchanged" if not by else f"{abs(by):g} % {'higher' if by > 0 else 'lower'}"
    if one.part == "stressor":
        return f"emissions per output of {what} in {named(one.region)} were {size}"
    return f"final demand of {named(one.user)} for {what} was {size}"
