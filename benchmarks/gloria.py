"""Footprints at the size of GLORIA: ``python -m benchmarks.gloria 19680|39360 [--keep FOLDER]``.

19,680 sectors (164 regions x 120 industries): 6 stressors, all in memory, from plain arrays.
39,360 sectors (164 regions x 120 industries and 120 products): one stressor, streamed from a
store. The tables are made up. Seconds and peak memory are those of a fresh process that does
nothing else; making the table is not counted. A result that does not close is an error.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import mriocarbon as mc
from benchmarks.processes import run
from benchmarks.registry import Figure
from benchmarks.synthetic_bands import BandTable, supply_use, symmetric
from mriocarbon.accounts.streamed import streamed_footprints
from mriocarbon.io.store_write import write_store

CLOSES = 1e-9  # of the world's emissions


@dataclass(frozen=True)
class Case:
    """One size: how the table is made, how many stressors, and the targets in seconds and GiB."""

    make: Callable[[int, int], BandTable]
    stressors: int
    streamed: bool
    seconds: float | None
    gib: float


CASES = {
    19680: Case(symmetric, 6, False, 30.0, 5.0),
    39360: Case(supply_use, 1, True, None, 10.0),
}


def make(case: Case, R: int, S: int, folder: Path) -> list[Figure]:
    """Write the table into a folder, as a store or as .npy files, unless it is there already.

    Raises
    ------
    FileExistsError
        Another table is there.
    """
    mark = f"{case.make.__name__} {R} {S} {case.stressors}"
    if (folder / "made").is_file():
        if (folder / "made").read_text() != mark:
            raise FileExistsError(f"{folder} holds another table; name another folder")
        return []
    start = time.perf_counter()
    table = case.make(R, S)
    if case.streamed:
        index = mc.SectorIndex(tuple(table.regions), tuple(table.sectors))
        path = folder / "table.zarr"
        names = tuple(f"stressor {k + 1}" for k in range(case.stressors))
        F = table.emitted(case.stressors)
        write_store(
            path, table.bands(), index=index, Y=table.Y, provenance=mc.Provenance("made up"),
            extensions=[mc.Extension("emissions", names, F, ("Mt CO2e",) * len(names))],
        )  # fmt: skip
        size = sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
    else:
        n, width = len(table.Y), len(table.sectors)
        Z: Any = np.lib.format.open_memmap(
            folder / "Z.npy", mode="w+", dtype=np.float64, shape=(n, n)
        )
        x = table.Y.sum(axis=1)
        for r, band in enumerate(table.bands()):
            at = slice(r * width, (r + 1) * width)
            Z[at] = band
            x[at] += band.sum(axis=1, dtype=np.float64)
        size = Z.nbytes
        del Z
        F = table.emitted(case.stressors)
        for name, array in {"Y": table.Y, "x": x, "F": F}.items():
            np.save(folder / f"{name}.npy", array)
    (folder / "made").write_text(mark)
    return [
        Figure("making it", [time.perf_counter() - start]),
        Figure("on disk", [size / 2**20], "MiB"),
    ]


def work(case: Case, R: int, S: int, folder: Path, result: Path) -> None:
    """Compute the footprints in this process; the clock starts at plain arrays or at the store."""
    if case.streamed:
        start = time.perf_counter()
        found = streamed_footprints(
            folder / "table.zarr", progress=lambda text: print(text, file=sys.stderr, flush=True)
        )
        seconds, value, error = time.perf_counter() - start, found.consumption, found.error
        emitted = found.production.sum(axis=1)
    else:
        Z, Y, x, F = (np.load(folder / f"{name}.npy") for name in ("Z", "Y", "x", "F"))
        start = time.perf_counter()
        names = [f"stressor {k + 1}" for k in range(len(F))]
        regions, sectors = symmetric_labels(R, S)
        table = mc.MRIO.from_arrays(
            Z=Z, Y=Y, x=x, regions=regions, sectors=sectors,
            stressors=dict(zip(names, F, strict=True)), copy=False,
        )  # fmt: skip
        q = np.divide(F, x, out=np.zeros_like(F), where=x > 0)
        solution = mc.leontief(table).multipliers(q)
        value, error = solution.value @ table.final_demand, solution.error
        seconds, emitted = time.perf_counter() - start, F.sum(axis=1)
    gap = float(np.abs(value.sum(axis=1) / emitted - 1).max())
    result.write_text(json.dumps({"seconds": seconds, "gap": gap, "error": error}))


def symmetric_labels(R: int, S: int) -> tuple[list[str], list[str]]:
    """Return the labels that `symmetric` gives."""
    return [f"r{k:03}" for k in range(R)], [f"s{k:03}" for k in range(S)]


def measure(n: int, R: int, S: int, keep: Path | None = None) -> list[Figure]:
    """Make a table, compute its footprints in a fresh process, and return what it took.

    Raises
    ------
    AssertionError
        The process failed, or the accounts do not add up to the world's emissions.
    """
    case = CASES[n]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if keep is None else keep
        folder.mkdir(parents=True, exist_ok=True)
        figures = make(case, R, S, folder)
        result = Path(temporary) / "result.json"
        ended = run(["-m", "benchmarks.gloria", str(n), "--regions", str(R), "--sectors", str(S),
                     "--keep", str(folder), "--worker", str(result)])  # fmt: skip
        if ended.code:
            raise AssertionError(f"the process failed:\n{ended.stderr}")
        found = json.loads(result.read_text())
    if not (found["gap"] < CLOSES and found["error"] < CLOSES):
        raise AssertionError(f"the accounts do not close: {found}")
    how = "streamed from the store" if case.streamed else "from plain arrays in memory"
    sectors = R * S * (2 if case.make is supply_use else 1)
    many = f"{case.stressors} stressor{'s' if case.stressors > 1 else ''}"
    what = f"{many}, {R} regions, {sectors:,} sectors, {how}"
    note = f"accounts close to {found['gap']:.1e}, forward error {found['error']:.1e}"
    return [
        *figures,
        Figure(what, [found["seconds"]], "s", case.seconds, note),
        Figure("the whole process", [ended.seconds]),
        Figure(
            f"peak memory, {sectors:,} sectors, {how}", [ended.peak_mib], "MiB", case.gib * 1024
        ),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure one size and print it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gloria", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("n", type=int, choices=CASES, help="which table")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="make it there and leave it")
    parser.add_argument("--regions", type=int, default=164, help="fewer, for a trial")
    parser.add_argument("--sectors", type=int, default=120, help="fewer, for a trial")
    parser.add_argument("--worker", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.worker:
        work(CASES[asked.n], asked.regions, asked.sectors, asked.keep, asked.worker)
        return 0
    from benchmarks.machine import machine
    from benchmarks.registry import Benchmark
    from benchmarks.report import show

    try:
        figures = measure(asked.n, asked.regions, asked.sectors, asked.keep)
    except FileExistsError as error:
        parser.error(str(error))
    about = Benchmark("gloria", "made-up tables of the size of GLORIA", lambda settings: figures)
    show([(about, figures)], machine())
    return 0


if __name__ == "__main__":
    sys.exit(main())
