"""The same accounts by this project and by its peers, side by side in one run.

``python -m benchmarks.compare_peers [--case NAME ...] [--list] [--json FILE] [--write]``; the peers
live in environments of their own, made by ``make peers``. Each contender runs in a process of its
own with the same number of threads, contenders take turns, and the clock runs from plain arrays
with empty caches to the accounts (`benchmarks/peers/worker.py`). Accounts that differ from the
peer's by more than 1e-9 of the stressor's largest value make a case WRONG, whatever the time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.machine import cores, machine
from benchmarks.peer_tables import TABLES, Missing
from benchmarks.processes import run
from benchmarks.registry import ROOT, Benchmark, Figure, data_folder, positive, registered
from benchmarks.report import save, show, write

WORKER = Path(__file__).parent / "peers" / "worker.py"
TOLERANCE = 1e-9
PYTHONS: Mapping[str, Path] = {
    "mriocarbon": Path(sys.executable),
    "pymrio": ROOT / "build" / "peers-venv" / "pymrio" / "bin" / "python",
    "mario": ROOT / "build" / "peers-venv" / "mario" / "bin" / "python",
}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
REGIONAL = ("production", "consumption", "imports", "exports",
            "production by sector", "consumption by product", "exports by sector",
            "multipliers")  # fmt: skip
ALL = (*REGIONAL, "imports by product")


@dataclass(frozen=True)
class Contender:
    """A program, what it is asked for, and of how many stressors."""

    program: str
    mode: str
    stressors: int

    def __str__(self) -> str:
        some = "1 stressor" if self.stressors == 1 else f"{self.stressors:,} stressors"
        return f"{self.program} {self.mode}, {some}"


@dataclass(frozen=True)
class Case:
    """This project against one peer on one table.

    Attributes
    ----------
    name, table : str
    ours, peer : Contender
    same : tuple of str
        Accounts that must agree.
    faster : float, optional
        Target: the peer's time over ours, at least.
    memory : float, optional
        Target: our peak memory over the peer's, at most.
    """

    name: str
    table: str
    ours: Contender
    peer: Contender
    same: tuple[str, ...]
    faster: float | None = None
    memory: float | None = None


def _against(
    table: str, name: str, peer: tuple[str, str], mode: str, stressors: int,
    same: tuple[str, ...], faster: float | None = None, memory: float | None = None,
) -> Case:  # fmt: skip
    ours = Contender("mriocarbon", mode, stressors)
    return Case(f"{table}-{name}", table, ours, Contender(*peer, stressors), same, faster, memory)


_PYMRIO, _MARIO = ("pymrio", "calc_all"), ("mario", "footprints")
_NATIONAL, _M = ("consumption",), ("multipliers",)
CASES: tuple[Case, ...] = (
    _against("1000", "regional", _PYMRIO, "regional", 4, REGIONAL),
    _against("1000", "everything", _PYMRIO, "everything", 4, ALL),
    _against("1000", "national", _PYMRIO, "national", 1, _NATIONAL),
    _against("1000", "mario", _MARIO, "regional", 4, _M),
    _against("4050", "regional", _PYMRIO, "regional", 4, REGIONAL, 10, 0.5),
    _against("4050", "everything", _PYMRIO, "everything", 4, ALL, 6, 0.5),
    _against("4050", "national", _PYMRIO, "national", 1, _NATIONAL, 60),
    _against("4050", "mario", _MARIO, "regional", 4, _M),
    _against("9800", "regional", _PYMRIO, "regional", 10, REGIONAL, 10, 0.5),
    _against("9800", "everything", _PYMRIO, "everything", 10, ALL, 6, 0.5),
    _against("9800", "regional-1113", _PYMRIO, "regional", 1113, REGIONAL, 8, 0.5),
    _against("9800", "everything-1113", _PYMRIO, "everything", 1113, ALL, 4, 0.5),
)


@dataclass
class Played:
    """What the turns of one contender gave."""

    turns: list[list[float]] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    outputs: str = ""
    version: str = ""
    failed: str = ""
    accounts: Path | None = None

    @property
    def seconds(self) -> list[float]:
        """Seconds of every repeat of every turn."""
        return [value for turn in self.turns for value in turn]


def gap(ours: Path, theirs: Path, names: Sequence[str]) -> tuple[float, str]:
    """Return the largest difference of two files of accounts, and in which account it is.

    Relative to the largest absolute value of the account, stressor by stressor; infinite where an
    account is missing, of another shape, or not finite.
    """
    worst = (0.0, "")
    with np.load(ours) as a, np.load(theirs) as b:
        for name in names:
            if name not in a.files or name not in b.files or a[name].shape != b[name].shape:
                return float("inf"), f"{name} (missing or of another shape)"
            mine, other = a[name], b[name]
            size = np.abs(other).max(axis=1)
            miss = np.abs(mine - other).max(axis=1) / np.where(size > 0, size, 1.0)
            found = float(miss.max())
            if not np.isfinite(found):
                return float("inf"), f"{name} (not finite)"
            worst = max(worst, (found, name))
    return worst


def play(
    cases: Sequence[Case],
    *,
    rounds: int | None = None,
    threads: int | None = None,
    pythons: Mapping[str, Path] = PYTHONS,
    data: Path | None = None,
    worker: Path = WORKER,
) -> list[Figure]:
    """Run cases, table by table, contenders in turns; return their figures."""
    figures: list[Figure] = []
    for table in dict.fromkeys(case.table for case in cases):
        chosen = [case for case in cases if case.table == table]
        with tempfile.TemporaryDirectory(prefix="mriocarbon-peers-") as name:
            folder = Path(name)
            try:
                about = TABLES[table].make(folder, data)
            except Missing as reason:
                for case in chosen:
                    figures += [Figure(f"{case.name}: times faster", [], "x", case.faster,
                                       str(reason), at_least=True)]  # fmt: skip
                continue
            many = rounds or TABLES[table].rounds
            played = _turns(chosen, folder, many, threads or cores(), pythons, worker)
            figures += judged(chosen, played, about)
    return figures


def _turns(
    cases: Sequence[Case], folder: Path, rounds: int, threads: int,
    pythons: Mapping[str, Path], worker: Path,
) -> dict[Contender, Played]:  # fmt: skip
    """Every contender once a round, in the same order: A B C, A B C."""
    contenders = list(dict.fromkeys(c for case in cases for c in (case.ours, case.peer)))
    played = {one: Played() for one in contenders}
    environment = {name: str(threads) for name in THREADS}
    for turn in range(rounds):
        for k, one in enumerate(contenders):
            known = played[one]
            if known.failed:
                continue
            python = pythons.get(one.program)
            if python is None or not python.is_file():
                known.failed = f"{one.program} has no environment: make peers"
                continue
            print(f"  turn {turn + 1} of {rounds}: {one} ...", file=sys.stderr, flush=True)
            files = {key: str(folder / f"{key}-{k}{end}") for key, end in
                     (("task", ".json"), ("accounts", ".npz"), ("report", ".json"))}  # fmt: skip
            task = {
                "program": one.program, "mode": one.mode, "stressors": one.stressors,
                "repeats": TABLES[cases[0].table].repeats,
                "arrays": str(folder), **files,
            }  # fmt: skip
            Path(files["task"]).write_text(json.dumps(task), encoding="utf-8")
            ended = run([str(worker), files["task"]], python=python, environment=environment)
            if ended.code:
                known.failed = f"{one} ended with code {ended.code}: {ended.complaint}"
                continue
            told = json.loads(Path(files["report"]).read_text(encoding="utf-8"))
            known.turns.append(told["seconds"])
            known.peaks.append(ended.peak_mib)
            known.outputs, known.version = told["outputs"], told["version"]
            known.accounts = Path(files["accounts"])
    return played


def judged(
    cases: Sequence[Case], played: Mapping[Contender, Played], about: str
) -> list[Figure]:  # fmt: skip
    """Ratios of each case, then seconds and peak memory of each contender."""
    figures = []
    for case in cases:
        ours, theirs = played[case.ours], played[case.peer]
        what = f"{case.name}: times faster than {case.peer.program}"
        reason = ours.failed or theirs.failed
        if reason or ours.accounts is None or theirs.accounts is None:
            figures.append(
                Figure(what, [], "x", case.faster, reason, at_least=True, wrong=bool(ours.failed))
            )
            continue
        miss, where = gap(ours.accounts, theirs.accounts, case.same)
        wrong = not miss <= TOLERANCE
        note = (
            f"{about}; the largest difference is {miss:.1e}"
            + (f", in {where}" if where else "")
            + (f": more than {TOLERANCE:.0e}" if wrong else "")
            + f"; compared: {', '.join(case.same)}; ratio of the minima"
            f" {min(theirs.seconds) / min(ours.seconds):.1f}"
        )
        pairs = zip(theirs.turns, ours.turns, strict=True)
        figures.append(
            Figure(what, [median(b) / median(a) for b, a in pairs], "x", case.faster, note,
                   at_least=True, wrong=wrong)
        )  # fmt: skip
        share = [a / b for a, b in zip(ours.peaks, theirs.peaks, strict=True)]
        figures.append(
            Figure(f"{case.name}: peak memory over {case.peer.program}'s", share, "x", case.memory,
                   wrong=wrong)
        )  # fmt: skip
    table = cases[0].table
    for one, known in played.items():
        if known.turns:
            note = f"{known.version}; computed: {known.outputs}"
            figures.append(Figure(f"{table}: {one}", known.seconds, "s", None, note))
            figures.append(Figure(f"{table}: {one}, peak memory", known.peaks, "MiB"))
    return figures


def main(argv: Sequence[str] | None = None) -> int:
    """Return 0; 1 if a case is WRONG; 2 for a bad request. A missed target is no error."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare_peers", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument(
        "--case", action="append", default=[], metavar="NAME", help="all by default"
    )
    parser.add_argument("--list", action="store_true", help="list the cases and stop")
    parser.add_argument("--rounds", type=positive, help="turns of each contender")
    parser.add_argument("--threads", type=int, help="of each contender; all cores by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--write", action="store_true", help="write them into the documentation")
    for program in ("pymrio", "mario"):
        parser.add_argument(f"--{program}", type=Path, metavar="PYTHON", default=PYTHONS[program],
                            help=f"interpreter of {program}'s environment")  # fmt: skip
    asked = parser.parse_args(argv)
    known = {case.name: case for case in CASES}
    for name in asked.case:
        if name not in known:
            print(f"error: unknown case {name!r}; known: {', '.join(known)}", file=sys.stderr)
            return 2
    chosen = [known[name] for name in dict.fromkeys(asked.case)] or list(CASES)
    if asked.list:
        for case in chosen:
            goals = [f"{case.faster:g} times faster" if case.faster else "",
                     f"{case.memory:g} of its peak memory" if case.memory else ""]  # fmt: skip
            wanted = ", ".join(filter(None, goals)) or "for comparison"
            print(f"{case.name:<24} {case.ours} against {case.peer}: {wanted}")
        return 0
    if asked.write and asked.case:
        print("error: --write replaces the figures of all cases: leave out --case", file=sys.stderr)
        return 2
    about = {**machine(), "threads": str(asked.threads or cores())}
    pythons = {**PYTHONS, "pymrio": asked.pymrio, "mario": asked.mario}
    figures = play(
        chosen, rounds=asked.rounds, threads=asked.threads, pythons=pythons, data=data_folder()
    )
    results: list[tuple[Benchmark, list[Figure]]] = [(registered()["peers"], figures)]
    show(results, about)
    if asked.json:
        save(results, about, asked.json)
    if asked.write:
        write(results, about)
    return 1 if any(figure.wrong for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
