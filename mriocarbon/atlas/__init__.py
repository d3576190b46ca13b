"""The carbon map: production, consumption and natural carbon by country and on a grid.

Examples
--------
>>> import mriocarbon as mc
>>> made = mc.atlas.layer("consumption", 2022, resolution=5.0)
>>> made.grid.shape, made.shares["proxy"]
((36, 72), 1.0)
"""

from __future__ import annotations

from mriocarbon.atlas.grid import Grid
from mriocarbon.atlas.layer import Layer
from mriocarbon.atlas.layers import carbon_map, layer
from mriocarbon.atlas.points import Points, read_points

__all__ = ["Grid", "Layer", "Points", "carbon_map", "layer", "read_points"]
