"""Write a table in the plain layout (csv folder, parquet folder, workbook); whole or absent."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError, InputError
from mriocarbon.io.readers.plain import column_names, parts
from mriocarbon.model.atomic import replacing, replacing_folder
from mriocarbon.model.meta import to_json
from mriocarbon.model.table import MRIO

Label = tuple[str, ...]
FORMATS = ("csv", "xlsx", "parquet")
SHEET = (1 << 20, 1 << 14)  # rows and columns of a sheet
CELL = 32_000  # characters of a cell of a sheet


@dataclass(frozen=True)
class _Out:
    name: str
    rows: Sequence[Label]
    columns: Sequence[Label]
    values: NDArray[Any]


def write_plain(table: MRIO, path: str | Path, *, format: str | None = None) -> Path:
    """Write a table in the plain layout; `mc.read` gives the same table back.

    To the last bit from csv and parquet; a workbook holds 16 digits of each number.

    Parameters
    ----------
    table : MRIO
    path : path
        A folder that is not there yet, or ends in ``.xlsx`` for a workbook.
    format : str, optional
        ``"csv"``, ``"xlsx"`` or ``"parquet"``; by the path where it is left out (csv for a
        folder).

    Returns
    -------
    Path

    Raises
    ------
    InputError
        An unknown format, a name that cannot be written, or a table too large for a sheet.
    DataFileError
        The place cannot be written to; nothing is left there.

    Examples
    --------
    >>> import tempfile, mriocarbon as mc
    >>> from mriocarbon.io.archive import Archive
    >>> from mriocarbon.io.readers.plain import READER
    >>> mrio = mc.MRIO.from_arrays(Z=[[1, 2], [3, 4]], Y=[[5], [6]], regions=["A"],
    ...                            sectors=["1", "2"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     READER.read(Archive(write_plain(mrio, folder + "/out"))).Z
    array([[1., 2.],
           [3., 4.]])
    """
    path = Path(path)
    if format is None:
        format = "xlsx" if path.suffix.lower() == ".xlsx" else "csv"
    if format not in FORMATS:
        raise InputError(
            f"unknown format {format!r}", where="format", do="choose " + ", ".join(FORMATS)
        )
    meta = _meta(table)
    if format == "xlsx":
        _fits(table, meta)
        with replacing(path) as temporary:
            _workbook(table, meta, temporary)
        return path
    with replacing_folder(path) as temporary:
        if format == "csv":
            for out in _tables(table):
                _csv(out, temporary / f"{out.name}.csv")
            with (temporary / "meta.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("key", "value"), *meta])
        else:
            _parquet(table, meta, temporary)
    return path


def _tables(table: MRIO) -> Iterator[_Out]:
    pairs: Sequence[Label] = table.index.pairs
    demand: list[Label] = [(r, c) for r in table.regions for c in table.categories]
    yield _Out("Z", pairs, pairs, table.Z)
    yield _Out("Y", pairs, demand, table.Y)
    yield _Out("x", pairs, [("x",)], table.x[:, None])
    rows: list[Label] = [(k,) for k in table.value_added_rows]
    if table.value_added is not None:
        yield _Out("value_added", rows, pairs, table.value_added)
    if table.other_inputs is not None:
        labels: list[Label] = [(k,) for k in table.other_inputs.labels]
        yield _Out("other_inputs", labels, pairs, table.other_inputs.values)
        if table.other_inputs.final_demand is not None:
            yield _Out("other_inputs_Y", labels, demand, table.other_inputs.final_demand)
    if table.other_uses is not None:
        uses: list[Label] = [(k,) for k in table.other_uses.labels]
        yield _Out("other_uses", pairs, uses, table.other_uses.values.T)
    for name, mask in table.estimated.items():
        shape = getattr(table, name).shape
        full = np.broadcast_to(mask, shape)
        axes: dict[str, tuple[Sequence[Label], Sequence[Label]]] = {
            "Z": (pairs, pairs), "Y": (pairs, demand), "x": (pairs, [("x",)]),
            "value_added": (rows, pairs),
        }  # fmt: skip
        yield _Out(f"estimated_{name}", *axes[name], full[:, None] if full.ndim == 1 else full)
    for name, extension in table.extensions.items():
        stressors: list[Label] = list(zip(extension.stressors, extension.units, strict=True))
        told = quote(name, safe=" ")
        if told.startswith("Y_"):
            raise InputError(
                f"the extension {name!r} cannot be written in the plain layout",
                where="names of extensions",
                do='rename it: a name that begins with "Y_" reads as a part of F_Y',
            )
        yield _Out(f"F_{told}", stressors, pairs, extension.F)
        for kind in ("F_Y", "F_Y_low", "F_Y_high"):
            values = getattr(extension, kind)
            if values is not None:
                yield _Out(f"{kind}_{told}", stressors, demand, values)


def _meta(table: MRIO) -> list[tuple[str, str]]:
    told = {
        "dataset": table.provenance.dataset,
        "edition": table.provenance.edition,
        "money_unit": table.money_unit,
        "year": table.year,
        "price_year": table.price_year,
        "table_type": table.table_type,
        "price_basis": table.price_basis,
        "record": to_json(table),
    }
    return [(key, str(value)) for key, value in told.items() if value not in (None, "")]


def _grid(out: _Out) -> Iterator[list[Any]]:
    """Yield the rows of a text table or a sheet; unknown cells are None."""
    spec = parts(out.name)
    assert spec is not None
    names, heads = spec
    for k in range(len(heads)):
        last = k == len(heads) - 1
        yield [*(names if last else [""] * len(names)), *(c[k] for c in out.columns)]
    for label, values in zip(out.rows, out.values, strict=True):
        cells = values.astype(int).tolist() if values.dtype == bool else values.tolist()
        if not np.isfinite(values.sum()):
            cells = [None if cell != cell else cell for cell in cells]
        yield [*label, *cells]


def _csv(out: _Out, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_grid(out))


def _fits(table: MRIO, meta: Sequence[tuple[str, str]]) -> None:
    for out in _tables(table):
        if len(out.rows) + 2 > SHEET[0] or len(out.columns) + 2 > SHEET[1]:
            raise InputError(
                f"{out.name} has {len(out.columns)} columns, a sheet holds {SHEET[1]}",
                where="write_plain",
                do='write a folder: format="csv" or format="parquet"',
            )
        if len(out.name) > 31:
            raise InputError(
                f"the sheet name {out.name!r} is longer than 31 characters",
                where="write_plain",
                do="rename the extension, or write a folder",
            )
    if any(len(value) > CELL for _, value in meta):
        raise InputError(
            "notes and provenance are too long for a cell of a sheet",
            where="write_plain",
            do='write a folder: format="csv" or format="parquet"',
        )


def _workbook(table: MRIO, meta: Sequence[tuple[str, str]], path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for out in _tables(table):
        sheet = book.create_sheet(out.name)
        for row in _grid(out):
            sheet.append(row)
    sheet = book.create_sheet("meta")
    for pair in (("key", "value"), *meta):
        sheet.append(pair)
    with path.open("wb") as file:
        book.save(file)


def _parquet(table: MRIO, meta: Sequence[tuple[str, str]], folder: Path) -> None:
    import duckdb
    import pandas as pd

    def frame(labels: Sequence[Label], names: Label, key: str) -> pd.DataFrame:
        told = {name: [label[k] for label in labels] for k, name in enumerate(names)}
        return pd.DataFrame({**told, key: np.arange(len(labels), dtype=np.int32)})

    def place(name: str) -> str:
        return str(folder / f"{name}.parquet").replace("'", "''")

    try:
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar=false")
            for out in _tables(table):
                spec = parts(out.name)
                assert spec is not None
                down, along = spec[0], column_names(spec[1])
                con.register("R", frame(out.rows, down, "R_k"))
                con.register("C", frame(out.columns, along, "C_k"))
                con.execute("CREATE OR REPLACE TABLE V (R_k INTEGER, C_k INTEGER, value DOUBLE)")
                width = len(out.columns)
                step = max(1, (1 << 21) // width)
                for start in range(0, len(out.rows), step):
                    some = np.asarray(out.values[start : start + step], dtype=np.float64)
                    at = np.arange(start, start + len(some), dtype=np.int32)
                    block = pd.DataFrame({
                        "R_k": np.repeat(at, width),
                        "C_k": np.tile(np.arange(width, dtype=np.int32), len(some)),
                        "value": some.ravel(),
                    })  # fmt: skip
                    con.register("block", block)
                    # NaN says "unknown", which parquet has its own word for.
                    con.execute(
                        "INSERT INTO V SELECT R_k, C_k, CASE WHEN isnan(value) THEN NULL ELSE"
                        " value END FROM block"
                    )
                    con.unregister("block")
                names = ", ".join([*(f"R.{k}" for k in down), *(f"C.{k}" for k in along)])
                con.execute(
                    f"COPY (SELECT {names}, value FROM V JOIN R USING (R_k) JOIN C USING (C_k)"
                    f" ORDER BY R_k, C_k) TO '{place(out.name)}' (FORMAT parquet, COMPRESSION zstd)"
                )
                con.execute("DROP TABLE V")
            con.register("M", pd.DataFrame(meta, columns=["key", "value"]))
            con.execute(f"COPY M TO '{place('meta')}' (FORMAT parquet)")
    except duckdb.Error as error:
        raise DataFileError(
            f"cannot write parquet: {error}", where=str(folder.parent), do="check space and rights"
        ) from error
