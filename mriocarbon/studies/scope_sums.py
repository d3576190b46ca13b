"""An account with one scope of natural carbon beside it: sums and ratios with their intervals.

A scope s errs independently of what industries and households emit, so that the law of a sum is
the convolution of both laws. All of them are normal here, and the convolution is exact:
``sd² = sd_account² + sd_scope²``. The adjustment has the same numerator with and without the
scope, ``D = C - P``, for what is added to both sides cancels; its denominator is ``B = P + s``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mriocarbon.model.normal import Z95

__all__ = ["ScopeSum", "Sided", "ratio_interval", "with_scope"]


@dataclass(frozen=True)
class Sided:
    """Production and consumption of one region and how they err together.

    Attributes
    ----------
    production, consumption : float
        Mt CO2.
    production_variance, consumption_variance, covariance : float
        Mt² CO2.
    """

    production: float
    consumption: float
    production_variance: float
    consumption_variance: float
    covariance: float

    @property
    def difference_variance(self) -> float:
        """Of consumption less production; never below zero by rounding."""
        both = self.production_variance + self.consumption_variance - 2 * self.covariance
        return max(both, 0.0)


@dataclass(frozen=True)
class ScopeSum:
    """Production and consumption of a region with one scope of natural carbon, and no other.

    Attributes
    ----------
    region, scope, label : str
    natural : float
        What is added to both sides, Mt CO2.
    production, production_low, production_high : float
    consumption, consumption_low, consumption_high : float
        Mt CO2, 95 %; NaN where something is missing.
    percent, percent_low, percent_high : float
        ``100 (C - P) / (P + s)``.
    period : str
        Years of the scope's figure.
    estimated : bool
    reason : str
        Why a figure or an interval is missing; empty if nothing is.
    """

    region: str
    scope: str
    label: str
    natural: float
    production: float
    production_low: float
    production_high: float
    consumption: float
    consumption_low: float
    consumption_high: float
    percent: float
    percent_low: float
    percent_high: float
    period: str
    estimated: bool
    reason: str


def ratio_interval(
    top: float, bottom: float, top_variance: float, bottom_variance: float, covariance: float
) -> tuple[float, float]:
    """Return the 95 % interval of a ratio of two normal quantities.

    The ratio is below t where ``top - t bottom`` is below zero, which is normal; so the ends are
    the roots of ``(D - t B)² = z² (v_D - 2 t c + t² v_B)`` (Fieller 1954). They are the 2.5 and
    97.5 % quantiles of the ratio but for the chance that the denominator is below zero.

    Parameters
    ----------
    top, bottom : float
    top_variance, bottom_variance, covariance : float

    Returns
    -------
    low, high : float
        NaN, NaN where the denominator's own 95 % interval reaches zero: the ratio has no bound.

    References
    ----------
    Fieller (1954), Journal of the Royal Statistical Society B 16, 175-185 (not opened).

    Examples
    --------
    >>> low, high = ratio_interval(10.0, 100.0, 4.0, 0.0, 0.0)
    >>> round(low, 4), round(high, 4)
    (0.0608, 0.1392)
    >>> ratio_interval(10.0, 1.0, 4.0, 1.0, 0.0)
    (nan, nan)
    """
    z2 = Z95**2
    a = bottom**2 - z2 * bottom_variance
    if not (bottom > 0 and a > 0):
        return math.nan, math.nan
    b = -2 * (top * bottom - z2 * covariance)
    c = top**2 - z2 * top_variance
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def with_scope(
    region: str,
    scope: str,
    label: str,
    sides: Sided,
    natural: float,
    sd: float,
    *,
    period: str = "",
    estimated: bool = False,
    reason: str = "",
) -> ScopeSum:
    """Return production, consumption and their difference in per cent with one scope added.

    Parameters
    ----------
    region, scope, label : str
    sides : Sided
    natural, sd : float
        The scope's figure, Mt CO2, and its standard deviation; NaN if there is none.
    period : str
    estimated : bool
    reason : str
        Why the figure, or its sd, is missing.

    Returns
    -------
    ScopeSum
        With ``natural`` NaN every figure is NaN; with ``sd`` NaN the intervals are. Production
        that is not surely above zero with the scope has no percentage.

    Examples
    --------
    >>> one = with_scope("X", "managed land", "with managed land",
    ...                  Sided(100.0, 110.0, 9.0, 9.0, 9.0), -20.0, 4.0)
    >>> one.production, one.consumption, one.percent
    (80.0, 90.0, 12.5)
    >>> round(one.production_high - one.production, 2)  # 1.96 times 5
    9.8
    """
    made, used = sides.production + natural, sides.consumption + natural
    half = [
        Z95 * math.sqrt(variance + sd**2)
        for variance in (sides.production_variance, sides.consumption_variance)
    ]
    top = sides.consumption - sides.production
    percent = low = high = math.nan
    if math.isfinite(natural):
        low, high = (
            100 * end
            for end in ratio_interval(
                top, made, sides.difference_variance, sides.production_variance + sd**2,
                sides.covariance - sides.production_variance,
            )
        )  # fmt: skip
        if made > 0 and (math.isfinite(low) or math.isnan(sd)):
            percent = 100 * top / made
        else:
            below = made + half[0] < 0
            reason = reason or "no percentage: production with the scope " + (
                "is below zero" if below else "may be zero or below"
            )
    return ScopeSum(
        region, scope, label, natural, made, made - half[0], made + half[0], used, used - half[1],
        used + half[1], percent, low, high, period, estimated, reason,
    )  # fmt: skip
