"""Default uncertainties of inventory categories, for those who have none of their own.

`ipcc_defaults.csv` is written by ``python -m scripts.ipcc_uncertainties``. Each row names its
source and says of factor and activity apart whether the figure is confirmed (in the source named),
transcribed (by bonsai_ipcc 0.5.3 alone) or UNVERIFIED (the 2006 IPCC Guidelines as recalled; they
were not at hand). Whatever is computed from them carries that to its notes.

**From a range to half an interval.** Approach 1 wants half a 95 % interval in per cent of the mean.
A range about symmetric around the default, or one that starts at zero, gives half its width. Any
other, from l to h times the default, is read as the 2.5 and 97.5 % quantiles of a lognormal::

    s = ln(h/l) / (2 * 1.96),   half = 100 * 1.96 * sqrt(exp(s^2) - 1)

so that one tenth to ten times is 338 %, not 900 %. What that keeps is the ratio h/l: `approach_2`
draws it exactly. What it moves is the place: the emissions reported stay the mean, while the
lognormal through l and h has the mean ``sqrt(l h) exp(s^2 / 2)`` (`lognormal_mean`). Where that is
near 1 (0.3 to 2.5: 1.00) the whole range is kept; for one tenth to ten times it is 1.99, the drawn
range is 0.05 to 5.0 times the emissions, and the symmetric interval of approach 1 reaches below
zero: then use approach 2, and read the width only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from mriocarbon import embedded
from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.normal import Z95
from mriocarbon.uncertainty.ipcc import Category

__all__ = [
    "IPCCDefault",
    "default_category",
    "half_interval",
    "ipcc_default",
    "ipcc_defaults",
    "lognormal_mean",
]

GUIDELINES = "default uncertainty of the 2006 IPCC Guidelines"
ENDS = ("low", "middle", "high")
_SYMMETRIC = 0.05  # of the width: 0.7 to 1.3 is a range of plus or minus, 0.5 to 2 is none


@dataclass(frozen=True, slots=True)
class IPCCDefault:
    """Default uncertainty of a category and gas, half a 95 % interval in per cent.

    Attributes
    ----------
    code, category, gas : str
        Code of the 2006 Guidelines (not of the reporting tables), its name, and the gas.
    activity, factor : tuple of float
        Low and high end of the uncertainty of activity data and of the emission factor.
    source, status : str
        Where from; and of factor and activity whether confirmed, transcribed or UNVERIFIED.
    """

    code: str
    category: str
    gas: str
    activity: tuple[float, float]
    factor: tuple[float, float]
    source: str
    status: str

    @property
    def verified(self) -> bool:
        """Whether neither figure is only recalled."""
        return "UNVERIFIED" not in self.status


def _checked(low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and 0 <= low < high and high > 0):
        raise InputError(
            f"a range from {low!r} to {high!r}",
            where="range of a factor, relative to its default",
            do="give 0 <= low < high, both finite, such as 0.5 and 2",
        )


def half_interval(low: float, high: float) -> float:
    """Return half a 95 % interval in per cent of a factor between `low` and `high` defaults.

    Parameters
    ----------
    low, high : float
        95 % range relative to the default.

    Returns
    -------
    float
        Per cent of the mean: of the default where the range lies about even around it or begins at
        zero, else of the lognormal with this 95 % range.

    Raises
    ------
    InputError
        Not 0 <= low < high.

    Examples
    --------
    >>> round(half_interval(0.7, 1.3), 6), round(half_interval(0.1, 10)), half_interval(0, 5)
    (30.0, 338, 250.0)
    """
    _checked(low, high)
    width = high - low
    if low == 0 or abs(low + high - 2) <= _SYMMETRIC * width:
        return 50.0 * width
    s = math.log(high / low) / (2 * Z95)
    return 100 * Z95 * math.sqrt(math.expm1(s * s))


def lognormal_mean(low: float, high: float) -> float:
    """Return the mean, in defaults, of the lognormal with 95 % between `low` and `high` defaults.

    1 where the default is that mean, so that `half_interval` keeps the whole range; far from 1
    it keeps only the width.

    Parameters
    ----------
    low, high : float
        95 % range relative to the default.

    Returns
    -------
    float
        In units of the default.

    Raises
    ------
    InputError
        Not 0 < low < high: no lognormal has zero as a quantile.

    Examples
    --------
    >>> round(lognormal_mean(0.3, 2.5), 2), round(lognormal_mean(0.1, 10), 2)
    (1.0, 1.99)
    """
    _checked(low, high)
    if low == 0:
        raise InputError(
            "no lognormal has zero as its 2.5 % quantile",
            where="range of a factor",
            do="give a low end above zero",
        )
    s = math.log(high / low) / (2 * Z95)
    return math.sqrt(low * high) * math.exp(s * s / 2)


def _cell(text: str) -> tuple[float, float]:
    low, high = (float(part) for part in text.removeprefix("x").split("-"))
    if not text.startswith("x"):
        return low, high
    half = half_interval(low, high)
    return half, half


@cache
def ipcc_defaults() -> tuple[IPCCDefault, ...]:
    """Return the table of default uncertainties, sorted by code and gas.

    Examples
    --------
    >>> table = ipcc_defaults()
    >>> enteric = next(d for d in table if (d.code, d.gas) == ("3.A.1", "CH4"))
    >>> enteric.factor, enteric.status
    ((30.0, 50.0), 'factor: confirmed; activity: UNVERIFIED')
    """
    return tuple(
        IPCCDefault(
            row["code"], row["category"], row["gas"], _cell(row["activity"]),
            _cell(row["factor"]), row["source"], row["status"],
        )
        for row in embedded.rows("uncertainty", "ipcc_defaults.csv")
    )  # fmt: skip


@cache
def _by_code() -> dict[tuple[str, str], IPCCDefault]:
    return {(d.code, d.gas): d for d in ipcc_defaults()}


def ipcc_default(code: str, gas: str) -> IPCCDefault | None:
    """Return the default of a category, else of the next coarser that has one, else None.

    Examples
    --------
    >>> ipcc_default("1.A.1.a", "CO2").code, ipcc_default("2.G", "N2O")
    ('1.A.1', None)
    """
    wanted = code
    while wanted and (wanted, gas) not in _by_code():
        wanted = wanted.rpartition(".")[0]
    return _by_code()[wanted, gas] if wanted else None


def pick(ends: tuple[float, float], at: str) -> float:
    """Return an end of a range, or its geometric mean."""
    low, high = ends
    return {"low": low, "high": high, "middle": math.sqrt(low * high)}[at]


def checked_at(at: str) -> str:
    """Return `at` if it names an end."""
    if at not in ENDS:
        raise InputError(
            f"at is {at!r}", where="default uncertainties", do=f"use {', '.join(ENDS)}"
        )
    return at


def default_category(
    code: str, gas: str, base: float, year: float, *, at: str = "middle"
) -> Category:
    """Return a category with default uncertainties, for `approach_1` and `approach_2`.

    Parameters
    ----------
    code : str
        Category of the 2006 Guidelines, such as ``"3.A.1"``; a finer one (``"1.A.1.a"``) takes
        the default of the next coarser that has one. Not a code of the reporting tables, where
        3.A is enteric fermentation: `inventory_categories` translates those.
    gas : str
        ``"CO2"``, ``"CH4"``, ``"N2O"``, ``"HFC-23"``, ``"CF4"``, ``"C2F6"`` or ``"SF6"``.
    base, year : float
        Emissions of the base year and of the year, in one unit for all categories.
    at : str
        Which end of the range: ``"low"``, ``"middle"`` (geometric mean) or ``"high"``.

    Returns
    -------
    Category
        With a `note` on the defaults, which the results carry on.

    Raises
    ------
    UnknownNameError
        No default for the gas, or for the category.
    InputError
        Another word for `at`; emissions that are no finite numbers.

    Examples
    --------
    >>> cattle = default_category("3.A.1", "CH4", 100, 90)
    >>> round(cattle.activity, 1), round(cattle.factor, 1)
    (14.1, 38.7)
    """
    checked_at(at)
    gases = sorted({d.gas for d in ipcc_defaults()})
    if gas not in gases:
        raise UnknownNameError.of("gas with default uncertainties", str(gas), gases)
    found = ipcc_default(str(code).strip(), gas)
    if found is None:
        raise UnknownNameError.of(
            f"category with a default uncertainty for {gas}",
            str(code),
            [d.code for d in ipcc_defaults() if d.gas == gas],
            do="give your own as Category(...)",
        )
    return Category(
        f"{code} {gas}",
        base,
        year,
        pick(found.activity, at),
        pick(found.factor, at),
        note=f"{GUIDELINES} ({at}); {found.status}",
    )
