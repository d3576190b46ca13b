"""The terminal: figures whole at every width, estimates marked, nothing heavy loaded."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import mriocarbon as mc
from mriocarbon import report
from mriocarbon.report import text as t
from mriocarbon.report.adjustments_screen import _key_tables
from mriocarbon.report.adjustments_view import View
from mriocarbon.studies.scan import PUBLISHED

ROOT = Path(__file__).resolve().parents[2]


def printed(study, width, encoding="utf-8"):
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    report.terminal(study, Console(file=file, width=width))
    file.flush()
    return file.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_every_figure_is_whole_and_marked(study, width):
    text = printed(study, width)
    assert max(map(len, text.splitlines())) <= width
    for row in View(study).rows:
        for c in (row.industries, row.full, row.households):
            for region in PUBLISHED if c else ():
                shown = t.marked(t.percent(c.percent[region]), c.estimated)
                assert re.search(rf"(?<![\d.]){re.escape(shown)}(?![\d.])", text), (c.label, shown)
                if c.high[region] - c.low[region] > 1e-9:
                    assert f"{t.percent(c.low[region])}…{t.percent(c.high[region])}" in text
    assert "−17.7" in text and "+15.2" in text and "+7.2" in text
    assert "-8.6" not in text, "a hyphen stands where a minus belongs"


def test_one_table_at_120_columns_two_at_80(study):
    view = View(study)
    assert len(_key_tables(view, 120)) == 1
    assert len(_key_tables(view, 80)) == 2
    for width in (30, 50, 80, 120):
        assert all(block.width <= width for block in _key_tables(view, width)) or width < 50


def test_says_what_is_missing_nearest_and_estimated(study):
    text = printed(study, 120)
    flat = " ".join(text.split())
    assert "NOT AVAILABLE" in text and "capital-endogenised, GHG and CO2: needs K" in flat
    assert "CO2, by industry an estimate: (account − production) / production, %" in flat
    assert "needs K, capital consumed by industry" in flat
    for c in View(study).nearest:
        assert re.search(rf"^{c.number} ", text, re.MULTILINE)
    assert str(study.verdict.tried) in text
    assert "† rests on an estimate of" in flat
    for c in study.combinations:
        for edition in c.editions:
            assert edition in flat


@pytest.mark.parametrize("width", [80, 120])
def test_co2_accounts_are_shown_and_marked(study, width):
    text = printed(study, width)
    block = text[text.index("CO2, by industry an estimate") : text.index("GHG: (account")]
    for row in View(study).rows_of("CO2"):
        line = next(li for li in block.splitlines() if row.label in li and "†" in li)
        for c in (row.industries, row.households):
            for region in PUBLISHED:
                assert t.percent(c.percent[region]) + "†" in block
        assert line.count("†") == 6


@pytest.mark.parametrize("gas", ["GHG", "CO2"])
def test_every_principle_is_shown_over_the_inventory(gas):
    study = mc.reproduce_2022(gases=[gas])
    text, view = printed(study, 120), View(study)
    block = text[text.index(f"{gas}: (account − production) / territorial") :]
    block = block[: block.index("Nearest of")]
    over = next(name for name in view.denominators(gas) if "CEDS" in name)
    for row in view.rows:
        c = view.find(row.principle, row.options, denominator=over)
        assert any(
            all(t.percent(c.percent[r]) in line for r in PUBLISHED)
            for line in block.splitlines()
            if row.label in line
        ), row.label


def test_narrowed_regions_become_the_columns():
    study = mc.reproduce_2022(regions=["Norway", "IND"], principle=["income"])
    text = printed(study, 100)
    header = next(line for line in text.splitlines() if line.strip().startswith("NOR"))
    assert "IND" in header and "CHN" not in header


def test_carbon_budget_alone(budget_only):
    text = printed(budget_only, 80)
    assert "−11.0†" in text and "20×50" not in text


def test_an_old_terminal_gets_ascii(study):
    text = printed(study, 80, encoding="ascii")
    assert "-17.7" in text and "-8.6*" in text


def test_terminal_loads_no_matplotlib():
    code = (
        "import sys, mriocarbon as mc\n"
        "from mriocarbon import report\n"
        "from rich.console import Console\n"
        "report.terminal(mc.reproduce_2022(tables=['gcb-2025']), Console(quiet=True))\n"
        "print([m for m in ('matplotlib', 'jinja2', 'pandas', 'xarray') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stdout.strip() == "[]", done.stderr
