"""Concordances: which old label goes into which new one; country groups by name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import (
    DataFileError,
    InputError,
    LabelError,
    TableWarning,
    UnknownNameError,
    listed,
    warn,
)
from mriocarbon.io.user_csv import csv_lines, read_bytes
from mriocarbon.model import Note

if TYPE_CHECKING:
    import pandas as pd

    Given = (
        Mapping[str, str]
        | Mapping[str, Mapping[str, float]]
        | pd.DataFrame
        | pd.Series[str]
        | Path
        | str
        | Sequence[str]
    )

Array = NDArray[np.float64]

# Shares of one label must add up to one this closely.
SHARE_ATOL = 1e-9


@dataclass(frozen=True, eq=False)
class Concordance:
    """Which old label goes into which new one, and with what share.

    Attributes
    ----------
    old, new : tuple of str
    weights : ndarray, shape (old, new)
        Each row adds up to one: 0 and 1 where labels are merged, shares where one is divided.
    notes : tuple of Note
        What a reader has to know, such as members of a country group that the table lacks.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    weights: Array
    notes: tuple[Note, ...] = ()

    @property
    def divided(self) -> tuple[str, ...]:
        """Old labels that go into more than one new one, so that shares are needed."""
        many = (self.weights > 0).sum(axis=1) > 1
        return tuple(label for label, is_many in zip(self.old, many, strict=True) if is_many)


@cache
def _groups() -> dict[str, dict[str, Any]]:
    text = (Path(__file__).parent / "groups.json").read_text(encoding="utf-8")
    groups: dict[str, dict[str, Any]] = json.loads(text)
    return groups


def group_names() -> tuple[str, ...]:
    """Return the names of the country groups known here.

    Returns
    -------
    tuple of str
        As `members` takes them.

    Examples
    --------
    >>> group_names()
    ('EU27', 'G7', 'G20', 'OECD', 'BRICS')
    """
    return tuple(_groups())


def members(group: str, *, year: int | None = None) -> tuple[str, ...]:
    """Return the members of a country group, as ISO 3166 alpha-3 codes.

    Parameters
    ----------
    group : str
        One of `group_names`, in any case.
    year : int, optional
        Those who had joined by the end of this year, among the members of today; the composition
        of the list's own date (see ``groups.json``) if left out. Members that left are not
        listed.

    Returns
    -------
    tuple of str
        In the order of the list; empty if no member of today had joined by the end of `year`.

    Raises
    ------
    UnknownNameError
        No such group.

    Examples
    --------
    >>> members("G7")
    ('CAN', 'DEU', 'FRA', 'GBR', 'ITA', 'JPN', 'USA')
    >>> len(members("OECD")), len(members("OECD", year=2009))
    (38, 30)
    """
    found = {name.casefold(): name for name in _groups()}
    if group.casefold() not in found:
        raise UnknownNameError.of("country group", group, _groups())
    joined = _groups()[found[group.casefold()]]["members"]
    return tuple(code for code, since in joined.items() if year is None or since <= year)


def concordance(
    given: Given, labels: Sequence[str], *, kind: str = "regions", others: str | None = None
) -> Concordance:
    """Return a checked concordance for `labels`.

    Parameters
    ----------
    given : mapping, DataFrame, Series, path, str or sequence of str
        - a mapping old -> new, or old -> {new: share};
        - a DataFrame with old labels as rows, new labels as columns, and 0/1 or shares as cells;
          or, if it has two or three columns of which the first two hold text, a list of
          (old, new[, share]);
        - the path of a csv file of that list, with a heading;
        - the names of country groups (regions only): their members are merged, others stay.
    labels : sequence of str
        The old labels that must all be served.
    kind : str
        ``"regions"`` or ``"sectors"``; used in messages.
    others : str, optional
        What becomes of labels that the concordance does not name: left out, they are an error
        (with country groups: they stay); ``"keep"``: they stay as they are; any other text: they
        are merged under that label.

    Returns
    -------
    Concordance
        New labels stand in the order in which they first occur along `labels`.

    Raises
    ------
    LabelError
        Labels that are not mapped, are mapped more than once, or whose shares do not add up to
        one, by name; a new label that is another old one, which is itself not mapped.
    DataFileError, InputError
        The csv file cannot be read, or is not of two or three columns with commas between them.

    Warns
    -----
    TableWarning
        Members of a country group that the table lacks; a note says so on every result.

    Examples
    --------
    >>> concordance({"A": "X", "B": "X", "C": "Y"}, ["A", "B", "C"]).weights
    array([[1., 0.],
           [1., 0.],
           [0., 1.]])
    """
    notes: tuple[Note, ...] = ()
    if _names_groups(given):
        if kind != "regions":
            raise InputError(
                f"a country group cannot aggregate {kind}", where=f"{kind}={given!r}",
                do=f"give a mapping of {kind}",
            )  # fmt: skip
        rows, notes = _of_groups([given] if isinstance(given, str) else list(given), labels)  # type: ignore[arg-type]
        others = others or "keep"
    else:
        rows = _rows(given, kind)
    return replace(_assembled(rows, list(labels), kind, others), notes=notes)


def _names_groups(given: Any) -> bool:
    """Whether text, or a list of it, names country groups (and not a file)."""
    if isinstance(given, Path) or hasattr(given, "items") or hasattr(given, "columns"):
        return False
    if isinstance(given, str):
        return Path(given).suffix.casefold() not in {".csv", ".txt", ".tsv"}
    return all(isinstance(name, str) for name in given)


def _of_groups(
    names: Sequence[str], labels: Sequence[str]
) -> tuple[list[tuple[str, str, float | None]], tuple[Note, ...]]:
    rows: list[tuple[str, str, float | None]] = []
    notes = []
    for name in names:
        listing = members(name)
        name = next(known for known in _groups() if known.casefold() == name.casefold())
        about = _groups()[name]
        if name in labels:
            raise LabelError(
                f"{name!r} is a region of this table already", where="regions",
                do="leave it out; the table was aggregated before",
            )  # fmt: skip
        here = [code for code in listing if code in labels]
        if not here:
            raise LabelError(
                f"no member of {name} is a region of this table",
                where=f"{len(labels)} regions: {listed(list(labels), 8)}",
                do="use a table by country, with ISO 3166 alpha-3 labels",
            )
        rows += [(code, name, None) for code in here]
        text = f"{name}: {len(here)} of {len(listing)} members as of {about['as_of']}"
        absent = [code for code in listing if code not in labels]
        if absent:
            text += f"; not in the table, so part of another region: {', '.join(absent)}"
            warn(TableWarning(text), stacklevel=4)
        notes.append(Note(f"{text} ({about['remark']}). Source: {about['source']}"))
    return rows, tuple(notes)


def _rows(given: Any, kind: str) -> list[tuple[str, str, float | None]]:
    """Return (old, new, share) of any form of concordance; no share means the whole."""
    if isinstance(given, (str, Path)):
        return _from_csv(Path(given))
    if hasattr(given, "columns"):
        return _from_frame(given, kind)
    if not hasattr(given, "items"):
        raise InputError(
            f"a concordance of {kind} cannot be a {type(given).__name__}", where=kind,
            do="give a mapping old -> new, a labelled DataFrame, a csv path or country groups",
        )  # fmt: skip
    rows: list[tuple[str, str, float | None]] = []
    for old, new in given.items():
        if hasattr(new, "items"):
            rows += [(str(old), str(name), _share(share, old)) for name, share in new.items()]
        else:
            rows.append((str(old), str(new), None))
    return rows


def _from_frame(frame: pd.DataFrame, kind: str) -> list[tuple[str, str, float | None]]:
    numeric = [np.issubdtype(np.asarray(frame[c]).dtype, np.number) or
               np.asarray(frame[c]).dtype == bool for c in frame.columns]  # fmt: skip
    if len(frame.columns) in (2, 3) and not any(numeric[:2]):
        return [
            (str(row[0]), str(row[1]), _share(row[2], row[0]) if len(row) == 3 else None)
            for row in frame.itertuples(index=False)
        ]
    if not all(numeric):
        raise InputError(
            f"the concordance of {kind} is neither a matrix of numbers nor a list of two or"
            " three columns", where=f"columns {listed(list(frame.columns))}",
            do="give old labels as index, new labels as columns and 0, 1 or shares as cells",
        )  # fmt: skip
    cells = np.asarray(frame, dtype=float)
    new = [str(column) for column in frame.columns]
    if len(set(new)) < len(new):
        doubled = [label for label, count in Counter(new).items() if count > 1]
        raise LabelError(f"duplicated labels: {listed(doubled)}", where=f"new {kind}",
                         do="give every column once")  # fmt: skip
    return [
        (str(old), new[k], _share(cells[i, k], old))
        for i, old in enumerate(frame.index)
        for k in np.flatnonzero(cells[i] != 0)
    ]


def _from_csv(path: Path) -> list[tuple[str, str, float | None]]:
    (_, heading), *body = csv_lines(read_bytes(path), path) or [(1, [])]
    wrong = [number for number, row in body if len(row) != len(heading)]
    if len(heading) not in (2, 3) or wrong:
        raise DataFileError(
            f"the concordance has {len(heading)} columns"
            + (f"; other widths in lines {listed(wrong)}" if wrong else ""),
            where=str(path), do="give the columns old, new and, if labels are divided, share",
        )  # fmt: skip
    return [
        (
            row[0].strip(),
            row[1].strip(),
            _share(row[2], row[0], f"{path}, row {number}") if len(row) == 3 else None,
        )
        for number, row in body
    ]


def _share(value: Any, label: object, where: str = "concordance") -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not np.isfinite(number) or number < 0:
        raise InputError(
            f"the share {value!r} of {label!r} is no number from 0 to 1", where=where,
            do="give shares that add up to one for each old label",
        )  # fmt: skip
    return number


def _assembled(
    rows: list[tuple[str, str, float | None]], labels: list[str], kind: str, others: str | None
) -> Concordance:
    place = {label: k for k, label in enumerate(labels)}
    named = {old for old, _, _ in rows}
    absent = [label for label in labels if label not in named]
    extra = [label for label in dict.fromkeys(old for old, _, _ in rows) if label not in place]
    # A label too many changes no number. But beside a rule for all others it may be a misspelt
    # one, which would then silently go with them.
    if (absent and others is None) or (extra and others is not None):
        groups = [name for name in extra if kind == "regions" and name in _groups()]
        hint = (
            f"{groups[0]} is a country group: pass regions={groups!r}, or map each of"
            f" mc.members({groups[0]!r})"
        ) if groups else (
            "map every label of the table once, or say with others= what becomes of the rest"
        )  # fmt: skip
        raise LabelError(
            f"labels do not match: not mapped {listed(absent, 12) or 'none'};"
            f" not in the table {listed(extra, 12) or 'none'}",
            where=f"concordance of {kind}, {len(labels)} labels in the table",
            do=hint,
        )
    # Whatever became of the old label, the new one would be read as it.
    taken = list(dict.fromkeys(
        (old, to) for old, to, share in rows
        if share != 0 and to in place and to not in named and to != others
    ))  # fmt: skip
    if taken:
        old, to = taken[0]
        raise LabelError(
            f"{listed([f'{a} -> {b}' for a, b in taken])}: the new label is another one of the"
            " table, which is itself not mapped",
            where=f"concordance of {kind}",
            do=f"give a new name; or, to merge both, map {to!r} too: {{{old!r}: {to!r},"
            f" {to!r}: {to!r}}}",
        )
    for label in absent:
        rows = [*rows, (label, label if others == "keep" else str(others), None)]
    rows = [row for row in rows if row[0] in place and row[2] != 0]
    whole = Counter(old for old, _, share in rows if share is None)
    pairs = Counter((old, new) for old, new, _ in rows)
    targets = Counter(old for old, _, _ in rows)
    shares: dict[str, float] = dict.fromkeys(labels, 0.0)
    for old, _, share in rows:
        shares[old] += 1.0 if share is None else share
    doubled = [
        label for label in labels
        if (whole[label] and targets[label] > 1) or shares[label] > 1 + SHARE_ATOL
    ] + [old for (old, _), count in pairs.items() if count > 1]  # fmt: skip
    short = [f"{label} ({shares[label]:g})" for label in labels if shares[label] < 1 - SHARE_ATOL]
    if doubled or short:
        into = {label: [new for old, new, _ in rows if old == label] for label in doubled}
        raise LabelError(
            (f"{len(into)} labels are mapped more than once: "
             + listed([f"{label} -> {' and '.join(new)}" for label, new in into.items()])
             if doubled else f"shares do not add up to one: {listed(short)}"),
            where=f"concordance of {kind}",
            do="map every label once; to divide one, give shares that add up to one",
        )  # fmt: skip
    order = sorted(rows, key=lambda row: place[row[0]])
    new = tuple(dict.fromkeys(name for _, name, _ in order))
    column = {name: k for k, name in enumerate(new)}
    weights = np.zeros((len(labels), len(new)))
    for old, name, share in rows:
        weights[place[old], column[name]] = 1.0 if share is None else share
    weights /= weights.sum(axis=1, keepdims=True)  # shares add up to one to the last digit
    return Concordance(tuple(labels), new, weights)
