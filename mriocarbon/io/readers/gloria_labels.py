"""The labels of GLORIA: sheets of its ReadMe."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mriocarbon.errors import DataFileError, LabelError, listed
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.positional import Place, distinct
from mriocarbon.io.sheets import Cell, sheet_names
from mriocarbon.io.sheets import rows as sheet_rows
from mriocarbon.model.labels import SectorIndex

README = re.compile(r"(^|/)GLORIA_ReadMe_0*(\d+[a-z]?)\.xlsx$", re.IGNORECASE)


@dataclass(frozen=True)
class Labels:
    """What the ReadMe names, in the order of the csv files.

    Attributes
    ----------
    regions, sectors, primary, categories : tuple of str
        Acronyms of regions; industries and products alike; rows of V and columns of Y within
        a region.
    head_of, stressors, units : tuple of str
        One for each row of the satellites.
    valuations : mapping of int to str
        What each Markup is.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    primary: tuple[str, ...]
    categories: tuple[str, ...]
    head_of: tuple[str, ...]
    stressors: tuple[str, ...]
    units: tuple[str, ...]
    valuations: dict[int, str]

    @cached_property
    def index(self) -> SectorIndex:
        """Regions x sectors."""
        return SectorIndex(self.regions, self.sectors)

    @property
    def n(self) -> int:
        """Sectors over all regions."""
        return len(self.regions) * len(self.sectors)

    @property
    def heads(self) -> list[str]:
        """Head indicators of the satellites, each once."""
        return list(dict.fromkeys(self.head_of))


def read_labels(homes: Sequence[Archive], edition: str, given: str | Path | None) -> Labels:
    """Return the labels of an edition, from the ReadMe that lies in or beside the archive.

    Raises
    ------
    DataFileError
        There is none, or not of this edition alone.
    LabelError
        A sheet or column is missing.
    """
    if given is not None:
        archive = Archive(Path(given))
        place = Place(archive, archive.names[0])
    else:
        found = {
            told[2].lower(): Place(home, name)
            for home in reversed(homes)
            for name in home.names
            if (told := README.search(name))
        }
        number = edition.lstrip("0")
        # Files of edition 059a are named 059 inside; its ReadMe tells them apart.
        fit = [p for e, p in found.items() if e == number] or [
            p for e, p in found.items() if e.rstrip("abc") == number
        ]
        if len(fit) != 1:
            raise DataFileError(
                f"GLORIA_ReadMe_{edition}.xlsx is {'there more than once' if fit else 'missing'}",
                where=listed([str(home.path) for home in homes]),
                do="put it beside the zips, or pass labels=<the ReadMe>",
            )
        place = fit[0]
    return _parse(place)


def _parse(place: Place) -> Labels:
    archive, book = place.archive, place.name
    sheets = sheet_names(archive, book)

    def columns(sheet: str, *names: str) -> list[tuple[str, ...]]:
        if sheet not in sheets:
            raise LabelError(
                f"no sheet {sheet!r} (there are {listed(sheets, 12)})",
                where=str(place),
                do="use the ReadMe as published",
            )
        rows = [[_shown(cell) for cell in cells] for _, cells in sheet_rows(archive, book, sheet)]
        rows = [row for row in rows if any(row)]
        head = rows[0] if rows else []
        lost = [name for name in names if name not in head]
        if lost:
            raise LabelError(
                f"no column {listed(lost)} (there are {listed(head, 12)})",
                where=f"{place}, sheet {sheet!r}",
                do="use the ReadMe as published",
            )
        at = [head.index(name) for name in names]
        cells = [tuple(row[k] if k < len(row) else "" for k in at) for row in rows[1:]]
        return [row for row in cells if any(row)]

    def one(sheet: str, name: str) -> tuple[str, ...]:
        return tuple(cell for (cell,) in columns(sheet, name) if cell)

    satellites = columns("Satellites", "Sat_head_indicator", "Sat_indicator", "Sat_unit")
    names = distinct([f"{head}\n{indicator}" for head, indicator, _ in satellites])
    both = "Value added and final demand"
    valuations: dict[int, str] = {}
    if "Valuations" in sheets:
        for number, name in columns("Valuations", "Lfd_Nr", "Valuation_names"):
            if not re.fullmatch(r"\d{1,3}", number):
                raise LabelError(
                    f"{number!r} is no number of a valuation",
                    where=f"{place}, sheet 'Valuations'",
                    do="use the ReadMe as published",
                )
            valuations[int(number)] = name
    return Labels(
        one("Regions", "Region_acronyms"),
        one("Sectors", "Sector_names"),
        one(both, "Value_added_names"),
        one(both, "Final_demand_names"),
        tuple(head for head, _, _ in satellites),
        tuple(name.partition("\n")[2] for name in names),
        tuple(unit for _, _, unit in satellites),
        valuations,
    )


def _shown(cell: Cell) -> str:
    """Return a cell as text: a sheet stores 1 as 1.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
