"""Fires: linear in everything, closed in carbon, refused where no default is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.errors import InputError, UnitError, UnknownNameError
from mriocarbon.natural import ipcc

areas = st.floats(0, 1e6)


@given(areas, st.floats(0, 200), st.floats(0, 1), st.floats(0, 2000))
def test_linear_in_every_argument(area, fuel, combustion, factor):
    call = {"fuel": fuel, "combustion": combustion, "emission_factor": factor}
    one = ipcc.fire_emissions(area, "CO2", **call)
    assert one.value == pytest.approx(area * fuel * combustion * factor / 1000)
    assert ipcc.fire_emissions(3 * area, "CO2", **call).value == pytest.approx(3 * one.value)
    assert ipcc.fire_emissions(0, "CO2", **call).value == 0


def test_carbon_burnt_is_about_the_carbon_of_the_fuel():
    # CO2, CO and CH4 of a kilogram hold 0.44 to 0.50 kg of carbon: the guidelines' 0.47
    for fire in ("savanna and grassland", "tropical forest", "extra-tropical forest"):
        carbon = sum(
            ipcc.fire_emissions(1, gas, fuel=1, combustion=1, emission_factor=fire).value * share
            for gas, share in (("CO2", 12 / 44), ("CO", 12 / 28), ("CH4", 12 / 16))
        )
        assert 0.44 < carbon < 0.50, fire


@pytest.mark.parametrize("gas", ipcc.FIRE_GASES)
def test_every_gas_of_every_fire(gas):
    for fire in ipcc.factors("G_EF")["land"].unique():
        out = ipcc.fire_emissions(10, gas, fuel=20, combustion=0.5, emission_factor=fire)
        assert out.value > 0
        assert out.unit == f"t {gas}/yr"
        known = ipcc.factor("G_EF", land=fire, option=gas)
        assert math.isnan(out.low) == math.isnan(known.low)
        assert out.estimated


def test_consumed_fuel_and_fuel_with_its_share():
    consumed = ipcc.factor("M_B_C_F", land="boreal forest", option="crown fire")
    whole = ipcc.fire_emissions(1, "CO2", fuel=consumed, combustion=1,
                                emission_factor="extra-tropical forest")  # fmt: skip
    share = ipcc.factor("C_F", land="boreal forest", option="crown fire")
    part = ipcc.fire_emissions(1, "CO2", fuel=consumed.value / share.value, combustion=share,
                               emission_factor="extra-tropical forest")  # fmt: skip
    assert part.value == pytest.approx(whole.value)
    with pytest.raises(InputError, match="already consumed"):
        ipcc.fire_emissions(1, "CO2", fuel=consumed, combustion=share,
                            emission_factor="extra-tropical forest")  # fmt: skip
    with pytest.raises(InputError, match="already consumed"):
        ipcc.fire_emissions(1, "CO2", fuel=consumed, combustion=0.5,
                            emission_factor="extra-tropical forest")  # fmt: skip


def test_interval_against_draws():
    fuel = ipcc.factor("M_B_C_F", land="primary tropical forest", option="moist")
    out = ipcc.fire_emissions(100, "CO2", fuel=fuel, combustion=1,
                              emission_factor="tropical forest")  # fmt: skip
    run = out.monte_carlo(40_000, seed=5)
    assert (run.low, run.high) == pytest.approx((out.low, out.high), rel=0.02)
    assert run.mean == pytest.approx(out.value, rel=0.01)


def test_an_interval_never_reaches_below_zero():
    fuel = ipcc.factor("M_B_C_F", land="other temperate forest", option="land clearing")
    out = ipcc.fire_emissions(1, "CH4", fuel=fuel, combustion=1,
                              emission_factor="extra-tropical forest")  # fmt: skip
    assert out.low == 0
    assert out.sample(2000).min() >= 0


def test_refusals():
    call = {"fuel": 1, "combustion": 1}
    with pytest.raises(UnknownNameError, match="CH4"):
        ipcc.fire_emissions(1, "SO2", emission_factor=1, **call)
    with pytest.raises(UnknownNameError, match="tropical forest"):
        ipcc.fire_emissions(1, "CH4", emission_factor="forest", **call)
    with pytest.raises(InputError, match="0 to 1"):
        ipcc.fire_emissions(1, "CH4", fuel=1, combustion=1.5, emission_factor=1)
    with pytest.raises(InputError):
        ipcc.fire_emissions(-1, "CH4", emission_factor=1, **call)
    with pytest.raises(UnknownNameError):
        ipcc.factor("C_F", land="crop residues", option="rice")
    with pytest.raises(UnitError):
        ipcc.fire_emissions(1, "CH4", fuel=ipcc.factor("R", climate="boreal", land="forest",
                            option="over 75 t/ha"), combustion=1, emission_factor=1)  # fmt: skip
