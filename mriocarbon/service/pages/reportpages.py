"""Reports: built as jobs, opened and downloaded when they are done; and what was built before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nicegui import ui
from pydantic import ValidationError

from mriocarbon.errors import MriocarbonError
from mriocarbon.service.jobs import Job
from mriocarbon.service.pages import fields, results, running, shell
from mriocarbon.service.pages.forms import sheet, trouble
from mriocarbon.service.pages.words_tools import REPORTS_EN, REPORTS_ZH, TOOLS_ZH
from mriocarbon.service.reports import REPORTS, Report
from mriocarbon.tools import ToolResult
from mriocarbon.tools.registry import wrong_arguments

STARTS = {"lca": {"question": "carbon footprint of a bracket with 0.4 kg aluminum sheet"}}
MOST = 20
"""Earlier jobs that are listed."""


def build(here: Callable[[], shell.View]) -> None:
    """Register the page."""

    @shell.page("/reports")
    async def page() -> None:
        view = here()
        with shell.framed(view, "reports", view.say("reports")):
            shell.heading(view.say("reports"), view.say("reports_lead"))
            if view.lang == "zh":
                ui.label(view.say("english_report")).classes("mc-quiet")
            if view.backing.jobs is None:
                ui.label(view.say("no_jobs")).classes("mc-note")
                return
            fields.suggestions(view)
            _kinds(view)
            with ui.element("h2"):
                ui.label(view.say("past"))
            await _past(view)


def titled(view: shell.View, name: str) -> str:
    """Return the title of a report or a tool in the reader's language."""
    if view.lang == "zh":
        return {**TOOLS_ZH, **REPORTS_ZH}.get(name, (name, ""))[0]
    if name in REPORTS:
        return REPORTS[name].title
    found = shell.known([name])
    return found[0].title if found else name


def _kinds(view: shell.View) -> None:
    with ui.tabs().props(f'align=left no-caps aria-label="{view.say("reports")}"') as bar:
        for one in REPORTS.values():
            ui.tab(one.name, label=view.say(f"report_{one.name}"))
    with ui.tab_panels(bar, value=next(iter(REPORTS)), animated=False).classes("mc-panels"):
        for one in REPORTS.values():
            with ui.tab_panel(one.name):
                with ui.element("h2"):
                    ui.label(titled(view, one.name))
                line = REPORTS_ZH[one.name][1] if view.lang == "zh" else REPORTS_EN[one.name]
                ui.label(line).classes("mc-lead")
                _form(view, one)


def _form(view: shell.View, one: Report) -> None:
    async def send() -> None:
        async with page.working():
            try:
                asked = await asyncio.to_thread(_checked, one, fields.read(page.held))
                page.job = await view.backing.submit(view.who, one.name, asked, "report")
                page.answer.clear()
                with page.answer:
                    running.follow(view, page.job)
            except MriocarbonError as error:
                page.answer.clear()
                with page.answer:
                    trouble(view, error)

    schema = one.arguments.model_json_schema()
    page = sheet(view, schema, STARTS.get(one.name, {}), send, go="build", slow=True)


def _checked(one: Report, arguments: dict[str, object]) -> dict[str, object]:
    try:
        asked = one.arguments.model_validate(arguments)
    except ValidationError as error:
        raise wrong_arguments(error, one.name, one.arguments) from None
    return one.check(asked).model_dump(mode="json")


async def _past(view: shell.View) -> None:
    jobs = view.backing.jobs
    assert jobs is not None
    listed = (await asyncio.to_thread(jobs.listing, view.who.owner))[:MOST]
    if not listed:
        ui.label(view.say("none_past")).classes("mc-quiet")
    for job in listed:
        with ui.element("details").classes("mc-more") as fold:
            with ui.element("summary"):
                when = job.created[:16].replace("T", " ")
                ui.label(f"{titled(view, job.name)} · {view.say(job.state)} · {when} UTC")
            place = ui.element("div")
        _opened(view, fold, place, job)


def _opened(view: shell.View, fold: ui.element, place: ui.element, job: Job) -> None:
    """Show a job once its part is unfolded."""

    def show(found: ToolResult) -> None:
        results.show(view, found)

    def open_it() -> None:
        if not list(place):
            with place:
                running.follow(view, job.id, done=show)

    fold.on("toggle", open_it, args=[])
