"""OECD Inter-Country Input-Output tables (ICIO), editions 2016 to 2025, regular and extended.

One csv for each year, mostly several years in one zip: ``2020_SML.csv`` (regular) and
``2020.csv`` (extended) of the 2023 and 2025 editions, ``ICIO2021_2018.csv`` of older ones. The
header's first cell is ``V1``, empty or quoted; labels are ``AUS_A01_02``; the last row and the
last column are totals named OUT, OUTPUT or TOTAL. Which table it is follows from the labels.

What goes where
    Z, Y         industries; HFCE, NPISH, GGFC, GFCF, INVNT, and direct purchases abroad by
                 residents (DPABR; DIRP, P33 before) as final demand categories of their own
    x            the column of totals as published
    value added  VA (VALU before)
    other inputs taxes less subsidies on products, TLS (one row for each country before 2021),
                 with what they take from final demand
    other uses   DISC, the discrepancy of the 2016 edition, and any column that is no region's
    totals       compared with our own sums; a difference is a TableWarning and a note

The extended table splits the industries of China into CN1, CN2 and those of Mexico into MX1,
MX2. They are regions of their own; CHN and MEX then have final demand only.
``split="merge"`` sums them into CHN and MEX, a named step of the provenance.

pymrio's parser (`pymrio.parse_oecd`, editions to 2023) is the oracle of the tests and not used:
it accepts file names of older editions only, always merges the split, fills empty cells with
zero, drops the totals unseen, and reads a 4,050-sector file with a peak of 2.3 times the
finished table, ours of 1.2 times and no slower.
"""

from __future__ import annotations

import re

from mriocarbon.errors import InputError, NotAvailableError, listed
from mriocarbon.io.archive import Archive
from mriocarbon.io.numbers import layout
from mriocarbon.io.readers.base import Reader, chosen_year, csv_by_year, finish
from mriocarbon.io.readers.square import Role, plan, sort_rest, stream
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.table import MRIO

SOURCE = Source(
    "OECD Inter-Country Input-Output tables",
    citation="OECD, Inter-Country Input-Output tables (ICIO)",
    licence="OECD terms and conditions: reuse for any purpose with credit",
    url="https://www.oecd.org/en/data/datasets/inter-country-input-output-tables.html",
)
CATEGORIES = (
    "HFCE", "NPISH", "NPS", "GGFC", "GFCF", "INVNT", "INV", "DPABR", "DIRP", "P33", "NONRES",
    "CONS_NONRES", "FD",
)  # fmt: skip
TOTALS = ("OUT", "OUTPUT", "TOTAL")
SPLIT = re.compile(r"(CN|MX)\d$")
WHOLE = {"CN": "CHN", "MX": "MEX"}
# Economies (the rest of the world among them) and industries of the regular table.
EDITIONS = {
    (81, 50): "2025", (77, 45): "2023", (67, 45): "2021", (65, 36): "2018", (64, 34): "2016",
}  # fmt: skip
NAME = re.compile(
    r"(?:^|/)(?:ICIO(?P<edition>20\d\d)_|data_)?(?P<year>(?:19|20)\d\d)(?:[_.](?:SML|EXT))?\.csv$",
    re.IGNORECASE,
)


def role(label: str) -> Role:
    """Return what a row or column label stands for.

    Examples
    --------
    >>> role("AUS_A01_02"), role("AUS_HFCE").kind, role("TLS").kind
    (Role(kind='industry', region='AUS', code='A01_02'), 'demand', 'other')
    """
    if label in TOTALS:
        return Role("total")
    if label in ("VA", "VALU"):
        return Role("value added")
    first, _, rest = label.partition("_")
    if rest in CATEGORIES:
        return Role("demand", first, rest)
    if first in CATEGORIES and re.fullmatch(r"[A-Z]{3}", rest):  # the order of the 2016 edition
        return Role("demand", rest, first)
    if (
        rest
        and not rest.startswith(("TAX", "TLS", "VA+"))
        and re.fullmatch(r"[A-Z][A-Z\d]{2}", first)
    ):
        return Role("industry", first, rest)
    return Role("other")


def _header(archive: Archive, name: str) -> str:
    lines = archive.head(name, 1 << 17).splitlines()
    return lines[0].decode("latin-1").replace('"', "") if lines else ""


def _fits(archive: Archive, name: str) -> bool:
    header = _header(archive, name)
    return bool(
        re.search(r"[,;\t](?:[A-Z][A-Z\d]{2}_HFCE|HFCE_[A-Z]{3})(?:[,;\t]|$)", header)
        and re.match(r"(?:\xef\xbb\xbf)?(?:V1)?[,;\t][A-Z][A-Z\d]{2}_", header)
    )


def recognises(archive: Archive) -> bool:
    """Whether a csv of the archive has the header of an ICIO table."""
    return any(_fits(archive, name) for name in archive.find(r"\.csv$")[:60])


def years(archive: Archive) -> tuple[int, ...]:
    """Return the years of the tables in the archive, as the file names give them."""
    return tuple(sorted(csv_by_year(archive, NAME, _fits)))


def _extended(archive: Archive, name: str) -> bool:
    return bool(re.search(r"[,;\t](CN|MX)\d_", _header(archive, name)))


def _member(archive: Archive, year: int | None, extended: bool | None) -> tuple[str, int | None]:
    found = csv_by_year(archive, NAME, _fits)
    loose = [name for name in archive.find(r"\.csv$") if _fits(archive, name)]
    if not found and len(loose) == 1:  # renamed by its user: the year is theirs to say
        return loose[0], year
    chosen = chosen_year(archive, sorted(found), year)
    names = found[chosen]
    if extended is not None:
        names = [name for name in names if _extended(archive, name) == extended]
    if len(names) == 1:
        return names[0], chosen
    if not names:
        raise NotAvailableError(
            f"no {'extended' if extended else 'regular'} table of {chosen}",
            where=f"{archive.path} (holds {listed(found[chosen])})",
            do="leave extended= out, or use the other archive of this edition",
        )
    raise NotAvailableError(
        f"{len(names)} tables of {chosen}: {listed(names)}",
        where=str(archive.path),
        do="say which: extended=True or extended=False (on the command line: unpack them and"
        " name the file)",
    )


def read(
    archive: Archive,
    year: int | None = None,
    *,
    split: str = "keep",
    extended: bool | None = None,
    decimal: str | None = None,
) -> MRIO:
    """Read one year.

    Parameters
    ----------
    archive : Archive
    year : int, optional
        Needed where the archive holds several.
    split : str
        Of an extended table: ``"keep"`` the parts of China and Mexico as regions of their own,
        or ``"merge"`` them into CHN and MEX.
    extended : bool, optional
        Needed where the archive holds the regular and the extended table of a year.
    decimal : str, optional
        ``"."`` or ``","``, where a file was saved anew and its first rows leave it open.

    Returns
    -------
    MRIO
        In million USD, current prices.

    Raises
    ------
    InputError
        A cell, row or column is not what the layout says.
    NotAvailableError
        The year, or the kind of table, is not there or not named.
    """
    if split not in ("keep", "merge"):
        raise InputError(
            f"unknown split {split!r}", where="split", do='choose split="keep" or split="merge"'
        )
    name, told_year = _member(archive, year, extended)
    form = layout(archive, name, decimal=decimal)
    where = f"{archive.path}: {name}"
    labels = [label for (label,) in form.columns]

    def merge(region: str) -> str:
        if split == "merge" and SPLIT.match(region):
            return WHOLE[region[:2]]
        return region

    parts = sorted({r for r in (role(k).region for k in labels) if SPLIT.match(r)})
    wholes = {WHOLE[part[:2]] for part in parts}
    planned = plan(labels, role, where, merge=merge, partial=lambda r: r in wholes or r in parts)
    rows = stream(archive, name, form, planned, role, merge=merge)
    x = next(iter(rows.totals.values()), None)
    if x is None:
        x = rows.Z.sum(axis=1) + rows.Y.sum(axis=1) + sum(rows.others.values(), 0.0)
    rest = sort_rest(rows, role, x, planned)
    edition = _edition(archive, name, planned.index.regions, len(planned.index.sectors))
    provenance = Provenance(
        f"oecd-icio-{told_year}" if told_year else "oecd-icio", edition, sources=(SOURCE,)
    )
    notes = [*rest.notes]
    if parts and split == "keep":
        notes.append(
            Note(
                f"{', '.join(parts)} are parts of {' and '.join(sorted(wholes))}: they have"
                " industries only, and the whole has final demand only, as published"
            )
        )
    elif parts:
        for whole in sorted(wholes):
            own = [part for part in parts if WHOLE[part[:2]] == whole]
            provenance = provenance.after(f"{' + '.join(own)} summed to {whole}")
    return finish(
        regions=planned.index.regions,
        sectors=planned.index.sectors,
        categories=planned.categories,
        Z=rows.Z,
        Y=rows.Y,
        x=x,
        value_added=rest.value_added,
        value_added_rows=rest.value_added_rows,
        money_unit="million USD",
        year=told_year,
        provenance=provenance,
        other_inputs=rest.other_inputs,
        other_uses=rest.other_uses,
        table_type="industry-by-industry",
        price_basis="basic",
        notes=notes,
    )


def _edition(archive: Archive, name: str, regions: tuple[str, ...], sectors: int) -> str:
    for text in (name, archive.path.name):
        if match := re.search(r"ICIO[-_]?(20\d\d)_", text, re.IGNORECASE):
            return match[1]
    economies = {r for r in regions if not SPLIT.match(r)}
    return EDITIONS.get((len(economies), sectors), "")


READER = Reader(
    "oecd-icio",
    "OECD Inter-Country Input-Output tables",
    SOURCE,
    (
        "IndEcol/pymrio d72528d4b6efc5cccb11d8c438e6101d2e92343d"
        " tests/mock_mrios/oecd_mock/ICIO2018_2010.CSV and ICIO2016_2003.csv",
        "jalonso1979/puremacro cd3a806c6d4feec1b5ed78a9181ed80a2f0e51eb"
        " puremacro/trade/_oecd_icio.py (2023 edition: rows TLS, VA, OUT; column OUT)",
        "cran/exvatools cae0a2d1cb967be3ba8cf7475ec4df3cf51b62bd R/extract_icio.R"
        " (regions MX1 to CN2 of the extended tables; member names)",
    ),
    recognises,
    years,
    read,
    ("split", "extended", "decimal"),
)
