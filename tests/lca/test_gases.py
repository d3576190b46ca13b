"""Elementary flows as the climate sees them: by name, by CAS number, by compartment, by origin."""

import pytest

import mriocarbon as mc
from mriocarbon.lca.gases import read_flow
from mriocarbon.lca.impact import climate
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import Flow, System

KNOWN = frozenset(mc.gwp("AR6"))


def read(name, compartment="emission/air", direction="out", unit="kg", **more):
    return read_flow(Flow(name, compartment, direction, unit, **more), known=KNOWN)


@pytest.mark.parametrize(
    ("name", "gas", "category"),
    [
        ("Carbon dioxide, fossil", "CO2", "fossil"),
        ("Carbondioxide", "CO2", "fossil"),
        ("Carbon dioxide, biogenic", "CO2", "biogenic emissions"),
        ("Carbon dioxide, land transformation", "CO2", "land use"),
        ("Carbon dioxide, from soil or biomass stock", "CO2", "land use"),
        ("Methane, non-fossil", "CH4", "biogenic emissions"),
        ("Dinitrogen monoxide", "N2O", "fossil"),
        ("Sulfur hexafluoride", "SF6", "fossil"),
        ("Sulphur hexafluoride", "SF6", "fossil"),
        ("R-134a", "HFC134a", "fossil"),
        ("HFC-134a", "HFC134a", "fossil"),
        ("R22", "HCFC22", "fossil"),
        ("CO₂", "CO2", "fossil"),
        ("N₂O", "N2O", "fossil"),
        ("CO2e", "CO2e", "fossil"),
        ("CO2-eq", "CO2e", "fossil"),
        ("Carbon dioxide equivalents", "CO2e", "fossil"),
    ],
)
def test_names(name, gas, category):
    found = read(name)
    assert (found.gas, found.category, found.sign) == (gas, category, 1)


@pytest.mark.parametrize(
    "name",
    ["R-1234yf", "R410A", "GHG", "Methane, from cattle", "HFC mixture", "Hydrocarbons"],
)
def test_what_may_warm_and_is_not_known_is_told(name):
    found = read(name)
    assert not found.gas
    assert found.suspect


@pytest.mark.parametrize("name", ["Nitrogen oxides", "Water", "Methanol", "Particulates"])
def test_what_does_not_warm_is_no_suspect(name):
    found = read(name)
    assert not found.gas
    assert not found.suspect


def test_carbon_dioxide_taken_from_elsewhere_than_the_air_is_told():
    assert read("Carbon dioxide, in air", "resource/biotic", "in").suspect
    assert read("Carbon dioxide, in air", "resource/air", "in").category == "biogenic removals"


def test_air_near_the_ground_is_air():
    assert read("Carbon dioxide, fossil", "emission/urban air close to ground").gas == "CO2"


def test_carbon_put_into_soil_is_kept_from_the_air():
    assert read("Carbon dioxide, to soil or biomass stock", "soil").sign == -1
    farm = Process("farm", "wheat", 1.0, "t", (
        Exchange("Carbon dioxide, fossil", 785.0, "kg", "biosphere", "out", "air"),
        Exchange("Carbon dioxide, to soil or biomass stock", 100.0, "kg", "biosphere", "out",
                 "soil"),
    ))  # fmt: skip
    found = climate(inventory(System.of([farm]), {"farm": 2.0}))
    assert found.total == pytest.approx(1370.0)
    assert found.parts["land use"] == pytest.approx(-200.0)


@pytest.mark.parametrize(
    ("name", "factor"), [("Methane, fossil", 29.8), ("Methane, biogenic", 27.0), ("CO2e", 1.0)]
)
def test_factors_of_ar6(name, factor):
    one = Process("one", "one", 1.0, "kg", (Exchange(name, 1.0, "kg", "biosphere", "out", "air"),))
    assert climate(inventory(System.of([one]), {"one": 1.0})).total == pytest.approx(factor)


def test_sums_in_co2e_are_listed_as_assumed():
    one = Process("one", "one", 1.0, "kg", (
        Exchange("CO2e", 3.0, "kg", "biosphere", "out", "air"),))  # fmt: skip
    found = climate(inventory(System.of([one]), {"one": 1.0}))
    assert sum(found.assumed.values()) == pytest.approx(3.0)
