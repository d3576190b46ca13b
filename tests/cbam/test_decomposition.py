"""Variance splits: exact in pure cases, textbook when balanced, unbiased with gaps."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.cbam.decomposition import route_split, variance_split
from mriocarbon.errors import InputError


def names(prefix, n):
    return [f"{prefix}{i:03d}" for i in range(n)]


def split(table):
    return variance_split(table, names("o", len(table)), names("c", len(table[0])))


def gaps(rng, table, share):
    table = table.copy()
    table[rng.random(table.shape) < share] = np.nan
    return table


@pytest.mark.parametrize("missing", [0.0, 0.5])
def test_pure_cases_are_exact_whatever_is_missing(missing):
    rng = np.random.default_rng(4)
    effects = rng.normal(size=40)
    by_origin = split(gaps(rng, np.tile(effects[:, None], (1, 25)) + 3.3, missing))
    assert (by_origin.cn, by_origin.residual, by_origin.origin_share) == (0.0, 0.0, 1.0)
    by_cn = split(gaps(rng, np.tile(effects, (25, 1)) - 7.7, missing))
    assert (by_cn.origin, by_cn.residual, by_cn.cn_share) == (0.0, 0.0, 1.0)
    assert by_cn.cns == 40
    if not missing:
        assert by_origin.origin == pytest.approx(effects.var(ddof=1))
        assert by_cn.cn == pytest.approx(effects.var(ddof=1))


def test_full_table_gives_the_analysis_of_variance():
    rng = np.random.default_rng(6)
    a, b = 12, 9
    y = rng.normal(size=(a, 1)) + rng.normal(size=b) + 0.5 * rng.normal(size=(a, b))
    rows, columns = y.mean(1), y.mean(0)
    rest = y - rows[:, None] - columns + y.mean()
    mse = (rest**2).sum() / (a - 1) / (b - 1)
    found = split(y)
    assert found.residual == pytest.approx(mse)
    assert found.origin == pytest.approx(rows.var(ddof=1) - mse / b)
    assert found.cn == pytest.approx(columns.var(ddof=1) - mse / a)


def test_truth_is_found_on_average_with_gaps():
    rng = np.random.default_rng(7)
    found = []
    for _ in range(60):
        y = rng.normal(size=(30, 1)) + 0.5 * rng.normal(size=20) + 0.3 * rng.normal(size=(30, 20))
        # the larger an origin's effect, the fewer of its cells are there: groups are unequal
        y[rng.random(y.shape) < np.linspace(0.1, 0.8, 30)[:, None]] = np.nan
        s = split(y)
        found.append((s.origin, s.cn, s.residual))
    assert np.mean(found, axis=0) == pytest.approx([1.0, 0.25, 0.09], rel=0.12)


@given(st.integers(0, 10_000), st.floats(-5, 5), st.floats(0.1, 10))
@settings(max_examples=30, deadline=None)
def test_order_shift_and_scale(seed, shift, scale):
    rng = np.random.default_rng(seed)
    y = gaps(rng, rng.normal(size=(8, 1)) + rng.normal(size=(8, 7)), 0.2)
    one = split(y)
    assert one.origin_share + one.cn_share + one.residual_share == pytest.approx(1)
    assert min(one.origin, one.cn, one.residual) >= 0
    other = split(scale * y[rng.permutation(8)][:, rng.permutation(7)] + shift)
    assert other.origin_share == pytest.approx(one.origin_share, abs=1e-8)
    assert other.residual == pytest.approx(scale**2 * one.residual, rel=1e-6)
    turned = split(y.T)
    assert (turned.cn, turned.origin) == (pytest.approx(one.origin), pytest.approx(one.cn))


def test_a_list_of_cells_is_the_table():
    rng = np.random.default_rng(3)
    y = gaps(rng, rng.normal(size=(6, 5)), 0.2)
    i, j = np.nonzero(~np.isnan(y))
    order = rng.permutation(i.size)
    i, j = i[order], j[order]
    listed = variance_split(y[i, j], [names("o", 6)[k] for k in i], [names("c", 5)[k] for k in j])
    table = split(y)
    assert listed.origin == pytest.approx(table.origin)
    assert listed.residual == pytest.approx(table.residual)


def test_negative_components_are_zero_and_said():
    y = np.array([[1.0, -1.0], [-1.0, 1.0]])
    found = split(y)
    assert (found.origin, found.cn, found.residual_share) == (0.0, 0.0, 1.0)
    assert "negative estimate of origin" in found.note
    assert "CN" in found.note


def test_constant_table_has_no_shares():
    found = split(np.full((3, 3), 0.7))
    assert math.isnan(found.origin_share)
    assert "nothing varies" in found.note


def test_unconnected_blocks_and_empty_rows():
    rng = np.random.default_rng(5)
    y = np.full((9, 8), np.nan)
    y[:4, :4], y[4:8, 4:] = rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
    found = split(y)
    assert (found.origins, found.cns, found.cells) == (8, 8, 32)
    assert "2 blocks" in found.note
    # each block loses its own degrees of freedom
    assert found.residual == pytest.approx(
        np.mean([split(y[:4, :4]).residual, split(y[4:8, 4:]).residual])
    )


def test_speed_of_the_whole_annex():
    rng = np.random.default_rng(1)
    y = gaps(rng, rng.normal(size=(118, 267)) + rng.normal(size=(118, 1)), 0.4)
    start = time.perf_counter()
    split(y)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("y", "origins", "cns"),
    [
        ([[0.1, 0.2], [0.3, 0.4]], ["a"], ["x", "y"]),
        ([[0.1, 0.2], [0.3, 0.4]], ["a", "a"], ["x", "y"]),
        ([[0.1, 0.2], [0.3, np.inf]], ["a", "b"], ["x", "y"]),
        ([[0.1, 0.2], [0.3, np.nan]], ["a", "b"], ["x", "y"]),
        ([[np.nan, np.nan], [np.nan, np.nan]], ["a", "b"], ["x", "y"]),
        ([[0.1, 0.2]], ["a"], ["x", "y"]),
        (np.zeros((0, 0)), [], []),
        ([0.1, 0.2, 0.3], ["a", "a", "b"], ["x", "x", "x"]),
        ([0.1, np.nan], ["a", "b"], ["x", "y"]),
        ([], [], []),
    ],
)
def test_variance_split_refuses(y, origins, cns):
    with pytest.raises(InputError):
        variance_split(y, origins, cns)


# routes


def test_values_that_follow_from_the_route_alone():
    found = route_split([2.0, 2.0, 0.5, 0.5, 0.5], ["7601"] * 5, list("KKLLL"))
    assert (found.origin, found.share, found.explained) == (0.0, 1.0, 1.0)
    assert found.route == pytest.approx(1.5**2 / 2)


def test_values_that_do_not_depend_on_the_route():
    rng = np.random.default_rng(1)
    found = route_split(rng.normal(size=4000), ["a"] * 4000, rng.choice(list("CDE"), 4000).tolist())
    assert found.share < 0.01
    assert found.explained < 0.01


def test_truth_is_found_on_average():
    rng = np.random.default_rng(2)
    found = []
    for _ in range(300):
        goods = np.repeat(np.arange(6), 30)
        routes = rng.choice(3, 180, p=[0.6, 0.3, 0.1])
        y = 5.0 * goods + rng.normal(size=(6, 3))[goods, routes] + 0.5 * rng.normal(size=180)
        s = route_split(y, goods.tolist(), routes.tolist())
        found.append((s.route, s.origin))
    assert np.mean(found, axis=0) == pytest.approx([1.0, 0.25], rel=0.1)


def test_equal_numbers_give_the_nested_analysis_of_variance():
    y = np.random.default_rng(8).normal(size=(3, 4, 5)) + [[[3.0], [0.0], [-3.0], [1.0]]]
    goods = np.repeat(np.arange(3), 20).tolist()
    routes = np.tile(np.repeat(np.arange(4), 5), 3).tolist()
    within = y.var(axis=2, ddof=1).mean()
    found = route_split(y.ravel(), goods, routes)
    assert found.origin == pytest.approx(within)
    between = y.mean(axis=2).var(axis=1, ddof=1).mean()
    assert found.route == pytest.approx(between - within / 5)


def test_goods_of_one_route_tell_nothing():
    base = route_split([1.0, 1.1, 2.0, 2.2], ["a"] * 4, list("KKLL"))
    more = route_split([1.0, 1.1, 2.0, 2.2, 9.0, -9.0], list("aaaabb"), list("KKLLKK"))
    assert more.share == pytest.approx(base.share)
    assert (more.goods, more.goods_with_routes) == (2, 1)
    none = route_split([9.0, -9.0], ["b", "b"], ["K", "K"])
    assert math.isnan(none.share)
    assert "two routes" in none.note
    alone = route_split([9.0, -9.0], ["b", "b"], ["K", "L"])
    assert math.isnan(alone.share)
    assert "apart" in alone.note


def test_primary_and_secondary_aluminium_in_the_annex():
    defaults = pytest.importorskip("mriocarbon.cbam.defaults")
    rows = [
        (math.log(v.total), v.route)
        for v in defaults.all_defaults()
        if v.cn == "7601" and v.total and v.route and not v.is_fallback
    ]
    found = route_split([y for y, _ in rows], ["7601"] * len(rows), [r for _, r in rows])
    assert found.share > 0.9


def test_route_split_refuses():
    for y, cns, routes in (([], [], []), ([np.nan], ["a"], ["K"]), ([1.0], ["a", "b"], ["K"]),
                           ([1.0], ["a"], [""])):  # fmt: skip
        with pytest.raises(InputError):
            route_split(y, cns, routes)
