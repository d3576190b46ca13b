"""The household method: pure arithmetic, and what it refuses."""

import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.inventory import households as hh


def made(**changes):
    fields = {
        "iso3": "AAA",
        "category": "residential",
        "gas": "CO2",
        "value": 10.0,
        "basis_year": 2021,
        "status": "reported",
        "source": "",
    }
    return hh.Estimate(**{**fields, **changes})


def test_examples_of_the_docstrings():
    assert doctest.testmod(hh).failed == 0


def test_private_road_adds_what_it_should_and_nothing_else():
    assert hh.private_road(10.0, 2.0, 99.0) == pytest.approx(0.8 * 12.0)
    assert hh.private_road(10.0, None, 99.0) == pytest.approx(8.0)
    assert hh.private_road(10.0, 2.0, 99.0, light=5.0) == pytest.approx(0.8 * 17.0)
    assert hh.private_road(10.0, 2.0, 99.0, household_share=1.0) == 12.0


def test_cars_that_hold_all_vehicles_are_not_used():
    # Finland and Ukraine write the whole of road transport under cars, lorries "IE"
    assert hh.private_road(10.0, 2.0, None) is None
    assert hh.private_road(None, 2.0, 5.0) is None


def test_a_share_above_one_is_refused():
    with pytest.raises(InputError, match="household_share"):
        hh.private_road(1.0, 1.0, 1.0, household_share=1.2)


def test_typical_share_is_the_median_of_those_with_both_figures():
    part = {"A": 1.0, "B": 5.0, "C": 9.0, "D": 1.0}
    whole = {"A": 10.0, "B": 10.0, "C": 10.0, "D": 0.0}
    assert hh.typical_share(part, whole, "ABCDE") == (0.5, ("A", "B", "C"))
    assert hh.typical_share(part, whole, "A") == (0.1, ("A",))
    with pytest.raises(NotAvailableError, match="donor"):
        hh.typical_share(part, whole, "D")


def test_scaling_multiplies_by_the_ratio_and_sets_the_range():
    old = made(basis_year=2014, status="split")
    new = hh.scale(old, 2022, {2014: 4.0, 2022: 6.0}, "fuel")
    assert new.value == pytest.approx(15.0)
    assert new.basis_year == 2014
    assert new.range == pytest.approx(math.sqrt(0.4**2 + 0.24**2 + 0.4**2))
    assert "fuel" in new.source


@pytest.mark.parametrize("series", [{2022: 1.0}, {2021: 0.0, 2022: 1.0}, {2021: 1.0, 2022: 0.0}])
def test_an_indicator_that_cannot_carry_is_an_error(series):
    with pytest.raises(InputError, match="AAA"):
        hh.scale(made(), 2022, series, "fuel")


def test_without_an_indicator_the_value_stays_and_says_so():
    kept = hh.scale(made(), 2022, None, "")
    assert kept.value == 10.0
    assert "not scaled" in kept.source
    assert kept.range >= 0.40


@given(
    gas=st.sampled_from(hh.GASES),
    status=st.sampled_from(sorted(hh.STATUS_RANGE)),
    age=st.integers(0, 40),
)
def test_the_range_is_at_least_forty_percent_and_grows_with_age(gas, status, age):
    r = hh.relative_range(gas, status, age)
    assert r >= 0.40
    assert hh.relative_range(gas, status, age + 1) > r
    assert hh.relative_range(gas, "borrowed", age) >= r
    e = made(gas=gas, range=r)
    assert 0.0 <= e.low <= 0.6 * e.value
    assert e.high >= 1.4 * e.value


def test_an_inventory_from_the_future_is_refused():
    with pytest.raises(InputError, match="younger"):
        hh.relative_range("CO2", "reported", -1)


def test_borrowing_takes_a_share_of_the_national_total():
    e = hh.borrow("AAA", "residential", "CH4", 50.0, 2022, 0.1, ("B", "C", "D"), "Africa")
    assert e.value == pytest.approx(5.0)
    assert e.status == "borrowed"
    assert e.range == pytest.approx(math.hypot(0.6, 0.8))
    assert "Africa" in e.source


def test_regions_sum_countries_gases_and_ends():
    estimates = [
        made(iso3="AAA", value=10.0, range=0.4),
        made(iso3="AAA", category="private road", value=5.0, range=0.4),
        made(iso3="BBB", value=2.0, range=1.5),
        made(iso3="BBB", gas="CH4", value=0.5, range=0.5),
        made(iso3="ZZZ", value=7.0, range=0.4),
    ]
    totals = {
        (t.region, t.gas): t for t in hh.by_region(estimates, {"AAA": "R", "BBB": "R"}, "ROW")
    }
    co2 = totals["R", "CO2"]
    assert (co2.value, co2.low, co2.high) == pytest.approx((17.0, 9.0, 26.0))
    ghg = totals["R", "GHG"]
    assert ghg.value == pytest.approx(17.0 + 28 * 0.5)
    assert ghg.low == pytest.approx(9.0 + 28 * 0.25)
    assert totals["ROW", "GHG"].value == pytest.approx(7.0)
    assert ("R", "N2O") not in totals  # not estimated is not zero


def test_the_same_cell_twice_is_an_error():
    with pytest.raises(InputError, match="AAA, residential, CO2"):
        hh.by_region([made(), made()], {}, "ROW")


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_impossible_values_are_refused(value):
    with pytest.raises(InputError, match="AAA"):
        made(value=value)


@pytest.mark.parametrize("field", ["category", "gas", "status"])
def test_unknown_words_are_refused(field):
    with pytest.raises(UnknownNameError, match="nonsense"):
        made(**{field: "nonsense"})
