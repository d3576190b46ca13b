"""The table that a notebook shows of a result."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.model import Note, Provenance, Result


class Cells(HTMLParser):
    """The text of every cell, row by row; every tag has to be closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows, self.open, self.caption = [], [], ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert tag in ("table", "caption", "tr", "th", "td", "p", "small")
        assert not attrs or (tag == "td" and attrs == [("style", "text-align:right")])
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("th", "td"):
            self.rows[-1][-1] += data
        elif self.open and self.open[-1] == "caption":
            self.caption += data


def shown(result):
    return Cells(result._repr_html_())


def test_an_account_with_its_range_parts_and_total():
    result = mc.account(mc.load("oecd-icio-2022"), "consumption", stressor="GHG")
    found = shown(result)
    assert found.caption == "consumption, Mt CO2e (rests on estimates)"
    head, *rows, total = found.rows
    assert head == ["region", "value", "low", "high", "industries", "households"]
    assert [row[0] for row in rows] == list(result.coords["region"])
    assert rows[1][1] == f"{result['USA']:,.0f}"
    assert rows[1][2] == f"{result.low[1]:,.0f}" and rows[1][3] == f"{result.high[1]:,.0f}"
    # what of each region is uncertain is not independent: the ends of the ranges are not summed
    assert total[:4] == ["total", f"{result.total:,.0f}", "", ""]
    assert total[5] == f"{result.parts['households'].sum():,.0f}"
    assert "OECD ICIO 2025" in result._repr_html_()
    assert f"result.notes ({len(result.notes)})" in result._repr_html_()


def test_what_does_not_add_up_has_no_total():
    mrio = mc.load("oecd-icio-2022")
    each = mc.account(mrio, "income", stressor="CO2").per(mc.population(2022))
    assert shown(each).rows[-1][0] == mrio.regions[-1]


def test_a_matrix_says_what_is_left_out():
    flows = mc.bilateral(mc.load("oecd-icio-2022"))
    head, first, *_ = shown(flows).rows
    assert head[0] == "region \\ region_to" and len(head) == 14 and head[-1] == "… 8 more"
    assert float(first[1].replace(",", "")) == pytest.approx(flows.value[0, 0], abs=0.5)


def test_many_rows_and_many_axes():
    labels = tuple(f"s{k}" for k in range(100))
    long = shown(Result("x", np.ones(100), ("sector",), {"sector": labels}, "t"))
    assert len(long.rows) == 1 + 30 + 1 + 1
    assert long.rows[-2] == ["… 70 more: result.to_pandas()"] and long.rows[-1] == [
        "total",
        "100.0",
    ]
    deep = Result("x", np.ones((1, 1, 1)), ("a", "b", "c"), dict.fromkeys("abc", ("k",)), "t")
    assert shown(deep).rows == [[repr(deep)]]


def test_the_total_has_the_columns_of_the_head():
    parts = {f"part {k}": np.ones(2) for k in range(14)}
    made = Result("x", np.ones(2), ("region",), {"region": ("a", "b")}, "t", low=np.zeros(2),
                  high=np.ones(2), parts=parts)  # fmt: skip
    head, *rows = shown(made).rows
    assert head[-1] == "… 5 more" and len(head) == 14
    assert [len(row) for row in rows] == [13, 13, 13]


def test_numbers_of_every_size():
    values = (0.0, -0.0, 999.96, 1000.0, -12345.6, 1e308, 1e308, np.inf, 2.5e-9, 454.0)
    made = Result("x", np.array(values), ("k",), {"k": tuple("abcdefghij")}, "t")
    assert [row[1] for row in shown(made).rows[1:]] == [
        "0", "0", "1,000", "1,000", "-12,346", "1.000e+308", "1.000e+308", "inf", "2.500e-09",
        "454.0", "inf",
    ]  # fmt: skip
    both = Result("x", np.array([np.inf, -np.inf]), ("k",), {"k": ("a", "b")}, "t")
    assert shown(both).rows[-1] == ["total", "missing"]
    none = Result("x", np.empty(0), ("k",), {"k": ()}, "t")
    assert shown(none).rows == [["k", "value"], ["nothing"]]


def test_missing_is_said_and_labels_are_never_markup():
    made = Result(
        "<script>", np.array([np.nan, 12345.6]), ("<b>",), {"<b>": ("<i>", "R&D")}, "<u>",
        notes=(Note("n", estimated=True),), provenance=Provenance(dataset="<d>", method="a < b"),
    )  # fmt: skip
    found = shown(made)
    assert found.caption == "<script>, <u> (rests on estimates)"
    assert found.rows[1:3] == [["<i>", "missing"], ["R&D", "12,346"]]
    assert found.rows[-1] == ["total", "missing"]
    assert not re.search(r"<(script|b|i|u|d)>", made._repr_html_())
