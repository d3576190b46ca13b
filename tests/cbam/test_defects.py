from collections import Counter
from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.cbam.annex import COMPOUNDED, YEARS, annex, defect_of, recomputed
from mriocarbon.cbam.defaults import default_value, defaults_of
from mriocarbon.cbam.defects import RULES, defects, excluded, markup_check
from mriocarbon.cbam.law import markup_rate
from mriocarbon.errors import UnknownNameError


def test_the_known_defects_and_no_others():
    found = Counter((d.rule, d.iso3) for d in defects())
    assert found == {
        ("shifted columns", "ALB"): 1,
        ("compounded mark-up", "AGO"): 3,
        ("compounded mark-up", "ARG"): 2,
        ("outside Annex I", "TUN"): 4,
    }
    assert {d.rule for d in defects()} <= set(RULES)


def test_marking_up_again_misses_815_of_32778_cells():
    check = markup_check()
    assert (check.cells, check.differing) == (32_778, 815)
    assert check.sizes[D("0.001")] == 805  # the totals were rounded first
    assert sum(n for size, n in check.sizes.items() if size > D("0.001")) == 10  # compounded


def test_half_up_to_three_decimals():
    (row,) = [r for r in annex()["CHN"] if r.cn == "731815"]
    assert row.total == D("6.375") and recomputed(row, 2026) == D("7.013") == row.columns[0]


def test_defective_values_are_excluded_by_name():
    assert excluded(default_value("2523 29", origin="Argentina")) == "compounded mark-up"
    assert excluded(default_value("7208", origin="CHN")) == ""
    albania = default_value("2523 21", origin="Albania")
    assert albania.is_fallback and excluded(albania) == "shifted columns"


def test_rules_see_planted_defects():
    (row,) = [r for r in annex()["CHN"] if r.cn == "25232900"]
    assert defect_of(row) == ""
    assert defect_of(replace(row, total=None)) == "shifted columns"
    assert defect_of(replace(row, columns=row.columns[::-1])) == "shifted columns"
    assert defect_of(replace(row, direct=row.direct + 1)) == "direct and indirect do not add up"
    square = tuple((row.total * D("1.1") ** k).quantize(D("0.001")) for k in (1, 2, 3))
    assert defect_of(replace(row, columns=square)) == "compounded mark-up"
    assert defect_of(replace(row, cn="76151010")) == "outside Annex I"


def test_a_row_that_annex_i_does_not_know_is_listed_but_never_a_value():
    rows = [d for d in defects() if d.rule == "outside Annex I"]
    assert {d.cn[:4] for d in rows} == {"7615"}
    assert not [v for v in defaults_of("Tunisia") if v.cn.startswith("7615")]
    with pytest.raises(UnknownNameError, match="not covered by the CBAM"):
        default_value("7615 10 10", origin="Tunisia")


def test_every_miss_beyond_rounding_belongs_to_a_compounded_row():
    compounded = [r for rows in annex().values() for r in rows if r.defect == COMPOUNDED]
    beyond = {
        (row.iso3, row.cn, year)
        for rows in annex().values()
        for row in rows
        for year, column in zip(YEARS, row.columns, strict=True)
        if row.total is not None and abs(recomputed(row, year) - column) > D("0.001")
    }
    assert beyond == {(r.iso3, r.cn, year) for r in compounded for year in (2027, 2028)}
    assert len(beyond) == 10 and markup_check().largest == D("0.039")


@given(
    total=st.decimals("0.001", "50", places=3),
    sector=st.sampled_from(["cement", "iron_steel", "fertilisers"]),
)
def test_a_row_marked_up_by_the_rule_is_no_defect(total, sector):
    (row,) = [r for r in annex()["CHN"] if r.cn == "7208"]
    clean = replace(row, sector=sector, direct=total, total=total)
    clean = replace(clean, columns=tuple(recomputed(clean, y) for y in YEARS))
    assert defect_of(clean) == ""
    for year, column in zip(YEARS, clean.columns, strict=True):  # half-up, never half-even
        exact = total * (1 + markup_rate(sector, year))
        assert -D("0.0005") <= exact - column < D("0.0005")
