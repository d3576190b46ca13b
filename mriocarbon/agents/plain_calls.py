"""Calls of tools that a model wrote as plain text, read as calls.

Some models, served without a parser made for them, write ``{"name": ..., "arguments": {...}}`` in
their text: bare, in a code fence, between ``<tool_call>`` tags, one or several.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

_DECODER = json.JSONDecoder()
_MOST = 16
_OPENS = re.compile(r"\s*(?:<tool_call>|```(?:json)?|\[|\{)", re.IGNORECASE)
_NAMED = re.compile(r'"(?:name|function|tool_calls)"\s*:')


def calls_in(text: str, names: Collection[str]) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls of the tools `names` in a text, in order, at most 16.

    What is JSON but names no tool is passed over; it is text, not a call.

    Examples
    --------
    >>> calls_in('```json\\n{"name": "account", "arguments": {"gas": "CO2"}}\\n```', {"account"})
    [('account', {'gas': 'CO2'})]
    """
    found: list[tuple[str, dict[str, Any]]] = []
    place = 0
    while len(found) < _MOST and (place := text.find("{", place)) >= 0:
        try:
            value, place = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            place += 1
            continue
        found += _of(value, names)
    return found[:_MOST]


_WRAPPED = re.compile(
    r'\s*(?:```(?:json)?\s*)?\{\s*(?:"name"\s*:\s*"answer"\s*,\s*"arguments"\s*:\s*\{\s*)?'
    r'"(?:text|answer)"\s*:\s*"', re.IGNORECASE,
)  # fmt: skip
_COPIED = re.compile(r"^(?:f\d{1,3}\.|read as:|caveats:) .*\n?", re.MULTILINE)
_TAGS = re.compile(r"</?(?:answer|text|final|response)>\n?", re.IGNORECASE)


def as_said(text: str) -> str:
    """Return an answer that a model wrote as JSON, or in a fence of code, as plain words.

    A result copied line by line, as it was shown to the model, is none.

    Examples
    --------
    >>> as_said('```json\\n{"text": "It is 5 Mt."}\\n```'), as_said("It is 5 Mt.")
    ('It is 5 Mt.', 'It is 5 Mt.')
    >>> as_said('{"text": "It is 5 Mt. And')  # cut off
    'It is 5 Mt. And'
    """
    if len(_COPIED.findall(text)) > 1:
        return ""
    text = _TAGS.sub("", _COPIED.sub("", text))
    opened = _WRAPPED.match(text)
    if opened is None:
        return text
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text, text.index("{"))
        value = value.get("arguments", value)
        said = str(value.get("text", value.get("answer", "")))
        more = text[end:].strip().removeprefix("```").strip()
        return f"{said} {more}" if more and not more.startswith(("{", "`")) else said
    except (ValueError, AttributeError):  # cut off, or with quotes of its own
        inner = text[opened.end() :].rstrip().removesuffix("```").rstrip()
        while inner.endswith("}"):
            inner = inner[:-1].rstrip()
        inner = inner.removesuffix('"')
        return inner.replace('\\"', '"').replace("\\n", "\n")


def cut_call(text: str) -> bool:
    """Tell whether a text begins like a call but is no whole one: a reply that was cut off."""
    return bool(_OPENS.match(text) and _NAMED.search(text))


def _of(value: object, names: Collection[str]) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(value, Mapping):
        return []
    if isinstance(several := value.get("tool_calls"), list):
        return [call for one in several for call in _of(one, names)]
    if isinstance(inner := value.get("function"), Mapping):
        return _of(inner, names)
    name = value.get("name", value.get("function"))
    arguments = value.get("arguments", value.get("parameters", {}))
    if isinstance(arguments, str):  # as the wire of the chat completions has it
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return []
    if not isinstance(name, str) or name not in names or not isinstance(arguments, Mapping):
        return []
    return [(name, {str(key): one for key, one in arguments.items()})]
