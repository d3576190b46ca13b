"""What exported solar and wind technology avoids where it runs, and what its making emitted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

import mriocarbon as mc
from mriocarbon.errors import NotAvailableError
from mriocarbon.tools import resolve
from mriocarbon.tools.registry import say, tool
from mriocarbon.tools.tables import Limit, Offset, as_list
from mriocarbon.tools.types import Cited, Figure, ToolResult

if TYPE_CHECKING:
    from mriocarbon.avoided import Amount, Exports
    from mriocarbon.model import Note

Technology = Literal["solar", "wind"]
Technologies = Annotated[
    list[Technology],
    BeforeValidator(as_list),
    Field(description="solar panels, wind turbines, or both", min_length=1, max_length=2),
]
Exporter = Annotated[
    str, Field(description="exporting country by name or code; data are at hand for China",
               max_length=80)
]  # fmt: skip
Year = Annotated[
    int, Field(description="of the export: solar 2017 to 2025, wind 2024", ge=1990, le=2100)
]
Margin = Annotated[
    Literal["combined", "operating", "average"],
    Field(description="what a kWh displaces: combined margin (default for solar and wind), "
          "operating margin (upper bound), average of the grid (for comparison)"),
]  # fmt: skip
Draws = Annotated[int, Field(description="of the Monte Carlo", ge=100, le=2000)]
Seed = Annotated[int, Field(description="same seed, same numbers", ge=0, le=2**31)]
_BOTH: list[Technology] = ["solar", "wind"]
_NEVER = "not within the lifetime"
_COMPARED = (
    "avoided emissions compare two worlds; they are never subtracted from an inventory or account"
)


def _exports(exporter: str, technology: Sequence[str], year: int) -> tuple[resolve.Read, Exports]:
    read = resolve.country(exporter)
    if read.code in ("EU27", "WLD"):  # names that are read, but of no single exporter
        raise NotAvailableError(
            f"NOT AVAILABLE: {read.name} is no exporting country", where="exporter; known: CHN",
            do="name one country: what is avoided, made and paid back is that of its exports",
        )  # fmt: skip
    return read, mc.avoided.exports(read.code, list(dict.fromkeys(technology)), year)


def _about(
    read: resolve.Read, asked: str, *notes: Iterable[Note], missing: Iterable[str] = ()
) -> dict[str, Any]:
    """Return what a result says of its names, caveats and sources."""
    every = list(dict.fromkeys(note for some in notes for note in some))
    texts = [("estimate: " if note.estimated else "") + note.text for note in every]
    texts += [f"missing: {one}" for one in missing]
    sources = dict.fromkeys(source for note in every for source in note.sources)
    return {
        "read_as": {asked: f"{read.code} ({read.name})"},
        "caveats": tuple(dict.fromkeys((_COMPARED, *texts)))[:60],
        "sources": tuple(Cited.of(one) for one in sources),
        "version": mc.__version__,
    }


@tool(
    "avoided",
    "Emissions that exported solar and wind technology avoids",
    examples=(
        {"exporter": "China", "technology": ["solar"], "year": 2024},
        {"technology": ["wind"], "margin": "operating", "destinations": 3},
    ),
)
def avoided_emissions(
    exporter: Exporter = "CHN",
    technology: Technologies = _BOTH,
    year: Year = 2024,
    margin: Margin = "combined",
    decline: Annotated[
        Literal["trend", "none", "linear"],
        Field(description="of the grid factor after the first year: each country's trend, none, "
              "or in a line to zero in 2050"),
    ] = "trend",
    destinations: Annotated[
        int, Field(description="how many of the largest destinations to show", ge=0, le=60)
    ] = 10,
    offset: Annotated[int, Field(description="destinations to pass over", ge=0)] = 0,
    draws: Draws = 1000,
    seed: Seed = 0,
) -> ToolResult:  # fmt: skip
    """Emissions avoided abroad by solar panels and wind turbines exported in one year, Mt CO2e.

    In the first full year of operation, within the calendar year of export, and over the lifetime;
    with the electricity they generate, and by destination. For the claim of 2 Mt and 350 Mt use
    green_exports_claim; for the emissions of making them use manufacture_emissions.
    """
    read, sent = _exports(exporter, technology, year)
    found = mc.avoided.avoided(sent, margin=margin, decline=decline, draws=draws, seed=seed)
    told = " and ".join(sent.technologies)
    labels = {"region": read.code, "technology": told, "year": str(sent.year), "margin": margin}
    estimated = bool(found.rows["estimated"].any())
    figures = [
        Figure(quantity="exported capacity", value=sent.total, unit="MW", labels=labels,
               estimated=bool(found.rows["capacity_estimated"].any()),
               why="no interval of the sum"),
    ]  # fmt: skip
    for name, one in (
        ("avoided emissions, first full year", found.first_year),
        ("avoided emissions, within the year of export", found.calendar_year),
        ("avoided emissions, lifetime", found.lifetime),
        ("electricity generated, first full year", found.generation),
        ("electricity generated, lifetime", found.lifetime_generation),
    ):
        figures.append(Figure(
            quantity=name, value=one.value, unit=one.unit, low=one.low, high=one.high,
            level=None if math.isnan(one.low) else one.level, labels=labels, estimated=estimated,
            why=one.note if math.isnan(one.value) else "",
        ))  # fmt: skip
    if len(sent.technologies) > 1:
        figures += _by(found.by("technology"), "technology", labels)
    by_place = found.by_destination
    shown = by_place.iloc[offset : offset + destinations]
    figures += _by(shown, "partner", labels)
    for row in found.end_of_life.table.to_dict("records"):
        value = float(row["value"])
        figures.append(Figure(
            quantity=f"end of life, {row['line']}", value=value, unit="Mt CO2e", low=row["low"],
            high=row["high"], level=None if math.isnan(float(row["low"])) else 0.95,
            labels={**labels, "technology": str(row["technology"])},
            estimated=bool(row["estimated"]), why=str(row["note"]) if math.isnan(value) else "",
        ))  # fmt: skip
    return ToolResult(
        title=f"Avoided emissions of {told} technology exported by {read.name} in {sent.period}",
        figures=tuple(figures),
        items=tuple(
            {"left out": f"{row['destination']}, {row['technology']}", "why": str(row["reason"])}
            for row in found.left_out.head(20).to_dict("records")
        ),
        method=f"{margin} margin, decline {found.decline}, {draws} draws, seed {seed}; end of life "
        "stands beside, not netted",
        total=len(by_place),
        shown=len(shown),
        offset=offset,
        **_about(read, exporter, found.notes, missing=sent.missing),
    )


def _by(frame: Any, label: str, labels: Mapping[str, str]) -> list[Figure]:
    """Return what each destination or technology avoids, as figures."""
    figures = []
    for row in frame.reset_index().to_dict("records"):
        own = {**labels, label: str(row["technology" if label == "technology" else "destination"])}
        for name, prefix in (("first_year", ""), ("lifetime", "lifetime_")):
            when = "first full year" if name == "first_year" else "lifetime"
            figures.append(Figure(
                quantity=f"avoided emissions, {when}", value=row[name], unit="Mt CO2e",
                low=row[f"{prefix}low"], high=row[f"{prefix}high"], level=0.95, labels=own,
                estimated=bool(row["estimated"]),
            ))  # fmt: skip
    return figures


def _amount(quantity: str, one: Amount, unit: str, labels: Mapping[str, str]) -> Figure:
    return Figure(
        quantity=quantity, value=one.value, unit=unit, low=one.low, high=one.high, level=0.95,
        labels=dict(labels), estimated=True,
        why="nothing of it was exported" if math.isnan(one.value) else "",
    )  # fmt: skip


@tool(
    "avoided",
    "Emissions of making exported solar and wind technology",
    examples=(
        {"technology": ["solar"]},
        {"technology": ["solar", "wind"], "method": "mrio"},
    ),
)
def manufacture_emissions(
    exporter: Exporter = "CHN",
    technology: Technologies = _BOTH,
    year: Year = 2024,
    method: Annotated[
        Literal["process", "mrio"],
        Field(description="process: by stages of manufacture; mrio: by the value of the export and "
              "the multi-regional table"),
    ] = "process",
    boundary: Annotated[
        Literal["module assembly", "final plant", "own works", "gate"],
        Field(description="what counts, from narrow to wide; process only; gate = cradle to gate"),
    ] = "gate",
    draws: Draws = 1000,
    seed: Seed = 0,
) -> ToolResult:  # fmt: skip
    """Emissions of making the solar panels and wind turbines exported in one year, Mt CO2e.

    In all, by product, per kW, and by stage (silicon, wafer, cell, module, turbine).
    """
    read, sent = _exports(exporter, technology, year)
    options: dict[str, Any] = {"boundary": boundary} if method == "process" else {}
    found = mc.avoided.manufacture(sent, method=method, draws=draws, seed=seed, **options)
    labels = {"region": read.code, "year": str(sent.year), "method": method}
    told = " and ".join(sent.technologies)
    figures = [
        _amount("emissions of manufacture", found.amount, "Mt CO2e", {**labels, "technology": told})
    ]
    for product in found.products:
        own = {**labels, "product": product}
        figures.append(_amount("emissions of manufacture", found.of(product=product), "Mt CO2e",
                               own))  # fmt: skip
        figures.append(_amount("emissions of manufacture per capacity", found.per_kw(product),
                               "kg CO2e/kW", own))  # fmt: skip
        stages = dict.fromkeys(p.stage for p in found.parts if p.product == product)
        figures += [
            _amount("emissions of manufacture", found.of(product=product, stage=stage), "Mt CO2e",
                    {**own, "stage": stage})
            for stage in stages
        ]  # fmt: skip
    return ToolResult(
        title=f"Emissions of making {told} technology exported by {read.name} in {sent.period}",
        figures=tuple(figures[:200]),
        method=f"{method}, {found.boundary}" + (f", {found.table}" if found.table else ""),
        **_about(read, exporter, sent.notes, found.notes, missing=sent.missing),
    )


@tool(
    "avoided",
    "Carbon payback time of exported solar and wind technology",
    examples=({"technology": ["solar"]}, {"technology": ["wind"], "method": "mrio"}),
)
def payback(
    exporter: Exporter = "CHN",
    technology: Technologies = _BOTH,
    year: Year = 2024,
    margin: Margin = "combined",
    method: Annotated[
        Literal["process", "mrio"], Field(description="of manufacture, cradle to gate")
    ] = "process",
    draws: Draws = 1000,
    seed: Seed = 0,
) -> ToolResult:
    """Years of operation until exported technology has avoided what its making emitted."""
    read, sent = _exports(exporter, technology, year)
    made = mc.avoided.manufacture(sent, method=method, draws=draws, seed=seed)
    run = mc.avoided.avoided(sent, margin=margin, draws=draws, seed=seed)
    found = mc.avoided.payback(
        made.value, run.by_age["value"].to_numpy(dtype=float), made_draws=made.draws,
        by_year_draws=run.draws.by_age,
    )  # fmt: skip
    told = " and ".join(sent.technologies)
    labels = {"region": read.code, "technology": told, "year": str(sent.year), "margin": margin,
              "method": method}  # fmt: skip
    ends = [one if math.isfinite(one) else None for one in (found.low, found.high)]
    whole = math.isfinite(found.value)
    figures = (
        Figure(
            quantity="carbon payback time", value=found.value if whole else None, unit="years",
            low=ends[0], high=ends[1], level=0.95 if ends[1] is not None else None, labels=labels,
            estimated=True,
            why="" if whole and ends[1] is not None else
            (f"upper end: {_NEVER}" if whole else _NEVER),
        ),
        Figure(quantity="share of draws without payback within the lifetime", value=found.never,
               unit="1", labels=labels, estimated=True),
        _amount("emissions of manufacture", made.amount, "Mt CO2e", labels),
        Figure(quantity="avoided emissions, first full year", value=run.first_year.value,
               unit=run.first_year.unit, low=run.first_year.low, high=run.first_year.high,
               level=run.first_year.level, labels=labels, estimated=True),
    )  # fmt: skip
    return ToolResult(
        title=f"Carbon payback of {told} technology exported by {read.name} in {sent.period}",
        figures=figures,
        method=f"manufacture by {method}, {margin} margin, paired draws ({draws}), seed {seed}",
        **_about(read, exporter, run.notes, made.notes, missing=sent.missing),
    )


@tool(
    "avoided",
    "The claim of 2 Mt emitted and 350 Mt avoided, against every way of counting",
    cost="slow",
    examples=({"draws": 100},),
)
def green_exports_claim(
    year: Annotated[int, Field(description="of the export; the claim is about 2024", ge=2017,
                               le=2100)] = 2024,
    limit: Annotated[Limit, Field(description="how many scenarios and definitions to list")] = 40,
    offset: Offset = 0,
    draws: Draws = 1000,
    seed: Seed = 0,
) -> ToolResult:  # fmt: skip
    """A published claim about China's exports of 2024 beside what each way of counting gives.

    The claim: about 2 Mt CO2 emitted in manufacture, about 350 Mt avoided. Every scope (panels,
    cells, wafers, turbines), margin and horizon, then every definition of manufacture, with its
    interval and whether it holds the claimed number. It states numbers, not who is right.
    """
    from mriocarbon.studies.green_exports_claim import Made, Scenario

    found = mc.green_exports(year, draws=draws, seed=seed, progress=say)
    claim = found.claim
    shared = {"region": found.exports.exporter, "year": str(found.exports.year)}
    figures: list[Figure] = []
    items: list[dict[str, str]] = []
    if claim is not None:
        for name, value in (("manufacture", claim.made), ("avoided", claim.avoided)):
            figures.append(Figure(quantity=f"published claim, {name}", value=value, unit="Mt CO2",
                                  labels=shared, why="no interval was published"))  # fmt: skip
    ways: list[Scenario | Made] = [*found.scenarios, *found.manufactures]
    shown = ways[offset : offset + limit]
    for one in shown:
        if isinstance(one, Scenario):
            labels = {**shared, "product": one.scope, "margin": one.margin}
            name = "avoided emissions, " + (
                "lifetime" if one.horizon == "lifetime" else "first full year"
            )
            figures.append(_amount(name, one.amount, "Mt CO2e", labels))
            if one.by_value is not None:
                figures.append(_amount(f"{name}, exporter's part by value", one.by_value,
                                       "Mt CO2e", labels))  # fmt: skip
            told = {"scenario": one.name, "bound": one.bound or "none"}
        else:
            labels = {**shared, "product": one.scope, "definition": one.definition,
                      "method": one.method}  # fmt: skip
            figures.append(_amount("emissions of manufacture", one.amount, "Mt CO2e", labels))
            told = {"definition": one.name}
        if claim is not None:
            key = "avoided" if isinstance(one, Scenario) else "emitted"
            claimed = claim.avoided if key == "avoided" else claim.made
            items.append({**told, f"claimed amount {key}": _lies(claimed, one.amount)})
    figures.append(_amount("avoided over the life per tonne emitted, cradle to gate",
                           found.returns, "t/t", {**shared, "product": found.scope}))  # fmt: skip
    return ToolResult(
        title=f"Exports of solar and wind technology of {year}: every way of counting",
        figures=tuple(figures), items=tuple(items), offset=offset, total=len(ways),
        shown=len(shown),
        method=f"{len(found.scenarios)} scenarios, {len(found.manufactures)} definitions of "
        f"manufacture, {draws} draws, seed {seed}",
        **_about(
            resolve.country(shared["region"]), shared["region"], found.notes,
            missing=(*found.missing, *(() if claim is None else (claim.source,))),
        ),
    )  # fmt: skip


def _lies(claimed: float, one: Amount) -> str:
    """Say where a claimed number lies against an interval, in neutral words."""
    if one.holds(claimed):
        return "inside the interval"
    return "above the interval" if claimed > one.high else "below the interval"
