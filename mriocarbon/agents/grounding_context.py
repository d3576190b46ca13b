"""What holds for one number of a text: the words of its clause, its sentence, what went before.

A sentence that names one region, one year, one quantity speaks of it throughout. Where it names
several, a number belongs to what stands before it in its clause, else to what follows it at
once ("7,749 Mt in the USA"); "A and B emit 1 and 2 Mt" is read in order. A sentence that names
none goes on with what the last one spoke of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from mriocarbon.agents import grounding_names as names
from mriocarbon.agents import grounding_units as units
from mriocarbon.agents.grounding_names import Mention
from mriocarbon.agents.grounding_numbers import Read
from mriocarbon.agents.grounding_units import NONE, Unit

_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|approx|ca|cf|vs|No|Art|Fig|Rev|al|etc|incl|excl|St|U\.S|U\.K|E\.U)\.)$"
)
_END = re.compile(r"[.!?]+(?=[\s\"'”)*]|$)|[。！？]+|\n+")
_BREAK = re.compile(
    r"[,;:，；：()]|\s(?:and|while|whereas|but|versus|vs\.?|than)\s|而|但|，|则", re.IGNORECASE
)
_STRONG = re.compile(r"[,;，；)、]|\s(?:and|while|whereas|but|versus|vs\.?)\s|而|但", re.IGNORECASE)
_GLUE = re.compile(
    r"(?:['’]s|['’]|-based|-side|-only|侧|基|年)?\s*(?:\([A-Z\d]+\)\s*)?(?:[,、，/&]|\band\b|\bor\b|和|与|及|以及"
    r"|\bversus\b|\bvs\.?|\bas well as\b)+\s*(?:\b(?:and|the|of|in|for|its)\b\s*)*(?:以及)?",
    re.IGNORECASE,
)
_THAN = re.compile(
    r"(?:\bthan|\bunlike|\bcompared (?:with|to)|\bversus|\bagainst|\brelative to|\bas \w+ as"
    r"|\bbehind|\bahead of"
    r"|相比于?|不同于|高于|低于|多于|少于|大于|小于|比)\s*(?:(?:that|those) (?:of|in)|in|for"
    r"|of)?\s*(?:the )?$",
    re.IGNORECASE,
)
_MARKED = re.compile(r"\s*[(（]\s*(?:an? )?(?:estimated?|估算值?|估计值?)\s*[)）]", re.IGNORECASE)
"""A mark that our own figures bear: what follows it still belongs to the number before."""
_OWNS = re.compile(r"['’]s?\s*|[\s:]*(?:\b(?:is|was|has|had|with)\b|为|的|是)?\s*")
_FROM_HEAD = re.compile(r"\bfrom\b|origin|export|emitt?|source|来源|出口|排放", re.IGNORECASE)
_TO_HEAD = re.compile(
    r"\bto\b|destination|import|partner|consum|demand|目的|进口|消费", re.IGNORECASE
)
NO_CARRY = frozenset({"gas"})
"""Kinds of mention that hold for their own sentence only."""


@dataclass(frozen=True)
class Scope:
    """What one number is said to be: per kind of mention, the values that hold for it.

    `own` is false for kinds that an earlier sentence gave; `together` are kinds of which a list
    holds for the one number ("in 2000 and 2022 it was 2 Mt"). `near` and `text` are the words round
    the number and the whole sentence, `regions` and `beside` all regions up to it and those of
    its own words; `units` those a number without one may take over.
    """

    said: dict[str, tuple[str, ...]]
    own: frozenset[str]
    near: str
    text: str
    regions: tuple[str, ...]
    beside: tuple[str, ...]
    roles: tuple[dict[str, set[str]], ...]
    units: tuple[Unit, ...]
    before: str
    together: frozenset[str] = frozenset()


@dataclass
class _Carried:
    said: dict[str, tuple[str, ...]] = field(default_factory=dict)
    roles: dict[str, set[str]] = field(default_factory=dict)
    unit: Unit = field(default_factory=Unit)


Finder = Callable[[str, int], list[Mention]]


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end; lines end them as well.

    Examples
    --------
    >>> text = "It is 1.5 Mt. That is all."
    >>> [text[a:b] for a, b in sentences(text)]
    ['It is 1.5 Mt.', ' That is all.']
    """
    found, start = [], 0
    for match in _END.finditer(text):
        if match[0] == "." and (
            _ABBREVIATED.search(text, max(0, match.end() - 8), match.end())
            or re.search(
                r"(?:^|\n)[ \t>*#-]*\(?\d{1,2}\.$", text[max(0, match.end() - 9) : match.end()]
            )
        ):
            continue
        if match[0][0] == "." and text[match.end() : match.end() + 1].isdigit():
            continue
        found.append((start, match.end()))
        start = match.end()
    if start < len(text):
        found.append((start, len(text)))
    return [(a, b) for a, b in found if text[a:b].strip()]


def scopes(text: str, reads: Sequence[Read], find: Finder, question: str = "") -> dict[int, Scope]:
    """Return the scope of every number, by its place in `reads`.

    Parameters
    ----------
    text : str
        With plain signs, as `grounding_numbers.plain` gives it.
    reads : sequence of Read
    find : callable
        The mentions of a piece of text; its second argument is where the piece begins in the
        whole text, -1 for words that do not stand there.
    question : str
        What was asked: the first sentence goes on from it.
    """
    carried = _Carried()
    if question:
        _carry(carried, question, find(question, -1))
    found: dict[int, Scope] = {}
    head: list[str] = []
    for start, end in sentences(text):
        piece = text[start:end]
        inside = [k for k, one in enumerate(reads) if start <= one.start < end]
        cells = _cells(piece)
        if cells:
            if not head:
                head = cells
            elif not all(re.fullmatch(r"[\s:-]*", cell) for cell in cells):
                _row(found, start, piece, cells, head, inside, reads, find, carried)
                continue
        else:
            head = []
        mentions = find(piece, start)
        _sentence(found, start, piece, inside, reads, mentions, carried)
        _carry(carried, piece, mentions)
        for k in inside:
            if reads[k].unit.base != NONE:
                carried.unit = reads[k].unit
    return found


def _carry(carried: _Carried, piece: str, mentions: Sequence[Mention]) -> None:
    for kind in {one.kind for one in mentions} - NO_CARRY:
        of = [one for one in mentions if one.kind == kind]
        own = [one for one in of if not _THAN.search(piece[max(0, one.start - 32) : one.start])]
        if kind == "region":
            if len(own) < len(of) and own:
                own = own[:1]
            own = [one for one in own if one.value != names.WORLD] or own
        carried.said[kind] = tuple(dict.fromkeys(one.value for one in own or of))
    regions = [one for one in mentions if one.kind == "region"]
    if regions:
        carried.roles = names.roles(piece, regions)


def _sentence(
    found: dict[int, Scope],
    start: int,
    piece: str,
    inside: Sequence[int],
    reads: Sequence[Read],
    mentions: Sequence[Mention],
    carried: _Carried,
) -> None:
    kinds = {one.kind for one in mentions}
    spoken = {kind: [m for m in mentions if m.kind == kind] for kind in kinds}
    numbers = [k for k in inside if reads[k].kind in ("value", "count", "rank")]
    sure: dict[str, dict[int, tuple[str, ...]]] = {}
    shared: dict[str, set[int]] = {}
    for kind, of in spoken.items():
        single = len({m.value for m in of}) == 1
        sure[kind] = (
            dict.fromkeys(numbers, (of[0].value,))
            if single and kind not in NO_CARRY
            else _placed(
                piece,
                start,
                numbers,
                reads,
                of,
                carried.said.get(kind, ()),
                shared.setdefault(kind, set()),
            )
        )
    regions = spoken.get("region", [])
    whole = names.roles(piece, regions) if regions else {}
    spoken_units = tuple(_spoken_units(piece))
    left = 0
    for k in inside:
        one = reads[k]
        at, stop = one.start - start, one.stop - start
        after = _after(
            piece,
            stop,
            min(
                [reads[j].start - start for j in inside if reads[j].start > one.start],
                default=len(piece),
            ),
        )
        near = piece[left:at], piece[stop:after]
        local = names.roles(piece[left:after], [
            Mention(m.start - left, m.end - left, m.kind, m.value)
            for m in regions if left <= m.start < after
        ])  # fmt: skip
        own_said = {kind: of[k] for kind, of in sure.items() if of.get(k)}
        said = {kind: value for kind, value in carried.said.items() if kind not in NO_CARRY}
        other = [
            reads[j].unit
            for j in [*[j for j in inside if j > k], *reversed([j for j in inside if j < k])]
        ]
        found[k] = Scope(
            said=said | own_said, own=frozenset(own_said), near=" ".join(near), text=piece,
            regions=tuple(dict.fromkeys(
                [*(m.value for m in regions if m.start < after), *carried.said.get("region", ())]
            )),
            beside=tuple(dict.fromkeys(m.value for m in regions if left <= m.start < after)),
            roles=(local, whole, carried.roles),
            units=tuple(dict.fromkeys(
                u for u in (*other, *spoken_units, carried.unit) if u.base != NONE
            )),
            before=piece[:at], together=frozenset(kind for kind, of in shared.items() if k in of),
        )  # fmt: skip
        if k in numbers and one.joined is None:
            taken = any(stop <= m.start < after for m in regions)
            left = max(left, after if taken else stop)


def _after(piece: str, stop: int, limit: int) -> int:
    """Where the words that follow a number at once end."""
    marked = _MARKED.match(piece, stop)
    begin = marked.end() if marked else stop
    for match in _BREAK.finditer(piece, begin, max(begin, min(limit, stop + 90))):
        closed = piece.find(")", match.start())
        if match[0] == "(" and not piece[begin : match.start()].strip() and 0 < closed < limit:
            continue
        return match.start()
    return max(stop, min(limit, stop + 90, len(piece)))


def _placed(
    piece: str,
    start: int,
    numbers: Sequence[int],
    reads: Sequence[Read],
    of: Sequence[Mention],
    earlier: tuple[str, ...],
    shared: set[int],
) -> dict[int, tuple[str, ...]]:
    """Which of several values each number of a sentence belongs to.

    Those that are said of all values of a list ("2 Mt in both 2000 and 2022") go into `shared`.
    """
    found: dict[int, tuple[str, ...]] = {}
    left = 0
    last: tuple[str, ...] = ()
    paired: dict[int, str] = {}
    for place, k in enumerate(numbers):
        one = reads[k]
        at, stop = one.start - start, one.stop - start
        if k in paired:
            found[k] = last = (paired[k],)
            left = stop
            continue
        ahead = [m for m in of if left <= m.start and m.end <= at]
        mine = _last_clause(piece, left, at, ahead) if of[0].kind in names.STRICT else ahead
        behind = _behind(piece, start, stop, numbers, place, reads, of)
        if mine:
            group = _group(piece, mine)
            rest = [
                j for j in numbers[place:]
                if reads[j].joined is None and reads[j].kind != "count"
                and not any(n > j and reads[n].joined == j for n in numbers)
            ]  # fmt: skip
            until = min((m.start for m in of if m.start >= at), default=len(piece))
            rest = [j for j in rest if reads[j].start - start < until]
            told = list(dict.fromkeys(m.value for m in ahead))
            if re.fullmatch(r"\s*[:：(]\s*", piece[mine[-1].end : at]) and len(told) == len(rest):
                group = told  # "A is larger than B: 2 against 1"
            if len(group) > 1 and len(rest) >= len(group) and k in rest:
                paired = dict(zip(rest, group, strict=False))
                last = (paired[k],)
            elif len(group) > 1 and behind:  # "A and B: 1 Mt (A)"
                last = tuple(dict.fromkeys(m.value for m in behind))
                stop = behind[-1].end
            else:
                last = tuple(dict.fromkeys(m.value for m in mine))
                if len(group) > 1 and not _SPAN.search(piece[: mine[0].start]):
                    shared.add(k)
        elif behind:
            last = tuple(dict.fromkeys(m.value for m in behind))
            stop = behind[-1].end
            if len(last) > 1 and len(_group(piece, behind)) == len(last):
                shared.add(k)
        elif not last and of[0].kind not in NO_CARRY:
            last = earlier or tuple(dict.fromkeys(m.value for m in of))
        found[k] = last
        left = max(left, stop)
    return found


def _behind(
    piece: str, start: int, stop: int, numbers: Sequence[int], place: int, reads: Sequence[Read],
    of: Sequence[Mention],
) -> list[Mention]:  # fmt: skip
    """The mentions that follow a number at once."""
    limit = min((reads[j].start - start for j in numbers[place + 1 :]), default=len(piece))
    close = _after(piece, stop, limit)
    return [m for m in of if stop <= m.start < close]


_SPAN = re.compile(r"(?:\bbetween|\bfrom|从|自)\s*(?:the )?(?:years? )?$", re.IGNORECASE)


def _last_clause(piece: str, left: int, at: int, ahead: Sequence[Mention]) -> list[Mention]:
    """The mentions of the last clause before a number that has any of its own."""
    if not ahead:
        return []
    last = ahead[-1]
    run = [last]
    for one in reversed(ahead[:-1]):
        between = piece[one.end : run[0].start]
        if _GLUE.fullmatch(between) or not _STRONG.search(between):
            run.insert(0, one)
            continue
        break
    own = [
        m for m in run
        if not _THAN.search(piece[max(left, m.start - 32) : m.start])
        or _OWNS.fullmatch(piece, m.end, at)
    ]  # fmt: skip
    if own:
        return own
    return _last_clause(piece, left, at, ahead[: len(ahead) - len(run)]) or run


def _group(piece: str, mine: Sequence[Mention]) -> list[str]:
    """The values of a list such as "A, B and C" that ends the mentions, in order."""
    group = [mine[-1]]
    for one in reversed(mine[:-1]):
        if _GLUE.fullmatch(piece[one.end : group[0].start]):
            group.insert(0, one)
        elif one.value == group[0].value:
            continue
        else:
            break
    return list(dict.fromkeys(m.value for m in group))


_UNIT_PLACE = re.compile(
    r"(?:\(|\[|,\s|\bin\s|单位[:：为]?\s?|^\s*|\s)(?=[A-Za-z%€$£吨千公百万亿欧美])"
)


def _spoken_units(text: str) -> Iterable[Unit]:
    """Units that a text names without a number: "in Mt CO2e", "(EUR/t)"."""
    for match in _UNIT_PLACE.finditer(text):
        if match[0][-1:].isspace() and not re.match(r".*(?:in|,)\s$|^\s*$", match[0]):
            continue
        unit, _ = units.after(text, match.end())
        if unit.base != NONE:
            yield unit


def _cells(piece: str) -> list[str]:
    line = piece.strip()
    return [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []


def _row(
    found: dict[int, Scope],
    start: int,
    piece: str,
    cells: Sequence[str],
    head: Sequence[str],
    inside: Sequence[int],
    reads: Sequence[Read],
    find: Finder,
    carried: _Carried,
) -> None:
    """The cells of one row: each number has its column's head and the row's words."""
    offset = piece.index("|") + 1
    spans, at = [], offset
    for cell in piece[offset:].rstrip().rstrip("|").split("|"):
        spans.append((start + at, start + at + len(cell)))
        at += len(cell) + 1
    column = {k: j for k in inside for j, (a, b) in enumerate(spans) if a <= reads[k].start < b}
    valued = {column[k] for k in column if reads[k].kind == "value"}
    words = []
    for j, cell in enumerate(cells):
        if j in valued:
            continue
        title = head[j] if j < len(head) else ""
        lead = "to " if _TO_HEAD.search(title) else "from " if _FROM_HEAD.search(title) else ""
        words.append(f"{lead}{cell}")
    for k in inside:
        j = column.get(k, 0)
        title = head[j] if j < len(head) else ""
        virtual = f"{title} ; {' '.join(words)}"
        mentions = find(virtual, -1)
        kinds = {m.kind for m in mentions}
        own = {
            kind: tuple(dict.fromkeys(m.value for m in mentions if m.kind == kind))
            for kind in kinds
        }
        regions = [m for m in mentions if m.kind == "region"]
        local = names.roles(virtual, regions)
        found[k] = Scope(
            said={**carried.said, **own}, own=frozenset(own), near=virtual, text=virtual + piece,
            regions=tuple(m.value for m in regions),
            beside=tuple(dict.fromkeys(m.value for m in regions)),
            roles=(local, {}, carried.roles),
            units=tuple(
                u for u in (*_spoken_units(title), carried.unit) if u.base != NONE
            ),
            before=virtual,
        )  # fmt: skip
