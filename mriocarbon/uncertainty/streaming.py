"""Means, variances and quantiles of draws that come batch by batch, and how sure they are.

Counts in 8,192 cells replace the draws: a stream takes the same memory after ten draws and after
ten million. The cells begin over 24 standard deviations of the first batch and are doubled in
width, two becoming one, while more than one draw in a thousand lies outside. A quantile is exact
to the width of a cell, 0.003 standard deviations where nothing was doubled. The error of an
interval's end by its draws is ``sqrt(p (1 - p) / N) / f`` with f the density there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import NonFiniteError, ShapeError

__all__ = ["Streaming"]

Array = NDArray[np.float64]
CELLS, REACH, OUTSIDE = 8192, 12.0, 1e-3
FEWEST = 5  # draws beyond an end from which on its error can be told


class Streaming:
    """Statistics of k quantities over draws, added batch by batch in a fixed order.

    Examples
    --------
    >>> import numpy as np
    >>> stream = Streaming()
    >>> for draws in np.split(np.random.default_rng(1).standard_normal((40_000, 1)), 40):
    ...     stream.add(draws)
    >>> stream.count, bool(abs(stream.quantile(0.95)[0] - 1.645) < 0.03)
    (40000, True)
    """

    mean: Array
    _squares: Array
    _least: Array
    _most: Array
    _from: Array
    _width: Array
    _counts: NDArray[np.int64]

    def __init__(self) -> None:
        self.count = 0

    def add(self, draws: Array) -> None:
        """Add draws, shape (size, k). The first batch sets the cells."""
        draws = np.asarray(draws, dtype=np.float64)
        size, k = draws.shape
        if not np.isfinite(draws).all():
            raise NonFiniteError(
                f"{int((~np.isfinite(draws)).sum())} of {draws.size} draws are not finite",
                where="draws",
                do="lower the errors, or look for cells that they make overflow",
            )
        if self.count == 0:
            self._begin(draws, k)
        elif k != len(self.mean):
            raise ShapeError(
                f"{k} quantities after {len(self.mean)}", where="draws", do="keep their number"
            )
        mean = draws.mean(axis=0)
        gap, total = mean - self.mean, self.count + size
        self._squares += ((draws - mean) ** 2).sum(axis=0) + gap**2 * (self.count * size / total)
        self.mean = self.mean + gap * (size / total)
        self.count = total
        self._least = np.minimum(self._least, draws.min(axis=0))
        self._most = np.maximum(self._most, draws.max(axis=0))
        for q in range(k):
            while True:
                place = np.floor((draws[:, q] - self._from[q]) / self._width[q])
                counts = np.bincount(
                    np.clip(place, -1, CELLS).astype(np.intp) + 1, minlength=CELLS + 2
                )
                gone = counts[0] + counts[-1]
                if gone == 0 or gone + self._counts[q, [0, -1]].sum() <= OUTSIDE * self.count:
                    break
                self._widen(q)
            self._counts[q] += counts

    def _widen(self, q: int) -> None:
        """Let two cells become one, over twice the range with the same middle."""
        pairs = self._counts[q, 1:-1].reshape(-1, 2).sum(axis=1)
        self._counts[q, 1:-1] = 0
        self._counts[q, 1 + CELLS // 4 : 1 + 3 * CELLS // 4] = pairs
        self._from[q] -= CELLS / 2 * self._width[q]
        self._width[q] *= 2

    def _begin(self, draws: Array, k: int) -> None:
        self.mean, self._squares = np.zeros(k), np.zeros(k)
        self._least, self._most = np.full(k, np.inf), np.full(k, -np.inf)
        middle = np.median(draws, axis=0)
        spread = draws.std(axis=0)
        spread = np.where(spread > 0, spread, np.maximum(np.abs(middle), 1.0) * 1e-9)
        self._from = middle - REACH * spread
        self._width = 2 * REACH * spread / CELLS
        self._counts = np.zeros((k, CELLS + 2), dtype=np.int64)

    @property
    def sd(self) -> Array:
        """Standard deviations; 0 after one draw."""
        return np.asarray(np.sqrt(self._squares / max(self.count - 1, 1)))

    def quantile(self, p: float) -> Array:
        """Return the p-quantiles, linear within a cell; beyond the cells the extreme draw."""
        found = np.empty(len(self.mean))
        for q, counts in enumerate(self._counts):
            below = np.cumsum(counts)
            target = p * self.count
            cell = int(np.searchsorted(below, target))
            if cell == 0:
                found[q] = self._least[q]
            elif cell > CELLS:
                found[q] = self._most[q]
            else:
                inside = (target - (below[cell] - counts[cell])) / max(counts[cell], 1)
                found[q] = self._from[q] + (cell - 1 + inside) * self._width[q]
        return np.clip(found, self._least, self._most)

    def interval_error(self, level: float) -> float:
        """Return the largest standard error of an interval's end, as a share of its width.

        Infinite while fewer than five draws are expected beyond an end: nothing can be told of
        the density there.
        """
        worst = 0.0
        edge = (1 - level) / 2
        if edge * self.count < FEWEST:
            return float("inf")
        low, high = self.quantile(edge), self.quantile(1 - edge)
        for p in (edge, 1 - edge):
            half = np.sqrt(p * (1 - p) / self.count)
            # The density over the quantiles on either side: a difference of the inverse.
            step = min(0.5 * edge, 0.02)
            slope = (self.quantile(min(p + step, 1.0)) - self.quantile(max(p - step, 0.0))) / (
                2 * step
            )
            width = high - low
            moving = width > 1e-9 * np.maximum(np.abs(self.mean), 1e-300)
            if moving.any():
                worst = max(worst, float((half * slope[moving] / width[moving]).max()))
        return worst
