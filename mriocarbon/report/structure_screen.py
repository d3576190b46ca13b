"""Extractions, linkages, scopes and scenarios in the terminal, and their files."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon.model import Result
from mriocarbon.model.told_csv import write_told
from mriocarbon.report import text as t
from mriocarbon.report.screen import foot, titled
from mriocarbon.report.sector_names import (
    extracted_name,
    place_name,
    sector_name,
)
from mriocarbon.structure.elasticity import ImportantCoefficients
from mriocarbon.structure.extraction import Extraction
from mriocarbon.structure.inoperability import Inoperability
from mriocarbon.structure.linkages import Linkages
from mriocarbon.structure.scenario import Scenario
from mriocarbon.structure.scopes import SCOPES, Scopes

if TYPE_CHECKING:
    from rich.console import Console


def write_rows(result: Result, columns: Sequence[str], rows: Sequence[Sequence[object]],
               path: Path, **more: object) -> Path:  # fmt: skip
    """Write rows as CSV with what must be known of them in ``#`` lines; whole or absent.

    `more` replaces or adds lines, such as the units of columns that have different ones.
    """
    told = {"name": result.name, **result.metadata(), **more}
    return write_told(path, told.items(), columns, rows)


def write_results(results: Mapping[str, Result], path: Path, **more: object) -> Path:
    """Write results over the same labels side by side, the parts of each after it.

    Parameters
    ----------
    results : mapping of column to Result
        The notes of the last one are told, which has those of all of them.
    path : Path
    **more
        Further lines at the head.
    """
    last = list(results.values())[-1]
    columns: dict[str, Any] = {}
    for name, result in results.items():
        columns[name] = result.value.ravel()
        columns |= {f"{name}, {part}": value.ravel() for part, value in result.parts.items()}
    places = itertools.product(*(last.coords[d] for d in last.dims))
    rows = [(*p, *map(float, v)) for p, v in zip(places, zip(*columns.values(), strict=True),
                                                 strict=True)]  # fmt: skip
    units = "; ".join(f"{name}: {result.unit}" for name, result in results.items())
    errors = "; ".join(f"{name}: {result.error!r}" for name, result in results.items())
    told = {"name": ", ".join(r.name for r in results.values()), "units": units,
            "forward_error": errors, **more}  # fmt: skip
    return write_rows(last, (*last.dims, *columns), rows, path, **told)


def _table(
    console: Console, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]],
    words: int = 1, last: Sequence[str] | None = None,
) -> None:  # fmt: skip
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title, style="bold"), box=box.SIMPLE_HEAD, title_justify="left",
                  padding=(0, 1), pad_edge=False)  # fmt: skip
    for k, head in enumerate(heads):
        # A heading may be folded, a figure not.
        if k < words:
            table.add_column(head)
            continue
        body = [row[k] for row in (*rows, *([last] if last else []))]
        width = max(map(len, (*body, *head.split())), default=1)
        table.add_column(head, justify="right", width=width)
    for row in rows:
        table.add_row(*map(Text, row))
    if last is not None:
        table.add_section()
        table.add_row(*map(Text, last))
    console.print(table)


def _foot(result: Result, console: Console, *, change: bool = False) -> None:

    if not change:
        console.print(f"forward error of the solve: {result.error:.1e}", style="dim")
    elif np.isfinite(result.error):
        console.print(
            f"error of the change, relative to the sum of its absolute values: {result.error:.1e}",
            style="dim",
        )  # fmt: skip
    foot(console, result.notes, result.provenance)


def _mark(result: Result) -> str:
    return " †" if result.estimated else ""


def _number(value: float) -> str:
    return t.number(value, 1 if abs(value) >= 0.95 else 3)


def extraction(found: Extraction, console: Console, *, most: int = 12) -> None:
    """Print what goes with an extraction: totals, then emissions by region and by sector."""
    whole = [
        (name, result.total, base, result.parts["own"].sum(), result.unit)
        for name, result, base in (
            ("output", found.output, found.base_output),
            ("value added", found.value_added, found.base_value_added),
            ("emissions", found.emissions, found.base_emissions),
        )
        if not np.isnan(base)
    ]
    dataset = found.emissions.provenance.dataset
    named = extracted_name(found.what, dataset)
    of = titled(f"extraction of {named}", found.emissions.provenance)
    _table(
        console, f"{of}{_mark(found.emissions)}",
        ["change of the world's", "total", "% of the world", "in what was taken out", "elsewhere",
         "unit"],
        [[n, _number(v), t.percent(100 * v / b if b else None, 2), _number(o), _number(v - o), u]
         for n, v, b, o, u in whole],
    )  # fmt: skip
    what = "output" if np.isnan(found.base_emissions) else "emissions"
    for result in (found.by_region(what), found.by_sector(what)):
        name = place_name if result.dims[0] == "region" else _sector(dataset)
        order = np.argsort(-np.abs(result.value), kind="stable")[:most]
        labels = result.coords[result.dims[0]]
        _table(
            console, f"{what} by {result.dims[0]}, {result.unit}",
            [result.dims[0], "change", "in what was taken out", "elsewhere"],
            [[name(labels[k]), *(_number(float(v[k])) for v in (
                result.value, result.parts["own"], result.parts["elsewhere"]))] for k in order],
            last=["all", *(_number(float(v.sum())) for v in (
                result.value, result.parts["own"], result.parts["elsewhere"]))],
        )  # fmt: skip
    console.print(f"computed by {found.method}, rank {found.rank}", style="dim")
    _foot(found._of(what), console, change=True)


def _sector(dataset: str) -> Callable[[str], str]:
    return lambda code: sector_name(code, dataset)


def extractions(
    results: tuple[Result, Result, Result], console: Console, *, most: int = 20
) -> None:
    """Print the sectors on whose extraction most emissions hang."""
    output, value_added, emissions = results
    dataset = emissions.provenance.dataset
    known = not np.isnan(emissions.value).any()
    flat = (emissions if known else output).value.ravel()
    rows = []
    for place in np.argsort(flat, kind="stable")[:most]:
        cell = np.unravel_index(int(place), emissions.value.shape)
        labels = [emissions.coords[d][c] for d, c in zip(emissions.dims, cell, strict=True)]
        rows.append([
            *(place_name(v) if d == "region" else sector_name(v, dataset)
              for d, v in zip(emissions.dims, labels, strict=True)),
            *(_number(float(v.ravel()[place])) for v in (
                emissions.value, emissions.parts["own"], emissions.parts["elsewhere"]) if known),
            _number(float(output.value.ravel()[place])),
            _number(float(value_added.value.ravel()[place])),
        ])  # fmt: skip
    of_emissions = [f"emissions, {emissions.unit}", "own", "elsewhere"] if known else []
    heads = [*emissions.dims, *of_emissions, f"output, {output.unit}", "value added"]
    title = titled("change of the world by extraction, one at a time", emissions.provenance)
    _table(console, f"{title}{_mark(emissions)}", heads, rows, words=len(emissions.dims))
    _foot(emissions if known else output, console)


def scenario(found: Scenario, console: Console) -> None:
    """Print base, new account and difference by region, and what was changed."""
    from rich.text import Text

    for change in found.changes:
        console.print(Text(f"changed: {change}"))
    value = zip(
        found.base.coords["region"], found.base.value, found.new.value, found.difference.value,
        found.percent, strict=True,
    )  # fmt: skip
    total = found.difference.total
    share = 100 * total / found.base.total if found.base.total else None
    _table(
        console,
        f"{titled(found.base.name.split(',')[0], found.base.provenance)}, {found.base.unit},"
        f" industries only{_mark(found.base)}",
        ["region", "base", "new", "difference", "%"],
        [[place_name(r), _number(a), _number(b), _number(d), t.percent(p, 2)]
         for r, a, b, d, p in value],
        last=["all regions", _number(found.base.total), _number(found.new.total), _number(total),
              t.percent(share, 2)],
    )  # fmt: skip
    dataset = found.base.provenance.dataset
    flat = found.emissions.value.ravel()
    S = len(found.emissions.coords["sector"])
    order = np.argsort(-np.abs(flat), kind="stable")[:10]
    _table(
        console, f"where emissions change most, {found.emissions.unit}",
        ["region", "sector", "change"],
        [[place_name(found.emissions.coords["region"][k // S]),
          sector_name(found.emissions.coords["sector"][k % S], dataset), _number(float(flat[k]))]
         for k in order.tolist() if flat[k]], words=2,
    )  # fmt: skip
    console.print(f"computed by {found.method}, rank {found.rank}", style="dim")
    _foot(found.difference, console, change=True)


def linkages(found: Linkages, console: Console, *, region: str, measures: Sequence[str]) -> None:
    """Print measures and quadrant of every sector of one region, key sectors first."""
    r = found.table._position("region", region)
    dataset = found.table.provenance.dataset
    kind = found.quadrants()[r]
    columns = [found.measure(name)[r] for name in measures]
    place = {"key": 0, "backward": 1, "forward": 2, "weak": 3, "": 4}
    order = sorted(range(len(kind)), key=lambda k: (place[kind[k]], -np.nan_to_num(columns[0][k])))
    _table(
        console,
        titled(f"linkages of {place_name(found.table.coords['region'][r])}",
                found.table.provenance) + _mark(found.table),
        ["sector", "quadrant", *measures],
        [[sector_name(found.table.coords["sector"][k], dataset), str(kind[k]) or "no output",
          *(t.number(float(c[k]), 2) for c in columns)] for k in order], words=2,
    )  # fmt: skip
    _foot(found.table, console)


def scopes(found: Scopes, console: Console, *, region: str, most: int = 20) -> None:
    """Print the scopes of the largest sectors of a region."""
    total, dataset = found.total, found.total.provenance.dataset
    r = total._position("region", region)
    value, down = total.value[r], found.downstream.value[r]
    order = np.argsort(-value.sum(axis=1), kind="stable")[:most]
    _table(
        console,
        titled(f"scopes of {place_name(total.coords['region'][r])}", total.provenance)
        + f", {total.unit}{_mark(total)}",
        ["sector", *SCOPES, "1 to 3", "downstream, apart"],
        [[sector_name(total.coords["sector"][k], dataset), *(_number(float(v)) for v in value[k]),
          _number(float(value[k].sum())), _number(float(down[k]))] for k in order],
    )  # fmt: skip
    _foot(total, console)


def important(found: ImportantCoefficients, console: Console) -> None:
    """Print the inputs to which an account is most sensitive."""
    from rich.text import Text

    dataset = found.provenance.dataset
    mark = " †" if any(n.estimated for n in found.notes) else ""
    _table(
        console,
        f"{titled(found.account, found.provenance)}, {t.number(found.value)} {found.unit}{mark}",
        ["input", "of", "user", "of", "per output", "elasticity", f"for {found.percent:g} %, %"],
        [[sector_name(c.supplier[1], dataset), place_name(c.supplier[0]),
          sector_name(c.user[1], dataset), place_name(c.user[0]), t.number(c.value, 4),
          t.number(c.elasticity, 4),
          t.number(c.tolerance, 1) if np.isfinite(c.tolerance) else "never"] for c in found.top],
        words=4,
    )  # fmt: skip
    console.print(
        Text(
            "elasticity: % of the account for 1 % of the input; last: change of the input that"
            f" moves the account by {found.percent:g} %, up or down; listed:"
            f" {100 * found.covered:.1f} % of all elasticities, which sum to {found.sum:.3f}"
        )
    )
    console.print(f"forward error of the solve: {found.error:.1e}", style="dim")
    foot(console, found.notes, found.provenance)


def shock(found: Inoperability, console: Console, *, most: int = 15) -> None:
    """Print the sectors whose emissions change most after a shock, and what they lose."""
    loss = found.emissions
    S, dataset = len(loss.coords["sector"]), loss.provenance.dataset
    flat, output = loss.value.ravel(), found.output.value.ravel()
    share = 100 * found.inoperability.value.ravel()
    order = np.argsort(-np.abs(flat), kind="stable")[:most]
    _table(
        console,
        titled(f"after the shock, {found.side} side", loss.provenance) + _mark(loss),
        ["region", "sector", "output lost, %", f"output, {found.output.unit}",
         f"emissions, {loss.unit}"],
        [[place_name(loss.coords["region"][k // S]),
          sector_name(loss.coords["sector"][k % S], dataset), t.number(float(share[k]), 2),
          _number(float(output[k])), _number(float(flat[k]))] for k in order.tolist()],
        words=2, last=["all", "", "", _number(found.output.total), _number(loss.total)],
    )  # fmt: skip
    _foot(loss, console)
