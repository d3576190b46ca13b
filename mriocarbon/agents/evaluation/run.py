"""Ask every question, score every answer, and say how good a model is."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mriocarbon.agents.answer import Answer, Limits
from mriocarbon.agents.coordinator import ask
from mriocarbon.agents.evaluation.catalogue import Question
from mriocarbon.agents.evaluation.catalogue import questions as all_questions
from mriocarbon.agents.evaluation.scoring import SCORES, Scored, score, share, wilson
from mriocarbon.agents.model import START, ModelFailedError, bind, no_model
from mriocarbon.config import Endpoint, llm_endpoint
from mriocarbon.errors import InputError, NotAvailableError

if TYPE_CHECKING:
    from pydantic_ai.models import Model

ANSWERS = "answers.jsonl"
SILENT = 3
"""After so many answers in a row without a word of the model, its endpoint is taken for dead."""
_HEADS = {
    "behaviour": "behaviour", "tool": "tool", "arguments": "arguments", "numbers": "numbers",
    "grounded": "printed numbers grounded", "own_words": "own words grounded",
}  # fmt: skip
Progress = Callable[[int, int, Scored], None]


@dataclass(frozen=True)
class Evaluation:
    """The scores of one model.

    Attributes
    ----------
    model : str
    scored : tuple of Scored
        In the order of the questions.
    """

    model: str
    scored: tuple[Scored, ...]

    def shares(self, **of: str) -> dict[str, tuple[int, int]]:
        """Return good answers and answers for each score, of one language, kind, ... only."""
        chosen = [one for one in self.scored if all(getattr(one, k) == v for k, v in of.items())]
        return {name: share(chosen, name) for name in (*SCORES, "right")}

    def table(self) -> str:
        """Return a table in Markdown: per cent of the answers, with 95 % Wilson intervals."""
        heads = [*_HEADS.values(), "all right"]
        lines = [
            f"Model: {self.model}; {len(self.scored)} questions of the {self._set()} set",
            "",
            "| questions | n | " + " | ".join(heads) + " |",
            "|---|---:|" + "---|" * len(heads),
        ]
        groups: list[tuple[str, dict[str, str]]] = [("all", {})]
        for key in ("about", "language", "kind"):
            values = dict.fromkeys(getattr(one, key) for one in self.scored)
            groups += [(f"{key}: {value}", {key: value}) for value in values]
        for name, of in groups:
            shares = self.shares(**of)
            n = sum(all(getattr(one, k) == v for k, v in of.items()) for one in self.scored)
            lines.append(f"| {name} | {n} | " + " | ".join(map(_cell, shares.values())) + " |")
        return "\n".join(lines) + "\n"

    def _set(self) -> str:
        unseen = [one.question.startswith("unseen-") for one in self.scored]
        return "usual" if not any(unseen) else "unseen" if all(unseen) else "mixed"

    def to_json(self) -> str:
        """Return scores and table as JSON text."""
        shares = {
            name: {"good": good, "of": of, "low": wilson(good, of)[0], "high": wilson(good, of)[1]}
            for name, (good, of) in self.shares().items()
        }
        content: Mapping[str, Any] = {
            "model": self.model, "questions": len(self.scored), "scores": shares,
            "answers": [one.model_dump(mode="json") for one in self.scored],
        }  # fmt: skip
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cell(counts: tuple[int, int]) -> str:
    good, of = counts
    if not of:
        return "-"
    low, high = wilson(good, of)
    return f"{100 * good / of:.0f} % ({good}/{of}; {100 * low:.0f}-{100 * high:.0f})"


def chosen(
    questions: Iterable[Question] | None = None,
    *,
    only: Sequence[str] = (),
    limit: int | None = None,
    seed: int = 0,
) -> tuple[Question, ...]:
    """Return the questions to ask: of some specialists only, at most `limit`, drawn in turns.

    A limit takes from every specialist alike, so that few questions still cover all.
    """
    pool = tuple(questions) if questions is not None else all_questions()
    known = {one.about for one in pool}
    for name in only:
        if name not in known:
            raise InputError(
                f"no questions about {name!r}", do=f"one of {', '.join(sorted(known))}"
            )
    pool = tuple(one for one in pool if not only or one.about in only)
    if limit is None or limit >= len(pool):
        return pool
    rng = random.Random(seed)
    piles: dict[str, list[Question]] = {}
    for one in pool:
        piles.setdefault(one.about, []).append(one)
    for pile in piles.values():
        rng.shuffle(pile)
    drawn: list[Question] = []
    while len(drawn) < limit:
        for pile in piles.values():
            if pile and len(drawn) < limit:
                drawn.append(pile.pop())
    order = {one.id: k for k, one in enumerate(pool)}
    return tuple(sorted(drawn, key=lambda one: order[one.id]))


def evaluate(
    *,
    endpoint: Endpoint | None = None,
    model: Model | None = None,
    questions: Iterable[Question] | None = None,
    only: Sequence[str] = (),
    limit: int | None = None,
    seed: int = 0,
    out: Path | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Ask a model every question and score its answers.

    Parameters
    ----------
    endpoint, model : Endpoint, pydantic_ai.models.Model, optional
        As `mriocarbon.agents.ask` takes them.
    questions : iterable of Question, optional
        The usual ones by default; `questions("unseen")` for those to which nothing was fitted.
    only : sequence of str
        Specialists; all if empty.
    limit : int, optional
        How many questions at most, drawn by `seed` from every specialist alike.
    out : Path, optional
        A folder. Every answer is written there at once, with its trace; what is there already,
        by this model and of this question, is not asked again.
    limits : Limits, optional
        What each question may use up.
    progress : callable, optional
        Is told place, number and scores after every answer.

    Raises
    ------
    NotAvailableError
        No endpoint, or one that does not answer.

    Examples
    --------
    >>> evaluate(endpoint=Endpoint("http://127.0.0.1:8000/v1"), limit=10).table()  # doctest: +SKIP
    'Model: ...'
    """
    asked = chosen(questions, only=only, limit=limit, seed=seed)
    if model is not None:
        name = model.model_name
    else:
        endpoint = endpoint or llm_endpoint()
        if endpoint is None:
            raise no_model()
        name = _served(endpoint, limits or Limits())
    before = _before(out).get(name, {}) if out else {}
    done: list[Scored] = []
    silent = 0
    for k, one in enumerate(asked, start=1):
        kept = before.get(one.id)
        if kept is not None and kept[0] == one.digest:
            scored = kept[1]
        else:
            answer = ask(
                one.question, endpoint=endpoint, model=model, limits=limits, language=one.language
            )
            scored = score(one, answer)
            silent = silent + 1 if _silent(answer) else 0
            if silent >= SILENT:
                raise NotAvailableError(
                    f"the model said nothing to {silent} questions: {answer.text[:300]}",
                    where=answer.trace.endpoint, do="look at the server, then run this again",
                )  # fmt: skip
            if out and not silent:  # a question that met no model is asked again next time
                _keep(out, one, answer, scored, name)
        done.append(scored)
        if progress is not None:
            progress(k, len(asked), scored)
    return Evaluation(name, tuple(done))


def kept(
    out: Path, *, questions: Iterable[Question] | None = None, limit: int | None = None
) -> Evaluation | None:
    """Return the scores of a run that is done, from its folder alone: no model, no endpoint.

    Parameters
    ----------
    out : Path
        The folder that `evaluate` wrote.
    questions, limit
        As `evaluate` was given them.

    Returns
    -------
    Evaluation or None
        None if no model has answered all of the questions there, as they read now.

    Examples
    --------
    >>> kept(Path("no/such/folder")) is None
    True
    """
    asked = chosen(questions, limit=limit)
    for name, before in _before(out).items():
        if all(one.id in before and before[one.id][0] == one.digest for one in asked):
            return Evaluation(name, tuple(before[one.id][1] for one in asked))
    return None


def _served(endpoint: Endpoint, limits: Limits) -> str:
    """Which model is asked: answers of another one in the same folder do not count for it."""
    try:
        return asyncio.run(bind(endpoint, limits)).name
    except ModelFailedError as error:
        raise NotAvailableError(error.what, do=START) from None


def _silent(answer: Answer) -> bool:
    return answer.status == "failed" and not answer.trace.usage.get("tokens", 0)


def _keep(out: Path, question: Question, answer: Answer, scored: Scored, model: str) -> None:
    """Write an answer at once: what was asked for minutes is not lost with the process.

    An answer that needed no model (its trace names none) is of this model's run all the same.
    """
    out.mkdir(parents=True, exist_ok=True)
    line = json.dumps(
        {
            "question": question.id, "digest": question.digest, "model": model,
            "scored": scored.model_dump(mode="json"), "trace": answer.trace.model_dump(mode="json"),
        },
        ensure_ascii=False,
    )  # fmt: skip
    with (out / ANSWERS).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _before(out: Path) -> dict[str, dict[str, tuple[str, Scored]]]:
    """What was answered, by model and question; a line cut short by a kill is asked again."""
    found: dict[str, dict[str, tuple[str, Scored]]] = {}
    path = out / ANSWERS
    if not path.exists():
        return found
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            one = json.loads(line)
            scored = Scored.model_validate(one["scored"])
            by, question, digest = str(one["model"]), str(one["question"]), str(one["digest"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        found.setdefault(by, {})[question] = (digest, scored)
    return found
