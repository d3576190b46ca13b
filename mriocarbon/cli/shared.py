"""What the commands share: options, the table, the console, running steps, the bar of a reading."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

import mriocarbon as mc
from mriocarbon.cli import complete

if TYPE_CHECKING:
    from rich.console import Console

    from mriocarbon.io.store import Store

Table = Annotated[
    str,
    typer.Option(
        "--table",
        help="Embedded table, or a file in a layout that is known.",
        autocompletion=complete.tables,
    ),
]
Detail = Annotated[
    str | None,
    typer.Option(
        help="full: 81 economies x 50 industries, needs MRIOCARBON_DATA.",
        autocompletion=complete.details,
    ),
]


def known_principle(context: typer.Context, name: str) -> str:
    """Return the name of a principle; UnknownNameError before any table is read for it."""
    if not context.resilient_parsing:  # a shell that asks for names waits for no numpy
        from mriocarbon.accounts.registry import principle

        principle(name)
    return name


Principle = Annotated[
    str,
    typer.Argument(
        help="See `mriocarbon principles`.", autocompletion=complete.principles,
        callback=known_principle,
    ),
]  # fmt: skip
Stressor = Annotated[
    str | None,
    typer.Option(
        help="Stressor; GHG, or the only one, by default.", autocompletion=complete.stressors
    ),
]
TlsCert = Annotated[
    Path | None, typer.Option(help="Certificate, PEM: serve https; needs --tls-key.")
]
TlsKey = Annotated[Path | None, typer.Option(help="Private key of the certificate, PEM.")]
Out = Annotated[Path | None, typer.Option(help="Write all numbers: NAME.csv.")]
Picture = Annotated[Path | None, typer.Option("--figure", help="Draw it: NAME.svg or .png.")]


def load(table: str, detail: str | None = None) -> mc.MRIO:
    """Return the table of a name, a file or a folder."""
    # A folder beside us needs no slash in its name.
    return mc.load(Path(table) if Path(table).is_dir() else table, detail=detail)


def known(
    mrio: mc.MRIO | Store, regions: Iterable[str | None] = (), sectors: Iterable[str | None] = ()
) -> None:
    """Raise UnknownNameError for a name that the table has not: before the work, not after it.

    None is no name.
    """
    for names, find in ((regions, mrio.index.region), (sectors, mrio.index.sector)):
        for name in names:
            if name is not None:
                find(name)


class Bytes(Protocol):
    """Anything that tells how far a reading (of `what`) or a download (of `file`) is."""

    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int | None: ...


def _what(state: Bytes) -> str:
    return str(getattr(state, "what", "") or getattr(state, "file", "") or "data")


def console() -> Console:
    """Return the console for results. It never cuts a figure: "12,3..." is a wrong number.

    A table whose figures do not fit is told row by row, a line for each column.
    """
    from rich.console import Console
    from rich.table import Table as Grid

    from mriocarbon.report import screen

    class Whole(Console):
        def print(self, *objects: Any, **how: Any) -> None:
            table = objects[0] if len(objects) == 1 and isinstance(objects[0], Grid) else None
            if table is None or not table.columns or not table.show_header:
                super().print(*objects, **how)
            elif screen.fits(table, self):
                super().print(table, **how)
            else:
                screen.records(table, self)

    # A pipe has no width; 120 columns keep the tables whole in a log.
    return Whole(width=None if sys.stdout.isatty() else 120, highlight=False)


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """A spinner with the running step and its time, on stderr; plain lines in a pipe."""
    if not sys.stderr.isatty():
        yield lambda step: print(f"... {step}", file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda step: progress.update(task, description=step)


@contextmanager
def transfer() -> Iterator[Callable[[Any], None]]:
    """A bar with size and rate, on stderr; in a pipe one line when a member is done."""
    if not sys.stderr.isatty():
        told: set[str] = set()

        def line(state: Bytes) -> None:
            what = _what(state)
            if state.total and state.done >= state.total and what not in told:
                told.add(what)
                print(f"... {what}: {state.done:,} bytes", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, Any] = {}

        def update(state: Bytes) -> None:
            what = _what(state)
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=state.total)
            progress.update(tasks[what], completed=state.done, total=state.total)

        yield update
