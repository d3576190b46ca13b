"""What ``import mriocarbon`` costs a script."""

from __future__ import annotations

import sys
import time

from benchmarks.processes import run
from benchmarks.registry import Figure, Settings, benchmark

TARGET = 0.3
HEAVY = ("jax", "scipy", "xarray", "pandas", "matplotlib")
CODE = {
    "import mriocarbon": "import mriocarbon",
    "import and first use": "import mriocarbon as mc; mc.load",
    "import numpy": "import numpy",
}


@benchmark("import", "import mriocarbon: whole process less a bare interpreter")
def import_time(settings: Settings) -> list[Figure]:
    """Pairs of fresh processes, one bare; each difference is one measurement."""
    repeats = settings.times(15)
    run(["-c", CODE["import and first use"]])  # writes the byte code
    values: dict[str, list[float]] = {name: [] for name in CODE}
    bare = []
    for _ in range(repeats):
        nothing = run(["-c", "pass"]).seconds
        bare.append(nothing)
        for name, code in CODE.items():
            values[name].append(run(["-c", code]).seconds - nothing)
    loaded = run(
        [
            "-c",
            CODE["import and first use"]
            + f"""
import sys
sys.exit(any(name in sys.modules for name in {HEAVY}))""",
        ]
    )
    note = "loads none of " + ", ".join(HEAVY) if not loaded.code else "LOADS A HEAVY PACKAGE"
    return [
        Figure("import mriocarbon", values["import mriocarbon"], "s", TARGET),
        Figure("import and first use", values["import and first use"], "s", TARGET, note),
        Figure("import numpy", values["import numpy"], "s", None, "for comparison"),
        Figure("bare interpreter", bare, "s", None, f"Python {sys.version_info.major}."
               f"{sys.version_info.minor}, clock resolution {clock():.0e} s"),
    ]  # fmt: skip


def clock() -> float:
    """Return the resolution of the clock used."""
    return time.get_clock_info("perf_counter").resolution
