"""`mriocarbon chains`: emissions and value added along global value chains."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import console, steps

Table = Annotated[
    str, typer.Option("--table", help="Embedded table, or a file in a layout that is known.")
]
Detail = Annotated[
    str | None, typer.Option(help="full: 81 economies x 50 industries, needs MRIOCARBON_DATA.")
]
Stressor = Annotated[str | None, typer.Option(help="Stressor; GHG, or the only one, by default.")]
Out = Annotated[Path | None, typer.Option(help="Write a CSV here.")]
FigureFile = Annotated[Path | None, typer.Option("--figure", help="Write a .svg or .png here.")]


def load(table: str, detail: str | None) -> mc.MRIO:
    """Load a table; a folder beside us needs no slash in its name."""
    return mc.load(Path(table) if Path(table).is_dir() else table, detail=detail)


def check_targets(out: Path | None, figure: Path | None) -> None:
    """Refuse files that cannot be written, before the work and not after it."""
    from mriocarbon.model.atomic import check_writable
    from mriocarbon.report import chain_figures

    if figure is not None:
        chain_figures.check_suffix(figure)
    for path in (out, figure):
        if path is not None:
            check_writable(path)


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
    region: Annotated[str | None, typer.Option(help="Show this one only.")] = None,
    percent: Annotated[
        bool, typer.Option("--percent", help="Show terms as shares of their total.")
    ] = False,
    out: Out = None,
    figure: FigureFile = None,
) -> None:
    """Emissions or value added along value chains: where they go, where from, what exports hold."""
    from mriocarbon.report import chain_figures, chain_screen
    from mriocarbon.structure.gvc import chains as decompose

    check_targets(out, figure)
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
        step(f"value chains, {view}")
        found = decompose(mrio, view, stressor=stressor, **given)
        drawing = None
        if figure is not None:
            step("drawing")
            by_sector = "sector" in found.dims
            drawing = chain_figures.chain(found, region=region if by_sector else None)
    if out is None or found.value.ndim == 2 or region is not None:
        chain_screen.chain(found, console(), region=region, percent=percent)
    if out is not None:
        print(f"\nWrote {found.to_csv(out)}")
    if drawing is not None and figure is not None:
        print(f"Wrote {chain_figures.save(drawing, figure)}")
