"""Values with intervals: sums are exact, one input counts once, unknown stays unknown."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.errors import InputError, NonFiniteError, ShapeError, UnitError
from mriocarbon.model.provenance import Note
from mriocarbon.natural import ipcc
from mriocarbon.natural.ipcc.intervals import (
    Part,
    StockChange,
    argument,
    evaluate,
    total,
    uncertain,
)

numbers = st.floats(0.1, 1e4)
errors = st.floats(0.0, 90.0)


def _product(a, b):
    return a * b


def _minus(a, b):
    return a - b


@given(numbers, errors, numbers, errors)
def test_sum_of_independent_inputs_is_the_root_of_squares(a, ea, b, eb):
    one = uncertain(a, unit="t", name="a", percent=ea)
    two = uncertain(b, unit="t", name="b", percent=eb)
    both = total(one, two)
    half = math.hypot(a * ea / 100, b * eb / 100)
    assert both.value == pytest.approx(a + b)
    assert both.high == pytest.approx(a + b + half)
    assert both.low == pytest.approx(a + b - half)


@given(numbers, errors, st.floats(-3, 3))
def test_the_same_input_counts_once(a, error, factor):
    one = uncertain(a, unit="t", name="a", percent=error)
    inputs = {"a": one, "b": argument(factor, "b", "1", least=-math.inf)}
    times = evaluate(_product, "t", inputs)
    gone = evaluate(_minus, "t", {"a": times, "b": times})
    assert (gone.value, gone.low, gone.high) == (0.0, 0.0, 0.0)
    half = a * error / 100 * abs(factor)
    assert times.high - times.value == pytest.approx(half, abs=1e-9)


def test_two_inputs_of_one_name_move_together_and_of_two_names_do_not():
    same = [uncertain(10.0, unit="t", name="x", percent=10) for _ in range(2)]
    other = uncertain(10.0, unit="t", name="y", percent=10)
    assert total(*same).high == pytest.approx(22)
    assert total(same[0], other).high == pytest.approx(20 + math.sqrt(2))


def test_sides_are_kept_apart():
    skew = uncertain(1.0, 0.9, 3.0, unit="t", name="skew")
    turned = evaluate(_minus, "t", {"a": argument(0.0, "a", "t"), "b": skew})
    assert (turned.low, turned.high) == pytest.approx((-3.0, -0.9))


def test_a_range_that_is_not_known_is_not_zero():
    open_ = uncertain(5.0, float("nan"), float("nan"), unit="t", name="open")
    known = uncertain(5.0, unit="t", name="known", percent=10)
    both = total(open_, known)
    assert both.value == 10.0
    assert math.isnan(both.low) and math.isnan(both.high)
    assert "not known" in repr(both)
    assert math.isnan(both.monte_carlo(200).low)


@given(st.floats(0, 80), st.floats(0, 200))
def test_draws_of_an_input_have_its_quantiles(down, up):
    one = uncertain(100.0, 100 - down, 100 + up, unit="t", name="one")
    run = one.monte_carlo(20_000, seed=3)
    assert run.low == pytest.approx(one.low, abs=0.05 * down + 1e-9)
    assert run.high == pytest.approx(one.high, abs=0.05 * up + 1e-9)
    assert np.median(run.draws) == pytest.approx(100, abs=1.5)


def test_draws_agree_with_first_order_where_errors_are_small():
    inputs = {
        "a": uncertain(10.0, unit="t", name="a", percent=5),
        "b": uncertain(3.0, unit="1", name="b", percent=10),
    }
    both = evaluate(_product, "t", inputs)
    run = both.monte_carlo(50_000, seed=1)
    assert run.mean == pytest.approx(both.value, rel=0.002)
    assert (run.low, run.high) == pytest.approx((both.low, both.high), rel=0.01)


def test_draws_are_the_same_for_one_seed_and_one_name():
    one = uncertain(1.0, unit="t", name="a", percent=50)
    again = uncertain(1.0, unit="t", name="a", percent=50)
    other = uncertain(1.0, unit="t", name="b", percent=50)
    assert np.array_equal(one.sample(100, seed=7), again.sample(100, seed=7))
    assert not np.array_equal(one.sample(100, seed=7), one.sample(100, seed=8))
    assert abs(np.corrcoef(one.sample(5000), other.sample(5000))[0, 1]) < 0.05
    assert np.ptp(evaluate(_minus, "t", {"a": one, "b": again}).sample(100)) == 0


def test_draws_stay_within_what_is_possible():
    share = uncertain(0.9, 0.5, 1.0, unit="share", name="share")
    assert share.sample(10_000).max() <= 1
    wide = uncertain(1.0, 0.0, 9.0, unit="t", name="wide")
    assert wide.sample(10_000).min() >= 0
    below = uncertain(1.0, -3.0, 5.0, unit="t", name="growth")
    assert below.sample(10_000).min() < 0


def test_amounts_end_at_zero_and_others_do_not():
    inputs = {
        "a": uncertain(1.0, 0.0, 9.0, unit="t", name="a"),
        "b": uncertain(1.0, 0.0, 9.0, unit="1", name="b"),
    }
    assert evaluate(_product, "t", inputs, amount=True).low == 0
    assert evaluate(_product, "t", inputs).low == pytest.approx(1 - math.sqrt(2))
    inputs["b"] = uncertain(1.0, -1.0, 9.0, unit="1", name="b")
    assert evaluate(_product, "t", inputs, amount=True).low < 0


def test_arrays_in_arrays_out():
    one = uncertain([1.0, 2.0, 3.0], unit="t", name="places", percent=10)
    factor = uncertain(2.0, unit="1", name="factor", percent=20)
    out = evaluate(_product, "t", {"a": one, "b": factor})
    assert out.high == pytest.approx(out.value * (1 + math.hypot(0.1, 0.2)))
    assert out.sample(50).shape == (50, 3)
    assert out.monte_carlo(500).low.shape == (3,)
    with pytest.raises(ValueError, match="read-only"):
        out.value[0] = 9
    grid = evaluate(_product, "t", {"a": argument(np.ones((2, 3)), "a", "t"), "b": one})
    assert grid.sample(20).shape == (20, 2, 3)
    with pytest.raises(ShapeError, match=r"a \(3,\), b \(2,\)"):
        evaluate(_product, "t", {"a": one, "b": argument([1.0, 2.0], "b", "1")})


def test_results_can_be_pickled():
    change = ipcc.mineral_soil_carbon(
        10,
        reference=ipcc.factor("SOC_REF", climate="tropical dry", option="HAC"),
        before=ipcc.SoilUse(1, 1, 1),
        after=ipcc.soil_use("tropical dry", "set-aside"),
    )
    again = pickle.loads(pickle.dumps(change))
    assert (again.value, again.low, again.high) == (change.value, change.low, change.high)
    assert np.array_equal(again.sample(100), change.sample(100))


def test_sign_turns_in_one_place():
    loss = StockChange(-12.0, "t C/yr", (Part("x", -6.0, 3.0),))
    air = loss.emissions
    assert air.unit == "t CO2/yr"
    assert (air.low, air.value, air.high) == pytest.approx((33.0, 44.0, 66.0))


def test_notes_travel_once():
    note = Note("a default", about="x", estimated=True)
    one = uncertain(1.0, unit="t", name="a", percent=10, notes=(note,))
    out = total(one, one)
    assert out.notes == (note,)
    assert out.estimated


def test_changes_and_emissions_do_not_add():
    change = StockChange(1.0, "t C/yr")
    with pytest.raises(UnitError):
        total(change, change.emissions)
    with pytest.raises(UnitError):
        total(change, argument(1.0, "x", "t C/yr"))
    with pytest.raises(InputError, match="nothing"):
        total()


@pytest.mark.parametrize(
    "kwargs",
    [
        {"low": 2.0, "high": 3.0},
        {"low": 0.0},
        {"percent": -1},
        {"percent": 5, "low": 0.0, "high": 2.0},
        {},
    ],
)
def test_bad_ranges(kwargs):
    with pytest.raises(InputError):
        uncertain(1.0, unit="t", name="x", **kwargs)


def test_bad_values():
    with pytest.raises(NonFiniteError, match="missing is not zero"):
        uncertain(float("nan"), unit="t", name="x", percent=1)
    with pytest.raises(InputError, match="no number"):
        argument("many", "area", "ha")
    with pytest.raises(NonFiniteError):
        argument(True, "area", "ha")
    with pytest.raises(InputError, match="without a name"):
        uncertain(1.0, unit="t", name=" ", percent=1)
    with pytest.raises(UnitError, match="give it in ha"):
        argument(uncertain(1.0, unit="km2", name="x", percent=1), "area", "ha")
    with pytest.raises(InputError, match="at least 100"):
        uncertain(1.0, unit="t", name="x", percent=1).monte_carlo(10)


positive = st.floats(0.01, 1e4)


@given(positive, st.floats(0, 99), st.floats(0, 500), positive, st.floats(0, 99), st.floats(0, 500))
def test_an_amount_is_exact_for_products_of_ratios(a, da, ua, b, db, ub):
    """ln low and ln high are roots of squared logarithms: the law of a lognormal product."""
    one = uncertain(a, a * (1 - da / 100), a * (1 + ua / 100), unit="t", name="a")
    two = uncertain(b, b * (1 - db / 100), b * (1 + ub / 100), unit="1", name="b")
    both = evaluate(_product, "t", {"a": one, "b": two}, amount=True)
    down = math.hypot(math.log(1 - da / 100), math.log(1 - db / 100))
    up = math.hypot(math.log1p(ua / 100), math.log1p(ub / 100))
    assert both.low == pytest.approx(a * b * math.exp(-down), rel=1e-9)
    assert both.high == pytest.approx(a * b * math.exp(up), rel=1e-9)
    assert 0 < both.low <= both.value <= both.high
    # where one input alone errs, its own ends are the ends
    alone = evaluate(_product, "t", {"a": one, "b": argument(b, "b", "1")}, amount=True)
    assert (alone.low, alone.high) == pytest.approx((one.low * b, one.high * b), rel=1e-9)


def test_an_amount_of_nothing_has_no_ratios():
    none = uncertain(0.0, 0.0, 2.0, unit="t", name="none")
    both = evaluate(_product, "t", {"a": none, "b": argument(3.0, "b", "1")}, amount=True)
    assert (both.value, both.low, both.high) == (0, 0, 6)


def test_sums_of_inputs_stay_linear_and_sums_of_amounts_hold_their_terms():
    wide = [uncertain(1.0, 0.1, 6.0, unit="t", name=name) for name in "ab"]
    assert not total(*wide).ratios  # test_sum_of_independent_inputs has its law
    terms = [evaluate(_product, "t", {"a": w, "b": argument(1.0, "b", "1")}, amount=True)
             for w in wide]  # fmt: skip
    assert total(terms[0]).high == pytest.approx(terms[0].high)
    assert total(*terms).ratios and total(*terms).high > terms[0].high + 1


@pytest.mark.parametrize("bad", ["x", 1000.5, True, None])
def test_draws_and_seeds_are_whole_numbers(bad):
    one = uncertain(1.0, unit="t", name="a", percent=50)
    with pytest.raises(InputError, match="draws"):
        one.monte_carlo(bad)
    with pytest.raises(InputError, match="seed"):
        one.monte_carlo(1000, seed=bad)
    with pytest.raises(InputError, match="seed=-1"):
        one.monte_carlo(1000, seed=-1)
    assert one.monte_carlo(np.int64(1000)).low < 1
