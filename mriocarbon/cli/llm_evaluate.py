"""`mriocarbon llm evaluate` and `llm traces`: how good a model is, and what it can learn from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    endpoint: Annotated[
        str | None,
        typer.Option(help="OpenAI-compatible API, such as http://127.0.0.1:8000/v1; "
                     "MRIOCARBON_LLM by default."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model to ask there; the one it serves by default.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="trade, cbam, lca, natural, industry, uncertainty, data or none; "
                     "repeatable."),
    ] = None,
    which: Annotated[
        str,
        typer.Option("--set", help="usual, or unseen: questions to which nothing was fitted."),
    ] = "usual",
    limit: Annotated[int | None, typer.Option(min=1, help="How many questions at most.")] = None,
    seed: Annotated[int, typer.Option(help="Draws the questions of a limit.")] = 0,
    seconds: Annotated[float, typer.Option(min=1.0, help="Seconds for each question.")] = 300.0,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for answers, table and JSON; what it holds is not asked again."),
    ] = None,
) -> None:  # fmt: skip
    """Ask a served model the questions of the evaluation and score tools, arguments, numbers.

    The expected calls were written before any model was run; numbers are looked up by them.
    """
    from mriocarbon.agents.answer import Limits
    from mriocarbon.agents.evaluation.catalogue import questions
    from mriocarbon.agents.evaluation.run import evaluate as run
    from mriocarbon.agents.evaluation.scoring import Scored
    from mriocarbon.config import llm_endpoint
    from mriocarbon.model.atomic import replacing

    def told(k: int, of: int, one: Scored) -> None:
        mark = "right" if one.right else "; ".join(one.why)[:160] or "wrong"
        print(f"{k}/{of} {one.question}: {mark}", file=sys.stderr, flush=True)

    found = run(
        questions=questions(which), endpoint=llm_endpoint(endpoint, model), only=only or (),
        limit=limit, seed=seed, out=out, limits=Limits(seconds=seconds), progress=told,
    )  # fmt: skip
    print(found.table(), end="")
    if out is not None:
        for name, text in (("table.md", found.table()), ("evaluation.json", found.to_json())):
            with replacing(out / name) as part:
                part.write_text(text, encoding="utf-8")
        print(f"Wrote {out}")


def traces(
    source: Annotated[Path, typer.Option("--from", help="Folder of an evaluation, or of traces.")],
    out: Annotated[Path, typer.Option("--out", help="File of JSON lines to write.")],
    form: Annotated[
        str, typer.Option("--format", help="sft: chat messages with tool calls.")
    ] = "sft",
) -> None:
    """Write verified traces as training data for an adapter (LoRA) of a language model.

    Only traces that give the same figures again, every number of which belongs to one.
    """
    from mriocarbon.agents.evaluation import sft
    from mriocarbon.errors import InputError

    if form != "sft":
        raise InputError(f"no format {form!r}", do="--format sft")
    written, left = sft.write(sft.traces(source), out)
    for name, why in left.items():
        print(f"left out {name}: {why[:200]}", file=sys.stderr)
    print(f"Wrote {out}: {written} records; {len(left)} traces left out")
