"""`mriocarbon shock` and `mriocarbon important`: losses, and inputs that move an account."""

from __future__ import annotations

from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import Detail, Out, Picture, Stressor, Table, console, known, load, steps


def shock(
    lose: Annotated[
        list[str],
        typer.Option(help="REGION:SECTOR=SHARE that is lost, * for all; repeatable."),
    ],
    side: Annotated[str, typer.Option(help="demand or supply.")] = "demand",
    of: Annotated[
        str, typer.Option(help="Share of: source (final demand, primary inputs) or output.")
    ] = "source",
    top: Annotated[int, typer.Option(min=1, help="Rows to print.")] = 15,
    stressor: Stressor = None,
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    out: Out = None,
    figure: Picture = None,
) -> None:
    """Inoperability: share of output lost everywhere, and emissions, after a loss of demand."""
    from mriocarbon.errors import InputError
    from mriocarbon.report import sensitivity_figures as draw
    from mriocarbon.report import structure_screen as report
    from mriocarbon.report.pictures import check_files, write_picture

    losses: dict[tuple[str, str], float] = {}
    for text in lose:
        place, equals, share = text.rpartition("=")
        region, colon, sector = place.partition(":")
        try:
            if not (equals and colon):
                raise ValueError
            lost = float(share)
        except ValueError:
            raise InputError(
                f"{text!r} is no REGION:SECTOR=SHARE", where="--lose", do="write CHN:F=0.1"
            ) from None
        if (region, sector) in losses:
            raise InputError(
                f"{place} is given twice", where="--lose", do="give each place one share lost"
            )
        losses[region, sector] = lost
    check_files(out, figure)
    with steps() as step:
        step(f"reading {table}")
        mrio = load(table, detail)
        regions, sectors = zip(*losses, strict=True)  # "*" is all of them
        known(mrio, *([n for n in names if n != "*"] for names in (regions, sectors)))
        step("solving")
        found = mc.inoperability(mrio, losses, side=side, of=of, stressor=stressor)
        drawing = None if figure is None else draw.shock(found)
    report.shock(found, console(), most=top)
    if out is not None:
        columns = {"inoperability": found.inoperability, "output": found.output,
                   "emissions": found.emissions}  # fmt: skip
        print(f"\nWrote {report.write_results(columns, out)}")
    if figure is not None and drawing is not None:
        print(f"\nWrote {write_picture(drawing, figure)}")


def important(
    consumer: Annotated[
        str | None, typer.Option(help="Whose final demand; everybody's by default.")
    ] = None,
    emitter: Annotated[
        str | None, typer.Option(help="Whose emissions; everybody's by default.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    percent: Annotated[float, typer.Option(help="Change of the account to look for.")] = 1.0,
    stressor: Stressor = None,
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    out: Out = None,
    figure: Picture = None,
) -> None:
    """Important coefficients: the single inputs to which an account is most sensitive."""
    from mriocarbon.model.told_csv import write_told
    from mriocarbon.report import sensitivity_figures as draw
    from mriocarbon.report import structure_screen as report
    from mriocarbon.report.pictures import check_files, write_picture

    check_files(out, figure)
    with steps() as step:
        step(f"reading {table}")
        mrio = load(table, detail)
        known(mrio, (consumer, emitter))
        step("all elasticities")
        found = mc.important_coefficients(
            mrio, stressor=stressor, consumer=consumer, emitter=emitter, top=top, percent=percent
        )  # fmt: skip
        drawing = None if figure is None else draw.important(found)
    report.important(found, console())
    if out is not None:
        frame = found.to_pandas()
        rows = list(frame.itertuples(index=False, name=None))
        print(f"\nWrote {write_told(out, found.metadata().items(), list(frame.columns), rows)}")
    if figure is not None and drawing is not None:
        print(f"\nWrote {write_picture(drawing, figure)}")
