"""Every chain of a small table, counted out without any pruning: the oracle of the path search."""

from dataclasses import dataclass

import numpy as np

Chain = tuple[int, ...]


@dataclass(frozen=True)
class Counted:
    """All chains of up to `depth` deliveries, largest first, and what no longer chain exceeds."""

    chains: list[tuple[float, Chain]]
    longer: float

    @property
    def certain(self) -> list[tuple[float, Chain]]:
        """Those larger than any longer chain can be: the head of the full list."""
        return [(v, c) for v, c in self.chains if abs(v) > self.longer * (1 + 1e-9) + 1e-300]


def count_out(Z, x, f, y, depth: int) -> Counted:
    """Enumerate; ties in the order that `paths` states."""
    A = np.divide(Z, x, out=np.zeros_like(Z), where=x > 0)
    q = np.divide(f, x, out=np.zeros_like(f), where=x > 0)
    gross = np.linalg.solve(np.eye(len(x)) - np.abs(A).T, np.abs(q))
    open_ = [(y[i], (i,)) for i in range(len(x)) if y[i] != 0]
    found = []
    for _ in range(depth + 1):
        found += [(w * q[c[-1]], c) for w, c in open_ if w * q[c[-1]] != 0]
        open_ = [(w * A[j, c[-1]], (*c, j)) for w, c in open_ for j in np.flatnonzero(A[:, c[-1]])]
    longer = max((abs(w) * gross[c[-1]] for w, c in open_), default=0.0)
    found.sort(key=lambda vc: (-abs(vc[0]), len(vc[1]), vc[1][::-1]))
    return Counted([(float(v), tuple(map(int, c))) for v, c in found], float(longer))
