"""Matching of names to processes: rules, units, places, traps, speed."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.errors import InputError
from mriocarbon.lca.automatic import ready
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.match import MARGIN, THRESHOLD, Matcher, same_place
from mriocarbon.lca.sectors import industries_of
from mriocarbon.lca.words import class_of, read_words, rows, spelled


def made(*names, unit="kg", location="US"):
    return [Process(name, name, 1.0, unit, location=location) for name in names]


@pytest.fixture(scope="module")
def matcher():
    return Matcher(made(
        "Hot rolled sheet, steel, at plant", "Copper wire, at plant", "Steel CUTOFF flow",
        "Polyethylene, high density, HDPE, virgin resin, at plant",
        "Recycled postconsumer polyethylene teraphthalate, PET, flake",
        "Polyethylene terephthalate, PET, virgin resin, at plant, kg",
        "E-glass, at plant", "Cotton, at field", "Corn, at field", "Aluminum ingot, at plant",
        "Potassium sulphate alum, as K2O, hardboard", "Sodium chloride, at plant",
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "process"),
    [
        ("steel rod", "Hot rolled sheet, steel, at plant"),
        ("copper wires", "Copper wire, at plant"),
        ("HDPE bottles", "Polyethylene, high density, HDPE, virgin resin, at plant"),
        ("high-density polyethylene", "Polyethylene, high density, HDPE, virgin resin, at plant"),
        ("recycled PET", "Recycled postconsumer polyethylene teraphthalate, PET, flake"),
        ("PET", "Polyethylene terephthalate, PET, virgin resin, at plant, kg"),
        ("fibreglass", "E-glass, at plant"),
        ("ALUMINIUM", "Aluminum ingot, at plant"),
        ("tubes of aluminium for chairs", "Aluminum ingot, at plant"),
        ("table salt", "Sodium chloride, at plant"),
    ],
)
def test_what_is_meant(matcher, text, process):
    found = matcher.match(text, "kg")
    assert found.best is not None, found.why
    assert found.best.process == process
    assert 0 < found.best.score <= 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("copper wire insulation", "insulation"),
        ("steel wool", "no process"),
        ("cotton fabric", "fabric"),
        ("cotton tube", "another thing|is no tube"),
        ("corn starch", "no process"),
        ("aluminium sulphate", "sulfate|aluminum"),
        ("aluminium saxophone", "saxophone"),
        ("lead time", "no process"),
        ("window glass", "no process"),
        ("recycled steel", "recycled"),
        ("zinc", "no process"),
    ],
)
def test_what_is_not_meant_says_why(matcher, text, why):
    found = matcher.match(text, "kg")
    assert found.status == "none" and found.best is None
    assert re.search(why, found.why), found.why


def test_a_cutoff_flow_is_no_product(matcher):
    assert all("CUTOFF" not in c.process for c in matcher.match("steel", "kg").candidates)


def test_units_must_fit_or_be_bridged():
    wood = made("Sawn lumber; softwood; planed; kiln dried; at planer", unit="m3")
    matcher = Matcher(wood)
    best = matcher.match("softwood lumber", "kg", density=500.0).best
    assert best is not None and best.factor == pytest.approx(1 / 500.0) and "given" in best.bridge
    assumed = matcher.match("softwood lumber", "kg").best
    assert assumed is not None and assumed.factor == pytest.approx(1 / 450)
    assert "Assumed" in assumed.bridge  # an estimate says so
    tonnes = matcher.match("softwood lumber", "t", density=500.0).best
    assert tonnes is not None and tonnes.factor == pytest.approx(2.0)
    refused = matcher.match("softwood lumber", "m2")
    assert refused.status == "none" and "'m2'" in refused.why
    # no density is known for steel: nothing is guessed
    steel = Matcher(made("Hot rolled sheet, steel, at plant", unit="m3"))
    assert steel.match("steel", "kg").status == "none"


def test_place_decides_between_doubles():
    doubles = [
        Process(f"Electricity, at grid [{at}, {k}]", "Electricity, at grid", 1.0, "kWh",
                location=at, year=year)
        for k, (at, year) in enumerate([("US", 2008), ("CN", 2018), ("US", 2014), ("RNA", 2020)])
    ]  # fmt: skip
    matcher = Matcher(doubles)
    us = matcher.match("electricity", "kWh", place="USA").best
    assert us.process == "Electricity, at grid [US, 2]"  # the newest of the country
    assert us.plain == "Electricity, at grid"
    assert matcher.match("electricity", "MJ", place="CHN").best.location == "CN"
    none = matcher.match("electricity", "kWh", place="DEU")
    assert none.status == "none" and "DEU" in none.why


def test_a_near_runner_up_makes_it_ambiguous():
    matcher = Matcher(made("Steel, plate, at plant", "Steel, strip, at plant", "Copper, at plant"))
    found = matcher.match("steel", "kg")
    assert found.status == "ambiguous"
    assert found.runner_up is not None
    assert found.best.score - found.runner_up.score <= MARGIN
    assert found.candidates[1].score >= THRESHOLD


def test_what_cannot_be_used_is_not_taken(matcher):
    usable = frozenset(["Copper wire, at plant"])
    found = matcher.match("steel", "kg", usable=usable)
    assert found.status == "none" and "as published" in found.why


def test_bad_input(matcher):
    with pytest.raises(InputError, match="name and unit"):
        matcher.match(" ", "kg")
    with pytest.raises(InputError):
        matcher.match("steel", "")


def test_places():
    assert same_place("CN", "CHN") == 2 and same_place("RNA", "CAN") == 1
    assert same_place("US", "DEU") == 0 and same_place("", "DEU") == 0 and same_place("US", "") == 0


def test_the_tables_are_sound():
    classes = {row["class"] for row in rows("words_match.csv")}
    assert classes <= {"same", "same transport", "metal", "plastic", "rubber", "wood", "paper",
                       "mineral", "textile", "crop", "chemical", "fuel", "form", "part", "worked",
                       "neutral", "special", "mode", "stop"}  # fmt: skip
    for row in rows("words_match.csv"):
        assert (row["means"] != "") == row["class"].startswith("same"), row
        assert spelled(row["words"]), row
    import mriocarbon as mc

    sectors = set(mc.load("oecd-icio-2022").sectors)
    assert {row["sector"] for row in rows("words_industries.csv")} == sectors
    assert all(float(row["kg_per_m3"]) > 0 and row["source"] for row in rows("densities.csv"))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_and_none_is_a_certainty(text):
    read = read_words(text)
    assert read.head in read.words or not read.words
    for one in industries_of(text):
        assert 0 < one.score <= 1.0000001


@settings(max_examples=100, deadline=None)
@given(st.permutations(["recycled", "PET", "flakes"]))
def test_order_of_words_does_not_bring_in_another_process(words):
    found = ready().matcher.match(" ".join(words), "kg")
    assert found.best is None or "Recycled" in found.best.process


def test_every_process_of_the_background_finds_itself():
    """A product's own name, without place and number, leads back to it or to a double of it."""
    prepared = ready()
    wrong = []
    for entry in prepared.matcher.entries:
        made = entry.processes[0]
        found = prepared.matcher.match(entry.name, made.unit)
        if found.best is None or found.best.plain != entry.name:
            wrong.append((entry.name, found.best.plain if found.best else found.why))
    assert len(wrong) <= 0.12 * len(prepared.matcher.entries), wrong


def test_fast_enough():
    matcher = ready().matcher
    items = ["steel sheet", "aluminium profile", "softwood lumber", "PET granulate",
             "corrugated box", "truck transport", "natural gas", "copper wire"] * 10  # fmt: skip
    matcher.match("steel", "kg")
    times = []
    for _ in range(3):
        began = time.perf_counter()
        for name in items:
            matcher.match(name, "t*km" if "transport" in name else "kg")
        times.append(time.perf_counter() - began)
    assert min(times) < 0.1 * 3  # 80 items; 0.03 s where nothing else runs


def test_classes():
    assert class_of("foam") == "special" and class_of("sheet") == "form"


@pytest.mark.parametrize("text", ["not steel", "fake steel", "non-steel", "imitation copper wire"])
def test_what_a_thing_is_not_is_refused(matcher, text):
    found = matcher.match(text, "kg")
    assert found.status == "none" and "says what it is not" in found.why


def test_petrol_is_no_by_product_of_a_cracker():
    prepared = ready()
    for text in ("gasoline", "petrol"):
        found = prepared.matcher.match(text, "kg", usable=prepared.priced.usable)
        assert found.best is None or "yrolysis" not in found.best.process
    assert prepared.matcher.match("pyrolysis gasoline", "kg").best is not None
