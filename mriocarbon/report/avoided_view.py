"""A study of exported technology as a page sees it: numbers, names and choices in words."""

from __future__ import annotations

import math
from functools import lru_cache

from mriocarbon.avoided.amount import Amount
from mriocarbon.avoided.exports import UNKNOWN
from mriocarbon.avoided.payback import Payback
from mriocarbon.report import text as t
from mriocarbon.studies.green_exports_2024 import GreenExports

__all__ = ["MARGIN_WORDS", "View", "figures", "gigawatts", "place", "span", "year_span", "years"]

UNIT = "Mt CO2e"
MARGIN_WORDS = {
    "average": "average factor", "combined": "combined margin", "operating": "operating margin",
}  # fmt: skip


class View:
    """What several parts of the page need of a study."""

    def __init__(self, study: GreenExports) -> None:
        self.study = study
        self.exporter = place(study.exports.exporter)
        self.year = study.exports.year
        self.period = study.exports.period
        self.first = study.headline("first year")
        self.life = study.headline("lifetime")
        self.margin = MARGIN_WORDS[study.margin]
        self.whole = study.rule == "all"

    @property
    def title(self) -> str:
        """Title of the page."""
        kinds = " and ".join(self.study.exports.technologies)
        return f"{t.capital(kinds)} technology exported by {self.exporter}, {self.period}"

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        s = self.study
        part = "" if self.whole else ", the exporter's part by share of value"
        when = f"{'from' if ' to ' in self.period else 'in'} {self.period}"
        return (
            f"The {s.scope} that {self.exporter} exported {when}"
            f" ({gigawatts(1e3 * self.gigawatts)}) avoid {figures(self.first.value)} {UNIT}"
            f" ({span(self.first)}) in a first full year and {figures(self.life.value)}"
            f" ({span(self.life)}) over their life at the {self.margin}{part}; their making emitted"
            f" {figures(s.made_main.value)} {UNIT} ({span(s.made_main)}) from cradle to gate."
        )

    @property
    def gigawatts(self) -> float:
        """Capacity of the main products."""
        made = self.study.made
        return sum(c.mw for c in made.capacities if c.product in self.study.main) / 1e3

    @property
    def payback(self) -> Payback:
        """Payback of the main products, by stages of manufacture."""
        return self.study.paybacks[self.study.scope, "process"]

    @property
    def bounds(self) -> str:
        """What of the scenarios is an upper bound, and why, in sentences."""
        found = self.study.scenarios
        operating = [s for s in found if s.margin == "operating"]
        above = [s for s in operating if "operating margin" not in s.bound]
        why = "as if no plant were ever built or closed because of the new one"
        if not above:
            told = f"The operating margin is an upper bound: {why}."
        else:
            names = "; ".join(f"{s.scope}, {s.horizon}" for s in above)
            told = (
                f"The operating margin is the upper bound of the two margins: {why}. It is none of"
                f" the average factor, which lies as high or above for {names}."
            )
        if any("cells and wafers" in s.bound for s in found):
            told += (
                " Cells and wafers are an upper bound: they become panels abroad, and part of these"
                " is exported again."
            )
        return told


def figures(value: float, digits: int = 3) -> str:
    """Return a number to three figures, with at least none and at most two decimals.

    Examples
    --------
    >>> figures(3160.8), figures(158.02), figures(2.106), figures(float("nan"))
    ('3,161', '158', '2.11', 'n/a')
    """
    if not math.isfinite(value):
        return "n/a"
    if value == 0:
        return "0"
    return t.number(value, min(max(0, digits - 1 - math.floor(math.log10(abs(value)))), 2))


def span(amount: Amount) -> str:
    """Return an interval.

    Examples
    --------
    >>> import numpy as np
    >>> span(Amount(2.0, np.array([1.0, 3.0])))
    '1.05 to 2.95'
    """
    return f"{figures(amount.low)} to {figures(amount.high)}"


def gigawatts(mw: float) -> str:
    """Return capacity in GW, or in MW where that is below one.

    Examples
    --------
    >>> gigawatts(237236.28), gigawatts(120.0)
    ('237.2 GW', '120 MW')
    """
    return f"{t.number(mw / 1e3, 1)} GW" if mw >= 1e3 else f"{figures(mw)} MW"


def year_span(p: Payback) -> str:
    """Return the interval of a payback, or once that there is none.

    Examples
    --------
    >>> from mriocarbon.avoided.payback import payback
    >>> year_span(payback(9.0, [1.0], made_draws=[9.0] * 2, by_year_draws=[[1.0]] * 2))
    'not within the lifetime'
    """
    low, high = years(p.low), years(p.high)
    return low if low == high and math.isinf(p.low) else f"{low} to {high}"


def years(value: float) -> str:
    """Return years to two decimals, or that there is no payback.

    Examples
    --------
    >>> years(0.654), years(float("inf"))
    ('0.65', 'not within the lifetime')
    """
    return "not within the lifetime" if math.isinf(value) else t.number(value, 2)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    from mriocarbon.datasets.database import database

    frame = database().table("regions")
    return dict(zip(frame["region"], frame["name"], strict=True))


def place(code: str) -> str:
    """Return the name of a destination.

    Examples
    --------
    >>> place("BRA"), place("destination not known")
    ('Brazil', 'destination not known')
    """
    return code if code == UNKNOWN else str(_names().get(code, code))
