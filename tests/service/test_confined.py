"""Processes of their own: they yield to whoever waits for a page."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import os, pathlib
from mriocarbon.service.confined import confine
confine(4 << 30)
group = pathlib.Path("/proc/self/autogroup")
told = group.read_text().split() if group.exists() else []
print(os.nice(0), told[-1] if told else "-", flush=True)
"""


def told(*, own_session: bool) -> list[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=own_session,
    )  # fmt: skip
    with process:
        assert process.stdout is not None  # it ends when its standard input is closed
        return process.stdout.readline().split()


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no niceness here")
def test_they_yield_as_processes_and_as_a_session() -> None:
    group = Path("/proc/self/autogroup")
    before = group.read_text() if group.exists() else ""
    assert told(own_session=True) == ["19", "19" if group.exists() else "-"]
    # not in a session of its own, it leaves alone that of whoever started it; where that is the
    # first of a container, its file of a group is empty
    assert told(own_session=False) == ["19", before.split()[-1] if before else "-"]
    assert (group.read_text() if group.exists() else "") == before
