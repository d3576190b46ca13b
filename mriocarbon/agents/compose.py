"""The text of an answer, made by code from what specialists said and what tools returned.

The same calls and words give the same text: a replay makes it again without a model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mriocarbon.agents.answer import Number, Option, Spoken, Status, Trace
from mriocarbon.agents.checks import sentences, unproven
from mriocarbon.agents.mentions import STANDS_FOR, years
from mriocarbon.agents.shown import Page, render, said
from mriocarbon.agents.unsaid import unused
from mriocarbon.agents.words import scope, word
from mriocarbon.tools import ToolResult

MOST_FIGURES = 30
FEW_FIGURES = 12
MOST_ITEMS = 8
MOST_CAVEATS = 12
_ROUNDS = 8
"""How often a text is checked again after sentences were removed; then nothing of it is kept."""


def finish(trace: Trace) -> tuple[Status, str, tuple[Number, ...]]:
    """Return status, text and bound numbers of the answer of a run."""
    language = trace.language
    if trace.options and trace.status != "answered":
        return "asks back", asked_back(trace.options, language), ()
    results = {k: one.result for k, one in enumerate(trace.calls) if one.result is not None}
    if not results:
        return trace.status, told(trace), ()
    page = Page()
    cited: dict[tuple[int, str], None] = {}
    notes: list[str] = []
    for one in trace.spoken:
        cited |= dict.fromkeys(_part(page, one, results, trace, notes))
    _figures(page, list(cited), results, language)
    _items(page, results, language)
    _sources(page, results, language)
    _caveats(page, trace, results, language, notes)
    return "answered", page.text.strip("\n"), tuple(page.numbers)


def told(trace: Trace) -> str:
    """Return the text of a run without a result."""
    language, notes = trace.language, [one.note for one in trace.spoken if one.note]
    if trace.status == "refused":
        return trace.reason or word("out of scope", language, what=scope(language))
    if trace.status == "asks back":
        return trace.reason or " ".join(notes)
    what = trace.reason or " ".join(notes) or word("no result", language)
    return word("failed", language, what=what)


def asked_back(options: Sequence[Option], language: str) -> str:
    """Return the question back about a name that can mean several things."""
    listed = ("、" if language == "zh" else ", ").join(f"{o.name} ({o.code})" for o in options)
    return word("ambiguous", language, asked=options[0].asked, options=listed)


def kept(
    text: str, results: Mapping[int, ToolResult], language: str, question: str
) -> tuple[str, tuple[Number, ...], int]:
    """Return a text without the sentences whose numbers are not proven.

    Returns
    -------
    text, numbers, removed : str, tuple of Number, int
        Nothing of the text is left where no sentence of it can be proven.
    """
    indices, given = list(results), list(results.values())
    text, removed = text.strip(), 0
    for again in range(_ROUNDS + 1):
        if not text or again == _ROUNDS:
            text = ""
            break
        grounded, wrong = unproven(text, given, language, question)
        if not wrong:
            break
        whole = sentences(text)
        good, gone = [], False
        for a, b in whole:
            bad = any(a < end and start < b for start, end, _ in wrong)
            # "It is certain." speaks of the sentence that was before it
            gone = bad or (gone and _goes_on(text[a:b]))
            if not gone:
                good.append((a, b))
        removed += len(whole) - len(good)
        # a removed sentence may have named the country or the year of the next: look again
        shorter = "".join(text[a:b] for a, b in good).strip()
        text = shorter if len(shorter) < len(text) else ""
    if not text:
        return "", (), removed
    return (
        text,
        tuple(
            Number(start=one.start, end=one.end, call=indices[one.call], figure=one.figure)
            for one in grounded.numbers
        ),
        removed,
    )


def _goes_on(sentence: str) -> bool:
    """Whether a sentence speaks of what was said before it."""
    return bool(STANDS_FOR.search(sentence) or re.search(r"\bwhich\b", sentence, re.IGNORECASE))


def _part(
    page: Page, one: Spoken, results: Mapping[int, ToolResult], trace: Trace, notes: list[str]
) -> list[tuple[int, str]]:
    """Add what one specialist said; return the figures to be listed with their intervals."""
    own, language = {k: results[k] for k in one.calls if k in results}, trace.language
    if one.note:
        notes.append(one.note)
    if not own:
        return []
    text, numbers, removed = kept(one.text, own, language, trace.question)
    if removed and text:
        notes.append(word("removed", language))
    if page.text:
        page.add("\n\n")
    if text:
        page.add(text, numbers)
        cited = dict.fromkeys((n.call, n.figure) for n in numbers)
        # of a small result all is shown: the words may have told one of its figures alone
        whole = [k for k in own if not cited or len(own[k].figures) <= FEW_FIGURES]
        return list(cited | dict.fromkeys((k, f.id) for k in whole for f in own[k].figures))
    if one.text.strip():
        notes.append(word("table only", language))
    page.add(*render(own, language, MOST_FIGURES))
    return []


def _figures(
    page: Page, wanted: Sequence[tuple[int, str]], results: Mapping[int, ToolResult], language: str
) -> None:
    """List figures, each with its interval and whether it is an estimate."""
    if not wanted:
        return
    page.head(word("figures", language))
    for call, name in wanted[:MOST_FIGURES]:
        figure = next(one for one in results[call].figures if one.id == name)
        page.figure(figure, call, language)
    left = len(wanted) - MOST_FIGURES
    if left > 0:
        page.add(f"\n- {word('more', language, n=left)}")


def _items(page: Page, results: Mapping[int, ToolResult], language: str) -> None:
    lines = dict.fromkeys(
        said(item) for one in results.values() if not one.figures for item in one.items[:MOST_ITEMS]
    )
    if lines:
        page.head(word("found", language))
        for text in lines:
            page.add(f"\n- {text}")


def _sources(page: Page, results: Mapping[int, ToolResult], language: str) -> None:
    lines: dict[str, None] = {}
    for one in results.values():
        for source in one.sources:
            edition = f", {source.edition}" if source.edition else ""
            citation = f": {source.citation}" if source.citation else ""
            licence = f" ({source.licence})" if source.licence else ""
            lines[f"{source.name}{edition}{citation}{licence}"] = None
    if lines:
        page.head(word("sources", language))
        for text in lines:
            page.add(f"\n- {text}")


def _caveats(
    page: Page, trace: Trace, results: Mapping[int, ToolResult], language: str, notes: list[str]
) -> None:
    lines = dict.fromkeys(notes)
    asked = years(trace.question)
    found = sorted({f.labels["year"] for r in results.values() for f in r.figures
                    if "year" in f.labels})  # fmt: skip
    if asked and found and not any(year in one for year in asked for one in found):
        text = word("years", language, asked=", ".join(asked), found=", ".join(found[:6]))
        lines = {text: None} | lines
    given = [trace.calls[k].arguments for k in results]
    if left := unused(trace.question, given, results.values()):
        lines = {word("unused", language, what=", ".join(left[:4])): None} | lines
    lines |= dict.fromkeys(text for one in results.values() for text in one.caveats)
    if lines:
        page.head(word("caveats", language))
        for text in list(lines)[:MOST_CAVEATS]:
            page.add(f"\n- {text}")
        if len(lines) > MOST_CAVEATS:
            page.add(f"\n- {word('more', language, n=len(lines) - MOST_CAVEATS)}")
