"""The command line: each command parses, asks the api for a result, and hands it to report."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

import mriocarbon as mc
from mriocarbon.errors import MriocarbonError, MriocarbonWarning
from mriocarbon.model.atomic import check_writable

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="mriocarbon",
    help="Carbon accounting on multi-regional input-output tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data = typer.Typer(help="The data that the package ships.", no_args_is_help=True)
app.add_typer(data, name="data")

Table = Annotated[
    str, typer.Option("--table", help="Embedded table, or an .npz file written by mc.save.")
]
Stressor = Annotated[str | None, typer.Option(help="Stressor; the only one by default.")]


def _show_version(value: bool) -> None:
    if value:
        print(f"mriocarbon {mc.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Carbon accounting on multi-regional input-output tables."""


@app.command()
def reproduce(
    year: Annotated[int, typer.Argument(help="Only 2022.")],
    out: Annotated[Path | None, typer.Option(help="Write report, CSV, JSON, figures here.")] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(help="oecd-icio-2022, oecd-icio-2022-full or gcb-2025; repeatable."),
    ] = None,
    principle: Annotated[
        list[str] | None, typer.Option(help="See `mriocarbon principles`; repeatable.")
    ] = None,
    gas: Annotated[list[str] | None, typer.Option(help="GHG or CO2; repeatable.")] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="Region by code or name; repeatable.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Recompute the 4,050-sector accounts from the folder MRIOCARBON_DATA."
        ),
    ] = False,
) -> None:
    """National carbon adjustments of 2022, under every principle, against the published ones."""
    from mriocarbon import report
    from mriocarbon.errors import UnknownNameError
    from mriocarbon.report.files import check_target

    if year != 2022:
        raise UnknownNameError.of("year", str(year), ["2022"], do="(the only year so far)")
    folder = _source_data() if full else None
    if out is not None:
        check_target(out)  # before the work, not after it
    with _progress() as step:
        study = mc.reproduce_2022(
            tables=table or (),
            principle=principle or (),
            gases=gas or (),
            regions=region or (),
            full=folder,
            progress=step,
        )
        files = [] if out is None else report.write(study, out, progress=step)
    report.terminal(study, _console())
    if out is not None:
        page = next(file for file in files if file.suffix == ".html")
        print(f"\nWrote {len(files)} files to {out}; open {page}")


@app.command()
def principles() -> None:
    """List the accounting principles: formula, boundary, what they conserve, reference."""
    from mriocarbon.report import listing

    listing.principles(mc.principles(), _console())


@app.command()
def account(
    principle: Annotated[str, typer.Argument(help="See `mriocarbon principles`.")],
    table: Table = "oecd-icio-2022",
    stressor: Stressor = None,
    households: Annotated[
        bool, typer.Option(help="Add direct emissions of households to their region.")
    ] = True,
    region: Annotated[list[str] | None, typer.Option(help="Show these only; repeatable.")] = None,
    unit: Annotated[
        str | None, typer.Option(help='Convert to this unit, such as "kt CO2e".')
    ] = None,
    per_capita: Annotated[
        bool, typer.Option("--per-capita", help="In tonnes per person; embedded tables only.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write a CSV here.")] = None,
) -> None:
    """One account of every region, from an embedded table or a file of yours."""
    from mriocarbon.report import listing

    if out is not None:
        check_writable(out)  # before the work, not after it
    with _progress() as step:
        step(f"reading {table}")
        mrio = mc.load(table)
        step(f"computing {principle}")
        result = mc.account(mrio, principle, stressor=stressor, households=households)
        if per_capita:
            result = result.per(mc.population(mrio.year or 2022))
            result = result.to(result.unit.replace("Mt", "t", 1))
        if unit is not None:
            result = result.to(unit)
    listing.result(result, _console(), regions=region or (), summed=not per_capita)
    if out is not None:
        print(f"\nWrote {result.to_csv(out)}")


@app.command()
def trade(
    table: Table = "oecd-icio-2022",
    stressor: Stressor = None,
    out: Annotated[Path | None, typer.Option(help="Write a CSV here.")] = None,
) -> None:
    """Emissions embodied in each region's exports and imports, and their balance."""
    from mriocarbon.report import listing

    if out is not None:
        check_writable(out)
    with _progress() as step:
        step(f"reading {table}")
        result = mc.trade(mc.load(table), stressor)
    listing.result(result, _console())
    if out is not None:
        print(f"\nWrote {result.to_csv(out)}")


@data.command("list")
def data_list() -> None:
    """List the embedded data: what, edition, licence, exact or estimated, size, sha256."""
    from mriocarbon.report import listing

    listing.catalogue(mc.catalogue(), _console())


@data.command("verify")
def data_verify() -> None:
    """Check size and sha256 of every embedded file."""
    for item in mc.catalogue():
        mc.verified(item.name)
        print(f"PASS  {item.file}  {item.bytes:,} bytes  sha256 {item.sha256[:16]}")


def _source_data() -> Path:
    from mriocarbon.config import data_folder
    from mriocarbon.errors import DataFileError, NotAvailableError

    folder = data_folder()
    if folder is None:
        raise NotAvailableError(
            "the folder of source data is not set",
            where="environment variable MRIOCARBON_DATA, needed for --full",
            do="set it, or leave --full out: the embedded figures are the same",
        )
    if not folder.is_dir():
        raise DataFileError(
            "the folder of source data does not exist",
            where=f"MRIOCARBON_DATA={folder}",
            do="correct the variable, or leave --full out",
        )
    return folder


def _console() -> Console:
    from rich.console import Console

    # A pipe has no width; 120 columns keep the tables whole in a log.
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
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


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Tell a warning in one line, without the place in the code where it was raised."""
    kind = "" if issubclass(category, MriocarbonWarning) else f" ({category.__name__})"
    print(f"warning{kind}: {message}", file=sys.stderr)


def main() -> None:
    """Run the command line; an error of ours is told in words and exits with 2."""
    warnings.showwarning = _warn
    try:
        app()
    except MriocarbonError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
