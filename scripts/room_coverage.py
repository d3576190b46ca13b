"""How much of each room the tests run: lines and branches, each against what the room must reach.

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
    def shares(self) -> tuple[float, float]:
        """Per cent of the lines and of the branches, each for itself; of none, all.

        Examples
        --------
        >>> Room("model", 90, 81, 10, 8).shares
        (90.0, 80.0)
        """
        return _share(self.lines_run, self.lines), _share(self.branches_run, self.branches)

    @property
    def floor(self) -> float:
        """Per cent that must be reached."""
        return STRICT_FLOOR if self.name in STRICT else FLOOR

    @property
    def holds(self) -> bool:
        """Whether it is reached; never rounded up."""
        return min(self.shares) >= self.floor


def _share(run: int, there: int) -> float:
    return 100 * run / there if there else 100.0


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
    >>> found[0].name, found[0].shares, found[0].holds
    ('accounts', (75.0, 100.0), False)
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
    lines = [f"{'room':28} {'lines':>24} {'branches':>22} {'floor':>6}"]
    for one in found:
        by_line, by_branch = one.shares
        lines.append(
            f"{one.name:28} {one.lines_run:>6,} /{one.lines:>6,} {by_line:>6.2f} % "
            f"{one.branches_run:>5,} /{one.branches:>5,} {by_branch:>6.2f} % {one.floor:>4.0f} %"
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
