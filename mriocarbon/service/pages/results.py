"""The answer of a tool as a reader sees it: bars, a table, words, sources, downloads."""

from __future__ import annotations

import html
from typing import Any

from nicegui import ui

from mriocarbon.service.pages.explain import explain, foot
from mriocarbon.service.pages.numbers import common, drawn, named, number, printed, shared
from mriocarbon.service.pages.shell import View
from mriocarbon.service.represent import table as as_csv
from mriocarbon.tools import Figure, ToolResult

MOST_BARS = 40
HEADS = ("term", "title", "name", "good", "text")
"""What heads an item of words, if it has it; else its first word does."""
LONG = 25
"""Rows above which a table is shown by pages and can be searched."""


def show(view: View, found: ToolResult) -> None:
    """Show a result with everything that must be known about it."""
    with ui.element("h3").classes("mc-title"):
        ui.label(view.title(found.tool, found.title))
    if view.lang == "zh" and found.title != view.title(found.tool, found.title):
        ui.label(found.title).classes("mc-quiet")
    if found.read_as:
        told = "; ".join(f"{asked} → {read}" for asked, read in found.read_as.items())
        ui.label(f"{view.say('read_as')}: {told}").classes("mc-quiet")
    if found.figures:
        picture = bars(found, view)
        if picture:
            ui.html(picture, sanitize=False)
            ui.html(bars(found, view, narrow=True), sanitize=False)
        _table(view, found)
    if found.items:
        _items(view, found)
    if not found.figures and not found.items:
        ui.label(view.say("nothing_found")).classes("mc-note")
    count = len(found.figures) or len(found.items)
    if found.total is not None and found.total > count:
        ui.label(view.say("shown", shown=count, total=found.total)).classes("mc-quiet")
    _downloads(view, found)
    foot(view, found)


def _downloads(view: View, found: ToolResult) -> None:
    with ui.element("div").classes("mc-downloads"):
        ui.label(view.say("download") + ":")
        for kind in ("csv", "json"):

            def send(kind: str = kind) -> None:
                content = as_csv(found) if kind == "csv" else found.model_dump_json(indent=1)
                ui.download.content(content, f"{found.tool or 'result'}.{kind}")

            with (
                ui.element("button")
                .props(f'type=button aria-label="{view.say("download")} {kind.upper()}"')
                .on("click", lambda _, send=send: send())
            ):
                ui.label(view.say(kind))


def _table(view: View, found: ToolResult) -> None:
    same = common(found)
    if same:
        told = ", ".join(f"{view.label(k)} {view.shown(k, v)}" for k, v in same.items())
        ui.label(f"{view.say('all_same')}: {told}").classes("mc-quiet")
    keys = list(dict.fromkeys(k for one in found.figures for k in one.labels if k not in same))
    quantities = {one.quantity for one in found.figures}
    units = {one.unit for one in found.figures}
    columns: list[dict[str, Any]] = []
    if len(quantities) > 1 or not keys:
        columns.append(_column("quantity", view.say("quantity")))
    columns += [_column(f"l_{key}", view.label(key)) for key in keys]
    unit = view.unit(next(iter(units))) if len(units) == 1 else ""
    title = view.say("value") + (f" ({unit})" if unit else "")
    columns.append(_column("value", title, align="right"))
    if len(units) > 1:
        columns.append(_column("unit", view.say("unit")))
    with_intervals = any(one.low is not None for one in found.figures)
    levels = {one.level for one in found.figures if one.low is not None}
    level = next(iter(levels)) if len(levels) == 1 else None
    if with_intervals:
        title = view.say("interval") + (f" ({100 * level:g} %)" if level else "")
        columns.append(_column("interval", title, align="right", sortable=False)
                       | {"classes": "mc-wide", "headerClasses": "mc-wide"})  # fmt: skip
    rows = []
    for one in found.figures:
        row: dict[str, Any] = {f"l_{k}": view.shown(k, v) for k, v in one.labels.items()}
        interval = f"{number(one.low)} – {number(one.high)}" if one.low is not None else ""
        if one.level and interval and level is None:
            interval += f" ({100 * one.level:g} %)"
        shown = printed(one) if one.value is not None else view.say("missing")
        row |= {
            "id": one.id, "quantity": view.quantity(one.quantity), "value": one.value,
            "shown": shown, "unit": view.unit(one.unit), "interval": interval,
            "mark": view.say("estimated") if one.estimated else "",
            "explain": view.say("explain", what=view.named(one)),
        }  # fmt: skip
        rows.append(row)
    table = _made(view, columns, rows)
    table.add_slot(
        "body-cell-value",
        '<q-td :props="props"><button type="button" class="mc-number"'
        " :aria-label=\"props.row.shown + ' ' + props.row.unit + '. ' + props.row.explain\""
        " @click=\"$parent.$emit('explain', props.row.id)\">{{ props.row.shown }}</button>"
        '<span v-if="props.row.mark" class="mc-estimate">{{ props.row.mark }}</span>'
        '<span v-if="props.row.interval" class="mc-under">{{ props.row.interval }}</span></q-td>',
    )
    by_id = {one.id: one for one in found.figures}
    table.on("explain", lambda event: explain(view, found, by_id[event.args]))
    hints = [view.say("click_number")]
    if any(one.estimated for one in found.figures):
        hints.append(view.say("estimate_means"))
    ui.label(" ".join(hints)).classes("mc-quiet")


def _made(view: View, columns: list[dict[str, Any]], rows: list[dict[str, Any]]) -> Any:
    """Return a table; a long one by pages and with a search."""
    long = len(rows) > LONG
    search = None
    if long:
        search = ui.input(view.say("search")).props("dense clearable type=search")
        search.classes("mc-search")
    table = ui.table(
        rows=rows, columns=columns, row_key="id", pagination=LONG if long else 0
    ).classes("mc-table")  # fmt: skip
    table.props("flat dense wrap-cells" + ("" if long else " hide-pagination"))
    labels = {"rows-per-page-label": "rows_per_page", "no-data-label": "nothing_found",
              "no-results-label": "nothing_found"}  # fmt: skip
    for prop, key in labels.items():
        table.props(f'{prop}="{view.say(key)}"')
    if search is not None:
        search.bind_value_to(table, "filter", forward=lambda text: text or "")
    return table


def _column(name: str, title: str, *, align: str = "left", sortable: bool = True) -> dict[str, Any]:
    return {"name": name, "label": title, "field": name, "align": align, "sortable": sortable}


def _items(view: View, found: ToolResult) -> None:
    """Show words: many alike as a table, few or long ones as a list with headings."""
    keys = list(dict.fromkeys(key for item in found.items for key in item))
    longest = max((len(text) for item in found.items for text in item.values()), default=0)
    if len(found.items) > 3 and len(keys) <= 8 and longest <= 160:
        columns = [_column(key, view.label(key)) for key in keys]
        rows = [
            {"id": str(k), **{key: view.shown(key, text) for key, text in item.items()}}
            for k, item in enumerate(found.items)
        ]
        _made(view, columns, rows)
        return
    with ui.element("ul").classes("mc-items"):
        for item in found.items:
            head = next((key for key in HEADS if item.get(key)), next(iter(item)))
            first = (head, item[head])
            rest = [(key, text) for key, text in item.items() if key != head]
            with ui.element("li").classes("mc-item"):
                with ui.element("h4"):
                    ui.label(view.shown(first[0], first[1]))
                with ui.element("dl"):
                    for key, text in rest:
                        if not text:
                            continue
                        with ui.element("dt"):
                            ui.label(view.label(key))
                        with ui.element("dd"):
                            ui.label(view.shown(key, text))


def bars(found: ToolResult, view: View | None = None, *, narrow: bool = False) -> str:
    """Return a bar chart with whiskers as SVG, or nothing if the figures cannot share an axis.

    `narrow` is for a phone: each name stands above its bar.
    """
    figures = drawn(found)
    if not 2 <= len(figures) <= MOST_BARS:
        return ""
    same = shared(figures)
    several = len({one.quantity for one in figures}) > 1

    def word(key: str, value: str) -> str:
        return value if view is None else view.shown(key, value)

    def quantity(one: Figure) -> str:
        return one.quantity if view is None else view.quantity(one.quantity)

    names = [
        ", ".join(([quantity(one)] if several else [])
                  + [word(k, v) for k, v in one.labels.items()
                     if k not in same and not (several and one.quantity.startswith(v))])
        or quantity(one)
        for one in figures
    ]  # fmt: skip
    ends = [v for one in figures for v in (one.value, one.low, one.high, 0.0) if v is not None]
    low, high = min(ends), max(ends)
    if high == low:
        return ""
    left, wide, step, above, room = (4, 280, 38, 15, 44) if narrow else (250, 480, 24, 0, 37)

    def x(value: float) -> float:
        return left + wide * (value - low) / (high - low)

    rows = []
    for k, (one, name) in enumerate(zip(figures, names, strict=True)):
        assert one.value is not None
        y = 8 + k * step + above
        start, end = sorted((x(0.0), x(one.value)))
        at, anchor = (f"x='{left}' y='{y - 4}'", "start") if narrow else \
            (f"x='{left - 8}' y='{y + 12}'", "end")  # fmt: skip
        rows.append(
            f"<text {at} text-anchor='{anchor}'>{html.escape(shortened(name, room))}"
            f"<title>{html.escape(name)}</title></text>"
            f"<rect x='{start:.1f}' y='{y}' width='{max(end - start, 0.8):.1f}' height='15'"
            f" class='{'mc-minus' if one.value < 0 else 'mc-plus'}'/>"
        )
        if one.low is not None and one.high is not None:
            rows.append(
                f"<path d='M{x(one.low):.1f} {y + 7.5}H{x(one.high):.1f}"
                f"M{x(one.low):.1f} {y + 4}v7M{x(one.high):.1f} {y + 4}v7' class='mc-whisker'/>"
            )
        place = x(max(0.0, one.value, one.high or 0.0)) + 6
        rows.append(f"<text x='{place:.1f}' y='{y + 12}'>{number(one.value)}</text>")
    height = 16 + step * len(figures)
    unit = figures[0].unit if view is None else view.unit(figures[0].unit)
    title = found.title if view is None else view.title(found.tool, found.title)
    what = quantity(figures[0]) if not several and len(figures) < len(found.figures) else ""
    told = html.escape(", ".join(filter(None, (title, what, unit))))
    kind = "mc-narrow" if narrow else "mc-broad"
    under = html.escape(", ".join(filter(None, (what, unit)))) if narrow else told
    return (
        f"<svg class='mc-bars {kind}' viewBox='0 0 {left + wide + 80} {height + 18}' role='img'"
        f" aria-label='{told}'><path d='M{x(0.0):.1f} 2V{height}' class='mc-axis'/>"
        + "".join(rows)
        + f"<text x='{left}' y='{height + 12}' class='mc-quiet'>{under}</text></svg>"
    )


def shortened(name: str, room: int) -> str:
    """Return as much of a name as there is room for; a Chinese letter takes that of two.

    Examples
    --------
    >>> shortened("production", 6), shortened("生产侧账户", 6), shortened("GHG", 6)
    ('produ…', '生产…', 'GHG')
    """
    wide = [2 if ord(letter) > 0x2E80 else 1 for letter in name]
    if sum(wide) <= room:
        return name
    text = ""
    for letter, width in zip(name, wide, strict=True):
        room -= width
        if room < 1:
            break
        text += letter
    return text + "…"


__all__ = ["as_csv", "bars", "common", "explain", "named", "number", "show"]
