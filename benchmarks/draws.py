"""One Monte Carlo run in a process of its own: seconds, and the process's peak memory.

``python -m benchmarks.draws full 1000 flows gras`` draws every cell of the 4,050-sector table
1,000 times and balances each draw; ``regions`` instead of ``full`` takes the 1,000-sector table,
``demand`` instead of ``flows`` leaves the flows as they are.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings

import mriocarbon as mc
from mriocarbon.compute import Threads, batches
from mriocarbon.errors import MriocarbonWarning
from mriocarbon.uncertainty import ErrorModel, default_errors
from mriocarbon.uncertainty.draws import batch_size, footprints, inputs

DETAILS = {"regions": None, "full": "full"}


def main(detail: str, draws: int, part: str, balance: str) -> dict[str, float]:
    """Run and return seconds of set-up, of drawing, and the peak memory in MiB."""
    warnings.simplefilter("ignore", MriocarbonWarning)
    table = mc.load("oecd-icio-2022", detail=DETAILS[detail])
    known = default_errors(table, "GHG")
    errors = ErrorModel(
        stressor=known.stressor, demand=known.demand, balance=balance,
        flows=known.flows if part == "flows" else 0.0,
    )  # fmt: skip
    begun = time.perf_counter()
    shared = inputs(table, errors, "GHG", households=False)
    work = batches(draws, batch_size(len(table.index), len(table.regions)), seed=1)
    ready = time.perf_counter()
    for _ in Threads().run(footprints, work, shared=shared):
        pass
    return {
        "prepare": ready - begun,
        "draw": time.perf_counter() - ready,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])))
