"""Writing the embedded CSV files: always the same bytes from the same input."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from mriocarbon.errors import DataFileError, InputError
from mriocarbon.model.atomic import replacing

SIGNIFICANT_DIGITS = 10
"""Digits kept in every number written; the sources' own digits beyond are noise."""

Cell = str | int | float | None


def text(value: Cell) -> str:
    """Write one cell: None is an empty cell, a float has ten significant digits.

    Examples
    --------
    >>> text(None), text(0.1 + 0.2), text(3), text("a")
    ('', '0.3', '3', 'a')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InputError(
                "a number that is not finite was about to be written",
                do="write None for a missing value",
            )
        return repr(float(f"{value:.{SIGNIFICANT_DIGITS}g}"))
    return str(value)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    r"""Write rows sorted, UTF-8, ``\n`` at line ends, to a temporary name that is then moved."""
    lines = sorted([text(cell) for cell in row] for row in rows)
    for line in lines:
        if len(line) != len(columns):
            raise InputError(f"a row has {len(line)} cells, not {len(columns)}", where=path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)


def source(data: Path, relative: str) -> Path:
    """Return a file of the data folder, or say which is missing."""
    path = data / relative
    if not path.is_file():
        raise DataFileError(
            "a source file is missing",
            where=relative,
            do="set MRIOCARBON_DATA to the folder that holds it",
        )
    return path


def read_dicts(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Read a CSV file with a header into dictionaries."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle, delimiter=delimiter))
