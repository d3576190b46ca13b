"""Money of other years and currencies: nothing without its rate."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mriocarbon as mc
from mriocarbon.errors import InputError
from mriocarbon.lca.prices import Money

MONEY = Money("USD", 2022, rates={"EUR": 1.05}, deflators={2019: 1.2})
factors = st.floats(0.01, 100.0)


@given(st.floats(-1e9, 1e9), factors, factors)
def test_deflator_and_rate_multiply(amount, rate, deflator):
    money = Money("USD", 2022, rates={"EUR": rate}, deflators={2019: deflator})
    found, told = money.of(amount, "EUR", 2019, where="glass")
    assert found == pytest.approx(amount * rate * deflator, rel=1e-15)
    assert len(told) == 2
    assert all(t.startswith("glass: ") for t in told)


def test_money_of_the_table_is_left_as_it_is():
    assert MONEY.of(3.0, "USD", 2022, where="glass") == (3.0, ())


def test_deflator_is_not_applied_to_the_year_of_the_table():
    assert MONEY.of(100.0, "EUR", 2022, where="glass")[0] == 105.0
    assert MONEY.of(100.0, "USD", 2019, where="glass")[0] == 120.0


def test_money_without_a_year_says_so():
    amount, told = MONEY.of(3.0, "USD", None, where="glass")
    assert amount == 3.0
    assert told == ("glass: money without a year taken as of 2022",)


def test_the_deflator_is_named_with_its_currency():
    _, told = MONEY.of(3.0, "EUR", 2019, where="glass")
    assert "EUR of 2019 times 1.2 (deflator given, taken as that of EUR)" in told[0]
    assert "EUR at 1.05 USD (rate given)" in told[1]


def test_another_year_needs_a_deflator():
    with pytest.raises(InputError, match="money of 2015, the table is at prices of 2022") as error:
        MONEY.of(1.0, "USD", 2015, where="process 'mill'")
    assert "deflators {2015: price level of 2022 over that of 2015}" in str(error.value)
    assert "process 'mill'" in str(error.value)


@pytest.mark.parametrize("currency", ["GBP", "usd", "", "kg"])
def test_another_currency_needs_a_rate(currency):
    with pytest.raises(InputError, match=f"money in {currency}, the table is in USD"):
        MONEY.of(1.0, currency, 2022, where="glass")


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf, True, "1.05", None])
def test_rates_and_deflators_are_numbers_above_zero(bad):
    with pytest.raises(InputError, match="rate of EUR"):
        Money("USD", 2022, rates={"EUR": bad})
    with pytest.raises(InputError, match="deflator of 2019"):
        Money("USD", 2022, deflators={2019: bad})


def test_money_of_the_embedded_table():
    money = Money.of_table(mc.load("oecd-icio-2022"), {"EUR": 1.05})
    assert (money.currency, money.year) == ("USD", 2022)
    assert money.of(2.0, "EUR", 2022, where="glass")[0] == 2.1
