"""One result in the terminal: as many decimals as its size asks for, and rows where it is wide."""

from collections import Counter
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

import mriocarbon as mc
from mriocarbon.cli.shared import console
from mriocarbon.report import listing, screen
from tests.properties.tables import toy


def printed(result: mc.Result, **how) -> str:
    out = StringIO()
    listing.result(result, Console(file=out, width=120), **how)
    return out.getvalue()


def cells(text: str, region: str) -> list[str]:
    return next(line for line in text.splitlines() if line.split()[:1] == [region]).split()[1:]


@pytest.mark.parametrize("unit", ["Mt CO2e", "Gt CO2e", "kt CO2e"])
def test_a_small_unit_keeps_four_figures_of_the_largest_number(unit):
    result = mc.account(toy(), "consumption").to(unit)
    told = cells(printed(result), "A")
    assert float(told[-1].replace(",", "")) == pytest.approx(result.value[0], rel=5e-4)
    assert len(told[-1].split(".")[1]) >= 1


def test_a_missing_number_is_no_figure_and_sets_no_decimals():
    result = mc.account(toy(), "consumption")
    gone = result.value.copy()
    gone[0] = np.nan
    text = printed(replace(result, value=gone, parts={}))
    assert cells(text, "A")[-1] == "n/a" and "." in cells(text, "B")[-1]


def test_rows_of_a_table_that_is_too_wide_hold_every_cell():
    made = Table(title="all of it")
    for name in ("region", "a very long name of a column", "[markup]"):
        made.add_column(name)
    made.add_row("CHN", "12,344.9", Text("[lca]"))
    made.add_row("", "", "")
    made.add_row("USA", "", "x")
    out = StringIO()
    screen.records(made, Console(file=out, width=30))
    text = out.getvalue()
    blocks = [block.split() for block in text.strip().split("\n\n")]
    assert blocks[0] == ["all", "of", "it"] and len(blocks) == 3
    assert blocks[1][:2] == ["region", "CHN"] and "12,344.9" in blocks[1] and "[lca]" in blocks[1]
    assert blocks[2][:2] == ["region", "USA"] and "name" not in blocks[2]
    assert max(map(len, text.splitlines())) <= 30


def wide(**first) -> Table:
    """Names that cannot be folded, words, figures, and heads as long as cells."""
    made = Table(title="a table")
    made.add_column("", **first)
    for head, side in (
        ("embodied in exports", "right"), ("what it is about, in words", "left"),
        ("p", "right"), ("consumption, technology-adjusted", "right"),
    ):  # fmt: skip
        made.add_column(head, justify=side)
    made.add_row("Republic of Korea", "12,345,678.9", "electrical equipment", "100.0 %", "-1.5")
    made.add_row("EU27", "3.0", "wholesale and retail trade", "7 %", "-12,345.67")
    return made


@pytest.mark.parametrize("first", [{}, {"no_wrap": True}], ids=["folded", "whole"])
def test_nothing_of_a_table_is_cut_at_any_width(first):
    """Rich cuts at the edge without a word; what is gone is not missed by who reads it."""
    made = wide(**first)
    wanted = Counter("".join("".join(map(str, (c.header, *c.cells))) for c in made.columns))
    del wanted[" "]
    layouts = set()
    for width in range(20, 140):
        terminal = console()
        terminal.width, terminal.file = width, StringIO()
        terminal.print(wide(**first))
        text = terminal.file.getvalue()
        assert not wanted - Counter(text), width
        assert max(map(len, text.splitlines())) <= width
        layouts.add("\u2500" in text or "\u2501" in text)
    assert layouts == {True, False}  # it is a table where it fits


def test_an_empty_answer_of_the_database_keeps_its_name():
    out = StringIO()
    listing.rows(["a", "b", "c"], [["", "x" * 30, None]], Console(file=out, width=24))
    assert out.getvalue().split()[:2] == ["a", "b"] and out.getvalue().endswith("1 row\n")
