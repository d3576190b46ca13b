"""Tables that people bring: uploaded to the API from the browser, then known to every form.

The file goes to ``/v1/tables`` like anybody's: the same door, the same limits, the same process
that reads it apart.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from mriocarbon.errors import MriocarbonError
from mriocarbon.service import problems
from mriocarbon.service.pages import shell
from mriocarbon.service.pages.forms import trouble
from mriocarbon.service.uploads import SUFFIXES
from mriocarbon.tools import tables

_SEND = """
async (event) => {
  event.preventDefault();
  const form = event.target, content = new FormData(form);
  for (const name of ['format', 'year']) if (!content.get(name)) content.delete(name);
  const button = form.querySelector('button');
  button.disabled = true;
  emitEvent('mc-sending', {});
  let told = {};
  try {
    const answer = await fetch('/v1/tables', {method: 'POST', body: content});
    told = await answer.json();
  } catch (error) { told = {type: '', title: '', status: 0, detail: String(error)}; }
  button.disabled = false;
  emitEvent('mc-sent', told);
}
"""


def build(here: Callable[[], shell.View]) -> None:
    """Register the page."""

    @shell.page("/tables")
    async def page() -> None:
        view = here()
        with shell.framed(view, "tables", view.say("tables")):
            shell.heading(view.say("tables"), view.say("tables_lead"))
            if view.backing.uploads is None or view.backing.settings is None:
                ui.label(view.say("no_uploads")).classes("mc-note")
                return
            _upload(view)
            with ui.element("h2"):
                ui.label(view.say("at_hand"))
            place = ui.element("div")
            with place:
                await _listed(view, place)


def _upload(view: shell.View) -> None:
    assert view.backing.settings is not None
    size = view.backing.settings.max_upload >> 20
    ui.label(view.say("upload_limits", suffixes=", ".join(SUFFIXES), size=size)).classes("mc-lead")
    with ui.element("form").classes("mc-form mc-plain") as form:
        form.on("submit", js_handler=_SEND)
        with ui.element("div").classes("mc-grid"):
            _input("name", view.argument("name"), view.say("table_hint"),
                   "required minlength=2 maxlength=40")  # fmt: skip
            _input(
                "file", view.say("file"), "", f'type=file required accept="{",".join(SUFFIXES)}"'
            )
            _input("format", view.argument("format"), view.say("layout_hint"), "maxlength=40")
            _input("year", view.argument("year"), view.say("layout_hint"),
                   "type=number min=1900 max=2200")  # fmt: skip
        with ui.element("button").classes("mc-go").props("type=submit"):
            ui.label(view.say("upload"))
    told = ui.element("section").props("aria-live=polite")

    def sending() -> None:
        told.clear()
        with told:
            ui.label(view.say("uploading")).classes("mc-quiet mc-busy").props("role=status")

    def sent(event: Any) -> None:
        answer = event.args if isinstance(event.args, Mapping) else {}
        told.clear()
        with told:
            if answer.get("name") in tables.names():
                ui.label(view.say("uploaded", name=answer["name"])).classes("mc-note")
                _about(view, answer.get("about", {}))
                with ui.element("a").props('href="/accounts"'):
                    ui.label(view.say("accounts"))
            else:
                trouble(view, _problem(answer))

    ui.on("mc-sending", sending, args=[])
    ui.on("mc-sent", sent)


def _problem(answer: Mapping[str, Any]) -> MriocarbonError:
    """Return the error that the API told; what comes from a browser is not trusted to be one."""
    try:
        return problems.raised(problems.Problem.model_validate_json(json.dumps(dict(answer))))
    except ValueError:
        return MriocarbonError("the table was not taken")


def _input(name: str, title: str, hint: str, props: str) -> None:
    with ui.element("label").classes("mc-plain-field"):
        ui.label(title).classes("mc-what")
        ui.element("input").props(f"name={name} {props}")
        if hint:
            ui.label(hint).classes("mc-quiet")


async def _listed(view: shell.View, place: ui.element) -> None:
    uploads = view.backing.uploads
    assert uploads is not None
    about = await asyncio.to_thread(uploads.about)
    for name in tables.names():
        if name not in about:  # nothing to unfold
            ui.label(f"{name} · {view.say('shipped')}").classes("mc-more")
            continue
        with ui.element("details").classes("mc-more"):
            with ui.element("summary"):
                ui.label(f"{name} · {about[name].get('dataset', '')}")
            _about(view, about[name])

            async def remove(name: str = name) -> None:
                try:
                    view.backing.admit(view.who)
                    await asyncio.to_thread(uploads.remove, name)
                    if view.backing.answers is not None:
                        view.backing.answers.forget()
                except MriocarbonError as error:
                    with place:
                        trouble(view, error)
                    return
                place.clear()
                with place:
                    await _listed(view, place)

            with (
                ui.element("button")
                .props(f'type=button aria-label="{view.say("remove")} {name}"')
                .on("click", lambda _, remove=remove: remove())
            ):
                ui.label(view.say("remove"))


def _about(view: shell.View, about: Mapping[str, Any]) -> None:
    regions, stressors = about.get("regions", ()), about.get("stressors", ())
    shown = {
        "dataset": about.get("dataset"), "year": about.get("year"), "rows": about.get("rows"),
        "region": ", ".join(map(str, regions)), "gases": ", ".join(map(str, stressors)),
        "unit": about.get("money_unit"), "checks": "; ".join(map(str, about.get("checks", ()))),
    }  # fmt: skip
    with ui.element("dl").classes("mc-facts"):
        for key, value in shown.items():
            if value not in (None, ""):
                with ui.element("dt"):
                    ui.label(view.say(key) if key in ("dataset", "rows", "checks")
                             else view.label(key))  # fmt: skip
                with ui.element("dd"):
                    ui.label(str(value)[:600])
