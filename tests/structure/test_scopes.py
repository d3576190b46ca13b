"""Scopes: they add up to the multiplier, and scope 2 to what the energy sectors emit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import cases, toy

import mriocarbon as mc
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.structure.scopes import RULES, energy_sectors_of, scopes

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


def matrices(mrio):
    safe = np.where(mrio.x == 0, 1.0, mrio.x)
    A = np.where(mrio.x == 0, 0.0, mrio.Z / safe)
    return A, np.where(mrio.x == 0, 0.0, mrio.extensions["emissions"].F[0] / safe)


@settings(max_examples=40, deadline=None)
@given(case=cases(max_regions=4, max_sectors=5), rule=st.sampled_from(RULES), many=st.booleans())
def test_scopes_sum_to_the_multiplier_and_scope_2_is_its_definition(case, rule, many):
    mrio = case.mrio()
    A, q = matrices(mrio)
    L = np.linalg.inv(np.eye(case.n) - A)
    m = q @ L
    energy = list(dict.fromkeys([case.sectors[0], *([case.sectors[-1]] if many else [])]))
    found = scopes(mrio, energy_sectors=energy, scope2=rule)
    parts = found.per_output.value.reshape(case.n, 3)
    np.testing.assert_allclose(parts.sum(1), m, rtol=1e-9, atol=1e-12 * m.max())
    np.testing.assert_allclose(parts[:, 0], q, rtol=1e-14)
    is_e = np.isin([s for _, s in mrio.index.pairs], energy)
    e = np.flatnonzero(is_e)
    weight = {
        "generation": q[e] @ np.linalg.inv(np.eye(len(e)) - A[np.ix_(e, e)]),
        "first tier": q[e], "full": m[e],
    }[rule]  # fmt: skip
    want = np.where(is_e, 0.0, weight @ A[e])
    np.testing.assert_allclose(parts[:, 1], want, rtol=1e-9, atol=1e-12 * m.max())
    assert parts.min() > -1e-9 * m.max()
    np.testing.assert_allclose(
        found.total.value.reshape(case.n, 3), parts * mrio.x[:, None], rtol=1e-12
    )
    assert found.overlap == pytest.approx(m @ mrio.x / case.f.sum(), rel=1e-8)
    assert found.overlaps["scope 1"] == pytest.approx(1.0, rel=1e-12)
    if rule == "generation":  # nothing is lost or counted twice: all power is somebody's scope 2
        uses = mrio.x - mrio.Z.sum(1)
        all_users = (parts[:, 1] @ mrio.x) + weight @ uses[e]
        assert all_users == pytest.approx(case.f[e].sum(), rel=1e-8, abs=1e-9 * case.f.sum())


@settings(max_examples=20, deadline=None)
@given(case=cases(max_regions=3, max_sectors=4))
def test_downstream_is_ghosh(case):
    mrio = case.mrio()
    live = mrio.x > 0
    x, Z = mrio.x[live], mrio.Z[np.ix_(live, live)]
    q = case.f[live] / x
    G = np.linalg.inv(np.eye(len(x)) - Z / x[:, None])
    found = scopes(mrio, energy_sectors=[case.sectors[0]]).downstream.value.ravel()
    want = (G @ q - q) * x
    np.testing.assert_allclose(found[live], want, rtol=1e-8, atol=1e-9 * case.f.sum())
    assert not found[~live].any()


def test_the_order_of_the_rules():
    mrio = mc.load("oecd-icio-2022")
    first, made, full = (
        scopes(mrio, stressor="GHG", scope2=rule).total.value[:, :, 1]
        for rule in ("first tier", "generation", "full")
    )
    assert (first <= made + 1e-12).all() and (made <= full + 1e-12).all()
    assert made.sum() > 1.1 * first.sum()  # what is resold among energy sectors matters


def test_real_table_says_what_must_be_known():
    found = scopes(mc.load("oecd-icio-2022"), stressor="GHG")
    text = " ".join(note.text for note in found.total.notes)
    assert "gas" in text and "counted 2.74 times" in text and "found by their labels" in text
    steel = found.of("CHN", "C24A")
    assert steel["scope 1"] > steel["scope 2"] > 0 and steel["scope 3 downstream"] > 0
    assert found.of("CHN", "D")["scope 2"] == 0.0
    assert found.per_output.unit == "Mt CO2e / million USD" and found.total.estimated


@pytest.mark.parametrize(
    ("sectors", "want"),
    [
        (["A01", "C10T12", "C24A", "D", "E"], ("D",)),
        (["AtB", "15t16", "D", "E"], ("E",)),  # ISIC 3: D is manufacturing
        (["Electricity, Gas and Water", "Electrical and Machinery"],
         ("Electricity, Gas and Water",)),
        (["Production of electricity by coal", "Steam and hot water supply", "Steel"],
         ("Production of electricity by coal", "Steam and hot water supply")),
        (["A01", "D35", "C10"], ("D35",)),
        (["ely", "ele", "oil"], ("ely",)),
        (["Electricity meters manufacturing", "Electricity equipment", "Electricity"],
         ("Electricity",)),
        (["Collection and distribution of electric power", "Electric motors", "Transmission of"
          " electricity", "Manufacture of electricity distribution apparatus"],
         ("Collection and distribution of electric power", "Transmission of electricity")),
        (["Fossil fuel electric power generation", "Coal"],
         ("Fossil fuel electric power generation",)),
    ],
)  # fmt: skip
def test_energy_sectors_are_known_by_their_labels(sectors, want):
    n = len(sectors)
    mrio = mc.MRIO.from_arrays(Z=np.ones((n, n)), Y=np.full((n, 1), 9.0), regions=["A"],
                               sectors=sectors, stressors={"GHG": np.ones(n)})  # fmt: skip
    assert energy_sectors_of(mrio) == want
    assert scopes(mrio).energy_sectors == want


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: scopes(toy()), InputError, "energy_sectors="),
        (lambda: scopes(toy(), energy_sectors=[]), InputError, "at least one"),
        (lambda: scopes(toy(), energy_sectors=["9"]), UnknownNameError, "9"),
        (lambda: scopes(toy(), energy_sectors=["1"], scope2="market"), UnknownNameError, "market"),
        (lambda: scopes(toy(), energy_sectors=["1"], stressor="x"), UnknownNameError, "x"),
    ],
)
def test_bad_requests(make, error, told):
    with pytest.raises(error, match=told):
        make()


def test_one_name_is_a_list_of_one():
    a, b = scopes(toy(), energy_sectors="1"), scopes(toy(), energy_sectors=["1"])
    assert (a.total.value == b.total.value).all()


def labelled(sectors, f=None):
    n = len(sectors)
    return mc.MRIO.from_arrays(
        Z=np.ones((n, n)), Y=np.full((n, 1), 9.0), regions=["A"], sectors=sectors,
        stressors={"GHG": np.ones(n) if f is None else f},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sectors", "chosen", "gas"),
    [
        (["AtB", "15t16", "D", "E"], ["D"], None),  # ISIC 3: D is manufacturing
        (["AtB", "15t16", "D", "E"], None, "sector E is"),
        (["A01", "C10", "C20", "D35"], None, "sector D35 is"),
        (["A01", "C10", "C20", "D"], None, "sector D is"),
        (["Electricity", "Steel"], None, None),
    ],
)
def test_the_note_on_gas_stands_where_gas_is_in_the_sector(sectors, chosen, gas):
    found = scopes(labelled(sectors), energy_sectors=chosen)
    texts = [n.text for n in found.total.notes if "gas distribution" in n.text]
    assert [gas in t for t in texts] == ([True] if gas else [])


def test_a_stressor_that_nobody_emits_is_told_without_nan():
    found = scopes(labelled(["Electricity", "Steel"], f=np.zeros(2)))
    assert "nan" not in repr(found) and np.isnan(found.overlap)
    text = " ".join(n.text for n in found.total.notes)
    assert "nan" not in text and "every scope is zero" in text


def test_one_scope_of_all_sectors():
    found = scopes(toy(), energy_sectors=["1"])
    assert found.of_all("scope 2")["A", "2"] == found.total["A", "2", "scope 2"]
    assert found.of_all("scope 2").dims == ("region", "sector")
    with pytest.raises(UnknownNameError, match="scope 4"):
        found.of_all("scope 4")
