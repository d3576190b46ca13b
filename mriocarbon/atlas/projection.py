"""The Equal Earth projection: areas on the page are in the proportion of areas on the globe.

With ``sin t = (sqrt 3 / 2) sin lat``,

    x = 2 sqrt 3 lon cos t / (3 (9 A4 t^8 + 7 A3 t^6 + 3 A2 t^2 + A1))
    y = A4 t^9 + A3 t^7 + A2 t^3 + A1 t

A1 = 1.340264, A2 = -0.081106, A3 = 0.000893, A4 = 0.003796 (Savric, Patterson & Jenny 2019,
doi:10.1080/13658816.2018.1504949; UNVERIFIED, the paper was not at hand: that areas are kept is
tested).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["equal_earth"]

Array = NDArray[np.float64]
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796


def equal_earth(lat: ArrayLike, lon: ArrayLike) -> tuple[Array, Array]:
    """Return x to the east and y to the north on a sphere of radius one.

    Parameters
    ----------
    lat, lon : array_like
        Degrees; longitude from the middle of the map, -180 to 180.

    Returns
    -------
    tuple of ndarray
        x within +-2.7066, y within +-1.3173.

    Examples
    --------
    >>> x, y = equal_earth([0.0, 90.0], [180.0, 0.0])
    >>> round(float(x[0]), 4), round(float(y[1]), 4)
    (2.7066, 1.3174)
    """
    t = np.arcsin(np.sqrt(3) / 2 * np.sin(np.radians(np.asarray(lat, dtype=float))))
    t2 = t * t
    t6 = t2 * t2 * t2
    stretch = A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)
    x = 2 * np.sqrt(3) * np.radians(np.asarray(lon, dtype=float)) * np.cos(t) / (3 * stretch)
    y = t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))
    return np.asarray(x), np.asarray(y)
