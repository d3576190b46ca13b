"""What a structural decomposition leaves in the terminal and in a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mriocarbon.model import Note, Result
from mriocarbon.report import text as t
from mriocarbon.report.decomposition import (
    METHODS,
    Parts,
    bars,
    chained,
    digits_of,
    parts_of,
    waterfall,
    words,
    world_name,
)
from mriocarbon.report.sector_names import place_name
from mriocarbon.structure.decomposition import Decomposition
from mriocarbon.structure.series import DecompositionSeries

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["NAMES", "terminal", "write"]

Array = NDArray[np.float64]
# All that a decomposition may leave in its folder.
NAMES = (
    "effects.csv", "periods.csv", "endpoints.csv", "before.csv", "after.csv", "bilateral.csv",
    "world.csv", "about.json",
    *(f"figure-{name}.{kind}" for name in ("waterfall", "series") for kind in ("svg", "png")),
)  # fmt: skip


def terminal(
    found: Decomposition | DecompositionSeries, console: Console, *, regions: Sequence[str] = ()
) -> None:
    """Print the effects on some regions (the world by default) with their range and the notes."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    last = found.endpoint if isinstance(found, DecompositionSeries) else found
    default = [world_name(last)] if last.world is not None else [last.effects.coords["region"][0]]
    for region in regions or default:
        ends = parts_of(last, region)
        columns: list[tuple[str, Parts, tuple[str, ...]]] = [("", ends, last.factors)]
        if isinstance(found, DecompositionSeries):
            columns = [("chained", chained(found, region), found.chained.coords["factor"]),
                       ("end points", ends, last.factors)]  # fmt: skip
        mark = f" {t.DAGGER}" if last.effects.estimated else ""
        digits = max(2, digits_of(ends))
        year = last.effects.provenance.year
        heading = (
            f"{place_name(ends.region)}, {last.account}, {last.stressor}"
            f"{f' {year}' if year else ''}: {t.number(ends.start, digits)} in {last.labels[0]},"
            f" {t.number(ends.end, digits)} in {last.labels[1]}, {last.unit}{mark}"
        )
        table = Table(title=Text(heading, style="bold"), box=box.SIMPLE_HEAD, title_justify="left")
        table.add_column("factor")
        for name, parts, _ in columns:
            table.add_column(name or "effect", justify="right", no_wrap=True)
            if parts.low is not None:
                table.add_column("low", justify="right", no_wrap=True)
                table.add_column("high", justify="right", no_wrap=True)
        for name in columns[0][2]:
            row: list[str] = []
            for _, parts, order in columns:
                k = order.index(name) if name in order else None
                row.append(_figure(parts.effects, k, last.form, digits))
                if parts.low is not None:
                    row += [
                        _figure(parts.low, k, last.form, digits),
                        _figure(parts.high, k, last.form, digits),
                    ]
            table.add_row(f"{name}: {words(name, columns[0][2])}", *row)
        table.add_section()
        row = []
        for _, parts, _ in columns:
            whole = parts.effects.sum() if last.form == "additive" else parts.effects.prod()
            row.append(_figure(np.array([float(whole)]), 0, last.form, digits))
            row += ["", ""] if parts.low is not None else []
        table.add_row("change" if last.form == "additive" else "ratio", *row)
        console.print(table)
    console.print(
        f"method: {METHODS[last.method]}; the parts close to {last.closure:.1e} of the account",
        style="dim",
    )
    for note in _notes(found):
        console.print(Text(f"{t.DAGGER if note.estimated else '-'} {note.text}"))
    for source in last.effects.provenance.sources:
        licence = f" ({source.licence})" if source.licence else ""
        console.print(Text(f"Source: {source.citation or source.name}{licence}"))


def _notes(found: Decomposition | DecompositionSeries) -> tuple[Note, ...]:
    """Return all that must be told; of a series also what holds for the end points alone."""
    if not isinstance(found, DecompositionSeries):
        return found.notes
    ends = [
        replace(note, text=f"end points: {note.text}")
        for note in found.endpoint.notes
        if note not in found.chained.notes
    ]
    return (*found.chained.notes, *ends)


def write(
    found: Decomposition | DecompositionSeries,
    folder: Path | str,
    *,
    region: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write effects, range and notes as CSV and JSON, and the figure of one region, into a folder.

    All of it appears, or none; files that a former decomposition left there under the names of
    this one's go. A multiplicative decomposition has no figure and no sum of all regions.

    Parameters
    ----------
    found : Decomposition or DecompositionSeries
    folder : path
    region : str, optional
        Of the figure; the world, or the first region, by default.
    progress : callable, optional

    Returns
    -------
    list of Path

    Raises
    ------
    InputError, DataFileError
        The folder cannot take the files.
    """
    from mriocarbon.report.files import put

    last = found.endpoint if isinstance(found, DecompositionSeries) else found
    chosen = region or (
        world_name(last) if last.world is not None else last.effects.coords["region"][0]
    )
    results: dict[str, Result] = {"effects.csv": last.effects, "before.csv": last.before,
                                  "after.csv": last.after}  # fmt: skip
    if isinstance(found, DecompositionSeries):
        results = {"effects.csv": found.chained, "periods.csv": found.periods,
                   "endpoints.csv": last.effects, "before.csv": last.before,
                   "after.csv": last.after}  # fmt: skip
    if last.bilateral is not None:
        results["bilateral.csv"] = last.bilateral
    if found.world is not None:
        results["world.csv"] = found.world
    drawing = None
    if last.form == "additive":
        drawing = (
            bars(found, chosen)
            if isinstance(found, DecompositionSeries)
            else waterfall(found, chosen)
        )
    figure = [] if drawing is None else [f"{drawing.name}.svg", f"{drawing.name}.png"]
    say = progress or (lambda step: None)
    notes = _notes(found)

    def fill(staging: Path) -> None:
        for name, result in results.items():
            result.to_csv(staging / name)
        about = {
            **last.effects.metadata(),
            "averaging": last.method, "form": last.form, "account": last.account,
            "factors": {name: words(name, last.factors) for name in last.factors},
            "orders": last.orders, "closure": last.closure,
            "states": list(last.labels),
            "estimated": any(note.estimated for note in notes),
            "notes": [("[estimated] " if n.estimated else "") + n.text for n in notes],
        } | ({} if drawing is None else {"caption": drawing.caption})  # fmt: skip
        text = json.dumps(about, indent=1, ensure_ascii=False) + "\n"
        (staging / "about.json").write_text(text, encoding="utf-8")
        if drawing is not None:
            (staging / figure[0]).write_text(drawing.svg, encoding="utf-8", newline="\n")
            (staging / figure[1]).write_bytes(drawing.png)

    return put(Path(folder), (*results, "about.json", *figure), fill, say, former=NAMES)


def _figure(values: Array | None, k: int | None, form: str, digits: int) -> str:
    if values is None or k is None:
        return ""
    value = float(values[k])
    return t.percent(value, digits) if form == "additive" else t.number(value, 4)
