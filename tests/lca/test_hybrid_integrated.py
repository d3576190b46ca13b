"""Integrated hybrids and path exchange, against the whole matrix and against the tiered one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import cases, random_case

import mriocarbon as mc
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.hybrid import (
    Downstream,
    PathExchange,
    Upstream,
    fill,
    integrated,
    money_name,
    path_exchange,
    potentials,
    table_gases,
)
from mriocarbon.lca.impact import climate
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import System

FEW = settings(max_examples=25, deadline=None)
SMALL = cases(max_regions=4, max_sectors=4)


def emits(amount):
    return Exchange("Carbon dioxide, fossil", amount, "t", "biosphere", "out", "air")


def two():
    """A mill that uses power, a plant that uses steel."""
    return System.of([
        Process("mill", "steel", 2.0, "t", (Exchange("power", 1.0, "MWh"), emits(3.0))),
        Process("plant", "power", 10.0, "MWh", (Exchange("steel", 0.1, "t"), emits(4.0))),
    ])  # fmt: skip


def industry(table, data):
    alive = np.flatnonzero(table.x > 0).tolist()
    return table.index.pairs[data.draw(st.sampled_from(alive))]


@FEW
@given(SMALL)
def test_without_links_both_stand_alone(case):
    table = case.mrio()
    y = case.rng.random(case.n) * (table.x > 0)
    found = integrated(two(), table, [], [], {"mill": 3.0}, money=y)
    alone = climate(inventory(two(), {"mill": 3.0})).total
    gases = table_gases(table)
    score = found.score()
    assert score["processes"] == pytest.approx(alone, rel=1e-12)
    assert score["table"] == pytest.approx(float(potentials(gases) @ gases.m @ y), rel=1e-8)
    assert score["total"] == score["processes"] + score["table"]


@FEW
@given(SMALL, st.data())
def test_upstream_links_alone_are_the_tiered_hybrid(case, data):
    table = case.mrio()
    links = [
        (name, industry(table, data), data.draw(st.floats(0.1, 1e3)))
        for name in ("mill", "plant", "mill")
    ]
    found = integrated(two(), table, [Upstream(*link) for link in links], [], {"mill": (2.0, "t")})
    processes = list(two().processes)
    for k, p in enumerate(processes):
        more = tuple(
            Exchange(f"bought {n}", usd, "USD", provider=money_name(at[1], at[0]))
            for n, (name, at, usd) in enumerate(links) if name == p.name
        )  # fmt: skip
        processes[k] = Process(p.name, p.product, p.amount, p.unit, (*p.exchanges, *more))
    study = study_of({
        "title": "t", "goal": {"question": "?"}, "hybrid": {},
        "processes": [{"name": "mill", "product": "steel", "unit": "t"}],
        "scope": {"boundary": "cradle-to-gate",
                  "functional_unit": {"product": "steel", "amount": 1, "unit": "t"}},
    })  # fmt: skip
    filled, _ = fill(processes, study, table)
    tiered = climate(inventory(System.of(filled), {"mill": 2.0})).total
    assert found.score()["total"] == pytest.approx(tiered, rel=1e-9)


@FEW
@given(SMALL, st.data())
def test_links_both_ways_solve_the_whole_matrix(case, data):
    table, system = case.mrio(), two()
    n = case.n
    x0 = np.where(table.x == 0, np.inf, table.x)
    A = table.Z / x0
    sellers = [k for k in range(n) if A[k].any() and table.x[k] > 0]
    if not sellers:
        return
    ups = [Upstream("mill", industry(table, data), 40.0),
           Upstream("plant", industry(table, data), 7.0)]  # fmt: skip
    first = data.draw(st.sampled_from(sellers))
    second = data.draw(st.sampled_from(sellers))
    user = data.draw(st.sampled_from(np.flatnonzero(A[second]).tolist()))
    pairs = table.index.pairs
    downs = [
        Downstream("mill", pairs[first], price=500.0, share=0.3),
        Downstream("plant", pairs[second], price=80.0, share=0.5, users=(pairs[user],)),
        Downstream("mill", pairs[first], price=500.0, share=0.2),
    ]
    y = case.rng.random(n) * (table.x > 0)
    found = integrated(system, table, ups, downs, {"mill": 1.0}, money=y)
    C_u, C_d, D = np.zeros((n, 2)), np.zeros((2, n)), np.zeros((n, n))
    for u in ups:
        C_u[pairs.index(u.industry), system.position[u.process]] += u.money
    for d in downs:
        k, row = pairs.index(d.industry), A[pairs.index(d.industry)].copy()
        if d.users:
            row[[c for c in range(n) if pairs[c] not in d.users]] = 0.0
        C_d[system.position[d.process]] += d.share * row / d.price
        D[k] += d.share * row
    whole = np.block([[system.A.toarray(), -C_d], [-C_u, np.eye(n) - A + D]])
    truth = np.linalg.solve(whole, np.concatenate([system.demand({"mill": 1.0}), y]))
    np.testing.assert_allclose(found.scaling, truth[:2], rtol=1e-9)
    np.testing.assert_allclose(found.output, truth[2:], rtol=1e-8, atol=1e-10 * truth[2:].max())
    assert found.residual < 1e-12 and found.error < 1e-9
    q = table_gases(table).q
    np.testing.assert_allclose(found.emissions, q * found.output)


def test_a_product_that_emits_what_it_replaces_changes_nothing():
    """A process with the industry's own inputs and emissions, sold in its place."""
    table = random_case(3, 2, 3, decades=0.5).mrio()
    gases, pairs = table_gases(table), table.index.pairs
    k = 1
    twin = Process("twin", "product", 1.0, "kg", (
        Exchange("Carbon dioxide, fossil", float(gases.q[0, k]), "kg", "biosphere", "out", "air"),
    ))  # fmt: skip
    A = table.Z / table.x
    ups = [Upstream("twin", pairs[i], float(A[i, k])) for i in range(6) if A[i, k]]
    y = {pairs[4]: 100.0}
    without = integrated(System.of([twin]), table, [], [], {}, money=y).score()
    link = Downstream("twin", pairs[k], price=1.0, share=0.6)
    found = integrated(System.of([twin]), table, ups, [link], {}, money=y).score()
    assert found["processes"] > 0
    assert found["total"] == pytest.approx(without["total"], rel=1e-10)


def test_links_that_make_no_sense_are_refused():
    table, system = random_case(3, 2, 3).mrio(), two()
    pairs = table.index.pairs

    def solve(up=(), down=(), **more):
        return integrated(system, table, up, down, {"mill": 1.0}, **more)

    with pytest.raises(UnknownNameError, match="mil"):
        solve([Upstream("mil", pairs[0], 1.0)])
    with pytest.raises(UnknownNameError):
        solve([Upstream("mill", ("r0", "steel"), 1.0)])
    with pytest.raises(InputError, match="money is -1"):
        solve([Upstream("mill", pairs[0], -1.0)])
    with pytest.raises(InputError, match="price is 0"):
        solve(down=[Downstream("mill", pairs[0], 0.0)])
    with pytest.raises(InputError, match="share is 2"):
        solve(down=[Downstream("mill", pairs[0], 1.0, 2.0)])
    with pytest.raises(InputError, match="more than all"):
        solve(
            down=[Downstream("mill", pairs[0], 1.0, 0.7), Downstream("plant", pairs[0], 1.0, 0.7)]
        )
    with pytest.raises(InputError, match="no demand"):
        integrated(system, table, [], [], {})


# -- path exchange ---------------------------------------------------------------------------


@FEW
@given(SMALL, st.data())
def test_a_path_replaced_by_its_own_value_changes_nothing(case, data):
    table = case.mrio()
    if not (case.demand.sum(axis=1) != 0).any():
        return
    listed = mc.paths(table, stressor="GHG", top=6)
    y = case.demand.sum(axis=1) * 1e6
    chains = [listed.path(k) for k in range(len(listed))]
    first = path_exchange(table, y, [PathExchange(c, 0.0) for c in chains])
    # the values are those of the structural path analysis, in kg
    np.testing.assert_allclose(first.removed, listed.value * 1e9, rtol=1e-9)
    assert first.total == pytest.approx(listed.total * 1e9, rel=1e-9, abs=1e-6)
    same = path_exchange(
        table, y, [PathExchange(c, float(v)) for c, v in zip(chains, first.removed, strict=True)]
    )
    assert same.value == pytest.approx(
        first.total, rel=1e-9, abs=1e-9 * np.abs(listed.value).sum() * 1e9
    )
    gone = first.total - first.removed.sum()
    assert first.value == pytest.approx(gone, rel=1e-12)


def test_a_whole_branch_is_its_delivery_times_the_multiplier():
    icio = mc.load("oecd-icio-2022")
    car, steel = ("CHN", "C29"), ("CHN", "C24A")
    found = path_exchange(icio, {car: 20_000.0}, [
        PathExchange((car, steel), 1000.0, whole=True),
        PathExchange((car,), 5.0),
    ])  # fmt: skip
    c, s = (icio.index.pairs.index(p) for p in (car, steel))
    usd = 20_000 * icio.Z[s, c] / icio.x[c]
    assert found.delivered[0] == pytest.approx(usd, rel=1e-12)
    L = np.linalg.inv(np.eye(1000) - icio.Z / np.where(icio.x == 0, np.inf, icio.x))
    q = icio.extensions["GHG"].F[0] / np.where(icio.x == 0, np.inf, icio.x) * 1e3
    assert found.removed[0] == pytest.approx(usd * q @ L[:, s], rel=1e-9)
    assert found.value == pytest.approx(found.total - found.removed.sum() + 1005, rel=1e-12)
    # all branches behind the car and the car itself: nothing is left
    rows = [p for p, a in zip(icio.index.pairs, icio.Z[:, c], strict=True) if a]
    every = path_exchange(icio, {car: 20_000.0}, [
        PathExchange((car,), 0.0), *(PathExchange((car, p), 0.0, whole=True) for p in rows)
    ])  # fmt: skip
    assert every.value == pytest.approx(0.0, abs=1e-8 * every.total)


def test_paths_that_overlap_or_do_not_occur_are_refused():
    icio = mc.load("oecd-icio-2022")
    car, steel, ore = ("CHN", "C29"), ("CHN", "C24A"), ("CHN", "B07")
    y = {car: 1.0}

    def swap(*given):
        return path_exchange(icio, y, given)

    with pytest.raises(InputError, match="replaced twice"):
        swap(PathExchange((car, steel), 1.0), PathExchange((car, steel), 2.0))
    for inner in (PathExchange((car, steel, ore), 1.0), PathExchange((car, steel), 1.0),
                  PathExchange((car, steel, ore), 1.0, whole=True)):  # fmt: skip
        with pytest.raises(InputError, match="inside a branch"):
            swap(PathExchange((car, steel), 2.0, whole=True), inner)
    swap(PathExchange((car, steel), 1.0), PathExchange((car, steel, ore), 1.0))  # two chains
    with pytest.raises(InputError, match="no demand for CHN C24A"):
        swap(PathExchange((steel,), 1.0))
    k = int(np.flatnonzero(icio.Z[:, icio.index.pairs.index(car)] == 0)[0])
    with pytest.raises(InputError, match="buys nothing from"):
        swap(PathExchange((car, icio.index.pairs[k]), 1.0))
    with pytest.raises(InputError, match="no demand"):
        path_exchange(icio, {}, [])
