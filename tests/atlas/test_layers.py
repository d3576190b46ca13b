"""Gridded layers: cells sum to the accounts, missing is not zero, bad input is refused in words."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.atlas import points as pts
from mriocarbon.atlas.grid import Grid
from mriocarbon.atlas.layers import carbon_map, layer
from mriocarbon.atlas.mask import mask
from mriocarbon.atlas.provinces import Province, Provinces
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError

NAMES = ["production", "consumption", "natural"]


def accounts(rows):
    """A made-up account: iso3 -> (value, sd)."""
    frame = pd.DataFrame(rows, index=["value", "sd"]).T.astype(float)
    frame["unit"], frame["source"], frame["note"] = "Mt CO2", "made up", ""
    frame.index.name = "iso3"
    return frame


@pytest.fixture(scope="module")
def made():
    return {name: layer(name, 2022, points=False if name == "production" else None)
            for name in NAMES}  # fmt: skip


# -- sums ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_cells_of_every_country_sum_to_its_account(made, name):
    one = made[name]
    want = one.national["value"].dropna()
    found = one.by_country()
    assert set(found) == set(want.index) and len(found) > 150
    for code, value in want.items():
        assert found[code] == pytest.approx(value, rel=1e-9, abs=1e-12), code
    assert one.total == pytest.approx(want.sum(), rel=1e-9)


@pytest.mark.parametrize("step", [0.25, 1.0, 5.0])
def test_on_every_grid(step):
    one = layer("consumption", 2022, resolution=step)
    for code, value in one.national["value"].dropna().items():
        assert one.by_country()[code] == pytest.approx(value, rel=1e-9), code


@settings(max_examples=15)
@given(
    st.dictionaries(
        st.sampled_from(["FRA", "DEU", "SGP", "MYS", "RUS", "FJI", "LSO", "ZAF", "USA", "TUV"]),
        st.tuples(st.floats(-1e4, 1e4), st.floats(0, 1e3)), min_size=1,
    ),
    st.sampled_from(NAMES),
)  # fmt: skip
def test_any_account_is_kept(rows, name):
    one = layer(name, 2022, resolution=5.0, account=accounts(rows), **(
        {"points": False} if name == "production" else {}
    ))  # fmt: skip
    for code, (value, _) in rows.items():
        assert one.by_country()[code] == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert one.total == pytest.approx(sum(v for v, _ in rows.values()), rel=1e-9, abs=1e-7)
    assert one.shares["point"] + one.shares["proxy"] == 1.0


def test_the_sum_of_countries_is_the_map(made):
    one = made["consumption"]
    both = np.nan_to_num(one.of_country("FRA")) + np.nan_to_num(one.of_country("BEL"))
    assert both.sum() == pytest.approx(one.national.loc[["FRA", "BEL"], "value"].sum(), rel=1e-9)
    total = sum(np.nan_to_num(one.of_country(code)) for code in one.parts.codes)
    np.testing.assert_allclose(total, np.nan_to_num(one.value), rtol=1e-9, atol=1e-12)


def test_natural_carbon_lies_evenly_on_the_land():
    one = layer("natural", 2022, resolution=1.0, account=accounts({"MNG": (-30.0, 10.0)}))
    piece = mask(Grid(1.0))["MNG"]
    np.testing.assert_allclose(
        one.value.ravel()[piece.cells], -30.0 * piece.area / piece.area.sum(), rtol=1e-9
    )
    assert one.shares == {"point": 0.0, "proxy": 1.0}


def test_density_times_area_is_the_value(made):
    one = made["production"]
    np.testing.assert_allclose(np.nansum(one.density * one.grid.area) / 1e6, one.total, rtol=1e-12)


# -- missing is not zero -------------------------------------------------------------------------


def test_a_country_without_an_account_is_missing_and_not_zero():
    frame = accounts({"FRA": (300.0, 10.0), "DEU": (math.nan, math.nan), "POL": (320.0, 9.0)})
    frame.loc["DEU", "note"] = "missing: nobody counted"
    one = layer("consumption", 2022, resolution=0.5, account=frame)
    assert one.missing["DEU"] == "missing: nobody counted"
    assert one.missing["ESP"] == "missing: no row in the national accounts"
    germany = mask(one.grid).fraction("DEU")
    inside = germany > 1 - 1e-9
    assert np.isnan(one.value[inside]).all() and np.isnan(one.sd[inside]).all()
    assert (one.status[inside] == 3).all()
    border = (germany > 0) & (mask(one.grid).fraction("POL") > 0)
    assert (one.status[border] == 2).all() and np.isfinite(one.value[border]).all()
    i, j = one.grid.cell(0.0, -30.0)  # the Atlantic
    assert one.status[i, j] == 0 and np.isnan(one.value[i, j])
    assert np.isnan(one.national.loc["DEU", "placed"])
    with pytest.raises(UnknownNameError, match="nobody counted"):
        one.of_country("DEU")


def test_territories_counted_in_a_country_are_not_missing(made):
    one = made["consumption"]
    assert not {"GUF", "REU", "PRI", "FLK"} & set(one.missing)
    guiana = mask(one.grid)["GUF"].cells
    assert (one.status.ravel()[guiana] == 1).any()
    assert np.nansum(one.of_country("FRA").ravel()[guiana]) > 0


def test_statuses_and_values_agree(made):
    for one in made.values():
        assert np.array_equal(np.isfinite(one.value), np.isin(one.status, [1, 2]))


# -- standard deviations -------------------------------------------------------------------------


def test_deviations_are_account_and_place_in_quadrature(made):
    for one in made.values():
        np.testing.assert_allclose(one.sd, np.hypot(one.sd_account, one.sd_place), rtol=1e-12)
        assert np.nanmax(one.sd_place) > 0 and np.nanmin(one.sd) >= 0


def test_the_accounts_error_is_one_for_all_cells_of_a_country():
    one = layer("consumption", 2022, resolution=1.0, account=accounts({"FRA": (300.0, 30.0)}))
    own = np.isfinite(one.value)
    np.testing.assert_allclose(one.sd_account[own], 0.1 * one.value[own], rtol=1e-9, atol=1e-15)
    assert np.nansum(one.sd_account) == pytest.approx(30.0, rel=1e-9)


def test_two_countries_in_a_cell_add_in_quadrature():
    rows = {"BEL": (100.0, 10.0), "NLD": (160.0, 8.0)}
    both = layer("natural", 2022, resolution=5.0, account=accounts(rows))
    alone = [layer("natural", 2022, resolution=5.0, account=accounts({k: v}))
             for k, v in rows.items()]  # fmt: skip
    i, j = both.grid.cell(51.0, 4.5)
    assert both.sd_account[i, j] == pytest.approx(math.hypot(*(a.sd_account[i, j] for a in alone)))
    assert both.sd_account[i, j] < sum(a.sd_account[i, j] for a in alone)


def test_an_account_without_a_deviation_gives_none():
    one = layer("natural", 2022, resolution=5.0, account=accounts({"FRA": (9.0, math.nan)}))
    i, j = one.grid.cell(47.0, 2.0)
    assert one.value[i, j] > 0 and np.isnan(one.sd[i, j]) and np.isfinite(one.sd_place[i, j])


def test_placement_by_hand():
    """Natural carbon on one cell of two: the spread of land near and far from cities."""
    from mriocarbon.atlas.proxies import land, settled_land

    one = layer("natural", 2022, resolution=2.0, account=accounts({"MNG": (50.0, 0.0)}))
    where = mask(Grid(2.0))
    used = land(where, ["MNG"])
    near, far = (settled_land(where, ["MNG"], near=k).at(used.cells) for k in (True, False))
    want = 50.0 * np.sqrt(((near - used.weight) ** 2 + (far - used.weight) ** 2) / 2)
    np.testing.assert_allclose(one.sd_place.ravel()[used.cells], want, rtol=1e-9)


def test_a_region_has_the_deviation_of_its_sum(made):
    one = made["consumption"]
    whole, sd = one.within(np.ones(one.grid.shape))
    assert whole == pytest.approx(one.total, rel=1e-12)
    assert sd == pytest.approx(np.sqrt((one.national["sd"].dropna() ** 2).sum()), rel=1e-6)
    cell = np.zeros(one.grid.shape)
    i, j = one.grid.cell(48.86, 2.35)
    cell[i, j] = 1.0
    value, sd = one.within(cell)
    assert value == pytest.approx(one.value[i, j]) and sd == pytest.approx(one.sd[i, j])
    half, sd_half = one.within(0.5 * cell)
    assert (half, sd_half) == (pytest.approx(value / 2), pytest.approx(sd / 2))


def test_the_deviation_of_a_country_is_its_accounts():
    frame = accounts({"FRA": (300.0, 30.0)})
    one = layer("production", 2022, resolution=1.0, account=frame, points=False)
    value, sd = one.within(np.ones(one.grid.shape))
    assert (value, sd) == (pytest.approx(300.0), pytest.approx(30.0, rel=1e-9))
    north = np.broadcast_to((one.grid.lat > 46)[:, None], one.grid.shape).astype(float)
    parts = [one.within(north), one.within(1 - north)]
    assert parts[0][0] + parts[1][0] == pytest.approx(300.0)
    assert parts[0][1] > 30.0 * parts[0][0] / 300.0  # the place adds to the account's part
    for bad in (np.ones((3, 3)), 2 * np.ones(one.grid.shape), np.full(one.grid.shape, np.nan)):
        with pytest.raises(InputError, match="parts outside 0 to 1"):
            one.within(bad)


# -- point sources -------------------------------------------------------------------------------


def plants(*rows):
    codes, lat, lon, mt = zip(*rows, strict=True)
    mt = np.array(mt, dtype=float)
    return pts.Points(codes, np.array(lat), np.array(lon), mt, 0.1 * mt, "made-up plants", True)


def test_points_come_first_and_the_rest_goes_to_proxies():
    frame = accounts({"DEU": (600.0, 6.0), "FRA": (300.0, 6.0)})
    given_ones = plants(("DEU", 51.84, 14.46, 100.0), ("DEU", 50.99, 6.67, 80.0))
    one = layer("production", 2022, account=frame, points=given_ones)
    bare = layer("production", 2022, account=frame, points=False)
    assert one.shares["point"] == pytest.approx(180 / 900)
    assert one.placement["made-up plants"] == pytest.approx(0.2)
    assert sum(one.placement.values()) == pytest.approx(1.0)
    i, j = one.grid.cell(51.84, 14.46)
    assert one.point[i, j] == pytest.approx(100.0)
    assert one.value[i, j] > 100.0
    assert np.nansum(one.point) == pytest.approx(180.0)
    assert one.national.loc["DEU", "point"] == pytest.approx(180.0)
    assert one.by_country()["DEU"] == pytest.approx(600.0, rel=1e-9)
    np.testing.assert_allclose(one.of_country("FRA"), bare.of_country("FRA"))
    assert bare.shares == {"point": 0.0, "proxy": 1.0}
    assert any("no point sources" in note.text for note in bare.notes)


def test_points_beyond_the_account_are_refused():
    with pytest.raises(InputError, match="its account holds 50"):
        layer("production", 2022, resolution=5.0, account=accounts({"DEU": (50.0, 1.0)}),
              points=plants(("DEU", 51.84, 14.46, 100.0)))  # fmt: skip


def test_points_of_a_country_without_an_account_are_told():
    frame = accounts({"FRA": (300.0, 6.0), "DEU": (math.nan, math.nan)})
    one = layer("production", 2022, resolution=5.0, account=frame,
                points=plants(("DEU", 51.84, 14.46, 100.0)))  # fmt: skip
    assert one.shares["point"] == 0.0
    assert any("without an account are left out: DEU" in note.text for note in one.notes)


def test_plants_of_a_territory_are_in_the_account_that_counts_it():
    one = layer("production", 2022, resolution=1.0, account=accounts({"USA": (5000.0, 50.0)}),
                points=plants(("PRI", 18.0, -66.8, 8.0)))  # fmt: skip
    i, j = one.grid.cell(18.0, -66.8)
    assert one.point[i, j] == pytest.approx(8.0)
    assert one.by_country()["USA"] == pytest.approx(5000.0, rel=1e-9)


def test_a_file_of_points(tmp_path):
    path = tmp_path / "plants.csv"
    path.write_text("country,latitude,longitude,co2_mt\nDEU,51.84,14.46,30\n", encoding="utf-8")
    one = layer("production", 2022, resolution=1.0, points=path)
    assert one.shares["point"] == pytest.approx(30 / one.national["value"].sum(), rel=1e-6)
    assert any(s.name == "plants.csv" for s in one.provenance.sources)


def test_the_catalogue_is_taken_where_it_is_at_hand(data_folder, monkeypatch):
    one = layer("production", 2022, resolution=1.0)
    assert 0.05 < one.shares["point"] < 0.2
    assert sum(one.shares.values()) == 1.0
    assert one.by_country()["CHN"] == pytest.approx(one.national.loc["CHN", "value"], rel=1e-9)
    assert any("guess" in note.text and note.estimated for note in one.notes)
    monkeypatch.delenv("MRIOCARBON_DATA")
    without = layer("production", 2022, resolution=1.0)
    assert without.shares["point"] == 0.0
    with pytest.raises(NotAvailableError, match="not shipped"):
        layer("production", 2022, resolution=1.0, points=True)


def test_a_year_before_the_catalogue_has_no_points(data_folder):
    one = layer("production", 2000, resolution=2.0)
    assert one.shares["point"] == 0.0
    assert any("no year 2000" in note.text for note in one.notes)


def test_volcanoes_are_a_scope_of_their_own(data_folder):
    one = layer("natural", 2022, scope="volcanoes")
    assert one.total == pytest.approx(38.7) and one.shares == {"point": 1.0, "proxy": 0.0}
    i, j = one.grid.cell(37.75, 15.0)
    assert one.value[i, j] > 0 and one.scope == "volcanoes"


# -- population, income, provinces ---------------------------------------------------------------


def test_a_raster_of_people_moves_the_map(tmp_path):
    frame = accounts({"FRA": (300.0, 6.0), "CHN": (9000.0, 50.0)})
    grid = Grid(1.0)
    raster = np.zeros(grid.shape)
    i, j = grid.cell(43.5, 5.5)
    raster[i, j] = 60e6
    one = layer("consumption", 2022, resolution=1.0, account=frame, population=raster)
    assert one.value[i, j] == pytest.approx(300.0, rel=1e-9)
    assert one.by_country()["CHN"] == pytest.approx(9000.0, rel=1e-9)  # by cities: none in it
    assert "population raster" in one.placement
    with pytest.raises(InputError, match="shape"):
        layer("consumption", 2022, resolution=2.0, account=frame, population=raster)


def test_income_by_ratio_and_by_raster():
    frame = accounts({"FRA": (300.0, 6.0)})
    plain = layer("consumption", 2022, resolution=1.0, account=frame)
    ratio = layer("consumption", 2022, resolution=1.0, account=frame, income=2.0)
    i, j = plain.grid.cell(48.86, 2.35)
    assert ratio.value[i, j] > plain.value[i, j]
    assert any("assumption" in n.text and n.about == "income" for n in ratio.notes)
    even = np.full(plain.grid.shape, 7.0)
    same = layer("consumption", 2022, resolution=1.0, account=frame, income=even)
    np.testing.assert_allclose(same.value, plain.value, rtol=1e-9)
    south = np.where(plain.grid.lat[:, None] < 46, 2.0, 1.0) * np.ones(plain.grid.shape)
    tilted = layer("consumption", 2022, resolution=1.0, account=frame, income=south, elasticity=0.5)
    a, b = plain.grid.cell(43.5, 5.5), plain.grid.cell(48.86, 2.35)
    got = tilted.value[a] / tilted.value[b]
    assert got == pytest.approx(math.sqrt(2) * plain.value[a] / plain.value[b], rel=1e-9)
    assert tilted.total == pytest.approx(300.0, rel=1e-9)


def test_provinces_sum_to_their_values():
    grid = Grid(1.0)
    piece = mask(grid)["FRA"]
    north = grid.lat[piece.cells // 360] > 46
    halves = [
        Province(name, type(piece)(name, piece.cells[own], piece.area[own]), value, low, high)
        for name, own, value, low, high in (
            ("north", north, 200.0, 190.0, 210.0), ("south", ~north, 90.0, math.nan, math.nan),
        )
    ]  # fmt: skip
    held = Provinces("FRA", grid, tuple(halves), 0.0, (), ())
    frame = accounts({"FRA": (300.0, 15.0), "ESP": (200.0, 9.0)})
    frame["low"], frame["high"] = frame["value"] - 30, frame["value"] + 30
    one = layer("consumption", 2022, resolution=1.0, account=frame, provinces=held)
    own = one.of_country("FRA").ravel()
    assert np.nansum(own[piece.cells[north]]) == pytest.approx(200 * 300 / 290, rel=1e-9)
    assert np.nansum(own[piece.cells[~north]]) == pytest.approx(90 * 300 / 290, rel=1e-9)
    assert any("scaled by" in note.text for note in one.notes)
    frame["high"] = 280.0
    with pytest.raises(InputError, match="do not sum"):
        layer("consumption", 2022, resolution=1.0, account=frame, provinces=held)
    with pytest.raises(InputError, match="on another grid"):
        layer("consumption", 2022, resolution=2.0, account=frame, provinces=held)


# -- files and maps ------------------------------------------------------------------------------


def test_xarray_follows_the_conventions(made, tmp_path):
    import xarray as xr

    path = tmp_path / "map.nc"
    for one in made.values():
        data = one.to_xarray()
        data.to_netcdf(path, engine="h5netcdf")
        with xr.open_dataset(path, engine="h5netcdf", decode_coords=False) as back:
            assert back.attrs["Conventions"] == "CF-1.11"
            assert back["emissions"].dims == ("lat", "lon")
            assert back["emissions"].attrs["units"] == "Mt year-1"
            assert back["emissions"].attrs["cell_methods"] == "area: sum time: sum"
            mapping = back[back["emissions"].attrs["grid_mapping"]].attrs
            assert mapping["grid_mapping_name"] == "latitude_longitude"
            assert mapping["inverse_flattening"] == 298.257223563
            assert back["lat"].attrs["bounds"] == "lat_bnds" and back["lat_bnds"].shape == (360, 2)
            assert float(back["emissions"].sum()) == pytest.approx(one.total, rel=1e-12)
            np.testing.assert_allclose(
                (back["emissions_flux"] * back["cell_area"]).sum() / 1e6, one.total, rtol=1e-9
            )
            assert back.attrs["share_placed_by_point_sources"] == one.shares["point"]
            assert "[estimated]" in back.attrs["comment"]
            assert "Natural Earth" in back.attrs["source"]


def test_units_are_understood():
    import pint

    units = pint.UnitRegistry()
    assert units("t / km^2 / year").dimensionality == units("Mt / km^2 / year").dimensionality


def test_a_map_of_several_layers():
    options = {"resolution": 5.0, "points": False, "income": 1.2}
    made = carbon_map(2022, ["production", "consumption", "natural: biosphere"], **options)
    assert [one.name for one in made.values()] == NAMES
    assert made["natural: biosphere"].scope == "biosphere"
    assert made["consumption"].total == pytest.approx(
        layer("consumption", 2022, resolution=5.0).total, rel=1e-12
    )
    told = []
    carbon_map(2022, ["consumption"], resolution=5.0, progress=told.append)
    assert len(told) == 3 and all("consumption" in text for text in told)


def test_the_same_twice_and_nothing_can_be_changed(made):
    again = layer("consumption", 2022)
    np.testing.assert_array_equal(again.value, made["consumption"].value)
    np.testing.assert_array_equal(again.sd, made["consumption"].sd)
    for array in (again.value, again.sd, again.point, again.status, again.parts.value):
        with pytest.raises(ValueError):
            array[0] = 1
    assert again.estimated and "proxies" in again.provenance.method
    assert "consumption" in repr(again) and "by point sources" in repr(again)


# -- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "error", "words"),
    [
        ("produktion", {}, UnknownNameError, "did you mean 'production'"),
        ("consumption", {"resolution": 0.7}, InputError, "does not divide 180"),
        ("natural", {"scope": "everything"}, UnknownNameError, "scope of natural carbon"),
        ("production", {"scope": "biosphere"}, InputError, "only natural carbon has scopes"),
        ("consumption", {"points": "a.csv"}, InputError, "give them to the layer production"),
        ("natural", {"income": 1.5}, InputError, "not spread by people"),
        ("production", {"income": 1.5}, InputError, "not spread by income"),
        ("consumption", {"income": -1.0}, InputError, "positive number"),
        ("consumption", {"income": np.ones((3, 3))}, InputError, "another shape"),
        ("consumption", {"population": np.full((36, 72), -1.0)}, InputError, "negative"),
        ("consumption", {"gas": "SF6"}, UnknownNameError, "gas"),
    ],
)
def test_bad_input_is_refused(name, options, error, words):
    with pytest.raises(error, match=words):
        layer(name, 2022, **{"resolution": 5.0, **options})


@pytest.mark.parametrize("year", [1700, 2999])
def test_a_year_without_an_account(year):
    for name in NAMES:
        with pytest.raises((NotAvailableError, InputError), match=f"of {year}"):
            layer(name, year, resolution=5.0)


def test_bad_accounts_are_refused():
    good = accounts({"FRA": (1.0, 0.1)})
    for bad, words in (
        (good.drop(columns="sd"), "without sd"),
        (pd.concat([good, good]), "doubled countries"),
        (good.assign(value=math.inf), "infinite"),
        (good.rename(index={"FRA": "ATL"}), "does not know: ATL"),
    ):
        with pytest.raises(InputError, match=words):
            layer("consumption", 2022, resolution=5.0, account=bad)
    with pytest.raises(NotAvailableError, match="no country"):
        layer("consumption", 2022, resolution=5.0, account=good.assign(value=math.nan))


@pytest.mark.parametrize("year", [1990, 2010, 2024])
def test_production_of_other_years(year):
    one = layer("production", year, resolution=5.0, points=False)
    assert len(one.parts.codes) > 200 and one.year == year
    assert one.total == pytest.approx(one.national["value"].sum(), rel=1e-9)
