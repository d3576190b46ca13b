"""The labels of GLORIA: sheets of its ReadMe."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mriocarbon.errors import DataFileError, LabelError, listed
from mriocarbon.io.archive import AGAIN, Archive
from mriocarbon.io.readers.positional import Place, distinct
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
    from python_calamine import CalamineError, CalamineWorkbook

    with place.archive.open(place.name) as file:
        raw = file.read()
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    except CalamineError as error:
        raise DataFileError(f"no workbook: {error}", where=str(place), do=AGAIN) from error

    def columns(sheet: str, *names: str) -> list[tuple[str, ...]]:
        if sheet not in book.sheet_names:
            raise LabelError(
                f"no sheet {sheet!r} (there are {listed(book.sheet_names, 12)})",
                where=str(place),
                do="use the ReadMe as published",
            )
        rows = book.get_sheet_by_name(sheet).to_python()
        head = [str(cell).strip() for cell in rows[0]] if rows else []
        lost = [name for name in names if name not in head]
        if lost:
            raise LabelError(
                f"no column {listed(lost)} (there are {listed(head, 12)})",
                where=f"{place}, sheet {sheet!r}",
                do="use the ReadMe as published",
            )
        at = [head.index(name) for name in names]
        cells = [tuple(str(row[k]).strip() for k in at) for row in rows[1:]]
        return [row for row in cells if any(row)]

    def one(sheet: str, name: str) -> tuple[str, ...]:
        return tuple(cell for (cell,) in columns(sheet, name) if cell)

    satellites = columns("Satellites", "Sat_head_indicator", "Sat_indicator", "Sat_unit")
    names = distinct([f"{head}\n{indicator}" for head, indicator, _ in satellites])
    both = "Value added and final demand"
    valuations = {}
    if "Valuations" in book.sheet_names:
        told = columns("Valuations", "Lfd_Nr", "Valuation_names")
        valuations = {int(float(number)): name for number, name in told}
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
