"""Fusion: limits, identities, simulation, refusals, and the real sources of 2022."""

import itertools
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.datasets.estimates import Estimate
from mriocarbon.datasets.fusion import Known, fuse
from mriocarbon.datasets.fusion_database import from_inventories, own_sources
from mriocarbon.datasets.fusion_errors import GROUPS, ErrorModel, default_errors
from mriocarbon.datasets.fusion_model import Block, Sum, gls, reconcile, source_covariance
from mriocarbon.errors import (
    InputError,
    LabelError,
    NonFiniteError,
    NotAvailableError,
    UnitError,
    UnknownNameError,
)
from mriocarbon.model.labels import EU27

PLAIN = ErrorModel({"": {"other": 0.05}}, persistent=0.5, memory=0.9)


def figure(source, region, year, value, part="", **more):
    options = {"edition": "1", "scope": "territorial", "unit": "Mt CO2"} | more
    return Estimate(
        source, options["edition"], options["scope"], region, year, value, options["unit"], part,
        options.get("sd"),
    )  # fmt: skip


def run(data, regions=("AAA",), years=(2022,), **options):
    options.setdefault("errors", PLAIN)
    return fuse("fossil CO2", regions, years, data=data, **options)


# --- limits ---------------------------------------------------------------------------------


@given(st.floats(1e-3, 1e6), st.floats(0.001, 0.5))
def test_a_single_source_comes_back_with_its_own_error(value, relative):
    fused = run([figure("A", "AAA", 2022, value, sd=relative * value)])
    assert fused.result.value[0, 0] == pytest.approx(value, rel=1e-12)
    assert fused.sd[0, 0] == pytest.approx(relative * value, rel=1e-8)
    assert fused.pulls[0].weight == pytest.approx(1)
    assert np.isnan(fused.pulls[0].standardised) and np.isnan(fused.p_value)


def test_two_equal_independent_sources_halve_the_variance():
    fused = run([figure(s, "AAA", 2022, v, sd=4.0) for s, v in (("A", 100.0), ("B", 104.0))])
    assert fused.result.value[0, 0] == pytest.approx(102)
    assert fused.sd[0, 0] ** 2 == pytest.approx(8, rel=1e-8)
    assert fused.chi_square == pytest.approx(16 / 32, rel=1e-8) and fused.dof == 1
    for pull in fused.pulls:
        assert abs(pull.standardised) == pytest.approx(2 / 8**0.5, rel=1e-6)


def test_perfectly_correlated_sources_gain_nothing():
    errors = ErrorModel({"": {"other": 0.04}}, {("A", "B"): {"other": 1.0}})
    fused = run([figure(s, "AAA", 2022, 100.0) for s in "AB"], errors=errors)
    assert fused.sd[0, 0] == pytest.approx(4, rel=1e-6)
    # What the worse source adds to the better one's error is its own: the better one stands.
    worse = [figure("A", "AAA", 2022, 100.0, sd=4.0), figure("B", "AAA", 2022, 110.0, sd=9.0)]
    fused = run(worse, errors=errors)
    assert fused.result.value[0, 0] == pytest.approx(100, rel=1e-6)


@given(
    st.lists(st.tuples(st.floats(1, 1000), st.floats(0.01, 0.3)), min_size=2, max_size=2),
    st.floats(0, 1),
)
def test_two_sources_of_a_year_keep_the_result_between_them(sources, share):
    errors = ErrorModel({"": {"other": 0.1}}, {("A", "B"): {"other": share}})
    data = [figure(s, "AAA", 2022, v, sd=r * v) for s, (v, r) in zip("AB", sources, strict=True)]
    values = [e.value for e in data]
    got = float(run(data, errors=errors).result.value[0, 0])
    assert min(values) * (1 - 1e-9) <= got <= max(values) * (1 + 1e-9)


# --- the arithmetic ---------------------------------------------------------------------------


@given(st.integers(0, 2**32 - 1))
def test_gls_is_the_normal_equations(seed):
    rng = np.random.default_rng(seed)
    design, y = rng.normal(size=(9, 3)), rng.normal(size=9) * 10
    root = rng.normal(size=(9, 9)) + 3 * np.eye(9)
    cov = root @ root.T
    fit = gls(design, y, cov)
    w = np.linalg.inv(cov)
    inverse = np.linalg.inv(design.T @ w @ design)
    theta = inverse @ design.T @ w @ y
    r = y - design @ theta
    np.testing.assert_allclose(fit.value, theta, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(fit.cov, inverse, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(fit.gain @ y, fit.value, rtol=1e-8, atol=1e-9)
    assert fit.chi2 == pytest.approx(r @ w @ r, rel=1e-4, abs=1e-8) and fit.dof == 6


def test_gls_is_a_kalman_filter_with_a_diffuse_start():
    """Observations taken one by one, the state being the cells, from a wide prior."""
    rng = np.random.default_rng(1)
    design, y, noise = rng.normal(size=(6, 2)), rng.normal(size=6), rng.uniform(0.5, 2, 6)
    state, spread = np.zeros(2), 1e9 * np.eye(2)
    for h, value, r in zip(design, y, noise, strict=True):
        gain = spread @ h / (h @ spread @ h + r)
        state = state + gain * (value - h @ state)
        spread = spread - np.outer(gain, h @ spread)
    fit = gls(design, y, np.diag(noise))
    np.testing.assert_allclose(fit.value, state, rtol=1e-5)
    np.testing.assert_allclose(fit.cov, spread, rtol=1e-4)


def test_biases_are_those_of_the_joint_problem():
    """Bias written out as unknowns with a prior, instead of inside the covariance."""
    data = [
        *(figure("A", "AAA", y, 100.0 + y - 2020) for y in (2020, 2021, 2022)),
        *(figure("B", "AAA", y, 93.0 + y - 2020) for y in (2020, 2021)),
    ]
    errors = ErrorModel({"": {"other": 0.05}}, persistent=0.8, memory=1.0)
    fused = run(data, years=[2020, 2021, 2022], errors=errors)
    scale = np.array([np.median([e.value for e in data if e.year == d.year]) for d in data])
    bias_sd, noise_sd = 0.05 * 0.8**0.5, 0.05 * 0.2**0.5
    # unknowns: three cells, relative biases of A and B
    rows = np.zeros((len(data), 5))
    for i, e in enumerate(data):
        rows[i, e.year - 2020] = 1
        rows[i, 3 + "AB".index(e.source)] = scale[i]
    weight = np.diag(1 / (noise_sd * scale) ** 2)
    prior = np.diag([0, 0, 0, 1 / bias_sd**2, 1 / bias_sd**2])
    y = np.array([e.value for e in data])
    solved = np.linalg.solve(rows.T @ weight @ rows + prior, rows.T @ weight @ y)
    np.testing.assert_allclose(fused.result.value[0], solved[:3], rtol=1e-7)
    relative = {b.source: b.relative for b in fused.bias}
    assert relative["A"] == pytest.approx(solved[3] * scale[2] / 102.0, rel=1e-5)
    assert relative["B"] == pytest.approx(solved[4] * scale[4] / 94.0, rel=1e-5)
    # B is silent in 2022, and its lower level still counts.
    assert fused.result.value[0, 2] < 101


def test_cells_that_nothing_determines_are_not_made_up():
    fit = gls(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), np.ones(3), np.eye(3))
    assert fit.identified.tolist() == [False, False, True]
    assert np.isnan(fit.value[:2]).all() and fit.value[2] == pytest.approx(1)


@given(st.integers(0, 2**32 - 1))
def test_covariances_of_sources_are_positive(seed):
    rng = np.random.default_rng(seed)
    m = 25
    root = rng.uniform(0, 1, (4, 6))
    shared = root @ root.T
    shared /= np.sqrt(np.outer(np.diag(shared), np.diag(shared)))
    bias, random_ = source_covariance(
        rng.integers(0, 4, m), rng.integers(2000, 2006, m), rng.integers(-1, 3, m),
        rng.uniform(1, 100, m), rng.uniform(0, 0.2, m), rng.uniform(0, 0.2, m),
        shared, 0.7, 0.9,
    )  # fmt: skip
    for matrix in (bias, random_):
        lowest = np.linalg.eigvalsh(matrix).min()
        assert lowest > -1e-9 * max(np.abs(matrix).max(), 1e-12)


def test_reconcile_is_conditioning_of_the_full_normal():
    rng = np.random.default_rng(2)
    blocks = []
    for _ in range(3):
        root = rng.normal(size=(2, 2)) + 2 * np.eye(2)
        blocks.append(Block(np.array([0, 1]), rng.uniform(5, 10, 2), root @ root.T))
    c = 0.6
    lower = [np.linalg.cholesky(b.cov) for b in blocks]
    full = np.block(
        [[b.cov if i == j else c * lower[i] @ lower[j].T for j in range(3)]
         for i, b in enumerate(blocks)]
    )  # fmt: skip
    theta = np.concatenate([b.value for b in blocks])
    a = np.array([[1.0, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1]])
    sums = [
        Sum(tuple(a[0].reshape(3, 2)), 40.0, 0.0),
        Sum(tuple(a[1].reshape(3, 2)), 10.0, 2.0),
    ]
    new, totals, cov = reconcile(blocks, sums, length=2, correlation=c)
    gain = full @ a.T @ np.linalg.inv(a @ full @ a.T + np.diag([0.0, 4.0]))
    expected = theta + gain @ (np.array([40.0, 10.0]) - a @ theta)
    np.testing.assert_allclose(np.concatenate([b.value for b in new]), expected, rtol=1e-6)
    after = full - gain @ a @ full
    np.testing.assert_allclose(cov, a @ after @ a.T, atol=1e-6)
    assert totals[0] == pytest.approx(40, abs=1e-9)


def test_negative_cells_are_held_at_zero_and_sums_kept():
    cov = np.diag([1.0, 4.0, 9.0])
    blocks = [Block(np.arange(3), np.array([5.0, 1.0, 1.0]), cov)]
    sums = [Sum((np.ones(3),), 2.0, 0.0)]
    new, totals, _ = reconcile(blocks, sums, length=3, nonnegative=True)
    assert (new[0].value >= 0).all() and totals[0] == pytest.approx(2)
    # All of the active sets, tried one by one.
    best, lowest = None, np.inf
    for held in itertools.product([False, True], repeat=3):
        free = ~np.array(held)
        if not free.any():
            continue
        x = np.zeros(3)
        start = blocks[0].value[free]
        v = np.diag(cov)[free]
        x[free] = start + v * (2 - start.sum()) / v.sum()
        cost = ((x - blocks[0].value) ** 2 / np.diag(cov)).sum()
        if (x >= -1e-12).all() and cost < lowest:
            best, lowest = x, cost
    np.testing.assert_allclose(new[0].value, best, atol=1e-8)


# --- simulation -------------------------------------------------------------------------------


def test_unbiased_and_covering_in_simulation():
    """Sources drawn from the model itself: no bias, and 95 % intervals that hold 95 %."""
    rng = np.random.default_rng(11)
    errors = ErrorModel(
        {"A": {"other": 0.03}, "B": {"other": 0.06}, "C": {"other": 0.05}},
        {("A", "C"): {"other": 0.6}},
        persistent=0.7,
        memory=0.9,
    )
    years, truth = [2020, 2021, 2022], np.array([100.0, 104.0, 98.0])
    rows = [(s, y) for s in "ABC" for y in years if (s, y) != ("C", 2022)]
    sd = {"A": 0.03, "B": 0.06, "C": 0.05}
    scale = np.array([truth[y - 2020] for _, y in rows])
    cov = sum(
        source_covariance(
            np.array(["ABC".index(s) for s, _ in rows]), np.array([y for _, y in rows]),
            np.full(len(rows), -1), scale, np.array([sd[s] for s, _ in rows]),
            np.zeros(len(rows)), np.array([[1, 0, 0.6], [0, 1, 0], [0.6, 0, 1.0]]), 0.7, 0.9,
        )
    )  # fmt: skip
    lower = np.linalg.cholesky(cov)
    found, inside = [], []
    for _ in range(500):
        drawn = scale + lower @ rng.normal(size=len(rows))
        data = [figure(s, "AAA", y, v) for (s, y), v in zip(rows, drawn, strict=True)]
        fused = run(data, years=years, errors=errors)
        found.append(fused.result.value[0])
        inside.append((fused.result.low[0] <= truth) & (truth <= fused.result.high[0]))
    spread = fused.sd[0] / 500**0.5
    assert (np.abs(np.mean(found, axis=0) - truth) < 4 * spread).all()
    assert 0.925 < np.mean(inside) < 0.97


# --- sums -------------------------------------------------------------------------------------


def world_data(rng):
    parts = ("coal", "oil")
    return [
        figure(source, region, year, float(rng.uniform(50, 150)), part)
        for source in "AB"
        for region in ("AAA", "BBB", "BUNKERS")
        for year in (2021, 2022)
        for part in parts
    ]


@given(st.integers(0, 2**32 - 1), st.floats(100, 900))
def test_fuels_countries_and_world_add_up(seed, known):
    data = world_data(np.random.default_rng(seed))
    fused = run(
        data, ["AAA", "BBB", "BUNKERS", "WLD"], [2021, 2022], parts=True,
        known=[Known("WLD", 2022, known)],
    )  # fmt: skip
    result = fused.result
    value = np.asarray(result.value)
    np.testing.assert_allclose(value[:3].sum(axis=0), value[3], rtol=1e-9)
    np.testing.assert_allclose(result.parts["coal"] + result.parts["oil"], value, rtol=1e-9)
    assert value[3, 1] == pytest.approx(known, rel=1e-9) and (value >= 0).all()
    assert fused.sd[3, 1] < 1e-3 * fused.sd[3, 0]


def test_a_soft_sum_pulls_and_a_distant_one_hardly():
    data = [figure("A", r, 2022, 100.0) for r in ("AAA", "BBB")]
    free = run(data, ["WLD"]).result.value[0, 0]
    pulled = run(data, ["WLD"], known=[Known("WLD", 2022, 260.0, sd=5.0)]).result.value[0, 0]
    vague = run(data, ["WLD"], known=[Known("WLD", 2022, 260.0, sd=5000.0)]).result.value[0, 0]
    assert free == pytest.approx(200) and 200 < pulled < 260
    assert vague == pytest.approx(200, abs=0.01)


def test_errors_of_sums_follow_the_correlation_of_regions():
    data = [figure("A", r, 2022, 100.0) for r in ("AAA", "BBB", "CCC", "DDD")]
    for correlation, expected in ((0.0, 10.0), (1.0, 20.0)):
        errors = ErrorModel({"": {"other": 0.05}}, between_regions=correlation)
        assert run(data, ["WLD"], errors=errors).sd[0, 0] == pytest.approx(expected, rel=1e-6)


def test_a_source_with_totals_only_is_compared_with_the_sum_of_parts():
    data = [figure("A", "AAA", 2022, v, p) for p, v in (("coal", 60.0), ("oil", 40.0))]
    data.append(figure("B", "AAA", 2022, 120.0))
    fused = run(data, parts=True)
    total = fused.result.value[0, 0]
    assert 100 < total < 120
    assert fused.result.parts["coal"][0, 0] > 60 and fused.result.parts["oil"][0, 0] > 40
    assert sum(p.weight for p in fused.pulls) == pytest.approx(1)


def test_parts_that_do_not_add_up_are_refused_by_name():
    data = [figure("A", "AAA", 2022, v, p) for p, v in (("coal", 60.0), ("oil", 40.0))]
    with pytest.raises(InputError, match=r"add up to 100, the total is 110"):
        run([*data, figure("A", "AAA", 2022, 110.0)], parts=True)
    with pytest.raises(InputError, match="all together"):
        run(data, parts=["coal"])
    with pytest.raises(UnknownNameError, match="coal"):
        run(data, parts=["coall"])


# --- what is missing, and what is refused --------------------------------------------------------


def test_missing_stays_missing_with_a_reason():
    data = [figure("A", "USA", 2022, 5.0), figure("A", "CHN", 2021, 9.0)]
    data.append(figure("A", "FRA", 2022, float("nan")))
    fused = run(data, ["USA", "CHN", "FRA", "India", "EU27"], [2021, 2022])
    assert np.isnan(fused.result["CHN", "2022"]) and np.isnan(fused.sd[2]).all()
    assert fused.missing["CHN", 2022, ""] == "no source has a figure"
    assert fused.missing["IND", 2022, ""] == "no source has a figure"
    assert "no source has AUT" in fused.missing["EU27", 2022, ""]
    assert any("missing, not zero" in note.text for note in fused.result.notes)
    with pytest.raises(UnknownNameError):
        run(data, ["Atlantis"])
    with pytest.raises(NotAvailableError, match="2021 to 2022"):
        run(data, ["USA"], [1900])


def test_scopes_are_never_mixed():
    data = [figure("A", "AAA", 2022, 5.0), figure("O", "AAA", 2022, 6.0, scope="residence")]
    with pytest.raises(InputError, match="cannot combine territorial with residence"):
        run(data)
    land = [
        figure("N", "AAA", 2022, -5.0, scope="NGHGI"),
        figure("H", "AAA", 2022, 6.0, scope="bookkeeping"),
    ]
    with pytest.raises(InputError, match="cannot combine NGHGI with bookkeeping"):
        run(land, nonnegative=False)
    assert run(data, leave_out=["O"]).result.value[0, 0] == pytest.approx(5)


def test_editions_are_never_mixed():
    data = [figure("A", "AAA", 2022, v, edition=e) for v, e in ((5.0, "2024"), (6.0, "2025"))]
    with pytest.raises(InputError, match="2 editions of A"):
        run(data)
    assert run(data, editions={"A": "2024"}).result.value[0, 0] == pytest.approx(5)
    with pytest.raises(InputError, match="no such edition"):
        run(data, editions={"A": "2026"})


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        ([figure("A", "AAA", 2022, 1.0)] * 2, InputError, "twice"),
        ([figure("A", "AAA", 2022, -1.0)], InputError, "negative"),
        ([figure("A", "AAA", 2022, float("inf"))], NonFiniteError, "AAA 2022"),
        ([figure("A", "AAA", 2022, 1.0, sd=0.0)], NonFiniteError, "AAA 2022"),
        ([figure("A", "AAA", 2022, 1.0, unit="Mt CH4")], UnitError, "Mt CH4"),
        (["A"], LabelError, "str"),
        (pd.DataFrame({"source": ["A"]}), LabelError, "edition, scope"),
        ([figure("A", "AAA", 2022, 1.0, scope="elsewhere")], UnknownNameError, "scope"),
    ],
)
def test_bad_data_are_named(data, error, words):
    with pytest.raises(error, match=words):
        run(data)


def test_bad_requests_are_named():
    data = [figure("A", "AAA", 2022, 1.0)]
    for options, error in (
        ({"sources": ["B"]}, UnknownNameError),
        ({"leave_out": ["A"]}, NotAvailableError),
        ({"level": 1.0}, InputError),
        ({"known": [Known("AAA", 2022, 1.0)]}, UnknownNameError),
    ):
        with pytest.raises(error):
            run(data, **options)
    with pytest.raises(InputError):
        run(data, regions=[])
    with pytest.raises(UnknownNameError, match="fossil CO2"):
        fuse("fosil CO2", ["USA"], 2022)
    with pytest.raises(InputError, match="out of range"):
        ErrorModel({"": {"other": -1.0}})


def test_units_are_converted():
    data = [figure("A", "AAA", 2022, 5000.0, unit="kt CO2", sd=100.0)]
    data.append(figure("B", "AAA", 2022, 0.005, unit="Gt CO2", sd=0.0001))
    fused = run(data)
    assert fused.result.value[0, 0] == pytest.approx(5) and fused.result.unit == "Mt CO2"
    assert fused.sd[0, 0] == pytest.approx(0.1 / 2**0.5)
    assert run(data, unit="kt CO2").result.value[0, 0] == pytest.approx(5000)


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_data_changes_nothing(order: random.Random):
    data = world_data(np.random.default_rng(4))
    first = run(data, ["AAA", "WLD"], [2022], parts=True)
    order.shuffle(data)
    second = run(data, ["AAA", "WLD"], [2022], parts=True)
    np.testing.assert_array_equal(first.result.value, second.result.value)
    np.testing.assert_array_equal(first.sd, second.sd)


def test_a_frame_and_records_say_the_same():
    data = world_data(np.random.default_rng(5))
    frame = pd.DataFrame([vars(e) for e in data])
    one, two = (run(d, ["AAA"], parts=True) for d in (data, frame))
    np.testing.assert_array_equal(one.result.value, two.result.value)
    renamed = frame.rename(columns={"part": "category"})
    np.testing.assert_array_equal(run(renamed, ["AAA"], parts=True).result.value, one.result.value)


def test_disagreement_is_noted_and_widens_only_when_asked():
    data = [figure("A", "AAA", 2022, 100.0, sd=1.0), figure("B", "AAA", 2022, 130.0, sd=1.0)]
    fused = run(data)
    assert any("disagree by more" in n.text for n in fused.result.notes) and fused.p_value < 1e-6
    wide = run(data, widen=True)
    assert wide.result.value[0, 0] == pytest.approx(fused.result.value[0, 0])
    assert wide.sd[0, 0] / fused.sd[0, 0] == pytest.approx(fused.chi_square**0.5)


# --- the package's own sources --------------------------------------------------------------------


def test_every_error_has_a_basis():
    errors = default_errors()
    for source in errors.sd:
        assert errors.basis[source or "default"]
        assert set(errors.sd[source]) == set(GROUPS)
    for first, second in errors.shared:
        assert errors.basis[f"{first} and {second}"]
    assert errors.left_out_with("CEDS", ["GCB", "CEDS"]) == {"CEDS"}
    assert set(EU27) <= {r for r, group in errors.group_of.items() if group == "annex_i"}


def test_own_sources_fuse_within_their_range():
    data = own_sources("fossil CO2")
    assert {e.source for e in data} == {"GCB", "CEDS", "UNFCCC"}
    from validation.run_fusion import G20, gain, inside, left_out, models, scores

    lines = inside(data, G20, 2022)
    assert len(lines) == 19 and all(line[-1] == "yes" for line in lines)
    # Below the 90 % that were asked for; docs/methods/fusion.md says why. Guarded, not blessed.
    covered = {"published": (31, 34), "calibrated": (33, 36)}
    errors = models(data, 2022)
    found = {name: left_out(data, G20, 2022, model) for name, model in errors.items()}
    for name, cases in found.items():
        s = scores(cases)
        assert (s["n"], s["covered"], s["covered with own error"]) == (38, *covered[name])
        # A model exactly right would not reach 90 % either: the figure left out errs as well.
        assert 0.8 < s["expected"] < 0.85
    better, _ = gain(found["published"], found["calibrated"])
    assert better > 0
    # What fuse does is what was validated: a source left out still counts for the calibration.
    usa = fuse("fossil CO2", ["USA"], 2022, leave_out=["CEDS"], errors="calibrated")
    assert usa.sd[0, 0] == pytest.approx(
        next(c.sd for c in found["calibrated"] if (c.region, c.source) == ("USA", "CEDS"))
    )
    assert any("CEDS, GCB, UNFCCC lie apart" in n.text for n in usa.result.notes)
    plain = fuse("fossil CO2", ["USA"], 2022, leave_out=["CEDS"])
    assert plain.sd[0, 0] < usa.sd[0, 0]
    with pytest.raises(UnknownNameError, match="calibrated"):
        fuse("fossil CO2", ["USA"], 2022, errors="calibrate")


def test_known_figures_of_the_sources():
    value = {(e.source, e.region, e.year): e.value for e in own_sources("fossil CO2")}
    assert value["GCB", "USA", 2022] == pytest.approx(5055.4, abs=0.05)
    assert value["CEDS", "USA", 2022] == pytest.approx(4632.9, abs=0.05)
    assert value["UNFCCC", "DEU", 2021] == pytest.approx(676.2, abs=0.05)
    assert ("UNFCCC", "CHN", 2021) not in value


def test_world_of_2022_and_fuels():
    fused = fuse("fossil CO2", ["World"], 2022)
    assert not fused.missing and 36000 < fused.result["WLD", "2022"] < 38500
    divided = fuse("fossil CO2", ["USA", "CHN"], 2022, parts=True)
    added = sum(divided.result.parts.values())
    np.testing.assert_allclose(added, divided.result.value, rtol=1e-9)


def test_a_lone_bunker_is_not_the_sum():
    rows = [("BUNKER_SHIPPING", 600.0), ("BUNKER_AVIATION", float("nan")), ("USA", 5.0)]
    frame = pd.DataFrame(rows, columns=["region", "value"]).assign(
        source="gcb-2025-fossil", edition="1", scope="territorial", year=2022, gas="CO2",
        category="fossil", item=None, unit="Mt",
    )  # fmt: skip
    assert [e.region for e in from_inventories(frame)] == ["USA"]


def test_the_world_has_the_same_members_in_all_its_years():
    """The EU as a party to the UNFCCC is no country, and one without a later figure is no hole."""
    import mriocarbon as mc

    alone = {
        year: mc.fuse("fossil CO2", ["WLD"], year).result.value.item() for year in (2021, 2022)
    }
    both = mc.fuse("fossil CO2", ["WLD"], [2021, 2022]).result.value.ravel()
    assert np.isfinite(both).all()
    assert both == pytest.approx(list(alone.values()), rel=2e-3)
    assert alone[2021] == pytest.approx(36_867, rel=0.03)  # Global Carbon Budget 2025


# --- nothing in silence -----------------------------------------------------------------------


def test_a_source_without_a_figure_is_named():
    data = [figure(s, r, 2022, 100.0) for s in "AB" for r in ("AAA", "BBB")]
    assert run(data).no_figure == ()
    gaps = [figure("C", "AAA", 2022, np.nan), figure("C", "BBB", 2022, 50.0)]
    fused = run([*data, *gaps])
    assert fused.no_figure == (("C", "AAA", 2022, ""),)
    assert any("no figure from C" in n.text and "AAA 2022" in n.text for n in fused.result.notes)
    np.testing.assert_array_equal(fused.result.value, run(data).result.value)
    assert run([*data, *gaps], ["BBB"]).no_figure == ()
    # A country that drops out of the world for it is named even if nobody asked for it.
    world = run([*data, figure("A", "CCC", 2022, np.nan)], ["WLD"])
    assert world.no_figure == (("A", "CCC", 2022, ""),)
    assert any("not in WLD" in n.text and "CCC" in n.text for n in world.result.notes)


def test_parts_of_another_edition_are_noted():
    def noted(fused):
        return [n.text for n in fused.result.notes if "has no fuels" in n.text]

    divided, whole = (fuse("fossil CO2", ["DEU"], 2022, parts=p) for p in (True, False))
    assert divided.result.value[0, 0] != pytest.approx(whole.result.value[0, 0], rel=1e-3)
    (text,) = noted(divided)
    assert "2025" in text.split("has no fuels")[0] and "Budget 2024" in text.split("rest on")[1]
    assert noted(whole) == []
    assert noted(fuse("fossil CO2", ["DEU"], 2022, leave_out=["GCB"])) == []
