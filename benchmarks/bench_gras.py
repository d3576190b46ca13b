"""GRAS on the full table [Z | Y] of 2022, 4,050 x 4,131, to 1e-8: cold, warm, and plain numpy."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.registry import ROOT, Figure, Settings, benchmark, timed

Array = NDArray[np.float64]
TARGET, TOLERANCE = 5.0, 1e-8
FILE = Path("icio2022") / "icio2022_81x50_f32.npz"
TINY = (
    "import time; from mriocarbon.build.balance import gras; t = time.perf_counter();"
    " gras([[7, 3, -2], [2, 9, 8]], [10, 20], [11, 13, 6]); print(time.perf_counter() - t)"
)


def problem(folder: Path) -> tuple[Array, Array, Array]:
    """The published table, and the margins of one that differs from it cell by cell.

    Regions grow by 6 % (standard deviation) apart, sectors by 5 %, cells by 20 %.
    """
    with np.load(folder / FILE) as archive:
        A = np.hstack([archive["Z"], archive["Y"]]).astype(float)
        R = len(archive["countries"])
    rng = np.random.default_rng(2022)
    m, n = A.shape
    region = np.exp(0.06 * rng.standard_normal(R))
    rows = np.repeat(region, m // R) * np.exp(0.05 * rng.standard_normal(m))
    columns = np.concatenate([np.repeat(region, m // R), region])
    columns = columns * np.exp(0.05 * rng.standard_normal(n))
    B = A * np.sqrt(rows)[:, None] * np.sqrt(columns) * np.exp(0.2 * rng.standard_normal(A.shape))
    return A, B.sum(axis=1), B.sum(axis=0)


def by_numpy(A: Array, u: Array, v: Array) -> tuple[Array, int]:
    """GRAS as one writes it in numpy: four products an iteration, no diagnosis."""
    P, N = np.maximum(A, 0.0), np.maximum(-A, 0.0)
    r, s = np.ones(len(u)), np.ones(len(v))

    def root(p: Array, n: Array, margin: Array) -> Array:
        plain = (margin + np.sqrt(margin**2 + 4 * p * n)) / (2 * np.where(p > 0, p, 1.0))
        single = np.where(n > 0, -n / np.where(margin < 0, margin, -1.0), 1.0)
        out: Array = np.where(p > 0, plain, single)
        return np.where(out > 0, out, 1.0)

    count = 0
    while count < 3000:
        count += 1
        p, n = P @ s, N @ (1 / s)
        gap = np.abs(r * p - n / r - u) / np.maximum(np.abs(u), 1e-6 * (r * p + n / r) + 1e-300)
        if gap.max() <= TOLERANCE:
            break
        r = root(p, n, u)
        s = root(r @ P, (1 / r) @ N, v)
    return r[:, None] * P * s - N / (r[:, None] * s), count


@benchmark(
    "gras",
    "GRAS to 1e-8, margins changed as from one year to another",
    size="4,050 x 4,131",
    peers=("plain numpy",),
    bound="5 s",
)
def gras(settings: Settings) -> list[Figure]:
    """Cold with and without compiled code on disk, warm, against numpy."""
    from mriocarbon.build import balance

    if settings.data is None or not (settings.data / FILE).is_file():
        return [Figure("balance.gras", [], "s", TARGET, "MRIOCARBON_DATA names no folder with it")]
    compile_times: list[float] = []
    load_times: list[float] = []
    for _ in range(settings.times(2)):
        with tempfile.TemporaryDirectory() as cache:
            for times in (compile_times, load_times):
                ended = subprocess.run(
                    [sys.executable, "-c", TINY], capture_output=True, text=True, check=True,
                    cwd=ROOT, env={**os.environ, "NUMBA_CACHE_DIR": cache},
                )  # fmt: skip
                times.append(float(ended.stdout))
    A, u, v = problem(settings.data)
    balance.gras([[7, 3, -2], [2, 9, 8]], [10, 20], [11, 13, 6])
    done: Any = None

    def ours() -> None:
        nonlocal done
        done = balance.gras(A, u, v, tol=TOLERANCE)

    warm = timed(ours, settings.times(5), warm=0)
    other: Any = None

    def theirs() -> None:
        nonlocal other
        other = by_numpy(A, u, v)

    plain = timed(theirs, min(settings.times(2), 2), warm=0)
    gap = float(np.abs(other[0] - done.value).sum() / np.abs(done.value).sum())
    if gap > 1e-6:  # a fast wrong answer is no answer
        raise AssertionError(f"numpy gives another table: {gap:.1e}")
    ratio = Figure("", plain).middle / Figure("", warm).middle
    first = Figure("", load_times).middle
    return [
        Figure("balance.gras", warm, "s", TARGET,
               f"{done.iterations} passes, largest relative miss {done.error:.1e};"
               f" {int((A < 0).sum())} negative cells"),
        Figure("first call of a process on top, machine code on disk", load_times, "s", None,
               "numba's import and the cached kernels, on a table of 2 x 3"),
        Figure("first call ever on top, compiling", compile_times, "s", None, "once a machine"),
        Figure("first call of a process, whole", [t + first for t in warm], "s", TARGET,
               "sum of the two above"),
        Figure("plain numpy GRAS", plain, "s", None,
               f"{ratio:.1f} times the time of balance.gras, {other[1]} iterations"),
    ]  # fmt: skip
