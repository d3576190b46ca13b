"""SLURM through dask-jobqueue: every job of the batch system runs Dask workers.

The file, all keys (the first four must be there)::

    jobs: 4                    # SLURM jobs
    cores: 16                  # of each job
    memory: 64 GiB             # of each job
    walltime: "02:00:00"       # quoted, or YAML reads it as a number
    processes: 16              # workers in each job; default: one for each core
    queue: compute             # partition
    account: climate           # that the time is charged to
    interface: ib0             # network interface of the workers
    scheduler_interface: eth0  # of the scheduler, which runs where mriocarbon does
    python: /opt/env/bin/python  # of the workers; default: the one that runs here
    local_directory: /tmp      # for what workers spill
    log_directory: logs        # for what the jobs print
    death_timeout: 300         # seconds after which a worker without scheduler ends; the default
    extra_directives: ["--exclusive"]  # more options of sbatch
    prologue: ["module load python"]   # lines of shell before the workers begin
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mriocarbon.compute.dask import DaskEngine, extra
from mriocarbon.compute.failures import ClusterError
from mriocarbon.errors import DataFileError, InputError, UnknownNameError, unreadable

__all__ = ["SlurmEngine", "SlurmSettings", "job_script", "read_settings"]

_TIME = re.compile(r"(\d+-)?\d{1,3}:[0-5]\d(:[0-5]\d)?")
LEAST_MEMORY = 10**6  # bytes: what is less was meant otherwise
_MEMORY = re.compile(r"\d+(\.\d+)? ?[KMGT]i?B")


@dataclass(frozen=True)
class SlurmSettings:
    """What the file says, checked. The keys are explained at the top of this module."""

    jobs: int
    cores: int
    memory: str
    walltime: str
    processes: int
    queue: str | None = None
    account: str | None = None
    interface: str | None = None
    scheduler_interface: str | None = None
    python: str | None = None
    local_directory: str | None = None
    log_directory: str | None = None
    death_timeout: int = 300
    extra_directives: tuple[str, ...] = ()
    prologue: tuple[str, ...] = ()


_REQUIRED = ("jobs", "cores", "memory", "walltime")
_NUMBERS = ("jobs", "cores", "processes", "death_timeout")
_LISTS = ("extra_directives", "prologue")
_KNOWN = tuple(SlurmSettings.__dataclass_fields__)


def read_settings(source: Path | str | Mapping[str, object]) -> SlurmSettings:
    """Read and check a SLURM file, or a mapping with the same keys.

    Raises
    ------
    DataFileError
        There is no such file, or it is not YAML.
    InputError
        A key is missing, or has a value of the wrong kind.
    UnknownNameError
        A key that is not known; the message offers the nearest.
    NotAvailableError
        The ``[distributed]`` extra is not installed.
    """
    where = "settings" if isinstance(source, Mapping) else str(source)
    content = dict(source) if isinstance(source, Mapping) else _yaml(Path(source))
    for name in content:
        if name not in _KNOWN:
            raise UnknownNameError.of("SLURM setting", str(name), _KNOWN, do=f"(in {where})")
    missing = [name for name in _REQUIRED if content.get(name) is None]
    if missing:
        raise InputError(
            f"SLURM settings are missing: {', '.join(missing)}",
            where=where,
            do='add them, for instance: jobs: 4, cores: 16, memory: 64 GiB, walltime: "02:00:00"',
        )
    values: dict[str, Any] = {name: value for name, value in content.items() if value is not None}
    values.setdefault("processes", values["cores"])
    for name, value in values.items():
        if name in _NUMBERS:
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise _wrong(name, value, where, "a whole number from 1 up")
        elif name in _LISTS:
            if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
                raise _wrong(name, value, where, 'a list of texts, such as ["--exclusive"]')
            values[name] = tuple(value)
        elif not isinstance(value, str) or not value.strip() or "\n" in value:
            quoted = " in quotes" if name == "walltime" else ""
            raise _wrong(name, value, where, f"a text on one line{quoted}")
    if not _TIME.fullmatch(values["walltime"]):
        raise _wrong("walltime", values["walltime"], where, '"HH:MM:SS" or "D-HH:MM:SS"')
    memory = values["memory"]
    if not _MEMORY.fullmatch(memory) or len(memory) > 24:
        raise _wrong("memory", memory, where, "a number and a unit, such as 64 GiB")
    if extra("dask.utils").parse_bytes(memory) < LEAST_MEMORY:
        raise _wrong("memory", memory, where, "at least 1 MB, such as 64 GiB")
    if values["cores"] % values["processes"]:
        raise _wrong("processes", values["processes"], where, "a divisor of cores")
    return SlurmSettings(**values)


def job_script(source: Path | str | Mapping[str, object], scheduler: str = "SCHEDULER") -> str:
    """Return the script that is handed to ``sbatch``, without a cluster and without starting one.

    Parameters
    ----------
    source : Path, str or mapping
        The file, or its content.
    scheduler : str
        Address that the workers are told; known only when a run begins.

    Raises
    ------
    DataFileError, InputError, UnknownNameError, NotAvailableError
        As `read_settings`.
    """
    settings = read_settings(source)
    slurm = extra("dask_jobqueue.slurm")
    options = _options(settings)
    options["log_directory"] = None  # dask-jobqueue would make the folder
    job = slurm.SLURMJob(scheduler=scheduler, name="WORKER", **options)
    text = str(job.job_script())
    if settings.log_directory:
        logs = "".join(
            f"#SBATCH -{letter} {settings.log_directory}/mriocarbon-%J.{kind}\n"
            for letter, kind in (("e", "err"), ("o", "out"))
        )
        first, rest = text.split("#SBATCH -J mriocarbon\n", 1)
        text = f"{first}#SBATCH -J mriocarbon\n{logs}{rest}"
    return text


class SlurmEngine(DaskEngine):
    """Run batches on workers that SLURM starts; parameters as `DaskEngine`, the rest in the file.

    The scheduler lives in this process, which has to run where jobs can reach it (a login node,
    or a job of its own). Workers come as the queue lets them; the run begins with the first.
    """

    name = "slurm"

    def __init__(
        self,
        source: Path | str | Mapping[str, object],
        *,
        blas_threads: int = 1,
        timeout: float = 86_400.0,
    ) -> None:
        self.settings = read_settings(source)
        extra("dask_jobqueue")
        super().__init__(blas_threads=blas_threads, timeout=timeout)

    def _begin_cluster(self) -> Any:
        options = _options(self.settings)
        scheduler: dict[str, Any] = {"dashboard": False}
        if self.settings.scheduler_interface:
            scheduler["interface"] = self.settings.scheduler_interface
        jobqueue = extra("dask_jobqueue")
        try:
            cluster = jobqueue.SLURMCluster(scheduler_options=scheduler, **options)
        except (OSError, RuntimeError, ValueError) as error:
            raise ClusterError(
                f"the scheduler of the cluster cannot begin here: {error}",
                where="SLURM",
                do="check interface, scheduler_interface and log_directory in the file",
            ) from error

        async def begin() -> None:
            # `scale` alone leaves what fails in a callback of its loop, and the run waiting.
            cluster.scale(jobs=self.settings.jobs)
            await cluster._correct_state()

        try:
            cluster.sync(begin)
        except Exception as error:
            with suppress(Exception):
                cluster._created.clear()  # jobs that never were: `close` would stumble over them
                cluster.close(timeout=10)
            raise ClusterError(
                f"the batch system did not take the jobs: {' '.join(str(error).split())[:500]}",
                where="sbatch",
                do="run where sbatch works; check queue, account and walltime in the file"
                " (mriocarbon.compute.job_script shows the script)",
            ) from error
        return cluster


def _options(settings: SlurmSettings) -> dict[str, Any]:
    return {
        "job_name": "mriocarbon",
        "cores": settings.cores,
        "processes": settings.processes,
        "memory": settings.memory,
        "walltime": settings.walltime,
        "queue": settings.queue,
        "account": settings.account,
        "interface": settings.interface,
        "python": settings.python,
        "local_directory": settings.local_directory,
        "log_directory": settings.log_directory,
        "death_timeout": settings.death_timeout,
        "job_extra_directives": list(settings.extra_directives),
        "job_script_prologue": list(settings.prologue),
    }


def _yaml(path: Path) -> dict[Any, Any]:
    yaml = extra("yaml")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise unreadable(path, error, "the SLURM file") from error
    except (ValueError, RecursionError, OverflowError, yaml.YAMLError) as error:
        raise DataFileError(
            f"the SLURM file is not YAML: {error}", where=str(path), do="write `key: value` lines"
        ) from error
    if not isinstance(content, dict):
        raise InputError(
            "the SLURM file holds no settings", where=str(path), do="write `key: value` lines"
        )
    return content


def _wrong(name: str, value: object, where: str, wanted: str) -> InputError:
    return InputError(
        f"SLURM setting {name} is {value!r}", where=f"{name} in {where}", do=f"give {wanted}"
    )
