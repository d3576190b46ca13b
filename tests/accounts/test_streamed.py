"""Footprints from a store are those of the loaded table, and bad input is refused in words."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from properties.steps import Steps
from properties.stored import full, wide
from properties.tables import TOY_F, TOY_Y, TOY_Z, cases, toy

import mriocarbon as mc
from mriocarbon.accounts import streamed
from mriocarbon.accounts.streamed import needed, streamed_account, streamed_footprints
from mriocarbon.errors import (
    ConvergenceError,
    DataFileError,
    InputError,
    LabelError,
    MemoryLimitError,
    NotAvailableError,
    NotProductiveError,
    TableWarning,
    UnknownNameError,
)
from mriocarbon.io import store as module
from mriocarbon.model import memory

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")


@pytest.fixture(autouse=True)
def one_solver(monkeypatch):
    """Independent of the package's own solver: what is tested here is what it is given."""
    monkeypatch.setattr(streamed, "Leontief", Steps)
    monkeypatch.setattr(module, "CHUNK", 60)


def same_account(found: mc.Result, want: mc.Result) -> None:
    np.testing.assert_allclose(found.value, want.value, rtol=1e-10, atol=1e-10 * abs(want.total))
    assert (found.name, found.dims, found.unit) == (want.name, want.dims, want.unit)
    assert dict(found.coords) == dict(want.coords)
    assert set(found.parts) == set(want.parts)
    assert set(want.notes) == set(found.notes)
    assert found.provenance.stressor == want.provenance.stressor
    assert found.provenance.sources == want.provenance.sources
    assert (found.low is None) == (want.low is None)
    if want.low is not None:
        np.testing.assert_allclose(found.low, want.low, rtol=1e-9)
        np.testing.assert_allclose(found.high, want.high, rtol=1e-9)


# -- the same numbers ------------------------------------------------------------------------


@pytest.mark.parametrize("households", [False, True])
@pytest.mark.parametrize("principle", ["consumption", "production"])
def test_accounts_are_those_of_the_loaded_table(tmp_path, principle, households):
    table = wide()
    found = streamed_footprints(mc.save(table, tmp_path / "t.zarr"))
    assert found.stressors == tuple("vwxyz") == table.stressors
    for stressor in found.stressors:
        want = mc.account(table, principle, stressor=stressor, households=households)
        same_account(found.account(principle, stressor, households=households), want)
    want = mc.leontief(table).multipliers(table.extensions["emissions"].F / table.x)
    np.testing.assert_allclose(found.multipliers, want.value, rtol=1e-10)
    with pytest.raises(ValueError):
        found.multipliers[0, 0] = 1


@given(case=cases(max_regions=4, max_sectors=3))
@settings(max_examples=15)
def test_any_table(case, tmp_path_factory):
    table = case.mrio()
    path = mc.save(table, tmp_path_factory.mktemp("s") / "t.zarr")
    same_account(
        streamed_footprints(path, ["GHG"]).account("consumption", households=False),
        mc.account(table, "consumption", stressor="GHG", households=False),
    )


@given(case=cases(max_regions=5, max_sectors=4))
@settings(max_examples=20)
def test_any_table_with_the_packages_own_solver(case, tmp_path_factory):
    table = case.mrio()
    path = mc.save(table, tmp_path_factory.mktemp("s") / "t.zarr")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streamed, "Leontief", mc.Leontief)
        patch.setattr(module, "CHUNK", len(case.sectors))  # each region a band
        found = streamed_footprints(path, ["GHG"])
    want = mc.account(table, "consumption", stressor="GHG", households=False)
    same_account(found.account("consumption", households=False), want)
    assert found.error < 1e-9 and found.method == "iterative"


@pytest.mark.parametrize("single", [False, True])
def test_the_embedded_table_with_the_packages_own_solver(tmp_path, monkeypatch, single):
    monkeypatch.setattr(streamed, "Leontief", mc.Leontief)
    path = mc.save(mc.load("oecd-icio-2022"), tmp_path / "t.zarr", single=single)
    table, found = mc.load(path), streamed_footprints(path)
    for stressor in found.stressors:
        want = mc.account(table, "consumption", stressor=stressor, households=False)
        same_account(found.account("consumption", stressor, households=False), want)
    assert found.bound and found.error < 1e-9


def test_ranges_and_marks_travel(tmp_path):
    table = mc.load("oecd-icio-2022")
    found = streamed_footprints(mc.save(table, tmp_path / "t.zarr"), ["GHG", "CO2"])
    for principle in ("consumption", "production"):
        for stressor in ("GHG", "CO2"):
            want = mc.account(table, principle, stressor=stressor)
            result = found.account(principle, stressor)
            same_account(result, want)
            assert result.estimated and result.low is not None
    method = found.account("consumption", "GHG").provenance.method
    assert "consumption" in method and "streamed from the store, steps" in method


def test_emissions_that_cannot_be_placed_stay_visible(tmp_path):
    Z, Y = TOY_Z.copy(), TOY_Y.copy()
    Z[2], Z[:, 2], Y[2] = 0.0, 0.0, 0.0
    table = toy(Z=Z, Y=Y)
    found = streamed_footprints(mc.save(table, tmp_path / "t.zarr"))
    result = found.account("consumption", households=False)
    same_account(result, mc.account(table, "consumption", households=False))
    assert result["unallocated"] == pytest.approx(60)


def test_single_precision_is_told_on_the_result(tmp_path):
    table = toy(Z=TOY_Z / 3, Y=TOY_Y / 7)
    path = mc.save(table, tmp_path / "t.zarr", single=True)
    result = streamed_footprints(path).account("consumption")
    same_account(result, mc.account(mc.load(path), "consumption"))
    assert any("single precision" in note.text for note in result.notes)
    exact = mc.account(table, "consumption")
    np.testing.assert_allclose(result.value, exact.value, rtol=1e-6)


@pytest.mark.parametrize("extra", [0, 1e9])
def test_any_memory_that_is_enough_gives_the_same(tmp_path, extra, monkeypatch):
    path = mc.save(wide(), tmp_path / "t.zarr")
    store = mc.Store(path)
    need, together = needed(store)
    assert together == 5
    monkeypatch.setattr(streamed, "TOGETHER", 2 * 8 * 150 * streamed.VECTORS)
    need, together = needed(store)
    assert together == 2  # in three turns
    found = streamed_footprints(path, memory=need + extra)
    np.testing.assert_allclose(
        found.consumption, mc.all_accounts(wide()).consumption.sum(axis=2), rtol=1e-10
    )


def test_progress_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("mriocarbon.io.store_bands.TELL", 0.0)
    told = []
    streamed_footprints(mc.save(wide(), tmp_path / "t.zarr"), ["v"], progress=told.append)
    assert told[0].startswith("verifying: band 1 of 3") and "pass 2: band 3 of 3" in str(told)


def test_what_is_not_clean_is_warned_of_as_in_loading(tmp_path):
    table = toy(x=TOY_Z.sum(1) + TOY_Y.sum(1) + [7, 0, 0, 0])
    path = mc.save(table, tmp_path / "t.zarr")
    with pytest.warns(TableWarning, match="do not balance") as told:
        streamed_footprints(path)
    assert [str(one.message) for one in told] == list(table.diagnostics)


# -- bad input -------------------------------------------------------------------------------


def message(error, call) -> str:
    with pytest.raises(error) as caught:
        call()
    text = str(caught.value)
    assert "\n  where: " in text and "\n  what to do: " in text
    return text


@pytest.mark.parametrize("how", ["flip", "missing"])
@pytest.mark.parametrize("array", ["Z", "Y", "F__emissions"])
def test_a_damaged_or_missing_chunk(tmp_path, array, how):
    path = mc.save(wide(), tmp_path / "t.zarr")
    chunk = sorted(p for p in (path / array / "c").rglob("*") if p.is_file())[-1]
    content = bytearray(chunk.read_bytes())
    content[len(content) // 2] ^= 1
    chunk.unlink() if how == "missing" else chunk.write_bytes(content)
    text = message(DataFileError, lambda: streamed_footprints(path, ["v"]))
    assert f"array {array}" in text and str(path) in text
    assert not any(t.name.startswith("mriocarbon-store") for t in threading.enumerate())


def test_damage_in_the_middle_of_the_solve(tmp_path, monkeypatch):
    path = mc.save(wide(), tmp_path / "t.zarr")

    class Breaking(Steps):
        def multipliers(self, S):
            (path / "Z" / "c" / "2" / "0").write_bytes(b"nothing of the kind")
            return super().multipliers(S)

    monkeypatch.setattr(streamed, "Leontief", Breaking)
    need, _ = needed(mc.Store(path), 1)
    text = message(DataFileError, lambda: streamed_footprints(path, ["v"], memory=need))
    assert "chunk 2/0" in text
    assert not any(t.name.startswith("mriocarbon-store") for t in threading.enumerate())


def test_what_is_no_store(tmp_path):
    assert "no such store" in message(
        DataFileError, lambda: streamed_footprints(tmp_path / "none.zarr")
    )
    file = mc.save(toy(), tmp_path / "t.npz")
    assert "table convert" in message(DataFileError, lambda: streamed_footprints(file))
    (tmp_path / "empty.zarr").mkdir()
    message(DataFileError, lambda: streamed_footprints(tmp_path / "empty.zarr"))


def test_names_that_are_not_there(tmp_path):
    path = mc.save(wide(), tmp_path / "t.zarr")
    message(UnknownNameError, lambda: streamed_footprints(path, ["vv"]))
    assert "no CH4" in message(NotAvailableError, lambda: streamed_footprints(path, ["CH4"]))
    message(UnknownNameError, lambda: streamed_footprints(path, []))
    found = streamed_footprints(path, ["v", "w"])
    message(UnknownNameError, lambda: found.account("consumption"))
    message(UnknownNameError, lambda: found.account("consumption", "x"))
    message(UnknownNameError, lambda: found.account("consumptoin", "v"))
    assert "mc.load" in message(NotAvailableError, lambda: found.account("eebt", "v"))
    bare = mc.save(toy(stressors=None, households=None), tmp_path / "bare.zarr")
    message(UnknownNameError, lambda: streamed_footprints(bare))
    assert "no emissions" in message(NotAvailableError, lambda: streamed_footprints(bare, ["GHG"]))


def test_unknown_households_are_not_zero(tmp_path):
    found = streamed_footprints(mc.save(full(), tmp_path / "t.zarr"), ["CH4"])
    message(NotAvailableError, lambda: found.account("consumption"))
    found.account("consumption", households=False)


def test_a_stressor_that_two_extensions_hold(tmp_path):
    one = toy().extensions["emissions"]
    other = mc.Extension("other", one.stressors, 2 * one.F, one.units)
    path = mc.save(toy().replace_extensions(one, other), tmp_path / "t.zarr")
    message(LabelError, lambda: streamed_footprints(path, ["GHG"]))
    found = streamed_footprints(path)
    assert found.stressors == ("emissions/GHG", "other/GHG")
    np.testing.assert_allclose(found.production[1], 2 * found.production[0])


def test_too_little_memory_is_refused_before_anything_is_read(tmp_path, monkeypatch):
    path = mc.save(wide(), tmp_path / "t.zarr")
    need, _ = needed(mc.Store(path), 1)
    for chunk in path.rglob("c/**/*"):
        if chunk.is_file():
            chunk.unlink()
    text = message(MemoryLimitError, lambda: streamed_footprints(path, ["v"], memory=need - 1))
    assert "150 sectors" in text and "MiB are allowed" in text and "single=True" in text
    monkeypatch.setattr(memory, "available", lambda: need - 1)
    assert "are available" in message(MemoryLimitError, lambda: streamed_footprints(path, ["v"]))
    message(InputError, lambda: streamed_footprints(path, ["v"], memory=-1))


def test_a_table_that_is_not_productive(tmp_path):
    Z = np.array([[1.2, 0.1], [0.3, 0.2]])
    table = mc.MRIO.from_arrays(
        Z=Z, Y=np.eye(2), x=[1.0, 1.0], regions=["A", "B"], sectors=["1"],
        stressors={"GHG": TOY_F[:2]},
    )  # fmt: skip
    path = mc.save(table, tmp_path / "t.zarr")
    message(NotProductiveError, lambda: streamed_footprints(path))


def test_the_estimate_counts_bands_vectors_and_what_is_beside_them(tmp_path):
    store = mc.Store(mc.save(wide(), tmp_path / "t.zarr"))
    few, many = needed(store, 1)[0], needed(store, 5)[0]
    assert many - few == 8 * 150 * (streamed.VECTORS + 4) * 4
    assert few > store.bytes_of(["Y", "x"]) + 3 * 60 * 150 * 8


# -- what is stated with it, and asked before -----------------------------------------------------


def test_the_worst_batch_speaks_for_all(tmp_path, monkeypatch):
    table = wide()
    store = mc.save(table, tmp_path / "t.zarr")
    errors = iter([1e-12, 3e-11, 2e-12, 1e-13, 1e-13])
    sure = iter([True, False, True, True, True])

    class Told(Steps):
        def multipliers(self, S):
            found = super().multipliers(S)
            found.error, found.bound = next(errors), next(sure)
            return found

    monkeypatch.setattr(streamed, "Leontief", Told)
    monkeypatch.setattr(streamed, "TOGETHER", 1)  # one stressor at a time
    found = streamed_footprints(store)
    assert found.error == 3e-11 and not found.bound
    assert found.account("consumption", "v", households=False).error == 3e-11
    assert found.account("production", "v", households=False).error < 1e-14


def test_without_convergence_a_table_that_fits_is_loaded_and_solved(tmp_path, monkeypatch):
    class Stuck(Steps):
        def multipliers(self, S):
            raise ConvergenceError("stuck")

    monkeypatch.setattr(streamed, "Leontief", Stuck)
    table = wide()
    store = mc.save(table, tmp_path / "t.zarr")
    found = streamed_footprints(store, ["v"])
    want = mc.account(table, "consumption", stressor="v", households=False)
    same_account(found.account("consumption", households=False), want)
    assert found.method == "lu" and found.bound
    monkeypatch.setattr(streamed, "available", lambda: 10)
    monkeypatch.setattr(streamed, "require", lambda *a, **k: None)
    with pytest.raises(ConvergenceError, match="stuck"):
        streamed_footprints(store, ["v"])


@pytest.mark.parametrize(
    ("principle", "more", "error"),
    [
        ("income", {}, NotAvailableError),
        ("consumtion", {}, UnknownNameError),
        ("consumption", {"stressor": "no"}, UnknownNameError),
        ("consumption", {"stressor": "CO2"}, NotAvailableError),
    ],
)
def test_what_cannot_be_answered_is_refused_before_the_solve(
    tmp_path, monkeypatch, principle, more, error
):
    monkeypatch.setattr(streamed, "streamed_footprints", lambda *a, **k: pytest.fail("solved"))
    store = mc.save(toy(households=None), tmp_path / "t.zarr")
    with pytest.raises(error):
        streamed_account(store, principle, **more)
    with pytest.raises(NotAvailableError, match="households"):
        streamed_account(store, "consumption")


def test_an_account_needs_no_name_where_there_is_one_or_ghg(tmp_path):
    store = mc.save(toy(), tmp_path / "t.zarr")
    same_account(streamed_account(store, "consumption"), mc.account(toy(), "consumption"))
    both = toy(stressors={"GHG": TOY_F, "CO2": TOY_F / 2}, households=None)
    two = mc.save(both, tmp_path / "two.zarr")
    found = streamed_footprints(two).account("consumption", households=False)
    same_account(found, mc.account(both, "consumption", stressor="GHG", households=False))


def test_a_progress_that_fails_is_no_damage(tmp_path, monkeypatch):
    monkeypatch.setattr("mriocarbon.io.store_bands.TELL", 0.0)
    store = mc.save(wide(), tmp_path / "t.zarr")

    def fail(text):
        raise ValueError("no screen")

    with pytest.raises(InputError, match="progress= failed: no screen"):
        streamed_footprints(store, ["v"], progress=fail)
