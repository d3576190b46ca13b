"""`mriocarbon industry`: what it prints and writes."""

import csv

import pytest
import yaml
from typer.testing import CliRunner

from mriocarbon.cli.industry import app
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.steps import step
from mriocarbon.lca.goal import ProcessSpec


def run(*words):
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_list_has_routes_and_processes():
    text = run("list")
    assert "steel-bf-bof" in text and "electrolysis-cell" in text and "cold-rolled" in text


def test_show_prints_the_balance():
    text = run("show", "pig-iron", "--origin", "CHN", "--set", "pig-iron.coke_rate=0.4")
    assert "hot metal" in text and "losses" in text
    value = float(step("pig-iron", origin="CHN", given={"pig-iron.coke_rate": 0.4}).direct)
    assert f"direct {value:.4g}" in text and "total" in text
    assert "give --grid" in run("show", "pig-iron")


def test_show_writes_a_foreground_process():
    made = yaml.safe_load(run("show", "gas-power-ccs", "--yaml"))
    (one,) = made["processes"]
    spec = ProcessSpec.model_validate(one)
    assert spec.waste[0].flow == "captured CO2" and spec.product == "electricity"


def test_simulate_prints_and_writes(tmp_path):
    path = tmp_path / "kiln.csv"
    words = ("simulate", "clinker-grey", "--draws", "500", "--seed", "3", "--gradient")
    text = run(*words, "--grid", "0.5", "--out", str(path))
    assert "500 draws" in text and "clinker-grey.heat" in text and "impossible" in text
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    table = {row["output"]: row for row in csv.DictReader(lines)}
    assert float(table["direct"]["q025"]) < float(table["direct"]["q975"])
    assert "assumed" in path.read_text(encoding="utf-8")


def test_compare_prints_and_writes(tmp_path):
    path = tmp_path / "tiers.csv"
    assert "IPCC" in run("compare", "--out", str(path))
    assert "1.58" in path.read_text(encoding="utf-8")


def test_bad_words_are_told():
    with pytest.raises(InputError, match="not understood"):
        run("show", "pig-iron", "--set", "pig-iron.coke_rate")
    with pytest.raises(InputError, match="no distribution"):
        run("show", "pig-iron", "--set", "pig-iron.coke_rate=0.4,0.1")
    with pytest.raises(UnknownNameError, match="pig-iron"):
        run("simulate", "pig-irn", "--draws", "10")
