"""Intervals of the study: what ships is what comes out, and it is told how it was got."""

import numpy as np
import pytest

import mriocarbon as mc
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.studies.intervals_2022 import Drawing, compute, editions, embedded


def test_what_ships_is_what_is_computed():
    mrio = mc.load("oecd-icio-2022")
    names = ["consumption", "income"]
    there = embedded(mrio, names, ["GHG", "CO2"])
    now = compute(mrio, names, ["GHG", "CO2"], "first-order")
    assert len(there) == len(now) == 8
    for a, b in zip(there, now, strict=True):
        assert (a.gas, a.principle, a.households, a.basis) == (
            b.gas, b.principle, b.households, b.basis
        )  # fmt: skip
        for x, y in ((a.percent, b.percent), (a.low, b.low), (a.high, b.high)):
            np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-6)
        assert ((a.low <= a.percent) & (a.percent <= a.high)).all()


@pytest.mark.slow
def test_draws_tell_the_same_of_consumption():
    mrio = mc.load("oecd-icio-2022")
    settings = Drawing(draws=400, seed=2)
    one = compute(mrio, ["consumption"], ["GHG"], "monte-carlo", settings)[0]
    two = embedded(mrio, ["consumption"], ["GHG"])[0]
    np.testing.assert_allclose((one.high - one.low) / (two.high - two.low), 1, atol=0.3)
    assert one.method == "monte-carlo" and "lognormal" in one.basis


def test_the_study_carries_them():
    study = mc.reproduce_2022(principle=["consumption"], gases=["GHG"])
    assert {(i.gas, i.principle) for i in study.intervals} == {("GHG", "consumption")}
    by_hand = {c.households: c.percent["CHN"] for c in study.combinations
               if c.available and c.table == "oecd-icio-2022" and c.land_use == "none"
               and c.denominator.startswith("production")}  # fmt: skip
    k = study.bilateral.coords["region_to"].index("CHN")
    for one in study.intervals:
        assert one.percent[k] == pytest.approx(by_hand[one.households], rel=1e-4)


def test_two_editions_of_one_year():
    found = {one.name: one.percent for one in editions()}
    # Global Carbon Budget 2024: 10,309.7 / 11,350.5; 2025: 10,427.0 / 11,711.8
    assert found["gcb-2024"]["CHN"] == pytest.approx(-9.17, abs=0.01)
    assert found["gcb-2025"]["CHN"] == pytest.approx(-10.97, abs=0.01)
    assert len(found["gcb-2024"]) > 100 and len(found["gcb-2025"]) > 100


def test_bad_requests():
    with pytest.raises(UnknownNameError, match="first-order"):
        mc.reproduce_2022(principle=["consumption"], gases=["GHG"], uncertainty="guess")
    with pytest.raises(InputError, match="without one"):
        mc.reproduce_2022(principle=["consumption"], drawing=Drawing())
