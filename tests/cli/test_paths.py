"""`mriocarbon paths`, called as a command of an app of its own."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import mriocarbon as mc
from mriocarbon.cli.paths import paths as command
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.structure.paths import paths
from tests.structure.chains import count_out

app = typer.Typer()
app.command()(command)


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_prints_the_largest_paths_and_writes_all(tmp_path: Path) -> None:
    out, picture = tmp_path / "paths.csv", tmp_path / "paths.svg"
    done = call("--region", "China", "--top", "50", "--show", "7", "--out", str(out),
                "--figure", str(picture), "--by", "sector")  # fmt: skip
    assert done.exit_code == 0, done.output
    expected = paths(mc.load("oecd-icio-2022"), region="CHN", top=50)
    assert "China: the largest supply paths, Mt CO2e" in done.stdout
    assert f"50 paths: {expected.value.sum():,.2f} of {expected.total:,.2f} Mt CO2e" in done.stdout
    assert "CHN Construction" in done.stdout and "not listed" in done.stdout
    rows = list(csv.DictReader(x for x in out.read_text().splitlines() if x[:2] != "# "))
    assert [float(row["value"]) for row in rows] == expected.value.tolist()
    assert "<svg" in picture.read_text(encoding="utf-8")
    by = expected.by("sector")
    for name, total in (("tier", expected.total), ("crossings", expected.total),
                        ("by-sector", by.total)):  # fmt: skip
        text = (tmp_path / f"paths-{name}.csv").read_text()
        assert "# stressor: GHG" in text and "# year: 2022" in text
        sums = list(csv.DictReader(x for x in text.splitlines() if x[:2] != "# "))
        assert sum(float(row["value"]) for row in sums) == pytest.approx(total, rel=1e-12)
    assert str(out) in done.stdout.replace("\n", "")


def test_reads_a_table_of_ones_own_and_a_product_by_origin(tmp_path: Path) -> None:
    from properties.tables import TOY_F, TOY_Y, TOY_Z, toy

    mc.save(toy(), tmp_path / "toy.npz")
    out = tmp_path / "paths.json"
    done = call("--table", str(tmp_path / "toy.npz"), "--region", "B", "--product", "A:2",
                "--top", "12", "--out", str(out))  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text(encoding="utf-8"))
    y = TOY_Y[:, 1] * [0, 1, 0, 0]
    by_hand = count_out(TOY_Z, TOY_Z.sum(axis=1) + TOY_Y.sum(axis=1), TOY_F, y, depth=6).certain
    assert [row["value"] for row in told["list"]] == [v for v, _ in by_hand[:12]]
    assert told["product"] == "A 2" and told["region"] == "B"


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (["--region", "Atlantis"], UnknownNameError, "unknown region"),
        (["--product", "C99"], UnknownNameError, "unknown sector"),
        (["--product", "CHN:C99"], UnknownNameError, "unknown sector"),
        (["--by", "colour"], UnknownNameError, "unknown grouping"),
        (["--top", "0"], InputError, "not a positive whole number"),
        (["--out", "paths.doc"], InputError, "cannot tell the format"),
        (["--figure", "paths.csv"], InputError, "cannot tell the format"),
    ],
)
def test_bad_questions_are_told_and_leave_nothing(
    arguments, error, says, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call(*arguments)
    assert done.exit_code == 1
    assert isinstance(done.exception, error) and says in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_limit_is_obeyed_and_a_picture_without_a_place_leaves_no_list(tmp_path: Path) -> None:
    from mriocarbon.errors import AccountWarning, MriocarbonError

    out = tmp_path / "paths.json"
    with pytest.warns(AccountWarning, match="limit of 3,000 chains"):
        done = call("--top", "5000", "--limit", "3000", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert json.loads(out.read_text(encoding="utf-8"))["complete"] is False
    for made in tmp_path.iterdir():
        made.unlink()
    done = call("--top", "20", "--out", str(out), "--figure", str(tmp_path / "none" / "x.svg"))
    assert isinstance(done.exception, MriocarbonError)
    assert list(tmp_path.iterdir()) == []
    if Path("/proc").is_dir():  # looks as if it could be written to, and cannot
        done = call("--top", "20", "--out", str(out), "--figure", "/proc/x.svg")
        assert isinstance(done.exception, MriocarbonError)
        assert list(tmp_path.iterdir()) == []
