"""`mriocarbon map`: the carbon map as figures on the screen and as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mriocarbon.cli.shared import console, steps
from mriocarbon.errors import InputError

if TYPE_CHECKING:
    from mriocarbon.atlas.grid import Grid
    from mriocarbon.atlas.provinces import Provinces
    from mriocarbon.atlas.raster import Raster

DEFAULT = ("netcdf", "png", "csv")


def map_(
    year: Annotated[int, typer.Option(help="Year of the accounts.")] = 2022,
    layer: Annotated[
        list[str] | None,
        typer.Option(help='production, consumption, natural, or "natural: SCOPE"; repeatable.'),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(help="Of natural carbon: land-use change, managed land, biosphere, ..."),
    ] = None,
    gas: Annotated[
        str,
        typer.Option(
            help="CO2, or GHG (2022). Natural: managed land CO2, CH4, N2O; processes CO2"
            " (volcanoes), CH4 (fires); the other scopes CO2 only."
        ),
    ] = "CO2",
    resolution: Annotated[float, typer.Option(help="Cells, degrees: 0.25 to 5.")] = 0.5,
    points: Annotated[
        str | None,
        typer.Option(help="CSV of point sources; none: no point sources, not even the catalogue."),
    ] = None,
    population: Annotated[
        Path | None, typer.Option(help="Raster of people per cell: .tif, .nc or .zarr.")
    ] = None,
    income: Annotated[
        str | None,
        typer.Option(help="Raster of income per head, or a ratio of cities to the rest (1.5)."),
    ] = None,
    resample: Annotated[
        str | None, typer.Option(help="Rasters on another grid: aggregate or conservative.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Take rasters that cover a part of the globe.")
    ] = False,
    crs: Annotated[
        str | None, typer.Option(help="EPSG:4326, for rasters that name no reference system.")
    ] = None,
    band: Annotated[int | None, typer.Option(help="Which band of the rasters, from 1.")] = None,
    variable: Annotated[str | None, typer.Option(help="Which variable of NetCDF rasters.")] = None,
    provinces: Annotated[
        Path | None, typer.Option(help="GeoJSON of the provinces of one country.")
    ] = None,
    province_values: Annotated[
        Path | None, typer.Option(help="CSV: id, value (Mt), low, high.")
    ] = None,
    province_country: Annotated[
        str | None, typer.Option(help="ISO3 of the provinces' country.")
    ] = None,
    province_id: Annotated[
        str | None, typer.Option(help="Property of the GeoJSON with the id; else id.")
    ] = None,
    scale_provinces: Annotated[
        bool,
        typer.Option("--scale-provinces", help="Scale them to the account beyond its interval."),
    ] = False,
    format_: Annotated[
        str | None,
        typer.Option("--format", help="Of netcdf,zarr,geotiff,png,csv,page; else netcdf,png,csv."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the files into this folder.")] = None,
) -> None:
    """The carbon map: national accounts on a grid, by point source and proxy."""
    from mriocarbon.atlas.grid import Grid
    from mriocarbon.atlas.layers import carbon_map
    from mriocarbon.report import atlas_files as report
    from mriocarbon.report.atlas_screen import show

    formats = _formats(format_)
    if out is not None:
        report.check(out, formats)  # before the work, not after it
    elif format_ is not None:
        raise InputError("a format, but no folder", where="--format", do="add --out DIR")
    asked = layer or ["consumption"]
    natural = [name for name in asked if name.split(":")[0].strip() == "natural"]
    if scope is not None and not natural:
        raise InputError(
            "only natural carbon has scopes", where="--scope", do="add --layer natural"
        )
    if scope is not None and all(":" in name for name in natural):
        raise InputError(
            f"a scope, and {' and '.join(natural)} names its own", where="--scope",
            do="leave it out, or say --layer natural",
        )  # fmt: skip
    if "page" in formats and gas != "CO2":
        raise InputError(
            f"the page shows CO2 only, not {gas}", where="--format page",
            do="leave page or --gas out",
        )  # fmt: skip
    rastered = population is not None or (income is not None and not _is_number(income))
    for option, said, needs in (
        ("--resample", resample, rastered), ("--partial", partial or None, rastered),
        ("--crs", crs, rastered), ("--band", band, rastered), ("--variable", variable, rastered),
        ("--province-id", province_id, provinces is not None),
    ):  # fmt: skip
        if said is not None and not needs:
            what = "provinces" if option == "--province-id" else "a raster"
            raise InputError(
                f"{option} has nothing to apply to", where=option,
                do=f"leave it out, or give {what}",
            )  # fmt: skip
    for option, value, serves in (
        ("--points", points, ("production",)), ("--income", income, ("consumption",)),
        ("--population", population, ("production", "consumption")),
    ):  # fmt: skip
        if value is not None and not set(asked) & set(serves):
            raise InputError(
                f"{option} serves the layer {' and '.join(serves)} only", where=option,
                do="leave it out, or add that layer",
            )  # fmt: skip
    grid = Grid(resolution)
    options: dict[str, Any] = {"resolution": resolution, "gas": gas}
    with steps() as step:
        rasters = {
            "resample": resample,
            "partial": partial,
            "crs": crs,
            "band": band,
            "variable": variable,
        }
        if population is not None:
            options["population"] = _raster(population, grid, "sum", rasters, step)
        if income is not None:
            options["income"] = _income(income, grid, rasters, step)
        if points is not None:
            options["points"] = False if points == "none" else points
        if scope is not None:
            options["scope"] = scope
        given = {
            "--provinces": provinces, "--province-values": province_values,
            "--province-country": province_country,
        }  # fmt: skip
        if any(value is not None for value in given.values()):
            gone = [name for name, value in given.items() if value is None]
            if gone:
                raise InputError(
                    f"provinces need {', '.join(gone)} as well", where="map",
                    do="give borders, values and the country",
                )  # fmt: skip
            if len(asked) != 1:
                raise InputError(
                    "provinces have values of one layer", where="--layer",
                    do="make each layer on its own",
                )  # fmt: skip
            step("provinces")
            assert provinces is not None and province_values is not None
            assert province_country is not None
            from mriocarbon.atlas.provinces import provinces as read

            found = read(
                provinces, province_values, province_country.upper(), grid, id=province_id or "id"
            )
            options |= (
                _scaled(found, asked[0], year, gas, scope)
                if scale_provinces
                else {"provinces": found}
            )
        elif scale_provinces:
            raise InputError("no provinces to scale", where="--scale-provinces", do="name them")
        made = list(carbon_map(year, asked, progress=step, **options).values())
        world = None
        if out is not None and "page" in formats:
            from mriocarbon.atlas.world import world_map

            step("interactive page: national accounts of all years")
            world = world_map(year)
        files = [] if out is None else report.write(made, out, formats, world=world, progress=step)
    show(made, console(), all_missing=out is None)
    if out is not None:
        print(f"\nWrote {len(files)} files to {out}: {', '.join(file.name for file in files)}")
        placed = [name for name, value in (
            ("--resolution", resolution != 0.5), ("--population", population is not None),
            ("--income", income is not None), ("--points", points is not None),
            ("--provinces", provinces is not None),
        ) if value]  # fmt: skip
        if world is not None and placed:
            verb = "have" if len(placed) > 1 else "has"
            print(f"map.html shows national accounts: {', '.join(placed)} {verb} no part in it.")


def _formats(given: str | None) -> list[str]:
    if given is None:
        return list(DEFAULT)
    return [part.strip().casefold() for part in given.split(",") if part.strip()]


def _raster(path: Path, grid: Grid, kind: str, options: dict[str, Any], step: Any) -> Raster:
    from mriocarbon.atlas.raster import read

    step(f"reading {path}")
    return read(path, grid, kind=kind, **options)


def _income(text: str, grid: Grid, options: dict[str, Any], step: Any) -> float | Raster:
    if _is_number(text):
        return float(text)
    return _raster(Path(text), grid, "mean", options, step)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _scaled(found: Provinces, name: str, year: int, gas: str, scope: str | None) -> dict[str, Any]:
    """Provinces scaled to the account, and the account, so that it is computed once."""
    from mriocarbon.atlas.national import national

    layer, _, own = (part.strip() for part in name.partition(":"))
    chosen = own or scope
    frame = (
        national(layer, year, gas=gas, scope=chosen) if chosen else national(layer, year, gas=gas)
    )
    value, low, high = (float(frame[key][found.country]) for key in ("value", "low", "high"))
    return {"provinces": found.fitted(value, low, high, scale=True), "account": frame}
