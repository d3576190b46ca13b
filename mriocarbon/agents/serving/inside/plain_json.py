"""A parser of tool calls for vLLM: calls as bare JSON, in a fence or between tags.

Qwen2.5-Coder is told by its own template to write ``<tool_call>`` tags and writes none: with the
stock ``hermes`` parser its calls come back as text. This one finds a call in

* ``{"name": ..., "arguments": {...}}`` alone or in a list, with ``parameters`` for ``arguments``,
* the same behind three backquotes, and between the tags,
* a reply that was cut: the calls that are whole are kept, where ``hermes`` loses them all.

A name that is not among the tools is text. vLLM takes this file by
``--tool-parser-plugin FILE --tool-call-parser plain_json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

# strict=False: a model may write a line break inside a string, which strict JSON forbids
_DECODER = json.JSONDecoder(strict=False)
_KEYS = ("name", "arguments", "parameters")
# What may stand between the text and a call, and a call's beginning with it.
_WRAPPING = r"(?:\s|```(?:json)?|<tool_call>|\[)*"
_WRAPPED = re.compile(_WRAPPING + r"\Z")
_OPENING = re.compile(_WRAPPING + r'(\{)\s*"(?:' + "|".join(_KEYS) + r')"\s*:')
_OPENINGS = tuple(
    f'{before}{bracket}{{"{key}":'
    for before in ("", "```json", "```", "<tool_call>")
    for bracket in ("", "[")
    for key in _KEYS
)
_LONGEST = 80


class Call(NamedTuple):
    """A call as the model wrote it: the name of a tool and its arguments as JSON."""

    name: str
    arguments: str


class Reply(NamedTuple):
    """What was read: the text before the first call, and the calls that are whole."""

    text: str
    calls: tuple[Call, ...]


def _as_call(value: object, names: Collection[str]) -> Call | None:
    """Return the call that a JSON value is, or None."""
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(name, str) or name not in names:
        return None
    given = next((value[key] for key in _KEYS[1:] if key in value), None)
    if isinstance(given, str):  # JSON inside JSON
        try:
            given = _DECODER.decode(given)
        except ValueError:
            return None
    if not isinstance(given, dict):
        return None
    return Call(name, json.dumps(given, ensure_ascii=False))


def read(text: str, names: Collection[str]) -> Reply:
    """Read the calls out of a model's reply.

    Parameters
    ----------
    text : str
        The reply, whole or cut.
    names : collection of str
        The tools that may be called.

    Returns
    -------
    Reply
        The text before the first call without fence and tag, and the calls in order. Without a
        call the text is the reply, unchanged.
    """
    calls: list[Call] = []
    first, at = len(text), 0
    while (at := text.find("{", at)) >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except ValueError:
            at += 1
            continue
        call = _as_call(value, names)
        if call is not None:
            first = min(first, at)
            calls.append(call)
        at = end
    if not calls:
        return Reply(text, ())
    return Reply(_WRAPPED.sub("", text[:first]), tuple(calls))


def settled(text: str, names: Collection[str]) -> int:
    """Return how many characters of an unfinished reply are text whatever comes next.

    The rest may be the beginning of a call: a fence, a tag, or JSON whose first key is one of a
    call's. It is held back until it is a call or can no longer be one; what begins like a call and
    never ends is not sent.
    """
    reply = read(text, names)
    if reply.calls:
        return len(reply.text)
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        try:
            _, at = _DECODER.raw_decode(text, opening.start(1))  # whole, and no call
        except ValueError:
            return opening.start()
    for start in range(max(at, len(text) - _LONGEST), len(text)):
        end = re.sub(r"\s", "", text[start:])
        if end and any(opening.startswith(end) for opening in _OPENINGS):
            return len(text[:start].rstrip())
    return len(text.rstrip())  # blanks before a call belong to it


if find_spec("vllm") is not None:  # pragma: no cover - only where vLLM is
    from vllm.entrypoints.generate.base.protocol import (
        DeltaFunctionCall,
        DeltaMessage,
        DeltaToolCall,
        ExtractedToolCallInformation,
        FunctionCall,
        ToolCall,
    )
    from vllm.renderers.chat_utils import make_tool_call_id
    from vllm.tool_parsers.abstract_tool_parser import ToolParser, ToolParserManager

    @ToolParserManager.register_module("plain_json")
    class PlainJsonToolParser(ToolParser):  # type: ignore[misc]
        """The parser as vLLM wants it."""

        def _names(self, request: Any) -> set[str]:
            return {tool.function.name for tool in request.tools or []}

        def extract_tool_calls(self, model_output: str, request: Any) -> Any:
            """Read a whole reply."""
            reply = read(model_output, self._names(request))
            return ExtractedToolCallInformation(
                tools_called=bool(reply.calls),
                content=reply.text or None,
                tool_calls=[
                    ToolCall(
                        id=make_tool_call_id(),
                        type="function",
                        function=FunctionCall(name=call.name, arguments=call.arguments),
                    )
                    for call in reply.calls
                ],
            )

        def extract_tool_calls_streaming(
            self,
            previous_text: str,
            current_text: str,
            delta_text: str,
            previous_token_ids: Sequence[int],
            current_token_ids: Sequence[int],
            delta_token_ids: Sequence[int],
            request: Any,
        ) -> Any:
            """Send text as soon as it is settled, and each call when it is whole."""
            names = self._names(request)
            sent: int = getattr(self, "_sent", 0)
            end = settled(current_text, names)
            text = current_text[sent:end]
            self._sent = max(sent, end)
            calls = read(current_text, names).calls
            new = []
            for index in range(len(self.prev_tool_call_arr), len(calls)):
                call = calls[index]
                self.current_tool_id = index
                self.current_tool_name_sent = True
                # vLLM compares these to see whether something was left unsent: the same string
                self.prev_tool_call_arr.append({"name": call.name, "arguments": call.arguments})
                self.streamed_args_for_tool.append(call.arguments)
                function = DeltaFunctionCall(name=call.name, arguments=call.arguments)
                new.append(
                    DeltaToolCall(
                        index=index,
                        id=make_tool_call_id(),
                        type="function",
                        function=function.model_dump(exclude_none=True),
                    )
                )
            if not text and not new:
                return None
            return DeltaMessage(content=text or None, tool_calls=new)
