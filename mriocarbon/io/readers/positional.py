"""Tables of bare numbers whose labels lie in another file: what Eora and GLORIA publish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import ShapeError, UnknownNameError
from mriocarbon.io.archive import AGAIN, Archive
from mriocarbon.io.numbers import blocks, layout

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """A member of an archive: of the one handed in, or of one that lies in or beside it."""

    archive: Archive
    name: str

    def __str__(self) -> str:
        return f"{self.archive.path}: {self.name}"


def stream(
    place: Place, shape: tuple[int, int], *, separator: str, decimal: str | None = None
) -> Iterator[tuple[int, Array]]:
    """Yield (first row, block of rows) of a table of bare numbers, its shape checked.

    Raises
    ------
    ShapeError
        There are more or fewer rows or columns than labels.
    """
    form = layout(
        place.archive, place.name, header=0, labels=0, separator=separator, decimal=decimal
    )
    row = 0
    for _, values in blocks(place.archive, place.name, form):
        if values.shape[1] != shape[1]:
            raise ShapeError(
                f"{values.shape[1]} columns for {shape[1]} labels",
                where=f"{place}, row {row + 1}",
                do="use the table and its labels of one edition; check for an extra column",
            )
        if row + len(values) > shape[0]:
            raise ShapeError(
                f"more than the {shape[0]} rows that have labels",
                where=str(place),
                do="use the table and its labels of one edition",
            )
        yield row, values
        row += len(values)
    if row != shape[0]:
        raise ShapeError(f"{row} rows for {shape[0]} labels", where=str(place), do=AGAIN)


def whole(
    place: Place, shape: tuple[int, int], *, separator: str, decimal: str | None = None
) -> Array:
    """Return a (small) table of bare numbers as one array."""
    out = np.empty(shape)
    for row, values in stream(place, shape, separator=separator, decimal=decimal):
        out[row : row + len(values)] = values
    return out


def distinct(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels, those that stand several times with their row.

    Examples
    --------
    >>> distinct(["CO2", "CH4", "CO2"])
    ('CO2 [row 1]', 'CH4', 'CO2 [row 3]')
    """
    count = Counter(labels)
    return tuple(
        label if count[label] == 1 else f"{label} [row {k + 1}]" for k, label in enumerate(labels)
    )


def chosen(have: Sequence[str], want: Sequence[str] | None, kind: str = "extension") -> list[str]:
    """Return those of `have` that are wanted: all by default; unknown names are an error."""
    if want is None:
        return list(have)
    for name in want:
        if name not in have:
            raise UnknownNameError.of(kind, name, have)
    return [name for name in have if name in set(want)]
