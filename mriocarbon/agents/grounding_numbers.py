"""Every number of a text, in English and Chinese: value, precision as printed, unit, place.

What only looks like a number is read as what it is: a year, a date, a code, a standard, the
level of an interval, a place in a list, a rank. Places are those of the text as it was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mriocarbon.agents import grounding_units as units
from mriocarbon.agents.grounding_odd import FORMAL, odd
from mriocarbon.agents.grounding_units import NONE, PERCENT, TIMES, Unit

_WIDE = {ord("０") + k: str(k) for k in range(10)} | {ord("₀") + k: str(k) for k in range(10)}
_PLAIN = str.maketrans(
    {chr(k): v for k, v in _WIDE.items()}
    | dict.fromkeys("\u00a0\u202f\u2009\u3000\u2007\u200a", " ")
    | {"．": ".", "％": "%", "－": "-", "−": "-", "‐": "-", "‑": "-", "—": "–", "（": "(",
       "）": ")", "～": "~", "＋": "+", "’": "'", "［": "[", "］": "]", "＄": "$"}
)  # fmt: skip
_DIGITS = (
    r"\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:[ ']\d{3})+(?!\d)"
    r"(?:\.\d+)?|\d+\.\d+|\d+|\.\d+"
)
_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_POWER = (
    r"(?:[eE](?P<e>[+-]?\d{1,3})(?![A-Za-z\d])"
    r"|\s?[x×*·]\s?10(?:\^\(?(?P<ten>[+-]?\d{1,3})\)?|(?P<sup>[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4})))?"
)
_CORE = re.compile(
    rf"(?<![A-Za-z0-9_.])(?<![A-Za-z]-)(?<![A-Za-z]\d-)(?P<digits>{_DIGITS}){_POWER}"
)
_CURRENCY_CORE = re.compile(rf"(?<=EUR|USD|GBP|JPY|CNY)(?P<digits>{_DIGITS}){_POWER}")
_TIMES_TEN = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6,
    "billion": 1e9, "bn": 1e9, "trillion": 1e12,
    "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "十亿": 1e9,
    "百亿": 1e10, "千亿": 1e11, "万亿": 1e12,
}  # fmt: skip
_MULTIPLIER = re.compile(
    r"[ -]?(?P<en>hundred|thousand|million|mln|mio|mn|billion|bn|trillion)(?![A-Za-z])"
    r"|\s?(?P<zh>万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千(?![克瓦米卡焦吨])|百(?!分))",
    re.IGNORECASE,
)
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_WORDS = {w: float(k) for k, w in enumerate(_ONES)} | {
    w: 10.0 * (k + 2) for k, w in enumerate(_TENS)
}
_BIG = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_WORD = "|".join([*_WORDS, *_BIG])
_SPELT = re.compile(
    rf"\b(?:(?:a|an) )?(?:{_WORD})(?:(?:[ -]|,? and )(?:{_WORD}))*\b"
    rf"(?: point(?: (?:{'|'.join(_ONES[:10])}))+(?: (?:{'|'.join(_BIG)}))?)?",
    re.IGNORECASE,
)
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4,
    "fourths": 4, "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "eighth": 8, "eighths": 8,
    "tenth": 10, "tenths": 10,
}  # fmt: skip
_FRACTION = re.compile(
    r"(?<![\d./])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d./])"
    rf"|\b(?P<top>one|two|three|four|five|six|seven|eight|nine|a)[ -](?P<part>{'|'.join(_PARTS)})\b"
    r"(?!-)|(?P<half>\b(?:by|than) half\b|\bhalf (?:of|the|a)\b(?! dozen)|一半)"
    r"|(?P<zb>[一二两三四五六七八九十\d]{1,12})分之(?P<za>[零一二三四五六七八九十百点\d.]{1,12})",
    re.IGNORECASE,
)
_TIMES_WORD = {"twice": 2.0, "double": 2.0, "doubled": 2.0, "doubles": 2.0, "thrice": 3.0,
               "triple": 3.0, "tripled": 3.0, "threefold": 3.0, "twofold": 2.0,
               "翻一番": 2.0, "翻番": 2.0}  # fmt: skip
_TIMES_SPELT = re.compile(
    r"\b(?:twice|doubled?|doubles|thrice|tripled?|threefold|twofold)\b(?! count)|翻一?番",
    re.IGNORECASE,
)
_ZH_DIGITS = {c: k for k, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_ZH_BIG = {"十": 10.0, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_ZH_SPELT = re.compile(
    r"(?<![第之统同单唯均])(?P<n>[零一二两三四五六七八九十][零一二两三四五六七八九十百千万亿]{0,24}"
    r"(?:点[零一二三四五六七八九]{1,12})?)(?P<after>个百分点|[%个种国项条家类步成倍大吨]|公斤|千克|欧元"
    r"|美元|兆吨)"
)
_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
)
_NO_UNIT = (
    r"(?!\s?(?:%|[MGk]?t\b|tonne|million|billion|thousand|percent|per cent|EUR|USD|kg|[.,]\d))"
)
_SMALL = rf"\d{{1,3}}(?!\d|[.,]\d){_NO_UNIT}"
_LIST = (
    r"(?:\([a-z\d]{1,2}\))*"
    rf"(?:(?:\s?(?:,\s?(?:and|or)|,|and|&|to|-|–|or|\+|和|、|至)\s?)[1-9](?![\d.,]*\d){_NO_UNIT})*"
)

MASKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("address", re.compile(
        r"https?://[^\s)\]，。;,]+|\bwww\.[^\s)，。;,]+|\bdoi:\s?[^\s;,]+"
        r"|(?<!\d)10\.\d{4,9}/[^\s)，。;,]+")),
    ("standard", re.compile(
        r"\b(?:ISO(?:/(?:IEC|TS|TR))?|IEC|EN|PAS|BS|DIN|GB/T"
        r"|GB)[ -]?\d{3,6}(?:-\d{1,2})?(?::\d{4})?(?!\d)"
        r"|(?:\((?:EU|EC)\)|\b(?:EU|EC)|\bNo\.?)\s?(?:No\.?\s?)?\d{2,4}/\d{2,4}(?:/E[CU])?(?!\d)"
        r"|\b(?:Regulation|Directive|Decision)\s(?:No\.?\s?)?\d{2,4}/\d{2,4}(?:/E[CU])?(?!\d)"
        r"|(?:条例|法规|指令|号令)\s?\d{2,4}/\d{2,4}(?!\d)|\bEU[ -](?:27|28|15)\b(?![.,]\d)"
        r"|\bGWP[ -]?\d{2,3}\b"
        r"|\b(?:20|100|500)-year (?:GWP|global warming|horizon|time)"
        r"|\bArt(?:icles?|\.)\s?\d{1,3}(?!\d)(?:\(\d{1,2}\))*|\bAnnex(?:es)?\s\d{1,2}\b"
        r"|第\d{1,3}条|附件\d{1,2}"
        rf"|\b(?:Scopes?|Tiers?|Step|Chapter|Section|Rev\.)\s?{_SMALL}{_LIST}"
        rf"|\bscope-(?:\d(?!\d|[.,]\d))|\bscopes? (?:one|two|three)\b"
        rf"|(?:范围|层级|步骤)\s?(?:{_SMALL}{_LIST}|[一二三])"
        r"|第\s?(?:\d|[一二三四五六七八九十])\s?(?:步|章|节|类)",
        re.IGNORECASE)),
    ("date", re.compile(
        rf"(?<!\d)(?:19|20|21)\d\d-\d\d-\d\d(?!\d)|\b\d{{1,2}}(?:st|nd|rd"
        rf"|th)? (?:{_MONTHS})\.?,? (?:19|20|21)\d\d\b"
        rf"|\b(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?, (?:19|20|21)\d\d\b"
        rf"|\b(?:{_MONTHS})\.? (?:19|20|21)\d\d\b"
        r"|(?<!\d)(?:19|20|21)\d\d ?年 ?\d{1,2} ?月(?: ?\d{1,2} ?日)?")),
    ("level", re.compile(
        r"(?<![\d.])(?P<level>\d{2}(?:\.\d)?)\s?(?:%|per ?cent)(?:\s"
        r"|-)?(?=(?:the )?(?:[a-z]+ )?(?:confidence|"
        r"credible|uncertainty|prediction|probability|interval|CI\b|level|range)"
        r"|的?(?:置信|区间|可信|不确定))",
        re.IGNORECASE)),
    ("code", re.compile(
        r"(?:(?<![A-Za-z\d_])(?:CN|HS|TARIC|heading|code|goods?)(?: codes?| headings?)?|税号"
        r"|海关编码|编码|品目|税目|商品)\s?:?\s?"
        r"(?P<code>\d{4}(?: ?\d{2}){0,3}|\d{2})(?![\d.,]*\d)" + _NO_UNIT, re.IGNORECASE)),
    ("version", re.compile(r"(?<![\w.])v?\d+\.\d+\.\d+(?:\.\d+)*(?![\w])")),
    ("rank", re.compile(
        r"(?<![\w.])(?P<rank>\d{1,3})(?:st|nd|rd|th)\b"
        r"|第\s?(?P<rank2>\d{1,3}|[一二三四五六七八九十]{1,3})"
        r"(?=[位名大，,。\s]|$)|(?:\brank(?:s|ed|ing)?\b(?: as)?(?: number| no\.?)?|#|\bNo\."
        r"|\bnumber\b)\s?"
        r"(?P<rank3>\d{1,3})(?![\d.,]*\d)" + _NO_UNIT, re.IGNORECASE)),
    ("list", re.compile(
        r"(?m)^[-*+># \t]*\(?(?P<item>\d{1,2})"
        r"(?:[.)](?=[ \t*])|[、：]|\)(?=\S))")),
)  # fmt: skip
"""What only looks like numbers, in the order in which it is looked for."""

_COUNTED = re.compile(
    r"[ -]?(?:(?:of (?:the|these|those)|main|largest|biggest|top|most important|different|other"
    r"|individual|"
    r"structural|bilateral|such|CBAM|supply|trade|CN|possible|following|highest|lowest|single|separate|new|"
    r"independent|accounting|importing|exporting|trading|leading|selected|named|listed) )*"
    r"(?:regions?|countries|economies|sectors?|industries|flows?|paths?|chains?|goods|products?|codes?|results?|rows?"
    r"|values?|entries|items?|principles?|accounts?|processes|stages?|steps?|scopes?|technologies|routes?|sources?"
    r"|gases|years(?= (?:listed|shown|compared))|partners?|origins?|matches|definitions?|terms?"
    r"|tables?"
    r"|data ?sets?|figures?|numbers?|options?|candidates?|emitters?|exporters?|importers?|drivers?"
    r"|inputs?"
    r"|parts?|components?|contributions?|contributors?|factors?|scenarios?|cases?|categories|groups?)\b"
    r"|\s?(?:个|种|国|项|条|家|类|步)(?!百分点|月|人)",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\s(?:larger|higher|lower|greater|more|above|below|over|less|smaller|bigger|fewer)\b"
)
_TOP = re.compile(r"(?:\btop|\bfirst|\blast|\blargest|\bbiggest|前)[ -]?$", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:\babout|\baround|\broughly|\bapproximately|\bapprox\.?|\bsome|\bca\.?|\bcirca|~|≈|\bnearly|\balmost"
    r"|\bclose to|\bjust (?:over|under|below|above)|\bmore than|\bover|\babove|\bless than|\bunder"
    r"|\bbelow"
    r"|\bat least|\bat most|\bup to|\bon the order of|约|大约|大概|近|将近|超过|不到|逾|接近"
    r"|[<>≤≥])\s*(?:the |an? )?$",
    re.IGNORECASE,
)
_ABOUT_AFTER = re.compile(r"\s?(?:左右|上下|以上|以下|or so\b|多(?=[吨个万亿])|余)", re.IGNORECASE)
_OVER = re.compile(r"\bmore than|\bover|\babove|超过|逾|>$", re.IGNORECASE)
_UNDER = re.compile(r"\bnearly|\balmost|\bless than|\bunder|\bbelow|不到|将近|近|<$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Read:
    """One number of a text.

    `start` and `end` hold the number with its sign, `stop` ends its unit. `half` is half a unit
    of the last printed digit, `loose_half` the same when trailing zeros are rounding. `kind` is
    "value", "year", "count" or a name of `MASKS`. `side` is "over" or "under" where a text says
    so. `joined` is the place (in the tuple read) of the number this one closes a range with.
    """

    start: int
    end: int
    stop: int
    text: str
    kind: str
    value: float = 0.0
    half: float = 0.0
    loose_half: float = 0.0
    signed: bool = False
    unit: Unit = field(default_factory=Unit)
    about: bool = False
    side: str = ""
    joined: int | None = None
    plus_minus: bool = False


def plain(text: str) -> str:
    """Return a text with plain digits, spaces, signs; as long as before, so places stay."""
    return text.translate(_PLAIN)


def read(text: str) -> tuple[Read, ...]:
    """Return every number of a text, in order.

    Examples
    --------
    >>> [(one.text, one.value, str(one.unit)) for one in read("13.2 billion t, or 17.7 % (2022)")]
    [('13.2 billion', 13200000000.0, 't'), ('17.7', 17.7, '%'), ('2022', 2022.0, '')]
    """
    flat = plain(text)
    taken = bytearray(len(flat))
    found: list[Read] = []

    def free(start: int, end: int) -> bool:
        return not any(taken[start:end])

    def take(one: Read) -> None:
        taken[one.start : max(one.stop, one.end)] = b"\1" * (max(one.stop, one.end) - one.start)
        found.append(one)

    for kind, pattern in MASKS:
        for match in pattern.finditer(flat):
            if free(*match.span()):
                take(_masked(text, kind, match))
    for reader in (_fractions, _times, _figures, _odd, _spelt, _chinese):
        for one in reader(flat, text):
            if free(one.start, one.end):
                take(one)
    found.sort(key=lambda one: one.start)
    return tuple(_joined(flat, [_hedged(flat, one) for one in found]))


def _masked(text: str, kind: str, match: re.Match[str]) -> Read:
    start, end = match.span()
    while start < end and text[start].isspace():
        start += 1
    groups = {k: v for k, v in match.groupdict().items() if v}
    value = 0.0
    for name, printed in groups.items():
        if name in ("level", "rank", "rank2", "rank3", "item", "code"):
            digits = printed.replace(" ", "")
            value = float(digits) if digits.replace(".", "").isdigit() else _zh_value(digits)
    return Read(start, end, end, text[start:end], kind, value)


def _half(printed: str, scale: float) -> tuple[float, float]:
    """Half a unit of the last digit, and of the last that is not a trailing zero."""
    if "." in printed:
        half = 0.5 * 10.0 ** -len(printed.partition(".")[2])
        return half * scale, half * scale
    digits = printed.lstrip("0") or "0"
    zeros = len(digits) - len(digits.rstrip("0")) if digits != "0" else 0
    return 0.5 * scale, 0.5 * 10.0**zeros * scale


def _figures(flat: str, text: str) -> Iterator[Read]:
    at = 0
    match, other = _CORE.search(flat), _CURRENCY_CORE.search(flat)
    while match or other:
        # each is searched again only once it is passed: never the whole text for every number
        if match and match.start() < at:
            match = _CORE.search(flat, at)
            continue
        if other and other.start() < at:
            other = _CURRENCY_CORE.search(flat, at)
            continue
        first = min((one for one in (match, other) if one), key=lambda one: one.start())
        one = _figure(flat, text, first)
        yield one
        at = max(first.end(), one.stop if one.kind == "value" else one.end)


def _figure(flat: str, text: str, match: re.Match[str]) -> Read:
    printed = match["digits"]
    european = re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", printed)
    digits = printed.replace(".", "").replace(",", ".") if european else printed
    digits = digits.replace(",", "").replace(" ", "").replace("'", "")
    power = match["e"] or match["ten"] or (match["sup"] or "0").translate(_SUPER)
    tens = int(power) if re.fullmatch(r"[+-]?\d+", power) else 0
    scale = 10.0 ** min(max(tens, -300), 300)
    value, end = float(digits) * scale, match.end()
    half, loose = _half(digits, scale)
    if times := _MULTIPLIER.match(flat, end):
        scale = _TIMES_TEN[(times["en"] or times["zh"]).lower()]
        value, half, loose, end = value * scale, half * scale, loose * scale, times.end()
        while times["zh"] and (more := re.compile(r"(\d+(?:\.\d+)?)(亿|万)").match(flat, end)):
            scale = _TIMES_TEN[more[2]]
            value, end = value + float(more[1]) * scale, more.end()
            half, loose = (each * scale for each in _half(more[1], 1.0))
    unit, stop = units.after(flat, end)
    start = match.start()
    money, left = units.before(flat, start)
    if unit.base == NONE and money.base:
        unit, stop, start = money, end, left
        if short := re.compile(r"(?:bn|b|m|k)(?![A-Za-z])").match(flat, end):
            scale = {"bn": 1e9, "b": 1e9, "m": 1e6, "k": 1e3}[short[0]]
            value, half, loose, end = value * scale, half * scale, loose * scale, short.end()
            stop = end
        per, after = units.after("t" + flat[end : end + 40], 0)
        if per.per:
            unit = Unit(money.base, "", per.per, per.per_substance)
            stop = end + after - 1
    signed, start = _sign(flat, start)
    kind = "value"
    bare = re.fullmatch(r"\d{4}", printed) and end == match.end() and not signed
    if bare and 1900 <= value <= 2100 and unit.base in (NONE, "year"):
        kind, unit, stop = "year", Unit(), end
    elif unit.base == NONE and digits.isdigit() and value <= 200:
        counted = _COUNTED.match(flat, end)
        if counted and _COMPARED.match(flat, counted.end()):
            counted = None  # "3 regions larger" counts nothing
        top = _TOP.search(flat, max(0, start - 12), start)
        kind = "count" if counted or top else "value"
    sign = -1.0 if signed and flat[start] in "-–m负M" else 1.0
    return Read(start, end, stop, text[start:end], kind, sign * value, half, loose, signed, unit)


_SIGN = re.compile(r"(?:(?P<word>\b(?:minus|plus) )|(?P<mark>[-–+负±])\s?)$", re.IGNORECASE)


def _sign(flat: str, start: int) -> tuple[bool, int]:
    """Whether a sign stands before the number, and where the number then begins."""
    window = max(0, start - 8)
    match = _SIGN.search(flat[window:start])
    if match is None:
        return False, start
    at = window + match.start()
    if match["word"] or match["mark"] in "+负":
        return True, at
    if match["mark"] == "±":
        return False, start
    left = flat[max(0, at - 40) : at].rstrip()
    tight = flat[at - 1 : at] not in ("", " ", "\n", "\t", "|")
    last = left[-1:]
    if tight and ((last.isascii() and last.isalnum()) or last in "%)]"):
        return False, start  # a range or a compound
    if left[-1:].isdigit() or (left[-1:] == "%"):
        return False, start
    if at == 0 or flat[at - 1] == "\n":  # "- 13 Mt" is an item of a list, "-13 Mt" a number
        return (True, at) if start == at + 1 else (False, start)
    if match["mark"] == "–" or start != at + 1:
        return (True, at) if start == at + 1 else (False, start)
    return True, at


def _spelt(flat: str, text: str) -> Iterator[Read]:
    for match in _SPELT.finditer(flat):
        words = re.findall(r"[a-z]+", match[0].lower())
        total = part = 0.0
        places, after_point, shift = 0, False, 1.0
        for word in words:
            if word == "point":
                after_point = True
            elif after_point and word in _BIG:
                part *= _BIG[word]
            elif after_point:
                shift /= 10
                places += 1
                part += _WORDS.get(word, 0.0) * shift
            elif word in _WORDS:
                part += _WORDS[word]
            elif word == "hundred":
                part = (part or 1.0) * 100
            elif word in _BIG:
                total += (part or 1.0) * _BIG[word]
                part = 0.0
        value = total + part
        if words[0] in _BIG or (words == ["one"]):
            continue  # "millions of", "the one that"
        unit, stop = units.after(flat, match.end())
        counted = unit.base == NONE
        scale = max([_BIG[w] for w in words if w in _BIG], default=1.0) if words[-1] in _BIG else 1
        half = 0.5 * 10.0**-places * scale
        kind = "count" if counted else "value"
        yield Read(match.start(), match.end(), stop, text[match.start() : match.end()], kind,
                   value, half, half, False, unit)  # fmt: skip


def _fractions(flat: str, text: str) -> Iterator[Read]:
    for match in _FRACTION.finditer(flat):
        if match["b"]:
            top, below = float(match["a"]), float(match["b"])
        elif match["part"]:
            word = match["top"].lower()
            top = 1.0 if word == "a" else _WORDS[word]
            below = float(_PARTS[match["part"].lower()])
        elif match["half"]:
            top, below = 1.0, 2.0
        else:
            top, below = _zh_value(match["za"]), _zh_value(match["zb"])
        if not below:
            continue
        value = top / below
        half = 0.02 * value
        unit = Unit(TIMES)
        if match["zb"] == "百":
            continue
        yield Read(match.start(), match.end(), match.end(), match[0], "value", value, half, half,
                   False, unit)  # fmt: skip
    for match in re.finditer(r"百分之(?P<n>[零一二三四五六七八九十百点\d.]{1,12})", flat):
        value = _zh_value(match["n"])
        places = len(re.split(r"[点.]", match["n"])[1]) if re.search(r"[点.]\S", match["n"]) else 0
        half = 0.5 * 10.0**-places
        yield Read(match.start(), match.end(), match.end(), match[0], "value", value, half, half,
                   False, Unit(PERCENT))  # fmt: skip


def _times(flat: str, text: str) -> Iterator[Read]:
    for match in _TIMES_SPELT.finditer(flat):
        value = _TIMES_WORD[match[0].lower()]
        half = 0.05 * value
        yield Read(match.start(), match.end(), match.end(), text[match.start() : match.end()],
                   "value", value, half, half, False, Unit(TIMES))  # fmt: skip


def _zh_value(printed: str) -> float:
    """Return the value of a Chinese numeral, or of digits."""
    if re.fullmatch(r"\d+(?:\.\d+)?", printed):
        return float(printed)
    whole, _, rest = printed.partition("点")
    total = section = digit = 0.0
    for c in whole:
        if c in _ZH_DIGITS:
            digit = (
                digit * 10 + _ZH_DIGITS[c] if digit and whole.isalnum() else float(_ZH_DIGITS[c])
            )
        elif c in "万亿":
            total = (total + section + digit) * _ZH_BIG[c]
            section = digit = 0.0
        elif c in _ZH_BIG:
            section += (digit or 1.0) * _ZH_BIG[c]
            digit = 0.0
        elif c.isdigit():
            digit = digit * 10 + int(c)
    value = total + section + digit
    for k, c in enumerate(rest, start=1):
        value += _ZH_DIGITS.get(c, 0) * 10.0**-k
    return value


def _chinese(flat: str, text: str) -> Iterator[Read]:
    for match in _ZH_SPELT.finditer(flat.translate(FORMAL)):
        start, end = match.span("n")
        value = _zh_value(match["n"])
        after = match["after"]
        if match["n"] == "一" and after not in ("%", "成", "倍"):
            continue  # "a", not "one"
        places = len(match["n"].partition("点")[2])
        half = 0.5 * 10.0**-places
        if big := re.search(r"[万亿]+$", match["n"]):
            half *= _TIMES_TEN.get(big[0], 1.0)
        if after == "成":
            yield Read(start, match.end(), match.end(), text[start : match.end()], "value",
                       10 * value, 0.5, 5.0, False, Unit(PERCENT))  # fmt: skip
            continue
        unit, stop = units.after(flat, end)
        kind = "count" if unit.base == NONE else "value"
        yield Read(start, end, stop, text[start:end], kind, value, half, half, False, unit)


def _odd(flat: str, text: str) -> Iterator[Read]:
    for start, end, value in odd(flat):
        unit, stop = units.after(flat, end)
        line = flat[flat.rfind("\n", 0, start) + 1 : start].strip(" -*>#")
        alone = unit.base == NONE and not line and end - start == 1 and value < 100
        kind = "list" if alone else "value"
        yield Read(start, end, stop, text[start:end], kind, value, 0.5, 0.5, False, unit)


def _hedged(flat: str, one: Read) -> Read:
    """Add what the words around a number say of its precision."""
    if one.kind != "value":
        return one
    left = _ABOUT.search(flat[max(0, one.start - 24) : one.start])
    right = _ABOUT_AFTER.match(flat, one.end) or _ABOUT_AFTER.match(flat, one.stop)
    if left is None and right is None:
        return one
    side = ""
    if left and _OVER.search(left[0].strip()) and "just" not in left[0]:
        side = "over"
    elif left and _UNDER.search(left[0].strip()) and "just" not in left[0]:
        side = "under"
    return replace(one, about=True, side=side)


_TO = re.compile(r" ?(?:-|–|~|至|到|\bto\b|\.\.\.?|…) ?")
_BETWEEN = re.compile(r"(?:\bbetween|介于|在)\s*$", re.IGNORECASE)
_IN_YEAR = re.compile(r"(?:\b(?:in|since|during|year) |年)$", re.IGNORECASE)
_AND = re.compile(r" ?(?:\band\b|和|与|至|到) ?")
_COMMA = re.compile(r" ?[,，;] ?")
_PM = re.compile(r" ?(?:±|\+/-|\bplus or minus\b) ?")


def _joined(flat: str, found: list[Read]) -> list[Read]:
    """Close ranges: both ends know one another and share a unit."""
    for k in range(1, len(found)):
        left, right = found[k - 1], found[k]
        if right.kind == "value" and flat[max(0, right.start - 8) : right.start].rstrip().endswith(
            ("±", "+/-")
        ):
            centre = left.joined if left.plus_minus else k - 1
            if centre is not None and right.start - found[centre].stop < 80:
                found[k] = right = replace(right, plus_minus=True, joined=centre)
        if {left.kind, right.kind} - {"value", "year", "count"}:
            continue
        gap = flat[left.stop : right.start]
        if len(gap) > 24:
            continue
        if _PM.fullmatch(gap):
            unit = right.unit
            found[k] = replace(right, plus_minus=True, joined=k - 1)
            if left.unit.base == NONE and unit.base not in (NONE, PERCENT):
                found[k - 1] = replace(left, unit=unit, kind="value")
            elif unit.base == NONE:
                found[k] = replace(found[k], unit=left.unit)
            continue
        between = _BETWEEN.search(flat[max(0, left.start - 12) : left.start])
        inside = flat[max(0, left.start - 8) : left.start].rstrip().endswith(("[", "(")) and flat[
            right.stop : right.stop + 8
        ].lstrip().startswith(("]", ")"))
        if not (
            (_TO.fullmatch(gap) and left.joined is None)
            or (between and _AND.fullmatch(gap))
            or (inside and _COMMA.fullmatch(gap) and gap.strip())
        ):
            continue
        if (
            left.kind == "year"
            and (
                (right.kind == "year" and right.unit.base == NONE)
                # "from 2 Mt in 2000 to 3 Mt": no range from 2000
                or _IN_YEAR.search(flat[max(0, left.start - 8) : left.start])
            )
        ):
            continue
        unit = right.unit if right.unit.base != NONE else left.unit
        if inside and unit.base == NONE:  # "[1, 2] Mt"
            close = re.compile(r"\s*[\])]").match(flat, right.stop)
            unit = units.after(flat, close.end())[0] if close else unit
        scale = 1.0
        if left.unit.base == NONE and left.end == left.stop:
            times = list(_MULTIPLIER.finditer(right.text))
            if times and times[-1].end() == len(right.text) and not _MULTIPLIER.search(left.text):
                scale = _TIMES_TEN[(times[-1]["en"] or times[-1]["zh"]).lower()]
        kinds = "value" if "value" in (left.kind, right.kind) else left.kind
        found[k - 1] = replace(
            left, unit=left.unit if left.unit.base != NONE else unit, kind=kinds,
            value=left.value * scale, half=(left.half or 0.5) * scale,
            loose_half=(left.loose_half or 0.5) * scale,
        )  # fmt: skip
        found[k] = replace(right, unit=unit, kind=kinds, joined=k - 1,
                           half=right.half or 0.5, loose_half=right.loose_half or 0.5)  # fmt: skip
    return found
