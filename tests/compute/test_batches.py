"""What batches, seeds, hashes, handles and reductions promise."""

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest
from compute import work
from hypothesis import given
from hypothesis import strategies as st

from mriocarbon.compute import (
    Batch,
    Handle,
    Progress,
    Threads,
    batch_rng,
    batches,
    batches_of,
    concatenated,
    engine,
    summed,
)
from mriocarbon.compute.fingerprint import fingerprint
from mriocarbon.compute.shared import opened
from mriocarbon.errors import DataFileError, InputError, UnknownNameError


@given(st.integers(1, 500), st.integers(1, 60))
def test_batches_cover_everything_once(total, size):
    cut = batches(total, size, seed=1)
    assert [i for one in cut for i in range(one.start, one.stop)] == list(range(total))
    assert [one.number for one in cut] == list(range(len(cut)))
    assert max(one.size for one in cut) <= size


@pytest.mark.parametrize(("total", "size"), [(0, 1), (5, 0), (-1, 3)])
def test_batches_of_nothing(total, size):
    with pytest.raises(InputError, match="above 0"):
        batches(total, size)


def test_a_batch_travels_light():
    assert len(pickle.dumps(Batch(10_000, 1, 2, 3, "CHN"))) < 300


def test_seeds_differ_by_batch_and_by_seed_and_nothing_else():
    draws = {(s, b): batch_rng(s, b).integers(2**62) for s in range(5) for b in range(40)}
    assert len(set(draws.values())) == len(draws)
    assert batch_rng(4, 39).integers(2**62) == draws[4, 39]
    # a known value: the numbers of a published run must not change with a version
    assert float(batch_rng(1, 2).random()) == pytest.approx(KNOWN, abs=0)
    with pytest.raises(InputError, match="seed is -1"):
        batch_rng(-1, 0)
    with pytest.raises(InputError, match="no seed"):
        Batch(0).rng()


KNOWN = 0.12159044185290979


def test_batches_of_items():
    assert [(b.number, b.item, b.size) for b in batches_of(["CHN", "IND"])] == [
        (0, "CHN", 1),
        (1, "IND", 1),
    ]


def test_streams_are_uncorrelated():
    rows = np.array([batch_rng(9, b).standard_normal(4000) for b in range(20)])
    off = np.corrcoef(rows)[np.triu_indices(20, 1)]
    assert abs(off).max() < 5 / np.sqrt(4000)


@dataclasses.dataclass(frozen=True)
class Model:
    a: np.ndarray
    name: str


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.arange(4.0), np.arange(4)),
        (np.arange(4.0), np.arange(4.0).reshape(2, 2)),
        (np.arange(4.0), np.array([0, 1, 2, 3.0000000001])),
        ({"a": 1}, {"b": 1}),
        (1, 1.0),
        (1, "1"),
        (1, True),
        (None, "None"),
        (["a", "b"], ["ab"]),
        ([[1], [2]], [[1, 2]]),
        (Model(np.zeros(2), "x"), Model(np.zeros(2), "y")),
        (work.failing, work.hungry),
        (0.1, np.nextafter(0.1, 1)),
    ],
)
def test_fingerprints_tell_apart(one, other):
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(one) == fingerprint(one)


def test_fingerprint_of_the_values_not_the_layout():
    a = np.arange(12.0).reshape(3, 4)
    assert fingerprint(np.asfortranarray(a)) == fingerprint(a)
    assert fingerprint({"x": 1, "y": a}) == fingerprint({"y": a.copy(), "x": 1})
    assert fingerprint(np.empty((0, 3))) != fingerprint(np.empty((3, 0)))


@pytest.mark.parametrize("value", [lambda: 1, object(), np.array([object()]), {"a": {1, 2}}])
def test_no_fingerprint_of_what_has_no_bytes(value):
    with pytest.raises(InputError, match="no fixed bytes"):
        fingerprint(value)


def test_handle_knows_a_file_by_its_content(tmp_path):
    for name in ("a", "b"):
        np.savez(tmp_path / f"{name}.npz", x=np.arange(5.0))
    a, b = (Handle.of(tmp_path / f"{n}.npz") for n in "ab")
    assert fingerprint(a) == fingerprint(b)
    assert np.array_equal(opened(a)["x"], np.arange(5.0))
    with pytest.raises(ValueError, match="read-only"):
        opened(a)["x"][0] = 1
    np.savez(tmp_path / "c.npz", x=np.arange(6.0))
    c = Handle.of(tmp_path / "c.npz")
    np.savez(tmp_path / "c.npz", x=np.arange(7.0))
    with pytest.raises(DataFileError, match="not the one the run began with"):
        opened(c)
    (tmp_path / "c.npz").unlink()
    with pytest.raises(DataFileError, match="does not find"):
        opened(c)


def test_handle_of_a_zarr_group(tmp_path):
    import zarr

    group = zarr.open_group(str(tmp_path / "t.zarr"), mode="w")
    for name, array in work.table().items():
        group.create_array(name, data=array)
    handle = Handle.of(tmp_path / "t.zarr")
    B = batches(8, 4, seed=2)
    assert_same(
        concatenated(Threads(2).run(work.footprints, B, shared=handle)),
        concatenated(Threads(1).run(work.footprints, B, shared=work.table())),
    )


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype
        assert array.tobytes() == other[name].tobytes(), name


def test_handles_that_cannot_be(tmp_path):
    with pytest.raises(DataFileError, match="no such file"):
        Handle.of(tmp_path / "none.npz")
    Path(tmp_path / "a.csv").write_text("1")
    with pytest.raises(InputError, match="how to open"):
        Handle.of(tmp_path / "a.csv")


@pytest.mark.parametrize("workers", [2, 4])
def test_threads_bit_for_bit(workers):
    B = batches(50, 3, seed=1)
    one = list(Threads(1).run(work.footprints, B, shared=work.table()))
    many = list(Threads(workers).run(work.footprints, B, shared=work.table()))
    assert [n for n, _ in many] == list(range(len(B)))
    assert_same(concatenated(one), concatenated(many))
    assert_same(summed((n, {"s": r["sum"]}) for n, r in one),
                summed((n, {"s": r["sum"]}) for n, r in many))  # fmt: skip


def test_the_cut_and_the_seed_matter():
    def draws(size, seed):
        results = Threads(1).run(work.footprints, batches(8, size, seed=seed), shared=work.table())
        return concatenated(results)["E"]

    assert not np.array_equal(draws(4, 1), draws(2, 1))
    assert not np.array_equal(draws(4, 1), draws(4, 2))


def test_blas_threads_are_told_and_restored():
    from threadpoolctl import threadpool_info, threadpool_limits

    with threadpool_limits(2):
        before = [one["num_threads"] for one in threadpool_info()]
        ((_, found),) = Threads(2, blas_threads=1).run(work.blas, batches(1, 1))
        assert set(found["threads"].tolist()) == {1}
        assert len(found["threads"]) == 2  # numpy's and scipy's
        assert [one["num_threads"] for one in threadpool_info()][: len(before)] == before


def test_tasks_that_fail_or_misbehave():
    from mriocarbon.compute import BatchError

    B = batches(24, 4, seed=1)
    with pytest.raises(BatchError, match="batch 2 failed: Unpicklable: third of six") as caught:
        list(Threads(2).run(work.failing, B, shared=work.table()))
    assert caught.value.batch == 2
    assert isinstance(caught.value.__cause__, work.Unpicklable)
    assert "no checkpoint was asked for" in caught.value.__notes__[-1]
    with pytest.raises(BatchError, match="smaller batches"):
        list(Threads(1).run(work.out_of_memory, B))
    with pytest.raises(BatchError, match="read-only"):
        list(Threads(1).run(work.writes, B, shared=work.table()))
    with pytest.raises(BatchError, match="Python objects"):
        list(Threads(1).run(work.not_arrays, B))


def test_tasks_and_batches_that_cannot_travel():
    B = batches(4, 1)
    with pytest.raises(InputError, match="top level"):
        Threads(1).run(lambda shared, batch: {}, B)
    with pytest.raises(InputError, match=r"0, 1, 2"):
        Threads(1).run(work.footprints, B[::-1])
    with pytest.raises(InputError, match="0 workers"):
        Threads(0)


def test_progress_counts_and_ends_with_nothing_to_go():
    told = []
    results = Threads(2).run(work.footprints, batches(12, 2, seed=1), shared=work.table(),
                             progress=told.append)  # fmt: skip
    list(results)
    assert [p.done for p in told] == list(range(7))
    assert told[0].eta is None
    assert all(p.total == 6 and p.resumed == 0 for p in told)
    assert told[-1].eta == 0.0
    middle = told[3]
    assert middle.eta == pytest.approx(middle.elapsed)
    assert str(Progress(1, 4, 0, 3599.6, 10_000.0)).endswith(
        "1 h 0 min gone, about 2 h 46 min to go"
    )


def test_no_more_batches_ahead_than_the_window():
    """A slow consumer holds a fast engine back: results do not pile up."""
    told = []
    results = Threads(1).run(work.pid, batches(60, 1), progress=told.append)
    next(results)
    import time

    time.sleep(0.5)
    next(results)
    assert told[-1].done <= 6
    results.close()


def test_reductions_refuse_other_names():
    with pytest.raises(InputError, match="batch 1"):
        concatenated([(0, {"a": np.ones(1)}), (1, {"b": np.ones(1)})])
    with pytest.raises(InputError, match="batch 1"):
        summed([(0, {"a": np.ones(1)}), (1, {"a": np.ones(1), "b": np.ones(1)})])


def test_engines_by_name(tmp_path):
    assert engine().name == engine("threads").name == "threads"
    assert engine("dask", workers=1).name == "dask"
    assert engine("tcp://127.0.0.1:1").address == "tcp://127.0.0.1:1"
    with pytest.raises(UnknownNameError, match="threads"):
        engine("thread")
    with pytest.raises(InputError, match="a running cluster"):
        engine("tcp://127.0.0.1:1", workers=3)
    with pytest.raises(InputError, match="SLURM file"):
        engine(tmp_path / "x.yaml", workers=3)


def test_without_dask_the_error_names_the_extra(monkeypatch):
    import sys

    from mriocarbon.errors import NotAvailableError

    for name in ("distributed", "dask_jobqueue.slurm", "yaml"):
        monkeypatch.setitem(sys.modules, name, None)
    for spec in ("dask", "tcp://127.0.0.1:1", "x.yaml"):
        with pytest.raises(NotAvailableError, match=r"mriocarbon\[distributed\]"):
            engine(spec)


def test_importing_does_not_load_dask():
    import subprocess
    import sys

    code = (
        "import sys, mriocarbon.compute as c; c.engine(); "
        "print([m for m in ('dask', 'distributed', 'yaml', 'scipy') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
