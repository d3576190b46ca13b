"""Plain lists in the terminal: principles, one result, the embedded data."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.accounts.principle import Principle
from mriocarbon.datasets.catalogue import Item
from mriocarbon.model import Result
from mriocarbon.model.labels import find_region
from mriocarbon.report import text as t

if TYPE_CHECKING:
    from rich.console import Console

LEAST = 18  # characters that a column of text keeps at least


def principles(known: Sequence[Principle], console: Console) -> None:
    """Print each principle with formula, boundary, what it conserves, options and reference."""
    from rich.padding import Padding
    from rich.text import Text

    for p in known:
        console.print(Text.assemble((p.name, "bold"), f"  {p.title}"))
        lines = [f"= {p.formula}", f"region's account: {p.boundary}"]
        lines.append("conserves the world total" if p.conserves else "does not conserve")
        lines += [f"option {name}: {meaning}" for name, meaning in p.options]
        if p.needs:
            lines.append(f"NOT AVAILABLE without {p.needs}")
        if p.status != "stable":
            lines.append(p.status)
        lines.append(p.reference)
        for line in lines:
            console.print(Padding(Text(line), (0, 0, 0, 4)))
    console.print(
        Text(
            f"\n{len(known)} principles. q = f/x, A = Z diag(x)^-1, L = (I-A)^-1, m' = q'L,"
            " X = L Y, G = (I - diag(x)^-1 Z)^-1, v primary inputs, v_c = v/x, R sums the sectors"
            " of a region, * is elementwise; households are added once, to their own region."
        )
    )


def result(
    res: Result, console: Console, *, regions: Sequence[str] = (), summed: bool = True
) -> None:
    """Print a result of one or two dimensions with unit, error, notes and sources.

    Regions may be narrowed by code or name; the total is always that of all regions. Amounts
    per person have none (``summed=False``).
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from mriocarbon.report.screen import foot, titled

    first = res.coords[res.dims[0]]
    keep = [find_region(name, first) for name in regions] or list(range(len(first)))
    mark = " †" if res.estimated else ""
    table = Table(
        title=Text(f"{titled(res.name, res.provenance)}, {res.unit}{mark}", style="bold"),
        box=box.SIMPLE_HEAD,
        title_justify="left",
    )
    table.add_column(res.dims[0])
    if len(res.dims) == 1:
        columns = {key: part for key, part in res.parts.items() if len(res.parts) > 1}
        columns["total"] = res.value
        if res.low is not None and res.high is not None:
            columns["low"], columns["high"] = res.low, res.high
    else:
        columns = {label: res.value[:, k] for k, label in enumerate(res.coords[res.dims[1]])}
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    # one decimal, or as many as tell four figures of the largest number: 0.107 Gt is no 0.1
    size = np.abs([column[keep] for column in columns.values()])
    digits = max(1, t.decimals(float(np.nanmax(size, initial=0.0)), 4))
    for k in keep:
        table.add_row(first[k], *(t.number(column[k], digits) for column in columns.values()))
    if summed:
        table.add_section()
        sums = [c.sum() for name, c in columns.items() if name not in ("low", "high")]
        table.add_row("all regions", *(t.number(value, digits) for value in sums))
    console.print(table)
    console.print(f"forward error of the solve: {res.error:.1e} of the total", style="dim")
    if res.low is not None and not any("interval:" in note.text for note in res.notes):
        console.print("low, high: range of the household estimate only", style="dim")
    foot(console, res.notes, res.provenance)


def catalogue(items: Sequence[Item], console: Console) -> None:
    """Print the embedded items with what must be known before using them."""
    from rich.padding import Padding
    from rich.text import Text

    for item in items:
        console.print(Text.assemble((item.name, "bold"), f"  {item.title}"))
        years = f"{min(item.years)}-{max(item.years)}" if len(item.years) > 1 else item.years[0]
        for line in (
            f"producer: {item.producer}",
            f"{item.edition}; {years}; {item.unit or 'labels'}; {item.bytes:,} bytes",
            f"{item.exactness}" + (f": {item.what_is_estimated}" if item.what_is_estimated else ""),
            f"cite: {item.citation}",
            f"licence: {item.licence}",
        ):
            console.print(Padding(Text(line), (0, 0, 0, 4), expand=False))
        for line in (item.licence_url, f"sha256 {item.sha256}"):  # copied: not folded
            console.print(Text(f"    {line}"), soft_wrap=True)
    if len(items) > 1:
        total = sum(item.bytes for item in items)
        console.print(f"\n{len(items)} items, {total / 1e6:.2f} MB")


def rows(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    console: Console,
    *,
    whole: Collection[str] = (),
) -> None:
    """Print rows as a table; where it does not fit, each row as a record of its own.

    Nothing is cut: long text is folded, but for the columns `whole`, of names that are typed
    again. Numbers are told to six digits, a missing cell as ``NULL``, and characters that would
    steer the terminal are told, not obeyed.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from mriocarbon.report.screen import fits, records

    cells = [[_cell(value) for value in row] for row in rows]
    heads = [_cell(name) for name in columns]
    # Folding leaves a column readable down to some words, a figure not at all.
    figures = [all(_is_figure(row[k]) for row in rows) for k in range(len(heads))]
    kept = [is_figure or name in whole for name, is_figure in zip(columns, figures, strict=True)]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for head, is_figure, is_kept in zip(heads, figures, kept, strict=True):
        table.add_column(
            Text(head), justify="right" if is_figure and cells else "left", no_wrap=is_kept,
            overflow="fold",
        )  # fmt: skip
    for row in cells:
        table.add_row(*map(Text, row))
    if cells and not fits(table, console, words=LEAST):
        records(table, console, blanks=True)
        console.print(f"{len(cells):,} row{'s' if len(cells) > 1 else ''}", style="dim")
    else:
        console.print(table)
    if not cells:
        console.print("no rows")


def _is_figure(value: object) -> bool:
    if isinstance(value, str):  # counts that were grouped already
        return value.replace(",", "").isdigit()
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
