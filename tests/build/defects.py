"""Tables with a defect put into them, and the checks that got worse by it."""

import math
import warnings
from dataclasses import replace

from mriocarbon.errors import TableWarning

RANK = {"PASS": 0, "SKIPPED": 1, "WARN": 2, "FAIL": 3}


def changed(table, **arrays):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)
        return replace(table, **arrays)


def worse(clean, report):
    """Names of the checks whose status got worse or whose figure rose."""
    found = set()
    for before, after in zip(clean.findings, report.findings, strict=True):
        assert before.name == after.name
        risen = after.figure > before.figure if not math.isnan(before.figure) else False
        if RANK[after.status] > RANK[before.status] or (after.status != "PASS" and risen):
            found.add(after.name)
    return found
