"""The full spectrum in the terminal: two short tables, each scope in a column of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mriocarbon.report import text as t
from mriocarbon.report.adjustments_screen import Block
from mriocarbon.report.adjustments_view import View
from mriocarbon.report.spectrum_view import ASSUMED, own_row, scope_shown, scopes_with, shown
from mriocarbon.studies.spectrum import LETTERS, MAIN, YEAR, FullSpectrum

SHORT = {"managed land": "managed land", "land-use change": "land use", "biosphere": "biosphere"}


def lines(view: View) -> Iterator[tuple[Block, str]]:
    """Yield the tables, and what is to be said below each."""
    for found in [shown(view)]:  # the natural side of another gas is in the report
        regions = [r for r in found.regions if r in view.study.regions]
        co2 = found.gas == "CO2"
        heads = [
            f"({LETTERS[s]}){'' if co2 or s == 'managed land' else ' CO2'}\n{SHORT[s]}"
            for s in MAIN
        ]
        body = [
            [region, *_accounts(found, region), *(_scope(found, s, region) for s in MAIN)]
            for region in regions
        ]
        title = f"Natural carbon beside the accounts, {found.unit}, with 95 % half-widths"
        header = ["region", "\nproduction", "\nconsumption", *heads]
        yield (
            Block(t.nice(title), header, body, 1),
            "Positive to the air. (a), (b), (c) overlap: never added to one another, and never"
            f" netted above. Of the half-widths {ASSUMED}. Years other than 2022, countries missing"
            " from a sum, other models and (d) single processes are in the report (--out)."
            + ("" if co2 else " (a) holds CO2, CH4 and N2O where all are there.")
            + _own_rows(found, regions),
        )
        if found.sums:
            yield _percent(found, [r for r in regions if r in view.shown])


def _accounts(found: FullSpectrum, region: str) -> list[str]:
    k = found.regions.index(region)
    return [
        _pm(float(side.value[k]), float(side.low[k]), side.estimated)
        for side in (found.production, found.consumption)
    ]


def _scope(found: FullSpectrum, scope: str, region: str) -> str:
    one = scope_shown(found, scope, region)
    return _pm(one.value, one.low, one.estimated) if one else "n/a "


def _own_rows(found: FullSpectrum, regions: list[str]) -> str:
    """What a source itself gives for a group, where that is not the sum of its countries."""
    mains = [(r, s, found.main(s, r)) for r in regions for s in MAIN]
    told = [
        f" {region} ({LETTERS[scope]}), {own_row(found, one)}."
        for region, scope, one in mains
        if one is not None and found.beside(one) is not None
    ]
    return "".join(told)


def _pm(value: float, low: float, estimated: object) -> str:
    digits = min(t.decimals(value, 2), 1)
    half = f"±{t.number(value - low, digits)}" if math.isfinite(low) else ""
    mark = t.DAGGER if estimated else " "
    return f"{t.number(value, digits)}{half}{mark}"


def _percent(found: FullSpectrum, regions: list[str]) -> tuple[Block, str]:
    rows = []
    scopes = scopes_with(found)
    for region in regions:
        k = found.regions.index(region)
        alone = (found.percent, found.percent_low, found.percent_high)
        ends: list[tuple[float, ...]] = [tuple(float(a[k]) for a in alone)]
        for scope in scopes:
            one = found.sum_with(scope, region)
            assert one is not None
            ends.append((one.percent, one.percent_low, one.percent_high))
        rows.append([region, *(_told(*e) for e in ends)])
    header = ["", "\nwithout", *(f"with ({LETTERS[s]})\n{SHORT[s]}" for s in scopes)]
    title = (
        f"{found.gas}{t.DAGGER}: (consumption − production) / production, %, with one scope or none"
    )
    return Block(title, header, rows, 1), (
        f"The scope is added to both sides: only the denominator moves. {YEAR}, with households;"
        " 95 % intervals of a ratio of normal quantities (Fieller), without a scope too. n/a: a"
        " country has no figure, or production is, or may be, zero or below."
    )


def _told(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return "n/a "
    ends = f" {t.span(low, high).replace(' to ', '…')}" if math.isfinite(low) else ""
    return f"{t.percent(value)}{ends}"
