"""Which method, from where the flows lie, with which error: all against the dense truth."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.tables import cases, random_case

import mriocarbon as mc
from mriocarbon.errors import (
    AccuracyWarning,
    ConvergenceError,
    MemoryLimitError,
    NonFiniteError,
    NotAvailableError,
    NotProductiveError,
    ShapeError,
    UnknownNameError,
)
from mriocarbon.solve import bands as bands_module
from mriocarbon.solve import choose, matrix
from mriocarbon.solve.bands import (
    SparseBands,
    edges_of,
    own_block,
    product_left,
    product_right,
)
from mriocarbon.solve.choose import Known, Machine, machine, plan
from mriocarbon.solve.iterative import LEFT, RIGHT, Sweeper

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning")


class Pieces:
    """Bands in pieces of single precision, as a store hands them out; zero pieces left out."""

    def __init__(self, Z, edges, width):
        self.n, self.edges, self.nonnegative = len(Z), edges, bool((Z >= 0).all())
        self.Z, self.width = Z.astype(np.float32), width
        self.passes = 0

    def band(self, k):
        self.passes += k == 0
        rows = self.Z[self.edges[k] : self.edges[k + 1]]
        cut = [(s, rows[:, s : s + self.width].copy()) for s in range(0, self.n, self.width)]
        return [(s, piece) for s, piece in cut if piece.any()]


def truth(Z, x):
    zero = x == 0
    A = np.where(zero, 0.0, Z / np.where(zero, 1.0, x))
    return np.linalg.inv(np.eye(len(x)) - A)


# -- the flows, wherever they lie ----------------------------------------------------------------


@given(
    case=cases(max_regions=6, max_sectors=4),
    kind=st.sampled_from(["dense", "sparse", "pieces"]),
    sides=st.sampled_from([1, 2, 4, 11]),
)
def test_bands_of_any_kind_give_the_dense_answer(case, kind, sides):
    Z, x = case.Z.astype(np.float32).astype(float), case.x
    edges = edges_of(case.n, case.S)
    held = {
        "dense": lambda: Pieces(Z, edges, case.n),
        "sparse": lambda: SparseBands(Z, block=case.S),
        "pieces": lambda: Pieces(Z, edges, 3),
    }[kind]()
    rng = case.rng
    S, B = rng.random((sides, case.n)), rng.standard_normal((case.n, sides))
    np.testing.assert_allclose(product_left(held, S), S @ Z, rtol=1e-12, atol=1e-12 * Z.max())
    np.testing.assert_allclose(
        product_right(held, np.ascontiguousarray(B.T)).T, Z @ B, rtol=1e-9, atol=1e-12 * Z.max()
    )
    solver = mc.Leontief(held, x)
    L = truth(Z, x)
    q = np.where(x == 0, 0.0, S)
    m, X = solver.multipliers(q), solver.output(np.abs(B))
    assert m.method == X.method == "iterative" and 0 < m.iterations < 60
    np.testing.assert_allclose(m.value, q @ L, rtol=1e-8, atol=1e-10 * np.abs(q @ L).max())
    want = L @ np.abs(B)
    np.testing.assert_allclose(X.value, want, rtol=1e-8, atol=1e-10 * want.max())
    # the stated bound, in the norm it is stated in, against the dense answer (good to 1e-13)
    for found, exact, weight in (
        (m.value, q @ L, np.where(x == 0, 1, x)), (X.value.T, want.T, np.ones(case.n)),
    ):  # fmt: skip
        miss = (np.abs(found - exact) * weight).sum(axis=1) / (np.abs(exact) * weight).sum(axis=1)
        assert miss.max() <= max(m.error, X.error) + 1e-12
    for question in (lambda s: s.inverse(), lambda s: s.left(q, method="lu"), lambda s: s.Z):
        with pytest.raises(NotAvailableError, match="not in memory"):
            question(mc.Leontief(Pieces(Z, edges, 3), x))


def test_a_sweep_takes_one_pass_and_domestic_tables_take_one_sweep():
    case = random_case(1, 4, 5)
    Z = case.Z.copy()
    here = np.arange(20) // 5
    Z[here[:, None] != here] = 0.0  # no trade: each band is solved exactly
    held = Pieces(Z, (0, 5, 10, 15, 20), 20)
    sweeper = Sweeper.of(held, case.x, case.x == 0)
    for side in (LEFT, RIGHT):
        held.passes = 0
        _, sweeps = sweeper.solve(case.f[None], side, rtol=1e-12)
        assert sweeps == held.passes == 2  # the second finds that nothing changes


@pytest.mark.parametrize("block", [1, 2, 5, 7, 300])
@pytest.mark.parametrize("n", [1, 9, 10, 1000, 4050])
def test_edges_are_whole_blocks(n, block):
    edges = edges_of(n, block)
    assert edges[0] == 0 and edges[-1] == n and list(edges) == sorted(set(edges))
    assert all(edge % block == 0 for edge in edges[:-1])
    assert all(b - a <= max(bands_module.CELLS // n, block) for a, b in pairwise(edges))


def test_own_block_of_pieces():
    Z = np.arange(36.0).reshape(6, 6)
    pieces = [(0, Z[2:5, 0:3]), (3, Z[2:5, 3:6])]
    np.testing.assert_array_equal(own_block(pieces, 2, 2, 5), Z[2:5, 2:5])


def test_negative_flows_in_bands():
    case = random_case(5, 5, 3)
    Z = case.Z.copy()
    Z[0, 4] = -0.3 * Z[0, 4]
    solution = mc.Leontief(SparseBands(Z, block=3), case.x).multipliers(case.f)
    assert not solution.bound and solution.error < 1e-9
    np.testing.assert_allclose(solution.value, case.f @ truth(Z, case.x), rtol=1e-8)


def test_an_unproductive_table_in_bands_does_not_converge_to_an_answer():
    case = random_case(5, 5, 3)
    with pytest.raises((NotProductiveError, ConvergenceError)):
        mc.Leontief(SparseBands(case.Z * 3, block=3), case.x).multipliers(case.f)


# -- falling back ---------------------------------------------------------------------------------


@given(
    case=cases(max_regions=8, max_sectors=4),
    method=st.sampled_from(["lu", "lu32", "iterative"]),
    decades=st.sampled_from([0, 3, 9]),
)
def test_no_path_leaves_an_error_above_the_tolerance(case, method, decades):
    # outputs over up to 18 more orders of magnitude, and negative demand, and zero outputs
    scale = 10 ** case.rng.uniform(-decades, decades, case.n)
    live = case.x > 0
    L = truth(case.Z, case.x)
    A = np.where(live, case.Z / np.where(live, case.x, 1.0), 0.0)
    x = case.x * scale
    Z = np.ascontiguousarray(A * (scale[:, None] / scale) * x)
    q = case.rng.random((2, case.n)) * live
    found = mc.Leontief(Z, x).multipliers(q / scale, method=method, explain=True)
    assert found.error <= matrix.TOLERANCE
    assert found.method == method or "Fell back: " in found.explanation
    exact = (q @ L) / scale
    weight = np.where(x == 0, 1.0, x)
    size = (np.abs(exact) * weight).sum(axis=1)
    miss = (np.abs(found.value - exact) * weight).sum(axis=1)
    assert (miss[size > 0] / size[size > 0]).max(initial=0.0) <= found.error + 1e-11


def test_what_single_precision_cannot_hold_goes_to_double():
    x = np.array([1e41, 1.0, 1e3])
    Z = np.array([[0.0, 1e40, 1.0], [0.0, 0.1, 0.2], [5.0, 0.2, 100.0]])  # a coefficient of 1e40
    f = np.array([1.0, 2.0, 3.0])
    found = mc.Leontief(Z, x).left(f, method="lu32", explain=True)
    assert found.method == "lu" and "no single-precision factors" in found.explanation
    np.testing.assert_allclose(found.value @ (np.diag(x) - Z), f, rtol=1e-9)


def test_what_even_double_precision_cannot_do_is_warned_of():
    n = 40
    A = np.full((n, n), (1 - 1e-11) / n)
    with pytest.warns(AccuracyWarning, match="next to one that is not productive"):
        found = mc.Leontief(A, np.ones(n)).left(np.ones(n))
    assert found.error > matrix.TOLERANCE


def test_without_flows_in_memory_there_is_nothing_to_fall_back_to(monkeypatch):
    monkeypatch.setitem(Sweeper.solve.__kwdefaults__, "most", 2)
    case = random_case(5, 5, 3)
    held = Pieces(case.Z, edges_of(15, 3), 15)
    with pytest.raises(ConvergenceError):
        mc.Leontief(held, case.x).left(case.f)


# -- choosing -------------------------------------------------------------------------------------


def test_the_model_chooses_as_its_speeds_say(monkeypatch):
    monkeypatch.setattr(choose, "machine", Machine)
    assert plan(1000, 1).method == plan(1000, 500).method == "lu"  # small
    assert plan(4050, 1).method == "iterative"
    assert plan(4050, 300).method == "lu32"
    assert plan(4050, 4050).method == "lu"
    assert plan(4050, 1, Known(frozenset({"lu"}))).method == "lu"
    slow_memory = Machine(stream=1e9)
    monkeypatch.setattr(choose, "machine", lambda: slow_memory)
    assert plan(4050, 1).method == "lu32"  # passes over Z are dear there
    assert "iterative 1.7 s" in plan(4050, 1).text


def test_after_enough_passes_factors_are_bought():
    case = random_case(1, 4, 5)
    solver = mc.Leontief(case.Z, case.x)
    assert solver.plan(1).method == "lu"
    assert plan(4050, 1, Known(spent=0.1)).method == "iterative"
    later = plan(4050, 1, Known(spent=10.0))
    assert later.method in ("lu", "lu32") and "factors pay" in later.why


def test_costs_grow_as_they_should():
    seconds = {n: plan(n, 1).seconds for n in (5000, 10000, 20000)}
    assert seconds[20000]["iterative"] / seconds[10000]["iterative"] == pytest.approx(4, rel=0.01)
    assert 6 < seconds[20000]["lu"] / seconds[10000]["lu"] < 8.1


def test_what_does_not_fit_is_refused_or_left_to_a_method_that_fits():
    told = plan(20000, 300, memory=1.85e9)
    assert told.method == "iterative" and told.seconds["lu32"] < told.seconds["iterative"]
    assert "left out: " in told.why
    with pytest.raises(MemoryLimitError, match=r"needs \d+(.|\n)*streamed_footprints"):
        plan(20000, 300, asked="lu", memory=2**30)
    with pytest.raises(MemoryLimitError):
        plan(20000, 20000, memory=2**30)
    with pytest.raises(UnknownNameError, match="lu32"):
        plan(10, 1, asked="qr")


def test_a_solve_asks_first(monkeypatch):
    case = random_case(1, 4, 5)
    monkeypatch.setattr(choose, "available", lambda: 1000.0)
    with pytest.raises(MemoryLimitError, match="are available"):
        mc.Leontief(case.Z, case.x).left(case.f)


def test_the_speeds_are_measured_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path))
    choose._kept.cache_clear()
    assert machine() == Machine()
    found = Machine.measure(n=120, repeats=1)
    assert min(found.double, found.single, found.stream, found.double_lu, found.single_lu) > 1e7
    assert found.save() == tmp_path / "machine.json"
    assert machine() == found and "measured on this machine" in plan(4050, 1).text
    (tmp_path / "machine.json").write_text("{", encoding="utf-8")
    choose._kept.cache_clear()
    assert machine() == Machine()
    choose._kept.cache_clear()


def test_an_answer_explains_itself_when_asked():
    case = random_case(1, 4, 5)
    solver = mc.Leontief(case.Z, case.x)
    assert solver.left(case.f).explanation == ""
    told = solver.left(case.f, method="lu32", explain=True)
    for word in ("20 sectors, 1 sides: lu32, as asked", "Estimates: ", "forward error", "bound"):
        assert word in told.explanation
    assert solver.prepare(3).method == "lu"


def test_the_inverse_takes_the_place_of_the_factors():
    case = random_case(4, 4, 5, zeros=2)
    solver, other = mc.Leontief(case.Z, case.x), mc.Leontief(case.Z, case.x)
    before = solver.left(case.f)
    L = other.inverse()
    np.testing.assert_allclose(solver.invert() * solver.output_[:, None], L, rtol=1e-10)
    np.testing.assert_allclose(L, truth(case.Z, case.x), rtol=1e-10, atol=1e-14)
    after = solver.left(case.f)
    np.testing.assert_allclose(after.value, before.value, rtol=1e-12)
    assert after.bound and after.error < 1e-11
    B = case.rng.random((20, 3))
    np.testing.assert_allclose(solver.output(B).value, other.output(B).value, rtol=1e-11)
    np.testing.assert_allclose(
        solver.output(B[:, 0]).value, other.output(B[:, 0]).value, rtol=1e-11
    )


@given(seed=st.integers(0, 10**6))
def test_the_same_question_has_the_same_bits(seed):
    case = random_case(seed, 9, 3)
    for method in ("lu", "lu32", "iterative"):
        one = mc.Leontief(case.Z, case.x, block=3).left(case.f, method=method).value
        two = mc.Leontief(case.Z, case.x, block=3).left(case.f, method=method).value
        np.testing.assert_array_equal(one, two)


# -- what holds the bound up ----------------------------------------------------------------------


def test_an_error_above_the_tolerance_gives_way_to_lu(monkeypatch):
    monkeypatch.setattr(matrix, "TOLERANCE", 1e-18)
    case = random_case(1, 4, 5)
    with pytest.warns(AccuracyWarning, match="by lu, above 1e-18"):
        found = mc.Leontief(case.Z, case.x).left(case.f, method="lu32", explain=True)
    assert found.method == "lu" and "Fell back: the error bound of lu32 is" in found.explanation


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_weights_that_fall_short_are_made_long_enough_or_not_believed(side, monkeypatch):
    case = random_case(3, 4, 5)
    solver = mc.Leontief(case.Z, case.x)
    M = np.diag(case.x) - case.Z
    exact = np.linalg.solve(M if side == LEFT else M.T, case.x)

    def covering(theta):
        t = (1 - theta) * exact[None]
        moved = t * case.x - (1 - theta) * case.x
        return lambda method, other: (t, moved, theta)

    monkeypatch.setattr(solver, "_covering", covering(0.4))
    t, used, sure = solver._weights_of(side, "iterative")
    np.testing.assert_allclose(t, exact, rtol=1e-10)
    assert sure and (used >= -1e-9).all()
    solver._weights.clear()
    monkeypatch.setattr(solver, "_covering", covering(0.7))
    with pytest.raises(ConvergenceError, match="no bound of the error"):
        solver._weights_of(side, "iterative")
    assert not solver._weights_of(side, "lu")[2]  # for lu as found, and not called sure
    with pytest.raises(ConvergenceError, match="no bound of the error"):
        solver._weights_of(side, "iterative")  # not from what lu left behind either
    solution = getattr(solver, side)(case.f, method="lu")
    assert (
        not solution.bound
        and "(estimate)" in getattr(solver, side)(case.f, method="lu", explain=True).explanation
    )


def test_bad_weights_of_lu_do_not_vouch_for_sweeps():
    # Productive exactly, but scaled so that LU cannot show it: sweeps must not borrow its word.
    n = 5
    A = np.triu(np.full((n, n), 0.9), 1)
    A[-1, 0] = 1e-30
    scale = 10.0 ** np.array([30, -20, 10, -30, 25])
    x = np.abs(scale)
    solver = mc.Leontief(A * x, x)
    one = solver.left(x, method="lu")
    two = solver.left(x, method="iterative", explain=True)
    exact = np.linalg.solve(np.eye(n) - A.T, np.ones(n))
    for found in (one, two):
        miss = (np.abs(found.value - exact) * x).sum() / (exact * x).sum()
        assert miss <= found.error + 1e-12 or not found.bound


@pytest.mark.parametrize("method", ["auto", "lu", "lu32", "iterative"])
def test_numbers_beyond_double_precision_are_no_answer(method):
    Z = np.array([[0, 1e200, 0], [0, 0, 1e200], [0, 0, 1 - 1e-10]])
    with pytest.raises((ConvergenceError, NotProductiveError)), np.errstate(all="ignore"):
        mc.Leontief(Z, np.ones(3)).left(np.full(3, 1e100), method=method)


def test_passes_are_counted_and_factors_remembered():
    case = random_case(1, 9, 5)
    solver = mc.Leontief(case.Z, case.x)
    fresh = solver.plan(1).seconds
    solver.left(case.f, method="iterative")
    once = solver._spent
    solver.left(case.f, method="iterative")
    assert solver._spent == pytest.approx(2 * once) and once > 0
    solver.left(case.f, method="lu")
    assert solver.plan(1).seconds["lu"] < fresh["lu"]
    assert solver.plan(1).seconds["lu32"] == fresh["lu32"]
    chosen = solver.prepare(3)
    assert chosen.method == "lu" and solver._factors is not None


def test_preparing_makes_the_factors_though_the_table_was_looked_at_before(monkeypatch):
    monkeypatch.setattr(choose, "SMALL", 1)
    case = random_case(1, 9, 5)
    solver = mc.Leontief(case.Z, case.x)
    solver.left(case.f, method="iterative")
    chosen = solver.prepare(40)
    assert (solver._single if chosen.method == "lu32" else solver._factors) is not None


def test_a_fallback_that_would_not_fit_is_refused(monkeypatch):
    case = random_case(1, 40, 5)
    solver = mc.Leontief(case.Z, case.x, block=5)
    room = solver.plan(1).bytes
    monkeypatch.setattr(choose, "available", lambda: (room["iterative"] + room["lu"]) / 2)
    assert room["iterative"] < room["lu"]
    monkeypatch.setattr(matrix, "TOLERANCE", 1e-18)
    with pytest.raises(MemoryLimitError):
        solver.left(case.f, method="iterative")


def test_large_regions_count():
    assert plan(2500, 1, Known(block=2500)).method != "iterative"
    assert plan(2500, 1, Known(block=50)).method == "iterative"
    assert plan(2500, 1, Known(block=2500)).bytes["iterative"] > 3 * 8 * 2500**2


@pytest.mark.parametrize("kind", [np.float32, np.int64, list])
def test_flows_of_another_kind_are_taken_in_double_precision(kind):
    Z = np.array([[20, 10, 15], [10, 20, 0], [5, 0, 20]])
    x = np.array([100, 90, 80])
    given = Z.tolist() if kind is list else Z.astype(kind)
    found = mc.Leontief(given, x).left(np.ones(3))
    np.testing.assert_allclose(found.value @ (np.diag(x) - Z), 1.0, rtol=1e-13)


def test_bad_systems_are_refused():
    with pytest.raises(ShapeError, match="outputs"):
        mc.Leontief(np.ones((3, 2)), np.ones(3))
    with pytest.raises(ShapeError, match="outputs"):
        mc.Leontief(np.ones((0, 0)), np.ones(0))
    with pytest.raises(NonFiniteError):
        mc.Leontief(np.full((2, 2), np.nan), np.ones(2))
    with pytest.raises(ShapeError, match="right-hand sides"):
        mc.Leontief(np.eye(3) * 0.1, np.ones(3)).left(np.ones(2))


@pytest.mark.parametrize("method", ["auto", "lu", "lu32", "iterative"])
def test_no_sides_have_no_answers(method):
    solver = mc.Leontief(np.eye(3) * 0.1, np.ones(3))
    assert solver.multipliers(np.zeros((0, 3)), method=method).value.shape == (0, 3)
    assert solver.output(np.zeros((3, 0)), method=method).value.shape == (3, 0)


@pytest.mark.parametrize("text", ["{", '{"double": 0}', '{"stream": "fast"}', '{"what": 1}', "[]"])
def test_a_damaged_file_of_speeds_is_passed_over(text, tmp_path, monkeypatch):
    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path))
    (tmp_path / "machine.json").write_text(text, encoding="utf-8")
    choose._kept.cache_clear()
    assert machine() == Machine()
    choose._kept.cache_clear()


@pytest.mark.parametrize("seed", range(6))
def test_the_radius_of_tables_with_negative_flows(seed):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((320, 320))
    A *= 1.003 / np.abs(np.linalg.eigvals(A)).max()
    assert mc.Leontief(A, np.ones(320)).spectral_radius() == pytest.approx(1.003, abs=2e-4)
