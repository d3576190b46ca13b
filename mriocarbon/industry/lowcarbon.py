"""Steps of a site that the CBAM boundary leaves out or does not know yet.

Coke ovens, reduction with hydrogen, electrolysis of water, ammonia from bought hydrogen, power
from coal and gas with and without capture of CO2. They run over the same engine as all others.
"""

from __future__ import annotations

from mriocarbon.industry.arrays import asarray
from mriocarbon.industry.balance import CO2_PER_C, O_PER_H, Flow, Process, close
from mriocarbon.industry.chemicals import MOLAR
from mriocarbon.industry.flows import fuel, iron_bearing, plain, product, solid
from mriocarbon.industry.parameters import Array, Parameters
from mriocarbon.industry.steel import arc_furnace

__all__ = [
    "H2_PER_FE",
    "ammonia_hydrogen",
    "coal_power",
    "coal_power_ccs",
    "coke_oven",
    "dri_eaf_hydrogen",
    "dri_hydrogen",
    "gas_power",
    "gas_power_ccs",
    "hydrogen_electrolysis",
    "works_gas_power",
]

H2_PER_FE = 3 * 2.016 / (2 * 55.845)
"""Hydrogen that takes the oxygen from haematite, Fe2O3 + 3 H2 -> 2 Fe + 3 H2O, t/t."""
H2_PER_NH3 = 3 * 1.008 / MOLAR["NH3"]


def coke_oven(p: Parameters) -> Process:
    """Coke from coking coal; gas that is not burnt under the ovens leaves, with tar.

    As at the blast furnace, the CO2 of the gas that leaves is counted where the gas is made.
    """
    name = "coke-oven"
    sold, coke = p(name, "gas_sold"), solid(p, "coke", asarray(1.0))
    carbon = coke.content["C"] / p(name, "carbon_yield")
    tar = (carbon - coke.content["C"]) * p(name, "tar_share")
    coal = solid(p, "coking-coal", asarray(carbon / p("coking-coal", "carbon")))
    outputs = [
        coke,
        solid(p, "tar", asarray(tar / p("tar", "carbon"))),
        Flow("works gas", sold, "GJ", {"energy": sold}),
    ]
    return close(name, "coke", [coal], outputs)


def _hydrogen(p: Parameters, mass: Array) -> Flow:
    return plain("hydrogen", mass, energy=mass * p("hydrogen", "heat"))


def _reduced(p: Parameters) -> Flow:
    """A tonne of iron reduced with hydrogen: no carbon, some oxide left."""
    metal = p("dri-gas", "fe") * p("dri-hydrogen", "metallisation")
    made = iron_bearing(p, "hydrogen reduced iron", asarray(1.0), metal, asarray(0.0))
    return Flow(
        made.name,
        made.amount,
        made.unit,
        {"Fe": p("dri-gas", "fe"), "C": asarray(0.0), "energy": made.content["energy"]},
    )


def dri_hydrogen(p: Parameters) -> Process:
    """Direct reduction of pellets with hydrogen, heated by electricity."""
    name = "dri-hydrogen"
    iron = p("dri-gas", "fe")
    taken = H2_PER_FE * iron * p(name, "metallisation")
    inputs = [
        plain("pellets", iron / p("pellet", "fe"), Fe=iron),
        _hydrogen(p, asarray(taken / (1 - p(name, "hydrogen_loss")))),
        _electric(p(name, "electricity")),
    ]
    return close(name, "dri", inputs, [_reduced(p)])


def _electric(power: Array) -> Flow:
    return Flow("electricity", power, "MWh", {"energy": 3.6 * power})


def dri_eaf_hydrogen(p: Parameters) -> Process:
    """Arc furnace on iron reduced with hydrogen, and scrap."""
    return arc_furnace(p, "dri-eaf-hydrogen", _reduced(p))


def hydrogen_electrolysis(p: Parameters) -> Process:
    """Water split by electricity, 2 H2O -> 2 H2 + O2."""
    name = "hydrogen-electrolysis"
    inputs = [plain("water", 1 + O_PER_H), _electric(p(name, "electricity"))]
    outputs = [_hydrogen(p, asarray(1.0)), plain("oxygen", O_PER_H)]
    return close(name, "hydrogen", inputs, outputs)


def ammonia_hydrogen(p: Parameters) -> Process:
    """Ammonia from hydrogen that is handed in and nitrogen of the air."""
    name = "ammonia-hydrogen"
    nitrogen = MOLAR["N"] / MOLAR["NH3"]
    inputs = [
        _hydrogen(p, asarray(H2_PER_NH3 / (1 - p(name, "hydrogen_loss")))),
        plain("air", nitrogen, N=nitrogen),
        _electric(p(name, "electricity")),
    ]
    made = product("ammonia", N=nitrogen, energy=p("ammonia", "heat"))
    return close(name, "ammonia", inputs, [made])


def _power(p: Parameters, kind: str, name: str) -> Process:
    burnt = fuel(p, kind, asarray(3.6 / p(name, "efficiency")))
    outputs = [_electric(asarray(1.0))]
    if name.endswith("-ccs"):
        carbon = burnt.content["C"] * p(name, "capture")
        outputs.append(plain("captured CO2", carbon * CO2_PER_C, C=carbon))
    return close(name, "power", [burnt], outputs)


def works_gas_power(p: Parameters) -> Process:
    """A MWh from gas of coke ovens, furnaces and converters, whose CO2 is counted there."""
    heat = asarray(3.6 / p("works-gas-power", "efficiency"))
    burnt = Flow("works gas", heat, "GJ", {"energy": heat}, "fuel")
    return close("works-gas-power", "power", [burnt], [_electric(asarray(1.0))])


def gas_power(p: Parameters) -> Process:
    """A MWh from a combined-cycle gas turbine."""
    return _power(p, "gas", "gas-power")


def gas_power_ccs(p: Parameters) -> Process:
    """The same with capture after combustion."""
    return _power(p, "gas", "gas-power-ccs")


def coal_power(p: Parameters) -> Process:
    """A MWh from pulverised coal."""
    return _power(p, "coal", "coal-power")


def coal_power_ccs(p: Parameters) -> Process:
    """The same with capture after combustion."""
    return _power(p, "coal", "coal-power-ccs")
