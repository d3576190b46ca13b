"""Tables that are one sheet of a workbook: four label columns, header rows, totals (WIOD, ADB).

The two families share their form, for ADB builds on WIOD: above the numbers stand the sectors'
codes (WIOD only), names, regions and numbers (``c1``); the same to the left; below the
industries, rows of totals, taxes, purchases abroad, value added and transport margins, and
to the right of the final demand one column of totals. Rows are streamed into the arrays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    NonFiniteError,
    TableWarning,
    UnknownNameError,
    listed,
    warn,
)
from mriocarbon.io.archive import AGAIN, Archive
from mriocarbon.io.numbers import MOST, room, sound
from mriocarbon.io.readers.square import (
    TOTAL_RTOL,
    Plan,
    Role,
    Rows,
    Sorted,
    added,
    plan,
    sort_rest,
)
from mriocarbon.io.sheets import Cell, Row, rows
from mriocarbon.model.provenance import Note

Array = NDArray[np.float64]
NUMBER = re.compile(r"c\d+$")  # in lower case: C16 is an industry of WIOD 2016
LABELS = ("code", "name", "number")


@dataclass(frozen=True)
class Form:
    """What distinguishes one family of workbooks from another.

    Attributes
    ----------
    coded : bool
        Whether a header row of codes stands above the names, and a column of codes at the left.
    by_code : bool
        Whether rows and columns are matched by that code (by the number otherwise).
    demand : callable of (code, number) to bool
        Whether a column is final demand.
    rows : mapping of str to str
        Kind of each row below the industries, by its code or number: ``"intermediate"``,
        ``"total"``, ``"value added"`` or ``"other"``.
    region : callable of str to str
        Region of the file to region of the table.
    """

    coded: bool
    by_code: bool
    demand: Callable[[str, str], bool]
    rows: Mapping[str, str]
    region: Callable[[str], str] = str


@dataclass(frozen=True)
class Head:
    """The header of a sheet.

    Attributes
    ----------
    title : tuple of str
        Texts above and beside the header, such as year and unit.
    first : int
        Position of the first number column.
    labels : tuple of str
        One for each number column, as `roles` knows them.
    roles : mapping of label to Role
    sectors : mapping of key to sector label
    renamed : tuple of str
        Regions of the file that the table calls otherwise.
    """

    title: tuple[str, ...]
    first: int
    labels: tuple[str, ...]
    roles: dict[str, Role]
    sectors: dict[str, str]
    renamed: tuple[str, ...]


def text(cell: Cell) -> str:
    """Return a cell as a label: codes such as 64 are often stored as numbers.

    Examples
    --------
    >>> text(64.0), text(" AtB "), text(None)
    ('64', 'AtB', '')
    """
    if cell is None:
        return ""
    return f"{cell:g}" if isinstance(cell, float) else " ".join(cell.split())


@dataclass
class Table:
    """The filled arrays of a sheet."""

    planned: Plan
    rows: Rows
    x: Array | None
    rest: Sorted
    title: tuple[str, ...]
    sectors: dict[str, str]
    renamed: tuple[str, ...]
    notes: tuple[Note, ...]


def read_sheet(
    archive: Archive, name: str, sheet: str | None, form: Form, *, sectors: str = "code"
) -> Table:
    """Read one sheet into arrays, a row in memory at a time.

    Parameters
    ----------
    archive, name, sheet
        As of `mriocarbon.io.sheets.rows`.
    form : Form
    sectors : str
        Which labels the table gets: ``"code"``, ``"name"`` or ``"number"``.

    Raises
    ------
    DataFileError
        The sheet ends early or has no such header.
    LabelError
        Rows and columns do not name the same industries.
    NonFiniteError, InputError
        An empty cell, or one that is no number; it is named.

    Warns
    -----
    TableWarning
        A printed total differs from our own sum.
    """
    if sectors not in LABELS:
        raise UnknownNameError.of("kind of sector labels", sectors, LABELS)
    where = f"{archive.path}: {name}"
    with closing(rows(archive, name, sheet)) as source:
        head = _head(source, form, sectors, where)
        planned = plan(head.labels, head.roles.__getitem__, where)
        filled, printed, notes = _fill(source, head, form, planned, where)
    gaps = _intermediate(printed, filled, planned)
    for gap in gaps:
        warn(TableWarning(gap), stacklevel=3)
    outputs = list(filled.totals.values())
    x = outputs[0] if len(outputs) == 1 else None
    own = filled.Z.sum(axis=1) + filled.Y.sum(axis=1) + sum(filled.others.values(), np.zeros(1))
    rest = sort_rest(filled, head.roles.__getitem__, own if x is None else x, planned)
    return Table(
        planned, filled, x, rest, head.title, head.sectors, head.renamed,
        (*notes, *(Note(gap) for gap in gaps)),
    )  # fmt: skip


def _head(source: Iterator[Row], form: Form, sectors: str, where: str) -> Head:
    above: list[list[Cell]] = []
    for _, cells in source:
        at = [k for k, cell in enumerate(cells) if NUMBER.match(text(cell))]
        if len(at) >= 2:
            numbers, first = cells, at[0]
            break
        above.append(cells)
        if len(above) > 40:
            break
    else:
        at = []
    depth = 3 if form.coded else 2
    if not at or len(above) < depth or first < (4 if form.coded else 3):
        raise DataFileError(
            "no header of industries c1, c2, ... with names and regions above is found",
            where=where,
            do="use the workbook as its producer publishes it",
        )
    width = max(len(row) for row in (numbers, *above[-depth:]))
    regions, names = (_padded(above[-k], width) for k in (1, 2))
    codes = _padded(above[-3], width) if form.coded else [""] * width
    figures = _padded(numbers, width)
    title = tuple(t for row in above for t in map(text, row[:first]) if t)
    known = {form.region(regions[k]) for k in at if not _total(regions[k])}
    labels: list[str] = []
    roles: dict[str, Role] = {}
    named: dict[str, str] = {}
    for k in range(first, width):
        region, name, code, number = form.region(regions[k]), names[k], codes[k], figures[k]
        key = code if form.by_code else number
        shown = {"code": code or key, "name": name or key, "number": number or key}[sectors]
        if region in known and form.demand(code, number):
            label, role = f"{region} {key}", Role("demand", region, shown or name)
            if not form.coded or code == "":
                role = Role("demand", region, name if form.coded or sectors == "name" else number)
        elif region in known:
            label, role = f"{region} {key}", Role("industry", region, shown)
            named[key] = shown
        elif not (region or name or code or number):
            continue
        elif _is_output(code, name):
            label, role = name or code or region, Role("total")
        else:
            label, role = " ".join(filter(None, (region, name or code or number))), Role("other")
        if label in roles:
            raise LabelError(
                f"the column {label!r} stands twice",
                where=f"{where}, header, columns {labels.index(label) + first + 1} and {k + 1}",
                do="give every column once",
            )
        if len(labels) != k - first:
            raise LabelError(
                "a column without label stands between labelled ones",
                where=f"{where}, header, column {first + len(labels) + 1}",
                do="label or remove it",
            )
        labels.append(label)
        roles[label] = role
    renamed = tuple(dict.fromkeys(r for r in regions[first:] if form.region(r) != r))
    return Head(title, first, tuple(labels), roles, named, renamed)


def _padded(cells: list[Cell], width: int) -> list[str]:
    return [text(cell) for cell in cells] + [""] * (width - len(cells))


def _total(region: str) -> bool:
    return region.casefold() in {"tot", "total", ""}


def _is_output(code: str, name: str) -> bool:
    return code == "GO" or name.casefold() in {"total output", "total", "output", "gross output"}


def _fill(
    source: Iterator[Row], head: Head, form: Form, planned: Plan, where: str
) -> tuple[Rows, dict[str, tuple[Array, Array]], list[Note]]:
    n, m = len(planned.index), planned.index.regions
    room(n * (n + len(m) * len(planned.categories)), where)
    filled = Rows(
        np.zeros((n, n)), np.zeros((n, len(m) * len(planned.categories))),
        {label: np.zeros(n) for label in planned.others},
        {label: np.zeros(n) for label in planned.totals}, {},
    )  # fmt: skip
    place = {f"{r} {s}": k for k, (r, s) in enumerate(planned.index.pairs)}
    printed: dict[str, tuple[Array, Array]] = {}
    notes: list[Note] = []
    seen: set[str] = set()
    outside = {**planned.others, **planned.totals}
    for number, cells in source:
        left = _padded(cells[: head.first], head.first)
        code, name, region, count = left[-4] if form.coded else "", left[-3], left[-2], left[-1]
        body = cells[head.first : head.first + len(head.labels)]
        spill = [text(c) for c in cells[head.first + len(head.labels) :] if text(c)]
        if spill:
            raise LabelError(
                f"{len(spill)} cells stand right of the last labelled column: {listed(spill)}",
                where=f"{where}, row {number}",
                do="check the file: a column was added without a header",
            )
        if all(cell is None for cell in body):
            if any(left):
                notes.append(Note(f"the file has a row without numbers: {' '.join(left).strip()}"))
            continue
        key = code if form.by_code else count
        label = f"{form.region(region)} {key}"
        if key in head.sectors and not _total(region):
            at = place.get(f"{form.region(region)} {head.sectors[key]}")
            if at is None:
                raise LabelError(
                    f"the row {label!r} has no column of the same name",
                    where=f"{where}, row {number}",
                    do="check the file: rows and columns must name the same industries",
                )
            _once(label, seen, where, number)
            values = _numbers(body, head, f"{where}, row {number} ({label})")
            filled.Z[at] = added(values, planned.z, n)[0]
            filled.Y[at] = added(values, planned.y, filled.Y.shape[1])[0]
            for group, columns in (
                (filled.others, planned.others), (filled.totals, planned.totals)
            ):  # fmt: skip
                for column, k in columns.items():
                    group[column][at] = values[0, k]
            continue
        label = name or code or count
        kind = form.rows.get(code) or form.rows.get(count) or _kind(name)
        _once(label, seen, where, number)
        optional = {*planned.y[0].tolist(), *outside.values()}
        if kind == "intermediate":
            optional |= set(range(len(head.labels)))
        values = _numbers(body, head, f"{where}, row {number} ({label})", optional)
        z = added(values, planned.z, n)[0].copy()
        y = added(values, planned.y, filled.Y.shape[1])[0].copy()
        if kind == "intermediate":
            printed[label] = (z, y)
            continue
        head.roles[label] = Role(kind)
        filled.extra[label] = (z, y, {c: float(values[0, k]) for c, k in outside.items()})
    missing = [name for name in place if name not in {*_shown(seen, head)}]
    if missing:
        raise DataFileError(
            f"{len(missing)} industries of the columns have no row: {listed(missing)}",
            where=where,
            do=f"rows were removed, renamed, or the file is cut off: {AGAIN}",
        )
    return filled, printed, notes


def _shown(seen: set[str], head: Head) -> Iterator[str]:
    for label in seen:
        region, _, key = label.partition(" ")
        yield f"{region} {head.sectors.get(key, key)}"


def _once(label: str, seen: set[str], where: str, number: int) -> None:
    if label in seen:
        raise LabelError(
            f"the row {label!r} stands twice",
            where=f"{where}, row {number}",
            do="give every row once",
        )
    seen.add(label)


def _kind(name: str) -> str:
    """Return the kind of a row that the format does not number, by what it calls itself."""
    lower = name.casefold()
    if "intermediate" in lower and "total" in lower:
        return "intermediate"
    if lower.startswith(("output", "gross output")) or lower in {"total", "total output"}:
        return "total"
    return "value added" if "value added" in lower else "other"


def _numbers(
    body: list[Cell], head: Head, where: str, optional: set[int] | None = None
) -> NDArray[np.float64]:
    """Return the numbers of one row, shape (1, columns); cells that may be empty count zero."""
    body = [*body, *[None] * (len(head.labels) - len(body))]
    for k in optional or ():
        if body[k] is None:
            body[k] = 0.0
    try:
        values = np.array(body, dtype=np.float64)[None, :]
    except (TypeError, ValueError):
        values = np.full((1, 1), np.nan)
    if sound(values):
        return values
    empty = [head.labels[k] for k, c in enumerate(body) if c is None]
    if empty:
        raise NonFiniteError(
            f"{len(empty)} cells are empty, in columns {listed(empty)}",
            where=where,
            do="fill them in the file; missing is not zero",
        )
    k = next(k for k, c in enumerate(body) if isinstance(c, str) or not abs(c or 0.0) <= MOST)
    raise InputError(
        f"{body[k]!r} is no number, or none of this world",
        where=f"{where}, column {head.labels[k]}",
        do="store it as a number in the workbook (a decimal comma makes text of it)",
    )


def _intermediate(
    printed: Mapping[str, tuple[Array, Array]], filled: Rows, planned: Plan
) -> list[str]:
    """Compare rows that total the industries' rows only with our own sums."""
    texts = []
    of_y = [f"{r} {c}" for r in planned.index.regions for c in planned.categories]
    names = [*(planned.index.name(k) for k in range(len(planned.index))), *of_y]
    ours = np.concatenate((filled.Z.sum(axis=0), filled.Y.sum(axis=0)))
    for label, (z, y) in printed.items():
        told = np.concatenate((z, y))
        if not told[len(z) :].any():  # totals of final demand are not printed in every edition
            told[len(z) :] = ours[len(z) :]
        gap = told - ours
        bad = np.flatnonzero(np.abs(gap) > TOTAL_RTOL * np.abs(told) + 1e-6 * np.abs(told).mean())
        if len(bad):
            worst = bad[np.argsort(-np.abs(gap[bad]))].tolist()
            texts.append(
                f"row {label} of the file differs from our own sum in {len(bad)} of {len(gap)}"
                " places, largest first: "
                + listed([f"{names[k]} by {gap[k]:.6g}" for k in worst], 3)
            )
    return texts
