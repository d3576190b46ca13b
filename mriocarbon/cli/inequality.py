"""`mriocarbon inequality` and `mriocarbon leakage`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import (
    Detail,
    Out,
    Picture,
    Principle,
    Stressor,
    Table,
    console,
    known,
    load,
    steps,
)
from mriocarbon.errors import InputError, NotAvailableError


def inequality(
    principle: Principle = "consumption",
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
    population: Annotated[
        Path | None,
        typer.Option(help="CSV of people: region,people; else the embedded ones of the year."),
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
        people, about = _people(population, mrio.year)
        step(f"computing {principle}")
        account = mc.account(mrio, principle, stressor=stressor, households=households)
        found = mc.inequality(account, people, groups=groups, about_population=about)
        drawing = chain_figures.lorenz(found) if figure is not None else None
    chain_screen.inequality(found, console())
    if out is not None:
        print(f"\nWrote {found.to_csv(out)}")
    if drawing is not None and figure is not None:
        print(f"Wrote {write_picture(drawing, figure)}")


def _people(path: Path | None, year: int | None) -> tuple[dict[str, float], mc.Note]:
    """Return people by region, from a file or as embedded for a year, and what they are."""
    from mriocarbon.model import Note

    if path is not None:
        return _read(path), Note(f"population of {path.name}, as given", about="population")
    if year is None:
        raise NotAvailableError(
            "people need a year, the table has none", where="--population",
            do="give a file of region,people, or set the year of the table",
        )  # fmt: skip
    try:
        people = mc.population(year)
    except NotAvailableError as error:
        raise NotAvailableError(
            f"no population of {year} is embedded", where="--population",
            do="give a file of region,people for that year",
        ) from error  # fmt: skip
    item = next(item for item in mc.catalogue() if item.name == "population_gdp")
    return people, Note(f"population of {year}", about="population", sources=(item.source,))


def _read(path: Path) -> dict[str, float]:
    """Read people by region."""
    from mriocarbon.io.user_csv import read_rows

    people: dict[str, float] = {}
    for row in read_rows(path, ("region", "people")):
        region = row.text("region")
        if region in people:
            raise InputError(
                f"{region} stands twice", where=row.where("region"), do="give every region once"
            )
        people[region] = row.needed("people")
    return people


def _groups(given: list[str] | None, regions: tuple[str, ...]) -> dict[str, str] | None:
    """Return the group of every region, from NAME=REGION,REGION."""
    from mriocarbon.model.labels import find_region

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
    level: Annotated[str, typer.Option(help="region or bilateral.")] = "region",
    region: Annotated[
        str | None, typer.Option(help="Show this one only; the CSV holds all.")
    ] = None,
    least_output: Annotated[
        float | None,
        typer.Option(
            help="Least output of a home industry, as a share of what is asked abroad; 0.1 by"
            " default."
        ),
    ] = None,
    out: Out = None,
    figure: Picture = None,
) -> None:
    """What trade emits elsewhere and at whose technology; with --after, rates of leakage."""
    from mriocarbon.report import chain_figures, chain_screen
    from mriocarbon.report.pictures import check_files, write_picture
    from mriocarbon.structure.leakage import LEAST_OUTPUT

    check_files(out, figure)
    if (after is None) != (not home):
        raise InputError(
            "a rate needs both a later table and a home region",
            where="--after, --home", do="give both, or neither",
        )  # fmt: skip
    if after is not None and (level != "region" or region or least_output is not None):
        raise InputError(
            "a rate compares whole accounts", where="--level, --region, --least-output",
            do="leave them out with --after",
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
            known(mrio, home)
            step(f"reading {after}")
            rate = mc.leakage_rate(mrio, load(after, detail), home, stressor=stressor)
        else:
            known(mrio, (region,))
            step("computing")
            found = mc.leakage(
                mrio,
                stressor=stressor,
                level=level,
                least_output=LEAST_OUTPUT if least_output is None else least_output,
            )
            drawing = chain_figures.leakage(found) if figure is not None else None
    if after is not None:
        chain_screen.rate(rate, console())
        return
    if out is None or found.value.ndim == 2 or region is not None:
        chain_screen.leakage(found, console(), region=region)
    if out is not None:
        print(f"\nWrote {found.to_csv(out)}")
    if drawing is not None and figure is not None:
        print(f"Wrote {write_picture(drawing, figure)}")
