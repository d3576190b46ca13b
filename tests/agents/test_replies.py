"""Whatever a model or an endpoint sends: one line for the reader, told to the model, bounded."""

from __future__ import annotations

import asyncio
import json
import time

import httpx2
import openai
import pytest
from pydantic_ai.messages import ModelResponse, ToolCallPart

from mriocarbon.agents import Limits, Turn, ask, coordinator
from mriocarbon.agents import model as binding
from mriocarbon.agents.plain_calls import as_said
from mriocarbon.agents.work import KEPT
from mriocarbon.config import Endpoint
from tests.agents.conversations import Script, answer, response

QUESTION = "What is the carbon footprint of China?"
CHINA = ("account", {"regions": ["China"]})


@pytest.mark.parametrize("given", ["[1,2]", "5", "null", '"China"', "true", "[" * 5000])
@pytest.mark.parametrize("tool", ["account", "ask_back", "answer"])
def test_arguments_that_are_no_object_are_told_and_made_again(given: str, tool: str) -> None:
    steps = [(tool, given), CHINA] if tool != "answer" else [CHINA, (tool, given)]
    script = Script(*steps, answer("See below."))
    found = ask(QUESTION, model=script.model)
    assert found.status == "answered"
    assert len(script.seen) == 3


@pytest.mark.parametrize("given", ["[1,2]", "null", {"what": ["x"]}, {}])
def test_arguments_that_are_never_an_object_fail_in_one_line(given: object) -> None:
    tool = "ask_back" if isinstance(given, dict) else "account"
    found = ask(QUESTION, model=Script((tool, given)).model)
    assert found.status == "failed"
    assert "\n" not in found.text
    assert "must be" in found.text
    assert found.trace.to_json()


def test_half_characters_end_nothing() -> None:
    half = "\ud800"
    script = Script(
        ("account", '{"regions": ["\\ud800"]}'), CHINA,
        answer(f"See {half} below."),
    )  # fmt: skip
    found = ask(f"What is the {half} carbon footprint of China?", model=script.model)
    assert found.status == "answered"
    assert found.trace.to_json().encode()


def broken(_messages: object, _info: object) -> ModelResponse:
    raise IndexError("list index out of range")


def test_any_exception_of_a_part_is_one_line() -> None:
    found = ask(QUESTION, model=Script(broken).model)
    assert found.status == "failed"
    assert found.text == "No answer: the reply of scripted cannot be used (IndexError)"
    found = ask("What is love, and what does it weigh?", model=Script(broken).model)
    assert found.status == "failed", "the planner fails in the same way"


def endpoint(monkeypatch: pytest.MonkeyPatch, reply: dict[str, object]) -> Endpoint:
    """Serve one model whose every reply is the one given."""

    def serve(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/models"):
            one = {"id": "m", "object": "model", "created": 1, "owned_by": "vllm"}
            return httpx2.Response(200, json={"object": "list", "data": [one]})
        key = request.headers["authorization"].removeprefix("Bearer ")
        return httpx2.Response(200, json=json.loads(json.dumps(reply).replace("KEY", key)))

    real = binding.bind

    async def bind(where: Endpoint, limits: Limits) -> binding.Bound:
        client = openai.AsyncOpenAI(
            base_url=where.url, api_key=where.key, max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(transport=httpx2.MockTransport(serve)),
        )  # fmt: skip
        return await real(where, limits, client=client)

    monkeypatch.setattr(coordinator, "bind", bind)
    return Endpoint("http://127.0.0.1:9/v1", "m", "very-secret-key")


def completion(*choices: object) -> dict[str, object]:
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": list(choices)}  # fmt: skip


@pytest.mark.parametrize("reply", [completion(), {"a": 1}, completion({"index": 0})])
def test_a_reply_that_is_no_completion_is_told_without_words_of_a_library(
    monkeypatch: pytest.MonkeyPatch, reply: dict[str, object]
) -> None:
    found = ask(QUESTION, endpoint=endpoint(monkeypatch, reply))
    assert found.status == "failed"
    assert "\n" not in found.text
    for word in ("pydantic", "validation error", "ChatCompletion", "http://127.0.0.1:9/v1/"):
        assert word not in found.text


@pytest.mark.parametrize(
    ("tool", "given"), [("account", {"regions": ["China", "KEY"]}), ("KEY", {}), ("account", "KEY")]
)
def test_a_key_that_is_sent_back_reaches_nobody_who_watches(
    monkeypatch: pytest.MonkeyPatch, tool: str, given: object
) -> None:
    call = {"id": "c", "type": "function",
            "function": {"name": tool, "arguments": json.dumps(given)}}  # fmt: skip
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    reply = completion({"index": 0, "finish_reason": "stop", "message": message})
    watched: list[str] = []
    found = ask(
        QUESTION, endpoint=endpoint(monkeypatch, reply),
        progress=lambda event: watched.append(event.model_dump_json()),
    )  # fmt: skip
    assert watched
    assert not [one for one in watched if "very-secret-key" in one]
    assert "very-secret-key" not in found.trace.to_json() + found.text


@pytest.mark.parametrize(
    "given", [{"regions": ["China" * 200_000]}, {"regions": ["China"] * 100_000}]
)
def test_arguments_without_end_are_refused_and_not_kept(given: dict[str, object]) -> None:
    found = ask(QUESTION, model=Script(("account", given), CHINA, answer("See below.")).model)
    assert found.status == "answered"
    assert not found.calls[0].made
    assert "at most 4000 characters" in found.calls[0].error
    kept = found.calls[0].arguments["cut"]
    assert kept.endswith("characters)")
    assert len(kept) < KEPT + 40
    assert len(found.trace.to_json()) < 40_000


def test_an_answer_without_end_is_kept_as_far_as_it_is_checked() -> None:
    text = "China's footprint is 13,239 Mt CO2e. " * 30_000
    found = ask(QUESTION, model=Script(CHINA, answer(text)).model)
    assert found.status == "answered"
    assert len(found.trace.spoken[0].text) <= 8000


def test_a_limit_without_a_result_promises_none() -> None:
    def slow(_messages: object, _info: object) -> ModelResponse:
        return ModelResponse(parts=[ToolCallPart("nothing", {})])

    found = ask(QUESTION, model=Script(slow).model, limits=Limits(requests=1))
    assert found.status == "failed"
    assert "before there was a result" in found.text
    assert "until then" not in found.text


def korea() -> Turn:
    asked = ask("What is Korea's carbon footprint?", model=Script("never").model)
    return Turn(question=asked.trace.question, answer=asked.text, options=asked.options)


@pytest.mark.parametrize(
    "reply",
    ["South Korea", "KOR", "韩国", "Republic of Korea", "the first one", "1", "South", "第一"],
)
def test_a_choice_is_understood_by_name_code_place_and_in_any_language(reply: str) -> None:
    meant = coordinator.chosen(reply, [korea()])
    assert meant.startswith("What is South Korea"), meant


def test_a_reply_that_is_no_choice_is_asked_again_and_a_new_question_is_one() -> None:
    before = korea()
    again = ask("the blue one", model=Script("never").model, history=[before])
    assert (again.status, again.options) == ("asks back", before.options)
    new = "How much does India emit?"
    assert coordinator.chosen(new, [before]) == new


def test_a_rule_of_dashes_holds_nobody_up() -> None:
    """A pattern that took twice as long for every dash: in question and answer."""
    rule = "\n" + "-" * 60 + "\n"
    script = Script(CHINA, answer(f"China's footprint is 13,239 Mt CO2e.{rule}Done."))

    async def both() -> str:
        return (await coordinator.ask_async(f"{QUESTION}{rule}please", model=script.model)).status

    async def timed() -> str:
        return await asyncio.wait_for(both(), 20)

    assert asyncio.run(timed()) == "answered"


@pytest.mark.parametrize(
    "written",
    [
        '```json\n{{"text": "{}"}}\n```', '{{"text": "{}"}}', '{{"text": "{}", "sure": true}}',
        '{{"name": "answer", "arguments": {{"text": "{}"}}}}', '{{"text": "{}',
        '{{"answer": "{}"}}', "<answer>\n{}\n</answer>",
    ],
)  # fmt: skip
def test_an_answer_in_json_is_read_as_words(written: str) -> None:
    said = "The consumption account of China was 13,238.9 Mt CO2e in 2022."
    script = Script(("account", {"regions": ["China"], "principle": "consumption"}),
                    written.format(said))  # fmt: skip
    found = ask("What is China's carbon footprint?", model=script.model)
    assert found.text.startswith(said) and "{" not in found.text.split("Figures:")[0]


def test_a_complaint_said_back_is_no_answer() -> None:
    script = Script(
        ("account", {"regions": ["China"], "principle": "consumption"}), answer("It is 99 Mt."),
        lambda messages, info: response(answer(str(messages[-1].parts[0].content))),
    )  # fmt: skip
    found = ask("What is China's carbon footprint?", model=script.model)
    assert "Not proven" not in found.text and "13,239" in found.text


def test_part_of_a_complaint_said_back_is_left_out_and_the_rest_stays() -> None:
    right = "The consumption account of China was 13,238.9 Mt CO2e in 2022."
    script = Script(
        ("account", {"regions": ["China"], "principle": "consumption"}), answer("It is so."),
        answer(f"{right} Call a tool for that, too."),
    )  # fmt: skip
    found = ask("Is the carbon footprint of China above that of India?", model=script.model)
    assert "India yet" in script.read() and found.text.startswith(right)
    assert "Call a tool" not in found.text


def test_a_result_copied_as_it_was_shown_is_no_answer() -> None:
    script = Script(
        ("account", {"regions": ["China"], "principle": "consumption"}),
        lambda messages, info: response(answer(str(messages[-1].parts[0].content))),
    )
    found = ask("What is China's carbon footprint?", model=script.model)
    assert found.status == "answered" and "13,239" in found.text
    assert "f1." not in found.text and "read as" not in found.text


def test_blanks_without_end_are_read_in_no_time() -> None:
    began = time.monotonic()
    for text in ('{"text": "' + '"' + " " * 50_000 + "x", '{"text": "' + "} " * 20_000):
        as_said(text)
    assert time.monotonic() - began < 1
    assert as_said('{"text": "It is 5 Mt."} and so on.') == "It is 5 Mt. and so on."
    assert as_said("It is 5 Mt.\nf1. account: 5 Mt") == "It is 5 Mt.\n"
