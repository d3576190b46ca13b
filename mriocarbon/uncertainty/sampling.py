"""Draws of the parts of a table whose errors share causes, block of rows by block of rows.

Of every cell the latent error is ``sqrt(own) u + sqrt(country) z_c + sqrt(industry) z_i +
sqrt(source) z`` (see `errormodel`): a low-rank correlation of R + S + 1 factors, never a
covariance matrix. Normals are drawn in double precision; lognormal factors are evaluated in
single precision (relative rounding 6e-8, against errors of per cents), which is twice as fast.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mriocarbon.uncertainty.distributions import Dirichlet, Distribution, Lognormal
from mriocarbon.uncertainty.errormodel import Correlation, ErrorModel, relative

__all__ = ["draw_grid", "draw_stressor", "draw_vector"]

Array = NDArray[np.float64]
_CELLS = 2**16  # drawn at once: half a MiB, which stays in the cache


def draw_grid(
    rng: np.random.Generator,
    values: Array,
    spread: Array | float,
    shared: Correlation,
    distribution: Distribution,
    *,
    sectors: int,
    columns: NDArray[np.intp],
    out: NDArray[np.floating],
) -> None:
    """Fill `out` with one draw of a grid of cells.

    Parameters
    ----------
    rng : Generator
    values : ndarray, shape (n, k)
        Flows (k = n) or final demand by destination (k = R).
    spread : ndarray (n, k) or float
        Relative standard deviation; see `prepared`.
    shared : Correlation
    distribution : Distribution
    sectors : int
        S; the industry of row i is ``i % S``.
    columns : ndarray of int, shape (k,)
        Country of each column.
    out : ndarray, shape (n, k)
    """
    k = values.shape[1]
    z_country = rng.standard_normal(int(columns.max()) + 1)
    z_industry, z = rng.standard_normal(sectors), float(rng.standard_normal())
    common = np.sqrt(shared.country) * z_country[columns] + np.sqrt(shared.source) * z
    by_row = np.sqrt(shared.industry) * z_industry
    any_column = shared.country > 0 or shared.source > 0
    height = max(1, _CELLS // k)
    buffer = np.empty((height, k))
    for rows in _blocks(len(values), height):
        u = buffer[: rows.stop - rows.start]
        rng.standard_normal(out=u)
        if shared.own < 1:
            u *= np.sqrt(shared.own)
        if any_column:
            u += common
        if shared.industry > 0:
            u += by_row[np.arange(rows.start, rows.stop) % sectors, None]
        r = spread[rows] if isinstance(spread, np.ndarray) else spread
        np.multiply(values[rows], _factors(distribution, u, r), out=out[rows], casting="unsafe")


def _factors(distribution: Distribution, u: Array, r: Array | float) -> NDArray[np.floating]:
    """Factors of latent errors; `r` is s of the logarithm for a lognormal (see `prepared`)."""
    if not isinstance(distribution, Lognormal):
        return distribution.factors(u, r)
    s = np.asarray(r)
    u -= 0.5 * s  # s u - s^2 / 2 = s (u - s / 2)
    single = np.multiply(u, s, dtype=np.float32, casting="unsafe")
    return np.asarray(np.exp(single, out=single))


def prepared(distribution: Distribution, r: Array | float) -> Array | float:
    """Return what `draw_grid` takes as spread: s of the logarithm, worked out once."""
    if not isinstance(distribution, Lognormal):
        return r
    s = np.sqrt(np.log1p(np.square(r)))
    return s if isinstance(r, np.ndarray) else float(s)


def _blocks(n: int, height: int) -> Iterator[slice]:
    for start in range(0, n, height):
        yield slice(start, min(start + height, n))


def draw_stressor(
    rng: np.random.Generator, values: Array, errors: ErrorModel, regions: int, size: int
) -> Array:
    """Return draws of the stressor, shape (size, n)."""
    if isinstance(errors.stressor, Dirichlet):
        return errors.stressor.draw(rng, values, size)
    r = relative(errors.stressor, values, "stressor")
    n, shared = len(values), errors.stressor_shared
    sectors = n // regions
    e = np.sqrt(shared.own) * rng.standard_normal((size, n))
    e += np.sqrt(shared.country) * np.repeat(rng.standard_normal((size, regions)), sectors, axis=1)
    e += np.sqrt(shared.industry) * np.tile(rng.standard_normal((size, sectors)), (1, regions))
    e += np.sqrt(shared.source) * rng.standard_normal((size, 1))
    return np.asarray(values * errors.distribution.factors(e, r))


def draw_vector(
    rng: np.random.Generator, values: Array, r: Array | float, distribution: Distribution, size: int
) -> Array:
    """Return draws of cells that share nothing, shape (size, n)."""
    e = rng.standard_normal((size, len(values)))
    return np.asarray(values * distribution.factors(e, r))
