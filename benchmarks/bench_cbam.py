"""The CBAM audit: one origin with 10,000 bootstrap draws, and all origins."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.processes import run
from benchmarks.registry import Figure, Settings, benchmark

TARGET, TARGET_ALL = 20.0, 180.0


@benchmark(
    "cbam",
    "audit of the EU's default values, whole process with its report",
    size="every line of China, 10,000 draws; 118 origins, 1,000 draws",
    bound="20 s and 180 s",
)
def cbam(settings: Settings) -> list[Figure]:
    """China with every line, and all 118 origins."""
    figures = []
    for origin, target, times in (("CHN", TARGET, 3), ("all", TARGET_ALL, 1)):
        with tempfile.TemporaryDirectory() as folder:
            out = str(Path(folder) / "report")
            args = ["-m", "mriocarbon.cli", "cbam", "audit", "--origin", origin, "--out", out]
            made = [run(args) for _ in range(settings.times(times))]
        if any(one.code for one in made):
            raise AssertionError(made[0].stderr)
        what = (
            "China, all lines, 10,000 draws" if origin == "CHN" else "all 118 origins, 1,000 draws"
        )
        figures.append(
            Figure(
                what, [one.seconds for one in made], "s", target, "page, CSV, JSON, xlsx included"
            )
        )
        figures.append(Figure("peak memory of that process", [one.peak_mib for one in made], "MiB"))
    return figures
