"""What every reader is: a name, a reference that we did not write, and three functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError, NotAvailableError, listed
from mriocarbon.io.archive import Archive
from mriocarbon.model.arrays import matrix
from mriocarbon.model.extension import Extension
from mriocarbon.model.labels import SectorIndex, unique
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.side import Side
from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Reader:
    """One official layout.

    Attributes
    ----------
    name : str
        For ``mc.read(path, format=name)``.
    title : str
        Of the data set.
    source : Source
        Producer, citation and licence of the data set.
    references : tuple of str
        Public parsers or specifications of the layout, none of them ours: repository, commit
        and path.
    recognises : callable of Archive to bool
        Looks at names and first bytes only.
    years : callable of Archive to tuple of int
        The years that can be read.
    read : callable of Archive, year and options to MRIO
        The year is an int, or None for the only one there is.
    options : tuple of str
        Names of its options.
    """

    name: str
    title: str
    source: Source
    references: tuple[str, ...]
    recognises: Callable[[Archive], bool]
    years: Callable[[Archive], tuple[int, ...]]
    read: Callable[..., MRIO]
    options: tuple[str, ...] = ()


def finish(
    *,
    regions: Sequence[str],
    sectors: Sequence[str],
    categories: Sequence[str],
    Z: Array,
    Y: Array,
    x: Array | None = None,
    value_added: Array | None = None,
    value_added_rows: Sequence[str] = (),
    extensions: Sequence[Extension] = (),
    money_unit: str,
    year: int | None,
    provenance: Provenance,
    price_year: int | None = None,
    current_prices: bool = True,
    other_inputs: Side | None = None,
    other_uses: Side | None = None,
    table_type: str = "",
    price_basis: str = "",
    notes: Sequence[Note] = (),
    estimated: Mapping[str, NDArray[np.bool_]] | None = None,
) -> MRIO:
    """Return the table out of arrays that the reader filled; they are taken over, not copied.

    Shapes, labels and finiteness are checked.

    Parameters
    ----------
    regions, sectors, categories : sequence of str
        Labels; there are R x S = n rows of Z, and R x C columns of Y.
    Z, Y, x : ndarray, shapes (n, n), (n, R x C), (n,)
        Flows, final demand, output; `x` is the row sum where the layout gives none.
    value_added, value_added_rows : ndarray, shape (rows, n), and sequence of str
    extensions : sequence of Extension
    money_unit : str
    year : int or None
    provenance : Provenance
    price_year : int, optional
    current_prices : bool
        Official tables are in the prices of their year unless one of these two says otherwise.
    other_inputs, other_uses : Side, optional
        What the layout has beside flows, value added and final demand.
    table_type, price_basis : str
        Empty if the layout does not say.
    notes : sequence of Note
    estimated : mapping of str to ndarray of bool
        Masks of what the producer estimated, by the name of the array.

    Returns
    -------
    MRIO

    Raises
    ------
    ShapeError, LabelError, NonFiniteError
        An array that does not fit its labels, labels that are there twice, cells without a number.
    """
    index = SectorIndex(tuple(regions), tuple(sectors))
    n = len(index)
    kinds = unique(categories, "categories")
    columns = [(r, c) for r in index.regions for c in kinds]
    Z = matrix(Z, (n, n), "Z", index.pairs, index.pairs, copy=False)
    Y = matrix(Y, (n, len(columns)), "Y", index.pairs, columns, copy=False)
    if x is None:
        x = Z.sum(axis=1) + Y.sum(axis=1)
        if other_uses is not None:
            x = x + other_uses.total
    x = matrix(x, (n,), "x", index.pairs, copy=False)
    rows = tuple(value_added_rows)
    if value_added is not None:
        rows = unique(rows, "value added rows")
        value_added = matrix(
            value_added, (len(rows), n), "value added", rows, index.pairs, copy=False
        )
    return MRIO(
        index, Z, Y, x, value_added, kinds, rows, {e.name: e for e in extensions}, money_unit,
        year, year if price_year is None and current_prices else price_year, tuple(notes),
        provenance,
        other_inputs, other_uses, table_type, price_basis, estimated or {},
    )  # fmt: skip


def csv_by_year(
    archive: Archive, named: re.Pattern[str], fits: Callable[[Archive, str], bool]
) -> dict[int, list[str]]:
    """Return year -> the csv members that have it in their name (group ``year``) and fit."""
    found: dict[int, list[str]] = {}
    for name in archive.find(r"\.csv$"):
        match = named.search(name)
        if match and fits(archive, name):
            found.setdefault(int(match["year"]), []).append(name)
    return found


def chosen_year(archive: Archive, have: Sequence[int], year: int | None) -> int:
    """Return the year to read: the one asked for, or the only one there is.

    Parameters
    ----------
    archive : Archive
        For the message.
    have : sequence of int
        Years that are there.
    year : int or None

    Returns
    -------
    int

    Raises
    ------
    DataFileError
        There is no year at all.
    NotAvailableError
        The year is not there, or several are and none was named.
    """
    if year is None and len(have) == 1:
        return have[0]
    if year is not None and year in have:
        return year
    if not have:
        raise DataFileError("no year is found in it", where=str(archive.path), do="check the file")
    what = "several years; name one" if year is None else f"no year {year}"
    raise NotAvailableError(
        f"{what}: {listed(sorted(have), 40)}",
        where=str(archive.path),
        do=f"pass year={max(have)} (on the command line --year {max(have)}) or another of them, or"
        " use mc.read_series",
    )
