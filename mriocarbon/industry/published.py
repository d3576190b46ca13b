"""Intensities that others have published, each with its own boundary; never merged with CBAM's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mriocarbon.industry.parameters import rows

__all__ = ["Published", "published"]


@dataclass(frozen=True, slots=True)
class Published:
    """One published figure.

    Attributes
    ----------
    product, route : str
        What, and by which route ("" for an average).
    value : float
        As published, in `unit`.
    low, high : float or None
        Range of the source, where it gives one.
    year : int
    unit, boundary, source, scope_note : str
        Unit, system boundary, citation, how the boundary differs from the CBAM's.
    """

    product: str
    route: str
    value: float
    low: float | None
    high: float | None
    year: int
    unit: str
    boundary: str
    source: str
    scope_note: str


@lru_cache(maxsize=1)
def published() -> tuple[Published, ...]:
    """Return the published intensities: worldsteel 2022 to 2024, JRC hydrogen, IPCC defaults.

    Examples
    --------
    >>> [x.value for x in published() if x.route == "bf-bof" and x.year == 2024]
    [2.34]
    """
    return tuple(
        Published(
            row["product"],
            row["route"],
            float(row["value"]),
            float(row["low"]) if row["low"] else None,
            float(row["high"]) if row["high"] else None,
            int(row["year"]),
            row["unit"],
            row["boundary"],
            row["source"],
            row["scope_note"],
        )
        for row in rows("published.csv")
    )
