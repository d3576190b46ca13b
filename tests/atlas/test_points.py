"""Point sources: the satellite catalogue, a user's file, caps; bad files are refused in words."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.atlas import electricity as power
from mriocarbon.atlas import points as pts
from mriocarbon.errors import DataFileError, InputError, NotAvailableError, UnknownNameError


@given(
    st.lists(st.just(0.0) | st.floats(1e-6, 1e3), min_size=1, max_size=20),
    st.floats(0, 1e4),
    st.floats(0.1, 100),
)
def test_filling_keeps_the_cap_and_the_amount(weights, amount, cap):
    w = np.array(weights)
    out = pts.filled(w, amount, cap)
    assert (out <= cap * (1 + 1e-12)).all() and (out[w == 0] == 0).all()
    assert out.sum() == pytest.approx(min(amount, cap * (w > 0).sum()), rel=1e-9, abs=1e-9)
    free = (out > 0) & (out < cap * (1 - 1e-9))
    if free.sum() > 1:  # those below the cap stay in proportion
        ratio = out[free] / (w[free] / w[free].max())
        assert np.ptp(ratio) <= 1e-6 * ratio.max()


# -- electricity ---------------------------------------------------------------------------------


def test_factor_by_hand():
    # 25.8 kg C/GJ (IPCC 2006, volume 2, table 1.3) x 44/12 x 3.6 GJ/MWh / 0.36
    assert power.per_twh("coal") == pytest.approx(25.8 * 44 / 12 * 3.6 / 0.36 / 1e3, rel=1e-12)


def test_electricity_of_the_world():
    found = power.electricity(2022)
    coal = sum(found[code].get("coal", 0.0) for code in ("CHN", "IND", "USA"))
    assert coal / 7400 == pytest.approx(power.per_twh("coal"), rel=0.05)  # 7,400 TWh in 2022
    assert math.isclose(sum(found["ISL"].values()), 0.0, abs_tol=0.05)
    with pytest.raises(NotAvailableError, match="1950"):
        power.electricity(1950)


def test_hours_are_generation_over_capacity():
    found = power.hours(2022)
    assert found["CHN", "coal"] == pytest.approx(5220700e3 / 1155325, rel=1e-6)
    assert all(0 < value <= 8760 for value in found.values())


# -- a user's file -------------------------------------------------------------------------------


def write(folder, text):
    path = folder / "plants.csv"
    path.write_text(text, encoding="utf-8")
    return path


HEAD = "country,latitude,longitude,capacity_mw,primary_fuel\n"


def test_plants_by_capacity(tmp_path):
    path = write(tmp_path, HEAD + "CHN,40.1,113.3,2000,Coal\nCHN,30,104,500,Hydro\n")
    found = pts.read_points(path, 2022)
    hours = power.hours(2022)["CHN", "coal"]
    assert found.iso3 == ("CHN",) and not found.given
    assert found.mt[0] == pytest.approx(2000 * hours * power.per_twh("coal") / 1e6)
    assert found.sd[0] == pytest.approx(0.3 * found.mt[0])
    assert "1 plants without known fossil CO2" in found.notes[0].text
    assert any(note.estimated for note in found.notes)


def test_given_emissions_and_countries_by_place(tmp_path):
    path = write(tmp_path, "latitude,longitude,co2_mt\n51.99,14.46,18.5\n51.27,19.33,30\n")
    found = pts.read_points(path)
    assert found.given and found.iso3 == ("DEU", "POL")
    assert found.total() == {"DEU": 18.5, "POL": 30.0}
    np.testing.assert_allclose(found.sd, [1.85, 3.0])


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("latitude,longitude\n1,2\n", InputError, "columns are missing: capacity_mw"),
        (HEAD, InputError, "a header and no row"),
        (HEAD + "DEU,52,,100,Coal\n", InputError, "longitude are missing"),
        (HEAD + "DEU,52,14,nan,Coal\n", InputError, "row 2: 'nan'"),
        (HEAD + "DEU,52,14,9,Coal\n\nDEU,52,14,x,Coal\n", InputError, "row 4: 'x'"),
        (HEAD + "DEU,52,14,-5,Coal\n", InputError, "negative"),
        (HEAD + "DEU,152,14,5,Coal\n", InputError, "outside -90 to 90"),
        (HEAD + "DEU,52,14,5,Plutonium gas\n", UnknownNameError, "unknown fuel"),
        (HEAD + "XYZ,52,14,5,Coal\n", UnknownNameError, "unknown country"),
        (HEAD + ",0,-30,5,Coal\n", InputError, "lie in no country"),
        (HEAD + "DEU,0,-30,5,Coal\n", InputError, "from their country"),
        (HEAD + "DEU,14.4,52,5,Coal\n", InputError, "swapped"),
        ("latitude,longitude,co2_mt\n52,14,-1\n", InputError, "negative or not finite"),
    ],
)
def test_bad_files_are_refused(tmp_path, text, error, words):
    with pytest.raises(error, match=words):
        pts.read_points(write(tmp_path, text))


def test_no_file_and_no_text(tmp_path):
    with pytest.raises(DataFileError, match="no such file"):
        pts.read_points(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00\xff")
    with pytest.raises((DataFileError, InputError)):
        pts.read_points(tmp_path / "b.csv")


def test_a_plant_on_the_coast_is_in_its_country(tmp_path):
    path = write(tmp_path, HEAD + "JPN,35.9,140.7,1000,Coal\n")
    assert pts.read_points(path).iso3 == ("JPN",)


# -- caps ----------------------------------------------------------------------------------------


def test_estimates_are_scaled_to_the_electricity(tmp_path):
    path = write(tmp_path, HEAD + "DEU,51.9,14.5,400000,Coal\n")
    found = pts.capped(pts.read_points(path), {"DEU": 650.0}, 2022)
    assert found.total()["DEU"] == pytest.approx(sum(power.electricity(2022)["DEU"].values()))
    assert "scaled down" in found.notes[-1].text and "DEU x" in found.notes[-1].text
    small = pts.capped(pts.read_points(path), {"DEU": 10.0}, 2022)
    assert small.total()["DEU"] == pytest.approx(10.0)


def test_given_emissions_beyond_the_account_are_refused(tmp_path):
    path = write(tmp_path, "country,latitude,longitude,co2_mt\nDEU,51.9,14.5,700\n")
    found = pts.read_points(path)
    with pytest.raises(InputError, match="emit 700 Mt, its account holds 650"):
        pts.capped(found, {"DEU": 650.0}, 2022)
    assert pts.capped(found, {"DEU": 700.0}, 2022) is found
    assert pts.capped(found, {"DEU": math.nan}, 2022) is found


# -- the satellite catalogue ---------------------------------------------------------------------


def test_the_catalogue_is_capped(data_folder):
    found = pts.catalogue(2022, folder=data_folder)
    assert 400 < len(found) <= 477  # the catalogue has 477 power plants (Fioletov et al. 2023)
    assert found.mt.max() <= pts.CAP_MT and (found.mt > 0).all()
    np.testing.assert_array_equal(found.sd, found.mt)
    for code, value in found.total().items():
        fuels = power.electricity(2022)[code]
        limit = pts.CAP_SHARE * (fuels.get("coal", 0) + fuels.get("oil", 0))
        assert value <= limit * (1 + 1e-9), code
    assert found.notes[0].estimated and "guess" in found.notes[0].text


def test_the_catalogue_has_years_and_needs_its_folder(data_folder, tmp_path, monkeypatch):
    with pytest.raises(NotAvailableError, match="no year 1999"):
        pts.catalogue(1999, folder=data_folder)
    with pytest.raises(DataFileError):
        pts.catalogue(2022, folder=tmp_path)
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    with pytest.raises(NotAvailableError, match="not shipped"):
        pts.catalogue(2022)
    assert not pts.has_catalogue()


def test_volcanoes_sum_to_the_published_figure(data_folder):
    found = pts.volcano_points(2022, folder=data_folder)
    assert found.mt.sum() == pytest.approx(38.7)
    etna = np.argmin((found.lat - 37.75) ** 2 + (found.lon - 15.0) ** 2)
    assert found.iso3[etna] == "ITA" and found.mt[etna] > 0.5


def test_filling_by_the_tiniest_weights():
    assert pts.filled(np.array([5e-324]), 1.0, 0.5).tolist() == [0.5]
    assert pts.filled(np.array([1e3, 5e-324]), 1.0, 0.5).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("text", "told"),
    [("latitude;longitude;co2_mt\n1.5;2.5;3\n", "separated by semicolons"),
     ("latitude;longitude;co2_mt\n1,5;2,5;3\n", "separated by semicolons"),
     ("latitude,longitude,co2_mt\n50,8,1\n50,5,8,1\n", "4 cells under 3 columns")],
)  # fmt: skip
def test_separators_that_are_wrong_are_named(tmp_path, text, told):
    path = tmp_path / "plants.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        pts.read_points(path)
