"""The peers, in environments of their own; the cases are in `benchmarks.compare_peers`."""

from __future__ import annotations

from benchmarks.compare_peers import CASES, play
from benchmarks.registry import Figure, Settings, benchmark


@benchmark(
    "peers",
    "the same accounts from plain arrays, contenders in turns, results compared to 1e-9",
    size="1,000, 4,050 and (made-up) 9,800 sectors, 1 to 1,113 stressors",
    peers=("pymrio calc_all", "MARIO footprints"),
    bound="4 to 60 times faster, half the memory",
    smoke=True,
)
def peers(settings: Settings) -> list[Figure]:
    """All cases, or those of the 1,000-sector table."""
    if settings.smoke:
        small = [case for case in CASES if case.table == "1000"]
        return play(small, rounds=2)
    return play(CASES, rounds=settings.repeats, data=settings.data)
