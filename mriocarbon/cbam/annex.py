"""Annex I to Implementing Regulation (EU) 2025/2621, row by row, as published.

Three of its marks: a number; a dash ("DASH": the value of other countries and territories
applies); "NA" (indirect emissions of a good whose direct ones alone are charged).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import groupby, pairwise
from operator import itemgetter
from types import MappingProxyType

from mriocarbon.cbam.codes import cn_digits
from mriocarbon.cbam.goods import SECTOR_OF, headings
from mriocarbon.cbam.law import LAST_COLUMN, markup_rate
from mriocarbon.cbam.origins import OTHER, OTHER_NAME, origins
from mriocarbon.cbam.source import DEFAULTS, legal_table
from mriocarbon.model.labels import fold

THREE = Decimal("0.001")
SUM_TOLERANCE = Decimal("0.011")
"""Direct and indirect are rounded on their own: their sum may miss the total by this much."""
BY_ROUTE = ("25231000", "25239000")
"""The codes with two rows: white (B) and grey (A)."""
YEARS = (2026, 2027, 2028)
CELLS = ("direct", "indirect", "total", *(f"markup_{year}" for year in YEARS))
SHIFTED = "shifted columns"
COMPOUNDED = "compounded mark-up"
OUTSIDE = "outside Annex I"
UNEQUAL = "direct and indirect do not add up"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a country's table, `number` counted from the table's first row.

    `act` and `edition` are set by a correction only.
    """

    country: str
    iso3: str
    sector: str
    cn: str
    description: str
    direct: Decimal | None
    indirect: Decimal | None
    total: Decimal | None
    columns: tuple[Decimal | None, ...]
    route: str
    number: int
    defect: str = ""
    act: str = ""
    edition: str = ""

    @property
    def has_value(self) -> bool:
        """Whether the row gives a value rather than a dash."""
        return self.total is not None

    @property
    def key(self) -> tuple[str, str]:
        """What tells a row from the others of its table: the code, and white or grey cement."""
        return self.cn, self.variant if self.cn in BY_ROUTE else ""

    @property
    def variant(self) -> str:
        """The route; of white and grey cement also where the annex leaves its letter out."""
        if not self.route and self.cn in BY_ROUTE:
            return "B" if self.description.startswith("White") else "A"
        return self.route

    def marked_up(self, year: int) -> Decimal | None:
        """Return the annex's own marked-up value for a year."""
        return self.columns[min(year, LAST_COLUMN) - YEARS[0]]


@lru_cache(maxsize=1)
def annex() -> Mapping[str, tuple[Row, ...]]:
    """Return the rows of every table, by iso3; ``OTHER`` holds that of other countries."""
    table, _ = legal_table(DEFAULTS)
    code = {fold(o.name): o.iso3 for o in origins()} | {fold(OTHER_NAME): OTHER}
    found: dict[str, list[Row]] = {}
    for name, rows in groupby(table, key=itemgetter("country")):
        iso3 = code[fold(name)]
        held = found.setdefault(iso3, [])
        for row in rows:
            sector, cn = SECTOR_OF[row["sector"]], _digits(row["cn_code"])
            direct, indirect, total, *columns = map(_number, map(row.get, CELLS))
            held.append(
                Row(
                    country=name,
                    iso3=iso3,
                    sector=sector,
                    cn=cn,
                    description=row["description"],
                    direct=direct,
                    indirect=indirect,
                    total=total,
                    columns=tuple(columns),
                    route=row["route"] or "",
                    number=len(held) + 1,
                    defect=_defect(sector, cn[:4], direct, indirect, total, *columns),
                )
            )
    return MappingProxyType({iso3: tuple(rows) for iso3, rows in found.items()})


def annex_sha256() -> str:
    """Return the sha256 of the file that the annex was read from."""
    return legal_table(DEFAULTS)[1]


@lru_cache(maxsize=16384)
def _number(token: str | None) -> Decimal | None:
    return None if token in (None, "DASH", "NA") else Decimal(str(token))


@lru_cache(maxsize=1024)
def _digits(code: str) -> str:
    return cn_digits(code)


def recomputed(row: Row, year: int) -> Decimal | None:
    """Return the total with the mark-up of the year put on again, half-up to three decimals."""
    return None if row.total is None else _again(row.total, row.sector, year)


def _again(total: Decimal, sector: str, year: int) -> Decimal:
    return (total * (1 + markup_rate(sector, year))).quantize(THREE, ROUND_HALF_UP)


def defect_of(row: Row) -> str:
    """Name the rule that a row breaks; "" for none.

    ``outside Annex I``: the good stands in no heading of Annex I to Regulation (EU) 2023/956.
    ``shifted columns``: marked-up values beside a dash, or marked-up values that fall from one
    year to the next. ``compounded mark-up``: the value of 2028 is that of 2026 marked up twice
    more by the first rate, beyond rounding. ``direct and indirect do not add up``: the total
    misses their sum by more than 0.011.
    """
    return _defect(row.sector, row.cn[:4], row.direct, row.indirect, row.total, *row.columns)


@lru_cache(maxsize=16384)
def _defect(
    sector: str,
    heading: str,
    direct: Decimal | None,
    indirect: Decimal | None,
    total: Decimal | None,
    *columns: Decimal | None,
) -> str:
    if heading not in headings():
        return OUTSIDE
    given = [c for c in columns if c is not None]
    if given and (total is None or any(b < a for a, b in pairwise(given))):
        return SHIFTED
    if total is None:
        return ""
    rate = 1 + markup_rate(sector, YEARS[0])
    for power, (year, column) in enumerate(zip(YEARS, columns, strict=True), start=1):
        if column is None or abs(column - _again(total, sector, year)) <= 2 * THREE:
            continue
        return COMPOUNDED if abs(column - total * rate**power) <= 2 * THREE else SHIFTED
    if direct is not None and abs(direct + (indirect or 0) - total) > SUM_TOLERANCE:
        return UNEQUAL
    return ""
