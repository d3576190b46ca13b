"""Whole processes: how long they take from start to end, and how much memory at most."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.registry import ROOT

# The kernel counts the memory of the parent at the fork into the peak of the child, so that a
# large test process would make every child look large. A small launcher stands between them.
_LAUNCHER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
code = subprocess.call([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([seconds, peak / (2**20 if sys.platform == "darwin" else 2**10), code]))
"""


@dataclass(frozen=True)
class Ended:
    """A process that has ended."""

    seconds: float
    peak_mib: float
    code: int
    stderr: str

    @property
    def complaint(self) -> str:
        """The last line it wrote to standard error, or that there is none."""
        return (self.stderr.strip().splitlines() or ["no message"])[-1]


def run(
    arguments: Sequence[str],
    *,
    python: str | Path = sys.executable,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a Python (this one) with arguments in a fresh process, this folder on its path."""
    variables = {**os.environ, **(environment or {})}
    path = variables.get("PYTHONPATH", "")
    variables["PYTHONPATH"] = f"{ROOT}{os.pathsep}{path}" if path else str(ROOT)
    launched = subprocess.run(
        [str(python), "-S", "-c", _LAUNCHER, *arguments],
        env=variables, capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds, peak_mib, code = json.loads(launched.stdout)
    return Ended(seconds, peak_mib, code, launched.stderr)
