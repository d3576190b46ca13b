"""The two approaches of the IPCC: identities, sensitivities by differences, agreement."""

import math

import pytest

from mriocarbon.errors import InputError
from mriocarbon.uncertainty import Category, approach_1, approach_2

INVENTORY = (
    Category("coal", 100, 80, 3, 4),
    Category("gas", 50, 60, 2, 2),
    Category("cement", 20, 25, 2, 5),
    Category("forest", -15, -20, 10, 15),
    Category("soils", 8, 7, 5, 20),
)


def test_one_category_is_the_square_root_of_two_squares():
    found = approach_1([Category("only", 10, 12, 3, 4)])
    assert found.uncertainty == pytest.approx(5)
    # its factor cancels in the trend, its activity errs twice: B U sqrt(2), B = 1.2
    assert found.lines[0].type_a == pytest.approx(0, abs=1e-12)
    assert found.trend_uncertainty == pytest.approx(1.2 * 3 * math.sqrt(2))


def test_sensitivities_of_the_trend_by_differences():
    found = approach_1(INVENTORY)
    base, year = sum(c.base for c in INVENTORY), sum(c.year for c in INVENTORY)
    for line in found.lines:
        c = line.category
        both = 100 * ((year + 0.01 * c.year) / (base + 0.01 * c.base) - year / base)
        later = 100 * ((year + 0.01 * c.year) / base - year / base)
        assert line.type_a == pytest.approx(abs(both), rel=1e-12)
        assert line.type_b == pytest.approx(abs(later), rel=1e-12)
        # the closed form of the Guidelines' note B
        long = (0.01 * c.year + year - (0.01 * c.base + base)) / (0.01 * c.base + base) * 100
        assert line.type_a == pytest.approx(abs(long - (year - base) / base * 100), rel=1e-9)
    assert found.trend == pytest.approx(100 * (year / base - 1))
    assert math.fsum(x.contribution for x in found.lines) == pytest.approx(found.uncertainty**2)


def test_both_approaches_agree_where_errors_are_small():
    one, two = approach_1(INVENTORY), approach_2(INVENTORY, draws=400_000, seed=1)
    assert 100 * 1.96 * two.sd / one.year == pytest.approx(one.uncertainty, rel=0.02)
    assert 1.96 * two.trend_sd == pytest.approx(one.trend_uncertainty, rel=0.03)
    assert two.year[1] < one.year < two.year[2]
    assert approach_2(INVENTORY, seed=1) == approach_2(INVENTORY, seed=1)


def test_they_part_where_errors_are_large():
    wide = [Category("soils", 10, 10, 5, 200, factor_persists=False)]
    one, two = approach_1(wide), approach_2(wide, draws=200_000)
    low, high = two.year[1], two.year[2]
    assert one.uncertainty > 200 and low > 0  # a lognormal has no negative emissions
    assert high - 10 > 3 * (10 - low)


def test_what_persists_cancels_in_the_trend():
    new = approach_1([Category("a", 10, 10, 0, 5, factor_persists=False)])
    same = approach_1([Category("a", 10, 10, 0, 5)])
    assert same.trend_uncertainty < 1e-12 < 1 < new.trend_uncertainty


@pytest.mark.parametrize(
    "make",
    [
        lambda: approach_1([]),
        lambda: approach_1([Category("a", 1, 1, 1, 1), Category("b", -1, 1, 1, 1)]),
        lambda: approach_1([Category("a", 100, 1, 1, 1), Category("b", -101, 1, 1, 1)]),
        lambda: approach_2(INVENTORY, draws=10),
        lambda: approach_2(INVENTORY, draws="many"),
        lambda: approach_2(INVENTORY, seed=-1),
        lambda: Category("a", float("nan"), 1, 1, 1),
        lambda: Category("a", 1, 1, -1, 1),
        lambda: Category("a", 1, 1, 1, float("inf")),
    ],
)
def test_bad_inventories(make):
    with pytest.raises(InputError, match="what to do"):
        make()
