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

from mriocarbon.avoided.avoided import Avoided, avoided, by_margin
from mriocarbon.avoided.drawn import Estimate
from mriocarbon.avoided.exports import UNKNOWN, Exports, exports, joined
from mriocarbon.avoided.grids import Grids, declines, grid_factors
from mriocarbon.avoided.own import given_grids, given_yields, read_exports
from mriocarbon.avoided.yields import Yields, capacity_factors

__all__ = [
    "UNKNOWN",
    "Avoided",
    "Estimate",
    "Exports",
    "Grids",
    "Yields",
    "avoided",
    "by_margin",
    "capacity_factors",
    "declines",
    "exports",
    "given_grids",
    "given_yields",
    "grid_factors",
    "joined",
    "read_exports",
]
