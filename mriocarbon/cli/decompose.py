"""`mriocarbon decompose`: why an account changed between two tables, or differs between regions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import mriocarbon as mc
from mriocarbon.cli.shared import console, known, load, steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

Factors = Annotated[
    str | None,
    typer.Option(
        help='Comma separated, joined by "+": intensity,technology+trade,origin+mix+level.'
        " Name destination to split final demand by category."
    ),
]


def decompose(
    before: Annotated[str, typer.Argument(help="Table before: a file, or a table's name.")],
    after: Annotated[
        str | None, typer.Argument(help="Table after. Left out with --against.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(help="Show these only (code, name or World); the first one is drawn."),
    ] = None,
    via: Annotated[
        list[str] | None,
        typer.Option(help="Tables of years between, in any order: a chained series; repeatable."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(help="Instead of two tables: how this region differs from --region."),
    ] = None,
    stressor: Annotated[str | None, typer.Option(help="GHG, or the only one, by default.")] = None,
    method: Annotated[str, typer.Option(help="shapley, polar or lmdi.")] = "shapley",
    form: Annotated[str, typer.Option(help="additive or multiplicative.")] = "additive",
    account: Annotated[str, typer.Option(help="consumption or production.")] = "consumption",
    factors: Factors = None,
    per_person: Annotated[
        bool,
        typer.Option("--per-person", help="Split the level by population (embedded, 2015 on)."),
    ] = False,
    deflators: Annotated[
        Path | None,
        typer.Option(
            help="CSV with columns year, region, sector, price: constant prices. None are invented."
        ),
    ] = None,
    base_year: Annotated[
        int | None, typer.Option(help="Of constant prices; the year before by default.")
    ] = None,
    households: Annotated[
        bool, typer.Option("--households", help="Add direct emissions of households as a part.")
    ] = False,
    missing: Annotated[
        list[str] | None,
        typer.Option(help="Region whose emissions are not known (zeros in the table); repeatable."),
    ] = None,
    mixed_editions: Annotated[
        bool,
        typer.Option("--mixed-editions", help="Go on across editions; the result is marked."),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write CSV, JSON and a figure here.")] = None,
) -> None:
    """Why an account changed between two tables: intensity, technology, trade, final demand."""
    from mriocarbon.report import decomposition_files as report
    from mriocarbon.report.files import check_target

    _fits(
        after, against, region,
        {"AFTER": after, "--via": via, "--deflators": deflators, "--base-year": base_year,
         "--households": households, "--account": account != "consumption",
         "--mixed-editions": mixed_editions},
    )  # fmt: skip
    if out is not None:
        check_target(out, report.NAMES)  # before the work, not after it
    names = None if factors is None else [part.strip() for part in factors.split(",")]
    found: mc.Decomposition | mc.DecompositionSeries
    with steps() as step:
        step(f"reading {before}")
        first = load(before)
        known(first, (*(region or ()), against))
        if against is not None:
            assert region is not None  # `_fits` has seen to it
            step("decomposing")
            found = mc.decompose_regions(
                first, region[0], against, stressor=stressor, method=method, form=form,
                factors=names, population=_persons(first) if per_person else None,
                missing=missing or (),
            )  # fmt: skip
            shown = list(found.effects.coords["region"])
        else:
            tables = [first]
            for name in (*(via or ()), after or ""):
                step(f"reading {name}")
                tables.append(load(name))
            prices = None if deflators is None else _prices(deflators, tables, base_year)
            people = [_persons(table) for table in tables] if per_person else None
            step(f"decomposing, {method}")
            if via:
                years = _years(tables)
                found = mc.decompose_series(
                    dict(zip(years, tables, strict=True)), stressor=stressor, method=method,
                    form=form, account=account, factors=names,
                    population=None if people is None else dict(zip(years, people, strict=True)),
                    deflators=prices, base_year=base_year, households=households,
                    missing=missing or (), mixed_editions=mixed_editions,
                )  # fmt: skip
            else:
                found = mc.decompose(
                    tables[0], tables[1], stressor=stressor, method=method, form=form,
                    account=account, factors=names, population=people, deflators=prices,
                    base_year=base_year, households=households, missing=missing or (),
                    mixed_editions=mixed_editions,
                )  # fmt: skip
            shown = list(region or ())
        if out is not None:
            step(f"writing {out}")
            report.write(found, out, region=shown[0] if shown else None)
    report.terminal(found, console(), regions=shown)
    if out is not None:
        print(f"\nWrote {out}")


def _fits(
    after: str | None, against: str | None, region: list[str] | None, refused: dict[str, object]
) -> None:  # fmt: skip
    """Refuse options that would be taken and then not obeyed."""
    from mriocarbon.errors import InputError

    if against is None:
        if after is None:
            raise InputError(
                "one table has no change", where="decompose BEFORE",
                do="name a table after, or two regions: --region JPN --against USA",
            )  # fmt: skip
        return
    given = [name for name, value in refused.items() if value not in (None, False, [])]
    if given:
        raise InputError(
            f"--against compares two regions of one table: {', '.join(given)} has no place in it",
            where="--against", do="leave it out",
        )  # fmt: skip
    if not region or len(region) != 1:
        raise InputError(
            f"--against needs one --region, {len(region or ())} given", where="--against",
            do="name the region to start from: --region JPN --against USA",
        )  # fmt: skip


def _persons(table: mc.MRIO) -> dict[str, float]:
    """Return persons by region in the table's year."""
    from mriocarbon.errors import NotAvailableError

    if table.year is None:
        raise NotAvailableError(
            "population needs a year, the table has none", where="--per-person",
            do="leave it out, or set the year of the table",
        )  # fmt: skip
    return mc.population(table.year)


def _years(tables: list[mc.MRIO]) -> list[int]:
    """Return the years of a series, each once."""
    from mriocarbon.errors import InputError

    years = [table.year for table in tables if table.year is not None]
    if len(set(years)) != len(tables):
        raise InputError(
            f"the tables are of the years {[table.year for table in tables]}", where="--via",
            do="give every table a year of its own",
        )  # fmt: skip
    if years[0] != min(years) or years[-1] != max(years):
        raise InputError(
            f"BEFORE is of {years[0]}, AFTER of {years[-1]}, and --via of"
            f" {', '.join(map(str, years[1:-1]))}", where="--via",
            do="a series runs from its first year to its last: put these as BEFORE and AFTER",
        )  # fmt: skip
    return years


def _prices(
    path: Path, tables: list[mc.MRIO], base_year: int | None
) -> Mapping[int, NDArray[np.float64]]:
    """Read price indices by year, region and sector, in the order of each year's table.

    Those of other years that are needed (the base year, a table's constant prices) are in the
    order of the first table.
    """
    import numpy as np

    from mriocarbon.errors import LabelError, listed
    from mriocarbon.io.user_csv import read_rows

    found: dict[tuple[int, str, str], float] = {}
    for row in read_rows(path, ("year", "region", "sector", "price")):
        key = row.whole("year"), row.text("region"), row.text("sector")
        if key in found:
            raise LabelError(
                f"{key[1]} {key[2]} {key[0]} stands twice", where=row.where("price"),
                do="give each price once",
            )  # fmt: skip
        found[key] = row.needed("price")
    owners = {table.year: table for table in tables}
    for year in (base_year, *(table.price_year for table in tables)):
        owners.setdefault(year, tables[0])
    prices = {}
    for year, table in owners.items():
        if year is None:
            continue  # the library says what a table without a year lacks
        wanted = [(year, r, s) for r, s in table.index.pairs]
        absent = [" ".join(map(str, key)) for key in wanted if key not in found]
        if absent:
            raise LabelError(
                f"{len(absent)} prices are missing: {listed(absent)}", where=str(path),
                do="give a price for every sector and year; none are invented",
            )  # fmt: skip
        prices[year] = np.array([found[key] for key in wanted])
    return prices
