"""A user's CSV, read strictly: what is wrong is named by row and column, nothing is guessed."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mriocarbon.errors import InputError, UnitError, listed, unreadable

__all__ = ["Row", "csv_lines", "read_bytes", "read_rows", "rows_of"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a user's file; `number` counts as a text editor does, the header is 1."""

    path: Path
    number: int
    cells: Mapping[str, str]

    def where(self, column: str) -> str:
        """Return file, row and column for a message."""
        return f"{self.path}, row {self.number}, column {column!r}"

    def text(self, column: str, *, needed: bool = True) -> str:
        """Return a cell without outer blanks; an empty one is an error if it is needed."""
        cell = self.cells.get(column, "").strip()
        if needed and not cell:
            raise InputError("empty cell", where=self.where(column), do="fill it in")
        return cell

    def number_of(self, column: str, *, needed: bool = True) -> float | None:
        """Return a cell as a positive finite number; None if it is empty and not needed."""
        cell = self.text(column, needed=needed)
        if not cell:
            return None
        try:
            value = float(cell)
        except ValueError:
            raise InputError(
                f"{cell!r} is not a number",
                where=self.where(column),
                do="write digits with a decimal point, no unit and no thousands separator",
            ) from None
        if not math.isfinite(value) or value <= 0 or "_" in cell:
            raise InputError(
                f"{cell!r} is not a positive number",
                where=self.where(column),
                do="leave the row out where a value is not known; missing is not zero",
            )
        return value

    def needed(self, column: str) -> float:
        """Return a cell as a positive finite number, which must be there."""
        value = self.number_of(column)
        assert value is not None
        return value

    def whole(self, column: str) -> int:
        """Return a cell as a whole number, a year."""
        cell = self.text(column)
        try:
            return int(cell)
        except ValueError:
            raise InputError(
                f"{cell!r} is not a whole number", where=self.where(column), do="write digits alone"
            ) from None

    def unit(self, column: str, known: Sequence[str], hint: str) -> str:
        """Return the unit, which must be one of `known` (blanks do not matter)."""
        cell = self.text(column)
        for name in known:
            if cell.replace(" ", "").casefold() == name.replace(" ", "").casefold():
                return name
        raise UnitError(
            f"unit {cell!r} is not one of {', '.join(known)}",
            where=self.where(column),
            do=hint,
        )


def read_rows(
    path: str | Path,
    required: Sequence[str],
    optional: Sequence[str] = (),
    *,
    others: bool = False,
) -> tuple[Row, ...]:
    """Return the rows of a CSV with a header; rows of empty cells are passed over.

    Parameters
    ----------
    path : str or Path
        UTF-8, comma between cells, a header row.
    required, optional : sequence of str
        Names of the columns.
    others : bool
        Whether columns of other names are taken as well, as of a file that was published; else
        they are an error: a misspelt column is not left out in silence.

    Returns
    -------
    tuple of Row

    Raises
    ------
    DataFileError
        The file cannot be read, is not UTF-8, or has a quote that is not closed or text after it.
    InputError
        Columns are missing, unknown or doubled, a row is too long or short, or there is none.
    """
    path = Path(path)
    return rows_of(read_bytes(path), path, required, optional, others=others)


def read_bytes(path: Path) -> bytes:
    """Return what is in a user's file (DataFileError if it cannot be read)."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def rows_of(
    raw: bytes,
    path: Path,
    required: Sequence[str],
    optional: Sequence[str] = (),
    *,
    others: bool = False,
) -> tuple[Row, ...]:
    """Return the rows of a CSV whose bytes were read from `path`, as `read_rows` does."""
    lines = csv_lines(raw, path)
    advice = "columns: " + ", ".join(required)
    if optional:
        advice += "; optional: " + ", ".join(optional)
    if others:
        advice += "; others are passed over"
    if not lines:
        raise InputError("the file is empty", where=str(path), do=advice)
    header = [cell.strip() for cell in lines[0][1]]
    read = {*required, *optional} if others else set(header)
    doubled = sorted({name for name in read if header.count(name) > 1})
    missing = [name for name in required if name not in header]
    unknown = [name for name in header if not others and name not in (*required, *optional)]
    for names, what in ((missing, "missing"), (doubled, "doubled"), (unknown, "unknown")):
        if names:
            raise InputError(
                f"{what} columns: {listed([name or repr('') for name in names])}",
                where=f"{path}, row {lines[0][0]}: {listed([name or repr('') for name in header])}",
                do=advice,
            )
    if len(lines) == 1:
        raise InputError("a header and no row", where=str(path), do="add rows")
    rows = []
    for number, cells in lines[1:]:
        if len(cells) != len(header):
            raise InputError(
                f"{len(cells)} cells under {len(header)} columns",
                where=f"{path}, row {number}",
                do="write numbers with a decimal point and no thousands separator; quote other"
                " cells that hold a comma"
                if len(cells) > len(header)
                else "write a comma for each cell that is empty",
            )
        rows.append(Row(path, number, dict(zip(header, cells, strict=True))))
    return tuple(rows)


def csv_lines(raw: bytes, path: Path) -> list[tuple[int, list[str]]]:
    """Return the lines of a CSV that hold anything, with their numbers, for what has its own rules.

    Parameters
    ----------
    raw : bytes
        What was read from `path`.
    path : Path
        As messages name it.

    Returns
    -------
    list of (int, list of str)
        Number as a text editor counts, of where the line begins, and cells; the heading first.

    Raises
    ------
    DataFileError
        Not UTF-8, or quotes that do not close.
    InputError
        The heading is separated by something else than commas.

    Examples
    --------
    >>> csv_lines(b"old,new\\n\\nA,X\\n", Path("map.csv"))
    [(1, ['old', 'new']), (3, ['A', 'X'])]
    """
    lines: list[tuple[int, list[str]]] = []
    start = 1
    try:
        reader = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        for cells in reader:
            lines.append((start, cells))
            start = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise unreadable(path, error) from error
    except csv.Error as error:
        where = f"{path}, row {start}"
        raise unreadable(path, error, where=where, do="check the quotes of that row") from error
    lines = [(n, cells) for n, cells in lines if any(cell.strip() for cell in cells)]
    header = lines[0][1] if lines else []
    marks = {";": "semicolons", "\t": "tabs", "|": "bars"}
    wrong = [name for mark, name in marks.items() if len(header) == 1 and mark in header[0]]
    if wrong:
        raise InputError(
            f"cells are separated by {wrong[0]}",
            where=f"{path}, row {lines[0][0]}",
            do="save it with commas between cells and decimal points ('CSV UTF-8', English)",
        )
    return lines
