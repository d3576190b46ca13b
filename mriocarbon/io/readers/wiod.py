"""World Input-Output Database: release 2013 (xlsx, 41 x 35) and 2016 (xlsb, 44 x 56).

One workbook for each year: ``wiot95_row_apr12.xlsx`` and ``WIOT2014_Nov16_ROW.xlsb``. Above the
numbers stand codes (``AtB``; ``A01``), names, regions and column numbers (``c1``), left of them
the same; see `mriocarbon.io.readers.workbook`.

What goes where
    Z, Y         industries; five categories of final demand
    x            the last column, total output, as published
    value added  "Value added at basic prices" (r64; VA)
    other inputs taxes less subsidies on products, cif/fob adjustments, direct purchases abroad by
                 residents, purchases on the domestic territory by non-residents, international
                 transport margins, each with what it takes from final demand
    totals       "Total intermediate consumption" and "Output at basic prices" are compared with
                 our own sums; a difference is a TableWarning and a note

ROM, Romania in release 2013's early files, becomes ROU as in the later ones and in the accounts
(a step of the provenance).

``emissions=`` adds CO2 of the Joint Research Centre (Corsatea et al. 2019): ``CO2 emissions.xlsx``
with one sheet for each country, industries down and years across, in kt, ``FC_HH`` the
households; or a csv of country, year, sector, kt. A country without numbers, or with zeros only
(NLD in the 2013-sector version), is missing: its cells hold zero for want of a number, and a
note says so on every result. Households not given are unknown (NaN), not zero.

pymrio's parser (`pymrio.parse_wiod`, 2013 only) is the oracle of the tests and not used: on a
workbook of full size (1,435 sectors) it peaks at 8.9 times the finished table, above its imports,
takes seven times as long, drops the totals unseen and puts value added and taxes into one
extension. This reader peaks at 1.2 times (and at 1.1 for the 2,464 sectors of an xlsb);
python-calamine, which returns a whole sheet, at 9 times.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from mriocarbon.errors import DataFileError, InputError, LabelError, listed
from mriocarbon.io.archive import Archive
from mriocarbon.io.readers.base import Reader, chosen_year, finish
from mriocarbon.io.readers.workbook import Form, Table, read_sheet, text
from mriocarbon.io.sheets import is_workbook, rows, sheet_names
from mriocarbon.model.extension import Extension
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.table import MRIO

SOURCE = Source(
    "World Input-Output Database",
    citation="Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International"
    " Economics 23: 575-605",
    licence="CC BY 4.0",
    url="https://www.rug.nl/ggdc/valuechain/wiod/",
)
JRC = Source(
    "JRC air emission accounts for WIOD 2016",
    citation="Corsatea et al. (2019), World Input-Output Database Environmental Accounts,"
    " Publications Office of the European Union, doi:10.2791/947252",
    licence="CC BY 4.0",
)
NAME = re.compile(
    r"(?:^|/)wiot(?:(?P<long>(?:19|20)\d\d)_[a-z]+16_row\.xls[bx]"
    r"|(?P<short>\d\d)_row_[a-z]+\d\d\.xlsx)$",
    re.IGNORECASE,
)
DEMAND_2016 = ("CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN")
DEMAND_2013 = ("c37", "c38", "c39", "c41", "c42")
HOUSEHOLDS = ("FC_HH", "HH", "c37")


def _rou(region: str) -> str:
    return "ROU" if region == "ROM" else region


RELEASE_2013 = Form(
    coded=True,
    by_code=False,
    demand=lambda code, number: number in DEMAND_2013,
    rows={"r60": "intermediate", "r64": "value added", "r69": "total"},
    region=_rou,
)
RELEASE_2016 = Form(
    coded=True,
    by_code=True,
    demand=lambda code, number: code in DEMAND_2016,
    rows={
        "II_fob": "intermediate", "TXSP": "other", "EXP_adj": "other", "PURR": "other",
        "PURNR": "other", "VA": "value added", "IntTTM": "other", "GO": "total",
    },
)  # fmt: skip


def _files(archive: Archive) -> dict[int, str]:
    found: dict[int, str] = {}
    for name in archive.names:
        match = NAME.search(name)
        if match is None:
            continue
        year = int(match["long"] or (("19" if match["short"] > "50" else "20") + match["short"]))
        if year in found:
            raise DataFileError(
                f"the year {year} is there twice: {found[year]} and {name}",
                where=str(archive.path),
                do="keep one release and one version in this place",
            )
        found[year] = name
    return found


def recognises(archive: Archive) -> bool:
    """Return whether WIOD's workbooks are there."""
    found = [name for name in archive.names if NAME.search(name)]
    return bool(found) and is_workbook(archive, found[0])


def years(archive: Archive) -> tuple[int, ...]:
    """Return the years, by file name."""
    return tuple(sorted(_files(archive)))


def read(
    archive: Archive,
    year: int | None = None,
    *,
    emissions: str | Path | None = None,
    sectors: str = "code",
) -> MRIO:
    """Read one year.

    Parameters
    ----------
    archive : Archive
    year : int, optional
        Needed where there are several.
    emissions : path, optional
        The JRC's accounts, or a csv (may be gzipped) of country, year, sector, kt.
    sectors : str
        Labels of sectors: ``"code"`` (AtB, A01), ``"name"`` or ``"number"`` (c1).
    """
    files = _files(archive)
    year = chosen_year(archive, sorted(files), year)
    name = files[year]
    newer = "16_row" in name.casefold()
    sheet = next((s for s in sheet_names(archive, name) if s == str(year)), None)
    table = read_sheet(
        archive, name, sheet, RELEASE_2016 if newer else RELEASE_2013, sectors=sectors
    )
    told = {t for title in table.title[:2] for t in re.findall(r"\b(?:19|20)\d\d\b", title)}
    if told and str(year) not in told:
        raise DataFileError(
            f"the file is named for {year} and its title says {listed(sorted(told))}",
            where=f"{archive.path}: {name}",
            do="restore the file's own name, or fetch it again",
        )
    index = table.planned.index
    provenance = Provenance(
        f"wiod-{'2016' if newer else '2013'}-{year}", "2016" if newer else "2013", sources=(SOURCE,)
    )
    if table.renamed:
        provenance = provenance.after(f"region {', '.join(table.renamed)} renamed ROU")
    extensions = []
    if emissions is not None:
        extensions.append(_co2(Path(emissions), year, table))
        provenance = replace(provenance, sources=(SOURCE, JRC))
    return finish(
        regions=index.regions, sectors=index.sectors, categories=table.planned.categories,
        Z=table.rows.Z, Y=table.rows.Y, x=table.x, value_added=table.rest.value_added,
        value_added_rows=table.rest.value_added_rows, extensions=extensions,
        money_unit="million USD", year=year, provenance=provenance,
        other_inputs=table.rest.other_inputs, other_uses=table.rest.other_uses,
        table_type="industry-by-industry", price_basis="basic",
        notes=(*table.notes, *table.rest.notes),
    )  # fmt: skip


def _co2(path: Path, year: int, table: Table) -> Extension:
    """Return the CO2 account in kt; what is missing is named in a note."""
    index, categories = table.planned.index, table.planned.categories
    found = _accounts(path, year)
    R, S, C = len(index.regions), len(index.sectors), len(categories)
    at = {pair: k for k, pair in enumerate(index.pairs)}
    F, F_Y = np.zeros((1, R * S)), np.zeros((1, R * C))
    unknown: set[tuple[str, str]] = set()
    gone, silent = [], []
    for i, region in enumerate(index.regions):
        values = found.get(region.upper(), {})
        own = {k: v for k, v in values.items() if k not in HOUSEHOLDS}
        if not any(own.values()):
            gone.append(region)
        for key, value in own.items():
            place = at.get((region, table.sectors.get(key, key)))
            if place is None:
                unknown.add((region, key))
            else:
                F[0, place] = value
        households = next((values[h] for h in HOUSEHOLDS if h in values), None)
        if households is None:
            silent.append(region)
            F_Y[0, i * C : (i + 1) * C] = np.nan
        else:
            F_Y[0, i * C] = households
    if unknown:
        raise LabelError(
            f"{len(unknown)} rows of the accounts are no industry of the table: "
            + listed([" ".join(pair) for pair in sorted(unknown)]),
            where=str(path),
            do="use the accounts made for this release, or bring them to its sectors first",
        )
    if len(gone) == R:
        raise LabelError(
            f"no region of the table is in the accounts of {year}",
            where=f"{path} (has {listed(sorted(found))})",
            do="use the accounts of the same release and year",
        )
    notes = []
    if gone:
        notes.append(
            Note(
                f"CO2 of {', '.join(gone)} is missing in the accounts, not zero: results leave it"
                " out",
                about="CO2",
                estimated=True,
            )
        )
    if silent and len(silent) < R:
        notes.append(
            Note(f"CO2 of households is not given for {', '.join(silent)}", about="households")
        )
    return Extension(
        "CO2", ("CO2",), F, ("kt",), None if len(silent) == R else F_Y, notes=tuple(notes)
    )


def _accounts(path: Path, year: int) -> dict[str, dict[str, float]]:
    """Return kt by country (upper case) and industry of one year."""
    if not path.is_file():
        raise DataFileError("no such file", where=str(path), do="check emissions=")
    found: dict[str, dict[str, float]] = {}

    def put(country: str, sector: str, value: object, where: str) -> None:
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            number = np.nan
        if not np.isfinite(number):
            raise InputError(
                f"{value!r} is no number", where=f"{path}: {where}", do="correct the cell"
            )
        found.setdefault(country.upper(), {})[sector] = number

    if ".csv" in path.suffixes:
        try:
            raw = path.read_bytes()
            body = gzip.decompress(raw) if path.suffix == ".gz" else raw
            table = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
            lines = list(table)
        except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
            raise DataFileError(
                f"the accounts cannot be read: {error}", where=str(path), do="give a csv in UTF-8"
            ) from error
        if not {"country", "year", "sector", "kt"} <= set(table.fieldnames or ()):
            raise DataFileError(
                f"columns are {listed(list(table.fieldnames or ()))}",
                where=str(path),
                do="give country, year, sector, kt",
            )
        for line in lines:
            country, sector = line["country"], line["sector"]
            if line["year"] == str(year) and country is not None and sector is not None:
                put(country, sector, line["kt"], f"{country} {year}")
        return found
    archive = Archive(path)
    for sheet in sheet_names(archive, path.name):
        if not re.fullmatch(r"[A-Za-z]{3}", sheet):
            continue  # Notes, Sector, SectorAgr
        column = None
        with closing(rows(archive, path.name, sheet)) as source:
            for number, cells in source:
                if column is None:
                    told = [text(cell) for cell in cells]
                    column = told.index(str(year)) if str(year) in told else None
                elif cells and text(cells[0]) and len(cells) > column and cells[column] is not None:
                    put(sheet, text(cells[0]), cells[column], f"sheet {sheet}, row {number}")
    return found


READER = Reader(
    name="wiod",
    title="World Input-Output Database, releases 2013 and 2016",
    source=SOURCE,
    references=(
        "it-is-me-mario/MARIO 43bee93f6cd4beb5ea8c8f844994df5ae8363257 tests/test_wiod_parser.py",
        "pymrio 0.7.0 pymrio/tools/ioparser.py (parse_wiod)",
    ),
    recognises=recognises,
    years=years,
    read=read,
    options=("emissions", "sectors"),
)
