"""The parser of tool calls on recorded replies, and on every way a stream can be cut up."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.agents.serving.inside.plain_json import Call, read, settled

NAMES = {"account", "trade"}
ONE = '{"name": "account", "arguments": {"region": "Japan", "year": 2022}}'
TWO = '{"name": "trade", "arguments": {"exporter": "China", "importer": "Japan"}}'
# Replies of Qwen2.5-Coder-1.5B-Instruct and, the last two, of the random model.
FENCED = f"```json\n{ONE}\n```"
TAGGED = f"<tool_call>\n{ONE}\n</tool_call>\n<tool_call>\n{TWO}\n</tool_call>"


def names(text):
    return [call.name for call in read(text, NAMES).calls]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        (ONE, ["account"]),
        (FENCED, ["account"]),
        (TAGGED, ["account", "trade"]),
        (f"{ONE}\n{TWO}", ["account", "trade"]),
        (f"[{ONE}, {TWO}]", ["account", "trade"]),
        (f"```\n[{ONE},\n{TWO}]\n```", ["account", "trade"]),
        (ONE.replace("arguments", "parameters"), ["account"]),
        ('{"name": "trade", "arguments": "{\\"exporter\\": \\"China\\"}"}', ["trade"]),
        ('{"arguments": {}, "name": "account"}', ["account"]),
    ],
)
def test_calls_are_found_without_tags_in_fences_and_several(text, called):
    reply = read(text, NAMES)
    assert [call.name for call in reply.calls] == called
    assert reply.text == ""
    assert all(isinstance(json.loads(call.arguments), dict) for call in reply.calls)


@pytest.mark.parametrize("length", range(len(TAGGED)))
def test_a_cut_reply_keeps_the_calls_that_are_whole(length):
    whole = [TAGGED.index(ONE) + len(ONE), TAGGED.index(TWO) + len(TWO)]
    assert names(TAGGED[:length]) == ["account", "trade"][: sum(end <= length for end in whole)]


def test_a_line_break_inside_a_string_is_read():
    text = '<tool_call>\n{"name": "account", "arguments": {"region":"a\nb\x10", "year"\n:2021}}'
    (call,) = read(text, NAMES).calls
    assert json.loads(call.arguments) == {"region": "a\nb\x10", "year": 2021}  # strict again


@pytest.mark.parametrize(
    "text",
    [
        "Japan emitted 1,062 Mt.",
        '{"name": "delete_files", "arguments": {}}',  # no tool of ours
        '{"name": "account", "arguments": [1]}',
        '{"name": "account", "arguments": "not JSON"}',
        '{"name": "account"}',
        '{"name": ["account"], "arguments": {}}',
        "set {a, b} and {",
        "",
    ],
)
def test_what_is_no_call_stays_text(text):
    assert read(text, NAMES) == (text, ())


def test_the_text_before_a_call_is_kept():
    assert read(f"Let me look.\n{FENCED}", NAMES) == ("Let me look.", (read(ONE, NAMES).calls[0],))
    assert read(ONE, NAMES).calls[0] == Call("account", '{"region": "Japan", "year": 2022}')


def stream(text, cuts):
    """What a client gets when the reply comes in pieces."""
    sent, calls = "", []
    for end in [*sorted(cuts), len(text)]:
        sent += text[len(sent) : settled(text[:end], NAMES)]
        calls += read(text[:end], NAMES).calls[len(calls) :]
    return sent, tuple(calls)


PIECES = st.sampled_from([
    ONE, TWO, FENCED, TAGGED, "text ", "{x} ", "` `` ", '{"a": 1} ', "[1] ", "<b> ",
    '{"name": "x"} ',
])  # fmt: skip


@given(st.lists(PIECES, max_size=4).map("".join), st.data())
def test_a_stream_gives_what_the_whole_reply_gives(text, data):
    text += "end"  # what may be the beginning of a call waits for what comes next
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=30))
    assert stream(text, cuts) == tuple(read(text, NAMES))


def test_plain_text_is_not_held_back():
    assert settled("Japan emitted 1,062 Mt", NAMES) == len("Japan emitted 1,062 Mt")
    assert settled('A set {a} and {"b": 1', NAMES) == len('A set {a} and {"b": 1')


@pytest.mark.parametrize("start", ['{"nam', "```js", '```json\n[{ "arguments"', "<tool_", ONE[:-1]])
def test_what_may_become_a_call_is_held_back(start):
    assert settled(f"So {start}", NAMES) == len("So")
