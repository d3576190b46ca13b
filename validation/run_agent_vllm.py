"""Questions in words to a real vLLM server of a small model: right tools, proven numbers.

    python -m validation.run_agent_vllm [--model FOLDER] [--set unseen] [--limit 40]
                                        [--out FOLDER] [--record]

Needs vLLM's environment (`mriocarbon llm install`) and a model (`mriocarbon llm model small OUT`,
named by --model or MRIOCARBON_LLM_SMALL); SKIPPED without. `make validate-llm` makes both. A 1.5B
model on two cores takes about a minute for each question; answers are kept in --out, so that a
run that was broken off goes on, and one that is done is scored without a server. `--record` writes
what came out to agent_evaluation.json, from which the line of a skipped run and the docs have it.

The questions and the calls expected of them were written before any model was run. The rules that
send simple questions to a specialist without a model were widened afterwards with the usual
questions in view, so their shares are not those of new questions. `--set unseen` asks others, which
were written without a look at those rules and to which nothing was fitted.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from mriocarbon.agents.evaluation.catalogue import SETS, questions
from mriocarbon.errors import MriocarbonError, NotAvailableError
from validation._agent_record import RECORD, last_run, write
from validation._check import Report

if TYPE_CHECKING:
    from mriocarbon.agents.evaluation.run import Evaluation
    from mriocarbon.agents.evaluation.scoring import Scored

RIGHT_TOOL = 0.80
"""Share of the questions that must get a right tool."""


def main(arguments: list[str] | None = None) -> int:
    """Return 1 if too few questions get a right tool, or a printed number is not proven."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--model", type=Path, default=os.environ.get("MRIOCARBON_LLM_SMALL"))
    asked.add_argument("--set", choices=tuple(SETS), default="usual", help="which questions")
    asked.add_argument(
        "--limit", type=int, help="questions, of all specialists alike; 40 usual or all unseen ones"
    )
    asked.add_argument("--out", type=Path, help="keeps answers and traces; goes on from them")
    asked.add_argument("--seconds", type=float, default=600.0, help="at most, for each question")
    asked.add_argument("--record", action="store_true", help=f"write {RECORD.name}; needs --out")
    asked.add_argument("--commit", help="of the code that was run, to be recorded")
    options = asked.parse_args(sys.argv[1:] if arguments is None else arguments)
    if options.record and options.out is None:
        asked.error("--record needs --out, which keeps date and version of every answer")
    if options.limit is None and options.set == "usual":
        options.limit = 40
    report = Report("Questions in words to a served model")
    report.source(f"{SETS[options.set]} of mriocarbon.agents.evaluation, and the calls it expects")
    found = _done(options) if options.out else None
    if found is None:
        found = _ask(report, options)
    if found is None:
        return report.finish()
    print("\n" + found.table())
    if options.record:
        write(RECORD, options.set, found, out=options.out, model=options.model,
              commit=options.commit)  # fmt: skip
        print(f"wrote {RECORD.name}")
    shares = found.shares()
    good, of = shares["tool"]
    if options.set == "usual":
        report.true(
            "questions that got a right tool", of > 0 and good >= RIGHT_TOOL * of,
            value=f"{good} of {of}", bound=f"at least {100 * RIGHT_TOOL:.0f} %",
        )  # fmt: skip
    else:
        report.target(
            f"questions that got a right tool ({good} of {of}), percent",
            100 * good / max(of, 1), f"{100 * RIGHT_TOOL:.0f}", least=True,
            why="nothing was fitted to these questions",
        )  # fmt: skip
    good, of = shares["grounded"]
    report.true("answers of which every printed number is proven", of > 0 and good == of,
                value=f"{good} of {of}", bound="all")  # fmt: skip
    return report.finish()


def _done(options: argparse.Namespace) -> Evaluation | None:
    """The scores of a run that is done, if the folder holds one."""
    try:
        from mriocarbon.agents.evaluation.run import kept
    except ImportError:
        return None
    return kept(options.out, questions=questions(options.set), limit=options.limit)


def _ask(report: Report, options: argparse.Namespace) -> Evaluation | None:
    """Start a server and ask it what is not answered yet; None where that cannot be."""
    try:
        from mriocarbon.agents.answer import Limits
        from mriocarbon.agents.evaluation.run import evaluate
        from mriocarbon.agents.serving.install import find
        from mriocarbon.agents.serving.serve import launch, serving
        from mriocarbon.config import Endpoint

        environment = find()
    except (ImportError, NotAvailableError) as error:
        report.skip("all questions", f"{error}".splitlines()[0] + f"; {last_run()}")
        return None
    if options.model is None or not Path(options.model).is_dir():
        report.skip("all questions", f"no model: name its folder with --model; {last_run()}")
        return None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()

    def progress(place: int, number: int, one: Scored) -> None:
        print(f"  {place:>3}/{number} {time.monotonic() - started:6.0f} s  {one.question}: "
              f"{'right' if one.right else one.why}", flush=True)  # fmt: skip

    with tempfile.TemporaryDirectory() as short:
        out = options.out or Path(short)
        out.mkdir(parents=True, exist_ok=True)
        planned = launch(str(options.model), environment, port=port)
        try:
            with serving(planned, log=out / "vllm.log"):
                print(f"  server of {planned.model.name} after {time.monotonic() - started:.0f} s")
                return evaluate(
                    endpoint=Endpoint(planned.url, planned.model.name),
                    questions=questions(options.set),
                    limit=options.limit,
                    out=out,
                    limits=Limits(seconds=options.seconds),
                    progress=progress,
                )
        except MriocarbonError as error:
            print(error)
            report.true("the server runs and answers", False)
            return None


if __name__ == "__main__":
    sys.exit(main())
