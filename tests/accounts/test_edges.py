"""Where a formula has an edge: nothing emitted, nothing made, amounts near nothing."""

import warnings

import jax
import numpy as np
import pytest
from properties.frames import where_told
from properties.tables import TOY_F, TOY_Y, TOY_Z, random_case, toy

import mriocarbon as mc
from mriocarbon.accounts import compute, everything
from mriocarbon.accounts.compute import evaluate, far_beyond
from mriocarbon.accounts.economy import TableEconomy, by_region
from mriocarbon.accounts.registry import principle
from mriocarbon.accounts.shared import shares
from mriocarbon.errors import InputError, MriocarbonWarning, NotProductiveError, TableWarning

TABLE = toy()
EPS = np.finfo(float).eps


def idle() -> mc.MRIO:
    """B 2 makes nothing, emits 40, buys at home, and sells abroad: nothing of it has a price."""
    Z, Y = TOY_Z.copy(), TOY_Y.copy()
    Z[3] = Z[:, 3] = 0
    Y[3] = 0
    Z[2, 3], Z[3, 0] = 2.0, 3.0
    x = (Z.sum(axis=1) + Y.sum(axis=1)) * [1, 1, 1, 0]
    with pytest.warns(TableWarning):
        return toy(Z=Z, Y=Y, x=x)


@pytest.mark.parametrize(
    ("name", "options"),
    [(p.name, {}) for p in mc.principles() if not p.needs]
    + [(n, {"primary_inputs": "value_added"}) for n in ("income", "half-half", "value-added")],
)
def test_a_gas_that_nobody_emits_is_nobody_s(name, options):
    table = toy(stressors={"SF6": np.zeros(4)}, households=None, value_added=np.full(4, 20.0))
    found = mc.account(table, name, households=False, **options)
    assert found.coords["region"] == ("A", "B")
    np.testing.assert_array_equal(found.value, 0.0)
    factors = [note.text.split()[6] for note in found.notes if "rescaled by" in note.text]
    assert set(factors) <= {"1.000000"}


def test_a_gas_that_nobody_emits_beside_one_that_somebody_does():
    economy = TableEconomy(
        toy(value_added=np.full(4, 20.0)), np.stack([TOY_F, np.zeros(4), TOY_F / 2])
    )
    value = evaluate(principle("income"), economy, {"primary_inputs": "value_added"})
    np.testing.assert_allclose(value.sum(axis=1), [390, 0, 195], rtol=1e-12)
    np.testing.assert_allclose(value[2], value[0] / 2, rtol=1e-12)


def test_production_needs_no_demand():
    with pytest.warns(TableWarning):
        table = toy(Y=np.zeros((4, 2)), x=TOY_Z.sum(axis=1))
    found = mc.account(table, "production", households=False)
    np.testing.assert_array_equal(found.value, [290, 100])


def test_what_is_far_beyond_does_not_depend_on_units():
    small = toy(Z=TOY_Z * 1e-6, Y=TOY_Y * 1e-6)
    for table in (TABLE, small):  # B emits 100, its share of world demand is 0.68 of 390
        assert far_beyond(table, TOY_F, np.array([0.0, 2600.0])) == ""
    assert far_beyond(TABLE, TOY_F, np.array([-1e-7, 390.0])) == ""  # rounding of zero
    assert "A -1e-06" in far_beyond(TABLE, TOY_F, np.array([-1e-6, 390.0]))
    clean = np.array([0.0, 0.0, 60, 40])  # A emits nothing, and is not handed less than nothing
    assert "A -1 (own emissions 0)" in far_beyond(TABLE, clean, np.array([-1.0, 101.0]))


def test_without_output_there_is_no_intensity():
    table = idle()
    economy = TableEconomy(table, TOY_F[None])
    assert economy.q[0, 3] == 0
    within = economy.multipliers_within(economy.q)
    assert within[1, 1, 0] == 0  # nor what it buys at home
    A = TOY_Z[:2, :2] / table.x[:2]
    want = economy.q[0, :2] @ np.linalg.inv(np.eye(2) - A)
    np.testing.assert_allclose(within[0, :, 0], want, rtol=1e-12)
    assert mc.all_accounts(table).of("multipliers", "GHG")["B", "2"] == 0
    _, (S, coefficients, _) = mc.account_function(table, "consumption")
    assert S[3] == 0 and not coefficients[:, 3].any()
    np.testing.assert_allclose(S[:3], TOY_F[:3] / table.x[:3])
    np.testing.assert_allclose(coefficients[:, :3], table.Z[:, :3] / table.x[:3])


def test_a_product_that_is_not_traded_has_no_world_intensity():
    Z, Y = TOY_Z.copy(), TOY_Y.copy()
    for array, other in ((Z, np.s_[2:]), (Y, 1)):
        array[1, other] = 0  # A 2 stays in A
    for array, other in ((Z, np.s_[:2]), (Y, 0)):
        array[3, other] = 0  # B 2 in B
    Z[0, 2:] = Z[2, :2] = 0  # and is in nothing that is exported
    Z[1, 0] = Z[3, 2] = 0
    found = mc.account(toy(Z=Z, Y=Y), "technology-adjusted", households=False)
    assert np.isfinite(found.value).all()
    assert found.total == pytest.approx(390, rel=1e-12)


@pytest.mark.parametrize("scale", [1.0, 1e-9])
def test_the_bound_of_a_region_s_own_solves_is_the_one_that_is_stated(scale):
    """|r|'t over m'x, with M't = x and r the residual and its own rounding; whatever the unit."""
    Z = TOY_Z.copy()
    Z[0, 1] = Z[2, 3] = 70.0  # far from symmetric, so that M is not M'
    table, F = toy(Z=Z), TOY_F * [0, 1, 0, 1] * scale
    economy = TableEconomy(table, F[None])
    economy.error = 0.0
    found = economy.multipliers_within(economy.q)
    lost = total = 0.0
    for r in range(2):
        own = slice(2 * r, 2 * r + 2)
        x, m = table.x[own], found[r, :, 0]
        M = np.diag(x) - table.Z[own, own]
        residual = np.abs(F[own] - m @ M) + 4 * EPS * (F[own] + np.abs(m) @ np.abs(M))
        lost += residual @ np.linalg.solve(M, x)
        total += m @ x
    assert economy.error == pytest.approx(lost / total, rel=0.15, abs=0)


def test_regions_are_summed_over_the_last_axis_of_anything():
    economy = TableEconomy(TABLE, TOY_F[None])
    np.testing.assert_array_equal(by_region(economy, TOY_F), [290, 100])
    many = np.tile(TOY_F, (3, 5, 1))
    assert by_region(economy, many).shape == (3, 5, 2)


# -- shares of producers and consumers --------------------------------------------------------


def test_a_share_at_its_end_is_not_clipped():
    """B 1 buys nothing (0), B 2 makes nothing (1): both are within [0, 1]."""
    Z = TOY_Z.copy()
    Z[:, 2] = 0.0
    economy = TableEconomy(toy(Z=Z), TOY_F[None])
    assert shares(economy)[2] == 0 and economy.notes == []
    Z, Y = TOY_Z.copy(), TOY_Y.copy()
    Z[3] = Z[:, 3] = Y[3] = 0
    with pytest.warns(TableWarning):
        economy = TableEconomy(toy(Z=Z, Y=Y), TOY_F[None])
    assert shares(economy)[3] == 1 and economy.notes == []


def test_a_share_below_zero_is_clipped_to_it():
    Z = TOY_Z.copy()
    Z[:, 1] = [-5, 20, 0, 3]  # A 2 is paid for what it takes: more primary inputs than output
    table = toy(Z=Z)
    found = mc.account(table, "shared", households=False)
    A, primary = table.Z / table.x, table.primary_inputs / table.x
    a = 1 - primary / (1 - np.diag(A))
    assert a[1] < 0 and (np.delete(a, 1) > 0).all()
    want = mc.account(table, "shared", households=False, a=np.maximum(a, 0))
    np.testing.assert_allclose(found.value, want.value, rtol=1e-12)


def test_at_most_five_clipped_sectors_are_named():
    case = random_case(3, 6, 6, negative_value_added=True)
    economy = TableEconomy(quiet(case), case.f[None])
    shares(economy)
    over = [f"r{k // 6} s{k % 6}" for k in np.flatnonzero(case.Z.sum(axis=0) > case.x)]
    assert len(over) == 6
    assert economy.notes == [f"shares clipped to [0, 1] in 6 sectors: {', '.join(over[:5])}"]


def quiet(case, **changes) -> mc.MRIO:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        return case.mrio(**changes)


def test_a_sector_that_sells_to_itself_alone_passes_all_on_and_is_refused():
    Z, Y = TOY_Z.copy(), TOY_Y.copy()
    Z[3], Y[3] = [0, 0, 0, 85], 0
    with pytest.warns(TableWarning, match="inputs above output"):
        table = toy(Z=Z, Y=Y)
    assert table.x[3] == table.Z[3, 3]
    economy = TableEconomy(table, TOY_F[None])
    assert shares(economy)[3] == 1 and economy.notes == []
    with pytest.raises(NotProductiveError):
        mc.account(table, "shared", households=False)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("shared", {}),
        ("shared", {"self_deliveries": "inside"}),
        ("benefit-shared", {}),
        ("technology-adjusted", {}),
        ("era", {}),
    ],
)
def test_accounts_in_jax_are_those_of_the_table(name, options):
    """A few, quickly; test_variants has all of them on a table with more to it."""
    function, point = mc.account_function(TABLE, name, **options)
    with jax.enable_x64(True):
        found = np.asarray(function(*point))
    want = mc.account(TABLE, name, households=False, **options)
    np.testing.assert_allclose(found, want.value, rtol=1e-12)


# -- several stressors ------------------------------------------------------------------------


def test_an_account_rests_on_its_own_stressor_alone():
    case = random_case(4, 3, 2)
    table = case.mrio(stressors={"a": case.f, "b": case.f[::-1].copy()})
    options = {"households": False, "primary_inputs": "value_added"}
    (note,) = mc.account(table, "income", stressor="a", **options).notes
    (alone,) = mc.account(case.mrio(), "income", **options).notes
    assert note == alone and note.about == "income"
    factor = note.text.split()[6]
    assert note.text == f"value added only: accounts rescaled by {factor} to close the world total"
    economy = TableEconomy(table, np.stack([case.f, case.f[::-1]]))
    evaluate(principle("income"), economy, {"primary_inputs": "value_added"})
    second = mc.account(table, "income", stressor="b", **options).notes[0].text.split()[6]
    low, high = sorted([factor, second])
    assert low != high
    assert economy.notes == [
        f"value added only: accounts rescaled by {low} to {high} to close the world total"
    ]


def test_value_added_that_enables_one_of_two_gases_is_refused():
    table = toy(value_added=[20.0, 0, 0, 0], Z=np.diag([10.0, 10, 10, 10]))
    economy = TableEconomy(table, np.stack([TOY_F, TOY_F * [0, 1, 1, 1]]))
    with pytest.raises(InputError, match="enables no emissions"):
        evaluate(principle("income"), economy, {"primary_inputs": "value_added"})


def test_what_is_not_placed_is_told_of_one_stressor():
    table = idle()
    one = table.extensions["emissions"]
    two = mc.Extension("air", ("a", "b"), np.stack([one.F[0], 3 * one.F[0]]), ("t", "t"))
    (note,) = mc.footprint(table.replace_extensions(two), "a").notes
    assert note.text.startswith("not placed:") and note.text.endswith(" of 390 t")
    assert note.about == "air"


def test_the_inverse_is_looked_at_for_the_mean_of_all_stressors(monkeypatch):
    case = random_case(3, 2, 3, decades=0.3)
    F = {"big": case.f, "small": case.f / case.f.sum() / 2, "none": np.zeros(6)}
    seen = []
    monkeypatch.setattr(everything, "_home_by_emitter", lambda economy, q: seen.append(q))
    mc.all_accounts(case.mrio(stressors=F))
    want = 2 / 3 * case.f / case.f.sum() / case.x
    np.testing.assert_allclose(seen[0], [want], rtol=1e-12)


# -- warnings point at the caller -------------------------------------------------------------


def test_an_account_told_by_its_own_module_has_households_and_warns_its_caller(monkeypatch):
    assert compute.account(TABLE, "production").total == 402
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(compute, "warn", where_told(told))
    Y = np.array([[100.0, 0, 500], [0, 900, -499], [0, 0, 1]])
    table = mc.MRIO.from_arrays(
        Z=np.zeros((3, 3)), Y=Y, regions=["A", "B", "C"], sectors=["1"],
        stressors={"GHG": [600, 4.01, 0.01]},
    )  # fmt: skip
    compute.account(table, "consumption", households=False)
    ((text, file),) = told
    assert text.startswith("consumption: accounts far beyond") and file == __file__
