"""Tables of the size of GLORIA; what is done with them is in `benchmarks.gloria`."""

from __future__ import annotations

from benchmarks.gloria import measure
from benchmarks.registry import Figure, Settings, benchmark


@benchmark(
    "gloria",
    "footprints of 164 regions: 6 stressors in memory, one streamed from a store",
    size="19,680 and 39,360 sectors, made up",
    bound="30 s and 5 GiB in memory, 10 GiB streamed",
)
def gloria(settings: Settings) -> list[Figure]:
    """Both sizes; not part of the smoke set."""
    return [*measure(19680, 164, 120), *measure(39360, 164, 120)]
