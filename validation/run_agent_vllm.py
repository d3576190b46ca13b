"""Questions in words to a real vLLM server of a small model: right tools, proven numbers.

    python validation/run_agent_vllm.py [--model FOLDER] [--set unseen] [--limit 40] [--out FOLDER]

Needs vLLM's environment (`mriocarbon llm install`) and a model (`mriocarbon llm model small OUT`,
named by --model or MRIOCARBON_LLM_SMALL); SKIPPED without. `make validate-llm` makes both. A 1.5B
model on two cores takes about a minute for each question; answers are kept in --out, so that a
run that was broken off goes on.

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
from validation._check import Report

if TYPE_CHECKING:
    from mriocarbon.agents.evaluation.scoring import Scored

RIGHT_TOOL = 0.80
"""Share of the questions that must get a right tool."""

RECORDED = (
    "make validate-llm makes it; its last run, 2026-11-29, 1.5B model on two cores, 40 usual"
    " questions: right tool 25 of 30 (83 %), every printed number proven in 40 of 40 answers"
)


def main(arguments: list[str] | None = None) -> int:
    """Return 1 if too few questions get a right tool, or a printed number is not proven."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--model", type=Path, default=os.environ.get("MRIOCARBON_LLM_SMALL"))
    asked.add_argument("--set", choices=tuple(SETS), default="usual", help="which questions")
    asked.add_argument("--limit", type=int, default=40, help="questions, of all specialists alike")
    asked.add_argument("--out", type=Path, help="keeps answers and traces; goes on from them")
    asked.add_argument("--seconds", type=float, default=600.0, help="at most, for each question")
    options = asked.parse_args(sys.argv[1:] if arguments is None else arguments)
    report = Report("Questions in words to a served model")
    report.source(f"{SETS[options.set]} of mriocarbon.agents.evaluation, and the calls it expects")
    try:
        from mriocarbon.agents.answer import Limits
        from mriocarbon.agents.evaluation.run import evaluate
        from mriocarbon.agents.serving.install import find
        from mriocarbon.agents.serving.serve import launch, serving
        from mriocarbon.config import Endpoint

        environment = find()
    except (ImportError, NotAvailableError) as error:
        report.skip("all questions", f"{error}".splitlines()[0] + f"; {RECORDED}")
        return report.finish()
    if options.model is None or not Path(options.model).is_dir():
        report.skip("all questions", f"no model: name its folder with --model; {RECORDED}")
        return report.finish()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()

    def progress(place: int, number: int, one: Scored) -> None:
        print(f"  {place:>3}/{number} {time.monotonic() - started:6.0f} s  {one.question}: "
              f"{'right' if one.right else one.why}", flush=True)  # fmt: skip

    with tempfile.TemporaryDirectory() as kept:
        out = options.out or Path(kept)
        out.mkdir(parents=True, exist_ok=True)
        planned = launch(str(options.model), environment, port=port)
        try:
            with serving(planned, log=out / "vllm.log"):
                print(f"  server of {planned.model.name} after {time.monotonic() - started:.0f} s")
                found = evaluate(
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
            return report.finish()
    print("\n" + found.table())
    shares = found.shares()
    good, of = shares["tool"]
    report.true(
        f"right tool: {good} of {of} questions, {100 * good / max(of, 1):.0f} %"
        f" (at least {100 * RIGHT_TOOL:.0f} %)",
        of > 0 and good >= RIGHT_TOOL * of,
    )
    good, of = shares["grounded"]
    report.true(f"every printed number is proven: {good} of {of} answers", of > 0 and good == of)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
