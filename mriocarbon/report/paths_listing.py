"""The largest supply paths in the terminal, and as files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mriocarbon.model.atomic import replacing
from mriocarbon.model.result import Result
from mriocarbon.report import text as t
from mriocarbon.report.figures import Drawing
from mriocarbon.report.pictures import check_files, write_picture
from mriocarbon.report.sector_names import place_name, sector_name
from mriocarbon.structure.path_result import Chain, Paths, at_most

if TYPE_CHECKING:
    from rich.console import Console

LISTS = (".csv", ".json")


def chain_text(chain: Chain, dataset: str, arrow: str = "←") -> str:
    """Return a path in words, the final product first.

    Examples
    --------
    >>> chain_text((("USA", "F"), ("CHN", "C23")), "oecd-icio-2022")
    'USA Construction ← CHN Cement, glass, ceramics'
    """
    return f" {arrow} ".join(f"{r} {sector_name(s, dataset)}" for r, s in chain)


def show(
    paths: Paths, console: Console, *, most: int = 20, totals: tuple[Result, ...] = ()
) -> None:
    """Print the first paths, what the list covers, what is proven, and exact totals beside it.

    Parameters
    ----------
    paths : Paths
    console : rich.console.Console
    most : int
        Paths to print; the others are in the files.
    totals : tuple of Result
        Of one dimension, such as tiers and crossings: each is printed as shares of the account.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    utf = console.encoding.lower().startswith("utf")
    arrow = "←" if utf else "<-"
    mark = (" †" if utf else " *") if paths.estimated else ""
    whose = "all regions" if paths.region is None else place_name(paths.region)
    of = f" for {paths.product}" if paths.product else ""
    year = f" in {paths.year}" if paths.year else ""
    title = f"{paths.stressor} behind final demand{of}{year}, {whose}: the largest supply paths"
    table = Table(
        title=Text(f"{title}, {paths.unit}{mark}", style="bold"), box=box.SIMPLE_HEAD,
        title_justify="left", padding=(0, 1), pad_edge=False,
    )  # fmt: skip
    for name in ("no.", "value", "share %", "sum %", "borders"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("final product, its supplier, ... the emitter", overflow="fold")
    digits = t.decimals(float(paths.value[0]), 4) if len(paths) else 0
    places = max(2, t.decimals(paths.gross_total))
    share, sums = 100 * paths.share, 100 * np.cumsum(paths.share)
    for k in range(min(most, len(paths))):
        table.add_row(
            f"{k + 1:,}", t.number(float(paths.value[k]), digits),
            t.number(float(share[k]), 2), t.number(float(sums[k]), 1), str(paths.crossings[k]),
            Text(chain_text(paths.path(k), paths.provenance.dataset, arrow)),
        )  # fmt: skip
    console.print(table)
    covered = "" if np.isnan(paths.coverage) else f" ({100 * paths.coverage:.1f} %)"
    lines = [
        f"{t.counted(len(paths), 'path')}: {t.number(float(paths.value.sum()), places)} of"
        f" {t.number(paths.total, places)} {paths.unit}{covered}; all others together"
        f" {t.number(paths.remainder, places)}, none of them above {at_most(paths.remainder_bound)}"
        " (proven)"
    ]
    if paths.gross_total > abs(paths.total) * (1 + 1e-9):
        lines.append(
            "some paths are below zero: absolute values sum to"
            f" {t.number(paths.gross_total, places)}, of which"
            f" {100 * paths.gross_coverage:.1f} % are listed"
        )
    for result in totals:
        whole = result.total or float("nan")
        parts = ", ".join(
            f"{label}: {t.number(100 * float(value) / whole)}"
            for label, value in zip(result.coords[result.dims[0]], result.value, strict=True)
        )
        name = {"tier": "deliveries", "crossings": "borders"}.get(result.dims[0], result.dims[0])
        lines.append(f"all paths by {name}, %, exact: {parts}")
    if paths.region is None:
        lines.append("borders between sectors only: whose demand it is, and so the last, is open")
    lines.append(f"forward error of the solve: {paths.error:.1e} of the total")
    for line in lines:
        console.print(Text(line if utf else line.replace(t.MINUS, "-")))
    for note in paths.notes:
        console.print(Text(f"{mark.strip() if note.estimated else '-'} {note.text}"), style="dim")
    for source in paths.provenance.sources:
        console.print(Text(f"Source: {source.citation or source.name} ({source.licence})"))


def group(result: Result, console: Console, *, most: int = 15) -> None:
    """Print the paths of a list summed by a label, largest first, what is not listed last."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    labels = result.coords[result.dims[0]]
    dataset = result.provenance.dataset
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column(result.dims[0], overflow="fold")
    table.add_column(result.unit, justify="right", no_wrap=True)
    table.add_column("share %", justify="right", no_wrap=True)
    whole = result.total or float("nan")
    digits = max(2, t.decimals(float(np.abs(result.value).max())))

    def row(name: str, value: float) -> None:
        table.add_row(Text(name), t.number(value, digits), t.number(100 * value / whole, 1))

    for k in range(min(most, len(labels) - 1)):
        name = labels[k]
        if result.dims[0] == "sector":
            name = sector_name(name, dataset)
        elif result.dims[0] == "region":
            name = place_name(name)
        row(name, float(result.value[k]))
    more = result.value[most:-1]
    if len(more):
        row(f"{len(more)} more", float(more.sum()))
    table.add_section()
    row(labels[-1], float(result.value[-1]))
    row("account", result.total)
    console.print(table)


def write_files(
    paths: Paths,
    path: Path | None,
    picture: tuple[Drawing, Path] | None,
    sums: Mapping[str, Result] | None = None,
) -> list[Path]:
    """Write the list, its sums and a picture: all of them or none.

    Parameters
    ----------
    paths : Paths
    path : Path or None
        Of the list, CSV or JSON by its ending.
    picture : (Drawing, Path) or None
    sums : mapping of str to Result, optional
        Each beside the list as ``NAME-key.csv``, such as ``paths-tier.csv``.

    Returns
    -------
    list of Path
    """
    place = None if picture is None else picture[1]
    check_files(path, place, LISTS)
    written = []
    with ExitStack() as stack:
        if path is not None:
            temporary = stack.enter_context(replacing(path))
            if path.suffix.lower() == ".csv":
                paths.to_csv(temporary)
            else:
                temporary.write_text(paths.to_json() + "\n", encoding="utf-8")
            written.append(path)
            for key, result in (sums or {}).items():
                beside = path.with_name(f"{path.stem}-{key}.csv")
                result.to_csv(stack.enter_context(replacing(beside)))
                written.append(beside)
        if picture is not None:  # the others take their places only if this succeeds
            written.append(write_picture(*picture))
    return written
