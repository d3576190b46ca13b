"""Where one method gives way to another: what is taken instead, and that the answer says so."""

import numpy as np
import pytest
from properties.tables import random_case
from solve.test_methods import Pieces

import mriocarbon as mc
from mriocarbon.errors import AccuracyWarning, ConvergenceError, NotAvailableError
from mriocarbon.solve import choose, device, matrix, sharded
from mriocarbon.solve.bands import SparseBands, edges_of
from mriocarbon.solve.iterative import Sweeper


def chain(n=60):
    """Sector k sells all but a thousandth to the next, the last to the first."""
    return 0.999 * np.roll(np.eye(n), 1, axis=1), np.ones(n)


def test_preparing_a_table_that_sweeps_cannot_do_makes_factors(monkeypatch):
    monkeypatch.setattr(choose, "SMALL", 1)
    monkeypatch.setitem(Sweeper.solve.__kwdefaults__, "most", 2)
    Z, x = chain()
    solver = mc.Leontief(Z, x, block=5)
    plan = type(solver).plan
    monkeypatch.setattr(  # whatever this machine is fast at
        type(solver), "plan",
        lambda self, sides, method="auto": plan(
            self, sides, "iterative" if method == "auto" else method),
    )  # fmt: skip
    chosen = solver.prepare(1)
    assert chosen.method == "lu" and "Fell back" in chosen.text and solver._factors is not None
    with pytest.raises(ConvergenceError):
        mc.Leontief(Pieces(Z, edges_of(60, 5), 60), x).prepare(1)


def test_preparing_makes_the_single_factors_that_were_chosen(monkeypatch):
    monkeypatch.setattr(choose, "SMALL", 1)
    case = random_case(1, 9, 5)
    solver = mc.Leontief(case.Z, case.x)
    plan = type(solver).plan
    monkeypatch.setattr(type(solver), "plan", lambda self, sides, _="auto": plan(self, 4, "lu32"))
    assert solver.prepare(4).method == "lu32" and solver._single is not None


def test_a_chain_that_ends_has_no_radius(monkeypatch):
    from scipy.sparse.linalg import ArpackError

    def gives_up(*_, **__):
        raise ArpackError(-9999)

    monkeypatch.setattr("scipy.sparse.linalg.eigs", gives_up)
    monkeypatch.setattr(matrix, "_DENSE", 4)
    ends = np.diag(np.ones(9), 1)
    assert mc.Leontief(SparseBands(ends, block=5), np.ones(10)).spectral_radius() == 0.0


@pytest.fixture
def two(monkeypatch):
    """JAX's CPU device twice, for what is decided before anything runs on them."""
    (one,) = device.find_devices("cpu")
    monkeypatch.setattr(device, "find_devices", lambda name: [one, one])
    monkeypatch.setattr(sharded, "find_devices", lambda name: [one])  # what runs, runs on one


def test_several_devices_that_do_not_converge_give_way_to_lu_and_say_so(two):
    Z, x = chain()
    solver = mc.Leontief(Z, x, device="all cpus")
    found = solver.left(np.eye(60)[0], explain=True)
    np.testing.assert_allclose(found.value @ (np.eye(60) - Z), np.eye(60)[0], atol=1e-9)
    assert found.method == "lu" and found.error < 1e-10
    assert "Fell back: " in found.explanation and "to LU on the processor" in found.explanation
    again = solver.right(np.eye(60)[:, 0])  # at once: the devices are not tried again
    np.testing.assert_allclose((np.eye(60) - Z) @ again.value, np.eye(60)[:, 0], atol=1e-9)
    assert again.method == "lu"


def test_several_devices_answer_both_sides_as_one_does(two):
    case = random_case(2, 4, 5)
    solver, here = mc.Leontief(case.Z, case.x, device="all cpus"), mc.Leontief(case.Z, case.x)
    left, right = solver.left(case.f), solver.right(case.demand)
    assert left.method == right.method and left.method.endswith(", all cpus")
    np.testing.assert_allclose(left.value, here.left(case.f).value, rtol=1e-9)
    np.testing.assert_allclose(right.value, here.right(case.demand).value, rtol=1e-9, atol=1e-12)
    with pytest.raises(NotAvailableError, match="lapack"):
        solver.left(case.f, method="iterative")


def test_numbers_of_a_device_beyond_the_tolerance_are_warned_of(two, monkeypatch):
    monkeypatch.setattr(matrix, "TOLERANCE", 1e-18)
    case = random_case(2, 4, 5)
    with pytest.warns(AccuracyWarning, match="all cpus, above 1e-18"):
        mc.Leontief(case.Z, case.x, device="all cpus").left(case.f)
