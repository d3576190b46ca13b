"""Goods of the CBAM as people name them, in English and Chinese, read as codes of the annex.

A name in the tables, or a code of four, six or eight digits, is read at once. What is in neither
is looked for in the law's own descriptions, which are offered and never read: "paper" stands in
that of aluminium foil, which may be backed with it. Last come names that are like it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import mriocarbon as mc
from mriocarbon.cbam.annex import annex
from mriocarbon.cbam.codes import cn_digits, covers, spaced
from mriocarbon.cbam.origins import OTHER, Origin
from mriocarbon.errors import AmbiguousNameError, NotAvailableError, UnknownNameError
from mriocarbon.model.labels import fold
from mriocarbon.tools import resolve
from mriocarbon.tools.resolve import Read
from mriocarbon.tools.vocabulary import MOST, Vocabulary

__all__ = ["GoodRead", "described", "good", "narrower", "origin"]

_CODE = re.compile(r"(?:cn|hs|编码|税号)?[\s:]*((?:\d[\s.\u00a0\u202f]*){4,8})(?:[/ ]*([a-l]))?")


@dataclass(frozen=True, slots=True)
class GoodRead:
    """How the name of a good was read.

    `cn` holds 4, 6 or 8 digits, `route` the letter that tells grey cement (A) from white (B); it
    is "" where the name says nothing of it. `how` is as in `resolve.Read`.
    """

    asked: str
    cn: str
    route: str
    name: str
    how: str

    @property
    def told(self) -> str:
        """What a result says of the reading."""
        return f"CN {spaced(self.cn)}{f' {self.route}' if self.route else ''} ({self.name})"


@lru_cache(maxsize=1)
def _words() -> Vocabulary:
    """Names of goods; a code of two rows has the letter of the route behind a slash."""
    return Vocabulary.load("good", "cbam_goods.csv", "cbam_families.csv")


@lru_cache(maxsize=1)
def _descriptions() -> Mapping[str, str]:
    """Code -> the law's description, of the goods of Annex I and of the annex's rows."""
    found = {one.cn: one.description for one in mc.cbam.goods()}
    return found | {row.cn: row.description for row in annex()[OTHER]}


@lru_cache(maxsize=4096)
def described(code: str) -> str:
    """Return what a code is called: in the tables, in the law, or by what lies about it."""
    shown = _words().shown
    if code in shown:
        return shown[code]
    cn = code.partition("/")[0]
    known = _descriptions()
    if cn in known:
        return known[cn].replace("|", " ")[:160]  # a bar stands for a narrow space there
    near = [h for h in shown if "/" not in h and covers(h, cn)]
    if near:
        return f"below {shown[max(near, key=len)]}"
    return f"goods such as: {mc.cbam.good(cn)[0].description.replace('|', ' ')[:120]}"


def good(name: str) -> GoodRead:
    """Return the good that a name or a CN code means.

    Raises
    ------
    AmbiguousNameError
        A name for several goods; the options are CN codes with their names.
    UnknownNameError
        No good of the CBAM.

    Examples
    --------
    >>> good("热轧卷板").cn, good("7208 51").cn, good("white clinker").route
    ('7208', '720851', 'B')
    """
    asked = fold(name)
    code = _CODE.fullmatch(asked)
    if code is not None:
        cn = cn_digits(code[1])
        mc.cbam.good(cn)  # refuses a code outside the CBAM and names the nearest
        route = (code[2] or "").upper()
        return GoodRead(name, cn, route, described(f"{cn}/{route}" if route else cn), "code")
    try:
        read = _words().exact(name)
        if read is None and asked in _outside():
            raise UnknownNameError(
                f"{name[:80]!r} is not in the annex of the CBAM",
                where=_outside()[asked] or "goods of Annex I of Regulation (EU) 2023/956",
                do="no certificate is owed for it; find_good lists what is in the annex",
            )  # fmt: skip
        if read is None and (found := _by_description(asked)):
            raise AmbiguousNameError("good", name, [(c, described(c)) for c in found[:MOST]])
        read = read or _words().read(name)
    except AmbiguousNameError as error:
        options = [(c.replace("/", " "), described(c)) for c, _ in error.options]
        raise AmbiguousNameError("good", name, options) from None
    cn, _, route = read.code.partition("/")
    return GoodRead(name, cn, route, described(read.code), read.how)


def _by_description(asked: str) -> list[str]:
    """Codes whose description in the law holds all words asked for, the shortest texts first."""
    words = re.findall(r"[a-z0-9]+", asked)
    if not words or len(words) != len(asked.split()) or min(map(len, words)) < 3:
        return []
    found = [
        (len(text), cn)
        for cn, text in _descriptions().items()
        if all(re.search(rf"\b{re.escape(word)}(?:s|es)?\b", fold(text)) for word in words)
    ]
    codes = [cn for _, cn in sorted(found)]
    return [cn for cn in codes if not any(o != cn and covers(o, cn) for o in codes)]


@lru_cache(maxsize=1)
def _outside() -> Mapping[str, str]:
    """Names of goods that are not in the annex, though a word of them may be -> what is."""
    from mriocarbon.tools.sector_words import rows_of

    rows = rows_of("cbam_outside.csv")
    return {fold(name): row["why"] for row in rows for name in row["names"].split("|")}


def origin(name: str) -> tuple[Read, Origin]:
    """Return a country of origin whose goods the CBAM charges.

    Raises
    ------
    NotAvailableError
        A member state, the EU, the world, or a country of Annex III.
    AmbiguousNameError, UnknownNameError

    Examples
    --------
    >>> read, place = origin("土耳其")
    >>> read.code, place.name
    ('TUR', 'Türkiye')
    """
    from mriocarbon.cbam.territory import outside

    try:
        read = resolve.country(name)
    except UnknownNameError as unknown:
        try:
            known = mc.cbam.origin(name)  # Kosovo, and the annex's own spellings
        except UnknownNameError:
            raise unknown from None
        read = Read(name, known.iso3, known.name, "name")
    if read.code in ("EU27", "WLD"):
        raise NotAvailableError(
            f"{read.name} is no country of origin", where="origin",
            do="name one country outside the EU from which the goods come",
        )  # fmt: skip
    place = mc.cbam.origin(read.code)
    if why := outside(place.iso3):
        raise NotAvailableError(
            f"the CBAM does not charge goods of {place.name}", where=why,
            do="name a country of origin outside the EU and outside Annex III",
        )  # fmt: skip
    return read, place


def narrower(read: GoodRead, place: Origin, year: int) -> AmbiguousNameError | None:
    """Return the choice among rows below a code whose default values differ; None if just one."""
    rows = [v for v in mc.cbam.defaults_of(place, year=year) if covers(read.cn, v.cn)]
    if len(rows) < 2:
        return None
    twice = len({v.cn for v in rows}) < len(rows)
    options = [
        (f"{v.cn} {v.route}", described(f"{v.cn}/{v.route}")) if twice and v.route
        else (v.cn, described(v.cn))
        for v in rows
    ]  # fmt: skip
    return AmbiguousNameError("good", read.asked, options[: 3 * MOST])
