"""How much of each room the tests run: lines and branches, against what the room must reach.

Run as ``make coverage``; it reads the JSON that coverage.py writes. The rooms that every number
goes through must reach 95 %, the others 85 %. Generated code and type-checking blocks do not count.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STRICT = frozenset({"model", "solve", "accounts", "cbam", "uncertainty"})
STRICT_FLOOR, FLOOR = 95.0, 85.0


@dataclass(frozen=True)
class Room:
    """What was run of a room.

    Attributes
    ----------
    name : str
    lines, branches : int
        How many there are.
    lines_run, branches_run : int
        How many of them a test went through.
    """

    name: str
    lines: int
    lines_run: int
    branches: int
    branches_run: int

    @property
    def share(self) -> float:
        """Per cent of lines and branches together, as coverage.py counts.

        Examples
        --------
        >>> Room("model", 90, 80, 10, 10).share
        90.0
        """
        return 100 * (self.lines_run + self.branches_run) / ((self.lines + self.branches) or 1)

    @property
    def floor(self) -> float:
        """Per cent that must be reached."""
        return STRICT_FLOOR if self.name in STRICT else FLOOR

    @property
    def holds(self) -> bool:
        """Whether it is reached; never rounded up."""
        return self.share >= self.floor


def rooms(report: Mapping[str, Any]) -> tuple[Room, ...]:
    """Add the files of a report up by room, by name.

    Parameters
    ----------
    report : mapping
        What ``coverage json`` writes.

    Raises
    ------
    ValueError
        Branches were not measured, or a room that must reach 95 % is not in the report.

    Examples
    --------
    >>> one = {"num_statements": 4, "covered_lines": 3, "num_branches": 2, "covered_branches": 2}
    >>> files = {f"mriocarbon/{room}/a.py": {"summary": one} for room in STRICT}
    >>> found = rooms({"meta": {"branch_coverage": True}, "files": files})
    >>> found[0].name, round(found[0].share, 1), found[0].holds
    ('accounts', 83.3, False)
    """
    if not report["meta"]["branch_coverage"]:
        raise ValueError("branches were not measured: run make coverage")
    sums: dict[str, list[int]] = {}
    for path, one in report["files"].items():
        parts = Path(path).parts
        inside = parts[parts.index("mriocarbon") + 1 :]
        name = inside[0] if len(inside) > 1 else "(the package's own files)"
        total = sums.setdefault(name, [0, 0, 0, 0])
        for k, key in enumerate(
            ("num_statements", "covered_lines", "num_branches", "covered_branches")
        ):
            total[k] += one["summary"][key]
    if lacking := sorted(STRICT - set(sums)):
        raise ValueError(f"the report lacks {', '.join(lacking)}: run all the tests")
    return tuple(Room(name, *sums[name]) for name in sorted(sums))


def told(found: tuple[Room, ...]) -> str:
    """Return a table of the rooms."""
    lines = [f"{'room':28} {'lines':>14} {'branches':>14} {'both':>8} {'floor':>7}"]
    for one in found:
        lines.append(
            f"{one.name:28} {one.lines_run:>6,} /{one.lines:>6,} "
            f"{one.branches_run:>6,} /{one.branches:>6,} {one.share:>6.2f} % {one.floor:>4.0f} %"
            + ("" if one.holds else "  BELOW")
        )
    return "\n".join(lines)


def main(path: Path) -> int:
    """Print the table; 1 where a room is below its floor."""
    found = rooms(json.loads(path.read_text("utf-8")))
    print(told(found))
    below = [one.name for one in found if not one.holds]
    if below:
        print(f"\nbelow the floor: {', '.join(below)}")
    return int(bool(below))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
