"""The map as files: NetCDF and zarr after the CF conventions, GeoTIFF, pictures, tables, page."""

from __future__ import annotations

import io
import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.report.atlas_view import LayerView
from mriocarbon.report.files import check_target, put, write_text

if TYPE_CHECKING:
    import xarray as xr

    from mriocarbon.atlas.layer import Layer
    from mriocarbon.atlas.world import WorldMap

__all__ = ["FORMATS", "cf", "check", "stems", "write"]

FORMATS = ("netcdf", "zarr", "geotiff", "png", "csv", "page")
ENDINGS = {"netcdf": ".nc", "zarr": ".zarr", "geotiff": ".tif", "png": ".png", "csv": ".csv"}
SUMMARY = "map.json"
PAGE = ("map.html", "national.csv", "series.csv", "flows.csv")
BANDS = {
    "emissions": ("value", "Mt year-1"), "emissions_sd": ("standard deviation", "Mt year-1"),
    "emissions_by_point": ("part placed by point sources", "Mt year-1"),
    "emissions_flux": ("value per area of the cell", "t km-2 year-1"),
}  # fmt: skip


def stems(layers: Sequence[Layer]) -> list[str]:
    """Return the name of each layer's files, without ending.

    Raises
    ------
    InputError
        Two layers would have one name.
    """
    out = [
        "-".join(
            [layer.name, *([layer.scope.replace(" ", "-")] if layer.name == "natural" else []),
             str(layer.year)]
        )
        for layer in layers
    ]  # fmt: skip
    doubled = [name for name in out if out.count(name) > 1]
    if doubled:
        raise InputError(
            f"layer {doubled[0]} is there twice", where="layers", do="name each layer once"
        )
    return out


def check(folder: Path | str, formats: Sequence[str]) -> None:
    """Raise if `write` could not use `folder` or one of `formats`; nothing is touched.

    Raises
    ------
    InputError
        The folder is a file or lies below one; an unknown format, or none.
    NotAvailableError
        GeoTIFF without rasterio.

    Examples
    --------
    >>> check("a-folder-that-may-be-made", ["netcdf", "png"])
    """
    if not formats:
        raise InputError(
            "no format is named", where="formats", do="choose among " + ", ".join(FORMATS)
        )
    for name in formats:
        if name not in FORMATS:
            raise InputError(
                f"unknown format {name!r}", where="formats", do="choose among " + ", ".join(FORMATS)
            )
    if "geotiff" in formats:
        _rasterio()
    check_target(Path(folder), (SUMMARY, *(PAGE if "page" in formats else ())))


def write(
    layers: Sequence[Layer],
    folder: Path | str,
    formats: Sequence[str] = FORMATS[:5],
    *,
    world: WorldMap | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write layers of the map. All files appear, or none.

    Files of the map already in `folder` are replaced; every other file stays as it is.

    Parameters
    ----------
    layers : sequence of Layer
    folder : path
        Made if it does not exist.
    formats : sequence of str
        Out of `FORMATS`. "netcdf": NetCDF 4, CF-1.11. "zarr": a zarr 3 store with the same
        variables. "geotiff": float64, north up, nodata NaN; bands value, standard deviation, part
        placed by point sources (Mt) and value per km2 (t). "png": the picture. "csv": the national
        accounts. "page": the interactive page, which needs `world`. The summary ``map.json`` is
        written always.
    world : WorldMap, optional
        What the page shows: `mriocarbon.atlas.world.world_map`.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    list of Path
        The files, the summary first; of a zarr store its root.

    Raises
    ------
    InputError
        No layer, one of them twice, an unknown format, a folder that is none.
    NotAvailableError
        GeoTIFF without rasterio: ``pip install "mriocarbon[geo]"``.
    DataFileError
        The place cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from mriocarbon.atlas.layers import layer
    >>> with tempfile.TemporaryDirectory() as here:
    ...     made = write([layer("consumption", 2022, resolution=5.0)], here, ["netcdf"])
    ...     [path.name for path in made]
    ['map.json', 'consumption-2022.nc']
    """
    folder, say = Path(folder), progress or (lambda step: None)
    formats = list(dict.fromkeys(formats))
    check(folder, formats)
    if not layers:
        raise InputError("no layer to write", where="layers", do="make one: mc.atlas.layer")
    if "page" in formats and world is None:
        raise InputError(
            "the page needs what it shows", where="world",
            do="hand over mriocarbon.atlas.world.world_map(year), or leave 'page' out",
        )  # fmt: skip
    names = stems(layers)
    data = {name: cf(layer) for name, layer in zip(names, layers, strict=True)}
    stores = {}
    if "zarr" in formats:
        say("zarr")
        stores = {name: _zarr(one) for name, one in data.items()}
    files = [SUMMARY]
    for kind in formats:
        for name in names:
            if kind == "zarr":
                files += [f"{name}.zarr/{key}" for key in stores[name]]
            elif kind != "page":
                files.append(name + ENDINGS[kind])
    files += PAGE if "page" in formats else ()

    def fill(staging: Path) -> None:
        for name, layer in zip(names, layers, strict=True):
            view = LayerView(layer)
            for kind in formats:
                if kind == "page":  # one for all layers
                    continue
                say(f"{kind}: {name}")
                if kind == "netcdf":
                    _netcdf(data[name], staging / f"{name}.nc")
                elif kind == "geotiff":
                    _geotiff(data[name], view, staging / f"{name}.tif")
                elif kind == "png":
                    from mriocarbon.report.atlas_figures import picture

                    (staging / f"{name}.png").write_bytes(picture(view))
                elif kind == "csv":
                    write_text(staging / f"{name}.csv", _csv(layer))
                elif kind == "zarr":
                    for key, content in stores[name].items():
                        place = staging / f"{name}.zarr" / key
                        place.parent.mkdir(parents=True, exist_ok=True)
                        place.write_bytes(content)
        if "page" in formats:
            from mriocarbon.report import atlas_page

            assert world is not None and tuple(atlas_page.NAMES) == PAGE
            atlas_page.write(world, staging, progress=say)
        summaries = [_summary(layer, name) for name, layer in zip(names, layers, strict=True)]
        told = {"layers": summaries, "files": shown}
        write_text(staging / SUMMARY, json.dumps(told, indent=1, ensure_ascii=False) + "\n")

    shown = [name for name in files if "/" not in name]
    if "zarr" in formats:
        shown += [f"{name}.zarr" for name in names]
    # Chunks of a former store that are not written again would be read as part of the new one.
    former = [
        path.relative_to(folder).as_posix()
        for name in names if "zarr" in formats
        for path in sorted((folder / f"{name}.zarr").rglob("*")) if path.is_file()
    ]  # fmt: skip
    put(folder, files, fill, say, former)
    return [folder / name for name in shown]


def cf(layer: Layer) -> xr.Dataset:
    """Return a layer after CF-1.11 with its years as a time coordinate with bounds.

    Parameters
    ----------
    layer : Layer

    Returns
    -------
    xarray.Dataset
        `Layer.to_xarray` with ``time`` (the middle) and ``time_bnds``: the year, or the years
        that all national figures are the mean of ("2015-2020"). Where figures are of several
        years, the year asked for; the attribute ``period_of_the_figures`` lists them.
    """
    made = layer.to_xarray()
    view = LayerView(layer)
    first, last = (int(view.period.split("-")[k]) for k in (0, -1))
    days = float((date(last + 1, 1, 1) - date(first, 1, 1)).days)
    made = made.assign_coords(
        time=((), days / 2, {
            "units": f"days since {first}-01-01", "calendar": "standard", "standard_name": "time",
            "axis": "T", "bounds": "time_bnds"})
    )  # fmt: skip
    made["time_bnds"] = (("bnds",), np.array([0.0, days]))
    for array in made.data_vars.values():
        if "cell_methods" in array.attrs:  # rates per year: their mean over the years, no sum
            array.attrs["cell_methods"] = array.attrs["cell_methods"].replace(
                "time: sum", "time: mean"
            )
    for name in made.variables:
        whole = not (made[name].dtype.kind == "f" and np.isnan(made[name].to_numpy()).any())
        # A coordinate has no missing value by CF; elsewhere NaN says so.
        made[name].encoding["_FillValue"] = None if whole else np.nan
    return made


def _netcdf(data: xr.Dataset, path: Path) -> None:
    grids = [name for name in data.variables if data[name].ndim == 2 and "bnds" not in str(name)]
    data.to_netcdf(
        path, engine="h5netcdf",
        encoding={name: {"zlib": True, "complevel": 4, "shuffle": True} for name in grids},
    )  # fmt: skip


def _zarr(data: xr.Dataset) -> dict[str, bytes]:
    """The store's files in memory: their names are known before the folder is touched."""
    from zarr.storage import MemoryStore

    held: dict[str, Any] = {}
    with warnings.catch_warnings():
        # Without it readers warn; with it the writer does, as zarr 3 has not fixed its place yet.
        warnings.filterwarnings("ignore", message="Consolidated metadata")
        data.to_zarr(MemoryStore(held), zarr_format=3, consolidated=True)
    return {key: held[key].to_bytes() for key in sorted(held)}


def _rasterio() -> Any:
    try:
        import rasterio
    except ImportError as error:
        raise NotAvailableError.extra(
            "geo", "GeoTIFF needs rasterio, which is not installed", where="formats",
            do="or choose netcdf",
        ) from error  # fmt: skip
    return rasterio


def _geotiff(data: xr.Dataset, view: LayerView, path: Path) -> None:
    rasterio = _rasterio()
    grid = view.layer.grid
    rows, columns = grid.shape
    place = rasterio.transform.from_origin(-180.0, 90.0, grid.resolution, grid.resolution)
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=len(BANDS), dtype="float64",
        crs="EPSG:4326", transform=place, nodata=math.nan, compress="deflate", predictor=3,
        tiled=False,
    ) as file:  # fmt: skip
        for k, (name, (text, unit)) in enumerate(BANDS.items(), start=1):
            file.write(data[name].to_numpy()[::-1], k)  # north up
            file.set_band_description(k, text)
            file.set_band_unit(k, unit)
            file.update_tags(k, units=unit, long_name=str(data[name].attrs["long_name"]))
        file.update_tags(
            title=view.title, units="Mt year-1",
            **{key: str(value) for key, value in data.attrs.items()
               if key not in ("title", "Conventions")},
        )  # fmt: skip


def _csv(layer: Layer) -> str:
    """The national accounts, one line a country; empty where there is no figure."""
    out = io.StringIO()
    layer.national.to_csv(out, lineterminator="\n", float_format="%.10g")
    return out.getvalue()


def _summary(layer: Layer, name: str) -> dict[str, Any]:
    """What the map says of itself, for machines."""
    view = LayerView(layer)
    return {
        "name": name,
        "layer": layer.name,
        "scope": layer.scope,
        "year": layer.year,
        "periods": layer.periods,
        "gas": layer.gas,
        "unit": layer.unit,
        "resolution_degrees": layer.grid.resolution,
        "total": layer.total,
        "shares": dict(layer.shares),
        "placement": dict(layer.placement),
        "countries_with_data": int(layer.national["value"].notna().sum()),
        "missing": _plain(layer.missing),
        "sources": view.sources,
        "notes": [{"text": note.text, "estimated": note.estimated} for note in layer.notes],
        "steps": list(layer.provenance.steps),
        "files_read": [
            {"name": s.name, "sha256": s.sha256} for s in layer.provenance.sources if s.sha256
        ],
        "version": layer.provenance.version,
    }


def _plain(missing: Mapping[str, str]) -> dict[str, str]:
    return {code: str(missing[code]) for code in sorted(missing)}
