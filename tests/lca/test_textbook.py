"""The examples of Heijungs & Suh (2002), doi:10.1007/978-94-015-9900-9.

The first (10 kWh from 2 litres of fuel) is quoted with its numbers in several public course notes.
The other two are UNVERIFIED: the book could not be opened, so the data stand as remembered from
its chapter 3, and what is tested against is arithmetic by hand, written beside each.
"""

import numpy as np
import pytest

from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import factor, inventory
from mriocarbon.lca.perturb import gradients
from mriocarbon.lca.system import System


def co2(amount):
    return Exchange("CO2", amount, "kg", "biosphere", "out", "air")


def so2(amount):
    return Exchange("SO2", amount, "kg", "biosphere", "out", "air")


def plant(*more):
    return Process(
        "power plant", "power", 10, "kWh", (Exchange("fuel", 2, "l"), co2(1), so2(0.1), *more)
    )


def refinery(*more):
    oil = Exchange("crude oil", 50, "l", "biosphere", "in", "ground")
    return Process("refinery", "fuel", 100, "l", (co2(10), so2(2), oil, *more))


def by_name(lci):
    return {
        flow.name: float(value) for flow, value in zip(lci.system.flows, lci.flows, strict=True)
    }


def test_electricity_from_fuel():
    lci = inventory(System.of([plant(), refinery()]), {"power plant": (1.0, "MWh")})
    assert lci.scaling == pytest.approx([100, 2], rel=1e-14)
    assert by_name(lci) == pytest.approx({"CO2": 120, "SO2": 14, "crude oil": -100}, rel=1e-14)
    # Multipliers of CO2 (elasticities), chapter 6: lambda = (0.12, 0.1), by hand
    # -lambda_i a_ij s_j / 120: -0.12*10*100, 0.1*2*100, -0.1*100*2; c b_j s_j: 100, 20
    found = dict(zip(*(lambda g: (g.names, g.elasticity))(gradients(lci, [1, 0, 0])), strict=True))
    assert found["power plant: product"] == pytest.approx(-1, rel=1e-12)
    assert found["power plant: fuel"] == pytest.approx(20 / 120, rel=1e-12)
    assert found["refinery: product"] == pytest.approx(-20 / 120, rel=1e-12)
    assert found["power plant: CO2"] == pytest.approx(100 / 120, rel=1e-12)


HEAT = Exchange("heat", 18, "MJ", direction="out")
BOILER = Process("boiler", "heat", 90, "MJ", (Exchange("fuel", 5, "l"), co2(3)))


def test_cogeneration_with_substitution():
    """1,000 kWh and 1,800 MJ; the boiler runs -20 times, the refinery (200 - 100) / 100 = 1."""
    system = System.of([plant(HEAT), refinery(), BOILER], allocation="substitution")
    lci = inventory(system, {"power plant": 1000})
    assert lci.scaling == pytest.approx([100, 1, -20], rel=1e-13)
    assert by_name(lci) == pytest.approx({"CO2": 50, "SO2": 12, "crude oil": -50}, rel=1e-13)


@pytest.mark.parametrize(
    ("rule", "share"), [("energy", 36 / 54), ({"power": 0.6, "heat": 0.4}, 0.6)]
)
def test_cogeneration_shared_out(rule, share):
    """10 kWh are 36 MJ beside 18 MJ of heat: two thirds of all flows go with the power."""
    system = System.of([plant(HEAT), refinery()], allocation={"power plant": rule})
    power, heat = (inventory(system, {name: amount}) for name, amount in
                   (("power plant", 1000), ("heat (from power plant)", 1800)))  # fmt: skip
    assert by_name(power)["CO2"] == pytest.approx(120 * share, rel=1e-12)
    assert np.allclose(power.flows + heat.flows, [120, 14, -100], rtol=1e-12)


def test_fuel_that_takes_electricity():
    """A = [[10, -20], [-2, 100]], determinant 960: s = (1000 100, 1000 2) / 960."""
    system = System.of([plant(), refinery(Exchange("power", 20, "kWh"))])
    lci = factor(system).inventory({"power plant": 1000})
    assert lci.scaling == pytest.approx([100_000 / 960, 2_000 / 960], rel=1e-13)
    assert by_name(lci)["CO2"] == pytest.approx(120_000 / 960, rel=1e-13)
