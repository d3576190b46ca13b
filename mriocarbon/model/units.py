"""Units: parsing, comparing and converting, through pint.

Carbon dioxide and carbon dioxide equivalent are dimensions of their own, so that Mt of one can
never silently become Mt of the other; so are currencies.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from mriocarbon.errors import UnitError

if TYPE_CHECKING:
    import pint

# What statistical offices write, and what pint reads.
_SPELLINGS = (
    (re.compile(r"\bM[. ]?(?=[A-Z]{3}\b)"), "million "),
    (re.compile(r"\b(?:mn|mln|mio|mill)\b\.? ", re.IGNORECASE), "million "),
    (re.compile(r"\bCO2[-_ ]?eq?(?:uivalents?)?\b", re.IGNORECASE), "CO2e"),
    (re.compile(r"(?<=[kMG]t)(?=CO2|CH4|N2O)"), " "),
    (re.compile(r"\bkg\.(?=\w)"), "kg "),
)
# pint reads as Python does, and stops at a comment, a line's end or a semicolon without a word.
_NO_UNIT = re.compile(r"[^\w\s*/^().+%°·×$€£¥²³⁻¹-]")
# pint's time grows with the square of the length, and no office writes a unit of a paragraph.
_LONGEST = 200
_SUBSTANCES = ("CO2e", "CO2", "CH4", "N2O", "carbon", "SF6", "NF3", "HFC", "PFC")
_CURRENCIES = ("USD", "EUR", "JPY", "GBP", "CNY")


@cache
def registry() -> pint.UnitRegistry[float]:
    """Return the package's own unit registry."""
    import pint

    ureg: pint.UnitRegistry[float] = pint.UnitRegistry(
        case_sensitive=True, on_redefinition="ignore"
    )
    # pint reads kt as knot; here it can only be the kilotonne.
    ureg.define("kt = 1000 * metric_ton")
    for name in (*_SUBSTANCES, *_CURRENCIES):
        ureg.define(f"{name} = [{name.lower()}]")
    ureg.define("million = 1e6")
    ureg.define("billion = 1e9")
    ureg.define("thousand = 1e3")
    ureg.define("capita = [person] = person")
    return ureg


@cache
def factor(unit: str, target: str) -> float:
    """Return the number by which a value in `unit` is multiplied to be in `target`.

    Raises
    ------
    UnitError
        One of them is not understood, or they measure different things.

    Examples
    --------
    >>> factor("Mt CO2e", "kt CO2-eq")
    1000.0
    """
    if unit == target:
        return 1.0
    known = registry()
    try:
        have, want = (known.parse_expression(_spell(text)) for text in (unit, target))
        ratio = have.to(want.units) / want
        return _tidy(float(ratio.to("dimensionless").magnitude))
    except Exception as error:  # pint raises several unrelated kinds
        raise UnitError(
            f"cannot convert {_short(unit)} to {_short(target)}",
            where="units",
            do="give units that measure the same thing, such as 'Mt CO2e' and 'kt CO2e'",
        ) from error


def _spell(unit: str) -> str:
    if len(unit) > _LONGEST:
        raise ValueError(f"a unit of {len(unit):,} letters")
    if found := _NO_UNIT.search(unit):
        raise ValueError(f"{found.group()!r} is in no unit")
    for pattern, replacement in _SPELLINGS:
        unit = pattern.sub(replacement, unit)
    # "per million USD" divides by the million too.
    return re.sub(r"\b(million|billion|thousand) (\w+)", r"(\1 * \2)", unit.strip())


def _short(unit: str) -> str:
    return repr(unit) if len(unit) <= _LONGEST else f"{unit[:40]!r}... of {len(unit):,} letters"


def _tidy(value: float) -> float:
    """Round away the last binary digits: 1e3 must not become 1000.0000000000001."""
    return float(f"{value:.15g}")
