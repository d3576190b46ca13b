"""A question about several countries or years is asked of a tool for each of them."""

from __future__ import annotations

from typing import Any

import pytest
from agents.conversations import Script, answer

from mriocarbon.agents import ask
from mriocarbon.agents.checks import likewise, without_placeholders


@pytest.mark.parametrize(
    ("question", "arguments", "others"),
    [
        ("比较中国和印度热轧卷板的默认值", {"origin_name": "中国"}, [{"origin_name": "India"}]),
        ("Compare the account of the USA with that of Japan", {"region": "USA"},
         [{"region": "Japan"}]),
        ("China, India and Germany: who emits more?", {"region": "IND"},
         [{"region": "China"}, {"region": "Germany"}]),
        ("accounts of China and India", {"regions": ["China"]}, [{"regions": ["India"]}]),
        ("exports of China to India and Japan", {"origin": "China", "destination": "India"},
         [{"origin": "China", "destination": "Japan"}]),
        ("cement from Turkey in 2026 and 2028", {"origin_name": "Turkey", "year": 2026},
         [{"origin_name": "Turkey", "year": 2028}]),
        # one flow, one call
        ("exports of China to India", {"region": "China"}, []),
        ("flows between China and India", {"region": "China"}, []),
        ("Compare exports of China to India", {"region": "China"}, []),
        ("12 t and 50 t from China and India, respectively", {"origin_name": "China"}, []),
        ("steel from Turkey, EU benchmark", {"origin_name": "Turkey"}, []),
        ("中国与印度之间的贸易", {"region": "China"}, []),
        ("exports of China to India and Japan", {"region": "China"}, []),
        ("China and India", {"origin": "China", "destination": "India"}, []),
        # spans and baselines are no lists, and what names groups is for the model
        ("land sink of Brazil 2000 to 2022", {"region": "Brazil", "year": 2000}, []),
        ("Brazil in 2000 and 2022", {"region": "Brazil", "base_year": 2000}, []),
        ("the largest of China and India", {"region": "China"}, []),
        ("Regulation 2023/956 and 2025/2621 on China", {"origin_name": "China", "year": 2023}, []),
        # far too many for one answer
        ("China, India, Japan, Germany, France, Italy and Spain", {"region": "China"}, []),
    ],
)  # fmt: skip
def test_what_a_list_asks_for(
    question: str, arguments: dict[str, Any], others: list[dict[str, Any]]
) -> None:
    assert likewise(question, arguments) == others


def test_a_process_that_repeats_the_product_is_none() -> None:
    product = {"name": "grid electricity", "process": "Grid electricity", "unit": "kWh"}
    given = {"product": product, "location": "unknown"}
    assert without_placeholders(given) == {"product": {"name": product["name"], "unit": "kWh"}}
    named = {"product": "power", "process": "Electricity, at grid, US, 2008"}
    assert without_placeholders(named, [f"found: {named['process']}"]) == named
    assert without_placeholders(named, ["what is 1 kWh of power?"]) == {"product": "power"}


def default(origin: str) -> tuple[str, dict[str, Any]]:
    return ("default_value", {"good_name": "72083900", "origin_name": origin})


def test_one_call_brings_the_other_with_it_and_both_are_answered() -> None:
    script = Script(default("China"), answer("The values are in the results."))
    found = ask("Compare the CBAM default values of 72083900 from China and India.",
                model=script.model)  # fmt: skip
    assert [one.arguments["origin_name"] for one in found.calls] == ["China", "India"]
    assert "India" in script.read() and len(script.seen) == 2, "in one reply, without a reminder"
    assert {f.labels["region"] for c in found.calls for f in c.result.figures} == {"CHN", "IND"}
    assert found.status == "answered"


def test_what_the_part_before_found_is_no_answer_to_the_next() -> None:
    script = Script(
        ("interval", {"region": "India"}), answer("See the interval."),
        ("interval", {"region": "IND"}), ("drivers", {"region": "IND"}), answer("See the drivers."),
    )  # fmt: skip
    found = ask("How uncertain is India's footprint, and which data cause it?", model=script.model)
    assert [one.tool for one in found.calls] == ["interval", "interval", "drivers"]
    assert "has told that for the part before" in script.read()
    assert found.status == "answered"


def test_of_a_small_result_all_is_shown() -> None:
    """The words tell the cost before free allocation; the reader is to see what has to be paid."""
    script = Script(
        ("obligation", {"good_name": "7208", "origin_name": "China", "tonnes": 1000}),
        answer("Before free allocation the cost is 272,241 EUR."),
    )
    found = ask("CBAM cost of 1000 t of 7208 from China?", model=script.model)
    assert found.text.startswith("Before free allocation the cost is 272,241 EUR.")
    assert "cost of the certificates" in found.text and "168,520 EUR" in found.text


def test_methane_of_one_origin_is_not_methane() -> None:
    script = Script(
        ("gwp", {"gases": ["CH4"], "report": "AR6", "horizon": 20}),
        ("gwp", {"gases": ["CH4 fossil"], "report": "AR6", "horizon": 20}),
        answer("The GWP20 of fossil methane is 82.5 t CO2e/t in AR6."),
    )
    found = ask("GWP over 20 years of fossil methane in AR6?", model=script.model)
    assert "about CH4 fossil, not CH4" in found.calls[0].error
    assert found.text.startswith("The GWP20 of fossil methane is 82.5")


@pytest.mark.parametrize(
    ("question", "given", "made"),
    [
        ("What are China's methane emissions?", {"gas": "CO2"}, {"gas": "CH4"}),
        ("What are China's methane emissions?", {}, {"gas": "CH4"}),
        ("中国的甲烷排放是多少？", {}, {"gas": "CH4"}),
        ("How much does China emit in production?", {"principle": "consumption"},
         {"principle": "production"}),
        ("中国的消费侧排放是多少？", {"principle": "production"}, {"principle": "consumption"}),
        # as it was said, or not said
        ("What are China's methane emissions?", {"gas": "methane"}, {"gas": "methane"}),
        ("What are China's emissions of CO2 and methane?", {"gas": "CO2"}, {"gas": "CO2"}),
        ("What does China emit in Mt CO2e?", {"gas": "GHG"}, {"gas": "GHG"}),
        ("Domestic emissions of China against its footprint?", {"principle": "production"},
         {"principle": "production"}),
        ("What are the production and the consumption emissions of China?",
         {"principle": "production"}, {"principle": "production"}),
    ],
)  # fmt: skip
def test_the_gas_and_the_principle_are_those_of_the_question(
    question: str, given: dict[str, Any], made: dict[str, Any]
) -> None:
    script = Script(("account", {"regions": ["China"], **given}), answer("See the results."))
    found = ask(question, model=script.model)
    assert found.status == "answered"
    assert found.calls[0].arguments == {"regions": ["China"], **made}


def test_a_model_that_asks_for_all_of_them_itself_is_not_taken_for_one_that_loops() -> None:
    script = Script([default(one) for one in ("China", "India", "Turkey", "Ukraine", "Egypt")],
                    answer("The values are in the results."))  # fmt: skip
    found = ask("CBAM default values of 72083900 from China, India, Turkey, Ukraine and Egypt?",
                model=script.model)  # fmt: skip
    assert found.status == "answered", found.text
    assert len(found.calls) == 5


def test_one_of_a_list_that_is_not_known_does_not_lose_the_others() -> None:
    script = Script(("account", {"regions": ["China"]}), answer("See the results."))
    found = ask(
        "What are the consumption-based emissions of China and Vietnam?", model=script.model
    )
    assert found.status == "answered" and found.calls[0].result is not None
    assert [one.arguments["regions"] for one in found.calls][1] == ["Vietnam"]
