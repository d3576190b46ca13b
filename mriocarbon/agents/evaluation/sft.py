"""Verified traces as training data: what a specialist was told, called, read and said.

One record for each part of a question that a specialist answered without a flaw, in the chat
format with tool calls that trainers of LoRA adapters read: `messages` and `tools`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mriocarbon.agents.answer import Spoken, Trace
from mriocarbon.agents.evaluation.run import ANSWERS
from mriocarbon.agents.evaluation.score import Scored
from mriocarbon.agents.grounding import ground
from mriocarbon.agents.shown import for_model
from mriocarbon.agents.specialists import specialist
from mriocarbon.agents.trace import replay
from mriocarbon.errors import InputError


def verified(trace: Trace) -> str:
    """Return why a trace is not fit to learn from; nothing if it is.

    It was answered, made again without a model it gives the same figures and text, and every
    number in the model's own words belongs to a figure.
    """
    if trace.status != "answered":
        return trace.status
    if any(one.error or not one.made for one in trace.calls):
        return "a call failed"
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
    """Return the records of a trace, one for each part that a specialist answered."""
    parts = list(trace.plan)
    found = []
    for k, one in enumerate(trace.spoken):
        part = parts[k].question if k < len(parts) else trace.question
        found.append(_record(trace, one, part))
    return found


def _record(trace: Trace, spoken: Spoken, question: str) -> dict[str, Any]:
    who = specialist(spoken.specialist)
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": who.instructions(trace.language)},
        {"role": "user", "content": question},
    ]
    for k in spoken.calls:
        call = trace.calls[k]
        if call.result is None:
            continue
        name = f"call_{k}"
        arguments = json.dumps(call.arguments, ensure_ascii=False)
        messages.append(
            {
                "role": "assistant", "content": "",
                "tool_calls": [
                    {"id": name, "type": "function",
                     "function": {"name": call.tool, "arguments": arguments}}
                ],
            }
        )  # fmt: skip
        messages.append({"role": "tool", "tool_call_id": name, "content": for_model(call.result)})
    messages.append({"role": "assistant", "content": spoken.text})
    tools = [
        {
            "type": "function",
            "function": {
                "name": one.name, "description": one.description, "parameters": one.schema()
            },
        }
        for one in who.tools()
    ]  # fmt: skip
    return {"messages": messages, "tools": tools}


def traces(folder: Path) -> Iterator[tuple[str, Trace, Scored | None]]:
    """Return every trace of a folder: those of an evaluation, with scores, and single files."""
    if not folder.is_dir():
        raise InputError(f"no folder {folder}", do="name one that holds traces")
    for path in sorted(folder.rglob(ANSWERS)):
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                one = json.loads(line)
            except ValueError:
                continue  # cut short
            yield (
                one["question"],
                Trace.model_validate(one["trace"]),
                Scored.model_validate(one["scored"]),
            )
    for path in sorted(folder.rglob("*.json")):
        try:
            trace = Trace.from_json(path.read_bytes())
        except ValueError:
            continue
        yield path.name, trace, None


def write(
    found: Iterable[tuple[str, Trace, Scored | None]], out: Path
) -> tuple[int, dict[str, str]]:
    """Write the records of the traces that are fit; return how many, and why the others are not."""
    left: dict[str, str] = {}
    lines: dict[str, None] = {}
    for name, trace, scored in found:
        why = "; ".join(scored.why) or "scored wrong" if scored and not scored.right else ""
        why = why or verified(trace)
        if why:
            left[name] = why
            continue
        for record in records(trace):
            lines[json.dumps(record, ensure_ascii=False)] = None
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines), left
