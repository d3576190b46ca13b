"""Whether a printed number is a figure's value: rounding, sign, unit, which end of an interval."""

from __future__ import annotations

import math
import re

from mriocarbon.agents import grounding_units as units
from mriocarbon.agents.grounding_context import Scope
from mriocarbon.agents.grounding_numbers import Read
from mriocarbon.tools.types import Figure

ROUNDED = 0.025
"""How far trailing zeros may stand for rounding: 13,200 for 13,238.9, not 10,000."""
ROUNDED_ABOUT = 0.05
"""And where the text says "about", "over", "nearly"."""


def agrees(
    one: Read, value: float, by: float, figure: Figure, scope: Scope
) -> tuple[str, float | None]:
    """Return what is wrong with the sign, and how far the number is off; None if it is not it."""
    printed, half = one.value * by, one.half * by * (1 + 1e-9)
    if not math.isfinite(printed):
        return "", None
    limit = (ROUNDED_ABOUT if one.about else ROUNDED) * abs(value)
    loose = one.loose_half * by * (2 if one.side else 1)  # "nearly 13,300": up to a whole unit
    within = max(half, min(loose, limit)) + 1e-12 * abs(value)
    off = abs(printed - value)
    change = re.search(r"chang|differ|gap|growth|trend|变化|差", figure.quantity) is not None
    falls = _FALLS.search(scope.text) is not None
    wrong = ""
    if off > within:
        off = abs(printed + value)
        if off > within or value == 0:
            return "", None
        if value < 0 and printed > 0 and not one.signed and falls:
            value = -value
        else:
            wrong = f"wrong sign: the figure is {value:.6g} {figure.unit}"
    elif change and value > 0 and not one.signed and _FELL_BY.search(scope.before):
        wrong = f"wrong sign: the figure is {value:.6g} {figure.unit}"
    if one.side == "over" and value < printed - half:
        return f"it is not more than that: {value:.6g} {figure.unit}", off
    if one.side == "under" and value > printed + half:
        return f"it is not less than that: {value:.6g} {figure.unit}", off
    if off <= half and value == figure.value and _BOUND.search(scope.before[-60:]):
        return f"it is that, neither more nor less: {value:.6g} {figure.unit}", off
    return wrong, off


_BOUND = re.compile(
    r"(?:\b(?:less|more|fewer|greater|higher|lower|larger|smaller) than|\bat (?:least|most)|\bunder"
    r"|\bover|\bbelow|\babove|\bbeyond|\bexceed(?:s|ed|ing)?|大于|小于|超过|不到|低于|高于|多于|少于"
    r"|至少|至多|最多|不足)\s*(?:the |a |some |about |around |约)?$",
    re.I,
)
_FALLS = re.compile(
    r"\b(?:fell|fall(?:s|en)?|drop|declin|decreas|reduc|lower|less|below|fewer|smaller|sink|absor|remov|uptake"
    r"|sequest|stor(?:es|ed)|net import|deficit|sav(?:es|ed|ing)|negative|cut)|减|降|低于|少|吸收"
    r"|汇|净进口|负"
    r"|逆差",
    re.IGNORECASE,
)
_FELL_BY = re.compile(
    r"(?:\b(?:fell|fallen|falls|dropp?e?d?|declined|decreased|reduced|lower|cut)\b(?: \w+){0,2} by"
    r"|减少了?|下降了?"
    r"|降低了?)\s*(?:about |约)?$",
    re.IGNORECASE,
)
_INTERVAL = re.compile(
    r"interval|\brange|\bCI\b|confiden|\blow(?:er|est)?\b|\bupper\b|\bhigh(?:er|est)?\b|bound"
    r"|between|at least|at most"
    r"|uncertain|区间|范围|下限|上限|置信|最低|最高|介于|不确定|\bend\b|\bmin|\bmax",
    re.IGNORECASE,
)
_LOW = re.compile(r"\blow(?:er|est)?\b|at least|\bmin\w*|下限|最低", re.IGNORECASE)
_HIGH = re.compile(r"\bupper\b|\bhigh(?:er|est)?\b|at most|up to|\bmax\w*|上限|最高", re.IGNORECASE)


def wrong_end(end_of: str, scope: Scope) -> str:
    """Return why a number cannot be this end of an interval, or nothing."""
    if not _INTERVAL.search(scope.near):
        end = "lower" if end_of == "low" else "upper"
        return f"it is the {end} end of the interval, not the value"
    near = scope.before[-60:]
    lows, highs = list(_LOW.finditer(near)), list(_HIGH.finditer(near))
    said = ""
    if lows or highs:
        last_low = lows[-1].end() if lows else -1
        last_high = highs[-1].end() if highs else -1
        said = "low" if last_low > last_high else "high"
    if said and said != end_of:
        return f"it is the {'lower' if end_of == 'low' else 'upper'} end of the interval"
    return ""


def same(a: Figure, b: Figure) -> bool:
    """Return whether two figures are one number twice: same value and no label against another."""
    if a.value is None or b.value is None:
        return False
    by = units.conversion(units.parsed(a.unit)[0], b.unit) if a.unit != b.unit else 1.0
    close = math.isclose(a.value * (by or math.nan), b.value, rel_tol=1e-9)
    return close and all(b.labels.get(key, value) == value for key, value in a.labels.items())


def far(one: Read, figure: Figure) -> float:
    """Return how far a number is from a figure's value, in the figure's unit."""
    by = units.conversion(one.unit, figure.unit)
    return abs(one.value * by - (figure.value or 0.0)) if by else math.inf
