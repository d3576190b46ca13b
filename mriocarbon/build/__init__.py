"""Consistent tables: audited, balanced, completed, regrouped, revalued, carried to a later year.

`checks` (what is wrong with a table), `balance` (RAS, GRAS, cell-specific RAS), `feasible` (why
margins cannot be met), `complete` (final demand by origin), `supply_use` (symmetric tables by
models A to D), `aggregate` and `disaggregate` (by any `concordance`), `prices` (basic and
purchasers'), `deflate` (constant prices), `nowcast` (a table of a later year). Nothing is repaired
in silence: every estimate is marked, every step is named in the provenance.
"""
