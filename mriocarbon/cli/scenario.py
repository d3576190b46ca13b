"""`mriocarbon scenario`: an account before and after changes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli import complete
from mriocarbon.cli.shared import (
    Detail,
    Out,
    Picture,
    Stressor,
    Table,
    console,
    known,
    known_principle,
    load,
    steps,
)


def scenario(
    change: Annotated[
        list[str] | None,
        typer.Option(
            help='PART key=value ..., such as "coefficients region=CHN sector=C24A user=CHN to=JPN'
            ' share=0.3"; parts: coefficients, demand, stressor; repeatable, in order.'
        ),
    ] = None,
    changes: Annotated[
        Path | None, typer.Option(help="A text file, one change a line, # for remarks.")
    ] = None,
    principle: Annotated[
        str,
        typer.Option(
            help="See `mriocarbon principles`.",
            autocompletion=complete.principles,
            callback=known_principle,
        ),
    ] = "consumption",
    name: Annotated[str, typer.Option(help="Of the scenario.")] = "scenario",
    stressor: Stressor = None,
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    out: Out = None,
    figure: Picture = None,
) -> None:
    """What if: coefficients, suppliers, demand or intensities change; the account follows."""
    from mriocarbon.errors import InputError, unreadable
    from mriocarbon.report import structure_figures as draw
    from mriocarbon.report import structure_screen as report
    from mriocarbon.report.pictures import check_files, write_picture

    lines = list(change or ())
    if changes is not None:
        try:
            text = changes.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise unreadable(changes, error, "the file of changes") from error
        lines += [line for line in (raw.strip() for raw in text.splitlines())
                  if line and not line.startswith("#")]  # fmt: skip
    if not lines:
        raise InputError("no change", where="--change, --changes", do="give at least one")
    listed = [mc.Change.parse(line) for line in lines]
    check_files(out, figure)
    with steps() as step:
        step(f"reading {table}")
        mrio = load(table, detail)
        for one in listed:  # "*" is all of them
            regions, sectors = (one.region, one.user, one.to), (one.sector, one.user_sector)
            known(mrio, *([n for n in names if n not in ("", "*")] for names in (regions, sectors)))
        step(f"computing {principle} before and after")
        found = mc.scenario(mrio, listed, stressor=stressor, principle=principle, name=name)
        drawing = None if figure is None else draw.scenario(found)
    report.scenario(found, console())
    if out is not None:
        rows = [
            (r, float(a), float(b), float(d), float(p))
            for r, a, b, d, p in zip(
                found.base.coords["region"], found.base.value, found.new.value,
                found.difference.value, found.percent, strict=True,
            )
        ]  # fmt: skip
        heads = ("region", "base", "new", "difference", "percent")
        units = f"base, new, difference: {found.base.unit}; percent: % of base"
        print(f"\nWrote {report.write_rows(found.difference, heads, rows, out, units=units)}")
    if figure is not None and drawing is not None:
        print(f"\nWrote {write_picture(drawing, figure)}")
