"""How numbers of a carbon footprint are told: one unit, a few figures, words for shares."""

from __future__ import annotations

import math
import re

from mriocarbon.lca.study import Assessment
from mriocarbon.report import text as t
from mriocarbon.report.sector_names import sector_name

DASH = "–"
UNKNOWN = "unknown"
STATUS = {"pass": "met", "warn": "see note", "fail": "not met", "skipped": "not checked"}
"""What a status is called on a page."""


class View:
    """An assessment with the way its numbers are told.

    The unit is kg CO2e, or t where the result is 10 t or more; all amounts of one page have it.
    """

    def __init__(self, found: Assessment) -> None:
        self.found = found
        size = abs(found.total)
        spread = found.interpretation.spread
        if spread is not None:
            size = max(size, abs(spread.low), abs(spread.high))
        self.scale, self.unit = (1e-3, "t CO2e") if size >= 1e4 else (1.0, "kg CO2e")
        if 0 < size < 1e-2:
            self.scale, self.unit = 1e3, "g CO2e"
        self.digits = t.decimals(size * self.scale, 4) if size else 1

    @property
    def product(self) -> str:
        """The functional unit in words."""
        unit = self.found.study.scope.functional_unit
        return f"{plain(unit.amount)} {unit.unit} {unit.product}"

    def amount(self, kg: float | None, *, sign: bool = False) -> str:
        """Return kg CO2e in the unit of the page, without it."""
        if kg is None or not math.isfinite(kg):
            return UNKNOWN
        value = kg * self.scale
        if abs(kg) <= 1e-9 * abs(self.found.total):
            value = 0.0  # rounding of the solve
        digits = self.digits
        if value and abs(value) < 0.5 * 10.0**-digits:
            digits = min(12, t.decimals(value, 2))
        text = t.number(value, digits)
        return f"+{text}" if sign and value > 0 else text

    def between(self, low: float, high: float) -> str:
        """Return an interval."""
        return f"{self.amount(low)} to {self.amount(high)}"

    def share(self, value: float | None) -> str:
        """Return a share in percent, without the sign."""
        return percent(value)


def named(name: str) -> str:
    """Return the name of a process or number with the code of an industry of the table in words.

    Examples
    --------
    >>> named("B07, AUS [table]"), named("mill"), named("mill: B07, AUS [table]")
    ('Metal ores, AUS [table]', 'mill', 'mill: Metal ores, AUS [table]')
    """
    if "[table]" not in name:
        return name
    return re.sub(
        r"\b([A-Z]\d{2}\w*|[A-Z])(?=,| as bought| \[table)",
        lambda m: sector_name(m[1], "oecd-icio-2022"), name,
    )  # fmt: skip


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share as percent without the sign.

    Examples
    --------
    >>> percent(0.1234), percent(-0.00001), percent(None)
    ('12.3', '0.0', '–')
    """
    return DASH if share is None else t.number(100 * share, digits)


def plain(value: float) -> str:
    """Return a number as one writes it by hand.

    Examples
    --------
    >>> plain(1.0), plain(12500.0), plain(0.00012), plain(-3.5)
    ('1', '12,500', '0.00012', '−3.5')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "n/a"
    if abs(value) >= 1e15 or abs(value) < 1e-6:
        return f"{value:.3g}".replace("-", t.MINUS)
    text = f"{value:,.{t.decimals(value, 4)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", t.MINUS)
