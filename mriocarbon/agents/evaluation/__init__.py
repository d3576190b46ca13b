"""How good a model is at these questions: questions with expected calls, scores, training data."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mriocarbon.agents.evaluation.catalogue import Expected, Question, questions
    from mriocarbon.agents.evaluation.run import Evaluation, evaluate
    from mriocarbon.agents.evaluation.scoring import Scored, score
    from mriocarbon.agents.evaluation.sft import records, verified

_WHERE = {
    **dict.fromkeys(("Expected", "Question", "questions"), "catalogue"),
    **dict.fromkeys(("Evaluation", "evaluate"), "run"),
    **dict.fromkeys(("Scored", "score"), "scoring"),
    **dict.fromkeys(("records", "verified"), "sft"),
}

__all__ = [
    "Evaluation", "Expected", "Question", "Scored", "evaluate", "questions", "records", "score",
    "verified",
]  # fmt: skip


def __getattr__(name: str) -> Any:  # the questions can be read without the agents' libraries
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
