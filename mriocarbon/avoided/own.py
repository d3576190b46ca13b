"""Exports, capacity factors and grid factors of one's own, read strictly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mriocarbon.avoided.attribution import INSTALLED
from mriocarbon.avoided.drawn import bounded, technology_of
from mriocarbon.avoided.exports import COLUMNS, PRODUCTS, Exports, country
from mriocarbon.avoided.grids import Grids
from mriocarbon.avoided.yields import Yields, installed
from mriocarbon.errors import InputError, LabelError, UnknownNameError
from mriocarbon.io.user_csv import Row, read_bytes, rows_of
from mriocarbon.model.checked import is_real, real, whole
from mriocarbon.model.provenance import Note

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["given_grids", "given_yields", "read_exports"]

NEEDED = ("destination", "technology", "product", "mw")
OPTIONAL = ("month", "usd", "low", "high", "area_type", "source")
_AREAS = ("country", "region")
TIMES_WORLD = 5.0
"""No country exports in a year more than this many times what the world has installed by now."""
TIMES_COST = 10.0
"""No panel or turbine costs more than this many times the dearest whole plant."""


def read_exports(table: str | Path | pd.DataFrame, *, exporter: str, year: int) -> Exports:
    """Return exports of one's own from a CSV or a DataFrame.

    Parameters
    ----------
    table : path or pandas.DataFrame
        Columns ``destination`` (code or name, or "destination not known"), ``technology`` (solar,
        wind), ``product`` (panels, cells, wafers; turbines), ``mw``; if known ``month`` (1 to 12,
        empty where not), ``usd``, ``low`` and ``high`` (95 % interval of ``mw``), ``area_type``,
        ``source``. Rows with ``area_type`` "region" repeat their countries: they are dropped, with
        a note. A group that is not marked so is refused.
    exporter : str
    year : int

    Returns
    -------
    Exports

    Raises
    ------
    DataFileError
        The file cannot be read.
    InputError, LabelError, UnknownNameError
        A column that is missing or unknown, a row of another length, a cell that is no number or
        below zero, a country, technology or product that is none, a row that comes twice, the
        exporter as a destination, or an amount beyond any size: more than `TIMES_WORLD` times what
        the world has installed of the technology, or more USD per kW than `TIMES_COST` times what
        a whole plant costs at most; with its number (the header is row 1).

    Examples
    --------
    >>> import pandas as pd
    >>> mine = pd.DataFrame({"destination": ["Spain"], "technology": ["solar"],
    ...                      "product": ["panels"], "mw": [120.0]})
    >>> read_exports(mine, exporter="VNM", year=2023).by("destination").to_dict()
    {'ESP': 120.0}
    """
    import pandas as pd

    origin, when = country(exporter), whole("year", year, least=1900, where="read_exports")
    given, name = _given(table)
    most = {technology: _most(technology) for technology in PRODUCTS}
    rows: list[dict[str, object]] = []
    seen: dict[tuple[object, ...], int] = {}
    dropped = 0
    for line in given:
        number, where = line.number, f"{name}, row {line.number}"
        cell = {column: text.strip() for column, text in line.cells.items()}
        area = cell.get("area_type", "").casefold()
        if area == "region":
            dropped += 1
            continue
        if area and area != "country":
            raise UnknownNameError.of("area type", area, _AREAS)
        row = _row(cell, where, most)
        if row["destination"] == origin:
            raise InputError(
                f"{origin} is the exporter", where=where,
                do="leave the row out: what is sold at home is no export",
            )  # fmt: skip
        key = (row["destination"], row["month"], row["technology"], row["product"])
        if key in seen:
            raise LabelError(f"{key} comes twice", where=f"{where} and row {seen[key]}",
                             do="add the two up or take one out")  # fmt: skip
        seen[key] = number
        rows.append(row)
    if not rows:
        raise InputError("no rows", where=name, do="give at least one country with its capacity")
    made = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"month": "Int64"})
    for technology, mw in made.groupby("technology")["mw"].sum().items():
        _bounded(float(mw), str(technology), most, f"{name}, all rows of {technology}")
    notes = [Note(f"Exports of {origin} {when} are the user's: {name}.", about="exports")]
    if dropped:
        notes.append(Note(f"{dropped} rows marked as regions are left out: they repeat their"
                          " countries.", about="exports"))  # fmt: skip
    held = int(made["low"].isna().sum())
    if held:
        text = "have no interval of capacity: held as given, the spread is a lower bound."
        notes.append(Note(f"{held} of {len(made)} rows {text}", about="exports"))
    return Exports(origin, when, made, (), tuple(notes))


def _given(table: str | Path | pd.DataFrame) -> tuple[tuple[Row, ...], str]:
    """Return the rows, and a name for messages. A DataFrame is read as the CSV it would be."""
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        text = table.astype(object).replace(r"[\r\n]+", " ", regex=True)  # a row is one line
        raw, path = text.to_csv(index=False).encode(), Path("the table of exports")
    else:
        path = Path(table)
        raw = read_bytes(path)
    return rows_of(raw, path, NEEDED, OPTIONAL), path.name


@lru_cache(maxsize=4)
def _most(technology: str) -> tuple[float, str]:
    """Return the capacity that is beyond any size, MW, and the rule in words."""
    world, year = installed(technology)
    return TIMES_WORLD * world, (
        f"at most {TIMES_WORLD:g} times the {world / 1e6:.2f} TW of {technology} power that the"
        f" world had in {year} (IRENA); mw is in megawatts"
    )


def _bounded(mw: float, technology: str, most: Mapping[str, tuple[float, str]], where: str) -> None:
    limit, rule = most[technology]
    if mw > limit:
        raise InputError(f"{mw:.4g} MW of {technology}", where=where, do=f"give {rule}")


def _row(
    cell: Mapping[str, str], where: str, most: Mapping[str, tuple[float, str]]
) -> dict[str, object]:
    try:
        technology = technology_of(cell["technology"])
        place = country(cell["destination"])
    except UnknownNameError as error:
        raise UnknownNameError(error.what, where=where, do=error.do) from None
    product = cell["product"].casefold()
    if product not in PRODUCTS[technology]:
        raise UnknownNameError(f"unknown product {cell['product']!r} of {technology}", where=where,
                               do=f"known: {', '.join(PRODUCTS[technology])}")  # fmt: skip
    mw = _number(cell["mw"], "mw", where)
    low, high = (_optional(cell, name, where) for name in ("low", "high"))
    if math.isnan(low) != math.isnan(high) or not (math.isnan(low) or 0 < low <= mw <= high):
        raise InputError(f"an interval from {low:g} to {high:g} about {mw:g} MW", where=where,
                         do="give both ends, above zero and around mw, or neither")  # fmt: skip
    _bounded(mw if math.isnan(high) else high, technology, most, where)
    usd = _optional(cell, "usd", where)
    dearest = TIMES_COST * INSTALLED[technology][2]
    if usd > dearest * mw * 1e3:
        per = f"{usd / mw / 1e3:,.4g} USD per kW" if mw > 0 else f"{usd:,.4g} USD for no capacity"
        raise InputError(
            per, where=where,
            do=f"give usd in dollars, at most {dearest:,.0f} per kW: {TIMES_COST:g} times what a"
            " whole plant costs at most",
        )  # fmt: skip
    month = _optional(cell, "month", where)
    if not math.isnan(month) and (month != int(month) or not 1 <= month <= 12):
        raise InputError(f"month {cell['month']!r}", where=where,
                         do="give 1 to 12, or leave it empty where it is not known")  # fmt: skip
    return {
        "destination": place, "month": None if math.isnan(month) else int(month),
        "technology": technology, "product": product, "mw": mw,
        "usd": usd, "low": low, "high": high,
        "source": cell.get("source", "") or "given by the user", "estimated": False, "note": "",
    }  # fmt: skip


def _number(cell: str, column: str, where: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not math.isfinite(value) or value < 0 or "_" in cell:
        raise InputError(
            f"{column} is {cell!r}", where=where,
            do="give a number of at least 0; leave the row out where it is not known",
        )  # fmt: skip
    return value


def _optional(cell: Mapping[str, str], column: str, where: str) -> float:
    text = cell.get(column, "")
    return _number(text, column, where) if text and text != "<NA>" else float("nan")


def given_yields(
    technology: str, values: Mapping[str, float], *, rsd: float = 0.0, basis: str = "design"
) -> Yields:
    """Return capacity factors of one's own.

    Parameters
    ----------
    technology : {"solar", "wind"}
    values : mapping of country to capacity factor
        Above 0, at most 1. A country that is not named gets their plain mean, marked.
    rsd : float
        Relative standard deviation, 0 to below 1.
    basis : {"design", "fleet"}
        With a design the first year's loss is taken off.

    Returns
    -------
    Yields
        Shares of 8,760 h, with 95 % intervals from `rsd`.

    Raises
    ------
    InputError
        No country, a figure outside these bounds, or another `rsd`.
    LabelError
        A country comes twice.
    UnknownNameError
        No such country, technology or basis.

    Examples
    --------
    >>> given_yields("solar", {"Brazil": 0.2}).at(["BRA"])["value"].tolist()
    [0.2]
    """
    name = technology_of(technology)
    if basis not in ("design", "fleet"):
        raise UnknownNameError.of("basis", str(basis), ("design", "fleet"))
    spread = real("rsd", rsd, above=-1e-300, below=1, where="given_yields")
    table, world = _tables(values, spread, 0.0, 1.0, "capacity factor", {"years": "given"})
    note = Note(f"Capacity factors of {name} are the user's, of a {basis}.", "capacity factor")
    return Yields(name, table, world, basis, (note,))


def given_grids(values: Mapping[str, float], *, year: int, rsd: float = 0.0) -> Grids:
    """Return grid factors of one's own.

    Parameters
    ----------
    values : mapping of country to g/kWh
        At least 0. A country that is not named gets their plain mean, marked.
    year : int
        Of the factors.
    rsd : float
        Relative standard deviation, 0 to below 1.

    Returns
    -------
    Grids
        Of margin ``given``; g/kWh, with 95 % intervals from `rsd`.

    Raises
    ------
    InputError
        No country, a figure outside these bounds, or another `rsd` or year.
    LabelError
        A country comes twice.
    UnknownNameError
        No such country.

    Examples
    --------
    >>> given_grids({"BRA": 100.0}, year=2024).at(["BRA"])["value"].tolist()
    [100.0]
    """
    when = whole("year", year, least=1900, where="given_grids")
    spread = real("rsd", rsd, above=-1e-300, below=1, where="given_grids")
    table, world = _tables(values, spread, None, math.inf, "grid factor", {"year": when})
    note = Note(f"Grid factors of {when} are the user's.", about="grid factor")
    return Grids("given", table, world, "given by the user", (note,))


def _tables(
    values: Mapping[str, float], rsd: float, above: float | None, most: float, what: str,
    more: Mapping[str, object],
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    import pandas as pd

    if not values:
        raise InputError(f"no {what}", where=what, do="give at least one country")
    found = {}
    for name, value in values.items():
        low = is_real(value) and (value >= 0 if above is None else value > above)
        if not low or value > most:
            raise InputError(f"{what} of {name} is {value!r}", where=what,
                             do=f"give a number {'from 0' if above is None else 'above 0'}"
                                f"{'' if math.isinf(most) else f' to {most:g}'}")  # fmt: skip
        code = country(name)
        if code in found:
            raise LabelError(f"{code} comes twice", where=what, do="give each country once")
        found[code] = float(value)
    frame = pd.DataFrame({"value": pd.Series(found), "rsd": rsd, **more, "estimated": False,
                          "note": ""})  # fmt: skip
    world = pd.DataFrame({"value": [frame["value"].mean()], "rsd": max(rsd, 0.3), **more,
                          "estimated": True, "note": ""}, index=["World"])  # fmt: skip
    return bounded(frame), bounded(world)
