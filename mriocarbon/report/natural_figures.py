"""Pictures of a natural account, by scope, and of the global carbon budget."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from mriocarbon.errors import NotAvailableError
from mriocarbon.natural.account import NaturalAccount
from mriocarbon.natural.budget import Budget
from mriocarbon.natural.flux import SCOPES, TO_AIR, Flux
from mriocarbon.report import figures as f
from mriocarbon.report import natural_words as w
from mriocarbon.report import text as t

COLOURS = dict(zip(SCOPES, (f.FULL_MARK, f.UP, f.DOWN, f.MARK), strict=True))


@f.styled
def account(found: NaturalAccount, *, gas: str = "CO2") -> f.Drawing:
    """Return the picture of an account: one panel a scope, every flux with its interval.

    Parameters
    ----------
    found : NaturalAccount
    gas : str

    Returns
    -------
    Drawing

    Raises
    ------
    NotAvailableError
        No flux of the gas reaches the air.
    """
    shown = [one for one in found.fluxes if one.gas == gas and one.direction == TO_AIR]
    shown = [one for one in shown if one.process != "net exchange with fossil"]
    if not shown:
        raise NotAvailableError(
            f"no flux of {gas} to draw", where=f"account of {found.region}",
            do="; ".join(f"{one.process}: {one.reason}" for one in found.missing[:2]),
        )  # fmt: skip
    groups = {scope: [one for one in shown if one.scope == scope] for scope in SCOPES}
    from matplotlib.lines import Line2D

    heights = {scope: f.BAR * max(1, len(rows)) + 0.52 for scope, rows in groups.items()}
    top, bottom = 0.72, 0.6
    total = sum(heights.values()) + top + bottom
    page = f.new_figure(9.2, total)
    name = w.place(found.region)
    ends = [v for one in shown for v in (one.low, one.high, one.value, 0.0) if math.isfinite(v)]
    low, high = min(ends), max(ends)
    margin = 0.05 * (high - low or 1.0)
    under = f"Mt {gas} a year; positive to the air, negative is a sink. Scopes overlap: never add"
    page.text(0.006, 1 - 0.38 / total, t.nice(under), va="top", fontsize=8.2, color=f.MUTED)
    y = total - top
    for scope, rows in groups.items():
        height = heights[scope]
        box = (3.9 / 9.2, (y - height + 0.12) / total, (9.2 - 3.9 - 1.35) / 9.2,
               (height - 0.44) / total)  # fmt: skip
        axes = page.add_axes(box)
        _panel(axes, scope, rows, (low - margin, high + margin), found, gas)
        page.text(0.006, (y - 0.16) / total, f"({w.LETTERS[scope]}) {scope}", va="center",
                  fontsize=9.2, fontweight="bold", color=COLOURS[scope])  # fmt: skip
        page.text(3.9 / 9.2, (y - 0.16) / total, t.nice(w.meaning(scope, [gas])), va="center",
                  fontsize=7.6, color=f.MUTED)  # fmt: skip
        last = scope == list(groups)[-1]
        axes.tick_params(axis="x", labelbottom=last, length=3 if last else 0)
        axes.locator_params(axis="x", nbins=6)
        axes.xaxis.set_major_formatter(_ticks(t.decimals(high - low or 1.0, 2)))
        y -= height
        if not last:
            rule = Line2D([0.006, 0.994], [(y + 0.04) / total] * 2, color=f.GRID, linewidth=1.2)
            page.add_artist(rule)
    credits = w.credits(one.source for one in shown)
    sources = list(dict.fromkeys(one.short for one in credits))
    marks = w.legend(shown)
    title = f"Natural carbon of {name}, {found.year}: four scopes that are never added"
    caption = (
        f"Source: {'; '.join(dict.fromkeys(one.full for one in credits))}. Unit: Mt {gas} a year."
        " Points: estimates, with the period"
        " they are of where it is not the year asked for; lines: 95 % intervals, or the range that"
        " results.json names, dashed where its width is assumed; none where none is given."
        + "".join(f" {one}." for one in marks)
    )
    told = "; ".join(
        f"{one.scope}, {one.process} ({one.method}, {one.period}) {t.number(one.value, 0)}"
        for one in shown
    )
    line = f.source_line(sources, [])
    line += "   Dashed: assumed width" if any(_assumed(one) for one in shown) else ""
    if marks:
        page.text(0.994, 1 - 0.38 / total, "   ".join(marks), va="top", ha="right", fontsize=7.6,
                  color=f.MUTED)  # fmt: skip
    return f.finish(page, "figure-natural", title, line, t.nice(caption), told + ".")


def _panel(
    axes: Any,
    scope: str,
    rows: Sequence[Flux],
    limits: tuple[float, float],
    found: NaturalAccount,
    gas: str,
) -> None:
    axes.set_xlim(*limits)
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0, labelsize=7.8)
    axes.grid(axis="y", visible=False)
    if not rows:
        axes.set_yticks([0], ["missing"])
        axes.grid(axis="x", visible=False)
        why = textwrap.fill(t.nice(w.why(found.missing, scope, gas)), 68)
        axes.text(0.01, 0.5, why, transform=axes.transAxes, va="center", fontsize=7.0,
                  linespacing=1.1, color=f.MUTED)  # fmt: skip
        return
    axes.axvline(0, color=f.INK, linewidth=0.9)
    digits = t.decimals(max(abs(one.value) for one in rows))
    for k, one in enumerate(rows):
        if math.isfinite(one.low):
            axes.plot([one.low, one.high], [k, k], color=COLOURS[scope], linewidth=2.2, alpha=0.55,
                      linestyle=(0, (2, 1)) if _assumed(one) else "solid",
                      solid_capstyle="butt")  # fmt: skip
        axes.plot(one.value, k, "o", ms=5, mfc=COLOURS[scope], mec=f.GROUND, mew=0.6)
        axes.text(1.015, k, w.mark(t.number(one.value, digits) if one.value else "0", one),
                  transform=axes.get_yaxis_transform(), va="center", fontsize=7.8)  # fmt: skip
    axes.set_yticks(range(len(rows)), [_label(one, found.year) for one in rows])


def _ticks(digits: int) -> Callable[[float, float], str]:
    return lambda x, _: t.number(x, digits) if x else "0"


def _assumed(one: Flux) -> bool:
    return "assumed" in one.interval


def _label(one: Flux, year: int) -> str:
    what = one.process if one.process not in ("land-use change",) else ""
    what = "inventory" if one.method == "national inventory" else what
    method = one.method.removesuffix(f", mean of {one.period}")
    method = "" if method in ("national inventory", what) else method
    period = "" if one.period == str(year) else one.period
    return ", ".join(part for part in (what, method, period) if part)


@f.styled
def budget(found: Budget) -> f.Drawing:
    """Return the picture of the global budget: emissions, sinks and the imbalance.

    Parameters
    ----------
    found : Budget

    Returns
    -------
    Drawing
    """
    page = f.new_figure(9.2, f.BAR * 1.3 * len(found.terms) + 1.55)
    axes = page.add_axes(f.frame(page, 1.75, 1.9, 0.8, 0.65))
    colours = {"emissions": f.UP, "sinks": f.DOWN, "imbalance": f.OTHER}
    digits = t.decimals(max(abs(term.value) for term in found.terms)) + 1
    for k, term in enumerate(found.terms):
        axes.barh(k, term.value, 0.62, color=colours[term.side], linewidth=0)
        if math.isfinite(term.low):
            axes.plot([term.low, term.high], [k, k], color=f.INK, linewidth=1.2)
        said = t.number(term.value, digits)
        if math.isfinite(term.low):
            said += f" ({t.number(term.low, digits - 1)} to {t.number(term.high, digits - 1)})"
        axes.text(1.015, k, said, transform=axes.get_yaxis_transform(), va="center", fontsize=8.2)
    axes.axvline(0, color=f.INK, linewidth=0.9)
    axes.set_ylim(len(found.terms) - 0.4, -0.6)
    axes.set_yticks(range(len(found.terms)), [term.name for term in found.terms])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(t.nice(f"{found.unit} a year; sinks are positive; lines: 95 % intervals"))
    handles = [f.patch(colours[side], side) for side in colours]
    f.legend(page, handles, 3)
    title = f"Global carbon budget {found.year}: emissions, where they went, and what is left over"
    caption = (
        f"Source: Global Carbon Budget 2024 (Friedlingstein et al. 2025). Unit: {found.unit} a "
        "year. Emissions less sinks leave the imbalance. " + "; ".join(found.notes) + "."
    )
    told = "; ".join(f"{term.name} {t.number(term.value, digits)}" for term in found.terms)
    source = f.source_line(["Global Carbon Budget 2024"], [])
    return f.finish(page, "figure-budget", title, source, t.nice(caption), told + ".")
