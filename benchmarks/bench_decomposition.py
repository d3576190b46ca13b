"""Structural decomposition: 2^n evaluations from at most four factorisations."""

from __future__ import annotations

import warnings

import numpy as np

import mriocarbon as mc
from benchmarks.registry import Figure, Settings, benchmark, timed
from mriocarbon.errors import AccountWarning, TableWarning
from mriocarbon.structure.decomposition import decompose

SIX = ("intensity", "technology", "trade", "origin", "mix", "level")
EIGHT = ("intensity", "technology", "trade", "origin", "mix", "destination", "level", "population")


@benchmark(
    "decomposition",
    "structural decomposition: Shapley of six and eight factors, LMDI-I",
    size="1,435 sectors (41 x 35, made-up)",
    bound="5 s for eight factors",
)
def decomposition(settings: Settings) -> list[Figure]:
    """Two made-up years of 1,435 sectors (41 x 35, five categories)."""
    figures = []
    repeats = settings.times(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        warnings.simplefilter("ignore", AccountWarning)
        before, after = made(41, 35, 5, 2000), made(41, 35, 5, 2001)
        people = [{r: 1.0 + k for k, r in enumerate(t.regions)} for t in (before, after)]
        people[1] = {r: 1.01 * p for r, p in people[1].items()}
        for name, target, work in (
            ("shapley, six factors, 64 evaluations", None,
             lambda: decompose(before, after, factors=SIX)),
            ("shapley, eight factors, 256 evaluations", 5.0,
             lambda: decompose(before, after, factors=EIGHT, population=people)),
            ("polar, six factors", None, lambda: decompose(before, after, method="polar")),
            ("LMDI-I, 84 million cells", None, lambda: decompose(before, after, method="lmdi")),
        ):  # fmt: skip
            figures.append(Figure(f"1,435 sectors: {name}", timed(work, repeats), "s", target))
    return figures


def made(R: int, S: int, K: int, year: int) -> mc.MRIO:
    """A random productive table of one year; other years have other cells."""
    rng = np.random.default_rng([year, R, S])
    n = R * S
    A = rng.random((n, n)) ** 8
    A *= rng.uniform(0.3, 0.7, n) / A.sum(axis=0)
    Y = rng.random((n, R * K)) ** 4
    x = np.linalg.solve(np.eye(n) - A, Y.sum(axis=1))
    return mc.MRIO.from_arrays(
        Z=A * x, Y=Y, regions=[f"r{k}" for k in range(R)], sectors=[f"s{k}" for k in range(S)],
        categories=[f"c{k}" for k in range(K)], stressors={"CO2": rng.random(n) * x}, units="Mt",
        year=year,
    )  # fmt: skip
