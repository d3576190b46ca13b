"""Production, consumption and natural carbon of regions: the types, and their rows.

Nothing here adds two scopes; `FullSpectrum` keeps each figure under its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mriocarbon.errors import InputError, UnknownNameError
from mriocarbon.model.brief import brief
from mriocarbon.natural.account import OWN_ROW
from mriocarbon.natural.flux import GASES, SCOPES, TO_AIR
from mriocarbon.natural.sources import INVENTORY, INVERSION_RUN, LULUCF, MEAN_OF_MODELS, NBE
from mriocarbon.studies.scope_sums import ScopeSum
from mriocarbon.studies.world_2022 import WorldRow

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ADDABLE", "LETTERS", "MAIN", "YEAR", "Amounts", "FullSpectrum", "Gap", "ScopeFigure",
    "rows_of",
]  # fmt: skip

Array = NDArray[np.float64]
YEAR = 2022
RATIO = "95 %, of a ratio of normal quantities"
LETTERS: dict[str, str] = dict(zip(SCOPES, "abcd", strict=True))
# The one measure of a scope that tables and sums show; the others are alternatives to it.
MAIN: dict[str, tuple[str, str]] = {
    "managed land": (LULUCF, INVENTORY),
    "land-use change": ("land-use change", MEAN_OF_MODELS),
    "biosphere": (NBE, f"inversion {INVERSION_RUN}"),
}
ADDABLE: dict[str, str] = {
    "managed land": "with managed land, as the inventory's total with land use",
    "land-use change": "with land-use change, of bookkeeping models",
    "biosphere": "with the whole biosphere, natural exchange included",
}
"""Scope -> what the accounts with it are called; (d) single processes are never added."""


@dataclass(frozen=True, eq=False)
class Amounts:
    """An account of all regions with its 95 % interval.

    Attributes
    ----------
    value, sd, low, high : ndarray, shape (regions,)
        Mt CO2, or Mt CO2e.
    estimated : tuple of str
        What it rests on that is an estimate.
    """

    value: Array
    sd: Array
    low: Array
    high: Array
    estimated: tuple[str, ...]

    __repr__ = brief


@dataclass(frozen=True)
class ScopeFigure:
    """One natural flux of a region: a sum over its members within one scope, by one method.

    Attributes
    ----------
    region, scope, gas, process, method : str
    value, low, high, sd, sd_independent : float
        In `unit`; positive to the air. NaN where no interval is given. The interval and `sd` hold
        whatever the correlation of the members' errors, `sd_independent` if there is none.
    sd_known : float
        `sd`, or where a member has none the sum of the others': `sd` would be at least as large.
    unit : str
        Mt CO2, or Mt CO2e (AR5, GWP-100) of one gas.
    year_from, year_to : int
    members : int
        How many countries the region has; 0 where the source gives the group itself.
    without : tuple of str
        Those that have no figure: they are not in the sum, and not zero.
    no_interval : tuple of str
        Members with a figure whose source gives no error.
    interval, source, direction, note : str
    estimated : bool
    main : bool
        The measure that tables show; the others are alternatives, never added to it.
    """

    region: str
    scope: str
    gas: str
    process: str
    method: str
    value: float
    low: float
    high: float
    sd: float
    sd_independent: float
    sd_known: float
    unit: str
    year_from: int
    year_to: int
    members: int
    without: tuple[str, ...]
    no_interval: tuple[str, ...]
    interval: str
    source: str
    direction: str
    note: str
    estimated: bool
    main: bool

    @property
    def period(self) -> str:
        """The year, or the first and last one."""
        one = self.year_from == self.year_to
        return str(self.year_to) if one else f"{self.year_from}-{self.year_to}"

    @property
    def coverage(self) -> str:
        """How many members have a figure, of how many."""
        if not self.members:
            return "as the source has it"
        return f"{self.members - len(self.without)} of {self.members}"


@dataclass(frozen=True)
class Gap:
    """What a region has no figure of, wholly or in part, and why."""

    region: str
    scope: str
    gas: str
    process: str
    reason: str


@dataclass(frozen=True, eq=False)
class FullSpectrum:
    """Production, consumption and natural carbon of every region of the table of 2022.

    Attributes
    ----------
    gas, unit : str
    households : bool
        Direct emissions of households are in production and consumption.
    regions : tuple of str
    members : mapping of region to tuple of str
    production, consumption : Amounts
    percent, percent_low, percent_high : ndarray, shape (regions,)
        ``100 (C / P - 1)`` without natural carbon, with the interval of a ratio that the accounts
        with a scope have too (`ratio_interval`); the first-order one is in ``uncertainty.csv``.
    covariance : ndarray, shape (regions,)
        Of production and consumption, squared unit.
    figures : tuple of ScopeFigure
    missing : tuple of Gap
    sums : tuple of ScopeSum
        The accounts with one scope, each scope apart; for GHG with (a) alone.
    world : tuple of WorldRow
        CO2 only: the sums over the regions beside the global carbon budget of the same years.
    basis : str
        The error model of production and consumption, in words.
    notes : tuple of str
    """

    gas: str
    unit: str
    households: bool
    regions: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]
    production: Amounts
    consumption: Amounts
    percent: Array
    percent_low: Array
    percent_high: Array
    covariance: Array
    figures: tuple[ScopeFigure, ...]
    missing: tuple[Gap, ...]
    sums: tuple[ScopeSum, ...]
    world: tuple[WorldRow, ...]
    basis: str
    notes: tuple[str, ...]

    def of(self, scope: str, region: str | None = None) -> tuple[ScopeFigure, ...]:
        """Return the figures of one scope.

        Raises
        ------
        UnknownNameError
            A scope or region that is none.
        """
        if scope not in SCOPES:
            raise UnknownNameError.of("scope", scope, list(SCOPES))
        self._known(region)
        return tuple(
            one for one in self.figures if one.scope == scope and region in (None, one.region)
        )

    def main(self, scope: str, region: str, gas: str = "CO2") -> ScopeFigure | None:
        """Return the measure that stands for a scope in a region; None where it has none.

        Raises
        ------
        UnknownNameError
        InputError
            For the processes, which are shown one by one.
        """
        if scope not in MAIN and scope in SCOPES:
            raise InputError(
                "single processes have no measure that stands for all",
                where=scope,
                do="see .of('processes')",
            )
        if gas not in GASES:
            raise UnknownNameError.of("gas", gas, GASES)
        found = [one for one in self.of(scope, region) if one.main and one.gas == gas]
        return found[0] if found else None

    def beside(self, one: ScopeFigure) -> ScopeFigure | None:
        """Return the source's own row of a group beside the sum of its members, if it has one."""
        same = (one.region, one.scope, one.gas, one.process)
        for other in self.figures:
            if (other.region, other.scope, other.gas, other.process) == same and (
                other.method.startswith(f"{one.method}{OWN_ROW}")
            ):
                return other
        return None

    def _known(self, region: str | None) -> None:
        if region is not None and region not in self.regions:
            raise UnknownNameError.of("region", region, self.regions)

    def sum_with(self, scope: str, region: str) -> ScopeSum | None:
        """Return production and consumption with one scope; of GHG None but for managed land.

        Raises
        ------
        UnknownNameError
            A scope that is not added to an account, or a region that is none.
        """
        if scope not in ADDABLE:
            raise UnknownNameError.of("scope that an account is shown with", scope, list(ADDABLE))
        self._known(region)
        for one in self.sums:
            if (one.scope, one.region) == (scope, region):
                return one
        return None

    def to_pandas(self) -> pd.DataFrame:
        """Return one row for each number: accounts, scopes, sums and, empty, what is missing."""
        import pandas as pd

        return pd.DataFrame(list(rows_of(self)))

    def __repr__(self) -> str:
        return brief(
            self, f"{self.gas} of {len(self.regions)} regions",
            f"production {self.production.value.sum():.6g} {self.unit}",
            f"consumption {self.consumption.value.sum():.6g} {self.unit}",
        )  # fmt: skip


def rows_of(found: FullSpectrum, regions: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return the rows of `FullSpectrum.to_pandas`, of some regions if asked for."""
    keep = set(found.regions if regions is None else regions)
    rows: list[dict[str, Any]] = []

    def add(kind: str, region: str, **more: Any) -> None:
        empty: dict[str, Any] = {
            "account": found.gas, "kind": kind, "region": region, "gas": found.gas,
            "scope": "", "process": "", "method": "", "value": math.nan,
            "low": math.nan, "high": math.nan, "sd": math.nan, "sd_independent": math.nan,
            "unit": found.unit, "year_from": YEAR, "year_to": YEAR,
            "members": len(found.members[region]),
            "with_figure": len(found.members[region]), "without": "", "main": True,
            "estimated": False, "direction": TO_AIR, "interval": "", "source": "", "note": "",
        }  # fmt: skip
        rows.append({**empty, **more})

    boundary = "with households" if found.households else "industries only"
    table = "OECD ICIO 2025 ed."
    for k, region in enumerate(found.regions):
        if region not in keep:
            continue
        for name, side in (("production", found.production), ("consumption", found.consumption)):
            add(
                "account", region, process=name, method=boundary, value=side.value[k],
                low=side.low[k], high=side.high[k], sd=side.sd[k], sd_independent=side.sd[k],
                estimated=bool(side.estimated), interval="95 %, first order", source=table,
                note="; ".join(side.estimated),
            )  # fmt: skip
        add(
            "adjustment", region, process="consumption over production", method=boundary,
            value=found.percent[k], low=found.percent_low[k], high=found.percent_high[k],
            unit="percent", estimated=bool(found.consumption.estimated),
            interval=RATIO, source=table,
        )  # fmt: skip
        for one in found.figures:
            if one.region == region:
                add(
                    "scope", region, gas=one.gas, scope=one.scope, process=one.process,
                    method=one.method, value=one.value, low=one.low, high=one.high, sd=one.sd,
                    sd_independent=one.sd_independent, unit=one.unit, year_from=one.year_from,
                    year_to=one.year_to, with_figure=one.members - len(one.without),
                    without=" ".join(one.without), main=one.main, estimated=one.estimated,
                    direction=one.direction, interval=one.interval, source=one.source,
                    note=one.note,
                )  # fmt: skip
        for each in found.sums:
            if each.region != region:
                continue
            of = [one for one in found.of(each.scope, region) if one.main]
            without = sorted({code for one in of for code in one.without})
            if math.isnan(each.natural) and not without:
                without = list(found.members[region])
            told = f"the scope is of {each.period}" if each.period not in ("", str(YEAR)) else ""
            shared = {
                "scope": each.scope, "method": each.label, "estimated": each.estimated,
                "source": " + ".join(dict.fromkeys([table, *(one.source for one in of)])),
                "without": " ".join(without),
                "with_figure": len(found.members[region]) - len(without),
                "note": "; ".join(filter(None, (told, each.reason))),
            }  # fmt: skip
            for name in ("production", "consumption"):
                ends = [getattr(each, f"{name}{end}") for end in ("", "_low", "_high")]
                add(
                    "with scope", region, process=name, value=ends[0], low=ends[1], high=ends[2],
                    interval="95 %, convolved", **shared,
                )  # fmt: skip
            add(
                "adjustment with scope", region, process="consumption over production",
                value=each.percent, low=each.percent_low, high=each.percent_high,
                unit="percent", interval=RATIO, **shared,
            )  # fmt: skip
        for gap in found.missing:
            if gap.region == region:
                add(
                    "missing", region, gas=gap.gas, scope=gap.scope, process=gap.process,
                    with_figure=0, note=gap.reason,
                )  # fmt: skip
    return rows
