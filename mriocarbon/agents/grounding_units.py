"""Units as they are written after a number, in English and Chinese, and how they compare.

A unit that a text leaves unfinished ("13,239 Mt", with no word of what) is completed by what the
figure's unit says; one that says something else (Mt CO2 for Mt CO2e) is never the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from mriocarbon.errors import UnitError
from mriocarbon.model.units import factor

PERCENT, TIMES, NONE = "%", "times", ""
"""Units of numbers without dimension; NONE is a number with nothing behind it."""

_MASS = {
    "Mt": r"Mt|megatonnes?|megatons?|Tg|兆吨", "Gt": r"Gt|gigatonnes?|gigatons?|Pg",
    "kt": r"kt|kilotonnes?|kilotons?|Gg|千吨",
    "kg": r"kg|kilograms?|kilogrammes?|千克|公斤", "mg": r"mg|milligrams?|毫克",
    "g": r"g|grams?|克", "t": r"metric tons?|tonnes?|tons?|t|公吨|吨",
}  # fmt: skip
MASSES = frozenset(_MASS)
"""Units of mass, by their names."""
_OTHER = {
    "kWh": r"kWh|千瓦时|度电", "MWh": r"MWh|兆瓦时", "GWh": r"GWh|吉瓦时", "TWh": r"TWh|太瓦时",
    "kW": r"kW|千瓦", "MW": r"MW|兆瓦", "GW": r"GW|吉瓦", "TW": r"TW",
    "MJ": r"MJ|兆焦", "GJ": r"GJ|吉焦", "TJ": r"TJ", "PJ": r"PJ", "EJ": r"EJ",
    "degC": r"°C|℃|degrees? Celsius|摄氏度", "K": r"K|kelvins?",
    "ha": r"ha|hectares?|公顷", "km^2": r"km2|km²|平方公里|平方千米", "m^2": r"m2|m²|平方米",
    "m^3": r"m3|m³|Nm3|立方米", "bar": r"bar",
    # none of the tools gives these: they are read so that they are not taken for tonnes
    "short ton": r"(?:short|US)[ -]tons?|短吨", "long ton": r"(?:long|imperial)[ -]tons?|长吨",
    "lb": r"lbs?|pounds?(?! sterling)|磅",
    "year": r"years?|yrs?|年", "month": r"months?|个月", "day": r"days?|天",
    "hour": r"hours?|小时",
    "capita": r"capita|persons?|people|inhabitants?|heads?|人口|人",
}  # fmt: skip
_MONEY = {
    "EUR": r"EUR|euros?|€|欧元", "USD": r"USD|US dollars?|US\$|dollars?|\$|美元",
    "CNY": r"CNY|RMB|yuan|人民币|元", "GBP": r"GBP|pounds? sterling|£|英镑",
    "JPY": r"JPY|yen|日元",
}  # fmt: skip
_SUBSTANCE = {
    "CO2e": r"CO2[ -]?(?:equivalents?|equiv|eq|e)|carbon dioxide equivalents?|carbon equivalents?"
    r"|(?:二氧化碳|CO2|碳)当量",
    "CO2": r"CO2|carbon dioxide|二氧化碳",
    "CH4": r"CH4|methane|甲烷", "N2O": r"N2O|nitrous oxide|氧化亚氮|一氧化二氮",
    "SF6": r"SF6", "NF3": r"NF3",
    "carbon": r"C|carbon(?! (?:emission|dioxide|footprint|account|intensi|transfer|border))"
    r"|碳(?![排足强转关])",
}  # fmt: skip
_LATIN_END = r"(?![A-Za-z])"


def _one(table: dict[str, str], group: str) -> str:
    inside = "|".join(f"(?P<{group}_{k}>{pattern})" for k, pattern in enumerate(table.values()))
    return f"(?:{inside})"


def _ends(pattern: str) -> str:
    """Close Latin words: "t" is not the beginning of "the"; a substance may follow at once."""
    return rf"{pattern}(?:{_LATIN_END}|(?=CO2|CH4|N2O|C(?![A-Za-z])))"


_ALL = {**_MASS, **_OTHER, **_MONEY}
_UNIT = re.compile(_ends(_one(_ALL, "u")))
_SUB = re.compile(
    rf"(?:\s?(?:of\s)?\s?-?){_one(_SUBSTANCE, 's')}{_LATIN_END}(?:\s?\(?e(?:q|quivalent)?\)?"
    rf"{_LATIN_END})?"
)
_PER = re.compile(
    r"\s?(?:/|\bper\b|每|a(?=\s(?:year|person|tonne|head)))\s?\(?(?P<power>million |thousand |M"
    r"|百万|万)?"
)
_MONEY_BEFORE = re.compile(rf"{_one(_MONEY, 'm')}\s?$")
_POWERS = {"million ": "million ", "M": "million ", "百万": "million ", "thousand ": "thousand "}
_PER_PERSON = re.compile(
    r"per[ -]capita|per person|per head|人均|每人"
    r"|\baverage (?:person|citizen|inhabitant|resident|(?-i:[A-Z][a-z]+))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: what is counted, of which substance, per what.

    `base` is PERCENT, TIMES, NONE or a name that `mriocarbon.model.units` knows.
    """

    base: str = NONE
    substance: str = ""
    per: str = ""
    per_substance: str = ""

    def __str__(self) -> str:
        top = " ".join(filter(None, (self.base, self.substance)))
        below = " ".join(filter(None, (self.per, self.per_substance)))
        return f"{top}/{below}" if below else top


def _named(match: re.Match[str], table: dict[str, str], group: str) -> str:
    for k, name in enumerate(table):
        if match[f"{group}_{k}"] is not None:
            return name
    return ""


def after(text: str, at: int) -> tuple[Unit, int]:
    """Return the unit that stands at a place of a text, and where it ends.

    Examples
    --------
    >>> unit, end = after("13,238.9 Mt CO2e per capita", 8)
    >>> str(unit), end
    ('Mt CO2e/capita', 27)
    """
    start = at + (text[at : at + 1] in (" ", "-") and text[at : at + 1] != "")
    percent = re.compile(
        r"(?:%|per ?cent\b|pct\b|percentage points?\b|个?百分点|(?:percent|per cent)\b)", re.I
    ).match(text, start)
    if percent:
        return Unit(PERCENT), percent.end()
    times = re.compile(r"(?:times\b|fold\b|倍|[x×](?![A-Za-z\d ]))").match(text, start)
    if times:
        return Unit(TIMES), times.end()
    found = _UNIT.match(text, start)
    if found is None:
        return Unit(), at
    unit, end = Unit(_named(found, _ALL, "u")), found.end()
    if unit.base in _MASS and (sub := _SUB.match(text, end)):
        unit = replace(unit, substance=_substance(sub))
        end = sub.end()
    if per := _PER.match(text, end):
        below = _UNIT.match(text, per.end())
        name = _named(below, _ALL, "u") if below else ""
        if below and name not in ("", "year"):  # an account is of one year: "a year" adds nothing
            unit = replace(unit, per=_POWERS.get(per["power"] or "", "") + name)
            end = below.end()
            if name in _MASS and (sub := _SUB.match(text, end)):
                unit = replace(unit, per_substance=_substance(sub))
                end = sub.end()
            if text[per.end() - 1 : per.end()] == "(" and text[end : end + 1] == ")":
                end += 1
        elif below:
            end = below.end()
    return unit, end


def before(text: str, at: int) -> tuple[Unit, int]:
    """Return the currency that stands before a number, and where it begins."""
    window = max(0, at - 16)
    found = _MONEY_BEFORE.search(text[window:at])
    if found is None:
        return Unit(), at
    left = text[: window + found.start()]
    if found[0][0].isascii() and found[0][0].isalpha() and left[-1:].isalpha():
        return Unit(), at
    return Unit(_named(found, _MONEY, "m")), window + found.start()


def _substance(match: re.Match[str]) -> str:
    name = _named(match, _SUBSTANCE, "s")
    return (
        "CO2e"
        if name == "CO2"
        and re.search(r"e(q\w*)?\)?$", match[0])
        and not match[0].endswith("dioxide")
        else name
    )


@lru_cache(maxsize=4096)
def parsed(unit: str) -> tuple[Unit, float]:
    """Return a figure's unit in parts and the power before it: million EUR -> EUR, 1e6."""
    text = unit.strip()
    power = 1.0
    for word, value in (("thousand ", 1e3), ("million ", 1e6), ("billion ", 1e9)):
        if text.startswith(word):
            text, power = text[len(word) :], value
    if text in ("", "1", "share", "ratio", "fraction"):
        return Unit(), power
    found, end = after(text, 0)
    tail = text[end:]
    if tail and found.per and re.fullmatch(r" (?:of )?[A-Za-z][A-Za-z\d -]*", tail):
        tail = ""  # "t CO2e per t hot metal"
    return (Unit(text), power) if tail else (found, power)


@lru_cache(maxsize=4096)
def conversion(unit: Unit, figure_unit: str, *, person: bool = False, per: bool = False) -> float:
    """Return by what a number in `unit` is multiplied to be in a figure's unit; 0 if it cannot be.

    Parameters
    ----------
    unit : Unit
        As it was read in a text.
    figure_unit : str
        As the figure gives it.
    person, per : bool
        The sentence says "per capita", or "per" something, away from the number.
    """
    want, power = parsed(figure_unit)
    if want.base in (NONE, PERCENT, TIMES) and not want.per:
        scale = {NONE: 1.0, PERCENT: 100.0, TIMES: 1.0}[want.base] / power
        if unit.per or unit.substance:
            return 0.0
        if unit.base == NONE:
            return scale if want.base != PERCENT else 0.0
        if unit.base == PERCENT:
            return 0.01 * scale
        return scale if unit.base == TIMES and want.base != PERCENT else 0.0
    if unit.base in (NONE, PERCENT, TIMES):
        return 0.0
    full = replace(
        unit,
        substance=unit.substance or want.substance,
        per_substance=unit.per_substance or (want.per_substance if unit.per else ""),
    )
    if want.per and not full.per:
        if not (person if want.per == "capita" else per):
            return 0.0
        full = replace(full, per=want.per, per_substance=want.per_substance)
    elif full.per and not want.per:
        return 0.0
    if full == want:
        return 1.0 / power
    if unit.per_substance and not want.per_substance:
        full = replace(full, per_substance="")  # "per tonne of carbon ..." of a product
    try:
        return factor(_pint(full), _pint(want)) / power
    except UnitError:
        return 0.0


def _pint(unit: Unit) -> str:
    per = f"{unit.per} {unit.per_substance}".strip()
    top = f"{unit.base} {unit.substance}".strip()
    return f"{top}/({per.replace('million ', 'million*')})" if per else top


_GOES_ON = re.compile(
    r"[A-Za-z\d]|\s?-?e(?:q\w*|quivalents?)?\b|\s?当量|\s?(?:/|\bper\b(?! (?:year|annum))|每)"
)


def spelt_here(after: str, unit: str) -> bool:
    """Say whether a text begins with just this unit: nothing that goes on with it follows.

    Examples
    --------
    >>> spelt_here("GtC in 2022", "GtC"), spelt_here("GtCO2", "GtC"), spelt_here("t/t", "t")
    (True, False, False)
    """
    return after.startswith(unit) and _GOES_ON.match(after, len(unit)) is None


def other_substance(after: str) -> bool:
    """Say whether a substance that is none of ours follows a unit: "Mt" of "Mt CH4e"."""
    return re.match(r"\s?(?:of\s)?(?:CO2|CH4|N2O|SF6|NF3)", after) is not None


def says_per_person(text: str) -> bool:
    """Say whether a text speaks of amounts per person."""
    return _PER_PERSON.search(text) is not None


def says_per(text: str) -> bool:
    """Say whether a text speaks of amounts per something."""
    return re.search(r"\bper\b|/|每|intensity|强度", text) is not None
