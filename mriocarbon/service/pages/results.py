"""The answer of a tool as a reader sees it: bars, a table, words, sources, downloads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nicegui import ui

from mriocarbon.service.pages.charts import bars
from mriocarbon.service.pages.explain import explain, foot
from mriocarbon.service.pages.numbers import common, named, number, printed
from mriocarbon.service.pages.shell import View
from mriocarbon.service.represent import table as as_csv
from mriocarbon.tools import Figure, ToolResult

HEADS = ("term", "title", "name", "good", "text")
"""What heads an item of words, if it has it; else its first word does."""
LONG = 25
"""Rows above which a table is shown by pages and can be searched."""
FEW = 8
"""Lines of words above which a plain list is folded away."""
CODES = frozenset(("sector", "name", "name_zh"))
"""What only spells a code out: figures have the name beside the code already."""
WIDE = {"classes": "mc-aside", "headerClasses": "mc-aside"}
"""Of a column that a phone leaves out."""
ENDS = {"classes": "mc-aside mc-wide", "headerClasses": "mc-aside mc-wide"}
"""Of units and intervals: each on one line."""

HEAD = """<q-th :props="props" scope="col" :aria-sort="!props.col.sortable ? null
    : props.col.__thClass.includes('sort-desc') ? 'descending'
    : props.col.__thClass.includes('sorted') ? 'ascending' : 'none'">
  <button v-if="props.col.sortable" type="button" class="mc-sort"
    :data-stay="'TABLE-' + props.col.name">{{ props.col.label }}</button>
  <template v-else>{{ props.col.label }}</template>
</q-th>"""
"""Head of a column; a sortable one is a button, so that a keyboard sorts too."""


def show(view: View, found: ToolResult) -> None:
    """Show a result with everything that must be known about it."""
    with ui.element("h3").classes("mc-title"):
        ui.label(view.titled(found))
    if view.lang == "zh":
        ui.label(found.title).classes("mc-quiet").props("lang=en")
    read = [view.understood(asked, read) for asked, read in found.read_as.items()]
    if told := "; ".join(filter(None, read)):
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
    if found.total is not None and found.shown is not None and found.total > found.shown:
        ui.label(view.say("shown", shown=found.shown, total=found.total)).classes("mc-quiet")
    _downloads(view, found)
    foot(view, found)
    if view.lang == "zh":
        ui.label(view.say("english_stays")).classes("mc-quiet")


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
        keys = [key for key in keys if not _repeats(found.figures, key)]
    columns += [_column(f"l_{key}", view.label(key)) for key in keys]
    # on a phone the first column says it all, so that the value stays in sight
    head, *under = [one["name"] for one in columns]
    under = under if len(under) > 1 else []
    columns = [one | (WIDE if one["name"] in under else {}) for one in columns]
    unit = "" if len(units) > 1 else view.unit(next(iter(units))) or view.say("no_unit")
    title = view.say("value") + (f" ({unit})" if unit else "")
    columns.append(_column("value", title, align="right"))
    if len(units) > 1:
        columns.append(_column("unit", view.say("unit")) | ENDS)
    with_intervals = any(one.low is not None for one in found.figures)
    levels = {one.level for one in found.figures if one.low is not None}
    level = next(iter(levels)) if len(levels) == 1 else None
    if with_intervals:
        title = view.say("interval") + (f" ({100 * level:g} %)" if level else "")
        columns.append(_column("interval", title, align="right", sortable=False) | ENDS)
    rows = []
    for one in found.figures:
        row: dict[str, Any] = {f"l_{k}": view.shown(k, v) for k, v in one.labels.items()}
        interval = view.between(one) if one.low is not None else ""
        if one.level and interval and level is None:
            interval += f" ({100 * one.level:g} %)"
        shown = printed(one) if one.value is not None else view.say("missing")
        row |= {
            "id": one.id, "quantity": view.quantity(one.quantity), "value": one.value,
            "shown": shown, "unit": view.unit(one.unit) or view.say("no_unit"),
            "below": view.unit(one.unit) if len(units) > 1 else "", "interval": interval,
            "mark": view.say("estimated") if one.estimated and one.value is not None else "",
            "explain": view.say("explain", what=view.named(one)),
        }  # fmt: skip
        row["under"] = ", ".join(filter(None, (row.get(name) for name in under)))
        rows.append(row)
    table = _made(view, columns, rows)
    table.add_slot(
        f"body-cell-{head}",
        '<q-td :props="props">{{ props.value }}<span v-if="props.row.under" class="mc-under">'
        "{{ props.row.under }}</span></q-td>",
    )
    table.add_slot(
        "body-cell-value",
        '<q-td :props="props"><button type="button" class="mc-number"'
        f" :data-stay=\"'{table.id}-' + props.row.id\""
        " :aria-label=\"props.row.shown + ' ' + props.row.unit + '. ' + props.row.explain\""
        " @click=\"$parent.$emit('explain', props.row.id)\">{{ props.row.shown }}</button>"
        '<span v-if="props.row.mark" class="mc-estimate">{{ props.row.mark }}</span>'
        '<span v-if="props.row.below" class="mc-under">{{ props.row.below }}</span>'
        '<span v-if="props.row.interval" class="mc-under">{{ props.row.interval }}</span></q-td>',
    )
    by_id = {one.id: one for one in found.figures}
    table.on("explain", lambda event: explain(view, found, by_id[event.args]))
    hints = [view.say("click_number")]
    if any(one.estimated for one in found.figures):
        hints.append(view.say("estimate_means"))
    ui.label(" ".join(hints)).classes("mc-quiet mc-hints")
    missing = reasons(view, found.figures)
    if len(missing) > FEW:
        _lines(view, "why", missing)
        return
    for reason in missing:
        ui.label(reason).classes("mc-quiet mc-reason")


def reasons(view: View, figures: Sequence[Figure]) -> list[str]:
    """Return why numbers or intervals are missing, each reason once with what it is about."""
    about: dict[tuple[bool, str], list[str]] = {}
    for one in figures:
        if one.why and (one.value is None or one.low is None):
            about.setdefault((one.value is None, one.why), []).append(view.quantity(one.quantity))
    told = []
    for (absent, why), names in about.items():
        text = view.why(why)
        if absent:
            text = f"{view.say('missing')}: {', '.join(dict.fromkeys(names))} – {text}"
        elif not why.startswith("no interval"):
            text = f"{view.say('interval')}: {text}"
        told.append(text)
    return told


def _repeats(figures: Sequence[Figure], key: str) -> bool:
    """Tell whether a label says in every row what the quantity beside it says already."""
    return all(one.quantity.startswith(one.labels.get(key, "")) for one in figures)


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
    table.add_slot("header-cell", HEAD.replace("TABLE", str(table.id)))
    table.props("flat dense wrap-cells" + ("" if long else " hide-pagination"))
    table.props(':pagination-label="(from, to, all) => `${from}–${to} / ${all}`"')
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
    items = _spoken(view, found)
    keys = list(dict.fromkeys(key for item in items for key, text in item.items() if text))
    if found.figures and set(keys) <= CODES:
        return
    if len(keys) == 1:
        _lines(view, keys[0], [item[keys[0]] for item in items if item.get(keys[0])])
        return
    longest = max((len(text) for item in items for text in item.values()), default=0)
    if len(items) > 3 and len(keys) <= 8 and longest <= 160:
        columns = [_column(key, view.label(key)) for key in keys]
        rows = [
            {"id": str(k), **{key: view.shown(key, text) for key, text in item.items()}}
            for k, item in enumerate(items)
        ]
        _made(view, columns, rows)
        return
    with ui.element("ul").classes("mc-items"):
        for item in items:
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


def _spoken(view: View, found: ToolResult) -> list[dict[str, str]]:
    """Return the items, each name in the reader's language alone."""
    spoken = []
    for item in found.items:
        other = {key.removesuffix("_zh") for key in item if key.endswith("_zh")}
        plain = {k: v for k, v in item.items() if not k.endswith("_zh")}
        if view.lang == "zh" and found.tool != "define":  # a glossary is read in both
            plain = {k: item.get(f"{k}_zh") or v if k in other else v for k, v in plain.items()}
        spoken.append(plain if found.tool != "define" else dict(item))
    return spoken


def _lines(view: View, key: str, lines: Sequence[str]) -> None:
    """Show one kind of words as a plain list; a long one folded away."""
    with ui.element("details").props("" if len(lines) > FEW else "open").classes("mc-more"):
        with ui.element("summary"):
            ui.label(f"{view.label(key)} ({len(lines)})")
        with ui.element("ul"):
            for text in lines:
                with ui.element("li"):
                    ui.label(view.shown(key, text))


__all__ = ["as_csv", "bars", "common", "explain", "named", "number", "show"]
