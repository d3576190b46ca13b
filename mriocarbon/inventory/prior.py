"""What is known of a country's emissions by industry before the totals are looked at.

For every gas and country the inventory's lines are carried to the target year, groups without
lines are split by the intensities of the Parties that report them, and a country without a usable
inventory borrows the median shares of its peers. All amounts are Mt of the gas.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, NotAvailableError
from mriocarbon.inventory import households as hh
from mriocarbon.inventory.bridge import GROUPS, HOUSEHOLD_LINES, Line, shares, weight_matrix
from mriocarbon.inventory.sources import Report

Array = NDArray[np.float64]

GASES = ("CO2", "CH4", "N2O")
REST = "ROW"
CATCH_ALL = {"1.A.2": "other industry"}
"""Group -> the line that holds what a Party reports as included elsewhere."""

FEWEST_DONORS = 3
"""Countries that a borrowed share must rest on."""

SMALLEST_INDUSTRY_PART = 0.05
"""Least part of 1.A.4 or 1.A.3 left to industries when the household estimate is larger."""

STATUS = ("reported shares", "reported groups", "borrowed shares")
BASE_SD: Mapping[str, Mapping[str, float]] = {
    "CO2": {"1.A": 0.05, "1.B": 0.30, "2": 0.12, "3": 0.30, "5": 0.40},
    "CH4": {"1.A": 0.50, "1.B": 0.35, "2": 0.50, "3": 0.20, "5": 0.35},
    "N2O": {"1.A": 0.60, "1.B": 0.60, "2": 0.30, "3": 0.50, "5": 0.60},
}
"""Standard deviation of the logarithm of a freshly reported group: a stated rule after the
orders of magnitude of IPCC (2006), vol. 1, ch. 3 and of the Parties' own uncertainty tables."""

STATUS_SD: Mapping[str, float] = {
    "reported shares": 0.05,
    "reported groups": 0.20,
    "borrowed shares": 0.60,
}
"""Added (in squares): one year's carry-over, another reporting format, somebody else's shares."""

AGE_SD_PER_YEAR = 0.03
"""Added (in squares) for every year between inventory and target year, as for households."""

LINE_SD = 0.40
"""Added (in squares) to a line that was split off its group by pooled intensities."""


@dataclass(frozen=True)
class Activity:
    """The table's activity figures, shape (economies, industries) each, any money unit."""

    economies: tuple[str, ...]
    industries: tuple[str, ...]
    proxies: Mapping[str, Array]


@dataclass(frozen=True)
class Nation:
    """What is known of the countries: by alpha-3 code, CEDS countries only.

    Attributes
    ----------
    series : mapping of gas to country to year to Mt
        National totals, for carrying and for the shares.
    reports : mapping of gas to country to Report
    households : mapping of (country, category, gas) to hh.Estimate
        Of the target year.
    place : mapping of country to continent
    upper : frozenset of str
        Countries of the upper half of income.
    year : int
        Target year.
    """

    series: Mapping[str, Mapping[str, Mapping[int, float]]]
    reports: Mapping[str, Mapping[str, Report]]
    households: Mapping[tuple[str, str, str], hh.Estimate]
    place: Mapping[str, str]
    upper: frozenset[str]
    year: int

    def total(self, gas: str, country: str) -> float:
        """National total of the target year, Mt."""
        return self.series[gas][country][self.year]


@dataclass(frozen=True)
class LinePrior:
    """Amounts by gas, economy and line, and how they were known.

    Attributes
    ----------
    amount : ndarray, shape (gases, economies, lines)
    pooled : ndarray, same shape
        The part of it that was split off a group by pooled intensities.
    group_sd : ndarray, shape (gases, economies, groups)
        Of the logarithm.
    status : ndarray of int, shape (gases, economies, groups)
        Position in `STATUS` of most of the amount.
    unplaced : tuple of (gas, economy, group, Mt)
        Reported where no industry of the line produces anything.
    """

    amount: Array
    pooled: Array
    group_sd: Array
    status: NDArray[np.int8]
    unplaced: tuple[tuple[str, str, str, float], ...]


def base_sd(gas: str, group: str) -> float:
    """Return the log standard deviation of a freshly reported group.

    Examples
    --------
    >>> base_sd("CO2", "1.A.1"), base_sd("CH4", "5")
    (0.05, 0.35)
    """
    table = BASE_SD[gas]
    return next(table[key] for key in (group[:3], group[:1]) if key in table)


def group_sd(gas: str, group: str, status: str, age: int) -> float:
    r"""Return the log standard deviation of a group in the target year.

    .. math:: \sigma^2 = \sigma_{gas,group}^2 + \sigma_{status}^2 + (0.03\,age)^2

    Examples
    --------
    >>> round(group_sd("CO2", "1.A.1", "reported shares", 1), 3)
    0.077
    """
    return math.hypot(base_sd(gas, group), STATUS_SD[status], AGE_SD_PER_YEAR * age)


def _industry_part(n: Nation, country: str, gas: str, group: str, amount: float) -> float:
    """Take households off a group that holds them; amounts of the target year."""
    if group not in HOUSEHOLD_LINES:
        return amount
    found = n.households.get((country, HOUSEHOLD_LINES[group][0], gas))
    home = found.value if found else 0.0
    return max(amount - home, SMALLEST_INDUSTRY_PART * amount)


def _group_shares(n: Nation, gas: str) -> dict[str, dict[str, float]]:
    """Share of each group in the sum of groups, for every country with a report."""
    out = {}
    for country, report in n.reports[gas].items():
        if report.total > 0:
            out[country] = {g: v / report.total for g, v in report.groups.items()}
    return out


def _peer_share(
    n: Nation, country: str, group: str, known: Mapping[str, Mapping[str, float]]
) -> float:
    """Median share of a group among countries alike in place and income, then in one of them."""
    have = {c: s[group] for c, s in known.items() if group in s and c != country}
    ones = dict.fromkeys(have, 1.0)
    upper, here = country in n.upper, n.place.get(country, "")
    income = {c for c in have if (c in n.upper) is upper}
    place = {c for c in have if here and n.place.get(c) == here}
    for donors in (income & place, place, income, set(have)):
        if len(donors) >= FEWEST_DONORS:
            return hh.typical_share(have, ones, donors)[0]
    raise NotAvailableError("no three countries report this group", where=group)


def _groups(n: Nation, gas: str) -> dict[str, tuple[dict[str, float], str, int]]:
    """Amount of every group by country in the target year, with status and age."""
    known = _group_shares(n, gas)
    # Methane of cement and the like: where hardly anybody reports a group, nobody borrows it.
    common = [g for g in GROUPS if sum(g in s for s in known.values()) > FEWEST_DONORS]
    out = {}
    for country in n.series[gas]:
        total = n.total(gas, country)
        report = n.reports[gas].get(country)
        if report is not None and report.detailed:
            then = n.series[gas][country].get(report.year, 0.0)
            ratio = total / then if then > 0 and total > 0 else 1.0
            amounts = {g: max(v, 0.0) * ratio for g, v in report.groups.items()}
            out[country] = (amounts, STATUS[0], n.year - report.year)
            continue
        have = known.get(country, {})
        borrowed = {g: _peer_share(n, country, g, known) for g in common if g not in have}
        # A country's own shares keep their proportions beside the borrowed ones.
        if have:
            left = max(1.0 - sum(borrowed.values()), 0.5)
            spread = sum(borrowed.values()) / (1.0 - left) if left < 1.0 else 1.0
            mixed = {g: v * left for g, v in have.items()}
            mixed |= {g: v / spread if spread else 0.0 for g, v in borrowed.items()}
        else:
            mixed = {g: v / sum(borrowed.values()) for g, v in borrowed.items()}
        age = n.year - report.year if report is not None and have else 0
        out[country] = (
            {g: v * total for g, v in mixed.items()}, STATUS[1 if have else 2], age,
        )  # fmt: skip
    return out


def line_prior(n: Nation, activity: Activity, lines: tuple[Line, ...]) -> LinePrior:
    """Return the amounts of every line, for every gas and economy.

    Parameters
    ----------
    n : Nation
    activity : Activity
        Its economies are country codes and ``"ROW"``, which takes every other country.
    lines : tuple of Line
        The bridge.

    Returns
    -------
    LinePrior

    Raises
    ------
    InputError
        An economy has no country with a national total.
    """
    economies, groups = activity.economies, tuple(GROUPS)
    weights = weight_matrix(lines, activity.industries)
    size = np.stack(
        [(activity.proxies[line.proxy] * weights[k]).sum(1) for k, line in enumerate(lines)], 1
    )
    reach = shares(lines, weights, activity.proxies).sum(2) > 0
    shape = (len(GASES), len(economies))
    amount, pooled = np.zeros((*shape, len(lines))), np.zeros((*shape, len(lines)))
    sd, weight = np.zeros((*shape, len(groups))), np.zeros((*shape, len(groups)))
    votes = np.zeros((*shape, len(groups), len(STATUS)))
    unplaced: list[tuple[str, str, str, float]] = []
    at = {line.name: k for k, line in enumerate(lines)}
    for g, gas in enumerate(GASES):
        found = _groups(n, gas)
        own = {
            country: _own_lines(n, country, gas, lines)
            for country, (_, status, _) in found.items()
            if status == STATUS[0]
        }
        intensity = _pooled_intensity(own, economies, at, size)
        for country, (amounts, status, age) in found.items():
            e = economies.index(country if country in economies else REST)
            for k, group in enumerate(groups):
                if group not in amounts:
                    continue
                part = _industry_part(n, country, gas, group, amounts[group])
                placed, rest = _place(
                    group, part, own.get(country, {}), lines, at, intensity * size[e], reach[e],
                    n.reports[gas].get(country),
                )  # fmt: skip
                lost = part - sum(placed.values()) - sum(rest.values())
                if lost > 1e-6 * part:  # less is rounding
                    unplaced.append((gas, country, group, lost))
                for name, value in placed.items():
                    amount[g, e, at[name]] += value
                for name, value in rest.items():
                    amount[g, e, at[name]] += value
                    pooled[g, e, at[name]] += value
                sd[g, e, k] += part * group_sd(gas, group, status, age)
                weight[g, e, k] += part
                votes[g, e, k, STATUS.index(status)] += part
    missing = [e for e, w in zip(economies, weight.sum((0, 2)), strict=True) if w <= 0]
    if missing:
        raise InputError("economies without any national total", where=", ".join(missing))
    mean = np.divide(sd, weight, out=np.full_like(sd, 1.0), where=weight > 0)
    return LinePrior(amount, pooled, mean, votes.argmax(3).astype(np.int8), tuple(unplaced))


def _own_lines(n: Nation, country: str, gas: str, lines: tuple[Line, ...]) -> dict[str, float]:
    """Reported lines carried to the target year, households taken off."""
    report = n.reports[gas][country]
    then = n.series[gas][country].get(report.year, 0.0)
    now = n.total(gas, country)
    ratio = now / then if then > 0 and now > 0 else 1.0
    out = {}
    for line in lines:
        if line.name not in report.lines:
            continue
        value = max(report.lines[line.name], 0.0) * ratio
        if line.name == "road":
            value = _industry_part(n, country, gas, "1.A.3", value)
        out[line.name] = value
    return out


def _pooled_intensity(
    own: Mapping[str, Mapping[str, float]],
    economies: tuple[str, ...],
    at: Mapping[str, int],
    size: Array,
) -> Array:
    """Emissions per unit of activity over all economies that report a line."""
    out = np.zeros(len(at))
    for name, k in at.items():
        holders = [c for c in own if c in economies and name in own[c]]
        pairs = [(own[c][name], size[economies.index(c), k]) for c in holders]
        pairs = [(e, s) for e, s in pairs if s > 0]
        if pairs:
            out[k] = sum(e for e, _ in pairs) / sum(s for _, s in pairs)
    return out


def _place(
    group: str,
    part: float,
    own: Mapping[str, float],
    lines: tuple[Line, ...],
    at: Mapping[str, int],
    expected: Array,
    reach: NDArray[np.bool_],
    report: Report | None,
) -> tuple[dict[str, float], dict[str, float]]:
    """Split a group's amount into reported lines and lines split off by pooled intensities."""
    inside = [line.name for line in lines if line.group == group]
    placed = {name: own[name] for name in inside if name in own and reach[at[name]]}
    fluid: list[str] = []
    if report is not None and own:
        hidden = [name for name in inside if name in report.elsewhere and reach[at[name]]]
        pool = CATCH_ALL.get(group)
        if hidden and pool in placed:
            fluid = [*hidden, str(pool)]
            placed.pop(str(pool))
        elif hidden:
            fluid = hidden
    given = sum(placed.values())
    if given > part > 0:  # reported lines above the group: households, or a slip of rounding
        placed = {name: v * part / given for name, v in placed.items()}
        given = part
    left = part - given
    if left <= 1e-9 * max(part, 1e-12):
        return placed, {}
    candidates = fluid or [name for name in inside if name not in own] or inside
    expect = {name: float(expected[at[name]]) for name in candidates if reach[at[name]]}
    total = sum(expect.values())
    if total <= 0:  # nobody reports it: by any line of the group that the country has
        expect = {name: 1.0 for name in inside if reach[at[name]]}
        total = float(len(expect))
    if not expect:
        return placed, {}
    return placed, {name: left * v / total for name, v in expect.items()}
