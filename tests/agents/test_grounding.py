"""Answers as people and models write them: what binds, what is loose and why."""

from __future__ import annotations

import pytest

from mriocarbon.agents.grounding import ground
from mriocarbon.agents.grounding_numbers import read
from mriocarbon.tools import Figure, ToolResult
from tests.agents.stripped import strip


def account(region, principle, value, low=None, high=None, gas="GHG", unit="Mt CO2e"):
    return Figure(
        quantity=f"{principle} account", value=value, unit=unit, low=low, high=high,
        level=0.95 if low else None,
        labels={"region": region, "gas": gas, "principle": principle, "year": "2022"},
    )  # fmt: skip


def flow(origin, destination, value, quantity="embodied emissions"):
    labels = {"region": origin, "partner": destination, "gas": "GHG", "year": "2022"}
    return Figure(quantity=quantity, value=value, unit="Mt CO2e", labels=labels)


def default(good, origin, value):
    return Figure(quantity="default value", value=value, unit="t CO2e/t",
                  labels={"good": good, "region": origin, "year": "2026"})  # fmt: skip


ACCOUNTS = ToolResult(
    title="GHG emissions, accounts, 2022",
    figures=(
        account("CHN", "consumption", 13238.9138, 12197.926, 14279.90),
        account("USA", "consumption", 7749.4356, 7088.887, 8409.984),
        account("CHN", "production", 14319.04, 13001.2, 15702.3),
        account("USA", "production", 6022.21),
        account("CHN", "consumption", 10011.7, gas="CO2", unit="Mt CO2"),
    ),
    caveats=("household emissions are an estimate, at least 40 % either way",),
)
FLOWS = ToolResult(
    title="embodied",
    figures=(
        flow("CHN", "USA", 301.26), flow("USA", "CHN", 61.74), flow("CHN", "JPN", 188.2),
        flow("CHN", "USA", 239.52, "net embodied emissions"),
    ),
)  # fmt: skip
OTHERS = ToolResult(
    title="others",
    figures=(
        Figure(quantity="change since 1990", value=-17.73, unit="%", labels={"region": "DEU"}),
        Figure(quantity="change since 1990", value=15.2, unit="%", labels={"region": "USA"}),
        Figure(quantity="share of the world's emissions", value=0.2871, unit="1",
               labels={"region": "CHN"}),
        Figure(quantity="share of the world's emissions", value=0.6613, unit="1",
               labels={"region": "EU27"}),
        Figure(quantity="consumption account per person", value=9.3712, unit="t CO2e / person",
               labels={"region": "CHN", "principle": "consumption", "year": "2022"}),
    ),
)  # fmt: skip
CBAM = ToolResult(
    title="CBAM default values for imports into the EU",
    arguments={"goods": ["7208 39 00"], "limit": 5},
    figures=(
        default("72083900", "CHN", 3.167), default("72083900", "IND", 4.26),
        default("25232900", "CHN", 1.18),
        Figure(quantity="certificate price", value=75.36, unit="EUR/t CO2e",
               labels={"year": "2026"}),
        Figure(quantity="certificate cost", value=1_204_381.5, unit="EUR",
               labels={"region": "CHN", "year": "2026"}),
    ),
    items=({"term": "certificate",
            "definition": "one certificate stands for one tonne; sold from 1 February 2027"},),
)  # fmt: skip
RESULTS = [ACCOUNTS, FLOWS, OTHERS, CBAM]

WELL = (
    "In 2022 China's consumption account was 13,238.9 Mt CO2e (95 % interval 12,198–14,280).",
    "China consumed 13.2 billion tonnes and the USA 7.7 billion tonnes of CO2e.",
    "China and the USA consumed 13,238.9 and 7,749.4 Mt CO2e, respectively.",
    "China's footprint is about 13,000 Mt, more than 13,200 Mt and nearly 13,300 Mt.",
    "China's consumption: 1.32e4 Mt, 1.32×10^4 Mt, 13 239 Mt or 13.239 Gt CO2e.",
    "China's footprint lies between 12.2 and 14.3 Gt CO2e.",
    "China's footprint lies in [12,198, 14,280] Mt CO2e.",
    "China's consumption is 13,239 ± 1,041 Mt, that is ± 7.9 %.",
    "The lower end for China by consumption is 12,198 Mt and the upper end 14,280 Mt.",
    "Unlike the USA, China consumed 13,239 Mt in 2022.",
    "China, unlike the USA, consumed 13,239 Mt.",
    "China's footprint is larger than that of the USA: 13,239 Mt against 7,749 Mt.",
    "China: 13,239 Mt by consumption, 14,319 Mt by production.",
    "By consumption 13,239 Mt are China's and by production 14,319 Mt in China.",
    "China's consumption account is 13,239 Mt. Its production account is 14,319 Mt CO2e.",
    "China consumed 10,012 Mt of CO2 (all greenhouse gases: 13,239 Mt CO2e).",
    "China's exports to the USA carried 301.3 Mt, those to Japan 188.2 Mt.",
    "China exported 301 Mt to the USA, which exported 61.7 Mt to China.",
    "US imports from China held 301.3 Mt; net, China sent 239.5 Mt to the USA.",
    "Emissions in China for US consumption: 301 Mt CO2e.",
    "CHN → USA: 301.3 Mt CO2e",
    "Germany's emissions fell by 17.7 % since 1990.",
    "Germany: -17.7 %, or −18 %, or minus 17.73 %; change since 1990.",
    "Since 1990 emissions of the USA rose by 15.2 percent.",
    "China has 28.7 % of the world's emissions, a share of 0.287.",
    "The EU's share of the world's emissions is two thirds.",
    "Per person, China's footprint is 9.4 t CO2e, or 9,371 kg per capita.",
    "For CN 7208 39 00 from China the default value is 3.167 t CO2e/t.",
    "For CN 72083900 the default values are 3.17 t CO2e per tonne for China and 4.26 for India.",
    "The price is 75.36 EUR/t CO2e, €75.4 per tonne, in 2026.",
    "The certificates for imports from China into the EU cost EUR 1.2 million (€1,204,382).",
    "One certificate stands for one tonne; sold from 1 February 2027.",
    "1. China consumed 13,239 Mt.\n2. The USA consumed 7,749 Mt.",
    "Scope 3 follows ISO 14064-2 and Regulation (EU) 2023/956, GWP-100 of CO2, CH4 and N2O.",
    "Two regions are compared, China (13,239 Mt) and the USA (7,749 Mt), by consumption.",
    "China's consumption:\n- 13,239 Mt CO2e\n- interval: 12,198 to 14,280 Mt CO2e",
    "| Region | Consumption (Mt CO2e) | Production (Mt CO2e) |\n|---|---|---|\n"
    "| China | 13,238.9 | 14,319.0 |\n| USA | 7,749.4 | 6,022.2 |",
    "| From | To | Mt CO2e |\n|---|---|---|\n| China | USA | 301.3 |\n| USA | China | 61.7 |",
    "中国2022年消费侧排放为132亿吨二氧化碳当量，美国为77亿吨。",
    "中国和美国的消费侧排放分别为132.39亿吨和77.49亿吨CO2e。",
    "2022年，中国消费侧排放约13,239百万吨（95%置信区间：12,198至14,280百万吨）。",
    "中国出口到美国的隐含碳为3.01亿吨，美国向中国出口的隐含碳为6174万吨。",
    "德国自1990年以来的排放下降了17.7%。",
    "德国自1990年以来的排放下降了百分之十七点七。",
    "中国人均消费侧排放为9.37吨。",
    "欧盟占全球排放的三分之二。",
    "税号7208 39 00，原产于中国的默认值为3.167 t CO2e/t。",
)  # fmt: skip


@pytest.mark.parametrize("text", WELL)
def test_what_is_so_binds(text):
    found = ground(text, RESULTS, question="What changed since 1990?")
    assert found.ok, found.told()
    for one in found.numbers:
        assert text[one.start : one.end].strip() == one.text.strip()


WRONG = (
    ("The USA's consumption account was 13,238.9 Mt.", "of CHN, not USA"),
    ("China and the USA consumed 7,749.4 and 13,238.9 Mt CO2e.", "of USA, not CHN"),
    ("China consumed 7,749 Mt in 2022; the USA consumed 13,239 Mt.", "of USA, not CHN"),
    ("Brazil consumed 13,239 Mt.", "of CHN, not BRA"),
    ("The world consumed 13,239 Mt in 2022: that is all.", "does not say of which region"),
    ("It was 13,239 Mt by consumption.", "does not say of which region"),
    ("China's production account was 13,238.9 Mt.", "consumption account, not production"),
    ("China emitted 13,239 Mt.", "consumption account, not production"),
    ("China's income account was 13,239 Mt.", "consumption account, not income"),
    ("In 2026 China's footprint was 13,239 Mt.", "of 2022, not 2026"),
    ("In 2021 China's footprint was 13,239 Mt.", "names this year"),
    ("China's footprint was 13,239 kt.", "wrong unit"),
    ("China's footprint was 13,239 EUR.", "wrong unit"),
    ("China's footprint was 13,239 Mt CO2.", "wrong gas"),
    ("China's CO2 emissions by consumption were 13,239 Mt.", "of GHG, not CO2"),
    ("China's footprint was -13,239 Mt.", "wrong sign"),
    ("China's footprint was 13,248.9 Mt.", "no such value"),
    ("China's footprint was 13,000 t CO2e.", "wrong unit"),
    ("China's footprint was 9,000 Mt.", "no such value"),
    ("China's footprint was 13.20 Gt.", "no such value"),
    ("China's footprint was more than 16,000 Mt.", "not more than that"),
    ("China's footprint was over 13,300 Mt.", "not more than that"),
    ("China's footprint was less than 13,200 Mt.", "not less than that"),
    ("China's footprint was 13,239.", "no unit"),
    ("China's consumption is 13,239 ± 1,500 Mt.", "the interval is 12197.9 to 14279.9"),
    ("China's footprint is 12,198 Mt.", "lower end of the interval"),
    ("The upper end for China by consumption is 12,198 Mt.", "lower end of the interval"),
    ("China's footprint: 13,239 Mt (99 % interval).", "no figure has an interval of this level"),
    ("The USA's interval by consumption is 12,198–14,280 Mt.", "of CHN, not USA"),
    ("China's exports to the USA carried 61.7 Mt.", "wrong direction"),
    ("China imports 301.3 Mt from the USA.", "wrong direction"),
    ("Trade between China and the USA held 301.3 Mt.", "which way"),
    ("China's exports to India carried 301.3 Mt.", "from CHN to USA, not"),
    ("China's exports to the USA carried 239.5 Mt.", "net embodied emissions"),
    ("Net exports of China to the USA carried 301.3 Mt.", "it is the embodied emissions"),
    ("Germany's emissions rose by 17.7 % since 1990.", "wrong sign"),
    ("Since 1990 emissions of the USA fell by 15.2 %.", "wrong sign"),
    ("China has 71.3 % of the world's emissions.", "no such value"),
    ("China consumed 5,489 Mt more than the USA.", "no such value"),
    ("Per person, the footprint of the USA is 9.4 t CO2e.", "of CHN, not USA"),
    ("For CN 2523 29 00 from China the default value is 3.167 t CO2e/t.", "its good is"),
    ("For CN 7208 from India the default value is 3.167 t CO2e/t.", "of CHN, not IND"),
    ("For CN 7601 the default value is 3.167 t CO2e/t for China.", "names this code"),
    ("The price was 75.36 USD/t CO2e.", "wrong unit"),
    ("Seven countries are compared.", "no such value"),
    ("China ranks 2nd.", "no figure has this rank"),
    ("It is due on 3 March 2031.", "names this date"),
    ("| Region | Consumption (Mt CO2e) |\n|---|---|\n| USA | 13,238.9 |", "of CHN, not USA"),
    ("| From | To | Mt CO2e |\n|---|---|---|\n| USA | China | 301.3 |", "wrong direction"),
    ("美国消费侧排放为132亿吨。", "of CHN, not USA"),
    ("中国生产侧排放为132亿吨。", "consumption account, not production"),
    ("中国消费侧排放为132万吨。", "wrong unit"),
    ("中国从美国进口的隐含碳为3.01亿吨。", "wrong direction"),
    ("德国自1990年以来的排放上升了17.7%。", "wrong sign"),
    ("七个国家参与比较。", "no such value"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), WRONG)
def test_what_is_not_so_is_loose(text, reason):
    found = ground(text, RESULTS, question="What changed since 1990?")
    assert found.loose, found
    assert any(reason in one.reason for one in found.loose), found.told()


def test_a_question_gives_the_first_sentence_its_subject():
    text = "It is 13,239 Mt CO2e."
    assert not ground(text, RESULTS).ok
    assert ground(text, RESULTS, question="What is China's carbon footprint?").ok
    assert not ground(text, RESULTS, question="What is the footprint of the USA?").ok


def test_one_region_alone_need_not_be_named():
    one = ToolResult(title="x", figures=(ACCOUNTS.figures[0],))
    assert ground("It is 13,239 Mt.", [one]).ok
    assert not ground("It is 13,239 Mt in the USA.", [one]).ok


def test_two_figures_alike_need_a_label():
    goods = [
        Figure(quantity="default value", value=2.5, unit="t CO2e/t", labels={"good": good})
        for good in ("steel wire", "steel tubes")
    ]
    results = [ToolResult(title="x", figures=tuple(goods))]
    found = ground("The default value is 2.5 t CO2e/t.", results)
    assert "several figures fit" in found.loose[0].reason
    found = ground("For wire the default value is 2.5 t CO2e/t.", results)
    assert [one.figure for one in found.numbers] == ["f1"]


def test_the_same_number_of_two_calls_is_bound_once():
    found = ground("China consumed 13,239 Mt.", [ACCOUNTS, ACCOUNTS])
    assert [(one.call, one.figure) for one in found.numbers] == [(0, "f1")]


def test_an_amount_of_the_question_may_be_repeated_but_not_as_emissions():
    figure = Figure(quantity="CH4 of rice fields", value=128.06, unit="t CH4/yr", labels={})
    rice = ToolResult(title="rice", arguments={"area": 1000.0, "limit": 7}, figures=(figure,))
    question = "How much methane comes from 1,000 hectares of rice?"
    assert ground("1,000 ha of rice emit 128 t CH4/yr.", [rice], question=question).ok
    assert not ground("Rice emits 1,000 t CH4/yr.", [rice], question=question).ok
    assert not ground("2,000 ha of rice emit 128 t CH4/yr.", [rice], question=question).ok
    assert not ground("7 ha of rice emit 128 t CH4/yr.", [rice], question=question).ok
    other = "How much methane comes from rice?"
    assert not ground("1,000 ha of rice emit 128 t CH4/yr.", [rice], question=other).ok


def test_strip_takes_out_sentences_rows_and_items():
    text = (
        "China consumed 13,239 Mt. The USA consumed 9,999 Mt. No number here.\n"
        "- China: 13,239 Mt by consumption\n- USA: 13,239 Mt by consumption"
    )
    left = strip(text, ground(text, RESULTS))
    assert left == "China consumed 13,239 Mt. No number here.\n- China: 13,239 Mt by consumption"
    assert ground(left, RESULTS).ok


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13,238.9 Mt CO2e", (13238.9, 0.05, "Mt CO2e")),
        ("13 239 kt", (13239.0, 0.5, "kt")),
        ("1.3e4 Mt", (13000.0, 500.0, "Mt")),
        ("1.3 × 10⁴ Mt", (13000.0, 500.0, "Mt")),
        ("13.238,9 Mt", (13238.9, 0.05, "Mt")),
        ("13.2 billion tonnes", (13.2e9, 5e7, "t")),
        ("132亿吨", (132e8, 5e7, "t")),
        ("132亿3890万吨二氧化碳当量", (13238900000.0, 5000.0, "t CO2e")),
        ("１３.２％", (13.2, 0.05, "%")),
        ("百分之十七点七", (17.7, 0.05, "%")),
        ("三成", (30.0, 0.5, "%")),
        ("minus 17.7 %", (-17.7, 0.05, "%")),
        ("−17.7%", (-17.7, 0.05, "%")),
        ("twenty-two Mt", (22.0, 0.5, "Mt")),
        ("two hundred and fifty kg", (250.0, 0.5, "kg")),
        ("0.58 kg CO2e/kWh", (0.58, 0.005, "kg CO2e/kWh")),
        ("EUR 3bn", (3e9, 5e8, "EUR")),
        ("$13.5m", (13.5e6, 5e4, "USD")),
        ("2.1倍", (2.1, 0.05, "times")),
        ("twice", (2.0, 0.1, "times")),
        ("2030 Mt", (2030.0, 0.5, "Mt")),
    ],
)
def test_numbers_are_read_with_precision_and_unit(text, expected):
    (found,) = read(text)
    assert found.kind == "value"
    assert (found.value, found.half, str(found.unit)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("CO2, CH4, EU27, PM2.5, G20, HFC-134a, SSP2-4.5, AR6", []),
        ("in 2022 and 2016-2020", ["year"] * 3),
        ("ISO 14064-2, EN 15804, Article 7(2), Annex IV, scopes 1 and 2, 范围3", ["standard"] * 5),
        ("Regulation (EU) 2023/956; GWP-100", ["standard"] * 2),
        ("https://x.org/2022/17?a=3", ["address"]),
        ("1 January 2026, 2026-01-01, 2026年1月1日", ["date"] * 3),
        ("a 95 % confidence interval, 90%置信区间", ["level"] * 2),
        ("CN 7208, heading 2523, 税号7208", ["code"] * 3),
        ("1. a\n2) b\n- 3. c\n（4）d", ["list"] * 4),
        ("3rd, No. 4, 第三位, ranked 5", ["rank"] * 4),
        ("three countries, top 5, 10 sectors, 前10, 三个国家", ["count"] * 5),
        ("二氧化碳、一氧化二氮、一个、统一", []),
        ("version 1.2.3", ["version"]),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_number_is_read_as_what_it_is(text, kinds):
    assert [one.kind for one in read(text)] == kinds


def test_numbers_in_names_and_world_in_a_label_do_not_part_a_sentence():
    flows = (flow("EU27", "LAM", 39.1), flow("USA", "LAM", 71.2))
    latin = ToolResult(title="flows", figures=flows)
    text = "Emissions from the EU to Latin America (6 economies) are 39.1 Mt CO2e."
    assert ground(text, [latin]).ok
    assert not ground(text.replace("the EU", "the USA"), [latin]).ok
    assert not ground(text.replace("the EU", "Mexico"), [latin]).ok
    labels = {"region": "WLD", "scope": "global carbon budget", "year": "2022"}
    ocean = Figure(quantity="ocean, uptake", value=2.72, unit="GtC", labels=labels)
    budget = [ToolResult(title="Global carbon budget of 2022", figures=(ocean,))]
    assert ground("In the global carbon budget the ocean took up 2.72 GtC.", budget).ok
    assert not ground("Ocean uptake, Mexico, global carbon budget: 2.72 GtC.", budget).ok


def test_a_value_is_not_the_end_of_its_own_interval():
    factor = Figure(quantity="F_LU", value=0.8, unit="1", low=0.728, high=0.872, labels={})
    results = [ToolResult(title="factors", figures=(factor,))]
    assert ground("F_LU is 0.80 (range 0.728 to 0.872).", results).ok
    assert not ground("F_LU is 0.9 (range 0.728 to 0.872).", results).ok


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("The scope 1, 2 and 3 emissions of Chinese steel are 1,506, 381 and 1,896 Mt CO2e.", True),
        ("Scopes 1 and 2 of Chinese steel are 1,506 and 381 Mt CO2e, respectively.", True),
        ("中国钢铁行业的范围1、2和3排放分别为1,506、381和1,896 Mt CO2e。", True),
        (
            "The scope 1, 2 and 3 emissions of Chinese steel are 381, 1,506 and 1,896 Mt CO2e.",
            False,
        ),
        ("Scopes 2 and 3 of Chinese steel are 1,506 and 1,896 Mt CO2e.", False),
        (
            "The scope 1, 2, and 3 emissions of Chinese steel are 1,506, 381, and 1,896 Mt CO2e.",
            True,
        ),
        ("Scope 1 and 2 emissions of Chinese steel are 381 Mt CO2e.", False),
        ("Scope 1 & 2 emissions of Chinese steel are 1,506 Mt CO2e.", False),
        # the mark of an estimate stands between a number and what it is of
        (
            "Chinese steel emits 1,506 Mt CO2e (estimate) in scope 1, 381 Mt CO2e (estimate) in"
            " scope 2, and 1,896 Mt CO2e (estimated) in scope 3 upstream.",
            True,
        ),
        (
            "Chinese steel emits 381 Mt CO2e (estimate) in scope 1, 1,506 Mt CO2e (estimate) in"
            " scope 2, and 1,896 Mt CO2e (estimate) in scope 3 upstream.",
            False,
        ),
        ("中国钢铁排放1506 Mt CO2e（估计）于范围一，381 Mt CO2e（估计）于范围二。", True),
        ("中国钢铁排放381 Mt CO2e（估计）于范围一，1506 Mt CO2e（估计）于范围二。", False),
        ("中国钢铁范围一排放1506 Mt CO2e，范围二为381 Mt CO2e，范围三上游为1896 Mt CO2e。", True),
        ("中国钢铁范围一排放381 Mt CO2e，范围二1506 Mt CO2e。", False),
        ("中国钢铁范围三下游排放1896 Mt CO2e。", False),
        ("Scope 1+2 emissions of Chinese steel are 1,506 Mt CO2e.", False),
        ("Scopes 1-3 of Chinese steel are 1,506 Mt CO2e.", False),
        ("中国钢铁范围一、二、三上游的排放为1506、381、1896 Mt CO2e。", True),
        ("中国钢铁范围一、二、三上游的排放为381、1506、1896 Mt CO2e。", False),
        ("The scope-1 emissions of Chinese steel are 1,506 Mt CO2e, scope two 381 Mt CO2e.", True),
        ("The scope-1 emissions of Chinese steel are 381 Mt CO2e, scope two 1,506 Mt.", False),
    ],
)
def test_scopes_in_a_list_are_read_in_order(text: str, right: bool) -> None:
    of = {"region": "CHN", "sector": "C24A", "gas": "GHG", "year": "2022"}
    values = {"scope 1": 1506.387, "scope 2": 380.999, "scope 3 upstream": 1896.477,
              "scope 3 downstream": 1115.655}  # fmt: skip
    figures = tuple(
        Figure(quantity="emissions", value=value, unit="Mt CO2e", labels={**of, "scope": scope})
        for scope, value in values.items()
    )
    assert ground(text, [ToolResult(title="scopes", figures=figures)]).ok is right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("The ocean sinks of 2000 and 2022 were 1.992 and 2.851 GtC.", True),
        ("The ocean took up 1.992 GtC in 2000 and 2.851 GtC in 2022.", True),
        ("The ocean sinks of 2000 and 2022 are 1.992 GtC (2000) and 2.851 GtC (2022).", True),
        ("Between 2000 and 2022 the ocean sink rose to 2.851 GtC.", True),
        ("Both the ocean sink in 2000 and 2022 are the same, at 1.992 GtC.", False),
        ("In 2000 and 2022 the ocean sink was 2.851 GtC.", False),
        ("The ocean sinks of 2000 and 2022 are 2.851 GtC (2000) and 1.992 GtC (2022).", False),
        ("2000年和2022年海洋碳汇均为1.992 GtC。", False),
        ("2000年和2022年海洋碳汇分别为1.992和2.851 GtC。", True),
        ("从2000年和2022年的数据看，2022年海洋碳汇为2.851 GtC。", True),
        (
            "To compare the sinks of 2000 and 2022, we can see that the ocean sink increased from"
            " 1.992 GtC in 2000 to 2.851 GtC in 2022.",
            True,
        ),
        ("The ocean sink rose from 2.851 GtC in 2000 to 1.992 GtC in 2022.", False),
        ("The ocean sink was 1.992 GtC in 2000 as well as in 2022.", False),
        ("The sink grew between the years 2000 and 2022, from 1.992 GtC to 2.851 GtC.", True),
    ],
)
def test_a_number_of_one_year_is_not_told_of_two(text: str, right: bool) -> None:
    figures = tuple(
        Figure(quantity="ocean, uptake", value=value, unit="GtC",
               labels={"region": "WLD", "gas": "CO2", "process": "ocean", "year": year})
        for year, value in (("2000", 1.992), ("2022", 2.851))
    )  # fmt: skip
    found = ground(text, [ToolResult(title="budget", figures=figures)], question="sinks compared")
    assert found.ok is right, found.loose


def test_an_lca_is_no_place() -> None:
    figure = Figure(quantity="things left out of unknown effect", value=17.0, unit="1",
                    labels={"region": "USA"})  # fmt: skip
    text = "The LCA of grid electricity in the USA leaves out 17 things of unknown effect."
    assert ground(text, [ToolResult(title="what is left out", figures=(figure,))]).ok


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Importing 7208 from China to the EU in 2026 costs 1,204,382 EUR.", True),
        ("从中国向欧盟进口该钢材，2026年的费用为1,204,382欧元。", True),
        ("Importing it from India to the EU in 2026 costs 1,204,382 EUR.", False),
        ("Importing it from China to Japan in 2026 costs 1,204,382 EUR.", False),
    ],
)
def test_the_eu_may_be_named_beside_what_cbam_costs(text: str, right: bool) -> None:
    cost = Figure(quantity="cost of the certificates", value=1_204_381.5, unit="EUR",
                  labels={"region": "CHN", "good": "7208", "year": "2026"})  # fmt: skip
    mass = Figure(quantity="mass", value=1000.0, unit="t", labels=cost.labels)
    result = ToolResult(title="CBAM obligation: 1000 t of CN 7208 from China, 2026",
                        figures=(mass, cost))  # fmt: skip
    assert ground(text, [result]).ok is right
