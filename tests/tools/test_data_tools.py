"""The database and the data sets as tools: typed questions, and SQL that can only read."""

import math

import pytest

import mriocarbon as mc
from mriocarbon import tools
from mriocarbon.datasets.sql import QueryError, QueryLimitError, QueryRefusedError
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.tools.database import COMPUTED


def test_inventories_stand_side_by_side():
    found = tools.call("emissions_database", {"region": "中国", "year": 2022})
    rows = mc.database().table("inventories", region="CHN", year=2022, gas="CO2",
                               source="gcb-2025-fossil")  # fmt: skip
    for scope in ("territorial", "consumption"):
        one = [f for f in found.figures if f.labels["scope"] == scope]
        assert len(one) == 1 and one[0].unit == "Mt CO2"
        assert one[0].value == float(rows.loc[rows["scope"] == scope, "value"].iloc[0])
        assert one[0].labels["source"] == "gcb-2025-fossil" and one[0].labels["year"] == "2022"
    told = " ".join(found.caveats)
    assert "neither added nor averaged" in told
    assert "unfccc-non-annex-i-2022, NGHGI: no figure of 2022; it has 1994" in told
    assert "ceds-2024: has no total" in told
    assert {one.licence for one in found.sources} and all(one.citation for one in found.sources)


def test_detail_and_category():
    totals, sectors = (
        tools.call("emissions_database", {"region": "DEU", "year": 2021, "detail": detail})
        for detail in ("totals", "sectors")
    )
    assert len(totals.figures) < len(sectors.figures)
    energy = [f for f in sectors.figures if f.labels["process"] == "1"]
    assert energy[0].value == pytest.approx(631.4713, abs=1e-3)
    steel = tools.call("emissions_database", {"region": "DEU", "year": 2021, "category": "1.A.2.a"})
    assert [round(f.value, 2) for f in steel.figures] == [37.84]
    gone = tools.call("emissions_database", {"region": "DEU", "year": 2021, "category": "1.A.2.c",
                                             "scope": "NGHGI"}).figures  # fmt: skip
    assert all(f.value is None and "included elsewhere" in f.why for f in gone) and gone


def test_long_lists_are_cut_and_say_so():
    first = tools.call("emissions_database", {"region": "DEU", "year": 2021, "detail": "all",
                                              "gas": "CH4"})  # fmt: skip
    assert len(first.figures) == first.shown == 40 and first.total > 100
    rest = tools.call("emissions_database", {"region": "DEU", "year": 2021, "detail": "all",
                                             "gas": "CH4", "offset": 39})  # fmt: skip
    assert rest.figures[0].labels == first.figures[39].labels


def test_what_is_not_there_is_not_available():
    with pytest.raises(NotAvailableError, match="no inventory"):
        tools.call("emissions_database", {"region": "G20"})
    with pytest.raises(NotAvailableError, match="no population"):
        tools.call("population_gdp", {"regions": "China", "year": 1900})
    with pytest.raises(NotAvailableError, match="up to 1995"):
        tools.call("grid_factors", {"region": "HKG", "year": 1995})
    half = tools.call("population_gdp", {"regions": ["world"], "year": 2023})
    assert "WLD: no GDP of 2023" in half.caveats


def test_population_grid_and_gwp():
    people = tools.call("population_gdp", {"regions": ["China", "India"], "year": 2022})
    assert {f.labels["region"]: f.value for f in people.figures if f.quantity == "population"}[
        "IND"
    ] > 1.42e9
    grid = tools.call("grid_factors", {"region": "Brasilien"})
    factors = {(f.quantity, f.labels.get("technology", "")): f.value for f in grid.figures
               if f.labels["source"] == "ifi-grid-2021"}  # fmt: skip
    assert factors["grid factor, operating margin", ""] == 284.0
    assert (
        factors["grid factor, combined margin", "intermittent energy (solar, wind, tidal)"]
        == mc.avoided.grid_factors("combined").table.loc["BRA", "value"]
    )
    assert tools.call("gwp", {"gases": "ch4"}).figures[0].value == 28.0
    with pytest.raises(UnknownNameError):
        tools.call("gwp", {"gases": ["CH5"]})
    named = {"gases": ["methane", "fossil methane", "生物源甲烷", "hfc134A"], "report": "AR6",
             "horizon": 20}  # fmt: skip
    assert [one.labels["gas"] for one in tools.call("gwp", named).figures] == [
        "CH4", "CH4 fossil", "CH4 non-fossil", "HFC134a"
    ]  # fmt: skip
    with pytest.raises(UnknownNameError):  # AR5 knows methane of one kind here
        tools.call("gwp", {"gases": ["GHG"]})


def test_numbers_of_a_query_carry_the_other_columns():
    found = tools.call("database_query", {"sql":
        "SELECT region, year, gas, source, scope, variable, value, unit, low, high "
        "FROM inventories WHERE region IN ('CHN', 'USA') AND gas = 'CO2' AND year = 2022 "
        "AND source = 'gcb-2025-fossil' ORDER BY region, scope"})  # fmt: skip
    assert [f.labels["region"] for f in found.figures] == ["CHN", "CHN", "USA", "USA"]
    first = found.figures[0]
    assert first.quantity == "emissions" and first.unit == "Mt" and first.value > 1e4
    assert first.labels == {"region": "CHN", "year": "2022", "gas": "CO2", "scope": "consumption",
                            "source": "gcb-2025-fossil"}  # fmt: skip
    assert [one.name.split(":")[0] for one in found.sources] == ["gcb-2025-fossil"]


def test_columns_without_unit_and_rows_alike_are_told():
    found = tools.call("database_query", {"sql": "SELECT 1 AS a, 2.5 AS b UNION ALL SELECT 1, 2.5"})
    assert [(f.quantity, f.value) for f in found.figures] == [("a", 1), ("b", 2.5)] * 2
    assert {f.labels.get("row") for f in found.figures} == {"1", "2"}
    assert all(f.unit == "not told" for f in found.figures)
    assert any("does not select unit" in one for one in found.caveats)
    twice = tools.call("database_query", {"sql": "SELECT 1 AS a, 3 AS a"})
    assert [(f.quantity, f.value) for f in twice.figures] == [("a", 1), ("a (2)", 3)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 99999 AS value, 'Mt CO2' AS unit, 'CHN' AS region, 2022 AS year",
        "SELECT sum(value) AS value, unit, region FROM inventories WHERE region = 'CHN' "
        "AND gas = 'CO2' AND year = 2022 GROUP BY unit, region",
        "SELECT 2 * value AS value, unit, region FROM inventories WHERE region = 'CHN' "
        "AND gas = 'CO2' AND year = 2022 LIMIT 3",
        "SELECT value, unit, 'USA' AS region FROM inventories WHERE region = 'CHN' "
        "AND source = 'gcb-2025-fossil' AND year = 2022",
        "SELECT value AS emissions, unit, region FROM inventories WHERE region = 'CHN' LIMIT 3",
        "WITH made(value, unit, source) AS (VALUES (99999.0, 'Mt', 'gcb-2025-fossil')) "
        "SELECT * FROM made",
    ],
)
def test_what_a_query_makes_itself_has_no_source_and_says_so(sql):
    found = tools.call("database_query", {"sql": sql})
    assert found.figures
    assert {one.why for one in found.figures} == {COMPUTED}
    assert any("the query's own" in one for one in found.caveats)
    assert not found.sources


def test_rows_as_they_stand_have_their_source_though_it_was_not_selected():
    found = tools.call("database_query", {"sql":
        "SELECT value, unit, region, year FROM inventories WHERE region = 'CHN' AND gas = 'CO2' "
        "AND year = 2022 AND source = 'gcb-2025-fossil' AND scope = 'consumption'"})  # fmt: skip
    assert [one.why for one in found.figures] == [""]
    assert "gcb-2025-fossil" in [one.name.split(":")[0] for one in found.sources]
    assert not any("the query's own" in one for one in found.caveats)


def test_missing_and_odd_cells():
    found = tools.call("database_query", {"sql":
        "SELECT NULL::DOUBLE AS value, 'NE' AS key, 'x' AS region, 'Mt' AS unit "
        "UNION ALL SELECT 'inf'::DOUBLE, NULL, 'y', 'Mt' "
        "UNION ALL SELECT 3, NULL, 'z', 'Mt'"})  # fmt: skip
    values = {f.labels["region"]: f for f in found.figures}
    assert values["x"].value is None and values["x"].why == "NE"
    assert values["y"].value is None and values["z"].value == 3.0
    huge = tools.call(
        "database_query", {"sql": "SELECT 10::HUGEINT ** 30 AS n, 12.5::DECIMAL(9,2) d"}
    )
    assert [f.value for f in huge.figures] == [pytest.approx(1e30), 12.5]
    words = tools.call("database_query", {"sql": "SHOW TABLES"})
    assert {"name": "inventories"} in words.items and not words.figures
    long = tools.call("database_query", {"sql": "SELECT repeat('a', 5000) AS t"})
    assert len(long.items[0]["t"]) <= 300
    listed = tools.call("database_query", {"sql": "SELECT [1, 2] AS l"})
    assert listed.items[0]["l"] == "[1, 2]"


def test_rows_are_limited():
    found = tools.call("database_query", {"sql": "SELECT source FROM inventories", "limit": 5})
    assert len(found.items) == 5 and any("cut after 5 rows" in one for one in found.caveats)
    wide = tools.call(
        "database_query", {"limit": 100, "sql": "SELECT 1 a, 2 b, 3 c FROM range(100)"}
    )
    assert len(wide.figures) <= 200 and any("more numbers than fit" in one for one in wide.caveats)
    with pytest.raises(InputError):
        tools.call("database_query", {"sql": "SELECT 1", "limit": 101})
    with pytest.raises(InputError):
        tools.call("database_query", {"sql": "SELECT 1" + " " * 5000})


@pytest.mark.parametrize("sql", [
    "INSERT INTO inventories VALUES (1)",
    "UPDATE inventories SET value = 0",
    "DROP TABLE inventories",
    "ATTACH '/tmp/x.db'",
    "COPY (SELECT 1) TO '/tmp/stolen.csv'",
    "EXPORT DATABASE '/tmp/stolen'",
    "INSTALL httpfs",
    "PRAGMA database_list",
    "SET enable_external_access = true",
    "SELECT 1; DROP TABLE inventories",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'https://example.org/x.parquet'",
    "SELECT getenv('HOME')",
    "WITH w AS (DELETE FROM inventories RETURNING *) SELECT * FROM w",
    "SELECT * FROM duckdb_secrets()",
])  # fmt: skip
def test_what_does_more_than_read_is_refused(sql):
    with pytest.raises((QueryRefusedError, QueryError)) as error:
        tools.call("database_query", {"sql": sql})
    assert isinstance(error.value, InputError)


def test_nothing_of_this_process_can_be_seen():
    secret = "a table of the caller"  # noqa: F841 - DuckDB would find it by its name
    with pytest.raises(QueryError):
        tools.call("database_query", {"sql": "SELECT * FROM secret"})
    with pytest.raises(QueryError):
        tools.call("database_query", {"sql": "SELEC 1"})


@pytest.mark.slow
def test_a_query_that_does_not_end_is_ended():
    large = "range(100000000000)"
    sql = f"SELECT count(*) FROM {large} a, {large} b WHERE a.range * b.range = 7"
    with pytest.raises(QueryLimitError):
        tools.call("database_query", {"sql": sql})


def test_tables_of_the_database_are_described():
    found = tools.call("database_tables", {})
    rows = {f.labels["table"]: f.value for f in found.figures}
    assert rows["grid_factors"] == len(mc.database().table("grid_factors"))
    columns = tools.call("database_tables", {"table": "grid_factors"})
    told = {one["column"]: one["values"] for one in columns.items}
    assert "grid factor, combined margin" in told["variable"]
    with pytest.raises(UnknownNameError):
        tools.call("database_tables", {"table": "passwords"})


def test_data_sets_and_sources():
    every = tools.call("data_sets", {"limit": 100})
    assert every.total == len(mc.data_listing()) == len(every.items)
    embedded = tools.call("data_sets", {"state": "embedded"})
    assert {one["name"] for one in embedded.items} == {one.name for one in mc.catalogue()}
    gtap = tools.call("data_sets", {"name": "gtap"})
    assert "licence" in gtap.caveats[0] and gtap.sources[0].citation
    with pytest.raises(UnknownNameError):
        tools.call("data_sets", {"name": "no such data"})
    sources = tools.call("sources_of", {"about": "ceds"})
    assert [one["source"] for one in sources.items] == ["ceds-2024"]
    assert sources.items[0]["licence"] == "CC BY 4.0"
    of_table = tools.call("sources_of", {"table": "natural_fluxes"})
    assert {one["source"] for one in of_table.items} == set(
        mc.database().table("natural_fluxes")["source"]
    )


def test_names_are_told_as_they_would_be_understood():
    found = tools.call("find_names", {"names": ["中国", "Korea", "qqqq", "Germny", "chn"]})
    how = {one["asked"]: one for one in found.items}
    assert how["中国"]["code"] == "CHN" and how["chn"]["how"] == "code"
    assert how["Korea"]["how"] == "several" and "KOR (South Korea)" in how["Korea"]["options"]
    assert how["qqqq"]["how"] == "unknown" and "code" not in how["qqqq"]
    assert how["Germny"]["how"] == "like" and found.read_as["Germny"] == "DEU (Germany)"
    region = tools.call("find_names", {"names": "Kenya", "kind": "region"})
    assert region.items[0]["how"] == "unknown" and "ROW" in region.items[0]["do"]
    good = tools.call("find_names", {"names": ["7208 51"], "kind": "good"})
    assert good.items[0]["code"] == "CN 720851"
    industry = tools.call("find_names", {"names": ["C24A"], "kind": "sector"})
    assert industry.items[0]["code"] == "C24A"


def test_every_example_of_the_group_works_and_is_bounded():
    for one in tools.listing("data"):
        for example in one.examples:
            found = tools.call(one.name, example)
            assert found.figures or found.items
            assert len(found.figures) <= 200 and len(found.items) <= 200
            assert all(math.isfinite(f.value) for f in found.figures if f.value is not None)
