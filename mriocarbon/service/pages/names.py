"""Codes in words: what a reader sees of a region, an industry, a choice; the code stays beside."""

from __future__ import annotations

import re
from functools import lru_cache

from mriocarbon.errors import InputError
from mriocarbon.service.pages.words_arguments import OPTIONS
from mriocarbon.service.pages.words_quantities import quantity
from mriocarbon.service.pages.words_values import value as worded
from mriocarbon.tools import resolve, tables

_ZH = {
    "USA": "美国", "GBR": "英国", "RUS": "俄罗斯", "KOR": "韩国", "PRK": "朝鲜", "CHN": "中国",
    "ZAF": "南非", "VNM": "越南", "IRN": "伊朗", "LAO": "老挝", "SYR": "叙利亚", "TZA": "坦桑尼亚",
    "VEN": "委内瑞拉", "BOL": "玻利维亚", "MDA": "摩尔多瓦", "TUR": "土耳其", "DEU": "德国",
    "EU27": "欧盟（27 国）", "WLD": "世界", "ROW": "世界其他地区", "MEA": "中东（4 个经济体）",
    "AFR": "非洲（11 个经济体）", "LAM": "拉丁美洲（6 个经济体）", "COD": "刚果（金）",
    "COG": "刚果（布）",
}  # fmt: skip
_REGIONS = ("region", "partner", "origin", "exporter", "destination", "table")
_CHOSEN = (
    "principle",
    "scope",
    "technology",
    "margin",
    "sector",
    "kind",
    "state",
    "rule",
    "stage",
    "method",
    "view",
)
_CODED = frozenset(_ZH) | {"EU"}


@lru_cache(maxsize=1024)
def region(code: str, lang: str = "en") -> str:
    """Return a region by name; the code itself where it has none."""
    if lang == "zh":
        if code in _ZH:
            return _ZH[code]
        if len(code) == 3 and code.isupper():
            for text in resolve.spellings(code):
                if _chinese(text):
                    return text
    return resolve.country_name(code)


def with_code(code: str, lang: str = "en") -> str:
    """Return "China (CHN)"; what is no code of a region stays as it is."""
    name = region(code, lang) if code.isupper() or code in _CODED else code
    return code if name == code else f"{name} ({code})"


@lru_cache(maxsize=1024)
def sector(code: str, lang: str = "en") -> str:
    """Return an industry of the table by name and code; another label as it is."""
    name = resolve.sector_chinese(code) if lang == "zh" else resolve.sector_name(code)
    return code if name == code else f"{name} ({code})"


def shown(key: str, value: str, lang: str = "en") -> str:
    """Return the value of a label as a reader sees it."""
    if key in _REGIONS:
        return with_code(value, lang)
    if key == "route" and (steps := chain(value, lang)):
        return steps
    if value in OPTIONS and key in _CHOSEN and value != "none":
        return option(value, lang)
    if key in ("sector", "user", "product") and value.isalnum() and value[:1].isupper():
        return sector(value, lang)
    text = quantity(value, lang) if key == "process" else value
    return worded(value) or text if lang == "zh" and text == value else text


def chain(value: str, lang: str = "en") -> str:
    """Return a supply chain in words, or nothing if it is none.

    Examples
    --------
    >>> chain("USA C10T12 <- USA A01")
    'Food and drinks (USA) ← Crops and animals (USA)'
    >>> chain("third regions")
    ''
    """
    named = resolve.sector_chinese if lang == "zh" else resolve.sector_name
    told = []
    for step in value.split(" <- "):
        place, _, code = step.partition(" ")
        if not code or not place.isupper() or named(code) == code:
            return ""
        told.append(f"{named(code)} ({place})")
    return " ← ".join(told)


_CODE_FIRST = re.compile(r"(\w+) \((.+)\)")


def understood(asked: str, read: str, lang: str = "en") -> str:
    """Return how a name was read, or nothing where it was read as it stands.

    Examples
    --------
    >>> understood("CHN", "CHN (China)"), understood("UK", "GBR (United Kingdom)", "zh")
    ('', 'UK → 英国 (GBR)')
    >>> understood("steel", "C24A (Iron and steel)", "zh"), understood("China", "CHN (China)")
    ('steel → 钢铁 (C24A)', '')
    """
    found = _CODE_FIRST.fullmatch(read)
    code, name = (found[1], found[2]) if found else ("", read)
    own = region(code, lang)
    if own == resolve.country_name(code):
        own = resolve.sector_chinese(code)
    if asked in (name, own):
        return ""
    if lang == "zh" and _chinese(own):
        read = f"{own} ({code})"
    return f"{asked} → {read}"


def _chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def option(value: object, lang: str = "en") -> str:
    """Return a choice in words."""
    text = str(value)
    return OPTIONS[text][lang == "zh"] if text in OPTIONS else text


@lru_cache(maxsize=4)
def countries(lang: str = "en") -> tuple[tuple[str, str], ...]:
    """Return what a field of a country suggests: name, and code with name, by name."""
    import pycountry

    codes = ["EU27", *(one.alpha_3 for one in pycountry.countries)]
    return tuple(sorted((written(code, lang), code) for code in codes))


@lru_cache(maxsize=1024)
def written(code: str, lang: str = "en") -> str:
    """Return a region as a form writes it: the name that is read back as this code, or the code."""
    if code == "EU27":
        return "欧盟" if lang == "zh" else "EU"
    name = region(code, lang)
    return name if name != code and resolve.country_code(name) == code else code


def typed(text: str, lang: str = "en") -> str:
    """Return what a field of a country starts from, in the reader's language.

    Examples
    --------
    >>> typed("China", "zh"), typed("CHN"), typed("中国"), typed("somewhere", "zh")
    ('中国', 'China', 'China', 'somewhere')
    """
    foreign = lang == "zh" or _chinese(text)
    code = text if text.isupper() else resolve.country_code(text) if foreign else None
    return text if code is None else written(code, lang)


def industry(text: str, lang: str = "en") -> str:
    """Return what a field of an industry starts from, in the reader's language."""
    if not text or (lang != "zh" and not _chinese(text)):
        return text
    named = resolve.sector_chinese if lang == "zh" else resolve.sector_name
    try:
        return named(resolve.sector(text, tables.table().sectors).code)
    except InputError:
        return text


@lru_cache(maxsize=4)
def sectors(lang: str = "en") -> tuple[tuple[str, str], ...]:
    """Return what a field of an industry suggests: name, code."""
    codes = tables.table().sectors
    named = resolve.sector_chinese if lang == "zh" else resolve.sector_name
    return tuple((named(code), code) for code in codes)
