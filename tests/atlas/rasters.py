"""Small rasters as files, right or wrong in one way each."""

from types import SimpleNamespace

import numpy as np
import xarray as xr

WGS84 = {
    "grid_mapping_name": "latitude_longitude", "semi_major_axis": 6378137.0,
    "inverse_flattening": 298.257223563,
}  # fmt: skip


def grid_of(degrees):
    """What `read` asks of a grid."""
    return SimpleNamespace(
        lat_edges=np.arange(-90.0, 90 + degrees / 2, degrees),
        lon_edges=np.arange(-180.0, 180 + degrees / 2, degrees),
    )


def geotiff(path, values, *, crs="EPSG:4326", nodata=None, place=None, **more):
    """A GeoTIFF, north up, one band per leading index; global unless `place` says otherwise."""
    import rasterio

    values = np.asarray(values)
    bands = values.reshape(-1, *values.shape[-2:])
    rows, columns = bands.shape[1:]
    if place is None:
        place = rasterio.transform.from_origin(-180, 90, 360 / columns, 180 / rows)
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=len(bands),
        dtype=bands.dtype, crs=crs, transform=place, nodata=nodata, **more,
    ) as file:  # fmt: skip
        file.write(bands)
    return path


def netcdf(path, values, *, crs=WGS84, lat=None, lon=None, names=("people",), zarr=False, **attrs):
    """A NetCDF file or zarr store after CF."""
    values = np.asarray(values)
    rows, columns = values.shape[-2:]
    lat = -90 + 180 / rows * (np.arange(rows) + 0.5) if lat is None else lat
    lon = -180 + 360 / columns * (np.arange(columns) + 0.5) if lon is None else lon
    dims = ("time", "lat", "lon")[-values.ndim :]
    attrs = attrs | ({"grid_mapping": "crs"} if crs else {})
    data = xr.Dataset(
        dict.fromkeys(names, (dims, values, attrs)),
        {"lat": ("lat", lat, {"units": "degrees_north"}),
         "lon": ("lon", lon, {"units": "degrees_east"})},
    )  # fmt: skip
    for name in names:
        data[name].encoding["_FillValue"] = None
    if crs:
        data["crs"] = xr.DataArray(0, attrs=crs)
    if zarr:
        data.to_zarr(path, zarr_format=3, consolidated=False)
    else:
        data.to_netcdf(path, engine="h5netcdf")
    return path
