"""Verified traces as training data: what a specialist was told, called, read and said.

One record for each part of a question that a specialist answered without a flaw, in the chat
format with tool calls that trainers of LoRA adapters read: `messages` and `tools`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mriocarbon.agents.answer import Limits, Part, Spoken, Trace
from mriocarbon.agents.choosing import chosen
from mriocarbon.agents.evaluation.catalogue import questions
from mriocarbon.agents.evaluation.run import ANSWERS
from mriocarbon.agents.evaluation.scoring import Scored
from mriocarbon.agents.grounding import ground
from mriocarbon.agents.model import DEFAULT_CONTEXT, Budget
from mriocarbon.agents.shown import for_model
from mriocarbon.agents.specialists import description, schema, specialist
from mriocarbon.agents.trace import replay
from mriocarbon.agents.work import ANSWER, Work, ask_back_tool, prompt
from mriocarbon.errors import InputError
from mriocarbon.model.atomic import replacing
from mriocarbon.model.labels import fold
from mriocarbon.tools import get


def verified(trace: Trace) -> str:
    """Return why a trace is not fit to learn from; nothing if it is.

    It was answered, made again without a model it gives the same figures and text, and every
    number in the model's own words belongs to a figure.
    """
    if trace.status != "answered":
        return trace.status
    if any(one.error or not one.made for one in trace.calls):
        return "a call failed: a model should not learn it"
    results = [one.result for one in trace.calls if one.result is not None]
    for one in trace.spoken:
        own = [trace.calls[k].result for k in one.calls]
        if not one.text.strip() or not own:
            return "a part without words or without a call"
        found = ground(one.text, results, language=trace.language, question=trace.question)
        if not found.ok:
            return found.told()
    if not trace.spoken:
        return "nothing was said"
    return "" if replay(trace).same else "a replay gives another answer"


def records(trace: Trace) -> list[dict[str, Any]]:
    """Return the records of a trace, one for each part that a specialist answered.

    Each holds what the model had before it when it worked: the same instructions, the same tools
    with the same schemas, the same words of results, and the way in which it answers.
    """
    found = []
    for k, one in enumerate(trace.spoken):
        part = trace.plan[k] if k < len(trace.plan) else None
        if part is None or part.specialist != one.specialist:
            part = Part(specialist=one.specialist, question=trace.question)
        before = tuple(dict.fromkeys(c for j in part.after for c in trace.spoken[j].calls))
        found.append(_record(trace, one, part, before))
    return found


def _record(trace: Trace, spoken: Spoken, part: Part, before: tuple[int, ...]) -> dict[str, Any]:
    who = specialist(spoken.specialist)
    work = Work(
        part, trace.question, "", trace.language, Budget(Limits()), list(trace.calls),
        lambda event: None, before,
    )  # fmt: skip
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": who.instructions(trace.language)},
        {"role": "user", "content": prompt(work, "")},
    ]
    for k in spoken.calls:
        call = trace.calls[k]
        if call.result is None or k in before:
            continue
        messages.append(_called(f"call_{k}", call.tool, call.arguments))
        messages.append(
            {"role": "tool", "tool_call_id": f"call_{k}", "content": for_model(call.result)}
        )
    messages.append(_called("call_answer", "answer", {"text": spoken.text}))
    given = chosen(who, part.question, DEFAULT_CONTEXT, trace.question)
    for k in spoken.calls:  # a large context may have shown more
        given.setdefault(trace.calls[k].tool, schema(get(trace.calls[k].tool), trace.question))
    asking = ask_back_tool(strict=False).tool_def
    tools = [_function(name, description(get(name)), shown) for name, shown in given.items()]
    tools.append(_function(asking.name, asking.description or "", asking.parameters_json_schema))
    tools.append(_function("answer", ANSWER, _ANSWER_SCHEMA))
    return {"messages": messages, "tools": tools}


_ANSWER_SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["text"],
    "properties": {"text": {"type": "string"}},
}  # fmt: skip


def _called(name: str, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    written = json.dumps(arguments, ensure_ascii=False)
    function = {"name": tool, "arguments": written}
    return {
        "role": "assistant", "content": "",
        "tool_calls": [{"id": name, "type": "function", "function": function}],
    }  # fmt: skip


def _function(name: str, told: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": name, "description": told, "parameters": dict(parameters)},
    }


def traces(folder: Path) -> Iterator[tuple[str, Trace, Scored | None]]:
    """Return every trace of a folder: those of an evaluation, with scores, and single files."""
    if not folder.is_dir():
        raise InputError(f"no folder {folder}", do="name one that holds traces")
    for path in sorted(folder.rglob(ANSWERS)):
        for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                one = json.loads(line)
                question, trace = str(one["question"]), Trace.model_validate(one["trace"])
                scored = Scored.model_validate(one["scored"])
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # cut short
            yield question, trace, scored
    for path in sorted(folder.rglob("*.json")):
        try:
            trace = Trace.from_json(path.read_bytes())
        except ValueError:
            continue
        yield path.name, trace, None


def write(
    found: Iterable[tuple[str, Trace, Scored | None]], out: Path
) -> tuple[int, dict[str, str]]:
    """Write the records of the traces that are fit; return how many, and why the others are not.

    Answers to the unseen questions are not: a model that was trained on them has seen them.
    """
    unseen = {fold(one.question) for one in questions("unseen")}
    left: dict[str, str] = {}
    lines: dict[str, None] = {}
    for name, trace, scored in found:
        why = "; ".join(scored.why) or "scored wrong" if scored and not scored.right else ""
        if fold(trace.question) in unseen:
            why = "one of the unseen questions"
        why = why or verified(trace)
        if why:
            left[name] = why
            continue
        for record in records(trace):
            lines[json.dumps(record, ensure_ascii=False)] = None
    with replacing(out) as part:
        part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines), left
