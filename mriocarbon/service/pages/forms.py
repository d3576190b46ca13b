"""A form for the arguments of a tool, made from their schema; and what went wrong, in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from nicegui import ui

from mriocarbon import tools
from mriocarbon.errors import AmbiguousNameError, MriocarbonError
from mriocarbon.service.pages import fields, results, running
from mriocarbon.service.pages.backing import SignedOutError
from mriocarbon.service.pages.shell import View
from mriocarbon.tools import ToolResult


@dataclass(eq=False)
class Sheet:
    """A form: what its fields hold, the place of the answer, and whether it is being worked on."""

    view: View
    held: dict[str, fields.Field] = field(default_factory=dict)
    job: str = ""
    busy: bool = False
    answer: ui.element = field(init=False)
    button: ui.element = field(init=False)
    spoken: ui.label = field(init=False)

    def say(self, text: str) -> None:
        """Tell a screen reader how it stands: a line, not the tables of an answer."""
        self.spoken.set_text(text)

    def show(self, found: ToolResult) -> None:
        """Show a result in the place of the answer that is open."""
        results.show(self.view, found)
        self.say(f"{self.view.say('answer')}: {self.view.titled(found)}")

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Hold the button while something is asked; what ran before is of no use any more."""
        self.busy = True
        # not `disabled`, which would take the focus away from whoever presses it by keyboard
        self.button.props("aria-disabled=true")
        self.answer.clear()
        with self.answer:
            ui.label(self.view.say("computing")).classes("mc-quiet mc-busy")
        self.say(self.view.say("computing"))
        try:
            if self.job:
                await self.view.backing.cancel(self.view.who, self.job)
                self.job = ""
            yield
        finally:
            self.busy = False
            self.button.props(remove="aria-disabled")


def sheet(
    view: View,
    schema: Mapping[str, Any],
    start: Mapping[str, Any],
    send: Callable[[], Any],
    *,
    go: str,
    slow: bool,
) -> Sheet:
    """Show a form and the place of its answer; `send` is called unless it is at work already."""
    made = Sheet(view)

    async def sent() -> None:
        if not made.busy:
            await send()

    with ui.element("form").classes("mc-form").props("autocomplete=off novalidate") as box:
        box.on("submit.prevent", sent)
        with ui.element("div").classes("mc-grid"):
            made.held |= fields.fields(view, schema, start, whole=schema)
        with ui.element("div").classes("mc-send"):
            with ui.element("button").classes("mc-go").props("type=submit") as made.button:
                ui.label(view.say(go))
            if slow:
                ui.label(view.say("slow")).classes("mc-quiet")
    made.spoken = ui.label("").classes("mc-spoken").props("role=status")
    made.answer = ui.element("section").classes("mc-answer")
    made.answer.props(f'aria-label="{view.say("answer")}"')
    return made


def form(
    view: View,
    tool: tools.Tool,
    given: Mapping[str, Any] | None = None,
    *,
    at_once: bool = False,
) -> None:
    """Show the fields of a tool and, when it is sent (or `at_once`), what the tool answers."""
    start = dict(given if given is not None else (tool.examples[0] if tool.examples else {}))

    def choose(asked: str, code: str) -> None:
        for one in page.held.values():
            value = one.read()
            if value == asked:
                one.put(code)
            elif isinstance(value, list) and asked in value:
                one.put([code if word == asked else word for word in value])

    async def send() -> None:
        async with page.working():
            try:
                arguments = fields.read(page.held)
                if tool.cost == "slow" and view.backing.jobs is not None:
                    asked = tool.checked(arguments).model_dump(mode="json")
                    page.job = await view.backing.submit(view.who, tool.name, asked)
                    page.answer.clear()
                    with page.answer:
                        running.follow(view, page.job, done=page.show, again=choose)
                else:
                    found = await view.backing.call(view.who, tool.name, arguments)
                    page.answer.clear()
                    with page.answer:
                        page.show(found)
            except MriocarbonError as error:
                page.answer.clear()
                with page.answer:
                    trouble(view, error, choose=choose, again=send)

    page = sheet(view, tool.schema(), start, send, go="compute", slow=tool.cost == "slow")
    with page.answer:
        if at_once:
            ui.label(view.say("computing")).classes("mc-quiet mc-busy")
        else:
            ui.label(view.say("nothing_yet")).classes("mc-quiet")
    if at_once:
        ui.timer(0.05, send, once=True)


def trouble(
    view: View,
    error: MriocarbonError,
    *,
    choose: Callable[[str, str], None] | None = None,
    again: Callable[[], Any] | None = None,
) -> None:
    """Say what is wrong, where, and what to do; offer the choices of an ambiguous name."""
    with ui.element("div").classes("mc-trouble").props("role=alert"):
        if isinstance(error, SignedOutError):
            ui.label(view.say("signed_out")).classes("mc-what")
            with ui.element("a").props('href="/sign-in"'):
                ui.label(view.say("sign_in"))
            return
        if isinstance(error, AmbiguousNameError) and choose is not None:

            async def take(code: str) -> None:
                choose(error.name, code)
                if again is not None:
                    await again()

            ui.label(f"{view.say('which')} “{error.name}”").classes("mc-what")
            with ui.element("div").classes("mc-choices"):
                for code, name in error.options:
                    with (
                        ui.element("button")
                        .props("type=button")
                        .on("click", lambda _, c=code: take(c))
                    ):
                        ui.label(name if name == code else f"{name} ({code})")
            return
        ui.label(f"{view.say('wrong')}: {error.what}").classes("mc-what")
        for text in (error.where, error.do):
            if text:
                ui.label(text)
