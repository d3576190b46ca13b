"""What the pages of an audit say about its lines: names, merged rows, figures as read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from mriocarbon.cbam.codes import spaced
from mriocarbon.cbam.results import Aggregate, Audit, Comparison, Interval, Line
from mriocarbon.report import text as t

SECTORS = {
    "iron_steel": "Iron and steel",
    "aluminium": "Aluminium",
    "cement": "Cement",
    "fertilisers": "Fertilisers",
    "hydrogen": "Hydrogen",
}
VERDICTS = {
    "over": "overstates",
    "under": "understates",
    "not biased": "not biased",
    "inconclusive": "undecided",
    "no reference": "no reference",
    "excluded": "excluded",
}
KINDS = {
    "mrio": "MRIO",
    "process": "process model",
    "published": "published",
    "user": "own data",
}
DASH = "–"


@dataclass(frozen=True)
class Row:
    """Lines that share value and reference and are drawn as one row.

    Attributes
    ----------
    number : int
        Counted through the page.
    lines : tuple of Line
    """

    number: int
    lines: tuple[Line, ...]

    @property
    def first(self) -> Line:
        """The line that stands for all."""
        return self.lines[0]

    @property
    def main(self) -> Comparison:
        """The comparison that all lines of the row share."""
        main = self.first.main
        assert main is not None  # only compared lines make rows
        return main

    @property
    def name(self) -> str:
        """The first code, and how many more there are."""
        more = len(self.lines) - 1
        return line_name(self.first) + (f" +{more}" if more else "")

    @property
    def codes(self) -> str:
        """All codes of the row in short."""
        return codes(self.lines)


@dataclass(frozen=True)
class View:
    """An audit as the pages read it."""

    audit: Audit

    @cached_property
    def compared(self) -> tuple[Line, ...]:
        """The lines with a verdict from references, in the order of the page."""
        return tuple(line for line in self.ordered if line.main is not None)

    @cached_property
    def ordered(self) -> tuple[Line, ...]:
        """All lines by sector, CN heading and route."""
        return tuple(sorted(self.audit.lines, key=_order))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Compared lines of a sector that share value and reference, merged."""
        found: dict[object, list[Line]] = {}
        for line in self.compared:
            found.setdefault(_same(line), []).append(line)
        return tuple(Row(k, tuple(v)) for k, v in enumerate(found.values(), start=1))

    @cached_property
    def row_of(self) -> Mapping[int, int]:
        """Return id of a line -> number of its row."""
        return {id(line): row.number for row in self.rows for line in row.lines}

    @cached_property
    def by_sector(self) -> Mapping[str, tuple[Row, ...]]:
        """The rows of every sector that has some, in the order of the page."""
        return {
            sector: tuple(group)
            for sector, group in groupby(self.rows, key=lambda r: r.first.value.sector)
        }

    @cached_property
    def counts(self) -> Counter[str]:
        """How many lines have each verdict, before mark-up."""
        return Counter(line.verdict for line in self.audit.lines)

    @cached_property
    def marked_counts(self) -> Counter[str]:
        """How many lines have each verdict, after mark-up."""
        return Counter(line.marked_verdict for line in self.audit.lines)

    def aggregate(self, basis: str, group: str = "") -> Aggregate | None:
        """Return the aggregate of a group (the one of all lines if none is named)."""
        found = [a for a in self.audit.aggregates if a.basis == basis]
        if group:
            return next((a for a in found if _key(a.group) == _key(group)), None)
        return max(found, key=lambda a: a.lines, default=None)

    @cached_property
    def markups(self) -> str:
        """The mark-ups of the audit's year in words: '10 %, fertilisers 1 %'."""
        rates: dict[Decimal, list[str]] = {}
        for line in self.ordered:
            kept = rates.setdefault(line.value.markup, [])
            if line.value.sector not in kept:
                kept.append(line.value.sector)
        ranked = sorted(rates.items(), key=lambda item: -len(item[1]))
        if not ranked:
            return "no mark-up"
        text = rate(ranked[0][0])
        others = [
            f"{t.listing([sector(s).lower() for s in sectors])} {rate(value)}"
            for value, sectors in ranked[1:]
        ]
        return text + (f", {', '.join(others)}" if others else "")

    @cached_property
    def missing(self) -> list[tuple[str, str, list[Line]]]:
        """Return (kind, reason, lines) of every reference that could not be made."""
        found: dict[tuple[str, str], list[Line]] = {}
        for line in self.ordered:
            for gap in line.missing:
                found.setdefault((gap.kind, gap.reason), []).append(line)
        return [(kind, reason, lines) for (kind, reason), lines in sorted(found.items(), key=_most)]

    @cached_property
    def unjudged(self) -> list[tuple[str, list[Line]]]:
        """Return (reason, lines) of the lines without a comparison."""
        found: dict[str, list[Line]] = {}
        for line in self.ordered:
            if line.main is None:
                found.setdefault(line.why or line.verdict, []).append(line)
        return sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))


def _most(item: tuple[tuple[str, str], list[Line]]) -> tuple[int, tuple[str, str]]:
    return -len(item[1]), item[0]


def _key(group: str) -> str:
    return group.lower().replace("_", " ").replace(" and ", " ")


def _order(line: Line) -> tuple[int, str, str, str]:
    value = line.value
    names = list(SECTORS)
    place = names.index(value.sector) if value.sector in names else len(names)
    return place, value.cn, value.route, value.description


def _same(line: Line) -> object:
    main = line.main
    assert main is not None
    r = main.reference
    return (
        line.value.sector, line.value.total, line.value.marked_up, line.value.route,
        *(f"{x:.6g}" for x in (r.value, r.low, r.high)), line.verdict, line.marked_verdict,
        line.kinds,
    )  # fmt: skip


def sector(name: str) -> str:
    """Return the name of a sector as read; a group that is no sector keeps its name."""
    return SECTORS.get(name, t.capital(name).replace("_", " "))


def line_name(line: Line) -> str:
    """Return code and route of a line."""
    return spaced(line.cn) + (f" ({line.value.route})" if line.value.route else "")


def codes(lines: Iterable[Line], limit: int = 0) -> str:
    """Return the codes of lines in short: the heading once, then what differs below it.

    With `limit`, at most so many codes and how many more.
    """
    names = list(dict.fromkeys((line.cn, line.value.route) for line in lines))
    shown = names[:limit] if limit and len(names) > limit + 1 else names
    routes = {route for _, route in names}
    one = next(iter(routes)) if len(routes) == 1 and len(names) > 1 else ""
    parts = []
    for heading, group in groupby(shown, key=lambda name: name[0][:4]):
        inside = [
            spaced(cn)[5:] + (f" ({route})" if route and not one else "") for cn, route in group
        ]
        parts.append(f"{heading} {', '.join(x.strip() for x in inside if x)}".strip())
    left = len(names) - len(shown)
    return "; ".join(parts) + (f" and {left} more" if left else "") + (f" ({one})" if one else "")


def kind(name: str) -> str:
    """Return the kind of a reference as read; 'mrio+process' names both."""
    return " + ".join(KINDS.get(part, part) for part in name.split("+"))


def rate(value: Decimal) -> str:
    """Return a share as a percentage without idle zeros.

    Examples
    --------
    >>> rate(Decimal("0.10"))
    '10 %'
    """
    return f"{float(100 * value):g} %"


def tonnes(value: float | Decimal | None) -> str:
    """Return t CO2e/t: three decimals for the law's own values, else three digits."""
    if value is None:
        return DASH
    if isinstance(value, Decimal):
        return f"{value:,.3f}"
    if not math.isfinite(value):
        return DASH
    digits = 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    return t.number(value, digits)


def between(interval: Interval | None, digits: int = 0) -> str:
    """Return the interval of a bias, in percent."""
    if interval is None or not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return ""
    return f"{percent(interval.low, digits)} to {percent(interval.high, digits)}"


def percent(value: float, digits: int = 0) -> str:
    """Return a relative bias in percent with its sign, without the sign of percent."""
    return t.percent(100 * value, digits) if math.isfinite(value) else DASH


def share(value: float, digits: int = 0) -> str:
    """Return a share in percent without a sign; only all is 100, and only none is 0.

    Examples
    --------
    >>> share(258 / 259), share(1.0), share(0.002), share(0.42), share(1 - 1e-7)
    ('99.6', '100', '0.2', '42', '>99.9')
    """
    if not math.isfinite(value):
        return DASH
    if 0 < value < 1:
        if not 0.001 <= value <= 0.999:
            return "<0.1" if value < 0.5 else ">99.9"
        if not 0.005 <= value <= 0.995:
            digits = max(digits, 1)
    return t.number(100 * value, digits)


def shares(interval: Interval | None) -> str:
    """Return the interval of a share, in percent."""
    if interval is None or not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return ""
    return f"{share(interval.low)} to {share(interval.high)}"


def probability(value: float) -> str:
    """Return a p-value.

    Examples
    --------
    >>> probability(0.0001), probability(0.0312), probability(0.9999)
    ('<0.001', '0.031', '>0.999')
    """
    if not math.isfinite(value):
        return DASH
    if value < 0.001:
        return "<0.001"
    return ">0.999" if value > 0.999 else f"{value:.3f}"


def estimated(comparison: Comparison) -> bool:
    """Whether anything behind a reference is assumed rather than sourced."""
    return bool(comparison.reference.assumed)


def short(text: str, signs: int) -> str:
    """Return text cut at a word, with an ellipsis.

    Examples
    --------
    >>> short("Hot-rolled products of iron", 20)
    'Hot-rolled products…'
    """
    if len(text) <= signs:
        return text
    return text[:signs].rsplit(" ", 1)[0].rstrip(" ,;:(") + "…"
