"""`mriocarbon cbam` as a user types it."""

import csv
import json

import pytest

from tests.cli import call, run


def cbam(*args, cwd):
    return call("cbam", *args, cwd=cwd)


def test_a_default_value_with_its_place(tmp_path):
    done = run("cbam", "default", "7208", "--origin", "CHN", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for part in ("3.187", "3.506", "2025/2621", 'table "China"', "direct"):
        assert part in done.stdout


def test_an_obligation(tmp_path):
    words = ("obligation", "7208", "1000", "--origin", "CHN", "--price", "75.36")
    done = cbam(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for part in ("2,170.25", "264,212.16", "163,550.04"):
        assert part in done.stdout


def test_an_audit_takes_the_price_of_a_quarter(tmp_path):
    words = ("audit", "--origin", "IND", "--draws", "100", "--price", "2026-Q2")
    done = cbam(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "75.28 EUR per t CO₂e, 2026-Q2 (European Commission" in " ".join(done.stdout.split())


def test_an_audit_leaves_its_files(tmp_path):
    out = tmp_path / "report"
    done = cbam("audit", "--origin", "CHN", "--out", str(out), "--draws", "200", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = {p.name for p in out.iterdir()}
    assert {"report.html", "lines.csv", "audit.json", "audit.xlsx", "costs.csv"} <= names
    assert "conservative" in done.stdout and "median" in done.stdout.casefold()
    with (out / "lines.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 260
    assert json.loads((out / "audit.json").read_text(encoding="utf-8"))
    # the price that nobody gave keeps its period and source, on the screen and in the file
    screen = " ".join(done.stdout.split())
    assert "75.36 EUR per t CO₂e, 2026-Q1 (European Commission" in screen
    assert "Regulation (EU) 2026/1740 was not at hand" in screen
    with (out / "costs.csv").open(encoding="utf-8", newline="") as file:
        costs = [r for r in csv.DictReader(file) if r["basis"] in ("trade at hand", "one tonne")]
    assert {r["price_period"] for r in costs} == {"2026-Q1"}
    assert {r["price_assumed"] for r in costs if r["year"] != "2026"} == {
        "the price of 2026-Q1, held constant"
    }
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "no legal advice" in page and "http://" not in page.split("<body")[0]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("default", "72", "--origin", "CHN"), "malformed CN code"),
        (("default", "8703", "--origin", "CHN"), "not covered"),
        (("default", "7208", "--origin", "Chnia"), "China"),
        (("default", "7208", "--origin", "CHN", "--year", "2025"), "definitive period"),
        (("default", "2523 10", "--origin", "CHN"), "route"),
        (("obligation", "7208", "-5", "--origin", "CHN"), "error"),
        (("obligation", "7208", "many", "--origin", "CHN"), "many"),
        (("audit", "--origin", "Chnia"), "China"),
        (("audit", "--origin", "CHN", "--trade", "none.csv"), "none.csv"),
        (("audit", "--origin", "CHN", "--band", "10"), "10 %"),
    ],
)
def test_wrong_input_gets_one_error_and_nothing_is_written(args, told, tmp_path):
    out = () if args[0] != "audit" else ("--out", str(tmp_path / "out"))
    done = cbam(*args, *out, cwd=tmp_path)
    assert done.returncode == 2
    assert told.casefold() in done.stderr.casefold()
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_bad_file_names_row_and_column_and_leaves_nothing(tmp_path):
    bad = tmp_path / "trade.csv"
    bad.write_text(
        "origin,cn,year,tonnes,value_eur\nCHN,7208,2024,1.234 t,100000\n", encoding="utf-8"
    )
    out = ("--out", str(tmp_path / "out"))
    done = cbam("audit", "--origin", "CHN", "--trade", str(bad), *out, cwd=tmp_path)
    assert done.returncode == 2
    assert "row 2" in done.stderr and "tonnes" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["trade.csv"]
