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
from typing import Any

from mriocarbon.agents.grounding_numbers import read
from mriocarbon.tools import Tool, ToolResult

_FREE = re.compile(r"limit|offset|draws|seed|level|horizon|points|(?:\w+_)?year|(?:\w+_)?period")
"""Arguments that change how much is shown or how well it is known; years are looked at apart."""
_KINDS = ("value", "count", "rank")
_SCALES = (1.0, 1e3, 1e-3, 1e6, 1e-6)


def numbers_of(text: str, results: Iterable[ToolResult] = ()) -> tuple[tuple[float, float], ...]:
    """Return the numbers of a text, and of results, each with how far off it may be taken.

    Examples
    --------
    >>> numbers_of("1,000 t of CN 7208 in 2026")
    ((1000.0, 1e-06),)
    """
    found = read(text)
    said = [(abs(one.value), 1e-6) for one in found if one.kind in _KINDS]
    years = [one.value for one in found if one.kind == "year"]
    said += [(abs(a - b), 1e-6) for a, b in combinations(years, 2)]  # how long it took
    shown = [
        (abs(end), 6e-3) for result in results for figure in result.figures
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


def is_said(value: float, numbers: Sequence[tuple[float, float]]) -> bool:
    """Tell whether a number is one of those, as such, in another unit, or as a share more or less.

    Examples
    --------
    >>> twenty = ((20.0, 1e-6),)
    >>> is_said(0.8, twenty), is_said(0.02, twenty), is_said(0.3, twenty)
    (True, True, False)
    """
    return any(
        math.isclose(abs(value), way, rel_tol=off)
        for n, off in numbers
        for way in (*(n * scale for scale in _SCALES), n / 100, abs(1 - n / 100), 1 + n / 100,
                    abs(1 - n), 1 + n)
    )  # fmt: skip


def without_unsaid(
    arguments: Mapping[str, Any], needed: Iterable[str], numbers: Sequence[tuple[float, float]]
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
        if one or name in needed or _FREE.fullmatch(name) or _all_said(value, numbers):
            kept[name] = value
        elif isinstance(value, Mapping):
            some, lost = without_unsaid(value, ("name", "amount"), numbers)
            gone += [f"{name}.{one}" for one in lost]
            if some:
                kept[name] = some
        else:
            gone.append(name)
    return kept, gone


def needed_unsaid(
    arguments: Mapping[str, Any], needed: Iterable[str], numbers: Sequence[tuple[float, float]]
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
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if not (_FREE.fullmatch(name) or value in _SCALES or is_said(value, numbers)):
            return name
    return ""


def _all_said(value: Any, numbers: Sequence[tuple[float, float]]) -> bool:
    if isinstance(value, bool) or value == 1:
        return True
    if isinstance(value, int | float):
        return is_said(value, numbers)
    if isinstance(value, Mapping):
        return all(_FREE.fullmatch(str(k)) or _all_said(one, numbers) for k, one in value.items())
    if isinstance(value, list | tuple):
        return all(_all_said(one, numbers) for one in value)
    return True
