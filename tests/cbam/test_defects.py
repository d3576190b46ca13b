from collections import Counter
from decimal import Decimal as D

from mriocarbon.cbam.annex import annex, defect_of, recomputed
from mriocarbon.cbam.defaults import default_value
from mriocarbon.cbam.defects import RULES, defects, excluded, markup_check


def test_the_known_defects_and_no_others():
    found = Counter((d.rule, d.iso3) for d in defects())
    assert found == {
        ("shifted columns", "ALB"): 1,
        ("compounded mark-up", "AGO"): 3,
        ("compounded mark-up", "ARG"): 2,
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
    from dataclasses import replace

    (row,) = [r for r in annex()["CHN"] if r.cn == "25232900"]
    assert defect_of(row) == ""
    assert defect_of(replace(row, total=None)) == "shifted columns"
    assert defect_of(replace(row, columns=row.columns[::-1])) == "shifted columns"
    assert defect_of(replace(row, direct=row.direct + 1)) == "direct and indirect do not add up"
    square = tuple((row.total * D("1.1") ** k).quantize(D("0.001")) for k in (1, 2, 3))
    assert defect_of(replace(row, columns=square)) == "compounded mark-up"
