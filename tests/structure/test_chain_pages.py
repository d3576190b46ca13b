"""Figures and commands of value chains, inequality and leakage."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import typer
from properties.tables import toy
from typer.testing import CliRunner

import mriocarbon as mc
from mriocarbon.cli.chains import chains as chains_command
from mriocarbon.cli.inequality import inequality as inequality_command
from mriocarbon.cli.inequality import leakage as leakage_command
from mriocarbon.errors import InputError, MriocarbonError, ShapeError
from mriocarbon.report import chain_figures
from mriocarbon.structure.gvc import chains
from mriocarbon.structure.inequality import inequality
from mriocarbon.structure.leakage import leakage

app = typer.Typer()
for command in (chains_command, inequality_command, leakage_command):
    app.command()(command)


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def mrio() -> mc.MRIO:
    return mc.load("oecd-icio-2022")


@pytest.mark.parametrize(
    "options",
    [
        {"view": "forward"}, {"view": "backward"}, {"view": "exports"},
        {"view": "exports", "method": "koopman-wang-wei", "content": "value added"},
        {"view": "forward", "content": "primary inputs"},
    ],
)  # fmt: skip
def test_bars_add_up_and_repeat(mrio, options):
    found = chains(mrio, **options)
    one, two = chain_figures.chain(found), chain_figures.chain(found)
    assert one.svg == two.svg and one.png == two.png
    assert one.png.startswith(b"\x89PNG")
    assert "China" in one.svg and "†" in one.svg and "OECD" in one.svg
    assert re.search(r"\b100\b", one.svg)
    if "value added" in options.values() or "primary inputs" in options.values():
        assert "billion USD" in one.svg and "greenhouse" not in one.svg


def test_bars_of_one_region(mrio):
    found = chains(mrio, level="sector")
    drawing = chain_figures.chain(found, region="China")
    assert "Iron and steel" in drawing.svg and "China: where GHG" in drawing.svg
    assert "The 20 largest of 50" in drawing.caption
    with pytest.raises(InputError, match="name the region"):
        chain_figures.chain(found)
    with pytest.raises(InputError, match="no sectors"):
        chain_figures.chain(chains(mrio), region="CHN")
    with pytest.raises(ShapeError, match="region_to"):
        chain_figures.chain(chains(mrio, level="bilateral"))
    with pytest.raises(ShapeError, match="item"):
        chain_figures.chain(leakage(mrio))


def test_bars_with_negative_terms_go_left_of_zero():
    mrio = toy(Y=[[110, -40], [80, -15], [10, 45], [5, 120]])
    found = chains(mrio)
    assert found["A", "final exports"] < 0
    assert "−" in chain_figures.chain(found).svg  # a tick below zero
    assert "−" not in chain_figures.chain(chains(toy())).svg


def test_lorenz(mrio):
    people = mc.population(2022)
    found = [inequality(mc.account(mrio, p), people) for p in ("consumption", "production")]
    drawing = chain_figures.lorenz(*found)
    assert f"{found[0].gini:.2f}" in drawing.svg and "equal for all" in drawing.svg
    assert drawing.svg == chain_figures.lorenz(*found).svg
    below = inequality({"a": -1.0, "b": 5.0}, {"a": 1.0, "b": 1.0})
    assert "not defined" in chain_figures.lorenz(below).svg
    zero = inequality({"a": 0.0, "b": 5.0}, {"a": 1.0, "b": 1.0})
    assert "infinite" in chain_figures.lorenz(zero).svg
    with pytest.raises(InputError, match="curves"):
        chain_figures.lorenz()


def test_leakage_figure(mrio):
    found = leakage(mrio)
    drawing = chain_figures.leakage(found)
    assert "home technology" in drawing.svg and "+791†" in drawing.svg
    with pytest.raises(ShapeError, match="region_with"):
        chain_figures.leakage(leakage(mrio, level="bilateral"))


def test_chains_command_writes_what_it_shows(mrio, tmp_path: Path):
    text = run("chains", "exports", "--method", "koopman-wang-wei", "--content", "primary inputs",
               "--out", str(tmp_path / "k.csv"), "--figure", str(tmp_path / "k.svg"))  # fmt: skip
    assert "…" not in text and "billion USD" in text
    assert "counted twice = " in text and "the terms leave" in text and "†" in text
    head = (tmp_path / "k.csv").read_text().partition("region,term")[0]
    assert "# closure: " in head and "# equations: 1 final exports = q_s B_ss" in head
    lines = [x for x in (tmp_path / "k.csv").read_text().splitlines() if not x.startswith("#")]
    assert lines[0] == "region,term,value" and len(lines) == 1 + 20 * 9
    total = sum(float(line.rsplit(",", 1)[1]) for line in lines[1:])
    found = chains(mrio, "exports", method="koopman-wang-wei", content="primary inputs")
    assert total == pytest.approx(found.value.sum())
    assert (tmp_path / "k.svg").read_text().startswith("<?xml")


def test_chains_command_of_one_region():
    text = run("chains", "backward", "--level", "origin", "--region", "Japan", "--percent")
    assert "of Japan" in text and "China" in text and "% of total" in text
    one = run("chains", "--region", "CHN")
    assert "China" in one and "United States" not in one


def test_inequality_command(tmp_path: Path):
    text = run("inequality", "consumption", "--group", "G7=USA,Japan,GBR,CAN",
               "--out", str(tmp_path / "i.csv"), "--figure", str(tmp_path / "i.png"))  # fmt: skip
    assert "Gini: total 0.37" in text and "in G7" in text and "in others" in text
    assert (tmp_path / "i.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "i.csv").exists()


def saved(folder: Path, name: str, f: list[float]) -> str:
    path = folder / name
    np.savez(path, Z=[[10.0, 5], [5, 10]], Y=[[80.0, 5], [10, 75]], F__GHG=f,
             regions=["A", "B"], sectors=["1"])  # fmt: skip
    return str(path)


def test_leakage_command(tmp_path: Path):
    text = run("leakage", "--out", str(tmp_path / "l.csv"), "--figure", str(tmp_path / "l.svg"))
    assert "technology" in text and "…" not in text and "accounting, not cause" in text
    assert (tmp_path / "l.csv").exists() and (tmp_path / "l.svg").exists()
    before, after = saved(tmp_path, "b.npz", [100, 100]), saved(tmp_path, "a.npz", [80, 105])
    text = run("leakage", "--table", before, "--after", after, "--home", "A")
    assert "strong leakage: 25.0 %" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["chains", "sideways"], "unknown view"),
        (["chains", "--level", "sector"], "do not fit a screen"),
        (["chains", "backward", "--approach", "sink"], "option of view"),
        (["chains", "--figure", "x.pdf"], ".svg or .png"),
        (["chains", "--level", "sector", "--figure", "x.svg"], "name the region"),
        (["inequality", "--group", "rich"], "NAME=REGION"),
        (["inequality", "--group", "a=USA", "--group", "b=United States"], "USA is in the groups"),
        (["inequality", "--group", "a=Atlantis"], "unknown region"),
        (["leakage", "--home", "USA"], "both a later table"),
        (["leakage", "--after", "oecd-icio-2022", "--home", "USA"], "NOT MEANINGFUL"),
        (["leakage", "--after", "oecd-icio-2022", "--home", "USA", "--out", "x.csv"], "no file"),
    ],
)
def test_bad_words_are_told_and_leave_nothing(words, says, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MriocarbonError, match=re.escape(says)):
        run(*words)
    assert not list(tmp_path.iterdir())


def test_a_table_without_households_is_told():
    with pytest.raises(MriocarbonError, match="households"):
        mc.account(toy(households=None), "consumption")
