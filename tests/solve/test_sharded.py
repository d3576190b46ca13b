"""Solves by iteration over several JAX devices: as by LAPACK, and no device holds all of a table.

Everything runs on JAX's CPU device, and again on all GPUs where there are any. Several devices are
simulated in a process of its own, since JAX splits the CPU only as it starts.
"""

import json
import os
import subprocess
import sys
from fractions import Fraction

import jax
import numpy as np
import pytest
from hypothesis import given
from jax import export
from properties.tables import random_case
from solve.devices import ROOT, close, lapack, needs_gpu, tables_of_one_size, with_idle_trade
from solve.test_error_bounds import (
    any_system,
    economic_system,
    exact_solve,
    exact_system,
    transposed,
    weighted_error,
)

import mriocarbon as mc
from mriocarbon.errors import ConvergenceError, NotProductiveError
from mriocarbon.solve import device as module
from mriocarbon.solve import sharded
from mriocarbon.solve.sharded import ShardedFlows, sharded_bytes

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")
SPREAD = ["cpu", pytest.param("all gpus", marks=needs_gpu)]
on_all = pytest.mark.parametrize("where", SPREAD)


@on_all
@given(case=tables_of_one_size())
def test_iteration_as_by_lapack(where, case):
    Z = with_idle_trade(case)
    flows, direct = ShardedFlows(Z, case.x, where), mc.Leontief(Z, case.x)
    rng = case.rng
    F, Y = rng.random((3, case.n)) * case.x, rng.normal(size=(case.n, 2)) * case.x[:, None]
    F[:, case.x == 0] = 1.0
    a, b = flows.left(F), direct.left(F, method="lu")
    close(a.value, b.value, case.x, 1e-9, 1)
    assert a.bound == b.bound and a.iterations > 0 and a.method == "gmres"
    c, d = flows.right(Y), direct.right(Y, method="lu")
    close(c.value, d.value, case.x, 1e-9, 0)
    close(flows.left(F[0]).value, b.value[0], case.x, 1e-9, 0)
    close(flows.right(Y[:, 0]).value, d.value[:, 0], case.x, 1e-9, 0)


@on_all
@pytest.mark.parametrize("zeros", [0, 2])
@pytest.mark.parametrize("radius", [0.5, 0.999, 1 - 1e-6])
@pytest.mark.parametrize("seed", range(3))
def test_its_bound_holds_and_is_of_use(where, seed, radius, zeros):
    Z, x, f, _ = economic_system(seed, radius=radius, zeros=zeros)
    weight = np.where(x == 0, 1.0, x)
    exact = [Fraction(v) for v in f]
    M = exact_system(Z, x)
    flows = ShardedFlows(Z, x, where)
    for answer, matrix in ((flows.left(f), transposed(M)), (flows.right(f), M)):
        assert answer.bound
        assert weighted_error(answer.value, exact_solve(matrix, exact), weight) <= answer.error
        assert answer.error <= 2e-11 / (1 - radius)


@on_all
@pytest.mark.parametrize("seed", range(4))
def test_its_bound_holds_where_sales_have_no_scale(where, seed):
    Z, x, f, _ = any_system(seed, radius=0.9)
    try:
        answer = ShardedFlows(Z, x, where).left(f)
    except ConvergenceError:
        return
    exact = exact_solve(transposed(exact_system(Z, x)), [Fraction(v) for v in f])
    assert weighted_error(answer.value, exact, x) <= answer.error


@on_all
@pytest.mark.parametrize("seed", range(3))
def test_small_sectors_are_as_good_as_large_ones(where, seed):
    # No norm of w = m x sees a sector of a billionth of the output; its multiplier is printed too.
    Z, x, f, rng = economic_system(seed, n=20, radius=0.7)
    assert x.max() / x.min() > 1e9
    ours, theirs = ShardedFlows(Z, x, where), mc.Leontief(Z, x)
    for side, b in (("left", f), ("right", rng.random(20) * x * (rng.random(20) < 0.3))):
        found, expected = getattr(ours, side)(b), getattr(theirs, side)(b, method="lu")
        np.testing.assert_allclose(found.value, expected.value, rtol=5e-12)


@on_all
@pytest.mark.parametrize("rough", [1e-3, 0.4])
def test_the_weights_bound_the_inverse_from_above(where, rough, monkeypatch):
    monkeypatch.setattr(sharded, "_ROUGH", rough)
    for seed in range(6):
        Z, x, _, _ = economic_system(seed, n=20, radius=0.99, zeros=2)
        flows, factors = ShardedFlows(Z, x, where), lapack(Z, x)
        with jax.enable_x64(True):
            t, s = flows._weights_of("right"), flows._weights_of("left")
        exact_t, exact_s = factors.solve(flows.output_), factors.solve_left(flows.output_)
        for ours, exact in ((t, exact_t), (s, exact_s)):
            assert (ours >= exact * (1 - 1e-12)).all()
            assert (ours <= exact * (1 + rough) / (1 - rough) * 1.001).all()


@on_all
@pytest.mark.parametrize("radius", [1.0, 1.001, 1.5, 20.0])
def test_an_unproductive_table_is_refused(where, radius):
    Z, x, f, _ = any_system(1, n=20, radius=radius)
    with pytest.raises(NotProductiveError, match="not productive"):
        ShardedFlows(Z, x, where).left(f)
    with pytest.raises(NotProductiveError, match="not productive"):
        ShardedFlows(Z, x, where).right(f)


@on_all
def test_negative_cells_are_checked_by_their_radius(where, monkeypatch):
    def unknown(self):
        raise ConvergenceError("the spectral radius was not found")

    case = random_case(4, 3, 4)
    Z = case.Z.copy()
    Z[0, 1] = -0.2 * case.x[1]
    ours, theirs = ShardedFlows(Z, case.x, where), mc.Leontief(Z, case.x)
    found = ours.left(case.f)
    assert not found.bound
    close(found.value, theirs.left(case.f, method="lu").value, case.x, 1e-9, 0)
    assert ours.spectral_radius() == pytest.approx(theirs.spectral_radius(), rel=1e-9)
    monkeypatch.setattr(sharded, "_DENSE", 0)
    assert ours.spectral_radius() == pytest.approx(theirs.spectral_radius(), rel=1e-9)
    monkeypatch.undo()
    Z[2, 2] = 1.5 * case.x[2]
    with pytest.raises(NotProductiveError):
        ShardedFlows(Z, case.x, where).left(case.f)
    # What cannot be checked is no answer.
    monkeypatch.setattr(ShardedFlows, "spectral_radius", unknown)
    with pytest.raises(ConvergenceError, match="not found"):
        ShardedFlows(Z, case.x, where).left(case.f)
    # Without negative cells the solution itself is the proof.
    with pytest.raises(NotProductiveError, match="at or above 1"):
        ShardedFlows(np.abs(Z), case.x, where).left(case.f)


@on_all
def test_a_chain_too_long_for_it_is_an_error_and_not_an_answer(where):
    # Sector k sells all but a thousandth to the next, the last to the first: GMRES learns
    # nothing in less than n steps, and LU finds it hard to get wrong.
    n = 60
    Z, x = 0.999 * np.roll(np.eye(n), 1, axis=1), np.ones(n)
    f = np.eye(n)[0]
    with pytest.raises(ConvergenceError, match="after") as raised:
        ShardedFlows(Z, x, where).left(f)
    assert 'method="lu"' in str(raised.value)
    assert mc.Leontief(Z, x).left(f, method="lu").error < 1e-10


@on_all
def test_no_more_is_asked_than_rounding_leaves(where):
    Z, x, f, _ = economic_system(1)
    answer = ShardedFlows(Z, x, where).left(f, rtol=0.0)
    assert 0 < answer.error < 1e-10


def test_zero_sides_and_zero_rows():
    Z, x, f, _ = economic_system(1)
    flows = ShardedFlows(Z, x, "cpu")
    answer = flows.left(np.stack([np.zeros_like(f), f]))
    np.testing.assert_array_equal(answer.value[0], 0.0)
    assert flows.left(np.zeros_like(f)).error == 0.0
    assert flows.left(np.empty((0, len(f)))).value.shape == (0, len(f))
    assert flows.right(np.empty((len(f), 0))).value.shape == (len(f), 0)


def test_many_sides_in_blocks(monkeypatch):
    Z, x, _, rng = economic_system(2, n=20)
    F = rng.random((11, 20)) * x
    whole = ShardedFlows(Z, x, "cpu").left(F)
    monkeypatch.setattr(sharded, "_BLOCK", 4)
    parts = ShardedFlows(Z, x, "cpu").left(F)
    close(parts.value, whole.value, x, 1e-11, 1)
    assert parts.iterations > whole.iterations


FOUR = """
import json, sys
import jax, numpy as np
import mriocarbon as mc
from mriocarbon.errors import NotAvailableError
from mriocarbon.solve import sharded
from mriocarbon.solve.device import DeviceFactors, find_devices
from mriocarbon.solve.sharded import ShardedFlows
sys.path[:0] = ["tests"]
from properties.tables import random_case

def apart(a, b, weight):
    return float((np.abs(a - b) * weight).sum() / (np.abs(b) * weight).sum())

out = {"devices": len(find_devices("all cpus")), "two": len(find_devices("cpu:1,3"))}
tables = {"embedded": mc.load("oecd-icio-2022")}
for n in (3, 997):
    tables[str(n)] = random_case(n, n, 1, zeros=n // 4, negative_demand=True, decades=3).mrio()
for name, mrio in tables.items():
    Z, x, n = mrio.Z, mrio.x, len(mrio.x)
    flows, direct = ShardedFlows(Z, x, "all cpus"), mc.Leontief(Z, x)
    rng = np.random.default_rng(n)
    f, y = rng.random((3, n)) * x, rng.random((n, 2)) * x[:, None]
    left, right = flows.left(f), flows.right(y)
    a, b = direct.left(f, method="lu"), direct.right(y, method="lu")
    weight = np.where(x == 0, 1.0, x)
    parts = [s.data for s in flows._Z.addressable_shards]
    out[name] = {
        "left": apart(left.value, a.value, weight),
        "right": apart(right.value, b.value, weight[:, None]),
        "errors": [left.error, right.error],
        "bound": left.bound and right.bound,
        "parts": [list(p.shape) for p in parts],
        "on": sorted(str(next(iter(p.devices()))) for p in parts),
        "describe": flows.describe(),
    }
    if n == 997:
        programs = sharded._programs(flows._everywhere)
        with jax.enable_x64(True):
            said = [
                programs["image"].lower(flows._Z, flows.output_, f, side=side).compile()
                for side in ("left", "right")
            ] + [
                programs["cycle"].lower(flows._Z, flows.output_, np.ones(n), f, np.ones(3), True,
                                        side=side).compile()
                for side in ("left", "right")
            ]
        held = [m.memory_analysis() for m in said]
        out["held"] = [h.argument_size_in_bytes + h.output_size_in_bytes + h.temp_size_in_bytes
                       for h in held]
third = find_devices("cpu:2")[0]
factors = DeviceFactors(Z, x, "cpu:2")
out["lu"] = apart(factors.solve_left(f), a.value, weight)
out["lu on"] = [str(next(iter(factors._lu.devices()))), str(third)]
try:
    DeviceFactors(Z, x, "all cpus")
except NotAvailableError as error:
    out["refused"] = str(error)
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def four() -> dict:
    """What four devices find, in a process that simulates them."""
    flags = "--xla_force_host_platform_device_count=4"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FOUR], env=environment, cwd=ROOT,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


# slow: the same programs run on one device above, four take a minute of processor time
@pytest.mark.slow
@pytest.mark.parametrize("name", ["embedded", "3", "997"], ids=lambda n: f"n={n}")
def test_four_devices_as_by_lapack(four, name):
    found = four[name]
    n = 1000 if name == "embedded" else int(name)
    width = -(-n // 4)  # also where four does not divide n, and where n is less than four
    assert found["parts"] == [[n, width]] * 4
    assert len(set(found["on"])) == 4
    assert max(found["left"], found["right"]) <= 1e-11
    assert found["bound"]
    for true, error in zip((found["left"], found["right"]), found["errors"], strict=True):
        assert true <= error + 1e-12  # LAPACK has an error too
        assert error <= 1e-9
    assert "4 devices: 4 x cpu" in found["describe"]


@pytest.mark.slow
def test_no_device_holds_more_than_its_columns(four):
    # A compiler left to itself gathers all of Z on each of them.
    assert max(four["held"]) <= sharded_bytes(997, 3, 4)
    assert sharded_bytes(997, 3, 4) < 0.7 * 8 * 997**2


@pytest.mark.slow
def test_one_of_four(four):
    assert four["devices"] == 4
    assert four["two"] == 2
    assert four["lu on"][0] == four["lu on"][1]
    assert four["lu"] <= 1e-12
    assert "solve by iteration" in four["refused"]


def test_every_program_has_a_form_for_cuda():
    # No proof that it runs there, but what JAX cannot express for a GPU shows here without one.
    n, rows = 6, np.ones((4, 6))
    flows = ShardedFlows(np.zeros((n, n)), np.ones(n), "cpu")
    Z, x, order = np.zeros((n, n)), np.ones(n), np.arange(n, dtype=np.int32)
    programs, iteration = module._programs(), sharded._programs(flows._everywhere)
    with jax.enable_x64(True):
        state, _, _ = programs.begin_all(Z[None], x[None])
        said = {
            name: export.export(program, platforms=["cuda"])(*args).mlir_module()
            for name, program, args in [
                ("factor", programs.factor, (Z, x)),
                ("left", programs.left, (Z, order, rows)),
                ("right", programs.right, (Z, order, rows)),
                ("times_left", programs.times_left, (Z, x, rows)),
                ("times_right", programs.times_right, (Z, x, rows)),
                ("begin_all", programs.begin_all, (Z[None], x[None])),
                ("solve_all", programs.solve_all, (Z[None], x[None], state, rows[None])),
            ]
        }
        for side in ("left", "right"):
            cycle = export.export(iteration["cycle"], platforms=["cuda"])
            args = (flows._Z, flows.output_, np.ones(n), rows, np.ones(4), True)
            said[side + " cycle"] = cycle(*args, side=side).mlir_module()
    assert said.keys() >= vars(programs).keys() - {"factor_all"}
    assert "cusolver_getrf" in said["factor"] and "cusolver_getrf" in said["begin_all"]
    assert all("f32" not in text and "f64" in text for text in said.values())
