"""Threads that solve the same system at once get what each gets alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.solve.direct import factorise, factorise_single


def made(n=400):
    draw = np.random.default_rng(7)
    Z = draw.random((n, n)) / n
    x = Z.sum(axis=1) + draw.random(n) + 0.5
    return Z, x, draw.random((n, 12))


@pytest.mark.parametrize("precision", ["double", "single"])
def test_factors_are_shared_by_threads(precision):
    Z, x, sides = made()
    zero = np.zeros(len(x), dtype=bool)
    if precision == "double":
        factors, exact = factorise(np.ascontiguousarray(np.diag(x) - Z)), 1e-12
    else:
        factors, exact = factorise_single(Z, x, zero), 1e-5
    right = np.linalg.solve(np.diag(x) - Z, sides)
    left = np.linalg.solve((np.diag(x) - Z).T, sides).T

    def solve(k):
        if k % 2:
            return np.abs(factors.solve(sides) - right).max() / np.abs(right).max()
        return np.abs(factors.solve_left(sides.T) - left).max() / np.abs(left).max()

    pivots = factors.pivots.copy()
    with ThreadPoolExecutor(4) as pool:
        errors = list(pool.map(solve, range(200)))
    assert max(errors) < exact
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
