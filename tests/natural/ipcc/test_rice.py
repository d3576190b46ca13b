"""CH4 of rice: equations 5.1 to 5.3."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.errors import InputError, NonFiniteError, UnknownNameError
from mriocarbon.natural.ipcc import factors, rice_amendment_scaling, rice_ch4, total

FLOODED = {"water": "continuously flooded", "preseason": "non-flooded under 180 days"}
RATES = st.floats(0, 50, allow_subnormal=False)


def test_two_hectares_by_hand():
    field = {"region": "Southeast Asia", "water": "multiple drainage"}
    out = rice_ch4(
        2.0, **field, preseason="flooded over 30 days", amendments={"compost": 3.0}, days=100.0
    )
    by_hand = 2 * 100 * 1.22 * 0.55 * 2.41 * (1 + 3 * 0.17) ** 0.59 / 1000
    assert out.value == pytest.approx(by_hand, rel=1e-13)
    assert out.unit == "t CH4/yr" and out.low < out.value < out.high


def test_a_figure_of_others():
    # ClimateView's transition elements: 3,630.69 kg CO2e per ha, of tables 5.11 and 5.11A at 27
    assert rice_ch4(1.0, **FLOODED).value * 1000 * 27 == pytest.approx(3630.69, abs=5e-3)


@pytest.mark.parametrize(("name", "printed"), [
    ("straw under 30 days before", 2.88), ("straw over 30 days before", 1.48),
])  # fmt: skip
def test_five_tonnes_of_straw(name, printed):
    # as computed in an audit of Verra's VM0051
    assert rice_amendment_scaling({name: 5.0}).value == pytest.approx(printed, abs=5e-3)


@given(st.integers(1, 182), st.integers(1, 182))
def test_two_seasons_are_one_of_the_sum(first, second):
    parts = total(rice_ch4(1.0, days=float(first)), rice_ch4(1.0, days=float(second)))
    whole = rice_ch4(1.0, days=float(first + second))
    assert parts.value == pytest.approx(whole.value, rel=1e-12)
    # the same factors stand behind both seasons: the interval is that of the whole
    assert parts.low == pytest.approx(whole.low, rel=1e-9)
    assert parts.high == pytest.approx(whole.high, rel=1e-9)


@given(st.floats(0, 1e8), st.floats(0, 10))
def test_linear_in_area(area, k):
    assert rice_ch4(k * area).value == pytest.approx(k * rice_ch4(area).value, rel=1e-9, abs=1e-12)


@given(RATES, RATES)
def test_amendments_raise_it_less_than_in_proportion(a, b):
    one = rice_amendment_scaling({"compost": a}).value
    both = rice_amendment_scaling({"compost": a, "green manure": b}).value
    assert 1 <= one <= both
    assert both == pytest.approx((1 + 0.17 * a + 0.45 * b) ** 0.59, rel=1e-12)
    other = rice_amendment_scaling({"green manure": b}).value
    assert both - 1 <= (one - 1) + (other - 1) + 1e-12


def test_limits():
    assert rice_amendment_scaling().value == 1
    assert rice_amendment_scaling({"compost": 0.0}).value == 1
    upland = rice_ch4(1e6, water="upland")
    assert upland.value == upland.low == upland.high == 0
    assert rice_ch4(0.0).value == rice_ch4(1.0, days=0.0).value == 0


def test_water_regimes_stand_in_order():
    order = ["upland", "deep water", "drought-prone", "regular rainfed", "multiple drainage",
             "single drainage", "continuously flooded"]  # fmt: skip
    values = [rice_ch4(1.0, water=water).value for water in order]
    assert values == sorted(values) and len(set(values)) == len(values)
    # what is known only roughly lies between
    low, mean, high = (
        rice_ch4(1.0, water=w).value
        for w in ("multiple drainage", "irrigated", "continuously flooded")
    )
    assert low < mean < high


def test_every_region():
    for region in factors("EF_RICE")["land"]:
        out = rice_ch4(1.0, region=region)
        assert 0 < out.low < out.value < out.high
    assert rice_ch4(1.0, region="Africa").value == rice_ch4(1.0).value
    assert rice_ch4(1.0, daily=1.19).value == pytest.approx(rice_ch4(1.0).value)


def test_the_world():
    # Some 164 Mha (FAO, UNVERIFIED), two thirds irrigated: Yan et al. (2009) have 25.6 Mt with the
    # factors of 2006. Without and with 2 t of straw ploughed in.
    def world(amendments=None):
        return total(
            rice_ch4(109e6, amendments=amendments),
            rice_ch4(50e6, water="rainfed and deep water", amendments=amendments),
            rice_ch4(5e6, water="upland"),
        ).value / 1e6  # fmt: skip

    assert 10 < world() < 25.6 < world({"straw under 30 days before": 2.0}) < 40


def test_what_is_refused():
    for name, value in (("region", "Atlantis"), ("water", "wet"), ("preseason", "dry")):
        with pytest.raises(UnknownNameError, match=value):
            rice_ch4(1.0, **{name: value})
    with pytest.raises(UnknownNameError, match="seaweed"):
        rice_ch4(1.0, amendments={"seaweed": 1.0})
    for bad in ({"days": 400.0}, {"days": -1.0}, {"amendments": {"compost": -1.0}},
                {"daily": -1.0}, {"region": "any"}, {"water": "any"},
                {"amendments": {"any": 1.0}}):  # fmt: skip
        with pytest.raises(InputError):
            rice_ch4(1.0, **bad)
    with pytest.raises(InputError):
        rice_ch4(-1.0)
    for bad in ({"area": np.nan}, {"area": 1.0, "days": np.nan}):
        with pytest.raises(NonFiniteError):
            rice_ch4(**bad)


def test_no_interval_of_rice_reaches_zero():
    """Every factor of rice lies above zero, and so does their product at its low end."""
    for water in ("irrigated", "multiple drainage", "drought-prone", "deep water"):
        one = rice_ch4(1e4, water=water, amendments={"compost": 5.0})
        run = one.monte_carlo(20_000, seed=2)
        assert 0 < one.low < one.value < one.high
        assert (one.low, one.high) == pytest.approx((run.low, run.high), rel=0.1)
