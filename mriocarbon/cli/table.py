"""`mriocarbon table`: show, audit and convert a table of any known layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import console, steps, transfer

app = typer.Typer(help="Show, audit, convert a table of yours.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help="File, folder or zip as published; or a table's name.")]
Year = Annotated[int | None, typer.Option(help="Which, where the source holds several.")]
Format = Annotated[str | None, typer.Option("--format", help="Layout, instead of recognising it.")]
Detail = Annotated[str | None, typer.Option(help="full: all economies of an embedded table.")]


def _read(source: str, year: int | None, layout: str | None, detail: str | None) -> mc.MRIO:
    """Read a file through the recognised reader, or load a table by its name."""
    from mriocarbon.errors import InputError, NotAvailableError

    path = Path(source)
    if path.exists() and path.suffix not in (".npz", ".zarr") and detail is None:
        with transfer() as progress:
            return mc.read(path, year=year, format=layout, progress=progress)
    if layout is not None:  # never taken and then not obeyed
        raise InputError(
            "--format is for files in an official layout",
            where=source,
            do="leave it out: a table of this package is known by its name or suffix",
        )
    mrio = mc.load(source, detail=detail)
    if year not in (None, mrio.year):
        raise NotAvailableError(
            f"no year {year}: the table is of {mrio.year or 'no stated year'}",
            where=source,
            do="leave --year out, or name another file",
        )
    return mrio


@app.command()
def info(source: Source, year: Year = None, layout: Format = None, detail: Detail = None) -> None:
    """Show what a table holds: labels, units, rows, extensions, sources, what is estimated."""
    from mriocarbon.report import tableview

    tableview.terminal(_read(source, year, layout, detail), console())


@app.command()
def check(
    source: Source,
    year: Year = None,
    layout: Format = None,
    detail: Detail = None,
    out: Annotated[Path | None, typer.Option(help="Write the findings as JSON here.")] = None,
) -> None:
    """Audit a table: PASS, WARN, FAIL, SKIPPED with figures. Exit status 1 if anything fails."""
    from mriocarbon.model.atomic import check_writable, replacing
    from mriocarbon.report import checks

    if out is not None:
        check_writable(out)
    report = mc.check(_read(source, year, layout, detail))
    checks.terminal(report, console())
    if out is not None:
        text = json.dumps(json.loads(report.to_json()), indent=1) + "\n"
        with replacing(out) as temporary:
            temporary.write_text(text, encoding="utf-8")
        print(f"\nWrote {out}")
    raise typer.Exit(1 if any(f.status == "FAIL" for f in report.findings) else 0)


@app.command()
def convert(
    source: Source,
    target: Annotated[
        Path,
        typer.Argument(
            help="NAME.zarr (large), NAME.npz, NAME.xlsx, NAME.parquet, or a new folder for csv."
        ),
    ],
    year: Year = None,
    layout: Format = None,
    detail: Detail = None,
) -> None:
    """Convert a table to a native or plain layout; nothing is dropped on the way."""
    from mriocarbon.io import check_target

    check_target(target)  # before the work, not after it
    mrio = _read(source, year, layout, detail)
    with steps() as step:
        step(f"writing {target}")
        written = mc.save(mrio, target)
    print(f"Wrote {written}: {mrio!r}")
    if target.suffix.lower() == ".xlsx":
        print("note: a workbook holds 16 digits of each number; the other layouts hold all")
