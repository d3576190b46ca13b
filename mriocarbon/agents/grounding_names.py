"""What the words around a number say it is: which region, year, gas, principle, flow.

Names of countries are those of ISO 3166 in English, Chinese and the language of the text, with
the adjectives of English; a name is only read where it cannot be an ordinary word.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mriocarbon.agents.mentions import SHOUTED
from mriocarbon.model.labels import fold

WORLD = "WLD"

_MORE = {
    "USA": "US|USA|U.S.|U.S.A.|United States|United States of America|America|American|Americans"
    "|美国|美",
    "GBR": "UK|U.K.|Britain|Great Britain|British|United Kingdom|England|英国",
    "CHN": "China|Chinese|PRC|Mainland China|中国|中国大陆|中國|我国",
    "KOR": "South Korea|Korea|Korean"
    "|South Korean|韩国", "PRK": "North Korea|North Korean|朝鲜",
    "RUS": "Russia|Russian|俄罗斯|俄国",
    "TUR": "Turkey|Türkiye|Turkish|土耳其", "NLD": "Netherlands|Holland|Dutch|荷兰",
    "CZE": "Czech Republic|Czechia|Czech|捷克", "VNM": "Vietnam|Viet Nam|Vietnamese|越南",
    "TWN": "Taiwan|Taiwanese|Chinese Taipei|台湾|中国台湾|中华台北",
    "HKG": "Hong Kong|香港|中国香港",
    "MAC": "Macao|Macau|澳门", "IRN": "Iran|Iranian|伊朗", "LAO": "Laos|老挝", "BRN": "Brunei|文莱",
    "CIV": "Ivory Coast|Côte d'Ivoire|科特迪瓦", "MMR": "Burma|Myanmar|缅甸",
    "VEN": "Venezuela|Venezuelan",
    "BOL": "Bolivia|Bolivian", "TZA": "Tanzania|Tanzanian", "MDA": "Moldova", "SYR": "Syria|Syrian",
    "COD": "DR Congo|Democratic Republic of the Congo", "ARE": "UAE|U.A.E.|Emirates|Emirati|阿联酋",
    "SAU": "Saudi Arabia|Saudi|Saudi Arabian|沙特|沙特阿拉伯", "DEU": "Germany|German|德国",
    "FRA": "France|French|法国", "ITA": "Italy|Italian|意大利", "ESP": "Spain|Spanish|西班牙",
    "PRT": "Portugal|Portuguese|葡萄牙", "POL": "Poland|Polish|波兰", "SWE": "Sweden|Swedish|瑞典",
    "FIN": "Finland|Finnish|芬兰", "DNK": "Denmark|Danish|丹麦", "NOR": "Norway|Norwegian|挪威",
    "ISL": "Iceland|Icelandic|冰岛", "CHE": "Switzerland|Swiss|瑞士",
    "AUT": "Austria|Austrian|奥地利",
    "BEL": "Belgium|Belgian|比利时", "IRL": "Ireland|Irish|爱尔兰", "GRC": "Greece|Greek|希腊",
    "HUN": "Hungary|Hungarian|匈牙利", "ROU": "Romania|Romanian|罗马尼亚",
    "BGR": "Bulgaria|Bulgarian",
    "HRV": "Croatia|Croatian", "SVN": "Slovenia|Slovenian", "SVK": "Slovakia|Slovak",
    "EST": "Estonia|Estonian", "LVA": "Latvia|Latvian", "LTU": "Lithuania|Lithuanian",
    "UKR": "Ukraine|Ukrainian|乌克兰", "BLR": "Belarus|Belarusian",
    "KAZ": "Kazakhstan|Kazakh|哈萨克斯坦",
    "IND": "India|Indian|印度", "IDN": "Indonesia|Indonesian|印度尼西亚|印尼",
    "JPN": "Japan|Japanese|日本",
    "AUS": "Australia|Australian|澳大利亚|澳洲", "NZL": "New Zealand|新西兰",
    "CAN": "Canada|Canadian|加拿大",
    "MEX": "Mexico|Mexican|墨西哥", "BRA": "Brazil|Brazilian|巴西",
    "ARG": "Argentina|Argentine|阿根廷",
    "CHL": "Chile|Chilean|智利", "COL": "Colombia|Colombian|哥伦比亚", "PER": "Peru|Peruvian|秘鲁",
    "ZAF": "South Africa|South African|南非", "EGY": "Egypt|Egyptian|埃及",
    "MAR": "Morocco|Moroccan",
    "DZA": "Algeria|Algerian", "TUN": "Tunisia|Tunisian", "NGA": "Nigeria|Nigerian|尼日利亚",
    "KEN": "Kenya|Kenyan", "ISR": "Israel|Israeli|以色列", "JOR": "Jordan|Jordanian",
    "IRQ": "Iraq|Iraqi",
    "QAT": "Qatar|Qatari", "KWT": "Kuwait|Kuwaiti", "OMN": "Oman|Omani", "BHR": "Bahrain|Bahraini",
    "PAK": "Pakistan|Pakistani", "BGD": "Bangladesh|Bangladeshi", "LKA": "Sri Lanka|Sri Lankan",
    "THA": "Thailand|Thai|泰国", "MYS": "Malaysia|Malaysian|马来西亚",
    "SGP": "Singapore|Singaporean|新加坡",
    "PHL": "Philippines|Philippine|Filipino|菲律宾", "KHM": "Cambodia|Cambodian",
    "MNG": "Mongolia|Mongolian",
    "EU27": "EU|E.U.|EU27|EU-27|EU 27|European Union|欧盟|欧盟27国",
    "ROW": "Rest of the World|rest of the world"
    "|世界其他地区|其他地区|其他国家", "MEA": "Middle East|中东", "AFR": "Africa|African|非洲",
    "LAM": "Latin America|Latin American|拉丁美洲|拉美",
    WORLD: "World|world|Global|global|globally|worldwide|全球|世界|全世界",
}  # fmt: skip
_LOWER_TOO = {"world", "global", "globally", "worldwide", "rest of the world"}
_NOT_WORLD = re.compile(r"(?:[ -]?(?:warming|temperature|market|trade|value chain)|变暖|升温|增温)")
_NOT_REGION = {
    "USA": re.compile(r"元"),  # 美元 is the dollar
    "EU27": re.compile(r"(?:['’]s|的)?\s?(?:CBAM|carbon border|碳边境)"),
}
_SHORT = re.compile(r"[A-Z][A-Z.\d]{1,5}$")
_CJK = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
_WORD = re.compile(r"[^\W_]+(?:[.'’-][^\W_]+)*\.?")

STRICT = frozenset({"region", "year", "concept", "gas"})
"""Kinds of mention that hold for their own clause; others hold up to the next number."""

CONCEPTS: Mapping[str, str] = {
    "production": r"production|produc(?:es?|ed|ing)\b|territorial|own (?:soil|territory)"
    r"|within (?:its|their) borders|生产|领土|属地|境内",
    "consumption": r"consumption|consum(?:es?|ed|ing)\b|footprint|final demand|消费|足迹|最终需求",
    "income": r"\bincome|收入",
    "final-producer": r"\bfinal[ -]producer|最终生产",
    "shared": r"\bshared\b|共担|共同责任",
    "half-half": r"\bhalf[ -]half\b",
    "value-added": r"\bvalue[ -]added|增加值",
    "technology-adjusted-balanced": r"\bbalanced technology|technology[ -]adjusted[ -]balanced",
    "technology-adjusted": r"\btechnology[ -]adjusted(?![ -]balanced)|技术调整",
    "era": r"\bemission responsibility allotment|\bERA\b",
    "eebt": r"\bEEBT\b|\beebt\b|bilateral trade",
    "net": r"\bnet\b|\btrade balance|\bbalance of (?:trade|emissions)|净|差额",
    "export": r"\bexport|出口",
    "import": r"\bimport|进口",
}
"""Words for quantities that are never the same; a principle is named as the tools name it."""
_CONCEPTS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in CONCEPTS.items()}
_METHANE = r"(?:CH4|methane\b|甲烷)"
_GASES = {
    "GHG": r"CO2[ -]?e(?:q\w*)?\b|\bGHGs?\b|greenhouse[ -]gas(?:es)?|carbon dioxide equivalents?"
    r"|温室气体"
    r"|(?:二氧化碳|CO2|碳)当量",
    "CO2": r"CO2(?![ -]?e(?:q|\b))(?!当量)|carbon dioxide(?! equi)|二氧化碳(?!当量)",
    # the first that fits: methane of any origin is neither of the two
    "CH4 non-fossil": rf"\b(?:non-?\s?fossil|biogenic)[ -]{_METHANE}"
    rf"|(?:非化石|生物)(?:源|成因)?{_METHANE}",
    "CH4 fossil": rf"\bfossil[ -]{_METHANE}|\b{_METHANE}[ ,(-]{{1,2}}fossil|化石源?{_METHANE}",
    "CH4": _METHANE, "N2O": r"N2O|nitrous oxide|氧化亚氮|一氧化二氮",
    "SF6": r"SF6", "NF3": r"NF3",
}  # fmt: skip
_GAS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _GASES.items()}


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A place where a text says what it speaks of; `kind` is a label key, "concept" or "year"."""

    start: int
    end: int
    kind: str
    value: str


@lru_cache(maxsize=8)
def _regions(language: str) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, str]]:
    """Names by first word, and names without spaces by themselves."""
    import pycountry

    words: dict[str, dict[str, str]] = {}
    signs: dict[str, str] = {}

    def put(name: str, code: str) -> None:
        if _CJK.search(name):
            signs.setdefault(name, code)
            return
        short = _SHORT.match(name)
        key = name if short else fold(name)
        if len(name) < 4 and not short:
            return
        words.setdefault(key.split()[0].rstrip("."), {}).setdefault(key, code)

    for code, names in _MORE.items():
        for name in names.split("|"):
            put(name, code)
    spoken = [
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[one], fallback=True)
        for one in dict.fromkeys(("zh_CN", language.replace("-", "_")))
    ]
    for one in pycountry.countries:
        put(one.alpha_3, one.alpha_3)
        for key in ("common_name", "name", "official_name"):
            if text := getattr(one, key, None):
                put(text, one.alpha_3)
                for each in spoken:
                    put(each.gettext(text), one.alpha_3)
    signs.pop("美", None)
    return words, signs


def regions(text: str, codes: Iterable[str] = (), language: str = "en") -> list[Mention]:
    """Return every region that a text names, as codes.

    Parameters
    ----------
    text : str
    codes : iterable of str
        Codes of a table that are no country; read where they stand as written.
    language : str
        Of the text, besides English and Chinese.
    """
    words, signs = _regions(language)
    own = {code for code in codes if not code.islower() and len(code) > 1}
    found: list[Mention] = []
    tokens = list(_WORD.finditer(text)) if text else []
    skip = -1
    for k, token in enumerate(tokens):
        if token.start() < skip or _CJK.match(token[0]):
            continue
        exact = token[0]
        bare = re.sub(r"['’]s$|['’]$|\.$", "", exact)
        if bare in own:
            found.append(Mention(token.start(), token.start() + len(bare), "region", bare))
            continue
        best: tuple[int, str] | None = None
        for first in dict.fromkeys((exact.rstrip("."), bare, *bare.split("-")[:1])):
            for key in (first, fold(first)):
                for name, code in words.get(key, {}).items():
                    end = _stands(text, token.start(), name, tokens, k)
                    if end and (best is None or end > best[0]):
                        best = (end, code)
        if best and bare not in SHOUTED:
            found.append(Mention(token.start(), best[0], "region", best[1]))
            skip = best[0]
    if _CJK.search(text):
        longest = max(map(len, signs))
        at = 0
        while at < len(text):
            for size in range(min(longest, len(text) - at), 1, -1):
                if text[at : at + size] in signs:
                    sign = signs[text[at : at + size]]
                    found.append(Mention(at, at + size, "region", sign))
                    at += size
                    break
            else:
                at += 1
    kept: list[Mention] = []
    for one in sorted(found):
        if one.value == WORLD and _NOT_WORLD.match(text, one.end):
            continue
        if one.value in _NOT_REGION and _NOT_REGION[one.value].match(text, one.end):
            continue
        if kept and one.start < kept[-1].end:
            continue
        kept.append(one)
    return kept


def _stands(text: str, at: int, name: str, tokens: Sequence[re.Match[str]], k: int) -> int:
    """Return where a name that begins at a place ends, or 0 if it is not there."""
    if _SHORT.match(name):
        end = at + len(name)
        after = text[end : end + 1]
        there = text[at:end] == name and not (after.isascii() and after.isalnum())
        return end if there else 0
    size = len(name.split())
    last = min(k + size - 1, len(tokens) - 1)
    part = text[at : tokens[last].end()]
    part = re.sub(r"['’]s$|['’]$|\.$", "", part)
    if size == 1:
        part = part.split("-")[0] if fold(part) != name else part
    if fold(part) != name:
        return 0
    if not part[0].isupper() and name not in _LOWER_TOO:
        return 0
    return at + len(part)


def concepts(text: str) -> list[Mention]:
    """Return the words for quantities that exclude one another."""
    found = [
        Mention(*match.span(), "concept", name)
        for name, pattern in _CONCEPTS.items()
        for match in pattern.finditer(text)
    ]
    return sorted(found)


def concepts_of(quantity: str, principle: str = "") -> frozenset[str]:
    """Return the concepts of a figure, from the name of its quantity and its principle."""
    found = {one.value for one in concepts(quantity)}
    if principle:
        found.add(principle)
    return frozenset(found)


def gases(text: str) -> list[Mention]:
    """Return the gases a text names; CO2e and greenhouse gases are one."""
    found: list[Mention] = []
    for name, pattern in _GAS.items():
        for match in pattern.finditer(text):
            if not any(one.start <= match.start() < one.end for one in found):
                found.append(Mention(*match.span(), "gas", name))
    return sorted(found)


_STOP = frozenset((
    "of", "the", "and", "for", "from", "with", "other", "not", "elsewhere", "products",
    "product", "manufacture", "services", "activities", "total", "rest", "main", "emissions",
    "emission", "account", "accounts", "value", "values", "data", "per", "year", "carbon",
    "greenhouse",
))  # fmt: skip
_SAME = {
    "钢": "steel", "铁": "iron", "水泥": "cement", "铝": "aluminium", "化肥": "fertiliser",
    "氢": "hydrogen",
    "电力": "electricity", "电": "electricity", "煤": "coal", "农业": "agriculture",
    "建筑": "construction",
    "运输": "transport", "纺织": "textiles", "汽车": "vehicles", "化工": "chemicals",
    "aluminum": "aluminium",
    "fertilizer": "fertiliser", "fertilizers": "fertilisers", "太阳能": "solar", "光伏": "solar",
    "风电": "wind",
    "土地利用变化": "land-use change", "化石": "fossil", "水泥碳化": "cement carbonation",
    "海洋": "ocean", "土地": "land", "火灾": "fire", "野火": "fire",
}  # fmt: skip


@dataclass(frozen=True)
class Vocabulary:
    """The values of one label over all figures, and the words that mean just one of them."""

    kind: str
    words: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, kind: str, values: Iterable[str]) -> Vocabulary:
        """Make it from the values that occur; words of `CONCEPTS` are read as such only."""
        distinct = sorted(set(values))
        words: dict[str, set[str]] = {}
        if len(distinct) > 1:
            for value in distinct:
                for word in content(value):
                    if concepts(word):
                        continue
                    words.setdefault(word, set()).add(value)
        for value in distinct:
            words[fold(value)] = {value}
        return cls(kind, {word: frozenset(of) for word, of in words.items()})

    def mentions(self, text: str) -> list[Mention]:
        """Return where a text uses a word that means one value only, the longest first."""
        low = text.casefold()
        for zh, en in _SAME.items():
            if zh in low and en in self.words:
                low = low.replace(zh, en[: len(zh)].ljust(len(zh)) if len(en) <= len(zh) else zh)
        found: list[Mention] = []
        for word, of in sorted(self.words.items(), key=lambda item: -len(item[0])):
            if len(of) > 1 or len(word) < 2:
                continue
            forms = [word, *(zh for zh, en in _SAME.items() if en == word)]
            for form in forms:
                edge = r"(?<![^\W_])" if form[0].isascii() else ""
                close = (
                    r"(?:e?s)?(?![^\W_])"
                    if form[-1].isascii() and form[-1].isalpha()
                    else (r"(?![^\W_])" if form[-1].isascii() else "")
                )
                for match in re.finditer(edge + re.escape(form) + close, low):
                    if not any(m.start < match.end() and match.start() < m.end for m in found):
                        found.append(Mention(*match.span(), self.kind, next(iter(of))))
        return sorted(found)


def content(value: str) -> list[str]:
    """Return the words of a label that say something, folded."""
    words = [fold(w) for w in re.findall(r"[^\W\d_]{3,}|[A-Z]\w*\d\w*", value)]
    return [w for w in dict.fromkeys(words) if w not in _STOP]


_FROM_BEFORE = re.compile(
    r"(?:\bfrom|\bemitted (?:in|by)|\bproduced (?:in|by)|\bmade in|\bexported by|\bexports? (?:of"
    r"|by|from)"
    r"|\boriginating in|\borigin(?:s)?|来自|从|自|由|进口自|源于|源自)\s*(?:the )?$",
    re.IGNORECASE,
)
_FROM_AFTER = re.compile(
    r"(?:['’]s?)?\s*(?:\([A-Z\d]+\)\s*)?(?:['’]s?\s*)?(?:net |total |direct |own )?"
    r"(?:exports?\b|exported|emits?\b|emitted|emissions? (?:\w+ ){0,3}(?:for|to)\b|->|→|⇒"
    r"|出口|向|对|(?:排放)?[^，。]{0,6}出口到)",
    re.IGNORECASE,
)
_TO_BEFORE = re.compile(
    r"(?:\bto|\binto|\bfor|\bpartner|\bconsumed (?:in|by)|\bconsumption (?:of|in|by)"
    r"|\bdemand (?:of|in|from|by)"
    r"|\bimported (?:by|into)|\bimports? (?:of|by|into)|\bcaused by|\bdriven by|\binduced by|->|→"
    r"|⇒|向|对"
    r"|到|至|给|为)\s*(?:the )?$",
    re.IGNORECASE,
)
_TO_AFTER = re.compile(
    r"(?:['’]s?)?\s*(?:\([A-Z\d]+\)\s*)?(?:['’]s?\s*)?(?:net |total |final |own )?"
    r"(?:imports?\b|imported|consumption|consum(?:es|ed)|final demand|demand|causes?\b|从|自"
    r"|进口|消费"
    r"|的?(?:最终)?(?:消费|需求)|<-|←)",
    re.IGNORECASE,
)
_OUTSOURCED = re.compile(r"\s*(?:has |have )?(?:outsourc|offshor)\w*\b|\s*外包", re.IGNORECASE)
_BY_CONSUMPTION = re.compile(
    r"\b(?:consumption|demand|consumed)\b[^.;]{0,24}\b(?:in|of|by)\s*(?:the )?$"
)


def roles(text: str, named: Sequence[Mention]) -> dict[str, set[str]]:
    """Return for each region of a sentence whether it is "from", "to", or said to be neither.

    "from" is where emissions arise or goods leave, "to" is where goods are used.

    Examples
    --------
    >>> text = "China's exports to the USA"
    >>> roles(text, regions(text)) == {"CHN": {"from"}, "USA": {"to"}}
    True
    """
    found: dict[str, set[str]] = {}
    for one in named:
        said = found.setdefault(one.value, set())
        left, right = text[max(0, one.start - 40) : one.start], text[one.end : one.end + 48]
        to_before, from_before = _TO_BEFORE.search(left), _FROM_BEFORE.search(left)
        if _BY_CONSUMPTION.search(left):
            said.add("to")
        elif from_before and not (to_before and to_before.end() > from_before.end()):
            said.add("from")
        elif to_before or _TO_AFTER.match(right):
            said.add("to")
        elif _FROM_AFTER.match(right):
            said.add("from")
    if _OUTSOURCED.search(text):  # "the USA outsourced emissions to China": they arise in China
        turned = {"from": "to", "to": "from"}
        for value, said in found.items():
            found[value] = {turned[one] for one in said}
        for one in named:
            if _OUTSOURCED.match(text, one.end) and not found[one.value]:
                found[one.value] = {"to"}
    return found
