"""Natural carbon as tools: the numbers of the functions below, a scope on each, never a sum."""

import math

import pytest

import mriocarbon as mc
from mriocarbon import tools
from mriocarbon.errors import AmbiguousNameError, InputError, NotAvailableError, UnknownNameError
from mriocarbon.natural.account import NEVER_ADD
from mriocarbon.natural.flux import SCOPES
from mriocarbon.tools import registry
from mriocarbon.tools.natural_ipcc import SCOPE


@pytest.fixture(autouse=True)
def no_folder(monkeypatch):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    registry._cached.cache_clear()  # what was read with the folder is not what is asked here
    yield
    registry._cached.cache_clear()


def _one(found, **labels):
    mine = [f for f in found.figures if labels.items() <= f.labels.items()]
    assert len(mine) == 1, (labels, [f.labels for f in mine])
    return mine[0]


def test_every_flux_of_the_account_is_told_once_with_its_scope_and_years():
    found = tools.call("natural_account", {"region": "中国", "year": 2022, "gas": "CO2"})
    direct = mc.natural.account("CHN", 2022, gas="CO2")
    assert found.read_as == {"中国": "CHN (China)"}
    with_value = [f for f in found.figures if f.value is not None]
    assert len(with_value) == len(direct.fluxes)
    for flux in direct.fluxes:
        one = _one(found, scope=flux.scope, process=flux.process, method=flux.method)
        assert one.value == flux.value and one.unit == "Mt CO2"
        assert one.labels["year"] == flux.period and one.labels["region"] == "CHN"
        assert one.low == (None if math.isnan(flux.low) else flux.low)
    gone = [f for f in found.figures if f.value is None]
    assert len(gone) == len(direct.missing)
    assert {f.why for f in gone} == {m.reason for m in direct.missing}


def test_no_figure_is_without_a_scope_and_all_say_that_scopes_are_never_added():
    for region in ("Brazil", "world", "EU"):
        found = tools.call("natural_account", {"region": region})
        assert {f.labels["scope"] for f in found.figures} <= set(SCOPES)
        assert NEVER_ADD in found.caveats and len(found.figures) <= 200
    budget = tools.call("natural_budget", {})
    assert all(f.labels["scope"] == "global carbon budget" for f in budget.figures)


def test_one_scope_alone():
    found = tools.call("natural_account", {"region": "USA", "scope": "managed land"})
    assert {f.labels["scope"] for f in found.figures} == {"managed land"}
    inventory = _one(found, gas="CO2", process="land use, land-use change and forestry")
    assert inventory.value == pytest.approx(-832.0389727) and inventory.labels["year"] == "2021"
    assert any("latest figure, of 2021" in one for one in found.caveats)
    assert any("UNFCCC" in one.citation for one in found.sources)


def test_long_accounts_come_in_parts():
    whole = tools.call("natural_account", {"region": "EU27"})
    rest = tools.call("natural_account", {"region": "EU27", "offset": 5})
    assert whole.total == rest.total == len(whole.figures)
    assert [f.value for f in rest.figures] == [f.value for f in whole.figures[5:]]


def test_names_of_regions():
    with pytest.raises(AmbiguousNameError) as error:
        tools.call("natural_account", {"region": "Congo"})
    assert {code for code, _ in error.value.options} == {"COD", "COG"}
    with pytest.raises(UnknownNameError):
        tools.call("natural_account", {"region": "qqqq"})
    fire = tools.call("natural_account", {"region": "gfed:BONA", "gas": "CO2"})
    assert all(f.value is None and "MRIOCARBON_DATA" in f.why for f in fire.figures
               if f.labels["process"] == "fires")  # fmt: skip


def test_the_budget_is_that_of_the_function_and_closes():
    found = tools.call("natural_budget", {"year": 2022, "unit": "Gt CO2"})
    direct = mc.natural.budget(2022, unit="Gt CO2")
    values = {f.labels["process"]: f.value for f in found.figures}
    assert values["ocean"] == direct["ocean"].value > 0
    assert values["all emissions"] - values["all sinks"] == pytest.approx(
        values["imbalance"], abs=1e-6
    )
    assert all(f.unit == "Gt CO2" for f in found.figures)
    with pytest.raises(InputError, match="1959"):
        tools.call("natural_budget", {"year": 1900})


def test_a_translation_needs_the_folder_and_says_so():
    with pytest.raises(NotAvailableError, match="may not be shipped"):
        tools.call("natural_translation", {"region": "USA"})


def test_a_translation_with_the_folder(monkeypatch, data_folder):
    monkeypatch.setenv("MRIOCARBON_DATA", str(data_folder))
    found = tools.call("natural_translation", {"region": "美国"})
    direct = mc.natural.translate("USA")
    one = _one(found, process="flux translated to the inventory's scope")
    assert (one.value, one.low, one.high) == (direct.translated, direct.low, direct.high)
    assert one.labels["scope"] == "managed land" and one.estimated
    told = {None: "no inventory to compare with", True: "inside", False: "outside"}
    assert found.items[0]["answer"] == told[direct.holds]


@pytest.mark.slow
def test_the_full_spectrum_stands_side_by_side():
    found = tools.call("full_spectrum", {"region": "中国"})
    direct = mc.full_spectrum()
    k = direct.regions.index("CHN")
    accounts = {f.quantity: f for f in found.figures if f.labels["scope"] == "none"}
    assert accounts["production account"].value == direct.production.value[k]
    assert accounts["consumption account"].low == direct.consumption.low[k]
    managed = direct.main("managed land", "CHN")
    shown = _one(found, scope="managed land", method="national inventory", gas="CO2")
    assert shown.value == managed.value and shown.labels["year"] == managed.period
    # with one scope each, apart: none is the sum over two
    scopes = {f.labels["scope"] for f in found.figures if " with " in f.quantity}
    assert scopes == {"managed land", "land-use change", "biosphere"}
    both = direct.production.value[k] + sum(
        direct.main(one, "CHN").value for one in ("managed land", "land-use change")
    )
    assert all(f.value is None or abs(f.value - both) > 1e-6 for f in found.figures)
    assert NEVER_ADD in found.caveats
    more = tools.call("full_spectrum", {"region": "China", "alternatives": True})
    assert len(more.figures) > len(found.figures)


@pytest.mark.parametrize("name", ["ipcc_factor", "soil_n2o", "rice_ch4", "liming_co2",
                                  "fire_emissions", "carbon_stock_change"])  # fmt: skip
def test_examples_of_the_guidelines_work_and_are_no_flux_of_a_country(name):
    for example in tools.get(name).examples:
        found = tools.call(name, example)
        assert found.figures and all(f.labels["scope"] == SCOPE for f in found.figures)
        assert found.sources[0].citation.startswith("IPCC")


def test_factors_are_those_of_the_lookup():
    found = tools.call("ipcc_factor", {"name": "SOC_REF", "climate": "tropical dry",
                                       "option": "HAC"})  # fmt: skip
    one = found.figures[0]
    assert (one.value, one.low, one.high, one.unit) == (21.0, 19.95, 22.05, "t C/ha")
    with pytest.raises(NotAvailableError, match="no default SOC_REF"):
        tools.call("ipcc_factor", {"name": "SOC_REF"})
    names = tools.call("ipcc_factors", {}).items
    assert {"factor": "SOC_REF"} in names
    rows = tools.call("ipcc_factors", {"name": "F_LU", "limit": 200})
    assert rows.total == len(rows.figures) == len(mc.natural.ipcc.factors("F_LU"))


def test_the_equations_give_the_numbers_of_their_functions():
    lime = tools.call("liming_co2", {"limestone": 1000.0}).figures
    assert [(f.quantity, f.value, f.unit) for f in lime] == [("CO2 of liming", 440.0, "t CO2/yr")]
    with pytest.raises(InputError, match="no amount"):
        tools.call("liming_co2", {})
    n2o = tools.call("soil_n2o", {"synthetic": 1.0, "leaching": 1.0})
    total = _one(n2o, process="N2O of soils, direct and indirect")
    assert total.value == pytest.approx(0.01374 * 44 / 28)
    with pytest.raises(InputError, match="whether water leaches"):
        tools.call("soil_n2o", {"synthetic": 1.0})
    field = mc.natural.ipcc.rice_ch4(7.0, region="East Asia", water="upland")
    shown = tools.call("rice_ch4", {"area": 7.0, "region": "East Asia", "water": "upland"})
    assert shown.figures[0].value == field.value == 0.0
    grown = tools.call("carbon_stock_change", {"first": 5e4, "second": 5.1e4, "years": 10})
    assert grown.figures[1].value == pytest.approx(-100 * 44 / 12)
    assert grown.figures[1].low is None and "without a range" in grown.figures[1].why
