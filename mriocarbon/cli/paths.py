"""`mriocarbon paths`: the largest supply chains behind an account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli import complete
from mriocarbon.cli.shared import Detail, Picture, Stressor, Table, console, known, load, steps


def paths(
    region: Annotated[
        str | None,
        typer.Option(
            help="Whose final demand, by code or name; all by default.",
            autocompletion=complete.regions,
        ),
    ] = None,
    product: Annotated[
        str | None,
        typer.Option(help="Only this final product: SECTOR, or REGION:SECTOR by origin."),
    ] = None,
    stressor: Stressor = None,
    top: Annotated[int, typer.Option(help="How many paths to find.")] = 1000,
    limit: Annotated[
        int | None,
        typer.Option(help="Most chains in memory, some 60 bytes each; 10 million by default."),
    ] = None,
    show: Annotated[int, typer.Option(min=0, help="How many of them to print.")] = 20,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Sum the list by sector, region, supplier, product, crossings or tier; repeatable."
        ),
    ] = None,
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write all paths, NAME.csv or .json, and the sums beside it, NAME-tier.csv etc."
        ),
    ] = None,
    figure: Picture = None,
) -> None:
    """The largest supply paths of an account, exact and in order, and what they leave out."""
    from mriocarbon.errors import UnknownNameError
    from mriocarbon.report import paths_figure
    from mriocarbon.report import paths_listing as report
    from mriocarbon.report.pictures import check_files
    from mriocarbon.structure.path_result import GROUPS
    from mriocarbon.structure.paths import MOST_NODES

    for name in by or ():  # before the work, not after it
        if name not in GROUPS:
            raise UnknownNameError.of("grouping", name, GROUPS)
    check_files(out, figure, report.LISTS)
    with steps() as step:
        step(f"reading {table}")
        mrio = load(table, detail)
        what = _product(product, mrio)
        origin, sector = what if isinstance(what, tuple) else (None, what)
        known(mrio, (region, origin), (sector,))
        step("following the chains")
        found = mc.paths(
            mrio, region=region, stressor=stressor, product=what, top=top,
            limit=MOST_NODES if limit is None else limit, progress=step,
        )  # fmt: skip
        totals = [
            function(mrio, region=region, stressor=stressor, product=what)
            for function in (mc.tiers, mc.crossings)
        ]
        picture = None
        if figure is not None:
            step("drawing")
            picture = paths_figure.figure(found), figure
        groups = {f"by-{name}": found.by(name) for name in by or ()}
        sums = {total.dims[0]: total for total in totals} | groups
        written = report.write_files(found, out, picture, sums)
    screen = console()
    report.show(found, screen, most=show, totals=tuple(totals))
    for group in groups.values():
        report.group(group, screen)
    for path in written:
        print(f"\nWrote {path}")


def _product(product: str | None, mrio: mc.MRIO) -> str | tuple[str, str] | None:
    """Return a sector as it is, and REGION:SECTOR as a pair; a label may hold a colon itself."""
    if product is None or product in mrio.sectors or ":" not in product:
        return product
    region, _, sector = product.partition(":")
    return region, sector
