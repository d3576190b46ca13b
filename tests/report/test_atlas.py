"""The map as files: read back by readers that are not ours, whole or absent."""

import csv
import dataclasses
import io
import json
import warnings

import numpy as np
import pytest
import rasterio
import xarray as xr
from PIL import Image

from mriocarbon.atlas.layers import layer
from mriocarbon.atlas.projection import equal_earth
from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.report import atlas_files
from mriocarbon.report.atlas_figures import EMITTED, NO_DATA, TAKEN_UP, classes, picture, project
from mriocarbon.report.atlas_screen import show
from mriocarbon.report.atlas_view import LayerView


@pytest.fixture(scope="module")
def layers():
    return [
        layer("consumption", 2022, resolution=5.0),
        layer("natural", 2022, resolution=5.0, scope="land-use change"),
    ]


@pytest.fixture(scope="module")
def written(layers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("map") / "new"
    paths = atlas_files.write(layers, folder, ["netcdf", "zarr", "geotiff", "png", "csv"])
    assert [p.name for p in paths[:2]] == ["map.json", "consumption-2022.nc"]
    assert all(p.exists() for p in paths) and len(paths) == 11
    return folder


NAMES = ("consumption-2022", "natural-land-use-change-2022")


def same(a, b):
    return np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True)


@pytest.mark.parametrize("kind", ["nc", "zarr"])
def test_cf_readers_get_values_units_bounds_and_reference(written, layers, kind):
    for name, one in zip(NAMES, layers, strict=True):
        path = written / f"{name}.{kind}"
        opened = (
            xr.open_dataset(path, engine="h5netcdf", decode_coords="all")
            if kind == "nc"
            else xr.open_zarr(path, decode_coords="all", chunks=None)
        )
        with opened as data:
            assert same(data["emissions"], one.value) and same(data["emissions_sd"], one.sd)
            assert data["emissions"].dtype == np.float64
            assert data.attrs["Conventions"] == "CF-1.11"
            # what decode_coords="all" has found by the attributes alone is now a coordinate
            assert {"lat_bnds", "lon_bnds", "time_bnds", "crs", "cell_area"} <= set(data.coords)
            assert data["lat"].attrs["units"] == "degrees_north" and data["lat"].values[0] < 0
            assert data["lon"].attrs["units"] == "degrees_east"
            assert same(data["lat_bnds"][:, 0], one.grid.lat_edges[:-1])
            assert same(data["lon_bnds"][:, 1], one.grid.lon_edges[1:])
            assert str(data["time"].values)[:10] == "2022-07-02"
            assert [str(t)[:10] for t in data["time_bnds"].values] == ["2022-01-01", "2023-01-01"]
            assert data["crs"].attrs["grid_mapping_name"] == "latitude_longitude"
            assert data["crs"].attrs["semi_major_axis"] == 6378137.0
            whole = float((data["emissions_flux"] * data["cell_area"]).sum()) / 1e6
            assert whole == pytest.approx(one.total, rel=1e-12)


def test_a_zarr_store_is_opened_without_a_warning(written):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        xr.open_zarr(written / f"{NAMES[0]}.zarr", chunks=None).close()


def test_every_unit_and_every_reference_of_the_netcdf_is_known(written):
    """Units are UDUNITS' own (no "Mt CO2"), and attributes that name variables name some."""
    import pint

    units = pint.UnitRegistry()
    with xr.open_dataset(written / f"{NAMES[0]}.nc", engine="h5netcdf", decode_cf=False) as data:
        for name, array in data.variables.items():
            unit = str(array.attrs.get("units", ""))
            if unit and not unit.startswith(("degrees_", "days since")):
                power = " * ".join(
                    part.replace("-1", "**-1").replace("-2", "**-2") for part in unit.split()
                ).replace("km2", "km**2")
                assert units.parse_units(power), name
            for key in ("bounds", "grid_mapping", "ancillary_variables"):
                named = str(array.attrs.get(key, array.encoding.get(key, ""))).split()
                assert set(named) <= set(data.variables), (name, key)
            measured = str(array.attrs.get("cell_measures", "")).split()
            assert set(measured[1::2]) <= set(data.variables)
        for name in ("lat", "lon", "time", "lat_bnds", "lon_bnds"):
            assert "_FillValue" not in data[name].attrs, name
        assert np.isnan(data["emissions"].attrs["_FillValue"])


def test_geotiff_reads_back_equal_north_up(written, layers):
    for name, one in zip(NAMES, layers, strict=True):
        with rasterio.open(written / f"{name}.tif") as file:
            assert file.crs.to_epsg() == 4326 and file.bounds == (-180, -90, 180, 90)
            assert np.isnan(file.nodata) and set(file.dtypes) == {"float64"}
            for band, values in enumerate((one.value, one.sd, one.point, one.density), start=1):
                assert same(file.read(band)[::-1], values)
            assert file.units == ("Mt year-1",) * 3 + ("t km-2 year-1",)
            assert file.descriptions[0] == "value"
            tags = file.tags()
            assert tags["units"] == "Mt year-1" and "Natural Earth" in tags["source"]
            assert "ATA" in tags["missing_countries"]
            # a place on the map: the cell that holds Beijing, 40 N 116 E
            row, column = file.index(116.4, 39.9)
            i, j = one.grid.cell(39.9, 116.4)
            assert same(file.read(1)[row, column], one.value[i, j])


def test_a_raster_that_we_wrote_is_one_that_we_read(written, layers):
    from mriocarbon.atlas.raster import read

    for kind, more in (("tif", {"band": 1}), ("nc", {"variable": "emissions"})):
        path = written / f"{NAMES[1]}.{kind}"
        found = read(path, layers[1].grid, negative=True, **more)
        assert same(found.values, layers[1].value) and found.steps == ()


def test_a_mean_of_several_years_says_so():
    """The inversions' net exchange is a mean of 2015 to 2020, and not of 2022."""
    one = layer("natural", 2022, resolution=5.0, scope="biosphere")
    view = LayerView(one)
    assert view.period == "2015-2020" and view.title.endswith("2015-2020")
    data = atlas_files.cf(one)
    assert data["time"].attrs["units"] == "days since 2015-01-01"
    assert data["time_bnds"].values.tolist() == [0.0, 2192.0]
    assert data["emissions"].attrs["cell_methods"] == "area: sum time: mean"
    assert data.attrs["period_of_the_figures"] == "2015-2020"


def test_figures_of_several_years_are_told_as_such(layers):
    frame = layers[1].national.copy()
    frame["period"] = ["2014", "2021"] * (len(frame) // 2) + ["2021"] * (len(frame) % 2)
    view = LayerView(dataclasses.replace(layers[1], national=frame))
    assert view.title.endswith("figures of 2014 to 2021") and view.period == "2022"


def test_csv_and_summary_say_what_is_missing(written, layers):
    text = (written / f"{NAMES[0]}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(layers[0].national)
    gone = next(row for row in rows if row["iso3"] == "ATA")
    assert gone["value"] == "" and "missing" in gone["note"]
    value = next(float(row["value"]) for row in rows if row["iso3"] == "CHN")
    assert value == pytest.approx(layers[0].national.at["CHN", "value"], rel=1e-9)
    told = json.loads((written / "map.json").read_text(encoding="utf-8"))
    first = told["layers"][0]
    assert first["shares"]["point"] + first["shares"]["proxy"] == pytest.approx(1)
    assert first["total"] == layers[0].total and "ATA" in first["missing"]
    assert "consumption-2022.zarr" in told["files"] and len(told["files"]) == 11
    assert any(note["estimated"] for note in first["notes"])


def test_writing_again_replaces_and_leaves_no_chunk_of_another_grid(layers, tmp_path):
    fine = layer("consumption", 2022, resolution=2.5)
    atlas_files.write([fine], tmp_path, ["zarr"])
    (tmp_path / "mine.txt").write_text("mine")
    chunk = tmp_path / f"{NAMES[0]}.zarr" / "emissions" / "c" / "7" / "7"
    chunk.parent.mkdir()
    chunk.write_bytes(b"of a finer grid")
    before = {p for p in (tmp_path / f"{NAMES[0]}.zarr").rglob("*") if p.is_file()} - {chunk}
    atlas_files.write(layers[:1], tmp_path, ["zarr"])
    after = {p for p in (tmp_path / f"{NAMES[0]}.zarr").rglob("*") if p.is_file()}
    assert after <= before and (tmp_path / "mine.txt").read_text() == "mine"
    with xr.open_zarr(tmp_path / f"{NAMES[0]}.zarr", consolidated=False, chunks=None) as data:
        assert same(data["emissions"], layers[0].value)


def test_all_files_or_none(layers, tmp_path, monkeypatch):
    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(atlas_files, "_geotiff", broken)
    with pytest.raises(OSError, match="cannot be written"):
        atlas_files.write(layers, tmp_path / "new", ["netcdf", "geotiff"])
    assert list(tmp_path.iterdir()) == []


def test_refusals(layers, tmp_path, monkeypatch):
    with pytest.raises(InputError, match="unknown format 'shapefile'"):
        atlas_files.write(layers, tmp_path, ["netcdf", "shapefile"])
    with pytest.raises(InputError, match="no format"):
        atlas_files.write(layers, tmp_path, [])
    with pytest.raises(InputError, match="no layer"):
        atlas_files.write([], tmp_path, ["csv"])
    with pytest.raises(InputError, match="twice"):
        atlas_files.write([layers[0], layers[0]], tmp_path, ["csv"])
    with pytest.raises(InputError, match="the page needs"):
        atlas_files.write(layers, tmp_path, ["page"])
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="this is a file"):
        atlas_files.write(layers, tmp_path / "file", ["csv"])
    (tmp_path / "map.json").mkdir()
    with pytest.raises(InputError, match="a folder stands"):
        atlas_files.write(layers, tmp_path, ["csv"])
    (tmp_path / "map.json").rmdir()
    import builtins

    real = builtins.__import__

    def without(name, *args, **more):
        if name.split(".")[0] == "rasterio":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NotAvailableError, match="rasterio") as told:
        atlas_files.write(layers, tmp_path / "new", ["geotiff"])
    assert "mriocarbon[geo]" in str(told.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_the_list_of_the_page_is_that_of_the_page():
    from mriocarbon.report import atlas_page

    assert tuple(atlas_page.NAMES) == atlas_files.PAGE


# -- pictures -------------------------------------------------------------------------------


def colours(png):
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    seen = np.unique(image.reshape(-1, 3), axis=0)
    return image.shape, {"#" + "".join(f"{c:02x}" for c in one) for one in seen}


def test_pictures_show_the_classes_and_what_is_missing(layers):
    png = picture(LayerView(layers[0]))
    shape, seen = colours(png)
    assert shape == (1125, 2000, 3)
    assert NO_DATA in seen and set(EMITTED[3:]) <= seen and not set(TAKEN_UP) & seen
    _, seen = colours(picture(LayerView(layers[1])))
    assert set(TAKEN_UP) & seen and set(EMITTED) & seen
    assert picture(LayerView(layers[0])) == png


def test_a_country_without_an_account_is_hatched_and_has_no_colour_of_the_scale(layers):
    """Greenland has no land-use account: its place in the picture is grey."""
    assert "GRL" in layers[1].missing
    shown, extent = project(layers[1].density, 600)
    x, y = (float(k[0]) for k in equal_earth([73.0], [-40.0]))
    column = int((x - extent[0]) / (extent[1] - extent[0]) * shown.shape[1])
    row = int((extent[3] - y) / (extent[3] - extent[2]) * shown.shape[0])
    assert np.isnan(shown[row, column])


def test_the_projection_keeps_areas_and_places():
    value = np.zeros((36, 72))
    value[27, 59] = 1.0  # 45 to 50 N, 115 to 120 E
    shown, extent = project(value, 1500)
    on = np.argwhere(shown == 1)
    y, x = on.mean(axis=0)
    east, north = (float(k[0]) for k in equal_earth([47.5], [117.5]))
    assert extent[0] + x / 1500 * (extent[1] - extent[0]) == pytest.approx(east, abs=0.01)
    assert extent[3] - y / shown.shape[0] * (extent[3] - extent[2]) == pytest.approx(
        north, abs=0.01
    )
    globe = np.isfinite(shown).sum()
    share = np.radians(5) * (np.sin(np.radians(50)) - np.sin(np.radians(45))) / (4 * np.pi)
    assert len(on) / globe == pytest.approx(share, rel=0.02)


@pytest.mark.parametrize(
    "values",
    [
        np.array([np.nan, 0.0]), np.array([5.0]), np.array([-5.0]), np.array([1e-9, 1e9]),
        np.array([-1e6, 1e-6, np.nan]), np.random.default_rng(0).lognormal(0, 5, 10_000),
        -np.random.default_rng(0).lognormal(0, 5, 10_000),
    ],
)  # fmt: skip
def test_classes_rise_and_have_one_colour_each(values):
    scale = classes(values)
    assert (np.diff(scale.bounds) > 0).all() and len(scale.colours) == len(scale.bounds) - 1
    assert len(set(scale.colours)) == len(scale.colours)
    if (values < 0).any():
        assert scale.bounds == tuple(-b for b in reversed(scale.bounds))


def test_the_screen_names_totals_shares_and_missing(layers):
    from rich.console import Console

    out = io.StringIO()
    show(layers, Console(file=out, width=200), all_missing=True)
    text = out.getvalue()
    for part in ("37,0", "0.0 %", "100.0 %", "Antarctica", "missing, not zero", "estimated",
                 "Greenland", "by point source"):  # fmt: skip
        assert part in text, part
