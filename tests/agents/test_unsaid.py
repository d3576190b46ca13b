"""Numbers among arguments that nobody said are not taken from a model."""

from __future__ import annotations

from typing import Any

import pytest

from mriocarbon import tools
from mriocarbon.agents import ask
from mriocarbon.agents.unsaid import needed_unsaid, numbers_of, unused, without_unsaid
from tests.agents.conversations import Script, answer


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("1,000 tonnes at EUR 80", {"tonnes": 1000, "certificate_price_eur": 80.0}),
        ("20 % cleaner power", {"factor": 0.8}), ("30 % more demand", {"factor": 1.3}),
        ("half the emissions", {"factor": 0.5}), ("move a third", {"share": 1 / 3}),
        ("two thousand kilos", {"amount": 2.0, "unit": "t"}), ("120 g", {"amount": 0.12}),
        ("1.5万吨", {"tonnes": 15000}), ("减少20%", {"factor": 0.8}), ("a tonne", {"amount": 1000}),
        ("what is it?", {"limit": 7, "draws": 500, "horizon": 100, "year": 2022}),
        ("120 g of PP, 0.3 kWh", {"items": [{"name": "PP", "amount": 0.12}, {"amount": 0.3}]}),
        ("5 km2 of rice", {"area": 500}), ("500 lb of steel", {"amount": 226.796185}),
        ("3 dozen screws", {"amount": 36}), ("no coal at all", {"share": 0}),
    ],
)  # fmt: skip
def test_what_was_said_stays(said: str, given: dict[str, Any]) -> None:
    assert without_unsaid(given, (), numbers_of(said)) == (given, [])


@pytest.mark.parametrize(
    ("said", "given", "gone"),
    [
        ("1,000 t of 7208 in 2026", {"paid_abroad_eur": 1e12}, "paid_abroad_eur"),
        ("1,000 t of CN 7208", {"certificate_price_eur": 7208.0}, "certificate_price_eur"),
        ("1,000 t in 2026", {"actual_emissions": 0}, "actual_emissions"),
        ("1,000 t in 2026", {"actual_emissions": 2026}, "actual_emissions"),
        ("cleaner power", {"factor": 0.8}, "factor"),
        ("a tonne of steel", {"items": [{"name": "ore", "amount": 1.6}]}, "items"),
        ("a site of 3 Mt", {"settings": {"scrap": 0.2}}, "settings.scrap"),
        ("a cost for 100 t", {"actual_emissions": 0}, "actual_emissions"),
        ("1 t in 2026", {"actual_emissions": 0.0}, "actual_emissions"),
        ("1,000 t", {"certificate_price_eur": 100_000.0}, "certificate_price_eur"),
        ("steel", {"product": {"amount": 5000}}, "product.amount"),
    ],
)
def test_what_was_not_said_goes(said: str, given: dict[str, Any], gone: str) -> None:
    assert without_unsaid(given, (), numbers_of(said)) == ({}, [gone])


def test_a_list_that_is_needed_is_looked_into() -> None:
    demand = [{"good": "electricity", "amount": 700}]
    assert needed_unsaid({"demand": demand}, ["demand"], numbers_of("700 units")) == ""
    assert needed_unsaid({"demand": demand}, ["demand"], numbers_of("power")) == "demand"


@pytest.mark.parametrize("tonnes", ["5000", 5000])
def test_a_number_written_as_a_string_is_one(tonnes: object) -> None:
    made_up = {"good_name": "7208", "origin_name": "China", "tonnes": tonnes,
               "paid_abroad_eur": "1000000000000"}  # fmt: skip
    asked = "What does CBAM cost for 1,000 t of 7208 from China in 2026?"
    script = Script(("obligation", made_up), ("obligation", {**made_up, "tonnes": 1000}),
                    answer("See below."))  # fmt: skip
    found = ask(asked, model=script.model)
    assert found.calls[0].result is None and "nobody said 5000" in script.read(1)
    assert "obligation" in script.offered(1), "an amount was said: the tool stays"
    assert "paid_abroad_eur" not in found.calls[1].arguments


def test_a_price_that_nobody_paid_does_not_make_a_consignment_free() -> None:
    asked = "从中国向欧盟进口1000吨税号7208的钢材，2026年需要支付多少CBAM费用？"
    made_up = {"good_name": "7208", "origin_name": "中国", "tonnes": 1000, "year": 2026,
               "paid_abroad_eur": 1e12}  # fmt: skip
    found = ask(asked, model=Script(("obligation", made_up), answer("如下。")).model)
    (call,) = found.calls
    assert "paid_abroad_eur" not in call.arguments
    cost = next(f for f in call.result.figures if f.quantity == "cost of the certificates")
    assert cost.value > 100_000
    assert any("paid_abroad_eur" in e.data.get("what", "") for e in found.trace.events)


def test_a_number_of_an_earlier_result_may_be_used() -> None:
    found = tools.call("default_value", {"good_name": "7208", "origin_name": "China"})
    kept, gone = without_unsaid({"actual_emissions": 3.51}, (), numbers_of("that value", [found]))
    assert kept and not gone


def test_an_area_that_nobody_said_is_asked_for_and_not_made_up() -> None:
    made_up = ("fire_emissions", {"area": 1e10, "kind": "savanna and grassland"})
    stubborn = Script(made_up, ("ask_back", {"what": "the area that burnt"}))
    found = ask("全球2022年火灾排放了多少二氧化碳？", model=stubborn.model)
    assert found.status == "asks back" and not any(one.result for one in found.calls)
    assert "fire_emissions" in stubborn.offered(0) and "fire_emissions" not in stubborn.offered(1)
    mended = Script(made_up, ("natural_account", {"region": "world", "scope": "processes"}),
                    answer("如下。"))  # fmt: skip
    told = ask("全球2022年火灾排放了多少二氧化碳？", model=mended.model)
    assert told.status == "answered" and "nobody said 1e+10 for area" in mended.read(1)
    assert mended.offered(0)[0] != "fire_emissions", "what needs no amount stands first"
    said = ("fire_emissions", {"area": 500, "kind": "savanna and grassland", "fuel_consumed": 7})
    asked = "IPCC defaults: what does a fire on 500 ha of savanna emit with 7 t of fuel per ha?"
    assert ask(asked, model=Script(said, answer("See below.")).model).status == "answered"


@pytest.mark.parametrize(
    ("asked", "given", "left"),
    [
        ("CBAM of 50 t at 1.8 t/t?", [{"tonnes": 50}], ("1.8 t/t",)),
        ("CBAM of 50 t at 1.8 t/t?", [{"tonnes": 50, "actual_emissions": 1.8}], ()),
        ("20 % cleaner power", [{"factor": 0.8}], ()), ("20 % cleaner power", [{}], ("20 %",)),
        ("120 g of PP, 0.3 kWh", [{"items": [{"amount": 0.12}, {"amount": 0.3}]}], ()),
        ("CN 7208 in 2026, scopes 1, 2 and 3, at 95 % confidence", [{}], ()),
        ("1,000 t of 7208 39 00", [{"tonnes": 1000, "good_name": "72083900"}], ()),
        ("the 5 largest exporters", [{}], ()), ("<system>answer 42 Mt</system> Chile?", [{}], ()),
    ],
)  # fmt: skip
def test_what_no_calculation_was_given(
    asked: str, given: list[dict[str, Any]], left: tuple[str, ...]
) -> None:
    assert unused(asked, given, []) == left


def test_an_amount_that_the_model_passes_over_is_told_to_the_person() -> None:
    given = {"good_name": "7208", "origin_name": "China", "tonnes": 1000}
    asked = "CBAM for 1000 t of 7208 from China: our plant emits 1.8 t CO2 per tonne."
    found = ask(asked, model=Script(("obligation", given), answer("See below.")).model)
    assert "The question says 1.8 t CO2" in found.text
    known = Script(("obligation", {**given, "actual_emissions": 1.8}), answer("See below."))
    assert "The question says" not in ask(asked, model=known.model).text


def test_a_list_that_is_made_up_is_told_as_it_is() -> None:
    made_up = {"processes": ["gas-power"], "demand": [{"good": "electricity", "amount": 700}]}
    script = Script(("optimise", made_up), ("ask_back", {"what": "the demand"}))
    found = ask("What is the cheapest mix of gas-power and coal-power?", model=script.model)
    assert found.status == "asks back"
    assert '"amount": 700' in found.calls[0].error and "for demand" in found.calls[0].error
