"""The tables of the page as plain data; the template only sets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mriocarbon.datasets.national import rows
from mriocarbon.report import text as t
from mriocarbon.report.adjustments_view import (
    BUDGET,
    FULL,
    INVENTORY,
    INVENTORY_CO2,
    LAND_MODELS,
    OWN,
    PUBLISHED,
    PUBLISHED_SOURCE,
    SHORT,
    SOURCES,
    TABLE,
    TERRITORIAL,
    Row,
    View,
    bounds,
    choices,
    edition_text,
    estimate_text,
    estimates_of,
    figure,
)
from mriocarbon.report.page import Cell, Head, Line, Table
from mriocarbon.studies.inputs_2022 import SATELLITES, SATELLITES_EDITION
from mriocarbon.studies.intervals_2022 import Interval
from mriocarbon.studies.scan import Combination, nearest

GAS_NAMES = {"GHG": "Greenhouse gases", "CO2": "CO2"}
COLUMNS = {OWN: "own production", INVENTORY: "inventory", TERRITORIAL: "GCB", INVENTORY_CO2: "CEDS"}
PER_PERSON = ("production", "consumption", "income", "shared", "half-half", "value-added")


def tables(view: View) -> dict[str, Table]:
    """Return all tables that have rows, in the order of the page."""
    made = {
        "glance": _glance(view),
        "key": _key(view, view.gas),
        **{f"key-{gas}": _key(view, gas) for gas in view.other_gases},
        "nearest": _nearest(view, view.gas if view.other_gases else ""),
        **{f"nearest-{gas}": _nearest(view, gas) for gas in view.other_gases},
        **{f"sure-{gas}": _sure(view, gas) for gas in view.gases},
        "spread": _spread(view),
        "trade": _trade(view),
        "per-capita": _per_capita(view),
        "amounts": _amounts(view),
        "amounts-CO2": _amounts_co2(view),
        "denominators": _denominators(view, view.gas),
        **{f"denominators-{gas}": _denominators(view, gas) for gas in view.other_gases},
        "editions": _editions(view),
        "submissions": _submissions(view),
        "households": _households(view),
        "land-models": _land_models(view),
        "land-ranges": _land_ranges(view),
        "aggregation": _aggregation(view),
        "gone": _not_available(view),
    }
    return {name: table for name, table in made.items() if table.lines}


def _caption(
    used: Sequence[Combination | None], numerator: str, denominator: str, unit: str = "percent"
) -> str:
    found = [c for c in used if c is not None]
    estimated = list(dict.fromkeys(name for c in found for name in c.estimated))
    return (
        f"Source: {edition_text(found)}. ".replace("..", ".")
        + f"Unit: {unit}. Numerator: {numerator}; denominator: {denominator}. "
        + estimate_text(estimated)
    ).strip()


def _heads(first: str, regions: Sequence[str], below: Sequence[str]) -> list[list[Head]]:
    if len(below) == 1:
        return [[Head(first), *(Head(t.region_name(r)) for r in regions)]]
    return [
        [Head(first, rows=2), *(Head(t.region_name(r), columns=len(below)) for r in regions)],
        [Head(name) for _ in regions for name in below],
    ]


def _cells(regions: Sequence[str], *columns: Callable[[str], Cell]) -> list[Cell]:
    return [column(region) for region in regions for column in columns]


def _percent_of(c: Combination | None) -> Callable[[str], Cell]:
    if c is None:
        return lambda region: Cell("")
    return lambda region: Cell(figure(c, region), bounds(c, region))


def _defaults(view: View) -> Iterator[Row]:
    return (row for row in view.rows if not row.is_option)


def _line(row: Row, cells: Sequence[Cell]) -> Line:
    return Line(row.label, cells, "option" if row.is_option else "")


def _published_cell(region: str) -> Cell:
    return Cell(t.percent(PUBLISHED[region]) if region in PUBLISHED else "")


def _glance(view: View) -> Table:
    """Published beside what is best known, and the reach of all that was tried."""
    regions = tuple(PUBLISHED)
    lead, verdict = view.lead, view.study.verdict
    lines = [Line("Published", _cells(regions, _published_cell), "published")]
    used: list[Combination | None] = []

    def add(label: str, c: Combination | None) -> None:
        if c:
            lines.append(Line(label, _cells(regions, _percent_of(c))))
            used.append(c)

    name = lead.principle.capitalize()
    for gas in view.gases:
        alone = lead if gas == view.gas else view.find(lead.principle, gas=gas)
        add(f"{name}, {gas}, industries only", alone)
        add(f"{name}, {gas}, with households (range)",
            view.find(lead.principle, households=True, gas=gas))  # fmt: skip
    add("Global Carbon Budget, consumption, CO2", view.budget)
    for gas, reach in verdict.by_gas.items():
        add(f"Nearest combination, {gas} (no. {reach.nearest.number})", reach.nearest)
    # Production over itself is zero by construction: it says nothing of the reach.
    moved = [c for c in view.available if c.signs.strip("0")] or list(view.available)
    lines.append(Line(
        f"Lowest to highest of {len(moved)} (zeros left out)",
        [Cell(t.marked(t.span(min(c.percent[r] for c in moved),
                              max(c.percent[r] for c in moved)), True))
         for r in regions],
    ))  # fmt: skip
    caption = _caption(
        [*used, *view.available], "account − production",
        "production over the same boundary (Global Carbon Budget: territorial fossil CO2; the"
        " nearest and the last row: as the scan says)",
    )  # fmt: skip
    return Table("Published and computed, 2022", f"{caption} Published: {PUBLISHED_SOURCE}.",
                 _heads("Against production, %", regions, ["%"]), lines)  # fmt: skip


def _key(view: View, gas: str) -> Table:
    regions, rows_of_gas = view.shown, view.rows_of(gas)
    has_full = any(row.full for row in rows_of_gas)
    has_hh = any(row.households for row in rows_of_gas)
    below = [
        "20 × 50",
        *(["81 × 50"] if has_full else []),
        *(["with households"] if has_hh else []),
    ]

    def once(cell: Callable[[str], Cell]) -> list[Cell]:
        return [c for r in regions for c in (cell(r), *[Cell("")] * (len(below) - 1))]

    known = any(region in PUBLISHED for region in regions)
    lines = [Line("published", once(_published_cell), "published")] if known else []
    if view.budget:
        lines.append(Line("Global Carbon Budget 2025, CO2", once(_percent_of(view.budget)), "rule"))
    used: list[Combination | None] = [view.budget]
    for row in rows_of_gas:
        columns = [_percent_of(row.industries)]
        columns += [_percent_of(row.full)] if has_full else []
        columns += [_percent_of(row.households)] if has_hh else []
        used += [row.industries, row.full, row.households]
        lines.append(_line(row, _cells(regions, *columns)))
    caption = (
        _caption(used, "account − production", "production over the same boundary (Global Carbon"
                 " Budget: territorial fossil CO2)")
        + " 20 × 50: industries only, no land use, 20 regions × 50 industries; "
        + ("81 × 50: the same on 81 economies; " if has_full else "")
        + "with households: their direct emissions in account and production, with the range of"
        " the estimate."
    )  # fmt: skip
    return Table(f"{GAS_NAMES[gas]}: account against production under every principle", caption,
                 _heads("Principle", regions, below), lines)  # fmt: skip


def _nearest(view: View, gas: str) -> Table:
    """The nearest of one gas, or of all."""
    able = [c for c in view.available if gas in ("", c.gas)]
    chosen = nearest(able, 10)
    lines = [
        Line(
            f"{c.number}",
            [Cell(choices(c), words=True),
             *_cells(tuple(PUBLISHED), lambda r, c=c: Cell(figure(c, r))),  # type: ignore[misc]
             Cell(t.marked(f"{c.distance:.1f}", c.estimated)),
             Cell(t.pretty(f"({c.signs})")[1:-1])],
        )
        for c in chosen
    ]  # fmt: skip
    heads = [Head("No."), Head("Choices"), *(Head(t.region_name(r)) for r in PUBLISHED),
             Head("Largest gap"), Head("Signs")]  # fmt: skip
    caption = _caption(
        chosen, "account − production", "as named after “over”",
        "percent; gap in percentage points",
    )  # fmt: skip
    return Table(
        f"The nearest of {t.counted(len(able), 'combination')}" + (f", {gas}" if gas else ""),
        caption, [heads], lines,
    )  # fmt: skip


def _interval_cell(one: Interval | None, k: int) -> Cell:
    if one is None:
        return Cell("")
    low, high = float(one.low[k]), float(one.high[k])
    return Cell(t.marked(t.percent(float(one.percent[k])), True), t.span(low, high))


def _sure(view: View, gas: str) -> Table:
    """Every principle with its paired interval."""
    regions = view.shown
    place = {r: view.account_regions.index(r) for r in regions}
    lines, basis = [], ""
    for name in [p for g, p in view.sure if g == gas]:
        pair = [view.interval(gas, name, households) for households in (False, True)]
        basis = next((one.basis for one in pair if one), basis)
        lines.append(
            Line(name, [_interval_cell(one, place[r]) for r in regions for one in pair])
        )  # fmt: skip
    method = next((one.method for one in view.study.intervals if one.gas == gas), "")
    return Table(
        f"{GAS_NAMES[gas]}: paired 95 % intervals",
        f"Source: {SOURCES[TABLE]}. Unit: percent. Numerator: account − production; denominator:"
        f" production over the same boundary. Under each figure its paired 95 % interval, {method}:"
        f" what errs in both cancels. {t.capital(basis)}. {t.DAGGER} rests on assumed"
        " errors and on the estimates named above.",
        _heads("Principle", regions, ["industries", "with households"]),
        lines,
    )


def _spread(view: View) -> Table:
    """Consumption-based CO2 of 2022: what another edition or another database says."""
    regions = [r for r in view.shown if all(r in e.percent for e in view.study.editions)]
    lines = [
        Line(f"{one.title}, over territorial", [Cell(t.percent(one.percent[r])) for r in regions])
        for one in view.study.editions
    ]  # fmt: skip
    if len(lines) > 1:
        gaps = [[e.percent[r] for e in view.study.editions] for r in regions]
        lines.append(Line("from edition to edition, points",
                          [Cell(t.number(max(g) - min(g))) for g in gaps]))  # fmt: skip
    for households, word in ((False, "industries"), (True, "with households")):
        one = view.interval("CO2", "consumption", households)
        if one:
            cells = [_interval_cell(one, view.account_regions.index(r)) for r in regions]
            lines.append(Line(f"OECD ICIO 2022 with satellites, {word}, over production", cells))
    return Table(
        "CO2, consumption: editions and databases beside the interval",
        "Source: Global Carbon Budget 2024 and 2025, OECD ICIO 2025 ed., satellites. Unit: percent."
        " Numerator: consumption − territorial or production; denominator: as named. The spread"
        " between databases and editions is no interval; it is often as wide as one. No other"
        f" database of 2022 was at hand. {t.DAGGER} rests on an estimate: CO2 by industry; errors"
        " assumed.",
        _heads("Source", regions, ["%"]),
        lines if regions and any(g == "CO2" for g, _ in view.sure) else [],
    )


def _trade(view: View) -> Table:
    result = view.study.trade
    estimated = estimates_of(result)
    items = result.coords["item"]
    lines = [
        Line(t.region_name(region), [
            Cell(t.marked(t.number(float(result.value[k, j])), estimated and item != "production"))
            for j, item in enumerate(items)
        ])
        for k, region in enumerate(result.coords["region"]) if region in view.study.regions
    ]  # fmt: skip
    words = {
        "exports": "in exports",
        "imports": "in imports",
        "balance": "balance: exports − imports",
    }
    return Table(
        "Emissions embodied in trade between regions, 2022",
        f"Source: {SOURCES[TABLE]}. Unit: {result.unit}. Industries only; imports as in the"
        " consumption account, whatever country they passed through. No ratio: amounts."
        f" {t.DAGGER} rests on an estimate: {estimated}.",
        [[Head("Region"), *(Head(words.get(i, i)) for i in items)]],
        lines,
    )


def _per_capita(view: View) -> Table:
    study = view.study
    names = [n for n in PER_PERSON if n in study.per_capita] or list(study.per_capita)[:6]
    found = {n: view.find(n, households=True, gas="GHG") for n in names}
    lines = [
        Line(t.region_name(region), [
            *(Cell(t.marked(t.number(float(study.per_capita[n][k])), True)) for n in names),
            Cell(t.number(study.population[k] / 1e6)),
        ])
        for k, region in enumerate(study.regions)
    ] if names else []  # fmt: skip
    return Table(
        "Accounts per person, 2022",
        _caption(list(found.values()), "account with households", "population", "t CO2e a person;"
                 " population in million")
        + " Population: United Nations, compiled by Our World in Data. All principles are in"
        " per_capita.csv.",
        [[Head("Region"), *(Head(n) for n in names), Head("population")]],
        lines,
    )  # fmt: skip


def _amounts(view: View) -> Table:
    study = view.study
    lines = []
    for k, region in enumerate(study.regions):
        made, (direct, low, high) = view.production[region], study.households[k]
        lines.append(Line(t.region_name(region), [
            Cell(t.number(made)),
            Cell(t.marked(t.number(made + direct), True),
                 f"{t.number(made + low)} to {t.number(made + high)}"),
            Cell(t.number(study.inventory[k])),
            Cell(t.marked(t.percent(100 * ((made + direct) / study.inventory[k] - 1)), True)),
        ]))  # fmt: skip
    return Table(
        "The denominators of the GHG accounts, 2022",
        f"Source: {SOURCES[TABLE]}; households: UNFCCC and CEDS; inventory: {INVENTORY}. Unit:"
        " Mt CO2e; last column: percent, numerator: production with households − inventory,"
        " denominator: inventory. The inventory has no F-gases and counts the territory; the"
        " OECD's production counts residents and has F-gases."
        f" {t.DAGGER} rests on an estimate of: household direct emissions.",
        [[Head("Region"), Head("Production, industries"), Head("Production with households"),
          Head("Territorial inventory"), Head("Difference")]],
        lines,
    )  # fmt: skip


def _amounts_co2(view: View) -> Table:
    study, co2 = view.study, view.study.co2
    lines = []
    for k, region in enumerate(study.regions):
        made, (direct, low, high) = co2.production[k], co2.households[k]
        total = made + direct
        lines.append(Line(t.region_name(region), [
            Cell(t.marked(t.number(made), True)),
            Cell(t.marked(t.number(total), True),
                 f"{t.number(made + low)} to {t.number(made + high)}"),
            Cell(t.number(co2.budget[k])),
            Cell(t.number(co2.inventory[k])),
            Cell(t.marked(t.percent(100 * (total / co2.budget[k] - 1)), True)),
        ]))  # fmt: skip
    return Table(
        "The denominators of the CO2 accounts, 2022",
        f"Source: {SATELLITES_EDITION}; Global Carbon Budget 2025; CEDS v2024_07_08. Unit: Mt CO2;"
        " last column: percent, numerator: production with households − Global Carbon Budget,"
        " denominator: Global Carbon Budget. Production counts residents, the other two the"
        f" territory. {t.DAGGER} rests on an estimate of: {SATELLITES}; household direct"
        " emissions.",
        [[Head("Region"), Head("Production, industries"), Head("Production with households"),
          Head("Territorial, Global Carbon Budget"), Head("Territorial, CEDS"),
          Head("Difference")]],
        lines if "CO2" in view.gases else [],
    )  # fmt: skip


def _denominators(view: View, gas: str) -> Table:
    lines, used = [], []
    names = view.denominators(gas)
    for row in view.rows_of(gas):
        found = [view.find(row.principle, gas=gas, denominator=name) for name in names]
        if not row.is_option and any(found):
            used += found
            lines.append(_line(row, _cells(view.shown, *map(_percent_of, found))))
    return Table(
        f"{GAS_NAMES[gas]}: the same difference over {'two' if len(names) < 3 else 'three'}"
        " denominators",
        _caption(used, "account − production, industries only (households cancel in the"
                 " numerator)", f"from left to right {'; '.join(names)}"),
        _heads("Principle", view.shown, [COLUMNS[name] for name in names]),
        lines,
    )  # fmt: skip


def _editions(view: View) -> Table:
    groups: dict[tuple[str, ...], list[Combination]] = {}
    for c in view.available:
        groups.setdefault(c.editions, []).append(c)
    lines = [
        Line("; ".join(editions), [
            Cell(t.number(len(found), 0)),
            Cell(t.listing(list(dict.fromkeys(SHORT.get(c.denominator, c.denominator)
                                              for c in found))), words=True),
        ])
        for editions, found in groups.items()
    ]  # fmt: skip
    return Table(
        "Editions mixed in one figure",
        "Source: the scan below. Unit: number of combinations. No ratio: counts.",
        [[Head("Editions"), Head("Combinations"), Head("Denominator")]],
        lines,
    )


def _submissions(view: View) -> Table:
    lines = [
        Line(f"{t.region_name(r['iso3'])}, {r['year']}", [
            Cell(r["gas"], words=True), Cell(_amount(float(r["value_Mt"]))),
            Cell("; ".join(x for x in (r["source"], r["scope"], r["note"]) if x), words=True),
        ])
        for r in view.study.submissions
    ]  # fmt: skip
    return Table(
        "Newest submissions of the Parties at hand, for comparison",
        "Source: UNFCCC. Unit: Mt of the gas itself. No ratio: amounts. Not used in any figure.",
        [[Head("Party, year"), Head("Gas"), Head("Amount"), Head("Source and scope")]],
        lines,
    )


def _amount(value: float) -> str:
    return t.number(value, 1 if value >= 100 else 3)


def _households(view: View) -> Table:
    study = view.study
    basis = {
        r["region"]: r["basis"].partition("; to 2022")[0][:160]
        for r in rows("households_2022")
        if r["gas"] == "GHG"
    }
    lines = []
    for k, region in enumerate(study.regions):
        value, low, high = (float(v) for v in study.households[k])
        made = view.production[region]
        lines.append(Line(t.region_name(region), [
            Cell(t.number(made)), Cell(t.marked(t.number(value), True)),
            Cell(t.marked(t.number(low), True)), Cell(t.marked(t.number(high), True)),
            Cell(t.marked(t.number(100 * value / (made + value)), True)),
            Cell(basis[region], words=True),
        ]))  # fmt: skip
    return Table(
        "Direct emissions of households, GHG, 2022",
        "Source: UNFCCC inventories and CEDS, own estimate; industries: OECD. Unit: Mt CO2e; last"
        " column: percent, numerator: households, denominator: industries + households."
        f" {t.DAGGER} estimated; low and high are the range of the estimate.",
        [[Head("Region"), Head("Industries"), Head("Households"), Head("low"), Head("high"),
          Head("Share"), Head("Inventories behind it")]],
        lines,
    )  # fmt: skip


def _land_models(view: View) -> Table:
    base = view.find(view.lead_principle)
    lines = [Line("none", _cells(view.shown, _percent_of(base)))] if base else []
    used = [base]
    for model, traded, c in view.land_rows():
        used.append(c)
        word = "traded" if traded else "untraded"
        lines.append(Line(f"{model}, {word}", _cells(view.shown, _percent_of(c))))
    return Table(
        f"{GAS_NAMES[view.gas]}: {view.lead_principle} against production with land-use CO2",
        _caption(used, "account − production, industries only, land use in both",
                 "production with land use"),
        _heads("Land use", view.shown, ["%"]),
        lines if len(lines) > 1 else [],
    )  # fmt: skip


def _land_ranges(view: View) -> Table:
    used = [
        c for c in view.available if c.gas == view.gas and c.land_use != "none" and not c.households
    ]
    lines = [
        _line(row, [Cell(view.land_range(row, region, traded))
                    for region in view.shown for traded in (False, True)])
        for row in _defaults(view)
        if row.industries
    ] if used else []  # fmt: skip
    return Table(
        f"{GAS_NAMES[view.gas]}: lowest to highest over the four land-use models",
        _caption(used, "account − production, industries only, land use in both",
                 f"production with land use ({', '.join(LAND_MODELS)})"),
        _heads("Principle", view.shown, ["untraded", "traded"]),
        lines,
    )  # fmt: skip


def _aggregation(view: View) -> Table:
    lines, used = [], []
    for row in _defaults(view):
        small, large = row.industries, row.full
        if not (small and large):
            continue
        used += [small, large]

        def change(region: str, small=small, large=large) -> Cell:  # type: ignore[no-untyped-def]
            return Cell(t.marked(t.percent(large.percent[region] - small.percent[region]), True))

        lines.append(_line(row, _cells(view.shown, _percent_of(small), _percent_of(large), change)))
    return Table(
        "Twenty regions against 81 economies",
        _caption(used, "account − production, industries only", "production",
                 "percent; change in percentage points"),
        _heads("Principle", view.shown, ["20 × 50", "81 × 50", "change"]),
        lines,
    )  # fmt: skip


def _not_available(view: View) -> Table:
    return Table(
        "Not available",
        "Combinations that stay on the list without a figure. No source, no ratio.",
        [[Head("What"), Head("Reason")]],
        [
            Line(t.listing(names), [Cell(reason, words=True)])
            for reason, names in view.not_available
        ],
    )


class Scan:
    """The whole scan, in its fixed order, set tightly."""

    def __init__(self, view: View) -> None:
        self.combinations = view.study.combinations
        names = dict.fromkeys(e for c in view.available for e in c.editions)
        self.letters = {name: chr(ord("A") + k) for k, name in enumerate(names)}
        self.tables = {TABLE: "20×50", FULL: "81×50", BUDGET: "GCB"}
        self.caption = _caption(view.available, "account − production", "as named in the row")

    def rows(self) -> Iterator[tuple[list[str], list[str], str]]:
        """Yield (choices, figures, reason) of each combination."""
        for c in self.combinations:
            words = [
                str(c.number), self.tables[c.table], c.principle, t.option_name(c.options), c.gas,
                "yes" if c.households else "no", c.land_use, SHORT.get(c.denominator, ""),
            ]  # fmt: skip
            if not c.available:
                yield words, [], c.reason
                continue
            figures = [figure(c, region) for region in PUBLISHED]
            figures += [t.marked(f"{c.distance:.1f}", c.estimated), t.pretty(f"({c.signs})")[1:-1]]
            figures.append("".join(self.letters[e] for e in c.editions))
            yield words, figures, ""
