"""Natural sources and sinks of regions, by scope: shown side by side, never added."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

import mriocarbon as mc
from mriocarbon.natural.account import NEVER_ADD
from mriocarbon.natural.flux import TO_AIR
from mriocarbon.tools import resolve
from mriocarbon.tools.cited import cited, shown
from mriocarbon.tools.places import place
from mriocarbon.tools.registry import tool
from mriocarbon.tools.tables import Region
from mriocarbon.tools.types import Figure, ToolResult

if TYPE_CHECKING:
    from mriocarbon.natural.flux import Flux
    from mriocarbon.studies.spectrum import FullSpectrum

Scope = Literal["managed land", "land-use change", "biosphere", "processes"]
Year = Annotated[int, Field(description="year asked for, from 1990; figures say theirs", ge=1900,
                            le=2100)]  # fmt: skip
_SCOPES = (
    "scope managed land (a): what the country reports to the UNFCCC",
    "scope land-use change (b): bookkeeping models, direct effects of people alone",
    "scope biosphere (c): exchange of all land with the air, from inversions and vegetation models",
    "scope processes (d): fires, wetlands, volcanoes, ocean, one by one",
)
_DIRECTION = "positive: to the air; negative: a sink"
_MOST = 200


@tool(
    "natural",
    "Natural carbon of a region, by scope",
    examples=(
        {"region": "China", "year": 2022, "gas": "CO2"},
        {"region": "巴西", "year": 2022, "scope": "land-use change"},
        {"region": "world", "year": 2022, "scope": "processes"},
    ),
)
def natural_account(
    region: Region,
    year: Year = 2022,
    scope: Annotated[
        Scope | None, Field(description="one scope alone; all of them, side by side, if left out")
    ] = None,
    gas: Annotated[
        Literal["CO2", "CH4", "N2O"] | None, Field(description="one gas alone; all if left out")
    ] = None,
    offset: Annotated[int, Field(description="how many figures to pass over", ge=0)] = 0,
) -> ToolResult:
    """Natural sources and sinks of a country, group (EU27, G20, ...) or the world, Mt of the gas.

    Use it for forest sinks, land-use change, LULUCF of the inventory, net exchange of the land,
    fires, wetlands, ocean. Four scopes: managed land (inventory), land-use change (bookkeeping
    models), biosphere (inversions), processes. They overlap: NEVER add figures of two scopes, nor
    two methods of one. Positive is to the air, negative is a sink. `year` of each figure is the
    year or period it is of, often earlier than the one asked for. What is not known has no value
    and says why.
    """
    read = place(region)
    found = mc.natural.account(read.code, year, gas=gas)
    fluxes = [one for one in found.fluxes if scope in (None, one.scope)]
    figures = [_of_flux(found.region, one) for one in fluxes]
    figures += [
        Figure(
            quantity=one.process, value=None, unit=f"Mt {one.gas}", why=one.reason,
            labels={"region": found.region, "scope": one.scope, "gas": one.gas,
                    "process": one.process, "year": str(year)},
        )
        for one in found.missing if scope in (None, one.scope)
    ]  # fmt: skip
    figures = _distinct(figures)
    return ToolResult(
        title=f"Natural carbon of {read.name} for {year}, by scope",
        read_as={region: f"{found.region} ({read.name})"},
        figures=tuple(figures[offset : offset + _MOST]),
        caveats=(NEVER_ADD, _DIRECTION, *_told(fluxes), *_SCOPES),
        sources=cited(one.source for one in fluxes),
        method="each source's own; see the label method",
        version=mc.__version__,
        offset=offset,
        total=len(figures),
    )


def _of_flux(region: str, one: Flux) -> Figure:
    away = "" if one.direction == TO_AIR else f" ({one.direction})"
    labels = {"region": region, "scope": one.scope, "gas": one.gas, "process": one.process,
              "method": one.method, "year": one.period, "source": shown(one.source)}  # fmt: skip
    known = not math.isnan(one.low)
    return Figure(
        quantity=one.process + away, value=one.value, unit=f"Mt {one.gas}", low=one.low,
        high=one.high, level=0.95 if known and "95 %" in one.interval else None, labels=labels,
        estimated=one.estimated or one.scope == "land-use change",
        why="" if known else one.interval,
    )  # fmt: skip


def _distinct(figures: Iterable[Figure]) -> list[Figure]:
    """Two sources may miss the same process for two reasons: one figure, both reasons."""
    found: dict[tuple[Any, ...], Figure] = {}
    for one in figures:
        key = (one.quantity, one.unit, *sorted(one.labels.items()))
        had = found.get(key)
        if had is None:
            found[key] = one
        elif had.value is None and one.value is None:
            found[key] = had.model_copy(update={"why": f"{had.why}; {one.why}"})
        else:  # never dropped in silence: ToolResult refuses two figures of one name
            found[(*key, len(found))] = one
    return list(found.values())


def _told(fluxes: Sequence[Flux]) -> tuple[str, ...]:
    """Return notes and intervals of the figures once each, with what they are about."""
    said: dict[str, list[str]] = {}
    for one in fluxes:
        texts = [one.note] if one.note else []
        if one.interval and not math.isnan(one.low):
            texts.append(f"interval: {one.interval}")
        for text in texts:
            about = f"{one.process} ({one.gas})"
            if about not in said.setdefault(text, []):
                said[text].append(about)
    return tuple(f"{', '.join(about[:4])}: {text}" for text, about in said.items())[:40]


@tool(
    "natural",
    "Global carbon budget of a year",
    examples=({"year": 2022, "unit": "Gt CO2"}, {"year": 2000}),
)
def natural_budget(
    year: Annotated[int, Field(description="1959 to 2023", ge=1900, le=2100)] = 2022,
    unit: Annotated[
        Literal["GtC", "Gt CO2", "Mt CO2"], Field(description="1 GtC is 3.664 Gt CO2")
    ] = "GtC",
) -> ToolResult:
    """Global carbon budget: where the world's CO2 came from and where it went in one year.

    Emissions (fossil, land-use change), sinks (atmosphere, ocean, land, cement), and the imbalance
    that independent estimates leave. Sinks are positive here: they are what was taken up.
    """
    found = mc.natural.budget(year, unit=unit)
    shared = {"region": "WLD", "gas": "CO2", "year": str(year), "scope": "global carbon budget",
              "source": found.source}  # fmt: skip
    kinds = {"emissions": "emission to the air", "sinks": "uptake", "imbalance": "what is left"}
    figures = [
        Figure(
            quantity=f"{one.name}, {'growth' if one.name == 'atmosphere' else kinds[one.side]}",
            value=one.value, unit=unit, low=one.low, high=one.high,
            level=None if math.isnan(one.low) else 0.95, labels={**shared, "process": one.name},
            why=one.interval if math.isnan(one.low) else "",
        )
        for one in found.terms
    ]  # fmt: skip
    figures += [
        Figure(quantity=f"all {name}", value=value, unit=unit,
               labels={**shared, "process": f"all {name}"}, why="no interval of the sum is given")
        for name, value in (("emissions", found.emissions), ("sinks", found.sinks))
    ]  # fmt: skip
    return ToolResult(
        title=f"Global carbon budget of {year}",
        figures=tuple(figures),
        caveats=(
            "fossil + land-use change = atmosphere + ocean + land + cement carbonation + imbalance",
            "sinks are positive in this budget; in accounts of regions a sink is negative",
            *found.notes,
        ),
        sources=cited([found.source]),
        method="terms as the source gives them; interval of the imbalance as if independent",
        version=mc.__version__,
    )


@tool(
    "natural",
    "From bookkeeping models to what an inventory counts",
    examples=(),  # none works on the data that ship with the package
)
def natural_translation(
    region: Region,
    correlation: Annotated[
        float, Field(description="between the errors of the two terms", ge=-1, le=1)
    ] = 0.0,
) -> ToolResult:
    """Why a national inventory's land sink differs from that of global models, mean of 2013-2022.

    Translates the flux of bookkeeping models to what an inventory would count, by the natural sink
    of managed forest (Grassi et al. 2023), and compares it with the inventory. Needs the folder of
    source data (MRIOCARBON_DATA): without it, the data are not at hand.
    """
    read = place(region)
    one = mc.natural.translate(read.code, correlation=correlation)
    years = "2013-2022"
    rows: list[tuple[str, float, float, float, str, str, bool, str]] = [
        ("net flux of land-use change, bookkeeping", one.bookkeeping, math.nan, math.nan,
         "land-use change", years, True, "the interval is told with the sum"),
        ("natural sink of managed forest", one.sink, math.nan, math.nan, "biosphere", years, True,
         "the interval is told with the sum"),
        ("flux translated to the inventory's scope", one.translated, one.low, one.high,
         "managed land", years, True, ""),
        ("inventory", one.inventory, math.nan, math.nan, "managed land", one.inventory_years,
         False, "no inventory in these years" if math.isnan(one.inventory)
         else "its interval is in that of the gap"),
        ("inventory less translated flux", one.gap, one.gap_low, one.gap_high, "managed land",
         one.inventory_years, True, "no inventory in these years" if math.isnan(one.gap) else ""),
    ]  # fmt: skip
    figures = [
        Figure(
            quantity=name, value=value, unit="Mt CO2", low=low, high=high,
            level=None if math.isnan(low) else 0.95, estimated=estimated, why=why,
            labels={"region": one.region, "gas": "CO2", "scope": scope, "year": when or years,
                    "process": name},
        )
        for name, value, low, high, scope, when, estimated, why in rows
    ]  # fmt: skip
    told = {None: "no inventory to compare with", True: "inside", False: "outside"}[one.holds]
    return ToolResult(
        title=f"Bookkeeping models translated to an inventory, {read.name}, {years}",
        read_as={region: f"{one.region} ({read.name})"},
        figures=tuple(figures),
        items=({"question": "does the interval of the translated flux hold the inventory",
                "answer": told},),
        caveats=(NEVER_ADD, _DIRECTION, "the translation is the one place where two terms of two "
                 "scopes are put together: both hold parts of managed land that do not overlap"),
        sources=cited([one.source, one.flux.source]),
        method="Grassi et al. (2023), doi:10.5194/essd-15-1093-2023",
        version=mc.__version__,
    )  # fmt: skip


@lru_cache(maxsize=2)
def _spectrum(gas: str) -> FullSpectrum:
    return mc.full_spectrum(gas=gas)


@tool(
    "natural",
    "Production, consumption and natural carbon side by side",
    cost="slow",
    examples=({"region": "中国"},),
)
def full_spectrum(
    region: Annotated[
        str, Field(description="one of the 20 regions of the table of 2022", max_length=80)
    ],
    gas: Annotated[
        Literal["CO2", "GHG"], Field(description="GHG: CH4 and N2O as CO2e, each apart")
    ] = "CO2",
    alternatives: Annotated[
        bool, Field(description="also the other methods of each scope, not the main one alone")
    ] = False,
    offset: Annotated[int, Field(description="how many figures to pass over", ge=0)] = 0,
) -> ToolResult:
    """Production and consumption of 2022 with each scope of natural carbon beside them, Mt.

    Use it for "emissions of X with its forests and land", "full carbon account of X". Production
    and consumption are also shown WITH one scope, each scope apart and named: there is no sum over
    scopes. Some seconds the first time.
    """
    from mriocarbon.studies.spectrum import rows_of

    found = _spectrum(gas)
    read = resolve.region(region, found.regions)
    rows = [one for one in rows_of(found, [read.code]) if alternatives or one["main"]]
    figures = _distinct(_of_row(one) for one in rows if one["kind"] in _KINDS)
    return ToolResult(
        title=f"Production, consumption and natural carbon of {read.name}, 2022, {gas}",
        read_as={region: f"{read.code} ({read.name})"},
        figures=tuple(figures[offset : offset + _MOST]),
        caveats=(
            *dict.fromkeys((NEVER_ADD, _DIRECTION, *found.notes, *(
                f"{one['process']}, {one['scope'] or 'account'}: {one['note']}"
                for one in rows if one["note"] and one["kind"] != "missing"))),
            *_SCOPES,
        ),
        sources=(*_of_table(), *cited(
            part for one in rows for part in str(one["source"]).split(" + ")
            if part and not part.startswith("OECD"))),
        dataset="oecd-icio-2022", method=found.basis, version=mc.__version__, offset=offset,
        total=len(figures),
    )  # fmt: skip


_KINDS = {
    "account": "{process} account",
    "adjustment": "{process}",
    "scope": "{process}",
    "with scope": "{process} {method}",
    "adjustment with scope": "{process}, {method}",
    "missing": "{process}",
}


def _of_row(row: dict[str, Any]) -> Figure:
    first, last = int(row["year_from"]), int(row["year_to"])
    value, low = float(row["value"]), float(row["low"])
    unit = "%" if row["unit"] == "percent" else str(row["unit"])
    labels = {"region": row["region"], "gas": row["gas"], "scope": row["scope"] or "none",
              "year": str(last) if first == last else f"{first}-{last}",
              "process": row["process"]}  # fmt: skip
    if row["kind"] == "scope":
        labels |= {"method": row["method"], "source": row["source"]}
    if row["kind"] in ("account", "with scope"):
        labels["principle"] = row["process"]
    away = "" if row["direction"] == TO_AIR else f" ({row['direction']})"
    why = ""
    if math.isnan(value) or math.isnan(low):
        why = row["note"] or row["interval"] or "the source gives none"
    return Figure(
        quantity=_KINDS[row["kind"]].format(**row) + away, value=value, unit=unit, low=low,
        high=float(row["high"]),
        level=0.95 if not math.isnan(low) and "95 %" in row["interval"] else None,
        labels={key: str(text) for key, text in labels.items() if text},
        estimated=bool(row["estimated"]), why=why,
    )  # fmt: skip


def _of_table() -> tuple[Any, ...]:
    from mriocarbon.tools.tables import table
    from mriocarbon.tools.types import described

    return tuple(described(table().provenance)["sources"])
