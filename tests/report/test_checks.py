"""The findings as people and programs read them."""

import io
import json

import pytest
from rich.console import Console

from mriocarbon.build.finding import CheckReport, Finding
from mriocarbon.errors import DataFileError, InputError
from mriocarbon.report import checks

REPORT = CheckReport(
    (
        Finding("row balance", "PASS", "all 4 rows", 0.0, "rows", 0.0),
        Finding(
            "outlier intensities", "FAIL", "12 stand [out] | far", 12.0, "intensities", 0.0,
            tuple((f"KOR C{k} <GHG>", 100.0 - k) for k in range(12)),
        ),
        Finding("GDP", "SKIPPED", "no GDP was given"),
        Finding("label drift", "WARN", "'D' is now 'D '", 1.0, "changes", 0.0,
                (("'D' is now 'D '", float("nan")),)),
    ),
    "a table, 2 x 2", "abc",
)  # fmt: skip


def shown(width=100):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    checks.terminal(REPORT, console)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_terminal_names_all_and_says_why_one_was_skipped(width):
    text = shown(width)
    for finding in REPORT.findings:
        assert finding.status in text
    flat = " ".join(text.split())
    assert "no GDP was given" in flat and "not made, which is no pass" in flat
    assert "12 stand [out] | far" in flat  # no markup of rich is read from data
    assert "KOR C0 <GHG> 100" in flat and "and 4 more" in flat
    assert "KOR C9 <GHG>" not in flat
    assert "nan" not in flat


def test_markdown_has_all_items_and_no_broken_cell():
    page = checks.markdown(REPORT)
    assert "12 stand [out] \\| far" in page and "KOR C11 &lt;GHG>: 89" in page
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert len(rows) == 5 and all(line.replace("\\|", "").count("|") == 5 for line in rows)
    assert "## label drift" not in page  # its item stands in the text


def test_json_is_json():
    read = json.loads(checks.to_json(REPORT))
    assert read["findings"][2] == {
        "name": "GDP", "status": "SKIPPED", "figure": None, "unit": "", "threshold": None,
        "text": "no GDP was given", "items": [], "reference": "",
    }  # fmt: skip
    assert read["counts"] == {"FAIL": 1, "WARN": 1, "SKIPPED": 1, "PASS": 1}


def test_files_are_whole_or_absent(tmp_path):
    assert json.loads(checks.write(REPORT, tmp_path / "a.json").read_text())["sha256"] == "abc"
    assert checks.write(REPORT, tmp_path / "a.md").read_text().startswith("# Checks: a table")
    with pytest.raises(InputError, match=r"\.json or a \.md"):
        checks.write(REPORT, tmp_path / "a.txt")
    with pytest.raises(DataFileError):
        checks.write(REPORT, tmp_path / "none" / "a.md")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.json", "a.md"]
