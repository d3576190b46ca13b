"""End a server whose starter is gone, however that went: SIGKILL and the want of memory too.

Run by its path as a process of its own: ``watch.py SECONDS``. Standard input is a line of life
that the starter holds: one line with the server's process group, then nothing until it closes.
(`PR_SET_PDEATHSIG` would reach the leader alone, on Linux alone, and ask nobody to wait.)
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time


def main(patience: float) -> None:
    """Wait until the line of life closes; then ask the leader to end, and kill what is left."""
    told = sys.stdin.buffer.readline()
    if not told:  # nothing was started
        return
    group = int(told)
    sys.stdin.buffer.read()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            os.kill(group, 0)  # the leader has the number of its group, which nobody else gets
            time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main(float(sys.argv[1]))
