"""`mriocarbon map` as a user types it."""

import json

import numpy as np
import pytest
import rasterio
import xarray as xr
from atlas.rasters import geotiff, netcdf
from atlas.test_provinces import BORDER, feature, files, split

from tests.cli import call, run

COARSE = ("--resolution", "5")


def world(tmp_path, rows=36, **more):
    """People, evenly over the globe: no proxy that could be confused with the default."""
    return geotiff(tmp_path / "people.tif", np.full((rows, 2 * rows), 1000.0), **more)


def test_a_map_with_its_files(tmp_path):
    done = run(
        "map", "--year", "2022", "--layer", "consumption", *COARSE, "--out", "map", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    for part in (
        "37,0", "Mt CO2", "by point source", "0.0 %", "by proxy", "100.0 %", "Antarctica",
        "missing, not zero", "estimated", "Wrote 4 files", "consumption-2022.nc",
    ):  # fmt: skip
        assert part in done.stdout, part
    assert "..." in done.stderr  # the running step
    assert sorted(p.name for p in (tmp_path / "map").iterdir()) == [
        "consumption-2022.csv", "consumption-2022.nc", "consumption-2022.png", "map.json",
    ]  # fmt: skip


def test_every_format_and_several_layers(tmp_path):
    done = call(
        "map", "--layer", "consumption", "--layer", "production", "--layer", "natural: biosphere",
        "--points", "none", *COARSE, "--format", "netcdf,zarr,GeoTIFF,png,csv,page", "--out", "map",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "map"
    for name in ("consumption-2022", "production-2022", "natural-biosphere-2022"):
        for ending in ("nc", "zarr", "tif", "png", "csv"):
            assert (folder / f"{name}.{ending}").exists(), (name, ending)
    assert "<html" in (folder / "map.html").read_text(encoding="utf-8")[:300]
    told = json.loads((folder / "map.json").read_text(encoding="utf-8"))
    assert [one["layer"] for one in told["layers"]] == ["consumption", "production", "natural"]
    assert "map.html" in told["files"]


def test_without_a_folder_it_only_tells(tmp_path):
    done = call("map", "--layer", "natural", "--scope", "biosphere", *COARSE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "natural: biosphere" in done.stdout and "Wrote" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_raster_of_people_places_consumption(tmp_path):
    path = world(tmp_path)
    done = call("map", *COARSE, "--population", str(path), "--format", "netcdf", "--out", "map",
                cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "placed by population raster > 99.9 %" in done.stdout
    told = json.loads((tmp_path / "map" / "map.json").read_text(encoding="utf-8"))
    assert any(one["name"] == "people.tif" for one in told["layers"][0]["files_read"])
    with xr.open_dataset(tmp_path / "map" / "consumption-2022.nc") as data:
        total = float(data["emissions"].sum())
    assert total == pytest.approx(told["layers"][0]["total"], rel=1e-12)


def test_the_page_says_what_has_no_part_in_it(tmp_path):
    done = call("map", "--resolution", "2.5", "--income", "1.5", "--format", "page", "--out", "map",
                cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "national accounts: --resolution, --income have no part in it" in done.stdout
    assert "they have no part in it" in (tmp_path / "map" / "map.html").read_text(encoding="utf-8")


def test_a_finer_raster_is_summed_when_asked(tmp_path):
    path = world(tmp_path, rows=180)
    command = ("map", *COARSE, "--population", str(path))
    refused = call(*command, cwd=tmp_path)
    assert refused.returncode == 2 and "--resample aggregate" in refused.stderr
    done = call(*command, "--resample", "aggregate", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "people.tif: aggregated" in done.stdout


def test_points_of_the_users(tmp_path):
    (tmp_path / "plants.csv").write_text(
        "country,latitude,longitude,co2_mt\nCHN,39.9,116.4,5\n", encoding="utf-8"
    )
    done = call("map", "--layer", "production", *COARSE, "--points", "plants.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = next(line for line in done.stdout.splitlines() if line.startswith("production"))
    assert "< 0.1 %" in told and "> 99.9 %" in told  # 5 of 36,000 Mt: neither none nor all


def test_provinces_move_emissions_within_the_country(tmp_path):
    from mriocarbon.atlas.national import national

    account = float(national("consumption").at["URY", "value"])
    parts = [feature(*k) for k in split(BORDER, at=-56.0).items()]  # an edge of cells
    borders, table = files(tmp_path, parts)
    command = (
        "map", "--resolution", "1", "--provinces", str(borders), "--province-values", str(table),
        "--province-country", "ury",
    )  # fmt: skip
    got = {}
    for share in (0.9, 0.1):
        west, east = share * account, (1 - share) * account
        table.write_text(f"id,value\nwest,{west}\neast,{east}\n", encoding="utf-8")
        done = call(*command, "--format", "netcdf", "--out", "map", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "URY: provinces sum to the national account" in done.stdout
        with xr.open_dataset(tmp_path / "map" / "consumption-2022.nc") as data:
            got[share] = data["emissions"].load()
    # What neighbours have in cells of the border is the same in both maps.
    moved = got[0.9] - got[0.1]
    west, east = moved.sel(lon=slice(-60, -56)), moved.sel(lon=slice(-56, -52))
    assert float(west.sum()) == pytest.approx(0.8 * account, rel=1e-9)
    assert float(east.sum()) == pytest.approx(-0.8 * account, rel=1e-9)
    assert float(abs(moved).sum()) == pytest.approx(1.6 * account, rel=1e-9)  # and nowhere else

    table.write_text(f"id,value\nwest,{2 * account}\neast,{account}\n", encoding="utf-8")
    refused = call(*command, cwd=tmp_path)
    assert refused.returncode == 2 and "--scale-provinces" in refused.stderr
    done = call(*command, "--scale-provinces", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "provinces scaled by 0.333333" in done.stdout and "as asked" in done.stdout


def place(*origin, by=5.0):
    return rasterio.transform.from_origin(*origin, by, by)


def bad_rasters(folder):
    """A raster that is wrong in one way, by what is wrong with it."""
    ones = np.ones((36, 72))
    geotiff(folder / "nocrs.tif", ones, crs=None)
    geotiff(folder / "mercator.tif", ones, crs="EPSG:3857", place=place(-2e7, 1e7, by=5e5))
    geotiff(folder / "fine.tif", np.ones((180, 360)))
    netcdf(folder / "odd.nc", np.ones((7, 11)))
    netcdf(folder / "nocrs.nc", ones, crs=None)
    geotiff(folder / "part.tif", np.ones((4, 4)), place=place(0, 20))
    geotiff(folder / "minus.tif", -ones)
    geotiff(folder / "nan.tif", np.where(np.eye(36, 72) > 0, np.nan, ones))
    geotiff(folder / "bands.tif", np.ones((2, 36, 72)))
    (folder / "text.tif").write_text("no raster")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--layer", "consumtion"), "did you mean 'consumption'"),
        (("--layer", "natural: forests"), "forests"),
        (("--scope", "biosphere"), "only natural carbon"),
        (("--year", "1700"), "1700"),
        (("--gas", "SF6"), "SF6"),
        (("--resolution", "0.7"), "divide 180"),
        (("--format", "shapefile", "--out", "map"), "unknown format 'shapefile'"),
        (("--format", "", "--out", "map"), "no format"),
        (("--format", "png"), "add --out"),
        (("--out", "afile"), "this is a file"),
        (("--out", "afile/below"), "this is a file"),
        (("--population", "none.tif"), "no such raster"),
        (("--population", "text.tif"), "cannot be read"),
        (("--population", "nocrs.tif"), "--crs EPSG:4326"),
        (("--population", "nocrs.nc"), "--crs EPSG:4326"),
        (("--population", "nocrs.tif", "--crs", "EPSG:3857"), "one reference system"),
        (("--population", "mercator.tif"), "gdalwarp"),
        (("--population", "fine.tif"), "--resample aggregate"),
        (("--population", "odd.nc"), "--resample conservative"),
        (("--population", "odd.nc", "--resample", "nearest"), "unknown way to resample"),
        (("--population", "part.tif"), "--partial"),
        (("--population", "minus.tif"), "below zero"),
        (("--population", "nan.tif"), "NaN"),
        (("--population", "bands.tif"), "--band"),
        (("--income", "none.tif"), "no such raster"),
        (("--income", "-1"), "positive"),
        (("--layer", "production", "--income", "1.5"), "consumption only"),
        (("--points", "none.csv"), "production only"),
        (("--layer", "production", "--points", "none.csv"), "none.csv"),
        (("--provinces", "p.geojson"), "--province-values"),
        (("--scale-provinces",), "no provinces"),
        (("--crs", "EPSG:4326"), "--crs has nothing to apply to"),
        (("--band", "3"), "--band has nothing to apply to"),
        (("--resample", "foo"), "--resample has nothing to apply to"),
        (("--partial",), "--partial has nothing to apply to"),
        (("--variable", "x", "--income", "1.5"), "--variable has nothing to apply to"),
        (("--province-id", "foo"), "--province-id has nothing to apply to"),
        (("--layer", "natural:biosphere", "--scope", "processes"), "names its own"),
        (("--layer", "natural", "--scope", "biosphere", "--gas", "CH4"), "processes: CO2, CH4"),
        (("--gas", "GHG", "--format", "page", "--out", "map"), "the page shows CO2 only"),
        (("--year", "2024"), "layer consumption"),
        (("--layer", "production", "--points", "semicolons.csv"), "separated by semicolons"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_bad_input_is_told_in_words_and_leaves_nothing(tmp_path, args, told):
    bad_rasters(tmp_path)
    (tmp_path / "afile").write_text("")
    (tmp_path / "semicolons.csv").write_text("latitude;longitude;co2_mt\n1,5;2,5;3\n")
    before = sorted(tmp_path.rglob("*"))
    coarse = () if "--resolution" in args else COARSE
    done = call("map", *coarse, *args, cwd=tmp_path)
    assert done.returncode == 2 and told in done.stderr, done.stderr
    assert "what to do" in done.stderr and "Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
