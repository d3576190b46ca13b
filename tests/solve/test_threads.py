"""Threads that solve the same system at once get what each gets alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.solve.direct import factorise, factorise_single


def double(M):
    return factorise(M.copy())


def single(M):
    return factorise_single(np.eye(len(M)) - M, np.ones(len(M)), np.zeros(len(M), dtype=bool))


@pytest.mark.parametrize(("make", "exact"), [(double, 1e-12), (single, 1e-5)])
@pytest.mark.parametrize("n", [60, 400])
def test_threads_that_share_the_factors_get_the_same_bits(make, exact, n):
    """LAPACK's wrappers change the pivots while they solve: shared, they crash or are wrong."""
    rng = np.random.default_rng(7)
    M = (np.eye(n) - rng.random((n, n)) / n / 2)[rng.permutation(n)]  # a pivot in every row
    factors, b = make(M), rng.random((n, 12))
    right, left = factors.solve(b), factors.solve_left(b.T)
    assert np.abs(right - np.linalg.solve(M, b)).max() < exact * np.abs(right).max()
    assert np.abs(left.T - np.linalg.solve(M.T, b)).max() < exact * np.abs(left).max()
    pivots = factors.pivots.copy()

    def alike(k):
        if k % 2:
            return np.array_equal(factors.solve(b), right)
        return np.array_equal(factors.solve_left(b.T), left)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(alike, range(24_000 // n)))
    assert (factors.pivots == pivots).all()


def test_accounts_with_intervals_in_threads():
    mrio = mc.load("oecd-icio-2022")
    alone = mc.account(mrio, "consumption", stressor="CO2", uncertainty="first-order")

    def again(_):
        return mc.account(mrio, "consumption", stressor="CO2", uncertainty="first-order")

    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(again, range(6)):
            np.testing.assert_allclose(found.value, alone.value, rtol=1e-12)
            np.testing.assert_allclose(found.low, alone.low, rtol=1e-12)
