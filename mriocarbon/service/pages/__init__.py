"""The pages: every tool as a form, every number with its source, and a conversation.

Everything that a page loads comes from this server: scripts, styles, fonts.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

_MADE = False


class _Pages:
    """Tells the pages which app they are part of: one process may hold several, as tests do."""

    def __init__(self, app: ASGIApp, backing: Any) -> None:
        self.app, self.backing = app, backing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope.setdefault("state", {})["backing"] = self.backing
            if scope.get("endpoint") is self:  # by this NiceGUI knows that no page was meant
                scope["endpoint"] = self.app
        await self.app(scope, receive, send)


def _no_address(record: logging.LogRecord) -> bool:
    """Keep a URL that was not found out of the log: it holds what was asked."""
    return not str(record.msg).endswith(" not found")


def mount(app: FastAPI, settings: Any = None, ask: Any = None) -> None:
    """Put the pages into `app`, after its other routes: they take every path that is left."""
    global _MADE
    from nicegui import core, ui
    from starlette.routing import Mount

    from mriocarbon.service.pages import shell
    from mriocarbon.service.pages.backing import Backing

    if _MADE:  # the pages are there; NiceGUI can be set up and started once
        app.mount("", core.app)
    else:
        shell.build()
        ui.run_with(
            app, title="mriocarbon", favicon=shell.FAVICON, dark=None, tailwind=False,
            show_welcome_message=False, reconnect_timeout=30.0,
        )  # fmt: skip
        logging.getLogger("nicegui").addFilter(_no_address)
        _MADE = True
    place = app.routes[-1]
    assert isinstance(place, Mount)
    place.app = _Pages(place.app, Backing.of(app, settings, ask))
