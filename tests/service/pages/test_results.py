"""What the pages make of a result: numbers, bars, links, calls."""

import json
import re
import shlex
import subprocess
import sys

import pytest

from mriocarbon import tools
from mriocarbon.service.pages import charts, explain, numbers, results, shell
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
    (_, python), (_, line), (_, rest) = explain.calls(view, found)
    # what is default is not told; what was asked is
    assert explain.asked(found) == {"regions": ["India"], "per_person": True}
    room = {}
    exec(python.replace("tools.call", "again = tools.call"), room)
    assert room["again"].digest == found.digest
    words = shlex.split(line)
    assert words[0] == "python"
    printed = subprocess.run([sys.executable, *words[1:]], capture_output=True, check=True)
    assert ToolResult.model_validate_json(printed.stdout).digest == found.digest
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


def test_a_command_line_holds_any_argument_and_no_shell_reads_into_it():
    arguments = {"product": "it's $HOME `x`", "items": [{"name": "钢", "amount": 1.5}], "on": True}
    words = shlex.split(explain.command("footprint", arguments))
    assert len(words) == 3
    call = words[2].partition("print(")[2].removesuffix(".model_dump_json(indent=1))")
    seen = []
    tools_like = type("T", (), {"call": staticmethod(lambda *told: seen.append(told))})
    eval(call, {"tools": tools_like})
    assert seen == [("footprint", arguments)]


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(1.0, 2.0, "1 – 2"), (-2.0, 1.0, "-2 to 1"), (-2.0, -1.0, "-2 to -1")],
)
def test_no_dash_stands_beside_a_minus(low, high, shown):
    assert shell.View("en", "auto").between(figure(low, low=low, high=high)) == shown


def test_why_a_number_or_an_interval_is_missing_is_said_once():
    view = shell.View("en", "auto")
    absent = figure(None, why="nobody counts it")
    bare = [figure(1.0, region=code, why="no interval of the sum") for code in ("CHN", "USA")]
    told = results.reasons(view, [absent, *bare, figure(1.0, "FRA", low=0.5, high=2.0, why="x")])
    assert told == ["not known: q – nobody counts it", "no interval of the sum"]
    assert results.reasons(shell.View("zh", "auto"), bare) == ["合计无区间"]


def bar(quantity, **labels):
    return Figure(quantity=quantity, value=1.0, unit="Mt", labels=labels)


def test_bars_are_told_apart_where_names_have_no_room():
    same = {"scope": "biosphere of the whole land", "process": "net exchange"}
    figures = [bar("net exchange of the land", **same, method=m, source="s" * 30) for m in "ab"]
    assert charts.told_apart(figures, {"scope", "process", "source"}, several=True) == [
        "net exchange of the land, a", "net exchange of the land, b"
    ]  # fmt: skip
    # a source that tells nothing apart goes first, though it is not alike in all
    mixed = [*figures, bar("flux", method="c", source="t" * 30)]
    assert charts.told_apart(mixed, {"scope", "process"}, several=True)[0].endswith("land, a")
    chains = [bar("emissions of one supply chain", route=r) for r in ("steelmaking", "power")]
    assert charts.told_apart([*chains, bar("all")], set(), several=True) == [
        "steelmaking",
        "power",
        "all",
    ]


def test_names_that_only_differ_at_the_end_keep_it():
    names = ["net exchange of the biosphere, " * 2 + end for end in ("IS", "LNLG")]
    shown = re.findall(r"<text[^>]*>([^<]*)<title>", results.bars(made(
        *(bar("q", method=name) for name in names))))  # fmt: skip
    assert len(set(shown)) == 2 and shown[1].endswith("LNLG")
    assert all(charts.width(text) <= 46 for text in shown)


@pytest.mark.parametrize("narrow", [False, True])
def test_what_stands_under_the_bars_fits_and_ends_with_the_unit(narrow):
    long = "difference from production, same boundary, industries only, " * 2
    figures = (bar(long, region=code) for code in ("CHN", "USA"))
    svg = results.bars(made(*figures, figure(1.0, unit="%")), narrow=narrow)
    under = re.findall(r"class='mc-quiet'>([^<]*)<", svg)[-1]
    assert under.endswith("…, Mt") and charts.width(under) <= 90
    assert "A title" not in under  # it stands above as a heading


def test_a_chinese_title_says_what_all_figures_share():
    found = made(figure(1.0), figure(2.0, "USA"), tool="account")
    assert shell.View("zh", "auto").titled(found) == "各地区账户：2022"
    assert (
        shell.View("zh", "auto")
        .titled(made(figure(), tool="account"))
        .endswith("：中国 (CHN)，2022")
    )
    assert shell.View("en", "auto").titled(found) == "A title"


def test_one_figures_labels_are_all_alike():
    assert numbers.alike([figure()]) == {"region": "CHN", "year": "2022"} and not numbers.alike([])


def test_names_are_in_the_readers_language_alone():
    found = made(figure(), items=({"code": "C", "name": "Steel", "name_zh": "钢"},))
    assert results._spoken(shell.View("zh", "auto"), found) == [{"code": "C", "name": "钢"}]
    assert results._spoken(shell.View("en", "auto"), found) == [{"code": "C", "name": "Steel"}]
