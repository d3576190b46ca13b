"""Threads inside a task: as many on every engine, or the last bits of a sum would differ."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mriocarbon.errors import MriocarbonWarning

__all__ = ["blas_threads", "fix_blas_threads"]

_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_fixed: Any = None


@contextmanager
def blas_threads(number: int) -> Iterator[None]:
    """Let every BLAS of this process use `number` threads, and restore what was before."""
    limits = _limits(number)
    try:
        yield
    finally:
        if limits is not None:
            limits.restore_original_limits()


def fix_blas_threads(number: int) -> None:
    """The same for good, in a process that does nothing else (a worker); once is enough."""
    global _fixed
    if _fixed is None or _fixed[0] != number:
        _fixed = (number, _limits(number))
    numba: Any = sys.modules.get("numba")
    if numba is not None:
        numba.set_num_threads(min(number, numba.config.NUMBA_NUM_THREADS))


def _limits(number: int) -> Any:
    # numpy and scipy each bring a BLAS of their own; only one that is loaded can be told
    importlib.import_module("scipy.linalg")
    try:
        control: Any = importlib.import_module("threadpoolctl")
    except ImportError:
        if not any(os.environ.get(name) == str(number) for name in _VARIABLES):
            warnings.warn(
                f"the number of BLAS threads cannot be set to {number}: results may differ in"
                " the last bits from those of another engine. Install threadpoolctl, or set"
                f" OMP_NUM_THREADS={number} before Python starts",
                MriocarbonWarning,
                stacklevel=4,
            )
        return None
    return control.threadpool_limits(limits=number)
