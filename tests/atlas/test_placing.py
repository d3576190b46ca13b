"""What places an account: points within provinces, one vintage of cities, volcanoes that share a
sum; and what a layer says of itself: years, files, estimates, gases."""

import dataclasses
import math

import numpy as np
import pytest
from atlas.test_layers import accounts, plants

from mriocarbon.atlas import points as pts
from mriocarbon.atlas.grid import Grid
from mriocarbon.atlas.layers import layer
from mriocarbon.atlas.mask import mask
from mriocarbon.atlas.provinces import Province, Provinces
from mriocarbon.errors import InputError, NotAvailableError


def test_volcanoes_have_the_deviation_of_the_published_sum(data_folder):
    """Errors of the shares sum to zero: the whole has the published one, a part more than its."""
    one = layer("natural", 2022, scope="volcanoes")
    value, sd = one.within(np.ones(one.grid.shape))
    assert (value, sd) == (pytest.approx(38.7), pytest.approx(2.9, rel=1e-9))
    country = np.isfinite(one.of_country("VUT")).astype(float)
    value, sd = one.within(country)
    row = one.national.loc["VUT"]
    assert (value, sd) == (pytest.approx(row["value"]), pytest.approx(row["sd"], rel=1e-9))
    assert sd > 2.9 * value / 38.7
    i, j = np.unravel_index(np.nanargmax(one.value), one.grid.shape)
    cell = np.zeros(one.grid.shape)
    cell[i, j] = 1.0
    assert one.within(cell)[1] == pytest.approx(one.sd[i, j], rel=1e-9)
    assert one.sd[i, j] == pytest.approx(np.hypot(one.sd_account[i, j], one.sd_place[i, j]))


def test_deviations_of_shares_by_draws(data_folder):
    """Against draws: each volcano +- its amount, then all scaled to the sum (small errors)."""
    found = pts.volcano_points(2022)
    rng = np.random.default_rng(3)
    small = 1e-3
    drawn = found.mt * (1 + small * rng.standard_normal((40_000, len(found))))
    drawn *= found.mt.sum() / drawn.sum(axis=1, keepdims=True)
    own = np.array(found.iso3) == "IDN"
    want = drawn[:, own].sum(axis=1).std() / small
    one = layer("natural", 2022, scope="volcanoes")
    part = found.mt[own].sum() / found.mt.sum()
    got = math.sqrt(one.national.loc["IDN", "sd"] ** 2 - (2.9 * part) ** 2)
    assert got == pytest.approx(want, rel=0.02)


def uruguay(values=(4.5, 3.0)):
    """Uruguay in two provinces by its cells at 1 degree, without polygons."""
    grid = Grid(1.0)
    piece = mask(grid)["URY"]
    west = grid.lon[piece.cells % 360] < -56
    parts = [
        Province(name, type(piece)(name, piece.cells[own], piece.area[own]), value, math.nan,
                 math.nan)
        for name, own, value in (("west", west, values[0]), ("east", ~west, values[1]))
    ]  # fmt: skip
    return Provinces("URY", grid, tuple(parts), 0.0, (), ())


def test_point_sources_stay_where_provinces_are_given():
    frame = accounts({"URY": (7.5, 0.3), "FRA": (300.0, 9.0)})
    given_ones = plants(("URY", -34.3, -56.6, 2.5), ("FRA", 48.9, 2.3, 10.0))
    options = {"resolution": 1.0, "account": frame, "provinces": uruguay()}
    one = layer("production", 2022, points=given_ones, **options)
    i, j = one.grid.cell(-34.3, -56.6)
    assert one.point[i, j] == pytest.approx(2.5) and one.value[i, j] > 2.5
    assert one.national.loc["URY", "point"] == pytest.approx(2.5)
    assert one.shares["point"] == pytest.approx(12.5 / 307.5)
    assert one.placement["provinces"] == pytest.approx(5.0 / 307.5)
    assert sum(one.placement.values()) == pytest.approx(1.0)
    held = uruguay()
    own = one.of_country("URY").ravel()
    for name, value in (("west", 4.5), ("east", 3.0)):
        assert np.nansum(own[held[name].piece.cells]) == pytest.approx(value, rel=1e-9)
    # What the province has beyond the plant lies about as without one (agriculture weighs more).
    bare = layer("production", 2022, points=False, **options).of_country("URY").ravel()
    rest = own.copy()
    rest[i * 360 + j] -= 2.5
    west = held["west"].piece.cells
    np.testing.assert_allclose(rest[west], bare[west] * (4.5 - 2.5) / 4.5, rtol=0.3)
    assert rest[west].sum() == pytest.approx(2.0, rel=1e-9)
    value, sd = one.within(np.ones(one.grid.shape))
    assert sd == pytest.approx(math.hypot(0.3, 9.0), rel=1e-9)


def test_points_beyond_their_province_are_refused_or_scaled():
    frame = accounts({"URY": (7.5, 0.3)})
    options = {"resolution": 1.0, "account": frame, "provinces": uruguay()}
    many = plants(("URY", -34.3, -56.6, 5.0))
    with pytest.raises(InputError, match="province 'west', which has 4"):
        layer("production", 2022, points=many, **options)
    with pytest.raises(InputError, match="no province"):
        layer("production", 2022, points=plants(("URY", -34.0, -40.0, 1.0)), **options)
    guess = dataclasses.replace(many, given=False)
    one = layer("production", 2022, points=guess, **options)
    assert np.nanmax(one.point) <= 4.5 + 1e-9 and one.by_country()["URY"] == pytest.approx(7.5)
    assert any("scaled down" in note.text and note.estimated for note in one.notes)


@pytest.mark.parametrize("year", [1990, 2000])
def test_city_points_are_not_held_against_another_years_population(year):
    """In 1990 the listed cities hold more people than the USA had: no reason for points alone."""
    one = layer("consumption", year, resolution=2.0)
    now = layer("consumption", 2022, resolution=2.0)
    for code in ("USA", "AUS", "SAU", "CHN"):
        spread, today = np.nan_to_num(one.of_country(code)), np.nan_to_num(now.of_country(code))
        np.testing.assert_allclose(spread / spread.sum(), today / today.sum(), atol=1e-12)
        own = one.parts.country == one.parts.codes.index(code)
        assert one.parts.sd_place[own].sum() > 0.03 * one.parts.value[own].sum(), code
    assert any("one vintage" in note.text and note.estimated for note in one.notes)
    assert not any("one vintage" in note.text for note in now.notes)


def test_what_is_estimated_is_marked_with_a_raster_too():
    raster = np.ones(Grid(5.0).shape)
    one = layer("consumption", 2022, resolution=5.0, population=raster)
    told = [note for note in one.notes if note.text.startswith("people by the raster")]
    assert one.estimated and told[0].estimated
    quiet = dataclasses.replace(one, notes=())
    assert quiet.estimated  # by its accounts
    assert not dataclasses.replace(quiet, national=one.national.assign(estimated=False)).estimated


def test_an_account_of_zero_without_a_deviation_adds_none():
    one = layer("natural", 2022, resolution=5.0)
    assert one.national.loc["TUV", "value"] == 0 and np.isnan(one.national.loc["TUV", "sd"])
    _, sd = one.within(np.ones(one.grid.shape))
    assert sd == pytest.approx(np.sqrt((one.national["sd"].dropna() ** 2).sum()), rel=1e-6)
    frame = accounts({"FRA": (9.0, math.nan), "DEU": (5.0, 1.0)})
    unknown = layer("natural", 2022, resolution=5.0, account=frame)
    assert np.isnan(unknown.within(np.ones(unknown.grid.shape))[1])


def test_titles_and_attributes_name_the_years_of_the_figures():
    made = layer("natural", 2022, resolution=5.0, scope="biosphere").to_xarray().attrs
    assert made["title"].endswith("2015-2020") and made["period_of_the_figures"] == "2015-2020"
    assert made["year_asked_for"] == 2022 and "year" not in made
    assert layer("natural", 2022, resolution=5.0, scope="managed land").when.startswith("figures")


def test_every_file_that_is_read_has_its_hash(tmp_path):
    import hashlib

    path = tmp_path / "plants.csv"
    path.write_text("country,latitude,longitude,co2_mt\nDEU,51.84,14.46,30\n", encoding="utf-8")
    one = layer("production", 2022, resolution=5.0, points=path)
    hashes = {source.name: source.sha256 for source in one.provenance.sources}
    assert hashes["plants.csv"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert hashes["inventories.parquet"] and hashes["economy.parquet"]
    consumed = layer("consumption", 2022, resolution=5.0)
    assert "engine_2022.csv" in {s.name for s in consumed.provenance.sources if s.sha256}
    assert not any("olcano" in s.name for s in consumed.provenance.sources)


def test_the_catalogue_has_its_hash(data_folder):
    for options in ({"name": "production"}, {"name": "natural", "scope": "volcanoes"}):
        one = layer(year=2022, resolution=5.0, **options)
        assert [s for s in one.provenance.sources if "SO2" in s.name and s.sha256], options


@pytest.mark.parametrize(
    ("scope", "gas", "process"),
    [("managed land", "CH4", "land use"), ("managed land", "N2O", "land use"),
     ("processes", "CH4", "fires")],
)  # fmt: skip
def test_other_gases_of_natural_carbon(scope, gas, process):
    one = layer("natural", 2022, resolution=5.0, scope=scope, gas=gas)
    assert one.unit == f"Mt {gas}" and one.total != 0
    assert one.national["method"].str.startswith(process).any()


@pytest.mark.parametrize("scope", ["land-use change", "biosphere"])
def test_a_gas_that_a_scope_has_not_is_told_with_those_it_has(scope):
    with pytest.raises(NotAvailableError, match="no country has a figure of CH4") as told:
        layer("natural", 2022, resolution=5.0, scope=scope, gas="CH4")
    assert "processes: CO2, CH4" in str(told.value) and f"{scope}: CO2" in str(told.value)
