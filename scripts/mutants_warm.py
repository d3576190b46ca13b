"""What makes thousands of short runs of pytest quick: a plugin for `make mutants`.

Each mutant is tested in a process of its own, forked from one that has imported this: tables that
many tests read are read here, once. Garbage is not collected: that would touch, and so copy, all
the memory that these processes share.
"""

import gc

import mriocarbon as mc
from mriocarbon.cbam.obligation import obligation

gc.disable()
for _cn in ("7208", "72071210"):
    obligation(_cn, 100, origin="China", year=2026, route="C")
for _origin in ("Nauru", "Argentina"):
    obligation("7208", 100, origin=_origin, year=2026)
mc.load()
