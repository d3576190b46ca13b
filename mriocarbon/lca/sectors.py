"""Which industry of the table makes a thing named in words, where no unit process does.

The words of ``tables/words_industries.csv`` are of our own making, after the classes of ISIC
revision 4 (United Nations 2008, Statistical Papers M 4 Rev. 4) that the 50 industries of the OECD
table join. A phrase of the table is found in an item when all its words are in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mriocarbon.lca.words import SHAPED, class_of, read_words, rows

__all__ = ["SECTOR_THRESHOLD", "Industry", "industries_of"]

SECTOR_THRESHOLD = 0.5
"""Below it an item has no industry, and is refused."""


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry that may make a thing.

    Attributes
    ----------
    sector : str
        Label of the OECD table: "C22".
    score : float
        From 0 to 1.
    words : str
        The words of the table that were found.
    """

    sector: str
    score: float
    words: str


@cache
def _phrases() -> tuple[tuple[str, str, frozenset[str], str], ...]:
    found = []
    for row in rows("words_industries.csv"):
        read = read_words(row["words"])
        found.append((row["sector"], row["words"], read.set, read.head))
    return tuple(found)


def industries_of(text: str, *, transport: bool = False) -> tuple[Industry, ...]:
    """Return the industries that may make a thing, the best first; at most three.

    Parameters
    ----------
    text : str
        "rubber tyres".
    transport : bool
        Whether it is a transport.

    Notes
    -----
    The score is the share of the item's words that a phrase holds, words of shape and of little
    meaning at a quarter; where the head noun of the item is not among them it is halved; it
    is cut by a fifth where the head is a shape or a part of a material that stays what it is.

    Examples
    --------
    >>> [(one.sector, one.words) for one in industries_of("rubber tyres")][0]
    ('C22', 'rubber tire')
    >>> industries_of("love")
    ()
    """
    asked = read_words(text, transport=transport)
    loose = class_of(asked.head) in {"form", "part", "worked", "neutral"}
    shaped = bool(asked.of(SHAPED))

    def weight(word: str) -> float:
        return 0.25 if class_of(word) in {"form", "part", "worked", "neutral"} else 1.0

    whole = sum(weight(w) for w in asked.set)
    best: dict[str, Industry] = {}
    for sector, phrase, words, head in _phrases():
        if not words or not words <= asked.set:
            continue
        score = sum(weight(w) for w in words) / whole
        if asked.head in words:
            # what it is, found: its modifiers matter less
            score = 0.6 + 0.4 * score
            if head != asked.head:
                score *= 0.9
        else:
            score *= 0.8 if loose and shaped else 0.5
        if score > best.get(sector, Industry(sector, 0.0, "")).score:
            best[sector] = Industry(sector, score, phrase)
    return tuple(sorted(best.values(), key=lambda one: (-one.score, one.sector))[:3])
