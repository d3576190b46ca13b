"""A number with its draws, and how a median with two ends becomes draws."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError
from mriocarbon.model.brief import brief, interval
from mriocarbon.model.normal import Z95

__all__ = ["LEVEL", "Amount", "spread"]

Array = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Amount:
    """A central value and its draws.

    Attributes
    ----------
    value : float
        With every parameter at its median.
    draws : ndarray, shape (draws,)
        Read-only; amounts of one seed are paired draw by draw.

    Examples
    --------
    >>> import numpy as np
    >>> one = Amount(2.0, np.array([1.0, 2.0, 3.0]))
    >>> (one + one).value, one.times(0.5).draws.tolist()
    (4.0, [0.5, 1.0, 1.5])
    """

    value: float
    draws: Array

    def __post_init__(self) -> None:
        self.draws.setflags(write=False)

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return float(np.quantile(self.draws, (1 - LEVEL) / 2))

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return float(np.quantile(self.draws, (1 + LEVEL) / 2))

    def holds(self, number: float) -> bool:
        """Whether the interval holds a number."""
        return self.low <= number <= self.high

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.value + other.value, self.draws + other.draws)

    def times(self, factor: float | Amount) -> Amount:
        """Return the product, draw by draw."""
        if isinstance(factor, Amount):
            return Amount(self.value * factor.value, self.draws * factor.draws)
        return Amount(self.value * factor, self.draws * factor)

    @classmethod
    def sum(cls, amounts: Iterable[Amount]) -> Amount:
        """Return the sum of paired amounts; at least one."""
        first, *rest = amounts
        for other in rest:
            first = first + other
        return first

    def __repr__(self) -> str:
        return brief(self, interval(self.value, self.low, self.high))


def spread(median: float, low: float, high: float, e: Array, where: str = "spread") -> Amount:
    r"""Return draws whose median and 95 % interval are those given.

    Log-normal on either side of the median, with its own width there:

    .. math:: x = m \, (h / m)^{e / z} \;(e > 0), \qquad m \, (m / l)^{e / z} \;(e \le 0)

    with z = 1.96, so that the ends are met also where they do not lie evenly.

    Parameters
    ----------
    median, low, high : float
        ``0 < low <= median <= high``, in any unit.
    e : ndarray, shape (draws,)
        Standard normals.
    where : str
        What it is, for the error.

    Raises
    ------
    InputError
        The three are not in order, not finite or not above zero.

    Examples
    --------
    >>> import numpy as np
    >>> spread(10.0, 5.0, 40.0, np.array([-1.959963984540054, 0.0, 1.959963984540054])).draws
    array([ 5., 10., 40.])
    """
    if not (all(map(math.isfinite, (median, low, high))) and 0 < low <= median <= high):
        raise InputError(
            f"{median:g} between {low:g} and {high:g} is no median with its interval",
            where=where, do="give finite numbers above zero, the lower end first",
        )  # fmt: skip
    width = np.where(e > 0, math.log(high / median), math.log(median / low))
    return Amount(median, median * np.exp(width * e / Z95))
