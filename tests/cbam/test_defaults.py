"""Default values against the tidied annex, the law's rules, and the figures of the press."""

import csv
import hashlib
import time
from collections import defaultdict
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencbam.engine.defaults import get_default_value, get_marked_up_default

from mriocarbon.cbam.defaults import all_defaults, default_value, defaults_of, read_corrections
from mriocarbon.cbam.goods import good
from mriocarbon.cbam.origins import OTHER, origins
from mriocarbon.errors import (
    DataFileError,
    InputError,
    NotAvailableError,
    UnknownNameError,
)


@pytest.mark.parametrize(
    ("cn", "origin", "route", "total"),
    [
        ("7208", "CHN", "C", "3.187"), ("7201", "CHN", "", "1.660"), ("7601", "CHN", "K", "3.000"),
        ("25231000", "CHN", "A", "1.390"), ("252329", "CHN", "", "1.420"),
        ("3102 10 19", "CHN", "", "2.850"), ("2804 10", "CHN", "", "26.640"),
        ("7208", "India", "C", "4.280"), ("7208", "Türkiye", None, "2.428"),
        ("7208", "United States", None, "1.400"), ("7308", "CHN", "C", "6.035"),
        ("72061000", "CHN", "C", "1.740"), ("72071290", "CHN", "C", "3.314"),
    ],
)  # fmt: skip
def test_known_values(cn, origin, route, total):
    value = default_value(cn, origin=origin, route="A" if cn == "25231000" else None)
    assert value.total == D(total)
    assert route is None or value.route == route
    assert not value.is_fallback and value.fallback_reason == ""


def test_every_row_of_the_tidied_annex_is_the_same(data_folder):
    """11,391 rows: direct, indirect, total, three mark-ups and the route, cell by cell."""
    path = data_folder / "cbam/defaults_definitive_2025_2621.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    want = defaultdict(list)
    for row in rows:
        if row["total_status"] == "value":
            key = row["iso3"] or OTHER, row["cn"], row["description"]
            want[key].append(row)
    assert sum(map(len, want.values())) == 10926  # four of them outside Annex I: 7615 of Tunisia
    seen = 0
    for year in (2026, 2027, 2028):
        for v in all_defaults(year=year):
            (row,) = want[v.origin.iso3, v.cn, v.description]
            assert v.total == D(row["total"]) and v.direct == D(row["direct"])
            assert v.indirect == (D(row["indirect"]) if row["indirect"] else None)
            assert v.marked_up == D(row[f"m{year}"])
            assert (
                v.route in (row["route"], "A", "B")
                if v.cn[:4] == "2523"
                else (v.route == row["route"])
            )
            seen += 1
    assert seen == 3 * (10926 - 4)


def test_the_engine_of_opencbam_finds_the_same_values():
    for place in ("China", "India", "Albania", "Ghana", "Fiji"):
        for cn in ("72083600", "76011010", "28041000", "25232900", "73089059", "72011011"):
            mine = default_value(cn, origin=place, year=2027)
            assert mine.total == get_default_value(place, cn)
            assert mine.marked_up == get_marked_up_default(place, cn, 2027)


def test_a_value_answers_act_annex_row_edition_and_hash():
    source = default_value("7208", origin="CHN").source
    assert source.act.endswith("2025/2621") and source.annex == "Annex I"
    assert source.row == 'table "China", row 89, CN 7208, column 2026'
    assert "2026/1740" in source.edition
    assert len(source.sha256) == 64


def test_years_take_the_annex_column_and_keep_the_last():
    values = [default_value("7208", origin="CHN", year=y) for y in (2026, 2027, 2028, 2034)]
    assert [v.marked_up for v in values] == [D("3.506"), D("3.824"), D("4.143"), D("4.143")]
    assert [v.markup for v in values] == [D("0.10"), D("0.20"), D("0.30"), D("0.30")]
    assert {v.total for v in values} == {D("3.187")}
    assert [v.source.row.split("column ")[1] for v in values] == [
        "2026", "2027", '"2028 and onwards"', '"2028 and onwards"',
    ]  # fmt: skip


def test_a_shorter_code_is_accepted_where_all_rows_agree():
    value = default_value("7608", origin="CHN")
    assert value.total == D("4.896")
    forms = default_value("721913", origin="CHN"), default_value("7219 13 10", origin="CHN")
    assert forms[0].total == forms[1].total == D("5.580")
    assert default_value("7304 22", origin="CHN").cn == "73042200"


def test_a_shorter_code_whose_rows_differ_lists_them():
    with pytest.raises(InputError, match="covers 7 rows that differ") as caught:
        default_value("2523", origin="CHN")
    for part in ("2523 10 00 route A 1.390", "2523 21 00 1.390", "longer code"):
        assert part in str(caught.value)


def test_white_and_grey_need_a_route():
    with pytest.raises(InputError, match=r"give route='A' or 'B'"):
        default_value("2523 10", origin="CHN")
    assert default_value("2523 10", origin="CHN", route="b").total == D("1.300")
    with pytest.raises(UnknownNameError, match="route of CN 7208"):
        default_value("7208", origin="CHN", route="K")


def test_rows_that_a_table_leaves_out_count_below_a_shorter_code():
    """Brazil lists some cements only: the others below 2523 are those of other countries."""
    own = {v.cn for v in defaults_of("BRA", fallback=False) if v.cn[:4] == "2523"}
    assert own and "25231000" not in own
    with pytest.raises(InputError, match="rows that differ") as caught:
        default_value("2523", origin="BRA")
    assert "2523 10 00" in str(caught.value) and "other countries" in str(caught.value)
    assert default_value("2523 10", origin="BRA", route="A").is_fallback


def test_a_dashed_heading_is_answered_for_the_code_asked_for():
    """Thailand dashes 7218, 7219 and all below them."""
    for cn in ("72191100", "7218 10 00", "7219 90 80"):
        value = default_value(cn, origin="THA")
        assert value.is_fallback and "dash" in value.fallback_reason
        assert value.total == default_value(cn, origin=OTHER).total
    with pytest.raises(InputError, match="covers 14 rows that differ") as caught:
        default_value("7219", origin="THA")
    assert "7219 11 00, 7219 12, 7219 13, 7219 14 and" in str(caught.value)
    values = defaults_of("THA")
    assert len({(v.cn, v.route) for v in values}) == len(values)


def test_a_route_that_the_origin_does_not_have_is_not_taken_from_others():
    assert default_value("7601", origin=OTHER).route == "K"
    recycler = next(o for o in origins() if default_value("7601", origin=o).route == "L")
    with pytest.raises(UnknownNameError, match="known: L"):
        default_value("7601", origin=recycler, route="K")


@pytest.mark.parametrize(
    ("origin", "why"), [("Germany", "member state"), ("Norway", "Annex III"), ("CH", "Annex III")]
)
@pytest.mark.parametrize("vintage", ["2025/2621", "2023"])
def test_goods_that_the_cbam_does_not_charge_have_no_value(origin, why, vintage):
    for ask in (lambda: default_value("7208 51 20", origin=origin, vintage=vintage),
                lambda: defaults_of(origin, vintage=vintage)):  # fmt: skip
        with pytest.raises(NotAvailableError, match=why):
            ask()


@settings(max_examples=30)
@given(data=st.data())
def test_a_longer_code_has_the_value_of_its_heading(data):
    place = data.draw(st.sampled_from(origins()))
    # The annex lists 7610 90 and both codes below it: those have rows of their own.
    value = data.draw(st.sampled_from([v for v in defaults_of(place) if v.cn != "761090"]))
    below = data.draw(st.sampled_from([g.cn for g in good(value.cn)]))
    route = value.route if value.cn in ("25231000", "25239000") else None
    longer = default_value(below, origin=place, route=route)
    assert (longer.total, longer.marked_up, longer.source) == (
        value.total, value.marked_up, value.source,
    )  # fmt: skip
    assert longer.query == below and longer.cn == value.cn


def test_fallback_is_by_row_and_says_so():
    unlisted = default_value("7208", origin="Fiji")
    assert unlisted.is_fallback and unlisted.origin_used == OTHER
    assert "not listed" in unlisted.fallback_reason and unlisted.origin.iso3 == "FJI"
    other = default_value("7208", origin=OTHER)
    assert other.total == unlisted.total and not other.is_fallback
    dash = default_value("2523 90", origin="Albania", route="B")
    assert dash.is_fallback and "dash" in dash.fallback_reason
    absent = default_value("7203", origin="CHN")
    assert absent.is_fallback and "no row" in absent.fallback_reason
    assert not default_value("2523 90", origin="Albania", route="A").is_fallback


def test_direct_only_goods_have_no_indirect_value_rather_than_zero():
    assert default_value("7208", origin="CHN").indirect is None
    assert default_value("7208", origin="CHN").scope == "direct"
    cement = default_value("252329", origin="CHN")
    assert (cement.direct, cement.indirect) == (D("1.350"), D("0.070"))
    assert cement.scope == "direct+indirect"


@pytest.mark.parametrize("place", ["China", "Albania", "Benin", "Fiji", OTHER, "Japan"])
def test_the_rows_of_an_origin_are_what_each_look_up_finds(place):
    values = defaults_of(place, year=2028)
    assert len({(v.cn, v.route, v.description) for v in values}) == len(values) >= 255
    for v in values:
        route = v.route if v.cn in ("25231000", "25239000") else None
        one = default_value(v.cn, origin=place, year=2028, route=route)
        assert (one.total, one.marked_up, one.is_fallback) == (v.total, v.marked_up, v.is_fallback)
        assert one.source == v.source


def test_origins_without_fallback_give_their_own_rows_only():
    assert len(defaults_of("China", fallback=False)) == 259
    assert len(all_defaults()) == 10922
    assert len(origins()) == 118


@pytest.mark.parametrize("year", [2025, 2023, "2026", 2026.5])
def test_years_before_the_definitive_period_point_to_the_vintage(year):
    with pytest.raises(InputError, match='vintage="2023"'):
        default_value("7208", origin="CHN", year=year)


def test_transitional_values_are_one_for_the_world_and_have_no_markup():
    value = default_value("7201 10 11", origin="CHN", vintage="2023")
    assert value.marked_up is None and value.markup == 0
    assert value.total == default_value("7201 10 11", origin="India", vintage="2023").total
    assert "one table for all origins" in str(value.source)
    assert default_value("2523 10 00", origin="CHN", vintage="2023").direct == D("0.83")
    with pytest.raises(UnknownNameError, match="vintage"):
        default_value("7208", origin="CHN", vintage="2024")


def test_every_transitional_value_is_that_of_the_tidied_table(data_folder):
    with (data_folder / "cbam/defaults_transitional_2023.csv").open(encoding="utf-8") as file:
        want = {row["cn8"]: row for row in csv.DictReader(file)}
    values = defaults_of("CHN", vintage="2023")
    assert {v.cn for v in values} == set(want) and len(values) == 568
    for v in values:
        row = want[v.cn]
        assert (v.direct, v.total) == (D(row["direct"]), D(row["total"]))
        assert v.indirect == (D(row["indirect"]) if row["indirect"] else None)


def test_a_later_act_does_not_touch_the_transitional_values(tmp_path):
    later = read_corrections(write(tmp_path, "China,7208,3,,3,3.3,3.6,3.9,,"))
    with pytest.raises(InputError, match="definitive period"):
        default_value("7201 10 11", origin="CHN", vintage="2023", corrections=later)


def test_electricity_and_replaced_codes_say_why_they_have_no_value():
    with pytest.raises(NotAvailableError, match="electricity"):
        default_value("2716 00 00", origin="CHN")
    with pytest.raises(NotAvailableError, match="3102 10 19"):
        default_value("3102 10 10", origin="CHN")


@pytest.mark.parametrize("cn", ["7202 29 00", "8703", "7208 12 34"])
def test_goods_outside_the_cbam_are_hard_errors(cn):
    with pytest.raises(UnknownNameError, match="not covered"):
        default_value(cn, origin="CHN")


def test_speed_of_all_tables():
    start = time.perf_counter()
    assert len({v.origin.iso3 for v in all_defaults()}) == 119
    assert time.perf_counter() - start < 2


def test_speed_of_a_look_up():
    default_value("7208", origin="CHN")
    start = time.perf_counter()
    for _ in range(200):
        default_value("7208", origin="CHN")
    assert (time.perf_counter() - start) / 200 < 1e-3


HEADER = "country,cn,direct,indirect,total,m2026,m2027,m2028,route,act\n"


def write(tmp_path, *rows, header=HEADER):
    path = tmp_path / "later.csv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_corrections_replace_their_rows_and_no_other(tmp_path):
    path = write(
        tmp_path,
        "China,7208,3.000,,3.000,3.300,3.600,3.900,,Regulation X",
        "Angola,2523 10 00,1.240,0.020,1.260,1.386,1.512,1.638,A,",
    )
    later = read_corrections(path, act="Act Y")
    value = default_value("7208", origin="CHN", corrections=later)
    assert (value.total, value.marked_up) == (D("3.000"), D("3.300"))
    assert value.source.act == "Regulation X" and value.source.sha256 == later.sha256
    mended = default_value("2523 10", origin="AGO", route="A", corrections=later)
    assert mended.defect == "" and mended.source.act == "Act Y"
    assert default_value("2523 10", origin="AGO", route="A").defect == "compounded mark-up"
    same = default_value("7209", origin="CHN", corrections=later)
    assert same == default_value("7209", origin="CHN")
    assert default_value("7208", origin="CHN").total == D("3.187")
    both = zip(defaults_of("CHN"), defaults_of("CHN", corrections=later), strict=True)
    assert [a.cn for a, b in both if a.total != b.total] == ["7208"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("China,7208,x,,3,3.3,3.6,3.9,,", "row 2, column 'direct'"),
        ("China,7208,-1,,3,3.3,3.6,3.9,,", "row 2, column 'direct'"),
        ('China,7208,"3,0",,3,3.3,3.6,3.9,,', "row 2, column 'direct'"),
        ("China,7208,nan,,3,3.3,3.6,3.9,,", "row 2, column 'direct'"),
        ("China,7208,3187,,3187,3506,3824,4143,,", "in kg per t"),
        ("Chnia,7208,3,,3,3.3,3.6,3.9,,", "Chnia"),
        ("China,72081234,3,,3,3.3,3.6,3.9,,", "column 'cn'"),
        ("China,2523 10 00,1,0,1,1.1,1.2,1.3,,", "column 'route'"),
        ("China,7208,3,,3,3.3,3.6,,,", "column 'm2028'"),
    ],
)
def test_bad_corrections_name_row_and_column(tmp_path, row, told):
    with pytest.raises(InputError, match="row 2") as caught:
        read_corrections(write(tmp_path, row))
    assert told in str(caught.value)


def test_bad_correction_files(tmp_path):
    with pytest.raises(InputError, match="missing columns: total"):
        read_corrections(write(tmp_path, header="country,cn,direct,m2026,m2027,m2028\n"))
    # a misspelt column would be left out, and its values with it
    with pytest.raises(InputError, match="unknown columns: indirekt"):
        read_corrections(
            write(
                tmp_path,
                header=",".join(
                    ("country", "cn", "direct", "total", "m2026", "m2027", "m2028", "indirekt")
                )
                + "\n",
            )
        )
    with pytest.raises(InputError, match="no row"):
        read_corrections(write(tmp_path))
    with pytest.raises(DataFileError, match="row 3"):
        read_corrections(write(tmp_path, "China,7208,3,,3,3.3,3.6,3.9,,", 'China,"72"08'))
    path = write(tmp_path, "China,7208,3,,3,3.3,3.6,3.9,,")
    assert read_corrections(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    one = "China,7208,3,,3,3.3,3.6,3.9,,"
    with pytest.raises(InputError, match="corrected twice"):
        read_corrections(write(tmp_path, one, one))
    with pytest.raises(DataFileError):
        read_corrections(tmp_path / "none.csv")
