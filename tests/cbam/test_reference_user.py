"""A user's references: read strictly, every trouble named by row and column."""

import math

import pytest

from mriocarbon.cbam.reference_user import read_references
from mriocarbon.errors import DataFileError, InputError, UnitError, UnknownNameError

HEADER = "cn,origin,value,unit,scope,boundary,low,high,log_sd,route,name,source\n"
GOOD = "7208,China,2.1,t CO2e/t,direct,cbam,1.9,2.32,,,Works A,report 2025\n"


def read(tmp_path, *rows, header=HEADER):
    path = tmp_path / "plants.csv"
    path.write_text(header + "".join(rows), encoding="utf-8")
    return read_references(path)


def test_rows_become_references(tmp_path):
    one, two = read(
        tmp_path,
        GOOD,
        "72 08.51,CHN,2.4,tCO2e/t,direct,gate to gate with scrap,,,0.1,c,Works B,LCA\n",
    )
    assert (one.cn, one.origin, one.kind, one.boundary, one.route) == (
        "7208", "CHN", "user", "cbam", "",
    )  # fmt: skip
    assert one.value == 2.1
    assert one.log_sd == pytest.approx(math.log(2.32 / 1.9) / 2 / 1.96, rel=0.02)
    assert one.loadings == {"user.Works A": one.log_sd}
    assert one.cell == "user:Works A"
    assert one.sources == ("report 2025",)
    assert (two.cn, two.route, two.boundary) == ("720851", "C", "gate to gate with scrap")
    assert two.log_sd == pytest.approx(0.1)


def test_goods_of_one_plant_share_their_error(tmp_path):
    one, two = read(tmp_path, GOOD, GOOD.replace("7208", "7210"))
    assert set(one.loadings) == set(two.loadings)


def test_an_uneven_interval_counts_its_wider_side(tmp_path):
    (r,) = read(tmp_path, GOOD.replace("2.32", "4.2"))
    assert r.high == pytest.approx(4.2)
    assert r.low < 1.9
    assert any("uneven" in note for note in r.notes)


BAD = [
    (GOOD.replace("2.1", "two"), InputError, "value"),
    (GOOD.replace("2.1", '"2,1"'), InputError, "value"),
    (GOOD.replace("2.1", "0"), InputError, "value"),
    (GOOD.replace("2.1", "-2"), InputError, "value"),
    (GOOD.replace("2.1", "inf"), InputError, "value"),
    (GOOD.replace("2.1", ""), InputError, "value"),
    (GOOD.replace("2.1", "2100"), UnitError, "value"),
    (GOOD.replace("t CO2e/t", "kg CO2e/t"), UnitError, "unit"),
    (GOOD.replace("t CO2e/t", "kg CO2/t"), UnitError, "unit"),
    (GOOD.replace("t CO2e/t", "t/kg"), UnitError, "unit"),
    (GOOD.replace("t CO2e/t", "kg/kg"), UnitError, "unit"),
    (GOOD.replace("direct", "indirect"), InputError, "scope"),
    (GOOD.replace("cbam", ""), InputError, "boundary"),
    (GOOD.replace("Works A", " "), InputError, "name"),
    (GOOD.replace("report 2025", ""), InputError, "source"),
    (GOOD.replace("1.9", ""), InputError, "low"),
    (GOOD.replace("1.9,2.32", ","), InputError, "low"),
    (GOOD.replace("1.9", "2.2"), InputError, "low"),
    (GOOD.replace("2.32", "2.0"), InputError, "high"),
    (GOOD.replace("2.32", "high"), InputError, "high"),
    (GOOD.replace("2.32,", "2.32,0.1"), InputError, "log_sd"),
    (GOOD.replace("1.9,2.32,", ",,9"), InputError, "log_sd"),
    (GOOD.replace("2.32,,", "2.32,,Z"), InputError, "route"),
    (GOOD.replace("7208", "72"), InputError, "cn"),
    (GOOD.replace("7208", "steel"), InputError, "cn"),
    (GOOD.replace("China", "Chinna"), UnknownNameError, "origin"),
]


@pytest.mark.parametrize(("row", "error", "column"), BAD)
def test_bad_cells_name_file_row_and_column(tmp_path, row, error, column):
    with pytest.raises(error) as told:
        read(tmp_path, GOOD.replace("7208", "7201"), row)
    assert f"plants.csv, row 3, column {column!r}" in str(told.value)
    assert "what to do" in str(told.value)


def test_a_row_twice(tmp_path):
    with pytest.raises(InputError, match="rows 2 and 4"):
        read(tmp_path, GOOD, GOOD.replace("7208", "7210"), GOOD.replace("2.1", "2.2"))


def test_the_same_plant_by_another_route_is_another_row(tmp_path):
    assert len(read(tmp_path, GOOD, GOOD.replace("2.32,,", "2.32,,E"))) == 2


def test_missing_and_unknown_columns(tmp_path):
    with pytest.raises(InputError, match=r"missing columns.*'?scope"):
        read(tmp_path, header="cn,origin,value,unit,boundary,name,source\n")
    with pytest.raises(InputError, match="unknown columns"):
        read(tmp_path, header=HEADER.replace("route", "rout"))


def test_no_file_and_no_rows(tmp_path):
    with pytest.raises(DataFileError):
        read_references(tmp_path / "none.csv")
    with pytest.raises(InputError, match="no row"):
        read(tmp_path)


def test_semicolons_are_named(tmp_path):
    path = tmp_path / "plants.csv"
    path.write_text("cn;origin;value\n7208;CHN;2,1\n", encoding="utf-8-sig")
    with pytest.raises(InputError, match="semicolons"):
        read_references(path)
