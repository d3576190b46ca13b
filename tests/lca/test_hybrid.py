"""Hybrids: identities on random tables, and the embedded one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import TOY_F, cases, random_case, toy

import mriocarbon as mc
from mriocarbon.errors import InputError, NotAvailableError, UnitError, UnknownNameError
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.hybrid import (
    complement,
    complements,
    fill,
    money_name,
    money_process,
    potentials,
    sector_and_region,
    table_gases,
)
from mriocarbon.lca.hybrid_spread import multiplier_spread
from mriocarbon.lca.impact import climate, gwp_method
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.prices import Money
from mriocarbon.lca.system import System
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.uncertainty import Correlation, ErrorModel, first_order

pytestmark = pytest.mark.filterwarnings("ignore:.*inputs above output")

CO2 = "Carbon dioxide, fossil"
FEW = settings(max_examples=25, deadline=None)
SMALL = cases(max_regions=4, max_sectors=5)


@pytest.fixture(scope="module")
def icio():
    return mc.load("oecd-icio-2022")


def study(**changes):
    raw = {
        "title": "t", "goal": {"question": "?"},
        "scope": {"boundary": "cradle-to-gate", "place": "CHN",
                  "functional_unit": {"product": "steel", "amount": 1, "unit": "t"}},
        "processes": [{"name": "mill", "product": "steel", "unit": "t"}],
        "hybrid": {"table": "oecd-icio-2022"},
    }  # fmt: skip
    return study_of({**raw, **changes})


def emits(amount, unit="t"):
    return Exchange(CO2, amount, unit, "biosphere", "out", "air")


def gases_table(case):
    rng = case.rng
    each = {g: case.f * rng.uniform(0.1, 1, case.n) for g in ("CO2", "CH4", "N2O", "F-gases")}
    units = {"CO2": "Mt CO2", "CH4": "kt CH4", "N2O": "t N2O", "F-gases": "kt CO2e"}
    return case.mrio(stressors=each, units=units), each


def test_a_money_process_is_the_multiplier(icio):
    L = np.linalg.inv(np.eye(1000) - icio.Z / np.where(icio.x == 0, np.inf, icio.x))
    j = icio.index.pairs.index(("CHN", "C24A"))
    found = {e.flow: e.amount for e in money_process(icio, "China", "C24A").exchanges}
    F = icio.extensions["gases"].F / np.where(icio.x == 0, np.inf, icio.x)
    m = (F @ L)[:, j]  # Mt per million USD = 1000 kg per USD
    assert found[CO2] == pytest.approx(1e3 * m[0], rel=1e-9)
    assert found["Methane, fossil"] + found["Methane, biogenic"] == pytest.approx(1e3 * m[1])
    assert found["Dinitrogen monoxide"] == pytest.approx(1e3 * m[2], rel=1e-9)
    alive = np.array([s in ("A01", "A02", "A03", "E") for _, s in icio.index.pairs])
    assert found["Methane, biogenic"] == pytest.approx(1e3 * (F[1] * alive) @ L[:, j], rel=1e-9)


def test_the_gases_of_the_table_add_up_to_its_greenhouse_gases(icio):
    gases = table_gases(icio)
    c = potentials(gases, "AR5")
    assert c.tolist() == [1, 28, 28, 265, 1]
    emitted = ((c @ gases.q) * icio.x).sum() / 1e3  # kg per USD times million USD = kt
    assert emitted == pytest.approx(icio.extensions["GHG"].F.sum(), rel=1e-6)


@FEW
@given(SMALL)
def test_units_of_any_size_give_the_same_kilogrammes(case):
    table, each = gases_table(case)
    gases = table_gases(table)
    x = np.where(case.x == 0, np.inf, case.x)
    size = {"CO2": 1e9, "CH4": 1e6, "N2O": 1e3, "F-gases": 1e6}
    for row, stressor in enumerate(gases.stressors):
        expected = each[stressor] * size[stressor] / x / 1e6
        np.testing.assert_allclose(gases.q[row], expected, rtol=1e-12)


def test_a_table_with_greenhouse_gases_only_says_so():
    process = money_process(toy(), "A", "1")
    (flow,) = process.exchanges
    assert flow.unit == "kg CO2e" and "CO2e" in flow.flow
    result = climate(inventory(System.of([process]), {process.name: 2.0}))
    x = toy().x
    m = (TOY_F / x) @ np.linalg.inv(np.eye(4) - toy().Z / x)
    assert result.total == pytest.approx(2e3 * m[0], rel=1e-10)
    assert any("potentials of its source" in text for text in result.assumed)


def test_sums_in_co2e_are_counted_whatever_the_method(icio):
    system = System.of([money_process(icio, "USA", "C26")])
    k = next(i for i, f in enumerate(system.flows) if f.name.startswith("Fluorinated"))
    for report in ("AR4", "AR5", "AR6"):
        method = gwp_method(system, report)
        assert method.total[k] == 1.0 and k in method.assumed and k not in method.suspects


def test_a_table_without_gases_is_refused():
    bare = toy(stressors={"SO2": np.ones(4)}, units={"SO2": "kt"}, households=None)
    with pytest.raises(NotAvailableError, match="neither CO2"):
        money_process(bare, "A", "1")


def test_names_go_both_ways_and_odd_ones_are_refused(icio):
    assert sector_and_region(money_name("Iron, steel", "CHN")) == ("Iron, steel", "CHN")
    with pytest.raises(InputError, match="names no industry"):
        sector_and_region("C24A CHN")
    with pytest.raises(UnknownNameError, match="C24A"):
        money_process(icio, "CHN", "C24")
    with pytest.raises(UnknownNameError):
        money_process(icio, "Atlantis", "C24A")
    assert money_process(icio, "Germany", "C24A").location == "EU27"
    idle = random_case(1, 2, 3, zeros=1).mrio()
    k = int(np.flatnonzero(idle.x == 0)[0])
    with pytest.raises(InputError, match="has no output"):
        money_process(idle, *idle.index.pairs[k])


@FEW
@given(SMALL, st.booleans())
def test_the_spread_is_that_of_first_order(case, moving):
    """With final demand of a region as the bundle and no error of demand: the same variance."""
    table = case.changed(Y=np.abs(case.Y)).mrio()
    errors = ErrorModel(
        stressor=0.2, flows=0.3, demand=0.0, households=0.0,
        stressor_shared=Correlation(country=0.3, industry=0.1),
        flows_shared=Correlation(country=0.2, industry=0.3, source=0.1),
        balance="row balance" if moving else "fixed output",
    )  # fmt: skip
    whole = first_order(table, errors, stressor="GHG", households=False)
    gases = table_gases(table)
    D = table.final_demand
    keep = whole.value > 0
    found, _ = multiplier_spread(table, gases, D, {"GHG": errors})
    expected = np.sqrt(np.log1p(whole.variance[keep] / whole.value[keep] ** 2))
    np.testing.assert_allclose(found[0, keep], expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("part", ["flows", "demand"])
def test_the_spread_is_that_of_small_changes(part):
    """Every cell moved by a little, output with it, and solved again."""
    case = random_case(7, 2, 3, decades=0.5)
    table, D = case.mrio(), np.eye(6)[:, 2:3]
    alone = {"flows": 0.0, "demand": 0.0, part: 1e-3}
    found, _ = multiplier_spread(
        table, table_gases(table), D, {"GHG": ErrorModel(stressor=0.0, households=0.0, **alone)}
    )

    def m(Z, Y):
        x = Z.sum(1) + Y.sum(1)
        return float((case.f / x) @ np.linalg.solve(np.eye(6) - Z / x, D[:, 0]))

    base, total = m(case.Z, case.Y), 0.0
    cells = case.Z if part == "flows" else case.Y
    for place in np.ndindex(cells.shape):
        changed = cells.copy()
        changed[place] *= 1 + 1e-5
        value = m(changed, case.Y) if part == "flows" else m(case.Z, changed)
        total += ((value - base) / 1e-5 * 1e-3) ** 2
    assert found[0, 0] == pytest.approx(np.sqrt(total) / base, rel=1e-3)


# -- money -----------------------------------------------------------------------------------


def test_other_money_needs_its_rate_and_its_deflator():
    money = Money("USD", 2022, {"EUR": 1.05}, {2019: 1.2})
    assert money.of(100, "EUR", 2019, where="x")[0] == pytest.approx(126)
    assert money.of(100, "USD", 2022, where="x") == (100, ())
    assert "taken as of 2022" in money.of(100, "USD", None, where="x")[1][0]
    with pytest.raises(InputError, match="money in CNY"):
        money.of(1, "CNY", 2022, where="x")
    with pytest.raises(InputError, match="money of 2020"):
        money.of(1, "USD", 2020, where="x")
    with pytest.raises(InputError, match="rate of EUR"):
        Money("USD", 2022, {"EUR": -1.0})


# -- tiered ----------------------------------------------------------------------------------


def mill(*more, **changes):
    own = (Exchange("ore", 160.0, "USD", provider=money_name("B07", "AUS")), emits(1.9), *more)
    return Process("mill", "steel", 1.0, "t", own, **changes)


def test_a_filled_system_is_process_plus_multiplier(icio):
    filled, told = fill([mill()], study(), icio)
    result = climate(inventory(System.of(filled), {"mill": 3.0}))
    j = icio.index.pairs.index(("AUS", "B07"))
    gases = table_gases(icio)
    expected = 3 * (1900 + 160 * float(potentials(gases) @ gases.m[:, j]))
    assert result.total == pytest.approx(expected, rel=1e-12)
    assert any("basic prices" in text for text in told)
    assert any("estimate" in text for text in told)  # the marks of the table travel
    bought = filled[0].exchanges[0]
    assert bought.uncertainty == Uncertainty("lognormal", 0.4)
    assert fill(filled, study(), icio)[0] == filled


def test_uncertainty_of_a_purchase_joins_that_of_its_product(icio):
    def one(u):
        e = Exchange("ore", 1.0, "USD", provider="B07, AUS [table]", uncertainty=u)
        return fill([Process("m", "s", 1.0, "t", (e,))], study(), icio)

    (made, *_), _ = one(Uncertainty("lognormal", 0.3))
    assert made.exchanges[0].uncertainty.spread == pytest.approx(0.5)
    (made, *_), told = one(Uncertainty("uniform", low=0.5, high=2.0))
    assert made.exchanges[0].uncertainty.kind == "uniform"
    assert any("not added" in text for text in told)


def test_what_is_no_money_of_the_table_is_refused(icio):
    def one(unit, category=""):
        e = Exchange("ore", 1.0, unit, provider="B07, AUS [table]", category=category)
        return [Process("m", "s", 1.0, "t", (e,))]

    with pytest.raises(InputError, match="money in EUR") as error:
        fill(one("EUR"), study(), icio)
    assert "process 'm'" in str(error.value)
    with pytest.raises(UnitError, match="no money"):
        fill(one("kg"), study(), icio)
    with pytest.raises(InputError, match="money of 2019"):
        fill(one("USD", "prices of 2019"), study(), icio)
    spec = study(hybrid={"rates": {"EUR": 1.05}, "deflators": {2019: 1.2}})
    filled, told = fill(one("EUR", "prices of 2019"), spec, icio)
    assert filled[0].exchanges[0].amount == pytest.approx(1.26)
    assert filled[0].exchanges[0].unit == "USD" and any("deflator" in t for t in told)
    odd = Exchange("o", 1.0, "USD", provider="B7, AUS [table]")
    with pytest.raises(UnknownNameError):
        fill([Process("m", "s", 1.0, "t", (odd,))], study(), icio)


# -- what a process leaves out ---------------------------------------------------------------


@FEW
@given(SMALL, st.data())
def test_kept_removed_and_direct_are_the_whole_industry(case, data):
    table, _ = gases_table(case)
    alive = np.flatnonzero(table.x > 0)
    j = int(data.draw(st.sampled_from(alive.tolist())))
    region, sector = table.index.pairs[j]
    covered = data.draw(st.sets(st.sampled_from(case.sectors)))
    price = data.draw(st.floats(1, 1e4))
    gases = table_gases(table)
    process = Process("p", "product", 2.0, "t", (emits(1.0),))
    found = complement(table, process, sector=sector, region=region, price=price, covered=covered)
    score, c = found.score(), potentials(gases)
    whole = 2 * price * float(c @ gases.m[:, j])
    assert score["whole"] == pytest.approx(whole, rel=1e-8)
    assert score["kept"] + score["removed"] + score["direct"] == pytest.approx(whole, rel=1e-8)
    assert set(found.covered) == covered and not found.adds_direct
    # what it adds to the process is what it says
    system = System.of([found.added_to(process), *found.processes])
    total = climate(inventory(system, {"p": 2.0})).total
    assert total == pytest.approx(2000 / 2 * 1 + score["added"], rel=1e-8)
    # nothing covered and no emission of its own: the industry itself
    bare = Process("p", "product", 2.0, "t")
    alone = complement(table, bare, sector=sector, region=region, price=price)
    assert alone.adds_direct
    system = System.of([alone.added_to(bare), *alone.processes])
    total = climate(inventory(system, {"p": 2.0})).total
    assert total == pytest.approx(whole, rel=1e-8)


def test_purchases_that_inputs_cover_are_struck_out(icio):
    given_ = {"sector": "C24A", "region": "CHN", "price": 650.0}
    open_ = complement(icio, mill(), **given_)
    more = complement(icio, mill(), **given_, covered=("D",))
    assert open_.covered == ("B07",) and more.covered == ("B07", "D")
    assert more.score()["kept"] < open_.score()["kept"]
    d = icio.sectors.index("D")
    assert more.kept[:, d].sum() == 0 and more.removed[:, d].sum() > 0
    assert "D" not in more.by_industry() and "D" in open_.by_industry()
    assert all(e.category == "estimated by the table" for e in more.exchanges)
    assert all("estimated" in p.tags for p in more.processes)
    with pytest.raises(UnknownNameError):
        complement(icio, mill(), **given_, covered=("steel",))
    with pytest.raises(InputError, match="price"):
        complement(icio, mill(), sector="C24A", region="CHN", price=0.0)


def test_inputs_of_unknown_industry_are_named_and_refused_in_a_study(icio):
    power = Exchange("power", 0.4, "MWh")
    plant = Process("plant", "power", 1.0, "MWh", (emits(0.5),))
    made = [{"name": "mill", "product": "steel", "unit": "t", "sector": "C24A", "price": 650}]
    found = complement(icio, mill(power), sector="C24A", region="CHN", price=650.0)
    assert found.unknown == ("power",) and any("counted twice" in t for t in found.assumed)
    hybrid = {"complement": True}
    with pytest.raises(InputError, match="'power' is not known"):
        fill([mill(power), plant], study(processes=made, hybrid=hybrid), icio)
    said = study(processes=made, hybrid={**hybrid, "covered": {"mill": ["D"]}})
    filled, told = fill([mill(power), plant], said, icio)
    (one,) = complements([mill(power), plant], said, icio)
    with_it = climate(inventory(System.of(filled), {"mill": 1.0})).total
    without = study(processes=made)
    bare, _ = fill([mill(power), plant], without, icio)
    assert with_it == pytest.approx(
        climate(inventory(System.of(bare), {"mill": 1.0})).total + one.score()["kept"], rel=1e-10
    )
    assert any("struck out as covered: B07, D" in t for t in told)
    assert fill(filled, said, icio)[0] == filled  # never counted a second time
    # the industry of a provider in the study itself is known
    both = [*made, {"name": "plant", "product": "power", "unit": "MWh", "sector": "D"}]
    (known,) = complements([mill(power), plant], study(processes=both), icio)
    assert known.covered == ("B07", "D") and not known.unknown
    with pytest.raises(InputError, match="no foreground process"):
        fill([mill()], study(hybrid={**hybrid, "covered": {"mil": ["D"]}}), icio)
