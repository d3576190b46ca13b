"""Names as people write them, in several languages, read as codes.

A name that is a code or a name in any of `LANGUAGES` is read at once. One that is only like a
name is read if nothing else is nearly as like; otherwise `AmbiguousNameError` lists what it can
mean, for a person to choose. Nothing is guessed in silence: `Read.how` says how it was read.
"""

from __future__ import annotations

import gettext
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mriocarbon.errors import AmbiguousNameError, NotAvailableError, UnknownNameError

LANGUAGES = ("zh_CN", "zh_TW", "de", "fr", "es", "pt", "it", "ja", "ko", "ru", "ar", "nl", "pl")
"""Languages besides English in which countries are known (the names are pycountry's)."""

SURE = 90.0
"""Likeness in per cent from which a misspelt name is read."""
CLEAR = 6.0
"""And by how much it must be more like than the next one."""
FAR = 68.0
"""Below this likeness nothing is offered: a far-off suggestion misleads."""

_ALIASES = {
    "america": "USA", "us": "USA", "u.s.": "USA", "u.s.a.": "USA", "the us": "USA",
    "the usa": "USA", "the united states": "USA", "united states of america": "USA",
    "美国": "USA", "uk": "GBR", "u.k.": "GBR", "britain": "GBR", "great britain": "GBR",
    "england": "GBR", "prc": "CHN", "mainland china": "CHN", "中国大陆": "CHN", "中國": "CHN",
    "south korea": "KOR", "韩国": "KOR", "north korea": "PRK", "朝鲜": "PRK", "russia": "RUS",
    "俄国": "RUS", "turkey": "TUR", "holland": "NLD", "the netherlands": "NLD",
    "ivory coast": "CIV", "burma": "MMR", "czech republic": "CZE", "vietnam": "VNM",
    "eu": "EU27", "the eu": "EU27", "european union": "EU27", "eu-27": "EU27", "欧盟": "EU27",
    "union européenne": "EU27", "europäische union": "EU27", "unión europea": "EU27",
    "world": "WLD", "the world": "WLD", "global": "WLD", "全球": "WLD", "世界": "WLD",
}  # fmt: skip
_SEVERAL = {
    "korea": ("KOR", "PRK"),
    "congo": ("COD", "COG"),
    "sudans": ("SDN", "SSD"),
    "virgin islands": ("VIR", "VGB"),
    "samoas": ("WSM", "ASM"),
    "micronesian states": ("FSM", "MHL"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """How a name was read.

    `how` is "code", "name" or "like" (misspelt, but nothing else is near).
    """

    asked: str
    code: str
    name: str
    how: str


def fold(name: str) -> str:
    """Return a name without case, accents and surplus spaces."""
    plain = unicodedata.normalize("NFKD", name.strip().casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", " ".join(plain.replace("’", "'").split()))


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    """Every folded name and code of a country -> alpha-3."""
    import pycountry

    found: dict[str, str] = {}
    spoken = [
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[one], fallback=True)
        for one in LANGUAGES
    ]
    for one in pycountry.countries:
        names = [one.alpha_3, one.alpha_2]
        for key in ("name", "common_name", "official_name"):
            if text := getattr(one, key, None):
                names += [text, *(language.gettext(text) for language in spoken)]
        for text in names:
            found.setdefault(fold(text), one.alpha_3)
    found |= {fold(text): code for text, code in _ALIASES.items()}
    return {text: code for text, code in found.items() if text not in _SEVERAL}


def country_name(code: str) -> str:
    """Return the English name of a code; the code itself where ISO 3166 has none."""
    import pycountry

    if code == "EU27":
        return "European Union (27)"
    if code == "WLD":
        return "World"
    one = pycountry.countries.get(alpha_3=code)
    return code if one is None else str(getattr(one, "common_name", one.name))


def country(name: str) -> Read:
    """Return the country that a name or code in any of the languages means.

    Raises
    ------
    AmbiguousNameError
        It fits several.
    UnknownNameError
        It fits none.

    Examples
    --------
    >>> country("中国").code, country("Etats-Unis").code, country("Germny").how
    ('CHN', 'USA', 'like')
    """
    asked = fold(name)
    if asked in _SEVERAL:
        raise AmbiguousNameError(
            "country", name, [(code, country_name(code)) for code in _SEVERAL[asked]]
        )
    return choose("country", name, _countries(), country_name)


def region(name: str, known: Sequence[str]) -> Read:
    """Return which of the regions of a table a name means.

    A country inside an aggregate region is refused, not read as that region.
    """
    for code in known:
        if fold(code) == fold(name):
            return Read(name, code, country_name(code), "code")
    read = country(name)
    if read.code not in known:
        raise UnknownNameError(
            f"no region {name!r} ({read.code}) in this table",
            where=f"{len(known)} regions: {', '.join(known)}",
            do="choose one of them; a country may be part of an aggregate region",
        )
    return read


def choose(
    kind: str, name: str, names: Mapping[str, str], shown: Mapping[str, str] | object = None
) -> Read:
    """Return the code that `name` means, among folded names -> codes.

    Parameters
    ----------
    kind : str
        For messages: "country", "sector", "good".
    name : str
    names : mapping
        Folded names and codes to codes; several names may lead to one code.
    shown : mapping or callable, optional
        Code to its name for a reader.
    """
    from rapidfuzz import fuzz, process

    def told(code: str) -> str:
        if callable(shown):
            return str(shown(code))
        return str(shown.get(code, code)) if isinstance(shown, Mapping) else code

    asked = fold(name)
    if asked in names:
        code = names[asked]
        return Read(name, code, told(code), "code" if fold(code) == asked else "name")
    best: dict[str, float] = {}
    for text, score, _ in process.extract(asked, names.keys(), scorer=fuzz.WRatio, limit=40):
        if (len(text) > 3 and len(asked) > 3) or text == asked:  # short codes are like everything
            best[names[text]] = max(best.get(names[text], 0.0), fuzz.ratio(asked, text), score - 5)
    ranked = sorted(best.items(), key=lambda item: -item[1])
    near = [(code, told(code)) for code, score in ranked if score >= FAR][:5]
    if not near:
        raise UnknownNameError(
            f"unknown {kind} {name!r}", where=f"{len(set(names.values()))} are known",
            do=f"give its name in another way, or its code; ask for the list of {kind} names",
        )  # fmt: skip
    first, second = ranked[0][1], ranked[1][1] if len(ranked) > 1 else 0.0
    if first >= SURE and first - second >= CLEAR:
        return Read(name, ranked[0][0], told(ranked[0][0]), "like")
    raise AmbiguousNameError(kind, name, near)


_GASES = {
    "GHG": ("ghg", "ghgs", "greenhouse gas", "greenhouse gases", "co2e", "co2-e", "co2eq", "co2-eq",
            "co2 equivalent", "co2 equivalents", "carbon dioxide equivalent", "all gases", "carbon",
            "温室气体", "二氧化碳当量", "碳", "treibhausgase", "gaz à effet de serre"),
    "CO2": ("co2", "carbon dioxide", "fossil co2", "二氧化碳", "kohlendioxid",
            "dioxyde de carbone", "dióxido de carbono"),
    "CH4": ("ch4", "methane", "甲烷", "methan", "méthane", "metano"),
    "N2O": ("n2o", "nitrous oxide", "laughing gas", "氧化亚氮", "一氧化二氮", "lachgas"),
    "F-gases": ("f-gases", "f gases", "fgases", "f-gas", "f gas", "fluorinated gases",
                "fluorinated greenhouse gases", "氟化气体", "含氟气体"),
}  # fmt: skip
_GAS_NAMES = {
    "GHG": "all greenhouse gases", "CO2": "carbon dioxide", "CH4": "methane",
    "N2O": "nitrous oxide", "F-gases": "fluorinated gases",
}  # fmt: skip


def gas(name: str, known: Sequence[str]) -> Read:
    """Return the stressor of a table that the name of a gas means.

    Examples
    --------
    >>> gas("二氧化碳", ("GHG", "CO2")).code, gas("CO₂e", ("GHG", "CO2")).code
    ('CO2', 'GHG')
    """
    names = {fold(one): one for one in known}
    for code, words in _GASES.items():
        if code in known:
            names |= {fold(word): code for word in words}
    return choose("gas", name, names, _GAS_NAMES)


def year(name: str, known: Sequence[int]) -> int:
    """Return the year that was asked for, or the only one if none was; never the nearest.

    Raises
    ------
    NotAvailableError
        There are no data of that year.
    UnknownNameError
        It is no year: "last year" depends on who asks and when.

    Examples
    --------
    >>> year("2022年", [2022]), year("", [2022])
    (2022, 2022)
    """
    asked = fold(name).removesuffix("年").removesuffix("年度").strip()
    told = ", ".join(str(one) for one in known)
    if not asked and len(known) == 1:
        return known[0]
    if not (asked.isascii() and asked.isdigit() and len(asked) == 4):
        raise UnknownNameError(
            f"{name!r} is no year" if asked else "no year is given",
            where=f"years with data: {told}", do="give four digits",
        )  # fmt: skip
    if int(asked) not in known:
        raise NotAvailableError(
            f"NOT AVAILABLE: no data of {asked}", where=f"years with data: {told}",
            do="ask for one of them; no year stands for another",
        )  # fmt: skip
    return int(asked)
