"""What a cluster costs: messages, seconds for each task, and what two workers bring.

Scheduler and workers are processes on this machine that talk through its loopback: the sizes of
messages are those of any network, the times are those without one.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.clusters import count_messages, processes, written
from benchmarks.registry import Figure, Settings, benchmark, timed
from mriocarbon.compute import Batch, DaskEngine, Engine, Threads, batches
from mriocarbon.compute.examples import nothing

SIDE = 700
TASKS = 400
MANY = (20, 50)  # in one process; 200 spend their time on each other's heartbeats


def solve(shared: Any, batch: Batch) -> Mapping[str, NDArray[np.float64]]:
    """Outputs of a perturbed table, some draws: a tenth of a second or so for each."""
    rng = batch.rng()
    out = np.empty((batch.size, SIDE))
    eye = np.eye(SIDE)
    for draw in range(batch.size):
        A = shared["A"] * np.exp(0.1 * rng.standard_normal((SIDE, SIDE)))
        out[draw] = np.linalg.solve(eye - A, shared["y"])
    return {"x": out}


def tables() -> dict[str, NDArray[np.float64]]:
    """A productive table of `SIDE` sectors."""
    rng = np.random.default_rng(1)
    A = rng.random((SIDE, SIDE))
    return {"A": A * (0.6 / A.sum(axis=0)), "y": rng.random(SIDE)}


def messages(engine: DaskEngine, *, local: bool = False) -> dict[str, int]:
    """Bytes written so far by the client, the scheduler and all workers.

    `local`: the scheduler lives in this process, and counts with the client.
    """
    count_messages()
    client = engine.client
    client.run(count_messages)
    found = {"client": written()}
    found["workers"] = sum(client.run(written).values())
    if not local:
        client.run_on_scheduler(count_messages)
        found["scheduler"] = client.run_on_scheduler(written)
    return found


def per_task(engine: DaskEngine, tasks: int, shared: Any, scheduler: int) -> dict[str, float]:
    """Wall seconds, CPU seconds and bytes of one task that does nothing."""
    psutil: Any = importlib.import_module("psutil")

    process = psutil.Process(scheduler)

    def cpu() -> float:
        used = process.cpu_times()
        return float(used.user + used.system)

    list(engine.run(nothing, batches(20, 1), shared=shared))
    before, own, theirs = messages(engine), time.process_time(), cpu()
    start = time.perf_counter()
    list(engine.run(nothing, batches(tasks, 1), shared=shared))
    wall = time.perf_counter() - start
    own, theirs = time.process_time() - own, cpu() - theirs
    after = messages(engine)
    return {
        "wall": wall / tasks, "client CPU": own / tasks, "scheduler CPU": theirs / tasks,
        **{who: (after[who] - before[who]) / tasks for who in after},
    }  # fmt: skip


@benchmark(
    "compute",
    "batches on a Dask cluster: messages, cost of a task",
    size="24 solves of 700, 1 to 50 workers",
    peers=("threads",),
)
def compute(settings: Settings) -> list[Figure]:
    """Figures of the model in docs/how-to/cluster.md."""
    try:
        import dask_jobqueue  # noqa: F401
    except ImportError:
        return [Figure("all", [], note='pip install "mriocarbon[distributed]"')]
    shared = tables()
    repeats = settings.times(3)
    work = batches(24, 2, seed=1)
    figures = []
    for workers in (1, 2):
        values = _seconds(Threads(workers), work, shared, repeats)
        figures.append(Figure(f"24 solves of {SIDE}, {workers} threads here", values))
    for workers in (1, 2):
        with processes(workers) as (engine, scheduler):
            values = _seconds(engine, work, shared, repeats)
            note = "data scattered in each run"
            figures.append(Figure(f"the same, {workers} workers of Dask", values, note=note))
            figures += _overhead(engine, scheduler, workers, repeats)
            if workers == 2:
                figures += _once(engine, shared)
    for workers in MANY:
        with processes(workers, in_one=True) as (engine, scheduler):
            figures += _overhead(engine, scheduler, workers, 1)
    return figures


def _seconds(engine: Engine, work: Sequence[Batch], shared: Any, repeats: int) -> list[float]:
    return timed(lambda: list(engine.run(solve, work, shared=shared)), repeats)


def _overhead(engine: DaskEngine, scheduler: int, workers: int, repeats: int) -> list[Figure]:
    figures = []
    for name, shared in (("no shared data", None), ("with scattered data", {"a": np.ones(10)})):
        runs = [per_task(engine, TASKS, shared, scheduler) for _ in range(repeats)]
        head = f"empty task, {workers} workers, {name}"
        for part in ("wall", "scheduler CPU", "client CPU"):
            figures.append(Figure(f"{head}: {part}", [one[part] for one in runs]))
        for part in ("client", "scheduler", "workers"):
            values = [one[part] for one in runs]
            figures.append(Figure(f"{head}: written by {part}", values, "B"))
    return figures


def _once(engine: DaskEngine, shared: Mapping[str, NDArray[np.float64]]) -> list[Figure]:
    """Bytes of scattering, beyond those of the tasks."""
    size = sum(array.nbytes for array in shared.values())
    few = _written_by(engine, 10, None)
    full = _written_by(engine, 10, shared)
    return [
        Figure(f"scatter of {size:,} bytes to 2 workers: written by {who}", [full[who] - few[who]],
               "B")
        for who in full
    ]  # fmt: skip


def _written_by(engine: DaskEngine, tasks: int, shared: Any) -> dict[str, int]:
    counts = []
    for _ in range(3):
        before = messages(engine)
        list(engine.run(nothing, batches(tasks, 1), shared=shared))
        after = messages(engine)
        counts.append({who: after[who] - before[who] for who in after})
    return {who: int(median(one[who] for one in counts)) for who in counts[0]}
