"""Numbers that are not written as such: circled digits, Roman numerals, dozens, "F15000 Mt"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from mriocarbon.agents import grounding_units as units
from mriocarbon.agents.grounding_units import NONE

FORMAL = str.maketrans("壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億", "一二二三三四五六六七八九十百千万亿")
"""Chinese numerals of cheques and contracts, as the plain ones."""

_SIGNS = re.compile(
    "[\u00bc-\u00be\u2150-\u2189\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3229"
    "\u3251-\u325f\u3280-\u3289\u32b1-\u32bf]{1,12}"
)
_ROMAN = re.compile(r"(?<![A-Za-z\d-])[MDCLXVI]{2,12}(?![A-Za-z\d])")
_ROMAN_VALUE = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_DOZEN = re.compile(
    r"\b(?:(?P<n>half an?|an?|two|three|four|five|six|seven|eight|nine|ten|several|few|some|many)"
    r"[ -])?(?P<what>dozens?)\b|\b(?P<score>two|three|four|five|six|seven|eight|nine)[ -]?score\b"
    r"|\bscores of\b",
    re.IGNORECASE,
)
_WORDS = {"two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0,
          "eight": 8.0, "nine": 9.0, "ten": 10.0, "half a": 0.5, "half an": 0.5}  # fmt: skip
_STUCK = re.compile(r"(?<=[A-Za-z])(?:\d{1,3}(?:,\d{3})+|\d{3,})(?:\.\d+)?(?![\d,.]*\d)")


def odd(flat: str) -> Iterator[tuple[int, int, float]]:
    """Yield place and value of each; what only may be a number only where a unit follows it.

    Examples
    --------
    >>> list(odd("①③ Gt, MCCC Mt, a dozen Gt, F15000 Mt"))
    [(0, 2, 13.0), (7, 11, 1300.0), (16, 23, 12.0), (29, 34, 15000.0)]
    """
    found = []
    for match in _SIGNS.finditer(flat):
        value = 0.0
        for sign in match[0]:
            one = unicodedata.numeric(sign, 0.0)
            value = value * 10 + one if one < 10 else value * 100 + one
        found.append((*match.span(), value))
    for match in _ROMAN.finditer(flat):
        if units.after(flat, match.end())[0].base != NONE:
            values = [_ROMAN_VALUE[c] for c in match[0]]
            total = sum(
                -v if v < max(values[k:]) else v for k, v in enumerate(values)
            )  # fmt: skip
            found.append((*match.span(), float(total)))
    for match in _DOZEN.finditer(flat):
        times = _WORDS.get((match["n"] or match["score"] or "").lower(), 1)
        found.append((*match.span(), (12.0 if match["what"] else 20.0) * times))
    for match in _STUCK.finditer(flat):
        unit, _ = units.after(flat, match.end())
        if unit.base in units.MASSES:
            found.append((*match.span(), float(match[0].replace(",", ""))))
    yield from sorted(found)
