"""What a specialist minds before a call and before an answer; each complaint is for the model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from mriocarbon.agents.answer import Call
from mriocarbon.agents.grounding import Grounded, ground
from mriocarbon.agents.mentions import countries, direction, misspelt, open_ended, years
from mriocarbon.cbam.territory import EU27
from mriocarbon.errors import AmbiguousNameError, MriocarbonError
from mriocarbon.tools import ToolResult, resolve

_REGION = re.compile(r"region|countr|origin|destination|importer|exporter|partner|place|nation")
_ORIGIN = ("origin", "origin_name", "exporter", "exporter_name", "source_region")
_DESTINATION = ("destination", "destination_name", "importer", "importer_name")
_SUM = re.compile(r"\b(?:total|sum|altogether|combined|together|in all)\b|合计|总计|总共|总和|相加",
                  re.IGNORECASE)  # fmt: skip
ALWAYS = ("WLD", "ROW")


def regions_of(arguments: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the codes of the regions in arguments, by argument; what is no name is left out."""
    found = {}
    for key, value in arguments.items():
        if not _REGION.search(key):
            continue
        named = value if isinstance(value, list) else [value]
        codes = [_code(one) for one in named if isinstance(one, str)]
        found[key] = tuple(code for code in codes if code)
    return {key: codes for key, codes in found.items() if codes}


def _code(name: str) -> str | None:
    try:
        return resolve.country_code(name) or resolve.country(name).code
    except AmbiguousNameError:
        return None
    except MriocarbonError:
        return None


def before_call(
    arguments: Mapping[str, Any], question: str, context: str, results: Iterable[ToolResult]
) -> str:
    """Return what is wrong with the regions and years of a call, or nothing.

    Parameters
    ----------
    arguments : mapping
    question : str
        The question as the person wrote it.
    context : str
        What was said before, whose names may be meant too.
    results : iterable of ToolResult
        What was found before: its regions may be asked about next.
    """
    asked = regions_of(arguments)
    way = direction(question)
    if way is not None:
        origin = next((asked[key] for key in _ORIGIN if key in asked), ())
        destination = next((asked[key] for key in _DESTINATION if key in asked), ())
        if way[1] in origin or way[0] in destination:
            return (
                f"origin and destination are swapped: the question goes from {_name(way[0])} "
                f"(origin) to {_name(way[1])} (destination). Call again with these."
            )
    if wrong := _other_year(arguments, question):
        return wrong
    named = {one.code for one in countries(question)}
    if not named - set(ALWAYS) or open_ended(question):
        return ""
    known = named | {one.code for one in countries(context)} | set(ALWAYS)
    known |= {
        label
        for result in results
        for one in result.figures
        for key, label in one.labels.items()
        if key in ("region", "partner")
    }
    for codes in asked.values():
        for code in codes:
            if code not in known and not misspelt(code, question):
                return (
                    f"the question does not ask about {_name(code)}; it names "
                    f"{', '.join(_name(one) for one in sorted(named))}. Call again with these and "
                    "leave the other out, or call the tool that needs no other."
                )
    return ""


def _other_year(arguments: Mapping[str, Any], question: str) -> str:
    """Return the complaint about a year that is none of those that the question names."""
    named = years(question)
    for key, value in arguments.items():
        if named and re.fullmatch(r"(?:\w+_)?year", key) and str(value) not in named:
            return (
                f"the question is about {' and '.join(named)}, not {value}. Call again with that."
            )
    return ""


def missing(
    needed: Sequence[str], arguments: Mapping[str, Any], question: str, context: str
) -> str:
    """Return "country" where a tool needs one and the model made one up; else nothing.

    The world need not be named: it is what "the ocean sink" is of.
    """
    if open_ended(question) or countries(f"{question}\n{context}"):
        return ""
    asked = regions_of(arguments)
    named = {code for key in needed for code in asked.get(key, ())} - set(ALWAYS)
    made_up = any(not misspelt(code, f"{question}\n{context}") for code in named)
    return "country" if made_up else ""


_NOTHING = re.compile(
    r"(?:(?:an? |your )?(?:example|sample|some|any|unknown|unspecified|placeholder|generic|default)"
    r"(?: (?:name|place|product|good|item|region|country|location|process))?|your \w+|anywhere|"
    r"everywhere|n/?a|none|null|string|\?+|)",
    re.IGNORECASE,
)
"""What a model writes where it has nothing to write."""


def nothing(value: object) -> bool:
    """Tell whether a name is only what stands for one.

    Examples
    --------
    >>> nothing("example product"), nothing(""), nothing("generic steel")
    (True, True, False)
    """
    return isinstance(value, str) and _NOTHING.fullmatch(value.strip()) is not None


_QUOTED = re.compile(r"<(\w+)[^>]*>.*?</\1>|<[^>]*>", re.DOTALL)
_ACT = re.compile(r"(?:19|20)\d\d/\d+|\d+/(?:19|20)\d\d")
"""What stands between tags is no question; the year of an act is none that is asked about."""


def left_out(question: str, calls: Sequence[Call]) -> str:
    """Return the first country or year that a question names and no call was about, or nothing.

    What a call asked for counts, whatever came of it: nobody is made to ask twice.

    Examples
    --------
    >>> asked = Call(specialist="trade", tool="account", arguments={"regions": ["China"]})
    >>> left_out("Compare China with India.", [asked])
    'India'
    """
    question = _QUOTED.sub(" ", question)
    if not calls or open_ended(question):
        return ""
    about = {
        code for one in calls for codes in regions_of(one.arguments).values() for code in codes
    }
    for call in calls:
        for figure in call.result.figures if call.result is not None else ():
            about |= {*figure.labels.values(), *re.findall(r"[A-Z0-9]+", figure.quantity)}
    cbam = any(one.specialist == "cbam" for one in calls)
    for one in countries(question):
        # the EU of "CBAM of the EU", the importer there, the world need not be an argument
        if one.code not in (*about, *ALWAYS, "EU27") and not (cbam and one.code in EU27):
            return _name(one.code)
    said = json.dumps([[c.arguments, c.result.title if c.result else ""] for c in calls])
    said += " ".join(label for label in about if label[:1].isdigit())
    question = _ACT.sub(" ", question)
    return next((year for year in years(question)[:3] if year not in said), "")


_CODE = re.compile(
    r"(?:\b(?:CN|HS|headings?|codes?|tariff line)\b|税则号|税号|海关编码|编码|品目)"
    r"(?: code)?[\s:：]*"
    r"(\d{4}(?: ?\d{2}){0,2})(?![\d.,]*\d|\s?(?:t|kg|tonnes?|吨|千克)\b)",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"(?:other than|except|not|without|but)\s+(?:for )?$|(?:除|非|不含|不是)\s*$", re.IGNORECASE
)


def as_the_question_says(
    arguments: Mapping[str, Any], error: AmbiguousNameError, question: str
) -> tuple[dict[str, Any], str] | None:
    """Return arguments with the meaning of a vague good whose CN code the question gives, and it.

    Examples
    --------
    >>> flat = [("7208", "hot-rolled flat steel"), ("7209", "cold-rolled flat steel")]
    >>> error = AmbiguousNameError("good", "steel", flat)
    >>> as_the_question_says({"good_name": "steel"}, error, "CBAM of steel of CN 7208 51 20?")
    ({'good_name': '72085120'}, '72085120')
    >>> as_the_question_says({"good_name": "steel"}, error, "CBAM of 7208 tonnes of steel?")
    """
    written = {
        one[1].replace(" ", "")
        for one in _CODE.finditer(question)
        if not _BUT.search(question[: one.start()])
    }
    fits = [code for code in written if any(code.startswith(option) for option, _ in error.options)]
    if len(written) != 1 or not fits or error.name not in arguments.values():
        return None
    return {key: fits[0] if one == error.name else one for key, one in arguments.items()}, fits[0]


def _name(code: str) -> str:
    return resolve.country_name(code)


def unproven(
    text: str, results: Sequence[ToolResult], language: str, question: str
) -> tuple[Grounded, list[tuple[int, int, str]]]:
    """Return how a text is grounded, and what of it is not proven: place and reason."""
    grounded = ground(text, results, language=language, question=question)
    found = [
        (one.start, one.end, f"{text[one.start : one.end][:60]!r}: {one.reason}")
        for one in grounded.loose
    ]
    return grounded, [*found, *_scopes_added(text, grounded, results)]


def _scopes_added(
    text: str, grounded: Grounded, results: Sequence[ToolResult]
) -> list[tuple[int, int, str]]:
    """Return the sentences that speak of a sum of figures of different scopes."""
    found = []
    for start, end in sentences(text):
        if not _SUM.search(text[start:end]):
            continue
        scopes = set()
        for one in grounded.numbers:
            if start <= one.start < end:
                figure = next(f for f in results[one.call].figures if f.id == one.figure)
                scopes |= {figure.labels["scope"]} if "scope" in figure.labels else set()
        if len(scopes) > 1:
            told = ", ".join(sorted(scopes))
            found.append((start, end, f"scopes overlap and are never added: {told}"))
    return found


_END = re.compile(r"(?<=[.!?])[\"”)]?\s+(?=[^\s\da-z])|(?<=[。！？；])|\n+")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the places of the sentences and lines of a text, together all of it.

    Examples
    --------
    >>> text = "It is 12.5 Mt in 2022. India: 3 Mt."
    >>> [text[a:b] for a, b in sentences(text)]
    ['It is 12.5 Mt in 2022. ', 'India: 3 Mt.']
    """
    cuts = [0, *(one.end() for one in _END.finditer(text)), len(text)]
    return [(a, b) for a, b in pairwise(cuts) if text[a:b].strip()]
