"""How much memory there is, asked before it is used: refused in words, not killed."""

from __future__ import annotations

import os
from pathlib import Path

from mriocarbon.errors import InputError, MemoryLimitError
from mriocarbon.model.checked import is_real

__all__ = ["UNKNOWN", "available", "require", "size"]

PROC, CGROUP = Path("/proc"), Path("/sys/fs/cgroup")
UNKNOWN = 2**62  # where the system does not say: nothing is refused


def available() -> int:
    """Return the bytes that this process may still use; `UNKNOWN` where nothing says.

    The least of what the machine can hand out without swapping (``MemAvailable`` of Linux) and
    of what is left in each control group that the process is in, its files' cache not counted.
    Elsewhere, all of the machine's memory.

    Examples
    --------
    >>> available() > 0
    True
    """
    found = [*_machine(), *_groups()]
    return max(0, min(found, default=UNKNOWN))


def require(need: float, what: str, *, where: str, do: str, limit: float | None = None) -> None:
    """Raise MemoryLimitError if `need` bytes are more than `limit`, or than is available.

    Parameters
    ----------
    need : float
        Bytes, as estimated.
    what, where, do : str
        What needs them, where, and what to do instead.
    limit : float, optional
        Bytes; what is available by default.

    Raises
    ------
    MemoryLimitError
    InputError
        The limit is no positive number.

    Examples
    --------
    >>> require(10, "a table", where="here", do="nothing", limit=20)
    """
    if limit is not None and not (is_real(limit) and limit > 0):
        raise InputError(
            f"memory is {limit!r}", where=where, do="give a positive number of bytes, as 4e9"
        )
    most = available() if limit is None else limit
    if need > most:
        given = "are available" if limit is None else "are allowed"
        raise MemoryLimitError(
            f"{what} needs some {size(need)} of memory; {size(most)} {given}", where=where, do=do
        )


def size(number: float) -> str:
    """Return bytes as text.

    Examples
    --------
    >>> size(5 * 2**30), size(3e6)
    ('5.0 GiB', '2.9 MiB')
    """
    return f"{number / 2**30:.1f} GiB" if number >= 2**29 else f"{number / 2**20:.1f} MiB"


def _machine() -> list[int]:
    try:
        for line in (PROC / "meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return [int(line.split()[1]) * 1024]
    except (OSError, ValueError, IndexError):
        pass
    try:
        return [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    except (AttributeError, OSError, ValueError):  # pragma: no cover - not on Linux or macOS
        return []


def _groups() -> list[int]:
    """Return what is left in each control group, of version 2 or 1, up to the root."""
    try:
        lines = (PROC / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, path = (line.split(":", 2) + ["", ""])[:3]
        if controllers == "":
            root, names = CGROUP, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            root = CGROUP / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        # In a container the path is of the host: what is not there is passed over.
        group = root / path.lstrip("/")
        for folder in (group, *group.parents):
            found += _left(folder, *names)
            if folder == root:
                break
    return found


def _left(group: Path, most: str, used: str, cache: str) -> list[int]:
    try:
        limit = int((group / most).read_text())  # "max" is no number: no limit
        spent = int((group / used).read_text())
        stat = dict(line.split()[:2] for line in (group / "memory.stat").read_text().splitlines())
        return [limit - spent + int(stat.get(cache, 0))]
    except (OSError, ValueError):
        return []
