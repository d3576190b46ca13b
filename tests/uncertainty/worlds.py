"""Small made-up tables for the tests of uncertainty; generators of their own."""

import warnings

import numpy as np

from mriocarbon.errors import TableWarning
from mriocarbon.model import MRIO

R, S = 3, 4
N = R * S


def arrays(seed=7, empty=True):
    rng = np.random.default_rng(seed)
    Z = rng.lognormal(1.0, 1.2, (N, N)) * (rng.random((N, N)) < 0.8)
    Y = rng.lognormal(3.0, 1.0, (N, R))
    if empty:
        Z[5] = Y[5] = 0.0
        Z[:, 5] = 0.0
    x = Z.sum(axis=1) + Y.sum(axis=1)
    F = rng.lognormal(1.0, 1.0, N) * (x > 0)
    return Z, Y, F


def table(Z, Y, F, homes=None, x=None):
    direct = None if homes is None else {"CO2": homes}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)  # a made-up industry may run at a loss
        return MRIO.from_arrays(
            Z=Z, Y=Y, x=x, regions=["AAA", "BBB", "CCC"], sectors=list("abcd"),
            stressors={"CO2": F}, units="Mt CO2", households=direct,
        )  # fmt: skip


def footprints(Z, Y, F, x=None):
    """Written out once more, without the engine."""
    x = Z.sum(axis=1) + Y.sum(axis=1) if x is None else x
    safe = np.where(x == 0, 1.0, x)
    q = np.where(x == 0, 0.0, F / safe)
    return q @ np.linalg.inv(np.eye(len(x)) - Z / safe) @ Y
