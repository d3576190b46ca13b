"""`mriocarbon avoided`, called as a command of an app of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mriocarbon.cli.avoided import avoided as command
from mriocarbon.errors import DataFileError, InputError, NotAvailableError, UnknownNameError
from mriocarbon.report.avoided_files import CSVS

app = typer.Typer()
app.command()(command)


def call(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_the_command_of_the_question(tmp_path: Path) -> None:
    out = tmp_path / "report"
    done = call("--exporter", "CHN", "--technology", "solar,wind", "--year", "2024", "--draws",
                "150", "--out", str(out))  # fmt: skip
    assert done.exit_code == 0, done.output
    for words in ("Solar and wind technology exported by China, 2024", "panels and wind turbines",
                  "never subtracted", "Carbon payback", "Saudi Arabia",
                  "The claimed 350 Mt", "missing: wind: value in USD"):  # fmt: skip
        assert words in done.stdout.replace("\n", " "), words
    assert (out / "report.html").is_file()
    assert len(list(out.iterdir())) == 2 + len(CSVS)
    told = json.loads((out / "avoided.json").read_text(encoding="utf-8"))
    assert told["settings"]["draws"] == 150


def test_options_are_taken(tmp_path: Path) -> None:
    out = tmp_path / "wind"
    done = call("--technology", "wind", "--margin", "average", "--attribution", "value",
                "--decline", "0.02", "--seed", "3", "--draws", "120", "--no-towers", "--out",
                str(out))  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads((out / "avoided.json").read_text(encoding="utf-8"))
    assert told["settings"]["margin"] == "average"
    assert told["settings"]["attribution"] == "value"
    assert told["settings"]["seed"] == 3
    assert told["claim"] is None
    assert any("towers of wind turbines are left out" in n["text"] for n in told["notes"])
    assert "--decline 0.02" in told["command"]


def test_exports_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(
        "destination,technology,product,mw,usd,month\n"
        "Brazil,solar,panels,100,2e7,1\nZAF,wind,turbines,20,,\n",
        encoding="utf-8",
    )
    done = call("--exporter", "VNM", "--exports", str(mine), "--draws", "120")
    assert done.exit_code == 0, done.output
    assert "exported by Viet" in done.stdout
    assert "missing: manufacture by the table" in done.stdout
    assert "The claimed" not in done.stdout


def test_technology_is_not_ignored_with_exports_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(
        "destination,technology,product,mw\nBrazil,solar,panels,100\nZAF,wind,turbines,20\n",
        encoding="utf-8",
    )
    done = call("--exports", str(mine), "--technology", "wind", "--draws", "100")
    assert done.exit_code == 0, done.output
    assert "Wind technology exported" in done.stdout
    assert "The wind turbines that China exported in 2024 (20.0 MW)" in done.stdout
    other = call("--exporter", "VNM")
    assert "--exports FILE" in str(other.exception)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (["--technology", "hydro"], UnknownNameError, "hydro"),
        (["--technology", ","], InputError, "no technology"),
        (["--exporter", "DEU"], NotAvailableError, "no trade data"),
        (["--exporter", "Atlantis"], UnknownNameError, "Atlantis"),
        (["--year", "1990"], NotAvailableError, "1990"),
        (["--year", "2023"], NotAvailableError, "no wind exports"),
        (["--draws", "0"], InputError, "0 draws"),
        (["--draws", "99"], InputError, "at least 100"),
        (["--draws", "99999999999999"], InputError, "99999999999999"),
        (["--seed", "-1"], InputError, "seed"),
        (["--margin", "marginal"], UnknownNameError, "marginal"),
        (["--attribution", "half"], UnknownNameError, "half"),
        (["--decline", "soon"], UnknownNameError, "soon"),
        (["--decline", "2"], InputError, "decline"),
        (["--exports", "no-such-file.csv"], DataFileError, "no-such-file"),
    ],
)
def test_bad_input_is_refused_in_words(arguments, error, says) -> None:
    done = call(*arguments)
    assert done.exit_code != 0
    assert isinstance(done.exception, error)
    assert says in str(done.exception)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("destination,technology,mw\nBRA,solar,1\n", "product"),
        ("destination,technology,product,mw\nBRA,solar,panels,-1\n", "-1"),
        ("destination,technology,product,mw\nBRA,solar,panels,much\n", "much"),
        ("destination,technology,product,mw\nNowhere,solar,panels,1\n", "Nowhere"),
        ("destination,technology,product,mw\nBRA,solar,turbines,1\n", "turbines"),
        ("destination,technology,product,mw\n", ""),
        ("destination,technology,product,mw\nBRA,solar,panels,0\n", "0 MW of panels"),
        ("destination,technology,product,mw\nBRA,solar,panels,1e300\n", "TW"),
        ("destination,technology,product,mw,usd\nBRA,solar,panels,1,1e12\n", "per kW"),
        ("destination,technology,product,mw\nCHN,solar,panels,1\n", "is the exporter"),
        ("destination,technology,product,mw\nBRA,solar,panels,1\nBRA,solar,panels,1\n", "BRA"),
    ],
)
def test_a_bad_csv_is_refused_by_its_row(tmp_path: Path, lines: str, says: str) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(lines, encoding="utf-8")
    done = call("--exports", str(mine), "--out", str(tmp_path / "out"))
    assert isinstance(done.exception, InputError), done.output
    assert says in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_filled_is_told_first(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    done = call("--out", str(file))
    assert isinstance(done.exception, InputError)
    assert "folder" in str(done.exception)
