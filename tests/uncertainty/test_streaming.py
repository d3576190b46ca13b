"""Streamed statistics against those of all draws kept."""

import numpy as np
import pytest

from mriocarbon.errors import NonFiniteError, ShapeError
from mriocarbon.uncertainty.streaming import Streaming


@pytest.mark.parametrize("sizes", [[7, 500, 1, 4492], [5000], [50] * 100])
def test_the_statistics_of_all_draws(sizes):
    rng = np.random.default_rng(2)
    draws = np.column_stack(
        [rng.normal(5, 2, 5000), rng.lognormal(0, 1, 5000), np.full(5000, 3.0), rng.random(5000)]
    )
    stream = Streaming()
    for part in np.split(draws, np.cumsum(sizes)[:-1]):
        stream.add(part)
    assert stream.count == 5000
    np.testing.assert_allclose(stream.mean, draws.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(stream.sd, draws.std(axis=0, ddof=1), rtol=1e-10, atol=1e-12)
    for p in (0.025, 0.05, 0.5, 0.95, 0.975):
        gap = np.abs(stream.quantile(p) - np.quantile(draws, p, axis=0))
        assert (gap <= 0.02 * draws.std(axis=0)).all(), (p, gap)


def test_draws_far_outside_are_the_extremes():
    stream = Streaming()
    stream.add(np.random.default_rng(1).normal(0, 1, (100, 1)))
    stream.add(np.full((100, 1), 1e6))
    assert stream.quantile(0.9)[0] == pytest.approx(1e6, rel=1e-3)
    rare = Streaming()
    rare.add(np.random.default_rng(1).normal(0, 1, (5000, 1)))
    rare.add(np.array([[1e9]]))  # one draw in five thousand leaves the others as they are
    assert rare.quantile(0.975)[0] == pytest.approx(1.96, abs=0.1)
    assert rare.quantile(1.0)[0] == 1e9


def test_the_error_of_an_interval_is_the_one_seen_over_repetitions():
    rng, n = np.random.default_rng(4), 2000
    ends, told = [], []
    for _ in range(300):
        stream = Streaming()
        stream.add(rng.standard_normal((n, 1)))
        ends.append([stream.quantile(0.05)[0], stream.quantile(0.95)[0]])
        told.append(stream.interval_error(0.9))
    seen = np.std(ends, axis=0) / (2 * 1.6449)
    assert np.median(told) == pytest.approx(seen.max(), rel=0.25)


def test_too_few_draws_beyond_an_end_tell_nothing_of_it():
    stream = Streaming()
    stream.add(np.random.default_rng(1).standard_normal((256, 1)))
    assert np.isfinite(stream.interval_error(0.95))  # 6.4 draws beyond each end
    assert stream.interval_error(0.99) == stream.interval_error(0.9999) == np.inf


def test_draws_that_are_not_finite_are_refused():
    with pytest.raises(NonFiniteError, match="1 of 4"):
        Streaming().add(np.array([[1.0, np.nan], [0.0, 1.0]]))


def test_the_number_of_quantities_is_kept():
    stream = Streaming()
    stream.add(np.ones((2, 3)))
    with pytest.raises(ShapeError):
        stream.add(np.ones((2, 4)))
