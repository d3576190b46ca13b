"""Inoperability: the model as published, and the Leontief and Ghosh models that it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from properties.tables import cases, random_case, toy

import mriocarbon as mc
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.structure.inoperability import inoperability

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


@settings(max_examples=40, deadline=None)
@given(case=cases(max_regions=4, max_sectors=4))
def test_demand_side_is_santos_and_haimes_and_leontief(case):
    mrio = case.mrio()
    live = mrio.x > 0
    x, Z = mrio.x[live], mrio.Z[np.ix_(live, live)]
    y = x - Z.sum(1)
    lost = case.rng.random(case.n)
    shock = dict(zip(mrio.index.pairs, lost, strict=True))
    found = inoperability(mrio, shock)
    star = (Z / x) * x / x[:, None]  # A*_ij = a_ij x_j / x_i
    want = np.linalg.solve(np.eye(len(x)) - star, lost[live] * y / x)
    have = found.inoperability.value.ravel()
    np.testing.assert_allclose(have[live], want, rtol=1e-8, atol=1e-11)
    assert not have[~live].any()
    # Leontief: the output of what is lost
    L = np.linalg.inv(np.eye(len(x)) - Z / x)
    np.testing.assert_allclose(found.output.value.ravel()[live], -L @ (lost[live] * y), rtol=1e-8,
                               atol=1e-10 * x.max())  # fmt: skip
    q = case.f[live] / x
    assert found.emissions.total == pytest.approx(-q @ L @ (lost[live] * y), rel=1e-8)


@settings(max_examples=40, deadline=None)
@given(case=cases(max_regions=4, max_sectors=4))
def test_supply_side_is_the_dual_and_ghosh(case):
    mrio = case.mrio()
    live = mrio.x > 0
    x, Z = mrio.x[live], mrio.Z[np.ix_(live, live)]
    v = x - Z.sum(0)
    lost = case.rng.random(case.n)
    found = inoperability(mrio, dict(zip(mrio.index.pairs, lost, strict=True)), side="supply")
    want = np.linalg.solve((np.eye(len(x)) - Z / x).T, lost[live] * v / x)
    np.testing.assert_allclose(found.inoperability.value.ravel()[live], want, rtol=1e-8, atol=1e-11)
    G = np.linalg.inv(np.eye(len(x)) - Z / x[:, None])
    np.testing.assert_allclose(found.output.value.ravel()[live], -(lost[live] * v) @ G, rtol=1e-8,
                               atol=1e-10 * x.max())  # fmt: skip


@pytest.mark.parametrize("side", ["demand", "supply"])
def test_losing_all_stops_all_and_losing_a_share_of_all_that_share(side):
    mrio = toy()
    for share in (1.0, 0.25):
        found = inoperability(mrio, {("*", "*"): share}, side=side)
        np.testing.assert_allclose(found.inoperability.value, share, rtol=1e-12)
        assert found.emissions.total == pytest.approx(-share * 390)
    assert any("Dietzenbacher" in n.text for n in found.inoperability.notes)


def test_a_share_of_output():
    mrio = toy()
    a = inoperability(mrio, {("A", "1"): 0.1}, of="output")
    b = inoperability(mrio, {("A", "1"): 0.1 * mrio.x[0] / 70})
    np.testing.assert_allclose(a.output.value, b.output.value, rtol=1e-13)


def test_negative_final_demand_that_is_hit_is_told():
    case = random_case(3, 2, 2)
    Y = case.Y.copy()
    Y[0] = -0.1 * case.Z[0].sum() / Y.shape[1]
    mrio = mc.MRIO.from_arrays(Z=case.Z, Y=Y, regions=case.regions, sectors=case.sectors,
                               stressors={"GHG": case.f})  # fmt: skip
    found = inoperability(mrio, {("r0", "s0"): 0.5})
    assert found.output["r0", "s0"] > 0
    assert any("adds output" in n.text for n in found.inoperability.notes)


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: inoperability(toy(), {}), InputError, "no shock"),
        (lambda: inoperability(toy(), {("A", "1"): 1.5}), InputError, "from 0 to 1"),
        (lambda: inoperability(toy(), {("A", "1"): float("nan")}), InputError, "from 0 to 1"),
        (lambda: inoperability(toy(), {("C", "1"): 0.5}), UnknownNameError, "C"),
        (lambda: inoperability(toy(), {("A", "1"): 0.1, ("*", "1"): 0.5}), InputError, "hit twice"),
        (lambda: inoperability(toy(), {"A": 0.1}), InputError, r"no \(region, sector\)"),
        (lambda: inoperability(toy(), {("A",): 0.1}), InputError, r"no \(region, sector\)"),
        (lambda: inoperability(toy(), {("A", "1"): "0.1"}), InputError, "from 0 to 1"),
        (lambda: inoperability(toy(), {("A", "9"): 0.5}), UnknownNameError, "9"),
        (lambda: inoperability(toy(), {("A", "1"): 0.5}, side="both"), UnknownNameError, "both"),
        (lambda: inoperability(toy(), {("A", "1"): 0.5}, of="trade"), UnknownNameError, "trade"),
        (lambda: inoperability(toy(), {("A", "1"): 0.9}, of="output"), InputError,
         "more is lost than there is in 1"),
    ],
)  # fmt: skip
def test_bad_requests(make, error, told):
    with pytest.raises(error, match=told):
        make()


def test_real_table_loses_what_is_lost_and_no_more_than_everything():
    mrio = mc.load("oecd-icio-2022")
    found = inoperability(mrio, {("CHN", "*"): 0.3}, stressor="GHG")
    z = found.inoperability.value
    assert z.min() >= 0 and z.max() <= 0.3 + 1e-12


def test_the_same_place_by_two_names_is_refused_and_a_shock_is_told():
    mrio = mc.load("oecd-icio-2022")
    with pytest.raises(InputError, match="CHN F"):
        inoperability(mrio, {("CHN", "F"): 0.1, ("China", "F"): 0.3}, stressor="GHG")
    found = inoperability(mrio, {("China", "F"): 0.1, ("*", "C29"): 0.2}, stressor="GHG")
    assert dict(found.shock) == {("CHN", "F"): 0.1, ("*", "C29"): 0.2}
    told = "lost: 10 % of the final demand of CHN F; 20 % of the final demand of all regions C29"
    assert told in [n.text for n in found.output.notes]
    assert found.emissions.metadata()["stressor"] == "GHG"
    assert found.emissions.metadata()["year"] == "2022"
