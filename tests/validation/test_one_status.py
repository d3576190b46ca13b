"""One source has one status, and an internal figure is called so."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from validation import run_avoided
from validation._check import STATUSES, Report

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "validation" / "RESULTS.md").read_text(encoding="utf-8")
SCRIPTS = sorted(path.stem for path in (ROOT / "validation").glob("run_*.py"))
DOCS = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")


def sections(name: str) -> dict[str, list[str]]:
    """Return the statuses under each source of a script's part of the page."""
    part = re.split(r"^## ", PAGE.split(f"\n## {name}\n")[1], flags=re.M)[0]
    found: dict[str, list[str]] = {}
    for block in part.split("Source: ")[1:]:
        rows = re.findall(r"^\| (PASS|FAIL|NOT MET|UNVERIFIED|SKIPPED) \|", block, re.M)
        found.setdefault(block.splitlines()[0], []).extend(rows)
    return found


def test_avoided_values_of_unknown_counting_are_compared_and_not_judged(capsys):
    study = SimpleNamespace(
        scenario=lambda *_: SimpleNamespace(amount=SimpleNamespace(value=3160.8))
    )
    report = Report("t")
    run_avoided.known(report, study)
    # by_hand alone is judged: it is recomputed from the rows
    judged = [one for one in report.records if one.status != "COMPARED"]
    assert [one.status for one in judged] == ["PASS"]
    assert judged[0].source.startswith("IRENA, IFI and Ember")
    lines = re.findall(r"COMPARED   (.+): known .+, (agrees|differs)", capsys.readouterr().out)
    assert len(lines) == 2 * len(run_avoided.KNOWN) + 1
    # which way agrees is known, and stays so
    agrees = {what for what, how in lines if how == "agrees"}
    for scope, margin, _, ways in run_avoided.KNOWN:
        for way in (run_avoided.DEFAULT, run_avoided.OTHER):
            (line,) = [w for w, _ in lines if w.startswith(f"{scope}, {margin},") and way in w]
            assert (line in agrees) == (way in ways), line


@pytest.mark.parametrize("name", ["run-avoided", "run-cbam", "run-gcb", "run-published-2022"])
def test_one_status_per_source(name):
    for source, statuses in sections(name).items():
        assert len(set(statuses)) <= 1, source


def in_summary(script: str) -> dict[str, int]:
    """Return the counts of a script in the page's first table."""
    (line,) = re.findall(rf"^\| \[{script}\].+$", PAGE, re.M)
    return dict(zip(STATUSES, map(int, line.strip("| ").split(" | ")[2:]), strict=True))


@pytest.mark.parametrize("script", [one for one in SCRIPTS if one != "run_agent_vllm"])
def test_the_counts_of_the_docs_are_those_of_the_page(script):
    (told,) = re.findall(rf"^\| `{script}\.py`.+$", DOCS, re.M)
    for status, number in in_summary(script).items():
        if status != "COMPARED":  # said in words where it matters
            assert bool(re.search(rf"\b{number} {status}\b", told)) == bool(number), status


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_summary_counts_the_lines_below_it(script):
    part = re.split(r"^## ", PAGE.split(f"\n## {script.replace('_', '-')}\n")[1], flags=re.M)[0]
    rows = re.findall(rf"^\| ({'|'.join(STATUSES)}) \|", part, re.M)
    assert in_summary(script) == {status: rows.count(status) for status in STATUSES}


def test_targets_that_are_missed_are_on_the_page_with_how_far():
    rows = re.findall(r"^\| NOT MET \| (.+) \|$", PAGE, re.M)
    assert {row.split(" | ")[1] for row in rows} == {"at least 90", "1.6691", "0.0"}
    for row in rows:
        _, target, ours, deviation, _, why = row.split(" | ")
        assert float(ours) - float(target.split()[-1]) == pytest.approx(float(deviation), rel=0.05)
        assert why
    assert "NOT REPRODUCED" not in PAGE


def test_figures_that_no_outsider_can_see_are_called_internal():
    for name in ("textbook", "gcb", "published-2022", "cbam"):
        assert any(source.startswith("internal: ") for source in sections(f"run-{name}")), name
    for text in (PAGE, DOCS):
        assert "specification:" not in text and "project's specification" not in text
    legend = PAGE.split("| script |")[0]
    assert "internal" in legend and "- PASS: the source was opened" not in legend
