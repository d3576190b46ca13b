"""The concordance: weights add up to one, follow the sources, and chapter 73 is split."""

import csv
import math

import pytest

from mriocarbon.cbam.concordance import industries, links
from mriocarbon.errors import InputError, UnknownNameError
from scripts.cbam_concordance import DROPPED, main, table

CODES = sorted({link.cn for cn in ("72", "73") for link in links(cn + "08")}) + ["25231000"]


@pytest.mark.parametrize(
    ("cn", "expected"),
    [
        ("7201", "C24A"), ("7208", "C24A"), ("730419", "C24A"), ("7305", "C24A"),
        ("73066192", "C24A"), ("7303", "C24A"), ("7308", "C25"), ("7310", "C25"),
        ("73181100", "C25"), ("7326", "C25"), ("7601", "C24B"), ("7606", "C24B"),
        ("7610", "C25"), ("25231000", "C23"), ("2523", "C23"), ("28141000", "C20"),
        ("28041000", "C20"), ("31021019", "C20"), ("26011200", "B07"), ("25070080", "B08"),
    ],
)  # fmt: skip
def test_goods_are_made_where_they_are_made(cn, expected):
    assert industries(cn) == ((expected, 1.0),)


def test_weights_add_up_to_one_for_every_code_and_heading(data_folder):
    with (data_folder / "cbam" / "cn8_to_isic3.csv").open() as file:
        codes = [row["cn8"] for row in csv.DictReader(file)]
    assert len(codes) > 500
    for code in {c[:n] for c in codes for n in (4, 6, 8)}:
        shares = [w for _, w in industries(code)]
        assert math.isclose(math.fsum(shares), 1.0, abs_tol=1e-12)
        assert min(shares) > 0
        assert shares == sorted(shares, reverse=True)


def test_every_code_of_the_annex_has_an_industry(data_folder):
    path = data_folder / "cbam" / "defaults_definitive_2025_2621.csv"
    with path.open() as file:
        codes = {row["cn"] for row in csv.DictReader(file)}
    for code in codes:
        assert industries(code), code


def test_the_table_is_what_the_script_makes_of_the_sources(data_folder, tmp_path):
    main(data_folder, tmp_path / "made.csv")
    with (tmp_path / "made.csv").open() as file:
        made = list(csv.DictReader(file))
    assert made == table(data_folder)
    shipped = [link for row in {r["cn"]: r for r in made}.values() for link in links(row["cn"])]
    assert [(s.cn, s.isic3, s.isic4, s.industry, s.weight, s.rule) for s in shipped] == [
        (m["cn"], m["isic3"], m["isic4"], m["industry"], float(m["weight"]), m["rule"])
        for m in made
    ]


def test_the_way_from_hs_to_isic_is_that_of_the_source(data_folder):
    """Where HS 2007 has the code, the class is that of the United Nations' file."""
    path = data_folder / "cbam" / "concordance" / "JobID-48_Concordance_H3_to_I3.CSV"
    with path.open(encoding="latin-1") as file:
        known = {row[0]: row[2] for row in csv.reader(file)}
    checked = 0
    with (data_folder / "cbam" / "cn8_to_isic3.csv").open() as file:
        for row in csv.DictReader(file):
            if row["hs"] in known:
                checked += 1
                assert known[row["hs"]] == row["isic"], row
    assert checked > 400


def test_dropped_links_are_named():
    assert all(DROPPED.values())
    assert any("repair" in link.rule for link in links("7308"))


def test_a_later_code_falls_back_to_its_heading():
    assert industries("72089999") == industries("7208")


@pytest.mark.parametrize("bad", ["", "72", "7208a", "720", "7208 51", "٧٢٠٨"])
def test_malformed_codes(bad):
    with pytest.raises(InputError, match="4, 6 or 8 digits"):
        industries(bad)


def test_a_code_outside_the_cbam():
    with pytest.raises(UnknownNameError, match="9999"):
        industries("9999")
