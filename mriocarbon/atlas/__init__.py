"""The carbon map: production, consumption and natural carbon by country and on a grid."""

from __future__ import annotations
