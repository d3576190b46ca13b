"""What a solve returns: the value, how far it may be from the truth, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.model.brief import brief

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solution:
    """Value, forward error and method of a solve.

    Attributes
    ----------
    value : ndarray
    error : float
        Forward error in the 1-norm, weighted by gross output and relative to the weighted
        1-norm of the value; for multipliers this is the error of total embodied emissions.
    bound : bool
        True where `error` is an upper bound (non-negative tables), False where it is an
        estimate.
    method : str
        ``"lu"``, ``"lu32"`` (single precision, refined), ``"iterative"``, or the device.
    iterations : int
        Passes over Z of an iterative solve, solves of a refined one, 0 for ``"lu"``.
    explanation : str
        With ``explain=True``: which method was chosen, why, what each would have cost, and what
        it took.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> mrio = mc.load("oecd-icio-2022")
    >>> solution = mc.leontief(mrio).output(mrio.final_demand)
    >>> solution.method, solution.bound, solution.error < 1e-10
    ('lu', True, True)
    """

    value: Array
    error: float
    bound: bool
    method: str
    iterations: int = 0
    explanation: str = ""

    __repr__ = brief
