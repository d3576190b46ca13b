"""Low-rank updates against a new inverse; what makes them give up, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import random_case, toy

import mriocarbon as mc
from mriocarbon.errors import AccuracyWarning, NotProductiveError, ShapeError, UnknownNameError
from mriocarbon.structure import update as module
from mriocarbon.structure.update import Updated, low_rank

SHAPES = ("cell", "column", "row", "cross", "block", "cells")


def coefficients(mrio):
    return np.where(mrio.x == 0, 0.0, mrio.Z / np.where(mrio.x == 0, 1.0, mrio.x))


def change(A, shape, rng):
    """A change of one shape that keeps A non-negative and productive (column sums below 1)."""
    n = len(A)
    i, j = rng.integers(n, size=2)
    dA = np.zeros_like(A)
    if shape in ("column", "cross"):
        dA[:, j] = -rng.random() * A[:, j]
    if shape in ("row", "cross"):
        dA[i] = -rng.random() * A[i]
    if shape == "block":
        dA[: n // 2 + 1, : n // 3 + 1] = -rng.random() * A[: n // 2 + 1, : n // 3 + 1]
    if shape == "cells":
        spots = rng.random(A.shape) < 0.1
        dA = np.where(spots, rng.uniform(-1, 0.02, A.shape) * A, 0.0)
    if shape == "cell":
        dA[i, j] = rng.uniform(-1, 0.02) * A[i, j]
    return dA


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    R=st.integers(1, 5),
    S=st.integers(1, 6),
    shape=st.sampled_from(SHAPES),
    zeros=st.integers(0, 2),
    density=st.sampled_from([1.0, 0.3]),
    negative=st.booleans(),
)
def test_an_update_is_a_new_solve(seed, R, S, shape, zeros, density, negative):
    case = random_case(seed, R, S, zeros=zeros, density=density, negative_demand=negative)
    mrio = case.mrio()
    A = coefficients(mrio)
    dA = change(A, shape, case.rng)
    system = mc.leontief(mrio)
    new = Updated(system, dA, method="update")
    assert new.method == "update" and not new.why
    L = np.linalg.inv(np.eye(case.n) - A - dA)
    q = np.where(mrio.x == 0, 0.0, case.f / np.where(mrio.x == 0, 1, mrio.x))
    output, m = new.output(case.demand), new.multipliers(q)
    np.testing.assert_allclose(output.value, L @ case.demand, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(m.value, q @ L, rtol=1e-10, atol=1e-12)
    assert output.error < 1e-11 and m.error < 1e-11 and output.bound
    # the error is a bound: the oracle's own rounding aside
    far = np.abs(output.value - L @ case.demand).sum(0) / np.abs(output.value).sum(0).clip(1e-300)
    assert far.max() <= output.error + 1e-12


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 12), seed=st.integers(0, 2**32 - 1), density=st.sampled_from([0.05, 0.2, 0.9])
)
def test_the_cover_is_exact_and_smallest(n, seed, density):
    rng = np.random.default_rng(seed)
    dA = rng.standard_normal((n, n)) * (rng.random((n, n)) < density)
    U, V = low_rank(dA)
    np.testing.assert_allclose(U @ V.T, dA, atol=0)
    # the term rank: no cover can be smaller than the rank of a matrix of random cells
    assert U.shape[1] == np.linalg.matrix_rank(dA)


def test_ranks_of_common_changes():
    dA = np.zeros((6, 6))
    dA[2, 3] = 1
    assert low_rank(dA)[0].shape[1] == 1
    dA[:, 1] = 1
    dA[4] = 1
    assert low_rank(dA)[0].shape[1] == 3
    assert low_rank(np.zeros((6, 6)))[0].shape[1] == 0


def test_no_change_is_the_table_itself():
    mrio = toy()
    new = Updated(mc.leontief(mrio), np.zeros((4, 4)))
    np.testing.assert_allclose(new.output(mrio.final_demand.sum(1)).value, mrio.x, rtol=1e-14)
    assert new.rank == 0 and new.condition == 1.0


@pytest.mark.parametrize("method", ["update", "lu", "auto"])
def test_a_change_that_uses_up_the_chain_is_refused_by_name(method):
    mrio = toy()
    dA = np.zeros((4, 4))
    dA[3, 3] = 0.75  # of its own output, beside 0.45 of all
    with pytest.raises(NotProductiveError, match=r"after the change.*\n.*B 2 \(inputs"):
        Updated(mc.leontief(mrio), dA, method=method)


def test_exactly_singular_is_refused():
    mrio = mc.MRIO.from_arrays(Z=[[0, 50], [50, 0]], Y=[[50], [50]], regions=["A"],
                               sectors=["1", "2"])  # fmt: skip
    with pytest.raises(NotProductiveError):
        Updated(mc.leontief(mrio), np.array([[0, 0.5], [0.5, 0]]), method="update")


def test_near_singular_is_factored_anew_and_says_so():
    mrio = mc.MRIO.from_arrays(Z=[[0, 50], [50, 0]], Y=[[50], [50]], regions=["A"],
                               sectors=["1", "2"])  # fmt: skip
    dA = np.array([[0, 0.5 - 1e-9], [0.5 - 1e-9, 0]])
    new = Updated(mc.leontief(mrio), dA, method="update")
    assert new.method == "lu" and "near singular" in new.why
    L = np.linalg.inv(np.eye(2) - mrio.Z / mrio.x - dA)
    with pytest.warns(AccuracyWarning, match="next to one that is not productive"):
        found = new.output([1.0, 1.0])
    np.testing.assert_allclose(found.value, L.sum(1), rtol=1e-6)


def test_a_missed_bound_is_factored_anew(monkeypatch):
    monkeypatch.setattr(module, "ALLOWED", 0.0)
    mrio = toy()
    dA = np.zeros((4, 4))
    dA[0, 1] = 0.01
    new = Updated(mc.leontief(mrio), dA, method="update")
    x = new.output(mrio.final_demand)
    assert new.method == "lu" and "forward error" in new.why and x.method == "lu"


def test_high_rank_and_negative_coefficients_are_factored_anew():
    mrio = toy()
    new = Updated(mc.leontief(mrio), np.full((4, 4), 0.01))
    assert new.method == "lu" and "faster" in new.why
    dA = np.zeros((4, 4))
    dA[1, 2] = -0.1
    new = Updated(mc.leontief(mrio), dA, method="update")
    assert new.method == "lu" and new.why == "negative coefficients"
    L = np.linalg.inv(np.eye(4) - mrio.Z / mrio.x - dA)
    np.testing.assert_allclose(new.output(np.ones(4)).value, L.sum(1), rtol=1e-12)


def test_a_sector_without_output_can_be_given_a_technology():
    Z = np.array([[20.0, 10, 0], [10, 20, 0], [0, 0, 0]])
    mrio = mc.MRIO.from_arrays(Z=Z, Y=[[70], [70], [0]], regions=["A"], sectors=["1", "2", "3"])
    dA = np.zeros((3, 3))
    dA[0, 2], dA[2, 1] = 0.4, 0.1
    L = np.linalg.inv(np.eye(3) - np.where(mrio.x == 0, 0, Z / [100, 100, 1]) - dA)
    for method in ("update", "lu"):
        new = Updated(mc.leontief(mrio), dA, method=method)
        np.testing.assert_allclose(new.output([70, 70, 5]).value, L @ [70, 70, 5], rtol=1e-13)
        np.testing.assert_allclose(new.multipliers([1, 2, 3]).value, [1, 2, 3] @ L, rtol=1e-13)


def test_bad_input():
    system = mc.leontief(toy())
    with pytest.raises(ShapeError, match="4 sectors"):
        Updated(system, np.zeros((3, 3)))
    with pytest.raises(UnknownNameError, match="method"):
        Updated(system, np.zeros((4, 4)), method="qr")
    with pytest.raises(ShapeError):
        Updated(system, np.zeros((4, 4))).output(np.zeros(3))


def test_the_change_given_is_not_altered():
    from scipy.sparse import csr_array

    dA = csr_array(np.diag([0.0, 0.1, 0.0, 0.0]))
    dA.data[:] = 0.0
    Updated(mc.leontief(toy()), dA)
    assert dA.nnz == 1


def test_real_table_against_a_new_factorisation():
    mrio = mc.load("oecd-icio-2022")
    A = coefficients(mrio)
    dA = np.zeros_like(A)
    dA[100:150] = -0.3 * A[100:150]  # what China sells: its T has no output
    dA[:, 127] += 0.1 * A[:, 127]  # and what its electricity buys
    y = mrio.final_demand
    new, full = (Updated(mc.leontief(mrio), dA, method=m) for m in ("update", "lu"))
    assert (new.method, full.method, new.rank) == ("update", "lu", 50)
    a, b = new.output(y).value, full.output(y).value
    np.testing.assert_allclose(a.sum(0), b.sum(0), rtol=1e-12)
    np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10 * b.max())


@pytest.mark.parametrize("side", ["_base_right", "_base_left"])
def test_a_sloppy_factorisation_is_made_good_by_refinement(side, monkeypatch):
    """One step squares a relative error of 1e-7; without it 1e-7 would stay."""
    mrio = random_case(7, 4, 5).mrio()
    A = coefficients(mrio)
    dA = np.zeros_like(A)
    dA[:, 3] = -0.4 * A[:, 3]
    exact = getattr(Updated, side)
    monkeypatch.setattr(Updated, side, lambda self, b: (1 + 1e-7) * exact(self, b))
    new = Updated(mc.leontief(mrio), dA, method="update")
    L = np.linalg.inv(np.eye(len(A)) - A - dA)
    q = np.linspace(0.1, 2, len(A))
    y = mrio.final_demand
    output, m = new.output(y), new.multipliers(q)
    assert output.method == m.method == "update"
    np.testing.assert_allclose(output.value, L @ y, rtol=1e-11, atol=1e-11 * y.max())
    np.testing.assert_allclose(m.value, q @ L, rtol=1e-11)
    # rounding of the residual is part of the bound, so that it is never zero
    assert output.error > 20 * np.finfo(float).eps and m.error > 20 * np.finfo(float).eps
