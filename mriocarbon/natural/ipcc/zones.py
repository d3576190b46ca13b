"""The climates that tables on soils and water use, and which zones of the guidelines lie in them.

Soil carbon has ten zones (`CLIMATES`); nitrogen knows wet and dry, organic soils boreal, temperate
and tropical, reservoirs six zones. A name of either kind is accepted.
"""

from __future__ import annotations

from mriocarbon.errors import UnknownNameError
from mriocarbon.natural.ipcc.lookup import ANY, CLIMATES

__all__ = ["belt", "moisture", "reservoir_zone"]

BELTS = ("boreal", "temperate", "tropical")
MOISTURES = (ANY, "wet", "dry")
RESERVOIRS = (
    "boreal", "cool temperate", "warm temperate dry", "warm temperate moist",
    "tropical dry/montane", "tropical moist/wet",
)  # fmt: skip


def moisture(climate: str) -> str:
    """Return ``"wet"``, ``"dry"`` or ``"any"`` of a climate.

    Wet are temperate and boreal zones whose rain exceeds potential evaporation, and tropical ones
    with over 1,000 mm a year (IPCC 2019, volume 4, chapter 11, footnotes of table 11.1).

    Raises
    ------
    UnknownNameError
        Another name; tropical montane too, which may be either.

    Examples
    --------
    >>> moisture("cool temperate moist"), moisture("dry")
    ('wet', 'dry')
    """
    if climate in MOISTURES:
        return climate
    if climate in CLIMATES and climate != "tropical montane":
        return "dry" if climate.endswith("dry") else "wet"
    known = [*MOISTURES, *(c for c in CLIMATES if c != "tropical montane")]
    raise UnknownNameError.of("climate", str(climate), known)


def belt(climate: str) -> str:
    """Return ``"boreal"``, ``"temperate"`` or ``"tropical"`` of a climate.

    Raises
    ------
    UnknownNameError
        Another name.

    Examples
    --------
    >>> belt("warm temperate moist"), belt("tropical")
    ('temperate', 'tropical')
    """
    if climate in BELTS:
        return climate
    if climate in CLIMATES:
        return next(name for name in BELTS if name in climate)
    raise UnknownNameError.of("climate", str(climate), [*BELTS, *CLIMATES])


def reservoir_zone(climate: str) -> str:
    """Return the zone of the tables on reservoirs that a climate lies in.

    Raises
    ------
    UnknownNameError
        Another name.

    Examples
    --------
    >>> reservoir_zone("tropical montane"), reservoir_zone("cool temperate dry")
    ('tropical dry/montane', 'cool temperate')
    """
    if climate in RESERVOIRS:
        return climate
    if climate not in CLIMATES:
        raise UnknownNameError.of("climate", str(climate), [*RESERVOIRS, *CLIMATES])
    if climate.startswith(("boreal", "cool temperate")):
        return climate.rsplit(" ", 1)[0]
    kind = climate.rsplit(" ", 1)[1]
    return "tropical dry/montane" if kind in ("dry", "montane") else "tropical moist/wet"
