"""`mriocarbon data` and `mriocarbon db`: whole processes, without a network."""

from __future__ import annotations

import csv
import io
import shutil
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import mriocarbon as mc
from mriocarbon.report import data_screen
from tests.cli import call, complaint, left, run

# No proxy answers there: as good as no network, on any machine.
PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")
OFFLINE = dict.fromkeys(PROXIES, "http://127.0.0.1:9") | {"no_proxy": "", "NO_PROXY": ""}
DEFRA = "DEFRA_ghg-conversion-factors-2024-full_set_v1_1.xlsx"


def test_list_and_info(tmp_path: Path) -> None:
    result = run("data", "list", cwd=tmp_path, MRIOCARBON_DATA="")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert "\u2026" not in result.stdout and "..." not in result.stdout
    assert any("oecd_icio_2022" in x and "embedded" in x for x in lines)
    assert any("exiobase-3" in x and "remote" in x for x in lines)
    assert any("gtap" in x and "by hand" in x for x in lines)
    result = call("data", "info", "defra-factors", cwd=tmp_path, MRIOCARBON_DATA="")
    assert result.returncode == 0, result.stderr
    for word in ("Open Government Licence", "cite", "2.1 MB", "558116ed06b5d84c", "by hand"):
        assert word in result.stdout, word


def test_the_list_has_every_name_edition_and_licence_whole(tmp_path: Path) -> None:
    """README and docs/data-sources.md: licences are listed by it."""
    told = call("data", "list", cwd=tmp_path, MRIOCARBON_DATA="").stdout.split()
    assert {one.name for one in mc.data_listing()} <= set(told)
    # the columns of a table stand side by side: records of a narrow one can be read in a row
    records = StringIO()
    data_screen.table(mc.data_listing(), Console(file=records, width=60))
    found = " ".join(records.getvalue().split())
    for one in mc.data_listing():
        for text in (f"name {one.name}", f"edition {one.edition}", f"licence {one.licence}"):
            assert text in found, text


@pytest.mark.parametrize("item", mc.catalogue(), ids=lambda item: item.name)
def test_info_of_an_item_that_is_shipped_tells_all_that_docs_say(item, tmp_path: Path) -> None:
    """docs/data.md: producer, edition, citation, licence, sha256, what is exact or estimated."""
    result = call("data", "info", item.name.replace("_", "-"), cwd=tmp_path, MRIOCARBON_DATA="")
    assert result.returncode == 0, result.stderr
    told = " ".join(result.stdout.split())
    for text in (
        item.name, item.producer, item.edition, item.citation, item.licence, item.licence_url,
        item.sha256, item.exactness, item.what_is_estimated,
    ):  # fmt: skip
        assert " ".join(text.split()) in told, text


def test_verify_what_is_shipped(tmp_path: Path) -> None:
    result = call("data", "verify", cwd=tmp_path, MRIOCARBON_DATA="")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "oecd_icio_2022" in result.stdout


def test_offline_is_one_line(tmp_path: Path) -> None:
    result = call("data", "fetch", "ceds", "--file", "nonsense.csv", cwd=tmp_path, **OFFLINE)
    assert result.returncode == 2 and "Traceback" not in result.stderr
    result = run("data", "fetch", "gcb-land-use", cwd=tmp_path, MRIOCARBON_DATA="", **OFFLINE)
    assert result.returncode == 2, result.stdout
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1 and "offline" in result.stderr
    assert left(tmp_path) == []


def test_add_by_hand_verify_damage_and_update(data_folder: Path, tmp_path: Path) -> None:
    source = data_folder / "ef" / DEFRA
    cache = tmp_path.parent / f"{tmp_path.name}-cache"
    shutil.copy(source, tmp_path / DEFRA)
    result = run("data", "add", DEFRA, cwd=tmp_path, MRIOCARBON_DATA="")
    assert result.returncode == 0, result.stderr
    assert "defra-factors 2024-v1.1" in result.stdout
    [kept] = list(cache.rglob(DEFRA))
    assert kept.read_bytes() == source.read_bytes()
    result = call("data", "verify", "defra-factors", cwd=tmp_path, MRIOCARBON_DATA="")
    assert result.returncode == 0, result.stdout
    result = call("data", "update", "defra-factors", "--yes", cwd=tmp_path, MRIOCARBON_DATA="")
    assert result.returncode == 0 and "nothing newer" in result.stdout, result.stderr
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes()[:-1] + b"\0\0")
    result = call("data", "verify", "defra-factors", cwd=tmp_path, MRIOCARBON_DATA="")
    assert result.returncode == 1 and DEFRA in result.stdout


def test_files_that_are_not_taken_in(tmp_path: Path) -> None:
    (tmp_path / DEFRA).write_bytes(b"<!DOCTYPE html><html>please log in</html>")
    before = left(tmp_path)
    complaint(call("data", "add", DEFRA, cwd=tmp_path), [DEFRA])
    (tmp_path / "notes.txt").write_text("mine")
    complaint(call("data", "add", "notes.txt", cwd=tmp_path), ["notes.txt"])
    complaint(call("data", "add", "absent.csv", cwd=tmp_path), ["absent.csv"])
    assert left(tmp_path) == sorted([*before, "notes.txt"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("info", "exiobase"), ["'exiobase", "did you mean"]),
        (("info", "nothing-of-the-kind"), ["known", "mriocarbon data list"]),
        (("fetch", "gtap"), ["gtap", "not fetched by program"]),
        (("fetch", "ceds", "--edition", "1999"), ["1999"]),
        (("update", "nothing-of-the-kind"), ["known:"]),
        (("verify", "nothing-of-the-kind"), ["nothing-of-the-kind"]),
    ],
)
def test_wrong_names(arguments: tuple[str, ...], words: list[str], tmp_path: Path) -> None:
    complaint(call("data", *arguments, cwd=tmp_path, **OFFLINE), words)
    assert left(tmp_path) == []


# -- db --------------------------------------------------------------------------------------


def test_families(tmp_path: Path) -> None:
    result = call("db", "families", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for word in ("inventories", "emission_factors", "natural_fluxes", "rows here"):
        assert word in result.stdout
    assert "store" in result.stdout.splitlines()[-1]


def test_query_as_a_table_as_records_and_as_csv(tmp_path: Path) -> None:
    sql = (
        "SELECT region, sum(value) AS total, NULL AS gap FROM industry_emissions"
        " GROUP BY region ORDER BY total DESC LIMIT 3"
    )
    result = run("db", "query", sql, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "CHN" in result.stdout and "NULL" in result.stdout
    result = call("db", "query", sql, "--csv", cwd=tmp_path)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [rows[0]["region"], rows[0]["gap"]] == ["CHN", ""] and len(rows) == 3
    assert float(rows[0]["total"]) == pytest.approx(12_700, rel=0.1)
    # ten wide columns do not fit: each row is told as a record, and no word of it is lost
    result = call("db", "query", "SELECT * FROM sources WHERE source = 'ceds-2024'", cwd=tmp_path)
    words = result.stdout.split()
    assert "citation" in words and "Geoscientific" in words and "CC" in words
    assert max(map(len, result.stdout.splitlines())) <= 120


def test_a_cell_cannot_steer_the_terminal(tmp_path: Path) -> None:
    result = call("db", "query", "SELECT chr(27) || '[31mred' AS a, '[bold]b' AS b", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stdout and "\\x1b[31mred" in result.stdout
    assert "[bold]b" in result.stdout


def test_a_cut_result_says_so(tmp_path: Path) -> None:
    result = call("db", "query", "SELECT * FROM industry_emissions", "--rows", "2", "--csv",
                 cwd=tmp_path)  # fmt: skip
    assert len(result.stdout.splitlines()) == 3 and "cut after 2 rows" in result.stderr
    none = call("db", "query", "SELECT * FROM sources WHERE 1 = 0", cwd=tmp_path)
    assert none.returncode == 0 and "no rows" in none.stdout


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("DROP TABLE sources", ""),
        ("COPY sources TO 'out.csv'", ""),
        ("SELECT * FROM read_csv('/etc/passwd')", ""),
        ("SELECT * FROM absent", "absent"),
        ("SELEC 1", ""),
        ("SELECT 1; SELECT 2", ""),
    ],
)
def test_hostile_and_wrong_queries(sql: str, word: str, tmp_path: Path) -> None:
    complaint(call("db", "query", sql, cwd=tmp_path), [word])
    assert left(tmp_path) == []


def test_build_needs_a_folder_of_data(tmp_path: Path) -> None:
    result = call("db", "build", "--data", "absent", cwd=tmp_path)
    assert result.returncode not in (0, None) and "Traceback" not in result.stderr
    assert left(tmp_path) == []
