"""What must hold for every product system, whatever its numbers."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mriocarbon.errors import InputError
from mriocarbon.lca.allocation import allocate
from mriocarbon.lca.chain import links, tree
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import factor
from mriocarbon.lca.montecarlo import simulate
from mriocarbon.lca.perturb import gradients, multipliers, perturbed
from mriocarbon.lca.system import System
from mriocarbon.lca.uncertainty import Uncertainty

amounts = st.floats(0.1, 100.0)
shares = st.floats(0.0, 1.0)


@st.composite
def systems(draw):
    """Systems with loops in which every product is eaten to at most 80 %, and two flows."""
    n = draw(st.integers(1, 6))
    size = [draw(amounts) for _ in range(n)]
    processes = []
    for j in range(n):
        weights = [draw(shares) if i != j else 0.0 for i in range(n)]
        whole = max(1.0, sum(weights))
        inputs = tuple(
            Exchange(f"p{i}", 0.8 * w / whole * size[j], "kg")
            for i, w in enumerate(weights)
            if w > 0.05
        )
        nature = (
            Exchange("CO2", draw(amounts), "kg", "biosphere", "out", "air"),
            Exchange("ore", draw(amounts), "kg", "biosphere", "in", "ground"),
        )
        processes.append(
            Process(f"make p{j}", f"p{j}", size[j], "kg", inputs + nature, stage=f"s{j % 2}")
        )
    f = {f"make p{j}": draw(st.floats(0.0, 10.0)) for j in range(n)}
    assume(sum(f.values()) > 0.1)
    return System.of(processes), f


C = np.array([[1.0, -0.5], [0.0, 2.0]])


@given(systems())
def test_balance_contributions_and_scaling(case):
    system, f = case
    solved = factor(system)
    lci = solved.inventory(f)
    A = system.A.toarray()
    assert np.allclose(A @ lci.scaling, lci.demand, rtol=1e-12, atol=1e-12)
    assert np.allclose(lci.scaling, np.linalg.solve(A, lci.demand), rtol=1e-10, atol=1e-12)
    assert (lci.scaling >= -1e-12).all()  # productive: nothing is made backwards
    h = lci.impact(C)
    for parts in (lci.by_process(C).sum(1), lci.by_flow(C).sum(1), sum(lci.by_stage(C).values())):
        assert np.allclose(parts, h, rtol=1e-12, atol=1e-10)
    assert lci.error < 1e-12
    thrice = solved.inventory({name: 3 * amount for name, amount in f.items()})
    assert np.allclose(thrice.flows, 3 * lci.flows, rtol=1e-12)
    assert multipliers(solved, C[0]) @ lci.demand == pytest.approx(h[0], rel=1e-11, abs=1e-10)


@given(systems(), st.data())
def test_size_of_a_process_does_not_matter(case, data):
    system, f = case
    k = data.draw(st.integers(0, len(system.processes) - 1))
    changed = list(system.processes)
    changed[k] = changed[k].scaled(data.draw(st.floats(0.01, 100.0)))
    one, other = factor(system).inventory(f), factor(System.of(changed)).inventory(f)
    assert np.allclose(one.flows, other.flows, rtol=1e-10, atol=1e-10)


@given(systems(), st.data())
def test_sherman_morrison_equals_solving_again(case, data):
    system, f = case
    n = len(system.processes)
    places = data.draw(
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=1, max_size=4)
    )
    changes = {
        (system.processes[i].name, system.processes[j].name): (
            data.draw(st.floats(-0.1, 0.1)) * system.processes[j].amount / 4
        )
        for i, j in places
    }
    lci = factor(system).inventory(f)
    A = system.A.toarray()
    for (row, column), change in changes.items():
        A[system.position[row], system.position[column]] += change
    assert np.allclose(
        perturbed(lci, changes), np.linalg.solve(A, lci.demand), rtol=1e-9, atol=1e-9
    )


@settings(max_examples=30)
@given(systems())
def test_gradients_equal_finite_differences(case):
    system, f = case
    lci = factor(system).inventory(f)
    found = gradients(lci, C[0])
    terms, shape = system.terms, (len(system.processes), len(system.flows))

    def score(values, demand=lci.demand, c=C[0]):
        A, B = terms.matrices(*shape, values)
        return float(c @ (B @ np.linalg.solve(A.toarray(), demand)))

    step = 1e-5
    for p in range(len(terms.names)):
        up, down = (
            score(np.where(terms.parameter == p, terms.value * (1 + t), terms.value))
            for t in (step, -step)
        )
        size = max(1.0, abs(lci.by_flow(C)[0]).max())
        assert found.value[p] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-6 * size)
    # all amounts of B doubled doubles the score: the elasticities of B add up to one
    nature = np.unique(terms.parameter[terms.intervention])
    assert found.value[nature].sum() == pytest.approx(found.score, rel=1e-9, abs=1e-8)
    assert found.demand @ lci.demand == pytest.approx(found.score, rel=1e-9, abs=1e-8)
    assert found.factors @ C[0] == pytest.approx(found.score, rel=1e-9, abs=1e-8)


@given(systems(), st.floats(0.0, 0.3))
def test_tree_and_links_lose_nothing(case, cutoff):
    system, f = case
    lci = factor(system).inventory(f)
    c = np.array([1.0, 0.0])  # one sign
    whole = float(lci.impact(c[None])[0])
    nodes = tree(lci, c, cutoff=cutoff, most=200)
    shown = sum(n.direct + n.rest for n in nodes)
    roots = sum(n.score for n in nodes if n.parent < 0)
    assert shown == pytest.approx(roots, rel=1e-9)
    assert all(n.rest >= -1e-9 * whole and n.score >= cutoff * whole * (1 - 1e-12) for n in nodes)
    if cutoff == 0:  # loops can use up all nodes before a small part of the demand has its turn
        left = len(f) * min(n.score for n in nodes) if len(nodes) == 200 else 0.0
        assert -1e-9 * whole <= whole - roots <= left + 1e-9 * whole
    chain = links(lci, c, cutoff=0.0)
    into = np.array(chain.direct)
    for link in chain.links:
        into[system.position[link.user]] += link.score
    assert np.allclose(into, chain.carried, rtol=1e-9, atol=1e-9 * whole)
    assert chain.direct.sum() == pytest.approx(whole, rel=1e-9)


@given(amounts, amounts, st.sampled_from(["mass", "reference"]))
def test_what_is_shared_out_adds_up(first, second, rule):
    mill = Process("mill", "boards", first, "kg", (
        Exchange("chips", second, "kg", direction="out"), Exchange("logs", 7.0, "kg")))  # fmt: skip
    parts = allocate(mill, rule)
    assert sum(p.total("logs", "kg") for p in parts) == pytest.approx(7.0, rel=1e-12)
    if rule == "mass":
        ratios = [p.total("logs", "kg") / p.amount for p in parts]
        assert ratios[0] == pytest.approx(ratios[1], rel=1e-12)


def two_products(gsd2):
    wide = Uncertainty.of_gsd2(gsd2)
    co2 = Exchange("CO2", 1.0, "kg", "biosphere", "out", "air", uncertainty=wide)
    own = Exchange("CO2", 0.05, "kg", "biosphere", "out", "air", uncertainty=wide)
    return System.of([
        Process("power", "power", 1.0, "kWh", (co2,)),
        Process("a", "a", 1.0, "kg", (Exchange("power", 1.0, "kWh"), own)),
        Process("b", "b", 1.0, "kg", (Exchange("power", 1.1, "kWh"), own)),
    ])  # fmt: skip


def test_draws_of_one_lognormal_are_the_lognormal():
    wide = Uncertainty.of_gsd2(1.5)
    kiln = Process("kiln", "lime", 2.0, "t", (
        Exchange("CO2", 3.0, "t", "biosphere", "out", "air", uncertainty=wide),))  # fmt: skip
    found = simulate(System.of([kiln]), [{"kiln": 1.0}], [1.0], draws=4000, seed=3)
    logs = np.log(found.scores[:, 0] / 1.5)
    s = 0.5 * np.log(1.5)
    assert abs(logs.mean()) < 4 * s / np.sqrt(4000)
    assert logs.std() == pytest.approx(s, rel=0.05)
    assert found.point.tolist() == [1.5]
    again = simulate(System.of([kiln]), [{"kiln": 1.0}], [1.0], draws=40, seed=3)
    assert (again.scores == found.scores[:40]).all()


def test_paired_draws_are_surer_than_either():
    found = simulate(two_products(2.0), [{"a": 1.0}, {"b": 1.0}], [1.0], draws=1000, seed=1)
    apart = np.hypot(*found.scores.std(axis=0))
    assert found.difference(0, 1).std() < 0.2 * apart
    assert found.share_lower(0, 1) > 0.95
    assert found.failed == 0
    assert (found.uncertain, found.held) == (3, 5)  # held: three products, two inputs


def test_every_draw_is_a_solve():
    """With factors written into the processes, an ordinary solve gives the draw again."""
    system = two_products(2.0)
    found = simulate(system, [{"a": 1.0}], [1.0], draws=5, seed=9)
    rng = np.random.default_rng(9)
    drawn = [
        p for p in sorted(system.terms.uncertainty) if not system.terms.names[p].startswith("b")
    ]
    for row in range(5):
        e = rng.standard_normal(len(drawn))
        v = system.terms.value.copy()
        for k, p in enumerate(drawn):
            v[system.terms.parameter == p] *= np.exp(0.5 * np.log(2.0) * e[k])
        A, B = system.terms.matrices(3, 1, v)
        s = np.linalg.solve(A.toarray(), [0.0, 1.0, 0.0])
        assert found.scores[row, 0] == pytest.approx(float((B @ s)[0]), rel=1e-12)


@pytest.mark.parametrize("cutoff", [-0.1, 1.0, float("nan")])
def test_cutoff_out_of_range(cutoff):
    lci = factor(two_products(2.0)).inventory({"a": 1.0})
    for what in (tree, links):
        with pytest.raises(InputError, match="cutoff is"):
            what(lci, [1.0], cutoff=cutoff)
