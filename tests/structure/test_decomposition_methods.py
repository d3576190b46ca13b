"""The methods of decomposition on plain numbers: averages over orders of change, and LMDI."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.errors import NonFiniteError, ShapeError
from mriocarbon.structure.decomposition import decompose
from mriocarbon.structure.evaluate import reachable
from mriocarbon.structure.lmdi import SIGN, cells, lmdi, log_mean
from mriocarbon.structure.shapley import elementary_range, polar, shapley
from tests.properties.tables import TOY_Y, toy
from tests.structure.pairs import brute

pytestmark = [
    pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning"),
    pytest.mark.filterwarnings("ignore::mriocarbon.errors.AccountWarning"),
]


# -- averages over orders -----------------------------------------------------------------------


@given(n=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_shapley_is_the_mean_of_all_orders_and_the_range_their_extremes(n, seed):
    values = np.random.default_rng(seed).normal(size=(2**n, 3))
    every = brute(values, n)
    np.testing.assert_allclose(shapley(values), every.mean(axis=0), atol=1e-13)
    low, high = elementary_range(values)
    np.testing.assert_allclose(low, every.min(axis=0), atol=1e-13)
    np.testing.assert_allclose(high, every.max(axis=0), atol=1e-13)


@given(n=st.integers(1, 5), seed=st.integers(0, 2**32 - 1))
def test_polar_is_the_mean_of_first_to_last_and_back(n, seed):
    values = np.random.default_rng(seed).normal(size=2**n)
    every = (
        dict(zip(itertools.permutations(range(n)), brute(values, n), strict=True)) if n < 5 else {}
    )
    if every:
        expected = (every[tuple(range(n))] + every[tuple(range(n))[::-1]]) / 2
        np.testing.assert_allclose(polar(values), expected, atol=1e-13)
    assert polar(values).sum() == pytest.approx(values[-1] - values[0], abs=1e-12)


def test_shapley_in_fractions():
    # q L y of one sector: 1/2 * 2 * 10 = 10 and 1/5 * 4 * 30 = 24; all 6 orders by hand
    x = [(Fraction(1, 2), Fraction(1, 5)), (Fraction(2), Fraction(4)), (Fraction(10), Fraction(30))]
    values = [float(x[0][m & 1] * x[1][m >> 1 & 1] * x[2][m >> 2 & 1]) for m in range(8)]
    q, L, y = x
    dq, dL, dy = q[1] - q[0], L[1] - L[0], y[1] - y[0]
    third = Fraction(1, 3)
    expected = [
        dq * (third * (L[0] * y[0] + L[1] * y[1]) + third / 2 * (L[0] * y[1] + L[1] * y[0])),
        dL * (third * (q[0] * y[0] + q[1] * y[1]) + third / 2 * (q[0] * y[1] + q[1] * y[0])),
        dy * (third * (L[0] * q[0] + L[1] * q[1]) + third / 2 * (L[0] * q[1] + L[1] * q[0])),
    ]
    np.testing.assert_allclose(shapley(values), [float(e) for e in expected], rtol=1e-14)
    assert sum(expected) == 14


@pytest.mark.parametrize("values", [[1.0], [1.0, 2.0, 3.0], [], 1.0, np.zeros(2**17)])
def test_values_of_a_wrong_length(values):
    with pytest.raises(ShapeError, match="give 2\\^n values"):
        shapley(values)


def test_values_that_are_not_finite():
    with pytest.raises(NonFiniteError):
        elementary_range([1.0, np.nan])


# -- LMDI ---------------------------------------------------------------------------------------


def test_lmdi_against_figures_of_lmdir():
    """Tests of the R package LMDIR (M. K. Heun), additive LMDI-I, 1971 to 1972."""
    effects, sign = lmdi([[1, 4], [10, 5], [2, 3]], [[4, 5], [5, 6], [3, 4]])
    np.testing.assert_allclose(effects, [69.79006598, -9.455125793, 39.66505981], rtol=1e-9)
    assert sign == 0.0


@pytest.mark.parametrize(
    ("before", "after", "effects"),
    [
        ([0, 3], [2, 3], [6, 0]),  # the factor that was zero takes all
        ([2, 3], [0, 3], [-6, 0]),
        ([0, 0], [2, 3], [3, 3]),  # two of them: equal parts
        ([0, 3], [0, 5], [0, 0]),  # zero before and after
        ([0, 3], [2, 0], [0, 0]),
    ],
)
def test_lmdi_limits_at_zero(before, after, effects):
    found, sign = lmdi(np.array(before)[:, None], np.array(after)[:, None])
    assert found.tolist() == effects
    assert sign == 0.0
    if (
        0 not in (before[0] + after[0], before[1] + after[1])
        and before.count(0) + after.count(0) == 1
    ):
        tiny = 1e-200  # the limit itself, slowly approached: logarithms
        near, _ = lmdi(np.maximum(before, tiny)[:, None], np.maximum(after, tiny)[:, None])
        np.testing.assert_allclose(near, effects, atol=0.05)


def test_lmdi_sign_change_has_a_term_of_its_own():
    effects, sign = lmdi([[2, 1], [3, 1]], [[2, 1], [-3, 1]])
    assert effects.tolist() == [0.0, 0.0]
    assert sign == -12.0
    same, none = lmdi([[-2.0], [3.0]], [[-4.0], [3.0]])
    np.testing.assert_allclose(same, [-6, 0])
    assert none == 0.0


@given(a=st.floats(1e-6, 1e6), b=st.floats(1e-6, 1e6))
def test_log_mean_lies_between_geometric_and_arithmetic(a, b):
    mean = float(log_mean(a, b))
    assert np.sqrt(a * b) * (1 - 1e-12) <= mean <= (a + b) / 2 * (1 + 1e-12)
    assert mean == pytest.approx(float(log_mean(b, a)), rel=1e-12)
    assert float(log_mean(a, a)) == pytest.approx(a, rel=1e-14)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), zeros=st.booleans(), signs=st.booleans())
def test_compiled_cells_equal_the_plain_formula(seed, zeros, signs):
    rng = np.random.default_rng(seed)
    R, S, c = 2, 2, 3
    n = R * S
    spare = 0.4 if zeros else 0.0
    q = tuple(rng.random(n) * (rng.random(n) > spare) for _ in (0, 1))
    L = tuple(rng.random((n, n)) * (rng.random((n, n)) > spare) for _ in (0, 1))
    demand = [
        tuple(
            (rng.random((n, c)) - (0.3 if signs else 0.0)) * (rng.random((n, c)) > spare)
            for _ in (0, 1)
        )
        for _ in range(2)
    ]
    effects, sign, _ = cells(q, L, demand, R)
    for r in range(R):
        for k in range(c):
            x = [
                np.stack(
                    [
                        [q[t][i], L[t][i, j], demand[0][t][j, k], demand[1][t][j, k]]
                        for i in range(r * S, (r + 1) * S)
                        for j in range(n)
                    ]
                ).T
                for t in (0, 1)
            ]
            expected, special = lmdi(*x)
            np.testing.assert_allclose(effects[:, r, k], expected, atol=1e-12)
            assert sign[r, k] == pytest.approx(special, abs=1e-12)


@given(n=st.integers(1, 9), density=st.floats(0.0, 0.5), seed=st.integers(0, 2**32 - 1))
def test_what_no_chain_of_inputs_reaches_is_zero(n, density, seed):
    rng = np.random.default_rng(seed)
    A = rng.random((n, n)) * (rng.random((n, n)) < density)
    powers = np.eye(n)
    total = np.eye(n)
    for _ in range(n):
        powers = powers @ A
        total += powers
    np.testing.assert_array_equal(reachable(A), total > 0)


def test_demand_that_changes_sign_shows_in_lmdi():
    Y = TOY_Y.copy()
    Y[2, 0] = -2.0
    before, after = toy(year=2000, households=None), toy(Y=Y, year=2001, households=None)
    found = decompose(before, after, method="lmdi", cancel=1e9)
    assert found.factors[-1] == SIGN
    assert found.effects[SIGN, "A"] < 0
    assert found.effects[SIGN, "B"] == 0.0
    assert any("cells change sign" in note.text for note in found.notes)


@pytest.mark.parametrize("step", [1e-3, 5e-4, 1e-5, 1e-9])
def test_lmdi_of_small_changes_has_no_residual(step):
    before = np.array([[2.0, 3.0], [5.0, 7.0]])
    after = before * (1 + step * np.array([[0.9, 0.2], [0.3, 0.1]]))
    effects, _ = lmdi(before, after)
    change = np.expm1(np.log(after / before).sum(axis=0)) * before.prod(axis=0)
    assert effects.sum() == pytest.approx(change.sum(), rel=1e-11)
    q, L = (before[:1, 0], after[:1, 0]), (np.ones((1, 1)), np.ones((1, 1)))
    demand = [(before[1:, :1], after[1:, :1])]
    compiled, _, _ = cells(q, L, demand, 1)
    assert compiled.sum() == pytest.approx(change[0], rel=1e-11)


@pytest.mark.parametrize("step", [0.0, 1e-9, 1e-5])
def test_negative_cells_that_hardly_change_keep_their_sign_in_lmdi(step):
    q, L = (np.array([2.0]), np.array([2.0 * (1 + step)])), (np.ones((1, 1)), np.ones((1, 1)))
    demand = [(np.array([[-3.0]]), np.array([[-3.0 * (1 + 2 * step)]]))]
    effects, sign, _ = cells(q, L, demand, 1)
    change = -6.0 * ((1 + step) * (1 + 2 * step) - 1)
    assert sign.sum() == 0.0
    assert effects.sum() == pytest.approx(change, rel=1e-6, abs=1e-300)
    np.testing.assert_allclose(
        effects.ravel(), [change / 3, 0, change * 2 / 3], rtol=1e-4, atol=1e-300
    )
