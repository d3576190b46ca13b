"""Provinces of the user's: a made-up split of Uruguay, right and wrong."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.atlas.grid import Grid
from mriocarbon.atlas.mask import mask
from mriocarbon.atlas.provinces import provinces
from mriocarbon.atlas.shapes import shapes
from mriocarbon.errors import DataFileError, InputError, UnitError, UnknownNameError

GRID = Grid(0.5)
BORDER = shapes().of_country("URY")[0][0]
VALUES = "id,value,low,high\nwest,10,9,11\neast,20,18,22\n"


def split(ring, at=-56.3):
    """A ring cut at a meridian; a side keeps the other's points on the cut, without area."""
    points = [ring[0]]
    for a, b in itertools.pairwise(ring):
        if (a[0] - at) * (b[0] - at) < 0:
            points.append([at, a[1] + (at - a[0]) / (b[0] - a[0]) * (b[1] - a[1])])
        points.append(b)
    ring = np.array(points)
    return {
        "west": np.column_stack([np.minimum(ring[:, 0], at), ring[:, 1]]),
        "east": np.column_stack([np.maximum(ring[:, 0], at), ring[:, 1]]),
    }


def feature(name, ring, **more):
    geometry = {"type": "Polygon", "coordinates": [np.asarray(ring).tolist()]}
    return {"type": "Feature", "properties": {"id": name}, "geometry": geometry} | more


def files(folder, features=None, values=VALUES, **more):
    if features is None:
        features = [feature(*item) for item in split(BORDER).items()]
    data = {"type": "FeatureCollection", "features": features} | more
    (folder / "p.geojson").write_text(json.dumps(data), encoding="utf-8")
    (folder / "p.csv").write_text(values, encoding="utf-8")
    return folder / "p.geojson", folder / "p.csv"


def test_provinces_cover_their_country(tmp_path):
    found = provinces(*files(tmp_path), "URY", GRID)
    whole = mask(GRID)["URY"]
    land = np.zeros(GRID.area.size)
    for one in found.all:
        land[one.piece.cells] += one.piece.area
    expected = np.zeros(GRID.area.size)
    expected[whole.cells] = whole.area
    assert np.allclose(land, expected, rtol=1e-9, atol=1e-6 * GRID.area.min())
    assert found.uncovered == 0 and found.total == 30
    assert found["west"].sd == pytest.approx(2 / 3.92, rel=1e-4)
    assert all(len(source.sha256) == 64 for source in found.sources)
    with pytest.raises(UnknownNameError, match="did you mean 'west'"):
        found["wst"]


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_cells_of_a_province_sum_to_its_value(tmp_path_factory, seed, holes):
    found = provinces(*files(tmp_path_factory.mktemp("p")), "URY", GRID)
    rng = np.random.default_rng(seed)
    pattern = rng.lognormal(0, 2, GRID.shape)
    if holes:
        pattern[rng.random(GRID.shape) < 0.5] = np.nan
    placed = found.place(pattern)
    for one in found.all:
        cells, values = placed[one.id]
        assert set(cells) == set(one.piece.cells)
        assert abs(values.sum() / one.value - 1) < 1e-9 and (values >= 0).all()
    on_grid = found.on_grid(pattern)
    assert np.nansum(on_grid) == pytest.approx(30, rel=1e-12)
    assert np.isfinite(on_grid).sum() == len(mask(GRID)["URY"].cells)


def test_the_pattern_decides_within_a_province_and_not_between(tmp_path):
    found = provinces(*files(tmp_path), "URY", GRID)
    west, shared = found["west"].piece, set(found["east"].piece.cells)
    only = next(c for c in west.cells if c not in shared)
    pattern = np.zeros(GRID.area.size)
    pattern[only] = 1000.0
    placed = found.place(pattern.reshape(GRID.shape))
    assert placed["west"][1][list(west.cells).index(only)] == pytest.approx(10)
    # the east has no pattern: by land
    east = found["east"].piece
    assert np.allclose(placed["east"][1], 20 * east.area / east.area.sum())
    with pytest.raises(InputError, match="not on the grid"):
        found.place(np.ones((3, 4)))


def test_a_cell_of_two_provinces_is_shared_by_their_land(tmp_path):
    found = provinces(*files(tmp_path), "URY", GRID)
    placed = found.place(np.ones(GRID.shape))
    west, east = (dict(zip(p.piece.cells, p.piece.area, strict=True)) for p in found.all)
    value = dict(zip(*placed["west"], strict=True))
    inner = next(c for c in west if c not in east)
    shared = [c for c in west if c in east]
    assert len(shared) > 3
    for cell in shared:
        share = west[cell] / (west[cell] + east[cell])
        assert value[cell] / value[inner] == pytest.approx(share, rel=1e-12)


def test_points_find_their_province_by_its_polygon(tmp_path):
    """Also in a cell of two provinces, and at sea near one of them."""
    found = provinces(*files(tmp_path), "URY", GRID)  # cut at 56.3 W, inside a cell
    lat, lon = np.array([-33.0, -33.0, -35.2, -33.0]), np.array([-56.31, -56.29, -55.5, -40.0])
    assert found.holding(lat, lon) == ["west", "east", "east", ""]
    less = found.place(np.ones(GRID.shape), {"west": 4.0})
    assert less["west"][1].sum() == pytest.approx(6.0) and less["east"][1].sum() == 20


def test_a_hole_is_no_land(tmp_path):
    ring = [[-57, -34], [-55, -34], [-55, -32], [-57, -32], [-57, -34]]
    hole = [[-56.5, -33.5], [-55.5, -33.5], [-55.5, -32.5], [-56.5, -32.5], [-56.5, -33.5]]
    shape = {"type": "MultiPolygon", "coordinates": [[ring, hole]]}
    paths = files(tmp_path, [feature("a", ring) | {"geometry": shape}], "id,value\na,1\n")
    found = provinces(*paths, "URY", GRID)
    assert len(found["a"].piece.cells) == 12 and math.isnan(found["a"].sd)
    assert found.uncovered > 0.5 and "lies in no province" in found.steps[0]


def test_ids_of_features_and_of_other_properties(tmp_path):
    parts = list(split(BORDER).items())
    bare = [feature("", ring, id=name, properties=None) for name, ring in parts]
    assert provinces(*files(tmp_path, bare), "URY", GRID).total == 30
    named = [feature("", ring, properties={"iso_3166_2": name}) for name, ring in parts]
    assert provinces(*files(tmp_path, named), "URY", GRID, id="iso_3166_2").total == 30
    with pytest.raises(InputError, match="without 'id'") as told:
        provinces(*files(tmp_path, named), "URY", GRID)
    assert "iso_3166_2" in str(told.value)


def test_fitting_to_the_national_account(tmp_path):
    found = provinces(*files(tmp_path), "URY", GRID)
    same = found.fitted(30.0)
    assert same.total == 30 and "sum to the national account" in same.steps[-1]
    near = found.fitted(31.0, 29.0, 33.0)
    assert near.total == pytest.approx(31, rel=1e-12) and "within" in near.steps[-1]
    assert near["west"].low == pytest.approx(9 * 31 / 30)
    for bounds in ((35.0, 38.0), (math.nan, math.nan)):
        with pytest.raises(InputError, match="do not sum") as told:
            found.fitted(36.0, *bounds)
        assert "scale=True" in str(told.value)
        far = found.fitted(36.0, *bounds, scale=True)
        assert far.total == pytest.approx(36, rel=1e-12) and "as asked" in far.steps[-1]
    assert found.steps == () and found.total == 30  # the original stays as it is
    with pytest.raises(InputError, match="another sign"):
        found.fitted(-30.0, scale=True)
    with pytest.raises(InputError, match="no national account"):
        found.fitted(math.nan, scale=True)


SQUARE = [[-57, -34], [-55, -34], [-55, -32], [-57, -32], [-57, -34]]


@pytest.mark.parametrize(
    ("features", "values", "told"),
    [
        ([], VALUES, "no provinces"),
        ([feature("west", SQUARE)], VALUES, "only one of the files knows: east"),
        ([feature("a", SQUARE), feature("b", SQUARE)], "id,value\na,1\nb,1\n", "overlap"),
        ([feature("a", SQUARE), feature("a", SQUARE)], "id,value\na,1\n", "stands twice"),
        ([feature("a", SQUARE)], "id,value\na,1\na,2\n", "stands twice"),
        ([feature("a", SQUARE)], "id,value\na,\n", "empty cell"),
        ([feature("a", SQUARE)], "id,value\na,nan\n", "is not a number"),
        ([feature("a", SQUARE)], "id,value\na,many\n", "is not a number"),
        ([feature("a", SQUARE)], "id,value,low\na,1,0\n", "one end"),
        ([feature("a", SQUARE)], "id,value,low,high\na,1,2,3\n", "does not hold"),
        ([feature("a", SQUARE)], "id,wert\na,1\n", "missing columns"),
        ([feature("a", [[b, a] for a, b in SQUARE])], "id,value\na,1\n", "outside URY"),
        ([feature("a", np.array(SQUARE) * 1e5)], "id,value\na,1\n", "beyond the globe"),
        ([feature("a", SQUARE[:-1])], "id,value\na,1\n", "no closed list"),
        ([feature("a", SQUARE) | {"geometry": None}], "id,value\na,1\n", "no geometry"),
        ([feature("a", SQUARE) | {"geometry": {"type": "Point", "coordinates": [0, 0]}}],
         "id,value\na,1\n", "Point where a polygon"),
    ],
)  # fmt: skip
def test_files_that_are_refused(tmp_path, features, values, told):
    with pytest.raises(InputError, match=told):
        provinces(*files(tmp_path, features, values), "URY", GRID)


def test_other_refusals(tmp_path):
    one = [feature("a", SQUARE)]
    with pytest.raises(UnitError, match="kt"):
        provinces(*files(tmp_path, one, "id,value,unit\na,1,kt CO2\n"), "URY", GRID)
    assert provinces(*files(tmp_path, one, "id,value,unit\na,1,Mt CO2\n"), "URY", GRID).total == 1
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31370"}}
    with pytest.raises(InputError, match="not in longitude"):
        provinces(*files(tmp_path, one, "id,value\na,1\n", crs=crs), "URY", GRID)
    paths = files(tmp_path, one, "id,value\na,1\n")
    with pytest.raises(UnknownNameError, match="XYZ"):
        provinces(*paths, "XYZ", GRID)
    with pytest.raises(InputError, match="outside CHN"):
        provinces(*paths, "CHN", GRID)
    with pytest.raises(DataFileError):
        provinces(tmp_path / "none.geojson", paths[1], "URY", GRID)
    with pytest.raises(DataFileError):
        provinces(paths[0], tmp_path / "none.csv", "URY", GRID)
    paths[0].write_text("no json")
    with pytest.raises(DataFileError, match="cannot be read"):
        provinces(*paths, "URY", GRID)
