"""What stands in the way of margins is found if, and only if, something does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from mriocarbon.build.balance import gras
from mriocarbon.build.feasible import InfeasibleError, obstacles
from mriocarbon.errors import ConvergenceError, ShapeError


def by_linear_program(A, u, v):
    """Whether a table with these signs (cells may vanish) has these margins."""
    m, n = A.shape
    i, j = np.nonzero(A)
    rows = np.zeros((m + n, len(i)))
    rows[i, range(len(i))] = rows[m + j, range(len(i))] = np.sign(A[i, j])
    done = linprog(np.zeros(len(i)), A_eq=rows, b_eq=np.concatenate([u, v]), method="highs")
    return done.status == 0


@given(st.integers(0, 10**6))
def test_agrees_with_a_linear_program(seed):
    rng = np.random.default_rng(seed)
    m, n = rng.integers(2, 6, 2)
    A = rng.choice([-1.0, 0.0, 0.0, 1.0, 1.0], size=(m, n))
    u = rng.integers(-2, 6, m).astype(float)
    v = rng.integers(-2, 6, n).astype(float)
    v[0] += u.sum() - v.sum()
    found = obstacles(A, u, v)
    hard = [one for one in found if one.kind != "boundary"]
    if not A.any():
        return
    assert by_linear_program(A, u, v) == (not hard), found
    if not hard and not found:  # a solution with every cell in use: scaling gets there
        # except lines that a margin of zero empties
        done = gras(A, u, v, tol=1e-6, max_iter=200_000)
        assert done.converged
    for one in hard:
        if one.kind == "pattern":
            assert one.excess > 0 and (one.rows or one.columns)


def test_totals():
    (one,) = obstacles([[1, 1]], [5], [2, 2])
    assert one.kind == "totals" and one.excess == pytest.approx(1)
    assert obstacles([[1, 1]], [4 * (1 + 1e-10)], [2, 2]) == ()


def test_lines_by_name():
    A = [[0, 0, 0], [1, 2, 0], [-1, -1, 0]]
    found = obstacles(A, [3, -2, 1], [1, 1, 0], row_labels=["a", "b", "c"])
    assert [(one.kind, one.rows) for one in found] == [
        ("empty", ("a",)), ("sign", ("b",)), ("sign", ("c",)),
    ]  # fmt: skip
    found = obstacles([[1, 0], [1, 0]], [1, 2], [2, 1], column_labels=["x", "y"])
    assert [(one.kind, one.columns) for one in found] == [("empty", ("y",))]


def test_a_block_cut_off_is_named_and_nothing_else():
    """Rows c, d sell to columns 4, 5 only, and have more than those take."""
    A = np.ones((5, 6))
    A[2:4, :4] = 0
    u = np.array([10.0, 10, 8, 9, 10])
    v = np.array([8.0, 8, 8, 8, 7, 8])
    (one,) = obstacles(A, u, v, row_labels=list("abcde"), column_labels=list("012345"))
    assert (one.kind, one.rows, one.columns) == ("pattern", ("c", "d"), ("4", "5"))
    assert one.excess == pytest.approx(2)
    with pytest.raises(InfeasibleError, match=r"rows c, d \(margins 17\)") as caught:
        gras(A, u, v, row_labels=list("abcde"), column_labels=list("012345"), max_iter=50)
    assert caught.value.obstacles[0].rows == ("c", "d")


def test_two_separate_reasons_are_two():
    A = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1.0]])
    found = obstacles(A, [5, 6, 10, 10], [4, 4, 11, 12])
    assert sorted((one.rows, one.columns) for one in found) == [(("#0",), ("#0",)),
                                                                (("#1",), ("#1",))]  # fmt: skip


def test_a_negative_cell_can_lift_a_row():
    """With [-1] beside it a row may send more than its margin; without, it may not."""
    assert obstacles([[1, -1], [1, 1]], [1, 5], [4, 2]) == ()
    assert obstacles([[1, 0], [1, 1]], [5, 1], [4, 2])[0].kind == "pattern"


def test_cells_that_must_vanish():
    (one,) = obstacles([[1, 0], [1, 1]], [4, 1], [4, 1])
    assert one.kind == "boundary" and (one.rows, one.columns) == (("#1",), ("#0",))
    with pytest.raises(ConvergenceError, match="#1 -> #0"):
        gras([[1, 0], [1, 1]], [4, 1], [4, 1], max_iter=500)


def test_large_and_hopeless_is_found_in_seconds():
    """1,500 x 1,500, one industry of one region sells at home only, and has too much."""
    rng = np.random.default_rng(5)
    A = rng.lognormal(size=(1500, 1500))
    u, v = A.sum(axis=1), A.sum(axis=0)
    A[7, 10:] = 0
    u[7] += 1e5
    v[500:] *= 1 + 1e5 / v[500:].sum()
    found = obstacles(A, u, v)
    assert [one.rows for one in found] == [("#7",)]
    assert found[0].columns == tuple(f"#{k}" for k in range(10))


def test_labels_must_fit():
    with pytest.raises(ShapeError, match="2 labels for 1 rows"):
        obstacles([[1, 1]], [2], [1, 1], row_labels=["a", "b"])
