"""What the pages make of a result: numbers, bars, links, calls."""

import json
import re
import shlex

import pytest

from mriocarbon import tools
from mriocarbon.service.pages import explain, results, shell
from mriocarbon.tools import Cited, Figure, ToolResult


def made(*figures, **more):
    return ToolResult(**{"title": "A title", "tool": "t", "figures": figures, **more})


def figure(value=1.0, region="CHN", unit="Mt", **more):
    return Figure(quantity="q", value=value, unit=unit, labels={"region": region, "year": "2022"},
                  **more)  # fmt: skip


def test_labels_of_all_rows_are_said_once():
    assert results.common(made(figure(), figure(region="USA"))) == {"year": "2022"}
    assert results.common(made(figure())) == {}  # one row says its own


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.0, "0"), (13238.9, "13,239"), (-998.76, "-998.8"), (0.012345, "0.01235"),
     (0.00001234, "1.234e-05")],
)  # fmt: skip
def test_numbers_have_four_digits(value, shown):
    assert results.number(value) == shown


def test_csv_is_that_of_the_api_full_and_safe():
    from mriocarbon.service import represent

    assert results.as_csv is represent.table


@pytest.mark.parametrize("narrow", [False, True])
def test_bars_are_as_long_as_their_values_and_text_cannot_be_markup(narrow):
    found = made(figure(100.0), figure(50.0, "<b>", low=40.0, high=60.0))
    svg = results.bars(found, narrow=narrow)
    wide = [float(w) for w in re.findall(r"width='([\d.]+)' height='15'", svg)]
    assert wide[0] == pytest.approx(2 * wide[1], rel=1e-3)
    assert "<b>" not in svg and "&lt;b&gt;" in svg and svg.count("mc-whisker") == 1


def test_bars_stand_in_the_order_given_with_names():
    view = shell.View("zh", "auto")
    svg = results.bars(made(figure(1.0, "USA"), figure(3.0, "CHN"), figure(2.0, "EU27")), view)
    names = re.findall(r"<title>(.*?)</title>", svg)
    assert names == ["美国 (USA)", "中国 (CHN)", "欧盟（27 国） (EU27)"]


def test_what_cannot_share_an_axis_has_no_bars():
    assert results.bars(made(figure(), figure(2.0, unit="t"))) == ""
    assert results.bars(made(figure())) == ""
    assert results.bars(made(figure(None, why="?"), figure(2.0, "USA"))) == ""


def test_of_several_units_the_largest_group_alike_is_drawn():
    found = made(figure(5.0, "WLD", unit="MW"), figure(100.0), figure(50.0, "USA"))
    svg = results.bars(found)
    assert svg.count("<rect") == 2 and "A title, q, Mt" in svg


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//evil.test", "http://a/' onclick='x",
     'https://a" style="x', "https://a b", "ftp://a", "http://[", ""],
)  # fmt: skip
def test_only_plain_web_addresses_become_links(address):
    assert explain.web(address) == ""


def test_the_calls_give_the_same_number_again():
    found = tools.call("account", {"regions": ["India"], "per_person": True})
    view = shell.View("en", "auto", base="http://127.0.0.1:1")
    (_, python), (_, rest) = explain.calls(view, found)
    # what is default is not told; what was asked is
    assert explain.asked(found) == {"regions": ["India"], "per_person": True}
    room = {}
    exec(python.replace("tools.call", "again = tools.call"), room)
    assert room["again"].digest == found.digest
    assert shlex.split(rest) == [
        "curl", "http://127.0.0.1:1/v1/accounts?regions=India&per_person=true"
    ]  # fmt: skip


def test_a_call_with_parts_is_posted_and_says_where_the_key_goes():
    arguments = {"product": "it's", "items": [{"name": "steel", "amount": 1, "unit": "kg"}]}
    words = shlex.split(explain.curl("http://h", "footprint", arguments, keyed=True))
    assert json.loads(words[words.index("-d") + 1]) == arguments
    assert "Authorization: Bearer $MRIOCARBON_KEY" in words and words[-1].endswith("/footprint")


def test_facts_name_region_interval_level_and_data_set():
    one = figure(1 / 3, low=0.1, high=0.5, level=0.95)
    found = made(one, dataset="d", edition="e", method="m",
                 sources=(Cited(name="s", url="https://a.test"),))  # fmt: skip
    told = dict(explain.facts(shell.View("zh", "auto"), found, found.figures[0]))
    assert told["地区"] == "中国 (CHN)" and told["区间"] == "0.1 – 0.5 Mt (95 %)"
    assert told["数据集"] == "d, e" and told["方法"] == "m" and told["完整数值"] == repr(1 / 3)
