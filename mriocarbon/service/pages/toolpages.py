"""Every tool as a form and its answer: what the pages can do without a model."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from mriocarbon import tools
from mriocarbon.errors import UnknownNameError
from mriocarbon.service.pages import forms, shell


def build(here: Callable[[], shell.View]) -> None:
    """Register the list of tools and the page of each."""

    @ui.page("/tools")
    def listing() -> None:
        view = here()
        with shell.framed(view, "tools", view.say("tools")):
            ui.html(f"<h1>{view.say('tools')}</h1>", sanitize=False)
            for group, meaning in tools.GROUPS.items():
                found = tools.listing(group)
                if not found:
                    continue
                ui.html(f"<h2>{group}</h2><p class='mc-lead'>{meaning}</p>", sanitize=False)
                with ui.element("ul").classes("mc-tools"):
                    for one in found:
                        with ui.element("li"):
                            with ui.element("a").props(f'href="/tools/{one.name}"'):
                                ui.label(one.title)
                            if one.cost == "slow":
                                ui.label(view.say("slow")).classes("mc-quiet")

    @ui.page("/tools/{name}")
    def one_tool(name: str) -> None:
        view = here()
        try:
            tool = tools.get(name)
        except UnknownNameError as error:
            with shell.framed(view, "tools", view.say("wrong")):
                forms.trouble(view, error)
            return
        with shell.framed(view, "tools", tool.title):
            ui.html(f"<h1>{tool.title}</h1>", sanitize=False)
            ui.label(tool.description.split("\n\n")[0]).classes("mc-lead")
            forms.form(view, tool)
