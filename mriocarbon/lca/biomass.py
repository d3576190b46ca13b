"""Carbon of burnt biomass: where a source names no origin, the name of the process does.

Some inventories have one flow "Carbon dioxide" for all that is emitted, while what plants take
from the air stands apart. Burnt wood then counts with coal, and ISO 14067 wants fossil and
biogenic carbon told apart. The rule is of words and is listed with its effect wherever it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from mriocarbon.lca.inventory import Exchange, Process

__all__ = ["RULE", "burns_biomass", "with_origin"]

RULE = "origin of the carbon not stated: biogenic, as the process burns or ferments biomass by name"
"""Stands as the source of the exchanges whose origin was set."""

_BIOMASS = re.compile(
    r"\b(?:wood ?fuels?|fuel ?wood|wood|hog ?fuels?|bark|black liquor|liquor|biomass|bagasse|"
    r"sawdust|sanderdust|straw|stover|switchgrass|biogas|landfill gas|charcoal)\b",
    re.IGNORECASE,
)
_BURNS = re.compile(
    r"\b(?:combust(?:ed|ion)|burn(?:ed|t|ing)?|fired|incinerat(?:ed|ion)|"
    r"electricity(?=,)|biochemical)\b",
    re.IGNORECASE,
)
_FOSSIL = re.compile(
    r"\b(?:natural gas|coal|lignite|diesel|oil|gasoline|petroleum|propane|lpg|rfo|tdf|tire|peat|"
    r"fuels, burned)\b",
    re.IGNORECASE,
)
# where it is burnt says nothing about what is burnt
_WHERE = re.compile(r"[,;]?\s+(?:at|in|for)\b[^,;]*", re.IGNORECASE)


def burns_biomass(name: str) -> bool:
    """Return whether a process burns (or ferments to fuel) biomass and nothing else, by its name.

    The words of fuels are wood, hog fuel, bark, liquor, biomass, bagasse, sawdust, sanderdust,
    straw, stover, switchgrass, biogas, landfill gas and charcoal; one of them and a word of
    burning must stand in the name, outside of where it is done, and no fossil fuel.

    Examples
    --------
    >>> burns_biomass("Hog fuel, pur., combusted in industrial boiler, at pulp and paper mill")
    True
    >>> burns_biomass("Natural gas, combusted in industrial boiler, at wood mill")
    False
    >>> burns_biomass("Wood fuel, at MDF mill")
    False
    """
    if _FOSSIL.search(name):
        return False
    return bool(_BIOMASS.search(_WHERE.sub("", name)) and _BURNS.search(name))


def with_origin(processes: Iterable[Process]) -> tuple[Process, ...]:
    """Return processes with biogenic origin where they burn biomass and none is stated.

    Of carbon dioxide the largest flow of each process alone is set (further ones may be of a fuel
    that starts the fire, and stay as published); methane all. What was set carries `RULE`.

    Parameters
    ----------
    processes : iterable of Process

    Examples
    --------
    >>> air = Exchange("Carbon dioxide", 1.8, "kg", "biosphere", "out", "emission/air")
    >>> boiler = Process("Bark, combusted in boiler", "heat", 10.0, "MJ", (air,))
    >>> with_origin([boiler])[0].exchanges[0].carbon
    'biogenic'
    """
    return tuple(_set(p) if burns_biomass(p.name) else p for p in processes)


def _open(one: Exchange, gas: str) -> bool:
    """Whether it is the gas, given to the air, without an origin in its name or beside it."""
    return (one.kind == "biosphere" and one.direction == "out" and not one.carbon
            and one.flow.strip().casefold() == gas)  # fmt: skip


def _set(process: Process) -> Process:
    most = max((e.amount for e in process.exchanges if _open(e, "carbon dioxide")), default=0.0)
    return replace(process, exchanges=tuple(
        replace(e, carbon="biogenic", source=RULE)
        if (_open(e, "carbon dioxide") and e.amount == most) or _open(e, "methane") else e
        for e in process.exchanges
    ))  # fmt: skip
