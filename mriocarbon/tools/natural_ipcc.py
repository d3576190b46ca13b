"""Volume 4 of the IPCC guidelines: default factors, and the equations that are asked for most."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

import mriocarbon as mc
from mriocarbon.errors import InputError
from mriocarbon.natural import ipcc
from mriocarbon.tools.registry import tool
from mriocarbon.tools.tables import as_list
from mriocarbon.tools.types import Cited, Figure, ToolResult

SCOPE = "IPCC default method"
"""Label scope of these figures: estimates for given amounts, no flux of a country."""
_OWN = (
    "an estimate by default factors for the amounts given here; no part of a country's account, and"
    " never added to its scopes"
)
_GUIDELINES = Cited(
    name="IPCC guidelines, volume 4",
    citation="IPCC (2006), Guidelines for National Greenhouse Gas Inventories, volume 4; IPCC"
    " (2019), Refinement",
    url="https://www.ipcc-nggip.iges.or.jp/public/2019rf/vol4.html",
)
_GASES = Literal["CO2", "CO", "CH4", "N2O", "NOX"]
Any_ = Annotated[str, Field(max_length=80)]


def _figure(
    quantity: str, one: ipcc.Uncertain, labels: Mapping[str, str], unit: str = ""
) -> Figure:
    low, high = float(one.low), float(one.high)
    exact = low == high
    known = math.isfinite(low) and math.isfinite(high) and not exact
    why = "the amounts were given without a range" if exact else "a default factor has no range"
    return Figure(
        quantity=quantity, value=float(one.value), unit=unit or one.unit,
        low=low if known else None, high=high if known else None, level=0.95 if known else None,
        labels={"scope": SCOPE, **labels}, estimated=one.estimated,
        why="" if known else why,
    )  # fmt: skip


def _result(title: str, figures: list[Figure], *values: ipcc.Uncertain, method: str) -> ToolResult:
    notes = dict.fromkeys(note.text for one in values for note in one.notes)
    return ToolResult(
        title=title, figures=tuple(figures), caveats=(_OWN, *list(notes)[:30]),
        sources=(_GUIDELINES,), method=method, version=mc.__version__,
    )  # fmt: skip


@tool(
    "natural",
    "IPCC default factor of land use and soils",
    examples=(
        {"name": "SOC_REF", "climate": "tropical dry", "option": "HAC"},
        {"name": "EF4", "climate": "dry"},
    ),
)
def ipcc_factor(
    name: Annotated[
        str, Field(description="such as SOC_REF, F_LU, EF1, EF_RICE; see ipcc_factors",
                   max_length=40)
    ],
    climate: Any_ = "any",
    land: Any_ = "any",
    option: Any_ = "any",
    edition: Annotated[
        Literal[2006, 2013, 2019] | None, Field(description="the newest if left out")
    ] = None,
) -> ToolResult:  # fmt: skip
    """One default factor of the IPCC guidelines (volume 4) with its range, table and status.

    If climate, land or option do not fit, the error lists what there is: choose from it.
    """
    one = ipcc.factor(name, climate=climate, land=land, option=option, edition=edition)
    item = {"factor": one.name, "edition": str(one.edition), "range": one.range,
            "table": one.source, "status": one.status, "note": one.note}  # fmt: skip
    labels = {"process": one.name, "year": str(one.edition), "climate": one.climate,
              "land": one.land, "option": one.option}  # fmt: skip
    found = _result(f"IPCC default factor {one.name}", [_figure(one.name, one, labels)], one,
                    method=one.source)  # fmt: skip
    return found.model_copy(update={"items": ({k: v for k, v in item.items() if v},)})


@tool(
    "natural",
    "List of IPCC default factors",
    examples=({}, {"name": "F_LU"}),
)
def ipcc_factors(
    name: Annotated[str, Field(description="rows of this one; the names if empty",
                               max_length=40)] = "",
    offset: Annotated[int, Field(ge=0)] = 0,
    limit: Annotated[int, Field(ge=1, le=200)] = 60,
) -> ToolResult:  # fmt: skip
    """Names of the IPCC default factors (volume 4) that are known, or all rows of one of them."""
    if not name:
        names = ipcc.factor_names()
        return ToolResult(
            title="IPCC default factors", total=len(names), offset=offset,
            items=tuple({"factor": one} for one in names[offset : offset + limit]),
            sources=(_GUIDELINES,), version=mc.__version__,
        )  # fmt: skip
    table = ipcc.factors(name)
    figures = [
        Figure(
            quantity=row["factor"], value=row["value"], unit=row["unit"], low=row["low"],
            high=row["high"], estimated=row["status"] != "by definition",
            level=0.95 if row["low"] == row["low"] and "95" in row["range"] else None,
            labels={"scope": SCOPE, "process": row["factor"], "year": str(row["edition"]),
                    **{k: row[k] for k in ("climate", "land", "option")}},
            why="" if row["value"] == row["value"] else "the guidelines give a range alone",
        )
        for row in table.to_dict("records")
    ]  # fmt: skip
    return ToolResult(
        title=f"IPCC default factors {name}", figures=tuple(figures[offset : offset + limit]),
        total=len(figures), offset=offset, sources=(_GUIDELINES,), version=mc.__version__,
        caveats=("do not mix editions of reference stocks and stock change factors",),
        items=tuple({"table": one} for one in sorted(set(table["source"]))),
    )  # fmt: skip


@tool(
    "natural",
    "N2O of nitrogen on soils (IPCC)",
    examples=(
        {"synthetic": 1000.0, "climate": "dry"},
        {"synthetic": 500, "organic": 200, "leaching": 0.3},
    ),
)
def soil_n2o(
    synthetic: Annotated[float, Field(description="mineral fertiliser, t N a year", ge=0,
                                      le=1e12)] = 0.0,
    organic: Annotated[float, Field(description="manure, compost, sludge, t N a year", ge=0,
                                    le=1e12)] = 0.0,
    residues: Annotated[float, Field(description="crop residues, t N a year", ge=0,
                                     le=1e12)] = 0.0,
    climate: Annotated[Literal["any", "wet", "dry"],
                       Field(description="of the soils; with any, give leaching")] = "any",
    leaching: Annotated[
        float | None, Field(description="share of the nitrogen on soils from which water leaches;"
                            " by climate if left out", ge=0, le=1)
    ] = None,
) -> ToolResult:  # fmt: skip
    """Direct and indirect N2O of fertiliser, manure and residues on soils, t N2O a year.

    IPCC (2019), volume 4, chapter 11, tier 1. Amounts are tonnes of NITROGEN, not of fertiliser.
    """
    out = ipcc.soil_n2o(
        ipcc.SoilNitrogen(synthetic=synthetic, organic=organic, residues=residues),
        climate=climate, leaching=leaching,
    )  # fmt: skip
    parts = {
        "direct N2O of soils": out.direct.total,
        "indirect N2O by way of the air": out.indirect.volatilisation,
        "indirect N2O by way of the water": out.indirect.leaching,
        "N2O of soils, direct and indirect": out.total,
    }
    figures = [_figure(k, v, {"gas": "N2O", "process": k}, "t N2O/yr") for k, v in parts.items()]
    return _result(
        "N2O of nitrogen on soils", figures, out.total,
        method="IPCC (2019), volume 4, chapter 11, equations 11.1, 11.9, 11.10",
    )  # fmt: skip


@tool(
    "natural",
    "CH4 of rice fields (IPCC)",
    examples=({"area": 1000.0, "region": "East Asia", "water": "single drainage"},),
)
def rice_ch4(
    area: Annotated[float, Field(description="harvested in the year, ha", ge=0, le=1e10)],
    region: Annotated[
        Literal["World", "Africa", "East Asia", "Southeast Asia", "South Asia", "Europe",
                "North America", "South America"], Field(description="of the factor"),
    ] = "World",
    water: Annotated[
        Literal["continuously flooded", "single drainage", "multiple drainage", "regular rainfed",
                "drought-prone", "deep water", "upland", "irrigated", "rainfed and deep water"],
        Field(description="during the season; 'irrigated' where no more is known"),
    ] = "irrigated",
    days: Annotated[float | None, Field(description="of cultivation; the region's default if left"
                                        " out", gt=0, le=366)] = None,
) -> ToolResult:  # fmt: skip
    """CH4 of rice cultivation, t CH4 a year (IPCC 2019, volume 4, chapter 5, tier 1)."""
    out = ipcc.rice_ch4(area, region=region, water=water, days=days)
    labels = {"gas": "CH4", "process": "rice cultivation", "land": region, "option": water}
    return _result("CH4 of rice fields", [_figure("CH4 of rice fields", out, labels)], out,
                   method="IPCC (2019), volume 4, chapter 5, equation 5.1")  # fmt: skip


@tool(
    "natural",
    "CO2 of lime and urea on soils (IPCC)",
    examples=({"limestone": 1000.0}, {"dolomite": 10.0, "urea": 300.0}),
)
def liming_co2(
    limestone: Annotated[float, Field(description="t of CaCO3 a year", ge=0, le=1e12)] = 0.0,
    dolomite: Annotated[float, Field(description="t of CaMg(CO3)2 a year", ge=0, le=1e12)] = 0.0,
    urea: Annotated[float, Field(description="t of urea a year", ge=0, le=1e12)] = 0.0,
) -> ToolResult:
    """CO2 of limestone, dolomite and urea spread on soils, t CO2 a year (IPCC, tier 1)."""
    found: dict[str, ipcc.Uncertain] = {}
    if limestone or dolomite:
        found["CO2 of liming"] = ipcc.liming_co2(limestone, dolomite)
    if urea:
        found["CO2 of urea on soils"] = ipcc.urea_co2(urea)
    if not found:
        raise InputError("no amount", where="liming_co2", do="give limestone, dolomite or urea, t")
    figures = [_figure(k, v, {"gas": "CO2", "process": k}) for k, v in found.items()]
    return _result(
        "CO2 of lime and urea on soils", figures, *found.values(),
        method="IPCC (2006), volume 4, chapter 11, equations 11.12 and 11.13",
    )  # fmt: skip


@tool(
    "natural",
    "Emissions of a fire (IPCC)",
    examples=(
        {"area": 1000.0, "land": "boreal forest", "option": "wildfire",
         "kind": "extra-tropical forest", "gases": ["CO2", "CH4"]},
    ),
)  # fmt: skip
def fire_emissions(
    area: Annotated[float, Field(description="burnt in the year, ha", ge=0, le=1e10)],
    kind: Annotated[
        Literal["savanna and grassland", "crop residues", "tropical forest",
                "extra-tropical forest", "biofuel"], Field(description="whose emission factors"),
    ],
    fuel_consumed: Annotated[
        float | None, Field(description="t of dry matter burnt per ha; the default of land and "
                            "option if left out", ge=0, le=1e5)
    ] = None,
    land: Annotated[str, Field(description="of the default fuel consumed (factor M_B_C_F), such as"
                               " 'boreal forest'", max_length=80)] = "any",
    option: Annotated[str, Field(description="of the same, such as 'wildfire'",
                                 max_length=80)] = "any",
    gases: Annotated[
        list[_GASES], BeforeValidator(as_list), Field(min_length=1, max_length=5)
    ] = ["CO2", "CH4", "N2O"],  # noqa: B006 - read, never changed; pydantic copies it
) -> ToolResult:  # fmt: skip
    """Emissions of burnt vegetation by gas, t of the gas (IPCC 2019, volume 4, equation 2.27).

    CO2 of fires is often part of a cycle (regrowth): inventories count it for some lands alone.
    """
    fuel: Any = fuel_consumed
    if fuel is None:
        fuel = ipcc.factor("M_B_C_F", land=land, option=option)
    found = {
        gas: ipcc.fire_emissions(area, gas, fuel=fuel, combustion=1.0, emission_factor=kind)
        for gas in dict.fromkeys(gases)
    }
    figures = [
        _figure("emissions of fire", one, {"gas": gas, "process": f"fire, {kind}"})
        for gas, one in found.items()
    ]
    return _result("Emissions of a fire", figures, *found.values(),
                   method="IPCC (2019), volume 4, chapter 2, equation 2.27")  # fmt: skip


@tool(
    "natural",
    "Carbon stock change between two inventories (IPCC)",
    examples=({"first": 50000.0, "second": 51000.0, "years": 10},),
)
def carbon_stock_change(
    first: Annotated[float, Field(description="stock at the first time, t C", ge=0, le=1e15)],
    second: Annotated[float, Field(description="stock at the second time, same area, t C", ge=0,
                                   le=1e15)],
    years: Annotated[float, Field(description="years between the two", gt=0, le=1000)],
) -> ToolResult:  # fmt: skip
    """Annual change of a carbon stock (stock-difference method) and the CO2 it means.

    A growing stock is a sink: its CO2 is negative. IPCC (2019), volume 4, equation 2.5.
    """
    change = ipcc.stock_difference(first, second, years=years)
    figures = [
        _figure("change of the carbon stock", change, {"process": "stock difference"}),
        _figure("CO2 to the air of the change", change.emissions,
                {"gas": "CO2", "process": "stock difference"}),
    ]  # fmt: skip
    return _result("Change of a carbon stock", figures, change,
                   method="IPCC (2019), volume 4, chapter 2, equation 2.5")  # fmt: skip
