"""Fields of a form, made from a JSON schema: words, numbers, choices, countries, lists, parts."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nicegui import ui

import mriocarbon as mc
from mriocarbon.service.pages import names
from mriocarbon.service.pages.shell import View, quoted
from mriocarbon.tools import tables

COUNTRIES = frozenset((
    "region", "regions", "partner", "origin", "destination", "origin_name", "product_origin",
    "to", "user", "exporter", "location", "place",
))  # fmt: skip
"""Arguments that name a country or region."""
INDUSTRIES = frozenset(("sector",))
SELDOM = frozenset((
    "limit", "offset", "seed", "draws", "table_name", "households", "correlation", "sample",
    "resolution", "band", "q", "price", "process", "leaching", "correlation",
))  # fmt: skip
"""Arguments that most readers leave alone: folded away."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: how it is read, and how something is put into it."""

    read: Callable[[], Any]
    put: Callable[[Any], object]


def suggestions(view: View) -> None:
    """Put the lists that fields of a country or industry suggest on the page, once a page."""
    for name, found in (
        ("mc-countries", names.countries(view.lang)),
        ("mc-industries", names.sectors(view.lang)),
    ):
        options = "".join(
            f'<option value="{html.escape(text)}">{html.escape(code)}</option>'
            for text, code in found
        )
        ui.html(f'<datalist id="{name}">{options}</datalist>', sanitize=False).classes("mc-hidden")


def resolved(one: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a property with its reference followed and an optional one taken as what it holds."""
    found = dict(one)
    if "anyOf" in found:
        some = [resolved(a, schema) for a in found.pop("anyOf") if a.get("type") != "null"]
        if some and all("enum" in a for a in some):
            found["enum"] = [value for a in some for value in a["enum"]]
        elif some:
            found = {**some[0], **found}
        found["optional"] = True
    if "$ref" in found:
        found = {**schema["$defs"][found.pop("$ref").rpartition("/")[2]], **found}
    return found


def fields(
    view: View, schema: Mapping[str, Any], start: Mapping[str, Any], *, whole: Mapping[str, Any],
    brief: bool = False,
) -> dict[str, Field]:  # fmt: skip
    """Show a field for each property of an object; the seldom ones folded away.

    Parameters
    ----------
    schema : mapping
        Of the object.
    start : mapping
        What the fields hold at first.
    whole : mapping
        The schema that holds the definitions.
    brief : bool
        What need not be filled in is folded away too, but for choices.
    """
    found: dict[str, Field] = {}
    required = schema.get("required", ())
    listed = {name: resolved(one, whole) for name, one in schema.get("properties", {}).items()}

    def made(name: str) -> None:
        one = listed[name]
        value = start.get(name, one.get("default"))
        found[name] = field(view, name, one, value, needed=name in required, whole=whole)

    often = [
        name for name, one in listed.items()
        if name in required or (name not in SELDOM and (not brief or "enum" in one))
    ]  # fmt: skip
    for name in often:
        made(name)
    seldom = [name for name in listed if name not in often]
    if seldom:
        with ui.element("details").classes("mc-seldom"):
            with ui.element("summary"):
                ui.label(view.say("more_options"))
            with ui.element("div").classes("mc-grid"):
                for name in seldom:
                    made(name)
    return found


def read(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return what the fields hold; what is empty is left out, so that the tool's default holds."""
    values = {name: one.read() for name, one in found.items()}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def field(
    view: View, name: str, one: Mapping[str, Any], value: Any, *, needed: bool,
    whole: Mapping[str, Any],
) -> Field:  # fmt: skip
    """Show one field."""
    kind = one.get("type")
    if name == "table_name":
        one = {**one, "enum": tables.names()}
    if kind == "object":
        return _part(view, name, one, value, whole)
    if kind == "array":
        inner = resolved(one.get("items", {}), whole)
        if inner.get("type") == "object":
            return _parts(view, name, one, inner, value, whole)
        return _several(view, name, one, inner, value, needed)
    title = view.argument(name) + (" *" if needed else "")
    if "enum" in one:
        return _choice(view, title, one, value, needed)
    if kind == "boolean":
        box = ui.checkbox(title, value=bool(value)).classes("mc-field mc-check")
        _hint(view, box, one)
        return Field(lambda: box.value, box.set_value)
    if kind in ("number", "integer"):
        return _number(view, title, one, value, needed)
    return _text(view, name, title, one, value, needed)


def _hint(view: View, element: Any, one: Mapping[str, Any], needed: bool = False) -> None:
    """Say below a field, and to a screen reader, what it is for and whether it must be filled."""
    if needed:
        element.props("aria-required=true")
    text = view.hint(str(one.get("description", "")))
    if not text:
        return
    element.props(f'aria-description="{quoted(text)}"')
    if isinstance(element, ui.checkbox):
        element.tooltip(text)
    else:
        element.props(f'hint="{quoted(text)}"')


def _choice(view: View, title: str, one: Mapping[str, Any], value: Any, needed: bool) -> Field:
    options = {choice: names.option(choice, view.lang) for choice in one["enum"]}
    element = ui.select(
        options, value=value if value in options else None, label=title,
        clearable=bool(one.get("optional")) and not needed,
    ).classes("mc-field")  # fmt: skip
    _hint(view, element, one, needed)
    return Field(lambda: element.value, element.set_value)


def _number(view: View, title: str, one: Mapping[str, Any], value: Any, needed: bool) -> Field:
    whole = one.get("type") == "integer"
    element = ui.number(
        title, value=value, min=one.get("minimum"), max=one.get("maximum"),
        precision=0 if whole else None, step=1 if whole else None,
    ).classes("mc-field")  # fmt: skip
    _hint(view, element, one, needed)

    def read_it() -> Any:
        return int(element.value) if whole and element.value is not None else element.value

    return Field(read_it, element.set_value)


def _text(
    view: View, name: str, title: str, one: Mapping[str, Any], value: Any, needed: bool
) -> Field:
    text = "" if value is None else str(value)
    element: Any
    if name in ("sql", "question"):
        element = ui.textarea(title, value=text).props("autogrow").classes("mc-field mc-wide-field")
    else:
        element = ui.input(title, value=text).classes("mc-field")
    if name in COUNTRIES:
        element.props('data-suggest="mc-countries"')
        element.set_value(names.typed(text, view.lang))
    elif name in INDUSTRIES:
        element.props('data-suggest="mc-industries"')
        element.set_value(names.industry(text, view.lang))
    most = one.get("maxLength")
    if most:
        element.props(f"maxlength={int(most)}")
    _hint(view, element, one, needed)
    return Field(
        lambda: (element.value or "").strip(),
        lambda new: element.set_value("" if new is None else str(new)),
    )


def _several(
    view: View, name: str, one: Mapping[str, Any], inner: Mapping[str, Any], value: Any,
    needed: bool,
) -> Field:  # fmt: skip
    """Show a list of words as chips; what is typed and not yet taken up counts too."""
    title = view.argument(name) + (" *" if needed else "")
    start = [value] if isinstance(value, str) else list(value or [])
    if name == "principles":
        inner = {"enum": [one.name for one in mc.principles()]}
    if "enum" in inner:
        start = [choice for choice in start if choice in inner["enum"]]
        options = {choice: names.option(choice, view.lang) for choice in inner["enum"]}
        chosen = ui.select(options, value=start, label=title, multiple=True)
        chosen.props("use-chips").classes("mc-field")
        _hint(view, chosen, one, needed)
        return Field(lambda: list(chosen.value), chosen.set_value)
    known = [text for text, _ in names.countries(view.lang)] if name in COUNTRIES else []
    if name in COUNTRIES:
        start = [names.typed(text, view.lang) for text in start]
    listed = list(dict.fromkeys([*start, *known]))
    element = ui.select(
        listed, value=start, label=title, multiple=True, with_input=True,
        new_value_mode="add-unique",
    )  # fmt: skip
    element.props("use-chips hide-dropdown-icon" if not known else "use-chips")
    element.classes("mc-field")
    _hint(view, element, one, needed)
    typed = {"text": ""}
    element.on("input-value", lambda event: typed.update(text=str(event.args or "")))
    element.on_value_change(lambda _: typed.update(text=""))
    cast: Callable[[str], Any] = {"integer": int, "number": float}.get(inner.get("type", ""), str)

    def read_it() -> Any:
        words = [*element.value, *(part.strip() for part in typed["text"].split(","))]
        return [cast(word) for word in dict.fromkeys(words) if word]

    def put(new: Any) -> None:
        words = [str(word) for word in new]
        element.set_options(list(dict.fromkeys([*words, *listed])), value=words)

    return Field(read_it, put)


@contextmanager
def _frame(view: View, name: str, one: Mapping[str, Any]) -> Iterator[None]:
    """Put a frame with the name and the hint of an argument around its fields."""
    with ui.element("fieldset").classes("mc-part"):
        with ui.element("legend"):
            ui.label(view.argument(name))
        text = view.hint(str(one.get("description", "")))
        if text:
            ui.label(text).classes("mc-quiet")
        yield


def _part(
    view: View, name: str, one: Mapping[str, Any], value: Any, whole: Mapping[str, Any]
) -> Field:
    """Show an object as a frame with its own fields; without its first needed word it is absent."""
    with _frame(view, name, one), ui.element("div").classes("mc-grid"):
        inside = fields(view, one, value or {}, whole=whole)
    key = next(iter(one.get("required", ())), None)

    def read_it() -> Any:
        found = read(inside)
        return found if key is None or key in found else None

    return Field(read_it, lambda new: None)


def _parts(
    view: View, name: str, one: Mapping[str, Any], inner: Mapping[str, Any], value: Any,
    whole: Mapping[str, Any],
) -> Field:  # fmt: skip
    """Show a list of objects as rows that are added and removed."""
    rows: list[dict[str, Field]] = []
    with _frame(view, name, one):
        place = ui.element("div")

        def add(start: Mapping[str, Any] | None = None) -> None:
            with place, ui.element("div").classes("mc-grid mc-line") as line:
                made = fields(view, inner, start or {}, whole=whole, brief=True)
                rows.append(made)

                def gone() -> None:
                    rows.remove(made)
                    line.delete()

                with ui.element("button").props("type=button").on("click", gone):
                    ui.label(view.say("remove"))

        for start in value or []:
            add(start)
        with ui.element("button").props("type=button").on("click", lambda: add()):
            ui.label(view.say("add_line"))
    return Field(
        lambda: [found for found in (read(row) for row in rows) if found], lambda new: None
    )
