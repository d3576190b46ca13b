"""How far each way to solve is from what the machine can do, and how time grows with the table.

The bound of a factorisation is ``2/3 n^3 + 2 n^2 k`` flops at the speed of a large product of the
same precision; that of an account by sweeps is its passes over Z at the speed of memory. What
comes out is what `solve.choose.Machine` holds.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mriocarbon as mc
from benchmarks.registry import Figure, Settings, benchmark, timed
from benchmarks.synthetic import made_up
from mriocarbon.solve.system import Leontief

Array = NDArray[Any]
DOUBLE, SINGLE, STREAM, GROWTH = 1.8, 2.2, 1.5, 2.2
GROWS = "time of an account by sweeps, made-up tables: grows as the number of sectors to the power"
# Passes of an account from plain arrays beside its sweeps: sums of rows and of columns, the least
# cell, the sweep that bounds the error, and the residual.
BESIDE = 5


@benchmark(
    "solve",
    "LU, refined single-precision LU and sweeps against the bounds of the machine",
    size="1,000, 4,050 and (made-up) 4,900 and 9,800 sectors",
    bound="1.8 and 2.2 times the flops in double and single, 1.5 times the passes over memory",
    smoke=True,
)
def solve(settings: Settings) -> list[Figure]:
    """On the embedded table, the 4,050-sector one (source data at hand) and made-up ones."""
    mrio = mc.load("oecd-icio-2022")
    figures = on(mrio.Z, mrio.x, 50, settings.times(7), targets=False)
    if settings.smoke:
        return figures
    if settings.data is None:
        figures.append(Figure("4,050 sectors", [], "s", None, "MRIOCARBON_DATA names no folder"))
    else:
        with np.load(settings.data / "icio2022" / "icio2022_81x50_f32.npz") as archive:
            Z, x, Y = (np.asarray(archive[k], dtype=np.float64) for k in ("Z", "x", "Y"))
        figures += on(Z, x, 50, settings.times(5)) + account(Z, Y, x, 50, settings.times(9))
    return figures + growth(settings.times(3))


def on(Z: Array, x: Array, block: int, repeats: int, *, targets: bool = True) -> list[Figure]:
    """Return each method, from Z and x alone and with its error bound, against its flops."""
    n = len(x)
    double, single, stream = speeds(n, min(repeats, 3))
    figures = [
        Figure(f"{n:,} sectors: product of two matrices, double precision", [2 * n**3 / double]),
        Figure(f"{n:,} sectors: the same, single precision", [2 * n**3 / single]),
        Figure(f"{n:,} sectors: product with a vector", [8 * n * n / stream]),
    ]
    rng = np.random.default_rng(0)
    for sides in (1, n // block, 4 * (n // block)):
        F = rng.random((sides, n)) * x
        flops = 2 / 3 * n**3 + 2 * n**2 * sides
        given = f"{n:,} sectors, {sides} stressor{'s' if sides > 1 else ''}"
        for method, spelt, speed, most in (
            ("lu", "LU", double, DOUBLE),
            ("lu32", "LU in single precision, refined", single, SINGLE),
        ):
            values = timed(partial(_fresh, Z, x, F, block, method), repeats)
            name = f"{given}: {spelt}, its time over that of its flops in a product of matrices"
            note = f"{min(values):.3g} s at the least; {flops / 1e9:.3g} Gflop"
            figures.append(Figure(name, [v * speed / flops for v in values], "x",
                                  most if targets else None, note))  # fmt: skip
        if sides <= n // block:
            values = timed(partial(_fresh, Z, x, F, block, "iterative"), repeats)
            figures.append(Figure(f"{given}: by sweeps", values))
    return figures


def _fresh(Z: Array, x: Array, F: Array, block: int, method: str) -> Any:
    return Leontief(Z, x, block=block).left(F, method=method)


def speeds(n: int, repeats: int) -> tuple[float, float, float]:
    """Return flop/s of dgemm and sgemm of this size, and bytes/s of dgemv."""
    from scipy.linalg.blas import dgemm, dgemv, sgemm

    A = np.asfortranarray(np.random.default_rng(0).random((n, n)))
    single, v = A.astype(np.float32), np.ones(n)
    flops = 2.0 * n**3
    return (
        flops / min(timed(lambda: dgemm(1.0, A, A), repeats)),
        flops / min(timed(lambda: sgemm(1.0, single, single), repeats)),
        A.nbytes / min(timed(lambda: dgemv(1.0, A, v), 10 * repeats)),
    )


def account(Z: Array, Y: Array, x: Array, block: int, repeats: int) -> list[Figure]:
    """Return a national consumption account of one stressor against its passes over Z."""
    from scipy.linalg.blas import dgemv

    n, v = len(x), np.ones(len(x))
    f = np.random.default_rng(0).random(n) * x
    regions = [f"r{k}" for k in range(n // block)]
    sectors = [f"s{k}" for k in range(block)]

    def work() -> Any:
        table = mc.MRIO.from_arrays(
            Z=Z, Y=Y, x=x, regions=regions, sectors=sectors, stressors={"made up": f}, copy=False
        )
        return mc.account(table, "consumption", households=False)

    values = timed(work, repeats)
    stream = min(timed(lambda: dgemv(1.0, Z.T, v), 3 * repeats))
    passes = Leontief(Z, x, block=block).left(f, method="iterative").iterations + BESIDE
    note = f"{passes} passes, {passes - BESIDE} of them sweeps, of {1e3 * stream:.2g} ms each"
    return [
        Figure(f"{n:,} sectors: national account from plain arrays", values, "s", None, note),
        Figure(f"{n:,} sectors: national account, its time over that of its passes over Z",
               [v / (passes * stream) for v in values], "x", STREAM),
    ]  # fmt: skip


def growth(repeats: int) -> list[Figure]:
    """Return how the time of an account grows with the size of the table: n to which power."""
    found, sizes = [], (100, 200)
    for sectors in sizes:
        made = made_up(49, sectors, 1)
        solver = Leontief(made["Z"], made["x"], block=sectors)
        work = partial(solver.left, made["F"], method="iterative")
        found.append(min(timed(work, repeats)))
    small, large = (49 * sectors for sectors in sizes)
    power = math.log(found[1] / found[0]) / math.log(large / small)
    note = f"{found[0]:.3g} s at {small:,} and {found[1]:.3g} s at {large:,} sectors, made up"
    return [Figure(GROWS, [power], "", GROWTH, note)]
