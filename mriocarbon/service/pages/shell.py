"""What all pages share: the head with its menu, language and theme, and the list of pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from nicegui import context, ui
from starlette.requests import Request

from mriocarbon import tools
from mriocarbon.errors import UnknownNameError
from mriocarbon.service.pages import names, numbers
from mriocarbon.service.pages.backing import Backing, Visitor, visitor
from mriocarbon.service.pages.words import LANGUAGES, label, say, unit
from mriocarbon.service.pages.words_arguments import ARGUMENTS, HINTS_ZH
from mriocarbon.service.pages.words_quantities import quantity
from mriocarbon.service.pages.words_tools import TOOLS_ZH
from mriocarbon.service.pages.words_values import why
from mriocarbon.tools import Figure, Tool, ToolResult

FAVICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect width='32' height='32' rx='6' fill='#0b5a9c'/>"
    "<path d='M7 23V13m6 10V8m6 15v-7m6 7V11' stroke='#fff' stroke-width='3'/></svg>"
)
MENU = (
    "ask", "accounts", "flows", "cbam", "lca", "natural", "avoided", "map", "uncertainty",
    "reports", "tables", "tools",
)  # fmt: skip
"""Pages of the menu; each has the path of its name, the first also ``/``."""
TITLED = frozenset((
    "region", "partner", "sector", "good", "product", "technology", "principle", "gas", "year",
))  # fmt: skip
"""Labels that a Chinese title names where all figures share them."""
PATIENCE = 60.0
"""Seconds that a page may take to be built: NiceGUI would answer 500 after 3 of a busy machine."""
PACKS = {"en": "en-US", "zh": "zh-CN"}
"""How the parts we did not write, as the pages of a table, call a language."""


def page(path: str) -> ui.page:
    """Return the decorator that registers a page."""
    return ui.page(path, response_timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class View:
    """How the page at hand is shown: language and theme as cookies say, and to whom.

    Attributes
    ----------
    lang, theme : str
    backing : Backing
        The service behind the pages.
    who : Visitor
    base : str
        Address of this server, as the reader knows it.
    """

    lang: str
    theme: str
    backing: Backing = field(default_factory=Backing)
    who: Visitor = field(default_factory=Visitor)
    base: str = "http://127.0.0.1:8080"

    @property
    def exposed(self) -> bool:
        """Whether the server wants keys."""
        return self.backing.exposed

    def say(self, key: str, **values: object) -> str:
        """Return a text in the reader's language."""
        return say(key, self.lang, **values)

    def label(self, key: str) -> str:
        """Return the name of a label key in the reader's language."""
        return label(key, self.lang)

    def shown(self, key: str, value: str) -> str:
        """Return the value of a label in words, with its code."""
        return names.shown(key, value, self.lang)

    def unit(self, text: str) -> str:
        """Return a unit; nothing for a plain number."""
        return unit(text, self.lang)

    def quantity(self, text: str) -> str:
        """Return what is counted; in Chinese where it is known, else as the tool says it."""
        return quantity(text, self.lang)

    def named(self, one: Figure) -> str:
        """Return what a figure is of, in words."""
        return ", ".join(
            [self.quantity(one.quantity), *(self.shown(k, v) for k, v in one.labels.items())]
        )

    def argument(self, name: str) -> str:
        """Return the name of an argument of a tool."""
        if name in ARGUMENTS:
            return ARGUMENTS[name][self.lang == "zh"]
        return self.label(name)

    def hint(self, text: str) -> str:
        """Return what the schema says of an argument, in the reader's language."""
        return HINTS_ZH.get(text, text) if self.lang == "zh" else text

    def tool(self, one: Tool) -> str:
        """Return the title of a tool in the reader's language."""
        return TOOLS_ZH[one.name][0] if self.lang == "zh" and one.name in TOOLS_ZH else one.title

    def titled(self, found: ToolResult) -> str:
        """Return the title of a result; in Chinese the tool's, with what all figures share."""
        if self.lang != "zh" or found.tool not in TOOLS_ZH:
            return found.title
        said = [
            self.shown(key, text) for key, text in numbers.alike(found.figures).items()
            if key in TITLED
        ]  # fmt: skip
        return TOOLS_ZH[found.tool][0] + ("：" + "，".join(said) if said else "")

    def understood(self, asked: str, read: str) -> str:
        """Return how a name was read; nothing if as it stands."""
        return names.understood(asked, read, self.lang)

    def why(self, text: str) -> str:
        """Return why a number or its interval is missing."""
        return why(text, self.lang)

    def between(self, one: Figure) -> str:
        """Return the interval of a figure; a dash would look like a minus beside one."""
        low, high = numbers.number(one.low), numbers.number(one.high)
        dash = "–" if not (low + high).count("-") else self.say("to")
        return f"{low} {dash} {high}"

    def about(self, one: Tool) -> str:
        """Return what a tool answers, in one line."""
        if self.lang == "zh" and one.name in TOOLS_ZH:
            return TOOLS_ZH[one.name][1]
        return " ".join(one.description.split("\n\n")[0].split())


def view_of(request: Request | None) -> View:
    """Return the view that a request asks for: cookies first, then the browser's language."""
    if request is None:
        return View("en", "auto")
    accepted = request.headers.get("accept-language", "")
    lang = request.cookies.get("lang", "zh" if accepted.lower().startswith("zh") else "en")
    theme = request.cookies.get("theme", "auto")
    return View(
        lang if lang in LANGUAGES else "en",
        theme if theme in ("light", "dark") else "auto",
        request.scope.get("state", {}).get("backing") or Backing(),
        visitor(request),
        str(request.base_url).rstrip("/"),
    )


@cache
def _beside(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


@contextmanager
def framed(view: View, here: str, title: str) -> Iterator[None]:
    """Lay out a page; what is built inside becomes its content."""
    ui.add_css(_beside("style.css"))
    ui.page_title(f"{title} · mriocarbon")
    dark = {"light": False, "dark": True, "auto": None}[view.theme]
    ui.dark_mode(dark)
    ui.add_head_html(f"<script>{_beside('page.js')}</script>")
    client = context.client
    client.page = copy(client.page)  # one page serves both languages, each visit has its own
    client.page.language = PACKS[view.lang]  # type: ignore[assignment]
    # the frame we did not write is a `main` around everything, in which no head is a banner
    client.page_container.default_slot.children[0].props("role=presentation")
    head = ui.element("header").classes("mc-head").props("role=banner")
    with head, ui.element("div").classes("mc-bar"):
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
            _switch(LANGUAGES[other], "lang", other,
                    f"{view.say('language')}: {LANGUAGES[other]}", PACKS[other])  # fmt: skip
            following = {"auto": "dark", "dark": "light", "light": "auto"}[view.theme]
            sign = {"auto": "◐", "dark": "●", "light": "○"}[view.theme]
            _switch(sign, "theme", following,
                    f"{view.say('theme')}: {view.say('theme_' + view.theme)}")  # fmt: skip
            if view.exposed and view.who.session:
                # plain HTML, so that the cookie goes where only the server sees it
                ui.html(
                    f'<form method="post" action="/sign-out"><button class="mc-switch">'
                    f"{view.say('sign_out')}</button></form>", sanitize=False,
                )  # fmt: skip
    with ui.element("main").classes("mc-main") as content:
        yield
    with ui.element("footer").classes("mc-foot").props("role=contentinfo"):
        ui.label(view.say("foot"))
    ui.skip_link(view.say("skip"), target=content)


def _switch(text: str, cookie: str, value: str, meaning: str, lang: str = "") -> None:
    script = (
        f"() => {{ document.cookie = '{cookie}={value};path=/;max-age=31536000;samesite=lax';"
        " location.reload() }"
    )
    button = ui.element("button").classes("mc-switch")
    button.props(f'type=button aria-label="{meaning}" title="{meaning}"')
    if lang:
        button.props(f"lang={lang}")
    button.on("click", js_handler=script)
    with button:
        ui.label(text)


def heading(title: str, lead: str) -> None:
    """Show the title of a page and what it is for."""
    with ui.element("h1"):
        ui.label(title)
    ui.label(lead).classes("mc-lead")


def address(tool: str, arguments: Mapping[str, Any]) -> str:
    """Return the page of a tool with its form filled in; it answers at once."""
    told = json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))
    return f"/tools/{tool}?" + urlencode({"with": told})


def quoted(text: str) -> str:
    """Return a text that can stand between double quotes in properties."""
    return text.replace("\\", " ").replace('"', "'").replace("\n", " ")


def known(listed: Iterable[str]) -> list[Tool]:
    """Return the tools of these names that are there: an absent extra takes its tools along."""
    found = []
    for name in listed:
        try:
            found.append(tools.get(name))
        except UnknownNameError:
            continue
    return found


def build() -> None:
    """Register every page."""
    from mriocarbon.service.pages import (
        conversation,
        mappage,
        reportpages,
        subjects,
        tablepage,
        toolpages,
    )

    def here() -> View:
        return view_of(context.client.request)

    for one in (conversation, mappage, subjects, reportpages, tablepage, toolpages):
        one.build(here)
