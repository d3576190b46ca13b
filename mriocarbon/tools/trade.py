"""Who emits and for whom: accounts, gaps, flows between regions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

import mriocarbon as mc
from mriocarbon.tools import resolve
from mriocarbon.tools.registry import tool
from mriocarbon.tools.tables import EMBEDDED, Gas, Name, Region, table
from mriocarbon.tools.types import Figure, ToolResult, described

Principle = Literal[
    "production", "consumption", "eebt", "income", "final-producer", "shared", "half-half",
    "value-added", "technology-adjusted", "technology-adjusted-balanced", "era",
]  # fmt: skip


@tool(
    "trade",
    "Account of regions under one principle",
    examples=(
        {"regions": ["China", "美国"], "principle": "consumption"},
        {"principle": "production", "gas": "CO2"},
    ),
)
def account(
    regions: Annotated[
        list[Region], Field(description="which regions; all if left out", max_length=90)
    ] = [],  # noqa: B006 - read, never changed; pydantic copies it
    principle: Annotated[
        Principle,
        Field(description="production = what a territory emits; consumption = its footprint"),
    ] = "consumption",
    gas: Gas = "GHG",
    table_name: Name = EMBEDDED,
) -> ToolResult:
    """Emissions of countries in 2022 under one accounting principle, in Mt, with an interval.

    Use it for "how much does X emit", "carbon footprint of X" (principle consumption),
    "territorial emissions of X" (principle production), "income-based emissions".
    """
    mrio = table(table_name)
    read = [resolve.region(one, mrio.regions) for one in regions]
    found = mc.account(mrio, principle, stressor=gas, uncertainty="first-order")
    codes = [one.code for one in read] or list(mrio.regions)
    assert found.low is not None and found.high is not None
    figures = []
    for code in dict.fromkeys(codes):
        k = found.coords["region"].index(code)
        figures.append(
            Figure(
                quantity=f"{principle} account", value=float(found.value[k]), unit=found.unit,
                low=float(found.low[k]), high=float(found.high[k]), level=0.95,
                labels={"region": code, "gas": gas, "principle": principle,
                        "year": str(found.provenance.year)},
                estimated=found.estimated,
            )
        )  # fmt: skip
    return ToolResult(
        title=f"{gas} emissions, {principle} account, {found.provenance.year}",
        read_as={one.asked: f"{one.code} ({one.name})" for one in read},
        figures=tuple(figures),
        **described(found.provenance, found.notes),
    )
