"""What the tests of solves on JAX devices share: whether there is a GPU, LAPACK, random tables."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st
from properties.tables import random_case

from mriocarbon.errors import NotAvailableError
from mriocarbon.solve.device import find_devices
from mriocarbon.solve.direct import Factors, factorise

ROOT = Path(__file__).resolve().parents[2]
NO_GPU = "SKIPPED: no GPU here"


def has_gpu() -> bool:
    try:
        return bool(find_devices("gpu"))
    except NotAvailableError:
        return False


needs_gpu = pytest.mark.skipif(not has_gpu(), reason=NO_GPU)


def lapack(Z, x) -> Factors:
    zero = x == 0
    M = np.where(zero, 0.0, -Z)
    M[np.diag_indices(len(x))] += np.where(zero, 1.0, x)
    return factorise(M)


def close(found, expected, weight, rtol, axis) -> None:
    """Within rtol in the 1-norm of each side, weighted by output: the unit of the account."""
    weight = np.where(weight == 0, 1.0, weight)
    weight = weight if found.ndim == 1 else np.expand_dims(weight, 1 - axis)
    apart = (np.abs(found - expected) * weight).sum(axis=axis % found.ndim)
    assert (apart <= rtol * (np.abs(expected) * weight).sum(axis=axis % found.ndim)).all()


def with_idle_trade(case) -> np.ndarray:
    """Flows in which zero-output sectors buy (their inputs count for nothing) and sell."""
    idle, Z = np.flatnonzero(case.x == 0), case.Z.copy()
    Z[:, idle] = case.rng.random((case.n, len(idle))) * case.x.max()
    Z[idle] = case.rng.random((len(idle), case.n)) * 0.1 * case.x
    return Z


@st.composite
def tables_of_one_size(draw):
    """Any features, one size: JAX compiles its programs anew for each shape."""
    return random_case(
        draw(st.integers(0, 2**32 - 1), label="seed"),
        3,
        4,
        zeros=draw(st.integers(0, 3), label="zero-output sectors"),
        negative_demand=draw(st.booleans(), label="negative demand"),
        negative_value_added=draw(st.booleans(), label="negative value added"),
        density=draw(st.sampled_from([1.0, 0.3]), label="density"),
        decades=draw(st.sampled_from([0.0, 2.0, 4.0]), label="decades"),
    )
