"""Ore to crude steel: sinter, pellets, blast furnace, direct reduction, steel shops.

Coke and burnt lime are bought: their making is no part of the pig iron and steel processes of
Implementing Regulation (EU) 2025/2547 and they are no CBAM goods; their carbon counts. Waste gas
that leaves is taken off at the natural gas factor times 0.667 (the rule of 2023/1773); the rest
of its carbon stays with the process that made it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mriocarbon.industry.arrays import asarray, maximum
from mriocarbon.industry.balance import Flow, Process, close
from mriocarbon.industry.flows import (
    CARBON_HEAT,
    carbonate,
    fuel,
    iron_bearing,
    plain,
    product,
    solid,
)
from mriocarbon.industry.parameters import Array, Parameters

__all__ = [
    "arc_furnace",
    "bf_bof",
    "dri_coal",
    "dri_eaf",
    "dri_eaf_coal",
    "dri_gas",
    "open_hearth",
    "pellet",
    "pig_iron",
    "scrap_eaf",
    "sinter",
]


def _metal(p: Parameters, name: str, mass: Array) -> Flow:
    carbon = {
        "hot metal": ("hot_metal_fe", p("iron", "hot_metal_carbon")),
        "scrap": ("scrap_fe", p("iron", "steel_carbon")),
        "steel": ("steel_fe", p("iron", "steel_carbon")),
    }
    iron, held = carbon[name]
    made = iron_bearing(p, name, mass, p("iron", iron), held)
    if name != "hot metal":
        return made
    # its carbon burns in the converter, and it comes hot
    more = mass * (held * CARBON_HEAT + p("pig-iron", "sensible_heat"))
    return replace(made, content={**made.content, "energy": made.content["energy"] + more})


def _sold(p: Parameters, energy: Array) -> Array:
    """t CO2 taken off for waste gas sold."""
    return asarray(energy * p("fuel", "gas_factor_law") * p("fuel", "waste_gas_efficiency_law"))


def sinter(p: Parameters) -> Process:
    """Sinter from fines, coke breeze and limestone."""
    name = "sinter"
    inputs = [
        plain("ore fines", p(name, "fe") / 0.62, Fe=p(name, "fe")),
        solid(p, "coke", p(name, "coke_breeze")),
        carbonate(p, p(name, "limestone")),
        fuel(p, "gas", p(name, "ignition_gas")),
    ]
    made = product("sinter", Fe=p(name, "fe"), energy=p(name, "heat_of_product"))
    return close(name, "sintered-ore", inputs, [made], electricity=p(name, "electricity"))


def pellet(p: Parameters) -> Process:
    """Pellets, hardened with coal and gas."""
    name = "pellet"
    inputs = [
        plain("concentrate", p(name, "fe") / 0.66, Fe=p(name, "fe")),
        carbonate(p, p(name, "limestone")),
        fuel(p, "coal", p(name, "coal")),
        fuel(p, "gas", p(name, "gas")),
    ]
    made = product("pellets", Fe=p(name, "fe"))
    return close(name, "pellets", inputs, [made], electricity=p(name, "electricity"))


def pig_iron(p: Parameters) -> Process:
    """Blast furnace: lump ore closes the iron balance, gas sold carries carbon away."""
    name = "pig-iron"
    iron = p("iron", "hot_metal_fe")
    agglomerate = p(name, "sinter") * p("sinter", "fe") + p(name, "pellets") * p("pellet", "fe")
    missing = asarray(iron / p(name, "iron_yield") - agglomerate)
    lump = maximum(missing, 0.0)
    carbon = p("iron", "hot_metal_carbon")
    inputs = [
        solid(p, "coke", p(name, "coke_rate")),
        solid(p, "injection-coal", p(name, "injection_coal")),
        carbonate(p, p(name, "limestone")),
        plain(
            "sinter",
            p(name, "sinter"),
            Fe=p(name, "sinter") * p("sinter", "fe"),
            energy=p(name, "sinter") * p("sinter", "heat_of_product"),
        ),
        plain("pellets", p(name, "pellets"), Fe=p(name, "pellets") * p("pellet", "fe")),
        plain("lump ore", lump / 0.63, Fe=lump),
    ]
    gas = sum((asarray(f.content.get("C", 0.0)) for f in inputs), np.zeros(()))
    gas = gas - carbon - p(name, "dust_carbon")
    sold = gas * p(name, "gas_export") / p("gas", "furnace_gas_carbon")
    outputs = [
        _metal(p, "hot metal", asarray(1.0)),
        plain("dust", 0.015, C=p(name, "dust_carbon")),
        Flow("works gas", sold, "GJ", {"energy": sold}),
    ]
    precursors = (("sintered-ore", p(name, "sinter")), ("pellets", p(name, "pellets")))
    return close(
        name,
        name,
        inputs,
        outputs,
        precursors=precursors,
        credit=_sold(p, sold),
        limits={"sinter and pellets bring more iron than the metal and its losses hold": missing},
    )


def _charge(p: Parameters, name: str, scrap_share: Array) -> tuple[Array, Array]:
    """Hot metal and scrap, t per t steel, from the iron balance of the charge."""
    iron = (1 - scrap_share) * p("iron", "hot_metal_fe") + scrap_share * p("iron", "scrap_fe")
    charge = p("iron", "steel_fe") / (p(name, "iron_yield") * iron)
    return asarray(charge * (1 - scrap_share)), asarray(charge * scrap_share)


def _manganese(p: Parameters, mass: Array) -> Flow:
    return plain("ferro-manganese", mass, C=mass * p("ferro-manganese-carbon", "carbon"))


def bf_bof(p: Parameters) -> Process:
    """Basic oxygen converter on blast furnace iron."""
    name = "bf-bof"
    hot_metal, scrap = _charge(p, name, p(name, "scrap_share"))
    alloy = p(name, "ferro_manganese")
    inputs = [
        _metal(p, "hot metal", hot_metal),
        _metal(p, "scrap", scrap),
        carbonate(p, p(name, "limestone")),
        fuel(p, "gas", p(name, "gas")),
        _manganese(p, alloy),
    ]
    blown = hot_metal * p("iron", "hot_metal_carbon") * p(name, "gas_capture")
    sold = blown / p("gas", "converter_gas_carbon")
    outputs = [_metal(p, "steel", asarray(1.0)), Flow("works gas", sold, "GJ", {"energy": sold})]
    return close(
        name,
        "crude-steel",
        inputs,
        outputs,
        precursors=(("pig-iron", hot_metal), ("ferro-manganese-carbon", alloy)),
        credit=_sold(p, sold),
    )


def open_hearth(p: Parameters) -> Process:
    """Open hearth, still in use in a few countries."""
    name = "open-hearth"
    hot_metal, scrap = _charge(p, name, p(name, "scrap_share"))
    alloy = p(name, "ferro_manganese")
    inputs = [
        _metal(p, "hot metal", hot_metal),
        _metal(p, "scrap", scrap),
        carbonate(p, p(name, "limestone")),
        fuel(p, "gas", p(name, "gas")),
        _manganese(p, alloy),
    ]
    return close(
        name,
        "crude-steel",
        inputs,
        [_metal(p, "steel", asarray(1.0))],
        precursors=(("pig-iron", hot_metal), ("ferro-manganese-carbon", alloy)),
    )


def _electrodes(p: Parameters, mass: Array) -> Flow:
    carbon = mass * p("electrode", "carbon")
    return plain("electrodes", mass, C=carbon, energy=CARBON_HEAT * carbon)


def scrap_eaf(p: Parameters) -> Process:
    """Arc furnace on scrap, with some pig iron or hot metal."""
    name = "scrap-eaf"
    hot_metal, scrap = _charge(p, name, 1 - p(name, "hot_metal_share"))
    alloy = p(name, "ferro_manganese")
    inputs = [
        _metal(p, "hot metal", hot_metal),
        _metal(p, "scrap", scrap),
        _electrodes(p, p(name, "electrodes")),
        solid(p, "eaf-coal", p(name, "coal")),
        fuel(p, "gas", p(name, "gas")),
        _manganese(p, alloy),
        plain("electricity", 0.0, energy=p(name, "electricity_energy")),
    ]
    return close(
        name,
        "crude-steel",
        inputs,
        [_metal(p, "steel", asarray(1.0))],
        precursors=(("pig-iron", hot_metal), ("ferro-manganese-carbon", alloy)),
    )


def _reduced(p: Parameters, name: str) -> Flow:
    """A tonne of iron reduced with gas ("direct reduced iron") or with coal ("sponge iron")."""
    by_gas = name == "direct reduced iron"
    carbon = p("iron", "dri_carbon") if by_gas else p("dri-coal", "carbon")
    return iron_bearing(p, name, asarray(1.0), p("dri-gas", "fe"), carbon)


def dri_gas(p: Parameters) -> Process:
    """Direct reduction of pellets in a shaft with natural gas."""
    name = "dri-gas"
    iron = p(name, "fe")
    pellets = iron / p("pellet", "fe")
    inputs = [plain("pellets", pellets, Fe=iron), fuel(p, "gas", p(name, "gas"), "feed")]
    made = _reduced(p, "direct reduced iron")
    return close(name, "dri", inputs, [made], precursors=(("pellets", pellets),))


def dri_coal(p: Parameters) -> Process:
    """Direct reduction of lump ore in a rotary kiln with coal."""
    name = "dri-coal"
    iron = p("dri-gas", "fe")
    inputs = [
        plain("lump ore", iron / p(name, "ore_fe"), Fe=iron),
        fuel(p, "coal", p(name, "coal"), "feed"),
    ]
    return close(name, "dri", inputs, [_reduced(p, "sponge iron")])


def arc_furnace(p: Parameters, name: str, charged: Flow, source: str = "") -> Process:
    """Arc furnace on direct reduced iron and scrap; `charged` is a tonne of the former."""
    shop = "dri-eaf"
    share = p(name, "dri_share")
    iron = share * p("dri-gas", "fe") + (1 - share) * p("iron", "scrap_fe")
    charge = p("iron", "steel_fe") / (p(shop, "iron_yield") * iron)
    sponge = asarray(charge * share)
    alloy = p("scrap-eaf", "ferro_manganese")
    content = {what: sponge * held for what, held in charged.content.items()}
    inputs = [
        Flow(charged.name, sponge, "t", content),
        _metal(p, "scrap", asarray(charge * (1 - share))),
        _electrodes(p, p(shop, "electrodes")),
        solid(p, "eaf-coal", p(shop, "coal")),
        fuel(p, "gas", p(shop, "gas")),
        _manganese(p, alloy),
        plain("electricity", 0.0, energy=p(shop, "electricity_energy")),
    ]
    precursors = ((source, sponge),) if source else ()
    return close(
        name,
        "crude-steel",
        inputs,
        [_metal(p, "steel", asarray(1.0))],
        precursors=(*precursors, ("ferro-manganese-carbon", alloy)),
    )


def dri_eaf(p: Parameters) -> Process:
    """Arc furnace on gas-based direct reduced iron and scrap."""
    return arc_furnace(p, "dri-eaf", _reduced(p, "direct reduced iron"), "dri:dri-gas")


def dri_eaf_coal(p: Parameters) -> Process:
    """Arc or induction furnace on coal-based sponge iron and scrap."""
    return arc_furnace(p, "dri-eaf-coal", _reduced(p, "sponge iron"), "dri:dri-coal")
