"""One csv that holds a whole table: labels ``REGION_CODE`` on both axes, extra rows and columns.

OECD and FIGARO publish this form. A reader says what each label means; here the columns are
planned from the header, the rows are streamed into the arrays, and what is left over is sorted:
nothing that stands in the file is dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError, LabelError, TableWarning, listed, warn
from mriocarbon.io.archive import AGAIN, Archive
from mriocarbon.io.numbers import Layout, blocks, room
from mriocarbon.model.labels import SectorIndex, positions, unique
from mriocarbon.model.provenance import Note
from mriocarbon.model.side import Side

Array = NDArray[np.float64]
Positions = NDArray[np.intp]
# Published tables are rounded and balanced to about this share of a total; below it a
# difference is printing, above it something is missing.
TOTAL_RTOL = 1e-5


@dataclass(frozen=True)
class Role:
    """What a label stands for.

    Attributes
    ----------
    kind : str
        ``"industry"``, ``"demand"``, ``"value added"``, ``"other"`` or ``"total"``.
    region, code : str
        Of an industry or a demand column.
    """

    kind: str
    region: str = ""
    code: str = ""


@dataclass(frozen=True)
class Plan:
    """Which column of the file goes where.

    Attributes
    ----------
    index : SectorIndex
    categories : tuple of str
    z, y : tuple of (positions in the file, positions in the array)
        Where regions are merged, several columns go to one place.
    others, totals : mapping of label to position in the file
    without_output : tuple of str
        Regions that have final demand only.
    without_demand : tuple of str
        Regions that have industries only.
    """

    index: SectorIndex
    categories: tuple[str, ...]
    z: tuple[Positions, Positions]
    y: tuple[Positions, Positions]
    others: Mapping[str, int]
    totals: Mapping[str, int]
    without_output: tuple[str, ...]
    without_demand: tuple[str, ...]


def plan(
    labels: Sequence[str],
    role: Callable[[str], Role],
    where: str,
    *,
    merge: Callable[[str], str] = str,
    partial: Callable[[str], bool] = lambda region: False,
) -> Plan:
    """Return where the columns go.

    Parameters
    ----------
    labels : sequence of str
        Of the number columns.
    role : callable
        Of one label.
    where : str
        For messages.
    merge : callable
        Region of the file to region of the table.
    partial : callable
        Whether a region may have industries only, or final demand only.

    Raises
    ------
    LabelError
        A label stands twice, or a region lacks an industry or a final demand category.
    """
    _once(labels, f"{where}, header")
    roles = [role(label) for label in labels]
    industries = [(merge(r.region), r.code) for r in roles if r.kind == "industry"]
    demands = [(merge(r.region), r.code) for r in roles if r.kind == "demand"]
    makers = list(dict.fromkeys(r for r, _ in industries))
    users = list(dict.fromkeys(r for r, _ in demands))
    index = SectorIndex(
        tuple(dict.fromkeys([*makers, *users])), tuple(dict.fromkeys(s for _, s in industries))
    )
    categories = unique(dict.fromkeys(c for _, c in demands), "final demand categories")
    without_output = tuple(r for r in users if r not in makers)
    without_demand = tuple(r for r in makers if r not in users)
    odd = [r for r in (*without_output, *without_demand) if not partial(r)]
    if odd:
        raise LabelError(
            f"regions with industries only or with final demand only: {listed(odd)}",
            where=f"{where}, header",
            do="check the file: columns were removed, renamed or added",
        )
    positions(
        list(dict.fromkeys(industries)), [(r, s) for r in makers for s in index.sectors],
        f"industries in the header of {where}",
    )  # fmt: skip
    positions(
        list(dict.fromkeys(demands)), [(r, c) for r in users for c in categories],
        f"final demand in the header of {where}",
    )  # fmt: skip
    z_at = {pair: k for k, pair in enumerate(index.pairs)}
    y_at = {p: k for k, p in enumerate((r, c) for r in index.regions for c in categories)}

    def of(kind: str) -> Positions:
        return np.array([k for k, r in enumerate(roles) if r.kind == kind], dtype=np.intp)

    return Plan(
        index,
        categories,
        (of("industry"), np.array([z_at[pair] for pair in industries], dtype=np.intp)),
        (of("demand"), np.array([y_at[pair] for pair in demands], dtype=np.intp)),
        {labels[k]: int(k) for k in (*of("other"), *of("value added"))},
        {labels[k]: int(k) for k in of("total")},
        without_output,
        without_demand,
    )


def added(values: Array, columns: tuple[Positions, Positions], width: int) -> Array:
    """Return rows with columns put (or, where several meet, summed) at their places."""
    at, to = columns
    if len(at) == width and len(at) and np.array_equal(to, np.arange(width)):
        if np.array_equal(at, np.arange(at[0], at[0] + width)):
            return values[:, at[0] : at[0] + width]
        return values[:, at]
    out = np.zeros((len(values), width))
    first = np.unique(to, return_index=True)[1]
    out[:, to[first]] = values[:, at[first]]
    for k in np.setdiff1d(np.arange(len(at)), first):
        out[:, to[k]] += values[:, at[k]]
    return out


@dataclass
class Rows:
    """The arrays of a table while they are filled; `extra` are rows that are no industry."""

    Z: Array
    Y: Array
    others: dict[str, Array]
    totals: dict[str, Array]
    extra: dict[str, tuple[Array, Array, dict[str, float]]]


def stream(
    archive: Archive,
    name: str,
    form: Layout,
    planned: Plan,
    role: Callable[[str], Role],
    *,
    merge: Callable[[str], str] = str,
    resume: bool | None = None,
) -> Rows:
    """Read all rows into arrays, one block of rows in memory at a time.

    Raises
    ------
    LabelError
        The industries of the rows are not those of the columns, or a row stands twice.
    """
    n, m = len(planned.index), len(planned.index.regions) * len(planned.categories)
    where = f"{archive.path}: {name}"
    room(n * (n + m), where)
    rows = Rows(
        np.zeros((n, n)), np.zeros((n, m)),
        {label: np.zeros(n) for label in planned.others},
        {label: np.zeros(n) for label in planned.totals}, {},
    )  # fmt: skip
    place = {pair: k for k, pair in enumerate(planned.index.pairs)}
    seen: list[str] = []
    for labels, values in blocks(archive, name, form, resume=resume):
        z, y = added(values, planned.z, n), added(values, planned.y, m)
        for i, (label, *_) in enumerate(labels):
            seen.append(label)
            told = role(label)
            if told.kind in ("industry", "demand"):
                at = place.get((merge(told.region), told.code))
                if at is None:
                    raise LabelError(
                        f"the row {label!r} has no column of the same name",
                        where=where,
                        do="check the file: rows and columns must name the same industries",
                    )
                rows.Z[at] += z[i]
                rows.Y[at] += y[i]
                for group, columns in (
                    (rows.others, planned.others), (rows.totals, planned.totals)
                ):  # fmt: skip
                    for column, k in columns.items():
                        group[column][at] += values[i, k]
            else:
                rest = {**planned.others, **planned.totals}
                rows.extra[label] = (
                    z[i].copy(), y[i].copy(), {c: float(values[i, k]) for c, k in rest.items()}
                )  # fmt: skip
    _once(seen, f"{where}, rows")
    wanted = {form.columns[k][0] for k in planned.z[0]}
    missing = sorted(wanted - set(seen))
    if missing:
        raise LabelError(
            f"{len(missing)} industries of the columns have no row: {listed(missing)}",
            where=where,
            do="check the file: rows were removed, renamed, or it is cut off",
        )
    return rows


@dataclass(frozen=True)
class Sorted:
    """What the rows and columns that are no industry turned out to be."""

    value_added: Array | None
    value_added_rows: tuple[str, ...]
    other_inputs: Side | None
    other_uses: Side | None
    notes: tuple[Note, ...]


def sort_rest(rows: Rows, role: Callable[[str], Role], x: Array, planned: Plan) -> Sorted:
    """Return value added, other inputs and other uses; compare printed totals with our own sums.

    What a row of value added or of taxes has in a column that is no industry and no final
    demand has no place in a table; it is named in a note with its amount.

    Warns
    -----
    TableWarning
        A printed total differs from the sum of what it totals.
    """
    kinds = {label: role(label).kind for label in rows.extra}
    va_rows = tuple(label for label, kind in kinds.items() if kind == "value added")
    inputs = [label for label, kind in kinds.items() if kind == "other"]
    values = {label: rows.extra[label][0] for label in inputs}
    final = {label: rows.extra[label][1] for label in inputs}
    for label in va_rows:  # a table has no room for value added within final demand
        if rows.extra[label][1].any():
            inputs.append(f"{label} (final demand)")
            values[inputs[-1]] = np.zeros_like(rows.extra[label][0])
            final[inputs[-1]] = rows.extra[label][1]
    others = list(rows.others)
    notes = []
    for label in (*va_rows, *(k for k in inputs if k in kinds)):
        for column, amount in rows.extra[label][2].items():
            if amount and column in planned.others:
                notes.append(
                    Note(f"the file has {amount:g} where row {label} meets column {column}")
                )
    totals = {label: row for label, row in rows.extra.items() if kinds[label] == "total"}
    texts = []
    outlay = rows.Z.sum(axis=0) + sum((rows.extra[k][0] for k in kinds if k not in totals), 0.0)
    demand = rows.Y.sum(axis=0) + sum((rows.extra[k][1] for k in kinds if k not in totals), 0.0)
    name = planned.index.name
    columns = [f"{r} {c}" for r in planned.index.regions for c in planned.categories]
    for label, (of_industries, of_demand, _) in totals.items():
        texts += _gap(f"row {label}", of_industries, outlay, [name(k) for k in range(len(x))])
        texts += _gap(f"row {label}", of_demand, demand, columns)
    if not totals:
        texts += _gap("output", x, outlay, [name(k) for k in range(len(x))])
    for column in planned.totals:
        for label in (*va_rows, *(k for k in inputs if k in kinds)):
            z, y, rest = rows.extra[label]
            ours = float(z.sum() + y.sum() + sum(rest[c] for c in planned.others))
            texts += _gap(
                f"column {column}", np.array([rest[column]]), np.array([ours]), [f"row {label}"]
            )
    for text in texts:
        warn(TableWarning(text), stacklevel=4)
    notes += [Note(text) for text in texts]
    return Sorted(
        np.array([rows.extra[label][0] for label in va_rows]) if va_rows else None,
        va_rows,
        Side(
            tuple(inputs),
            np.array([values[label] for label in inputs]),
            np.array([final[label] for label in inputs]),
        )
        if inputs
        else None,
        Side(tuple(others), np.array([rows.others[label] for label in others])) if others else None,
        tuple(notes),
    )


def collected(
    archive: Archive, name: str, form: Layout, *, square: bool = False
) -> tuple[Array, list[tuple[str, ...]]]:
    """Return a text table whole, with the labels of its rows.

    A `square` table is read into one array of its final size; others grow.

    Raises
    ------
    DataFileError
        The table has no rows.
    """
    width = len(form.columns)
    if square:
        room(width * width, f"{archive.path}: {name}")
    out, labels = np.empty((width if square else 0, width)), list[tuple[str, ...]]()
    for told, values in blocks(archive, name, form):
        if len(labels) + len(told) > len(out):
            larger = np.empty((max(len(labels) + len(told), 2 * len(out)), width))
            larger[: len(labels)] = out[: len(labels)]
            out = larger
        out[len(labels) : len(labels) + len(told)] = values
        labels += told
    if not labels:
        raise DataFileError("the table has no rows", where=f"{archive.path}: {name}", do=AGAIN)
    return out[: len(labels)], labels


def aligned(
    values: Array,
    rows: Sequence[tuple[str, ...]],
    columns: Sequence[tuple[str, ...]],
    want_rows: Sequence[tuple[str, ...]],
    want_columns: Sequence[tuple[str, ...]],
    what: str,
) -> Array:
    """Return the values in the order that is wanted; not copied if that is theirs already.

    Raises
    ------
    LabelError
        Labels are missing, unexpected or doubled; both sides are printed.
    """
    if list(rows) != list(want_rows):
        values = values[positions(rows, want_rows, f"rows of {what}")]
    if list(columns) != list(want_columns):
        along = positions(columns, want_columns, f"columns of {what}")
        values = np.ascontiguousarray(values[:, along])
    return values


def _gap(what: str, printed: Array, ours: Array, names: Sequence[str]) -> list[str]:
    """Return a text if printed totals are not the sums of what they total."""
    gap = printed - ours
    scale = float(np.abs(printed).mean()) if len(printed) else 0.0
    bad = np.flatnonzero(np.abs(gap) > TOTAL_RTOL * np.abs(printed) + 1e-6 * scale)
    if not len(bad):
        return []
    worst = bad[np.argsort(-np.abs(gap[bad]))].tolist()
    return [
        f"{what} of the file differs from our own sum in {len(bad)} of {len(gap)} places,"
        " largest first: " + listed([f"{names[k]} by {gap[k]:.6g}" for k in worst], 3)
    ]


def _once(labels: Sequence[str], where: str) -> None:
    doubled = [label for label, count in Counter(labels).items() if count > 1]
    if doubled:
        raise LabelError(
            f"labels stand twice: {listed(doubled)}", where=where, do="give every label once"
        )
