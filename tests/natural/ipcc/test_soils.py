"""Soil carbon: the guidelines' own examples, equilibrium after D years, editions kept apart."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.natural import ipcc
from mriocarbon.natural.ipcc import SoilUse

NATIVE = SoilUse(1, 1, 1)
uses = st.builds(SoilUse, *(st.floats(0.3, 1.6) for _ in range(3)))
areas = st.floats(0, 1e6)
stocks = st.floats(1, 200)


@given(areas, stocks, uses, uses)
def test_twenty_years_make_the_full_difference(area, reference, before, after):
    yearly = ipcc.mineral_soil_carbon(area, reference=reference, before=before, after=after)
    first = ipcc.soil_stock(area, reference=reference, use=before)
    last = ipcc.soil_stock(area, reference=reference, use=after)
    assert 20 * yearly.value == pytest.approx(last.value - first.value, abs=1e-9 * (1 + last.value))


@given(st.floats(0.5, 20), st.floats(0.5, 20))
def test_within_the_transition_the_rate_stands_and_the_rest_is_to_come(period, transition):
    period, transition = sorted((period, transition))
    call = {"reference": 50, "before": NATIVE, "after": SoilUse(0.5, 1, 1)}
    rate = ipcc.mineral_soil_carbon(1, **call, period=period, transition=transition)
    done, rest = period / transition, 1 - period / transition
    assert rate.value * period == pytest.approx(-25 * done)
    assert rate.value * (transition - period) == pytest.approx(-25 * rest)


@given(st.floats(20, 100))
def test_over_a_longer_period_the_rate_is_spread_over_it(period):
    rate = ipcc.mineral_soil_carbon(
        1, reference=50, before=NATIVE, after=SoilUse(0.5, 1, 1), period=period
    )
    assert rate.value * period == pytest.approx(-25)


@given(areas, stocks, uses)
def test_no_change_of_use_no_change_of_stock(area, reference, use):
    same = ipcc.mineral_soil_carbon(area, reference=reference, before=use, after=use)
    assert same.value == 0


def test_errors_of_the_same_default_cancel():
    reference = ipcc.factor("SOC_REF", climate="cool temperate dry", option="volcanic")
    use = ipcc.soil_use("cool temperate dry", "set-aside")
    same = ipcc.mineral_soil_carbon(7, reference=reference, before=use, after=use)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    half = ipcc.mineral_soil_carbon(7, reference=reference, before=NATIVE, after=use)
    # the stock's 90 % scales the change, it does not swamp it: two independent stocks of 7 x 20
    # t C with 90 % each would give +-8.9 t C/yr
    assert half.value == pytest.approx(7 * 20 * (0.93 - 1) / 20)
    assert half.high - half.low < 2.5


def test_cropland_planted_with_trees_as_in_the_guidelines():
    # 2019 Refinement, volume 4, chapter 4, page 4.14: defaults of 2006 for an Ultisol (LAC) of the
    # moist tropics; 20.8 t C/ha before, 1.3 t C/ha/yr, 131,000 t C/yr
    reference = ipcc.factor("SOC_REF", climate="tropical moist", option="LAC", edition=2006)
    crops = ipcc.soil_use("tropical moist", "annual cropland", management="full tillage",
                          carbon_input="low", edition=2006)  # fmt: skip
    forest = ipcc.soil_use("tropical moist", "forest", edition=2006)
    assert ipcc.soil_stock(1, reference=reference, use=crops).value == pytest.approx(20.8, abs=0.05)
    change = ipcc.mineral_soil_carbon(
        100_000, reference=reference, before=crops, after=forest, period=5
    )
    assert change.value == pytest.approx(131_000, rel=0.002)
    assert change.emissions.value == pytest.approx(-131_224 * 44 / 12, rel=1e-3)


# 2019 Refinement, volume 4, chapter 2, box 2.2, pages 2.36 and 2.37: six units of 1 Mha; stock of
# reference 77 t C/ha; F, G, C with 1.00, 1.05 and 0.92.
UNITS = ("FCCCCCC", "FCCCGGG", "GCCCCGG", "GGFFFFF", "CCCCGGG", "CCGGGCC")
FACTOR = {"F": 1.00, "G": 1.05, "C": 0.92}
APPROACH_1 = (0.0, -1.1, -0.8, -0.8, 0.2, 1.3, 1.0)
APPROACH_2 = (0.0, -1.1, -0.8, -0.8, 0.4, 0.9, 1.0)
TOTALS = (457.4, 451.8, 447.8, 443.7, 445.8, 450.1, 455.4)


def test_box_2_2_by_areas_alone():
    total = [
        sum(ipcc.soil_stock(1, reference=77, use=SoilUse(FACTOR[u[n]], 1, 1)).value for u in UNITS)
        for n in range(7)
    ]
    assert total == pytest.approx((457.4, 435.1, 441.2, 441.2, 461.2, 461.2, 461.2), abs=0.06)
    for n, printed in enumerate(APPROACH_1):
        earlier = max(n - 4, 0)  # the most distant year within D = 20
        change = ipcc.stock_difference(total[earlier], total[n], years=20)
        assert change.value == pytest.approx(printed, abs=0.06)


def test_box_2_2_by_the_history_of_each_unit():
    stock = {unit: [77 * FACTOR[unit[0]]] for unit in UNITS}
    for unit in UNITS:
        rate, left = 0.0, 0
        for was, now in itertools.pairwise(unit):
            if was != now:
                rate = ipcc.mineral_soil_carbon(
                    1, reference=77, before=SoilUse(stock[unit][-1] / 77, 1, 1),
                    after=SoilUse(FACTOR[now], 1, 1), period=5,
                ).value  # fmt: skip
                left = 4  # steps of five years
            stock[unit].append(stock[unit][-1] + (5 * rate if left else 0.0))
            left = max(left - 1, 0)
    assert stock["FCCCGGG"] == pytest.approx((77.0, 75.5, 73.9, 72.4, 74.5, 76.6, 78.7), abs=0.06)
    assert stock["CCGGGCC"] == pytest.approx((70.8, 70.8, 73.3, 75.8, 78.3, 76.5, 74.6), abs=0.06)
    totals = [sum(stock[unit][n] for unit in UNITS) for n in range(7)]
    assert totals == pytest.approx(TOTALS, abs=0.06)
    changes = [0.0, *(np.diff(totals) / 5)]
    assert changes == pytest.approx(APPROACH_2, abs=0.06)


def test_editions_mixed_are_told():
    old = ipcc.factor("SOC_REF", climate="tropical dry", option="HAC", edition=2006)
    new = ipcc.factor("SOC_REF", climate="tropical dry", option="HAC")
    use = ipcc.soil_use("tropical dry", "set-aside")
    mixed = ipcc.mineral_soil_carbon(1, reference=old, before=NATIVE, after=use)
    assert any("2006 and 2019 mixed" in note.text for note in mixed.notes)
    assert any("mixed" in note.text for note in ipcc.soil_stock(1, reference=old, use=use).notes)
    pure = ipcc.mineral_soil_carbon(1, reference=new, before=NATIVE, after=use)
    assert not any("mixed" in note.text for note in pure.notes)


def test_uses_of_land():
    assert [one if isinstance(one, float) else one.value for one in
            ipcc.soil_use("boreal moist", "forest")] == [1, 1, 1]  # fmt: skip
    improved = ipcc.soil_use("tropical wet", "grassland", management="improved",
                             carbon_input="high")  # fmt: skip
    assert [one.value for one in improved] == [1, 1.17, 1.11]
    grazed = ipcc.soil_use("tropical wet", "grassland", management="high-intensity grazing")
    assert grazed.management.value == 0.9 and grazed.input.value == 1


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        (("tropical dry", "annual cropland"), InputError, "without management"),
        (("tropical dry", "perennial cropland", "full tillage"), InputError, "no factors of"),
        (("tropical dry", "grassland", "nominal", "high"), InputError, "improved grassland only"),
        (("tropical dry", "annual cropland", "full tillage", "lots"), UnknownNameError, "medium"),
        (("tropical", "forest"), UnknownNameError, "tropical dry"),
        (("tropical dry", "rice"), UnknownNameError, "set-aside"),
        (("tropical montane", "perennial cropland"), NotAvailableError, "tropical montane"),
    ],
)
def test_uses_without_a_default(arguments, error, match):
    names = ("climate", "land", "management", "carbon_input")
    with pytest.raises(error, match=match):
        ipcc.soil_use(**dict(zip(names, arguments, strict=False)))


def test_cropland_without_input_is_refused():
    with pytest.raises(InputError, match="without carbon input"):
        ipcc.soil_use("tropical dry", "annual cropland", management="no tillage")


@given(areas, st.floats(0, 30))
def test_drained_soils_lose_what_the_factor_says(area, factor):
    change = ipcc.organic_soil_carbon(area, emission_factor=factor)
    assert change.value == -area * factor
    assert change.emissions.value == pytest.approx(area * factor * 44 / 12)


def test_drained_soils_by_default():
    crops = ipcc.organic_soil_carbon(1, climate="tropical wet", land="cropland")
    assert crops.value == -20
    assert crops.emissions.low > 0
    assert crops.estimated
    # two areas of one default have one error; of two they have two
    twice = ipcc.total(crops, crops)
    assert twice.high - twice.value == pytest.approx(2 * (crops.high - crops.value))
    with pytest.raises(InputError, match="twice or not at all"):
        ipcc.organic_soil_carbon(1)
    with pytest.raises(InputError, match="twice or not at all"):
        ipcc.organic_soil_carbon(1, emission_factor=1, climate="boreal dry", land="forest")
    with pytest.raises(UnknownNameError, match="cropland"):
        ipcc.organic_soil_carbon(1, climate="boreal dry", land="settlement")
    with pytest.raises(UnknownNameError):
        ipcc.organic_soil_carbon(1, climate="polar dry", land="forest")


@pytest.mark.parametrize(
    "kwargs",
    [
        {"period": 0},
        {"transition": -1},
        {"transition": float("nan")},
        {"area": -1},
        {"reference": -1},
        {"before": (1, 1)},
        {"after": 0.5},
        {"after": SoilUse(-1, 1, 1)},
    ],
)
def test_what_cannot_be_is_refused(kwargs):
    call = {"area": 1, "reference": 50, "before": NATIVE, "after": NATIVE} | kwargs
    with pytest.raises(InputError):
        ipcc.mineral_soil_carbon(call.pop("area"), **call)


@pytest.mark.parametrize("bad", ["5", None, np.array([1.0, 5.0]), True, 0, float("nan")])
@pytest.mark.parametrize("name", ["period", "transition"])
def test_years_that_are_no_years(name, bad):
    use = ipcc.SoilUse(1, 1, 1)
    with pytest.raises(InputError, match=name):
        ipcc.mineral_soil_carbon(1, reference=47, before=use, after=use, **{name: bad})


def test_a_factor_beside_a_climate_is_refused():
    for more in ({"climate": "nonsense"}, {"land": "cropland"}):
        with pytest.raises(InputError, match="given twice"):
            ipcc.organic_soil_carbon(1, emission_factor=5, **more)
