"""What the tools returned, as the check of an answer needs it: figures, words, names, labels.

`Facts.against` says what the words round a number say against a figure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from mriocarbon.agents import grounding_names as names
from mriocarbon.agents import grounding_units as units
from mriocarbon.agents.grounding_context import Scope
from mriocarbon.agents.grounding_names import Mention, Vocabulary
from mriocarbon.agents.grounding_numbers import Read, plain, read
from mriocarbon.agents.grounding_units import NONE
from mriocarbon.model.labels import fold
from mriocarbon.tools.resolve import country_name
from mriocarbon.tools.types import Figure, ToolResult

_SCOPES = re.compile(
    r"(?:\bscopes?[ -]?|范围\s?)(?:[123一二三]|one\b|two\b|three\b)"
    r"(?:\s*(?:[,、/&+–-]|and|to|和|及|与|至|到)+\s*(?:and\s*)?(?:范围)?(?:[123一二三]|one\b|two\b|three\b))*"
    r"(?!\d|\.\d)",
    re.IGNORECASE,
)
_SCOPE = re.compile(r"([1一]|one\b)|([2二]|two\b)|[3三]|three\b", re.IGNORECASE)
_STREAM = re.compile(r"\s*\(?(?:(上游|upstream)|下游|downstream)", re.IGNORECASE)


class Facts:
    """The figures of some results, and the words by which they can be told apart.

    Attributes
    ----------
    figures : list of (int, Figure)
        All that have a value, with the place of their result.
    words, quotable : list of str
        All words of each result, labels included, values not; the same folded.
    known : str
        The same together with the question.
    years, codes : set of str
        Those that results or question name.
    given, said : set of float
        Amounts that tools were called with, and numbers of the question.
    places : set of str
        Regions and partners of figures.
    """

    def __init__(
        self, results: Sequence[ToolResult], language: str = "en", question: str = ""
    ) -> None:
        self.results, self.language = results, language
        self._spoken: dict[int, frozenset[str]] = {}
        self.figures = [
            (call, one) for call, result in enumerate(results) for one in result.figures
            if one.value is not None
        ]  # fmt: skip
        self.words = [_words(one) for one in results]
        self.quotable = [" ".join(plain(one).casefold().split()) for one in self.words]
        self.known = plain(" ".join([*self.words, question]))
        self.years = set(re.findall(r"(?<!\d)(?:19|20|21)\d\d(?!\d)", self.known))
        self.codes = _codes(results, question)
        self.question = question
        self.given = {value for one in results for value in _amounts(one.arguments)}
        self.said = {one.value for one in read(question)}
        keys = {key for _, one in self.figures for key in one.labels}
        self.keys = sorted(keys - {"region", "partner", "year", "gas", "principle", "rank"})
        self.concepts = {
            concept for _, one in self.figures for concept in names.concepts_of(one.quantity)
        }
        self.vocabularies = [
            Vocabulary.of(key, (one.labels[key] for _, one in self.figures if key in one.labels))
            for key in self.keys
        ]
        self.vocabularies.append(
            Vocabulary.of("quantity", (one.quantity for _, one in self.figures))
        )
        self.spelt_units = sorted({plain(one.unit) for _, one in self.figures if " " in one.unit})
        self.numbered = _numbered([one for _, one in self.figures])
        self.sectors = frozenset(
            f.labels["sector"] for _, f in self.figures if "sector" in f.labels
        )
        self.places = {
            one.labels[key] for _, one in self.figures for key in ("region", "partner")
            if key in one.labels
        }  # fmt: skip

    def mentions(self, piece: str, start: int, reads: Sequence[Read]) -> list[Mention]:
        """Return what a piece of a text speaks of.

        `start` is where it stands in the text whose numbers are `reads`, -1 for other words.
        """
        flat = plain(piece)
        inside = (
            read(piece)
            if start < 0
            else [one for one in reads if start <= one.start < start + len(piece)]
        )
        shift = max(start, 0)
        spans = [
            (one.start - shift, one.stop - shift) for one in inside if one.kind in ("value", "year")
        ]

        # "per t hot metal" is a unit, not the quantity "hot metal taken in"
        spans += [
            (match.start(), match.end())
            for unit in self.spelt_units
            for match in re.finditer(re.escape(unit), flat)
        ]

        def outside(one: Mention) -> bool:
            return not any(a <= one.start and one.end <= b for a, b in spans)

        found = [
            one
            for one in names.regions(flat, self.places, self.language)
            if outside(one) and (one.value != names.WORLD or names.WORLD in self.places)
        ]
        found += [
            Mention(one.start - shift, one.end - shift, "year", str(int(one.value)))
            for one in inside
            if one.kind == "year" and not _cited(flat, one.start - shift, one.end - shift)
        ]
        found += [
            Mention(one.start - shift, one.end - shift, "good", good)
            for one in inside
            if one.kind == "code" or (one.kind == "value" and one.unit.base == NONE)
            for good in self._goods(one)
        ]
        found += [one for one in names.concepts(flat) if outside(one)]
        found += [one for one in names.gases(flat) if outside(one)]
        found += [
            Mention(one.start - shift, one.end - shift, "rank", str(int(one.value)))
            for one in inside
            if one.kind == "rank"
        ]
        labels = [one for each in self.vocabularies for one in each.mentions(flat) if outside(one)]
        labels += self._scope_lists(flat)
        phrases = (
            [(a - shift, b - shift) for a, b in self.phrases(flat)]
            if start < 0
            else [(a, b) for a, b in self.phrases(flat)]
        )
        quantities = {f.quantity for _, f in self.figures}
        covers = [
            (one.start, one.end)
            for one in labels
            if one.kind != "quantity" and one.value not in quantities
        ]

        def within(one: Mention, spans: Sequence[tuple[int, int]]) -> bool:
            return any(
                a <= one.start and one.end <= b and b - a > one.end - one.start for a, b in spans
            )

        found = [
            one for one in found
            if not (
                (one.kind in ("concept", "gas") or one.value == names.WORLD)
                and within(one, covers)
            )
            and not (one.kind == "year" and within(one, phrases))
        ]  # fmt: skip
        everywhere = [(one.start, one.end) for one in labels]
        return sorted([*found, *(one for one in labels if not within(one, everywhere))])

    def _scope_lists(self, flat: str) -> list[Mention]:
        """Return the scopes of "scopes 1, 2 and 3", "范围一", each where its number stands."""
        found = []
        known = {f.labels.get("scope", "") for _, f in self.figures}
        for run in _SCOPES.finditer(flat):
            for one in _SCOPE.finditer(flat, *run.span()):
                name = f"scope {1 if one[1] else 2 if one[2] else 3}"
                if side := _STREAM.match(flat, one.end()):
                    whole = f"{name} {'upstream' if side[1] else 'downstream'}"
                    name = whole if whole in known else name
                if any(f"{own} ".startswith(f"{name} ") for own in known):
                    found.append(Mention(*one.span(), "scope", name))
        return found

    def phrases(self, flat: str) -> list[tuple[int, int]]:
        """Return where a text has a name, label or unit of the results that holds digits."""
        low = flat.casefold()
        return [
            (match.start(), match.end())
            for phrase in self.numbered
            for match in re.finditer(re.escape(phrase), low)
        ]

    def _goods(self, one: Read) -> list[str]:
        """The goods that a code means: its own, or those below its heading."""
        digits = re.sub(r"\D", "", one.text)
        goods = {f.labels["good"] for _, f in self.figures if "good" in f.labels}
        below = [g for g in goods if re.sub(r"\D", "", g).startswith(digits)]
        return sorted(below) or ([digits] if one.kind == "code" else [])

    def against(self, figure: Figure, scope: Scope) -> tuple[str, int]:
        """Return what the words say against a figure, and how many of its labels they name."""
        weight = 0
        wrong = self._region(figure, scope)
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
                others = [one for one in said["year"] if not _in_years(one, year)]
                if others and "year" in scope.together:  # "in 2000 and 2022 it is 2": of both
                    wrong = f"right value, but of {year} alone, not {' and '.join(said['year'])}"
            else:
                wrong = f"right value, but of {year}, not {' or '.join(said['year'])}"
        gas = labels.get("gas") or {"CO2e": "GHG", "CO2": "CO2", "CH4": "CH4"}.get(
            units.parsed(figure.unit)[0].substance, ""
        )
        if gas and said.get("gas"):
            if gas in said["gas"] or set(gas.split()) & set(said["gas"]):
                weight += 1
            elif not wrong:
                wrong = f"right value, but of {gas}, not {' or '.join(said['gas'])}"
        concepts = names.concepts_of(figure.quantity, labels.get("principle", ""))
        spoken = set(said.get("concept", ()))
        if "partner" in labels:  # one flow is exported, imported and consumed
            spoken -= {"export", "import", "consumption", "production"}
        elif not spoken and re.search(r"\bemit(?:s|ted)\b", scope.text):
            spoken = {"production"}
        unsaid = "net" in concepts and "net" not in spoken
        denied = "net" in spoken and "net" not in concepts and "concept" in scope.own
        if (unsaid or denied) and not wrong and "net" in self.concepts:
            wrong = f"right value, but it is the {figure.quantity}"
        if spoken & concepts:
            weight += 1
        elif spoken and concepts and not wrong:
            wrong = (
                f"right value, but it is the {figure.quantity}, not {' or '.join(sorted(spoken))}"
            )
        for key in (*self.keys, "rank", "quantity"):
            own = figure.quantity if key == "quantity" else labels.get(key)
            if own is None or not said.get(key):
                continue
            if own in said[key] or (
                key == "scope" and any(own.startswith(f"{one} ") for one in said[key])
            ):  # "scope 3" is upstream or downstream
                weight += 1
                if key == "scope" and key in scope.own and len(set(said[key])) > 1 and not wrong:
                    wrong = f"right value, but of {own} alone, not {' and '.join(said[key])}"
            elif not wrong and (key != "quantity" or key in scope.own):
                if key != "rank" and (
                    not re.search(r"[^\W\d]{2}|\d{4}", own)
                    or self._half_said(own, said[key], scope)
                    or any(
                        f"with {one}" in own
                        and re.search(rf"\bwith (?:the |a )?{one}", scope.before)
                        for one in map(re.escape, said[key])
                    )
                ):
                    continue
                what = "quantity" if key == "quantity" else key
                wrong = f"right value, but its {what} is {own!r}, not {said[key][0]!r}"
        return wrong, weight

    def _half_said(self, own: str, said: Sequence[str], scope: Scope) -> bool:
        """Whether words of a label stand near a number that the labels named there lack."""
        other = {word for one in said for word in names.content(one)}
        near = fold(scope.near)
        return any(word in near for word in names.content(own) if word not in other)

    def _region(self, figure: Figure, scope: Scope) -> str:
        region, partner = figure.labels.get("region"), figure.labels.get("partner")
        said = list(scope.said.get("region", ()))
        others = [one for one in said if one != names.WORLD and not self.tolerated(one, figure)]
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
            if all(self.tolerated(one, figure) for one in real) and alone:
                return ""
            return f"right value, but of {region}, not {', '.join(real)}"
        return self._flow(region, partner, figure, scope)

    def _flow(self, region: str, partner: str, figure: Figure, scope: Scope) -> str:
        said = set(scope.said.get("region", ()))
        around = set(scope.beside) if len(set(scope.beside)) > 1 else said | set(scope.regions)
        flows = [
            f for _, f in self.figures if f.quantity == figure.quantity and "partner" in f.labels
        ]
        sure = {
            region: len({f.labels.get("region") for f in flows}) == 1,
            partner: len({f.labels["partner"] for f in flows}) == 1
            or not re.fullmatch(r"[A-Z][A-Z\d]{1,5}", partner),
        }
        missing = [one for one in (region, partner) if one not in around and not sure[one]]
        foreign = [
            one for one in (said | set(scope.beside)) - {region, partner, names.WORLD}
            if not self.tolerated(one, figure) and "region" in scope.own
        ]  # fmt: skip
        if missing or foreign:
            named = ", ".join(sorted(said)) or "of nothing named"
            return f"right value, but from {region} to {partner}, not {named}"
        if not said & {region, partner} and not (sure[region] and sure[partner]):
            return f"right value, but from {region} to {partner}, not {', '.join(sorted(said))}"
        for roles in scope.roles:
            of, to = roles.get(region, set()), roles.get(partner, set())
            if of == {"to"} or to == {"from"}:
                return f"wrong direction: the flow goes from {region} to {partner}"
            if "from" in of or "to" in to:
                return ""
        back = any(
            (f.labels.get("region"), f.labels["partner"]) == (partner, region) for f in flows
        )
        if not back or (sure[region] and sure[partner]):
            return ""
        return f"does not say which way: the flow goes from {region} to {partner}"

    def tolerated(self, region: str, figure: Figure) -> bool:
        """Return whether a region may be named beside a figure whose label it is not.

        Its result speaks of it in title, arguments or items, and no figure beside it is of it.
        """
        for call, one in self.figures:
            if one is figure:
                return region in self._beside(call)
        return False

    def _beside(self, call: int) -> frozenset[str]:
        if call not in self._spoken:
            one = self.results[call]
            told = [one.title, json.dumps([one.arguments, one.items], ensure_ascii=False)]
            told += [f.quantity for f in one.figures]
            named = {m.value for m in names.regions(plain(" | ".join(told)), (), self.language)}
            if "CBAM" in one.title:
                named.add("EU27")  # where the goods go to, and who is paid
            labels = {f.labels.get(key) for f in one.figures for key in ("region", "partner")}
            self._spoken[call] = frozenset(named - labels)
        return self._spoken[call]


def _numbered(figures: Sequence[Figure]) -> list[str]:
    """Names, labels and units that hold digits, the longest first, folded to lower case."""
    told: set[str] = set()
    for one in figures:
        told |= {one.quantity, one.unit, *one.labels.values()}
        told |= {country_name(one.labels[k]) for k in ("region", "partner") if k in one.labels}
    found = {
        plain(t).casefold() for t in told if re.search(r"\d", t) and re.search(r"[^\W\d_]{2}", t)
    }
    return sorted(found, key=len, reverse=True)


_NO_AMOUNT = frozenset({"limit", "offset", "draws", "seed", "year", "first_year", "last_year"})


def _amounts(arguments: object) -> Iterator[float]:
    """The amounts in the arguments of a call."""
    if isinstance(arguments, dict):
        for key, value in arguments.items():
            if key not in _NO_AMOUNT:
                yield from _amounts(value)
    elif isinstance(arguments, list | tuple):
        for value in arguments:
            yield from _amounts(value)
    elif isinstance(arguments, int | float) and not isinstance(arguments, bool) and arguments:
        yield float(arguments)


def _codes(results: Sequence[ToolResult], question: str) -> set[str]:
    """Digits that stand alone in labels, arguments, items and the question."""
    told = [question]
    for one in results:
        told += [json.dumps(one.arguments), *one.read_as, *one.read_as.values()]
        told += [text for item in one.items for text in item.values()]
        told += [text for f in one.figures for text in f.labels.values()]
    digits = re.findall(r"(?<![\w.])\d{2,10}(?:[ .]\d{2})*(?![\w])", plain(" | ".join(told)))
    return {re.sub(r"\D", "", one) for one in digits}


def _words(result: ToolResult) -> str:
    """All the words of a result, its figures' labels included, their values not."""
    told = result.model_dump(mode="json", exclude={"figures"})
    labels = [f"{one.quantity} {' '.join(one.labels.values())} {one.why}" for one in result.figures]
    return json.dumps(told, ensure_ascii=False) + " " + " ".join(dict.fromkeys(labels))


def _in_years(said: str, label: str) -> bool:
    found = [int(y) for y in re.findall(r"(?:19|20|21)\d\d", label)]
    if len(found) == 2 and re.search(r"\d\s?(?:-|–|to)\s?\d", label):
        return found[0] <= int(said) <= found[1]
    return int(said) in found or not found


_CITED_BEFORE = re.compile(r"(?:et al\.?,?\s?\(?|[A-Z]\w+ \(|\bof \w+ \()$")
_CITED_AFTER = re.compile(r"\)?(?:\s?-?\s?edition|版|\s?release)|年?以来")
_SINCE = re.compile(r"\b(?:since|base year|relative to|as of)\s(?:the year )?$|自$", re.IGNORECASE)


def _cited(text: str, start: int, end: int) -> bool:
    """Whether a year is that of a source or edition or where a change begins."""
    return (
        _SINCE.search(text[max(0, start - 24) : start]) is not None
        or (
            _CITED_BEFORE.search(text[max(0, start - 24) : start]) is not None
            and text[end : end + 1] in (")", ",", ";")
        )
        or _CITED_AFTER.match(text, end) is not None
    )
