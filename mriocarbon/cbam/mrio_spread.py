"""How wrong a reference from the table may be, apart from its price: loadings of ln R.

What the satellite knows of its own errors is taken from it, cell by cell. What nobody has
measured is assumed, with the reason beside the figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from mriocarbon.cbam.mrio_boundary import ELECTRICITY, GWP, InBoundary, kept
from mriocarbon.datasets.satellites import satellite_data
from mriocarbon.model import MRIO

__all__ = [
    "BOOKING",
    "PRODUCT_SPREAD",
    "UNKNOWN_CELL",
    "aggregation",
    "booking",
    "cell_loadings",
    "product_spread",
]

TABLE = "oecd-icio-2022"
Array = NDArray[np.float64]

PRODUCT_SPREAD = {
    "B07": (1.5, "sinter is burnt, most ores of the industry are only dug"),
    "B08": (1.5, "calcined clay is burnt, most products of the industry are only dug"),
    "C20": (
        1.5,
        "ammonia and hydrogen emit about ten times as much per USD as the average of chemicals",
    ),
    "C23": (
        1.1,
        "clinker and cement emit several times as much per USD as glass, ceramics and concrete",
    ),
    "C24A": (0.45, "pig iron and crude steel emit more per USD than rolled and coated products"),
    "C24B": (
        0.9,
        "primary aluminium emits more per USD than copper, precious metals and semi-products",
    ),
    "C25": (0.45, "the metal share of a fabricated article differs between articles"),
}
"""Assumed log sd of a product around the average of its industry, with the reason.

The spread of supply-chain emissions per USD between the products (NAICS 6) of one industry in
the United States (EPA Supply Chain Factors v1.3) is 0.28, 0.60, 0.83, 0.40, 0.41 and 0.40 for
B07, C20, C23, C24A, C24B and C25. It is a floor: supply chains differ less than direct
emissions do. Where goods of the CBAM sit at one end of their industry it is
widened, so that the bound at which all emissions of the industry are this product's (China:
cement some 12 %, aluminium some 17 % of the industry's sales) lies near the end of the interval.
"""

BOOKING = {
    "C24A": (
        0.20,
        "blast-furnace and coke-oven gas burnt in power plants is booked to electricity, coke"
        " ovens partly to refining; in the CBAM's monitoring part of it belongs to steel",
    ),
}
"""Assumed log sd of an industry's emissions for what inventories book elsewhere."""

UNKNOWN_CELL = 0.25
_AGGREGATION = 0.05
_SMALL = 1e-3
FAR = 0.9
"""Product spread from which a reader is warned in words."""


def cell_loadings(
    mrio: MRIO, gases: tuple[str, ...], cells: Mapping[tuple[str, str], float], value: float
) -> tuple[dict[str, float], bool]:
    """Loadings of the satellite's errors; cells of no weight go together, as if erring as one."""
    spread = _cell_sd(mrio, gases)
    found: dict[str, float] = {}
    rest: dict[str, float] = {}
    for (region, industry), amount in cells.items():
        sd = UNKNOWN_CELL
        if spread is not None:
            # the electricity in a reference is CO2 alone, whatever the gases of the good
            only_co2 = industry == ELECTRICITY
            sd = _cell_sd_of(mrio, spread, region, industry, only_co2)
        loading = abs(amount) / value * sd
        if loading >= _SMALL:
            found[f"cell.{region}.{industry}"] = loading
        else:
            rest[industry] = rest.get(industry, 0.0) + loading
    for industry, loading in rest.items():
        if loading > 0:
            found[f"cell.other.{industry}"] = loading
    return found, spread is not None


def _cell_sd(mrio: MRIO, gases: tuple[str, ...]) -> tuple[Array, Array] | None:
    """Log sd of every cell's CO2e in these gases, and of its CO2; None for a foreign table."""
    cache = kept.setdefault(mrio, {})
    key = ("sd", gases)
    if key not in cache:
        data = satellite_data(TABLE)
        if mrio.sectors != data.industries:
            cache[key] = None
        elif mrio.regions == data.economies:
            cache[key] = (_log_sd(data.gases, data.F, data.sd, gases),
                          _log_sd(data.gases, data.F, data.sd, ("CO2",)))  # fmt: skip
        elif mrio.regions == data.regions:
            F = data.of_regions(data.F)
            cache[key] = (_log_sd(data.gases, F, data.region_sd, gases),
                          _log_sd(data.gases, F, data.region_sd, ("CO2",)))  # fmt: skip
        else:
            cache[key] = None
    found: tuple[Array, Array] | None = cache[key]
    return found


def _log_sd(rows: tuple[str, ...], F: Array, sd: Array, gases: Iterable[str]) -> Array:
    """Gases of a cell taken as independent: wider than the satellite's own sum, never narrower."""
    total = sum(GWP[g] * F[rows.index(g)] for g in gases)
    square = sum((GWP[g] * sd[rows.index(g)]) ** 2 for g in gases)
    middle = np.maximum(np.asarray(total), 1e-12)
    return np.asarray(np.sqrt(np.log1p(np.minimum(np.asarray(square) / middle**2, 1e4))))


def _cell_sd_of(
    mrio: MRIO, spread: tuple[Array, Array], region: str, industry: str, only_co2: bool
) -> float:
    place = mrio.regions.index(region) * len(mrio.sectors) + mrio.sectors.index(industry)
    return float(spread[1 if only_co2 else 0][place])


def aggregation(
    region: str, origin: str, inside: InBoundary, share: Mapping[str, float]
) -> tuple[float, str]:
    """How far a country may lie from the region that stands in for it."""
    if region == origin:
        return _AGGREGATION, "one country: plants of other size and kind within the industry"
    total = inside.direct if inside.indirect is None else inside.direct + inside.indirect
    columns = [inside.industries.index(name) for name in share]
    value = total[:, columns] @ np.array(list(share.values()))
    logs = np.log(value[value > 0])
    spread = float(np.std(logs, ddof=1)) if len(logs) > 1 else 1.0
    return spread, (
        f"{origin} is answered by {region}: as far as the regions of the table lie from each"
        " other (standard deviation of ln intensity)"
    )


def booking(
    cells: Mapping[tuple[str, str], float], value: float
) -> tuple[dict[str, float], list[str]]:
    """Return the loadings for emissions that inventories book elsewhere, and the assumptions."""
    loadings, assumed = {}, []
    for name, (sd, why) in BOOKING.items():
        emitted = sum(amount for (_, industry), amount in cells.items() if industry == name)
        if emitted > 0:
            loadings[f"booking.{name}"] = emitted / value * sd
            assumed.append(f"booking of emissions, {name}, log-sd {sd:g}: {why}")
    return loadings, assumed


def product_spread(
    weights: Iterable[tuple[str, float]], cells: Mapping[tuple[str, str], float], value: float
) -> tuple[dict[str, float], list[str], list[str]]:
    """Return loadings, assumptions and notes: a sector average is not a product.

    The makers count with their weight, an industry of precursors with its share of the
    emissions: the steel in a structure is no average of basic metal either.
    """
    loadings, assumed, notes = {}, [], []
    shares = dict(weights)
    emitted: dict[str, float] = {}
    for (_, industry), amount in cells.items():
        emitted[industry] = emitted.get(industry, 0.0) + amount
    for industry, amount in emitted.items():
        if industry not in shares and industry != ELECTRICITY and value > 0:
            shares[industry] = amount / value
    for name, w in shares.items():
        spread, why = PRODUCT_SPREAD.get(name, (1.0, "its industry makes many other things"))
        loadings[f"product-spread.{name}"] = spread * w
        assumed.append(
            f"a sector average is not a product: {name}, log-sd {spread:g} x {w:.2f}: {why}"
        )
        if spread >= FAR:
            notes.append(
                f"the average of {name} is far from this product: {why}; the interval is wide and"
                " can rule out little"
            )
    return loadings, assumed, notes
