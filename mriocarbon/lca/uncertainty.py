r"""How sure one exchange is, and the factors by which draws multiply it.

All kinds hang on a standard normal e (a Gaussian copula), as everywhere in this package. The
amount of a lognormal exchange is its **median**, the convention of EcoSpold and ecoinvent: the
factor is :math:`e^{s e}`, whose mean is :math:`e^{s^2/2}`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError
from mriocarbon.uncertainty.distributions import TRUNCATED_MOST, Lognormal, TruncatedNormal

__all__ = ["KINDS", "Uncertainty"]

Array = NDArray[np.float64]
KINDS = ("lognormal", "normal", "triangular", "uniform")


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """A distribution around the amount of an exchange.

    Attributes
    ----------
    kind : {"lognormal", "normal", "triangular", "uniform"}
    spread : float
        Standard deviation of the logarithm (lognormal), or of the amount relative to it
        (normal, cut off at zero, so at most 0.95); not used by the other two.
    low, high : float
        Ends of a triangular or uniform distribution, as multiples of the amount.
    mode : float
        Peak of a triangular one, as a multiple of the amount.

    Examples
    --------
    >>> import numpy as np
    >>> e = np.array([-1.0, 0.0, 1.0])
    >>> Uncertainty.of_gsd2(1.21).factors(e).round(3).tolist()
    [0.909, 1.0, 1.1]
    >>> Uncertainty("uniform", low=0.5, high=1.5).factors(e).round(2).tolist()
    [0.66, 1.0, 1.34]
    """

    kind: str
    spread: float = 0.0
    low: float = 1.0
    high: float = 1.0
    mode: float = 1.0

    def __post_init__(self) -> None:
        numbers = (self.spread, self.low, self.high, self.mode)
        if self.kind not in KINDS:
            raise InputError(
                f"no uncertainty of kind {self.kind!r}", where="exchange", do=f"one of {KINDS}"
            )
        if not all(math.isfinite(v) for v in numbers) or self.spread < 0:
            raise InputError(
                f"{self.kind} with {numbers} is no distribution",
                where="exchange",
                do="give finite numbers and a spread of at least 0",
            )
        if self.kind == "normal" and self.spread > TRUNCATED_MOST:
            raise InputError(
                f"a normal of relative spread {self.spread:g} would often be negative",
                where="exchange",
                do=f"give at most {TRUNCATED_MOST}, or a lognormal",
            )
        if self.kind in {"triangular", "uniform"} and not self.low <= self.high:
            raise InputError(
                f"lower end {self.low:g} above the upper {self.high:g}",
                where="exchange",
                do="give the lower end first",
            )
        if self.kind == "triangular" and not self.low <= self.mode <= self.high:
            raise InputError(
                f"peak {self.mode:g} outside {self.low:g} to {self.high:g}",
                where="exchange",
                do="put the peak between the ends",
            )

    @classmethod
    def of_gsd2(cls, value: float) -> Uncertainty:
        """Lognormal of which 95 % lie within a factor `value`, the square of the geometric sd."""
        if not (math.isfinite(value) and value >= 1):
            raise InputError(
                f"square of the geometric standard deviation is {value!r}",
                where="exchange",
                do="give a number of at least 1",
            )
        return cls("lognormal", 0.5 * math.log(value))

    def factors(self, e: Array) -> Array:
        """Return what the amount is multiplied by, for standard normals `e` of any shape."""
        from scipy.special import ndtr

        if self.kind == "lognormal":
            # the project's lognormal has mean 1; here the amount is the median
            mean_one = Lognormal().factors(e, math.sqrt(math.expm1(self.spread**2)))
            return np.asarray(mean_one * math.exp(0.5 * self.spread**2))
        if self.kind == "normal":
            return TruncatedNormal().factors(e, self.spread)
        u, width = ndtr(e), self.high - self.low
        if self.kind == "uniform" or width == 0:
            return np.asarray(self.low + width * u)
        cut = (self.mode - self.low) / width
        with np.errstate(invalid="ignore"):
            rising = self.low + np.sqrt(u * width * (self.mode - self.low))
            falling = self.high - np.sqrt((1 - u) * width * (self.high - self.mode))
        return np.asarray(np.where(u < cut, rising, falling))


def log_sd(parts: Sequence[float]) -> float:
    """Standard deviation of a product of independent lognormals, from those of its factors."""
    return math.sqrt(math.fsum(s * s for s in parts))
