"""From a question to an answer: plan, let specialists work at once, compose, keep a trace."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError
from pydantic_ai import exceptions as failures

from mriocarbon import __version__, config
from mriocarbon.agents.answer import (
    Answer,
    Call,
    Event,
    Limits,
    Option,
    Part,
    Progress,
    Spoken,
    Status,
    Trace,
    Turn,
)
from mriocarbon.agents.compose import asked_back, finish
from mriocarbon.agents.mentions import ambiguous
from mriocarbon.agents.model import (
    Bound,
    Budget,
    LimitReachedError,
    ModelFailedError,
    bind,
    no_model,
    told,
    writable,
)
from mriocarbon.agents.routing import cues, plan
from mriocarbon.agents.words import language_of, word
from mriocarbon.agents.work import AskBackError, Work, do, in_thread
from mriocarbon.errors import InputError, MriocarbonError
from mriocarbon.model.labels import fold
from mriocarbon.tools import resolve

if TYPE_CHECKING:
    from pydantic_ai.models import Model

LONGEST = 4000
_TURNS = 3
_TURN_TEXT = 500
_SECRET = 6
"""A key shorter than that keeps nobody out, and is in every text."""


@dataclass
class _Run:
    """All that happens while one question is being answered."""

    question: str
    language: str
    history: tuple[Turn, ...]
    progress: Progress | None
    budget: Budget
    secret: str = ""
    calls: list[Call] = field(default_factory=list)
    spoken: dict[int, Spoken] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    planned_by: Literal["rules", "model", ""] = ""
    options: tuple[Option, ...] = ()
    status: Status = "failed"
    reason: str = ""
    bound: Bound | None = None
    url: str = ""

    def tell(self, event: Event) -> None:
        """Keep an event, and hand it to whoever watches."""
        if len(self.secret) >= _SECRET:
            event = event.model_copy(update={"data": _clean(event.data, self.secret)})
        self.events.append(event)
        if self.progress is not None:
            self.progress(event)

    def earlier(self) -> str:
        """Return what was said before in this conversation, short."""
        lines = []
        for turn in self.history[-_TURNS:]:
            lines.append(f"Q: {turn.question[:_TURN_TEXT]}")
            body = turn.answer.split("\n\n")[0]
            lines.append(f"A: {body[:_TURN_TEXT]}")
        return "\n".join(lines)


def ask(
    question: str,
    *,
    model: Model | None = None,
    endpoint: config.Endpoint | None = None,
    language: str | None = None,
    history: Sequence[Turn | Mapping[str, Any]] = (),
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Answer:
    """Answer a question in words; every number in the answer is one that a tool returned.

    Parameters
    ----------
    question : str
        At most 4,000 characters, in English or Chinese.
    model : pydantic_ai.models.Model, optional
        The model to ask, in place of an endpoint.
    endpoint : Endpoint, optional
        Where a model is served; by default the one that MRIOCARBON_LLM names.
    language : {"en", "zh"}, optional
        Of the answer; that of the question by default.
    history : sequence of Turn, optional
        The conversation before, oldest first.
    progress : callable, optional
        Is told an `Event` whenever something happens.
    limits : Limits, optional
        What the question may use up.

    Returns
    -------
    Answer
        Its `status` says whether it is one; a model that fails is told there, not raised.

    Raises
    ------
    NotAvailableError
        Neither a model nor an endpoint is named.
    InputError
        The question is empty or too long.

    Examples
    --------
    An ambiguous name is asked back before any model is; `endpoint` names one that is served.

    >>> from pydantic_ai.models.test import TestModel
    >>> found = ask("How much does Korea emit?", model=TestModel())
    >>> found.status, [one.code for one in found.options]
    ('asks back', ['KOR', 'PRK'])
    """
    return asyncio.run(
        ask_async(
            question, model=model, endpoint=endpoint, language=language, history=history,
            progress=progress, limits=limits,
        )
    )  # fmt: skip


async def ask_async(
    question: str,
    *,
    model: Model | None = None,
    endpoint: config.Endpoint | None = None,
    language: str | None = None,
    history: Sequence[Turn | Mapping[str, Any]] = (),
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Answer:
    """Answer a question in words, as `ask` does, inside a running event loop."""
    question = writable(question.strip())
    if not question:
        raise InputError("the question is empty", do="ask something")
    if len(question) > LONGEST:
        raise InputError(f"the question has {len(question)} characters", do=f"at most {LONGEST:,}")
    endpoint = endpoint or (None if model is not None else config.llm_endpoint())
    if model is None and endpoint is None:
        raise no_model()
    limits = limits or Limits()
    try:
        turns = tuple(Turn.model_validate(one) for one in history)
    except ValidationError as error:
        raise InputError(
            f"the conversation before is none: {error.errors()[0]['msg']}", where="history",
            do="give each turn its question, its answer, and the options that it asked for",
        ) from None  # fmt: skip
    run = _Run(
        chosen(question, turns), language or language_of(question), turns, progress,
        Budget(limits), endpoint.key if endpoint else "",
    )  # fmt: skip
    started, began = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    try:
        async with asyncio.timeout(limits.seconds):
            await _answer(run, model, endpoint)
    except TimeoutError:
        found = any(one.result is not None for one in run.calls)
        kind = "limit" if found else "limit alone"
        run.reason = word(kind, run.language, what=f"{limits.seconds:g} s")
        _give_up(run)
    finally:
        if run.bound is not None:
            await run.bound.close()
    run.tell(Event(kind="answer", data={"status": run.status}))
    # in a thread: the proof takes a while, and others are served by this loop
    return await in_thread(lambda: _done(run, started, time.monotonic() - began))


def chosen(question: str, history: Sequence[Turn]) -> str:
    """Return the question that is meant: the one before, if this is the choice it waited for.

    Examples
    --------
    >>> korea = Option(kind="country", asked="Korea", code="KOR", name="South Korea")
    >>> chosen("South Korea", [Turn(question="What does Korea emit?", options=(korea,))])
    'What does South Korea emit?'
    """
    if not history or not history[-1].options:
        return question
    before = history[-1]
    one = _choice(question, before.options)
    if one is not None:
        name = one.code if one.kind != "country" else one.name
        if one.asked in before.question:
            return before.question.replace(one.asked, name, 1)
        return f"{before.question} ({one.asked} = {name})"
    if len(question) <= _REPLY and not any(cues(question)) and question[-1:] not in "?？":
        return before.question  # a choice that is none of them: the same question is asked back
    return question


_REPLY = 40
"""Characters of a reply that can be a choice."""
_PLACES = (
    r"(?:the )?(?:1|1st|first)(?: one)?|第一个?", r"(?:the )?(?:2|2nd|second)(?: one)?|第二个?",
    r"(?:the )?(?:3|3rd|third)(?: one)?|第三个?", r"(?:the )?(?:4|4th|fourth)(?: one)?|第四个?",
)  # fmt: skip


def _choice(reply: str, options: Sequence[Option]) -> Option | None:
    """Return the option that a reply means: its code, its name in any language, its place."""
    said = fold(reply).strip(" .。!")
    code = resolve.country_code(said) if len(said) <= _REPLY else None
    for k, one in enumerate(options):
        if said in (fold(one.code), fold(one.name)) or one.code == code:
            return one
        if k < len(_PLACES) and re.fullmatch(_PLACES[k], said):
            return one
    words = set(said.removeprefix("the ").removesuffix(" one").split())
    fits = [one for one in options if words and words <= set(fold(one.name).split())]
    return fits[0] if len(fits) == 1 else None


async def _answer(run: _Run, model: Model | None, endpoint: config.Endpoint | None) -> None:
    if options := ambiguous(run.question):
        run.options, run.status = options, "asks back"
        return
    try:
        if model is not None:
            run.bound = Bound(model, model.model_name)
        else:
            assert endpoint is not None
            run.bound = await bind(endpoint, run.budget.limits)
        before = run.history[-1].question if run.history else ""
        run.parts, run.planned_by = await plan(run.question, before, run.bound, run.budget)
    except (ModelFailedError, LimitReachedError) as error:
        run.reason = error.what
        return
    except failures.AgentRunError as error:
        assert run.bound is not None
        run.reason = told(error, run.bound)
        return
    except MriocarbonError:
        raise
    except Exception as error:  # the client raises anything on what is no reply
        if run.bound is None:
            raise
        run.reason = told(error, run.bound)
        return
    shown = [{"specialist": one.specialist, "question": one.question} for one in run.parts]
    run.tell(Event(kind="plan", data={"parts": shown, "by": run.planned_by}))
    if not run.parts:
        run.status = "refused"
        return
    back = await _all_parts(run, run.bound)
    answered = any(one.result is not None for one in run.calls)
    if back and not answered:
        run.options, run.status = back[0].options, "asks back"
        run.reason, run.spoken = back[0].what, {}
        return
    if back:  # what was found for other parts is told, and so is what this one needs
        run.options = next((one.options for one in back if one.options), ())
    _settle(run)


async def _all_parts(run: _Run, bound: Bound) -> list[AskBackError]:
    """Let the specialists work, those that need no other's answer at once; return who asks back."""
    back: list[AskBackError] = []
    finished = [asyncio.Event() for _ in run.parts]

    async def one(k: int) -> None:
        part = run.parts[k]
        for j in part.after:
            await finished[j].wait()
        work = Work(
            part=part, question=run.question, language=run.language, budget=run.budget,
            context=" ".join(
                f"{t.question} {t.answer}"[:LONGEST] for t in run.history[-_TURNS:]
            ),
            calls=run.calls, tell=run.tell, forced=bound.forced,
            room=bound.context,
            before=tuple(c for j in part.after for c in run.spoken[j].calls),
        )  # fmt: skip
        try:
            run.spoken[k] = await do(work, bound, run.earlier())
        except AskBackError as error:
            back.append(error)
            run.spoken[k] = Spoken(
                specialist=part.specialist,
                calls=(*work.before, *work.mine),
                note=asked_back(error.options, run.language) if error.options else error.what,
            )
        except asyncio.CancelledError:
            run.spoken[k] = Spoken(specialist=part.specialist, calls=(*work.before, *work.mine))
            raise
        finished[k].set()

    async with asyncio.TaskGroup() as group:
        for k in range(len(run.parts)):
            group.create_task(one(k))
    return back


def _settle(run: _Run) -> None:
    """Say what came of it where no tool returned a result."""
    if any(one.result is not None for one in run.calls):
        run.status = "answered"
        return
    lacking = word("missing", run.language, what="")
    notes = [one.note for one in run.spoken.values() if one.note]
    run.status = "asks back" if any(one.startswith(lacking) for one in notes) else "failed"


def _give_up(run: _Run) -> None:
    """Keep what was found before the time was up."""
    if any(one.result is not None for one in run.calls):
        run.status = "answered"
        k = min(run.spoken, default=0)
        one = run.spoken.get(k) or Spoken(
            specialist=run.calls[0].specialist, calls=tuple(range(len(run.calls)))
        )
        run.spoken[k] = one.model_copy(update={"note": run.reason})


def _done(run: _Run, started: str, seconds: float) -> Answer:
    trace = Trace(
        question=run.question, language=run.language, status=run.status, reason=run.reason,
        plan=tuple(run.parts), planned_by=run.planned_by, calls=tuple(run.calls),
        spoken=tuple(run.spoken[k] for k in sorted(run.spoken)), options=run.options,
        events=tuple(run.events), model=run.bound.name if run.bound else "",
        endpoint=run.bound.url if run.bound else "", versions=versions(),
        usage=run.budget.used(), started=started, seconds=round(seconds, 3),
    )  # fmt: skip
    trace = without(trace, run.secret)
    status, text, numbers = finish(trace)
    trace = trace.model_copy(update={"status": status, "text": text})
    return Answer(
        status=status, text=text, numbers=numbers, calls=trace.calls, options=trace.options,
        trace=trace,
    )  # fmt: skip


def without(trace: Trace, secret: str) -> Trace:
    """Return a trace without a secret, wherever a text of it holds it."""
    if len(secret) < _SECRET:
        return trace
    return Trace.model_validate(_clean(trace.model_dump(mode="json"), secret))


def _clean(value: Any, secret: str) -> Any:
    if isinstance(value, str):
        return value.replace(secret, "[key]")
    if isinstance(value, dict):
        return {_clean(key, secret): _clean(one, secret) for key, one in value.items()}
    return [_clean(one, secret) for one in value] if isinstance(value, list | tuple) else value


def versions() -> dict[str, str]:
    """Return the versions of what made an answer."""
    return {"mriocarbon": __version__, "pydantic-ai-slim": metadata.version("pydantic-ai-slim")}
