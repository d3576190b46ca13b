"""Made-up tables of any size: plausible in structure, worthless as data, the same for one seed.

Regions and sectors are lognormal in size, outputs spread over some five orders of magnitude. Every
sector buys 85 to 90 % of its inputs at home, about half its output in all, a fifth of all cells is
empty, and one sector in sixty has no output. A row band (the S rows of one supplying region) is
made from small arrays alone, so that a table need not fit in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
EMPTY = -0.84  # normal deviates below it, a fifth of all, become empty cells
SPREAD = 1.0  # of the logarithm of a cell around its expectation


@dataclass(frozen=True)
class Recipe:
    """What the row bands of a made-up table are made from.

    Attributes
    ----------
    R, S, seed : int
    planned : ndarray, shape (R, S)
        Output before balancing, in money; zero for sectors that do not exist.
    inputs : ndarray, shape (R, S)
        Intermediate inputs per unit of planned output.
    home : ndarray, shape (R, S)
        Share of them bought in the same region.
    trade : ndarray, shape (R, R)
        Share of each supplier in what a region imports; columns sum to one.
    recipe : ndarray, shape (S, S)
        Relative need of a sector (column) for products (rows), the same everywhere.
    """

    R: int
    S: int
    seed: int
    planned: Array
    inputs: Array
    home: Array
    trade: Array
    recipe: Array

    def band(self, r: int) -> Array:
        """Return Z[rS:(r+1)S, :], shape (S, R S), in money: what region r supplies."""
        R, S = self.R, self.S
        need = self.recipe * self.planned[r][:, None]
        need /= need.sum(axis=0)
        share = np.where(np.arange(R)[:, None] == r, self.home, 1 - self.home)
        share *= np.where(np.arange(R) == r, 1.0, self.trade[r])[:, None]
        budget = (share * self.inputs * self.planned).ravel()
        z: Array = np.random.default_rng([self.seed, 1, r]).standard_normal((S, R * S))
        empty = z < EMPTY
        z *= SPREAD
        np.exp(z, out=z)
        z[empty] = 0.0
        z /= _mean()
        cells = z.reshape(S, R, S)
        cells *= need[:, None, :]
        own = cells[:, r]
        own /= np.maximum(own.sum(axis=0), 1e-300)  # else one large cell makes inputs exceed output
        z *= budget
        return z

    def demand(self, r: int, uses: Array) -> Array:
        """Return Y[rS:(r+1)S, :], shape (S, R), for the intermediate uses of the band's rows.

        What is left of the planned output, and at least a tenth of the uses: 90 % at home.
        """
        rng = np.random.default_rng([self.seed, 2, r])
        total = np.maximum(self.planned[r] - uses, 0.1 * uses)
        abroad = self.planned.sum(axis=1) * np.exp(0.5 * rng.standard_normal((self.S, self.R)))
        abroad[:, r] = 0.0
        share = 0.1 * abroad / np.maximum(abroad.sum(axis=1, keepdims=True), 1e-300)
        share[:, r] = 0.9 if self.R > 1 else 1.0
        Y: Array = total[:, None] * share
        return Y

    def labels(self) -> tuple[list[str], list[str]]:
        """Return names of regions and sectors."""
        return [f"r{k:03}" for k in range(self.R)], [f"s{k:03}" for k in range(self.S)]

    def stressors(self, x: Array, count: int) -> Array:
        """Return F, shape (count, R S): lognormal intensities times the outputs x."""
        rng = np.random.default_rng([self.seed, 3])
        F: Array = rng.standard_normal((count, self.R * self.S))
        F *= 0.5
        F.reshape(count, self.R, self.S)[...] += 1.5 * rng.standard_normal((count, 1, self.S))
        np.exp(F, out=F)
        F *= 1e-3 * x
        return F


def recipe(R: int, S: int, seed: int = 0) -> Recipe:
    """Draw sizes, technology and trade of a made-up table of R regions and S sectors."""
    rng = np.random.default_rng([seed, 0])
    region = np.exp(1.3 * rng.standard_normal(R))
    sector = np.exp(1.1 * rng.standard_normal(S))
    planned = 1e4 * region[:, None] * sector * np.exp(0.6 * rng.standard_normal((R, S)))
    missing = rng.random((R, S)) < 1 / 60
    missing[:, 0] = False  # every region has a sector that supplies
    planned[missing] = 0.0
    trade = region[:, None] * np.exp(0.7 * rng.standard_normal((R, R)))
    np.fill_diagonal(trade, 0.0)
    trade /= np.maximum(trade.sum(axis=0), 1e-300)
    home = rng.uniform(0.85, 0.9, (R, S)) if R > 1 else np.ones((1, S))
    return Recipe(
        R, S, seed, planned, rng.uniform(0.45, 0.7, (R, S)), home, trade,
        np.exp(1.2 * rng.standard_normal((S, S))),
    )  # fmt: skip


def made_up(
    R: int, S: int, stressors: int, seed: int = 0, *, file: Path | None = None
) -> dict[str, Any]:
    """Return a balanced table as plain arrays: x is the sum of the rows of Z and Y, to the bit.

    Parameters
    ----------
    R, S, stressors, seed : int
    file : Path, optional
        Where to keep Z, as .npy: it is then mapped, never in memory as a whole.

    Returns
    -------
    dict
        Z (n, n), Y (n, R), x (n,), F (stressors, n), regions and sectors; n = R S.
    """
    made, n = recipe(R, S, seed), R * S
    Z = np.empty((n, n)) if file is None else np.lib.format.open_memmap(
        file, mode="w+", dtype=np.float64, shape=(n, n)
    )  # fmt: skip
    Y, x = np.empty((n, R)), np.empty(n)
    for r in range(R):
        rows = slice(r * S, (r + 1) * S)
        Z[rows] = made.band(r)
        uses = np.asarray(Z[rows].sum(axis=1))
        Y[rows] = made.demand(r, uses)
        x[rows] = uses + Y[rows].sum(axis=1)
    regions, sectors = made.labels()
    return {"Z": Z, "Y": Y, "x": x, "F": made.stressors(x, stressors),
            "regions": regions, "sectors": sectors}  # fmt: skip


def _mean() -> float:
    """Expectation of a cell's factor: of exp(SPREAD z) where z is not below EMPTY."""
    from math import erf, exp, sqrt

    return exp(SPREAD**2 / 2) * (1 - erf((EMPTY - SPREAD) / sqrt(2))) / 2
