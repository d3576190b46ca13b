"""`mriocarbon --cite FILE COMMAND`, workbooks from a command, and the names that are joined up."""

import pytest
from typer.testing import CliRunner

import mriocarbon as mc
from mriocarbon.cli.cite import citing
from mriocarbon.cli.main import app
from mriocarbon.errors import DataFileError, InputError

RUN = CliRunner()


def test_what_a_command_rests_on(tmp_path):
    path = tmp_path / "s.bib"
    told = RUN.invoke(app, ["--cite", str(path), "account", "income", "--stressor", "CO2"])
    assert told.exit_code == 0 and f"Wrote {path}" in told.output
    text = path.read_text(encoding="utf-8")
    assert "10.1016/j.ecolecon.2012.09.010" in text and "Hoesly" in text and "mriocarbon" in text
    words = tmp_path / "s.txt"
    RUN.invoke(app, ["--cite", str(words), "trade"])
    assert "method: Peters & Hertwich (2008)" in words.read_text(encoding="utf-8")


def test_nothing_is_written_for_a_command_that_fails(tmp_path):
    path = tmp_path / "s.bib"
    assert RUN.invoke(app, ["--cite", str(path), "account", "incme"]).exit_code
    assert RUN.invoke(app, ["--cite", str(path), "principles"]).exit_code == 0
    assert not path.exists()
    for wrong, error in (
        (tmp_path / "s.doc", InputError),
        (tmp_path / "no" / "s.bib", DataFileError),
    ):
        told = RUN.invoke(app, ["--cite", str(wrong), "account", "income"])
        assert isinstance(told.exception, error)
        assert "Mt CO2e" not in told.output  # told before the work


def test_what_is_not_all_says_so(tmp_path):
    path = tmp_path / "s.bib"
    with citing(path, "map"):
        mc.verified("regions_20")
    assert path.read_text(encoding="utf-8").startswith("% not all that `mriocarbon map` rests on")
    told = RUN.invoke(app, ["--cite", str(path.with_name("t.bib")), "industry", "list"])
    assert told.exit_code == 0 and not path.with_name("t.bib").exists()
    assert "not all that `mriocarbon industry` rests on" in told.stderr


@pytest.mark.parametrize("more", [[], ["--per-capita"], ["--unit", "kt CO2e"]])
def test_a_workbook_from_a_command(tmp_path, more):
    from openpyxl import load_workbook

    path = tmp_path / "a.xlsx"
    told = RUN.invoke(app, ["account", "production", "--out", str(path), *more])
    assert told.exit_code == 0, told.output
    book = load_workbook(path)
    assert ("per person" in book.sheetnames) == ("--per-capita" in more)
    unit = "kt CO2e" if "--unit" in more else "Mt CO2e"
    assert book["accounts"]["D1"].value == f"production: total, {unit} †"


def test_doctor_is_a_command():
    told = RUN.invoke(app, ["doctor", "--no-probe"])
    assert told.exit_code == 0 and "The main job can be done" in told.output
