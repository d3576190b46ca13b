"""Which of its tools a specialist shows to a model: those that people ask for in such words.

`phrases.csv` holds how people ask for each tool, in English and Chinese. A question is compared
with all of them; the fewer tools a model reads, the better a small one chooses and the sooner it
answers. Nothing is decided here: which tool is called, the model says.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from mriocarbon import embedded, tools
from mriocarbon.agents.mentions import countries, years
from mriocarbon.agents.specialists import Specialist, description, schema
from mriocarbon.agents.unsaid import needs_amount, says_amount
from mriocarbon.model.labels import fold

MOST = 6
"""Tools that a model with a small context reads, at most."""
FITS = 0.4
"""How near a tool must be for that, as a share of the nearest; the nearest two always are."""
MORE = 12
"""Tools that a model with a large context reads, at most."""
LARGE = 16_384
"""Tokens from which on a context is large."""
FAR, SURE = 0.2, 0.6
"""A question whose nearest tool is less near says nothing of what is asked; more, it is sure."""
_NEAR = (1.0, 0.7, 0.5)
"""What the nearest, second and third phrase of a tool count."""
_OWN = 0.3
"""What a tool's own title and description count beside the phrases."""
_LATIN = re.compile(r"[a-z]+|\d+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_STEM = 6
_COMMON = frozenset(_LATIN.findall(
    "a an and are as at be by can could do does did for from give has have how i in into is it its "
    "me much many of on or our out please say show tell that the their them there these they this "
    "to us was we were what when where which who whose why will with would you your "
    "than more less higher lower larger smaller bigger greater those also too about same both"
))  # fmt: skip
Vector = Mapping[str, float]


def words_of(text: str) -> list[str]:
    """Return what a text is compared by: stems, pairs of stems, pairs of Chinese characters.

    Countries are left out, and any number is one and the same: what is asked does not hang on them.

    Examples
    --------
    >>> words_of("Footprint of China"), words_of("中国的碳足迹")
    (['footpr', 'footpr of'], ['的碳', '碳足', '足迹'])
    """
    for one in reversed(countries(text)):
        text = f"{text[: one.start]} ; {text[one.end :]}"
    folded = fold(text)
    whole = ["0" if one.isdigit() else _stem(one) for one in _LATIN.findall(folded)]
    stems = [one for one in whole if one not in _COMMON and (len(one) > 1 or one == "0")]
    found = [
        *stems,
        *dict.fromkeys(f"{a} {b}" for some in (stems, whole) for a, b in pairwise(some)),
    ]
    for run in _HAN.findall(folded):
        found += [run[k : k + 2] for k in range(len(run) - 1)] or [run]
    return found


def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]  # value and values, before both are cut
    return word[:_STEM]


@lru_cache(maxsize=1)
def phrases() -> Mapping[str, tuple[str, ...]]:
    """Return how people ask for each tool.

    Examples
    --------
    >>> len(phrases()["account"]) > 8
    True
    """
    found: dict[str, list[str]] = {}
    for row in embedded.rows("agents", "phrases.csv"):
        found.setdefault(row["tool"], []).append(row["phrase"])
    return {name: tuple(asked) for name, asked in found.items()}


@lru_cache(maxsize=1)
def _compared() -> tuple[Mapping[str, float], Mapping[str, tuple[Vector, ...]]]:
    """Return how rare each word is, and the phrases of each tool as vectors; its own words last."""
    counted = {
        one.name: [
            *(Counter(words_of(asked)) for asked in phrases().get(one.name, ())),
            Counter(words_of(f"{one.name.replace('_', ' ')}. {one.title}. {one.description}")),
        ]
        for one in tools.listing()
    }
    among = Counter(word for texts in counted.values() for word in {w for t in texts for w in t})
    rare = {word: math.log(1 + len(counted) / n) for word, n in among.items()}
    return rare, {
        name: tuple(_unit(text, rare) for text in texts) for name, texts in counted.items()
    }


def _unit(text: Counter[str], rare: Mapping[str, float]) -> Vector:
    weights = {w: (1 + math.log(n)) * rare[w] for w, n in text.items() if w in rare}
    length = math.sqrt(sum(v * v for v in weights.values())) or 1.0
    return {w: v / length for w, v in weights.items()}


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    """Every Latin word that people ask with, as it is written."""
    texts = [*(asked for each in phrases().values() for asked in each),
             *(f"{one.title} {one.description}" for one in tools.listing())]  # fmt: skip
    return frozenset(word for text in texts for word in _LATIN.findall(fold(text)))


def spelt(text: str) -> str:
    """Return a text with its misspelt words as people write them: for routing, never for names.

    A word of four letters or more that nobody asks with, like one that people do: 88 of 100 by
    the ratio of Levenshtein's insertions and deletions, with the same first letter. Countries stay.

    Examples
    --------
    >>> spelt("simulte a blst furnace in Chile")
    'simulate a blast furnace in Chile'
    """
    from rapidfuzz import fuzz, process

    known = _words()
    places = [(one.start, one.end) for one in countries(text)]

    def mended(found: re.Match[str]) -> str:
        word = fold(found[0])
        inside = any(a < found.end() and found.start() < b for a, b in places)
        if len(word) < 4 or inside or {word, word.rstrip("s"), f"{word}s"} & known:
            return found[0]
        like = [one for one in known if one[0] == word[0] and abs(len(one) - len(word)) <= 2]
        near = process.extractOne(word, sorted(like), scorer=fuzz.ratio, score_cutoff=88)
        return found[0] if near is None else str(near[0])

    return re.sub(r"[A-Za-z]+", mended, text)


def ranked(known: Sequence[tools.Tool], question: str) -> list[tuple[float, tools.Tool]]:
    """Return tools in the order of how near a question is to the phrases that ask for them.

    The cosine of weighted word counts (tf-idf: Salton and Buckley, 1988,
    doi:10.1016/0306-4573(88)90021-0), of the three nearest phrases and of the tool's own words.

    Examples
    --------
    >>> known = tools.listing("cbam")
    >>> ranked(known, "Are the default values for Indian steel fair or too high?")[0][1].name
    'audit'
    """
    rare, vectors = _compared()
    asked = _unit(Counter(words_of(spelt(question))), rare)

    def near(one: tools.Tool) -> float:
        *texts, own = (
            sum(value * text.get(word, 0.0) for word, value in asked.items())
            for text in vectors[one.name]
        )
        best = sorted(texts, reverse=True)
        return sum(a * b for a, b in zip(_NEAR, best, strict=False)) + _OWN * own

    return sorted(((near(one), one) for one in known), key=lambda pair: -pair[0])


def chosen(
    who: Specialist, question: str, context: int, asked: str = ""
) -> dict[str, dict[str, Any]]:
    """Return the tools to show, the nearest first, each with the schema of its arguments.

    Parameters
    ----------
    who : Specialist
        Its tools are chosen from; its usual one stays unless another is near for sure.
    question : str
        What the tools are for: a part of a question. Where no phrase is near it ("And India?"),
        all that was said counts; where no amount is said, the nearest tool that needs none
        stands first.
    context : int
        Tokens that a request and its reply may have together: as many tools as have room.
    asked : str
        All that the person said; what no word of it means is left out of the schemas.

    Examples
    --------
    >>> from mriocarbon.agents.specialists import specialist
    >>> list(chosen(specialist("data"), "What does leakage mean?", 8192))[0]
    'define'
    """
    # two fifths of what fits; the rest is for results and replies. Four characters make a token
    room = int(context * 4 * 0.4)
    large = context >= LARGE
    order = ranked(who.tools(), question)
    if order[0][0] < FAR and asked:
        order = ranked(who.tools(), asked)
    one_year = len(years(question)) == 1
    few = [
        one for k, (near, one) in enumerate(order[: MORE if large else MOST])
        if (large or k < 2 or near >= FITS * order[0][0])
        and not (k and one_year and {"first_year", "last_year"} <= set(schema(one)["properties"]))
    ]  # fmt: skip
    unsaid = needs_amount(order[0][1]) and not says_amount(asked or question)
    if unsaid:
        free = next(one for _, one in order if not needs_amount(one))
        few = [free, *(one for one in few if one is not free)]
    if unsaid or order[0][0] < SURE:
        few += [one for _, one in order if one.name == who.usual and one not in few]
    shown = {one.name: schema(one, asked or question) for one in few}
    size = {one.name: len(json.dumps(shown[one.name])) + len(description(one)) for one in few}
    room -= size.get(who.usual, 0)
    stay = {who.usual}
    for one in few:
        if one.name != who.usual and (one is few[0] or size[one.name] <= room):
            stay.add(one.name)
            room -= size[one.name]
    return {name: one for name, one in shown.items() if name in stay}
