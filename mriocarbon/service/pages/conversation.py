"""A conversation: the question, what is being done about it, and an answer whose numbers open.

The model is not known here: `ask` is handed in, and what it returns is data. Text is put on the
page as text, never as HTML.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from mriocarbon.errors import MriocarbonError
from mriocarbon.service.pages import results, shell
from mriocarbon.service.pages.forms import trouble
from mriocarbon.tools import ToolResult

_LOG = logging.getLogger("mriocarbon.service")

MOST_TURNS = 6
"""Of the conversation, how many turns the model is told of."""

SAMPLES: tuple[tuple[str, Mapping[str, Any], str, str], ...] = (
    ("account", {"regions": ["China"], "principle": "consumption"},
     "How much does China emit for its own consumption?", "中国的消费侧排放是多少？"),
    ("bilateral", {"origin": "China", "destination": "USA"},
     "Which emissions go from China to the United States?", "中国出口到美国的隐含碳是多少？"),
    ("adjustments", {}, "Were the 2022 adjustments reproduced?", "2022 年的修正值能否复现？"),
    ("default_value", {"good_name": "hot-rolled coil", "origin_name": "China"},
     "What is the CBAM default value of Chinese hot-rolled coil?",
     "中国热轧卷板的 CBAM 默认值是多少？"),
    ("natural_account", {"region": "Brazil", "year": 2022, "gas": "CO2"},
     "How much carbon does Brazil's land take up?", "巴西的土地吸收多少碳？"),
    ("avoided_emissions", {"technology": ["solar"], "year": 2024},
     "What do exported solar panels avoid?", "出口光伏组件减排多少？"),
)  # fmt: skip
"""Tools with a question each answers: links without a model, questions with one."""


def build(here: Callable[[], shell.View]) -> None:
    """Register the first page."""

    @shell.page("/")
    def first() -> None:
        view = here()
        with shell.framed(view, "ask", view.say("ask")):
            shell.heading(view.say("claim"), view.say("intro"))
            if view.backing.ask is None:
                ui.label(view.say("no_model")).classes("mc-note")
                _samples(view)
            else:
                _talk(view)
            _subjects(view)


def _samples(view: shell.View) -> None:
    """Show questions as links to the tools that answer them, filled in."""
    known = {one.name for one in shell.known(name for name, *_ in SAMPLES)}
    with ui.element("ul").classes("mc-samples"):
        for name, arguments, english, chinese in SAMPLES:
            if name in known:
                link = shell.quoted(shell.address(name, arguments))
                with ui.element("li"), ui.element("a").props(f'href="{link}"'):
                    ui.label(chinese if view.lang == "zh" else english)


def _subjects(view: shell.View) -> None:
    """Show the pages as cards, with what each is for."""
    with ui.element("h2"):
        ui.label(view.say("menu"))
    with ui.element("ul").classes("mc-cards"):
        for name in shell.MENU[1:]:
            with ui.element("li"), ui.element("a").props(f'href="/{name}"'):
                ui.label(view.say(name)).classes("mc-what")
                ui.label(view.say(f"{name}_lead")).classes("mc-quiet")


def _talk(view: shell.View) -> None:
    history: list[dict[str, Any]] = []
    running: dict[str, asyncio.Task[Any]] = {}
    log = (
        ui.element("section")
        .classes("mc-log")
        .props(f'role=log aria-label="{view.say("conversation")}"')
    )
    with ui.element("form").classes("mc-ask") as box:
        field = ui.textarea(label=view.say("question")).props("autogrow outlined maxlength=2000")
        field.classes("mc-question")
        with ui.element("button").classes("mc-go").props("type=submit") as button:
            ui.label(view.say("send"))
        with ui.element("button").props("type=button") as stop:
            ui.label(view.say("stop"))
    stop.set_visibility(False)
    box.on("submit.prevent", lambda: send())
    # Enter sends, Shift+Enter begins a new line: what people expect of a conversation
    field.on("keydown.enter.exact.prevent", lambda: send())
    stop.on("click", lambda: running["task"].cancel() if "task" in running else None)
    ui.label(view.say("examples")).classes("mc-quiet")
    with ui.element("div").classes("mc-choices"):
        for _, _, english, chinese in SAMPLES:
            text = chinese if view.lang == "zh" else english
            with (
                ui.element("button")
                .props("type=button")
                .on("click", lambda _, t=text: field.set_value(t))
            ):
                ui.label(text)

    async def send(again: str | None = None) -> None:
        question = (again if again is not None else field.value or "").strip()
        if not question or "task" in running:
            return
        field.set_value("")
        button.props("aria-disabled=true")
        stop.set_visibility(True)
        with log:
            ui.label(question).classes("mc-asked")
            turn = ui.element("div").classes("mc-turn")
        with turn:
            steps = ui.element("ol").classes("mc-steps").props("aria-live=polite")
        loop = asyncio.get_running_loop()

        def progress(event: Any) -> None:  # may be called from another thread
            loop.call_soon_threadsafe(_step, steps, event)

        running["task"] = asyncio.ensure_future(
            view.backing.asked(view.who, question, history[-MOST_TURNS:], progress)
        )
        try:
            answer: Mapping[str, Any] = await running["task"]
        except asyncio.CancelledError:
            with turn:
                ui.label(view.say("stopped")).classes("mc-quiet")
        except MriocarbonError as error:
            with turn:
                trouble(view, error)
        except Exception:
            # what a model's library says may hold an address or a key: it goes into the log alone
            _LOG.exception("a question failed")
            with turn, ui.element("div").classes("mc-trouble").props("role=alert"):
                ui.label(view.say("ask_failed"))
        else:
            history.append({"question": question, "answer": answer["text"],
                            "options": list(answer.get("options", ()))})  # fmt: skip
            with turn:
                _answer(view, answer, send)
        finally:
            running.pop("task", None)
            button.props(remove="aria-disabled")
            stop.set_visibility(False)


def _step(steps: ui.element, event: Any) -> None:
    data = event.data
    if event.kind == "plan":
        text = "; ".join(f"{p['specialist']}: {p['question']}" for p in data.get("parts", ()))
    elif event.kind == "call":
        told = ", ".join(f"{k} = {v}" for k, v in data.get("arguments", {}).items())
        text = f"{data['tool']}({told})"
    elif event.kind == "result":
        text = data.get("error") or f"{data.get('title', '')} · {data.get('seconds', 0):.2f} s"
    elif event.kind == "check":
        text = str(data.get("what", ""))
    else:
        return
    with steps, ui.element("li").classes(f"mc-step-{event.kind}"):
        ui.label(text[:400])


def _answer(view: shell.View, answer: Mapping[str, Any], send: Callable[[str], Any]) -> None:
    """Show an answer; each bound number is a button that opens its source."""
    found = [
        ToolResult.model_validate(call["result"]) if call.get("result") else None
        for call in answer.get("calls", ())
    ]
    text, at = str(answer["text"]), 0
    with ui.element("div").classes(f"mc-said mc-{answer['status'].replace(' ', '-')}"):
        for one in sorted(answer.get("numbers", ()), key=lambda n: int(n["start"])):
            result = found[one["call"]]
            if result is None or one["start"] < at:
                continue
            figure = next((f for f in result.figures if f.id == one["figure"]), None)
            if figure is None:
                continue
            _words(text[at : one["start"]])
            at = one["end"]
            shown = text[one["start"] : at]
            meaning = f"{shown}. {view.say('explain', what=view.named(figure))}"
            with (
                ui.element("button")
                .classes("mc-number")
                .props(f'type=button aria-label="{shell.quoted(meaning)}"')
                .on("click", lambda _, r=result, f=figure: results.explain(view, r, f))
            ):
                _words(shown)
        _words(text[at:])
    if answer.get("options"):
        with ui.element("div").classes("mc-choices"):
            for one in answer["options"]:
                name = f"{one['name']} ({one['code']})"
                with (
                    ui.element("button").props("type=button").on("click", lambda _, n=name: send(n))
                ):
                    ui.label(name)
    for one in found:
        if one is not None and one.figures:
            with ui.element("details").classes("mc-more"):
                with ui.element("summary"):
                    ui.label(view.titled(one))
                results.show(view, one)


def _words(text: str) -> None:
    if text:
        with ui.element("span"):
            ui.label(text).classes("mc-inline")
