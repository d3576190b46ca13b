"""A real cluster on this machine: the results of threads, bit for bit, and data sent once."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from compute import work
from compute.test_checkpoint import B, same

from mriocarbon.compute import (
    Batch,
    BatchError,
    ClusterError,
    DaskEngine,
    Handle,
    Threads,
    batches,
    concatenated,
)


@pytest.fixture(scope="module")
def undisturbed():
    return concatenated(Threads(1).run(work.footprints, B, shared=work.table()))


@pytest.fixture(scope="module")
def pair():
    with DaskEngine(workers=2, memory="1 GiB") as engine:
        assert len(engine.client.scheduler_info()["workers"]) == 2
        yield engine


@pytest.fixture(scope="module")
def single():
    with DaskEngine(workers=1, memory="1 GiB") as engine:
        yield engine


def test_two_workers_bit_for_bit(pair, undisturbed):
    results = list(pair.run(work.footprints, B, shared=work.table()))
    assert [number for number, _ in results] == list(range(10))
    assert same(concatenated(results), undisturbed)


def test_both_workers_work(pair):
    found = concatenated(pair.run(work.pid, batches(20, 1)))["pid"]
    assert len(set(found.tolist())) == 2
    assert os.getpid() not in found


def test_one_blas_thread_on_a_worker(pair):
    ((_, found),) = pair.run(work.blas, batches(1, 1))
    assert set(found["threads"].tolist()) == {1}
    ((_, found),) = DaskEngine.run(pair, work.blas, batches(1, 1))
    assert len(found["threads"]) == 2


def test_a_file_is_opened_once_by_each_worker(pair, tmp_path):
    np.savez(tmp_path / "a.npz", **work.table())
    handle = Handle.of(tmp_path / "a.npz", work.counted)
    results = [result for _, result in pair.run(work.opened_times, batches(30, 1), shared=handle)]
    assert len({int(result["pid"][0]) for result in results}) == 2
    assert {int(result["opens"][0]) for result in results} == {1}
    assert all(np.array_equal(result["A"], work.table()["A"][0]) for result in results)


def test_a_file_that_workers_do_not_find(pair, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.ones(3))
    handle = Handle.of(tmp_path / "a.npz")
    (tmp_path / "a.npz").unlink()
    with pytest.raises(BatchError, match="does not find the shared file"):
        list(pair.run(work.pid, batches(2, 1), shared=handle))


def test_arrays_are_sent_once_to_each_worker(pair):
    """60 tasks write hardly more than 4: one copy for each worker, one on the way to them."""
    from benchmarks.bench_compute import messages

    shared = {"A": np.random.default_rng(1).random(500_000)}  # 4 MB

    def count(tasks):
        before = messages(pair, local=True)
        list(pair.run(work.pid, batches(tasks, 1), shared=shared))
        after = messages(pair, local=True)
        return sum(after.values()) - sum(before.values())

    count(1)
    few, many = count(4), count(60)
    assert 3.0 < few / shared["A"].nbytes < 3.1  # client to scheduler, worker, other worker
    assert many - few < 56 * 8_000


def test_a_failing_task_is_told_with_its_trace(pair, tmp_path):
    with pytest.raises(BatchError, match="batch 2 failed: Unpicklable: third of six") as caught:
        list(pair.run(work.failing, B, shared=work.table(), checkpoint=tmp_path))
    assert caught.value.batch == 2
    assert any("work.py" in note for note in caught.value.__notes__)
    assert len(list(tmp_path.glob("batch-*.npz"))) >= 2
    with pytest.raises(BatchError, match="smaller batches"):
        list(pair.run(work.out_of_memory, B))
    with pytest.raises(BatchError, match="read-only"):
        list(pair.run(work.writes, B, shared=work.table()))


@pytest.mark.parametrize("engine", ["pair", "single"])
def test_a_worker_killed_from_inside(engine, request, tmp_path, undisturbed):
    """With two the other takes over; with one the nanny starts another and the data are resent."""
    engine = request.getfixturevalue(engine)
    marked = [Batch(one.number, one.start, one.stop, one.seed, str(tmp_path)) for one in B]
    results = concatenated(engine.run(work.once_killed, marked, shared=work.table()))
    assert (tmp_path / "killed").exists()
    assert same(results, undisturbed)


@pytest.mark.parametrize("engine", ["pair", "single"])
def test_a_worker_killed_from_outside(engine, request, undisturbed, tmp_path):
    engine = request.getfixturevalue(engine)
    ((_, found),) = engine.run(work.pid, batches(1, 1))
    results, ended = [], False
    run = engine.run(work.slow_footprints, B, shared=work.table(), checkpoint=tmp_path / "run")
    for number, result in run:
        results.append((number, result))
        if number == 2:
            os.kill(int(found["pid"][0]), signal.SIGKILL)
            ended = True
    assert ended
    assert same(concatenated(results), undisturbed)
    assert len(list((tmp_path / "run").glob("batch-*.npz"))) == 10


def test_one_worker_bit_for_bit_and_resumed_by_threads(single, tmp_path, undisturbed):
    results = single.run(work.footprints, B, shared=work.table(), checkpoint=tmp_path)
    for _ in range(3):
        next(results)
    results.close()
    resumed = Threads(2).run(work.footprints, B, shared=work.table(), checkpoint=tmp_path,
                             resume=True)  # fmt: skip
    assert same(concatenated(resumed), undisturbed)


def test_no_scheduler_at_the_address():
    with DaskEngine("tcp://127.0.0.1:9", timeout=1) as engine:
        with pytest.raises(ClusterError, match="no scheduler answers"):
            list(engine.run(work.footprints, B, shared=work.table()))
        with pytest.raises(ClusterError, match="no scheduler answers"):
            _ = engine.client


def test_nothing_is_left_behind():
    import psutil

    with DaskEngine(workers=1, memory="1 GiB") as engine:
        list(engine.run(work.pid, batches(2, 1)))
        nannies = [info["nanny"] for info in engine.client.scheduler_info()["workers"].values()]
        pids = [p.pid for p in psutil.Process().children(recursive=True)]
        assert nannies
        own = {int(r["pid"][0]) for _, r in engine.run(work.pid, batches(1, 1))}
        assert own <= set(pids)
    assert not any(psutil.pid_exists(pid) for pid in own)
    assert Path.cwd().joinpath("dask-scratch-space").exists() is False
