import csv
from decimal import Decimal as D

import pytest
from opencbam.engine.reference import get_benchmark
from opencbam.engine.types import DataSource

from mriocarbon.cbam.benchmarks import _table, benchmark, precursor_highest
from mriocarbon.cbam.goods import goods
from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError


def test_every_value_of_the_tidied_table_is_found(data_folder):
    with (data_folder / "cbam/benchmarks_2025_2620.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        year = {"": 2026, "1": 2026, "2": 2028}[row["year_marker"]]
        found = benchmark(row["cn"], column=row["column"], year=year, route=row["route"] or None)
        assert found.value == D(row["value"]), row
    assert len(rows) == 2465


def test_every_good_has_a_benchmark_for_defaults_as_the_engine_of_opencbam_has_it():
    compared = 0
    for g in goods():
        if g.sector == "electricity" or g.cn == "31021010":
            continue  # none in the table, and one that the nomenclature has split since
        mine = benchmark(g.cn, column="B", year=2026).value
        theirs = get_benchmark(g.cn, data_source=DataSource.DEFAULT, route=None, year=2026)
        assert theirs == mine, g.cn
        compared += 1
    assert compared > 560


def test_a_route_that_decides_in_column_a_has_to_be_given():
    with pytest.raises(InputError, match="depends on the route"):
        benchmark("2523 10 00", column="A")
    grey, white = (benchmark("2523 10 00", column="A", route=r).value for r in "AB")
    assert (grey, white) == (D("0.666"), D("0.859"))
    assert benchmark("7208 10 00", column="A", route="C").value == D("0.044")


def test_column_b_takes_the_highest_and_says_so():
    found = benchmark("7208 10 00", column="B")
    assert found.value == max(benchmark("7208 10 00", column="B", route=r).value for r in "CDE")
    assert "highest" in found.note and found.route == "C"


def test_headings_agree_or_list():
    assert benchmark("7208", column="B", route="C").value == D("1.370")
    with pytest.raises(InputError, match="different benchmarks"):
        benchmark("7202", column="B")


@pytest.mark.parametrize("bad", ["C", "", "a"])
def test_unknown_columns(bad):
    with pytest.raises(UnknownNameError, match="column"):
        benchmark("7208", column=bad)


def test_unknown_goods_and_routes():
    with pytest.raises(UnknownNameError):
        benchmark("8703", column="B")
    with pytest.raises(NotAvailableError, match="route K"):
        benchmark("7208 10 00", column="B", route="K")


def test_precursors_of_unknown_origin():
    found = precursor_highest("2523 29 00")
    assert (found.highest, found.marked_up) == (D("1.490"), D("1.639"))
    assert "Annex IV" in str(found.source)
    with pytest.raises(InputError, match="differ"):
        precursor_highest("2523 10 00")
    assert precursor_highest("2523 10 00", route="A", year=2030).marked_up == D("1.872")


def test_an_unknown_code_is_not_answered_by_its_heading():
    with pytest.raises(UnknownNameError, match="not covered"):
        benchmark("7208 99 99", column="B", route="C")


def test_years_beyond_the_fixed_ones_say_so():
    fixed = benchmark("7208", column="B", route="C", year=2030)
    later = benchmark("7208", column="B", route="C", year=2033)
    assert later.value == fixed.value and fixed.note == ""
    assert "none is fixed for later" in later.note


def test_a_good_that_the_nomenclature_has_split_is_asked_for_in_parts():
    """31021010, in the place of which the table has parts that differ."""
    split = sorted(c for c in _table() if c.startswith("310210"))
    assert "31021010" not in split and len(split) > 2
    for column in "AB":
        with pytest.raises(InputError, match="goods below CN 3102 10 have different") as told:
            benchmark("3102 10 10", column=column)
        assert "3102 10 12" in str(told.value) and "give a longer code" in str(told.value)


def test_electricity_has_none():
    with pytest.raises(NotAvailableError, match="no benchmark in column B"):
        benchmark("2716 00 00", column="B")
    with pytest.raises(NotAvailableError, match="no precursor with a value"):
        precursor_highest("2716 00 00")


def test_routes_that_agree_need_not_be_given():
    found = benchmark("2523 90 00", column="A")
    assert (found.value, found.route, found.note) == (D("0.000"), "", "the same for every route")


def test_a_precursor_has_the_routes_of_its_rows():
    with pytest.raises(UnknownNameError, match="route"):
        precursor_highest("2523 10 00", route="K")
