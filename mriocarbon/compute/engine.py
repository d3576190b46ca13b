"""The one interface to where work runs, and how to name it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from mriocarbon.compute.batch import Batch
from mriocarbon.compute.dask import DaskEngine
from mriocarbon.compute.drive import Arrays, Progress, Task
from mriocarbon.compute.slurm import SlurmEngine
from mriocarbon.compute.threads import Threads
from mriocarbon.errors import InputError, UnknownNameError

__all__ = ["Engine", "engine"]


class Engine(Protocol):
    """Somewhere batches run: `Threads`, `DaskEngine`, `SlurmEngine`."""

    name: str
    blas_threads: int

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
        """Yield (number, arrays) of every batch, always in the order of the batches.

        What is added up from them in that order is the same, bit for bit, on every engine and
        with any number of workers, on one kind of processor.

        Parameters
        ----------
        task : function (shared, batch) -> mapping of names to arrays
            On the top level of a module. It must not change `shared`, and draws random numbers
            from ``batch.rng()`` only.
        batches : sequence of Batch
            Numbered 0, 1, 2, ... (`batches`, `batches_of`).
        shared : mapping of arrays, other data, or Handle
            What all tasks read. Data are sent to each worker once; a `Handle` is opened there.
        key : mapping of text and numbers
            What else the results depend on and a checkpoint should tell apart: the account, the
            hash of the table, options. Task, shared data, batches and versions are in it anyway.
        checkpoint : Path or str
            Folder for finished batches, new or empty unless resuming.
        resume : bool
            Go on with the folder's batches; begin, where there are none yet.
        progress : function of a Progress
            Called at the start and after each batch.

        Raises
        ------
        BatchError
            A task raised, or ended its workers; what else ran is finished and saved first.
        ClusterError
            The scheduler or all workers are gone.
        InputError, DataFileError
            The task cannot travel; the checkpoint is another run's (see `Checkpoint`).
        KeyboardInterrupt
            With a note on what the checkpoint holds, where it met the engine and not the loop
            that takes the results.
        """
        ...

    def close(self) -> None:
        """Let go of the cluster, if this engine began one."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


_ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://\S+")


def engine(spec: str | Path | None = None, *, workers: int | None = None) -> Engine:
    """Return the engine of a name, a scheduler's address or a SLURM file.

    Parameters
    ----------
    spec : str, Path or None
        None or ``"threads"``: this process. ``"dask"``: a cluster on this machine.
        ``"tcp://host:port"``: a running one. A ``.yaml`` file: SLURM.
    workers : int, optional
        Threads, or processes of the cluster on this machine.

    Raises
    ------
    UnknownNameError
        None of these.
    InputError
        `workers` for a cluster that has its own.
    NotAvailableError
        The ``[distributed]`` extra is not installed.

    Examples
    --------
    >>> engine("threads", workers=2).name
    'threads'
    """
    spec = None if spec is None else str(spec)  # a Path of the command line is a name as well
    if spec is None or spec == "threads":
        return Threads(workers)
    if spec == "dask":
        return DaskEngine(workers=workers)
    if _ADDRESS.fullmatch(spec):
        return DaskEngine(spec, workers=workers)
    if Path(spec).suffix in (".yaml", ".yml"):
        if workers is not None:
            raise InputError(
                "workers are given beside a SLURM file",
                where=str(spec),
                do="say jobs and processes in the file",
            )
        return SlurmEngine(Path(spec))
    raise UnknownNameError.of(
        "engine", str(spec), ("threads", "dask", "tcp://host:port", "slurm.yaml")
    )
