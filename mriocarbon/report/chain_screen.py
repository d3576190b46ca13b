"""Value chains, inequality and leakage in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError
from mriocarbon.model.labels import find_region
from mriocarbon.model.result import Result
from mriocarbon.report import text as t
from mriocarbon.report.chain_figures import counted, dated, digits, place_name
from mriocarbon.report.screen import foot
from mriocarbon.structure.chain import Chain
from mriocarbon.structure.inequality import Inequality
from mriocarbon.structure.leakage import LeakageRate

if TYPE_CHECKING:
    from rich.console import Console

MANY = 8  # columns from which rows are named by their codes
LEFT_OUT = ("exports at partner technology", "imports without home industry")  # in the CSV


def chain(
    found: Chain, console: Console, *, region: str | None = None, percent: bool = False
) -> None:
    """Print terms by region, or by sector or partner of one region; as shares if `percent`."""
    rows, value, head = _chosen(found, region)
    unit = found.unit
    if unit == "million USD":  # eleven columns of seven digits do not fit a screen
        value, unit = value / 1e3, "billion USD"
    total = value.sum(axis=1)
    shown = value
    if percent:
        safe = np.where(total == 0, np.nan, total)
        shown = 100 * value / safe[:, None]
    name = dated(f"{found.name}{' of ' + head if head else ''}", found)
    name += f", {'% of total' if percent else unit}"
    columns = [*found.terms, f"total, {unit}"]
    table = np.column_stack([shown, total])
    d = digits(value)
    each = [1 if percent else d] * len(found.terms) + [d]
    # Shares have no sum; nor have regions whose exports hold the same emissions.
    summed = "" if percent or not (head or found.additive) else "all"
    _table(console, name, found.estimated, rows, columns, table, each, summed)
    console.print(
        f"the terms leave {found.closure:.1e} of the total; forward error of the solve:"
        f" {found.error:.1e}", style="dim",
    )  # fmt: skip
    for term, equation in found.equations.items():
        console.print(f"{term} = {equation}", style="dim", markup=False)
    foot(console, found.notes, found.provenance)


def inequality(found: Inequality, console: Console) -> None:
    """Print one row for each region, then the measures."""
    rows = [place_name(r) for r in found.regions]
    columns = [
        "million people", found.unit or "amount", found.unit_per_person, "people below, %",
        "their share, %",
    ]  # fmt: skip
    table = np.column_stack([
        found.population / 1e6, found.amount, found.per_person, 100 * found.people_share[1:],
        100 * found.amount_share[1:],
    ])  # fmt: skip
    name = f"{dated(counted(found), found)}, per person ascending"
    each = [digits(column) for column in table.T]
    _table(console, name, found.estimated, rows, columns, table, each)
    for label, measure in found.measures().iterrows():
        parts = [f"{k} {v:.4f}" for k, v in measure.items() if not np.isnan(v)]
        console.print(f"{label}: {'; '.join(parts) or 'not defined'}", markup=False)
    console.print(
        f"top tenth of people: {100 * found.top_share(0.1):.1f} %; lower half:"
        f" {100 * (1 - found.top_share(0.5)):.1f} %"
    )
    foot(console, found.notes, found.provenance)


def leakage(found: Result, console: Console, *, region: str | None = None) -> None:
    """Print the items of each region, or of one with each of the others."""
    rows = [place_name(r) for r in found.coords["region"]]
    items = [k for k, name in enumerate(found.coords["item"]) if name not in LEFT_OUT]
    columns = [found.coords["item"][k] for k in items]
    value, of = found.value, ""
    if value.ndim == 3:
        if region is None:
            raise InputError(
                f"{' x '.join(map(str, value.shape))} figures do not fit a screen",
                where="option region", do="name one region, or write a CSV with --out",
            )  # fmt: skip
        k = find_region(region, found.coords["region"])
        value, of = value[k], f" of {place_name(found.coords['region'][k])} with others"
    elif region is not None:
        k = find_region(region, found.coords["region"])
        rows, value = [rows[k]], value[[k]]
    name = f"{dated(found.name + of, found)}, {found.unit}"
    each = [digits(value[:, items])] * len(items)
    _table(console, name, found.estimated, rows, columns, value[:, items], each, "all")
    console.print(f"forward error of the solve: {found.error:.1e} of the total", style="dim")
    foot(console, found.notes, found.provenance)


def rate(found: LeakageRate, console: Console) -> None:
    """Print the rates and the changes that they are made of."""
    years = " to ".join("?" if y is None else str(y) for y in found.years)
    home = ", ".join(found.home)
    console.print(t.nice(f"{home}, {found.stressor}, {years}: changes in {found.unit}"))
    changes = np.array([found.fall, found.abroad, found.imports, found.exports, found.consumption])
    for name, amount in (
        ("production at home", -found.fall), ("production abroad", found.abroad),
        ("imports", found.imports), ("exports", found.exports),
        ("consumption at home", found.consumption),
    ):  # fmt: skip
        console.print(f"  {name:<22}{t.number(amount, digits(changes)):>12}")
    console.print(f"strong leakage: {100 * found.strong:.1f} % of the fall at home")
    console.print(f"weak leakage:   {100 * found.weak:.1f} % of the fall at home")
    foot(console, found.notes, found.provenance)


def _chosen(found: Chain, region: str | None) -> tuple[list[str], NDArray[np.float64], str]:
    """Return row labels, (rows, terms) and the region that they belong to."""
    regions = found.coords["region"]
    if found.value.ndim == 2:
        keep = range(len(regions)) if region is None else [find_region(region, regions)]
        short = len(found.terms) > MANY
        names = [regions[k] if short else place_name(regions[k]) for k in keep]
        return names, found.value[list(keep)], ""
    if region is None or found.value.ndim != 3:
        raise InputError(
            f"{' x '.join(map(str, found.value.shape))} figures over {', '.join(found.dims)}"
            " do not fit a screen",
            where="option region",
            do="name one region of a level with two labels, or write a CSV with --out",
        )
    k = find_region(region, regions)
    labels = [place_name(label) for label in found.coords[found.dims[1]]]
    return labels, found.value[k], place_name(regions[k])


def _table(
    console: Console,
    title: str,
    estimated: bool,
    rows: Sequence[str],
    columns: Sequence[str],
    value: NDArray[np.float64],
    each: Sequence[int],
    summed: str = "",
) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    heading = Text(t.marked(t.nice(title), estimated), style="bold")
    table = Table(title=heading, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 0, 0, 1))
    table.add_column("", no_wrap=True)
    texts = [[t.number(float(c), d) for c, d in zip(cells, each, strict=True)] for cells in value]
    last = [t.number(float(c), d) for c, d in zip(value.sum(axis=0), each, strict=True)]
    for k, name in enumerate(columns):
        # A figure is never cut, a heading may be folded.
        width = max(len(cells[k]) for cells in (*texts, last))
        table.add_column(Text(t.nice(name)), justify="right", min_width=width, overflow="fold")
    for label, cells in zip(rows, texts, strict=True):
        table.add_row(Text(label), *cells)
    if summed and len(rows) > 1:
        table.add_section()
        table.add_row(summed, *last)
    console.print(table)
