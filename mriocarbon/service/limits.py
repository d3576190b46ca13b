"""Rate limits: a bucket of requests for each key or address, filled at a steady rate."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable


class Buckets:
    """Token buckets by name, in memory.

    Parameters
    ----------
    per_minute : float
        How fast a bucket fills.
    burst : float
        How much it holds.
    clock : callable
        Seconds that only go forward.
    most : int
        Names kept; the one unused for the longest goes first.

    Examples
    --------
    >>> now = [0.0]
    >>> buckets = Buckets(60, 2, clock=lambda: now[0])
    >>> [buckets.wait("a"), buckets.wait("a"), buckets.wait("a"), buckets.wait("b")]
    [0.0, 0.0, 1.0, 0.0]
    >>> now[0] = 1.0
    >>> buckets.wait("a")
    0.0
    """

    def __init__(
        self, per_minute: float, burst: float, *,
        clock: Callable[[], float] = time.monotonic, most: int = 10_000,
    ) -> None:  # fmt: skip
        self.rate, self.burst, self._clock, self._most = per_minute / 60.0, burst, clock, most
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str, cost: float = 1.0) -> float:
        """Take one request out of a bucket: 0.0, or how many seconds until there is one."""
        left = self.left(name)
        told = 0.0 if left >= cost else (cost - left) / self.rate
        self._held[name] = (left if told else left - cost, self._clock())
        self._held.move_to_end(name)
        while len(self._held) > self._most:
            self._held.popitem(last=False)
        return told

    def left(self, name: str) -> float:
        """Return how many requests there are in a bucket now."""
        held, then = self._held.get(name, (self.burst, self._clock()))
        return min(self.burst, held + (self._clock() - then) * self.rate)
