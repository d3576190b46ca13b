"""Processes of heavy industry as mass and energy balances: what a tonne of a good emits.

Examples
--------
>>> import mriocarbon as mc
>>> steel = mc.industry.intensity("hot-rolled-flat", origin="CHN")
>>> 1.4 < steel.direct < 2.0, steel.carbon_closed
(True, True)
"""

from __future__ import annotations

from mriocarbon.industry.intensity import Intensity, intensity, products, routes_to, sample
from mriocarbon.industry.processes import process, processes
from mriocarbon.industry.published import Published, published
from mriocarbon.industry.routes import RouteMix, route_mix

__all__ = [
    "Intensity",
    "Published",
    "RouteMix",
    "intensity",
    "process",
    "processes",
    "products",
    "published",
    "route_mix",
    "routes_to",
    "sample",
]
