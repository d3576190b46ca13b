"""Elasticities against finite differences and exact re-solves; limits against the outputs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import cases, random_case, toy

import mriocarbon as mc
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.structure.elasticity import important_coefficients, tolerance_limits

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


def parts(mrio):
    safe = np.where(mrio.x == 0, 1.0, mrio.x)
    A = np.where(mrio.x == 0, 0.0, mrio.Z / safe)
    return A, np.where(mrio.x == 0, 0.0, mrio.extensions["emissions"].F[0] / safe)


@settings(max_examples=30, deadline=None)
@given(case=cases(max_regions=3, max_sectors=4), one=st.booleans(), percent=st.floats(0.1, 5))
def test_elasticities_are_slopes_and_tolerances_are_exact(case, one, percent):
    mrio = case.mrio()
    A, q = parts(mrio)
    r = case.R - 1
    y = case.demand[:, r] if one else case.demand.sum(1)
    if one:
        q = np.where(np.arange(case.n) // case.S == 0, q, 0.0)

    def account(A):
        return q @ np.linalg.solve(np.eye(case.n) - A, y)

    E = account(A)
    if abs(E) <= 1e-9 * (q * case.x).sum():
        return
    found = important_coefficients(
        mrio, consumer=case.regions[r] if one else None, emitter=case.regions[0] if one else None,
        top=5, percent=percent,
    )  # fmt: skip
    assert found.value == pytest.approx(E, rel=1e-9)
    values = np.sort(np.abs(found.elasticity.ravel()))[::-1]
    for rank, c in enumerate(found.top):
        i, j = mrio.index.pairs.index(c.supplier), mrio.index.pairs.index(c.user)
        assert abs(c.elasticity) == values[rank] and c.elasticity == found.elasticity[i, j]
        ends = []
        for sign in (1, -1):
            B = A.copy()
            B[i, j] *= 1 + sign * 1e-5
            ends.append(account(B))
        slope = (ends[0] - ends[1]) / (2e-5 * E)
        assert slope == pytest.approx(c.elasticity, rel=1e-3, abs=1e-8)
        assert np.isinf(c.tolerance) == (c.elasticity == 0)
        if np.isfinite(c.tolerance):
            B = A.copy()
            B[i, j] *= 1 + c.tolerance / 100
            want = np.sign(c.elasticity) * percent / 100
            assert account(B) / E - 1 == pytest.approx(want, rel=1e-6)
    L = np.linalg.inv(np.eye(case.n) - A)
    x = L @ y
    assert found.sum == pytest.approx((q @ L - q) @ x / E, rel=1e-8, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(case=cases(max_regions=3, max_sectors=4), percent=st.floats(0.1, 5))
def test_a_change_to_the_limit_moves_one_output_by_just_that(case, percent):
    mrio = case.mrio()
    if (mrio.Y < 0).any():
        return
    A, _ = parts(mrio)
    limits = tolerance_limits(mrio, percent=percent)
    y = mrio.final_demand.sum(1)
    rng = case.rng
    assert (np.isinf(limits) == (A == 0)).all()
    live = mrio.x > 0
    spots = np.argwhere(A > 0)
    for i, j in rng.permutation(spots)[:4]:
        B = A.copy()
        B[i, j] *= 1 + limits[i, j] / 100
        x = np.linalg.solve(np.eye(case.n) - B, y)
        moved = x[live] / mrio.x[live] - 1
        assert moved.max() == pytest.approx(percent / 100, rel=1e-6)
        assert x[i] / mrio.x[i] - 1 == pytest.approx(percent / 100, rel=1e-6)


def test_a_list_longer_than_the_table_holds_what_there_is():
    found = important_coefficients(toy(), top=1000)
    assert len(found.top) == np.count_nonzero(toy().Z)
    assert found.covered == found.share_of(13) == pytest.approx(1.0)
    largest = max(found.elasticity.ravel())
    assert found.share_of(1) == pytest.approx(largest / found.elasticity.sum())
    assert found.to_pandas().shape == (len(found.top), 7)


def test_negative_demand_is_kept_and_told():
    mrio = toy(Y=[[30, 40], [55, 10], [10, 45], [-2, 120]])
    found = important_coefficients(mrio, consumer="A")
    assert any("negative final demand in 1 sectors" in n.text for n in found.notes)


def test_inputs_that_lower_an_account_are_ranked_by_size_and_have_a_tolerance():
    """A supplier whose demand is drawn down: more of its input lowers the account."""
    mrio = toy(Y=[[30, 40], [55, 10], [10, 45], [-60, 200]])
    found = important_coefficients(mrio, consumer="A", top=13)
    sizes = [abs(c.elasticity) for c in found.top]
    assert sizes == sorted(sizes, reverse=True) and 0 < found.covered <= 1 + 1e-12
    below = [c for c in found.top if c.elasticity < 0]
    assert below and below[0] in found.top[:6]
    A, q = parts(mrio)
    y = mrio.final_demand[:, 0]
    for c in below:
        i, j = mrio.index.pairs.index(c.supplier), mrio.index.pairs.index(c.user)
        assert np.isfinite(c.tolerance)

        def moved(r, i=i, j=j):
            B = A.copy()
            B[i, j] *= 1 + r / 100
            return q @ np.linalg.solve(np.eye(4) - B, y) / found.value - 1

        assert moved(c.tolerance) == pytest.approx(-0.01, rel=1e-8)
        # and nothing smaller does it, up or down
        assert all(abs(moved(s * 0.999 * c.tolerance)) < 0.01 for s in (-1, 1))
    told = found.metadata()
    assert told["value"] == found.value and told["forward_error"] == found.error
    assert told["stressor"] == "GHG" and told["units"] == "Mt CO2e"


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: important_coefficients(toy(), top=0), InputError, "top 0"),
        (lambda: important_coefficients(toy(), percent=0), InputError, "percent 0"),
        (lambda: important_coefficients(toy(), top=1.5), InputError, "top 1.5"),
        (lambda: important_coefficients(toy(), percent="1"), InputError, "percent '1'"),
        (lambda: important_coefficients(toy(), consumer="C"), UnknownNameError, "C"),
        (lambda: important_coefficients(toy(), emitter="C"), UnknownNameError, "C"),
        (lambda: important_coefficients(toy(stressors={"GHG": [0, 0, 1, 1]}), emitter="A"),
         InputError, "are zero"),
        (lambda: tolerance_limits(toy(), percent=100), InputError, "below 100"),
        (lambda: tolerance_limits(drawn_down()), InputError, "negative in 1 sectors"),
    ],
)  # fmt: skip
def test_bad_requests(make, error, told):
    with pytest.raises(error, match=told):
        make()


def drawn_down():
    case = random_case(3, 2, 2)
    Y = case.Y.copy()
    Y[0] = -0.1 * case.Z[0].sum() / Y.shape[1]
    return mc.MRIO.from_arrays(Z=case.Z, Y=Y, regions=case.regions, sectors=case.sectors)
