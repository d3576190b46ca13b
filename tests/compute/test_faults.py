"""The run finishes, or stops with a clear error and a checkpoint from which it is finished."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import dask
import pytest
from compute import work
from compute.test_checkpoint import B, same

from mriocarbon.compute import BatchError, ClusterError, DaskEngine, Threads, concatenated

ROOT = Path(__file__).resolve().parents[2]
PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}


@pytest.fixture(scope="module")
def undisturbed():
    return concatenated(Threads(1).run(work.footprints, B, shared=work.table()))


def resumed(folder, task, engine=None):
    engine = engine or Threads(2)
    return concatenated(engine.run(task, B, shared=work.table(), checkpoint=folder, resume=True))


def begin(arguments, **options):
    return subprocess.Popen(
        [sys.executable, *arguments], env={**os.environ, **PATHS, "OMP_NUM_THREADS": "1"}, **options
    )


def end(*processes):
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()


def scheduler(folder, port=0):
    told = folder / f"scheduler-{port}-{time.time_ns()}.json"
    process = begin(
        ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port),
         "--no-dashboard", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(told)],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(200):
        try:
            return process, json.loads(told.read_text(encoding="utf-8"))["address"]
        except (OSError, ValueError):
            time.sleep(0.1)
    end(process)
    raise AssertionError("the scheduler did not start")


def worker(address, folder):
    return begin(
        ["-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny",
         "--no-dashboard", "--host", "127.0.0.1", "--memory-limit", "1GiB",
         "--local-directory", str(folder)],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


@contextmanager
def remote(folder):
    """A scheduler and a worker of their own; yields a dict of what to end."""
    parts = {}
    try:
        parts["scheduler"], parts["address"] = scheduler(folder)
        parts["worker"] = worker(parts["address"], folder)
        yield parts
    finally:
        end(*(part for part in parts.values() if isinstance(part, subprocess.Popen)))


# slow: that a worker which ends is told and the cluster goes on is also in test_cluster.py
@pytest.mark.slow
def test_a_worker_out_of_memory(tmp_path, undisturbed):
    with DaskEngine(workers=1, memory="400 MiB") as engine:
        with pytest.raises(BatchError) as caught:
            list(engine.run(work.hungry, B, shared=work.table(), checkpoint=tmp_path))
        said = str(caught.value)
        assert caught.value.batch == 4
        assert "batch 4 ended every worker it ran on" in said
        assert "out of memory" in said
        assert "MiB in use" in said
        assert "smaller batches, more memory" in said
        kept = {int(path.name[6:12]) for path in tmp_path.glob("batch-*.npz")}
        assert {0, 1, 2, 3} <= kept
        assert 4 not in kept
        assert f"{len(kept)} of 10 batches are in the checkpoint" in caught.value.__notes__[-1]
        # ended again and again, its nanny is not given up (dask's own time for that is 15 s)
        assert dask.config.get("distributed.deploy.lost-worker-timeout") == "365d"
        # the cluster is still good for work that fits
        assert same(concatenated(engine.run(work.footprints, B, shared=work.table())), undisturbed)


def test_the_workers_end_while_what_is_shared_is_sent(tmp_path, undisturbed, monkeypatch):
    with DaskEngine(workers=1) as engine:
        tried = []
        scatter = engine.client.scatter

        def broken_once(*args, **options):
            tried.append(args)
            if len(tried) == 1:  # what distributed says where it has no worker left to send to
                raise ValueError("Can not use replicate to delete data")
            return scatter(*args, **options)

        monkeypatch.setattr(engine.client, "scatter", broken_once)
        assert same(concatenated(engine.run(work.footprints, B, shared=work.table())), undisturbed)
        assert len(tried) == 2


def test_the_scheduler_gone(tmp_path, undisturbed):
    folder = tmp_path / "run"
    with remote(tmp_path) as parts, DaskEngine(parts["address"], timeout=20) as engine:
        assert engine.client is not None
        engine.timeout = 1.0
        taken = 0
        with pytest.raises(ClusterError, match="the scheduler is gone") as caught:
            for _ in engine.run(work.slow_footprints, B, shared=work.table(), checkpoint=folder):
                taken += 1
                if taken == 3:
                    end(parts["scheduler"])
        assert "resume from the checkpoint" in str(caught.value)
    kept = len(list(folder.glob("batch-*.npz")))
    assert 3 <= kept < 10
    assert f"{kept} of 10" in caught.value.__notes__[-1]
    assert same(resumed(folder, work.slow_footprints), undisturbed)


# slow: `test_the_scheduler_gone` is its quicker half
@pytest.mark.slow
def test_a_scheduler_that_comes_back(tmp_path, undisturbed):
    with remote(tmp_path) as parts, DaskEngine(parts["address"], timeout=30) as engine:
        results = []
        for number, result in engine.run(work.slow_footprints, B, shared=work.table()):
            results.append((number, result))
            if number == 2:
                end(parts["scheduler"])
                port = int(parts["address"].rpartition(":")[2])
                parts["scheduler"], address = scheduler(tmp_path, port)
                assert address == parts["address"]
                parts["second"] = worker(address, tmp_path)
        assert same(concatenated(results), undisturbed)


SCRIPT = """
import sys
from compute import work
from mriocarbon.compute import DaskEngine, batches
if __name__ == "__main__":
    with DaskEngine(workers=1, memory="1 GiB") as engine:
        for number, _ in engine.run(work.slow_footprints, batches(40, 4, seed=1),
                                    shared=work.table(), checkpoint=sys.argv[1]):
            print(number, flush=True)
"""


def test_interrupted_from_the_keyboard(tmp_path, undisturbed):
    """The terminal sends the signal to all processes of the group, workers included."""
    psutil = pytest.importorskip("psutil")
    (tmp_path / "script.py").write_text(SCRIPT)
    process = begin(
        [str(tmp_path / "script.py"), str(tmp_path / "run")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    children = []
    try:
        for line in process.stdout:
            if line == "2\n":
                break
        children = psutil.Process(process.pid).children(recursive=True)
        time.sleep(0.3)  # back from printing: a break of the caller's own loop has no note
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
    finally:
        end(process)
    assert "KeyboardInterrupt" in said
    assert "of 10 batches are in the checkpoint" in said
    kept = len(list((tmp_path / "run").glob("batch-*.npz")))
    assert 3 <= kept < 10
    assert children
    assert not psutil.wait_procs(children, timeout=10)[1], "workers are left"
    assert same(resumed(tmp_path / "run", work.slow_footprints), undisturbed)
