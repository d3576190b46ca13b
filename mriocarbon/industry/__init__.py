"""Processes of heavy industry as mass and energy balances: what a tonne of a good emits.

Examples
--------
>>> import mriocarbon as mc
>>> steel = mc.industry.intensity("hot-rolled-flat", origin="CHN")
>>> 1.4 < steel.direct < 2.0, steel.carbon_closed
(True, True)
"""

from __future__ import annotations

from mriocarbon.industry.chains import ROUTES, Route, route
from mriocarbon.industry.elements import Scopes, full_process, scopes
from mriocarbon.industry.intensity import Intensity, intensity, products, routes_to, sample
from mriocarbon.industry.optimise import Front, Infeasible, Plan, Share, front, plan, sweep
from mriocarbon.industry.processes import process, processes
from mriocarbon.industry.published import Published, published
from mriocarbon.industry.routes import RouteMix, route_mix
from mriocarbon.industry.simulate import Gradients, Simulation, gradients, simulate
from mriocarbon.industry.site import Account, Site, site
from mriocarbon.industry.steps import Step, custom_step, step
from mriocarbon.industry.tiers import Tier, compare_tiers, tiers_frame

__all__ = [
    "Account",
    "Front",
    "Gradients",
    "Infeasible",
    "Intensity",
    "Plan",
    "Published",
    "ROUTES",
    "Route",
    "RouteMix",
    "Scopes",
    "Share",
    "Simulation",
    "Site",
    "Step",
    "Tier",
    "compare_tiers",
    "custom_step",
    "front",
    "full_process",
    "gradients",
    "intensity",
    "plan",
    "process",
    "processes",
    "products",
    "published",
    "route",
    "route_mix",
    "routes_to",
    "sample",
    "scopes",
    "simulate",
    "site",
    "step",
    "sweep",
    "tiers_frame",
]
