"""A solver over bands that shares nothing with the package's own."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np

from mriocarbon.errors import NotProductiveError


class Steps:
    """``w' = f' + (w/x)'Z`` over the bands until it stands still: slow, and plain to see."""

    def __init__(self, bands, x, names):
        self.bands, self.x, self.names = bands, x, names

    def multipliers(self, S):
        x = np.where(self.x > 0, self.x, 1.0)
        f = S * self.x
        w = np.zeros_like(f)
        for _ in range(20_000):
            m, new = w / x, f.copy()
            edges = self.bands.edges
            for k, (a, b) in enumerate(pairwise(edges)):
                for start, block in self.bands.band(k):
                    new[:, start : start + block.shape[1]] += m[:, a:b] @ block.astype(float)
            new[:, self.x == 0] = f[:, self.x == 0]
            moved, w = np.abs(new - w).max(), new
            if not np.isfinite(moved) or moved > 1e30:
                raise NotProductiveError("not productive", where="test", do="nothing")
            if moved <= 1e-13 * np.abs(w).max():
                break
        return SimpleNamespace(value=w / x, error=1e-12, bound=True, method="steps")
