"""`mriocarbon linkages` and `mriocarbon scopes`: how sectors hang together."""

from __future__ import annotations

from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import Detail, Out, Picture, Stressor, Table, console, known, load, steps
from mriocarbon.errors import NotAvailableError

SHOWN = (
    "power of dispersion", "sensitivity, ghosh", "variation backward", "variation forward",
    "carbon backward", "carbon forward",
)  # fmt: skip


def linkages(
    region: Annotated[str, typer.Argument(help="Region by code or name.")],
    domestic: Annotated[
        bool, typer.Option("--domestic", help="Within the region's own deliveries alone.")
    ] = False,
    stressor: Stressor = None,
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    out: Out = None,
    figure: Picture = None,
) -> None:
    """Backward and forward linkages, with emissions too, and the key sectors of a region."""
    import numpy as np

    from mriocarbon.accounts.compute import resolve
    from mriocarbon.model import Result
    from mriocarbon.report import structure_figures as draw
    from mriocarbon.report import structure_screen as report
    from mriocarbon.report.pictures import check_files, write_picture

    check_files(out, figure)
    with steps() as step:
        step(f"reading {table}")
        mrio = load(table, detail)
        known(mrio, (region,))
        step("summing the inverse")
        found = mc.linkages(mrio, domestic=region if domestic else None, stressor=stressor)
        drawing = None
        if figure is not None and (stressor is not None or mrio.stressors):
            extension, row = resolve(mrio, stressor)
            shape = (len(mrio.regions), len(mrio.sectors))
            about = (extension.stressors[row], extension.name)
            size = Result(
                "emissions", np.array(extension.F[row]).reshape(shape), ("region", "sector"),
                {"region": mrio.regions, "sector": mrio.sectors}, extension.units[row],
                notes=tuple(n for n in extension.notes if n.about in about),
                provenance=found.table.provenance,
            )  # fmt: skip
            drawing = draw.linkages(found, region=region, size=size)
        elif figure is not None:
            drawing = draw.linkages(found, region=region)
    report.linkages(found, console(), region=region, measures=SHOWN)
    if out is not None:
        print(f"\nWrote {found.table.to_csv(out)}")
    if figure is not None and drawing is not None:
        print(f"\nWrote {write_picture(drawing, figure)}")


def scopes(
    region: Annotated[str, typer.Argument(help="Region by code or name.")],
    energy_sector: Annotated[
        list[str] | None,
        typer.Option(help="Sector that sells power and heat; found by its label; repeatable."),
    ] = None,
    scope2: Annotated[
        str, typer.Option("--scope2", help="generation, first tier or full.")
    ] = "generation",
    top: Annotated[int, typer.Option(min=1, help="Sectors to print.")] = 20,
    stressor: Stressor = None,
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    out: Out = None,
    figure: Picture = None,
) -> None:
    """Scopes 1, 2 and 3 of the sectors of a region, and how they overlap."""
    from mriocarbon.report import structure_figures as draw
    from mriocarbon.report import structure_screen as report
    from mriocarbon.report.pictures import check_files, write_picture
    from mriocarbon.structure.scopes import SCOPES

    check_files(out, figure)
    with steps() as step:
        step(f"reading {table}")
        mrio = load(table, detail)
        known(mrio, sectors=energy_sector or ())
        r = mrio.index.region(region)
        if not mrio.x.reshape(len(mrio.regions), -1)[r].any():
            raise NotAvailableError(
                f"{region} has no output", where="scopes", do="choose another region"
            )
        step("splitting the multiplier")
        found = mc.scopes(
            mrio, stressor=stressor, energy_sectors=energy_sector or None, scope2=scope2
        )  # fmt: skip
        drawing = None if figure is None else draw.scopes(found, region=region)
    report.scopes(found, console(), region=region, most=top)
    if out is not None:
        columns = {
            **{scope: found.of_all(scope) for scope in SCOPES}, "scope 3 downstream":
            found.downstream,
        }  # fmt: skip
        print(f"\nWrote {report.write_results(columns, out)}")
    if figure is not None and drawing is not None:
        print(f"\nWrote {write_picture(drawing, figure)}")
