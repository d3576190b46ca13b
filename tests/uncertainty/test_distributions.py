"""Factors: mean, spread, shape, shared errors; shares that add up; scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.errors import InputError
from mriocarbon.uncertainty import (
    Dirichlet,
    Empirical,
    Lognormal,
    Pedigree,
    TruncatedNormal,
    maximum_entropy_concentration,
)

NORMALS = np.random.default_rng(3).standard_normal(400_000)


@pytest.mark.parametrize("r", [0.01, 0.1, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("kind", [Lognormal(), TruncatedNormal()])
def test_factors_have_mean_one_and_the_spread_asked_for(kind, r):
    f = kind.factors(NORMALS, r)
    se = r / np.sqrt(len(f))
    assert abs(f.mean() - 1) < 5 * se
    assert f.std() == pytest.approx(r, rel=0.02)
    assert f.min() >= 0
    assert (np.diff(kind.factors(np.linspace(-6, 6, 500), r)) >= 0).all()  # a copula: monotone


def test_a_small_truncated_normal_is_the_normal():
    e = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(TruncatedNormal().factors(e, 0.05), 1 + 0.05 * e, rtol=1e-5)


def test_errors_of_different_size_side_by_side():
    r = np.array([0.0, 0.1, 0.5])
    for kind in (Lognormal(), TruncatedNormal()):
        f = kind.factors(NORMALS[:300_000].reshape(-1, 3), r)
        np.testing.assert_allclose(f.std(axis=0), r, rtol=0.02, atol=1e-12)


def test_an_observed_sample_keeps_its_shape():
    sample = np.random.default_rng(1).gamma(2.0, 1.0, 2000)
    f = Empirical(tuple(sample)).factors(NORMALS, 0.2)
    assert f.mean() == pytest.approx(1, abs=2e-3) and f.std() == pytest.approx(0.2, rel=0.01)
    skew = (((f - f.mean()) / f.std()) ** 3).mean()
    want = (((sample - sample.mean()) / sample.std()) ** 3).mean()
    assert skew == pytest.approx(want, rel=0.03)


@pytest.mark.parametrize(
    "make",
    [
        lambda: TruncatedNormal().factors(NORMALS[:3], 1.2),
        lambda: Empirical((1.0,)),
        lambda: Empirical((1.0, 1.0)),
        lambda: Empirical((1.0, float("nan"))),
        lambda: Empirical((0.0, 9.0, 10.0)).factors(NORMALS[:3], 0.9),
        lambda: Dirichlet.of([0, -1], total=0.1, concentration=5),
        lambda: Dirichlet.of([0, 0], total=-0.1, concentration=5),
        lambda: Dirichlet.of([0, 0], total=0.1, concentration=0),
        lambda: Dirichlet.of([0, 0], total=0.1, concentration=float("nan")),
        lambda: Dirichlet.of([0, 0], total=0.1, concentration=9).draw(
            np.random.default_rng(0), np.array([1.0, -2.0]), 3
        ),
        lambda: maximum_entropy_concentration([1.0]),
        lambda: maximum_entropy_concentration([0.2, 0.2]),
        lambda: maximum_entropy_concentration([float("nan"), 0.5, 0.5]),
        lambda: maximum_entropy_concentration([-0.5, 0.5, 0.5]),
        lambda: Dirichlet.of([0.5, 1.7], total=0.1, concentration=5),
        lambda: Dirichlet.of([0, 1], total=[0.1] * 3, concentration=5),
        lambda: Dirichlet.of([0, 1], total="a", concentration=5),
        lambda: Pedigree((1, 2, 3)),
        lambda: Pedigree((1, 2, 3, 4, 6)),
        lambda: Pedigree((1, 1, 1, 1, 1), basic=-0.1),
        lambda: Pedigree.parse("(1,2,x,4,5)"),
    ],
)
def test_what_is_no_distribution_is_refused(make):
    with pytest.raises(InputError, match="what to do"):
        make()


def test_shares_add_up_and_have_the_variances_of_the_formula():
    groups, values = [0, 0, 0, 1, 1], np.array([6.0, 3.0, 1.0, 4.0, 0.0])
    sure = Dirichlet.of(groups, total=0.0, concentration=[20, 5])
    F = sure.draw(np.random.default_rng(1), values, 200_000)
    np.testing.assert_allclose(F[:, :3].sum(axis=1), 10)
    np.testing.assert_allclose(F.mean(axis=0), values, rtol=0.01, atol=1e-12)
    p = np.array([0.6, 0.3, 0.1])
    want = 100 * (np.diag(p) - np.outer(p, p)) / 21
    np.testing.assert_allclose(np.cov(F[:, :3].T), want, rtol=0.05, atol=0.02)
    weights = np.random.default_rng(2).random((5, 2))
    for total in (0.0, 0.3):
        split = Dirichlet.of(groups, total=total, concentration=[20, 5])
        draws = split.draw(np.random.default_rng(3), values, 400_000) @ weights
        np.testing.assert_allclose(draws.var(axis=0), split.variance(values, weights), rtol=0.02)


@given(st.integers(2, 40))
@settings(max_examples=15, deadline=None)
def test_least_informative_equal_shares_are_uniform_on_the_simplex(k):
    """The flat Dirichlet, all parameters 1, has the largest entropy of all."""
    assert maximum_entropy_concentration(np.full(k, 1 / k)) == pytest.approx(k, rel=1e-3)


def test_pedigree_scores_add_variances():
    best = Pedigree((1, 1, 1, 1, 1))
    assert best.variance == 0 and best.geometric_sd == 1 and best.relative_sd == 0
    one = Pedigree.parse("2;3;4;5;1", basic=0.0006)
    assert one.variance == pytest.approx(0.0006 + 0.0006 + 0.0006 + 0.008 + 0.002)
    f = np.exp(np.sqrt(one.variance) * NORMALS)
    assert f.std() / f.mean() == pytest.approx(one.relative_sd, rel=0.01)
    worst = [Pedigree(tuple(5 if i == j else 1 for i in range(5))).variance for j in range(5)]
    assert worst == [0.04, 0.008, 0.04, 0.002, 0.12]


@pytest.mark.parametrize("r", [1e-6, 1e-4, 2e-3, 0.0026, 0.01])
def test_a_narrow_truncated_normal_is_as_narrow_as_asked(r):
    f = TruncatedNormal().factors(NORMALS, r)
    assert f.std() == pytest.approx(r, rel=0.01) and f.mean() == pytest.approx(1, abs=0.01 * r)


@pytest.mark.parametrize("concentration", [1e-4, 0.01, 1.0])
def test_shares_that_are_hardly_known_are_shares_all_the_same(concentration):
    """Gammas of a shape of 2e-6 are all zero in double precision: the draws must not be."""
    values = np.ones(50)
    split = Dirichlet.of([0] * 50, total=0.0, concentration=concentration)
    with np.errstate(all="raise", under="ignore"):
        F = split.draw(np.random.default_rng(1), values, 20_000)
    assert np.isfinite(F).all()
    np.testing.assert_allclose(F.sum(axis=1), 50)
    weights = np.random.default_rng(2).random((50, 1))
    np.testing.assert_allclose(
        (F @ weights).var(axis=0), split.variance(values, weights), rtol=0.05
    )
    empty = Dirichlet.of(
        [0, 0, 2], total=0.1, concentration=5
    )  # a group without cells, one of zeros
    assert (empty.draw(np.random.default_rng(1), np.array([0.0, 0.0, 3.0]), 9)[:, :2] == 0).all()


def test_each_pedigree_score_has_its_figure():
    """Weidema et al. (2013), as carried by public implementations: all twenty-five."""
    table = [
        (0, 6e-4, 2e-3, 8e-3, 4e-2), (0, 1e-4, 6e-4, 2e-3, 8e-3), (0, 2e-4, 2e-3, 8e-3, 4e-2),
        (0, 2.5e-5, 1e-4, 6e-4, 2e-3), (0, 6e-4, 8e-3, 4e-2, 1.2e-1),
    ]  # fmt: skip
    for j, row in enumerate(table):
        for score, want in enumerate(row, start=1):
            scores = tuple(score if i == j else 1 for i in range(5))
            assert Pedigree(scores).variance == pytest.approx(want)
