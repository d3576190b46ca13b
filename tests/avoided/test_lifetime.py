"""The years of a life: closed forms against their sums, and the calendar."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.avoided.drawn import estimate, normals, parameter, parameters
from mriocarbon.avoided.lifetime import (
    calendar_shares,
    end_of_life,
    geometric_years,
    linear_years,
    path,
    worked,
)
from mriocarbon.errors import InputError, UnknownNameError

rates = st.floats(0, 0.3)
lives = st.floats(0.1, 60)


@given(lives, rates, rates)
@settings(max_examples=200, deadline=None)
def test_closed_form_is_the_sum(life, degradation, decline):
    total = sum(
        worked(life, k) * (1 - degradation) ** k * path(k, decline=decline) for k in range(61)
    )
    assert geometric_years(life, degradation, decline) == pytest.approx(float(total), rel=1e-11)


@given(lives, st.floats(0, 1e-9))
@settings(max_examples=50, deadline=None)
def test_closed_form_where_almost_nothing_fades(life, rate):
    assert geometric_years(life, rate, 0.0) == pytest.approx(life, rel=1e-6)


@given(lives)
@settings(max_examples=50, deadline=None)
def test_nothing_fades(life):
    assert geometric_years(life, 0.0, 0.0) == pytest.approx(life, rel=1e-14)


@given(lives, rates, st.floats(0.5, 80))
@settings(max_examples=100, deadline=None)
def test_linear_is_the_sum(life, degradation, to_zero):
    total = sum(
        worked(life, k) * (1 - degradation) ** k * max(0, 1 - k / to_zero) for k in range(61)
    )
    assert linear_years(life, degradation, to_zero) == pytest.approx(float(total), rel=1e-12)


def test_a_line_by_hand():
    # 1 + 3/4 + 1/2 + 1/4, then nothing
    assert linear_years(25, 0.0, 4).item() == 2.5
    assert linear_years(25, 0.0, 0).item() == 0.0
    assert linear_years(10, 0.0, 1e12).item() == pytest.approx(10, rel=1e-9)


def test_shapes_broadcast():
    found = geometric_years(np.array([[20.0], [25.0]]), 0.01, np.array([0.0, 0.02, 0.03]))
    assert found.shape == (2, 3)
    assert (np.diff(found, axis=1) < 0).all()


@given(st.floats(0, 5), st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_a_year_falls_on_two_calendar_years(start, part):
    first, here, after = calendar_shares(start, part)
    assert here + after == pytest.approx(part, abs=1e-12)
    assert here >= 0
    assert after >= 0
    assert here <= 1 - (start - first) + 1e-12


def test_end_of_life_is_its_own_line():
    normal = normals(500, 0)
    drawn = {"solar": np.full(500, 1000.0), "wind": np.full(500, 10.0)}
    found = end_of_life({"solar": 1000.0, "wind": 10.0}, normal, drawn)
    lines = found.table.set_index(["technology", "line"])
    solar = lines.loc[("solar", "treatment")]
    assert solar["value"] == pytest.approx(1000 * 52.5 * 0.37 / 1e6)
    assert solar["low"] < solar["value"] < solar["high"]
    assert solar["estimated"]
    assert np.isnan(lines.loc[("solar", "credit for recycling"), "value"])
    assert np.isnan(lines.loc[("wind", "treatment"), "value"])
    assert "no figure" in lines.loc[("wind", "treatment"), "note"]
    own = end_of_life(
        {"wind": 10.0}, normal, {"wind": drawn["wind"]}, treatment={"wind": 5.0}, credit=2.0
    )
    lines = own.table.set_index("line")["value"]
    assert lines.to_dict() == pytest.approx({"treatment": 5e-5, "credit for recycling": -2e-5})
    assert own.draws == pytest.approx(np.full(500, 5e-5))  # the credit is not in it
    with pytest.raises(InputError):
        end_of_life({"wind": 1.0}, normal, {"wind": drawn["wind"]}, treatment=-1.0)


def test_every_parameter_has_a_source_or_says_that_it_is_assumed():
    for row in parameters().values():
        assert row.source or row.assumed
        assert row.unit
        z = normals(4000, 3)(row.key)
        drawn = row.at(z)
        if row.form == "fixed":
            assert (drawn == row.value).all()
        elif row.form == "uniform":
            assert row.low <= drawn.min() <= drawn.max() <= row.high
        else:
            assert drawn.mean() == pytest.approx(row.value, rel=0.05)
            assert drawn.std() / drawn.mean() == pytest.approx(row.rsd, rel=0.1)


def test_parameters_are_refused_in_words():
    with pytest.raises(UnknownNameError):
        parameter("life", "solar")
    with pytest.raises(UnknownNameError, match="coal"):
        parameter("lifetime", "solar", {"coal": 10.0})
    with pytest.raises(InputError, match="lifetime"):
        parameter("lifetime", "solar", -1.0)
    with pytest.raises(InputError):
        parameter("lifetime", "solar", float("nan"))


def test_normals_do_not_depend_on_how_many_follow():
    assert (normals(10, 5)("a") == normals(100, 5)("a")[:10]).all()
    assert not (normals(10, 5)("a") == normals(10, 6)("a")).any()
    assert not (normals(10, 5)("a") == normals(10, 5)("b")).any()


def test_an_estimate_says_what_is_missing():
    nan = float("nan")
    found = estimate(1.0, np.array([0.0, 1.0, 2.0]))
    assert str(found).startswith("1 (")
    missing = type(found)(nan, nan, nan, nan, nan, note="no month")
    assert str(missing) == "missing: no month"
