"""Tiered hybrids: nothing is lost, nothing is counted twice, nothing is guessed in silence."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lca.gas_tables import dense, tables

import mriocarbon as mc
from mriocarbon.errors import InputError, UnitError, UnknownNameError
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.hybrid import PRODUCT_SPREAD, complement, complements, covered_by, fill
from mriocarbon.lca.hybrid_complement import ESTIMATE
from mriocarbon.lca.hybrid_gases import potentials, table_gases
from mriocarbon.lca.hybrid_money import is_money, money_name
from mriocarbon.lca.impact import climate
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import System
from mriocarbon.lca.uncertainty import Uncertainty

quiet = pytest.mark.filterwarnings("ignore:.*inputs above output")


@pytest.fixture(scope="module")
def oecd():
    return mc.load("oecd-icio-2022")


def study(processes=(), **hybrid):
    given_ = processes or [{"name": "mill", "product": "steel", "unit": "t"}]
    return study_of({
        "title": "steel", "goal": {"question": "How much?"},
        "scope": {"boundary": "cradle-to-gate", "place": "CHN",
                  "functional_unit": {"product": "steel", "amount": 1, "unit": "t"}},
        "processes": given_, "hybrid": {"table": "oecd-icio-2022", **hybrid},
    })  # fmt: skip


SPEC = {"name": "mill", "product": "steel", "unit": "t", "sector": "C24A", "price": 650.0,
        "price_year": 2022, "location": "CHN"}  # fmt: skip


def emits(amount=1.9, flow="Carbon dioxide, fossil", unit="t"):
    return Exchange(flow, amount, unit, "biosphere", "out", "air")


def buys(sector, region, amount, unit="USD", **more):
    return Exchange(sector, amount, unit, provider=money_name(sector, region), **more)


def mill(*exchanges, amount=1.0):
    return Process("mill", "steel", amount, "t", exchanges)


def footprint(processes, demand=1.0):
    return climate(inventory(System.of(processes), {processes[0].name: demand})).total


# --- complement -----------------------------------------------------------------------------------


def whole_column(mrio, region, sector, value):
    """kg of each gas embodied in all purchases of an industry, and by supplying sector."""
    gases, j = table_gases(mrio), mrio.index.pairs.index((region, sector))
    bought = value * np.asarray(mrio.Z)[:, j] / mrio.x[j]
    return gases.m @ bought, gases, j


@pytest.mark.parametrize("covered", [(), ("B07",), ("B05", "B07", "D"), "all"])
def test_kept_and_removed_are_the_whole_column(oecd, covered):
    covered = oecd.sectors if covered == "all" else covered
    found = complement(oecd, mill(), sector="C24A", region="CHN", price=650.0, covered=covered)
    want, gases, j = whole_column(oecd, "CHN", "C24A", 650.0)
    np.testing.assert_allclose(
        (found.kept + found.removed).sum(axis=1), want, rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(want + found.direct, 650.0 * gases.m[:, j], rtol=1e-9)  # m = q + m A
    struck = [oecd.sectors.index(s) for s in covered]
    assert (found.kept[:, struck] == 0).all()
    free = [k for k in range(len(oecd.sectors)) if k not in struck]
    assert (found.removed[:, free] == 0).all()
    score = found.score()
    assert score["whole"] == pytest.approx(650.0 * potentials(gases) @ gases.m[:, j], rel=1e-9)
    providers = {e.provider.split(" as bought by ")[0] for e in found.exchanges if e.provider}
    assert not providers & set(covered)
    if len(free) == 0:
        assert score["kept"] == 0
        assert not found.processes


@quiet
@given(tables(), st.data())
@settings(max_examples=60, deadline=None)
def test_complement_of_random_tables(case, data):
    mrio, F = case
    alive = np.flatnonzero(mrio.x > 0)
    assume(len(alive) > 0)
    j = int(data.draw(st.sampled_from(alive.tolist())))
    region, sector = mrio.index.pairs[j]
    covered = data.draw(st.sets(st.sampled_from(mrio.sectors)))
    price, amount = data.draw(st.floats(0.1, 1e4)), data.draw(st.floats(0.1, 10))
    q, A, m = dense(mrio, F)
    found = complement(
        mrio, mill(amount=amount), sector=sector, region=region, price=price, covered=covered,
        uncertainty=False,
    )  # fmt: skip
    value = price * amount
    struck = np.array([s in covered for _, s in mrio.index.pairs])
    column = 1e3 * value * m * A[:, j]
    size = np.abs(column).sum(axis=1) + 1e-300
    kept, removed = column[:, ~struck].sum(axis=1), column[:, struck].sum(axis=1)
    assert (np.abs(found.kept.sum(axis=1) - kept) < 1e-8 * size + 1e-12).all()
    assert (np.abs(found.removed.sum(axis=1) - removed) < 1e-8 * size + 1e-12).all()
    np.testing.assert_allclose(found.direct, 1e3 * value * q[:, j], rtol=1e-12)
    # the process with its estimate emits what the estimate says, all of it its own
    linked = [found.added_to(mill(amount=amount)), *found.processes]
    assert footprint(linked, amount) == pytest.approx(found.score()["added"], rel=1e-9, abs=1e-12)
    assert found.adds_direct


def test_estimate_of_a_process_without_inventory_is_its_industry(oecd):
    found = complement(oecd, mill(), sector="C24A", region="CHN", price=650.0)
    total = footprint([found.added_to(mill()), *found.processes])
    gases, j = table_gases(oecd), oecd.index.pairs.index(("CHN", "C24A"))
    assert total == pytest.approx(650.0 * potentials(gases) @ gases.m[:, j], rel=1e-9)


@pytest.mark.parametrize(
    "own",
    [
        emits(), emits(flow="HFC-134a", unit="kg"), emits(flow="Methane, fossil", unit="kg"),
        emits(flow="Fluorinated gases", unit="kg CO2e"), emits(flow="CFC-12", unit="kg"),
    ],
)  # fmt: skip
def test_own_emissions_are_not_added_twice(oecd, own):
    found = complement(oecd, mill(own), sector="C24A", region="CHN", price=650.0)
    assert not found.adds_direct
    assert all(e.kind == "technosphere" for e in found.exchanges)
    score = found.score()
    assert score["added"] == score["kept"]
    with_own = footprint([found.added_to(mill(own)), *found.processes])
    assert with_own == pytest.approx(footprint([mill(own)]) + score["kept"], rel=1e-9)


@pytest.mark.parametrize("own", [(), (emits(flow="Sulfur dioxide", unit="kg"),)])
def test_direct_emissions_are_added_where_none_are_stated(oecd, own):
    found = complement(oecd, mill(*own), sector="C24A", region="CHN", price=650.0)
    assert found.adds_direct
    assert any("states no greenhouse gas" in t for t in found.assumed)
    forced = complement(oecd, mill(*own), sector="C24A", region="CHN", price=650.0, direct=False)
    assert not forced.adds_direct


def test_inputs_with_a_sector_cover_their_industry(oecd):
    process = mill(emits(), buys("B07", "AUS", 160.0), Exchange("power", 0.4, "MWh"))
    found = complement(
        oecd, process, sector="C24A", region="CHN", price=650.0, sectors={"power": "D"}
    )
    assert found.covered == ("B07", "D")
    assert found.unknown == ()
    bare = complement(oecd, mill(emits()), sector="C24A", region="CHN", price=650.0)
    k = [oecd.sectors.index(s) for s in found.covered]
    np.testing.assert_allclose(found.removed[:, k], bare.kept[:, k], rtol=1e-15)
    np.testing.assert_allclose(
        found.kept.sum(axis=1) + found.removed.sum(axis=1), bare.kept.sum(axis=1), rtol=1e-12
    )


def test_money_of_the_estimate_is_the_purchases_not_covered(oecd):
    found = complement(oecd, mill(emits()), sector="C24A", region="CHN", price=650.0, covered=["D"])
    j = oecd.index.pairs.index(("CHN", "C24A"))
    bought = (650.0 * oecd.Z[:, j] / oecd.x[j]).reshape(len(oecd.regions), -1).sum(axis=0)
    np.testing.assert_allclose(found.money, bought, rtol=1e-12)
    added = sum(e.amount for e in found.exchanges)
    assert added == pytest.approx(bought.sum() - bought[oecd.sectors.index("D")], rel=1e-12)
    assert all(e.category == ESTIMATE for e in found.exchanges)
    assert all("estimated" in p.tags for p in found.processes)


def test_co_products_share_in_the_purchases(oecd):
    def slag(properties):
        return Exchange("slag", 0.3, "t", direction="out", properties=properties)

    priced = complement(oecd, mill(slag({"price": 50.0})), sector="C24A", region="CHN", price=650.0)
    assert priced.value == pytest.approx(665.0)
    bare = complement(oecd, mill(slag({})), sector="C24A", region="CHN", price=650.0)
    assert bare.value == 650.0
    assert any("slag are not estimated" in t for t in bare.assumed)


def test_inputs_of_no_known_industry_are_named():
    process = mill(Exchange("oxygen", 60.0, "kg"), Exchange("oxygen", 1.0, "kg"), emits())
    assert covered_by(process, ["B07", "D"]) == ((), ("oxygen",))
    with pytest.raises(UnknownNameError, match="D"):
        covered_by(process, ["B07", "D"], covered=["DD"])
    with pytest.raises(UnknownNameError):
        covered_by(process, ["B07", "D"], sectors={"oxygen": "C20"})


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan"), float("inf"), "650"])
def test_price_is_above_zero(oecd, price):
    with pytest.raises(InputError, match="price is"):
        complement(oecd, mill(), sector="C24A", region="CHN", price=price)


def test_estimate_of_one_process_is_not_for_another(oecd):
    found = complement(oecd, mill(), sector="C24A", region="CHN", price=650.0)
    with pytest.raises(InputError, match="the estimate is of 'mill'"):
        found.added_to(Process("other", "steel", 1.0, "t"))
    assert not found.kept.flags.writeable
    with pytest.raises(UnknownNameError, match="C24A"):
        complement(oecd, mill(), sector="C24", region="CHN", price=1.0)


# --- fill -----------------------------------------------------------------------------------------


def test_filled_process_emits_its_own_and_what_it_buys(oecd):
    process = mill(emits(), buys("B07", "AUS", 160.0), buys("D", "CHN", 40.0))
    filled, told = fill([process], study(), oecd)
    assert [p.name for p in filled] == ["mill", "B07, AUS [table]", "D, CHN [table]"]
    gases, at = table_gases(oecd), oecd.index.pairs.index
    c = potentials(gases)
    want = 1900 + 160 * c @ gases.m[:, at(("AUS", "B07"))] + 40 * c @ gases.m[:, at(("CHN", "D"))]
    assert footprint(filled) == pytest.approx(want, rel=1e-12)
    assert any("basic prices of 2022" in t for t in told)
    assert any("averages of 50 industries" in t for t in told)
    assert any("UNVERIFIED" in t for t in told)


def test_money_of_two_purchases_of_one_industry_is_one_process(oecd):
    other = Process("caster", "slab", 1.0, "t", (buys("D", "CHN", 5.0),))
    filled, _ = fill([mill(buys("D", "CHN", 40.0)), other], study(), oecd)
    assert [p.name for p in filled] == ["mill", "caster", "D, CHN [table]"]


@pytest.mark.parametrize("estimate", [False, True])
def test_filling_twice_changes_nothing(oecd, estimate):
    asked = study([SPEC], complement=estimate, rates={"EUR": 1.05}, deflators={2019: 1.2})
    process = mill(
        emits(), buys("B07", "AUS", 160.0), buys("D", "CHN", 40.0, "EUR", category="prices of 2019")
    )
    once, told = fill([process], asked, oecd)
    twice, again = fill(once, asked, oecd)
    assert twice == once
    assert set(again) <= set(told)
    assert (len(once) > 10) == estimate


def test_complement_of_a_study_is_added_and_covers_nothing_twice(oecd):
    process = mill(emits(), buys("B07", "AUS", 160.0), buys("D", "CHN", 40.0))
    filled, told = fill([process], study([SPEC], complement=True), oecd)
    plain, _ = fill([process], study([SPEC]), oecd)
    one = complement(oecd, process, sector="C24A", region="CHN", price=650.0)
    assert footprint(filled) == pytest.approx(footprint(plain) + one.score()["added"], rel=1e-9)
    assert one.covered == ("B07", "D")
    names = [e.provider for e in filled[0].exchanges if e.provider]
    assert len(names) == len(set(names))
    assert any("struck out as covered: B07, D" in t for t in told)
    assert complements(filled, study([SPEC], complement=True), oecd) == ()


def test_inputs_of_unknown_industry_stop_the_estimate(oecd):
    process = mill(emits(), Exchange("oxygen", 60.0, "kg"))
    with pytest.raises(InputError, match="'oxygen' is not known") as error:
        fill([process], study([SPEC], complement=True), oecd)
    assert "hybrid.covered: {mill: [...]}" in str(error.value)
    filled, _ = fill([process], study([SPEC], complement=True, covered={"mill": ["C20"]}), oecd)
    assert not any(e.provider.startswith("C20 as") for e in filled[0].exchanges)
    (loose,) = complements([process], study([SPEC]), oecd)
    assert loose.unknown == ("oxygen",)
    assert any("perhaps counted twice" in t for t in loose.assumed)
    with pytest.raises(InputError, match="names 'kiln'"):
        complements([process], study([SPEC], covered={"kiln": ["C20"]}), oecd)


def test_money_of_another_year_and_currency(oecd):
    bought = buys("D", "CHN", 100.0, "EUR", category="prices of 2019")
    asked = study(rates={"EUR": 1.05}, deflators={2019: 1.2})
    filled, told = fill([mill(bought)], asked, oecd)
    assert filled[0].exchanges[0].amount == pytest.approx(126.0)
    assert filled[0].exchanges[0].unit == "USD"
    assert any("deflator given" in t for t in told)
    assert any("rate given" in t for t in told)
    with pytest.raises(InputError, match="money of 2019") as error:
        fill([mill(bought)], study(rates={"EUR": 1.05}), oecd)
    assert "process 'mill', exchange 'D'" in str(error.value)
    with pytest.raises(InputError, match="money in EUR"):
        fill([mill(bought)], study(deflators={2019: 1.2}), oecd)
    with pytest.raises(UnitError, match="which is no money"):
        fill([mill(buys("D", "CHN", 3.0, "kWh"))], study(), oecd)


def test_price_of_the_product_is_brought_to_the_table(oecd):
    spec = {**SPEC, "currency": "EUR", "price_year": 2019, "price": 500.0}
    asked = study([spec], rates={"EUR": 1.05}, deflators={2019: 1.2})
    (found,) = complements([mill(emits())], asked, oecd)
    assert found.value == pytest.approx(630.0)
    with pytest.raises(InputError, match="money of 2019"):
        complements([mill(emits())], study([spec], rates={"EUR": 1.05}), oecd)


def test_money_without_a_year_is_said(oecd):
    _, told = fill([mill(buys("D", "CHN", 40.0))], study(), oecd)
    assert "table: money without a price year is taken as of 2022: D" in told
    dated = buys("D", "CHN", 40.0, category="prices of 2022")
    _, told = fill([mill(dated)], study(), oecd)
    assert not any("without a price year" in t for t in told)


def test_unknown_sector_or_region_is_answered_by_near_names(oecd):
    for provider, near in (("C24, CHN [table]", "C24A"), ("D, CHM [table]", "CHN")):
        with pytest.raises(UnknownNameError, match=near):
            fill([mill(Exchange("x", 1.0, "USD", provider=provider))], study(), oecd)


def test_place_of_the_study_stands_in_for_no_region(oecd):
    exchange = Exchange("power", 40.0, "USD", provider="D,  [table]")
    filled, _ = fill([mill(exchange)], study(region="USA"), oecd)
    assert filled[1].location == "USA"
    filled, _ = fill([mill(exchange)], study(), oecd)  # scope.place
    assert filled[1].location == "CHN"


def test_spread_of_products_widens_what_is_bought(oecd):
    narrow = Uncertainty("lognormal", 0.3)
    process = mill(buys("D", "CHN", 1.0), buys("B07", "AUS", 1.0, uncertainty=narrow),
                   buys("B05", "CHN", 1.0, uncertainty=Uncertainty("normal", 0.1)))  # fmt: skip
    (done, *_), told = fill([process], study(), oecd)
    assert done.exchanges[0].uncertainty.spread == PRODUCT_SPREAD
    assert done.exchanges[1].uncertainty.spread == pytest.approx(0.5)
    assert done.exchanges[2].uncertainty == Uncertainty("normal", 0.1)
    assert any("normal kept" in t for t in told)
    (done, *_), _ = fill([process], study(), oecd, product_spread=0.0)
    assert [e.uncertainty for e in done.exchanges] == [e.uncertainty for e in process.exchanges]
    for bad in (-0.1, float("nan"), 5.0, "wide"):
        with pytest.raises(InputError, match="product_spread"):
            fill([process], study(), oecd, product_spread=bad)


def test_what_buys_nothing_from_the_table_is_left_alone(oecd):
    process = mill(emits(), Exchange("power", 0.4, "MWh"))
    filled, told = fill([process], study(), oecd)
    assert filled == (process,)
    assert told == ()


@quiet
@given(tables(), st.data())
@settings(max_examples=40, deadline=None)
def test_tiered_hybrid_of_random_tables(case, data):
    mrio, F = case
    alive = [mrio.index.pairs[k] for k in np.flatnonzero(mrio.x > 0)]
    assume(alive)
    picks = data.draw(st.lists(st.sampled_from(alive), min_size=1, max_size=4))
    money = [data.draw(st.floats(0.01, 1e3)) for _ in picks]
    process = mill(*(buys(s, r, a) for (r, s), a in zip(picks, money, strict=True)))
    filled, _ = fill([process], study(), mrio)
    _, _, m = dense(mrio, F)
    d = np.zeros(len(mrio.index))
    for pair, a in zip(picks, money, strict=True):
        d[mrio.index.pairs.index(pair)] += a
    lci = inventory(System.of(filled), {"mill": 1.0})
    got = {f.name: g for f, g in zip(lci.system.flows, lci.flows, strict=True)}
    for name, want in zip(
        ("Carbon dioxide, fossil", "Methane", "Dinitrogen monoxide"), 1e3 * m @ d, strict=True
    ):
        assert got.get(name, 0.0) == pytest.approx(want, rel=1e-8, abs=1e-12)
    assert all(is_money(p.name) for p in filled[1:])
