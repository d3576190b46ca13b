"""An endpoint, without one: what it serves, what goes wrong with it, what is sent to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest

from mriocarbon import config
from mriocarbon.agents import Answer, Limits, ask_async, coordinator
from mriocarbon.agents import model as binding
from mriocarbon.agents.model import Bound, ModelFailedError, bind, shown_address

PLACE = config.Endpoint("http://127.0.0.1:8000/v1", key="sk-secret-key")
SERVED = {
    "object": "list",
    "data": [
        {"id": "qwen", "object": "model", "created": 1, "owned_by": "vllm", "max_model_len": 4096},
        {"id": "lora", "object": "model", "created": 1, "owned_by": "vllm", "parent": "qwen"},
    ],
}
Handler = Callable[[httpx2.Request], httpx2.Response]


def client(handler: Handler) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=PLACE.url, api_key=PLACE.key, max_retries=0,
        http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(handler)),
    )  # fmt: skip


def served(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, json=SERVED)


def bound(place: config.Endpoint, handler: Handler) -> Bound:
    return asyncio.run(bind(place, Limits(), client=client(handler)))


def test_the_model_is_the_one_that_is_served() -> None:
    found = bound(PLACE, served)
    assert (found.name, found.strict, found.context) == ("qwen", True, 4096)
    assert found.url == "http://127.0.0.1:8000/v1"


def test_an_adapter_is_asked_for_by_its_name() -> None:
    assert bound(config.Endpoint(PLACE.url, "lora"), served).name == "lora"


def test_a_wrong_name_tells_the_names_that_are_served() -> None:
    with pytest.raises(ModelFailedError, match="does not serve 'gpt-9'; it serves qwen, lora"):
        bound(config.Endpoint(PLACE.url, "gpt-9"), served)


def test_another_server_is_not_asked_for_strict_tools() -> None:
    one = {"id": "m", "object": "model", "created": 1, "owned_by": "x"}
    other = {"object": "list", "data": [one]}
    found = bound(PLACE, lambda request: httpx2.Response(200, json=other))
    assert not found.strict


def test_a_server_without_a_list_needs_a_name() -> None:
    def none(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404, json={"detail": "no"})

    assert bound(config.Endpoint(PLACE.url, "m"), none).name == "m"
    with pytest.raises(ModelFailedError, match="name one"):
        bound(PLACE, none)


def _raise(error: Exception) -> Handler:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise error

    return handler


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (_raise(httpx2.ConnectError("refused")), "nothing answers at http://127.0.0.1:8000/v1"),
        (_raise(httpx2.ReadTimeout("slow")), "did not answer in time"),
        (lambda r: httpx2.Response(401, json={"error": {"message": "key sk-secret-key"}}), "key"),
        (lambda r: httpx2.Response(403, json={}), "refuses the key"),
        (lambda r: httpx2.Response(500, text="<html>"), "HTTP 500"),
        (lambda r: httpx2.Response(200, text="<html>not json</html>"), "OpenAI-compatible API"),
    ],
)
def test_what_goes_wrong_is_one_clear_line_without_the_key(handler: Handler, words: str) -> None:
    with pytest.raises(ModelFailedError) as told:
        bound(PLACE, handler)
    text = str(told.value)
    assert words in text
    assert "\n" not in text and "sk-secret-key" not in text


@pytest.mark.parametrize("url", ["ftp://x/v1", "127.0.0.1:8000", "", "http://[::1", "file:///etc"])
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(ModelFailedError):
        asyncio.run(bind(config.Endpoint(url), Limits()))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:secret@host:1/v1?key=secret#x", "http://host:1/v1"),
        ("https://[::1]:8000/v1", "https://[::1]:8000/v1"),
    ],
)
def test_an_address_is_shown_without_secrets(url: str, shown: str) -> None:
    assert shown_address(url) == shown


def _answer(handler: Handler, monkeypatch: pytest.MonkeyPatch) -> Answer:
    whole = client(handler)

    async def bind_to(endpoint: config.Endpoint, limits: Limits) -> Bound:
        return await bind(endpoint, limits, client=whole)

    monkeypatch.setattr(coordinator, "bind", bind_to)
    question = "What is the carbon footprint of China?"
    return asyncio.run(ask_async(question, endpoint=PLACE))


def _reply(*calls: tuple[str, dict[str, Any]], text: str | None = None) -> Any:
    made = [
        {"id": f"c{k}", "type": "function", "function": {"name": n, "arguments": json.dumps(a)}}
        for k, (n, a) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": text, **({"tool_calls": made} if made else {})}
    return {
        "id": "1", "object": "chat.completion", "created": 1, "model": "qwen",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }  # fmt: skip


def test_what_is_sent_to_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/models"):
            return served(request)
        sent.append(json.loads(request.content))
        first = len(sent) == 1
        call = ("account", {"regions": ["China"]}) if first else ("answer", {"text": "Below."})
        return httpx2.Response(200, json=_reply(call))

    found = _answer(handler, monkeypatch)
    assert found.status == "answered"
    assert found.trace.usage == {"requests": 2, "calls": 1, "tokens": 30}
    first, second = sent
    assert first["model"] == "qwen" and first["temperature"] == 0
    assert first["max_completion_tokens"] == 512 < Limits().output_tokens
    assert "stream" not in first or not first["stream"]
    assert first["tool_choice"] == "required"
    assert second["tool_choice"] == "auto"
    functions = {one["function"]["name"]: one["function"] for one in first["tools"]}
    assert "answer" not in functions and "account" in functions
    assert all(one["strict"] is True for one in functions.values())
    account = functions["account"]["parameters"]
    assert account["additionalProperties"] is False
    assert "pattern" not in json.dumps(account) and "$ref" not in json.dumps(account)
    assert account["properties"]["regions"]["items"]["maxLength"] == 80, "bounded strings"
    assert "sk-secret-key" not in json.dumps(sent)
    size = len(json.dumps(first["tools"])) + len(json.dumps(first["messages"]))
    assert size < 4096 * 4, "leaves room in the context that the server has"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"error": {"message": "bad key sk-secret-key"}}, "refuses the key"),
        (404, {"error": {"message": "no such model", "code": "model_not_found"}}, "does not serve"),
        (429, {"error": {"message": "slow down"}}, "too many requests"),
        (500, {"error": {"message": "boom"}}, "HTTP 500"),
        (400, {"error": {"message": "This model's maximum context length is 4096 tokens",
                         "code": "context_length_exceeded"}}, "longer than the 4096 tokens"),
    ],
)  # fmt: skip
def test_what_goes_wrong_on_the_way_is_one_line(
    status: int, body: Any, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/models"):
            return served(request)
        return httpx2.Response(status, json=body)

    found = _answer(handler, monkeypatch)
    assert found.status == "failed"
    assert words in found.text
    assert "\n" not in found.text and "sk-secret-key" not in found.model_dump_json()


def test_a_server_that_goes_away_leaves_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0

    def handler(request: httpx2.Request) -> httpx2.Response:
        nonlocal count
        if request.url.path.endswith("/models"):
            return served(request)
        count += 1
        if count > 1:
            raise httpx2.ConnectError("gone")
        return httpx2.Response(200, json=_reply(("account", {"regions": ["China"]})))

    found = _answer(handler, monkeypatch)
    assert found.status == "answered"
    assert "Mt CO2e" in found.text and "nothing answers" in found.text


def test_plain_json_and_thinking_of_a_server_without_a_parser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [
        '<think>China!</think>{"name": "account", "arguments": {"regions": ["China"]}}',
        "The footprint is below.",
    ]

    def handler(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/models"):
            return served(request)
        return httpx2.Response(200, json=_reply(text=texts.pop(0)))

    found = _answer(handler, monkeypatch)
    assert found.status == "answered"
    assert found.text.startswith("The footprint is below.")


def test_words_for_an_unknown_failure_hold_no_body() -> None:
    place = Bound(None, "m", "http://x/v1")  # type: ignore[arg-type]
    told = binding.told(RuntimeError("secret body"), place)
    assert told == "the reply of m cannot be used (RuntimeError)"
