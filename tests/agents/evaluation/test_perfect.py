"""A model without a flaw reaches full scores: questions, planning, tools and scorer fit."""

from __future__ import annotations

import pytest

from mriocarbon.agents import ask
from mriocarbon.agents.evaluation import questions, score
from tests.agents.evaluation.perfect import perfect

ALL = {one.id: one for one in questions()}


@pytest.mark.parametrize("name", ["trade-01", "trade-35", "data-01", "none-01"])
def test_a_perfect_model_is_right(name):
    question = ALL[name]
    found = score(
        question, ask(question.question, model=perfect(question), language=question.language)
    )
    assert found.right, found.why


@pytest.mark.slow
def test_a_perfect_model_is_right_almost_everywhere():
    wrong = {}
    asked = [one for one in ALL.values() if not one.slow and one.id != "trade-16"]
    for question in asked:
        answer = ask(question.question, model=perfect(question), language=question.language)
        found = score(question, answer)
        if not found.right:
            wrong[question.id] = found.why
        assert found.grounded, found.why
    assert len(wrong) <= 0.03 * len(asked), wrong
