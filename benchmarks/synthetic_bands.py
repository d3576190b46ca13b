"""Made-up tables by bands of rows, up to the size of GLORIA's supply-use tables; worthless as data.

`symmetric` is the recipe of `benchmarks.synthetic`, one region's rows at a time. `supply_use` has
industries and products in every region: industries sell their products at home only (one product
each for the most part), products are what industries and final consumers use. Three of four cells
are zero by this structure, a fifth of the rest by chance. Rows balance to the bit, and what a
product's suppliers deliver is all of its output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic import Recipe, recipe

Array = NDArray[np.float64]
SIDE = 0.15  # of a product, made by industries other than its own


@dataclass(frozen=True)
class BandTable:
    """A made-up table, its flows by bands of rows.

    Attributes
    ----------
    regions, sectors : list of str
    Y : ndarray, shape (n, R)
    rows : callable
        Rows of Z of one region, shape (len(sectors), n), in single precision.
    emitted : callable
        Emissions by sector, shape (k, n), of a number k of stressors.
    """

    regions: list[str]
    sectors: list[str]
    Y: Array
    rows: Callable[[int], NDArray[np.float32]]
    emitted: Callable[[int], Array]

    def bands(self) -> Iterator[NDArray[np.float32]]:
        """Yield the rows of each region in turn."""
        for r in range(len(self.regions)):
            yield self.rows(r)


def symmetric(R: int, S: int, seed: int = 0) -> BandTable:
    """Return an industry-by-industry table of R x S sectors."""
    made = _drawn(R, S, seed)
    uses, demand = _sold(made)

    def rows(r: int) -> NDArray[np.float32]:
        return _uses(made, r, uses[r])

    def emitted(count: int) -> Array:
        return made.stressors(made.planned.ravel(), count)

    return BandTable(*made.labels(), demand.reshape(-1, R), rows, emitted)


def supply_use(R: int, S: int, seed: int = 0) -> BandTable:
    """Return a supply-use table of R x (S industries + S products)."""
    made = _drawn(R, S, seed)
    regions, names = made.labels()
    uses, demand = _sold(made)
    Y = np.zeros((R, 2 * S, R))
    Y[:, S:] = demand

    def rows(r: int) -> NDArray[np.float32]:
        Z = np.zeros((2 * S, R, 2 * S), np.float32)
        use = _uses(made, r, uses[r])
        Z[S:, :, :S] = use.reshape(S, R, S)
        products = use.sum(axis=1, dtype=np.float64) + demand[r].sum(axis=1)
        Z[:S, r, S:] = _shares(made, r) * products
        return Z.reshape(2 * S, -1)

    def emitted(count: int) -> Array:
        F = np.zeros((count, R, 2 * S))
        F[:, :, :S] = made.stressors(made.planned.ravel(), count).reshape(-1, R, S)
        return F.reshape(count, -1)

    sectors = [f"industry {name}" for name in names] + [f"product {name}" for name in names]
    return BandTable(regions, sectors, Y.reshape(-1, R), rows, emitted)


def _drawn(R: int, S: int, seed: int) -> Recipe:
    """The recipe with fewer inputs: outputs are met in expectation only, inputs stay below them."""
    made = recipe(R, S, seed)
    return replace(made, inputs=0.9 * made.inputs)


def _sold(made: Recipe) -> tuple[Array, Array]:
    """Intermediate uses (R, S) as expected by the recipe, and the final demand (R, S, R) beside."""
    budget = made.inputs * made.planned
    at_home, bought = made.home * budget, (1 - made.home) * budget
    uses, demand = np.zeros((made.R, made.S)), np.zeros((made.R, made.S, made.R))
    for r in range(made.R):
        need = made.recipe * made.planned[r][:, None]
        need /= need.sum(axis=0)
        uses[r] = need @ (at_home[r] + made.trade[r] @ bought)
        demand[r] = made.demand(r, uses[r])
    return uses, demand


def _uses(made: Recipe, r: int, expected: Array) -> NDArray[np.float32]:
    """Return what region r supplies, rows scaled to what they are expected to sell.

    Else a sector that chance gave few customers would be too small for its inputs.
    """
    Z = made.band(r)
    Z *= (expected / np.maximum(Z.sum(axis=1), 1e-300))[:, None]
    return Z.astype(np.float32)


def _shares(made: Recipe, r: int) -> Array:
    """Shares of industries (rows) in what is supplied of each product; columns sum to one.

    An industry that does not exist makes nothing; its product comes from elsewhere, or not at all.
    """
    S = made.S
    rng = np.random.default_rng([made.seed, 4, r])
    side = rng.random((S, S)) ** 8 * made.planned[r][:, None]  # a few of them make some of it
    side *= SIDE / np.maximum(side.sum(axis=0), 1e-300)
    exists = made.planned[r] > 0
    shares = side + np.diag(np.where(exists, 1 - SIDE, 0.0))
    found: Array = shares / np.maximum(shares.sum(axis=0), 1e-300)
    return found


def arrays(table: BandTable, stressors: int) -> dict[str, Any]:
    """Return the whole as plain arrays in double precision: Z, Y, x, F, regions, sectors."""
    Z = np.concatenate(list(table.bands())).astype(np.float64)
    return {
        "Z": Z, "Y": table.Y, "x": Z.sum(axis=1) + table.Y.sum(axis=1),
        "F": table.emitted(stressors), "regions": table.regions, "sectors": table.sectors,
    }  # fmt: skip
