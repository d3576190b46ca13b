"""A job as it runs: how far it is, how to end it, and what came out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from nicegui import ui

from mriocarbon.service import problems
from mriocarbon.service.jobs import ENDED, Job
from mriocarbon.service.pages.shell import View
from mriocarbon.tools import ToolResult

EVERY = 0.5
"""Seconds between two looks at a job."""


def follow(
    view: View,
    number: str,
    *,
    done: Callable[[ToolResult], None] | None = None,
    again: Callable[[str, str], None] | None = None,
) -> None:
    """Show a job where this is called, until it has ended; then its result, files or error."""
    place = ui.element("div").classes("mc-job")
    with place, ui.element("div").classes("mc-running"):
        with ui.element("div").props("role=status"):  # tells what is new, not each second
            state = ui.label(view.say("queued")).classes("mc-what mc-busy")
            said = ui.label("").classes("mc-quiet")
        time = ui.label("").classes("mc-quiet mc-time")
        with ui.element("button").props("type=button") as stop:
            ui.label(view.say("cancel"))
    stop.on("click", lambda: view.backing.cancel(view.who, number))

    async def look() -> None:
        job = await view.backing.job(view.who, number)
        if job is None or job.state in ENDED:
            timer.deactivate()
            place.clear()
            with place:
                await _ended(view, job, done, again)
            return
        state.set_text(view.say(job.state))
        told = job.progress
        said.set_text("" if told.startswith("computing: ") else told)  # the line above says so
        time.set_text(f"{elapsed(job):.0f} s")

    # beside the place and not in it: a timer that is cleared away takes along what it has begun
    timer = ui.timer(EVERY, look)


def elapsed(job: Job) -> float:
    """Return the seconds since a job began, or was submitted."""
    try:
        begun = datetime.fromisoformat(job.started or job.created)
    except ValueError:
        return 0.0
    return max(0.0, (datetime.now(UTC) - begun).total_seconds())


async def _ended(
    view: View,
    job: Job | None,
    done: Callable[[ToolResult], None] | None,
    again: Callable[[str, str], None] | None,
) -> None:
    from mriocarbon.service.pages.forms import trouble

    if job is None or job.state == "cancelled":
        ui.label(view.say("cancelled")).classes("mc-quiet").props("role=status")
    elif job.error is not None:
        trouble(view, problems.raised(job.error), choose=again)
    elif job.kind == "report":
        files(view, job)
    elif done is not None and view.backing.jobs is not None:
        content = await asyncio.to_thread(view.backing.jobs.result, job.id)
        if content is not None:
            done(ToolResult.model_validate_json(content))


def files(view: View, job: Any) -> None:
    """Show the files of a report: its pages first, all of them as one archive."""
    here = f"/v1/jobs/{job.id}"
    pages = [name for name in job.files if name.endswith(".html")]
    with ui.element("ul").classes("mc-files"):
        for name in pages:
            with ui.element("li"), ui.element("a").props(
                f'href="{here}/files/{name}" target="_blank" rel="noopener"'
            ):  # fmt: skip
                ui.label(f"{view.say('open')}: {name}")
    with ui.element("a").props(f'href="{here}/files.zip" download').classes("mc-go mc-archive"):
        ui.label(view.say("archive", n=len(job.files)))
    others = [name for name in job.files if name not in pages]
    if others:
        with ui.element("details").classes("mc-more"):
            with ui.element("summary"):
                ui.label(view.say("single_files", n=len(others)))
            with ui.element("ul"):
                for name in others:
                    with ui.element("li"), ui.element("a").props(
                        f'href="{here}/files/{name}" download'
                    ):  # fmt: skip
                        ui.label(name)
