"""An industry of the table as a process, and how sure its multipliers are."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lca.gas_tables import GASES, dense, tables
from properties.tables import toy

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError, UnitError, UnknownNameError
from mriocarbon.lca.hybrid_gases import BIOGENIC, potentials, table_gases
from mriocarbon.lca.hybrid_money import (
    bundle_processes,
    is_money,
    money_name,
    money_process,
    place,
    sector_and_region,
)
from mriocarbon.lca.hybrid_spread import multiplier_spread
from mriocarbon.lca.impact import climate, gwp_method
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import System
from mriocarbon.uncertainty.errormodel import Correlation, ErrorModel
from mriocarbon.uncertainty.firstorder import first_order

FLOWS = {
    "CO2": ("Carbon dioxide, fossil",), "CH4": ("Methane, fossil", "Methane, biogenic"),
    "N2O": ("Dinitrogen monoxide",),
    "F-gases": ("Fluorinated gases, CO2e of the table, GWP100 of AR5",),
}  # fmt: skip


@pytest.fixture(scope="module")
def oecd():
    return mc.load("oecd-icio-2022")


def amounts(process):
    return {e.flow: e.amount for e in process.exchanges}


@pytest.mark.parametrize("stressor", FLOWS)
def test_process_is_the_multiplier_of_the_table(oecd, stressor):
    extension = oecd.extensions["gases"]
    F = extension.F[extension.stressors.index(stressor)]
    system = mc.leontief(oecd)
    m = system.multipliers(np.where(oecd.x == 0, 0.0, F / system.output_)).value
    for region, sector in (("CHN", "C24A"), ("USA", "D"), ("EU27", "A01"), ("IND", "B05")):
        made = amounts(money_process(oecd, region, sector, uncertainty=False))
        got = sum(made.get(flow, 0.0) for flow in FLOWS[stressor])
        # Mt per million USD is 1000 kg per USD
        assert got == pytest.approx(1e3 * m[oecd.index.pairs.index((region, sector))], rel=1e-12)


def test_multipliers_are_those_of_a_dense_inverse_and_of_the_demand_of_the_world(oecd):
    gases = table_gases(oecd)
    extension = oecd.extensions["gases"]
    x = np.asarray(oecd.x)
    safe = np.where(x == 0, 1.0, x)
    q = np.where(x == 0, 0.0, extension.F[extension.stressors.index("CO2")] / safe)
    A = np.where(x == 0, 0.0, oecd.Z / safe)
    m = 1e3 * np.linalg.solve((np.eye(len(x)) - A).T, q)
    np.testing.assert_allclose(gases.m[0], m, rtol=1e-10, atol=1e-14)
    whole = gases.m @ oecd.Y.sum(axis=1)
    np.testing.assert_allclose(whole, (gases.q * x).sum(axis=1), rtol=1e-9)


def test_gases_add_up_to_the_greenhouse_gases_of_the_oecd(oecd):
    gases = table_gases(oecd)
    weights = potentials(gases, "AR5")
    np.testing.assert_array_equal(weights, [1.0, 28.0, 28.0, 265.0, 1.0])
    names = [s for s in oecd.stressors if s.split("/")[-1] == "GHG"]
    assert names
    from mriocarbon.accounts.compute import resolve

    extension, row = resolve(oecd, names[0])
    q = np.where(oecd.x == 0, 0.0, extension.F[row] / np.where(oecd.x == 0, 1.0, oecd.x))
    m = 1e3 * mc.leontief(oecd).multipliers(q).value
    np.testing.assert_allclose(weights @ gases.q, 1e3 * q, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(weights @ gases.m, m, rtol=1e-6, atol=1e-9)


def test_the_set_of_potentials_of_the_residual_is_said(oecd):
    gases = table_gases(oecd)
    assert gases.units[-1] == "kg CO2e"
    assert any("UNVERIFIED" in t and "AR5" in t for t in gases.assumed)
    assert any("residual" in t for t in gases.estimated)
    for report, horizon in (("AR6", 100), ("AR6", 20), ("AR4", 100)):
        assert potentials(gases, report, horizon=horizon)[-1] == 1.0
    process = money_process(oecd, "CHN", "C20")
    found = climate(inventory(System.of([process]), {process.name: 1.0}))
    sums = amounts(process)
    assert sum(found.assumed.values()) >= sums[FLOWS["F-gases"][0]] > 0
    assert not found.not_counted
    assert "UNVERIFIED" in process.comment


def test_row_of_a_user_has_no_known_potentials():
    F = np.array([3.0, 1.0, 2.0, 1.0])
    names = ["CO2", "CH4", "N2O", "F-gases"]
    table = toy(
        stressors=dict.fromkeys(names, F), households=None,
        units={"CO2": "Mt CO2", "CH4": "Mt CH4", "N2O": "Mt N2O", "F-gases": "Mt CO2e"},
    )  # fmt: skip
    # the name of the table alone says nothing of a row that is not its own
    table = replace(table, provenance=replace(table.provenance, dataset="oecd-icio-2022"))
    gases = table_gases(table)
    assert gases.names[-1] == "Fluorinated gases, CO2e of the table"
    assert any("set is not known" in t for t in gases.assumed)


def test_methane_is_split_by_the_industry_that_emits_it(oecd):
    gases = table_gases(oecd)
    alive = np.array([s in BIOGENIC for _, s in oecd.index.pairs])
    fossil, living = gases.names.index("Methane, fossil"), gases.names.index("Methane, biogenic")
    assert (gases.q[fossil, alive] == 0).all()
    assert (gases.q[living, ~alive] == 0).all()
    assert gases.q[living, alive].any()
    assert gases.q[fossil, ~alive].any()
    # steel buys of both
    made = amounts(money_process(oecd, "CHN", "C24A"))
    assert made["Methane, fossil"] > made["Methane, biogenic"] > 0


def test_climate_of_a_process_is_its_gases_times_their_potentials(oecd):
    process = money_process(oecd, "USA", "D")
    gases = table_gases(oecd)
    k = oecd.index.pairs.index(("USA", "D"))
    for report in ("AR4", "AR5", "AR6"):
        system = System.of([process])
        found = climate(inventory(system, {process.name: 7.0}), gwp_method(system, report))
        assert found.total == pytest.approx(
            7 * potentials(gases, report) @ gases.m[:, k], rel=1e-12
        )


@pytest.mark.filterwarnings("ignore:.*inputs above output")
@given(tables())
@settings(max_examples=60)
def test_random_tables(case):
    mrio, F = case
    _, _, m = dense(mrio, F)
    for k, (region, sector) in enumerate(mrio.index.pairs):
        if mrio.x[k] == 0:
            with pytest.raises(InputError, match="has no output"):
                money_process(mrio, region, sector)
            continue
        made = amounts(money_process(mrio, region, sector, uncertainty=False))
        names = ("Carbon dioxide, fossil", "Methane", "Dinitrogen monoxide")
        got = [made.get(name, 0.0) for name in names]
        np.testing.assert_allclose(got, 1e3 * m[:, k], rtol=1e-8, atol=1e-12)


def test_table_with_greenhouse_gases_alone():
    gases = table_gases(toy())
    assert gases.names == ("Greenhouse gases, CO2e of the table",)
    made = money_process(toy(), "A", "1")
    m = mc.leontief(toy()).multipliers(toy().extensions["emissions"].F / toy().x).value
    assert made.exchanges[0].amount == pytest.approx(1e3 * float(np.ravel(m)[0]), rel=1e-12)
    found = climate(inventory(System.of([made]), {made.name: 1.0}))
    assert found.total == pytest.approx(made.exchanges[0].amount, rel=1e-15)


def test_a_process_says_where_it_comes_from(oecd):
    made = money_process(oecd, "CHN", "C24A")
    assert (made.unit, made.amount, made.year, made.location) == ("USD", 1.0, 2022, "CHN")
    assert "OECD" in made.source
    assert all(e.source == made.source for e in made.exchanges)
    assert all(e.uncertainty.kind == "lognormal" for e in made.exchanges)
    assert "estimated: " in made.comment
    assert money_process(oecd, "CHN", "C24A", name="steel").name == "steel"


def test_bundle_is_the_mean_by_money(oecd):
    k, j = (oecd.index.pairs.index(p) for p in (("CHN", "C24A"), ("USA", "C24A")))
    column = np.zeros((len(oecd.index), 1))
    column[k], column[j] = 3.0, 1.0
    (made,) = bundle_processes(oecd, column, ["mix [table]"])
    gases = table_gases(oecd)
    want = 0.75 * gases.m[:, k] + 0.25 * gases.m[:, j]
    np.testing.assert_allclose(list(amounts(made).values()), want, rtol=1e-12)
    assert made.location == ""
    with pytest.raises(InputError, match="no money"):
        bundle_processes(oecd, 0 * column, ["none"])


def test_unknown_names_are_answered_by_near_ones(oecd):
    with pytest.raises(UnknownNameError, match="C24A"):
        money_process(oecd, "CHN", "C24")
    with pytest.raises(UnknownNameError, match="CHN"):
        money_process(oecd, "CHM", "C24A")
    with pytest.raises(UnknownNameError):
        money_process(oecd, "", "C24A")


def test_country_inside_a_region_is_answered_by_the_region(oecd):
    at, told = place(oecd, "DEU", "C24A")
    assert oecd.index.pairs[at] == ("EU27", "C24A")
    assert "DEU is answered by EU27" in told
    made = money_process(oecd, "DEU", "C24A")
    assert made.name == "C24A, EU27 [table]"
    assert "DEU is answered by EU27" in made.comment


@given(st.text(st.characters(exclude_characters=","), min_size=1).map(str.strip), st.data())
def test_names_come_back(region, data):
    sector = data.draw(st.text(min_size=1).map(str.strip).filter(bool))
    name = money_name(sector, region)
    assert is_money(name)
    assert sector_and_region(name) == (sector, region)


@pytest.mark.parametrize("name", ["C24A, CHN", "C24A [table]", ", CHN [table]", ""])
def test_other_names_are_refused(name):
    with pytest.raises(InputError, match="names no industry"):
        sector_and_region(name)


def test_units_that_are_no_mass_or_no_money_are_refused():
    F = np.ones(4)
    with pytest.raises(UnitError, match="CO2 is in 'TJ'"):
        table_gases(
            toy(stressors=dict.fromkeys(GASES, F), households=None, units={
                "CO2": "TJ", "CH4": "t CH4", "N2O": "t N2O"})
        )  # fmt: skip
    with pytest.raises(UnitError, match="no known currency"):
        table_gases(toy(money_unit="bushels"))
    with pytest.raises(NotAvailableError, match="neither CO2, CH4 and N2O nor GHG"):
        table_gases(toy(stressors={"SO2": F}, households=None, units="t"))


# --- spread ---------------------------------------------------------------------------------------


def relative_of(spread):
    return np.sqrt(np.expm1(spread**2))


def models(balance, **shared):
    common = Correlation(**shared)
    return ErrorModel(
        stressor=0.07, flows=0.03, demand=0.0, balance=balance, stressor_shared=common,
        flows_shared=common, demand_shared=common,
    )  # fmt: skip


@pytest.mark.parametrize("balance", ["row balance", "fixed output"])
@pytest.mark.parametrize("shared", [{}, {"country": 0.3, "industry": 0.2, "source": 0.4}])
def test_spread_is_first_order_of_the_accounts(oecd, balance, shared):
    """Footprints of regions are multipliers of bundles: their final demand, held."""
    model = models(balance, **shared)
    gases = table_gases(oecd)
    R = len(oecd.regions)
    Y = oecd.Y.reshape(oecd.Y.shape[0], R, -1).sum(axis=2)
    spread, basis = multiplier_spread(oecd, gases, Y, dict.fromkeys(gases.stressors, model))
    assert basis == "first order; assumed"
    for row, stressor in ((0, "CO2"), (3, "N2O")):
        found = first_order(oecd, model, stressor=stressor, households=False)
        want = np.asarray(found.sd) / np.abs(found.value)
        np.testing.assert_allclose(relative_of(spread[row]), want, rtol=1e-9)


@pytest.mark.parametrize("balance", ["row balance", "fixed output"])
def test_spread_agrees_with_draws(balance):
    """All parts drawn, demand as well, which moves output."""
    rng = np.random.default_rng(5)
    n, R = 6, 2
    Z, Y = rng.lognormal(1.0, 1.0, (n, n)), rng.lognormal(3.0, 0.5, (n, R))
    F = rng.lognormal(0.0, 1.0, n)
    mrio = mc.MRIO.from_arrays(
        Z=Z, Y=Y, regions=["r0", "r1"], sectors=list("abc"), stressors=dict.fromkeys(GASES, F),
        units={g: f"Mt {g}" for g in GASES},
    )  # fmt: skip
    sd = {"stressor": 0.02, "flows": 0.05, "demand": 0.05}
    model = ErrorModel(**sd, balance=balance)
    bundle = np.eye(n)[:, [2]] + 0.5 * np.eye(n)[:, [4]]
    gases = table_gases(mrio)
    spread, _ = multiplier_spread(mrio, gases, bundle, dict.fromkeys(gases.stressors, model))

    def factor(shape, r):
        return 1 + r * rng.standard_normal(shape)

    draws, x0 = 12_000, Z.sum(axis=1) + Y.sum(axis=1)
    z = Z * factor((draws, n, n), sd["flows"])
    y = Y * factor((draws, n, R), sd["demand"])
    f = F * factor((draws, n), sd["stressor"])
    x = z.sum(axis=2) + y.sum(axis=2) if balance == "row balance" else np.tile(x0, (draws, 1))
    L = np.linalg.inv(np.eye(n) - z / x[:, None, :])
    drawn = np.einsum("di,dij,j->d", f / x, L, bundle[:, 0])
    assert relative_of(spread[0, 0]) == pytest.approx(drawn.std() / drawn.mean(), rel=0.04)


def test_spread_of_single_gases_rests_on_their_own_errors(oecd):
    made = money_process(oecd, "CHN", "C24A")
    sd = {e.flow: e.uncertainty.spread for e in made.exchanges}
    assert sd["Carbon dioxide, fossil"] < sd["Methane, fossil"] < sd["Dinitrogen monoxide"]
    assert all(0 < s < 1 and math.isfinite(s) for s in sd.values())
    bare = money_process(oecd, "CHN", "C24A", uncertainty=False)
    assert all(e.uncertainty is None for e in bare.exchanges)


def test_spread_does_not_depend_on_the_size_of_the_bundle(oecd):
    gases = table_gases(oecd)
    d = np.zeros((len(oecd.index), 1))
    d[40] = 1.0
    one, _ = multiplier_spread(oecd, gases, d)
    many, _ = multiplier_spread(oecd, gases, 1e6 * d)
    np.testing.assert_allclose(one, many, rtol=1e-10)


def test_gras_is_refused(oecd):
    gases = table_gases(oecd)
    model = ErrorModel(flows=0.1, balance="gras")
    with pytest.raises(InputError, match="GRAS"):
        multiplier_spread(oecd, gases, np.eye(len(oecd.index))[:, :1],
                          dict.fromkeys(gases.stressors, model))  # fmt: skip


def test_table_without_an_error_model_gives_no_spread():
    yen = toy(money_unit="million JPY")
    made = money_process(yen, "A", "1")
    assert made.unit == "JPY"
    assert all(e.uncertainty is None for e in made.exchanges)
    assert "spread" not in made.comment
