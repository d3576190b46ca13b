"""Random numbers that do not depend on who draws them, or when."""

from __future__ import annotations

import numpy as np

from mriocarbon.errors import InputError

__all__ = ["batch_rng"]


def batch_rng(seed: int, batch: int) -> np.random.Generator:
    """Return the generator of one batch: the same numbers on any worker, in any order.

    Philox, a counter-based generator, keyed by ``SeedSequence(seed, spawn_key=(batch,))``; the
    streams of different batches do not overlap in practice (keys of 128 bits).

    Parameters
    ----------
    seed : int
        Seed of the run, 0 or above.
    batch : int
        Number of the batch, 0 or above.

    Raises
    ------
    InputError
        Either is negative.

    References
    ----------
    Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.

    Examples
    --------
    >>> bool(batch_rng(1, 2).random() == batch_rng(1, 2).random())
    True
    >>> bool(batch_rng(1, 2).random() == batch_rng(1, 3).random())
    False
    """
    for name, value in (("seed", seed), ("batch", batch)):
        if value < 0:
            raise InputError(f"{name} is {value}", where=name, do="give a whole number from 0 up")
    sequence = np.random.SeedSequence(seed, spawn_key=(batch,))
    return np.random.Generator(np.random.Philox(sequence))
