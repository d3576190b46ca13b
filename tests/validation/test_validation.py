"""The validation scripts run and pass; and they fail when an expected figure is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import find_data_folder

import mriocarbon as mc
from validation import (
    run_cbam,
    run_decomposition,
    run_gcb,
    run_icio2019,
    run_published_2022,
    run_textbook,
    run_uncertainty,
    run_wiod,
)
from validation.__main__ import Ran, page
from validation._check import STATUSES, Record, Report, half_unit

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((ROOT / "validation").glob("run_*.py"))
NEED_DATA = {
    "run_wiod.py",
    "run_gcb.py",
    "run_published_2022.py",
    "run_completion.py",
    "run_satellites.py",
    "run_decomposition.py",
    "run_icio2019.py",
}
COUNT = re.compile("^" + ", ".join(rf"(\d+) {word}" for word in STATUSES) + "$", re.MULTILINE)


def run(script: Path, data: Path | None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("MRIOCARBON_DATA", None)
    if data is not None:
        environment["MRIOCARBON_DATA"] = str(data)
    return subprocess.run(
        [sys.executable, str(script)],
        capture_output=True, text=True, env=environment, cwd=ROOT, timeout=300,
    )  # fmt: skip


def counts(text: str) -> dict[str, int]:
    found = COUNT.findall(text)
    assert len(found) == 1, text[-2000:]
    return dict(zip(STATUSES, map(int, found[0]), strict=True))


def test_there_are_five():
    assert len(SCRIPTS) >= 5


SLOW = ("run_decomposition",)  # `make validate` runs it as well


@pytest.mark.parametrize(
    "script",
    [pytest.param(one, id=one.stem, marks=[pytest.mark.slow] * (one.stem in SLOW))
     for one in SCRIPTS],
)  # fmt: skip
def test_script_passes(script):
    data = find_data_folder() if script.name in NEED_DATA else None
    done = run(script, data)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    count = counts(done.stdout)
    # a served model is no part of this environment: make validate-llm has one
    assert count["SKIPPED" if script.name == "run_agent_vllm.py" else "PASS"] >= 1
    assert count["FAIL"] == 0
    assert "source: " in done.stdout
    lines = re.findall(rf"^  ({'|'.join(STATUSES)})\b", done.stdout, re.MULTILINE)
    assert len(lines) == sum(count.values())


@pytest.mark.parametrize("name", sorted(NEED_DATA))
def test_without_data_it_says_skipped(name):
    done = run(ROOT / "validation" / name, None)
    assert done.returncode == 0, done.stderr
    assert counts(done.stdout)["SKIPPED"] >= 1
    if name in ("run_wiod.py", "run_completion.py"):  # nothing else in it
        assert counts(done.stdout)["PASS"] == 0


def test_a_wrong_figure_fails_gcb(monkeypatch, capsys):
    monkeypatch.setitem(run_gcb.EXPECTED, "CHN", "-11.2")
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    assert run_gcb.main() == 1
    assert "FAIL       CHN 2022, percent: expected -11.2" in capsys.readouterr().out


def test_a_wrong_figure_fails_textbook(monkeypatch, capsys):
    wrong = ("147.014729", "242.985279")
    monkeypatch.setitem(run_textbook.TOY_ACCOUNTS, "consumption", wrong)
    monkeypatch.setattr(run_textbook, "identities", lambda report: None)
    assert run_textbook.main() == 1
    text = capsys.readouterr().out
    assert counts(text)["FAIL"] == 1


def test_an_unverified_figure_never_fails_or_passes(monkeypatch, capsys):
    monkeypatch.setattr(run_textbook, "IRIO_L", (("9.9999",),))
    monkeypatch.setattr(run_textbook, "identities", lambda report: None)
    assert run_textbook.main() == 0
    text = capsys.readouterr().out
    assert counts(text)["FAIL"] == 0
    assert re.search(r"UNVERIFIED L\[1,1\]: expected 9.9999.*DISAGREES; source not opened", text)


def test_a_wrong_check_value_fails_published(monkeypatch, capsys):
    monkeypatch.setitem(run_published_2022.OECD, "JPN", "27")
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    assert run_published_2022.main() == 1
    assert counts(capsys.readouterr().out)["FAIL"] == 1


def test_a_defect_of_any_country_that_is_lost_fails_cbam(monkeypatch, capsys):
    every = run_cbam.cbam.defects()
    assert {one.iso3 for one in every} > {"ALB", "AGO", "ARG"}
    monkeypatch.setattr(
        run_cbam.cbam, "defects", lambda: tuple(one for one in every if one.iso3 != "TUN")
    )
    assert run_cbam.main() == 1
    assert counts(capsys.readouterr().out)["FAIL"] == 2  # its rule, and the sum


def test_intervals_too_narrow_fail_uncertainty(monkeypatch, capsys):
    first_order = run_uncertainty.first_order

    def too_sure(*arguments, **options):
        found = first_order(*arguments, **options)
        return replace(found, parts={part: v / 4 for part, v in found.parts.items()})

    monkeypatch.setattr(run_uncertainty, "first_order", too_sure)
    monkeypatch.setattr(run_uncertainty, "_indices", lambda report: None)
    monkeypatch.setattr(run_uncertainty, "WORLDS", 100)
    assert run_uncertainty.main() == 1
    assert counts(capsys.readouterr().out)["FAIL"] == 2


def test_a_lost_tonne_fails_wiod(monkeypatch, capsys, data_folder):
    monkeypatch.setenv("MRIOCARBON_DATA", str(data_folder))
    conserve = run_wiod.conserve
    monkeypatch.setattr(
        run_wiod, "conserve", lambda report, mrio, f, y: conserve(report, mrio, f * (1 + 1e-8), y)
    )
    monkeypatch.setattr(run_wiod, "compare", lambda *arguments: None)
    assert run_wiod.main() == 1
    assert counts(capsys.readouterr().out)["FAIL"] >= 5


@pytest.mark.parametrize(
    ("printed", "tolerance"), [("1.2541", 5e-5), ("-8.6", 0.05), ("23", 0.5), ("27.0", 0.05)]
)
def test_tolerance_is_half_a_unit_of_the_last_digit(printed, tolerance):
    assert half_unit(printed) == pytest.approx(tolerance, rel=1e-12)


@pytest.mark.parametrize(
    ("computed", "status"),
    [(23.2407, "PASS"), (23.2501, "FAIL"), (23.1499, "FAIL"), (float("nan"), "FAIL")],
)
def test_printed_judges_by_the_printed_precision(computed, status):
    report = Report("t")
    report.printed("x", computed, "23.2")
    assert report.statuses == [status]


@pytest.mark.parametrize(
    ("computed", "status"),
    [
        ([1.0, 2.0], "PASS"),
        ([1.0, 2.0 * (1 + 1e-8)], "FAIL"),
        ([1.0], "FAIL"),
        ([1.0, float("nan")], "FAIL"),
    ],
)
def test_same_looks_at_every_cell(computed, status):
    report = Report("t")
    report.same("x", computed, [1.0, 2.0], rtol=1e-9)
    assert report.statuses == [status]


def test_finish_counts_and_exits(capsys):
    report = Report("t")
    report.true("a", True)
    report.skip("b", "no data")
    assert report.finish() == 0
    report.true("c", False)
    assert report.finish() == 1
    assert "1 PASS, 1 FAIL, 0 NOT MET, 0 UNVERIFIED, 0 COMPARED, 1 SKIPPED" in (
        capsys.readouterr().out
    )


def test_a_missed_target_has_its_line_and_fails_no_run(capsys):
    report = Report("t")
    report.source("a book")
    report.target("covered, percent", 81.6, "90", least=True, why="too narrow")
    report.target("covered, percent", 90.0, "90", least=True, why="")
    report.target("forward linkage", 1.69101, "1.6691", why="another table")
    report.target("forward linkage", 1.66914, "1.6691", why="")
    report.target("unknown", float("nan"), "90", least=True, why="")
    assert report.statuses == ["NOT MET", "PASS", "NOT MET", "PASS", "NOT MET"]
    assert report.finish() == 0
    missed = report.records[0]
    assert (missed.published, missed.ours, missed.deviation, missed.why) == (
        "at least 90", "81.6", "-8.4", "too narrow",
    )  # fmt: skip
    assert report.records[2].published == "1.6691"
    told = capsys.readouterr().out
    assert counts(told)["NOT MET"] == 3
    assert "NOT MET    covered, percent: target at least 90, computed 81.6" in told


def test_a_fact_shows_the_number_behind_it(capsys):
    report = Report("t")
    report.true("worst gap", True, value=2.5e-13, bound="at most 1e-12")
    report.true("Parties", False, value="3 of 39", bound="more than 8", why="a guess")
    report.true("a warning is given", True)
    one, two, bare = report.records
    assert (one.status, one.ours, one.allowed) == ("PASS", "2.5e-13", "at most 1e-12")
    assert (two.status, two.ours, two.why) == ("FAIL", "3 of 39", "a guess")
    assert (bare.ours, bare.allowed) == ("", "")
    told = capsys.readouterr().out
    assert "PASS       worst gap: 2.5e-13 (allowed at most 1e-12)" in told
    assert "FAIL       Parties: 3 of 39 (allowed more than 8; a guess)" in told


def test_a_wrong_figure_fails_decomposition(monkeypatch, capsys):
    monkeypatch.setattr(run_decomposition, "LMDIR_EFFECTS", ("69.79006598", "-9.4", "39.66505981"))
    monkeypatch.delenv("MRIOCARBON_DATA", raising=False)
    assert run_decomposition.main() == 1
    assert "FAIL       factor 2: expected -9.4" in capsys.readouterr().out


def test_the_page_counts_every_status_and_says_how_many_facts_are_bare():
    records = [Record("s", status, "x", ours="1") for status in STATUSES]
    records += [Record("s", "COMPARED", "y", "1", "2"), Record("s", "PASS", "a fact")]
    text = page([Ran("run_x", "X", 0, tuple(records))], "1.0", "no data folder")
    assert f"| {' | '.join(['script', 'compared with', *STATUSES])} |" in text
    assert "| [run_x](#run-x) | X | 2 | 1 | 1 | 1 | 2 | 1 |" in text
    assert "| all |  | 2 | 1 | 1 | 1 | 2 | 1 |" in text
    assert "1 of 2 PASS are such lines" in text


def test_a_comparison_is_kept_and_judged_by_nobody(capsys):
    report = Report("t")
    report.source("a book")
    report.compared("sum", 1.52, "1.5", "another year")
    report.compared("range", 9.0, "1 to 2", "unknown")
    assert report.finish() == 0
    first, second = report.records
    assert (first.status, first.published, first.ours, first.why) == (
        "COMPARED", "1.5", "1.52", "another year",
    )  # fmt: skip
    assert (second.published, second.deviation) == ("1 to 2", "")
    told = capsys.readouterr().out
    assert "COMPARED   sum: published 1.5, computed 1.52; not the same thing: another year" in told
    assert counts(told) == dict.fromkeys(STATUSES, 0) | {"COMPARED": 2}


def test_a_wrong_table_of_2019_fails():
    mrio = mc.MRIO.from_arrays(
        Z=[[1.0, 2.0], [3.0, 4.0]], Y=[[5.0, 1.0], [1.0, 7.0]], regions=["A", "B"], sectors=["s"],
        stressors={"inputs": [6.0, 9.0], "value added": [4.0, 8.0]},
    )  # fmt: skip
    for check, wrong in (
        (lambda report: run_icio2019.margins(report, mrio, np.array([5.0, 9.5])), ["FAIL"]),
        (lambda report: run_icio2019.margins(report, mrio, mrio.x - mrio.Z.sum(axis=0)), ["PASS"]),
        (lambda report: run_icio2019.independent(report, mrio, np.array([5.0, 8.0])), ["FAIL"] * 3),
        (lambda report: run_icio2019.independent(report, mrio, np.array([4.0, 8.0])), ["PASS"] * 3),
        (lambda report: run_icio2019.demand(report, mrio), ["FAIL"]),
    ):
        report = Report("t")
        check(report)
        assert report.statuses == wrong
