r"""Carbon payback: how long the technology runs until it has avoided what its making emitted.

.. math:: t^* = \min \{ t : \int_0^t a(\tau) d\tau \ge m \}

with m the emissions of manufacture and a what is avoided per year, constant within each year of
operation and falling from year to year as panels age and grids get cleaner. Where the sum over the
lifetime stays below m there is no payback, which is not a long one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mriocarbon.avoided.amount import LEVEL, Array
from mriocarbon.errors import InputError, ShapeError
from mriocarbon.model.brief import brief, interval

__all__ = ["Payback", "payback", "payback_years"]

NEVER = "not within the lifetime"


@dataclass(frozen=True, eq=False)
class Payback:
    """Years until what is avoided equals what was emitted.

    Attributes
    ----------
    value : float
        With every parameter at its centre; infinite where never within the lifetime.
    draws : ndarray, shape (draws,)
        Years; infinite where never.
    """

    value: float
    draws: Array

    def __post_init__(self) -> None:
        self.draws.setflags(write=False)

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval, years."""
        return self._at((1 - LEVEL) / 2)

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval, years; infinite if more draws than that never pay."""
        return self._at((1 + LEVEL) / 2)

    @property
    def never(self) -> float:
        """Share of the draws without payback."""
        return float(np.isinf(self.draws).mean())

    def _at(self, p: float) -> float:
        # Never is later than any year, so it sorts last; no mean of a finite and an infinite one.
        return float(np.quantile(self.draws, p, method="inverted_cdf"))

    def __str__(self) -> str:
        return f"{told(self.value)} ({told(self.low)} to {told(self.high)})"

    def __repr__(self) -> str:
        return brief(self, interval(self.value, self.low, self.high, "years"))


def told(years: float) -> str:
    """Return years in words.

    Examples
    --------
    >>> told(0.75), told(float("inf"))
    ('0.75 years', 'not within the lifetime')
    """
    return NEVER if np.isinf(years) else f"{years:.2f} years"


def payback_years(made: ArrayLike, by_year: ArrayLike) -> Array:
    """Return the years until the cumulative sum reaches what was emitted.

    Parameters
    ----------
    made : array_like, shape () or (draws,)
        Emissions of manufacture, Mt CO2e, 0 or above.
    by_year : array_like, shape (years,) or (draws, years)
        Avoided in each year of operation, Mt CO2e.

    Returns
    -------
    ndarray, shape () or (draws,)
        Years, a part of a year in proportion; infinite where the sum never reaches it.

    Raises
    ------
    ShapeError
        No year, or draws that do not pair.
    InputError
        A number that is not finite, or emissions below zero.

    Examples
    --------
    >>> payback_years([1.0, 5.0, 9.0], [[4.0, 2.0], [4.0, 2.0], [4.0, 2.0]]).tolist()
    [0.25, 1.5, inf]
    """
    m = np.asarray(made, dtype=np.float64)
    a = np.asarray(by_year, dtype=np.float64)
    if a.ndim not in (1, 2) or a.shape[-1] == 0 or m.shape != a.shape[:-1]:
        raise ShapeError(
            f"manufacture of shape {m.shape}, avoided by year of shape {a.shape}",
            where="payback", do="give (draws,) and (draws, years), of the same draws",
        )  # fmt: skip
    if not (np.isfinite(m).all() and np.isfinite(a).all() and (m >= 0).all()):
        raise InputError(
            "numbers that are not finite, or manufacture below zero", where="payback",
            do="leave out what is missing, and say so",
        )  # fmt: skip
    total = np.cumsum(a, axis=-1)
    reached = total >= m[..., None]
    first = np.argmax(reached, axis=-1)
    ever = reached.any(axis=-1)
    own = np.take_along_axis(a, first[..., None], axis=-1)[..., 0]
    before = np.take_along_axis(total, first[..., None], axis=-1)[..., 0] - own
    part = np.divide(m - before, own, out=np.zeros_like(m), where=own > 0)
    return np.where(ever, first + part, np.inf)


def payback(
    made: float, by_year: ArrayLike, *, made_draws: ArrayLike, by_year_draws: ArrayLike
) -> Payback:
    """Return the payback time with its interval, from paired draws.

    Parameters
    ----------
    made : float
        Emissions of manufacture at the centre, Mt CO2e.
    by_year : array_like, shape (years,)
        Avoided in each year of operation at the centre, Mt CO2e.
    made_draws : array_like, shape (draws,)
    by_year_draws : array_like, shape (draws, years)
        Of the same seed, so that what both hang on is drawn once.

    Returns
    -------
    Payback

    Raises
    ------
    ShapeError, InputError
        As in `payback_years`.

    Examples
    --------
    >>> found = payback(2.0, [4.0, 4.0], made_draws=[1.0, 2.0], by_year_draws=[[4.0, 4.0]] * 2)
    >>> found.value, found.draws.tolist(), found.never
    (0.5, [0.25, 0.5], 0.0)
    """
    return Payback(
        float(payback_years(made, by_year)), np.asarray(payback_years(made_draws, by_year_draws))
    )
