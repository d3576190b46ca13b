"""How many plausible installations a value covers: is a mark-up in proportion to the spread?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mriocarbon.errors import InputError

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of installations at or below a value; bounds from the reference's own error."""

    share: float
    low: float
    high: float


def coverage(default: float, reference: float, log_sd: float, spread: float) -> Coverage:
    """Return the share of plausible installations whose emissions a value covers.

    Installations are taken as log-normal around the reference, ``ln e ~ N(ln R, spread^2)``, so
    that the share is ``Phi(ln(D / R) / spread)``; the interval moves R by 1.96 of its own
    standard deviations.

    Parameters
    ----------
    default, reference : float
        t CO2e per t, above zero.
    log_sd : float
        Standard deviation of ln R.
    spread : float
        Log standard deviation of installations; 0 for all alike.

    Raises
    ------
    InputError

    Examples
    --------
    >>> c = coverage(1.1, 1.0, 0.0, 0.1)
    >>> round(c.share, 3)
    0.83
    """
    numbers = (default, reference, log_sd, spread)
    if not all(math.isfinite(v) for v in numbers) or default <= 0 or reference <= 0:
        raise InputError(f"no amounts: {numbers}", where="coverage", do="give amounts above zero")
    if log_sd < 0 or spread < 0:
        raise InputError(f"negative spread: {numbers}", where="coverage", do="give at least zero")
    ratio = math.log(default / reference)
    share, low, high = (_phi(ratio + z * log_sd, spread) for z in (0.0, -Z95, Z95))
    return Coverage(share, low, high)


def _phi(distance: float, spread: float) -> float:
    if spread == 0:
        return 1.0 if distance >= 0 else 0.0
    return 0.5 * math.erfc(-distance / spread / math.sqrt(2))
