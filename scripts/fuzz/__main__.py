"""``make fuzz``: every target for its share of the time; exit status 1 if anything is found.

Per target one line: inputs tried, seconds, branches reached, inputs kept, findings. What was found
lies in ``build/fuzz/NAME/findings``: the input, and a text with the traceback. An input is tried
again with ``python -m scripts.fuzz --again FILE --target NAME``.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from scripts.fuzz.targets import TARGETS

OUT = Path("build/fuzz")
SHARED = Path("/dev/shm")  # files that no disk need see
LEAST = 5  # seconds that are worth a start
PATIENCE = 180  # seconds beyond its time that a process gets to start and to end
# One thread each; a thread's own heap would count as memory asked for.
QUIET = {
    "JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "ARROW_DEFAULT_MEMORY_POOL": "system",
    "CPL_LOG": "/dev/null",
}  # fmt: skip
PROGRESS = re.compile(r"cov: (\d+) ft: \d+ corp: (\d+)/")
RUNS = re.compile(r"stat::number_of_executed_units: (\d+)|^#(\d+)\s", re.MULTILINE)


@dataclass
class Outcome:
    """What came of one target."""

    name: str
    runs: int = 0
    seconds: float = 0.0
    branches: int = 0
    kept: int = 0
    findings: tuple[Path, ...] = ()

    def __str__(self) -> str:
        told = f"{len(self.findings)} finding{'s' * (len(self.findings) != 1)}"
        return (
            f"{self.name:<14} {self.runs:>9,} inputs {self.seconds:>6.0f} s"
            f" {self.branches:>6,} branches {self.kept:>6,} kept  {told}"
        )


def fuzzed(name: str, seconds: float, out: Path) -> Outcome:
    """Run one target in processes of its own: one that ends early is followed by another."""
    made = Outcome(name)
    shutil.rmtree(out / "findings", ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    with (
        open(out / "log.txt", "wb") as log,
        tempfile.TemporaryDirectory(
            prefix="fuzz-", dir=SHARED if SHARED.is_dir() else None
        ) as home,
    ):
        work, cache = Path(home) / "work", Path(home) / "cache"
        cache.mkdir()
        while (left := seconds - (time.monotonic() - begun)) >= LEAST or not made.runs:
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            at = log.tell()
            command = [sys.executable, "-m", "scripts.fuzz.worker", name, str(out), str(work)]
            try:
                code = subprocess.run(
                    [*command, str(max(LEAST, int(left)))], stdout=log, stderr=log, check=False,
                    env={**os.environ, **QUIET, "MRIOCARBON_CACHE": str(cache)},
                    timeout=max(LEAST, left) + PATIENCE,
                ).returncode  # fmt: skip
            except subprocess.TimeoutExpired:  # compiled code that holds a lock for ever
                code = 1
                (out / "findings").mkdir(exist_ok=True)
                (out / "findings" / "hung").write_text("see log.txt")
            text = (out / "log.txt").read_bytes()[at:].decode("utf-8", "replace")
            runs = [int(a or b) for a, b in RUNS.findall(text)]
            made.runs += max(runs, default=0)
            for branches, kept in PROGRESS.findall(text)[-1:]:
                made.branches, made.kept = int(branches), int(kept)
            log.seek(0, os.SEEK_END)
            if code == 0:
                break
            if not runs:
                raise SystemExit(f"{name}: no input was tried; see {out / 'log.txt'}")
    made.seconds = time.monotonic() - begun
    faults = (out / "findings").glob("*")
    made.findings = tuple(sorted(p for p in faults if not p.name.endswith(".txt")))
    return made


def again(name: str, file: Path) -> int:
    """Try one input, and say what is wrong with it."""
    from scripts.fuzz.judge import tried

    with tempfile.TemporaryDirectory() as home:
        found = tried(TARGETS[name], file.read_bytes(), Path(home))
    print(f"{found.key}\n\n{found.text}" if found else "nothing is wrong")
    return int(found is not None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the targets one after the other; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600, help="for all targets together")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="only these")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--again", type=Path, metavar="FILE", help="try one input of --target")
    given = parser.parse_args(arguments)
    names: list[str] = given.target or list(TARGETS)
    if given.again is not None:
        if len(names) != 1:
            parser.error("--again needs one --target")
        return again(names[0], given.again)
    if find_spec("atheris") is None:
        print(
            "fuzz: UNTRIED: atheris is not installed (it has wheels for Linux on x86_64 and Python"
            " 3.11 to 3.13). tests/scripts/test_fuzz.py tries each target without it.",
            file=sys.stderr,
        )
        return 3
    found: list[Outcome] = []
    for k, name in enumerate(names):
        left = given.seconds - sum(one.seconds for one in found)
        one = fuzzed(name, left / (len(names) - k), given.out / name)
        print(one, *(f"  {path}" for path in one.findings), sep="\n", flush=True)
        found.append(one)
    runs, findings = sum(one.runs for one in found), sum(len(one.findings) for one in found)
    spent = sum(one.seconds for one in found)
    print(f"{len(found)} targets, {runs:,} inputs, {spent:,.0f} s, {findings} findings")
    return int(findings > 0)


if __name__ == "__main__":
    raise SystemExit(main())
