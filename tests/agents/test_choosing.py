"""Which tools a model reads: those that people ask for in such words."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from mriocarbon import tools
from mriocarbon.agents.choosing import MOST, chosen, phrases, ranked, spelt
from mriocarbon.agents.evaluation.catalogue import questions
from mriocarbon.agents.specialists import SPECIALISTS
from mriocarbon.model.labels import fold

WHO = {tool.name: one for one in SPECIALISTS.values() for tool in one.tools()}


def test_every_tool_has_phrases_in_both_languages_and_none_is_there_twice() -> None:
    text = resources.files("mriocarbon.agents").joinpath("phrases.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    names = {one.name for one in tools.listing()}
    for language in ("en", "zh"):
        assert {row["tool"] for row in rows if row["language"] == language} == names
    assert len({fold(row["phrase"]) for row in rows}) == len(rows)
    # nothing is fitted to the questions that measure it
    asked = {fold(one.question) for name in ("usual", "unseen") for one in questions(name)}
    assert not asked & {fold(row["phrase"]) for row in rows}


@pytest.mark.parametrize("name", sorted(phrases()))
def test_a_phrase_asks_for_its_own_tool(name: str) -> None:
    first = [ranked(WHO[name].tools(), asked)[0][1].name for asked in phrases()[name]]
    assert sum(one == name for one in first) >= 0.9 * len(first)


@pytest.mark.parametrize(("name", "least"), [("usual", 0.97), ("unseen", 0.93)])
def test_the_tool_that_a_question_needs_is_among_the_few(name: str, least: float) -> None:
    found, number = [], []
    for one in questions(name):
        if one.about == "none":
            continue
        stay = chosen(SPECIALISTS[one.about], one.question, 8192)
        number += [len(stay)] if one.calls else []
        assert len(stay) <= MOST + 1
        for need in one.calls:
            found.append(any(way.tool in stay for way in (need, *need.others)))
    assert sum(found) >= least * len(found)
    assert sum(number) / len(number) < 4, "few, or a small model is lost among them"


@pytest.mark.parametrize("place", ["China", "Germany", "United States", "中国", "EU"])
@pytest.mark.parametrize("year", ["2022", "2030"])
def test_the_country_and_the_year_do_not_matter(place: str, year: str) -> None:
    known = SPECIALISTS["trade"].tools()
    asked = "net exports of embodied carbon of {} in {}"
    order = [one.name for _, one in ranked(known, asked.format(place, year))]
    assert order == [one.name for _, one in ranked(known, asked.format("Japan", "2019"))]


def test_one_year_is_no_path_of_years() -> None:
    who, asked = SPECIALISTS["cbam"], "How many certificates for 1,000 t of steel from China in {}?"
    assert "cost_path" not in chosen(who, asked.format("2026"), 8192)
    assert "cost_path" in chosen(who, asked.format("2026, 2030 and 2034"), 8192)
    assert "cost_path" in chosen(who, "How will CBAM costs develop until 2034?", 8192)


def test_a_large_context_has_room_for_more_and_a_tiny_one_for_the_nearest_alone() -> None:
    who, asked = SPECIALISTS["trade"], "net exports of embodied carbon of China"
    few, many = chosen(who, asked, 8192), chosen(who, asked, 32768)
    assert set(few) < set(many)
    tiny = chosen(who, asked, 100)
    assert list(tiny) == [next(iter(many))]


def test_words_that_nobody_uses_still_leave_tools() -> None:
    assert {"account"} < set(chosen(SPECIALISTS["trade"], "xyzzy", 8192))


def test_what_goes_on_from_a_question_has_the_tools_of_that() -> None:
    before = "What would fall away without the steel industry of China (hypothetical extraction)?"
    stay = chosen(SPECIALISTS["trade"], "And India?", 8192, f"And India?\n{before}")
    assert next(iter(stay)) == "extract"


@pytest.mark.parametrize(
    ("name", "question", "tool"),
    [
        ("trade", "Are China's emissions higher than those of the US?", "account"),
        ("trade", "Is it more than India's emissions?", "account"),
        ("cbam", "What are the CBAM default values of CN 7208 and of aluminium from China?",
         "default_value"),
        ("natural", "How large are the natural carbon sinks of Brazil?", "natural_account"),
    ],
)  # fmt: skip
def test_comparisons_and_plurals_ask_for_the_same(name: str, question: str, tool: str) -> None:
    assert tool in chosen(SPECIALISTS[name], question, 8192)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("simulte a blst furnace in china", "simulate a blast furnace in china"),
        ("carbn footprnt of the USA", "carbon footprint of the USA"),
        ("What is the footprint of a flux capacitor?", None), ("CO2 of Chile and Mali", None),
        ("中国的碳足迹", None), ("Nigr and Algeria", None),
    ],
)  # fmt: skip
def test_misspelt_words_are_read_and_names_are_left(written: str, meant: str | None) -> None:
    assert spelt(written) == (meant or written)
    assert spelt(meant or written) == (meant or written)


def test_words_of_questions_mostly_stay_as_they_are() -> None:
    changed = words = 0
    for name in ("usual", "unseen"):
        for one in questions(name):
            if one.kind not in ("misspelt", "injected") and one.language == "en":
                words += len(one.question.split())
                changed += len(set(spelt(one.question).split()) - set(one.question.split()))
    assert words > 0 and changed <= 0.01 * words
