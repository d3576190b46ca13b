"""From a CN code to the industries of the table that make it: CN8 -> HS6 -> ISIC 3 -> ISIC 4.

The goods of chapter 73 show why it matters: tubes (7303 to 7307) are basic steel, structures,
containers, fasteners and other articles (7308 to 7326) are fabricated metal, which buys its
steel. Weights and their rule stand in the table, one row for each CN8 code and ISIC 4 class.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mriocarbon import embedded
from mriocarbon.errors import InputError, UnknownNameError

__all__ = ["SOURCE", "Link", "industries", "links"]

SOURCE = (
    "CN8 to HS6 by its first six digits; HS 2007 to ISIC 3: World Integrated Trade Solution;"
    " ISIC 3.1 to ISIC 4: United Nations Statistics Division; ISIC 4 to industry: OECD ICIO 2025"
)


@dataclass(frozen=True, slots=True)
class Link:
    """One CN8 code made by one ISIC 4 class, with its share of the code and the rule for it."""

    cn: str
    hs6: str
    isic3: str
    isic4: str
    industry: str
    weight: float
    rule: str


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[Link, ...]]:
    found: dict[str, list[Link]] = defaultdict(list)
    for row in embedded.rows("cbam", "tables", "cn_industry.csv"):
        link = Link(
            row["cn"],
            row["hs6"],
            row["isic3"],
            row["isic4"],
            row["industry"],
            float(row["weight"]),
            row["rule"],
        )
        found[link.cn].append(link)
    return {cn: tuple(under) for cn, under in found.items()}


def links(cn: str) -> tuple[Link, ...]:
    """Return the rows of the concordance under a CN code.

    Parameters
    ----------
    cn : str
        CN code in bare digits (4, 6 or 8). A CN8 code that the table does not have falls back to
        its six digits, then to its heading of four.

    Returns
    -------
    tuple of Link

    Raises
    ------
    InputError
        Not 4, 6 or 8 digits.
    UnknownNameError
        No good of the CBAM under this code; near matches are offered.

    Examples
    --------
    >>> [(link.isic3, link.isic4, link.industry) for link in links("73181100")]
    [('2899', '2599', 'C25')]
    """
    return _links(cn)


@lru_cache(maxsize=4096)
def _links(cn: str) -> tuple[Link, ...]:
    if not (cn.isascii() and cn.isdigit() and len(cn) in (4, 6, 8)):
        raise InputError(
            f"{cn!r} is no CN code of 4, 6 or 8 digits",
            where="concordance to industries",
            do="write the digits alone, such as '7208' or '25231000'",
        )
    table = _table()
    for size in (len(cn), 6, 4):
        if size <= len(cn):
            rows = tuple(
                link for code, held in table.items() if code.startswith(cn[:size]) for link in held
            )
            if rows:
                return rows
    raise UnknownNameError.of("CN code", cn, sorted({code[: len(cn)] for code in table}))


@lru_cache(maxsize=4096)
def industries(cn: str) -> tuple[tuple[str, float], ...]:
    r"""Return the industries that make a good, with weights that add up to one.

    .. math:: w_i = \frac{1}{|C|} \sum_{c \in C} w_{ci}

    over the CN8 codes C under the heading: every code counts the same, whatever its trade.

    Parameters
    ----------
    cn : str
        CN code in bare digits (4, 6 or 8).

    Returns
    -------
    tuple of (str, float)
        Industry of OECD ICIO 2025 and its weight, the heaviest first.

    Raises
    ------
    InputError, UnknownNameError
        As :func:`links`.

    Examples
    --------
    >>> industries("7308"), industries("730419"), industries("7601")
    ((('C25', 1.0),), (('C24A', 1.0),), (('C24B', 1.0),))
    """
    rows = links(cn)
    codes = {link.cn for link in rows}
    held: dict[str, list[float]] = defaultdict(list)
    for link in rows:
        held[link.industry].append(link.weight)
    total = {name: math.fsum(weights) / len(codes) for name, weights in held.items()}
    return tuple(sorted(total.items(), key=lambda item: (-item[1], item[0])))
