"""The native store on the full table of 2022: whole reads, hashes verified, and one region."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

import mriocarbon as mc
from benchmarks.processes import run
from benchmarks.registry import Figure, Settings, benchmark, timed

TARGET = 0.4
FILE = Path("icio2022") / "icio2022_81x50_f32.npz"
WHAT = "warm read of the 4,050-sector table, zarr"


@benchmark(
    "store",
    "the native store: written, read with its checksums, one region",
    size="81 economies x 50 industries, with satellites",
    peers=("numpy .npz",),
    bound="0.4 s",
)
def store(settings: Settings) -> list[Figure]:
    """Write, read warm, in a fresh process, and the rows of one region."""
    if settings.data is None or not (settings.data / FILE).is_file():
        return [Figure(WHAT, [], "s", TARGET, "MRIOCARBON_DATA names no folder with it")]
    os.environ["MRIOCARBON_DATA"] = str(settings.data)
    table = mc.load("oecd-icio-2022", detail="full")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "full.zarr"
        write = timed(lambda: mc.save(table, path), settings.times(3), warm=0)
        back = mc.load(path)  # a fast wrong answer is no answer
        if not all(np.array_equal(getattr(back, k), getattr(table, k)) for k in ("Z", "Y", "x")):
            raise AssertionError("another table comes back")
        del back
        warm = timed(lambda: mc.load(path), settings.times(15), warm=2)
        opened = mc.Store(path)
        block = timed(lambda: opened.block("Z", rows="CHN"), settings.times(15), warm=1)
        code = f"import mriocarbon as mc; mc.load({str(path)!r})"
        fresh = [run(["-c", code]) for _ in range(settings.times(3))]
        if any(one.code for one in fresh):
            raise AssertionError(fresh[0].stderr)
        size = sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
        single = Path(folder) / "full.npz"
        shutil.copy(settings.data / FILE, single)

        def arrays() -> None:
            with np.load(single) as archive:
                for name in archive.files:
                    archive[name]

        plain = timed(arrays, settings.times(5), warm=1)
    cells = table.Z.nbytes / 2**20
    return [
        Figure(WHAT, warm, "s", TARGET,
               f"an MRIO in float64 (Z alone {cells:.0f} MiB), sha256 and CRC-32C of all verified,"
               f" finite; {size / 2**20:.0f} MiB on disk"),
        Figure("the same, whole process", [one.seconds for one in fresh], "s", None,
               "interpreter and imports included"),
        Figure("peak memory of that process", [one.peak_mib for one in fresh], "MiB"),
        Figure("rows of one region, Z", block, "s", None, "50 x 4,050, checksums verified"),
        Figure("write", write, "s"),
        Figure("numpy reads the published .npz, arrays only", plain, "s", None,
               "single precision, no check, no table"),
    ]  # fmt: skip
