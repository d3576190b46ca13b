"""The one loop that all engines share: hand out batches, take results back, yield them in order."""

from __future__ import annotations

import pickle
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mriocarbon.compute.batch import Batch
from mriocarbon.compute.checkpoint import Checkpoint
from mriocarbon.compute.failures import BatchError
from mriocarbon.errors import InputError

__all__ = ["Failure", "Outcome", "Pool", "Progress", "Task", "checked", "compute", "drive"]

Task = Callable[[Any, Batch], Mapping[str, Any]]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    done, total : int
        Batches.
    resumed : int
        How many of `done` came from the checkpoint.
    elapsed : float
        Seconds since this run, or its resumption, began.
    eta : float or None
        Seconds to go at the pace so far; None before the first batch of this run is done.
    stopping : int
        After a break: batches at work that are finished first.

    Examples
    --------
    >>> print(Progress(30, 100, 10, 40.0, 140.0))
    30 of 100 batches (10 from the checkpoint), 40 s gone, about 2 min 20 s to go
    """

    done: int
    total: int
    resumed: int
    elapsed: float
    eta: float | None
    stopping: int = 0

    def __str__(self) -> str:
        if self.stopping:
            return f"stopping when the batches at work (at most {self.stopping}) are finished"
        text = f"{self.done} of {self.total} batches"
        if self.resumed:
            text += f" ({self.resumed} from the checkpoint)"
        text += f", {_seconds(self.elapsed)} gone"
        return text if self.eta is None else f"{text}, about {_seconds(self.eta)} to go"


@dataclass(frozen=True)
class Failure:
    """What a task raised, as text: any exception travels, even one that cannot be pickled."""

    kind: str
    message: str
    trace: str
    memory: bool
    cause: BaseException | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: arrays, a failure, or a worker that ended under it (`lost`)."""

    number: int
    arrays: Arrays | None = None
    failure: Failure | None = None
    lost: str = ""


class Pool(Protocol):
    """Where batches run. An engine makes one for each run."""

    window: int  # batches handed out and not yet yielded, at most

    def submit(self, batch: Batch) -> None:
        """Hand out a batch."""

    def wait(self) -> list[Outcome]:
        """Return what has ended since, after at most a second or so; finished ones are saved."""

    def abandon(self) -> None:
        """Take back what has not begun, and save what has finished."""

    def close(self) -> None:
        """Let go of everything."""


def checked(task: Task, batches: Sequence[Batch]) -> None:
    """Refuse a task that cannot travel, and batches out of order.

    Raises
    ------
    InputError
        The task is a lambda, a closure or a partial; batches are not numbered 0, 1, 2, ...
    """
    name = getattr(task, "__qualname__", "<partial>")
    try:
        pickle.dumps(task)
    except (pickle.PicklingError, AttributeError, TypeError):
        name = f"<{name}>"
    if "<" in name:
        raise InputError(
            f"the task {name.strip('<>')} cannot be sent to a worker",
            where="task",
            do="use a function on the top level of a module; what it needs goes into `shared`"
            " and `Batch.item`",
        )
    if [one.number for one in batches] != list(range(len(batches))):
        raise InputError(
            "the batches are not numbered 0, 1, 2, ... in order",
            where="batches",
            do="make them with batches() or batches_of()",
        )


def compute(task: Task, shared: Any, batch: Batch, *, keep: bool = False) -> Arrays | Failure:
    """Run one task and return named arrays, or what it raised (`keep`: the exception as well)."""
    try:
        result = task(shared, batch)
        if not isinstance(result, Mapping):
            raise InputError(
                f"the task returned a {type(result).__name__}",
                where=f"batch {batch.number}",
                do="return a mapping of names to arrays",
            )
        arrays = {str(name): np.asarray(value) for name, value in result.items()}
        for name, array in arrays.items():
            if array.dtype.hasobject:
                raise InputError(
                    f"the task's result {name!r} holds Python objects",
                    where=f"batch {batch.number}",
                    do="return arrays of numbers or text",
                )
        return arrays
    except Exception as error:
        return Failure(
            type(error).__name__,
            str(error),
            "".join(traceback.format_exception(error)),
            isinstance(error, MemoryError),
            error if keep else None,
        )


def drive(
    open_pool: Callable[[], Pool],
    batches: Sequence[Batch],
    saved: Checkpoint | None,
    progress: Callable[[Progress], None] | None,
) -> Iterator[tuple[int, Arrays]]:
    """Yield (number, arrays) in the order of the batches.

    A batch under which a worker ended more often than the cluster allows is tried once more by
    itself, when nothing else runs: whoever only ran beside the culprit gets through, and the
    error names the culprit.
    """
    resumed = saved.finished if saved else frozenset[int]()
    todo = deque(one for one in batches if one.number not in resumed)
    running: dict[int, Batch] = {}
    ready: dict[int, Arrays] = {}
    alone: deque[Batch] = deque()
    tried: set[int] = set()
    failure: BatchError | None = None
    started, done = time.monotonic(), len(resumed)
    pool: Pool | None = None

    def tell() -> None:
        if progress is not None:
            elapsed = time.monotonic() - started
            fresh = done - len(resumed)
            eta = elapsed / fresh * (len(batches) - done) if fresh else None
            eta = 0.0 if done == len(batches) else eta
            progress(Progress(done, len(batches), len(resumed), elapsed, eta))

    def refill(pool: Pool) -> None:
        if failure is not None:
            return
        if alone:
            if not running:
                one = alone.popleft()
                tried.add(one.number)
                running[one.number] = one
                pool.submit(one)
            return
        while todo and len(running) + len(ready) < pool.window:
            one = todo.popleft()
            running[one.number] = one
            pool.submit(one)

    try:
        tell()
        for batch in batches:
            if batch.number in resumed:
                assert saved is not None
                yield batch.number, saved.load(batch.number)
                continue
            pool = pool or open_pool()
            while batch.number not in ready:
                refill(pool)
                for outcome in pool.wait():
                    one = running.pop(outcome.number)
                    if outcome.arrays is not None:
                        ready[one.number] = outcome.arrays
                        done += 1
                        tell()
                    elif outcome.lost and one.number not in tried:
                        alone.append(one)
                    else:
                        failure = failure or _error(one, outcome)
                # what runs already is worth keeping where it can be kept
                if failure is not None and (saved is None or not running):
                    raise failure
            yield batch.number, ready.pop(batch.number)
    except BaseException as error:
        try:
            if pool is not None:
                if running and progress is not None and isinstance(error, KeyboardInterrupt):
                    elapsed = time.monotonic() - started
                    progress(
                        Progress(done, len(batches), len(resumed), elapsed, None, len(running))
                    )
                pool.abandon()
        finally:
            if not isinstance(error, GeneratorExit):
                error.add_note(_left(saved, len(batches)))
        raise
    finally:
        if pool is not None:
            pool.close()


def _error(batch: Batch, outcome: Outcome) -> BatchError:
    about = f", {batch.item!r}" if batch.item is not None else ""
    where = f"batch {batch.number} (slice {batch.start} to {batch.stop}{about})"
    smaller = "smaller batches, more memory for each worker, or fewer threads in it"
    failure = outcome.failure
    if failure is None:
        return BatchError(
            f"batch {batch.number} ended every worker it ran on, at last with nothing beside it:"
            f" {outcome.lost}",
            batch=batch.number,
            where=where,
            do=smaller,
        )
    error = BatchError(
        f"batch {batch.number} failed: {failure.kind}: {failure.message}",
        batch=batch.number,
        where=where,
        do=smaller
        if failure.memory
        else "mend the cause, then resume (a task whose code has changed is another run)",
    )
    error.__cause__ = failure.cause
    if failure.cause is None:
        error.add_note("on the worker:\n" + failure.trace)
    return error


def _left(saved: Checkpoint | None, total: int) -> str:
    if saved is None:
        return "no checkpoint was asked for: the run begins anew next time"
    return (
        f"{saved.count} of {total} batches are in the checkpoint {saved.folder}; resume=True"
        " (--resume) goes on from there"
    )


def _seconds(value: float) -> str:
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
