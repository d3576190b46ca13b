"""The bridge from IPCC categories to the 50 industries of the OECD table and to households.

One file, ``bridge.csv``, says for every line of the inventory which industries it belongs to, what
it is shared by where there are several, how sure that is, and why. Nothing else in the package
holds such a choice.

Households are not in the file: residential fuel (1.A.4.b) and the household part of road
transport (1.A.3.b) are estimated in `mriocarbon.inventory.households` and taken off first.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import DataFileError, UnknownNameError

Array = NDArray[np.float64]

BRIDGE = Path(__file__).with_name("bridge.csv")

PROXIES = ("output", "energy", "refined")
"""What a line may be shared by: gross output; purchases of energy products (coal, crude and gas,
refined products, electricity and gas); purchases of refined products alone."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "1.A.1": ("1.A.1",),
    "1.A.2": ("1.A.2",),
    "1.A.3": ("1.A.3",),
    "1.A.4": ("1.A.4",),
    "1.A.5": ("1.A.5",),
    "1.B.1": ("1.B.1",),
    "1.B.2": ("1.B.2",),
    "2.A": ("2.A",),
    "2.B": ("2.B",),
    "2.C": ("2.C",),
    "2.D-H": ("2.D", "2.E", "2.F", "2.G", "2.H"),
    "3": ("3",),
    "5": ("5",),
}
"""Groups that both the IPCC 2006 and the older 1996 reports know, and the codes they sum (2006)."""

OLD_CODES: Mapping[str, tuple[str, ...]] = {
    **{group: codes for group, codes in GROUPS.items() if group not in ("2.D-H", "3", "5")},
    "2.D-H": ("2.D", "2.E", "2.F", "2.G", "2.H", "3"),
    "3": ("4",),
    "5": ("6",),
}
"""The same groups in the codes of 1996: solvents were 3, agriculture 4, waste 6 (5 is land use)."""

HOUSEHOLD_LINES: Mapping[str, tuple[str, str]] = {
    "1.A.4": ("residential", "1.A.4.b"),
    "1.A.3": ("private road", "1.A.3.b"),
}
"""Group -> category of household emissions inside it, and its code."""


@dataclass(frozen=True)
class Line:
    """One line of the inventory and the industries it belongs to.

    Attributes
    ----------
    name, group : str
        `group` is a key of `GROUPS`.
    crf : tuple of str
        Codes of the IPCC 2006 categories it sums.
    proxy : str
        One of `PROXIES`.
    weights : mapping of industry to float
        Emissions per unit of the proxy, relative to the other industries of the line.
    split_sd : float
        Standard deviation of the logarithm of an industry's share.
    reasons : tuple of str
    """

    name: str
    group: str
    crf: tuple[str, ...]
    proxy: str
    weights: Mapping[str, float]
    split_sd: float
    reasons: tuple[str, ...]


def read_bridge(path: Path = BRIDGE) -> tuple[Line, ...]:
    """Read and check the bridge.

    Parameters
    ----------
    path : Path
        A file in the layout of ``bridge.csv``.

    Returns
    -------
    tuple of Line

    Raises
    ------
    DataFileError
        A row is incomplete, an unknown group or proxy is named, an industry stands twice in a
        line, a code in two lines, or the rows of a line disagree.

    Examples
    --------
    >>> {line.name: line for line in read_bridge()}["refining"].weights
    {'C19': 1.0}
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines: dict[str, Line] = {}
    for number, row in enumerate(rows, start=2):
        where = f"{path.name}, line {number}"
        if not all((row.get(k) or "").strip() for k in _COLUMNS):
            raise DataFileError(
                "an empty cell in the bridge", where=where, do="every row needs a reason too"
            )
        try:
            weight, sd = float(row["weight"]), float(row["split_sd"])
        except ValueError as error:
            raise DataFileError(f"not a number: {error}", where=where) from error
        if not (weight > 0 and sd > 0):
            raise DataFileError("weight and split_sd must be above zero", where=where)
        for kind, known in (("group", GROUPS), ("proxy", PROXIES)):
            if row[kind] not in known:
                raise DataFileError(
                    f"unknown {kind} {row[kind]!r}", where=where, do=f"known: {', '.join(known)}"
                )
        head = (row["group"], tuple(row["crf"].split()), row["proxy"])
        old = lines.get(row["line"])
        weights = dict(old.weights) if old else {}
        for industry in row["industries"].split():
            if industry in weights:
                raise DataFileError(f"{industry} stands twice in {row['line']!r}", where=where)
            weights[industry] = weight
        if old and ((old.group, old.crf, old.proxy) != head or old.split_sd != sd):
            raise DataFileError(f"the rows of {row['line']!r} disagree", where=where)
        reasons = (*(old.reasons if old else ()), row["reason"])
        lines[row["line"]] = Line(row["line"], *head, weights, sd, reasons)
    codes = [code for line in lines.values() for code in line.crf]
    doubled = sorted({c for c in codes if codes.count(c) > 1})
    if doubled:
        raise DataFileError(f"codes in two lines: {', '.join(doubled)}", where=path.name)
    return tuple(lines.values())


_COLUMNS = ("line", "group", "crf", "proxy", "industries", "weight", "split_sd", "reason")


def weight_matrix(lines: Sequence[Line], industries: Sequence[str]) -> Array:
    """Return the weights, shape (lines, industries), zero where a line does not reach.

    Raises
    ------
    UnknownNameError
        A line names an industry that the table does not have.

    Examples
    --------
    >>> weight_matrix([Line("a", "3", ("3",), "output", {"A01": 1.0}, 0.1, ("",))], ["A01", "B05"])
    array([[1., 0.]])
    """
    out = np.zeros((len(lines), len(industries)))
    for k, line in enumerate(lines):
        for industry, weight in line.weights.items():
            if industry not in industries:
                raise UnknownNameError.of("industry", industry, industries)
            out[k, list(industries).index(industry)] = weight
    return out


def shares(lines: Sequence[Line], weights: Array, activity: Mapping[str, Array]) -> Array:
    r"""Return each line's split over industries, for every country.

    .. math:: s_{cki} = \omega_{ki} a_{ci} / \sum_j \omega_{kj} a_{cj}

    Parameters
    ----------
    lines : sequence of Line
    weights : ndarray, shape (lines, industries)
        From `weight_matrix`.
    activity : mapping of proxy to ndarray, shape (countries, industries)
        Any unit. Where the proxy of a line is zero for a country, its output is used.

    Returns
    -------
    ndarray, shape (countries, lines, industries)
        Rows add to 1, or to 0 where none of the line's industries produces anything.

    Examples
    --------
    >>> line = Line("x", "3", ("3",), "output", {"A": 1.0, "B": 2.0}, 0.1, ("",))
    >>> shares([line], weight_matrix([line], ["A", "B"]), {"output": np.array([[2.0, 1.0]])})
    array([[[0.5, 0.5]]])
    """
    # Electricity bought by a sector without output is an accident of the table: output gates all.
    works = activity["output"] > 0
    out = np.zeros((len(works), len(lines), weights.shape[1]))
    for k, line in enumerate(lines):
        amount = weights[k] * activity[line.proxy] * works
        spare = weights[k] * activity["output"]
        empty = amount.sum(1) <= 0
        amount[empty] = spare[empty]
        total = amount.sum(1, keepdims=True)
        out[:, k] = np.divide(amount, total, out=np.zeros_like(amount), where=total > 0)
    return out
