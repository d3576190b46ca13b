"""`mriocarbon natural`: natural carbon of a country by scope, and the global carbon budget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mriocarbon.cli.shared import console, steps

app = typer.Typer(
    help="Natural carbon: managed land, land-use change, biosphere, single processes.",
    no_args_is_help=True,
)

Year = Annotated[int, typer.Option(help="The year asked for; each flux states its own.")]
OutFolder = Annotated[
    Path | None, typer.Option("--out", help="Write CSV, JSON and the picture into this folder.")
]


@app.command()
def account(
    region: Annotated[
        list[str],
        typer.Argument(help="Country, WLD, gfed:BONA, gcp:Asia; several make a group."),
    ],
    year: Year = 2022,
    gas: Annotated[
        str | None, typer.Option(help="CO2, CH4 or N2O; all of them by default.")
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the group, where several are given.")] = "",
    out: OutFolder = None,
) -> None:
    """Show the natural fluxes of a country, or a group, by scope: never added."""
    from mriocarbon.build.concordance import group_names, members
    from mriocarbon.errors import InputError
    from mriocarbon.natural import account as of_one
    from mriocarbon.natural import group
    from mriocarbon.report import natural as report
    from mriocarbon.report.files import check_target

    if out is not None:
        check_target(out, report.NAMES)
    with steps() as tell:
        tell("reading the fluxes")
        groups = {one.casefold(): one for one in group_names()}
        if len(region) > 1:
            each = [
                code for one in region
                for code in (members(groups[one.casefold()]) if one.casefold() in groups else [one])
            ]  # fmt: skip
            found = group(each, year, name=name or " + ".join(region), gas=gas)
        elif name and region[0].casefold() not in groups:
            raise InputError(
                f"a name for the single region {region[0]}", where="--name",
                do="leave it out, or give several regions, which make a group",
            )  # fmt: skip
        elif region[0].casefold() in groups:
            found = group(groups[region[0].casefold()], year, name=name, gas=gas)
        else:
            found = of_one(region[0], year, gas=gas)
    report.show_account(found, console())
    if out is not None:
        with steps() as tell:
            paths = report.write(found, out, progress=tell)
        print(f"\nWrote {len(paths)} files to {out}")


@app.command()
def budget(
    year: Annotated[int, typer.Argument(help="1959 to 2023.")] = 2022,
    unit: Annotated[str, typer.Option(help="GtC, 'Gt CO2' or 'Mt CO2'.")] = "GtC",
    out: OutFolder = None,
) -> None:
    """Show the global carbon budget: emissions, sinks, and what does not add up."""
    from mriocarbon.natural import budget as of_year
    from mriocarbon.report import natural as report
    from mriocarbon.report.files import check_target

    if out is not None:
        check_target(out, report.NAMES)
    found = of_year(year, unit=unit)
    report.show_budget(found, console())
    if out is not None:
        with steps() as tell:
            paths = report.write(found, out, progress=tell)
        print(f"\nWrote {len(paths)} files to {out}")


@app.command()
def translate(
    region: Annotated[str, typer.Argument(help="Country, or WLD.")],
    correlation: Annotated[
        float, typer.Option(min=-1, max=1, help="Between the errors of the two terms.")
    ] = 0.0,
) -> None:
    """Translate bookkeeping to what an inventory counts, and compare; needs MRIOCARBON_DATA."""
    from mriocarbon.natural import translate as of_one
    from mriocarbon.report import natural as report

    report.show_translation(of_one(region, correlation=correlation), console())
