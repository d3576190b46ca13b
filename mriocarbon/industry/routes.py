"""By which routes a country makes a good, and how clean its electricity is."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.industry.arrays import asarray, exp, is_jax, log
from mriocarbon.industry.parameters import Array, Deviate, rows

__all__ = [
    "GRID_SD",
    "Grid",
    "RouteMix",
    "factor_of_grid",
    "grid",
    "known_origin",
    "mixes",
    "route_mix",
]

GRID_SD = 0.12
"""Log-sd of a country's grid factor: its factors are lifecycle ones, some per cent above the
direct factors of the law, and the year differs; assumed."""
_NO_GRID_SD = 0.6


@dataclass(frozen=True, slots=True)
class RouteMix:
    """Shares of the routes to a product in one country.

    Attributes
    ----------
    product, origin : str
        Name of the mix and ISO3 of the country.
    shares : mapping of str to float
        Share of each route, adding to one; routes not in use are absent.
    sources : tuple of str
        Citations.
    assumed : tuple of str
        What is assumed, with the reason.
    log_sd : mapping of str to float
        Standard deviation of the logit of each route's share of what earlier routes leave.
    """

    product: str
    origin: str
    shares: Mapping[str, float]
    sources: tuple[str, ...]
    assumed: tuple[str, ...]
    log_sd: Mapping[str, float]

    def key(self, position: int) -> str:
        """Name of the factor at one fork of the mix."""
        name = f"mix.{self.origin}.{self.product}"
        return name if position == 0 else f"{name}.{position + 1}"

    def at(self, z: Deviate) -> dict[str, Array]:
        r"""Shares at given deviates, by breaking a stick.

        .. math:: s_k = (1 - \sum_{j<k} s_j)\,\sigma(\mathrm{logit}\, v_k + \lambda_k z_k)

        with :math:`v_k` the share of route k in what the routes before it leave; the last one
        takes the rest. A share of zero or one stays.
        """
        left, rest = asarray(1.0), 1.0
        found: dict[str, Array] = {}
        names = list(self.shares)
        for position, route in enumerate(names[:-1]):
            part = min(self.shares[route] / rest, 1.0) if rest > 0 else 0.0
            if 0 < part < 1 and self.log_sd[route] > 0:
                shifted = log(part / (1 - part)) + self.log_sd[route] * z(self.key(position))
                taken = left / (1 + exp(-shifted))
            else:
                taken = left * part
            found[route] = asarray(taken)
            left = asarray(left - taken)
            rest -= self.shares[route]
        found[names[-1]] = left
        return found


@lru_cache(maxsize=1)
def _table() -> Mapping[tuple[str, str], RouteMix]:
    grouped: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows("routes.csv"):
        grouped[row["mix"], row["region"]].append(row)
    found = {}
    for (product, region), lines in grouped.items():
        total = sum(float(line["share"]) for line in lines)
        found[product, region] = RouteMix(
            product,
            region,
            {line["route"]: float(line["share"]) / total for line in lines},
            tuple(dict.fromkeys(x["source"] for x in lines if x["source"] != "assumed")),
            tuple(
                dict.fromkeys(f"mix of {product}: {x['assumed']}" for x in lines if x["assumed"])
            ),
            {line["route"]: float(line["sd"]) for line in lines},
        )
    return found


def mixes() -> tuple[str, ...]:
    """Return the products that are made by more than one route."""
    return tuple(dict.fromkeys(product for product, _ in _table()))


def route_mix(iso3: str, product: str) -> RouteMix:
    """Return the route mix of a country; one without a row gets that of the rest, marked assumed.

    Parameters
    ----------
    iso3 : str
        Country of production.
    product : {"steel", "aluminium", "ammonia", "hydrogen", "dri", "agglomerate"}
        What is made.

    Returns
    -------
    RouteMix
        `shares` of the routes, 0 to 1, which add up to one.

    Raises
    ------
    UnknownNameError
        No such mix.

    Examples
    --------
    >>> mix = route_mix("CHN", "steel")
    >>> round(mix.shares["bf-bof"], 3), mix.sources[0][:10]
    (0.898, 'worldsteel')
    """
    table = _table()
    if product not in mixes():
        raise UnknownNameError.of("product with several routes", product, mixes())
    found = table.get((product, iso3)) or table[product, ""]
    return RouteMix(product, iso3, found.shares, found.sources, found.assumed, found.log_sd)


@dataclass(frozen=True, slots=True)
class Grid:
    """Grid factor of a country: t CO2e/MWh, log-sd, source and what is assumed."""

    origin: str
    value: float
    log_sd: float
    source: str
    assumed: str


@lru_cache(maxsize=1)
def _grids() -> Mapping[str, dict[str, str]]:
    return {row["region"]: row for row in rows("grid.csv")}


def grid(iso3: str) -> Grid:
    """Return the carbon intensity of a country's electricity.

    Examples
    --------
    >>> grid("CHN").value
    0.5575
    """
    row = _grids().get(iso3)
    if row is None:
        middle = statistics.median(float(r["g_co2e_per_kwh"]) for r in _grids().values())
        why = f"grid factor of {iso3}: none published in the table; median of all countries"
        return Grid(iso3, middle / 1000, _NO_GRID_SD, "assumed", why)
    why = "grid factor: lifecycle factors of the source stand for the direct ones of the law"
    source = f"{row['source']}, {row['year']}"
    return Grid(iso3, float(row["g_co2e_per_kwh"]) / 1000, GRID_SD, source, why)


@lru_cache(maxsize=1)
def _origins() -> tuple[str, ...]:
    tables = (*_grids(), *(row["region"] for row in rows("parameters.csv")))
    tables = (*tables, *(region for _, region in _table()))
    return tuple(sorted({name for name in tables if name}))


def known_origin(origin: str, where: str) -> str:
    """Return the origin if a table has it, or "" for the values of all countries.

    A code that nothing is known of would get the values of all countries and the median grid
    without a word, so it is refused here.

    Raises
    ------
    UnknownNameError
        No table has the code.

    Examples
    --------
    >>> known_origin("DEU", "example")
    'DEU'
    """
    if origin and origin not in _origins():
        near = [name for name in _origins() if name == str(origin).strip().upper()]
        found = near or _origins()
        raise UnknownNameError.of(
            "country of origin", origin, found,
            do=f"{where} takes ISO3 codes in capitals such as \"CHN\";"
            " leave it out for the values of all countries",
        )  # fmt: skip
    return origin


def factor_of_grid(value: Array | float, where: str) -> Array:
    """Return a grid factor in t CO2e per MWh, refused where it is negative or not finite.

    Examples
    --------
    >>> float(factor_of_grid(0.4, "example"))
    0.4
    """
    found = asarray(value)
    if not is_jax(found) and not np.all(np.isfinite(found) & (found >= 0)):
        raise InputError(
            f"grid is {value!r}", where=where,
            do="give t CO2e per MWh, finite and of at least zero",
        )  # fmt: skip
    return found
