"""`mriocarbon avoided`: what exported low-carbon technology avoids, and what its making emitted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import console, steps
from mriocarbon.errors import InputError


def _decline(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def avoided(
    exporter: Annotated[str, typer.Option(help="Code or name of the exporting country.")] = "CHN",
    technology: Annotated[str, typer.Option(help="solar, wind, or both with a comma.")] = (
        "solar,wind"
    ),
    year: Annotated[int, typer.Option(help="Of the export.")] = 2024,
    margin: Annotated[
        str, typer.Option(help="What a kWh displaces: combined, operating or average.")
    ] = "combined",
    attribution: Annotated[
        str, typer.Option(help="What part the exporter gets: all, or by share of value.")
    ] = "all",
    decline: Annotated[
        str,
        typer.Option(help="Of the grid factor: trend, none, linear, or a share a year (0.03)."),
    ] = "trend",
    draws: Annotated[int, typer.Option(help="Of the Monte Carlo, at least 100.")] = 2000,
    seed: Annotated[int, typer.Option(help="Same seed, same numbers.")] = 0,
    exports: Annotated[
        Path | None,
        typer.Option(
            help="Your own exports: CSV with destination, technology, product, mw, and month, usd."
        ),
    ] = None,
    towers: Annotated[
        bool, typer.Option(help="Count towers of wind turbines with the exporter.")
    ] = True,
    out: Annotated[Path | None, typer.Option(help="Write report.html, CSV and JSON here.")] = None,
) -> None:
    """Emissions that exported solar and wind technology avoids, against those of its making."""
    from mriocarbon.report import avoided as report

    if draws < 100:
        raise InputError(
            f"{draws} draws show nothing beyond the ends of an interval of 95 %",
            where="--draws", do="give at least 100",
        )  # fmt: skip
    if out is not None:
        report.check_target(out)  # before the work, not after it
    names = [name.strip() for name in technology.split(",") if name.strip()]
    with steps() as step:
        given = None
        if exports is not None:
            step("your exports")
            given = mc.avoided.read_exports(exports, exporter=exporter, year=year)
        study = mc.green_exports(
            year, exporter=exporter, technology=names, exported=given, margin=margin,
            rule=attribution, decline=_decline(decline), towers=towers, draws=draws, seed=seed,
            progress=step,
        )  # fmt: skip
        files = [] if out is None else report.write(study, out, say=step)
    report.terminal(study, console())
    if out is not None:
        print(f"\nWrote {len(files)} files to {out}; open {files[0]}")
