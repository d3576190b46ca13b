"""`mriocarbon ask`: a question in words, answered by a served model that calls the tools."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mriocarbon.cli.shared import console, steps
from mriocarbon.errors import InputError, NotAvailableError, unreadable

if TYPE_CHECKING:
    from mriocarbon.agents import Answer, Event, Trace

EXIT = {"answered": 0, "asks back": 3, "refused": 4, "failed": 5}
CHANGED = 6


def ask(
    question: Annotated[str | None, typer.Argument(help="In English or Chinese.")] = None,
    endpoint: Annotated[
        str | None,
        typer.Option(
            help="OpenAI-compatible API, such as http://127.0.0.1:8000/v1; "
            "MRIOCARBON_LLM by default. A key is read from MRIOCARBON_LLM_KEY."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model to ask there; the one it serves by default.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1.0, max=86_400.0, help="Seconds for the whole question.")
    ] = 300.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole answer as JSON.")
    ] = False,
    trace: Annotated[Path | None, typer.Option(help="Write plan, calls and results here.")] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Answer again from a trace, without a model.")
    ] = None,
) -> None:
    """Ask a question in words; every number in the answer is one that a tool returned.

    Exits with 0 if answered, 3 if it asks back, 4 if it is not for these tools, 5 if the model
    failed, 6 if a replay gave other numbers than its trace.
    """
    _have_agents()
    if replay is not None:
        if question is not None:
            raise InputError("a question and --replay", do="give one of them")
        raise typer.Exit(_replay(replay, as_json))
    if question is None:
        raise InputError("no question", do='mriocarbon ask "How much does China emit?"')
    from mriocarbon import agents, config
    from mriocarbon.model.atomic import check_writable

    if trace is not None:
        check_writable(trace)
    with _watched() as progress:
        answer = agents.ask(
            question, endpoint=config.llm_endpoint(endpoint, model), progress=progress,
            limits=agents.Limits(seconds=seconds),
        )  # fmt: skip
    if trace is not None:
        write(answer.trace, trace)
    _show(answer, as_json)
    if trace is not None and not as_json:
        print(f"\nWrote {trace}")
    raise typer.Exit(EXIT[answer.status])


def _have_agents() -> None:
    import importlib.util

    if importlib.util.find_spec("pydantic_ai") is None:
        raise NotAvailableError.extra(
            "agents", "questions in words need pydantic-ai, which is not installed",
            where="mriocarbon ask",
        )  # fmt: skip


def write(trace: Trace, path: Path) -> None:
    """Write a trace, whole or not at all."""
    from mriocarbon.model.atomic import replacing

    with replacing(path) as temporary:
        temporary.write_text(trace.to_json(), encoding="utf-8")


def _replay(path: Path, as_json: bool) -> int:
    from pydantic import ValidationError

    from mriocarbon import agents

    try:
        recorded = agents.Trace.from_json(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error, "the trace") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise InputError(f"{path} is no trace", where=f"{place}: {first['msg']}") from None
    again = agents.replay(recorded)
    _show(again.answer, as_json)
    for k in again.changed:
        print(f"call {k + 1} ({recorded.calls[k].tool}) gives other numbers than the trace",
              file=sys.stderr)  # fmt: skip
    if again.described:
        print("the numbers are those of the trace; versions or caveats are not", file=sys.stderr)
    if not (again.changed or again.described or again.same):
        print("the words are not those of the trace: what is not proven was taken out",
              file=sys.stderr)  # fmt: skip
    return CHANGED if again.changed else EXIT[again.answer.status]


def _show(answer: Answer, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer.model_dump(mode="json"), ensure_ascii=False, indent=1))
        return
    from rich.text import Text

    text = Text(answer.text)
    if answer.status == "answered":
        for one in answer.numbers:
            text.stylize("bold", one.start, one.end)
    console().print(text, soft_wrap=not sys.stdout.isatty())


@contextmanager
def _watched() -> Iterator[Callable[[Event], None]]:
    """Tell on stderr what happens: a running line on a terminal, plain lines in a pipe."""
    with steps() as step:
        yield lambda event: _step(event, step)


def _step(event: Event, step: Callable[[str], None]) -> None:
    data = event.data
    if event.kind == "plan":
        step("plan: " + (", ".join(one["specialist"] for one in data["parts"]) or "none"))
    elif event.kind == "call":
        given = ", ".join(f"{key}={value}" for key, value in data["arguments"].items())
        step(f"{data['specialist']}: {data['tool']}({given})")
    elif event.kind == "result":
        step(f"{data['specialist']}: {data.get('title') or data['error']}")
    elif event.kind == "check":
        step(f"{data['specialist']}: checked: {data['what']}")
