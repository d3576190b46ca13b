"""What a specialist minds before a call and before an answer; each complaint is for the model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from mriocarbon import tools
from mriocarbon.agents.answer import Call
from mriocarbon.agents.grounding import Grounded, ground
from mriocarbon.agents.grounding_names import gases
from mriocarbon.agents.mentions import (
    QUOTED,
    YEAR,
    countries,
    direction,
    misspelt,
    open_ended,
    years,
)
from mriocarbon.errors import AmbiguousNameError, InputError, MriocarbonError
from mriocarbon.model.labels import EU27, fold
from mriocarbon.tools import ToolResult, resolve
from mriocarbon.tools.database import COMPUTED
from mriocarbon.tools.places import place

_REGION = re.compile(r"region|countr|origin|destination|importer|exporter|partner|place|nation")
_ORIGIN = ("origin", "origin_name", "exporter", "exporter_name", "source_region")
_DESTINATION = ("destination", "destination_name", "importer", "importer_name")
_HAN = re.compile(r"[\u3400-\u9fff]{2}")
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
    """Return what is wrong with the regions, years and gases of a call, or nothing.

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
    if wrong := _other_year(arguments, question) or _other_methane(arguments, question):
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


_TABLE_GASES = ("GHG", "CO2", "CH4", "N2O", "F-gases")
_PRINCIPLES = {
    "production": re.compile(r"\bproduction\b(?!,)|\bterritorial|生产侧|生产端|属地|境内", re.I),
    "consumption": re.compile(r"\bconsumption\b|消费侧|消费端", re.I),
}


def as_asked(
    arguments: Mapping[str, Any], question: str, can: Iterable[str]
) -> tuple[dict[str, Any], str]:
    """Return a call with the gas and the principle that the question names alone, and what changed.

    Parameters
    ----------
    arguments : mapping
    question : str
    can : iterable of str
        Arguments that the tool has.

    Examples
    --------
    >>> as_asked({"regions": ["China"]}, "methane emissions of China?", ["regions", "gas"])
    ({'regions': ['China'], 'gas': 'CH4'}, 'gas CH4')
    """
    given, told = dict(arguments), []
    gas = {one.value for one in gases(question)}
    if "gas" in can and len(gas) == 1 and gas <= set(_TABLE_GASES):
        (wanted,) = gas
        if _gas(given.get("gas", "GHG")) not in (wanted, ""):
            given["gas"] = wanted
            told.append(f"gas {wanted}")
    principle = {name for name, words in _PRINCIPLES.items() if words.search(question)}
    if given.get("principle") in _PRINCIPLES and len(principle) == 1:
        (wanted,) = principle
        if given["principle"] != wanted:
            given["principle"] = wanted
            told.append(f"principle {wanted}")
    return given, " and ".join(told)


def _gas(name: object) -> str:
    """Return the gas that a name means, or nothing."""
    try:
        return resolve.gas(name, _TABLE_GASES).code if isinstance(name, str) else ""
    except MriocarbonError:
        return ""


def called(name: str, arguments: Mapping[str, Any]) -> ToolResult:
    """Call a tool for an answer; what a query makes up itself is no result to tell.

    Raises
    ------
    InputError
        A query writes numbers, computes them, or calls them by another's name.
    MriocarbonError
        As the tool does.
    """
    found = tools.call(name, arguments)
    if name == "database_query" and any(one.why == COMPUTED for one in found.figures):
        raise InputError(
            "the query makes numbers of its own", where="sql",
            do="select rows as they stand, with value, unit, region, year, gas and source; sums and"
            " changes are for the typed tools",
        )  # fmt: skip
    return found


def _other_methane(arguments: Mapping[str, Any], question: str) -> str:
    """Return the complaint about methane whose origin the question names and the call does not."""
    asked = [one for one in arguments.get("gases", ()) if isinstance(one, str)]
    named = [one.value for one in gases(question)]
    for kind in ("CH4 fossil", "CH4 non-fossil"):
        if kind in named and "CH4" in asked and kind not in asked and "CH4" not in named:
            return f"the question is about {kind}, not CH4. Call again with that."
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
    if not isinstance(value, str):
        return False
    return _NOTHING.fullmatch(value.replace("_", " ").strip()) is not None


def without_placeholders(
    arguments: Mapping[str, Any], known: Iterable[object] = ()
) -> dict[str, Any]:
    """Return arguments less a place that is none, and a process that nobody named.

    Parameters
    ----------
    arguments : mapping
        Those inside a product or an item are looked at, too.
    known : iterable
        What was said and found; the exact name of a process stands there.

    Examples
    --------
    >>> without_placeholders({"product": "cement", "process": "process1", "location": "anywhere"})
    {'product': 'cement'}
    """
    texts = [fold(str(one)) for one in known]

    def kept(given: Any) -> Any:
        if isinstance(given, list):
            return [kept(one) for one in given]
        if not isinstance(given, Mapping):
            return given
        named = {fold(str(given[key])) for key in ("product", "name") if key in given}
        return {
            key: kept(one) for key, one in given.items()
            if not (key in ("location", "process") and nothing(one))
            and not (key == "process" and (fold(str(one)) in named
                                           or not any(fold(str(one)) in text for text in texts)))
        }  # fmt: skip

    found: dict[str, Any] = kept(arguments)
    return found


_NO_PRODUCT = re.compile(
    r"\b(?:(?:a|an|the|what|whats|is|are|do|does|did|would|you|me|my|for|of|please|i|want"
    r"|need|give|make|run|show|tell|calculate|compute|carry|out|perform|how|much|large|big|some"
    r"|full|life|cycle|lifecycle|assessment|analysis|lca|lcas|lcia|pcf|carbon|co2e?|ghg|climate"
    r"|emissions?|footprints?|products?|study|studies|impact)\b)|[\s\W_\d]+|(?:生命周期|全生命周期"
    r"|评价|评估|分析|碳足迹|碳排放|排放|产品|请|帮我|我|想|要|做|一个|一项|一下|的|是|多少|计算|算"
    r"|给|研究|进行|什么|怎么样|如何|吗|呢)",
    re.IGNORECASE,
)


def no_product(text: str) -> bool:
    """Tell whether a text asks for a life cycle assessment of nothing in particular.

    Examples
    --------
    >>> no_product("Do an LCA."), no_product("请做一个生命周期评价。"), no_product("LCA of tea")
    (True, True, False)
    """
    return not _NO_PRODUCT.sub("", text)


def without_no_places(arguments: Mapping[str, Any], needed: Iterable[str], said: str) -> list[str]:
    """Return the names of arguments that should be regions, need not be given, and are none.

    What the question itself says stays, if only to be refused; so does what is written as a name.

    Examples
    --------
    >>> given = {"region": "Japan", "origin": "emitted"}
    >>> without_no_places(given, ["region"], "What drives the error of Japan's footprint?")
    ['origin']
    """
    return [
        key for key, value in arguments.items()
        if key not in needed and _REGION.search(key) and isinstance(value, str)
        and value.isascii() and value.islower() and fold(value) not in fold(said)
        and _unknown(value)
    ]  # fmt: skip


def _unknown(name: str) -> bool:
    try:
        place(name)
    except AmbiguousNameError:
        return False
    except MriocarbonError:
        return True
    return False


def tells_apart(text: str, error: AmbiguousNameError) -> bool:
    """Tell whether a folded text has a word of one of the options that the vague name has not.

    Examples
    --------
    >>> both = [("steel_eaf", "Steel from scrap"), ("steel_bof", "Steel from iron")]
    >>> error = AmbiguousNameError("study", "steel", both)
    >>> tells_apart("footprint of scrap steel", error), tells_apart("钢的碳足迹", error)
    (True, False)
    """
    vague = set(re.findall(r"\w+", fold(error.name)))
    each = [set(re.findall(r"[^\W\d_]{3,}", fold(" ".join(option)))) for option in error.options]
    told = set().union(*each) - set.intersection(*each) - vague if each else set()
    said = set(re.findall(r"[^\W_]+", text))
    return bool(told & said) or any(_HAN.match(word) and word in text for word in told)


_LISTED = re.compile(
    r"(?:['’]s)?\s*(?:[,、，/&]|\band\b|\bor\b|\bversus\b|\bvs\.?|\bas well as\b"
    r"|和|与|及|以及|还有|跟)+\s*(?:\b(?:and|the|of|in|for|from)\b\s*)*",
    re.IGNORECASE,
)
_HELD = re.compile(
    r"(?:['’]s)?\s*(?:\b(?:with|against)\b(?: th(?:at|ose) (?:of|in))?|同)\s*(?:the )?",
    re.IGNORECASE,
)
_RESPECTIVELY = re.compile(r"\brespectively\b|\beach with\b|分别", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween (?:the )?$", re.IGNORECASE)
_AMONG = re.compile(r"之间|互相|相互")
_COMPARED = re.compile(r"\bcompar|对比|比较|相比", re.IGNORECASE)
MOST_LIKEWISE = 5
"""Calls that one call of the model can bring with it."""


def likewise(question: str, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the same arguments for the other countries and years of the question's list.

    "Compare China and India" means the same tool twice. Only where the question names one region
    of the call in a list ("A, B and C"), and no other of them there, or has one year of a list.

    Examples
    --------
    >>> likewise("Default values of steel from China and India?", {"origin_name": "China"})
    [{'origin_name': 'India'}]
    >>> likewise("What does China export to India?", {"region": "China"})
    []
    """
    question = QUOTED.sub(" ", question)
    if _RESPECTIVELY.search(question):
        return []  # each with an amount of its own: that is for the model
    plain = _ACT.sub(" ", question)
    found = [dict(arguments)]
    regions = regions_of(arguments)
    named = [(m.start, m.end, m.code) for m in countries(question)]
    taken = {code for codes in regions.values() for code in codes}
    runs = {key: _run_of(question, named, codes) for key, codes in regions.items()}
    listed = [(key, run) for key, run in runs.items() if run and not taken & set(run)]
    if len(listed) == 1 and not open_ended(question):
        ((key, run),) = listed
        for code in run:
            if code == "EU27" and key in _ORIGIN:
                continue  # what CBAM is paid to, not what is imported from
            value: Any = _name(code)
            found.append({**arguments, key: [value] if isinstance(arguments[key], list) else value})
    for key, value in arguments.items():
        if re.fullmatch(r"(?:\w+_)?year", key) and not re.match(r"(?:first|last|base)_", key):
            said = [(m.start(), m.end(), m[0]) for m in YEAR.finditer(plain)]
            run = _run_of(plain, said, (str(value),))
            found += [{**one, key: int(year)} for one in list(found) for year in run]
    return found[1:] if len(found) <= MOST_LIKEWISE + 1 else []


def _run_of(text: str, named: Sequence[tuple[int, int, str]], own: Sequence[str]) -> list[str]:
    """Return what is listed together with the one of ours that a text names, less that one."""
    runs: list[list[str]] = []
    end = -1
    for start, stop, value in named:
        between = text[end:start] if runs else ""
        joined = runs and (
            _LISTED.fullmatch(between)
            or (_HELD.fullmatch(between) and _COMPARED.search(text))
        )  # fmt: skip
        if joined:
            runs[-1].append(value)
        else:  # a flow between two is one flow
            flow = _BETWEEN.search(text[:start]) or _AMONG.search(text)
            runs.append([] if flow else [value])
        end = stop
    mine = [run for run in runs if set(own) & set(run)]
    return [one for one in dict.fromkeys(mine[0]) if one not in own] if len(mine) == 1 else []


_ACT = re.compile(r"(?:19|20)\d\d/\d+|\d+/(?:19|20)\d\d")
"""The year of an act is none that is asked about."""


def left_out(question: str, calls: Sequence[Call]) -> str:
    """Return the first country or year that a question names and no call was about, or nothing.

    What a call asked for counts, whatever came of it: nobody is made to ask twice.

    Examples
    --------
    >>> asked = Call(specialist="trade", tool="account", arguments={"regions": ["China"]})
    >>> left_out("Compare China with India.", [asked])
    'India'
    """
    question = QUOTED.sub(" ", question)
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
