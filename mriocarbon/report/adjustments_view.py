"""What of a study goes where: picked once, for the terminal, the page and the figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from mriocarbon.model import Result
from mriocarbon.report.text import (
    DAGGER,
    listing,
    marked,
    option_name,
    percent,
    pretty,
    region_name,
    span,
)
from mriocarbon.studies.adjustments_2022 import BUDGET, FULL, TABLE, TABLES, Study
from mriocarbon.studies.inputs_2022 import (
    GASES,
    INVENTORY,
    INVENTORY_CO2,
    INVENTORY_CO2_LAND,
    INVENTORY_LAND,
    LAND_MODELS,
    OWN,
    TERRITORIAL,
)
from mriocarbon.studies.intervals_2022 import Interval
from mriocarbon.studies.scan import PUBLISHED, PUBLISHED_SOURCE, Combination, nearest

__all__ = [
    "BUDGET", "FULL", "INVENTORY", "INVENTORY_CO2", "LAND_MODELS", "OWN", "PUBLISHED",
    "PUBLISHED_SOURCE", "TABLE", "TABLES", "TERRITORIAL", "Row", "View",
]  # fmt: skip


SOURCES = {
    TABLE: "OECD ICIO 2025 ed. and OECD production-based GHG, 2022 (20 regions × 50 industries)",
    FULL: "OECD ICIO 2025 ed. (81 economies × 50 industries) and OECD production-based GHG, 2022",
    BUDGET: "Global Carbon Budget 2025",
}
SHORT = {
    OWN: "own production",
    INVENTORY: "territorial inventory",
    INVENTORY_LAND: "territorial inventory + its land use",
    TERRITORIAL: "territorial CO2 (GCB)",
    INVENTORY_CO2: "territorial CO2 (CEDS)",
    INVENTORY_CO2_LAND: "territorial CO2 (CEDS) + its land use",
}
NO_BUDGET = "the Global Carbon Budget gives no consumption account of this region"


@dataclass(frozen=True)
class Row:
    """A way of counting in the key table: one principle with one set of options."""

    principle: str
    options: str
    industries: Combination | None
    full: Combination | None
    households: Combination | None

    @property
    def is_option(self) -> bool:
        """True for a sub-row."""
        return bool(self.options)

    @property
    def label(self) -> str:
        """The principle, or the option in words."""
        return option_name(self.options) if self.options else self.principle


class View:
    """Lookups over a study that the pages share.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.all_regions: tuple[str, ...] = study.bilateral.coords["region"]
        narrowed = len(study.regions) < len(self.account_regions)
        # Columns of the tables: the three published countries unless others were asked for.
        self.shown: tuple[str, ...] = study.regions if narrowed else tuple(PUBLISHED)
        self.narrowed = narrowed
        able = [c for c in study.combinations if c.available]
        self._index = {
            (c.gas, c.table, c.principle, c.options, c.households, c.land_use, c.denominator): c
            for c in able
        }
        # Gases computed on a table; what the page shows first, and what stands beside it.
        self.gases = tuple(g for g in GASES if any(c.gas == g for c in able if c.table != BUDGET))
        self.gas = self.gases[0] if self.gases else GASES[0]
        self.other_gases = self.gases[1:]

    def find(
        self, principle: str, options: str = "", *, table: str = TABLE, households: bool = False,
        land_use: str = "none", denominator: str = OWN, gas: str = "",
    ) -> Combination | None:  # fmt: skip
        """Return one combination that could be computed, or None; of the first gas by default."""
        return self._index.get(
            (gas or self.gas, table, principle, options, households, land_use, denominator)
        )

    @cached_property
    def rows(self) -> list[Row]:
        """Principles with their options below them, on the input-output tables; first gas."""
        return self.rows_of(self.gas)

    def rows_of(self, gas: str) -> list[Row]:
        """Return the principles that were computed for a gas, with their options."""
        seen: dict[tuple[str, str], None] = {}
        for c in self.available:
            if c.gas == gas and c.table in (TABLE, FULL):
                seen.setdefault((c.principle, c.options))
        return [
            Row(
                principle, options,
                self.find(principle, options, gas=gas),
                self.find(principle, options, gas=gas, table=FULL),
                self.find(principle, options, gas=gas, households=True),
            )
            for principle, options in sorted(seen, key=self._place)
        ]  # fmt: skip

    def denominators(self, gas: str) -> list[str]:
        """Return what accounts of a gas without land use are divided by, own production first."""
        return list(
            dict.fromkeys(
                c.denominator
                for c in self.available
                if c.gas == gas and c.table == TABLE and c.land_use == "none"
            )
        )

    def _place(self, pair: tuple[str, str]) -> tuple[int, str]:
        return [p.name for p in self.study.principles].index(pair[0]), pair[1]

    def interval(self, gas: str, principle: str, households: bool) -> Interval | None:
        """Return the paired interval of an account, or None."""
        for one in self.study.intervals:
            if (one.gas, one.principle, one.households) == (gas, principle, households):
                return one
        return None

    @cached_property
    def held(self) -> str:
        """How many paired intervals hold the published figures, in words; empty without any."""
        found = self.study.intervals
        if not found:
            return ""
        inside = {
            r: [bool(one.low[k] <= value <= one.high[k]) for one in found]
            for r, value in PUBLISHED.items()
            for k in [self.account_regions.index(r)]
        }
        each = listing([f"{region_name(r)} {sum(hits)}" for r, hits in inside.items()])
        all_three = sum(map(all, zip(*inside.values(), strict=True)))
        return (
            f"Of {len(found)} paired 95 % intervals (principles, gases, with and without"
            f" households) {all_three or 'none'} hold{'s' if all_three < 2 else ''} the published"
            f" figures of all three countries at once; alone: {each}."
        )

    @cached_property
    def sure(self) -> list[tuple[str, str]]:
        """(gas, principle) that have a paired interval, in the order of the study."""
        return list(dict.fromkeys((one.gas, one.principle) for one in self.study.intervals))

    @cached_property
    def budget(self) -> Combination | None:
        """The Global Carbon Budget's consumption account."""
        return next((c for c in self.study.combinations if c.table == BUDGET and c.available), None)

    @cached_property
    def nearest(self) -> list[Combination]:
        """The ten combinations nearest to the published triple."""
        return nearest(self.study.combinations, 10)

    @cached_property
    def available(self) -> list[Combination]:
        """Combinations with figures, in the order of the scan."""
        return [c for c in self.study.combinations if c.available]

    @cached_property
    def distinct(self) -> int:
        """How many different triples the scan holds, to 1e-6 percentage points.

        A boundary can cancel out of a percentage: two choices, one figure.
        """
        return len({tuple(round(c.percent[r], 6) for r in PUBLISHED) for c in self.available})

    @cached_property
    def not_available(self) -> list[tuple[str, list[str]]]:
        """(reason, principles and gases it holds for) in the order of the scan."""
        found: dict[str, dict[str, list[str]]] = {}
        for c in self.study.combinations:
            if not c.available:
                found.setdefault(c.reason, {}).setdefault(c.principle, []).append(c.gas)
        return [
            (
                reason.removeprefix("NOT AVAILABLE: "),
                [f"{name}, {listing(gases)}" for name, gases in names.items()],
            )
            for reason, names in found.items()
        ]

    @cached_property
    def verdict(self) -> tuple[str, ...]:
        """The sentences of the verdict, choices in words, estimated figures marked."""
        by_number = {str(c.number): c for c in self.available}

        def worded(line: str) -> str:
            found = re.search(r"\bno\. (\d+): ", line)
            c = by_number.get(found[1]) if found else None
            if c is not None:
                line = line.replace(c.label, choices(c))
                if c.estimated:
                    line = re.sub(r"(?<!published )([+-]\d+\.\d %)", rf"\1{DAGGER}", line)
            return re.sub(rf"\b({'|'.join(PUBLISHED)})\b", lambda m: region_name(m[0]), line)

        return tuple(pretty(worded(line)) for line in self.study.verdict.text)

    @cached_property
    def lead(self) -> Combination:
        """What the bars of the first figure show: consumption on the table, or what is there."""
        for table in (TABLE, FULL):
            for name in ("consumption", *(r.principle for r in self.rows)):
                found = self.find(name, table=table)
                if found and name != "production":
                    return found
        return self.budget or self.available[0]

    @cached_property
    def lead_principle(self) -> str:
        """The principle whose figures are taken apart: consumption where it was asked for."""
        names = [r.principle for r in self.rows if r.principle != "production"]
        return "consumption" if "consumption" in names or not names else names[0]

    @cached_property
    def estimates(self) -> list[str]:
        """Every kind of estimate behind the figures, once."""
        found: dict[str, None] = {}
        for c in self.available:
            found.update(dict.fromkeys(c.estimated))
        return list(found)

    @cached_property
    def production(self) -> dict[str, float]:
        """Industry emissions of each region, Mt CO2e."""
        column = self.study.trade.coords["item"].index("production")
        return {
            region: float(self.study.trade.value[k, column])
            for k, region in enumerate(self.study.trade.coords["region"])
        }

    @cached_property
    def account_regions(self) -> tuple[str, ...]:
        """Regions along the arrays of `study.accounts`."""
        return tuple(r for r in self.all_regions if r != "unallocated")

    @cached_property
    def listed_regions(self) -> tuple[str, ...]:
        """Regions of the data files: those asked for and the published three, in table order."""
        wanted = {*self.study.regions, *PUBLISHED}
        return tuple(r for r in self.account_regions if r in wanted)

    def land_rows(self) -> Iterator[tuple[str, bool, Combination]]:
        """(model, traded, combination) of the lead principle, industries only."""
        for model in LAND_MODELS:
            for traded in (False, True):
                boundary = f"{model} {'traded' if traded else 'untraded'}"
                found = self.find(self.lead_principle, land_use=boundary)
                if found:
                    yield model, traded, found

    def land_range(self, row: Row, region: str, traded: bool) -> str:
        """Lowest to highest figure over the four land-use models."""
        word = "traded" if traded else "untraded"
        found = [
            self.find(row.principle, row.options, land_use=f"{model} {word}")
            for model in LAND_MODELS
        ]
        values = [c.percent[region] for c in found if c is not None]
        if not values:
            return "n/a"
        low, high = min(values), max(values)
        same = percent(low) == percent(high)
        return marked(percent(low) if same else span(low, high), True)


def choices(c: Combination) -> str:
    """Return the choices of a combination in a line."""
    parts = [c.principle + (f" ({option_name(c.options)})" if c.options else "")]
    if c.gas != "GHG":
        parts.append(c.gas)
    if c.table != BUDGET:
        parts.append("with households" if c.households else "industries only")
    if c.land_use != "none":
        parts.append(f"land use {c.land_use}")
    if c.table != TABLE:
        parts.append("81 economies" if c.table == FULL else "Global Carbon Budget 2025")
    return ", ".join(parts) + f"; over {SHORT.get(c.denominator, c.denominator)}"


def figure(c: Combination | None, region: str) -> str:
    """Return the percentage of a region, with a dagger if it rests on estimates."""
    if c is None or region not in c.percent:
        return "n/a"
    return marked(percent(c.percent[region]), c.estimated)


def bounds(c: Combination | None, region: str) -> str:
    """Return the range of a region's percentage; empty if there is none or it has no width."""
    if c is None or region not in c.low or not c.high[region] - c.low[region] > 1e-9:
        return ""
    return span(c.low[region], c.high[region])


def estimates_of(result: Result) -> str:
    """Return what is estimated in a result; empty if nothing is."""
    return "; ".join(note.text for note in result.notes if note.estimated)


def edition_text(combinations: Iterable[Combination]) -> str:
    """Return the editions behind figures, once each."""
    found: dict[str, None] = {}
    for c in combinations:
        found.update(dict.fromkeys(c.editions))
    return "; ".join(found)


def estimate_text(names: Sequence[str]) -> str:
    """Return the footnote that the dagger points to."""
    return f"{DAGGER} rests on an estimate of: " + "; ".join(names) + "." if names else ""


def names_of(regions: Iterable[str]) -> str:
    """Return 'CHN China, USA United States' for table notes."""
    return ", ".join(f"{r} {region_name(r)}" for r in regions if region_name(r) != r)
