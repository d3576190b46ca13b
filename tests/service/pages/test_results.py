"""What the pages make of a result: words, CSV, bars; and a form from a schema."""

import csv
import io
import re

import pytest

from mriocarbon import tools
from mriocarbon.service.pages import results, shell, subjects, words
from mriocarbon.tools import Figure, ToolResult


def made(*figures, **more):
    return ToolResult(title="A title", tool="t", figures=figures, **more)


def figure(value=1.0, region="CHN", unit="Mt", **more):
    return Figure(quantity="q", value=value, unit=unit, labels={"region": region, "year": "2022"},
                  **more)  # fmt: skip


def test_labels_of_all_rows_are_said_once():
    assert results.common(made(figure(), figure(region="USA"))) == {"year": "2022"}
    assert results.common(made(figure())) == {}  # one row says its own


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.0, "0"), (13238.9, "13,239"), (-998.76, "-998.8"), (0.012345, "0.01235"),
     (0.00001234, "1.234e-05")],
)  # fmt: skip
def test_numbers_have_four_digits(value, shown):
    assert results.number(value) == shown


def test_csv_holds_full_precision_and_says_what_is_missing():
    text = results.as_csv(
        made(figure(1 / 3, low=0.1, high=0.5, level=0.95, estimated=True),
             figure(None, "USA", why="no data"))
    )  # fmt: skip
    first, second = csv.DictReader(io.StringIO(text))
    assert float(first["value"]) == 1 / 3 and first["estimated"] == "True"
    assert second["value"] == "" and second["why missing"] == "no data"


def test_bars_are_as_long_as_their_values_and_text_cannot_be_markup():
    svg = results.bars(made(figure(100.0), figure(50.0, "<b>", low=40.0, high=60.0)))
    wide = [float(w) for w in re.findall(r"width='([\d.]+)' height='15'", svg)]
    assert wide[0] == pytest.approx(2 * wide[1], rel=1e-3)
    assert "<b>" not in svg and "&lt;b&gt;" in svg and svg.count("mc-whisker") == 1


def test_what_cannot_share_an_axis_has_no_bars():
    assert results.bars(made(figure(), figure(2.0, unit="t"))) == ""
    assert results.bars(made(figure())) == ""
    assert results.bars(made(figure(None, why="?"), figure(2.0, "USA"))) == ""


def test_every_text_is_in_both_languages():
    for english, chinese in (*words.WORDS.values(), *words.LABELS.values()):
        assert english and chinese
    for name in (*shell.MENU, *(f"{s}_lead" for s in subjects.SUBJECTS)):
        assert words.say(name, "en") and words.say(name, "zh")


def test_every_tool_has_a_title_in_chinese():
    assert {one.name for one in tools.listing()} <= set(words.TOOLS_ZH)


def test_subjects_name_tools_that_exist():
    known = {one.name for one in tools.listing()}
    for subject in subjects.SUBJECTS.values():
        assert {name for name, _ in subject.tools} <= known
