"""Folders and zips that pymrio saved (``IOSystem.save_all``, `pymrio.archive`).

``file_parameters.json`` lists the tables of the core system, one subfolder with its own list
holds each extension; ``metadata.json`` names the system. Tables are text (tab or else), parquet
or pickle.

What goes where: Z, Y, x and unit of the core; F, F_Y and unit of every extension, value added
among them where pymrio has it as an extension (``factor_inputs``). Where Z is not saved it is
A diag(x), a named step. A, L, S, S_Y, M, B, G and the D accounts are derived from these, are not
read, and a note names them; so it does with tables that are no part of an MRIO (population).
An index of several levels (stressor, compartment) is joined by `` | ``.

Text is read by our own streaming code: `pymrio.load_all` reads the derived tables too, with a
peak of 3.7 times the finished table on a system of 2,000 sectors saved after ``calc_all()``
(ours: 1.5 times); it is the oracle of the tests. Parquet and pickle are read by pandas, one table
at a time and only those needed; pickle only on request (``trust_pickle=True``), since reading one
runs what its writer put in.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError, InputError, LabelError, NotAvailableError, listed
from mriocarbon.io.archive import AGAIN, Archive
from mriocarbon.io.numbers import layout
from mriocarbon.io.readers.base import Reader, finish
from mriocarbon.io.readers.square import aligned, collected
from mriocarbon.model.extension import Extension
from mriocarbon.model.labels import SectorIndex
from mriocarbon.model.provenance import Note, Provenance, Source
from mriocarbon.model.table import MRIO

Array = NDArray[np.float64]
Label = tuple[str, ...]
SOURCE = Source(
    "pymrio",
    citation="Stadler (2021): Pymrio, Journal of Open Research Software 9(1), 8",
    url="https://github.com/IndustrialEcology/pymrio",
)
MOST_LEVELS = 20  # of labels; two or three are usual
PARAMETERS = "file_parameters.json"
DERIVED = re.compile(r"(A|B|L|G|S|S_Y|M|M_down|M_.*|As|D_.*)$")
TYPES = {
    "ixi": "industry-by-industry", "industry-by-industry": "industry-by-industry",
    "pxp": "product-by-product", "product-by-product": "product-by-product",
}  # fmt: skip


@dataclass(frozen=True)
class _Table:
    """One table on disk: its member, and its label columns and header rows."""

    member: str
    index: int
    header: int


def _title(meta: dict[str, Any]) -> str:
    """The system's own name; "arrays" is what an unnamed table of this package is called."""
    name = str(meta.get("name") or "")
    return "pymrio" if name in ("", "arrays") else name


def recognises(archive: Archive) -> bool:
    """Whether a list of tables of an IOSystem is in it."""
    return any(_system(archive, name) for name in archive.find(rf"(^|/){PARAMETERS}$"))


def _system(archive: Archive, name: str) -> bool:
    head = archive.head(name, 1 << 16)
    return re.search(rb'"systemtype"\s*:\s*"IOSystem"', head) is not None


def _root(archive: Archive) -> str:
    found = [n for n in archive.find(rf"(^|/){PARAMETERS}$") if _system(archive, n)]
    if len(found) != 1:
        raise NotAvailableError(
            f"{len(found) or 'no'} saved systems: {listed(found) or 'none'}",
            where=str(archive.path),
            do="name the folder of one of them",
        )
    return found[0]


def _json(archive: Archive, name: str) -> dict[str, Any]:
    try:
        told = json.loads(archive.text(name))
    except DataFileError:
        raise
    except (ValueError, RecursionError) as error:
        raise DataFileError(
            f"it is no JSON: {error}", where=f"{archive.path}: {name}", do=AGAIN
        ) from error
    if not isinstance(told, dict):
        raise DataFileError("it is no list of tables", where=f"{archive.path}: {name}", do=AGAIN)
    return told


def _tables(archive: Archive, parameters: str) -> dict[str, _Table]:
    told = _json(archive, parameters).get("files", {})
    folder = PurePosixPath(parameters).parent
    where = f"{archive.path}: {parameters}"
    if not isinstance(told, dict):
        raise DataFileError("it is no list of tables", where=where, do=AGAIN)
    tables = {}
    for key, about in told.items():
        try:
            name, index, header = str(about["name"]), about["nr_index_col"], about["nr_header"]
            levels = _Table("", int(index), int(header))
            if not (0 <= levels.index <= MOST_LEVELS and 0 <= levels.header <= MOST_LEVELS):
                raise ValueError(f"{index} label columns, {header} header rows")
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise DataFileError(
                f"what it says of {key} cannot be read: {error!r}",
                where=where,
                do="each table needs name, nr_index_col and nr_header: save the system again",
            ) from error
        member = (folder / name).as_posix()
        if member not in archive.sizes:
            raise DataFileError(
                f"{key} is listed in {parameters} and missing",
                where=f"{archive.path}: {member}",
                do="save the system again, or take the table off the list",
            )
        name = "F_Y" if key in ("FY", "F_hh") else key  # its names in old versions of pymrio
        tables[name] = replace(levels, member=member)
    return tables


def _year(archive: Archive) -> int | None:
    root = _root(archive)
    meta = (PurePosixPath(root).parent / "metadata.json").as_posix()
    told = _json(archive, meta) if meta in archive.sizes else {}
    for text in (told.get("name"), told.get("description"), archive.path.name):
        found = re.findall(r"(?<!\d)(19[5-9]\d|20\d\d)(?!\d)", str(text or ""))
        if len(set(found)) == 1:
            return int(found[0])
    return None


def years(archive: Archive) -> tuple[int, ...]:
    """Return the year, if name, description or folder tell exactly one."""
    year = _year(archive)
    return () if year is None else (year,)


def read(archive: Archive, year: int | None = None, *, trust_pickle: bool = False) -> MRIO:
    """Read a saved system.

    Parameters
    ----------
    archive : Archive
    year : int, optional
        Of the table, where its files do not tell.
    trust_pickle : bool
        Read tables saved as pickle; do so only with files of your own.

    Returns
    -------
    MRIO

    Raises
    ------
    DataFileError
        A listed table is missing.
    InputError
        Labels do not agree, or a table is a pickle.
    """
    root = _root(archive)
    folder = PurePosixPath(root).parent
    core = _tables(archive, root)
    meta_name = (folder / "metadata.json").as_posix()
    meta = _json(archive, meta_name) if meta_name in archive.sizes else {}
    told = _year(archive)
    if told is not None and year is not None and told != year:
        raise NotAvailableError(
            f"no year {year}: the system is of {told}", where=str(archive.path),
            do=f"leave the year out, or pass year={told} (on the command line --year)",
        )  # fmt: skip
    load = _Load(archive, trust_pickle)
    provenance = Provenance(_title(meta), str(meta.get("version") or ""), sources=(SOURCE,))
    for key in ("Y", *(() if "Z" in core else ("A", "x"))):
        if key not in core:
            raise DataFileError(
                f"the saved system lacks {key if 'Z' in core or key == 'Y' else 'Z, or A and x'}",
                where=f"{archive.path}: {root}",
                do="save it with its flows: call calc_all() before save_all()",
            )
    Z, rows, columns = load(core["Z" if "Z" in core else "A"])
    index = SectorIndex.from_pairs([_pair(k, "Z") for k in rows], "rows of Z")
    Z = aligned(Z, rows, columns, index.pairs, index.pairs, "Z")
    Y, rows, columns = load(core["Y"])
    columns = [_pair(k, "Y") if len(k) > 1 else (k[0], "final demand") for k in columns]
    categories = tuple(dict.fromkeys(c for _, c in columns))
    demand = [(r, c) for r in index.regions for c in categories]
    Y = aligned(Y, rows, columns, index.pairs, demand, "Y")
    x = None
    if "x" in core:
        values, rows, columns = load(core["x"])
        x = aligned(values, rows, columns, index.pairs, columns[:1], "x")[:, 0]
    if "Z" not in core:
        assert x is not None
        Z = Z * x
        provenance = provenance.after("Z = A diag(x), for Z was not saved")
    notes = _skipped("the core system", set(core) - {"Z", "Y", "x", "unit"})
    extensions = []
    for parameters in archive.find(rf"(^|/){PARAMETERS}$"):
        below = PurePosixPath(parameters).parent
        if parameters == root or below.parent != folder:
            continue
        extension = _extension(archive, parameters, load, index, demand)
        if extension is not None:
            extensions.append(extension)
            notes += _skipped(
                extension.name, set(_tables(archive, parameters)) - {"F", "F_Y", "unit"}
            )
    units = load.text(core["unit"]) if "unit" in core else {}
    money = sorted(set(units.values()))
    if len(money) > 1:
        raise InputError(
            f"the flows are in {len(money)} units: {listed(money)}",
            where=f"{archive.path}: {core['unit'].member}",
            do="bring the table into one money unit",
        )
    return finish(
        regions=index.regions,
        sectors=index.sectors,
        categories=categories,
        Z=Z,
        Y=Y,
        x=x,
        extensions=extensions,
        money_unit=money[0] if money else "unknown",
        year=year if told is None else told,
        provenance=provenance,
        table_type=TYPES.get(str(meta.get("system") or "").lower(), ""),
        notes=notes,
    )


def _skipped(what: str, names: set[str]) -> list[Note]:
    derived = sorted(name for name in names if DERIVED.match(name))
    other = sorted(names - set(derived))
    notes = []
    if derived:
        notes.append(Note(f"of {what}, {', '.join(derived)} are derived and were not read"))
    if other:
        notes.append(Note(f"of {what}, {', '.join(other)} are no part of a table: not read"))
    return notes


def _extension(
    archive: Archive,
    parameters: str,
    load: _Load,
    index: SectorIndex,
    demand: Sequence[Label],
) -> Extension | None:
    tables = _tables(archive, parameters)
    name = PurePosixPath(parameters).parent.name
    if "F" not in tables:
        if "S" in tables:
            raise InputError(
                f"extension {name!r} has coefficients S and no flows F",
                where=f"{archive.path}: {parameters}",
                do="save it with its flows: call calc_all() before save_all()",
            )
        return None
    F, rows, columns = load(tables["F"])
    stressors = [" | ".join(k) for k in rows]
    F = aligned(F, rows, columns, rows, index.pairs, f"F of {name}")
    F_Y = None
    if "F_Y" in tables:
        values, rows_Y, columns_Y = load(tables["F_Y"])
        columns_Y = [k if len(k) > 1 else (k[0], "final demand") for k in columns_Y]
        F_Y = aligned(values, rows_Y, columns_Y, rows, demand, f"F_Y of {name}")
    units = load.text(tables["unit"]) if "unit" in tables else {}
    return Extension(name, tuple(stressors), F, tuple(units.get(k, "unknown") for k in rows), F_Y)


def _pair(label: Label, what: str) -> tuple[str, str]:
    if len(label) != 2:
        raise LabelError(
            f"a label of {what} has {len(label)} levels: {label}",
            where=what,
            do="two are expected: region and sector, or region and category",
        )
    return label[0], label[1]


@dataclass(frozen=True)
class _Load:
    """Reads one table of an archive: numbers, row labels, column labels."""

    archive: Archive
    trust_pickle: bool

    def __call__(self, table: _Table) -> tuple[Array, list[Label], list[Label]]:
        suffix = PurePosixPath(table.member).suffix.lower()
        if suffix in (".parquet", ".pkl", ".pickle"):
            return self._frame(table, suffix)
        header = table.header + self._named(table)
        form = layout(self.archive, table.member, header=header, labels=table.index)
        columns = [k[: table.header] for k in form.columns]  # less the line of index names
        values, rows = collected(self.archive, table.member, form, square=table.header == 2)
        return values, rows, columns

    def text(self, table: _Table) -> dict[Label, str]:
        """Return a table of one text column by its labels: the units."""
        suffix = PurePosixPath(table.member).suffix.lower()
        if suffix in (".parquet", ".pkl", ".pickle"):
            frame = self._pandas(table, suffix)
            column = frame.iloc[:, 0] if frame.shape[1] else {}
            return {_label(k): str(v) for k, v in column.items()}
        rows = self.archive.table(table.member)[table.header :]
        rows = [row for row in rows if any(row)]
        short = [k for k, row in enumerate(rows) if len(row) <= table.index]
        if short:
            raise DataFileError(
                "a row has no unit",
                where=f"{self.archive.path}: {table.member}, row {short[0] + table.header + 1}",
                do="save the system again",
            )
        return {tuple(row[: table.index]): row[table.index] for row in rows}

    def _named(self, table: _Table) -> int:
        """Return 1 if a line with the names of the index levels stands below the header."""
        if table.header < 2:
            return 0
        lines = self.archive.head(table.member, 1 << 22).splitlines()[: table.header + 1]
        if len(lines) <= table.header:
            return 0
        text = lines[table.header].decode("utf-8-sig", "replace")
        mark = max("\t;,|", key=lines[0].decode("utf-8-sig", "replace").count)
        return int(not any(cell.strip() for cell in text.split(mark)[table.index :]))

    def _frame(self, table: _Table, suffix: str) -> tuple[Array, list[Label], list[Label]]:
        frame = self._pandas(table, suffix)
        try:
            values = frame.to_numpy(dtype=np.float64)
        except (ValueError, TypeError) as error:
            raise InputError(
                f"a cell is no number: {error}",
                where=f"{self.archive.path}: {table.member}",
                do="save the system again",
            ) from error
        return (
            values,
            [_label(k) for k in frame.index],
            [_label(k) for k in frame.columns],
        )

    def _pandas(self, table: _Table, suffix: str) -> Any:
        import pandas as pd

        if suffix != ".parquet" and not self.trust_pickle:
            raise InputError(
                "the tables are pickles, and reading one runs what its writer put in",
                where=f"{self.archive.path}: {table.member}",
                do="pass trust_pickle=True for files of your own, or save as txt or parquet",
            )
        with tempfile.TemporaryDirectory() as folder:
            path = self.archive.local(table.member, Path(folder))
            load: Callable[[Path], Any] = (
                pd.read_parquet if suffix == ".parquet" else pd.read_pickle
            )
            try:
                return load(path)
            except Exception as error:  # readers of damaged files raise all sorts
                raise DataFileError(
                    f"the table is damaged: {error}",
                    where=f"{self.archive.path}: {table.member}",
                    do=AGAIN,
                ) from error


def _label(label: Any) -> Label:
    return tuple(map(str, label)) if isinstance(label, tuple) else (str(label),)


READER = Reader(
    "pymrio",
    "systems saved by pymrio",
    SOURCE,
    (
        "IndEcol/pymrio 4ea77a87f4bfb3cfc3362baf6df3214518fc6a9b"
        " pymrio/tests/mock_mrios/exio3_mock/file_parameters.json and metadata.json",
        "IndEcol/pymrio d72528d4b6efc5cccb11d8c438e6101d2e92343d"
        " tests/mock_mrios/exio3_mock/satellite/file_parameters.json",
    ),
    recognises,
    years,
    read,
    ("trust_pickle",),
)
