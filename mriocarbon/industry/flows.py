"""Flows that many processes share: fuels, carbonates, iron, steel."""

from __future__ import annotations

from mriocarbon.industry.arrays import asarray
from mriocarbon.industry.balance import Flow
from mriocarbon.industry.parameters import Array, Parameters

__all__ = ["CARBON_HEAT", "carbonate", "fuel", "iron_bearing", "plain", "product", "solid"]

CARBON_HEAT = 32.8
"""GJ per tonne of carbon burnt to CO2 (394 kJ/mol)."""


def fuel(p: Parameters, kind: str, heat: Array, use: str = "fuel") -> Flow:
    """`heat` GJ of a fuel: "gas", "coal", "petcoke", "oil" or "alternative"."""
    return Flow(kind, heat, "GJ", {"C": heat * p("fuel", f"{kind}_carbon"), "energy": heat}, use)


def solid(p: Parameters, kind: str, mass: Array) -> Flow:
    """`mass` tonnes of coke, injection coal or furnace coal."""
    return Flow(kind, mass, "t", {"C": mass * p(kind, "carbon"), "energy": mass * p(kind, "heat")})


def carbonate(p: Parameters, mass: Array) -> Flow:
    """`mass` tonnes of limestone, as charged."""
    return Flow("limestone", mass, "t", {"C": mass * p("limestone", "carbon")})


def iron_bearing(p: Parameters, name: str, mass: Array, iron: Array, carbon: Array) -> Flow:
    """Metal: iron, carbon, and the chemical energy of iron against its oxide."""
    metal = mass * iron
    return Flow(
        name,
        mass,
        "t",
        {"Fe": metal, "C": mass * carbon, "energy": metal * p("iron", "reduction_heat")},
    )


def plain(name: str, mass: Array | float, **content: Array | float) -> Flow:
    """Any other flow, with what it carries."""
    held = {key: asarray(value) for key, value in content.items()}
    return Flow(name, asarray(mass), "t", held)


def product(name: str, **content: Array | float) -> Flow:
    """The tonne of product."""
    return plain(name, 1.0, **content)
