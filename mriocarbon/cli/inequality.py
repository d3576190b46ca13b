"""`mriocarbon inequality` and `mriocarbon leakage`."""

from __future__ import annotations

from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import (
    Detail,
    Out,
    Picture,
    Stressor,
    Table,
    console,
    load,
    steps,
)
from mriocarbon.errors import InputError
from mriocarbon.model.labels import find_region


def inequality(
    principle: Annotated[str, typer.Argument(help="See `mriocarbon principles`.")] = "consumption",
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    stressor: Stressor = None,
    households: Annotated[
        bool, typer.Option(help="Add direct emissions of households to their region.")
    ] = True,
    group: Annotated[
        list[str] | None,
        typer.Option(help="NAME=REGION,REGION; repeatable. The other regions are 'others'."),
    ] = None,
    out: Out = None,
    figure: Picture = None,
) -> None:
    """How unequal an account is per person: Lorenz curve, Gini, Theil within and between groups."""
    from mriocarbon.report import chain_figures, chain_screen
    from mriocarbon.report.pictures import check_files, write_picture

    check_files(out, figure)
    with steps() as step:
        step(f"reading {table}")
        mrio = load(table, detail)
        groups = _groups(group, mrio.regions)
        step(f"computing {principle}")
        account = mc.account(mrio, principle, stressor=stressor, households=households)
        found = mc.inequality(account, mc.population(mrio.year or 2022), groups=groups)
        drawing = chain_figures.lorenz(found) if figure is not None else None
    chain_screen.inequality(found, console())
    if out is not None:
        print(f"\nWrote {found.to_csv(out)}")
    if drawing is not None and figure is not None:
        print(f"Wrote {write_picture(drawing, figure)}")


def _groups(given: list[str] | None, regions: tuple[str, ...]) -> dict[str, str] | None:
    """Return the group of every region, from NAME=REGION,REGION."""
    if not given:
        return None
    groups: dict[str, str] = {}
    for text in given:
        name, equals, members = text.partition("=")
        if not (equals and name.strip() and members.strip()):
            raise InputError(
                f"no group in {text!r}", where="--group", do="write NAME=REGION,REGION"
            )
        for member in members.split(","):
            code = regions[find_region(member.strip(), regions)]
            if code in groups:
                raise InputError(
                    f"{code} is in the groups {groups[code]!r} and {name.strip()!r}",
                    where="--group", do="put every region into one group",
                )  # fmt: skip
            groups[code] = name.strip()
    return {region: groups.get(region, "others") for region in regions}


def leakage(
    table: Table = "oecd-icio-2022",
    detail: Detail = None,
    stressor: Stressor = None,
    after: Annotated[
        str | None, typer.Option(help="A later table: rates of leakage from --table to it.")
    ] = None,
    home: Annotated[
        list[str] | None, typer.Option(help="With --after: regions at home; repeatable.")
    ] = None,
    out: Out = None,
    figure: Picture = None,
) -> None:
    """What trade emits elsewhere and at whose technology; with --after, rates of leakage."""
    from mriocarbon.report import chain_figures, chain_screen
    from mriocarbon.report.pictures import check_files, write_picture

    check_files(out, figure)
    if (after is None) != (not home):
        raise InputError(
            "a rate needs both a later table and a home region",
            where="--after, --home", do="give both, or neither",
        )  # fmt: skip
    if after is not None and (out is not None or figure is not None):
        raise InputError(
            "a rate is a handful of numbers: no file is written",
            where="--out, --figure", do="leave them out with --after",
        )  # fmt: skip
    with steps() as step:
        step(f"reading {table}")
        mrio = load(table, detail)
        if after is not None and home:
            step(f"reading {after}")
            rate = mc.leakage_rate(mrio, load(after, detail), home, stressor=stressor)
        else:
            step("computing")
            found = mc.leakage(mrio, stressor=stressor)
            drawing = chain_figures.leakage(found) if figure is not None else None
    if after is not None:
        chain_screen.rate(rate, console())
        return
    chain_screen.leakage(found, console())
    if out is not None:
        print(f"\nWrote {found.to_csv(out)}")
    if drawing is not None and figure is not None:
        print(f"Wrote {write_picture(drawing, figure)}")
