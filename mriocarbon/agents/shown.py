"""Results of tools as text: for the model to read, and for a reader, each number bound."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from mriocarbon.agents.answer import Number
from mriocarbon.agents.words import word
from mriocarbon.tools import Figure, ToolResult
from mriocarbon.tools.resolve import country_name

_REGIONS = ("region", "partner")
_ITEM_TEXT = 400


def amount(value: float) -> str:
    """Return a number to four digits, whole from a thousand on, without an exponent.

    Examples
    --------
    >>> amount(13238.91), amount(0.04567891), amount(-2.0), amount(0.0)
    ('13,239', '0.04568', '-2', '0')
    """
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    digits = min(3 - math.floor(math.log10(abs(value))), 12)
    text = f"{value:.{max(digits, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: float, unit: str) -> str:
    """Return a number with its unit; a plain number has none.

    Examples
    --------
    >>> quantity(0.2345, "1"), quantity(5.0, "Mt CO2e")
    ('0.2345', '5 Mt CO2e')
    """
    return amount(value) if unit in ("1", "") else f"{amount(value)} {unit}"


def _place(code: str) -> str:
    name = country_name(code)
    return code if name == code else f"{name} ({code})"


def _labelled(one: Figure, language: str) -> str:
    """Return what a figure is of; a flow with where it comes from and where it goes."""
    labels, told = dict(one.labels), []
    if "region" in labels and "partner" in labels:
        ends = {"a": _place(labels.pop("region")), "b": _place(labels.pop("partner"))}
        told.append(word("flow", language, **ends))
    for key, text in labels.items():
        if key == "principle" and text in one.quantity:
            continue
        if key in _REGIONS:
            text = _place(text)
        told.append(f"{key} {text}" if key in ("partner", "rank", "stage") else text)
    return ", ".join(told)


def interval(one: Figure, language: str) -> str:
    """Return the interval of a figure in words; nothing where it has none."""
    if one.low is None or one.high is None:
        return ""
    low, high = amount(one.low), amount(one.high)
    if one.level is None:
        return word("range", language, low=low, high=high)
    return word("interval", language, level=f"{100 * one.level:g} %", low=low, high=high)


def line(one: Figure, language: str) -> tuple[str, str]:
    """Return what stands before a figure's number, and its number with all that follows."""
    head = f"{one.quantity}, {_labelled(one, language)}".rstrip(", ")
    if one.value is None:
        return f"{head}: ", f"{word('not known', language)} ({one.why})"
    more = [interval(one, language)] if one.low is not None else []
    more += [word("estimate", language)] if one.estimated else []
    tail = f" ({', '.join(filter(None, more))})" if any(more) else ""
    return f"{head}: ", quantity(one.value, one.unit) + tail


def _listed(text: str) -> str:
    """Return the text of an item, a long list of codes or names cut after the first few."""
    parts = text.split(", ")
    if len(parts) <= 10 or max(map(len, parts)) > 30:
        return text
    return f"{', '.join(parts[:5])} and {len(parts) - 5} more"


def for_model(result: ToolResult, most: int = 24, room: int = 3500) -> str:
    """Return a result as a model reads it: at most `most` figures and `room` characters.

    Numbers are rounded as they may be written in an answer.
    """
    lines = [result.title]
    if result.read_as:
        lines.append("read as: " + ", ".join(f"{a} = {b}" for a, b in result.read_as.items()))
    shown = 0
    for one in result.figures[:most]:
        head, number = line(one, "en")
        text = f"{one.id}. {head}{number}"
        if sum(map(len, lines)) + len(text) > room:
            break
        lines.append(text)
        shown += 1
    left = (result.total or len(result.figures)) - shown
    if left > 0:
        lines.append(f"({left} more figures are not shown here)")
    for item in result.items[:most]:
        text = "; ".join(f"{key}: {_listed(value)[:_ITEM_TEXT]}" for key, value in item.items())
        if sum(map(len, lines)) + len(text) > room:
            lines.append("(more is not shown here)")
            break
        lines.append(f"- {text}")
    if result.caveats:
        lines.append("caveats: " + "; ".join(one[:160] for one in result.caveats[:4]))
    return "\n".join(lines)


class Page:
    """Text for a reader that grows line by line, with the numbers in it bound to figures."""

    def __init__(self) -> None:
        self.text = ""
        self.numbers: list[Number] = []

    def add(self, text: str, numbers: Iterable[Number] = ()) -> None:
        """Add text; numbers are given by their place in it."""
        shift = len(self.text)
        self.numbers += [
            one.model_copy(update={"start": one.start + shift, "end": one.end + shift})
            for one in numbers
        ]
        self.text += text

    def head(self, text: str) -> None:
        """Begin a section."""
        self.add(("\n\n" if self.text else "") + text + ":")

    def figure(self, one: Figure, call: int, language: str) -> None:
        """Add a line with one figure; its value and the ends of its interval are bound."""
        head, number = line(one, language)
        text = f"\n- {head}"
        self.add(text)
        if one.value is None:
            self.add(number)
            return
        bound = [Number(start=0, end=len(amount(one.value)), call=call, figure=one.id)]
        place = len(quantity(one.value, one.unit))
        for end in (one.low, one.high):
            if end is not None and one.low is not None and one.high is not None:
                place = number.index(amount(end), place)
                bound.append(
                    Number(start=place, end=place + len(amount(end)), call=call, figure=one.id)
                )
                place += len(amount(end))
        self.add(number, bound)


def render(
    results: Mapping[int, ToolResult] | Sequence[ToolResult], language: str = "en", most: int = 30
) -> tuple[str, tuple[Number, ...]]:
    """Return results as a plain list written by code, and its numbers, each bound.

    Parameters
    ----------
    results : sequence, or mapping of the index of a call to its result
    language : {"en", "zh"}
    most : int
        Figures of one result that are listed; how many more there are is said.
    """
    indexed = dict(results) if isinstance(results, Mapping) else dict(enumerate(results))
    page = Page()
    for call, result in indexed.items():
        page.head(result.title)
        for one in result.figures[:most]:
            page.figure(one, call, language)
        if len(result.figures) > most:
            page.add(f"\n- {word('more', language, n=len(result.figures) - most)}")
        for item in result.items[:most]:
            page.add(f"\n- {said(item)}")
    return page.text, tuple(page.numbers)


def said(item: Mapping[str, str]) -> str:
    """Return an item of words as one line."""
    return "; ".join(f"{key}: {text[:_ITEM_TEXT]}" for key, text in item.items() if text)
