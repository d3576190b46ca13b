"""Numbers among the arguments of a call that nobody said: a model makes them up.

A price paid abroad that is not in the question would change what a consignment costs, and the
answer would rest on a tool all the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Any, NamedTuple

from mriocarbon.agents.grounding_numbers import Read, read
from mriocarbon.agents.grounding_units import NONE
from mriocarbon.agents.mentions import QUOTED
from mriocarbon.tools import Tool, ToolResult

_FREE = re.compile(r"limit|offset|draws|seed|level|horizon|points|(?:\w+_)?year|(?:\w+_)?period")
"""Arguments that change how much is shown or how well it is known; years are looked at apart."""
_COUNTED = re.compile(
    r"amount|area|mass|tonnes|years|days|first|second|synthetic|organic|residues|limestone|dolomite"
    r"|urea|fuel_consumed"
)
"""Amounts, which may be in another unit than they were said in; a price or a share is not."""
_KINDS = ("value", "count", "rank")
_ROUNDED = 6e-3
"""How far off a number of a result may be taken: as a model rounds it."""
_SCALES = (1.0, 1e3, 1e-3, 1e6, 1e-6)
_UNITS = (
    1e2, 1e-2, 1e4, 1e-4, 10.0, 0.1, 12.0, 1 / 12, 365.0, 1 / 365, 3.6, 1 / 3.6, 0.45359237,
    4.5359237e-4, 1 / 0.45359237, 0.90718474, 907.18474, 0.40468564, 1 / 15, 15.0, 0.5,
)  # fmt: skip
"""Of km2, dozens, decades, months, days, kWh, pounds, short tons, acres, mu and jin."""
_NONE = re.compile(r"\b(?:no|zero|none|without|free of)\b|零|无|没有|不用|不含", re.IGNORECASE)


class Said(NamedTuple):
    """A number that was said: how far off it may be taken, and whether it is a share."""

    value: float
    off: float = 1e-6
    share: bool = False


def _said(one: Read) -> Said:
    return Said(abs(one.value), share=one.unit.base in ("%", "times"))


def numbers_of(text: str, results: Iterable[ToolResult] = ()) -> tuple[Said, ...]:
    """Return the numbers of a text, and of results.

    Examples
    --------
    >>> numbers_of("1,000 t of CN 7208 in 2026")
    (Said(value=1000.0, off=1e-06, share=False),)
    """
    found = read(text)
    said = [_said(one) for one in found if one.kind in _KINDS]
    years = [one.value for one in found if one.kind == "year"]
    said += [Said(abs(a - b)) for a, b in combinations(years, 2)]  # how long it took
    said += [Said(0.0)] if _NONE.search(text) else []
    shown = [
        Said(abs(end), _ROUNDED) for result in results for figure in result.figures
        for end in (figure.value, figure.low, figure.high) if end is not None
    ]  # fmt: skip
    return (*said, *shown)


_ONE = re.compile(
    r"\b(?:an?|one|per|each|every) (?:metric )?(?:t|tons?|tonnes?|kg|kilos?|kilograms?|g|kwh|mwh|ha"
    r"|hectares?|lit(?:er|re)s?|m2|m3|piece|unit|ship(?:ment|load)|consignment)\b"
    r"|[每一](?:吨|公斤|千克|度|公顷|升|件|批)",
    re.IGNORECASE,
)


def says_amount(text: str) -> bool:
    """Tell whether a text says how much of something, if only "a tonne".

    Examples
    --------
    >>> says_amount("500 ha of savanna"), says_amount("per tonne"), says_amount("fires in 2022")
    (True, True, False)
    """
    return bool(_ONE.search(text) or any(one.kind in _KINDS for one in read(text)))


@cache
def needs_amount(tool: Tool) -> bool:
    """Tell whether a tool needs a number that is no year."""
    shape = tool.schema()
    return any(
        shape["properties"][name].get("type") in ("number", "integer")
        for name in shape.get("required", ())
        if not _FREE.fullmatch(name)
    )


def is_said(value: float, numbers: Sequence[Said], *, counted: bool = False) -> bool:
    """Tell whether a number is one of those, as such, in another unit, or as a share more or less.

    Examples
    --------
    >>> twenty = numbers_of("20 %")
    >>> is_said(0.8, twenty), is_said(0.2, twenty), is_said(0.3, twenty), is_said(0, twenty)
    (True, True, False, False)
    """
    if not value:
        return any(not one.value for one in numbers)
    scales = (*_SCALES, *_UNITS) if counted else _SCALES

    def ways(one: Said) -> Iterable[float]:
        # of the many numbers of results one is always near in some unit
        yield from (one.value * scale for scale in (scales if one.off < _ROUNDED else (1.0, 1e-2)))
        if one.share:
            part = one.value / 100 if one.value > 1 else one.value
            yield from (part, abs(1 - part), 1 + part)

    return any(
        way and math.isclose(abs(value), way, rel_tol=one.off)
        for one in numbers
        for way in ways(one)
    )


def without_unsaid(
    arguments: Mapping[str, Any], needed: Iterable[str], numbers: Sequence[Said]
) -> tuple[dict[str, Any], list[str]]:
    """Return arguments less the numbers that nobody said, and the names of those.

    Arguments that a tool needs stay: it is asked for one thing, or one tonne, as well. So does 1.

    Examples
    --------
    >>> given = {"tonnes": 1000, "paid_abroad_eur": 1e12, "limit": 5}
    >>> without_unsaid(given, ["tonnes"], numbers_of("1,000 tonnes"))
    ({'tonnes': 1000, 'limit': 5}, ['paid_abroad_eur'])
    """
    kept, gone = {}, []
    for name, value in arguments.items():
        one = name == "amount" and value in _SCALES  # "a tonne" as 1000 kg
        if one or name in needed or _FREE.fullmatch(name) or all_said(value, numbers, name):
            kept[name] = value
        elif isinstance(value, Mapping):
            some, lost = without_unsaid(value, ("name",), numbers)
            gone += [f"{name}.{one}" for one in lost]
            if some:
                kept[name] = some
        else:
            gone.append(name)
    return kept, gone


def needed_unsaid(
    arguments: Mapping[str, Any], needed: Iterable[str], numbers: Sequence[Said]
) -> str:
    """Return the first number that a tool needs and nobody said, or nothing.

    One, or one in another unit, is what is meant where no amount is said.

    Examples
    --------
    >>> needed_unsaid({"area": 1e10, "kind": "savanna"}, ["area", "kind"], numbers_of("fires?"))
    'area'
    """
    for name in needed:
        value = arguments.get(name)
        if not (_FREE.fullmatch(name) or value in _SCALES or all_said(value, numbers, name)):
            return name
    return ""


def all_said(value: Any, numbers: Sequence[Said], name: str = "", *, one: bool = True) -> bool:
    """Tell whether every number of an argument, and in it, was said; with `one`, 1 need not be."""
    if isinstance(value, bool) or (one and value == 1):
        return True
    if isinstance(value, int | float):
        return is_said(value, numbers, counted=_COUNTED.fullmatch(name) is not None)
    if isinstance(value, Mapping):
        return all(
            _FREE.fullmatch(str(key)) or all_said(inner, numbers, str(key), one=one)
            for key, inner in value.items()
        )
    if isinstance(value, list | tuple):
        return all(all_said(inner, numbers, name, one=one) for inner in value)
    return True


def unused(
    question: str, given: Iterable[Mapping[str, Any]], results: Iterable[ToolResult]
) -> tuple[str, ...]:
    """Return the amounts, with a unit, that no call was given and no result holds, as written.

    Examples
    --------
    >>> unused("CBAM of 50 t at 1.8 t/t?", [{"tonnes": 50}], [])
    ('1.8 t/t',)
    """
    plain = QUOTED.sub(" ", question)
    leaves = [leaf for one in given for leaf in _leaves(one)]
    numbers = [one for one in leaves if not isinstance(one, str)]
    texts = " ".join(one for one in leaves if isinstance(one, str))
    shown = numbers_of("", results)

    def used(one: Read) -> bool:
        return (
            any(is_said(number, [_said(one)], counted=True) for number in numbers)
            or re.search(rf"(?<!\d){re.escape(one.text)}(?!\d)", texts) is not None
            or is_said(one.value, shown)
        )

    amounts = (
        one for one in read(plain) if one.kind == "value" and one.unit.base not in (NONE, "year")
    )
    found = (one for one in amounts if not used(one))
    return tuple(dict.fromkeys(plain[one.start : one.stop].strip() for one in found))


def _leaves(value: Any) -> Iterable[float | str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, int | float | str) and not isinstance(value, bool):
        yield value


def surely_said(value: Any, numbers: Sequence[Said]) -> bool:
    """Tell whether an argument that no word means is one whose numbers were said all the same.

    Examples
    --------
    >>> said = numbers_of("1,000 ha, drained")
    >>> surely_said(1, said), surely_said(1000.0, said), surely_said("CO2", said)
    (False, True, False)
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return any(one.value == abs(value) for one in numbers)
    holds = any(not isinstance(leaf, str) for leaf in _leaves(value))
    return holds and all_said(value, numbers, one=False)
