"""The one registry: each bench_*.py registers what it measures, `__main__` runs it."""

from __future__ import annotations

import importlib
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
        Seconds, or MiB; empty if it could not be measured.
    unit : {"s", "MiB"}
    target : float or None
        Judged against the median. None: for comparison only.
    note : str
        What is measured, or why it was not.
    """

    name: str
    values: Sequence[float]
    unit: str = "s"
    target: float | None = None
    note: str = ""

    @property
    def middle(self) -> float:
        """Median, NaN without measurements."""
        return median(self.values) if self.values else float("nan")

    @property
    def verdict(self) -> str:
        """MET or MISSED by the median, NOT MEASURED, or empty without a target."""
        if not self.values:
            return "NOT MEASURED"
        if self.target is None:
            return ""
        return "MET" if self.middle <= self.target else "MISSED"


@dataclass(frozen=True)
class Settings:
    """How often to repeat (None: as each benchmark thinks fit), and the source data, if any."""

    repeats: int | None = None
    data: Path | None = None

    def times(self, default: int) -> int:
        """Return the number of repeats."""
        return self.repeats or default


Run = Callable[[Settings], list[Figure]]


@dataclass(frozen=True)
class Benchmark:
    """One registered benchmark."""

    name: str
    about: str
    run: Run


_known: dict[str, Benchmark] = {}


def benchmark(name: str, about: str) -> Callable[[Run], Run]:
    """Register a function under a name."""

    def register(run: Run) -> Run:
        if name in _known:
            raise ValueError(f"benchmark {name!r} is registered twice")
        _known[name] = Benchmark(name, about, run)
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
