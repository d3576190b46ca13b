"""Consistent tables: balanced, completed, carried to a later year.

`balance` (RAS, GRAS, cell-specific RAS), `feasible` (why margins cannot be met), `complete`
(final demand by origin), `nowcast` (a table of a later year). Nothing is repaired in silence:
every estimate is marked, every step is named in the provenance.
"""
