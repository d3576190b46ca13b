"""Prices: every step is named and multiplies out; no price is a reason; bad files are told."""

import csv
import math

import pytest

from mriocarbon.cbam.prices import no_price, read_prices, unit_price
from mriocarbon.errors import DataFileError, InputError, UnitError

HEADER = "cn,origin,value,unit,year,basis,log_sd,source\n"
GOODS = ["7201", "7208", "7210", "7211", "7308", "73181100", "7601", "7604", "25232900",
         "25231000", "31021019", "31023090", "31053000", "28141000", "26011200"]  # fmt: skip


def file(tmp_path, text, header=HEADER):
    path = tmp_path / "prices.csv"
    path.write_text(header + text)
    return path


@pytest.mark.parametrize("cn", GOODS)
@pytest.mark.parametrize("origin", ["CHN", "USA", "ALB"])
def test_steps_multiply_out_and_loadings_add_up(cn, origin):
    p = unit_price(cn, origin)
    assert p.usd_per_tonne == pytest.approx(p.observed * math.prod(s.factor for s in p.steps))
    assert p.log_sd == pytest.approx(math.sqrt(sum(v * v for v in p.loadings.values())))
    assert (p.year, p.basis) == (2022, "producer")
    assert p.source
    for step in p.steps:
        assert step.source or step.assumed or step.factor == 1.0, step
    assert 40 < p.usd_per_tonne < 10_000


def test_every_heading_of_the_annex_has_a_price_or_a_reason(data_folder):
    with (data_folder / "cbam" / "defaults_definitive_2025_2621.csv").open() as handle:
        codes = {row["cn"] for row in csv.DictReader(handle)}
    priced = {code for code in codes if unit_price(code, "CHN")}
    assert len(priced) > 80
    for code in codes - priced:
        assert no_price(code) and not no_price(code).startswith("no price of CN"), code


def test_unit_values_are_those_of_the_trade_file(data_folder):
    """Value over mass of the EU's imports, where origin and heading were observed."""
    names = {"China": "CHN", "India": "IND", "Russia": "RUS", "Indonesia": "IDN",
             "Türkiye": "TUR", "South Korea": "KOR", "Vietnam": "VNM"}  # fmt: skip
    with (data_folder / "cbam" / "eu27_imports_2024_partial.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 10
    for row in rows:
        p = unit_price(row["cn"], names[row["country"]])
        tonnes, euros = float(row["import_tonnes_2024"]), float(row["import_value_eur_2024"])
        assert p.observed == pytest.approx(euros / tonnes, abs=0.006)
        assert p.origins_used == (names[row["country"]],)


def test_an_unobserved_origin_takes_the_mean_and_a_wider_interval():
    own, other = unit_price("7208", "IND"), unit_price("7208", "BRA")
    assert len(other.origins_used) == 4
    assert other.log_sd > own.log_sd
    assert "price.flat steel.BRA" in other.loadings
    assert "price.flat steel.IND" not in own.loadings


def test_goods_of_a_family_share_their_errors():
    shared = set(unit_price("7208", "IND").loadings) & set(unit_price("7210", "IND").loadings)
    assert {"price.flat steel", "deflator.flat steel", "margin.cif"} <= shared


def test_a_borrowed_price_says_so_and_is_less_sure():
    base, like = unit_price("7308", "CHN"), unit_price("73181100", "CHN")
    assert like.log_sd > base.log_sd
    assert any("borrowed from CN 7308" in text for text in like.assumed)


def test_published_prices_of_2022_need_no_deflator():
    for cn in ("7601", "31021019", "31053000", "26011200"):
        assert not any(s.name.startswith("deflator") for s in unit_price(cn, "CHN").steps)
    assert unit_price("7601", "CHN").observed == 2705
    assert unit_price("31021019", "CHN").observed == 700
    assert unit_price("31053000", "CHN").observed == 772
    assert unit_price("26011200", "CHN").observed == 121


def test_short_tons_and_euros_are_converted():
    assert unit_price("28141000", "USA").steps[0].factor == pytest.approx(1 / 0.90718474, 1e-6)
    assert unit_price("7208", "IND").steps[0].factor == 1.0824


@pytest.mark.parametrize(
    ("cn", "word"),
    [("28041000", "hydrogen"), ("7219", "stainless"), ("730419", "tubes"), ("2523", "longer"),
     ("31051000", "compound"), ("7610", "aluminium"), ("99999999", "no price of CN")],
)  # fmt: skip
def test_no_price_is_none_with_a_reason(cn, word):
    assert unit_price(cn, "CHN") is None
    assert word in no_price(cn)


def test_a_users_price_comes_first(tmp_path):
    rows = "2804,,2000,USD/t,2022,producer,0.2,quote\n2804,CHN,1500,EUR/t,2022,fob,0.1,quote\n"
    mine = read_prices(file(tmp_path, rows))
    china, india = (unit_price("28041000", o, mine) for o in ("CHN", "IND"))
    assert china.usd_per_tonne == pytest.approx(1500 * 1.053 * 0.95)
    assert india.usd_per_tonne == 2000
    assert india.log_sd == pytest.approx(0.2)
    assert "quote" in china.source
    assert unit_price("7601", "CHN", mine) == unit_price("7601", "CHN")


def test_a_users_price_of_2024_is_deflated(tmp_path):
    mine = read_prices(file(tmp_path, "7208,CHN,600,USD/t,2024,producer,0.05,mill\n"))
    assert unit_price("7208", "CHN", mine).usd_per_tonne == pytest.approx(750)


@pytest.mark.parametrize(
    ("row", "error", "column"),
    [
        ("7208,CHN,abc,USD/t,2022,producer,0.1,s", InputError, "value"),
        ("7208,CHN,-5,USD/t,2022,producer,0.1,s", InputError, "value"),
        ("7208,CHN,nan,USD/t,2022,producer,0.1,s", InputError, "value"),
        ("7208,CHN,1_000,USD/t,2022,producer,0.1,s", InputError, "value"),
        ("7208,CHN,0.7,USD/t,2022,producer,0.1,s", UnitError, "value"),
        ("7208,CHN,700,USD/kg,2022,producer,0.1,s", UnitError, "unit"),
        ("7208,CHN,700,t/USD,2022,producer,0.1,s", UnitError, "unit"),
        ("72,CHN,700,USD/t,2022,producer,0.1,s", InputError, "cn"),
        ("7208,CHN,700,USD/t,2019,producer,0.1,s", InputError, "year"),
        ("7208,CHN,700,USD/t,2022,street,0.1,s", InputError, "basis"),
        ("7208,CHN,700,USD/t,2022,producer,15,s", InputError, "log_sd"),
        ("7208,CHN,700,USD/t,2022,producer,,s", InputError, "log_sd"),
        ("7208,CHN,700,USD/t,2022,producer,0.1,", InputError, "source"),
        ("2804,CHN,700,USD/t,2024,producer,0.1,s", InputError, "family"),
    ],
)
def test_bad_cells_name_row_and_column(tmp_path, row, error, column):
    path = file(tmp_path, "7210,CHN,700,USD/t,2022,producer,0.1,s\n" + row + "\n")
    with pytest.raises(error) as told:
        read_prices(path)
    assert f"row 3, column {column!r}" in str(told.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("cn,value\n7208,1\n", "missing columns"),
        (HEADER.replace("cn,", "cn,cn,"), "doubled columns"),
        (HEADER.strip() + ",colour\n", "unknown columns"),
        (HEADER, "no row"),
        (HEADER + "7208,CHN\n", "cells"),
        (HEADER + 2 * "7208,CHN,700,USD/t,2022,producer,0.1,s\n", "rows 2 and 3"),
    ],
)
def test_bad_files(tmp_path, text, words):
    path = file(tmp_path, text, "")
    with pytest.raises(InputError, match=words):
        read_prices(path)


def test_unreadable_files(tmp_path):
    with pytest.raises(DataFileError):
        read_prices(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"cn,\xff\xfe")
    with pytest.raises(DataFileError):
        read_prices(tmp_path / "latin.csv")


def test_row_numbers_count_lines_of_the_file(tmp_path):
    text = '7210,CHN,700,USD/t,2022,producer,0.1,"two\nlines"\n\n7208,CHN,x,USD/t,2022,fob,0.1,s\n'
    with pytest.raises(InputError, match="row 5, column 'value'"):
        read_prices(file(tmp_path, text))
