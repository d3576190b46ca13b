"""`mriocarbon extract`: what hangs on a sector or region."""

from __future__ import annotations

from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import Detail, Out, Picture, Stressor, Table, console, known, load, steps


def extract(
    region: Annotated[str | None, typer.Option(help="Region by code or name.")] = None,
    sector: Annotated[
        str | None, typer.Option(help="Sector; of every region if none is named.")
    ] = None,
    each: Annotated[
        str | None,
        typer.Option(help="Take out one at a time: region-sector, sector or region; a list."),
    ] = None,
    share: Annotated[float, typer.Option(help="Share that is taken out, 0 to 1.")] = 1.0,
    links: Annotated[str, typer.Option(help="both, purchases or sales.")] = "both",
    final_demand: Annotated[
        bool | None,
        typer.Option(
            "--final-demand/--no-final-demand",
            help="Take out deliveries to final demand; by default with both only.",
        ),
    ] = None,
    inside: Annotated[
        bool, typer.Option("--inside/--trade-only", help="Take out deliveries within as well.")
    ] = True,
    replaced: Annotated[
        bool, typer.Option("--replaced", help="Other regions' suppliers take over the sales.")
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="Rows to print.")] = 12,
    stressor: Stressor = None,
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    out: Out = None,
    figure: Picture = None,
) -> None:
    """Hypothetical extraction: what hangs on a sector or region, in output and emissions."""
    from mriocarbon.errors import InputError
    from mriocarbon.report import structure_figures as draw
    from mriocarbon.report import structure_screen as report
    from mriocarbon.report.pictures import check_files, write_picture

    if each is not None and (region is not None or sector is not None or replaced):
        raise InputError(
            "--each goes through all of them, not replaced", where="--region, --sector, --replaced",
            do="leave these out, or leave out --each",
        )  # fmt: skip
    check_files(out, figure)
    with steps() as step:
        step(f"reading {table}")
        mrio = load(table, detail)
        known(mrio, (region,), (sector,))
        step("extracting")
        if each is not None:
            found = mc.extract_all(
                mrio, by=each, share=share, links=links, final_demand=final_demand, inside=inside,
                stressor=stressor,
            )  # fmt: skip
            drawing = None if figure is None else draw.ranking(found[2])
        else:
            one = mc.extract(
                mrio, region=region, sector=sector, share=share, links=links,
                final_demand=final_demand, inside=inside, replaced=replaced, stressor=stressor,
            )  # fmt: skip
            drawing = None if figure is None else draw.extraction(one)
    screen = console()
    if each is not None:
        report.extractions(found, screen, most=top)
        results = found
    else:
        report.extraction(one, screen, most=top)
        results = (one.output, one.value_added, one.emissions)
    if out is not None:
        columns = dict(zip(("output", "value added", "emissions"), results, strict=True))
        print(f"\nWrote {report.write_results(columns, out)}")
    if figure is not None and drawing is not None:
        print(f"\nWrote {write_picture(drawing, figure)}")
