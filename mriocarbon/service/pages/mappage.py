"""The world map, made once for this process and shown in a frame of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import lru_cache

from nicegui import app as pages
from nicegui import ui
from starlette.responses import HTMLResponse

from mriocarbon.errors import MriocarbonError
from mriocarbon.service.pages import shell
from mriocarbon.service.pages.forms import trouble

WORLD = "/map/world.html"
# it holds all it needs, loads nothing, and is framed by this server alone
FRAMED = {
    "x-frame-options": "SAMEORIGIN",
    "content-security-policy": "default-src 'none'; script-src 'unsafe-inline'; style-src "
    "'unsafe-inline'; img-src data: blob:; font-src data:; frame-ancestors 'self'",
}


_DRAWING = threading.Lock()


@lru_cache(maxsize=1)
def _drawn() -> str:
    from mriocarbon.atlas.world import world_map
    from mriocarbon.report import atlas_page

    return atlas_page.render(world_map())


def _world() -> str:
    """Return the map; whoever comes while it is drawn waits for that one."""
    with _DRAWING:
        return _drawn()


def build(here: Callable[[], shell.View]) -> None:
    """Register the page and the map inside it."""

    @pages.get(WORLD)
    async def world() -> HTMLResponse:
        return HTMLResponse(await asyncio.to_thread(_world), headers=FRAMED)

    @shell.page("/map")
    def page() -> None:
        view = here()
        with shell.framed(view, "map", view.say("map")):
            shell.heading(view.say("map"), view.say("map_lead"))
            if view.lang == "zh":
                ui.label(view.say("english_map")).classes("mc-quiet")
            with ui.element("p"), ui.element("a").props(f'href="{WORLD}" target="_blank"'):
                ui.label(view.say("map_alone"))
            place = ui.element("section").props("aria-live=polite")
            with place:
                ui.label(view.say("map_wait")).classes("mc-quiet mc-busy").props("role=status")

        async def show() -> None:
            try:
                view.backing.admit(view.who)
                await asyncio.to_thread(_world)
            except MriocarbonError as error:
                place.clear()
                with place:
                    trouble(view, error)
                return
            place.clear()
            with place:
                ui.element("iframe").props(f'src="{WORLD}" title="{view.say("map")}"').classes(
                    "mc-map"
                )

        ui.timer(0.05, show, once=True)
