"""Process models of heavy industry: what a unit takes, gives and emits; draws, slopes, plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.industry.drawn import prepared
from mriocarbon.industry.elements import without_electricity
from mriocarbon.industry.parameters import Parameter
from mriocarbon.industry.processes import made_from
from mriocarbon.industry.routes import grid as grid_of
from mriocarbon.model.labels import fold
from mriocarbon.model.normal import Z95
from mriocarbon.tools import resolve
from mriocarbon.tools.registry import tool
from mriocarbon.tools.resolve import Read
from mriocarbon.tools.types import Cited, Figure, ToolResult
from mriocarbon.tools.vocabulary import Vocabulary

ProcessName = Annotated[
    str,
    Field(description="process or route, by name in English or Chinese or by code, such as"
          " 'blast furnace' or 'steel-scrap-eaf'", min_length=1, max_length=80),
]  # fmt: skip
Origin = Annotated[
    str,
    Field(description="country whose parameters and grid hold, by name or code; values for all"
          " countries if left out", max_length=80),
]  # fmt: skip
GridFactor = Annotated[
    float | None,
    Field(description="t CO2e per MWh of electricity; that of the country if left out", ge=0, le=3),
]  # fmt: skip
Seed = Annotated[int, Field(ge=0, le=1_000_000)]
Limit = Annotated[int, Field(description="how many at most", ge=1, le=100)]
Offset = Annotated[int, Field(description="how many to pass over", ge=0, le=1000)]


class Setting(BaseModel):
    """One parameter of a process, and the value that it is to have."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field(description="process.parameter, such as pig-iron.coke_rate", max_length=80,
                      pattern=r"^[a-z0-9-]+\.[A-Za-z0-9_-]+$")  # fmt: skip
    value: float


Settings = Annotated[
    tuple[Setting, ...],
    Field(description="parameters to set; tool processes lists names, values and units",
          max_length=20),
]  # fmt: skip

MODELS = (
    "a process model is a typical plant, not a measured one; most parameters and all their spreads"
    " are assumed and marked"
)


@lru_cache(maxsize=1)
def _words() -> Vocabulary:
    return Vocabulary.load(
        "process", "industry.csv", "industry_families.csv",
        (*mc.industry.processes(), *mc.industry.ROUTES),
    )  # fmt: skip


@lru_cache(maxsize=1)
def products() -> Vocabulary:
    """Return the names of the goods that have a model.

    Examples
    --------
    >>> products().read("粗钢").code, products().read("hot rolled coil").code
    ('crude-steel', 'hot-rolled-flat')
    """
    return Vocabulary.load(
        "product with a model", "products.csv", "product_families.csv", mc.industry.products()
    )


@lru_cache(maxsize=1)
def _bare() -> frozenset[str]:
    """Processes of which no table says how much electricity they draw."""
    return frozenset(without_electricity())


def process_named(name: str) -> Read:
    """Return the process or route that a name means.

    Examples
    --------
    >>> process_named("电弧炉").code, process_named("steel-hydrogen").code
    ('scrap-eaf', 'steel-hydrogen')
    """
    return _words().read(name)


def place_of(name: str) -> Read:
    """Return the country whose parameters hold; the code "" where none is named."""
    return resolve.country(name) if name.strip() else Read(name, "", "all countries", "code")


def given(settings: Iterable[Setting]) -> dict[str, float]:
    """Return settings by name; one name twice is refused."""
    found: dict[str, float] = {}
    for one in settings:
        if one.name in found:
            raise InputError(f"{one.name} is set twice", where="settings", do="give one value")
        found[one.name] = one.value
    return found


def made(method: str) -> dict[str, Any]:
    return {
        "dataset": "process models of heavy industry", "edition": mc.__version__,
        "method": method, "version": mc.__version__,
    }  # fmt: skip


def _sources(rows: Iterable[Parameter], more: Iterable[str] = ()) -> tuple[Cited, ...]:
    named = dict.fromkeys(r.source for r in rows if r.source and r.source != "assumed")
    return tuple(Cited(name=text[:200], citation=text) for text in (*named, *more))


def labels_of(read: Read, place: Read, **more: str) -> dict[str, str]:
    found = {"process": read.code} | ({"region": place.code} if place.code else {})
    return found | {key: value for key, value in more.items() if value}


def read_as(name: str, read: Read, origin: str, place: Read) -> dict[str, str]:
    found = {name: f"{read.code} ({read.name})"}
    return found | ({origin: f"{place.code} ({place.name})"} if origin.strip() else {})


def complete(read: Read) -> None:
    """Say plainly that a model has no figure for its electricity."""
    if read.code in _bare():
        raise NotAvailableError(
            f"the model of {read.code} has no figure for its electricity",
            where="industry, processes marked incomplete",
            do="ask for its emissions with tool emission_intensity, which leaves electricity out,"
            " or for another process",
        )


def about_grid(place: Read, grid: float | None) -> tuple[list[str], list[str]]:
    """Return caveats and sources of the electricity's emissions."""
    if grid is not None:
        return [], []
    if not place.code:
        return ["emissions of electricity are not counted: no grid factor and no country is given,"
                " which is not zero"], []  # fmt: skip
    found = grid_of(place.code)
    return (
        [f"estimate: {found.assumed}"] if found.assumed else [],
        [found.source] if found.source != "assumed" else [],
    )


def _spread(row: Parameter) -> tuple[float | None, float | None]:
    """Return the middle 95 % of a parameter."""
    if row.form == "fixed" or row.sd == 0:
        return None, None
    ends = row.at(np.array([-Z95, Z95]))
    return float(ends[0]), float(ends[1])


@tool(
    "industry",
    "Process models and their parameters",
    examples=({}, {"name": "blast furnace", "origin": "China"}, {"contains": "aluminium"}),
)
def processes(
    name: Annotated[
        ProcessName | None, Field(description="one process or route: its parameters")
    ] = None,
    contains: Annotated[
        str, Field(description="part of a name, to search the list", max_length=40)
    ] = "",
    origin: Origin = "",
    limit: Limit = 40,
    offset: Offset = 0,
) -> ToolResult:
    """List the models of industrial processes; with a name, its parameters with values and units.

    Use it to find what can be simulated, and which parameters can be set (and their units).
    """
    if name is None:
        return _listed(contains, limit, offset)
    read, place = process_named(name), place_of(origin)
    complete(read)
    _, _, _, _, rows = prepared(read.code, None, None, place.code, None, None)
    rows = tuple(dict.fromkeys(rows))
    figures = []
    for row in rows[offset : offset + limit]:
        low, high = _spread(row)
        figures.append(Figure(
            quantity=f"parameter {row.process}.{row.name}", value=row.value, unit=row.unit or "1",
            low=low, high=high, level=None if low is None else 0.95,
            labels=labels_of(read, place), estimated=bool(row.assumed),
        ))  # fmt: skip
    return ToolResult(
        title=f"Parameters of {read.name}",
        read_as=read_as(name, read, origin, place),
        figures=tuple(figures),
        items=tuple(
            {"parameter": f"{r.process}.{r.name}", "unit": r.unit or "1", "source": r.source,
             "assumed": r.assumed}
            for r in rows[offset : offset + limit]
        ),
        caveats=(MODELS,),
        sources=_sources(rows[offset : offset + limit]),
        offset=offset,
        total=len(rows),
        shown=len(rows[offset : offset + limit]),
        **made("table of parameters"),
    )  # fmt: skip


def _listed(contains: str, limit: int, offset: int) -> ToolResult:
    bare = _bare()
    items: list[dict[str, str]] = [
        {"process": r.name, "name": _words().shown[r.name], "kind": "route", "unit": r.unit,
         "product": r.good, "steps": ", ".join(r.steps), "about": r.about}
        for r in mc.industry.ROUTES.values()
    ]  # fmt: skip
    for one in mc.industry.processes():
        source = made_from(one)
        items.append({
            "process": one, "name": _words().shown.get(one, one),
            "kind": "finishing step" if source else "process", "unit": "t",
            "about": f"made from {source}" if source else "",
            "incomplete": "no figure for its electricity" if one in bare else "",
        })  # fmt: skip
    wanted = fold(contains)
    items = [one for one in items if any(wanted in fold(text) for text in one.values())]
    return ToolResult(
        title="Process models" + (f" with {contains!r}" if contains else ""),
        items=tuple(items[offset : offset + limit]),
        caveats=(MODELS,),
        offset=offset,
        total=len(items),
        **made("list of models"),
    )


@tool(
    "industry",
    "Simulate a process or route",
    examples=(
        {"name": "blast furnace", "origin": "China",
         "settings": [{"name": "pig-iron.coke_rate", "value": 0.38}]},
        {"name": "steel-scrap-eaf", "origin": "美国", "draws": 1000},
        {"name": "电解水制氢", "grid": 0.1},
    ),
)  # fmt: skip
def simulate(
    name: ProcessName,
    origin: Origin = "",
    grid: GridFactor = None,
    settings: Settings = (),
    draws: Annotated[int, Field(description="Monte Carlo draws", ge=100, le=20_000)] = 2000,
    seed: Seed = 0,
) -> ToolResult:
    """What one unit of product of an industrial process or route takes, gives and emits.

    Emissions by scope (process, fuel, electricity) with 95 % intervals, energy and material use,
    and whether carbon, metals and energy balance. Use it for "emissions per tonne of blast furnace
    steel", "what if the coke rate is 0.38", "energy use of an electric arc furnace".
    """
    read, place = process_named(name), place_of(origin)
    complete(read)
    values = given(settings)
    told, cited = about_grid(place, grid)
    found = mc.industry.simulate(
        read.code, origin=place.code, grid=grid, parameters=values, draws=draws, seed=seed,
        backend="numpy",
    )  # fmt: skip
    low, _, high = found.quantiles()
    labels, per = labels_of(read, place), unit_of(read.code)
    figures = [
        Figure(
            quantity=_quantity(out), value=float(found.median[k]),
            unit=f"{found.units[k]} per {per}", low=float(low[k]), high=float(high[k]),
            level=0.95, labels=labels, estimated=bool(found.assumed),
        )
        for k, out in enumerate(found.names)
    ]  # fmt: skip
    figures += [
        Figure(quantity=f"gap of the balance of {what}", value=gap, unit="1", labels=labels)
        for what, gap in _gaps(read.code, place.code, values).items()
    ]
    if found.failed:
        told.append(
            f"{found.failed} of {found.draws} draws break a law of conservation and are left out"
        )
    return ToolResult(
        title=f"{read.name}: what one {per} takes, gives and emits",
        read_as=read_as(name, read, origin, place),
        figures=tuple(figures[:200]),
        items=tuple({"assumed": text} for text in found.assumed[:40]),
        caveats=(MODELS, "the value is that at the medians of all parameters", *told,
                 f"{len(found.assumed)} parameters are assumed"),
        sources=_sources(
            dict.fromkeys(prepared(read.code, None, None, place.code, grid, values)[4]), cited
        ),
        **made(f"mass and energy balance; {found.draws} draws, seed {found.seed}"),
    )  # fmt: skip


def unit_of(code: str) -> str:
    """Return what one unit of a process or route is: 't steel'."""
    if (chain := mc.industry.ROUTES.get(code)) is not None:
        return f"{chain.unit} {chain.good}"
    one = mc.industry.step(code)
    return f"{one.unit} {one.product}"


_SCOPES = {
    "process": "process emissions", "fuel": "fuel emissions", "direct": "direct emissions",
    "electricity": "emissions of electricity bought", "total": "total emissions",
}  # fmt: skip


_SIDES = {"takes": "taken in", "gives": "given off"}


def _quantity(output: str) -> str:
    if output in _SCOPES:
        return _SCOPES[output]
    kind, _, good = output.partition(": ")
    return f"level of step {good}" if kind == "level" else f"{good} {_SIDES[kind]}"


def _gaps(code: str, origin: str, values: Mapping[str, float]) -> dict[str, float]:
    """Relative gap between what enters and what leaves, by element and of energy."""
    if code in mc.industry.ROUTES:
        chain = mc.industry.route(code)
        works = mc.industry.site(
            [mc.industry.step(s, origin=origin, given=values) for s in chain.steps]
        )
        done = works.account({chain.good: 1.0})
        held = dict.fromkeys(e for s in works.steps for e in s.process.elements())
        return {what: works.gap(done, what) for what in held}
    one = mc.industry.step(code, origin=origin, given=values)
    return {what: float(one.process.gap(what)) for what in one.process.elements()}
