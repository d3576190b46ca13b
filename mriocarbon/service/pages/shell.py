"""What all pages share: the head with its menu, language and theme, and the list of pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nicegui import context, ui
from starlette.requests import Request

from mriocarbon import tools
from mriocarbon.service.pages.words import LANGUAGES, TOOLS_ZH, label, say
from mriocarbon.tools import Tool

FAVICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect width='32' height='32' rx='6' fill='#0b5a9c'/>"
    "<path d='M7 23V13m6 10V8m6 15v-7m6 7V11' stroke='#fff' stroke-width='3'/></svg>"
)
MENU = ("ask", "accounts", "flows", "cbam", "lca", "natural", "map", "uncertainty", "tools")
"""Pages of the menu; each has the path of its name, the first also ``/``."""


@dataclass(frozen=True, slots=True)
class View:
    """How the page at hand is shown: language and theme, as the reader's cookies say."""

    lang: str
    theme: str
    ask: Any = None
    settings: Any = None

    def say(self, key: str, **values: object) -> str:
        """Return a text in the reader's language."""
        return say(key, self.lang, **values)

    def label(self, key: str) -> str:
        """Return the name of a label key in the reader's language."""
        return label(key, self.lang)

    def tool(self, one: Tool) -> str:
        """Return the title of a tool in the reader's language."""
        return TOOLS_ZH[one.name] if self.lang == "zh" and one.name in TOOLS_ZH else one.title

    def about(self, one: Tool) -> str:
        """Return what a tool answers: the first paragraph of its description."""
        return one.description.split("\n\n")[0]


def view_of(request: Request | None, settings: Any = None, ask: Any = None) -> View:
    """Return the view that a request asks for: cookies first, then the browser's language."""
    cookies = request.cookies if request is not None else {}
    accepted = request.headers.get("accept-language", "") if request is not None else ""
    lang = cookies.get("lang", "zh" if accepted.lower().startswith("zh") else "en")
    theme = cookies.get("theme", "auto")
    return View(
        lang if lang in LANGUAGES else "en",
        theme if theme in ("light", "dark") else "auto",
        ask,
        settings,
    )


@cache
def _style() -> str:
    return (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


@contextmanager
def framed(view: View, here: str, title: str) -> Iterator[None]:
    """Lay out a page; what is built inside becomes its content."""
    ui.add_css(_style())
    ui.page_title(f"{title} · mriocarbon")
    dark = {"light": False, "dark": True, "auto": None}[view.theme]
    ui.dark_mode(dark)
    ui.run_javascript(f"document.documentElement.lang = {view.lang!r}")
    with ui.element("header").classes("mc-head"), ui.element("div").classes("mc-bar"):
        with ui.element("a").props('href="/"').classes("mc-name"):
            ui.html(FAVICON, sanitize=False).classes("mc-mark").props("aria-hidden=true")
            ui.label(view.say("name"))
        with ui.element("nav").props(f'aria-label="{view.say("menu")}"').classes("mc-menu"):
            for name in MENU:
                path = "/" if name == "ask" else f"/{name}"
                current = ' aria-current="page"' if name == here else ""
                with ui.element("a").props(f'href="{path}"{current}'):
                    ui.label(view.say(name))
        with ui.element("div").classes("mc-switches"):
            other = "zh" if view.lang == "en" else "en"
            _switch(LANGUAGES[other], "lang", other, view.say("language"))
            following = {"auto": "dark", "dark": "light", "light": "auto"}[view.theme]
            sign = {"auto": "◐", "dark": "●", "light": "○"}[view.theme]
            _switch(sign, "theme", following, view.say("theme"))
    with ui.element("main").classes("mc-main") as content:
        yield
    ui.skip_link(view.say("skip"), target=content)


def _switch(text: str, cookie: str, value: str, meaning: str) -> None:
    script = (
        f"() => {{ document.cookie = '{cookie}={value};path=/;max-age=31536000;samesite=lax';"
        " location.reload() }"
    )
    button = ui.element("button").classes("mc-switch").props(f'type=button aria-label="{meaning}"')
    button.on("click", js_handler=script)
    with button:
        ui.label(text)


def heading(title: str, lead: str) -> None:
    """Show the title of a page and what it is for."""
    with ui.element("h1"):
        ui.label(title)
    ui.label(lead).classes("mc-lead")


def samples(view: View, listed: tuple[tuple[str, str, str], ...]) -> None:
    """Show questions as links to the tools that answer them."""
    known = {one.name for one in tools.listing()}
    with ui.element("ul").classes("mc-samples"):
        for name, english, chinese in listed:
            if name in known:
                with ui.element("li"), ui.element("a").props(f'href="/tools/{name}"'):
                    ui.label(chinese if view.lang == "zh" else english)


def quoted(text: str) -> str:
    """Return a text that can stand between double quotes in properties."""
    return text.replace("\\", " ").replace('"', "'").replace("\n", " ")


def build(settings: Any, ask: Any) -> None:
    """Register every page."""
    from mriocarbon.service.pages import conversation, mappage, subjects, toolpages

    def here() -> View:
        return view_of(context.client.request, settings, ask)

    conversation.build(here)
    mappage.build(here)
    subjects.build(here)
    toolpages.build(here)
