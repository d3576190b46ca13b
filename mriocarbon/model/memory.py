"""How much memory may still be used: asked before long work, so that it is refused, not killed."""

from __future__ import annotations

import os
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")
UNKNOWN = 2**62  # where the system does not say: nothing is refused


def available() -> int:
    """Return the bytes that this process may still use; `UNKNOWN` where nothing says.

    The lesser of what the machine has free (memory that only caches files counts as free) and
    what a control group still allows.

    Examples
    --------
    >>> available() > 0
    True
    """
    return min(_machine(), _group())


def _machine() -> int:
    try:
        for line in _MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:  # pragma: no cover - other platforms
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # pragma: no cover
        return UNKNOWN


def _group() -> int:
    try:
        most = (_CGROUP / "memory.max").read_text(encoding="ascii").strip()
        if most == "max":
            return UNKNOWN
        used = int((_CGROUP / "memory.current").read_text(encoding="ascii"))
        for line in (_CGROUP / "memory.stat").read_text(encoding="ascii").splitlines():
            if line.startswith("inactive_file "):  # counted as used, given up when asked for
                used -= int(line.split()[1])
        return max(0, int(most) - used)
    except (OSError, ValueError):
        return UNKNOWN
