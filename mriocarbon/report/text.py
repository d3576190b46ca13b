"""Numbers, names and sentences as a reader sees them."""

from __future__ import annotations

import codecs
import math
import re
import unicodedata

from mriocarbon.model.labels import AGGREGATES

DAGGER = "†"
MINUS = "−"
PLAINLY = "plain"
"""Name of the handler of signs that a terminal cannot show."""

_NAMES = {
    **AGGREGATES, "USA": "United States", "CHN": "China",
    "GBR": "United Kingdom", "JPN": "Japan", "IND": "India", "CAN": "Canada", "NOR": "Norway",
    "IDN": "Indonesia", "RUS": "Russia", "CHL": "Chile", "AUS": "Australia",
    "SGP": "Singapore", "TUR": "Türkiye", "KOR": "South Korea", "KAZ": "Kazakhstan",
}  # fmt: skip

_OPTIONS = {
    "self_deliveries=inside": "self-deliveries inside",
    "primary_inputs=value_added": "value added only",
    "weights=output": "weighted by output",
    "weights=exports": "weighted by exports",
}


_PLAIN = {
    MINUS: "-", DAGGER: "*", "₂": "2", "₃": "3", "₄": "4", "₆": "6", "²": "2", "³": "3", "±": "+-",
    "–": "-", "—": "-", "…": "...", "×": "x", "·": ".", "‘": "'", "’": "'", "“": '"', "”": '"',
    "≥": ">=", "≤": "<=", "→": "->", "≈": "~", "°": " deg",
}  # fmt: skip


def plainly(error: UnicodeError) -> tuple[str, int]:
    """Handle signs that a terminal cannot show by plain ones; see `codecs.register_error`.

    Examples
    --------
    >>> codecs.register_error("plain", plainly)
    >>> "−8.6 ±40 % † Türkiye".encode("ascii", "plain")
    b'-8.6 +-40 % * Turkiye'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_PLAIN.get(sign) or _letter(sign) for sign in signs), error.end


codecs.register_error(PLAINLY, plainly)


def _letter(sign: str) -> str:
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return plain or ("" if unicodedata.combining(sign) else "?")


def region_name(code: str) -> str:
    """Return the English name of a region of the 20; the code itself if it has none."""
    return _NAMES.get(code, code)


def option_name(options: str) -> str:
    """Return options of a principle in words."""
    return _OPTIONS.get(options, options)


def percent(value: float | None, digits: int = 1) -> str:
    """Return a percentage with sign and true minus, without the percent sign.

    Examples
    --------
    >>> percent(-8.64), percent(0.01), percent(23.16)
    ('−8.6', '0.0', '+23.2')
    """
    if value is None or not math.isfinite(value):
        return "n/a"
    if round(value, digits) == 0:
        return f"{0:.{digits}f}"
    return f"{value:+,.{digits}f}".replace("-", MINUS)


def number(value: float | None, digits: int = 1) -> str:
    """Return a number with thousands separators and a true minus.

    Examples
    --------
    >>> number(44231.4), number(-3)
    ('44,231.4', '−3.0')
    """
    if value is None or not math.isfinite(value):
        return "n/a"
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def decimals(whole: float, figures: int = 3) -> int:
    """Return how many decimals tell so many figures of the largest amount shown.

    Examples
    --------
    >>> decimals(44231.4), decimals(3.2), decimals(0.00153)
    (0, 2, 5)
    """
    if not math.isfinite(whole) or whole == 0:
        return figures - 1
    return max(0, min(15, figures - 1 - math.floor(math.log10(abs(whole)))))


def amount(value: float, figures: int = 3) -> str:
    """Return a number to so many figures, or whole.

    Examples
    --------
    >>> amount(12094.31), amount(-0.2312), amount(0.0), amount(12094.31, 4), amount(2.5, 4)
    ('12,094', '−0.231', '0', '12,094', '2.500')
    """
    return number(value, decimals(value, figures)) if value else "0"


def marked(text: str, estimated: object) -> str:
    """Return `text` with a dagger if it is a figure that rests on an estimate."""
    return text + DAGGER if estimated and text != "n/a" else text


def span(low: float, high: float) -> str:
    """Return a range of percentages.

    Examples
    --------
    >>> span(-8.4, -7.7)
    '−8.4 to −7.7'
    """
    return f"{percent(low)} to {percent(high)}"


def pretty(sentence: str) -> str:
    """Return a sentence with true minus signs before figures and in sign patterns.

    Examples
    --------
    >>> pretty("The sign pattern (-++): -17.7 % and half-half")
    'The sign pattern (−++): −17.7 % and half-half'
    """
    sentence = re.sub(r"(?<![\w.])-(?=\d)|(?<=[\w)] )-(?= [\w(])", MINUS, sentence)
    return re.sub(r"\(([-+0]{1,20})\)", lambda m: f"({m[1].replace('-', MINUS)})", sentence)


def nice(text: str) -> str:
    """Return a sentence with true minus signs and chemical subscripts.

    Examples
    --------
    >>> nice("-8.6 % of CO2, CH4 and N2O in Mt CO2e")
    '−8.6\xa0% of CO₂, CH₄ and N₂O in Mt CO₂e'
    """
    text = re.sub(r"(?<=\d) %", "\u00a0%", pretty(text))
    for plain, typeset in (("CO2", "CO₂"), ("CH4", "CH₄"), ("N2O", "N₂O")):
        text = re.sub(rf"(?<![A-Za-z0-9]){plain}(?=e?\b)", typeset, text)
    return text


def capital(text: str) -> str:
    """Return a sentence with its first letter as a capital; the others stay as they are."""
    return text[:1].upper() + text[1:]


def counted(count: int, noun: str) -> str:
    """Return '1 combination', '673 combinations'."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def listing(words: list[str]) -> str:
    """Join words: 'a, b and c'."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]
