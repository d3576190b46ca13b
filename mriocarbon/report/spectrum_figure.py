"""The picture of the full spectrum: the accounts of every region, and each scope apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mriocarbon.report import figures as f
from mriocarbon.report import text as t
from mriocarbon.report.adjustments_view import View
from mriocarbon.report.natural_figures import COLOURS
from mriocarbon.report.spectrum_view import ASSUMED, Shown, scope_shown, shown
from mriocarbon.studies.spectrum import LETTERS, MAIN, YEAR, FullSpectrum

NAME = "figure-full-spectrum"
ACROSS = 3
HEIGHT, LEFT, RIGHT = 1.3, 1.02, 1.08  # inches of a panel, of its names and of its figures
# Places of the rows: accounts together, each scope behind a gap of its own.
PRODUCTION, CONSUMPTION = 0.0, 0.95
PLACES = {"managed land": 2.3, "land-use change": 3.45, "biosphere": 4.6, "processes": 5.75}
RULES = (1.62, 2.88, 4.03, 5.18)
ACCOUNTS = {"production": f.MUTED, "consumption": f.OTHER}
Entry = tuple[float, str, str, float, float, float, str]  # place, name, colour, value, ends, told


@f.styled
def spectrum(view: View) -> f.Drawing:
    """Return the picture of a study that natural carbon was asked for.

    Parameters
    ----------
    view : View

    Returns
    -------
    Drawing
    """
    found = shown(view)
    regions = [r for r in found.regions if r in view.study.regions]
    down = math.ceil(len(regions) / ACROSS)
    across = min(ACROSS, len(regions))
    figure = f.new_figure(9.2, down * HEIGHT + 1.4)
    height = figure.get_figheight()
    under = (
        f"{found.unit} a year; every panel has its own scale; positive to the air, negative is a"
        " sink. The scopes (a) to (d) overlap: never add them"
    )
    figure.text(0.006, 1 - 0.38 / height, t.nice(under), va="top", fontsize=8.2, color=f.MUTED)
    wide = 9.2 / ACROSS
    marks = False
    for k, region in enumerate(regions):
        row, column = divmod(k, ACROSS)
        left, bottom = column * wide + LEFT, height - 0.75 - (row + 1) * HEIGHT + 0.3
        box = (left / 9.2, bottom / height, (wide - LEFT - RIGHT) / 9.2, (HEIGHT - 0.5) / height)
        entries = _entries(found, region)
        marks = marks or any(t.DAGGER in one[6] for one in entries)
        _panel(figure.add_axes(box), t.region_name(region), entries)
    handles = [f.patch(color, name) for name, color in ACCOUNTS.items()]
    handles += [f.patch(COLOURS[s], f"({LETTERS[s]}) {s}") for s in LETTERS]
    f.legend(figure, handles, 3 if across < 3 else 6)
    title = "Production, consumption and natural carbon, 2022: side by side, never netted"
    ghg = ""
    if found.gas == "GHG":
        ghg = " (a) holds CO2, CH4 and N2O where all are there; (b) to (d) are of CO2 alone."
    caption = (
        "Source: OECD ICIO 2025 ed., satellites; (a) UNFCCC inventories; (b) Global Carbon Budget"
        " 2024; (c) CEOS top-down budgets; (d) OMI SO2 catalogue, where the data folder is at hand."
        f" Unit: {found.unit} a year."
        " No ratio: amounts. Grey: accounts, with households; colours: scopes of natural carbon,"
        " each apart, with its years where they are not 2022. Whiskers: 95 % intervals, none where"
        f" none is given; {ASSUMED}. Of (b) the mean of four models, of (c) one inversion: the"
        f" other models are in natural.csv.{ghg} {t.DAGGER} rests on an estimate, on other years,"
        " or lacks countries."
    )
    description = (
        f"{len(regions)} panels, one for each region, with bars for production and consumption"
        " and, below a line, for each scope of natural carbon. All values are in natural.csv."
    )
    volcanoes = any(one.main and one.gas == "CO2" for one in found.of("processes"))
    source = f.source_line(
        ["OECD ICIO 2025 ed.", "satellites", "UNFCCC", "GCB 2024", "CEOS 2022",
         *["OMI SO2 2023"] * volcanoes],
        ["x"] * marks,
    )  # fmt: skip
    return f.finish(figure, NAME, title, source, caption, description)


def _entries(found: FullSpectrum, region: str) -> list[Entry]:
    k = found.regions.index(region)
    out: list[Entry] = []
    for place, name, side in (
        (PRODUCTION, "production", found.production),
        (CONSUMPTION, "consumption", found.consumption),
    ):
        value = float(side.value[k])
        told = t.marked(t.amount(value), side.estimated)
        ends = (float(side.low[k]), float(side.high[k]))
        out.append((place, name, ACCOUNTS[name], value, *ends, told))
    for scope, place in PLACES.items():
        name = f"({LETTERS[scope]}) {scope}"
        if scope in MAIN:
            one = scope_shown(found, scope, region)
        else:
            rows = [f for f in found.of(scope, region) if f.main and f.gas == "CO2"]
            one = Shown(f"({LETTERS[scope]}) {rows[0].process}", rows[0].value, rows[0].low,
                        rows[0].high, rows[0].year_from, rows[0].year_to,
                        rows[0].estimated) if rows else None  # fmt: skip
        if one is None:
            out.append((place, name, COLOURS[scope], math.nan, math.nan, math.nan, ""))
            continue
        name = one.name
        first, last = one.year_from, one.year_to
        period = "" if (first, last) == (YEAR, YEAR) else f" {last}"
        if first < last:  # the last year in full where the century is another one
            period = f" {first}–{last % 100:02d}" if first >= 2000 else f" {first}–{last}"
        told = t.marked(t.amount(one.value), one.estimated) + period
        out.append((place, name, COLOURS[scope], one.value, one.low, one.high, told))
    return out


def _panel(axes: Any, name: str, entries: Sequence[Entry]) -> None:
    ends = [0.0]
    for place, _, color, value, low, high, told in entries:
        if math.isnan(value):
            axes.text(1.04, place, "missing", transform=axes.get_yaxis_transform(), va="center",
                      fontsize=6.4, color=f.MUTED, style="italic")  # fmt: skip
            continue
        axes.barh(place, value, 0.72, color=color, linewidth=0)
        ends.append(value)
        if math.isfinite(low):
            axes.plot([low, high], [place, place], color=f.INK, linewidth=0.9)
            axes.plot([low, high], [place, place], "|", color=f.INK, ms=3.4, mew=0.9)
            ends += [low, high]
        axes.text(1.04, place, told, transform=axes.get_yaxis_transform(), va="center",
                  fontsize=6.4)  # fmt: skip
    for k, rule in enumerate(RULES):
        axes.axhline(rule, color=f.INK if k == 0 else f.GRID, linewidth=0.7,
                     xmin=-0.9, xmax=1.8, clip_on=False)  # fmt: skip
    margin = 0.04 * (max(ends) - min(ends) or 1.0)
    axes.set_xlim(min(ends) - margin, max(ends) + margin)
    axes.set_ylim(max(PLACES.values()) + 0.6, -0.6)
    axes.axvline(0, color=f.INK, linewidth=0.8)
    axes.set_yticks([one[0] for one in entries], [one[1] for one in entries])
    axes.tick_params(axis="y", length=0, labelsize=6.4, pad=2)
    axes.tick_params(axis="x", labelsize=6.2, length=2, pad=1.5)
    axes.locator_params(axis="x", nbins=3)
    digits = t.decimals(max(map(abs, ends)), 2)
    axes.xaxis.set_major_formatter(lambda x, _: t.number(x, digits))
    axes.grid(axis="y", visible=False)
    axes.set_title(name, fontsize=8.2, pad=3)
