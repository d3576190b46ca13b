"""Household direct emissions, estimated bottom-up from national inventories.

A household burns fuel at home (IPCC category 1.A.4.b, residential) and in its own vehicles (a
part of 1.A.3.b, road transport). Input-output tables with emissions by industry leave both out.
This module holds the method, as pure functions over figures that the caller has read; it knows
no file. Emissions are in Mt of the gas unless the name says CO2e.

Every result is an estimate. In order of preference:

``reported``
    the inventory reports the category itself: E = inventory, then scaled to the target year;
``split``
    it reports only the parent (1.A.4, 1.A.3.b or 1.A.3): E = share x parent, scaled, with the
    share the median of stated donor Parties;
``borrowed``
    nothing usable: E = share x national total of that gas, with the share the median over
    stated countries.

Never an inventory total minus another account. Nothing is read as zero unless zero was written.

References
----------
IPCC (2006), Guidelines for National Greenhouse Gas Inventories, vol. 2, chapters 2 and 3.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import median

from mriocarbon.errors import InputError, NotAvailableError, UnknownNameError
from mriocarbon.inventory.gwp import gwp

__all__ = [
    "AGE_RANGE_PER_YEAR",
    "BASE_RANGE",
    "CATEGORIES",
    "GASES",
    "HOUSEHOLD_SHARE_OF_CARS",
    "STATUS_RANGE",
    "Estimate",
    "RegionTotal",
    "borrow",
    "by_region",
    "co2e",
    "private_road",
    "relative_range",
    "scale",
    "split",
    "typical_share",
]

GASES = ("CO2", "CH4", "N2O")
CATEGORIES = ("residential", "private road")

HOUSEHOLD_SHARE_OF_CARS = 0.80
"""Part of the emissions of cars and motorcycles that households cause; the rest is taxis,
hire, company and government cars. An assumption, not a reported figure: the base range of
40 % covers 0.48 to 1."""

BASE_RANGE: Mapping[str, float] = {"CO2": 0.40, "CH4": 0.60, "N2O": 0.80}
"""Half-width of the range, relative, of a freshly reported category."""

AGE_RANGE_PER_YEAR = 0.03
"""Added (in squares) for every year between the inventory and the target year."""

STATUS_RANGE: Mapping[str, float] = {"reported": 0.0, "split": 0.40, "borrowed": 0.80}
"""Added (in squares) for a borrowed share; sized by leaving each known country out in turn."""


@dataclass(frozen=True)
class Estimate:
    """One country's emissions of one gas in one household category.

    Attributes
    ----------
    iso3 : str
    category : str
        One of `CATEGORIES`.
    gas : str
        One of `GASES`.
    value : float
        Mt of the gas.
    basis_year : int
        Year of the inventory; the target year where the share of a national total was borrowed.
    status : str
        ``"reported"``, ``"split"`` or ``"borrowed"``.
    source : str
        What the value rests on, in words.
    range : float
        Relative half-width; 0 until `scale` has set it.
    """

    iso3: str
    category: str
    gas: str
    value: float
    basis_year: int
    status: str
    source: str
    range: float = 0.0

    def __post_init__(self) -> None:
        where = f"{self.iso3}, {self.category}, {self.gas}"
        if self.category not in CATEGORIES:
            raise UnknownNameError.of("household category", self.category, CATEGORIES)
        if self.gas not in GASES:
            raise UnknownNameError.of("gas", self.gas, GASES)
        if self.status not in STATUS_RANGE:
            raise UnknownNameError.of("status", self.status, STATUS_RANGE)
        if not math.isfinite(self.value) or self.value < 0:
            raise InputError(
                f"household emissions must be a number of at least zero, not {self.value}",
                where=where,
                do="leave the cell out where the inventory gives no number",
            )

    @property
    def low(self) -> float:
        """Lower end of the range, Mt, never below zero."""
        return self.value * max(0.0, 1.0 - self.range)

    @property
    def high(self) -> float:
        """Upper end of the range, Mt."""
        return self.value * (1.0 + self.range)


def private_road(
    cars: float | None,
    motorcycles: float | None,
    heavy: float | None,
    *,
    light: float | None = None,
    household_share: float = HOUSEHOLD_SHARE_OF_CARS,
) -> float | None:
    r"""Household part of road transport from its sub-categories.

    .. math:: E = \eta\,(cars + motorcycles + light)

    Parameters
    ----------
    cars : float or None
        1.A.3.b.i, Mt. None where the inventory gives a notation key or nothing.
    motorcycles : float or None
        1.A.3.b.iv, Mt. None adds nothing (where they are "included elsewhere" they are in cars).
    heavy : float or None
        1.A.3.b.iii, Mt. Not added, but asked for: where heavy vehicles are "included elsewhere",
        the figure for cars holds the whole of road transport and is of no use.
    light : float or None, optional
        1.A.3.b.ii, Mt, only for countries that class their family vehicles (sport utilities,
        minivans, pick-ups) as light trucks.
    household_share : float
        Share of households in the use of these vehicles, 0 to 1.

    Returns
    -------
    float or None
        Mt, or None where the sub-categories cannot be used.

    Examples
    --------
    >>> private_road(60.0, 2.0, 30.0)
    49.6
    >>> private_road(60.0, 2.0, None) is None
    True
    """
    if not 0.0 <= household_share <= 1.0:
        raise InputError(f"household_share must lie in [0, 1], not {household_share}")
    if cars is None or heavy is None:
        return None
    return household_share * (cars + (motorcycles or 0.0) + (light or 0.0))


def typical_share(
    part: Mapping[str, float], whole: Mapping[str, float], donors: Collection[str]
) -> tuple[float, tuple[str, ...]]:
    r"""Median over donors of part / whole, and who the donors were.

    .. math:: s = \mathrm{median}_{d}\; part_d / whole_d

    Parameters
    ----------
    part, whole : mapping of str to float
        By country, same unit.
    donors : collection of str
        Countries allowed; those without both figures, or with a whole of zero, are passed over.

    Returns
    -------
    (float, tuple of str)
        The share and the countries it rests on, sorted.

    Raises
    ------
    NotAvailableError
        No donor has both figures.

    Examples
    --------
    >>> typical_share({"A": 1.0, "B": 3.0}, {"A": 2.0, "B": 4.0, "C": 9.0}, ["A", "B", "C"])
    (0.625, ('A', 'B'))
    """
    used = tuple(sorted(d for d in set(donors) if d in part and whole.get(d, 0.0) > 0.0))
    if not used:
        raise NotAvailableError(
            "no donor country has both figures",
            where=f"donors: {', '.join(sorted(donors)) or 'none'}",
            do="widen the group of donors",
        )
    return median(part[d] / whole[d] for d in used), used


def split(
    iso3: str,
    category: str,
    gas: str,
    parent: float,
    parent_code: str,
    year: int,
    share: float,
    donors: Collection[str],
    group: str,
) -> Estimate:
    """Household part of a parent category by a borrowed share.

    Parameters
    ----------
    iso3, category, gas : str
        What is estimated.
    parent : float
        The reported parent category, Mt.
    parent_code : str
        Its code, such as ``"1.A.4"``.
    year : int
        Year of the inventory.
    share : float
        From `typical_share`.
    donors : collection of str
        Countries the share rests on.
    group : str
        What those countries have in common, in words.

    Returns
    -------
    Estimate
        Of `year`, with status ``"split"``.

    Examples
    --------
    >>> split("CHN", "residential", "CO2", 600.0, "1.A.4", 2014, 0.6, ["A"], "all").value
    360.0
    """
    text = f"{parent_code} x {share:.3f} (median of {len(donors)} Parties, {group})"
    return Estimate(iso3, category, gas, parent * share, year, "split", text)


def borrow(
    iso3: str,
    category: str,
    gas: str,
    national: float,
    year: int,
    share: float,
    donors: Collection[str],
    group: str,
) -> Estimate:
    """Household part of a national total by a borrowed share, with its range.

    Parameters
    ----------
    national : float
        National total of the gas in the target year, Mt.
    year : int
        The target year.
    iso3, category, gas, share, donors, group
        As in `split`.

    Returns
    -------
    Estimate
        Of `year`, with status ``"borrowed"`` and its range set.

    Examples
    --------
    >>> e = borrow("XXX", "residential", "CO2", 10.0, 2022, 0.05, ["A", "B"], "Africa")
    >>> e.value, round(e.range, 2)
    (0.5, 0.89)
    """
    text = f"national {gas} x {share:.4f} (median of {len(donors)} countries, {group})"
    found = Estimate(iso3, category, gas, national * share, year, "borrowed", text)
    return replace(found, range=relative_range(gas, "borrowed", 0))


def relative_range(gas: str, status: str, age: int) -> float:
    r"""Relative half-width of the range: one stated rule for every country.

    .. math:: r = \sqrt{r_{gas}^2 + (0.03\,age)^2 + r_{status}^2}

    Parameters
    ----------
    gas : str
        0.40 for CO2, 0.60 for CH4, 0.80 for N2O.
    status : str
        0 for ``"reported"``, 0.40 for ``"split"``, 0.80 for ``"borrowed"``.
    age : int
        Years between the inventory and the target year, at least 0.

    Returns
    -------
    float
        At least 0.40. May exceed 1; the lower end then stops at zero.

    Examples
    --------
    >>> [round(relative_range("CO2", s, a), 2) for s, a in (("reported", 1), ("split", 8))]
    [0.4, 0.61]
    """
    if age < 0:
        raise InputError(f"an inventory cannot be younger than the target year (age {age})")
    if gas not in BASE_RANGE:
        raise UnknownNameError.of("gas", gas, BASE_RANGE)
    if status not in STATUS_RANGE:
        raise UnknownNameError.of("status", status, STATUS_RANGE)
    return math.hypot(BASE_RANGE[gas], AGE_RANGE_PER_YEAR * age, STATUS_RANGE[status])


def scale(
    estimate: Estimate, target_year: int, indicator: Mapping[int, float] | None, name: str
) -> Estimate:
    r"""Carry an estimate from its year to the target year by an indicator, and set its range.

    .. math:: E_{target} = E_{basis}\; I_{target} / I_{basis}

    Parameters
    ----------
    estimate : Estimate
        Of its `basis_year`.
    target_year : int
        Not before the basis year.
    indicator : mapping of int to float, or None
        Year -> value. None where there is no indicator for this country: the value stays, and
        the source says so.
    name : str
        What the indicator is.

    Returns
    -------
    Estimate
        Of `target_year`; `basis_year` still names the inventory.

    Raises
    ------
    InputError
        The indicator lacks one of the two years or is not positive.

    Examples
    --------
    >>> e = Estimate("AAA", "residential", "CO2", 10.0, 2021, "reported", "1.A.4.b")
    >>> scale(e, 2022, {2021: 4.0, 2022: 5.0}, "fuel").value
    12.5
    """
    age = target_year - estimate.basis_year
    spread = relative_range(estimate.gas, estimate.status, age)
    if indicator is None:
        return replace(estimate, source=f"{estimate.source}; not scaled", range=spread)
    try:
        ratio = indicator[target_year] / indicator[estimate.basis_year]
    except (KeyError, ZeroDivisionError) as error:
        raise InputError(
            f"the indicator {name!r} cannot carry {estimate.basis_year} to {target_year}",
            where=f"{estimate.iso3}, {estimate.category}, {estimate.gas}",
            do="give a positive value for both years, or None for no scaling",
        ) from error
    if not math.isfinite(ratio) or ratio <= 0.0:
        raise InputError(
            f"the indicator {name!r} gives the ratio {ratio}",
            where=f"{estimate.iso3}, {estimate.category}, {estimate.gas}",
            do="check its values for both years",
        )
    return replace(
        estimate,
        value=estimate.value * ratio,
        source=f"{estimate.source}; x {ratio:.3f} ({name})",
        range=spread,
    )


@dataclass(frozen=True)
class RegionTotal:
    """Household direct emissions of one region and one gas (or all, as CO2 equivalent).

    Attributes
    ----------
    region, gas : str
        `gas` is ``"GHG"`` for the sum in Mt CO2e.
    value, low, high : float
        Mt of the gas, Mt CO2e for ``"GHG"``. Low and high are sums of the countries' ends: the
        errors share their cause (the same shares), so they are not taken to cancel.
    """

    region: str
    gas: str
    value: float
    low: float
    high: float

    @property
    def range(self) -> float:
        """Relative half-width (high - low) / (2 value); 0 where nothing is emitted."""
        return (self.high - self.low) / (2.0 * self.value) if self.value else 0.0


def by_region(
    estimates: Iterable[Estimate], region_of: Mapping[str, str], rest: str
) -> tuple[RegionTotal, ...]:
    """Sum countries to regions, by gas and as CO2 equivalent.

    Parameters
    ----------
    estimates : iterable of Estimate
        One for every country, category and gas.
    region_of : mapping of str to str
        Country -> region.
    rest : str
        Region of every country that is not in `region_of`.

    Returns
    -------
    tuple of RegionTotal
        For each region the gases in the order of `GASES`, then ``"GHG"``.

    Raises
    ------
    InputError
        Two estimates are for the same country, category and gas.

    Examples
    --------
    >>> e = Estimate("AAA", "residential", "CH4", 1.0, 2022, "reported", "", range=0.5)
    >>> by_region([e], {}, "ROW")[-1]
    RegionTotal(region='ROW', gas='GHG', value=28.0, low=14.0, high=42.0)
    """
    sums: dict[str, dict[str, list[float]]] = {r: {} for r in {*region_of.values(), rest}}
    seen: set[tuple[str, str, str]] = set()
    for e in estimates:
        key = (e.iso3, e.category, e.gas)
        if key in seen:
            raise InputError("two estimates for the same cell", where=", ".join(key))
        seen.add(key)
        total = sums[region_of.get(e.iso3, rest)].setdefault(e.gas, [0.0, 0.0, 0.0])
        for i, part in enumerate((e.value, e.low, e.high)):
            total[i] += part
    out: list[RegionTotal] = []
    for region, gases in sorted(sums.items()):
        rows = [RegionTotal(region, g, *gases[g]) for g in GASES if g in gases]
        if rows:
            out += [*rows, co2e(rows)]
    return tuple(out)


def co2e(rows: Iterable[RegionTotal]) -> RegionTotal:
    """Sum the gases of one region to CO2 equivalent with GWP-100 of AR5.

    Parameters
    ----------
    rows : iterable of RegionTotal
        One region, each gas once.

    Returns
    -------
    RegionTotal
        With gas ``"GHG"``, Mt CO2e.

    Examples
    --------
    >>> co2e([RegionTotal("A", "CO2", 1, 1, 1), RegionTotal("A", "N2O", 1, 0, 2)]).value
    266.0
    """
    listed = list(rows)
    if len({r.region for r in listed}) != 1 or len({r.gas for r in listed}) != len(listed):
        raise InputError("co2e takes one region with every gas once")

    potentials = gwp("AR5")

    def total(name: str) -> float:
        return sum(potentials[r.gas] * float(getattr(r, name)) for r in listed)

    return RegionTotal(listed[0].region, "GHG", total("value"), total("low"), total("high"))
