"""The main job, whole process, cold: time and memory."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

from benchmarks.processes import Ended, run
from benchmarks.registry import Figure, Settings, benchmark

TARGET = 15.0
STUDY = "import mriocarbon as mc; mc.reproduce_2022()"


def job(folder: str) -> Ended:
    """`mriocarbon reproduce 2022` into an empty folder."""
    out = str(Path(folder) / "report")
    return run(["-m", "mriocarbon.cli", "reproduce", "2022", "--out", out])


def _runs(repeats: int) -> tuple[list[Ended], str]:
    if importlib.util.find_spec("mriocarbon.cli") is None:
        return [], "the command line is not there"
    ended = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            ended.append(job(folder))
        if ended[-1].code:
            return [], f"exit code {ended[-1].code}: {ended[-1].complaint}"
    return ended, "fresh processes, empty folder each; tables, HTML, CSV, JSON, figures"


@benchmark(
    "reproduce",
    "mriocarbon reproduce 2022 --out DIR, whole process, cold: time and peak memory",
    size="1,000 sectors",
    bound="15 s",
    smoke=True,
)
def reproduce(settings: Settings) -> list[Figure]:
    """Fresh processes: five of the job and of the study alone, two of each part for its memory."""
    repeats = 1 if settings.smoke else settings.times(5)
    ended, note = _runs(repeats)
    study = [run(["-c", STUDY]) for _ in range(repeats)]
    figures = [
        Figure("reproduce 2022 --out DIR", [e.seconds for e in ended], "s", TARGET, note),
        Figure("mc.reproduce_2022() alone", [e.seconds for e in study if not e.code], "s", None,
               "fresh process, the study without report"),
        Figure("reproduce 2022 --out DIR, peak memory", [e.peak_mib for e in ended], "MiB"),
        Figure("mc.reproduce_2022() alone, peak memory",
               [e.peak_mib for e in study if not e.code], "MiB"),
    ]  # fmt: skip
    parts = {
        "bare interpreter": "pass",
        "import mriocarbon": "import mriocarbon",
        "load the 1,000-sector table": "import mriocarbon as mc; mc.load()",
    }
    for name, code in parts.items():
        peaks = [run(["-c", code]) for _ in range(min(2, repeats))]
        figures.append(
            Figure(f"{name}, peak memory", [p.peak_mib for p in peaks if not p.code], "MiB")
        )
    return figures
