"""`mriocarbon llm`: a language model of one's own: install, make, serve, look at."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from mriocarbon.cli.llm_evaluate import evaluate, traces
from mriocarbon.cli.shared import console, steps

app = typer.Typer(help="A language model of one's own.", no_args_is_help=True)
model_app = typer.Typer(help="Models to try the server with.", no_args_is_help=True)
app.add_typer(model_app, name="model")

Out = Annotated[Path, typer.Argument(help="A folder that is new or empty.")]


@app.command()
def install(
    gpu: Annotated[
        bool | None, typer.Option("--gpu/--cpu", help="By default for a GPU where there is one.")
    ] = None,
    into: Annotated[
        Path | None, typer.Option(help="Folder; MRIOCARBON_LLM_VENV or the cache by default.")
    ] = None,
    python: Annotated[str | None, typer.Option(help="A Python 3.11 to make it with.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether it is there and can be imported.")
    ] = False,
) -> None:
    """Make vLLM's own environment from a lock; it cannot share ours."""
    from mriocarbon.agents.serving import install as serving
    from mriocarbon.config import llm_environment

    if check:
        found = serving.find(into)
        torch = serving.check(into)
        print(f"vLLM {found.vllm} for {found.kind.upper()}, torch {torch}: {found.folder}")
        return
    kind: serving.Kind | None = None if gpu is None else ("gpu" if gpu else "cpu")
    with steps() as step:
        made = serving.install(into, kind=kind, python=python, progress=step)
    print(f"vLLM {made.vllm} for {made.kind.upper()}: {made.folder} (made in {made.seconds:.0f} s)")
    if made.folder != llm_environment().absolute():
        print(f"export MRIOCARBON_LLM_VENV={made.folder}")


@app.command()
def serve(
    model: Annotated[str, typer.Option(help="A model's folder, or OWNER/NAME at Hugging Face.")],
    port: Annotated[int, typer.Option(help="At 127.0.0.1.")] = 8000,
    lora: Annotated[
        list[str] | None, typer.Option(help="NAME=FOLDER of an adapter; repeatable.")
    ] = None,
    tensor_parallel: Annotated[int, typer.Option(help="Spread it over so many GPUs.")] = 1,
    tool_parser: Annotated[
        str | None, typer.Option(help="plain_json, hermes, ...; by the model's family by default.")
    ] = None,
    max_model_len: Annotated[int, typer.Option(help="Longest context, tokens.")] = 8192,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the command.")] = False,
) -> None:
    """Serve a model with vLLM at 127.0.0.1 until Ctrl-C."""
    from mriocarbon.agents.serving.families import OTHER
    from mriocarbon.agents.serving.install import find
    from mriocarbon.agents.serving.serve import launch, serving

    planned = launch(
        model, find(), port=port, lora=lora or (), tensor_parallel=tensor_parallel,
        tool_parser=tool_parser, max_model_len=max_model_len,
    )  # fmt: skip
    if dry_run:
        print(planned.line())
        return
    family = planned.model.family
    known = "unknown family" if family is OTHER else family.name
    print(f"{planned.model.name}: {known}, tool calls by {planned.parser}", flush=True)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with steps() as step, serving(planned, progress=step) as process:
            step("serving")
            print(f"Serving at {planned.url}; Ctrl-C ends it. In another terminal:")
            print(f"export MRIOCARBON_LLM={planned.url}", flush=True)
            _stay(process)
    except KeyboardInterrupt:
        print("ended")
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _stay(process: subprocess.Popen[bytes]) -> None:
    from mriocarbon.errors import NotAvailableError

    code = process.wait()
    raise NotAvailableError(
        f"the server ended by itself, with {code}", where="its log is named above",
        do="read the log, then start it again",
    )  # fmt: skip


@model_app.command()
def tiny(out: Out) -> None:
    """Make a random model of 0.4 M parameters: what it says is noise, its calls are real."""
    from mriocarbon.agents.serving import models
    from mriocarbon.agents.serving.install import find

    with steps() as step:
        made = models.tiny(out, find(), progress=step)
    print(f"mriocarbon llm serve --model {made}")


@model_app.command()
def small(out: Out) -> None:
    """Fetch Qwen2.5-Coder-1.5B-Instruct (1.1 GB) and round it to int8; goes on where it broke off.

    It needs 4.6 GB of disk for a while and keeps 2.2 GB.
    """
    from mriocarbon.agents.serving import models
    from mriocarbon.agents.serving.install import find

    with steps() as step:
        made = models.small(out, find(), progress=step)
    print(f"mriocarbon llm serve --model {made}")


@app.command()
def status() -> None:
    """Ask the endpoint what it serves, and let its model call a tool once."""
    from mriocarbon.agents.serving.probe import probe
    from mriocarbon.config import llm_endpoint
    from mriocarbon.errors import NotAvailableError

    endpoint = llm_endpoint()
    if endpoint is None:
        raise NotAvailableError(
            "no language model is named", where="MRIOCARBON_LLM",
            do="start one: mriocarbon llm serve --model FOLDER, then export MRIOCARBON_LLM=URL",
        )  # fmt: skip
    with steps() as step:
        step(f"asking {endpoint.url}")
        found = probe(endpoint)
    rows = [
        ("endpoint", found.url),
        ("models", ", ".join(found.models)),
        ("asked", found.model),
        ("calls a tool by itself", "yes" if found.calls else f"no; it said {found.said!r}"),
        ("calls a tool when it must", "yes, and its arguments fit" if found.forced else "no"),
        ("seconds for both", f"{found.seconds:.1f}"),
    ]
    from mriocarbon.report import listing

    listing.rows(("what", "found"), rows, console())


app.command()(evaluate)
app.command()(traces)
