"""Process models further: national intensities, what drives emissions, sites at least cost."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

import mriocarbon as mc
from mriocarbon.errors import InputError
from mriocarbon.industry.optimise import Options, Plan
from mriocarbon.tools.industry import (
    MODELS,
    GridFactor,
    Limit,
    Origin,
    ProcessName,
    Settings,
    about_grid,
    complete,
    given,
    labels_of,
    made,
    place_of,
    process_named,
    products,
    read_as,
    unit_of,
)
from mriocarbon.tools.registry import say, tool
from mriocarbon.tools.types import Cited, Figure, ToolResult

DRAWS = 2000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Code = Annotated[str, Field(min_length=1, max_length=60)]


class GoodAmount(_Strict):
    """An amount of a good of the site, such as steel, scrap, gas, electricity."""

    good: Code
    amount: Annotated[float, Field(description="in the unit of the good", ge=0, le=1e12)]


class GoodPrice(_Strict):
    """Money per unit of a good; negative where it has to be paid to get rid of it."""

    good: Code
    price: Annotated[float, Field(description="money per unit of the good", ge=-1e9, le=1e9)]


class StepNumber(_Strict):
    """A number for one process of the site."""

    process: ProcessName
    value: Annotated[float, Field(ge=0, le=1e12)]


@tool(
    "industry",
    "Emissions of a good made in a country",
    examples=({"product": "hot-rolled-flat", "origin": "China"},
              {"product": "crude-steel", "origin": "美国", "route": "scrap-eaf"}),
)  # fmt: skip
def emission_intensity(
    product: Annotated[
        str, Field(description="good, such as crude-steel, clinker-grey, ammonia, fastener",
                   min_length=1, max_length=60)
    ],
    origin: Annotated[
        str, Field(description="country, by name in any language or code", min_length=1,
                   max_length=80)
    ],
    route: Annotated[
        str, Field(description="one production route, such as bf-bof; the country's mix if left"
                   " out", max_length=40)
    ] = "",
) -> ToolResult:  # fmt: skip
    """Emissions of a good within CBAM's boundary by process models: t CO2e per t, precursors too.

    For the country's mix of production routes, or one route. Use it for "how much does Chinese
    crude steel emit per tonne".
    """
    read = products().read(product)
    place = place_of(origin)
    found = mc.industry.intensity(read.code, origin=place.code, route=route.strip() or None)
    labels = {"product": read.code, "region": place.code}
    if found.route:
        labels["route"] = found.route
    drawn = mc.industry.sample([read.code], place.code, DRAWS, 0, route=found.route or None)
    scope = not math.isnan(found.indirect)
    shown: tuple[tuple[str, float, Any], ...] = (
        ("direct emissions", found.direct, drawn[read.code][0]),
    )
    if scope:
        shown += (("direct and indirect emissions", found.direct + found.indirect,
                   drawn[read.code][1]),)  # fmt: skip
    figures = []
    for quantity, value, draws in shown:
        low, high = np.quantile(draws, (0.025, 0.975))
        figures.append(Figure(
            quantity=quantity, value=value, unit="t CO2e/t", low=float(low),
            high=float(high), level=0.95, labels=labels, estimated=True,
        ))  # fmt: skip
    figures.append(Figure(
        quantity="indirect emissions of electricity", value=found.indirect, unit="t CO2e/t",
        labels=labels, estimated=True,
        why="" if scope else "electricity is out of CBAM's scope for this good: not modelled,"
        " which is not zero",
    ))  # fmt: skip
    return ToolResult(
        title=f"Emissions of {read.code} from {place.name}",
        read_as={product: read.code, origin: f"{place.code} ({place.name})"},
        figures=tuple(figures),
        items=tuple({"assumed": text} for text in found.assumed[:30]),
        caveats=(MODELS, f"{len(found.assumed)} numbers are assumed",
                 f"interval: {DRAWS} draws; the value is that at the medians of all parameters",
                 *(() if found.carbon_closed else ("the carbon balance does not close",))),
        sources=tuple(Cited(name=text[:200], citation=text) for text in found.sources),
        **made("process models within CBAM's boundary, at the medians of all parameters"),
    )  # fmt: skip


@tool(
    "industry",
    "What drives the emissions of a process",
    cost="slow",
    examples=({"name": "blast furnace", "limit": 5},
              {"name": "steel-hydrogen", "origin": "Germany", "of": "total"}),
)  # fmt: skip
def process_sensitivity(
    name: ProcessName,
    of: Annotated[
        str, Field(description="output: direct, total, process, fuel, electricity, or such as"
                   " 'takes: coke'", max_length=60)
    ] = "direct",
    origin: Origin = "",
    grid: GridFactor = None,
    settings: Settings = (),
    limit: Limit = 10,
) -> ToolResult:  # fmt: skip
    """Which parameters an output of a process hangs on: percent of the output per percent of each.

    Use it for "what matters most for the emissions of a blast furnace".
    """
    read, place = process_named(name), place_of(origin)
    complete(read)
    told, cited = about_grid(place, grid)
    found = mc.industry.gradients(
        read.code, of=of, origin=place.code, grid=grid, parameters=given(settings)
    )
    labels = labels_of(read, place)
    figures = [
        Figure(
            quantity=f"output {of}",
            value=found.value,
            labels=labels,
            estimated=True,
            unit=f"{found.unit.partition(' per ')[0]} per {unit_of(read.code)}",
        )
    ]
    figures += [
        Figure(quantity=f"elasticity of {of} to {parameter}", value=value, unit="1",
               labels=labels | {"rank": str(rank)}, estimated=True)
        for rank, (parameter, value) in enumerate(found.largest(limit), start=1)
    ]  # fmt: skip
    return ToolResult(
        title=f"What drives {of} of {read.name}",
        read_as=read_as(name, read, origin, place),
        figures=tuple(figures),
        caveats=(MODELS, "percent of the output per percent of the parameter, at the medians",
                 *told),
        sources=tuple(Cited(name=text) for text in cited),
        total=len(found.names),
        shown=len(found.largest(limit)),
        **made("derivatives by reverse differentiation"),
    )  # fmt: skip


@tool(
    "industry",
    "A site at least cost",
    cost="slow",
    examples=(
        {"processes": ["gas-power", "coal-power"],
         "demand": [{"good": "electricity", "amount": 1000}],
         "prices": [{"good": "gas", "price": 8}, {"good": "coal", "price": 3}],
         "carbon_price": 80},
        {"processes": ["gas-power", "coal-power"], "points": 3,
         "demand": [{"good": "electricity", "amount": 1000}],
         "prices": [{"good": "gas", "price": 8}, {"good": "coal", "price": 3}]},
    ),
)  # fmt: skip
def optimise(
    processes: Annotated[
        tuple[ProcessName, ...],
        Field(description="processes of the site; routes are not taken", min_length=1,
              max_length=12),
    ],
    demand: Annotated[
        tuple[GoodAmount, ...], Field(description="goods that must leave", min_length=1,
                                      max_length=10)
    ],
    prices: Annotated[
        tuple[GoodPrice, ...], Field(description="of every good bought; none is shipped",
                                     max_length=30)
    ] = (),
    costs: Annotated[
        tuple[StepNumber, ...], Field(description="other money per unit of a process's product",
                                      max_length=12)
    ] = (),
    sales: Annotated[
        tuple[GoodPrice, ...], Field(description="money per unit of a good that leaves",
                                     max_length=30)
    ] = (),
    capacity: Annotated[
        tuple[StepNumber, ...], Field(description="most units of product of a process",
                                      max_length=12)
    ] = (),
    supply: Annotated[
        tuple[GoodAmount, ...], Field(description="most that can be bought of a good",
                                      max_length=30)
    ] = (),
    carbon_price: Annotated[float, Field(description="money per t CO2e", ge=0, le=1e6)] = 0,
    cap: Annotated[
        float | None, Field(description="most emissions, t CO2e", ge=-1e12, le=1e12)
    ] = None,
    points: Annotated[
        int, Field(description="2 or more: the front of cost and carbon at so many caps; 0: one"
                   " plan", ge=0, le=9)
    ] = 0,
    origin: Origin = "",
    grid: Annotated[float, Field(description="t CO2e per MWh bought", ge=0, le=3)] = 0,
    currency: Annotated[str, Field(description="what the prices are in", pattern="^[A-Z]{3}$")]
    = "EUR",
) -> ToolResult:  # fmt: skip
    """How processes of a site meet a demand at the least cost, with a carbon price or a cap.

    Prices are the caller's own. Use it for "cheapest way to make X under a carbon price of Y",
    "abatement cost".
    """
    place = place_of(origin)
    names = [process_named(one) for one in processes]
    for read in names:
        if read.code in mc.industry.ROUTES:
            raise InputError(
                f"{read.code} is a route, not a process", where="processes",
                do=f"name its steps: {', '.join(mc.industry.ROUTES[read.code].steps)}",
            )  # fmt: skip
        complete(read)
    works = mc.industry.site([mc.industry.step(r.code, origin=place.code) for r in names])
    wanted = _numbers("demand", ((one.good, one.amount) for one in demand))
    options: Options = {
        "prices": dict(_numbers("prices", ((one.good, one.price) for one in prices))),
        "sales": dict(_numbers("sales", ((one.good, one.price) for one in sales))),
        "cost": _steps("costs", costs),
        "capacity": dict(_steps("capacity", capacity)),
        "supply": _numbers("supply", ((one.good, one.amount) for one in supply)),
    }
    if "electricity" in works.goods:
        options["grid"] = grid
    if points >= 2:
        if cap is not None or carbon_price:
            raise InputError(
                "a front runs over all caps by itself", where="points",
                do="leave cap and carbon_price out, or points",
            )  # fmt: skip
        line = mc.industry.front(
            works, dict(wanted), points=points, **options,
            progress=lambda done, total: say(f"plans: {done} of {total} on the front"),
        )  # fmt: skip
        plans = line.plans
    else:
        plans = (
            mc.industry.plan(works, dict(wanted), carbon_price=carbon_price, cap=cap, **options),
        )
    figures: list[Figure] = []
    for rank, one in enumerate(plans, start=1):
        own = {"rank": str(rank)} if len(plans) > 1 else {}
        figures += _plan(one, own, currency, works.goods, {s.name: s.unit for s in works.steps})
    return ToolResult(
        title="The site at least cost" if len(plans) == 1 else "The front of cost and carbon",
        read_as={r.asked: r.code for r in names},
        figures=tuple(figures[:200]),
        items=tuple(
            {"rank": str(rank), "limits that bind": "; ".join(one.binding)}
            for rank, one in enumerate(plans, start=1)
        ),
        caveats=(MODELS, "prices and costs are the caller's own; a cost that is not given is"
                 " none", *(() if grid or "electricity" not in works.goods else
                           ("electricity bought counts no emissions: no grid factor is given",))),
        **made("linear program, HiGHS"),
    )  # fmt: skip


def _numbers(what: str, pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in pairs:
        if name in found:
            raise InputError(f"{name} stands twice", where=what, do="give one number for it")
        found[name] = value
    return found


def _steps(what: str, given_: Iterable[StepNumber]) -> dict[str, float]:
    return _numbers(what, ((process_named(one.process).code, one.value) for one in given_))


def _plan(
    one: Plan, own: dict[str, str], currency: str, goods: object, units: dict[str, str]
) -> list[Figure]:
    def of(quantity: str, value: float, unit: str, **labels: str) -> Figure:
        return Figure(quantity=quantity, value=value, unit=unit, labels=own | labels)

    unit_of = dict(goods) if isinstance(goods, dict) else {}
    return [
        of("cost without the carbon price", one.cost, currency),
        of("emissions", one.emissions, "t CO2e"),
        of("process emissions", one.process, "t CO2e"),
        of("fuel emissions", one.fuel, "t CO2e"),
        of("emissions of what is bought", one.indirect, "t CO2e"),
        of("abatement cost at the margin", one.abatement_cost, f"{currency}/t CO2e"),
        *(of("output of the process", v, units[p], process=p) for p, v in one.levels.items()),
        *(of("bought", v, unit_of.get(g, "1"), product=g) for g, v in one.bought.items()),
        *(of("leaves the site", v, unit_of.get(g, "1"), product=g) for g, v in one.left.items()),
        *(of("cost of one more unit", v, f"{currency}/{unit_of.get(g, 'unit')}", product=g)
          for g, v in one.marginal_cost.items()),
    ]  # fmt: skip
