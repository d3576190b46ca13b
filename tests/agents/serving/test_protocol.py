"""The protocol of tool calls, against a real vLLM server with the random model.

What it says is noise. So a call that comes back well formed was made so by the server, and what a
model can do to a client is done here: several calls, none, cut ones.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import jsonschema
import pytest

from mriocarbon.agents.serving.families import FAMILIES, OTHER
from mriocarbon.agents.serving.install import check, find
from mriocarbon.agents.serving.probe import probe
from mriocarbon.config import Endpoint

pytestmark = pytest.mark.llm
SEEDS = range(15)
# Strings are bounded and hold no control characters: else the random model writes strings that
# never end, or characters that JSON forbids and the schema does not.
TEXT = {"type": "string", "pattern": "^[A-Za-z ]{1,16}$"}
SCHEMAS = {
    "account": {
        "type": "object",
        "properties": {"region": TEXT, "year": {"type": "integer", "minimum": 1990,
                                                "maximum": 2030}},
        "required": ["region", "year"],
        "additionalProperties": False,
    },
    "bilateral": {
        "type": "object",
        "properties": {"exporter": TEXT, "importer": TEXT,
                       "gas": {"enum": ["CO2", "CH4", "GHG"]}},
        "required": ["exporter", "importer", "gas"],
        "additionalProperties": False,
    },
}  # fmt: skip
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": schema, "strict": True}}
    for name, schema in SCHEMAS.items()
]
NAMED = {"type": "function", "function": {"name": "bilateral"}}


def body(choice, seed=0, **more):
    return {
        "model": "tiny", "messages": [{"role": "user", "content": "What did Japan emit?"}],
        "tools": TOOLS, "tool_choice": choice, "max_tokens": 300, "seed": seed, **more,
    }  # fmt: skip


def ask(url, choice, seed=0, **more):
    """Return the only choice of the reply."""
    answer = httpx.post(f"{url}/chat/completions", json=body(choice, seed, **more), timeout=120)
    assert answer.status_code == 200, answer.text
    (reply,) = answer.json()["choices"]
    return reply


def arguments(call):
    """Return the name and arguments of a call that fits its tool's schema."""
    name = call["function"]["name"]
    given = json.loads(call["function"]["arguments"])
    jsonschema.validate(given, SCHEMAS[name])
    return name, given


def test_the_environment_is_whole():
    assert check().startswith("2.13.0")
    folder = find().folder / "lib" / "python3.11" / "site-packages"
    for name in ("torchvision", "torchaudio", "torchcodec", "triton"):
        assert not (folder / name).exists()


def test_the_model_is_listed(vllm_tiny):
    listed = httpx.get(f"{vllm_tiny}/models").json()["data"]
    assert [one["id"] for one in listed] == ["tiny", "adapted"]
    assert listed[0]["max_model_len"] == 8192


def test_an_adapter_is_a_model_of_its_own(vllm_tiny):
    said = {}
    for model in ("tiny", "adapted", "tiny"):
        given = {"model": model, "temperature": 0, "max_tokens": 12,
                 "messages": [{"role": "user", "content": "hi"}]}  # fmt: skip
        answer = httpx.post(f"{vllm_tiny}/chat/completions", json=given, timeout=120).json()
        text = answer["choices"][0]["message"]["content"]
        assert said.setdefault(model, text) == text
    assert said["tiny"] != said["adapted"]


def test_it_listens_on_this_machine_alone(vllm_tiny):
    assert vllm_tiny.startswith("http://127.0.0.1:")


def test_a_free_choice_gives_text_and_no_call_is_invented(vllm_tiny):
    for seed in range(3):
        message = ask(vllm_tiny, "auto", seed, max_tokens=40)["message"]
        assert message["content"] and not message.get("tool_calls")


def test_a_required_call_is_valid_every_time(vllm_tiny):
    for seed in SEEDS:
        reply = ask(vllm_tiny, "required", seed, parallel_tool_calls=False)
        (call,) = reply["message"]["tool_calls"]
        arguments(call)


def test_several_calls_come_back_unless_forbidden(vllm_tiny):
    counts = []
    for seed in SEEDS:
        reply = ask(vllm_tiny, "required", seed, max_tokens=1000)
        calls = reply["message"].get("tool_calls") or []
        counts.append(len(calls))
        if reply["finish_reason"] == "tool_calls":
            assert calls
        assert len({call["id"] for call in calls}) == len(calls)
        for call in calls:
            arguments(call)
    assert max(counts) > 1


def test_a_named_call_is_valid_every_time(vllm_tiny):
    for seed in SEEDS:
        reply = ask(vllm_tiny, NAMED, seed)
        (call,) = reply["message"]["tool_calls"]
        assert arguments(call)[0] == "bilateral"


def test_a_call_that_is_cut_says_so(vllm_tiny):
    """A client has to look at the reason: the call is not there, or is no JSON."""
    required = ask(vllm_tiny, "required", max_tokens=6)
    assert required["finish_reason"] == "length"
    assert not required["message"].get("tool_calls")
    named = ask(vllm_tiny, NAMED, max_tokens=6)
    assert named["finish_reason"] == "length"
    (call,) = named["message"]["tool_calls"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(call["function"]["arguments"])


@pytest.mark.parametrize("choice", ["required", NAMED], ids=["required", "named"])
def test_a_stream_joins_to_a_valid_call(vllm_tiny, choice):
    name, text, reasons, pieces = "", "", [], 0
    given = body(choice, 3, stream=True, parallel_tool_calls=False)
    with httpx.stream("POST", f"{vllm_tiny}/chat/completions", json=given, timeout=120) as answer:
        for line in answer.iter_lines():
            if not line.startswith("data: ") or line == "data: [DONE]":
                continue
            for one in json.loads(line[6:])["choices"]:
                reasons += [one["finish_reason"]] if one["finish_reason"] else []
                for call in one["delta"].get("tool_calls") or ():
                    pieces += 1
                    name += call["function"].get("name") or ""
                    text += call["function"].get("arguments") or ""
    assert pieces > 3
    arguments({"function": {"name": name, "arguments": text}})
    # a named call ends as if it were text: the reason alone does not tell of a call
    assert reasons == (["stop"] if choice is NAMED else ["tool_calls"])


def test_text_streams_in_pieces_that_join_to_the_whole(vllm_tiny):
    given = body("auto", 5, max_tokens=60)
    whole = httpx.post(f"{vllm_tiny}/chat/completions", json=given, timeout=120).json()
    text, pieces = "", 0
    with httpx.stream(
        "POST", f"{vllm_tiny}/chat/completions", json={**given, "stream": True}, timeout=120
    ) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                for one in json.loads(line[6:])["choices"]:
                    pieces += 1
                    text += one["delta"].get("content") or ""
    assert pieces > 10
    assert whole["choices"][0]["message"]["content"].startswith(text) and len(text) > 20


def test_two_requests_at_once_do_not_mix(vllm_tiny):
    def both(choice):
        return [ask(vllm_tiny, choice, seed, parallel_tool_calls=False) for seed in range(4)]

    with ThreadPoolExecutor(2) as pool:
        required, named = pool.map(both, ["required", NAMED])
    for reply in [*required, *named]:
        arguments(reply["message"]["tool_calls"][0])
    assert {r["message"]["tool_calls"][0]["function"]["name"] for r in named} == {"bilateral"}


def test_a_schema_bound_answer_is_valid(vllm_tiny):
    form = {"type": "json_schema", "json_schema": {
        "name": "answer", "schema": SCHEMAS["account"], "strict": True,
    }}  # fmt: skip
    for seed in range(5):
        given = body("none", seed, response_format=form)
        del given["tools"], given["tool_choice"]
        answer = httpx.post(f"{vllm_tiny}/chat/completions", json=given, timeout=120).json()
        said = answer["choices"][0]["message"]["content"]
        jsonschema.validate(json.loads(said), SCHEMAS["account"])


def test_an_unknown_tool_and_a_broken_request_are_refused(vllm_tiny):
    for wrong in (
        {"tool_choice": {"type": "function", "function": {"name": "no_such"}}},
        {"model": "another"},
        {"messages": "no list"},
        {"max_tokens": 100_000},
    ):
        answer = httpx.post(
            f"{vllm_tiny}/chat/completions", json={**body("auto"), **wrong}, timeout=120
        )
        assert 400 <= answer.status_code < 500, (wrong, answer.text)


def test_the_probe_tells_what_the_random_model_can_do(vllm_tiny):
    found = probe(Endpoint(vllm_tiny))
    assert found.models == ("tiny", "adapted") and found.forced and not found.calls
    assert found.said


def test_every_parser_of_the_table_is_one_of_vllm(vllm_tiny):
    """Its registry, read as text: importing it would take half a minute."""
    folder = find().folder / "lib" / "python3.11" / "site-packages" / "vllm" / "tool_parsers"
    registry = (folder / "__init__.py").read_text()
    for one in (*FAMILIES, OTHER):
        assert one.parser == "plain_json" or f'"{one.parser}"' in registry, one
