"""How sure a result is: Monte Carlo over all stated distributions, held against first order.

What has no stated distribution is held; how much of the result rests on such numbers is told by
their share of all elasticities, since an interval that leaves them out is a lower bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.lca.lci import LCI
from mriocarbon.lca.montecarlo import Draws, simulate
from mriocarbon.model.brief import brief

__all__ = ["Spread", "spread"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spread:
    """Distribution of a result, kg CO2e.

    Attributes
    ----------
    point : float
        With all numbers as stated: the medians of lognormals.
    median, mean, sd : float
    low, high : float
        2.5 and 97.5 % of the draws.
    first_order_sd : float
        From the derivatives, for comparison.
    draws, failed, uncertain, held, seed : int
        As in `montecarlo.Draws`.
    stated : float or None
        Share of all absolute elasticities that belongs to numbers with a distribution.
    scores : ndarray, shape (draws,)
        NaN where a draw has no solution.
    """

    point: float
    median: float
    mean: float
    sd: float
    low: float
    high: float
    first_order_sd: float
    draws: int
    failed: int
    uncertain: int
    held: int
    seed: int
    stated: float | None
    scores: Array

    __repr__ = brief

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 95 % of the draws."""
        return self.low, self.high


def spread(
    lci: LCI,
    c: Array,
    *,
    draws: int = 1000,
    seed: int = 0,
    first_order_sd: float = math.nan,
    stated: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Spread:
    """Return the distribution of a score over the stated distributions.

    Parameters
    ----------
    lci : LCI
    c : array, shape (k,)
        Factors of one category.
    draws, seed : int
    first_order_sd, stated
        From `sensitivity`, carried along.
    progress : callable, optional
        Told how many draws are done, of how many.

    Raises
    ------
    NotAvailableError
        Nothing within reach has a distribution, or no draw has a solution.

    Examples
    --------
    >>> from mriocarbon.lca.inventory import Exchange, Process
    >>> from mriocarbon.lca.lci import inventory
    >>> from mriocarbon.lca.system import System
    >>> from mriocarbon.lca.uncertainty import Uncertainty
    >>> kiln = Process("kiln", "lime", 1.0, "t", (
    ...     Exchange("CO2", 0.8, "t", "biosphere", "out", "air",
    ...              uncertainty=Uncertainty.of_gsd2(1.2)),))
    >>> found = spread(inventory(System.of([kiln]), {"kiln": 1.0}), [1.0], draws=500)
    >>> found.low < found.point < found.high
    True
    """
    amounts = {p.name: float(f) for p, f in zip(lci.system.processes, lci.demand, strict=True) if f}
    found = simulate(lci.system, [amounts], c, draws=draws, seed=seed, progress=progress)
    return _described(found, first_order_sd, stated)


def _described(found: Draws, first_order_sd: float, stated: float | None) -> Spread:
    scores = found.scores[:, 0]
    there = scores[np.isfinite(scores)]
    low, median, high = (float(v) for v in np.quantile(there, [0.025, 0.5, 0.975]))
    return Spread(
        float(found.point[0]), median, float(there.mean()),
        float(there.std(ddof=1)) if len(there) > 1 else 0.0,
        low, high, first_order_sd, len(scores), found.failed, found.uncertain, found.held,
        found.seed, stated, scores,
    )  # fmt: skip
