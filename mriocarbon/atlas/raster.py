"""A raster of the user's, such as population, brought onto the grid of the map.

Refused unless the caller decides: no reference system, another one than WGS84 latitude and
longitude, another grid, a part of the globe, one of several bands, negative amounts, NaN that is
not declared as "no data". What the caller decides is a named step of the result.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mriocarbon.atlas.raster_files import OpenRaster, open_raster
from mriocarbon.atlas.regrid import nested, regrid, same
from mriocarbon.errors import InputError, NonFiniteError, unreadable
from mriocarbon.model.arrays import frozen
from mriocarbon.model.provenance import Source

__all__ = ["RESAMPLE", "Raster", "read"]

Floats = npt.NDArray[np.float64]
RESAMPLE = ("aggregate", "conservative")
ROWS = 1 << 22  # cells read at a time


class Edges(Protocol):
    """What is asked of a grid: edges of its cells in degrees, rising or falling."""

    @property
    def lat_edges(self) -> Floats: ...
    @property
    def lon_edges(self) -> Floats: ...


@dataclass(frozen=True, eq=False)
class Raster:
    """A raster on the grid of the map.

    Attributes
    ----------
    values : array, latitude x longitude
        In the unit of the file; NaN where the file has no data.
    present : array, latitude x longitude
        Share (0 to 1) of the cell's area for which the file has data. An amount in a cell that is
        covered in part is that of the covered part, nothing is added for the rest.
    kind : {"sum", "mean"}
    total : float
        Sum of the file's cells (kind "sum"), before anything was done.
    unit : str
        As the file says, or "".
    steps : tuple of str
        What was done to the file, in order; empty if its cells are the map's.
    source : Source
        File name and sha256.
    """

    values: Floats
    present: Floats
    kind: str
    total: float
    unit: str
    steps: tuple[str, ...]
    source: Source

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return the values, so that numpy takes a raster for an array."""
        return np.array(self.values, dtype=dtype, copy=copy)


def read(
    path: str | Path,
    grid: Edges,
    *,
    kind: str = "sum",
    resample: str | None = None,
    band: int | None = None,
    variable: str | None = None,
    partial: bool = False,
    negative: bool = False,
    crs: str | None = None,
) -> Raster:
    """Read a GeoTIFF, NetCDF or zarr raster onto the grid of the map.

    Parameters
    ----------
    path : path
        ``.tif`` (needs the extra [geo]), ``.nc`` or ``.zarr``; latitude and longitude, WGS84.
    grid : Grid
        Of the map; its `lat_edges` and `lon_edges` in degrees.
    kind : {"sum", "mean"}
        "sum": cells hold amounts, such as people; their sum is kept, to 1e-12.
        "mean": cells hold densities or means, weighted by area.
    resample : {"aggregate", "conservative"}, optional
        What to do with another grid; without it another grid is refused. "aggregate": the file's
        cells lie whole within cells of the map, and are summed (averaged); refused if they do
        not. "conservative": each cell is spread evenly over its area, and cut by the map's cells.
        An exact operation on a picture that within a cell is a guess.
    band : int, optional
        From 1: which band of a GeoTIFF, or which step of a third dimension of a NetCDF file;
        needed if there are more than one.
    variable : str, optional
        Which variable of a NetCDF file; needed if more than one lies on the grid.
    partial : bool, optional
        Take a raster that covers a part of the globe; the rest is missing (NaN), not zero.
    negative : bool, optional
        Take values below zero (a sink); else they are refused.
    crs : "EPSG:4326", optional
        Your word for a file that names no reference system. Not asked where it names one.

    Returns
    -------
    Raster

    Raises
    ------
    NotAvailableError
        A GeoTIFF without rasterio: ``pip install "mriocarbon[geo]"``.
    DataFileError
        There is no such file, or it cannot be read as what its name says.
    NonFiniteError
        NaN or infinite cells that the file does not declare as "no data".
    InputError
        Anything else that is refused; the message says what to do.

    References
    ----------
    Conservative remapping: see `mriocarbon.atlas.regrid.regrid`.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import xarray as xr
    >>> from mriocarbon.atlas.grid import Grid
    >>> lat, lon = np.arange(-89.5, 90), np.arange(-179.5, 180)
    >>> people = xr.Dataset(
    ...     {"people": (("lat", "lon"), np.ones((180, 360)), {"grid_mapping": "crs"})},
    ...     {"lat": ("lat", lat, {"units": "degrees_north"}),
    ...      "lon": ("lon", lon, {"units": "degrees_east"})})
    >>> people["crs"] = xr.DataArray(0, attrs={
    ...     "grid_mapping_name": "latitude_longitude", "semi_major_axis": 6378137.0,
    ...     "inverse_flattening": 298.257223563})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = people.to_netcdf(folder + "/people.nc", engine="h5netcdf")
    ...     found = read(folder + "/people.nc", Grid(5.0), resample="aggregate")
    >>> found.values.shape, float(found.values.sum()), float(found.values[0, 0])
    ((36, 72), 64800.0, 25.0)
    """
    path = Path(path)
    if resample is not None and resample not in RESAMPLE:
        raise InputError(
            f"unknown way to resample {resample!r}", where="resample",
            do="choose among " + ", ".join(RESAMPLE),
        )  # fmt: skip
    if kind not in ("sum", "mean"):
        raise InputError(
            f"unknown kind of raster {kind!r}", where="kind",
            do='"sum" for amounts per cell (people), "mean" for densities and means',
        )  # fmt: skip
    with open_raster(path, band=band, variable=variable, crs=crs) as file:
        steps = list(file.steps)
        steps += _covers(file, path, partial)
        target = (np.asarray(grid.lat_edges, float), np.asarray(grid.lon_edges, float))
        steps += _fits(file, target, path, resample, kind)

        def checked() -> Any:
            height = max(1, ROWS // (file.longitude.size - 1))
            for start in range(0, file.latitude.size - 1, height):
                block = file.rows(start, min(start + height, file.latitude.size - 1))
                _sane(block.values, block.present, start, file, path, negative)
                yield block

        found = regrid(checked(), (file.latitude, file.longitude), target, kind=kind)
        unit = file.unit
    if not (found.present > 0).any():
        raise InputError(
            "the raster holds no data at all", where=str(path),
            do="look at the value that it declares as 'no data'",
        )  # fmt: skip
    return Raster(
        frozen(found.values), frozen(found.present), kind,
        found.total if kind == "sum" else float("nan"), unit, tuple(steps),
        Source(path.name, sha256=_hash(path)),
    )  # fmt: skip


def _covers(file: OpenRaster, path: Path, partial: bool) -> list[str]:
    """Refuse a part of the globe, unless it is asked for."""
    south, north = sorted((float(file.latitude[0]), float(file.latitude[-1])))
    width = abs(float(file.longitude[-1] - file.longitude[0]))
    slack = 1e-3 * abs(float(file.latitude[1] - file.latitude[0]))
    if south < -90 - slack or north > 90 + slack or width > 360 + slack:
        raise InputError(
            "the raster reaches beyond the globe", where=f"{path}, {_box(file)}",
            do="look at its georeference: degrees, and edges of cells, not their centres",
        )  # fmt: skip
    if south <= -90 + slack and north >= 90 - slack and width >= 360 - slack:
        return []
    if not partial:
        raise InputError(
            "the raster covers a part of the globe only", where=f"{path}, {_box(file)}",
            do="extend it, or say that this is meant: partial=True (on the command line "
            "--partial); the rest is then missing",
        )  # fmt: skip
    return [f"covers {_box(file)} only; the rest of the globe is missing"]


def _fits(
    file: OpenRaster, target: tuple[Floats, Floats], path: Path, resample: str | None, kind: str
) -> list[str]:
    """Refuse another grid, unless resampling is asked for; name the step."""
    pairs = ((file.latitude, target[0], True), (file.longitude, target[1], False))
    if all(same(a, b, latitude=flag) for a, b, flag in pairs):
        return []
    fits = all(nested(a, b, latitude=flag) for a, b, flag in pairs)
    ours = f"cells of {_size(target[0])} by {_size(target[1])} degrees"
    its = f"{_size(file.latitude)} by {_size(file.longitude)} degrees"
    if resample is None:
        way = (
            'the cells nest exactly: resample="aggregate" (on the command line --resample '
            "aggregate) sums them"
            if fits
            else 'resample="conservative" (on the command line --resample conservative) spreads '
            "each cell evenly over its area; the total is kept"
        )
        raise InputError(
            f"the raster has another grid than the map, which has {ours}",
            where=f"{path}, cells of {its}, {_box(file)}", do=way,
        )  # fmt: skip
    if resample == "aggregate" and not fits:
        raise InputError(
            "the raster's cells do not lie within cells of the map",
            where=f"{path}, cells of {its}; the map has {ours}",
            do='resample="conservative" cuts them by area (on the command line --resample '
            "conservative)",
        )  # fmt: skip
    how = "summed" if kind == "sum" else "averaged by area"
    if fits:
        return [f"aggregated: cells of {its} {how} into {ours}"]
    return [f"resampled conservatively (first order, by area): {its} {how} into {ours}"]


def _sane(
    values: Floats, present: Any, start: int, file: OpenRaster, path: Path, negative: bool
) -> None:
    """Refuse what is no amount: NaN and infinity that the file does not declare, below zero."""
    for bad, what, error, do in (
        (present & ~np.isfinite(values), "NaN or infinite cells that are not declared as no data",
         NonFiniteError, "declare the value for 'no data' in the file, or mend the cells"),
        (present & (values < 0) & (not negative), "cells below zero",
         InputError, "declare the value for 'no data' if it is one (often -9999 or -200), "
         "or mend the cells"),
    ):  # fmt: skip
        if bad.any():
            row, column = (int(k[0]) for k in np.nonzero(bad))
            lat = (file.latitude[start + row] + file.latitude[start + row + 1]) / 2
            lon = (file.longitude[column] + file.longitude[column + 1]) / 2
            raise error(
                f"the raster holds {what}",
                where=f"{path}, {int(bad.sum())} in the rows read so far, the first at "
                f"latitude {lat:g}, longitude {lon:g}: {values[row, column]:g}",
                do=do,
            )


def _box(file: OpenRaster) -> str:
    south, north = sorted((file.latitude[0], file.latitude[-1]))
    west, east = sorted((file.longitude[0], file.longitude[-1]))
    return f"latitude {south:g} to {north:g}, longitude {west:g} to {east:g}"


def _size(edges: Floats) -> str:
    return f"{abs(edges[-1] - edges[0]) / (edges.size - 1):.6g}"


def _hash(path: Path) -> str:
    """Sha256 of a file; of a folder, of its files in order with their names."""
    digest = hashlib.sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    try:
        for file in files:
            if path.is_dir():
                digest.update(file.relative_to(path).as_posix().encode() + b"\0")
            with file.open("rb") as handle:
                while part := handle.read(1 << 20):
                    digest.update(part)
    except OSError as error:
        raise unreadable(path, error, "the raster", do="look at the file and its rights") from error
    return digest.hexdigest()
