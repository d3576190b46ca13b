"""Rasters of the user's: read right, or refused with what to do."""

import builtins
import hashlib

import numpy as np
import pytest
import rasterio
import rasterio.warp
import xarray as xr
from atlas.rasters import geotiff, grid_of, netcdf

from mriocarbon.atlas.raster import read
from mriocarbon.errors import DataFileError, InputError, NonFiniteError, NotAvailableError

GRID = grid_of(30)  # 6 x 12
ROOM = np.random.default_rng(3)
SAME = ROOM.integers(0, 100, (6, 12)).astype("float64")
FINE = ROOM.integers(0, 100, (18, 36)).astype("float64")


def coarse(values):
    return values.reshape(6, 3, 12, 3).sum((1, 3))


@pytest.mark.parametrize("kind", ["tif", "nc", "zarr"])
def test_the_same_grid_is_taken_as_it_is(tmp_path, kind):
    if kind == "tif":  # north up in the file, south first on the map
        path = geotiff(tmp_path / "a.tif", SAME[::-1])
    else:
        path = netcdf(tmp_path / f"a.{kind}", SAME, zarr=kind == "zarr", units="1")
    found = read(path, GRID)
    assert (found.values == SAME).all() and (np.asarray(found) == SAME).all()
    assert found.steps == () and found.total == SAME.sum() and (found.present == 1).all()
    assert not found.values.flags.writeable
    if kind != "zarr":
        assert found.source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_another_grid_is_refused_then_summed_by_name(tmp_path):
    path = geotiff(tmp_path / "fine.tif", FINE[::-1])
    with pytest.raises(InputError, match="another grid") as told:
        read(path, GRID)
    assert "aggregate" in str(told.value) and "30 by 30" in str(told.value)
    found = read(path, GRID, resample="aggregate")
    assert (found.values == coarse(FINE)).all()
    assert len(found.steps) == 1 and found.steps[0].startswith("aggregated")


def test_gdal_sums_the_same_cells(tmp_path):
    """An independent regridder: GDAL's warp with resampling by sum."""
    path = geotiff(tmp_path / "fine.tif", FINE[::-1])
    out = np.zeros((6, 12))
    with rasterio.open(path) as file:
        rasterio.warp.reproject(
            rasterio.band(file, 1), out, dst_crs="EPSG:4326",
            dst_transform=rasterio.Affine(30, 0, -180, 0, -30, 90),
            resampling=rasterio.enums.Resampling.sum,
        )  # fmt: skip
    assert np.allclose(read(path, GRID, resample="aggregate").values, out[::-1], rtol=1e-12)


def test_a_grid_that_does_not_nest(tmp_path):
    path = netcdf(tmp_path / "odd.nc", ROOM.random((7, 11)))
    with pytest.raises(InputError, match="another grid") as told:
        read(path, GRID)
    assert "conservative" in str(told.value) and "aggregate" not in str(told.value)
    with pytest.raises(InputError, match="do not lie within"):
        read(path, GRID, resample="aggregate")
    found = read(path, GRID, resample="conservative")
    assert found.values.sum() == pytest.approx(found.total, rel=1e-12)
    assert found.steps[0].startswith("resampled conservatively")


def test_a_shifted_grid_of_the_same_size_is_another_grid(tmp_path):
    path = netcdf(tmp_path / "a.nc", SAME, lon=np.arange(12) * 30.0 - 165 + 15)
    with pytest.raises(InputError, match="another grid"):
        read(path, GRID)


def test_longitudes_from_0_to_360_are_the_same_grid(tmp_path):
    path = netcdf(tmp_path / "a.nc", np.roll(SAME, -6, axis=1), lon=np.arange(12) * 30.0 + 15)
    assert (read(path, GRID).values == SAME).all()


def test_centres_in_float32(tmp_path):
    lat = (-90 + 180 / 1080 * (np.arange(1080) + 0.5)).astype("float32")
    lon = (-180 + 360 / 2160 * (np.arange(2160) + 0.5)).astype("float32")
    path = netcdf(tmp_path / "a.nc", np.ones((1080, 2160)), lat=lat, lon=lon)
    assert (read(path, GRID, resample="aggregate").values == 180 * 180).all()


def test_no_data_is_missing_and_not_zero(tmp_path):
    values = FINE.copy()
    values[:3, :3] = -200  # one cell of the map as a whole
    values[3, 3] = -200  # one of nine
    path = geotiff(tmp_path / "a.tif", values[::-1], nodata=-200)
    found = read(path, GRID, resample="aggregate")
    assert np.isnan(found.values[0, 0]) and found.present[0, 0] == 0
    assert np.isnan(found.values).sum() == 1
    assert found.values[1, 1] == values[3:6, 3:6].sum() + 200
    assert 0.8 < found.present[1, 1] < 1
    for attribute in ("_FillValue", "missing_value"):
        path = netcdf(tmp_path / f"{attribute}.nc", values, **{attribute: -200.0})
        assert read(path, GRID, resample="aggregate").present == pytest.approx(found.present)
    path = netcdf(tmp_path / "range.nc", values, valid_min=0.0)
    assert read(path, GRID, resample="aggregate").present == pytest.approx(found.present)


def test_packed_values_are_unpacked(tmp_path):
    path = netcdf(
        tmp_path / "a.nc", SAME.astype("int16"), scale_factor=0.5, add_offset=10.0
    )  # fmt: skip
    assert (read(path, GRID).values == SAME * 0.5 + 10).all()


def test_a_mean_is_weighted_by_area(tmp_path):
    path = netcdf(tmp_path / "a.nc", FINE)
    found = read(path, GRID, kind="mean", resample="aggregate")
    low, high = FINE.reshape(6, 3, 12, 3).min((1, 3)), FINE.reshape(6, 3, 12, 3).max((1, 3))
    assert ((found.values >= low) & (found.values <= high)).all() and np.isnan(found.total)
    # near the pole the row towards the equator counts most
    column = np.repeat(np.arange(18.0)[:, None], 36, axis=1)
    assert 1 < read(netcdf(tmp_path / "b.nc", column), GRID, kind="mean",
                    resample="aggregate").values[0, 0] < 2  # fmt: skip


@pytest.mark.parametrize("kind", ["tif", "nc"])
def test_no_reference_system(tmp_path, kind):
    if kind == "tif":
        path = geotiff(tmp_path / "a.tif", SAME[::-1], crs=None)
    else:
        path = netcdf(tmp_path / "a.nc", SAME, crs=None)
    with pytest.raises(InputError, match="no coordinate reference system") as told:
        read(path, GRID)
    assert "EPSG:4326" in str(told.value)
    found = read(path, GRID, crs="EPSG:4326")
    assert (found.values == SAME).all() and "taken from the caller" in found.steps[0]
    with pytest.raises(InputError, match="one reference system"):
        read(path, GRID, crs="EPSG:3857")


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4258", "ESRI:54009"])
def test_another_reference_system(tmp_path, crs):
    place = rasterio.transform.from_origin(-2e7, 1e7, 4e7 / 12, 2e7 / 6)
    path = geotiff(tmp_path / "a.tif", SAME, crs=crs, place=place)
    with pytest.raises(InputError, match="not in latitude and longitude") as told:
        read(path, GRID)
    assert "gdalwarp" in str(told.value)
    with pytest.raises(InputError):  # one's word does not move a file that says otherwise
        read(path, GRID, crs="EPSG:4326")


@pytest.mark.parametrize(
    ("crs", "told"),
    [
        ({"grid_mapping_name": "mercator"}, "not in latitude"),
        ({"grid_mapping_name": "latitude_longitude"}, "no coordinate reference"),
        ({"grid_mapping_name": "latitude_longitude", "semi_major_axis": 6371000.0,
          "inverse_flattening": 0.0}, "not in latitude"),
        ({"crs_wkt": 'GEOGCS["ETRS89"]'}, "not in latitude"),
        ({"spatial_ref": 'PROJCS["WGS 84 / UTM zone 33N"]'}, "not in latitude"),
    ],
)  # fmt: skip
def test_another_reference_system_after_cf(tmp_path, crs, told):
    with pytest.raises(InputError, match=told):
        read(netcdf(tmp_path / "a.nc", SAME, crs=crs), GRID)


def test_wgs84_in_words(tmp_path):
    crs = {"spatial_ref": 'GEOGCS["WGS 84",DATUM["WGS_1984"]]'}
    assert (read(netcdf(tmp_path / "a.nc", SAME, crs=crs), GRID).values == SAME).all()


def test_a_grid_mapping_that_is_not_there(tmp_path):
    path = netcdf(tmp_path / "a.nc", SAME, crs=None, grid_mapping="gone")
    with pytest.raises(InputError, match="not there"):
        read(path, GRID)


def test_a_part_of_the_globe(tmp_path):
    place = rasterio.transform.from_origin(-30, 60, 30, 30)
    path = geotiff(tmp_path / "a.tif", np.ones((2, 3)), place=place)
    with pytest.raises(InputError, match="a part of the globe") as told:
        read(path, GRID)
    assert "latitude 0 to 60, longitude -30 to 60" in str(told.value)
    found = read(path, GRID, partial=True)
    inside = np.zeros((6, 12), dtype=bool)
    inside[3:5, 5:8] = True
    assert (found.present == inside).all() and (np.isnan(found.values) == ~inside).all()
    assert any("missing" in step for step in found.steps)


def test_a_part_of_the_same_grid_is_no_other_grid(tmp_path):
    place = rasterio.transform.from_origin(-30, 60, 30, 30)
    found = read(geotiff(tmp_path / "a.tif", np.ones((2, 3)), place=place), GRID, partial=True)
    assert len(found.steps) == 1 and found.steps[0].startswith("covers")


def test_beyond_the_globe(tmp_path):
    place = rasterio.transform.from_origin(-180, 100, 30, 30)
    with pytest.raises(InputError, match="beyond the globe"):
        read(geotiff(tmp_path / "a.tif", np.ones((7, 12)), place=place), GRID)


@pytest.mark.parametrize("kind", ["tif", "nc"])
@pytest.mark.parametrize(
    ("bad", "error", "told"),
    [(-1.0, InputError, "below zero"), (np.nan, NonFiniteError, "NaN"),
     (np.inf, NonFiniteError, "infinite")],
)  # fmt: skip
def test_amounts_that_are_none(tmp_path, kind, bad, error, told):
    values = SAME.copy()
    values[4, 2] = bad  # centre 45 N, 105 W
    way = geotiff if kind == "tif" else netcdf
    path = way(tmp_path / f"a.{kind}", values[::-1] if kind == "tif" else values)
    with pytest.raises(error, match=told) as found:
        read(path, GRID)
    assert "latitude 45, longitude -105" in str(found.value)
    if bad < 0:
        assert read(path, GRID, negative=True).values[4, 2] == -1


def test_bands_and_variables(tmp_path):
    path = geotiff(tmp_path / "a.tif", np.stack([SAME[::-1], 2 * SAME[::-1]]))
    with pytest.raises(InputError, match="more than one band"):
        read(path, GRID)
    assert (read(path, GRID, band=2).values == 2 * SAME).all()
    with pytest.raises(InputError, match="no band 3"):
        read(path, GRID, band=3)
    with pytest.raises(InputError, match="no variables"):
        read(path, GRID, variable="people")
    path = netcdf(tmp_path / "a.nc", SAME, names=("men", "women"))
    with pytest.raises(InputError, match="2 variables") as told:
        read(path, GRID)
    assert "men, women" in str(told.value)
    assert (read(path, GRID, variable="men").values == SAME).all()
    with pytest.raises(InputError, match="no variable 'dogs'"):
        read(path, GRID, variable="dogs")
    path = netcdf(tmp_path / "years.nc", np.stack([SAME, 2 * SAME]))
    with pytest.raises(InputError, match="more than one step of time"):
        read(path, GRID)
    assert (read(path, GRID, band=2).values == 2 * SAME).all()


def test_files_that_are_none(tmp_path):
    with pytest.raises(DataFileError, match="no such raster"):
        read(tmp_path / "none.tif", GRID)
    for name in ("a.tif", "a.nc"):
        (tmp_path / name).write_text("no raster")
        with pytest.raises(DataFileError, match="cannot be read"):
            read(tmp_path / name, GRID)
    (tmp_path / "a.zarr").mkdir()
    with pytest.raises(DataFileError, match="cannot be read"):
        read(tmp_path / "a.zarr", GRID)
    (tmp_path / "a.png").write_text("")
    with pytest.raises(InputError, match="cannot tell the format"):
        read(tmp_path / "a.png", GRID)
    whole = geotiff(tmp_path / "whole.tif", SAME).read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataFileError, match="cannot be read"):
        read(tmp_path / "cut.tif", GRID)


def test_not_placed_or_turned(tmp_path):
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = geotiff(tmp_path / "a.tif", SAME, place=rasterio.Affine.identity())
    with pytest.raises(InputError, match="not placed"):
        read(path, GRID)
    turned = rasterio.Affine(30, 1, -180, 1, -30, 90)
    with pytest.raises(InputError, match="turned"):
        read(geotiff(tmp_path / "b.tif", SAME, place=turned), GRID)


def test_uneven_cells_and_unnamed_axes(tmp_path):
    lat = np.array([-80.0, -45, -15, 15, 45, 75])
    with pytest.raises(InputError, match="evenly"):
        read(netcdf(tmp_path / "a.nc", SAME, lat=lat), GRID)
    xr.Dataset({"v": (("y", "x"), SAME)}).to_netcdf(tmp_path / "b.nc", engine="h5netcdf")
    with pytest.raises(InputError, match="no dimension is latitude"):
        read(tmp_path / "b.nc", GRID)


def test_nothing_but_missing(tmp_path):
    path = geotiff(tmp_path / "a.tif", np.full((6, 12), -9.0), nodata=-9)
    with pytest.raises(InputError, match="no data at all"):
        read(path, GRID)


def test_options_that_are_unknown(tmp_path):
    path = netcdf(tmp_path / "a.nc", SAME)
    with pytest.raises(InputError, match="resample"):
        read(path, GRID, resample="nearest")
    with pytest.raises(InputError, match="unknown kind"):
        read(path, GRID, kind="mode")


def test_without_rasterio_the_extra_is_named(tmp_path, monkeypatch):
    path = geotiff(tmp_path / "a.tif", SAME)
    real = builtins.__import__

    def without(name, *args, **more):
        if name.split(".")[0] == "rasterio":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NotAvailableError, match="rasterio") as told:
        read(path, GRID)
    assert 'pip install "mriocarbon[geo]"' in str(told.value)
