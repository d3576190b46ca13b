"""Monte Carlo of any account: batches on any engine, quantiles as they come, a rule to stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.compute import Engine, Progress, Threads, batches
from mriocarbon.errors import InputError
from mriocarbon.model.brief import brief
from mriocarbon.model.checked import MOST_DRAWS, real, whole
from mriocarbon.model.table import MRIO
from mriocarbon.uncertainty.describing import described
from mriocarbon.uncertainty.draws import batch_size, footprints, inputs
from mriocarbon.uncertainty.errormodel import ErrorModel
from mriocarbon.uncertainty.principles import accounts_of, principle_inputs
from mriocarbon.uncertainty.streaming import FEWEST, Streaming

__all__ = ["MonteCarlo", "Spread", "monte_carlo"]

Array = NDArray[np.float64]
LEAST = 100


@dataclass(frozen=True, slots=True)
class Spread:
    """Statistics of R quantities over draws, each of shape (R,); `low` and `high` at the level."""

    mean: Array
    sd: Array
    low: Array
    median: Array
    high: Array

    __repr__ = brief

    def without(self, gone: NDArray[np.bool_]) -> Spread:
        """Return it with NaN where there is nothing to tell."""
        return Spread(*(np.where(gone, np.nan, getattr(self, f.name)) for f in fields(self)))

    @classmethod
    def of(cls, stream: Streaming, level: float) -> Spread:
        """Read a stream."""
        edge = (1 - level) / 2
        low, median, high = (stream.quantile(p) for p in (edge, 0.5, 1 - edge))
        return cls(stream.mean, stream.sd, low, median, high)


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """Draws of the accounts of all regions.

    Attributes
    ----------
    account, other : Spread
        The account and the one that it is compared with, in the stressor's unit.
    difference : Spread
        ``100 (account / other - 1)``, draw by draw: errors that both share cancel. NaN where the
        other is zero.
    draws : int
    interval_error : float
        Standard error of the ends of the intervals of `account`, the worst, as a share of the
        interval's width; infinite if fewer than five draws are expected beyond an end.
    reached : bool
        Whether it is within the tolerance; True where none was asked for.
    basis : str
        The error model in words, and what is held while cells vary.
    trace : tuple of (draws, interval_error)
        How it fell.
    unproductive : int
        Draws with negative multipliers; they are in the statistics.
    level : float
    seed : int
    samples : mapping of str to ndarray (draws, R), or None
    """

    account: Spread
    other: Spread
    difference: Spread
    draws: int
    interval_error: float
    trace: tuple[tuple[int, float], ...]
    unproductive: int
    level: float
    seed: int
    reached: bool
    basis: str
    samples: Mapping[str, Array] | None = None

    __repr__ = brief


def monte_carlo(
    mrio: MRIO,
    errors: ErrorModel,
    principle: str = "consumption",
    *,
    other: str = "production",
    stressor: str | None = None,
    households: bool = True,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    tolerance: float | None = None,
    engine: Engine | None = None,
    keep: bool = False,
    checkpoint: Path | str | None = None,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> MonteCarlo:
    """Draw tables and return the spread of the accounts under one principle.

    Parameters
    ----------
    mrio : MRIO
    errors : ErrorModel
    principle : str
        Footprints ("consumption") take a fast way; every other principle is evaluated anew on
        each drawn table.
    other : str
        The principle to compare with, draw by draw.
    stressor : str, optional
        The only one, or GHG, if not given.
    households : bool
        Add households' direct emissions and their errors.
    draws : int
        At most so many, at least 100.
    seed : int
        The same seed gives the same draws on every engine, with any number of workers.
    level : float
        Of the intervals, in (0, 1).
    tolerance : float, optional
        Stop when the ends of all intervals are known to this share of their width (one standard
        error).
    engine : Engine, optional
        `mriocarbon.compute.engine(...)`; threads of this process by default.
    keep : bool
        Return the draws themselves too.
    checkpoint, resume, progress
        As in `Engine.run`.
    **options
        Of the principle.

    Returns
    -------
    MonteCarlo

    Raises
    ------
    InputError
        Too few draws, a level that is none, a negative seed.
    NotProductiveError, UnknownNameError, NotAvailableError, ShapeError
        Before any draw.
    ConvergenceError
        A drawn table cannot be balanced.
    BatchError, ClusterError
        Of the engine.

    Examples
    --------
    >>> import mriocarbon as mc
    >>> from mriocarbon.uncertainty import ErrorModel, monte_carlo
    >>> found = monte_carlo(mc.load("oecd-icio-2022"), ErrorModel(stressor=0.1), draws=500)
    >>> found.account.sd.shape, found.draws
    ((20,), 500)
    """
    place = "monte carlo"
    draws = whole("draws", draws, least=LEAST, where=place, most=MOST_DRAWS)
    seed = whole("seed", seed, least=0, where=place)
    level = real("level", level, above=0, below=1, where=place)
    if tolerance is not None:
        tolerance = real("tolerance", tolerance, above=0, below=math.inf, where=place)
    beyond = draws * (1 - level) / 2
    if beyond < 1:
        raise InputError(
            f"{draws:,} draws show nothing beyond the ends of an interval of {100 * level:g} %",
            where=place,
            do=f"give at least {math.ceil(FEWEST / ((1 - level) / 2)):,} draws, or a lower level",
        )
    if engine is not None and not hasattr(engine, "run"):
        raise InputError(
            f"{engine!r} is no engine",
            where="monte carlo",
            do="make one: mriocarbon.compute.engine('dask')",
        )
    shared = inputs(mrio, errors, stressor, households=households)
    task: Any = footprints
    if principle != "consumption" or other != "production" or options:
        shared = principle_inputs(mrio, shared, principle, options, other)
        task = accounts_of
    size = batch_size(len(mrio.index), len(mrio.regions))
    where = engine or Threads()
    streams = {name: Streaming() for name in ("account", "other", "difference")}
    kept: dict[str, list[Array]] = {name: [] for name in streams}
    trace: list[tuple[int, float]] = []
    lost = 0
    gone = np.zeros(len(mrio.regions), dtype=bool)
    results = where.run(
        task, batches(draws, size, seed=seed), shared=shared,
        key={
            "account": principle, "other": other, "table": mrio.provenance.dataset,
            "stressor": stressor or "",
        },
        checkpoint=checkpoint, resume=resume, progress=progress,
    )  # fmt: skip
    for _, found in results:
        account, against = found["account"], found["other"]
        gone |= (against == 0).any(axis=0)
        safe = np.where(against == 0, np.nan, against)
        each = {
            "account": account,
            "other": against,
            "difference": np.nan_to_num(100 * (account / safe - 1)),
        }
        for name, values in each.items():
            streams[name].add(values)
            if keep:
                kept[name].append(values)
        lost += int(found["unproductive"].sum())
        trace.append((streams["account"].count, streams["account"].interval_error(level)))
        if tolerance is not None and trace[-1][0] >= LEAST and trace[-1][1] <= tolerance:
            break
    spreads = {name: Spread.of(stream, level) for name, stream in streams.items()}
    spreads["difference"] = spreads["difference"].without(gone)
    return MonteCarlo(
        **spreads,
        draws=streams["account"].count,
        interval_error=trace[-1][1],
        trace=tuple(trace),
        unproductive=lost,
        level=level,
        seed=seed,
        reached=tolerance is None or trace[-1][1] <= tolerance,
        basis=described(errors),
        samples={name: np.concatenate(v) for name, v in kept.items()} if keep else None,
    )
