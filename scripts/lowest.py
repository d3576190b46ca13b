"""The lowest versions that the package says it works with, as requirements for pip.

Run as ``make lowest``: the main tests on these very versions, so that a bound in pyproject.toml is
one that was tried, and not a guess. The extras but ``distributed`` are not among them.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
_BOUND = re.compile(r"([A-Za-z0-9._-]+)(\[[a-z0-9,]+\])?>=([0-9][0-9.]*)")


def lowest(requirements: list[str]) -> list[str]:
    """Return each requirement pinned to its lower bound.

    Raises
    ------
    ValueError
        One has another form than ``name>=version``.

    Examples
    --------
    >>> lowest(["numpy>=2.0", "h5netcdf[h5py]>=1.3"])
    ['numpy==2.0', 'h5netcdf[h5py]==1.3']
    """
    pinned = []
    for one in requirements:
        found = _BOUND.fullmatch(one)
        if found is None:
            raise ValueError(f"{one!r} in pyproject.toml is no lower bound: write name>=version")
        name, extras, version = found.groups()
        pinned.append(f"{name}{extras or ''}=={version}")
    return pinned


def main() -> None:
    """Print them, one on a line."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    for one in lowest([*project["dependencies"], *project["optional-dependencies"]["distributed"]]):
        print(one)


if __name__ == "__main__":
    main()
