"""EXIOBASE 3 as published: ``IOT_2022_ixi.zip`` and ``IOT_2022_pxp.zip``, zip or folder.

Layout (tab-separated): ``Z.txt`` or ``A.txt``, ``Y.txt``, ``x.txt``, ``unit.txt``, and a folder
for each extension with ``F.txt``, ``F_Y.txt`` (``F_hh.txt`` before 3.7) and ``unit.txt``. Header
rows name region and sector (or category); a third row with the names of the index columns may
follow. Editions 3.8 and 3.9 have folders by theme, older ones ``satellite`` and ``impacts``.

How it is read. pymrio parses this layout (`pymrio.parse_exiobase3`), but holds each file as a
frame while it makes the next: on 49 regions x 100 sectors with 300 stressors (208 MiB) its peak
is 2.0 times the finished table, above the 1.6 allowed here; this module's is 1.1
(tests/io/readers/measure_peak.py). It also knows value added only as an extension. So the files
are streamed, and pymrio is the oracle of the tests.

Where only A is there, ``Z = A diag(x)``; where x is missing, ``x = A x + Y 1`` is iterated
until it stands; each is a step in the provenance. Rows of ``factor_inputs`` (or the same rows
of ``satellite``) are also the value added and, for taxes less subsidies on products,
`MRIO.other_inputs`. Files that follow from the others (``L``, ``M``, ``S``, ``D_cba`` ...) are
not read, and named.

References
----------
Stadler, K. et al. (2018), EXIOBASE 3, J. Industrial Ecology 22(3), 502-515.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import (
    ConvergenceError,
    DataFileError,
    LabelError,
    NotAvailableError,
    listed,
)
from mriocarbon.io.archive import AGAIN, Archive
from mriocarbon.io.numbers import Layout, blocks, layout, room
from mriocarbon.io.readers.base import Reader, chosen_year, finish
from mriocarbon.io.readers.positional import chosen
from mriocarbon.model.extension import Extension
from mriocarbon.model.labels import SectorIndex, positions
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.side import Side
from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]
Label = tuple[str, ...]

SOURCE = Source(
    "EXIOBASE 3",
    citation="Stadler, K. et al. (2018), EXIOBASE 3: Developing a Time Series of Detailed"
    " Environmentally Extended Multi-Regional Input-Output Tables, J. Industrial Ecology 22(3),"
    " 502-515, doi:10.1111/jiec.12715",
    licence="CC BY-SA 4.0 (editions 3.8 and later; see the record of the edition)",
    url="https://doi.org/10.5281/zenodo.3583070",
)
NAMED = re.compile(r"IOT_(\d{4})_(ixi|pxp)", re.IGNORECASE)
TYPES = {"ixi": "industry-by-industry", "pxp": "product-by-product", "": ""}
PRIMARY = re.compile(
    r"(taxes less subsidies on products|other net taxes on production|compensation of employees"
    r"|operating surplus|value added)",
    re.IGNORECASE,
)
PRODUCT_TAX = re.compile(r"taxes less subsidies on products", re.IGNORECASE)
ON_DEMAND = ("F_Y", "F_hh", "S_Y")  # F_hh before 3.7
MONEY = re.compile(r"m\W?eur|million eur", re.IGNORECASE)


@dataclass(frozen=True)
class _Table:
    """One table in an archive: where its files lie, and what their folder says."""

    root: str
    year: int | None
    system: str


def _tables(archive: Archive) -> list[_Table]:
    found = {}
    for name in archive.find(r"(^|/)(Z|A)\.txt$"):
        root = name[: -len("Z.txt")]
        if f"{root}Y.txt" not in archive.sizes:
            continue
        told = list(NAMED.finditer(f"{archive.path.name}/{root}"))
        year, system = (int(told[-1][1]), told[-1][2].lower()) if told else (None, "")
        found[root] = _Table(root, year, system or str(_metadata(archive, root).get("system", "")))
    return list(found.values())


def _metadata(archive: Archive, root: str) -> dict[str, object]:
    name = f"{root}metadata.json"
    if name not in archive.sizes:
        return {}
    try:
        told = json.loads(archive.head(name, 1 << 20))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def recognises(archive: Archive) -> bool:
    """Return whether it holds an EXIOBASE table: its files, in its own name or in million EUR."""
    for table in _tables(archive):
        flows = "Z" if f"{table.root}Z.txt" in archive.sizes else "A"
        if not archive.head(f"{table.root}{flows}.txt", 7).startswith(b"region\t"):
            continue
        if not archive.find(rf"^{re.escape(table.root)}[^/]+/(F|S)\.txt$"):
            continue
        if table.year is not None or "exio" in str(_metadata(archive, table.root)).lower():
            return True
        if f"{table.root}file_parameters.json" in archive.sizes:
            continue  # saved by pymrio, and nothing says that it is EXIOBASE
        unit = f"{table.root}unit.txt"
        if unit in archive.sizes and MONEY.search(archive.head(unit).decode("utf-8", "replace")):
            return True
    return False


def years(archive: Archive) -> tuple[int, ...]:
    """Return the years that the names tell."""
    return tuple(sorted({t.year for t in _tables(archive) if t.year is not None}))


def _choose(archive: Archive, year: int | None, system: str | None) -> tuple[_Table, int | None]:
    tables = [t for t in _tables(archive) if system in (None, t.system)]
    if not tables:
        raise DataFileError(
            f"no {system or 'EXIOBASE'} table is in it: Z.txt or A.txt, with Y.txt beside",
            where=archive.holding(8),
            do="use the zip as published, or its folder unpacked",
        )  # fmt: skip
    have = sorted({t.year for t in tables if t.year is not None})
    if have:
        year = chosen_year(archive, have, year)
        tables = [t for t in tables if t.year == year]
    if len(tables) > 1:
        raise NotAvailableError(
            f"{len(tables)} tables: {listed([t.root for t in tables])}",
            where=str(archive.path),
            do='pass system="ixi" or system="pxp", or name one folder',
        )
    return tables[0], year


def _form(archive: Archive, name: str, decimal: str | None) -> Layout:
    """Return the layout of a labelled matrix; the third header row is there or is not."""
    with archive.open(name) as file:
        rows = [file.readline().decode("utf-8-sig", "replace").rstrip("\r\n") for _ in range(3)]
    cells = [row.split("\t") for row in rows]
    count = 1
    while count < len(cells[0]) and not cells[0][count].strip():
        count += 1
    names_follow = len(cells[2]) > 1 and not any(c.strip() for c in cells[2][count:])
    header = 3 if names_follow else 2
    return layout(archive, name, header=header, labels=count, separator="\t", decimal=decimal)


def _columns(form: Layout) -> list[tuple[str, str]]:
    return [(cells[0], cells[1]) for cells in form.columns]


def _fill(
    archive: Archive,
    name: str,
    form: Layout,
    out: Array,
    rows: Sequence[Label],
    columns: Sequence[tuple[str, str]],
) -> None:
    """Write a labelled matrix into `out`, its rows and columns put in the order asked for."""
    where = f"{archive.path}: {name}"
    order = positions(_columns(form), list(columns), f"columns of {where}")
    same = bool((order == np.arange(len(order))).all())
    place = {label: k for k, label in enumerate(rows)}
    seen = np.zeros(len(rows), dtype=bool)
    for labels, values in blocks(archive, name, form):
        unknown = [" ".join(label) for label in labels if label not in place]
        if unknown:
            raise LabelError(
                f"unexpected rows: {listed(unknown)}",
                where=where,
                do="check the labels of the file",
            )
        at = np.array([place[label] for label in labels], dtype=np.intp)
        twice = [" ".join(rows[k]) for k in at.tolist() if seen[k]]
        if twice or len(set(at.tolist())) < len(at):
            raise LabelError(f"rows stand twice: {listed(twice)}", where=where, do="check the file")
        seen[at] = True
        if at[-1] - at[0] == len(at) - 1 and same and (np.diff(at) == 1).all():
            out[at[0] : at[-1] + 1] = values
        else:
            out[at] = values if same else values[:, order]
    if not seen.all():
        lost = [" ".join(rows[int(k)]) for k in np.flatnonzero(~seen)]
        raise LabelError(f"{len(lost)} rows are missing: {listed(lost)}", where=where, do=AGAIN)


def _text(archive: Archive, name: str) -> list[list[str]]:
    with archive.open(name) as file:
        lines = file.read().decode("utf-8-sig", "replace").split("\n")
    return [
        [cell.strip().strip('"') for cell in line.split("\t")] for line in lines if line.strip()
    ]


def read(
    archive: Archive,
    year: int | None = None,
    *,
    extensions: Sequence[str] | None = None,
    system: str | None = None,
    decimal: str | None = None,
) -> MRIO:
    """Return an EXIOBASE 3 table with its extensions.

    Parameters
    ----------
    archive : Archive
    year : int, optional
        Needed where the names tell several; where they tell none, it is taken as given.
    extensions : sequence of str, optional
        Folders to read; all by default. Value added is read in any case.
    system : {"ixi", "pxp"}, optional
        Needed where both lie there.
    decimal : {".", ","}, optional

    Returns
    -------
    MRIO
        Flows in million EUR (current prices, basic); extensions in their own units.

    Raises
    ------
    DataFileError, LabelError, NotAvailableError, ConvergenceError
    """
    table, year = _choose(archive, year, system)
    root, sizes, steps, notes = table.root, archive.sizes, [], []
    flows = f"{root}Z.txt" if f"{root}Z.txt" in sizes else f"{root}A.txt"
    if f"{root}unit.txt" not in sizes:
        archive.one(f"^{re.escape(root)}unit\\.txt$", "EXIOBASE's unit.txt")
    form = _form(archive, flows, decimal)
    index = SectorIndex.from_pairs(_columns(form), f"columns of {archive.path}: {flows}")
    n = len(index)
    room(n * n, f"{archive.path}: {flows}")
    # Y first: it is small, and what is wrong with labels shows before the long reading.
    y_form = _form(archive, f"{root}Y.txt", decimal)
    demand = SectorIndex.from_pairs(_columns(y_form), f"columns of {archive.path}: {root}Y.txt")
    categories = demand.sectors
    positions(demand.regions, index.regions, f"regions of {archive.path}: {root}Y.txt")
    columns = [(r, c) for r in index.regions for c in categories]
    Y = np.empty((n, len(columns)))
    _fill(archive, f"{root}Y.txt", y_form, Y, index.pairs, columns)
    x = _output(archive, f"{root}x.txt", index, decimal)
    Z = np.empty((n, n))
    _fill(archive, flows, form, Z, index.pairs, index.pairs)
    if flows.endswith("A.txt"):
        if x is None:
            x = _solved(Z, Y.sum(axis=1))
            steps.append("x = A x + Y 1 iterated, for the archive holds no x")
        Z *= x[None, :]
        steps.append("Z = A diag(x), for the archive holds A and not Z")
    money = {row[-1] for row in _text(archive, f"{root}unit.txt")[1:]}
    if len(money) != 1 or not MONEY.search(next(iter(money))):
        raise DataFileError(
            f"the money unit is {listed(sorted(money)) or 'missing'}, not M.EUR",
            where=f"{archive.path}: {root}unit.txt",
            do="use the archive as published",
        )
    found, primary = _satellites(archive, root, index, columns, x, Y, extensions, decimal)
    value_added, va_rows, taxes = _primary(primary)
    if x is None:
        x = Z.sum(axis=1) + Y.sum(axis=1)
        steps.append("x = Z 1 + Y 1, for the archive holds no x")
    if value_added is None:
        notes.append(Note("the archive holds no factor inputs: value added is unknown"))
    else:
        notes.extend(_balance(index, Z, x, value_added, taxes))
    folders = _folders(archive, root)
    if left := [f for f in folders if f not in {e.name for e in found}]:
        steps.append(f"extensions left out as asked: {listed(left, 40)}")
    if rest := _unread(archive, root, folders):
        steps.append(f"not read, for they follow from the rest or describe it: {listed(rest, 400)}")
    kind = table.system
    if not kind and len(index.sectors) in (163, 200):
        kind = "ixi" if len(index.sectors) == 163 else "pxp"
    version = str(_metadata(archive, root).get("version") or "")
    told = re.search(r"3[._](\d{1,2})([._]\d)?", version or archive.path.as_posix())
    edition = version or (told[0].replace("_", ".") if told else "")
    return finish(
        regions=index.regions, sectors=index.sectors, categories=categories, Z=Z, Y=Y, x=x,
        value_added=value_added, value_added_rows=va_rows, extensions=found,
        money_unit="million EUR", year=year, other_inputs=taxes, table_type=TYPES.get(kind, ""),
        price_basis="basic", notes=notes,
        provenance=Provenance(
            f"exiobase3-{kind}-{year}" if kind else f"exiobase3-{year}", edition,
            sources=(SOURCE,), steps=tuple(steps),
        ),
    )  # fmt: skip


def _folders(archive: Archive, root: str) -> list[str]:
    names = archive.find(rf"^{re.escape(root)}[^/]+/(F|S)\.txt$")
    return list(dict.fromkeys(name[len(root) :].split("/")[0] for name in names))


def _unread(archive: Archive, root: str, folders: Sequence[str]) -> list[str]:
    """Return the members that no part of the table is read from."""
    sizes = archive.sizes
    flows = "Z" if f"{root}Z.txt" in sizes else "A"
    about = ["file_parameters.json", "metadata.json"]
    read_ = {f"{root}{name}" for name in (f"{flows}.txt", "Y.txt", "x.txt", "unit.txt", *about)}
    for folder in folders:
        flows = "F" if f"{root}{folder}/F.txt" in sizes else "S"
        on_demand = [f"{m}.txt" for m in ON_DEMAND if f"{root}{folder}/{m}.txt" in sizes][:1]
        inside = (f"{flows}.txt", "unit.txt", *on_demand, *about)
        read_ |= {f"{root}{folder}/{name}" for name in inside}
    found = [name for name in archive.names if name.startswith(root) and name not in read_]
    return [name[len(root) :] for name in found]


def _output(archive: Archive, name: str, index: SectorIndex, decimal: str | None) -> Array | None:
    if name not in archive.sizes:
        return None
    form = layout(archive, name, header=1, labels=2, separator="\t", decimal=decimal)
    have: list[Label] = []
    parts = []
    for labels, values in blocks(archive, name, form):
        have.extend(labels)
        parts.append(values[:, 0])
    order = positions(have, list(index.pairs), f"rows of {archive.path}: {name}")
    return np.ascontiguousarray(np.concatenate(parts)[order])


def _solved(A: Array, y: Array) -> Array:
    """Return x with x = A x + y, by its power series; the room for files solves nothing else."""
    x, step = y.copy(), y
    for _ in range(5000):
        with np.errstate(over="ignore", invalid="ignore"):  # it may grow beyond any number
            step = A @ step
            x += step
        if not np.isfinite(x).all():
            break
        if np.abs(step).max(initial=0.0) <= 1e-15 * np.abs(x).max(initial=0.0):
            return x
    raise ConvergenceError(
        "x = A x + Y 1 does not settle: the table is not productive",
        where="A.txt of EXIOBASE, which holds no x.txt",
        do="use an edition with x.txt",
    )


def _satellites(
    archive: Archive,
    root: str,
    index: SectorIndex,
    columns: Sequence[tuple[str, str]],
    x: Array | None,
    Y: Array,
    want: Sequence[str] | None,
    decimal: str | None,
) -> tuple[list[Extension], Extension | None]:
    """Return the extensions asked for, and the one that holds the primary inputs."""
    folders = _folders(archive, root)
    wanted = chosen(folders, want)
    holders = [f for f in ("factor_inputs", "factor_input", "satellite") if f in folders]
    found, primary = [], None
    for folder in folders:
        if folder not in wanted and folder not in holders[:1]:
            continue
        extension = _extension(archive, f"{root}{folder}/", folder, index, columns, x, Y, decimal)
        if folder in holders[:1]:
            primary = extension
        if folder in wanted:
            found.append(extension)
    return found, primary


def _extension(
    archive: Archive,
    folder: str,
    name: str,
    index: SectorIndex,
    columns: Sequence[tuple[str, str]],
    x: Array | None,
    Y: Array,
    decimal: str | None,
) -> Extension:
    if f"{folder}unit.txt" not in archive.sizes:
        archive.one(f"^{re.escape(folder)}unit\\.txt$", f"the units of {name}")
    coefficients = f"{folder}F.txt" not in archive.sizes
    if coefficients and x is None:
        raise DataFileError(
            f"{name} holds coefficients only, and there is no x.txt",
            where=str(archive.path),
            do="use an edition with F.txt, or choose others with extensions=",
        )
    member = f"{folder}{'S' if coefficients else 'F'}.txt"
    form = _form(archive, member, decimal)
    units = {tuple(row[: form.labels]): row[-1] for row in _text(archive, f"{folder}unit.txt")[1:]}
    F = np.empty((len(units), len(index)))
    _fill(archive, member, form, F, list(units), index.pairs)
    notes: tuple[Note, ...] = ()
    if coefficients:
        assert x is not None
        F *= x[None, :]
        notes = (Note(f"F = S diag(x), for {name} holds S and not F", about="table"),)
    F_Y = None
    for other in ON_DEMAND:
        member = f"{folder}{other}.txt"
        if member in archive.sizes:
            form = _form(archive, member, decimal)
            F_Y = np.empty((len(units), len(columns)))
            _fill(archive, member, form, F_Y, list(units), columns)
            if other == "S_Y":
                F_Y *= Y.sum(axis=0)[None, :]
            break
    labels = tuple(" / ".join(cell for cell in label if cell) for label in units)
    return Extension(name, labels, F, tuple(units.values()), F_Y, notes=notes)


def _primary(holder: Extension | None) -> tuple[Array | None, tuple[str, ...], Side | None]:
    """Part the primary inputs: components of value added, and taxes on products."""
    if holder is None:
        return None, (), None
    rows = [
        k
        for k, (label, unit) in enumerate(zip(holder.stressors, holder.units, strict=True))
        if MONEY.search(unit) and (holder.name.startswith("factor") or PRIMARY.match(label))
    ]
    tax = [k for k in rows if PRODUCT_TAX.match(holder.stressors[k])]
    rest = [k for k in rows if k not in tax]
    side = None
    if tax:
        labels = tuple(holder.stressors[k] for k in tax)
        on_demand = None if holder.F_Y is None else holder.F_Y[tax]
        side = Side(labels, holder.F[tax], on_demand)
    if not rest:
        return None, (), side
    return holder.F[rest], tuple(holder.stressors[k] for k in rest), side


def _balance(
    index: SectorIndex, Z: Array, x: Array, value_added: Array, taxes: Side | None
) -> list[Note]:
    """Return a note where the columns do not add up to output: the file itself says so."""
    gap = x - Z.sum(axis=0) - value_added.sum(axis=0)
    if taxes is not None:
        gap -= taxes.total
    worst = int(np.abs(gap).argmax())
    if abs(gap[worst]) <= 1e-6 * float(x.sum()) / len(x) + 1e-6 * x[worst]:
        return []
    text = (
        f"inputs, value added and taxes differ from output by up to {abs(gap[worst]):.6g} million"
        f" EUR ({index.name(worst)}; {np.abs(gap).sum():.6g} in all), as published"
    )
    return [Note(text)]


READER = Reader(
    name="exiobase3",
    title="EXIOBASE 3",
    source=SOURCE,
    references=(
        "IndEcol/pymrio, pymrio/tools/ioparser.py, parse_exiobase3 (release 0.7)",
        "IndEcol/pymrio, tests/mock_mrios/exio3_mock/satellite/F.txt and F_hh.txt, commit"
        " 56264e92d9e7ae848bfa08edf34c8da6b03d18a3",
    ),
    recognises=recognises,
    years=years,
    read=read,
    options=("extensions", "system", "decimal"),
)
