"""What accounts say beside their figures: refusals that lead on, notes, labels, provenance."""

import numpy as np
import pytest
from properties.tables import TOY_F, TOY_H, random_case, toy

import mriocarbon as mc
from mriocarbon.accounts.compute import (
    direct_emissions,
    far_beyond,
    remarks,
    resolve,
    unallocated_limit,
)
from mriocarbon.accounts.economy import TableEconomy, value_added_rows
from mriocarbon.accounts.everything import every_stressor
from mriocarbon.accounts.flows import BALANCE, EMBODIED
from mriocarbon.accounts.registry import principle
from mriocarbon.errors import MriocarbonError

TABLE = toy()
BARE = toy(stressors={}, households=None)
TWO = toy(stressors={"CO2": TOY_F, "CH4": TOY_F / 2}, households=None)
W_SHORT = np.array([[1, 1, 0, 0], [0, 0, 0.5, 1.0]])


def account(name: str, table: mc.MRIO = TABLE, **options: object):
    return lambda: mc.account(table, name, **options)


REFUSED = {
    "no emissions": (
        account("production", BARE),
        "NOT AVAILABLE: this table has no emissions",
        "table 'arrays'",
        "give stressors= when building it, or mrio.replace_extensions(...)",
    ),
    "several stressors": (
        account("production", TWO),
        "no stressor is named, and there are several",
        "2 stressors: CO2, CH4",
        "name one: stressor='CO2' (on the command line --stressor CO2)",
    ),
    "a gas": (
        account("production", TWO, stressor="N2O"),
        "NOT AVAILABLE: this table has no N2O by industry",
        "table 'arrays', stressors CO2, CH4",
        "add it: mrio.replace_extensions(...), or choose one of these stressors",
    ),
    "households": (
        account("production", TWO, stressor="CO2"),
        "direct emissions of households are not known for 'CO2'",
        "extension 'emissions'",
        "pass households=False (on the command line --no-households) for the account of"
        " industries alone, or give households= when building the table; unknown is not zero",
    ),
    "no option": (
        account("consumption", alpha=1),
        "unknown option of 'consumption' 'alpha'",
        "option of 'consumption', 1 known",
        "known: (it has no options)",
    ),
    "principle": (
        account("zzz"),
        "unknown principle 'zzz'",
        f"principle, {len(mc.principles())} known",
        None,
    ),
    "shape": (
        account("benefit-shared", phi=np.ones((3, 3))),
        "phi has shape (3, 3)",
        "option phi",
        "give shape (2, 2) or one number",
    ),
    "shape of an array": (
        account("ownership", W=np.ones(4)),
        "W has shape (4,)",
        "option W",
        "give shape (2, 4)",
    ),
    "not finite": (
        account("benefit-shared", phi=[[0, np.nan], [np.inf, -np.inf]]),
        "phi has 3 cells that are NaN or infinite",
        "option phi",
        "fill or remove them; missing is not zero",
    ),
    "bounds": (
        account("benefit-shared", phi=[[0, 1.5], [-0.25, 1]]),
        "phi goes from -0.25 to 1.5",
        "option phi",
        "give numbers from 0 to 1",
    ),
    "no numbers": (
        account("benefit-shared", phi="half"),
        "phi is not made of numbers: could not convert string to float: 'half'",
        "option phi",
        "give numbers",
    ),
    "capital": (
        account("capital-endogenised"),
        "capital flows are not in the table",
        "principle 'capital-endogenised'",
        "pass K=, the capital goods used up by each industry, shape (n, n), in the table's money",
    ),
    "negative capital": (
        account("capital-endogenised", K=np.full((4, 4), -1.0)),
        "K goes from -1 to -1",
        "option K",
        "give numbers from 0 to inf",
    ),
    "ownership": (
        account("ownership"),
        "ownership is not in the table",
        "principle 'ownership'",
        "pass W=, shape (regions, n), the share of each sector owned by each region",
    ),
    "shares of ownership": (
        account("ownership", W=W_SHORT),
        "1 columns of W do not sum to 1",
        "first: column 2",
        "give shares of ownership, the home region's included",
    ),
    "bounds of ownership": (
        account("ownership", W=[[1, 1, 1.5, 0], [0, 0, -0.5, 1]]),
        "W goes from -0.5 to 1.5",
        "option W",
        "give numbers from 0 to 1",
    ),
    "ownership in words": (
        account("ownership", W="all"),
        "W is not made of numbers: could not convert string to float: 'all'",
        "option W",
        "give numbers",
    ),
    "shares in words": (
        account("shared", b="half"),
        "b is not made of numbers: could not convert string to float: 'half'",
        "option b",
        "give numbers",
    ),
    "device": (
        lambda: mc.all_accounts(TABLE, device="zzz"),
        "unknown device 'zzz'",
        "device, 7 known",
        "known: cpu, cpu:0,1, all cpus, gpu, gpu:0, gpu:0,1, all gpus",
    ),
    "shares passed on": (
        account("shared", a=[0.5, 2]),
        "a goes from 0.5 to 2",
        "option a",
        "give numbers from 0 to 1",
    ),
    "shares to consumers": (
        account("shared", a=0.5, b=-1),
        "b goes from -1 to -1",
        "option b",
        "give numbers from 0 to 1",
    ),
    "deliveries": (
        account("shared", self_deliveries="zzzzz"),
        "unknown self_deliveries 'zzzzz'",
        "self_deliveries, 2 known",
        "known: as booked, inside",
    ),
    "weights": (
        account("technology-adjusted", weights="zzzzzzz"),
        "unknown weights 'zzzzzzz'",
        "weights, 2 known",
        "known: exports, output",
    ),
    "primary inputs": (
        account("income", primary_inputs="zzzzzzz"),
        "unknown primary inputs 'zzzzzzz'",
        "primary inputs, 2 known",
        "known: all, value_added",
    ),
    "value added": (
        account("income", primary_inputs="value_added"),
        "this table has no value added of its own",
        "table 'arrays', no rows",
        'use primary_inputs="all", or give value_added= when building the table',
    ),
    "value added of nothing": (
        account("income", toy(value_added=np.zeros(4)), primary_inputs="value_added"),
        "value added enables no emissions at all, so that no factor closes the world total",
        "value added of the table",
        'correct it, or use primary_inputs="all"',
    ),
    "product": (
        lambda: mc.footprint(TABLE, product="zz", by="origin"),
        "unknown sector 'zz'",
        "sector, 2 known",
        "known: 1, 2",
    ),
    "a product by product": (
        lambda: mc.footprint(TABLE, product="1"),
        "unknown breakdown of one product 'product'",
        "breakdown of one product, 2 known",
        "known: origin, industry",
    ),
    "breakdown": (
        lambda: mc.footprint(TABLE, by="zzzzz"),
        "unknown breakdown 'zzzzz'",
        "breakdown, 3 known",
        "known: origin, product, industry",
    ),
    "gradient of value added": (
        lambda: mc.gradient(TABLE, "income", region="A", primary_inputs="value_added"),
        "primary_inputs='value_added' is not a function of S, A and Y",
        "gradients",
        'use primary_inputs="all", for which v follows from them',
    ),
    "variable": (
        lambda: mc.gradient(TABLE, "production", region="A", wrt="Z"),
        "unknown variable 'Z'",
        "variable, 3 known",
        "known: S, A, Y",
    ),
    "no stressor of all": (
        lambda: mc.all_accounts(TABLE, []),
        "no stressor is named",
        "1 stressors: GHG",
        "name one: stressor='GHG' (on the command line --stressor GHG)",
    ),
    "households of all": (
        lambda: mc.all_accounts(TWO).regional("consumption", "CO2", households=True),
        "direct emissions of households are not known for 'CO2'",
        "all_accounts",
        "leave households out, or give them when building the table",
    ),
    "imports left out": (
        lambda: mc.all_accounts(TABLE, imports_by_product=False).of("imports", "GHG"),
        "imports by product were left out",
        "all_accounts",
        "compute them: all_accounts(mrio, imports_by_product=True)",
    ),
    "item": (
        lambda: mc.all_accounts(TABLE).of("zzz", "GHG"),
        "unknown account 'zzz'",
        "account, 5 known",
        "known: production, consumption, imports, exports, multipliers",
    ),
    "regional item": (
        lambda: mc.all_accounts(TABLE).regional("zzz", "GHG"),
        "unknown account 'zzz'",
        "account, 4 known",
        "known: production, consumption, imports, exports",
    ),
    "stressor of all": (
        lambda: mc.all_accounts(TABLE).of("production", "zzz"),
        "unknown stressor 'zzz'",
        "stressor, 1 known",
        "known: GHG",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_says_what_where_and_what_to_do(case):
    ask, what, where, do = REFUSED[case]
    with pytest.raises(MriocarbonError) as caught:
        ask()
    assert (caught.value.what, caught.value.where) == (what, where)
    if do is None:  # a long list of names
        assert caught.value.do.endswith("on the command line: mriocarbon principles)")
    else:
        assert caught.value.do == do


def test_jax_in_single_precision_is_told():
    import jax

    function, point = mc.account_function(TABLE, "production")
    with jax.enable_x64(False), pytest.raises(MriocarbonError) as caught:
        function(*point)
    assert caught.value.what == "JAX computes in float32"
    assert caught.value.where == "account_function"
    assert caught.value.do == ("call it inside `with jax.enable_x64(True):`, or set jax_enable_x64")


@pytest.mark.parametrize("households", [True, False])
def test_an_account_says_all_of_itself(households):
    found = mc.account(TABLE, "consumption", households=households)
    chosen = principle("consumption")
    assert found.name == "consumption"
    assert (found.dims, dict(found.coords)) == (("region",), {"region": ("A", "B")})
    assert found.unit == "Mt CO2e"
    assert found.provenance.method == f"consumption: {chosen.formula}"
    assert found.provenance.stressor == "GHG"
    assert found.provenance.references == chosen.references
    assert set(found.parts) == ({"industries", "households"} if households else {"industries"})
    np.testing.assert_allclose(sum(found.parts.values()), found.value)
    assert found.low is None and found.high is None


def test_flows_say_all_of_themselves():
    E, trade = mc.bilateral(TABLE), mc.trade(TABLE)
    assert (E.name, E.unit, E.provenance.stressor) == ("bilateral", "Mt CO2e", "GHG")
    assert E.provenance.method == "E = R diag(q) L Y"
    assert E.provenance.references == (EMBODIED,)
    assert dict(E.coords) == {"region": ("A", "B"), "region_to": ("A", "B")}
    assert (trade.name, trade.dims) == ("trade", ("region", "item"))
    assert trade.provenance.method == "sums over E = R diag(q) L Y"
    assert trade.provenance.references == (BALANCE,)
    for by, label in (("origin", "region"), ("product", "sector"), ("industry", "sector")):
        found = mc.footprint(TABLE, by=by)
        assert (found.name, found.dims) == (f"footprint by {by}", ("region_to", label))
        assert found.provenance.method == f"consumption by {by}"
        assert found.provenance.references == principle("consumption").references
        assert found.value.sum() == pytest.approx(390)
        assert 0 < found.error < 1e-12
    assert mc.footprint(TABLE).name == "footprint by product"


def test_one_product_by_origin_and_by_industry():
    case = random_case(5, 3, 4, decades=0.3)
    mrio, x = case.mrio(), case.x
    L = np.linalg.inv(np.eye(12) - case.Z / x)
    q, here = case.f / x, np.arange(12) // 4
    Y = np.where((np.arange(12) % 4 == 2)[:, None], case.demand, 0.0)
    emitted = q[:, None] * (L @ Y)
    origin = np.stack([emitted[here == r].sum(axis=0) for r in range(3)], axis=1)
    industry = emitted.reshape(3, 4, 3).sum(axis=0).T
    found = mc.footprint(mrio, by="origin", product="s2")
    np.testing.assert_allclose(found.value, origin, rtol=1e-10)
    assert found.dims == ("region_to", "region")
    np.testing.assert_allclose(
        mc.footprint(mrio, by="industry", product="s2").value, industry, rtol=1e-10
    )
    whole = mc.footprint(mrio, by="product").value[:, 2]
    np.testing.assert_allclose(found.value.sum(axis=1), whole, rtol=1e-10)


def test_all_accounts_say_all_of_themselves():
    found = mc.all_accounts(TABLE)
    assert (found.stressors, found.units) == (("GHG",), ("Mt CO2e",))
    assert (found.regions, found.sectors) == (("A", "B"), ("1", "2"))
    one = found.of("multipliers", "GHG")
    assert one.unit == "Mt CO2e / unit of money" and one.name == "multipliers"
    assert dict(one.coords) == {"region": ("A", "B"), "sector": ("1", "2")}
    assert one.provenance.method == "multipliers" and one.provenance.stressor == "GHG"
    assert 0 < one.error == found.error < 1e-12
    total = found.regional("consumption", "GHG", households=True)
    np.testing.assert_allclose(total.value, found.consumption[0].sum(axis=1) + TOY_H)
    assert (total.name, total.dims, total.unit) == ("consumption", ("region",), "Mt CO2e")
    assert total.error == found.error and total.provenance.stressor == "GHG"
    bare = found.regional("consumption", "GHG")
    np.testing.assert_allclose(bare.value, found.consumption[0].sum(axis=1))
    for item in ("imports", "exports"):  # households emit at home
        with_homes = found.regional(item, "GHG", households=True)
        np.testing.assert_array_equal(with_homes.value, found.regional(item, "GHG").value)
    np.testing.assert_allclose(found.households, [TOY_H])
    for item in (*mc.accounts.everything.ITEMS, "households", "imported"):
        assert not getattr(found, item).flags.writeable
    assert np.isnan(mc.all_accounts(TWO).households).all()


def test_both_ways_to_imports_say_which_they_were():
    case = random_case(3, 2, 3, decades=0.3)
    few = mc.all_accounts(case.mrio())
    many = mc.all_accounts(case.mrio(stressors={f"s{k}": case.f for k in range(3)}))
    # 2 sides for one stressor, 6 for three, where 0.4 x 6 = 2.4 is the limit
    assert "by the inverse" not in few.explanation
    assert many.explanation == "6 sectors, 6 sides for imports by product: by the inverse"
    np.testing.assert_allclose(many.imports[1], few.imports[0], rtol=1e-10)


def test_a_stressor_of_two_extensions_is_named_with_its_extension():
    one = mc.Extension("a", ("CO2", "CH4"), np.stack([TOY_F, TOY_F]), ("Mt CO2", "Mt CH4"))
    two = mc.Extension("b", ("CO2",), TOY_F[None], ("Mt CO2",))
    table = TABLE.replace_extensions(one, two)
    assert every_stressor(table) == ["a/CO2", "CH4", "b/CO2"]
    extension, row = resolve(table, "b/CO2")
    assert (extension.name, row) == ("b", 0)
    assert resolve(table, "CH4")[1] == 1


def test_half_a_range_of_households_is_none_and_missing_ones_are_refused():
    F_Y = np.array([[7.0, 5.0]])
    for ends in ({"F_Y_low": F_Y - 1}, {"F_Y_high": F_Y + 1}):
        half = mc.Extension("e", ("CO2",), TOY_F[None], ("Mt CO2",), F_Y=F_Y, **ends)
        direct, low, high = direct_emissions(half, 0, 2, 1)
        np.testing.assert_array_equal(direct, [7, 5])
        assert low is None and high is None
    whole = mc.Extension(
        "e", ("CO2",), TOY_F[None], ("Mt CO2",), F_Y=F_Y, F_Y_low=F_Y - 1, F_Y_high=F_Y + 2
    )
    table = TABLE.replace_extensions(whole)
    found = mc.account(table, "production")
    np.testing.assert_allclose(found.high - found.value, [2, 2])
    np.testing.assert_allclose(found.value - found.low, [1, 1])


def test_what_does_not_conserve_says_by_how_much():
    economy = TableEconomy(TABLE, TOY_F[None])
    chosen = principle("technology-adjusted")
    value = np.array([100.0, 1200.25])
    (text,) = remarks(chosen, {"weights": "output"}, economy, value)
    assert text == (
        "technology-adjusted with these options does not conserve:"
        " accounts sum to 1,300.2, the world emits 390.0"
    )
    assert remarks(chosen, {"weights": "exports"}, economy, value) == []
    (text,) = remarks(principle("era"), {}, economy, value)
    assert text == f"era: {principle('era').status}" and "experimental" in text
    economy.notes = ["once", "twice", "once"]
    assert remarks(chosen, {}, economy, value) == ["once", "twice"]


def test_the_limit_of_what_is_shown_grows_with_the_error():
    economy = TableEconomy(TABLE, TOY_F[None])
    economy.error = 1e-16
    assert unallocated_limit(economy) == pytest.approx(1e-10 * 390)
    economy.error = 1e-6
    assert unallocated_limit(economy) == pytest.approx(1e-5 * 390)


def test_far_beyond_names_whom_and_by_how_much():
    f = TABLE.extensions["emissions"].F[0]
    assert far_beyond(TABLE, f, np.array([147.0, 243.0])) == ""
    assert far_beyond(TABLE, f, np.array([2899.0, 0.0])) == ""  # up to ten times its own 290
    text = far_beyond(TABLE, f, np.array([2901.0, -5.0]))
    assert text == (
        "accounts far beyond the region's own size or below zero: A 2901 (own emissions 290),"
        " B -5 (own emissions 100); look for negative demand or value added there, or for a"
        " clean producer of dirty goods"
    )
    # B emits 100 of 390, but takes 0.68 of final demand: its size is that share, 266
    assert far_beyond(TABLE, f, np.array([0.0, 2600.0])) == ""
    assert "B 2700" in far_beyond(TABLE, f, np.array([0.0, 2700.0]))


def test_rows_of_value_added_by_their_names():
    rows = {
        "Compensation of employees": True,
        "Taxes less subsidies on products": False,
        "TLS on products": False,
        "Other taxes less subsidies on production": True,
        "Profits before tax": True,
        "Surplus excluding taxes": True,
        "Taxable income": False,
    }
    mrio = toy(value_added=TABLE.primary_inputs)
    names = tuple(rows)
    parts = np.ones((len(names), 4))
    table = mc.MRIO(
        mrio.index, mrio.Z, mrio.Y, mrio.x, parts, mrio.categories, names, mrio.extensions
    )
    assert value_added_rows(table) == [k for k, name in enumerate(names) if rows[name]]
    only = mc.MRIO(
        mrio.index, mrio.Z, mrio.Y, mrio.x, parts[:2], mrio.categories,
        ("Taxes", "TLS"), mrio.extensions,
    )  # fmt: skip
    with pytest.raises(MriocarbonError) as caught:
        value_added_rows(only)
    assert caught.value.where.endswith("rows Taxes, TLS")


def test_multipliers_are_solved_once_and_the_worst_error_is_kept():
    economy = TableEconomy(TABLE, TOY_F[None])
    eps = np.finfo(float).eps
    assert economy.error == pytest.approx(eps * np.log2(5), rel=1e-9, abs=0)
    first = economy.multipliers(economy.q)
    assert economy.multipliers(economy.q) is first
    assert economy.multipliers(economy.q.copy()) is not first
    X = economy.output(economy.Y)
    assert economy.output(economy.Y) is X
    assert economy.output(economy.Y.copy()) is not X
    economy.error = 0.5
    economy.multipliers(economy.q + 1)
    economy.output(economy.Y + 1)
    economy.multipliers_of(economy.q, np.full((4, 1), 0.5))
    economy.multipliers_within(economy.q)
    assert economy.error == 0.5


def test_principles_are_found_by_either_spelling():
    assert principle("final_producer") is principle("final-producer")
    chosen = principle("shared")
    assert repr(chosen) == f"<Principle shared: {chosen.formula}>"
    assert len(chosen.references) == 2


def test_gradients_say_all_of_themselves():
    found = mc.gradient(TABLE, "production", region="A")
    assert found.name == "d production(A) / d S"
    assert found.provenance.method == "JAX reverse mode"
    assert found.provenance.stressor == "GHG"
    assert found.provenance.references == principle("production").references
    assert found.value.dtype == np.float64
    second = mc.gradient(TWO, "production", region="B", stressor="CH4", wrt="S")
    np.testing.assert_allclose(second.value, [[0, 0], [100, 200]])
    assert second.provenance.stressor == "CH4"


def test_the_toy_table_s_figures_are_not_those_of_another_stressor():
    half = mc.account(TWO, "consumption", stressor="CH4", households=False)
    whole = mc.account(TWO, "consumption", stressor="CO2", households=False)
    np.testing.assert_allclose(2 * half.value, whole.value, rtol=1e-12)
    assert half.provenance.stressor == "CH4"
