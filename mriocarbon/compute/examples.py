"""Small tasks: for the examples in the documentation, and to try a cluster with."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.compute.batch import Batch

__all__ = ["nothing", "uniform"]


def uniform(shared: Any, batch: Batch) -> Mapping[str, NDArray[np.float64]]:
    """Draw `batch.size` uniform numbers."""
    return {"draws": batch.rng().random(batch.size)}


def nothing(shared: Any, batch: Batch) -> Mapping[str, NDArray[np.float64]]:
    """Sleep for `batch.item` seconds (not at all without) and return one number."""
    if isinstance(batch.item, int | float):
        time.sleep(batch.item)
    return {"number": np.array([float(batch.number)])}
