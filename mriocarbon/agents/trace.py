"""A run again without its model: the same calls, their results compared, the same answer."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mriocarbon.agents import checks
from mriocarbon.agents.answer import Answer, Call, Trace
from mriocarbon.agents.compose import finish
from mriocarbon.agents.work import error_words

__all__ = ["Replay", "Trace", "replay"]


@dataclass(frozen=True)
class Replay:
    """What a replay gave.

    Attributes
    ----------
    answer : Answer
        Made again from the new results and the words of the trace.
    changed : tuple of int
        Calls whose figures are not those of the trace.
    described : tuple of int
        Calls whose figures are the same, but not all that is said of them: a version, a caveat.
    """

    answer: Answer
    changed: tuple[int, ...]
    described: tuple[int, ...]
    recorded: str

    @property
    def same(self) -> bool:
        """Whether every figure and the text are those of the trace."""
        return not self.changed and self.answer.text == self.recorded


def replay(trace: Trace) -> Replay:
    """Make the calls of a trace again, compare their results, and render the answer again.

    No model is asked and nothing leaves this machine. Calls that had failed are made again too.

    Examples
    --------
    >>> replay(Trace(question="?", language="en", status="refused", reason="no")).same
    False
    """
    calls: list[Call] = []
    changed: list[int] = []
    described: list[int] = []
    for k, one in enumerate(trace.calls):
        again = _again(one)
        calls.append(again)
        if again.digest != one.digest or again.error != one.error:
            old = one.result.figures if one.result else None
            new = again.result.figures if again.result else None
            (described if old is not None and old == new else changed).append(k)
    fresh = trace.model_copy(update={"calls": tuple(calls)})
    status, text, numbers = finish(fresh)
    fresh = fresh.model_copy(update={"status": status, "text": text})
    return Replay(
        Answer(status=status, text=text, numbers=numbers, calls=tuple(calls),
               options=trace.options, trace=fresh),
        tuple(changed), tuple(described), trace.text,
    )  # fmt: skip


def _again(one: Call) -> Call:
    if not one.made:  # it never reached a tool: what stands there as its result came from no tool
        return one.model_copy(update={"result": None, "digest": ""})
    began = time.monotonic()
    try:
        result = checks.called(one.tool, one.arguments)
    except Exception as error:
        return one.model_copy(update={"result": None, "digest": "", "error": error_words(error)})
    seconds = round(time.monotonic() - began, 4)
    return one.model_copy(
        update={"result": result, "digest": result.digest, "error": "", "seconds": seconds}
    )
