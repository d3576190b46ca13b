"""Tidy CSV tables: one row for each number; an empty cell always has its reason beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from mriocarbon.report.adjustments_view import (
    BUDGET,
    NO_BUDGET,
    OWN,
    PUBLISHED,
    SOURCES,
    TABLE,
    View,
    estimates_of,
)
from mriocarbon.report.files import csv_text
from mriocarbon.studies.scan import Combination

UNALLOCATED = "unallocated"


def tables(view: View) -> dict[str, str]:
    """Return file name -> content of all CSV tables."""
    made = {
        "adjustments.csv": _adjustments(view),
        "accounts.csv": _accounts(view),
        "bilateral.csv": _bilateral(view),
        "trade.csv": _trade(view),
        "per_capita.csv": _per_capita(view),
        "uncertainty.csv": _uncertainty(view),
    }
    if view.study.natural:
        made["natural.csv"] = _natural(view)
    return made


def exact(value: float | None) -> str:
    """Return a number for a machine: ten significant digits; empty if there is none."""
    if value is None or not math.isfinite(value):
        return ""
    return f"{value + 0.0:.10g}"


def why_missing(c: Combination, region: str) -> str:
    """Return why a combination has no figure for a region; empty if it has one."""
    if not c.available:
        return c.reason
    if region in c.percent:
        return ""
    return NO_BUDGET if c.table == BUDGET else "not in the source"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _adjustments(view: View) -> str:
    def rows() -> Iterable[Sequence[object]]:
        for c in view.study.combinations:
            choices = (
                c.number, c.table, c.principle, c.options, c.gas, _yes(c.households), c.land_use,
                c.denominator,
            )  # fmt: skip
            basis = ("; ".join(c.estimated), "; ".join(c.editions))
            for region in view.listed_regions:
                value, published = c.percent.get(region), PUBLISHED.get(region)
                gap = None if value is None or published is None else value - published
                yield (
                    *choices, region, exact(value), exact(c.low.get(region)),
                    exact(c.high.get(region)), exact(published), exact(gap), *basis,
                    why_missing(c, region),
                )  # fmt: skip

    return csv_text(
        ("number", "table", "principle", "options", "gas", "households", "land_use",
         "denominator", "region", "percent", "low", "high", "published_percent",
         "gap_percentage_points", "estimated", "editions", "reason"),
        rows(),
    )  # fmt: skip


def _accounts(view: View) -> str:
    def rows() -> Iterable[Sequence[object]]:
        for a in view.study.accounts:
            c = view.find(a.principle, a.options, table=a.table, households=a.households,
                          land_use=a.land_use, gas=a.gas)  # fmt: skip
            basis = ("; ".join(c.estimated), "; ".join(c.editions)) if c else ("", "")
            for k, region in enumerate(view.account_regions):
                if region in view.listed_regions:
                    yield (
                        a.table, a.principle, a.options, a.gas, _yes(a.households), a.land_use,
                        region, exact(a.value[k]), exact(a.low[k]), exact(a.high[k]), a.unit,
                        *basis,
                    )  # fmt: skip

    return csv_text(
        ("table", "principle", "options", "gas", "households", "land_use", "region", "value",
         "low", "high", "unit", "estimated", "editions"),
        rows(),
    )  # fmt: skip


def _uncertainty(view: View) -> str:
    """Paired intervals of account over production; then the editions, which have none."""

    def rows() -> Iterable[Sequence[object]]:
        for one in view.study.intervals:
            for k, region in enumerate(view.account_regions):
                if region in view.listed_regions:
                    yield (
                        one.gas, one.principle, _yes(one.households), region,
                        exact(one.percent[k]), exact(one.low[k]), exact(one.high[k]), one.method,
                        one.basis,
                    )  # fmt: skip
        for edition in view.study.editions:
            for region in view.listed_regions:
                if region in edition.percent:
                    yield (
                        "CO2", "consumption", "yes", region, exact(edition.percent[region]), "",
                        "", "edition", edition.title,
                    )  # fmt: skip

    return csv_text(
        ("gas", "principle", "households", "region", "percent", "low", "high", "method", "basis"),
        rows(),
    )


def _natural(view: View) -> str:
    """Accounts, scopes, sums with one scope, what is missing; then the world and its budget."""
    from mriocarbon.studies.spectrum import rows_of

    rows = [r for one in view.study.natural for r in rows_of(one, view.listed_regions)]
    header = list(rows[0])
    numbers = ("value", "low", "high", "sd", "sd_independent")
    written = [
        [exact(r[c]) if c in numbers else _yes(r[c]) if isinstance(r[c], bool) else r[c]
         for c in header]
        for r in rows
    ]  # fmt: skip
    for one in view.study.natural:
        for row in one.world:
            for kind, name, ends in (
                ("world", row.name, (row.value, row.low, row.high)),
                ("world budget", row.term, (row.budget, row.budget_low, row.budget_high)),
                ("world difference", f"{row.name} less {row.term}",
                 (row.difference, row.difference_low, row.difference_high)),
            ):  # fmt: skip
                if not name or (kind != "world" and not row.term):
                    continue
                years = row.period if row.period[0].isdigit() else "2022"
                found = {
                    "account": one.gas, "kind": kind, "region": "WLD", "gas": one.gas,
                    "process": name, "unit": one.unit, "year_from": years[:4],
                    "year_to": years[-4:],
                    "estimated": _yes(kind != "world budget"), "note": row.note,
                    "value": exact(ends[0]), "low": exact(ends[1]), "high": exact(ends[2]),
                }  # fmt: skip
                written.append([found.get(c, "") for c in header])
    return csv_text(header, written)


def _bilateral(view: View) -> str:
    result = view.study.bilateral
    estimated = estimates_of(result)
    return csv_text(
        ("region", "region_to", "value", "unit", "boundary", "estimated", "source"),
        (
            (row, column, exact(result.value[i, j]), result.unit, "industries only", estimated,
             SOURCES[TABLE])
            for i, row in enumerate(result.coords["region"])
            for j, column in enumerate(result.coords["region_to"])
        ),
    )  # fmt: skip


def _trade(view: View) -> str:
    result = view.study.trade
    estimated = estimates_of(result)
    keep = {*view.study.regions, UNALLOCATED}
    return csv_text(
        ("region", "item", "value", "unit", "boundary", "estimated", "source"),
        (
            (region, item, exact(result.value[i, j]), result.unit, "industries only",
             "" if item == "production" else estimated, SOURCES[TABLE])
            for i, region in enumerate(result.coords["region"])
            if region in keep
            for j, item in enumerate(result.coords["item"])
        ),
    )  # fmt: skip


def _per_capita(view: View) -> str:
    study = view.study

    def rows() -> Iterable[Sequence[object]]:
        for name, values in study.per_capita.items():
            c = view.find(name, households=True, denominator=OWN, gas="GHG")
            for k, region in enumerate(study.regions):
                yield (
                    name, region, exact(values[k]), "t CO2e per person", "with households",
                    exact(study.population[k]), "; ".join(c.estimated) if c else "",
                    "; ".join(c.editions) if c else "",
                )  # fmt: skip

    return csv_text(
        ("principle", "region", "value", "unit", "boundary", "population", "estimated",
         "editions"),
        rows(),
    )  # fmt: skip
