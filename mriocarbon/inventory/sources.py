"""What a national inventory says, in the groups and lines of the bridge.

Two kinds of report come in: the common reporting format of Annex I Parties (IPCC 2006 codes, down
to single categories) and the submissions of other Parties (codes of 1996, sectors only). Both
leave as a `Report`. This module knows no file: it takes categories and years as read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mriocarbon.errors import InputError
from mriocarbon.inventory.bridge import GROUPS, HOUSEHOLD_LINES, OLD_CODES, Line

__all__ = ["BUNKER_LABELS", "FEWEST_GROUPS", "KT_PER_MT", "Report", "annex_i", "old_report"]

KT_PER_MT = 1000.0
FEWEST_GROUPS = 4
"""A submission of 1996 codes with fewer groups in a year is not a basis for shares."""

BUNKER_LABELS: Mapping[str, tuple[str, ...]] = {
    "shipping": ("International Navigation", "Marine"),
    "aviation": ("International Aviation", "Aviation"),
}
"""How the two kinds of report call fuel sold to international transport."""


@dataclass(frozen=True)
class Report:
    """One country's inventory of one gas in one year, Mt of the gas.

    Attributes
    ----------
    year : int
    detailed : bool
        True for a report by single categories.
    groups : mapping of group to Mt
        Groups that hold a number. A group that is not here is unknown, not zero.
    lines : mapping of line to Mt
        Lines of the bridge that hold a number; households still inside.
    elsewhere : frozenset of str
        Lines the inventory says are included elsewhere.
    homes : mapping of group to Mt
        The reported residential category (1.A.4.b), where there is one.
    bunkers : mapping of {"shipping", "aviation"} to Mt
        Fuel sold to international transport; not in the groups.
    """

    year: int
    detailed: bool
    groups: Mapping[str, float]
    lines: Mapping[str, float] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    homes: Mapping[str, float] = field(default_factory=dict)
    bunkers: Mapping[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """Sum of the groups, Mt."""
        return sum(self.groups.values())


def _sum(values: Mapping[str, Mapping[int, float]], codes: Sequence[str], year: int) -> float:
    """Sum in Mt of those codes that hold a number; NaN where none does."""
    found = [values[c][year] for c in codes if c in values and year in values[c]]
    return sum(found) / KT_PER_MT if found else float("nan")


def annex_i(
    values: Mapping[str, Mapping[int, float]],
    keys: Mapping[str, Mapping[int, str]],
    year: int,
    lines: Sequence[Line],
) -> Report:
    """Read one Party's inventory of one gas in IPCC 2006 codes.

    Parameters
    ----------
    values : mapping of code to mapping of year to kt
    keys : mapping of code to mapping of year to notation key
        Such as ``"NO"`` or ``"IE,NA"``.
    year : int
    lines : sequence of Line
        The bridge.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        The inventory has no number for energy in that year.

    Examples
    --------
    >>> line = Line("power", "1.A.1", ("1.A.1.a",), "output", {"D": 1.0}, 0.1, ("",))
    >>> kt = {"1": {2021: 9e3}, "1.A.1": {2021: 9e3}, "1.A.1.a": {2021: 7e3}}
    >>> annex_i(kt, {}, 2021, [line]).lines
    {'power': 7.0}
    """
    if year not in values.get("1", {}):
        raise InputError(
            f"the inventory has no number for energy in {year}", do="choose another year"
        )
    groups = {g: v for g, codes in GROUPS.items() if (v := _sum(values, codes, year)) == v}
    found = {}
    elsewhere = set()
    for line in lines:
        value = _sum(values, line.crf, year)
        if value == value:
            found[line.name] = value
        elif any("IE" in keys.get(code, {}).get(year, "") for code in line.crf):
            elsewhere.add(line.name)
    homes = {
        group: v
        for group, (category, code) in HOUSEHOLD_LINES.items()
        if category == "residential" and (v := _sum(values, (code,), year)) == v
    }
    return Report(year, True, groups, found, frozenset(elsewhere), homes, _bunkers(values, year))


def old_report(values: Mapping[str, Mapping[int, float]], oldest: int) -> Report | None:
    """Read one Party's newest usable submission of one gas in the codes of 1996.

    Parameters
    ----------
    values : mapping of code to mapping of year to kt
    oldest : int
        Submissions for an earlier year are not used.

    Returns
    -------
    Report or None
        None where no year since `oldest` has `FEWEST_GROUPS` groups above zero.

    Examples
    --------
    >>> kt = {c: {2014: 2e3} for c in ("1.A.1", "1.A.2", "2.A", "4")}
    >>> old_report(kt, 2000).groups
    {'1.A.1': 2.0, '1.A.2': 2.0, '2.A': 2.0, '3': 2.0}
    >>> old_report(kt, 2015) is None
    True
    """
    years = sorted({y for series in values.values() for y in series if y >= oldest}, reverse=True)
    for year in years:
        groups = {
            group: v
            for group, codes in OLD_CODES.items()
            # a negative figure is a sink or a slip; a group cannot be scaled from it
            if (v := _sum(values, codes, year)) == v and v >= 0
        }
        if sum(v > 0 for v in groups.values()) >= FEWEST_GROUPS:
            return Report(year, False, groups, bunkers=_bunkers(values, year))
    return None


def _bunkers(values: Mapping[str, Mapping[int, float]], year: int) -> dict[str, float]:
    out = {}
    for mode, labels in BUNKER_LABELS.items():
        value = _sum(values, labels, year)
        if value == value:
            out[mode] = value
    return out
