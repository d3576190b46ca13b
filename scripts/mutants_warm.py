"""Read once what many tests read: a pytest plugin for `make mutants` (``-p scripts.mutants_warm``).

Each mutant is tested in a process of its own, forked from one that has imported this.
"""

import mriocarbon as mc
from mriocarbon.cbam.obligation import obligation

for _cn in ("7208", "72071210"):
    obligation(_cn, 100, origin="China", year=2026, route="C")
for _origin in ("Nauru", "Argentina"):
    obligation("7208", 100, origin=_origin, year=2026)
mc.load()
