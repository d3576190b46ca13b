"""The pages: every tool as a form, every number with its source, and a conversation.

Everything that a page loads comes from this server: scripts, styles, fonts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI


def mount(app: FastAPI, settings: Any = None, ask: Any = None) -> None:
    """Put the pages into `app`, after its other routes: they take every path that is left."""
    from nicegui import ui

    from mriocarbon.service.pages import shell

    shell.build(settings, ask)
    ui.run_with(
        app, title="mriocarbon", favicon=shell.FAVICON, dark=None, tailwind=False,
        show_welcome_message=False, reconnect_timeout=30.0,
    )  # fmt: skip
