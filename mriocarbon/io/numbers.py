"""Large text tables of numbers, read in blocks of rows: checked, resumable, never held twice."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.config import cache_folder
from mriocarbon.errors import DataFileError, InputError, NonFiniteError, ShapeError, listed
from mriocarbon.io.archive import AGAIN, Archive
from mriocarbon.model.memory import require

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
BLOCK = 1 << 22  # bytes of text in one block: some hundred rows of a full-size table
COLUMN = 1 << 19  # bytes of text parsed at a time
MOST = 1e150  # no amount of anything; sums and products of what is smaller stay finite
RESUMABLE = 1 << 26  # members above this size keep what was read, unless told otherwise


@dataclass(frozen=True)
class Layout:
    """How a text table is laid out.

    Attributes
    ----------
    separator : str
    header : tuple of tuple of str
        The header rows, split.
    labels : int
        Leading columns that are labels; the rest are numbers.
    decimal : str
        ``"."`` or ``","``.
    encoding : str
    """

    separator: str
    header: tuple[tuple[str, ...], ...]
    labels: int
    decimal: str = "."
    encoding: str = "utf-8-sig"

    @cached_property
    def columns(self) -> tuple[tuple[str, ...], ...]:
        """Labels of the number columns: one tuple of header cells each."""
        return tuple(zip(*(row[self.labels :] for row in self.header), strict=True))


def layout(
    archive: Archive,
    name: str,
    *,
    header: int = 1,
    labels: int = 1,
    separator: str | None = None,
    decimal: str | None = None,
) -> Layout:
    """Return the layout of a member, its separator and decimal sign looked up in its first rows.

    A decimal comma is recognised where columns are parted by something else and some number
    cannot be meant as thousands; where it could be either, that is an error to be lifted by
    `decimal`.

    Raises
    ------
    InputError
        The header is shorter than asked for, ragged, or the decimal sign is ambiguous.
    """
    text = ""
    with archive._raw(name) as stream:
        lines = [stream.readline() for _ in range(header + 3)]
    for encoding in ("utf-8-sig", "latin-1"):
        try:
            text = b"".join(lines).decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    # At line feeds alone, as the rows below are told apart: a label may hold other marks.
    rows = [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")]
    where = f"{archive.path}: {name}"
    if "\n" not in text and "\r" in text.rstrip("\r"):
        raise InputError(
            "its lines end in carriage returns alone, as on an old Mac", where=where,
            do="save it with line feeds (\\n) or with both (\\r\\n)",
        )  # fmt: skip
    if len(rows) <= header:
        raise DataFileError("the table ends within its header", where=where, do=AGAIN)
    if separator is None:
        body = rows[header]
        separator = max("\t;,|", key=lambda mark: body.count(mark))
        if header:
            separator = max("\t;,|", key=lambda mark: (rows[0].count(mark), body.count(mark)))
    try:
        split = [tuple(c.strip() for c in row) for row in csv.reader(rows, delimiter=separator)]
    except csv.Error as error:
        raise InputError(
            f"the first rows are no table: {error}",
            where=where,
            do="check the quotes and line ends",
        ) from error
    if len(split) <= header:  # a quote that is not closed makes one row of several
        raise InputError("a quote in the header is not closed", where=where, do="check the quotes")
    head, first = tuple(split[:header]), split[header]
    for row in head:
        if len(row) != len(first):
            raise InputError(
                f"the header has {len(row)} columns and the first row {len(first)}",
                where=where,
                do="check the file: a column was added, removed or cut off",
            )
    if len(first) <= labels:
        raise InputError(
            f"the first row has {len(first)} columns, of which {labels} are labels",
            where=where,
            do="check the file: columns were removed, or are parted by another sign",
        )
    if decimal is None:
        numbers = [c for row in split[header:] for c in row[labels:]]
        commas = [c for c in numbers if re.fullmatch(r"-?\d+,\d+", c)]
        sure = [c for c in commas if not re.fullmatch(r"-?\d{1,3},\d{3}", c)]
        if commas and not sure:
            raise InputError(
                f"{commas[0]!r} may be a decimal comma or a thousands separator",
                where=where,
                do='say which: decimal="," or decimal="."',
            )
        decimal = "," if sure else "."
    return Layout(separator, head, labels, decimal, encoding)


def blocks(
    archive: Archive,
    name: str,
    form: Layout,
    *,
    missing: Sequence[str] = (),
    resume: bool | None = None,
) -> Iterator[tuple[list[tuple[str, ...]], Array]]:
    """Yield blocks of rows: their labels, and their numbers of shape (rows, columns).

    Memory holds one block at a time. With `resume` each block is also kept in the cache
    folder until the last one, so that an interrupted reading goes on where it stopped.

    Parameters
    ----------
    archive : Archive
    name : str
        Member.
    form : Layout
    missing : sequence of str
        Cells that the format writes for a true zero (none by default: empty is an error).
    resume : bool, optional
        By default for members above 64 MB.

    Raises
    ------
    NonFiniteError
        An empty or NaN cell; it is named.
    InputError
        A cell that is no number.
    ShapeError
        A row with too many or too few cells.
    DataFileError
        The member is damaged.
    """
    if resume is None:
        resume = archive.sizes[name] > RESUMABLE
    kept = _Kept(archive, name, form, missing) if resume else None
    done = 0
    if kept is not None:
        for labels, values in kept.blocks():
            done += len(labels)
            yield labels, values
    with archive.open(name) as stream:
        for _ in form.header:
            stream.readline()
        skipped = 0
        while skipped < done and (line := stream.readline()):
            skipped += bool(line.strip())  # blank lines are no rows
        for labels, values in _parsed(stream, form, f"{archive.path}: {name}", missing, done):
            if kept is not None:
                kept.add(labels, values)
            yield labels, values
    if kept is not None:
        kept.clear()


def room(cells: int, where: str) -> None:
    """Refuse a table whose labels ask for more memory than there is, before it is read.

    Parameters
    ----------
    cells : int
        Of its largest array.
    where : str
        The file.

    Raises
    ------
    MemoryLimitError

    Examples
    --------
    >>> room(10**6, "table.csv")
    """
    require(
        8.0 * cells, f"an array of {cells:,} numbers", where=where,
        do="check the labels; if they are right, aggregate the table elsewhere first",
    )  # fmt: skip


def precise() -> dict[str, Any]:
    """Return what makes pandas read numbers to the last bit; it is its default since 3.1."""
    import pandas as pd

    known = tuple(map(int, pd.__version__.split(".")[:2]))
    return {} if known >= (3, 1) else {"float_precision": "round_trip"}


def _parsed(
    stream: IO[bytes], form: Layout, where: str, missing: Sequence[str], done: int
) -> Iterator[tuple[list[tuple[str, ...]], Array]]:
    import pandas as pd

    row = done
    while lines := stream.readlines(BLOCK):
        text = b"".join(lines)
        if not text.strip():
            continue
        quick = _quick(lines, form)
        if quick is not None:
            row += len(quick[0])
            yield quick
            continue
        try:
            frame = pd.read_csv(
                io.BytesIO(text),
                header=None,
                sep=form.separator,
                decimal=form.decimal,
                encoding=form.encoding,
                dtype=dict.fromkeys(range(form.labels), str),
                keep_default_na=False,
                na_values=["", *missing],
                low_memory=False,
                skip_blank_lines=True,
                **precise(),
            )
        except UnicodeDecodeError as error:
            raise InputError(
                f"the text is not {form.encoding}: {error.reason}",
                where=f"{where}, rows {row + 1} ff.",
                do="save the file in UTF-8",
            ) from error
        except (pd.errors.ParserError, ValueError, OverflowError) as error:
            raise ShapeError(
                f"rows differ in length: {error}",
                where=f"{where}, rows {row + 1} ff.",
                do="check the file: a column was added or cut off",
            ) from error
        width = len(form.header[0]) if form.header else frame.shape[1]
        if frame.shape[1] != width:
            raise ShapeError(
                f"rows have {frame.shape[1]} columns, the header {width}",
                where=f"{where}, row {row + 1}",
                do="check the file: a column was added or cut off",
            )
        labels = [tuple(map(str.strip, t)) for t in _labels(frame, form.labels)]
        body = frame.iloc[:, form.labels :]
        values = _floats(body, labels, form, where, set(missing), text)
        row += len(labels)
        yield labels, values


def _quick(lines: list[bytes], form: Layout) -> tuple[list[tuple[str, ...]], Array] | None:
    """Return labels and numbers of clean lines, None if any cell of theirs needs a second look.

    pandas makes an object of every column of every block, which costs ten times the parsing
    where a row has thousands of columns. So the cells are handed to it as one long column; the
    block is parsed as a table only to find out what is wrong with it.
    """
    import pandas as pd

    mark = form.separator.encode()
    first = next(line for line in lines if line.strip())
    width = len(form.columns) if form.header else first.count(mark) + 1 - form.labels
    labels, bodies = list[tuple[str, ...]](), list[bytes]()
    for line in lines:
        if not line.strip():
            continue
        try:
            if b'"' in line:
                cells = next(csv.reader([line.decode(form.encoding)], delimiter=form.separator))
                head = cells[: form.labels]
                body = mark.join(k.encode() for k in cells[form.labels :])
            else:
                *front, body = line.split(mark, form.labels)
                head = [cell.decode(form.encoding) for cell in front]
        except (csv.Error, UnicodeDecodeError):
            return None
        if len(head) != form.labels or body.count(mark) != width - 1:
            return None
        labels.append(tuple(cell.strip() for cell in head))
        bodies.append(body.strip(b"\r\n"))
    values = np.empty((len(labels), width))
    step = max(1, COLUMN * len(bodies) // max(1, sum(map(len, bodies))))
    for k in range(0, len(bodies), step):
        if bodies[k][:1] in (b"t", b"T", b"f", b"F"):
            return None  # pandas makes numbers of a column of True and False
        try:
            column = pd.read_csv(
                io.BytesIO(b"\n".join(bodies[k : k + step]).replace(mark, b"\n")), header=None,
                sep="\x01", decimal=form.decimal, dtype=np.float64, keep_default_na=False,
                na_values=[""], skip_blank_lines=False, quoting=csv.QUOTE_NONE, **precise(),
            )  # fmt: skip
        except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError):
            return None
        if column.shape != (len(bodies[k : k + step]) * width, 1):
            return None
        values[k : k + step] = column.to_numpy(dtype=np.float64).reshape(-1, width)
    return (labels, values) if sound(values) else None


def sound(values: Array) -> bool:
    """Whether no number is NaN, infinite or beyond `MOST`.

    Examples
    --------
    >>> sound(np.array([1.0, -2.0])), sound(np.array([1.0, np.nan])), sound(np.array([1e200]))
    (True, False, False)
    """
    if not values.size:
        return True
    return bool(values.max() <= MOST and values.min() >= -MOST)  # NaN is neither


def _labels(frame: pd.DataFrame, count: int) -> list[tuple[str, ...]]:
    columns = [frame.iloc[:, k].fillna("").tolist() for k in range(count)]
    return list(zip(*columns, strict=True)) if columns else [()] * len(frame)


def _floats(
    body: pd.DataFrame,
    labels: list[tuple[str, ...]],
    form: Layout,
    where: str,
    missing: set[str],
    text: bytes,
) -> Array:
    # True is no number either, though numpy would make one of it.
    odd = [k for k, kind in enumerate(body.dtypes) if kind.kind not in "fiu"]
    body = body.copy() if odd else body
    for k in odd:
        import pandas as pd

        column = body.iloc[:, k]
        # As text: a whole number of hundreds of digits fits no float, and pandas would stumble.
        told = column.astype("str")
        bad = pd.to_numeric(told, errors="coerce").isna() & column.notna()
        if bad.any():
            at = int(np.flatnonzero(bad.to_numpy())[0])
            raise InputError(
                f"{str(column.iloc[at])!r} is no number",
                where=f"{where}, row {_cell(labels, at)}, column {_column(form, k)}",
                do='correct the cell; for a decimal comma pass decimal=","',
            )
        body.isetitem(k, [float(cell) for cell in told.fillna("nan")])
    values = np.ascontiguousarray(body.to_numpy(dtype=np.float64))
    if missing and not sound(values):
        empty = np.argwhere(np.isnan(values))
        rows = list(csv.reader(io.StringIO(text.decode(form.encoding)), delimiter=form.separator))
        rows = [row for row in rows if row]
        for i, j in empty:
            if rows[i][form.labels + j].strip() in missing:
                values[i, j] = 0.0
    if not sound(values):
        gaps = np.argwhere(~(np.abs(values) <= MOST))
        cells = [f"({_cell(labels, i)}; {_column(form, j)})" for i, j in gaps[:5]]
        raise NonFiniteError(
            f"{len(gaps)} cells are empty, not finite or beyond {MOST:g}",
            where=f"{where}: {listed(cells)}",
            do="fill them in the file; missing is not zero",
        )
    return values


def _cell(labels: list[tuple[str, ...]], row: int) -> str:
    return " ".join(labels[row]) or str(row + 1)


def _column(form: Layout, k: int) -> str:
    return " ".join(form.columns[k]) if form.header else str(k + 1)


class _Kept:
    """Blocks that were read, kept in the cache folder until the reading is done."""

    def __init__(self, archive: Archive, name: str, form: Layout, missing: Sequence[str]) -> None:
        told = f"{archive.fingerprint}{name}{form}{sorted(missing)}".encode()
        folder = cache_folder() / "reading"
        stem = hashlib.sha256(told).hexdigest()[:32]
        self._numbers, self._labels = folder / f"{stem}.f64", folder / f"{stem}.jsonl"
        folder.mkdir(parents=True, exist_ok=True)

    def blocks(self) -> Iterator[tuple[list[tuple[str, ...]], Array]]:
        """Yield what is there whole; a block cut off while written is dropped."""
        if not (self._numbers.is_file() and self._labels.is_file()):
            self.clear()
            return
        good_bytes, good_lines = 0, 0
        with self._numbers.open("rb") as numbers, self._labels.open("rb") as told:
            for line in told:
                try:
                    block = json.loads(line)
                    labels = [tuple(label) for label in block["labels"]]
                    raw = numbers.read(int(block["bytes"]))
                    digest = block["sha256"]
                except (ValueError, KeyError, TypeError, RecursionError):
                    break
                if not labels or hashlib.sha256(raw).hexdigest() != digest:
                    break
                good_bytes += len(raw)
                good_lines += len(line)
                yield labels, np.frombuffer(raw, dtype=np.float64).reshape(len(labels), -1)
        _truncate(self._numbers, good_bytes)
        _truncate(self._labels, good_lines)

    def add(self, labels: list[tuple[str, ...]], values: Array) -> None:
        raw = values.tobytes()
        with self._numbers.open("ab") as file:
            file.write(raw)
        block = {"labels": labels, "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
        with self._labels.open("a", encoding="utf-8") as file:
            file.write(json.dumps(block) + "\n")

    def clear(self) -> None:
        for file in (self._numbers, self._labels):
            file.unlink(missing_ok=True)


def _truncate(path: Path, size: int) -> None:
    with path.open("ab") as file:
        file.truncate(size)
