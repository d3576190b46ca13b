"""Figures, terminal tables and files of a decomposition say what was computed and what it lacks."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import mriocarbon as mc
from mriocarbon.errors import NotAvailableError, UnknownNameError
from mriocarbon.report import decomposition as report
from mriocarbon.report import decomposition_files as files
from mriocarbon.structure.decomposition import decompose, decompose_regions
from mriocarbon.structure.series import decompose_series
from tests.properties.tables import TOY_F, TOY_Y, TOY_Z, toy

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


def year(k: int, **changes) -> mc.MRIO:
    """The toy table grown and cleaned a little every year."""
    given = {
        "Z": TOY_Z * (1 + 0.05 * k), "Y": TOY_Y * [[1 + 0.2 * k, 1 + 0.02 * k]],
        "stressors": {"CO2": TOY_F * 0.97**k}, "households": None, "units": "Mt CO2",
        "year": 2000 + k,
    }  # fmt: skip
    return toy(**{**given, **changes})


@pytest.fixture(scope="module")
def one():
    return decompose(year(0), year(3))


@pytest.fixture(scope="module")
def series():
    return decompose_series({2000 + k: year(k) for k in range(4)})


def shown(found, **options) -> str:
    console = Console(width=160, record=True, file=StringIO())
    files.terminal(found, console, **options)
    return console.export_text()


def test_waterfall_tells_parts_range_prices_and_source(one):
    drawing = report.waterfall(one, "A")
    assert drawing.title == "A: what changed its consumption-based CO₂, 2000 to 2003"
    for text in ("CURRENT PRICES", "how much", "raises the account", "all 720 orders of change"):
        assert text in drawing.svg, text
    effect = one.effects["level", "A"]
    assert f"+{effect:.0f}" in drawing.svg
    assert "low and high" in drawing.caption
    assert drawing.png[:4] == b"\x89PNG"
    assert report.waterfall(one, "A").svg == drawing.svg  # the same bytes again


def test_figure_of_a_series_shows_chain_and_end_points(series):
    drawing = report.bars(series, "World")
    for text in ("Step by step", "00–01", "02–03", "the steps summed", "3 steps summed"):
        assert text in drawing.svg, text
    chained = series.world.value.sum(axis=0)
    alone = series.endpoint.world.value
    k = series.chained.coords["factor"].index("level")
    for value in (chained[k], alone[k]):
        assert f"+{value:.0f}" in drawing.svg
    assert "Waterfall" in report.waterfall(series, "B").description


def test_editions_and_missing_emissions_are_in_the_figure():
    f = TOY_F * [1, 1, 0, 0]
    tables = [
        year(k, stressors={"CO2": f * (1 - 0.1 * k)}, provenance=mc.Provenance("x", str(k)))
        for k in (0, 1)
    ]
    found = decompose(*tables, mixed_editions=True, missing=["B"])
    svg = report.waterfall(found, "A").svg
    assert "DIFFERENT EDITIONS" in svg
    words = " ".join(re.sub(r"<[^>]+>", " ", svg).split())  # lines may break anywhere
    assert "Not known and not in these figures: CO₂ of industries (B)" in words
    assert "†" in svg
    with pytest.raises(NotAvailableError, match="account of B is not known"):
        report.waterfall(found, "B")
    world = report.parts_of(found, "world")
    assert world.end - world.start == pytest.approx(world.effects.sum(), rel=1e-12)


def test_two_regions_are_named_in_the_title():
    found = decompose_regions(mc.load("oecd-icio-2022"), "JPN", "USA")
    drawing = report.waterfall(found, "USA - JPN")
    assert drawing.title == "Consumption-based greenhouse gases: United States against Japan, 2022"
    with pytest.raises(NotAvailableError, match="no parts of the world"):
        report.parts_of(found, "World")


def test_ratios_have_no_figure(one):
    found = decompose(year(0), year(3), form="multiplicative")
    with pytest.raises(NotAvailableError, match="ratios do not stack"):
        report.waterfall(found, "A")
    assert "ratio" in shown(found, regions=["A"])


def test_terminal_tells_effects_range_and_notes(one, series):
    text = shown(one, regions=["A", "World"])
    for word in ("intensity: emissions per unit of output", "low", "high", "change",
                 "CURRENT PRICES", "orders in which 6 factors"):  # fmt: skip
        assert word in text, word
    assert f"{one.effects['level', 'A']:+,.2f}" in text
    text = shown(series)
    assert "World" in text
    assert "chained" in text
    assert "end points" in text
    with pytest.raises(UnknownNameError, match="region"):
        shown(one, regions=["Atlantis"])


def test_files_hold_what_was_computed(one, series, tmp_path: Path):
    names = {p.name for p in files.write(one, tmp_path / "one", region="A")}
    assert names == {
        "effects.csv", "before.csv", "after.csv", "bilateral.csv", "world.csv", "about.json",
        "figure-waterfall.svg", "figure-waterfall.png",
    }  # fmt: skip
    lines = [x for x in (tmp_path / "one" / "effects.csv").read_text().splitlines() if x[0] != "#"]
    rows = list(csv.DictReader(lines))
    found = {(r["factor"], r["region"]): (float(r["value"]), float(r["low"])) for r in rows}
    k, r = one.factors.index("trade"), 1
    assert found["trade", "B"] == (one.effects.value[k, r], one.effects.low[k, r])
    about = json.loads((tmp_path / "one" / "about.json").read_text())
    assert about["averaging"] == "shapley"
    assert any("CURRENT PRICES" in note for note in about["notes"])
    names = {p.name for p in files.write(series, tmp_path / "all")}
    assert {"periods.csv", "endpoints.csv", "figure-series.svg"} <= names
    ratios = decompose(year(0), year(3), form="multiplicative")
    names = {p.name for p in files.write(ratios, tmp_path / "ratios")}
    assert names == {"effects.csv", "before.csv", "after.csv", "about.json"}


def test_series_of_lmdi_draws_a_term_that_only_one_step_has(tmp_path: Path):
    Y = TOY_Y.copy()
    Y[2, 0] = -4.0
    tables = {2000: year(0), 2001: year(1), 2002: year(2, Y=Y)}
    found = decompose_series(tables, method="lmdi", cancel=1e9)
    assert "sign changes" in found.chained.coords["factor"]
    assert "sign changes" not in found.steps[0].factors
    assert "cells that change sign" in report.bars(found, "A").svg
    assert np.isfinite(found.chained.value).all()


def table(path: Path) -> list[dict[str, str]]:
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if x[0] != "#"]
    return list(csv.DictReader(lines))


def test_stressor_and_year_are_on_every_page(one, tmp_path: Path):
    made = [year(k, stressors={"F-gases": TOY_F * (1 - 0.1 * k)}, units="Mt CO2e") for k in (0, 1)]
    found = decompose(*made)
    assert (
        report.waterfall(found, "A").title
        == "A: what changed its consumption-based F-gases, 2000 to 2001"
    )
    assert "A, consumption, F-gases: " in shown(found, regions=["A"])
    two = decompose_regions(made[0], "A", "B")
    assert report.waterfall(two, "B - A").title.endswith("F-gases: B against A, 2000")
    assert "consumption, F-gases 2000" in shown(two)
    files.write(two, tmp_path)
    about = json.loads((tmp_path / "about.json").read_text())
    assert (about["stressor"], about["year"], about["states"]) == ("F-gases", "2000", ["A", "B"])
    assert "# stressor: F-gases" in (tmp_path / "before.csv").read_text()
    files.write(found, tmp_path / "years")
    for name, k in (("before.csv", 2000), ("after.csv", 2001)):
        assert f"# year: {k}" in (tmp_path / "years" / name).read_text()
    assert json.loads((tmp_path / "years" / "about.json").read_text())["states"] == ["2000", "2001"]


def test_effects_on_the_world_are_in_a_file(one, series, tmp_path: Path):
    files.write(one, tmp_path / "one")
    rows = table(tmp_path / "one" / "world.csv")
    assert [float(r["value"]) for r in rows] == one.world.value.tolist()
    assert [float(r["high"]) for r in rows] == one.world.high.tolist()
    assert "All values are in world.csv" in report.waterfall(one, "World").description
    assert "All values are in effects.csv" in report.waterfall(one, "A").description
    files.write(series, tmp_path / "all")
    rows = table(tmp_path / "all" / "world.csv")
    assert sum(float(r["low"]) for r in rows if r["factor"] == "level") == pytest.approx(
        report.chained(series, "World").low[series.chained.coords["factor"].index("level")]
    )
    assert "are in world.csv" in report.bars(series, "World").description
    assert "are in periods.csv" in report.bars(series, "A").description


def test_files_of_a_former_run_go_and_others_stay(one, series, tmp_path: Path):
    (tmp_path / "notes.txt").write_text("mine")
    files.write(series, tmp_path)
    assert (tmp_path / "periods.csv").is_file()
    files.write(one, tmp_path, region="A")
    names = {p.name for p in tmp_path.iterdir()}
    assert names.isdisjoint({"periods.csv", "endpoints.csv", "figure-series.svg"})
    assert {"notes.txt", "world.csv", "figure-waterfall.svg"} <= names
    written = {p.name for found in (one, series) for p in files.write(found, tmp_path / "x")}
    assert written <= set(files.NAMES)


def test_estimates_and_treatment_of_cells_are_in_the_files(tmp_path: Path):
    Y = TOY_Y.copy()
    Y[0, 0], Y[2, 0] = 10.0, -9.0
    note = mc.Note("assumed", about="CO2", estimated=True)
    tables = {2000 + k: year(k, notes=[note], **({"Y": Y} if k == 1 else {})) for k in range(3)}
    found = decompose_series(tables)
    files.write(found, tmp_path)
    about = json.loads((tmp_path / "about.json").read_text())
    assert about["estimated"] is True
    assert "[estimated] assumed" in about["notes"]
    said = "in 2 of 2 steps, as in 2000-2001: 1 groups of products of final demand hold cells"
    assert any(text.startswith(said) for text in about["notes"])
    assert said in " ".join(shown(found).split())
    assert said in report.bars(found, "A").caption
    assert said in (tmp_path / "effects.csv").read_text()
    assert "end points: low and high" in shown(found)


def test_small_accounts_are_legible():
    found = decompose(*(year(k, stressors={"CO2": TOY_F * 1e-7 * 0.9**k}) for k in (0, 1)))
    account = found.before["A"]
    assert account < 1e-4
    text = shown(found, regions=["A"])
    assert f"{account:.{7}f}"[:8] in text
    assert not re.search(r"consumption, CO2: 0\.0+ in", text)
    drawing = report.waterfall(found, "A")
    assert "10⁻⁶ Mt CO₂" in drawing.svg
    assert f">{account * 1e6:.1f}<" in drawing.svg
    assert ">0.00<" not in drawing.svg
    assert "Unit: 10⁻⁶ Mt CO2." in drawing.caption
    years = {2000 + k: year(k, stressors={"CO2": TOY_F * 1e-7 * 0.9**k}) for k in range(3)}
    svg = report.bars(decompose_series(years), "World").svg
    assert "10⁻⁶ Mt CO₂, change in the step" in svg
    assert ">0.00<" not in svg


def test_ticks_of_small_effects_on_a_large_account_are_not_all_zero():
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    axes.set_ylim(0, 0.004)
    axes.yaxis.set_major_formatter(report._thousands())
    labels = [axes.yaxis.get_major_formatter()(v, 0) for v in (0.001, 0.002, 0.003)]
    assert labels == ["0.00100", "0.00200", "0.00300"]
    axes.set_ylim(0, 40)
    assert [axes.yaxis.get_major_formatter()(v, 0) for v in (10, 20, 2.5)] == ["10", "20", "2.50"]


def test_a_region_called_world_is_not_the_sum_of_all():
    made = [year(k, regions=["World", "B"]) for k in (0, 1)]
    found = decompose(*made)
    parts = report.parts_of(found, "World")
    np.testing.assert_array_equal(parts.effects, found.effects.value[:, 0])
    whole = report.parts_of(found, report.world_name(found))
    np.testing.assert_array_equal(whole.effects, found.world.value)
    assert "All regions, consumption" in shown(found)
