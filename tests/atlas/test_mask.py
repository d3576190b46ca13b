"""Overlaps of polygons with cells, against independent areas, samples and another rasteriser."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.atlas.grid import Grid, zone_area
from mriocarbon.atlas.mask import country, mask, overlap
from mriocarbon.atlas.shapes import Shapes, shapes, small_countries
from mriocarbon.errors import InputError, UnknownNameError


def area_of(ring, pieces=400):
    """Area of a polygon with edges straight in degrees: the shoelace rule on many short edges in
    the equal-area plane (longitude, zone_area)."""
    t = np.linspace(0, 1, pieces, endpoint=False)[:, None]
    points = np.concatenate([a + t * (b - a) for a, b in pairwise(ring)])
    x, y = np.radians(points[:, 0]), zone_area(points[:, 1])
    return abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2)


@st.composite
def rings(draw):
    """A star-shaped polygon around a centre, in either direction."""
    lon, lat = draw(st.floats(-120, 120)), draw(st.floats(-50, 50))
    radii = draw(st.lists(st.floats(0.05, 35), min_size=3, max_size=12))
    turn = np.sort(np.linspace(0, 2 * math.pi, len(radii), endpoint=False))
    points = np.stack([lon + radii * np.cos(turn), lat + radii * np.sin(turn)], axis=1)
    ring = np.vstack([points, points[:1]])
    return ring[::-1] if draw(st.booleans()) else ring


@settings(max_examples=40)
@given(rings(), st.sampled_from([0.5, 1.0, 2.0, 5.0]))
def test_overlaps_sum_to_the_area_and_fit_into_cells(ring, step):
    grid = Grid(step)
    found = overlap(ring, grid)
    assert float(found.sum()) == pytest.approx(area_of(ring), rel=2e-5)
    assert (found >= 0).all() and (found <= grid.area * (1 + 1e-9)).all()


@settings(max_examples=25)
@given(rings())
def test_coarse_cells_are_sums_of_fine_ones(ring):
    fine, coarse = overlap(ring, Grid(0.5)), overlap(ring, Grid(2.0))
    summed = fine.reshape(90, 4, 180, 4).sum(axis=(1, 3))
    np.testing.assert_allclose(summed, coarse, rtol=1e-9, atol=1e-5)


def test_a_box_is_cut_to_the_digit():
    ring = np.array([[0.25, 10.0], [2.0, 10.0], [2.0, 10.5], [0.25, 10.5], [0.25, 10.0]])
    grid = Grid(1.0)
    row = zone_area(10.5) - zone_area(10.0)
    want = float(row) * math.radians(1.0)
    found = overlap(ring, grid)
    np.testing.assert_allclose(found[100, 180:182], [0.75 * want, want], rtol=1e-12)
    assert np.count_nonzero(found) == 2


def test_the_whole_globe_is_all_cells():
    ring = np.array([[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]], dtype=float)
    grid = Grid(2.0)
    np.testing.assert_allclose(overlap(ring, grid), grid.area, rtol=1e-11)


def test_a_hole_is_taken_out():
    def box(w, s, e, n):
        return np.array([[w, s], [e, s], [e, n], [w, n], [w, s]], dtype=float)

    outer, inner = box(0, 0, 10, 10), box(2.5, 2.5, 7.5, 7.5)[::-1]
    made = Shapes(("AAA",), (outer, inner), np.array([0, 0]), np.array([False, True]))
    piece = country(made, "AAA", Grid(1.0))
    assert piece.area.sum() == pytest.approx(area_of(outer) - area_of(inner), rel=1e-9)
    assert len(piece.cells) == 100 - 16  # 3..7 are inside the hole on four sides


@pytest.mark.parametrize(
    ("iso3", "km2", "within"),
    [  # land and inland water as the UN's Demographic Yearbook gives them; 1:110m is coarse
        ("CHN", 9.60e6, 0.03), ("USA", 9.83e6, 0.04), ("RUS", 17.10e6, 0.02),
        ("BRA", 8.51e6, 0.01), ("AUS", 7.69e6, 0.02), ("IND", 3.29e6, 0.05),
        ("DEU", 0.357e6, 0.03), ("ZAF", 1.221e6, 0.01), ("LSO", 0.0304e6, 0.12),
        ("FRA", 0.552e6, 0.03), ("GUF", 0.0835e6, 0.03), ("NOR", 0.386e6, 0.12),
    ],
)  # fmt: skip
def test_areas_of_countries(iso3, km2, within):
    assert mask(Grid(1.0))[iso3].area.sum() == pytest.approx(km2, rel=within)


@pytest.mark.parametrize("iso3", ["RUS", "FJI", "ZAF", "FRA", "IDN", "CAN", "ATA"])
def test_countries_against_the_shoelace_rule(iso3):
    want = sum((-1 if hole else 1) * area_of(ring) for ring, hole in shapes().of_country(iso3))
    assert mask(Grid(0.5))[iso3].area.sum() == pytest.approx(want, rel=1e-6)


def test_countries_share_cells_and_never_overfill_them():
    grid = Grid(0.5)
    found = mask(grid)
    total = sum(found.fraction(code) for code in found.pieces)
    assert total.max() < 1 + 1e-6  # neighbours of Natural Earth overlap by 5e-8 in one cell
    south_africa, lesotho = found.fraction("ZAF"), found.fraction("LSO")
    i, j = grid.cell(-29.5, 28.25)  # in the middle of Lesotho
    assert lesotho[i, j] == pytest.approx(1.0) and south_africa[i, j] == 0.0
    edge = (lesotho > 0) & (lesotho < 1)
    np.testing.assert_allclose((south_africa + lesotho)[edge], 1.0, atol=1e-9)


def test_both_sides_of_the_antimeridian():
    found = mask(Grid(1.0))
    for iso3 in ("RUS", "FJI"):
        part = found.fraction(iso3)
        assert part[:, 0].sum() > 0 and part[:, -1].sum() > 0, iso3


def test_codes_that_natural_earth_leaves_open():
    codes = set(shapes().codes)
    assert {"FRA", "NOR", "XKX", "GUF"} <= codes and not {"-99", ""} & codes
    i, j = Grid(0.5).cell(35.3, 33.4)  # in the north of Cyprus
    assert mask(Grid(0.5)).fraction("CYP")[i, j] > 0.2
    i, j = Grid(0.5).cell(9.6, 44.1)  # Hargeisa
    assert mask(Grid(0.5)).fraction("SOM")[i, j] == pytest.approx(1.0)


def test_small_countries_have_one_cell_and_no_area():
    found = mask(Grid(0.5))
    for one in small_countries():
        piece = found[one.iso3]
        assert len(piece.cells) == 1 and piece.land.tolist() == [1.0]
        assert found.fraction(one.iso3).sum() == 0.0
    assert {"SGP", "MLT", "BHR", "MUS", "HKG"} <= {one.iso3 for one in small_countries()}


@pytest.mark.parametrize("iso3", ["FRA", "FJI", "ZAF", "JPN"])
def test_against_samples_of_points(iso3):
    """The even-odd rule of matplotlib on 40 x 40 points in each cell."""
    from matplotlib.path import Path

    grid = Grid(2.0)
    piece = mask(grid)[iso3]
    offsets = (np.arange(40) + 0.5) / 40
    for cell, area in zip(piece.cells, piece.area, strict=True):
        i, j = divmod(int(cell), grid.shape[1])
        lat = grid.lat_edges[i] + 2.0 * offsets
        lon = grid.lon_edges[j] + 2.0 * offsets
        points = np.stack(np.meshgrid(lon, lat), axis=-1).reshape(-1, 2)
        odd = np.zeros(len(points), dtype=int)
        for ring, _ in shapes().of_country(iso3):
            odd += Path(ring).contains_points(points)
        share = (odd.reshape(40, 40) % 2).mean(axis=1) @ np.diff(
            zone_area(grid.lat_edges[i] + 2.0 * np.arange(41) / 40)
        ) / np.diff(zone_area(grid.lat_edges[i : i + 2]))[0]  # fmt: skip
        assert area / grid.row_area[i] == pytest.approx(share, abs=0.02)


def test_against_another_rasteriser():
    features = pytest.importorskip("rasterio.features")
    from rasterio.transform import from_origin

    fine, rings = 20, shapes().of_country("DEU")
    grid = Grid(1.0)
    burnt = features.rasterize(
        [({"type": "Polygon", "coordinates": [ring.tolist()]}, 1) for ring, _ in rings],
        out_shape=(180 * fine, 360 * fine), transform=from_origin(-180, 90, 1 / fine, 1 / fine),
    )[::-1]  # fmt: skip
    share = burnt.reshape(180, fine, 360, fine).mean(axis=(1, 3))
    np.testing.assert_allclose(mask(grid).fraction("DEU"), share, atol=0.02)


def test_what_cannot_be_a_ring_is_refused():
    with pytest.raises(InputError, match="open"):
        overlap(np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]), Grid(1.0))
    beyond = np.array([[170.0, 0.0], [190.0, 0.0], [190.0, 5.0], [170.0, 0.0]])
    with pytest.raises(InputError, match="leaves the globe"):
        overlap(beyond, Grid(1.0))
    with pytest.raises(UnknownNameError, match="country on the map"):
        mask(Grid(1.0))["ATL"]


def test_it_is_kept_in_memory():
    assert mask(Grid(0.5)) is mask(Grid(0.5))
