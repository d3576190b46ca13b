"""Solves on JAX devices: the same numbers as LAPACK, honest errors, no device made up.

Everything runs on JAX's CPU device, and again on the GPU where there is one.
"""

import inspect
import subprocess
import sys
from fractions import Fraction

import jax
import numpy as np
import pytest
from conftest import _is_missing
from hypothesis import given
from hypothesis import strategies as st
from properties.tables import random_case
from solve.devices import (
    NO_GPU,
    ROOT,
    close,
    lapack,
    needs_gpu,
    tables_of_one_size,
    with_idle_trade,
)
from solve.test_error_bounds import (
    any_system,
    economic_system,
    exact_solve,
    exact_system,
    transposed,
    weighted_error,
)

import mriocarbon as mc
from mriocarbon.errors import (
    AccuracyWarning,
    ConvergenceError,
    MriocarbonError,
    NegativeOutputError,
    NonFiniteError,
    NotAvailableError,
    NotProductiveError,
    ShapeError,
    UnknownNameError,
)
from mriocarbon.solve import device as module
from mriocarbon.solve.device import (
    DeviceFactors,
    batched_multipliers,
    describe,
    device_bytes,
    find_devices,
    free_bytes,
    on_device,
)
from mriocarbon.solve.direct import Factors
from mriocarbon.solve.sharded import ShardedFlows

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")
WHERE = ["cpu", pytest.param("gpu", marks=needs_gpu)]
on_each = pytest.mark.parametrize("where", WHERE)


def tolerance(where: str) -> float:
    return 1e-12 if where == "cpu" else 1e-9


# -- devices --------------------------------------------------------------------------------------


def test_devices_by_name():
    (first,) = find_devices("cpu")
    assert first.platform == "cpu"
    assert find_devices("CPU:0") == [first]
    assert find_devices("all cpus")[0] == first
    assert describe([first]) == f"cpu, JAX {jax.__version__}"
    assert describe([first, first]).startswith("2 x cpu")


@pytest.mark.parametrize("name", ["", "tpu", "gpu:", "gpu:x", "gpu:0,", "cpu 0", "-1"])
def test_a_name_that_is_none(name):
    with pytest.raises(UnknownNameError, match="device"):
        find_devices(name)


def test_a_number_that_is_not_there_lists_those_that_are():
    with pytest.raises(NotAvailableError, match=r"no cpu:99") as raised:
        find_devices("cpu:0,99")
    assert "cpu:0 (cpu)" in str(raised.value)
    assert "XLA_FLAGS" in str(raised.value)
    with pytest.raises(NotAvailableError, match="twice"):
        find_devices("cpu:0,0")


@pytest.mark.parametrize(
    ("plugin", "platforms", "says"),
    [
        (False, "cpu", 'pip install "mriocarbon[gpu]"'),
        (True, "cpu", "held to 'cpu' by JAX_PLATFORMS"),
        (True, "", "nvidia-smi"),
        (True, "cpu,cuda", "nvidia-smi"),
    ],
)
@pytest.mark.parametrize("name", ["gpu", "gpu:0", "all gpus"])
def test_no_gpu_is_an_error_with_its_reason(monkeypatch, name, plugin, platforms, says):
    cpus = jax.local_devices(backend="cpu")

    def only_cpu(backend):
        if backend != "cpu":
            raise RuntimeError(f"Unknown backend: {backend!r} requested\nand so on")
        return cpus

    monkeypatch.setattr(jax, "local_devices", only_cpu)
    monkeypatch.setattr(module, "find_spec", lambda name: object() if plugin else None)
    monkeypatch.setenv("JAX_PLATFORMS", platforms)
    with pytest.raises(NotAvailableError) as raised:
        find_devices(name)
    said = str(raised.value)
    assert says in said
    assert "cpu:0 (cpu)" in said and "Unknown backend" in said and "and so on" not in said
    with pytest.raises(NotAvailableError):  # nor is the CPU taken in silence by who asks for it
        DeviceFactors(np.eye(2), np.full(2, 3.0), name)
    with pytest.raises(NotAvailableError):
        ShardedFlows(np.eye(2), np.full(2, 3.0), name)


def test_no_cpu_says_so(monkeypatch):
    def none(backend):
        raise RuntimeError("no")

    monkeypatch.setattr(jax, "local_devices", none)
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    with pytest.raises(NotAvailableError, match="add cpu") as raised:
        find_devices("cpu")
    assert "devices here: none" in str(raised.value)


def test_a_missing_gpu_fails_no_run_in_ci():
    assert not _is_missing(f"Skipped: {NO_GPU}")


def test_neither_import_nor_use_changes_the_settings_of_jax():
    before = jax.config.jax_enable_x64
    DeviceFactors(np.eye(2), np.full(2, 3.0), "cpu").solve(np.ones(2))
    ShardedFlows(np.eye(2), np.full(2, 3.0), "cpu").left(np.ones(2))
    assert jax.config.jax_enable_x64 is before
    code = (
        "import sys, mriocarbon.solve.device, mriocarbon.solve.sharded;"
        "assert 'jax' not in sys.modules and 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_errors_are_ours():
    for error in (NotAvailableError, ConvergenceError, NotProductiveError):
        assert issubclass(error, MriocarbonError)


# -- one table ------------------------------------------------------------------------------------


def test_the_protocol_is_that_of_the_factors_on_the_cpu():
    for name in ("solve", "solve_left"):
        ours, theirs = (inspect.signature(getattr(c, name)) for c in (DeviceFactors, Factors))
        assert list(ours.parameters) == list(theirs.parameters)


@on_each
@given(case=tables_of_one_size(), decades=st.sampled_from([0, 6]))
def test_any_table_as_by_lapack(where, case, decades):
    rng = case.rng
    # A change of unit for each sector: M keeps its solutions up to it, LAPACK its work.
    scale = 10 ** rng.uniform(-decades, decades, case.n)
    Z, x = with_idle_trade(case) * scale[:, None], case.x * scale
    ours, theirs = DeviceFactors(Z, x, where), lapack(Z, x)
    F, Y = rng.random((3, case.n)) * case.x, rng.normal(size=(case.n, 2)) * x[:, None]
    rtol = tolerance(where)
    close(ours.solve_left(F), theirs.solve_left(F), x, rtol, 1)
    close(ours.solve(Y), theirs.solve(Y), x, rtol, 0)
    close(ours.solve_left(F[0]), theirs.solve_left(F)[0], x, rtol, 0)
    close(ours.solve(Y[:, 1]), theirs.solve(Y)[:, 1], x, rtol, 0)
    kept = np.where(x == 0, 0.0, Z)
    close(ours.times_left(F), F @ kept, x, 1e-12, 1)
    close(ours.times_right(np.abs(Y)), kept @ np.abs(Y), x, 1e-12, 0)


@on_each
@pytest.mark.parametrize("radius", [0.9, 0.999, 1 - 1e-6])
@pytest.mark.parametrize("zeros", [0, 2])
def test_nearly_unproductive_tables_of_twelve_decades(where, radius, zeros):
    Z, x, f, _ = economic_system(3, n=30, radius=radius, zeros=zeros)
    ours, theirs = DeviceFactors(Z, x, where), mc.Leontief(Z, x).left(f, method="lu")
    close(ours.solve_left(f), theirs.value, x, max(tolerance(where), 2 * theirs.error), 0)


@on_each
def test_the_embedded_table_on_it(where):
    mrio = mc.load("oecd-icio-2022")
    ours = DeviceFactors(mrio.Z, mrio.x, where, sides=50)
    F = mrio.extensions["GHG"].F * np.linspace(1, 2, 7)[:, None]
    left = mc.leontief(mrio).left(F, method="lu")
    close(ours.solve_left(F), left.value, mrio.x, tolerance(where), 1)
    right = mc.leontief(mrio).right(mrio.Y, method="lu")
    close(ours.solve(mrio.Y), right.value, mrio.x, tolerance(where), 0)
    assert ours.describe().startswith("dense LU in float64 on ")
    assert ours.device.device_kind in ours.describe()


@on_each
def test_sides_come_in_blocks(where, monkeypatch):
    Z, x, _, rng = economic_system(1, n=12)
    theirs = lapack(Z, x)
    monkeypatch.setattr(module, "BLOCK", 4)
    ours = DeviceFactors(Z, x, where)
    for k in (0, 1, 3, 4, 5, 9):
        F = rng.random((k, 12)) * x
        close(ours.solve_left(F), theirs.solve_left(F), x, 1e-9, 1)
        Y = np.ascontiguousarray(F.T)
        close(ours.solve(Y), theirs.solve(Y), x, 1e-9, 0)
    assert ours.solve(np.empty((12, 0))).shape == (12, 0)


def test_padding_is_to_powers_of_two():
    sizes = {k: len(module.padded(np.ones((k, 2)), 64)) for k in (0, 1, 2, 3, 5, 33, 64)}
    assert sizes == {0: 1, 1: 1, 2: 2, 3: 4, 5: 8, 33: 64, 64: 64}
    assert module.padded(np.ones((3, 2)), 64)[3:].sum() == 0
    assert len(module.padded(np.ones((5, 2)), 6)) == 6


@on_each
def test_flows_are_read_and_left_alone(where):
    case = random_case(5, 3, 4, zeros=2)
    Z = case.Z.copy()
    Z.setflags(write=False)
    DeviceFactors(Z, case.x, where).solve_left(case.f)
    np.testing.assert_array_equal(Z, case.Z)
    single = case.Z.astype(np.float32)
    a = DeviceFactors(single, case.x, where).solve_left(case.f)
    b = lapack(single.astype(float), case.x).solve_left(case.f)
    np.testing.assert_allclose(a, b, rtol=1e-10)  # widened first: not solved in single


@on_each
def test_singular_as_by_lapack(where):
    for Z in (np.array([[1.0, 0], [0, 0.5]]), np.ones((2, 2))):
        x = np.array([1.0, 1.0]) if Z[0, 1] == 0 else np.array([2.0, 2.0])
        with pytest.raises(np.linalg.LinAlgError):
            lapack(Z, x)
        with pytest.raises(np.linalg.LinAlgError, match="singular"):
            DeviceFactors(Z, x, where)


# -- memory ---------------------------------------------------------------------------------------


def most_memory(program, *args) -> int:
    """What the compiler says a program holds at once."""
    with jax.enable_x64(True):
        said = program.lower(*args).compile().memory_analysis()
    return said.argument_size_in_bytes + said.output_size_in_bytes + said.temp_size_in_bytes


@pytest.mark.parametrize(("n", "k"), [(64, 1), (300, 7), (300, 300), (100, 1000)])
def test_the_estimate_is_above_what_the_programs_hold_but_not_far(n, k):
    case = random_case(1, n, 1)
    ours, programs = DeviceFactors(case.Z, case.x, "cpu"), module._programs()
    rows = np.ones((k, n))
    held = [
        most_memory(programs.factor, case.Z, case.x),
        # Z stays while sides are solved
        case.Z.nbytes + most_memory(programs.left, ours._lu, ours._order, rows),
        case.Z.nbytes + most_memory(programs.right, ours._lu, ours._order, rows),
        2 * case.Z.nbytes + most_memory(programs.times_left, case.Z, case.x, rows) // 2,
    ]
    assert max(held) <= device_bytes(n, k) <= 2 * max(held)
    tables = case.Z[None].repeat(2, axis=0), case.x[None].repeat(2, axis=0)
    with jax.enable_x64(True):
        state, _, _ = programs.begin_all(*tables)
    held = [
        most_memory(programs.begin_all, *tables),
        most_memory(programs.solve_all, *tables, state, rows[None].repeat(2, axis=0)),
    ]
    assert max(held) <= device_bytes(n, k, items=2) <= 2 * max(held)


@on_each
def test_what_would_not_fit_is_refused_before_it_is_sent(where, monkeypatch):
    case = random_case(1, 10, 10)
    sent = []
    monkeypatch.setattr(jax, "device_put", lambda *a, **k: sent.append(a))
    monkeypatch.setattr(module, "free_bytes", lambda device: device_bytes(100, 1) - 1)
    for act in (
        lambda: DeviceFactors(case.Z, case.x, where),
        lambda: batched_multipliers(case.Z, case.x, case.f[None, None], device=where),
        lambda: ShardedFlows(case.Z, case.x, where, sides=64),
    ):
        with pytest.raises(NotAvailableError, match="GiB are free") as raised:
            act()
        assert find_devices(where)[0].device_kind in str(raised.value)
    assert not sent
    monkeypatch.undo()
    DeviceFactors(case.Z, case.x, where)


def test_free_memory_as_the_device_says_it():
    class Said:
        platform, stats = "gpu", {"bytes_limit": 100, "bytes_in_use": 30}

        def memory_stats(self):
            return self.stats

    assert free_bytes(Said()) == 70
    Said.stats = None
    assert free_bytes(Said()) is None
    if sys.platform == "linux":
        assert 2**20 < free_bytes(find_devices("cpu")[0]) < 2**50


@needs_gpu
def test_the_gpu_says_what_it_has():
    assert free_bytes(find_devices("gpu")[0]) > 2**28


def test_out_of_memory_all_the_same_is_said_in_words():
    with pytest.raises(NotAvailableError, match="ran out of memory: LU"), on_device("LU"):
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory\nmore")
    with pytest.raises(jax.errors.JaxRuntimeError), on_device("LU"):
        raise jax.errors.JaxRuntimeError("INTERNAL: other")


# -- many tables ----------------------------------------------------------------------------------


def batch(b: int, k: int = 2, **features):
    made = [random_case(seed, 3, 4, **features) for seed in range(b)]
    F = np.stack([np.stack([c.f * (1 + j) for j in range(k)]) for c in made])
    return np.stack([with_idle_trade(c) for c in made]), np.stack([c.x for c in made]), F


@on_each
@pytest.mark.parametrize("features", [{}, {"zeros": 3}, {"negative_demand": True, "zeros": 1}])
def test_a_batch_is_its_tables_one_by_one(where, features):
    Z, x, F = batch(4, **features)
    found = batched_multipliers(Z, x, F, device=where)
    errors = []
    for j in range(4):
        alone = mc.Leontief(Z[j], x[j]).left(F[j], method="lu")
        close(found.value[j], alone.value, x[j], tolerance(where), 1)
        errors.append(alone.error)
    assert found.bound and found.method == "lu" and found.iterations == 0
    assert found.error == pytest.approx(max(errors), rel=0.2)


@on_each
@pytest.mark.parametrize("fit", [1, 2, 3, 5, 100])
def test_batches_fit_the_memory(where, monkeypatch, fit):
    Z, x, F = batch(5)
    whole = batched_multipliers(Z, x, F, device=where)
    took = []
    begin_all = module._programs().begin_all
    monkeypatch.setattr(
        module._programs(), "begin_all", lambda Z, x: took.append(len(Z)) or begin_all(Z, x)
    )
    monkeypatch.setattr(module, "free_bytes", lambda device: int(fit * device_bytes(12, 2) / 0.89))
    found = batched_multipliers(Z, x, F, device=where)
    np.testing.assert_allclose(found.value, whole.value, rtol=1e-10)
    assert took == {1: [1] * 5, 2: [2, 2, 2], 3: [3, 3], 5: [5], 100: [5]}[fit]
    # one program for all of them: the last batch reaches back
    assert len(set(took)) == 1


@on_each
def test_draws_of_one_table_are_one_solve(where, monkeypatch):
    case = random_case(2, 3, 4, zeros=1)
    F = case.rng.lognormal(size=(6, 2, 12)) * case.f
    alone = mc.Leontief(case.Z, case.x).left(F.reshape(12, 12), method="lu")
    calls = []
    solve_all = module._programs().solve_all
    monkeypatch.setattr(
        module._programs(), "solve_all", lambda *a: calls.append(a[-1].shape) or solve_all(*a)
    )
    found = batched_multipliers(case.Z, case.x, F, device=where)
    assert calls == [(1, 12, 12)]
    close(found.value.reshape(12, 12), alone.value, case.x, tolerance(where), 1)
    monkeypatch.setattr(module, "BLOCK", 5)
    again = batched_multipliers(case.Z, case.x, F, device=where)
    np.testing.assert_allclose(again.value, found.value, rtol=1e-10)
    assert calls[1:] == [(1, 5, 12), (1, 5, 12), (1, 2, 12)]


@on_each
@pytest.mark.parametrize("radius", [0.5, 0.999, 1 - 1e-6])
def test_the_error_of_a_batch_is_a_bound(where, radius):
    for seed in range(4):
        Z, x, f, _ = any_system(seed, radius=radius, zeros=seed % 2 * 2)
        found = batched_multipliers(Z[None], x[None], f[None, None], device=where)
        exact = exact_solve(transposed(exact_system(Z, x)), [Fraction(v) for v in f])
        true = weighted_error(found.value[0, 0], exact, np.where(x == 0, 1.0, x))
        assert true <= found.error <= 1e-12 / (1 - radius)
        # However small the residual, its own rounding is in the bound: t is no less than one.
        assert found.error >= (len(x) + 2) * np.finfo(float).eps


@on_each
def test_a_bad_table_of_a_batch_is_named(where):
    Z, x, F = batch(3)
    over = Z.copy()
    over[1] *= 3 / mc.Leontief(Z[1], x[1]).spectral_radius()
    with pytest.raises(NotProductiveError, match="spectral radius"):
        batched_multipliers(over, x, F, device=where)
    broken = Z.copy()
    broken[2, 0, 0] = np.nan
    with pytest.raises(NonFiniteError, match="cells of Z") as raised:
        batched_multipliers(broken, x, F, device=where)
    assert "table 2" in str(raised.value)
    singular = np.zeros((1, 2, 2))
    singular[0, 0, 0] = 1.0
    with pytest.raises(NotProductiveError):
        batched_multipliers(singular, np.ones((1, 2)), np.ones((1, 1, 2)), device=where)


@on_each
def test_negative_cells_leave_an_estimate_and_are_checked_by_their_radius(where):
    Z, x, F = batch(3)
    Z[1, 0, 1] = -0.2 * x[1, 1]
    found = batched_multipliers(Z, x, F, device=where)
    alone = mc.Leontief(Z[1], x[1]).left(F[1], method="lu")
    assert not found.bound and not alone.bound
    close(found.value[1], alone.value, x[1], tolerance(where), 1)
    Z[1, 2, 2] = 1.5 * x[1, 2]
    Z[1, 2, 3] = -0.01 * x[1, 3]
    with pytest.raises(NotProductiveError):
        batched_multipliers(Z, x, F, device=where)


def test_batches_that_do_not_go_together():
    Z, x, F = batch(2)
    for args in [(Z, x, F[0]), (Z, x[:1], F), (Z[:, :3], x, F), (Z[0], x, F), (Z, x, F[:, :, :3])]:
        with pytest.raises(ShapeError, match="do not go together"):
            batched_multipliers(*args, device="cpu")
    with pytest.raises(NonFiniteError, match="of F"):
        batched_multipliers(Z, x, F * np.nan, device="cpu")
    with pytest.raises(NegativeOutputError):
        batched_multipliers(Z, -x, F, device="cpu")
    assert batched_multipliers(Z[:0], x[:0], F[:0], device="cpu").value.shape == (0, 2, 12)


# -- through the system of a table ----------------------------------------------------------------


def test_a_table_is_solved_on_the_device_it_was_put_on():
    here = mc.load("oecd-icio-2022")
    there = here.replace_extensions(*here.extensions.values())
    system = mc.leontief(there, device="cpu")
    assert mc.leontief(there) is system is mc.leontief(there, device="cpu")
    want, found = (mc.account(m, "consumption", stressor="GHG") for m in (here, there))
    np.testing.assert_allclose(found.value, want.value, rtol=1e-12)
    assert 0 < found.error < 1e-10
    solution = system.output(there.final_demand, explain=True)
    assert solution.method == "lu, cpu" and "on " in solution.explanation and solution.bound
    one, two = mc.all_accounts(here, ["GHG"]), mc.all_accounts(there, ["GHG"], device="cpu")
    for item in ("imports", "exports", "multipliers"):
        np.testing.assert_allclose(
            two.of(item, "GHG").value, one.of(item, "GHG").value, rtol=1e-9, atol=1e-12
        )
    np.testing.assert_allclose(system.inverse(), mc.leontief(here).inverse(), rtol=1e-9, atol=1e-13)
    with pytest.raises(NotAvailableError, match="gpu"):
        mc.leontief(here, device="gpu:99")


def test_an_inexact_answer_of_a_device_is_warned_of_and_only_its_method_is_known():
    A = np.full((40, 40), (1 - 1e-11) / 40)
    with pytest.warns(AccuracyWarning):
        found = mc.Leontief(A, np.ones(40), device="cpu").left(np.ones(40))
    assert found.error > 1e-9
    with pytest.raises(NotAvailableError, match="lapack"):
        mc.Leontief(A * 0.5, np.ones(40), device="cpu").left(np.ones(40), method="lu32")


def test_back_to_the_processor():
    mrio = mc.load("oecd-icio-2022")
    there = mc.leontief(mrio, device="cpu")
    here = mc.leontief(mrio, device="lapack")
    assert there.device == "cpu" and here.device is None and mc.leontief(mrio) is here
