"""GTAP Data Base: header array files or csv, made into a multi-regional table.

GTAP holds no such table. It holds, for each region, what firms, households, government and
investment buy of domestic and of imported goods, bilateral trade without the using industry, and
one pool of international transport. The table is made after Peters, Andrew and Lennox (2011),
Economic Systems Research 23(2): 131-152, in named steps, and what they estimate is marked:

1.  Domestic flows, at basic prices: VDFB(i, j, s), VDPB, VDGB, VDIB. As published.
2.  Imports by use: trade VXSB(i, r, s) is shared among the uses u of good i in region s in
    proportion to their imports of it, ``share(i, u, s) = VM(i, u, s) / sum_u VM(i, u, s)``,
    with VM of VMFB, VMPB, VMGB, VMIB. All uses buy from the same mix of origins.
3.  International transport: the margin VTWR(m, i, r, s) on a trade goes to its uses by the same
    shares, and is supplied by all regions in proportion to what they put into the pool,
    ``VST(m, q) / sum_q VST(m, q)``, for GTAP does not know whose ship carries what.
4.  Other inputs: export taxes (VFOB - VXSB) and import duties (VMSB - VCIF) by the same shares, and
    taxes on products, domestic and imported, as published (VDFP - VDFB, VMFP - VMFB and so on).
5.  Value added: each endowment (EVFB), taxes on endowments (EVFP - EVFB), taxes on output
    (MAKB - MAKS; the residual, and marked, where the make matrices are not there).

Checked, each with a TableWarning and a note where it fails: pool in equals pool out for each
margin; uses of imports equal trade at importers' basic prices; VCIF = VFOB + margins;
outlay equals output. Trade without any use is carried in other uses. Headers not used are named.

Names are those of GTAP 10 and 11 (version 7 of the model); older ones (VDFM, VIFM, VXMD, with
investment as the column CGDS) are taken for them. csv: one file for each header, ``VDFB.csv``,
with one column for each set and the last one Value. har: see `mriocarbon.io.har`.
GTAP is licensed; nothing of it is in this package. Its emissions files are not read.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    NonFiniteError,
    NotAvailableError,
    ShapeError,
    TableWarning,
    listed,
    warn,
)
from mriocarbon.io.archive import AGAIN, Archive
from mriocarbon.io.har import EACH, FEW, read_har
from mriocarbon.io.numbers import MOST, room, sound
from mriocarbon.io.readers.base import Reader, finish
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.side import Side
from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]
SOURCE = Source(
    "GTAP Data Base",
    citation="Aguiar, Chepeliev, Corong and van der Mensbrugghe (2022), Journal of Global Economic"
    " Analysis 7(2); table after Peters, Andrew and Lennox (2011), Economic Systems Research 23(2)",
    licence="GTAP licence (as its holder has it)",
    url="https://www.gtap.agecon.purdue.edu/databases/default.asp",
)
# Names before version 7 of the model, and those since.
OLDER = {
    "VDFM": "VDFB", "VIFM": "VMFB", "VDFA": "VDFP", "VIFA": "VMFP", "VDPM": "VDPB", "VIPM": "VMPB",
    "VDPA": "VDPP", "VIPA": "VMPP", "VDGM": "VDGB", "VIGM": "VMGB", "VDGA": "VDGP", "VIGA": "VMGP",
    "VDKM": "VDIB", "VIKM": "VMIB", "VXMD": "VXSB", "VXWD": "VFOB", "VIWS": "VCIF", "VIMS": "VMSB",
    "VFM": "EVFB", "EVFM": "EVFB", "EVFA": "EVFP",
}  # fmt: skip
NEEDED = ("VDFB", "VMFB", "VDPB", "VMPB", "VDGB", "VMGB", "VXSB", "VST", "VTWR")
OPTIONAL = (
    "VDIB", "VMIB", "VFOB", "VCIF", "VMSB", "VDFP", "VMFP", "VDPP", "VMPP", "VDGP", "VMGP", "VDIP",
    "VMIP", "EVFB", "EVFP", "MAKB", "MAKS",
)  # fmt: skip
FINAL = ("household", "government", "investment")
CAPITAL = "CGDS"
RTOL = 1e-4  # the files hold single precision


@dataclass(frozen=True)
class Data:
    """An array with the elements of its dimensions."""

    array: Array
    sets: tuple[tuple[str, ...], ...]


def _members(archive: Archive) -> tuple[list[str], dict[str, str]]:
    hars = [n for n in archive.find(r"\.har$") if archive.head(n, 4) == b"\x04\x00\x00\x00"]
    tables = {}
    for name in archive.find(r"\.csv$"):
        stem = name.rpartition("/")[2][:-4].upper()
        stem = OLDER.get(stem, stem)
        if stem in NEEDED or stem in OPTIONAL:
            tables[stem] = name
    return hars, tables


def recognises(archive: Archive) -> bool:
    """Return whether header array files or csv files of GTAP's names are there."""
    hars, tables = _members(archive)
    return bool(hars) or {"VXSB", "VTWR", "VST"} <= set(tables)


def years(archive: Archive) -> tuple[int, ...]:
    """Return the year that the path tells (the files tell none), or nothing."""
    names = [archive.path.name, *archive.names]
    found = {int(y) for n in names for y in re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", n)}
    return tuple(found) if len(found) == 1 else ()


def _load(archive: Archive) -> tuple[dict[str, Data], list[str]]:
    hars, tables = _members(archive)
    found: dict[str, Data] = {}
    unused: list[str] = []
    for name in hars:
        with archive.open(name) as stream:
            for header in read_har(stream, f"{archive.path}: {name}"):
                key = OLDER.get(header.name.upper(), header.name.upper())
                sets = tuple(s for _, s in header.sets)
                if key not in NEEDED and key not in OPTIONAL:
                    unused.append(header.name)
                elif key in found:
                    raise LabelError(
                        f"the header {header.name} is there twice",
                        where=f"{archive.path}: {name}",
                        do="keep one data base in this place",
                    )
                elif any(s is None for s in sets) or not sets:
                    raise LabelError(
                        f"the header {header.name} does not name the elements of its sets",
                        where=f"{archive.path}: {name}",
                        do="save the file with set elements",
                    )
                else:
                    elements = tuple(tuple(e.upper() for e in s or ()) for s in sets)
                    with np.errstate(invalid="ignore"):  # NaN is told where it is used
                        found[key] = Data(header.array.astype(np.float64), elements)
    for key, name in tables.items():
        if key not in found:
            found[key] = _csv(archive, name)
    missing = [key for key in NEEDED if key not in found]
    if missing:
        raise DataFileError(
            f"headers are missing: {listed(missing, 9)}",
            where=f"{archive.path} (has {listed(sorted(found), 30)})",
            do="give the data base's flows whole (basedata.har, or one csv for each header)",
        )
    return found, unused


def _csv(archive: Archive, name: str) -> Data:
    where = f"{archive.path}: {name}"
    lines = archive.table(name, ",")
    if lines and len(lines[0]) == 1 and ";" in lines[0][0]:
        raise InputError(
            "columns are parted by ';' (numbers may then have a decimal comma)",
            where=where,
            do="save it with ',' between columns and '.' in numbers",
        )
    if len(lines) < 2 or not lines[0] or lines[0][-1].strip().casefold() not in {"value", "val"}:
        raise DataFileError(
            "the csv has no column Value at its end",
            where=where,
            do="write one column for each set and the last one Value",
        )
    width = len(lines[0])
    sets: list[dict[str, int]] = [{} for _ in range(width - 1)]
    cells: dict[tuple[int, ...], float] = {}
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        if len(line) != width:
            raise ShapeError(
                f"row {number} has {len(line)} cells, the header {width}", where=where, do=AGAIN
            )
        at = tuple(
            s.setdefault(c.strip().upper(), len(s)) for s, c in zip(sets, line, strict=False)
        )
        try:
            value = float(line[-1])
        except ValueError:
            raise InputError(
                f"{line[-1]!r} is no number", where=f"{where}, row {number}", do="correct the cell"
            ) from None
        if at in cells:
            raise LabelError(
                f"the cell {' '.join(line[:-1])} stands twice",
                where=f"{where}, row {number}",
                do=AGAIN,
            )
        cells[at] = value
    size = math.prod(len(s) for s in sets)
    if size > FEW + EACH * len(cells):
        raise ShapeError(
            f"{size} cells for {len(cells)} numbers",
            where=where,
            do="check the labels: elements of a set are named alike in every row",
        )
    array = np.zeros([len(s) for s in sets])
    for place, value in cells.items():
        array[place] = value
    return Data(array, tuple(tuple(s) for s in sets))


class _Book:
    """The headers, put in one order of sets."""

    def __init__(self, archive: Archive) -> None:
        self.where = str(archive.path)
        self.found, self.unused = _load(archive)
        self.comm, self.reg = self._of("VDPB", 2).sets
        self.marg = self._of("VST", 2).sets[0]
        acts = self._of("VDFB", 3).sets[1]
        self.acts = tuple(a for a in acts if a != CAPITAL)
        if set(self.acts) != set(self.comm):
            raise NotAvailableError(
                "activities and commodities differ: "
                + listed(sorted(set(self.acts) ^ set(self.comm))),
                where=self.where,
                do="aggregate the data base so that each activity makes one commodity",
            )
        self.acts = self.comm
        if CAPITAL in acts:
            for firm, invest in (("VDFB", "VDIB"), ("VMFB", "VMIB"), ("VDFP", "VDIP"),
                                 ("VMFP", "VMIP")):  # fmt: skip
                if firm in self.found and invest not in self.found:
                    data = self._of(firm, 3)
                    if CAPITAL not in data.sets[1]:
                        continue
                    k = data.sets[1].index(CAPITAL)
                    self.found[invest] = Data(data.array[:, k], (data.sets[0], data.sets[2]))

    def __contains__(self, key: str) -> bool:
        return key in self.found

    def _of(self, key: str, dimensions: int) -> Data:
        data = self.found[key]
        if len(data.sets) != dimensions:
            raise ShapeError(
                f"{key} has {len(data.sets)} dimensions", where=self.where, do=f"give {dimensions}"
            )
        return data

    def get(self, key: str, *wanted: tuple[str, ...]) -> Array:
        """Return a header in the order of these sets; elements that it lacks are zero.

        Margins have entries for their commodities only, and sparse csv files leave out zeros.
        """
        data = self._of(key, len(wanted))
        room(math.prod(len(w) for w in wanted), self.where)
        out = np.zeros([len(w) for w in wanted])
        source, target = [], []
        for have, want in zip(data.sets, wanted, strict=True):
            place = {label: k for k, label in enumerate(want)}
            odd = [label for label in have if label not in place and label != CAPITAL]
            if odd:
                raise LabelError(
                    f"{key} has elements that no other header has: {listed(odd)}",
                    where=self.where,
                    do="use headers of one aggregation",
                )
            source.append([k for k, label in enumerate(have) if label in place])
            target.append([place[label] for label in have if label in place])
        out[np.ix_(*target)] = data.array[np.ix_(*source)]
        if not sound(out):
            raise NonFiniteError(
                f"{key} has cells that are not finite, or beyond {MOST:g}",
                where=self.where,
                do=AGAIN,
            )
        return out

    def uses(self, kind: str, price: str) -> Array | None:
        """Return purchases: goods, uses (activities, then final), regions; None if not there."""
        keys = [f"V{kind}{user}{price}" for user in "FPGI"]
        if any(key not in self for key in keys[:3]):
            return None
        firms = self.get(keys[0], self.comm, self.acts, self.reg)
        final = [
            self.get(key, self.comm, self.reg) if key in self else np.zeros(firms[:, 0].shape)
            for key in keys[1:]
        ]
        return np.concatenate([firms, np.stack(final, axis=1)], axis=1)


def read(archive: Archive, year: int | None = None) -> MRIO:
    """Read a data base and make the table.

    Parameters
    ----------
    archive : Archive
    year : int, optional
        Of reference; the files do not tell it.
    """
    book = _Book(archive)
    told = years(archive)
    if year is None and told:
        year = told[0]
    comm, reg, marg = book.comm, book.reg, book.marg
    N, R = len(comm), len(reg)
    domestic, imported = book.uses("D", "B"), book.uses("M", "B")
    if domestic is None or imported is None:  # pragma: no cover - NEEDED holds them
        raise DataFileError("purchases are missing", where=book.where, do=AGAIN)
    trade = book.get("VXSB", comm, reg, reg)
    pool = book.get("VST", marg, reg)
    margin = book.get("VTWR", marg, comm, reg, reg)
    total = imported.sum(axis=1)  # (goods, regions)
    share = np.divide(
        imported, total[:, None, :], out=np.zeros_like(imported), where=total[:, None, :] != 0
    )
    supplied = pool.sum(axis=1)
    of_pool = np.divide(
        pool, supplied[:, None], out=np.zeros_like(pool), where=supplied[:, None] != 0
    )
    carried = [comm.index(m) if m in comm else -1 for m in marg]
    if -1 in carried:
        raise LabelError(
            f"margins are no commodities: {listed([m for m in marg if m not in comm])}",
            where=book.where,
            do="use headers of one aggregation",
        )
    room(R * N * R * N, book.where)
    Z, Y = np.zeros((R * N, R * N)), np.zeros((R * N, R * len(FINAL)))
    on_use = np.einsum("mirs,ius->mus", margin, share, optimize=True)
    for s in range(R):
        z, y = Z[:, s * N : (s + 1) * N], Y[:, s * 3 : (s + 1) * 3]
        for r in range(R):
            flow = trade[:, r, s, None] * share[:, :, s]
            if r == s:
                flow += domestic[:, :, s]
            for k, m in enumerate(carried):
                flow[m] += of_pool[k, r] * on_use[k, :, s]
            z[r * N : (r + 1) * N], y[r * N : (r + 1) * N] = flow[:, :N], flow[:, N:]
    names = [f"{r} {c}" for r in reg for c in comm]
    unplaced = np.where(total[:, None, :] == 0, trade, 0.0).sum(axis=2).T.reshape(-1)
    checks = list(_checks(book, margin, total, supplied))
    other_inputs = _taxes(book, share, domestic, imported, trade)
    x = Z.sum(axis=1) + Y.sum(axis=1) + unplaced
    va, rows, marked = _value_added(book, x, Z, other_inputs)
    outlay = Z.sum(axis=0) + va.sum(axis=0)
    outlay = outlay + (0.0 if other_inputs is None else other_inputs.total)
    checks.append(("outlay of activities and their output", outlay, x, names))
    notes = [Note(text) for text in filter(None, (_differs(*check) for check in checks))]
    for note in notes:
        warn(TableWarning(note.text), stacklevel=2)
    notes.append(
        Note(
            "imports by using industry, and the origin of international transport, are estimated by"
            " proportions (Peters, Andrew and Lennox 2011)",
            estimated=True,
        )
    )
    if book.unused:
        notes.append(Note(f"headers of the files not used: {', '.join(sorted(book.unused))}"))
    provenance = Provenance("gtap" if year is None else f"gtap-{year}", sources=(SOURCE,))
    for step in (
        "imports shared among uses in proportion to VMFB, VMPB, VMGB, VMIB",
        "international transport VTWR supplied by regions in proportion to VST",
    ):
        provenance = provenance.after(step)
    estimated = _masks(N, R, carried)
    if marked:
        estimated["value_added"] = np.array([[row in marked] for row in rows])
    return finish(
        regions=reg, sectors=comm, categories=FINAL, Z=Z, Y=Y, x=x, value_added=va,
        value_added_rows=rows, money_unit="million USD", year=year, provenance=provenance,
        other_inputs=other_inputs,
        other_uses=Side(("trade without use",), unplaced[None, :]) if unplaced.any() else None,
        table_type="industry-by-industry", price_basis="basic", notes=notes, estimated=estimated,
    )  # fmt: skip


def _masks(N: int, R: int, carried: list[int]) -> dict[str, NDArray[np.bool_]]:
    """Mark what the proportions made: all between regions, and all of the margin goods."""
    rows = np.repeat(np.arange(R), N)[:, None]
    is_margin = np.zeros(N, dtype=bool)
    is_margin[carried] = True
    every = np.tile(is_margin, R)[:, None]
    return {
        "Z": (rows != np.repeat(np.arange(R), N)) | every,
        "Y": (rows != np.repeat(np.arange(R), len(FINAL))) | every,
    }


def _taxes(
    book: _Book, share: Array, domestic: Array, imported: Array, trade: Array
) -> Side | None:
    """Return what uses pay on products beyond basic prices, by row."""
    comm, reg = book.comm, book.reg
    found: dict[str, Array] = {}
    if "VFOB" in book:
        gap = (book.get("VFOB", comm, reg, reg) - trade).sum(axis=1)
        found["export taxes less subsidies"] = np.einsum("is,ius->us", gap, share)
    if "VMSB" in book and "VCIF" in book:
        gap = (book.get("VMSB", comm, reg, reg) - book.get("VCIF", comm, reg, reg)).sum(axis=1)
        found["import duties"] = np.einsum("is,ius->us", gap, share)
    for kind, basic, label in (("D", domestic, "domestic"), ("M", imported, "imported")):
        paid = book.uses(kind, "P")
        if paid is not None:
            found[f"taxes less subsidies on {label} products"] = (paid - basic).sum(axis=0)
    if not found:
        return None
    N = len(comm)
    values = np.stack(list(found.values()))  # (rows, uses, regions)
    return Side(
        tuple(found),
        np.ascontiguousarray(values[:, :N].transpose(0, 2, 1).reshape(len(values), -1)),
        np.ascontiguousarray(values[:, N:].transpose(0, 2, 1).reshape(len(values), -1)),
    )


def _value_added(
    book: _Book, x: Array, Z: Array, other: Side | None
) -> tuple[Array, list[str], list[str]]:
    """Return value added by row, its rows, and which of them is a residual."""
    acts, reg = book.acts, book.reg
    rows: list[str] = []
    values: list[Array] = []
    if "EVFB" in book:
        endowments = book.found["EVFB"].sets[0]
        basic = book.get("EVFB", endowments, acts, reg)
        rows += endowments
        values += list(basic)
        if "EVFP" in book:
            rows.append("taxes less subsidies on endowments")
            values.append((book.get("EVFP", endowments, acts, reg) - basic).sum(axis=0))
    marked: list[str] = []
    if "MAKB" in book and "MAKS" in book:
        rows.append("taxes less subsidies on output")
        made = (book.get(k, book.comm, acts, reg).sum(axis=0) for k in ("MAKB", "MAKS"))
        values.append(next(made) - next(made))
    flat = [v.T.reshape(-1) for v in values]
    if not ("MAKB" in book and "MAKS" in book):
        rest = x - Z.sum(axis=0) - sum(flat, np.zeros_like(x))
        rest = rest - (0.0 if other is None else other.total)
        marked.append("output less inputs (residual)")
        rows += marked
        flat.append(rest)
    return np.array(flat), rows, marked


def _checks(
    book: _Book, margin: Array, total: Array, supplied: Array
) -> list[tuple[str, Array, Array, list[str]]]:
    comm, reg = book.comm, book.reg
    by_good = [f"{c} in {r}" for c in comm for r in reg]
    found = [
        ("transport supplied to the pool (VST) and used of it (VTWR)", supplied,
         margin.sum(axis=(1, 2, 3)), list(book.marg))
    ]  # fmt: skip
    if "VMSB" in book:
        landed = book.get("VMSB", comm, reg, reg).sum(axis=1)
        found.append(("imports by use and trade at basic prices (VMSB)", total.reshape(-1),
                      landed.reshape(-1), by_good))  # fmt: skip
    if "VFOB" in book and "VCIF" in book:
        fob = book.get("VFOB", comm, reg, reg) + margin.sum(axis=0)
        cif = book.get("VCIF", comm, reg, reg)
        found.append(("trade cif (VCIF) and fob with margins", cif.sum(axis=1).reshape(-1),
                      fob.sum(axis=1).reshape(-1), by_good))  # fmt: skip
    return found


def _differs(what: str, a: Array, b: Array, names: list[str]) -> str:
    scale = float(np.abs(a).mean()) if len(a) else 0.0
    bad = np.flatnonzero(np.abs(a - b) > RTOL * np.abs(a) + 1e-6 * scale)
    if not len(bad):
        return ""
    worst = bad[np.argsort(-np.abs((a - b)[bad]))].tolist()
    told = [f"{names[k]} by {(a - b)[k]:.6g}" for k in worst]
    return f"{what} differ in {len(bad)} of {len(a)} places, largest first: {listed(told, 3)}"


READER = Reader(
    name="gtap",
    title="GTAP Data Base, made into a multi-regional table",
    source=SOURCE,
    references=(
        "david-baumann/GTAP_MRIOT_mapping 83a515c97ad42cbcaa0df9300f2ed2dc30eb21cb ReadMe.md",
        "majeau-bettez/gtap2mrio 29d7c3914f3eec4fdfc08cf12836475b633f46a7 gtap2mrio.py",
        "GEMPACKsoftware/HARPY 1f2b51584c35f8368dff6c3e9552d1987d864462 harpy/har_file_io.py",
    ),
    recognises=recognises,
    years=years,
    read=read,
)
