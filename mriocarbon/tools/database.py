"""The emissions database: typed questions for what is asked most, and read-only SQL."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

import mriocarbon as mc
from mriocarbon.errors import NotAvailableError, UnknownNameError, listed
from mriocarbon.model.labels import fold
from mriocarbon.tools import resolve
from mriocarbon.tools.cited import cited
from mriocarbon.tools.places import place
from mriocarbon.tools.registry import tool
from mriocarbon.tools.tables import Region, as_list
from mriocarbon.tools.types import Figure, ToolResult

if TYPE_CHECKING:
    import pandas as pd

ROWS = 100
_MOST = 200
_TEXT = 300
_SECONDS = 10.0
_MEGABYTES = 256
_SIDE_BY_SIDE = (
    "sources count differently (bunkers, land use, cement, vintages): they stand side by side and"
    " are neither added nor averaged"
)
Year = Annotated[int, Field(ge=1750, le=2100)]
Offset = Annotated[int, Field(description="figures to pass over", ge=0)]


_FIRST = {"gcb-2025-fossil": 0, "unfccc-annex-i-2023": 1, "unfccc-non-annex-i-2022": 1,
          "gcb-2024-land": 2}  # fmt: skip
"""Order of the sources in an answer; the others follow."""


def column(table: str, name: str) -> tuple[str, ...]:
    """Return the distinct values of a text column of a table."""
    found = mc.database().table(table)[name].dropna()
    return tuple(sorted({str(one) for one in found}))


@lru_cache(maxsize=1)
def _codes() -> tuple[str, ...]:
    return column("regions", "region")


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): one for key, one in row.items()} for row in frame.to_dict("records")]


def _text(value: object) -> str:
    """Return a cell as text; empty if it is missing."""
    return "" if value is None or value != value else str(value)


def _figure(row: dict[str, Any], quantity: str, unit: str, **labels: object) -> Figure:
    """Return a row of the database as a figure."""
    value, low = float(row["value"]), row.get("low")
    known = isinstance(low, float) and math.isfinite(low)
    why = ""
    if math.isnan(value):
        why = _text(row["note"]) or _text(row["key"]) or "the source has no figure"
    return Figure(
        quantity=quantity, value=value, unit=unit, low=low if known else None,
        high=row["high"] if known else None,
        level=0.95 if known and "95" in _text(row["uncertainty"]) else None, why=why,
        estimated=row["scope"] == "bookkeeping" or _text(row["note"]).startswith("derived here"),
        labels={key: _text(one) for key, one in labels.items() if _text(one)},
    )  # fmt: skip


def _result(
    title: str, figures: Sequence[Figure], rows: Iterable[dict[str, Any]], offset: int,
    read_as: dict[str, str], *caveats: str, limit: int = _MOST,
) -> ToolResult:  # fmt: skip
    notes = [f"{_text(row['source'])}: {_text(row['note'])}" for row in rows if _text(row["note"])]
    shown = tuple(figures[offset : offset + limit])
    return ToolResult(
        title=title, figures=shown, read_as=read_as, offset=offset, total=len(figures),
        caveats=tuple(dict.fromkeys((*caveats, *notes)))[:40],
        sources=cited(dict.fromkeys(one.labels["source"] for one in shown)),
        dataset="emissions database", version=mc.__version__,
    )  # fmt: skip


@tool(
    "data",
    "Emissions of a country by several inventories, side by side",
    examples=(
        {"region": "China", "year": 2022},
        {"region": "德国", "year": 2021, "gas": "CH4", "detail": "sectors"},
    ),
)
def emissions_database(
    region: Region,
    year: Annotated[Year, Field(description="1990 to 2024, by source")] = 2022,
    gas: Literal["CO2", "CH4", "N2O"] = "CO2",
    detail: Annotated[
        Literal["totals", "sectors", "all"],
        Field(description="totals; or also sectors, fuels, models; or every category"),
    ] = "totals",
    scope: Annotated[
        Literal["any", "territorial", "consumption", "NGHGI", "NGHGI with land use", "bookkeeping"],
        Field(description="NGHGI: national inventory as reported to the UNFCCC"),
    ] = "any",
    category: Annotated[
        str, Field(description="only categories whose code or name holds this, such as 1.A.2 or "
                   "cement", max_length=80)
    ] = "",
    limit: Annotated[int, Field(description="how many figures at most", ge=1, le=_MOST)] = 40,
    offset: Offset = 0,
) -> ToolResult:  # fmt: skip
    """Inventory emissions of one country, year and gas in Mt: GCB, CEDS, UNFCCC side by side.

    Use it for what inventories report (not for accounts by principle: see account). Sources differ
    and are never added. A source without this year says what years it has.
    """
    read = place(region, _codes())
    store = mc.database()
    every = store.table("inventories", region=read.code, gas=gas)
    if every.empty:
        raise NotAvailableError(
            f"no inventory of {gas} of {read.name} ({read.code})", where="emissions database",
            do="ask for another gas; groups of countries other than EU27 are not in it",
        )  # fmt: skip
    if scope != "any":
        every = every[every["scope"] == scope]
    found = every[every["year"] == year]
    if category and not any(_wanted(row, "all", category) for row in _rows(every)):
        raise UnknownNameError(
            f"no category of {gas} of {read.name} holds {category!r}",
            where=listed(sorted({str(one) for one in every["category_name"].dropna()}), 30),
            do="give a part of the name or code of one of them, or leave the category out",
        )  # fmt: skip
    rows = [row for row in _rows(found) if _wanted(row, detail, category)]
    rows.sort(key=lambda row: _FIRST.get(str(row["source"]), len(_FIRST)))
    figures = [
        _figure(
            row, f"{row['variable']}, {row['scope']}", f"Mt {gas}", region=read.code, year=year,
            gas=gas, scope=row["scope"], source=row["source"], sector=row["category_name"],
            process=row["category"],
            **{"method" if row["scope"] == "bookkeeping" else "product": row["item"]},
        )
        for row in rows
    ]  # fmt: skip
    gone = [
        f"{source}, {which}: no figure of {year}; it has {_span(years)}"
        for (source, which), years in every.groupby(["source", "scope"])["year"]
        if year not in set(years)
    ]
    if not figures and not gone:
        raise NotAvailableError(
            f"nothing of {read.name} in {year} fits", where=f"scope {scope}, category {category!r}",
            do="leave scope and category out, or take detail all",
        )  # fmt: skip
    return _result(
        f"Emissions of {gas} of {read.name} in {year} by inventory", figures, rows, offset,
        {region: f"{read.code} ({read.name})"}, _SIDE_BY_SIDE, *gone,
        *_parts_only(found, detail, category), *_left_out(store, "inventories"), limit=limit,
    )  # fmt: skip


def _span(years: pd.Series[int]) -> str:
    have = sorted({int(one) for one in years})
    if len(have) == have[-1] - have[0] + 1:
        return f"{have[0]}-{have[-1]}" if len(have) > 1 else str(have[0])
    return listed([str(one) for one in have], 12)


def _wanted(row: dict[str, Any], detail: str, category: str) -> bool:
    """Whether a row is shown at a level of detail."""
    code, item = _text(row["category"]), _text(row["item"])
    if category:
        asked = category.casefold()
        return code.casefold().startswith(asked) or asked in _text(row["category_name"]).casefold()
    if code[:1].isdigit():  # a category of an inventory: 1, 1.A, 1.A.2, ...
        return detail == "all" or (detail == "sectors" and code.count(".") <= 1)
    whole = item in ("", "mean of models")
    if str(row["source"]).startswith("unfccc"):  # beside the totals there are bunkers
        whole = code.startswith("Total")
    return whole or detail != "totals"


def _parts_only(found: pd.DataFrame, detail: str, category: str) -> Iterable[str]:
    """Tell of sources that have the year by fuel alone, where totals were asked for."""
    if detail != "totals" or category:
        return
    for source, rows in found.groupby("source"):
        if not any(_wanted(row, detail, "") for row in _rows(rows)):
            yield f"{source}: has no total, but parts by fuel or category (detail sectors)"


def _left_out(store: mc.Database, *tables: str) -> tuple[str, ...]:
    return () if store.complete else tuple(
        f"compact database: of {name}, {store.families[name].left_out}"
        for name in tables if store.families[name].rows < store.families[name].rows_of_the_whole
    )  # fmt: skip


@tool(
    "data",
    "Population and GDP",
    examples=({"regions": ["China", "印度"], "year": 2022}, {"regions": ["world"], "year": 2023}),
)
def population_gdp(
    regions: Annotated[list[Region], BeforeValidator(as_list), Field(min_length=1, max_length=60)],
    year: Annotated[Year, Field(description="population 1960 to 2024, GDP 2004 to 2022")] = 2022,
) -> ToolResult:
    """Population (persons) and GDP (international-$ of 2011, PPP) of countries or the world."""
    read = {one: place(one, _codes()) for one in regions}
    codes = list(dict.fromkeys(one.code for one in read.values()))
    rows = _rows(mc.database().table("economy", region=codes, year=year))
    figures = [
        _figure(row, _text(row["variable"]), _text(row["unit"]), region=row["region"], year=year,
                source=row["source"], scope=row["scope"])
        for row in rows
    ]  # fmt: skip
    had = {(one.labels["region"], one.quantity) for one in figures}
    gone = [f"{code}: no {what} of {year}" for code in codes for what in ("population", "GDP")
            if (code, what) not in had]  # fmt: skip
    if not figures:
        raise NotAvailableError(
            f"no population or GDP of {', '.join(codes)} in {year}", where="emissions database",
            do="population from 1960 to 2024, GDP from 2004 to 2022",
        )  # fmt: skip
    told = {asked: f"{one.code} ({one.name})" for asked, one in read.items()}
    return _result(f"Population and GDP, {year}", figures, rows, 0, told, *gone)


@tool(
    "data",
    "Emission factors of electricity grids",
    examples=({"region": "Brazil"}, {"region": "中国", "year": 2020}),
)
def grid_factors(
    region: Region,
    year: Annotated[
        int | None, Field(description="of the average; the latest if left out", ge=1990, le=2100)
    ] = None,
) -> ToolResult:
    """Grid emission factors of a country, g/kWh: average intensity, operating and combined margin.

    The average is CO2e with the fuels' life cycle (Ember); the margins are CO2, defaults of IFI's
    edition of 2021. For what a new solar or wind plant displaces use the combined margin.
    """
    read = place(region, _codes())
    found = mc.database().table("grid_factors", region=read.code)
    average = found["variable"] == "carbon intensity of electricity"
    own = found[average & (found["year"] <= (year or 9999))]
    latest = own.groupby("source")["year"].transform("max") == own["year"]
    rows = [*_rows(own[latest]), *_rows(found[~average])]
    if not rows:
        raise NotAvailableError(
            f"no grid factor of {read.name} ({read.code})"
            + (f" up to {year}" if year else ""), where="emissions database",
            do="take a later year, or another country",
        )  # fmt: skip
    figures = [
        _figure(row, _text(row["variable"]), _text(row["unit"]), region=read.code,
                year=int(row["year"]), source=row["source"], scope=row["scope"],
                technology=row["item"], gas=row["gas"])
        for row in rows
    ]  # fmt: skip
    late = sorted({int(one) for one in own[latest]["year"]})
    told = (f"average: latest year up to {year} is {late[-1]}",) if year and late and (
        late[-1] != year) else ()  # fmt: skip
    return _result(f"Grid emission factors of {read.name}", figures, rows, 0,
                   {region: f"{read.code} ({read.name})"}, *told)  # fmt: skip


@tool(
    "data",
    "Global warming potentials",
    examples=({"gases": ["CH4", "N2O"]}, {"report": "AR6", "gases": ["CH4 fossil"], "horizon": 20}),
)
def gwp(
    gases: Annotated[
        list[Annotated[str, Field(max_length=40)]],
        BeforeValidator(as_list),
        Field(description="formulas such as CH4, N2O, SF6, HFC134a", min_length=1, max_length=40),
    ],
    report: Literal["SAR", "TAR", "AR4", "AR5", "AR5CCF", "AR6"] = "AR5",
    horizon: Annotated[
        Literal[20, 100, 500], Field(description="years; 20 and 500 of TAR and AR6 only")
    ] = 100,
) -> ToolResult:
    """Global warming potential of gases by IPCC report, t CO2e per t. Tables here use AR5, 100."""
    values = mc.gwp(report, horizon=horizon)
    known = resolve.substances(values)
    figures = []
    for gas in dict.fromkeys(gases):
        name = known.get(fold(gas))
        if name is None:
            raise UnknownNameError.of("gas", gas, values)
        figures.append(Figure(
            quantity=f"GWP{horizon}", value=values[name], unit=f"t CO2e/t {name}",
            labels={"gas": name, "source": report}, why="no interval in the tables",
        ))  # fmt: skip
    caveats = ("500 years of fossil and other CH4 are UNVERIFIED",) if (
        horizon == 500 and report == "AR6") else ()  # fmt: skip
    return ToolResult(
        title=f"Global warming potentials, {report}, {horizon} years", figures=tuple(figures),
        sources=cited(["ipcc-gwp"]), caveats=caveats, version=mc.__version__,
    )  # fmt: skip


@tool(
    "data",
    "Tables of the database",
    examples=({}, {"table": "grid_factors"}),
)
def database_tables(
    table: Annotated[
        str, Field(description="one table: its columns and values", max_length=40)
    ] = "",
) -> ToolResult:
    """Tables of the emissions database for database_query; with a name, the columns of one."""
    store = mc.database()
    if not table:
        items = [
            {"table": one.name, "what": one.title, "left out here": one.left_out}
            for one in store.families.values()
        ]
        return ToolResult(
            title="Tables of the emissions database", items=tuple(items), version=mc.__version__,
            figures=tuple(
                Figure(quantity="rows", value=one.rows, unit="1", labels={"table": one.name})
                for one in store.families.values()
            ),
            caveats=("further tables: sources, regions, left_out",),
        )  # fmt: skip
    frame = store.table(table)
    items = [{"column": str(name), "type": str(kind), "values": _values(frame[name])}
             for name, kind in frame.dtypes.items()]  # fmt: skip
    return ToolResult(
        title=f"Table {table} of the emissions database", items=tuple(items),
        figures=(Figure(quantity="rows", value=len(frame), unit="1", labels={"table": table}),),
        caveats=("value NaN: the source has no figure; key or note says why", *(
            _left_out(store, table) if table in store.families else ())),
        version=mc.__version__,
    )  # fmt: skip


def _values(one: pd.Series[Any]) -> str:
    """Return a column's values in short: all if they are few, else the ends."""
    have = one.dropna()
    if have.empty:
        return "empty"
    if have.dtype.kind in "if":
        return f"{have.min():g} to {have.max():g}"
    return listed(sorted({str(one) for one in have.unique()}), 12)[:_TEXT]


@tool(
    "data",
    "Read-only SQL over the emissions database",
    examples=(
        {"sql": "SELECT region, year, gas, source, scope, value, unit FROM inventories "
         "WHERE region = 'CHN' AND gas = 'CO2' AND source = 'gcb-2025-fossil' AND year >= 2020 "
         "ORDER BY scope, year"},
        {"sql": "SHOW TABLES"},
    ),
)  # fmt: skip
def database_query(
    sql: Annotated[
        str, Field(description="one SELECT (WITH, DESCRIBE, SHOW) in DuckDB's SQL", min_length=1,
                   max_length=4000)
    ],
    limit: Annotated[int, Field(description="rows at most", ge=1, le=ROWS)] = 30,
) -> ToolResult:  # fmt: skip
    """Run one reading query on the emissions database; rows, time and memory are limited.

    Use the typed tools first (emissions_database, natural_account, grid_factors). Select the
    columns unit, year, region, gas and source beside value: a number is told with the other
    columns of its row. Columns of every table: region, year, month, variable, gas, category,
    category_name, item, value, unit, sd, low, high, uncertainty, scope, key, note, source, edition.
    """
    found = mc.database().query(
        sql, max_rows=limit, timeout=_SECONDS, memory_mb=_MEGABYTES, origins=True
    )
    kinds = _kinds(found.columns, found.types)
    figures: list[Figure] = []
    items: list[dict[str, str]] = []
    shown = made = 0
    names: set[str] = set()
    for number, (row, origins) in enumerate(zip(found.rows, found.origins, strict=True), start=1):
        cells = dict(zip(_unique(found.columns), row, strict=True))
        new = _of_row(cells, kinds, number)
        if new and not origins:
            new = [one.model_copy(update={"why": one.why or COMPUTED}) for one in new]
        if len(figures) + len(new) > _MOST:
            break
        figures += new
        made += bool(new) and not origins
        names |= set(origins)
        if not new:
            items.append({key: _short(one) for key, one in cells.items() if one is not None})
        shown = number
    caveats = list(found.notes)
    if shown < len(found.rows):
        caveats.append(f"shown are {shown} of {len(found.rows)} rows: more numbers than fit")
    if figures and "unit" not in kinds:
        caveats.append("the query does not select unit: the units of these numbers are not known")
    if made:
        caveats.append(
            f"{made} of {shown} rows are the query's own: computed, written in it or renamed; no"
            " row of the database holds them, so they have no source"
        )
    return ToolResult(
        title="Result of a query on the emissions database", figures=tuple(_told_apart(figures)),
        items=tuple(items), caveats=tuple(caveats), sources=cited(sorted(names)),
        dataset="emissions database", method="SQL of the asker's own", version=mc.__version__,
        total=None if found.cut else len(found.rows), shown=None if found.cut else shown,
    )  # fmt: skip


COMPUTED = "made by the query: no row of the database holds it"
"""Why a number has no source: what a query sums, writes or renames is its own."""
_NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "REAL")
_AS_LABEL = ("year", "month", "rank")
_ENDS = ("low", "high", "sd")


def _unique(names: Sequence[str]) -> list[str]:
    """Return column names, each once: two of one name would hide one another."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def _kinds(names: Sequence[str], types: Sequence[str]) -> dict[str, str]:
    """Return column -> number, label or end of an interval."""
    number = {
        name: any(part in kind.upper() for part in _NUMBERS) and "[" not in kind
        and "STRUCT" not in kind.upper() and "INTERVAL" not in kind.upper()
        for name, kind in zip(_unique(names), types, strict=True)
    }  # fmt: skip
    central = number.get("value", False)
    return {
        name: "end" if numeric and central and name in _ENDS
        else "number" if numeric and name.casefold() not in _AS_LABEL else "label"
        for name, numeric in number.items()
    }  # fmt: skip


def _short(cell: object) -> str:
    text = str(cell)
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


def _of_row(cells: dict[str, Any], kinds: dict[str, str], number: int) -> list[Figure]:
    """Return the numbers of a row, each with the other columns as labels."""
    apart = ("unit", "note", "key", "uncertainty", "variable")
    labels = {
        name: _short(cells[name]) for name, kind in kinds.items()
        if kind == "label" and name not in apart and cells[name] is not None
    }  # fmt: skip
    figures = []
    for name, kind in kinds.items():
        if kind != "number":
            continue
        value = _number(cells[name])
        central = name == "value"
        ends = [_number(cells.get(end)) if central else None for end in ("low", "high")]
        quantity = name
        if central and cells.get("variable"):
            quantity = _short(cells["variable"])
        why = ""
        if value is None:
            why = _short(cells.get("note") or cells.get("key") or "empty in the database")
        figures.append(Figure(
            quantity=quantity, value=value, unit=_short(cells.get("unit") or "not told"),
            low=ends[0], high=ends[1], labels={**labels, "row": str(number)}, why=why,
        ))  # fmt: skip
    return figures


def _number(cell: object) -> float | None:
    """Return a finite number, or none."""
    if isinstance(cell, str):  # a decimal or a huge integer comes as text
        try:
            cell = float(cell)
        except ValueError:
            return None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    try:
        value = float(cell)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def _told_apart(figures: Sequence[Figure]) -> list[Figure]:
    """Return the figures without their row number where the labels alone tell them apart."""

    def key(one: Figure) -> tuple[Any, ...]:
        labels = {k: v for k, v in one.labels.items() if k != "row"}
        return (one.quantity, one.unit, tuple(sorted(labels.items())))

    seen: dict[tuple[Any, ...], int] = {}
    for one in figures:
        seen[key(one)] = seen.get(key(one), 0) + 1
    return [
        one if seen[key(one)] > 1 else one.model_copy(
            update={"labels": {k: v for k, v in one.labels.items() if k != "row"}})
        for one in figures
    ]  # fmt: skip
