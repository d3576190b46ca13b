"""What a streamed account says, asks for and holds in memory: names, refusals, estimates."""

import numpy as np
import pytest
from properties.frames import where_told
from properties.steps import Steps
from properties.stored import wide
from properties.tables import TOY_F, TOY_Y, TOY_Z, toy

import mriocarbon as mc
from mriocarbon.accounts import streamed
from mriocarbon.accounts.streamed import needed, streamed_account, streamed_footprints
from mriocarbon.errors import (
    ConvergenceError,
    MemoryLimitError,
    MriocarbonError,
    NotProductiveError,
    TableWarning,
)
from mriocarbon.io import store as module


@pytest.fixture(autouse=True)
def one_solver(monkeypatch):
    monkeypatch.setattr(streamed, "Leontief", Steps)
    monkeypatch.setattr(module, "CHUNK", 60)


@pytest.fixture
def path(tmp_path):
    """GHG is the last of three, so that the first is not it."""
    stressors = {"CO2": TOY_F / 2, "CH4": TOY_F / 4, "GHG": TOY_F}
    return mc.save(toy(stressors=stressors, households=None), tmp_path / "three.zarr")


def refusal(call) -> tuple[str, str, str]:
    with pytest.raises(MriocarbonError) as caught:
        call()
    return caught.value.what, caught.value.where, caught.value.do


def test_ghg_is_meant_wherever_it_stands_and_a_name_is_taken_at_its_word(path):
    found = streamed_footprints(path)
    want = {"CO2": 195, "CH4": 97.5, "GHG": 390}
    for name, total in want.items():
        assert found.account("consumption", name, households=False).total == pytest.approx(total)
        alone = streamed_account(path, "consumption", stressor=name, households=False)
        assert alone.total == pytest.approx(total) and alone.provenance.stressor == name
    assert found.account("consumption", households=False).total == pytest.approx(390)
    assert found.account("consumption", households=False).provenance.stressor == "GHG"


def test_one_account_solves_one_stressor_and_tells_how_far_it_is(path, monkeypatch):
    monkeypatch.setattr("mriocarbon.io.store_bands.TELL", 0.0)
    solved, told = [], []

    class Counted(Steps):
        def multipliers(self, S):
            solved.append(len(S))
            return super().multipliers(S)

    monkeypatch.setattr(streamed, "Leontief", Counted)
    streamed_account(path, "consumption", stressor="CH4", households=False, progress=told.append)
    assert solved == [1]
    assert told[0].startswith("verifying")


def test_one_account_of_a_stressor_that_two_extensions_hold(tmp_path):
    one = toy().extensions["emissions"]
    other = mc.Extension("other", one.stressors, 2 * one.F, one.units)
    path = mc.save(toy().replace_extensions(one, other), tmp_path / "t.zarr")
    found = streamed_account(path, "consumption", stressor="other/GHG", households=False)
    assert found.total == pytest.approx(780)


def test_refusals_say_what_where_and_what_to_do(path):
    found = streamed_footprints(path, ["CO2", "CH4"])
    known = ("stressor, 2 known", "known: CO2, CH4")
    several = "no stressor is named, and there are several"
    do = "name one: stressor='CO2' (on the command line --stressor CO2)"
    told = (several, "2 stressors: CO2, CH4", do)
    assert refusal(lambda: found.account("production")) == told
    assert refusal(lambda: found.account("production", "x")) == ("unknown stressor 'x'", *known)
    told = (several, "3 stressors: CO2, CH4, GHG", do)
    assert refusal(lambda: streamed_footprints(path, [])) == told
    assert refusal(lambda: found.account("income", "CO2")) == (
        "income is not computed from a store",
        "streamed_footprints",
        "ask for consumption or production, or load the table: mc.load(path)",
    )
    with pytest.raises(MemoryLimitError) as caught:
        streamed_footprints(path, memory=1)
    assert caught.value.where == str(path)
    assert caught.value.do == (
        "free some memory or allow more (memory=), name fewer stressors, or aggregate the table;"
        " a store of single precision needs less: mc.save(..., single=True)"
    )


def test_production_is_as_sure_as_a_sum(tmp_path):
    path = mc.save(wide(), tmp_path / "t.zarr")
    found = streamed_footprints(path, ["v"]).account("production", households=False)
    assert found.error == pytest.approx(np.finfo(float).eps * np.log2(151), rel=1e-9, abs=0)


def test_columns_that_are_not_productive_are_named(tmp_path, monkeypatch):
    """With a cell below zero the radius is looked at in bands, and the table is never loaded."""
    monkeypatch.setattr(streamed, "Leontief", mc.Leontief)
    with pytest.warns(TableWarning):
        table = mc.MRIO.from_arrays(
            Z=[[1.2, 0.1], [-0.1, 0.2]], Y=np.eye(2), x=[1.0, 1.0], regions=["A", "B"],
            sectors=["1"], stressors={"GHG": [1, 1]},
        )  # fmt: skip
    path = mc.save(table, tmp_path / "t.zarr")
    with pytest.warns(TableWarning), pytest.raises(NotProductiveError) as caught:
        streamed_footprints(path)
    assert "A 1 (inputs 1.1 of output)" in str(caught.value)


def test_idle_sectors_that_only_buy_or_only_sell_are_told_where_the_caller_stands(
    tmp_path, monkeypatch
):
    Z, Y = TOY_Z.copy(), TOY_Y.copy()
    Z[2], Z[3], Y[2], Y[3] = 0.0, 0.0, 0.0, 0.0
    Z[:, 3] = 0.0
    Z[3, 0] = 5.0  # B 1 only buys, B 2 only sells
    x = (Z.sum(axis=1) + Y.sum(axis=1)) * [1, 1, 1, 0]
    with pytest.warns(TableWarning):
        table = toy(Z=Z, Y=Y, x=x)
    assert any("2 sectors of zero output still buy or sell" in text for text in table.diagnostics)
    path, told = mc.save(table, tmp_path / "t.zarr"), []
    monkeypatch.setattr(streamed, "warn", where_told(told))
    found = streamed_footprints(path)
    assert [text for text, _ in told] == list(table.diagnostics)
    assert {file for _, file in told} == {__file__}
    # they emit for nobody: F/x is 0 where x is
    np.testing.assert_array_equal(found.multipliers[0, 2:], 0.0)


def test_a_table_is_loaded_after_all_where_three_of_it_fit(path, monkeypatch):
    class Stuck(Steps):
        def multipliers(self, S):
            raise ConvergenceError("stuck")

    monkeypatch.setattr(streamed, "Leontief", Stuck)
    monkeypatch.setattr(streamed, "require", lambda *a, **k: None)
    store = mc.Store(path)
    size = store.bytes_of(list(store.arrays))
    monkeypatch.setattr(streamed, "available", lambda: 3.5 * size)
    assert streamed_footprints(path, ["CO2"]).method == "lu"
    monkeypatch.setattr(streamed, "available", lambda: 2.5 * size)
    with pytest.raises(ConvergenceError, match="stuck"):
        streamed_footprints(path, ["CO2"])


def test_half_of_what_is_free_may_hold_bands_or_all_that_was_asked_for(path, monkeypatch):
    kept, whole = [], module.Store.bands

    def bands(self, *, keep=-1.0, progress=None):
        kept.append(keep)
        return whole(self, keep=keep, progress=progress)

    monkeypatch.setattr(module.Store, "bands", bands)
    need, _ = needed(mc.Store(path), 1)
    monkeypatch.setattr(streamed, "available", lambda: 10 * need)
    streamed_footprints(path, ["CO2"])
    streamed_footprints(path, ["CO2"], memory=3 * need)
    monkeypatch.setattr(streamed, "available", lambda: need)  # half of it is less than it needs
    streamed_footprints(path, ["CO2"])
    assert kept == [4 * need, 2 * need, 0]


@pytest.mark.parametrize(("readers", "bands"), [(1, 3), (4, 4)])
def test_the_estimate_is_the_sum_of_what_is_held(tmp_path, monkeypatch, readers, bands):
    """Two bands ahead of the one in use, or one for each reader; two more in double precision."""
    store = mc.Store(mc.save(wide(), tmp_path / "t.zarr"))
    monkeypatch.setattr(streamed, "workers", lambda: readers)
    n, rows, R = 150, 60, 5
    small = store.bytes_of([name for name in store.arrays if name != "Z"])
    vectors = 8 * n * (40 * 3 + 4 * 3 + R) + 200 * n
    want = small + bands * rows * n * 8 + 2 * 8 * rows * n + vectors
    assert needed(store, 3) == (want, 3)
