"""Scenarios against accounts of tables that were changed and solved by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.tables import cases, toy

import mriocarbon as mc
from mriocarbon.errors import (
    AccountWarning,
    InputError,
    MriocarbonError,
    NonFiniteError,
    NotProductiveError,
    UnknownNameError,
)
from mriocarbon.structure.changes import Change, altered
from mriocarbon.structure.scenario import PRIMARY, changed_table, scenario
from mriocarbon.structure.update import Updated, error_of_change

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


def parts(mrio):
    safe = np.where(mrio.x == 0, 1.0, mrio.x)
    A = np.where(mrio.x == 0, 0.0, mrio.Z / safe)
    q = np.where(mrio.x == 0, 0.0, mrio.extensions["emissions"].F[0] / safe)
    return A, q, np.array(mrio.final_demand)


def to_nobody(mrio, dA, dY):
    """Whether a sector without output would sell more."""
    dead = mrio.x == 0
    return (dA[dead] > 0).any() or (dY[dead] > 0).any()


def by_hand(A, q, Y, R):
    L = np.linalg.inv(np.eye(len(A)) - A)
    return (q @ L) @ Y, (q * (L @ Y.sum(1))).reshape(R, -1).sum(1)


@settings(max_examples=40, deadline=None)
@given(case=cases(max_regions=5, max_sectors=4, min_regions=2), share=st.floats(0, 1))
def test_every_kind_of_change_is_the_table_changed_by_hand(case, share):
    mrio = case.mrio()
    A, q, Y = parts(mrio)
    r, s = case.regions[0], case.sectors[-1]
    S = case.S
    k = S - 1  # (first region, last sector)
    to = case.regions[1]
    made = []
    A1, q1, Y1 = A.copy(), q.copy(), Y.copy()
    moved = share * A1[k, S : 2 * S]
    A1[k, S : 2 * S] -= moved
    A1[S + k, S : 2 * S] += moved
    made.append((Change("coefficients", region=r, sector=s, user=to, to=to, share=share),
                 (A1, q, Y)))  # fmt: skip
    q1[k] *= share
    made.append((Change("stressor", share, r, s), (A, q1, Y)))
    Y1[k, 1] *= 1 + share
    made.append((Change("demand", 1 + share, r, s, to), (A, q, Y1)))
    A2 = A.copy()
    A2[k] *= share
    made.append((Change("coefficients", share, region=r, sector=s), (A2, q, Y)))
    A3 = A.copy()
    A3[:, k] *= share
    made.append((Change("coefficients", share, user=r, user_sector=s), (A3, q, Y)))
    x = np.linalg.solve(np.eye(case.n) - A, Y1.sum(1))
    for change, (A_, q_, Y_) in made:
        x = np.linalg.solve(np.eye(case.n) - A_, Y_.sum(1))
        if (x < -1e-9 * np.abs(x).max()).any():
            continue  # negative demand was scaled up
        if to_nobody(mrio, A_ - A, Y_ - Y):
            with pytest.raises(InputError, match="sectors without output would have to sell"):
                scenario(mrio, change)
            continue
        consumption, production = by_hand(A_, q_, Y_, case.R)
        base = by_hand(A, q, Y, case.R)
        for principle, want, was in (
            ("consumption", consumption, base[0]), ("production", production, base[1]),
        ):  # fmt: skip
            found = scenario(mrio, change, principle=principle)
            size = np.abs(want).sum() + np.abs(was).sum()
            np.testing.assert_allclose(found.new.value[: case.R], want, rtol=1e-10,
                                       atol=1e-10 * size)  # fmt: skip
            np.testing.assert_allclose(
                found.difference.value[: case.R], want - was, rtol=1e-8, atol=1e-10 * size
            )
        np.testing.assert_allclose(found.output.value.ravel(), x - mrio.x, rtol=1e-8,
                                   atol=1e-10 * np.abs(x).max())  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(case=cases(max_regions=4, max_sectors=4, min_regions=2), share=st.floats(0, 1))
def test_moving_suppliers_conserves_each_users_total(case, share):
    mrio = case.mrio()
    for change in (
        Change("coefficients", sector=case.sectors[0], to=case.regions[1], share=share),
        Change("demand", to=case.regions[1], share=share),
        Change("demand", region=case.regions[0], to=case.regions[1], share=share),
    ):
        try:
            after = altered(mrio, [change])
        except InputError as error:
            assert "without output" in str(error) and (mrio.x[case.S : 2 * case.S] == 0).any()
            continue
        np.testing.assert_allclose(after.A.sum(0), after.A0.sum(0), rtol=1e-12)
        np.testing.assert_allclose(after.Y.sum(0), mrio.final_demand.sum(0), rtol=1e-9,
                                   atol=1e-12 * np.abs(mrio.Y).max())  # fmt: skip
    if (mrio.x[case.S : 2 * case.S] == 0).any():
        return
    moved = altered(mrio, [Change("demand", to=case.regions[1], share=1.0)]).Y
    others = np.arange(case.n) // case.S != 1
    assert np.abs(moved[others]).max(initial=0.0) == 0.0


def test_any_principle_is_its_account_of_the_changed_table():
    mrio = toy()
    A, q, Y = parts(mrio)
    change = Change("coefficients", region="A", sector="1", user="A", to="B", share=0.4)
    moved = 0.4 * A[0, :2]
    A[0, :2] -= moved
    A[2, :2] += moved
    x = np.linalg.solve(np.eye(4) - A, Y.sum(1))
    by_hand_ = mc.MRIO.from_arrays(Z=A * x, Y=Y, regions=["A", "B"], sectors=["1", "2"],
                                   stressors={"GHG": q * x})  # fmt: skip
    for principle in ("consumption", "production", "income", "eebt", "shared", "value-added"):
        want = mc.account(by_hand_, principle, households=False)
        was = mc.account(mrio, principle, households=False)
        found = scenario(mrio, change, principle=principle)
        np.testing.assert_allclose(found.new.value, want.value, rtol=1e-12)
        np.testing.assert_allclose(found.base.value, was.value, rtol=1e-12)
        np.testing.assert_allclose(found.difference.value, want.value - was.value, atol=1e-11)
    assert found.to_pandas()["percent"].iloc[0] == pytest.approx(
        100 * (want.value[0] / was.value[0] - 1)
    )


def test_world_change_is_the_same_by_consumption_production_and_where_it_occurs():
    mrio = mc.load("oecd-icio-2022")
    change = [
        Change("coefficients", region="CHN", sector="C24A", user="CHN", to="JPN", share=0.3),
        Change("stressor", 0.5, "CHN", "D"),
        Change("demand", 0.9, sector="C29", user="USA", keep_total=True),
    ]
    consumed, made = (
        scenario(mrio, change, stressor="GHG", principle=p) for p in ("consumption", "production")
    )
    assert consumed.difference.total == pytest.approx(made.difference.total, rel=1e-9)
    assert consumed.emissions.total == pytest.approx(made.difference.total, rel=1e-9)
    assert consumed.rank == 2 and consumed.method == "update"
    full = scenario(mrio, change, stressor="GHG", method="lu")
    np.testing.assert_allclose(consumed.new.value, full.new.value, rtol=1e-10)
    np.testing.assert_allclose(consumed.difference.value, full.difference.value, rtol=1e-8)
    assert full.method.startswith("lu (asked for)")
    assert any("origin of imported" in note.text for note in consumed.difference.notes)
    assert consumed.difference.estimated  # the marks of the table travel


def test_a_set_value_and_the_order_of_changes():
    mrio = toy()
    one = Change("coefficients", region="A", sector="1", user="B", user_sector="2", value=0.1)
    after = altered(mrio, [Change("coefficients", 0.0), one])
    assert after.A[0, 3] == 0.1 and np.count_nonzero(after.A) == 1
    assert not altered(mrio, [one, Change("coefficients", 0.0)]).A.any()
    assert (
        altered(mrio, [Change("demand", region="B", sector="2", user="A", value=-3)]).Y[3, 0] == -3
    )
    assert altered(mrio, [Change("stressor", region="B", sector="2", value=7)]).q[3] == 7


def test_mix_changes_and_the_level_stays():
    mrio = toy()
    after = altered(mrio, [Change("demand", 0.5, sector="1", user="A", keep_total=True)])
    assert after.Y[:, 0].sum() == pytest.approx(100)
    np.testing.assert_allclose(after.Y[[0, 2], 0], [15, 5])
    np.testing.assert_allclose(after.Y[1, 0] / after.Y[3, 0], 55 / 5)


def test_negative_demand_is_kept_and_told():
    mrio = toy(Y=[[30, 40], [55, 10], [10, 45], [-2, 120]])
    found = scenario(mrio, Change("stressor", 0.5))
    assert any("negative final demand is kept: 1 cells" in n.text for n in found.difference.notes)
    np.testing.assert_allclose(found.new.value, found.base.value / 2)


def test_other_uses_stay_visible():
    mrio = mc.MRIO.from_arrays(
        Z=[[20, 10], [15, 60]], Y=[[30, 40], [5, 110]], x=[105, 200], regions=["A", "B"],
        sectors=["1"], stressors={"GHG": [240, 40]},
    )  # fmt: skip
    found = scenario(mrio, Change("stressor", 0.5))
    want = mc.account(mrio, "consumption", households=False)
    assert found.base.coords["region"] == want.coords["region"] == ("A", "B", "unallocated")
    np.testing.assert_allclose(found.base.value, want.value, rtol=1e-12)


def test_the_changed_table_is_a_table():
    mrio = toy()
    table = changed_table(mrio, altered(mrio, [Change("coefficients", 0.5, region="A")]))
    np.testing.assert_allclose(table.Z.sum(1) + table.Y.sum(1), table.x, rtol=1e-13)
    assert not table.diagnostics


def test_a_sweep_that_holds_coefficients_is_scenarios():
    mrio = toy()
    changes = {
        "none": [],
        "less": [Change("coefficients", 0.5, "A")],
        "moved": [Change("demand", to="B", share=0.2)],
    }
    found = mc.sweep(mrio, changes, hold="coefficients")
    base = mc.account(mrio, "consumption", households=False)
    np.testing.assert_allclose(found.value[0], base.value, rtol=1e-12)
    for k, name in enumerate(changes):
        if changes[name]:
            np.testing.assert_allclose(
                found.value[k], scenario(mrio, changes[name]).new.value, rtol=1e-13
            )
    two = mc.sweep(mrio, {"d": [Change("demand", 2.0)]}, hold="coefficients")
    np.testing.assert_allclose(two.value[0], 2 * base.value, rtol=1e-12)  # linear: inputs follow
    flows = mc.sweep(mrio, {"d": [Change("demand", 2.0)]})
    assert flows.value.sum() < two.value.sum()  # there they do not


def test_sweeps_of_both_kinds_resume(tmp_path):
    names = {f"s{k}": [mc.Change("coefficients", k / 10)] for k in range(5)}
    one = mc.sweep(toy(), names, hold="coefficients", checkpoint=tmp_path / "run")
    for path in sorted((tmp_path / "run").glob("batch-*"))[:2]:
        path.unlink()
    two = mc.sweep(toy(), names, hold="coefficients", checkpoint=tmp_path / "run", resume=True)
    assert (one.value == two.value).all()


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: scenario(toy(), []), InputError, "no change"),
        (lambda: Change("coefficients"), InputError, "nothing"),
        (lambda: Change("coefficients", 1.0, value=2.0), InputError, "factor and value"),
        (lambda: Change("coefficients", share=0.5), InputError, "share= together with to="),
        (lambda: Change("coefficients", 0.5, to="B"), InputError, "together"),
        (lambda: Change("coefficients", share=1.2, to="B"), InputError, "from 0 to 1"),
        (lambda: Change("coefficients", share=float("nan"), to="B"), InputError, "from 0 to 1"),
        (lambda: Change("stressor", share=0.2, to="B"), InputError, "supplier mix"),
        (lambda: Change("coefficients", value=0.2), InputError, "name region, sector, user"),
        (lambda: Change("demand", region="A", sector="1", user="A", value=float("inf")),
         InputError, "finite"),
        (lambda: Change("flows", value=0.2), InputError, "use factor="),
        (lambda: Change("stressor", 0.5, keep_total=True), InputError, "keep_total"),
        (lambda: Change("demand", 0.5, user_sector="1"), InputError, "user_sector"),
        (lambda: scenario(toy(), Change("flows", 0.5)), InputError, "mc.sweep"),
        (lambda: scenario(toy(), Change("demand", 0.5, "C")), UnknownNameError, "C"),
        (lambda: scenario(toy(), Change("demand", 0.5, sector="9")), UnknownNameError, "9"),
        (lambda: scenario(toy(), Change("demand", share=0.5, to="C")), UnknownNameError, "C"),
        (lambda: scenario(toy(), Change("demand", share=0.5, region="B", to="B")), InputError,
         "already is"),
        (lambda: scenario(toy(), Change("demand", 0.5, keep_total=True)), InputError,
         "cannot make up"),
        (lambda: scenario(toy(), Change("demand", 1.0), principle="x"), UnknownNameError, "x"),
        (lambda: scenario(toy(), Change("demand", 1.0), stressor="x"), UnknownNameError, "x"),
        (lambda: scenario(toy(), Change("coefficients", 3.0)), NotProductiveError, "after the"),
        (lambda: scenario(toy(), Change("demand", region="B", sector="2", user="A", value=-900)),
         InputError, "output falls below zero"),
        (lambda: mc.sweep(toy(), {"x": [Change("coefficients", 0.5)]}), InputError, "hold="),
        (lambda: mc.sweep(toy(), {"x": [Change("demand", share=0.5, to="B")]}), InputError,
         "hold="),
        (lambda: mc.sweep(toy(), {"x": [Change("flows", 0.5)]}, hold="coefficients"), InputError,
         "flows follow"),
        (lambda: mc.sweep(toy(), {"x": [Change("demand", 0.5, "C")]}, hold="coefficients"),
         UnknownNameError, "C"),
        (lambda: mc.sweep(toy(), {"x": []}, hold="prices"), UnknownNameError, "prices"),
        (lambda: Change.parse("demand half"), InputError, "key=value"),
        (lambda: Change.parse("demand factor=half"), InputError, "number"),
        (lambda: Change.parse(""), UnknownNameError, "part"),
        (lambda: Change.parse("demand factor=0.5 keep_total=ture"), InputError, "ture"),
        (lambda: Change.parse("demand factor=0.5 factor=0.9"), InputError, "given twice"),
        (lambda: Change("stressor", 0.5, "A", user="B"), InputError, "user='B' on stressor"),
        (lambda: Change("flows", 0.5, user_sector="1"), InputError, "user_sector"),
        (lambda: Change("demand", factor="0.5"), InputError, "factor '0.5'"),
        (lambda: Change("demand", share="1", to="B"), InputError, "share '1'"),
        (lambda: Change("demand", 0.5, region=0), InputError, "region 0"),
        (lambda: scenario(toy(), "demand factor=0.5"), InputError, "no change"),
        (lambda: mc.sweep(toy(), {"x": "demand factor=0.5"}), InputError, "no change"),
        (lambda: scenario(toy(), [Change("demand", 0.5), 3]), InputError, "3 is no change"),
        (lambda: scenario(toy(), Change("demand", 0.5), households=True), InputError, "households"),
        (lambda: mc.sweep(toy(), {"x": []}, households=True), InputError, "households"),
        (lambda: Updated(mc.leontief(toy()), np.full((4, 4), np.nan)), NonFiniteError,
         "16 changes"),
        (lambda: Updated(mc.leontief(toy()), np.full((4, 4), np.inf)), NonFiniteError,
         "16 changes"),
        # one user's total is below what the change leaves
        (lambda: altered(toy(), [Change("demand", 9.0, sector="1", user="A", keep_total=True)]),
         InputError, "cannot make up"),
    ],
)  # fmt: skip
def test_bad_requests(make, error, told):
    with pytest.raises(error, match=told):
        make()


def test_a_change_is_read_and_told():
    text = 'coefficients region=CHN sector="C24 A" user=DEU to=JPN share=0.3'
    change = Change.parse(text)
    assert (change.sector, change.share, change.to) == ("C24 A", 0.3, "JPN")
    assert str(change) == "coefficients: 30 % of C24 A that DEU buys from CHN is bought from JPN"
    assert Change.parse("demand factor=0.5 keep_total=yes").keep_total
    assert str(Change("stressor", 0.5, "CHN", "D")) == "stressor: CHN D times 0.5"


def test_a_sector_that_loses_every_buyer_stands_still():
    mrio = toy()
    changes = [
        Change(part, region="A", sector="1", to="B", share=1.0)
        for part in ("coefficients", "demand")
    ]
    for principle in ("consumption", "production", "income", "value-added"):
        found = scenario(mrio, changes, principle=principle)
        assert found.output["A", "1"] == pytest.approx(-mrio.x[0], rel=1e-14)
        assert found.emissions["A", "1"] == pytest.approx(-240, rel=1e-14)
        assert found.new.total == pytest.approx(390 + found.emissions.total)


def with_idle(f=5.0):
    """Region B makes no 2, which emits f all the same."""
    return mc.MRIO.from_arrays(
        Z=[[20, 10, 15, 0], [10, 20, 0, 0], [5, 0, 20, 0], [0, 0, 0, 0]],
        Y=[[30, 40], [55, 10], [10, 45], [0, 0]], regions=["A", "B"], sectors=["1", "2"],
        stressors={"GHG": [240, 50, 60, f]},
    )  # fmt: skip


def test_nobody_sells_what_the_table_cannot_make():
    """No inputs and no emissions are no technology: what moves there would be free and clean."""
    mrio = with_idle(0.0)
    for change in (
        Change("demand", sector="2", to="B", share=1.0),
        Change("coefficients", sector="2", to="B", share=0.5),
        Change("demand", region="B", sector="2", user="A", value=3.0),
        Change("coefficients", region="B", sector="2", user="A", user_sector="1", value=0.1),
    ):
        with pytest.raises(InputError, match="1 sectors without output would have to sell") as told:
            scenario(mrio, change)
        assert "B 2" in str(told.value) and "value=" in str(told.value)
        for principle in ("production", "income"):
            with pytest.raises(InputError, match="without output"):
                scenario(mrio, change, principle=principle)
        if change.part != "flows":
            with pytest.raises(Exception, match="without output"):
                mc.sweep(mrio, {"x": [change]}, hold="coefficients")
    # its inputs alone, or its emissions alone, are half a technology
    inputs = Change("coefficients", region="A", sector="1", user="B", user_sector="2", value=0.3)
    dirty = Change("stressor", region="B", sector="2", value=2.0)
    moved = Change("demand", sector="2", to="B", share=1.0)
    for half in (inputs, dirty):
        with pytest.raises(InputError, match="without output"):
            scenario(mrio, [half, moved])
    found = scenario(mrio, [inputs, dirty, moved], principle="production")
    A, q, Y = parts(mrio)
    A[0, 3], q[3] = 0.3, 2.0
    Y[3] += Y[1]
    Y[1] = 0
    x = np.linalg.solve(np.eye(4) - A, Y.sum(1))
    np.testing.assert_allclose(found.new.value, (q * x).reshape(2, 2).sum(1), rtol=1e-12)
    # what moves nothing there stays allowed
    assert scenario(mrio, Change("demand", 0.5)).difference.total < 0


def test_nobody_sells_it_in_the_real_table_either():
    mrio = mc.load("oecd-icio-2022")
    with pytest.raises(InputError, match="CHL C29"):
        scenario(mrio, Change("demand", sector="C29", to="CHL", share=1), stressor="GHG")


@pytest.mark.parametrize("principle", ["consumption", "production", "income", "eebt"])
def test_emissions_of_sectors_without_output_stay_where_the_account_has_them(principle):
    mrio = with_idle()
    want = mc.account(mrio, principle, households=False)
    changes = {"same": [Change("demand", 1.0)], "less": [Change("demand", 0.5)],
               "clean": [Change("stressor", 0.5)]}  # fmt: skip
    for name, share in (("same", 1.0), ("less", 0.5), ("clean", 0.5)):
        found = scenario(mrio, changes[name], principle=principle)
        labels = found.base.coords["region"]
        assert labels == want.coords["region"]
        np.testing.assert_allclose(found.base.value, want.value, rtol=1e-12)
        idle = 2.5 if name == "clean" else 5.0
        assert found.new.total == pytest.approx(350 * share + idle)
        assert found.difference.total == pytest.approx(found.emissions.total, abs=1e-11)
        assert any("5 Mt CO2e of sectors without output" in n.text for n in found.new.notes)
    held = mc.sweep(mrio, changes, principle, hold="coefficients")
    flows = mc.sweep(mrio, changes, principle)
    for swept in (held, flows):
        assert swept.coords["region"] == want.coords["region"]
        np.testing.assert_allclose(swept.value[0], want.value, rtol=1e-12)
        np.testing.assert_allclose(swept.value[2], want.value / 2, rtol=1e-12)
    assert held.value[1].sum() == pytest.approx(180)  # every total closes
    clean = mc.sweep(mrio, {"clean": changes["clean"]}, principle)
    assert clean.coords["region"] == want.coords["region"]


def test_a_sweep_without_anything_unallocated_has_regions_alone():
    assert mc.sweep(toy(), {"x": []}).coords["region"] == ("A", "B")


@pytest.mark.parametrize("principle", ["consumption", "production", "eebt"])
def test_inputs_that_cost_more_than_the_output_are_told(principle):
    mrio = toy()
    change = Change("coefficients", 3.6, user="A", user_sector="1")
    with pytest.warns(AccountWarning, match="primary inputs fall below zero: A 1 1.05"):
        found = scenario(mrio, change, principle=principle)
    assert any("A 1 1.05" in n.text for n in found.difference.notes)
    swept = "x: inputs of 1 sectors"
    with pytest.warns(AccountWarning, match=swept):
        many = mc.sweep(mrio, {"x": [change]}, principle, hold="coefficients")
    assert any(swept in n.text for n in many.notes)


def test_principles_that_divide_by_primary_inputs_refuse_negative_ones(monkeypatch):
    from mriocarbon.accounts.economy import TableEconomy

    used = set()
    real = TableEconomy.primary
    for chosen in mc.principles():
        name = chosen if isinstance(chosen, str) else chosen.name

        def spy(self, which, name=name):
            used.add(name)
            return real(self, which)

        monkeypatch.setattr(TableEconomy, "primary", spy)
        try:
            mc.account(toy(), name, households=False)
        except MriocarbonError:
            continue
    assert used == set(PRIMARY)  # the list is complete
    for name in PRIMARY:
        with pytest.raises(InputError, match=r"A 1 1\.05"):
            scenario(toy(), Change("coefficients", 3.6, user="A", user_sector="1"), principle=name)
        scenario(toy(), Change("coefficients", 1.1, user="A", user_sector="1"), principle=name)


def true_share(mrio, share):
    """Change of output for (1 - share) times the inputs of C24A in China, without a difference."""
    x, k = mrio.x, mrio.index.pairs.index(("CHN", "C24A"))
    A = np.where(x > 0, mrio.Z / np.where(x > 0, x, 1.0), 0.0)
    column = np.linalg.solve(np.eye(len(x)) - A, A[:, k])
    return -share * x[k] / (1 + share * column[k]) * column


@pytest.mark.parametrize("share", [1e-3, 1e-6, 1e-9])
def test_the_stated_error_of_a_change_is_at_least_the_true_one(share):
    mrio = mc.load("oecd-icio-2022")
    want = true_share(mrio, share)
    q = np.where(mrio.x > 0, mrio.extensions["GHG"].F[0] / np.where(mrio.x > 0, mrio.x, 1.0), 0.0)
    change = Change("coefficients", 1 - share, user="CHN", user_sector="C24A")
    found = scenario(mrio, change, stressor="GHG", principle="production")
    gone = mc.extract(mrio, region="CHN", sector="C24A", links="purchases", share=share,
                      stressor="GHG")  # fmt: skip
    v = np.where(mrio.x > 0, mrio.primary_inputs / np.where(mrio.x > 0, mrio.x, 1.0), 0.0)
    for result, truth in (
        (found.output, want), (found.emissions, q * want), (gone.output, want),
        (gone.emissions, q * want), (gone.value_added, v * want),
    ):  # fmt: skip
        off = np.abs(result.value.ravel() - truth).sum() / np.abs(truth).sum()
        assert off <= result.error < 1e-9 / share
        assert gone.by_region().error == gone.emissions.error
    gap = (q * want).reshape(20, 50).sum(1)
    off = np.abs(found.difference.value - gap).sum() / np.abs(gap).sum()
    assert off <= found.difference.error < 1e-9 / share
    assert found.difference.error > found.new.error  # the smaller, the less is known of it


def test_a_change_of_nothing_has_no_relative_error():
    assert np.isnan(error_of_change(1e-12, [1.0], [1.0], [0.0]))
    assert error_of_change(1e-12, [100.0, -100], [99.0, -99], [-1.0, 1]) == pytest.approx(1.99e-10)


def test_notes_and_warnings_of_the_account_are_kept():
    mrio = mc.load("oecd-icio-2022")
    before = mc.account(mrio, "era", stressor="GHG", households=False)
    lost = {n.text for n in before.notes}
    found = scenario(mrio, Change("stressor", 0.5, "CHN", "D"), stressor="GHG", principle="era")
    texts = [n.text for n in found.difference.notes]
    assert any("experimental" in text for text in texts) and lost <= set(texts)
    assert len(texts) == len(set(texts))
    # one that warns
    odd = toy(Y=[[30, 40], [-30, 90], [10, 45], [5, 120]], stressors={"GHG": [1, 5000, 1, 1]})
    with pytest.warns(AccountWarning, match="below zero") as kept:
        mc.account(odd, "eebt", households=False)
        found = scenario(odd, Change("demand", 1.0), principle="eebt")
    told = {str(w.message) for w in kept}
    assert told & {n.text for n in found.difference.notes}


def test_a_change_moves_and_scales_negative_demand_like_any_other():
    mrio = toy(Y=[[30, 40], [55, 10], [10, 45], [-2, 120]])
    assert altered(mrio, [Change("demand", 0.5)]).Y[3, 0] == -1
    moved = altered(mrio, [Change("demand", sector="2", to="A", share=0.5)]).Y
    assert moved[3, 0] == -1 and moved[1, 0] == 54
    kept = altered(mrio, [Change("demand", 0.5, sector="1", user="A", keep_total=True)]).Y
    assert kept[3, 0] == pytest.approx(-2 * 73 / 53)
    plain = toy()
    after = scenario(plain, Change("demand", region="B", sector="2", user="A", value=-1.0))
    assert any("0 cells before, 1 after" in n.text for n in after.difference.notes)


def test_rounding_below_zero_is_no_output():
    """Everything bought of A 1 goes elsewhere: what is left is zero, not -1e-15."""
    mrio = mc.load("oecd-icio-2022")
    gone = [
        Change(part, region="CHN", sector="C24A", to="JPN", share=1.0)
        for part in ("coefficients", "demand")
    ]
    table = changed_table(mrio, altered(mrio, gone, "GHG"))
    assert table.x.min() >= 0.0
    from mriocarbon.structure.scenario import _outputs

    np.testing.assert_array_equal(_outputs(np.array([5.0, -1e-12, 0.0, -1e-9])),
                                  [5.0, 0.0, 0.0, -1e-9])  # fmt: skip


def test_results_carry_year_and_stressor():
    found = scenario(mc.load("oecd-icio-2022"), Change("demand", 0.9), stressor="CO2")
    for result in (found.base, found.new, found.difference, found.output, found.emissions):
        told = result.metadata()
        assert (told["year"], told["stressor"]) == ("2022", "CO2")
