"""Shares of the variance and swings: they add up, and shared factors stay."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.cbam.sensitivity import group_of, loading_matrix, swings, variance_shares
from mriocarbon.errors import InputError, UnknownNameError

keys = st.sampled_from(["price.a", "price.b", "cell.x", "cell.y", "mix", "own.1", "own.2"])
sets = st.lists(
    st.dictionaries(keys, st.floats(-1, 1).map(lambda v: round(v, 3)), max_size=5),
    min_size=1,
    max_size=6,
)


def test_groups_end_at_the_first_dot():
    assert [group_of(k) for k in ("a.b.c", "a", "a-b.c")] == ["a", "a", "a-b"]


def test_matrix_has_a_zero_where_a_line_lacks_a_factor():
    matrix, names = loading_matrix([{"b": 1.0}, {"a": 2.0, "b": 3.0}, {}])
    assert names == ("a", "b")
    assert matrix.tolist() == [[0, 1], [2, 3], [0, 0]]


def test_shares_of_one_line_are_squares():
    shares = variance_shares({"price.a": 0.3, "price.b": 0.4, "cell.x": -0.5, "mix": 0.0})
    assert shares["price"] == pytest.approx(0.5)
    assert shares["cell"] == pytest.approx(0.5)
    assert shares["mix"] == 0.0


def test_lines_count_alike_or_by_weight():
    lines = [{"a": 10.0}, {"b": 0.1}, {}]
    assert dict(variance_shares(lines)) == pytest.approx({"a": 0.5, "b": 0.5})
    weighted = variance_shares(lines, weights=[3, 1, 5])
    assert weighted["a"] == pytest.approx(0.75)


def test_shared_factors_dominate_the_mean():
    lines = [{"shared": 0.1, f"own.{i}": 0.5} for i in range(100)]
    assert variance_shares(lines)["shared"] == pytest.approx(0.01 / 0.26)
    of_mean = variance_shares(lines, of="mean")
    assert of_mean["shared"] == pytest.approx(0.01 / (0.01 + 0.25 / 100))


@given(sets)
@settings(deadline=None)
def test_shares_and_swings_add_up(lines):
    matrix, _ = loading_matrix(lines)
    if matrix.any():
        assert sum(variance_shares(lines).values()) == pytest.approx(1)
    found = swings(np.linspace(-1, 1, len(lines)), lines)
    variance = float((matrix.mean(0) ** 2).sum())
    assert sum(s.sd**2 for s in found) == pytest.approx(variance, abs=1e-12)
    for s in found:
        assert s.mean_down - s.mean_up == pytest.approx(2 * s.sd, abs=1e-9)
        assert s.share_up <= 1
    if variance > 1e-12:
        of_mean = variance_shares(lines, of="mean")
        for s in found:
            assert s.sd**2 / variance == pytest.approx(of_mean[s.group], abs=1e-9)


def test_a_single_factor_moves_each_line_by_its_own_loading():
    l, lines = [0.1, 0.5, -0.2], [{"a": 0.2}, {"a": -0.1}, {"b.x": 0.3}]
    found = {s.group: s for s in swings(l, lines)}
    assert found["a"].median_up == pytest.approx(np.median([0.1 - 0.2, 0.5 + 0.1, -0.2]))
    assert found["a"].median_down == pytest.approx(np.median([0.1 + 0.2, 0.5 - 0.1, -0.2]))
    assert found["a"].share_up == pytest.approx(1 / 3)
    assert found["b"].mean_up == pytest.approx((0.1 + 0.5 - 0.5) / 3)
    assert [s.group for s in swings(l, lines)] == ["b", "a"]


def test_a_group_that_cancels_in_the_mean_still_moves_the_lines():
    found = swings([0.0, 0.0, 0.3], [{"a.x": 0.5}, {"a.x": -0.5}, {}])[0]
    assert found.sd == 0.0
    assert found.mean_up == pytest.approx(found.mean_down)
    assert (found.share_up, found.share_down) == (pytest.approx(2 / 3), pytest.approx(2 / 3))


def test_scaling_the_default_shifts_the_swings():
    lines = [{"a.x": 0.5}, {"a.y": 0.2, "b": 0.1}, {"b": 0.4}]
    one, other = swings([0.1, 0.2, 0.3], lines), swings(np.array([0.1, 0.2, 0.3]) + 0.7, lines)
    for s, t in zip(one, other, strict=True):
        assert t.median_up == pytest.approx(s.median_up + 0.7)


@pytest.mark.parametrize("bad", [[], [{}], [{"a": 0.0}], [{"a": math.nan}], [{"a": math.inf}]])
def test_variance_shares_refuse(bad):
    with pytest.raises(InputError):
        variance_shares(bad)


def test_other_bad_input():
    with pytest.raises(UnknownNameError):
        variance_shares([{"a": 1.0}], of="median")
    for weights in ([1.0, 1.0], [-1.0], [0.0], [math.nan]):
        with pytest.raises(InputError):
            variance_shares([{"a": 1.0}], weights=weights)
    for l, lines in (([], []), ([0.1], []), ([math.nan], [{}]), ([0.1], [{"a": math.nan}])):
        with pytest.raises(InputError):
            swings(l, lines)
