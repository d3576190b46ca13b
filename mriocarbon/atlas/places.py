"""Where a country stands on a map: one point for each, for dots and for the ends of arcs.

The points are geographic facts, entered by hand to a tenth of a degree or so: the middle of the
territory for large countries, the capital or the main island for small ones.
"""

from __future__ import annotations

from functools import lru_cache

from mriocarbon.atlas.embedded import rows

__all__ = ["place", "places"]

GROUP_PLACES = {
    "EU27": (50.1, 9.9), "MEA": (26.0, 45.0), "AFR": (3.0, 21.0), "LAM": (-12.0, -58.0),
}  # fmt: skip
"""Points for the groups of the 20 regions; ROW is everywhere and has none."""


@lru_cache(maxsize=1)
def places() -> dict[str, tuple[float, float]]:
    """Return latitude and longitude (degrees) by ISO 3166 alpha-3.

    Examples
    --------
    >>> lat, lon = places()["SGP"]
    >>> round(lat), round(lon)
    (1, 104)
    """
    return {row["iso3"]: (float(row["lat"]), float(row["lon"])) for row in rows("places.csv")}


def place(region: str) -> tuple[float, float]:
    """Return latitude and longitude of a country or a group of the 20; NaN where it has none.

    Examples
    --------
    >>> place("ROW")
    (nan, nan)
    """
    nowhere = (float("nan"), float("nan"))
    return places().get(region, GROUP_PLACES.get(region, nowhere))
