"""All accounts at once, against each by itself and against pymrio."""

import numpy as np
import pytest
from hypothesis import given
from properties.tables import cases, random_case, toy

import mriocarbon as mc
from mriocarbon.accounts import everything
from mriocarbon.errors import NotAvailableError, UnknownNameError


def same(found: mc.AllAccounts, mrio: mc.MRIO) -> None:
    R, S = len(mrio.regions), len(mrio.sectors)
    for k, name in enumerate(found.stressors):
        extension = mrio.extension_of(name)
        F = extension.F[extension.row(name.rpartition("/")[2])]
        x = np.where(mrio.x == 0, 1.0, mrio.x)
        A = np.where(mrio.x == 0, 0.0, mrio.Z / x)
        L = np.linalg.inv(np.eye(R * S) - A)
        q, Y = np.where(mrio.x == 0, 0.0, F / x), mrio.final_demand
        size = max(np.abs(F).sum(), 1e-300)
        here = np.arange(R * S) // S
        for r in range(R):
            products = np.where((np.arange(R * S) % S)[:, None] == np.arange(S), Y[:, r, None], 0.0)
            X = L @ products
            close = {"rtol": 1e-9, "atol": 1e-11 * size}
            np.testing.assert_allclose(found.production[k, r], F[here == r], **close)
            np.testing.assert_allclose(found.consumption[k, r], q @ X, **close)
            away = (q * (here != r)) @ X
            np.testing.assert_allclose(found.imported[k, r], away.sum(), **close)
            if found.imports is not None:
                np.testing.assert_allclose(found.imports[k, r], away, **close)
            out = q[here == r] * (L @ Y)[here == r][:, np.arange(R) != r].sum(axis=1)
            np.testing.assert_allclose(found.exports[k, r], out, **close)
        np.testing.assert_allclose(found.multipliers[k].ravel(), q @ L, rtol=1e-9)


@pytest.mark.filterwarnings("ignore:.*inputs above output:mriocarbon.errors.TableWarning")
@given(cases(max_regions=5))
def test_against_the_inverse_written_out(case):
    mrio = case.mrio()
    same(mc.all_accounts(mrio), mrio)


def test_both_ways_to_imports_agree():
    mrio = mc.load("oecd-icio-2022")
    from mriocarbon.accounts.economy import TableEconomy

    economy = TableEconomy(mrio, mrio.extensions["GHG"].F)
    (one, M), two = (
        everything._home_by_emitter(economy, economy.q),
        everything._home_by_inverse(economy),
    )
    np.testing.assert_allclose(M, economy.multipliers(economy.q), rtol=1e-10)
    np.testing.assert_allclose(one, two, rtol=1e-10, atol=1e-12)


def test_many_stressors_go_through_the_inverse_and_agree():
    rng = np.random.default_rng(3)
    case = random_case(3, 4, 5, zeros=2, negative_demand=True)
    many = {f"s{k}": rng.random(20) * (case.x > 0) for k in range(9)}
    whole = mc.all_accounts(case.mrio(stressors=many))
    assert everything.INVERSE * 20 < 9 * 4
    for name in ("s0", "s8"):
        alone = mc.all_accounts(case.mrio(stressors={name: many[name]}))
        assert everything.INVERSE * 20 >= 1 * 4
        for item in everything.ITEMS:
            np.testing.assert_allclose(
                whole.of(item, name).value, alone.of(item, name).value, rtol=1e-10, atol=1e-12
            )
    assert 0 < whole.error < 1e-11


def test_the_same_as_each_account_by_itself():
    mrio = mc.load("oecd-icio-2022")
    found = mc.all_accounts(mrio, ["GHG"])
    for principle in ("production", "consumption"):
        for homes in (False, True):
            want = mc.account(mrio, principle, stressor="GHG", households=homes).value[:20]
            got = found.regional(principle, "GHG", households=homes).value
            np.testing.assert_allclose(got, want, rtol=1e-10)
    trade = mc.trade(mrio, "GHG")
    for item in ("imports", "exports"):
        want = [trade[r, item] for r in mrio.regions]
        np.testing.assert_allclose(found.regional(item, "GHG").value, want, rtol=1e-10)
    products = mc.footprint(mrio, "GHG", by="product")
    np.testing.assert_allclose(found.consumption[0], products.value, rtol=1e-10)
    np.testing.assert_allclose(found.imports.sum(axis=2), found.imported, rtol=1e-10)
    one = found.of("imports", "GHG")
    assert one.unit == "Mt CO2e" and one.dims == ("region", "sector") and one.estimated
    assert one.provenance.stressor == "GHG" and one.provenance.year == 2022
    assert set(mc.account(mrio, "consumption", households=False).notes) <= set(one.notes)


def test_against_pymrio():
    import pymrio

    system = pymrio.load_test().calc_all()
    mrio = mc.MRIO.from_pymrio(system)
    found = mc.all_accounts(mrio)
    R, S = len(mrio.regions), len(mrio.sectors)
    at = 0
    for name, extension in mrio.extensions.items():
        theirs, rows = getattr(system, name), len(extension.stressors)
        for item, frame in (
            ("production", theirs.D_pba), ("consumption", theirs.D_cba), ("imports", theirs.D_imp),
            ("exports", theirs.D_exp), ("multipliers", theirs.M),
        ):  # fmt: skip
            want = frame.to_numpy().reshape(rows, R, S)
            got = getattr(found, item)[at : at + rows]
            np.testing.assert_allclose(
                got, want, rtol=1e-9, atol=1e-9 * np.abs(want).max(), err_msg=f"{name} {item}"
            )
        at += rows
    assert at == len(found.stressors)


def test_without_imports_by_product():
    mrio = toy()
    found = mc.all_accounts(mrio, imports_by_product=False)
    assert found.imports is None
    same(found, mrio)
    with pytest.raises(NotAvailableError, match="left out"):
        found.of("imports", "GHG")
    assert found.regional("imports", "GHG").value.shape == (2,)


def test_bad_requests():
    found = mc.all_accounts(toy())
    with pytest.raises(UnknownNameError, match="consumption"):
        found.of("consumtion", "GHG")
    with pytest.raises(UnknownNameError, match="GHG"):
        found.of("imports", "GHGs")
    with pytest.raises(UnknownNameError):
        found.regional("multipliers", "GHG")
    with pytest.raises(UnknownNameError):
        mc.all_accounts(toy(), [])
    with pytest.raises(UnknownNameError, match="lead"):
        mc.all_accounts(toy(), ["lead"])
    mixed = toy(
        stressors={"a": [1.0, 2, 3, 4], "b": [1.0, 2, 3, 4]}, households=None,
        units={"a": "t", "b": "kg"},
    )  # fmt: skip
    both = mc.all_accounts(mixed)
    assert [both.regional("production", name).unit for name in "ab"] == ["t", "kg"]
    with pytest.raises(NotAvailableError, match="households"):
        both.regional("production", "a", households=True)
    with pytest.raises(ValueError):
        both.consumption[0] = 1.0


def test_all_accounts_in_a_line():
    mrio = toy()
    found = mc.all_accounts(mrio)
    assert repr(found).splitlines()[0] == (
        f"<AllAccounts: {len(found.stressors)} stressors, 2 regions x 2 sectors,"
        f" {found.stressors[0]} {found.production[0].sum():.6g} {found.units[0]}"
    )
