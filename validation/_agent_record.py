"""What a served model did with the questions: kept in agent_evaluation.json, which is committed.

The answers take minutes each, so that no run of the validation makes them again: the line of a
skipped run, and the docs, say what is written there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mriocarbon.compute.fingerprint import file_sha256

if TYPE_CHECKING:
    from mriocarbon.agents.evaluation.run import Evaluation

RECORD = Path(__file__).resolve().parent / "agent_evaluation.json"


def read(path: Path = RECORD) -> dict[str, dict[str, Any] | None]:
    """Return what is recorded of each set of questions; None of one that was never asked."""
    found: dict[str, dict[str, Any] | None] = json.loads(path.read_text(encoding="utf-8"))["sets"]
    return found


def last_run(path: Path = RECORD) -> str:
    """Return what is recorded, in words."""
    told = ["make validate-llm makes it; recorded in agent_evaluation.json:"]
    for name, one in read(path).items():
        if one is None:
            told.append(f"{name} questions never asked as a whole;")
            continue
        good, of = one["scores"]["tool"]
        proven, answers = one["scores"]["grounded"]
        told.append(
            f"{one['date']}, {one['model']}, {one['asked']} of {one['of']} {name} questions:"
            f" right tool {good} of {of} ({100 * good / max(of, 1):.0f} %), every printed number"
            f" proven in {proven} of {answers} answers;"
        )
    return " ".join(told).rstrip(";")


def write(
    path: Path,
    name: str,
    found: Evaluation,
    *,
    out: Path,
    model: Path | None = None,
    commit: str | None = None,
) -> None:
    """Record the scores of a set of questions, and what is known of the run; others stay.

    Date and version are those of the answers' own traces in `out`, which may be days old. What is
    not told is null: the hash without a `model` folder, and the commit.
    """
    from mriocarbon.agents.evaluation.catalogue import SETS, questions
    from mriocarbon.agents.evaluation.run import ANSWERS

    lines = (out / ANSWERS).read_text(encoding="utf-8").split("\n")
    scored = {one.question for one in found.scored}
    traces = [
        one["trace"] for one in map(_parsed, lines)
        if one.get("model") == found.model and one.get("question") in scored
    ]  # fmt: skip
    # a server calls a model by its folder: another folder's hash would tell of another model
    same = model if model and model.is_dir() and model.name == found.model else None
    newest = max(traces, key=lambda one: str(one["started"]))
    sets = read(path)
    sets[name] = {
        "questions": SETS[name], "asked": len(found.scored), "of": len(questions(name)),
        "model": found.model, "model_sha256": file_sha256(same) if same else None,
        "version": newest["versions"]["mriocarbon"], "commit": commit,
        "date": newest["started"][:10],
        "seconds": round(sum(one.seconds for one in found.scored)),
        "scores": {score: list(pair) for score, pair in found.shares().items()},
    }  # fmt: skip
    text = json.loads(path.read_text(encoding="utf-8")) | {"sets": sets}
    path.write_text(json.dumps(text, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _parsed(line: str) -> dict[str, Any]:
    """A line of answers; nothing of one that a kill cut short."""
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}
