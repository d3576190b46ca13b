"""The answer of a tool as a reader sees it: table, picture, sources, downloads."""

from __future__ import annotations

import csv
import html
import io
import json
from typing import Any

from nicegui import ui

from mriocarbon.service.pages.shell import View
from mriocarbon.tools import Figure, ToolResult

MOST_BARS = 40


def show(view: View, found: ToolResult) -> None:
    """Show a result with everything that must be known about it."""
    ui.html(f"<h2>{html.escape(found.title)}</h2>", sanitize=False)
    if found.read_as:
        told = "; ".join(f"{asked} → {read}" for asked, read in found.read_as.items())
        ui.label(f"{view.say('read_as')}: {told}").classes("mc-quiet")
    if found.figures:
        ui.html(bars(found), sanitize=False)
        _table(view, found)
    for item in found.items:
        with ui.element("dl").classes("mc-item"):
            for key, text in item.items():
                with ui.element("dt"):
                    ui.label(view.label(key))
                with ui.element("dd"):
                    ui.label(text)
    if found.total is not None and found.total > len(found.figures):
        ui.label(view.say("shown", shown=len(found.figures), total=found.total))
    with ui.element("div").classes("mc-downloads"):
        ui.label(view.say("download") + ":")
        for kind, text in (("csv", as_csv(found)), ("json", found.model_dump_json(indent=1))):
            with (
                ui.element("button")
                .props("type=button")
                .on(
                    "click",
                    lambda _, k=kind, t=text: ui.download.content(t, f"{found.tool}.{k}"),
                )
            ):
                ui.label(view.say(kind))
    _foot(view, found)


def common(found: ToolResult) -> dict[str, str]:
    """Labels that all figures share: said once, not in every row."""
    first, *rest = (dict(one.labels) for one in found.figures)
    return {k: v for k, v in first.items() if rest and all(o.get(k) == v for o in rest)}


def number(value: float | None) -> str:
    """Return a number as the tables print it: four significant digits, thousands set apart."""
    if value is None:
        return "–"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.4g}" if size >= 1e-3 or size == 0 else f"{value:.3e}"


def as_csv(found: ToolResult) -> str:
    """Return the figures as CSV: labels, value, interval, unit, whether estimated."""
    keys = list(dict.fromkeys(key for one in found.figures for key in one.labels))
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(["quantity", *keys, "value", "low", "high", "level", "unit", "estimated",
                     "why missing"])  # fmt: skip
    for one in found.figures:
        writer.writerow([one.quantity, *(one.labels.get(k, "") for k in keys), one.value, one.low,
                         one.high, one.level, one.unit, one.estimated, one.why])  # fmt: skip
    return target.getvalue()


def _table(view: View, found: ToolResult) -> None:
    same = common(found)
    if same:
        told = ", ".join(f"{view.label(k)} {v}" for k, v in same.items())
        ui.label(f"{view.say('all_same')}: {told}").classes("mc-quiet")
    keys = list(dict.fromkeys(k for one in found.figures for k in one.labels if k not in same))
    several = len({one.quantity for one in found.figures}) > 1
    columns: list[dict[str, Any]] = []
    if several or not keys:
        columns.append(_column("quantity", view.say("quantity")))
    columns += [_column(f"l_{key}", view.label(key)) for key in keys]
    columns.append(_column("value", view.say("value"), align="right"))
    columns.append(_column("unit", view.say("unit")))
    columns.append(_column("interval", view.say("interval"), align="right", sortable=False))
    rows = []
    for one in found.figures:
        row: dict[str, Any] = {f"l_{k}": v for k, v in one.labels.items()}
        interval = f"{number(one.low)} – {number(one.high)}" if one.low is not None else ""
        level = f" ({100 * one.level:g} %)" if one.level and interval else ""
        shown = number(one.value) if one.value is not None else view.say("missing")
        row |= {
            "id": one.id, "quantity": one.quantity, "value": one.value, "shown": shown,
            "unit": one.unit, "interval": interval + level,
            "mark": view.say("estimated") if one.estimated else "",
            "explain": view.say("explain", what=named(one)),
        }  # fmt: skip
        rows.append(row)
    table = ui.table(rows=rows, columns=columns, row_key="id", pagination=0).classes("mc-table")
    table.props("flat dense hide-pagination")
    table.add_slot(
        "body-cell-value",
        '<q-td :props="props"><button type="button" class="mc-number"'
        " :aria-label=\"props.row.shown + ' ' + props.row.unit + '. ' + props.row.explain\""
        " @click=\"$parent.$emit('explain', props.row.id)\">{{ props.row.shown }}</button>"
        '<span v-if="props.row.mark" class="mc-estimate">{{ props.row.mark }}</span></q-td>',
    )
    by_id = {one.id: one for one in found.figures}
    table.on("explain", lambda event: explain(view, found, by_id[event.args]))


def _column(name: str, title: str, *, align: str = "left", sortable: bool = True) -> dict[str, Any]:
    return {"name": name, "label": title, "field": name, "align": align, "sortable": sortable}


def named(one: Figure) -> str:
    """Return what a figure is of: its quantity and labels."""
    return ", ".join([one.quantity, *one.labels.values()])


def explain(view: View, found: ToolResult, one: Figure) -> None:
    """Open what stands behind one number: source, method, caveats, and the call that gives it."""
    with ui.dialog() as dialog, ui.card().classes("mc-card"):
        ui.html(f"<h2>{html.escape(view.say('source'))}</h2>", sanitize=False)
        value = f"{number(one.value)} {one.unit}" if one.value is not None else one.why
        interval = f"  [{number(one.low)} – {number(one.high)}]" if one.low is not None else ""
        ui.label(f"{value}{interval}").classes("mc-big")
        ui.label(named(one))
        if one.estimated:
            ui.label(view.say("estimated")).classes("mc-estimate")
        _foot(view, found, opened=True)
        call = json.dumps(found.arguments, ensure_ascii=False)
        ui.label(view.say("call")).classes("mc-what")
        ui.html(
            f"<pre>from mriocarbon import tools\ntools.call({found.tool!r}, "
            f"{html.escape(call)})</pre><p class='mc-quiet'>sha256 {found.digest[:16]}…</p>",
            sanitize=False,
        )
        with ui.element("button").props("type=button autofocus").on("click", dialog.close):
            ui.label(view.say("close"))
    dialog.open()


def _foot(view: View, found: ToolResult, *, opened: bool = False) -> None:
    def part(key: str, lines: list[str]) -> None:
        if not lines:
            return
        with ui.element("details").props("open" if opened else "").classes("mc-more"):
            with ui.element("summary"):
                ui.label(view.say(key))
            with ui.element("ul"):
                for line in lines:
                    with ui.element("li"):
                        ui.label(line)

    part("sources", [
        ". ".join(filter(None, (s.citation or s.name, s.edition, s.licence, s.url)))
        for s in found.sources
    ])  # fmt: skip
    part("caveats", list(found.caveats))
    about = ", ".join(filter(None, (found.dataset, found.edition)))
    part("method", [text for text in (found.method, about, f"mriocarbon {found.version}") if text])


def bars(found: ToolResult) -> str:
    """Return a bar chart with whiskers as SVG, or nothing if the figures cannot share an axis."""
    figures = [one for one in found.figures if one.value is not None]
    if not 2 <= len(figures) <= MOST_BARS or len({one.unit for one in figures}) > 1:
        return ""
    same = common(found)
    several = len({one.quantity for one in figures}) > 1
    names = [
        ", ".join(([one.quantity] if several else [])
                  + [v for k, v in one.labels.items() if k not in same]) or one.quantity
        for one in figures
    ]  # fmt: skip
    ends = [v for one in figures for v in (one.value, one.low, one.high, 0.0) if v is not None]
    low, high = min(ends), max(ends)
    if high == low:
        return ""
    left, wide, step = 190, 520, 24

    def x(value: float) -> float:
        return left + wide * (value - low) / (high - low)

    rows = []
    for k, (one, name) in enumerate(zip(figures, names, strict=True)):
        assert one.value is not None
        y = 8 + k * step
        start, end = sorted((x(0.0), x(one.value)))
        text = name if len(name) <= 27 else name[:26] + "…"
        rows.append(
            f"<text x='{left - 8}' y='{y + 12}' text-anchor='end'>{html.escape(text)}</text>"
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
    told = html.escape(f"{found.title}, {figures[0].unit}")
    return (
        f"<svg class='mc-bars' viewBox='0 0 {left + wide + 80} {height + 18}' role='img'"
        f" aria-label='{told}'><path d='M{x(0.0):.1f} 2V{height}' class='mc-axis'/>"
        + "".join(rows)
        + f"<text x='{left}' y='{height + 12}' class='mc-quiet'>{told}</text></svg>"
    )
