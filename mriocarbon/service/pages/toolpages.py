"""Every tool as a form and its answer: what the pages can do without a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from nicegui import ui
from starlette.requests import Request

from mriocarbon import tools
from mriocarbon.errors import UnknownNameError
from mriocarbon.service.pages import fields, forms, shell
from mriocarbon.service.pages.words_tools import GROUPS_EN, GROUPS_ZH


def build(here: Callable[[], shell.View]) -> None:
    """Register the list of tools and the page of each."""

    @shell.page("/tools")
    def listing() -> None:
        view = here()
        with shell.framed(view, "tools", view.say("tools")):
            shell.heading(view.say("tools"), view.say("tools_lead"))
            for group, meaning in tools.GROUPS.items():
                found = tools.listing(group)
                if not found:
                    continue
                title, line = GROUPS_ZH[group]
                if view.lang != "zh":
                    title, line = GROUPS_EN[group], meaning
                with ui.element("h2"):
                    ui.label(title)
                ui.label(line).classes("mc-lead")
                with ui.element("ul").classes("mc-tools"):
                    for one in found:
                        with ui.element("li"):
                            with ui.element("a").props(f'href="/tools/{one.name}"'):
                                ui.label(view.tool(one))
                            ui.label(view.about(one)).classes("mc-quiet")
                            if one.cost == "slow":
                                ui.label(view.say("slow")).classes("mc-quiet mc-slow")

    @shell.page("/tools/{name}")
    def one_tool(name: str, request: Request) -> None:
        view = here()
        try:
            tool = tools.get(name)
        except UnknownNameError as error:
            with shell.framed(view, "tools", view.say("wrong")):
                shell.heading(view.say("tools"), "")
                forms.trouble(view, error)
            return
        with shell.framed(view, "tools", view.tool(tool)):
            shell.heading(view.tool(tool), view.about(tool))
            more = tool.description.split("\n\n")[1:]
            rest = "\n\n".join(" ".join(part.split()) for part in more)
            if rest and view.lang != "zh":
                ui.label(rest).classes("mc-lead mc-quiet")
            fields.suggestions(view)
            given = _given(request.query_params.get("with", ""))
            forms.form(view, tool, given, at_once=given is not None and tool.cost == "fast")


def _given(text: str) -> dict[str, Any] | None:
    """Return the arguments in an address; whatever is no JSON object is passed over."""
    if not text or len(text) > 4000:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
