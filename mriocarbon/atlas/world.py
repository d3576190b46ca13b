"""Everything the interactive map shows, gathered once: `world_map`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from mriocarbon.atlas.economies import country_names
from mriocarbon.atlas.flows import flows
from mriocarbon.atlas.national import SCOPES, national
from mriocarbon.atlas.points import CATALOGUE_SOURCE, VOLCANO_SOURCE
from mriocarbon.atlas.series import LAYERS, Series, population, series
from mriocarbon.atlas.shapes import sources as borders
from mriocarbon.datasets.database import database
from mriocarbon.datasets.load import load
from mriocarbon.errors import NotAvailableError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WorldMap", "world_map"]

FIRST, LAST = 1990, 2024
LAND_USE = "natural: land-use change"
"""The one natural layer that has all years."""


@dataclass(frozen=True, eq=False)
class WorldMap:
    """Layers of one year, series of all years, flows and population.

    Attributes
    ----------
    year : int
        Of `layers`.
    layers : mapping of str to DataFrame
        `national` by layer; natural carbon by scope, as ``"natural: land-use change"``.
    series : mapping of str to Series
        By the same names; not every layer has one.
    flows : DataFrame
        All bilateral flows, of 2022.
    population : mapping of country to list of float
        Persons over `population_years`.
    population_years : tuple of int
    names : mapping of country to str
    missing : mapping of layer to str
        Layers that could not be made, and why.
    citations : tuple of str
        Of every source, with its licence.
    """

    year: int
    layers: Mapping[str, pd.DataFrame]
    series: Mapping[str, Series]
    flows: pd.DataFrame
    population: Mapping[str, list[float]]
    population_years: tuple[int, ...]
    names: Mapping[str, str]
    missing: Mapping[str, str]
    citations: tuple[str, ...]


SOURCES = (
    "gcb-2025-fossil", "gcb-2024-land", "ceds-2024", "unfccc-annex-i-2023",
    "unfccc-non-annex-i-2022", "ceos-topdown-2022", "owid-population",
)  # fmt: skip


def _citations(volcanoes: bool) -> tuple[str, ...]:
    frame = database().sources.set_index("source").loc[list(SOURCES)]
    named = [(str(c), str(licence)) for c, licence in zip(frame["citation"], frame["licence"],
                                                          strict=True)]  # fmt: skip
    table = load("oecd-icio-2022")
    named += [(one.citation, one.licence) for one in table.provenance.sources]
    named += [(one.citation, one.licence) for one in borders() if "Natural Earth" in one.citation]
    if volcanoes:
        named += [(one.citation, one.licence) for one in (CATALOGUE_SOURCE, VOLCANO_SOURCE)]
    return tuple(dict.fromkeys(
        citation + (f" Licence: {licence}." if licence else "") for citation, licence in named
    ))  # fmt: skip


def world_map(year: int = 2022) -> WorldMap:
    """Return what the interactive map shows.

    Parameters
    ----------
    year : int
        Of the layers that open the map, 1990 to 2024; the flows are of 2022 always.

    Returns
    -------
    WorldMap

    Raises
    ------
    NotAvailableError
        No layer has figures of that year.

    Examples
    --------
    >>> found = world_map()
    >>> len(found.names) > 200, "consumption" in found.layers
    (True, True)
    """
    wanted = {name: (name, "") for name in ("consumption", "production", "transfer")}
    wanted |= {f"natural: {scope}": ("natural", scope) for scope in _scopes()}
    layers: dict[str, pd.DataFrame] = {}
    missing: dict[str, str] = {}
    for name, (layer, scope) in wanted.items():
        try:
            layers[name] = national(layer, year, **({"scope": scope} if scope else {}))
        except NotAvailableError as error:
            missing[name] = f"{error.what} ({error.where})"
    if not layers:
        raise NotAvailableError(
            f"no layer has figures of {year}",
            where="world map",
            do=f"choose a year from {FIRST} to {LAST}",
        )
    years = tuple(range(FIRST, LAST + 1))
    named = {LAND_USE if layer == "natural" else layer: layer for layer in LAYERS}
    return WorldMap(
        year,
        MappingProxyType(layers),
        MappingProxyType({name: series(layer) for name, layer in named.items()}),
        flows(top=None),
        MappingProxyType(population(years)),
        years,
        MappingProxyType(country_names()),
        MappingProxyType(missing),
        _citations("natural: processes" in layers),
    )


def _scopes() -> tuple[str, ...]:
    """Land-use change first: it alone has all years."""
    return ("land-use change", *(s for s in SCOPES if s != "land-use change"))
