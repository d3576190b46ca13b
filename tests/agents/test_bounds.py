"""Replies that are cut, wrong or without end: told to the model, tried again within bounds."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart

from mriocarbon import tools
from mriocarbon.agents import Limits, ask
from mriocarbon.tools import ToolResult, registry
from tests.agents.conversations import Script, answer

QUESTION = "What is the carbon footprint of China?"
CONSUMED = "What are the consumption-based emissions of China?"
CHINA = ("account", {"regions": ["China"]})
CUT = ("account", '{"regions": ["Chi')


def test_a_call_cut_by_the_token_limit_is_made_again() -> None:
    cut = ModelResponse(parts=[ToolCallPart(*CUT)], finish_reason="length")
    script = Script(cut, CHINA, answer("See below."))
    found = ask(QUESTION, model=script.model)
    assert found.status == "answered"
    assert len(found.calls) == 1
    assert "EOF while parsing" in script.read(1)


def test_a_call_cut_in_plain_text_is_no_answer() -> None:
    cut = ModelResponse(
        parts=[TextPart('{"name": "account", "arguments": {"regions": ["Chi')],
        finish_reason="length",
    )
    script = Script(cut, CHINA, answer("See below."))
    found = ask(QUESTION, model=script.model)
    assert found.status == "answered"
    assert "cut off" in script.read(1)


def test_calls_that_are_always_cut_fail_clearly() -> None:
    cut = ModelResponse(parts=[ToolCallPart(*CUT)], finish_reason="length")
    found = ask(QUESTION, model=Script(cut).model)
    assert found.status == "failed"
    assert "did not get to the end of its reply" in found.text
    assert found.trace.usage["requests"] == Limits().retries + 1


def test_a_whole_call_is_made_whatever_the_reason_it_ended_for() -> None:
    """vLLM ends forced calls with "stop"; a call may also just fit into the token limit."""
    for reason in ("stop", "length", None):
        done = ModelResponse(parts=[ToolCallPart(*CHINA)], finish_reason=reason)  # type: ignore[arg-type]
        found = ask(QUESTION, model=Script(done, answer("See below.")).model)
        assert found.status == "answered", reason


def test_invalid_arguments_are_told_in_the_words_of_the_tool_and_corrected() -> None:
    script = Script(
        ("account", {"regions": ["China"], "principle": "footprint"}), CHINA, answer("See below.")
    )
    found = ask(CONSUMED, model=script.model)
    assert found.status == "answered"
    assert "principle: Input should be 'production'" in script.read(1)
    assert [bool(one.error) for one in found.calls] == [True, False]


def test_invalid_arguments_without_end_fail_clearly() -> None:
    script = Script(("account", {"regions": ["China"], "principle": "footprint"}))
    found = ask(CONSUMED, model=script.model, limits=Limits(retries=2))
    assert found.status == "failed"
    assert len(found.calls) == 3, "one call and two corrections"
    assert "principle: Input should be" in found.text


def test_a_tool_that_does_not_exist_is_told_and_never_made() -> None:
    script = Script(("read_file", {"path": "/etc/passwd"}), CHINA, answer("See below."))
    found = ask(QUESTION, model=script.model)
    assert [one.tool for one in found.calls] == ["account"]
    assert "Unknown tool name" in script.read(1)


def test_the_same_call_again_and_again_is_stopped_with_what_was_found() -> None:
    script = Script(CHINA)
    found = ask(QUESTION, model=script.model)
    assert found.status == "answered"
    assert len(found.calls) == 1, "made once"
    assert len(script.seen) <= 5
    assert "again and again" in found.text
    assert "13,239" in found.text or "Mt CO2e" in found.text


def test_an_endless_loop_of_new_calls_ends_at_the_limit_of_calls() -> None:
    gases = iter(range(10_000))

    def more(messages: Any, info: Any) -> Any:
        from tests.agents.conversations import response

        return response(("bilateral", {"origin": "China", "limit": 1 + next(gases) % 50}))

    asked = "Which partners buy most of the embodied emissions of China?"
    found = ask(asked, model=Script(more).model, limits=Limits(calls=4, requests=50))
    assert found.status == "answered"
    assert len(found.calls) == 4
    assert "limit of 4 calls" in found.text


def test_the_limit_of_requests_holds_over_all_parts() -> None:
    found = ask(QUESTION, model=Script("no call").model, limits=Limits(requests=2, retries=9))
    assert found.status == "failed"
    assert found.trace.usage["requests"] == 2
    assert "limit of 2 requests" in found.text


def test_the_limit_of_tokens_holds() -> None:
    found = ask(QUESTION, model=Script("no call").model, limits=Limits(tokens=10, retries=9))
    assert found.status == "failed"
    assert found.trace.usage["requests"] == 1
    assert "limit of 10 tokens" in found.text


def test_the_limit_of_seconds_holds_while_a_tool_works(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(text: str = "") -> ToolResult:
        """Take long."""
        time.sleep(20)
        return ToolResult(title="late")

    late = registry.Tool("account", "trade", "late", slow, "slow", ())
    known = {**registry._all(), "account": late}
    monkeypatch.setattr(registry, "_all", lambda: known)
    began = time.monotonic()
    script = Script(("account", {"text": "x"}))
    found = ask(QUESTION, model=script.model, limits=Limits(seconds=0.5))
    assert time.monotonic() - began < 10, "nothing waits for the tool"
    assert found.status == "failed"
    assert "0.5 s" in found.text


def test_a_fault_inside_a_tool_is_not_the_end_and_not_told_in_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(name: str, arguments: Any) -> ToolResult:
        raise RuntimeError("secret words of a driver")

    monkeypatch.setattr(tools, "call", broken)
    found = ask(QUESTION, model=Script(CHINA, "It failed.").model)
    assert found.status == "failed"
    assert "the tool failed (RuntimeError)" in found.text
    assert "secret" not in found.trace.to_json()


def test_results_are_shown_within_bounds_to_the_model() -> None:
    script = Script(("bilateral", {"limit": 50}), answer("See below."))
    ask("What are the largest embodied flows between countries?", model=script.model)
    assert len(script.read(1)) < 8000
    assert "more figures are not shown" in script.read(1)
