"""What goes in and what comes out: answers, events, calls, limits, the trace of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mriocarbon.tools import ToolResult

Status = Literal["answered", "asks back", "refused", "failed"]
Kind = Literal["plan", "call", "result", "text", "check", "answer"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Limits(_Frozen):
    """What one question may use up; what is reached stops the run, never the process."""

    requests: int = Field(default=16, ge=1, description="requests to the model")
    calls: int = Field(default=24, ge=1, description="calls of tools")
    tokens: int = Field(default=120_000, ge=1, description="tokens read and written by the model")
    seconds: float = Field(default=300.0, gt=0, description="seconds for the whole question")
    retries: int = Field(default=2, ge=0, description="corrections of one call or one answer")
    parts: int = Field(default=4, ge=1, description="parts that a question is split into")
    output_tokens: int = Field(default=1024, ge=64, description="tokens of one reply of the model")


class Part(_Frozen):
    """One part of a question, for one specialist; `after` are parts whose answers it needs."""

    specialist: str
    question: str = Field(max_length=4000)
    after: tuple[int, ...] = ()


class Option(_Frozen):
    """One thing that an ambiguous name can mean: "Korea", a country, can be KOR, South Korea."""

    kind: str
    asked: str
    code: str
    name: str


class Call(_Frozen):
    """One call of a tool that a specialist made: what it asked, and what came of it."""

    specialist: str
    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    result: ToolResult | None = None
    digest: str = Field(default="", description="SHA-256 of the result; empty without one")
    error: str = ""
    made: bool = Field(default=True, description="False: refused before it reached the tool")
    seconds: float = 0.0


class Number(_Frozen):
    """A number in the text of an answer, and the one figure that it is.

    ``text[start:end]`` is the number as printed; `call` is the index in `Answer.calls`, `figure`
    the id of the figure in that call's result.
    """

    start: int
    end: int
    call: int
    figure: str


class Event(_Frozen):
    """Something that happened while a question is being answered.

    ======  ==============================================================================
    kind    data
    ======  ==============================================================================
    plan    ``parts``: specialist and question of each; ``by``: "rules" or "model"
    call    ``specialist``, ``tool``, ``arguments``
    result  ``specialist``, ``tool``, ``title``, ``figures`` (how many), ``seconds``; or ``error``
    check   ``specialist``, ``what``: what was found wrong and what is done about it
    text    ``specialist``, ``text``: the checked text of one part
    answer  ``status``
    ======  ==============================================================================
    """

    kind: Kind
    data: dict[str, Any] = Field(default_factory=dict)


Progress = Callable[[Event], None]


class Turn(_Frozen):
    """An earlier question of the same conversation, what was answered, what was asked back."""

    question: str
    answer: str = ""
    options: tuple[Option, ...] = ()


class Spoken(_Frozen):
    """What a specialist said in the end, as the model wrote it, and which calls it rests on."""

    specialist: str
    text: str = ""
    calls: tuple[int, ...] = ()
    note: str = Field(default="", description="what code says of it: missing data, a limit")


class Trace(_Frozen):
    """The record of one run: enough to make its answer again without the model.

    The key of an endpoint, and a name or password inside its address, are never in it.
    """

    question: str
    language: str
    status: Status = "failed"
    text: str = ""
    reason: str = Field(default="", description="why it was not answered")
    plan: tuple[Part, ...] = ()
    planned_by: Literal["rules", "model", ""] = ""
    calls: tuple[Call, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    options: tuple[Option, ...] = ()
    events: tuple[Event, ...] = ()
    model: str = ""
    endpoint: str = Field(default="", description="address alone")
    versions: dict[str, str] = Field(default_factory=dict)
    usage: dict[str, int] = Field(default_factory=dict)
    started: str = Field(default="", description="UTC, ISO 8601")
    seconds: float = 0.0

    def to_json(self) -> str:
        """Return it as JSON text, the same for the same run."""
        return self.model_dump_json(indent=1)

    @classmethod
    def from_json(cls, text: str | bytes) -> Trace:
        """Return the trace that `to_json` wrote; pydantic's ValidationError if it is none."""
        return cls.model_validate_json(text)


class Answer(_Frozen):
    """An answer for a reader: every number in `text` is in `numbers`, bound to one figure.

    Attributes
    ----------
    status : {"answered", "asks back", "refused", "failed"}
        "asks back": a name can mean several things (`options`), or data are missing (the text
        says which). "refused": outside what the tools answer, or nothing of it could be proven.
        "failed": the model or the endpoint did not get it done; the text says why.
    text : str
        In the language of the question.
    """

    status: Status
    text: str
    numbers: tuple[Number, ...] = ()
    calls: tuple[Call, ...] = ()
    options: tuple[Option, ...] = ()
    trace: Trace
