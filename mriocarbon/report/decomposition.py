"""Figures of a structural decomposition; tables and files are in `decomposition_files`.

`waterfall` shows one region from its account before to its account after; `bars` shows a series,
year by year, with the chain and the end points side by side. Thin lines are the range over all
orders of change: a reader must see how far the parts depend on a choice that nothing settles.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import NotAvailableError
from mriocarbon.model import Note, Result
from mriocarbon.model.labels import find_region
from mriocarbon.report import figures as f
from mriocarbon.report import text as t
from mriocarbon.report.sector_names import place_name
from mriocarbon.structure.decomposition import Decomposition
from mriocarbon.structure.lmdi import SIGN
from mriocarbon.structure.series import DecompositionSeries

__all__ = [
    "METHODS",
    "WORLD",
    "Parts",
    "bars",
    "chained",
    "parts_of",
    "waterfall",
    "words",
    "world_name",
]

Array = NDArray[np.float64]
WORLD = "World"
# What a factor is, in words that need no textbook; and its colour (Okabe and Ito's).
WORDS = {
    "intensity": "emissions per unit of output",
    "technology": "inputs that industries use",
    "trade": "where inputs come from",
    "origin": "where final goods come from",
    "mix": "what is bought",
    "destination": "households, state or investment",
    "level": "how much is bought",
    "population": "population",
    "households": "households' own emissions",
    SIGN: "cells that change sign",
}
COLOURS = {
    "intensity": "#0072b2", "technology": "#56b4e9", "trade": "#009e73", "origin": "#8fbf4d",
    "mix": "#cc79a7", "destination": "#8a6bb1", "level": "#d55e00", "population": "#e69f00",
    "households": "#8a90a0", SIGN: "#444444",
}  # fmt: skip
METHODS = {
    "shapley": "mean of all orders of change (Shapley)",
    "polar": "mean of the two polar forms (Dietzenbacher & Los 1998)",
    "lmdi": "logarithmic mean Divisia index (LMDI-I)",
}


@dataclass(frozen=True)
class Parts:
    """The effects on one account: what a figure or a table needs.

    Attributes
    ----------
    region : str
    start, end : float
    effects : ndarray, shape (factors,)
    low, high : ndarray or None
    """

    region: str
    start: float
    end: float
    effects: Array
    low: Array | None
    high: Array | None


def parts_of(found: Decomposition, region: str) -> Parts:
    """Return the effects on one region, or on the sum of all for `world_name` ("World").

    Raises
    ------
    NotAvailableError
        The region's account is not known, or there is no sum of ratios.
    """
    world = world_name(found)
    if region.casefold() == world.casefold():
        if found.world is None:
            raise NotAvailableError(
                "no parts of the world's account", where=f"{found!r}",
                do="ask for a region, or for the additive form between two tables",
            )  # fmt: skip
        w = found.world
        return Parts(world, *found.world_account, w.value, w.low, w.high)
    k = find_region(region, found.effects.coords["region"])
    label = found.effects.coords["region"][k]
    e = found.effects
    if not np.isfinite(e.value[:, k]).all():
        raise NotAvailableError(
            f"the account of {label} is not known: its emissions are missing", where=repr(found),
            do="choose another region",
        )  # fmt: skip
    return Parts(
        label, float(found.before.value[k]), float(found.after.value[k]), e.value[:, k],
        None if e.low is None else e.low[:, k], None if e.high is None else e.high[:, k],
    )  # fmt: skip


def world_name(found: Decomposition) -> str:
    """Return what the sum of all regions is called: another name where a region is "World"."""
    labels = [label.casefold() for label in found.effects.coords["region"]]
    return WORLD if WORLD.casefold() not in labels else "All regions"


def words(factor: str, order: Sequence[str] = ()) -> str:
    """Return a factor in words; those joined by "+" are joined by "and".

    `order` are all factors: with population among them, the level is that of a person.

    Examples
    --------
    >>> words("technology+trade"), words("level", ["level", "population"])
    ('inputs that industries use and where inputs come from', 'how much each person buys')
    """
    each = {"level": "how much each person buys"} if "population" in order else {}
    return t.listing([{**WORDS, **each}.get(name, name) for name in factor.split("+")])


@f.styled
def waterfall(found: Decomposition | DecompositionSeries, region: str) -> f.Drawing:
    """Return the waterfall of one account from before to after.

    Parameters
    ----------
    found : Decomposition or DecompositionSeries
        Additive: ratios do not stack. Of a series the chained parts are shown.
    region : str
        By code or name, or ``"World"``.

    Returns
    -------
    Drawing

    Raises
    ------
    NotAvailableError
        The decomposition is multiplicative, or the region's account is not known.
    """
    last = found.endpoint if isinstance(found, DecompositionSeries) else found
    if last.form != "additive":
        raise NotAvailableError(
            "ratios do not stack", where=repr(found), do='decompose with form="additive"'
        )
    if isinstance(found, DecompositionSeries):
        parts, result = chained(found, region), found.chained
        return _waterfall(last, parts, result, len(found.steps))
    return _waterfall(last, parts_of(found, region), found.effects, 1)


def _waterfall(found: Decomposition, parts: Parts, result: Result, steps: int) -> f.Drawing:
    order = result.coords["factor"]
    factor, unit = _scale(parts, found.unit)
    parts = _times(parts, factor)
    n = len(order)
    figure = f.new_figure(9.2, 5.2)
    axes = figure.add_axes(f.frame(figure, 0.92, 0.2, 1.3, 0.86))
    tops = parts.start + np.concatenate([[0.0], np.cumsum(parts.effects)])
    marks = [parts.start, parts.end, *tops]
    reach: list[float] = []
    for k, effect in enumerate(parts.effects):
        color = f.UP if effect > 0 else f.DOWN
        axes.bar(k + 1, effect, 0.62, bottom=tops[k], color=color, linewidth=0)
        at = [tops[k] + effect]
        if parts.low is not None and parts.high is not None:
            ends = tops[k] + parts.low[k], tops[k] + parts.high[k]
            axes.plot([k + 1, k + 1], ends, color=f.INK, linewidth=1.1, zorder=4)
            for end in ends:
                axes.plot([k + 0.93, k + 1.07], [end, end], color=f.INK, linewidth=1.1, zorder=4)
            at += ends
        reach += at
        axes.plot([k + 0.69, k + 1.69], [tops[k + 1]] * 2, color=f.MUTED, linewidth=0.7)
        up = effect >= 0
        axes.annotate(
            t.percent(effect, digits_of(parts)), (k + 1, max(at) if up else min(at)),
            xytext=(0, 4 if up else -4), textcoords="offset points", ha="center",
            va="bottom" if up else "top", fontsize=9.2, fontweight="bold", color=color,
        )  # fmt: skip
    axes.plot([0.31, 0.69], [parts.start] * 2, color=f.MUTED, linewidth=0.7)
    for k, value in ((0, parts.start), (n + 1, parts.end)):
        axes.bar(k, value, 0.62, color=f.OTHER, linewidth=0)
        axes.annotate(t.number(value, digits_of(parts)), (k, value), xytext=(0, 4),
                      textcoords="offset points", ha="center", va="bottom", fontsize=9.2,
                      fontweight="bold")  # fmt: skip
    low, high = min(0.0, *marks, *reach), max(0.0, *marks, *reach)
    axes.set_ylim(low - (0.1 * (high - low) if low < 0 else 0.0), high + 0.1 * (high - low))
    axes.set_xlim(-0.55, n + 1.55)
    axes.axhline(0, color=f.INK, linewidth=0.9)
    axes.grid(axis="x", visible=False)
    names = [
        place_name(found.labels[0]),
        *(words(name, order) for name in order),
        place_name(found.labels[1]),
    ]
    width = max(10, 84 // (n + 2))
    axes.set_xticks(range(n + 2), [textwrap.fill(name, width) for name in names], fontsize=8.4,
                    linespacing=1.15)  # fmt: skip
    axes.tick_params(axis="x", length=0)
    axes.yaxis.set_major_formatter(_thousands())
    axes.set_ylabel(t.nice(t.marked(unit, result.estimated)))
    handles = [f.patch(f.UP, "raises the account"), f.patch(f.DOWN, "lowers it")]
    if parts.low is not None:
        told = f"range over all {found.orders:,} orders of change"
        handles.append(f.line(f.INK, told + (" in each step" if steps > 1 else "")))
    f.legend(figure, handles, 3)
    title = _title(found, parts.region)
    _subtitle(figure, _basis(result.notes, found.method, steps))
    change = 100 * (parts.end / parts.start - 1) if parts.start else float("nan")
    told = "; ".join(
        f"{words(k, order)} {t.percent(e, digits_of(parts))}"
        + ("" if parts.low is None or parts.high is None else
           f" ({t.percent(parts.low[i], digits_of(parts))} to"
           f" {t.percent(parts.high[i], digits_of(parts))})")
        for i, (k, e) in enumerate(zip(order, parts.effects, strict=True))
    )  # fmt: skip
    caption = (
        f"{_source(result)} Unit: {unit}. Method: {METHODS[found.method]}. Parts:"
        f" {told}. They sum to the change to {found.closure:.0e} of the account. "
        + " ".join(f"{_mark(note)}{note.text}." for note in result.notes)
    )
    description = (
        f"Waterfall from {t.number(parts.start, digits_of(parts))} to"
        f" {t.number(parts.end, digits_of(parts))} {unit} ({t.percent(change)} percent)"
        f" with {n} steps: {told}. All values are in {_file(found, parts.region)}."
    )
    return f.finish(figure, "figure-waterfall", title, _line(result), caption, description)


@f.styled
def bars(series: DecompositionSeries, region: str) -> f.Drawing:
    """Return a series as stacked bars by step, beside the chain and the end points.

    Parameters
    ----------
    series : DecompositionSeries
        Additive.
    region : str
        By code or name, or ``"World"``.

    Returns
    -------
    Drawing

    Raises
    ------
    NotAvailableError
        The series is multiplicative, or the region's account is not known.
    """
    if series.endpoint.form != "additive":
        raise NotAvailableError(
            "ratios do not stack", where=repr(series), do='decompose with form="additive"'
        )
    order = series.chained.coords["factor"]
    ends = parts_of(series.endpoint, region)
    factor, unit = _scale(ends, series.endpoint.unit)
    ends = _times(ends, factor)
    steps = [_times(parts_of(step, region), factor) for step in series.steps]
    effects = np.zeros((len(steps), len(order)))
    low = np.zeros_like(effects)
    high = np.zeros_like(effects)
    for k, (step, parts) in enumerate(zip(series.steps, steps, strict=True)):
        columns = [order.index(name) for name in step.factors]
        effects[k, columns] = parts.effects
        low[k, columns] = parts.effects if parts.low is None else parts.low
        high[k, columns] = parts.effects if parts.high is None else parts.high
    ranged = steps[0].low is not None
    figure = f.new_figure(9.2, 5.6)
    left = figure.add_axes(f.frame(figure, 0.92, 3.5, 1.5, 1.08))
    right = figure.add_axes(f.frame(figure, 6.05, 0.72, 1.5, 1.08))
    for k, row in enumerate(effects):
        for sign in (1, -1):
            base = 0.0
            for i, effect in enumerate(row):
                if effect * sign > 0:
                    left.bar(k, effect, 0.74, bottom=base, color=_colour(order[i]),
                             edgecolor=f.GROUND, linewidth=0.5)  # fmt: skip
                    base += effect
    net = effects.sum(axis=1)
    left.plot(range(len(net)), net, "D", ms=6.5, mfc=f.GROUND, mec=f.INK, mew=1.3, zorder=5)
    left.axhline(0, color=f.INK, linewidth=0.9)
    short = [
        f"{str(a)[-2:]}–{str(b)[-2:]}"
        for a, b in zip(series.years[:-1], series.years[1:], strict=True)
    ]
    left.set_xticks(range(len(net)), short, fontsize=8.4, rotation=0 if len(net) < 9 else 40)
    left.set_xlim(-0.6, len(net) - 0.4)
    left.grid(axis="x", visible=False)
    left.tick_params(axis="x", length=0)
    left.yaxis.set_major_formatter(_thousands())
    marked = t.marked(unit, series.chained.estimated)
    left.set_ylabel(t.nice(f"{marked}, change in the step"))
    left.set_title("Step by step", fontsize=9.0)
    _compare(right, series, ends, effects, (low, high) if ranged else None)
    handles = [f.patch(_colour(name), words(name, order)) for name in order]
    handles.append(f.dot("D", f.GROUND, "change of the account", f.INK))
    if ranged:
        handles.append(f.line(f.INK, "right: range over all orders of change"))
    f.legend(figure, handles, 3)
    title = _title(series.endpoint, ends.region)
    _subtitle(figure, _basis(series.chained.notes, series.endpoint.method, len(steps)))
    summed = effects.sum(axis=0)
    told = "; ".join(
        f"{words(k, order)} {t.percent(e, digits_of(ends))}"
        for k, e in zip(order, summed, strict=True)
    )
    caption = (
        f"{_source(series.chained)} Unit: {unit}. Method:"
        f" {METHODS[series.endpoint.method]}, chained over {len(steps)} steps. Parts: {told}."
        " Right: the chain, and first against last year alone; both are exact. "
        + " ".join(f"{_mark(note)}{note.text}." for note in series.chained.notes)
    )
    description = (
        f"Stacked bars for {len(steps)} steps from {series.years[0]} to {series.years[-1]}; the"
        f" account goes from {t.number(ends.start, digits_of(ends))} to"
        f" {t.number(ends.end, digits_of(ends))} {unit}. Chained: {told}. All values"
        f" are in {_file(series.endpoint, ends.region, 'periods.csv')}."
    )
    return f.finish(figure, "figure-series", title, _line(series.chained), caption, description)


def _compare(
    axes: Any, series: DecompositionSeries, ends: Parts, effects: Array,
    bounds: tuple[Array, Array] | None,
) -> None:  # fmt: skip
    """Draw the chain (filled) above the end points (outlined), factor by factor."""
    order = series.chained.coords["factor"]
    digits = digits_of(ends)
    summed = effects.sum(axis=0)
    alone = np.zeros(len(order))
    alone_low, alone_high = np.zeros(len(order)), np.zeros(len(order))
    columns = [order.index(name) for name in series.endpoint.factors]
    alone[columns] = ends.effects
    alone_low[columns] = ends.effects if ends.low is None else ends.low
    alone_high[columns] = ends.effects if ends.high is None else ends.high
    for i, name in enumerate(order):
        place = len(order) - 1 - i
        axes.barh(place + 0.19, summed[i], 0.34, color=_colour(name), linewidth=0)
        axes.barh(place - 0.19, alone[i], 0.34, facecolor=f.GROUND, edgecolor=_colour(name),
                  linewidth=1.2)  # fmt: skip
        if bounds is not None:
            chain_ends = bounds[0][:, i].sum(), bounds[1][:, i].sum()
            axes.plot(chain_ends, [place + 0.19] * 2, color=f.INK, linewidth=1.1)
            axes.plot([alone_low[i], alone_high[i]], [place - 0.19] * 2, color=f.INK,
                      linewidth=1.1)  # fmt: skip
        for value, shift, ink in ((summed[i], 0.19, f.INK), (alone[i], -0.19, f.MUTED)):
            axes.text(1.03, place + shift, t.percent(float(value), digits), fontsize=8.2,
                      va="center", transform=axes.get_yaxis_transform(), color=ink)  # fmt: skip
    axes.axvline(0, color=f.INK, linewidth=0.9)
    axes.set_yticks([])
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_locator(_few())
    axes.xaxis.set_major_formatter(_thousands())
    axes.tick_params(axis="x", labelsize=8.2)
    axes.set_title(
        f"{series.years[0]} to {series.years[-1]}: filled, the steps summed;\noutlined, the end"
        " points alone",
        fontsize=9.0,
    )


def chained(series: DecompositionSeries, region: str) -> Parts:
    """Return the chained effects on one region or the world."""
    ends = parts_of(series.endpoint, region)
    if ends.region == world_name(series.endpoint):
        w = series.world
        assert w is not None
        low, high = (None if b is None else b.sum(axis=0) for b in (w.low, w.high))
        return Parts(ends.region, ends.start, ends.end, w.value.sum(axis=0), low, high)
    c = series.chained
    k = c.coords["region"].index(ends.region)
    return Parts(ends.region, ends.start, ends.end, c.value[:, k],
                 None if c.low is None else c.low[:, k],
                 None if c.high is None else c.high[:, k])  # fmt: skip


def _size(parts: Parts) -> float:
    """Return the size of the account, or of its largest part if it is zero."""
    return max(abs(parts.start), abs(parts.end)) or float(np.abs(parts.effects).max(initial=0.0))


def _scale(parts: Parts, unit: str) -> tuple[float, str]:
    """Return by what to multiply a small account so that its figures fit, and the unit then."""
    size = _size(parts)
    if size == 0 or size >= 0.1:
        return 1.0, unit
    power = 3 * int(np.floor(np.log10(size) / 3))
    raised = str(-power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return 10.0**-power, f"10⁻{raised} {unit}"


def _times(parts: Parts, factor: float) -> Parts:
    low, high = (None if b is None else b * factor for b in (parts.low, parts.high))
    return Parts(
        parts.region, parts.start * factor, parts.end * factor, parts.effects * factor, low, high
    )


def digits_of(parts: Parts) -> int:
    """Return decimals that tell three figures of the account, or of its parts if it is zero."""
    return t.decimals(_size(parts))


def _file(found: Decomposition, region: str, name: str = "effects.csv") -> str:
    return "world.csv" if region == world_name(found) else name


def _title(found: Decomposition, region: str) -> str:
    gas = {"GHG": "greenhouse gases"}.get(found.stressor, found.stressor)
    served = "consumption-based" if found.account == "consumption" else "production-based"
    first, last = found.labels
    if region == f"{last} - {first}":
        year = found.effects.provenance.year
        return t.nice(
            f"{served.capitalize()} {gas}: {place_name(last)} against {place_name(first)}"
            + (f", {year}" if year else "")
        )
    return t.nice(f"{place_name(region)}: what changed its {served} {gas}, {first} to {last}")


def _basis(notes: Sequence[Note], method: str, steps: int) -> str:
    """Return what must be read beside the figure: prices, editions, missing emissions."""
    told = [t.capital(METHODS[method])]
    if steps > 1:
        told[0] += f", {steps} steps summed"
    for note in notes:
        if note.about == "prices" and note.text.startswith("CURRENT"):
            told.append(
                "CURRENT PRICES: emissions per unit of output and how much is bought contain price"
                " changes, with opposite signs"
            )
        elif note.about == "prices":
            told.append(t.capital(note.text))
        elif note.about == "editions":
            told.insert(0, "DIFFERENT EDITIONS OF THE DATA: no finding about the economy")
        elif " is missing: entered as 0" in note.text:
            gas, regions = note.text.split(" is missing")[0].split(" of ", 1)
            names = t.listing([place_name(r) for r in regions.split(", ")])
            told.append(f"Not known and not in these figures: {gas} of industries ({names})")
    return ". ".join(told) + "."


def _subtitle(figure: Any, text: str) -> None:
    height = figure.get_figheight()
    figure.text(0.006, 1 - 0.36 / height, textwrap.fill(t.nice(text), 128), va="top",
                fontsize=8.2, color=f.MUTED, linespacing=1.3)  # fmt: skip


def _source(result: Result) -> str:
    p = result.provenance
    named = [s.citation or s.name for s in p.sources] or [f"{p.dataset} {p.edition}".strip()]
    return f"Source: {'; '.join(named)}."


def _line(result: Result) -> str:
    p = result.provenance
    editions = [s.name for s in p.sources] or [
        f"{p.dataset} ({p.edition})" if p.edition else p.dataset
    ]
    return f.source_line(editions, ["x"] if result.estimated else [])


def _mark(note: Note) -> str:
    return f"{t.DAGGER} " if note.estimated else ""


def _colour(factor: str) -> str:
    return COLOURS.get(factor.split("+")[0], f.OTHER)


def _thousands() -> Any:
    from matplotlib.ticker import FuncFormatter

    def shown(value: float, _: object) -> str:
        low, high = formatter.axis.get_view_interval()
        small = max(2, t.decimals(max(abs(low), abs(high))))
        return t.number(value, 0 if abs(value) >= 10 or value == round(value) else small)

    formatter: Any = FuncFormatter(shown)
    return formatter


def _few() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(3)
