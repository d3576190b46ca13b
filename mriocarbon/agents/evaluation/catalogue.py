"""Two sets of questions, each question with the calls that answer it, written before any run.

An expected call gives arguments that mean what the question means; regions as codes. Numbers are
never typed: what an answer must hold is looked up by the expected call when it is scored.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mriocarbon import tools
from mriocarbon.errors import UnknownNameError
from mriocarbon.tools import Figure, ToolResult

About = Literal["trade", "cbam", "lca", "natural", "industry", "uncertainty", "data", "none"]
Kind = Literal[
    "simple", "multi-step", "ambiguous", "out of scope", "injected", "unanswerable", "misspelt"
]
Behaviour = Literal["answered", "asks back", "refused", "missing"]
SETS: Mapping[str, str] = {"usual": "questions.jsonl", "unseen": "unseen.jsonl"}
"""Sets of questions and their files. Nothing is ever fitted to the unseen one."""
FIRST = 3
"""How many figures of an expected result are compared where the question names none."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(_Frozen):
    """One call that answers a question, or a part of it.

    `figures` are labels, and perhaps ``quantity``, of the figures that the answer must hold; an
    empty mapping means the first one, none at all where it is left out.
    """

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    figures: dict[str, str] | None = None
    others: tuple[Expected, ...] = Field(default=(), description="calls that answer it as well")

    def call(self) -> ToolResult:
        """Return what it finds."""
        return tools.call(self.tool, self.arguments)

    def wanted(self, result: ToolResult) -> tuple[Figure, ...]:
        """Return the figures of its result that an answer must hold."""
        if self.figures is None:
            return ()
        found = tuple(one for one in result.figures if fits(one, self.figures))
        return found if self.figures else found[:1]

    def compared(self, result: ToolResult) -> tuple[Figure, ...]:
        """Return the figures by which another call is judged to mean the same."""
        return (self.wanted(result) if self.figures else ()) or result.figures[:FIRST]


class Question(_Frozen):
    """One question.

    Attributes
    ----------
    id : str
    about : str
        The specialist whose question it is; "none" for what is out of scope.
    language : {"en", "zh"}
    kind : str
    question : str
    expect : {"answered", "asks back", "refused", "missing"}
        "missing": whoever answers says that the data are not there.
    calls : tuple of Expected
        All of them are needed.
    options : tuple of str
        Codes that must be offered where it asks back.
    never : tuple of str
        Words that must not stand in the answer.
    """

    id: str
    about: About
    language: Literal["en", "zh"]
    kind: Kind
    question: str = Field(max_length=2000)
    expect: Behaviour = "answered"
    calls: tuple[Expected, ...] = ()
    options: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the question and what is expected."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    @property
    def slow(self) -> bool:
        """Whether an expected call takes more than a moment."""
        return any(tools.get(one.tool).cost == "slow" for one in self.calls)


def fits(figure: Figure, labels: Mapping[str, str]) -> bool:
    """Return whether a figure has these labels: ``quantity`` by words of it, "" for none."""
    return all(
        re.search(rf"\b{re.escape(value)}\b", figure.quantity) is not None
        if key == "quantity"
        else figure.labels.get(key, "") == value
        for key, value in labels.items()
    )


@lru_cache
def questions(name: str = "usual") -> tuple[Question, ...]:
    """Return all questions of a set.

    Parameters
    ----------
    name : {"usual", "unseen"}
        The usual ones were in view when the rules that choose a specialist without a model were
        written. The unseen ones were not, nor were those rules when they were written: their
        shares are what a new question may expect, as long as nothing is fitted to them.

    Raises
    ------
    UnknownNameError
        No such set.

    Examples
    --------
    >>> len(questions()) >= 120, len(questions("unseen"))
    (True, 72)
    """
    if name not in SETS:
        raise UnknownNameError.of("set of questions", name, SETS)
    text = resources.files(__package__).joinpath(SETS[name]).read_text(encoding="utf-8")
    return tuple(Question.model_validate_json(line) for line in text.splitlines() if line.strip())
