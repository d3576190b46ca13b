"""First-order variances and Monte Carlo on the tables of 2022."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import mriocarbon as mc
from benchmarks.registry import ROOT, Figure, Settings, benchmark, timed
from mriocarbon.uncertainty import default_errors, first_order

MINUTE = 60.0
# detail, draws measured, draws of the target, part, balance, target in seconds
RUNS = (
    ("regions", 1000, 1000, "flows", "row balance", 40.0),
    ("full", 10_000, 10_000, "demand", "fixed output", 40.0),
    ("full", 10_000, 10_000, "demand", "row balance", None),
    ("full", 60, 1000, "flows", "row balance", 15 * MINUTE),
    ("full", 20, 1000, "flows", "gras", 45 * MINUTE),
)
PEAK = 3 * 1024.0


@benchmark(
    "uncertainty",
    "first-order variances of all footprints; Monte Carlo of every cell",
    size="1,000 and 4,050 sectors, up to 10,000 draws",
    bound="0.5 s and 5 s; 40 s to 45 min; 3 GiB",
)
def uncertainty(settings: Settings) -> list[Figure]:
    """Warm first order; draws in processes of their own, with their peak memory."""
    figures = []
    has_data = settings.data is not None and settings.data.is_dir()
    if settings.data is not None:
        os.environ["MRIOCARBON_DATA"] = str(settings.data)
    for detail, n, target in ((None, 1000, 0.5), ("full", 4050, 5.0)):
        name = f"first-order variance of all footprints, {n} sectors"
        if detail and not has_data:
            figures.append(Figure(name, [], "s", target, "MRIOCARBON_DATA names no folder"))
            continue
        table = mc.load("oecd-icio-2022", detail=detail)
        errors = default_errors(table, "GHG")

        def work(table: mc.MRIO = table, errors: mc.uncertainty.ErrorModel = errors) -> object:
            return first_order(table, errors, stressor="GHG", households=False)

        note = "every cell, correlated"
        figures.append(Figure(name, timed(work, settings.times(5)), "s", target, note))
    for detail, draws, wanted, part, balance, limit in RUNS:
        what = "stressor, final demand" + (" and every flow" if part == "flows" else "")
        n = 1000 if detail == "regions" else 4050
        name = f"{wanted:,} draws of {what}, {n} sectors, {balance}"
        if detail == "full" and not has_data:
            figures.append(Figure(name, [], "s", limit, "MRIOCARBON_DATA names no folder"))
            continue
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.draws", detail, str(draws), part, balance],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(done.stderr)
        told = json.loads(done.stdout.splitlines()[-1])
        seconds = told["prepare"] + told["draw"] * wanted / draws
        note = "" if draws == wanted else f"from {draws} draws, scaled"
        figures.append(Figure(name, [seconds], "s", limit, note))
        figures.append(Figure(f"its peak memory, {detail}", [told["peak"]], "MiB", PEAK))
    return figures
