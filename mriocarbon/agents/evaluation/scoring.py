"""What an answer is worth: right tool, right arguments, right numbers, grounded, well behaved.

Arguments are judged by what they mean: a call is right if it finds what the expected call finds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from mriocarbon.agents.answer import Answer, Call
from mriocarbon.agents.evaluation.catalogue import Expected, Question
from mriocarbon.agents.grounding import ground
from mriocarbon.agents.grounding_numbers import read
from mriocarbon.agents.shown import render
from mriocarbon.agents.words import word
from mriocarbon.model.normal import Z95
from mriocarbon.tools import Figure, ToolResult

SCORES = ("behaviour", "tool", "arguments", "numbers", "grounded", "own_words")
"""What is scored; `own_words` is the model's text before anything was taken out of it."""
CLOSE = 0.02
"""Figures of two calls are the same within this share: draws differ."""
_MISSING = re.compile(
    r"not (?:at hand|available|known|covered|included|possible)|no (?:data|figure|value|such"
    r"|result)"
    r"|missing|cannot|can't|only (?:for|has|have|hold|of)|unknown|without data"
    r"|do(?:es)? not (?:have|cover|hold)"
    r"|缺少|没有|无法|未知|不可用|暂无|不包含|未包含|不覆盖|缺失|仅有|只有",
    re.IGNORECASE,
)


class Scored(BaseModel):
    """The scores of one answer: True or False, None where one does not apply.

    Attributes
    ----------
    behaviour : bool
        It answered, asked back, refused or said what is missing, as it should; no forbidden word.
    tool, arguments : bool or None
        Every expected call was made: by its tool; with arguments that mean the same.
    numbers : bool or None
        Every expected number stands in the answer, bound to the right figure.
    grounded : bool
        Every number that was printed belongs to a figure of a result.
    own_words : bool or None
        So it was before sentences were taken out.
    why : tuple of str
        What was wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    about: str
    language: str
    kind: str
    status: str
    behaviour: bool
    tool: bool | None = None
    arguments: bool | None = None
    numbers: bool | None = None
    grounded: bool = True
    own_words: bool | None = None
    seconds: float = 0.0
    requests: int = 0
    calls: int = 0
    why: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether every score that applies is full."""
        return all(getattr(self, name) is not False for name in SCORES)


def score(question: Question, answer: Answer) -> Scored:
    """Return the scores of an answer to a question."""
    why: list[str] = []
    results = [one.result for one in answer.calls if one.result is not None]
    tool, arguments, numbers = _calls(question, answer, why)
    own = [one.text for one in answer.trace.spoken if one.text.strip()]
    own_words = None
    if own and results:
        loose = [
            told
            for text in own
            for told in ground(
                text, results, language=answer.trace.language, question=question.question
            ).loose
        ]
        own_words = not loose
        why += [f"in its own words {one.text!r}: {one.reason}" for one in loose]
    wrong = unproven(answer)
    why += [f"printed {one}" for one in wrong]
    return Scored(
        question=question.id, about=question.about, language=question.language,
        kind=question.kind, status=answer.status, behaviour=_behaviour(question, answer, why),
        tool=tool, arguments=arguments, numbers=numbers, grounded=not wrong, own_words=own_words,
        seconds=answer.trace.seconds, requests=answer.trace.usage.get("requests", 0),
        calls=len(answer.calls), why=tuple(why),
    )  # fmt: skip


def _behaviour(question: Question, answer: Answer, why: list[str]) -> bool:
    said = [one for one in question.never if one.casefold() in answer.text.casefold()]
    why += [f"says {one!r}" for one in said]
    if question.expect == "missing":
        good = answer.status in ("asks back", "refused") or (
            answer.status == "answered"
            and (not answer.numbers or _MISSING.search(answer.text) is not None)
        )
    else:
        good = answer.status == question.expect
    if not good:
        why.append(f"{answer.status}, not {question.expect}")
    offered = {one.code for one in answer.options}
    lacking = [one for one in question.options if one not in offered]
    if good and lacking:
        why.append(f"does not offer {', '.join(lacking)}")
    return good and not said and not lacking


def _calls(
    question: Question, answer: Answer, why: list[str]
) -> tuple[bool | None, bool | None, bool | None]:
    if not question.calls:
        return None, None, None
    made = [one for one in answer.calls if one.made]
    tool = arguments = True
    numbers: bool | None = None
    for need in question.calls:
        ways = (need, *need.others)
        if not any(one.tool == way.tool for one in made for way in ways):
            tool = False
            why.append(f"never called {' or '.join(way.tool for way in ways)}")
        found = [(way, way.call()) for way in ways]
        if not any(means(one, way, result) for one in made for way, result in found):
            arguments = False
            why.append(f"never asked for {need.tool} {need.arguments}")
        wanted = [way.wanted(result) for way, result in found if way.figures is not None]
        if wanted:
            held = any(all(_held(figure, answer) for figure in each) for each in wanted)
            numbers = held and numbers is not False
            if not held:
                why.append(f"lacks {wanted[0][0].quantity} {dict(wanted[0][0].labels)}")
    return tool, arguments if tool else None, numbers


def means(call: Call, expected: Expected, result: ToolResult) -> bool:
    """Return whether a call found what the expected one finds."""
    if call.tool != expected.tool or call.result is None:
        return False
    if call.arguments == expected.arguments or call.result.figures == result.figures != ():
        return True
    wanted = expected.compared(result)
    if wanted:
        return all(any(alike(one, other) for other in call.result.figures) for one in wanted)
    return bool(result.items) and all(one in call.result.items for one in result.items[:1])


def alike(one: Figure, other: Figure) -> bool:
    """Return whether two figures are the same number of the same thing."""
    if (one.quantity, one.unit, _said(one)) != (other.quantity, other.unit, _said(other)):
        return False
    if one.value is None or other.value is None:
        return one.value is other.value
    return math.isclose(one.value, other.value, rel_tol=CLOSE)


def _said(figure: Figure) -> dict[str, str]:
    """Return the labels of a figure, a material by the name that it was looked up under."""
    from mriocarbon.tools.lca import english

    labels = dict(figure.labels)
    return labels | {"product": english(labels["product"])} if "product" in labels else labels


def _held(figure: Figure, answer: Answer) -> bool:
    for number in answer.numbers:
        result = answer.calls[number.call].result
        if result is None:
            continue
        if any(one.id == number.figure and alike(figure, one) for one in result.figures):
            return True
    return figure.value is None


def unproven(answer: Answer) -> list[str]:
    """Return every printed number that belongs to no figure, and why: an independent look.

    Bound numbers are read again and compared with their figures; the sentences of the answer are
    bound again. Lists of sources and caveats are words of the results, written by code.
    """
    found = []
    for one in answer.numbers:
        printed = answer.text[one.start : one.end]
        result = answer.calls[one.call].result
        figure = next((f for f in result.figures if f.id == one.figure), None) if result else None
        if figure is None:
            found.append(f"{printed!r}: bound to a figure that is not there")
        elif not _is(printed, figure):
            found.append(f"{printed!r}: is not {figure.value} {figure.unit}")
    results = [one.result for one in answer.calls if one.result is not None]
    if not results:
        return found
    end = _body(answer.text, answer.trace.language)
    written = {
        line for one in results for line in render([one], answer.trace.language)[0].splitlines()
    }
    again = ground(
        answer.text[:end], results, language=answer.trace.language, question=answer.trace.question
    )
    for loose in again.loose:
        if _line(answer.text, loose.start) not in written:
            found.append(f"{loose.text!r}: {loose.reason}")
    return found


def _is(printed: str, figure: Figure) -> bool:
    """Whether a printed number can be a figure's, whatever power its unit has."""
    numbers = read(printed)
    if len(numbers) != 1:
        return False
    one = numbers[0]
    if one.kind == "rank":
        return figure.labels.get("rank") == str(int(one.value))
    ends: Iterable[float | None] = (figure.value, figure.low, figure.high, _half(figure))
    for value in ends:
        for scale in (1.0, 1e3, 1e-3, 1e6, 1e-6, 1e9, 1e-9, 1e2, 1e-2, 1e5, 1e-5):
            room = max(one.half, min(one.loose_half, abs(0.05 * one.value)))
            if value is not None and abs(abs(one.value) - abs(value) * scale) <= room * 1.001:
                return True
    return False


def _half(figure: Figure) -> float | None:
    if figure.low is None or figure.high is None:
        return None
    return (figure.high - figure.low) / 2


def _body(text: str, language: str) -> int:
    """Where the words of the answer end and the lists that code writes begin."""
    heads = (f"\n\n{word(key, language)}:" for key in ("figures", "found", "sources", "caveats"))
    places = [at for at in (text.find(head) for head in heads) if at >= 0]
    return min(places, default=len(text))


def _line(text: str, at: int) -> str:
    """The line of a place in a text."""
    return text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0]


def wilson(good: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, 1927).

    Examples
    --------
    >>> [round(end, 3) for end in wilson(8, 10)]
    [0.49, 0.943]
    """
    if of == 0:
        return 0.0, 1.0
    share = good / of
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def share(scored: Sequence[Scored], name: str) -> tuple[int, int]:
    """Return how many answers have a score, out of those it applies to."""
    values = [getattr(one, name) for one in scored]
    known = [one for one in values if one is not None]
    return sum(known), len(known)
