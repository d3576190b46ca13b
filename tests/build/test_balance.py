"""RAS and GRAS: margins, signs, the form of the solution, its optimality, the full table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from mriocarbon.build.balance import cell_ras, gras, margin_error, ras
from mriocarbon.build.feasible import InfeasibleError
from mriocarbon.errors import ConvergenceError, InputError, NonFiniteError, ShapeError


def case(seed: int, negative: float = 0.2, empty: float = 0.2):
    """A prior and the margins of a table with the same signs, so that a solution exists."""
    rng = np.random.default_rng(seed)
    m, n = rng.integers(2, 8, 2)
    A = rng.lognormal(size=(m, n)) * np.where(rng.random((m, n)) < negative, -1, 1)
    A[rng.random((m, n)) < empty] = 0.0
    B = A * rng.lognormal(sigma=0.7, size=(m, n))
    return A, B.sum(axis=1), B.sum(axis=0)


def plain_ras(A, u, v, times=5000):
    """RAS as in a textbook."""
    X = A.copy()
    for _ in range(times):
        s = X.sum(axis=1)
        X = X * np.divide(u, s, out=np.ones_like(s), where=s > 0)[:, None]
        s = X.sum(axis=0)
        X = X * np.divide(v, s, out=np.ones_like(s), where=s > 0)
    return X


seeds = st.integers(0, 10**6)


@given(seeds)
def test_gras_meets_margins_keeps_signs_and_has_its_form(seed):
    A, u, v = case(seed)
    done = gras(A, u, v, tol=1e-9, max_iter=50_000)
    assert done.converged and done.error <= 1e-9
    assert margin_error(done.value, u, v) == done.error
    assert np.array_equal(np.sign(done.value), np.sign(A))
    P, N = np.maximum(A, 0), np.maximum(-A, 0)
    form = done.r[:, None] * P * done.s - N / (done.r[:, None] * done.s)
    np.testing.assert_allclose(done.value, form, rtol=1e-12)


@settings(max_examples=15)
@given(seeds)
def test_without_negative_cells_it_is_ras(seed):
    A, u, v = case(seed, negative=0.0)
    done = ras(A, u, v, tol=1e-11, max_iter=100_000)
    np.testing.assert_allclose(done.value, plain_ras(A, u, v), rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(done.value, gras(A, u, v, tol=1e-11, max_iter=100_000).value)


@given(seeds)
def test_its_own_margins_change_nothing(seed):
    A, _, _ = case(seed)
    done = gras(A, A.sum(axis=1), A.sum(axis=0))
    np.testing.assert_allclose(done.value, A, rtol=1e-7)
    assert done.iterations <= 2 or margin_error(A, A.sum(axis=1), A.sum(axis=0)) > 1e-8


@given(seeds, st.floats(1e-3, 1e3))
def test_units(seed, factor):
    """RAS: the level of the prior is free. GRAS: a common factor of prior and margins."""
    A, u, v = case(seed, negative=0.0)
    one = ras(A, u, v, tol=1e-10, max_iter=50_000).value
    two = ras(factor * A, u, v, tol=1e-10, max_iter=50_000).value
    np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-8)
    A, u, v = case(seed)
    one = gras(A, u, v, tol=1e-10, max_iter=50_000).value
    two = gras(factor * A, factor * u, factor * v, tol=1e-10, max_iter=50_000).value
    np.testing.assert_allclose(factor * one, two, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_optimum_that_another_solver_finds(seed):
    """The dual, unconstrained and convex, by BFGS; and no feasible step lowers the primal."""
    A, u, v = case(seed, empty=0.0)
    P, N = np.maximum(A, 0), np.maximum(-A, 0)
    m = len(u)

    def dual(t):
        k = t[:m, None] + t[m:]
        X, W = P * np.exp(k), N * np.exp(-k)
        g = np.concatenate([(X - W).sum(axis=1) - u, (X - W).sum(axis=0) - v])
        return X.sum() + W.sum() - u @ t[:m] - v @ t[m:], g

    found = minimize(dual, np.zeros(m + len(v)), jac=True, method="BFGS", options={"gtol": 1e-9})
    k = found.x[:m, None] + found.x[m:]
    done = gras(A, u, v, tol=1e-11, max_iter=50_000)
    np.testing.assert_allclose(done.value, P * np.exp(k) - N * np.exp(-k), rtol=1e-5)

    def primal(X):
        z = X / A
        return (np.abs(A) * (z * np.log(z) - z)).sum()

    best = primal(done.value)
    rng = np.random.default_rng(seed)
    for _ in range(20):  # moves round a rectangle keep all margins
        step = np.zeros_like(A)
        i, j = rng.choice(m, 2, False), rng.choice(len(v), 2, False)
        step[np.ix_(i, j)] = [[1, -1], [-1, 1]]
        size = 0.1 * np.abs(done.value[np.ix_(i, j)]).min()
        assert primal(done.value + size * step) > best
        assert primal(done.value - size * step) > best


def test_rows_without_positive_cells():
    A = np.array([[-2.0, -1.0, 0.0], [5.0, 4.0, 3.0]])
    done = gras(A, [-4, 10], [2, 1, 3])
    np.testing.assert_allclose(done.value.sum(axis=1), [-4, 10])
    assert (done.value[0, :2] < 0).all() and done.value[0, 2] == 0


def test_zero_margins_empty_their_lines():
    done = gras([[1, 2], [3, 4]], [0, 7], [3, 4])
    np.testing.assert_allclose(done.value, [[0, 0], [3, 4]])
    done = gras([[-1, -2], [3, 4]], [0, 7], [3, 4])
    np.testing.assert_allclose(done.value, [[0, 0], [3, 4]])
    both = gras([[-1.0, 2.0], [3, 4]], [0, 7], [2, 5])
    np.testing.assert_allclose(both.value.sum(axis=1), [0, 7], atol=1e-7)
    assert both.value[0, 0] < 0 < both.value[0, 1]


def test_same_numbers_on_one_thread():
    import numba

    rng = np.random.default_rng(0)
    A = rng.lognormal(size=(90, 70))
    u, v = (A * rng.lognormal(size=A.shape)).sum(axis=1), None
    v = A.sum(axis=0) * u.sum() / A.sum()
    many = gras(A, u, v).value
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        assert np.array_equal(gras(A, u, v).value, many)
    finally:
        numba.set_num_threads(before)


def test_fixed_cells_come_out_as_they_went_in():
    rng = np.random.default_rng(3)
    A = rng.lognormal(size=(6, 5))
    true = A * rng.lognormal(sigma=0.4, size=A.shape)
    known = rng.random(A.shape) < 0.3
    prior = np.where(known, true, A)
    done = cell_ras(prior, true.sum(axis=1), true.sum(axis=0), fixed=known)
    assert np.array_equal(done.value[known], true[known])
    assert margin_error(done.value, true.sum(axis=1), true.sum(axis=0)) < 1e-7
    exact = cell_ras(A, true.sum(axis=1), true.sum(axis=0), factors=true / A)
    np.testing.assert_allclose(exact.value, true, rtol=1e-7)


def test_bad_factors():
    with pytest.raises(InputError, match="1 factors are not positive"):
        cell_ras([[1, 1]], [2], [1, 1], factors=[[1, 0]])
    with pytest.raises(ShapeError, match="do not fit"):
        cell_ras([[1, 1]], [2], [1, 1], factors=[1, 2, 3])


def test_bad_input():
    with pytest.raises(ShapeError, match="do not fit together"):
        gras([[1, 2]], [3, 1], [1, 2])
    with pytest.raises(NonFiniteError, match="row sums"):
        gras([[1, 2]], [np.nan], [1, 2])
    with pytest.raises(InputError, match="use gras"):
        ras([[1, -2]], [-1], [1, -2])


def test_too_few_passes():
    A, u, v = case(1)
    with pytest.raises(ConvergenceError, match="a solution exists"):
        gras(A, u, v, tol=1e-12, max_iter=2)
    done = gras(A, u, v, tol=1e-12, max_iter=2, strict=False)
    assert not done.converged and done.iterations == 2 and done.error > 1e-12


def test_infeasible_is_said_by_name():
    with pytest.raises(InfeasibleError, match=r"rows steel .* can reach only columns cars"):
        gras([[1, 0], [1, 1]], [5, 1], [4, 2], row_labels=["steel", "food"],
             column_labels=["cars", "meals"])  # fmt: skip


def test_results_are_read_only():
    done = gras([[1, 2], [3, 4]], [4, 6], [5, 5])
    for array in (done.value, done.r, done.s):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_the_full_table(data_folder):
    """4,050 x 4,131 to 1e-8; the time is judged by the benchmark, here with slack."""
    import time

    from benchmarks.bench_gras import problem

    A, u, v = problem(data_folder)
    gras([[1, 2], [3, 4]], [4, 6], [5, 5])  # compile
    start = time.perf_counter()
    done = gras(A, u, v, tol=1e-8)
    assert time.perf_counter() - start < 25
    assert done.error <= 1e-8
    assert np.array_equal(np.sign(done.value), np.sign(A))
