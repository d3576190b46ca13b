"""Biomass and dead organic matter: identities, limits, examples of the guidelines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.errors import InputError, NonFiniteError, UnitError
from mriocarbon.natural import ipcc

amounts = st.floats(0, 1e6)
fractions = st.floats(0, 1)
years = st.integers(1, 60)
BIOMASS = {"root_shoot": 0.25, "carbon_fraction": 0.47}


@given(amounts, st.lists(st.tuples(amounts, amounts), min_size=1, max_size=12))
def test_gains_and_losses_add_up_to_the_difference_of_stocks(start, flows):
    stocks = [start]
    for gain, loss in flows:
        stocks.append(stocks[-1] + ipcc.gain_loss(gain, loss).value)
    if min(stocks) < 0:
        return
    yearly = ipcc.stock_difference(stocks[0], stocks[-1], years=len(flows))
    expected = sum(gain - loss for gain, loss in flows)
    assert yearly.value * len(flows) == pytest.approx(expected, abs=1e-6 * (1 + max(stocks)))


@given(amounts, amounts, years)
def test_stock_difference_turns_sign_with_time(first, second, span):
    one = ipcc.stock_difference(first, second, years=span)
    other = ipcc.stock_difference(second, first, years=span)
    assert one.value == -other.value
    assert one.emissions.value == pytest.approx(-44 / 12 * one.value)


@given(amounts, amounts, fractions, amounts, amounts)
def test_conversion_without_a_change_of_stock_is_growth_less_losses(
    area, stock, fraction, gain, loss
):  # fmt: skip
    change = ipcc.conversion(
        area, before=stock, after=stock, carbon_fraction=fraction, gains=gain, losses=[loss]
    )
    assert change.value == pytest.approx(gain - loss)


def test_conversion_of_a_default_into_itself_is_nothing_without_error():
    forest = ipcc.factor(
        "B_FOREST", climate="tropical rainforest", land="forest", option="Asia, primary"
    )
    fraction = ipcc.factor("CF", climate="tropical", land="forest", option="all")
    change = ipcc.conversion(50, before=forest, after=forest, carbon_fraction=fraction)
    assert (change.value, change.low, change.high) == (0, 0, 0)
    cleared = ipcc.conversion(50, before=forest, after=0, carbon_fraction=fraction)
    assert cleared.value < 0 < cleared.emissions.low
    assert cleared.emissions.value == pytest.approx(44 / 12 * 50 * 413.1 * 0.47)
    assert cleared.estimated


@given(amounts, st.floats(0, 50), st.floats(0, 2), fractions)
def test_increment_of_volume_is_growth_once_expanded(area, growth, bcef, fraction):
    shared = {"root_shoot": 0.3, "carbon_fraction": fraction}
    by_volume = ipcc.biomass_growth(area, increment=growth, bcef=bcef, **shared)
    by_mass = ipcc.biomass_growth(area, growth=growth * bcef, **shared)
    assert by_volume.value == pytest.approx(by_mass.value)


@given(amounts, st.floats(0.1, 3))
def test_losses_are_linear_in_the_amount_and_grow_with_the_roots(amount, bcef):
    one = ipcc.wood_removals(amount, bcef=bcef, **BIOMASS)
    two = ipcc.wood_removals(2 * amount, bcef=bcef, **BIOMASS)
    bare = ipcc.wood_removals(amount, bcef=bcef, root_shoot=0, carbon_fraction=0.47)
    assert two.value == pytest.approx(2 * one.value)
    assert one.value == pytest.approx(1.25 * bare.value)
    assert one.low >= 0


@given(amounts, amounts, st.floats(0.1, 3), st.floats(0.1, 1))
def test_fuelwood_of_whole_trees_is_wood_removed_and_branches_leave_the_roots(
    trees, parts, bcef, density
):  # fmt: skip
    whole = ipcc.fuelwood_removals(trees, bcef=bcef, **BIOMASS)
    assert whole.value == pytest.approx(ipcc.wood_removals(trees, bcef=bcef, **BIOMASS).value)
    both = ipcc.fuelwood_removals(trees, bcef=bcef, parts=parts, density=density, **BIOMASS)
    assert both.value - whole.value == pytest.approx(
        parts * density * 0.47, rel=1e-6, abs=1e-9 * (1 + both.value)
    )


@given(amounts, st.floats(0, 500), fractions)
def test_a_disturbance_that_takes_all_is_a_conversion_to_nothing(area, biomass, share):
    lost = ipcc.disturbance_losses(
        area, biomass=biomass, root_shoot=0.25, carbon_fraction=0.47, share=1
    )
    gone = ipcc.conversion(area, before=biomass * 1.25, after=0, carbon_fraction=0.47)
    assert lost.value == pytest.approx(-gone.value)
    part = ipcc.disturbance_losses(
        area, biomass=biomass, root_shoot=0.25, carbon_fraction=0.47, share=share
    )
    assert part.value == pytest.approx(share * lost.value)


@given(amounts, st.floats(0, 100), years)
def test_dead_matter_reaches_the_new_stock_after_the_transition(area, stock, span):
    yearly = ipcc.dead_organic_matter(area, before=0, after=stock, years=span)
    assert yearly.value * span == pytest.approx(area * stock)
    back = ipcc.dead_organic_matter(area, before=stock, after=0, years=1)
    assert back.value == pytest.approx(-area * stock)


def test_perennial_crops_of_the_guidelines():
    # 2006, volume 4, chapter 5, section 5.2.1.4, as recalled: 234,000 gained, 210,000 lost
    growth = ipcc.factor("G_CROP", climate="tropical moist", land="perennial cropland")
    stock = ipcc.factor("B_CROP", climate="tropical moist", land="perennial cropland")
    assert 90_000 * growth.value == pytest.approx(234_000)
    assert ipcc.gain_loss(90_000 * growth.value, 10_000 * stock.value).value == pytest.approx(
        24_000
    )


def test_a_factor_on_both_sides_moves_both():
    fraction = ipcc.factor("CF", climate="tropical", land="forest", option="all")
    growth = ipcc.biomass_growth(100, growth=10, root_shoot=0, carbon_fraction=fraction)
    felled = ipcc.wood_removals(1000, bcef=1, root_shoot=0, carbon_fraction=fraction)
    change = ipcc.gain_loss(growth, felled)
    assert (change.value, change.low, change.high) == pytest.approx((0, 0, 0), abs=1e-9)
    assert ipcc.gain_loss(growth, felled, felled).value == pytest.approx(-470)


def test_arrays_give_places_and_draws():
    stock = ipcc.factor(
        "B_FOREST", climate="tropical rainforest", land="forest", option="America, primary"
    )
    lost = ipcc.disturbance_losses(np.array([1.0, 2.0, 0.0]), biomass=stock, share=0.5, **BIOMASS)
    assert lost.value[1] == pytest.approx(2 * lost.value[0])
    assert lost.value[2] == lost.high[2] == 0
    run = lost.monte_carlo(2000, seed=2)
    assert run.high == pytest.approx(lost.high, rel=0.05, abs=1e-9)


def test_net_growth_may_be_below_zero_within_its_range():
    primary = ipcc.factor(
        "G_W", climate="tropical rainforest", land="forest", option="Africa, primary"
    )
    grown = ipcc.biomass_growth(10, growth=primary, **BIOMASS)
    assert grown.low < 0 < grown.high
    assert grown.sample(5000).min() < 0
    assert ipcc.gain_loss(grown).value == grown.value


@pytest.mark.parametrize(
    "call",
    [
        lambda: ipcc.stock_difference(1, 2, years=0),
        lambda: ipcc.stock_difference(-1, 2, years=1),
        lambda: ipcc.gain_loss(-1.0),
        lambda: ipcc.gain_loss(1.0, -1.0),
        lambda: ipcc.biomass_growth(1, **BIOMASS),
        lambda: ipcc.biomass_growth(1, growth=1, increment=1, bcef=1, **BIOMASS),
        lambda: ipcc.biomass_growth(1, increment=1, **BIOMASS),
        lambda: ipcc.biomass_growth(-1, growth=1, **BIOMASS),
        lambda: ipcc.wood_removals(1, bcef=1, root_shoot=0, carbon_fraction=1.2),
        lambda: ipcc.fuelwood_removals(1, bcef=1, parts=1, **BIOMASS),
        lambda: ipcc.disturbance_losses(1, biomass=1, share=1.1, **BIOMASS),
        lambda: ipcc.conversion(1, before=-1, after=0, carbon_fraction=0.5),
        lambda: ipcc.dead_organic_matter(1, before=0, after=1, years=-20),
    ],
)
def test_what_cannot_be_is_refused(call):
    with pytest.raises(InputError):
        call()


def test_missing_is_not_zero_and_units_are_checked():
    with pytest.raises(NonFiniteError):
        ipcc.stock_difference(float("nan"), 2, years=1)
    with pytest.raises(NonFiniteError):
        ipcc.conversion([1.0, np.nan], before=1, after=0, carbon_fraction=0.5)
    growth = ipcc.factor("G_W", climate="tropical dry forest", land="forest",
                         option="Africa, secondary up to 20 years")  # fmt: skip
    with pytest.raises(UnitError, match=r"t d\.m\./ha/yr"):
        ipcc.conversion(1, before=growth, after=0, carbon_fraction=0.5)
