"""The solver: methods agree, unproductive tables are refused, systems are kept and let go."""

import gc
import warnings
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.tables import cases, random_case, toy

import mriocarbon as mc
from mriocarbon.errors import (
    MriocarbonWarning,
    NotProductiveError,
    ShapeError,
    TableWarning,
    UnknownNameError,
)

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")

METHODS = ["lu", "lu32", "iterative"]


def system_of(radius: float, n: int, seed: int, *, blocks: int = 1, decades: float = 4):
    """A system of a given spectral radius; with two blocks only the second one has it.

    Tiny sectors sell little, as in any economy: rows of A scale with output.
    """
    rng = np.random.default_rng(seed)
    size = 10 ** rng.uniform(-decades, 0, n)
    A = rng.random((n, n)) * size[:, None]
    if blocks == 2:
        A[n // 2 :, : n // 2] = 0.0
        A[: n // 2, : n // 2] *= 0.1
    A *= radius / np.abs(np.linalg.eigvals(A)).max()
    x = rng.uniform(0.5, 1.5, n) * size * 1e6
    return mc.Leontief(A * x, x), rng.random(n) * x


# -- agreement -----------------------------------------------------------------------------------


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(2, 40),
    radius=st.sampled_from([0.3, 0.9, 0.999]),
    decades=st.sampled_from([0, 4, 6]),
    method=st.sampled_from(METHODS[1:]),
)
def test_methods_agree_with_lu_within_the_stated_errors(seed, n, radius, decades, method):
    for side in ("left", "right"):
        direct, f = system_of(radius, n, seed, decades=decades)
        other, _ = system_of(radius, n, seed, decades=decades)
        a, b = getattr(direct, side)(f, method="lu"), getattr(other, side)(f, method=method)
        assert a.iterations == 0
        assert b.method == method or (b.method == "lu" and radius > 0.99)
        apart = (np.abs(a.value - b.value) * direct.x).sum()
        assert apart <= (a.error + b.error) * (np.abs(a.value) * direct.x).sum() * (1 + 1e-6)
        assert b.error <= 1e-8 / (1 - radius)


@given(case=cases(max_regions=6))
def test_left_and_right_are_dual(case):
    system, rng = mc.leontief(case.mrio()), case.rng
    S, Y = rng.random((2, case.n)), rng.random((case.n, 3)) * (case.x[:, None] > 0)
    np.testing.assert_allclose(
        system.multipliers(S).value @ Y, S @ system.output(Y).value, rtol=1e-9
    )
    V, Q = rng.random((2, case.n)), rng.random((3, case.n)) * (case.x > 0)
    np.testing.assert_allclose(
        system.ghosh_output(V).value @ Q.T, V @ system.ghosh_multipliers(Q).value.T, rtol=1e-9
    )
    # diag(x) G q = L diag(x) q: what income enables is what emissions pull
    q = Q[0]
    np.testing.assert_allclose(
        case.x * system.ghosh_multipliers(q).value,
        system.output(case.x * q).value,
        rtol=1e-9,
        atol=1e-12 * case.x.max(),
    )


@given(case=cases(max_regions=6))
def test_inverse_is_the_inverse(case):
    safe = np.where(case.x > 0, case.x, 1.0)
    L = mc.leontief(case.mrio()).inverse()
    product = (np.eye(case.n) - case.Z / safe) @ L
    np.testing.assert_allclose(product, np.eye(case.n), atol=1e-9 * max(1.0, np.abs(L).max()))
    assert (np.diag(L) >= 1 - 1e-12).all()


@pytest.mark.parametrize("method", METHODS)
def test_shape_of_the_answer_is_the_shape_of_the_question(method):
    system = mc.leontief(toy())
    assert system.multipliers(np.ones(4), method=method).value.shape == (4,)
    assert system.multipliers(np.ones((1, 4)), method=method).value.shape == (1, 4)
    assert system.output(np.ones((4, 2)), method=method).value.shape == (4, 2)
    assert system.ghosh_multipliers(np.ones((3, 4)), method=method).value.shape == (3, 4)
    assert system.ghosh_output(np.ones(4), method=method).value.shape == (4,)


def test_nothing_to_solve_is_exactly_nothing():
    for method in METHODS:
        solution = mc.Leontief(np.eye(5) * 0.3, np.ones(5)).left(np.zeros(5), method=method)
        np.testing.assert_array_equal(solution.value, 0.0)
        assert solution.error == 0.0


def test_inputs_are_not_changed():
    mrio = toy()
    Z, x = mrio.Z.copy(), mrio.x.copy()
    S, Y = np.ones((2, 4)), np.ones((4, 2))
    system = mc.leontief(mrio)
    system.multipliers(S), system.output(Y), system.ghosh_output(S), system.inverse()
    np.testing.assert_array_equal(mrio.Z, Z)
    np.testing.assert_array_equal(mrio.x, x)
    assert (S == 1).all() and (Y == 1).all()


# -- productive or not ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("blocks", [1, 2])
@pytest.mark.parametrize("radius", [1.001, 1.05, 3.0])
@pytest.mark.parametrize("side", ["left", "right"])
def test_unproductive_systems_are_refused(radius, blocks, method, side):
    for seed in range(5):
        system, f = system_of(radius, 12, seed, blocks=blocks)
        with pytest.raises(NotProductiveError, match="at or above 1"):
            getattr(system, side)(f, method=method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("blocks", [1, 2])
@pytest.mark.parametrize("decades", [0, 6])
def test_productive_systems_are_not_refused(blocks, method, decades):
    for seed in range(10):
        for radius in (0.5, 0.99, 0.9999):
            system, f = system_of(radius, 12, seed, blocks=blocks, decades=decades)
            assert np.isfinite(system.left(f, method=method).value).all()


@pytest.mark.parametrize("method", METHODS)
def test_radius_of_exactly_one_is_refused(method):
    system = mc.Leontief(np.full((4, 4), 2.5), np.full(4, 10.0))
    with pytest.raises(NotProductiveError):
        system.left(np.arange(4.0), method=method)


def greedy_table():
    """B2 swallows 1.3 times what it makes, and mostly its own; demand is negative to balance."""
    Z = np.array([[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 230]], float)
    x = np.array([120.0, 100, 100, 200])
    Y = (x - Z.sum(axis=1))[:, None] * [0.5, 0.5]
    return toy(Z=Z, Y=Y, x=x)


def test_the_refusal_comes_at_the_first_solve_and_names_the_column():
    with pytest.warns(TableWarning, match="1 columns have inputs above output: B 2"):
        mrio = greedy_table()  # construction only warns
    result = mc.account(mrio, "production", households=False)  # needs no solve
    np.testing.assert_allclose(result.value, [290, 100])
    for call in (
        lambda: mc.account(mrio, "consumption"),
        lambda: mc.account(mrio, "income"),
        lambda: mc.bilateral(mrio),
        lambda: mc.leontief(mrio).inverse(),
        lambda: mc.leontief(mrio).multipliers(np.ones(4), method="iterative"),
        lambda: mc.leontief(mrio).output(np.ones(4), method="iterative"),
    ):
        with pytest.raises(NotProductiveError) as caught:
            call()
        text = str(caught.value)
        radius = np.abs(np.linalg.eigvals(mrio.Z / mrio.x)).max()
        assert f"spectral radius of A is {radius:.6g}" in text
        assert "where: columns B 2 (inputs 1.3 of output)" in text
        assert "what to do: correct these columns" in text


def test_a_refused_system_stays_refused():
    mrio = greedy_table()
    for _ in range(2):
        with pytest.raises(NotProductiveError):
            mc.account(mrio, "consumption", households=False)


@pytest.mark.parametrize("method", METHODS)
def test_inputs_above_output_alone_are_no_reason_to_refuse(method):
    case = random_case(3, 3, 4, negative_value_added=True)
    inputs = case.Z.sum(axis=0) / case.x
    assert inputs.max() > 1.04
    with pytest.warns(TableWarning, match="columns have inputs above output"):
        mrio = case.mrio()
    value = mc.leontief(mrio).multipliers(case.f / case.x, method=method).value
    np.testing.assert_allclose(value @ case.Y.sum(axis=1), case.f.sum(), rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_negative_flows_are_solved_and_not_called_a_bound(method):
    rng = np.random.default_rng(2)
    A = rng.uniform(-0.05, 0.15, (8, 8))
    x = 10 ** rng.uniform(-2, 4, 8)
    system, f = mc.Leontief(A * x, x), rng.random(8) * x
    solution = system.left(f, method=method)
    expected = np.linalg.solve(np.eye(8) - A.T, f / x)
    apart = np.abs(solution.value - expected) @ x
    assert apart <= 10 * solution.error * (np.abs(expected) @ x)  # of the right size, no bound
    assert solution.error < 1e-6
    assert not solution.bound


@pytest.mark.parametrize("method", METHODS)
def test_negative_flows_that_are_not_productive_are_refused(method):
    A = np.full((6, 6), 0.3)
    A[0, 1] = -0.1
    assert np.abs(np.linalg.eigvals(A)).max() > 1
    with pytest.raises(NotProductiveError):
        mc.Leontief(A, np.ones(6)).left(np.ones(6), method=method)


@given(case=cases(max_regions=6, max_sectors=5))
def test_spectral_radius_is_that_of_the_eigenvalues(case):
    safe = np.where(case.x > 0, case.x, 1.0)
    expected = np.abs(np.linalg.eigvals(case.Z / safe)).max()
    found = mc.leontief(case.mrio()).spectral_radius()
    # a nilpotent part is found to a root of the precision only, by either method
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-3)


@pytest.mark.parametrize("n", [1, 3, 4, 8])
def test_spectral_radius_of_a_table_without_intermediate_flows_is_zero(n):
    assert mc.Leontief(np.zeros((n, n)), np.ones(n)).spectral_radius() == 0.0


def test_spectral_radius_is_the_same_every_time():
    case = random_case(9, 5, 5)
    assert len({mc.leontief(case.mrio()).spectral_radius() for _ in range(3)}) == 1


# -- bad questions -------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["multipliers", "output", "ghosh_multipliers", "ghosh_output"])
@pytest.mark.parametrize("shape", [(3,), (5,), (4, 1), (2, 3), (3, 2)])
def test_wrong_shapes_are_shape_errors(question, shape):
    if question == "output" and shape == (4, 1):
        shape = (1, 4)
    with pytest.raises(ShapeError, match="shape"):
        getattr(mc.leontief(toy()), question)(np.ones(shape))


def test_unknown_method_names_the_known_ones():
    with pytest.raises(UnknownNameError, match=r"unknown method 'qr'(.|\n)*iterative"):
        mc.leontief(toy()).multipliers(np.ones(4), method="qr")


# -- kept, and let go ----------------------------------------------------------------------------


def test_a_table_has_one_system_and_takes_it_along():
    mrio, twin = toy(), toy()
    assert mc.leontief(mrio) is mc.leontief(mrio)
    assert mc.leontief(mrio) is not mc.leontief(twin)
    mc.account(mrio, "consumption")
    table, system = weakref.ref(mrio), weakref.ref(mc.leontief(mrio))
    assert system()._factors is not None  # factored by the account, once
    factors = system()._factors
    mc.account(mrio, "income")
    assert system()._factors is factors
    del mrio
    gc.collect()
    assert table() is None
    assert system() is None


# -- zero output that is not clean ---------------------------------------------------------------


def test_sellers_without_output_do_not_break_the_solve():
    Z = np.array([[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]], float)
    x = np.array([120.0, 100, 100, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        mrio = toy(Z=Z, x=x, Y=np.array([[30, 40], [55, 10], [10, 45], [0, 0.0]]))
    A = np.where(x > 0, Z / np.where(x > 0, x, 1), 0)
    B = np.where(x[:, None] > 0, Z / np.where(x > 0, x, 1)[:, None], 0)
    system, q = mc.leontief(mrio), np.array([1.0, 2, 3, 0])
    for method in METHODS:
        np.testing.assert_allclose(
            system.multipliers(q, method=method).value, q @ np.linalg.inv(np.eye(4) - A)
        )
        np.testing.assert_allclose(
            system.ghosh_multipliers(q, method=method).value, np.linalg.inv(np.eye(4) - B) @ q
        )


@pytest.mark.parametrize("dense", [True, False])
def test_spectral_radius_where_arnoldi_gives_up(dense, monkeypatch):
    """All eigenvalues of a table at hand; the growth of a power of one that lies elsewhere."""
    from scipy.sparse.linalg import ArpackError

    from mriocarbon.solve.bands import SparseBands

    def gives_up(*_, **__):
        raise ArpackError(-9999)

    A = np.random.default_rng(3).random((320, 320)) / 400
    monkeypatch.setattr("scipy.sparse.linalg.eigs", gives_up)
    one = mc.Leontief(A if dense else SparseBands(A, block=64), np.ones(320))
    true = np.abs(np.linalg.eigvals(A)).max()
    assert one.spectral_radius() == pytest.approx(true, rel=1e-9 if dense else 0.15)
    # a growth from above, and of a chain that ends nothing
    chain = np.diag(np.full(319, 0.5), 1)
    ends = mc.Leontief(SparseBands(chain[:310, :310], block=62), np.ones(310))
    assert ends.spectral_radius() <= 0.5
