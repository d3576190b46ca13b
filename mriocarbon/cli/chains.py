"""`mriocarbon chains`: emissions and value added along global value chains."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import (
    Detail,
    Out,
    Picture,
    Stressor,
    Table,
    console,
    known,
    load,
    steps,
)


def chains(
    view: Annotated[
        str, typer.Argument(help="forward (where it goes), backward (where from), or exports.")
    ] = "forward",
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    stressor: Stressor = None,
    content: Annotated[
        str | None, typer.Option(help='"emissions", "primary inputs" or "value added".')
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(
            help='"region", "sector", "bilateral"; backward also "origin", exports also'
            ' "bilateral sector".'
        ),
    ] = None,
    partner: Annotated[
        str | None, typer.Option(help="forward, bilateral: absorber or importer.")
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="exports: borin-mancini or koopman-wang-wei.")
    ] = None,
    perspective: Annotated[str | None, typer.Option(help="exports: exporter or world.")] = None,
    approach: Annotated[str | None, typer.Option(help="exports: source or sink.")] = None,
    region: Annotated[
        str | None, typer.Option(help="Show this one only; the CSV holds all.")
    ] = None,
    percent: Annotated[
        bool, typer.Option("--percent", help="Show terms as shares of their total.")
    ] = False,
    out: Out = None,
    figure: Picture = None,
) -> None:
    """Emissions or value added along value chains: where they go, where from, what exports hold."""
    from mriocarbon.report import chain_figures, chain_screen
    from mriocarbon.report.pictures import check_files, write_picture

    check_files(out, figure)
    given: dict[str, Any] = {
        name: value
        for name, value in (
            ("content", content), ("level", level), ("partner", partner), ("method", method),
            ("perspective", perspective), ("approach", approach),
        )
        if value is not None
    }  # fmt: skip
    with steps() as step:
        step(f"reading {table}")
        mrio = load(table, detail)
        known(mrio, (region,))
        step(f"value chains, {view}")
        found = mc.chains(mrio, view, stressor=stressor, **given)
        drawing = None
        if figure is not None:
            step("drawing")
            drawing = chain_figures.chain(found, region=region)
    fits = found.value.ndim == 2 or (found.value.ndim == 3 and region is not None)
    if fits or out is None:
        chain_screen.chain(found, console(), region=region, percent=percent)
    if out is not None:
        print(f"\nWrote {found.to_csv(out)}")
    if drawing is not None and figure is not None:
        print(f"Wrote {write_picture(drawing, figure)}")
