"""Building the database: the schema's refusals, areas, and the same bytes from the same data."""

import numpy as np
import pandas as pd
import pytest

from mriocarbon.datasets.database import EMBEDDED_STORE, database
from mriocarbon.errors import DataFileError, InputError
from scripts.database import build, economy, energy, factors, fluxes, inventories, legal
from scripts.database.areas import codes, groups
from scripts.database.notes import meaning, noted
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


# -- notes on single figures ----------------------------------------------------------------------


def _series(values, first=2015, **changes):
    """Rows of consecutive years of one series, in the columns of the store."""
    rows = [{**ROW, "year": first + i, "gas": "CO2", "category": "1.AD", "value": v, **changes}
            for i, v in enumerate(values)]  # fmt: skip
    return tidy(pd.DataFrame(rows), inventories.ANNEX_I)


def test_a_figure_a_thousand_times_its_neighbours_is_kept_and_noted():
    out = noted(_series([40.0, 39.0, 38.5, 38.0, 37.8, 5_967_701.924, 38.4]))
    assert out["value"].iloc[5] == 5_967_701.924
    assert out["note"].iloc[5].startswith("as published; 1.6e5 times its neighbouring years")
    assert out["note"].notna().sum() == 1


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 1.0, 1.0, 999.0, 1.0],  # less than a thousand times
        [1e-5, 1e-5, 1e-5, 0.9, 1e-5],  # a large ratio of small figures
        [0.0, 0.0, 0.0, 478.0, 0.0],  # an event in a series of zeros
        [1e-12, 1e-12, 1e-12, 478.0, 1e-12],  # remainders of rounding
        [10.0 ** (k / 3) for k in range(-9, 15)],  # growth a millionfold, step by step
        [1e-3, 1e-3, 5000.0],  # two neighbours, and no total to compare with
    ],
    ids=["ratio", "small", "zeros", "noise", "growth", "sparse"],
)
def test_what_is_no_slip(values):
    assert noted(_series(values))["note"].isna().all()


def test_a_sparse_series_is_compared_with_the_total_of_its_region():
    total = _series([1.7, 1.6], category="Total GHG emissions excluding LULUCF/LUCF", gas="GHG")
    sink = _series([-11288.4, -8.1], category="5", note="a")
    other = _series([-11288.4], category="5", region="BRA")  # without a total of its own
    out = noted(pd.concat([total, sink, other], ignore_index=True))
    assert out["note"].iloc[2].startswith("a; as published; 6.8e3 times the region's own total")
    assert out["note"].iloc[3] == "a" and out["note"].drop([2, 3]).isna().all()


def test_keys_are_put_in_words():
    out = noted(pd.concat([_series([None], key="NE"), _series([None], key="NO,IE", note="a")]))
    assert out["note"].iloc[0] == "no figure: not estimated by the source"
    assert out["note"].iloc[1].startswith("a; no figure, by parts: not occurring (the source says")
    assert "included elsewhere" in out["note"].iloc[1]
    assert out["value"].isna().all()
    assert meaning("XY") == "no figure: 'XY', as the source writes"


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


@pytest.fixture(scope="module")
def submissions(data_folder):
    out = Collected()
    inventories._annex_i(data_folder, "CO2", out)
    inventories._non_annex_i(data_folder, out)
    frame = pd.concat([noted(f) for f in out.frames["inventories"]], ignore_index=True)
    return frame[frame["note"].fillna("").str.contains("likely a slip")]


def test_slips_of_the_submissions_are_noted_and_few(submissions):
    ukraine = submissions[(submissions["region"] == "UKR") & (submissions["category"] == "1.AD")]
    assert ukraine["year"].tolist() == [2020]
    assert ukraine["value"].iloc[0] == pytest.approx(5_967_701.924)
    assert "1.5e5 times its neighbouring years" in ukraine["note"].iloc[0]
    bissau = submissions[submissions["region"] == "GNB"]
    assert set(bissau["year"]) == {1994} and {"5", "5.A"} <= set(bissau["category"])
    assert len(submissions) < 60


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


def test_a_range_that_excludes_its_value_gives_no_sd():
    table = pd.DataFrame(
        [["2019", "World", "septic", p, v, "kg/kg"]
         for p, v in (("def", "0.0045"), ("min", "0"), ("max", "0.001"))],
        columns=["year", "region", "product", "property", "value", "unit"],
    )  # fmt: skip
    row = factors._ipcc_table(table, "waste/wastewater/par_ef_n2o_wwatertreat").iloc[0]
    assert row[["value", "low", "high"]].tolist() == [0.0045, 0.0, 0.001]
    assert np.isnan(row["sd"]) and row["note"] == "published range excludes the value"
    assert "no sd" in row["uncertainty"]
