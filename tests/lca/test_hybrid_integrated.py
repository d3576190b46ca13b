"""Integrated hybrids, against the whole matrix, the tiered hybrid and the two parts alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import cases, random_case

import mriocarbon as mc
from mriocarbon.errors import InputError, ShapeError, UnknownNameError
from mriocarbon.lca.goal import study_of
from mriocarbon.lca.hybrid import fill, money_name, potentials, table_gases
from mriocarbon.lca.hybrid_integrated import Downstream, Upstream, instead, integrated
from mriocarbon.lca.impact import climate, gwp_method
from mriocarbon.lca.inventory import Exchange, Process
from mriocarbon.lca.lci import inventory
from mriocarbon.lca.system import System

pytestmark = pytest.mark.filterwarnings("ignore:.*inputs above output")

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
    """(sector, region) of an industry with output."""
    alive = np.flatnonzero(table.x > 0).tolist()
    region, sector = table.index.pairs[data.draw(st.sampled_from(alive))]
    return sector, region


def at(table, sector, region):
    return table.index.pairs.index((region, sector))


def whole_matrix(system, table, ups, downs):
    """The whole matrix, dense, written out from the links."""
    n, p = len(table.index), len(system.processes)
    A = table.Z / np.where(table.x == 0, np.inf, table.x)
    C_u, C_d, D = np.zeros((n, p)), np.zeros((p, n)), np.zeros((n, n))
    for u in ups:
        C_u[at(table, u.sector, u.region), system.position[u.process]] += u.amount
    for d in downs:
        j = at(table, d.sector, d.region)
        C_d[system.position[d.process], j] += d.amount
        if d.replaces:
            D[at(table, *d.replaces), j] += d.price * d.amount
    return np.block([[system.A.toarray(), -C_d], [-C_u, np.eye(n) - A + D]])


@FEW
@given(SMALL)
def test_without_links_both_stand_alone(case):
    table = case.mrio()
    y = case.rng.random(case.n) * (table.x > 0)
    found = integrated(two(), table, {"mill": 3.0}, upstream=[], money=y)
    gases = table_gases(table)
    alone = climate(inventory(two(), {"mill": 3.0})).total
    assert found.processes == pytest.approx(alone, rel=1e-12)
    assert found.table == pytest.approx(float(potentials(gases) @ gases.m @ y), rel=1e-8)
    assert found.total == found.processes + found.table
    only = integrated(two(), table, {"mill": 3.0}, upstream=[])
    assert only.table == 0.0 and not only.output.any()
    none = integrated(two(), table, {}, upstream=[], money=y)
    assert none.processes == 0.0 and none.table == found.table


@FEW
@given(SMALL, st.data())
def test_upstream_links_alone_are_the_tiered_hybrid(case, data):
    table = case.mrio()
    links = [
        (name, industry(table, data), data.draw(st.floats(0.1, 1e3)))
        for name in ("mill", "plant", "mill")
    ]
    found = integrated(
        two(), table, {"mill": (2.0, "t")},
        upstream=[Upstream(name, *where, usd) for name, where, usd in links],
    )  # fmt: skip
    processes = list(two().processes)
    for k, p in enumerate(processes):
        more = tuple(
            Exchange(f"bought {n}", usd, "USD", provider=money_name(*where))
            for n, (name, where, usd) in enumerate(links) if name == p.name
        )  # fmt: skip
        processes[k] = replace(p, exchanges=(*p.exchanges, *more))
    study = study_of({
        "title": "t", "goal": {"question": "?"}, "hybrid": {},
        "processes": [{"name": "mill", "product": "steel", "unit": "t"}],
        "scope": {"boundary": "cradle-to-gate",
                  "functional_unit": {"product": "steel", "amount": 1, "unit": "t"}},
    })  # fmt: skip
    filled, _ = fill(processes, study, table)
    tiered = climate(inventory(System.of(filled), {"mill": 2.0})).total
    assert found.total == pytest.approx(tiered, rel=1e-9)


@FEW
@given(SMALL, st.data())
def test_links_both_ways_solve_the_whole_matrix(case, data):
    table, system = case.mrio(), two()
    n = case.n
    A = table.Z / np.where(table.x == 0, np.inf, table.x)
    ups = [Upstream("mill", *industry(table, data), 40.0),
           Upstream("plant", *industry(table, data), 7.0)]  # fmt: skip
    downs = [Downstream(*industry(table, data), "plant", 1e-4)]  # on top of what is bought
    sellers = [k for k in range(n) if (A[k] > 0).any() and table.x[k] > 0]
    if sellers:
        (r1, s1), (r2, s2) = (
            table.index.pairs[data.draw(st.sampled_from(sellers))] for _ in range(2)
        )
        row = A[at(table, s2, r2)]
        r3, s3 = table.index.pairs[data.draw(st.sampled_from(np.flatnonzero(row > 0).tolist()))]
        downs += instead(table, "mill", sector=s1, region=r1, price=500.0, share=0.3)
        downs += instead(
            table, "plant", sector=s2, region=r2, price=80.0, share=0.5, users=[(s3, r3)]
        )
        downs += instead(table, "mill", sector=s1, region=r1, price=500.0, share=0.2)
    y = case.rng.random(n) * (table.x > 0)
    whole = whole_matrix(system, table, ups, downs)
    right = np.concatenate([system.demand({"mill": 1.0}), y])
    truth = np.linalg.solve(whole, right)
    productive = (np.linalg.inv(whole) > -1e-9 * np.abs(truth).max()).all()
    if not productive:
        return
    found = integrated(system, table, {"mill": 1.0}, upstream=ups, downstream=downs, money=y)
    np.testing.assert_allclose(found.scaling, truth[:2], rtol=1e-8)
    np.testing.assert_allclose(found.output, truth[2:], rtol=1e-8, atol=1e-10 * truth[2:].max())
    assert found.residual < 1e-12 and found.error < 1e-8
    np.testing.assert_allclose(found.emissions, table_gases(table).q * found.output)
    kg = 3000.0 * truth[0] + 4000.0 * truth[1]
    kg += float((potentials(table_gases(table)) @ table_gases(table).q) @ truth[2:])
    assert found.total == pytest.approx(kg, rel=1e-8)
    parts = found.contributions()
    assert sum(v for _, v in parts) == pytest.approx(found.total, rel=1e-12)
    assert len(found.assumed) > len(table_gases(table).assumed)  # what comes on top is said


def test_a_product_that_emits_what_it_replaces_changes_nothing():
    """A process with the industry's own inputs and emissions, sold in its place."""
    table = random_case(3, 2, 3, decades=0.5).mrio()
    gases, pairs = table_gases(table), table.index.pairs
    k = 1
    twin = Process("twin", "product", 1.0, "kg", (
        Exchange("Carbon dioxide, fossil", float(gases.q[0, k]), "kg", "biosphere", "out", "air"),
    ))  # fmt: skip
    A = table.Z / table.x
    ups = [Upstream("twin", s, r, float(A[i, k])) for i, (r, s) in enumerate(pairs) if A[i, k]]
    y = {pairs[4]: 100.0}
    without = integrated(System.of([twin]), table, {}, upstream=[], money=y)
    region, sector = pairs[k]
    links = instead(table, "twin", sector=sector, region=region, price=1.0, share=0.6)
    found = integrated(System.of([twin]), table, {}, upstream=ups, downstream=links, money=y)
    assert found.processes > 0
    assert found.total == pytest.approx(without.total, rel=1e-10)


def gain(table, amount, usd):
    """A mill of 1 t that spends `usd` in an industry, which uses `amount` t per USD."""
    mill = System.of([Process("mill", "steel", 1.0, "t", (emits(1.0),))])
    region, sector = table.index.pairs[0]
    ups = [Upstream("mill", sector, region, usd)]
    downs = [Downstream(sector, region, "mill", amount)]
    return mill, ups, downs


@pytest.mark.parametrize("short_of", [0.99, 1.01, 1.0, 3.0, 1000.0])
def test_systems_that_eat_more_than_they_make_are_refused_with_their_names(short_of):
    table = random_case(5, 2, 2).mrio()
    A = table.Z / table.x
    own = np.linalg.inv(np.eye(4) - A)[0, 0]  # USD of output per USD of final demand
    usd = 100.0
    mill, ups, downs = gain(table, short_of / (usd * own), usd)
    whole = whole_matrix(mill, table, ups, downs)
    productive = (np.linalg.inv(whole) >= 0).all() if short_of != 1.0 else False
    assert productive == (short_of < 1)
    if productive:
        found = integrated(mill, table, {"mill": 1.0}, upstream=ups, downstream=downs)
        assert found.scaling[0] == pytest.approx(1 / (1 - short_of), rel=1e-9)
        return
    with pytest.raises(InputError, match="at least as much as they make") as caught:
        integrated(mill, table, {"mill": 1.0}, upstream=ups, downstream=downs)
    assert "mill" in str(caught.value) and table.index.name(0) in str(caught.value)


@FEW
@given(SMALL, st.data())
def test_refused_exactly_where_the_whole_matrix_has_no_positive_inverse(case, data):
    table = case.mrio()
    mill, ups, downs = gain(table, 10 ** data.draw(st.floats(-6, 1)), 100.0)
    if table.x[0] == 0:
        return
    whole = whole_matrix(mill, table, ups, downs)
    spare = np.abs(np.linalg.eigvals(np.eye(len(whole)) - whole)).max()
    if abs(spare - 1) < 1e-3:
        return
    try:
        integrated(mill, table, {"mill": 1.0}, upstream=ups, downstream=downs)
        solved = True
    except InputError:
        solved = False
    assert solved == (spare < 1)


def test_other_factors_give_other_scores():
    icio = mc.load("oecd-icio-2022")
    system, gases = two(), table_gases(icio)
    ups = [Upstream("mill", "A01", "CHN", 100.0)]
    first = integrated(system, icio, {"mill": 2.0}, upstream=ups)
    c = (gwp_method(system, "AR5").total, potentials(gases, "AR5"))
    old = integrated(system, icio, {"mill": 2.0}, upstream=ups, c=c)
    assert old.table == pytest.approx(float(c[1] @ old.emissions.sum(axis=1)), rel=1e-12)
    assert old.table != pytest.approx(first.table, rel=1e-3)
    only = [np.zeros(len(system.flows)), np.eye(len(gases.names))[0]]
    assert integrated(system, icio, {"mill": 2.0}, upstream=ups, c=tuple(only)).total == (
        pytest.approx(first.emissions[0].sum(), rel=1e-12)
    )
    with pytest.raises(ShapeError, match="gases of the table"):
        integrated(system, icio, {"mill": 2.0}, upstream=ups, c=(c[0], [1.0]))


def test_amounts_are_per_run_as_stated():
    icio = mc.load("oecd-icio-2022")
    found = integrated(two(), icio, {"mill": 2.0}, upstream=[Upstream("mill", "D", "CHN", 100.0)])
    gases, s = table_gases(icio), found.scaling
    kg = float(potentials(gases) @ gases.m[:, at(icio, "D", "CHN")])
    assert s[0] == pytest.approx(1 / (1 - 0.05 * 0.1), rel=1e-12)  # a run makes 2 t
    assert found.table == pytest.approx(100 * s[0] * kg, rel=1e-9)


def test_a_country_inside_a_region_is_answered_by_it_and_said():
    icio = mc.load("oecd-icio-2022")
    found = integrated(two(), icio, {"mill": 1.0}, upstream=[Upstream("mill", "D", "Germany", 1.0)])
    assert any("DEU is answered by EU27" in text for text in found.assumed)


def test_links_that_make_no_sense_are_refused():
    table, system = random_case(3, 2, 3).mrio(), two()
    region, sector = table.index.pairs[0]

    def solve(up=(), down=()):
        return integrated(system, table, {"mill": 1.0}, upstream=up, downstream=down)

    with pytest.raises(UnknownNameError, match="mil"):
        solve([Upstream("mil", sector, region, 1.0)])
    with pytest.raises(UnknownNameError):
        solve([Upstream("mill", "steel", "r0", 1.0)])
    with pytest.raises(InputError, match="amount is -1"):
        solve([Upstream("mill", sector, region, -1.0)])
    with pytest.raises(InputError, match="amount is nan"):
        solve(down=[Downstream(sector, region, "mill", float("nan"))])
    with pytest.raises(InputError, match="price is None"):
        solve(down=[Downstream(sector, region, "mill", 1e-9, replaces=(sector, region))])
    for name, change in (("price is 0", {"price": 0.0}), ("share is 2", {"share": 2.0})):
        with pytest.raises(InputError, match=name):
            instead(table, "mill", sector=sector, region=region, **{"price": 1.0, **change})
    links = [
        link
        for name in ("mill", "plant")
        for link in instead(table, name, sector=sector, region=region, price=9.0, share=0.7)
    ]
    with pytest.raises(InputError, match=r"of which .* is bought"):
        solve(down=links)
    with pytest.raises(InputError, match="no demand"):
        integrated(system, table, {}, upstream=[])
    with pytest.raises(ShapeError):
        integrated(system, table, {}, upstream=[], money=[1.0])
