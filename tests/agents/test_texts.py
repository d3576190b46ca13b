"""Small parts: calls inside text, countries in questions, numbers as printed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon import tools
from mriocarbon.agents.mentions import ambiguous, countries, direction, misspelt, open_ended, years
from mriocarbon.agents.plain_calls import calls_in, cut_call
from mriocarbon.agents.shown import amount, for_model, render
from mriocarbon.agents.words import language_of, scope, word
from mriocarbon.tools import Figure, ToolResult

ONE = '{"name": "account", "arguments": {"regions": ["China"]}}'
CALL = ("account", {"regions": ["China"]})


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        (ONE, [CALL]),
        (f"```json\n{ONE}\n```", [CALL]),
        (f"<tool_call>{ONE}</tool_call>", [CALL]),
        (f"I call it: {ONE} and then {ONE}", [CALL, CALL]),
        (f"[{ONE}, {ONE}]", [CALL, CALL]),
        ('{"name": "account", "parameters": {"regions": ["China"]}}', [CALL]),
        (json.dumps({"function": {"name": "account", "arguments": json.dumps(CALL[1])}}), [CALL]),
        ('{"tool_calls": [' + ONE + "]}", [CALL]),
        ('{"name": "rm", "arguments": {}}', []),
        ('{"name": "account", "arguments": {"regions": ["Chi', []),
        ('{"name": "account", "arguments": 5}', []),
        ('{"value": {"name": "account"}}', []),
        ('{"name": "account"}', [("account", {})]),
        ("no call {at} all", []),
        ('{"name": ["account"]}', []),
    ],
)
def test_calls_in_text(text: str, calls: list[Any]) -> None:
    assert calls_in(text, {"account"}) == calls


def test_calls_in_text_are_bounded() -> None:
    assert len(calls_in(ONE * 500, {"account"})) == 16
    assert calls_in("[" * 100_000 + "{" * 2000, {"account"}) == []


@given(st.text(alphabet='{}[]"\\:,name account0', max_size=200))
def test_any_text_is_read_without_error(text: str) -> None:
    for name, arguments in calls_in(text, {"account"}):
        assert name == "account"
        json.dumps(arguments)


def test_cut_calls() -> None:
    assert cut_call('{"name": "account", "argum')
    assert cut_call('```json\n{"name": "acc')
    assert not cut_call("The name: China emits 5 Mt.")
    assert not cut_call("[1] a source")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("China and the United States", ["CHN", "USA"]),
        ("China's and India's", ["CHN", "IND"]),
        ("Compare China with India.", ["CHN", "IND"]),
        ("the UK, the EU and the U.S.", ["GBR", "EU27", "USA"]),
        ("what is in it for us, as to be", []),
        ("中国、美国和欧盟", ["CHN", "USA", "EU27"]),
        ("德国的钢铁", ["DEU"]),
        ("Chinese steel in German cars", ["CHN", "DEU"]),
        ("CO emissions per MWh", []),
        ("United Arab Emirates", ["ARE"]),
        ("VAT AND CO2 PER TON", []),
        ("", []),
    ],
)
def test_countries_in_text(text: str, codes: list[str]) -> None:
    assert [one.code for one in countries(text)] == codes


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("from China to Germany", ("CHN", "DEU")),
        ("China's exports to Germany", ("CHN", "DEU")),
        ("Germany's imports from China", ("CHN", "DEU")),
        ("imports of Germany from China", ("CHN", "DEU")),
        ("emitted in India for demand in Japan", ("IND", "JPN")),
        ("emissions produced in China and consumed in the USA", ("CHN", "USA")),
        ("中国出口到德国的隐含碳", ("CHN", "DEU")),
        ("德国从中国进口的碳", ("CHN", "DEU")),
        ("中国对美国出口", ("CHN", "USA")),
        ("trade between China and Germany", None),
        ("China, Germany and India: exports to the USA", None),
        ("Compare China and India", None),
        ("China's exports", None),
    ],
)
def test_direction(text: str, way: tuple[str, str] | None) -> None:
    assert direction(text) == way


def test_misspelt_countries() -> None:
    assert misspelt("CHN", "defualt value frm Chna") and misspelt("DEU", "populaton of Germny")
    assert not misspelt("NGA", "What does Niger emit?")
    assert not misspelt("JPN", "What is the carbon footprint of China?")


def test_ambiguous_names_and_years() -> None:
    assert [one.code for one in ambiguous("What does Korea's industry emit?")] == ["KOR", "PRK"]
    assert ambiguous("South Korea and North Korea") == ()
    assert years("between 1995 and 2022年, 2000 t and 20200") == ("1995", "2022")
    assert open_ended("the largest exporters") and not open_ended("China and India")


@pytest.mark.parametrize(
    ("value", "text"),
    [(13238.9, "13,239"), (999.96, "1000"), (0.000012345, "0.00001234"), (-5.0, "-5"), (0.0, "0"),
     (1e-20, "0"), (123.456, "123.5")],
)  # fmt: skip
def test_amounts(value: float, text: str) -> None:
    assert amount(value) == text


def _result() -> ToolResult:
    return ToolResult(
        title="a result",
        figures=(
            Figure(quantity="account", value=1234.5, unit="Mt CO2e", low=1200.0, high=1300.0,
                   level=0.95, labels={"region": "CHN", "year": "2022"}, estimated=True),
            Figure(quantity="share", value=0.25, unit="1", low=0.2, high=0.3),
            Figure(quantity="unknown", value=None, unit="t", why="never measured"),
        ),
        items=({"term": "MRIO", "means": "a table"},),
    )  # fmt: skip


def test_results_as_a_reader_sees_them() -> None:
    text, numbers = render([_result()])
    first = "- account, China (CHN), 2022: 1,234 Mt CO2e (95 % interval 1,200 to 1,300, estimate)"
    assert first in text
    assert "- share: 0.25 (range 0.2 to 0.3)" in text
    assert "- unknown: not known (never measured)" in text
    assert "- term: MRIO; means: a table" in text
    printed = [text[n.start : n.end] for n in numbers]
    assert printed == ["1,234", "1,200", "1,300", "0.25", "0.2", "0.3"]
    assert {n.figure for n in numbers} == {"f1", "f2"}
    assert "估计值" in render([_result()], "zh")[0]


def test_every_number_of_a_rendered_result_is_grounded() -> None:
    from mriocarbon.agents.grounding import ground

    for name, given_ in (("account", {"regions": ["China", "India"]}),
                         ("bilateral", {"origin": "China", "destination": "USA"})):  # fmt: skip
        result = tools.call(name, given_)
        text = for_model(result).split("\ncaveats")[0]
        assert not ground(text, [result]).loose, ground(text, [result]).told()


def test_results_for_a_model_are_bounded() -> None:
    many = ToolResult(
        title="many",
        figures=tuple(
            Figure(quantity="q", value=float(k), unit="t", labels={"rank": str(k)})
            for k in range(200)
        ),
        items=tuple({"text": "x" * 2000, "n": str(k)} for k in range(200)),
    )
    assert len(for_model(many)) < 5000
    assert "(176 more figures are not shown here)" in for_model(many)


def test_words_are_there_in_both_languages() -> None:
    assert language_of("中国排放多少 CO2?") == "zh" and language_of("China?") == "en"
    for language in ("en", "zh"):
        assert scope(language)
        assert word("years", language, asked="1990", found="2022")
