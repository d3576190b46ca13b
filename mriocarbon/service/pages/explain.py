"""What stands behind one number: what it is of, interval, method, sources, and how to get it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from nicegui import ui

from mriocarbon.service.pages.numbers import printed
from mriocarbon.service.pages.shell import View
from mriocarbon.service.routes.tools import RESOURCES
from mriocarbon.tools import Cited, Figure, ToolResult


def explain(view: View, found: ToolResult, one: Figure) -> None:
    """Open what stands behind one number."""
    with ui.dialog() as dialog, ui.card().classes("mc-card").props(
        f'role=dialog aria-label="{view.say("source")}"'
    ):  # fmt: skip
        with ui.element("h2"):
            ui.label(view.say("source"))
        value = f"{printed(one)} {view.unit(one.unit)}" if one.value is not None else ""
        ui.label(value.strip() or view.say("missing")).classes("mc-big")
        ui.label(view.quantity(one.quantity)).classes("mc-what")
        with ui.element("dl").classes("mc-facts"):
            for title, text in facts(view, found, one):
                with ui.element("dt"):
                    ui.label(title)
                with ui.element("dd"):
                    ui.label(text)
        if one.estimated:
            ui.label(view.say("estimate_means")).classes("mc-estimate mc-block")
        foot(view, found, opened=True)
        with ui.element("h3"):
            ui.label(view.say("call"))
        for title, text in calls(view, found):
            ui.label(title).classes("mc-quiet")
            with ui.element("pre").props("tabindex=0"):
                ui.label(text).classes("mc-inline")
        ui.label(f"SHA-256 {found.digest[:16]}…").classes("mc-quiet")
        with ui.element("button").props("type=button data-autofocus").on("click", dialog.close):
            ui.label(view.say("close"))
    dialog.open()


def facts(view: View, found: ToolResult, one: Figure) -> list[tuple[str, str]]:
    """Return what is known of a figure, title and text."""
    told = [(view.label(key), view.shown(key, value)) for key, value in one.labels.items()]
    if one.low is not None and one.high is not None:
        level = f" ({100 * one.level:g} %)" if one.level else f" ({view.say('range')})"
        unit = view.unit(one.unit)
        told.append((view.say("interval"), f"{view.between(one)} {unit}{level}"))
    if one.value is not None and printed(one) != str(one.value):
        told.append((view.say("full"), repr(one.value)))
    if one.why:
        told.append((view.say("why"), view.why(one.why)))
    data = ", ".join(filter(None, (found.dataset, found.edition)))
    told += [(view.say("dataset"), data)] if data else []
    told += [(view.say("method"), found.method)] if found.method else []
    return told


def asked(found: ToolResult) -> dict[str, Any]:
    """Return the arguments that say something: those that are not the tool's defaults."""
    from mriocarbon import tools
    from mriocarbon.errors import UnknownNameError

    try:
        fields = tools.get(found.tool).arguments.model_fields
    except UnknownNameError:
        return dict(found.arguments)
    return {
        name: value
        for name, value in found.arguments.items()
        if name not in fields or value != fields[name].get_default()
    }


def calls(view: View, found: ToolResult) -> list[tuple[str, str]]:
    """Return how the same number is had from Python, from a command line and over HTTP."""
    arguments = asked(found)
    told = ", ".join(f"{json.dumps(k)}: {v!r}" for k, v in arguments.items())
    python = f"from mriocarbon import tools\ntools.call({found.tool!r}, {{{told}}})"
    rest = curl(view.base, found.tool, arguments, view.exposed)
    line = command(found.tool, arguments)
    return [("Python", python), (view.say("command"), line), ("REST", rest)]


def command(tool: str, arguments: Mapping[str, Any]) -> str:
    """Return the line for a shell that prints the result as JSON.

    Examples
    --------
    >>> shlex.split(command("gwp", {"gas": "CH4"}))[:2]
    ['python', '-c']
    """
    told = ", ".join(f"{_plain(name)}: {_plain(value)}" for name, value in arguments.items())
    call = f"tools.call({_plain(tool)}, {{{told}}})"
    text = f"from mriocarbon import tools; print({call}.model_dump_json(indent=1))"
    return f"python -c {shlex.quote(text)}"


def _plain(value: Any) -> str:
    """Return a value as Python writes it, in double quotes: a shell wants the single ones."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_plain(k)}: {_plain(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return repr(value)


def curl(base: str, tool: str, arguments: Mapping[str, Any], keyed: bool = False) -> str:
    """Return the command that asks the API for it.

    Examples
    --------
    >>> curl("http://127.0.0.1:8080", "account", {"regions": ["CHN"]})
    "curl 'http://127.0.0.1:8080/v1/accounts?regions=CHN'"
    """
    key = ' -H "Authorization: Bearer $MRIOCARBON_KEY"' if keyed else ""
    path = next((r.path for r in RESOURCES if r.tool == tool and r.method == "GET"), None)
    if path is not None:
        plain = {k: str(v).lower() if isinstance(v, bool) else v for k, v in arguments.items()}
        query = urlencode(plain, doseq=True)
        return f"curl{key} {shlex.quote(base + path + ('?' + query if query else ''))}"
    body = json.dumps(arguments, ensure_ascii=False)
    return (
        f"curl{key} -H 'Content-Type: application/json' -d {shlex.quote(body)} "
        f"{shlex.quote(f'{base}/v1/tools/{tool}')}"
    )


def foot(view: View, found: ToolResult, *, opened: bool = False) -> None:
    """Show sources, caveats and method; folded, or opened where one number is explained."""
    if found.sources:
        with _fold(view.say("sources"), opened):
            for one in found.sources:
                with ui.element("li"):
                    _source(one)
    if found.caveats:
        with _fold(view.say("caveats"), opened):
            for text in found.caveats:
                with ui.element("li").props("lang=en"):
                    ui.label(text)
    if opened:
        return
    data = ", ".join(filter(None, (found.dataset, found.edition)))
    lines = [text for text in (found.method, data, f"mriocarbon {found.version}") if text]
    with _fold(view.say("method"), opened):
        for text in lines:
            with ui.element("li").props("lang=en"):
                ui.label(text)


class _fold:
    """A part that is folded away under its title, with a list inside."""

    def __init__(self, title: str, opened: bool) -> None:
        self.details = ui.element("details").props("open" if opened else "").classes("mc-more")
        with self.details:
            with ui.element("summary"):
                ui.label(title)
            self.list = ui.element("ul")

    def __enter__(self) -> ui.element:
        return self.list.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.list.__exit__(*error)


def _source(one: Cited) -> None:
    told = ". ".join(filter(None, (one.citation or one.name, one.edition, one.licence)))
    ui.label(told)
    address = web(one.url)
    if address:
        with ui.element("a").props(f'href="{address}" target="_blank" rel="noopener noreferrer"'):
            ui.label(address)


def web(address: str) -> str:
    """Return an address that can be a link: http or https, no quotes, no blanks; else nothing.

    Examples
    --------
    >>> web("https://doi.org/10.1/x"), web("javascript:alert(1)"), web('http://a/" onclick="')
    ('https://doi.org/10.1/x', '', '')
    """
    try:
        good = urlsplit(address).scheme in ("http", "https")
    except ValueError:
        return ""
    plain = not any(letter.isspace() or letter in "\"'<>\\`" for letter in address)
    return address if good and plain else ""
