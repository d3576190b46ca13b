"""Names as people write them, in several languages, read as codes.

A name that is a code or a name in any of `LANGUAGES` is read at once. One that is a slip of the
pen away from a name is read if it is from no other; otherwise `AmbiguousNameError` lists what it
can mean, for a person to choose. Nothing is guessed in silence: `Read.how` says how it was read.
Countries are read most carefully: a wrong one gives a right number of the wrong place.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from mriocarbon.errors import AmbiguousNameError, NotAvailableError, UnknownNameError
from mriocarbon.model.labels import AGGREGATES, country_rows, fold, no_region, region_of_country
from mriocarbon.tools.sector_words import industries, rows_of, sector_chinese, sector_name

__all__ = [
    "Read", "choose", "country", "country_code", "country_name", "gas", "meanings", "region",
    "sector", "sector_chinese", "sector_name", "spellings", "year",
]  # fmt: skip

LANGUAGES = ("zh_CN", "zh_TW", "de", "fr", "es", "pt", "it", "ja", "ko", "ru", "ar", "nl", "pl")
"""Languages besides English in which countries are known (the names are pycountry's)."""

SHORT = 5
"""Letters from which a name may hold a slip of the pen and still be read."""
LONG = 8
"""Letters from which it may hold two; of a country, never."""
ALIKE = 0.7
"""Likeness below which nothing is offered: a far-off suggestion misleads."""
MOST = 8
"""Options offered for one name."""

_SHOWN = {
    **AGGREGATES, "WLD": "World", "RUS": "Russia", "TUR": "Türkiye",
    "COD": "Congo (Democratic Republic)", "COG": "Congo (Republic)",
}  # fmt: skip
_SEVERAL = {
    "korea": ("KOR", "PRK"),
    **dict.fromkeys(
        ("congo", "kongo", "刚果", "剛果", "конго", "コンゴ", "콩고", "الكونغو"),
        ("COD", "COG"),
    ),
    **dict.fromkeys(("多米尼加", "多明尼加", "dominicana"), ("DOM", "DMA")),
    **dict.fromkeys(
        (
            "saint martin",
            "saint-martin",
            "st martin",
            "st. martin",
            "sint maarten",
            "圣马丁",
            "sankt martin",
            "san martin",
        ),
        ("MAF", "SXM"),
    ),
    **dict.fromkeys(("malvinas", "las malvinas", "falklands"), ("FLK",)),
    "sudans": ("SDN", "SSD"),
    "virgin islands": ("VIR", "VGB"),
    "samoas": ("WSM", "ASM"),
    "micronesian states": ("FSM", "MHL"),
    # Parts of a country, and wider than it: asked back, never read as the country.
    "england": ("GBR",),
    "scotland": ("GBR",),
    "wales": ("GBR",),
    "northern ireland": ("GBR",),
    "europe": ("EU27",),
    "欧洲": ("EU27",),
}
_REST = dict.fromkeys(("rest of the world", "rest of world", "row", "世界其他地区"), "ROW")


@dataclass(frozen=True, slots=True)
class Read:
    """How a name was read.

    `how` is "code", "name" or "like" (misspelt, but nothing else is near).
    """

    asked: str
    code: str
    name: str
    how: str


def spellings(code: str) -> tuple[str, ...]:
    """Return the names of a country in ISO 3166 and in all of `LANGUAGES`, unfolded."""
    import pycountry

    one = pycountry.countries.get(alpha_3=code)
    names: list[str] = []
    for key in ("name", "common_name", "official_name"):
        if text := getattr(one, key, None):
            names += [text, *(language.gettext(text) for language in _spoken())]
    return tuple(dict.fromkeys(names))


@lru_cache(maxsize=1)
def _spoken() -> tuple[gettext.NullTranslations, ...]:
    import pycountry

    return tuple(
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[one], fallback=True)
        for one in LANGUAGES
    )


def _turned(name: str) -> Iterable[str]:
    """Yield other orders of "Korea, Republic of"; not its head alone, which may be shared."""
    head, comma, tail = name.partition(", ")
    if comma:
        yield f"{tail} {head}"
        yield f"{tail.removeprefix('The ')} {head}"


@lru_cache(maxsize=1)
def _all_countries() -> Mapping[str, tuple[str, ...]]:
    """Every folded name and code of a country -> the countries that bear it."""
    import pycountry

    found: dict[str, list[str]] = {}

    def add(names: Iterable[str], code: str) -> None:
        for name in names:
            codes = found.setdefault(fold(name), [])
            if code not in codes:
                codes.append(code)

    for one in pycountry.countries:
        names = spellings(one.alpha_3)
        add((one.alpha_3, one.alpha_2, *names), one.alpha_3)
        add((turned for name in names for turned in _turned(name)), one.alpha_3)
    for row in country_rows():
        add((row["code"], *row["names"].split("|"), *row["adjectives"].split("|")), row["code"])
    found.pop("", None)
    return {name: tuple(codes) for name, codes in found.items()} | _SEVERAL


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    """Every folded name and code that one country alone bears -> its code."""
    return {name: codes[0] for name, codes in _all_countries().items() if len(codes) == 1
            and name not in _SEVERAL}  # fmt: skip


def country_name(code: str) -> str:
    """Return the English name of a code; the code itself where ISO 3166 has none."""
    import pycountry

    if code in _SHOWN:
        return _SHOWN[code]
    one = pycountry.countries.get(alpha_3=code)
    return code if one is None else str(getattr(one, "common_name", one.name))


def country_code(name: str) -> str | None:
    """Return the code of a country's exact name or code in any of the languages, else None.

    For finding names in a text: nothing is taken for a misspelt one, nothing is raised.
    """
    return _countries().get(fold(name))


def meanings(name: str) -> tuple[tuple[str, str], ...]:
    """Return the countries, code and name, that an ambiguous name can mean; none if it is clear."""
    asked = fold(name)
    codes = _all_countries().get(asked, ())
    several = len(codes) > 1 or asked in _SEVERAL
    return tuple((code, country_name(code)) for code in codes) if several else ()


def country(name: str) -> Read:
    """Return the country that a name, code or adjective in any of the languages means.

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
    >>> country("Republic of Korea").code, country("美国的").code, country("the German").code
    ('KOR', 'USA', 'DEU')
    """
    for plain in _bared(name):
        if plain in _parts():
            raise UnknownNameError(
                f"{name[:80]!r} is no country", where="a part of one, or a group of several",
                do="name the countries",
            )  # fmt: skip
        if several := meanings(plain):
            raise AmbiguousNameError("country", name, several)
        if plain in _countries():
            read = choose("country", plain, _countries(), country_name)
            return Read(name, read.code, read.name, read.how)
    if (code := _misspelt(fold(name))) is not None:
        return Read(name, code, country_name(code), "like")
    others, likeness = _near(fold(name), _countries())
    near, _ = _near(fold(name), {key: key for key in _SEVERAL})
    for key in (key for key, slips in near.items() if slips == 1):
        # "San Marin" may be San Martin, which is two, and San Marino
        far = {code: country_name(code) for code, slips in others.items() if slips == 1}
        raise AmbiguousNameError("country", name, [*({**dict(meanings(key)), **far}).items()])
    raise _unread("country", name, likeness, country_name, len(set(_countries().values())))


@lru_cache(maxsize=1)
def _parts() -> Mapping[str, str]:
    """Folded names of parts of the world and of countries, and of groups -> table region or ""."""
    return {fold(n): row["code"] for row in rows_of("parts.csv") for n in row["names"].split("|")}


@lru_cache(maxsize=1)
def _own_names() -> frozenset[str]:
    """Folded names of countries, without codes and adjectives."""
    rows = country_rows()
    own = {fold(name) for row in rows for name in row["names"].split("|")}
    own |= {fold(name) for code in set(_countries().values()) for name in spellings(code)}
    adjectives = {fold(name) for row in rows for name in row["adjectives"].split("|")}
    return frozenset(name for name in own - adjectives if len(name) >= SHORT - 1)


def _misspelt(asked: str) -> str | None:
    """Return the one country whose own name is a slip of the pen away, if no other is near.

    A slip is a letter too many, missing, wrong, or two swapped. "Siberia" is one slip from
    Liberia and two from Serbia: it is neither.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if not SHORT <= len(asked) <= 80:
        return None
    every = {**_all_countries(), **dict.fromkeys(_parts(), ("",))}
    long = [name for name in every if len(name) >= SHORT - 1]
    near = process.extract(asked, long, scorer=OSA.distance, score_cutoff=2, limit=None)
    codes = {code for name, _, _ in near for code in every[name]}
    slip = {
        every[name][0]
        for name, far, _ in near
        if far == 1 and name in _own_names() and len(every[name]) == 1
    }
    return slip.pop() if len(slip) == 1 and codes == slip else None


def _bared(name: str) -> Iterable[str]:
    """Yield a folded name, then without article, possessive and the like."""
    asked = fold(name)
    yield asked
    asked = asked.removeprefix("the ")
    yield asked
    bare = re.sub(r"'s?$|[.,;:!?。，]+$|(?<=.)的$", "", asked).strip()
    yield bare
    yield re.sub(r"'s?$|(?<=..)(?:政府|大陆|国内)$", "", bare).strip()


def region(name: str, known: Sequence[str]) -> Read:
    """Return which of the regions of a table a name means.

    A country inside an aggregate region is refused, not read as that region.

    Raises
    ------
    AmbiguousNameError
        It fits several, or is wider than a region that is like it.
    UnknownNameError
        It fits none; inside which region the country is, if the table is the embedded one.

    Examples
    --------
    >>> region("欧盟", ("EU27", "CHN")).code
    'EU27'
    """
    asked = fold(name)
    for code in known:
        if fold(code) == asked:
            return Read(name, code, country_name(code), "code")
    if (rest := _REST.get(asked)) in known and rest is not None:
        return Read(name, rest, country_name(rest), "name")
    wider = _parts().get(asked, _parts().get(asked.removeprefix("the "), ""))
    if wider in known:
        raise AmbiguousNameError("region", name, [(wider, country_name(wider))])
    read = country(name)
    label = region_of_country(read.code, known)
    if not label:
        raise no_region(name, read.code, known)
    return replace(read, code=label)


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

    Raises
    ------
    AmbiguousNameError
        It is like several, or holds several, or is a part of several.
    UnknownNameError
        It is like none.
    """

    def told(code: str) -> str:
        if callable(shown):
            return str(shown(code))
        return str(shown.get(code, code)) if isinstance(shown, Mapping) else code

    asked = fold(name)
    if asked in names:
        code = names[asked]
        return Read(name, code, told(code), "code" if fold(code) == asked else "name")
    slips, likeness = _near(asked, names)
    for most in (1, 2):  # slips of the pen: a letter too many, missing, wrong, or two swapped
        close = [code for code, n in slips.items() if n <= most]
        if len(close) == 1 and len(asked) >= (SHORT if most == 1 else LONG):
            return Read(name, close[0], told(close[0]), "like")
        if close:
            break
    raise _unread(kind, name, likeness, told, len(set(names.values())))


def _unread(
    kind: str, name: str, likeness: Mapping[str, float], told: Callable[[str], str], known: int
) -> AmbiguousNameError | UnknownNameError:
    """Return the error of a name that was not read: what it is like, for a person to choose."""
    ranked = sorted(likeness, key=lambda code: (-likeness[code], told(code)))[:MOST]
    if not ranked:
        return UnknownNameError(
            f"unknown {kind} {name[:80]!r}", where=f"{known} are known",
            do=f"give its name in another way, or its code; ask for the list of {kind} names",
        )  # fmt: skip
    return AmbiguousNameError(kind, name[:80], [(code, told(code)) for code in ranked])


def _another_word(asked: str, text: str) -> bool:
    """Whether a short word differs: "ore" is no misspelt "wire", nor are nails rails."""
    ours, theirs = asked.split(), text.split()
    return len(ours) == len(theirs) and any(
        a != b and (max(len(a), len(b)) < SHORT or (len(a) == len(b) == SHORT and a[0] != b[0]))
        for a, b in zip(ours, theirs, strict=True)
    )


def _near(asked: str, names: Mapping[str, str]) -> tuple[dict[str, int], dict[str, float]]:
    """Return by code the slips between `asked` and its nearest name, and the likeness."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    slips: dict[str, int] = {}
    likeness: dict[str, float] = {}
    if len(asked) < 2 or len(asked) > 80:
        return slips, likeness
    long = [text for text in names if len(text) > 3]  # short codes are like everything
    if len(asked) > 3:
        for text, far, _ in process.extract(
            asked, long, scorer=OSA.distance, score_cutoff=max(2, int(0.3 * len(asked))), limit=60
        ):
            code, n = names[text], int(far)
            if len(text) >= SHORT and not _another_word(asked, text):
                slips[code] = min(slips.get(code, n), n)
            alike = 1 - n / max(len(asked), len(text))
            if alike >= ALIKE:
                likeness[code] = max(likeness.get(code, 0.0), alike)
    words = set(re.findall(r"\w+", asked))
    for text in names:
        have = set(re.findall(r"\w+", text))
        part = words < have and len(asked) > 3
        holds = have < words and len(text) > 3
        inside = (
            not asked.isascii()
            and len(asked) > 1
            and (asked in text or (len(text) > 1 and text in asked))
        )  # Chinese and its kin leave no spaces between words
        if words and have and (part or holds or inside):
            score = (
                0.9
                if holds
                else 0.5 + 0.5 * min(len(asked), len(text)) / max(len(asked), len(text))
            )
            likeness[names[text]] = max(likeness.get(names[text], 0.0), score)
    return slips, likeness


# -- industries ----------------------------------------------------------------------------------


def sector(name: str, known: Sequence[str]) -> Read:
    """Return which of the industries of a table a name means.

    Parameters
    ----------
    name : str
        A label of the table; or a code, or a name in English or Chinese, of an ICIO industry.
    known : sequence of str
        The table's labels.

    Raises
    ------
    AmbiguousNameError
        It is a word for several, such as "metals" or "transport".
    UnknownNameError
        It fits none.

    Examples
    --------
    >>> known = ("C23", "C24A", "C24B", "C29", "D")
    >>> [sector(one, known).code for one in ("steel", "电力", "cars", "cement", "aluminium")]
    ['C24A', 'D', 'C29', 'C23', 'C24B']
    """
    names, families, _ = industries()
    asked = fold(name)
    bare = re.sub(
        r"^the\s+|\s+(?:sector|industry|industries|production|manufacturing)$|(?<=..)(?:行业|产业|部门)$",
        "", asked,
    ).strip()  # fmt: skip
    own = {fold(label): label for label in known}
    every = {text: code for text, code in names.items() if code in known}
    every |= {fold(sector_name(label)): label for label in known}
    for text in (asked, bare):
        if text in own:
            return Read(name, own[text], sector_name(own[text]), "code")
        if text in every:
            return Read(name, every[text], sector_name(every[text]), "name")
        several, words = families[text].within(known) if text in families else ([], "")
        if len(several) == 1:
            return Read(name, several[0], sector_name(several[0]), "name")
        if several:
            options = [(code, sector_name(code)) for code in several[:MOST]]
            more = max(0, len(several) - MOST)
            raise AmbiguousNameError("sector", name, options, about=words, more=more)
    return choose("sector", name, every | own, sector_name)


# -- gases and years -----------------------------------------------------------------------------

_GASES = {
    "GHG": ("ghg", "ghgs", "greenhouse gas", "greenhouse gases", "co2e", "co2-e", "co2eq", "co2-eq",
            "co2 equivalent", "co2 equivalents", "carbon dioxide equivalent", "all gases", "carbon",
            "total", "emissions", "温室气体", "二氧化碳当量", "碳", "碳排放", "treibhausgase",
            "treibhausgas", "gaz à effet de serre", "gases de efecto invernadero",
            "парниковые газы", "温室効果ガス", "온실가스"),
    "CO2": ("co2", "carbon dioxide", "fossil co2", "二氧化碳", "kohlendioxid", "kohlenstoffdioxid",
            "dioxyde de carbone", "dióxido de carbono", "anidride carbonica",
            "углекислый газ", "二酸化炭素", "이산화탄소"),
    "CH4": ("ch4", "methane", "甲烷", "methan", "méthane", "metano", "метан", "メタン"),
    "N2O": ("n2o", "nitrous oxide", "laughing gas", "氧化亚氮", "一氧化二氮", "lachgas",
            "distickstoffoxid", "protoxyde d'azote"),
    "F-gases": ("f-gases", "f gases", "fgases", "f-gas", "f gas", "fgas", "fluorinated gases",
                "fluorinated greenhouse gases", "氟化气体", "含氟气体", "含氟温室气体"),
}  # fmt: skip
_GAS_NAMES = {
    "GHG": "all greenhouse gases", "CO2": "carbon dioxide", "CH4": "methane",
    "N2O": "nitrous oxide", "F-gases": "fluorinated gases",
}  # fmt: skip


_METHANES = {
    "CH4 fossil": ("fossil methane", "fossil ch4", "methane fossil", "化石甲烷", "化石源甲烷"),
    "CH4 non-fossil": ("non-fossil methane", "non-fossil ch4", "biogenic methane", "biogenic ch4",
                       "非化石甲烷", "非化石源甲烷", "生物源甲烷", "生物成因甲烷"),
}  # fmt: skip


def substances(known: Iterable[str]) -> dict[str, str]:
    """Return what the substances of a list are called, folded: formulas, and names of some.

    Examples
    --------
    >>> names = substances(["CH4", "CH4 fossil"])
    >>> names["methane"], names["化石甲烷"]
    ('CH4', 'CH4 fossil')
    """
    own = {fold(one): one for one in known}
    named = (_GASES | _METHANES).items()
    return {fold(w): code for code, words in named if fold(code) in own for w in words} | own


def gas(name: str, known: Sequence[str]) -> Read:
    """Return the stressor of a table that the name of a gas means.

    Raises
    ------
    NotAvailableError
        A gas that the table does not have.
    AmbiguousNameError, UnknownNameError
        It fits several, or none.

    Examples
    --------
    >>> gas("二氧化碳", ("GHG", "CO2")).code, gas("CO₂e", ("GHG", "CO2")).code
    ('CO2', 'GHG')
    """
    own = {fold(one): one for one in known}
    names = {fold(word): code for code, words in _GASES.items() for word in words} | own
    read = choose("gas", name, names, _GAS_NAMES)
    if read.code not in known:
        raise NotAvailableError(
            f"NOT AVAILABLE: this table has no {read.code}", where=f"it has {', '.join(known)}",
            do="ask for one of these",
        )  # fmt: skip
    return read


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
    asked = re.sub(r"^(?:in|year|the year)\s+|\s*(?:年|年度|年份)$", "", fold(name)).strip()
    told = ", ".join(str(one) for one in known) or "none: the table has no year"
    if not asked and len(known) == 1:
        return known[0]
    if not re.fullmatch(r"[0-9]{4}", asked):
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
