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


def _runs(settings: Settings, default: int) -> tuple[list[Ended], str]:
    if importlib.util.find_spec("mriocarbon.cli") is None:
        return [], "the command line is not there"
    ended = []
    for _ in range(settings.times(default)):
        with tempfile.TemporaryDirectory() as folder:
            ended.append(job(folder))
        if ended[-1].code:
            last = ended[-1].stderr.strip().splitlines()[-1:] or ["no message"]
            return [], f"the command failed with exit code {ended[-1].code}: {last[0]}"
    return ended, "fresh processes, empty folder each; tables, HTML, CSV, JSON, figures"


@benchmark("reproduce", "mriocarbon reproduce 2022 --out DIR, whole process, cold")
def reproduce(settings: Settings) -> list[Figure]:
    """Five fresh processes."""
    ended, note = _runs(settings, 5)
    study = [run(["-c", STUDY]) for _ in range(settings.times(5))]
    return [
        Figure("reproduce 2022 --out DIR", [e.seconds for e in ended], "s", TARGET, note),
        Figure("mc.reproduce_2022() alone", [e.seconds for e in study if not e.code], "s", None,
               "fresh process, the study without report"),
    ]  # fmt: skip


@benchmark("memory", "peak resident memory of the main job and of its parts")
def memory(settings: Settings) -> list[Figure]:
    """Peak of fresh processes."""
    ended, note = _runs(settings, 2)
    figures = [Figure("reproduce 2022 --out DIR", [e.peak_mib for e in ended], "MiB", None, note)]
    parts = {
        "bare interpreter": "pass",
        "import mriocarbon": "import mriocarbon",
        "load the 1,000-sector table": "import mriocarbon as mc; mc.load()",
        "mc.reproduce_2022() alone": STUDY,
    }
    for name, code in parts.items():
        peaks = [run(["-c", code]) for _ in range(settings.times(2))]
        figures.append(Figure(name, [p.peak_mib for p in peaks if not p.code], "MiB"))
    return figures
