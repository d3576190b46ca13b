"""Areas of cells on the ellipsoid and on the sphere, edges, and where points fall."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from mriocarbon.atlas.grid import (
    INVERSE_FLATTENING,
    SEMI_MAJOR,
    Grid,
    authalic_radius,
    unit_vectors,
    zone_area,
    zone_density,
)
from mriocarbon.errors import InputError, NonFiniteError

F = 1 / INVERSE_FLATTENING
E2 = F * (2 - F)
STEPS = [0.25, 0.5, 1.0, 2.0, 5.0]


@pytest.mark.parametrize("step", STEPS)
def test_cells_sum_to_the_surface_of_the_ellipsoid(step):
    e = math.sqrt(E2)
    surface = 2 * math.pi * SEMI_MAJOR**2 * (1 + (1 - E2) / e * math.atanh(e))
    assert float(Grid(step).area.sum()) == pytest.approx(surface, rel=1e-12)
    assert float(Grid(step, sphere=True).area.sum()) == pytest.approx(surface, rel=1e-12)


def test_the_surface_is_the_published_one():
    # As other public software has the surface and the authalic radius of WGS84.
    assert float(Grid(1.0).area.sum()) == pytest.approx(510065621.724, abs=5e-4)
    assert authalic_radius() == pytest.approx(6371.0071809, abs=5e-8)


@pytest.mark.parametrize("south", [-90.0, -45.5, 0.0, 59.0, 89.5])
def test_a_cell_is_the_integral_of_the_radii_of_curvature(south):
    def strip(phi: float) -> float:  # M N cos(phi), written out on its own
        w = 1 - E2 * math.sin(phi) ** 2
        return SEMI_MAJOR**2 * (1 - E2) / w**1.5 / w**0.5 * math.cos(phi)

    want = quad(strip, math.radians(south), math.radians(south + 0.5))[0] * math.radians(0.5)
    grid = Grid(0.5)
    assert grid.row_area[round((south + 90) * 2)] == pytest.approx(want, rel=1e-10)


def test_on_the_sphere_it_is_the_sine():
    grid = Grid(1.0, sphere=True)
    sines = np.sin(np.radians(grid.lat_edges))
    want = authalic_radius() ** 2 * math.radians(1.0) * np.diff(sines)
    np.testing.assert_allclose(grid.row_area, want, rtol=2e-12)
    # Off the sphere by no more than the flattening allows, and by more than nothing.
    off = np.abs(Grid(1.0).row_area / grid.row_area - 1)
    assert 1e-3 < off.max() < 3 * F


@given(st.floats(-89.9, 89.9))
def test_density_is_the_slope_of_the_zone(lat):
    h = 1e-4
    slope = (zone_area(lat + h) - zone_area(lat - h)) / math.radians(2 * h)
    assert float(zone_density(lat)) == pytest.approx(float(slope), rel=1e-6, abs=1.0)
    assert float(zone_area(-lat)) == -float(zone_area(lat))


def test_edges_and_centres_are_exact():
    grid = Grid(0.5)
    assert grid.lat[261] == 40.75 and grid.lon[212] == -73.75
    assert (grid.lat_edges[0], grid.lat_edges[-1]) == (-90.0, 90.0)
    assert (grid.lon_edges[0], grid.lon_edges[-1]) == (-180.0, 180.0)
    np.testing.assert_array_equal(grid.row_area, grid.row_area[::-1])
    assert not grid.lat.flags.writeable and not grid.area.flags.writeable


@given(st.floats(-90, 90), st.floats(-1000, 1000), st.sampled_from(STEPS))
def test_a_point_falls_into_the_cell_that_holds_it(lat, lon, step):
    grid = Grid(step)
    i, j = grid.cell(lat, lon)
    assert grid.lat_edges[i] - 1e-12 <= lat <= grid.lat_edges[i + 1]
    turn = float(grid.wrap(lon))
    assert grid.lon_edges[j] - 1e-12 <= turn <= grid.lon_edges[j + 1]
    assert abs((turn - lon) / 360 - round((turn - lon) / 360)) < 1e-12


def test_unit_vectors():
    found = unit_vectors([0.0, 90.0, 0.0], [0.0, 0.0, 90.0])
    np.testing.assert_allclose(found, [[1, 0, 0], [0, 0, 1], [0, 1, 0]], atol=1e-15)


@pytest.mark.parametrize("step", [0.1, 0.7, 7.0, 0.0, -1.0, 360.0, math.nan, math.inf, True, "1"])
def test_a_resolution_that_does_not_divide_is_refused(step):
    with pytest.raises(InputError, match="resolution"):
        Grid(step)


def test_coordinates_that_are_none_are_refused():
    grid = Grid(1.0)
    with pytest.raises(NonFiniteError):
        grid.cell([math.nan], [0.0])
    with pytest.raises(InputError, match="outside -90 to 90: 91"):
        grid.cell([91.0], [0.0])
