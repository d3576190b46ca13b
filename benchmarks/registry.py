"""The one registry: each bench_*.py registers what it measures, `__main__` runs it."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Figure:
    """Repeated measurements of one thing.

    Attributes
    ----------
    name : str
    values : sequence of float
        Seconds, MiB or ratios; empty if it could not be measured.
    unit : {"s", "MiB", "x", "B", ""}
    target : float or None
        Judged against the median. None: for comparison only.
    note : str
        What is measured, or why it was not.
    at_least : bool
        The target is a lower bound, as of how many times faster than a peer.
    wrong : bool
        The results differ from those beside them: whatever the time, it counts for nothing.
    """

    name: str
    values: Sequence[float]
    unit: str = "s"
    target: float | None = None
    note: str = ""
    at_least: bool = False
    wrong: bool = False

    @property
    def middle(self) -> float:
        """Median, NaN without measurements."""
        return median(self.values) if self.values else float("nan")

    @property
    def verdict(self) -> str:
        """MET or MISSED by the median, NOT MEASURED, WRONG, or empty without a target."""
        if self.wrong:
            return "WRONG"
        if not self.values:
            return "NOT MEASURED"
        if self.target is None:
            return ""
        met = self.middle >= self.target if self.at_least else self.middle <= self.target
        return "MET" if met else "MISSED"


@dataclass(frozen=True)
class Settings:
    """How often to repeat (None: as each benchmark thinks fit), and the source data, if any.

    With `smoke`, only what takes seconds: no source data are given, large cases are left out.
    """

    repeats: int | None = None
    data: Path | None = None
    smoke: bool = False

    def times(self, default: int) -> int:
        """Return the number of repeats."""
        return self.repeats or default


def positive(text: str) -> int:
    """Return a number of repeats as the command line gives it, one at least."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} repeats: give one at least")
    return number


def data_folder() -> Path | None:
    """The folder of source data that MRIOCARBON_DATA names, if it is there."""
    named = os.environ.get("MRIOCARBON_DATA", "").strip()
    folder = Path(named).expanduser().resolve() if named else None
    return folder if folder and folder.is_dir() else None


Run = Callable[[Settings], list[Figure]]


@dataclass(frozen=True)
class Benchmark:
    """One registered benchmark.

    Attributes
    ----------
    name, about : str
        The second says what is computed.
    run : callable
    size : str
        Of the tables.
    peers : tuple of str
        What else computes the same in the same run.
    bound : str
        The targets in words, or what limits the time.
    smoke : bool
        Part of the smoke set.
    """

    name: str
    about: str
    run: Run
    size: str = ""
    peers: tuple[str, ...] = ()
    bound: str = ""
    smoke: bool = False


_known: dict[str, Benchmark] = {}


def benchmark(
    name: str,
    about: str,
    *,
    size: str = "",
    peers: tuple[str, ...] = (),
    bound: str = "",
    smoke: bool = False,
) -> Callable[[Run], Run]:
    """Register a function under a name."""

    def register(run: Run) -> Run:
        if name in _known:
            raise ValueError(f"benchmark {name!r} is registered twice")
        _known[name] = Benchmark(name, about, run, size, peers, bound, smoke)
        return run

    return register


def registered() -> Mapping[str, Benchmark]:
    """Return all benchmarks, importing every bench_*.py beside this file."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.startswith("bench_"):
            importlib.import_module(f"benchmarks.{module.name}")
    return dict(sorted(_known.items()))


def timed(work: Callable[[], object], repeats: int, warm: int = 1) -> list[float]:
    """Return seconds of `repeats` calls, after `warm` calls that are not counted."""
    for _ in range(warm):
        work()
    values = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        values.append(time.perf_counter() - start)
    return values


def side_by_side(
    contenders: Mapping[str, Callable[[], object]], repeats: int, rounds: int = 3
) -> dict[str, list[float]]:
    """Time contenders in turns, so that a noisy moment meets all of them.

    Every turn begins with a call that is not counted: the threads of another BLAS spin for some
    30 ms after their last work, and would be paid for by whoever comes next.
    """
    values: dict[str, list[float]] = {name: [] for name in contenders}
    each = max(1, repeats // rounds)
    for _ in range(rounds):
        for name, work in contenders.items():
            values[name] += timed(work, each)
    return values
