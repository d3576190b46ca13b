"""Building the database: the schema's refusals, areas, and the same bytes from the same data."""

import numpy as np
import pandas as pd
import pytest

from mriocarbon.datasets.database import EMBEDDED_STORE, database
from mriocarbon.errors import DataFileError, InputError
from scripts.database import build, economy, energy, factors, fluxes, legal
from scripts.database.areas import codes, groups
from scripts.database.schema import COLUMNS, Collected, tidy, whole
from scripts.database.write import rounded, sha256, write_parquet

ROW = {"region": "CHN", "variable": "a", "unit": "Mt", "uncertainty": "none", "scope": "b",
       "value": 1.0}  # fmt: skip


def _frame(**changes):
    return pd.DataFrame([{**ROW, **changes}])


# -- schema --------------------------------------------------------------------------------------


def test_tidy_fills_source_edition_licence():
    row = tidy(_frame(), economy.GWP).iloc[0]
    assert (row["source"], row["licence"]) == (economy.GWP.id, economy.GWP.licence)
    assert list(row.index) == list(COLUMNS)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"contry": "a"}, "schema lacks"),
        ({"unit": ""}, "without unit"),
        ({"uncertainty": None}, "without uncertainty"),
        ({"value": np.inf}, "infinite"),
        ({"value": None}, "without a reason"),
        ({"sd": 0.0}, "uncertainty of zero"),
    ],
)
def test_tidy_refuses(changes, match):
    with pytest.raises(InputError, match=match):
        tidy(_frame(**changes), economy.GWP)


def test_a_missing_value_with_a_key_is_kept_missing():
    assert np.isnan(tidy(_frame(value=None, key="NE"), economy.GWP)["value"].iloc[0])


def test_doubled_rows_are_refused():
    frame = tidy(_frame(), economy.GWP)
    with pytest.raises(InputError, match="share their identity"):
        whole([frame, frame], "a")


# -- areas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Netherlands (Kingdom of the)", "NLD"),
        ("Congo (the)", "COG"),
        ("Congo (DRC)", "COD"),
        ("Korea (North), Democratic People's Republic of", "PRK"),
        ("Virgin Islands (British)", "VGB"),
        ("Virgin Islands (U.S.)", "VIR"),
        ("China (PRC and Hong Kong)", "CHN_HKG"),
        ("Myanmar/Burma", "MMR"),
        ("QTR", "QAT"),
        ("XKX", "XKX"),
        ("World", "WLD"),
    ],
)
def test_areas(name, code):
    assert codes([name], "a", Collected())[name] == code


def test_an_unknown_area_is_kept_and_written_down():
    collected = Collected()
    assert codes(["Atlantis"], "a", collected) == {"Atlantis": "a:Atlantis"}
    assert collected.unknown == {"a": {"Atlantis"}}
    assert collected.regions["a:Atlantis"][1] == "unknown"
    assert groups(["G7"], "a", collected) == {"G7": "a:G7"} and len(collected.unknown) == 1


# -- the build ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def collected(data_folder):
    out = Collected()
    for module in (fluxes, energy, legal, economy):
        module.collect(data_folder, out)
    return out


FAST = ("grid_factors", "natural_fluxes", "cbam", "trade", "energy", "characterisation", "economy",
        "industry_emissions")  # fmt: skip


def test_there_are_no_unknown_areas(collected):
    assert collected.unknown == {}


@pytest.mark.parametrize("family", FAST)
def test_the_embedded_part_comes_from_the_data(collected, tmp_path, family):
    """The same bytes: what is shipped is what the scripts derive, by whatever machine."""
    frame = build.compacted(family, whole(collected.frames[family], family))
    for column in ("value", "sd", "low", "high"):
        frame[column] = rounded(frame[column])
    path = tmp_path / f"{family}.parquet"
    write_parquet(frame, path, COLUMNS)
    assert sha256(path) == database(EMBEDDED_STORE).hashes[path.name]


def test_regions_of_the_solar_file_are_left_out_aloud(collected):
    assert any(s == "ember-solar-exports" and "regions" in w for s, w, _ in collected.left_out)


def test_no_source_reads_edgar():
    for origin in build.origins():
        assert not any("edgar" in file.casefold() for file in origin.files)
        assert origin.licence and origin.citation and origin.edition and origin.address


def test_a_missing_folder_or_file_leaves_nothing(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(DataFileError, match="no such folder"):
        build.build(tmp_path / "nothing", out, compact=True, ipcc=None)
    with pytest.raises(DataFileError, match="missing"):
        build.build(tmp_path, out, compact=True, ipcc=None, step=lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_another_wheel_of_factors_is_refused(tmp_path):
    wheel = tmp_path / "bonsai_ipcc-9.9.9-py3-none-any.whl"
    wheel.write_bytes(b"no wheel")
    with pytest.raises(DataFileError, match="not the recorded wheel"):
        factors.checked(wheel)


def test_the_table_of_ipcc_factors_drops_dummies_and_rice():
    table = pd.DataFrame(
        [
            ["2019", "World", "coal", "def", "2.0", "kg/GJ"],
            ["2019", "World", "coal", "min", "1.0", "kg/GJ"],
            ["2019", "World", "coal", "max", "3.0", "kg/GJ"],
            ["2019", "World", "peat", "def", "9.0", "kg/GJ"],
            ["2019", "World", "oil", "dummy", "7.0", "kg/GJ"],
            ["2019", "World", "rice_irrigated", "def", "7.0", "kg/GJ"],
        ],
        columns=["year", "region", "product", "property", "value", "unit"],
    )
    out = factors._ipcc_table(table, "energy/par_ef_co2_a").set_index("item")
    assert list(out.index) == ["coal", "peat"]
    assert out.loc["coal", ["value", "low", "high"]].tolist() == [2.0, 1.0, 3.0]
    assert out.loc["coal", "sd"] == pytest.approx(2 / 3.92)
    assert np.isnan(out.loc["peat", "sd"]) and "none" in out.loc["peat", "uncertainty"]
    assert set(out["gas"]) == {"CO2"}
