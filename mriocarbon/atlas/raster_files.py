"""Rasters as files: GeoTIFF through rasterio, NetCDF and zarr through xarray.

Only what the map can use is opened: a regular grid in latitude and longitude on WGS84.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mriocarbon.atlas.regrid import Block
from mriocarbon.errors import DataFileError, InputError, NotAvailableError, listed
from mriocarbon.model.checked import is_real

__all__ = ["FORMATS", "WGS84", "OpenRaster", "open_raster"]

Floats = npt.NDArray[np.float64]
FORMATS = (".tif", ".tiff", ".nc", ".nc4", ".zarr")
WGS84 = "EPSG:4326"
AXIS, FLATTENING = 6378137.0, 298.257223563  # of WGS84
UNITS = {
    "latitude": {"degrees_north", "degree_north", "degrees_N", "degree_N", "degreesN", "degreeN"},
    "longitude": {"degrees_east", "degree_east", "degrees_E", "degree_E", "degreesE", "degreeE"},
}


@dataclass(frozen=True)
class OpenRaster:
    """An open raster: edges of its cells in degrees, in the order of the file, and its rows."""

    latitude: Floats
    longitude: Floats
    unit: str
    steps: tuple[str, ...]
    rows: Callable[[int, int], Block]


@contextmanager
def open_raster(
    path: Path, *, band: int | None = None, variable: str | None = None, crs: str | None = None
) -> Iterator[OpenRaster]:
    """Open a raster by the ending of its name; `band`, `variable`, `crs` as in `raster.read`.

    Raises
    ------
    NotAvailableError, DataFileError, InputError
        As `raster.read` says.

    Examples
    --------
    >>> with open_raster(Path("none.tif")) as file:
    ...     pass
    Traceback (most recent call last):
    ...
    mriocarbon.errors.DataFileError: there is no such raster
      where: none.tif
      what to do: look at the path
    """
    if crs is not None and crs.upper() not in (WGS84, "OGC:CRS84"):
        raise InputError(
            f"the map knows one reference system, not {crs}", where="crs",
            do=f"reproject the raster; {WGS84} states that the file is in it already",
        )  # fmt: skip
    if not path.exists():
        raise DataFileError("there is no such raster", where=str(path), do="look at the path")
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise InputError(
            f"cannot tell the format from {path.name!r}", where=str(path),
            do="end the name in " + ", ".join(FORMATS),
        )  # fmt: skip
    way = _geotiff if ending in (".tif", ".tiff") else _netcdf
    with way(path, band, variable, crs is not None) as found:
        yield found


@contextmanager
def _geotiff(
    path: Path, band: int | None, variable: str | None, said: bool
) -> Iterator[OpenRaster]:
    try:
        import rasterio
    except ImportError as error:
        raise NotAvailableError.extra(
            "geo", "a GeoTIFF needs rasterio, which is not installed", where=str(path),
            do="or hand the raster over as NetCDF",
        ) from error  # fmt: skip
    if variable is not None:
        raise InputError("a GeoTIFF has bands, no variables", where=str(path), do="name a band")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        try:
            data = rasterio.open(path)
        except (rasterio.errors.RasterioError, UnicodeDecodeError) as error:  # its names
            raise _unreadable(path, error) from error
    with data:
        steps = _reference_of_tiff(data, path, said)
        chosen = _one(path, "band", data.count, band)
        place = data.transform
        far = abs(place.f) + abs(place.e) * data.height + abs(place.c) + abs(place.a) * data.width
        nowhere = place.is_identity or not far < 1e6 or 0 in (place.a, place.e)  # NaN is not below
        if nowhere or place.b != 0 or place.d != 0:
            raise InputError(
                "the raster is not placed on the globe" if nowhere
                else "the raster is turned against the meridians",
                where=str(path), do=f"gdalwarp -t_srs {WGS84} writes one that is not",
            )  # fmt: skip
        scale, offset = data.scales[chosen - 1], data.offsets[chosen - 1]

        def rows(start: int, stop: int) -> Block:
            try:
                got = data.read(
                    chosen, window=((start, stop), (0, data.width)), masked=True
                )  # masked: nodata, alpha and mask bands alike
            except rasterio.errors.RasterioError as error:
                raise _unreadable(path, error) from error
            with np.errstate(invalid="ignore", over="ignore"):  # NaN and infinity are found later
                values = np.asarray(np.ma.getdata(got), dtype=float) * scale + offset
            return Block(slice(start, stop), values, ~np.ma.getmaskarray(got))

        yield OpenRaster(
            _rounded(place.f + place.e * np.arange(data.height + 1.0)),
            _rounded(place.c + place.a * np.arange(data.width + 1.0)),
            data.units[chosen - 1] or data.tags().get("units", ""), steps, rows,
        )  # fmt: skip


def _reference_of_tiff(data: Any, path: Path, said: bool) -> tuple[str, ...]:
    """Refuse all but WGS84 latitude and longitude."""
    import rasterio

    crs = data.crs
    if not crs:
        return _unnamed(path, said)
    if crs == rasterio.crs.CRS.from_epsg(4326) or crs.to_epsg() in (4326, 4979):
        return ()
    raise _other(path, str(crs.to_string())[:120])


@contextmanager
def _netcdf(path: Path, band: int | None, variable: str | None, said: bool) -> Iterator[OpenRaster]:
    import xarray as xr

    # Undecoded: xarray's masks do not tell a declared "no data" from a NaN that slipped in.
    raw: dict[str, Any] = {"mask_and_scale": False, "decode_times": False, "decode_coords": False}
    try:
        if path.suffix.lower() == ".zarr":
            data = xr.open_zarr(path, chunks=None, consolidated=False, **raw)
        else:
            data = xr.open_dataset(path, **raw)
    except Exception as error:  # the libraries below raise anything, from OSError to KeyError
        raise _unreadable(path, error) from error
    with data:
        latitude, longitude = (_axis(data, which, path) for which in UNITS)
        name = _variable(data, latitude, longitude, variable, path)
        steps = _reference_of_netcdf(data, name, path, said)
        array = data[name]
        others = [d for d in array.dims if d not in (latitude, longitude)]
        counted = int(np.prod([array.sizes[d] for d in others], dtype=int))
        if len([d for d in others if array.sizes[d] > 1]) > 1:
            raise InputError(
                f"variable {name!r} has more than three dimensions",
                where=f"{path}, {', '.join(map(str, array.dims))}", do="write one layer of it",
            )  # fmt: skip
        chosen = _one(path, f"step of {' x '.join(map(str, others))}", counted, band) - 1
        at = {d: chosen if array.sizes[d] > 1 else 0 for d in others}
        plane = array.isel(at).transpose(latitude, longitude)
        attributes = dict(array.attrs)
        decoding = _decoding(attributes, path)
        if array.dtype.kind not in "fiub":
            raise InputError(
                f"variable {name!r} holds {array.dtype}, no numbers", where=str(path),
                do="name another one, variable=\"...\" (on the command line --variable)",
            )  # fmt: skip

        def rows(start: int, stop: int) -> Block:
            try:
                got = plane.isel({latitude: slice(start, stop)}).to_numpy()
            except Exception as error:
                raise _unreadable(path, error) from error
            return _decoded(got, decoding, slice(start, stop))

        yield OpenRaster(
            _edges(data[latitude], latitude, path), _edges(data[longitude], longitude, path),
            str(attributes.get("units", "")), steps, rows,
        )  # fmt: skip


def _axis(data: Any, which: str, path: Path) -> str:
    """The dimension that is latitude or longitude after CF: by its units or standard name."""
    known = [
        str(name) for name, array in data.variables.items()
        if array.dims == (name,) and (
            _word(array, "units") in UNITS[which] or _word(array, "standard_name") == which
        )
    ]  # fmt: skip
    if len(known) != 1:
        raise InputError(
            f"{'no' if not known else 'more than one'} dimension is {which}", where=str(path),
            do=f"give one coordinate the units of {which} (CF: degrees_north, degrees_east)"
            "; projected rasters: reproject them first",
        )  # fmt: skip
    return known[0]


def _word(array: Any, attribute: str) -> str:
    """An attribute that is a text; files hold numbers and lists there too."""
    found = array.attrs.get(attribute)
    return found if isinstance(found, str) else ""


def _variable(data: Any, latitude: str, longitude: str, asked: str | None, path: Path) -> str:
    on_grid = [
        str(name) for name, array in data.data_vars.items()
        if {latitude, longitude} <= set(array.dims)
    ]  # fmt: skip
    if asked is not None and asked not in on_grid:
        raise InputError(
            f"no variable {asked!r} on latitude and longitude", where=str(path),
            do="there are: " + (listed(on_grid, 8) or "none"),
        )  # fmt: skip
    if asked is None and len(on_grid) != 1:
        raise InputError(
            f"{len(on_grid)} variables lie on latitude and longitude, one is needed",
            where=str(path),
            do='name it, variable="..." (on the command line --variable): '
            + (listed(on_grid, 8) or "there is none to choose"),
        )
    return on_grid[0] if asked is None else asked


def _reference_of_netcdf(data: Any, name: str, path: Path, said: bool) -> tuple[str, ...]:
    """Refuse all but WGS84; CF leaves the datum open where a file names no grid mapping."""
    named = str(data[name].attrs.get("grid_mapping", "")).split(":")[0].strip()
    if not named:
        return _unnamed(path, said)
    if named not in data.variables:
        raise InputError(
            f"variable {name!r} names a grid mapping {named!r} that is not there",
            where=str(path), do="add it, or take the name away and state crs",
        )  # fmt: skip
    mapping: Mapping[str, Any] = data[named].attrs
    kind = mapping.get("grid_mapping_name")
    text = str(mapping.get("crs_wkt") or mapping.get("spatial_ref") or "")
    if kind not in (None, "latitude_longitude") or text.startswith(("PROJ", "BOUND")):
        raise _other(path, str(kind or text[:80]))
    if text:
        plain = text.upper().replace("_", " ").replace(" ", "")
        if "WGS84" in plain or "WGS1984" in plain or "WORLDGEODETICSYSTEM1984" in plain:
            return ()
        raise _other(path, text[:80])
    axis, flattening = mapping.get("semi_major_axis"), mapping.get("inverse_flattening")
    if axis is None or flattening is None:
        return _unnamed(path, said)
    if not (is_real(axis) and is_real(flattening)):
        raise _other(path, f"an ellipsoid of {axis!r}, 1/{flattening!r}")
    if abs(float(axis) - AXIS) > 1e-3 or abs(float(flattening) - FLATTENING) > 1e-6:
        raise _other(path, f"an ellipsoid of {axis} m, 1/{flattening}")
    return ()


@dataclass(frozen=True)
class _Decoding:
    """What the attributes of CF say of packed numbers; NaN where they say nothing."""

    missing: tuple[float, ...]
    least: float
    most: float
    scale: float
    offset: float


def _decoding(attributes: Mapping[str, Any], path: Path) -> _Decoding:
    def numbers(key: str, size: int, default: float) -> list[float]:
        found = np.ravel(np.asarray(attributes.get(key, [default] * size)))
        if found.dtype.kind not in "fiub" or (size and found.size != size):
            raise InputError(
                f"the attribute {key} is {attributes.get(key)!r}", where=str(path),
                do=f"give {size or 'plain'} number{'s' * (size != 1)}",
            )  # fmt: skip
        return [float(one) for one in found]

    nan = math.nan
    low, high = numbers("valid_range", 2, nan)
    return _Decoding(
        tuple(k for key in ("_FillValue", "missing_value") if key in attributes
              for k in numbers(key, 0, nan)),
        numbers("valid_min", 1, low)[0], numbers("valid_max", 1, high)[0],
        numbers("scale_factor", 1, 1.0)[0], numbers("add_offset", 1, 0.0)[0],
    )  # fmt: skip


def _decoded(got: npt.NDArray[Any], told: _Decoding, rows: slice) -> Block:
    """Values and what is missing, by CF: _FillValue, missing_value, valid range, packing."""
    present = np.ones(got.shape, dtype=bool)
    with np.errstate(invalid="ignore", over="ignore"):
        for fill in told.missing:
            present &= ~np.isnan(got) if math.isnan(fill) else got != fill
        present &= ~(got < told.least) & ~(got > told.most)  # NaN is a bound of nothing
        values = np.asarray(got, dtype=float) * told.scale + told.offset
    return Block(rows, values, present)


def _edges(axis: Any, name: str, path: Path) -> Floats:
    """Edges half-way between the centres, which have to be evenly spaced."""
    found = axis.to_numpy()
    if found.dtype.kind not in "fiu":
        raise InputError(
            f"{name} holds {found.dtype}, no numbers", where=str(path), do="give degrees"
        )
    centre = np.asarray(found, dtype=float)
    if centre.size < 2:
        raise InputError(
            "a raster of one row or column",
            where=f"{path}, {name}",
            do="give the whole globe, or a part of it with rows and columns",
        )
    with np.errstate(invalid="ignore", over="ignore"):
        step = (centre[-1] - centre[0]) / (centre.size - 1)
    if (
        not np.isfinite(centre).all()
        or not np.isfinite(step)
        or step == 0
        or np.abs(np.diff(centre) - step).max() > abs(step) / 100
    ):
        raise InputError(
            "the cells are not evenly spaced", where=f"{path}, {name}",
            do="remap it to a regular grid first, conservatively (cdo remapcon)",
        )  # fmt: skip
    return _rounded(centre[0] + step * (np.arange(centre.size + 1.0) - 0.5))


def _rounded(edges: Floats) -> Floats:
    """Take the rounding out of edges: of float32 centres, of cells of 1/120 degree.

    The outer edges go to the nearest 1/7200 degree (half an arc second) if they lie within a
    thousandth of a cell of it, and the others between them.
    """
    cell = abs(edges[-1] - edges[0]) / (edges.size - 1)
    ends = np.array([edges[0], edges[-1]])
    near = np.round(ends * 7200) / 7200
    ends = np.where(np.abs(near - ends) <= cell / 1000, near, ends)
    return np.linspace(ends[0], ends[1], edges.size)


def _one(path: Path, what: str, count: int, asked: int | None) -> int:
    if count < 1:
        raise InputError("the raster is empty", where=str(path), do="look at the file")
    if asked is None and count > 1:
        raise InputError(
            f"the raster has more than one {what}: {count}", where=str(path),
            do="choose one, band=1 is the first (on the command line --band 1)",
        )  # fmt: skip
    if asked is not None and not 1 <= asked <= count:
        raise InputError(
            f"there is no {what} {asked}", where=f"{path}, {count} there",
            do=f"choose from 1 to {count}",
        )  # fmt: skip
    return asked or 1


def _unnamed(path: Path, said: bool) -> tuple[str, ...]:
    if said:
        return (f"{WGS84} taken from the caller: the file names no reference system",)
    raise InputError(
        "the raster names no coordinate reference system (CRS)", where=str(path),
        do=f'write it into the file (gdal_edit.py -a_srs {WGS84} FILE), or state it: crs="{WGS84}" '
        f"(on the command line --crs {WGS84}), if that is what it is in",
    )  # fmt: skip


def _other(path: Path, named: str) -> InputError:
    return InputError(
        "the raster is not in latitude and longitude on WGS84", where=f"{path}, {named}",
        do=f"reproject it: gdalwarp -t_srs {WGS84} -r sum IN.tif OUT.tif for amounts per cell, "
        "-r average for densities",
    )  # fmt: skip


def _unreadable(path: Path, error: Exception) -> DataFileError:
    return DataFileError(
        f"the raster cannot be read: {type(error).__name__}: {str(error)[:200]}",
        where=str(path), do="look at the file: is it whole, and what its name says?",
    )  # fmt: skip
