"""Pictures of what hangs on a sector: extractions, linkages, scopes, scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import NotAvailableError
from mriocarbon.model import Result
from mriocarbon.report import figures as f
from mriocarbon.report import text as t
from mriocarbon.report.sector_names import (
    extracted_name,
    lower,
    place_name,
    sector_name,
)
from mriocarbon.structure.changes import Change
from mriocarbon.structure.extraction import Extraction
from mriocarbon.structure.linkages import Linkages
from mriocarbon.structure.scenario import Scenario
from mriocarbon.structure.scopes import SCOPES, Scopes

Array = NDArray[np.float64]
MOST = 15  # bars in one panel
LED = 10  # dots of a scatter that are named wherever there is room
QUADRANT = {
    "key": (f.MARK, "key: draws on others and others draw on it, both above average"),
    "backward": (f.UP, "draws on others above average"),
    "forward": (f.DOWN, "others draw on it above average"),
    "weak": (f.OTHER, "neither"),
}
SCOPE_COLOURS = (f.UP, f.MARK, f.DOWN)


@f.styled
def extraction(found: Extraction) -> f.Drawing:
    """Return the picture of one extraction: emissions that go, by region and by sector.

    A table without stressors has no such picture.

    Parameters
    ----------
    found : Extraction

    Returns
    -------
    Drawing

    Raises
    ------
    NotAvailableError
        Nothing changes, or nothing is known of emissions.
    """
    if np.isnan(found.base_emissions):
        raise NotAvailableError(
            "the table has no stressors: no emissions to draw", where=found.what,
            do="add them: mrio.replace_extensions(...)",
        )  # fmt: skip
    dataset = found.emissions.provenance.dataset
    panels = []
    for result, name in (
        (found.by_region(), place_name),
        (found.by_sector(), lambda s: sector_name(s, dataset)),
    ):
        order = np.argsort(-np.abs(result.value), kind="stable")[:MOST]
        order = order[np.abs(result.value[order]) > 1e-3 * np.abs(result.value).max(initial=0.0)]
        labels = result.coords[result.dims[0]]
        panels.append((
            [name(labels[k]) for k in order],
            result.parts["own"][order], result.parts["elsewhere"][order],
        ))  # fmt: skip
    rows = max(len(panel[0]) for panel in panels)
    if not rows:
        raise NotAvailableError(
            "nothing changes, so that there is nothing to draw", where=found.what,
            do="extract a sector that sells or buys",
        )  # fmt: skip
    replaced = "replaced by other suppliers" if found.replaced else "not replaced"
    under = f.under(
        found.emissions.provenance, f"Hypothetical extraction, {replaced}; prices and all other"
        " technology stay; industries only",
    )  # fmt: skip
    more = f.LINE * (len(under) - 1)
    page = f.new_figure(9.2, f.BAR * rows + 2.05 + more)
    unit = f"change, {t.nice(found.emissions.unit)}{f.mark(found.emissions)}"
    height = page.get_figheight()
    for left, width, (names, own, elsewhere), head in (
        (1.75, 2.5, panels[0], "where it is emitted"), (6.15, 2.85, panels[1], "by which industry"),
    ):  # fmt: skip
        total = own + elsewhere
        largest = float(np.abs(total).max())
        tall = f.BAR * len(names) / height
        top = (height - 0.95 - more) / height
        f.bars(page, (left / 9.2, top - tall, width / 9.2, tall), names,
               [(f.UP, own), (f.DOWN, elsewhere)], unit,
               texts=[f.signed(float(v), largest) for v in total])  # fmt: skip
        page.text((left - 0.02) / 9.2, top + 0.09 / height, head, fontsize=8.8, fontweight="bold")
    f.legend(page, [f.patch(f.UP, "what was taken out"), f.patch(f.DOWN, "all others")], 2)
    share = 100 * found.emissions.total / found.base_emissions
    what = extracted_name(found.what, dataset)
    if found.share != 1:
        what = f"{100 * found.share:g}\u00a0% of {what}"
    elif not found.inside and " all sectors" in found.what:
        what = f"the trade of {what}"
    if found.links != "both":
        what = f"the {found.links} of {what}"
    note = next(n.text for n in found.emissions.notes if n.about == "extraction")
    title = f"Without {what}: {t.percent(share)}\u00a0% of the world's emissions"
    caption = f"{t.nice(t.capital(note))}. A thought experiment, no forecast."
    f.told_under(page, under)
    told = (
        f"Two panels of bars. In all {t.number(found.emissions.total, 0)} {found.emissions.unit};"
        f" by region, largest first: {', '.join(panels[0][0][:5])}."
    )
    return f.finish_result(page, "figure-extraction", title, found.emissions, caption, told)


@f.styled
def ranking(emissions: Result, *, most: int = 20) -> f.Drawing:
    """Return the picture of the sectors on whose extraction most emissions hang.

    Parameters
    ----------
    emissions : Result
        The third result of `extract_all`.
    most : int

    Returns
    -------
    Drawing

    Raises
    ------
    NotAvailableError
        No emissions change, or none are known.
    """
    dataset = emissions.provenance.dataset
    flat = emissions.value.ravel()
    if not np.abs(flat).max(initial=0.0) > 0:  # nor where they are not known
        raise NotAvailableError(
            "no emissions change, so that there is nothing to draw", where="extractions",
            do="choose another stressor, or add one to the table",
        )  # fmt: skip
    order = np.argsort(flat, kind="stable")[:most]
    own, others = (emissions.parts[p].ravel()[order] for p in ("own", "elsewhere"))
    names = []
    for place in order:
        cell = np.unravel_index(int(place), emissions.value.shape)
        labels = [emissions.coords[d][c] for d, c in zip(emissions.dims, cell, strict=True)]
        words = [place_name(v) if d == "region" else sector_name(v, dataset)
                 for d, v in zip(emissions.dims, labels, strict=True)]  # fmt: skip
        names.append(", ".join(reversed(words)))
    note = next(n.text for n in emissions.notes if n.about == "extraction")
    under = f.under(emissions.provenance, f"Hypothetical extraction, one at a time; {note}. Bars"
                    " overlap and do not add up")  # fmt: skip
    more = f.LINE * (len(under) - 1)
    page = f.new_figure(9.2, f.BAR * len(names) + 1.9 + more)
    largest = float(np.abs(flat).max())
    box = f.frame(page, 3.2, 0.3, 1.05, 0.75 + more)
    f.bars(page, box, names, [(f.UP, -own), (f.DOWN, -others)],
           f"{t.nice(emissions.unit)}{f.mark(emissions)} that would go",
           texts=[f.amount(float(-v), largest) for v in flat[order]])  # fmt: skip
    f.legend(page, [f.patch(f.UP, "its own emissions"), f.patch(f.DOWN, "all others'")], 2)
    f.told_under(page, under)
    told = "Bars, largest first: " + "; ".join(
        f"{n} {t.number(float(-v), 0)}" for n, v in zip(names[:5], flat[order], strict=False)
    )
    title = "On which industries most emissions hang"
    caption = f"{t.capital(note)}."
    return f.finish_result(page, "figure-extractions", title, emissions, caption, told + ".")


@f.styled
def linkages(
    found: Linkages,
    *,
    region: str | None = None,
    backward: str = "power of dispersion",
    forward: str = "sensitivity, ghosh",
    size: Result | None = None,
) -> f.Drawing:
    """Return the four quadrants of the sectors of a region.

    Parameters
    ----------
    found : Linkages
    region : str, optional
        Whose sectors; the only region of a domestic block by default.
    backward, forward : str
        Measures that are normalised to mean one.
    size : Result, optional
        Over (``region``, ``sector``), such as emissions: the area of the dots.

    Returns
    -------
    Drawing

    Raises
    ------
    UnknownNameError, NotAvailableError
        No such region; more than one region and none named.
    """
    regions = found.table.coords["region"]
    if region is None and len(regions) > 1:
        raise NotAvailableError(
            f"{len(regions)} regions do not fit one picture", where="linkages",
            do="name one: region=",
        )  # fmt: skip
    r = 0 if region is None else found.table._position("region", region)
    dataset = found.table.provenance.dataset
    x, y = found.measure(backward)[r], found.measure(forward)[r]
    kind = found.quadrants(backward, forward)[r]
    shown = np.flatnonzero((kind != "") & np.isfinite(x) & np.isfinite(y))
    area = np.full(len(x), 26.0)
    amounts = None
    if size is not None:
        amounts = size.value[size._position("region", regions[r])]
        area = 14 + 900 * np.maximum(amounts, 0) / max(float(amounts.max()), 1e-300)
    page = f.new_figure(9.2, 6.9)
    axes = page.add_axes(f.frame(page, 0.75, 0.25, 1.3, 0.85))
    for name, (color, _) in QUADRANT.items():
        here = shown[kind[shown] == name]
        axes.scatter(x[here], y[here], s=area[here], color=color, alpha=0.78, edgecolor=f.GROUND,
                     linewidth=0.7, zorder=3)  # fmt: skip
    axes.axvline(1, color=f.INK, linewidth=0.9)
    axes.axhline(1, color=f.INK, linewidth=0.9)
    pad_x, pad_y = (0.07 * (np.ptp(v[shown]) or 1) for v in (x, y))
    axes.set_xlim(min(x[shown].min(), 1) - pad_x, max(x[shown].max(), 1) + 2.2 * pad_x)
    axes.set_ylim(min(y[shown].min(), 1) - pad_y, max(y[shown].max(), 1) + pad_y)
    mark = f.mark(found.table)
    axes.set_xlabel(f"backward: how strongly it draws on suppliers (mean of all sectors = 1){mark}")
    axes.set_ylabel(f"forward: how strongly buyers draw on it (mean = 1){mark}")
    weight = amounts if amounts is not None else np.abs(x - 1) + np.abs(y - 1)
    rank = shown[np.argsort(-weight[shown], kind="stable")]
    missed = _label(page, axes, x, y, area, rank,
                    [sector_name(s, dataset) for s in found.table.coords["sector"]])  # fmt: skip
    handles = [f.dot("o", color, text) for color, text in QUADRANT.values()]
    f.legend(page, handles, 2)
    where = place_name(regions[r])
    scope = "domestic deliveries alone" if found.domestic else "the whole table"
    dots = ""
    if size is not None and amounts is not None:
        most = shown[np.argmax(amounts[shown])]
        name = lower(sector_name(found.table.coords["sector"][most], dataset))
        dots = (
            f"; area of the dots: {size.name}{f.mark(size)}, the largest ({name})"
            f" {f.amount(float(amounts[most]), float(amounts[most]))} {t.nice(size.unit)}"
        )
    f.told_under(page, f.under(found.table.provenance, f"Linkages within {scope}{dots}"))
    keys = [sector_name(found.table.coords["sector"][k], dataset) for k in shown
            if kind[k] == "key"]  # fmt: skip
    skipped = f" {t.counted(missed, 'dot')} carry no name for want of room." if missed else ""
    caption = (
        f"Backward: {backward}; forward: {forward}; both have mean one over all sectors with"
        f" output. {len(keys)} of {len(shown)} sectors are key.{skipped}"
    )
    told = f"Scatter of {len(shown)} sectors in four quadrants. Key: {t.listing(keys) or 'none'}."
    title = f"{where}: sectors by their links backward and forward"
    return f.finish_result(page, "figure-linkages", title, found.table, caption, told)


def _label(
    page: Any, axes: Any, x: Array, y: Array, area: Array, order: NDArray[np.intp],
    names: Sequence[str],
) -> int:  # fmt: skip
    """Name the dots, the heaviest first, where a name covers no dot and no name; count the rest."""
    to_points = axes.transData.transform(np.column_stack([x, y])) * 72 / page.dpi
    radius = np.sqrt(area / np.pi)
    taken: list[tuple[float, float, float, float]] = []
    box = axes.get_window_extent()
    edge = np.array([box.x0, box.y0, box.x1, box.y1]) * 72 / page.dpi
    missed = 0
    one = axes.transData.transform((1.0, 1.0)) * 72 / page.dpi
    lines = (float(one[0]), float(one[1]))
    for place, k in enumerate(order):
        px, py = to_points[k]
        wide, tall, gap = 4.35 * len(names[k]), 8.5, radius[k] + 2
        spots = [
            (px + gap, py - tall / 2), (px - gap - wide, py - tall / 2),
            (px - wide / 2, py + gap), (px - wide / 2, py - gap - tall),
            (px + 0.7 * gap, py + 0.7 * gap), (px + 0.7 * gap, py - 0.7 * gap - tall),
            (px - 0.7 * gap - wide, py + 0.7 * gap), (px - 0.7 * gap - wide, py - 0.7 * gap - tall),
        ]  # fmt: skip
        spots.sort(key=lambda s: _crosses(s, wide, tall, lines))
        near = len(spots)
        if place < LED:  # the heaviest have a name, if need be away from the dot, with a line
            spots += [
                (px + away * np.cos(a) - wide * (np.cos(a) < 0), py + away * np.sin(a) - tall / 2)
                for away in gap + np.array([12.0, 24, 36, 48, 60, 75, 90])
                for a in np.linspace(0.1, 2 * np.pi + 0.1, 16, endpoint=False)
            ]
        for spot, (sx, sy) in enumerate(spots):
            new = (sx, sy, sx + wide, sy + tall)
            if new[0] < edge[0] or new[1] < edge[1] or new[2] > edge[2] or new[3] > edge[3]:
                continue
            if any(new[0] < b[2] and b[0] < new[2] and new[1] < b[3] and b[1] < new[3]
                   for b in taken):  # fmt: skip
                continue
            near_x = np.clip(to_points[order, 0], new[0], new[2]) - to_points[order, 0]
            near_y = np.clip(to_points[order, 1], new[1], new[3]) - to_points[order, 1]
            if (np.hypot(near_x, near_y) < radius[order] + 0.5)[order != k].any():
                continue
            taken.append(new)
            axes.annotate(
                names[k], (x[k], y[k]), xytext=(sx - px, sy - py), textcoords="offset points",
                fontsize=7.6, va="bottom", ha="left", zorder=5,
                arrowprops=None if spot < near else {
                    "arrowstyle": "-", "color": f.MUTED, "linewidth": 0.6, "shrinkA": 0,
                    "shrinkB": 0, "relpos": (0.0 if sx > px else 1.0, 0.5),
                },
            )  # fmt: skip
            break
        else:
            missed += 1
    return missed


def _crosses(
    spot: tuple[float, float], wide: float, tall: float, lines: tuple[float, float]
) -> bool:
    """Tell whether a name at `spot` would lie on one of the two lines at mean one."""
    x, y = spot
    return x < lines[0] < x + wide or y < lines[1] < y + tall


@f.styled
def scopes(found: Scopes, *, region: str, most: int = MOST) -> f.Drawing:
    """Return the scopes of the largest sectors of a region as stacked bars.

    Parameters
    ----------
    found : Scopes
    region : str
    most : int

    Returns
    -------
    Drawing

    Raises
    ------
    UnknownNameError
        No such region.
    """
    total = found.total
    r = total._position("region", region)
    value = total.value[r]
    dataset = total.provenance.dataset
    order = np.argsort(-value.sum(axis=1), kind="stable")[:most]
    order = order[value[order].sum(axis=1) > 0]
    names = [sector_name(total.coords["sector"][k], dataset) for k in order]
    if not names:
        raise NotAvailableError(
            "nothing is emitted along any chain, so that there is nothing to draw",
            where=total.coords["region"][r], do="choose another stressor or region",
        )  # fmt: skip
    under = f.under(
        total.provenance, "Bars overlap: a tonne is one sector's scope 1 and others' scope 2 and 3;"
        f" over all sectors they sum to {found.overlap:.1f} times all emissions",
    )  # fmt: skip
    more = f.LINE * (len(under) - 1)
    page = f.new_figure(9.2, f.BAR * len(names) + 2.0 + more)
    whole = value[order].sum(axis=1)
    largest = float(whole.max(initial=0.0))
    f.bars(page, f.frame(page, 2.0, 0.3, 1.1, 0.8 + more), names,
           [(SCOPE_COLOURS[k], value[order, k]) for k in range(len(SCOPES))],
           f"{t.nice(total.unit)}{f.mark(total)}",
           texts=[f.amount(float(v), largest) for v in whole])  # fmt: skip
    labels = ("scope 1: its own", "scope 2: generating the power and heat it buys",
              "scope 3 upstream: the rest of its supply chain")  # fmt: skip
    f.legend(page, [f.patch(c, s) for c, s in zip(SCOPE_COLOURS, labels, strict=True)], 3)
    f.told_under(page, under)
    rules = " ".join(t.capital(n.text) + "." for n in total.notes
                     if n.about == "scopes")  # fmt: skip
    first = total.coords["sector"][order[0]]
    told = (
        f"Stacked bars of {len(names)} sectors, largest first: {', '.join(names[:5])}."
        f" {names[0]}: " + ", ".join(
            f"{scope} {t.number(total[total.coords['region'][r], first, scope], 0)}"
            for scope in SCOPES
        ) + "."
    )  # fmt: skip
    title = f"{place_name(total.coords['region'][r])}: scopes 1, 2 and 3 of its largest sectors"
    return f.finish_result(page, "figure-scopes", title, total, rules, told)


@f.styled
def scenario(found: Scenario, *, most: int = 20) -> f.Drawing:
    """Return the change of an account by region.

    Parameters
    ----------
    found : Scenario
    most : int

    Returns
    -------
    Drawing
    """
    gap, percent = found.difference.value, found.percent
    regions = found.difference.coords["region"]
    order = np.argsort(-np.abs(gap), kind="stable")[:most]
    order = order[np.argsort(gap[order], kind="stable")]
    largest = float(np.abs(gap).max(initial=0.0))
    names = [place_name(regions[k]) for k in order]
    texts = [
        f"{f.signed(float(gap[k]), largest)} ({t.percent(float(percent[k]))} %)" for k in order
    ]
    lines = [_told(c, found.base.provenance.dataset) for c in found.changes[:4]]
    if len(found.changes) > 4:
        lines[3] = f"and {len(found.changes) - 3} more changes"
    account = found.base.name.split(",")[0]
    lines = [*f.under(found.base.provenance, f"Account by {account}, industries only, changed:"),
             *map(t.nice, lines)]  # fmt: skip
    page = f.new_figure(9.2, f.BAR * len(names) + 2.05 + f.LINE * len(lines))
    top = 0.75 + f.LINE * len(lines)
    value = gap[order]
    parts = [(f.UP, np.maximum(value, 0)), (f.DOWN, np.minimum(value, 0))]
    unit = f"change of the account, {t.nice(found.base.unit)}{f.mark(found.base)}"
    f.bars(page, f.frame(page, 2.0, 0.3, 1.1, top), names, parts, unit, texts=texts)
    f.told_under(page, lines)
    signs = [(f.UP, "more", (value > 0).any()), (f.DOWN, "less", (value < 0).any())]
    f.legend(page, [f.patch(c, text) for c, text, there in signs if there], 2)
    total = found.difference.total
    share = f" ({t.percent(100 * total / found.base.total)}\u00a0%)" if found.base.total else ""
    title = (
        f"{t.capital(found.name)}: {f.signed(total, abs(total))} {t.nice(found.base.unit)}{share}"
    )
    rules = next(n.text for n in found.difference.notes if n.about == "scenario")
    caption = f"{t.capital(account)} account, new minus base. {t.nice(rules)}."
    told = f"Bars for {len(names)} regions from {names[0]} {texts[0]} to {names[-1]} {texts[-1]}."
    return f.finish_result(page, "figure-scenario", title, found.difference, caption, told)


def _told(change: Change, dataset: str) -> str:
    """A change in one line that fits the page, with names for codes."""
    change = replace(
        change,
        region=change.region if change.region == "*" else place_name(change.region),
        sector=(change.sector if change.sector == "*"
                else lower(sector_name(change.sector, dataset))),
        user=change.user if change.user == "*" else place_name(change.user),
        user_sector=(change.user_sector if change.user_sector == "*"
                     else lower(sector_name(change.user_sector, dataset))),
        to=place_name(change.to) if change.to else "",
    )  # fmt: skip
    text = str(change).partition(": ")[2]
    kind = {"stressor": "emissions per output: ", "coefficients": "inputs: ",
            "demand": "final demand: "}.get(change.part, "")  # fmt: skip
    text = kind + text
    return text if len(text) <= 125 else text[:124].rstrip() + "…"
