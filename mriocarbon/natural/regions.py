"""Regions of natural fluxes: names, groups, and which of them overlap."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from mriocarbon.build.concordance import group_names, members
from mriocarbon.errors import UnknownNameError
from mriocarbon.model.labels import CODES, called, country_code, every_country, find_region

__all__ = ["find", "members_of", "overlap"]

CEOS = "ceos-topdown-2022:Region_"
# Members as their organisations list them, as recalled; the source does not print them.
CEOS_GROUPS: dict[str, str] = {
    "ASEAN": "BRN KHM IDN LAO MYS MMR PHL SGP THA VNM",
    "AU_Central": "BDI CMR CAF TCD COG COD GNQ GAB STP",
    "AU_East": "COM DJI ERI ETH KEN MDG MUS RWA SYC SOM SSD SDN TZA UGA",
    "AU_North": "DZA EGY LBY MRT MAR TUN ESH",
    "AU_South": "AGO BWA SWZ LSO MWI MOZ NAM ZAF ZMB ZWE",
    "AU_West": "BEN BFA CPV CIV GMB GHA GIN GNB LBR MLI NER NGA SEN SLE TGO",
    "ECO": "AFG AZE IRN KAZ KGZ PAK TJK TKM TUR UZB",
    "North_America": "USA CAN MEX",
    "SAARC": "AFG BGD BTN IND MDV NPL PAK LKA",
}
# Groups that divide the world among themselves: two of the same source never overlap.
_PARTITIONS = ("gcp:", "gfed:")
GFED_REGIONS = (
    "gfed:BONA", "gfed:TENA", "gfed:CEAM", "gfed:NHSA", "gfed:SHSA", "gfed:EURO", "gfed:MIDE",
    "gfed:NHAF", "gfed:SHAF", "gfed:BOAS", "gfed:TEAS", "gfed:SEAS", "gfed:EQAS", "gfed:AUST",
)  # fmt: skip


@lru_cache(maxsize=256)
def members_of(region: str) -> frozenset[str]:
    """Return the countries of a region, itself for a country, nothing if they are not known.

    Examples
    --------
    >>> sorted(members_of("EU27"))[:2], sorted(members_of("CHN")), members_of("gcp:Asia")
    (['AUT', 'BEL'], ['CHN'], frozenset())
    """
    # The EU's own submission of 2023: its CO2 of 2021 is the sum of the 27, without GBR and ISL.
    if region in ("EU27", "EU_CONVENTION"):
        return frozenset(members("EU27"))
    if region.startswith(CEOS):
        name = region.removeprefix(CEOS)
        if name == "AU":
            return frozenset().union(
                *(text.split() for key, text in CEOS_GROUPS.items() if key.startswith("AU_"))
            )
        return frozenset(CEOS_GROUPS.get(name, "").split())
    if ":" in region or region == "WLD":
        return frozenset()
    if region in group_names():
        return frozenset(members(region))
    return frozenset({_code(region)} - {""})


def _code(region: str) -> str:
    """The code of a country by code or name; '' if it is none."""
    return region if region == "XKX" else country_code(region)


def overlap(a: str, b: str) -> str:
    """Say why two regions overlap, or may; '' if they do not.

    Examples
    --------
    >>> overlap("EU27", "DEU"), overlap("CHN", "USA")
    ('EU27 and DEU share DEU', '')
    >>> overlap("Germany", "DEU"), overlap("G20", "USA")
    ('Germany and DEU share DEU', 'G20 and USA share USA')
    >>> overlap("gcp:Asia", "gcp:Africa"), overlap("gcp:Asia", "CHN")
    ('', 'gcp:Asia may hold CHN: its members are not known here')
    """
    if a == b:
        return f"{a} stands twice"
    if "WLD" in (a, b):
        return "the world holds every region"
    if any(a.startswith(p) and b.startswith(p) for p in _PARTITIONS):
        return ""
    first, second = members_of(a), members_of(b)
    if not first or not second:
        closed, other = (a, b) if not first else (b, a)
        return f"{closed} may hold {other}: its members are not known here"
    shared = sorted(first & second)
    return f"{a} and {b} share {', '.join(shared[:3])}" if shared else ""


def find(name: str, known: Sequence[str]) -> str:
    """Return the code of a region typed by a person; a country without any figure is known too.

    Raises
    ------
    UnknownNameError

    Examples
    --------
    >>> find("China", ["CHN", "WLD"]), find("world", ["CHN", "WLD"]), find("Monaco", ["CHN"])
    ('CHN', 'WLD', 'MCO')
    """
    if isinstance(name, str):
        if name.casefold() == "globe":
            return "WLD"
        try:
            return list(known)[find_region(name, list(known))]
        except UnknownNameError:
            if code := called(name):
                return code
    plain = [one for one in known if len(one) <= 4 or ":" in one]
    raise UnknownNameError.of("region", name, plain, also=every_country(), do=CODES)
