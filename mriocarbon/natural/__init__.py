"""Natural carbon: managed land, land-use change, net biome exchange and the other natural fluxes."""

from __future__ import annotations
