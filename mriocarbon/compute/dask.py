"""A Dask cluster: one made on this machine, or one that runs already and has an address."""

from __future__ import annotations

import importlib
import logging
import pickle
import queue
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from mriocarbon.compute.batch import Batch
from mriocarbon.compute.blas import fix_blas_threads
from mriocarbon.compute.checkpoint import Checkpoint, checkpoint_of
from mriocarbon.compute.drive import (
    Arrays,
    Failure,
    Outcome,
    Progress,
    Task,
    checked,
    compute,
    drive,
)
from mriocarbon.compute.failures import ClusterError
from mriocarbon.compute.shared import Handle, opened
from mriocarbon.errors import InputError, MriocarbonError, NotAvailableError, listed

__all__ = ["DaskEngine", "extra"]

LOCAL = {
    # a batch under which a second worker ends is tried once more by itself, see `drive`
    "distributed.scheduler.allowed-failures": 1,
    "distributed.admin.tick.limit": "60s",  # BLAS may hold the lock; that is no news
    "distributed.worker.multiprocessing-method": "spawn",
    # A worker that was ended twice within this time is given up for good if it is just then being
    # started again. Its nanny starts it anew, however often.
    "distributed.deploy.lost-worker-timeout": "365d",
}
NOISY = (
    "distributed.batched", "distributed.client", "distributed.core", "distributed.comm",
    "distributed.deploy.spec", "tornado.application",
)  # fmt: skip
RESUBMISSIONS = 2  # of a batch that the cluster forgot, with the shared data it needed
NO_WORKER = 60.0  # seconds without any worker before a run gives up


def extra(name: str) -> Any:
    """Import a module of the ``[distributed]`` extra.

    Raises
    ------
    NotAvailableError
        It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NotAvailableError.extra(
            "distributed",
            f"a cluster needs {name.partition('.')[0].replace('_', '-')}, which is not installed",
            where=str(error),
        ) from error


class DaskEngine:
    """Run batches on the workers of a Dask cluster.

    Parameters
    ----------
    address : str, optional
        Scheduler of a running cluster, ``tcp://host:port``. None: a cluster on this machine,
        begun with the first run and ended by `close`.
    workers : int, optional
        Processes of the cluster on this machine, one thread each; as many as there are cores.
    memory : str or int, default "auto"
        Memory limit of each, such as ``"1.5 GiB"``; a worker beyond it is ended and replaced.
    blas_threads : int, default 1
        Threads of the BLAS inside each task (see `Threads`).
    timeout : float, default 30
        Seconds to wait for a scheduler, and for a first worker.

    Raises
    ------
    NotAvailableError
        dask is not installed; the message names the extra.
    """

    name = "dask"

    def __init__(
        self,
        address: str | None = None,
        *,
        workers: int | None = None,
        memory: str | int = "auto",
        blas_threads: int = 1,
        timeout: float = 30.0,
    ) -> None:
        if workers is not None and workers < 1:
            raise InputError(f"{workers} workers", where="workers", do="give 1 or more")
        if address is not None and workers is not None:
            raise InputError(
                "workers are given for a cluster that runs already",
                where=address,
                do="leave them out: a running cluster has its own",
            )
        extra("distributed")
        self.address, self.workers, self.memory = address, workers, memory
        self.blas_threads, self.timeout = blas_threads, timeout
        self._client: Any = None
        self._cluster: Any = None
        self._levels: dict[str, int] = {}
        self.restarts: list[str] = []  # workers ended at their memory limit

    @property
    def client(self) -> Any:
        """The connected ``distributed.Client``, for what this engine has no word for.

        Raises
        ------
        ClusterError
            No scheduler answers, it has no worker, or a worker has other versions.
        """
        if self._client is not None and self._client.status in ("closed", "closing"):
            self.close()
        if self._client is None:
            try:
                self._client = self._connect()
                self._wait_for_a_worker()
                self._compare_versions()
            except BaseException:
                self.close()
                raise
            with suppress(Exception):  # only to say more in an error
                self._client.subscribe_topic("worker-restart-memory", self._note_restart)
        return self._client

    def run(
        self,
        task: Task,
        batches: Sequence[Batch],
        *,
        shared: Any = None,
        key: Mapping[str, object] | None = None,
        checkpoint: Path | str | None = None,
        resume: bool = False,
        progress: Callable[[Progress], None] | None = None,
    ) -> Iterator[tuple[int, Arrays]]:
        """Yield (number, arrays) of every batch, in order. See `Engine.run`."""
        checked(task, batches)
        saved = checkpoint_of(
            checkpoint, task, batches, shared, key, blas_threads=self.blas_threads, resume=resume
        )
        return drive(lambda: _ClusterPool(self, task, shared, saved), batches, saved, progress)

    def close(self) -> None:
        """Disconnect; end the cluster if this engine began it."""
        client, cluster = self._client, self._cluster
        self._client = self._cluster = None
        for one in (client, cluster):
            if one is not None:
                with suppress(Exception):  # its other end may be gone already
                    one.close(timeout=10)
        while self._levels:
            name, level = self._levels.popitem()
            logging.getLogger(name).setLevel(level)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _quiet(self) -> None:
        """Keep dask's traces of lost connections off the screen until `close`; errors tell."""
        for name in NOISY:
            logger = logging.getLogger(name)
            self._levels.setdefault(name, logger.level)
            logger.setLevel(logging.CRITICAL)

    def _connect(self) -> Any:
        distributed = extra("distributed")
        self._quiet()
        if self.address is None:
            self._cluster = self._begin_cluster()  # its own words for what fails
        try:
            return distributed.Client(
                self.address or self._cluster, timeout=self.timeout, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"no scheduler answers: {error}",
                where=str(self.address or "this machine"),
                do="start one (dask scheduler), or check the address: tcp://host:port",
            ) from error

    def _begin_cluster(self) -> Any:
        dask, distributed = extra("dask"), extra("distributed")
        dask.config.set(LOCAL)
        return distributed.LocalCluster(
            n_workers=self.workers, threads_per_worker=1, processes=True, host="127.0.0.1",
            memory_limit=self.memory, silence_logs=logging.CRITICAL,
            # not left out: dask would then take its well-known port
            dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False},
        )  # fmt: skip

    def _wait_for_a_worker(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=self.timeout)
        except (TimeoutError, OSError) as error:
            raise ClusterError(
                f"the cluster has no worker after {self.timeout:.0f} s",
                where=str(self.address or self.name),
                do="start workers (dask worker ADDRESS), or wait longer: timeout=",
            ) from error

    def _compare_versions(self) -> None:
        if self._cluster is not None and self.address is None and self.name == "dask":
            return
        try:
            there = self._client.run(_versions)
        except Exception as error:
            raise ClusterError(
                f"mriocarbon cannot be imported on the workers: {error}",
                where=str(self.address or self.name),
                do="install the same version there",
            ) from error
        here = _versions()
        other = [f"{worker}: {found}" for worker, found in there.items() if found != here]
        if other:
            raise ClusterError(
                f"{len(other)} workers have other versions than this process ({here}), so that"
                " results would differ",
                where=listed(other, 3),
                do="install the same versions there",
            )

    def _note_restart(self, event: tuple[float, Mapping[str, Any]]) -> None:
        self.restarts.append(f"{event[1].get('rss', 0) / 2**20:.0f} MiB in use")


def remote(task: Task, shared: Any, batch: Batch, blas_threads: int) -> Arrays | Failure:
    """Run one batch on a worker."""
    fix_blas_threads(blas_threads)
    try:
        data = opened(shared)
    except Exception as error:
        return Failure(type(error).__name__, str(error), "", False)
    return compute(task, data, batch)


class _ClusterPool:
    def __init__(self, engine: DaskEngine, task: Task, shared: Any, saved: Checkpoint | None):
        self._engine, self._client = engine, engine.client
        engine.restarts.clear()
        self._task, self._shared, self._saved = task, shared, saved
        self._ended: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._running: dict[int, tuple[Batch, Any]] = {}
        self._submitted: dict[int, int] = {}
        self._name = f"mriocarbon-{time.time_ns():x}"
        self._scattered: Any = None
        self._seen, self._looked = time.monotonic(), 0.0
        self.window = 0
        self._look()

    def submit(self, batch: Batch) -> None:
        times = self._submitted[batch.number] = self._submitted.get(batch.number, 0) + 1
        try:
            future = self._client.submit(
                remote, self._task, self._data(), batch, self._engine.blas_threads,
                key=f"{self._name}-{batch.number}-{times}", pure=False, priority=-batch.number,
            )  # fmt: skip
            self._running[batch.number] = batch, future
            future.add_done_callback(lambda done: self._ended.put((batch.number, done)))
        except MriocarbonError:
            raise
        except (TypeError, AttributeError, pickle.PicklingError) as error:
            raise InputError(
                f"what the tasks share, or a batch, cannot be sent to a worker: {error}",
                where=f"batch {batch.number}",
                do="pass arrays, numbers and text, or a Handle to a file",
            ) from error
        except Exception as error:
            raise self._gone() from error

    def wait(self) -> list[Outcome]:
        try:
            ended = [self._ended.get(timeout=1.0)]
        except queue.Empty:
            self._look()
            self._check_connection()
            if self._scattered is not None and self._scattered.status in ("lost", "cancelled"):
                return self._again(list(self._running))
            return []
        while not self._ended.empty():
            ended.append(self._ended.get())
        if time.monotonic() - self._looked > 5:
            self._look()
        finished, outcomes, again = [], [], []
        for number, future in ended:
            if number not in self._running or self._running[number][1] is not future:
                continue  # of an earlier submission
            if future.status == "finished":
                finished.append(number)
            elif future.status == "error":
                del self._running[number]
                outcomes.append(self._erred(number, future))
            else:
                again.append(number)
        collected, missing = self._collect(finished)
        return outcomes + collected + self._again(again + missing)

    def abandon(self) -> None:
        with suppress(Exception):
            done = [n for n, (_, future) in self._running.items() if future.status == "finished"]
            if self._client.status == "running":
                self._collect(done)
        with suppress(Exception):
            if self._client.status == "running":
                self._client.cancel([future for _, future in self._running.values()], force=True)

    def close(self) -> None:
        self._running.clear()
        self._scattered = None

    def _data(self) -> Any:
        """What goes with each task: the handle, or a reference to what every worker has."""
        if self._shared is None or isinstance(self._shared, Handle):
            return self._shared
        while self._scattered is None:  # until there is a worker; `_look` gives up in the end
            self._look()
            if time.monotonic() - self._seen < 1 and self._scatter():
                break
            self._check_connection()
            time.sleep(1)
        return self._scattered

    def _scatter(self) -> bool:
        """Send what is shared to every worker; False where they ended while it was sent."""
        name = f"{self._name}-shared-{time.time_ns():x}"
        try:
            scattered = self._client.scatter({name: self._shared}, broadcast=True, hash=False)
        except ValueError as error:
            if "replicate" not in str(error):  # distributed's word for a broadcast to nobody
                raise
            return False
        self._scattered = scattered[name]
        return True

    def _collect(self, numbers: Sequence[int]) -> tuple[list[Outcome], list[int]]:
        if not numbers:
            return [], []
        futures = [self._running[number][1] for number in numbers]
        try:
            results = self._client.gather(futures, errors="skip")
            if len(results) != len(futures):
                raise ValueError("some are lost")
        except Exception:  # a worker ended between the result and its being fetched
            return [], list(numbers)
        outcomes = []
        for number, result in zip(numbers, results, strict=True):
            del self._running[number]
            if isinstance(result, Failure):
                outcomes.append(Outcome(number, failure=result))
            else:
                if self._saved is not None:
                    self._saved.save(number, result)
                outcomes.append(Outcome(number, arrays=result))
        return outcomes, []

    def _erred(self, number: int, future: Any) -> Outcome:
        error = future.exception()
        if type(error).__name__ == "KilledWorker":
            return Outcome(number, lost=self._why())
        return Outcome(number, failure=Failure(type(error).__name__, str(error), "", False, error))

    def _why(self) -> str:
        if self._engine.restarts:
            return f"out of memory, {self._engine.restarts[-1]} when a worker was ended"
        return "they were ended from outside, or by the system for want of memory"

    def _again(self, numbers: Sequence[int]) -> list[Outcome]:
        """Submit once more what the cluster forgot, the shared data first."""
        if not numbers:
            return []
        self._check_connection(wait=True)
        self._scattered = None
        outcomes = []
        for number in dict.fromkeys(numbers):
            batch, _ = self._running.pop(number)
            if self._submitted[number] > RESUBMISSIONS:
                outcomes.append(Outcome(number, lost=self._why()))
            else:
                self.submit(batch)
        return outcomes

    def _look(self) -> None:
        """Follow a cluster that grows or shrinks; give up on one that has no worker left."""
        self._looked = time.monotonic()
        with suppress(Exception):
            info = self._client.scheduler_info(n_workers=0)
            if info["total_threads"]:
                self._seen = time.monotonic()
                # enough for a worker to have its next batch while its last result travels
                self.window = 3 * info["total_threads"]
        if time.monotonic() - self._seen > NO_WORKER:
            raise ClusterError(
                f"the cluster has had no worker for {NO_WORKER:.0f} s",
                where=str(self._engine.address or self._engine.name),
                do="start workers, then " + self._onward(),
            )

    def _check_connection(self, wait: bool = False) -> None:
        deadline = time.monotonic() + self._engine.timeout + 5
        while self._client.status != "running":
            if self._client.status in ("closed", "closing") or time.monotonic() > deadline:
                raise self._gone()
            if not wait:
                return
            time.sleep(0.1)

    def _onward(self) -> str:
        return "run anew" if self._saved is None else "resume from the checkpoint"

    def _gone(self) -> ClusterError:
        return ClusterError(
            "the scheduler is gone: the connection to it was lost and did not come back within"
            f" {self._engine.timeout:.0f} s",
            where=str(self._engine.address or self._engine.name),
            do="start the cluster again, then " + self._onward(),
        )


def _versions() -> str:
    import numpy
    import scipy

    from mriocarbon import __version__

    return f"mriocarbon {__version__}, numpy {numpy.__version__}, scipy {scipy.__version__}"
