"""The check of an answer: every number is bound to one figure that a tool returned, or it is loose.

A number is bound when a figure has its value after rounding as printed and after conversion of
its unit, and when the words around it agree with what the figure is: region, partner and the
direction between them, year, gas, quantity and every other label. Nothing is computed: a sum, a
difference or a share is bound only where a tool returned it.

Numbers that need no figure are few: years, dates and codes that the question or a result names;
standards and numbered parts of texts; levels of intervals that a figure has; the numbering of a
list; ranks that a figure has; how many things a result lists; amounts of the question that a tool
was called with; words quoted from a result.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mriocarbon.agents import grounding_names as names
from mriocarbon.agents import grounding_units as units
from mriocarbon.agents.grounding_context import Scope, scopes, sentences
from mriocarbon.agents.grounding_facts import Facts
from mriocarbon.agents.grounding_numbers import Read, plain, read
from mriocarbon.agents.grounding_units import NONE, PERCENT
from mriocarbon.agents.grounding_values import agrees, far, same, wrong_end
from mriocarbon.agents.grounding_words import contradicted
from mriocarbon.tools.types import Figure, ToolResult

LONGEST = 8000
"""Characters of a text that are checked; more are not proven."""
MOST = 150
"""Numbers of a text that are checked."""
STANDARDS = frozenset([
    "14001", "14025", "14026", "14027", "14040", "14044", "14064", "14065", "14067", "14068",
    "14071", "14072", "14083", "50001", "20915", "15804", "15978", "19694", "2050", "2060",
    "24040", "24044", "24067", "32150", "32151", "51366", "2023/956", "2023/1773", "2003/87",
    "2018/2066", "2018/2067", "2019/331", "2025/2083", "2025/2547", "2025/2621",
])  # fmt: skip
"""Numbers of standards and acts of the field that may be named without a result."""
TOGETHER = 30
"""Numbers of one sentence or row that can be told apart."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A number and the figure it comes from.

    `start` and `end` hold it in the text; `end_of` is "value", "low", "high" or "half-width".
    """

    start: int
    end: int
    text: str
    value: float
    unit: str
    call: int
    figure: str
    end_of: str = "value"


@dataclass(frozen=True, slots=True)
class Loose:
    """A number that no figure supports, and why."""

    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Free:
    """A number that needs no figure, and why."""

    start: int
    end: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Grounded:
    """Every number of a text, in order, bound, free or loose."""

    numbers: tuple[Bound, ...] = ()
    loose: tuple[Loose, ...] = ()
    free: tuple[Free, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no number is loose."""
        return not self.loose

    def told(self) -> str:
        """Say what is wrong, one line a number, for whoever mends the text."""
        return "\n".join(f"{one.text!r}: {one.reason}" for one in self.loose)


@dataclass(frozen=True)
class _Candidate:
    call: int
    figure: Figure
    end_of: str
    wrong: str = ""
    weight: int = 0
    off: float = 0.0


def ground(
    text: str, results: Sequence[ToolResult], *, language: str = "en", question: str = ""
) -> Grounded:
    """Bind every number of a text to a figure of the results.

    Parameters
    ----------
    text : str
        An answer, in English or Chinese.
    results : sequence of ToolResult
        What the tools returned for it; `Bound.call` counts them from 0.
    language : str
        Of the text; names of countries are also read in English and Chinese.
    question : str
        What was asked. It gives years and codes, and what the first sentence speaks of.

    Returns
    -------
    Grounded

    Examples
    --------
    >>> from mriocarbon.tools import Figure, ToolResult
    >>> figure = Figure(quantity="consumption account", value=13238.9, unit="Mt CO2e",
    ...                 labels={"region": "CHN", "year": "2022"})
    >>> results = [ToolResult(title="accounts", figures=(figure,))]
    >>> ground("China's footprint is 13.2 Gt CO2e.", results).ok
    True
    >>> ground("The footprint of the USA is 13.2 Gt CO2e.", results).told()
    "'13.2': right value, but of CHN, not USA"
    """
    return _Check(text, results, language, question).done()


def _bounded(text: str) -> tuple[str, tuple[Read, ...], list[Loose]]:
    """Blank what is too much to be checked, and read the rest.

    A text must not cost more than it is worth: a server stands still meanwhile.
    """
    much: list[Loose] = []

    def blank(start: int, end: int, reason: str) -> None:
        nonlocal text
        much.append(Loose(start, end, text[start : min(end, start + 40)], reason))
        text = text[:start] + " " * (end - start) + text[end:]

    if len(text) > LONGEST:
        blank(LONGEST, len(text), f"a text is checked up to {LONGEST:,} characters")
    reads = read(text)
    if len(reads) > TOGETHER:
        starts = [one.start for one in reads]
        for start, end in sentences(plain(text)):
            if bisect_left(starts, end) - bisect_left(starts, start) > TOGETHER:
                blank(start, end, f"more than {TOGETHER} numbers in one sentence")
        reads = read(text)
        if len(reads) > MOST:
            blank(reads[MOST].start, len(text), f"more than {MOST} numbers in one text")
            reads = read(text)
    return text, reads, much


class _Check:
    def __init__(
        self, text: str, results: Sequence[ToolResult], language: str, question: str
    ) -> None:
        text, reads, self.much = _bounded(text)
        self.flat = plain(text)
        self.results = results
        self.facts = Facts(results, language, question)
        self.reads = self._named(reads)
        self.figures = self.facts.figures
        self.scopes = scopes(
            self.flat,
            self.reads,
            lambda piece, start: self.facts.mentions(piece, start, self.reads),
            question,
        )
        self.sentences = sentences(self.flat)
        self.bound: dict[int, Bound] = {}
        self.loose: dict[int, Loose] = {}
        self.free: dict[int, Free] = {}

    def _named(self, found: Sequence[Read]) -> tuple[Read, ...]:
        """Numbers that are part of a name, as "Middle East (4 economies)", are no numbers."""
        spans = self.facts.phrases(self.flat)
        return tuple(
            replace(one, kind="name", stop=one.end, joined=None)
            if any(
                a <= one.start and one.end <= b and b - a > one.end - one.start for a, b in spans
            )
            else one
            for one in found
        )

    def done(self) -> Grounded:
        for k, one in enumerate(self.reads):
            if k in self.bound or k in self.loose or k in self.free:
                continue
            if one.kind in ("value", "count"):
                self._value(k, one)
            else:
                self._other(k, one)
        return Grounded(
            tuple(self.bound[k] for k in sorted(self.bound)),
            tuple(sorted([*self.loose.values(), *self.much], key=lambda one: one.start)),
            tuple(self.free[k] for k in sorted(self.free)),
        )

    # --- what needs no figure ---

    def _let(self, k: int, why: str) -> None:
        one = self.reads[k]
        self.free[k] = Free(one.start, one.end, one.text, why)

    def _refuse(self, k: int, reason: str) -> None:
        one = self.reads[k]
        if self._quoted(one):
            self._let(k, "quoted")
            return
        self.loose[k] = Loose(one.start, one.end, one.text, reason)

    def _other(self, k: int, one: Read) -> None:
        if one.kind == "name" or (one.kind == "standard" and self._standard(one)):
            self._let(k, one.kind)
        elif one.kind == "standard":
            self._refuse(k, "no result and no question names this standard")
        elif one.kind == "list":
            self._numbering(k, one)
        elif one.kind == "year":
            if str(int(one.value)) in self.facts.years:
                self._let(k, "year")
            else:
                self._refuse(k, "no result and no question names this year")
        elif one.kind == "level":
            levels = {f.level for _, f in self.figures if f.level}
            if any(abs(100 * level - one.value) < 1e-6 for level in levels):
                self._let(k, "level")
            else:
                self._refuse(k, "no figure has an interval of this level")
        elif one.kind == "code":
            if re.sub(r"\D", "", one.text) in self.facts.codes:
                self._let(k, "code")
            else:
                self._refuse(k, "no result and no question names this code")
        elif one.kind == "rank":
            self._rank(k, one)
        elif plain(one.text).casefold() in self.facts.known.casefold() or (
            one.kind == "date" and _date(one.text) in {_date(d) for d in _dates(self.facts.known)}
        ):
            self._let(k, one.kind)
        else:
            self._refuse(k, f"no result and no question names this {one.kind}")

    def _standard(self, one: Read) -> bool:
        """Whether it is a standard or an act that is known, or that somebody named before."""
        named = re.search(r"\d{3,6}(?=$|[-:])|\d{2,4}/\d{2,4}", plain(one.text))
        if named is None or re.match(r"(?i:GWP|.*year)", one.text):
            return True
        if units.after(self.flat, one.end)[0].base != NONE:
            return False
        known = re.search(rf"(?<!\d){re.escape(named[0])}(?!\d)", self.facts.known)
        return named[0] in STANDARDS or known is not None

    def _numbering(self, k: int, one: Read) -> None:
        """A number at a line's start numbers it if the list is as long and no unit follows."""
        items = sum(each.kind == "list" for each in self.reads)
        if one.value > 2 * items + 1 or units.after(self.flat, one.end)[0].base != NONE:
            self._refuse(k, "it numbers no list")
        else:
            self._let(k, "list")

    def _rank(self, k: int, one: Read) -> None:
        ranked = [(c, f) for c, f in self.figures if f.labels.get("rank") == str(int(one.value))]
        scope = self.scopes[k]
        fits = [(c, f) for c, f in ranked if not self.facts.against(f, scope)[0]]
        if fits:
            call, figure = fits[0]
            self.bound[k] = Bound(
                one.start, one.end, one.text, one.value, "", call, figure.id, "rank"
            )
        else:
            self._refuse(k, "no figure of this rank fits" if ranked else "no figure has this rank")

    def _counted(self, k: int, one: Read) -> bool:
        counts: set[int] = {len(self.results)}
        for result in self.results:
            counts |= {len(result.figures), len(result.items)}
            counts |= {result.total} if result.total is not None else set()
            counts |= {v for v in result.arguments.values() if type(v) is int}
            counts |= {len(v) for v in result.arguments.values() if isinstance(v, list)}
            for key in {key for f in result.figures for key in f.labels}:
                counts.add(len({f.labels[key] for f in result.figures if key in f.labels}))
        scope = self.scopes[k]
        counts.add(
            len(
                {m.value for m in names.regions(scope.text, self.facts.places, self.facts.language)}
            )
        )
        return one.value in counts - {0}

    def _quoted(self, one: Read) -> bool:
        """Whether the number stands in a run of words that a result has word for word."""
        start = max((a for a, b in self.sentences if a <= one.start), default=0)
        before = self.flat[start : one.start].casefold()
        after = self.flat[one.end : one.end + 60].casefold()
        number = self.flat[one.start : one.end].casefold()
        for told in self.facts.quotable:
            for left, right in ((3, 0), (2, 1), (1, 2), (0, 3)):
                a = re.findall(r"\d[\d.,]*\d|[^\W_]+", before)[-left:] if left else []
                b = re.findall(r"\d[\d.,]*\d|[^\W_]+", after)[:right]
                if len(a) == left and len(b) == right:
                    gap = r"[\W_]{0,6}"
                    run = gap.join(re.escape(w) for w in (*a, number, *b))
                    if sum(map(len, (*a, *b))) >= 4 and re.search(
                        rf"(?<![\w.]){run}(?![\w])", told
                    ):
                        return True
        return False

    def _asked(self, one: Read) -> bool:
        """Whether it repeats an amount of the question that a tool was called with.

        Never an amount of emissions: those are answers.
        """
        if one.unit.substance or one.value not in self.facts.given:
            return False
        if any(one.value == figure.value for _, figure in self.figures):
            return False  # a figure says it: it is bound, or said wrongly
        return not self.facts.question or one.value in self.facts.said

    # --- what needs one ---

    def _value(self, k: int, one: Read) -> None:
        if (
            k + 1 < len(self.reads)
            and (two := self.reads[k + 1]).joined == k
            and not two.plus_minus
        ) and self._range(k, one, two):
            return
        if one.plus_minus and one.joined is not None:
            self._half_width(k, one)
            return
        if one.kind == "value" and one.unit.base == NONE and self._is_code(one):
            self._let(k, "code")
            return
        found = self._candidates(one, self.scopes[k])
        fits = [c for c in found if not c.wrong]
        if fits:
            best = self._best(fits)
            if best is not None:
                self._bind(k, one, best)
                return
        if one.kind == "count" and self._counted(k, one):
            self._let(k, "count")
        elif self._asked(one):
            self._let(k, "asked")
        elif fits:
            a, b = fits[0].figure, fits[1].figure
            self._refuse(k, f"several figures fit: {_named(a)}; {_named(b)}")
        else:
            self._refuse(k, self._reason(one, found, self.scopes[k]))

    def _bind(self, k: int, one: Read, best: _Candidate) -> None:
        self.bound[k] = Bound(one.start, one.end, one.text, one.value, str(one.unit), best.call,
                              best.figure.id, best.end_of)  # fmt: skip

    def _is_code(self, one: Read) -> bool:
        digits = re.sub(r"\D", "", one.text)
        goods = {re.sub(r"\D", "", f.labels.get("good", "")) for _, f in self.figures}
        return len(digits) >= 4 and digits == one.text.replace(" ", "") and digits in goods

    def _candidates(
        self, one: Read, scope: Scope, ends: tuple[str, ...] = ("value", "low", "high")
    ) -> list[_Candidate]:
        person, per = units.says_per_person(scope.text), units.says_per(scope.text)
        after = self.flat[one.end : one.end + 60].lstrip()
        told = plain(scope.text)
        foreign = (
            one.unit.base in units.MASSES
            and not one.unit.substance
            and units.other_substance(self.flat[one.stop : one.stop + 8])
        )
        tried = [one.unit]
        if one.unit.base == NONE:
            tried += scope.units
        found = []
        for call, figure in self.figures:
            spelt = plain(figure.unit)
            word_for_word = len(spelt) > 1 and (
                units.spelt_here(after, spelt)
                if one.unit.base != NONE or after.startswith(spelt)
                else spelt in told
            )
            for unit in tried:
                by = (
                    1.0
                    if word_for_word
                    else units.conversion(unit, figure.unit, person=person, per=per)
                )
                if not by or (unit is one.unit and foreign):
                    continue
                for end_of in ends:
                    value = getattr(figure, end_of)
                    if value is None:
                        continue
                    sign, off = agrees(one, value, by, figure, scope)
                    if off is None:
                        continue
                    wrong, weight = self.facts.against(figure, scope)
                    wrong = wrong or contradicted(figure, scope, self.facts.sectors)
                    if end_of != "value" and len(ends) > 1:
                        wrong = wrong or wrong_end(end_of, scope)
                    found.append(_Candidate(call, figure, end_of, sign or wrong, weight, off))
                break
        return found

    def _best(self, fits: Sequence[_Candidate]) -> _Candidate | None:
        ranked = sorted(fits, key=lambda c: (c.end_of != "value", -c.weight))
        first = ranked[0]
        for other in ranked[1:]:
            if (other.end_of != "value", -other.weight) != (first.end_of != "value", -first.weight):
                break
            if not same(first.figure, other.figure):
                return None
        return first

    def _range(self, k: int, one: Read, two: Read) -> bool:
        scope = self.scopes[k]
        lows = self._candidates(one, scope, ("low",))
        highs = {(c.call, c.figure.id) for c in self._candidates(two, scope, ("high",))}
        both = [c for c in lows if (c.call, c.figure.id) in highs]
        fits = [c for c in both if not c.wrong]
        if fits:
            best = self._best(fits)
            if best is None:
                reason = (
                    f"several intervals fit: {_named(fits[0].figure)}; {_named(fits[1].figure)}"
                )
                self._refuse(k, reason)
                self._refuse(k + 1, reason)
                return True
            self._bind(k, one, best)
            self._bind(k + 1, two, replace(best, end_of="high"))
            return True
        if both:
            for place in (k, k + 1):
                self._refuse(place, both[0].wrong)
            return True
        return False

    def _half_width(self, k: int, one: Read) -> None:
        left = self.bound.get(one.joined) if one.joined is not None else None
        if left is None:
            self._refuse(k, "the number it widens is bound to no figure")
            return
        figure = self.results[left.call].figures[int(left.figure[1:]) - 1]
        assert figure.value is not None
        if figure.low is None or figure.high is None:
            self._refuse(k, "the figure has no interval")
            return
        half = (figure.high - figure.low) / 2
        by = units.conversion(one.unit, figure.unit)
        shares = [half] if by else []
        if one.unit.base == PERCENT and not by and figure.value:
            shares, by = [100 * half / abs(figure.value)], 1.0
        skew = abs(figure.high + figure.low - 2 * figure.value) / 2
        fits = [s for s in shares if abs(one.value * by - s) <= one.half * by * (1 + 1e-9)]
        if fits and skew <= max(one.half * (by or 1.0), 0.01 * half):
            self.bound[k] = Bound(one.start, one.end, one.text, one.value, str(one.unit), left.call,
                                  left.figure, "half-width")  # fmt: skip
        elif fits:
            self._refuse(k, f"the interval is not symmetric: {figure.low:.6g} to {figure.high:.6g}")
        else:
            self._refuse(k, f"the interval is {figure.low:.6g} to {figure.high:.6g} {figure.unit}")

    def _reason(self, one: Read, found: Sequence[_Candidate], scope: Scope) -> str:
        if found:
            best = max(found, key=lambda c: (c.end_of == "value", c.weight))
            return best.wrong
        for _, figure in self.figures:
            assert figure.value is not None
            for scale in (1.0, 1e-3, 1e3, 1e6, 1e-6, 1e9, 1e-9, 100.0, 0.01):
                if agrees(one, figure.value, scale, figure, scope)[1] is not None and (
                    not self.facts.against(figure, scope)[0]
                ):
                    if one.unit.base == NONE:
                        return f"no unit: the figure is in {figure.unit}"
                    of, to = one.unit.substance, units.parsed(figure.unit)[0].substance
                    if of and to and of != to:
                        return f"wrong gas: the figure is of {to}, not {of}"
                    value = f"{figure.value:.6g} {figure.unit}"
                    return f"wrong unit: the figure is {value}, not {one.unit}"
        near = [f for _, f in self.figures if not self.facts.against(f, scope)[0]]
        if near and one.unit.base != NONE:
            close = min(near, key=lambda f: far(one, f))
            if math.isfinite(far(one, close)):
                value = f"{close.value:.6g} {close.unit}"
                return f"no such value; what fits the words is {value} ({_named(close)})"
        return "no such value"


def _named(figure: Figure) -> str:
    return ", ".join([figure.quantity, *figure.labels.values()])


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = {name: k for k, name in enumerate(_MONTHS, start=1)}


def _dates(text: str) -> list[str]:
    return [one.text for one in read(text) if one.kind == "date"]


def _date(text: str) -> tuple[int, ...]:
    """Year, month and day of a date in any of the forms that are read."""
    year = re.search(r"(?:19|20|21)\d\d", text)
    month = next((k for m, k in _MONTH.items() if m in text.lower()), 0)
    rest = [int(n) for n in re.findall(r"\d+", text) if year is None or n != year[0]]
    numbers = ([month] if month else []) + rest
    return (int(year[0]) if year else 0, *numbers)
