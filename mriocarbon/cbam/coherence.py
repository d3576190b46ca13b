"""What the default values say of one another, without any outside estimate.

Nothing here is an independent reference: other countries' values and those of the transitional
period come from the same sources as the audited ones. A finding tells that figures do or do not
hang together, not which of them is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from statistics import median

from mriocarbon.cbam.annex import BY_ROUTE, SUM_TOLERANCE, THREE, annex
from mriocarbon.cbam.benchmarks import precursor_highest
from mriocarbon.cbam.codes import covers, spaced
from mriocarbon.cbam.corrections import Corrections
from mriocarbon.cbam.defaults import DefaultValue, default_value, defaults_of
from mriocarbon.cbam.origins import OTHER, Origin
from mriocarbon.cbam.origins import origin as find_origin
from mriocarbon.errors import MriocarbonError

CHAINS = (
    ("pig iron to ingot", "7201", "72061000"),
    ("ingot to slab", "72061000", "72071210"),
    ("ingot to forged semi-finished product", "72061000", "72071290"),
    ("slab to hot-rolled sheet", "72071210", "7208"),
    ("hot-rolled to cold-rolled sheet", "7208", "7209"),
    ("cold-rolled to coated sheet", "7209", "7210"),
    ("hot-rolled sheet to welded tube", "7208", "73063077"),
    ("hot-rolled sheet to structures", "7208", "7308"),
    ("wire rod to coach screws", "7213", "73181100"),
    ("wire rod to threaded screws and bolts", "7213", "731815"),
    ("unwrought aluminium to sheet", "7601", "7606"),
    ("unwrought aluminium to bars", "7601", "76041010"),
    ("sheet to foil", "7606", "7607"),
    ("grey clinker to grey Portland cement", "25231000", "25232900"),
    ("ammonia to urea", "28141000", "31021019"),
    ("nitric acid to ammonium nitrate", "28080000", "31023090"),
)
"""A precursor and what is made of it: with a yield below one and emissions of its own a product
cannot lie below the mass of precursor in it."""
CONTENT = {
    ("28141000", "31021019"): Decimal("0.57"),
    ("28080000", "31023090"): Decimal("0.79"),
    ("25231000", "25232900"): Decimal("0.95"),
}
"""Tonnes of precursor in a tonne of product where that is less than one (stoichiometry; clinker:
EN 197-1, CEM I, at least 95 %; other cements hold less)."""
STEEP = Decimal("1.5")
"""A product beyond this many times its precursor is pointed out."""
SHARED_BY = 5


@dataclass(frozen=True, slots=True)
class CoherenceFinding:
    """One comparison of default values with one another.

    Attributes
    ----------
    rule : str
    cn, against : str
        The code, and what it was held against: another code, or in words.
    value, other : Decimal or None
    text : str
    passed : bool or None
        None where the rule informs and does not judge.
    """

    rule: str
    cn: str
    against: str
    value: Decimal | None
    other: Decimal | None
    text: str
    passed: bool | None


def coherence(
    origin: str | Origin,
    *,
    year: int = 2026,
    vintage: str = "2025/2621",
    corrections: Corrections | None = None,
) -> tuple[CoherenceFinding, ...]:
    """Return what an origin's default values say of one another.

    Parameters
    ----------
    origin : str
    year : int
    vintage : str
        Of the transitional values (``"2023"``: one table for all origins) only the sums and what
        lies below one heading can be compared.
    corrections : Corrections, optional

    Returns
    -------
    tuple of CoherenceFinding

    Examples
    --------
    >>> found = {f.against: f for f in coherence("CHN") if f.cn == "7308" and f.rule == "chain"}
    >>> found["7208"].value, found["7208"].other, found["7208"].passed
    (Decimal('6.035'), Decimal('3.187'), True)
    """
    place = find_origin(origin)
    values = defaults_of(place, year=year, vintage=vintage, corrections=corrections)
    if vintage == "2023":
        return (*_sums(values), *_siblings(values))
    return (
        *_chains(place, year, corrections),
        *_sums(values),
        *_markups(values),
        *_siblings(values),
        *_shared(place, values),
        *_medians(place, values),
        *_unknown_origin(values),
        *_transitional(values),
    )


def _look(
    cn: str, place: Origin, year: int, corrections: Corrections | None
) -> DefaultValue | None:
    route = "A" if cn == "25231000" else None
    try:
        return default_value(cn, origin=place, year=year, route=route, corrections=corrections)
    except MriocarbonError:
        return None


def _chains(place: Origin, year: int, corrections: Corrections | None) -> list[CoherenceFinding]:
    found = []
    for name, before, after in CHAINS:
        a, b = (_look(cn, place, year, corrections) for cn in (before, after))
        if a is None or b is None or a.total is None or b.total is None:
            continue
        low = (a.total * CONTENT.get((before, after), Decimal(1))).quantize(THREE)
        ratio = b.total / a.total
        if b.total < low:
            text = f"the product lies below its precursor's part in it ({low})"
        elif ratio > STEEP:
            text = f"the product is {ratio:.2f} times its precursor: a steep step"
        else:
            text = f"the product is {ratio:.2f} times its precursor"
        if a.origin_used != b.origin_used:
            text += "; one of the two is the value of other countries"
        found.append(
            CoherenceFinding(
                "chain", after, before, b.total, a.total, f"{name}: {text}", b.total >= low
            )
        )
    return found


def _sums(values: tuple[DefaultValue, ...]) -> list[CoherenceFinding]:
    off = [
        v
        for v in values
        if v.total is not None
        and v.direct is not None
        and abs(v.direct + (v.indirect or 0) - v.total) > SUM_TOLERANCE
    ]
    checked = sum(v.total is not None and v.direct is not None for v in values)
    if not off:
        text = f"direct and indirect add up to the total within 0.011 in all {checked} rows"
        return [CoherenceFinding("sum", "", "direct + indirect", None, None, text, True)]
    return [
        CoherenceFinding(
            "sum", v.cn, "direct + indirect", v.total, (v.direct or Decimal(0)) + (v.indirect or 0),
            "direct and indirect miss the total by more than 0.011", False,
        )
        for v in off
    ]  # fmt: skip


def _markups(values: tuple[DefaultValue, ...]) -> list[CoherenceFinding]:
    found, rounding, checked = [], 0, 0
    for v in values:
        if v.total is None or v.marked_up is None:
            continue
        checked += 1
        again = (v.total * (1 + v.markup)).quantize(THREE, "ROUND_HALF_UP")
        apart = abs(again - v.marked_up)
        if apart == THREE:
            rounding += 1
        elif apart:
            text = f"the annex's marked-up value is not the total with {v.markup:%} on top"
            found.append(
                CoherenceFinding(
                    "mark-up", v.cn, "total x mark-up", v.marked_up, again, text, False
                )
            )
    if not found:
        text = (
            f"the marked-up values are the totals with the mark-up in all {checked} rows,"
            f" {rounding} of them within the 0.001 of rounding twice"
        )
        found.append(CoherenceFinding("mark-up", "", "total x mark-up", None, None, text, True))
    return found


def _siblings(values: tuple[DefaultValue, ...]) -> list[CoherenceFinding]:
    """Point out headings below which like goods have values far apart."""
    groups: dict[str, list[DefaultValue]] = {}
    for v in values:
        if v.total:
            groups.setdefault(v.cn[:4], []).append(v)
    found = []
    for heading, members in groups.items():
        low = min(members, key=lambda v: v.total or 0)
        high = max(members, key=lambda v: v.total or 0)
        if low.total and high.total and high.total > 2 * low.total:
            found.append(
                CoherenceFinding(
                    "siblings", high.cn, low.cn, high.total, low.total,
                    f"heading {heading}: {spaced(high.cn)} ({high.description[:40]}) is"
                    f" {high.total / low.total:.2f} times {spaced(low.cn)}"
                    f" ({low.description[:40]})", None,
                )
            )  # fmt: skip
    return found


@lru_cache(maxsize=1)
def _everywhere() -> dict[tuple[str, Decimal], tuple[str, ...]]:
    """(cn, total) -> the countries whose own table shows that value."""
    found: dict[tuple[str, Decimal], list[str]] = {}
    for iso3, rows in annex().items():
        if iso3 == OTHER:
            continue
        for row in rows:
            if row.total is not None:
                found.setdefault((row.cn, row.total), []).append(iso3)
    return {key: tuple(dict.fromkeys(places)) for key, places in found.items()}


def _shared(place: Origin, values: tuple[DefaultValue, ...]) -> list[CoherenceFinding]:
    found = []
    for v in values:
        if v.total is None or v.is_fallback:
            continue
        others = [c for c in _everywhere().get((v.cn, v.total), ()) if c != place.iso3]
        if len(others) >= SHARED_BY:
            shown = ", ".join(others[:6]) + (", ..." if len(others) > 6 else "")
            found.append(
                CoherenceFinding(
                    "shared value", v.cn, f"{len(others)} other countries", v.total, v.total,
                    f"the same figure stands for {len(others)} other countries ({shown}):"
                    " an estimate for a group, not for one country", None,
                )
            )  # fmt: skip
    return found


@lru_cache(maxsize=1)
def _by_row() -> dict[tuple[str, str], tuple[tuple[str, Decimal], ...]]:
    """(cn, route) -> (country, total) of every country's own table."""
    found: dict[tuple[str, str], list[tuple[str, Decimal]]] = {}
    for iso3, rows in annex().items():
        if iso3 == OTHER:
            continue
        for row in rows:
            if row.total is not None and not row.defect:
                found.setdefault((row.cn, row.variant), []).append((iso3, row.total))
    return {key: tuple(values) for key, values in found.items()}


def _medians(place: Origin, values: tuple[DefaultValue, ...]) -> list[CoherenceFinding]:
    found = []
    for v in values:
        if v.total is None or v.is_fallback:
            continue
        others = [x for iso3, x in _by_row().get((v.cn, v.route), ()) if iso3 != place.iso3]
        if len(others) < SHARED_BY:
            continue
        middle = Decimal(median(others))
        side = "above" if v.total > middle else "below" if v.total < middle else "at"
        route = f" of route {v.route}" if v.route else ""
        found.append(
            CoherenceFinding(
                "median of others", v.cn, f"{len(others)} other countries{route}", v.total, middle,
                f"{side} the median of {len(others)} other countries' values{route} (coherence:"
                " the same source, not independent)", None,
            )
        )  # fmt: skip
    return found


def _unknown_origin(values: tuple[DefaultValue, ...]) -> list[CoherenceFinding]:
    """Hold the values against Annex IV, which is to be the highest of all countries."""
    found, checked = [], 0
    for v in values:
        by_route = v.cn in BY_ROUTE
        highest = _highest(v.cn, v.route if by_route else None)
        if highest is None:
            continue
        checked += 1
        if v.total is not None and v.total > highest:
            found.append(
                CoherenceFinding(
                    "annex IV", v.cn, "highest value, Annex IV", v.total, highest,
                    "above the value of Annex IV for goods of unknown origin, which is to be the"
                    " highest of all countries", False,
                )
            )  # fmt: skip
    if not found and checked:
        text = f"none of {checked} rows lies above the value of Annex IV for unknown origin"
        found.append(CoherenceFinding("annex IV", "", "highest value", None, None, text, True))
    return found


@lru_cache(maxsize=4096)
def _highest(cn: str, route: str | None) -> Decimal | None:
    try:
        return precursor_highest(cn, route=route).highest
    except MriocarbonError:
        return None


@lru_cache(maxsize=1)
def _world() -> dict[str, Decimal | None]:
    """Transitional value, direct, by code of eight digits: one for all origins."""
    return {v.cn: v.direct for v in defaults_of(OTHER, vintage="2023")}


@lru_cache(maxsize=1024)
def _before(heading: str) -> Decimal | None:
    """Return the transitional value of a heading; None where those below it differ."""
    below = {value for cn, value in _world().items() if covers(heading, cn)}
    return below.pop() if len(below) == 1 else None


def _transitional(values: tuple[DefaultValue, ...]) -> list[CoherenceFinding]:
    found = []
    for v in values:
        before = _before(v.cn)
        if before and v.direct is not None:
            found.append(
                CoherenceFinding(
                    "transitional", v.cn, "transitional value, direct", v.direct, before,
                    f"{v.direct / before:.2f} times the world-wide value of 2023 to 2025", None,
                )
            )  # fmt: skip
    return found
