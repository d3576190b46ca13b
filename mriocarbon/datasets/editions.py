"""What changed between two editions of a table: countries, years, largest changes.

Three layouts are read: a block of years downwards with countries across (Global Carbon Budget),
years across with labels to the left (CEDS, UNFCCC), and tidy rows with a column for the year
(Our World in Data, Ember). A cell that is missing is missing, never zero.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mriocarbon.errors import DataFileError, InputError
from mriocarbon.io.archive import Archive
from mriocarbon.io.sheets import rows as sheet_rows
from mriocarbon.io.sheets import sheet_names
from mriocarbon.model.brief import brief

Key: TypeAlias = tuple[str, str, int]
"""Country, item (gas, fuel, column, ...; may be empty) and year."""

_YEAR = re.compile(r"[A-Za-z_ ]{0,3}(1[6-9]\d\d|20\d\d|2100)(?:\.0)?")
_COUNTRY = (
    "country",
    "country/area",
    "area",
    "party",
    "region",
    "entity",
    "iso",
    "geo",
    "area (iso3)",
)
_LOOK = 200  # rows within which a header must appear


@dataclass(frozen=True)
class Change:
    """One cell that differs.

    Attributes
    ----------
    country, item : str
    year : int
    old, new : float
        In the unit of the table.
    """

    country: str
    item: str
    year: int
    old: float
    new: float

    @property
    def by(self) -> float:
        """New minus old."""
        return self.new - self.old

    @property
    def relative(self) -> float:
        """Change over the old value; infinite where that is zero."""
        return self.by / abs(self.old) if self.old else math.copysign(math.inf, self.by)


@dataclass(frozen=True)
class Comparison:
    """Two editions of one table.

    Attributes
    ----------
    file : str
        Name or key of the file.
    unit : str
    compared : bool
        Whether the values were read. If not, `text` says why.
    text : str
    countries_added, countries_removed : tuple of str
    items_added, items_removed : tuple of str
    years_added, years_removed : tuple of int
    cells : int
        With a value in both.
    changed : int
        Of these, how many differ by more than `tolerance` relative.
    filled, emptied : int
        Cells of common country, item and year with a value only in the new, only in the old.
    largest, largest_aggregates : tuple of Change
        By absolute change, largest first: of countries, and of sums of countries.
    tolerance : float
    """

    file: str
    unit: str
    compared: bool
    text: str
    countries_added: tuple[str, ...] = ()
    countries_removed: tuple[str, ...] = ()
    items_added: tuple[str, ...] = ()
    items_removed: tuple[str, ...] = ()
    years_added: tuple[int, ...] = ()
    years_removed: tuple[int, ...] = ()
    cells: int = 0
    changed: int = 0
    filled: int = 0
    emptied: int = 0
    largest: tuple[Change, ...] = ()
    largest_aggregates: tuple[Change, ...] = ()
    tolerance: float = 0.0

    __repr__ = brief


def rows_of(path: Path, sheet: str = "") -> list[list[Any]]:
    """Return the cells of a csv (comma, semicolon or tab) or of one sheet of a workbook.

    Raises
    ------
    DataFileError
        It cannot be read, or there is no such sheet.
    InputError
        It is neither.
    """
    suffix = path.suffix.lower()
    try:
        if suffix in (".csv", ".tsv", ".txt"):
            with path.open(encoding="utf-8-sig", newline="") as file:
                head = file.read(8192)
                file.seek(0)
                delimiter = max(",;\t", key=head.count)
                return [list(row) for row in csv.reader(file, delimiter=delimiter)]
        if suffix in (".xlsx", ".xlsb"):
            archive = Archive(path)
            names = sheet_names(archive, path.name)
            chosen = _sheet_of(path, sheet, names)
            rows = [cells for _, cells in sheet_rows(archive, path.name, chosen)]
            filled = [[k for k, cell in enumerate(cells) if cell is not None] for cells in rows]
            first = min((at[0] for at in filled if at), default=0)  # an empty margin is none
            return [
                ["" if cell is None else cell for cell in cells[first:]]
                for cells, at in zip(rows, filled, strict=True) if at
            ]  # fmt: skip
        if suffix in (".xls", ".ods"):
            from python_calamine import CalamineError, CalamineWorkbook

            try:
                book = CalamineWorkbook.from_path(path)
                chosen = _sheet_of(path, sheet, book.sheet_names)
                return book.get_sheet_by_name(chosen).to_python()
            except CalamineError as error:
                raise DataFileError(
                    f"the workbook cannot be read: {error}", where=str(path)
                ) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        if isinstance(error, DataFileError):
            raise
        raise DataFileError(f"the table cannot be read: {error}", where=str(path)) from error
    raise InputError(f"values of a {suffix or 'nameless'} file are not compared", where=str(path))


def _sheet_of(path: Path, sheet: str, names: Sequence[str]) -> str:
    """Return the sheet that is asked for, or the first one."""
    if sheet in names or (names and not sheet):
        return sheet or names[0]
    raise DataFileError(
        f"no sheet {sheet!r}" if sheet else "no sheet of cells", where=f"{path}: {', '.join(names)}"
    )


def _year(cell: object) -> int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return int(cell) if 1600 <= cell <= 2100 and cell == int(cell) else None
    match = _YEAR.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return int(match.group(1)) if match else None


def _number(cell: object) -> float | None:
    """The number in a cell; None for an empty or non-numeric one (notation keys, NA, nan)."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell) if math.isfinite(cell) else None
    try:
        value = float(cell) if isinstance(cell, str) else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def values_of(
    rows: Sequence[Sequence[Any]], layout: Mapping[str, Any] | None = None
) -> dict[Key, float]:
    """Return the values of a table by country, item and year, its layout recognised.

    Parameters
    ----------
    rows : sequence of rows
        As `rows_of` gives them.
    layout : mapping, optional
        ``country``, ``year``: names of columns; ``values``: which columns of a tidy table.

    Returns
    -------
    dict of (country, item, year) to float
        In the unit of the table; missing cells are absent.

    Raises
    ------
    InputError
        The layout is not one of the three, or a cell is given twice with two values.

    Examples
    --------
    >>> from mriocarbon.datasets.editions import values_of
    >>> values_of([["country", "X2020", "X2021"], ["CHN", "1", ""]])
    {('CHN', '', 2020): 1.0}
    >>> values_of([["", "China"], [2020.0, 1.0], [2021.0, 2.0]])
    {('China', '', 2020): 1.0, ('China', '', 2021): 2.0}
    """
    hints = dict(layout or {})
    for number, row in enumerate(rows[:_LOOK]):
        names = [str(cell).strip().casefold() for cell in row]
        tidy = _year_column(hints) in names and any(one in names for one in _country_names(hints))
        if tidy and sum(_year(cell) is not None for cell in row) < 2:
            return _tidy(rows, number, names, hints)
        if sum(_year(cell) is not None for cell in row) >= 2 and _year(row[0]) is None:
            return _across(rows, number, names, hints)
        below = [_year(after[0]) for after in rows[number + 1 : number + 3] if after]
        if len(below) == 2 and below[0] is not None and below[1] == below[0] + 1:
            return _downwards(rows, number)
    raise InputError(
        "the layout of the table is not recognised: no row of years, no column of years",
        do="give a table with years across, years downwards, or the columns country and year",
    )


def _put(found: dict[Key, float], key: Key, value: float) -> None:
    if found.setdefault(key, value) != value:
        raise InputError(
            f"the table gives {key[0]} {key[1]} {key[2]} twice: {found[key]:g} and {value:g}",
            do="a column that tells the rows apart is missing",
        )


def _downwards(rows: Sequence[Sequence[Any]], header: int) -> dict[Key, float]:
    names = [str(cell).strip() for cell in rows[header]]
    found: dict[Key, float] = {}
    for row in rows[header + 1 :]:
        year = _year(row[0]) if row else None
        for name, cell in zip(names[1:], row[1:], strict=False):
            value = _number(cell)
            if year is not None and name and value is not None:
                _put(found, (name, "", year), value)
    return found


def _year_column(hints: Mapping[str, Any]) -> str:
    return str(hints.get("year", "year")).casefold()


def _country_names(hints: Mapping[str, Any]) -> tuple[str, ...]:
    return (str(hints["country"]).casefold(),) if "country" in hints else _COUNTRY


def _country_column(names: Sequence[str], hints: Mapping[str, Any]) -> int:
    for name in _country_names(hints):
        if name in names:
            return names.index(name)
    return 0


def _across(
    rows: Sequence[Sequence[Any]], header: int, names: Sequence[str], hints: Mapping[str, Any]
) -> dict[Key, float]:
    years = {column: year for column, cell in enumerate(rows[header]) if (year := _year(cell))}
    at = _country_column(names, hints)
    labels = [column for column in range(len(names)) if column not in years and column != at]
    found: dict[Key, float] = {}
    for row in rows[header + 1 :]:
        if len(row) <= at or not str(row[at]).strip():
            continue
        item = " ".join(str(row[c]).strip() for c in labels if c < len(row) and str(row[c]).strip())
        for column, year in years.items():
            value = _number(row[column]) if column < len(row) else None
            if value is not None:
                _put(found, (str(row[at]).strip(), item, year), value)
    return found


def _tidy(
    rows: Sequence[Sequence[Any]], header: int, names: Sequence[str], hints: Mapping[str, Any]
) -> dict[Key, float]:
    at, when = _country_column(names, hints), names.index(_year_column(hints))
    body = rows[header + 1 :]
    others = [column for column in range(len(names)) if column not in (at, when)]
    if "values" in hints:
        wanted = {name.casefold() for name in hints["values"]}
        values = [column for column in others if names[column] in wanted]
        labels: list[int] = []
    else:
        # A column whose filled cells are all numbers holds values; every other tells rows apart.
        filled = {
            column: [row[column] for row in body if column < len(row) and str(row[column]).strip()]
            for column in others
        }
        values = [c for c in others if filled[c] and all(_number(x) is not None for x in filled[c])]
        labels = [c for c in others if c not in values and filled[c]]
    found: dict[Key, float] = {}
    for row in body:
        year = _year(row[when]) if when < len(row) else None
        if year is None or len(row) <= at or not str(row[at]).strip():
            continue
        of = [str(row[c]).strip() for c in labels if c < len(row) and str(row[c]).strip()]
        for column in values:
            value = _number(row[column]) if column < len(row) else None
            if value is not None:
                name = [str(rows[header][column]).strip()] if len(values) > 1 else []
                _put(found, (str(row[at]).strip(), " ".join([*of, *name]), year), value)
    return found


def compare_values(
    old: Mapping[Key, float],
    new: Mapping[Key, float],
    *,
    file: str = "",
    unit: str = "",
    aggregates: Sequence[str] = (),
    most: int = 10,
    tolerance: float = 1e-9,
) -> Comparison:
    """Say what changed between two tables.

    Parameters
    ----------
    old, new : mapping of (country, item, year) to float
    file, unit : str
    aggregates : sequence of str
        "Countries" that are sums or differences of others; their changes are told apart.
    most : int
        How many of the largest changes to name.
    tolerance : float
        Relative difference up to which two values are the same.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> from mriocarbon.datasets.editions import compare_values
    >>> old = {("CHN", "", 2020): 1.0}
    >>> c = compare_values(old, {("CHN", "", 2020): 3.0, ("IND", "", 2021): 1.0})
    >>> c.countries_added, c.years_added, c.largest[0].by
    (('IND',), (2021,), 2.0)
    """
    countries = [{key[0] for key in table} for table in (old, new)]
    items = [{key[1] for key in table} for table in (old, new)]
    years = [{key[2] for key in table} for table in (old, new)]

    def shared(key: Key) -> bool:
        return (
            all(key[0] in side for side in countries)
            and all(key[1] in side for side in items)
            and all(key[2] in side for side in years)
        )

    sums = frozenset(aggregates)
    both = [key for key in old if key in new]
    changes = [
        Change(*key, old[key], new[key])
        for key in both
        if not math.isclose(old[key], new[key], rel_tol=tolerance, abs_tol=1e-12)
    ]
    changes.sort(key=lambda change: (-abs(change.by), change.country, change.item, change.year))
    return Comparison(
        file=file,
        unit=unit,
        compared=True,
        text="values compared",
        countries_added=tuple(sorted(countries[1] - countries[0])),
        countries_removed=tuple(sorted(countries[0] - countries[1])),
        items_added=tuple(sorted(items[1] - items[0])),
        items_removed=tuple(sorted(items[0] - items[1])),
        years_added=tuple(sorted(years[1] - years[0])),
        years_removed=tuple(sorted(years[0] - years[1])),
        cells=len(both),
        changed=len(changes),
        filled=sum(key not in old and shared(key) for key in new),
        emptied=sum(key not in new and shared(key) for key in old),
        largest=tuple([one for one in changes if one.country not in sums][:most]),
        largest_aggregates=tuple([one for one in changes if one.country in sums][:most]),
        tolerance=tolerance,
    )


def compare_files(
    old: Path, new: Path, *, layout: Mapping[str, Any] | None = None, file: str = "", most: int = 10
) -> Comparison:
    """Say what changed between two files of the same kind.

    Parameters
    ----------
    old, new : Path
    layout : mapping, optional
        ``sheet``, ``unit``, ``country``, ``year``, ``values``.
    file : str
    most : int

    Returns
    -------
    Comparison
        With `compared` False, and the reason, for files that are no tables (archives).
    """
    hints = dict(layout or {})
    name, unit = file or new.name, str(hints.get("unit", ""))
    try:
        sheet = str(hints.get("sheet", ""))
        before, after = (values_of(rows_of(path, sheet), hints) for path in (old, new))
    except InputError as error:
        return Comparison(name, unit, False, f"values not compared: {error.what}")
    sums = hints.get("aggregates", ())
    return compare_values(before, after, file=name, unit=unit, aggregates=sums, most=most)
