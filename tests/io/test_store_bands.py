"""Stores written from bands of rows, read in bands of rows: the same table, nothing half."""

import threading
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.stored import full, same, wide
from properties.tables import TOY_F, TOY_Y, TOY_Z, cases, toy

import mriocarbon as mc
from mriocarbon.errors import (
    DataFileError,
    InputError,
    MemoryLimitError,
    MriocarbonWarning,
    NegativeOutputError,
    NonFiniteError,
    ShapeError,
)
from mriocarbon.io import store as module
from mriocarbon.io import store_bands
from mriocarbon.io.store_write import write_store
from mriocarbon.model import memory

pytestmark = pytest.mark.filterwarnings("ignore::mriocarbon.errors.MriocarbonWarning")
ABOUT = (
    "value_added", "categories", "value_added_rows", "money_unit", "year", "price_year", "notes",
    "provenance", "other_inputs", "other_uses", "table_type", "price_basis", "estimated",
)  # fmt: skip


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 60)
    monkeypatch.setattr(store_bands, "GAP", 8)


def rebuilt(bands) -> np.ndarray:
    """Z out of the pieces of all bands."""
    Z = np.zeros((bands.n, bands.n))
    for k, (a, b) in enumerate(zip(bands.edges[:-1], bands.edges[1:], strict=True)):
        for start, block in bands.band(k):
            assert block.flags.c_contiguous and block.shape[0] == b - a
            Z[a:b, start : start + block.shape[1]] += block
    return Z


def written(table: mc.MRIO, path: Path, cuts=(), **options) -> Path:
    about = {name: getattr(table, name) for name in ABOUT}
    about |= {"index": table.index, "Y": table.Y, "x": table.x}
    about["extensions"] = table.extensions.values()
    bands = np.split(table.Z, sorted(cuts))
    return write_store(path, bands, **{**about, **options})


# -- writing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [full, wide])
def test_bands_write_the_same_store_as_the_table(tmp_path, make):
    table = make()
    a = mc.save(table, tmp_path / "a.zarr")
    for k, cuts in enumerate([(), (1, 2), (1, 3, 3, len(table.x) - 1)]):
        b = written(table, tmp_path / f"b{k}.zarr", cuts)
        for file in (p.relative_to(a) for p in a.rglob("*") if p.is_file()):
            assert (a / file).read_bytes() == (b / file).read_bytes(), file


@given(case=cases(max_regions=4, max_sectors=3), data=st.data())
@settings(max_examples=15)
def test_any_cuts_give_the_same_table(case, data, tmp_path_factory):
    table = case.mrio()
    cuts = data.draw(st.lists(st.integers(0, case.n), max_size=5))
    path = written(table, tmp_path_factory.mktemp("s") / "t.zarr", cuts)
    same(mc.load(path), table)
    with mc.Store(path).bands() as bands:
        np.testing.assert_array_equal(rebuilt(bands), table.Z)


def test_output_that_is_left_out_is_the_sum_of_the_rows(tmp_path):
    path = written(toy(), tmp_path / "t.zarr", x=None)
    same(mc.load(path), toy())


def test_bands_of_single_precision_are_stored_as_they_are_without_a_note(tmp_path):
    Z = (TOY_Z / 3).astype(np.float32)
    path = write_store(
        tmp_path / "t.zarr", [Z[:1], Z[1:]], index=toy().index, Y=TOY_Y, year=2022,
    )  # fmt: skip
    store = mc.Store(path)
    assert not store.single and store.opened("Z").dtype == np.float32
    back = mc.load(path)
    np.testing.assert_array_equal(back.Z, Z)
    assert (back.year, back.notes) == (2022, ())
    with pytest.raises(InputError, match="no single-precision"):
        write_store(tmp_path / "u.zarr", [Z[:1], (TOY_Z / 3)[1:]], index=toy().index, Y=TOY_Y)


def test_progress_is_told(tmp_path):
    told = []
    written(wide(), tmp_path / "t.zarr", (10, 100), progress=told.append)
    assert told == ["written 60 of 150 rows", "written 120 of 150 rows", "written 150 of 150 rows"]


@pytest.mark.parametrize(
    ("bands", "error", "match"),
    [
        ([TOY_Z[:3]], ShapeError, "3 rows of Z for 4"),
        ([TOY_Z, TOY_Z[:1]], ShapeError, "after 4 rows of 4"),
        ([TOY_Z[:2], TOY_Z[2:, :3]], ShapeError, r"shape \(2, 3\) after 2 rows"),
        ([TOY_Z[0]], ShapeError, r"shape \(4,\)"),
        ([], ShapeError, "0 rows"),
        ([TOY_Z[:2], np.where(TOY_Z == 60, np.nan, TOY_Z)[2:]], NonFiniteError, "B 2 -> B 2"),
        ([np.where(TOY_Z == 60, 1e300, TOY_Z)], InputError, "too large for single"),
        ([-100 * TOY_Z], NegativeOutputError, "A 1"),
    ],
)
def test_bands_that_do_not_fit_leave_nothing(tmp_path, bands, error, match):
    with pytest.raises(error, match=match):
        write_store(tmp_path / "t.zarr", bands, index=toy().index, Y=TOY_Y, single=True)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_writing_leaves_the_older_store(tmp_path):
    path = mc.save(toy(), tmp_path / "t.zarr")

    def cut():
        yield TOY_Z[:2]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_store(path, cut(), index=toy().index, Y=TOY_Y)
    same(mc.load(path), toy())
    assert list(tmp_path.iterdir()) == [path]


# -- single precision ------------------------------------------------------------------------


def test_rounding_is_marked_to_the_result_and_balances(tmp_path):
    case = wide()
    table = mc.MRIO.from_arrays(
        Z=case.Z / 3, Y=case.Y / 7, regions=case.regions, sectors=case.sectors,
        stressors={"GHG": case.extensions["emissions"].F[0]},
    )  # fmt: skip
    path = mc.save(table, tmp_path / "t.zarr", single=True)
    store = mc.Store(path)
    assert store.single and store.opened("Z").dtype == store.opened("Y").dtype == np.float32
    back = mc.load(path)
    for name in "ZY":
        ratio = getattr(back, name)[table.Z.shape[0] - 1] / getattr(table, name)[-1]
        assert 0 < np.abs(ratio - 1).max() < 6e-8
    np.testing.assert_allclose(back.x, back.Z.sum(1) + back.Y.sum(1), rtol=1e-14)
    assert (back.x != table.x).any()
    note = "rounded to single precision: 24 bits"
    result = mc.account(back, "consumption", households=False)
    assert (
        any(note in n.text for n in result.notes) and "unallocated" not in result.coords["region"]
    )
    assert not any(note in n.text for n in mc.account(back, "production", households=False).notes)
    exact = mc.account(table, "consumption", households=False)
    assert 0 < np.abs(result.value / exact.value - 1).max() < 1e-7
    # what is rounded already is not rounded again, nor told twice; stored plainly it stays marked
    for k, options in enumerate([{"single": True}, {}]):
        again = mc.load(mc.save(back, tmp_path / f"{k}.zarr", **options))
        same(again, back)
    assert not mc.Store(mc.save(table, tmp_path / "u.zarr")).single


def test_rows_that_did_not_balance_keep_their_gap_and_zero_output_stays_zero(tmp_path):
    Y = TOY_Y / 7
    Y[3] = [1e6 / 3, -1e6 / 3 - (TOY_Z / 3).sum(axis=1)[3]]
    x = (TOY_Z / 3).sum(axis=1) + Y.sum(axis=1) + [5.0, 0.0, 0.0, 0.0]
    x[3] = 0.0
    table = toy(Z=TOY_Z / 3, Y=Y, x=x)
    back = mc.load(mc.save(table, tmp_path / "t.zarr", single=True))
    gap = back.x - back.Z.sum(1) - back.Y.sum(1)
    np.testing.assert_allclose(gap[:3], [5, 0, 0], atol=1e-12)
    assert back.x[3] == 0


@pytest.mark.parametrize("name", ["t.npz", "t.xlsx", "folder"])
def test_single_precision_is_of_stores(tmp_path, name):
    with pytest.raises(InputError, match="for a store only"):
        mc.save(toy(), tmp_path / name, single=True)
    assert list(tmp_path.iterdir()) == []


# -- reading ---------------------------------------------------------------------------------


def blocky() -> mc.MRIO:
    """Five regions of 30 sectors, two thirds of Z empty, a band without any flow, a negative."""
    table = wide()
    Z = np.random.default_rng(9).random((150, 150))
    Z[:, 15:30] = Z[:60, 60:] = Z[120:] = 0.0
    Z[70, 80] = -3.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MriocarbonWarning)
        return mc.MRIO.from_arrays(
            Z=Z, Y=table.Y, regions=table.regions, sectors=table.sectors,
            stressors={"GHG": table.extensions["emissions"].F[0]},
        )  # fmt: skip


@pytest.mark.parametrize("keep", [0, 33_000, 1e9])
@pytest.mark.parametrize("single", [False, True])
def test_bands_are_the_rows_and_leave_out_what_is_empty(tmp_path, keep, single):
    path = mc.save(blocky(), tmp_path / "t.zarr", single=single)
    table = mc.load(path)
    with mc.Store(path).bands(keep=keep) as bands:
        assert (bands.n, bands.edges, bands.nonnegative) == (150, (0, 60, 120, 150), False)
        np.testing.assert_allclose(bands.uses, table.Z.sum(axis=1), rtol=1e-14)
        np.testing.assert_allclose(bands.inputs, table.Z.sum(axis=0), rtol=1e-14)
        assert [(a, b.shape) for a, b in bands.band(0)] == [(0, (60, 15)), (30, (60, 30))]
        assert list(bands.band(2)) == []
        kind = np.float32 if single else np.float64
        assert all(block.dtype == kind for _, block in bands.band(1))
        for _ in range(3):
            np.testing.assert_array_equal(rebuilt(bands), table.Z)
        for k in (2, 1, 0, 0, 2, 0, 1, 1):  # any order
            a, b = bands.edges[k : k + 2]
            for start, block in bands.band(k):
                np.testing.assert_array_equal(block, table.Z[a:b, start : start + block.shape[1]])
        assert bands.kept == (3 if keep == 1e9 else 2 if keep else 1)  # the empty one costs nothing
        with pytest.raises(IndexError):
            bands.band(3)
    assert mc.Store(mc.save(toy(), tmp_path / "u.zarr")).bands().nonnegative is not False


def test_kept_bands_are_read_once(tmp_path):
    path = mc.save(wide(), tmp_path / "t.zarr")
    bands = mc.Store(path).bands(keep=1e9)
    for chunk in (path / "Z" / "c").rglob("*"):
        if chunk.is_file():
            chunk.unlink()
    np.testing.assert_array_equal(rebuilt(bands), wide().Z)
    bands.close()


def test_the_next_band_is_on_its_way_and_no_more(tmp_path):
    path = mc.save(wide(), tmp_path / "t.zarr")
    with mc.Store(path).bands() as bands:
        bands.band(0)
        assert list(bands._coming) == [1]
        bands.band(1)
        assert list(bands._coming) == [2]
        bands.band(2)
        assert list(bands._coming) == [0]  # round again
        bands.band(1)
        assert list(bands._coming) == [0]  # backwards
        assert not any(thread.name.startswith("mriocarbon-store") and not thread.is_alive()
                       for thread in threading.enumerate())  # fmt: skip
    assert not any(t.name.startswith("mriocarbon-store") for t in threading.enumerate())


# A change between two passes that keeps every checksum, as "swapped", is not looked for.
@pytest.mark.parametrize(
    ("how", "when"),
    [(how, when) for how in ("flip", "cut", "empty", "missing", "zeros")
     for when in ("before", "after")] + [("swapped", "before")],
)  # fmt: skip
def test_damage_is_found_before_and_between_passes(tmp_path, how, when):
    path = mc.save(wide(), tmp_path / "t.zarr")
    chunk = path / "Z" / "c" / "1" / "2"
    content = chunk.read_bytes()

    def damage():
        if how == "missing":
            chunk.unlink()
        elif how == "swapped":  # sound by its own checksum: only the hash convicts it
            chunk.write_bytes((path / "Z" / "c" / "1" / "0").read_bytes())
        else:
            half = len(content) // 2
            new = {
                "flip": content[:half] + bytes([content[half] ^ 4]) + content[half + 1 :],
                "cut": content[:half], "empty": b"", "zeros": bytes(len(content)),
            }[how]  # fmt: skip
            chunk.write_bytes(new)

    if when == "before":
        damage()
        with pytest.raises(DataFileError) as caught:
            mc.Store(path).bands()
    else:
        with mc.Store(path).bands() as bands:
            damage()
            with pytest.raises(DataFileError) as caught:
                for k in (0, 1, 2):
                    bands.band(k)
    text = str(caught.value)
    assert str(path) in text and "array Z" in text and "what to do" in text
    assert not any(t.name.startswith("mriocarbon-store") for t in threading.enumerate())


@pytest.mark.parametrize("keep", [-1, np.nan, "all", True])
def test_a_keep_that_is_no_number(tmp_path, keep):
    store = mc.Store(mc.save(toy(), tmp_path / "t.zarr"))
    with pytest.raises(InputError, match="keep"):
        store.bands(keep=keep)


def test_the_frame_is_the_table_without_its_flows(tmp_path):
    table = full()
    store = mc.Store(mc.save(table, tmp_path / "t.zarr"))
    for chunk in (store.path / "Z" / "c").rglob("*"):
        if chunk.is_file():
            chunk.unlink()  # Z is not read
    frame = store.frame()
    for name in ("Y", "x", "value_added", "final_demand"):
        np.testing.assert_array_equal(getattr(frame, name), getattr(table, name))
    for name in ("regions", "sectors", "categories", "stressors", "notes", "money_unit", "year"):
        assert getattr(frame, name) == getattr(table, name), name
    assert set(frame.estimated) == set(table.estimated) - {"Z"}
    with pytest.raises(ValueError):
        frame.Y[0, 0] = 1
    np.testing.assert_array_equal(frame.extension_of("CO2").F[0], TOY_F / 3)


# -- memory ----------------------------------------------------------------------------------


def test_a_table_that_would_not_fit_is_refused(tmp_path, monkeypatch):
    path = mc.save(wide(), tmp_path / "t.zarr")
    need = mc.Store(path).bytes_of(["Z", "Y"])
    assert need == 8 * 150 * 155
    half = mc.Store(mc.save(wide(), tmp_path / "half.zarr", single=True))
    assert half.bytes_of(["Z", "Y"]) == need + 4 * 150 * 150  # Z twice while it is widened
    monkeypatch.setattr(memory, "available", lambda: need // 2)
    for load in (mc.load, mc.read):
        with pytest.raises(MemoryLimitError) as caught:
            load(path)
        text = str(caught.value)
        assert "150 sectors" in text and "streamed_footprints" in text and str(path) in text
        assert isinstance(caught.value, MemoryError)
    np.testing.assert_array_equal(mc.Store(path).block("Z", rows="A"), wide().Z[:30])


def machine(tmp_path: Path, monkeypatch, free_kb: int | None, groups: str = "") -> Path:
    proc, cgroup = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "self").mkdir(parents=True)
    cgroup.mkdir()
    if free_kb is not None:
        (proc / "meminfo").write_text(f"MemTotal: 99999999 kB\nMemAvailable: {free_kb} kB\n")
    (proc / "self" / "cgroup").write_text(groups)
    monkeypatch.setattr(memory, "PROC", proc)
    monkeypatch.setattr(memory, "CGROUP", cgroup)
    return cgroup


def group(folder: Path, most: str, used: int, cache: int, *, version: int = 2) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = ("max", "current") if version == 2 else ("limit_in_bytes", "usage_in_bytes")
    (folder / f"memory.{names[0]}").write_text(f"{most}\n")
    (folder / f"memory.{names[1]}").write_text(f"{used}\n")
    key = "inactive_file" if version == 2 else "total_inactive_file"
    (folder / "memory.stat").write_text(f"anon 5\n{key} {cache}\n")


def test_available_is_the_least_of_machine_and_groups(tmp_path, monkeypatch):
    root = machine(tmp_path, monkeypatch, 1000, "0::/a/b\n")
    assert memory.available() == 1000 * 1024  # no group says anything
    group(root / "a" / "b", "max", 10, 0)
    assert memory.available() == 1000 * 1024
    group(root / "a", "900000", 500000, 100000)  # of the parent; its cache can be dropped
    assert memory.available() == 500000
    group(root / "a" / "b", "1000", 5000, 0)
    assert memory.available() == 0


def test_available_of_control_groups_of_version_1_and_of_containers(tmp_path, monkeypatch):
    root = machine(tmp_path, monkeypatch, 1000, "5:cpu:/x\n4:memory,cpu:/far/away\n")
    group(root / "memory", "700000", 300000, 0, version=1)
    assert memory.available() == 400000


def test_available_without_proc(tmp_path, monkeypatch):
    machine(tmp_path, monkeypatch, None)
    monkeypatch.setattr(memory.os, "sysconf", lambda name: 7 if "PAGES" in name else 4096)
    assert memory.available() == 7 * 4096


@pytest.mark.parametrize("limit", [0, -5, np.inf, "4GB", True])
def test_a_limit_that_is_no_number_of_bytes(limit):
    with pytest.raises(InputError, match="memory is"):
        memory.require(1, "x", where="y", do="z", limit=limit)


def plainly(path, **changes):
    t = toy()
    given = {"bands": [t.Z], "index": t.index, "Y": t.Y, "extensions": t.extensions.values()}
    return write_store(path, **{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"bands": [np.ones((4, 4)) + 1j]}, "complex"),
        ({"bands": [np.full((4, 4), "1")]}, "real numbers"),
        ({"bands": [pd.DataFrame(np.ones((4, 4)))]}, "labels"),
        ({"Y": np.ones((4, 3))}, "Y has shape"),
        ({"Y": np.ones((4, 2)) * 1j}, "complex"),
        ({"extensions": [*toy().extensions.values()] * 2}, "duplicated"),
    ],
)
def test_what_would_be_lost_in_silence_is_refused(tmp_path, changes, match):
    with pytest.raises(InputError, match=match):
        plainly(tmp_path / "t.zarr", **changes)
    assert list(tmp_path.iterdir()) == []


def test_demand_with_labels_is_aligned_and_nobodys_arrays_are_locked(tmp_path):
    t = toy()
    Y, x = np.array(t.Y), np.array(t.x)
    frame = pd.DataFrame(Y, index=pd.MultiIndex.from_tuples(t.index.pairs), columns=["A", "B"])
    found = mc.load(plainly(tmp_path / "t.zarr", Y=frame.iloc[::-1, ::-1], x=x))
    np.testing.assert_array_equal(found.Y, t.Y)
    plainly(tmp_path / "u.zarr", Y=Y, x=x)
    assert Y.flags.writeable and x.flags.writeable


def test_a_file_that_would_not_fit_is_refused_too(tmp_path, monkeypatch):
    path = mc.save(toy(), tmp_path / "t.npz")
    monkeypatch.setattr("mriocarbon.model.memory.available", lambda: 100)
    with pytest.raises(MemoryLimitError, match="write_store"):
        mc.load(path)
