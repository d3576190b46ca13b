"""CO2 of lime and urea: equations 11.12 and 11.13."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.errors import InputError, NonFiniteError, UnitError
from mriocarbon.natural.ipcc import factor, liming_co2, uncertain, urea_co2

TONNES = st.floats(0, 1e9, allow_subnormal=False)


def test_factors_are_the_carbon_in_the_stone():
    # molar masses as the guidelines round them: C 12, O 16, Mg 24, Ca 40, N 14, H 1
    assert factor("EF_LIME", option="limestone").value == pytest.approx(12 / 100)
    assert factor("EF_LIME", option="dolomite").value == pytest.approx(24 / 184, abs=5e-4)
    assert factor("EF_UREA").value == pytest.approx(12 / 60)
    assert liming_co2(100.0).value == pytest.approx(44.0)
    assert liming_co2(0.0, 100.0).value == pytest.approx(13 * 44 / 12)
    assert urea_co2(60.0).value == pytest.approx(44.0)


@given(TONNES, TONNES)
def test_stones_add_up(limestone, dolomite):
    both = liming_co2(limestone, dolomite)
    parts = liming_co2(limestone).value + liming_co2(0.0, dolomite).value
    assert both.value == pytest.approx(parts, rel=1e-12)
    assert both.low <= both.value == pytest.approx(both.high)


@given(TONNES)
def test_never_more_than_the_carbon_there_is(mass):
    for out, carbon in ((liming_co2(mass), 0.12), (urea_co2(mass), 0.20)):
        assert out.high <= mass * carbon * 44 / 12 * (1 + 1e-12)
        assert out.low == pytest.approx(out.value / 2)


def test_nothing_spread_nothing_given_off():
    assert liming_co2().value == liming_co2().high == 0
    assert urea_co2(0.0).value == 0


def test_own_factors():
    assert urea_co2(60.0, ef=0.1).value == pytest.approx(22.0)
    assert liming_co2(100.0, ef_limestone=0.06).value == pytest.approx(22.0)
    for bad in (0.21, -0.1):
        with pytest.raises(InputError):
            urea_co2(1.0, ef=bad)
    with pytest.raises(InputError):
        liming_co2(1.0, ef_limestone=0.125)
    with pytest.raises(InputError):
        liming_co2(0.0, 1.0, ef_dolomite=0.14)


@pytest.mark.parametrize("call", [liming_co2, lambda x: liming_co2(0.0, x), urea_co2])
def test_bad_amounts(call):
    for bad, error in ((-1.0, InputError), (np.nan, NonFiniteError), ("many", InputError)):
        with pytest.raises(error):
            call(bad)
    with pytest.raises(UnitError):
        call(uncertain(1.0, unit="kg/yr", name="x", percent=1))
