"""Asian Development Bank multi-regional input-output tables (xlsx, 62, 63, 72 economies x 35).

One workbook for each year, ``ADB-MRIO-2024-August 2025.xlsx``, or one sheet for each year, named
``ADB MRIO 2024``, beside a sheet ``Legend``. The form is WIOD's without codes: names, regions and
numbers (``c1`` to ``c35``, ``F1`` to ``F5``) above, the same in columns B to D; see
`mriocarbon.io.readers.workbook`. Editions with Latin America carry one more header row above.

What goes where
    Z, Y         c1 to c35; F1 to F5 (households, NPISH, government, capital formation, inventories)
    x            the last column, TOTAL, as published
    value added  r64
    other inputs r99 taxes less subsidies on products, r61 cif/fob adjustments, r62 and r63
                 purchases abroad and by non-residents, trs (r65 in some editions) international
                 transport margins, with what they take from final demand
    totals       r60 and r69 are compared with our own sums; a difference is a TableWarning

pymrio has no parser for these. "at constant prices" in the title sets no price year: it is noted.
"""

from __future__ import annotations

import re

from mriocarbon.errors import DataFileError, NotAvailableError
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.base import Reader, chosen_year, finish
from mriocarbon.io.readers.workbook import Form, read_sheet
from mriocarbon.io.sheets import is_workbook, sheet_names
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.table import MRIO

SOURCE = Source(
    "ADB Multi-Regional Input-Output tables",
    citation="Asian Development Bank, Multi-Regional Input-Output Database",
    licence="ADB terms of use (as the producer states them)",
    url="https://kidb.adb.org/globalization",
)
NAME = re.compile(r"(?:^|/)[^/]*ADB[-_ ]?MRIO[^/]*\.xlsx$", re.IGNORECASE)
SHEET = re.compile(r"(?:ADB[ _-]?)?MRIO[ _-]*((?:19|20)\d\d)|((?:19|20)\d\d)$", re.IGNORECASE)
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
FORM = Form(
    coded=False,
    by_code=False,
    demand=lambda code, number: re.fullmatch(r"F\d+", number) is not None,
    rows={
        "r60": "intermediate", "r99": "other", "r61": "other", "r62": "other", "r63": "other",
        "r64": "value added", "r65": "other", "trs": "other", "r69": "total",
    },
)  # fmt: skip


def _tables(archive: Archive) -> dict[int, tuple[str, str]]:
    """Return member and sheet of every year."""
    found: dict[int, tuple[str, str]] = {}
    for name in archive.names:
        if not NAME.search(name):
            continue
        sheets = [s for s in sheet_names(archive, name) if "legend" not in s.casefold()]
        dated = [(m[1] or m[2], s) for s in sheets if (m := SHEET.fullmatch(s.strip()))]
        if not dated and sheets:
            # The first year in a name is the table's, a later one the month of publication.
            in_name = YEAR.findall(name.rpartition("/")[2])
            dated = [(in_name[0], sheets[0])] if in_name else []
        for told, sheet in dated:
            if int(told) in found:
                raise NotAvailableError(
                    f"the year {told} is there twice: {found[int(told)][0]} and {name}",
                    where=str(archive.path),
                    do="name one workbook (62, 63, 72 economies; current or constant prices)",
                )
            found[int(told)] = (name, sheet)
    return found


def recognises(archive: Archive) -> bool:
    """Return whether a workbook named ADB MRIO is there."""
    found = [name for name in archive.names if NAME.search(name)]
    return bool(found) and is_workbook(archive, found[0])


def years(archive: Archive) -> tuple[int, ...]:
    """Return the years, by sheet name or file name."""
    return tuple(sorted(_tables(archive)))


def read(archive: Archive, year: int | None = None, *, sectors: str = "number") -> MRIO:
    """Read one year.

    Parameters
    ----------
    archive : Archive
    year : int, optional
        Needed where there are several.
    sectors : str
        Labels of sectors and final demand: ``"number"`` (c1, F1) or ``"name"``.
    """
    tables = _tables(archive)
    year = chosen_year(archive, sorted(tables), year)
    name, sheet = tables[year]
    table = read_sheet(archive, name, sheet, FORM, sectors=sectors)
    title = " ".join(table.title)
    told = {t for first in table.title[:2] for t in YEAR.findall(first)}
    if told and str(year) not in told:
        raise DataFileError(
            f"the table is named for {year} and its title says {', '.join(sorted(told))}",
            where=f"{archive.path}: {name}, sheet {sheet}",
            do="restore the file's own name, or fetch it again",
        )
    index = table.planned.index
    notes = [*table.notes, *table.rest.notes]
    if "constant" in title.casefold():
        notes.append(Note(f"in constant prices, as the title says: {title}"))
    edition = f"{len(index.regions)} economies"
    return finish(
        regions=index.regions, sectors=index.sectors, categories=table.planned.categories,
        Z=table.rows.Z, Y=table.rows.Y, x=table.x, value_added=table.rest.value_added,
        value_added_rows=table.rest.value_added_rows, money_unit="million USD", year=year,
        provenance=Provenance(
            f"adb-mrio-{year}", f"{edition}, {name.rpartition('/')[2]}", sources=(SOURCE,)
        ),
        other_inputs=table.rest.other_inputs, other_uses=table.rest.other_uses,
        table_type="industry-by-industry", price_basis="basic", notes=notes,
    )  # fmt: skip


READER = Reader(
    name="adb-mrio",
    title="ADB Multi-Regional Input-Output tables",
    source=SOURCE,
    references=(
        "BallavBabu/adb-mrio-current-panel 6bef46dd5d003bb34a3c104354367f7b890582de"
        " scripts/01_build_panel_current.R",
        "it-is-me-mario/MARIO 76c790a94a0db3eea5263bb0d67e448ce13aafb9 tests/test_adb_parser.py",
    ),
    recognises=recognises,
    years=years,
    read=read,
    options=("sectors",),
)
