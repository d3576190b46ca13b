"""A Dask cluster for measuring: scheduler and workers in processes of their own, bytes counted.

``python -m benchmarks.clusters ADDRESS N`` keeps N workers of one thread each in one process, so
that a scheduler can be shown hundreds of workers on a small machine.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.registry import ROOT
from mriocarbon.compute import DaskEngine

_written = 0
_counting = False


def count_messages() -> None:
    """From now on, count what this process writes to its Dask connections."""
    global _counting
    if _counting:
        return
    from distributed.comm.tcp import TCP

    plain: Callable[..., Any] = TCP.write

    async def write(self: Any, *arguments: Any, **options: Any) -> int:
        global _written
        size: int = await plain(self, *arguments, **options)
        _written += size
        return size

    setattr(TCP, "write", write)  # noqa: B010  (mypy refuses an assignment to a method)
    _counting = True


def written() -> int:
    """Return the bytes counted so far in this process."""
    return _written


@contextmanager
def processes(workers: int, *, in_one: bool = False) -> Iterator[tuple[DaskEngine, int]]:
    """Yield a connected engine and the scheduler's process number; all end on leaving.

    `in_one`: all workers in one process, for what the scheduler makes of many workers.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    begun: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> int:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        begun.append(process)
        return process.pid

    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "scheduler.json"
        try:
            scheduler = begin("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port",
                              "0", "--no-dashboard", "--dashboard-address", "127.0.0.1:0",
                              "--scheduler-file", str(told))  # fmt: skip
            address = _address(told)
            if in_one:
                begin("benchmarks.clusters", address, str(workers))
            else:
                for _ in range(workers):
                    begin("distributed.cli.dask_worker", address, "--nthreads", "1", "--host",
                          "127.0.0.1", "--no-dashboard", "--no-nanny", "--memory-limit", "1.5GiB",
                          "--local-directory", folder)  # fmt: skip
            with DaskEngine(address) as engine:
                engine.client.wait_for_workers(workers, timeout=120)
                yield engine, scheduler
        finally:
            for process in reversed(begun):
                process.terminate()
            for process in begun:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                process.kill()
                process.wait()


def _address(told: Path) -> str:
    for _ in range(300):
        with suppress(OSError, ValueError):
            return str(json.loads(told.read_text(encoding="utf-8"))["address"])
        time.sleep(0.1)
    raise RuntimeError("the scheduler did not start")


async def _many(address: str, number: int) -> None:
    Worker: Any = importlib.import_module("distributed").Worker

    with tempfile.TemporaryDirectory() as folder:
        workers = [
            Worker(address, nthreads=1, host="127.0.0.1", memory_limit=0, dashboard=False,
                   local_directory=folder)
            for _ in range(number)
        ]  # fmt: skip
        for worker in workers:
            await worker
        await asyncio.gather(*(worker.finished() for worker in workers))


if __name__ == "__main__":
    asyncio.run(_many(sys.argv[1], int(sys.argv[2])))
