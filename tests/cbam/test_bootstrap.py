"""The bootstrap: seeds, identities, what is shared does not average away, and coverage."""

import math
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.cbam import bootstrap
from mriocarbon.cbam.bootstrap import cluster_bootstrap, two_way_sd, weighted_median
from mriocarbon.errors import InputError


def sample(n=60, seed=1):
    rng = np.random.default_rng(seed)
    headings = [f"{7201 + i}" for i in rng.integers(0, 15, n)]
    cells = [f"cell {i}" for i in rng.integers(0, 11, n)]
    loadings = [{"shared": 0.1, f"cell.{c}": 0.2, f"own.{i}": 0.2} for i, c in enumerate(cells)]
    return rng.normal(0.1, 0.5, n), rng.random(n) + 0.1, [headings, cells], loadings


def figures(found):
    made = (found.median, found.mean, found.share_over, found.trade_weighted, found.total)
    return np.array([[e.value, e.low, e.high] for e in made if e is not None])


def test_figures_are_those_of_the_lines():
    l, w, clusters, loadings = sample()
    found = cluster_bootstrap(l, w, clusters, loadings, amounts=w, draws=500)
    assert found.median.value == pytest.approx(np.median(l))
    assert found.mean.value == pytest.approx(l.mean())
    assert found.share_over.value == pytest.approx((l > 0).mean())
    assert found.trade_weighted.value == pytest.approx(w @ l / w.sum())
    assert found.total.value == pytest.approx(math.log(w.sum() / (w @ np.exp(-l))))
    assert found.clusters == (len(set(clusters[0])), len(set(clusters[1])))
    assert (found.lines, found.draws, found.level) == (60, 500, 0.95)
    for e in (found.median, found.mean, found.share_over, found.trade_weighted, found.total):
        assert e.low < e.value < e.high
    bare = cluster_bootstrap(l, None, clusters, loadings, draws=500)
    assert bare.trade_weighted is None
    assert bare.total is None


def test_the_same_seed_gives_the_same_figures_whatever_the_blocks(monkeypatch):
    l, w, clusters, loadings = sample()
    one = cluster_bootstrap(l, w, clusters, loadings, amounts=w, draws=500, seed=3)
    assert figures(cluster_bootstrap(l, w, clusters, loadings, amounts=w, draws=500, seed=3)) == (
        pytest.approx(figures(one), abs=0)
    )
    monkeypatch.setattr(bootstrap, "BLOCK_CELLS", 1000)
    again = cluster_bootstrap(l, w, clusters, loadings, amounts=w, draws=500, seed=3)
    assert figures(again) == pytest.approx(figures(one), abs=1e-12)
    other = cluster_bootstrap(l, w, clusters, loadings, draws=500, seed=4)
    assert other.mean.low != one.mean.low


def test_order_of_lines_and_shift_of_the_defaults():
    l, w, clusters, loadings = sample()
    one = cluster_bootstrap(l, w, clusters, loadings, amounts=w, draws=500)
    p = np.random.default_rng(2).permutation(l.size)
    mixed = [[c[i] for i in p] for c in clusters]
    again = cluster_bootstrap(l[p], w[p], mixed, [loadings[i] for i in p], amounts=w[p], draws=500)
    assert figures(again) == pytest.approx(figures(one), abs=1e-9)
    c = math.log(1.3)
    raised = cluster_bootstrap(l + c, w, clusters, loadings, amounts=w, draws=500)
    kept = [0, 1, 3, 4]  # all but the share
    assert figures(raised)[kept] == pytest.approx(figures(one)[kept] + c, abs=1e-9)
    assert raised.share_over.low >= one.share_over.low


def half_width(e):
    return (e.high - e.low) / 2 / 1.959963985


def test_what_references_share_does_not_average_away():
    n = 200
    l, alone = np.zeros(n), [[str(i) for i in range(n)]]
    shared = cluster_bootstrap(l, None, alone, np.full((n, 1), 0.3), resample=False)
    assert half_width(shared.mean) == pytest.approx(0.3, rel=0.04)
    assert half_width(shared.median) == pytest.approx(0.3, rel=0.04)
    own = cluster_bootstrap(l, None, alone, 0.3 * np.eye(n), resample=False)
    assert half_width(own.mean) == pytest.approx(0.3 / math.sqrt(n), rel=0.04)
    assert "references only" in own.note
    # both sources add up
    spread = np.random.default_rng(1).normal(0, 3.0, n)
    both = cluster_bootstrap(spread, None, alone, np.full((n, 1), 0.3))
    sampling = spread.std() / math.sqrt(n)
    assert half_width(both.mean) == pytest.approx(math.hypot(0.3, sampling), rel=0.05)


def test_one_way_draws_have_the_variance_of_clusters():
    rng = np.random.default_rng(4)
    labels = np.repeat(np.arange(25), 8)
    l = rng.normal(size=25)[labels] + 0.3 * rng.normal(size=200)
    found = cluster_bootstrap(l, None, [labels.tolist()])
    assert half_width(found.mean) == pytest.approx(found.two_way_sd, rel=0.06)
    assert half_width(found.mean) > 2 * l.std() / math.sqrt(200)
    assert "sampling only" in found.note


def test_intervals_cover_the_truth_with_crossed_clusters():
    rng = np.random.default_rng(6)
    hits = {"mean": 0, "median": 0, "naive": 0}
    rounds = 200
    for _ in range(rounds):
        a, b = rng.integers(0, 20, 120), rng.integers(0, 12, 120)
        factor = 0.2 * rng.standard_normal()  # the error all references share
        l = 0.4 * rng.normal(size=20)[a] + 0.4 * rng.normal(size=12)[b] + factor
        l = l + 0.2 * rng.normal(size=120)
        found = cluster_bootstrap(
            l, None, [a.tolist(), b.tolist()], np.full((120, 1), 0.2), draws=400, seed=1
        )
        hits["mean"] += found.mean.low <= 0 <= found.mean.high
        hits["median"] += found.median.low <= 0 <= found.median.high
        hits["naive"] += abs(l.mean()) <= 1.96 * l.std() / math.sqrt(120)
    assert 0.91 <= hits["mean"] / rounds <= 1.0
    assert 0.91 <= hits["median"] / rounds <= 1.0
    assert hits["naive"] / rounds < 0.6


def test_the_interval_is_not_absurdly_wide():
    rng = np.random.default_rng(7)
    a, b = rng.integers(0, 30, 267), rng.integers(0, 30, 267)
    l = 0.5 * rng.normal(size=30)[a] + 0.5 * rng.normal(size=30)[b]
    found = cluster_bootstrap(l, None, [a.tolist(), b.tolist()], draws=4000)
    assert 0.85 < half_width(found.mean) / found.two_way_sd < 1.5


def test_one_cluster_has_no_interval():
    found = cluster_bootstrap([0.1, 0.5], None, [["a", "a"]], [[0.2], [0.3]], draws=200)
    for e in (found.median, found.mean, found.share_over):
        assert math.isnan(e.low)
        assert math.isnan(e.high)
        assert "one cluster" in e.note
    assert found.mean.value == pytest.approx(0.3)
    assert math.isnan(found.two_way_sd)


def test_one_comparator_needs_the_uncertainty_of_its_references():
    l, ways = [0.1, 0.5, 0.4, -0.2], [list("abcd"), list("xxxx")]
    bare = cluster_bootstrap(l, None, ways, draws=200)
    assert math.isnan(bare.mean.low)
    assert "not known" in bare.mean.note
    given_ = cluster_bootstrap(l, None, ways, np.full((4, 1), 0.3), draws=200)
    assert given_.mean.low < given_.mean.value < given_.mean.high
    assert "one cluster only in one way" in given_.mean.note


def test_trade_of_one_heading_has_no_trade_weighted_interval():
    l, ways = [0.1, 0.5, 0.4, -0.2], [list("aabc"), list("xxyz")]
    found = cluster_bootstrap(l, [1, 2, 0, 0], ways, np.full((4, 1), 0.3), draws=200)
    assert found.trade_weighted.value == pytest.approx((0.1 + 1.0) / 3)
    assert math.isnan(found.trade_weighted.low)
    assert not math.isnan(found.mean.low)
    rare = cluster_bootstrap(l, [1, 0, 0, 2], [list("abcd")], draws=2000)
    assert "hold no line: left out" in rare.trade_weighted.note  # 6 % of the draws
    assert rare.trade_weighted.low < rare.trade_weighted.high
    many = np.arange(30) / 30
    rarer = cluster_bootstrap(many, (many < 0.05) * 1.0, [list(range(30))], draws=2000)
    assert math.isnan(rarer.trade_weighted.low)  # 13 %
    assert "hold no line" in rarer.trade_weighted.note


def test_no_interval_has_a_width_of_zero():
    ways = [list("abcdefgh")]
    same = cluster_bootstrap(np.full(8, 0.4), None, ways, draws=200)
    assert math.isnan(same.mean.low)
    assert "do not differ" in same.mean.note
    # all eight clusters over: the exact bound, not 1 to 1
    assert same.share_over.high == 1.0
    assert same.share_over.low == pytest.approx(0.025 ** (1 / 8))
    assert "Clopper" in same.share_over.note
    under = cluster_bootstrap(np.full(8, -0.4), None, ways, draws=200)
    assert (under.share_over.low, under.share_over.value) == (0.0, 0.0)
    assert under.share_over.high == pytest.approx(1 - 0.025 ** (1 / 8))
    fixed = cluster_bootstrap(np.arange(8.0), None, ways, draws=200, resample=False)
    assert math.isnan(fixed.median.low)


def test_noise_of_references_never_puts_a_share_outside_of_its_interval():
    l = np.full(200, 0.1)
    found = cluster_bootstrap(l, None, [list(range(200))], np.eye(200), draws=500)
    assert found.share_over.value == 1.0 == found.share_over.high
    assert found.share_over.low < 0.6
    assert "widened" in found.share_over.note


def test_few_clusters_are_told():
    l, _, clusters, loadings = sample()
    assert cluster_bootstrap(l, None, clusters, loadings, draws=200).note == ""
    few = [["a", "b"] * 30, clusters[1]]
    assert "rough" in cluster_bootstrap(l, None, few, loadings, draws=200).note


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 4)), min_size=1, max_size=12),
)
def test_weighted_median_is_the_median_of_repeated_lines(pairs):
    values, weights = (np.array(x) for x in zip(*pairs, strict=True))
    found = weighted_median(values[None, :], weights[None, :].astype(float))[0]
    if weights.sum() == 0:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(np.median(np.repeat(values, weights)))


@given(st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_two_way_deviation(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=40)
    lone = list(range(40))
    assert two_way_sd(x, [lone]) == pytest.approx(x.std(ddof=1) / math.sqrt(40))
    coarse = rng.integers(0, 6, 40)
    coarse[:6] = range(6)
    fine = (coarse * 10 + rng.integers(0, 3, 40)).tolist()
    # nested ways: the variance is that of the coarse one
    nested = two_way_sd(x, [coarse.tolist(), fine])
    assert nested == pytest.approx(two_way_sd(x, [coarse.tolist()]))
    assert two_way_sd(3 * x + 1, [fine]) == pytest.approx(3 * two_way_sd(x, [fine]))
    assert two_way_sd(x, [coarse.tolist(), lone[::-1]]) > 0


def test_speed_and_memory_of_an_audit():
    l, w, clusters, loadings = sample(267)
    cluster_bootstrap(l, w, clusters, loadings, draws=100)
    start = time.perf_counter()
    cluster_bootstrap(l, w, clusters, loadings, amounts=w, draws=10_000)
    assert time.perf_counter() - start < 2
    tracemalloc.start()
    cluster_bootstrap(l, w, clusters, loadings, amounts=w, draws=10_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80e6


GOOD = {"log_ratio": [0.1, 0.2], "weights": None, "clusters": [["a", "b"]], "draws": 200}


@pytest.mark.parametrize(
    "bad",
    [
        {"log_ratio": [], "clusters": [[]]},
        {"log_ratio": [0.1, np.nan]},
        {"log_ratio": ["x", "y"]},
        {"clusters": []},
        {"clusters": [["a"]]},
        {"clusters": [["a", "b"]] * 3},
        {"clusters": [["a", None]]},
        {"clusters": "ab"},
        {"weights": [1.0]},
        {"weights": [1.0, -1.0]},
        {"weights": [0.0, 0.0]},
        {"weights": [1.0, np.nan]},
        {"amounts": [1.0, np.inf]},
        {"loadings": [[0.1]]},
        {"loadings": [[0.1], [np.nan]]},
        {"loadings": [0.1, 0.2]},
        {"loadings": [{"a": 0.1}]},
        {"loadings": [{"a": 0.1}, {"a": np.nan}]},
        {"draws": 0},
        {"level": 1.0},
    ],
)
def test_bootstrap_refuses(bad):
    with pytest.raises(InputError):
        cluster_bootstrap(**{**GOOD, **bad})
