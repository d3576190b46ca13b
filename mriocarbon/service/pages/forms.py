"""A form for the arguments of a tool, made from their schema."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from mriocarbon import tools
from mriocarbon.errors import AmbiguousNameError, MriocarbonError
from mriocarbon.service.pages import results
from mriocarbon.service.pages.shell import View, quoted


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
    fields: dict[str, Callable[[], Any]] = {}
    setters: dict[str, Callable[[Any], None]] = {}
    with ui.element("form").classes("mc-form").props("autocomplete=off") as box:
        box.on("submit.prevent", lambda: send())
        for name, one in schema.get("properties", {}).items():
            required = name in schema.get("required", ())
            fields[name], setters[name] = _field(
                view, name, _resolved(one, schema), start.get(name, one.get("default")), required
            )
        with ui.element("button").classes("mc-go").props("type=submit") as button:
            ui.label(view.say("compute"))
    answer = ui.element("section").classes("mc-answer").props("aria-live=polite")

    if at_once:
        ui.timer(0.05, lambda: send(), once=True)

    def choose(asked: str, code: str) -> None:
        for name, read in fields.items():
            value = read()
            if value == asked:
                setters[name](code)
            elif isinstance(value, list) and asked in value:
                setters[name]([code if one == asked else one for one in value])

    async def send() -> None:
        arguments = {name: read() for name, read in fields.items()}
        arguments = {name: value for name, value in arguments.items() if value not in (None, "")}
        button.props("disabled")
        answer.clear()
        with answer:
            ui.label(view.say("computing")).classes("mc-quiet").props("role=status")
        try:
            found = await asyncio.to_thread(tools.call, tool.name, arguments)
        except MriocarbonError as error:
            answer.clear()
            with answer:
                trouble(view, error, choose=choose, again=send)
        else:
            answer.clear()
            with answer:
                results.show(view, found)
        finally:
            button.props(remove="disabled")


def trouble(
    view: View,
    error: MriocarbonError,
    *,
    choose: Callable[[str, str], None] | None = None,
    again: Callable[[], Any] | None = None,
) -> None:
    """Say what is wrong, where, and what to do; offer the choices of an ambiguous name."""
    with ui.element("div").classes("mc-trouble").props("role=alert"):
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
                        ui.label(f"{name} ({code})")
            return
        ui.label(f"{view.say('wrong')}: {error.what}").classes("mc-what")
        for text in (error.where, error.do):
            if text:
                ui.label(text)


def _resolved(one: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """A property with its reference followed and an optional one taken as what it holds."""
    found = dict(one)
    if "$ref" in found:
        found |= schema["$defs"][found["$ref"].rpartition("/")[2]]
    if "anyOf" in found:
        found |= next((a for a in found["anyOf"] if a.get("type") != "null"), {})
    return found


def _field(
    view: View, name: str, one: Mapping[str, Any], value: Any, required: bool
) -> tuple[Callable[[], Any], Callable[[Any], None]]:
    title = view.label(name) + (" *" if required else "")
    hint = str(one.get("description", ""))
    kind = one.get("type")
    read: Callable[[], Any]
    if "enum" in one:
        element: Any = ui.select(list(one["enum"]), value=value, label=title)
        read = lambda: element.value  # noqa: E731
    elif kind == "boolean":
        element = ui.checkbox(title, value=bool(value))
        read = lambda: element.value  # noqa: E731
    elif kind in ("number", "integer"):
        element = ui.number(
            title, value=value, min=one.get("minimum"), max=one.get("maximum"),
            precision=0 if kind == "integer" else None,
        )  # fmt: skip

        def read() -> Any:
            return int(element.value) if kind == "integer" and element.value is not None \
                else element.value  # fmt: skip

    elif kind == "array":
        element = ui.input(title, value=", ".join(map(str, value or [])))
        inner = one.get("items", {}).get("type")
        cast: Callable[[str], Any] = {"integer": int, "number": float}.get(inner, str)

        def read() -> Any:
            return [cast(part.strip()) for part in element.value.split(",") if part.strip()]

    else:
        element = ui.input(title, value="" if value is None else str(value))
        read = lambda: element.value  # noqa: E731
    if hint and kind != "boolean":
        element.props(f'hint="{quoted(hint[:120])}"')
    element.classes("mc-field")

    def put(new: Any) -> None:
        element.set_value(", ".join(map(str, new)) if isinstance(new, list) else new)

    return read, put
