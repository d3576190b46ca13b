"""`mriocarbon data`: what is shipped, what is public, what is at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli import complete
from mriocarbon.cli.shared import console, transfer

if TYPE_CHECKING:
    from mriocarbon.datasets.update import Update

app = typer.Typer(help="Data: shipped, public, and at hand.", no_args_is_help=True)

Name = Annotated[
    str,
    typer.Argument(help="Data set, see `mriocarbon data list`.", autocompletion=complete.datasets),
]
Edition = Annotated[str, typer.Option(help="Another than the newest.")]


@app.command("list")
def data_list() -> None:
    """List all data sets: shipped with the package, in the cache, in the data folder, or public."""
    from mriocarbon.report import data_screen

    data_screen.table(mc.data_listing(), console())


@app.command("info")
def data_info(
    name: Annotated[
        str,
        typer.Argument(
            help="Of `mriocarbon data list`, shipped or public.", autocompletion=complete.data_names
        ),
    ],
) -> None:
    """Show one data set: producer, licence, citation, editions, files, hashes, what is at hand."""
    from mriocarbon.report import data_screen

    data_screen.about(mc.data_info(name), console())


@app.command("fetch")
def data_fetch(
    name: Name,
    edition: Edition = "",
    file: Annotated[list[str] | None, typer.Option(help="Only this file; repeatable.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Even if it is there.")] = False,
    store_as: Annotated[
        str, typer.Option(help="Keep a file that its producer replaced as this edition.")
    ] = "",
) -> None:
    """Download a public data set: resumed, verified, beside older editions."""
    from mriocarbon.report import data_screen

    with transfer() as progress:
        found = mc.fetch(
            name, edition=edition, files=file or (), again=again, store_as=store_as,
            progress=progress,
        )  # fmt: skip
    data_screen.lines(data_screen.fetch_lines(found))


@app.command("verify")
def data_verify(
    name: Annotated[str, typer.Argument(help="One data set; all by default.")] = "",
) -> None:
    """Check size and sha256 of every file at hand. Exit status 1 if one is not sound."""
    from mriocarbon.report import data_screen

    found = mc.data_verify(name)
    data_screen.lines(data_screen.verify_lines(found))
    raise typer.Exit(0 if all(item.sound for item in found) else 1)


@app.command("add")
def data_add(
    file: Annotated[Path, typer.Argument(help="A file fetched by hand.")],
    dataset: Annotated[str, typer.Option(help="Which data set it belongs to.")] = "",
    edition: Edition = "",
    as_name: Annotated[str, typer.Option("--as", help="Its name in the data set.")] = "",
) -> None:
    """Take in a file that was fetched by hand."""
    from mriocarbon.errors import unreadable
    from mriocarbon.report import data_screen

    place = file.expanduser()
    if not place.is_file():
        raise unreadable(file, IsADirectoryError() if place.is_dir() else FileNotFoundError())
    added = mc.data_add(file, dataset=dataset, edition=edition, as_name=as_name)
    data_screen.lines(data_screen.add_lines(added))


@app.command("update")
def data_update(
    name: Name,
    to: Annotated[str, typer.Option(help="Edition; the newest at hand by default.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Switch without asking.")] = False,
) -> None:
    """Say what changed between two editions, then switch if you agree."""
    from mriocarbon.report import data_screen

    def ask(step: Update) -> bool:
        data_screen.lines(data_screen.update_lines(step))
        return yes or typer.confirm("switch to it?")

    print(mc.data_update(name, to=to, accept=ask).text)
