"""Eora26 as published: ``Eora26_2015_bp.zip``, its folder, with ``labels_*.txt``.

Layout (tab-separated, bare numbers): ``Eora26_<year>_<bp|pp>_T``, ``_FD``, ``_VA``, ``_Q`` and
``_QY.txt``; ``labels_T.txt`` and ``labels_FD.txt`` (country, code, entity, sector or category),
``labels_VA.txt`` and ``labels_Q.txt`` (group, item). Where the labels are not in the zip they
are looked for in ``indices.zip`` or ``indices/`` beside it. 1,000 USD, current prices.

The last row and column of T, ``ROW ... TOTAL``, is no region but the statistical discrepancy:
its column (and its final demand) goes to `MRIO.other_uses`, its row to `MRIO.other_inputs`, and
what stands where both meet, or in that column of VA, Q and QY, is told in notes. Output is the
sum of rows, discrepancies included; Eora does not balance by column, and a note says by how
much.

How it is read. pymrio parses this layout (`pymrio.parse_eora26`) and drops the discrepancies; on
a file of the real size (4,915 rows, 300 satellites: 241 MiB) its peak is 3.8 times the finished
table, above the 1.6 allowed here; this module's is 1.1 (tests/io/readers/measure_peak.py). So
the files are streamed, and pymrio is the oracle of the tests.

References
----------
Lenzen, M., Moran, D., Kanemoto, K., Geschke, A. (2013), Building Eora, Econ. Systems Research
25(1), 20-49.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError, LabelError, NotAvailableError, listed
from mriocarbon.io.archive import Archive
from mriocarbon.io.numbers import room
from mriocarbon.io.readers.base import Reader, chosen_year, finish
from mriocarbon.io.readers.positional import Place, distinct, stream, whole
from mriocarbon.model.extension import Extension
from mriocarbon.model.labels import SectorIndex, positions
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.side import Side
from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

SOURCE = Source(
    "Eora26",
    citation="Lenzen, M., Kanemoto, K., Moran, D., Geschke, A. (2012), Mapping the Structure of"
    " the World Economy, Env. Sci. Tech. 46(15), 8374-8381; Lenzen, M. et al. (2013), Building"
    " Eora, Econ. Systems Research 25(1), 20-49",
    licence="free for academic use at degree-granting institutions; other use needs a licence",
    url="https://worldmrio.com/eora26/",
)
MEMBER = re.compile(r"(^|/)Eora26_(\d{4})_(bp|pp)_(T|FD|VA|Q|QY)\.txt$", re.IGNORECASE)
PRICES = {"bp": "basic", "pp": "purchasers"}
UNIT = "thousand USD"


def _members(archive: Archive) -> dict[tuple[int, str], dict[str, list[str]]]:
    """Return the members by (year, price) and kind."""
    found: dict[tuple[int, str], dict[str, list[str]]] = {}
    for name in archive.names:
        if told := MEMBER.search(name):
            kinds = found.setdefault((int(told[2]), told[3].lower()), {})
            kinds.setdefault(told[4].upper(), []).append(name)
    return found


def recognises(archive: Archive) -> bool:
    """Return whether it holds a transactions file by its official name."""
    return any("T" in kinds for kinds in _members(archive).values())


def years(archive: Archive) -> tuple[int, ...]:
    """Return the years of the transactions files."""
    return tuple(sorted({year for (year, _), k in _members(archive).items() if "T" in k}))


@dataclass(frozen=True)
class _Axis:
    """The labels of an axis in the file: which are regions' own, and which the discrepancy."""

    index: SectorIndex
    kept: Rows  # positions in the file, in the order of the index
    odd: Rows  # positions of the discrepancy
    odd_labels: tuple[str, ...]
    length: int


def _labels(place: Place) -> list[list[str]]:
    with place.archive.open(place.name) as file:
        raw = file.read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    rows = []
    for line in text.split("\n"):  # a label may hold what Python takes for other line ends
        cells = [cell.strip() for cell in line.split("\t")]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            rows.append(cells)
    return rows


def _axis(place: Place, regions: Sequence[str] | None = None) -> _Axis:
    """Return the axis; of final demand, `regions` are those of T and the rest is discrepancy."""
    rows = _labels(place)
    short = [k for k, row in enumerate(rows) if len(row) < 4]
    if short or not rows:
        raise LabelError(
            "a label row has fewer than four cells (country, code, entity, name)",
            where=f"{place}, row {short[0] + 1 if short else 1}",
            do="use labels_T.txt and labels_FD.txt as published",
        )
    pairs = [(row[1], row[3]) for row in rows]
    named = {r[1] for r in rows if r[1].upper() == "ROW" or "discrepanc" in " ".join(r).casefold()}
    if regions is None:
        sectors: dict[str, list[str]] = {}
        for region, sector in pairs:
            sectors.setdefault(region, []).append(sector)
        # A rest of the world with the sectors of all others is a region; one with a TOTAL is not.
        usual = Counter(frozenset(s) for s in sectors.values()).most_common(1)[0][0]
        named = {region for region in named if frozenset(sectors[region]) != usual}
    else:
        named -= set(regions)
    kept = [k for k, (region, _) in enumerate(pairs) if region not in named]
    odd = [k for k, (region, _) in enumerate(pairs) if region in named]
    own = [pairs[k] for k in kept]
    index = SectorIndex.from_pairs(own, str(place))
    if regions is not None:
        positions(index.regions, list(regions), f"regions of {place}")
        index = SectorIndex(tuple(regions), index.sectors)
    order = np.array(kept, dtype=np.intp)[positions(own, list(index.pairs), str(place))]
    labels = distinct([" ".join(pairs[k]) for k in odd])
    return _Axis(index, order, np.array(odd, dtype=np.intp), labels, len(rows))


def _beside(archive: Archive, given: str | Path | None) -> list[Archive]:
    """Return where labels may lie: what was given, the archive, and indices beside it."""
    if given is not None:
        return [Archive(Path(given), archive.progress)]
    homes = [archive.path, archive.path.parent] if archive.path.is_dir() else [archive.path.parent]
    near = [home / name for home in homes for name in ("indices.zip", "indices")]
    return [archive, *(Archive(p, archive.progress) for p in near if p.exists())]


def _label_file(places: Sequence[Archive], kind: str, near: str) -> Place:
    pattern = rf"(^|/)labels_{kind}\.txt$"
    folder = near.rpartition("/")[0]
    for archive in places:
        found = archive.find(pattern)
        same = [name for name in found if name.rpartition("/")[0] == folder]
        if same or len(found) == 1:
            return Place(archive, (same or found)[0])
        if found:
            return Place(archive, archive.one(pattern, f"Eora's labels_{kind}.txt"))
    raise DataFileError(
        f"labels_{kind}.txt is missing",
        where=listed([str(a.path) for a in places]),
        do="put indices.zip beside it, or pass labels=<folder or zip of the labels>",
    )


def _choose(
    archive: Archive, year: int | None, price: str | None
) -> tuple[int, str, dict[str, str], list[str]]:
    members = {key: k for key, k in _members(archive).items() if "T" in k}
    if price is not None and price not in PRICES:
        raise NotAvailableError(f"no price basis {price!r}", do='pass price="bp" or price="pp"')
    year = chosen_year(archive, years(archive), year)
    have = sorted(p for y, p in members if y == year)
    price = price or have[0]  # bp where both lie there: the basis of the accounts
    if price not in have:
        raise NotAvailableError(
            f"no {price} table of {year}, only {listed(have)}",
            where=str(archive.path),
            do=f'pass price="{have[0]}"',
        )
    chosen, steps = {}, []
    for kind in ("T", "FD", "VA", "Q", "QY"):
        # Some zips hold the file below the producer's own folders; the one nearest the top counts.
        found = sorted(members[year, price].get(kind, []), key=lambda name: name.count("/"))
        if found:
            chosen[kind] = found[0]
        if len(found) > 1:
            steps.append(f"{found[0]} was read and not {listed(found[1:])}")
    return year, price, chosen, steps


def read(
    archive: Archive,
    year: int | None = None,
    *,
    price: str | None = None,
    labels: str | Path | None = None,
    satellites: bool = True,
    decimal: str | None = None,
) -> MRIO:
    """Return an Eora26 table.

    Parameters
    ----------
    archive : Archive
    year : int, optional
        Needed where several lie there.
    price : {"bp", "pp"}, optional
        Basic or purchasers' prices; bp where both lie there.
    labels : path, optional
        Folder or zip of the labels, where they lie elsewhere.
    satellites : bool
        Read Q and QY.
    decimal : {".", ","}, optional

    Returns
    -------
    MRIO
        In 1,000 USD; discrepancies in `other_uses` and `other_inputs`.

    Raises
    ------
    DataFileError, LabelError, ShapeError, NotAvailableError
    """
    year, price, members, steps = _choose(archive, year, price)
    for kind in ("T", "FD", "VA", *(("Q", "QY") if satellites else ())):
        if kind not in members:
            archive.one(rf"(^|/)Eora26_{year}_{price}_{kind}\.txt$", f"Eora26's {kind} file")
    homes = _beside(archive, labels)
    of = {k: _label_file(homes, k, members["T"]) for k in ("T", "FD", "VA")}
    axis = _axis(of["T"])
    index, demand = axis.index, _axis(of["FD"], axis.index.regions)
    place = {kind: Place(archive, name) for kind, name in members.items()}
    notes: list[Note] = []
    va_rows = distinct([row[-1] for row in _labels(of["VA"])])
    VA = whole(place["VA"], (len(va_rows), axis.length), separator="\t", decimal=decimal)
    _corner(notes, "value added", va_rows, VA[:, axis.odd], axis.odd_labels)
    value_added, below_va = _kinds(va_rows, np.ascontiguousarray(VA[:, axis.kept]))
    Y, y_uses, y_below, y_corner = _parted(place["FD"], axis, demand, decimal)
    Z, z_uses, z_below, z_corner = _parted(place["T"], axis, axis, decimal)
    corner = np.hstack([z_corner, y_corner])
    corner_labels = (*axis.odd_labels, *demand.odd_labels)
    _corner(notes, "the discrepancy row", axis.odd_labels, corner, corner_labels)
    uses = _side(corner_labels, np.hstack([z_uses, y_uses]).T)
    below = _side(axis.odd_labels, z_below, y_below, below_va)
    if len(axis.odd):
        notes.append(
            Note("the statistical discrepancies (ROW) are other inputs and other uses, no region")
        )
    extensions = []
    if satellites:
        extensions.append(_satellite(_label_file(homes, "Q", members["T"]), place, axis, demand,
                                     decimal))  # fmt: skip
    x = Z.sum(axis=1) + Y.sum(axis=1)
    if uses is not None:
        x += uses.total
    gap = x - Z.sum(axis=0) - value_added[1].sum(axis=0)
    if below is not None:
        gap -= below.total
    worst = int(np.abs(gap).argmax())
    if abs(gap[worst]) > 1e-6 * max(float(np.abs(x).mean()), float(x[worst])):
        notes.append(Note(
            f"inputs differ from output by up to {abs(gap[worst]):.6g} {UNIT} in"
            f" {index.name(worst)} ({np.abs(gap).sum():.6g} in all), as published: x is the sum of"
            " the row"
        ))  # fmt: skip
    return finish(
        regions=index.regions, sectors=index.sectors, categories=demand.index.sectors, Z=Z, Y=Y,
        x=x, value_added=value_added[1] if len(value_added[0]) else None,
        value_added_rows=value_added[0], extensions=extensions, money_unit=UNIT, year=year,
        other_inputs=below, other_uses=uses, table_type="industry-by-industry",
        price_basis=PRICES[price], notes=notes,
        provenance=Provenance(
            f"eora26-{year}-{price}", sources=(SOURCE,),
            steps=(*steps, "x = Z 1 + Y 1 + discrepancies, for Eora gives no x"),
        ),
    )  # fmt: skip


def _kinds(
    rows: Sequence[str], values: Array
) -> tuple[tuple[tuple[str, ...], Array], tuple[list[str], Array]]:
    """Part primary inputs: value added, and what is none (taxes on products, margins)."""
    odd = re.compile(r"(taxes|subsid).*on products|margin", re.IGNORECASE)
    none = [k for k, label in enumerate(rows) if odd.search(label)]
    own = [k for k in range(len(rows)) if k not in none]
    return (
        (tuple(rows[k] for k in own), values if not none else values[own]),
        ([rows[k] for k in none], values[none]),
    )


def _parted(
    place: Place, rows: _Axis, columns: _Axis, decimal: str | None
) -> tuple[Array, Array, Array, Array]:
    """Return (flows, discrepancy columns, discrepancy rows, where both meet)."""
    room(len(rows.kept) * len(columns.kept), str(place))
    out = np.empty((len(rows.kept), len(columns.kept)))
    beside = np.empty((len(rows.kept), len(columns.odd)))
    below = np.empty((len(rows.odd), len(columns.kept)))
    corner = np.empty((len(rows.odd), len(columns.odd)))
    target = np.empty(rows.length, dtype=np.intp)
    target[rows.kept] = np.arange(len(rows.kept))
    target[rows.odd] = -1 - np.arange(len(rows.odd))
    plain = slice(0, len(columns.kept))
    straight = bool((columns.kept == np.arange(len(columns.kept))).all())
    shape = (rows.length, columns.length)
    for first, values in stream(place, shape, separator="\t", decimal=decimal):
        goes = target[first : first + len(values)]
        main = goes >= 0
        own = values[:, plain] if straight else values[:, columns.kept]
        if main.all() and (np.diff(goes) == 1).all():
            out[goes[0] : goes[-1] + 1] = own
        else:
            out[goes[main]] = own[main]
        beside[goes[main]] = values[main][:, columns.odd]
        below[-1 - goes[~main]] = own[~main]
        corner[-1 - goes[~main]] = values[~main][:, columns.odd]
    return out, beside, below, corner


def _corner(
    notes: list[Note], what: str, rows: Sequence[str], values: Array, columns: Sequence[str]
) -> None:
    cells = [f"{rows[i]} / {columns[j]}: {values[i, j]:.10g}" for i, j in np.argwhere(values != 0)]
    if cells:
        notes.append(Note(
            f"{what} meets the discrepancy column, in no sector ({UNIT}): {listed(cells, 100)}"
        ))  # fmt: skip


def _side(
    labels: Sequence[str],
    values: Array,
    final_demand: Array | None = None,
    more: tuple[list[str], Array] | None = None,
) -> Side | None:
    if more is not None and more[0]:
        labels = (*labels, *more[0])
        values = np.vstack([values, more[1]])
        if final_demand is not None:
            none = np.zeros((len(more[0]), final_demand.shape[1]))
            final_demand = np.vstack([final_demand, none])
    if not len(labels):
        return None
    return Side(tuple(labels), np.ascontiguousarray(values), final_demand)


def _satellite(
    label_file: Place, place: dict[str, Place], axis: _Axis, demand: _Axis, decimal: str | None
) -> Extension:
    """Return Q and QY; what stands in the discrepancy column is told by stressor."""
    rows = _labels(label_file)
    found = [re.search(r"\(([^()]*)\)\s*$", row[0]) for row in rows]
    units = tuple(told[1] if told else "" for told in found)
    labels = distinct(
        [re.sub(r"\s*\([^()]*\)\s*$", "", r[0]) + "".join(f" | {c}" for c in r[1:]) for r in rows]
    )
    F = np.empty((len(rows), len(axis.kept)))
    F_Y = np.empty((len(rows), len(demand.kept)))
    beside = np.zeros(len(rows))
    for kind, side, out in (("Q", axis, F), ("QY", demand, F_Y)):
        shape = (len(rows), side.length)
        for first, values in stream(place[kind], shape, separator="\t", decimal=decimal):
            np.take(values, side.kept, axis=1, out=out[first : first + len(values)])
            beside[first : first + len(values)] += values[:, side.odd].sum(axis=1)
    notes = tuple(
        Note(f"{beside[k]:.10g} {units[k]} stand in the discrepancy column, in no sector or"
             " region", about=labels[k])
        for k in np.flatnonzero(beside)
    )  # fmt: skip
    return Extension("Q", labels, F, units, F_Y, notes=notes)


READER = Reader(
    name="eora26",
    title="Eora26",
    source=SOURCE,
    references=(
        "IndEcol/pymrio, pymrio/tools/ioparser.py, parse_eora26 (release 0.7)",
        "IndEcol/pymrio, tests/mock_mrios/eora26_mock/labels_T.txt, labels_FD.txt, labels_Q.txt,"
        " Eora26_2010_bp_VA.txt, commit d72528d4b6efc5cccb11d8c438e6101d2e92343d",
    ),
    recognises=recognises,
    years=years,
    read=read,
    options=("price", "labels", "satellites", "decimal"),
)
