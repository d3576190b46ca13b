"""No number reaches a reader that no tool returned, and none of another country or year."""

from __future__ import annotations

import pytest

from mriocarbon import tools
from mriocarbon.agents import ask
from mriocarbon.agents.checks import sentences, unproven
from mriocarbon.agents.compose import kept
from mriocarbon.tools import Figure, ToolResult
from tests.agents.conversations import Script, answer

QUESTION = "What is the carbon footprint of China?"
CHINA = ("account", {"regions": ["China"]})
NUMBER = f"{tools.call(*CHINA).figures[0].value:,.0f}"


def test_an_invented_number_is_repaired_in_one_turn() -> None:
    script = Script(
        CHINA, answer("China's footprint is 99,999 Mt CO2e."),
        answer(f"China's footprint is {NUMBER} Mt CO2e."),
    )  # fmt: skip
    found = ask(QUESTION, model=script.model)
    assert found.text.startswith(f"China's footprint is {NUMBER} Mt CO2e.")
    assert "99,999" not in found.text
    assert "'99,999'" in script.read(2), "the model is told which number, and why"
    assert [e.kind for e in found.trace.events].count("check") == 1


def test_an_invented_number_that_stays_is_taken_out_with_its_sentence() -> None:
    both = answer(f"China's footprint is {NUMBER} Mt CO2e. That is 45 % more than in 1990.")
    found = ask(QUESTION, model=Script(CHINA, both).model)
    assert found.status == "answered"
    assert NUMBER in found.text
    assert "45" not in found.text.split("\n\nFigures")[0]
    assert "left out" in found.text


def test_where_nothing_can_be_proven_the_results_themselves_are_given() -> None:
    found = ask(QUESTION, model=Script(CHINA, answer("It is 99,999 Mt.")).model)
    assert found.status == "answered"
    assert "99,999" not in found.text
    assert found.text.startswith("GHG emissions, consumption account, 2022:")
    assert NUMBER in found.text
    assert "the results themselves" in found.text


def test_the_number_of_another_country_fails() -> None:
    two = ("account", {"regions": ["China", "India"]})
    india = f"{tools.call(*two).figures[1].value:,.0f}"
    swapped = answer(f"China's footprint is {india} Mt CO2e.")
    script = Script(two, swapped)
    found = ask("Compare the carbon footprints of China and India.", model=script.model)
    assert f"China's footprint is {india}" not in found.text
    reasons = [e.data["what"] for e in found.trace.events if e.kind == "check"]
    assert any("IND" in one for one in reasons)


def test_a_call_with_origin_and_destination_swapped_is_refused_before_it_is_made() -> None:
    wrong = ("bilateral", {"origin": "USA", "destination": "China"})
    right = ("bilateral", {"origin": "China", "destination": "USA"})
    script = Script(wrong, right, answer("See below."))
    found = ask("How much CO2 is embodied in China's exports to the USA?", model=script.model)
    assert found.status == "answered"
    assert [one.made for one in found.calls] == [False, True]
    assert "swapped" in found.calls[0].error
    assert "origin China, destination United States" in script.read(0), "code tells it beforehand"
    only = ask("How much CO2 is embodied in China's exports to the USA?", model=Script(wrong).model)
    assert only.status == "failed"
    assert all(one.result is None for one in only.calls)


def test_a_country_that_nobody_asked_about_is_refused() -> None:
    script = Script(("account", {"regions": ["Japan"]}))
    found = ask(QUESTION, model=script.model)
    assert found.status == "failed"
    assert "does not ask about Japan" in found.text


def test_a_year_that_the_question_does_not_name_is_refused() -> None:
    good = {"good_name": "7208 51 20", "origin_name": "China"}
    script = Script(
        ("default_value", {**good, "year": 2023}), ("default_value", {**good, "year": 2027}),
        answer("See below."),
    )  # fmt: skip
    found = ask("CBAM default value of 7208 51 20 from China in 2027?", model=script.model)
    assert [one.made for one in found.calls] == [False, True]
    assert "about 2027, not 2023" in found.calls[0].error


@pytest.mark.parametrize(
    "question",
    [
        "Which countries have the largest footprint?",
        "Footprints of the G7 and China?",
        "What is the world's footprint?",
    ],
)
def test_open_questions_may_be_about_any_country(question: str) -> None:
    script = Script(("account", {"regions": ["Japan"]}), answer("See below."))
    assert ask(question + " consumption-based", model=script.model).status == "answered"


def _two_scopes() -> ToolResult:
    return ToolResult(
        title="natural", figures=tuple(
            Figure(quantity="net flux", value=value, unit="Mt CO2",
                   labels={"region": "CHN", "scope": scope, "year": "2022"})
            for value, scope in ((-800.0, "managed land"), (250.0, "land-use change"))
        ),
    )  # fmt: skip


def test_figures_of_different_scopes_are_never_added() -> None:
    text = (
        "In China managed land took up a net flux of -800 Mt CO2 in 2022 and land-use change gave "
        "250 Mt CO2 in total together."
    )
    _, wrong = unproven(text, [_two_scopes()], "en", "natural carbon of China")
    assert any("never added" in why for *_, why in wrong)
    apart = text.replace(" in total together", "")
    assert not unproven(apart, [_two_scopes()], "en", "natural carbon of China")[1]


def test_a_sum_that_no_tool_made_is_loose() -> None:
    text = "The net flux of China was -550 Mt CO2 in 2022."
    assert kept(text, {0: _two_scopes()}, "en", "")[0] == ""


def test_calls_are_counted_as_the_answer_counts_them() -> None:
    result = tools.call(*CHINA)
    said = f"It is {NUMBER} Mt CO2e. It is 77 Mt CO2e. It is certain. Trade is what it is."
    text, numbers, removed = kept(said, {5: result}, "en", QUESTION)
    assert text == f"It is {NUMBER} Mt CO2e." and removed == 3, "what spoke of it went with it"
    text, numbers, removed = kept(f"It is {NUMBER} Mt CO2e.", {5: result}, "en", QUESTION)
    assert (text, removed) == (f"It is {NUMBER} Mt CO2e.", 0)
    assert [n.call for n in numbers] == [5]


@pytest.mark.parametrize("after", ["The same is true of trade.", "两国相近。", "That is much."])
def test_what_goes_on_from_a_removed_sentence_goes_with_it(after: str) -> None:
    said = f"It is {NUMBER} Mt CO2e. It is 77 Mt CO2e. {after}"
    text, _, removed = kept(said, {5: tools.call(*CHINA)}, "en", QUESTION)
    assert text == f"It is {NUMBER} Mt CO2e." and removed == 2


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It is 12.5 Mt. India has 3 Mt.", ["It is 12.5 Mt. ", "India has 3 Mt."]),
        ("中国为5 Mt。印度为3 Mt。", ["中国为5 Mt。", "印度为3 Mt。"]),
        ("- China: 5 Mt\n- India: 3 Mt", ["- China: 5 Mt\n", "- India: 3 Mt"]),
        ("e.g. 5 Mt of it", ["e.g. 5 Mt of it"]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text)] == parts
