"""Plain lists in the terminal: principles, one result, the embedded data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.accounts.principle import Principle
from mriocarbon.datasets.catalogue import Item
from mriocarbon.model import Result
from mriocarbon.model.labels import find_region

if TYPE_CHECKING:
    from rich.console import Console


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

    first = res.coords[res.dims[0]]
    keep = [find_region(name, first) for name in regions] or list(range(len(first)))
    mark = " †" if res.estimated else ""
    table = Table(
        title=Text(f"{res.name}, {res.unit}{mark}", style="bold"),
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
    for k in keep:
        table.add_row(first[k], *(_number(column[k]) for column in columns.values()))
    if summed:
        table.add_section()
        sums = (_number(c.sum()) for name, c in columns.items() if name not in ("low", "high"))
        table.add_row("all regions", *sums)
    console.print(table)
    console.print(f"forward error of the solve: {res.error:.1e} of the total", style="dim")
    if res.low is not None:
        console.print("low, high: range of the household estimate only", style="dim")
    for note in res.notes:
        console.print(Text(f"{'†' if note.estimated else '-'} {note.text}"))
    for source in res.provenance.sources:
        console.print(Text(f"Source: {source.citation or source.name} ({source.licence})"))


def catalogue(items: Sequence[Item], console: Console) -> None:
    """Print the embedded items with what must be known before using them."""
    from rich.text import Text

    for item in items:
        console.print(Text.assemble((item.name, "bold"), f"  {item.title}"))
        years = f"{min(item.years)}-{max(item.years)}" if len(item.years) > 1 else item.years[0]
        for line in (
            f"{item.edition}; {years}; {item.unit or 'labels'}; {item.bytes:,} bytes",
            f"{item.exactness}" + (f": {item.what_is_estimated}" if item.what_is_estimated else ""),
            f"cite: {item.citation}",
            f"licence: {item.licence}",
            f"sha256 {item.sha256}",
        ):
            console.print(Text(f"    {line}"))
    total = sum(item.bytes for item in items)
    console.print(f"\n{len(items)} items, {total / 1e6:.2f} MB")


def _number(value: float) -> str:
    return "n/a" if np.isnan(value) else f"{value:,.1f}".replace("-", "−")
