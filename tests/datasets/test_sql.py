"""Hostile SQL: nothing is read but the tables, nothing is written, nothing runs for ever."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from mriocarbon.datasets import sql, sql_worker
from mriocarbon.datasets.sql import QueryError, QueryLimitError, QueryRefusedError, run
from mriocarbon.errors import NotAvailableError


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    duckdb.sql(
        "SELECT range AS n, 'x' || range AS name, range / 3 AS value FROM range(5000)"
    ).write_parquet(str(folder / "numbers.parquet"))
    (folder / "secret.csv").write_text("a\nhush\n", encoding="utf-8")
    return folder


@pytest.fixture
def tables(store):
    return {"numbers": store / "numbers.parquet"}


@pytest.fixture
def unchanged(store, tmp_path, monkeypatch):
    """After the test the store and the working folder are what they were."""
    monkeypatch.chdir(tmp_path)
    before = _hashes(store)
    yield store
    assert _hashes(store) == before
    assert list(tmp_path.iterdir()) == []


def _hashes(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


# -- what may be done ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("SELECT count(*), sum(n) FROM numbers", (5000, 12497500)),
        ("FROM numbers ORDER BY n DESC LIMIT 1", (4999, "x4999", 4999 / 3)),
        ("WITH a AS (SELECT 1 AS b) SELECT b FROM a;  -- a comment", (1,)),
        ("SELECT n FROM main.numbers WHERE name = 'x7'", (7,)),
        ("VALUES (1)", (1,)),
        ("SHOW TABLES", ("numbers",)),
        ("SELECT 'ü 測試 😀' AS text", ("ü 測試 😀",)),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) "
         "SELECT max(n) FROM r", (9,)),
        ("SELECT table_name FROM information_schema.tables", ("numbers",)),
        ("SELECT NULL, date '2020-01-02', [1, 2], 1.5::DECIMAL(4, 1)",
         (None, "2020-01-02", [1, 2], "1.5")),
    ],
)  # fmt: skip
def test_reading(tables, query, first):
    assert run(query, tables).rows[0] == first


def test_describe_names_columns_and_types(tables):
    rows = run("DESCRIBE numbers", tables).rows
    assert [r[:2] for r in rows] == [("n", "BIGINT"), ("name", "VARCHAR"), ("value", "DOUBLE")]


def test_a_result_is_cut_and_says_so(tables):
    result = run("SELECT n FROM numbers ORDER BY n", tables, max_rows=10)
    assert (len(result), result.cut) == (10, True)
    assert "cut after 10 rows" in result.notes[0]
    assert result.to_pandas().attrs["cut"] is True
    exact = run("SELECT n FROM numbers ORDER BY n LIMIT 10", tables, max_rows=10)
    assert (len(exact), exact.cut, exact.notes) == (10, False, ())


def test_csv_keeps_missing_empty(tables):
    assert run("SELECT 1 AS a, NULL AS b", tables).to_csv() == "a,b\n1,\n"


# -- what may not --------------------------------------------------------------------------------

HOSTILE = [
    # files
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('{store}/secret.csv')",
    "SELECT * FROM '{store}/secret.csv'",
    "FROM '{store}/numbers.parquet'",
    'SELECT * FROM "{store}/secret.csv"',
    "SELECT * FROM read_parquet('{store}/numbers.parquet')",
    "SELECT * FROM parquet_metadata('{store}/numbers.parquet')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM numbers WHERE EXISTS (FROM read_text('/etc/passwd'))",
    "WITH a AS (FROM read_csv('/etc/passwd')) SELECT * FROM a",
    "SELECT * FROM numbers, LATERAL (SELECT * FROM read_text('/etc/' || 'passwd'))",
    'SELECT * FROM (WITH "{store}/secret.csv" AS (SELECT 1) SELECT 1), "{store}/secret.csv"',
    "SELECT * FROM 'https://example.com/a.csv'",
    "SELECT * FROM read_csv('s3://bucket/a.csv')",
    # writing
    "COPY numbers TO '{store}/out.csv'",
    "COPY (SELECT 1) TO '{store}/numbers.parquet'",
    "COPY numbers FROM '/etc/passwd'",
    "EXPORT DATABASE '{store}/out'",
    "IMPORT DATABASE '{store}'",
    "CREATE TABLE a AS SELECT 1",
    "CREATE TEMP TABLE a (b INT)",
    "CREATE MACRO f(a) AS a",
    "CREATE SECRET s (TYPE s3)",
    "INSERT INTO numbers VALUES (1, 'a', 2)",
    "UPDATE numbers SET n = 0",
    "DELETE FROM numbers",
    "TRUNCATE numbers",
    "DROP VIEW numbers",
    "ALTER VIEW numbers RENAME TO other",
    "MERGE INTO numbers USING numbers b ON true WHEN MATCHED THEN DELETE",
    "WITH a AS (COPY numbers TO '{store}/numbers.parquet' (USE_TMP_FILE false)) SELECT 1",
    "WITH a AS (COPY (SELECT 1) TO '{store}/out.csv') SELECT * FROM a",
    "WITH a AS (INSERT INTO numbers VALUES (1, 'a', 2) RETURNING *) SELECT * FROM a",
    "WITH a AS (DELETE FROM numbers RETURNING *) SELECT * FROM a",
    "WITH a AS (UPDATE numbers SET n = 0 RETURNING *) SELECT * FROM a",
    "SELECT (WITH a AS (DELETE FROM numbers RETURNING n) SELECT max(n) FROM a)",
    "WITH a AS (WITH b AS (DELETE FROM numbers RETURNING *) FROM b) FROM a",
    # the engine
    "ATTACH '{store}/other.db'",
    "DETACH memory",
    "USE memory",
    "INSTALL httpfs",
    "LOAD httpfs",
    "FORCE INSTALL spatial FROM community",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "SET memory_limit = '100GB'",
    "SET GLOBAL enable_external_access = true",
    "RESET lock_configuration",
    "SET VARIABLE a = 1",
    "CALL pragma_version()",
    "CHECKPOINT",
    "VACUUM",
    "BEGIN TRANSACTION",
    "PREPARE a AS SELECT 1",
    "EXECUTE a",
    "EXPLAIN ANALYZE SELECT 1",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM enable_logging()",
    "SELECT * FROM force_checkpoint()",
    "SELECT current_setting('secret_directory')",
    "SELECT getenv('HOME')",
    "SELECT write_log('hi')",
    "SELECT nextval('a')",
    "SELECT ?",
    "SELECT $a",
    # tables by name
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('numbers')",
    "SELECT * FROM pandas_scan(1)",
    "SELECT * FROM secret_frame",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM duckdb_views()",
    "DESCRIBE '{store}/secret.csv'",
    "SUMMARIZE '{store}/secret.csv'",
    "DESCRIBE SELECT * FROM read_csv('/etc/passwd')",
    # several statements
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW numbers",
    "SELECT 1 /* ; */; -- end\nDELETE FROM numbers",
    "SELECT 1;;;COPY numbers TO '{store}/out.csv';",
    "/* only a comment */",
    "-- only a comment",
    ";",
]

BATCH = """
import json, sys
import pandas as pd
sys.path.insert(0, {folder!r})
import sql_worker
secret_frame = pd.DataFrame({{"a": ["hush"]}})
task = json.loads(sys.stdin.read())
answers = [sql_worker.run({{**task, "sql": sql}}) for sql in task["queries"]]
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(store, tmp_path_factory):
    """What the worker says to each, all in one process (starting one for each takes a minute)."""
    folder = tmp_path_factory.mktemp("working-folder")
    shutil.copyfile(store / "numbers.parquet", folder / "copy.parquet")
    before = _hashes(store), _hashes(folder)
    task = {
        "queries": [query.replace("{store}", str(store)) for query in HOSTILE],
        "tables": {"numbers": str(folder / "copy.parquet")},
        "max_rows": 5,
        "timeout": 60,
        "memory_mb": 256,
        "threads": 1,
    }
    code = BATCH.format(folder=str(Path(sql.__file__).parent))
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        input=json.dumps(task), capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (_hashes(store), _hashes(folder)) == before
    return json.loads(done.stdout)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_is_refused(answers, number):
    answer = answers[number]
    assert answer.get("error") == "refused", (HOSTILE[number], answer)
    assert "hush" not in json.dumps(answer) and "root:" not in json.dumps(answer)


@pytest.mark.parametrize("number", [0, 3, 19, 35, 37, 44, 50, 66])
def test_hostile_is_refused_from_end_to_end(tables, unchanged, number):
    with pytest.raises(QueryRefusedError):
        run(HOSTILE[number].replace("{store}", str(unchanged)), tables)


@pytest.mark.parametrize(
    "query",
    ["SELECT 1\x00; DROP VIEW numbers", "SELECT '\ud800'", "SELECT 1" + " " * 20_000],
    ids=["NUL", "surrogate", "long"],
)
def test_hostile_text_is_refused(tables, unchanged, query):
    with pytest.raises(QueryRefusedError):
        run(query, tables)


@pytest.mark.parametrize(
    ("query", "said"),
    [("EXPORT DATABASE 'x'", "an EXPORT statement"), ("ATTACH 'x' AS y", "an ATTACH statement"),
     ("DROP VIEW numbers", "a DROP statement")],
)  # fmt: skip
def test_what_is_refused_is_named(tables, unchanged, query, said):
    with pytest.raises(QueryRefusedError, match=f"refused: {said};"):
        run(query, tables)


@pytest.mark.parametrize(
    "query",
    ["PIVOT numbers ON name USING sum(value)", "FROM (PIVOT numbers ON name USING sum(value))"],
)
def test_pivot_is_refused_with_the_way_round_it(tables, unchanged, query):
    with pytest.raises(QueryRefusedError, match="PIVOT is split into several statements") as error:
        run(query, tables)
    assert "SELECT" in str(error.value) and "FILTER" in str(error.value)
    assert "CASE" in str(error.value)
    instead = (
        "SELECT sum(value) FILTER (n = 3) AS three, sum(CASE WHEN n = 6 THEN value END) AS six"
    )
    assert run(f"{instead} FROM numbers", tables).rows == ((1.0, 2.0),)


WRONG = ["SELEC 1", "SELECT nothing FROM numbers", "", "   ", "'", "\\",
         "SELECT " + "NOT " * 4000 + "true", "𝕊𝔼𝕃𝔼ℂ𝕋 1", "SELECT * FROM numbers WHERE",
         "SELECT CAST('a' AS INTEGER)", "PIVOT numbers ON"]  # fmt: skip


@pytest.mark.parametrize("query", WRONG, ids=range(len(WRONG)))
def test_wrong_is_told(tables, unchanged, query):
    with pytest.raises(QueryError):
        run(query, tables)


@pytest.mark.parametrize(
    "query",
    [
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
        "SELECT count(*) FROM range(1000000000000)",
        "SELECT sum(a.value * b.value * c.value) FROM numbers a, numbers b, numbers c",
        "SELECT " + "(" * 9000,
        # one call of a function never looks at DuckDB's interrupt
        "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))",
    ],
    ids=["recursion", "range", "cross join", "parser", "one long call"],
)
def test_endless_is_ended_in_time(tables, unchanged, query):
    start = time.perf_counter()
    with pytest.raises(QueryLimitError, match="stopped after 1 s"):
        run(query, tables, timeout=1.0)
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize(
    "query",
    [
        "SELECT list_sum(range(1000000000))",
        "SELECT length(string_agg(name, '')) FROM (SELECT a.name FROM numbers a, numbers b)",
        "SELECT length(repeat('a', 4000000000))",
        "SELECT a.name || b.name AS c FROM numbers a, numbers b ORDER BY c",
    ],
    ids=["list", "string", "repeat", "sort"],
)
def test_too_large_is_ended(tables, unchanged, query):
    with pytest.raises(QueryLimitError):
        run(query, tables, timeout=5, memory_mb=64)


def test_a_cross_join_without_end_gives_its_first_rows(tables):
    result = run("SELECT a.n FROM numbers a, numbers b, numbers c", tables, max_rows=5)
    assert (len(result), result.cut) == (5, True)


# -- the inner walls, each without the one before it ----------------------------------------------

BY_FORCE = """
import json, sys
import duckdb
sys.path.insert(0, {folder!r})
import sql_worker
sql_worker.refusal = lambda *_: ""
task = json.loads(sys.stdin.read())
print(json.dumps(sql_worker.run(task)))
"""


def _without_the_check(query: str, store: Path, copy: Path) -> dict:
    """What the engine and the kernel say where the reading of the tree is taken out."""
    shutil.copyfile(store / "numbers.parquet", copy)
    task = {"sql": query, "tables": {"numbers": str(copy)}, "max_rows": 5, "timeout": 20,
            "memory_mb": 256, "threads": 1}  # fmt: skip
    code = BY_FORCE.format(folder=str(Path(sql.__file__).parent))
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], input=json.dumps(task), capture_output=True, text=True
    )
    return json.loads(done.stdout) if done.stdout else {"error": done.stderr}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '{store}/secret.csv'",
        "WITH a AS (COPY numbers TO '{store}/numbers.parquet' (USE_TMP_FILE false)) SELECT 1",
        "WITH a AS (COPY numbers TO '{store}/out.csv') SELECT 1",
        "WITH a AS (INSERT INTO numbers VALUES (1, 'a', 2) RETURNING *) SELECT * FROM a",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM enable_logging()",
    ],
)
def test_the_engine_refuses_by_itself(store, tmp_path, query):
    before = _hashes(store)
    answer = _without_the_check(query.replace("{store}", str(store)), store, tmp_path / "n.parquet")
    assert "error" in answer and "hush" not in json.dumps(answer)
    assert _hashes(store) == before


def test_the_kernel_lets_nothing_be_written(tmp_path):
    if sys.platform == "win32":
        pytest.skip("no limits of the kernel here")
    code = (
        f"import sys; sys.path.insert(0, {str(Path(sql.__file__).parent)!r}); import sql_worker\n"
        "sql_worker.limit_process(256, 5)\n"
        "with open('a.txt', 'w') as file: file.write('a' * 10)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True)
    assert done.returncode != 0
    assert all(p.stat().st_size == 0 for p in tmp_path.iterdir())


def test_the_child_knows_no_environment(tables, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hush")
    seen = {}
    real = sql.subprocess.Popen

    def spy(*args, **kwargs):
        seen.update(kwargs["env"])
        return real(*args, **kwargs)

    monkeypatch.setattr(sql.subprocess, "Popen", spy)
    run("SELECT 1", tables)
    assert "SECRET_TOKEN" not in seen and "HOME" not in seen


# -- arguments and circumstances -----------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", [{"max_rows": 0}, {"max_rows": 10**9}, {"timeout": 0}, {"timeout": 1e9},
            {"timeout": float("nan")}, {"memory_mb": 1}],
)  # fmt: skip
def test_limits_out_of_range(tables, bad):
    with pytest.raises(QueryError, match=next(iter(bad))):
        run("SELECT 1", tables, **bad)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(NotAvailableError, match="cannot be read"):
        run("SELECT 1", {"a": tmp_path / "a.parquet"})


def test_copies_are_thrown_away(tables, tmp_path, monkeypatch):
    monkeypatch.setattr(sql.tempfile, "tempdir", str(tmp_path))
    run("SELECT 1", tables)
    with pytest.raises(QueryLimitError):
        run("SELECT count(*) FROM range(1000000000000)", tables, timeout=0.5)
    assert os.listdir(tmp_path) == []


# -- the worker's own words, without a process around it ------------------------------------------

GONE = "no table 'nowhere'"


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("SELECT n FROM numbers ORDER BY n LIMIT 1", {"columns": ["n"], "rows": [[0]]}),
        ("SELECT n FROM numbers", {"rows": [[0], [1]], "cut": True}),
        ("SELECT [1, NULL] AS l, {'a': DATE '2022-01-02'} AS s",
         {"rows": [[[1, None], {"a": "2022-01-02"}]]}),
        ("WITH a AS (FROM numbers) SELECT count(*) FROM a", {"rows": [[5000]]}),
        ("SHOW TABLES", {"rows": [["numbers"]]}),
        ("FROM range(2)", {"rows": [[0], [1]]}),
        ("SELECT n FROM nowhere",
         {"error": "refused", "message": f"{GONE}; files cannot be read here"}),
        ("DESCRIBE nowhere",
         {"error": "refused", "message": f"{GONE}; files cannot be read here"}),
        ("SELECT * FROM duckdb_settings()",
         {"error": "refused", "message": "the table function 'duckdb_settings'"}),
        ("SELECT getenv('HOME')",
         {"error": "refused", "message": "the function 'getenv'"}),
        ("SELECT 1; SELECT 2", {"error": "refused", "message": "2 statements, not one"}),
        ("INSERT INTO numbers VALUES (1)", {"error": "refused"}),
        ("SELECT ?", {"error": "refused", "message": "a parameter without a value"}),
        ("SELEC 1", {"error": "syntax"}),
        ("SELECT n + 'x' FROM numbers", {"error": "failed"}),
    ],
)  # fmt: skip
def test_the_worker_in_this_process(tables, monkeypatch, query, answer):
    monkeypatch.setattr(sql_worker, "limit_process", lambda *_: None)  # they would stay with us
    found = sql_worker.run({
        "sql": query, "tables": {name: str(path) for name, path in tables.items()}, "max_rows": 2,
        "timeout": 10, "memory_mb": 256, "threads": 1, "origins": False,
    })  # fmt: skip
    assert {key: found.get(key) for key in answer} == answer
