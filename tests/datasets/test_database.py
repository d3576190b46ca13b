"""The emissions database: its schema in every row, known figures, traps, damaged stores."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from mriocarbon.datasets import database as module
from mriocarbon.datasets.database import EMBEDDED_STORE, DatabaseWarning, database
from mriocarbon.datasets.sql import QueryRefusedError
from mriocarbon.errors import DataFileError, InputError, UnknownNameError

MOST_BYTES = 5_000_000
NEVER_MISSING = ("region", "variable", "unit", "uncertainty", "scope", "source", "edition",
                 "licence")  # fmt: skip
IDENTITY = ("source", "region", "year", "month", "variable", "gas", "category", "item", "unit",
            "scope")  # fmt: skip


@pytest.fixture(scope="module")
def store():
    return database(EMBEDDED_STORE)


@pytest.fixture(scope="module")
def ask(store):
    """Rows of a query in our own DuckDB (not the sandbox: many small questions)."""
    connection = module._connection()
    for name, path in store.tables.items():
        connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{path}')")
    return lambda sql: connection.execute(sql).fetchall()


# -- schema --------------------------------------------------------------------------------------


def test_families_and_size(store):
    assert len(store.families) >= 8
    assert sum(p.stat().st_size for p in EMBEDDED_STORE.iterdir()) <= MOST_BYTES
    assert not store.complete


def test_every_family_has_the_same_columns(store, ask):
    columns = {tuple(r[0] for r in ask(f"DESCRIBE {name}")) for name in store.families}
    assert len(columns) == 1
    assert set(NEVER_MISSING) | set(IDENTITY) <= set(next(iter(columns)))


@pytest.mark.parametrize("column", NEVER_MISSING)
def test_what_is_never_missing(store, ask, column):
    for name in store.families:
        assert ask(f"SELECT count(*) FROM {name} WHERE {column} IS NULL OR {column} = ''") == [(0,)]


def test_a_missing_value_has_a_reason_and_an_uncertainty_is_never_zero(store, ask):
    for name in store.families:
        silent = f"SELECT count(*) FROM {name} WHERE value IS NULL AND key IS NULL AND note IS NULL"
        assert ask(silent) == [(0,)], name
        outside = f"SELECT count(*) FROM {name} WHERE value NOT BETWEEN low AND high"
        assert ask(f"{outside} AND (sd IS NOT NULL OR note IS NULL)") == [(0,)], name
        assert ask(f"SELECT count(*) FROM {name} WHERE sd <= 0 AND value <> 0") == [(0,)], name
        assert ask(f"SELECT count(*) FROM {name} WHERE low > high") == [(0,)], name
        given = f"SELECT count(*) FROM {name} WHERE sd IS NOT NULL AND uncertainty LIKE 'none%'"
        assert ask(given) == [(0,)], name


def test_rows_are_told_apart_by_their_identity(store, ask):
    keys = ", ".join(IDENTITY)
    for name in store.families:
        double = ask(f"SELECT {keys} FROM {name} GROUP BY ALL HAVING count(*) > 1 LIMIT 3")
        assert double == [], name


def test_every_source_and_region_is_listed_and_every_source_used(store, ask):
    listed = {r[0] for r in ask("SELECT source FROM sources")}
    places = {r[0]: r[1] for r in ask("SELECT region, kind FROM regions")}
    used = set()
    for name in store.families:
        used |= {r[0] for r in ask(f"SELECT DISTINCT source FROM {name}")}
        assert {r[0] for r in ask(f"SELECT DISTINCT region FROM {name}")} <= set(places), name
    assert used <= listed and listed - used <= {"gfed5-beta"}
    assert "unknown" not in places.values()
    iso = [code for code, kind in places.items() if kind == "country"]
    assert len(iso) > 200 and all(len(code) == 3 and code.isupper() for code in iso)


def test_licences_allow_what_is_done_and_nothing_comes_from_edgar(ask):
    for source, licence, files in ask("SELECT source, licence, files FROM sources"):
        assert "NC" not in licence and "ND" not in licence, source
        assert "edgar" not in files.casefold(), source
    assert ("edgar/",) in ask("SELECT what FROM left_out WHERE source = 'files'")


def test_compact_says_what_it_leaves_out(store):
    for family in store.families.values():
        short = family.rows < family.rows_of_the_whole
        assert short == (family.left_out != "nothing left out"), family.name


# -- known figures and traps ----------------------------------------------------------------------


def test_global_carbon_budget_is_in_co2(store):
    frame = store.table("inventories", source="gcb-2025-fossil", region="WLD", year=2022,
                        scope="territorial")  # fmt: skip
    assert frame["value"].iloc[0] == pytest.approx(37527.77, abs=0.01)
    assert frame["sd"].iloc[0] == pytest.approx(0.05 * 37527.77, rel=1e-5)
    both = store.table("inventories", source="gcb-2025-fossil", region="CHN", year=2022)
    value = both.set_index("scope")["value"]
    assert value["consumption"] < value["territorial"]  # China exports more than it imports


def test_sum_of_countries_and_bunkers_is_the_world(ask):
    (total,), (world,) = (
        ask(f"SELECT sum(value) FROM inventories WHERE source = 'gcb-2025-fossil' AND year = 2022 "
            f"AND scope = 'territorial' AND region {test}")[0]
        for test in ("NOT IN ('WLD', 'EU27')", "= 'WLD'")
    )  # fmt: skip
    assert total == pytest.approx(world, rel=1e-6)


def test_land_use_mean_and_spread(ask):
    where = "source = 'gcb-2024-land' AND region = 'BRA' AND year = 2022 AND item"
    found = ask(f"SELECT value FROM inventories WHERE {where} <> 'mean of models'")
    values = [value for (value,) in found]
    mean, sd = ask(f"SELECT value, sd FROM inventories WHERE {where} = 'mean of models'")[0]
    assert len(values) == 4
    assert mean == pytest.approx(np.mean(values)) and sd == pytest.approx(np.std(values, ddof=1))


def test_ceds_has_fuels_and_the_united_states_include_domestic_aviation(ask):
    usa = ask("SELECT sum(value) FROM inventories WHERE source = 'ceds-2024' AND gas = 'CO2' "
              "AND region = 'USA' AND year = 2021")[0][0]  # fmt: skip
    assert usa == pytest.approx(4653, abs=60)
    assert ask("SELECT count(*) FROM inventories WHERE source = 'ceds-2024' AND gas = 'CO2' "
               "AND item IS NULL") == [(0,)]  # fmt: skip
    notes = ask("SELECT DISTINCT note FROM inventories WHERE source = 'ceds-2024' AND gas = 'CO2' "
                "AND region = 'USA' AND value <> 0")  # fmt: skip
    assert len(notes) == 1 and "with domestic aviation" in notes[0][0]


def test_notation_keys_are_missing_not_zero(ask):
    rows = ask("SELECT DISTINCT key FROM inventories WHERE source = 'unfccc-annex-i-2023' AND "
               "value IS NULL")  # fmt: skip
    keys = {r[0] for r in rows}
    assert {"NE", "IE", "NO"} <= keys and None not in keys
    assert ask("SELECT count(*) FROM inventories WHERE key IS NOT NULL AND value IS NOT NULL") == [
        (0,)
    ]


def test_missing_values_of_inventories_say_why_in_words(ask):
    where = "FROM inventories WHERE value IS NULL"
    assert ask(f"SELECT count(*) {where} AND (note IS NULL OR note NOT LIKE '%no figure%')") == [
        (0,)
    ]
    assert ask(f"SELECT DISTINCT note {where} AND key = 'IE'") == [
        ("no figure: included elsewhere (in another category of the source)",)
    ]
    assert ask(f"SELECT count(*) {where} AND note LIKE '%as the source writes%'") == [(0,)]


def test_absurd_figures_are_kept_and_noted(ask):
    slip = "FROM inventories WHERE note LIKE '%likely a slip of the source%'"
    ukraine = ask(f"SELECT year, value, note {slip} AND region = 'UKR' AND category = '1.AD'")
    assert [row[:2] for row in ukraine] == [(2020, 5967701.924)]
    assert "1.5e5 times its neighbouring years" in ukraine[0][2]
    assert ask(f"SELECT value {slip} AND region = 'GNB' AND year = 1994 AND category = '5' "
               "AND gas = 'CO2'") == [(-11288.4,)]  # fmt: skip
    assert ask("SELECT count(*) FROM inventories WHERE source LIKE 'unfccc%' "
               "AND abs(value) > 20000 AND note IS NULL") == [(0,)]  # fmt: skip


def test_agriculture_of_the_1996_guidelines_is_not_land_use(ask):
    scopes = ask("SELECT DISTINCT scope FROM inventories WHERE source = 'unfccc-non-annex-i-2022' "
                 "AND category LIKE '4.A%'")  # fmt: skip
    assert scopes == [("NGHGI",)]
    land = ask("SELECT DISTINCT scope FROM inventories WHERE source = 'unfccc-annex-i-2023' "
               "AND category = '4'")  # fmt: skip
    assert land == [("NGHGI with land use",)]


def test_single_gas_totals_of_non_annex_i_are_of_the_gas_itself(ask):
    methane = ask("SELECT value, unit FROM inventories WHERE source = 'unfccc-non-annex-i-2022' "
                  "AND region = 'CHN' AND gas = 'CH4' AND year = 2014 AND category LIKE "
                  "'Total GHG emissions excluding%'")  # fmt: skip
    assert methane[0][1] == "Mt"
    assert 40 < methane[0][0] < 70  # in CO2e of the second report it would be above 1,000


def test_sign_of_fluxes(ask):
    rows = dict(ask("SELECT category, value FROM natural_fluxes WHERE source = 'gcb-2024-global' "
                    "AND year = 2022"))  # fmt: skip
    assert rows["land sink"] < 0 and rows["ocean sink"] < 0
    assert rows["land-use change emissions"] > 0 and rows["atmospheric growth"] > 0


def test_solar_exports_are_by_economy_once(ask):
    total = ask("SELECT sum(value) FROM trade WHERE year = 2024 AND unit = 'MW' "
                "AND category_name = 'Panels'")[0][0]  # fmt: skip
    assert 220e3 < total < 260e3  # 236 GW of panels; twice that with the rows of regions
    assert ask("SELECT count(DISTINCT month) FROM trade WHERE year = 2024") == [(12,)]


def test_cbam_values(ask):
    clinker = ask("SELECT item, value FROM cbam WHERE region = 'CHN' AND category = 'CN 25231000' "
                  "AND variable = 'default value, direct' ORDER BY value")  # fmt: skip
    assert [value for _, value in clinker] == [1.24, 1.35]
    assert ask("SELECT value, unit FROM cbam WHERE variable = 'certificate price' "
               "AND item = '2026-Q1'") == [(75.36, "EUR/t CO2e")]  # fmt: skip
    note = ask("SELECT DISTINCT note FROM cbam WHERE region = 'ALB' AND category = 'CN 25232100'")
    assert all("shifted" in text for (text,) in note)


def test_factors(ask):
    assert ask("SELECT value FROM emission_factors WHERE source = 'defra-2024' AND gas = 'GHG' AND "
               "category = 'UK electricity'") == [(0.20705,)]  # fmt: skip
    value, low, high, sd = ask(
        "SELECT value, low, high, sd FROM emission_factors WHERE source = 'ipcc-defaults' AND "
        "category = 'generic/par_carbon_content_per_energy' AND item = 'anthracite'"
    )[0]
    assert (value, low, high) == (26.8, 25.8, 27.5)  # V2 table 1.3: 26.8 (25.8-27.5) kg C/GJ
    assert sd == pytest.approx((high - low) / 3.92)
    assert ask("SELECT count(*) FROM emission_factors WHERE item LIKE '%rice%' OR "
               "item LIKE '%dummy%'") == [(0,)]  # fmt: skip


def test_characterisation_agrees_with_gwp(store):
    from mriocarbon.inventory.gwp import gwp

    frame = store.table("characterisation", source="ipcc-gwp", variable="GWP100")
    for report in ("SAR", "AR4", "AR5", "AR6"):
        ours = frame[frame["item"] == report].set_index("gas")["value"]
        theirs = gwp(report)
        for gas in ("CH4", "N2O", "SF6"):
            assert ours[gas] == theirs[gas]
    assert frame.set_index(["item", "gas"])["value"]["AR6", "CH4 fossil"] == 29.8


def test_industries_sum_to_the_world(ask):
    total = ask("SELECT sum(value) FROM industry_emissions")[0][0]
    assert total == pytest.approx(44231.4, abs=0.05)


# -- opening and reading --------------------------------------------------------------------------


def test_table_filters_and_carries_its_sources(store):
    frame = store.table("grid_factors", region=["FRA", "POL"], year=2022, source="owid-grid")
    assert sorted(frame["region"]) == ["FRA", "POL"]
    assert frame.set_index("region")["value"]["POL"] > 5 * frame.set_index("region")["value"]["FRA"]
    assert frame.attrs["sources"]["owid-grid"]["licence"] == "CC BY 4.0"
    none = store.table("cbam", year=None, variable="CBAM factor")
    assert len(none) == 0 and list(none.columns) == list(frame.columns)
    assert len(store.table("energy", region=[])) == 0


def test_sources_name_what_they_share(store):
    shares = store.sources.set_index("source")["shares"]
    assert "UNFCCC" in shares["gcb-2025-fossil"]


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda s: s.table("inventory"), UnknownNameError, "inventories"),
        (lambda s: s.table("energy", contry="CHN"), UnknownNameError, "country|columns|known"),
        (lambda s: s.table("energy", year="2022"), InputError, "numbers"),
        (lambda s: s.table("energy", region=1), InputError, "text"),
        (lambda s: s.table("energy", year=[2020, True]), InputError, "numbers"),
        (lambda s: s.query("DROP VIEW energy"), QueryRefusedError, "DROP"),
    ],
)
def test_bad_questions(store, call, error, match):
    with pytest.raises(error, match=match):
        call(store)


def test_a_filter_is_a_value_never_sql(store):
    assert len(store.table("energy", region="' OR 1=1 --")) == 0


def test_query_notes_that_the_store_is_compact(store):
    result = store.query("SELECT count(*) FROM inventories")
    assert result.rows[0][0] == store.families["inventories"].rows
    assert any("compact store" in note for note in result.notes)
    assert store.query("SELECT count(*) FROM grid_factors").notes == ()


def test_it_cannot_be_changed(store):
    with pytest.raises(dataclasses.FrozenInstanceError):
        store.complete = True
    with pytest.raises(TypeError):
        store.families["a"] = None


# -- which store, and damage ----------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(EMBEDDED_STORE, tmp_path / "database")


def _complete(folder):
    path = folder / "database.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"complete": True}))


def test_the_whole_store_in_the_cache_is_preferred(copy, monkeypatch):
    _complete(copy)
    monkeypatch.setenv("MRIOCARBON_CACHE", str(copy.parent))
    assert database().complete and database().folder == copy


def test_without_a_cache_the_compact_store_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("MRIOCARBON_CACHE", str(tmp_path / "nothing"))
    assert database().folder == EMBEDDED_STORE


def test_a_damaged_store_in_the_cache_is_passed_over_aloud(copy, monkeypatch):
    _complete(copy)
    content = bytearray((copy / "energy.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "energy.parquet").write_bytes(bytes(content))
    monkeypatch.setenv("MRIOCARBON_CACHE", str(copy.parent))
    with pytest.warns(DatabaseWarning, match="altered"):
        assert not database().complete
    with pytest.raises(DataFileError, match="altered"):
        database(copy)


@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (lambda f: (f / "energy.parquet").write_bytes(b"PAR1"), "truncated"),
        (lambda f: (f / "energy.parquet").unlink(), "cannot be read"),
        (lambda f: (f / "database.json").write_text("{"), "manifest"),
        (lambda f: (f / "database.json").write_text("[]"), "manifest"),
        (lambda f: (f / "database.json").write_text('{"families": {}, "files": {}, "complete": 1}'),
         "lacks"),
        (lambda f: shutil.rmtree(f), "cannot be opened"),
    ],
)  # fmt: skip
def test_damage_is_told(copy, damage, match):
    assert len(database(copy).families) >= 8
    damage(copy)
    with pytest.raises(DataFileError, match=match):
        database(copy)
