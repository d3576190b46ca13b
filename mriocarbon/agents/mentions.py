"""Countries and years that a question names, and which way the goods between two countries go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mriocarbon.agents.answer import Option
from mriocarbon.model.labels import fold
from mriocarbon.tools import resolve

_LONGEST = 6  # words of a name
_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = r"[^\W_\u3400-\u9fff]"
_TOKEN = re.compile(rf"{_LETTER}+(?:[.'’-]{_LETTER}+)*\.?|[\u3400-\u9fff]")
YEAR = re.compile(r"(?<![\d.,-])(?:19|20)\d\d(?![\d%])(?!\s?(?:Mt|kt|Gt|t|kg|million|billion)\b)")
_SOME = re.compile(
    r"\b(?:g7|g20|brics|asean|oecd|opec|countries|nations|regions|members|neighbou?rs|each|every|"
    r"all|top|largest|biggest|highest|lowest|most|partners?|rank\w*|others?|rest)\b|金砖|东盟|"
    r"各国|国家|地区|所有|最大|最高|最低|前\s?\d|排名|伙伴|其他|其余|哪",
    re.IGNORECASE,
)
QUOTED = re.compile(r"<(\w+)[^>]*>.*?</\1>|<[^>]*>", re.DOTALL)
"""What stands between tags is no question."""
STANDS_FOR = re.compile(
    r"\b(?:it|its|this|that|they|them|their|those|these|same|such)\b|它|其(?!他)|这|该|两国|两者",
    re.IGNORECASE,
)
"""Words that stand for what was spoken of before."""
SHOUTED = ("AND", "ARE", "CPV", "EST", "IOT", "LCA", "MAR", "PER", "TON", "VAT")
"""Codes of countries that are more often words, or short for others, when written large."""
_OUT = re.compile(
    r"(?:\bfrom|\bout of|\b(?:emitted|produced|made|generated) (?:in|by)|"
    r"\bexport\w* (?:of|by)|从|自|来自|由)(?: the)?\s*$", re.IGNORECASE,
)  # fmt: skip
_IN = re.compile(
    r"(?:\bto|\binto|\btowards?|\bconsum\w+ (?:in|by|of)|\bimport\w* (?:of|by|into)|->|→|"
    r"\bdemand (?:in|of)|到|至|向|对|往|流向)(?: the)?\s*$", re.IGNORECASE,
)  # fmt: skip
_EITHER = re.compile(r"对.{1,12}进口|between", re.IGNORECASE)
_OUT_AFTER = re.compile(r"^(?:['’]s?|'s)?\s*(?:exports?\b|出口|流向|向|对|→|->)", re.IGNORECASE)
_IN_AFTER = re.compile(r"^(?:['’]s?|'s)?\s*(?:imports?\b|进口|从|自)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A country in a text: where, and its code."""

    start: int
    end: int
    code: str


@lru_cache(maxsize=4096)
def _exact(text: str) -> str | None:
    """Return the code of a country that a text is a name of, exactly; None otherwise."""
    folded = fold(text)
    letters = text.replace(".", "")
    if letters.isascii() and len(letters) <= 3 and not letters.isupper():
        return None  # "us", "are": words, unless written as codes
    if letters in SHOUTED:
        return None
    if letters.isascii() and len(letters) <= 2 and letters not in ("US", "UK", "EU"):
        return None  # CO, IN, NO: seldom countries
    return resolve.country_code(folded)


def countries(text: str) -> tuple[Mention, ...]:
    """Return the countries that a text names, the longest name at each place.

    Examples
    --------
    >>> [one.code for one in countries("中国出口到美国, or Germany and the United Kingdom")]
    ['CHN', 'USA', 'DEU', 'GBR']
    """
    tokens = list(_TOKEN.finditer(text))
    found: list[Mention] = []
    k = 0
    while k < len(tokens):
        for last in range(min(k + 10, len(tokens)), k, -1):
            piece = text[tokens[k].start() : tokens[last - 1].end()]
            if len(piece) > 60 or (last - k > _LONGEST and not _HAN.search(piece)):
                continue
            code = _exact(piece) or _exact(re.sub(r"(?:['’]s?|\.)$", "", piece))
            if code:
                found.append(Mention(tokens[k].start(), tokens[last - 1].end(), code))
                k = last - 1
                break
        k += 1
    return tuple(found)


def misspelt(code: str, text: str) -> bool:
    """Tell whether a text may name a country by a misspelt name: "frm Chna".

    What is itself a country's name is none: Niger is not Nigeria misspelt.
    """
    from rapidfuzz import fuzz

    clear = countries(text)
    words = [
        fold(one.group())
        for one in _TOKEN.finditer(text)
        if not any(m.start <= one.start() < m.end for m in clear) and len(one.group()) > 3
    ]
    names = [fold(one) for one in (resolve.country_name(code), *resolve.spellings(code))]
    for name in dict.fromkeys(names):
        size = len(name.split())
        for k in range(len(words) - size + 1):
            if len(name) > 3 and fuzz.ratio(name, " ".join(words[k : k + size])) >= 80:
                return True
    return False


def ambiguous(text: str) -> tuple[Option, ...]:
    """Return what the first name in a text that can mean several countries can mean.

    Examples
    --------
    >>> [one.code for one in ambiguous("emissions of Korea")], ambiguous("South Korea")
    (['KOR', 'PRK'], ())
    """
    clear = countries(text)
    for token in _TOKEN.finditer(text):
        if any(one.start <= token.start() < one.end for one in clear):
            continue
        name = re.sub(r"['’]s?$", "", token.group()).strip(".")
        if found := resolve.meanings(name):
            return tuple(
                Option(kind="country", asked=name, code=code, name=told) for code, told in found
            )
    return ()


def years(text: str) -> tuple[str, ...]:
    """Return the years that a text names.

    Examples
    --------
    >>> years("from 2019 to 2022, 2000 Mt")
    ('2019', '2022')
    """
    return tuple(dict.fromkeys(one.group() for one in YEAR.finditer(text)))


def open_ended(text: str) -> bool:
    """Tell whether a question asks about countries that it does not name: "the largest", "G7"."""
    return bool(_SOME.search(text))


def direction(text: str) -> tuple[str, str] | None:
    """Return (origin, destination) where a text names two countries and says which is which.

    None where it names more or fewer, or leaves it open.

    Examples
    --------
    >>> direction("How much CO2 is in China's exports to the USA?")
    ('CHN', 'USA')
    >>> direction("US imports from China"), direction("美国从中国进口")
    (('CHN', 'USA'), ('CHN', 'USA'))
    """
    named = countries(text)
    if len({one.code for one in named}) != 2 or _EITHER.search(text):
        return None
    sides: dict[str, set[str]] = {one.code: set() for one in named}
    for one in named:
        before, after = text[: one.start], text[one.end :]
        # "从中国进口": what stands before a name says more than what follows it
        side = {"out": _OUT.search(before), "in": _IN.search(before)}
        if not any(side.values()):
            side = {"out": _OUT_AFTER.search(after), "in": _IN_AFTER.search(after)}
        sides[one.code] |= {key for key, hit in side.items() if hit}
    (a, of_a), (b, of_b) = sides.items()
    if of_a <= {"out"} and of_b <= {"in"} and (of_a or of_b):
        return a, b
    if of_a <= {"in"} and of_b <= {"out"} and (of_a or of_b):
        return b, a
    return None
