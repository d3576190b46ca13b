"""The check of an answer: every number is bound to one figure that a tool returned, or it is loose.

A number is bound when a figure has its value after rounding as printed and after conversion of
its unit, and when the words around it agree with what the figure is: region, partner and the
direction between them, year, gas, quantity and every other label. Nothing is computed: a sum, a
difference or a share is bound only where a tool returned it.

Numbers that need no figure are few: years, dates and codes that the question or a result names;
standards and numbered parts of texts; levels of intervals that a figure has; the numbering of a
list; ranks that a figure has; how many things a result lists; words quoted from a result.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mriocarbon.agents import grounding_names as names
from mriocarbon.agents import grounding_units as units
from mriocarbon.agents.grounding_context import Scope, scopes, sentences
from mriocarbon.agents.grounding_names import Mention, Vocabulary
from mriocarbon.agents.grounding_numbers import Read, plain, read
from mriocarbon.agents.grounding_units import NONE, PERCENT, Unit
from mriocarbon.tools.types import Figure, ToolResult

ROUNDED = 0.025
"""How far trailing zeros may stand for rounding: 13,200 for 13,238.9, not 10,000."""
ROUNDED_ABOUT = 0.05
"""And where the text says "about", "over", "nearly"."""


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


def strip(text: str, grounded: Grounded) -> str:
    """Return a text without the sentences, rows and items that hold a loose number."""
    kept = text
    for start, end in reversed(sentences(plain(text))):
        if any(start <= one.start < end for one in grounded.loose):
            tail = "\n" if "\n" in text[start:end] else ""
            kept = kept[:start] + tail + kept[end:]
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


class _Check:
    def __init__(
        self, text: str, results: Sequence[ToolResult], language: str, question: str
    ) -> None:
        self.text, self.flat = text, plain(text)
        self.results, self.language, self.question = results, language, question
        self.figures = [
            (call, one) for call, result in enumerate(results) for one in result.figures
            if one.value is not None
        ]  # fmt: skip
        self.reads = read(text)
        self.words = [_words(one) for one in results]
        self.known = plain(" ".join([*self.words, question]))
        self.years = set(re.findall(r"(?<!\d)(?:19|20|21)\d\d(?!\d)", self.known))
        self.codes = {
            re.sub(r"\D", "", c) for c in re.findall(r"(?<![\w.])\d[\d ]{3,12}(?![\w])", self.known)
        }
        self.codes |= set(re.findall(r"(?<![\w.])\d{2,10}(?![\w])", self.known))
        keys = {key for _, one in self.figures for key in one.labels}
        self.keys = sorted(keys - {"region", "partner", "year", "gas", "principle", "rank"})
        self.vocabularies = [
            Vocabulary.of(key, (one.labels[key] for _, one in self.figures if key in one.labels))
            for key in self.keys
        ]
        self.vocabularies.append(
            Vocabulary.of("quantity", (one.quantity for _, one in self.figures))
        )
        self.places = {
            one.labels[key] for _, one in self.figures for key in ("region", "partner")
            if key in one.labels
        }  # fmt: skip
        self.scopes = scopes(self.flat, self.reads, self._mentions, question)
        self.bound: dict[int, Bound] = {}
        self.loose: dict[int, Loose] = {}
        self.free: dict[int, Free] = {}

    def _mentions(self, piece: str, start: int) -> list[Mention]:
        flat = plain(piece)
        reads = (
            read(piece)
            if start < 0
            else [one for one in self.reads if start <= one.start < start + len(piece)]
        )
        shift = max(start, 0)
        spans = [
            (one.start - shift, one.stop - shift) for one in reads if one.kind in ("value", "year")
        ]

        def outside(one: Mention) -> bool:
            return not any(a <= one.start < b for a, b in spans)

        found = [one for one in names.regions(flat, self.places, self.language) if outside(one)]
        found += [
            Mention(one.start - shift, one.end - shift, "year", str(int(one.value)))
            for one in reads
            if one.kind == "year" and not _cited(flat, one.start - shift, one.end - shift)
        ]
        found += [one for one in names.concepts(flat) if outside(one)]
        found += [one for one in names.gases(flat) if outside(one)]
        for each in self.vocabularies:
            found += [one for one in each.mentions(flat) if outside(one)]
        return sorted(found)

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
            tuple(self.loose[k] for k in sorted(self.loose)),
            tuple(self.free[k] for k in sorted(self.free)),
        )

    # --- what needs no figure ---

    def _let(self, k: int, why: str) -> None:
        one = self.reads[k]
        self.free[k] = Free(one.start, one.end, one.text, why)

    def _refuse(self, k: int, reason: str) -> None:
        one = self.reads[k]
        self.loose[k] = Loose(one.start, one.end, one.text, reason)

    def _other(self, k: int, one: Read) -> None:
        if one.kind in ("standard", "list"):
            self._let(k, one.kind)
        elif one.kind == "year":
            if str(int(one.value)) in self.years:
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
            if re.sub(r"\D", "", one.text) in self.codes:
                self._let(k, "code")
            else:
                self._refuse(k, "no result and no question names this code")
        elif one.kind == "rank":
            self._rank(k, one)
        elif plain(one.text).casefold() in self.known.casefold() or (
            one.kind == "date" and _date(one.text) in {_date(d) for d in _dates(self.known)}
        ):
            self._let(k, one.kind)
        else:
            self._refuse(k, f"no result and no question names this {one.kind}")

    def _rank(self, k: int, one: Read) -> None:
        ranked = [(c, f) for c, f in self.figures if f.labels.get("rank") == str(int(one.value))]
        scope = self.scopes[k]
        fits = [(c, f) for c, f in ranked if not self._wrong(f, scope)[0]]
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
        counts.add(len({m.value for m in names.regions(scope.text, self.places, self.language)}))
        return one.value in counts - {0}

    def _quoted(self, k: int, one: Read) -> bool:
        """Whether the number stands in a run of words that a result has word for word."""
        start = max((a for a, b in sentences(self.flat) if a <= one.start), default=0)
        before = self.flat[start : one.start].casefold()
        after = self.flat[one.end : one.end + 60].casefold()
        number = self.flat[one.start : one.end].casefold()
        for words in self.words:
            told = " ".join(words.casefold().split())
            for left, right in ((3, 0), (2, 1), (1, 2), (0, 3)):
                a = re.findall(r"[^\W_]+", before)[-left:] if left else []
                b = re.findall(r"[^\W_]+", after)[:right]
                if len(a) == left and len(b) == right:
                    gap = r"[\s,;:()/%-]*"
                    run = gap.join(re.escape(w) for w in (*a, number, *b))
                    if sum(map(len, (*a, *b))) >= 8 and re.search(
                        rf"(?<![\w.]){run}(?![\w])", told
                    ):
                        return True
        return False

    # --- what needs one ---

    def _value(self, k: int, one: Read) -> None:
        if (
            k + 1 < len(self.reads)
            and (two := self.reads[k + 1]).joined == k
            and not two.plus_minus
        ):
            if self._range(k, one, two):
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
            best = self._best(fits, self.scopes[k])
            if best is not None:
                self._bind(k, one, best)
                return
        if one.kind == "count" and self._counted(k, one):
            self._let(k, "count")
        elif self._quoted(k, one):
            self._let(k, "quoted")
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
        tried = [one.unit]
        if one.unit.base == NONE:
            tried += scope.units
        found = []
        for call, figure in self.figures:
            for unit in tried:
                by = units.conversion(unit, figure.unit, person=person, per=per)
                if not by:
                    continue
                for end_of in ends:
                    value = getattr(figure, end_of)
                    if value is None:
                        continue
                    sign, off = _agrees(one, value, by, figure, scope)
                    if off is None:
                        continue
                    wrong, weight = self._wrong(figure, scope)
                    if end_of != "value":
                        wrong = wrong or _wrong_end(end_of, one, scope)
                    found.append(_Candidate(call, figure, end_of, sign or wrong, weight, off))
                break
        return found

    def _best(self, fits: Sequence[_Candidate], scope: Scope) -> _Candidate | None:
        ranked = sorted(fits, key=lambda c: (c.end_of != "value", -c.weight))
        first = ranked[0]
        for other in ranked[1:]:
            if (other.end_of != "value", -other.weight) != (first.end_of != "value", -first.weight):
                break
            if not _same(first.figure, other.figure):
                return None
        return first

    def _range(self, k: int, one: Read, two: Read) -> bool:
        scope = self.scopes[k]
        lows = self._candidates(one, scope, ("low",))
        highs = {(c.call, c.figure.id) for c in self._candidates(two, scope, ("high",))}
        both = [c for c in lows if (c.call, c.figure.id) in highs]
        fits = [c for c in both if not c.wrong]
        if fits:
            best = self._best(fits, scope)
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

    def _wrong(self, figure: Figure, scope: Scope) -> tuple[str, int]:
        """What the words say against a figure, and how many of its labels they name."""
        weight = 0
        wrong = self._wrong_region(figure, scope)
        said = scope.said
        labels = figure.labels
        weight += sum(
            labels.get(key) in said.get("region", ())
            for key in ("region", "partner")
            if key in labels
        )
        if not wrong and (year := labels.get("year")) and said.get("year"):
            if any(_in_years(one, year) for one in said["year"]):
                weight += 1
            else:
                wrong = f"right value, but of {year}, not {' or '.join(said['year'])}"
        gas = labels.get("gas") or {"CO2e": "GHG", "CO2": "CO2", "CH4": "CH4"}.get(
            units.parsed(figure.unit)[0].substance, ""
        )
        if gas and said.get("gas"):
            if gas in said["gas"]:
                weight += 1
            elif not wrong:
                wrong = f"right value, but of {gas}, not {' or '.join(said['gas'])}"
        concepts = names.concepts_of(figure.quantity, labels.get("principle", ""))
        spoken = set(said.get("concept", ()))
        if "partner" in labels:  # one flow is exported, imported and consumed
            spoken -= {"export", "import", "consumption", "production"}
        elif not spoken and re.search(r"\bemit(?:s|ted)\b", scope.text):
            spoken = {"production"}
        if spoken & concepts:
            weight += 1
        elif spoken and concepts and not wrong:
            wrong = (
                f"right value, but it is the {figure.quantity}, not {' or '.join(sorted(spoken))}"
            )
        for key in (*self.keys, "quantity"):
            own = figure.quantity if key == "quantity" else labels.get(key)
            if own is None or not said.get(key):
                continue
            if own in said[key]:
                weight += 1
            elif not wrong and (key != "quantity" or key in scope.own):
                what = "quantity" if key == "quantity" else key
                wrong = f"right value, but its {what} is {own!r}, not {said[key][0]!r}"
        return wrong, weight

    def _wrong_region(self, figure: Figure, scope: Scope) -> str:
        region, partner = figure.labels.get("region"), figure.labels.get("partner")
        said = [one for one in scope.said.get("region", ())]
        others = [one for one in said if one != names.WORLD and not self._tolerated(one, figure)]
        if region is None:
            if others and "region" in scope.own:
                return f"right value, but of no region; the text says {', '.join(others)}"
            return ""
        if partner is None:
            alone = {f.labels.get("region") for _, f in self.figures} == {region}
            if region in said:
                extra = [one for one in others if one != region]
                if extra and "region" in scope.own:
                    return f"right value, but of {region} alone, not of {', '.join(extra)}"
                return ""
            named = [one for one in said if one != names.WORLD]
            if not named and not (names.WORLD in said and names.WORLD in self.places):
                return "" if alone else f"does not say of which region; the value is of {region}"
            real = named or said
            if all(self._tolerated(one, figure) for one in real) and alone:
                return ""
            return f"right value, but of {region}, not {', '.join(real)}"
        return self._wrong_flow(region, partner, figure, scope)

    def _wrong_flow(self, region: str, partner: str, figure: Figure, scope: Scope) -> str:
        said = set(scope.said.get("region", ()))
        around = said | set(scope.regions)
        flows = [
            f for _, f in self.figures if f.quantity == figure.quantity and "partner" in f.labels
        ]
        sure = {
            region: len({f.labels.get("region") for f in flows}) == 1,
            partner: len({f.labels["partner"] for f in flows}) == 1,
        }
        missing = [one for one in (region, partner) if one not in around and not sure[one]]
        foreign = [
            one for one in said - {region, partner, names.WORLD}
            if not self._tolerated(one, figure) and "region" in scope.own
        ]  # fmt: skip
        if missing or foreign:
            return f"right value, but from {region} to {partner}, not {', '.join(sorted(said)) or 'of nothing named'}"
        if not said & {region, partner} and not (sure[region] and sure[partner]):
            return f"right value, but from {region} to {partner}, not {', '.join(sorted(said))}"
        for roles in scope.roles:
            of, to = roles.get(region, set()), roles.get(partner, set())
            if of == {"to"} or to == {"from"}:
                return f"wrong direction: the flow goes from {region} to {partner}"
            if "from" in of or "to" in to:
                return ""
        if sure[region] and sure[partner]:
            return ""
        return f"does not say which way: the flow goes from {region} to {partner}"

    def _tolerated(self, region: str, figure: Figure) -> bool:
        """Whether a region may be named beside a figure: the result speaks of it, as no label."""
        if region in self.places:
            return False
        for call, one in self.figures:
            if one is figure:
                spoken = names.regions(self.words[call], self.places, self.language)
                return region in {m.value for m in spoken}
        return False

    def _reason(self, one: Read, found: Sequence[_Candidate], scope: Scope) -> str:
        if found:
            best = max(found, key=lambda c: (c.end_of == "value", c.weight))
            return best.wrong
        for call, figure in self.figures:
            assert figure.value is not None
            for scale in (1.0, 1e-3, 1e3, 1e6, 1e-6, 1e9, 1e-9, 100.0, 0.01):
                if _agrees(one, figure.value, scale, figure, scope)[1] is not None and (
                    not self._wrong(figure, scope)[0]
                ):
                    if one.unit.base == NONE:
                        return f"no unit: the figure is in {figure.unit}"
                    of, to = one.unit.substance, units.parsed(figure.unit)[0].substance
                    if of and to and of != to:
                        return f"wrong gas: the figure is of {to}, not {of}"
                    return f"wrong unit: the figure is {figure.value:.6g} {figure.unit}, not {one.unit}"
        near = [f for _, f in self.figures if not self._wrong(f, scope)[0]]
        if near and one.unit.base != NONE:
            close = min(near, key=lambda f: _far(one, f))
            if math.isfinite(_far(one, close)):
                return f"no such value; what fits the words is {close.value:.6g} {close.unit} ({_named(close)})"
        return "no such value"


def _agrees(
    one: Read, value: float, by: float, figure: Figure, scope: Scope
) -> tuple[str, float | None]:
    """What is wrong with the sign, and how far the number is off; no distance if it is not it."""
    printed, half = one.value * by, one.half * by * (1 + 1e-9)
    if not math.isfinite(printed):
        return "", None
    limit = (ROUNDED_ABOUT if one.about else ROUNDED) * abs(value)
    within = max(half, min(one.loose_half * by, limit)) + 1e-12 * abs(value)
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
    return wrong, off


_FALLS = re.compile(
    r"\b(?:fell|fall(?:s|en)?|drop|declin|decreas|reduc|lower|less|below|fewer|smaller|sink|absor|remov|uptake"
    r"|sequest|stor(?:es|ed)|net import|deficit|sav(?:es|ed|ing)|negative|cut)|减|降|低于|少|吸收|汇|净进口|负"
    r"|逆差",
    re.IGNORECASE,
)
_FELL_BY = re.compile(
    r"(?:\b(?:fell|fallen|falls|dropp?e?d?|declined|decreased|reduced|lower|cut)\b(?: \w+){0,2} by|减少了?|下降了?"
    r"|降低了?)\s*(?:about |约)?$",
    re.IGNORECASE,
)
_INTERVAL = re.compile(
    r"interval|\brange|\bCI\b|confiden|\blow(?:er|est)?\b|\bupper\b|\bhigh(?:er|est)?\b|bound|between|at least|at most"
    r"|uncertain|区间|范围|下限|上限|置信|最低|最高|介于|不确定|\bend\b|\bmin|\bmax",
    re.IGNORECASE,
)
_LOW = re.compile(r"\blow(?:er|est)?\b|at least|\bmin\w*|下限|最低", re.IGNORECASE)
_HIGH = re.compile(r"\bupper\b|\bhigh(?:er|est)?\b|at most|up to|\bmax\w*|上限|最高", re.IGNORECASE)


def _wrong_end(end_of: str, one: Read, scope: Scope) -> str:
    if not _INTERVAL.search(scope.text):
        return f"it is the {'lower' if end_of == 'low' else 'upper'} end of the interval, not the value"
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


def _same(a: Figure, b: Figure) -> bool:
    """Whether two figures are one number twice: same value and no label against another."""
    if a.value is None or b.value is None:
        return False
    by = units.conversion(units.parsed(a.unit)[0], b.unit) if a.unit != b.unit else 1.0
    close = math.isclose(a.value * (by or math.nan), b.value, rel_tol=1e-9)
    return close and all(b.labels.get(key, value) == value for key, value in a.labels.items())


def _far(one: Read, figure: Figure) -> float:
    by = units.conversion(one.unit, figure.unit)
    return abs(one.value * by - (figure.value or 0.0)) if by else math.inf


def _named(figure: Figure) -> str:
    return ", ".join([figure.quantity, *figure.labels.values()])


def _words(result: ToolResult) -> str:
    """All the words of a result, its figures' labels included, their values not."""
    told = result.model_dump(mode="json", exclude={"figures"})
    labels = [f"{one.quantity} {' '.join(one.labels.values())}" for one in result.figures]
    return json.dumps(told, ensure_ascii=False) + " " + " ".join(dict.fromkeys(labels))


def _in_years(said: str, label: str) -> bool:
    found = [int(y) for y in re.findall(r"(?:19|20|21)\d\d", label)]
    if len(found) == 2 and re.search(r"\d\s?(?:-|–|to)\s?\d", label):
        return found[0] <= int(said) <= found[1]
    return int(said) in found or not found


_CITED_BEFORE = re.compile(r"(?:et al\.?,?\s?\(?|[A-Z]\w+ \(|\bof \w+ \()$")
_CITED_AFTER = re.compile(r"\)?(?:\s?-?\s?edition|版|\s?release)")


def _cited(text: str, start: int, end: int) -> bool:
    """Whether a year is that of a source or edition, not of the numbers."""
    return (
        _CITED_BEFORE.search(text[max(0, start - 24) : start]) is not None
        and text[end : end + 1] in (")", ",", ";")
    ) or _CITED_AFTER.match(text, end) is not None


_MONTH = {m: k for k, m in enumerate(
    "jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}  # fmt: skip


def _dates(text: str) -> list[str]:
    return [one.text for one in read(text) if one.kind == "date"]


def _date(text: str) -> tuple[int, ...]:
    """Year, month and day of a date in any of the forms that are read."""
    year = re.search(r"(?:19|20|21)\d\d", text)
    month = next((k for m, k in _MONTH.items() if m in text.lower()), 0)
    rest = [int(n) for n in re.findall(r"\d+", text) if year is None or n != year[0]]
    numbers = ([month] if month else []) + rest
    return (int(year[0]) if year else 0, *numbers)
