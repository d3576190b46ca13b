"""Ways to solve: LU by LAPACK or JAX, the explicit inverse, GMRES; for few and many sides.

What comes out decides the thresholds in mriocarbon/solve/choose.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import mriocarbon as mc
from benchmarks.registry import Figure, Settings, benchmark, timed
from mriocarbon.solve.system import Leontief

Array = NDArray[np.float64]
SIDES = (1, 20, 1000)
# GMRES takes its sides one by one: more than this would measure patience.
MOST_GMRES = 20


@benchmark("solve", "LU (LAPACK, JAX), numpy inverse and GMRES for 1, 20 and 1000 sides")
def solve(settings: Settings) -> list[Figure]:
    """On the embedded table, and on the 4,050-sector table if the source data are at hand."""
    mrio = mc.load("oecd-icio-2022")
    figures = _on(mrio.Z, mrio.x, mrio.extensions["GHG"].F[0], settings.times(9))
    if settings.data is None:
        figures.append(Figure("n = 4050", [], "s", None, "MRIOCARBON_DATA names no folder"))
        return figures
    with np.load(settings.data / "icio2022" / "icio2022_81x50_f32.npz") as archive:
        Z, x = archive["Z"].astype(float), archive["x"].astype(float)
    f = x * np.resize(np.abs(np.sin(np.arange(50.0))), len(x))  # any smooth intensity will do
    return figures + _on(Z, x, f, max(1, min(settings.times(3), 3)))


def _on(Z: Array, x: Array, f: Array, repeats: int) -> list[Figure]:
    import jax
    import jax.numpy as jnp
    from jax.scipy.linalg import lu_factor as jax_factor
    from jax.scipy.linalg import lu_solve as jax_solve
    from scipy.linalg import lu_factor, lu_solve

    n = len(x)
    zero = x == 0
    M = np.diag(np.where(zero, 1.0, x)) - np.where(zero, 0.0, Z)
    figures = []
    for sides in SIDES:
        weights = np.linspace(0.5, 1.5, sides)[:, None]
        F = np.where(zero, 0.0, f) * weights
        right = np.ascontiguousarray(F.T)

        def lapack(right: Array = right) -> Any:
            return lu_solve(lu_factor(M.T, check_finite=False), right, check_finite=False)

        def inverse(F: Array = F) -> Any:
            return F @ np.linalg.inv(M)

        with jax.enable_x64(True):
            compiled = jax.jit(lambda A, B: jax_solve(jax_factor(A), B))

            def with_jax(right: Array = right, compiled: Any = compiled) -> Any:
                return compiled(jnp.asarray(M.T), jnp.asarray(right)).block_until_ready()

            jax_times = timed(with_jax, repeats)
        label = f"n = {n}, {sides} side{'s' if sides > 1 else ''}: "
        figures.append(Figure(label + "LAPACK LU (scipy)", timed(lapack, repeats)))
        figures.append(Figure(label + "JAX LU, compiled", jax_times))
        figures.append(Figure(label + "numpy inverse", timed(inverse, repeats)))
        for method in ("lu", "gmres"):
            name = label + f"engine, {method}, with error bound"
            if method == "gmres" and sides > MOST_GMRES:
                note = f"not run: one side at a time, {sides} times the first figure"
                figures.append(Figure(name, [], "s", None, note))
                continue
            products = 0

            def engine(method: str = method, F: Array = F) -> None:
                nonlocal products
                products = Leontief(Z, x).left(F, method=method).iterations

            values = timed(engine, repeats if sides == 1 or method == "lu" else 1, warm=sides == 1)
            note = ""
            if method == "gmres":
                # LU costs the same for one side as for a few.
                even = sides * figures[-1].middle / Figure("", values).middle
                note = f"{products / sides:.0f} products of n^2 a side; as dear as LU at"
                note += f" {even:.1f} sides"
            figures.append(Figure(name, values, "s", None, note))
    return figures
