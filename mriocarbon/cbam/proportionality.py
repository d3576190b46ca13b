"""Proportionality: how many plausible installations a value covers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mriocarbon.errors import InputError
from mriocarbon.model.normal import Z95

__all__ = ["Coverage", "coverage"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of plausible installations at or below a value, with a 95 % interval.

    Attributes
    ----------
    share : float
        With the reference at its median.
    low, high : float
        With the reference at the ends of its 95 % interval.
    expected : float
        Mean over what is not known of the reference; nearer to one half than `share`.
    """

    share: float
    low: float
    high: float
    expected: float


def coverage(default: float, reference: float, log_sd: float, spread: float) -> Coverage:
    r"""Return the share of plausible installations whose emissions a value covers.

    Installations are log-normal around the reference, :math:`\ln X \sim N(\ln R, \tau^2)`:

    .. math:: P(X \le D) = \Phi(\ln(D/R) / \tau), \qquad
              \Phi\left(\frac{\ln(D/R) \pm 1.96 s}{\tau}\right), \qquad
              E = \Phi\left(\ln(D/R) / \sqrt{\tau^2 + s^2}\right)

    The reference is the *median* installation here; the mean of the log-normal lies above it
    by :math:`\tau^2/2` on the log scale (2 % for a spread of 0.2).

    Parameters
    ----------
    default : float
        The value D, t CO2e/t; 0 or more, may be infinite.
    reference : float
        R, t CO2e/t, positive.
    log_sd : float
        s, standard deviation of ``ln R``, 0 or more.
    spread : float
        tau, log standard deviation between installations, 0 or more; 0 gives a step: all are
        covered from D = R on.

    Returns
    -------
    Coverage

    Raises
    ------
    InputError
        A value is NaN, negative, or the reference not positive.

    Examples
    --------
    >>> c = coverage(2.2, 2.0, 0.05, 0.2)
    >>> round(c.share, 2), round(c.low, 2), round(c.high, 2)
    (0.68, 0.49, 0.83)
    """
    for name, value, good in (
        ("default", default, default >= 0),
        ("reference", reference, 0 < reference < math.inf),
        ("log_sd", log_sd, 0 <= log_sd < math.inf),
        ("spread", spread, 0 <= spread < math.inf),
    ):
        if not good:
            raise InputError(
                f"coverage: {name} is {value!r}",
                where=name,
                do="give the reference above 0, and the others at 0 or above",
            )
    l = math.log(default) - math.log(reference) if default > 0 else -math.inf
    return Coverage(
        share=_share(l, spread),
        low=_share(l - Z95 * log_sd, spread),
        high=_share(l + Z95 * log_sd, spread),
        expected=_share(l, math.hypot(spread, log_sd)),
    )


def _share(l: float, spread: float) -> float:
    # below 1e-12 the quotient is rounding noise: D = R must count as covered
    if spread < 1e-12:
        return 1.0 if l >= -1e-12 else 0.0
    return 0.5 * math.erfc(-l / (spread * math.sqrt(2.0)))
