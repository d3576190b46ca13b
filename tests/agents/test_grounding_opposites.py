"""Sentences with the right number and one wrong word: unit, direction, kind, part of a whole."""

from __future__ import annotations

import time

import pytest

from mriocarbon.agents.grounding import ground
from mriocarbon.agents.grounding_numbers import read
from mriocarbon.tools import Figure, ToolResult
from tests.agents.test_grounding import account, flow

CHN = {"region": "CHN", "gas": "GHG", "year": "2022"}
STEEL = {"good": "72085120", "region": "CHN", "year": "2026"}
RESULTS = {
    "account": (account("CHN", "consumption", 13238.91, 12197.9, 14279.9),),
    "pairs": (account("CHN", "consumption", 13238.91), account("IND", "consumption", 3742.24)),
    "gas": (
        account("CHN", "consumption", 10848.7, gas="CO2", unit="Mt CO2"),
        account("CHN", "consumption", 58.744, gas="CH4", unit="Mt CH4"),
    ),
    "flow": (flow("CHN", "USA", 486.689),),
    "both": (flow("CHN", "USA", 486.689), flow("USA", "CHN", 82.7008)),
    "balance": (
        Figure(quantity="net exports of embodied emissions", value=1156.34, unit="Mt CO2e",
               labels=CHN),
    ),
    "share": (
        Figure(quantity="share of the world's production account", value=7.8777, unit="%",
               labels={"region": "IND", "year": "2022"}),
        Figure(quantity="share of the world's production account", value=7.2, unit="%",
               labels={"region": "EU27", "year": "2022"}),
    ),
    "default": (
        Figure(quantity="default value, direct", value=3.187, unit="t CO2e/t", labels=STEEL),
        Figure(quantity="default value, total before mark-up", value=3.187, unit="t CO2e/t",
               labels=STEEL),
        Figure(quantity="default value with mark-up", value=3.506, unit="t CO2e/t", labels=STEEL),
    ),
    "cost": (
        Figure(quantity="embedded emissions", value=3506.0, unit="t CO2e", labels=STEEL),
        Figure(quantity="cost before free allocation", value=272240.9, unit="EUR", labels=STEEL),
        Figure(quantity="cost of the certificates", value=168519.91, unit="EUR", labels=STEEL),
        Figure(quantity="part of the cost due to the mark-up", value=24770.35, unit="EUR",
               labels=STEEL),
    ),
    "grid": (
        Figure(quantity="carbon intensity of electricity", value=106.1, unit="g CO2e/kWh",
               labels={"region": "BRA", "year": "2024"}),
    ),
    "household": (
        Figure(quantity="consumption account", value=13238.9, unit="Mt CO2e",
               labels={**CHN, "households": "included"}),
    ),
    "methane": (
        Figure(quantity="GWP20", value=81.2, unit="t CO2e/t CH4", labels={"gas": "CH4"}),
        Figure(quantity="GWP20", value=82.5, unit="t CO2e/t CH4 fossil",
               labels={"gas": "CH4 fossil"}),
    ),
    "nature": tuple(
        Figure(quantity=f"{name}, {what}", value=value, unit="GtC",
               labels={"region": "WLD", "year": "2022", "process": name})
        for name, what, value in (
            ("fossil", "emission to the air", 10.178), ("atmosphere", "growth", 4.6728),
            ("ocean", "uptake", 2.7227), ("land", "uptake", 3.8708),
        )
    ),
    "sectors": tuple(
        Figure(quantity="footprint by final product", value=value, unit="Mt CO2e",
               labels={**CHN, "sector": sector})
        for sector, value in (("F", 4855.7), ("D", 1178.1))
    ),
}  # fmt: skip

WRONG = (
    ("gas", "China's footprint included 58.7 Mt CH4e."),
    ("gas", "China's footprint was 10,849 Mt CO2 equivalent."),
    ("gas", "China's footprint of 10,849 Mt CO2e was huge."),
    ("account", "China's footprint was 13,239 Mt CO2e per person."),
    ("account", "China's footprint was 13,239 Mt CO2e per km2."),
    ("account", "China's footprint was 13,239 Mt CO2e/GWh."),
    ("account", "China's annual footprint per person was 13,239 Mt CO2e."),
    ("account", "China absorbs 13,239 Mt CO2e every year by consumption."),
    ("account", "China's consumption causes 13,239 Mt CO2e every day."),
    ("account", "China's monthly footprint is 13,239 Mt CO2e."),
    ("account", "中国每月的碳足迹为13,239 Mt CO2e。"),
    ("account", "China's footprint is less than 13,239 Mt CO2e."),
    ("account", "China's footprint is at least about 13,239 Mt CO2e."),
    ("account", "中国的碳足迹不到13,239 Mt CO2e。"),
    ("account", "China does not have a footprint of 13,239 Mt CO2e."),
    ("account", "China's footprint isn't 13,239 Mt CO2e."),
    ("account", "中国的碳足迹并非13,239 Mt CO2e。"),
    ("account", "China's footprint is 13,239 million short tons of CO2e."),
    ("household", "China's industrial footprint is 13,239 Mt CO2e."),
    ("household", "中国工业的碳足迹为13,239 Mt CO2e。"),
    ("methane", "The GWP20 of fossil methane is 81.2 t CO2e/t."),
    ("methane", "The GWP20 of biogenic CH4 is 81.2 t CO2e/t."),
    ("methane", "化石甲烷的GWP20为81.2 t CO2e/t。"),
    ("methane", "The GWP20 of non-fossil methane is 82.5 t CO2e/t."),
    ("cost", "The certificates cost 168,520 EUR per tonne."),
    ("cost", "The embedded emissions of the steel from China are 3,506 t CO2e/t."),
    ("nature", "The ocean took up 2.7 GtCO2 in 2022."),
    ("nature", "Fossil emissions were 10.2 GtCO2 in 2022."),
    ("nature", "The ocean emitted 2.7 GtC in 2022."),
    ("nature", "The ocean released 2.7 GtC in 2022."),
    ("nature", "The land was a source of 3.9 GtC in 2022."),
    ("nature", "The atmosphere lost 4.67 GtC in 2022."),
    ("nature", "2022年陆地排放了3.87 GtC。"),
    ("nature", "Fossil fuels absorbed 10.2 GtC in 2022."),
    ("balance", "China is a net importer of 1,156 Mt CO2e."),
    ("balance", "China's net imports of embodied emissions were 1,156 Mt CO2e."),
    ("balance", "China runs a deficit of 1,156 Mt CO2e in embodied carbon."),
    ("balance", "中国净进口11.56亿吨CO2当量。"),
    ("account", "China's footprint fell by 13,239 Mt CO2e in 2022."),
    ("account", "Consumption in China rose by 13,239 Mt CO2e."),
    ("account", "中国的碳足迹增加了13,239 Mt CO2e。"),
    ("default", "The default value without mark-up is 3.506 t CO2e/t for CN 7208 51 20."),
    ("default", "The indirect default value is 3.187 t CO2e/t for CN 7208 51 20 from China."),
    ("cost", "After deducting free allocation, the cost is 272,241 EUR."),
    ("cost", "The cost of CBAM for steel from China is 272,241 EUR."),
    ("cost", "从中国进口1000吨税号7208的钢材，2026年需要支付的CBAM费用大约为272,241欧元。"),
    ("cost", "目前需要支付的费用为272,241欧元。"),
    ("cost", "The cost of CBAM for steel from China is 24,770 EUR."),
    ("account", "China emits 13,239 Mt CO2e on its own soil."),
    ("flow", "China's total exports of embodied carbon were 486.7 Mt CO2e."),
    ("account", "China's steel sector caused 13,239 Mt CO2e."),
    ("sectors", "China's construction footprint (sector D) is 4,856 Mt CO2e."),
    ("sectors", "Electricity (D) in China is responsible for 4,856 Mt CO2e."),
    ("sectors", "The construction sector of China directly emits 4,856 Mt CO2e."),
    ("share", "India emits 7.9 % of the EU's emissions."),
    ("both", "The USA outsources 82.7 Mt CO2e to China."),
    ("account", "China's footprint is 13,239 Mt CO2e, dozens of times Sweden's."),
    ("account", "China's footprint is a dozen Gt CO2e."),
    ("account", "China's footprint is a baker's dozen gigatonnes, half a dozen."),
    ("account", "China's footprint is two score Gt CO2e."),
    ("account", "China's footprint is MCCC Mt CO2e."),
    ("account", "China's footprint is ①⑤ Gt CO2e."),
    ("account", "中国的碳足迹为壹佰伍拾贰亿吨。"),
    ("account", "China's footprint is F15000 Mt CO2e."),
    ("account", "China's footprint is ISO 15000 Mt CO2e."),
    ("account", "China's footprint is EN 15000."),
    ("account", "China's footprint is GB 15000 Mt CO2e."),
    ("account", "China's footprint is No. 500/2020."),
    ("account", "15. Gt CO2e is China's footprint."),
    ("account", "- 15) Gt CO2e: China."),
    ("account", "China's footprint in Mt CO2e:\n15. approx."),
    ("pairs", "China's footprint is 2 factors above India's."),
    ("pairs", "China's footprint is 2 regions larger."),
)  # fmt: skip
RIGHT = (
    ("account", "China's footprint was 13,239 Mt CO2e per year."),
    ("account", "中国的碳足迹为壹佰叁拾贰亿吨二氧化碳当量。"),
    ("account", "China's footprint is thirteen point two billion tonnes CO2e."),
    ("pairs", "印度的碳足迹是三十七亿吨二氧化碳当量左右。"),
    ("pairs", "1. China: 13,239 Mt CO2e\n2. India: 3,742 Mt CO2e"),
    ("pairs", "① China: 13,239 Mt CO2e\n② India: 3,742 Mt CO2e"),
    ("pairs", "Of the 2 regions China leads with 13,239 Mt CO2e (ISO 14067, (EU) 2023/956)."),
    ("nature", "The ocean sink took up 2.7 GtC and the land absorbed 3.9 GtC in 2022."),
    ("nature", "Fossil emissions were 10.2 GtC in 2022."),
    ("nature", "2022年海洋吸收了2.72 GtC。"),
    ("balance", "China is a net exporter of 1,156 Mt CO2e."),
    ("balance", "中国净出口11.56亿吨CO2当量。"),
    ("default", "With mark-up the default value is 3.506 t CO2e/t for CN 7208 51 20."),
    ("default", "The direct default value is 3.187 t CO2e/t for CN 7208 51 20 from China."),
    ("cost", "Before free allocation, the cost is 272,241 EUR."),
    ("account", "China's footprint, which does not include removals, is 13,239 Mt CO2e."),
    ("account", "China's footprint is not only large but 13,239 Mt CO2e."),
    ("account", "China's footprint is 13,239 Mt CO2e, more than India's."),
    ("account", "Over the year 2022 China's footprint was 13,239 Mt CO2e."),
    ("grid", "The carbon intensity of electricity is 106.1 g CO2e/kWh, on average of generation."),
    ("household", "With its households, China's footprint is 13,239 Mt CO2e."),
    ("methane", "The GWP20 of methane is 81.2 t CO2e/t, that of fossil methane 82.5 t CO2e/t."),
    ("methane", "化石源甲烷的GWP20为82.5 t CO2e/t。"),
    ("cost", "The certificates cost 168,520 EUR."),
    ("cost", "未扣除免费配额时，费用为272,241欧元。"),
    ("cost", "扣除免费配额前，费用为272,241欧元。"),
    ("cost", "不计免费配额的费用为272,241欧元。"),
    ("cost", "Without free allocation it would be 272,241 EUR."),
    ("cost", "Of the cost, 24,770 EUR are due to the mark-up."),
    ("both", "Through trade, the USA outsourced 487 Mt CO2e of emissions to China."),
    ("default", "The direct value is 3.187 t CO2e/t; with the mark-up it is 3.506 t CO2e/t."),
    ("default", "欧盟CBAM对中国CN 7208 51 20的默认值（含加成）为每吨3.506吨CO2当量。"),
    ("flow", "China's total exports to the USA embodied 486.7 Mt CO2e."),
    ("sectors", "Construction (F) is responsible for 4,856 Mt CO2e of China's footprint."),
    ("share", "India emits 7.9 % of the world's emissions."),
)  # fmt: skip


def checked(kind: str, text: str):
    zh = any("\u4e00" <= c <= "\u9fff" for c in text)
    return ground(
        text, [ToolResult(title=kind, figures=RESULTS[kind])], language="zh" if zh else "en"
    )


@pytest.mark.parametrize(("kind", "text"), WRONG)
def test_a_right_number_with_a_wrong_word_is_loose(kind: str, text: str) -> None:
    assert not checked(kind, text).ok


@pytest.mark.parametrize(("kind", "text"), RIGHT)
def test_the_same_said_rightly_is_bound(kind: str, text: str) -> None:
    found = checked(kind, text)
    assert found.ok, found.told()
    assert found.numbers


def test_an_average_person_is_one_person() -> None:
    figure = Figure(quantity="consumption account per person", value=22.69, unit="t CO2e / person",
                    labels={"region": "USA", "principle": "consumption"})  # fmt: skip
    results = [ToolResult(title="per person", figures=(figure,))]
    assert ground("An average American was responsible for 22.7 tonnes of CO2e.", results).ok
    assert not ground("America was responsible for 22.7 tonnes of CO2e.", results).ok


@pytest.mark.parametrize(
    ("text", "value"),
    [("三十七亿吨", 3.7e9), ("壹佰叁拾贰亿吨", 1.32e10), ("①③ Gt", 13.0), ("half a dozen Mt", 6.0),
     ("MCMXIV t", 1914.0), ("seven point seven billion t", 7.7e9), ("½ t", 0.5)],
)  # fmt: skip
def test_numbers_in_other_signs_are_read(text: str, value: float) -> None:
    assert read(text)[0].value == pytest.approx(value)


def test_a_normal_answer_is_checked_in_milliseconds() -> None:
    text = RIGHT[4][1] + "\n" + RIGHT[0][1]
    checked("pairs", text)
    began = time.process_time()
    for _ in range(10):
        checked("pairs", text)
    assert (time.process_time() - began) / 10 < 0.05
