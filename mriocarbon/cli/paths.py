"""`mriocarbon paths`: the largest supply chains behind an account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import console, steps


def paths(
    region: Annotated[
        str | None, typer.Option(help="Whose final demand, by code or name; all by default.")
    ] = None,
    product: Annotated[
        str | None,
        typer.Option(help="Only this final product: SECTOR, or REGION:SECTOR by origin."),
    ] = None,
    stressor: Annotated[
        str | None, typer.Option(help="Stressor; GHG, or the only one, by default.")
    ] = None,
    top: Annotated[int, typer.Option(help="How many paths to find.")] = 1000,
    show: Annotated[int, typer.Option(min=0, help="How many of them to print.")] = 20,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Sum the list by sector, region, supplier, product, crossings or tier; repeatable."
        ),
    ] = None,
    table: Annotated[
        str, typer.Option("--table", help="Embedded table, or a file in a layout that is known.")
    ] = "oecd-icio-2022",
    detail: Annotated[
        str | None, typer.Option(help="full: 81 economies x 50 industries, needs MRIOCARBON_DATA.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write all paths: NAME.csv or .json.")] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Draw the largest ones: NAME.svg or .png.")
    ] = None,
) -> None:
    """The largest supply paths of an account, exact and in order, and what they leave out."""
    from mriocarbon.errors import UnknownNameError
    from mriocarbon.report import paths_listing as report
    from mriocarbon.structure.path_result import GROUPS
    from mriocarbon.structure.path_tiers import crossings, tiers
    from mriocarbon.structure.paths import paths as find

    for name in by or ():  # before the work, not after it
        if name not in GROUPS:
            raise UnknownNameError.of("grouping", name, GROUPS)
    if out is not None:
        report.check_list(out)
    if figure is not None:
        report.check_picture(figure)
    with steps() as step:
        step(f"reading {table}")
        # A folder beside us needs no slash in its name.
        mrio = mc.load(Path(table) if Path(table).is_dir() else table, detail=detail)
        step("following the chains")
        what = _product(product, mrio)
        found = find(
            mrio, region=region, stressor=stressor, product=what, top=top, progress=step
        )  # fmt: skip
        totals = [
            function(mrio, region=region, stressor=stressor, product=what)
            for function in (tiers, crossings)
        ]
        written = [] if out is None else [report.write_list(found, out)]
        if figure is not None:
            step("drawing")
            written.append(report.write_picture(found, figure))
    screen = console()
    report.show(found, screen, most=show, totals=tuple(totals))
    for name in by or ():
        report.group(found.by(name), screen)
    for path in written:
        print(f"\nWrote {path}")


def _product(product: str | None, mrio: mc.MRIO) -> str | tuple[str, str] | None:
    """Return a sector as it is, and REGION:SECTOR as a pair; a label may hold a colon itself."""
    if product is None or product in mrio.sectors or ":" not in product:
        return product
    region, _, sector = product.partition(":")
    return region, sector
