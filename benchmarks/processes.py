"""Whole processes: how long they take from start to end, and how much memory at most."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.registry import ROOT


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    seconds: float
    peak_mib: float
    code: int
    stderr: str


def run(arguments: Sequence[str]) -> Ended:
    """Run this Python with arguments in a fresh process, the package's folder on its path."""
    environment = {**os.environ}
    path = environment.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = f"{ROOT}{os.pathsep}{path}" if path else str(ROOT)
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    with process.stderr:
        stderr = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)  # the usage of this child, not of all of them
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    kib = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Ended(seconds, kib / 1024, process.returncode, stderr)
