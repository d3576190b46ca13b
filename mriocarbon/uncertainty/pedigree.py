"""Uncertainty from data quality: the pedigree matrix of life cycle inventories.

Each flow is scored from 1 (best) to 5 in five respects. A score adds to the variance of the
logarithm of the flow; with the basic variance of its kind the sum gives a lognormal:
``s^2 = s_basic^2 + sum of the five``, geometric standard deviation ``exp(s)``, relative standard
deviation ``sqrt(exp(s^2) - 1)``.

Factors: Weidema et al. (2013), Data quality guideline for the ecoinvent database version 3,
chapter 10, as carried by several public implementations that agree; the guideline itself was not
at hand. Empirical ones (Ciroth et al. 2016, doi:10.1007/s11367-013-0670-5) are larger.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mriocarbon.errors import InputError

__all__ = ["INDICATORS", "Pedigree"]

INDICATORS = (
    "reliability", "completeness", "temporal correlation", "geographical correlation",
    "further technological correlation",
)  # fmt: skip
_VARIANCES = (
    (0.0, 0.0006, 0.002, 0.008, 0.04),
    (0.0, 0.0001, 0.0006, 0.002, 0.008),
    (0.0, 0.0002, 0.002, 0.008, 0.04),
    (0.0, 0.000025, 0.0001, 0.0006, 0.002),
    (0.0, 0.0006, 0.008, 0.04, 0.12),
)


@dataclass(frozen=True, slots=True)
class Pedigree:
    """Scores of one flow.

    Attributes
    ----------
    scores : tuple of int
        Five, each 1 to 5, in the order of `INDICATORS`.
    basic : float
        Basic variance of ln(flow), such as 0.0006 for intermediate inputs and CO2.

    Examples
    --------
    >>> one = Pedigree.parse("(2,1,3,1,4)", basic=0.0006)
    >>> round(one.variance, 4), round(one.geometric_sd, 3), round(one.relative_sd, 3)
    (0.0432, 1.231, 0.21)
    """

    scores: tuple[int, ...]
    basic: float = 0.0

    def __post_init__(self) -> None:
        if len(self.scores) != len(INDICATORS) or any(
            isinstance(s, bool) or not isinstance(s, int) or not 1 <= s <= 5 for s in self.scores
        ):
            raise InputError(
                f"{self.scores!r} are no pedigree scores",
                where="pedigree",
                do=f"give five whole numbers from 1 to 5: {', '.join(INDICATORS)}",
            )
        if not (math.isfinite(self.basic) and self.basic >= 0):
            raise InputError(
                f"basic variance {self.basic!r}", where="pedigree",
                do="give a finite variance of the logarithm, at least 0",
            )  # fmt: skip

    @classmethod
    def parse(cls, text: str | Sequence[int], *, basic: float = 0.0) -> Pedigree:
        """Read ``"(2,1,3,1,4)"``, ``"2;1;3;1;4"`` or a sequence of numbers."""
        if not isinstance(text, str):
            return cls(tuple(text), basic)
        parts = text.strip().strip("()[]").replace(";", ",").split(",")
        try:
            return cls(tuple(int(part) for part in parts), basic)
        except ValueError:
            raise InputError(
                f"{text!r} are no pedigree scores",
                where="pedigree",
                do="write five scores such as (2,1,3,1,4)",
            ) from None

    @property
    def variance(self) -> float:
        """Variance of the logarithm."""
        added = (row[s - 1] for row, s in zip(_VARIANCES, self.scores, strict=True))
        return self.basic + math.fsum(added)

    @property
    def geometric_sd(self) -> float:
        """Geometric standard deviation, exp(s); 95 % lie within its square."""
        return math.exp(math.sqrt(self.variance))

    @property
    def relative_sd(self) -> float:
        """Relative standard deviation of the lognormal, for an `ErrorModel`."""
        return math.sqrt(math.expm1(self.variance))
