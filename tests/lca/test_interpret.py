"""Identities of the interpretation: parts add up, variances agree, stages follow the demand."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mriocarbon.lca.consistency import consistency
from mriocarbon.lca.contribution import NO_STAGE, by_stage, contributions
from mriocarbon.lca.goal import Scope, study_of
from mriocarbon.lca.impact import climate
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.montecarlo import simulate
from mriocarbon.lca.prepare import prepare
from mriocarbon.lca.sensitivity import OTHERS, relative_sd, sensitivity
from mriocarbon.lca.spread import spread
from mriocarbon.lca.study import run
from mriocarbon.lca.system import System
from mriocarbon.lca.uncertainty import Uncertainty
from mriocarbon.lca.unlisted import unlisted

from .cases import brick, concrete

STAGES = ("", "", "make", "use", "end")


@st.composite
def chains(draw):
    """A productive system with loops, stages and credits for uptake."""
    n = draw(st.integers(2, 7))
    share = st.floats(0, 0.9 / n)
    made = []
    for j in range(n):
        exchanges = [Exchange(f"p{i}", draw(share), "kg") for i in range(n) if draw(st.booleans())]
        exchanges.append(
            Exchange("Carbon dioxide, fossil", draw(st.floats(0.1, 10)), "kg", "biosphere",
                     "out", "air")
        )  # fmt: skip
        if draw(st.booleans()):
            exchanges.append(
                Exchange("Carbon dioxide, in air", draw(st.floats(0, 2)), "kg", "biosphere", "in",
                         "resource/air")
            )  # fmt: skip
        made.append(Process(f"P{j}", f"p{j}", 1.0, "kg", tuple(exchanges),
                            stage=draw(st.sampled_from(STAGES))))  # fmt: skip
    demand = {f"P{draw(st.integers(0, n - 1))}": draw(st.floats(0.1, 10))}
    return inventory(System.of(made), demand)


@settings(max_examples=60, deadline=None)
@given(chains())
def test_every_list_of_parts_adds_up(lci):
    found = climate(lci)
    parts = contributions(lci, found)
    size = math.fsum(abs(p.value) for p in parts.process)
    for kind in ("process", "flow", "gas", "category", "stage"):
        whole = math.fsum(p.value for p in getattr(parts, kind))
        assert whole == pytest.approx(found.total, abs=1e-10 * size)
    if not parts.hotspots:  # uptake cancels every emission
        assert size == 0
        return
    hot = math.fsum(abs(p.value) for p in parts.hotspots)
    assert hot >= 0.8 * size * (1 - 1e-12)
    assert hot - abs(parts.hotspots[-1].value) < 0.8 * size  # the fewest


@settings(max_examples=40, deadline=None)
@given(chains())
def test_a_stage_is_what_the_system_loses_without_its_processes_emissions(lci):
    """Emissions upstream of no stage are booked on the stage that asks: solved anew by hand."""
    system = lci.system
    c = climate(lci).method.total
    d = np.asarray(system.B.T @ c)
    A = system.A.toarray()
    staged = [k for k, p in enumerate(system.processes) if p.stage]
    free = [k for k, p in enumerate(system.processes) if not p.stage]
    want: dict[str, float] = {}
    for j in staged:
        asked = -A[np.ix_(free, [j])][:, 0] * lci.scaling[j]
        runs = np.linalg.solve(A[np.ix_(free, free)], asked) if free else np.zeros(0)
        name = system.processes[j].stage
        value = float(d[j] * lci.scaling[j] + d[free] @ runs)
        want[name] = want.get(name, 0.0) + value
    got = by_stage(lci, c)
    scale = float(np.abs(d * lci.scaling).sum()) + 1e-12
    for name, value in want.items():
        assert got[name] == pytest.approx(value, abs=1e-9 * scale)
    assert set(got) - set(want) <= {NO_STAGE}


def kilns(sd: float, n: int = 6):
    """Independent emitters of unlike size and one number that multiplies them all."""
    wide = Uncertainty("lognormal", sd)
    made = [
        Process(
            "mix", "mix", 1.0, "kg",
            tuple(Exchange(f"p{j}", 1.0 + j, "kg", uncertainty=wide) for j in range(n)),
        )
    ]  # fmt: skip
    for j in range(n):
        air = Exchange("Carbon dioxide, fossil", 1.0 + j % 3, "kg", "biosphere", "out", "air",
                       uncertainty=wide)  # fmt: skip
        made.append(Process(f"P{j}", f"p{j}", 1.0, "kg", (air,)))
    return inventory(System.of(made), {"mix": 1.0})


def test_first_order_is_the_monte_carlo_of_small_spreads():
    lci = kilns(0.02)
    c = climate(lci).method.total
    moved = sensitivity(lci, c, top=0)
    wide = spread(lci, c, draws=6000, seed=1, first_order_sd=moved.first_order_sd)
    assert wide.sd == pytest.approx(moved.first_order_sd, rel=0.04)
    assert moved.numbers == 12
    assert moved.held == 0
    assert moved.stated == pytest.approx(1.0)
    assert math.fsum(p.variance_share for p in moved.ranges) == pytest.approx(1.0)


def test_sobol_indices_of_small_spreads_are_the_first_order_shares():
    lci = kilns(0.02)
    moved = sensitivity(lci, climate(lci).method.total, top=4, n=1024, seed=3)
    assert [p.name for p in moved.sobol][-1] == OTHERS
    assert math.fsum(p.first for p in moved.sobol) == pytest.approx(1.0, abs=0.06)
    for p in moved.sobol[:-1]:
        assert p.first == pytest.approx(p.variance_share, abs=0.04)
        assert p.total == pytest.approx(p.variance_share, abs=0.04)
    assert moved.evaluations == 1024 * (5 + 2)


def test_without_distributions_there_is_no_index_and_no_interval():
    raw = brick()
    for process in raw["processes"]:
        for group in ("inputs", "emissions"):
            for flow in process.get(group, ()):
                flow.pop("gsd2", None)
                flow.pop("pedigree", None)
    found = run(study_of(raw))
    assert found.interval is None
    assert found.interpretation.sensitivity.sobol == ()
    skipped = {c.name for c in found.checks if c.status == "skipped"}
    assert {"Sobol indices", "uncertainty"} <= skipped


def test_ranges_are_exact_solves():
    lci = kilns(0.2)
    c = climate(lci).method.total
    top = sensitivity(lci, c, top=0).ranges[0]
    # the number alone at its 97.5 % quantile: every other number as stated
    factor = math.exp(0.2 * 1.959963984540054)
    want = climate(lci).total + top.doubling * (factor - 1)  # linear in one emission or input
    assert top.high == pytest.approx(want, rel=1e-12)
    assert top.low < climate(lci).total < top.high


@pytest.mark.parametrize(
    ("known", "want"),
    [
        (Uncertainty("lognormal", 0.3), 0.3),
        (Uncertainty("normal", 0.1), 0.1),
        (Uncertainty("uniform", low=0.5, high=1.5), 1 / math.sqrt(12)),
        (Uncertainty("triangular", low=0.5, mode=1.0, high=1.5), math.sqrt(1 / 24)),
    ],
)
def test_standard_deviations_are_those_of_the_draws(known, want):
    assert relative_sd(known) == pytest.approx(want)
    e = np.random.default_rng(0).standard_normal(200_000)
    drawn = known.factors(e)
    got = np.log(drawn).std() if known.kind == "lognormal" else drawn.std()
    assert got == pytest.approx(want, rel=0.01)


def test_the_spread_is_that_of_simulate():
    lci = kilns(0.1)
    c = climate(lci).method.total
    found = spread(lci, c, draws=300, seed=5)
    drawn = simulate(lci.system, [{"mix": 1.0}], c, draws=300, seed=5)
    assert np.array_equal(found.scores, drawn.scores[:, 0])
    assert found.low == pytest.approx(float(np.quantile(drawn.scores, 0.025)))


def test_scenarios_are_the_study_done_anew():
    found = run(study_of(brick()))
    for report, horizon in (("AR5", 100), ("AR6", 20)):
        raw = brick()
        raw["scope"] |= {"gwp": report, "horizon": horizon}
        want = run(study_of(raw)).total
        one = next(
            s for s in found.interpretation.scenarios if s.value == f"GWP{horizon}, {report}"
        )
        assert one.total == pytest.approx(want, rel=1e-12)
        assert one.change == pytest.approx(want / found.total - 1)


def test_other_rules_of_allocation_are_solved_again():
    raw = brick()
    raw["processes"][1]["co_products"] = [
        {"flow": "heat", "amount": 0.5, "unit": "t", "properties": {"price": 10}}
    ]
    raw["processes"][1]["price"] = 90
    found = run(study_of(raw))
    rules = {s.value.split()[0]: s for s in found.interpretation.scenarios
             if s.choice == "allocation"}  # fmt: skip
    assert set(rules) == {"energy", "price", "reference", "substitution"}
    assert rules["energy"].total is None
    assert "energy" in rules["energy"].why
    again = brick()
    again["processes"] = raw["processes"]
    again["scope"]["allocation"] = "price"
    assert rules["price"].total == pytest.approx(run(study_of(again)).total, rel=1e-12)


def test_old_and_foreign_data_warn():
    lci = inventory(
        System.of([
            Process("mill", "steel", 1.0, "t", (
                Exchange("Carbon dioxide, fossil", 1.0, "t", "biosphere", "out", "air"),),
                location="USA", year=1995)
        ]),
        {"mill": 1.0},
    )  # fmt: skip
    scope = Scope.model_validate({
        "functional_unit": {"product": "steel", "amount": 1, "unit": "t"},
        "boundary": "cradle-to-gate", "year": 2022, "place": "DEU",
    })  # fmt: skip
    found = {c.name: c for c in consistency(lci, climate(lci), scope)}
    assert found["time of the data"].status == "warn"
    assert found["time of the data"].figures["old, %"] == pytest.approx(100)
    assert found["place of the data"].figures["other, %"] == pytest.approx(100)
    assert found["one set of potentials throughout"].status == "pass"


@pytest.mark.parametrize(
    ("place", "location"),
    [("China", "CHN"), ("chn", "China"), ("CN", "CHN"), ("Germany", "DE"), ("Mars", "mars")],
)
def test_places_are_told_by_name_or_code(place, location):
    found = placed(place, location, 1.0)
    assert found["place of the data"].figures["same place, %"] == pytest.approx(100)
    assert found["place of the data"].status == "pass"


def test_where_nothing_is_emitted_no_share_is_told():
    found = placed("DEU", "DEU", 0.0)
    assert {found[f"{what} of the data"].status for what in ("time", "place")} == {"skipped"}


def placed(place: str, location: str, emitted: float):
    air = Exchange("Carbon dioxide, fossil", emitted, "t", "biosphere", "out", "air")
    mill = Process("mill", "steel", 1.0, "t", (air,), location=location, year=2022)
    lci = inventory(System.of([mill]), {"mill": 1.0})
    scope = Scope.model_validate({
        "functional_unit": {"product": "steel", "amount": 1, "unit": "t"},
        "boundary": "cradle-to-gate", "year": 2022, "place": place,
    })  # fmt: skip
    return {c.name: c for c in consistency(lci, climate(lci), scope)}


def test_real_data_keep_the_identities():
    found = run(study_of(concrete()))
    names = [c for c in found.checks if "add up" in c.name]
    assert len(names) == 5
    assert all(c.status == "pass" for c in names)
    assert found.interpretation.completeness.unknown > 0
    assert found.interpretation.completeness.covered is None  # unknown is never full cover


def loop_of(gain: float, wide: Uncertainty | None) -> System:
    air = Exchange("Carbon dioxide, fossil", 1.0, "kg", "biosphere", "out", "air")
    return System.of([
        Process("a", "x", 1.0, "kg", (Exchange("y", gain, "kg", uncertainty=wide), air)),
        Process("b", "y", 1.0, "kg", (Exchange("x", 1.0, "kg"), air)),
    ])  # fmt: skip


def test_a_draw_that_eats_more_than_it_makes_has_failed():
    """gain < 1 is productive; above it every scaling is negative and the score below zero."""
    system = loop_of(0.95, Uncertainty.of_gsd2(1.5))
    c = np.ones(len(system.flows))
    found = simulate(system, [{"a": 1.0}], c, draws=400, seed=1)
    kept = found.scores[np.isfinite(found.scores)]
    e = np.random.default_rng(1).standard_normal(400)
    factors = Uncertainty.of_gsd2(1.5).factors(e)
    assert found.failed == (0.95 * factors >= 1).sum() > 50
    assert (kept > 0).all()
    assert kept.min() == pytest.approx((1 + 0.95 * factors.min()) / (1 - 0.95 * factors.min()))


def test_a_loop_with_a_credit_may_turn():
    """A plant that takes power and is credited for more is no loop that eats itself."""
    air = Exchange("Carbon dioxide, fossil", 1.0, "kg", "biosphere", "out", "air")
    system = System.of([
        Process("a", "x", 1.0, "kg", (
            Exchange("y", -0.5, "kg", uncertainty=Uncertainty.of_gsd2(1.5)), air)),
        Process("b", "y", 1.0, "kg", (Exchange("x", 1.0, "kg"), air)),
    ])  # fmt: skip
    found = simulate(system, [{"a": 1.0}], np.ones(len(system.flows)), draws=200)
    assert found.failed == 0


def estimate(rule: str | dict, *, exchanges: bool, shared: bool = True) -> float:
    """kg CO2e that the kiln of a brick does not list, by the table."""
    raw = brick()
    raw["scope"]["allocation"] = rule
    kiln = raw["processes"][1]
    kiln |= {"sector": "C23", "price": 90, "price_year": 2022}
    if shared:
        kiln["co_products"] = [{"flow": "heat", "amount": 0.5, "unit": "t"}]
    if not exchanges:
        kiln["inputs"], kiln["emissions"] = [], []
    raw["processes"].append({"name": "boiler", "product": "heat", "unit": "t"})
    raw["hybrid"] = {"covered": {"kiln": ["D"]}}
    raw["choose"] = {"heat": "boiler"}
    return unlisted(prepare(study_of(raw), Path())).left[0].estimate


@pytest.mark.parametrize("exchanges", [True, False])
def test_estimates_are_shared_out_as_the_process_is(exchanges):
    whole = estimate("mass", exchanges=exchanges, shared=False)
    mass = estimate("mass", exchanges=exchanges)
    assert mass == pytest.approx(whole / 1.5)
    given = estimate({"kiln": {"fired brick": 0.9, "heat": 0.1}}, exchanges=exchanges)
    assert given == pytest.approx(0.9 * whole)
    assert estimate("substitution", exchanges=exchanges) == pytest.approx(whole)
