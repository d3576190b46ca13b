"""Words of products: brought to one spelling, one name for one thing, and a class each.

The table ``tables/words_match.csv`` is of our own making. Its classes: *materials* say what a
thing is made of, *shapes*, *parts* and what is *worked* leave that unchanged, *special* words
change it (an oxide is no metal, a fabric no fibre), *modes* are vehicles, *neutral* words say
little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from mriocarbon import embedded

__all__ = ["MATERIALS", "SHAPED", "Words", "class_of", "densities", "read_words", "rows", "spelled"]

MATERIALS = frozenset(
    {"metal", "plastic", "rubber", "wood", "paper", "mineral", "textile", "crop", "chemical",
     "fuel"}
)  # fmt: skip
SHAPED = frozenset({"metal", "plastic", "rubber", "wood", "paper"})
"""Materials that a shape or a part leaves what they are: a steel tube is steel, but a
cotton tube is cloth and a glass door is glass that no raw material stands for."""
# the first that holds a word decides
_ORDER = ("special", "mode", *sorted(MATERIALS), "worked", "form", "part", "neutral", "stop")
_WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?")
_LINK = frozenset({"of", "for", "with", "from", "by", "in", "without", "to", "at", "on"})
_KEEP = frozenset({"lens", "always"})


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of this room."""
    return embedded.rows("lca", "tables", name)


def _single(word: str) -> str:
    """A word in the singular, as far as its ending tells."""
    if len(word) < 4 or word in _KEEP or word.endswith(("ss", "us", "is", "gas")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def spelled(text: str) -> list[str]:
    """Return the words of a text, small letters, in the singular.

    >>> spelled("High-density boxes, 2 mm")
    ['high', 'density', 'box', '2', 'mm']
    """
    return [_single(w) for w in _WORD.findall(text.casefold())]


@cache
def _same(transport: bool) -> tuple[dict[str, tuple[str, ...]], int]:
    """Phrases and what they mean, and the length of the longest."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows("words_match.csv"):
        if row["class"] == "same" or (transport and row["class"] == "same transport"):
            found[" ".join(spelled(row["words"]))] = tuple(row["means"].split())
    return found, max(len(phrase.split()) for phrase in found)


@cache
def _classes() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows("words_match.csv"):
        if row["class"].startswith("same"):
            continue
        words = {*spelled(row["words"]), row["words"]}  # "naturalgas" is no plural
        for word in words if len(spelled(row["words"])) == 1 else ():
            known = found.get(word)
            if known is None or _ORDER.index(row["class"]) < _ORDER.index(known):
                found[word] = row["class"]
    return found


def class_of(word: str) -> str:
    """Return the class of a word; "" where it is not known.

    >>> class_of("steel"), class_of("tube"), class_of("oxide"), class_of("saxophone")
    ('metal', 'form', 'special', '')
    """
    return _classes().get(word, "")


@cache
def densities() -> dict[str, tuple[float, str]]:
    """Return kg/m³ and source of the materials of ``tables/densities.csv``, by word."""
    return {row["word"]: (float(row["kg_per_m3"]), row["source"]) for row in rows("densities.csv")}


def _joined(words: list[str], *, transport: bool) -> list[str]:
    """Phrases put in one name, the longest first; twice, so that spelling comes before names."""
    same, longest = _same(transport)
    for _ in range(2):
        done: list[str] = []
        k = 0
        while k < len(words):
            for size in range(min(longest, len(words) - k), 0, -1):
                means = same.get(" ".join(words[k : k + size]))
                if means is not None:
                    done += means
                    k += size
                    break
            else:
                done.append(words[k])
                k += 1
        words = done
    return words


@dataclass(frozen=True, slots=True)
class Words:
    """What a name says.

    Attributes
    ----------
    words : tuple of str
        In order, without those that link.
    head : str
        The word that says what the thing is: the last before "of", "for", "from" or a comma;
        of "steel, cold rolled" it is steel.
    """

    words: tuple[str, ...]
    head: str

    @property
    def set(self) -> frozenset[str]:
        """The words, whatever their order."""
        return frozenset(self.words)

    def of(self, classes: Iterable[str]) -> frozenset[str]:
        """Those of some classes."""
        wanted = frozenset(classes)
        return frozenset(w for w in self.words if class_of(w) in wanted)


def read_words(text: str, *, transport: bool = False) -> Words:
    """Return what a name says.

    Parameters
    ----------
    text : str
    transport : bool
        Whether it is a transport: then "sea" and "rail" are vehicles.

    Examples
    --------
    >>> read_words("Polyethylene, high density, HDPE, virgin resin").words
    ('hdpe', 'virgin', 'resin')
    >>> read_words("tube of aluminium for bicycles").head
    'tube'
    >>> read_words("galvanised steel sheets")
    Words(words=('galvanized', 'steel', 'sheet'), head='sheet')
    """
    plain = text.replace("(", " ").replace(")", " ")
    words = _joined(spelled(plain), transport=transport)
    kept = tuple(w for w in words if not w.isdigit() and w not in _LINK and class_of(w) != "stop")
    first = _joined(spelled(re.split(r"[,;(]", text)[0]), transport=transport)
    head = ""
    for word in first:
        if word in _LINK and head:
            break
        if not word.isdigit() and class_of(word) != "stop":
            head = word
    if head not in kept:
        head = kept[-1] if kept else ""
    return Words(kept, head)
