"""GLORIA as published: a multi-regional supply-use system, made symmetric on the way in.

Layout (comma-separated, bare numbers): ``<date>_120secMother_AllCountries_002_T-Results_<year>_
<edition>_Markup001(full).csv``, likewise ``Y-``, ``V-`` and, in a zip of their own, the
satellites ``TQ-`` and ``YQ-``; the labels lie in ``GLORIA_ReadMe_<edition>.xlsx`` (sheets
Regions, Sectors, Value added and final demand, Satellites, Valuations). T is ordered region by
region: industries, then products; it holds supply V (industry row, product column, within a
region) and use U (product row, industry column). 1,000 USD, current prices, Markup001 basic.

What is made of it. The 39,360 x 39,360 system (12.4 GB) is never held: U (19,680 square, 3.1 GB)
is filled block by block, and the supply blocks of each region, s x s, are kept beside it. With
q the output of products and g that of industries,

- ``model="D"`` (default), fixed product sales structure, industry by industry:
  ``Z = V q^-1 U``, ``Y_i = V q^-1 Y``, ``x = g``;
- ``model="B"``, industry technology, product by product: ``Z = U g^-1 V``, ``x = q``, and value
  added and satellites times ``g^-1 V``.

In the published editions V is diagonal, and both give the same numbers. A product that nobody
supplies is given to the industry of its own name, and a note says so. `supply_use` returns the
system as it is.

Other valuations (Markup002 ff.: margins, taxes, subsidies; the ReadMe names them) are what
users pay on top of basic prices: they are summed over products and are rows of
`MRIO.other_inputs`, where their files are there. A markup that the ReadMe names a price (such
as purchasers') is the same table once more: it is not summed but named in the steps.

How it is read. pymrio parses the layout (`pymrio.parse_gloria`), but holds the whole system,
drops empty countries and reads one valuation; on 164 regions x 40 sectors with 300 satellites
(395 MiB) its peak is 9.7 times the finished table, above the 1.6 allowed here; this module's is
1.1 (tests/io/readers/measure_peak.py). So the files are streamed, and pymrio is the oracle of
the tests. pymrio takes Markup005 for purchasers' prices, others for subsidies on products; here
the ReadMe's own sheet Valuations decides.

A T file as wide as regions x sectors is taken as constructed already (UNVERIFIED against a
public file: no parser of such an edition was found).

References
----------
Lenzen, M. et al. (2022), Implementing the material footprint, Nature Sustainability 5, 157-166.
Eurostat (2008), Manual of Supply, Use and Input-Output Tables, ch. 11 (models A to D).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import (
    DataFileError,
    InputError,
    NotAvailableError,
    UnknownNameError,
    listed,
)
from mriocarbon.io.archive import Archive
from mriocarbon.io.numbers import room
from mriocarbon.io.readers.base import Reader, chosen_year, finish
from mriocarbon.io.readers.gloria_labels import Labels, read_labels
from mriocarbon.io.readers.positional import Place, chosen, stream
from mriocarbon.model.extension import Extension
from mriocarbon.model.labels import SectorIndex
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.side import Side
from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]

SOURCE = Source(
    "GLORIA",
    citation="Lenzen, M. et al. (2022), Implementing the material footprint to measure progress"
    " towards Sustainable Development Goals 8 and 12, Nature Sustainability 5, 157-166; Lenzen,"
    " M. et al. (2017), The Global MRIO Lab, Econ. Systems Research 29(2), 158-186",
    licence="non-commercial use; other use needs a licence of the producer",
    url="https://ielab.info/labs/ielab-gloria",
)
MEMBER = re.compile(
    r"_120secMother_AllCountries_\d+_(TQ|YQ|T|Y|V)-Results_(\d{4})_(\d+[a-z]?)_Markup(\d{3})"
    r"\(full\)\.csv$",
    re.IGNORECASE,
)
DATED = re.compile(r"_(\d{4})(\.zip)?$", re.IGNORECASE)  # GLORIA_MRIOs_59_2020.zip
ZIPPED = re.compile(r"(^|/)GLORIA_MRIOs_(\d+[a-z]?)_(\d{4})\.zip$", re.IGNORECASE)
UNIT = "thousand USD"


@dataclass(frozen=True, eq=False)
class SupplyUse:
    """The supply-use system of GLORIA, R regions of s industries and s products, n = R s.

    Attributes
    ----------
    index : SectorIndex
        Of industries and of products alike: they bear the same names.
    V : ndarray, shape (R, s, s)
        Supply within each region, industry x product, in 1,000 USD.
    U : ndarray, shape (n, n)
        Use, product x industry.
    Y : ndarray, shape (n, columns)
        Final demand, by product.
    value_added : ndarray, shape (rows, n)
        By industry.
    satellites : tuple of Extension
        `F` by industry.

    Examples
    --------
    One region; its first industry also makes a tenth of the second product.

    >>> index = SectorIndex(("A",), ("1", "2"))
    >>> V = np.array([[[8.0, 1.0], [0.0, 9.0]]])
    >>> system = SupplyUse(index, V, np.ones((2, 2)), np.ones((2, 1)), np.ones((1, 2)), ())
    >>> system.industry_output, system.product_output
    (array([9., 9.]), array([ 8., 10.]))
    """

    index: SectorIndex
    V: Array
    U: Array
    Y: Array
    value_added: Array
    satellites: tuple[Extension, ...]

    @property
    def industry_output(self) -> Array:
        """Output g of industries, shape (n,)."""
        return np.asarray(self.V.sum(axis=2).ravel())

    @property
    def product_output(self) -> Array:
        """Output q of products, shape (n,)."""
        return np.asarray(self.V.sum(axis=1).ravel())


@dataclass(frozen=True)
class _Files:
    """Where the files of one year lie, by (kind, markup)."""

    year: int
    edition: str
    place: dict[tuple[str, int], Place]
    homes: tuple[Archive, ...]


def _homes(archive: Archive, year: int) -> list[Archive]:
    """Return the archive, the zips in it, and GLORIA's zips and folders beside it, of a year."""

    def fits(name: str) -> bool:
        told = DATED.search(name)
        return told is None or int(told[1]) == year

    path, homes = archive.path, [archive]
    if path.is_dir():
        homes += [
            Archive(path / name, archive.progress)
            for name in archive.names
            if name.lower().endswith(".zip") and "gloria" in name.lower() and fits(name)
        ]
        near = path.parent if path.name.upper().startswith("GLORIA_") else None
    else:
        near = path.parent
    if near is not None:
        for other in sorted(near.glob("GLORIA_*")):
            if (
                other != path
                and fits(other.name)
                and (other.is_dir() or other.suffix.lower() in {".zip", ".xlsx"})
            ):
                homes.append(Archive(other, archive.progress))
    return homes


def _found(homes: Sequence[Archive]) -> dict[tuple[int, str], dict[tuple[str, int], Place]]:
    found: dict[tuple[int, str], dict[tuple[str, int], Place]] = {}
    for home in homes:
        for name in home.names:
            if told := MEMBER.search(name):
                files = found.setdefault((int(told[2]), told[3].lower()), {})
                files.setdefault((told[1].upper(), int(told[4])), Place(home, name))
    return found


def recognises(archive: Archive) -> bool:
    """Return whether it holds a transactions file by its official name, or GLORIA's zip."""
    if any(ZIPPED.search(name) for name in archive.names):
        return True
    told = (MEMBER.search(name) for name in archive.names)
    return any(t is not None and t[1].upper() == "T" for t in told)


def years(archive: Archive) -> tuple[int, ...]:
    """Return the years of the transactions files in it, not of those beside it."""
    inner = {int(t[3]) for name in archive.names if (t := ZIPPED.search(name))}
    own = {y for (y, _), files in _found([archive]).items() if any(k == "T" for k, _ in files)}
    return tuple(sorted(inner | own))


def _files(archive: Archive, year: int | None) -> _Files:
    year = chosen_year(archive, years(archive), year)
    homes = _homes(archive, year)
    found = {e: files for (y, e), files in _found(homes).items() if y == year}
    have = sorted(e for e, files in found.items() if ("T", 1) in files)
    if len(have) > 1:
        raise NotAvailableError(
            f"several editions of {year}: {listed(have)}",
            where=str(archive.path),
            do="name the zip or the folder of one edition",
        )
    if not have:
        raise DataFileError(
            f"the T-Results of {year} in basic prices (Markup001) are missing",
            where=f"{archive.path} (holds {listed(archive.names, 8)})",
            do="use GLORIA_MRIOs_<edition>_<year>.zip as published",
        )
    return _Files(year, have[0], found[have[0]], tuple(homes))


def supply_use(
    archive: Archive,
    year: int | None = None,
    *,
    satellites: Sequence[str] | None = None,
    labels: str | Path | None = None,
) -> SupplyUse:
    """Return the system as published; parameters as of `read`."""
    files = _files(archive, year)
    told = read_labels(files.homes, files.edition, labels)
    room(told.n * told.n, str(archive.path))
    system, _ = _system(files, told, satellites)
    return system


def read(
    archive: Archive,
    year: int | None = None,
    *,
    model: str = "D",
    satellites: Sequence[str] | None = None,
    labels: str | Path | None = None,
) -> MRIO:
    """Return a GLORIA table, made symmetric.

    Parameters
    ----------
    archive : Archive
        The zip, its folder, or a folder with all zips and the ReadMe.
    year : int, optional
        Needed where several lie there.
    model : {"D", "B"}
        Industry by industry with fixed product sales, or product by product with industry
        technology. Of no effect where the table is constructed already.
    satellites : sequence of str, optional
        Head indicators to read; all by default.
    labels : path, optional
        The ReadMe, where it lies elsewhere.

    Returns
    -------
    MRIO
        In 1,000 USD, basic prices.

    Raises
    ------
    DataFileError, InputError, ShapeError, NotAvailableError
    """
    if model not in {"B", "D"}:
        raise UnknownNameError.of("model", model, ["B", "D"])
    files = _files(archive, year)
    told = read_labels(files.homes, files.edition, labels)
    room(told.n * told.n, str(archive.path))
    T = _need(files, "T")
    with T.archive.open(T.name) as file:
        width = file.readline().count(b",") + 1
    notes: list[Note] = []
    steps: list[str] = []
    technology: Array | None = None
    if width == told.n:
        table_type = ""
        notes.append(Note("the table came constructed; its file does not say by which model"))
        Z = np.empty((told.n, told.n))
        for row, values in stream(T, Z.shape, separator=","):
            Z[row : row + len(values)] = values
        Y = _demand(_need(files, "Y"), told, told.n)
        VA, extensions = _inputs(files, told, satellites, told.n, notes)
        x = Z.sum(axis=1) + Y.sum(axis=1)
        steps.append("x = Z 1 + Y 1, for GLORIA gives no x")
    else:
        system, remarks = _system(files, told, satellites)
        notes += remarks
        extensions, VA = list(system.satellites), system.value_added
        Z, Y = system.U, system.Y
        gap = Z.sum(axis=1) + Y.sum(axis=1) - system.product_output
        worst = int(np.abs(gap).argmax())
        if abs(gap[worst]) > 1e-5 * max(system.product_output[worst], system.V.mean()):
            notes.append(Note(
                f"use and supply of products differ by up to {abs(gap[worst]):.6g} {UNIT}"
                f" ({system.index.name(worst)}; {np.abs(gap).sum():.6g} in all), as published"
            ))  # fmt: skip
        if model == "D":
            x, table_type = system.industry_output, "industry-by-industry"
            share = _sales(system, notes)
            _rows_times(share, Z)
            _rows_times(share, Y)
            steps.append("Z = V q^-1 U and Y = V q^-1 Y: model D, fixed product sales structure")
        else:
            x, table_type = system.product_output, "product-by-product"
            technology = _technology(system)
            for array in (Z, VA, *(e.F for e in extensions)):
                array.setflags(write=True)
                _columns_times(array, technology)
            steps.append("Z = U g^-1 V, inputs and satellites times g^-1 V: model B, industry"
                         " technology")  # fmt: skip
    other_inputs = _valuations(files, told, width, technology, notes, steps)
    _gap(told, Z, x, VA, other_inputs, notes)
    unread = [str(p) for (k, m), p in files.place.items() if m != 1 and k not in {"T", "Y"}]
    if unread:
        steps.append(f"not read, valuations of inputs and satellites: {listed(unread, 20)}")
    return finish(
        regions=told.regions, sectors=told.sectors, categories=told.categories, Z=Z, Y=Y, x=x,
        value_added=VA, value_added_rows=told.primary, extensions=extensions, money_unit=UNIT,
        year=files.year, other_inputs=other_inputs, table_type=table_type, price_basis="basic",
        notes=notes,
        provenance=Provenance(
            f"gloria-{files.year}", files.edition, sources=(SOURCE,), steps=tuple(steps)
        ),
    )  # fmt: skip


def _need(files: _Files, kind: str) -> Place:
    if (kind, 1) not in files.place:
        raise DataFileError(
            f"the {kind}-Results of {files.year}, edition {files.edition}, Markup001 are missing",
            where=listed([str(home.path) for home in files.homes]),
            do="put the zips of the table and of the satellites into one folder, as published",
        )
    return files.place[kind, 1]


def _system(
    files: _Files, told: Labels, satellites: Sequence[str] | None
) -> tuple[SupplyUse, list[Note]]:
    """Return the system and remarks on it; T is parted while it streams."""
    R, s, n = len(told.regions), len(told.sectors), told.n
    V, U = np.zeros((R, s, s)), np.empty((n, n))
    place = _need(files, "T")
    for first, values in stream(place, (2 * n, 2 * n), separator=","):
        row, stop = first, first + len(values)
        while row < stop:
            part = row // s  # industries of a region, then its products
            end = min(stop, (part + 1) * s)
            block = values[row - first : end - first].reshape(end - row, R, 2, s)
            region, within = part // 2, slice(row - part * s, end - part * s)
            if part % 2:
                at = region * s + within.start
                U[at : at + end - row].reshape(end - row, R, s)[:] = block[:, :, 0]
                _empty(
                    place,
                    np.asarray((block[:, :, 1] != 0).any(axis=2)),
                    row,
                    "products in products",
                    told,
                )
            else:
                V[region, within] = block[:, region, 1]
                busy = np.asarray((block != 0).any(axis=3))
                busy[:, region, 1] = False
                _empty(place, busy, row, "industries, but for supply in their region", told)
            row = end
    notes: list[Note] = []
    Y = _demand(_need(files, "Y"), told, 2 * n)
    VA, extensions = _inputs(files, told, satellites, 2 * n, notes)
    return SupplyUse(told.index, V, U, Y, VA, tuple(extensions)), notes


def _empty(place: Place, busy: NDArray[np.bool_], row: int, what: str, told: Labels) -> None:
    """Refuse numbers where the layout has none: they would be lost."""
    if busy.any():
        at = int(np.flatnonzero(busy.reshape(len(busy), -1).any(axis=1))[0]) + row
        s = len(told.sectors)
        label = f"{told.regions[at // (2 * s)]} {told.sectors[at % s]}"
        raise InputError(
            f"numbers where the supply-use layout has none ({what})",
            where=f"{place}, row {at + 1} ({label})",
            do="check that the ReadMe is of this edition (order of regions and sectors)",
        )


def _demand(place: Place, told: Labels, length: int) -> Array:
    """Return final demand by product; rows of industries must be empty."""
    s, columns = len(told.sectors), len(told.regions) * len(told.categories)
    Y = np.empty((told.n, columns))
    for first, values in stream(place, (length, columns), separator=","):
        at = first + np.arange(len(values))
        if length == told.n:
            Y[at] = values
            continue
        product = (at // s) % 2 == 1
        Y[(at // (2 * s) * s + at % s)[product]] = values[product]
        for k in np.flatnonzero(~product):
            busy = values[k : k + 1] != 0
            _empty(place, busy, first + int(k), "final demand of industries", told)
    return Y


def _industry_columns(place: Place, told: Labels, values: Array, width: int, first: int) -> Array:
    if width == told.n:
        return values
    R, s = len(told.regions), len(told.sectors)
    block = values.reshape(len(values), R, 2, s)
    if block[:, :, 1].any():
        at = int(np.flatnonzero(block[:, :, 1].any(axis=(1, 2)))[0]) + first
        raise InputError(
            "numbers in columns of products, where the supply-use layout has none",
            where=f"{place}, row {at + 1}",
            do="check that the ReadMe is of this edition",
        )
    return block[:, :, 0].reshape(len(values), told.n)


def _inputs(
    files: _Files, told: Labels, want: Sequence[str] | None, width: int, notes: list[Note]
) -> tuple[Array, list[Extension]]:
    """Return value added by industry, summed over where it is paid to, and the satellites."""
    place, kinds, s = _need(files, "V"), len(told.primary), len(told.sectors)
    VA, abroad = np.zeros((kinds, told.n)), 0.0
    rows = len(told.regions) * kinds
    for first, values in stream(place, (rows, width), separator=","):
        own = _industry_columns(place, told, values, width, first)
        for k, line in enumerate(own):
            region, kind = divmod(first + k, kinds)
            VA[kind] += line
            here = slice(region * s, (region + 1) * s)
            abroad += float(np.abs(line[: here.start]).sum() + np.abs(line[here.stop :]).sum())
    if abroad:
        notes.append(Note(
            f"value added of {abroad:.6g} {UNIT} is paid to another region than the industry's; it"
            " is booked with the industry"
        ))  # fmt: skip
    heads = chosen(told.heads, want, "satellite")
    if not heads:
        return VA, []
    Q, QY = _need(files, "TQ"), _need(files, "YQ")
    at = {h: np.flatnonzero([head == h for head in told.head_of]) for h in heads}
    F = {h: np.empty((len(rows_), told.n)) for h, rows_ in at.items()}
    columns = len(told.regions) * len(told.categories)
    F_Y = {h: np.empty((len(rows_), columns)) for h, rows_ in at.items()}
    total = len(told.head_of)
    row_of = np.empty(total, dtype=np.intp)
    for rows_ in at.values():
        row_of[rows_] = np.arange(len(rows_))
    for place, out, across in ((Q, F, width), (QY, F_Y, columns)):
        for first, values in stream(place, (total, across), separator=","):
            for k in range(len(values)):
                head = told.head_of[first + k]
                if head in out:
                    line = values[k : k + 1]
                    if out is F:
                        line = _industry_columns(place, told, line, width, first + k)
                    out[head][row_of[first + k]] = line[0]
    return VA, [
        Extension(
            h,
            tuple(told.stressors[k] for k in at[h]),
            F[h],
            tuple(told.units[k] for k in at[h]),
            F_Y[h],
        )
        for h in heads
    ]


def _sales(system: SupplyUse, notes: list[Note]) -> Array:
    """Return V q^-1 by region, (R, s, s); a product without supply goes to its own industry."""
    q = system.V.sum(axis=1)
    none = q == 0
    share = system.V / np.where(none, 1.0, q)[:, None, :]
    r, p = np.nonzero(none)
    share[r, p, p] = 1.0
    uses = system.U.any(axis=1) | system.Y.any(axis=1)
    lost = np.flatnonzero(none.ravel() & uses)
    if len(lost):
        names = listed([system.index.name(int(k)) for k in lost])
        notes.append(Note(
            f"{len(lost)} products are used and not supplied; their sales are booked with the"
            f" industry of the same name: {names}"
        ))  # fmt: skip
    return np.asarray(share)


def _technology(system: SupplyUse) -> Array:
    """Return g^-1 V by region, (R, s, s); an industry without output keeps its own inputs."""
    g = system.V.sum(axis=2)
    share = system.V / np.where(g == 0, 1.0, g)[:, :, None]
    r, i = np.nonzero(g == 0)
    share[r, i, i] = 1.0
    return np.asarray(share)


def _rows_times(share: Array, array: Array) -> None:
    s = share.shape[1]
    for r, block in enumerate(share):
        if not _is_unit(block):
            array[r * s : (r + 1) * s] = block @ array[r * s : (r + 1) * s]


def _columns_times(array: Array, share: Array) -> None:
    s = share.shape[1]
    for r, block in enumerate(share):
        if not _is_unit(block):
            array[:, r * s : (r + 1) * s] = array[:, r * s : (r + 1) * s] @ block


def _is_unit(block: Array) -> bool:
    """Whether it changes nothing, as with the published diagonal supply."""
    return bool((block == np.eye(len(block))).all())


def _valuations(
    files: _Files,
    told: Labels,
    width: int,
    technology: Array | None,
    notes: list[Note],
    steps: list[str],
) -> Side | None:
    """Return margins and taxes by buyer, one row for each valuation at hand."""
    columns = len(told.regions) * len(told.categories)
    labels, rows, demand = [], [], []
    for markup in sorted({m for k, m in files.place if k == "T" and m != 1}):
        name = told.valuations.get(markup, f"Markup{markup:03d}")
        if not re.search(r"margin|tax|subsid|trade|transport", name, re.IGNORECASE):
            steps.append(f"not read, the same table in another valuation: {name}")
            continue
        place = files.place["T", markup]
        total = np.zeros(width)
        for _, values in stream(place, (width, width), separator=","):
            total += values.sum(axis=0)
        row = _industry_columns(place, told, total[None, :], width, 0)[0]
        labels.append(name)
        rows.append(row)
        paid = np.zeros(columns)
        if ("Y", markup) not in files.place:
            raise DataFileError(
                f"the Y-Results of Markup{markup:03d} ({name}) are missing, its T-Results are not",
                where=listed([str(home.path) for home in files.homes]),
                do="put both into one folder",
            )
        for _, values in stream(files.place["Y", markup], (width, columns), separator=","):
            paid += values.sum(axis=0)
        demand.append(paid)
    if not labels:
        notes.append(Note(
            "taxes on products and margins are not among the files read (other valuations)"
        ))  # fmt: skip
        return None
    values = np.array(rows)
    if technology is not None:
        _columns_times(values, technology)
    return Side(tuple(labels), values, np.array(demand))


def _gap(
    told: Labels, Z: Array, x: Array, VA: Array, other: Side | None, notes: list[Note]
) -> None:
    gap = x - Z.sum(axis=0) - VA.sum(axis=0)
    if other is not None:
        gap = gap - other.total
    worst = int(np.abs(gap).argmax())
    if abs(gap[worst]) > 1e-5 * max(float(x[worst]), float(x.mean())):
        notes.append(Note(
            f"inputs and value added differ from output by up to {abs(gap[worst]):.6g} {UNIT}"
            f" ({told.index.name(worst)}; {np.abs(gap).sum():.6g} in all), as published"
        ))  # fmt: skip


READER = Reader(
    name="gloria",
    title="GLORIA",
    source=SOURCE,
    references=(
        "IndEcol/pymrio, pymrio/tools/ioparser.py, parse_gloria_sut (release 0.7)",
        "IndEcol/pymrio, tests/mock_mrios/gloria_mock/GLORIA_MRIOs_59_2022/0_120secMother_"
        "AllCountries_002_T-Results_2022_059_Markup001(full).csv, commit"
        " d8909f124eba489568cd94cd0c2c8d2dbc2ef7f7",
    ),
    recognises=recognises,
    years=years,
    read=read,
    options=("model", "satellites", "labels"),
)
