"""Combinations of choices, and how far each is from the published figures.

Nothing is tuned: every combination is computed, listed in one fixed order and counted, so that
a near hit can be judged against how many were tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mriocarbon.model.brief import brief

# Announced in the press in April 2026 (Shanghai Advanced Research Institute, Chinese Academy of
# Sciences): greenhouse gases of 2022 against IPCC production-side accounts, in percent. No
# method, data or code was published with them.
PUBLISHED: Mapping[str, float] = {"CHN": -17.7, "USA": 15.2, "JPN": 7.2}
PUBLISHED_SOURCE = (
    "press, April 2026, Shanghai Advanced Research Institute of the Chinese Academy of Sciences;"
    " no method was published"
)

WIDTHS = (0.05, 1.0, 2.0, 3.0, 5.0)  # percentage points at which near combinations are counted


@dataclass(frozen=True)
class Combination:
    """One way of counting, and what it says.

    Attributes
    ----------
    number : int
        Position in the scan, from 1; fixed.
    table : str
        Which table the account rests on.
    principle : str
    options : str
        Options of the principle, empty for its defaults.
    gas : {"GHG", "CO2"}
    households : bool
        True if household direct emissions are in account and production.
    land_use : str
        ``"none"``, or ``"MODEL untraded"`` / ``"MODEL traded"``.
    denominator : str
        What the difference account - production is divided by.
    percent : mapping of region to float
        100 (account - production) / denominator.
    low, high : mapping of region to float
        Range from the stated uncertainty of household emissions; equal to `percent` without.
    reason : str
        Why there is no value; empty where there is one.
    estimated : tuple of str
        Which inputs are estimates.
    editions : tuple of str
        Editions that are mixed in the figure.
    """

    number: int
    table: str
    principle: str
    options: str
    gas: str
    households: bool
    land_use: str
    denominator: str
    percent: Mapping[str, float] = field(default_factory=dict)
    low: Mapping[str, float] = field(default_factory=dict)
    high: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    estimated: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()

    @property
    def available(self) -> bool:
        """True if the combination could be computed."""
        return not self.reason

    @property
    def gaps(self) -> dict[str, float]:
        """Percentage points between this figure and the published one, by region."""
        return {region: self.percent[region] - value for region, value in PUBLISHED.items()}

    @property
    def distance(self) -> float:
        """Largest absolute gap over the published countries; NaN if not available."""
        return max(map(abs, self.gaps.values())) if self.available else math.nan

    @property
    def rms(self) -> float:
        """Root mean square gap; NaN if not available."""
        if not self.available:
            return math.nan
        return math.sqrt(sum(g * g for g in self.gaps.values()) / len(PUBLISHED))

    @property
    def signs(self) -> str:
        """Signs for China, the United States and Japan, such as ``"-++"``."""
        if not self.available:
            return ""
        return "".join(_sign(self.percent[region]) for region in PUBLISHED)

    @property
    def label(self) -> str:
        """The choices in words."""
        parts = [self.principle + (f" ({self.options})" if self.options else ""), self.gas]
        parts.append("with households" if self.households else "industries only")
        if self.land_use != "none":
            parts.append(f"land use {self.land_use}")
        return ", ".join([*parts, self.table, f"over {self.denominator}"])

    def __repr__(self) -> str:
        near = f"{self.distance:.1f} points from the published" if self.available else self.reason
        return brief(self, f"{self.number}, {self.label}", near[:200])


@dataclass(frozen=True)
class Reach:
    """How near the combinations of one gas come."""

    tried: int
    same_signs: int
    nearest: Combination
    within: Mapping[float, int]

    @classmethod
    def of(cls, able: Sequence[Combination]) -> Reach:
        """Judge combinations that have figures; one at least."""
        return cls(
            len(able),
            sum(c.signs == published_signs() for c in able),
            nearest(able, 1)[0],
            {w: sum(c.distance <= w for c in able) for w in WIDTHS},
        )


@dataclass(frozen=True)
class Verdict:
    """What the scan found, in numbers; the sentences are in `text`."""

    tried: int
    not_available: int
    trivial: int
    same_signs: int
    nearest: Combination
    nearest_by_country: Mapping[str, Combination]
    within: Mapping[float, int]
    by_gas: Mapping[str, Reach]
    text: tuple[str, ...]

    __repr__ = brief


def published_signs() -> str:
    """Return the sign pattern of the published figures."""
    return "".join(_sign(value) for value in PUBLISHED.values())


def nearest(combinations: Sequence[Combination], most: int = 10) -> list[Combination]:
    """Return those with the smallest `distance`, each triple once; ties by number."""
    able = sorted((c for c in combinations if c.available), key=lambda c: (c.distance, c.number))
    first = {triple(c): c for c in reversed(able)}
    return sorted(first.values(), key=lambda c: (c.distance, c.number))[:most]


def triple(c: Combination) -> tuple[float, ...]:
    """Return the figures of the published countries; equal choices of numbers are one triple."""
    return tuple(round(c.percent[region], 6) for region in PUBLISHED)


def judge(combinations: Sequence[Combination], whole: int = 0) -> Verdict:
    """Say what was and what was not reproduced.

    A triple counts as reproduced if all three figures agree to the published precision, 0.05
    percentage points.
    """
    able = [c for c in combinations if c.available]
    part = f" in this selection of {whole}" if whole > len(combinations) else ""
    trivial = sum(all(abs(v) < 1e-9 for v in c.percent.values()) for c in able)
    whole_reach = Reach.of(able)
    best, within, same = whole_reach.nearest, whole_reach.within, whole_reach.same_signs
    by_gas = {gas: Reach.of([c for c in able if c.gas == gas]) for gas in _gases(able)}
    by_country = {
        region: min(able, key=lambda c: (abs(c.gaps[region]), c.number)) for region in PUBLISHED
    }
    triples = {triple(c): c for c in able}
    others = [c for key, c in triples.items() if any(abs(v) > 1e-6 for v in key)]
    same_others = sum(c.signs == published_signs() for c in others)
    announced = ", ".join(f"{region} {value:+.1f} %" for region, value in PUBLISHED.items())
    text = [
        f"{'Reproduced' if within[0.05] else 'Not reproduced'}:"
        f" of {len(able)} combinations tried{part}"
        f" ({trivial} of them zero by construction, {len(triples)} different triples),"
        f" {_count(within[0.05])} the published triple"
        f" ({announced}) to its printed precision. On all three countries at once"
        f" {_count(within[1.0], 'come')} within 1 percentage point, {_count(within[3.0], 'come')}"
        f" within 3, and {_count(within[5.0], 'come')} within 5.",
        f"The sign pattern ({published_signs()}) is reproduced by {same} of {len(able)};"
        f" counting each triple once and leaving zeros out, by {same_others} of {len(others)}.",
        f"The nearest is no. {best.number}: {best.label}: {_figures(best)}; the largest gap is"
        f" {best.distance:.1f} percentage points. With {len(able)} tries the nearest one is no"
        " evidence that this method was the one used.",
    ]
    for gas, reach in by_gas.items() if len(by_gas) > 1 else ():
        near = reach.nearest
        text.append(
            f"{gas} alone: of {reach.tried} combinations {_count(reach.within[5.0], 'come')} within"
            f" 5 percentage points on all three countries, {reach.same_signs} have the sign"
            f" pattern; the nearest is no. {near.number}: {near.label}: {_figures(near)}; the"
            f" largest gap is {near.distance:.1f} percentage points."
        )
    for region, c in by_country.items():
        text.append(
            f"{region} alone: nearest is {c.percent[region]:+.1f} % (published"
            f" {PUBLISHED[region]:+.1f} %), no. {c.number}: {c.label}."
        )
    chn = min(c.percent["CHN"] for c in able)
    lowest = min(able, key=lambda c: (c.percent["CHN"], c.number))
    text.append(
        f"The lowest figure for China is {chn:+.1f} % (no. {lowest.number}: {lowest.label})."
    )
    skipped = len(combinations) - len(able)
    return Verdict(len(able), skipped, trivial, same, best, by_country, within, by_gas, tuple(text))


def _gases(combinations: Sequence[Combination]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.gas for c in combinations))


def _figures(c: Combination) -> str:
    return ", ".join(f"{region} {c.percent[region]:+.1f} %" for region in PUBLISHED)


def _count(number: int, verb: str = "give") -> str:
    """Return "none gives", "1 gives", "12 give"."""
    return f"{number or 'none'} {verb}{'s' if number < 2 else ''}"


def _sign(value: float) -> str:
    return "0" if abs(value) < 0.05 else "+" if value > 0 else "-"
