import pytest

from mriocarbon.cbam.codes import cn_digits, covers, spaced
from mriocarbon.errors import InputError


@pytest.mark.parametrize(
    ("code", "digits"),
    [("7208", "7208"), ("7207 11 11", "72071111"), ("7211.23", "721123"), (76011010, "76011010")],
)
def test_codes_are_read(code, digits):
    assert cn_digits(code) == digits


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "empty"), ("   ", "empty"), ("72", "2 digits"), ("72081", "5 digits"),
        ("7208100000", "10 digits"), ("72O8", "'O'"), ("7208-10", "'-'"), ("٧٢٠٨", "٧"),
        (None, "NoneType"), (True, "bool"), (7208.0, "float"), (720810000, "9 digits"),
    ],
)  # fmt: skip
def test_malformed_codes_are_refused_with_the_trouble(code, why):
    with pytest.raises(InputError, match="malformed CN code") as caught:
        cn_digits(code)
    assert why in str(caught.value)


def test_a_lost_leading_zero_is_suspected():
    with pytest.raises(InputError, match="leading zero"):
        cn_digits(7208100)


def test_spaced_and_covers():
    assert [spaced(c) for c in ("7208", "721123", "72071111")] == ["7208", "7211 23", "7207 11 11"]
    assert covers("7208", "72083600") and covers("7208", "7208")
    assert not covers("7208", "7209") and not covers("72083600", "7208")
