"""Emissions that exported low-carbon technology causes in its making and avoids where it runs.

Examples
--------
>>> import mriocarbon as mc
>>> shipped = mc.avoided.exports("CHN", "wind", 2024)
>>> found = mc.avoided.avoided(shipped, draws=100)
>>> found.first_year.unit, found.notes[0].about
('Mt CO2e', 'avoided emissions')
"""

from __future__ import annotations

from mriocarbon.avoided.amount import Amount
from mriocarbon.avoided.attribution import Attribution, attribution
from mriocarbon.avoided.avoided import Avoided, avoided, by_margin
from mriocarbon.avoided.drawn import Estimate
from mriocarbon.avoided.exports import UNKNOWN, Exports, exports, joined
from mriocarbon.avoided.grids import Grids, declines, grid_factors
from mriocarbon.avoided.manufacture import Capacity, Manufacture, capacities, manufacture
from mriocarbon.avoided.manufacture_mrio import multiplier, unit_values
from mriocarbon.avoided.manufacture_published import against_published, as_published
from mriocarbon.avoided.own import given_grids, given_yields, read_exports
from mriocarbon.avoided.payback import Payback, payback, payback_years
from mriocarbon.avoided.yields import Yields, capacity_factors

__all__ = [
    "UNKNOWN",
    "Amount",
    "Attribution",
    "Avoided",
    "Capacity",
    "Estimate",
    "Exports",
    "Grids",
    "Manufacture",
    "Payback",
    "Yields",
    "against_published",
    "as_published",
    "attribution",
    "avoided",
    "by_margin",
    "capacities",
    "capacity_factors",
    "declines",
    "exports",
    "given_grids",
    "given_yields",
    "grid_factors",
    "joined",
    "manufacture",
    "multiplier",
    "payback",
    "payback_years",
    "read_exports",
    "unit_values",
]
