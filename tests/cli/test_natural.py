"""`mriocarbon natural`: what it prints, writes and refuses."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from mriocarbon.cli.natural import app
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.natural import translate


@pytest.fixture(autouse=True)
def no_folder(monkeypatch):
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_an_account_is_told_by_scope_with_what_is_missing():
    text = run("account", "China", "--year", "2022")
    at = [text.index(f"({letter}) ") for letter in "abcd"]
    assert at == sorted(at)
    for words in ("−1,151", "2014", "−2,289", "2015-2020", "never added", "missing: CO₂, volcanoes",
                  "MRIOCARBON_DATA", "across"):  # fmt: skip
        assert words in text
    assert "CH₄" not in run("account", "China", "--gas", "CO2").split("(d)")[0]


def test_several_make_a_group():
    text = run("account", "USA", "CAN", "--name", "North", "--gas", "CO2")
    assert text.splitlines()[1].startswith("North, 2022") or "North, 2022" in text
    assert "members' half-widths added" in text
    assert "27 members" in run("account", "eu27", "--gas", "CO2")
    text = run("account", "BRICS", "MEX", "--gas", "CO2")  # a group known may be among them
    assert "years differ (1990-2021)" in text and "CHN 2014" in text and "† rests" in text
    text = run("account", "DEU", "LUX", "--name", "two", "--gas", "CO2")
    assert "without LUX" in text


def test_doubtful_figures_and_sources_are_explained():
    text = run("account", "CAF", "--gas", "CO2")
    assert "−1,767‡" in text and "‡ as reported, but outside" in text
    assert "doubtful, the other scopes contradict it" in text
    assert "‡" not in run("account", "CAN", "--gas", "CO2")
    assert "Friedlingstein et al. (2025), CC BY 4.0" in text and "gcb-2024-land" not in text
    # no reader shall average an inversion with a sink
    assert "alternative" not in text and "nor averaged" in text


def test_the_budget_closes_on_the_screen():
    text = run("budget", "2022")
    for words in ("10.178", "0.966", "4.673", "2.723", "3.871", "0.217", "−0.339"):
        assert words in text
    assert "closes to" in text and "36.81" not in text
    assert "37,29" in run("budget", "2022", "--unit", "Mt CO2")


def test_files(tmp_path):
    out = tmp_path / "account"
    assert "Wrote 4 files" in run("account", "USA", "--out", str(out))
    assert {p.name for p in out.iterdir()} == {
        "account.csv", "results.json", "figure-natural.svg", "figure-natural.png"}  # fmt: skip
    content = json.loads((out / "results.json").read_text())
    table = pd.read_csv(out / "account.csv")
    assert len(table) == len(content["fluxes"]) + len(content["missing"])
    first = content["fluxes"][0]
    assert first["scope"] == "managed land" and first["value"] == pytest.approx(-832.0389727)
    assert all(m["reason"] for m in content["missing"])
    out = tmp_path / "budget"
    run("budget", "2022", "--out", str(out))
    content = json.loads((out / "results.json").read_text())
    assert content["terms"][0]["value"] == pytest.approx(10.1784488)
    assert content["terms"][5]["sd"] is None  # cement: none given, never zero
    assert len(pd.read_csv(out / "budget.csv")) == 7


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("account", "Gondor"), UnknownNameError),
        (("account", "USA", "--year", "1900"), InputError),
        (("account", "USA", "--gas", "SF6"), UnknownNameError),
        (("account", "USA", "USA"), InputError),
        (("account", "G20", "USA"), InputError),
        (("account", "USA", "--name", "mine"), InputError),
        (("budget", "1900"), InputError),
        (("budget", "2022", "--unit", "lb"), InputError),
        (("translate", "USA"), NotAvailableError),
    ],
)
def test_what_is_refused(arguments, error, tmp_path):
    with pytest.raises(error):
        run(*arguments)
    if arguments[0] != "translate":
        with pytest.raises(error):
            run(*arguments, "--out", str(tmp_path / "out"))
        assert not (tmp_path / "out").exists()


def test_a_file_in_the_way_is_found_before_any_work(tmp_path):
    place = tmp_path / "file"
    place.write_text("mine")
    with pytest.raises(InputError, match="a folder is needed"):
        run("account", "USA", "--out", str(place))
    assert place.read_text() == "mine"


def test_a_translation(data_folder, monkeypatch):
    monkeypatch.setenv("MRIOCARBON_DATA", str(data_folder))
    text = run("translate", "USA")
    usa = translate("USA")
    for value in (usa.translated, usa.inventory, usa.sink):
        assert f"−{abs(value):.0f}" in text
    assert "holds the inventory" in text and "† an estimate" in text and "CC BY 4.0" in text
