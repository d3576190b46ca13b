"""The tables of the section on natural carbon: accounts and scopes side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from mriocarbon.report import text as t
from mriocarbon.report.adjustments_view import View
from mriocarbon.report.natural_words import credits
from mriocarbon.report.page import Cell, Head, Line, Table
from mriocarbon.report.spectrum_view import ASSUMED, scope_shown, scopes_with
from mriocarbon.studies.spectrum import ADDABLE, LETTERS, MAIN, YEAR, FullSpectrum, ScopeFigure
from mriocarbon.studies.world_2022 import WorldRow

ACCOUNTS = "OECD ICIO 2025 ed. with OECD GHG or CO2 satellites, households from inventories"
NATURAL = (
    "(a) UNFCCC inventories; (b) Global Carbon Budget 2024, mean of four bookkeeping models;"
    " (c) CEOS top-down budgets (OCO-2 MIP v10), run LNLGIS"
)
MARK = (
    f"{t.DAGGER} rests on an estimate, is of other years than 2022, or lacks countries: see the"
    " table of years and countries."
)


def tables(view: View) -> dict[str, Table]:
    """Return the tables of the section that have rows, in the order of the page."""
    made: dict[str, Table] = {}
    for found in view.study.natural:
        regions = [r for r in found.regions if r in view.study.regions]
        # The CO2 of the natural side stands once: with CO2 where that was asked for.
        alone = len(view.study.natural) == 1
        gases = ("CO2",) if found.gas == "CO2" else ("CO2", "CH4", "N2O") if alone else (
            "CH4", "N2O")  # fmt: skip
        gas = found.gas
        made[f"natural-{gas}"] = _beside(found, regions, alone)
        made[f"natural-percent-{gas}"] = _percent(found, regions)
        made[f"natural-sums-{gas}"] = _sums(found, regions)
        if "CO2" in gases:
            made[f"natural-others-{gas}"] = _others(found, regions)
        made[f"natural-processes-{gas}"] = _processes(found, regions, gases)
        if found.world:
            made[f"natural-world-{gas}"] = _world(found)
        made[f"natural-coverage-{gas}"] = _coverage(found, regions, gases)
        made[f"natural-missing-{gas}"] = _missing(found, regions, gases)
    return {name: table for name, table in made.items() if table.lines}


def _span(low: float, high: float, digits: int) -> str:
    return f"{t.number(low, digits)} to {t.number(high, digits)}" if math.isfinite(low) else ""


def _cell(value: float, low: float, high: float, estimated: object, *more: str) -> Cell:
    """A figure with its interval and what else is to be said below it."""
    if not math.isfinite(value):
        return Cell("n/a", "; ".join(filter(None, more)))
    largest = max(abs(v) for v in (value, low, high) if math.isfinite(v))
    digits = min(t.decimals(value), t.decimals(largest)) if value else 0
    told = [_span(low, high, digits), *more]
    return Cell(t.marked(t.amount(value), estimated), "; ".join(filter(None, told)))


def _of(one: ScopeFigure | None) -> Cell:
    if one is None:
        return Cell("n/a")
    return _cell(one.value, one.low, one.high, one.estimated, *_told(one))


def _told(one: ScopeFigure) -> Iterable[str]:
    if one.period != str(YEAR):
        yield one.period
    if one.without:
        yield one.coverage


def _own_rows(
    found: FullSpectrum, region: str, figures: Sequence[ScopeFigure | None]
) -> list[Line]:
    """A line for what the sources themselves give for a group, below the sum of its members."""
    own = [one and found.beside(one) for one in figures]
    if not any(own):
        return []
    cells = [_of(one) if one else Cell("") for one in own]
    return [Line(f"{t.region_name(region)}, the source's own row", cells)]


def _accounts(found: FullSpectrum, region: str) -> list[Cell]:
    k = found.regions.index(region)
    return [
        _cell(float(side.value[k]), float(side.low[k]), float(side.high[k]), side.estimated)
        for side in (found.production, found.consumption)
    ]


def _scope_heads(columns: int = 1) -> list[Head]:
    return [Head(f"({LETTERS[scope]}) {scope}", columns) for scope in MAIN]


def _beside(found: FullSpectrum, regions: Sequence[str], alone: bool) -> Table:
    """Accounts and scopes; for GHG each gas of the inventory apart."""
    first = [Head("Region"), Head("Production"), Head("Consumption")]
    if found.gas == "CO2":
        heads = [*first, *_scope_heads()]
        title = "CO2: production, consumption and natural carbon, side by side"
        source = f"{ACCOUNTS}; {NATURAL}"
        more = ""
    else:
        heads = [*first, *(Head(f"(a) managed land, {gas}") for gas in ("CO2", "CH4", "N2O")),
                 Head("(a) the three together")]  # fmt: skip
        if alone:
            heads += [Head(f"({LETTERS[scope]}) {scope}, CO2") for scope in list(MAIN)[1:]]
        title = "Greenhouse gases: production, consumption and managed land, side by side"
        source = f"{ACCOUNTS}; " + (NATURAL if alone else "(a) UNFCCC inventories")
        more = " CH4 and N2O at AR5 GWP-100, added where all three are there; (b) and (c) know"
        more += " CO2 alone." if alone else " CO2 alone: see the table of CO2."
    lines = []
    for region in regions:
        if found.gas == "CO2":
            each = [found.main(scope, region) for scope in MAIN]
        else:
            each = [found.main("managed land", region, gas) for gas in ("CO2", "CH4", "N2O")]
            each += [found.main(scope, region) for scope in list(MAIN)[1:] if alone]
        cells = [*_accounts(found, region), *map(_of, each)]
        if found.gas != "CO2":
            whole = scope_shown(found, "managed land", region)
            three = _cell(whole.value, whole.low, whole.high, True) if whole else Cell("n/a")
            cells.insert(5, three)
            each.insert(3, None)
        lines.append(Line(t.region_name(region), cells))
        lines += _own_rows(found, region, [None, None, *each])
    caption = (
        f"Source: {source}. Unit: {found.unit} a year; positive to the air. No ratio: amounts."
        f" Accounts with households. Below a figure: its 95 % interval ({ASSUMED}), its years if"
        " they are not 2022, and how many countries have one, of how many. The source's own row of"
        f" a group stands below the sum of its countries where it is not the same.{more} The"
        f" columns overlap: never add them. {MARK}"
    )
    return Table(title, caption, [heads], lines)


def _percent(found: FullSpectrum, regions: Sequence[str]) -> Table:
    scopes = scopes_with(found)
    lines = []
    for region in regions:
        k = found.regions.index(region)
        value, low, high = (
            float(a[k]) for a in (found.percent, found.percent_low, found.percent_high)
        )
        cells = [Cell(t.marked(t.percent(value), True), t.span(low, high))]
        for scope in scopes:
            one = found.sum_with(scope, region)
            assert one is not None
            ends = (
                t.span(one.percent_low, one.percent_high)
                if math.isfinite(one.percent_low)
                else _why(found, scope, region)
            )
            cells.append(Cell(t.marked(t.percent(one.percent), True), ends))
        lines.append(Line(t.region_name(region), cells))
    heads = [Head("Region"), Head("Without natural carbon"),
             *(Head(f"({LETTERS[s]}) {ADDABLE[s]}") for s in scopes)]  # fmt: skip
    more = "with each scope" if len(scopes) > 1 else "with managed land"
    caption = (
        f"Source: as the table before. Unit: percent. Numerator: consumption − production,"
        f" {found.gas} with households; denominator: production, alone or with the one scope that"
        " the column names. Below each figure its 95 % interval, in all columns that of a ratio of"
        " normal quantities (Fieller); the first-order one of the column without natural carbon is"
        f" in uncertainty.csv. The scope's own interval is in it; {ASSUMED}."
        " n/a: a country of the region has no figure, or production with"
        " the scope is, or may be, zero or below; below it which. Different"
        f" questions, not answers to one. {t.DAGGER} rests on estimates."
    )
    return Table(f"{_gas_name(found)}: the adjustment without natural carbon and {more}", caption,
                 [heads], lines)  # fmt: skip


def _gas_name(found: FullSpectrum) -> str:
    return "CO2" if found.gas == "CO2" else "Greenhouse gases"


def _why(found: FullSpectrum, scope: str, region: str) -> str:
    """Why there is no interval, or no figure, in a word or two."""
    one, both = found.main(scope, region), found.sum_with(scope, region)
    if both is None or (one is None and found.gas == "CO2"):
        return "no figure"
    if found.gas == "CO2" and one is not None and one.without:
        return f"{one.coverage} countries"
    if math.isfinite(both.percent):
        return "no interval"
    if math.isfinite(both.natural):
        return f"denominator {'below' if 'is below' in both.reason else 'may be'} 0"
    each = {gas: found.main(scope, region, gas) for gas in ("CO2", "CH4", "N2O")}
    short = [gas for gas, of in each.items() if of is None or of.without]
    return f"{', '.join(short)} not of all countries"


def _sums(found: FullSpectrum, regions: Sequence[str]) -> Table:
    scopes = scopes_with(found)
    lines = []
    for region in regions:
        cells = []
        for scope in scopes:
            one = found.sum_with(scope, region)
            assert one is not None
            cells += [
                _cell(one.production, one.production_low, one.production_high, True),
                _cell(one.consumption, one.consumption_low, one.consumption_high, True),
            ]
        lines.append(Line(t.region_name(region), cells))
    heads = [
        [Head("Region", rows=2),
         *(Head(f"({LETTERS[s]}) {ADDABLE[s]}", 2) for s in scopes)],
        [Head(name) for _ in scopes for name in ("production", "consumption")],
    ]  # fmt: skip
    caption = (
        f"Source: as the tables before. Unit: {found.unit} a year. No ratio: amounts. The account"
        f" and the one scope named, their errors convolved as independent; of the scopes"
        f" {ASSUMED}; n/a: a country of the region has no figure, and a missing figure is not zero."
        f" {t.DAGGER} rests on estimates."
    )
    more = "each scope, each apart" if len(scopes) > 1 else "managed land"
    return Table(f"{_gas_name(found)}: production and consumption with {more}", caption, heads,
                 lines)  # fmt: skip


def _others(found: FullSpectrum, regions: Sequence[str]) -> Table:
    """The measures that the other tables do not show."""
    kinds = list(
        dict.fromkeys(
            (one.scope, one.process, one.method)
            for one in found.figures
            if not one.main
            and one.scope in MAIN
            and one.direction == "to the air"
            and one.members
            and one.gas == "CO2"
        )
    )
    by_key = {(f.region, f.scope, f.process, f.method): f for f in found.figures if f.gas == "CO2"}
    lines = []
    for region in regions:
        each = [by_key.get((region, *kind)) for kind in kinds]
        lines.append(
            Line(t.region_name(region), [
                Cell(t.marked(t.amount(one.value), one.estimated) if one else "n/a") for one in each
            ])
        )  # fmt: skip
        lines += _own_rows(found, region, each)
    heads = [Head("Region")]
    for scope, process, method in kinds:
        name = method.removeprefix("inversion ").removesuffix(", mean of 2013-2022")
        what = process if scope == "biosphere" and "inversion" not in method else ""
        heads.append(Head(f"({LETTERS[scope]}) " + (f"{what}, {name}" if what else name)))
    caption = (
        f"Source: Global Carbon Budget 2024 (models of (b), 2022), CEOS (inversions of (c), mean"
        f" of 2015-2020) and, where the data folder is at hand, vegetation models (mean of"
        f" 2013-2022). Unit: {found.unit} a year. No ratio: amounts. Alternatives to the figures"
        " of the first table, no parts of them; intervals are in natural.csv. The source's own row"
        " of a group, with its interval and years, stands below the sum of its countries where it"
        f" is not the same. {MARK}"
    )
    return Table("CO2: what other models say", caption, [heads], lines)


def _processes(found: FullSpectrum, regions: Sequence[str], gases: Sequence[str]) -> Table:
    of = [one for one in found.of("processes") if one.region in regions and one.gas in gases]
    lines = [
        Line(t.region_name(one.region), [
            Cell(_process(found, one), words=True), _of(one), Cell(one.period),
            Cell(one.coverage),
        ])
        for one in of
    ]  # fmt: skip
    caption = (
        f"Source: {'; '.join(dict.fromkeys(c.short for c in credits(f.source for f in of)))}. Unit:"
        f" {found.unit} a year. No ratio: amounts. A process is in (c) already where it reaches"
        " the air, and is never added to it; a country without a row has no figure, which is not"
        f" zero. {MARK}"
    )
    heads = [Head("Region"), Head("Process"), Head("Value"), Head("Years"), Head("Countries")]
    return Table(f"{_gas_name(found)}: (d) single processes", caption, [heads], lines)


def _process(found: FullSpectrum, one: ScopeFigure) -> str:
    return one.process if found.gas == "CO2" else f"{one.process}, {one.gas} ({one.method})"


def _world(found: FullSpectrum) -> Table:
    def cells(row: WorldRow) -> list[Cell]:
        return [
            _cell(row.value, row.low, row.high, True),
            _cell(row.budget, row.budget_low, row.budget_high, False),
            _cell(row.difference, row.difference_low, row.difference_high, True),
            Cell(row.period),
            Cell(f"{row.term or 'no term'}: {row.note}" if row.note else row.term, words=True),
        ]

    heads = [Head("Sum over the regions"), Head("Sum"), Head("Budget"), Head("Difference"),
             Head("Years"), Head("Term of the budget, and note")]  # fmt: skip
    caption = (
        f"Source: the tables above; Global Carbon Budget 2024 (Friedlingstein et al. 2025). Unit:"
        f" {found.unit} a year; positive to the air. No ratio: amounts. Below each figure its 95 %"
        " interval; n/a: no counterpart. The budget adds terms that do not overlap; the scopes"
        f" above are not its terms. {t.DAGGER} rests on estimates."
    )
    lines = [Line(row.name, cells(row)) for row in found.world]
    return Table("CO2: the world, beside the global carbon budget", caption, [heads], lines)


def _coverage(found: FullSpectrum, regions: Sequence[str], gases: Sequence[str]) -> Table:
    lines = []
    for region in regions:
        for scope, gas in [(scope, gas) for scope in MAIN for gas in gases]:
            one = found.main(scope, region, gas)
            if one is None:
                continue
            what = f"({LETTERS[scope]})" + ("" if found.gas == "CO2" else f" {gas}")
            gone = ", ".join(one.without) or "none"
            words: list[Any] = [one.coverage, one.period, gone, one.note or "", one.interval]
            lines.append(
                Line(f"{t.region_name(region)}, {what}",
                     [Cell(words[0]), Cell(words[1]),
                      *(Cell(word, words=True) for word in words[2:])])
            )  # fmt: skip
    heads = [Head("Region and scope"), Head("Countries"), Head("Years"), Head("Without"),
             Head("Note"), Head("Interval")]  # fmt: skip
    caption = (
        f"Source: {NATURAL}. Unit: number of countries. No ratio: counts. A country without a"
        " figure is not in the sum; inventories are shown as reported, old or implausible ones"
        " too. The largest reports of a group stand in the note, with their years."
    )
    title = f"{_gas_name(found)}: years, countries and intervals of each scope"
    return Table(title, caption, [heads], lines)


def _missing(found: FullSpectrum, regions: Sequence[str], gases: Sequence[str]) -> Table:
    """What whole regions have no figure of, once for each reason."""
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for one in found.missing:
        if one.region in regions and one.gas in gases:
            why = one.reason.removeprefix("no member has it: ")
            what = one.process if found.gas == "CO2" else f"{one.process}, {one.gas}"
            reasons.setdefault((one.scope, what, why), []).append(one.region)
    lines = [
        Line(f"({LETTERS[scope]}) {process}", [
            Cell("all" if len(of) == len(regions) else ", ".join(of), words=True),
            Cell(why, words=True),
        ])
        for (scope, process, why), of in reasons.items()
    ]  # fmt: skip
    caption = (
        "Source: the sources above. Unit: none, these are reasons. No ratio. What is missing is"
        " not zero."
    )
    heads = [Head("Scope and process"), Head("Regions"), Head("Why there is no figure")]
    return Table(f"{_gas_name(found)}: what is missing", caption, [heads], lines)
