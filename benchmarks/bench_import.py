"""What ``import mriocarbon`` costs a script."""

from __future__ import annotations

import sys
import time

from benchmarks.processes import run
from benchmarks.registry import Figure, Settings, benchmark

TARGET, FIRST = 0.3, 1.5
HEAVY = ("jax", "scipy", "xarray", "pandas", "matplotlib")
ACCOUNT = "import mriocarbon as mc; mc.account(mc.load(), 'consumption', stressor='GHG')"
CODE = {
    "import mriocarbon": "import mriocarbon",
    "import and first use": "import mriocarbon as mc; mc.load",
    "import numpy": "import numpy",
}


@benchmark(
    "import",
    "import mriocarbon, less a bare interpreter, and the first account of a process",
    size="1,000 sectors",
    peers=("import numpy",),
    bound="0.3 s and 1.5 s",
    smoke=True,
)
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
    run(["-c", ACCOUNT])
    whole = [run(["-c", ACCOUNT]) for _ in range(repeats)]
    if any(one.code for one in whole):
        raise AssertionError(whole[0].complaint)
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
        Figure("first account of the embedded table, whole process",
               [one.seconds for one in whole], "s", FIRST, "interpreter included"),
        Figure("import numpy", values["import numpy"], "s", None, "for comparison"),
        Figure("bare interpreter", bare, "s", None, f"Python {sys.version_info.major}."
               f"{sys.version_info.minor}, clock resolution {clock():.0e} s"),
    ]  # fmt: skip


def clock() -> float:
    """Return the resolution of the clock used."""
    return time.get_clock_info("perf_counter").resolution
