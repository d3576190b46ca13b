"""What one piece of work is told: its number, its slice, its seed, its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mriocarbon.compute.seeds import batch_rng
from mriocarbon.errors import InputError

__all__ = ["Batch", "Item", "batches", "batches_of"]

Item = str | int | float | tuple["Item", ...] | None


@dataclass(frozen=True)
class Batch:
    """A piece of work: a few numbers, never data. It is all that travels with a task.

    Attributes
    ----------
    number : int
        Place in the run, from 0. Results come in this order.
    start, stop : int
        Half-open slice of the whole: draws, rows, years.
    seed : int or None
        Seed of the whole run.
    item : str, number, tuple of them, or None
        What the batch is about, where it is not a slice: a year, an origin, a scenario.

    Examples
    --------
    >>> one = Batch(3, start=300, stop=400, seed=7)
    >>> one.size
    100
    >>> float(one.rng().random()) == float(batch_rng(7, 3).random())
    True
    """

    number: int
    start: int = 0
    stop: int = 0
    seed: int | None = None
    item: Item = None

    @property
    def size(self) -> int:
        """Length of the slice."""
        return self.stop - self.start

    def rng(self) -> np.random.Generator:
        """Return this batch's own generator (see `batch_rng`)."""
        if self.seed is None:
            raise InputError(
                f"batch {self.number} has no seed",
                where="Batch.rng()",
                do="give one: batches(total, size, seed=1)",
            )
        return batch_rng(self.seed, self.number)


def batches(total: int, size: int, *, seed: int | None = None) -> tuple[Batch, ...]:
    """Cut `total` draws (or rows) into batches of `size`, the last one shorter.

    The cut is part of the result: another `size` gives other random numbers. Another engine or
    number of workers does not.

    Raises
    ------
    InputError
        `total` or `size` is not positive.

    Examples
    --------
    >>> [(one.start, one.stop) for one in batches(250, 100, seed=1)]
    [(0, 100), (100, 200), (200, 250)]
    """
    for name, value in (("total", total), ("size", size)):
        if value < 1:
            raise InputError(f"{name} is {value}", where=name, do="give a whole number above 0")
    starts = range(0, total, size)
    return tuple(Batch(n, s, min(s + size, total), seed) for n, s in enumerate(starts))


def batches_of(items: Iterable[Item], *, seed: int | None = None) -> tuple[Batch, ...]:
    """One batch for each item: a year, an origin, a scenario.

    Examples
    --------
    >>> [one.item for one in batches_of([2020, 2021])]
    [2020, 2021]
    """
    return tuple(Batch(n, n, n + 1, seed, item) for n, item in enumerate(items))
