"""This process, with threads: numpy, scipy and the BLAS let go of the interpreter's lock."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from mriocarbon.compute.batch import Batch
from mriocarbon.compute.blas import blas_threads
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
from mriocarbon.compute.shared import opened
from mriocarbon.errors import InputError

__all__ = ["Threads"]


class Threads:
    """Run batches in threads of this process.

    Parameters
    ----------
    workers : int, optional
        Threads; as many as there are cores.
    blas_threads : int, default 1
        Threads of the BLAS inside each task. The last bits of a result may depend on it, on the
        number of workers they do not.

    Examples
    --------
    >>> from mriocarbon.compute import batches, concatenated
    >>> from mriocarbon.compute.examples import uniform
    >>> one, two = (
    ...     concatenated(Threads(n).run(uniform, batches(10, 4, seed=1)))["draws"] for n in (1, 2)
    ... )
    >>> bool((one == two).all()), one.shape
    (True, (10,))
    """

    name = "threads"

    def __init__(self, workers: int | None = None, *, blas_threads: int = 1) -> None:
        if workers is not None and workers < 1:
            raise InputError(f"{workers} workers", where="workers", do="give 1 or more")
        self.workers = workers or _cores()
        self.blas_threads = blas_threads

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
        return self._drive(task, batches, shared, saved, progress)

    def _drive(
        self,
        task: Task,
        batches: Sequence[Batch],
        shared: Any,
        saved: Checkpoint | None,
        progress: Callable[[Progress], None] | None,
    ) -> Iterator[tuple[int, Arrays]]:
        with blas_threads(self.blas_threads):
            yield from drive(
                lambda: _ThreadPool(self.workers, task, shared, saved), batches, saved, progress
            )

    def close(self) -> None:
        """Nothing to let go of: the threads end with each run."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _ThreadPool:
    def __init__(self, workers: int, task: Task, shared: Any, saved: Checkpoint | None) -> None:
        self.window = 4 * workers
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="mriocarbon")
        self._task, self._shared, self._saved = task, shared, saved
        self._ended: queue.SimpleQueue[Outcome] = queue.SimpleQueue()

    def submit(self, batch: Batch) -> None:
        self._executor.submit(self._work, batch)

    def _work(self, batch: Batch) -> None:
        try:
            result = compute(self._task, opened(self._shared), batch, keep=True)
            if not isinstance(result, Failure) and self._saved is not None:
                self._saved.save(batch.number, result)
        except Exception as error:  # the shared file, or the checkpoint's disk
            result = Failure(type(error).__name__, str(error), "", False, error)
        if isinstance(result, Failure):
            self._ended.put(Outcome(batch.number, failure=result))
        else:
            self._ended.put(Outcome(batch.number, arrays=result))

    def wait(self) -> list[Outcome]:
        try:
            outcomes = [self._ended.get(timeout=1.0)]
        except queue.Empty:
            return []
        while not self._ended.empty():
            outcomes.append(self._ended.get())
        return outcomes

    def abandon(self) -> None:
        # a thread cannot be ended: what runs is finished, and saved by its own thread
        self._executor.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
