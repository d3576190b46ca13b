"""The forward error stated with each answer, against exact rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from properties.tables import random_case

import mriocarbon as mc
from mriocarbon.errors import AccuracyWarning


def exact_solve(M: list[list[Fraction]], b: list[Fraction]) -> list[Fraction]:
    """Gauss-Jordan over the rationals: no rounding at all."""
    n = len(b)
    rows = [[*M[i], b[i]] for i in range(n)]
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        head = [value / rows[k][k] for value in rows[k]]
        rows[k] = head
        for i in range(n):
            if i != k and rows[i][k] != 0:
                by = rows[i][k]
                rows[i] = [a - by * h for a, h in zip(rows[i], head, strict=True)]
    return [row[-1] for row in rows]


def exact_system(Z: np.ndarray, x: np.ndarray) -> list[list[Fraction]]:
    """diag(x) - Z without the rounding of the subtraction; unit diagonal where x = 0."""
    n = len(x)
    M = [[-Fraction(Z[i, j]) if x[j] else Fraction(0) for j in range(n)] for i in range(n)]
    for k in range(n):
        M[k][k] += Fraction(x[k]) if x[k] else Fraction(1)
    return M


def transposed(M):
    return [list(column) for column in zip(*M, strict=True)]


def weighted_error(value: np.ndarray, exact: list[Fraction], weight: np.ndarray) -> float:
    """1-norm of the true error, weighted, relative to the weighted 1-norm of the value found."""
    w = [Fraction(k) for k in weight]
    miss = sum(abs(Fraction(a) - e) * k for a, e, k in zip(value, exact, w, strict=True))
    return float(miss / sum(abs(Fraction(a)) * k for a, k in zip(value, w, strict=True)))


def any_system(seed: int, n: int = 9, radius: float = 0.999, zeros: int = 0):
    """Outputs from 1e-3 to 1e9, spectral radius next to one; rows may sell more than they make."""
    rng = np.random.default_rng(seed)
    A = rng.random((n, n)) ** 3
    dead = rng.choice(n, zeros, replace=False)
    A[dead] = 0
    A[:, dead] = 0
    A *= radius / np.abs(np.linalg.eigvals(A)).max()
    x = 10 ** rng.uniform(-3, 9, n)
    x[dead] = 0
    return A * x, x, rng.random(n) * x, rng


def economic_system(seed: int, n: int = 9, radius: float = 0.999, zeros: int = 0):
    """The same with final demand and primary inputs of no less than nothing."""
    rng = np.random.default_rng(seed)
    size = 10.0 ** -rng.permutation(np.linspace(0, 12, n))
    A = rng.random((n, n)) * size[:, None]
    dead = rng.choice(n, zeros, replace=False)
    A[dead] = 0
    A[:, dead] = 0
    sums = A.sum(axis=0)
    A *= radius / np.where(sums > 0, sums, 1.0)
    y = size * 1e9 * rng.uniform(0.5, 1.5, n)
    y[dead] = 0
    x = np.linalg.solve(np.eye(n) - A, y)
    x[dead] = 0
    return A * x, x, rng.random(n) * x, rng


def check_bound(Z, x, f, method: str, most: float, exact_method: bool = True) -> None:
    weight = np.where(x == 0, 1.0, x)
    M = exact_system(Z, x)
    b = [Fraction(v) for v in f]
    m = mc.Leontief(Z, x).left(f, method=method, explain=True)
    u = mc.Leontief(Z, x).right(f, method=method, explain=True)
    for found in (m, u):
        assert found.method == method or "Fell back: " in found.explanation
        assert found.method == method or (found.method == "lu" and not exact_method)
    # Where outputs span many orders next to one, rounding alone keeps LU from proving it.
    assert (m.bound and u.bound) or (method == "lu" and not exact_method)
    assert weighted_error(m.value, exact_solve(transposed(M), b), weight) <= m.error
    assert weighted_error(u.value, exact_solve(M, b), weight) <= u.error
    # A bound that is never far below one tells nothing: it may grow with 1 / (1 - radius) only.
    assert max(m.error, u.error) <= most


RADII = [0.5, 0.999, 1 - 1e-6]


# next to a table that is not productive: warned of as it should be
@pytest.mark.filterwarnings("ignore:forward error:mriocarbon.errors.AccuracyWarning")
@pytest.mark.parametrize("zeros", [0, 2])
@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("seed", range(4))
def test_bound_holds_for_any_productive_system(seed, radius, zeros):
    Z, x, f, _ = any_system(seed, radius=radius, zeros=zeros)
    check_bound(Z, x, f, "lu", 1e-12 / (1 - radius), exact_method=radius < 0.9)


@pytest.mark.filterwarnings("ignore:forward error:mriocarbon.errors.AccuracyWarning")
@pytest.mark.parametrize("method", ["lu", "lu32", "iterative"])
@pytest.mark.parametrize("zeros", [0, 2])
@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("seed", range(4))
def test_bound_holds_and_is_of_use_for_an_economy(seed, radius, zeros, method):
    Z, x, f, _ = economic_system(seed, radius=radius, zeros=zeros)
    assert (x[x > 0].max() / x[x > 0].min()) > 1e8
    most = (1e-12 if method == "lu" else 1e-10) / (1 - radius)
    # Next to one another method may give way to LU, and then says so.
    check_bound(Z, x, f, method, most, exact_method=radius <= 0.999)


@pytest.mark.parametrize("seed", range(6))
def test_bound_of_an_iterative_answer_holds_where_it_is_a_poor_one(seed):
    # Scaled badly on purpose (huge sales by tiny sectors): the answer is poor, and says so.
    Z, x, f, _ = any_system(seed, radius=0.9)
    solution = mc.Leontief(Z, x).left(f, method="iterative")
    exact = exact_solve(transposed(exact_system(Z, x)), [Fraction(v) for v in f])
    assert weighted_error(solution.value, exact, x) <= solution.error


@pytest.mark.parametrize("seed", range(3))
def test_bound_of_multipliers_and_output_in_the_users_terms(seed):
    Z, x, f, rng = economic_system(seed)
    S, y = f / x, rng.random(len(x)) * x
    system = mc.Leontief(Z, x)
    exact_m = exact_solve(
        transposed(exact_system(Z, x)),
        [Fraction(a) * Fraction(b) for a, b in zip(S, x, strict=True)],
    )
    m = system.multipliers(S)
    assert weighted_error(m.value, exact_m, x) <= m.error
    u = exact_solve(exact_system(Z, x), [Fraction(v) for v in y])
    made = [a * Fraction(b) for a, b in zip(u, x, strict=True)]
    X = system.output(y)
    assert weighted_error(X.value, made, np.ones(len(x))) <= X.error


def test_several_sides_state_the_worst_of_them():
    Z, x, f, rng = economic_system(1)
    system = mc.Leontief(Z, x)
    rows = np.stack([f, rng.random(len(x)) * x, np.zeros(len(x))])
    single = [system.left(row).error for row in rows]
    assert single[2] == 0.0  # zero is exact
    assert system.left(rows).error == pytest.approx(max(single), rel=1e-6)
    np.testing.assert_array_equal(system.left(rows).value[2], 0.0)


def test_an_account_is_within_its_stated_error_of_the_exact_one():
    Z, x, _, rng = economic_system(3, n=8, radius=0.995)
    Y = (x - Z.sum(axis=1))[:, None] * rng.dirichlet([1, 1], len(x))
    f = rng.random(len(x)) * x
    mrio = mc.MRIO.from_arrays(
        Z=Z, Y=Y, regions=["A", "B"], sectors=list("1234"), stressors={"GHG": f}
    )
    result = mc.account(mrio, "consumption", households=False)
    m = exact_solve(transposed(exact_system(mrio.Z, mrio.x)), [Fraction(v) for v in f])
    for r in range(2):
        exact = sum(a * Fraction(y) for a, y in zip(m, mrio.Y[:, r], strict=True))
        assert abs(Fraction(result.value[r]) - exact) <= Fraction(result.error) * sum(
            Fraction(v) for v in f
        )


def test_error_of_an_altered_solution_would_show():
    # The estimate follows the residual: a factorisation of the wrong matrix is found out.
    case = random_case(1, 3, 3)
    system = mc.leontief(case.mrio())
    f = case.f
    good = system.left(f)
    system._factors.lu[0, 0] *= 1.001
    with pytest.warns(AccuracyWarning, match="forward error"):
        bad = system.left(f)
    true = (np.abs(bad.value - good.value) * case.x).sum() / (np.abs(bad.value) * case.x).sum()
    assert 1e-6 < true <= bad.error
