"""The report of a carbon footprint: every number of the result is on it, and nothing is hidden."""

import csv
import html
import io
import json
import re
import subprocess

import pytest

from mriocarbon.errors import InputError
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.study import compare, run
from mriocarbon.report import lca
from mriocarbon.report.lca_files import CSVS, SCHEMA, table
from mriocarbon.report.lca_page import render
from mriocarbon.report.lca_sankey import sankey
from mriocarbon.report.lca_view import View, named, plain

from ..lca.cases import brick


def leaving() -> dict:
    """A brick with an input that leads nowhere and a name that wants to be markup."""
    raw = brick(missing="leave", title="Brick <b>& mortar</b>")
    raw["processes"][1]["inputs"] += [{"flow": "grog", "amount": 3, "unit": "kg"}]
    return raw


@pytest.fixture(scope="module")
def found():
    return run(study_of(leaving()))


@pytest.fixture(scope="module")
def page(found):
    return render(found, ["contributions.csv"])


@pytest.fixture(scope="module")
def text(page):
    bare = re.sub(r"<style>.*?</style>|<title>.*?</title>", " ", page, flags=re.S)
    return html.unescape(re.sub(r"<[^>]+>", " ", bare))


def test_the_answer_is_on_the_page(found, text):
    view = View(found)
    wide = found.interpretation.spread
    assert view.amount(found.total) in text
    assert view.between(wide.low, wide.high) in text
    assert found.study.goal.question in text


def test_every_part_check_scenario_and_assumption_is_there(found, text):
    view = View(found)
    parts = found.interpretation.contributions
    for kind in ("category", "stage", "process", "gas"):
        for p in getattr(parts, kind):
            assert view.amount(p.value) in text
    low = text.replace("\u00a0", " ").replace("CO₂", "CO2").replace("CH₄", "CH4")
    low = low.replace("−", "-")
    for c in found.checks:
        assert (c.name[0].upper() + c.name[1:]) in low
        assert c.detail.replace("\u00a0", " ") in low
    for s in found.interpretation.scenarios:
        assert s.value in low
        assert s.total is None or view.amount(s.total) in text
    for a in found.assumptions:
        assert a.text in low
    for p in found.interpretation.sensitivity.sobol:
        assert p.name in low


def test_what_is_left_out_is_named_and_unknown(text):
    assert "grog" in text
    assert "unknown" in text
    assert "1 of unknown effect" in text
    assert "not known" in text  # the share covered


def test_names_are_no_markup(page):
    assert "Brick <b>" not in page
    assert "Brick &lt;b&gt;&amp; mortar" in page


def test_the_page_needs_nothing_else(page):
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#|https://doi\.org)', page)


def test_the_sankey_adds_up_and_its_boxes_do_not_overlap(found):
    from mriocarbon.report import lca_sankey as s

    nodes = found.interpretation.contributions.tree
    boxes = s._boxes(nodes, found.total)
    s._measure(boxes[0])
    s._place(boxes[0], s.TOP)
    for box in boxes:
        whole = box.node.direct + box.rest() + sum(c.node.score for c in box.children)
        assert whole == pytest.approx(box.node.score, abs=1e-9)
        below = sum(c.size for c in box.children)
        assert below <= box.size + len(box.children)
    for depth in {b.node.depth for b in boxes}:
        column = sorted((b for b in boxes if b.node.depth == depth), key=lambda b: b.y)
        middles = [b.y + b.size / 2 for b in column]
        for one, two, a, b in zip(column, column[1:], middles, middles[1:], strict=False):
            assert one.y + one.size <= two.y + 1e-9
            assert b - a >= s.TIGHT - 1e-9  # two lines of text each
    picture = sankey(View(found))
    assert picture is not None
    assert "wall" in picture.svg


def test_files_hold_full_numbers(found, tmp_path):
    files = lca.write(found, tmp_path / "out")
    assert files[0].name == "report.html"
    assert {f.name for f in files} == {"report.html", "assessment.json",
                                      *(f"{n}.csv" for n in CSVS)}  # fmt: skip
    data = json.loads((tmp_path / "out" / "assessment.json").read_text())
    assert data["schema"] == SCHEMA
    assert data["result"]["total"] == found.total
    assert len(data["checks"]["records"]) == len(found.checks)
    assert data["completeness"]["covered"] is None
    assert data["completeness"]["left"][0]["estimate"] is None
    rows = list(csv.DictReader(io.StringIO(table(found, "contributions"))))
    for kind in ("process", "flow", "gas", "stage", "category"):
        whole = sum(float(r["kg CO2e"]) for r in rows if r["kind"] == kind)
        assert whole == pytest.approx(found.total, rel=1e-12)
    flows = list(csv.DictReader(io.StringIO(table(found, "flows"))))
    assert sum(float(r["kg CO2e"]) for r in flows) == pytest.approx(found.total, rel=1e-12)
    left = next(csv.DictReader(io.StringIO(table(found, "left_out"))))
    assert left["kg CO2e estimated"] == ""  # not 0
    assert len(table(found, "draws").splitlines()) == 1 + found.study.draws


def test_formats_are_checked(found, tmp_path):
    with pytest.raises(InputError, match="unknown format"):
        lca.write(found, tmp_path, formats=["pdf"])
    assert [f.name for f in lca.write(found, tmp_path, formats=["json"])] == ["assessment.json"]
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError):
        lca.check_target(tmp_path / "file")


def test_the_screen_tells_result_and_gaps(found):
    from rich.console import Console

    console = Console(width=90, record=True, file=io.StringIO())
    lca.terminal(found, console)
    told = console.export_text()
    assert View(found).amount(found.total) in told
    assert "unknown effect" in told
    assert all(len(line) <= 90 for line in told.splitlines())


def test_a_comparison_is_on_page_and_screen(tmp_path):
    from rich.console import Console

    other = brick(title="Brick, half the gas")
    other["processes"][1]["inputs"][1]["amount"] = 1000
    gap = compare(study_of(brick()), study_of(other))
    console = Console(width=90, record=True, file=io.StringIO())
    lca.terminal_comparison(gap, console)
    told = console.export_text()
    assert plain(gap.difference) in told
    assert "Brick, half the gas has the lower footprint." in told
    path = lca.write_comparison(gap, tmp_path / "gap.json")
    assert json.loads(path.read_text())["difference"] == gap.difference


def test_small_and_large_results_have_a_unit_that_reads():
    assert View(run(study_of(brick()))).unit == "kg CO2e"
    raw = brick()
    raw["scope"]["functional_unit"]["amount"] = 1000
    assert View(run(study_of(raw))).unit == "t CO2e"
    raw["scope"]["functional_unit"]["amount"] = 1e-5
    assert View(run(study_of(raw))).unit == "g CO2e"


def test_industries_are_named_in_words():
    assert named("B07, AUS [table]") == "Metal ores, AUS [table]"


def test_it_renders(chromium, page, tmp_path):
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    picture = tmp_path / "page.png"
    subprocess.run(
        [
            str(chromium), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--window-size=1000,1600", f"--screenshot={picture}",
            (tmp_path / "report.html").as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert picture.stat().st_size > 30_000
