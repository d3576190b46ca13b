"""Random productive tables for hypothesis, and the toy table.

Hypothesis draws the size and the features; the cells come from a generator that it seeds, so
that a failing example shrinks to few regions, few sectors and no features.
"""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

import mriocarbon as mc

# 2 regions x 2 sectors, in the order A1 A2 B1 B2.
TOY_Z = np.array([[20, 10, 15, 5], [10, 20, 0, 5], [5, 0, 20, 20], [0, 5, 10, 60]], dtype=float)
TOY_Y = np.array([[30, 40], [55, 10], [10, 45], [5, 120]], dtype=float)
TOY_F = np.array([240, 50, 60, 40], dtype=float)
TOY_H = np.array([7, 5], dtype=float)


def toy(**changes) -> mc.MRIO:
    """The toy table, with any argument of `from_arrays` changed."""
    given = {
        "Z": TOY_Z,
        "Y": TOY_Y,
        "regions": ["A", "B"],
        "sectors": ["1", "2"],
        "stressors": {"GHG": TOY_F},
        "households": {"GHG": TOY_H},
    }
    return mc.MRIO.from_arrays(**{**given, **changes})


@dataclass(frozen=True)
class Case:
    """Plain arrays of a random table; `Y` is destination-major over categories."""

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    categories: tuple[str, ...]
    Z: np.ndarray
    Y: np.ndarray
    f: np.ndarray
    value_added: np.ndarray
    seed: int

    @property
    def R(self) -> int:
        return len(self.regions)

    @property
    def S(self) -> int:
        return len(self.sectors)

    @property
    def n(self) -> int:
        return self.R * self.S

    @property
    def x(self) -> np.ndarray:
        return self.Z.sum(axis=1) + self.Y.sum(axis=1)

    @property
    def demand(self) -> np.ndarray:
        """Final demand by destination, categories summed."""
        return self.Y.reshape(self.n, self.R, -1).sum(axis=2)

    @property
    def rng(self) -> np.random.Generator:
        """A generator of its own for whatever a test adds to the table."""
        return np.random.default_rng([self.seed, 1])

    def changed(self, **changes) -> "Case":
        return replace(self, **changes)

    def mrio(self, **changes) -> mc.MRIO:
        given = {
            "Z": self.Z,
            "Y": self.Y,
            "regions": self.regions,
            "sectors": self.sectors,
            "categories": self.categories,
            "stressors": {"GHG": self.f},
            "value_added": self.value_added,
        }
        return mc.MRIO.from_arrays(**{**given, **changes})


def random_case(
    seed: int,
    R: int,
    S: int,
    *,
    categories: int = 1,
    zeros: int = 0,
    negative_demand: bool = False,
    negative_value_added: bool = False,
    density: float = 1.0,
    decades: float = 2.0,
) -> Case:
    """A productive table with the features asked for; output spans about 2 x `decades`."""
    rng = np.random.default_rng([seed, R, S])
    n = R * S
    A = rng.random((n, n)) * (rng.random((n, n)) < density)
    sums = A.sum(axis=0)
    target = rng.uniform(0.05, 0.45 if negative_value_added else 0.85, n)
    if negative_value_added:  # a few columns buy more than they make; the chain still closes
        target[rng.choice(n, size=max(1, n // 6), replace=False)] = rng.uniform(1.05, 1.4)
    A *= np.where(sums > 0, target / np.where(sums > 0, sums, 1.0), 0.0)
    dead = rng.choice(n, size=min(zeros, n - 1), replace=False)
    A[dead] = 0.0
    A[:, dead] = 0.0
    radius = np.abs(np.linalg.eigvals(A)).max()
    if radius > 0.95:
        A *= 0.95 / radius
    scale = 10 ** rng.uniform(-decades, decades, n)
    Y = rng.random((n, R * categories)) * scale[:, None]
    if negative_demand:  # stocks drawn down, but no row below zero in all
        spots = rng.random(Y.shape) < 0.15
        low = -rng.random(Y.shape) * 0.5 * scale[:, None]
        changed = np.where(spots, low, Y)
        keep = changed.sum(axis=1) <= 0.05 * scale
        Y = np.where(keep[:, None], Y, changed)
    Y[dead] = 0.0
    x = np.linalg.solve(np.eye(n) - A, Y.sum(axis=1))
    x[dead] = 0.0
    Z = A * x
    f = rng.lognormal(0.0, 2.0, n) * (rng.random(n) < 0.9)
    if not f.any():
        f[:] = 1.0
    f[dead] = 0.0
    if not f.any():
        f[np.setdiff1d(np.arange(n), dead)] = 1.0
    made = Z.sum(axis=1) + Y.sum(axis=1)
    primary = made - Z.sum(axis=0)
    return Case(
        tuple(f"r{k}" for k in range(R)),
        tuple(f"s{k}" for k in range(S)),
        tuple(f"c{k}" for k in range(categories)),
        Z,
        Y,
        f,
        primary * rng.uniform(0.7, 1.0, n),  # the rest are taxes less subsidies
        seed,
    )


@st.composite
def cases(draw, *, max_regions: int = 30, max_sectors: int = 6, min_regions: int = 1) -> Case:
    """Any productive table: small ones first, zero-output sectors, negative cells, categories."""
    R = draw(st.integers(min_regions, max_regions), label="regions")
    S = draw(st.integers(1, max_sectors), label="sectors")
    return random_case(
        draw(st.integers(0, 2**32 - 1), label="seed"),
        R,
        S,
        categories=draw(st.integers(1, 3), label="categories"),
        zeros=draw(st.integers(0, max(0, R * S // 4)), label="zero-output sectors"),
        negative_demand=draw(st.booleans(), label="negative demand"),
        negative_value_added=draw(st.booleans(), label="negative value added"),
        density=draw(st.sampled_from([1.0, 0.3]), label="density"),
    )
