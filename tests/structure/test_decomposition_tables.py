"""Which tables are decomposed (series, prices, labels, editions), and what a result tells."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.errors import (
    AccountWarning,
    ConvergenceError,
    InputError,
    LabelError,
    NonFiniteError,
    NotProductiveError,
    TableWarning,
    UnitError,
    UnknownNameError,
)
from mriocarbon.structure import decomposition as module
from mriocarbon.structure.decomposition import METHODS, decompose, decompose_regions
from mriocarbon.structure.series import decompose_series
from tests.properties.tables import TOY_F, TOY_Y, TOY_Z, random_case, toy
from tests.structure.pairs import SIX, pairs

pytestmark = [
    pytest.mark.filterwarnings("ignore::mriocarbon.errors.TableWarning"),
    pytest.mark.filterwarnings("ignore::mriocarbon.errors.AccountWarning"),
]


# -- series -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=15)
@given(pair=pairs(max_regions=3), seed=st.integers(0, 99), method=st.sampled_from(METHODS))
def test_a_chain_sums_to_the_change_and_shows_its_end_points(pair, seed, method):
    third = random_case(seed, pair[0].R, pair[0].S, decades=1.0)
    years = dict(
        zip(
            (2000, 2001, 2005),
            (c.mrio(year=y) for y, c in zip((2000, 2001, 2005), (*pair, third), strict=True)),
            strict=True,
        )
    )
    found = decompose_series(years, method=method)
    assert found.closure < 1e-11
    size = np.abs(found.before.value).max() + np.abs(found.after.value).max()
    for result in (found.chained, found.endpoint.effects):
        gap = result.value.sum(axis=0) - (found.after.value - found.before.value)
        assert np.abs(gap).max() <= 1e-11 * size
    np.testing.assert_allclose(found.periods.value.sum(axis=0), found.chained.value)
    assert found.periods.coords["period"] == ("2000-2001", "2001-2005")
    if found.chained.low is not None:
        assert (found.chained.low <= found.chained.value + 1e-9 * size).all()
        assert (found.chained.value <= found.chained.high + 1e-9 * size).all()


def test_a_multiplicative_chain_multiplies():
    years = {y: toy(Y=TOY_Y * (1 + 0.1 * k), year=y) for k, y in enumerate((2000, 2001, 2002))}
    found = decompose_series(years, form="multiplicative")
    np.testing.assert_allclose(
        found.chained.value.prod(axis=0), found.after.value / found.before.value
    )
    assert found.chained["trade", "A"] == 1.0
    assert found.world is None


def test_two_years_make_no_chain():
    with pytest.raises(InputError, match="2 years make no chain"):
        decompose_series({2000: toy(year=2000), 2001: toy(year=2001)})
    years = {y: toy(year=y) for y in (2000, 2001, 2002)}
    with pytest.raises(InputError, match="2002 under 2000, 2000 under 2002"):
        decompose_series({2000: years[2002], 2001: years[2001], 2002: years[2000]})
    nameless = decompose_series({y: toy(Y=TOY_Y * y / 2000) for y in years})
    assert nameless.endpoint.labels == ("2000", "2002")
    assert nameless.before.provenance.year == 2000
    with pytest.raises(InputError, match="base year without deflators"):
        decompose_series(years, base_year=2000)
    with pytest.raises(InputError, match="no population of \\[2002\\]"):
        decompose_series(years, population={2000: {"A": 1, "B": 1}, 2001: {"A": 1, "B": 1}})


def test_a_series_tells_how_negative_cells_were_treated():
    Y = TOY_Y.copy()
    Y[0, 0], Y[2, 0] = 10.0, -9.0  # product 1 of A: cells that cancel, in the last two years
    years = {
        2000: toy(year=2000), 2001: toy(Y=Y, year=2001), 2002: toy(Y=Y * 1.1, year=2002),
        2003: toy(Y=TOY_Y * 1.2, year=2003),
    }  # fmt: skip
    found = decompose_series(years)
    told = [n.text for n in found.chained.notes if "cancel by more than half" in n.text]
    assert len(told) == 1
    assert told[0].startswith("in 3 of 3 steps, as in 2000-2001: 1 groups of products")
    first = decompose_series({2000: toy(year=2000), 2001: toy(year=2001), 2002: years[2002]})
    assert any(n.text.startswith("2001-2002: 1 groups") for n in first.chained.notes)


@pytest.mark.parametrize("method", ["shapley", "polar"])
def test_steps_and_world_of_a_series_have_their_ranges(method):
    years = {y: toy(Y=TOY_Y * (1 + 0.1 * k), Z=TOY_Z * (1 + 0.02 * k**2), year=y)
             for k, y in enumerate((2000, 2001, 2002))}  # fmt: skip
    found = decompose_series(years, method=method)
    for k, step in enumerate(found.steps):
        for name in ("value", "low", "high"):
            np.testing.assert_array_equal(
                getattr(found.periods, name)[k], getattr(step.effects, name)
            )
            np.testing.assert_array_equal(getattr(found.world, name)[k], getattr(step.world, name))
    np.testing.assert_allclose(found.chained.low, found.periods.low.sum(axis=0))
    assert (found.world.low < found.world.value).any()


# -- prices -------------------------------------------------------------------------------------


def test_inflation_alone_has_no_effect_at_constant_prices():
    p = np.array([1.5, 1.1, 2.0, 1.3])
    dear = {"Z": TOY_Z * p[:, None], "Y": TOY_Y * p[:, None]}
    before, after = toy(year=2000), toy(year=2001, **dear)
    current = decompose(before, after)
    assert abs(current.effects["intensity", "A"]) > 10
    assert any(n.text.startswith("CURRENT PRICES") for n in current.notes)
    deflators = {2000: np.ones(4), 2001: p}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        constant = decompose(before, after, deflators=deflators)
    np.testing.assert_allclose(constant.effects.value, 0.0, atol=1e-10)
    assert any(n.text == "constant prices of 2000" for n in constant.notes)
    assert not any("CURRENT" in n.text for n in constant.notes)


def test_deflators_need_years_and_are_never_invented():
    before, after = toy(year=2000), toy(year=2001)
    with pytest.raises(InputError, match="base year without deflators"):
        decompose(before, after, base_year=2000)
    with pytest.raises(UnknownNameError, match="2001"):
        decompose(before, after, deflators={2000: np.ones(4)})
    with pytest.raises(InputError, match="deflators are by year"):
        decompose(toy(), toy(), deflators={2000: np.ones(4)})
    with pytest.raises(InputError, match="not positive"):
        decompose(before, after, deflators={2000: np.ones(4), 2001: np.zeros(4)})


def turned(year, **changes):
    """The toy table with regions and sectors the other way round."""
    given = {"Z": TOY_Z, "Y": TOY_Y, **changes}
    return toy(
        Z=given["Z"][::-1, ::-1], Y=given["Y"][::-1, ::-1], regions=["B", "A"], sectors=["2", "1"],
        stressors={"GHG": TOY_F[::-1]}, households=None, year=year,
    )  # fmt: skip


PRICES = {1999: [0.8, 1.2, 1.0, 0.5], 2000: [2.0, 1.0, 1.0, 3.0], 2001: [3.0, 1.1, 1.4, 2.0],
          2002: [3.0, 1.3, 1.5, 2.5]}  # fmt: skip


@pytest.mark.parametrize("base", [None, 1999, 2000, 2001])
def test_prices_of_the_base_year_go_by_label(base):
    more = {"Z": TOY_Z * 1.2, "Y": TOY_Y * 1.1}
    before, after = toy(households=None, year=2000), toy(households=None, year=2001, **more)
    one = decompose(before, after, deflators=PRICES, base_year=base)
    given = {**PRICES, 2001: PRICES[2001][::-1]}
    two = decompose(before, turned(2001, **more), deflators=given, base_year=base)
    np.testing.assert_allclose(two.effects.value, one.effects.value, atol=1e-10)
    assert abs(one.effects["mix", "A"]) > 0.1  # relative prices do something here


def test_a_series_at_constant_prices_has_one_base_year_whatever_the_order():
    from mriocarbon.build.deflate import deflate_series

    years = {
        y: toy(Z=TOY_Z * (1 + 0.1 * k), Y=TOY_Y * (1 + 0.2 * k**2), households=None, year=y)
        for k, y in enumerate((2000, 2001, 2002))
    }
    found = decompose_series(years, deflators=PRICES)
    flat = {y: one.table for y, one in deflate_series(years, PRICES, base_year=2000).items()}
    by_hand = [decompose(flat[a], flat[b]).effects.value for a, b in ((2000, 2001), (2001, 2002))]
    np.testing.assert_allclose(found.periods.value, by_hand, atol=1e-12)
    assert "constant prices of 2000" in [n.text for n in found.chained.notes]
    mixed = {**years, 2000: turned(2000)}
    other = decompose_series(mixed, deflators={**PRICES, 2000: PRICES[2000][::-1]})
    np.testing.assert_allclose(other.periods.value[:, :, ::-1], found.periods.value, atol=1e-10)


def test_tables_at_constant_prices_are_neither_mixed_nor_deflated_twice():
    def at(year, prices):
        return toy(Y=TOY_Y * (1 + 0.1 * (year - 2000)), year=year, price_year=prices)

    plain = decompose(at(2000, 2000), at(2001, 2000))
    assert any(n.text == "constant prices of 2000" for n in plain.notes)
    again = decompose(at(2000, 2000), at(2001, 2000), deflators=PRICES)
    np.testing.assert_allclose(again.effects.value, plain.effects.value, atol=1e-10)
    for wrong in (at(2001, 2015), at(2001, None), at(2001, 2001)):
        with pytest.raises(InputError, match="different constant prices: 2000 at prices of 1995"):
            decompose(at(2000, 1995), wrong)
    # each at its own year's prices: current, whether that is said or not
    for own in (2000, None):
        found = decompose(at(2000, own), at(2001, 2001))
        assert any(n.text.startswith("CURRENT PRICES") for n in found.notes)
    assert any(
        n.text == "constant prices of 2000" for n in decompose(at(2000, None), at(2001, 2000)).notes
    )


# -- what may not be compared -------------------------------------------------------------------


def test_unequal_labels_print_both_sides():
    with pytest.raises(LabelError) as caught:
        decompose(toy(year=2000), toy(year=2001, regions=["A", "C"]))
    text = str(caught.value)
    assert "missing B" in text
    assert "unexpected C" in text
    assert "expected (2): A, B" in text
    assert "found    (2): A, C" in text
    with pytest.raises(LabelError, match="unexpected 3"):
        decompose(toy(year=2000), toy(year=2001, sectors=["1", "3"]))


def test_the_order_of_labels_changes_nothing():
    order = [2, 3, 0, 1]
    shuffled = toy(
        Z=TOY_Z[np.ix_(order, order)] * 1.01, Y=TOY_Y[order][:, [1, 0]] * 1.3,
        regions=["B", "A"], stressors={"GHG": TOY_F[order]}, households={"GHG": [5, 7]}, year=2001,
    )  # fmt: skip
    plain = toy(Z=TOY_Z * 1.01, Y=TOY_Y * 1.3, year=2001)
    for account in ("consumption", "production"):
        kw = {"households": account == "consumption", "account": account}
        one, two = (decompose(toy(year=2000), other, **kw) for other in (plain, shuffled))
        np.testing.assert_allclose(two.effects.value, one.effects.value, atol=1e-11)
        np.testing.assert_allclose(two.after.value, one.after.value)


def with_provenance(dataset, edition, year):
    return toy(year=year, provenance=mc.Provenance(dataset, edition))


def test_editions_are_not_mixed_unless_told_so():
    old, new = (
        with_provenance("icio-2019", "2023", 2019),
        with_provenance("icio-2022", "2025", 2022),
    )
    with pytest.raises(UnitError, match="tables of different editions") as caught:
        decompose(old, new)
    assert "'2023'" in str(caught.value)
    assert "'2025'" in str(caught.value)
    found = decompose(old, new, mixed_editions=True)
    assert any(n.text.startswith("DIFFERENT EDITIONS") for n in found.notes)
    assert found.effects.estimated
    assert found.effects.provenance.dataset == "icio-2019 and icio-2022"
    decompose(with_provenance("icio-2019", "2025", 2019), new)  # a year is no edition
    with pytest.raises(UnitError, match="different editions"):
        decompose(with_provenance("figaro-2019", "2025", 2019), new)


def test_units_and_money_must_agree():
    with pytest.raises(UnitError, match="'Mt CO2e' and 'kt CO2e'"):
        decompose(toy(year=2000), toy(year=2001, units="kt CO2e"))
    with pytest.raises(UnitError, match="million EUR"):
        decompose(toy(year=2000), toy(year=2001, money_unit="million EUR"))


def test_missing_emissions_are_not_zero():
    f = np.array([240.0, 50, 0, 0])
    before = toy(stressors={"GHG": f}, households=None, year=2000)
    after = toy(stressors={"GHG": f * 1.1}, households=None, year=2001)
    with pytest.warns(AccountWarning, match="no GHG at all in B") as caught:
        decompose(before, after)
    assert caught[0].filename == __file__
    with pytest.warns(AccountWarning, match="no GHG at all in B") as caught:
        decompose_regions(before, "A", "B")
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error", AccountWarning)
        found = decompose(before, after, missing=["B"])
    assert np.isnan(found.effects.value[:, 1]).all()
    assert np.isnan(found.before["B"])
    assert np.isfinite(found.effects.value[:, 0]).all()
    assert np.isnan(found.bilateral.value[:, 1]).all()
    assert np.isfinite(found.world.value).all()
    assert any("GHG of B is missing" in n.text for n in found.notes)
    with pytest.raises(InputError, match="said to be missing but has"):
        decompose(before, after, missing=["A"])


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"method": "shapely"}, UnknownNameError, "shapley"),
        ({"form": "sum"}, UnknownNameError, "additive"),
        ({"account": "income"}, UnknownNameError, "consumption"),
        ({"factors": ["intensity", "technology"]}, InputError, "left out: trade, origin"),
        ({"factors": [*SIX, "mix"]}, InputError, "named twice: mix"),
        ({"factors": [*SIX, "destination"]}, UnknownNameError, "needs a table with categories"),
        ({"factors": [*SIX, "populace"]}, UnknownNameError, "factor"),
        ({"factors": SIX, "method": "lmdi"}, InputError, "no technology apart from trade"),
        ({"population": [{"A": 1, "B": 1}, {"A": 1}]}, LabelError, "no population of B"),
        ({"population": {2000: {"A": 1, "B": 1}}}, LabelError, "2001"),
        ({"population": [{"A": 1, "B": 1}]}, LabelError, "1 populations for two tables"),
        ({"stressor": "SO2"}, UnknownNameError, "SO2"),
        ({"cancel": 0.5}, InputError, "cancel=0.5"),
        ({"cancel": float("nan")}, InputError, "cancel=nan"),
        ({"population": [{"A": 1, "B": 1}, {"A": 1, "B": float("nan")}]}, LabelError, "of B"),
        ({"deflators": {2000: np.ones(4), 2001: np.full(4, np.nan)}}, NonFiniteError, "NaN"),
        ({"factors": "intensity"}, InputError, "no sequence of names"),
        ({"factors": (5,)}, InputError, "no sequence of names"),
        ({"population": [{"A": 1, "B": "x"}] * 2}, LabelError, "no population of B"),
        ({"population": [{"A": 1, "B": np.inf}] * 2}, LabelError, "positive finite"),
        ({"population": "xy"}, LabelError, "no population of any region: 'x'"),
        ({"population": 5}, LabelError, "0 populations for two tables: 5"),
        ({"population": {2000: 5, 2001: 6}}, LabelError, "no population of any region: 5"),
    ],
)  # fmt: skip
def test_options_that_are_wrong(options, error, match):
    with pytest.raises(error, match=match):
        decompose(toy(year=2000), toy(year=2001), **options)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("account", ["production", "consumption"])
def test_ratios_with_missing_emissions(method, account):
    f = np.array([240.0, 50, 0, 0])
    before = toy(stressors={"GHG": f}, households=None, year=2000)
    after = toy(stressors={"GHG": f * 1.1}, households=None, year=2001)
    kw = {"method": method, "account": account, "form": "multiplicative", "missing": ["B"]}
    found = decompose(before, after, **kw)
    assert np.isnan(found.effects.value[:, 1]).all()
    assert np.isnan(found.after["B"])
    np.testing.assert_allclose(found.effects.value[:, 0].prod(), 1.1, rtol=1e-12)


def test_a_region_without_demand():
    Y = TOY_Y.copy()
    Y[:, 0] = 0.0
    found = decompose(toy(year=2000), toy(Y=Y, year=2001))
    assert found.after["A"] == 0.0
    assert found.effects["level", "A"] < 0 < found.before["A"]
    assert found.effects["mix", "A"] == found.effects["origin", "A"] == 0.0
    with pytest.raises(InputError, match="A \\(0\\) are not positive"):
        decompose(toy(year=2000), toy(Y=Y, year=2001), form="multiplicative")


def test_technology_that_is_not_productive_with_the_other_trade():
    # Columns of B buy dear inputs; with A's sourcing they would buy them from themselves.
    Z0 = np.array([[1.0, 90.0], [1.0, 1.0]])
    Z1 = np.array([[1.0, 1.0], [1.0, 1.0]])
    Y = np.array([[10.0, 10.0], [10.0, 10.0]])
    x0, x1 = np.array([120.0, 30.0]), np.array([50.0, 50.0])

    def made(Z, x, year):
        return mc.MRIO.from_arrays(
            Z=Z, Y=Y, x=x, regions=["A", "B"], sectors=["s"], stressors={"c": [1, 1]}, units="t",
            year=year,
        )  # fmt: skip

    before, after = made(Z0, x0, 2000), made(Z1, x1, 2001)
    with pytest.raises(
        NotProductiveError, match="technology of the first state with trade of the second"
    ):
        decompose(before, after)
    found = decompose(
        before, after, factors=["intensity", "technology+trade", "origin", "mix", "level"]
    )
    assert found.closure < 1e-12


def test_parts_that_do_not_close_are_refused(monkeypatch):
    real = module.shapley
    monkeypatch.setattr(module, "shapley", lambda v: real(v) * 1.001)
    with pytest.raises(ConvergenceError, match="miss the change"):
        decompose(toy(year=2000), toy(Y=TOY_Y * 2, year=2001))


# -- what a reader of the results must be told --------------------------------------------------


def test_unallocated_emissions_are_told():
    x = TOY_Z.sum(1) + TOY_Y.sum(1)
    x[0] += 5.0
    found = decompose(toy(x=x, year=2000), toy(x=x, year=2001))
    assert any(n.text.startswith("unallocated GHG") for n in found.notes)


def test_results_are_read_only_and_marked():
    note = mc.Note("assumed", about="GHG", estimated=True)
    found = decompose(toy(year=2000, notes=[note]), replace(toy(year=2001, notes=[note])))
    assert found.effects.estimated
    assert not found.effects.value.any()
    with pytest.raises(ValueError, match="read-only"):
        found.effects.value[0, 0] = 1.0
    assert "closes to" in repr(found)
    assert found.unit == "Mt CO2e"


def test_every_result_names_what_it_counts_and_when():
    found = decompose(toy(year=2000), toy(Y=TOY_Y * 2, year=2001))
    assert found.stressor == "GHG"
    for result, year in ((found.before, "2000"), (found.after, "2001"), (found.effects, "")):
        assert result.metadata()["stressor"] == "GHG"
        assert result.metadata()["year"] == year
    assert "2000 to 2001" in found.effects.name
    assert found.world.provenance.stressor == found.bilateral.provenance.stressor == "GHG"
    assert "GHG" in repr(found)
    two = decompose_regions(toy(year=2000), "A", "B")
    assert (two.stressor, two.effects.provenance.year) == ("GHG", 2000)
    years = {y: toy(Y=TOY_Y * y / 2000, year=y) for y in (2000, 2001, 2002)}
    series = decompose_series(years)
    assert series.stressor == series.chained.provenance.stressor == "GHG"
    assert series.world.provenance.stressor == series.periods.provenance.stressor == "GHG"


def test_a_chain_tells_where_all_its_tables_come_from():
    from mriocarbon.model.provenance import Source

    def made(y):
        told = mc.Provenance("x", sha256=f"hash{y}", sources=(Source(f"book {y}"),))
        return toy(Y=TOY_Y * y / 2000, year=y, provenance=told)

    told = decompose_series({y: made(y) for y in (2000, 2001, 2002)}).chained.provenance
    assert told.sha256 == "hash2000 and hash2001 and hash2002"
    assert [s.name for s in told.sources] == ["book 2000", "book 2001", "book 2002"]


def test_warnings_can_be_kept_quietly():
    from mriocarbon.errors import quietly

    f = np.array([240.0, 50, 0, 0])
    tables = [toy(stressors={"GHG": f}, households=None, year=y) for y in (2000, 2001)]
    with warnings.catch_warnings():
        warnings.simplefilter("error", AccountWarning)
        with quietly() as kept:
            decompose(*tables)
            mc.paths(tables[0], top=50, limit=20)
    assert any("no GHG at all in B" in str(one) for one in kept)
    assert any("met its limit" in str(one) for one in kept)
