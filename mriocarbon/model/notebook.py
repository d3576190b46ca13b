"""What a notebook shows of a result: its numbers in their unit, what is estimated, and whence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

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
        HTML without scripts and styles; every label is escaped.

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
        rows = [list(map(float, row)) for row in zip(*columns.values(), strict=True)]
        lines += _lines(result.dims[0], list(columns), result.coords[result.dims[0]], rows)
        if result.adds and len(result.value) > 1:
            # the ends of the ranges do not add up: the regions do not err together
            lines.append(_row("total", [
                None if name in ("low", "high") else math.fsum(map(float, c))
                for name, c in columns.items()
            ]))  # fmt: skip
    elif len(result.dims) == 2:
        first, second = result.dims
        lines += _lines(f"{first} \\ {second}", result.coords[second], result.coords[first],
                        result.value.tolist())  # fmt: skip
    else:
        lines.append(f"<tr><td>{escape(repr(result))}</td></tr>")
    made = result.provenance
    told = [
        " ".join(filter(None, (made.dataset, made.edition))),
        f"{len(result.notes)} notes: result.notes" if result.notes else "",
        made.method,
    ]
    foot = "; ".join(escape(one) for one in told if one)
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
        for label, values in zip(labels[:MOST_ROWS], rows[:MOST_ROWS], strict=True)
    ]
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
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:#.4g}".rstrip(".")
