"""The plain layout: what to bring a table of one's own into, and what `write_plain` writes.

A folder (or zip) of csv files, a folder of parquet files, or one workbook (xlsx), with these
tables as files or sheets. Z and Y are needed, all others may be left out:

==================  =======================  =======================================
table               a row for each           a column for each
==================  =======================  =======================================
Z                   region, sector           region, sector
Y                   region, sector           region, category
x                   region, sector           x
value_added         row                      region, sector
other_inputs        row                      region, sector
other_inputs_Y      row                      region, category
other_uses          region, sector           use
F_NAME              stressor, unit           region, sector
F_Y_NAME            stressor, unit           region, category (so F_Y_low_, F_Y_high_)
estimated_TABLE     as Z, Y, x, value_added  as there; 1 where a cell is an estimate
meta                key                      value
==================  =======================  =======================================

Text and sheets: the header has a row for each part of a column label (region above sector); the
first columns hold the row labels, and their names stand in the last header row::

    ,,A,A,B,B
    region,sector,1,2,1,2
    A,1,20,10,15,5

Parquet: one row for each cell, with columns for the parts of the row label, the parts of the
column label (``region_to``, ``sector_to``, ``category`` where they are destinations), ``value``.

meta has money_unit (needed, unless passed as an option), and may have dataset, edition, year,
price_year, table_type, price_basis, note (several), and record, which only `write_plain` writes.
An empty cell is an error, but in F_Y, where it says that a figure is unknown. Order does not
matter, labels must match. Text is streamed; a sheet is held whole, so that a workbook serves
small tables.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError, InputError, LabelError, NonFiniteError, listed
from mriocarbon.io.archive import AGAIN, Archive, Progress
from mriocarbon.io.numbers import MOST, layout
from mriocarbon.io.readers.base import Reader, finish
from mriocarbon.io.readers.plain_refused import DOCUMENTED, no_tables, refused_workbook
from mriocarbon.io.readers.square import aligned, collected
from mriocarbon.io.sheets import rows as sheet_rows
from mriocarbon.io.sheets import sheet_names
from mriocarbon.model.extension import Extension
from mriocarbon.model.labels import SectorIndex
from mriocarbon.model.meta import from_json
from mriocarbon.model.provenance import Note, Source
from mriocarbon.model.side import Side
from mriocarbon.model.table import ESTIMABLE, MRIO

Array = NDArray[np.float64]
Label = tuple[str, ...]
SECTORS, DEMAND = ("region", "sector"), ("region", "category")
# Parts of the row labels and of the column labels.
LAYOUT: dict[str, tuple[Label, Label]] = {
    "Z": (SECTORS, SECTORS),
    "Y": (SECTORS, DEMAND),
    "x": (SECTORS, ("x",)),
    "value_added": (("row",), SECTORS),
    "other_inputs": (("row",), SECTORS),
    "other_inputs_Y": (("row",), DEMAND),
    "other_uses": (SECTORS, ("use",)),
    "meta": (("key",), ("value",)),
}
LAYOUT |= {f"estimated_{name}": LAYOUT[name] for name in ESTIMABLE}
ROOM = 10**6  # empty cells of a sheet that are borne
HOUSEHOLD = ("F_Y", "F_Y_low", "F_Y_high")
FORMS = (".csv", ".tsv", ".txt", ".parquet")


def parts(name: str) -> tuple[Label, Label] | None:
    """Return the parts of row and column labels of a table, None if it is none of the layout.

    Examples
    --------
    >>> parts("F_Y_GHG")
    (('stressor', 'unit'), ('region', 'category'))
    """
    if name in LAYOUT:
        return LAYOUT[name]
    kind, _ = extension_part(name)
    if not kind:
        return None
    return ("stressor", "unit"), (SECTORS if kind == "F" else DEMAND)


def extension_part(name: str) -> tuple[str, str]:
    """Return ("F", "F_Y", "F_Y_low" or "F_Y_high"; extension), or two empty texts."""
    for kind in ("F_Y_low", "F_Y_high", "F_Y", "F"):
        if name.startswith(f"{kind}_") and len(name) > len(kind) + 1:
            return kind, unquote(name[len(kind) + 1 :])
    return "", ""


def column_names(names: Label) -> Label:
    """Return the parquet columns of a column label: ``region`` is ``region_to`` there."""
    return tuple(f"{k}_to" if k in SECTORS else k for k in names)


def _tables(archive: Archive) -> dict[str, str]:
    """Return table to member, of the topmost folder that has a Z."""
    if _workbook(archive):
        return {name: name for name in _sheets(archive) if parts(name) is not None}
    tops = [n for n in archive.names if re.search(r"(^|/)Z\.(csv|tsv|txt|parquet)$", n)]
    if not tops:
        return {}
    top = PurePosixPath(min(tops, key=lambda n: n.count("/")))
    found = {}
    for member in archive.names:
        path = PurePosixPath(member)
        beside = path.parent == top.parent and path.suffix.lower() == top.suffix.lower()
        if beside and parts(path.stem) is not None:
            found[path.stem] = member
    return found


def _workbook(archive: Archive) -> bool:
    return archive.path.is_file() and archive.path.suffix.lower() == ".xlsx"


def _sheets(archive: Archive) -> list[str]:
    try:
        return sheet_names(archive, archive.path.name)
    except DataFileError:
        return []


def recognises(archive: Archive) -> bool:
    """Whether it has tables Z and Y in the plain layout."""
    tables = _tables(archive)
    if not {"Z", "Y"} <= set(tables):
        return False
    if _workbook(archive):
        return True
    head = archive.head(tables["Z"], 1 << 20)
    if tables["Z"].endswith(".parquet"):
        return head.startswith(b"PAR1")
    lines = [line for line in head.splitlines() if line.strip()]  # some end with CR CR LF
    if len(lines) < 2:
        return False
    cells = re.split(r"[,;\t|]", lines[1][:200].decode("latin-1").replace('"', ""))
    return [c.strip().lower() for c in cells[:2]] == list(SECTORS)


def refusal(archive: Archive) -> DataFileError | None:
    """Say why what looks like a table of one's own is none; None where it looks like no such."""
    if archive.path.is_file() and not archive.path.stat().st_size:
        return DataFileError("the file is empty", where=str(archive.path), do=AGAIN)
    if _workbook(archive):
        return refused_workbook(archive)
    texts = [name for name in archive.names if name.lower().endswith(FORMS)]
    stems = [PurePosixPath(name).stem for name in texts]
    if not {"Z", "Y"} & {stem.upper() for stem in stems}:
        return None
    if missing := [name for name in ("Z", "Y") if name not in stems]:
        return no_tables(archive, missing, texts, "file")
    table = _tables(archive).get("Z", texts[stems.index("Z")])
    lines = archive.head(table).decode("latin-1").split("\n")
    return DataFileError(
        "its second line does not begin with region, sector, or Y has another form than Z",
        where=f"{archive.path}: {table}: {lines[min(1, len(lines) - 1)].strip()[:60]!r}",
        do=f"put the labels where they belong, {DOCUMENTED}",
    )


def years(archive: Archive) -> tuple[int, ...]:
    """Return the year that the table meta tells."""
    meta = _Tables(archive, _tables(archive)).meta()
    year = _number(meta, "year", archive)
    return () if year is None else (year,)


def read(
    archive: Archive, year: int | None = None, *, money_unit: str = "", decimal: str | None = None
) -> MRIO:
    """Read a table in the plain layout.

    Parameters
    ----------
    archive : Archive
    year : int, optional
        Of the table, where meta does not tell.
    money_unit : str
        Where meta does not tell.
    decimal : str, optional
        ``"."`` or ``","``, where the first rows of a text table leave it open.

    Returns
    -------
    MRIO

    Raises
    ------
    DataFileError
        Z or Y is missing.
    InputError
        A cell is no number, labels do not match, or no money unit is given.
    """
    tables = _tables(archive)
    missing = [name for name in ("Z", "Y") if name not in tables]
    if missing:
        raise refusal(archive) or DataFileError(
            f"the table {missing[0]} is missing",
            where=str(archive.path),
            do=f"name it {missing[0]}, {DOCUMENTED}",
        )
    load = _Tables(archive, tables, decimal)
    meta = load.meta()
    told = _record(meta, archive)
    unit = money_unit or "".join(meta.get("money_unit", ()))
    if not unit:
        raise InputError(
            "the money unit is not given",
            where=f"{archive.path}: meta",
            do='add a row "money_unit" to the table meta, or pass money_unit="million USD"',
        )
    Z, rows, columns = load("Z")
    index = SectorIndex.from_pairs([(r, s) for r, s in rows], "rows of Z")
    pairs: Sequence[Label] = index.pairs
    Z = aligned(Z, rows, columns, pairs, pairs, "Z")
    Y, rows, columns = load("Y")
    categories = tuple(dict.fromkeys(c for _, c in columns))
    demand: list[Label] = [(r, c) for r in index.regions for c in categories]
    Y = aligned(Y, rows, columns, pairs, demand, "Y")

    def rest(name: str, rows_of: Sequence[Label] | None = None) -> tuple[Array, list[Label]]:
        values, rows, columns = load(name)
        spec = parts(name)
        assert spec is not None
        want_columns = pairs if spec[1] == SECTORS else demand if spec[1] == DEMAND else columns
        want_rows = pairs if spec[0] == SECTORS else (rows_of or rows)
        return (
            aligned(values, rows, columns, want_rows, want_columns, name),
            columns if spec[0] == SECTORS else list(want_rows),
        )

    x = rest("x")[0][:, 0] if "x" in tables else None
    value_added, va_rows = rest("value_added") if "value_added" in tables else (None, [])
    inputs = uses = None
    if "other_inputs" in tables:
        values, labels = rest("other_inputs")
        final = rest("other_inputs_Y", labels)[0] if "other_inputs_Y" in tables else None
        inputs = Side(tuple(k for (k,) in labels), values, final)
    if "other_uses" in tables:
        values, labels = rest("other_uses")
        uses = Side(tuple(k for (k,) in labels), np.ascontiguousarray(values.T))
    estimated = {}
    for name in ESTIMABLE:
        if f"estimated_{name}" in tables:
            mask = rest(f"estimated_{name}", va_rows if name == "value_added" else None)[0]
            estimated[name] = (mask[:, 0] if name == "x" else mask) != 0
    extensions = []
    for table in tables:
        kind, name = extension_part(table)
        if kind != "F":
            continue
        values, labels = rest(table)
        own = {k: f"{k}_{table[2:]}" for k in HOUSEHOLD}
        households = {k: rest(t, labels)[0] for k, t in own.items() if t in tables}
        notes = told["extensions"].get(name, {}).get("notes", ())
        extensions.append(
            Extension(
                name, tuple(s for s, _ in labels), values, tuple(u for _, u in labels),
                **households, notes=notes,
            )
        )  # fmt: skip
    provenance = replace(
        told["provenance"],
        dataset=_text(meta, "dataset") or told["provenance"].dataset,
        edition=_text(meta, "edition") or told["provenance"].edition,
    )
    if "record" not in meta and not _text(meta, "dataset"):
        provenance = replace(provenance, dataset=archive.path.stem)
    known_year = _number(meta, "year", archive)
    if None not in (year, known_year) and year != known_year:
        raise InputError(
            f"no year {year}: the table is of {known_year}", where=str(archive.path),
            do=f"leave the year out, or pass year={known_year} (on the command line --year)",
        )  # fmt: skip
    notes = told["notes"] + tuple(Note(text) for text in meta.get("note", ()))
    return finish(
        regions=index.regions,
        sectors=index.sectors,
        categories=categories,
        Z=Z,
        Y=Y,
        x=x,
        value_added=value_added,
        value_added_rows=[k for (k,) in va_rows],
        extensions=extensions,
        money_unit=unit,
        year=year if known_year is None else known_year,
        price_year=_number(meta, "price_year", archive),
        current_prices=False,  # what the file does not say is not known
        provenance=provenance,
        other_inputs=inputs,
        other_uses=uses,
        table_type=_text(meta, "table_type"),
        price_basis=_text(meta, "price_basis"),
        notes=notes,
        estimated=estimated,
    )


def _record(meta: Mapping[str, list[str]], archive: Archive) -> dict[str, Any]:
    try:
        return from_json(_text(meta, "record"))
    except ValueError as error:
        raise InputError(
            f"the record cannot be read: {error}",
            where=f"{archive.path}: meta, record",
            do="take the row out; only write_plain writes one",
        ) from error


def _text(meta: Mapping[str, list[str]], key: str) -> str:
    return meta[key][0] if key in meta else ""


def _number(meta: Mapping[str, list[str]], key: str, archive: Archive) -> int | None:
    text = _text(meta, key)
    if not text:
        return None
    try:
        return int(float(text))
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{text!r} is no year", where=f"{archive.path}: meta, {key}", do="correct it"
        ) from error


@dataclass(frozen=True)
class _Tables:
    """Reads the tables of an archive, whatever their form."""

    archive: Archive
    members: Mapping[str, str]
    decimal: str | None = None

    def __call__(self, name: str) -> tuple[Array, list[Label], list[Label]]:
        spec, member = parts(name), self.members[name]
        assert spec is not None
        rows, columns = len(spec[0]), len(spec[1])
        gaps = extension_part(name)[0] in HOUSEHOLD
        if _workbook(self.archive):
            return self._cells(self._sheet(name), rows, columns, name, gaps)
        if member.endswith(".parquet"):
            return self._parquet(member, *spec, gaps)
        if gaps:
            return self._cells(self._lines(member, columns, rows), rows, columns, member, gaps)
        form = layout(self.archive, member, header=columns, labels=rows, decimal=self.decimal)
        values, labels = collected(self.archive, member, form, square=name == "Z")
        return values, labels, list(form.columns)

    def meta(self) -> dict[str, list[str]]:
        """Return key to texts."""
        if "meta" not in self.members:
            return {}
        member = self.members["meta"]
        if _workbook(self.archive):
            rows = [[_shown(c) for c in row] for row in self._sheet("meta")]
        elif member.endswith(".parquet"):
            with tempfile.TemporaryDirectory() as folder:
                path = str(self.archive.local(member, Path(folder)))
                found = self._query(member, "SELECT key, value FROM read_parquet(?)", path)
                rows = [["key", "value"], *([str(k), str(v)] for k, v in found)]
        else:
            rows = self._lines(member, 1, 1)
        meta: dict[str, list[str]] = {}
        for row in rows[1:]:
            if row and row[0].strip() and len(row) > 1 and row[1].strip():
                meta.setdefault(row[0].strip(), []).append(row[1].strip())
        return meta

    def _lines(self, member: str, header: int, labels: int) -> list[list[Any]]:
        """Return the rows of a small text table, numbers with a decimal point."""
        rows: list[list[Any]] = [row for row in self.archive.table(member) if row]
        if member.rpartition("/")[2].startswith("meta"):
            return rows
        decimal = layout(
            self.archive, member, header=header, labels=labels, decimal=self.decimal
        ).decimal
        for row in rows[header:]:
            row[labels:] = [c.replace(decimal, ".") for c in row[labels:]]
        return rows

    def _sheet(self, name: str) -> list[list[Any]]:
        """Return the rows of a sheet, as wide as the first one; empty cells are empty texts."""
        found: list[list[Any]] = []
        held = 0
        with closing(sheet_rows(self.archive, self.archive.path.name, name)) as source:
            for number, cells in source:
                if all(cell is None for cell in cells):
                    continue
                width = len(found[0]) if found else len(cells)
                if len(cells) > width and name != "meta":
                    raise InputError(
                        f"the row has {len(cells)} columns, the first one {width}",
                        where=f"{self.archive.path}: {name}, row {number}",
                        do="check the file: a column was added or cut off",
                    )
                held += sum(cell is not None for cell in cells)
                if (len(found) + 1) * width > ROOM + 100 * held:
                    raise InputError(
                        f"{len(found) + 1} rows of {width} columns hold {held} cells",
                        where=f"{self.archive.path}: {name}",
                        do="remove what stands far beside the table",
                    )
                filled = ["" if cell is None else cell for cell in cells]
                found.append(filled + [""] * (width - len(cells)))
        self._tell(name)
        return found

    def _tell(self, name: str) -> None:
        if self.archive.progress is not None:
            size = self.archive.sizes.get(name, 0)
            self.archive.progress(Progress(name, size, size, 0.0))

    def _cells(
        self, table: list[list[Any]], rows: int, columns: int, name: str, gaps: bool
    ) -> tuple[Array, list[Label], list[Label]]:
        where = f"{self.archive.path}: {name}"
        if len(table) <= columns:
            raise DataFileError("the table ends within its header", where=where, do=AGAIN)
        width = len(table[0])
        labels = [tuple(_shown(c) for c in row[:rows]) for row in table[columns:]]
        heads = [tuple(_shown(table[k][j]) for k in range(columns)) for j in range(rows, width)]
        values = np.empty((len(labels), width - rows))
        for i, row in enumerate(table[columns:]):
            if len(row) != width:
                raise InputError(
                    f"the row has {len(row)} columns, the header {width}",
                    where=f"{where}, row {' '.join(labels[i])}",
                    do="check the file: a column was added or cut off",
                )
            for j, cell in enumerate(row[rows:]):
                try:
                    values[i, j] = number = np.nan if gaps and cell == "" else float(cell)
                    if abs(number) > MOST:
                        raise ValueError
                except (TypeError, ValueError, OverflowError):
                    problem = f"{cell!r} is no number" if cell != "" else "the cell is empty"
                    raise InputError(
                        problem,
                        where=f"{where}, row {' '.join(labels[i])}, column {' '.join(heads[j])}",
                        do="write a number; missing is not zero",
                    ) from None
        return values, labels, heads

    def _query(self, member: str, sql: str, *values: str) -> list[tuple[Any, ...]]:
        import duckdb

        try:
            with duckdb.connect() as con:
                return con.execute(sql, list(values)).fetchall()
        except (duckdb.Error, UnicodeDecodeError) as error:
            raise self._damaged(member, error) from error

    def _damaged(self, member: str, error: Exception) -> DataFileError:
        return DataFileError(
            f"the parquet file is truncated or not of the plain layout: {error}",
            where=f"{self.archive.path}: {member}",
            do=f"write its columns {DOCUMENTED}, or fetch it again",
        )

    def _parquet(
        self, member: str, rows: Label, columns: Label, gaps: bool
    ) -> tuple[Array, list[Label], list[Label]]:
        import duckdb

        where = f"{self.archive.path}: {member}"
        down, along = ", ".join(rows), ", ".join(column_names(columns))
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
            source = str(self.archive.local(member, Path(folder)))
            scan = f"read_parquet('{source.replace(chr(39), chr(39) * 2)}', file_row_number=true)"
            labels: list[list[Label]] = []
            try:
                con.execute("SET preserve_insertion_order=false")
                con.execute("SET enable_progress_bar=false")
                for axis, names in (("R", down), ("C", along)):
                    con.execute(
                        f"CREATE TABLE {axis} AS SELECT {names}, (row_number() OVER (ORDER BY"
                        f" min(file_row_number)) - 1)::INTEGER AS {axis}_k FROM {scan}"
                        f" GROUP BY {names}"
                    )
                    found = con.execute(f"SELECT {names} FROM {axis} ORDER BY {axis}_k").fetchall()
                    labels.append([tuple(map(str, k)) for k in found])
                out = np.full((len(labels[0]), len(labels[1])), np.nan)
                seen = np.zeros(out.shape, dtype=bool)
                count = 0
                con.execute(
                    f"SELECT R_k, C_k, value::DOUBLE AS value FROM {scan}"
                    f" JOIN R USING ({down}) JOIN C USING ({along})"
                )
                while len(frame := con.fetch_df_chunk(64)):
                    i, j = frame["R_k"].to_numpy(), frame["C_k"].to_numpy()
                    out[i, j] = frame["value"].to_numpy(dtype=np.float64, na_value=np.nan)
                    seen[i, j] = True
                    count += len(frame)
            except (duckdb.Error, UnicodeDecodeError) as error:
                raise self._damaged(member, error) from error
        if count > out.size:
            raise LabelError("cells stand twice", where=where, do="give every cell once")
        known = np.abs(out) <= MOST
        bad = np.argwhere(~seen | ~(known | np.isnan(out) if gaps else known))
        if len(bad):
            some = [f"({labels[0][i]}; {labels[1][j]})" for i, j in bad[:5].tolist()]
            raise NonFiniteError(
                f"{len(bad)} cells are missing, empty, not finite or beyond {MOST:g}",
                where=f"{where}: {listed(some)}",
                do="give every cell; missing is not zero",
            )
        self._tell(member)
        return out, labels[0], labels[1]


def _shown(cell: Any) -> str:
    """Return a label as text: a sheet stores 1 as 1.0."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()


READER = Reader(
    "plain",
    "plain csv, xlsx or parquet",
    Source("plain layout"),
    ("our own layout, stated in mriocarbon/io/readers/plain.py: there is no other parser of it",),
    recognises,
    years,
    read,
    ("money_unit", "decimal"),
)
