"""Coverage: limits, monotony and the interval."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.cbam.proportionality import coverage
from mriocarbon.errors import InputError

amounts = st.floats(0.01, 100)
spreads = st.floats(0.001, 2)


def test_share_is_that_of_simulated_installations():
    rng = np.random.default_rng(1)
    plants = 2.0 * np.exp(0.3 * rng.standard_normal(200_000))
    assert coverage(2.5, 2.0, 0.1, 0.3).share == pytest.approx((plants <= 2.5).mean(), abs=0.004)
    references = 2.0 * np.exp(0.1 * rng.standard_normal(200_000))
    plants = references * np.exp(0.3 * rng.standard_normal(200_000))
    assert coverage(2.5, 2.0, 0.1, 0.3).expected == pytest.approx((plants <= 2.5).mean(), abs=0.004)
    low, high = (2.0 * np.exp(z * 1.959963985 * 0.1) for z in (1, -1))
    found = coverage(2.5, 2.0, 0.1, 0.3)
    assert found.low == pytest.approx(coverage(2.5, low, 0.0, 0.3).share)
    assert found.high == pytest.approx(coverage(2.5, high, 0.0, 0.3).share)


def test_no_spread_gives_a_step():
    assert coverage(1.999, 2.0, 0.0, 0.0).share == 0.0
    assert coverage(2.0, 2.0, 0.0, 0.0).share == 1.0
    assert coverage(2.001, 2.0, 0.0, 0.0).share == 1.0
    found = coverage(2.0, 2.0, 0.1, 0.0)
    assert (found.low, found.share, found.high) == (0.0, 1.0, 1.0)


def test_limits_of_the_value():
    assert coverage(math.inf, 2.0, 0.1, 0.2).low == 1.0
    assert coverage(1e9, 2.0, 0.1, 0.2).low == pytest.approx(1.0)
    assert coverage(0.0, 2.0, 0.1, 0.2).high == 0.0
    assert coverage(0.0, 2.0, 0.1, 0.0).share == 0.0


@given(amounts, amounts, st.floats(0, 1), spreads, st.floats(0.1, 10))
def test_order_and_scale(d, r, sd, spread, c):
    found = coverage(d, r, sd, spread)
    assert 0 <= found.low <= found.share <= found.high <= 1
    assert abs(found.expected - 0.5) <= abs(found.share - 0.5) + 1e-12
    assert coverage(1.1 * d, r, sd, spread).share >= found.share
    assert coverage(c * d, c * r, sd, spread).share == pytest.approx(found.share, abs=1e-6)
    # what lies above is what lies below on the other side
    assert coverage(r * r / d, r, sd, spread).share == pytest.approx(1 - found.share, abs=1e-6)


@pytest.mark.parametrize(
    "bad",
    [(-1.0, 2.0, 0.1, 0.2), (math.nan, 2.0, 0.1, 0.2), (1.0, 0.0, 0.1, 0.2),
     (1.0, math.inf, 0.1, 0.2), (1.0, 2.0, -0.1, 0.2), (1.0, 2.0, math.nan, 0.2),
     (1.0, 2.0, 0.1, -0.2), (1.0, 2.0, 0.1, math.inf)],
)  # fmt: skip
def test_coverage_refuses(bad):
    with pytest.raises(InputError):
        coverage(*bad)
