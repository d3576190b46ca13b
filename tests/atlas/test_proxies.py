"""Spreads of a country by people and land; rasters cut up by countries; the shipped tables."""

import math
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.atlas import shapes as sh
from mriocarbon.atlas.grid import Grid
from mriocarbon.atlas.mask import mask
from mriocarbon.atlas.proxies import (
    TYPICAL_CITY_SHARE,
    Spread,
    by_raster,
    city_share,
    closeness,
    divide,
    land,
    mix,
    population,
    settled_land,
    spread,
)
from mriocarbon.datasets.database import database
from mriocarbon.errors import DataFileError, InputError
from scripts import geo

GRID = Grid(1.0)


@pytest.fixture(scope="module")
def where():
    return mask(GRID)


@pytest.fixture(scope="module")
def people():
    found = database().table("economy", variable="population", year=2022)
    return dict(zip(found["region"], found["value"], strict=True))


def dense(made: Spread) -> np.ndarray:
    out = np.zeros(GRID.area.size)
    out[made.cells] = made.weight
    return out


# -- spreads -------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 20), st.floats(0, 1e6)), min_size=1, max_size=30))
def test_a_spread_sums_to_one_with_each_cell_once(rows):
    cells, amount = (np.array(column) for column in zip(*rows, strict=True))
    if not amount.sum() > 0:
        with pytest.raises(InputError, match="nothing to spread"):
            spread(cells, amount)
        return
    made = spread(cells, amount)
    assert made.weight.sum() == pytest.approx(1.0, rel=1e-12)
    assert (np.diff(made.cells) > 0).all()
    for cell in range(21):
        want = amount[cells == cell].sum() / amount.sum()
        assert made.at(np.array([cell]))[0] == pytest.approx(want, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("amount", [[1.0, -1.0], [1.0, math.nan], [math.inf, 1.0]])
def test_amounts_that_are_none_are_refused(amount):
    with pytest.raises(InputError, match="negative or not finite"):
        spread(np.array([0, 1]), np.array(amount))


def test_all_spreads_of_all_countries_sum_to_one(where, people):
    for code in where.pieces:
        made = [
            land(where, [code]),
            settled_land(where, [code]),
            settled_land(where, [code], near=False),
            population(where, [code], people.get(code, math.nan)),
            population(where, [code], people.get(code, math.nan), rural_km=0.0),
            population(where, [code], people.get(code, math.nan), rural_km=math.inf),
        ]
        for one in made:
            assert one.weight.sum() == pytest.approx(1.0, rel=1e-9), code
            assert (one.weight >= 0).all()


def test_land_is_by_area(where):
    made, piece = land(where, ["MNG"]), where["MNG"]
    np.testing.assert_allclose(made.weight, piece.area / piece.area.sum(), rtol=1e-12)


def test_cities_get_their_people_and_the_rest_thins_out(where, people):
    made = dense(population(where, ["EGY"], people["EGY"]))
    rows, columns = GRID.cell([30.04, 24.0], [31.24, 26.0])  # Cairo, the Western Desert
    cairo, desert = made[rows * 360 + columns]
    assert cairo > 0.09 > 2e-3 > desert
    even = dense(population(where, ["EGY"], people["EGY"], rural_km=math.inf))
    assert even[rows[1] * 360 + columns[1]] > 3 * desert


def test_by_hand(where):
    """One city of 10 in a country of 15: two thirds at the city, one third over the land."""
    known = sh.cities()
    code = "LSO"
    own = known.country == code
    listed = float(known.population[own].sum())
    made = dense(population(where, [code], 1.5 * listed, rural_km=math.inf))
    rows, columns = GRID.cell(known.lat[own], known.lon[own])
    want = np.zeros(GRID.area.size)
    np.add.at(want, rows * 360 + columns, known.population[own] / (1.5 * listed))
    want[where[code].cells] += where[code].land / 3
    np.testing.assert_allclose(made, want, rtol=1e-9, atol=1e-15)


def test_more_people_in_cities_than_in_the_country(where):
    listed = float(sh.cities().population[sh.cities().country == "FRA"].sum())
    made = population(where, ["FRA"], 0.5 * listed)
    np.testing.assert_array_equal(
        made.weight, population(where, ["FRA"], 0.5 * listed, rural_km=0.0).weight
    )
    assert city_share(GRID, "FRA", 0.5 * listed) == 1.0


def test_towns_of_an_agglomeration_are_counted_once(people):
    """Yokohama is in the 35.7 million of Tokyo, Jersey City in those of New York."""
    known = sh.cities()
    for lat, lon in ((35.44, 139.63), (40.72, -74.07)):
        assert np.hypot(known.lat - lat, known.lon - lon).min() > 0.05
    assert known.population.max() == 35676000
    states = known.population[known.country == "USA"].sum()
    assert 0.8 < states / people["USA"] < 0.95  # 1.02 with the towns counted twice


@pytest.mark.parametrize(
    ("iso3", "box", "million"),
    [  # as national censuses and estimates of about 2020 to 2022 have them, recalled
        ("IND", (89.8, 98, 21, 30), 51.3), ("CHN", (73, 91, 36.2, 50), 25.0),
        ("RUS", (60, 180, 45, 80), 37.0), ("CAN", (-141, -101.4, 48, 70), 11.7),
        ("AUS", (112, 129, -36, -12), 2.9), ("BRA", (-74, -58, -10, 3), 5.6),
        ("KAZ", (76, 88, 42, 55), 6.5), ("CHN", (78, 98, 26, 35.3), 4.2),
    ],
)  # fmt: skip
def test_people_of_known_parts_of_countries(where, people, iso3, box, million):
    west, east, south, north = box
    made = dense(population(where, [iso3], people[iso3])).reshape(GRID.shape) * people[iso3]
    rows = (GRID.lat > south) & (GRID.lat < north)
    columns = (GRID.lon > west) & (GRID.lon < east)
    assert 0.5 < made[np.ix_(rows, columns)].sum() / 1e6 / million < 2.0


def test_a_ratio_moves_weight_to_cities(where, people):
    plain = population(where, ["FRA"], people["FRA"])
    rich = population(where, ["FRA"], people["FRA"], urban_ratio=2.0)
    rows, columns = GRID.cell([48.86], [2.35])
    paris = rows * 360 + columns
    share = city_share(GRID, "FRA", people["FRA"])
    assert rich.at(paris)[0] > plain.at(paris)[0]
    assert rich.at(paris)[0] < plain.at(paris)[0] * 2 / (1 + share) + 1e-9


def test_territories_bring_their_cities_raised_as_the_country(where, people):
    alone = dense(population(where, ["FRA"], people["FRA"]))
    both = dense(population(where, ["FRA", "GUF", "REU"], people["FRA"]))
    far = (alone == 0) & (both > 0)
    persons = both[far].sum() / (1 - both[far].sum()) * people["FRA"]
    assert 0.6e6 < persons < 1.4e6  # 0.3 and 0.87 million live there


def test_the_typical_share_of_cities_is_the_median(people):
    known = sh.cities()
    share = [
        known.population[known.country == code].sum() / persons
        for code, persons in people.items()
        if persons > 1e6 and code in mask(GRID).pieces and (known.country == code).any()
    ]
    assert float(np.median(share)) == pytest.approx(TYPICAL_CITY_SHARE, abs=0.005)


def test_closeness_falls_with_distance():
    found = closeness(GRID, 100.0)
    rows, columns = GRID.cell([40.7, 75.0], [-74.0, -40.0])  # New York, the ice of Greenland
    near, far = found[rows * 360 + columns]
    assert near > 0.5 and far < 1e-2
    assert found.max() <= 1.0 and found.min() == 0.0


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=5))
def test_a_mix_of_spreads_is_one(parts):
    total = sum(parts)
    rng = np.random.default_rng(len(parts))
    made = [spread(rng.integers(0, 9, 5), rng.random(5) + 0.1) for _ in parts]
    both = mix([(part / total, one) for part, one in zip(parts, made, strict=True)])
    assert both.weight.sum() == pytest.approx(1.0, rel=1e-12)


# -- rasters -------------------------------------------------------------------------------------


def test_a_raster_is_cut_up_without_loss(where):
    rng = np.random.default_rng(1)
    raster = rng.random(GRID.shape) * (where.land() > 0)
    found, outside = divide(where, raster, {})
    kept = sum(amount.sum() for _, amount in found.values())
    assert kept == pytest.approx(raster.sum(), rel=1e-12) and outside == 0.0
    share = where.fraction("CHE")
    cells, amount = found["CHE"]
    pure = where.fraction("CHE").ravel()[cells] == pytest.approx(1.0)
    assert share.max() > 0.5 and not pure
    total = sum(where.fraction(code) for code in where.pieces).ravel()[cells]
    np.testing.assert_allclose(
        amount, raster.ravel()[cells] * share.ravel()[cells] / total, rtol=1e-9
    )


def test_people_at_sea_go_to_the_nearest_coast_or_nowhere(where):
    raster = np.zeros(GRID.shape)
    near, far = GRID.cell([38.5, 0.0], [-10.5, -30.0])[0], GRID.cell([38.5, 0.0], [-10.5, -30.0])[1]
    raster[near[0], far[0]], raster[near[1], far[1]] = 3.0, 1.0  # off Lisbon; mid-Atlantic
    found, outside = divide(where, raster, {})
    assert found["PRT"][1].sum() == pytest.approx(3.0) and outside == pytest.approx(0.25)


def test_a_city_state_is_taken_out_of_its_neighbour(where, people):
    raster = np.zeros(GRID.shape)
    cell = int(where["SGP"].cells[0])
    raster.ravel()[cell] = 8e6
    kept, _ = divide(where, raster, {"SGP": people["SGP"]})
    whole, _ = divide(where, raster, {})
    lost = sum(a.sum() for _, a in whole.values()) - sum(a.sum() for _, a in kept.values())
    assert lost == pytest.approx(people["SGP"], rel=1e-9)
    assert by_raster(where, ["SGP"], kept).cells.tolist() == [cell]


def test_missing_cells_are_spread_to_no_one(where):
    raster = np.full(GRID.shape, np.nan)
    i, j = GRID.cell(48.5, 2.5)
    raster[i, j] = 5.0
    found, _ = divide(where, raster, {})
    assert by_raster(where, ["FRA"], found).cells.tolist() == [int(i) * 360 + int(j)]
    assert by_raster(where, ["CHN"], found) is None


@pytest.mark.parametrize(
    ("raster", "words"),
    [
        (np.ones((10, 20)), "shape"),
        (np.full((180, 360), -1.0), "negative"),
        (np.full((180, 360), np.inf), "infinite"),
        (np.full((180, 360), np.nan), "no amount"),
        (np.zeros((180, 360)), "no amount"),
    ],
)
def test_rasters_that_are_none_are_refused(where, raster, words):
    with pytest.raises(InputError, match=words):
        divide(where, raster, {})


# -- the shipped tables --------------------------------------------------------------------------


def test_tables_are_rebuilt_byte_for_byte(data_folder, capsys):
    assert geo.main(["--data", str(data_folder), "--check"]) == 0
    assert "0 differ" in capsys.readouterr().out


def test_tables_are_small():
    assert sum(p.stat().st_size for p in sh.TABLES.iterdir()) < 400_000


@pytest.mark.parametrize("file", ["shapes.npz", "cities.npz"])
def test_an_altered_table_is_refused(file, tmp_path, monkeypatch):
    folder = tmp_path / "tables"
    shutil.copytree(sh.TABLES, folder)
    with (folder / file).open("ab") as opened:
        opened.write(b"x")
    monkeypatch.setattr(sh, "TABLES", folder)
    with pytest.raises(DataFileError, match="altered"):
        sh.checked(file)


def test_cities_lie_in_their_countries():
    known = sh.cities()
    for lat, lon, code in [
        (51.5, -0.12, "GBR"), (1.29, 103.85, "SGP"), (22.28, 114.16, "HKG"), (19.07, 72.88, "IND"),
        (39.9, 116.4, "CHN"), (-33.87, 151.2, "AUS"), (55.75, 37.6, "RUS"), (14.93, -23.5, "CPV"),
        (21.3, -157.86, "USA"), (28.1, -15.4, "ESP"), (26.2, 127.7, "JPN"),
            (36.4, 28.2, "GRC"), (3.75, 8.78, "GNQ"),
    ]:  # fmt: skip
        k = int(np.argmin((known.lat - lat) ** 2 + (known.lon - lon) ** 2))
        assert math.hypot(known.lat[k] - lat, known.lon[k] - lon) < 0.3, code
        assert known.country[k] == code


def test_sources_and_distances():
    assert any("Natural Earth" in one.citation for one in sh.sources())
    assert all(one.licence == "public domain" for one in sh.sources())
    assert sh.distance_to("MNG", 47.9, 106.9) == 0.0
    assert 500 < sh.distance_to("MNG", 30.0, 105.0) < 1800
