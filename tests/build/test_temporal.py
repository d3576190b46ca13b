"""Denton and Chow-Lin: sums, limits, independent solutions, and bad input by name."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from mriocarbon.build.temporal import chow_lin, denton
from mriocarbon.errors import InputError, NonFiniteError, ShapeError

YEARS = {2019: 100.0, 2020: 130.0, 2021: 90.0, 2022: 140.0}
RNG = np.random.default_rng(7)
SEASON = 10 + 3 * np.sin(2 * np.pi * np.arange(48) / 12) + RNG.uniform(0, 1, 48)


def kkt(p, figures, weights, proportional, base):
    """Dense saddle point in x itself, written apart from the package's sparse one in z."""
    n = len(p)
    scale = np.diag(1 / p) if proportional else np.eye(n)
    difference = np.diff(np.eye(n), axis=0)
    if base:
        difference = np.vstack([np.eye(n)[:1], difference])
    d = difference @ scale
    origin = d @ p if base else (np.zeros(len(d)) if proportional else d @ p)
    if base and proportional:
        origin = np.r_[1.0, np.zeros(n - 1)]
    k = len(figures)
    system = np.block([[d.T @ d, weights.T], [weights, np.zeros((k, k))]])
    return np.linalg.solve(system, np.r_[d.T @ origin, figures])[:n]


@pytest.mark.parametrize("how", ["proportional", "additive"])
@pytest.mark.parametrize("variant", ["cholette", "denton"])
@pytest.mark.parametrize("kind", ["flow", "mean", "last", "first"])
def test_denton_solves_its_quadratic_programme(how, variant, kind):
    weights = {
        "flow": np.kron(np.eye(4), np.ones(12)),
        "mean": np.kron(np.eye(4), np.ones(12)) / 12,
        "last": np.kron(np.eye(4), np.eye(12)[11]),
        "first": np.kron(np.eye(4), np.eye(12)[0]),
    }[kind]
    figures = np.array(list(YEARS.values()))
    series = denton(SEASON, YEARS, kind=kind, how=how, variant=variant)
    expected = kkt(SEASON, figures, weights, how == "proportional", variant == "denton")
    np.testing.assert_allclose(series.value, expected, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(weights @ series.value, figures, rtol=1e-10)


def test_denton_beats_every_neighbour_that_keeps_the_sums():
    """No move inside the years lowers the objective: the solution is the minimum."""

    def rough(x):
        return float(np.sum(np.diff(x / SEASON) ** 2))

    x = denton(SEASON, YEARS).value
    for _ in range(200):
        step = RNG.normal(size=48).reshape(4, 12)
        step -= step.mean(axis=1, keepdims=True)
        assert rough(x + 1e-2 * step.ravel()) > rough(x)


def test_a_general_optimiser_agrees():
    p = np.array([1.0, 2, 3, 2, 2, 3, 4, 3])
    found = minimize(
        lambda x: np.sum(np.diff(x / p) ** 2),
        p,
        constraints={"type": "eq", "fun": lambda x: x.reshape(2, 4).sum(axis=1) - [10.0, 15.0]},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    series = denton(p, [10.0, 15.0], start=2020, frequency="quarterly")
    np.testing.assert_allclose(series.value, found.x, atol=1e-5)


def test_proportional_indicator_is_recovered():
    truth = SEASON * 7.5
    sums = truth.reshape(4, 12).sum(axis=1)
    annual = dict(zip(YEARS, sums, strict=True))
    np.testing.assert_allclose(denton(SEASON, annual).value, truth, rtol=1e-10)
    series = chow_lin(SEASON, annual, constant=False)
    np.testing.assert_allclose(series.value, truth, rtol=1e-9)
    assert series.sd is not None and series.sd.max() < 1e-6 * truth.max()


def test_constant_indicator_and_level_give_a_flat_series():
    flat = denton(np.full(48, 5.0), dict.fromkeys(YEARS, 120.0))
    np.testing.assert_allclose(flat.value, 10.0, rtol=1e-12)
    bent = denton(np.full(48, 5.0), dict.fromkeys(YEARS, 120.0), variant="denton")
    # Denton's own start is bent towards the indicator; Cholette's is not.
    assert abs(bent.value[0] - 10) > 1e-3
    smooth = denton(np.full(48, 1.0), YEARS).value
    assert np.abs(np.diff(smooth)).max() < 2.5  # steps of 120/12 are spread out


@given(
    st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 6)), min_size=1, max_size=5),
    st.sampled_from(["quarterly", "monthly"]),
    st.sampled_from(["flow", "mean", "last", "first"]),
    st.sampled_from(["proportional", "additive"]),
    st.integers(0, 2**32 - 1),
)
def test_years_add_up_whatever_the_figures(figures, frequency, kind, how, seed):
    n = {"quarterly": 4, "monthly": 12}[frequency]
    p = np.random.default_rng(seed).uniform(0.1, 10, n * len(figures))
    value = denton(p, figures, start=2000, frequency=frequency, kind=kind, how=how).value
    by_year = value.reshape(len(figures), n)
    made = {
        "flow": by_year.sum(axis=1),
        "mean": by_year.mean(axis=1),
        "last": by_year[:, -1],
        "first": by_year[:, 0],
    }[kind]
    gross = np.abs(figures).max() if how == "proportional" else np.abs(value).sum()
    assert np.abs(made - figures).max() <= 1e-10 * max(gross, 1e-300)


@pytest.mark.parametrize("method", [denton, chow_lin])
def test_daily_series_know_leap_years(method):
    days = np.r_[365, 366, 365, 365]
    p = 5 + np.sin(2 * np.pi * np.arange(days.sum()) / 365.25) + RNG.uniform(0, 0.2, days.sum())
    series = method(p, YEARS, frequency="daily")
    assert series.labels[365 + 59] == "2020-02-29" and series.labels[-1] == "2022-12-31"
    edges = np.cumsum(days)[:-1]
    made = [part.sum() for part in np.split(series.value, edges)]
    np.testing.assert_allclose(made, list(YEARS.values()), rtol=1e-10)
    months = method(p, YEARS, frequency="daily", kind="mean")
    made = [part.mean() for part in np.split(months.value, edges)]
    np.testing.assert_allclose(made, list(YEARS.values()), rtol=1e-10)


def test_periods_after_the_last_year_are_carried_on_and_marked():
    longer = np.r_[SEASON, SEASON[:5]]
    for series in (denton(longer, YEARS), chow_lin(longer, YEARS)):
        assert series.extrapolated.sum() == 5 and series.labels[-1] == "2023-05"
    ratio = denton(longer, YEARS).value / longer
    np.testing.assert_allclose(ratio[48:], ratio[47], rtol=1e-9)
    assert chow_lin(longer, YEARS).sd[-1] > chow_lin(longer, YEARS).sd[40]


def test_zero_months_stay_zero():
    p = SEASON.copy()
    p[[3, 30]] = 0
    value = denton(p, YEARS).value
    assert value[3] == 0 and value[30] == 0
    np.testing.assert_allclose(value.reshape(4, 12).sum(axis=1), list(YEARS.values()), rtol=1e-12)


@pytest.mark.parametrize("rho", [0.0, 0.6, -0.4, 0.95])
def test_chow_lin_is_its_formula(rho):
    """Written out with dense matrices, after Chow & Lin (1971)."""
    figures = np.array(list(YEARS.values()))
    c = np.kron(np.eye(4), np.ones(12))
    t = np.arange(48)
    v = rho ** np.abs(t[:, None] - t) / (1 - rho**2) if rho else np.eye(48)
    x = np.column_stack([np.ones(48), SEASON])
    w = np.linalg.inv(c @ v @ c.T)
    cx = c @ x
    b = np.linalg.solve(cx.T @ w @ cx, cx.T @ w @ figures)
    u = figures - cx @ b
    y = x @ b + v @ c.T @ w @ u
    s2 = u @ w @ u / 2
    d = x - v @ c.T @ w @ cx
    cov = s2 * (v - v @ c.T @ w @ c @ v + d @ np.linalg.inv(cx.T @ w @ cx) @ d.T)
    series = chow_lin(SEASON, YEARS, rho=rho)
    np.testing.assert_allclose(series.value, y, rtol=1e-8)
    np.testing.assert_allclose(series.coefficients, b, rtol=1e-7)
    np.testing.assert_allclose(series.sd, np.sqrt(np.diag(cov)), rtol=1e-6)
    # Sums are exact, so the errors of a year cancel.
    np.testing.assert_allclose(np.diag(c @ cov @ c.T), 0, atol=1e-8 * s2 * 48)


def test_likelihood_prefers_the_rho_that_made_the_data():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(30):
        years = 40
        x = rng.uniform(5, 15, 12 * years)
        u = np.zeros(12 * years)
        for t in range(1, len(u)):
            u[t] = 0.9 * u[t - 1] + rng.normal()
        annual = (4 + 2 * x + u).reshape(years, 12).sum(axis=1)
        found.append(chow_lin(x, annual, start=1980).rho)
    assert 0.75 < np.median(found) < 0.97


def test_chow_lin_errors_are_right_in_simulation():
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(60):
        x = rng.uniform(5, 15, 240)
        u = np.zeros(240)
        for t in range(1, 240):
            u[t] = 0.8 * u[t - 1] + rng.normal()
        y = 3 + 2 * x + u
        series = chow_lin(x, y.reshape(20, 12).sum(axis=1), start=2000, rho=0.8)
        inside.append(np.mean(np.abs(series.value - y) < 1.96 * series.sd))
    assert 0.92 < np.mean(inside) < 0.97


def test_several_indicators_and_scale():
    other = RNG.uniform(0, 1e9, 72)
    long = np.tile(SEASON, 2)[:72]
    annual = {2015 + k: float((long + 1e-9 * other)[12 * k : 12 * k + 12].sum()) for k in range(6)}
    series = chow_lin(np.column_stack([long, other]), annual)
    np.testing.assert_allclose(series.coefficients[1:], [1, 1e-9], rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "error", "names"),
    [
        (lambda p: p[:-2], ShapeError, "2022-11, 2022-12"),
        (lambda p: np.where(np.arange(48) == 14, np.nan, p), NonFiniteError, "2020-03"),
        (lambda p: np.where(np.arange(48) == 14, -1, p), InputError, "2020-03"),
        (lambda p: np.where(np.arange(48) // 12 == 1, 0, p), InputError, "2020"),
        (lambda p: np.ones((48, 2)), ShapeError, "chow_lin"),
        (lambda p: np.ones((48, 2, 2)), ShapeError, "dimensions"),
    ],
)
def test_bad_indicators_are_named(change, error, names):
    with pytest.raises(error, match=names):
        denton(change(SEASON), YEARS)


@pytest.mark.parametrize(
    ("annual", "options", "names"),
    [
        ({2019: 1.0, 2021: 2.0}, {}, "2020"),
        ({2019: 1.0, 2020: float("nan")}, {}, "2020"),
        ([1.0, 2.0], {}, "start"),
        ({}, {}, "annual"),
        (YEARS, {"frequency": "weekly"}, "weekly"),
        (YEARS, {"kind": "stock"}, "stock"),
        (YEARS, {"start": 2018}, "2018"),
    ],
)
def test_bad_annual_figures_are_named(annual, options, names):
    with pytest.raises(InputError, match=names):
        denton(SEASON, annual, **options)


@pytest.mark.parametrize(
    ("x", "annual", "options", "names"),
    [
        (SEASON[:24], {2021: 1.0, 2022: 2.0}, {}, "at least 3"),
        (np.ones(48), YEARS, {}, "depend on each other"),
        (SEASON, YEARS, {"rho": 1.0}, "rho"),
        (np.column_stack([SEASON, 2 * SEASON]), YEARS, {"constant": False}, "depend"),
    ],
)
def test_chow_lin_refuses_what_it_cannot_estimate(x, annual, options, names):
    with pytest.raises(InputError, match=names):
        chow_lin(x, annual, **options)


def test_real_solar_exports_by_month(data_folder):
    """China's module exports: yearly sums spread by the value in dollars, against the truth in MW.

    The months are known here, so that the method can be judged: the median error is far below
    that of twelve equal months.
    """
    path = data_folder / "ember" / "solar_exports_full_release_monthly.csv"
    power = {}
    dollars = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["Area type"] == "Region" or not "2018" <= row["Date"][:4] <= "2024":
                continue
            month = row["Date"][:7]
            power[month] = power.get(month, 0.0) + float(row["Capacity (MW)"] or 0)
            dollars[month] = dollars.get(month, 0.0) + float(row["Amount (USD)"] or 0)
    months = sorted(power)
    assert len(months) == 84
    truth = np.array([power[m] for m in months])
    value = np.array([dollars[m] for m in months])
    annual = dict(zip(range(2018, 2025), truth.reshape(7, 12).sum(axis=1), strict=True))
    series = denton(value, annual)
    assert series.labels == tuple(months)
    np.testing.assert_allclose(
        series.value.reshape(7, 12).sum(axis=1), list(annual.values()), rtol=1e-10
    )
    error = np.median(np.abs(series.value / truth - 1))
    equal = np.median(np.abs(np.repeat(list(annual.values()), 12) / 12 / truth - 1))
    print(f"Denton {100 * error:.1f} %, equal months {100 * equal:.1f} %")
    assert error < 0.5 * equal


@pytest.mark.parametrize("method", [denton, chow_lin])
def test_extrapolated_periods_are_noted(method):
    assert method(SEASON, YEARS).notes == ()
    series = method(np.r_[SEASON, SEASON[:5]], YEARS)
    (note,) = series.notes
    assert note.estimated and series.extrapolated.sum() == 5
    assert "5 of 53 periods" in note.text and "2023-01 to 2023-05" in note.text
