"""Aluminium, ferro-alloys, stainless and alloy steel."""

from __future__ import annotations

import numpy as np

from mriocarbon.industry.arrays import asarray, maximum
from mriocarbon.industry.balance import CO2_PER_C, Flow, Process, close
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
    "anode_baking",
    "electrolysis_cell",
    "alloy_steel",
    "ferro_chromium_carbon",
    "ferro_chromium_refined",
    "ferro_manganese_carbon",
    "ferro_manganese_refined",
    "ferro_nickel",
    "hall_heroult",
    "secondary_aluminium",
    "stainless_eaf",
    "tool_steel",
]


def hall_heroult(p: Parameters) -> Process:
    """Electrolysis with prebaked anodes, anode baking and casting, PFC of anode effects.

    The anode gives 12.011 x 3 / (26.98 x 4) = 0.334 t C/t at the least; the rest burns in air.
    """
    name = "hall-heroult"
    inputs = [
        anode(p, "anode", p(name, "anode")),
        *_cell(p),
        *_baking(p, p(name, "baked_anode")),
    ]
    made = product("aluminium", Al=1.0, energy=p(name, "reduction_heat"))
    return close(name, "unwrought-aluminium", inputs, [made], gases=_fluorocarbons(p))


def anode(p: Parameters, name: str, mass: Array) -> Flow:
    """`mass` tonnes of baked anode, of its butts, or of the coke and pitch it is made from."""
    row = "hall-heroult"
    carbon = mass * (1 - p(row, "anode_sulphur") - p(row, "anode_ash"))
    return plain(name, mass, C=carbon, energy=CARBON_HEAT * carbon)


def _cell(p: Parameters) -> list[Flow]:
    name = "hall-heroult"
    return [
        plain("alumina", 1.89, Al=1.0),
        fuel(p, "gas", p(name, "casting_fuel")),
        plain("electricity", 0.0, energy=p(name, "electricity_energy")),
    ]


def _baking(p: Parameters, baked: Array) -> list[Flow]:
    name = "hall-heroult"
    packing = baked * p(name, "packing_coke")
    return [
        plain("packing coke", packing, C=packing, energy=CARBON_HEAT * packing),
        fuel(p, "gas", asarray(baked * p(name, "baking_fuel"))),
    ]


def _fluorocarbons(p: Parameters) -> dict[str, Array]:
    cf4 = p("hall-heroult", "cf4")
    return {"CF4": cf4, "C2F6": asarray(cf4 * p("hall-heroult", "c2f6_per_cf4"))}


def anode_baking(p: Parameters) -> Process:
    """A tonne of baked anode from coke, pitch and the butts that the cells send back."""
    name, baked = "hall-heroult", p("hall-heroult", "baked_anode")
    fresh = asarray(p(name, "anode") / baked)
    inputs = [
        anode(p, "green anode", fresh),
        anode(p, "anode butts", asarray(1 - fresh)),
        *_baking(p, asarray(1.0)),
    ]
    return close("anode-baking", "anode", inputs, [anode(p, "anode", asarray(1.0))])


def electrolysis_cell(p: Parameters) -> Process:
    """The cells and the casthouse alone: anodes come baked, butts go back."""
    name, baked = "hall-heroult", p("hall-heroult", "baked_anode")
    outputs = [
        product("aluminium", Al=1.0, energy=p(name, "reduction_heat")),
        anode(p, "anode butts", asarray(baked - p(name, "anode"))),
    ]
    inputs = [anode(p, "anode", baked), *_cell(p)]
    gases = _fluorocarbons(p)
    return close("electrolysis-cell", "unwrought-aluminium", inputs, outputs, gases=gases)


def secondary_aluminium(p: Parameters) -> Process:
    """Scrap melted and cast, with a little primary metal."""
    name = "secondary-aluminium"
    metal = p("hall-heroult", "reduction_heat")
    charge = 1 / p(name, "yield")
    primary = asarray(charge * p(name, "primary_share"))
    scrap = asarray(charge - primary)
    inputs = [
        plain("scrap", scrap, Al=scrap, energy=metal * scrap),
        plain("primary aluminium", primary, Al=primary, energy=metal * primary),
        fuel(p, "gas", p(name, "gas")),
    ]
    return close(
        name,
        "unwrought-aluminium",
        inputs,
        [product("aluminium", Al=1.0, energy=metal)],
        precursors=(("unwrought-aluminium:hall-heroult", primary),),
    )


def _ferro_alloy(p: Parameters, name: str) -> Process:
    # tier 1 gives the CO2; the reductant that must have been fed follows from it
    held = p(name, "carbon")
    carbon = p(name, "co2") / CO2_PER_C + held
    inputs = [plain("reductant and electrodes", carbon, C=carbon)]
    return close(name, name, inputs, [product("alloy", C=held)])


def ferro_manganese_carbon(p: Parameters) -> Process:
    """High-carbon ferro-manganese."""
    return _ferro_alloy(p, "ferro-manganese-carbon")


def ferro_manganese_refined(p: Parameters) -> Process:
    """Medium- and low-carbon ferro-manganese."""
    return _ferro_alloy(p, "ferro-manganese-refined")


def ferro_chromium_carbon(p: Parameters) -> Process:
    """High-carbon ferro-chromium."""
    return _ferro_alloy(p, "ferro-chromium-carbon")


def ferro_chromium_refined(p: Parameters) -> Process:
    """Low-carbon ferro-chromium."""
    return _ferro_alloy(p, "ferro-chromium-refined")


def ferro_nickel(p: Parameters) -> Process:
    """Rotary kiln and electric furnace: ore follows from the nickel balance."""
    name = "ferro-nickel"
    nickel, carbon = p(name, "nickel"), p(name, "carbon")
    entering = nickel / p(name, "recovery")
    ore = asarray(entering / p(name, "ore_nickel"))
    heat = asarray(ore * p(name, "fuel"))
    inputs = [plain("dry ore", ore, Ni=entering), fuel(p, "coal", heat, "feed")]
    iron = (1 - nickel - carbon) * p("iron", "reduction_heat")
    return close(name, name, inputs, [product("alloy", Ni=nickel, C=carbon, energy=iron)])


def stainless_eaf(p: Parameters) -> Process:
    """Arc furnace and converter on scrap, ferro-chromium, ferro-nickel and pig iron.

    Scrap brings its share of all metals; the alloys bring the rest of chromium and nickel, and
    iron with them. Of the iron that is still missing a share comes as pig iron, the rest as steel
    scrap, which carries no emissions.
    """
    name = "stainless-eaf"
    scrap, steel = p(name, "scrap_share"), p(name, "steel_carbon")
    chromium, nickel = p(name, "chromium"), p(name, "nickel")
    virgin = (1 - scrap) * chromium / p(name, "chromium_recovery")
    ferro_chrome = asarray(virgin / p(name, "alloy_chromium"))
    ferro_nickel_ = asarray((1 - scrap) * nickel / p("ferro-nickel", "nickel"))
    in_chrome = p("ferro-chromium-carbon", "carbon")
    in_nickel = p("ferro-nickel", "carbon")
    electrode = p(name, "electrodes") * p("electrode", "carbon")
    iron = (1 - scrap) * (1 - chromium - nickel)
    iron = iron - ferro_chrome * (1 - p(name, "alloy_chromium") - in_chrome)
    iron = iron - ferro_nickel_ * (1 - p("ferro-nickel", "nickel") - in_nickel)
    pig = maximum(0.0, iron) * p(name, "pig_share") / p("iron", "hot_metal_fe")
    pig = asarray(pig)
    inputs = [
        plain("pig iron", pig, C=pig * p("iron", "hot_metal_carbon")),
        plain("stainless scrap", scrap, Cr=scrap * chromium, Ni=scrap * nickel, C=scrap * steel),
        plain("ferro-chromium", ferro_chrome, Cr=virgin, C=ferro_chrome * in_chrome),
        plain("ferro-nickel", ferro_nickel_, Ni=(1 - scrap) * nickel, C=ferro_nickel_ * in_nickel),
        plain("electrodes", p(name, "electrodes"), C=electrode, energy=CARBON_HEAT * electrode),
        solid(p, "eaf-coal", p(name, "coal")),
        fuel(p, "gas", p(name, "gas")),
        carbonate(p, p(name, "limestone")),
    ]
    return close(
        name,
        "stainless-steel",
        inputs,
        [product("stainless steel", Cr=chromium, Ni=nickel, C=steel)],
        precursors=(
            ("ferro-chromium-carbon", ferro_chrome),
            ("ferro-nickel", ferro_nickel_),
            ("pig-iron", pig),
        ),
        limits={"scrap and ferro-alloys bring more iron than the steel holds": asarray(iron)},
    )


def _added(p: Parameters, name: str) -> tuple[tuple[str, Array], ...]:
    return (
        ("ferro-chromium-carbon", p(name, "ferro_chromium")),
        ("ferro-manganese-carbon", p(name, "ferro_manganese")),
        ("ferro-nickel", p(name, "ferro_nickel")),
    )


def _alloyed(p: Parameters, name: str) -> Process:
    added = _added(p, name)
    rest = asarray(1 - sum((mass for _, mass in added), np.zeros(())))
    base = maximum(rest, 0.0)
    carbon = p("iron", "steel_carbon")
    steel = iron_bearing(p, "crude steel", base, p("iron", "steel_fe"), carbon)
    alloys: list[Flow] = [plain(what, mass, C=mass * p(what, "carbon")) for what, mass in added]
    made = iron_bearing(p, "steel", asarray(1.0), base * p("iron", "steel_fe"), carbon)
    return close(
        name,
        name,
        [steel, *alloys, fuel(p, "gas", p(name, "gas"))],
        [made],
        precursors=(("crude-steel", asarray(base)), *added),
        limits={"alloys weigh more than the steel": rest},
    )


def alloy_steel(p: Parameters) -> Process:
    """Low-alloy steel: crude steel of the country's routes, with alloys."""
    return _alloyed(p, "alloy-steel")


def tool_steel(p: Parameters) -> Process:
    """Tool and high-speed steel; alloys that are no CBAM goods carry nothing."""
    return _alloyed(p, "tool-steel")
