"""Draws against the engine, against first order, against themselves on other engines."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.compute import Threads, batches, concatenated
from mriocarbon.errors import ConvergenceError, InputError, UnknownNameError
from mriocarbon.uncertainty import (
    Correlation,
    Dirichlet,
    Empirical,
    ErrorModel,
    SizeLaw,
    TruncatedNormal,
    first_order,
    monte_carlo,
)
from mriocarbon.uncertainty.draws import (
    _settled,
    batch_size,
    footprints,
    inputs,
    sample,
    streams_of,
    tables,
)
from mriocarbon.uncertainty.sampling import draw_grid, draw_stressor, prepared
from tests.uncertainty import worlds
from tests.uncertainty.worlds import N, R, S

SHARED = Correlation(country=0.3, industry=0.2, source=0.1)


@pytest.fixture(scope="module")
def world():
    return worlds.arrays()


@pytest.fixture(scope="module")
def table(world):
    return worlds.table(*world, homes=[5.0, 3.0, 2.0])


def test_without_errors_every_draw_is_the_account(table):
    for balance in ("row balance", "fixed output", "gras"):
        found = sample(inputs(table, ErrorModel(balance=balance)), streams_of(1, 0), 3)
        want = mc.account(table, "consumption").value[:R]
        np.testing.assert_allclose(found["account"], np.tile(want, (3, 1)), rtol=1e-12)
        assert not found["unproductive"].any()
    tiny = sample(inputs(table, ErrorModel(flows=1e-13)), streams_of(1, 0), 2)
    np.testing.assert_allclose(tiny["account"], np.tile(want, (2, 1)), rtol=1e-9)


# slow: small tables with an empty sector are above
@pytest.mark.slow
def test_the_full_table_with_its_empty_sectors(data_folder):
    full = mc.load("oecd-icio-2022", detail="full")
    want = mc.account(full, "consumption", stressor="GHG", households=False).value[:81]
    shared = inputs(full, ErrorModel(flows=1e-12), "GHG", households=False)
    found = sample(shared, streams_of(1, 0), 1)["account"][0]
    np.testing.assert_allclose(found, want, rtol=1e-6)


@pytest.mark.parametrize("balance", ["row balance", "fixed output"])
def test_each_draw_is_the_footprint_of_its_table(table, world, balance):
    """Every drawn table, solved once more by an inverse written out in the tests."""
    Z, Y, F = world
    errors = ErrorModel(stressor=0.2, flows=0.5, demand=0.4, balance=balance, flows_shared=SHARED)
    shared = inputs(table, errors, households=False)
    found = sample(shared, streams_of(9, 0), 20)["account"]
    F_drawn = draw_stressor(streams_of(9, 0)["stressor"], F, errors, R, 20)
    x = Z.sum(axis=1) + Y.sum(axis=1)
    for d, (z, y, out) in enumerate(tables(shared, streams_of(9, 0), 20)):
        fixed = x if balance == "fixed output" else None
        want = worlds.footprints(z, y, F_drawn[d], x=fixed)
        np.testing.assert_allclose(found[d], want, rtol=1e-7)
        if balance == "row balance":
            full = np.where(x == 0, 1.0, z.sum(axis=1) + y.sum(axis=1))
            np.testing.assert_allclose(out, full, rtol=1e-12)
            assert found[d].sum() == pytest.approx(F_drawn[d].sum(), rel=1e-9)  # conserved


def test_demand_alone_goes_the_fast_way_and_is_the_same(table, world):
    Z, Y, F = world
    for balance in ("row balance", "fixed output"):
        errors = ErrorModel(demand=0.8, demand_shared=SHARED, balance=balance)
        shared = inputs(table, errors, households=False)
        found = sample(shared, streams_of(3, 0), 30)["account"]
        x = Z.sum(axis=1) + Y.sum(axis=1) if balance == "fixed output" else None
        for d, (_, y, _) in enumerate(tables(shared, streams_of(3, 0), 30)):
            want = worlds.footprints(Z, y, F, x=x)
            np.testing.assert_allclose(found[d], want, rtol=1e-6)


@given(st.integers(0, 10_000), st.floats(0.05, 1.5))
@settings(max_examples=40, deadline=None)
def test_changed_outputs_are_solved_however_large(seed, spread):
    rng = np.random.default_rng(seed)
    Z, Y, F = worlds.arrays(seed, empty=False)
    x = Z.sum(axis=1) + Y.sum(axis=1)
    y = Y.sum(axis=1) * rng.lognormal(-(spread**2) / 2, spread, (6, N))
    change = y - Y.sum(axis=1)
    B = np.linalg.inv(np.diag(x) - Z)
    got = _settled(np.tile(F, (6, 1)), change, B, Z, x, np.zeros(N, bool))
    for m, c in zip(got, change, strict=True):
        want = np.linalg.solve((np.diag(x + c) - Z).T, F)
        np.testing.assert_allclose(m, want, rtol=1e-6, atol=1e-12)


def test_outputs_that_do_not_settle_are_solved_one_by_one(table, monkeypatch):
    """The quick iteration given no time: the same multipliers, by the solve of each draw."""
    shared = inputs(
        table, ErrorModel(demand=0.8, demand_shared=SHARED, balance="row balance"),
        households=False,
    )  # fmt: skip
    quick = sample(shared, streams_of(3, 0), 12)["account"]
    monkeypatch.setattr("mriocarbon.uncertainty.draws._STEPS", 1)
    slow = sample(shared, streams_of(3, 0), 12)["account"]
    assert not np.array_equal(quick, slow)  # it went another way
    np.testing.assert_allclose(slow, quick, rtol=1e-6)


def test_demand_alone_under_gras_is_brought_back_to_its_margins(table, world):
    """Only final demand moves, and what a country buys of it stays what it is."""
    _, Y, F = world
    errors = ErrorModel(demand=0.5, balance="gras")
    shared = inputs(table, errors, households=False)
    found = sample(shared, streams_of(4, 0), 8)["account"]
    for d, (z, y, x) in enumerate(tables(shared, streams_of(4, 0), 8)):
        np.testing.assert_allclose(y.sum(axis=0), Y.sum(axis=0), rtol=2e-6)
        np.testing.assert_allclose(found[d], worlds.footprints(z, y, F, x=x), rtol=1e-5)
    assert found.std(axis=0).max() > 0


def test_gras_brings_a_drawn_table_back_to_its_margins(table, world):
    Z, Y, _ = world
    errors = ErrorModel(flows=0.6, demand=0.5, balance="gras")
    shared = inputs(table, errors, households=False)
    moved = 0.0
    for z, y, _ in tables(shared, streams_of(2, 0), 5):
        np.testing.assert_allclose(
            z.sum(axis=1) + y.sum(axis=1), Z.sum(axis=1) + Y.sum(axis=1), rtol=2e-6
        )
        np.testing.assert_allclose(z.sum(axis=0), Z.sum(axis=0), rtol=2e-6, atol=1e-9)
        np.testing.assert_allclose(y.sum(axis=0), Y.sum(axis=0), rtol=2e-6)
        moved = max(moved, np.abs(z / np.where(Z == 0, 1, Z) - (Z > 0)).max())
    assert moved > 0.3
    # what is known of the margins makes the footprints surer
    free = monte_carlo(table, ErrorModel(flows=0.6, demand=0.5), draws=400)
    held = monte_carlo(table, errors, draws=400)
    assert (held.account.sd < free.account.sd).all()


@pytest.mark.parametrize("balance", ["row balance", "fixed output"])
@pytest.mark.parametrize("shared", [Correlation(), SHARED, Correlation(source=1.0)])
def test_first_order_and_draws_agree_at_small_errors(table, balance, shared):
    errors = ErrorModel(
        stressor=0.02, flows=0.015, demand=0.01, households=0.02, balance=balance,
        stressor_shared=shared, flows_shared=shared, demand_shared=shared,
    )  # fmt: skip
    draws = 5_000
    found = monte_carlo(table, errors, draws=draws, seed=5)
    want = first_order(table, errors)
    ratio = found.account.sd / want.sd
    assert (np.abs(ratio - 1) < 4 / np.sqrt(2 * draws) + 1e-3).all(), ratio
    half = 1.96 * want.sd
    np.testing.assert_allclose(found.account.high - found.account.low, 2 * half, rtol=0.06)
    # the paired difference, of which common errors are gone
    less = want.value / found.other.mean
    pair = first_order(table, errors, less_production=less)
    np.testing.assert_allclose(found.difference.sd, 100 * pair.sd / found.other.mean, rtol=0.04)


def test_large_errors_part_as_theory_says(world):
    """Emissions of one region times a share: products of lognormals, variance known exactly."""
    r = 1.0
    table = worlds.table(*world)
    Z, Y, F = world
    alone = ErrorModel(stressor=r, balance="fixed output")
    found = monte_carlo(table, alone, draws=30_000, seed=1, households=False)
    want = first_order(table, ErrorModel(stressor=r, balance="fixed output"), households=False).sd
    np.testing.assert_allclose(found.account.sd, want, rtol=0.08)  # linear in F: exact
    one = Correlation(source=1.0)
    both = ErrorModel(
        stressor=r, demand=r, stressor_shared=one, demand_shared=one, balance="fixed output"
    )
    E = worlds.footprints(Z, Y, F, x=Z.sum(axis=1) + Y.sum(axis=1))
    exact = E * np.sqrt((1 + r**2) ** 2 - 1)  # E f g with independent f and g
    first = first_order(table, both, households=False).sd
    np.testing.assert_allclose(first, E * np.sqrt(2) * r, rtol=1e-9)
    got = monte_carlo(table, both, draws=80_000, seed=2, households=False)
    assert (np.abs(got.account.sd / exact - 1) < 0.1).all() and (exact > 1.2 * first).all()


def test_drawn_errors_have_the_covariance_asked_for():
    draws, values, r = 30_000, np.ones((N, R)), 0.3
    logs = np.empty((draws, N, R))
    rng, out = np.random.default_rng(8), np.empty((N, R))
    for d in range(draws):
        draw_grid(rng, values, prepared(ErrorModel().distribution, r), SHARED,
                  ErrorModel().distribution, sectors=S, columns=np.arange(R), out=out)  # fmt: skip
        logs[d] = np.log(out)
    got = np.cov(logs.reshape(draws, -1).T)
    row, column = np.divmod(np.arange(N * R), R)
    industry = row % S
    want = (
        SHARED.own * np.eye(N * R)
        + SHARED.country * (column[:, None] == column)
        + SHARED.industry * (industry[:, None] == industry)
        + SHARED.source
    ) * np.log1p(r**2)
    assert np.abs(got - want).max() < 6 * np.log1p(r**2) / np.sqrt(draws) * 1.5
    stressor = draw_stressor(
        np.random.default_rng(1), np.ones(N),
        ErrorModel(stressor=r, stressor_shared=SHARED), R, 60_000,
    )  # fmt: skip
    got = np.cov(np.log(stressor).T)
    country, industry = np.divmod(np.arange(N), S)
    want = (
        SHARED.own * np.eye(N)
        + SHARED.country * (country[:, None] == country)
        + SHARED.industry * (industry[:, None] == industry)
        + SHARED.source
    ) * np.log1p(r**2)
    assert np.abs(got - want).max() < 0.02 * np.log1p(r**2) * 2


@pytest.mark.parametrize("kind", [TruncatedNormal(), Empirical((0.5, 1.0, 1.2, 1.3))])
def test_other_distributions_have_the_same_spread(table, kind):
    errors = ErrorModel(stressor=0.03, flows=0.03, demand=0.03, distribution=kind)
    found = monte_carlo(table, errors, draws=3000)
    # four standard errors of a standard deviation
    np.testing.assert_allclose(found.account.sd, first_order(table, errors).sd, rtol=0.052)


def test_shares_of_a_national_total(table, world):
    F = world[2]
    split = Dirichlet.of(np.repeat(np.arange(R), S), total=0.04, concentration=60)
    errors = ErrorModel(stressor=split)
    found = monte_carlo(table, errors, draws=10_000, households=False)
    np.testing.assert_allclose(
        found.account.sd, first_order(table, errors, households=False).sd, rtol=0.04
    )
    national = F.reshape(R, S).sum(axis=1)
    np.testing.assert_allclose(found.other.sd, 0.04 * national, rtol=0.03)


def test_the_same_draws_with_any_number_of_workers(table):
    errors = ErrorModel(stressor=0.1, flows=SizeLaw(0.4, -0.3), demand=0.1, flows_shared=SHARED)
    one, two = (
        monte_carlo(table, errors, draws=700, seed=4, engine=Threads(n), keep=True) for n in (1, 2)
    )
    for name in one.samples:
        assert (one.samples[name] == two.samples[name]).all()
    assert one.samples["account"].shape == (700, R)
    other = monte_carlo(table, errors, draws=700, seed=5)
    assert (other.account.mean != one.account.mean).all()


def test_the_same_draws_on_dask(table):
    from mriocarbon.compute import DaskEngine

    errors = ErrorModel(stressor=0.1, flows=SizeLaw(0.4, -0.3), demand=0.1)
    here = monte_carlo(table, errors, draws=1100, seed=4, keep=True)
    with DaskEngine(workers=2) as cluster:
        there = monte_carlo(table, errors, draws=1100, seed=4, engine=cluster, keep=True)
        other = monte_carlo(table, errors, "income", draws=300, engine=cluster, keep=True)
    for name in here.samples:
        assert (here.samples[name] == there.samples[name]).all()
    want = monte_carlo(table, errors, "income", draws=300, keep=True)
    assert (want.samples["account"] == other.samples["account"]).all()


def test_it_stops_when_the_interval_is_known(table):
    errors = ErrorModel(stressor=0.1)
    found = monte_carlo(table, errors, draws=200_000, tolerance=0.02)
    assert found.draws < 20_000 and found.interval_error <= 0.02
    assert all(error > 0.02 for _, error in found.trace[:-1])
    assert [n for n, _ in found.trace] == sorted(n for n, _ in found.trace)


def test_a_checkpoint_is_gone_on_with(table, tmp_path):
    errors, folder = ErrorModel(stressor=0.1), tmp_path / "run"
    whole = monte_carlo(table, errors, draws=1000, checkpoint=folder)
    for path in sorted(folder.glob("batch-*.npz"))[2:]:
        path.unlink()
    seen = []
    again = monte_carlo(
        table, errors, draws=1000, checkpoint=folder, resume=True, progress=seen.append
    )
    assert (again.account.sd == whole.account.sd).all() and seen[-1].resumed == 2
    with pytest.raises(InputError, match="another run"):
        monte_carlo(table, ErrorModel(stressor=0.2), draws=1000, checkpoint=folder, resume=True)


def test_tables_that_are_not_productive_are_counted():
    Z = np.array([[50.0, 0, 0], [0, 1, 1], [1, 1, 1]])
    table = mc.MRIO.from_arrays(
        Z=Z, Y=[[2.0, 1, 1], [5, 5, 5], [5, 5, 5]], regions=list("ABC"), sectors=["1"],
        stressors={"CO2": [10.0, 5, 5]}, units="Mt CO2",
    )  # fmt: skip
    free = ErrorModel(flows=0.3, balance="fixed output")
    assert monte_carlo(table, free, draws=500, households=False).unproductive > 20
    held = ErrorModel(flows=0.3)  # output follows its uses: always productive
    assert monte_carlo(table, held, draws=500, households=False).unproductive == 0


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"draws": 5}, InputError, "at least 100"),
        ({"level": 1.0}, InputError, "level"),
        ({"tolerance": 0}, InputError, "tolerance"),
        ({"seed": -1}, InputError, "seed"),
        ({"principle": "consumtion"}, UnknownNameError, "consumption"),
        ({"stressor": "lead"}, UnknownNameError, "lead"),
    ],
)
def test_bad_requests(table, options, error, told):
    with pytest.raises(error, match=told):
        monte_carlo(table, ErrorModel(stressor=0.1), **options)


def test_a_table_that_does_not_balance_in_time_says_so(table, monkeypatch):
    monkeypatch.setattr("mriocarbon.uncertainty.draws.GRAS_PASSES", 2)
    errors = ErrorModel(flows=0.9, demand=0.9, balance="gras")
    shared = inputs(table, errors, households=False)
    with pytest.raises(ConvergenceError, match="misses its margins"):
        list(tables(shared, streams_of(1, 0), 3))


def test_a_batch_is_fixed_by_the_table():
    assert batch_size(1000, 20) == 256 and 4 <= batch_size(4050, 81) < 60
    task = Threads(1).run(footprints, batches(4, 2, seed=1), shared=inputs(
        worlds.table(*worlds.arrays()), ErrorModel(stressor=0.1), households=False))  # fmt: skip
    assert concatenated(task)["account"].shape == (4, R)


def test_a_krylov_solve_that_missed_is_done_anew_by_lu(table, monkeypatch):
    """GMRES that returns something else with a straight face: the residual tells."""
    import scipy.sparse.linalg

    errors = ErrorModel(stressor=0.1, flows=0.3)
    want = monte_carlo(table, errors, draws=100, keep=True).samples["account"]
    monkeypatch.setattr(scipy.sparse.linalg, "gmres", lambda matrix, f, x0, **more: (1.001 * x0, 0))
    got = monte_carlo(table, errors, draws=100, keep=True).samples["account"]
    np.testing.assert_allclose(got, want, rtol=1e-7)


@pytest.mark.filterwarnings("ignore:.*inputs above output:mriocarbon.errors.TableWarning")
def test_rows_of_value_added_keep_their_shares_of_a_drawn_table():
    """Income by a row of value added, each drawn table made by hand."""
    Z, Y, F = worlds.arrays(empty=False)
    x = Z.sum(axis=1) + Y.sum(axis=1)
    rest = x - Z.sum(axis=0)
    rows = np.stack([0.6 * rest, 0.4 * rest])
    own = mc.MRIO.from_arrays(
        Z=Z, Y=Y, regions=["AAA", "BBB", "CCC"], sectors=list("abcd"), stressors={"CO2": F},
        units="Mt CO2", value_added=rows, value_added_rows=["wages", "profits"],
    )  # fmt: skip
    errors = ErrorModel(flows=0.1)
    found = monte_carlo(
        own, errors, "income", households=False, draws=100, keep=True, primary_inputs="value_added"
    )
    shared = inputs(own, errors, households=False)
    size = batch_size(N, R)
    drawn = tables(shared, streams_of(0, 0), min(size, 100))
    for got, (z, y, out) in zip(found.samples["account"][:5], drawn, strict=False):
        v = out - z.sum(axis=0)
        again = mc.MRIO.from_arrays(
            Z=z.copy(), Y=y.copy(), x=out.copy(), regions=own.regions, sectors=own.sectors,
            stressors={"CO2": F}, value_added=np.stack([0.6 * v, 0.4 * v]),
            value_added_rows=["wages", "profits"],
        )  # fmt: skip
        want = mc.account(again, "income", households=False, primary_inputs="value_added")
        np.testing.assert_allclose(got, want.value[:R], rtol=1e-9)


def test_sobol_indices_and_their_errors_are_the_same_in_every_process():
    program = (
        "from mriocarbon.uncertainty import sobol\n"
        "found = sobol(lambda x: x[:, 0] * x[:, 1], {'a': (0, 1), 'b': (0, 2)}, n=64, seed=0)\n"
        "print(found.first.tolist(), found.first_error.tolist(), found.total_error.tolist())\n"
    )
    told = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                       check=True).stdout
        for _ in range(2)
    }  # fmt: skip
    assert len(told) == 1 and told != {""}
