"""How much a tool may answer: no more figures than a model reads, a word on the rest."""

import pytest

from mriocarbon import tools
from mriocarbon.errors import InputError, MriocarbonError, NotAvailableError, UnknownNameError
from mriocarbon.service.mcp_text import result_text
from mriocarbon.tools import registry

FAST = [one for one in tools.listing() if one.cost == "fast"]
LONG = 20_000
"""Characters of the longest answer to a question without a limit."""


@pytest.mark.parametrize("tool", FAST, ids=lambda one: one.name)
def test_the_most_that_can_be_asked_for_is_not_too_much(tool):
    properties = tool.schema()["properties"]
    most = {
        key: properties[key]["maximum"] for key in ("limit", "destinations") if key in properties
    }
    for example in tool.examples[:1]:
        try:
            found = tools.call(tool.name, {**example, **most})
            plain = tools.call(tool.name, example)
        except NotAvailableError:
            pytest.skip("works on data that do not ship")
        assert len(found.figures) <= registry.MOST_FIGURES
        assert len(result_text(plain)) <= LONG
        if found.total is not None:
            assert 0 <= found.shown <= found.total


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("account", {}), ("trade_balance", {"limit": 30}), ("leakage", {"limit": 22}),
     ("by_sector", {"region": "China", "view": "origin", "limit": 60}), ("ranking", {"limit": 60}),
     ("bilateral", {"limit": 60})],
)  # fmt: skip
def test_the_table_of_81_economies_is_answered_in_parts(tool, arguments):
    try:
        found = tools.call(tool, {**arguments, "table_name": "oecd-icio-2022-full"})
    except MriocarbonError as error:
        if isinstance(error, NotAvailableError | UnknownNameError):
            pytest.skip("works on data that do not ship")
        raise
    assert len(found.figures) <= registry.MOST_FIGURES
    assert found.total > found.shown == (found.arguments["limit"])


def test_pages_of_regions_make_the_whole():
    whole = tools.call("trade_balance", {"limit": 30}).figures
    first = tools.call("trade_balance", {"limit": 12})
    second = tools.call("trade_balance", {"limit": 12, "offset": 12})
    assert (first.total, first.shown, second.shown) == (20, 12, 8)
    assert [f.value for f in (*first.figures, *second.figures)] == [f.value for f in whole]


def test_rows_are_counted_not_their_figures():
    found = tools.call("ranking", {"by": "production", "limit": 10})
    assert (len(found.figures), found.shown, found.total) == (20, 10, 20)
    assert "shown: 10 of 20, from 0 on" in result_text(found)
    beyond = tools.call("ranking", {"by": "production", "offset": 200})
    assert "offset 200 is beyond the last" in result_text(beyond)


def test_too_many_figures_are_an_error_and_not_an_answer(monkeypatch):
    monkeypatch.setattr(registry, "MOST_FIGURES", 3)
    registry.forget()
    with pytest.raises(InputError, match="more than 3"):
        tools.call("account", {"principle": "production"})
    registry.forget()


def test_a_region_is_not_its_own_partner():
    with pytest.raises(InputError, match="beside itself"):
        tools.call("leakage", {"regions": "China", "partner": "China"})


def test_a_way_back_is_there_whatever_the_offset():
    asked = {"origin": "China", "destination": "USA"}
    assert tools.call("bilateral", {**asked, "offset": 1}).figures == (
        tools.call("bilateral", asked).figures
    )


def test_what_is_taken_out_is_told_from_the_world():
    found = tools.call("extract", {"region": "China", "sector": "steel"})
    where = {f.quantity: f.labels["region"] for f in found.figures}
    assert where["change of emissions"] == "WLD" and where["change of emissions, own"] == "CHN"
    assert where["change of emissions, elsewhere"] == "WLD"
    assert all(f.labels["partner"] == "CHN" for f in found.figures if f.labels["region"] == "WLD")


def test_a_category_that_is_none_is_refused_with_what_there_is():
    with pytest.raises(UnknownNameError, match="no category"):
        tools.call("emissions_database", {"region": "China", "category": "zzz"})


def test_numbers_beyond_all_bounds_are_an_error_of_ours():
    with pytest.raises(InputError):
        tools.call("carbon_stock_change", {"first": 0, "second": 1e15, "years": 1e-300})
