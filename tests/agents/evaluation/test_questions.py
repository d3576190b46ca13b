"""The questions of the evaluation: enough of every kind, and every expected call really works."""

from __future__ import annotations

from collections import Counter

import pytest

from mriocarbon import tools
from mriocarbon.agents.evaluation.catalogue import SETS, Question, questions
from mriocarbon.errors import UnknownNameError

QUESTIONS = questions()
UNSEEN = questions("unseen")
EVERY = (*QUESTIONS, *UNSEEN)
CALLS = [
    (question, one) for question in EVERY for need in question.calls for one in (need, *need.others)
]
TAKES_LONG = {"paths"}


def test_there_are_enough_of_every_kind_and_in_both_languages():
    assert len(QUESTIONS) >= 140
    assert len({one.id for one in QUESTIONS}) == len({one.question for one in QUESTIONS})
    about = Counter(one.about for one in QUESTIONS)
    assert min(about[name] for name in tools_of()) >= 10, about
    assert Counter(one.language for one in QUESTIONS)["zh"] >= 0.32 * len(QUESTIONS)
    kinds = Counter(one.kind for one in QUESTIONS)
    assert set(kinds) == {
        "simple", "multi-step", "ambiguous", "out of scope", "injected", "unanswerable", "misspelt"
    }  # fmt: skip
    assert min(kinds.values()) >= 7, kinds


def test_the_unseen_set_covers_every_specialist_alike():
    about = Counter(one.about for one in UNSEEN)
    assert about == {name: 2 if name == "none" else 10 for name in tools_of()}
    chinese = Counter(one.about for one in UNSEEN if one.language == "zh")
    assert chinese == {name: 1 if name == "none" else 4 for name in tools_of()}
    kinds = Counter(one.kind for one in UNSEEN)
    assert set(kinds) == {one.kind for one in QUESTIONS}
    assert all(n >= 5 for kind, n in kinds.items() if kind != "out of scope"), kinds


def test_no_question_is_in_both_sets():
    for key in (lambda one: one.id, lambda one: one.question.casefold()):
        assert len({key(one) for one in EVERY}) == len(EVERY)


def test_a_set_that_is_not_there_is_refused():
    assert questions("usual") == QUESTIONS != UNSEEN
    assert set(SETS) == {"usual", "unseen"}
    with pytest.raises(UnknownNameError, match="unseen"):
        questions("unsen")


def tools_of() -> list[str]:
    return ["trade", "cbam", "lca", "natural", "industry", "uncertainty", "data", "none"]


@pytest.mark.parametrize("question", EVERY, ids=lambda one: one.id)
def test_what_is_expected_fits_the_kind(question: Question):
    if question.expect == "answered":
        assert question.calls
    else:
        assert not question.calls
    assert (question.expect == "asks back") == (question.kind == "ambiguous")
    assert (question.expect == "missing") == (question.kind == "unanswerable")
    assert (question.expect == "refused") == (question.about == "none")
    chinese = any("\u4e00" <= c <= "\u9fff" for c in question.question)
    assert chinese == (question.language == "zh")
    for word in question.never:
        assert word not in question.question or question.kind == "injected"


@pytest.mark.parametrize(("question", "one"), CALLS, ids=lambda x: getattr(x, "id", None) or x.tool)
def test_every_expected_call_fits_the_tool(question, one):
    tools.get(one.tool).arguments.model_validate(one.arguments)


def _run(question: Question, one) -> None:
    result = one.call()
    assert result.figures or result.items
    wanted = one.wanted(result)
    if one.figures is not None:
        assert 1 <= len(wanted) <= 2, [(f.quantity, f.labels) for f in wanted]
        assert all(figure.value is not None for figure in wanted)


FAST = [c for c in CALLS if tools.get(c[1].tool).cost == "fast" and c[1].tool not in TAKES_LONG]
ONE_EACH = list({one.tool: (question, one) for question, one in FAST}.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "one"), ONE_EACH, ids=lambda x: getattr(x, "id", "") or x.tool
)
def test_expected_calls_work_one_of_each_tool(question, one):
    _run(question, one)


@pytest.mark.slow
@pytest.mark.parametrize(("question", "one"), CALLS, ids=lambda x: getattr(x, "id", None) or x.tool)
def test_expected_calls_all_work(question, one):
    _run(question, one)
