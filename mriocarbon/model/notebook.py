"""What a notebook shows of a result: its numbers in their unit, what is estimated, and whence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mriocarbon.model.result import Result

MOST_ROWS, MOST_COLUMNS = 30, 12


def table(result: Result) -> str:
    """Return a result as an HTML table: the first rows and columns, and how many are left out.

    Over one axis: the value, its range where one is known, and its parts; over two: the matrix;
    over more, the first line alone.

    Parameters
    ----------
    result : Result

    Returns
    -------
    str
        HTML without scripts; every label is escaped.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> text = table(mc.account(mc.load("oecd-icio-2022"), "consumption", stressor="GHG"))
    >>> "<caption>consumption, Mt CO2e" in text
    True
    """
    head = f"{escape(result.name)}, {escape(result.unit) or 'without a unit'}"
    if result.estimated:
        head += " (rests on estimates)"
    lines = [f"<caption>{head}</caption>"]
    if len(result.dims) == 1:
        columns = result.columns()
        shown = [column[:MOST_ROWS].tolist() for column in columns.values()]
        rows = list(zip(*shown, strict=True))
        lines += _lines(result.dims[0], list(columns), result.coords[result.dims[0]], rows)
        if result.adds and len(result.value) > 1:
            # the ends of the ranges do not add up: the regions do not err together
            with np.errstate(all="ignore"):  # what is not finite is shown so
                sums = {name: float(column.sum()) for name, column in columns.items()}
            told = [None if name in ("low", "high") else whole for name, whole in sums.items()]
            lines.append(_row("total", told[:MOST_COLUMNS]))
    elif len(result.dims) == 2:
        first, second = result.dims
        corner = result.value[:MOST_ROWS, :MOST_COLUMNS].tolist()
        lines += _lines(f"{first} \\ {second}", result.coords[second], result.coords[first], corner)
    else:
        lines.append(f"<tr><td>{escape(repr(result))}</td></tr>")
    made = result.provenance
    about = [
        " ".join(filter(None, (made.dataset, made.edition))),
        f"what it rests on: result.notes ({len(result.notes)})" if result.notes else "",
        made.method,
    ]
    foot = "; ".join(escape(one) for one in about if one)
    return f"<table>\n{chr(10).join(lines)}\n</table>\n<p><small>{foot}</small></p>"


def _lines(
    corner: str, columns: Sequence[str], labels: Sequence[str], rows: Sequence[Sequence[float]]
) -> list[str]:
    shown = list(columns[:MOST_COLUMNS])
    cut = len(columns) - len(shown)
    heads = [corner, *shown] + ([f"… {cut:,} more"] if cut else [])
    out = ["<tr>" + "".join(f"<th>{escape(one)}</th>" for one in heads) + "</tr>"]
    out += [
        _row(label, values[:MOST_COLUMNS])
        for label, values in zip(labels[:MOST_ROWS], rows, strict=True)
    ]
    if not labels:
        out.append(_row("nothing", []))
    left = len(labels) - MOST_ROWS
    if left > 0:
        out.append(_row(f"… {left:,} more: result.to_pandas()", []))
    return out


def _row(label: str, values: Sequence[float | None]) -> str:
    cells = "".join(f'<td style="text-align:right">{_number(v)}</td>' for v in values)
    return f"<tr><th>{escape(label)}</th>{cells}</tr>"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if math.isnan(value):
        return "missing"
    if value == 0:
        return "0"
    return f"{value:,.0f}" if 999.95 <= abs(value) < 1e15 else f"{value:#.4g}".rstrip(".")
