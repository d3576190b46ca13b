"""The estimate: properties of the fit, of a small world, and of the real one."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.datasets import satellites as shipped
from mriocarbon.datasets.catalogue import EMBEDDED
from mriocarbon.errors import DataFileError, InputError, ShapeError, UnknownNameError
from mriocarbon.inventory import logfit, satellites
from mriocarbon.inventory.bridge import Line
from mriocarbon.inventory.logfit import Prior, Sums, fit, infeasible
from mriocarbon.inventory.prior import Activity, LinePrior

NO_SUMS = Sums(np.zeros((0, 0)), np.zeros(0), [], np.zeros((0, 0)))


def none(n):
    return Sums(np.zeros((0, n)), np.zeros(0), [], np.zeros((0, 0)))


def problem(seed, n=8, factors=2):
    random = np.random.default_rng(seed)
    prior = Prior(
        random.lognormal(0, 1.5, n),
        random.uniform(0.1, 0.8, n),
        random.normal(0, 0.4, (n, factors)),
    )
    hard = np.zeros((2, n))
    hard[0, : n // 2], hard[1, n // 2 :] = 1.0, random.uniform(0.5, 30, n - n // 2)
    soft = np.zeros((2, n))
    soft[0, ::2] = soft[1, 1::2] = 1.0
    aim = lambda rows: rows @ prior.median * random.lognormal(0, 0.5, len(rows))  # noqa: E731
    return (
        prior,
        Sums(hard, aim(hard), ["first", "second"]),
        Sums(soft, aim(soft), ["even", "odd"], np.diag([0.1, 0.2]) ** 2, np.array([0.3, 0.0])),
    )


def test_examples_of_the_docstrings():
    for module in (logfit, satellites):
        assert doctest.testmod(module).failed == 0


# --- the fit


@given(seed=st.integers(0, 10**6))
def test_hard_sums_hold_and_nothing_is_negative(seed):
    prior, hard, soft = problem(seed)
    found = fit(prior, hard, soft)
    np.testing.assert_allclose(hard.at(found.value), hard.target, rtol=1e-11)
    assert (found.value > 0).all()
    assert (found.log_sd > 0).all()


@given(seed=st.integers(0, 10**6))
def test_the_answer_is_the_minimum(seed):
    """Against an optimiser that knows nothing of the method."""
    from scipy.optimize import minimize

    prior, hard, soft = problem(seed % 40, n=6)
    found = fit(prior, hard, soft)
    P = np.diag(prior.own**2) + prior.factors @ prior.factors.T
    inverse = np.linalg.inv(P)

    def cost(u):
        r = np.log(soft.target / soft.at(prior.median * np.exp(u)))
        return u @ inverse @ u + r @ np.linalg.inv(soft.log_cov) @ r

    u = np.log(found.value / prior.median)
    other = minimize(
        cost, u + 0.05, method="SLSQP", options={"maxiter": 500, "ftol": 1e-12},
        constraints={
            "type": "eq",
            "fun": lambda u: np.log(hard.at(prior.median * np.exp(u)) / hard.target),
        },
    )  # fmt: skip
    assert cost(u) <= other.fun * (1 + 1e-6) + 1e-9


@given(seed=st.integers(0, 10**6))
def test_when_sources_agree_the_answer_is_theirs(seed):
    prior, hard, soft = problem(seed)
    hard = Sums(hard.weights, hard.weights @ prior.median, hard.names)
    soft = Sums(
        soft.weights, soft.weights @ prior.median + soft.offset, soft.names, soft.log_cov,
        soft.offset,
    )  # fmt: skip
    np.testing.assert_allclose(fit(prior, hard, soft).value, prior.median, rtol=1e-9)


@given(seed=st.integers(0, 10**6))
def test_another_sum_at_its_own_value_never_adds_variance(seed):
    prior, hard, soft = problem(seed)
    few = fit(prior, hard, none(len(prior.median)))
    # the new sum says what is found already: the point stays, only knowledge is added
    more = Sums(
        soft.weights, soft.weights @ few.value + soft.offset, soft.names, soft.log_cov, soft.offset
    )
    many = fit(prior, hard, more)
    if not np.allclose(many.value, few.value, rtol=1e-8):
        # Sums of exponentials are not convex: with wide priors there can be two valleys. Then
        # the other one must be at least as deep, or the method has lost its way.
        u, w = (np.log(f.value / prior.median) for f in (few, many))
        inverse = np.linalg.inv(np.diag(prior.own**2) + prior.factors @ prior.factors.T)
        assert w @ inverse @ w <= u @ inverse @ u
        return
    assert (many.log_sd <= few.log_sd + 1e-9).all()
    sums = np.random.default_rng(seed).uniform(0, 1, (3, len(prior.median)))
    assert (many.sd_of(sums) <= few.sd_of(sums) * (1 + 1e-9) + 1e-12).all()
    assert (few.log_sd <= prior.log_sd + 1e-9).all()


@given(seed=st.integers(0, 10**6), tighter=st.floats(0.05, 0.8))
def test_a_surer_source_pulls_harder(seed, tighter):
    prior, hard, soft = problem(seed)
    one = Sums(soft.weights[:1], soft.target[:1], ["even"], np.array([[0.3**2]]), soft.offset[:1])
    sure = Sums(one.weights, one.target, one.names, one.log_cov * tighter**2, one.offset)
    gaps = [abs(np.log(one.target / one.at(fit(prior, hard, s).value)))[0] for s in (one, sure)]
    assert gaps[1] <= gaps[0] + 1e-9


def test_a_prior_without_variance_stays():
    prior = Prior(np.array([2.0, 3.0]), np.array([0.0, 0.5]), np.zeros((2, 0)))
    found = fit(prior, Sums(np.ones((1, 2)), np.array([12.0]), ["all"]), none(2))
    np.testing.assert_allclose(found.value, [2.0, 10.0], rtol=1e-12)


def test_covariance_is_that_of_the_dense_formula():
    prior, hard, soft = problem(3)
    found = fit(prior, hard, soft)
    P = np.diag(prior.own**2) + prior.factors @ prior.factors.T
    J = np.vstack([hard.gradient(found.value), soft.gradient(found.value)])
    R = np.zeros((4, 4))
    R[2:, 2:] = soft.log_cov
    G = P @ J.T
    dense = P - G @ np.linalg.inv(J @ G + R) @ G.T
    np.testing.assert_allclose(found.log_sd, np.sqrt(np.diag(dense)), rtol=1e-6)
    W = np.random.default_rng(0).normal(size=(3, 8))
    rows = W * found.value
    np.testing.assert_allclose(
        found.sd_of(W), np.sqrt(np.einsum("qi,ij,qj->q", rows, dense, rows)), rtol=1e-6
    )


def test_what_cannot_be_met_is_named():
    prior = Prior(np.array([0.0, 5.0, 1.0]), np.array([1.0, 0.0, 1.0]), np.zeros((3, 0)))
    hard = Sums(
        np.array([[1.0, 0, 0], [0, 1, 0], [0, 1, 1]]), np.array([3.0, 4.0, 5.0]),
        ["USA T", "CHN D", "IND G"],
    )  # fmt: skip
    assert [text.split(":")[0] for text in infeasible(prior, hard)] == ["USA T", "CHN D", "IND G"]
    with pytest.raises(InputError, match="USA T"):
        fit(prior, hard, none(3))


def test_doubled_hard_sums_are_an_error_and_not_a_guess():
    prior = Prior(np.ones(2), np.ones(2), np.zeros((2, 0)))
    with pytest.raises(InputError, match="repeat or contradict"):
        fit(prior, Sums(np.ones((2, 2)), np.array([3.0, 4.0]), ["a", "b"]), none(2))
    with pytest.raises(ShapeError):
        Prior(np.ones(2), np.ones(3), np.zeros((2, 0)))


# --- a small world: two regions, three economies, five industries

INDUSTRIES = ("A01", "D", "C26", "H50", "H51")
WORLD_LINES = (
    Line("power", "1.A.1", ("1.A.1.a",), "output", {"D": 1.0}, 0.1, ("",)),
    Line("farm", "3", ("3",), "output", {"A01": 1.0}, 0.1, ("",)),
    Line("else", "1.A.2", ("1.A.2",), "output", {"C26": 1, "H50": 1, "H51": 1}, 0.5, ("",)),
)


def small(oecd_scale=1.0, total_scale=1.0, sd=0.1, zero=()):
    random = np.random.default_rng(7)
    output = random.uniform(1, 9, (3, 5))
    for cell in zero:
        output[cell] = 0.0
    activity = Activity(("AAA", "BBB", "CCC"), INDUSTRIES, {"output": output})
    amount = random.uniform(1, 9, (3, 3, 3)) * np.array([1.0, 0.03, 0.003])[:, None, None]
    shape = (3, 3, 13)
    prior = LinePrior(amount, 0 * amount, np.full(shape, 0.2), np.zeros(shape, np.int8), ())
    bridged = satellites.cells(WORLD_LINES, prior, activity)
    weights = np.array([1.0, 28.0, 265.0])
    co2e = np.einsum("g,gci->ci", weights, bridged.median)
    oecd = oecd_scale * np.stack([co2e[:2].sum(0), co2e[2]]) * random.lognormal(0, 0.3, (2, 5))
    homes = np.full((3, 3), 0.1)
    totals = total_scale * (bridged.median.sum(2) + homes)
    targets = satellites.Targets(
        (0, 0, 1), ("R", "S"), oecd, {"CEDS": totals}, {"CEDS": np.full((3, 3), sd)}, 0.5,
        homes, 0.2 * homes, {m: np.full((3, 3), 1e-3) for m in satellites.MODES},
    )  # fmt: skip
    return prior, activity, targets


def solved(**options):
    prior, activity, targets = small(**options)
    return satellites.estimate(WORLD_LINES, prior, activity, targets), targets


FACTORS = np.array([1.0, 28.0, 265.0, 1.0])


@settings(max_examples=15)
@given(scale=st.floats(0.3, 4.0), total=st.floats(0.5, 2.0))
def test_the_oecd_is_met_whatever_the_sources_say(scale, total):
    found, targets = solved(oecd_scale=scale, total_scale=total)
    co2e = np.einsum("g,gci->ci", FACTORS, found.F.reshape(4, 3, 5))
    np.testing.assert_allclose([co2e[:2].sum(0), co2e[2]], targets.oecd, rtol=1e-11)
    assert (found.sd > 0).all()
    assert (found.ghg_sd > 0).all()
    residual = found.F.reshape(4, 3, 5)[3]
    assert (residual >= 0).all()
    assert (residual[:, [0, 4]] == 0).all()  # no fluorinated gas in farming and flying
    assert (residual[:, 2] > 0).all()


def test_a_cell_fixed_by_the_oecd_is_surer_as_a_sum_than_by_gas():
    found, _ = solved()
    sd = found.sd.reshape(4, 3, 5)
    alone = found.ghg_sd.reshape(3, 5)[2]  # region S is one economy: its sums are given
    assert (alone < 1e-3).all()
    assert (np.einsum("g,gi->i", FACTORS**2, sd[:, 2] ** 2) > alone**2).all()


def test_an_industry_without_output_emits_nothing():
    found, _ = solved(zero=[(0, 1)])
    assert (found.F.reshape(4, 3, 5)[:, 0, 1] == 0).all()
    assert (found.mark.reshape(4, 3, 5)[:, 0, 1] == 0).all()


def test_an_oecd_figure_out_of_reach_is_named():
    prior, activity, targets = small(zero=[(2, 1)])
    oecd = targets.oecd.copy()
    oecd[1, 1] = 3.0
    bad = satellites.Targets(**{**targets.__dict__, "oecd": oecd})
    with pytest.raises(InputError, match="S, D"):
        satellites.estimate(WORLD_LINES, prior, activity, bad)
    with pytest.raises(InputError, match="negative"):
        wrong = satellites.Targets(**{**targets.__dict__, "oecd": -oecd})
        satellites.estimate(WORLD_LINES, prior, activity, wrong)


def test_a_zero_of_the_oecd_empties_its_cells_and_says_so():
    prior, activity, targets = small()
    oecd = targets.oecd.copy()
    oecd[0, 1] = 0.0
    zero = satellites.Targets(**{**targets.__dict__, "oecd": oecd})
    found = satellites.estimate(WORLD_LINES, prior, activity, zero)
    assert (found.F.reshape(4, 3, 5)[:, :2, 1] == 0).all()
    assert any(note.startswith("R D: OECD has 0") for note in found.notes)


def test_rounding_closes_on_the_largest_cell_and_refuses_more():
    found, targets = solved()
    F = satellites.close(found.F, targets, FACTORS)
    co2e = np.einsum("g,gci->ci", FACTORS, F.reshape(4, 3, 5))
    np.testing.assert_allclose([co2e[:2].sum(0), co2e[2]], targets.oecd, rtol=1e-14)
    np.testing.assert_allclose(F, found.F, rtol=2e-6, atol=1e-12)
    with pytest.raises(InputError, match="not met"):
        satellites.close(1.01 * found.F, targets, FACTORS)


# --- the real world, as shipped

G20 = [
    "ARG",
    "AUS",
    "BRA",
    "CAN",
    "CHN",
    "DEU",
    "FRA",
    "GBR",
    "IDN",
    "IND",
    "ITA",
    "JPN",
    "KOR",
    "MEX",
    "RUS",
    "SAU",
    "TUR",
    "USA",
    "ZAF",
]


@pytest.fixture(scope="module")
def data():
    return shipped.satellite_data(folder=EMBEDDED)


def cells(data):
    return data.F.reshape(4, 81, 50)


def test_the_shipped_cells_meet_the_oecd_table(data):
    co2e = np.einsum("g,gci->ci", FACTORS, cells(data))
    by_region = np.zeros((20, 50))
    np.add.at(by_region, data.region_of, co2e)
    np.testing.assert_allclose(by_region, data.oecd, rtol=1e-9, atol=1e-12)
    assert co2e.sum() == pytest.approx(44_231.424, abs=0.001)


def test_every_cell_has_an_error_and_a_mark(data):
    assert (data.sd > 0).all()
    assert (data.ghg_sd > 0).all()
    assert ((data.mark == 0) == (data.F == 0)).all()
    assert (data.F >= 0).all()
    assert (data.households > 0).all()
    assert (data.households_sd > 0).all()


def test_the_national_identity_closes(data):
    five = [data.row(name) for name in data.bridge_rows[:5]]
    np.testing.assert_allclose(sum(five), data.row("national total"), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(data.bridge[0], cells(data)[:3].sum(2), rtol=1e-9)


def test_methane_and_nitrous_oxide_come_from_where_they_must(data):
    by = dict(zip(data.industries, cells(data).sum(1).T, strict=True))
    world = cells(data).sum((1, 2))
    ch4 = sum(by[i][1] for i in ("A01", "B05", "B06", "D", "E"))
    assert ch4 / world[1] > 0.90
    assert 0.40 < by["A01"][1] / world[1] < 0.60
    assert by["A01"][2] / world[2] > 0.60
    assert 0.35 < by["D"][0] / world[0] < 0.50


def test_chinas_power_stations_are_about_half_of_its_industrial_co2(data):
    china = cells(data)[0, data.economies.index("CHN")]
    assert 0.40 < china[data.industries.index("D")] / china.sum() < 0.60


@pytest.mark.parametrize("country", G20)
def test_national_co2_lies_within_the_stated_error_of_ceds(data, country):
    k = data.economies.index(country)
    row = data.bridge_rows.index("difference of sources")
    assert abs(data.bridge[row, 0, k]) < 1.96 * data.bridge_sd[row, 0, k]


def test_the_extension_adds_up_and_says_that_it_is_an_estimate(data):
    few, many = (shipped.satellites(detail=d) for d in ("regions", "full"))
    np.testing.assert_allclose(few.F.sum(1), many.F[:4].sum(1), rtol=1e-12)
    np.testing.assert_allclose(many.F[4], np.einsum("g,gn->n", FACTORS, many.F[:4]), rtol=1e-12)
    assert few.F.shape == (4, 1000)
    assert few.F_Y.shape == (4, 20)
    assert np.isnan(few.F_Y[3]).all()  # nobody knows the fluorinated gases of households
    assert (few.F_Y_low[:3] <= few.F_Y[:3]).all()
    assert (few.F_Y[:3] <= few.F_Y_high[:3]).all()
    assert all(note.estimated for note in (*few.notes, *many.notes))
    assert {note.about for note in many.notes} == {*many.stressors, "households"}


def test_households_are_those_of_the_bottom_up_file(data):
    from mriocarbon.datasets.national import rows

    few = shipped.satellites()
    for row in rows("households_2022"):
        if row["gas"] in few.stressors:
            k = data.regions.index(row["region"])
            got = few.F_Y[few.row(row["gas"]), k]
            assert got == pytest.approx(float(row["value"]), rel=1e-5), row["region"]


def test_other_potentials_are_not_forced_to_the_oecd():
    from mriocarbon.inventory.gwp import gwp

    gases = shipped.satellites()
    sums = {
        report: gases.characterised(
            {**{g: gwp(report)[g] for g in ("CO2", "CH4", "N2O")}, "F-gases": 1.0}, "GHG", "Mt CO2e"
        ).F.sum()
        for report in ("AR4", "AR5", "AR6")
    }
    assert sums["AR5"] == pytest.approx(44_231.424, abs=0.001)
    assert abs(sums["AR4"] - sums["AR5"]) > 100
    assert abs(sums["AR6"] - sums["AR5"]) > 20


def test_wrong_names_and_a_damaged_file(tmp_path):
    with pytest.raises(UnknownNameError, match="oecd-icio-2022"):
        shipped.satellites("oecd-icio-2023")
    with pytest.raises(UnknownNameError, match="full"):
        shipped.satellites(detail="ful")
    for name in ("manifest.json", "satellites_2022.npz"):
        (tmp_path / name).write_bytes((EMBEDDED / name).read_bytes())
    path = tmp_path / "satellites_2022.npz"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataFileError, match="truncated"):
        shipped.satellite_data(folder=tmp_path)


def test_the_shipped_file_is_what_the_sources_give(data, data_folder):
    """One region again, from the source data: the Norwegian cells, to the printed digits."""
    from scripts.embed import satellites as script

    lines = script.read_bridge()
    activity = script.read_activity(data_folder)
    nation = script.read_nation(data_folder, lines)
    prior = script.line_prior(nation, activity, lines)
    targets = script.targets(data_folder, nation, activity)
    bridged = satellites.cells(lines, prior, activity)
    part = satellites._Region(targets.regions.index("NOR"), bridged, activity, targets, FACTORS)
    found = part.fit()
    norway = np.zeros((4, 50))
    np.add.at(norway, (part.where[:, 0], part.where[:, 2]), found.value)
    k = data.economies.index("NOR")
    np.testing.assert_allclose(norway, cells(data)[:, k], rtol=2e-6, atol=1e-9)
