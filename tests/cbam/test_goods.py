import csv

import pytest

from mriocarbon.cbam.goods import good, goods, scope_of
from mriocarbon.errors import InputError, UnknownNameError


def test_goods_are_those_of_the_tidied_list(data_folder):
    with (data_folder / "cbam/goods_annex_i.csv").open(encoding="utf-8") as file:
        rows = {row["cn8"]: row for row in csv.DictReader(file)}
    known = {g.cn: g for g in goods()}
    assert set(rows) <= set(known)
    for cn, row in rows.items():
        found = known[cn]
        assert found.sector == row["sector"]
        if found.sector != "electricity":
            assert found.indirect_in_scope == (row["indirect_in_scope_definitive"] == "1"), cn
    # the rest are codes of the later nomenclature, which the annex of values lists
    assert {cn[:4] for cn in set(known) - set(rows)} == {"3102"}


def test_gases():
    assert good("7208")[0].gases == ("CO2",)
    assert good("7601")[0].gases == ("CO2", "PFC")
    assert good("2808")[0].gases == ("CO2", "N2O")
    assert all(g.gases[0] == "CO2" for g in goods())


@pytest.mark.parametrize(
    ("code", "scope"),
    [
        ("7208", "direct"), ("7308", "direct"), ("7601", "direct"), ("2804", "direct"),
        ("2523", "direct+indirect"), ("3102", "direct+indirect"), ("2601 12 00", "direct+indirect"),
    ],
)  # fmt: skip
def test_scopes(code, scope):
    assert scope_of(code) == scope


@pytest.mark.parametrize(
    "code", ["7202 29 00", "7202 29", "7615 10 10", "2804 40", "8703", "99999999", "7208 99 99"]
)
def test_codes_outside_the_cbam_are_refused(code):
    with pytest.raises(UnknownNameError, match="not covered by the CBAM"):
        good(code)


def test_near_codes_are_named():
    with pytest.raises(UnknownNameError, match="7202 11 20"):
        good("7202 29 00")
    with pytest.raises(UnknownNameError, match=r"nearest that are: 761[46] "):
        good("7615")
    with pytest.raises(InputError, match="malformed"):
        good("seven")
