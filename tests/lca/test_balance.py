"""Balances: closed, open and what cannot be told are told apart, with the process named."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.lca.balance import balances, wastes_of
from mriocarbon.lca.inventory import Exchange, Process


def out(name, amount, unit="kg", **more):
    return Exchange(name, amount, unit, "biosphere", "out", "air", **more)


def of(process, what, **more):
    return next(b for b in balances(process, **more) if b.what == what)


LIMESTONE = {"C": 12.011 / 100.086}
KILN = Process("kiln", "lime", 56.077, "kg", (
    Exchange("limestone", 100.086, "kg", properties=LIMESTONE),
    out("Carbon dioxide, fossil", 44.009),
), properties={"C": 0.0})  # fmt: skip


def test_stoichiometry_closes():
    # CaCO3 -> CaO + CO2: the oxygen comes from the stone, none from the air
    for what in ("mass", "carbon"):
        found = of(KILN, what, tolerance=1e-4)
        assert found.status == "closed" and abs(found.gap) < 1e-4 and not found.missing
    assert of(KILN, "energy").status == "skipped"


@given(st.floats(1e-3, 1e3), st.floats(0.0, 1.0), st.floats(0.0, 0.3))
def test_burning_closes_with_oxygen_of_the_air(mass, carbon, ash):
    carbon *= 1 - ash
    co2 = mass * carbon * 44.009 / 12.011
    rest = mass * (1 - carbon - ash)  # leaves as dust: nothing is lost
    burner = Process("burner", "heat", 1.0, "MJ", (
        Exchange("fuel", mass, "kg", properties={"C": carbon}), out("CO2", co2),
        Exchange("slag", mass * ash, "kg", "waste", "out", properties={"C": 0.0}),
        out("Particulates", rest, properties={"C": 0.0}),
    ))  # fmt: skip
    for what in ("mass", "carbon"):
        found = of(burner, what, tolerance=1e-3)
        assert found.status == ("closed" if found.entering or found.leaving else "skipped")
        assert found.status == "skipped" or abs(found.gap) < 1e-6


@given(st.floats(1.02, 10.0))
def test_carbon_from_nothing_names_the_process(factor):
    more = Process("kiln", "lime", 56.077, "kg", (
        KILN.exchanges[0], out("Carbon dioxide, fossil", 44.009 * factor)),
        properties={"C": 0.0})  # fmt: skip
    found = of(more, "carbon")
    assert (found.status, found.created) == ("open", True)
    assert "process kiln gives off" in found.detail


def test_carbon_that_nobody_stated_cannot_be_more_than_the_mass():
    def burner(co2):
        return Process("burner", "heat", 1, "MJ", (Exchange("coal", 1.0, "kg"), out("CO2", co2)))

    assert of(burner(2.7), "carbon").status == "skipped"
    assert of(burner(2.7), "carbon").missing == ("coal",)
    assert "'C' of coal" in of(burner(2.7), "carbon").detail
    # 3.8 kg of carbon dioxide hold 1.04 kg of carbon
    assert of(burner(3.8), "carbon").created
    assert of(burner(4.0), "mass").created


def test_mass_that_is_lost_is_open_and_not_created():
    mill = Process("mill", "steel", 1.0, "t", (Exchange("ore", 1.6, "t"),))
    found = of(mill, "mass")
    assert (found.status, found.created) == ("open", False)
    assert found.gap == pytest.approx(-0.375)


def test_what_has_no_mass_is_missing_or_a_service():
    mill = Process("mill", "steel", 1.0, "t", (
        Exchange("scrap", 1.0, "t"), Exchange("electricity", 500, "kWh"),
        Exchange("transport by rail", 300, "t*km"),
    ))  # fmt: skip
    assert of(mill, "mass").status == "closed"
    bought = Process("mill", "steel", 1.0, "t", (*mill.exchanges, Exchange("lime", 50, "USD")))
    assert (of(bought, "mass").status, of(bought, "mass").missing) == ("skipped", ("lime",))
    weighed = Exchange("lime", 50, "USD", properties={"mass": 2.0})
    assert of(Process("mill", "steel", 1.1, "t", (*mill.exchanges, weighed)), "mass").status == (
        "closed"
    )


def test_energy_may_be_lost_and_not_made():
    def plant(fuel):
        return Process("plant", "electricity", 1.0, "MWh", (
            Exchange("gas", fuel, "kg", properties={"energy": 50.0}),))  # fmt: skip

    assert of(plant(144), "energy").status == "closed"
    assert of(plant(144), "energy").gap == pytest.approx(-0.5)
    found = of(plant(70), "energy")
    assert found.created and found.detail.startswith("process plant gives off 3600 MJ")


def test_waste_as_a_product_is_taken_in():
    tip = Process("tip", "ash", 1.0, "t", (Exchange("ash", 1.0, "t", "biosphere", "out", "soil"),))
    assert of(tip, "mass").created
    boiler = Process("boiler", "heat", 1, "MJ", (Exchange("ash", 1, "kg", "waste", "out"),))
    wastes = wastes_of([boiler, tip])
    assert of(tip, "mass", wastes=wastes).status == "closed"


def test_credits_run_the_other_way():
    mill = Process("mill", "steel", 1.0, "t", (
        Exchange("ore", 1.5, "t"), Exchange("slag cement", -0.5, "t")))  # fmt: skip
    assert of(mill, "mass").status == "closed"


def test_the_units_of_the_source_do_not_matter():
    co2 = out("Carbon dioxide, fossil", 44.009e6, "mg")
    grams = Process("kiln", "lime", 0.056077, "t", (
        Exchange("limestone", 100086.0, "g", properties={"C": LIMESTONE["C"] / 1000}), co2),
        properties={"C": 0.0})  # fmt: skip
    for a, b in zip(balances(KILN)[:2], balances(grams)[:2], strict=True):
        assert (a.status, b.entering) == (b.status, pytest.approx(a.entering))


def test_nothing_told_is_no_pass():
    found = balances(Process("p", "thing", 1.0, "Item(s)", ()))
    assert [b.status for b in found] == ["skipped"] * 3
    assert all(math.isnan(b.gap) for b in found)
