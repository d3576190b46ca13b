"""A study from question to interpretation: steps, refusals, assumptions, comparison."""

from dataclasses import replace

import numpy as np
import pytest
import yaml

from mriocarbon.errors import InputError, MriocarbonError, NotAvailableError, UnknownNameError
from mriocarbon.lca.checks import STEPS
from mriocarbon.lca.comparison import SECOND
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.prepare import prepare
from mriocarbon.lca.study import _impact_checks, compare, find_study, run
from mriocarbon.lca.within import within

from .cases import brick, concrete


@pytest.fixture(scope="module")
def bricks():
    return run(study_of(brick()))


@pytest.fixture(scope="module")
def mixed():
    return run(study_of(concrete()))


def by_hand() -> float:
    """The brick by arithmetic: 1.02 t fired, with clay, gas and power, and 1 t taken away."""
    gas = 2.0 + 0.15 * 29.8  # kg CO2e per GJ, AR6 fossil methane
    power = (390 + 7 * gas) / 0.98  # per MWh net of its own use
    clay = 3 + 0.004 * power
    fired = 150 + 1.2 * clay + 2.0 * gas + 0.05 * power
    return 1.02 * fired + 6


def test_the_result_is_what_arithmetic_gives(bricks):
    assert bricks.total == pytest.approx(by_hand(), rel=1e-12)
    assert bricks.interval[0] < bricks.total < bricks.interval[1]


def test_every_step_leaves_records(bricks):
    assert {c.step for c in bricks.checks} == set(STEPS)
    assert bricks.status in {"warn", "skipped"}  # no table, so the cut-off is not tested
    cut = next(c for c in bricks.checks if c.name.startswith("cut-off against"))
    assert cut.status == "skipped"
    assert not any(c.status == "fail" for c in bricks.checks)


def test_a_file_gives_the_same_with_its_hash(tmp_path, bricks):
    path = tmp_path / "brick.yaml"
    path.write_text(yaml.safe_dump(brick()), encoding="utf-8")
    found = run(path)
    assert found.total == bricks.total
    assert np.array_equal(found.interpretation.spread.scores, bricks.interpretation.spread.scores)
    assert len(found.sha256) == 64
    other = run(path, seed=7, draws=200)
    assert (other.seed, other.study.draws) == (7, 200)
    assert other.total == found.total
    assert other.interval != found.interval


def test_missing_inputs_are_refused_in_one_list():
    raw = brick()
    raw["processes"][1]["inputs"] += [
        {"flow": "grog", "amount": 1, "unit": "kg"}, {"flow": "glaze", "amount": 2, "unit": "kg"},
    ]  # fmt: skip
    with pytest.raises(NotAvailableError) as caught:
        run(study_of(raw))
    assert "2 inputs" in str(caught.value)
    assert "grog (kg), for kiln" in str(caught.value)
    assert "glaze (kg), for kiln" in str(caught.value)


def test_what_is_left_on_purpose_is_in_every_summary():
    raw = brick(missing="leave")
    raw["processes"][1]["inputs"] += [{"flow": "grog", "amount": 1, "unit": "kg"}]
    found = run(study_of(raw))
    whole = found.interpretation.completeness
    assert [(x.what, x.estimate) for x in whole.left] == [("grog", None)]
    assert whole.unknown == 1
    assert whole.covered is None
    assert "1 of unknown effect" in found.left_out
    assert any(c.name == "inputs that lead nowhere" and c.status == "warn" for c in found.checks)


def test_a_sector_without_a_table_is_refused():
    raw = brick()
    raw["processes"][1]["inputs"] += [
        {"flow": "grog", "amount": 1, "unit": "kg", "sector": "C23", "price": 0.2}
    ]
    with pytest.raises(NotAvailableError, match="1 inputs ask for an industry of a table"):
        run(study_of(raw))


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"process": "oven"}, UnknownNameError, "oven"),
        ({"process": "pit"}, InputError, "'pit' does not make 'brick'"),
        ({"product": "bricks"}, UnknownNameError, "brick"),
        ({"unit": "m3"}, MriocarbonError, "m3"),
    ],
)
def test_a_functional_unit_that_nothing_makes_is_refused(change, error, words):
    raw = brick()
    raw["scope"]["functional_unit"] |= change
    with pytest.raises(error) as caught:
        run(study_of(raw))
    assert words in str(caught.value)


def test_a_comparative_assertion_wants_a_review():
    raw = brick()
    raw["goal"]["comparative"] = True
    made = run(study_of(raw)).checks
    one = next(c for c in made if c.name.startswith("comparative"))
    assert (one.status, one.step) == ("warn", "goal")


def test_an_empty_inventory_is_no_result_of_zero():
    raw = brick()
    for process in raw["processes"]:
        process.pop("emissions", None)
    made = run(study_of(raw))
    assert made.status == "fail"
    assert "empty inventory" in next(c for c in made.checks if c.status == "fail").detail


def test_only_what_is_reached_is_built(mixed, library):
    # as published the US LCI does not link: within reach of the concrete it does
    assert len(mixed.prepared.processes) < len(library.processes) / 2
    names = {p.name for p in mixed.prepared.processes}
    assert {"mixing plant", "Portland cement, at plant"} <= names


def test_reach_gives_the_result_of_the_whole(us, library):
    start = "Portland cement, at plant"
    kept = within(
        [p for p in library.processes if p.name != "Aluminum, sheet, coated, at plant"], [start],
        allocation="mass", fallback="reference",
    )  # fmt: skip
    from mriocarbon.lca.system import System

    small = System.of(kept, allocation="mass", fallback="reference", several="mix",
                      missing="leave")  # fmt: skip
    one, two = inventory(us, {start: 1.0}), inventory(small, {start: 1.0})
    flows = {(f.name, f.compartment, f.direction, f.carbon, f.unit): float(g)
             for f, g in zip(us.flows, one.flows, strict=True)}  # fmt: skip
    assert len(small.flows) < len(us.flows)
    for f, g in zip(small.flows, two.flows, strict=True):
        want = flows[(f.name, f.compartment, f.direction, f.carbon, f.unit)]
        assert float(g) == pytest.approx(want, rel=1e-9, abs=1e-18)


def test_mixed_producers_are_an_assumption_with_its_effect(mixed):
    one = next(a for a in mixed.assumptions if a.text.startswith("Electricity, at grid: equal"))
    assert one.effect is not None
    assert one.effect > 0
    assert "cleanest" in one.meaning


def test_the_effect_of_a_mix_is_what_choosing_gives():
    raw = brick(several="mix")
    raw["processes"].append(
        {"name": "wind", "product": "power", "unit": "MWh", "source": "test",
         "emissions": [{"flow": "Carbon dioxide, fossil", "amount": 10, "unit": "kg",
                        "compartment": "air"}]}
    )  # fmt: skip
    raw["processes"][4]["inputs"] = raw["processes"][4]["inputs"][:1]  # no power for itself
    found = run(study_of(raw))
    effect = next(a for a in found.assumptions if "equal parts" in a.text).effect
    totals = []
    for name in ("wind", "power plant"):
        totals.append(run(study_of({**raw, "choose": {"power": name}})).total)
    assert effect == pytest.approx(totals[1] - totals[0], rel=1e-9)


def test_examples_are_found_by_name(tmp_path):
    with pytest.raises(UnknownNameError, match="example study"):
        find_study("no-such-study")
    assert find_study(tmp_path / "a.yaml") == tmp_path / "a.yaml"


# ---------------------------------------------------------------------- comparison


def greener() -> dict:
    """The same brick with half the gas in the kiln."""
    raw = brick(title="Brick, half the gas")
    raw["processes"][1]["inputs"][1]["amount"] = 1000
    return raw


def test_scores_of_a_joint_system_are_those_of_each_alone():
    from mriocarbon.lca.comparison import joined

    first, second = (prepare(study_of(raw), None) for raw in (brick(), greener()))
    found = compare(study_of(brick()), study_of(greener()))
    alone = [run(study_of(raw)).total for raw in (brick(), greener())]
    assert found.totals == pytest.approx(alone, rel=1e-12)
    assert found.difference == pytest.approx(alone[0] - alone[1], rel=1e-12)
    system, name, shared = joined(first, second)
    assert name == "wall" + SECOND
    # kiln and wall differ; gas field, power plant, pit and removal are the same
    assert shared == found.shared == 4
    assert len(system.processes) == 8


def test_what_both_share_moves_together():
    found = compare(study_of(brick()), study_of(greener()), draws=500)
    assert found.correlation > 0.9
    assert found.share_lower == 0.0  # half the gas is better in every draw
    wide = sum(high - low for low, high in found.intervals)
    assert found.interval[1] - found.interval[0] < 0.2 * wide
    assert found.verdict.startswith("Brick, half the gas")


def test_a_study_against_itself_is_no_difference():
    found = compare(study_of(brick()), study_of(brick()))
    assert found.difference == 0.0
    assert found.interval == (0.0, 0.0)
    assert found.shared == 6


@pytest.mark.parametrize(
    ("where", "value", "words"),
    [
        (("functional_unit", "amount"), 2, "functional units"),
        (("functional_unit", "unit"), "kg", "functional units"),
        (("boundary",), "cradle-to-gate", "boundaries"),
        (("gwp",), "AR5", "potentials"),
        (("horizon",), 20, "potentials"),
    ],
)
def test_unlike_studies_are_not_compared(where, value, words):
    raw = greener()
    place = raw["scope"]
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    with pytest.raises(InputError, match="cannot be compared") as caught:
        compare(study_of(brick()), study_of(raw))
    assert words in str(caught.value)


def test_the_same_amount_in_other_units_is_the_same():
    raw = greener()
    raw["scope"]["functional_unit"] |= {"amount": 1000, "unit": "kg"}
    found = compare(study_of(brick()), study_of(raw))
    assert found.totals[0] > found.totals[1]


def test_unlike_rules_are_named_in_the_comparison():
    second = brick(title="other", missing="leave")
    second["scope"] |= {"allocation": "price", "cutoff": 0.1, "year": 1990, "place": "FRA"}
    unlike = compare(study_of(brick()), study_of(second), draws=100).unlike
    assert unlike == (
        "allocation: mass and price", "cut-off: 1 % and 10 %", "year: 2022 and 1990",
        "place: DEU and FRA", "inputs that nothing makes: error and leave",
    )  # fmt: skip
    assert compare(study_of(brick()), study_of(brick()), draws=100).unlike == ()


def test_a_complement_in_one_alone_is_not_compared():
    second = brick(title="other", hybrid={"complement": True})
    with pytest.raises(InputError, match="complement"):
        compare(study_of(brick()), study_of(second), draws=100)


def test_two_equal_studies_are_equal():
    found = compare(study_of(brick()), study_of(brick()), draws=100)
    assert found.verdict == "the two have the same footprint in every draw"


def test_every_check_of_goal_and_impact_can_fail():
    raw = brick()
    raw["scope"]["gwp"] = "AR5"
    found = {c.name: c for c in run(study_of(raw)).checks}
    assert found["impact method"].status == "warn"
    assert not {"units", "processes", "potentials", "cut-off", "time"} & set(found)
    whole = run(study_of(brick())).climate
    broken = replace(whole, by_gas={"CO2": whole.total / 2})
    assert {c.name: c.status for c in _impact_checks(broken)}["parts of ISO 14067 apart"] == "fail"
    assert {c.name: c.status for c in _impact_checks(whole)}["parts of ISO 14067 apart"] == "pass"


def test_few_draws_are_refused_and_unknown_sets_are_no_scenario(bricks):
    with pytest.raises(InputError, match="draws"):
        compare(study_of(brick()), study_of(brick()), draws=5)
    raw = brick(sobol=0, draws=100)
    for report, horizon in (("AR6", 100), ("SAR", 100)):
        raw["scope"] |= {"gwp": report, "horizon": horizon}
        told = run(study_of(raw)).interpretation.scenarios
        assert told and all(s.total is not None for s in told if s.choice == "potentials")


def test_what_is_left_out_reads_well():
    raw = brick(missing="leave", draws=100, sobol=0)
    raw["processes"][1]["inputs"] += [{"flow": "grog", "amount": 3, "unit": "kg"}]
    found = run(study_of(raw))
    assert found.left_out == "Not in the result: 1 thing left out, 1 of unknown effect."
    assert "1 input leads nowhere" in {c.name: c.detail for c in found.checks}["links"]
    raw["processes"][1] |= {"sector": "C23", "price": 90, "price_year": 2022}
    raw["hybrid"] = {}
    assert "estimated to add at most" in run(study_of(raw)).left_out
