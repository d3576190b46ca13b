"""One specialist at work on one part of a question: tools first, then an answer, within bounds."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic_ai import Agent, ModelRetry, RunContext, Tool, ToolFailed, ToolOutput
from pydantic_ai import exceptions as failures
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import UsageLimits

from mriocarbon import tools
from mriocarbon.agents import checks
from mriocarbon.agents.answer import Call, Event, Option, Part, Spoken
from mriocarbon.agents.choosing import chosen
from mriocarbon.agents.compose import kept
from mriocarbon.agents.grounding import LONGEST
from mriocarbon.agents.mentions import direction
from mriocarbon.agents.model import (
    NO_OBJECT,
    Bound,
    Budget,
    LimitReachedError,
    Watched,
    settings,
    told,
    writable,
)
from mriocarbon.agents.plain_calls import as_said, cut_call
from mriocarbon.agents.shown import for_model
from mriocarbon.agents.specialists import description, schema, shaped, specialist
from mriocarbon.agents.unsaid import (
    needed_unsaid,
    numbers_of,
    says_amount,
    surely_said,
    without_unsaid,
)
from mriocarbon.agents.words import word
from mriocarbon.errors import (
    AmbiguousNameError,
    InputError,
    MriocarbonError,
    NotAvailableError,
    UnknownNameError,
)
from mriocarbon.model.labels import fold
from mriocarbon.tools import ToolResult, resolve
from mriocarbon.tools.tables import FULL, names

T = TypeVar("T")
REPEATS = 3
"""How often calls that were made already may be made again before the part is stopped."""
ASK_BACK = "ask_back"
LONGEST_ARGUMENTS = 4000
"""Characters of the arguments of a call, as JSON: none of the tools needs as many."""
KEPT = 2000
"""Characters that are kept of arguments that were too long."""


class AskBackError(MriocarbonError):
    """Only the person who asks can say what is meant, or what is missing."""

    def __init__(self, what: str, options: Sequence[Option] = ()) -> None:
        super().__init__(what)
        self.options = tuple(options)


@dataclass
class Work:
    """What one specialist has before it: the question, its calls, what is left to spend."""

    part: Part
    question: str
    context: str
    language: str
    budget: Budget
    calls: list[Call]
    tell: Callable[[Event], None]
    before: tuple[int, ...] = ()
    forced: bool = True
    room: int = 8000
    mine: list[int] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    unasked: set[str] = field(default_factory=set)
    said: str = ""
    repeats: int = 0
    repaired: bool = False
    reminded: bool = False
    challenged: bool = False
    unsaid: str = ""
    barred: str = ""
    told: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    options: tuple[Option, ...] = ()
    error: str = ""

    def results(self) -> list[ToolResult]:
        """Return what was found, in this part and in those before it."""
        found = (self.calls[k].result for k in (*self.before, *self.mine))
        return [one for one in found if one is not None]

    def check(self, what: str) -> None:
        """Tell that something was found wrong."""
        self.tell(Event(kind="check", data={"specialist": self.part.specialist, "what": what}))

    def retry(self, what: str) -> ModelRetry:
        """Tell a complaint and return it for the model."""
        self.error = what
        self.check(what)
        return ModelRetry(what)

    async def call(self, tool: tools.Tool, wanted: dict[str, Any], given: dict[str, Any]) -> str:
        """Call a tool as the model asked; return its result in words."""
        self.budget.call()
        given = writable(given)
        written = json.dumps(given, default=str)
        if NO_OBJECT in given or len(written) > LONGEST_ARGUMENTS:
            wrong = "the arguments must be one JSON object" + (
                "" if NO_OBJECT in given else f" of at most {LONGEST_ARGUMENTS} characters"
            )
            self._note(tool.name, _short(given, written), error=wrong, made=False)
            raise self.retry(f"{wrong}. Call again with the arguments of {tool.name}.")
        arguments = shaped(given, wanted)
        needed: Sequence[str] = wanted.get("required", ())
        lacks = checks.missing(needed, arguments, self.question, self.context)
        if lacks:
            raise AskBackError(word("needs", self.language, what=word(lacks, self.language)))
        empty = next((key for key in needed if checks.nothing(arguments.get(key))), "")
        if empty and self.challenged:
            raise AskBackError(word("needs", self.language, what=word("name", self.language)))
        if empty:
            self.challenged = True
            wrong = f"{empty} is none: take the name that the question says, or call `{ASK_BACK}`"
            self._note(tool.name, arguments, error=wrong, made=False)
            raise self.retry(wrong)
        said = f"{self.question}\n{self.context}"
        if {"product", "study_name", "first"} & set(tool.arguments.model_fields) and (
            checks.no_product(said)
        ):  # fmt: skip
            raise AskBackError(word("needs", self.language, what=word("name", self.language)))
        known = [said, *(item for one in self.results() for row in one.items
                         for item in row.values())]  # fmt: skip
        arguments = checks.without_placeholders(arguments, known)
        # regions of the others have names of their own, such as those of the guidelines
        places = self.part.specialist in ("trade", "uncertainty")
        for key in checks.without_no_places(arguments, needed, said) if places else ():
            self.check(f"left out, for it is no country: {key} {arguments.pop(key)!r}")
        arguments, meant = checks.as_asked(arguments, self.question, tool.arguments.model_fields)
        if meant:
            self.check(f"as the question says: {meant}")
        numbers = numbers_of(said, self.results())
        arguments, unsaid = without_unsaid(arguments, needed, numbers)
        if unsaid:
            self.check(f"left out, for nobody said such a number: {', '.join(unsaid)}")
        amount = needed_unsaid(arguments, needed, numbers)
        if amount and self.unsaid:
            raise AskBackError(word("needs", self.language, what=amount))
        if amount:
            self.unsaid = amount
            self.barred = "" if says_amount(said) else tool.name
            value = arguments[amount]
            made_up = f"{value:g}" if isinstance(value, int | float) else json.dumps(value)[:200]
            wrong = (f"nobody said {made_up} for {amount}: call a tool that needs no such number,"
                     f" or `{ASK_BACK}`")  # fmt: skip
            self._note(tool.name, arguments, error=wrong, made=False)
            raise self.retry(wrong)
        wrong = checks.before_call(arguments, self.question, self.context, self.results())
        if wrong:
            self._note(tool.name, arguments, error=wrong, made=False)
            raise self.retry(wrong)
        key = _key(tool, arguments)
        if key in self.seen:
            return self._again(key)
        self.tell(Event(kind="call", data={"specialist": self.part.specialist, "tool": tool.name,
                                           "arguments": arguments}))  # fmt: skip
        began = time.monotonic()
        try:
            arguments, result = await self._made(tool, arguments)
        except Exception as error:
            self._note(
                tool.name, arguments, error=error_words(error), seconds=time.monotonic() - began
            )
            raise self._refused(error) from error
        k = self._note(tool.name, arguments, result=result, seconds=time.monotonic() - began)
        self.seen[key] = k
        if not self.barred and any(_same(self.calls[n].result, result) for n in self.before):
            self.barred = tool.name  # "and which data cause it?" is no question for the interval
            raise self.retry(
                f"{tool.name} has told that for the part before: call another tool for what is"
                " asked here, or say that it is answered"
            )
        self.error = ""
        shown = [for_model(result, room=self._room())]
        for more in checks.likewise(self.part.question, arguments):
            shown.append(await self._too(tool, more))
        return "\n\n".join(filter(None, shown))

    async def _too(self, tool: tools.Tool, arguments: dict[str, Any]) -> str:
        """Make a call for another country or year of the question's list; return it in words."""
        key = _key(tool, arguments)
        if key in self.seen or self.budget.calls >= self.budget.limits.calls:
            return ""
        self.budget.call()
        self.check(f"the question is about more: {tool.name} of them, too")
        began = time.monotonic()
        try:
            made, result = await self._made(tool, arguments)
        except MriocarbonError as error:
            told = error_words(error)
            self._note(tool.name, arguments, error=told, seconds=time.monotonic() - began)
            self.missing.append(told)
            return told
        k = self._note(tool.name, made, result=result, seconds=time.monotonic() - began)
        self.seen[key] = k
        self.unasked.add(key)
        return for_model(result, room=self._room())

    async def _made(
        self, tool: tools.Tool, arguments: dict[str, Any]
    ) -> tuple[dict[str, Any], ToolResult]:
        """Make a call; where the question leaves no doubt how it was meant, mend it and say so.

        A country that is in the large table only is looked up there, if that is at hand.
        """
        try:
            return arguments, await in_thread(lambda: checks.called(tool.name, arguments))
        except AmbiguousNameError as error:
            mended = checks.as_the_question_says(arguments, error, self.question)
            if mended is None:
                raise
            self.check(f"{error.name!r} is what the question calls {mended[1]}")
            arguments = mended[0]
        except UnknownNameError as error:
            fits = "table_name" in tool.arguments.model_fields and "table_name" not in arguments
            if not (fits and FULL in error.do and await in_thread(lambda: FULL in names())):
                raise
            self.check(f"not in the table of 20 regions: asked of {FULL}")
            arguments = {**arguments, "table_name": FULL}
        return arguments, await in_thread(lambda: checks.called(tool.name, arguments))

    def _room(self) -> int:
        """Return how many characters of a result still fit beside those shown before."""
        shown = sum(min(len(for_model(one)), 3500) for one in self.results()[:-1])
        return max(min(3500, self.room - shown), 300)

    def _again(self, key: str) -> str:
        if key in self.unasked:  # we made it, so that the model asks for it once more is no loop
            self.unasked.discard(key)
        else:
            self.repeats += 1
        if self.repeats >= REPEATS:
            raise LimitReachedError("same calls again and again")
        result = self.calls[self.seen[key]].result
        assert result is not None
        self.check("a call that was made already")
        return f"You have this result already: {for_model(result, room=600)}\nCall `answer` now."

    def _note(
        self, tool: str, arguments: Mapping[str, Any], *, result: ToolResult | None = None,
        error: str = "", made: bool = True, seconds: float = 0.0,
    ) -> int:  # fmt: skip
        self.calls.append(
            Call(
                specialist=self.part.specialist, tool=tool, arguments=_plain(arguments),
                result=result, digest=result.digest if result else "", error=error,
                made=made, seconds=round(seconds, 4),
            )
        )  # fmt: skip
        k = len(self.calls) - 1
        self.mine.append(k)
        data: dict[str, Any] = {"specialist": self.part.specialist, "tool": tool, "call": k}
        if result is None:
            data["error"] = error
        else:
            data |= {"title": result.title, "figures": len(result.figures)}
        self.tell(Event(kind="result", data={**data, "seconds": round(seconds, 4)}))
        return k

    def _refused(self, error: Exception) -> Exception:
        """Return what to do about an error of a tool: ask the person, the model, or go on."""
        if isinstance(error, AmbiguousNameError):
            self.options = tuple(
                Option(kind=error.kind, asked=error.name, code=code, name=name)
                for code, name in error.options
            )
            said = fold(f"{self.question} {self.context}")
            if fold(error.name) in said or not checks.tells_apart(said, error):
                return AskBackError(str(error), self.options)
            return self.retry(error_words(error))
        outside = isinstance(error, UnknownNameError) and error.what.startswith("no region ")
        if isinstance(error, NotAvailableError) or outside:
            self.missing.append(error_words(error))
            return ToolFailed(error_words(error))
        if isinstance(error, InputError):
            return self.retry(error_words(error))
        self.error = error_words(error)
        return ToolFailed(self.error)

    def unfit(self, what: str) -> ModelRetry:
        """Tell a complaint about an answer and return it for the model."""
        self.check(what)
        self.told.add(what)
        return ModelRetry(what)

    async def answered(self, text: str, last: bool) -> str:
        """Return the text of an answer, or raise what is wrong with it for the model to repair."""
        text = as_said(text)
        told = {one[a:b].strip() for one in self.told for a, b in checks.sentences(one)}
        pieces = [text[a:b] for a, b in checks.sentences(text)]
        if any(one.strip() in told for one in pieces):  # what we told it
            text = "".join(one for one in pieces if one.strip() not in told)
        if not last:
            if cut_call(text):
                raise self.unfit("That was a call that was cut off. Make it again, shorter.")
            if not self.results() and not self.missing:
                raise self.unfit("Call one of the tools first; an answer rests on its result.")
            mine = [self.calls[k] for k in self.mine]
            left = "" if self.reminded else checks.left_out(self.part.question, mine)
            if left:
                self.reminded = True
                raise self.unfit(f"No result is about {left} yet. Call a tool for that, too.")
        self.said = "" if cut_call(text) else text[:LONGEST]
        if not self.said or not self.results():
            return text
        results, language, said = self.results(), self.language, self.said
        _, found = await in_thread(lambda: checks.unproven(said, results, language, self.question))
        wrong = [why for _, _, why in found]
        if wrong and not self.repaired and not last:
            self.repaired = True
            raise self.unfit(
                "Not proven by a result: " + "; ".join(wrong[:6]) + ". Write the answer again: "
                "only numbers of the results, each with its own unit, region and year; or call the "
                "tool whose result has what is asked for."
            )
        if wrong:
            self.check("left out what is not proven: " + "; ".join(wrong[:6]))
        return text


def _key(tool: tools.Tool, arguments: Mapping[str, Any]) -> str:
    """Return what makes a call the same as another, whichever of its names a country has there."""
    said = {**arguments, **checks.regions_of(arguments)}
    return json.dumps([tool.name, said], sort_keys=True, default=str)


def _same(one: ToolResult | None, other: ToolResult) -> bool:
    """Whether two results say the same."""
    return one is not None and (one.figures, one.items) == (other.figures, other.items)


def error_words(error: Exception) -> str:
    """Return an error in one line; of a fault of ours no more than its kind."""
    if isinstance(error, MriocarbonError):
        return " ".join(str(error).split())[:600]
    return f"the tool failed ({type(error).__name__})"


def _short(given: Mapping[str, Any], written: str) -> Mapping[str, Any]:
    """Return arguments as a trace keeps them: what is too long is cut, and says so."""
    if len(written) <= KEPT:
        return given
    return {"cut": f"{written[:KEPT]} … ({len(written):,} characters)"}


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(arguments, default=str))
    return found


async def in_thread(work: Callable[[], T]) -> T:
    """Run something in a thread of its own that nothing waits for once the question is over."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(set_: Callable[[Any], None], value: Any) -> None:
        if not done.done():
            set_(value)

    def run() -> None:
        try:
            value = work()
        except BaseException as error:  # handed to the one who waits
            outcome: tuple[Callable[[Any], None], Any] = (done.set_exception, error)
        else:
            outcome = (done.set_result, value)
        with suppress(RuntimeError):  # the loop is closed: the question was given up
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, daemon=True, name="mriocarbon tool").start()
    return await done


class _ToolsFirst(AbstractCapability[Work]):
    """No answer before a call has come back; until then, a call is forced where that works."""

    def get_model_settings(self) -> Callable[[RunContext[Work]], ModelSettings]:
        def now(ctx: RunContext[Work]) -> ModelSettings:
            work = ctx.deps
            if work.forced and not work.results() and not work.missing:
                return ModelSettings(tool_choice="required")
            return ModelSettings()

        return now

    async def prepare_tools(
        self, ctx: RunContext[Work], tool_defs: list[ToolDefinition]
    ) -> list[ToolDefinition]:
        """What needs an amount that nobody said is not offered again."""
        return [one for one in tool_defs if one.name != ctx.deps.barred]

    async def prepare_output_tools(
        self, ctx: RunContext[Work], tool_defs: list[ToolDefinition]
    ) -> list[ToolDefinition]:
        return tool_defs if ctx.deps.results() or ctx.deps.missing else []


def tool_for(tool: tools.Tool, shown: dict[str, Any], *, strict: bool) -> Tool[Work]:
    """Return a tool of ours as one of a specialist's; its arguments are checked by the tool.

    `shown` is the schema of them that the model reads. Others that the tool has are left out, for
    no word of the question means them, unless the question says their numbers.
    """
    wanted = schema(tool)
    hidden = set(wanted.get("properties", {})) - set(shown.get("properties", {}))

    async def call(ctx: RunContext[Work], **given: Any) -> str:
        usual = {key: one.default for key, one in tool.arguments.model_fields.items()}
        said = numbers_of(f"{ctx.deps.question}\n{ctx.deps.context}")
        unmeant = sorted(
            key for key in hidden & set(given) if given[key] != usual.get(key)
            and not surely_said(given[key], said)
        )  # fmt: skip
        if unmeant:
            ctx.deps.check(f"left out, for the question does not say it: {', '.join(unmeant)}")
        asked = {key: one for key, one in given.items() if key not in unmeant}
        return await ctx.deps.call(tool, wanted, asked)

    made: Tool[Work] = Tool.from_schema(
        call, tool.name, description(tool), shown, takes_ctx=True, sequential=True
    )
    made.strict = strict or None
    return made


_NAMED = ("trade", "natural", "uncertainty")
"""Specialists whose tools need countries alone, which are never made up."""


def ask_back_tool(*, strict: bool) -> Tool[Work]:
    """Return the tool by which a specialist asks the person for what the question leaves out."""

    async def ask_back(ctx: RunContext[Work], **given: Any) -> str:
        ctx.deps.budget.call()
        what = given.get("what")
        if not isinstance(what, str):
            raise ctx.deps.retry('The arguments must be {"what": "what is missing"}.')
        if any(ctx.deps.calls[k].result is not None for k in ctx.deps.mine):
            raise ctx.deps.retry("There are results already: call `answer`.")
        work = ctx.deps
        if work.error and work.part.specialist in _NAMED and not work.challenged and (
            ctx.retry < ctx.max_retries
        ):  # fmt: skip
            work.challenged = True
            raise work.retry(
                "That can be mended: call the tool that fits best with what the question says."
            )
        raise AskBackError(word("needs", ctx.deps.language, what=_no_numbers(what)))

    made: Tool[Work] = Tool.from_schema(
        ask_back, ASK_BACK,
        "Only if the question leaves out what a tool needs and nobody can look it up: say what.",
        {"type": "object", "additionalProperties": False, "required": ["what"],
         "properties": {"what": {"type": "string", "maxLength": 200}}},
        takes_ctx=True,
    )  # fmt: skip
    made.strict = strict or None
    return made


def _no_numbers(text: str) -> str:
    """Return a model's question back without numbers: none of them is from a result."""
    kept = [
        text[a:b] for a, b in checks.sentences(text[:300]) if not any(map(str.isdigit, text[a:b]))
    ]
    return "".join(kept).strip() or "more details"


ANSWER = "Give the final answer, one or two whole sentences, once the results are there."


def _answer(text: str) -> str:
    return text


def agent(part: Part, asked: str, bound: Bound, budget: Budget, language: str) -> Agent[Work, str]:
    """Return the agent of a specialist: its prompt, its tools, its way to the answer.

    `asked` is all that the person said, in this question and before: what no word of it means is
    not shown to the model.
    """
    who = specialist(part.specialist)
    strict = bound.strict
    given = chosen(who, part.question, bound.context, asked)
    made: Agent[Work, str] = Agent(
        output_type=[
            ToolOutput(_answer, name="answer", description=ANSWER, strict=strict or None), str
        ],
        instructions=who.instructions(language),
        deps_type=Work,
        tools=[
            *(tool_for(tools.get(name), shown, strict=strict) for name, shown in given.items()),
            ask_back_tool(strict=strict),
        ],
        retries={"tools": budget.limits.retries, "output": budget.limits.retries + 2},
        model_settings=settings(budget.limits, bound.context),
        capabilities=[_ToolsFirst()],
        name=part.specialist,
    )  # fmt: skip

    @made.output_validator
    async def checked(ctx: RunContext[Work], text: str) -> str:
        return await ctx.deps.answered(text, last=ctx.retry >= ctx.max_retries)

    return made


def prompt(work: Work, earlier: str) -> str:
    """Return what a specialist reads: the question, its part of it, what was found before."""
    lines = [f"Question: {work.part.question}"]
    if work.part.question.strip() != work.question.strip():
        lines.append(f"(Others answer the rest of what was asked: {work.question})")
    if way := direction(work.question):
        origin, destination = (resolve.country_name(code) for code in way)
        lines.append(f"(It asks about a flow: origin {origin}, destination {destination}.)")
    if earlier:
        lines.insert(0, f"Earlier in this conversation:\n{earlier}\n")
    found = [work.calls[k].result for k in work.before]
    for one in found:
        if one is not None:
            lines.append(f"Found already:\n{for_model(one, room=1200)}")
    return "\n".join(lines)


async def do(work: Work, bound: Bound, earlier: str = "") -> Spoken:
    """Let a specialist do its part; AskBackError if only the person can go on.

    Whatever else goes wrong is told in `Spoken.note`, beside what was found until then.
    """
    note = ""
    watched: WrapperModel = Watched(bound.model, work.budget)
    try:
        asked = f"{work.question}\n{work.context}"
        await agent(work.part, asked, bound, work.budget, work.language).run(
            prompt(work, earlier), deps=work, model=watched,
            usage_limits=UsageLimits(request_limit=None),
        )  # fmt: skip
    except LimitReachedError as error:
        kind = "limit" if work.results() else "limit alone"
        note = word(kind, work.language, what=error.what)
        work.check(note)
    except AskBackError:
        raise
    except failures.AgentRunError as error:
        if work.options and not work.results():
            raise AskBackError(work.error, work.options) from error
        note = told(error, bound)
        if isinstance(error, failures.UnexpectedModelBehavior) and work.error:
            note = f"{note}; last: {work.error}"
        work.check(note)
    except Exception as error:  # whatever a reply holds, it ends this part, not the question
        note = told(error, bound)
        work.check(note)
    if work.missing and not note:
        note = word("missing", work.language, what="; ".join(dict.fromkeys(work.missing)))
    if not note and not work.results():
        note = work.error
    calls = (*work.before, *work.mine)
    found = {k: result for k in calls if (result := work.calls[k].result) is not None}
    text = ""
    if found:
        text, _, _ = await in_thread(lambda: kept(work.said, found, work.language, work.question))
    work.tell(Event(kind="text", data={"specialist": work.part.specialist, "text": text}))
    return Spoken(specialist=work.part.specialist, text=work.said, calls=calls, note=note)
