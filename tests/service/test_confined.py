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
print(os.nice(0), group.read_text().split()[-1] if group.exists() else "-", flush=True)
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
    before = group.read_text() if group.exists() else "-"
    assert told(own_session=True) == ["19", "19" if group.exists() else "-"]
    # not in a session of its own, it leaves alone that of whoever started it
    assert told(own_session=False)[0] == "19"
    assert (group.read_text() if group.exists() else "-") == before
