r"""Which process of a background makes a thing named in words: by rules and a score, no learning.

A process is refused outright where what it is made of differs, where a word stands on one side
that changes what the thing is (sulphate, recycled, fabric), where the head noun of the item is
found nowhere, or where the unit cannot be brought over. What is left is ranked by

.. math::  s = 0.94\, (0.55\, r + 0.30\, p + 0.15\, z) + b

with r and p the shares of the words of the item and of the process that the other holds, each
word weighed by its rarity :math:`\log((1+N)/(1+n))+1` (inverse document frequency: Robertson 2004,
doi:10.1108/00220410410560582), and z the likeness of the two names by rapidfuzz. A process that
stands for several or is ready for use gets b, up to 0.06. The weights are set by hand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from mriocarbon.errors import InputError, UnitError
from mriocarbon.lca.inventory import Process
from mriocarbon.lca.units import compatible, convert
from mriocarbon.lca.words import MATERIALS, SHAPED, Words, class_of, densities, read_words, spelled

__all__ = ["MARGIN", "THRESHOLD", "Candidate", "Match", "Matcher", "same_place"]

THRESHOLD = 0.55
"""Below it nothing is matched."""
MARGIN = 0.05
"""A runner-up as near as this makes a match ambiguous."""

_WHICH_GRID = "electricity from the grid of which country?"
_DENIES = frozenset({"not", "nor", "neither", "never", "but", "except", "fake", "faux",
                     "imitation", "mock", "pretend", "simulated"})  # fmt: skip
_DOUBLE = re.compile(r" \[[^\[\]]*, [^\[\],]*\]$")
_STAGE = re.compile(
    r"^(?:(?:at|to|for|per|as) .*|kg|m2|carted|excl\.?|production|average production)$"
)
_PLAIN = re.compile(
    r"^at (?:the )?(?:\w+ ){0,3}(?:plant|mill|mine|refinery|field|farm|processing|extraction|"
    r"production|grid|kiln|planer|sawmill|forest road|logyard|collection|market)\b|^at grid$"
)
_COMMON = frozenset({"average", "mix", "mixture", "composite", "general", "production"})
_WEIGHT = {"form": 0.35, "part": 0.35, "neutral": 0.08, "mode": 1.5}
_FLAT = frozenset({"sheet", "plate", "strip", "coil", "foil", "rolled", "hotrolled", "coldrolled"})
_LONG = frozenset({"bar", "rod", "wire", "beam", "section", "profile", "billet", "rebar", "bloom",
                   "column", "track", "stud"})  # fmt: skip
_HARD = MATERIALS | {"special", "mode"}
_SHAPES = frozenset({"form", "part", "worked"})
_NO_MATTER = _SHAPES | {"neutral"}
_PLACES = {"RNA": ("USA", "CAN", "MEX"), "NA": ("USA", "CAN", "MEX"),
           "RER": ("DEU", "FRA", "ITA", "ESP", "POL", "NLD", "GBR")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A process that may be meant.

    Attributes
    ----------
    process : str
        Its name in the library.
    score : float
        From 0 to 1.
    factor : float
        Units of the process's product per unit of the item.
    unit : str
        Of the process's product.
    bridge : str
        How mass and volume were brought together; "" where the units fit.
    missed : tuple of str
        Words of the item that the process does not hold.
    added : tuple of str
        Words of the process that the item does not hold.
    doubles : tuple of str
        Other processes of the same name, such as those of other places.
    location : str
    """

    process: str
    score: float
    factor: float
    unit: str
    bridge: str = ""
    missed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    doubles: tuple[str, ...] = ()
    location: str = ""

    @property
    def plain(self) -> str:
        """The name without the place and number that tell doubles apart."""
        return _DOUBLE.sub("", self.process)


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for an item.

    Attributes
    ----------
    text : str
    status : {"matched", "ambiguous", "none"}
        "ambiguous": matched, and the runner-up is within `MARGIN`.
    candidates : tuple of Candidate
        The best three, the best first; those of a status "none" are below the threshold.
    why : str
        Why nothing was matched; "" otherwise.
    threshold : float
        Lowest score of a match.
    """

    text: str
    status: str
    candidates: tuple[Candidate, ...]
    why: str = ""
    threshold: float = THRESHOLD

    @property
    def best(self) -> Candidate | None:
        """The process taken; None if nothing was matched."""
        return None if self.status == "none" else self.candidates[0]

    @property
    def runner_up(self) -> Candidate | None:
        """The next process that is above the threshold."""
        if self.status == "none" or len(self.candidates) < 2:
            return None
        second = self.candidates[1]
        return second if second.score >= self.threshold else None


@dataclass(frozen=True, slots=True)
class _Entry:
    """Processes of one name."""

    name: str
    processes: tuple[Process, ...]
    words: Words
    hard: frozenset[str]
    stage: int


@cache
def _country(code: str) -> str:
    """ISO 3166 alpha-3 of a two-letter code; the code itself where there is none."""
    if len(code) != 2:
        return code
    import pycountry

    found = pycountry.countries.get(alpha_2=code)
    return str(found.alpha_3) if found else code


def same_place(location: str, place: str) -> int:
    """Return how well the place of a process fits: 2 the country, 1 a region with it, 0 another.

    >>> same_place("US", "USA"), same_place("RNA", "USA"), same_place("CN", "DEU")
    (2, 1, 0)
    """
    if place and _country(location.strip()) == place:
        return 2
    return 1 if place in _PLACES.get(location.strip(), ()) or location == "GLO" else 0


def _denied(text: str) -> str:
    """The words that say that a thing is not what follows; "" if there are none."""
    words = spelled(text)
    for word, following in zip(words, [*words[1:], ""], strict=False):
        # "non-woven" and "no. 2 fuel oil" deny nothing
        apart = word in {"no", "non"} and class_of(following) in MATERIALS
        if word in _DENIES or apart:
            return f"{word} {following}".strip()
    return ""


def _core(name: str) -> tuple[str, int]:
    """The name without where the product stands, and how far it is made."""
    kept: list[str] = []
    stage = 1
    for k, segment in enumerate(re.split(r"[,;]", name)):
        text = segment.strip()
        low = text.casefold()
        if k and _PLAIN.match(low) and "excl" not in low:
            # "at power plant" tells nothing about electricity, "at hydrocracker" would
            stage = 0 if re.search(r"\b(?:mine|field|extraction|forest road)\b", low) else 2
            continue
        if k and _STAGE.match(low) and not low.startswith(("at ", "to ")):
            continue
        kept.append(text)
    return ", ".join(kept), stage


class Matcher:
    """The processes of a background, ready to be searched; make it once.

    Parameters
    ----------
    processes : iterable of Process

    Examples
    --------
    >>> mill = Process("Hot rolled sheet, steel, at plant", "steel sheet", 1.0, "kg")
    >>> wire = Process("Copper wire, at plant", "copper wire", 1.0, "kg")
    >>> matcher = Matcher([mill, wire])
    >>> matcher.match("steel wire", "t").best.process
    'Hot rolled sheet, steel, at plant'
    >>> matcher.match("steel wool", "kg").status
    'none'
    """

    def __init__(self, processes: Iterable[Process]) -> None:
        groups: dict[str, list[Process]] = {}
        for process in processes:
            groups.setdefault(_DOUBLE.sub("", process.name), []).append(process)
        self.entries: list[_Entry] = []
        self.holders: dict[str, list[int]] = {}
        for name, members in groups.items():
            core, stage = _core(name)
            transport = core.casefold().startswith("transport")
            words = read_words(core, transport=transport)
            if not words.words:
                continue
            hard = words.of(_HARD)
            if "transport" in hard or ("electricity" in hard and len(words.set) == 1):
                hard = frozenset(w for w in hard if class_of(w) != "fuel")
            for word in words.set:
                self.holders.setdefault(word, []).append(len(self.entries))
            self.entries.append(_Entry(name, tuple(members), words, hard, stage))
        n = len(self.entries)
        self._most = math.log(1 + n) + 1
        self.rarity = {
            word: math.log((1 + n) / (1 + len(at))) + 1 for word, at in self.holders.items()
        }

    def match(
        self,
        text: str,
        unit: str,
        *,
        place: str = "",
        burnt: bool = False,
        density: float | None = None,
        threshold: float = THRESHOLD,
        usable: frozenset[str] | None = None,
    ) -> Match:
        """Return which process makes a thing.

        Parameters
        ----------
        text : str
            "aluminium sheet".
        unit : str
            Of the amount of the item: "kg".
        place : str
            ISO 3166 alpha-3: among processes of one name that of the place is taken. Electricity
            of a grid must be of the place.
        burnt : bool
            A fuel that is burnt where it is used.
        density : float, optional
            kg/m³, where the item's mass meets a process's volume or the other way round; if not
            given, a table of a few materials, each assumed.
        threshold : float
        usable : frozenset of str, optional
            Names of processes that may be taken; all if not given.

        Raises
        ------
        InputError
            No name, or no unit.
        """
        if not text.strip() or not unit.strip():
            raise InputError(
                f"item {text!r} with unit {unit!r}", where="match", do="give name and unit"
            )
        if not 0 <= threshold <= 1:
            raise InputError(f"threshold is {threshold!r}", where="match",
                             do="give a score from 0 to 1")  # fmt: skip
        denied = _denied(text)
        if denied:
            return Match(text, "none", (), f"{denied!r} says what it is not: name what it is")
        transport = compatible(unit, "t*km")
        asked = read_words(text, transport=transport)
        if transport and "transport" not in asked.set:
            asked = Words(("transport", *asked.words), asked.head)
        if burnt:
            asked = Words((*asked.words, "combustion"), asked.head)
        need = asked.of(_HARD)
        reach: set[int] = set()
        for word in asked.set:
            if class_of(word) not in _NO_MATTER:
                reach.update(self.holders.get(word, ()))
        found: list[Candidate] = []
        reasons: list[tuple[int, str]] = []
        for k in reach:
            one, why = self._judge(self.entries[k], asked, need, unit, place, density, usable)
            if one is not None:
                found.append(one)
            elif why:
                # the nearest of those that were refused, first one that fits and cannot be used
                near = len(asked.set & self.entries[k].words.set)
                first = "as published" in why or why.startswith(_WHICH_GRID)
                reasons.append((near + 100 * first, why))
        found.sort(key=lambda c: (-c.score, c.process))
        best = tuple(found[:3])
        if not best or best[0].score < threshold:
            if best:
                why = f"best score {best[0].score:.2f} is below {threshold:g}"
            elif reasons:
                why = max(reasons)[1]
            else:
                why = "no process shares a word that counts"
            return Match(text, "none", best, why)
        near = len(best) > 1 and best[1].score >= max(threshold, best[0].score - MARGIN)
        return Match(text, "ambiguous" if near else "matched", best, threshold=threshold)

    def of_place(self, doubles: Sequence[Process], place: str) -> Process:
        """Return of processes of one name that of the place, then the newest, then the first."""
        return min(doubles, key=lambda p: (-same_place(p.location, place), -(p.year or 0), p.name))

    def bridge(
        self, unit: str, process: Process, density: float | None = None
    ) -> tuple[float, str] | None:
        """Return units of a process's product per `unit`, and how; None if there is no way."""
        factor, how = _bridged(unit, process.unit, read_words(process.name), density)
        return (factor, how) if factor > 0 else None

    def _judge(
        self,
        entry: _Entry,
        asked: Words,
        need: frozenset[str],
        unit: str,
        place: str,
        density: float | None,
        usable: frozenset[str] | None,
    ) -> tuple[Candidate | None, str]:
        """A candidate, or why it is none."""
        have = entry.words.set
        lacking = need - have
        if lacking:
            return None, f"{entry.name!r} does not hold {', '.join(sorted(lacking))!r}"
        surplus = entry.hard - asked.set
        if surplus:
            return None, f"{entry.name!r} is of {', '.join(sorted(surplus))!r}"
        kind = class_of(asked.head)
        shaped = bool(asked.of(SHAPED)) or bool(asked.of(["mode"])) or "transport" in have
        if asked.head not in have and asked.head not in need:
            if kind not in _NO_MATTER:
                return None, f"nothing is known of {asked.head!r}, which says what it is"
            if not shaped:
                return None, f"a {asked.head!r} of it is another thing"
        if not shaped:
            # a shape in the middle changes crops, chemicals and minerals too
            odd = [w for w in asked.words if class_of(w) in _SHAPES and w not in have]
            if odd:
                return None, f"{entry.name!r} is no {odd[0]}"
        makers = [p for p in entry.processes if usable is None or p.name in usable]
        if not makers:
            return None, f"{entry.name!r} cannot be used as published"
        grid = "electricity" in have and len(entry.hard) == 1
        if grid and not place and any(p.location not in {"", "GLO"} for p in makers):
            return None, f"{_WHICH_GRID}: give place or location"
        if grid and place:
            makers = [p for p in makers if same_place(p.location, place) == 2]
            if not makers:
                return None, f"no electricity of {place}"
        fit = [(p, *_bridged(unit, p.unit, entry.words, density)) for p in makers]
        fit = [one for one in fit if one[1] > 0]
        if not fit:
            return None, f"{entry.name!r} is made in {makers[0].unit!r}, not in {unit!r}"
        process = self.of_place([one[0] for one in fit], place)
        factor, bridge = next(one[1:] for one in fit if one[0] is process)
        missed = tuple(w for w in dict.fromkeys(asked.words) if w not in have)
        added = tuple(w for w in dict.fromkeys(entry.words.words) if w not in asked.set)
        return Candidate(
            process.name, self._score(entry, asked), factor, process.unit, bridge, missed, added,
            tuple(one[0].name for one in fit if one[0] is not process), process.location,
        ), ""  # fmt: skip

    def _weight(self, word: str) -> float:
        kind = class_of(word)
        if not kind and word not in self.rarity:
            return 0.6 * self._most  # no process knows it: it tells none from another
        return self.rarity.get(word, self._most) * _WEIGHT.get(kind, 1.0)

    def _score(self, entry: _Entry, asked: Words) -> float:
        from rapidfuzz.fuzz import token_sort_ratio

        shared = asked.set & entry.words.set
        common = sum(self._weight(w) for w in shared)
        for kind in (_FLAT, _LONG):
            mine, theirs = asked.set & kind, entry.words.set & kind
            if mine and theirs and not mine & theirs:
                # a plate is near a sheet, a bar near a billet
                common += 0.5 * min(self._weight(w) for w in mine | theirs)
        recall = min(1.0, common / sum(self._weight(w) for w in asked.set))
        precise = min(1.0, common / sum(self._weight(w) for w in entry.words.set))
        alike = token_sort_ratio(" ".join(asked.words), " ".join(entry.words.words)) / 100
        # of several that fit as well, the one that stands for all of them, and is ready for use
        typical = 0.03 * bool(set(re.findall(r"\w+", entry.name.casefold())) & _COMMON)
        return float(
            0.94 * (0.55 * recall + 0.30 * precise + 0.15 * alike) + typical + 0.015 * entry.stage
        )


def _bridged(unit: str, made: str, words: Words, density: float | None) -> tuple[float, str]:
    """Units made per unit of the item, and how; 0 where there is no way."""
    if compatible(unit, made):
        return convert(unit, made), ""
    to_volume = compatible(unit, "kg") and compatible(made, "m3")
    to_mass = compatible(unit, "m3") and compatible(made, "kg")
    if not to_volume and not to_mass:
        return 0.0, ""
    value, source = density or 0.0, "given"
    for word in words.words if density is None else ():
        if word in densities():
            value, source = densities()[word]
            break
    if not value > 0:
        return 0.0, ""
    how = f"{value:g} kg/m3 ({source})"
    try:
        if to_volume:
            return convert(unit, "kg") / value * convert("m3", made), how
        return convert(unit, "m3") * value * convert("kg", made), how
    except UnitError:
        return 0.0, ""
