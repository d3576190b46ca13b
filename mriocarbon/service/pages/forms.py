"""A form for the arguments of a tool, made from their schema; and what went wrong, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from mriocarbon import tools
from mriocarbon.errors import AmbiguousNameError, MriocarbonError
from mriocarbon.service.pages import fields, results, running
from mriocarbon.service.pages.backing import SignedOutError
from mriocarbon.service.pages.shell import View
from mriocarbon.tools import ToolResult


def form(
    view: View,
    tool: tools.Tool,
    given: Mapping[str, Any] | None = None,
    *,
    at_once: bool = False,
) -> None:
    """Show the fields of a tool and, when it is sent (or `at_once`), what the tool answers."""
    schema = tool.schema()
    start = dict(given if given is not None else (tool.examples[0] if tool.examples else {}))
    held: dict[str, fields.Field] = {}
    with ui.element("form").classes("mc-form").props("autocomplete=off novalidate") as box:
        box.on("submit.prevent", lambda: send())
        with ui.element("div").classes("mc-grid"):
            held |= fields.fields(view, schema, start, whole=schema)
        with ui.element("div").classes("mc-send"):
            with ui.element("button").classes("mc-go").props("type=submit") as button:
                ui.label(view.say("compute"))
            if tool.cost == "slow":
                ui.label(view.say("slow")).classes("mc-quiet")
    answer = ui.element("section").classes("mc-answer").props(
        f'aria-live=polite aria-label="{view.say("answer")}"'
    )  # fmt: skip
    with answer:
        if at_once:
            _computing(view)
        else:
            ui.label(view.say("nothing_yet")).classes("mc-quiet")

    if at_once:
        ui.timer(0.05, lambda: send(), once=True)

    def choose(asked: str, code: str) -> None:
        for one in held.values():
            value = one.read()
            if value == asked:
                one.put(code)
            elif isinstance(value, list) and asked in value:
                one.put([code if word == asked else word for word in value])

    async def send() -> None:
        arguments = fields.read(held)
        button.props("disabled")
        answer.clear()
        with answer:
            _computing(view)
        try:
            if tool.cost == "slow" and view.backing.jobs is not None:
                asked = tool.checked(arguments).model_dump(mode="json")
                number = await view.backing.submit(view.who, tool.name, asked)
                answer.clear()
                with answer:
                    running.follow(view, number, done=lambda found: shown(found), again=choose)
            else:
                found = await view.backing.call(view.who, tool.name, arguments)
                answer.clear()
                with answer:
                    results.show(view, found)
        except MriocarbonError as error:
            answer.clear()
            with answer:
                trouble(view, error, choose=choose, again=send)
        finally:
            button.props(remove="disabled")

    def shown(found: ToolResult) -> None:
        results.show(view, found)


def _computing(view: View) -> None:
    ui.label(view.say("computing")).classes("mc-quiet mc-busy").props("role=status")


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
