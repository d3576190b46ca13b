"""Conservative regridding: sums, areas, turns, missing cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.atlas.regrid import Block, nested, regrid, same, shares
from mriocarbon.errors import InputError


def edges(rows, columns, *, west=-180.0, flip=False):
    lat = np.linspace(-90, 90, rows + 1)
    return (lat[::-1] if flip else lat), np.linspace(west, west + 360, columns + 1)


def one(values, present=None):
    """A raster in blocks of two rows."""
    present = np.ones(values.shape, dtype=bool) if present is None else present
    for start in range(0, len(values), 2):
        rows = slice(start, min(start + 2, len(values)))
        yield Block(rows, values[rows], present[rows])


sizes = st.integers(2, 23)
grids = st.builds(
    edges, sizes, sizes, west=st.sampled_from([-180.0, 0.0, -30.25, 180.0]), flip=st.booleans()
)


@given(grids, grids, st.integers(0, 2**32 - 1))
def test_sums_are_kept(source, target, seed):
    values = np.random.default_rng(seed).lognormal(0, 3, (source[0].size - 1, source[1].size - 1))
    found = regrid(one(values), source, target)
    assert abs(found.values.sum() / values.sum() - 1) < 1e-12
    assert found.total == pytest.approx(values.sum(), rel=1e-14)
    assert (found.present > 1 - 1e-12).all() and (found.values >= 0).all()


@given(grids, grids, st.integers(0, 2**32 - 1))
def test_missing_cells_give_nothing_and_are_no_zeros(source, target, seed):
    rng = np.random.default_rng(seed)
    values = rng.lognormal(0, 1, (source[0].size - 1, source[1].size - 1))
    present = rng.random(values.shape) < 0.3
    found = regrid(one(np.where(present, values, np.nan), present), source, target)
    assert np.nansum(found.values) == pytest.approx(values[present].sum(), rel=1e-12)
    assert (np.isnan(found.values) == (found.present == 0)).all()


@given(grids, grids)
def test_a_constant_mean_stays_and_a_density_keeps_its_integral(source, target):
    flat = np.full((source[0].size - 1, source[1].size - 1), 7.0)
    assert np.allclose(regrid(one(flat), source, target, kind="mean").values, 7.0, rtol=1e-12)


@given(grids, grids, st.integers(0, 2**32 - 1))
def test_a_sum_is_a_density_times_area(source, target, seed):
    """sum(v) regridded and v / area regridded as a mean are one thing."""

    def areas(grid):
        # The sphere's zones would differ by 0.3 %: the ellipsoid's, integrated by Simpson.
        def slope(lat):
            e2, sine = 0.0066943799901413165, np.sin(lat)
            return (1 - e2) * np.cos(lat) / (1 - e2 * sine**2) ** 2

        low, high = np.radians(grid[0][:-1]), np.radians(grid[0][1:])
        t = np.linspace(0, 1, 401)[:, None]
        weight = np.ones(401)
        weight[1:-1:2], weight[2:-1:2] = 4, 2
        zone = (weight[:, None] * slope(low + t * (high - low))).sum(0) * (high - low) / 1200
        return np.abs(zone[:, None] * np.diff(np.radians(grid[1])))

    values = np.random.default_rng(seed).random((source[0].size - 1, source[1].size - 1))
    amounts = regrid(one(values), source, target).values
    density = regrid(one(values / areas(source)), source, target, kind="mean").values
    assert np.allclose(amounts, density * areas(target), rtol=1e-9)


@given(grids, st.integers(1, 4), st.integers(1, 4))
def test_nested_cells_are_summed_exactly(target, by_lat, by_lon):
    lat = np.linspace(target[0][0], target[0][-1], by_lat * (target[0].size - 1) + 1)
    lon = np.linspace(target[1][0], target[1][-1], by_lon * (target[1].size - 1) + 1)
    assert nested(lat, target[0], latitude=True) and nested(lon, target[1], latitude=False)
    rng = np.random.default_rng(0)
    values = rng.integers(0, 1000, (lat.size - 1, lon.size - 1)).astype(float)
    found = regrid(one(values), (lat, lon), target).values
    rows, columns = target[0].size - 1, target[1].size - 1
    assert (found == values.reshape(rows, by_lat, columns, by_lon).sum((1, 3))).all()


def test_a_turn_of_the_globe_is_no_other_grid():
    a, b = edges(4, 8, west=0.0), edges(4, 8, west=-180.0, flip=True)
    assert same(a[0], b[0], latitude=True) and same(a[1], b[1], latitude=False)
    assert not same(edges(4, 9)[1], a[1], latitude=False)
    values = np.arange(32.0).reshape(4, 8)
    moved = regrid(one(values), a, b).values
    assert (moved == np.roll(values, 4, axis=1)[::-1]).all()


def test_a_cell_cut_in_half_is_cut_by_area():
    whole, halves = np.array([0.0, 90.0]), np.array([0.0, 30.0, 90.0])
    found = shares(whole, halves, latitude=True).toarray().ravel()
    # on the sphere sin 30 = 1/2; the ellipsoid, flat at the poles, moves 0.2 % northwards
    assert found[0] == pytest.approx(0.5, abs=2e-3) and found.sum() == 1
    assert abs(found[0] - 0.5) > 1e-4


def test_unknown_kind():
    with pytest.raises(InputError, match="unknown kind"):
        regrid(iter(()), edges(2, 2), edges(2, 2), kind="mode")
