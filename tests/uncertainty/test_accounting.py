"""Intervals on every principle, paired differences, defaults, Sobol indices, coverage."""

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.compute import Threads
from mriocarbon.errors import InputError, NotAvailableError, ShapeError, UnknownNameError
from mriocarbon.uncertainty import (
    Correlation,
    Dirichlet,
    ErrorModel,
    bracket,
    default_errors,
    described,
    first_order,
    monte_carlo,
    sobol,
    sobol_of_accounts,
)
from mriocarbon.uncertainty.principles import variances
from tests.uncertainty import worlds
from tests.uncertainty.worlds import N, R

SHARED = Correlation(country=0.3, industry=0.2, source=0.1)
ABLE = [p.name for p in mc.principles() if not p.needs]
SMALL = ErrorModel(
    stressor=0.02, flows=0.02, demand=0.02, households=0.02,
    stressor_shared=SHARED, flows_shared=SHARED, demand_shared=SHARED,
)  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return worlds.table(*worlds.arrays(empty=False), homes=[5.0, 3.0, 2.0])


@pytest.fixture(scope="module")
def oecd():
    return mc.load("oecd-icio-2022")


@pytest.mark.parametrize("name", ["income", "shared", "value-added", "half-half", "eebt"])
def test_sensitivities_of_other_principles_by_differences(name):
    """A few cells of every part, moved by a relative step, the whole table built anew."""
    from mriocarbon.uncertainty.principles import _gradients

    Z, Y, F = worlds.arrays(empty=False)
    base = worlds.table(Z, Y, F)
    grads = list(_gradients(base, name, None, {}))
    rng, step = np.random.default_rng(1), 1e-5

    def accounts(z, y, f):
        return mc.account(worlds.table(z, y, f), name, households=False).value[:R]

    for _ in range(6):
        i, j, s = rng.integers(N), rng.integers(N), rng.integers(R)
        ends = {}
        for sign in (1, -1):
            z, y, f = Z.copy(), Y.copy(), F.copy()
            z[i, j] *= 1 + sign * step
            y[i, s] *= 1 + sign * step
            f[i] *= 1 + sign * step
            ends[sign] = [accounts(z, Y, F), accounts(Z, y, F), accounts(Z, Y, f)]
        moves = [(a - b) / (2 * step) for a, b in zip(ends[1], ends[-1], strict=True)]
        for r, (gF, gZ, gY) in enumerate(grads):
            got = np.array([gZ[i, j] * Z[i, j], gY[i, s] * Y[i, s], gF[i] * F[i]])
            want = np.array([m[r] for m in moves])
            scale = np.abs(mc.account(base, name, households=False).value).max()
            np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-9 * scale)


# emissions of that account are taxed where demand is: below zero in a world of three
@pytest.mark.filterwarnings("ignore:era. accounts far beyond:mriocarbon.errors.AccountWarning")
@pytest.mark.parametrize("name", ABLE)
def test_every_principle_has_an_interval_both_ways(table, name):
    one = mc.account(table, name, uncertainty="first-order", errors=SMALL)
    two = mc.account(table, name, uncertainty="monte-carlo", errors=SMALL, draws=600)
    plain = mc.account(table, name)
    assert (one.value == plain.value).all() and (two.value == plain.value).all()
    width, other = (x.high[:R] - x.low[:R] for x in (one, two))
    assert (width > 0).all()
    np.testing.assert_allclose(other, width, rtol=0.25)
    assert "first order" in one.notes[-1].text and "600 draws" in two.notes[-1].text
    assert "row balance" in one.notes[-1].text


def test_production_needs_no_table(oecd):
    errors = ErrorModel(stressor=0.1, flows=0.3, demand=0.3)
    got = variances(oecd, "production", errors, stressor="GHG", households=False)
    F = oecd.extensions["GHG"].F[0].reshape(20, 50)
    np.testing.assert_allclose(got["stressor"], (0.01 * F**2).sum(axis=1))
    assert not got["flows"].any() and not got["demand"].any()


def test_the_fast_way_and_the_general_one_agree(table):
    for less in (None, np.array([0.9, 1.1, 1.0])):
        fast = first_order(table, SMALL, less_production=less)
        slow = variances(
            table, "consumption", SMALL, less=None if less is None else ("production", less)
        )
        for part, want in fast.parts.items():
            np.testing.assert_allclose(slow[part], want, rtol=1e-9, atol=1e-12)


def test_a_paired_difference_is_surer_than_two_intervals(table):
    pair = mc.difference(table, "consumption", errors=SMALL)
    draws = mc.difference(table, "consumption", errors=SMALL, uncertainty="monte-carlo", draws=4000)
    np.testing.assert_allclose(pair.value, draws.value)
    np.testing.assert_allclose(pair.high - pair.low, draws.high - draws.low, rtol=0.08)
    own = ErrorModel(stressor=0.1, stressor_shared=Correlation(source=1.0))
    common = mc.difference(table, "consumption", errors=own, households=False)
    np.testing.assert_allclose(common.high - common.low, 0, atol=1e-9)  # cancels altogether
    both = [mc.account(table, p, uncertainty="first-order", errors=own, households=False)
            for p in ("consumption", "production")]  # fmt: skip
    assert all((b.high - b.low > 0).all() for b in both)
    general = mc.difference(table, "income", "half-half", errors=SMALL)
    assert general.unit == "%" and (general.low < general.high).all()
    same = mc.difference(table, "production", errors=SMALL)
    assert np.abs(same.value).max() < 1e-12
    np.testing.assert_allclose(same.high, 0, atol=1e-9)


def test_defaults_say_what_they_rest_on(oecd):
    for gas in ("GHG", "CO2"):
        source = oecd if gas == "GHG" else oecd.replace_extensions(mc.satellites("oecd-icio-2022"))
        model = default_errors(source, gas)
        found = first_order(source, model, stressor=gas)
        spread = found.sd / found.value
        # Rodrigues et al. (2018) find 2 to 16 % for footprints of countries
        assert ((spread > 0.01) & (spread < 0.16)).all(), spread
        assert "assumed" in described(model) and "Lenzen" in described(model)
    bounds = bracket(oecd, default_errors(oecd, "GHG"), "GHG")
    assert (bounds["none"] < bounds["all"]).all()


def test_the_law_of_size_counts_in_millions(table, oecd):
    Z, Y, F = worlds.arrays(empty=False)
    thousand = mc.MRIO.from_arrays(
        Z=1000 * Z, Y=1000 * Y, regions=["AAA", "BBB", "CCC"], sectors=list("abcd"),
        stressors={"CO2": F}, units="Mt CO2", money_unit="thousand EUR",
    )  # fmt: skip
    a, b = (first_order(t, default_errors(t), households=False).sd for t in (table, thousand))
    np.testing.assert_allclose(a, b, rtol=1e-9)
    odd = mc.MRIO.from_arrays(
        Z=Z, Y=Y, regions=["AAA", "BBB", "CCC"], sectors=list("abcd"),
        stressors={"CO2": F}, units="Mt CO2", money_unit="bushels",
    )  # fmt: skip
    with pytest.raises(NotAvailableError, match="bushels"):
        default_errors(odd)


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"uncertainty": "bootstrap"}, UnknownNameError, "first-order"),
        ({"uncertainty": "first-order", "level": 2}, InputError, "level"),
        ({"errors": SMALL}, InputError, "without uncertainty"),
        ({"draws": 1000}, InputError, "draws given, and nothing is drawn"),
        ({"level": 0.9}, InputError, "without uncertainty"),
        ({"uncertainty": "first-order", "draws": 300}, InputError, "draws given, and nothing"),
        ({"uncertainty": "first-order", "seed": 0}, InputError, "seed given, and nothing"),
        ({"uncertainty": "first-order", "resume": True}, InputError, "resume given, and nothing"),
        ({"uncertainty": "monte-carlo", "draws": 100, "level": 0.999999}, InputError, "10,000,000"),
        ({"uncertainty": "monte-carlo", "draws": 5}, InputError, "100"),
        (
            {"uncertainty": "first-order", "errors": ErrorModel(balance="gras")},
            NotAvailableError, "GRAS",
        ),
    ],
)  # fmt: skip
def test_bad_requests(table, options, error, told):
    with pytest.raises(error, match=told):
        mc.account(table, "consumption", **options)


@pytest.mark.parametrize("method", ["first-order", "monte-carlo"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: ErrorModel(stressor="a"),
        lambda: ErrorModel(stressor=True),
        lambda: ErrorModel(stressor=None),
        lambda: ErrorModel(stressor=float("nan")),
        lambda: ErrorModel(flows=np.ones((N + 5, N))),  # more rows than the table: no silent cut
        lambda: ErrorModel(flows="a"),
        lambda: ErrorModel(demand=-np.ones((N, R))),
        lambda: ErrorModel(stressor_shared=0.5),
        lambda: ErrorModel(distribution="lognormal"),
        lambda: ErrorModel(stressor=2.0, distribution=mc.uncertainty.TruncatedNormal()),
        lambda: ErrorModel(stressor=Dirichlet.of([0, 0, 1], total=0.1, concentration=5)),
        lambda: ErrorModel(stressor_shared=Correlation(country="a")),
        lambda: ErrorModel(
            stressor=Dirichlet.of([*[0] * N], total=0.1, concentration=5),
            stressor_shared=Correlation(country=0.5),
        ),
        lambda: ErrorModel(flows=mc.uncertainty.SizeLaw("a", -0.3)),
        lambda: ErrorModel(flows=mc.uncertainty.SizeLaw(float("inf"), -0.3)),
    ],
)
def test_an_error_model_that_does_not_fit_is_refused_before_any_draw(table, make, method):
    with pytest.raises((InputError, ShapeError), match="what to do"):
        mc.account(table, "consumption", uncertainty=method, errors=make())


@pytest.mark.parametrize(
    "options",
    [{"level": "a"}, {"level": None}, {"draws": "a"}, {"draws": 200.5}, {"seed": "a"},
     {"seed": -1}, {"tolerance": "a"}, {"tolerance": 0}, {"engine": "dask"}],
)  # fmt: skip
def test_settings_of_another_kind_are_refused(table, options):
    with pytest.raises(InputError, match="what to do"):
        mc.account(table, "consumption", uncertainty="monte-carlo", errors=SMALL, **options)


def test_large_tables_are_refused_with_a_way_out(data_folder):
    full = mc.load("oecd-icio-2022", detail="full")
    with pytest.raises(NotAvailableError, match="monte-carlo"):
        mc.account(full, "income", stressor="GHG", households=False, uncertainty="first-order")


def test_draws_are_paired_with_any_other_principle(table):
    """Against first order, and against draws of the two accounts by hand from one seed."""
    first = mc.difference(table, "income", "half-half", errors=SMALL)
    drawn = mc.difference(
        table, "income", "half-half", errors=SMALL, uncertainty="monte-carlo", draws=3000
    )
    np.testing.assert_allclose(drawn.value, first.value)
    np.testing.assert_allclose(drawn.high - drawn.low, first.high - first.low, rtol=0.08)
    both = monte_carlo(table, SMALL, "income", other="half-half", draws=500, seed=3, keep=True)
    apart = [monte_carlo(table, SMALL, p, draws=500, seed=3, keep=True).samples["account"]
             for p in ("income", "half-half")]  # fmt: skip
    want = 100 * (apart[0] / apart[1] - 1)
    np.testing.assert_allclose(both.samples["difference"], want, rtol=1e-9, atol=1e-9)
    flat = ErrorModel(stressor=0.02)  # tables that are not drawn take another way
    drawn = mc.difference(
        table, "consumption", "income", errors=flat, uncertainty="monte-carlo", draws=3000
    )
    first = mc.difference(table, "consumption", "income", errors=flat)
    np.testing.assert_allclose(drawn.high - drawn.low, first.high - first.low, rtol=0.08)
    with pytest.raises(UnknownNameError, match="principle"):
        mc.difference(table, "income", "nonsense", uncertainty="monte-carlo")


def test_sobol_of_ishigami():
    """Indices known in closed form (Ishigami & Homma 1990), a = 7, b = 0.1."""
    a, b = 7.0, 0.1
    variance = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    first = np.array([0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 0.0]) / variance
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50) / variance
    total = first + [both, 0, both]

    def ishigami(x):
        return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])

    box = dict.fromkeys(("x1", "x2", "x3"), (-np.pi, np.pi))
    found = sobol(ishigami, box, n=8192, seed=1)
    np.testing.assert_allclose(found.first[:, 0], first, atol=0.01)
    np.testing.assert_allclose(found.total[:, 0], total, atol=0.01)
    grouped = sobol(ishigami, box, groups=["a", "b", "a"], n=4096, seed=1)
    assert grouped.groups == ("a", "b")
    np.testing.assert_allclose(grouped.first[1, 0], first[1], atol=0.02)
    np.testing.assert_allclose(grouped.first.sum(), 1, atol=0.02)


def test_sobol_of_accounts_are_the_shares_of_first_order_at_small_errors(table):
    found = sobol_of_accounts(table, SMALL, n=2048, seed=3)
    want = first_order(table, SMALL)
    assert found.groups == ("stressor", "flows", "demand", "households")
    for k, part in enumerate(found.groups):
        share = want.parts[part] / want.variance
        assert (np.abs(found.first[k] - share) < np.maximum(3 * found.first_error[k], 0.05)).all()
        np.testing.assert_allclose(found.total[k], share, atol=0.06)


def test_sobol_of_accounts_says_how_far_it_is_and_does_not_depend_on_workers(table):
    found = {}
    for workers in (1, 2):
        heard = []
        found[workers] = sobol_of_accounts(
            table, SMALL, n=512, engine=Threads(workers), progress=heard.append
        )
        # two batches, each of both samples and of one with each of four groups exchanged
        assert found[workers].evaluations == 512 * 6 and heard[-1].done == heard[-1].total == 12
        done = [run.done for run in heard]
        assert done == sorted(set(done)) and len(done) > 3
    np.testing.assert_array_equal(found[1].first, found[2].first)
    np.testing.assert_array_equal(found[1].total, found[2].total)


@pytest.mark.parametrize(
    "make",
    [
        lambda t: sobol(lambda x: x[:, 0], {"a": (0, 1)}, n=100),
        lambda t: sobol(lambda x: x[:, 0], {"a": (1, 1)}, n=64),
        lambda t: sobol(lambda x: x[:, 0], {"a": (0, 1)}, groups=["x", "y"], n=64),
        lambda t: sobol(lambda x: x[:, 0] * np.nan, {"a": (0, 1)}, n=64),
        lambda t: sobol(lambda x: x[:, 0], {"a": (0, 1)}, n="a"),
        lambda t: sobol(lambda x: x[:, 0], {"a": ("0", "1")}, n=64),
        lambda t: sobol(lambda x: x[:, 0], {"a": (0, 1)}, n=64, seed=None),
        lambda t: sobol(lambda x: x[:5, 0], {"a": (0, 1)}, n=64),
        lambda t: sobol(lambda x: 1.0, {"a": (0, 1)}, n=64),
        lambda t: sobol_of_accounts(t, ErrorModel()),
        lambda t: sobol_of_accounts(t, SMALL, n=64, seed=-1),
    ],
)
def test_bad_sobol_requests(table, make):
    with pytest.raises(InputError, match="what to do"):
        make(table)


@pytest.mark.parametrize(
    ("method", "rZ"),
    [
        ("first-order", 0.15),
        # slow: at small errors draws agree with first order, and by the sd of a known law
        # at large ones, in test_montecarlo.py
        pytest.param("monte-carlo", 0.0, marks=pytest.mark.slow),
        pytest.param("monte-carlo", 0.15, marks=pytest.mark.slow),
    ],
)
def test_intervals_cover_the_truth_at_their_rate(method, rZ):
    """Many worlds: a true table, one observed with errors by a generator of the test's own."""
    # draws cost a hundred times what first order does; two sd of a binomial share are allowed
    count, allowed = (1000, 0.02) if method == "first-order" else (500, 0.027)
    rng = np.random.default_rng(20)
    rF, rY = 0.10, 0.08
    shared = Correlation(country=0.4)
    errors = ErrorModel(
        stressor=rF, flows=rZ, demand=rY, stressor_shared=shared, balance="row balance"
    )
    inside = []
    for k in range(count):
        Z, Y, F = worlds.arrays(seed=1000 + k, empty=False)
        truth = worlds.footprints(Z, Y, F)

        def noisy(a, r, latent, rng=rng):
            s = np.sqrt(np.log(1 + r**2))
            return a * np.exp(s * latent)

        national = np.repeat(rng.standard_normal(R), N // R)
        e = np.sqrt(0.4) * national + np.sqrt(0.6) * rng.standard_normal(N)
        seen = worlds.table(
            noisy(Z, rZ, rng.standard_normal(Z.shape)), noisy(Y, rY, rng.standard_normal(Y.shape)),
            noisy(F, rF, e),
        )  # fmt: skip
        r = k % R
        if method == "first-order":
            found = first_order(seen, errors, households=False)
            half = 1.6449 * found.sd[r]
            inside.append(abs(found.value[r] - truth[r]) <= half)
        else:
            got = monte_carlo(
                seen, errors, draws=256, seed=k, level=0.9, households=False
            ).account  # fmt: skip
            inside.append(got.low[r] <= truth[r] <= got.high[r])
    rate = np.mean(inside)
    assert abs(rate - 0.9) <= allowed, rate


def test_a_dirichlet_is_told_in_words():
    split = Dirichlet.of(np.zeros(3, int), total=0.1, concentration=3)
    assert "Dirichlet" in described(ErrorModel(stressor=split))


@pytest.mark.parametrize("other", ["production", "half-half"])
def test_fixed_output_is_refused_where_tables_have_to_balance(table, other):
    """Held output leaves a drawn table unbalanced: x would be two things at once."""
    errors = ErrorModel(stressor=0.1, flows=0.02, balance="fixed output")
    for method in ("first-order", "monte-carlo"):
        with pytest.raises(NotAvailableError, match="do not balance"):
            mc.difference(table, "income", other, uncertainty=method, errors=errors)
        one = mc.account(table, "consumption", uncertainty=method, errors=errors)
        assert (one.low[:R] < one.high[:R]).all()
    # where nothing of the table varies it stays balanced
    alone = ErrorModel(stressor=0.1, balance="fixed output")
    first, drawn = (
        mc.account(table, "income", uncertainty=m, errors=alone)
        for m in ("first-order", "monte-carlo")
    )
    np.testing.assert_allclose(drawn.high - drawn.low, first.high - first.low, rtol=0.15)


def test_rows_that_do_not_add_up_are_no_ground_for_derivatives():
    Z, Y, F = worlds.arrays(empty=False)
    off = worlds.table(Z, Y, F, x=1.1 * (Z.sum(axis=1) + Y.sum(axis=1)))
    with pytest.raises(NotAvailableError, match="not the sum of its uses"):
        mc.account(off, "income", households=False, uncertainty="first-order", errors=SMALL)
    drawn = mc.account(
        off, "income", households=False, uncertainty="monte-carlo", errors=SMALL, draws=100
    )
    assert (drawn.low[:R] < drawn.high[:R]).all()


@pytest.mark.parametrize(
    ("unit", "millions"),
    [("million USD", 1), ("M.EUR", 1), ("MEUR", 1), ("mio. EUR", 1), ("EUR million", 1),
     ("bn USD", 1e3), ("billion EUR", 1e3), ("kUSD", 1e-3), ("thousand US$", 1e-3),
     ("USD", 1e-6), ("$", 1e-6)],
)  # fmt: skip
def test_units_of_money(unit, millions):
    from mriocarbon.uncertainty.defaults import _millions

    assert _millions(unit) == millions


@pytest.mark.parametrize(
    "unit", ["KRW", "KES", "kg", "million JPY", "million", "", "unknown", "million EUR USD"]
)
def test_units_of_money_without_a_size(unit):
    from mriocarbon.uncertainty.defaults import _millions

    with pytest.raises(NotAvailableError, match="money"):
        _millions(unit)


def test_defaults_are_for_the_data_they_were_made_for(oecd):
    """A stressor of the same name in another unit is another stressor."""
    from dataclasses import replace

    co2 = oecd.replace_extensions(mc.satellites("oecd-icio-2022"))
    known = default_errors(co2, "CO2")
    assert isinstance(known.stressor, np.ndarray) and "satellites" in described(known)
    k = co2.extensions["satellites"] if "satellites" in co2.extensions else next(
        e for e in co2.extensions.values() if "CO2" in e.stressors
    )  # fmt: skip
    tonnes = co2.replace_extensions(replace(k, F=k.F * 1e6, units=("t",) * len(k.units)))
    other = default_errors(tonnes, "CO2")
    assert other.stressor == 0.04 and "median" in described(other)


@pytest.mark.parametrize(
    ("name", "rate", "told"),
    [("CO2", 0.04, "Schulte"), ("ch4", 0.12, "Schulte"), ("N2O", 0.33, "Schulte"),
     ("F-gases", 0.30, "assumed"), ("lead", 0.10, "assumed")],
)  # fmt: skip
def test_defaults_by_the_name_of_a_stressor(name, rate, told):
    Z, Y, F = worlds.arrays(empty=False)
    own = mc.MRIO.from_arrays(
        Z=Z, Y=Y, regions=["AAA", "BBB", "CCC"], sectors=list("abcd"), stressors={name: F}
    )
    model = default_errors(own, name)
    assert model.stressor == rate and told in model.basis
    # 0.393 v^-0.302 of v in million
    np.testing.assert_allclose(model.flows.of(np.array([10.0])), 0.393 * 10**-0.302)


def test_the_share_within_a_country_gives_the_national_deviation():
    from mriocarbon.uncertainty.defaults import _country_share

    sd = np.random.default_rng(3).random((4, 6)) + 0.1
    share = 0.37
    national = np.sqrt((1 - share) * (sd**2).sum(axis=1) + share * sd.sum(axis=1) ** 2)
    assert _country_share(sd, national) == pytest.approx(share)


def test_every_result_says_what_is_held(table):
    for errors, words in (
        (SMALL, "row balance"),
        (ErrorModel(stressor=0.1, balance="fixed output"), "fixed output"),
    ):
        for found in (
            first_order(table, errors), monte_carlo(table, errors, draws=100),
            sobol_of_accounts(table, errors, n=64),
        ):  # fmt: skip
            assert words in found.basis and "assumed" in found.basis


def test_a_region_without_the_other_account_has_no_difference():
    Z, Y, F = worlds.arrays(empty=False)
    F[:4] = 0.0
    idle = worlds.table(Z, Y, F)
    drawn = monte_carlo(idle, SMALL, draws=200, households=False).difference
    assert np.isnan([drawn.low[0], drawn.mean[0], drawn.high[0]]).all()
    assert np.isfinite(drawn.low[1:]).all()


def test_a_tolerance_that_is_not_reached_is_told(table):
    found = mc.account(
        table, "consumption", uncertainty="monte-carlo", errors=SMALL, draws=300, tolerance=1e-6
    )
    assert "short of the tolerance" in found.notes[-1].text
    few = mc.account(table, "consumption", uncertainty="monte-carlo", errors=SMALL, draws=100)
    assert "too few draws" in few.notes[-1].text


def test_options_of_a_principle_reach_the_difference(table):
    for method in ("first-order", "monte-carlo"):
        plain, moved = (
            mc.difference(
                table, "shared", uncertainty=method, errors=SMALL, households=False, **more
            )
            for more in ({}, {"a": 0.9, "b": 0.1})
        )
        assert np.abs(plain.value - moved.value).max() > 0.1
        want = mc.account(table, "shared", households=False, a=0.9, b=0.1).value[:R]
        made = mc.account(table, "production", households=False).value[:R]
        np.testing.assert_allclose(moved.value, 100 * (want / made - 1))
        assert ((moved.low < moved.value) & (moved.value < moved.high)).all()
