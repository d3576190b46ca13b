"""`mriocarbon table`: whole processes on real input; what is said, what is left on disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mriocarbon as mc
from tests.cli import call, complaint, left, run
from tests.io.writers import oecd, sample

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


@pytest.fixture
def official(tmp_path: Path) -> Path:
    return oecd.write(tmp_path / "2020_SML.csv", sample())


def test_info_of_an_official_file_with_one_line_of_progress_a_member(
    tmp_path: Path, official: Path
) -> None:
    result = run("table", "info", official.name, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    words = [
        "oecd-icio-2020", "4 regions x 3 sectors", "2020", "industry-by-industry", "basic prices",
        "million USD", "AUS, CHN, MEX, ROW", "HFCE", "VA", "TLS", "no extensions",
    ]  # fmt: skip
    for word in words:
        assert word in result.stdout, word
    progress = [line for line in result.stderr.splitlines() if line.startswith("...")]
    assert progress == [f"... 2020_SML.csv: {official.stat().st_size:,} bytes"]
    assert max(map(len, result.stdout.splitlines())) <= 120


def test_info_of_the_embedded_table_shows_what_is_estimated(tmp_path: Path) -> None:
    result = call("table", "info", "oecd-icio-2022", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for word in ("20 regions x 50 sectors", "GHG", "44,231", "not known", "licence", "† ESTIMATE",
                 "sha256", "81 economies summed", "2,397 to 8,688"):  # fmt: skip
        assert word in result.stdout, word
    # a note says that some of its final demand is an estimate: never "none"
    line = next(x for x in result.stdout.splitlines() if "Y, final demand" in x)
    assert "none" not in line and "†" in line


def test_info_of_the_full_table(data_folder: Path, tmp_path: Path) -> None:
    result = call("table", "info", "oecd-icio-2022", "--detail", "full", cwd=tmp_path,
                 MRIOCARBON_DATA=str(data_folder))  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "81 regions x 50 sectors" in result.stdout and "98.8% †" in result.stdout
    assert "taxes less subsidies" in result.stdout


@pytest.mark.parametrize("target", ["t.npz", "t.zarr", "t.xlsx", "t.parquet", "folder"])
def test_convert_and_back_loses_nothing(tmp_path: Path, official: Path, target: str) -> None:
    command = run if target == "t.zarr" else call
    result = command("table", "convert", official.name, target, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert f"Wrote {target}" in result.stdout
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([official.name, target])
    old, new = mc.read(official), mc.read(tmp_path / target)
    for name in ("Z", "Y", "x", "value_added"):
        # a workbook holds 16 digits of a number, all others every bit
        np.testing.assert_allclose(
            getattr(new, name), getattr(old, name), rtol=1e-15 if target == "t.xlsx" else 0
        )
    assert old.other_inputs and new.other_inputs
    for name in ("values", "final_demand"):
        np.testing.assert_allclose(
            getattr(new.other_inputs, name), getattr(old.other_inputs, name), rtol=1e-15
        )
    assert (old.table_type, old.price_basis, old.year, old.money_unit) == (
        new.table_type, new.price_basis, new.year, new.money_unit
    )  # fmt: skip
    again = call("account", "production", "--table", target, "--no-households", cwd=tmp_path)
    assert "stressor" in again.stderr and "Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("info", "absent.csv"), ["no such file", "absent.csv"]),
        (("info", "oecd-icio-2021"), ["'oecd-icio-2022'"]),
        (("info", "oecd-icio-2022", "--year", "2019"), ["2019", "2022"]),
        (("info", "oecd-icio-2022", "--format", "wiod"), ["--format"]),
        (("info", "oecd-icio-2022", "--detail", "ful"), ["'full'"]),
        (("info", "oecd-icio-2022", "--detail", "full"), ["MRIOCARBON_DATA"]),
        (("info", "2020_SML.csv", "--detail", "full"), ["detail"]),
        (("info", "2020_SML.csv", "--year", "2019"), ["2019", "2020"]),
        (("info", "2020_SML.csv", "--format", "oecd-ico"), ["'oecd-icio'"]),
        (("info", "notes.txt"), ["no known layout", "exiobase3"]),
        (("check", "notes.txt"), ["no known layout"]),
        (("check", "2020_SML.csv", "--out", "no/such/out.json"), ["folder does not exist"]),
        (("convert", "2020_SML.csv", "t.h5"), ["'.h5'", ".zarr", ".xlsx"]),
        (("convert", "2020_SML.csv", "no/such/t.npz"), ["folder does not exist"]),
        (("convert", "2020_SML.csv", "no/such/t.zarr"), ["does not exist"]),
        (("convert", "2020_SML.csv", "no/such/folder"), ["does not exist"]),
        (("convert", "2020_SML.csv", "taken.zarr"), ["no store"]),
        (("convert", "2020_SML.csv", "taken"), ["already there"]),
        (("convert", "notes.txt", "t.npz"), ["no known layout"]),
    ],
)
def test_bad_words_are_one_clear_error_and_leave_nothing(
    arguments: tuple[str, ...], words: list[str], tmp_path: Path, official: Path
) -> None:
    (tmp_path / "notes.txt").write_text("to do")
    for name in ("taken", "taken.zarr"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine").write_text("mine")
    before = left(tmp_path)
    complaint(call("table", *arguments, cwd=tmp_path, MRIOCARBON_DATA=""), words)
    assert left(tmp_path) == before
    assert (tmp_path / "taken" / "mine").read_text() == "mine"


@pytest.mark.parametrize("target", ["t.npz", "t.zarr", "t.xlsx", "t.parquet", "folder"])
def test_a_bad_file_leaves_no_half_table(tmp_path: Path, official: Path, target: str) -> None:
    text = official.read_text()
    official.write_text(text[: len(text) // 2])
    result = call("table", "convert", official.name, target, cwd=tmp_path)
    complaint(result, [official.name])
    assert left(tmp_path) == [official.name]


def test_check_says_pass_warn_fail_and_writes_json(tmp_path: Path, official: Path) -> None:
    result = run("table", "check", official.name, "--out", "found.json", cwd=tmp_path)
    assert result.returncode in (0, 1), result.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    statuses = {finding["status"] for finding in found["findings"]}
    assert "PASS" in statuses and statuses <= {"PASS", "WARN", "FAIL", "SKIPPED"}
    assert result.returncode == int("FAIL" in statuses)
    assert all(status in result.stdout for status in statuses)


def test_check_fails_for_a_table_that_does_not_balance(tmp_path: Path) -> None:
    table = sample()
    table.Z[0, 3] *= 50
    table.Z[0, 0] += 1e7
    np.savez(
        tmp_path / "t.npz", Z=table.Z, Y=table.Y, x=table.x, regions=np.array(table.regions),
        sectors=np.array(table.sectors), categories=np.array(table.categories),
    )  # fmt: skip
    result = call("table", "check", "t.npz", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "FAIL" in result.stdout and "AUS A01_02" in result.stdout


def test_check_of_the_embedded_table_does_not_fail(tmp_path: Path) -> None:
    result = call("table", "check", "oecd-icio-2022", cwd=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
