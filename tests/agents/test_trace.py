"""A trace holds a run, and makes its answer again without a model."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from mriocarbon import tools
from mriocarbon.agents import Trace, ask, replay
from mriocarbon.agents.coordinator import without
from mriocarbon.tools import registry
from tests.agents.conversations import Script, answer

CHINA = ("account", {"regions": ["China"]})
NUMBER = f"{tools.call(*CHINA).figures[0].value:,.0f}"
QUESTION = "What is the carbon footprint of China?"


def _trace() -> Trace:
    wrong = ("account", {"regions": ["Chinaaaa"], "principle": "x"})
    said = answer(f"China's footprint is {NUMBER} Mt CO2e. It rose by 77 %.")
    return ask(QUESTION, model=Script(wrong, CHINA, said).model).trace


def test_a_trace_holds_question_plan_calls_results_durations_model_and_versions() -> None:
    trace = _trace()
    assert trace.question == QUESTION
    assert [p.specialist for p in trace.plan] == ["trade"]
    assert trace.calls[1].arguments == {"regions": ["China"]}
    assert trace.calls[1].result == tools.call(*CHINA)
    assert trace.calls[1].digest == tools.call(*CHINA).digest
    assert all(one.seconds >= 0 for one in trace.calls) and trace.seconds > 0
    assert trace.model == "scripted"
    assert set(trace.versions) == {"mriocarbon", "pydantic-ai-slim"}
    assert trace.usage["calls"] == 2
    assert trace.text.startswith("China's footprint")
    assert trace.events[0].kind == "plan"


def test_json_and_back() -> None:
    trace = _trace()
    assert Trace.from_json(trace.to_json()) == trace
    with pytest.raises(ValidationError):
        Trace.from_json('{"question": "?"}')


def test_a_replay_gives_the_same_numbers_and_the_same_text() -> None:
    trace = Trace.from_json(_trace().to_json())
    again = replay(trace)
    assert again.same
    assert (again.changed, again.described) == ((), ())
    assert again.answer.text == trace.text
    assert [c.digest for c in again.answer.calls] == [c.digest for c in trace.calls]
    assert {again.answer.text[n.start : n.end] for n in again.answer.numbers} >= {NUMBER}


def test_a_replay_shows_no_result_of_a_call_that_was_never_made() -> None:
    trace = _trace()
    k, call = next((k, one) for k, one in enumerate(trace.calls) if one.result is not None)
    figure = call.result.figures[0].model_copy(update={"value": 999.0})
    result = call.result.model_copy(update={"figures": (figure,)})
    forged = call.model_copy(update={"made": False, "result": result})
    calls = (*trace.calls[:k], forged, *trace.calls[k + 1 :])
    again = replay(trace.model_copy(update={"calls": calls}))
    assert again.changed == (k,) and "999" not in again.answer.text


def test_a_replay_tells_numbers_that_are_no_longer_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trace = _trace()

    def other(name: str, arguments: object) -> tools.ToolResult:
        result = registry.call(name, arguments)  # type: ignore[arg-type]
        one = result.figures[0]
        assert one.value is not None
        return result.model_copy(
            update={"figures": (one.model_copy(update={"value": one.value + 100}),)}
        )

    monkeypatch.setattr(tools, "call", other)
    again = replay(trace)
    assert not again.same
    assert again.changed == (1,)
    assert NUMBER not in again.answer.text.split("\n\nFigures")[0], "the words no longer hold"


def test_a_replay_tells_apart_what_is_only_described_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trace = _trace()

    def newer(name: str, arguments: object) -> tools.ToolResult:
        return registry.call(name, arguments).model_copy(update={"version": "99"})  # type: ignore[arg-type]

    monkeypatch.setattr(tools, "call", newer)
    again = replay(trace)
    assert (again.changed, again.described) == ((), (1,))
    assert again.same


def test_what_was_asked_back_refused_or_failed_is_replayed_too() -> None:
    nothing = ("plan", {"parts": [{"specialist": "none", "question": "x"}]})
    wrong = ("account", {"regions": ["China"], "gas": "xenon-9"})
    for question, script in (
        ("What does Korea emit?", Script("-")),
        ("Weather?", Script(plan=[nothing])),
        (QUESTION, Script(wrong)),
    ):
        trace = ask(question, model=script.model).trace
        again = replay(Trace.from_json(trace.to_json()))
        assert again.same, trace.status
        assert again.answer.status == trace.status


def test_a_secret_is_taken_out_of_every_text_of_a_trace() -> None:
    trace = _trace().model_copy(update={"question": "key sk-abcdef here", "reason": "sk-abcdef"})
    assert "sk-abcdef" in json.loads(trace.to_json())["question"]
    clean = without(trace, "sk-abcdef")
    assert "sk-abcdef" not in clean.to_json()
    assert clean.calls == trace.calls
