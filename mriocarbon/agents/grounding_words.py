"""Words beside a number that say the opposite of what its figure is."""

from __future__ import annotations

import re

from mriocarbon.agents import grounding_units as units
from mriocarbon.agents.grounding_context import Scope
from mriocarbon.tools.types import Figure

_OUT = re.compile(
    r"\bemit(?:s|ted|ting)?\b|\breleas(?:e[sd]?|ing)\b|\bsource of\b|\bgave off|排放|释放", re.I
)
_IN = re.compile(
    r"\b(?:takes?|took|taken|taking) up|\babsor|\bsinks?\b|\bremov|\bupt(?:ake|ook)|\bsequest"
    r"|\bstor(?:es?|ed|ing)\b|吸收|碳汇|固碳", re.I
)  # fmt: skip
_LOST = re.compile(r"\blost\b|\bfell\b|\bdeclin|\bdecreas|\bshrank\b|减少|下降", re.I)
_NET_IN = re.compile(r"\bnet[ -]import|\bdeficit|净进口|净输入|逆差", re.I)
_NET_OUT = re.compile(r"\bnet[ -]export|\bsurplus|净出口|净输出|顺差", re.I)
_CHANGED_BY = re.compile(
    r"(?:\b(?:rose|risen|rises|fell|fallen|falls|grew|grown|grows|increased?|increases|decreased?"
    r"|dropped|declined|reduced|cut|climbed|jumped|shrank|lowered)\b(?: \w+){0,2} by"
    r"|(?:增加|减少|上升|下降|增长|降低|减排)了?)\s*(?:about |around |约)?$", re.I
)  # fmt: skip
_A_CHANGE = re.compile(
    r"chang|differ|gap|growth|trend|\bover\b|\bnet\b|avoid|abat|sav|reduc|remov|mark-?up|less"
    r"|deduct|imbalance|effect|contribution|driver", re.I
)  # fmt: skip
# what a quantity leaves out has to be said: the cost before free allocation is not the cost
_LEAVES_OUT = re.compile(
    r"\b(?:before|without|exclud\w+|prior to|gross|no|not)\b|(?<!目)前|不|未|无|没有", re.I
)
_A_PART = re.compile(
    r"\b(?:part|share|due|owing|because|caused?|adds?|of which)\b|部分|其中|由于|导致|因", re.I
)
_ALL_TRADE = re.compile(
    r"\btotal (?:\w+ )?(?:exports?|imports?)\b|(?:出口|进口)总|总(?:出口|进口)", re.I
)
_ONE_SECTOR = re.compile(
    r"(?<!\ball )(?<!\bany )(?<!\bevery )(?<!\beach )"
    r"\b(?!all|any|every|each|whole|entire|the|by|per|of)[a-z]{3,} (?:sector|industry)\b", re.I
)  # fmt: skip
_SECTOR_CODE = re.compile(r"(?:\(|\bsector )([A-U](?:\d{2}(?:T\d{2})?)?)(?![A-Za-z\d])")
_OF_PARTS = ("sector", "good", "product", "process", "technology", "stage")


def contradicted(figure: Figure, scope: Scope, sectors: frozenset[str] = frozenset()) -> str:
    """Return what the words beside a number say against the kind of its figure, or nothing.

    A sink that emits, a net importer that exports on balance, a level said as a change, "without"
    for "with", "after" for "before", "indirect" for "direct", the part or the
    gross amount for the whole, a sector's code that is another's. `sectors` are the codes that
    figures have.
    """
    of, near = figure.quantity, scope.near
    told = f"right value, but it is the {of}"
    if _flows_back(figure, near):
        return f"{told}: {figure.value:.6g} {figure.unit}"
    if _CHANGED_BY.search(scope.before) and not _A_CHANGE.search(of):
        return f"{told}: a level, not a change"
    if _other_kind(of, near) or _unsaid(of, scope.text):
        return told
    if (
        units.says_per_person(near)
        and not re.search(r"per[ -](?:person|capita|head)", of)
        and not re.search(r"person|capita", figure.unit)
    ):
        return f"{told}, not per person"
    return _other_part(figure, scope, told, sectors)


def _flows_back(figure: Figure, near: str) -> bool:
    """Whether the words turn the direction of a flux or of a balance."""
    of, value = figure.quantity, figure.value or 0.0
    out, into = _OUT.search(near) is not None, _IN.search(near) is not None
    if re.search(r"\buptake\b|\bsinks?\b", of) and out and not into:
        return True
    if "emission to the air" in of and into and not out:
        return True
    if re.search(r"\bgrowth\b", of) and value > 0 and _LOST.search(near):
        return True
    net = re.search(r"\bnet (export|import)s?\b", of)
    if net is None or "partner" in figure.labels:
        return False
    exports = (value > 0) == (net[1] == "export")
    wrong, right = (_NET_IN, _NET_OUT) if exports else (_NET_OUT, _NET_IN)
    return wrong.search(near) is not None and right.search(near) is None


def _other_kind(of: str, near: str) -> bool:
    """Whether the words say "without" for "with", "after" for "before", "indirect" for "direct"."""
    for word in re.findall(r"\bwith ([a-z-]{4,})", of):
        if re.search(rf"\b(?:without|before|excluding|excl\.?|no)\s(?:the |any |a )?{word}", near):
            return True
        if word == "mark-up" and re.search(r"不含加成|未加成|加成前", near):
            return True
    for word in re.findall(r"\b(?:before|without) ([a-z-]{4,})", of):
        after = rf"\b(?:after|net of|less|including)\b(?: [a-z]+){{0,2}} {word}"
        if re.search(rf"{after}|(?<![未不])扣除(?![^，。]{{0,8}}前)", near, re.I):
            return True
    direct, indirect = (
        re.search(p, near, re.I) is not None for p in (r"\bdirect|直接", r"\bindirect|间接")
    )
    if "footprint" in of and re.search(r"\bdirectly\b|直接排放", near):
        return True
    if re.search(r"\bdirect\b|\btotal before\b", of):
        return indirect and not direct
    return re.search(r"\bindirect\b", of) is not None and direct and not indirect


def _unsaid(of: str, text: str) -> bool:
    """Whether a quantity leaves something out, or is a part, and the sentence does not say so."""
    if re.search(r"\b(?:before|without) ", of):
        return _LEAVES_OUT.search(text) is None
    return of.startswith("part of ") and _A_PART.search(text) is None


def _other_part(figure: Figure, scope: Scope, told: str, sectors: frozenset[str]) -> str:
    """Return what is wrong where the words speak of a whole, or of a part that is another."""
    of, near, labels = figure.quantity, scope.near, figure.labels
    if "partner" in labels and _ALL_TRADE.search(near):
        if not {labels.get("region"), labels["partner"]} <= set(scope.beside):
            return f"{told} to {labels['partner']} alone"
    elif of.startswith("share of the world"):
        others = set(scope.beside) - {labels.get("region"), "WLD"}
        if others and re.search(r"\bof (?:the )?[A-Z]\w+['’]s", near):
            return f"{told}, not of {', '.join(sorted(others))}"
    elif not any(key in labels for key in _OF_PARTS):
        if _ONE_SECTOR.search(near) and not re.search(r"sector|industr|product", of):
            return f"{told} of all sectors"
    elif own := labels.get("sector"):
        said = {code for code in _SECTOR_CODE.findall(near) if code in sectors}
        if said and own not in said:
            return f"right value, but its sector is {own!r}, not {min(said)!r}"
    return ""
