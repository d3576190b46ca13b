"""First-order variances against finite differences and against draws made by hand."""

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError, ShapeError
from mriocarbon.model import MRIO
from mriocarbon.uncertainty.errormodel import (
    BALANCES,
    Correlation,
    ErrorModel,
    SizeLaw,
    relative,
)
from mriocarbon.uncertainty.firstorder import first_order

R, S, n = 3, 4, 12


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(7)
    Z = rng.lognormal(1.0, 1.2, (n, n)) * (rng.random((n, n)) < 0.8)
    Y = rng.lognormal(3.0, 1.0, (n, R))
    Z[5] = Y[5] = 0.0  # a sector without output
    Z[:, 5] = 0.0
    x = Z.sum(axis=1) + Y.sum(axis=1)
    F = rng.lognormal(1.0, 1.0, n) * (x > 0)
    return Z, Y, x, F


@pytest.fixture(scope="module")
def table(world):
    Z, Y, x, F = world
    return MRIO.from_arrays(
        Z=Z, Y=Y, x=x, regions=["AAA", "BBB", "CCC"], sectors=list("abcd"),
        stressors={"CO2": F}, units="Mt CO2",
    )  # fmt: skip


def footprints(Z, Y, F, x=None):
    x = Z.sum(axis=1) + Y.sum(axis=1) if x is None else x
    safe = np.where(x == 0, 1.0, x)
    A = Z / safe
    return (F / safe) @ np.linalg.solve(np.eye(n) - A, Y)


def sensitivities(world, balance):
    """Central differences of every footprint with respect to every cell, by relative steps."""
    Z, Y, x, F = world
    fixed = x if balance == "fixed output" else None
    step = 1e-5
    found = {}
    for part, array in (("flows", Z), ("demand", Y), ("stressor", F)):
        d = np.zeros((*array.shape, R))
        for cell in np.ndindex(array.shape):
            ends = []
            for sign in (1, -1):
                moved = array.copy()
                moved[cell] *= 1 + sign * step
                args = {"flows": (moved, Y, F), "demand": (Z, moved, F), "stressor": (Z, Y, moved)}
                q_x = fixed
                ends.append(footprints(*args[part], x=q_x))
            d[cell] = (ends[0] - ends[1]) / (2 * step)
        found[part] = d
    return found


@pytest.mark.parametrize("balance", BALANCES[:2])
def test_variance_of_every_part_agrees_with_finite_differences(world, table, balance):
    sd = {"flows": 0.03, "demand": 0.05, "stressor": 0.07}
    shares = Correlation(country=0.2, industry=0.3, source=0.1)
    for shared in (Correlation(), shares):
        model = ErrorModel(
            **sd, balance=balance, stressor_shared=shared, flows_shared=shared,
            demand_shared=shared,
        )  # fmt: skip
        got = first_order(table, model, households=False)
        for part, d in sensitivities(world, balance).items():
            d = d * sd[part]
            if part == "flows":
                grid = d.reshape(R, S, R, S, R)
                country, industry = grid.sum(axis=(0, 1, 3)), grid.sum(axis=(0, 2, 3))
            elif part == "demand":
                grid = d.reshape(R, S, R, R)
                country, industry = grid.sum(axis=(0, 1)), grid.sum(axis=(0, 2))
            else:
                grid = d.reshape(R, S, R)
                country, industry = grid.sum(axis=1), grid.sum(axis=0)
            own = (d**2).reshape(-1, R).sum(axis=0)
            want = (
                shared.own * own
                + shared.country * (country**2).sum(axis=0)
                + shared.industry * (industry**2).sum(axis=0)
                + shared.source * d.reshape(-1, R).sum(axis=0) ** 2
            )
            np.testing.assert_allclose(got.parts[part], want, rtol=1e-6, err_msg=part)


def test_splits_add_up_to_the_own_variance(table):
    model = ErrorModel(stressor=0.1, flows=SizeLaw(0.4, -0.3), demand=0.1)
    got = first_order(table, model, households=False)
    np.testing.assert_allclose(got.by_country.sum(axis=1), got.variance, rtol=1e-12)
    np.testing.assert_allclose(got.by_industry.sum(axis=1), got.variance, rtol=1e-12)


@pytest.mark.parametrize("balance", BALANCES[:2])
@pytest.mark.parametrize("part", ["stressor", "demand", "flows"])
def test_splits_name_the_country_and_industry_of_each_cell(world, table, balance, part):
    """Against finite differences: users' countries of flows, suppliers' industries."""
    d = (0.05 * sensitivities(world, balance)[part]) ** 2
    model = ErrorModel(**{part: 0.05}, balance=balance)
    got = first_order(table, model, households=False)
    if part == "flows":
        grid = d.reshape(R, S, R, S, R)
        country, industry = grid.sum(axis=(0, 1, 3)), grid.sum(axis=(0, 2, 3))
    elif part == "demand":
        grid = d.reshape(R, S, R, R)
        country, industry = grid.sum(axis=(0, 1)), grid.sum(axis=(0, 2))
    else:
        grid = d.reshape(R, S, R)
        country, industry = grid.sum(axis=1), grid.sum(axis=0)
    np.testing.assert_allclose(got.by_country, country.T, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(got.by_industry, industry.T, rtol=1e-6, atol=1e-12)


def test_row_balance_keeps_the_sum_of_all_footprints(table, world):
    """An error that all flows and demands share as one scale moves nothing but the mix."""
    one = Correlation(source=1.0)
    model = ErrorModel(flows=0.1, demand=0.1, flows_shared=one, demand_shared=one)
    got = first_order(table, model, households=False)
    # all flows 10 % up and all demand 10 % up are two separate factors here; together they are
    # a change of currency, so the two deviations must cancel: equal variances
    np.testing.assert_allclose(got.parts["flows"], got.parts["demand"], rtol=1e-9)


def test_first_order_agrees_with_draws_at_small_errors_and_not_at_large_ones(world, table):
    Z, Y, _, F = world
    rng = np.random.default_rng(1)
    draws = 40_000
    for sd, agrees in ((0.02, True), (1.0, False)):
        s = np.sqrt(np.log1p(sd**2))

        def draw(a, s=s):
            return a * np.exp(s * rng.standard_normal((draws, *a.shape)) - s**2 / 2)

        z, y, f = draw(Z), draw(Y), draw(F)
        x = z.sum(axis=2) + y.sum(axis=2)
        x[x == 0] = 1.0
        sample = np.linalg.solve(np.eye(n) - z / x[:, None, :], y)
        sample = np.einsum("di,dir->dr", f / x, sample)
        want = first_order(table, ErrorModel(stressor=sd, flows=sd, demand=sd), households=False).sd
        ratio = sample.std(axis=0, ddof=1) / want
        if agrees:
            assert np.all(np.abs(ratio - 1) < 4 / np.sqrt(2 * draws) + 0.001), ratio
        else:  # terms of second order: another variance, and a skew that no normal has
            assert np.abs(ratio - 1).max() > 0.05, ratio
            skew = (((sample - sample.mean(axis=0)) / sample.std(axis=0)) ** 3).mean(axis=0)
            assert np.all(skew > 0.5), skew


def test_real_table_first_order_is_conserving_for_common_errors():
    table = mc.load("oecd-icio-2022")
    got = first_order(table, ErrorModel(stressor=0.05), stressor="GHG", households=False)
    want = mc.account(table, "consumption", stressor="GHG", households=False)
    np.testing.assert_allclose(got.value, want.value[:20], rtol=1e-9)


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("inf")])
def test_bad_errors_are_refused(table, bad):
    with pytest.raises(InputError, match="relative standard deviation"):
        first_order(table, ErrorModel(stressor=bad), households=False)


def test_bad_models_are_refused(table):
    with pytest.raises(InputError, match="balance"):
        ErrorModel(balance="rows")
    with pytest.raises(InputError, match="shares"):
        Correlation(country=0.7, industry=0.7)
    with pytest.raises(InputError, match="size law"):
        SizeLaw(a=1, b=1)
    with pytest.raises(ShapeError, match="one relative standard deviation per cell"):
        first_order(table, ErrorModel(flows=np.ones((2, 2))), households=False)
    with pytest.raises(InputError, match=r"first at \(0, 1\)"):
        relative(np.array([[0.1, -1.0]]), np.ones((1, 2)), "flows")


def test_unknown_households_are_not_zero(table):
    with pytest.raises(NotAvailableError, match="unknown is not zero"):
        first_order(table, ErrorModel(stressor=0.1))


@pytest.mark.parametrize("balance", BALANCES[:2])
def test_the_largest_cells_are_those_of_the_sensitivities(world, table, balance):
    from mriocarbon.uncertainty import largest_cells

    model = ErrorModel(stressor=0.05, flows=0.2, demand=0.1, balance=balance)
    found = largest_cells(table, model, "BBB", count=N_ALL)
    sd = {"flows": 0.2, "demand": 0.1, "stressor": 0.05}
    want = []
    for part, d in sensitivities(world, balance).items():
        want += [(abs(float(v)) * sd[part], part) for v in d[..., 1].ravel()]
    want = sorted((one for one in want if one[0] > 1e-9), reverse=True)
    got = [(one.sd, one.part) for one in found if one.sd > 1e-9]
    assert [p for _, p in got[:20]] == [p for _, p in want[:20]]
    np.testing.assert_allclose([s for s, _ in got], [s for s, _ in want], rtol=1e-5)
    assert sum(one.share for one in found) == pytest.approx(1)  # nothing is shared: all of it
    top = found[0]
    assert top.supplier[0] in table.regions and len(top.user) == {"flows": 2, "demand": 1}.get(
        top.part, 0
    )
    with pytest.raises(InputError):
        largest_cells(table, model, "BBB", count=0)


N_ALL = n * n + n * R + n
