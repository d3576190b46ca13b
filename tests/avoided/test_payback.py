"""Carbon payback and attribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import mriocarbon as mc
from mriocarbon.avoided.amount import Amount
from mriocarbon.avoided.attribution import INSTALLED, RULES, attribution
from mriocarbon.avoided.manufacture import Capacity
from mriocarbon.avoided.manufacture_mrio import multiplier
from mriocarbon.avoided.payback import Payback, payback, payback_years, told
from mriocarbon.errors import InputError, NotAvailableError, ShapeError, UnknownNameError

NAN = float("nan")
PANEL = Capacity("panels", 1000.0, 118.0)
amounts = st.floats(0.01, 1e3)


@given(by_year=arrays(float, st.integers(1, 30), elements=amounts), share=st.floats(0.0, 1.0))
def test_what_is_avoided_up_to_the_payback_is_what_was_emitted(by_year, share):
    made = share * by_year.sum() * (1 - 1e-12)
    t = float(payback_years(made, by_year))
    whole = int(min(t, len(by_year) - 1))
    reached = by_year[:whole].sum() + (t - whole) * by_year[whole]
    assert reached == pytest.approx(made, rel=1e-9, abs=1e-9)


@given(first=amounts, made=amounts)
def test_without_decline_it_is_manufacture_over_the_first_year(first, made):
    t = float(payback_years(made, np.full(40, first)))
    if made <= 39.9 * first:
        assert t == pytest.approx(made / first, rel=1e-9)
    elif made > 40.1 * first:
        assert np.isinf(t)


@given(made=st.floats(0.5, 8.0), fall=st.floats(0.01, 0.3))
def test_decline_makes_it_longer_never_shorter(made, fall):
    steady, falling = np.full(25, 1.0), (1 - fall) ** np.arange(25)
    assert payback_years(made, falling) >= payback_years(made, steady) - 1e-12


def test_never_is_no_long_time():
    found = payback(10.0, [1.0, 1.0], made_draws=[0.5] * 50 + [10.0] * 50,
                    by_year_draws=[[1.0, 1.0]] * 100)  # fmt: skip
    assert np.isinf(found.value) and found.never == 0.5
    assert found.low == 0.5 and np.isinf(found.high)
    assert str(found) == "not within the lifetime (0.50 years to not within the lifetime)"
    assert told(2.0) == "2.00 years"
    assert float(payback_years(0.0, [0.0, 0.0])) == 0
    assert np.isinf(payback_years(1.0, [0.0, 0.0]))


def test_paired_draws_cancel_what_both_share():
    rng = np.random.default_rng(1)
    capacity = np.exp(0.5 * rng.standard_normal(2000))
    paired = payback(1.0, [2.0] * 9, made_draws=capacity, by_year_draws=2 * capacity[:, None]
                     * np.ones(9))  # fmt: skip
    assert paired.low == pytest.approx(0.5) and paired.high == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("made", "by_year", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], ShapeError),
        ([1.0, 2.0], [[1.0, 2.0]], ShapeError),
        (1.0, [], ShapeError),
        (-1.0, [1.0], InputError),
        (NAN, [1.0], InputError),
        (1.0, [NAN], InputError),
    ],
)
def test_bad_numbers_are_refused(made, by_year, error):
    with pytest.raises(error):
        payback_years(made, by_year)


def test_draws_are_read_only():
    found = Payback(1.0, np.array([1.0]))
    with pytest.raises(ValueError, match="read-only"):
        found.draws[0] = 2.0


# -- attribution ----------------------------------------------------------------------------------


def test_all_is_all():
    found = attribution([PANEL], "all", draws=10)
    whole = {"panels": Amount(5.0, np.arange(10.0))}
    assert found.apply(whole).value == 5.0
    assert (found.apply(whole).draws == np.arange(10.0)).all()


def test_by_value_is_price_times_domestic_value_over_the_cost_of_the_system():
    world = mc.load("oecd-icio-2022")
    found = attribution([PANEL], "value", mrio=world, draws=500)
    kept = sum(multiplier(world, "CHN", s).domestic_value for s in ("C26", "C27")) / 2
    assert found.shares["panels"].value == pytest.approx(118.0 * kept / INSTALLED["solar"][0])
    assert found.shares["panels"].low < found.shares["panels"].value < found.shares["panels"].high
    assert found.notes[0].estimated and "118 USD/kW" in found.notes[0].text
    cheap = attribution([PANEL], "value", mrio=world, installed={"solar": (50.0, 40.0, 60.0)},
                        draws=50)  # fmt: skip
    assert cheap.shares["panels"].value == 1.0, "never more than all"
    assert cheap.shares["panels"].draws.max() == 1.0


def test_attribution_refuses_what_it_cannot_know():
    assert set(RULES) == {"all", "value"}
    with pytest.raises(UnknownNameError, match="rule"):
        attribution([PANEL], "most")
    with pytest.raises(NotAvailableError, match="not known"):
        attribution([Capacity("panels", 1.0, NAN)], "value")
    with pytest.raises(NotAvailableError, match="no region"):
        attribution([PANEL], "value", exporter="VNM")
    with pytest.raises(UnknownNameError, match="cells"):
        attribution([PANEL], "all", draws=5).apply({"cells": Amount(1.0, np.ones(5))})
    wind = attribution([Capacity("turbines", 10.0, NAN)], "value", draws=100)
    assert 0.2 < wind.shares["turbines"].value < 0.5
