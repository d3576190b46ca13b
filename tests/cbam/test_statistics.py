"""Combination, verdicts and rank tests: identities, limits, and error rates in simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, norm, wilcoxon

from mriocarbon.cbam.statistics import adjusted, combine, signed_rank, verdicts
from mriocarbon.errors import InputError, UnknownNameError

sizes = st.floats(-3, 3, allow_nan=False)
spreads = st.floats(0.01, 2)


# combine


def test_one_reference_comes_back_unchanged():
    found = combine([0.7], [[0.09]])
    assert (found.log_value, found.log_sd, found.tau2) == (0.7, pytest.approx(0.3), 0.0)
    assert found.weights.tolist() == [1.0]


def test_independent_references_give_the_textbook_estimate():
    y, v = np.array([0.1, 0.9, 0.4, -0.2]), np.array([0.01, 0.04, 0.02, 0.09])
    w = 1 / v
    mean = w @ y / w.sum()
    q = w @ (y - mean) ** 2
    tau2 = (q - 3) / (w.sum() - (w**2).sum() / w.sum())
    star = 1 / (v + tau2)
    found = combine(y, np.diag(v))
    assert found.q == pytest.approx(q)
    assert found.i2 == pytest.approx((q - 3) / q)
    assert found.tau2 == pytest.approx(tau2)
    assert found.log_value == pytest.approx(star @ y / star.sum())
    assert found.log_sd == pytest.approx(1 / math.sqrt(star.sum()))


def test_references_that_agree_have_nothing_between_them():
    found = combine([0.5, 0.5, 0.5], np.diag([0.01, 0.04, 0.25]))
    assert found.tau2 == found.q == found.i2 == 0.0
    assert found.weights == pytest.approx(np.array([100, 25, 4]) / 129)


def test_references_far_apart_weigh_the_same():
    found = combine([-50.0, 0.0, 80.0], np.diag([0.01, 0.04, 0.25]))
    assert found.weights == pytest.approx(np.full(3, 1 / 3), abs=1e-4)


def test_copies_of_one_error_do_not_narrow_the_interval():
    found = combine([0.2, 0.2, 0.2], np.full((3, 3), 0.16))
    assert found.log_sd == pytest.approx(0.4, rel=1e-5)
    assert found.weights == pytest.approx(np.full(3, 1 / 3), abs=1e-6)


def test_shared_errors_count_in_the_variance_between_references():
    # two references: tau2 = (d^2 - var d) / 2, and what they share does not move d
    for shared in (0.0, 0.5, 4.0):
        s = np.diag([0.02, 0.06]) + shared
        assert combine([0.0, 1.0], s).tau2 == pytest.approx((1 - 0.08) / 2)


def test_the_variance_between_references_is_unbiased_with_shared_errors():
    rng = np.random.default_rng(5)
    load = np.array([[0.8, 0.1, 0.0], [0.8, 0.0, 0.3], [0.0, 0.2, 0.2], [0.4, 0.0, 0.1]])
    y = rng.standard_normal((3000, 3)) @ load.T + 2.0 * rng.standard_normal((3000, 4))
    mean = np.mean([combine(row, load @ load.T).tau2 for row in y])
    assert mean == pytest.approx(4.0, rel=0.06)


@given(st.integers(0, 10_000), st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_weights_are_the_best_that_are_not_negative(seed, k):
    rng = np.random.default_rng(seed)
    load = rng.normal(size=(k, 3)) * 0.3 + 0.5
    y, s = rng.normal(size=k), load @ load.T + 0.01 * np.eye(k)
    found = combine(y, s)
    assert found.weights.min() >= 0
    assert found.weights.sum() == pytest.approx(1)
    assert y.min() - 1e-9 <= found.log_value <= y.max() + 1e-9
    v = s + found.tau2 * np.eye(k)
    others = rng.dirichlet(np.ones(k) * 0.5, 500)
    best = np.einsum("ij,jk,ik->i", others, v, others).min()
    assert found.log_sd**2 <= best + 1e-9
    order = rng.permutation(k)
    again = combine(y[order], s[np.ix_(order, order)])
    assert again.log_value == pytest.approx(found.log_value, abs=1e-8)
    assert combine(y + 2.5, s).log_value == pytest.approx(found.log_value + 2.5, abs=1e-8)


@pytest.mark.parametrize(
    ("y", "s"),
    [
        ([], np.zeros((0, 0))),
        ([0.1, np.nan], np.eye(2)),
        ([0.1, 0.2], np.eye(3)),
        ([0.1, 0.2], [[1, np.inf], [np.inf, 1]]),
        ([0.1, 0.2], [[1, 2], [2, 1]]),
        ([0.1, 0.2], [[1, 0.5], [0.1, 1]]),
        ([0.1], [[-1.0]]),
        (["a"], [[1.0]]),
    ],
)
def test_combine_refuses(y, s):
    with pytest.raises(InputError):
        combine(y, s)


# verdicts


def test_p_values_are_those_of_the_two_tests():
    l, sd = np.array([0.3, -0.05, 0.0]), np.array([0.2, 0.03, 0.5])
    found = verdicts(l, sd, band=0.2)
    assert found.p_bias == pytest.approx(2 * norm.sf(np.abs(l) / sd))
    low, high = norm.sf((l - math.log(0.8)) / sd), norm.cdf((l - math.log(1.2)) / sd)
    assert found.p_tost == pytest.approx(np.maximum(low, high))


@pytest.mark.parametrize("procedure", ["BY", "BH"])
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(deadline=None)
def test_adjusted_p_values_are_scipys(procedure, p):
    expected = false_discovery_control(p, method=procedure.lower())
    assert adjusted(p, procedure) == pytest.approx(expected)


@given(st.lists(st.tuples(sizes, spreads), min_size=1, max_size=20), st.randoms())
@settings(deadline=None)
def test_order_does_not_matter_and_signs_mirror(pairs, random):
    l, sd = (np.array(x) for x in zip(*pairs, strict=True))
    found = verdicts(l, sd)
    order = list(range(len(l)))
    random.shuffle(order)
    again = verdicts(l[order], sd[order])
    assert again.verdict.tolist() == found.verdict[order].tolist()
    assert again.p_adjusted == pytest.approx(found.p_adjusted[order])
    assert verdicts(-l, sd).p_adjusted == pytest.approx(found.p_adjusted)
    assert (found.p_adjusted >= found.p_bias).all()
    assert (found.p_tost_adjusted >= found.p_tost).all()


@given(st.floats(-1, 1), spreads, st.floats(0.1, 10))
@settings(deadline=None)
def test_scaling_both_default_and_reference_changes_nothing(l, sd, c):
    d, r = math.exp(l), 1.0
    one = verdicts([math.log(d / r)], [sd])
    other = verdicts([math.log(c * d / (c * r))], [sd])
    assert other.p_bias == pytest.approx(one.p_bias, abs=1e-9)


def test_equivalence_takes_precedence_over_a_small_significant_bias():
    found = verdicts([0.02, 0.02, -0.02], [0.002, 0.2, 0.002])
    assert found.p_adjusted[0] < 1e-6
    assert found.verdict.tolist() == ["not biased", "inconclusive", "not biased"]


def test_the_band_is_one_of_the_ratio():
    sd = 1e-6
    inside = [math.log(0.901), math.log(1.099)]
    outside = [math.log(0.899), math.log(1.101)]
    assert verdicts(inside, [sd, sd]).verdict.tolist() == ["not biased"] * 2
    assert verdicts(outside, [sd, sd]).verdict.tolist() == ["under", "over"]


def test_a_known_reference_is_the_limit_of_a_precise_one():
    found = verdicts([0.0, 0.5, -0.5, 0.05], [0.0, 0.0, 0.0, 0.0])
    assert found.verdict.tolist() == ["not biased", "over", "under", "not biased"]
    assert found.p_bias.tolist() == [1.0, 0.0, 0.0, 0.0]
    assert found.p_tost.tolist() == [0.0, 1.0, 1.0, 0.0]
    edge = verdicts([math.log1p(0.1)], [0.0])
    assert edge.p_tost.tolist() == [1.0]


@pytest.mark.parametrize("edge", [0.9, 1.1])
def test_equivalence_keeps_its_level_at_the_edge_of_the_band(edge):
    rng = np.random.default_rng(11)
    l = math.log(edge) + 0.02 * rng.standard_normal(8000)
    rate = np.mean([verdicts([x], [0.02], q=0.05).verdict[0] == "not biased" for x in l])
    assert rate == pytest.approx(0.05, abs=0.01)
    # a reference that says little never shows equivalence
    assert "not biased" not in verdicts(rng.normal(size=50), np.full(50, 0.5)).verdict


def simulated(procedure, rounds=400):
    """Mean false discovery proportion where goods share the errors of five comparators."""
    rng = np.random.default_rng(3)
    n, cell = 60, np.repeat(np.arange(5), 12)
    truth = np.where(np.arange(n) % 12 == 0, np.where(np.arange(n) % 24 == 0, 0.9, -0.9), 0.0)
    fdp, naive = [], []
    for _ in range(rounds):
        error = 0.19 * rng.standard_normal(5)[cell] + 0.06 * rng.standard_normal(n)
        found = verdicts(truth + error, np.full(n, math.hypot(0.19, 0.06)), procedure=procedure)
        named = np.isin(found.verdict, ("over", "under"))
        fdp.append((named & (truth == 0)).sum() / max(1, named.sum()))
        loose = found.p_bias <= 0.05
        naive.append((loose & (truth == 0)).sum() / max(1, loose.sum()))
    return np.mean(fdp), np.mean(naive)


@pytest.mark.parametrize("procedure", ["BY", "BH"])
def test_false_findings_stay_below_q_where_comparators_are_shared(procedure):
    rate, naive = simulated(procedure)
    assert rate <= 0.055
    assert naive > 0.1  # so that the test can tell


def test_by_is_stricter_than_bh():
    l, sd = np.linspace(-1, 1, 40), np.full(40, 0.3)
    by, bh = verdicts(l, sd), verdicts(l, sd, procedure="BH")
    factor = (1 / np.arange(1, 41)).sum()
    assert by.p_adjusted == pytest.approx(np.minimum(1, bh.p_adjusted * factor))


@pytest.mark.parametrize(
    ("l", "sd", "more"),
    [
        ([], [], {}),
        ([0.1, np.nan], [0.1, 0.1], {}),
        ([0.1], [0.1, 0.1], {}),
        ([0.1], [np.inf], {}),
        ([0.1], [-0.1], {}),
        ([[0.1]], [[0.1]], {}),
        ([0.1], [0.1], {"band": 0.0}),
        ([0.1], [0.1], {"band": 10}),
        ([0.1], [0.1], {"q": 1.0}),
    ],
)
def test_verdicts_refuse(l, sd, more):
    with pytest.raises(InputError):
        verdicts(l, sd, **more)


def test_unknown_procedure_is_named():
    with pytest.raises(UnknownNameError, match="Bonferroni"):
        verdicts([0.1], [0.1], procedure="Bonferroni")
    with pytest.raises(InputError):
        adjusted([0.1, 1.2])


def test_results_are_read_only():
    found = verdicts([0.1], [0.1])
    for array in (found.p_bias, found.p_adjusted, found.p_tost, found.verdict):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


# signed ranks


@given(st.integers(0, 10_000), st.integers(2, 14))
@settings(max_examples=40, deadline=None)
def test_single_lines_give_wilcoxons_exact_test(seed, n):
    l = np.random.default_rng(seed).normal(0.4, 1, n)
    found = signed_rank(l)
    assert found.p_clustered == pytest.approx(wilcoxon(l, method="exact").pvalue)
    assert found.p == pytest.approx(wilcoxon(l).pvalue)
    assert found.n_clusters == n


def test_copies_within_clusters_change_the_naive_test_only():
    l = np.random.default_rng(2).normal(0.3, 1, 30)
    one = signed_rank(l)
    five = signed_rank(np.repeat(l, 5), np.repeat(np.arange(30), 5).tolist())
    assert five.z_clustered == pytest.approx(one.z_clustered)
    assert five.p_clustered == pytest.approx(one.p_clustered)
    assert five.p < one.p


def test_level_with_clusters_of_like_lines():
    rng = np.random.default_rng(8)
    cluster = np.repeat(np.arange(20), rng.integers(1, 15, 20))
    naive, clustered = [], []
    for _ in range(400):
        l = rng.standard_normal(20)[cluster] + 0.1 * rng.standard_normal(cluster.size)
        found = signed_rank(l, cluster.tolist())
        naive.append(found.p <= 0.05)
        clustered.append(found.p_clustered <= 0.05)
    assert np.mean(naive) > 0.3
    assert np.mean(clustered) == pytest.approx(0.05, abs=0.025)


def test_a_shift_is_found_in_spite_of_clusters():
    rng = np.random.default_rng(9)
    cluster = np.repeat(np.arange(20), 6)
    l = 1.0 + rng.standard_normal(20)[cluster] + 0.3 * rng.standard_normal(120)
    found = signed_rank(l, cluster.tolist())
    assert found.p < found.p_clustered < 0.01
    mirrored = signed_rank(-3 * l, cluster.tolist())
    assert mirrored.z_clustered == pytest.approx(-found.z_clustered)
    assert mirrored.effect == pytest.approx(-found.effect)
    order = rng.permutation(120)
    again = signed_rank(l[order], cluster[order].tolist())
    assert again.p_clustered == pytest.approx(found.p_clustered)


def test_zeros_and_lone_clusters_are_told():
    found = signed_rank([0.0, 0.1, 0.2, -0.3], ["a", "a", "a", "a"])
    assert (found.n, found.n_clusters) == (3, 1)
    assert math.isnan(found.p_clustered)
    assert "one cluster" in found.note
    assert "left out" in found.note
    assert signed_rank([0.0, 0.0]).p == 1.0
    assert "cannot fall below 0.25" in signed_rank([1.0, 2.0, 3.0]).note


@pytest.mark.parametrize(
    ("l", "clusters"),
    [([], []), ([0.1, np.nan], None), ([0.1, 0.2], ["a"]), ([0.1, 0.2], ["a", None]),
     ([0.1, 0.2], ["a", ""]), ([0.1, 0.2], [1.0, float("nan")]), ([0.1, 0.2], "ab")],
)  # fmt: skip
def test_signed_rank_refuses(l, clusters):
    if clusters == "ab":
        clusters = ["ab"]
    with pytest.raises(InputError):
        signed_rank(l, clusters)
