"""The bridge from IPCC categories to industries: the file itself, and what reading it refuses."""

import csv
import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mriocarbon.errors import DataFileError, UnknownNameError
from mriocarbon.inventory import bridge as B
from mriocarbon.inventory import prior, sources

INDUSTRIES = [
    "A01",
    "A02",
    "A03",
    "B05",
    "B06",
    "B07",
    "B08",
    "B09",
    "C10T12",
    "C13T15",
    "C16",
    "C17_18",
    "C19",
    "C20",
    "C21",
    "C22",
    "C23",
    "C24A",
    "C24B",
    "C25",
    "C26",
    "C27",
    "C28",
    "C29",
    "C301",
    "C302T309",
    "C31T33",
    "D",
    "E",
    "F",
    "G",
    "H49",
    "H50",
    "H51",
    "H52",
    "H53",
    "I",
    "J58T60",
    "J61",
    "J62_63",
    "K",
    "L",
    "M",
    "N",
    "O",
    "P",
    "Q",
    "R",
    "S",
    "T",
]
LINES = B.read_bridge()


def test_examples_of_the_docstrings():
    for module in (B, sources, prior):
        assert doctest.testmod(module).failed == 0


def test_every_industry_is_reached_and_none_is_unknown():
    weights = B.weight_matrix(LINES, INDUSTRIES)
    assert (weights.sum(0) > 0).all()
    assert (weights.sum(1) > 0).all()


def test_every_group_has_a_line_and_every_row_a_reason():
    assert {line.group for line in LINES} == set(B.GROUPS)
    assert all(len(reason) > 15 for line in LINES for reason in line.reasons)


def test_codes_lie_inside_their_group():
    for line in LINES:
        for code in line.crf:
            assert any(code.startswith(parent) for parent in B.GROUPS[line.group]), code


def test_residential_fuel_is_nobodys_industry():
    assert not any(code.startswith("1.A.4.b") for line in LINES for code in line.crf)


def test_the_obvious_ones():
    by_name = {line.name: dict(line.weights) for line in LINES}
    assert by_name["coal mines"] == {"B05": 1.0}
    assert by_name["livestock and soils"] == {"A01": 1.0}
    assert by_name["power"]["D"] > 10 * by_name["power"]["E"]
    assert by_name["cement lime glass"] == {"C23": 1.0}


ROW = {
    "line": "a", "group": "3", "crf": "3", "proxy": "output", "industries": "A01", "weight": "1",
    "split_sd": "0.1", "reason": "farming",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ([{"reason": ""}], "empty cell"),
        ([{"weight": "much"}], "not a number"),
        ([{"weight": "-1"}], "above zero"),
        ([{"group": "9"}], "unknown group"),
        ([{"proxy": "people"}], "unknown proxy"),
        ([{}, {}], "stands twice"),
        ([{}, {"industries": "A02", "split_sd": "0.2"}], "disagree"),
        ([{}, {"line": "b"}], "codes in two lines"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, changes, says):
    path = tmp_path / "bridge.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ROW)
        writer.writeheader()
        writer.writerows({**ROW, **change} for change in changes)
    with pytest.raises(DataFileError, match=says):
        B.read_bridge(path)


def test_an_industry_the_table_lacks_is_named():
    with pytest.raises(UnknownNameError, match="B05"):
        B.weight_matrix(LINES, [i for i in INDUSTRIES if i != "B05"])


@given(
    output=hnp.arrays(float, (3, 50), elements=st.sampled_from([0.0, 1.0, 7.0, 1e5])),
    energy=hnp.arrays(float, (3, 50), elements=st.sampled_from([0.0, 2.0, 1e3])),
)
def test_a_split_conserves_and_leaves_idle_industries_empty(output, energy):
    weights = B.weight_matrix(LINES, INDUSTRIES)
    split = B.shares(LINES, weights, {"output": output, "energy": energy, "refined": energy})
    total = split.sum(2)
    reachable = ((weights[None] * output[:, None]) > 0).any(2)
    np.testing.assert_allclose(total, reachable, atol=1e-12)
    assert (split >= 0).all()
    assert (split[np.broadcast_to((output == 0)[:, None], split.shape)] == 0).all()
    assert (split[:, weights == 0] == 0).all()


def test_included_elsewhere_is_not_zero_and_a_sink_is_no_share():
    line = next(x for x in LINES if x.name == "chemicals")
    kt = {"1": {2021: 5.0}, "1.A.2": {2021: 4.0}}
    report = sources.annex_i(kt, {"1.A.2.c": {2021: "NO,IE"}}, 2021, [line])
    assert report.lines == {}
    assert report.elsewhere == {"chemicals"}
    codes = ("1.A.1", "1.A.2", "1.A.3", "4", "2.A")
    old = {c: {2014: 1e3} for c in codes} | {"6": {2014: -5.0}, "5": {2014: -9e5}}
    found = sources.old_report(old, 2000)
    assert found.total == pytest.approx(5.0)  # land use (5 of 1996) and the negative stay out
    assert "5" not in found.groups


def test_a_hidden_line_shares_the_catch_all():
    """Germany's chemicals are inside 'other industry': the sum is split, nothing is lost."""
    at = {line.name: k for k, line in enumerate(LINES)}
    report = sources.Report(2021, True, {"1.A.2": 10.0}, {}, frozenset({"chemicals"}))
    own = {"steel": 3.0, "other industry": 6.0}
    expected = np.ones(len(LINES))
    placed, rest = prior._place(
        "1.A.2", 10.0, own, LINES, at, expected, np.ones(len(LINES), bool), report
    )
    assert placed == {"steel": 3.0}
    assert rest == {"chemicals": 3.5, "other industry": 3.5}
