"""Questions in words, answered by the agents, streamed as server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from mriocarbon.errors import InputError, MriocarbonError
from mriocarbon.service import problems
from mriocarbon.service.problems import Problem, Refused
from mriocarbon.service.settings import Settings

log = logging.getLogger("mriocarbon.service")

Ask = Callable[[str, Sequence[Any], Callable[[Any], None]], Awaitable[Mapping[str, Any]]]
"""A question to the agents: question, earlier turns, progress -> the answer as JSON."""

STREAM = "text/event-stream"
PING = 15.0


class Turn(BaseModel):
    """An earlier question of the same conversation, and what was answered."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=4000)
    answer: str = Field(default="", max_length=20_000)
    options: list[dict[str, str]] = Field(default=[], max_length=40)


class Question(BaseModel):
    """A question, and the conversation before it."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(
        min_length=1, max_length=4000, examples=["How much does China emit for others?"]
    )
    history: list[Turn] = Field(default=[], max_length=20)


def add(router: APIRouter, settings: Settings, ask: Ask | None) -> None:
    """Add the route of questions; without agents it says how to set them up."""
    running: set[asyncio.Task[Any]] = set()

    @router.post(
        "/v1/ask", tags=["ask"], summary="Ask in words", response_class=StreamingResponse,
        responses={200: {"content": {STREAM: {}}, "description": "events 'plan', 'call', "
                         "'result', 'check', 'text' while it works, and 'end' with the answer or "
                         "'problem'"}},
    )  # fmt: skip
    async def asked(request: Request, question: Question) -> Response:
        """Have a question answered; every number in the answer is bound to a tool's figure."""
        if ask is None:
            raise Refused(
                404, "not-available", "no language model is set up", where="MRIOCARBON_LLM",
                do="start one with `mriocarbon llm serve`, set MRIOCARBON_LLM to its address and "
                "start this server again; all tools work without it",
            )  # fmt: skip
        if len(running) >= settings.asks_at_once:
            raise Refused(
                429, "too-many", f"{len(running)} questions are being answered", where="/v1/ask",
                do="try again in a while", headers={"retry-after": "15"},
            )  # fmt: skip
        number = request.state.request_id
        stream = _answered(ask, question, settings.ask_seconds, running, number)
        return StreamingResponse(stream, media_type=STREAM, headers={"x-accel-buffering": "no"})


async def _answered(
    ask: Ask, asked: Question, seconds: float, running: set[asyncio.Task[Any]], number: str
) -> AsyncIterator[bytes]:
    """Yield what happens while a question is answered; whoever hangs up ends it."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(1000)

    def put(event: bytes | None) -> None:
        with contextlib.suppress(asyncio.QueueFull):  # nobody reads: the end still comes
            queue.put_nowait(event)

    def progress(event: Any) -> None:
        content = event.model_dump(mode="json") if isinstance(event, BaseModel) else dict(event)
        line = _event(str(content.get("kind", "progress")), content.get("data", content))
        loop.call_soon_threadsafe(put, line)

    async def work() -> bytes:
        try:
            history = [turn.model_dump() for turn in asked.history]
            async with asyncio.timeout(seconds):
                return _event("end", await ask(asked.question, history, progress))
        except TimeoutError:
            late = InputError(
                f"the question took more than {seconds:g} s", where="/v1/ask", do="ask for less"
            )
            return _problem(problems.of(late), number)
        except MriocarbonError as error:
            return _problem(problems.of(error), number)
        except Exception:
            log.exception("%s the question failed", number)
            return _problem(Problem(
                type=problems.KIND + "internal", title="internal", status=500,
                detail="this should not have happened", where="/v1/ask",
                do="report it with the request's number; the server's log says more",
            ), number)  # fmt: skip

    task = asyncio.create_task(work())
    running.add(task)
    task.add_done_callback(lambda _: put(None))
    try:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), PING)
            except TimeoutError:
                if task.done():
                    break
                yield KEEPALIVE_COMMENT
                continue
            if event is None:
                break
            yield event
        yield task.result()
    finally:
        task.cancel()
        running.discard(task)


def _problem(problem: Problem, number: str) -> bytes:
    told = problem.model_copy(update={"request_id": number})
    return _event("problem", told.model_dump(mode="json", exclude_defaults=True))


def _event(name: str, data: Any) -> bytes:
    text = json.dumps(data, ensure_ascii=False, default=str)
    return format_sse_event(data_str=text, event="".join(name.splitlines())[:40])
