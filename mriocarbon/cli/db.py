"""`mriocarbon db`: the emissions database, read-only."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import console

app = typer.Typer(help="The emissions database, read-only.", no_args_is_help=True)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help='One SELECT, such as "SELECT * FROM sources".')],
    csv: Annotated[bool, typer.Option("--csv", help="As csv, to be piped on.")] = False,
    rows: Annotated[int, typer.Option(help="At most so many rows.")] = 1000,
    timeout: Annotated[float, typer.Option(help="At most so many seconds.")] = 10.0,
) -> None:
    """Run one read-only query; rows, time and memory are limited."""
    from mriocarbon.report import listing

    result = mc.database().query(sql, max_rows=rows, timeout=timeout)
    for note in result.notes:
        print(f"note: {note}", file=sys.stderr)
    if csv:
        print(result.to_csv(), end="")
    else:
        listing.rows(result.columns, result.rows, console())
    if result.cut:
        print(f"cut after {len(result.rows):,} rows: see --rows", file=sys.stderr)


@app.command()
def families() -> None:
    """List the tables: what each holds, how many rows, what the shipped part leaves out."""
    from mriocarbon.report import listing

    database = mc.database()
    listing.rows(
        ("table", "rows here", "rows of the whole", "what", "left out here"),
        [
            (f.name, f"{f.rows:,}", f"{f.rows_of_the_whole:,}", f.title, f.left_out or "-")
            for f in database.families.values()
        ],
        console(),
    )
    kind = "the whole store" if database.complete else "the compact store that is shipped"
    print(f"\nThis is {kind}.")


@app.command()
def build(
    data: Annotated[Path, typer.Option(help="Folder of the source data.")],
    ipcc: Annotated[Path | None, typer.Option(help="A wheel of bonsai-ipcc, at hand.")] = None,
    without_ipcc: Annotated[bool, typer.Option("--without-ipcc", help="Leave it out.")] = False,
) -> None:
    """Build the whole store from the source data into the cache (from a checkout)."""
    from mriocarbon.errors import NotAvailableError

    try:
        module = importlib.import_module("scripts.database.__main__")
    except ImportError as error:
        raise NotAvailableError(
            "building the database needs a checkout of the repository",
            where="the installed package carries the compact store only",
            do="run python -m scripts.database --data FOLDER there",
        ) from error
    arguments = ["--data", str(data)]
    arguments += ["--ipcc", str(ipcc)] if ipcc else []
    arguments += ["--without-ipcc"] if without_ipcc else []
    raise typer.Exit(module.main(arguments))
